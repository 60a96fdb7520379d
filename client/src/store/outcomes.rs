//! Outcomes as items: one each, so that a verdict writes no more than its own.

use osteon_sync_core::{Dot, RecordId, Replica};
use prost::Message;

use super::{Batch, Loaded, Place};
use crate::{
    error::{Error, Result},
    outcomes::{Outcome, Settled},
};

const OUTCOME: u8 = 6;

#[derive(Clone, PartialEq, Message)]
struct Stored {
    #[prost(uint64, tag = "1")]
    circle: u64,
    /// The change, then the numbers that it had before.
    #[prost(message, repeated, tag = "2")]
    dots: Vec<StoredDot>,
    #[prost(message, repeated, tag = "3")]
    records: Vec<StoredRecord>,
    #[prost(uint64, tag = "4")]
    at_ms: u64,
    #[prost(uint32, tag = "5")]
    kind: u32,
    #[prost(uint64, tag = "6")]
    sequence: u64,
    #[prost(string, tag = "7")]
    reason: String,
    #[prost(string, repeated, tag = "8")]
    paths: Vec<String>,
    #[prost(string, tag = "9")]
    words: String,
}

#[derive(Clone, PartialEq, Message)]
struct StoredDot {
    #[prost(uint32, tag = "1")]
    epoch: u32,
    #[prost(uint32, tag = "2")]
    replica: u32,
    #[prost(uint64, tag = "3")]
    counter: u64,
}

#[derive(Clone, PartialEq, Message)]
struct StoredRecord {
    #[prost(bytes = "vec", tag = "1")]
    id: Vec<u8>,
    #[prost(uint32, tag = "2")]
    type_number: u32,
}

impl StoredDot {
    fn of(dot: Dot) -> Self {
        Self { epoch: dot.replica.epoch, replica: dot.replica.n, counter: dot.counter }
    }

    fn dot(&self) -> Dot {
        Dot { replica: Replica { epoch: self.epoch, n: self.replica }, counter: self.counter }
    }
}

impl Stored {
    fn of(settled: &Settled) -> Self {
        let mut stored = Self {
            circle: settled.circle,
            dots: std::iter::once(&settled.dot).chain(&settled.earlier).map(|dot| StoredDot::of(*dot)).collect(),
            at_ms: settled.at_ms,
            ..Self::default()
        };
        let record = |(id, number): &(RecordId, u32)| StoredRecord { id: id.0.to_vec(), type_number: *number };
        stored.records = settled.records.iter().map(record).collect();
        stored.kind = match &settled.outcome {
            Outcome::Accepted { sequence } => {
                stored.sequence = *sequence;
                1
            }
            Outcome::Refused { reason, paths, words } => {
                (stored.reason, stored.paths, stored.words) = (reason.clone(), paths.clone(), words.clone());
                2
            }
            Outcome::Quarantined { reason } => {
                stored.reason.clone_from(reason);
                3
            }
            Outcome::TakenOver => 4,
            Outcome::Skipped => 5,
        };
        stored
    }

    fn settled(self, n: u64) -> Option<Settled> {
        let outcome = match self.kind {
            1 => Outcome::Accepted { sequence: self.sequence },
            2 => Outcome::Refused { reason: self.reason, paths: self.paths, words: self.words },
            3 => Outcome::Quarantined { reason: self.reason },
            4 => Outcome::TakenOver,
            5 => Outcome::Skipped,
            _ => return None,
        };
        let (dot, earlier) = self.dots.split_first()?;
        let record = |r: &StoredRecord| Some((RecordId(r.id.as_slice().try_into().ok()?), r.type_number));
        Some(Settled {
            n,
            circle: self.circle,
            dot: dot.dot(),
            earlier: earlier.iter().map(StoredDot::dot).collect(),
            records: self.records.iter().map(record).collect::<Option<_>>()?,
            at_ms: self.at_ms,
            outcome,
        })
    }
}

impl Loaded {
    pub fn outcomes(&self) -> impl Iterator<Item = Result<Settled>> {
        let kept = self.items.iter().filter(|(place, _)| place.circle == 0 && place.kind == OUTCOME);
        kept.map(|(place, bytes)| {
            let n = place.key.as_slice().try_into().map(u64::from_be_bytes).ok();
            let stored = Stored::decode(bytes.as_slice()).ok();
            n.zip(stored).and_then(|(n, stored)| stored.settled(n)).ok_or(Error::Damaged("an outcome"))
        })
    }
}

impl Batch {
    pub fn put_outcome(&mut self, settled: &Settled) {
        self.put(Place::new(0, OUTCOME, settled.n.to_be_bytes()), Stored::of(settled).encode_to_vec());
    }

    pub fn delete_outcome(&mut self, n: u64) {
        self.delete(Place::new(0, OUTCOME, n.to_be_bytes()));
    }
}
