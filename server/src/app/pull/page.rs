//! One page on the wire: what a plan chose, as this reader may see it.

use std::collections::BTreeMap;

use osteon_access_core::Scope;
use osteon_proto::{
    sync,
    wire::{self, state::ReplicaIndex},
};
use osteon_sync_core::{
    Dot, FieldRef, PartId, Replica,
    ledger::{Backfill, Cell, ChainPoint, page::Planned},
    lifecycle::State,
};

use super::{
    cells::{digests, wire_cell, wire_generation},
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
            (true, State::Active) => 0,
            (_, state) => wire::change::lifecycle_of(state).into(),
        },
        lifecycle_review: one.lifecycle.review,
        incomplete: !one.created(),
    }
}
