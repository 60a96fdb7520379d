//! Merged parts of one circle, by type and record, as the checks look at them: every live version of a field as a typed
//! value, with the numbers of the changes that wrote them.

use std::collections::BTreeMap;

use osteon_proto::table::table;
use osteon_sync_core::{Dot, Field, Known, Part, RecordId, lifecycle};
use prost::Message;

use crate::facts::{
    self, Set,
    gather::{self, Merged},
    record::Record,
};

/// A field of a record and its live versions: what a finding rests on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rests {
    pub record: RecordId,
    pub type_number: u32,
    pub field: u32,
    /// Ascending. Empty: nobody wrote it.
    pub dots: Vec<Dot>,
}

struct AllKnown;

impl Known for AllKnown {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

/// The records of one circle that somebody may see. What was ended is not among them.
#[derive(Clone, Debug, Default)]
pub struct Records<'a> {
    by_type: BTreeMap<u32, BTreeMap<RecordId, One<'a>>>,
}

#[derive(Clone, Debug, Default)]
struct One<'a> {
    parts: BTreeMap<u64, &'a Part>,
    ended: bool,
}

impl<'a> Records<'a> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a part in, in place of what was known of it. An ending of one part ends the record.
    pub fn put(&mut self, type_number: u32, record: RecordId, label: u64, part: &'a Part) {
        let one = self.by_type.entry(type_number).or_default().entry(record).or_default();
        one.parts.insert(label, part);
        one.ended = one.parts.values().any(|part| lifecycle::of_part(part, &[], &AllKnown).state.is_ending());
    }

    /// The records of a type that are there, by id.
    pub(super) fn of(&self, type_number: u32) -> impl Iterator<Item = Seen<'_, 'a>> {
        let records = self.by_type.get(&type_number).into_iter().flatten();
        records.filter(|(_, one)| !one.ended && one.parts.values().any(|part| part.is_live())).filter_map(
            move |(id, one)| {
                let merged = Merged { record: *id, type_number, label: 0, part: None, received: None, in_range: false };
                let read = gather::record(table().get(type_number)?, merged, one.parts.values().copied(), 0);
                Some(Seen { id: *id, type_number, parts: &one.parts, read })
            },
        )
    }

    /// The live versions of a field, over all that is known of its record.
    pub fn rests(&self, type_number: u32, record: RecordId, field: u32) -> Rests {
        let one = self.by_type.get(&type_number).and_then(|records| records.get(&record));
        let parts = one.into_iter().flat_map(|one| one.parts.values());
        Rests { record, type_number, field, dots: dots(parts, field) }
    }
}

fn dots<'p, 'a: 'p>(parts: impl Iterator<Item = &'p &'a Part>, field: u32) -> Vec<Dot> {
    let mut dots: Vec<Dot> = parts.flat_map(|part| part.elements(field)).flat_map(|(_, v)| v).map(|v| v.dot).collect();
    dots.sort_unstable();
    dots.dedup();
    dots
}

/// One record.
pub(super) struct Seen<'r, 'a> {
    pub id: RecordId,
    pub type_number: u32,
    parts: &'r BTreeMap<u64, &'a Part>,
    pub read: Record<'a>,
}

impl Seen<'_, '_> {
    pub(super) fn live<M: Message + Default, T: Ord>(
        &self,
        field: u32,
        get: impl Fn(M) -> Option<T>,
    ) -> facts::Live<T> {
        self.read.live(field, get)
    }

    pub(super) fn set<M: Message + Default, T: Ord>(&self, field: u32, get: impl Fn(M) -> Vec<Option<T>>) -> Set<T> {
        self.read.set(field, get)
    }

    pub(super) fn rests(&self, field: u32) -> Rests {
        Rests { record: self.id, type_number: self.type_number, field, dots: dots(self.parts.values(), field) }
    }

    /// The first version of its lifecycle: who made it, with what.
    pub(super) fn creation(&self) -> Option<(Dot, u64)> {
        let births = self.parts.values().flat_map(|part| part.elements(Field::LIFECYCLE)).flat_map(|(_, v)| v);
        births.min_by_key(osteon_sync_core::Version::order).map(|version| (version.dot, version.author.account))
    }
}
