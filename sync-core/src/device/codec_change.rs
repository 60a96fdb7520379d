//! A change as bytes in the device's own state. The wire has its own form; this one keeps all that the core knows.

use alloc::vec::Vec;

use super::codec::{put_list, read_boxed, read_list, read_text};
use crate::{
    Author, Change, Clock, Field, FieldWrite, Note, PartId, PartWrite, Put, RecordId, Role,
    varint::{Reader, put, put_bytes, put_dot},
};

pub(super) fn put_author(out: &mut Vec<u8>, author: Author) {
    put(out, author.account);
    out.push(author.role.0);
}

pub(super) fn read_author(r: &mut Reader<'_>) -> Option<Author> {
    Some(Author { account: r.number()?, role: Role(r.byte()?) })
}

pub(super) fn put_change(out: &mut Vec<u8>, change: &Change) {
    put_dot(out, change.dot);
    put(out, change.clock.ms);
    put(out, change.clock.logical.into());
    put_author(out, change.author);
    put(out, change.base);
    put_list(out, &change.earlier, |out, dot| put_dot(out, *dot));
    put_list(out, &change.parts, |out, p| {
        out.extend_from_slice(&p.part.record.0);
        put(out, p.part.label);
        put(out, p.type_number.into());
        put_list(out, &p.writes, put_write);
    });
    put_bytes(out, change.note.reason.as_bytes());
    out.push(change.note.resolves.into());
}

pub(super) fn read_change(r: &mut Reader<'_>) -> Option<Change> {
    Some(Change {
        dot: r.dot()?,
        clock: Clock { ms: r.number()?, logical: r.number32()? },
        author: read_author(r)?,
        base: r.number()?,
        earlier: read_list(r, |r| r.dot())?,
        parts: read_list(r, |r| {
            let part = PartId { record: RecordId(r.take(16)?.try_into().ok()?), label: r.number()? };
            Some(PartWrite { part, type_number: r.number32()?, writes: read_list(r, read_write)? })
        })?,
        note: Note { reason: read_text(r)?.into(), resolves: r.byte()? == 1 },
    })
}

fn put_write(out: &mut Vec<u8>, w: &FieldWrite) {
    put(out, w.field.number.into());
    put_bytes(out, &w.field.element);
    match &w.put {
        None => out.push(0),
        Some(Put::Absent) => out.push(1),
        Some(Put::Value(value)) => {
            out.push(2);
            put_bytes(out, value);
        }
    }
    for dots in [&w.replaces, &w.covers] {
        put_list(out, dots, |out, dot| put_dot(out, *dot));
    }
}

fn read_write(r: &mut Reader<'_>) -> Option<FieldWrite> {
    let field = Field { number: r.number32()?, element: read_boxed(r)? };
    let put = match r.byte()? {
        0 => None,
        1 => Some(Put::Absent),
        2 => Some(Put::Value(read_boxed(r)?)),
        _ => return None,
    };
    Some(FieldWrite { field, put, replaces: read_list(r, |r| r.dot())?, covers: read_list(r, |r| r.dot())? })
}
