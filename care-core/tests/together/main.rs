//! What people do to each other's work: contradictions, unseen lesions, one event twice, void approvals, unread plans.

mod checks;
mod laws;
mod pairs;

use osteon_care_core::together::Records;
use osteon_proto::{care, split};
use osteon_sync_core::{Author, Clock, Dot, Field, FieldWrite, Known, Origin, Part, Put, RecordId, Replica, Role};
use prost::Message;

pub(crate) struct All;

impl Known for All {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

pub(crate) fn id(n: u8) -> RecordId {
    RecordId([n; 16])
}

pub(crate) fn dot(replica: u32, counter: u64) -> Dot {
    Dot { replica: Replica { epoch: 1, n: replica }, counter }
}

/// 2026-03-14 12:00 UTC and hours later.
pub(crate) fn moment(hours: i64) -> care::Moment {
    let at = prost_types::Timestamp { seconds: 1_773_489_600 + hours * 3_600, nanos: 0 };
    care::Moment { at: Some(at), utc_offset_min: Some(0), zone: None }
}

/// One part of one record.
#[derive(Clone, Debug)]
pub(crate) struct One {
    pub(crate) type_number: u32,
    pub(crate) record: RecordId,
    pub(crate) part: Part,
}

/// A record that account `replica` made with its change `counter`.
pub(crate) fn made(record: u8, type_number: u32, message: &impl Message, by: (u32, u64)) -> One {
    let mut one = One { type_number, record: id(record), part: Part::new() };
    one.write(Field::register(0), &[1], by, &[]);
    one.put(message, by);
    one
}

impl One {
    /// Writes beside what stands: nothing was shown.
    pub(crate) fn put(&mut self, message: &impl Message, by: (u32, u64)) {
        let body = split::close(self.type_number, &message.encode_to_vec());
        let (_, _, split) = split::split_body(&body).expect("a body of the contracts");
        for chunk in split.chunks() {
            self.write(chunk.field(), chunk.bytes, by, &[]);
        }
    }

    pub(crate) fn write(&mut self, field: Field, bytes: &[u8], (replica, counter): (u32, u64), replaces: &[Dot]) {
        let author = Author { account: replica.into(), role: Role(3) };
        let clock = Clock { ms: 1_773_489_600_000 + counter, logical: 0 };
        let origin = Origin { dot: dot(replica, counter), clock, author, earlier: &[] };
        let put = (!bytes.is_empty()).then(|| Put::Value(bytes.into()));
        // An ending covers all that stands.
        let ends = field.number == 0 && bytes != [1];
        let covers = if ends { self.part.live_dots().collect() } else { Vec::new() };
        let write = FieldWrite { field, put, replaces: replaces.to_vec(), covers };
        self.part.apply(origin, &write, &All);
    }
}

pub(crate) fn records(all: &[One]) -> Records<'_> {
    let mut records = Records::new();
    for one in all {
        records.put(one.type_number, one.record, 7, &one.part);
    }
    records
}
