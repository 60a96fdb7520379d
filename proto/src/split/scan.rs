//! Looks at a message once: is it well-formed, within limits, and in canonical form?

use super::{MAX_DEPTH, MAX_OCCURRENCES, MAX_TEXT_BYTES, SplitError, wire};
use crate::{
    reasons::Reason,
    table::{Cardinality, FieldInfo, Kind, Shape},
};

/// Takes what is found at the top of a record.
pub(super) trait Sink {
    /// An occurrence of a field, `start..end` with its tag.
    fn field(&mut self, number: u32, element: bool, start: usize, end: usize);
    /// An element of a packed set, without tag.
    fn packed_element(&mut self, number: u32, bytes: &[u8]);
}

/// Nested messages are one value: nobody asks what is inside.
struct Nobody;

impl Sink for Nobody {
    fn field(&mut self, _: u32, _: bool, _: usize, _: usize) {}
    fn packed_element(&mut self, _: u32, _: &[u8]) {}
}

/// Whether `bytes` is canonical. What is not allowed at all is an error.
pub(super) fn scan(shape: &Shape, bytes: &[u8], sink: &mut impl Sink) -> Result<bool, SplitError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(SplitError::new(Reason::MessageTooLarge));
    }
    Scan { budget: MAX_OCCURRENCES }.message(shape, bytes, sink, MAX_DEPTH)
}

struct Scan {
    /// How many occurrences and elements may still come.
    budget: u32,
}

const MALFORMED: Reason = Reason::MalformedBody;

impl Scan {
    fn message(&mut self, shape: &Shape, bytes: &[u8], sink: &mut impl Sink, depth: u32) -> Result<bool, SplitError> {
        if depth == 0 {
            return Err(SplitError::new(MALFORMED));
        }
        let mut canonical = true;
        let mut last = 0;
        let mut seen = 0u128;
        let mut rest = bytes;
        while !rest.is_empty() {
            let start = bytes.len() - rest.len();
            let (number, wire, minimal) = wire::minimal_tag(&mut rest).ok_or(SplitError::new(MALFORMED))?;
            self.spend(1).map_err(SplitError::new)?;
            canonical &= minimal && number >= last;
            last = number;
            let Some(i) = shape.index(number) else {
                if !wire::skip(number, wire, &mut rest, depth) {
                    return Err(SplitError::new(MALFORMED).within(&format!("#{number}")));
                }
                sink.field(number, false, start, bytes.len() - rest.len());
                continue;
            };
            let field = &shape.fields[i];
            let again = seen >> i & 1 == 1;
            seen |= 1 << i;
            let good = self.known(field, wire, &mut rest, again, sink, depth);
            canonical &= good.map_err(|e| e.within(&field.name))?;
            if !(field.packed && field.is_set()) {
                sink.field(number, field.is_set(), start, bytes.len() - rest.len());
            }
        }
        Ok(canonical)
    }

    fn spend(&mut self, n: u32) -> Result<(), Reason> {
        self.budget = self.budget.checked_sub(n).ok_or(Reason::TooManyElements)?;
        Ok(())
    }

    /// One occurrence of a known field: whether it is canonical.
    #[inline]
    fn known(
        &mut self,
        field: &FieldInfo,
        wire: u8,
        rest: &mut &[u8],
        again: bool,
        sink: &mut impl Sink,
        depth: u32,
    ) -> Result<bool, SplitError> {
        if field.cardinality == Cardinality::Singular {
            if again {
                return Err(SplitError::new(Reason::DuplicateField));
            }
        } else if field.kind.packable() {
            if wire == wire::LEN {
                let good = self.run(field, rest, sink).map_err(SplitError::new)?;
                return Ok(good && field.packed && !again);
            }
            // One element, not packed.
            return Ok(self.value(field, wire, rest, depth)? && !field.packed);
        }
        let default = value_is_default(wire, rest);
        Ok(self.value(field, wire, rest, depth)? && (field.presence || field.is_repeated() || !default))
    }

    /// A packed run: whether it and all its elements are canonical. An empty one means nothing.
    fn run(&mut self, field: &FieldInfo, rest: &mut &[u8], sink: &mut impl Sink) -> Result<bool, Reason> {
        let (mut run, mut good) = wire::length_delimited(rest).ok_or(MALFORMED)?;
        good &= !run.is_empty();
        let wire = field.kind.wire();
        while !run.is_empty() {
            self.spend(1)?;
            let before = run;
            good &= scalar(&field.kind, wire, &mut run)?;
            if field.is_set() {
                sink.packed_element(field.number, &before[..before.len() - run.len()]);
            }
        }
        Ok(good)
    }

    #[inline]
    fn value(&mut self, field: &FieldInfo, wire: u8, rest: &mut &[u8], depth: u32) -> Result<bool, SplitError> {
        if wire != field.kind.wire() {
            return Err(SplitError::new(Reason::WrongWireType));
        }
        match &field.kind {
            Kind::Message(shape) => {
                let (bytes, minimal) = wire::length_delimited(rest).ok_or(SplitError::new(MALFORMED))?;
                Ok(self.message(shape, bytes, &mut Nobody, depth - 1)? && minimal)
            }
            Kind::String | Kind::Bytes => text(field, rest).map_err(SplitError::new),
            kind => scalar(kind, wire, rest).map_err(SplitError::new),
        }
    }
}

/// Whether the payload is what an absent field without presence means.
fn value_is_default(wire: u8, mut rest: &[u8]) -> bool {
    match wire {
        wire::VARINT | wire::LEN => wire::varint(&mut rest).is_some_and(|(v, _)| v == 0),
        wire::I64 => rest.starts_with(&[0; 8]),
        wire::I32 => rest.starts_with(&[0; 4]),
        _ => false,
    }
}

#[inline]
fn text(field: &FieldInfo, rest: &mut &[u8]) -> Result<bool, Reason> {
    let (bytes, minimal) = wire::length_delimited(rest).ok_or(MALFORMED)?;
    if bytes.len() > longest(field) {
        return Err(Reason::TextTooLong);
    }
    if matches!(field.kind, Kind::String) {
        if std::str::from_utf8(bytes).is_err() {
            return Err(Reason::NotUtf8);
        }
        if bytes.contains(&0) {
            return Err(Reason::NulInText);
        }
    }
    Ok(minimal)
}

/// In bytes; the field's own limit counts characters and belongs to [`crate::check`].
fn longest(field: &FieldInfo) -> usize {
    field.limits.max_len.map_or(MAX_TEXT_BYTES, |n| MAX_TEXT_BYTES.max(n as usize * 4))
}

/// A number: whether it is canonical. Refused where it does not fit, or is not finite.
#[inline]
fn scalar(kind: &Kind, wire: u8, rest: &mut &[u8]) -> Result<bool, Reason> {
    match wire {
        wire::VARINT => {
            let (value, minimal) = wire::varint(rest).ok_or(MALFORMED)?;
            Ok(narrow(kind, value)? == value && minimal)
        }
        wire::I64 => {
            let bytes = wire::take(rest, 8).and_then(|b| b.try_into().ok()).ok_or(MALFORMED)?;
            finite(!matches!(kind, Kind::Double) || f64::from_le_bytes(bytes).is_finite())
        }
        _ => {
            let bytes = wire::take(rest, 4).and_then(|b| b.try_into().ok()).ok_or(MALFORMED)?;
            finite(!matches!(kind, Kind::Float) || f32::from_le_bytes(bytes).is_finite())
        }
    }
}

fn finite(yes: bool) -> Result<bool, Reason> {
    if yes { Ok(true) } else { Err(Reason::NotFinite) }
}

/// The varint that a conforming encoder writes for what this one means. Parsers cut silently what does not fit: refused.
#[inline]
pub(super) fn narrow(kind: &Kind, value: u64) -> Result<u64, Reason> {
    match kind {
        Kind::Bool => Ok(u64::from(value != 0)),
        Kind::Uint32 | Kind::Sint32 => u32::try_from(value).map(u64::from).map_err(|_| MALFORMED),
        Kind::Int32 | Kind::Enum => {
            // Some encoders write a negative number in five bytes instead of ten.
            let fits = u32::try_from(value).is_ok() || i32::try_from(value as i64).is_ok();
            if fits { Ok(i64::from(value as u32 as i32) as u64) } else { Err(MALFORMED) }
        }
        _ => Ok(value),
    }
}
