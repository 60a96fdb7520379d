//! Replicas: whose they are, and the keys of their chains. Opened once and kept in memory; a replica never changes hands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use osteon_proto::reasons::Reason;
use osteon_sync_core::Replica;

use super::{App, Purpose, commit::ChainKeys};
use crate::{
    access::Caller,
    error::Error,
    store::{DeviceNo, UnixMs, identity::ReplicaRow},
};

const MAX_CACHED: usize = 65_536;

#[derive(Clone)]
struct Known {
    device: DeviceNo,
    key: Arc<hmac::Key>,
}

/// How long a device's numbers are believed without asking the store. New ones are forgotten at once on the node that
/// gave them; elsewhere a page may say for so long nothing of a lane that has only just begun.
const LANES_TTL_MS: u64 = 1_000;

/// The numbers of one device.
type Lanes = Arc<[Replica]>;

/// Opened replicas by number, and the numbers of devices.
#[derive(Default)]
pub struct ReplicaCache {
    known: Mutex<BTreeMap<Replica, Known>>,
    lanes: Mutex<BTreeMap<DeviceNo, (UnixMs, Lanes)>>,
}

impl ReplicaCache {
    fn lanes(&self, device: DeviceNo, now_ms: UnixMs) -> Option<Lanes> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.get(&device).filter(|(at, _)| now_ms.saturating_sub(*at) < LANES_TTL_MS).map(|(_, own)| Arc::clone(own))
    }

    fn put_lanes(&self, device: DeviceNo, now_ms: UnixMs, own: Lanes) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= MAX_CACHED {
            lanes.clear();
        }
        lanes.insert(device, (now_ms, own));
    }

    /// The device was given new numbers.
    pub fn forget_lanes(&self, device: DeviceNo) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).remove(&device);
    }

    fn get(&self, replica: Replica) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&replica).cloned()
    }

    fn put(&self, replica: Replica, known: Known) {
        let mut cached = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= MAX_CACHED {
            cached.clear();
        }
        cached.insert(replica, known);
    }
}

impl App {
    /// Every replica that the device ever had.
    pub async fn all_lanes(&self, device: DeviceNo) -> Result<Vec<Replica>, Error> {
        let rows = self.store.replicas_of(device).await?;
        Ok(rows.iter().map(|row| Replica { epoch: row.epoch, n: row.n }).collect())
    }

    /// The same, as they were a second ago at most.
    pub async fn lanes(&self, device: DeviceNo) -> Result<Lanes, Error> {
        let now_ms = self.now_ms();
        if let Some(known) = self.replicas.lanes(device, now_ms) {
            return Ok(known);
        }
        let own: Lanes = self.all_lanes(device).await?.into();
        self.replicas.put_lanes(device, now_ms, Arc::clone(&own));
        Ok(own)
    }
}

async fn find(app: &App, replica: Replica) -> Result<Option<Known>, Error> {
    if let Some(known) = app.replicas.get(replica) {
        return Ok(Some(known));
    }
    let Some(row) = app.store.replica(replica.epoch, replica.n).await? else { return Ok(None) };
    let known = Known { device: row.device, key: Arc::new(open(app, &row)?) };
    app.replicas.put(replica, known.clone());
    Ok(Some(known))
}

fn open(app: &App, row: &ReplicaRow) -> Result<hmac::Key, Error> {
    let key = app.secrets.open(Purpose::ChainKey, b"", &row.chain_key);
    let key = key.ok_or_else(|| Error::internal("a chain key does not open"))?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &key))
}

/// The chain key of one of the caller's own replicas. Anybody else's looks like one that does not exist.
pub async fn own(app: &App, caller: &Caller, replica: Replica) -> Result<Arc<hmac::Key>, Error> {
    let known = find(app, replica).await?.filter(|known| known.device == caller.device);
    known.map(|known| known.key).ok_or_else(|| Error::field("replica", Reason::NotFound))
}

/// Chain keys of the caller's own replicas among these. Only its own changes can a device have numbered before: a number
/// of somebody else, or of nobody, is no earlier name of anything.
pub async fn keys(app: &App, caller: &Caller, named: BTreeSet<Replica>) -> Result<ChainKeys, Error> {
    let mut keys = ChainKeys::default();
    if named.is_empty() {
        return Ok(keys);
    }
    let own = app.all_lanes(caller.device).await?;
    for replica in own.into_iter().filter(|replica| named.contains(replica)) {
        if let Some(known) = find(app, replica).await? {
            keys.0.insert(replica, known.key);
        }
    }
    Ok(keys)
}
