//! Chains: per circle and replica, the last processed counter. The chains of a circle are its version vector.
//!
//! The merge asks two things of them ([`Known`]): whether a named dot was processed, and under which number
//! it was applied if its change was numbered again.

use alloc::collections::BTreeMap;

use crate::{Dot, Replica};

/// What a circle has processed.
pub trait Known {
    /// Whether the change of this dot was processed: applied, refused or quarantined. See
    /// [`Part::offer`](crate::Part::offer) for one that was skipped.
    fn processed(&self, dot: Dot) -> bool;

    /// The number under which a change that was numbered again is applied; any other dot is its own.
    fn canonical(&self, dot: Dot) -> Dot {
        dot
    }
}

impl<F: Fn(Dot) -> bool> Known for F {
    fn processed(&self, dot: Dot) -> bool {
        self(dot)
    }
}

/// The last processed counter of one replica in one circle; 0 before its first change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ChainHead {
    pub counter: u64,
}

/// Where a counter stands in relation to its chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Next,
    /// Processed before: the first verdict is given again (or FORKED, if the content is another).
    Duplicate,
    /// Resend from `expected`.
    Gap {
        expected: u64,
    },
}

impl ChainHead {
    pub fn place(self, counter: u64) -> Place {
        if counter <= self.counter {
            Place::Duplicate
        } else if counter - 1 == self.counter {
            Place::Next
        } else {
            Place::Gap { expected: self.counter + 1 }
        }
    }
}

/// The chains of one circle, held in memory, with the aliases of changes that were numbered again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chains {
    heads: BTreeMap<Replica, ChainHead>,
    aliases: BTreeMap<Dot, Dot>,
}

impl Chains {
    pub fn head(&self, replica: Replica) -> ChainHead {
        self.heads.get(&replica).copied().unwrap_or_default()
    }

    pub fn place(&self, dot: Dot) -> Place {
        self.head(dot.replica).place(dot.counter)
    }

    /// Moves the chain on by one, whatever the final verdict; false if `dot` is not the next one.
    pub fn advance(&mut self, dot: Dot) -> bool {
        let next = self.place(dot) == Place::Next;
        if next {
            self.heads.insert(dot.replica, ChainHead { counter: dot.counter });
        }
        next
    }

    /// Sets a head, as read from a store.
    pub fn set(&mut self, replica: Replica, head: ChainHead) {
        self.heads.insert(replica, head);
    }

    /// From now on `earlier` names the change that is applied under `dot`.
    pub fn alias(&mut self, earlier: Dot, dot: Dot) {
        let target = self.canonical(dot);
        if earlier == target {
            return;
        }
        self.aliases.values_mut().filter(|known| **known == earlier).for_each(|known| *known = target);
        self.aliases.insert(earlier, target);
    }

    pub fn iter(&self) -> impl Iterator<Item = (Replica, ChainHead)> + '_ {
        self.heads.iter().map(|(r, h)| (*r, *h))
    }
}

impl Known for Chains {
    fn processed(&self, dot: Dot) -> bool {
        dot.counter <= self.head(dot.replica).counter
    }

    fn canonical(&self, dot: Dot) -> Dot {
        self.aliases.get(&dot).copied().unwrap_or(dot)
    }
}
