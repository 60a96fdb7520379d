//! The smallest valid bodies of every record type, found by trying: what a field's hard range takes is asked of the same
//! check that the server asks.

use bytes::Bytes;
use osteon_proto::{
    check::check_body,
    meta::Policy,
    split,
    table::{FieldInfo, Kind, RecordType},
};
use osteon_tests::{body, device::Device};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

fn integer(field: u32, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    encode_key(field, WireType::Varint, &mut out);
    encode_varint(value, &mut out);
    out
}

fn delimited(field: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_key(field, WireType::LengthDelimited, &mut out);
    encode_varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

/// A chunk of this field that is in its hard range.
pub(crate) fn chunk(known: &RecordType, field: &FieldInfo) -> Option<Vec<u8>> {
    let number = field.number;
    let edge = u64::try_from(field.limits.min.unwrap_or(1).max(0)).unwrap_or(1);
    let candidates: Vec<Vec<u8>> = match &field.kind {
        Kind::Bool | Kind::Enum | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => {
            [1, edge, 2, 10, 100, 1_000].map(|value| integer(number, value)).to_vec()
        }
        Kind::Sint32 | Kind::Sint64 => [1, edge, 10, 100, 1_000].map(|value| integer(number, value << 1)).to_vec(),
        Kind::String => ["en", "2026-01-02", "10:30", "word", "a word that is long enough to stand for a sentence"]
            .map(|text| delimited(number, text.as_bytes()))
            .to_vec(),
        Kind::Bytes => [&[7; 16][..], &[7; 32], &[7]].map(|bytes| delimited(number, bytes)).to_vec(),
        Kind::Message(_) => {
            let moment = body::moment(1_764_000_000_000);
            let instant = prost_types::Timestamp { seconds: 1_764_000_000, nanos: 0 };
            let filled = [moment.encode_to_vec(), instant.encode_to_vec(), integer(1, 1), integer(2, 1), Vec::new()];
            filled.map(|inner| delimited(number, &inner)).to_vec()
        }
        _ => Vec::new(),
    };
    let valid = |chunk: &Vec<u8>| {
        let inner = split::split(&known.shape, chunk);
        let canonical = inner.is_ok_and(|split| split.chunks().all(|one| one.bytes == &chunk[..]));
        canonical && check_body(known, [(number, &chunk[..])]).is_ok()
    };
    candidates.into_iter().find(valid)
}

/// Something in this field, whatever it is.
pub(crate) fn any(field: &FieldInfo) -> Vec<u8> {
    if field.kind.wire() == 0 { integer(field.number, 1) } else { delimited(field.number, b"") }
}

/// Fields that nobody writes, or nobody after the creation.
pub(crate) fn is_fixed(field: &FieldInfo) -> bool {
    matches!(field.policy, Policy::Derived | Policy::Constant)
}

/// How much is said at a creation: every field, those of the record's own label, or the keys alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    All,
    Own,
    Keys,
}

/// A body with a value in the fields that a role may write at the creation, and its parent.
pub(crate) fn body(known: &RecordType, choice: u32, by: &Device, parent: Option<&[u8]>, fill: Fill) -> Bytes {
    let mut inner: Vec<(u32, Vec<u8>)> = Vec::new();
    for field in &known.shape.fields {
        let is_parent = field.name == "parent" && known.parent.is_some();
        if is_parent {
            inner.extend(parent.map(|id| (field.number, delimited(field.number, id))));
            continue;
        }
        // What the label and the right to create follow.
        let chosen = known.label_choice.get((choice as usize).saturating_sub(1)).and_then(|c| c.values.first());
        if known.own_field == Some(field.number) {
            inner.push((field.number, integer(field.number, by.account)));
            continue;
        }
        if let (true, Some(value)) = (known.choice_field == Some(field.number), chosen) {
            inner.push((field.number, integer(field.number, u64::try_from(*value).unwrap_or_default())));
            continue;
        }
        // An id is made of its keys alone: under another label it is a record of something else.
        if known.id_from.contains(&field.number) && matches!(field.kind, Kind::Bytes) {
            inner.push((field.number, delimited(field.number, &[7 + choice as u8; 16])));
            continue;
        }
        let key = known.id_from.contains(&field.number) || known.whose == Some(field.number);
        let filled = fill == Fill::All || fill == Fill::Own && field.label.is_none();
        let wanted = key || filled && field.writers.has(by.role);
        if field.policy != Policy::Derived && wanted {
            inner.extend(chunk(known, field).map(|chunk| (field.number, chunk)));
        }
    }
    inner.sort();
    let bytes: Vec<u8> = inner.into_iter().flat_map(|(_, chunk)| chunk).collect();
    split::close(known.number, &bytes).into()
}

/// A body that holds this one field alone.
pub(crate) fn alone(known: &RecordType, chunk: &[u8]) -> Bytes {
    split::close(known.number, chunk).into()
}
