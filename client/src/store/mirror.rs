//! The confirmed layer of one circle in memory, remembering which parts changed since the last commit.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Which parts are of a type: a journal is long, and most questions are about a few types.
    by_type: BTreeMap<u32, BTreeSet<PartId>>,
    /// How many parts stand under a label.
    labels: BTreeMap<u64, usize>,
}

impl Mirror {
    /// A part as it was loaded.
    pub fn load(&mut self, id: PartId, part: ConfirmedPart) {
        let number = part.type_number;
        match self.held.parts.insert(id, part).map(|before| before.type_number) {
            Some(before) if before == number => return,
            Some(before) => self.not_of_type(id, before),
            None => *self.labels.entry(id.label).or_default() += 1,
        }
        self.by_type.entry(number).or_default().insert(id);
    }

    fn not_of_type(&mut self, id: PartId, number: u32) {
        if let Some(of) = self.by_type.get_mut(&number) {
            of.remove(&id);
            if of.is_empty() {
                self.by_type.remove(&number);
            }
        }
    }

    /// The parts of a type, ascending.
    pub fn of_type(&self, number: u32) -> impl Iterator<Item = PartId> + '_ {
        self.by_type.get(&number).into_iter().flatten().copied()
    }

    /// The types that parts are of.
    pub fn types(&self) -> impl Iterator<Item = u32> + '_ {
        self.by_type.keys().copied()
    }

    /// The labels that parts stand under.
    pub fn labels(&self) -> impl Iterator<Item = u64> + '_ {
        self.labels.keys().copied()
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
        let before: Vec<(PartId, u32)> = self.held.parts.iter().map(|(id, part)| (*id, part.type_number)).collect();
        take(&mut self.held);
        for (id, number) in before {
            if self.held.parts.contains_key(&id) {
                continue;
            }
            self.dirty.insert(id);
            self.not_of_type(id, number);
            if let Some(count) = self.labels.get_mut(&id.label) {
                *count -= 1;
                if *count == 0 {
                    self.labels.remove(&id.label);
                }
            }
        }
    }
}

impl Confirmed for Mirror {
    fn get(&self, id: PartId) -> Option<ConfirmedPart> {
        self.held.get(id)
    }

    fn put(&mut self, id: PartId, part: ConfirmedPart) {
        self.dirty.insert(id);
        self.load(id, part);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn part(type_number: u32, class: u8) -> ConfirmedPart {
        ConfirmedPart { type_number, class, ..ConfirmedPart::default() }
    }

    fn id(record: u8, label: u64) -> PartId {
        PartId { record: RecordId([record; 16]), label }
    }

    #[test]
    fn the_indices_follow_what_is_held() {
        let mut mirror = Mirror::default();
        mirror.put(id(1, 6), part(101, 3));
        mirror.put(id(2, 6), part(101, 3));
        mirror.put(id(3, 7), part(102, 3));
        // The same part, of another type now.
        mirror.put(id(2, 6), part(102, 3));
        let of = |mirror: &Mirror, number| mirror.of_type(number).collect::<Vec<_>>();
        assert_eq!((of(&mirror, 101), of(&mirror, 102)), (vec![id(1, 6)], vec![id(2, 6), id(3, 7)]));
        assert_eq!(mirror.labels().collect::<Vec<_>>(), [6, 7]);
        mirror.erase(Cell { label: 7, class: 3 });
        mirror.remove(RecordId([1; 16]));
        assert_eq!((of(&mirror, 101), of(&mirror, 102)), (vec![], vec![id(2, 6)]));
        assert_eq!((mirror.types().collect::<Vec<_>>(), mirror.labels().collect::<Vec<_>>()), (vec![102], vec![6]));
        assert_eq!(mirror.take_changes().len(), 3);
    }
}
