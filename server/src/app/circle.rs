//! One circle inside a job: the ledger's view ([`CircleStore`]) over the store's working overlay, with the parts decoded
//! once. Nothing here decides anything; `finish` hands what was touched back to the overlay.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{sync, table::table, wire};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, Part, PartId, RecordId, Replica, Schema, digest,
    ledger::{Cell, ChainPoint, CircleStore, Kept, Mac, Owner, Reason, StoredPart, Verdict, cursor::mark},
    lifecycle, view,
};
use prost::Message;

use super::{
    kept::{self, Behalf, Content, Redacted},
    look::AllKnown,
};
use crate::store::{CellKey, ChainHead, DeviceNo, LogRow, PartRow, QuarantineRow, StoreError, UnixMs, Working};

/// Who writes, for the rows that a commit leaves.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    pub device: DeviceNo,
    pub now_ms: UnixMs,
    pub account: u64,
    /// Whose waiting change is taken over.
    pub behalf: Option<Behalf>,
}

/// What stands beside a part's state.
#[derive(Clone, Debug, Default)]
struct Beside {
    time_ms: UnixMs,
    parent: Option<RecordId>,
    history: Vec<Dot>,
}

/// A value of the history: where it comes from, and what it was (`None`: cleared).
pub type PastValue = ((Dot, Clock, Author), Option<Vec<u8>>);

pub struct Circle<'w, 'a> {
    work: &'w mut Working<'a>,
    parts: BTreeMap<PartId, StoredPart>,
    beside: BTreeMap<PartId, Beside>,
    dirty: BTreeSet<PartId>,
    /// Parts whose ending does not cover their record's children: a person is asked, whatever the part alone says.
    uncovered: BTreeSet<PartId>,
    writer: Writer,
    moved_from: Option<RecordId>,
    /// Changes that come again, without what was redacted of them.
    redacted: BTreeMap<Dot, Vec<RecordId>>,
    /// The overlay refused something (a need that was not declared): the job fails.
    failed: core::cell::Cell<Option<StoreError>>,
}

impl<'w, 'a> Circle<'w, 'a> {
    /// Decodes the parts of `records`, all of which the job declared, and of their parents.
    pub fn open(work: &'w mut Working<'a>, records: &BTreeSet<RecordId>, writer: Writer) -> Result<Self, StoreError> {
        let (parts, beside, dirty, uncovered, redacted) = Default::default();
        let failed = core::cell::Cell::new(None);
        let mut circle = Self { work, parts, beside, dirty, uncovered, writer, moved_from: None, redacted, failed };
        for record in records {
            circle.decode(*record)?;
        }
        let parents: BTreeSet<RecordId> = circle.beside.values().filter_map(|beside| beside.parent).collect();
        for parent in parents.difference(records) {
            circle.decode(*parent)?;
        }
        Ok(circle)
    }

    fn decode(&mut self, record: RecordId) -> Result<(), StoreError> {
        for row in self.work.parts_of(record)? {
            let id = PartId { record: row.record, label: row.label };
            self.parts.insert(id, stored(row)?);
            let history = row.history.clone();
            self.beside.insert(id, Beside { time_ms: row.time_ms, parent: row.parent, history });
        }
        Ok(())
    }

    /// These were taken apart before: the log says so of them.
    pub fn redacted(&mut self, of: BTreeMap<Dot, Vec<RecordId>>) {
        self.redacted = of;
    }

    /// What is written from now on was this record before.
    pub fn moved_from(&mut self, record: RecordId) {
        self.moved_from = Some(record);
    }

    pub fn working(&self) -> &Working<'a> {
        self.work
    }

    pub fn working_mut(&mut self) -> &mut Working<'a> {
        self.work
    }

    /// Every part of one record, by label.
    pub fn parts_of(&self, record: RecordId) -> impl Iterator<Item = (PartId, &StoredPart)> {
        let range = PartId { record, label: 0 }..=PartId { record, label: u64::MAX };
        self.parts.range(range).map(|(id, part)| (*id, part))
    }

    /// What a kept change put into one field, with its origin; `None` if it did not write it.
    pub fn past(&self, dot: Dot, part: PartId, field: &Field) -> Option<PastValue> {
        let row = self.told(self.work.log(self.canonical(dot)))?;
        let core = Content::of(row).ok()?.applied(row)?;
        let written = core.parts.iter().find(|p| p.part == part)?;
        let put = written.writes.iter().find(|w| w.field == *field)?.put.as_ref()?;
        Some(((row.dot, row.clock, row.author), put.value().map(<[u8]>::to_vec)))
    }

    /// Where and when a record stands, for lists and for endings that must cover children.
    pub fn place(&mut self, id: PartId, time_ms: Option<UnixMs>, parent: Option<RecordId>) {
        let beside = self.beside.entry(id).or_default();
        beside.time_ms = time_ms.unwrap_or(beside.time_ms);
        beside.parent = parent.or(beside.parent);
    }

    /// The record whose child this part belongs to.
    pub fn parent_of(&self, id: PartId) -> Option<RecordId> {
        self.parts_of(id.record).find_map(|(id, _)| self.beside.get(&id)?.parent)
    }

    /// Every part of every child of a record that the job declared, as they are now.
    pub fn children_of(&self, parent: RecordId) -> Result<Vec<Part>, StoreError> {
        let mut children = BTreeMap::new();
        for row in self.work.children_of(parent)? {
            children.insert(PartId { record: row.record, label: row.label }, stored(row)?.part);
        }
        let here = self.parts.iter().filter(|(id, _)| self.parent_of(**id) == Some(parent));
        children.extend(here.map(|(id, part)| (*id, part.part.clone())));
        Ok(children.into_values().collect())
    }

    /// A part that stands in another light since the commit at `seq`, though nothing was written to it: it is sent again.
    /// `uncovered`: its ending does not cover a child.
    pub fn touch(&mut self, id: PartId, seq: u64, uncovered: bool) {
        if let Some(part) = self.parts.get_mut(&id) {
            part.seq = part.seq.max(seq);
            self.dirty.insert(id);
        }
        if uncovered || self.work.circle().reviews.contains(&(id.record, id.label)) {
            self.uncovered.insert(id);
        }
    }

    /// Takes what is live under these numbers out of a part; whether something was.
    pub fn forget<'d>(&mut self, id: PartId, dots: impl IntoIterator<Item = &'d Dot>, digest_key: &[u8; 16]) -> bool {
        let mut stored = self.take_part(id);
        let before = digest::contribution(digest_key, id.record, &stored.part);
        dots.into_iter().for_each(|dot| stored.part.forget(*dot));
        let after = digest::contribution(digest_key, id.record, &stored.part);
        let cell = Cell { label: id.label, class: stored.class };
        self.set_digest(cell, self.digest(cell).wrapping_sub(before).wrapping_add(after));
        self.put_part(id, stored);
        before != after
    }

    /// Hands the touched parts back to the overlay.
    pub fn finish(mut self) -> Result<(), StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        for id in &self.dirty {
            let Some(part) = self.parts.get(id) else { continue };
            let key = (id.record, id.label);
            let open = asks(part) || self.uncovered.contains(id);
            if open != self.work.circle().reviews.contains(&key) {
                let reviews = &mut self.work.circle_mut().reviews;
                if open {
                    reviews.insert(key)
                } else {
                    reviews.remove(&key)
                };
            }
            let beside = self.beside.remove(id).unwrap_or_default();
            self.work.put_part(PartRow {
                record: id.record,
                label: id.label,
                class: part.class,
                type_number: part.type_number,
                seq: part.seq,
                first_seq: part.first_seq,
                time_ms: beside.time_ms,
                parent: beside.parent,
                state: part.part.encode(),
                history: beside.history,
            })?;
        }
        Ok(())
    }

    /// The answer of the overlay; what it refuses fails the whole job.
    fn told<T: Default>(&self, answer: Result<T, StoreError>) -> T {
        answer.unwrap_or_else(|error| {
            self.failed.set(Some(error));
            T::default()
        })
    }

    fn keep_row(&mut self, dot: Dot, kept: &Kept, change: Option<&Change>) {
        let at_ms = self.writer.now_ms;
        let of = |record: &RecordId| Redacted { at_ms, record: record.0.to_vec(), ..Redacted::default() };
        let redacted = self.redacted.get(&dot).into_iter().flatten().map(of).collect();
        let content = Content {
            change: change.map(kept::stored_change),
            verdict: Some(kept::to_wire(dot, &kept.verdict)),
            base: change.map_or(0, |change| change.base),
            moved_from: self.moved_from.map(|record| record.0.to_vec()).unwrap_or_default(),
            behalf: self.writer.behalf.map(Into::into),
            decided: None,
            redacted,
        };
        let seq = match kept.verdict {
            Verdict::Accepted { sequence, .. } => sequence,
            _ => 0,
        };
        self.work.put_log(LogRow {
            seq,
            dot,
            mac: kept.mac,
            clock: change.map(|change| change.clock).unwrap_or_default(),
            author: change.map(|change| change.author).unwrap_or_default(),
            device: self.writer.device,
            received_ms: self.writer.now_ms,
            verdict: kept::number(&kept.verdict),
            content: content.encode_to_vec(),
        });
        if seq != 0 {
            self.work.circle_mut().head_mark = mark(dot, &kept.mac);
        }
        if let (Some(change), true) = (change, seq != 0) {
            for part in &change.parts {
                self.beside.entry(part.part).or_default().history.push(dot);
            }
        }
    }
}

/// Whether a person is asked about this part: a dispute of a field, or an ending that met what it had not been shown.
fn asks(part: &StoredPart) -> bool {
    let Some(known) = table().get(part.type_number) else { return false };
    let ending = lifecycle::of_part(&part.part, &[], &AllKnown).review;
    ending
        || part.part.fields().any(|(field, versions)| {
            versions.len() > 1
                && field.number != Field::LIFECYCLE
                && view::view(known.policy(field.number), field.number, versions, known, None).needs_review
        })
}

/// A part as the store has it, decoded.
pub fn stored(row: &PartRow) -> Result<StoredPart, StoreError> {
    let part = row.part()?;
    Ok(StoredPart { part, type_number: row.type_number, class: row.class, seq: row.seq, first_seq: row.first_seq })
}

impl CircleStore for Circle<'_, '_> {
    fn head(&self) -> u64 {
        self.work.circle().head
    }

    fn set_head(&mut self, head: u64) {
        self.work.circle_mut().head = head;
    }

    fn chain(&self, replica: Replica) -> ChainPoint {
        let head = self.work.circle().chains.get(&replica);
        head.map(|head| ChainPoint { counter: head.counter, mac: head.mac }).unwrap_or_default()
    }

    fn set_chain(&mut self, replica: Replica, point: ChainPoint) {
        let account = self.writer.account;
        let head = ChainHead { counter: point.counter, mac: point.mac, account };
        self.work.circle_mut().chains.insert(replica, head);
    }

    fn owner(&self, replica: Replica) -> Option<Owner> {
        let row = self.told(self.work.owner(replica))?;
        Some(Owner { account: row.account, installation: row.device, retired: row.retired })
    }

    fn kept(&self, dot: Dot) -> Option<Kept> {
        let row = self.told(self.work.log(dot))?;
        let verdict = kept::from_content(&row.content)?;
        Some(Kept { mac: row.mac, verdict })
    }

    fn keep(&mut self, dot: Dot, kept: &Kept, change: Option<&Change>) {
        self.keep_row(dot, kept, change);
    }

    fn has_aliases(&self) -> bool {
        self.work.has_aliases()
    }

    fn canonical(&self, dot: Dot) -> Dot {
        self.work.alias(dot).unwrap_or(dot)
    }

    fn add_alias(&mut self, earlier: Dot, applied: Dot) {
        self.work.put_alias(earlier, applied);
    }

    fn renumbered(&self, earlier: Dot, mac: &Mac) -> Option<Dot> {
        self.work.renumbered(earlier, *mac)
    }

    fn add_renumbered(&mut self, earlier: Dot, mac: &Mac, dot: Dot) {
        self.work.put_renumbered(earlier, *mac, dot);
    }

    fn numbered_again(&self, earlier: Dot) -> Vec<Dot> {
        self.work.numbered_again(earlier)
    }

    fn part(&self, id: PartId) -> Option<&StoredPart> {
        self.parts.get(&id)
    }

    fn take_part(&mut self, id: PartId) -> StoredPart {
        self.parts.remove(&id).unwrap_or_default()
    }

    fn put_part(&mut self, id: PartId, part: StoredPart) {
        self.dirty.insert(id);
        self.parts.insert(id, part);
    }

    fn creation_refused(&self, record: RecordId) -> bool {
        self.told(self.work.creation_refused(record))
    }

    fn add_refused_creation(&mut self, record: RecordId) {
        self.work.put_refused_creation(record);
    }

    fn moved(&self, record: RecordId) -> bool {
        self.told(self.work.moved(record))
    }

    fn quarantine(&mut self, change: &Change, reason: &Reason) -> u64 {
        let id = self.work.next_quarantine_id();
        let change_sent = Some(wire::change::to_wire(change, 0));
        let content = Content { change: change_sent, base: change.base, ..Content::default() };
        self.work.put_quarantine(QuarantineRow {
            id,
            dot: change.dot,
            author: change.author,
            received_ms: self.writer.now_ms,
            reason: reason.to_string(),
            content: content.encode_to_vec(),
        });
        id
    }

    fn digest(&self, cell: Cell) -> u128 {
        self.work.circle().digests.get(&CellKey { label: cell.label, class: cell.class }).copied().unwrap_or_default()
    }

    fn set_digest(&mut self, cell: Cell, digest: u128) {
        self.work.circle_mut().digests.insert(CellKey { label: cell.label, class: cell.class }, digest);
    }
}

/// The change that a kept row holds, as it went over the wire.
pub fn kept_change(row: &LogRow) -> Option<sync::Change> {
    Content::of(row).ok()?.change
}

/// The record that the one that a kept row writes was before it was moved.
pub fn kept_moved_from(row: &LogRow) -> Option<RecordId> {
    let content = Content::of(row).ok()?;
    <[u8; 16]>::try_from(content.moved_from.as_slice()).ok().map(RecordId)
}
