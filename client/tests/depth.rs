//! How much of a circle a phone asks for: usual for the role, as its owner wants, and never at the price of a draft.

use std::{path::Path, sync::Arc};

use osteon_client::{
    Error, Phone,
    clock::SetClock,
    ids::SeededIds,
    records::NewRecord,
    state::Enrolled,
    store::items::{Enrolment, Session, StoredCircle, StoredLane},
};
use osteon_proto::{care, meta, split::close, table::table};
use osteon_sync_core::{
    Replica,
    device::{Depth, HelloAnswer, HelloCircle, Lanes, PushAnswer, Request, Step},
    ledger::Verdict,
};
use prost::Message;

const CIRCLE: u64 = 7;
const NOW: u64 = 1_795_600_000_000;

async fn open(folder: &Path, seed: u64) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(seed))).await.expect("opens")
}

async fn enrolled(folder: &Path, role: meta::Role) -> Phone {
    let phone = open(folder, 1).await;
    let lane =
        |lane: meta::Lane, replica: u32| StoredLane { lane: lane as i32, epoch: 1, replica, chain_key: vec![1; 32] };
    let enrolment = Enrolment {
        account: 42,
        lanes: vec![lane(meta::Lane::Urgent, 2), lane(meta::Lane::Ordinary, 3)],
        circles: vec![StoredCircle {
            circle: CIRCLE,
            short_id: "d0001".into(),
            role: role as i32,
            ..Default::default()
        }],
        ..Enrolment::default()
    };
    let lanes = Lanes { urgent: Replica { epoch: 1, n: 2 }, ordinary: Replica { epoch: 1, n: 3 } };
    let enrol = |state: &mut osteon_client::state::State| {
        state.enrolled = Some(Enrolled::new(enrolment.clone(), Session::default(), 1, lanes));
        Ok(())
    };
    phone.change(enrol).await.expect("enrolled");
    phone
}

async fn held(phone: &Phone) -> Depth {
    phone.read().await.expect("state").enrolled().expect("enrolled").device.circle(CIRCLE).expect("joined").depth()
}

#[tokio::test]
async fn each_role_has_its_usual_depth_and_a_choice_stays() {
    for (role, usual) in [
        (meta::Role::Patient, Depth::Full),
        (meta::Role::Caregiver, Depth::Full),
        (meta::Role::Nurse, Depth::Plan),
        (meta::Role::ClinicAdmin, Depth::List),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let phone = enrolled(dir.path(), role).await;
        assert_eq!(held(&phone).await, usual, "{role:?}");
        phone.set_depth(CIRCLE, Some(Depth::Plan)).await.expect("chosen");
        phone.close().await;
        let phone = open(dir.path(), 2).await;
        assert_eq!(held(&phone).await, Depth::Plan, "{role:?}, after a restart");
        assert_eq!(phone.set_depth(CIRCLE, None).await.expect("usual again"), usual);
    }
}

#[tokio::test]
async fn opening_a_circle_that_is_only_listed_deepens_it() {
    let dir = tempfile::tempdir().expect("dir");
    let phone = enrolled(dir.path(), meta::Role::ClinicAdmin).await;
    phone.opened(CIRCLE).await.expect("opened");
    assert_eq!(held(&phone).await, Depth::Plan);
    phone.set_depth(CIRCLE, Some(Depth::List)).await.expect("chosen");
    phone.opened(CIRCLE).await.expect("opened");
    assert_eq!(held(&phone).await, Depth::List, "whoever wants the list alone keeps the list alone");
    assert!(matches!(phone.opened(9).await, Err(Error::NoCircle)));
}

#[tokio::test]
async fn holding_less_waits_until_somebody_has_decided_about_drafts() {
    let dir = tempfile::tempdir().expect("dir");
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let pain = care::PainEntry { worst_24h: Some(4), ..Default::default() };
    let body = close(table().by_name("pain_entry").expect("a type").number, &pain.encode_to_vec());
    phone.create(CIRCLE, &NewRecord { body, label_choice: 0, record: None }, "").await.expect("saved");
    let refused = |state: &mut osteon_client::state::State| {
        let enrolled = state.enrolled_mut()?;
        let macs = enrolled.macs.clone();
        let device = &mut enrolled.device;
        let Step::Send(hello, Request::Hello(_)) = device.next(NOW, 1, &macs) else { panic!("Hello first") };
        let circles = vec![HelloCircle { circle: CIRCLE, ..HelloCircle::default() }];
        device.hello_answer(hello, HelloAnswer { epoch: 1, server_ms: NOW, circles, lanes: None }, NOW);
        let Step::Send(push, Request::Push(_)) = device.next(NOW, 1, &macs) else { panic!("a push") };
        let verdicts = vec![Verdict::Refused { reason: "OUT_OF_RANGE".into(), violations: Vec::new() }];
        device.push_answer(push, PushAnswer { epoch: 1, verdicts }, NOW, &macs);
        Ok(())
    };
    phone.change(refused).await.expect("refused");
    assert!(matches!(phone.set_depth(CIRCLE, Some(Depth::List)).await, Err(Error::DraftsWait)));
    assert_eq!(held(&phone).await, Depth::Full, "nothing was changed");
}
