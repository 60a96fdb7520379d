//! Push, Hello and Rebase: chains, forks, lanes, epochs, numbers that are given again.

use osteon_proto::{care, circle as view, meta::Role, sync, table::FIELD_TABLE_VERSION};
use osteon_server::{
    app::{circle_view, enrol::timestamp, hello, push},
    clock::Clock,
    error::Reason,
    store::ErasureRow,
};

use crate::fixture::*;

pub(crate) fn pain(n: u32) -> care::PainEntry {
    care::PainEntry { worst_24h: Some(n), ..Default::default() }
}

async fn greet(kit: &Kit, device: &Device, positions: Vec<sync::LanePosition>) -> sync::HelloResponse {
    let request = sync::HelloRequest { epoch: kit.app.epoch(), positions, ..Default::default() };
    hello::hello(&kit.app, &device.caller, request).await.expect("hello")
}

fn point(device: &Device, lane: usize, counter: u64, mac: &prost::bytes::Bytes) -> sync::ChainPoint {
    sync::ChainPoint { dot: Some(wire_dot(device, lane, counter)), mac: mac.clone() }
}

pub(crate) async fn gap_fork_skip_and_epoch(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let first = kit.change(vec![create(kit.id(), 101, &pain(1))]);
    sequence(&kit.push(&mut phone, circle.no, first.clone()).await);
    let request = kit.request(&phone, circle.no, 0, vec![kit.change(vec![create(kit.id(), 101, &pain(2))])]);
    let ahead = sync::PushRequest { first_counter: 5, ..request.clone() };
    assert_eq!(said(&kit.send(&phone, ahead).await[0]), "gap 2");
    let twin = sync::PushRequest { first_counter: 1, ..request.clone() };
    let both = sync::PushRequest { changes: vec![request.changes[0].clone(); 2], ..twin };
    let verdicts = kit.send(&phone, both).await;
    assert_eq!((verdicts.len(), said(&verdicts[0])), (1, "forked 1".into()), "nothing after a fork");
    // The same content with another clock is the same change.
    let moved = sync::Change { clock_ms: first.clock_ms + 77, ..first };
    let again = sync::PushRequest { first_counter: 1, changes: vec![moved], ..request.clone() };
    assert_eq!(said(&kit.send(&phone, again).await[0]), "accepted");
    let skip =
        sync::PushRequest { changes: vec![sync::Change { skip: true, ..Default::default() }], ..request.clone() };
    assert_eq!(said(&kit.send(&phone, skip.clone()).await[0]), "skipped");
    assert_eq!(said(&kit.send(&phone, skip).await[0]), "skipped");
    for epoch in [0, 2] {
        let stale = sync::PushRequest { epoch, ..request.clone() };
        assert_eq!(reason(push::push(&kit.app, &phone.caller, stale, 1).await), Reason::EpochChanged);
    }
    let outside = sync::PushRequest { circle: 4711, ..request };
    assert_eq!(reason(push::push(&kit.app, &phone.caller, outside, 1).await), Reason::NotFound);
}

pub(crate) async fn lanes_wait_for_each_other(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let (id, other) = (kit.id(), kit.id());
    let ordinary = kit.change(vec![create(id, 101, &pain(1))]);
    let urgent = kit.change(vec![create(other, 101, &pain(2))]);
    let mac = kit.mac(&phone, 0, 1, &ordinary);
    let mut request = kit.request(&phone, circle.no, 1, vec![urgent.clone()]);
    request.builds_on = vec![point(&phone, 0, 1, &mac)];
    assert_eq!(said(&kit.send(&phone, request.clone()).await[0]), "later WAITS_FOR_OTHER_LANE");
    assert_eq!(said(&kit.send(&phone, kit.request(&phone, circle.no, 0, vec![ordinary])).await[0]), "accepted");
    let mut foreign = request.clone();
    foreign.builds_on[0].mac = vec![7; 16].into();
    assert_eq!(said(&kit.send(&phone, foreign).await[0]), "forked 1", "other content in the other lane");
    assert_eq!(said(&kit.send(&phone, request.clone()).await[0]), "accepted");
    request.builds_on = vec![point(&phone, 0, 1, &vec![1, 2].into())];
    assert_eq!(reason(push::push(&kit.app, &phone.caller, request, 1).await), Reason::ArgumentInvalid);
}

pub(crate) async fn hello_finds_forks(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let hello = greet(&kit, &phone, vec![]).await;
    assert!(hello.lanes.is_empty(), "the device has its numbers");
    assert_eq!((hello.circles.len(), hello.account), (1, circle.people[0]));
    let (one, two) =
        (kit.change(vec![create(kit.id(), 101, &pain(1))]), kit.change(vec![create(kit.id(), 101, &pain(2))]));
    kit.push(&mut phone, circle.no, one.clone()).await;
    kit.push(&mut phone, circle.no, two.clone()).await;
    let position = |last: u64, changes: Vec<(u64, &sync::Change)>| sync::LanePosition {
        circle: circle.no,
        changes: changes.iter().map(|(n, c)| point(&phone, 0, *n, &kit.mac(&phone, 0, *n, c))).collect(),
        last: Some(wire_dot(&phone, 0, last)),
    };
    let forked = async |position| greet(&kit, &phone, vec![position]).await.circles[0].forked.clone();
    assert_eq!(forked(position(2, vec![(1, &one), (2, &two)])).await, []);
    assert_eq!(forked(position(2, vec![(1, &one), (2, &one)])).await, [wire_dot(&phone, 0, 2)], "other content");
    assert_eq!(forked(position(1, vec![(1, &one)])).await, [wire_dot(&phone, 0, 2)], "behind its own counter");
    let chains = greet(&kit, &phone, vec![]).await.circles[0].chains.clone();
    assert_eq!(chains, [point(&phone, 0, 2, &kit.mac(&phone, 0, 2, &two))]);
    let mixed = sync::LanePosition { last: Some(wire_dot(&phone, 1, 2)), ..position(2, vec![(1, &one)]) };
    let request = sync::HelloRequest { positions: vec![mixed], ..Default::default() };
    assert_eq!(reason(hello::hello(&kit.app, &phone.caller, request).await), Reason::ArgumentInvalid);

    // A new epoch: new numbers once, and the old chains are still told.
    let epoch = kit.app.store.bump_epoch().await.expect("epoch");
    kit.app.set_epoch(epoch);
    let hello = greet(&kit, &phone, vec![]).await;
    assert_eq!((hello.epoch, hello.lanes.len()), (2, 2));
    assert!(hello.lanes.iter().all(|lane| lane.epoch == 2));
    assert_eq!(hello.circles[0].chains, chains);
    assert!(greet(&kit, &phone, vec![]).await.lanes.is_empty());
}

/// What a phone says of itself, and what the server knows of it without being told.
pub(crate) async fn hello_says_how_the_phone_is(kit: Kit) {
    const HOUR: u64 = 3_600_000;
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let nurse = kit.person(circle.people[1]);
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), 101, &pain(1))]);
    kit.push(&mut phone, circle.no, change.clone()).await;
    let state = async || {
        let request = view::GetCircleViewRequest { circle: circle.no, ..Default::default() };
        let answer = circle_view::get(&kit.app, &nurse, &request).await.expect("a view");
        answer.view.and_then(|view| view.phone).expect("the phone")
    };
    let nothing = state().await;
    assert_eq!((nothing.field_table_version, nothing.storage_free_mb, nothing.clock_offset_ms), (0, None, None));
    assert!(!nothing.storage_low && nothing.purge_pending.is_none() && nothing.forked.is_none());
    let says = async |free: Option<u64>, clock_ms: Option<u64>, positions| {
        let health = sync::DeviceHealth { field_table_version: 7, storage_free_mb: free, ..Default::default() };
        let request = sync::HelloRequest {
            epoch: kit.app.epoch(),
            positions,
            clock: clock_ms.map(timestamp),
            health: Some(health),
            ..Default::default()
        };
        hello::hello(&kit.app, &phone.caller, request).await.expect("hello")
    };
    says(Some(199), Some(kit.clock.now_ms() - HOUR), vec![]).await;
    let told = state().await;
    assert_eq!((told.field_table_version, told.storage_free_mb, told.storage_low), (7, Some(199), true));
    assert_eq!(told.clock_offset_ms, Some(HOUR.cast_signed()), "behind");
    says(Some(0), Some(kit.clock.now_ms() + HOUR), vec![]).await;
    assert_eq!(state().await.clock_offset_ms, Some(-HOUR.cast_signed()), "ahead");
    assert_eq!((state().await.storage_free_mb, state().await.storage_low), (Some(0), true), "full is not unknown");
    says(Some(200), None, vec![]).await;
    assert_eq!((state().await.storage_low, state().await.clock_offset_ms), (false, None), "it named no time");
    says(None, None, vec![]).await;
    assert_eq!((state().await.storage_free_mb, state().await.storage_low), (None, false));

    // It was told to erase, and did.
    let told = |seq, asked_ms| ErasureRow {
        circle: circle.no,
        device: phone.caller.device,
        seq,
        account: phone.caller.account,
        cells: 1,
        asked_ms,
        confirmed_ms: None,
    };
    let asked_ms = kit.clock.now_ms();
    kit.app.store.put_erasure(told(1, asked_ms)).await.expect("told");
    kit.app.store.put_erasure(told(2, asked_ms + HOUR)).await.expect("told");
    assert_eq!(state().await.purge_pending, Some(timestamp(asked_ms)), "the oldest");
    kit.app.store.confirm_erasures(circle.no, phone.caller.device, 2, asked_ms).await.expect("confirmed");
    assert_eq!(state().await.purge_pending, None);

    // A copy of it wrote under its numbers.
    let position = sync::LanePosition {
        circle: circle.no,
        changes: vec![point(&phone, 0, 1, &vec![7; 16].into())],
        last: Some(wire_dot(&phone, 0, 1)),
    };
    let found_ms = kit.clock.now_ms();
    assert!(!says(None, None, vec![position]).await.circles[0].forked.is_empty());
    assert_eq!(state().await.forked, Some(timestamp(found_ms)));
    kit.clock.advance(90 * DAY);
    says(None, None, vec![]).await;
    assert!(state().await.forked.is_some());
    kit.clock.advance(1);
    assert_eq!(state().await.forked, None);
}

/// A lane of which nothing is unacknowledged: its last number alone is said.
pub(crate) async fn a_lane_alone_may_be_asked_about(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    for lane in [0, 1] {
        let position = sync::LanePosition { circle: circle.no, changes: vec![], last: Some(wire_dot(&phone, lane, 3)) };
        assert_eq!(greet(&kit, &phone, vec![position]).await.circles[0].forked, []);
    }
}

pub(crate) async fn rebase_gives_numbers_once(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let request = sync::RebaseRequest {
        forked: vec![wire_dot(&phone, 0, 1)],
        request_id: "0190f7a2-7c3b-7000-8000-000000000003".into(),
    };
    let first = hello::rebase(&kit.app, &phone.caller, &request).await.expect("rebased");
    let again = hello::rebase(&kit.app, &phone.caller, &request).await.expect("rebased");
    assert_eq!(first.lanes, again.lanes, "the same request, the same numbers and keys");
    assert_eq!(first.lanes.len(), 2);
    let theirs = hello::rebase(&kit.app, &nurse.caller, &request).await;
    assert_eq!(reason(theirs), Reason::NotFound, "a lane of somebody else");
    let nonsense = sync::RebaseRequest { request_id: String::new(), ..request };
    assert_eq!(reason(hello::rebase(&kit.app, &phone.caller, &nonsense).await), Reason::RequestIdInvalid);
    // The old numbers take nothing more.
    let old = kit.request(&phone, circle.no, 0, vec![kit.change(vec![create(kit.id(), 101, &pain(1))])]);
    assert_eq!(said(&kit.send(&phone, old).await[0]), "forked 1");
    let rows = kit.app.store.replicas_of(phone.caller.device).await.expect("replicas");
    assert_eq!(rows.iter().filter(|row| !row.retired).count(), 2);
}

async fn rebased(kit: &Kit, device: &mut Device) {
    let request = sync::RebaseRequest { forked: vec![], request_id: uuid::Uuid::from_bytes(kit.id()).to_string() };
    let answer = hello::rebase(&kit.app, &device.caller, &request).await.expect("rebased");
    for (lane, key) in device.lanes.iter_mut().zip(&answer.lanes) {
        *lane = Lane {
            replica: osteon_sync_core::Replica { epoch: key.epoch, n: key.replica },
            key: aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key.chain_key),
            chain_key: key.chain_key.clone(),
            next: 1,
        };
    }
}

pub(crate) async fn what_is_numbered_again_is_applied_once(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (sent, unsent) = (kit.id(), kit.id());
    let acknowledged = kit.change(vec![create(sent, 101, &pain(1))]);
    let verdict = kit.push(&mut phone, circle.no, acknowledged.clone()).await;
    let old = [wire_dot(&phone, 0, 1), wire_dot(&phone, 0, 2)];
    rebased(&kit, &mut phone).await;
    let again = sync::Change { aliases: vec![old[0]], ..acknowledged };
    let same = kit.push(&mut phone, circle.no, again).await;
    assert_eq!(sequence(&same), sequence(&verdict), "the verdict of the first number");
    let fresh = sync::Change { aliases: vec![old[1]], ..kit.change(vec![create(unsent, 101, &pain(2))]) };
    sequence(&kit.push(&mut phone, circle.no, fresh).await);
    let view = kit.get(&phone.caller, circle.no, sent).await.expect("read");
    assert_eq!(field(&view, "worst_24h").versions.len(), 1, "applied once");
    // The earlier number names the change.
    let number = field(&view, "worst_24h").field;
    sequence(&kit.write(&mut phone, circle.no, edit(unsent, 101, &pain(3), number, vec![old[1]])).await);
    let view = kit.get(&phone.caller, circle.no, unsent).await.expect("read");
    assert_eq!(field(&view, "worst_24h").versions.len(), 1);
    // A page says how far the old numbers got as well.
    let page = kit.page(&phone.caller, circle.no, &[]).await.expect("page");
    let counters: Vec<u64> = page.processed.iter().filter_map(|p| p.dot.map(|d| d.counter)).collect();
    assert_eq!(counters, [1, 3]);
}

/// A device that says that its change once had a coming number of somebody else must not take that number away.
pub(crate) async fn a_number_of_somebody_else_is_no_alias(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let mut nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let claimed = wire_dot(&phone, 0, 1);
    let claim = sync::Change { aliases: vec![claimed], ..kit.change(vec![create(kit.id(), 101, &pain(9))]) };
    sequence(&kit.push(&mut nurse, circle.no, claim).await);
    sequence(&kit.write(&mut phone, circle.no, create(kit.id(), 101, &pain(1))).await);
}

pub(crate) async fn broken_changes_keep_their_place(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let mut broken = kit.change(vec![create(kit.id(), 101, &pain(1))]);
    broken.writes[0].body = Some(vec![0xff].into());
    let mut limited = kit.change(vec![create(kit.id(), 101, &pain(1))]);
    limited.reason = "x".repeat(3_000);
    let good = kit.change(vec![create(kit.id(), 101, &pain(1))]);
    let request = kit.request(&phone, circle.no, 0, vec![broken.clone(), limited.clone(), good]);
    let verdicts = kit.send(&phone, request.clone()).await;
    let told: Vec<String> = verdicts.iter().map(said).collect();
    assert_eq!(told, ["MALFORMED_BODY writes[0].body", "LIMIT_EXCEEDED reason", "accepted"]);
    // The clock is no part of what a number names, nor is the base.
    let mut again = request;
    again.base = 3;
    again.changes.iter_mut().for_each(|change| change.clock_ms += 5);
    assert_eq!(kit.send(&phone, again).await, verdicts);
    // The device's own MAC of what was over a limit is the server's.
    let position = sync::LanePosition {
        circle: circle.no,
        changes: vec![point(&phone, 0, 2, &kit.mac(&phone, 0, 2, &limited))],
        last: Some(wire_dot(&phone, 0, 3)),
    };
    assert_eq!(greet(&kit, &phone, vec![position]).await.circles[0].forked, []);
}

pub(crate) async fn an_old_table_marks_what_is_out_of_range(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let changes = vec![kit.change(vec![create(kit.id(), 101, &pain(11))])];
    let mut request = kit.request(&phone, circle.no, 0, changes);
    request.field_table_version = FIELD_TABLE_VERSION - 1;
    let verdict = &kit.send(&phone, request).await[0];
    let Some(sync::verdict::Verdict::Accepted(accepted)) = &verdict.verdict else { panic!("{}", said(verdict)) };
    assert!(accepted.out_of_range);
}
