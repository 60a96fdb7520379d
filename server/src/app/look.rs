//! What a part says: the views of its fields under the policies of the contracts, with what was last agreed. Shared by
//! pull, records, reviews and explain.

use std::collections::BTreeMap;

use osteon_proto::{
    keys::UnknownType,
    table::{RecordType, table},
};
use osteon_sync_core::{
    Dot, Field, FieldRef, Known, Part, Put, Schema, Version, View, agreed,
    lifecycle::{self, Lifecycle},
    view,
};

use super::{
    families::has_children,
    kept::{Behalf, Content, KeptBehalf, Redacted},
};
use crate::{
    limits,
    store::{LogRow, PartRow, Rows, StoreError},
};

/// Changes of a history that are read at once. A longer one is read from its end, until it is long enough.
const AT_ONCE: usize = 16;

/// Every named dot was processed, and kept rows name canonical dots only.
pub struct AllKnown;

impl Known for AllKnown {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

/// Part rows with what is needed to look at them.
pub struct Looked {
    pub row: PartRow,
    pub part: Part,
    pub known: Option<&'static RecordType>,
    /// The history of the part, where a dispute asks what was last agreed (or explain asks for all of it).
    pub log: BTreeMap<Dot, Written>,
    pub lifecycle: Lifecycle,
    /// Older changes than those in `log` were left out of it: the history is longer than what is read back.
    pub cut: bool,
    /// The live dots of its children's parts, by label, where one record is looked at: an ending covers them.
    pub children: Vec<(u64, Vec<Dot>)>,
}

/// One change, as far as it wrote one part.
#[derive(Clone)]
pub struct Written {
    pub row: LogRow,
    pub reason: String,
    /// Whose waiting change it took over.
    pub behalf: Option<Behalf>,
    /// Its content was destroyed.
    pub redacted: Option<Redacted>,
    pub writes: Vec<osteon_sync_core::FieldWrite>,
}

impl Looked {
    pub fn schema(&self) -> &dyn Schema {
        match self.known {
            Some(known) => known,
            None => &UnknownType,
        }
    }

    /// The view of one field (or one element of a set).
    pub fn view(&self, field: FieldRef<'_>) -> View<'_> {
        let schema = self.schema();
        let policy = schema.policy(field.number);
        let versions = self.part.versions(field);
        let agreed = if policy.uses_agreed() && versions.len() > 1 { self.agreed(field) } else { None };
        view::view(policy, field.number, versions, schema, agreed)
    }

    fn agreed(&self, field: FieldRef<'_>) -> Option<Version<'_>> {
        let live: Vec<Dot> = self.part.versions(field).map(|v| v.dot).collect();
        agreed::last_agreed(live, |dot| self.past(field, dot), &AllKnown)
    }

    /// A version of the history, and what it named; `None`: it is not in the part of the history that was read.
    pub(super) fn past(&self, field: FieldRef<'_>, dot: Dot) -> Option<agreed::Past<'_>> {
        let written = self.log.get(&dot)?;
        let write = written.writes.iter().find(|w| w.field.as_ref() == field)?;
        // Nobody has agreed to nothing.
        let version = write.put.as_ref().filter(|_| written.redacted.is_none()).map(|put| Version {
            dot,
            clock: written.row.clock,
            author: written.row.author,
            value: put.value(),
        });
        Some(agreed::Past { version, replaces: &write.replaces })
    }

    /// Whether the record's creation has arrived.
    pub fn created(&self) -> bool {
        self.part.versions(FieldRef::LIFECYCLE).len() > 0
    }

    /// Fields other than the lifecycle, each with its view, ascending.
    pub fn fields(&self) -> impl Iterator<Item = (FieldRef<'_>, View<'_>)> {
        self.part.fields().filter(|(f, _)| f.number != Field::LIFECYCLE).map(|(field, _)| (field, self.view(field)))
    }
}

/// Whether a field of the part has several versions under a policy that asks what was agreed.
fn asks_history(part: &Part, known: Option<&RecordType>) -> bool {
    let Some(known) = known.filter(|_| !part.is_of_one_change()) else { return false };
    part.fields().any(|(field, versions)| versions.len() > 1 && known.policy(field.number).uses_agreed())
}

/// Decodes rows and loads, in bulk, the histories and children that they need. `history`: of every part.
pub async fn look(store: &mut dyn Rows, rows: Vec<PartRow>, history: bool) -> Result<Vec<Looked>, StoreError> {
    let mut looked = Vec::with_capacity(rows.len());
    let (mut dots, mut parents) = (Vec::new(), Vec::new());
    for row in rows {
        let part = row.part()?;
        let known = table().get(row.type_number);
        let asks = asks_history(&part, known);
        if history || asks {
            // Who wrote what is live is told, however long ago.
            dots.extend(part.live_dots());
        }
        // What was agreed is looked for in all that is kept of a history; what is only told is bounded in bytes as well.
        if asks || (history && row.history.len() <= AT_ONCE) {
            dots.extend_from_slice(newest(&row.history));
        }
        let lifecycle = lifecycle::of_part(&part, &[], &AllKnown);
        if (history || lifecycle.state.is_ending()) && has_children(row.type_number) {
            parents.push(row.record);
        }
        let cut = history && newest(&row.history).len() < row.history.len();
        looked.push(Looked { row, part, known, log: BTreeMap::new(), cut, lifecycle, children: Vec::new() });
    }
    if !dots.is_empty() {
        histories(store, &mut looked, &mut dots, history).await?;
    }
    let told = |one: &&mut Looked| history && one.row.history.len() > AT_ONCE && !asks_history(&one.part, one.known);
    for one in looked.iter_mut().filter(told) {
        long_history(store, one).await?;
    }
    if !parents.is_empty() {
        covered(store, &mut looked, &parents).await?;
    }
    Ok(looked)
}

/// The part of a history that is read back.
pub fn newest(history: &[Dot]) -> &[Dot] {
    &history[history.len().saturating_sub(limits::HISTORY_CHANGES.usize())..]
}

/// Of a long history the newest changes, as many as fit.
async fn long_history(store: &mut dyn Rows, one: &mut Looked) -> Result<(), StoreError> {
    let newest = newest(&one.row.history);
    let (mut bytes, mut found) = (0, Vec::new());
    for some in newest.rchunks(AT_ONCE) {
        if bytes >= limits::HISTORY_BYTES.usize() {
            one.cut = true;
            break;
        }
        let mut dots: Vec<Dot> = some.iter().filter(|dot| !one.log.contains_key(dot)).copied().collect();
        dots.sort_unstable();
        for row in store.log_of(&dots).await? {
            bytes += row.content.len();
            found.extend(written(&row, &one.row).map(|written| (row.dot, written)));
        }
    }
    one.log.extend(found);
    Ok(())
}

async fn histories(
    store: &mut dyn Rows,
    looked: &mut [Looked],
    dots: &mut Vec<Dot>,
    all: bool,
) -> Result<(), StoreError> {
    dots.sort_unstable();
    dots.dedup();
    let rows: BTreeMap<Dot, LogRow> = store.log_of(dots).await?.into_iter().map(|row| (row.dot, row)).collect();
    for one in looked.iter_mut().filter(|l| all || asks_history(&l.part, l.known)) {
        let live: Vec<Dot> = one.part.live_dots().collect();
        let told = newest(&one.row.history).iter().chain(&live);
        for dot in told {
            let Some(row) = rows.get(dot) else { continue };
            if let Some(written) = written(row, &one.row) {
                one.log.insert(*dot, written);
            }
        }
    }
    Ok(())
}

/// Reads these changes into the histories of the parts that they wrote.
pub async fn remember(store: &mut dyn Rows, looked: &mut [&mut Looked], mut dots: Vec<Dot>) -> Result<(), StoreError> {
    dots.sort_unstable();
    dots.dedup();
    if dots.is_empty() {
        return Ok(());
    }
    for row in store.log_of(&dots).await? {
        for one in looked.iter_mut() {
            if let Some(written) = written(&row, &one.row) {
                one.log.insert(row.dot, written);
            }
        }
    }
    Ok(())
}

/// What a kept change wrote to one part.
pub fn written(row: &LogRow, part: &PartRow) -> Option<Written> {
    let content = Content::of(row).ok()?;
    let core = content.applied(row)?;
    let behalf = content.behalf.as_ref().and_then(KeptBehalf::open);
    let redacted = content.redacted(part.record).cloned();
    let here = |p: &&osteon_sync_core::PartWrite| p.part.record == part.record && p.part.label == part.label;
    let writes = core.parts.iter().find(here).map(|part| part.writes.clone());
    let writes = writes.or_else(|| redacted.is_some().then(Vec::new))?;
    Some(Written { row: row.clone(), reason: core.note.reason.into(), behalf, redacted, writes })
}

/// A parent's ending holds only if it covers its children as well.
async fn covered(
    store: &mut dyn Rows,
    looked: &mut [Looked],
    parents: &[osteon_sync_core::RecordId],
) -> Result<(), StoreError> {
    let mut children: BTreeMap<osteon_sync_core::RecordId, Vec<(u64, Part)>> = BTreeMap::new();
    for row in store.children_of(parents).await? {
        let part = row.part()?;
        if let Some(parent) = row.parent {
            children.entry(parent).or_default().push((row.label, part));
        }
    }
    for one in looked.iter_mut() {
        if let Some(children) = children.get(&one.row.record) {
            let dots = |(label, part): &(u64, Part)| (*label, part.live_dots().collect());
            one.children = children.iter().map(dots).collect();
            let children: Vec<&Part> = children.iter().map(|(_, part)| part).collect();
            one.lifecycle = lifecycle::of_part(&one.part, &children, &AllKnown);
        }
    }
    Ok(())
}

/// The value of a version, for a body that holds one field alone.
pub fn alone(type_number: u32, value: Option<&[u8]>) -> Option<prost::bytes::Bytes> {
    value.map(|chunk| osteon_proto::split::close(type_number, chunk).into())
}

/// What a put leaves.
pub fn put_value(put: Option<&Put>) -> Option<&[u8]> {
    put.and_then(Put::value)
}
