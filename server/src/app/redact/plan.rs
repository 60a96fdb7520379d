//! What a redaction looks at, named before it commits.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Author, Change, Clock, Dot, Note, PartId, PartWrite, RecordId};

use super::{Redact, log::Kept};
use crate::{
    app::{derived, kept::Content},
    error::Error,
    store::{Needs, PartRow, Rows},
};
/// Everything that a job looks at: named before it, in one snapshot.
#[derive(Clone, Default)]
pub(super) struct Plan {
    pub needs: Needs,
    /// Changes that wrote to the record.
    pub history: BTreeSet<Dot>,
    /// What was sent by somebody else before it was taken over.
    pub origins: BTreeSet<Dot>,
    /// Changes that wrote what is derived from it.
    pub derived: BTreeMap<RecordId, BTreeSet<Dot>>,
}

impl Plan {
    pub(super) fn origins_of(&self, found: &Kept) -> Vec<Dot> {
        let behalf = found.kept.iter().filter_map(|(_, content, _)| content.behalf.as_ref()?.open());
        behalf.map(|behalf| behalf.origin).filter(|origin| self.origins.contains(origin)).collect()
    }
}

impl Redact {
    pub(super) async fn plan(&self, rows_of: &mut dyn Rows) -> Result<Plan, Error> {
        let rows = rows_of.parts_of(&[self.record]).await?;
        let mut plan = Plan::default();
        plan.history.extend(rows.iter().flat_map(|row| &row.history));
        let all: Vec<Dot> = plan.history.iter().copied().collect();
        for row in rows_of.log_of(&all).await? {
            plan.origins.extend(Content::of(&row)?.behalf.and_then(|behalf| behalf.open()).map(|behalf| behalf.origin));
        }
        let (mut records, mut types) = (Vec::new(), Vec::new());
        derived::needs(std::iter::once(&self.touched(&rows)), self.circle, &mut types, &mut records);
        for row in rows_of.parts_of(&records).await? {
            plan.derived.entry(row.record).or_default().extend(row.history);
        }
        records.push(self.record);
        let derived = plan.derived.values().flatten();
        let dots: BTreeSet<Dot> =
            plan.history.iter().chain(&plan.origins).chain(derived).copied().chain([self.dot]).collect();
        let (circle, dots) = (self.circle, dots.into_iter().collect());
        plan.needs = Needs { circle, records, dots, types, tombstones: true, ..Needs::default() };
        Ok(plan)
    }

    /// What a derivation is told: which parts were written.
    pub(super) fn touched(&self, rows: &[PartRow]) -> Change {
        let part = |row: &PartRow| PartWrite {
            part: PartId { record: row.record, label: row.label },
            type_number: row.type_number,
            writes: Vec::new(),
        };
        Change {
            dot: Dot::default(),
            clock: Clock::default(),
            author: Author::default(),
            base: 0,
            earlier: Vec::new(),
            parts: rows.iter().map(part).collect(),
            note: Note::default(),
        }
    }
}
