//! A page: erasures, parts, the cursor behind them, and how far the own chains were processed when it was read.

use alloc::vec::Vec;

use super::{Circle, Confirmed, ConfirmedPart, Device, Lanes, Own, Stage, Ticket, next::Kind};
use crate::{
    Dot, Part, PartId, RecordId,
    ledger::{Cell, Mac, Macs, Schemas},
};

/// Everything of it is applied in one local transaction, and only onto the cursor that it was asked with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    pub circle: u64,
    pub epoch: u32,
    /// The cursor that it was asked with; in a stream, that of the page before.
    pub asked: Vec<u8>,
    pub cursor: Vec<u8>,
    pub head: u64,
    /// Erased first: no longer granted, or granted anew.
    pub erased: Vec<Cell>,
    /// On the first page of an empty cursor: every cell that the reader may have, also those without parts. Whatever else
    /// the device holds goes.
    pub granted: Vec<Cell>,
    pub parts: Vec<PagePart>,
    /// How far the reader's own lanes were processed at this read, with the MAC of the last change.
    pub processed: Vec<(Dot, Mac)>,
    pub complete: Vec<u8>,
    /// No backfill is open and the page reached the head.
    pub at_head: bool,
    pub digests: Vec<(Cell, u128)>,
    /// Records that were moved away or erased.
    pub removed: Vec<RecordId>,
    /// Versions whose content was destroyed: the record, and the number of the change.
    pub redacted: Vec<(RecordId, Dot)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PagePart {
    pub id: PartId,
    pub part: Part,
    pub type_number: u32,
    pub class: u8,
    pub extra: Vec<u8>,
}

/// What became of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    Applied,
    /// Asked with another cursor, for a request that is over, or of an unknown circle: thrown away.
    Void,
    /// Another epoch, or somebody uses this device's numbers: nothing was applied, Hello comes first.
    HelloFirst,
}

impl Device {
    /// Applies a page. Its parts and the device's state are persisted in one transaction.
    pub fn page<M: Macs, T: Schemas>(
        &mut self,
        ticket: Ticket,
        page: Page,
        confirmed: &mut dyn Confirmed,
        now_ms: u64,
        macs: &M,
        schemas: &T,
    ) -> Received {
        let Some(asked) = self.in_flight.iter().position(|f| f.ticket == ticket) else { return Received::Void };
        let Kind::Pull { dropped, .. } = &mut self.in_flight[asked].kind else { return Received::Void };
        if page.epoch != self.epoch {
            self.need_hello = true;
            return Received::HelloFirst;
        }
        let Some(circle) = self.circles.get_mut(&page.circle) else { return Received::Void };
        if page.asked != circle.cursor {
            return Received::Void;
        }
        if circle.has_twin(&page.processed, self.lanes, macs) {
            self.need_hello = true;
            return Received::HelloFirst;
        }
        let read = circle.read + 1;
        circle.read = read;
        for (_, cell) in dropped.iter().filter(|(n, _)| *n == page.circle) {
            circle.dropped.remove(cell);
            circle.resent.insert(*cell, read);
        }
        dropped.retain(|(n, _)| *n != page.circle);
        let faults = self.faults;
        let mut erased = page.erased;
        if page.asked.is_empty() {
            let held = confirmed.cells().into_iter().chain(circle.own_cells(schemas));
            erased.extend(held.filter(|cell| !page.granted.contains(cell)));
        }
        circle.owes_receipt |= !erased.is_empty();
        for cell in &erased {
            confirmed.erase(*cell);
            circle.erase_own(*cell, schemas, macs, faults);
            circle.resent.remove(cell);
        }
        for record in &page.removed {
            confirmed.remove(*record);
            circle.erase_record(*record, macs);
        }
        for (record, dot) in &page.redacted {
            circle.redact(*record, *dot, macs);
        }
        circle.offers.retain(|o| !page.removed.contains(&o.id.record));
        let epoch = self.epoch;
        for sent in page.parts {
            for (_, versions) in sent.part.fields() {
                versions.for_each(|v| self.clock.seen(v.clock, now_ms));
            }
            let PagePart { id, part, type_number, class, extra } = sent;
            if let Some(stale) = confirmed.get(id).filter(|held| held.read < circle.stale_before) {
                circle.keep_offer(id, stale, Some(&part), epoch);
            }
            confirmed.put(id, ConfirmedPart { part, type_number, class, read, extra });
        }
        circle.processed(&page.processed, read);
        circle.complete = page.complete;
        circle.cursor = page.cursor;
        circle.at_head = page.at_head;
        if page.at_head {
            circle.base = page.head;
            circle.reached_head(&page.processed, confirmed, epoch);
            circle.compare(&page.digests, confirmed);
        }
        self.retry.succeeded();
        Received::Applied
    }
}

impl Circle {
    /// Somebody used this device's numbers: beyond those it gave, or with other content.
    fn has_twin<M: Macs>(&self, processed: &[(Dot, Mac)], lanes: Lanes, macs: &M) -> bool {
        processed.iter().any(|(dot, mac)| {
            if dot.counter == 0 {
                return false;
            }
            let waiting = |o: &Own| o.stage == Stage::Waiting && o.dot().replica == dot.replica;
            let in_use = lanes.has(dot.replica) || self.own.iter().any(waiting);
            let last = self.queues.get(&dot.replica).map_or(0, |q| q.last);
            let own = self.find(*dot).and_then(|i| self.own[i].mac(macs));
            let other = own.is_some_and(|m| m != *mac);
            other || in_use && dot.counter > last
        })
    }

    fn processed(&mut self, processed: &[(Dot, Mac)], read: u64) {
        for (point, _) in processed {
            if let Some(queue) = self.queues.get_mut(&point.replica) {
                queue.processed = queue.processed.max(point.counter.min(queue.last));
            }
            let theirs = |d: Dot| d.replica == point.replica && d.counter <= point.counter;
            self.own.iter_mut().filter(|o| theirs(o.change.dot)).for_each(|o| o.processed_at(read));
        }
    }

    /// Every part that is left was read after these changes were processed, or is stale.
    fn reached_head(&mut self, processed: &[(Dot, Mac)], confirmed: &mut dyn Confirmed, epoch: u32) {
        self.passed = processed.iter().map(|(dot, _)| (dot.replica, dot.counter)).collect();
        for own in &mut self.own {
            let passed = self.passed.get(&own.change.dot.replica).is_some_and(|c| *c >= own.change.dot.counter);
            if let (Stage::Accepted { sequence }, true) = (own.stage, passed) {
                own.stage = Stage::Passed { sequence };
            }
        }
        self.settle();
        if self.stale_before != 0 {
            self.keep_stale(confirmed, epoch);
            confirmed.sweep(None, self.stale_before);
            self.stale_before = 0;
        }
        for (cell, read) in core::mem::take(&mut self.resent) {
            confirmed.sweep(Some(cell), read);
        }
        self.drop_seen();
    }

    /// A cell whose digest does not match is dropped: it is sent anew. What is held stays visible until then.
    fn compare(&mut self, digests: &[(Cell, u128)], confirmed: &dyn Confirmed) {
        let key = self.digest_key;
        let differs = |(cell, digest): &&(Cell, u128)| confirmed.digest(*cell, &key) != *digest;
        let cells: Vec<Cell> = digests.iter().filter(differs).map(|(cell, _)| *cell).collect();
        self.mismatches = self.mismatches.saturating_add(cells.len() as u32);
        self.dropped.extend(cells);
    }
}
