//! A phone that is enrolled, without a server: what the tests of this folder share.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::{path::Path, sync::Arc};

use osteon_client::{
    Phone,
    clock::SetClock,
    ids::SeededIds,
    state::Enrolled,
    store::items::{Enrolment, Session, StoredCircle, StoredLane},
};
use osteon_proto::{meta, split::close, table::table};
use osteon_sync_core::{Replica, device::Lanes};
use prost::Message;

pub(crate) const CIRCLE: u64 = 7;
pub(crate) const NOW: u64 = 1_795_600_000_000;

pub(crate) async fn enrolled(folder: &Path, role: meta::Role) -> Phone {
    enrolled_at(folder, role, NOW).await
}

pub(crate) async fn enrolled_at(folder: &Path, role: meta::Role, now_ms: u64) -> Phone {
    enrolled_by(folder, role, Arc::new(SetClock::at(now_ms))).await
}

pub(crate) async fn enrolled_by(folder: &Path, role: meta::Role, clock: Arc<SetClock>) -> Phone {
    let phone = Phone::open(folder, clock, Arc::new(SeededIds::new(1))).await.unwrap();
    let lane = |lane: meta::Lane, replica: u32| StoredLane {
        lane: lane as i32,
        epoch: 1,
        replica,
        chain_key: vec![u8::try_from(replica).unwrap(); 32],
    };
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
    phone
        .change(|state| {
            state.enrolled = Some(Enrolled::new(enrolment.clone(), Session::default(), 1, lanes));
            Ok(())
        })
        .await
        .unwrap();
    phone
}

pub(crate) fn body<M: Message>(member: &str, message: &M) -> Vec<u8> {
    close(table().by_name(member).unwrap().number, &message.encode_to_vec())
}
