//! The use cases, one file each. They know rights, records and policies; they know neither gRPC nor SQL.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::{
    access::AccessCache,
    clock::Clock,
    ids::{Ids, random},
    live::Hub,
    store::Store,
};

pub mod enrol;
pub mod secrets;
pub mod sessions;

pub use secrets::{Purpose, Secrets};

/// What every use case works with. One per process.
pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub hub: Arc<Hub>,
    pub secrets: Secrets,
    /// The clinic's public signing key (P-256, uncompressed): devices pin it.
    pub clinic_key: Vec<u8>,
    /// Random, made once with the database: cursors are bound to it.
    pub server_id: [u8; 16],
    epoch: AtomicU32,
    pub access: AccessCache,
}

impl App {
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        hub: Arc<Hub>,
        secrets: Secrets,
        clinic_key: Vec<u8>,
        server_id: [u8; 16],
        epoch: u32,
    ) -> Self {
        let access = AccessCache::default();
        Self { store, clock, ids, hub, secrets, clinic_key, server_id, epoch: AtomicU32::new(epoch), access }
    }

    pub fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Only grows.
    pub fn set_epoch(&self, epoch: u32) {
        self.epoch.fetch_max(epoch, Ordering::AcqRel);
    }

    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Seals a token that only this server opens, for this purpose and binding.
    pub fn seal(&self, purpose: Purpose, bound: &[u8], plain: &[u8]) -> Vec<u8> {
        self.secrets.seal(purpose, random(&*self.ids), bound, plain)
    }
}
