//! Replicas: whose they are, and the keys of their chains. Opened once and kept in memory; a replica never changes hands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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
/// gave them; on another a page may say for so long nothing of a lane that has only just begun.
const LANES_TTL_MS: u64 = 1_000;
/// The same where there is no other node: a commit that ten thousand devices are told of asks for none of theirs.
const LANES_TTL_ALONE_MS: u64 = 600_000;

/// The numbers of one device.
type Lanes = Arc<[Replica]>;

/// Opened replicas by number, and the numbers of devices.
#[derive(Default)]
pub struct ReplicaCache {
    known: Mutex<BTreeMap<Replica, Known>>,
    lanes: Mutex<HeldLanes>,
}

#[derive(Default)]
struct HeldLanes {
    of: BTreeMap<DeviceNo, (UnixMs, Lanes)>,
    /// How often numbers were given: what was read before is not held after.
    given: u64,
}

impl ReplicaCache {
    fn held(&self) -> MutexGuard<'_, HeldLanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is held, or how often numbers had been given when it was looked for.
    fn lanes(&self, device: DeviceNo, since_ms: UnixMs) -> Result<Lanes, u64> {
        let held = self.held();
        let found = held.of.get(&device).filter(|(at, _)| *at > since_ms);
        found.map(|(_, own)| Arc::clone(own)).ok_or(held.given)
    }

    fn put_lanes(&self, device: DeviceNo, now_ms: UnixMs, given: u64, own: Lanes) {
        let mut held = self.held();
        if held.given != given {
            return;
        }
        if held.of.len() >= MAX_CACHED {
            held.of.clear();
        }
        held.of.insert(device, (now_ms, own));
    }

    /// The device was given new numbers.
    pub fn forget_lanes(&self, device: DeviceNo) {
        let mut held = self.held();
        held.given += 1;
        held.of.remove(&device);
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

    /// The same, as they were a moment ago.
    pub async fn lanes(&self, device: DeviceNo) -> Result<Lanes, Error> {
        let now_ms = self.now_ms();
        let believed_ms = if self.store.alone() { LANES_TTL_ALONE_MS } else { LANES_TTL_MS };
        let given = match self.replicas.lanes(device, now_ms.saturating_sub(believed_ms)) {
            Ok(known) => return Ok(known),
            Err(given) => given,
        };
        let own: Lanes = self.all_lanes(device).await?.into();
        self.replicas.put_lanes(device, now_ms, given, Arc::clone(&own));
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
