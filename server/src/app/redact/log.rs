//! The version where the log keeps it: under its number, as it was sent before somebody took it over, by the name of an
//! element that somebody took away, and in what was derived from it.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Change, Dot, Field, Part, PartId, PartWrite, RecordId};

use super::{
    Redact,
    change::{clear, clear_where},
    plan::Plan,
};
use crate::{
    app::kept::{Content, Redacted, stored_change},
    store::{LogRow, StoreError, Working},
};
impl Redact {
    /// The kept changes that are the version: under its number, or as it was taken back after a restore.
    pub(super) fn found(&self, work: &Working<'_>, plan: &Plan) -> Result<Kept, StoreError> {
        let applied = work.alias(self.dot).unwrap_or(self.dot);
        let mut found = Kept { kept: Vec::new(), names: BTreeSet::from([self.dot, applied]) };
        for dot in &plan.history {
            let Some(row) = work.log(*dot)? else { continue };
            let content = Content::of(row)?;
            let Some(change) = content.applied(row) else { continue };
            let is = [self.dot, applied].iter().any(|name| *name == row.dot || change.earlier.contains(name));
            let here = change.parts.iter().any(|part| part.part.record == self.record);
            if is && (here || content.redacted(self.record).is_some()) {
                found.names.extend(change.earlier.iter().copied().chain([row.dot]));
                found.kept.push((row.clone(), content, change));
            }
        }
        Ok(found)
    }

    /// A change that somebody took over stands in the log twice: also as its author sent it.
    pub(super) fn forget_origins(
        &self,
        work: &mut Working<'_>,
        origins: &[Dot],
        sequence: u64,
    ) -> Result<(), StoreError> {
        for origin in origins {
            let Some(row) = work.log(*origin)?.cloned() else { continue };
            let mut kept = Kept { kept: Vec::new(), names: BTreeSet::new() };
            let content = Content::of(&row)?;
            if let Some(change) = content.applied(&row) {
                kept.kept.push((row, content, change));
                kept.clear(self, sequence);
                kept.rows().for_each(|row| work.put_log(row));
            }
        }
        Ok(())
    }

    pub(super) fn forget_derived(
        &self,
        work: &mut Working<'_>,
        made: RecordId,
        history: &BTreeSet<Dot>,
        sequence: u64,
    ) -> Result<(), StoreError> {
        let mut live: BTreeMap<u64, Part> = BTreeMap::new();
        for row in work.parts_of(made)? {
            live.insert(row.label, row.part()?);
        }
        for dot in history {
            let Some(row) = work.log(*dot)?.cloned() else { continue };
            let mut content = Content::of(&row)?;
            let Some(mut change) = content.applied(&row) else { continue };
            let goes = |label: u64, field: &Field| {
                let mut versions = live.get(&label).into_iter().flat_map(|part| part.versions(field.as_ref()));
                versions.all(|version| version.dot != *dot)
            };
            if !clear_where(&mut change, made, goes).is_empty() {
                let record = made.0.to_vec();
                content.redacted.push(Redacted { reason: String::new(), record, ..self.trace(sequence) });
                work.put_log(with(row, content, &change));
            }
        }
        Ok(())
    }
}

/// The kept changes that are the version, and every number that it has.
pub(super) struct Kept {
    pub kept: Vec<(LogRow, Content, Change)>,
    pub names: BTreeSet<Dot>,
}

impl Kept {
    pub(super) fn clear(&mut self, by: &Redact, sequence: u64) -> Vec<(u64, Field)> {
        let mut all = Vec::new();
        for (_, content, change) in &mut self.kept {
            let cleared = clear(change, by.record);
            if !cleared.is_empty() {
                content.redacted.push(by.trace(sequence));
            }
            all.extend(cleared);
        }
        all
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = LogRow> {
        let changed = self.kept.iter().filter(|(_, content, _)| !content.redacted.is_empty());
        changed.map(|(row, content, change)| with(row.clone(), content.clone(), change))
    }
}

/// The row with the change as it is now.
fn with(row: LogRow, mut content: Content, change: &Change) -> LogRow {
    content.change = Some(stored_change(change));
    content.kept_in(row)
}

/// Whoever took an element out of a set named it, and so its value. Where nobody else put it there, the name goes too.
pub(super) fn forget_elements(
    work: &Working<'_>,
    plan: &Plan,
    record: RecordId,
    cleared: &[(u64, Field)],
    names: &BTreeSet<Dot>,
) -> Result<Vec<LogRow>, StoreError> {
    let elements: Vec<&(u64, Field)> = cleared.iter().filter(|(_, field)| !field.element.is_empty()).collect();
    if elements.is_empty() {
        return Ok(Vec::new());
    }
    let mut others: Vec<(LogRow, Content, Change)> = Vec::new();
    for dot in plan.history.iter().filter(|dot| !names.contains(dot)) {
        let Some(row) = work.log(*dot)?.cloned() else { continue };
        let content = Content::of(&row)?;
        let Some(change) = content.applied(&row) else { continue };
        others.push((row, content, change));
    }
    let here = |part: &PartWrite, label: u64| part.part == PartId { record, label };
    let puts = |change: &Change, (label, field): &(u64, Field)| {
        let writes = change.parts.iter().filter(|part| here(part, *label)).flat_map(|part| &part.writes);
        writes.clone().any(|write| write.field == *field && write.put.is_some())
    };
    let gone: Vec<&&(u64, Field)> =
        elements.iter().filter(|one| !others.iter().any(|(_, _, change)| puts(change, one))).collect();
    let mut rows = Vec::new();
    for (row, content, mut change) in others {
        let before: usize = change.parts.iter().map(|part| part.writes.len()).sum();
        for part in &mut change.parts {
            let PartId { record: of, label } = part.part;
            let named = |field: &Field| gone.iter().any(|(at, gone)| of == record && *at == label && gone == field);
            part.writes.retain(|write| !named(&write.field));
        }
        change.parts.retain(|part| !part.writes.is_empty());
        if change.parts.iter().map(|part| part.writes.len()).sum::<usize>() != before {
            rows.push(with(row, content, &change));
        }
    }
    Ok(rows)
}
