//! An approval stands under a label of what it approves: whoever may read the one may read the other, and a reader of the
//! approval alone learns nothing of a record that is not theirs. Decided in the commit, so it holds for phones and online
//! writers alike.

use osteon_care_core::together::approves;
use osteon_proto::reasons::Reason;
use osteon_sync_core::{Change, RecordId};

use crate::store::{StoreError, Working};

/// The records that approvals of these changes name: a commit reads them.
pub(super) fn needs<'c>(changes: impl Iterator<Item = &'c Change>) -> impl Iterator<Item = RecordId> {
    changes.flat_map(|change| &change.parts).filter_map(approves).flatten()
}

/// Why an approval of the change may not be: which part, the reason, and the field. A record that is not there looks like
/// one of which nothing stands under the approval's label.
pub(super) fn refused(
    work: &Working<'_>,
    change: &Change,
) -> Result<Option<(usize, Reason, &'static str)>, StoreError> {
    for (i, part) in change.parts.iter().enumerate() {
        for record in approves(part).into_iter().flatten() {
            let label = part.part.label;
            let beside = change.parts.iter().any(|one| one.part.record == record && one.part.label == label);
            if !beside && !work.parts_of(record)?.iter().any(|row| row.label == label) {
                return Ok(Some((i, Reason::ApprovalLabel, "approval.target")));
            }
        }
    }
    Ok(None)
}
