//! A device of the fixture as the phone's core keeps it.

use osteon_client::{
    state::Enrolled,
    store::items::{Enrolment, Session, StoredCircle, StoredLane},
};
use osteon_proto::meta;
use osteon_sync_core::device::Lanes;

use crate::fixture::{Device, Kit, Lane};

/// `server` and the authority that it shows.
pub(crate) async fn enrolled(kit: &Kit, device: &Device, circle: u64, server: (&str, &[u8])) -> Enrolled {
    let lane = |lane: meta::Lane, of: &Lane| StoredLane {
        lane: lane.into(),
        epoch: of.replica.epoch,
        replica: of.replica.n,
        chain_key: of.chain_key.to_vec(),
    };
    let [ordinary, urgent] = &device.lanes;
    let short_id = kit.app.store.snapshot(circle).await.expect("circle").circle().short_id.clone();
    let role = device.role.into();
    let enrolment = Enrolment {
        server: server.0.to_owned(),
        ca_pem: server.1.to_vec(),
        key_pkcs8: device.key.to_pkcs8v1().expect("key").as_ref().to_vec(),
        account: device.caller.account,
        device: device.caller.device,
        lanes: vec![lane(meta::Lane::Ordinary, ordinary), lane(meta::Lane::Urgent, urgent)],
        circles: vec![StoredCircle { circle, short_id, role, ..Default::default() }],
        ..Default::default()
    };
    let lanes = Lanes { urgent: urgent.replica, ordinary: ordinary.replica };
    Enrolled::new(enrolment, Session::of(&device.tokens), kit.app.epoch(), lanes)
}
