//! Bad numbers: gaps, forks, twins, dots of others and of the future, clocks that are wrong, ids that are taken.

use osteon_proto::{
    meta::Lane,
    sync::{self, Dot, verdict::Verdict},
};
use osteon_tests::{
    body,
    device::{Device, LaneState, is_accepted, now_ms, record_id, verdict_word},
};
use tonic::Code;

use crate::support::{entries, field, goes_on, member, only, refused, server_with_patient};

fn dot(lane: &LaneState, counter: u64) -> Dot {
    Dot { epoch: lane.epoch, replica: lane.replica, counter }
}

/// The copy of an installation: same key, same numbers, same tokens.
fn twin(of: &Device) -> Device {
    Device {
        channel: of.channel.clone(),
        key: osteon_tests::device::new_key().expect("key"),
        clinic_key: of.clinic_key.clone(),
        urgent: of.urgent.clone(),
        ordinary: of.ordinary.clone(),
        tokens: of.tokens.clone(),
        ..*of
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_says_where_to_resend_from_and_applies_nothing() {
    let (_server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 2).await;
    let ms = now_ms();
    let lost = record_id(ms);
    let mut request = device.push_request(&device.urgent, vec![body::create(lost, body::pain(5, ms))]);
    request.first_counter = 5;
    let answer = device.push(request).await.expect("push");
    match &answer.verdicts[..] {
        [sync::Verdict { verdict: Some(Verdict::Gap(gap)), .. }] => assert_eq!(gap.resend_from, 3),
        other => panic!("GAP was due, not {:?}", other.iter().map(verdict_word).collect::<Vec<_>>()),
    }
    goes_on(&mut device, &before).await;
    assert!(device.parts().await.expect("pull").iter().all(|part| part.record != lost[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_push_again_has_one_effect_and_the_same_verdicts() {
    let (_server, mut device) = server_with_patient().await;
    let ms = now_ms();
    let changes: Vec<_> =
        (0..5).map(|i| body::create(record_id(ms), body::pain(if i == 2 { 99 } else { 3 }, ms))).collect();
    let request = device.push_request(&device.urgent, changes);
    let first = device.push(request.clone()).await.expect("push");
    let calls = (0..8).map(|_| device.push(request.clone()));
    for again in futures_util::future::join_all(calls).await {
        assert!(again.expect("push").verdicts == first.verdicts, "the same change gets the same verdict");
    }
    device.urgent.last += 5;
    assert_eq!(verdict_word(&first.verdicts[2]), "OUT_OF_RANGE");
    let parts = device.parts().await.expect("pull");
    assert_eq!(parts.iter().filter(|part| part.record[..6] == ms.to_be_bytes()[2..]).count(), 4);
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_under_a_known_number_is_forked_and_rebase_heals_it() {
    let (_server, mut device) = server_with_patient().await;
    let mut copy = twin(&device);
    let first = entries(&mut device, 2).await;
    let ms = now_ms();
    let mine = record_id(ms);
    let answer = copy.push(copy.push_request(&copy.urgent, vec![body::create(mine, body::pain(9, ms))])).await;
    let answer = answer.expect("push");
    match &answer.verdicts[..] {
        [sync::Verdict { verdict: Some(Verdict::Forked(forked)), .. }] => assert_eq!(forked.counter, 1),
        other => panic!("FORKED was due, not {:?}", other.iter().map(verdict_word).collect::<Vec<_>>()),
    }
    copy.hello().await.expect("hello");
    let rebase = sync::RebaseRequest {
        forked: vec![dot(&copy.urgent, 1)],
        request_id: uuid::Uuid::from_bytes(record_id(ms)).to_string(),
    };
    let done = copy.sync().rebase(copy.request(rebase.clone())).await.expect("rebase").into_inner();
    let again = copy.sync().rebase(copy.request(rebase)).await.expect("rebase").into_inner();
    assert!(done.lanes == again.lanes, "the same request has one effect");
    let fresh = done.lanes.iter().find(|lane| lane.lane == Lane::Urgent as i32).expect("a new urgent lane");
    assert_ne!(fresh.replica, copy.urgent.replica);
    copy.urgent =
        LaneState { epoch: fresh.epoch, replica: fresh.replica, chain_key: fresh.chain_key.to_vec(), last: 0 };
    let mut numbered_again = body::create(mine, body::pain(9, ms));
    numbered_again.aliases = vec![Dot { epoch: fresh.epoch, replica: device.urgent.replica, counter: 1 }];
    let verdicts = copy.push_urgent(vec![numbered_again]).await.expect("push");
    assert!(is_accepted(&verdicts[0]), "{}", verdict_word(&verdicts[0]));
    goes_on(&mut copy, &[first[0], first[1], mine]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_of_somebody_else_is_refused() {
    let (server, mut device) = server_with_patient().await;
    let mut nurse = member(&server, &device, "nurse").await;
    let ms = now_ms();
    for replica in [nurse.urgent.replica, 0, 1_000_000] {
        let mut request = device.push_request(&device.urgent, vec![body::create(record_id(ms), body::pain(1, ms))]);
        request.replica = replica;
        refused(device.push(request).await, Code::NotFound, "NOT_FOUND");
    }
    goes_on(&mut device, &[]).await;
    goes_on(&mut nurse, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_never_existed_are_refused_and_the_other_lane_is_waited_for() {
    let (_server, mut device) = server_with_patient().await;
    let record = entries(&mut device, 1).await[0];
    let ms = now_ms();
    let stranger = Dot { epoch: device.urgent.epoch, replica: 999_999, counter: 1 };
    let future = dot(&device.urgent, device.urgent.last + 7);
    let of_another_field = dot(&device.urgent, device.urgent.last + 1);
    for named in [stranger, future] {
        let change = body::replace(record, body::pain(8, ms), &[(5, vec![named])]);
        let verdicts = device.push_urgent(vec![change]).await.expect("push");
        assert_eq!(only(&verdicts), "UNKNOWN_DOT");
    }
    // A version of `average` (7), named as one of `worst_24h` (5).
    let number = body::type_number(&body::pain(1, 0));
    let average = body::edit(record, body::raw(number, &[7 << 3, 4]));
    let of_another_field = Dot { counter: device.urgent.last + 1, ..of_another_field };
    assert_eq!(only(&device.push_urgent(vec![average]).await.expect("push")), "ACCEPTED");
    let change = body::replace(record, body::raw(number, &[5 << 3, 4]), &[(5, vec![of_another_field])]);
    assert_eq!(only(&device.push_urgent(vec![change]).await.expect("push")), "ACCEPTED");
    assert_eq!(field(&device, &record, 7).await, [[7 << 3, 4]], "naming it there takes nothing away");
    // One of the author's own other lane that has not come yet.
    let other_lane = dot(&device.ordinary, device.ordinary.last + 1);
    let change = body::replace(record, body::raw(number, &[5 << 3, 4]), &[(5, vec![other_lane])]);
    let verdicts = device.push_urgent(vec![change]).await.expect("push");
    assert_eq!(only(&verdicts), "LATER");
    goes_on(&mut device, &[record]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_clocks_lose_nothing() {
    let (_server, mut device) = server_with_patient().await;
    let now = now_ms();
    let (ahead, ancient, slightly) = (record_id(now), record_id(now), record_id(now));
    let mut changes = vec![
        body::create(ahead, body::pain(1, now)),
        body::create(ancient, body::pain(2, now)),
        body::create(slightly, body::pain(3, now)),
    ];
    changes[0].clock_ms = now + 6 * 60_000;
    changes[1].clock_ms = 1_000;
    changes[2].clock_ms = now + 4 * 60_000;
    let verdicts = device.push_urgent(changes).await.expect("push");
    let lowered: Vec<bool> = verdicts
        .iter()
        .map(|verdict| match &verdict.verdict {
            Some(Verdict::Accepted(accepted)) => accepted.clock_lowered,
            _ => panic!("accepted was due, not {}", verdict_word(verdict)),
        })
        .collect();
    assert_eq!(lowered, [true, false, false]);
    goes_on(&mut device, &[ahead, ancient, slightly]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_type_is_refused() {
    let (_server, mut device) = server_with_patient().await;
    let record = entries(&mut device, 1).await[0];
    let ms = now_ms();
    // J07, a fall, is of the urgent lane too.
    let fall = body::encode(osteon_proto::sync::record_body::Body::Fall(osteon_proto::care::Fall {
        when: Some(body::moment(ms)),
        ..Default::default()
    }));
    let verdicts = device.push_urgent(vec![body::create(record, fall)]).await.expect("push");
    assert_eq!(only(&verdicts), "WRONG_RECORD_TYPE");
    for id in [&[][..], &[1; 15], &[0; 17]] {
        let mut change = body::create(record, body::pain(1, ms));
        change.writes[0].record = id.to_vec().into();
        assert_eq!(only(&device.push_urgent(vec![change]).await.expect("push")), "RECORD_ID_INVALID");
    }
    goes_on(&mut device, &[record]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_record_that_was_never_created_waits_unseen() {
    let (_server, mut device) = server_with_patient().await;
    let ms = now_ms();
    let record = record_id(ms);
    let number = body::type_number(&body::pain(1, 0));
    let verdicts = device.push_urgent(vec![body::edit(record, body::raw(number, &[7 << 3, 4]))]).await.expect("push");
    assert_eq!(only(&verdicts), "ACCEPTED");
    let shown = |parts: Vec<sync::Part>| parts.iter().any(|part| part.record == record[..] && !part.incomplete);
    assert!(!shown(device.parts().await.expect("pull")), "not shown before its creation");
    let get = osteon_proto::record::GetRecordRequest {
        circle: device.circle,
        record_id: uuid::Uuid::from_bytes(record).to_string(),
    };
    refused(device.records().get_record(device.request(get)).await, Code::NotFound, "NOT_FOUND");
    assert_eq!(
        only(&device.push_urgent(vec![body::create(record, body::pain(6, ms))]).await.expect("push")),
        "ACCEPTED"
    );
    assert!(shown(device.parts().await.expect("pull")), "shown with its creation");
    goes_on(&mut device, &[record]).await;
}
