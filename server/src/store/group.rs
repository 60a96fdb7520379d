//! A group of jobs that share one transaction: what was loaded for them, circle by circle, and what they leave to be
//! written. Stores load it, run the jobs on it, and write what it holds; none of this knows a database.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::AtomicU64},
};

use osteon_sync_core::{Dot, RecordId, Replica};

use super::{
    AccessRow, AccountNo, AuditRow, CircleNo, CircleRow, DeviceNo, Job, LogRow, Needs, OwnerRow, PartRow,
    QuarantineRow, RequestRow, StoreError, TombstoneRow, UnixMs, Working, common::CircleInfo, model::DueWrite,
    wakes::WakeClass,
};
use crate::deny::Denial;

pub(super) type RequestKey = (AccountNo, [u8; 16]);

/// What jobs wrote. `None` in place of a row: it goes.
#[derive(Default)]
pub(super) struct Writes {
    pub(super) row: Option<CircleRow>,
    pub(super) access: Option<AccessRow>,
    /// When the next grant ends; `Some(None)`: none does.
    pub(super) grant_end: Option<Option<UnixMs>>,
    pub(super) rules_due: Option<DueWrite>,
    pub(super) parts: BTreeMap<(RecordId, u64), Option<PartRow>>,
    pub(super) log: BTreeMap<Dot, LogRow>,
    pub(super) aliases: BTreeMap<Dot, Dot>,
    pub(super) renumbered: BTreeMap<(Dot, [u8; 16]), Dot>,
    pub(super) refused: BTreeSet<RecordId>,
    pub(super) tombstones: Vec<TombstoneRow>,
    pub(super) quarantine: BTreeMap<u64, Option<QuarantineRow>>,
    pub(super) requests: BTreeMap<RequestKey, RequestRow>,
    pub(super) audit: Vec<AuditRow>,
    /// Whose devices are woken, and for what: the device that is awake, and when.
    pub(super) wakes: BTreeMap<(AccountNo, WakeClass), (DeviceNo, UnixMs)>,
    /// What was taken away: goes to the deny log before the commit.
    pub(super) denials: Vec<Denial>,
}

impl Writes {
    fn take_over(&mut self, later: Self) {
        self.row = later.row.or(self.row.take());
        self.access = later.access.or(self.access.take());
        self.grant_end = later.grant_end.or(self.grant_end);
        self.rules_due = match (self.rules_due, later.rules_due) {
            (Some(due), Some(later)) => Some(due.then(later)),
            (due, later) => later.or(due),
        };
        self.parts.extend(later.parts);
        self.log.extend(later.log);
        self.aliases.extend(later.aliases);
        self.renumbered.extend(later.renumbered);
        self.refused.extend(later.refused);
        self.tombstones.extend(later.tombstones);
        self.quarantine.extend(later.quarantine);
        self.requests.extend(later.requests);
        self.audit.extend(later.audit);
        for (key, (awake, at_ms)) in later.wakes {
            let (known, at) = self.wakes.entry(key).or_insert((awake, at_ms));
            // Of two devices that wrote, each is to hear of the other.
            *known = if *known == awake { awake } else { 0 };
            *at = at_ms;
        }
        self.denials.extend(later.denials);
    }
}

/// The rows of one circle that the jobs of a group asked for.
pub(super) struct Loaded {
    pub(super) info: Arc<CircleInfo>,
    pub(super) row: CircleRow,
    pub(super) access: Arc<AccessRow>,
    pub(super) parts: BTreeMap<(RecordId, u64), PartRow>,
    /// Records of which every part is in `parts`, or that have none.
    pub(super) records: BTreeSet<RecordId>,
    pub(super) parents: BTreeSet<RecordId>,
    pub(super) types: BTreeSet<u32>,
    pub(super) dots: BTreeSet<Dot>,
    pub(super) log: BTreeMap<Dot, LogRow>,
    /// All of the circle, always: few, and any named dot may be one.
    pub(super) aliases: BTreeMap<Dot, Dot>,
    pub(super) renumbered: BTreeMap<(Dot, [u8; 16]), Dot>,
    pub(super) owners: BTreeMap<Replica, OwnerRow>,
    pub(super) replicas: BTreeSet<Replica>,
    /// Of `records`.
    pub(super) refused: BTreeSet<RecordId>,
    pub(super) moved: BTreeSet<RecordId>,
    pub(super) tombstones: Vec<TombstoneRow>,
    pub(super) all_tombstones: bool,
    pub(super) asked_requests: BTreeSet<RequestKey>,
    pub(super) requests: BTreeMap<RequestKey, RequestRow>,
    pub(super) asked_quarantine: BTreeSet<u64>,
    pub(super) quarantine: BTreeMap<u64, QuarantineRow>,
    pub(super) writes: Writes,
}

impl Loaded {
    pub(super) fn new(info: Arc<CircleInfo>, row: CircleRow, access: Arc<AccessRow>) -> Self {
        Self {
            info,
            row,
            access,
            parts: BTreeMap::new(),
            records: BTreeSet::new(),
            parents: BTreeSet::new(),
            types: BTreeSet::new(),
            dots: BTreeSet::new(),
            log: BTreeMap::new(),
            aliases: BTreeMap::new(),
            renumbered: BTreeMap::new(),
            owners: BTreeMap::new(),
            replicas: BTreeSet::new(),
            refused: BTreeSet::new(),
            moved: BTreeSet::new(),
            tombstones: Vec::new(),
            all_tombstones: false,
            asked_requests: BTreeSet::new(),
            requests: BTreeMap::new(),
            asked_quarantine: BTreeSet::new(),
            quarantine: BTreeMap::new(),
            writes: Writes::default(),
        }
    }

    /// The head as earlier jobs of the group left it.
    pub(super) fn current_row(&self) -> &CircleRow {
        self.writes.row.as_ref().unwrap_or(&self.row)
    }

    /// Takes in what was asked for, before the rows arrive.
    pub(super) fn ask(&mut self, needs: &Needs) {
        self.records.extend(&needs.records);
        self.parents.extend(&needs.children_of);
        self.types.extend(&needs.types);
        self.dots.extend(&needs.dots);
        let named = needs.dots.iter().map(|dot| dot.replica).chain(needs.replicas.iter().copied());
        self.replicas.extend(named.filter(|replica| replica.n != 0));
        self.all_tombstones |= needs.tombstones;
        self.asked_requests.extend(needs.request);
        self.asked_quarantine.extend(&needs.quarantine);
    }

    /// Declares the parents of what was loaded; returns those that are to be loaded still.
    pub(super) fn ask_parents(&mut self) -> Vec<RecordId> {
        let parents: BTreeSet<RecordId> = self.parts.values().filter_map(|part| part.parent).collect();
        parents.into_iter().filter(|parent| self.records.insert(*parent)).collect()
    }

    /// Whether the part stands in the database, or may: records are declared before they are written.
    pub(super) fn has_part(&self, key: &(RecordId, u64)) -> bool {
        self.parts.contains_key(key) || !self.records.contains(&key.0)
    }

    /// Whether it is known that the database has no such row.
    pub(super) fn has_no_log(&self, dot: &Dot) -> bool {
        self.dots.contains(dot) && !self.log.contains_key(dot)
    }

    /// Takes in a loaded part. Loads by parent or type bring every part of a record.
    pub(super) fn put_part(&mut self, part: PartRow) {
        self.records.insert(part.record);
        self.parts.insert((part.record, part.label), part);
    }
}

/// The circles of one transaction.
#[derive(Default)]
pub(super) struct Group {
    pub(super) circles: BTreeMap<CircleNo, Loaded>,
    /// Audit rows that came without a job.
    pub(super) audit: Vec<AuditRow>,
    /// When the first job of the group began to ask rules, in milliseconds since 1970; 0: none did.
    rules_began: AtomicU64,
}

impl Group {
    /// Runs one job on its own overlay; what it wrote stays only if it says Ok.
    pub(super) fn run(&mut self, job: &mut Job) -> Result<(), StoreError> {
        let Some(loaded) = self.circles.get_mut(&job.needs.circle) else {
            return Err(StoreError::NotFound);
        };
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut working = Working::new(loaded, &self.rules_began);
            (job.run)(&mut working).map(|()| working.into_writes())
        }));
        let writes = ran.map_err(|_| StoreError::Panicked)??;
        loaded.writes.take_over(writes);
        Ok(())
    }

    /// Every audit row of the group, those of jobs first.
    pub(super) fn audit_rows(&self) -> impl Iterator<Item = &AuditRow> {
        self.circles.values().flat_map(|loaded| &loaded.writes.audit).chain(&self.audit)
    }

    /// What the jobs of the group took away.
    pub(super) fn denials(&self) -> impl Iterator<Item = &Denial> {
        self.circles.values().flat_map(|loaded| &loaded.writes.denials)
    }

    /// Circles whose head moved.
    pub(super) fn moved(&self) -> Vec<(CircleNo, u64)> {
        let rows = self.circles.values().filter_map(|loaded| loaded.writes.row.as_ref());
        rows.map(|row| (row.circle, row.head)).collect()
    }
}
