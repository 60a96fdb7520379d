//! Consent and membership: granting online, withdrawing anywhere, what was written before a loss, what outsiders see.

use osteon_proto::{care, meta::Role, record as pb, sync};
use osteon_server::{
    access::Caller,
    app::{enrol::timestamp, ids_for, members, push, records},
    error::{Error, Reason},
};
use osteon_sync_core::Dot;
use prost::Message;

use crate::all::All;
use crate::fixture::*;

const CARE_CIRCLE: u32 = 261;
pub(crate) const MEMBER: u32 = 262;
const GRANT: u32 = 263;
pub(crate) const C06: care::GrantCategory = care::GrantCategory::C06Symptoms;

pub(crate) fn parent(circle: u64) -> prost::bytes::Bytes {
    ids_for::singleton(circle, CARE_CIRCLE).0.to_vec().into()
}

pub(crate) fn grant(circle: u64, account: u64, decision: care::Decision) -> care::Grant {
    care::Grant {
        parent: Some(parent(circle)),
        grantee: Some(care::Grantee { account: Some(account), role: None }),
        category: Some(C06.into()),
        decision: Some(decision.into()),
        // A caregiver's grant names its end.
        not_after: Some(timestamp(NOW + 1_000 * DAY)),
        ..Default::default()
    }
}

/// The creation of a record whose id is derived.
pub(crate) fn derived(circle: u64, number: u32, record: &impl Message) -> sync::RecordWrite {
    members::creation(circle, number, &record.encode_to_vec()).expect("creation")
}

pub(crate) fn grant_id(circle: u64, account: u64) -> [u8; 16] {
    derived(circle, GRANT, &grant(circle, account, care::Decision::Allow)).record.as_ref().try_into().expect("id")
}

/// Online: the decision of a grant becomes this, whatever it was.
pub(crate) async fn decide(kit: &Kit, patient: &Caller, circle: u64, account: u64, decision: care::Decision) {
    let id = grant_id(circle, account);
    let Ok(view) = kit.get(patient, circle, id).await else {
        kit.create(patient, circle, GRANT, &grant(circle, account, decision)).await.expect("granted");
        return;
    };
    write(
        kit,
        patient,
        circle,
        &view,
        "decision",
        &care::Grant { decision: Some(decision.into()), ..Default::default() },
    )
    .await;
}

pub(crate) async fn write(
    kit: &Kit,
    who: &Caller,
    circle: u64,
    view: &pb::RecordView,
    name: &str,
    record: &impl Message,
) {
    try_write(kit, who, circle, view, name, record).await.expect("written");
}

async fn try_write(
    kit: &Kit,
    who: &Caller,
    circle: u64,
    view: &pb::RecordView,
    name: &str,
    record: &impl Message,
) -> Result<(), Error> {
    let shown = field(view, name);
    let request = pb::WriteRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        body: Some(body(view.r#type, record)),
        shown: vec![pb::FieldShown { field: shown.field, shown: shown.shown.clone(), ..Default::default() }],
        reason: "decided".into(),
        ..Default::default()
    };
    records::write(&kit.app, who, &request).await.map(|_| ())
}

pub(crate) fn member(circle: u64, account: u64, role: Role) -> care::CircleMember {
    care::CircleMember {
        parent: Some(parent(circle)),
        account: Some(account),
        role: Some(role.into()),
        membership: Some(care::Decision::Allow.into()),
        ..Default::default()
    }
}

async fn membership(kit: &Kit, who: &Caller, circle: u64, account: u64, role: Role, decision: care::Decision) {
    let id = derived(circle, MEMBER, &member(circle, account, role)).record.as_ref().try_into().expect("id");
    let view = kit.get(who, circle, id).await.expect("member");
    let record = care::CircleMember { membership: Some(decision.into()), ..Default::default() };
    write(kit, who, circle, &view, "membership", &record).await;
}

pub(crate) async fn remove(kit: &Kit, who: &Caller, circle: u64, account: u64, role: Role) {
    membership(kit, who, circle, account, role, care::Decision::Deny).await;
}

/// Somebody is to be a member again.
pub(crate) async fn try_membership(
    kit: &Kit,
    who: &Caller,
    circle: u64,
    account: u64,
    role: Role,
) -> Result<(), Error> {
    try_decide(kit, who, circle, (account, role), care::Decision::Allow).await
}

/// Somebody is to be no member any more.
pub(crate) async fn try_deny(kit: &Kit, who: &Caller, circle: u64, account: u64, role: Role) -> Result<(), Error> {
    try_decide(kit, who, circle, (account, role), care::Decision::Deny).await
}

async fn try_decide(
    kit: &Kit,
    who: &Caller,
    circle: u64,
    (account, role): (u64, Role),
    decision: care::Decision,
) -> Result<(), Error> {
    let id = derived(circle, MEMBER, &member(circle, account, role)).record.as_ref().try_into().expect("id");
    let view = kit.get(who, circle, id).await.expect("member");
    let record = care::CircleMember { membership: Some(decision.into()), ..Default::default() };
    try_write(kit, who, circle, &view, "membership", &record).await
}

pub(crate) async fn take_back(kit: &Kit, who: &Caller, circle: u64, account: u64, role: Role) {
    membership(kit, who, circle, account, role, care::Decision::Allow).await;
}

pub(crate) async fn consent_opens_online_only(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (carer, nurse) = (circle.people[1], circle.people[2]);
    let allow = derived(circle.no, GRANT, &grant(circle.no, carer, care::Decision::Allow));
    let refused = said(&kit.write(&mut phone, circle.no, allow).await);
    assert!(refused.starts_with("GRANT_NEEDS_SERVER"), "{refused}");
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let made = kit.create(&phone.caller, circle.no, 101, &pain).await.expect("made");
    let carer_reads = async || kit.get(&kit.person(carer), circle.no, id_of(&made)).await.is_ok();
    assert!(!carer_reads().await);
    decide(&kit, &phone.caller, circle.no, carer, care::Decision::Allow).await;
    assert!(carer_reads().await);

    // Offline: a DENY, beside the ALLOW. It wins.
    let id = grant_id(circle.no, carer);
    let view = kit.get(&phone.caller, circle.no, id).await.expect("grant");
    let number = field(&view, "decision").field;
    let deny = care::Grant { decision: Some(care::Decision::Deny.into()), ..Default::default() };
    sequence(&kit.write(&mut phone, circle.no, edit(id, GRANT, &deny, number, vec![])).await);
    assert!(!carer_reads().await);
    // Offline: taking the DENY away, by clearing it or by saying ALLOW, opens again. That needs the server.
    let view = kit.get(&phone.caller, circle.no, id).await.expect("grant");
    let denied: Vec<sync::Dot> = dots(&view, "decision");
    assert_eq!(denied.len(), 2);
    let cleared = sync::RecordWrite {
        record: id.to_vec().into(),
        r#type: GRANT,
        fields: vec![sync::FieldWrite { field: number, replaces: vec![denied[1]], clear: true, ..Default::default() }],
        ..Default::default()
    };
    let mut change = kit.change(vec![cleared]);
    change.reason = "why not".into();
    assert!(said(&kit.push(&mut phone, circle.no, change).await).starts_with("GRANT_NEEDS_SERVER"));
    let allow = care::Grant { decision: Some(care::Decision::Allow.into()), ..Default::default() };
    let said_allow = kit.write(&mut phone, circle.no, edit(id, GRANT, &allow, number, denied)).await;
    assert!(said(&said_allow).starts_with("GRANT_NEEDS_SERVER"));
    assert!(!carer_reads().await);

    // A longer end is a grant too, an earlier one is not.
    let until = |days: u64| care::Grant { not_after: Some(timestamp(NOW + days * DAY)), ..Default::default() };
    let with_end = care::Grant { not_after: until(5).not_after, ..grant(circle.no, nurse, care::Decision::Allow) };
    let made = kit.create(&phone.caller, circle.no, GRANT, &with_end).await.expect("granted");
    let (id, number) = (id_of(&made), field(&made, "not_after").field);
    let longer = edit(id, GRANT, &until(9), number, dots(&made, "not_after"));
    let mut change = kit.change(vec![longer]);
    change.reason = "longer".into();
    assert!(said(&kit.push(&mut phone, circle.no, change).await).starts_with("GRANT_NEEDS_SERVER"));
    sequence(&kit.write(&mut phone, circle.no, edit(id, GRANT, &until(2), number, dots(&made, "not_after"))).await);

    // Membership likewise: ALLOW online, DENY anywhere.
    let mut nurses = kit.phone(&circle, 2, Role::Nurse).await;
    let new = derived(circle.no, MEMBER, &member(circle.no, 999, Role::Physician));
    assert!(said(&kit.write(&mut nurses, circle.no, new).await).starts_with("FIELD_NOT_WRITABLE"));
    let id = derived(circle.no, MEMBER, &member(circle.no, carer, Role::Caregiver)).record;
    let id: [u8; 16] = id.as_ref().try_into().expect("id");
    let view = kit.get(&phone.caller, circle.no, id).await.expect("member");
    let deny = care::CircleMember { membership: Some(care::Decision::Deny.into()), ..Default::default() };
    let gone = edit(id, MEMBER, &deny, field(&view, "membership").field, vec![]);
    sequence(&kit.write(&mut nurses, circle.no, gone).await);
    let outside = kit.person(carer);
    let page = kit.page(&outside, circle.no, &[]).await.expect("told to keep nothing");
    assert!(page.cells.is_empty() && page.granted.is_empty() && (page.head, page.role) == (0, 0));
    assert_eq!(reason(kit.get(&outside, circle.no, id).await), Reason::NotFound);
    let end = sync::LifecycleWrite { state: sync::Lifecycle::Deleted.into(), ..Default::default() };
    let end =
        sync::RecordWrite { record: id.to_vec().into(), r#type: MEMBER, lifecycle: Some(end), ..Default::default() };
    assert_eq!(said(&kit.write(&mut nurses, circle.no, end).await), "IMMUTABLE_FIELD writes[0].lifecycle");
}

pub(crate) async fn what_was_written_before_the_loss_waits(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver, Role::Nurse]).await;
    let patient = kit.person(circle.people[0]);
    let mut carer = kit.phone(&circle, 1, Role::Caregiver).await;
    let mut nurse = kit.phone(&circle, 2, Role::Nurse).await;
    decide(&kit, &patient, circle.no, carer.caller.account, care::Decision::Allow).await;
    let base = kit.page(&carer.caller, circle.no, &[]).await.expect("page").head;
    decide(&kit, &patient, circle.no, carer.caller.account, care::Decision::Deny).await;
    let pain = || create(kit.id(), 101, &care::PainEntry { worst_24h: Some(3), ..Default::default() });
    // There is nothing under this label yet: the first entry is the one that comes too late.
    let mut change = kit.change(vec![pain()]);
    change.base = Some(base);
    assert_eq!(said(&kit.push(&mut carer, circle.no, change).await), "quarantined LOST_RIGHT");
    let mut change = kit.change(vec![pain()]);
    change.base = Some(base + 1);
    assert!(said(&kit.push(&mut carer, circle.no, change).await).starts_with("RECORD_NOT_CREATABLE"));

    let base = kit.page(&nurse.caller, circle.no, &[]).await.expect("page").head;
    remove(&kit, &patient, circle.no, nurse.caller.account, Role::Nurse).await;
    let mut change = kit.change(vec![pain()]);
    change.base = Some(base);
    assert_eq!(said(&kit.push(&mut nurse, circle.no, change).await), "quarantined LEFT_CIRCLE");
    // What this server does not know waits as well.
    let mut unknown = pain();
    unknown.body = Some(osteon_proto::split::close(1999, &[8, 1]).into());
    let mut change = kit.change(vec![unknown]);
    change.base = Some(base);
    assert_eq!(said(&kit.push(&mut nurse, circle.no, change).await), "quarantined LEFT_CIRCLE");
    let change = kit.change(vec![pain()]);
    let mut request = kit.request(&nurse, circle.no, 0, vec![change]);
    request.base = base + 100;
    assert!(said(&kit.send(&nurse, request).await[0]).starts_with("RECORD_NOT_CREATABLE"));
}

pub(crate) async fn outsiders_see_nothing(kit: Kit) {
    let mine = kit.circle("d0001", &[Role::Patient]).await;
    let theirs = kit.circle("d0002", &[Role::Patient]).await;
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let made = kit.create(&kit.person(theirs.people[0]), theirs.no, 101, &pain).await.expect("made");
    let phone = kit.phone(&mine, 0, Role::Patient).await;
    let me = phone.caller;
    for circle in [theirs.no, 4711] {
        assert_eq!(reason(kit.get(&me, circle, id_of(&made)).await), Reason::NotFound);
        assert_eq!(reason(kit.create(&me, circle, 101, &pain).await), Reason::NotFound);
        assert_eq!(reason(kit.page(&me, circle, &[]).await), Reason::NotFound);
        let request = kit.request(&phone, circle, 0, vec![kit.change(vec![create(kit.id(), 101, &pain)])]);
        assert_eq!(reason(push::push(&kit.app, &me, request, 1).await), Reason::NotFound);
        let list = pb::ListRecordsRequest { circle, ..Default::default() };
        assert_eq!(reason(osteon_server::app::lists::list(&kit.app, &me, &list).await), Reason::NotFound);
        let feed = sync::ListFeedRequest { circle, ..Default::default() };
        assert_eq!(reason(osteon_server::app::hello::feed(&kit.app, &me, &feed).await), Reason::NotFound);
        let open = osteon_proto::review::ListReviewsRequest { circle, ..Default::default() };
        assert_eq!(reason(osteon_server::app::reviews::list(&kit.app, &me, &open).await), Reason::NotFound);
    }
    // Another clinic's caller with the number of a member is nobody here.
    let stranger = Caller { clinic: kit.clinic + 7, ..kit.person(theirs.people[0]) };
    assert_eq!(reason(kit.create(&stranger, theirs.no, 101, &pain).await), Reason::NotFound);
    assert_eq!(reason(kit.get(&stranger, theirs.no, id_of(&made)).await), Reason::NotFound);
    assert_eq!(reason(kit.page(&stranger, theirs.no, &[]).await), Reason::NotFound);
    let mut own = kit.app.store.snapshot(mine.no).await.expect("circle");
    assert!(own.all().log_of(&[Dot::default()]).await.expect("log").is_empty());
}

pub(crate) async fn denials_and_reads_are_audited(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist]).await;
    let (patient, physio) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let made = kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    let plan = care::ExercisePlan { lift_max_kg: Some(3), ..Default::default() };
    assert_eq!(reason(kit.create(&patient, circle.no, 201, &plan).await), Reason::FieldNotWritable);
    kit.get(&physio, circle.no, id_of(&made)).await.expect("read");
    let rows = kit.app.store.audit_after(circle.no, 0, 100).await.expect("audit");
    let told: Vec<_> = rows.iter().map(|r| (r.action.to_string(), r.outcome.to_string(), r.account)).collect();
    let (patient, physio) = (circle.people[0], circle.people[1]);
    for expected in
        [("record.create", "ok", patient), ("record.create", "refused", patient), ("record.get", "ok", physio)]
    {
        let count = told.iter().filter(|(a, o, who)| (a.as_str(), o.as_str(), *who) == expected).count();
        assert_eq!(count, 1, "{expected:?} in {told:?}");
    }
}
