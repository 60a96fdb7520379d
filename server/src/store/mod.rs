//! Where state lives. One trait, three stores (SQLite, PostgreSQL, memory), one conformance suite.
//!
//! Writes: a caller hands in a [`Job`]: what it needs to see ([`Needs`]) and a pure function over [`Working`].
//! The store gathers jobs of many callers into one transaction, loads the union of their needs in bulk (circles
//! locked in order), runs each job on its own overlay (a failing job leaves nothing), flushes everything in
//! multi-row statements, commits, and only then answers. If the flush of a group fails, its jobs run one by one.
//!
//! Reads: a [`Snapshot`] is one consistent view of one circle; it answers range queries, never a query per record, and shows
//! its [`Rows`] for a [`Proof`] alone.
//!
//! Sealing happens here, on the way in and out: parts, log entries and the access state are opened when loaded and
//! sealed (AEAD under the circle's data key) when flushed; nothing above this module sees a sealed byte.
//!
//! Architecture invariant: no rule, no role and no policy is known here.

use std::sync::Arc;

use async_trait::async_trait;
use osteon_sync_core::{
    Dot, RecordId, Replica,
    ledger::{Ask, Range, Room},
};

use crate::{
    deny::DenyError,
    limits::Limit,
    proof::Proof,
    seal::{CircleKeys, SealError},
};

pub mod attachments;
pub mod audit;
pub mod browser;
pub mod clinics;
mod codec;
mod common;
pub mod custody;
pub mod devices;
mod filling;
mod group;
pub mod identity;
pub mod memory;
mod model;
pub mod open;
pub mod postgres;
pub mod sqlite;
pub mod statements;
pub mod teams;
pub mod wakes;
mod warm;
pub mod working;

pub use attachments::AttachmentStore;
pub use audit::AuditStore;
pub use browser::BrowserStore;
pub use clinics::ClinicStore;
pub use custody::Custody;
pub use devices::DeviceStore;
pub use identity::IdentityStore;
pub use memory::MemoryStore;
pub use model::*;
pub use open::{Limits, Options, open};
pub use teams::TeamStore;
pub use wakes::WakeStore;
pub use working::Working;

/// A proof counts in the circle that it was made for.
fn proven(proof: Proof, row: &CircleRow) -> Result<(), StoreError> {
    if proof.circle() == row.circle { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Number of a circle, on the wire and in every key.
pub type CircleNo = u64;
pub type AccountNo = u64;
pub type DeviceNo = u64;
/// Milliseconds since 1970.
pub type UnixMs = u64;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such circle (or clinic, device, …). Callers answer NOT_FOUND.
    #[error("not found")]
    NotFound,
    /// The job decided that nothing is to be written; the reason is its own.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// Memory does not hold it: the database is to be asked.
    #[error("not held in memory")]
    NotHeld,
    /// More work is queued than the writer may hold.
    #[error("too many jobs are waiting")]
    Overloaded,
    /// A job read or wrote what its [`Needs`] did not name: absent and not loaded are two things.
    #[error("a job touched what it did not declare: {0}")]
    Undeclared(&'static str),
    /// The job panicked. Nothing of it is kept; the others of its group are.
    #[error("a job panicked")]
    Panicked,
    /// A key or sealed bytes do not open.
    #[error("sealing failed")]
    Seal(#[from] SealError),
    /// The database is not one to run on; the text says what to change.
    #[error("{0}")]
    Setup(&'static str),
    /// What was taken away could not be put on record outside the database; so it was not done.
    #[error("the deny log takes nothing")]
    DenyLog(#[from] DenyError),
    /// A number that a column does not hold; nothing of the job is kept.
    #[error("a limit is reached: {}", .0.name)]
    Exceeded(&'static Limit),
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
    /// Stored data does not decode: table and column, never the data.
    #[error("bad stored data in {table}.{column}")]
    Corrupt { table: &'static str, column: &'static str },
    /// The database said no. The text of the driver goes to the log, not to clients.
    #[error("database error")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::Overloaded,
            sqlx::Error::ColumnDecode { .. } => Self::Corrupt { table: "any", column: "any" },
            error => Self::Database(Box::new(error)),
        }
    }
}

/// What one job must be able to see. Loaded in bulk for a whole group of jobs.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    pub circle: CircleNo,
    /// All parts of these records and of their parents, whether their creation was refused, whether they were moved away.
    pub records: Vec<RecordId>,
    /// All parts of every child of these records (endings that must cover children).
    pub children_of: Vec<RecordId>,
    /// Log rows under these dots and under what they are aliases of (kept verdicts, content that was sent before), and
    /// the owners of their replicas. Name every dot that a change carries, also those that it replaces.
    pub dots: Vec<Dot>,
    /// Every part of these types (circle membership and grants).
    pub types: Vec<u32>,
    pub request: Option<(AccountNo, [u8; 16])>,
    /// Quarantined changes by id.
    pub quarantine: Vec<u64>,
    /// Owners of these replicas.
    pub replicas: Vec<Replica>,
    /// Every tombstone of the circle.
    pub tombstones: bool,
}

/// What a job does to its circle.
pub type Run = Box<dyn FnMut(&mut Working<'_>) -> Result<(), StoreError> + Send>;

/// A unit of work. `run` MUST be pure: it may be run again on fresh state if the group's flush failed.
pub struct Job {
    pub needs: Needs,
    pub run: Run,
    pub done: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// One consistent view of one circle: as much of it as a decision needs, and the way to its rows.
#[async_trait]
pub trait Snapshot: Send + Sync {
    fn circle(&self) -> &Arc<CircleRow>;
    /// Another circle at the same moment: a reader of many circles opens one snapshot for several pages.
    async fn turn_to(&mut self, circle: CircleNo) -> Result<(), StoreError>;
    /// The opened keys of the circle (receipts).
    fn keys(&self) -> &CircleKeys;
    async fn access(&mut self) -> Result<AccessRow, StoreError>;
    /// What stands in it, for whoever has proven that it may be read. `NotFound`: the proof is of another circle.
    fn rows(&mut self, proof: Proof) -> Result<&mut dyn Rows, StoreError>;
}

/// The rows of one circle in a [`Snapshot`].
#[async_trait]
pub trait Rows: Send + Sync {
    /// Parts after a sequence, ascending by (seq, record, label), or of a backfill, descending by (first_seq, record,
    /// label), until the room is used up, and then the rest of the last commit, so that a page never ends inside one.
    /// Beside them: whether there may be more.
    async fn parts_in(&mut self, ask: Ask) -> Result<(Vec<PartRow>, bool), StoreError>;
    /// The same, bounded in parts alone.
    async fn parts_after(&mut self, after: u64, limit: u32) -> Result<Vec<PartRow>, StoreError> {
        let ask = Ask { range: Range::After { after }, room: Room::parts(limit) };
        Ok(self.parts_in(ask).await?.0)
    }
    async fn parts_before(
        &mut self,
        class: u8,
        before: u64,
        upto: u64,
        limit: u32,
    ) -> Result<Vec<PartRow>, StoreError> {
        let ask = Ask { range: Range::Before { class, before, upto }, room: Room::parts(limit) };
        Ok(self.parts_in(ask).await?.0)
    }
    /// How many parts `parts_before` would give in all, for progress. May be an estimate from above.
    async fn count_before(&mut self, class: u8, before: u64, upto: u64) -> Result<u64, StoreError>;
    async fn parts_of(&mut self, records: &[RecordId]) -> Result<Vec<PartRow>, StoreError>;
    async fn children_of(&mut self, parents: &[RecordId]) -> Result<Vec<PartRow>, StoreError>;
    /// Lists for people. `type_number` 0: all. Descending by arrival (`seq`) or by `time_ms`, before the given key.
    async fn list(&mut self, query: ListQuery) -> Result<Vec<PartRow>, StoreError>;
    async fn log_of(&mut self, dots: &[Dot]) -> Result<Vec<LogRow>, StoreError>;
    /// Accepted changes with `seq > after`, ascending, at most `limit`.
    async fn log_after(&mut self, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError>;
    async fn tombstones_after(&mut self, after: u64) -> Result<Vec<TombstoneRow>, StoreError>;
    /// Every change that waits for a decision, by id.
    async fn quarantine(&mut self) -> Result<Vec<QuarantineRow>, StoreError>;
}

#[derive(Clone, Copy, Debug)]
pub struct ListQuery {
    pub type_number: u32,
    pub by_time: bool,
    /// Exclusive upper key: (seq or time_ms, record). `None`: from the newest.
    pub before: Option<(u64, RecordId)>,
    /// Inclusive window of `time_ms`, where `by_time` or the caller filters.
    pub from_ms: UnixMs,
    pub to_ms: UnixMs,
    pub limit: u32,
}

impl ListQuery {
    /// Of all times, the newest to have happened first.
    pub const fn by_time(type_number: u32, before: Option<(u64, RecordId)>, limit: u32) -> Self {
        Self { by_time: true, ..Self::by_arrival(type_number, before, limit) }
    }

    /// The newest to have arrived first: it looks through the whole circle.
    pub const fn by_arrival(type_number: u32, before: Option<(u64, RecordId)>, limit: u32) -> Self {
        Self { type_number, by_time: false, before, from_ms: 0, to_ms: i64::MAX as u64, limit }
    }
}

/// A change of the heads of circles, for whoever waits. Empty: wake-ups may have been lost, look at every circle.
pub type Woken = Arc<[(CircleNo, u64)]>;
/// Is called in the writer's turn: it hands on and returns.
pub type Listener = Box<dyn Fn(Woken) + Send + Sync>;

/// How long an answer under a request id is given again (AIP-155).
pub const ANSWERS_KEPT_MS: u64 = 24 * 60 * 60 * 1000;

#[async_trait]
pub trait Store:
    IdentityStore
    + BrowserStore
    + Custody
    + DeviceStore
    + AuditStore
    + TeamStore
    + ClinicStore
    + AttachmentStore
    + WakeStore
    + Send
    + Sync
    + 'static
{
    /// Queues a job. Returns at once; `done` is called after the commit (or the refusal).
    fn submit(&self, job: Job) -> Result<(), StoreError>;
    async fn snapshot(&self, circle: CircleNo) -> Result<Box<dyn Snapshot>, StoreError>;
    /// One moment of several circles, whose heads are read at once. Stands at the first; [`Snapshot::turn_to`] goes on.
    async fn snapshot_of(&self, circles: &[CircleNo]) -> Result<Box<dyn Snapshot>, StoreError>;
    /// Whether this node has seen a commit that moved the circle's access state past `generation`. Asks no database.
    fn access_moved(&self, circle: CircleNo, generation: u64) -> bool;
    /// No other server commits while this one runs.
    fn alone(&self) -> bool;
    /// The head behind the last commit to a circle that this node remembers; it may be behind what others committed. Asks no
    /// database.
    fn last_committed(&self, circle: CircleNo) -> Option<u64>;
    /// One circle at its head, from memory, if every part that was committed after `after` is held. It shows what came
    /// after that, and says `NotHeld` of all else. Only where this process alone commits.
    fn recent(&self, circle: CircleNo, after: u64) -> Option<Box<dyn Snapshot>>;
    /// These circles as they stand, in one statement or none. Unknown circles are left out.
    async fn standing(&self, circles: &[CircleNo]) -> Result<Vec<Arc<CircleRow>>, StoreError>;
    /// Heads of these circles, for the poll behind the wake-ups. Unknown circles are left out.
    async fn heads(&self, circles: &[CircleNo]) -> Result<Vec<(CircleNo, u64)>, StoreError>;
    /// Circles in which a grant ends at or before this time and is not said to have ended, the earliest first.
    async fn grant_ends_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError>;
    /// Circles whose rules are to be looked at, longest due first.
    async fn rules_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError>;
    /// The rules of every circle are to be looked at by this time.
    async fn rules_all_due(&self, at_ms: UnixMs) -> Result<(), StoreError>;
    /// When the rules of a circle are looked at next. `None`: nothing was written that a rule reads.
    async fn rules_due_of(&self, circle: CircleNo) -> Result<Option<RulesDue>, StoreError>;
    /// Circles of this account whose warnings are late, and since when.
    async fn rules_late(&self, account: AccountNo) -> Result<Vec<(CircleNo, UnixMs)>, StoreError>;
    /// A device was told to erase; told again at the same head, it has not confirmed yet.
    async fn put_erasure(&self, row: ErasureRow) -> Result<(), StoreError>;
    /// The device has come back with a cursor behind what it was told up to this sequence.
    async fn confirm_erasures(
        &self,
        circle: CircleNo,
        device: DeviceNo,
        upto: u64,
        now_ms: UnixMs,
    ) -> Result<(), StoreError>;
    /// Devices have come: of each the row that is latest stands, and since when it held what it holds is kept for 90 days.
    async fn put_reads(&self, rows: Vec<ReadRow>) -> Result<(), StoreError>;
    /// How far devices have read a circle, by device.
    async fn reads_of(&self, circle: CircleNo) -> Result<Vec<ReadRow>, StoreError>;
    /// Up to where a device has held a circle, and since which minute: the newest first.
    async fn reached_of(
        &self,
        circle: CircleNo,
        device: DeviceNo,
        limit: u32,
    ) -> Result<Vec<(u64, UnixMs)>, StoreError>;
    /// When the phones of the patient of a circle were heard, the latest first: from and to, to the minute, and between them none of
    /// more than a day of silence.
    async fn heard_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<(UnixMs, UnixMs)>, StoreError>;
    /// What devices were told to erase in a circle, by device, the latest first.
    async fn erasures_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<ErasureRow>, StoreError>;
    /// Appends audit rows outside of a job (reads, denials).
    async fn audit(&self, rows: Vec<AuditRow>) -> Result<(), StoreError>;
    /// Audit rows of a circle with `no > after`, ascending, at most `limit`.
    async fn audit_after(&self, circle: CircleNo, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;
    /// Forgets kept answers older than [`ANSWERS_KEPT_MS`], sessions that can no longer be refreshed or have
    /// their age, challenges that ran out, and invites that did so as long ago as answers are kept. Returns how many rows went.
    async fn sweep(&self, now_ms: UnixMs) -> Result<u64, StoreError>;
    /// Is told after each commit which circles moved, on this node and (PostgreSQL) on others.
    fn on_commit(&self, listener: Listener);
    /// A round trip to the database, for readiness and doctor.
    async fn ping(&self) -> Result<(), StoreError>;
    /// Drains the writer: what is queued is committed, then no more is taken.
    async fn close(&self);
    fn kind(&self) -> &'static str;
}

/// Runs `job` in the next group and waits for its commit. The job itself runs in the writer, never in the caller's
/// future: a caller that goes away does not take a commit with it.
pub async fn commit<R, F>(store: &dyn Store, needs: Needs, mut run: F) -> Result<R, StoreError>
where
    R: Send + 'static,
    F: FnMut(&mut Working<'_>) -> Result<R, StoreError> + Send + 'static,
{
    let (tx, rx) = tokio::sync::oneshot::channel();
    let slot = Arc::new(std::sync::Mutex::new(None));
    let filled = Arc::clone(&slot);
    store.submit(Job {
        needs,
        run: Box::new(move |work| {
            let value = run(work)?;
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(value);
            }
            Ok(())
        }),
        done: Box::new(move |result| {
            let value = filled.lock().ok().and_then(|mut slot| slot.take());
            let _ = tx.send(result.and_then(|()| value.ok_or(StoreError::Closed)));
        }),
    })?;
    rx.await.map_err(|_| StoreError::Closed)?
}
