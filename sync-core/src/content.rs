//! The content of a change as bytes, for the MAC of its chain: what it writes and why, and nothing that may differ between two
//! sendings of the same change (its number, its clock, its base, who was found to have sent it).
//!
//! Labels are left out, because a device with an older field table may file a field under another one; and the order of
//! writes does not matter.

use alloc::{borrow::Cow, vec::Vec};

use crate::{Change, Dot, Field, FieldWrite, Put, RecordId, varint};

const FORMAT: u8 = 1;

/// The canonical content of a change; the same on the device and on the server.
pub fn content(change: &Change) -> Vec<u8> {
    let mut writes: Vec<Key<'_>> =
        change.parts.iter().flat_map(|p| p.writes.iter().map(|w| Key::of(p.part.record, p.type_number, w))).collect();
    writes.sort_unstable();
    writes.dedup();
    let mut out = Vec::with_capacity(writes.len() * 48);
    out.push(FORMAT);
    out.push(u8::from(change.note.resolves));
    varint::put_bytes(&mut out, change.note.reason.as_bytes());
    let mut record = None;
    for write in &writes {
        let next = (write.record, write.type_number);
        out.push(u8::from(record != Some(next)));
        if record.replace(next) != Some(next) {
            out.extend_from_slice(&write.record.0);
            varint::put(&mut out, write.type_number.into());
        }
        write.encode(&mut out);
    }
    out
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    record: RecordId,
    type_number: u32,
    field: &'a Field,
    put: &'a Option<Put>,
    replaces: Cow<'a, [Dot]>,
    covers: Cow<'a, [Dot]>,
}

impl<'a> Key<'a> {
    fn of(record: RecordId, type_number: u32, w: &'a FieldWrite) -> Self {
        let (replaces, covers) = (sorted(&w.replaces), sorted(&w.covers));
        Self { record, type_number, field: &w.field, put: &w.put, replaces, covers }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        varint::put(out, self.field.number.into());
        varint::put_bytes(out, &self.field.element);
        match self.put {
            None => out.push(0),
            Some(Put::Absent) => out.push(1),
            Some(Put::Value(value)) => {
                out.push(2);
                varint::put_bytes(out, value);
            }
        }
        for dots in [&self.replaces, &self.covers] {
            varint::put(out, dots.len() as u64);
            dots.iter().for_each(|dot| varint::put_dot(out, *dot));
        }
    }
}

/// Ascending, each once; copied only if need be.
fn sorted(dots: &[Dot]) -> Cow<'_, [Dot]> {
    if dots.is_sorted_by(|a, b| a < b) {
        return Cow::Borrowed(dots);
    }
    let mut dots = dots.to_vec();
    dots.sort_unstable();
    dots.dedup();
    Cow::Owned(dots)
}
