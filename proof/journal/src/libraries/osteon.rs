//! The merge core of this repository: a record is one part; an edit names the version that it replaces.

use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldRef, FieldWrite, Note, Part, PartId, PartWrite, Put, RecordId, Role,
};

use crate::{
    library::{Library, Result},
    work::{AUTHOR, Edit, NAMES, Record},
};

pub(crate) struct Osteon;

/// A journal type's number, and a label with one category.
const TYPE_NUMBER: u32 = 101;
const LABEL: u64 = 1 << 24 | 2;
/// 2026-09-21, and a minute between records.
const START_MS: u64 = 1_790_000_000_000;

fn write(field: usize, value: &str, replaces: Vec<Dot>) -> FieldWrite {
    let put = Some(Put::Value(value.as_bytes().into()));
    FieldWrite { field: Field::register(field as u32 + 1), put, replaces, covers: Vec::new() }
}

fn change(record: &Record, replica: u32, writes: Vec<FieldWrite>) -> Change {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&record.n.to_be_bytes());
    Change {
        dot: Dot::new(1, 40_000 + replica, record.n + 1),
        clock: Clock { ms: START_MS + record.n * 60_000 + u64::from(replica), logical: 0 },
        author: Author { account: 4_711 + u64::from(replica), role: Role(1) },
        base: 0,
        earlier: Vec::new(),
        parts: vec![PartWrite {
            part: PartId { record: RecordId(id), label: LABEL },
            type_number: TYPE_NUMBER,
            writes,
        }],
        note: Note::default(),
    }
}

fn merge(part: &mut Part, change: &Change) {
    for written in &change.parts {
        part.merge(change.origin(), &written.writes, &|_: Dot| true);
    }
}

impl Library for Osteon {
    const NAME: &'static str = "osteon sync-core";
    const APPLY_IS: &'static str = "a change in memory";
    type Doc = Part;
    type Sent = Change;
    type Change = Change;

    fn make(record: &Record) -> Result<Part> {
        let writes = record.values.iter().enumerate().map(|(i, v)| write(i, v, Vec::new())).collect();
        let mut part = Part::new();
        merge(&mut part, &change(record, AUTHOR, writes));
        Ok(part)
    }

    fn edit_elsewhere(record: &Record, saved: &[u8], replica: u32, edit: &Edit) -> Result<Change> {
        let shown = Part::decode(saved)?;
        let named = shown.versions(FieldRef::register(edit.field as u32 + 1)).map(|v| v.dot).collect();
        Ok(change(record, replica, vec![write(edit.field, &edit.value, named)]))
    }

    fn receive(sent: &Change) -> Result<Change> {
        Ok(sent.clone())
    }

    fn apply(part: &mut Part, change: Change) -> Result<()> {
        merge(part, &change);
        Ok(())
    }

    fn encode(part: &mut Part) -> Result<Vec<u8>> {
        Ok(part.encode())
    }

    fn decode(bytes: &[u8]) -> Result<Part> {
        Ok(Part::decode(bytes)?)
    }

    fn values(part: &Part, field: usize) -> Result<Vec<String>> {
        assert!(field < NAMES.len());
        let versions = part.versions(FieldRef::register(field as u32 + 1));
        versions.filter_map(|v| v.value).map(|v| Ok(String::from_utf8(v.to_vec())?)).collect()
    }

    fn in_history(_: &Part, _: &[u8], _: u32, _: usize, _: &str) -> Result<bool> {
        Ok(false) // The history is the change log, which is no part of the record.
    }
}
