//! Pull: pages of merged parts past a cursor. Each page is read in one snapshot, decided anew against what the reader may
//! have at that moment, and never ends inside a commit. The server keeps nothing of a reader between two pages.

mod cells;
mod last;
mod page;
mod position;

use std::sync::Arc;

use osteon_access_core::Scope;
use osteon_proto::{reasons::Reason, sync};
use osteon_sync_core::{
    Replica,
    ledger::{
        Cell, Cursor, Room, Row,
        cursor::mark,
        page::{At, PagePlan, Planned},
    },
};

pub(super) use self::last::was_member;
pub use self::{
    cells::{core_cell, wire_cell},
    position::{Position, held_upto, may_ask, receipts},
};
use self::{
    cells::{granted, may_have, named},
    last::{erased_page, last_page, purge},
    page::{Reading, tombstones},
    position::{open_cursor, receipt},
};
use super::{App, depth, look};
use crate::{
    access::{Caller, Member},
    error::Error,
    limits,
    store::{CircleNo, CircleRow, PartRow, Rows, Snapshot, StoreError, marks},
};

/// A page, and whether there is more to send at once.
pub struct Turned {
    pub page: sync::Page,
    pub at_head: bool,
    /// Nothing was new: a page need not be sent.
    pub idle: bool,
    /// When the next grant that this rests on ends, and when the next one begins.
    pub not_after_ms: Option<i64>,
    pub opens_at_ms: Option<i64>,
    /// Of the access state that it was decided by.
    pub access_generation: u64,
    /// The reader has left the circle: this was the last page.
    pub left: bool,
    /// The device has erased what it was told to, up to this sequence; 0: it was not told, or does not say so.
    pub receipt: u64,
    /// For the audit: how many parts left, under which categories, up to which sequence.
    pub parts: u32,
    pub categories: u32,
    pub sequence: u64,
}

/// Reads pages of several circles in one snapshot.
pub struct Reader<'a> {
    app: &'a App,
    caller: &'a Caller,
    /// Also numbers of an earlier epoch or from before a Rebase: what was made under them may still be on its way.
    own: Arc<[Replica]>,
    /// Whose heads are read at once, when the database is asked for the first time.
    circles: &'a [CircleNo],
    snapshot: Option<Box<dyn Snapshot>>,
}

impl<'a> Reader<'a> {
    /// Of these circles. Lanes come before the snapshot: whoever holds one reader and waits for a second waits for ever
    /// once all do.
    pub async fn open(app: &'a App, caller: &'a Caller, circles: &'a [CircleNo]) -> Result<Self, Error> {
        let own = if caller.device == 0 { Arc::default() } else { app.lanes(caller.device).await? };
        Ok(Self { app, caller, own, circles, snapshot: None })
    }

    /// The next page of one circle.
    pub async fn turn(&mut self, position: &Position) -> Result<Turned, Error> {
        let (app, caller) = (self.app, self.caller);
        let mut cursor = open_cursor(app, caller, position)?;
        let receipt = receipt(position, &mut cursor);
        if let Some(turned) = self.recent(position, cursor.as_ref(), receipt).await? {
            return Ok(turned);
        }
        let at = self.circles.iter().position(|circle| *circle == position.circle);
        let one = [position.circle];
        let there = match &mut self.snapshot {
            Some(snapshot) => found(snapshot.turn_to(position.circle).await)?.is_some(),
            None => {
                let circles = at.map_or(&one[..], |at| &self.circles[at..]);
                self.snapshot = found(app.store.snapshot_of(circles).await)?;
                self.snapshot.is_some()
            }
        };
        let Some(snapshot) = self.snapshot.as_mut().filter(|_| there) else {
            // Given back before another one is asked for.
            self.snapshot = None;
            return erased_page(app, caller, position, cursor).await;
        };
        if snapshot.circle().clinic != caller.clinic {
            // Asked on as one that is not there: what is forbidden costs the same.
            self.snapshot = None;
            return erased_page(app, caller, position, cursor).await;
        }
        let access = app.access_of(&mut **snapshot).await?;
        let row = Arc::clone(snapshot.circle());
        if caller.leaving {
            return Ok(Turned { receipt, ..purge(app, caller, position, cursor.unwrap_or_default(), &row) });
        }
        let was_member = was_member(&access, caller.account);
        let Some(member) = Member::of(position.circle, caller.account, access) else {
            if cursor.is_none() && !was_member {
                self.snapshot = None;
                return erased_page(app, caller, position, cursor).await;
            }
            return Ok(Turned { receipt, ..last_page(app, caller, position, cursor, &row, was_member)? });
        };
        let seat = Seat { app, caller, own: &self.own, member: &member };
        seat.page(&mut **snapshot, position, cursor, receipt).await
    }

    /// The same where memory has all that is new: whoever is told of a commit asks no database.
    async fn recent(
        &self,
        position: &Position,
        cursor: Option<&Cursor>,
        receipt: u64,
    ) -> Result<Option<Turned>, Error> {
        let (app, caller) = (self.app, self.caller);
        let follows = |cursor: &&Cursor| position.carried && !caller.leaving && cursor.backfills.is_empty();
        let Some(cursor) = cursor.filter(follows) else { return Ok(None) };
        let Some(mut snapshot) = app.store.recent(position.circle, cursor.sequence) else { return Ok(None) };
        if snapshot.circle().clinic != caller.clinic {
            return Ok(None);
        }
        let access = app.access_of(&mut *snapshot).await?;
        let Some(member) = Member::of(position.circle, caller.account, access) else { return Ok(None) };
        let seat = Seat { app, caller, own: &self.own, member: &member };
        match seat.page(&mut *snapshot, position, Some(cursor.clone()), receipt).await {
            Err(error) if error.is_not_held() => Ok(None),
            turned => turned.map(Some),
        }
    }

    /// The answer to a position at which nothing has moved, from the circle as it stands; `None`: it has to be read.
    pub fn idle(&self, position: &Position, row: &CircleRow) -> Result<Option<Turned>, Error> {
        let (app, caller) = (self.app, self.caller);
        let Some(cursor) = open_cursor(app, caller, position)?.filter(|_| !caller.leaving) else { return Ok(None) };
        let stands = (cursor.sequence, cursor.mark) == (row.head, row.head_mark);
        if !stands
            || !cursor.backfills.is_empty()
            || !position.dropped.is_empty()
            || position.digests
            || row.clinic != caller.clinic
        {
            return Ok(None);
        }
        let access = app.access.known(row.circle, row.access_generation);
        let Some(member) = access.and_then(|access| Member::of(row.circle, caller.account, access)) else {
            return Ok(None);
        };
        let scope = member.scope(app.now_ms(), row)?;
        let now_ms = app.now_ms();
        let granted = depth::granted(position.depth, granted(&member, &scope, row), Some(&cursor.cells), now_ms);
        if granted != cursor.cells || cursor.erased_at != 0 {
            return Ok(None);
        }
        let reading = Reading { app, caller, member: &member, scope: &scope, row, own: &self.own };
        let planned = Planned { cursor, erased: Vec::new(), rows: Vec::new(), at_head: true, complete: Vec::new() };
        Ok(Some(finished(reading.page(planned, &[], false), true, &scope, row.access_generation)))
    }
}

/// Who reads, in which role.
struct Seat<'a> {
    app: &'a App,
    caller: &'a Caller,
    own: &'a [Replica],
    member: &'a Member,
}

impl Seat<'_> {
    async fn page(
        &self,
        snapshot: &mut dyn Snapshot,
        position: &Position,
        cursor: Option<Cursor>,
        receipt: u64,
    ) -> Result<Turned, Error> {
        let Self { app, caller, own, member } = *self;
        let row = Arc::clone(snapshot.circle());
        let now_ms = app.now_ms();
        let scope = member.scope(now_ms, &row)?;
        let store = snapshot.rows(scope.proof())?;
        let held_cells = cursor.as_ref().map(|cursor| &cursor.cells);
        let granted = depth::granted(position.depth, granted(member, &scope, &row), held_cells, now_ms);
        let at = At {
            epoch: app.epoch(),
            head: row.head,
            head_mark: row.head_mark,
            cursor_mark: match &cursor {
                // Made by this process, of this database.
                Some(cursor) if position.carried => cursor.mark,
                Some(cursor) => mark_at(store, &row, cursor.sequence).await?,
                None => row.head_mark,
            },
        };
        let held = cursor.clone();
        let parts = position.page_size.clamp(1, limits::PAGE_PARTS.u32());
        let room = Room { parts, bytes: limits::PAGE_BYTES.max };
        let plan = PagePlan::open(cursor, &position.dropped, &granted, at, room, Default::default());
        let plan = plan.map_err(|_| Error::from(Reason::CursorStaleEpoch))?;
        let mut planned = fill(plan, store, &row).await?;
        depth::narrow(&mut planned);
        if !planned.erased.is_empty() {
            planned.cursor.erased_at = row.head;
        }
        let sent_upto = planned.cursor.sequence;
        let idle = receipt == 0
            && !position.digests
            && planned.rows.is_empty()
            && planned.erased.is_empty()
            && held.as_ref() == Some(&planned.cursor);
        let rows = std::mem::take(&mut planned.rows).into_iter().map(|row| row.payload).collect();
        let looked = look::look(store, rows, false).await?;
        let reading = Reading { app, caller, member, scope: &scope, row: &row, own };
        let mut page = reading.page(planned, &looked, !idle);
        if position.cursor.is_empty() {
            let within = may_have(&scope, &row).into_iter().filter(|cell| depth::within(position.depth, cell.class));
            page.granted = within.map(named).collect();
        }
        let after = held.map_or(0, |held| held.sequence);
        if row.marks & marks::TOMBSTONES != 0 {
            page.tombstones = tombstones(store, after, sent_upto).await?;
        }
        Ok(Turned { receipt, ..finished(page, idle, &scope, row.access_generation) })
    }
}

/// What may not be there.
fn found<T>(answer: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match answer {
        Err(StoreError::NotFound) => Ok(None),
        answer => answer.map(Some),
    }
}

/// The next page of one circle.
pub async fn turn(app: &App, caller: &Caller, position: &Position) -> Result<Turned, Error> {
    let turned = Reader::open(app, caller, &[position.circle]).await?.turn(position).await?;
    receipts(app, caller, position.circle, &turned).await?;
    Ok(turned)
}

fn finished(page: sync::Page, idle: bool, scope: &Scope, access_generation: u64) -> Turned {
    let cells = page.cells.iter();
    let parts = cells.clone().map(|cell| cell.parts.len()).sum::<usize>();
    let categories =
        cells.filter_map(|cell| cell.cell.as_ref()).fold(0, |bits, cell| bits | (cell.label_id & 0x7f_ffff) as u32);
    Turned {
        at_head: page.at_head,
        idle,
        not_after_ms: scope.not_after_ms(),
        opens_at_ms: scope.opens_at_ms(),
        access_generation,
        left: false,
        receipt: 0,
        parts: u32::try_from(parts).unwrap_or(u32::MAX),
        categories,
        sequence: page.head,
        page,
    }
}

/// The mark of the commit at a sequence; 0 where there is none.
async fn mark_at(store: &mut dyn Rows, row: &CircleRow, sequence: u64) -> Result<u32, Error> {
    if sequence == row.head {
        return Ok(row.head_mark);
    }
    let Some(after) = sequence.checked_sub(1) else { return Ok(0) };
    let rows = store.log_after(after, 1).await?;
    Ok(rows.first().filter(|row| row.seq == sequence).map_or(0, |row| mark(row.dot, &row.mac)))
}

/// Answers what the plan asks for, in the snapshot.
async fn fill(mut plan: PagePlan<PartRow>, store: &mut dyn Rows, row: &CircleRow) -> Result<Planned<PartRow>, Error> {
    while let Some(ask) = plan.ask() {
        let (rows, more) = store.parts_in(ask).await?;
        let place = |payload: PartRow| Row {
            cell: Cell { label: payload.label, class: payload.class },
            seq: payload.seq,
            first_seq: payload.first_seq,
            bytes: payload.bytes(),
            payload,
        };
        plan.rows(rows.into_iter().map(place).collect(), more);
    }
    let mark = mark_at(store, row, plan.sequence()).await?;
    Ok(plan.finish(mark))
}
