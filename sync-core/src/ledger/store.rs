//! What the ledger needs of a store: one circle, filled before, written to memory, flushed by the store later.

use alloc::vec::Vec;

use crate::{
    Change, Dot, Known, Part, PartId, RecordId, Replica,
    faults::{Fault, Faults},
};

use super::{Kept, Mac, Reason, SKIP_MAC};

/// A label and a priority class: the unit of granting, sending and erasing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Cell {
    pub label: u64,
    pub class: u8,
}

/// The generation of a grant. A label that was lost and granted again has a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Generation {
    pub epoch: u32,
    pub n: u64,
}

/// The last processed counter of a replica, and the MAC of its content; counter 0 before its first change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChainPoint {
    pub counter: u64,
    pub mac: Mac,
}

/// Whose replica it is. All lanes of an installation, of all epochs, have one `installation`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Owner {
    pub account: u64,
    pub installation: u64,
    /// Taken out of use (Rebase, revocation): takes no new counters.
    pub retired: bool,
}

/// A merged part with its place in the circle.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StoredPart {
    pub part: Part,
    pub type_number: u32,
    pub class: u8,
    /// Sequence of the last commit that wrote it, and of the first; 0 if it is new.
    pub seq: u64,
    pub first_seq: u64,
}

/// One circle. Methods that change something only change memory; the store makes it durable, all or nothing.
pub trait CircleStore {
    /// The last sequence that was given.
    fn head(&self) -> u64;
    fn set_head(&mut self, head: u64);

    fn chain(&self, replica: Replica) -> ChainPoint;
    fn set_chain(&mut self, replica: Replica, point: ChainPoint);
    /// None: no replica of this circle.
    fn owner(&self, replica: Replica) -> Option<Owner>;

    fn kept(&self, dot: Dot) -> Option<Kept>;
    /// Keeps a final verdict, and `change` (None: a SKIP) as history.
    fn keep(&mut self, dot: Dot, kept: &Kept, change: Option<&Change>);

    /// Whether the circle has aliases at all.
    fn has_aliases(&self) -> bool;
    /// The dot under which the change that `dot` names was applied; `dot` itself if it has no other name.
    fn canonical(&self, dot: Dot) -> Dot;
    /// From now on `earlier` names the change that was applied as `applied`.
    fn add_alias(&mut self, earlier: Dot, applied: Dot);
    /// The change that once had the number `earlier` and, under that replica's key, this MAC: where it was processed.
    fn renumbered(&self, earlier: Dot, mac: &Mac) -> Option<Dot>;
    fn add_renumbered(&mut self, earlier: Dot, mac: &Mac, dot: Dot);
    /// Every dot that `add_renumbered` was told of this number.
    fn numbered_again(&self, earlier: Dot) -> Vec<Dot>;
    /// The earlier numbers of `dot` (all that `add_renumbered` was told of it), in the order in which it had them. Without
    /// them a change that names a change that was numbered again too is not always known for the same.
    fn numbers_before(&self, _dot: Dot) -> Vec<Dot> {
        Vec::new()
    }

    fn part(&self, id: PartId) -> Option<&StoredPart>;
    /// Takes a part out to change it; a new one if there is none. It comes back by `put_part`.
    fn take_part(&mut self, id: PartId) -> StoredPart;
    fn put_part(&mut self, id: PartId, part: StoredPart);

    /// Whether a creation of this record carries a kept verdict REFUSED.
    fn creation_refused(&self, record: RecordId) -> bool;
    fn add_refused_creation(&mut self, record: RecordId);
    /// Whether the record was moved away (a tombstone stands for it).
    fn moved(&self, record: RecordId) -> bool;
    /// Files a change that waits for a person's decision; returns its number.
    fn quarantine(&mut self, change: &Change, reason: &Reason) -> u64;

    fn digest(&self, cell: Cell) -> u128;
    fn set_digest(&mut self, cell: Cell, digest: u128);
}

/// Computes the MAC of a change's content under the chain key of a replica. Asked only for changes that were
/// numbered again; `None` if the replica has no key here.
pub trait Macs {
    fn mac(&self, replica: Replica, change: &Change) -> Option<Mac>;
}

/// What the ledger must know of a record type.
pub trait Schemas {
    fn class(&self, type_number: u32) -> u8;
    fn append_only(&self, type_number: u32) -> bool;
}

/// A circle as the merge sees it.
#[derive(Debug)]
pub struct KnownIn<'a, S> {
    store: &'a S,
    faults: Faults,
}

impl<'a, S: CircleStore> KnownIn<'a, S> {
    pub fn new(store: &'a S) -> Self {
        Self { store, faults: Faults::NONE }
    }

    pub(super) fn with(store: &'a S, faults: Faults) -> Self {
        Self { store, faults }
    }
}

impl<S: CircleStore> Known for KnownIn<'_, S> {
    fn processed(&self, dot: Dot) -> bool {
        let passed = dot.counter <= self.store.chain(dot.replica).counter;
        // A number that its own device skipped has no content here, and somebody else may still give it back.
        self.faults.has(Fault::NoGoneMarks) || passed && self.store.renumbered(dot, &SKIP_MAC).is_none()
    }

    fn canonical(&self, dot: Dot) -> Dot {
        self.store.canonical(dot)
    }
}
