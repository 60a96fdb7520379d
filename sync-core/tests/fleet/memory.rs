//! One circle in memory: what the ledger writes to, cloned to take a backup or to lose an uncommitted tail.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{
    Change, Dot, PartId, RecordId, Replica,
    ledger::{Ask, Cell, ChainPoint, CircleStore, Kept, Mac, Owner, Range, Reason, Row, StoredPart},
};

#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) head: u64,
    pub(crate) chains: BTreeMap<Replica, ChainPoint>,
    pub(crate) owners: BTreeMap<Replica, Owner>,
    pub(crate) kept: BTreeMap<Dot, Kept>,
    /// Every accepted change, as it was applied.
    pub(crate) history: BTreeMap<Dot, Change>,
    pub(crate) aliases: BTreeMap<Dot, Dot>,
    pub(crate) renumbered: BTreeMap<(Dot, Mac), Dot>,
    pub(crate) before: BTreeMap<Dot, Vec<Dot>>,
    pub(crate) parts: BTreeMap<PartId, StoredPart>,
    pub(crate) refused: BTreeSet<RecordId>,
    pub(crate) quarantined: Vec<(Change, Reason)>,
    pub(crate) digests: BTreeMap<Cell, u128>,
    /// Sequence → mark of the commit.
    pub(crate) marks: Vec<u32>,
}

impl CircleStore for Memory {
    fn head(&self) -> u64 {
        self.head
    }
    fn set_head(&mut self, head: u64) {
        self.head = head;
    }
    fn chain(&self, replica: Replica) -> ChainPoint {
        self.chains.get(&replica).copied().unwrap_or_default()
    }
    fn set_chain(&mut self, replica: Replica, point: ChainPoint) {
        self.chains.insert(replica, point);
    }
    fn owner(&self, replica: Replica) -> Option<Owner> {
        self.owners.get(&replica).copied()
    }
    fn kept(&self, dot: Dot) -> Option<Kept> {
        self.kept.get(&dot).cloned()
    }
    fn keep(&mut self, dot: Dot, kept: &Kept, change: Option<&Change>) {
        self.kept.insert(dot, kept.clone());
        if let (osteon_sync_core::ledger::Verdict::Accepted { .. }, Some(change)) = (&kept.verdict, change) {
            self.marks.resize(self.head as usize + 1, 0);
            self.marks[self.head as usize] = osteon_sync_core::ledger::cursor::mark(dot, &kept.mac);
            self.history.insert(dot, change.clone());
        }
    }
    fn has_aliases(&self) -> bool {
        !self.aliases.is_empty()
    }
    fn canonical(&self, dot: Dot) -> Dot {
        self.aliases.get(&dot).copied().unwrap_or(dot)
    }
    fn add_alias(&mut self, earlier: Dot, applied: Dot) {
        let applied = self.canonical(applied);
        if earlier != applied {
            self.aliases.insert(earlier, applied);
        }
    }
    fn renumbered(&self, earlier: Dot, mac: &Mac) -> Option<Dot> {
        self.renumbered.get(&(earlier, *mac)).copied()
    }
    fn add_renumbered(&mut self, earlier: Dot, mac: &Mac, dot: Dot) {
        self.renumbered.entry((earlier, *mac)).or_insert(dot);
        self.before.entry(dot).or_default().push(earlier);
    }
    fn numbered_again(&self, earlier: Dot) -> Vec<Dot> {
        self.renumbered.range((earlier, [0; 16])..=(earlier, [255; 16])).map(|(_, to)| *to).collect()
    }
    fn numbers_before(&self, dot: Dot) -> Vec<Dot> {
        self.before.get(&dot).cloned().unwrap_or_default()
    }
    fn part(&self, id: PartId) -> Option<&StoredPart> {
        self.parts.get(&id)
    }
    fn take_part(&mut self, id: PartId) -> StoredPart {
        self.parts.remove(&id).unwrap_or_default()
    }
    fn put_part(&mut self, id: PartId, part: StoredPart) {
        self.parts.insert(id, part);
    }
    fn creation_refused(&self, record: RecordId) -> bool {
        self.refused.contains(&record)
    }
    fn add_refused_creation(&mut self, record: RecordId) {
        self.refused.insert(record);
    }
    fn moved(&self, _record: RecordId) -> bool {
        false
    }
    fn quarantine(&mut self, change: &Change, reason: &Reason) -> u64 {
        self.quarantined.push((change.clone(), reason.clone()));
        self.quarantined.len() as u64
    }
    fn digest(&self, cell: Cell) -> u128 {
        self.digests.get(&cell).copied().unwrap_or_default()
    }
    fn set_digest(&mut self, cell: Cell, digest: u128) {
        self.digests.insert(cell, digest);
    }
}

impl Memory {
    pub(crate) fn mark(&self, sequence: u64) -> u32 {
        self.marks.get(sequence as usize).copied().unwrap_or_default()
    }

    /// Answers a range query as a store does: filled up to the end of the last commit. A part has a hundred bytes.
    pub(crate) fn rows(&self, ask: Ask) -> (Vec<Row<(PartId, StoredPart)>>, bool) {
        let row = |(id, stored): (&PartId, &StoredPart)| Row {
            cell: Cell { label: id.label, class: stored.class },
            seq: stored.seq,
            first_seq: stored.first_seq,
            bytes: 100,
            payload: (*id, stored.clone()),
        };
        let all = self.parts.iter().map(row);
        let mut rows: Vec<_> = match ask.range {
            Range::After { after } => all.filter(|r| r.seq > after).collect(),
            Range::Before { class, before, upto } => {
                all.filter(|r| r.cell.class == class && r.first_seq < before && r.seq <= upto).collect()
            }
        };
        let forwards = matches!(ask.range, Range::After { .. });
        let key = |r: &Row<_>| if forwards { r.seq } else { u64::MAX - r.first_seq };
        rows.sort_by_key(key);
        let fits = u64::from(ask.room.parts).min(ask.room.bytes.div_ceil(100));
        let cut = usize::try_from(fits - 1).ok().and_then(|last| rows.get(last)).map(key);
        rows.retain(|r| cut.is_none_or(|cut| key(r) <= cut));
        (rows, cut.is_some())
    }
}
