//! Varints, tags and lengths. Nothing here allocates or panics, whatever the bytes are.

pub(crate) const VARINT: u8 = 0;
pub(crate) const I64: u8 = 1;
pub(crate) const LEN: u8 = 2;
pub(crate) const GROUP: u8 = 3;
pub(crate) const END_GROUP: u8 = 4;
pub(crate) const I32: u8 = 5;

/// At most ten bytes, the tenth at most 1. `None`: cut off or too long.
#[inline]
pub fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    varint(rest).map(|(v, _)| v)
}

/// The value, and whether it was as short as can be.
#[inline]
pub(crate) fn varint(rest: &mut &[u8]) -> Option<(u64, bool)> {
    let (first, more) = rest.split_first()?;
    if *first < 0x80 {
        *rest = more;
        return Some((u64::from(*first), true));
    }
    long_varint(rest)
}

fn long_varint(rest: &mut &[u8]) -> Option<(u64, bool)> {
    let mut value = 0u64;
    for i in 0..10 {
        let byte = *rest.get(i)?;
        if i == 9 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            *rest = &rest[i + 1..];
            return Some((value, i == 0 || byte != 0));
        }
    }
    None
}

/// Field number and wire type.
#[inline]
pub(crate) fn tag(rest: &mut &[u8]) -> Option<(u32, u8)> {
    minimal_tag(rest).map(|(number, wire, _)| (number, wire))
}

/// The same, and whether the tag was as short as can be.
#[inline]
pub(crate) fn minimal_tag(rest: &mut &[u8]) -> Option<(u32, u8, bool)> {
    let (value, minimal) = varint(rest)?;
    let value = u32::try_from(value).ok()?;
    let number = value >> 3;
    (number > 0).then_some((number, (value & 7) as u8, minimal))
}

/// Steps over a payload; answers false where the bytes are no payload.
pub(crate) fn skip(number: u32, wire: u8, rest: &mut &[u8], depth: u32) -> bool {
    match wire {
        VARINT => varint(rest).is_some(),
        I64 => take(rest, 8).is_some(),
        I32 => take(rest, 4).is_some(),
        LEN => length_delimited(rest).is_some(),
        GROUP if depth > 0 => loop {
            match tag(rest) {
                Some((n, END_GROUP)) => break n == number,
                Some((n, w)) if skip(n, w, rest, depth - 1) => {}
                _ => break false,
            }
        },
        _ => false,
    }
}

/// The bytes behind a length, and whether the length was as short as can be.
#[inline]
pub(crate) fn length_delimited<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], bool)> {
    let (len, minimal) = varint(rest)?;
    let bytes = take(rest, usize::try_from(len).ok()?)?;
    Some((bytes, minimal))
}

#[inline]
pub(crate) fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (bytes, more) = rest.split_at_checked(n)?;
    *rest = more;
    Some(bytes)
}

pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn put_tag(out: &mut Vec<u8>, number: u32, wire: u8) {
    put_varint(out, u64::from(number) << 3 | u64::from(wire));
}
