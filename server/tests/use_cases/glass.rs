//! Broken glass: who may, what it opens and what never, until when, who is told.

use osteon_proto::{care, circle, identity as pb, meta::Role, record, sync};
use osteon_server::{
    access::Caller,
    app::{circle_view, explain, glass, glass_reviews, lists, pull, push, records, settings},
    error::Reason,
};

use crate::{access, fixture::*};

const PAIN: u32 = 101;
const NOTICE: u32 = 311;
const BREAK_GLASS: u32 = 312;
const WHY: &str = "found unconscious at home, nobody answers";
const HOURS: u64 = 3_600_000;

/// A patient with a physiotherapist and a dietitian, and a nurse, a physician and a dietitian of another circle.
struct Scene {
    circle: Circle,
    other: Circle,
    pain: [u8; 16],
}

async fn scene(kit: &Kit) -> Scene {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse, Role::Caregiver]).await;
    let other = kit.circle("d0002", &[Role::Patient, Role::Nurse, Role::Physician, Role::Dietitian]).await;
    let pain = care::PainEntry { worst_24h: Some(9), ..Default::default() };
    let pain = kit.create(&kit.person(circle.people[0]), circle.no, PAIN, &pain).await.expect("made");
    Scene { pain: id_of(&pain), circle, other }
}

impl Scene {
    fn request(&self) -> pb::BreakGlassRequest {
        pb::BreakGlassRequest { circle: self.circle.no, reason: WHY.into(), ..Default::default() }
    }

    async fn reads(&self, kit: &Kit, who: &Caller) -> Option<Reason> {
        kit.get(who, self.circle.no, self.pain).await.err().map(|error| error.reason())
    }
}

async fn list(kit: &Kit, who: &Caller, circle: u64, number: u32) -> Vec<record::RecordView> {
    let request = record::ListRecordsRequest { circle, r#type: number, ..Default::default() };
    lists::list(&kit.app, who, &request).await.expect("listed").records
}

async fn audited(kit: &Kit, circle: u64, account: u64) -> Vec<(String, String)> {
    let rows = kit.app.store.audit_after(circle, 0, 500).await.expect("audit");
    rows.iter().filter(|r| r.account == account).map(|r| (r.action.to_string(), r.outcome.to_string())).collect()
}

pub(crate) async fn a_nurse_of_the_clinic_reads_for_four_hours(kit: Kit) {
    let scene = scene(&kit).await;
    for at in [1, 2] {
        let who = kit.person(scene.other.people[at]);
        assert_eq!(scene.reads(&kit, &who).await, Some(Reason::NotFound));
        let by_number = scene.request();
        let by_name = pb::BreakGlassRequest { circle: 0, short_id: "d0001".into(), ..scene.request() };
        let request = if at == 1 { by_number } else { by_name };
        let opened = glass::open(&kit.app, &who, &request).await.expect("opened");
        assert_eq!(opened.circle, scene.circle.no);
        let until = opened.not_after.expect("an end");
        let now = i64::try_from(kit.app.now_ms()).expect("a time");
        assert!((until.seconds * 1_000 - now - 4 * 3_600_000).abs() < 1_000);
        assert_eq!(scene.reads(&kit, &who).await, None);
        let explained =
            record::ExplainRecordRequest { circle: scene.circle.no, record_id: text(scene.pain), ..Default::default() };
        explain::explain(&kit.app, &who, &explained).await.expect("explained");
        assert_eq!(list(&kit, &who, scene.circle.no, PAIN).await.len(), 1);
        // Never: end-of-life wishes and private notes; nor what is others' own.
        let scope = kit.app.session(&who, scene.circle.no).await.expect("session").scope;
        let label = |category: u32| osteon_proto::LabelId(1 << category | 1 << 24);
        assert!(scope.behind_glass());
        for category in 1..=22 {
            let hidden = [15, 19, 20, 22].contains(&category);
            assert_eq!(scope.reads(label(category)), !hidden, "C{category}");
        }
        let looks = audited(&kit, scene.circle.no, who.account).await;
        assert_eq!(looks[0], ("glass.break".to_owned(), "ok".to_owned()));
        let glassy = looks.iter().filter(|(_, outcome)| outcome == "behind_glass").count();
        assert_eq!(glassy, 3, "{looks:?}");
    }
    kit.clock.advance(4 * HOURS - 60_000);
    assert_eq!(scene.reads(&kit, &kit.person(scene.other.people[1])).await, None);
    kit.clock.advance(60_000);
    for at in [1, 2] {
        assert_eq!(scene.reads(&kit, &kit.person(scene.other.people[at])).await, Some(Reason::NotFound), "it is over");
    }
    // A member whom the patient took a category from.
    let nurse = kit.person(scene.circle.people[2]);
    assert_eq!(scene.reads(&kit, &nurse).await, None);
    access::decide(&kit, &kit.person(scene.circle.people[0]), scene.circle.no, nurse.account, care::Decision::Deny)
        .await;
    assert_eq!(scene.reads(&kit, &nurse).await, Some(Reason::NotFound));
    glass::open(&kit.app, &nurse, &scene.request()).await.expect("opened");
    assert_eq!(scene.reads(&kit, &nurse).await, None);
    let page = kit.page(&nurse, scene.circle.no, &[]).await.expect("a member still pulls");
    assert!(!holds(&page, scene.pain), "a device holds nothing by it");
    kit.clock.advance(4 * HOURS);
    assert_eq!(scene.reads(&kit, &nurse).await, Some(Reason::NotFound));
}

pub(crate) async fn broken_glass_opens_no_pull_and_no_writing(kit: Kit) {
    let scene = scene(&kit).await;
    let own = settings::circle_of(&kit.app, kit.clinic).await.expect("the clinic's own");
    let request = pb::BreakGlassRequest { circle: own, ..scene.request() };
    let nurse = kit.person(scene.other.people[1]);
    assert_eq!(reason(glass::open(&kit.app, &nurse, &request).await), Reason::NotAllowed, "nobody's health is in it");
    let phone = kit.phone(&scene.other, 1, Role::Nurse).await;
    let nurse = phone.caller;
    glass::open(&kit.app, &nurse, &scene.request()).await.expect("opened");
    assert_eq!(reason(kit.page(&nurse, scene.circle.no, &[]).await), Reason::NotFound);
    let position = pull::Position { circle: scene.circle.no, ..Default::default() };
    assert_eq!(reason(pull::may_ask(&kit.app, &nurse, false, &position)), Reason::NotFound);
    let pain = care::PainEntry { worst_24h: Some(1), ..Default::default() };
    let change = kit.change(vec![create(kit.id(), PAIN, &pain)]);
    let request = kit.request(&phone, scene.circle.no, 0, vec![change]);
    assert_eq!(reason(push::push(&kit.app, &nurse, request, 1).await), Reason::NotFound);
    assert_eq!(reason(kit.create(&nurse, scene.circle.no, PAIN, &pain).await), Reason::NotFound);
    let view = kit.get(&nurse, scene.circle.no, scene.pain).await.expect("read");
    assert!(view.fields.iter().all(|field| !field.may_write && !field.may_propose));
    let write = record::WriteRecordRequest {
        circle: scene.circle.no,
        record_id: view.record_id.clone(),
        body: Some(body(PAIN, &pain)),
        ..Default::default()
    };
    assert_eq!(reason(records::write(&kit.app, &nurse, &write).await), Reason::FieldNotWritable);
    let end = record::EndRecordRequest {
        circle: scene.circle.no,
        record_id: view.record_id,
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown,
        reason: "no".into(),
        ..Default::default()
    };
    assert_eq!(reason(records::end(&kit.app, &nurse, &end).await), Reason::FieldNotWritable);
    // Nobody writes such an entry by hand.
    let entry = care::BreakGlass { account: Some(nurse.account), ..Default::default() };
    let patient = kit.person(scene.circle.people[0]);
    assert_eq!(reason(kit.create(&patient, scene.circle.no, BREAK_GLASS, &entry).await), Reason::RecordNotCreatable);
    let notice = care::Notice { account: Some(nurse.account), ..Default::default() };
    assert_eq!(reason(kit.create(&patient, scene.circle.no, NOTICE, &notice).await), Reason::RecordNotCreatable);
}

pub(crate) async fn who_may_not_break_it(kit: Kit) {
    let scene = scene(&kit).await;
    let nurse = kit.person(scene.other.people[1]);
    for (reason_given, expected) in [
        ("", Reason::ReasonRequired),
        ("   \n\t ", Reason::ReasonRequired),
        (&"\u{200b}".repeat(40), Reason::ReasonRequired),
        ("she is in pain", Reason::TextTooShort),
        (&format!("a{}", "\u{200b}".repeat(30)), Reason::TextTooShort),
        (&"x".repeat(3_000), Reason::LimitExceeded),
    ] {
        let request = pb::BreakGlassRequest { reason: reason_given.to_owned(), ..scene.request() };
        assert_eq!(reason(glass::open(&kit.app, &nurse, &request).await), expected);
    }
    let nowhere = pb::BreakGlassRequest { circle: 0, ..scene.request() };
    assert_eq!(reason(glass::open(&kit.app, &nurse, &nowhere).await), Reason::ArgumentInvalid);
    // Whoever is neither physician nor nurse anywhere is told so, whatever they name.
    let dietitian = kit.person(scene.other.people[3]);
    for circle in [scene.circle.no, scene.other.no, 4711] {
        let request = pb::BreakGlassRequest { circle, ..scene.request() };
        assert_eq!(reason(glass::open(&kit.app, &dietitian, &request).await), Reason::NotAllowed);
    }
    // In this circle the role in this circle counts: the physiotherapist, the patient, the caregiver.
    for at in [0, 1, 3] {
        let who = kit.person(scene.circle.people[at]);
        assert_eq!(reason(glass::open(&kit.app, &who, &scene.request()).await), Reason::NotAllowed);
    }
    // Another clinic's nurse, and a circle that is not there: the same.
    let stranger = Caller { clinic: kit.clinic - 1, ..nurse };
    for (who, circle) in [(stranger, scene.circle.no), (nurse, 4711)] {
        let request = pb::BreakGlassRequest { circle, ..scene.request() };
        assert_eq!(reason(glass::open(&kit.app, &who, &request).await), Reason::NotFound);
    }
    let unknown = pb::BreakGlassRequest { circle: 0, short_id: "d9999".into(), ..scene.request() };
    assert_eq!(reason(glass::open(&kit.app, &nurse, &unknown).await), Reason::NotFound);
    assert_eq!(scene.reads(&kit, &nurse).await, Some(Reason::NotFound), "nothing was opened");
    let chain = osteon_server::store::audit::clinic_chain(kit.clinic);
    let refused = audited(&kit, chain, scene.circle.people[1]).await;
    assert_eq!(refused, [("glass.break".to_owned(), "refused".to_owned())]);
}

pub(crate) async fn the_patient_and_nobody_else_is_told(kit: Kit) {
    let scene = scene(&kit).await;
    let nurse = kit.person(scene.other.people[1]);
    let once = pb::BreakGlassRequest { request_id: text(kit.id()), ..scene.request() };
    let opened = glass::open(&kit.app, &nurse, &once).await.expect("opened");
    kit.clock.advance(HOURS);
    assert_eq!(glass::open(&kit.app, &nurse, &once).await.expect("the same answer"), opened);
    let patient = kit.person(scene.circle.people[0]);
    let entries = list(&kit, &patient, scene.circle.no, BREAK_GLASS).await;
    assert_eq!(entries.len(), 1, "one effect");
    assert_eq!(entries[0].record_id, opened.record_id);
    let entry: care::BreakGlass = open_body(&entries[0]);
    assert_eq!((entry.account, entry.role()), (Some(nurse.account), Role::Nurse));
    assert_eq!((entry.reason.as_deref(), entry.not_after), (Some(WHY), opened.not_after));
    let notices = list(&kit, &patient, scene.circle.no, NOTICE).await;
    let notice: care::Notice = open_body(&notices[0]);
    assert_eq!((notice.kind(), notice.by), (care::NoticeKind::BreakGlass, Some(nurse.account)));
    assert_eq!(notice.record.as_deref(), Some(&views_id(&opened.record_id)[..]));
    for at in [1, 2, 3] {
        let who = kit.person(scene.circle.people[at]);
        for number in [BREAK_GLASS, NOTICE] {
            assert!(list(&kit, &who, scene.circle.no, number).await.is_empty(), "{at} {number}");
        }
        assert_eq!(reason(kit.get(&who, scene.circle.no, id_of(&entries[0])).await), Reason::NotFound);
        assert_eq!(reason(kit.get(&who, scene.circle.no, id_of(&notices[0])).await), Reason::NotFound);
    }
    // The patient's phone holds both; nobody ends or changes them.
    let page = kit.page(&patient, scene.circle.no, &[]).await.expect("page");
    assert!(holds(&page, id_of(&entries[0])) && holds(&page, id_of(&notices[0])));
    let end = record::EndRecordRequest {
        circle: scene.circle.no,
        record_id: opened.record_id,
        state: sync::Lifecycle::Deleted.into(),
        shown: entries[0].shown.clone(),
        reason: "away with it".into(),
        ..Default::default()
    };
    assert_eq!(reason(records::end(&kit.app, &patient, &end).await), Reason::FieldNotWritable);
}

fn views_id(text: &str) -> [u8; 16] {
    osteon_server::app::views::record_id(text).expect("an id").0
}

pub(crate) async fn the_one_who_broke_it_ends_it(kit: Kit) {
    let scene = scene(&kit).await;
    let (nurse, physician) = (kit.person(scene.other.people[1]), kit.person(scene.other.people[2]));
    let opened = glass::open(&kit.app, &nurse, &scene.request()).await.expect("opened");
    let end = pb::EndBreakGlassRequest { circle: scene.circle.no, record_id: opened.record_id.clone() };
    assert_eq!(reason(glass::close(&kit.app, &physician, &end).await), Reason::NotFound);
    glass::open(&kit.app, &physician, &scene.request()).await.expect("opened");
    assert_eq!(reason(glass::close(&kit.app, &physician, &end).await), Reason::NotFound, "another one's");
    // A page that is loaded again knows of it: of one's own, and of nobody else's.
    let own = async |who: &Caller| {
        let request = circle::GetCircleViewRequest { circle: scene.circle.no, ..Default::default() };
        circle_view::get(&kit.app, who, &request).await.expect("a view").view.expect("a view").glass
    };
    let glass = own(&nurse).await.expect("open");
    assert_eq!((glass.record_id, glass.not_after), (opened.record_id.clone(), opened.not_after));
    assert_ne!(own(&physician).await.expect("open").record_id, opened.record_id);
    assert_eq!(own(&kit.person(scene.circle.people[2])).await, None, "a member broke none");
    let not_one = pb::EndBreakGlassRequest { record_id: text(scene.pain), ..end.clone() };
    assert_eq!(reason(glass::close(&kit.app, &nurse, &not_one).await), Reason::NotFound);
    glass::close(&kit.app, &nurse, &end).await.expect("ended");
    assert_eq!(scene.reads(&kit, &nurse).await, Some(Reason::NotFound));
    assert_eq!(scene.reads(&kit, &physician).await, None, "that one is still open");
    assert_eq!(reason(glass::close(&kit.app, &nurse, &end).await), Reason::NotFound, "it is over");
    let entries = list(&kit, &kit.person(scene.circle.people[0]), scene.circle.no, BREAK_GLASS).await;
    assert_eq!(entries.len(), 3, "a second entry closes the first");
    let audit = audited(&kit, scene.circle.no, nurse.account).await;
    assert_eq!(audit.last(), Some(&("glass.end".to_owned(), "ok".to_owned())));
}

/// Every emergency access waits until an administrator has looked at it: after its end, with words that the patient reads.
pub(crate) async fn what_was_opened_is_reviewed(kit: Kit) {
    let roles = [Role::Patient, Role::ClinicAdmin, Role::Nurse, Role::Physiotherapist, Role::Caregiver];
    let circle = kit.circle("d0001", &roles).await;
    let other = kit.circle("d0002", &[Role::Patient, Role::Physician, Role::ClinicAdmin]).await;
    let [patient, admin, nurse, physio] = [0, 1, 2, 3].map(|at| kit.person(circle.people[at]));
    let (physician, elsewhere) = (kit.person(other.people[1]), kit.person(other.people[2]));
    let ask = pb::BreakGlassRequest { circle: circle.no, reason: WHY.into(), ..Default::default() };
    let first = glass::open(&kit.app, &physician, &ask).await.expect("opened").record_id;
    kit.clock.advance(60_000);
    let own = glass::open(&kit.app, &nurse, &ask).await.expect("opened").record_id;
    let list = async |who: &Caller, no, not_reviewed| {
        let request = pb::ListBreakGlassRequest { circle: no, not_reviewed };
        glass_reviews::list(&kit.app, who, &request).await.map(|told| told.accesses)
    };
    let ids = |all: &[pb::GlassAccess]| all.iter().map(|one| one.record_id.clone()).collect::<Vec<_>>();
    let seen = list(&admin, circle.no, false).await.expect("list");
    assert_eq!(ids(&seen), [own.clone(), first.clone()], "the newest first");
    let told = (seen[1].account, seen[1].role(), seen[1].reason.as_str(), seen[1].open, seen[1].may_review);
    assert_eq!(told, (physician.account, Role::Physician, WHY, true, true));
    // As the audit is read: the patient all, a nurse her own, the others nothing; over all circles what is theirs.
    let patients = list(&patient, circle.no, false).await.expect("list");
    assert!(patients.len() == 2 && patients.iter().all(|one| !one.may_review));
    assert_eq!(ids(&list(&nurse, circle.no, false).await.expect("list")), std::slice::from_ref(&own));
    for who in [&physio, &kit.person(circle.people[4]), &elsewhere, &physician] {
        assert_eq!(reason(list(who, circle.no, false).await), Reason::NotFound);
        assert!(list(who, 0, false).await.expect("nothing of it is theirs").is_empty());
    }
    assert_eq!(list(&admin, 0, true).await.expect("list").len(), 2);

    let review = async |who: &Caller, record_id: &str, finding: &str| {
        let request = pb::ReviewBreakGlassRequest {
            circle: circle.no,
            record_id: record_id.into(),
            finding: finding.into(),
            ..Default::default()
        };
        let answer = glass_reviews::review(&kit.app, who, &request).await;
        answer.map(|answer| answer.access.expect("an access"))
    };
    const FOUND: &str = "Seen with the physician: the call is in the log.";
    assert_eq!(reason(review(&admin, &first, FOUND).await), Reason::GlassOpen, "it goes on");
    kit.clock.advance(4 * HOURS);
    for (who, wanted) in [
        (&patient, Reason::NotAllowed),
        (&nurse, Reason::NotFound),
        (&physio, Reason::NotFound),
        (&elsewhere, Reason::NotFound),
    ] {
        assert_eq!(reason(review(who, &first, FOUND).await), wanted);
    }
    assert_eq!(reason(review(&nurse, &own, FOUND).await), Reason::NotAllowed, "nobody reviews what they did");
    assert_eq!(reason(review(&admin, &text(kit.id()), FOUND).await), Reason::NotFound);
    assert_eq!(reason(review(&admin, &first, " . ").await), Reason::ReasonRequired);
    assert_eq!(reason(review(&admin, &first, "a\u{7}b").await), Reason::ControlInText);
    assert_eq!(list(&admin, circle.no, true).await.expect("list").len(), 2, "nothing was written");
    let done = review(&admin, &first, FOUND).await.expect("reviewed");
    let by = done.review.clone().expect("a review");
    assert_eq!((by.account, by.role(), by.finding.as_str()), (admin.account, Role::ClinicAdmin, FOUND));
    assert!(by.at.is_some() && !done.may_review && !done.open);
    assert_eq!(review(&admin, &first, "something else").await.expect("as it was reviewed").review, done.review);
    assert_eq!(ids(&list(&admin, circle.no, true).await.expect("list")), std::slice::from_ref(&own), "that one waits");
    let after = list(&patient, circle.no, false).await.expect("list");
    assert_eq!(after.iter().find(|one| one.record_id == first).expect("listed").review, done.review);
    // It is an entry of the circle, which the patient has on their phone and nobody writes by hand.
    let entries = self::list(&kit, &patient, circle.no, glass_reviews::GLASS_REVIEW).await;
    assert_eq!(entries.len(), 1);
    let forged = care::GlassReview { account: Some(patient.account), ..Default::default() };
    let forged = kit.create(&patient, circle.no, glass_reviews::GLASS_REVIEW, &forged).await;
    assert_eq!(reason(forged), Reason::RecordNotCreatable);
    let looks = audited(&kit, circle.no, admin.account).await;
    let count = |action: &str| looks.iter().filter(|(word, outcome)| word == action && outcome == "ok").count();
    assert_eq!(count("glass.review"), 1);
    assert!(count("glass.list") >= 3);
    let refused = audited(&kit, circle.no, patient.account).await;
    assert!(refused.contains(&("glass.review".to_owned(), "NOT_ALLOWED".to_owned())), "{refused:?}");
    // What is reviewed opens nothing, and closes nothing.
    glass::open(&kit.app, &physician, &ask).await.expect("opened again");
    let now = list(&admin, circle.no, true).await.expect("list");
    assert_eq!((now.len(), now[0].open, now[0].review.is_none()), (2, true, true));
}
