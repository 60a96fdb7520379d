//! What waits for a person: who sees it, who decides, what becomes of it, what its author is told.

use osteon_proto::{care, meta::Role, record, review as pb, sync};
use osteon_server::{
    access::Caller,
    app::{explain, hello, quarantine},
    error::Reason,
};

use crate::{access, fixture::*};

const PAIN: u32 = 101;
const MEAL: u32 = 103;

/// A circle whose caregiver wrote a pain entry while offline; the patient had taken the category back before it came.
struct Scene {
    circle: Circle,
    carer: Device,
    record: [u8; 16],
    id: u64,
    dot: sync::Dot,
}

const ROLES: [Role; 5] = [Role::Patient, Role::Caregiver, Role::Nurse, Role::Dietitian, Role::Physiotherapist];

async fn scene(kit: &Kit) -> Scene {
    let circle = kit.circle("d0001", &ROLES).await;
    let patient = kit.person(circle.people[0]);
    let mut carer = kit.phone(&circle, 1, Role::Caregiver).await;
    access::decide(kit, &patient, circle.no, carer.caller.account, care::Decision::Allow).await;
    let base = kit.page(&carer.caller, circle.no, &[]).await.expect("page").head;
    access::decide(kit, &patient, circle.no, carer.caller.account, care::Decision::Deny).await;
    let record = kit.id();
    let pain = care::PainEntry { worst_24h: Some(8), ..Default::default() };
    let mut change = kit.change(vec![create(record, PAIN, &pain)]);
    (change.base, change.reason) = (Some(base), "she said so on the phone".into());
    let dot = wire_dot(&carer, 0, carer.lanes[0].next);
    let verdict = kit.push(&mut carer, circle.no, change).await;
    let Some(sync::verdict::Verdict::Quarantined(waits)) = verdict.verdict else { panic!("{}", said(&verdict)) };
    Scene { circle, carer, record, id: waits.id, dot }
}

impl Scene {
    fn caller(&self, kit: &Kit, role: Role) -> Caller {
        let at = ROLES.iter().position(|r| *r == role).expect("a member");
        kit.person(self.circle.people[at])
    }

    async fn listed(&self, kit: &Kit, role: Role) -> Vec<pb::QuarantinedChange> {
        let request = pb::ListQuarantinedRequest { circle: self.circle.no, ..Default::default() };
        quarantine::list(&kit.app, &self.caller(kit, role), &request).await.expect("listed").changes
    }

    fn accepting(&self) -> pb::AcceptQuarantinedRequest {
        pb::AcceptQuarantinedRequest { circle: self.circle.no, id: self.id, ..Default::default() }
    }

    fn rejecting(&self, reason: &str) -> pb::RejectQuarantinedRequest {
        pb::RejectQuarantinedRequest { circle: self.circle.no, id: self.id, reason: reason.into() }
    }

    async fn fates(&self, kit: &Kit, who: &Caller) -> Vec<sync::QuarantineFate> {
        let waiting = sync::WaitingChanges { circle: self.circle.no, dots: vec![self.dot] };
        let request = sync::HelloRequest { epoch: kit.app.epoch(), quarantined: vec![waiting], ..Default::default() };
        let answer = hello::hello(&kit.app, who, request).await.expect("hello");
        answer.circles.into_iter().find(|c| c.circle == self.circle.no).expect("the circle").fates
    }
}

async fn audited(kit: &Kit, circle: u64, action: &str) -> Vec<(u64, String, u32)> {
    let rows = kit.app.store.audit_after(circle, 0, 500).await.expect("audit");
    rows.iter().filter(|r| r.action == action).map(|r| (r.account, r.outcome.to_string(), r.categories)).collect()
}

pub(crate) async fn who_may_not_read_it_does_not_know_that_it_waits(kit: Kit) {
    let scene = scene(&kit).await;
    for (role, sees, decides) in [
        (Role::Patient, true, true),
        (Role::Nurse, true, true),
        (Role::Physiotherapist, true, true),
        (Role::Dietitian, true, false),
        (Role::Caregiver, false, false),
    ] {
        let listed = scene.listed(&kit, role).await;
        assert_eq!(listed.len(), usize::from(sees), "{role:?}");
        assert!(listed.iter().all(|change| change.may_decide == decides && change.id == scene.id), "{role:?}");
        let get = pb::GetQuarantinedRequest { circle: scene.circle.no, id: scene.id };
        let got = quarantine::get(&kit.app, &scene.caller(&kit, role), &get).await;
        match got {
            Ok(got) => assert!(sees && got.change.expect("content").writes.len() == 1, "{role:?}"),
            Err(error) => assert!(!sees && error.reason() == Reason::NotFound, "{role:?}"),
        }
    }
    let summary = scene.listed(&kit, Role::Nurse).await.remove(0);
    assert_eq!((summary.reason.as_str(), summary.account), ("LOST_RIGHT", scene.carer.caller.account));
    assert_eq!((summary.role(), summary.dot), (Role::Caregiver, Some(scene.dot)));
    assert_eq!(summary.writes.len(), 1);
    assert!(summary.writes[0].creates && summary.writes[0].r#type == PAIN && summary.writes[0].fields == [5]);
    // Looks are audited with their category; nothing is where nothing was shown.
    let looks = audited(&kit, scene.circle.no, "quarantine.get").await;
    assert_eq!(looks.len(), 4);
    assert!(looks.iter().all(|(_, outcome, categories)| outcome == "ok" && *categories == 1 << 6));
    // Neither may: the one because of the fields, the other because there is nothing.
    let dietitian = scene.caller(&kit, Role::Dietitian);
    let accepted = quarantine::accept(&kit.app, &dietitian, &scene.accepting()).await;
    assert_eq!(reason(accepted), Reason::RecordNotCreatable);
    let rejected = quarantine::reject(&kit.app, &dietitian, &scene.rejecting("no")).await;
    assert_eq!(reason(rejected), Reason::FieldNotWritable);
    for (circle, id) in [(scene.circle.no, scene.id), (scene.circle.no, 99), (scene.circle.no, 0), (4711, scene.id)] {
        let carer = &scene.carer.caller;
        let accepting = pb::AcceptQuarantinedRequest { circle, id, ..Default::default() };
        assert_eq!(reason(quarantine::accept(&kit.app, carer, &accepting).await), Reason::NotFound);
        let rejecting = pb::RejectQuarantinedRequest { circle, id, reason: "mine".into() };
        assert_eq!(reason(quarantine::reject(&kit.app, carer, &rejecting).await), Reason::NotFound);
        let get = pb::GetQuarantinedRequest { circle, id };
        assert_eq!(reason(quarantine::get(&kit.app, carer, &get).await), Reason::NotFound);
    }
    assert_eq!(scene.listed(&kit, Role::Patient).await.len(), 1, "it still waits");
    let refused = audited(&kit, scene.circle.no, "quarantine.accept").await;
    assert_eq!(refused, [(dietitian.account, "refused".to_owned(), 0)]);
    assert_eq!(audited(&kit, scene.circle.no, "quarantine.reject").await[0].1, "refused");
}

pub(crate) async fn one_tap_makes_a_new_change_on_behalf_of_its_author(kit: Kit) {
    let scene = scene(&kit).await;
    let nurse = scene.caller(&kit, Role::Nurse);
    let validate = pb::AcceptQuarantinedRequest { validate_only: true, ..scene.accepting() };
    let answer = quarantine::accept(&kit.app, &nurse, &validate).await.expect("may be accepted");
    assert_eq!(answer.sequence, 0);
    assert_eq!(reason(kit.get(&nurse, scene.circle.no, scene.record).await), Reason::NotFound, "nothing was written");
    assert!(scene.fates(&kit, &scene.carer.caller).await.is_empty(), "it still waits");

    let once = pb::AcceptQuarantinedRequest { request_id: text(kit.id()), ..scene.accepting() };
    let answer = quarantine::accept(&kit.app, &nurse, &once).await.expect("accepted");
    assert!(answer.sequence > 0);
    assert_eq!(answer.record_id, text(scene.record));
    assert_eq!(quarantine::accept(&kit.app, &nurse, &once).await.expect("the same answer"), answer);
    let other = pb::AcceptQuarantinedRequest { request_id: text(kit.id()), ..scene.accepting() };
    for late in [other, scene.accepting()] {
        assert_eq!(reason(quarantine::accept(&kit.app, &nurse, &late).await), Reason::NotFound);
    }
    let reused = pb::AcceptQuarantinedRequest { id: scene.id + 1, ..once.clone() };
    assert_eq!(reason(quarantine::accept(&kit.app, &nurse, &reused).await), Reason::RequestIdReused);

    let asked =
        record::ExplainRecordRequest { circle: scene.circle.no, record_id: text(scene.record), ..Default::default() };
    let told = explain::explain(&kit.app, &nurse, &asked).await.expect("explained");
    let version = &told.fields[0].history[0];
    assert_eq!((version.account, version.role()), (nurse.account, Role::Nurse));
    assert_eq!(version.on_behalf_of, scene.carer.caller.account);
    assert_eq!((version.on_behalf_role(), version.origin), (Role::Caregiver, Some(scene.dot)));
    assert_eq!(version.reason, "she said so on the phone");
    assert_eq!(version.dot.expect("dot").replica, 0, "a change of the server's own replica");
    assert!(scene.listed(&kit, Role::Patient).await.is_empty());
    let audit = audited(&kit, scene.circle.no, "quarantine.accept").await;
    assert_eq!(audit, [(nurse.account, "ok".to_owned(), 1 << 6)]);
    let fates = scene.fates(&kit, &scene.carer.caller).await;
    assert_eq!(fates, [sync::QuarantineFate { dot: Some(scene.dot), accepted: true, reason: String::new() }]);
    // Another device's question is nobody's.
    let other = kit.phone(&scene.circle, 2, Role::Nurse).await;
    assert!(scene.fates(&kit, &other.caller).await.is_empty());
}

pub(crate) async fn its_author_is_told_why_it_was_rejected(kit: Kit) {
    let mut scene = scene(&kit).await;
    let patient = scene.caller(&kit, Role::Patient);
    for empty in ["", " \n", "\u{200b}"] {
        let rejected = quarantine::reject(&kit.app, &patient, &scene.rejecting(empty)).await;
        assert_eq!(reason(rejected), Reason::ReasonRequired);
    }
    let long = "x".repeat(3_000);
    assert_eq!(reason(quarantine::reject(&kit.app, &patient, &scene.rejecting(&long)).await), Reason::LimitExceeded);
    let reject = scene.rejecting("it was the other knee");
    quarantine::reject(&kit.app, &patient, &reject).await.expect("rejected");
    assert_eq!(reason(quarantine::reject(&kit.app, &patient, &reject).await), Reason::NotFound, "decided once");
    assert_eq!(reason(quarantine::accept(&kit.app, &patient, &scene.accepting()).await), Reason::NotFound);
    assert_eq!(reason(kit.get(&patient, scene.circle.no, scene.record).await), Reason::NotFound);
    let fate = sync::QuarantineFate { dot: Some(scene.dot), accepted: false, reason: "it was the other knee".into() };
    assert_eq!(scene.fates(&kit, &scene.carer.caller).await, [fate]);
    let audit = audited(&kit, scene.circle.no, "quarantine.reject").await;
    assert_eq!(audit, [(patient.account, "ok".to_owned(), 1 << 6)]);
    // The verdict stays what it was, and the lane goes on.
    scene.carer.lanes[0].next += 1;
    let meal = kit.change(vec![create(kit.id(), MEAL, &care::Meal::default())]);
    let answer = kit.push(&mut scene.carer, scene.circle.no, meal).await;
    assert!(!said(&answer).starts_with("quarantined"), "{}", said(&answer));
}

pub(crate) async fn a_change_of_two_rights_is_decided_by_who_has_both(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physiotherapist, Role::Dietitian]).await;
    let patient = kit.person(circle.people[0]);
    let mut nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let base = kit.page(&nurse.caller, circle.no, &[]).await.expect("page").head;
    access::remove(&kit, &patient, circle.no, nurse.caller.account, Role::Nurse).await;
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let meal = care::Meal { appetite: Some(4), ..Default::default() };
    let (a, b) = (kit.id(), kit.id());
    let mut change = kit.change(vec![create(a, PAIN, &pain), create(b, MEAL, &meal)]);
    change.base = Some(base);
    let verdict = kit.push(&mut nurse, circle.no, change).await;
    assert_eq!(said(&verdict), "quarantined LEFT_CIRCLE");
    let list = pb::ListQuarantinedRequest { page_size: 1, ..Default::default() };
    // The physiotherapist has a summary of C07 only; the dietitian reads both and writes one.
    let physio = quarantine::list(&kit.app, &kit.person(circle.people[2]), &list).await.expect("listed");
    assert!(physio.changes.is_empty());
    let dietitian = quarantine::list(&kit.app, &kit.person(circle.people[3]), &list).await.expect("listed");
    assert!(!dietitian.changes[0].may_decide);
    let all = quarantine::list(&kit.app, &patient, &list).await.expect("listed");
    assert_eq!(all.changes[0].writes.len(), 2);
    let next = pb::ListQuarantinedRequest { page_token: all.next_page_token, ..list };
    assert!(quarantine::list(&kit.app, &patient, &next).await.expect("listed").changes.is_empty());
    let accept = pb::AcceptQuarantinedRequest { circle: circle.no, id: all.changes[0].id, ..Default::default() };
    let denied = quarantine::accept(&kit.app, &kit.person(circle.people[3]), &accept).await;
    assert_eq!(reason(denied), Reason::RecordNotCreatable);
    assert_eq!(reason(kit.get(&patient, circle.no, b).await), Reason::NotFound, "all of it or nothing");
    quarantine::accept(&kit.app, &patient, &accept).await.expect("accepted");
    for record in [a, b] {
        kit.get(&patient, circle.no, record).await.expect("both are there");
    }
    // Somebody who left is told nothing by Hello any more, and sees nothing.
    assert!(
        quarantine::list(&kit.app, &nurse.caller, &pb::ListQuarantinedRequest::default())
            .await
            .expect("listed")
            .changes
            .is_empty()
    );
}
