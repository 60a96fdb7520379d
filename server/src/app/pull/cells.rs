//! Cells: which a reader may have of a circle, and their names and digests on the wire.

use std::collections::BTreeSet;

use osteon_access_core::Scope;
use osteon_proto::{LabelId, sync, table::table};
use osteon_sync_core::ledger::{Cell, Cursor, Generation, Granted};

use crate::{
    access::Member,
    app::depth,
    store::{CellKey, CircleRow},
};

/// The cells that the reader may have now, of those that the circle has.
pub(super) fn granted(member: &Member, scope: &Scope, row: &CircleRow) -> Granted {
    let cells = row.digests.keys().filter(|cell| scope.reads(LabelId(cell.label)));
    cells.map(|cell| (Cell { label: cell.label, class: cell.class }, member.generation(cell.label))).collect()
}

/// Every cell that the reader may have, also those without a part yet: a device that begins anew keeps nothing else.
pub(super) fn may_have(scope: &Scope, row: &CircleRow) -> BTreeSet<Cell> {
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

/// Of the cells that the reader holds whole.
pub(super) fn digests(row: &CircleRow, scope: &Scope, cursor: &Cursor) -> Vec<sync::CellDigest> {
    let whole = |key: &CellKey| {
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
pub(super) fn named(cell: Cell) -> sync::Cell {
    sync::Cell { label_id: cell.label, priority_class: i32::from(cell.class), ..sync::Cell::default() }
}

pub fn core_cell(cell: &sync::Cell) -> Cell {
    Cell { label: cell.label_id, class: u8::try_from(cell.priority_class).unwrap_or(0) }
}

pub(super) fn wire_generation(generation: Generation) -> sync::Generation {
    sync::Generation { epoch: generation.epoch, n: generation.n }
}
