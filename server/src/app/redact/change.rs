//! What goes out of one change: its values and what was said beside them. What it took away stays.

use osteon_sync_core::{Change, Dot, Field, Put, RecordId};

use crate::store::TombstoneRow;
/// Takes out of a change, before it is processed, what was redacted of it: after a restore its device may send it again.
/// The records that it wrote something to.
pub(in crate::app) fn strip(tombstones: &[TombstoneRow], change: &mut Change) -> Vec<RecordId> {
    let names = |dot: Dot| dot == change.dot || change.earlier.contains(&dot);
    let mut gone: Vec<RecordId> =
        tombstones.iter().filter(|row| row.dot.is_some_and(names)).map(|row| row.record).collect();
    gone.sort_unstable();
    gone.dedup();
    gone.retain(|record| !clear(change, *record).is_empty());
    gone
}

/// Clears what a change put into a record; what it took away stays. The fields that lost a value.
pub(super) fn clear(change: &mut Change, record: RecordId) -> Vec<(u64, Field)> {
    clear_where(change, record, |_, _| true)
}

pub(super) fn clear_where(
    change: &mut Change,
    record: RecordId,
    goes: impl Fn(u64, &Field) -> bool,
) -> Vec<(u64, Field)> {
    let mut cleared = Vec::new();
    for part in change.parts.iter_mut().filter(|part| part.part.record == record) {
        let label = part.part.label;
        for write in part.writes.iter_mut().filter(|write| write.field.number != Field::LIFECYCLE) {
            if matches!(write.put, Some(Put::Value(_))) && goes(label, &write.field) {
                write.put = Some(Put::Absent);
                cleared.push((label, write.field.clone()));
            }
        }
        // An element of a set is its own name.
        part.writes.retain(|write| write.put != Some(Put::Absent) || write.field.element.is_empty());
    }
    if !cleared.is_empty() {
        change.parts.retain(|part| !part.writes.is_empty());
        change.note = Default::default();
    }
    cleared
}
