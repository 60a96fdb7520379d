//! Entries that are many and of which a summary tells a count, a newest one or a difference: results, weights, falls, doses.
//!
//! Most commits bring a new one, and then what was counted before is enough: it stands in the summary itself, in a part for
//! whoever may read the entries. Where an entry was changed, corrected, ended, moved or redacted, all of its type are read
//! and counted anew, which is rare. Both ways come to the same, whatever came first: what is kept is a function of the set of
//! entries alone ([`Counting::keep`]).

use std::collections::BTreeSet;

use osteon_care_core::facts::{Instant, record};
use osteon_proto::{care, table::table};
use osteon_sync_core::{Field, PartWrite, Put, RecordId, lifecycle::State};
use prost::bytes::Bytes;

use super::{
    Seen,
    input::{Input, Looked},
};
use crate::store::{PartRow, StoreError};

const MAX_AWAITED: usize = 64;

/// One entry; of an entry that people disagree about each version is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Item {
    pub at: Instant,
    /// Record and dot.
    pub name: Vec<u8>,
    pub type_number: u32,
    pub what: String,
    pub value: Option<i32>,
    pub low: Option<i32>,
    pub high: Option<i32>,
}

impl Item {
    pub(super) fn of(from: &Input, at: Instant, looked: &Looked) -> Self {
        let (what, value, low, high) = Default::default();
        Self { at, name: looked.name(), type_number: from.known.number, what, value, low, high }
    }

    pub(super) fn record(&self) -> &[u8] {
        self.name.get(..16).unwrap_or_default()
    }

    fn read(counted: &care::SummaryCounted) -> Option<Self> {
        Some(Self {
            at: record::instant(counted.at.clone())?,
            name: counted.version.as_ref()?.to_vec(),
            type_number: counted.r#type?,
            what: counted.what.clone().unwrap_or_default(),
            value: counted.value,
            low: counted.low,
            high: counted.high,
        })
    }

    fn said(self) -> care::SummaryCounted {
        let (seconds, ms) = (self.at.ms.div_euclid(1_000), self.at.ms.rem_euclid(1_000));
        let nanos = i32::try_from(ms * 1_000_000).unwrap_or(0);
        care::SummaryCounted {
            version: Some(self.name.into()),
            r#type: Some(self.type_number),
            at: Some(care::Moment {
                at: Some(prost_types::Timestamp { seconds, nanos }),
                utc_offset_min: Some(self.at.offset_min),
                zone: None,
            }),
            what: (!self.what.is_empty()).then_some(self.what),
            value: self.value,
            low: self.low,
            high: self.high,
        }
    }

    /// As an input of the summary: which version, without what it says.
    pub(super) fn input(&self) -> care::SummaryInput {
        care::SummaryInput { version: Some(self.name.clone().into()), r#type: Some(self.type_number), on: None }
    }
}

/// How a summary counts.
pub(super) struct Counting {
    /// What an entry says; nothing: it does not count.
    pub read: fn(&mut Input) -> Vec<Item>,
    /// What is enough. Of a kept set with more beside it, it must keep the same as of all of them together.
    pub keep: fn(Vec<Item>) -> Vec<Item>,
}

/// What is counted, and which records a correction names that have not come.
pub(super) struct Counted {
    pub items: Vec<Item>,
    pub awaited: BTreeSet<RecordId>,
}

impl Counted {
    pub(super) fn said(&self) -> Vec<care::SummaryCounted> {
        self.items.iter().cloned().map(Item::said).collect()
    }

    pub(super) fn awaited(&self) -> Vec<Bytes> {
        self.awaited.iter().take(MAX_AWAITED).map(|record| Bytes::copy_from_slice(&record.0)).collect()
    }
}

/// Whether a part's writes are those of a record that was not there before, and that corrects no other.
pub(super) fn is_new(part: &PartWrite) -> bool {
    let begins = part.writes.iter().any(|write| {
        let active = Put::Value(State::Active.chunk().into());
        write.field.number == Field::LIFECYCLE && write.replaces.is_empty() && write.put.as_ref() == Some(&active)
    });
    let corrects = table().get(part.type_number).and_then(|known| known.field_by_name("supersedes"));
    begins && !corrects.is_some_and(|field| part.writes.iter().any(|write| write.field.number == field.number))
}

impl Counting {
    pub(super) fn count(
        &self,
        seen: &Seen<'_, '_>,
        counted: &[care::SummaryCounted],
        awaited: &[Bytes],
    ) -> Result<Counted, StoreError> {
        if seen.changes.iter().any(|change| seen.by.begins_again(change)) {
            return self.again(seen);
        }
        let awaited: BTreeSet<RecordId> =
            awaited.iter().filter_map(|record| record.first_chunk().map(|id| RecordId(*id))).collect();
        let mut items: Vec<Item> = counted.iter().filter_map(Item::read).collect();
        let parts = seen.changes.iter().flat_map(|change| &change.parts);
        let written: BTreeSet<RecordId> = parts
            .filter(|part| seen.by.single.contains(&part.type_number) && seen.by.reads(part.part.label))
            .map(|part| part.part.record)
            .collect();
        items.retain(|item| !written.iter().any(|record| item.record() == record.0));
        for record in written.difference(&awaited) {
            for row in seen.work.parts_of(*record)?.into_iter().filter(|row| seen.by.reads(row.label)) {
                items.extend(self.items(row)?.0);
            }
        }
        Ok(Counted { items: (self.keep)(items), awaited })
    }

    /// Of all records.
    fn again(&self, seen: &Seen<'_, '_>) -> Result<Counted, StoreError> {
        let (mut items, mut corrected, mut there) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for type_number in seen.by.single {
            for row in seen.parts_of_type(*type_number)? {
                let (of_row, corrects) = self.items(row)?;
                items.extend(of_row);
                corrected.extend(corrects);
                there.insert(row.record);
            }
        }
        items.retain(|item| !corrected.iter().any(|record| item.record() == record.0));
        let awaited = corrected.difference(&there).copied().collect();
        Ok(Counted { items: (self.keep)(items), awaited })
    }

    /// What a part says, and which record it corrects.
    fn items(&self, row: &PartRow) -> Result<(Vec<Item>, Option<RecordId>), StoreError> {
        let Some(mut from) = Input::open(row)? else { return Ok((Vec::new(), None)) };
        let named = from.all("supersedes");
        let corrects = named.first().and_then(|chunk| osteon_proto::split::payload(chunk).first_chunk());
        let corrects = corrects.map(|id| RecordId(*id));
        Ok(((self.read)(&mut from), corrects))
    }
}

/// Of each thing that was measured the newest entries, so many.
pub(super) fn newest_of_each(mut items: Vec<Item>, most: usize) -> Vec<Item> {
    items.sort_by(|a, b| a.what.cmp(&b.what).then_with(|| b.cmp(a)));
    items.dedup();
    let mut kept: Vec<Item> = Vec::new();
    for item in items {
        let same = kept.iter().rev().take_while(|one| one.what == item.what).count();
        if same < most {
            kept.push(item);
        }
    }
    kept
}
