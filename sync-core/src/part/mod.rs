//! The state of a part: per field its live versions, and the marks of versions that are gone before they came.
//!
//! One table of dots (with clock and author) is shared by all fields, one buffer holds all values, and a
//! field's version is a slot of 24 bytes pointing into both: a record of twelve fields takes four allocations.
//! Everything is kept sorted, so that equal sets of processed changes give equal bytes ([`Part::encode`]).

mod apply;
mod codec;

use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

use crate::{Author, Clock, Dot, Field, FieldRef};

pub use apply::TooManyVersions;
pub use codec::DecodeError;

/// One part of one record, merged.
#[derive(Clone, Default)]
pub struct Part {
    /// Ascending by (number, element, dot).
    slots: Vec<Slot>,
    /// Ascending by dot; each one is that of a slot at least.
    metas: Vec<Meta>,
    /// Elements and values; holes after removals.
    bytes: Vec<u8>,
    rare: Option<Box<Rare>>,
}

/// What most parts never have.
#[derive(Clone, PartialEq, Eq, Default)]
struct Rare {
    /// Versions named as replaced whose change was not processed yet. Ascending.
    gone: Vec<(Field, Dot)>,
    /// What each live ending covers: (dot of the ending, what it was shown). Ascending, the lists too.
    covers: Vec<(Dot, Vec<Dot>)>,
}

#[derive(Clone, Copy)]
struct Meta {
    dot: Dot,
    clock: Clock,
    author: Author,
}

#[derive(Clone, Copy)]
struct Slot {
    number: u32,
    meta: u32,
    element: Span,
    value: Span,
}

#[derive(Clone, Copy)]
struct Span {
    start: u32,
    len: u32,
}

impl Span {
    const EMPTY: Self = Self { start: 0, len: 0 };
    const ABSENT: Self = Self { start: u32::MAX, len: 0 };

    fn is_absent(self) -> bool {
        self.start == u32::MAX
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// One live (or past) version of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version<'a> {
    pub dot: Dot,
    pub clock: Clock,
    pub author: Author,
    /// `None` is ABSENT, "cleared".
    pub value: Option<&'a [u8]>,
}

impl Version<'_> {
    /// The order between versions that had not seen each other.
    pub fn order(&self) -> (Clock, Dot) {
        (self.clock, self.dot)
    }
}

/// The live versions of one field, ascending by dot.
#[derive(Clone)]
pub struct Versions<'a> {
    part: &'a Part,
    range: Range<usize>,
}

impl<'a> Iterator for Versions<'a> {
    type Item = Version<'a>;

    fn next(&mut self) -> Option<Version<'a>> {
        self.range.next().map(|i| self.part.version(i))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl ExactSizeIterator for Versions<'_> {}

/// The fields that have live versions, ascending.
#[derive(Clone)]
pub struct Fields<'a> {
    part: &'a Part,
    range: Range<usize>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (FieldRef<'a>, Versions<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.range.is_empty() {
            return None;
        }
        let start = self.range.start;
        let field = self.part.field_at(start);
        let mut end = start + 1;
        // Of one change: two versions of a field have different dots.
        while !self.part.is_of_one_change() && end < self.range.end && self.part.field_at(end) == field {
            end += 1;
        }
        self.range.start = end;
        Some((field, Versions { part: self.part, range: start..end }))
    }
}

impl Part {
    pub fn new() -> Self {
        Self::default()
    }

    /// No live version and no mark. Such a part need not be stored.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.rare.is_none()
    }

    /// Whether the part has a live version at all.
    pub fn is_live(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Live versions, of all fields.
    pub fn live_versions(&self) -> usize {
        self.slots.len()
    }

    /// Whether everything that is live was written by one change: then no field has several versions.
    pub fn is_of_one_change(&self) -> bool {
        self.metas.len() <= 1
    }

    pub fn fields(&self) -> Fields<'_> {
        Fields { part: self, range: 0..self.slots.len() }
    }

    /// The elements of the set `number` that have live versions.
    pub fn elements(&self, number: u32) -> Fields<'_> {
        let start = self.slots.partition_point(|s| s.number < number);
        let end = start + self.slots[start..].partition_point(|s| s.number == number);
        Fields { part: self, range: start..end }
    }

    pub fn versions<'f>(&self, field: impl Into<FieldRef<'f>>) -> Versions<'_> {
        Versions { part: self, range: self.range(field.into()) }
    }

    /// Every dot that has a live version in the part, once each, ascending.
    pub fn live_dots(&self) -> impl ExactSizeIterator<Item = Dot> + '_ {
        self.metas.iter().map(|m| m.dot)
    }

    /// (field, dot) of every version that was named as replaced and has not come yet.
    pub fn gone(&self) -> impl Iterator<Item = (FieldRef<'_>, Dot)> + '_ {
        self.rare.iter().flat_map(|r| r.gone.iter().map(|(f, d)| (f.as_ref(), *d)))
    }

    /// What the live ending `dot` had been shown.
    pub fn covers(&self, dot: Dot) -> &[Dot] {
        let Some(rare) = &self.rare else { return &[] };
        match rare.covers.binary_search_by_key(&dot, |c| c.0) {
            Ok(i) => &rare.covers[i].1,
            Err(_) => &[],
        }
    }

    /// Bytes of all values, and a little more.
    pub fn value_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes held in memory, the struct itself included.
    pub fn memory_bytes(&self) -> usize {
        let rare = self.rare.as_ref().map_or(0, |r| {
            size_of::<Rare>()
                + r.gone.capacity() * size_of::<(Field, Dot)>()
                + r.gone.iter().map(|(f, _)| f.element.len()).sum::<usize>()
                + r.covers.capacity() * size_of::<(Dot, Vec<Dot>)>()
                + r.covers.iter().map(|(_, d)| d.capacity() * size_of::<Dot>()).sum::<usize>()
        });
        size_of::<Self>()
            + self.slots.capacity() * size_of::<Slot>()
            + self.metas.capacity() * size_of::<Meta>()
            + self.bytes.capacity()
            + rare
    }

    fn field_at(&self, i: usize) -> FieldRef<'_> {
        let slot = &self.slots[i];
        FieldRef { number: slot.number, element: &self.bytes[slot.element.range()] }
    }

    fn version(&self, i: usize) -> Version<'_> {
        let slot = &self.slots[i];
        let meta = &self.metas[slot.meta as usize];
        let value = (!slot.value.is_absent()).then(|| &self.bytes[slot.value.range()]);
        Version { dot: meta.dot, clock: meta.clock, author: meta.author, value }
    }

    fn range(&self, field: FieldRef<'_>) -> Range<usize> {
        let start = self.slots.partition_point(|s| s.number < field.number);
        let run = self.slots[start..].iter().take_while(|s| s.number == field.number);
        if field.element.is_empty() {
            let len = run.take_while(|s| s.element.len == 0).count();
            return start..start + len;
        }
        let of_number = &self.slots[start..start + run.count()];
        let element = |s: &Slot| &self.bytes[s.element.range()];
        let from = of_number.partition_point(|s| element(s) < field.element);
        let len = of_number[from..].iter().take_while(|s| element(s) == field.element).count();
        start + from..start + from + len
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.rare == other.rare
            && self.slots.len() == other.slots.len()
            && (0..self.slots.len())
                .all(|i| self.field_at(i) == other.field_at(i) && self.version(i) == other.version(i))
    }
}

impl Eq for Part {}

/// Numbers only: a part's values never reach a log.
impl core::fmt::Debug for Part {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let gone = self.rare.as_ref().map_or(0, |r| r.gone.len());
        f.debug_struct("Part").field("versions", &self.slots.len()).field("gone", &gone).finish_non_exhaustive()
    }
}
