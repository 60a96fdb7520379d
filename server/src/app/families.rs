//! Parents and children. The ending of a parent holds only if it covers its children (SYNC.md, "Delete"): whoever writes a
//! child of an ended parent has the parent sent again, and the inbox asks where the ending does not cover the child.

use osteon_proto::table::table;
use osteon_sync_core::{Change, FieldRef, Part, PartId, RecordId, lifecycle};

use super::{circle::Circle, look::AllKnown};
use crate::store::StoreError;

/// Whether records of this type have children.
pub(super) fn has_children(type_number: u32) -> bool {
    table().types().iter().any(|known| known.parent == Some(type_number))
}

/// Records that a change may end, and whose children have to be read for that.
pub(super) fn ended_by(change: &Change) -> impl Iterator<Item = RecordId> {
    let ends = change.parts.iter().filter(|part| {
        let mut values = part.writes.iter().filter(|write| write.field.number == FieldRef::LIFECYCLE.number);
        values.any(|write| is_ending(write.put.as_ref().and_then(osteon_sync_core::Put::value)))
            && has_children(part.type_number)
    });
    ends.map(|part| part.part.record)
}

/// After changes of one circle were taken: endings of parents in the light of what is live of their children.
pub(super) fn settle(circle: &mut Circle<'_, '_>, accepted: &[(u64, &Change)]) -> Result<(), StoreError> {
    for (seq, change) in accepted {
        for parent in ended_by(change) {
            let children = circle.children_of(parent)?;
            judge(circle, parent, &children.iter().collect::<Vec<_>>(), *seq);
        }
        for part in &change.parts {
            if table().get(part.type_number).is_none_or(|known| known.parent.is_none()) {
                continue;
            }
            if let Some(parent) = circle.parent_of(part.part) {
                let parts: Vec<Part> = circle.parts_of(part.part.record).map(|(_, part)| part.part.clone()).collect();
                judge(circle, parent, &parts.iter().collect::<Vec<_>>(), *seq);
            }
        }
    }
    Ok(())
}

/// The parts of `parent` that carry an ending, beside these children.
fn judge(circle: &mut Circle<'_, '_>, parent: RecordId, children: &[&Part], seq: u64) {
    let ended: Vec<(PartId, bool)> = circle
        .parts_of(parent)
        .filter(|(_, stored)| stored.part.versions(FieldRef::LIFECYCLE).any(|version| is_ending(version.value)))
        .map(|(id, stored)| (id, lifecycle::of_part(&stored.part, children, &AllKnown).review))
        .collect();
    ended.into_iter().for_each(|(id, uncovered)| circle.touch(id, seq, uncovered));
}

fn is_ending(chunk: Option<&[u8]>) -> bool {
    lifecycle::State::from_chunk(chunk).is_ending()
}
