//! Grants that end by themselves: at the minute, whoever is there to say so.

use osteon_proto::{care, meta::Role, record, sync, sync::pull_response::Event};
use osteon_server::{
    access::Caller,
    app::{App, Parts, ends, enrol::timestamp, hello, lists},
    clock::Clock,
    error::Reason,
    live::Hub,
    seal::{FileKey, Vault},
};
use prost_types::Timestamp;

use crate::{
    access::*,
    consent::{GRANT, pain, until},
    fixture::*,
    streams,
};

const GRANT_ENDED: u32 = 268;

/// Every entry about a grant that ended: (grant, end).
async fn ended(kit: &Kit, reader: &Caller, circle: u64) -> Vec<(Vec<u8>, Option<Timestamp>)> {
    let request = record::ListRecordsRequest { circle, r#type: GRANT_ENDED, ..Default::default() };
    let found = lists::list(&kit.app, reader, &request).await.expect("list").records;
    let entries = found.iter().map(open_body::<care::GrantEnded>);
    entries.map(|e| (e.ended_grant.unwrap_or_default().to_vec(), e.ended)).collect()
}

pub(crate) async fn a_grant_ends_by_itself(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver, Role::Nurse]).await;
    let (patient, account) = (kit.person(circle.people[0]), circle.people[1]);
    let mut carer = kit.phone(&circle, 1, Role::Caregiver).await;
    let end = NOW + DAY;
    let made =
        kit.create(&patient, circle.no, GRANT, &until(grant(circle.no, account, care::Decision::Allow), end)).await;
    let grant_id = id_of(&made.expect("granted"));
    let entry = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let held = kit.page(&carer.caller, circle.no, &[]).await.expect("page");
    assert!(holds(&held, entry));
    assert_eq!(held.not_after, Some(timestamp(end)));
    let base = held.head;

    kit.clock.set(end - 1);
    assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 0, "not yet");
    assert!(kit.get(&carer.caller, circle.no, entry).await.is_ok());
    // At the end, before anybody has said so.
    kit.clock.set(end);
    assert_eq!(reason(kit.get(&carer.caller, circle.no, entry).await), Reason::NotFound);
    let list = record::ListRecordsRequest { circle: circle.no, r#type: 101, ..Default::default() };
    assert!(lists::list(&kit.app, &carer.caller, &list).await.expect("list").records.is_empty());
    let feed = sync::ListFeedRequest { circle: circle.no, ..Default::default() };
    let told = hello::feed(&kit.app, &carer.caller, &feed).await.expect("feed").entries;
    assert!(told.iter().all(|e| e.record.as_ref() != entry));
    let page = kit.page(&carer.caller, circle.no, &held.cursor).await.expect("page");
    assert!(!page.erased.is_empty() && !holds(&page, entry));
    // What was begun before waits for a person: at first because it has ended, then because it is known when.
    let late = |kit: &Kit| {
        let mut change = kit.change(vec![create(kit.id(), 101, &pain(4))]);
        change.base = Some(base);
        change
    };
    let change = late(&kit);
    assert_eq!(said(&kit.push(&mut carer, circle.no, change).await), "quarantined LOST_RIGHT");
    let nodes = [ends::sweep(&kit.app), ends::sweep(&kit.app)];
    let [one, two] = nodes;
    let (one, two) = tokio::join!(one, two);
    assert_eq!(one.expect("sweep") + two.expect("sweep"), 1, "written once");
    assert_eq!(ended(&kit, &patient, circle.no).await, [(grant_id.to_vec(), Some(timestamp(end)))]);
    let change = late(&kit);
    assert_eq!(said(&kit.push(&mut carer, circle.no, change).await), "quarantined LOST_RIGHT");
    let head = kit.page(&carer.caller, circle.no, &page.cursor).await.expect("page").head;
    let mut change = late(&kit);
    change.base = Some(head);
    assert!(said(&kit.push(&mut carer, circle.no, change).await).starts_with("RECORD_NOT_CREATABLE"));
    // Nothing is due any more, whoever looks, whenever.
    for _ in 0..3 {
        kit.clock.advance(DAY);
        assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 0);
    }
}

pub(crate) async fn an_end_that_moves(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver]).await;
    let (patient, carer) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let base = grant(circle.no, carer.account, care::Decision::Allow);
    let first = kit.create(&patient, circle.no, GRANT, &until(base, NOW + DAY)).await.expect("granted");
    let id = id_of(&first);
    let entry = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let held = kit.page(&carer, circle.no, &[]).await.expect("page");
    let generation = |page: &sync::Page| {
        let cell = page.cells.iter().find(|c| c.parts.iter().any(|p| p.record.as_ref() == entry));
        cell.and_then(|c| c.generation).map(|g| g.n)
    };
    // Longer, in time: the same generation, nothing is erased, nothing ended.
    let view = kit.get(&patient, circle.no, id).await.expect("grant");
    let longer = care::Grant { not_after: Some(timestamp(NOW + 3 * DAY)), ..Default::default() };
    write(&kit, &patient, circle.no, &view, "not_after", &longer).await;
    kit.clock.set(NOW + 2 * DAY);
    assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 0);
    let page = kit.page(&carer, circle.no, &held.cursor).await.expect("page");
    assert!(page.erased.is_empty());
    // It ends; longer again, too late: another generation, sent anew.
    kit.clock.set(NOW + 3 * DAY);
    assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 1);
    let view = kit.get(&patient, circle.no, id).await.expect("grant");
    let past = care::Grant { not_after: Some(timestamp(NOW + 3 * DAY - 1)), ..Default::default() };
    write(&kit, &patient, circle.no, &view, "not_after", &past).await;
    assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 1, "an earlier end is an end too");
    let view = kit.get(&patient, circle.no, id).await.expect("grant");
    let again = care::Grant { not_after: Some(timestamp(NOW + 9 * DAY)), ..Default::default() };
    write(&kit, &patient, circle.no, &view, "not_after", &again).await;
    let anew = kit.page(&carer, circle.no, &page.cursor).await.expect("page");
    assert!(!anew.erased.is_empty() && holds(&anew, entry));
    assert!(generation(&anew) > generation(&held));
    // Two ends of two grants, one tick: each its own entry.
    let other = care::GrantCategory::C07Nutrition;
    let base = grant(circle.no, carer.account, care::Decision::Allow);
    let both = care::Grant { category: Some(other.into()), ..until(base, NOW + 9 * DAY) };
    kit.create(&patient, circle.no, GRANT, &both).await.expect("granted");
    kit.clock.set(NOW + 10 * DAY);
    assert_eq!(ends::sweep(&kit.app).await.expect("sweep"), 2);
    assert_eq!(ended(&kit, &patient, circle.no).await.len(), 4);
}

/// A node that starts again, and another one beside it, on one store.
pub(crate) async fn ends_survive_a_restart(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver]).await;
    let (patient, carer) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let base = grant(circle.no, carer.account, care::Decision::Allow);
    kit.create(&patient, circle.no, GRANT, &until(base, NOW + DAY)).await.expect("granted");
    let clock: std::sync::Arc<dyn Clock> = std::sync::Arc::clone(&kit.clock) as _;
    let node = async || {
        let key = FileKey::from_bytes(&[3; 32], std::sync::Arc::clone(&kit.ids)).expect("key");
        let vault = Vault::new(std::sync::Arc::new(key), std::sync::Arc::clone(&kit.ids));
        let (store, ids) = (std::sync::Arc::clone(&kit.app.store), std::sync::Arc::clone(&kit.ids));
        let parts = Parts { store, clock: std::sync::Arc::clone(&clock), ids, hub: Hub::new(), vault };
        App::open(parts).await.expect("another node")
    };
    kit.clock.set(NOW + 2 * DAY);
    let (a, b) = (node().await, node().await);
    let (one, two, three) = tokio::join!(ends::sweep(&a), ends::sweep(&b), ends::sweep(&kit.app));
    assert_eq!(one.expect("a") + two.expect("b") + three.expect("c"), 1);
    assert_eq!(ends::sweep(&node().await).await.expect("sweep"), 0);
    assert_eq!(ended(&kit, &patient, circle.no).await.len(), 1);
}

pub(crate) async fn a_live_stream_meets_an_end(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver]).await;
    let (patient, carer) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let base = grant(circle.no, carer.account, care::Decision::Allow);
    // Begins and ends within the second: the stream's own timer.
    let window = care::Grant { not_before: Some(timestamp(NOW + 150)), ..until(base, NOW + 400) };
    kit.create(&patient, circle.no, GRANT, &window).await.expect("granted");
    let entry = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let request = sync::PullRequest { positions: vec![streams::at(circle.no, &[])], live: true, ..Default::default() };
    let mut live = streams::pull(&kit, &carer, request).await.expect("stream");
    assert!(!holds(&streams::page(&mut live).await, entry));
    kit.clock.set(NOW + 150);
    assert!(holds(&streams::page(&mut live).await, entry), "it has begun");
    kit.clock.set(NOW + 400);
    let page = streams::page(&mut live).await;
    assert!(!page.erased.is_empty() && !holds(&page, entry));
    let end = loop {
        match live.recv().await.expect("an end") {
            Ok(message) => assert!(matches!(message.event, Some(Event::Heartbeat(_)))),
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), tonic::Code::Unavailable, "STREAM_ENDED: with its last cursor");
}
