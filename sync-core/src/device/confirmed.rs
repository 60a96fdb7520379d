//! The confirmed layer: what the server sent, in SQLite or in memory.

use alloc::{collections::BTreeMap, collections::BTreeSet, vec::Vec};

use crate::{Part, PartId, RecordId, digest, ledger::Cell};

/// A part as the server sent it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ConfirmedPart {
    pub part: Part,
    pub type_number: u32,
    pub class: u8,
    /// The number of the page that brought it ([`super::Circle::read`]).
    pub read: u64,
    /// Review flags and last agreed values that were shipped with it; the caller's.
    pub extra: Vec<u8>,
}

/// The confirmed parts of one circle. What a page does to it is one local transaction with the device's state.
pub trait Confirmed {
    fn get(&self, id: PartId) -> Option<ConfirmedPart>;
    fn put(&mut self, id: PartId, part: ConfirmedPart);
    /// The parts of a record, ascending by label.
    fn of_record(&self, record: RecordId) -> Vec<PartId>;
    /// The cells that have parts.
    fn cells(&self) -> BTreeSet<Cell>;
    /// Everything of the cell goes: also indexes and attachments.
    fn erase(&mut self, cell: Cell);
    /// Parts that were read before the page `read`.
    fn stale(&self, read: u64) -> Vec<PartId>;
    /// Parts that were read before the page `read` go: of `cell`, or all.
    fn sweep(&mut self, cell: Option<Cell>, read: u64);
    /// A record that was moved away or erased.
    fn remove(&mut self, record: RecordId);
    /// The digest of a cell, as the server computes it.
    fn digest(&self, cell: Cell, key: &[u8; 16]) -> u128;
}

/// A confirmed layer in memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InMemory {
    pub parts: BTreeMap<PartId, ConfirmedPart>,
}

fn in_cell(id: PartId, part: &ConfirmedPart, cell: Cell) -> bool {
    id.label == cell.label && part.class == cell.class
}

impl Confirmed for InMemory {
    fn get(&self, id: PartId) -> Option<ConfirmedPart> {
        self.parts.get(&id).cloned()
    }

    fn put(&mut self, id: PartId, part: ConfirmedPart) {
        self.parts.insert(id, part);
    }

    fn of_record(&self, record: RecordId) -> Vec<PartId> {
        let all = PartId { record, label: 0 }..=PartId { record, label: u64::MAX };
        self.parts.range(all).map(|(id, _)| *id).collect()
    }

    fn cells(&self) -> BTreeSet<Cell> {
        self.parts.iter().map(|(id, p)| Cell { label: id.label, class: p.class }).collect()
    }

    fn erase(&mut self, cell: Cell) {
        self.parts.retain(|id, p| !in_cell(*id, p, cell));
    }

    fn stale(&self, read: u64) -> Vec<PartId> {
        self.parts.iter().filter(|(_, p)| p.read < read).map(|(id, _)| *id).collect()
    }

    fn sweep(&mut self, cell: Option<Cell>, read: u64) {
        self.parts.retain(|id, p| p.read >= read || cell.is_some_and(|c| !in_cell(*id, p, c)));
    }

    fn remove(&mut self, record: RecordId) {
        self.parts.retain(|id, _| id.record != record);
    }

    fn digest(&self, cell: Cell, key: &[u8; 16]) -> u128 {
        let parts = self.parts.iter().filter(|(id, p)| in_cell(**id, p, cell));
        parts.fold(0, |sum, (id, p)| sum.wrapping_add(digest::contribution(key, id.record, &p.part)))
    }
}
