//! Derived record ids: two people who both start "the" nutrition plan have started one.

use osteon_sync_core::{Author, Field, FieldRef, FieldWrite, Part, PartWrite, Put, RecordId, Version};

use crate::{
    LabelId,
    meta::Policy,
    table::{RecordType, table},
};

/// SHA-256 over the concatenation of byte strings: a well-kept library's, given by the caller.
pub type Sha256 = fn(&[&[u8]]) -> [u8; 32];

/// SHA-256 over circle, type number and the canonical chunks of the key fields, cut to 16 bytes and marked as a UUID of
/// version 8 (RFC 9562, section 5.8).
pub fn derived_id(circle: u64, type_number: u32, keys: &[&[u8]], sha256: Sha256) -> RecordId {
    let (circle, number) = (circle.to_be_bytes(), type_number.to_be_bytes());
    let mut parts: Vec<&[u8]> = vec![b"osteon record id 1", &circle, &number];
    let lengths: Vec<[u8; 4]> =
        keys.iter().map(|key| u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes()).collect();
    for (key, length) in keys.iter().zip(&lengths) {
        parts.push(length);
        parts.push(key);
    }
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(&parts)[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    RecordId(id)
}

/// The id that a creation must have, if its type derives it. `None`: any id; `Some(None)`: a key field is missing.
pub fn expected_id<'a>(
    circle: u64,
    record_type: &RecordType,
    writes: impl Iterator<Item = &'a FieldWrite> + Clone,
    sha256: Sha256,
) -> Option<Option<RecordId>> {
    if !record_type.singleton && record_type.id_from.is_empty() {
        return None;
    }
    let mut keys = Vec::new();
    for number in &record_type.id_from {
        match value(writes.clone(), *number) {
            Some(chunk) => keys.push(chunk),
            None => return Some(None),
        }
    }
    Some(Some(derived_id(circle, record_type.number, &keys, sha256)))
}

/// The value that a change puts into a register.
pub fn value<'a>(mut writes: impl Iterator<Item = &'a FieldWrite>, number: u32) -> Option<&'a [u8]> {
    writes.find(|w| w.field.number == number && w.field.element.is_empty())?.put.as_ref().and_then(Put::value)
}

/// All writes of a change to one record, whatever the part.
pub fn writes_of(parts: &[PartWrite], record: RecordId) -> impl Iterator<Item = &FieldWrite> + Clone {
    parts.iter().filter(move |p| p.part.record == record).flat_map(|p| &p.writes)
}

/// How a part began: a version of what a creation alone writes (a constant field, or one of a record that is only added), with who made it and when. Where nothing of
/// that stands, the first of its lifecycle, which is that of the last one to have ended it or brought it back.
pub fn birth<'p>(known: Option<&RecordType>, part: &'p Part) -> Option<Version<'p>> {
    let fields = known.into_iter().flat_map(|known| &known.shape.fields);
    let constant = fields.filter(|field| matches!(field.policy, Policy::Constant | Policy::AppendOnly));
    let mut made = constant.filter_map(|field| part.versions(FieldRef::register(field.number)).next());
    made.next().or_else(|| part.versions(FieldRef::LIFECYCLE).next())
}

/// Who made it.
pub fn author(known: Option<&RecordType>, part: &Part) -> Option<Author> {
    birth(known, part).map(|version| version.author)
}

/// The parent that a creation names, if its type is a child.
pub fn parent(parts: &[PartWrite], record: RecordId, type_number: u32) -> Option<RecordId> {
    let known = table().get(type_number).filter(|known| known.parent.is_some())?;
    let field = known.field_by_name("parent")?;
    let chunk = value(writes_of(parts, record), field.number)?;
    // A bytes field of 16: tag, length, content.
    chunk.last_chunk::<16>().map(|id| RecordId(*id))
}

/// The record that a thread, where this part starts one, is about, or that a message corrects: it stands before it.
pub fn subject(part: &PartWrite) -> Option<RecordId> {
    let known = table().get(part.type_number).filter(|_| creates(part))?;
    let name = match known.name.as_str() {
        "Thread" => "about_record",
        "Message" => "supersedes",
        _ => return None,
    };
    let field = known.field_by_name(name)?;
    value(part.writes.iter(), field.number)?.last_chunk::<16>().map(|id| RecordId(*id))
}

/// Whether the creation of this part asks for the right to create. One label is the record's own; a part beside it (the
/// notes of a visit, the dental half of a bone drug plan) is asked for field by field, and one of which nothing is said
/// for nothing at all: it starts with the record, whoever starts it. A record of which only such parts say something is
/// created under their labels.
pub fn asks_to_create(parts: &[PartWrite], part: &PartWrite, known: &RecordType) -> bool {
    let says = |p: &PartWrite| p.writes.iter().any(|w| w.field.number != Field::LIFECYCLE);
    let own = |p: &PartWrite| !known.is_beside(LabelId(p.part.label));
    let mut others = parts
        .iter()
        .filter(|p| p.part.record == part.part.record && p.part != part.part && !LabelId(p.part.label).is_unknown())
        .filter(|p| says(p));
    if says(part) { own(part) || !others.any(own) } else { others.next().is_none() }
}

/// Whether a part write starts its record.
pub fn creates(part: &PartWrite) -> bool {
    part.writes.iter().any(|w| {
        w.field.number == Field::LIFECYCLE
            && w.replaces.is_empty()
            && w.put.as_ref().and_then(Put::value).is_some_and(|v| v == [1])
    })
}
