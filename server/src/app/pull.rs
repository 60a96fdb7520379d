//! Pull: pages of merged parts past a cursor. Each page is read in one snapshot, decided anew against what the reader may
//! have at that moment, and never ends inside a commit. The server keeps nothing of a reader between two pages.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use osteon_access_core::Scope;
use osteon_proto::{
    LabelId,
    reasons::Reason,
    sync,
    table::table,
    wire::{self, state::ReplicaIndex},
};
use osteon_sync_core::{
    FieldRef, PartId, Replica,
    ledger::{
        Ask, Backfill, Cell, ChainPoint, Cursor, Generation, Granted, Row,
        cursor::mark,
        page::{At, PagePlan, Planned},
    },
};

use super::{App, Purpose, depth, enrol::timestamp, look, look::Looked};
use crate::{
    access::{Caller, CircleAccess, Member},
    error::Error,
    limits,
    store::{AccountNo, CircleNo, CircleRow, ErasureRow, PartRow, Snapshot, StoreError},
};

/// Where a reader stands in one circle, and what it asked for.
#[derive(Clone, Debug, Default)]
pub struct Position {
    pub circle: CircleNo,
    /// Sealed; empty: from the beginning.
    pub cursor: Vec<u8>,
    /// Cells whose digest the device found different.
    pub dropped: Vec<Cell>,
    pub page_size: u32,
    pub depth: sync::Depth,
    /// The cursor is that of the page before in a stream: whether it has arrived is not known.
    pub carried: bool,
}

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

/// What binds a cursor: this server, this member, this circle.
fn bound(app: &App, caller: &Caller, circle: CircleNo) -> Vec<u8> {
    let mut out = app.server_id.to_vec();
    out.extend_from_slice(&caller.account.to_be_bytes());
    out.extend_from_slice(&circle.to_be_bytes());
    out
}

fn open_cursor(app: &App, caller: &Caller, position: &Position) -> Result<Option<Cursor>, Error> {
    if position.cursor.is_empty() {
        return Ok(None);
    }
    limits::TOKEN_BYTES.check(position.cursor.len())?;
    let bound = bound(app, caller, position.circle);
    let plain = app.secrets.open(Purpose::Cursor, &bound, &position.cursor).ok_or(Reason::CursorInvalid)?;
    let cursor = Cursor::decode(&plain).map_err(|_| Reason::CursorInvalid)?;
    if cursor.epoch != app.epoch() {
        return Err(Reason::CursorStaleEpoch.into());
    }
    Ok(Some(cursor))
}

/// Whether a reader may ask for the circle at all: a member, or somebody whose cursor says that they were one. Asked for
/// every position before the first page leaves, so that one that is refused refuses the call and not half of it.
pub fn may_ask(app: &App, caller: &Caller, member: bool, position: &Position) -> Result<(), Error> {
    let cursor = open_cursor(app, caller, position)?;
    if member || cursor.is_some() { Ok(()) } else { Err(Error::not_found()) }
}

/// Reads pages of several circles in one snapshot.
pub struct Reader<'a> {
    app: &'a App,
    caller: &'a Caller,
    /// Also numbers of an earlier epoch or from before a Rebase: what was made under them may still be on its way.
    own: Arc<[Replica]>,
    snapshot: Option<Box<dyn Snapshot>>,
}

impl<'a> Reader<'a> {
    /// At one moment of these circles. Lanes come before the snapshot: whoever holds one reader and waits for a second waits for ever once all do.
    pub async fn open(app: &'a App, caller: &'a Caller, circles: &[CircleNo]) -> Result<Self, Error> {
        let own = if caller.device == 0 { Arc::default() } else { app.lanes(caller.device).await? };
        let snapshot = if circles.is_empty() { None } else { found(app.store.snapshot_of(circles).await)? };
        Ok(Self { app, caller, own, snapshot })
    }

    /// The next page of one circle.
    pub async fn turn(&mut self, position: &Position) -> Result<Turned, Error> {
        let (app, caller) = (self.app, self.caller);
        let mut cursor = open_cursor(app, caller, position)?;
        let receipt = receipt(position, &mut cursor);
        let there = match &mut self.snapshot {
            Some(snapshot) => found(snapshot.turn_to(position.circle).await)?.is_some(),
            None => {
                self.snapshot = found(app.store.snapshot_of(&[position.circle]).await)?;
                self.snapshot.is_some()
            }
        };
        let Some(snapshot) = self.snapshot.as_mut().filter(|_| there) else {
            // Given back before another one is asked for.
            self.snapshot = None;
            return erased_page(app, caller, position, cursor).await;
        };
        if snapshot.circle().clinic != caller.clinic {
            return Err(Error::not_found());
        }
        let access = app.access_of(&mut **snapshot).await?;
        let row = snapshot.circle().clone();
        if caller.leaving {
            return Ok(Turned { receipt, ..purge(app, caller, position, cursor.unwrap_or_default(), &row) });
        }
        let was_member = was_member(&access, caller.account);
        let Some(member) = Member::of(position.circle, caller.account, access) else {
            return Ok(Turned { receipt, ..last_page(app, caller, position, cursor, &row, was_member)? });
        };
        let now_ms = app.now_ms();
        let scope = member.scope(now_ms, &row)?;
        let held_cells = cursor.as_ref().map(|cursor| &cursor.cells);
        let granted = depth::granted(position.depth, granted(&member, &scope, &row), held_cells, now_ms);
        let at = At {
            epoch: app.epoch(),
            head: row.head,
            head_mark: row.head_mark,
            cursor_mark: match &cursor {
                Some(cursor) => mark_at(&mut **snapshot, cursor.sequence).await?,
                None => row.head_mark,
            },
        };
        let held = cursor.clone();
        let limit = position.page_size.clamp(1, limits::PAGE_PARTS.u32());
        let plan = PagePlan::open(cursor, &position.dropped, &granted, at, limit, Default::default());
        let plan = plan.map_err(|_| Error::from(Reason::CursorStaleEpoch))?;
        let mut planned = fill(plan, &mut **snapshot).await?;
        depth::narrow(&mut planned);
        if !planned.erased.is_empty() {
            planned.cursor.erased_at = row.head;
        }
        let sent_upto = planned.cursor.sequence;
        let idle = receipt == 0
            && planned.rows.is_empty()
            && planned.erased.is_empty()
            && held.as_ref() == Some(&planned.cursor);
        let rows = std::mem::take(&mut planned.rows).into_iter().map(|row| row.payload).collect();
        let looked = look::look(&mut **snapshot, rows, false).await?;
        let reading = Reading { app, caller, member: &member, scope: &scope, row: &row, own: &self.own };
        let mut page = reading.page(planned, &looked, !idle);
        if position.cursor.is_empty() {
            let within = may_have(&scope, &row).into_iter().filter(|cell| depth::within(position.depth, cell.class));
            page.granted = within.map(named).collect();
        }
        let after = held.map_or(0, |held| held.sequence);
        page.tombstones = tombstones(&mut **snapshot, after, sent_upto).await?;
        Ok(Turned { receipt, ..finished(page, idle, &scope, row.access_generation) })
    }

    /// The answer to a position at which nothing has moved, from the circle as it stands; `None`: it has to be read.
    pub fn idle(&self, position: &Position, row: &CircleRow) -> Result<Option<Turned>, Error> {
        let (app, caller) = (self.app, self.caller);
        let Some(cursor) = open_cursor(app, caller, position)?.filter(|_| !caller.leaving) else { return Ok(None) };
        let stands = (cursor.sequence, cursor.mark) == (row.head, row.head_mark);
        if !stands || !cursor.backfills.is_empty() || !position.dropped.is_empty() || row.clinic != caller.clinic {
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

/// A cursor that comes back behind an erasure is its receipt: up to which sequence; 0: none is given.
fn receipt(position: &Position, cursor: &mut Option<Cursor>) -> u64 {
    let owed = cursor.as_mut().filter(|_| !position.carried).map(|cursor| std::mem::take(&mut cursor.erased_at));
    owed.unwrap_or(0)
}

/// Puts on record, before the page leaves, what the device has erased and what it is told to erase. Nothing else of the
/// store is held meanwhile.
pub async fn receipts(app: &App, caller: &Caller, circle: CircleNo, turned: &Turned) -> Result<(), Error> {
    let (device, account) = (caller.device, caller.account);
    if device == 0 {
        return Ok(());
    }
    let now_ms = app.now_ms();
    if turned.receipt != 0 {
        app.store.confirm_erasures(circle, device, turned.receipt, now_ms).await?;
    }
    if !turned.page.erased.is_empty() {
        let cells = u32::try_from(turned.page.erased.len()).unwrap_or(u32::MAX);
        let seq = turned.sequence;
        app.store
            .put_erasure(ErasureRow { circle, device, seq, account, cells, asked_ms: now_ms, confirmed_ms: None })
            .await?;
    }
    Ok(())
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

/// Whether the account is or was a member.
pub(super) fn was_member(access: &CircleAccess, account: AccountNo) -> bool {
    access.members().iter().any(|row| row.account == account)
}

/// Somebody who is not a member any more: what the device still holds is to be erased, and nothing else is said. Asked again,
/// there is nothing to say: a phone that was in several circles goes on with the others. In a new epoch it begins anew, and
/// keeps what it is told that it may have: nothing.
fn last_page(
    app: &App,
    caller: &Caller,
    position: &Position,
    cursor: Option<Cursor>,
    row: &CircleRow,
    was_member: bool,
) -> Result<Turned, Error> {
    match cursor {
        Some(cursor) => Ok(purge(app, caller, position, cursor, row)),
        None if was_member => {
            let turned = purge(app, caller, position, Cursor::default(), row);
            Ok(Turned { idle: false, ..turned })
        }
        None => Err(Error::not_found()),
    }
}

/// A page that erases all that the cursor holds.
fn purge(app: &App, caller: &Caller, position: &Position, mut cursor: Cursor, row: &CircleRow) -> Turned {
    cursor.epoch = app.epoch();
    let idle = cursor.cells.is_empty();
    let erased = core::mem::take(&mut cursor.cells).into_keys().map(wire_cell).collect();
    if !idle {
        (cursor.backfills, cursor.sequence, cursor.mark) = (Vec::new(), row.head, row.head_mark);
        cursor.erased_at = row.head;
    }
    let sealed = app.seal(Purpose::Cursor, &bound(app, caller, position.circle), &cursor.encode());
    let page =
        sync::Page { circle: position.circle, cursor: sealed.into(), erased, at_head: true, ..Default::default() };
    let sequence = row.head;
    Turned {
        page,
        at_head: true,
        idle,
        not_after_ms: None,
        opens_at_ms: None,
        access_generation: row.access_generation,
        left: true,
        receipt: 0,
        parts: 0,
        categories: 0,
        sequence,
    }
}

/// The circle was erased: whoever was a member erases what the device holds of it. To anybody else it never was.
async fn erased_page(app: &App, caller: &Caller, position: &Position, cursor: Option<Cursor>) -> Result<Turned, Error> {
    if !app.store.erased_member(position.circle, caller.account).await? {
        return Err(Error::not_found());
    }
    let row = CircleRow { circle: position.circle, ..CircleRow::default() };
    last_page(app, caller, position, cursor, &row, true)
}

/// The cells that the reader may have now, of those that the circle has.
fn granted(member: &Member, scope: &Scope, row: &CircleRow) -> Granted {
    let cells = row.digests.keys().filter(|cell| scope.reads(LabelId(cell.label)));
    cells.map(|cell| (Cell { label: cell.label, class: cell.class }, member.generation(cell.label))).collect()
}

/// Every cell that the reader may have, also those without a part yet: a device that begins anew keeps nothing else.
fn may_have(scope: &Scope, row: &CircleRow) -> BTreeSet<Cell> {
    let mut cells: BTreeSet<Cell> = row.digests.keys().map(|key| Cell { label: key.label, class: key.class }).collect();
    for known in table().types() {
        let choices = 0..=u32::try_from(known.label_choice.len()).unwrap_or(0);
        let labels = choices.flat_map(|choice| known.labels(choice, scope.viewer().account).unwrap_or_default());
        cells.extend(labels.map(|label| Cell { label: label.0, class: known.class as u8 }));
    }
    const CLASSES: core::ops::RangeInclusive<u8> = 1..=4;
    let unknown = LabelId::unknown(scope.viewer().account).0;
    cells.extend(CLASSES.map(|class| Cell { label: unknown, class }));
    cells.retain(|cell| scope.reads(LabelId(cell.label)));
    cells
}

/// What was moved or redacted since the reader's cursor, as far as this page goes.
async fn tombstones(snapshot: &mut dyn Snapshot, after: u64, upto: u64) -> Result<Vec<sync::Tombstone>, Error> {
    if after >= upto {
        return Ok(Vec::new());
    }
    let rows = snapshot.tombstones_after(after).await?;
    Ok(rows.iter().filter(|row| row.seq <= upto).map(tombstone).collect())
}

/// The mark of the commit at a sequence; 0 where there is none.
async fn mark_at(snapshot: &mut dyn Snapshot, sequence: u64) -> Result<u32, Error> {
    if sequence == snapshot.circle().head {
        return Ok(snapshot.circle().head_mark);
    }
    let Some(after) = sequence.checked_sub(1) else { return Ok(0) };
    let rows = snapshot.log_after(after, 1).await?;
    Ok(rows.first().filter(|row| row.seq == sequence).map_or(0, |row| mark(row.dot, &row.mac)))
}

/// Answers what the plan asks for, in the snapshot.
async fn fill(mut plan: PagePlan<PartRow>, snapshot: &mut dyn Snapshot) -> Result<Planned<PartRow>, Error> {
    while let Some(ask) = plan.ask() {
        let rows = match ask {
            Ask::After { after, limit } => snapshot.parts_after(after, limit).await?,
            Ask::Before { class, before, upto, limit } => snapshot.parts_before(class, before, upto, limit).await?,
        };
        let row = |payload: PartRow| Row {
            cell: Cell { label: payload.label, class: payload.class },
            seq: payload.seq,
            first_seq: payload.first_seq,
            payload,
        };
        plan.rows(rows.into_iter().map(row).collect());
    }
    let mark = mark_at(snapshot, plan.sequence()).await?;
    Ok(plan.finish(mark))
}

/// Who reads what, at one moment.
struct Reading<'a> {
    app: &'a App,
    caller: &'a Caller,
    member: &'a Member,
    scope: &'a Scope,
    row: &'a CircleRow,
    own: &'a [Replica],
}

impl Reading<'_> {
    /// `looked` are the parts of the planned rows. A reader to whom nothing is new has had the digests.
    fn page(&self, planned: Planned<PartRow>, looked: &[Looked], digests: bool) -> sync::Page {
        let Self { app, caller, member, scope, row, own } = *self;
        let Planned { cursor, erased, at_head, complete, .. } = planned;
        let (backfill_done, backfill_total) = progress(&cursor.backfills);
        let mut cells: Vec<sync::CellParts> = Vec::new();
        let mut index: BTreeMap<Cell, usize> = BTreeMap::new();
        let mut replicas = ReplicaIndex::default();
        for one in looked {
            let cell = Cell { label: one.row.label, class: one.row.class };
            let at = *index.entry(cell).or_insert_with(|| {
                let generation = member.generation(cell.label);
                cells.push(sync::CellParts {
                    cell: Some(wire_cell(cell)),
                    generation: Some(wire_generation(generation)),
                    parts: Vec::new(),
                });
                cells.len() - 1
            });
            cells[at].parts.push(part(app, row.circle, one, &mut replicas));
        }
        let sealed = app.seal(Purpose::Cursor, &bound(app, caller, row.circle), &cursor.encode());
        sync::Page {
            circle: row.circle,
            head: row.head,
            cursor: sealed.into(),
            erased: erased.into_iter().map(wire_cell).collect(),
            cells,
            replicas: replicas.into_list(),
            complete: complete.into_iter().map(i32::from).collect(),
            backfill_done,
            backfill_total,
            at_head,
            digests: if at_head && digests { self::digests(row, scope, &cursor) } else { Vec::new() },
            role: i32::from(member.role().number()),
            not_after: scope.not_after_ms().map(|ms| timestamp(u64::try_from(ms).unwrap_or(0))),
            processed: processed(own, row),
            ..Default::default()
        }
    }
}

/// How far the open backfills are along the sequence, class by class; (0, 0) where none is open. It counts no records: how
/// many there are that the reader may not see stays unknown.
fn progress(open: &[Backfill]) -> (u64, u64) {
    let one = |backfill: &Backfill| {
        let mut classes: Vec<u8> = backfill.cells.iter().map(|cell| cell.class).collect();
        classes.sort_unstable();
        classes.dedup();
        let Some(last) = backfill.last else { return (0, backfill.snapshot * classes.len() as u64) };
        let past = classes.iter().filter(|class| **class < last.class).count() as u64;
        let here = if last.first_seq == 0 { 0 } else { backfill.snapshot.saturating_sub(last.first_seq) };
        (past * backfill.snapshot + here, backfill.snapshot * classes.len() as u64)
    };
    open.iter().map(one).fold((0, 0), |(done, total), (a, b)| (done + a, total + b))
}

fn tombstone(row: &crate::store::TombstoneRow) -> sync::Tombstone {
    sync::Tombstone { record: row.record.0.to_vec().into(), dot: row.dot.map(wire::to_dot), sequence: row.seq }
}

/// How far the reader's own lanes, of every epoch, were processed at this read.
fn processed(own: &[Replica], row: &CircleRow) -> Vec<sync::ChainPoint> {
    let points = own.iter().filter_map(|replica| {
        let head = row.chains.get(replica)?;
        let point = ChainPoint { counter: head.counter, mac: head.mac };
        let dot = osteon_sync_core::Dot { replica: *replica, counter: point.counter };
        Some(sync::ChainPoint { dot: Some(wire::to_dot(dot)), mac: point.mac.to_vec().into() })
    });
    points.collect()
}

/// Of the cells that the reader holds whole.
fn digests(row: &CircleRow, scope: &Scope, cursor: &Cursor) -> Vec<sync::CellDigest> {
    let whole = |key: &crate::store::CellKey| {
        let held = cursor.cells.get(&Cell { label: key.label, class: key.class });
        held.is_some_and(|generation| !depth::is_partial(*generation))
    };
    let readable = row.digests.iter().filter(|(cell, _)| scope.reads(LabelId(cell.label)) && whole(cell));
    readable
        .map(|(cell, digest)| sync::CellDigest {
            cell: Some(named(Cell { label: cell.label, class: cell.class })),
            digest: digest.to_be_bytes().to_vec().into(),
        })
        .collect()
}

pub fn wire_cell(cell: Cell) -> sync::Cell {
    sync::Cell {
        label: Some(LabelId(cell.label).to_options()),
        audience_ref: cell.label >> 32,
        priority_class: i32::from(cell.class),
        label_id: cell.label,
    }
}

/// A cell by its number alone, where no parts come with it.
fn named(cell: Cell) -> sync::Cell {
    sync::Cell { label_id: cell.label, priority_class: i32::from(cell.class), ..sync::Cell::default() }
}

pub fn core_cell(cell: &sync::Cell) -> Cell {
    Cell { label: cell.label_id, class: u8::try_from(cell.priority_class).unwrap_or(0) }
}

fn wire_generation(generation: Generation) -> sync::Generation {
    sync::Generation { epoch: generation.epoch, n: generation.n }
}

/// A part as it goes down: body, state, and what the server found about its disputes.
fn part(app: &App, circle: CircleNo, one: &Looked, replicas: &mut ReplicaIndex) -> sync::Part {
    let record = one.row.record;
    let mut fields = Vec::new();
    let mut in_force = BTreeMap::new();
    for (field, _) in one.part.fields().filter(|(field, versions)| field.number != 0 && versions.len() > 1) {
        let view = one.view(field);
        if let Some(version) = view.effective {
            in_force.insert(field, version);
        }
        if view.needs_review || view.blocked || view.agreed.is_some() {
            let gone = view.agreed.filter(|agreed| view.versions.iter().all(|v| v.dot != agreed.dot));
            fields.push(sync::FieldState {
                field: field.number,
                element: field.element.to_vec().into(),
                needs_review: view.needs_review,
                blocked: view.blocked,
                agreed: view.agreed.map(|agreed| wire::to_dot(agreed.dot)),
                agreed_value: gone.and_then(|agreed| look::alone(one.row.type_number, agreed.value)),
            });
        }
    }
    let shown = |field: FieldRef<'_>| in_force.get(&field).copied();
    let id = PartId { record, label: one.row.label };
    let mut receipt = |stamp: &wire::state::Stamped<'_>| app.secrets.receipt(circle, id, one.row.type_number, stamp);
    let (body, state) = wire::state::encode(record, &one.part, replicas, &shown, &mut receipt);
    let number = one.row.type_number;
    sync::Part {
        record: record.0.to_vec().into(),
        r#type: if body.is_empty() { number } else { 0 },
        body: (!body.is_empty()).then(|| osteon_proto::split::close(number, &body).into()),
        state: state.into(),
        fields,
        lifecycle: match (one.created(), one.lifecycle.state) {
            (true, osteon_sync_core::lifecycle::State::Active) => 0,
            (_, state) => wire::change::lifecycle_of(state).into(),
        },
        lifecycle_review: one.lifecycle.review,
        incomplete: !one.created(),
    }
}
