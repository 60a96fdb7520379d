//! The next page of one reader: what to erase, which rows to ask the store for, which of them to send, and the
//! cursor behind them. Everything happens in one read snapshot of the caller.
//!
//! At each page the cursor is compared with what the reader may have *now*: a cell that is no longer granted, or under
//! another generation, is erased; a missing cell opens a backfill. Widening, narrowing, granting again and repair are
//! all this one rule. Commits past the cursor come first, by sequence; the rest of the page is backfill, by priority
//! class, the newest first. A page never ends inside a commit.

use alloc::{collections::BTreeMap, collections::BTreeSet, vec::Vec};

use super::{Backfill, BackfillKey, Cell, Cursor, Generation, cursor::MAX_BACKFILLS};
use crate::faults::{Fault, Faults};

/// What the reader may have at this moment, of the cells that the circle has.
pub type Granted = BTreeMap<Cell, Generation>;

/// Range queries of a page; after so many it ends, even if nothing was to be shown.
const MAX_ASKS: u32 = 8;

/// The rows that the plan needs next: until one of the bounds is reached, and then to the end of the last commit
/// (`seq`; for a backfill `first_seq`), so that no commit is split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    pub range: Range,
    pub room: Room,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    /// Parts with `seq > after`, ascending by seq.
    After { after: u64 },
    /// Parts of a class with `first_seq < before` and `seq <= upto`, descending by first_seq.
    Before { class: u8, before: u64, upto: u64 },
}

/// What a page may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    pub parts: u32,
    pub bytes: u64,
}

impl Room {
    /// Bounded in parts alone.
    pub const fn parts(parts: u32) -> Self {
        Self { parts, bytes: u64::MAX }
    }

    /// A page is full when either is used up.
    pub const fn is_full(self) -> bool {
        self.parts == 0 || self.bytes == 0
    }

    #[must_use]
    pub const fn without(self, parts: u32, bytes: u64) -> Self {
        Self { parts: self.parts.saturating_sub(parts), bytes: self.bytes.saturating_sub(bytes) }
    }
}

/// A part as the store found it. `payload` is the caller's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row<P> {
    pub cell: Cell,
    pub seq: u64,
    pub first_seq: u64,
    /// What it takes of a page.
    pub bytes: u64,
    pub payload: P,
}

/// The cursor does not belong to this history: another epoch, or a database that was copied back by hand.
/// The reader begins from the beginning, and keeps what it has as stale until then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StaleCursor;

/// A page in the making: `open`, then `ask` and `rows` until there is no more to ask, then `finish`.
#[derive(Clone, Debug)]
pub struct PagePlan<P> {
    cursor: Cursor,
    head: u64,
    room: Room,
    asks: u32,
    asked: Option<(Range, usize)>,
    erased: Vec<Cell>,
    rows: Vec<Row<P>>,
    faults: Faults,
}

/// A planned page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned<P> {
    pub cursor: Cursor,
    pub erased: Vec<Cell>,
    /// In the order of sending.
    pub rows: Vec<Row<P>>,
    /// No backfill is open and the page reached the head.
    pub at_head: bool,
    /// Classes of which the reader now holds everything that it may.
    pub complete: Vec<u8>,
}

/// The read snapshot that a page is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct At {
    pub epoch: u32,
    pub head: u64,
    /// Mark of the commit at `head`, and at the sequence of the reader's cursor ([`super::cursor::mark`]).
    pub head_mark: u32,
    pub cursor_mark: u32,
}

impl<P> PagePlan<P> {
    /// Compares `cursor` (`None`: from the beginning) with `granted`. `dropped` are cells whose digest the reader found
    /// different: they are sent anew. A page has room for one commit at least.
    pub fn open(
        cursor: Option<Cursor>,
        dropped: &[Cell],
        granted: &Granted,
        at: At,
        room: Room,
        faults: Faults,
    ) -> Result<Self, StaleCursor> {
        let cursor = match cursor {
            None => Cursor { epoch: at.epoch, sequence: at.head, mark: at.head_mark, ..Cursor::default() },
            Some(c) if c.epoch == at.epoch && c.sequence <= at.head && c.mark == at.cursor_mark => c,
            Some(_) => return Err(StaleCursor),
        };
        let room = Room { parts: room.parts.max(1), bytes: room.bytes.max(1) };
        let mut plan =
            Self { cursor, head: at.head, room, asks: 0, asked: None, erased: Vec::new(), rows: Vec::new(), faults };
        plan.compare(dropped, granted);
        Ok(plan)
    }

    fn compare(&mut self, dropped: &[Cell], granted: &Granted) {
        let held = core::mem::take(&mut self.cursor.cells);
        let mut lost: BTreeSet<Cell> = dropped.iter().copied().collect();
        for (cell, generation) in &held {
            if granted.get(cell) != Some(generation) {
                lost.insert(*cell);
                if !self.faults.has(Fault::PurgeAsMessage) {
                    self.erased.push(*cell);
                }
            }
        }
        for backfill in &mut self.cursor.backfills {
            backfill.cells.retain(|c| !lost.contains(c));
        }
        self.cursor.backfills.retain(|b| !b.cells.is_empty());
        let missing: Vec<Cell> =
            granted.keys().copied().filter(|c| lost.contains(c) || !held.contains_key(c)).collect();
        self.cursor.cells = granted.clone();
        if !missing.is_empty() {
            self.begin(missing);
        }
    }

    fn begin(&mut self, mut cells: Vec<Cell>) {
        let full = self.cursor.backfills.len() >= MAX_BACKFILLS;
        if full && let Some(last) = self.cursor.backfills.pop() {
            cells.extend(last.cells);
            cells.sort_unstable();
            cells.dedup();
        }
        self.cursor.backfills.push(Backfill { cells, snapshot: self.head, last: None });
    }

    /// What to ask the store for; `None`: the page is done.
    pub fn ask(&mut self) -> Option<Ask> {
        if self.room.is_full() || self.asks == MAX_ASKS {
            return None;
        }
        let (range, backfill) = if self.cursor.sequence < self.head {
            (Range::After { after: self.cursor.sequence }, 0)
        } else {
            let (i, key) = self.position()?;
            let before = if key.first_seq == 0 { u64::MAX } else { key.first_seq };
            let upto = if self.faults.has(Fault::BackfillWithoutSnapshot) {
                self.head
            } else {
                self.cursor.backfills[i].snapshot
            };
            (Range::Before { class: key.class, before, upto }, i)
        };
        self.asks += 1;
        self.asked = Some((range, backfill));
        Some(Ask { range, room: self.room })
    }

    /// The open backfill that comes first (the lower class), and where it stands.
    fn position(&self) -> Option<(usize, BackfillKey)> {
        let keys = self.cursor.backfills.iter().enumerate().filter_map(|(i, b)| {
            let first = b.cells.iter().map(|c| c.class).min()?;
            Some((i, b.last.unwrap_or(BackfillKey { class: first, first_seq: 0 })))
        });
        keys.min_by_key(|(i, key)| (key.class, *i))
    }

    /// The answer to the last `ask`, and whether there may be more behind it. The rows are of all cells; the plan keeps
    /// what the reader may have.
    pub fn rows(&mut self, rows: Vec<Row<P>>, more: bool) {
        match self.asked.take() {
            Some((Range::After { .. }, _)) => self.later_commits(rows, more),
            Some((Range::Before { class, .. }, i)) => self.backfill(i, class, rows, more),
            None => {}
        }
    }

    fn later_commits(&mut self, mut rows: Vec<Row<P>>, more: bool) {
        if self.faults.has(Fault::PageSplitsCommit) {
            rows.truncate(self.room.parts as usize);
        }
        self.cursor.sequence = match rows.last() {
            Some(last) if more => last.seq.min(self.head),
            _ => self.head,
        };
        for row in rows {
            if self.due(&row) {
                self.send(row);
            }
        }
    }

    /// Whether a commit past the cursor is to be sent: its cell is granted, and no backfill will send it.
    fn due<Q>(&self, row: &Row<Q>) -> bool {
        let open = self.cursor.backfills.iter().find(|b| b.cells.binary_search(&row.cell).is_ok());
        let past_snapshot =
            open.is_none_or(|b| row.seq > b.snapshot && !self.faults.has(Fault::BackfillWithoutSnapshot));
        past_snapshot && row.seq <= self.head && self.cursor.cells.contains_key(&row.cell)
    }

    fn backfill(&mut self, i: usize, class: u8, rows: Vec<Row<P>>, more: bool) {
        let Some(open) = self.cursor.backfills.get_mut(i) else { return };
        let last = rows.last().map(|r| r.first_seq).filter(|_| more);
        let key = match last {
            Some(first_seq) => Some(BackfillKey { class, first_seq }),
            None => {
                let next = open.cells.iter().map(|c| c.class).filter(|c| *c > class).min();
                next.map(|class| BackfillKey { class, first_seq: 0 })
            }
        };
        open.last = key;
        let cells = core::mem::take(&mut open.cells);
        for row in rows {
            if cells.binary_search(&row.cell).is_ok() {
                self.send(row);
            }
        }
        match key {
            Some(_) => self.cursor.backfills[i].cells = cells,
            None => {
                self.cursor.backfills.remove(i);
            }
        }
    }

    fn send(&mut self, row: Row<P>) {
        self.room = self.room.without(1, row.bytes);
        self.rows.push(row);
    }

    /// The sequence that the cursor will name; the caller looks up its mark.
    pub fn sequence(&self) -> u64 {
        self.cursor.sequence
    }

    pub fn finish(mut self, mark: u32) -> Planned<P> {
        self.cursor.mark = mark;
        let open = |class: u8| {
            self.cursor
                .backfills
                .iter()
                .any(|b| b.last.is_none_or(|key| key.class <= class) && b.cells.iter().any(|c| c.class == class))
        };
        let classes: BTreeSet<u8> = self.cursor.cells.keys().map(|c| c.class).collect();
        let complete = classes.into_iter().filter(|c| !open(*c)).collect();
        let at_head = self.cursor.backfills.is_empty() && self.cursor.sequence == self.head;
        Planned { erased: self.erased, rows: self.rows, at_head, complete, cursor: self.cursor }
    }
}
