//! Reads the values out of chunks, without generated structs: for comparable keys, checks, and the time of an entry.

use crate::{
    split::{MAX_DEPTH, payload, read_varint, wire},
    table::{FieldInfo, Kind, RecordType, Shape},
};

/// One value, as it stands on the wire: decimals are scaled integers.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Numbers, enums, booleans.
    Int(i128),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Message(&'a Shape, &'a [u8]),
}

/// The values of a chunk: one, or those of a list. Stops where the bytes are not of the field's kind.
pub struct Values<'a> {
    field: &'a FieldInfo,
    rest: &'a [u8],
    run: &'a [u8],
}

/// The values of a canonical chunk.
pub fn values<'a>(field: &'a FieldInfo, chunk: &'a [u8]) -> Values<'a> {
    Values { field, rest: chunk, run: &[] }
}

/// The one value of a chunk that is no list.
pub fn value<'a>(field: &'a FieldInfo, chunk: &'a [u8]) -> Option<Value<'a>> {
    values(field, chunk).next()
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        if !self.run.is_empty() {
            return scalar(&self.field.kind, &mut self.run);
        }
        let before = self.rest;
        let tag = read_varint(&mut self.rest)?;
        if tag >> 3 != u64::from(self.field.number) {
            return None;
        }
        if tag & 7 != 2 {
            return scalar(&self.field.kind, &mut self.rest);
        }
        let bytes = payload(before);
        let len = read_varint(&mut self.rest)?;
        self.rest = self.rest.get(usize::try_from(len).ok()?..)?;
        match &self.field.kind {
            Kind::String => std::str::from_utf8(bytes).ok().map(Value::Text),
            Kind::Bytes => Some(Value::Bytes(bytes)),
            Kind::Message(shape) => Some(Value::Message(shape, bytes)),
            kind => {
                self.run = bytes;
                scalar(kind, &mut self.run)
            }
        }
    }
}

fn scalar<'a>(kind: &Kind, rest: &mut &'a [u8]) -> Option<Value<'a>> {
    let fixed8 = |rest: &mut &'a [u8]| rest.split_first_chunk::<8>().map(|(b, r)| (*rest = r, *b).1);
    let fixed4 = |rest: &mut &'a [u8]| rest.split_first_chunk::<4>().map(|(b, r)| (*rest = r, *b).1);
    Some(match kind {
        Kind::Sint32 | Kind::Sint64 => {
            let v = read_varint(rest)?;
            Value::Int(i128::from((v >> 1) as i64 ^ -((v & 1) as i64)))
        }
        Kind::Int32 | Kind::Enum | Kind::Int64 => Value::Int(i128::from(read_varint(rest)? as i64)),
        Kind::Bool | Kind::Uint32 | Kind::Uint64 => Value::Int(read_varint(rest)?.into()),
        Kind::Fixed64 => Value::Int(u64::from_le_bytes(fixed8(rest)?).into()),
        Kind::Sfixed64 => Value::Int(i64::from_le_bytes(fixed8(rest)?).into()),
        Kind::Double => Value::Float(f64::from_le_bytes(fixed8(rest)?)),
        Kind::Fixed32 => Value::Int(u32::from_le_bytes(fixed4(rest)?).into()),
        Kind::Sfixed32 => Value::Int(i32::from_le_bytes(fixed4(rest)?).into()),
        Kind::Float => Value::Float(f32::from_le_bytes(fixed4(rest)?).into()),
        Kind::String | Kind::Bytes | Kind::Message(_) => return None,
    })
}

/// The fields of a canonical message that the contract knows, each with its chunk. Stops where the bytes are broken.
pub fn fields<'a>(shape: &'a Shape, message: &'a [u8]) -> impl Iterator<Item = (&'a FieldInfo, &'a [u8])> {
    let mut rest = message;
    std::iter::from_fn(move || {
        loop {
            let before = rest;
            let number = occurrence(&mut rest)?;
            let mut ahead = rest;
            while occurrence(&mut ahead) == Some(number) {
                rest = ahead;
            }
            if let Some(field) = shape.field(number) {
                return Some((field, &before[..before.len() - rest.len()]));
            }
        }
    })
}

fn occurrence(rest: &mut &[u8]) -> Option<u32> {
    let (number, wire) = wire::tag(rest)?;
    wire::skip(number, wire, rest, MAX_DEPTH).then_some(number)
}

/// Days since 1970-01-01 of "YYYY-MM-DD". `None`: not a day of the calendar.
pub fn day(text: &str) -> Option<i64> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let digits = |from: usize, to: usize| {
        b[from..to].iter().try_fold(0i64, |n, d| d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0')))
    };
    let (y, m, d) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let last = match m {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if y == 0 || d == 0 || d > last {
        return None;
    }
    // Days of the civil calendar, March first (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let (y, m) = if m > 2 { (y, m - 3) } else { (y - 1, m + 9) };
    let (era, year) = (y / 400, y % 400);
    let day_of_year = (153 * m + 2) / 5 + d - 1;
    Some(era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468)
}

const TIMESTAMP: &str = "google.protobuf.Timestamp";
const MOMENT: &str = "osteon.care.v1.Moment";

/// Nanoseconds since 1970 of a Timestamp or a Moment. `None`: neither, or not set.
pub fn instant(field: &FieldInfo, value: Value<'_>) -> Option<i128> {
    let Value::Message(shape, bytes) = value else {
        return None;
    };
    match field.type_name.as_str() {
        TIMESTAMP => timestamp(bytes).map(|(s, n)| i128::from(s) * 1_000_000_000 + i128::from(n)),
        MOMENT => {
            let (at, chunk) = fields(shape, bytes).next().filter(|(f, _)| f.type_name == TIMESTAMP)?;
            instant(at, values(at, chunk).next()?)
        }
        _ => None,
    }
}

/// Seconds and nanoseconds of an encoded Timestamp.
pub(crate) fn timestamp(mut rest: &[u8]) -> Option<(i64, i64)> {
    let (mut seconds, mut nanos) = (0, 0);
    while !rest.is_empty() {
        match read_varint(&mut rest)? {
            0x08 => seconds = read_varint(&mut rest)? as i64,
            0x10 => nanos = read_varint(&mut rest)? as i64,
            _ => break,
        }
    }
    Some((seconds, nanos))
}

/// When it happened to the person, in milliseconds since 1970, from the chunk of the type's time field; a day counts
/// from its midnight in UTC.
pub fn time_ms(record: &RecordType, chunk: &[u8]) -> Option<i64> {
    moment_ms(record, record.time_field?, chunk)
}

/// A day or a moment that stands in a field, in milliseconds since 1970.
pub fn moment_ms(record: &RecordType, field: u32, chunk: &[u8]) -> Option<i64> {
    let field = record.field(field)?;
    let ms = match value(field, chunk)? {
        Value::Text(text) => i128::from(day(text)?) * 86_400_000,
        other => instant(field, other)?.div_euclid(1_000_000),
    };
    i64::try_from(ms).ok()
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_of_the_calendar() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2026-11-25", 20_782),
            ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ] {
            assert_eq!(day(text), Some(days), "{text}");
        }
        for text in
            ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "0000-01-01", "20260101", "２"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
