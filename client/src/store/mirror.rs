//! The confirmed layer of one circle in memory, remembering which parts changed since the last commit.

use std::collections::BTreeSet;

use osteon_sync_core::{
    PartId, RecordId,
    device::{Confirmed, ConfirmedPart, InMemory},
    ledger::Cell,
};

/// Confirmed parts, and what is not on disk yet.
#[derive(Clone, Default)]
pub struct Mirror {
    held: InMemory,
    dirty: BTreeSet<PartId>,
}

impl Mirror {
    /// A part as it was loaded.
    pub fn load(&mut self, id: PartId, part: ConfirmedPart) {
        self.held.parts.insert(id, part);
    }

    /// The parts that changed, with their new state (`None`: gone), once.
    pub fn take_changes(&mut self) -> Vec<(PartId, Option<&ConfirmedPart>)> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.into_iter().map(|id| (id, self.held.parts.get(&id))).collect()
    }

    pub fn parts(&self) -> impl ExactSizeIterator<Item = (PartId, &ConfirmedPart)> {
        self.held.parts.iter().map(|(id, part)| (*id, part))
    }

    pub fn part(&self, id: PartId) -> Option<&ConfirmedPart> {
        self.held.parts.get(&id)
    }

    /// Runs something that takes parts away, and notes which.
    fn shrink(&mut self, take: impl FnOnce(&mut InMemory)) {
        let before: Vec<PartId> = self.held.parts.keys().copied().collect();
        take(&mut self.held);
        let held = &self.held.parts;
        self.dirty.extend(before.into_iter().filter(|id| !held.contains_key(id)));
    }
}

impl Confirmed for Mirror {
    fn get(&self, id: PartId) -> Option<ConfirmedPart> {
        self.held.get(id)
    }

    fn put(&mut self, id: PartId, part: ConfirmedPart) {
        self.dirty.insert(id);
        self.held.put(id, part);
    }

    fn of_record(&self, record: RecordId) -> Vec<PartId> {
        self.held.of_record(record)
    }

    fn cells(&self) -> BTreeSet<Cell> {
        self.held.cells()
    }

    fn erase(&mut self, cell: Cell) {
        self.shrink(|held| held.erase(cell));
    }

    fn stale(&self, read: u64) -> Vec<PartId> {
        self.held.stale(read)
    }

    fn sweep(&mut self, cell: Option<Cell>, read: u64) {
        self.shrink(|held| held.sweep(cell, read));
    }

    fn remove(&mut self, record: RecordId) {
        self.shrink(|held| held.remove(record));
    }

    fn digest(&self, cell: Cell, key: &[u8; 16]) -> u128 {
        self.held.digest(cell, key)
    }
}
