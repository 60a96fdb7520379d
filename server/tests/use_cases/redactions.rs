//! Redacting: the content of one version is nowhere any more, and everything else stands.

use osteon_proto::{care, meta::Role, record as pb, review, sync, wire};
use osteon_server::{
    access::Caller,
    app::{derived, explain, ids_for, quarantine, records, redact, verify},
    error::{Error, Reason},
};

use crate::{access::remove, fixture::*};

pub(crate) const PAIN: u32 = 101;
const PLAN: u32 = 201;
const GRANT: u32 = 263;
/// Stands in nothing else. There is a time zone of this name.
pub(crate) const CANARY: &str = "Antarctica/DumontDUrville";

pub(crate) fn marked(worst: u32) -> care::PainEntry {
    let at = prost_types::Timestamp { seconds: (NOW / 1_000) as i64 - 3_600, nanos: 0 };
    let when = care::Moment { at: Some(at), utc_offset_min: Some(0), zone: Some(CANARY.into()) };
    care::PainEntry { effective_start: Some(when), worst_24h: Some(worst), ..Default::default() }
}

pub(crate) async fn redacted(
    kit: &Kit,
    who: &Caller,
    circle: u64,
    record: [u8; 16],
    dot: sync::Dot,
) -> Result<pb::RedactVersionResponse, Error> {
    let reason = "of another patient".to_owned();
    let request = pb::RedactVersionRequest { circle, record_id: text(record), dot: Some(dot), reason };
    redact::redact(&kit.app, who, &request).await
}

/// How often the canary stands in what is kept of a circle: parts, changes, waiting changes.
pub(crate) async fn kept(kit: &Kit, member: &Caller, circle: u64) -> usize {
    let mut session = kit.app.session(member, circle).await.expect("circle");
    let rows_of = session.rows().expect("rows");
    let rows = rows_of.parts_after(0, 100_000).await.expect("parts");
    let dots: Vec<_> = rows.iter().flat_map(|row| row.history.clone()).collect();
    let mut bytes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.state).collect();
    bytes.extend(rows_of.log_of(&dots).await.expect("log").into_iter().map(|row| row.content));
    bytes.extend(rows_of.log_after(0, 100_000).await.expect("log").into_iter().map(|row| row.content));
    bytes.extend(rows_of.quarantine().await.expect("quarantine").into_iter().map(|row| row.content));
    bytes.iter().filter(|bytes| holds_canary(bytes)).count()
}

fn holds_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

async fn explained(kit: &Kit, who: &Caller, circle: u64, record: [u8; 16]) -> pb::ExplainRecordResponse {
    let request = pb::ExplainRecordRequest { circle, record_id: text(record), ..Default::default() };
    explain::explain(&kit.app, who, &request).await.expect("explained")
}

async fn audited(kit: &Kit, circle: u64) -> Vec<(u64, String)> {
    let rows = kit.app.store.audit_after(circle, 0, 500).await.expect("audit");
    rows.iter().filter(|r| r.action == "record.redact").map(|r| (r.account, r.outcome.to_string())).collect()
}

pub(crate) async fn a_redacted_version_is_nowhere(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Physiotherapist, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let [patient, nurse, physio, admin] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let id = kit.id();
    let change = sync::Change { reason: CANARY.into(), ..kit.change(vec![create(id, PAIN, &marked(7))]) };
    let sent = kit.request(&phone, circle.no, 0, vec![change]);
    let verdict = kit.send(&phone, sent.clone()).await[0].clone();
    let first = wire_dot(&phone, 0, 1);
    phone.lanes[0].next += 1;
    let view = kit.get(&nurse, circle.no, id).await.expect("read");
    let worst = care::PainEntry { worst_24h: Some(4), ..Default::default() };
    let number = field(&view, "worst_24h").field;
    sequence(&kit.write(&mut phone, circle.no, edit(id, PAIN, &worst, number, vec![first])).await);
    let held = kit.page(&nurse, circle.no, &[]).await.expect("page");
    assert!(kept(&kit, &nurse, circle.no).await >= 2, "in the part and in the log");

    // Who may not, and what is not there.
    let unknown = sync::Dot { counter: 99, ..first };
    assert_eq!(reason(redacted(&kit, &physio, circle.no, id, first).await), Reason::FieldNotWritable);
    assert_eq!(reason(redacted(&kit, &admin, circle.no, id, first).await), Reason::NotFound);
    assert_eq!(reason(redacted(&kit, &nurse, circle.no, id, unknown).await), Reason::NotFound);
    assert_eq!(reason(redacted(&kit, &nurse, circle.no, kit.id(), first).await), Reason::NotFound);
    let without =
        pb::RedactVersionRequest { circle: circle.no, record_id: text(id), dot: Some(first), ..Default::default() };
    for empty in ["", " \n", "\u{2060}"] {
        let without = pb::RedactVersionRequest { reason: empty.into(), ..without.clone() };
        assert_eq!(reason(redact::redact(&kit.app, &nurse, &without).await), Reason::ReasonRequired);
    }
    assert!(kept(&kit, &nurse, circle.no).await >= 2);

    let done = redacted(&kit, &nurse, circle.no, id, first).await.expect("redacted");
    assert_eq!(kept(&kit, &nurse, circle.no).await, 0);
    let again = redacted(&kit, &patient, circle.no, id, first).await.expect("the same once more");
    assert_eq!(again, done);
    let standing = kit.app.store.heads(&[circle.no]).await.expect("heads");
    assert_eq!(standing, [(circle.no, done.sequence)], "one commit");
    let told = explained(&kit, &patient, circle.no, id).await;
    let entry: care::PainEntry = open_body(told.record.as_ref().expect("the record stays"));
    assert_eq!(entry, worst, "what was written since stays, and nothing comes in its place");
    let history =
        &told.fields.iter().find(|f| f.view.as_ref().is_some_and(|v| v.field == number)).expect("field").history;
    let versions: Vec<_> = history.iter().map(|v| (v.account, v.redacted, v.value.is_some(), v.absent)).collect();
    assert_eq!(versions, [(patient.account, true, false, false), (patient.account, false, true, false)]);
    let [by] = &told.redactions[..] else { panic!("one") };
    assert_eq!((by.dot, by.author, by.author_role()), (Some(first), patient.account, Role::Patient));
    assert_eq!((by.account, by.role(), by.reason.as_str()), (nurse.account, Role::Nurse, "of another patient"));
    verify::whole(&kit.app).await.expect("digests are right");

    // Devices are told by number, and get the part anew. Who has the change in its outbox gets the same verdict.
    let page = kit.page(&nurse, circle.no, &held.cursor).await.expect("page");
    let sent_anew = parts(&page).into_iter().find(|(_, part)| part.record.as_ref() == id).expect("the part");
    assert_eq!(sent_anew.1.body, Some(body(PAIN, &worst)));
    let tombstones: Vec<_> = page.tombstones.iter().map(|t| (t.record.to_vec(), t.dot, t.sequence)).collect();
    assert_eq!(tombstones, [(id.to_vec(), Some(first), done.sequence)]);
    assert_eq!(kit.send(&phone, sent).await[0], verdict);
    assert_eq!(kept(&kit, &nurse, circle.no).await, 0);
    let (n, p) = (nurse.account, patient.account);
    let refused = |account| (account, "refused".to_owned());
    let ok = |account| (account, "ok".to_owned());
    let rows = audited(&kit, circle.no).await;
    assert_eq!(rows[..4], [refused(physio.account), refused(admin.account), refused(n), refused(n)]);
    assert_eq!(rows[4..], [ok(n)], "the same once more is no second one, also of {p}");
}

/// Elements of a set are their own names; what is derived from them is made anew.
pub(crate) async fn sets_and_what_is_derived_forget_too(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse]).await;
    let physio = kit.person(circle.people[1]);
    let plan = care::ExercisePlan {
        lift_max_kg: Some(50),
        orthoses: vec![CANARY.into(), "brace".into()],
        forbidden_movements: vec![CANARY.into()],
        ..Default::default()
    };
    let made = kit.create(&physio, circle.no, PLAN, &plan).await.expect("made");
    let id = id_of(&made);
    // The physiotherapist takes one element out again: that names it, too.
    let orthosis = made.fields.iter().find(|f| f.name == "orthoses" && f.element.ends_with(CANARY.as_bytes()));
    let orthosis = orthosis.expect("the element");
    let remove =
        pb::FieldShown { field: orthosis.field, element: orthosis.element.clone(), shown: orthosis.shown.clone() };
    let write = pb::WriteRecordRequest {
        circle: circle.no,
        record_id: made.record_id.clone(),
        remove: vec![remove],
        reason: "not hers".into(),
        ..Default::default()
    };
    records::write(&kit.app, &physio, &write).await.expect("taken out");
    let minimum_id = ids_for::singleton(circle.no, derived::SAFETY_MINIMUM).0;
    let minimum = kit.get(&kit.person(circle.people[2]), circle.no, minimum_id).await;
    let minimum: care::SafetyMinimum = open_body(&minimum.expect("derived"));
    assert!(minimum.forbidden_movements.iter().any(|text| text == CANARY));
    let dot = dots(&made, "lift_max_kg")[0];
    redacted(&kit, &physio, circle.no, id, dot).await.expect("redacted");
    assert_eq!(kept(&kit, &physio, circle.no).await, 0);
    let minimum = kit.get(&physio, circle.no, minimum_id).await;
    let minimum: care::SafetyMinimum = open_body(&minimum.expect("derived"));
    assert!(minimum.forbidden_movements.is_empty() && minimum.lift_max_kg.is_none());
    verify::whole(&kit.app).await.expect("digests are right");
    // The record lives on.
    let plan = care::ExercisePlan { lift_max_kg: Some(30), ..Default::default() };
    let write = pb::WriteRecordRequest {
        circle: circle.no,
        record_id: made.record_id,
        body: Some(body(PLAN, &plan)),
        ..Default::default()
    };
    let written = records::write(&kit.app, &physio, &write).await.expect("written").record.expect("record");
    assert_eq!(open_body::<care::ExercisePlan>(&written), plan);
}

/// Ending can be taken back, redacting cannot: nobody destroys a limit that they could not set.
pub(crate) async fn nobody_redacts_what_they_could_not_write(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Physiotherapist]).await;
    let [patient, physio, other] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let limit = |kg| care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
    let made = kit.create(&physio, circle.no, PLAN, &limit(100)).await.expect("made");
    let (id, number) = (id_of(&made), field(&made, "lift_max_kg").field);
    // Two that had not seen each other: the lower one is in force.
    let mut phone = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let apart = edit(id, PLAN, &limit(30), number, Vec::new());
    sequence(&kit.write(&mut phone, circle.no, apart).await);
    let stands = kit.get(&patient, circle.no, id).await.expect("read");
    assert_eq!(open_body::<care::ExercisePlan>(&stands).lift_max_kg, Some(30));
    for dot in dots(&stands, "lift_max_kg") {
        let refused = redacted(&kit, &patient, circle.no, id, dot).await;
        assert_eq!(reason(refused), Reason::FieldNotWritable);
    }
    let after = kit.get(&patient, circle.no, id).await.expect("read");
    assert_eq!(field(&after, "lift_max_kg").versions.len(), 2, "the dispute stands");
    assert_eq!(open_body::<care::ExercisePlan>(&after).lift_max_kg, Some(30), "and so does the lower limit");
    let own = wire_dot(&phone, 0, 1);
    redacted(&kit, &other, circle.no, id, own).await.expect("whoever may set it may redact it");
}

/// What somebody took over was sent by another before; consent is nobody's to redact.
pub(crate) async fn taken_over_and_consent(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physiotherapist]).await;
    let [patient, nurse, physio] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let mut gone = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let base = kit.app.store.snapshot(circle.no).await.expect("circle").circle().head;
    remove(&kit, &patient, circle.no, physio.account, Role::Physiotherapist).await;
    let record = kit.id();
    let late = sync::Change { base: Some(base), ..kit.change(vec![create(record, PAIN, &marked(9))]) };
    assert!(said(&kit.push(&mut gone, circle.no, late).await).starts_with("quarantined"));
    let list = review::ListQuarantinedRequest { circle: circle.no, ..Default::default() };
    let waiting = quarantine::list(&kit.app, &nurse, &list).await.expect("listed").changes.remove(0);
    let accept = review::AcceptQuarantinedRequest { circle: circle.no, id: waiting.id, ..Default::default() };
    quarantine::accept(&kit.app, &nurse, &accept).await.expect("accepted");
    assert!(kept(&kit, &nurse, circle.no).await >= 3, "also as it was sent");
    let dot = dots(&kit.get(&nurse, circle.no, record).await.expect("read"), "worst_24h")[0];
    redacted(&kit, &nurse, circle.no, record, dot).await.expect("redacted");
    assert_eq!(kept(&kit, &nurse, circle.no).await, 0);
    let mut session = kit.app.session(&nurse, circle.no).await.expect("session");
    let sent = [wire::dot(&waiting.dot.expect("its number"))];
    let rows = session.rows().expect("rows").log_of(&sent).await.expect("log");
    assert!(rows.len() == 1 && !holds_canary(&rows[0].content));
    drop(session);
    verify::whole(&kit.app).await.expect("digests are right");

    // One change of two records is two versions.
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (one, two) = (kit.id(), kit.id());
    let both = kit.change(vec![create(one, PAIN, &marked(1)), create(two, PAIN, &marked(2))]);
    sequence(&kit.push(&mut phone, circle.no, both).await);
    let dot = wire_dot(&phone, 0, 1);
    let first = redacted(&kit, &nurse, circle.no, one, dot).await.expect("redacted");
    let left = kit.get(&nurse, circle.no, two).await.expect("read");
    assert_eq!(open_body::<care::PainEntry>(&left), marked(2), "the other record's is another version");
    let second = redacted(&kit, &nurse, circle.no, two, dot).await.expect("redacted");
    assert!(second.sequence > first.sequence);
    assert_eq!(kept(&kit, &nurse, circle.no).await, 0);
    verify::whole(&kit.app).await.expect("digests are right");

    let grant = crate::access::grant(circle.no, nurse.account, care::Decision::Allow);
    let made = kit.create(&patient, circle.no, GRANT, &grant).await.expect("granted");
    let dot = dots(&made, "decision")[0];
    assert_eq!(reason(redacted(&kit, &patient, circle.no, id_of(&made), dot).await), Reason::NotRedactable);
}
