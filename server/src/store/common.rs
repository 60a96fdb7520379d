//! What the two databases share beside their rows: opened keys and access states held in memory, the place that a
//! sealed row is bound to, the numbers of audit words, and who is told of commits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
};

use osteon_sync_core::{Dot, RecordId};

use super::{
    AccessRow, CircleNo, Listener, LogRow, PartRow, QuarantineRow, RequestRow, StoreError, Woken, codec,
    custody::ERASED_HEAD,
    devices::EndedListener,
    warm::{Others, Warm},
};
use crate::{
    deny::DenyLog,
    seal::{CircleKeys, Vault},
};

/// What never changes of a circle: who it is, and its keys, opened.
pub(super) struct CircleInfo {
    pub(super) circle: CircleNo,
    pub(super) clinic: u64,
    pub(super) short_id: String,
    pub(super) keys: CircleKeys,
}

/// Tables whose rows are sealed; the number is bound to the bytes.
#[derive(Clone, Copy)]
enum Table {
    Part = 1,
    Log = 2,
    Access = 3,
    Request = 4,
    Quarantine = 5,
    Chunk = 6,
}

fn corrupt(table: &'static str) -> impl Fn() -> StoreError {
    move || StoreError::Corrupt { table, column: "sealed" }
}

impl CircleInfo {
    /// The place of a row: clinic, circle, table and the row's key. A sealed row opens nowhere else.
    fn place(&self, table: Table, key: &[u8], more: u64) -> Vec<u8> {
        let mut place = Vec::with_capacity(25 + key.len());
        place.push(table as u8);
        place.extend_from_slice(&self.clinic.to_be_bytes());
        place.extend_from_slice(&self.circle.to_be_bytes());
        place.extend_from_slice(&more.to_be_bytes());
        place.extend_from_slice(key);
        place
    }

    fn dot_place(&self, table: Table, dot: Dot) -> Vec<u8> {
        let replica = u64::from(dot.replica.epoch) << 32 | u64::from(dot.replica.n);
        self.place(table, &replica.to_be_bytes(), dot.counter)
    }

    pub(super) fn seal_part(&self, part: &PartRow) -> Result<Vec<u8>, StoreError> {
        let place = self.place(Table::Part, &part.record.0, part.label);
        Ok(self.keys.data().seal(&place, &codec::encode_part(&part.state, &part.history))?)
    }

    pub(super) fn open_part(
        &self,
        record: RecordId,
        label: u64,
        sealed: &[u8],
    ) -> Result<(Vec<u8>, Vec<Dot>), StoreError> {
        let plain = self.keys.data().open(&self.place(Table::Part, &record.0, label), sealed);
        codec::decode_part(plain.map_err(|_| corrupt("part")())?).ok_or_else(corrupt("part"))
    }

    pub(super) fn seal_log(&self, row: &LogRow) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys.data().seal(&self.dot_place(Table::Log, row.dot), &codec::encode_log(row))?)
    }

    pub(super) fn open_log(&self, dot: Dot, sealed: &[u8]) -> Result<codec::LogBody, StoreError> {
        let plain = self.keys.data().open(&self.dot_place(Table::Log, dot), sealed);
        codec::decode_log(&plain.map_err(|_| corrupt("log")())?).ok_or_else(corrupt("log"))
    }

    pub(super) fn seal_access(&self, row: &AccessRow) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys.data().seal(&self.place(Table::Access, &[], row.generation), &row.state)?)
    }

    pub(super) fn open_access(&self, generation: u64, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let place = self.place(Table::Access, &[], generation);
        self.keys.data().open(&place, sealed).map_err(|_| corrupt("access")())
    }

    pub(super) fn seal_request(&self, row: &RequestRow) -> Result<Vec<u8>, StoreError> {
        let place = self.place(Table::Request, &row.request_id, row.account);
        Ok(self.keys.data().seal(&place, &codec::encode_answer(&row.fingerprint, &row.answer))?)
    }

    pub(super) fn open_request(
        &self,
        account: u64,
        request_id: &[u8; 16],
        sealed: &[u8],
    ) -> Result<([u8; 16], Vec<u8>), StoreError> {
        let plain = self.keys.data().open(&self.place(Table::Request, request_id, account), sealed);
        codec::decode_answer(&plain.map_err(|_| corrupt("request")())?).ok_or_else(corrupt("request"))
    }

    /// `at`: where the chunk begins in the whole.
    pub(super) fn seal_chunk(&self, chunks: [u8; 16], at: u64, data: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys.data().seal(&self.place(Table::Chunk, &chunks, at), data)?)
    }

    pub(super) fn open_chunk(&self, chunks: [u8; 16], at: u64, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let place = self.place(Table::Chunk, &chunks, at);
        self.keys.data().open(&place, sealed).map_err(|_| corrupt("attachment_chunk")())
    }

    pub(super) fn seal_quarantine(&self, row: &QuarantineRow) -> Result<Vec<u8>, StoreError> {
        let plain = codec::encode_quarantine(row.author, &row.reason, &row.content);
        Ok(self.keys.data().seal(&self.place(Table::Quarantine, &[], row.id), &plain)?)
    }

    pub(super) fn open_quarantine(
        &self,
        id: u64,
        sealed: &[u8],
    ) -> Result<(osteon_sync_core::Author, String, Vec<u8>), StoreError> {
        let plain = self.keys.data().open(&self.place(Table::Quarantine, &[], id), sealed);
        codec::decode_quarantine(&plain.map_err(|_| corrupt("quarantine")())?).ok_or_else(corrupt("quarantine"))
    }
}

/// Circles whose keys are held open at a time, and access states. Past it the cache starts anew.
const CACHED_CIRCLES: usize = 4096;

pub(super) struct Common {
    pub(super) vault: Vault,
    /// Audit rows are written.
    pub(super) audits: bool,
    infos: RwLock<BTreeMap<CircleNo, Arc<CircleInfo>>>,
    access: Mutex<BTreeMap<CircleNo, Arc<AccessRow>>>,
    words: Mutex<BTreeMap<String, i32>>,
    listeners: RwLock<Vec<Listener>>,
    ended: RwLock<Vec<EndedListener>>,
    /// Hands ended families to the other nodes, where there are any.
    others: OnceLock<EndedListener>,
    deny_log: RwLock<Option<Arc<dyn DenyLog>>>,
    /// Where a database has one server.
    pub(super) warm: Option<Warm>,
}

/// A cache is whole between any two statements, so a panic elsewhere while it was locked does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Common {
    pub(super) fn new(vault: Vault) -> Self {
        Self {
            vault,
            audits: true,
            infos: RwLock::default(),
            access: Mutex::default(),
            words: Mutex::default(),
            listeners: RwLock::default(),
            ended: RwLock::default(),
            others: OnceLock::new(),
            deny_log: RwLock::default(),
            warm: None,
        }
    }

    /// How circles stand is held in memory, by one process at a time.
    pub(super) fn warm(self, others: Others) -> Self {
        Self { warm: Some(Warm::new(others)), ..self }
    }

    /// Whether audit rows are written.
    pub(super) fn audited(self, audits: bool) -> Self {
        Self { audits, ..self }
    }

    pub(super) fn info(&self, circle: CircleNo) -> Option<Arc<CircleInfo>> {
        self.infos.read().unwrap_or_else(PoisonError::into_inner).get(&circle).cloned()
    }

    /// Opens the keys of a circle whose row was just read.
    pub(super) fn remember(
        &self,
        circle: CircleNo,
        clinic: u64,
        short_id: String,
        wrapped: &[u8],
    ) -> Result<Arc<CircleInfo>, StoreError> {
        let keys = self.vault.circle_keys(clinic, &short_id, wrapped)?;
        let info = Arc::new(CircleInfo { circle, clinic, short_id, keys });
        let mut infos = self.infos.write().unwrap_or_else(PoisonError::into_inner);
        if infos.len() >= CACHED_CIRCLES {
            infos.clear();
        }
        infos.insert(circle, Arc::clone(&info));
        Ok(info)
    }

    /// The access state under this generation. A generation is given once, under the circle's lock, so its state
    /// never changes.
    pub(super) fn access_at(&self, circle: CircleNo, generation: u64) -> Option<Arc<AccessRow>> {
        if generation == 0 {
            return Some(Arc::default());
        }
        lock(&self.access).get(&circle).filter(|row| row.generation == generation).cloned()
    }

    /// Only what is committed may come in here.
    pub(super) fn access_moved(&self, circle: CircleNo, generation: u64) -> bool {
        lock(&self.access).get(&circle).is_some_and(|row| row.generation > generation)
    }

    pub(super) fn cache_access(&self, circle: CircleNo, row: Arc<AccessRow>) {
        let mut access = lock(&self.access);
        if access.len() >= CACHED_CIRCLES {
            access.clear();
        }
        access.insert(circle, row);
    }

    pub(super) fn word(&self, word: &str) -> Option<i32> {
        lock(&self.words).get(word).copied()
    }

    /// Only what is committed may come in here.
    pub(super) fn cache_words(&self, words: BTreeMap<String, i32>) {
        lock(&self.words).extend(words);
    }

    /// Holds in memory how circles stand, if no other process does.
    pub(super) fn try_alone(&self) {
        if let Some(warm) = &self.warm {
            warm.try_alone();
        }
    }

    /// Another process has committed, and did not say what: circles may have gone, and their keys with them.
    pub(super) fn forget_standing(&self) {
        self.infos.write().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(warm) = &self.warm {
            warm.clear();
        }
    }

    /// The circle is gone: its keys are not held any longer.
    pub(super) fn forget(&self, circle: CircleNo) {
        self.infos.write().unwrap_or_else(PoisonError::into_inner).remove(&circle);
        lock(&self.access).remove(&circle);
        if let Some(warm) = &self.warm {
            warm.forget(circle);
        }
    }

    pub(super) fn deny_to(&self, log: Arc<dyn DenyLog>) {
        *self.deny_log.write().unwrap_or_else(PoisonError::into_inner) = Some(log);
    }

    pub(super) fn deny_log(&self) -> Option<Arc<dyn DenyLog>> {
        self.deny_log.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn listen(&self, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(super) fn listen_ended(&self, listener: EndedListener) {
        self.ended.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Streams of these families have to end on this node.
    pub(super) fn ended(&self, families: &[u64]) {
        for listener in self.ended.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener(families);
        }
    }

    /// Set once, when the store opens.
    pub(super) fn set_others(&self, others: EndedListener) {
        let _ = self.others.set(others);
    }

    pub(super) fn tell_others(&self, families: &[u64]) {
        if let Some(others) = self.others.get() {
            others(families);
        }
    }

    /// Also of commits of other nodes: a circle that one of them erased is forgotten here too.
    pub(super) fn wake(&self, moved: Vec<(CircleNo, u64)>) {
        for (circle, _) in moved.iter().filter(|(_, head)| *head == ERASED_HEAD) {
            self.forget(*circle);
            // A page that was read before and waits for its reader does not leave.
            self.cache_access(*circle, Arc::new(AccessRow { generation: ERASED_HEAD, ..AccessRow::default() }));
        }
        let woken: Woken = moved.into();
        for listener in self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener(Arc::clone(&woken));
        }
    }
}
