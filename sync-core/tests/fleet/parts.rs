//! What is written in the simulation: every value is the serial number of an edit, so that it can be found again.

use osteon_sync_core::{
    Author, Change, Clock, Dot, FieldWrite, Key, Keys, Origin, Part, PartId, Policy, Put, RecordId, Schema,
};

/// Labels of the circle, and the classes of its record types.
pub(crate) const LABELS: [u64; 3] = [1 << 24, 1 << 24 | 1 << 1, 1 << 24 | 1 << 2];
pub(crate) const CLASSES: [u8; 3] = [1, 2, 3];
pub(crate) const FIELDS: [u32; 3] = [1, 2, 3];

/// Some edits are refused by a rule that looks at them alone.
pub(crate) fn refused(serial: u64) -> bool {
    serial % 11 == 7
}

pub(crate) fn value(serial: u64) -> Put {
    Put::Value(serial.to_le_bytes().into())
}

pub(crate) fn serial_of(value: &[u8]) -> Option<u64> {
    value.try_into().ok().map(u64::from_le_bytes)
}

/// The edits of a change.
pub(crate) fn serials(change: &Change) -> impl Iterator<Item = u64> + '_ {
    let writes = change.parts.iter().flat_map(|p| &p.writes);
    writes.filter_map(|w| w.put.as_ref().and_then(|p| p.value()).and_then(serial_of))
}

/// The type decides the class; a record's number decides the type.
pub(crate) fn type_of(record: RecordId) -> u32 {
    [1, 10, 20][record.0[15] as usize % 3]
}

pub(crate) fn record(n: u8) -> RecordId {
    let mut id = [0; 16];
    id[15] = n;
    RecordId(id)
}

pub(crate) fn part(n: u8, label: u64) -> PartId {
    PartId { record: record(n), label }
}

/// What goes over the wire of a part: its live versions, and the marks of those that are gone before they came.
pub(crate) fn on_the_wire(part: &Part) -> Part {
    let mut sent = Part::new();
    for (field, versions) in part.fields() {
        for v in versions {
            let put = v.value.map_or(Put::Absent, |value| Put::Value(value.into()));
            let write = FieldWrite { field: field.into(), put: Some(put), replaces: vec![], covers: vec![] };
            let origin = Origin { dot: v.dot, clock: v.clock, author: v.author, earlier: &[] };
            sent.apply(origin, &write, &|_: Dot| true);
        }
    }
    for (field, dot) in part.gone() {
        let write = FieldWrite { field: field.into(), put: None, replaces: vec![dot], covers: vec![] };
        let origin = Origin { dot: Dot::default(), clock: Clock::default(), author: Author::default(), earlier: &[] };
        sent.apply(origin, &write, &|_: Dot| false);
    }
    sent
}

/// Nobody is asked, so that every version shown is named.
pub(crate) struct Plain;

impl Keys for Plain {
    fn key(&self, _number: u32, chunk: &[u8]) -> Key {
        Key::Bytes(chunk.to_vec())
    }
}

impl Schema for Plain {
    fn policy(&self, _number: u32) -> Policy {
        Policy::LastWriter
    }
}
