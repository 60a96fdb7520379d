//! What a reader holds of a circle, as a few bytes that the server seals and the reader carries.
//!
//! Cells that share a generation are one bit set: a bit per (single category or none, audience all, class), which is
//! nearly every cell there is; the few others are listed. The four bytes of `mark` name the commit at `sequence`, so that
//! a database file that was copied back by hand is noticed.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{Cell, Generation};
use crate::varint::{self, Reader};

/// Version of the layout.
const FORMAT: u8 = 2;
/// Bounds of what is taken back: a reader has at most this many cells, and open backfills.
pub const MAX_CELLS: usize = 1024;
pub const MAX_BACKFILLS: usize = 16;

/// Bits of a label (docs/architecture.md, "Labels"): categories, then the audience ("all" is 1).
const CATEGORY_BITS: u32 = 24;
const AUDIENCE_ALL: u64 = 1 << CATEGORY_BITS;
/// Classes that have a bit.
const CLASSES: u64 = 4;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cursor {
    pub epoch: u32,
    /// Every commit up to here has been sent, for all cells without an open backfill.
    pub sequence: u64,
    pub mark: u32,
    pub cells: BTreeMap<Cell, Generation>,
    pub backfills: Vec<Backfill>,
    /// The head at which its holder was last told to erase and has not come back since; 0: nothing is owed. A cursor that
    /// comes back with it is the receipt.
    pub erased_at: u64,
}

/// Cells that are being sent from the beginning, as of a snapshot. What is committed later comes by sequence.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Backfill {
    /// Ascending.
    pub cells: Vec<Cell>,
    /// The head when it was opened.
    pub snapshot: u64,
    /// Where it stands; `None`: at the beginning.
    pub last: Option<BackfillKey>,
}

/// The last row that was sent: classes ascend, first sequences descend within a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BackfillKey {
    pub class: u8,
    pub first_seq: u64,
}

/// Not a cursor of ours, or of another layout. The reader begins from the beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CursorError;

/// Four bytes of a hash chain link: the change that was committed at a sequence.
pub fn mark(dot: crate::Dot, mac: &super::Mac) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut eat = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    };
    eat(&dot.replica.epoch.to_le_bytes());
    eat(&dot.replica.n.to_le_bytes());
    eat(&dot.counter.to_le_bytes());
    eat(mac);
    hash
}

impl Cursor {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(40);
        out.push(FORMAT);
        varint::put(&mut out, self.epoch.into());
        varint::put(&mut out, self.sequence);
        out.extend_from_slice(&self.mark.to_le_bytes());
        varint::put(&mut out, self.erased_at);
        let mut groups: BTreeMap<Generation, Vec<Cell>> = BTreeMap::new();
        for (cell, generation) in &self.cells {
            groups.entry(*generation).or_default().push(*cell);
        }
        varint::put(&mut out, groups.len() as u64);
        for (generation, cells) in &groups {
            varint::put(&mut out, generation.epoch.into());
            varint::put(&mut out, generation.n);
            put_cells(&mut out, cells);
        }
        varint::put(&mut out, self.backfills.len() as u64);
        for backfill in &self.backfills {
            put_cells(&mut out, &backfill.cells);
            varint::put(&mut out, backfill.snapshot);
            out.push(u8::from(backfill.last.is_some()));
            if let Some(key) = backfill.last {
                out.push(key.class);
                varint::put(&mut out, key.first_seq);
            }
        }
        out
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, CursorError> {
        let mut input = Reader { input: bytes, at: 0 };
        let cursor = Self::read(&mut input).ok_or(CursorError)?;
        if input.rest() == 0 { Ok(cursor) } else { Err(CursorError) }
    }

    fn read(input: &mut Reader<'_>) -> Option<Self> {
        if input.byte()? != FORMAT {
            return None;
        }
        let mut cursor = Self { epoch: input.number32()?, sequence: input.number()?, ..Self::default() };
        cursor.mark = u32::from_le_bytes(input.take(4)?.try_into().ok()?);
        cursor.erased_at = input.number()?;
        for _ in 0..bounded(input.number()?, MAX_CELLS)? {
            let generation = Generation { epoch: input.number32()?, n: input.number()? };
            cursor.cells.extend(read_cells(input)?.into_iter().map(|c| (c, generation)));
        }
        for _ in 0..bounded(input.number()?, MAX_BACKFILLS)? {
            let (cells, snapshot) = (read_cells(input)?, input.number()?);
            let last = match input.byte()? {
                0 => None,
                1 => Some(BackfillKey { class: input.byte()?, first_seq: input.number()? }),
                _ => return None,
            };
            cursor.backfills.push(Backfill { cells, snapshot, last });
        }
        Some(cursor)
    }
}

fn bounded(n: u64, max: usize) -> Option<usize> {
    usize::try_from(n).ok().filter(|n| *n <= max)
}

/// The bit of a cell, if it has one.
fn bit(cell: Cell) -> Option<u64> {
    let categories = cell.label.checked_sub(AUDIENCE_ALL)?;
    let class = u64::from(cell.class).checked_sub(1).filter(|c| *c < CLASSES)?;
    let simple = categories >> CATEGORY_BITS == 0 && categories.count_ones() <= 1;
    // 0: no category; 1 + k: category bit k.
    let place = u64::from(categories.checked_ilog2().map_or(0, |k| k + 1));
    simple.then_some(place * CLASSES + class)
}

fn cell_of(bit: u64) -> Option<Cell> {
    let place = bit / CLASSES;
    let categories = match place {
        0 => 0,
        p if p <= u64::from(CATEGORY_BITS) => 1 << (p - 1),
        _ => return None,
    };
    Some(Cell { label: AUDIENCE_ALL | categories, class: (bit % CLASSES) as u8 + 1 })
}

fn put_cells(out: &mut Vec<u8>, cells: &[Cell]) {
    let mut bits: Vec<u8> = Vec::new();
    let mut others: Vec<Cell> = Vec::new();
    for cell in cells {
        let Some(bit) = bit(*cell) else {
            others.push(*cell);
            continue;
        };
        let byte = (bit / 8) as usize;
        if bits.len() <= byte {
            bits.resize(byte + 1, 0);
        }
        bits[byte] |= 1 << (bit % 8);
    }
    varint::put_bytes(out, &bits);
    varint::put(out, others.len() as u64);
    for cell in others {
        varint::put(out, cell.label);
        out.push(cell.class);
    }
}

fn read_cells(input: &mut Reader<'_>) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    for (i, byte) in input.bytes()?.iter().enumerate() {
        for k in (0..8).filter(|k| byte >> k & 1 == 1) {
            cells.push(cell_of(i as u64 * 8 + k)?);
        }
    }
    for _ in 0..bounded(input.number()?, MAX_CELLS)? {
        cells.push(Cell { label: input.number()?, class: input.byte()? });
    }
    cells.sort_unstable();
    (cells.len() <= MAX_CELLS).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_clinician_of_twenty_cells_costs_at_most_forty_bytes() {
        let generation = Generation { epoch: 1, n: 7 };
        let cells =
            (0..20).map(|i| (Cell { label: AUDIENCE_ALL | 1 << (i + 1), class: (i % 3) as u8 + 1 }, generation));
        let cursor = Cursor { epoch: 1, sequence: 123_456, mark: 9, cells: cells.collect(), ..Cursor::default() };
        let bytes = cursor.encode();
        assert!(bytes.len() <= 40, "{} bytes", bytes.len());
        assert_eq!(Cursor::decode(&bytes), Ok(cursor));
    }

    #[test]
    fn cells_without_a_bit_and_open_backfills_come_back() {
        let odd = Cell { label: AUDIENCE_ALL | 0b110, class: 2 };
        let mine = Cell { label: 2 << CATEGORY_BITS | 1 << 3 | 77 << 32, class: 3 };
        let unknown_class = Cell { label: AUDIENCE_ALL, class: 9 };
        let cells = [odd, mine, unknown_class].map(|c| (c, Generation { epoch: 2, n: 1 }));
        let backfill =
            Backfill { cells: vec![odd, mine], snapshot: 40, last: Some(BackfillKey { class: 2, first_seq: 17 }) };
        let cells = cells.into();
        let cursor = Cursor { epoch: 2, sequence: 41, mark: 1, cells, backfills: vec![backfill], erased_at: 40 };
        let bytes = cursor.encode();
        assert_eq!(Cursor::decode(&bytes), Ok(cursor));
        for cut in 0..bytes.len() {
            assert_eq!(Cursor::decode(&bytes[..cut]), Err(CursorError));
        }
    }
}
