//! Whether an approval still stands. An approval names versions (record, field, dot); it holds while those are the only
//! live ones of their fields and nothing was written there since. What made it void stays in the history, so a merge
//! never makes it hold again (care specification 3.1, rule 2).

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{care, wire::ids::creates};
use osteon_sync_core::{Dot, FieldRef, PartWrite, Put, RecordId};
use prost::Message;

/// The record type of an approval, and its fields.
const APPROVAL: u32 = 301;
const TARGET: u32 = 2;
const VERSIONS: u32 = 3;

/// What an approval that is started by this write approves: the record that it is about, else those whose versions it names.
/// An approval stands under a label of what it approves; empty: of nothing. `None`: no approval is started here.
pub fn approves(part: &PartWrite) -> Option<BTreeSet<RecordId>> {
    if part.type_number != APPROVAL || !creates(part) {
        return None;
    }
    let said = |number: u32| {
        let write = part.writes.iter().find(|write| write.field.as_ref() == FieldRef::register(number))?;
        care::Approval::decode(write.put.as_ref().and_then(Put::value)?).ok()
    };
    let id = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).ok().map(RecordId);
    let target = said(TARGET).and_then(|approval| id(approval.target.as_deref()?));
    let named = said(VERSIONS).map(|approval| approval.versions).unwrap_or_default();
    let named = named.iter().filter_map(|version| id(version.record.as_deref()?));
    Some(match target {
        Some(target) => BTreeSet::from([target]),
        None => named.collect(),
    })
}

/// What an approval names, by field.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Approved {
    pub versions: BTreeMap<(RecordId, u32), BTreeSet<Dot>>,
}

impl Approved {
    pub fn of(named: impl IntoIterator<Item = (RecordId, u32, Dot)>) -> Self {
        let mut versions: BTreeMap<(RecordId, u32), BTreeSet<Dot>> = BTreeMap::new();
        for (record, field, dot) in named {
            versions.entry((record, field)).or_default().insert(dot);
        }
        Self { versions }
    }

    pub fn names(&self, record: RecordId, field: u32, dot: Dot) -> bool {
        self.versions.get(&(record, field)).is_some_and(|dots| dots.contains(&dot))
    }
}

/// A field as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldNow {
    /// Live versions; of a set, those of all its elements.
    pub live: BTreeSet<Dot>,
    /// Changes that wrote it after the approval was taken in, also those that only removed something.
    pub later: BTreeSet<Dot>,
}

/// What changed of an approved field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Changed {
    pub record: RecordId,
    pub field: u32,
    /// Versions that were not approved: live now, or written since. Empty: what was approved was taken away.
    pub by: Vec<Dot>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    Holds,
    Void(Vec<Changed>),
    /// It names a field that is not known here, and of the others none changed.
    CannotTell,
}

/// `now`: a field as it stands; None where it is not known (not shared, or not here yet).
pub fn standing(approved: &Approved, now: impl Fn(RecordId, u32) -> Option<FieldNow>) -> Standing {
    let (mut changed, mut hidden) = (Vec::new(), approved.versions.is_empty());
    for ((record, field), named) in &approved.versions {
        let Some(now) = now(*record, *field) else {
            hidden = true;
            continue;
        };
        let by: Vec<Dot> = now.live.union(&now.later).filter(|dot| !named.contains(dot)).copied().collect();
        if !by.is_empty() || now.live != *named {
            changed.push(Changed { record: *record, field: *field, by });
        }
    }
    match (changed.is_empty(), hidden) {
        (false, _) => Standing::Void(changed),
        (true, true) => Standing::CannotTell,
        (true, false) => Standing::Holds,
    }
}
