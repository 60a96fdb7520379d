//! The store of tests and simulations: everything in memory, the same groups, overlays and answers as the databases.
//!
//! [`MemoryStore::new`] commits each job as it comes. [`MemoryStore::stepped`] commits only when told, so that a
//! simulation can lose power between the queue and the commit: [`MemoryStore::crash`] forgets what was not committed,
//! and whoever waits for it is never answered.

mod attachments;
mod audit;
mod browser;
mod clinics;
mod custody;
mod devices;
mod identity;
mod reads;
mod snapshot;
mod teams;
mod wakes;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use osteon_sync_core::{Dot, RecordId};

use self::{browser::Browsers, devices::Devices, identity::Identity};
use super::{
    ANSWERS_KEPT_MS, AccessRow, AccountNo, AuditEntry, AuditRow, CircleNo, CircleRow, DeviceNo, ErasureRow, Job,
    Listener, LogRow, PartRow, QuarantineRow, ReadRow, RequestRow, RulesDue, Snapshot, Store, StoreError, TombstoneRow,
    UnixMs,
    common::{CircleInfo, Common},
    custody::ERASED_HEAD,
    group::{Group, Loaded, RequestKey, Writes},
};
use crate::{limits, seal::Vault};

#[derive(Clone)]
struct Circle {
    info: Arc<CircleInfo>,
    row: Arc<CircleRow>,
    access: Arc<AccessRow>,
    grant_end: Option<UnixMs>,
    rules_due: Option<RulesDue>,
    parts: BTreeMap<(RecordId, u64), PartRow>,
    log: BTreeMap<Dot, LogRow>,
    aliases: BTreeMap<Dot, Dot>,
    renumbered: BTreeMap<(Dot, [u8; 16]), Dot>,
    refused: std::collections::BTreeSet<RecordId>,
    tombstones: Vec<TombstoneRow>,
    quarantine: BTreeMap<u64, QuarantineRow>,
    requests: BTreeMap<RequestKey, RequestRow>,
}

impl Circle {
    fn new(info: Arc<CircleInfo>) -> Self {
        let row = CircleRow {
            circle: info.circle,
            clinic: info.clinic,
            short_id: info.short_id.clone(),
            ..CircleRow::default()
        };
        Self {
            info,
            row: Arc::new(row),
            access: Arc::default(),
            grant_end: None,
            rules_due: None,
            parts: BTreeMap::new(),
            log: BTreeMap::new(),
            aliases: BTreeMap::new(),
            renumbered: BTreeMap::new(),
            refused: Default::default(),
            tombstones: Vec::new(),
            quarantine: BTreeMap::new(),
            requests: BTreeMap::new(),
        }
    }

    fn loaded(&self) -> Loaded {
        Loaded::new(Arc::clone(&self.info), CircleRow::clone(&self.row), Arc::clone(&self.access))
    }

    fn copy(&self, record: RecordId, loaded: &mut Loaded) {
        for part in self.parts.range((record, 0)..=(record, u64::MAX)).map(|(_, part)| part) {
            loaded.put_part(part.clone());
        }
    }

    /// Copies in what was asked for, as a database would load it.
    fn fill(&self, loaded: &mut Loaded, identity: &Identity) {
        let mut wanted = loaded.records.clone();
        if !(loaded.types.is_empty() && loaded.parents.is_empty()) {
            let asked = |part: &&PartRow| {
                loaded.types.contains(&part.type_number)
                    || part.parent.is_some_and(|parent| loaded.parents.contains(&parent))
            };
            wanted.extend(self.parts.values().filter(asked).map(|part| part.record));
        }
        for record in wanted {
            self.copy(record, loaded);
        }
        for parent in loaded.ask_parents() {
            self.copy(parent, loaded);
        }
        loaded.aliases = self.aliases.clone();
        let named: Vec<_> = loaded.dots.iter().filter_map(|dot| self.aliases.get(dot)).copied().collect();
        loaded.dots.extend(named);
        loaded.renumbered = self.renumbered.clone();
        loaded.log = pick(&self.log, loaded.dots.iter());
        loaded.owners = loaded.replicas.iter().filter_map(|r| Some((*r, identity.owner(*r)?))).collect();
        loaded.refused = loaded.records.intersection(&self.refused).copied().collect();
        let whole = self.tombstones.iter().filter(|row| row.dot.is_none());
        loaded.moved = whole.map(|row| row.record).filter(|record| loaded.records.contains(record)).collect();
        if loaded.all_tombstones {
            loaded.tombstones = self.tombstones.clone();
        }
        loaded.requests = pick(&self.requests, loaded.asked_requests.iter());
        loaded.quarantine = pick(&self.quarantine, loaded.asked_quarantine.iter());
    }

    fn apply(&mut self, writes: Writes) {
        if let Some(row) = writes.row {
            self.row = Arc::new(row);
        }
        if let Some(access) = writes.access {
            self.access = Arc::new(access);
        }
        self.grant_end = writes.grant_end.unwrap_or(self.grant_end);
        self.rules_due = writes.rules_due.map(|due| due.onto(self.rules_due)).or(self.rules_due);
        put(&mut self.parts, writes.parts);
        self.log.extend(writes.log);
        self.aliases.extend(writes.aliases);
        self.renumbered.extend(writes.renumbered);
        self.refused.extend(writes.refused);
        self.tombstones.extend(writes.tombstones);
        put(&mut self.quarantine, writes.quarantine);
        self.requests.extend(writes.requests);
    }
}

fn pick<'k, K: Ord + Copy + 'k, V: Clone>(all: &BTreeMap<K, V>, keys: impl Iterator<Item = &'k K>) -> BTreeMap<K, V> {
    keys.filter_map(|key| Some((*key, all.get(key)?.clone()))).collect()
}

fn put<K: Ord, V>(rows: &mut BTreeMap<K, V>, written: BTreeMap<K, Option<V>>) {
    for (key, row) in written {
        match row {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
    }
}

type Ran = (Job, Result<(), StoreError>);

#[derive(Default)]
struct State {
    circles: BTreeMap<CircleNo, Arc<Circle>>,
    identity: Identity,
    devices: Devices,
    teams: teams::Teams,
    attachments: attachments::Attachments,
    wakes: wakes::Wakes,
    browsers: Browsers,
    erasures: BTreeMap<(CircleNo, DeviceNo, std::cmp::Reverse<u64>), ErasureRow>,
    reads: BTreeMap<(CircleNo, DeviceNo), ReadRow>,
    /// By minute: up to where.
    reached: BTreeMap<(CircleNo, DeviceNo), BTreeMap<u64, u64>>,
    /// From which minute to which.
    heard: BTreeMap<(CircleNo, DeviceNo), BTreeMap<u64, u64>>,
    audit: BTreeMap<CircleNo, Vec<AuditEntry>>,
    audited: u64,
    sealed: audit::Sealed,
}

impl State {
    /// Whether a browser's device was revoked or sent away.
    fn gone(&self, device: DeviceNo) -> bool {
        self.identity.revoked(device) || self.devices.ordered(device)
    }

    /// One group, in order of its circles, as the databases run it. Returns who is to be answered what.
    fn run(&mut self, mut jobs: Vec<Job>) -> (Vec<Ran>, Vec<(CircleNo, u64)>) {
        jobs.sort_by_key(|job| job.needs.circle);
        let mut group = Group::default();
        for job in &jobs {
            if let Some(circle) = self.circles.get(&job.needs.circle) {
                group.circles.entry(job.needs.circle).or_insert_with(|| circle.loaded()).ask(&job.needs);
            }
        }
        for (number, loaded) in &mut group.circles {
            if let Some(circle) = self.circles.get(number) {
                circle.fill(loaded, &self.identity);
            }
        }
        let ran = jobs.into_iter().map(|mut job| {
            let result = group.run(&mut job);
            (job, result)
        });
        let ran: Vec<_> = ran.collect();
        let moved = group.moved();
        for row in group.audit_rows() {
            append(&mut self.audit, &mut self.audited, row);
        }
        for (number, mut loaded) in group.circles {
            for ((account, class), (awake, at_ms)) in std::mem::take(&mut loaded.writes.wakes) {
                self.wakes.put(account, class, at_ms, awake);
            }
            if let Some(circle) = self.circles.get_mut(&number) {
                Arc::make_mut(circle).apply(loaded.writes);
            }
        }
        (ran, moved)
    }
}

fn append(audit: &mut BTreeMap<CircleNo, Vec<AuditEntry>>, last: &mut u64, row: &AuditRow) {
    *last += 1;
    audit.entry(row.circle).or_default().push(AuditEntry {
        no: *last,
        at_ms: row.at_ms,
        account: row.account,
        device: row.device,
        action: row.action.to_owned(),
        record: row.record,
        categories: row.categories,
        from_seq: row.from_seq,
        to_seq: row.to_seq,
        count: row.count,
        outcome: row.outcome.to_owned(),
        request: row.request,
    });
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    running: bool,
    closed: bool,
}

pub struct MemoryStore {
    common: Common,
    state: Mutex<State>,
    queue: Mutex<Queue>,
    stepped: bool,
}

impl MemoryStore {
    pub fn new(vault: Vault) -> Self {
        Self { common: Common::new(vault), state: Mutex::default(), queue: Mutex::default(), stepped: false }
    }

    /// A store that commits when [`MemoryStore::step`] is called, and not before.
    pub fn stepped(vault: Vault) -> Self {
        Self { stepped: true, ..Self::new(vault) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits up to `jobs` of the jobs that wait as one group and answers them. Returns how many there were.
    pub fn step(&self, jobs: usize) -> usize {
        let group: Vec<Job> = {
            let mut queue = self.queue();
            let count = queue.jobs.len().min(jobs);
            queue.jobs.drain(..count).collect()
        };
        let count = group.len();
        let (ran, moved) = self.state().run(group);
        for (job, result) in ran {
            (job.done)(result);
        }
        if !moved.is_empty() {
            self.common.wake(moved);
        }
        count
    }

    /// Power is lost: what was not committed is gone, and nobody is answered. Returns how many jobs that were.
    pub fn crash(&self) -> usize {
        std::mem::take(&mut self.queue().jobs).len()
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        self.queue().jobs.len()
    }

    /// Commits what waits, unless another caller (or a job's own answer) is at it.
    fn drain(&self) {
        if std::mem::replace(&mut self.queue().running, true) {
            return;
        }
        loop {
            while self.step(1) > 0 {}
            let mut queue = self.queue();
            if queue.jobs.is_empty() {
                queue.running = false;
                return;
            }
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn submit(&self, job: Job) -> Result<(), StoreError> {
        {
            let mut queue = self.queue();
            if queue.closed {
                return Err(StoreError::Closed);
            }
            if queue.jobs.len() >= limits::QUEUED_JOBS.usize() {
                return Err(StoreError::Overloaded);
            }
            queue.jobs.push_back(job);
        }
        if !self.stepped {
            self.drain();
        }
        Ok(())
    }

    async fn snapshot(&self, circle: CircleNo) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(snapshot::MemorySnapshot::open(self.state().circles.clone(), circle)?))
    }

    async fn snapshot_of(&self, circles: &[CircleNo]) -> Result<Box<dyn Snapshot>, StoreError> {
        self.snapshot(*circles.first().ok_or(StoreError::NotFound)?).await
    }

    fn access_moved(&self, circle: CircleNo, generation: u64) -> bool {
        let state = self.state();
        state.circles.get(&circle).map_or(ERASED_HEAD, |circle| circle.row.access_generation) > generation
    }

    fn alone(&self) -> bool {
        true
    }

    fn last_committed(&self, circle: CircleNo) -> Option<u64> {
        self.state().circles.get(&circle).map(|circle| circle.row.head)
    }

    fn recent(&self, _: CircleNo, _: u64) -> Option<Box<dyn Snapshot>> {
        None
    }

    async fn standing(&self, circles: &[CircleNo]) -> Result<Vec<Arc<CircleRow>>, StoreError> {
        let state = self.state();
        Ok(circles.iter().filter_map(|circle| Some(Arc::clone(&state.circles.get(circle)?.row))).collect())
    }

    async fn heads(&self, circles: &[CircleNo]) -> Result<Vec<(CircleNo, u64)>, StoreError> {
        let state = self.state();
        Ok(circles.iter().filter_map(|circle| Some((*circle, state.circles.get(circle)?.row.head))).collect())
    }

    async fn rules_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError> {
        let state = self.state();
        let due = state.circles.iter().filter_map(|(circle, held)| Some((held.rules_due?.at_ms, *circle)));
        let mut due: Vec<_> = due.filter(|(at, _)| *at <= now_ms).collect();
        due.sort_unstable();
        due.truncate(limit as usize);
        Ok(due.into_iter().map(|(_, circle)| circle).collect())
    }

    async fn rules_all_due(&self, at_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        for due in state.circles.values_mut().filter_map(|held| Arc::make_mut(held).rules_due.as_mut()) {
            due.at_ms = due.at_ms.min(at_ms);
        }
        Ok(())
    }

    async fn rules_due_of(&self, circle: CircleNo) -> Result<Option<RulesDue>, StoreError> {
        Ok(self.state().circles.get(&circle).and_then(|held| held.rules_due))
    }

    async fn grant_ends_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError> {
        let state = self.state();
        let ends = state.circles.iter().filter_map(|(circle, held)| Some((held.grant_end?, *circle)));
        let mut due: Vec<_> = ends.filter(|(at, _)| *at <= now_ms).collect();
        due.sort_unstable();
        due.truncate(limit as usize);
        Ok(due.into_iter().map(|(_, circle)| circle).collect())
    }

    async fn rules_late(&self, account: AccountNo) -> Result<Vec<(CircleNo, UnixMs)>, StoreError> {
        let state = self.state();
        let mine =
            state.circles.iter().filter(|(_, held)| held.access.members.iter().any(|member| member.0 == account));
        Ok(mine.filter_map(|(circle, held)| Some((*circle, held.rules_due?.late_ms?))).collect())
    }

    async fn put_erasure(&self, row: ErasureRow) -> Result<(), StoreError> {
        let key = (row.circle, row.device, std::cmp::Reverse(row.seq));
        self.state().erasures.insert(key, ErasureRow { confirmed_ms: None, ..row });
        Ok(())
    }

    async fn confirm_erasures(
        &self,
        circle: CircleNo,
        device: DeviceNo,
        upto: u64,
        now_ms: UnixMs,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let told = |row: &&mut ErasureRow| row.circle == circle && row.device == device && row.seq <= upto;
        for row in state.erasures.values_mut().filter(told) {
            row.confirmed_ms = row.confirmed_ms.or(Some(now_ms));
        }
        Ok(())
    }

    async fn put_reads(&self, rows: Vec<ReadRow>) -> Result<(), StoreError> {
        let mut state = self.state();
        rows.into_iter().for_each(|row| state.read(row));
        Ok(())
    }

    async fn reads_of(&self, circle: CircleNo) -> Result<Vec<ReadRow>, StoreError> {
        Ok(self.state().reads.values().filter(|row| row.circle == circle).copied().collect())
    }

    async fn reached_of(
        &self,
        circle: CircleNo,
        device: DeviceNo,
        limit: u32,
    ) -> Result<Vec<(u64, UnixMs)>, StoreError> {
        Ok(self.state().reached_of((circle, device)).take(limit as usize).collect())
    }

    async fn heard_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<(UnixMs, UnixMs)>, StoreError> {
        let mut rows = self.state().heard_of(circle);
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn erasures_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<ErasureRow>, StoreError> {
        let state = self.state();
        Ok(state.erasures.values().filter(|row| row.circle == circle).take(limit as usize).copied().collect())
    }

    async fn audit(&self, rows: Vec<AuditRow>) -> Result<(), StoreError> {
        let mut state = self.state();
        let State { audit, audited, .. } = &mut *state;
        rows.iter().for_each(|row| append(audit, audited, row));
        Ok(())
    }

    async fn audit_after(&self, circle: CircleNo, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.state();
        let rows = state.audit.get(&circle).into_iter().flatten().filter(|row| row.no > after);
        Ok(rows.take(limit as usize).cloned().collect())
    }

    async fn sweep(&self, now_ms: UnixMs) -> Result<u64, StoreError> {
        let mut state = self.state();
        let mut gone = state.identity.sweep(now_ms) + state.devices.sweep(now_ms);
        gone += state.browsers.sweep(now_ms.saturating_sub(limits::WEB_SESSION_S.max * 1_000), now_ms);
        for circle in state.circles.values_mut() {
            let requests = &mut Arc::make_mut(circle).requests;
            let before = requests.len();
            requests.retain(|_, row| row.at_ms >= now_ms.saturating_sub(ANSWERS_KEPT_MS));
            gone += (before - requests.len()) as u64;
        }
        Ok(gone)
    }

    fn on_commit(&self, listener: Listener) {
        self.common.listen(listener);
    }

    async fn ping(&self) -> Result<(), StoreError> {
        if self.queue().closed { Err(StoreError::Closed) } else { Ok(()) }
    }

    async fn close(&self) {
        self.queue().closed = true;
        while self.step(usize::MAX) > 0 {}
    }

    fn kind(&self) -> &'static str {
        "memory"
    }
}
