//! Writes a message anew in canonical form. Only for what [`super::scan`] has found well-formed and not canonical.

use super::{MAX_DEPTH, SplitError, scan::narrow, wire};
use crate::{
    reasons::Reason,
    table::{Cardinality, FieldInfo, Kind, Shape},
};

/// One occurrence: its field, wire type, and where its payload stands.
struct Occurrence<'a> {
    number: u32,
    wire: u8,
    payload: &'a [u8],
}

pub(super) fn rewrite(shape: &Shape, bytes: &[u8]) -> Result<Vec<u8>, SplitError> {
    let mut out = Vec::with_capacity(bytes.len());
    message(shape, bytes, MAX_DEPTH, &mut out).map_err(SplitError::new)?;
    Ok(out)
}

fn message(shape: &Shape, bytes: &[u8], depth: u32, out: &mut Vec<u8>) -> Result<(), Reason> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, wire) = wire::tag(&mut rest).ok_or(Reason::MalformedBody)?;
        let before = rest;
        if !wire::skip(number, wire, &mut rest, depth) {
            return Err(Reason::MalformedBody);
        }
        found.push(Occurrence { number, wire, payload: &before[..before.len() - rest.len()] });
    }
    // Stable: occurrences of one field keep their order.
    found.sort_by_key(|o| o.number);
    for group in found.chunk_by(|a, b| a.number == b.number) {
        match shape.field(group[0].number) {
            None => group.iter().for_each(|o| {
                wire::put_tag(out, o.number, o.wire);
                out.extend_from_slice(o.payload);
            }),
            Some(f) if f.packed && f.is_repeated() => run(f, group, out)?,
            Some(f) if f.kind.packable() && f.is_repeated() => {
                for value in elements(f, group)? {
                    wire::put_tag(out, f.number, f.kind.wire());
                    out.extend_from_slice(&value);
                }
            }
            Some(f) => group.iter().try_for_each(|o| value(f, o, depth, out))?,
        }
    }
    Ok(())
}

fn run(field: &FieldInfo, group: &[Occurrence<'_>], out: &mut Vec<u8>) -> Result<(), Reason> {
    let run = elements(field, group)?.concat();
    if !run.is_empty() {
        wire::put_tag(out, field.number, wire::LEN);
        wire::put_varint(out, run.len() as u64);
        out.extend_from_slice(&run);
    }
    Ok(())
}

/// The elements of a list of numbers, packed or not, each without tag.
fn elements(field: &FieldInfo, group: &[Occurrence<'_>]) -> Result<Vec<Vec<u8>>, Reason> {
    let mut all = Vec::new();
    for o in group {
        let mut rest = o.payload;
        if o.wire == wire::LEN {
            rest = wire::length_delimited(&mut rest).ok_or(Reason::MalformedBody)?.0;
        }
        while !rest.is_empty() {
            let mut one = Vec::new();
            scalar(&field.kind, &mut rest, &mut one)?;
            all.push(one);
        }
    }
    Ok(all)
}

fn value(field: &FieldInfo, o: &Occurrence<'_>, depth: u32, out: &mut Vec<u8>) -> Result<(), Reason> {
    let mut rest = o.payload;
    let mut anew = Vec::new();
    match &field.kind {
        Kind::Message(shape) => {
            let (bytes, _) = wire::length_delimited(&mut rest).ok_or(Reason::MalformedBody)?;
            let mut inner = Vec::with_capacity(bytes.len());
            message(shape, bytes, depth.saturating_sub(1), &mut inner)?;
            wire::put_varint(&mut anew, inner.len() as u64);
            anew.append(&mut inner);
        }
        Kind::String | Kind::Bytes => {
            let (bytes, _) = wire::length_delimited(&mut rest).ok_or(Reason::MalformedBody)?;
            wire::put_varint(&mut anew, bytes.len() as u64);
            anew.extend_from_slice(bytes);
        }
        kind => scalar(kind, &mut rest, &mut anew)?,
    }
    let is_default = anew.iter().all(|b| *b == 0);
    let implied = field.cardinality == Cardinality::Singular && !field.presence && is_default;
    if !implied {
        wire::put_tag(out, field.number, field.kind.wire());
        out.append(&mut anew);
    }
    Ok(())
}

fn scalar(kind: &Kind, rest: &mut &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
    match kind.wire() {
        wire::VARINT => {
            let value = wire::read_varint(rest).ok_or(Reason::MalformedBody)?;
            wire::put_varint(out, narrow(kind, value)?);
        }
        wire => {
            let n = if wire == wire::I64 { 8 } else { 4 };
            out.extend_from_slice(wire::take(rest, n).ok_or(Reason::MalformedBody)?);
        }
    }
    Ok(())
}
