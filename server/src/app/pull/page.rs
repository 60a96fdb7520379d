//! One page on the wire: what a plan chose, as this reader may see it.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use osteon_access_core::Scope;
use osteon_proto::{
    split, sync,
    wire::{self, state::ReplicaIndex},
};
use osteon_sync_core::{
    Dot, FieldRef, PartId, Replica, Version,
    ledger::{Backfill, Cell, ChainPoint, page::Planned},
    lifecycle::State,
};

use super::{
    cells::{digests, named, wire_cell, wire_generation},
    position::bound,
};
use crate::{
    access::{Caller, Member},
    app::{
        App, Purpose,
        enrol::timestamp,
        look::{self, Looked},
    },
    error::Error,
    store::{CircleNo, CircleRow, PartRow, Rows, TombstoneRow},
};

/// Who reads what, at one moment.
pub(super) struct Reading<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    pub member: &'a Member,
    pub scope: &'a Scope,
    pub row: &'a CircleRow,
    pub own: &'a [Replica],
}

impl Reading<'_> {
    /// `looked` are the parts of the planned rows. A reader to whom nothing is new has had the digests.
    pub(super) fn page(&self, planned: Planned<PartRow>, looked: &[Looked], with_digests: bool) -> sync::Page {
        let Self { app, caller, member, scope, row, own } = *self;
        let Planned { cursor, erased, at_head, complete, .. } = planned;
        let (backfill_done, backfill_total) = progress(&cursor.backfills);
        let mut cells: Vec<sync::CellParts> = Vec::new();
        let mut index: BTreeMap<Cell, usize> = BTreeMap::new();
        let mut pen = Pen::new(looked);
        let mut states: Vec<Vec<u8>> = Vec::new();
        for one in looked {
            let cell = Cell { label: one.row.label, class: one.row.class };
            let at = *index.entry(cell).or_insert_with(|| {
                let generation = member.generation(cell.label);
                cells.push(sync::CellParts {
                    cell: Some(named(cell)),
                    generation: Some(wire_generation(generation)).filter(|it| *it != sync::Generation::default()),
                    parts: Vec::new(),
                    states: Bytes::new(),
                });
                states.push(Vec::new());
                cells.len() - 1
            });
            cells[at].parts.push(pen.part(app, row.circle, one, &mut states[at]));
        }
        for (cell, states) in cells.iter_mut().zip(states) {
            cell.states = states.into();
        }
        let sealed = app.seal(Purpose::Cursor, &bound(app, caller, row.circle), &cursor.encode());
        sync::Page {
            circle: row.circle,
            head: row.head,
            cursor: sealed.into(),
            erased: erased.into_iter().map(wire_cell).collect(),
            cells,
            replicas: pen.replicas.into_list(),
            complete: complete.into_iter().map(i32::from).collect(),
            backfill_done,
            backfill_total,
            at_head,
            digests: if at_head && with_digests { digests(row, scope, &cursor) } else { Vec::new() },
            role: i32::from(member.role().number()),
            not_after: scope.not_after_ms().map(|ms| timestamp(u64::try_from(ms).unwrap_or(0))),
            processed: processed(own, row),
            ..Default::default()
        }
    }
}

/// How far the open backfills are along the sequence, class by class; (0, 0) where none is open. It counts no records: how
/// many there are that the reader may not see stays unknown.
pub(super) fn progress(open: &[Backfill]) -> (u64, u64) {
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

fn tombstone(row: &TombstoneRow) -> sync::Tombstone {
    sync::Tombstone { record: row.record.0.to_vec().into(), dot: row.dot.map(wire::to_dot), sequence: row.seq }
}

/// What was moved or redacted since the reader's cursor, as far as this page goes.
pub(super) async fn tombstones(store: &mut dyn Rows, after: u64, upto: u64) -> Result<Vec<sync::Tombstone>, Error> {
    if after >= upto {
        return Ok(Vec::new());
    }
    let rows = store.tombstones_after(after).await?;
    Ok(rows.iter().filter(|row| row.seq <= upto).map(tombstone).collect())
}

/// How far the reader's own lanes, of every epoch, were processed at this read.
fn processed(own: &[Replica], row: &CircleRow) -> Vec<sync::ChainPoint> {
    let points = own.iter().filter_map(|replica| {
        let head = row.chains.get(replica)?;
        let point = ChainPoint { counter: head.counter, mac: head.mac };
        let dot = Dot { replica: *replica, counter: point.counter };
        Some(sync::ChainPoint { dot: Some(wire::to_dot(dot)), mac: point.mac.to_vec().into() })
    });
    points.collect()
}

/// Writes the parts of one page, all into one piece of memory: a part has three small strings.
struct Pen {
    replicas: ReplicaIndex,
    page: BytesMut,
    head: Vec<u8>,
    record: Vec<u8>,
}

impl Pen {
    fn new(looked: &[Looked]) -> Self {
        let page = looked.iter().map(|one| one.row.state.len() + 64).sum();
        let (head, record) = Default::default();
        Self { replicas: ReplicaIndex::default(), page: BytesMut::with_capacity(page), head, record }
    }

    fn put(&mut self, bytes: &[u8]) -> Bytes {
        self.page.extend_from_slice(bytes);
        self.page.split().freeze()
    }

    /// A part as it goes down: body, what the server found about its disputes, and its state behind `states`.
    fn part(&mut self, app: &App, circle: CircleNo, one: &Looked, states: &mut Vec<u8>) -> sync::Part {
        let (record, number) = (one.row.record, one.row.type_number);
        let (fields, in_force) = disputes(one);
        let shown = |field: FieldRef<'_>| in_force.get(&field).copied();
        let id = PartId { record, label: one.row.label };
        let mut receipt = |stamp: &wire::state::Stamped<'_>| app.secrets.receipt(circle, id, number, stamp);
        self.record.clear();
        let body = &mut self.record;
        wire::state::encode_into(record, &one.part, &mut self.replicas, &shown, &mut receipt, body, states);
        let empty = self.record.is_empty();
        if !empty {
            self.head.clear();
            split::put_head(&mut self.head, number, self.record.len());
            self.page.extend_from_slice(&self.head);
            self.page.extend_from_slice(&self.record);
        }
        let body = self.page.split().freeze();
        sync::Part {
            record: self.put(&record.0),
            r#type: if empty { number } else { 0 },
            body: (!empty).then_some(body),
            fields,
            lifecycle: match (one.created(), one.lifecycle.state) {
                (true, State::Active) => 0,
                (_, state) => wire::change::lifecycle_of(state).into(),
            },
            lifecycle_review: one.lifecycle.review,
            incomplete: !one.created(),
        }
    }
}

/// What the server found about the disputes of a part, and which version of each is in force.
fn disputes(one: &Looked) -> (Vec<sync::FieldState>, BTreeMap<FieldRef<'_>, Version<'_>>) {
    let (mut fields, mut in_force) = (Vec::new(), BTreeMap::new());
    if one.part.is_of_one_change() {
        return (fields, in_force);
    }
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
    (fields, in_force)
}
