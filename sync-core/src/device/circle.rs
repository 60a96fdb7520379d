//! What a device knows of one circle, beside the confirmed parts.

use alloc::{boxed::Box, collections::BTreeMap, collections::BTreeSet, vec::Vec};

use super::{Confirmed, Lane, Offer};
use crate::{
    Author, Change, Dot, FieldWrite, Note, Part, PartId, PartWrite, RecordId, Replica,
    faults::{Fault, Faults},
    ledger::{Cell, Mac, Macs, Reason, Schemas, Violation},
};

/// How far an own change has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// In the outbox.
    Waiting,
    /// Has its verdict; no page without open backfill that reached the head has passed it yet.
    Accepted { sequence: u64 },
    /// Kept until it is inside the oldest backup that may still be restored.
    Passed { sequence: u64 },
}

/// An own change, from its writing until nobody can lose it any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Own {
    /// Its place in the order of writing, and its name where each change is kept by itself: never given twice.
    pub serial: u64,
    pub change: Change,
    pub lane: Lane,
    pub stage: Stage,
    /// The form that made it; later edits by the same form may go into it until it is sent.
    pub form: u64,
    /// It was handed to the network once: its content never changes again.
    pub sent: bool,
    /// Pages `from..to` were read after it was processed: parts of them hold it already.
    pub(crate) included: Vec<(u64, u64)>,
    /// Labels of which the right was lost: hidden at once, pushed until there is a verdict, then erased.
    pub(crate) hidden: Vec<u64>,
    /// The MAC of the whole change, if some of its content had to go: it is shown, and can never be sent again.
    pub(crate) stub: Option<Mac>,
}

/// The counters of one replica in this circle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queue {
    pub lane: Lane,
    /// The highest counter that was given.
    pub last: u64,
    /// The first counter that has no final verdict here.
    pub next: u64,
    /// How far the server is known to have processed it.
    pub(crate) processed: u64,
    /// LATER: not before this time.
    pub(crate) not_before_ms: u64,
}

/// A change that was refused: the person decides what becomes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    pub change: Change,
    pub reason: Reason,
    pub violations: Vec<Violation>,
    /// What the person who decided said; empty where a rule refused it.
    pub words: Box<str>,
}

/// A change that waits at the server for somebody's decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    pub id: u64,
    pub reason: Reason,
    /// Without what was written where the right was lost: of that the record and its type are left, to say what it was.
    pub change: Change,
}

impl Quarantined {
    pub fn dot(&self) -> Dot {
        self.change.dot
    }
}

/// What became of a change that waited for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fate {
    pub dot: Dot,
    /// The words of whoever rejected it; `None`: it was accepted.
    pub rejected: Option<Box<str>>,
}

/// How much of a circle this device asks for: a scope narrower than its owner's right, never a wider one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Depth {
    /// What must be known to list the circle.
    List,
    /// Safety and plans whole, of the journal the last month.
    Plan,
    /// All that its owner may read.
    #[default]
    Full,
}

impl Depth {
    pub const ALL: [Self; 3] = [Self::List, Self::Plan, Self::Full];
}

/// One circle on one device.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Circle {
    pub(crate) author: Author,
    /// In the order of writing.
    pub(crate) own: Vec<Own>,
    /// The next serial.
    pub(crate) serials: u64,
    pub(crate) queues: BTreeMap<Replica, Queue>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) quarantined: Vec<Quarantined>,
    /// Own changes whose content had to go: (dot, MAC, sequence).
    pub(crate) erased: Vec<(Dot, Mac, u64)>,
    /// Dots of own changes that were numbered again, for forms that were open meanwhile.
    pub(crate) renamed: BTreeMap<Dot, Dot>,
    /// What others wrote and a restored server may have lost.
    pub(crate) offers: Vec<Offer>,
    pub(crate) offers_not_before_ms: u64,
    pub(crate) cursor: Vec<u8>,
    /// The number of the last page.
    pub(crate) read: u64,
    /// Parts of earlier pages are stale: what is not sent again goes when the head is reached.
    pub(crate) stale_before: u64,
    /// The same for single cells, after a digest did not match.
    pub(crate) resent: BTreeMap<Cell, u64>,
    /// Cells to be sent anew, asked for with the next Pull.
    pub(crate) dropped: BTreeSet<Cell>,
    /// How far the own chains were processed at the last page at the head.
    pub(crate) passed: BTreeMap<Replica, u64>,
    /// What the next pull asks for.
    pub(crate) depth: Depth,
    /// Classes that are held whole.
    pub(crate) complete: Vec<u8>,
    /// Head of the circle at the last page at the head: the base of new changes.
    pub(crate) base: u64,
    pub(crate) safe_upto: u64,
    pub(crate) digest_key: [u8; 16],
    pub(crate) at_head: bool,
    /// Something was erased since the last pull was asked: the next one, with the cursor behind it, is the receipt. A
    /// restart pulls anyway.
    pub(crate) owes_receipt: bool,
    /// Somebody asks whether what is held is whole. Not kept: whoever asked has gone with a restart.
    pub(crate) wants_digests: bool,
    /// Digests that did not match, since enrolment (reported with the device's health).
    pub(crate) mismatches: u32,
}

impl Circle {
    /// Own changes, in the order of writing.
    pub fn own(&self) -> &[Own] {
        &self.own
    }

    /// Changes without a verdict.
    pub fn outbox(&self) -> impl Iterator<Item = &Own> {
        self.own.iter().filter(|o| o.stage == Stage::Waiting)
    }

    pub fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    /// The person has written it anew, or thrown it away. False: there is none.
    pub(crate) fn drop_draft(&mut self, dot: Dot) -> bool {
        let before = self.drafts.len();
        self.drafts.retain(|d| d.change.dot != dot);
        self.drafts.len() < before
    }

    pub fn quarantined(&self) -> &[Quarantined] {
        &self.quarantined
    }

    pub fn queues(&self) -> impl Iterator<Item = (Replica, Queue)> {
        self.queues.iter().map(|(r, q)| (*r, *q))
    }

    pub fn cursor(&self) -> &[u8] {
        &self.cursor
    }

    pub fn complete(&self) -> &[u8] {
        &self.complete
    }

    pub fn depth(&self) -> Depth {
        self.depth
    }

    pub fn at_head(&self) -> bool {
        self.at_head
    }

    /// Head of the circle at the last page that reached it.
    pub fn head(&self) -> u64 {
        self.base
    }

    /// The key of the digests of this circle.
    pub fn digest_key(&self) -> &[u8; 16] {
        &self.digest_key
    }

    pub fn digest_mismatches(&self) -> u32 {
        self.mismatches
    }

    pub fn read(&self) -> u64 {
        self.read
    }

    /// What the person sees of a part: the confirmed state with the own changes that it does not hold yet on top.
    /// `None`: there is nothing.
    pub(crate) fn visible(&self, confirmed: &dyn Confirmed, id: PartId, faults: Faults) -> Option<Part> {
        let held = confirmed.get(id);
        let read = held.as_ref().map(|p| p.read);
        let mut part = held.map(|p| p.part).unwrap_or_default();
        for own in self.own.iter().filter(|o| o.lies_over(id, read, faults)) {
            for write in own.change.parts.iter().filter(|p| p.part == id) {
                for w in &write.writes {
                    let more = self.with_earlier_names(&part, w);
                    // Not `merge`: marks of what is gone hold for the own changes that follow.
                    part.apply(own.change.origin(), more.as_ref().unwrap_or(w), &|_: Dot| true);
                }
            }
        }
        part.is_live().then_some(part)
    }

    /// A part may know an own change by a number that it had before: it is stale, or a clone was faster. Under that
    /// number somebody else's content may stand too, so the values decide.
    fn with_earlier_names(&self, part: &Part, write: &FieldWrite) -> Option<FieldWrite> {
        let named = write.replaces.iter().filter_map(|dot| self.find(*dot));
        let mut more = Vec::new();
        for change in named.map(|i| &self.own[i].change).filter(|c| !c.earlier.is_empty()) {
            let same = |w: &&FieldWrite| w.field == write.field;
            let put = change.parts.iter().flat_map(|p| &p.writes).find(same).and_then(|w| w.put.as_ref());
            let known = part.versions(&write.field).filter(|v| change.earlier.contains(&v.dot));
            more.extend(known.filter(|v| put.is_some_and(|p| p.value() == v.value)).map(|v| v.dot));
        }
        (!more.is_empty()).then(|| {
            let mut write = write.clone();
            write.replaces.extend(more);
            write
        })
    }

    /// Parts that own changes would show.
    pub fn written_parts(&self) -> BTreeSet<PartId> {
        self.own.iter().flat_map(|o| o.change.parts.iter().map(|p| p.part)).collect()
    }

    pub(crate) fn find(&self, dot: Dot) -> Option<usize> {
        self.own.iter().position(|o| o.change.dot == dot)
    }

    /// The cells that own changes and drafts write to, and that offers are of.
    pub(crate) fn own_cells<T: Schemas>(&self, schemas: &T) -> BTreeSet<Cell> {
        let kept = self.drafts.iter().map(|d| &d.change).chain(self.quarantined.iter().map(|q| &q.change));
        let changes = self.own.iter().map(|o| &o.change).chain(kept);
        let cell = |p: &PartWrite| Cell { label: p.part.label, class: schemas.class(p.type_number) };
        let offered = self.offers.iter().map(|o| Cell { label: o.id.label, class: schemas.class(o.held.type_number) });
        changes.flat_map(|c| &c.parts).map(cell).chain(offered).collect()
    }

    /// Erases all that is held of a cell, except what still needs a verdict: that is hidden.
    pub(crate) fn erase_own<M: Macs, T: Schemas>(&mut self, cell: Cell, schemas: &T, macs: &M, faults: Faults) {
        let in_cell = |p: &PartWrite| p.part.label == cell.label && schemas.class(p.type_number) == cell.class;
        self.erase_offers(cell, schemas);
        self.drafts.retain_mut(|draft| {
            let held = !draft.change.parts.is_empty();
            strip(&mut draft.change, |p| !in_cell(p));
            // One that holds nothing from the beginning only says what became of it.
            !(held && draft.change.parts.is_empty())
        });
        for waiting in &mut self.quarantined {
            strip(&mut waiting.change, |p| !in_cell(p));
        }
        for own in &mut self.own {
            if !own.change.parts.iter().any(in_cell) {
                continue;
            }
            match own.stage {
                Stage::Waiting => own.hidden.push(cell.label),
                _ if faults.has(Fault::KeptNotErased) => {}
                Stage::Accepted { .. } | Stage::Passed { .. } => own.strip(macs, |p| !in_cell(p)),
            }
        }
        self.settle();
    }

    /// The same for a record that was moved away. What still needs a verdict is hidden with the labels that it writes to: it
    /// will wait for a person.
    pub(crate) fn erase_record<M: Macs>(&mut self, record: RecordId, macs: &M) {
        let of_record = |p: &PartWrite| p.part.record == record;
        for draft in &mut self.drafts {
            draft.change.parts.retain(|p| !of_record(p));
        }
        self.drafts.retain(|d| !d.change.parts.is_empty());
        for own in self.own.iter_mut().filter(|own| own.change.parts.iter().any(of_record)) {
            match own.stage {
                Stage::Waiting => {
                    let labels = own.change.parts.iter().filter(|p| of_record(p)).map(|p| p.part.label);
                    own.hidden.extend(labels.collect::<Vec<_>>());
                }
                Stage::Accepted { .. } | Stage::Passed { .. } => own.strip(macs, |p| !of_record(p)),
            }
        }
        self.settle();
    }

    /// The content of one change was destroyed: what the device keeps of it for a restored server, and as somebody's offer,
    /// goes too. What is confirmed comes anew.
    pub(crate) fn redact<M: Macs>(&mut self, record: RecordId, dot: Dot, macs: &M) {
        let named = |change: &Change| change.dot == dot || change.earlier.contains(&dot);
        let stays = |p: &PartWrite| p.part.record != record;
        for waiting in self.quarantined.iter_mut().filter(|waiting| named(&waiting.change)) {
            strip(&mut waiting.change, stays);
        }
        for own in self.own.iter_mut().filter(|own| named(&own.change) && !own.change.parts.iter().all(stays)) {
            match own.stage {
                Stage::Waiting => {
                    let labels = own.change.parts.iter().filter(|p| !stays(p)).map(|p| p.part.label);
                    own.hidden.extend(labels.collect::<Vec<_>>());
                }
                Stage::Accepted { .. } | Stage::Passed { .. } => own.strip(macs, stays),
            }
        }
        for offer in self.offers.iter_mut().filter(|offer| offer.id.record == record) {
            offer.dots.retain(|offered| *offered != dot);
            offer.held.part.forget(dot);
        }
        self.offers.retain(|offer| !offer.dots.is_empty());
        self.settle();
    }

    /// Stripped changes that need not be shown any more leave their MACs only.
    pub(crate) fn settle(&mut self) {
        let erased = &mut self.erased;
        self.own.retain(|own| {
            let done = own.change.parts.is_empty() || matches!(own.stage, Stage::Passed { .. });
            match (own.stub, own.stage) {
                (Some(mac), Stage::Accepted { sequence } | Stage::Passed { sequence }) if done => {
                    erased.push((own.change.dot, mac, sequence));
                    false
                }
                _ => true,
            }
        });
        let safe = self.safe_upto;
        self.own.retain(|o| !matches!(o.stage, Stage::Passed { sequence } if sequence <= safe));
        self.erased.retain(|(_, _, sequence)| *sequence > safe);
    }

    /// Own changes at or below this sequence are inside every backup that may still be restored.
    pub(crate) fn safe_upto(&mut self, sequence: u64) {
        self.safe_upto = self.safe_upto.max(sequence);
        self.settle();
    }
}

impl Own {
    pub fn dot(&self) -> Dot {
        self.change.dot
    }

    /// The MAC of the change as it was sent.
    pub(crate) fn mac<M: Macs>(&self, macs: &M) -> Option<Mac> {
        self.stub.or_else(|| macs.mac(self.change.dot.replica, &self.change))
    }

    /// Takes content out that must go. What is left is shown until a page holds it.
    pub(crate) fn strip<M: Macs>(&mut self, macs: &M, stays: impl Fn(&PartWrite) -> bool) {
        self.stub = self.mac(macs);
        self.change.parts.retain(stays);
    }

    fn lies_over(&self, id: PartId, read: Option<u64>, faults: Faults) -> bool {
        if matches!(self.stage, Stage::Passed { .. }) || self.hidden.contains(&id.label) {
            return false;
        }
        if faults.has(Fault::ProcessedPendingReapplied) {
            return true;
        }
        let held = |read: u64| self.included.iter().any(|(from, to)| (*from..*to).contains(&read));
        !read.is_some_and(held)
    }

    /// The page `read` was read after this change was processed.
    pub(crate) fn processed_at(&mut self, read: u64) {
        if self.included.last().is_none_or(|(_, to)| *to != u64::MAX) {
            self.included.push((read, u64::MAX));
        }
    }

    /// The server that held it is no more: later pages may be without it.
    pub(crate) fn epoch_ended(&mut self, read: u64) {
        if let Some((_, to)) = self.included.last_mut().filter(|(_, to)| *to == u64::MAX) {
            *to = read + 1;
        }
    }
}

impl Queue {
    pub(crate) fn new(lane: Lane) -> Self {
        Self { lane, last: 0, next: 1, processed: 0, not_before_ms: 0 }
    }

    pub fn is_drained(&self) -> bool {
        self.next > self.last
    }

    /// LATER was said: until when its lane waits. 0: it does not.
    pub fn waits_until_ms(&self) -> u64 {
        if self.is_drained() { 0 } else { self.not_before_ms }
    }
}

/// Leaves which records a change wrote to, and not what: its author may not know that any more.
pub(crate) fn skeleton(change: &mut Change) {
    change.parts.iter_mut().for_each(|part| part.writes.clear());
    change.note = Note::default();
}

/// Takes parts out of a change; with the last one goes what its author said.
pub(crate) fn strip(change: &mut Change, keep: impl Fn(&PartWrite) -> bool) {
    change.parts.retain(keep);
    if change.parts.is_empty() {
        change.note = Note::default();
    }
}
