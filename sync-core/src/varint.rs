//! Little-endian base-128 numbers, minimal form only: two byte strings never mean the same state.

use alloc::vec::Vec;

use crate::Dot;

pub(crate) fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn put_dot(out: &mut Vec<u8>, dot: Dot) {
    put(out, dot.replica.epoch.into());
    put(out, dot.replica.n.into());
    put(out, dot.counter);
}

/// Reads from a byte string; `None` is the end, or a number that is not minimal or too large.
pub(crate) struct Reader<'a> {
    pub(crate) input: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn rest(&self) -> usize {
        self.input.len() - self.at
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let b = *self.input.get(self.at)?;
        self.at += 1;
        Some(b)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(first.into());
        }
        let mut n = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let b = self.byte()?;
            if shift == 63 && b > 1 || b == 0 {
                return None;
            }
            n |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Some(n);
            }
        }
        None
    }

    pub(crate) fn number32(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    /// Skips `len` bytes and gives them.
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let bytes = self.input.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(bytes)
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?.try_into().ok()?;
        self.take(len)
    }

    pub(crate) fn dot(&mut self) -> Option<Dot> {
        Some(Dot::new(self.number32()?, self.number32()?, self.number()?))
    }
}
