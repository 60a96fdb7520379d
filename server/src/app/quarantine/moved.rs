//! Where records stand that were moved away: what waits to be written to one is as hidden as the record is now.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{PartId, RecordId};

use crate::{
    access::Sight,
    app::{circle::kept_moved_from, kept::Content, views},
    error::Error,
    limits,
    store::Rows,
};

/// Labels of moved records as they stand now, by the id under which they were known; none: nobody finds it again.
#[derive(Default)]
pub(super) struct Moved(BTreeMap<RecordId, Option<BTreeSet<u64>>>);

impl Moved {
    /// Of those among these records that were moved.
    pub(super) async fn of(rows: &mut dyn Rows, records: &BTreeSet<RecordId>) -> Result<Self, Error> {
        if records.is_empty() {
            return Ok(Self::default());
        }
        let whole = rows.tombstones_after(0).await?.into_iter().filter(|gone| gone.dot.is_none());
        let gone: BTreeMap<RecordId, u64> = whole.map(|gone| (gone.record, gone.seq)).collect();
        let mut moved = BTreeMap::new();
        for record in records.iter().filter(|record| gone.contains_key(record)) {
            moved.insert(*record, stands(rows, &gone, *record).await?);
        }
        Ok(Self(moved))
    }

    /// Whether this reader may know what is written to a record: it was not moved, or they read where it is now. Of one that
    /// nobody finds again only the patient is told (`whole`), who reads every label.
    pub(super) fn shown(&self, record: RecordId, scope: &Sight, whole: bool) -> bool {
        match self.0.get(&record) {
            None => true,
            Some(None) => whole,
            Some(Some(labels)) => labels.iter().all(|label| views::readable(scope, *label)),
        }
    }
}

/// Follows a record from move to move. Each took the sequence of its tombstone for its first change.
async fn stands(
    rows: &mut dyn Rows,
    gone: &BTreeMap<RecordId, u64>,
    record: RecordId,
) -> Result<Option<BTreeSet<u64>>, Error> {
    let (mut at, mut labels) = (record, None);
    while let Some(seq) = gone.get(&at) {
        let log = rows.log_after(seq.saturating_sub(1), limits::MOVED_CHANGES.u32()).await?;
        let mut came: BTreeSet<PartId> = BTreeSet::new();
        for row in log.iter().filter(|row| kept_moved_from(row) == Some(at)) {
            let change = Content::of(row).ok().and_then(|content| content.applied(row));
            came.extend(change.iter().flat_map(|change| &change.parts).map(|part| part.part));
        }
        let Some(next) = came.first().map(|part| part.record) else { return Ok(None) };
        labels = Some(came.iter().map(|part| part.label).collect());
        at = next;
    }
    Ok(labels)
}
