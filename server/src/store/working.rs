//! What a job sees: the loaded rows of its circle, what earlier jobs of its group did to them, and its own writes
//! laid over both. Dropping it is the rollback; the group takes the writes over when the job said Ok.
//!
//! Reading what was not declared in `Needs` is an error, never "absent": a part that was not loaded would be
//! overwritten.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use osteon_sync_core::{Dot, RecordId, Replica};

use super::{
    AccessRow, AccountNo, AuditRow, CircleRow, DeviceNo, LogRow, OwnerRow, PartRow, QuarantineRow, RequestRow,
    RulesDue, StoreError, TombstoneRow, UnixMs,
    group::{Loaded, Writes},
    marks,
    model::DueWrite,
    wakes::WakeClass,
};
use crate::{deny::Denial, seal::CircleKeys};

/// A record, and the label of a part of it.
pub type PartKey = (RecordId, u64);

pub struct Working<'a> {
    base: &'a Loaded,
    own: Writes,
    /// Records that stand nowhere yet, as the job said.
    new: BTreeSet<RecordId>,
    /// When the first job of the group began to ask rules; 0: none did.
    rules_began: &'a AtomicU64,
}

/// The newest of three layers that knows the key.
macro_rules! layered {
    ($self:ident.$field:ident, $key:expr) => {
        $self
            .own
            .$field
            .get($key)
            .or_else(|| $self.base.writes.$field.get($key))
            .or_else(|| $self.base.$field.get($key))
    };
}

impl<'a> Working<'a> {
    pub(super) fn new(base: &'a Loaded, rules_began: &'a AtomicU64) -> Self {
        Self { base, own: Writes::default(), new: BTreeSet::new(), rules_began }
    }

    /// When the group that this job is one of began to ask rules: now, where it is the first that does.
    pub fn rules_began(&self, now_ms: UnixMs) -> UnixMs {
        match self.rules_began.compare_exchange(0, now_ms, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => now_ms,
            Err(began) => began,
        }
    }

    pub(super) fn into_writes(self) -> Writes {
        self.own
    }

    pub fn circle(&self) -> &CircleRow {
        self.own.row.as_ref().unwrap_or_else(|| self.base.current_row())
    }

    /// The head of the circle, to move it: sequence, chains, digests. The access generation moves by
    /// [`Working::put_access`] alone.
    pub fn circle_mut(&mut self) -> &mut CircleRow {
        let base = self.base;
        self.own.row.get_or_insert_with(|| base.current_row().clone())
    }

    pub fn keys(&self) -> &CircleKeys {
        &self.base.info.keys
    }

    pub fn access(&self) -> &AccessRow {
        self.own.access.as_ref().or(self.base.writes.access.as_ref()).unwrap_or(&self.base.access)
    }

    /// Replaces the access state and the projection of who is a member; moves the access generation. `members` is
    /// kept in order of the account.
    pub fn put_access(&mut self, state: Vec<u8>, mut members: Vec<(AccountNo, u8)>) {
        members.sort_unstable();
        members.dedup_by_key(|member| member.0);
        let generation = self.circle().access_generation + 1;
        self.circle_mut().access_generation = generation;
        self.own.access = Some(AccessRow { generation, state, members });
    }

    /// When the next grant ends: from then on the circle is one of those that are due.
    pub fn put_grant_end(&mut self, at_ms: Option<UnixMs>) {
        self.own.grant_end = Some(at_ms);
    }

    /// When the rules of the circle are looked at next.
    pub fn put_rules_due(&mut self, due: RulesDue) {
        self.own.rules_due = Some(DueWrite::At(due));
    }

    /// The rules of the circle are looked at by then: what is due sooner, or late, stays so.
    pub fn put_rules_due_by(&mut self, due: RulesDue) {
        let by = DueWrite::By(due);
        self.own.rules_due = Some(self.own.rules_due.map_or(by, |stands| stands.then(by)));
    }

    /// The head that stands in the database: what earlier jobs of the group wrote is not in it.
    pub fn stored_head(&self) -> u64 {
        self.base.row.head
    }

    /// Parts that jobs of the group wrote, this one included: as they stand now, and their type. `None`: taken away.
    pub fn written_parts(&self) -> impl Iterator<Item = (PartKey, u32, Option<&PartRow>)> {
        let mut written: BTreeMap<PartKey, Option<&PartRow>> = BTreeMap::new();
        for layer in [&self.base.writes.parts, &self.own.parts] {
            written.extend(layer.iter().map(|(key, part)| (*key, part.as_ref())));
        }
        written.into_iter().filter_map(|(key, part)| {
            let stood = part.or_else(|| self.base.parts.get(&key))?;
            Some((key, stood.type_number, part))
        })
    }

    /// The caller knows that the database has no such record: its id comes of what nothing had before.
    pub fn declare_new(&mut self, record: RecordId) {
        self.new.insert(record);
    }

    pub fn part(&self, record: RecordId, label: u64) -> Result<Option<&PartRow>, StoreError> {
        self.declared(record)?;
        let key = (record, label);
        let written = self.own.parts.get(&key).or_else(|| self.base.writes.parts.get(&key));
        Ok(match written {
            Some(part) => part.as_ref(),
            None => self.base.parts.get(&key),
        })
    }

    /// All parts of a record, by label.
    pub fn parts_of(&self, record: RecordId) -> Result<Vec<&PartRow>, StoreError> {
        self.declared(record)?;
        let range = (record, 0)..=(record, u64::MAX);
        let mut parts: BTreeMap<PartKey, &PartRow> =
            self.base.parts.range(range.clone()).map(|(key, part)| (*key, part)).collect();
        for layer in [&self.base.writes, &self.own] {
            for (key, part) in layer.parts.range(range.clone()) {
                lay_over(&mut parts, *key, part.as_ref());
            }
        }
        Ok(parts.into_values().collect())
    }

    /// All parts of the children of a record, by (record, label).
    pub fn children_of(&self, parent: RecordId) -> Result<Vec<&PartRow>, StoreError> {
        if !self.base.parents.contains(&parent) {
            return Err(StoreError::Undeclared("children_of"));
        }
        Ok(self.select(|part| part.parent == Some(parent)))
    }

    /// All parts of a record type, by (record, label).
    pub fn parts_of_type(&self, type_number: u32) -> Result<Vec<&PartRow>, StoreError> {
        if !self.base.types.contains(&type_number) {
            return Err(StoreError::Undeclared("types"));
        }
        Ok(self.select(|part| part.type_number == type_number))
    }

    fn select(&self, wanted: impl Fn(&PartRow) -> bool) -> Vec<&PartRow> {
        let mut parts: BTreeMap<PartKey, &PartRow> = self.base.parts.iter().map(|(key, part)| (*key, part)).collect();
        for layer in [&self.base.writes, &self.own] {
            for (key, part) in &layer.parts {
                lay_over(&mut parts, *key, part.as_ref());
            }
        }
        parts.into_values().filter(|part| wanted(part)).collect()
    }

    pub fn put_part(&mut self, part: PartRow) -> Result<(), StoreError> {
        self.declared(part.record)?;
        self.own.parts.insert((part.record, part.label), Some(part));
        Ok(())
    }

    /// Takes a part away for good (moved, erased). The caller leaves a tombstone.
    pub fn remove_part(&mut self, record: RecordId, label: u64) -> Result<(), StoreError> {
        self.declared(record)?;
        self.own.parts.insert((record, label), None);
        Ok(())
    }

    fn declared(&self, record: RecordId) -> Result<(), StoreError> {
        if self.base.records.contains(&record) || self.new.contains(&record) {
            Ok(())
        } else {
            Err(StoreError::Undeclared("records"))
        }
    }

    /// The kept row of a change, by the very dot that it was stored under (see [`Working::alias`]).
    pub fn log(&self, dot: Dot) -> Result<Option<&LogRow>, StoreError> {
        let known = layered!(self.log, &dot);
        if known.is_none() && !self.base.dots.contains(&dot) {
            return Err(StoreError::Undeclared("dots"));
        }
        Ok(known)
    }

    /// Keeps a row for a change; one that stands under the same dot is replaced (redaction, a decided quarantine).
    pub fn put_log(&mut self, row: LogRow) {
        self.own.log.insert(row.dot, row);
    }

    /// Whether the circle has aliases at all.
    pub fn has_aliases(&self) -> bool {
        self.circle().marks & marks::ALIASES != 0
    }

    /// The dot under which the content of `dot` was applied, if it was given another number.
    pub fn alias(&self, dot: Dot) -> Option<Dot> {
        layered!(self.aliases, &dot).copied()
    }

    /// From now on `dot` names the change that was applied as `of`.
    pub fn put_alias(&mut self, dot: Dot, of: Dot) {
        self.mark(marks::ALIASES);
        self.own.aliases.insert(dot, of);
    }

    /// Where the change was processed that once had the number `dot` and, under that replica's key, this MAC.
    pub fn renumbered(&self, dot: Dot, mac: [u8; 16]) -> Option<Dot> {
        layered!(self.renumbered, &(dot, mac)).copied()
    }

    /// Every dot that a number was ever given again as.
    pub fn numbered_again(&self, dot: Dot) -> Vec<Dot> {
        let all = (dot, [0; 16])..=(dot, [255; 16]);
        let layers = [&self.base.renumbered, &self.base.writes.renumbered, &self.own.renumbered];
        layers.into_iter().flat_map(|layer| layer.range(all.clone()).map(|(_, to)| *to)).collect()
    }

    pub fn put_renumbered(&mut self, dot: Dot, mac: [u8; 16], processed: Dot) {
        self.mark(marks::RENUMBERED);
        self.own.renumbered.insert((dot, mac), processed);
    }

    fn mark(&mut self, bit: u8) {
        if self.circle().marks & bit == 0 {
            self.circle_mut().marks |= bit;
        }
    }

    /// Whose replica it is; `None`: no such replica. The server's own replica (`n` = 0) has no owner.
    pub fn owner(&self, replica: Replica) -> Result<Option<OwnerRow>, StoreError> {
        if replica.n != 0 && !self.base.replicas.contains(&replica) {
            return Err(StoreError::Undeclared("replicas"));
        }
        Ok(self.base.owners.get(&replica).copied())
    }

    /// Whether a creation of this record carries a kept verdict REFUSED.
    pub fn creation_refused(&self, record: RecordId) -> Result<bool, StoreError> {
        self.declared(record)?;
        Ok(self.own.refused.contains(&record)
            || self.base.writes.refused.contains(&record)
            || self.base.refused.contains(&record))
    }

    pub fn put_refused_creation(&mut self, record: RecordId) {
        self.mark(marks::REFUSED_CREATIONS);
        self.own.refused.insert(record);
    }

    /// Whether the record was moved away: a tombstone of the whole record stands for it.
    pub fn moved(&self, record: RecordId) -> Result<bool, StoreError> {
        self.declared(record)?;
        let written = self.own.tombstones.iter().chain(&self.base.writes.tombstones);
        Ok(self.base.moved.contains(&record) || written.filter(|row| row.dot.is_none()).any(|row| row.record == record))
    }

    /// Every tombstone of the circle, by sequence.
    pub fn tombstones(&self) -> Result<Vec<&TombstoneRow>, StoreError> {
        if !self.base.all_tombstones {
            return Err(StoreError::Undeclared("tombstones"));
        }
        let layers = [&self.base.tombstones, &self.base.writes.tombstones, &self.own.tombstones];
        Ok(layers.into_iter().flatten().collect())
    }

    pub fn put_tombstone(&mut self, row: TombstoneRow) {
        self.mark(marks::TOMBSTONES);
        self.deny(Denial::Gone { circle: self.circle().circle, record: row.record, dot: row.dot });
        self.own.tombstones.push(row);
    }

    pub fn quarantined(&self, id: u64) -> Result<Option<&QuarantineRow>, StoreError> {
        let written = self.own.quarantine.get(&id).or_else(|| self.base.writes.quarantine.get(&id));
        if let Some(row) = written {
            return Ok(row.as_ref());
        }
        if !self.base.asked_quarantine.contains(&id) {
            return Err(StoreError::Undeclared("quarantine"));
        }
        Ok(self.base.quarantine.get(&id))
    }

    /// The id for a change that is about to be quarantined: dense per circle, never given again.
    pub fn next_quarantine_id(&mut self) -> u64 {
        let row = self.circle_mut();
        row.quarantined += 1;
        row.quarantined
    }

    pub fn put_quarantine(&mut self, row: QuarantineRow) {
        self.own.quarantine.insert(row.id, Some(row));
    }

    pub fn remove_quarantine(&mut self, id: u64) {
        self.own.quarantine.insert(id, None);
    }

    pub fn request(&self, account: AccountNo, request_id: [u8; 16]) -> Result<Option<&RequestRow>, StoreError> {
        let key = (account, request_id);
        let known = layered!(self.requests, &key);
        if known.is_none() && !self.base.asked_requests.contains(&key) {
            return Err(StoreError::Undeclared("request"));
        }
        Ok(known)
    }

    pub fn put_request(&mut self, row: RequestRow) {
        self.own.requests.insert((row.account, row.request_id), row);
    }

    /// Whether this job moves the access state.
    pub fn moves_access(&self) -> bool {
        self.own.access.is_some()
    }

    /// The account's devices are to be woken, but for the one that is awake, in the commit of the job.
    pub fn wake(&mut self, account: AccountNo, class: WakeClass, awake: DeviceNo, at_ms: UnixMs) {
        self.own.wakes.insert((account, class), (awake, at_ms));
    }

    /// Says that something is taken away: it stands in the deny log before the commit is acknowledged.
    pub fn deny(&mut self, denial: Denial) {
        self.own.denials.push(denial);
    }

    /// Appends to the audit, in the commit of the job.
    pub fn audit(&mut self, row: AuditRow) {
        self.own.audit.push(row);
    }
}

fn lay_over<'p>(parts: &mut BTreeMap<PartKey, &'p PartRow>, key: PartKey, part: Option<&'p PartRow>) {
    match part {
        Some(part) => {
            parts.insert(key, part);
        }
        None => {
            parts.remove(&key);
        }
    }
}
