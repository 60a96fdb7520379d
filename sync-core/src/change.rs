//! Changes: atomic groups of writes by one replica in one circle, under one dot.

use alloc::{boxed::Box, vec::Vec};
use core::cmp::Ordering;

use crate::{Clock, Dot};

/// UUIDv7 made on the device, or derived from circle, type and key fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct RecordId(pub [u8; 16]);

/// That of its bytes: the same as that of the number which they write, and compared as one.
impl Ord for RecordId {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
    }
}

impl PartialOrd for RecordId {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The number of a role in `osteon.meta.v1.Role`; the core only compares it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Role(pub u8);

/// Who wrote a change, in which role. `account` is a number that the server gave.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Author {
    pub account: u64,
    pub role: Role,
}

/// The fields of a record that share one label. `label` is opaque here (osteon-proto, `label`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PartId {
    pub record: RecordId,
    pub label: u64,
}

/// A field of a record. A set (UNION) is many fields: one per element, told apart by the element's bytes.
/// Number 0 is the hidden lifecycle field, which stands in every part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Field {
    pub number: u32,
    pub element: Box<[u8]>,
}

/// What a write leaves: nothing (a removal), "cleared", or a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Put {
    Absent,
    Value(Box<[u8]>),
}

/// One write of one field. `put` = None is a removal that puts nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldWrite {
    pub field: Field,
    pub put: Option<Put>,
    /// The versions of this field that the author was shown and that this write takes the place of.
    pub replaces: Vec<Dot>,
    /// For a lifecycle ending: every live dot of the part (and of its children's parts) that was shown.
    pub covers: Vec<Dot>,
}

/// The writes of a change to one part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartWrite {
    pub part: PartId,
    /// The record type's number.
    pub type_number: u32,
    pub writes: Vec<FieldWrite>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub dot: Dot,
    pub clock: Clock,
    pub author: Author,
    /// The circle sequence of the confirmed state that it was made on. Never used by the merge.
    pub base: u64,
    /// The numbers that it had before it was numbered again (a fork, a Rebase). Aliases of `dot` from then on; one
    /// that somebody else's change was processed under is not among them when it is applied.
    pub earlier: Vec<Dot>,
    pub parts: Vec<PartWrite>,
    pub note: Note,
}

/// What travels with a change and is kept in the history; the merge never looks at it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Note {
    /// Why, in the author's words. Empty: none given.
    pub reason: Box<str>,
    /// Set by a conflict screen alone: the author was shown all versions and decided.
    pub resolves: bool,
}

/// What the merge needs to know of the change that a write belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub dot: Dot,
    pub clock: Clock,
    pub author: Author,
    /// See [`Change::earlier`].
    pub earlier: &'a [Dot],
}

/// A field by reference: what lookups take.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FieldRef<'a> {
    pub number: u32,
    pub element: &'a [u8],
}

impl Change {
    pub fn origin(&self) -> Origin<'_> {
        Origin { dot: self.dot, clock: self.clock, author: self.author, earlier: &self.earlier }
    }
}

impl<'a> From<&'a Field> for FieldRef<'a> {
    fn from(field: &'a Field) -> Self {
        Self { number: field.number, element: &field.element }
    }
}

impl From<FieldRef<'_>> for Field {
    fn from(field: FieldRef<'_>) -> Self {
        Self { number: field.number, element: field.element.into() }
    }
}

impl FieldRef<'static> {
    pub const LIFECYCLE: Self = Self::register(Field::LIFECYCLE);

    /// A register, or a whole list that is one value.
    pub const fn register(number: u32) -> Self {
        Self { number, element: &[] }
    }
}

impl Put {
    /// `None` is "cleared".
    pub fn value(&self) -> Option<&[u8]> {
        match self {
            Self::Absent => None,
            Self::Value(bytes) => Some(bytes),
        }
    }
}

impl Field {
    /// The hidden lifecycle field of every part.
    pub const LIFECYCLE: u32 = 0;

    /// A register, or a whole list that is one value.
    pub fn register(number: u32) -> Self {
        Self { number, element: Box::default() }
    }

    /// One element of a set.
    pub fn element(number: u32, element: impl Into<Box<[u8]>>) -> Self {
        Self { number, element: element.into() }
    }

    pub fn as_ref(&self) -> FieldRef<'_> {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_their_bytes() {
        let bytes = |n: u128| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes();
        for n in 0..200u128 {
            let (a, b) = (bytes(n), bytes(n / 2 + 7));
            assert_eq!(RecordId(a).cmp(&RecordId(b)), a.cmp(&b));
        }
    }
}
