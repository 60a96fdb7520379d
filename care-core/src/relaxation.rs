//! Whether a write leaves less restriction than the versions that it names: such a write needs a reason
//! (REASON_REQUIRED). What is safer stands in the field's policy; the merge itself never asks.

use osteon_proto::{
    table::table,
    values::{Value, value},
};
use osteon_sync_core::{Schema, Version, view};

/// `named`: the live versions that the write takes the place of; `put`: what it leaves (None: cleared or removed).
/// Of a set that restricts, to take an element out relaxes; a value by which a record restricts no longer relaxes what stood. A type or field that this version does not know has no order, so
/// nothing relaxes it.
pub fn relaxes<'a>(
    type_number: u32,
    field: u32,
    mut named: impl Iterator<Item = Version<'a>> + Clone,
    put: Option<&[u8]>,
) -> bool {
    let Some(record) = table().get(type_number) else { return false };
    if record.field(field).is_some_and(|known| known.restricts) {
        return put.is_none() && named.any(|version| version.value.is_some());
    }
    let lifts = |chunk: &[u8]| lifts(type_number, field, chunk);
    if put.is_some_and(lifts) && named.clone().filter_map(|version| version.value).any(|chunk| !lifts(chunk)) {
        return true;
    }
    view::relaxes(record.policy(field), field, named, put, record)
}

/// Whether this value says that the record restricts no longer ("ended").
pub fn lifts(type_number: u32, field: u32, chunk: &[u8]) -> bool {
    let known = table().get(type_number).and_then(|record| record.field(field)).filter(|known| !known.lifts.is_empty());
    known.is_some_and(|known| {
        matches!(value(known, chunk), Some(Value::Int(n)) if known.lifts.iter().any(|one| i128::from(*one) == n))
    })
}
