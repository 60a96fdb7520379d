//! The newest own saves of each circle, with what the fields showed before: for taking one back. They hold values, so
//! whatever erases a part erases them too.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Dot, RecordId, Replica, device::Page, lifecycle::State as Life};
use prost::Message;

use super::{Batch, Loaded, Place};
use crate::error::{Error, Result};

const SAVES: u8 = 7;
/// Saves of a circle that can be taken back, one after the other.
const MAX_KEPT: usize = 20;

/// What a field showed before a save.
#[derive(Clone, PartialEq, Message)]
pub struct Before {
    #[prost(uint64, tag = "1")]
    pub label: u64,
    #[prost(uint32, tag = "2")]
    pub field: u32,
    #[prost(bytes = "vec", tag = "3")]
    pub element: Vec<u8>,
    /// `None`: nothing was in force.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub value: Option<Vec<u8>>,
    /// Different values stood side by side.
    #[prost(bool, tag = "5")]
    pub disputed: bool,
}

/// One save.
#[derive(Clone, PartialEq, Message)]
pub struct Kept {
    #[prost(bytes = "vec", tag = "1")]
    record: Vec<u8>,
    #[prost(uint32, tag = "2")]
    epoch: u32,
    #[prost(uint32, tag = "3")]
    replica: u32,
    #[prost(uint64, tag = "4")]
    counter: u64,
    #[prost(enumeration = "What", tag = "5")]
    what: i32,
    #[prost(message, repeated, tag = "6")]
    before: Vec<Before>,
    /// The chunk of the lifecycle that an ending took the place of.
    #[prost(bytes = "vec", tag = "7")]
    life: Vec<u8>,
    #[prost(uint64, repeated, tag = "8")]
    labels: Vec<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, prost::Enumeration)]
#[repr(i32)]
pub enum What {
    Edited = 0,
    Created = 1,
    Ended = 2,
}

#[derive(Clone, PartialEq, Message)]
struct OfCircle {
    #[prost(message, repeated, tag = "1")]
    kept: Vec<Kept>,
    /// How many were withdrawn before anybody heard of them.
    #[prost(uint64, tag = "2")]
    undone: u64,
}

/// Those of all circles.
#[derive(Clone, PartialEq, Default)]
pub struct Saves(BTreeMap<u64, OfCircle>);

impl Kept {
    fn new(record: RecordId, dot: Dot, what: What) -> Self {
        Self {
            record: record.0.to_vec(),
            epoch: dot.replica.epoch,
            replica: dot.replica.n,
            counter: dot.counter,
            what: what.into(),
            ..Self::default()
        }
    }

    pub fn created(record: RecordId, dot: Dot) -> Self {
        Self::new(record, dot, What::Created)
    }

    pub fn edited(record: RecordId, dot: Dot, before: Vec<Before>) -> Self {
        Self { before, ..Self::new(record, dot, What::Edited) }
    }

    pub fn ended(record: RecordId, dot: Dot, before: Life, labels: Vec<u64>) -> Self {
        Self { life: before.chunk().to_vec(), labels, ..Self::new(record, dot, What::Ended) }
    }

    pub fn kind(&self) -> What {
        self.what()
    }

    pub fn record(&self) -> RecordId {
        RecordId(self.record.as_slice().try_into().unwrap_or_default())
    }

    pub fn dot(&self) -> Dot {
        Dot { replica: Replica { epoch: self.epoch, n: self.replica }, counter: self.counter }
    }

    pub fn before(&self) -> &[Before] {
        &self.before
    }

    /// What an ending took the place of.
    pub fn life(&self) -> Life {
        let states = [Life::Active, Life::Deleted, Life::EnteredInError];
        states.into_iter().find(|life| life.chunk()[..] == self.life[..]).unwrap_or_default()
    }
}

impl Saves {
    /// Notes a save. One that went into the change before it is one with it: what was shown first counts.
    pub fn note(&mut self, circle: u64, kept: Kept) {
        let of = self.0.entry(circle).or_default();
        if let Some(last) = of.kept.last_mut().filter(|last| last.dot() == kept.dot()) {
            let known: BTreeSet<_> = last.before.iter().map(|b| (b.label, b.field, b.element.clone())).collect();
            let fresh = kept.before.into_iter().filter(|b| !known.contains(&(b.label, b.field, b.element.clone())));
            let fresh: Vec<Before> = fresh.collect();
            last.before.extend(fresh);
            return;
        }
        of.kept.push(kept);
        let surplus = of.kept.len().saturating_sub(MAX_KEPT);
        of.kept.drain(..surplus);
    }

    pub fn last(&self, circle: u64) -> Option<&Kept> {
        self.0.get(&circle)?.kept.last()
    }

    pub fn pop(&mut self, circle: u64) -> Option<Kept> {
        self.0.get_mut(&circle)?.kept.pop()
    }

    /// A save was withdrawn: its number may be given again, so forms that were open meanwhile are void.
    pub fn withdrawn(&mut self, circle: u64) {
        self.0.entry(circle).or_default().undone += 1;
    }

    pub fn undone(&self, circle: u64) -> u64 {
        self.0.get(&circle).map_or(0, |of| of.undone)
    }

    /// What a page takes away goes from here too.
    pub fn erase(&mut self, page: &Page) {
        let Some(of) = self.0.get_mut(&page.circle) else { return };
        let erased: BTreeSet<u64> = page.erased.iter().map(|cell| cell.label).collect();
        let granted: BTreeSet<u64> = page.granted.iter().map(|cell| cell.label).collect();
        let goes = |label: u64| erased.contains(&label) || page.asked.is_empty() && !granted.contains(&label);
        of.kept.retain(|kept| {
            let record = kept.record();
            let gone = page.removed.contains(&record) || page.redacted.iter().any(|(of, _)| *of == record);
            let labels = kept.before.iter().map(|b| b.label).chain(kept.labels.iter().copied());
            !gone && !labels.into_iter().any(goes)
        });
    }
}

impl Loaded {
    pub fn saves(&self) -> Result<Saves> {
        let kept = self.items.iter().filter(|(place, _)| place.kind == SAVES);
        let read = |(place, bytes): (&Place, &Vec<u8>)| {
            Ok((place.circle, OfCircle::decode(bytes.as_slice()).map_err(|_| Error::Damaged("the last saves"))?))
        };
        kept.map(read).collect::<Result<_>>().map(Saves)
    }
}

impl Batch {
    /// What changed of them.
    pub fn put_saves(&mut self, written: &Saves, saves: &Saves) {
        for (circle, of) in saves.0.iter().filter(|(circle, of)| written.0.get(circle) != Some(of)) {
            self.put(Place::new(*circle, SAVES, []), of.encode_to_vec());
        }
    }
}
