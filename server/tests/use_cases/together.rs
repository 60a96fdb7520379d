//! What people do to each other's work, as the inbox and a trial write tell it: contradictions, one event twice, plans that
//! nobody has read, approvals of what has changed; each for whoever may see what it rests on, and for nobody else.

use osteon_proto::{care, meta::Role, record, review as pb, sync};
use osteon_server::{
    access::Caller,
    app::{enrol::timestamp, records, reviews},
    error::Reason,
};
use prost::Message;

use crate::{access::*, all::All, fixture::*};

const FALL: u32 = 107;
const LAB: u32 = 120;
const EXERCISE_PLAN: u32 = 201;
const ALLOWED_MODULE: u32 = 212;
const NUTRITION: u32 = 221;
const BONE_DRUG: u32 = 231;
const ADMINISTRATION: u32 = 232;
const LESION: u32 = 251;
const GRANT: u32 = 263;
const APPROVAL: u32 = 301;
const SUPPLEMENT: u32 = 291;
const TRIAL: u32 = 391;

async fn listed(kit: &Kit, who: &Caller, circle: u64) -> Vec<pb::Review> {
    let request = pb::ListReviewsRequest { circle, ..Default::default() };
    reviews::list(&kit.app, who, &request).await.expect("reviews").reviews
}

/// Findings of one kind.
async fn found(kit: &Kit, who: &Caller, circle: u64, kind: pb::ReviewKind) -> Vec<pb::Review> {
    let mut found = listed(kit, who, circle).await;
    found.retain(|one| one.kind() == kind);
    found
}

async fn checks(kit: &Kit, who: &Caller, circle: u64) -> Vec<String> {
    found(kit, who, circle, pb::ReviewKind::Contradiction).await.into_iter().map(|one| one.check).collect()
}

/// Checks that a trial write would make speak.
fn raised(trial: Option<record::Trial>) -> Vec<String> {
    trial.expect("a trial").raised.into_iter().map(|one| one.check).collect()
}

fn moment(hours: u64) -> Option<care::Moment> {
    Some(care::Moment {
        at: Some(timestamp(NOW - 72 * 3_600_000 + hours * 3_600_000)),
        utc_offset_min: Some(0),
        zone: None,
    })
}

fn protein(min: Option<u32>, max: Option<u32>) -> care::NutritionPlan {
    care::NutritionPlan { protein_g_kg_d_min: min, protein_g_kg_d_max: max, ..Default::default() }
}

/// The patient takes a category from somebody.
async fn close(kit: &Kit, patient: &Caller, circle: u64, account: u64, category: care::GrantCategory) {
    let deny = care::Grant { category: Some(category.into()), ..grant(circle, account, care::Decision::Deny) };
    kit.create(patient, circle, GRANT, &deny).await.expect("taken back");
}

fn writing(circle: u64, view: &record::RecordView, record: &impl Message) -> record::WriteRecordRequest {
    record::WriteRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        body: Some(body(view.r#type, record)),
        ..Default::default()
    }
}

/// An approval that names these fields as they stand.
fn approval(view: &record::RecordView, names: &[&str], meaning: care::ApprovalMeaning) -> care::Approval {
    let versions = names.iter().flat_map(|name| {
        let number = field(view, name).field;
        dots(view, name).into_iter().map(move |dot| care::ApprovedVersion {
            record: Some(id_of(view).to_vec().into()),
            field: Some(number),
            epoch: Some(dot.epoch),
            replica: Some(dot.replica),
            counter: Some(dot.counter),
        })
    });
    care::Approval {
        target: Some(id_of(view).to_vec().into()),
        versions: versions.collect(),
        meaning: Some(meaning.into()),
        ..Default::default()
    }
}

/// The dietitian raises the floor, the physician sets a kidney limit, neither saw the other.
pub(crate) async fn a_floor_meets_a_ceiling(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Dietitian, Role::Physician]).await;
    let (dietitian, physician) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let made = kit.create(&dietitian, circle.no, NUTRITION, &protein(Some(80), None)).await.expect("created");
    assert!(listed(&kit, &dietitian, circle.no).await.is_empty());
    let write = |plan: &care::NutritionPlan, validate_only| record::WriteRecordRequest {
        validate_only,
        ..writing(circle.no, &made, plan)
    };
    let tried = records::write(&kit.app, &physician, &write(&protein(None, Some(70)), true)).await.expect("tried");
    assert_eq!(raised(tried.trial), ["T-PROT-1"]);
    assert!(listed(&kit, &dietitian, circle.no).await.is_empty(), "nothing was written");
    records::write(&kit.app, &physician, &write(&protein(None, Some(70)), false)).await.expect("written");
    let found = found(&kit, &dietitian, circle.no, pb::ReviewKind::Contradiction).await;
    let [one] = found.as_slice() else { panic!("{}", found.len()) };
    assert_eq!(
        (one.check.as_str(), one.record_id.as_str(), one.r#type),
        ("T-PROT-1", made.record_id.as_str(), NUTRITION)
    );
    assert_eq!(one.severity(), care::AlertSeverity::Urgent);
    assert!(one.may_resolve && one.says.contains("0.8") && one.says.contains("0.7"), "{}", one.says);
    assert_eq!(one.rests.iter().map(|rests| rests.field).collect::<Vec<_>>(), [6, 7]);
    assert!(one.rests.iter().all(|rests| rests.dots.len() == 1 && rests.record_id == made.record_id));
    // It is the dietitian's inbox; the physician is shown it, and does not find it in their own.
    let mine = pb::ListReviewsRequest { circle: circle.no, mine: true, ..Default::default() };
    assert!(reviews::list(&kit.app, &physician, &mine).await.expect("mine").reviews.is_empty());
    assert_eq!(checks(&kit, &physician, circle.no).await, ["T-PROT-1"]);
    // An edit settles it; before, a trial says so.
    let tried = records::write(&kit.app, &dietitian, &write(&protein(Some(70), None), true)).await.expect("tried");
    assert!(raised(tried.trial).is_empty());
    let view = kit.get(&dietitian, circle.no, id_of(&made)).await.expect("the plan");
    let shown = field(&view, "protein_g_kg_d_min");
    let shown = vec![record::FieldShown { field: shown.field, shown: shown.shown.clone(), ..Default::default() }];
    let lower = record::WriteRecordRequest { shown, ..write(&protein(Some(70), None), true) };
    let tried = records::write(&kit.app, &dietitian, &lower).await.expect("tried");
    let cleared = tried.trial.expect("a trial").cleared;
    assert_eq!(cleared.iter().map(|one| one.check.as_str()).collect::<Vec<_>>(), ["T-PROT-1"]);
    let lower = record::WriteRecordRequest { validate_only: false, ..lower };
    records::write(&kit.app, &dietitian, &lower).await.expect("written");
    assert!(checks(&kit, &dietitian, circle.no).await.is_empty());
}

/// A calcium target beside a high calcium: whoever may not see laboratory results is answered as if there were none.
pub(crate) async fn what_rests_on_a_hidden_field_is_not_found(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Dietitian, Role::Physician, Role::Nurse]).await;
    let [patient, dietitian, physician, nurse] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    let plan = care::NutritionPlan { calcium_mg_d_target: Some(1_000), ..protein(Some(80), Some(70)) };
    kit.create(&dietitian, circle.no, NUTRITION, &plan).await.expect("the plan");
    let bytes = |found: &[pb::Review]| found.iter().flat_map(Message::encode_to_vec).collect::<Vec<u8>>();
    let before = [&dietitian, &nurse].map(|who| listed(&kit, who, circle.no));
    let [before_dietitian, before_nurse] = before;
    let before = (bytes(&before_dietitian.await), bytes(&before_nurse.await));
    let lab = care::LaboratoryResult {
        analyte: Some("29265-6".into()),
        value: Some(28_000),
        unit: Some("mmol/L".into()),
        specimen_time: moment(0),
        ..Default::default()
    };
    kit.create_under(&physician, circle.no, LAB, 1, &lab).await.expect("the result");
    assert_eq!(checks(&kit, &nurse, circle.no).await, ["T-CA-2", "T-PROT-1"]);
    assert_eq!(bytes(&listed(&kit, &dietitian, circle.no).await), before.0, "a summary of results is all they have");
    close(&kit, &patient, circle.no, circle.people[3], care::GrantCategory::C05Laboratory).await;
    assert_eq!(bytes(&listed(&kit, &nurse, circle.no).await), before.1, "byte for byte as if it were not there");
    assert_eq!(checks(&kit, &physician, circle.no).await, ["T-CA-2", "T-PROT-1"]);
    // Nor does a trial write say what is hidden.
    let plan = kit.create(&dietitian, circle.no, NUTRITION, &plan).await.expect("another plan");
    let more = care::NutritionPlan { calcium_mg_d_target: Some(1_200), ..Default::default() };
    let request = record::WriteRecordRequest { validate_only: true, ..writing(circle.no, &plan, &more) };
    let said = async |who: &Caller| {
        let tried = records::write(&kit.app, who, &request).await.expect("tried");
        raised(tried.trial)
    };
    assert!(said(&dietitian).await.is_empty());
    assert_eq!(said(&physician).await, ["T-CA-2"]);
    // Outsiders learn nothing.
    let outsider = kit.circle("d0002", &[Role::Physician]).await;
    let request = pb::ListReviewsRequest { circle: circle.no, ..Default::default() };
    let asked = reviews::list(&kit.app, &kit.person(outsider.people[0]), &request).await;
    assert_eq!(reason(asked), Reason::NotFound);
}

/// A lesion of the pelvis that the exercise plan has not seen.
pub(crate) async fn a_lesion_meets_an_exercise_plan(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physician]).await;
    let (physio, physician) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let plan = care::ExercisePlan { last_review: Some("2025-11-01".into()), ..Default::default() };
    let plan = kit.create(&physio, circle.no, EXERCISE_PLAN, &plan).await.expect("the plan");
    let module = care::AllowedModule {
        parent: Some(id_of(&plan).to_vec().into()),
        module: Some(care::ExerciseModule::Wb.into()),
        level: Some(2),
    };
    kit.create(&physio, circle.no, ALLOWED_MODULE, &module).await.expect("the module");
    assert!(checks(&kit, &physio, circle.no).await.is_empty());
    let lesion = care::Lesion {
        site: Some("118645006".into()),
        status: Some(care::LesionStatus::Confirmed.into()),
        imaging_events: vec![care::ImagingEvent { date: Some("2025-11-20".into()), ..Default::default() }],
        ..Default::default()
    };
    kit.create(&physician, circle.no, LESION, &lesion).await.expect("the lesion");
    let found = found(&kit, &physio, circle.no, pb::ReviewKind::Contradiction).await;
    assert_eq!(found.iter().map(|one| one.check.as_str()).collect::<Vec<_>>(), ["T-EX-1"]);
    assert_eq!(found[0].record_id, plan.record_id);
    assert!(found[0].rests.iter().any(|rests| rests.r#type == LESION), "{}", found[0].says);
}

/// One dose that two people wrote down, and two falls of one evening: a person says which it was.
pub(crate) async fn one_event_or_two(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Physician, Role::Caregiver];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse, physician, carer] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    let plan = care::BoneDrugPlan { agent: Some("denosumab".into()), ..Default::default() };
    let plan = kit.create(&physician, circle.no, BONE_DRUG, &plan).await.expect("the plan");
    let dose = |hour| care::Administration {
        parent: Some(id_of(&plan).to_vec().into()),
        agent: Some("denosumab".into()),
        when: moment(hour),
        ..Default::default()
    };
    let first = kit.create(&nurse, circle.no, ADMINISTRATION, &dose(0)).await.expect("a dose");
    let pairs = async || found(&kit, &physician, circle.no, pb::ReviewKind::Duplicate).await;
    assert!(pairs().await.is_empty());
    let second = kit.create(&physician, circle.no, ADMINISTRATION, &dose(1)).await.expect("the same dose");
    let found_doses = pairs().await;
    let [pair] = found_doses.as_slice() else { panic!("{}", found_doses.len()) };
    let mut named: Vec<&str> = pair.rests.iter().map(|rests| rests.record_id.as_str()).collect();
    named.sort_unstable();
    let mut both = [first.record_id.as_str(), second.record_id.as_str()];
    both.sort_unstable();
    assert_eq!((named.as_slice(), pair.r#type, pair.may_resolve), (&both[..], ADMINISTRATION, true));
    assert!(found(&kit, &carer, circle.no, pb::ReviewKind::Duplicate).await.is_empty(), "C04 is not shared with them");
    // One dose: its second record is a mistake.
    let end = record::EndRecordRequest {
        circle: circle.no,
        record_id: second.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: second.shown.clone(),
        ..Default::default()
    };
    records::end(&kit.app, &physician, &end).await.expect("a mistake");
    assert!(pairs().await.is_empty());
    let kept = kit.get(&nurse, circle.no, id_of(&first)).await.expect("the other one stands");
    assert_eq!(kept.lifecycle(), sync::Lifecycle::Active);

    // Two falls, from two phones.
    let fall = |hour| care::Fall { when: moment(hour), ..Default::default() };
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let entry = kit.id();
    sequence(&kit.write(&mut phone, circle.no, create(entry, FALL, &fall(10))).await);
    let other = kit.create(&nurse, circle.no, FALL, &fall(11)).await.expect("the other fall");
    let found_falls = found(&kit, &patient, circle.no, pb::ReviewKind::Duplicate).await;
    assert_eq!(found_falls.iter().map(|one| (one.r#type, one.may_resolve)).collect::<Vec<_>>(), [(FALL, true)]);
    // They were two: a confirmation names both times, from the patient's phone, without network.
    let one = kit.get(&patient, circle.no, entry).await.expect("the first");
    let mut both = approval(&one, &["when"], care::ApprovalMeaning::Confirmed);
    both.versions.extend(approval(&other, &["when"], care::ApprovalMeaning::Confirmed).versions);
    let said_two = sync::RecordWrite { label_choice: 7, ..create(kit.id(), APPROVAL, &both) };
    sequence(&kit.write(&mut phone, circle.no, said_two).await);
    assert!(found(&kit, &patient, circle.no, pb::ReviewKind::Duplicate).await.is_empty(), "they were two");
    // One of the times changes: it is asked again, and the confirmation is void.
    let later = care::Fall { when: moment(12), ..Default::default() };
    let number = field(&one, "when").field;
    let change = edit(entry, FALL, &later, number, dots(&one, "when"));
    sequence(&kit.write(&mut phone, circle.no, change).await);
    assert_eq!(found(&kit, &patient, circle.no, pb::ReviewKind::Duplicate).await.len(), 1);
    assert_eq!(found(&kit, &patient, circle.no, pb::ReviewKind::VoidApproval).await.len(), 1);
}

/// A signature holds for what was read, and for nothing else.
pub(crate) async fn an_approval_is_void_when_what_it_names_changes(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physician]).await;
    let [patient, physio, physician] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let limit = |kg, rpe| care::ExercisePlan { lift_max_kg: Some(kg), max_rpe: rpe, ..Default::default() };
    let made = kit.create(&physio, circle.no, EXERCISE_PLAN, &limit(50, Some(3))).await.expect("the plan");
    let read = approval(&made, &["lift_max_kg"], care::ApprovalMeaning::Approved);
    let signed = kit.create_under(&physician, circle.no, APPROVAL, 1, &read).await.expect("signed");
    let void = async |who: &Caller| found(&kit, who, circle.no, pb::ReviewKind::VoidApproval).await;
    assert!(void(&physician).await.is_empty());
    // Another field: it holds.
    let rpe = care::ExercisePlan { max_rpe: Some(2), ..Default::default() };
    let view = kit.get(&physio, circle.no, id_of(&made)).await.expect("the plan");
    write(&kit, &physio, circle.no, &view, "max_rpe", &rpe).await;
    assert!(void(&physician).await.is_empty());
    // From a phone that had not seen the signature.
    let mut phone = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let number = field(&made, "lift_max_kg").field;
    let tighter = edit(id_of(&made), EXERCISE_PLAN, &limit(30, None), number, dots(&made, "lift_max_kg"));
    sequence(&kit.write(&mut phone, circle.no, tighter).await);
    let voided = void(&physician).await;
    let [one] = voided.as_slice() else { panic!("{}", voided.len()) };
    assert_eq!((one.record_id.as_str(), one.r#type), (signed.record_id.as_str(), EXERCISE_PLAN));
    assert_eq!(one.rests.iter().map(|rests| (rests.field, rests.dots.len())).collect::<Vec<_>>(), [(number, 1)]);
    assert!(one.says.contains("lift_max_kg"), "{}", one.says);
    assert_eq!(void(&patient).await.len(), 1, "the patient reads it as well");
    // Back to the old value: another version, nobody signed it.
    let view = kit.get(&physio, circle.no, id_of(&made)).await.expect("the plan");
    write(&kit, &physio, circle.no, &view, "lift_max_kg", &limit(50, None)).await;
    assert_eq!(void(&physician).await.len(), 1);
    // Signed anew.
    let view = kit.get(&physician, circle.no, id_of(&made)).await.expect("the plan");
    let again = approval(&view, &["lift_max_kg"], care::ApprovalMeaning::Approved);
    kit.create_under(&physician, circle.no, APPROVAL, 1, &again).await.expect("signed");
    assert!(void(&physician).await.is_empty());
}

/// Two people changed a plan without having seen each other: it is asked about until an owner has read the whole.
pub(crate) async fn a_plan_that_was_merged_is_read_by_its_owner(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physician]).await;
    let physician = kit.person(circle.people[2]);
    let mut phone = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let plan = care::ExercisePlan { lift_max_kg: Some(50), max_rpe: Some(3), ..Default::default() };
    let made = kit.create(&phone.caller, circle.no, EXERCISE_PLAN, &plan).await.expect("the plan");
    let unread = async |who: &Caller| found(&kit, who, circle.no, pb::ReviewKind::MergedUnseen).await;
    assert!(unread(&phone.caller).await.is_empty());
    let base = kit.app.store.heads(&[circle.no]).await.expect("heads")[0].1;
    let tighter = care::ExercisePlan { lift_max_kg: Some(30), ..Default::default() };
    let seen = kit.get(&physician, circle.no, id_of(&made)).await.expect("the plan");
    write(&kit, &physician, circle.no, &seen, "lift_max_kg", &tighter).await;
    assert!(unread(&phone.caller).await.is_empty(), "nobody else wrote");
    let number = field(&made, "max_rpe").field;
    let calm = care::ExercisePlan { max_rpe: Some(2), ..Default::default() };
    let mut change = kit.change(vec![edit(id_of(&made), EXERCISE_PLAN, &calm, number, dots(&made, "max_rpe"))]);
    change.base = Some(base);
    sequence(&kit.push(&mut phone, circle.no, change).await);
    let found_now = unread(&phone.caller).await;
    let [one] = found_now.as_slice() else { panic!("{}", found_now.len()) };
    assert_eq!((one.record_id.as_str(), one.may_resolve), (made.record_id.as_str(), true));
    assert!(one.opened.is_some());
    assert!(!unread(&physician).await[0].may_resolve, "not the owner");
    // The owner signs all that the question names.
    let named = one.rests.iter().flat_map(|rests| rests.dots.iter().map(move |dot| (rests, dot)));
    let versions = named.map(|(rests, dot)| care::ApprovedVersion {
        record: Some(uuid::Uuid::parse_str(&rests.record_id).expect("an id").as_bytes().to_vec().into()),
        field: Some(rests.field),
        epoch: Some(dot.epoch),
        replica: Some(dot.replica),
        counter: Some(dot.counter),
    });
    let read = care::Approval {
        target: Some(id_of(&made).to_vec().into()),
        versions: versions.collect(),
        meaning: Some(care::ApprovalMeaning::Agreed.into()),
        ..Default::default()
    };
    let part = care::Approval { versions: read.versions[..1].to_vec(), ..read.clone() };
    kit.create_under(&phone.caller, circle.no, APPROVAL, 1, &part).await.expect("a part of it");
    assert_eq!(unread(&phone.caller).await.len(), 1, "that is not the whole");
    kit.create_under(&phone.caller, circle.no, APPROVAL, 1, &read).await.expect("read");
    assert!(unread(&phone.caller).await.is_empty());
}

/// A bone drug that one holds and another has active: blocked, and late all the same.
pub(crate) async fn a_bone_drug_plan_says_two_things(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physician, Role::Physician]).await;
    let [a, b] = [1, 2].map(|i| kit.person(circle.people[i]));
    let status =
        |status: care::BoneDrugStatus| care::BoneDrugPlan { status: Some(status.into()), ..Default::default() };
    let made = kit.create(&a, circle.no, BONE_DRUG, &status(care::BoneDrugStatus::Active)).await.expect("the plan");
    let said = |view: &record::RecordView| -> Vec<(String, String)> {
        field(view, "status").readings.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
    };
    let pair = |giving: &str, clock: &str| {
        vec![("giving".to_owned(), giving.to_owned()), ("overdue_clock".to_owned(), clock.to_owned())]
    };
    assert_eq!(said(&made), pair("allowed", "runs"));
    // Nothing shown, nothing replaced: held stands beside active.
    let hold = record::WriteRecordRequest {
        reason: "a tooth".into(),
        ..writing(circle.no, &made, &status(care::BoneDrugStatus::Held))
    };
    records::write(&kit.app, &b, &hold).await.expect("held");
    let view = kit.get(&a, circle.no, id_of(&made)).await.expect("the plan");
    assert_eq!(said(&view), pair("blocked", "runs"));
    assert!(field(&view, "status").readings.iter().any(|one| one.says.contains("Do not give")));
    let disputed = found(&kit, &a, circle.no, pb::ReviewKind::Dispute).await;
    let readings = &disputed[0].field.as_ref().expect("the field").readings;
    assert_eq!(readings.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["blocked", "runs"]);
}

/// Everything that stands of a circle, and when its rules are due.
async fn standing(kit: &Kit, circle: u64) -> String {
    let mut snapshot = kit.app.store.snapshot(circle).await.expect("circle");
    let row = format!("{:?}", snapshot.circle());
    let rows = snapshot.all();
    let parts = rows.parts_after(0, 10_000).await.expect("parts");
    let log = rows.log_after(0, 10_000).await.expect("log");
    let gone = rows.tombstones_after(0).await.expect("tombstones");
    let waiting = rows.quarantine().await.expect("quarantine");
    let due = kit.app.store.rules_due_of(circle).await.expect("due");
    format!("{row} {parts:?} {log:?} {gone:?} {} {due:?}", waiting.len())
}

/// A write that is only tried says what it would bring, and leaves every row as it was.
pub(crate) async fn a_trial_tells_everything_and_writes_nothing(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physician, Role::Dietitian]).await;
    let [patient, nurse, physician, dietitian] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    let risk = care::RiskProfile { birth_date: Some("2010-05-01".into()), ..Default::default() };
    kit.create(&physician, circle.no, 281, &risk).await.expect("the risk profile");
    let weight =
        |hours, weight| care::BodyWeight { effective_start: moment(hours), weight: Some(weight), ..Default::default() };
    kit.create(&patient, circle.no, 108, &weight(0, 6_920)).await.expect("a weight");
    let before = standing(&kit, circle.no).await;
    let trying = async |who: &Caller, number: u32, bytes: prost::bytes::Bytes| {
        assert!(bytes.len() > 2, "{number}");
        let request = record::CreateRecordRequest {
            circle: circle.no,
            body: Some(bytes),
            validate_only: true,
            request_id: text(kit.id()),
            ..Default::default()
        };
        records::create(&kit.app, who, &request).await
    };
    // A weak leg: an emergency, in the words for whoever writes it; twice, because the first was no entry.
    let weak = care::SymptomEntry {
        effective_start: moment(60),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    for (who, words) in [(&patient, "CALL NOW"), (&nurse, "limb weakness")] {
        let tried = trying(who, 102, body(102, &weak)).await.expect("tried");
        assert_eq!((tried.effect(), tried.record.is_none()), (record::Effect::Validated, true));
        let trial = tried.trial.expect("a trial");
        assert!(!trial.rules_not_asked);
        let alert = trial.alerts.iter().find(|alert| alert.rule == "R-MSCC-1").expect("the emergency");
        assert_eq!((alert.severity(), alert.revision), (care::AlertSeverity::Emergency, 1));
        assert!(alert.says.contains(words), "{}", alert.says);
    }
    assert_eq!(standing(&kit, circle.no).await, before);
    // Questions: a value that is seldom, a day of long ago, one of before the birth, a weight that cannot follow.
    let asks = async |number: u32, bytes| -> Vec<(String, String)> {
        let trial = trying(&patient, number, bytes).await.expect("tried").trial.expect("a trial");
        trial.questions.into_iter().map(|one| (one.path, one.doubt)).collect()
    };
    let asked = asks(108, body(108, &weight(24, 9_620))).await;
    assert_eq!(asked, [("writes[0].body.body_weight.weight".to_owned(), "UNLIKE_BEFORE".to_owned())]);
    assert!(asks(108, body(108, &weight(24, 6_980))).await.is_empty());
    let long_ago = |days: u64| Some(care::Moment { at: Some(timestamp(NOW - days * DAY)), ..Default::default() });
    let pain = |days| care::PainEntry { effective_start: long_ago(days), worst_24h: Some(4), ..Default::default() };
    let start = "writes[0].body.pain_entry.effective_start".to_owned();
    assert_eq!(asks(101, body(101, &pain(400))).await, [(start.clone(), "LONG_AGO".to_owned())]);
    let both = [(start.clone(), "LONG_AGO".to_owned()), (start, "BEFORE_BIRTH".to_owned())];
    assert_eq!(asks(101, body(101, &pain(17 * 365))).await, both);
    // What the caller may not see asks them nothing: the dietitian reads a summary of who this is.
    let told =
        trying(&dietitian, 221, body(221, &protein(Some(80), Some(70)))).await.expect("tried").trial.expect("a trial");
    assert_eq!(raised(Some(told)), ["T-PROT-1"]);
    // A refusal is what it would be, with its field.
    let refused =
        trying(&patient, 101, body(101, &care::PainEntry { worst_24h: Some(11), ..Default::default() })).await;
    let refused = refused.expect_err("out of range");
    assert_eq!(refused.reason(), Reason::OutOfRange);
    assert_eq!(refused.violations()[0].field, "writes[0].body.pain_entry.worst_24h");
    assert_eq!(standing(&kit, circle.no).await, before, "every row as it was");
    // What was tried is written after all: the same alert, once, and the circle is looked at again.
    kit.create(&patient, circle.no, 102, &weak).await.expect("written");
    let request = record::ListRecordsRequest { circle: circle.no, r#type: 411, ..Default::default() };
    let alerts = osteon_server::app::lists::list(&kit.app, &nurse, &request).await.expect("alerts").records;
    let emergencies = alerts.iter().filter(|one| open_body::<care::Alert>(one).rule.as_deref() == Some("R-MSCC-1"));
    assert_eq!(emergencies.count(), 1);
    assert!(kit.app.store.rules_due_of(circle.no).await.expect("due").is_some());
}

/// Online and by a push alike: an approval stands under a label of what it approves, and of nothing else.
pub(crate) async fn an_approval_stands_under_the_label_of_what_it_approves(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let physio = kit.person(circle.people[1]);
    let plan = care::ExercisePlan { max_minutes_session: Some(20), ..Default::default() };
    let plan = kit.create(&physio, circle.no, EXERCISE_PLAN, &plan).await.expect("a plan");
    let good = approval(&plan, &["max_minutes_session"], care::ApprovalMeaning::Approved);
    let nobody = care::Approval { target: Some(kit.id().to_vec().into()), ..good.clone() };
    // Of no target: what it names counts.
    let named = care::Approval { target: None, ..good.clone() };
    // 1: that of an exercise plan; 3: that of a goal. A physiotherapist may write under both.
    for (approval, choice, stands) in
        [(&good, 1, true), (&good, 3, false), (&nobody, 1, false), (&named, 1, true), (&named, 3, false)]
    {
        let made = kit.create_under(&physio, circle.no, APPROVAL, choice, approval).await;
        match made {
            Ok(_) => assert!(stands, "{choice}"),
            made => assert_eq!((reason(made), stands), (Reason::ApprovalLabel, false), "{choice}"),
        }
        let write = sync::RecordWrite { label_choice: choice, ..create(kit.id(), APPROVAL, approval) };
        let verdict = said(&kit.write(&mut phone, circle.no, write).await);
        let expected = if stands { "accepted" } else { "APPROVAL_LABEL writes[0].body.approval.target" };
        assert_eq!(verdict, expected, "{choice}");
    }
    // A plan and its approval in one change.
    let id = kit.id();
    let plan = create(id, EXERCISE_PLAN, &care::ExercisePlan { max_minutes_session: Some(30), ..Default::default() });
    let of_it = care::Approval { target: Some(id.to_vec().into()), ..named };
    let write = sync::RecordWrite { label_choice: 1, ..create(kit.id(), APPROVAL, &of_it) };
    let change = kit.change(vec![plan, write]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
}

/// What the plans ask of fluids, calcium and supplements, against what others wrote: found, and settled by an edit.
pub(crate) async fn fluids_calcium_and_supplements_meet_what_others_wrote(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Dietitian, Role::Physician]).await;
    let [dietitian, physician] = [1, 2].map(|at| kit.person(circle.people[at]));
    let fluid = |min: Option<u32>, max: Option<u32>| care::NutritionPlan {
        fluid_min_ml_d: min,
        fluid_max_ml_d: max,
        ..Default::default()
    };
    let plan = kit.create(&dietitian, circle.no, NUTRITION, &fluid(Some(1_500), None)).await.expect("a plan");
    let write = |message: &care::NutritionPlan| writing(circle.no, &plan, message);
    // A ceiling at the floor is none above it.
    let tried = |validate_only, plan: &care::NutritionPlan| record::WriteRecordRequest { validate_only, ..write(plan) };
    let at = records::write(&kit.app, &physician, &tried(true, &fluid(None, Some(1_500)))).await.expect("tried");
    assert!(raised(at.trial).is_empty());
    let below = records::write(&kit.app, &physician, &tried(true, &fluid(None, Some(1_499)))).await.expect("tried");
    assert_eq!(raised(below.trial), ["T-FLUID-1"]);
    records::write(&kit.app, &physician, &tried(false, &fluid(None, Some(1_200)))).await.expect("written");
    let fluids = found(&kit, &dietitian, circle.no, pb::ReviewKind::Contradiction).await;
    let [one] = fluids.as_slice() else { panic!("{}", fluids.len()) };
    assert_eq!((one.check.as_str(), one.severity()), ("T-FLUID-1", care::AlertSeverity::Urgent));
    assert!(one.says.contains("1500") && one.says.contains("1200"), "{}", one.says);
    assert_eq!(one.rests.iter().map(|rests| rests.field).collect::<Vec<_>>(), [16, 17]);
    // A calcium target while calcium is high: the newest result counts, whenever it came.
    let target = care::NutritionPlan { calcium_mg_d_target: Some(1_000), ..Default::default() };
    records::write(&kit.app, &dietitian, &write(&target)).await.expect("written");
    let calcium = |value: i32, hour: u64| care::LaboratoryResult {
        analyte: Some("29265-6".into()),
        value: Some(value),
        unit: Some("mmol/L".into()),
        specimen_time: moment(hour),
        ..Default::default()
    };
    let result = async |value: i32, hour: u64| {
        kit.create_under(&physician, circle.no, LAB, 1, &calcium(value, hour)).await.expect("a result");
        checks(&kit, &physician, circle.no).await
    };
    assert_eq!(result(26_000, 1).await, ["T-FLUID-1"], "at the limit");
    assert_eq!(result(28_000, 2).await, ["T-CA-2", "T-FLUID-1"]);
    assert_eq!(result(24_000, 0).await, ["T-CA-2", "T-FLUID-1"], "an older one came late");
    assert_eq!(result(24_000, 3).await, ["T-FLUID-1"], "a newer one is in range");
    // A supplement that the trial prohibits; whoever may not see the trial is told nothing of it.
    let line = care::SupplementLine {
        product: Some("st_johns_wort".into()),
        status: Some(care::SupplementStatus::Active.into()),
        ..Default::default()
    };
    let line = kit.create(&dietitian, circle.no, SUPPLEMENT, &line).await.expect("a line");
    let trial = care::TrialParticipation {
        status: Some(care::TrialStatus::Enrolled.into()),
        prohibited: vec!["st_johns_wort".into()],
        ..Default::default()
    };
    kit.create(&physician, circle.no, TRIAL, &trial).await.expect("a trial");
    assert_eq!(checks(&kit, &physician, circle.no).await, ["T-FLUID-1", "T-SUP-1"]);
    assert_eq!(checks(&kit, &dietitian, circle.no).await, ["T-FLUID-1"], "trials are not shared with them");
    let view = kit.get(&dietitian, circle.no, id_of(&line)).await.expect("the line");
    let shown = field(&view, "status");
    let shown = vec![record::FieldShown { field: shown.field, shown: shown.shown.clone(), ..Default::default() }];
    let stopped = care::SupplementLine { status: Some(care::SupplementStatus::Stopped.into()), ..Default::default() };
    let stop = record::WriteRecordRequest { shown, ..writing(circle.no, &view, &stopped) };
    records::write(&kit.app, &dietitian, &stop).await.expect("stopped");
    assert_eq!(checks(&kit, &physician, circle.no).await, ["T-FLUID-1"]);
}
