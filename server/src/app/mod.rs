//! The use cases, one file each. They know rights, records and policies; they know neither gRPC nor SQL.
//!
//! Writing: [`push`] (devices) and [`online`] (browsers, scripts) make a batch, [`commit`] runs it inside the store's
//! transaction with [`rights`] deciding. Reading: [`pull`] and [`stream`] (devices), [`records`], [`lists`], [`explain`],
//! [`reviews`], [`series`], [`summaries`], [`tasks`] (people), all through [`look`] and a scope.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use tokio_util::task::TaskTracker;

use crate::{
    access::{AccessCache, Caller, CircleAccess},
    clock::Clock,
    error::Error,
    ids::{Ids, random},
    live::Hub,
    seal::Vault,
    store::{AccessRow, CircleNo, Snapshot, Store, StoreError},
    wake::Sender,
};

pub mod alerts;
mod approved;
pub mod attachments;
pub mod audit;
pub mod browser;
pub mod changes;
pub mod circle;
pub mod circle_view;
pub mod clients;
pub mod clinic_key;
mod clock;
pub mod commit;
pub mod consent;
pub mod consents;
pub mod demo_links;
pub mod denials;
pub mod depth;
pub mod derived;
pub mod devices;
pub mod ends;
pub mod enrol;
pub mod erasures;
pub mod explain;
pub mod export;
pub mod exported;
pub mod failures;
mod families;
pub mod glass;
pub mod glass_reviews;
pub mod hello;
pub mod hints;
pub mod hospital;
pub mod ids_for;
pub mod invites;
pub mod kept;
pub mod lists;
pub mod look;
mod loosens;
pub mod members;
pub mod moves;
pub mod notes;
pub mod notices;
pub mod offer;
pub mod online;
pub mod opened;
#[cfg(feature = "passkeys")]
pub mod passkeys;
pub mod phone;
pub mod proposals;
pub mod pull;
pub mod push;
pub mod quarantine;
pub mod reads;
pub mod records;
pub mod redact;
pub mod replicas;
pub mod reviews;
pub mod rights;
pub mod rotate;
pub mod secrets;
pub mod seen;
pub mod series;
pub mod server_info;
pub mod sessions;
pub mod settings;
pub mod since;
pub mod stream;
pub mod summaries;
pub mod targets;
pub mod tasks;
pub mod teams;
pub mod threads;
pub mod together;
pub mod tokens;
pub mod upkeep;
pub mod verify;
pub mod views;
pub mod wakes;
pub mod whosees;
pub mod worklist;

pub use secrets::{Purpose, Secrets};

/// What every use case works with. One per process.
pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub hub: Arc<Hub>,
    pub vault: Vault,
    pub secrets: Secrets,
    /// The clinic's public signing key (P-256, uncompressed): devices pin it.
    pub clinic_key: Vec<u8>,
    /// The whole of it: signs orders to wipe, and seals of the audit.
    pub clinic: Arc<clinic_key::ClinicKey>,
    /// Random, made once with the database: cursors are bound to it.
    pub server_id: [u8; 16],
    epoch: AtomicU32,
    pub access: AccessCache,
    pub replicas: replicas::ReplicaCache,
    pub reads: reads::Reads,
    pub failures: failures::Failures,
    pub clients: clients::Clients,
    pub care: alerts::Care,
    pub settings: settings::SettingsCache,
    pub worklist: worklist::Rows,
    pub opened: opened::Opened,
    demo: AtomicBool,
    pub attachments: attachments::Traffic,
    waker: RwLock<Option<Arc<dyn Sender>>>,
    /// Streams that run: their ends are audited before the store closes.
    pub streams: TaskTracker,
}

/// The ambient parts of an [`App`]: what a test or the demo replaces.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub hub: Arc<Hub>,
    pub vault: Vault,
}

impl App {
    /// Opens the server's secrets, or makes them on the first start.
    pub async fn open(parts: Parts) -> Result<Arc<Self>, Error> {
        let Parts { store, clock, ids, hub, vault } = parts;
        let fresh = secrets::Sealed::fresh(&*ids, &vault)?;
        let row = store.init_server(fresh.into_row(random(&*ids))).await?;
        let (secrets, clinic) = secrets::open(&vault, &row.secrets)?;
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            hub,
            vault,
            secrets,
            clinic_key: clinic.public().to_vec(),
            clinic: Arc::new(clinic),
            server_id: row.server_id,
            epoch: AtomicU32::new(row.epoch),
            access: AccessCache::default(),
            replicas: replicas::ReplicaCache::default(),
            reads: reads::Reads::default(),
            failures: failures::Failures::default(),
            clients: clients::Clients::default(),
            care: alerts::Care::new().map_err(|error| Error::internal(format!("the built-in rules: {error}")))?,
            settings: settings::SettingsCache::default(),
            worklist: worklist::Rows::default(),
            opened: opened::Opened::default(),
            demo: AtomicBool::new(false),
            attachments: attachments::Traffic::default(),
            waker: RwLock::default(),
            streams: TaskTracker::new(),
        }))
    }

    /// Who wakes devices. `None`: nobody, and what is to be woken waits.
    pub fn waker(&self) -> Option<Arc<dyn Sender>> {
        self.waker.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn put_waker(&self, sender: Arc<dyn Sender>) {
        *self.waker.write().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    }

    pub fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Only grows.
    pub fn set_epoch(&self, epoch: u32) {
        self.epoch.fetch_max(epoch, Ordering::AcqRel);
    }

    /// Whether this is a demo: clients say so on every screen.
    pub fn is_demo(&self) -> bool {
        self.demo.load(Ordering::Relaxed)
    }

    pub fn set_demo(&self) {
        self.demo.store(true, Ordering::Relaxed);
    }

    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Seals a token that only this server opens, for this purpose and binding.
    pub fn seal(&self, purpose: Purpose, bound: &[u8], plain: &[u8]) -> Vec<u8> {
        self.secrets.seal(purpose, random(&*self.ids), bound, plain)
    }

    /// The access state in a snapshot, decoded once per generation.
    pub async fn access_of(&self, snapshot: &mut dyn Snapshot) -> Result<Arc<CircleAccess>, Error> {
        let (circle, generation) = (snapshot.circle().circle, snapshot.circle().access_generation);
        if let Some(known) = self.access.known(circle, generation) {
            return Ok(known);
        }
        let row = snapshot.access().await?;
        self.access.circle(circle, &row)
    }

    /// The access state inside a commit. What is not committed yet never gets into the cache.
    pub fn access_in(&self, circle: CircleNo, row: &AccessRow) -> Result<Arc<CircleAccess>, StoreError> {
        if let Some(known) = self.access.known(circle, row.generation) {
            return Ok(known);
        }
        let corrupt = |_| StoreError::Corrupt { table: "access", column: "state" };
        CircleAccess::decode(row).map(Arc::new).map_err(corrupt)
    }

    /// The access state of a circle of the caller's clinic; anybody else's looks like one that does not exist.
    pub async fn circle_access(&self, circle: CircleNo, caller: &Caller) -> Result<Arc<CircleAccess>, Error> {
        let mut snapshot = self.store.snapshot(circle).await?;
        if snapshot.circle().clinic != caller.clinic {
            return Err(Error::not_found());
        }
        self.access_of(&mut *snapshot).await
    }
}
