//! The canonical bytes of a part: a function of the state alone, and read back totally (any bytes are a part
//! or an error; what is read takes memory in proportion to the input).
//!
//! ```text
//! part  := format(1) count meta* count slot* [count gone* count covers*]    the bracket only if not empty
//! meta  := dot ms logical account role                                      ascending by dot, each one used
//! slot  := number-delta << 3 | kind  [element]  [meta index, if several]  [value]     ascending
//! gone  := number element dot             covers := meta index, count dot*            ascending
//! ```
//! All numbers are minimal varints; elements and values carry their length.

use alloc::{boxed::Box, vec::Vec};

use super::{Meta, Part, Rare, Slot, Span};
use crate::{
    Author, Clock, Dot, Field, FieldRef, Role,
    limits::MAX_PART_BYTES,
    varint::{self, Reader},
};

const FORMAT: u8 = 1;

/// Kinds of slots.
const VALUE: u64 = 0;
const ABSENT: u64 = 1;
const ELEMENT: u64 = 2;
const ELEMENT_VALUE: u64 = 3;
const ELEMENT_ABSENT: u64 = 4;

/// The bytes are no part in canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError;

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not a part in canonical form")
    }
}

impl core::error::Error for DecodeError {}

impl Part {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + self.slots.len() * 4 + self.metas.len() * 24 + 8);
        self.encode_into(&mut out);
        out
    }

    /// Appends the canonical bytes to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(FORMAT);
        varint::put(out, self.metas.len() as u64);
        for meta in &self.metas {
            varint::put_dot(out, meta.dot);
            varint::put(out, meta.clock.ms);
            varint::put(out, meta.clock.logical.into());
            varint::put(out, meta.author.account);
            out.push(meta.author.role.0);
        }
        varint::put(out, self.slots.len() as u64);
        let mut number = 0;
        for slot in &self.slots {
            self.put_slot(out, slot, slot.number - number);
            number = slot.number;
        }
        if let Some(rare) = &self.rare {
            self.put_rare(out, rare);
        }
    }

    fn put_slot(&self, out: &mut Vec<u8>, slot: &Slot, delta: u32) {
        let element = &self.bytes[slot.element.range()];
        let value = (!slot.value.is_absent()).then(|| &self.bytes[slot.value.range()]);
        let kind = match (element.is_empty(), value) {
            (true, Some(_)) => VALUE,
            (true, None) => ABSENT,
            (false, Some(v)) if v == element => ELEMENT,
            (false, Some(_)) => ELEMENT_VALUE,
            (false, None) => ELEMENT_ABSENT,
        };
        varint::put(out, u64::from(delta) << 3 | kind);
        if kind >= ELEMENT {
            varint::put_bytes(out, element);
        }
        if self.metas.len() > 1 {
            varint::put(out, slot.meta.into());
        }
        if let (VALUE | ELEMENT_VALUE, Some(v)) = (kind, value) {
            varint::put_bytes(out, v);
        }
    }

    fn put_rare(&self, out: &mut Vec<u8>, rare: &Rare) {
        varint::put(out, rare.gone.len() as u64);
        for (field, dot) in &rare.gone {
            varint::put(out, field.number.into());
            varint::put_bytes(out, &field.element);
            varint::put_dot(out, *dot);
        }
        varint::put(out, rare.covers.len() as u64);
        for (ending, covered) in &rare.covers {
            let meta = self.metas.partition_point(|m| m.dot < *ending);
            varint::put(out, meta as u64);
            varint::put(out, covered.len() as u64);
            covered.iter().for_each(|dot| varint::put_dot(out, *dot));
        }
    }

    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        if input.len() > MAX_PART_BYTES {
            return Err(DecodeError);
        }
        let mut reader = Reader { input, at: 0 };
        read_part(&mut reader).ok_or(DecodeError)
    }
}

fn read_part(r: &mut Reader<'_>) -> Option<Part> {
    if r.byte()? != FORMAT {
        return None;
    }
    let metas = read_metas(r)?;
    let slots = read_slots(r, &metas)?;
    let mut part = Part { slots, metas, bytes: r.input.to_vec(), rare: None };
    if r.rest() > 0 {
        part.rare = Some(read_rare(r, &part)?);
    }
    (r.rest() == 0).then_some(part)
}

/// A count of things that take at least `least` bytes each.
fn read_count(r: &mut Reader<'_>, least: usize) -> Option<usize> {
    let count = usize::try_from(r.number()?).ok()?;
    (count <= r.rest() / least).then_some(count)
}

fn read_metas(r: &mut Reader<'_>) -> Option<Vec<Meta>> {
    let count = read_count(r, 7)?;
    let mut metas: Vec<Meta> = Vec::with_capacity(count);
    for _ in 0..count {
        let dot = r.dot()?;
        let clock = Clock { ms: r.number()?, logical: r.number32()? };
        let author = Author { account: r.number()?, role: Role(r.byte()?) };
        if metas.last().is_some_and(|m| m.dot >= dot) {
            return None;
        }
        metas.push(Meta { dot, clock, author });
    }
    Some(metas)
}

fn read_slots(r: &mut Reader<'_>, metas: &[Meta]) -> Option<Vec<Slot>> {
    let count = read_count(r, 1)?;
    let mut slots = Vec::with_capacity(count);
    let mut used = Used::new(metas.len());
    let mut last: Option<(FieldRef<'_>, u32)> = None;
    for _ in 0..count {
        let head = r.number()?;
        let number = u32::try_from(head >> 3).ok()?.checked_add(last.map_or(0, |(f, _)| f.number))?;
        let kind = head & 7;
        let element = if kind >= ELEMENT { read_span(r)? } else { Span::EMPTY };
        let meta = if metas.len() > 1 { r.number32()? } else { 0 };
        let value = match kind {
            VALUE | ELEMENT_VALUE => read_span(r)?,
            ABSENT | ELEMENT_ABSENT => Span::ABSENT,
            ELEMENT => element,
            _ => return None,
        };
        let field = FieldRef { number, element: &r.input[element.range()] };
        let same = kind == ELEMENT_VALUE && r.input[value.range()] == *field.element;
        if same || (kind >= ELEMENT && element.len == 0) || last.is_some_and(|l| l >= (field, meta)) {
            return None;
        }
        used.set(meta as usize)?;
        last = Some((field, meta));
        slots.push(Slot { number, meta, element, value });
    }
    used.all().then_some(slots)
}

/// Which of the metas a slot points to.
struct Used {
    seen: Vec<u64>,
    left: usize,
    len: usize,
}

impl Used {
    fn new(len: usize) -> Self {
        Self { seen: alloc::vec![0; len.div_ceil(64)], left: len, len }
    }

    fn set(&mut self, i: usize) -> Option<()> {
        if i >= self.len {
            return None;
        }
        let (word, bit) = (&mut self.seen[i / 64], 1 << (i % 64));
        self.left -= usize::from(*word & bit == 0);
        *word |= bit;
        Some(())
    }

    fn all(&self) -> bool {
        self.left == 0
    }
}

fn read_span(r: &mut Reader<'_>) -> Option<Span> {
    let len = r.number32()?;
    let start = r.at as u32;
    r.take(len as usize)?;
    Some(if len == 0 { Span::EMPTY } else { Span { start, len } })
}

fn read_rare(r: &mut Reader<'_>, part: &Part) -> Option<Box<Rare>> {
    let count = read_count(r, 5)?;
    let mut gone: Vec<(Field, Dot)> = Vec::with_capacity(count);
    for _ in 0..count {
        let mark = (Field { number: r.number32()?, element: r.bytes()?.into() }, r.dot()?);
        if gone.last().is_some_and(|l| *l >= mark) {
            return None;
        }
        gone.push(mark);
    }
    let count = read_count(r, 5)?;
    let mut covers: Vec<(Dot, Vec<Dot>)> = Vec::with_capacity(count);
    for _ in 0..count {
        let ending = part.metas.get(r.number()? as usize)?.dot;
        let live = part.versions(FieldRef::LIFECYCLE).any(|v| v.dot == ending);
        if !live || covers.last().is_some_and(|l| l.0 >= ending) {
            return None;
        }
        covers.push((ending, read_covered(r)?));
    }
    let rare = Rare { gone, covers };
    (rare != Rare::default()).then(|| Box::new(rare))
}

fn read_covered(r: &mut Reader<'_>) -> Option<Vec<Dot>> {
    let count = read_count(r, 3)?;
    let mut covered: Vec<Dot> = Vec::with_capacity(count);
    for _ in 0..count {
        let dot = r.dot()?;
        if covered.last().is_some_and(|l| *l >= dot) {
            return None;
        }
        covered.push(dot);
    }
    (count > 0).then_some(covered)
}
