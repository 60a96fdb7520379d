//! Summaries of C01 and C08: who has the summary alone sees it, and not a byte of what it is made of; it changes in the
//! commit that changes a source, and is taken back and given again like anything else.

use osteon_proto::{care, meta::Role, record, sync};
use osteon_server::{
    access::Caller,
    app::{derived, enrol::timestamp, lists, records},
    error::Reason,
};
use prost::Message;

use crate::{access::*, fixture::*};

const SESSION: u32 = 106;
const PLAN: u32 = 201;
const EXERCISE: u32 = 211;
const WEIGHT_BEARING: u32 = 213;
const GRANT: u32 = 263;
const CARE_CIRCLE: u32 = 261;
const PERSON: u32 = 271;
const RISK_PROFILE: u32 = 281;
/// What stands in the sources and must not leave.
const CANARY: &str = "CANARY 5c1e07";

async fn listed(kit: &Kit, who: &Caller, circle: u64, number: u32) -> Vec<record::RecordView> {
    let request = record::ListRecordsRequest { circle, r#type: number, ..Default::default() };
    lists::list(&kit.app, who, &request).await.expect("list").records
}

async fn activity(kit: &Kit, who: &Caller, circle: u64) -> care::SummaryOfActivity {
    let found = listed(kit, who, circle, derived::OF_ACTIVITY).await;
    assert_eq!(found.len(), 1, "one of a circle");
    open_body(&found[0])
}

async fn identity(kit: &Kit, who: &Caller, circle: u64) -> care::SummaryOfIdentity {
    open_body(&listed(kit, who, circle, derived::OF_IDENTITY).await[0])
}

fn silent(page: &sync::Page, words: &str) {
    let bytes = page.encode_to_vec();
    assert!(!bytes.windows(words.len()).any(|at| at == words.as_bytes()), "{words} has left");
}

fn session(at_ms: u64) -> care::ActivitySession {
    let at = care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(0), zone: Some("UTC".into()) };
    care::ActivitySession { effective_start: Some(at), duration: Some(20), ..Default::default() }
}

pub(crate) async fn deny(
    kit: &Kit,
    patient: &Caller,
    circle: u64,
    account: u64,
    category: care::GrantCategory,
) -> [u8; 16] {
    let denied = care::Grant {
        parent: Some(parent(circle)),
        grantee: Some(care::Grantee { account: Some(account), role: None }),
        category: Some(category.into()),
        decision: Some(care::Decision::Deny.into()),
        ..Default::default()
    };
    id_of(&kit.create(patient, circle, GRANT, &denied).await.expect("denied"))
}

async fn allow(kit: &Kit, patient: &Caller, circle: u64, grant: [u8; 16]) {
    let view = kit.get(patient, circle, grant).await.expect("the grant");
    let given = care::Grant { decision: Some(care::Decision::Allow.into()), ..Default::default() };
    write(kit, patient, circle, &view, "decision", &given).await;
}

pub(crate) async fn a_summary_of_activity(kit: Kit) {
    let roles = [Role::Patient, Role::Physiotherapist, Role::Physiotherapist, Role::Dietitian, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, physio, dietitian, admin] = [0, 1, 3, 4].map(|i| kit.person(circle.people[i]));
    let held = kit.page(&dietitian, circle.no, &[]).await.expect("page");
    let plan = care::ExercisePlan { clearance: Some(care::ExerciseClearance::Modified.into()), ..Default::default() };
    let made = kit.create(&physio, circle.no, PLAN, &plan).await.expect("made");
    let plan_id = id_of(&made);
    let exercise = care::Exercise {
        parent: Some(plan_id.to_vec().into()),
        block: Some(care::ExerciseBlock::Main.into()),
        code: Some("sit_to_stand".into()),
        instructions: Some(CANARY.into()),
        ..Default::default()
    };
    kit.create(&physio, circle.no, EXERCISE, &exercise).await.expect("made");
    deny(&kit, &patient, circle.no, admin.account, care::GrantCategory::C08Activity).await;
    let limb = care::WeightBearing {
        parent: Some(plan_id.to_vec().into()),
        limb: Some(care::Limb::LeftLeg.into()),
        level: Some(care::WeightBearingLevel::Pwb.into()),
    };
    kit.create(&physio, circle.no, WEIGHT_BEARING, &limb).await.expect("made");
    let page = kit.page(&dietitian, circle.no, &held.cursor).await.expect("page");
    let view = listed(&kit, &dietitian, circle.no, derived::OF_ACTIVITY).await.remove(0);
    assert!(holds(&page, id_of(&view)) && !holds(&page, plan_id), "the summary, and not the plan");
    silent(&page, CANARY);
    assert_eq!(reason(kit.get(&dietitian, circle.no, plan_id).await), Reason::NotFound);
    let told = activity(&kit, &dietitian, circle.no).await;
    let clearance = told.clearance.expect("clearance");
    assert_eq!(clearance.clearance, Some(care::ExerciseClearance::Modified.into()));
    assert!(clearance.on.is_some_and(|on| on.starts_with("2025-11-")), "with its day");
    assert_eq!(told.weight_bearing.len(), 1);
    assert!(told.inputs.iter().any(|input| input.version.as_ref().is_some_and(|name| name[..16] == plan_id)));
    // Whoever has the whole has the summary too; whoever has neither has neither.
    assert_eq!(listed(&kit, &physio, circle.no, derived::OF_ACTIVITY).await.len(), 1);
    assert!(listed(&kit, &admin, circle.no, derived::OF_ACTIVITY).await.is_empty());

    // Two limits apart: the safer one is in the summary, in the commit that brought it.
    let mut phones =
        [kit.phone(&circle, 1, Role::Physiotherapist).await, kit.phone(&circle, 2, Role::Physiotherapist).await];
    let (number, shown) = (field(&made, "clearance").field, dots(&made, "clearance"));
    let levels = [care::ExerciseClearance::SupervisedOnly, care::ExerciseClearance::Hold];
    for (phone, level) in phones.iter_mut().zip(levels) {
        let change = care::ExercisePlan { clearance: Some(level.into()), ..Default::default() };
        sequence(&kit.write(phone, circle.no, edit(plan_id, PLAN, &change, number, shown.clone())).await);
        let told = activity(&kit, &dietitian, circle.no).await.clearance.expect("clearance");
        assert_eq!(told.clearance, Some(level.into()));
    }
    // Nobody writes it.
    let mine = care::SummaryOfActivity::default();
    assert_eq!(reason(kit.create(&patient, circle.no, derived::OF_ACTIVITY, &mine).await), Reason::RecordNotCreatable);
    let (number, shown) = (field(&view, "clearance").field, dots(&view, "clearance"));
    let mine = care::SummaryOfActivity { clearance: Some(care::SummaryClearance::default()), ..mine };
    let edited = edit(id_of(&view), derived::OF_ACTIVITY, &mine, number, shown);
    assert!(said(&kit.write(&mut phones[0], circle.no, edited).await).starts_with("DERIVED_FIELD"));
}

pub(crate) async fn active_days_of_the_last_seven(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Dietitian]).await;
    let [patient, dietitian] = [0, 1].map(|i| kit.person(circle.people[i]));
    let days = async || {
        let told = activity(&kit, &dietitian, circle.no).await;
        let days = told.active_days.expect("active days");
        (days.days.expect("a number"), days.until.expect("a day"), told.inputs.len())
    };
    let now = kit.app.now_ms();
    let today = kit.create(&patient, circle.no, SESSION, &session(now)).await.expect("made");
    let first = days().await;
    assert_eq!((first.0, first.2), (1, 1));
    // Twice on one day is one day; what is eight days old, or older, is not among the seven.
    for ago in [1, 1, 6, 7, 8, 30] {
        kit.create(&patient, circle.no, SESSION, &session(now - ago * DAY)).await.expect("made");
    }
    assert_eq!(days().await, (3, first.1.clone(), 4), "today, yesterday, six days ago");
    // The day was wrong: it moves.
    let moved = care::ActivitySession { effective_start: session(now - 2 * DAY).effective_start, ..Default::default() };
    write(&kit, &patient, circle.no, &today, "effective_start", &moved).await;
    assert_eq!(days().await.0, 3, "yesterday, the day before, six days ago");
    // A mistake is not counted, and nobody is told that it was there.
    let view = kit.get(&patient, circle.no, id_of(&today)).await.expect("read");
    let end = record::EndRecordRequest {
        circle: circle.no,
        record_id: view.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown.clone(),
        ..Default::default()
    };
    records::end(&kit.app, &patient, &end).await.expect("ended");
    assert_eq!(days().await, (2, first.1.clone(), 3));
    // Five days later: what is older than seven days by then goes out with the next session.
    kit.clock.advance(5 * DAY);
    kit.create(&patient, circle.no, SESSION, &session(kit.app.now_ms())).await.expect("made");
    let later = days().await;
    assert_eq!((later.0, later.2), (2, 3), "today, and the day that was twice");
    assert!(later.1 > first.1);
    let page = kit.page(&dietitian, circle.no, &[]).await.expect("page");
    assert!(!holds(&page, id_of(&today)), "no session");
    assert_eq!(reason(kit.get(&dietitian, circle.no, id_of(&today)).await), Reason::NotFound);
}

pub(crate) async fn a_summary_of_identity(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Dietitian, Role::Caregiver, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse, dietitian, carer, admin] = [0, 1, 2, 3, 4].map(|i| kit.person(circle.people[i]));
    let born = "1961-04-03";
    let person = care::Person {
        display_name: Some("Demo patient".into()),
        emergency_contact: Some(care::EmergencyContact { name: Some("Daughter".into()), phone: Some("112".into()) }),
    };
    let made = kit.create(&admin, circle.no, PERSON, &person).await.expect("made");
    let risk = care::RiskProfile { birth_date: Some(born.into()), ..Default::default() };
    kit.create(&admin, circle.no, RISK_PROFILE, &risk).await.expect("made");
    let found = listed(&kit, &patient, circle.no, CARE_CIRCLE).await.remove(0);
    let language = care::CareCircle { language: Some("de-CH".into()), ..Default::default() };
    let request = record::WriteRecordRequest {
        circle: circle.no,
        record_id: found.record_id,
        body: Some(body(CARE_CIRCLE, &language)),
        update_mask: Some(prost_types::FieldMask { paths: vec!["language".into()] }),
        ..Default::default()
    };
    records::write(&kit.app, &patient, &request).await.expect("written");
    let page = kit.page(&dietitian, circle.no, &[]).await.expect("page");
    assert!(!holds(&page, id_of(&made)));
    silent(&page, born);
    let told = identity(&kit, &dietitian, circle.no).await;
    assert_eq!(told.birth_year.iter().map(|year| year.year).collect::<Vec<_>>(), [Some(1961)], "the year, not the day");
    assert_eq!(told.display_name[0].text.as_deref(), Some("Demo patient"));
    assert_eq!(told.language[0].text.as_deref(), Some("de-CH"));
    let contact = told.emergency_contact[0].contact.clone().expect("a contact");
    assert_eq!(contact.phone.as_deref(), Some("112"));
    assert_eq!(listed(&kit, &dietitian, circle.no, PERSON).await.len(), 0);
    assert_eq!(listed(&kit, &nurse, circle.no, PERSON).await.len(), 1, "who reads the whole reads both");
    assert!(
        listed(&kit, &carer, circle.no, derived::OF_IDENTITY).await.is_empty(),
        "a caregiver has it by grant alone"
    );
    // Two names, and nobody knows which is right: both stand.
    let named = |name: &str| care::Person { display_name: Some(name.into()), ..Default::default() };
    let seen = kit.get(&nurse, circle.no, id_of(&made)).await.expect("read");
    write(&kit, &nurse, circle.no, &seen, "display_name", &named("Anna")).await;
    let unseen = record::WriteRecordRequest {
        circle: circle.no,
        record_id: made.record_id.clone(),
        body: Some(body(PERSON, &named("Anne"))),
        update_mask: Some(prost_types::FieldMask { paths: vec!["display_name".into()] }),
        ..Default::default()
    };
    records::write(&kit.app, &patient, &unseen).await.expect("written");
    let told = identity(&kit, &dietitian, circle.no).await;
    let mut both: Vec<_> = told.display_name.iter().filter_map(|text| text.text.clone()).collect();
    both.sort();
    assert_eq!(both, ["Anna", "Anne"]);
}

pub(crate) async fn a_summary_is_taken_back_and_given_again(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Dietitian]).await;
    let [patient, physio, dietitian] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let plan = care::ExercisePlan { clearance: Some(care::ExerciseClearance::Hold.into()), ..Default::default() };
    kit.create(&physio, circle.no, PLAN, &plan).await.expect("made");
    let held = kit.page(&dietitian, circle.no, &[]).await.expect("page");
    let view = listed(&kit, &dietitian, circle.no, derived::OF_ACTIVITY).await.remove(0);
    assert!(holds(&held, id_of(&view)));
    // Taken back: erased before anything else, and gone on every other way too.
    let grant = deny(&kit, &patient, circle.no, dietitian.account, care::GrantCategory::C08Activity).await;
    let page = kit.page(&dietitian, circle.no, &held.cursor).await.expect("page");
    let summary = osteon_access_core::LabelView::summary(osteon_access_core::Categories(1 << 8)).0;
    assert_eq!(page.erased.iter().map(|cell| cell.label_id).collect::<Vec<_>>(), [summary]);
    assert!(
        !holds(&page, id_of(&view))
            && page.digests.iter().all(|digest| digest.cell.as_ref().is_some_and(|c| c.label_id != summary))
    );
    assert!(listed(&kit, &dietitian, circle.no, derived::OF_ACTIVITY).await.is_empty());
    assert_eq!(reason(kit.get(&dietitian, circle.no, id_of(&view)).await), Reason::NotFound);
    // A source changes meanwhile: nothing of it comes.
    kit.create(&patient, circle.no, SESSION, &session(kit.app.now_ms())).await.expect("made");
    let quiet = kit.page(&dietitian, circle.no, &page.cursor).await.expect("page");
    assert!(!holds(&quiet, id_of(&view)) && quiet.erased.is_empty());
    // Given again: under a generation of its own, whole, with what changed meanwhile.
    allow(&kit, &patient, circle.no, grant).await;
    let again = kit.page(&dietitian, circle.no, &quiet.cursor).await.expect("page");
    assert!(holds(&again, id_of(&view)));
    assert!(activity(&kit, &dietitian, circle.no).await.active_days.is_some());
}
