//! Offers: what this device still holds of others, and a restored server does not (PROTOCOL, "A server restored from a
//! backup"). The difference shows when the server's part comes and takes the place of a stale one: versions that it does not
//! have are kept, whole with what was shipped beside them, and offered once everything was read. An offer goes when the
//! device has seen what became of it; until then another restore finds it here.

use alloc::{collections::BTreeSet, vec::Vec};

use super::{Circle, Confirmed, ConfirmedPart, Device, Stage, Ticket, next::Kind};
use crate::{
    Dot, Part, PartId,
    ledger::{Cell, Schemas, Taken},
};

/// Offers that are kept of one circle.
pub const MAX_OFFERS: usize = 4_096;
/// Versions and bytes in one request, and in one offer of a small or a large part.
const MAX_REQUEST: usize = 100;
const MAX_REQUEST_BYTES: usize = 256 * 1024;
const SMALL_PART: usize = 64 * 1024;
const MAX_OF_SMALL: usize = 50;
const MAX_OF_LARGE: usize = 8;

/// Versions of one stale part that the server did not send again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub id: PartId,
    pub dots: Vec<Dot>,
    /// The stale part, with the receipts in what the caller keeps beside it.
    pub held: ConfirmedPart,
    /// The server has answered: gone with the page at the head that reaches this sequence.
    pub(crate) answered: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfferRequest {
    pub circle: u64,
    pub epoch: u32,
    pub offers: Vec<Offer>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfferAnswer {
    pub epoch: u32,
    /// For each version, in the order of the request. `None`: the server takes nothing of it.
    pub taken: Vec<Option<Taken>>,
}

impl Offer {
    pub fn new(id: PartId, dots: Vec<Dot>, held: ConfirmedPart) -> Self {
        Self { id, dots, held, answered: None }
    }
}

impl Device {
    /// The next offers of a circle that has been read to its head.
    pub(crate) fn next_offer(&self, now_ms: u64) -> Option<OfferRequest> {
        if self.in_flight.iter().any(|f| matches!(f.kind, Kind::Offer { .. })) {
            return None;
        }
        let ready = |c: &Circle| c.at_head && c.stale_before == 0 && c.offers_not_before_ms <= now_ms;
        self.circles.iter().filter(|(_, c)| ready(c)).find_map(|(number, circle)| {
            let (mut offers, mut count, mut bytes) = (Vec::new(), 0, 0);
            for offer in circle.offers.iter().filter(|o| o.answered.is_none()) {
                count += offer.dots.len();
                bytes += offer.held.part.encode().len();
                if !offers.is_empty() && (count > MAX_REQUEST || bytes > MAX_REQUEST_BYTES) {
                    break;
                }
                offers.push(offer.clone());
            }
            (!offers.is_empty()).then_some(OfferRequest { circle: *number, epoch: self.epoch, offers })
        })
    }

    /// What became of an offer.
    pub fn offer_answer(&mut self, ticket: Ticket, answer: OfferAnswer) {
        let Some(asked) = self.take(ticket, |k| matches!(k, Kind::Offer { .. })) else { return };
        let Kind::Offer { circle, parts } = asked.kind else { return };
        self.retry.succeeded();
        if answer.epoch != self.epoch {
            self.need_hello = true;
            return;
        }
        let Some(state) = self.circles.get_mut(&circle) else { return };
        let mut taken = answer.taken.into_iter();
        for (id, dots) in parts {
            let mut reached = 0;
            for one in taken.by_ref().take(dots.len()) {
                let Some(Taken::Live { sequence } | Taken::History { sequence } | Taken::Known { sequence }) = one
                else {
                    continue;
                };
                reached = reached.max(sequence);
            }
            let this = state.offers.iter_mut().find(|o| o.id == id && o.dots == dots && o.answered.is_none());
            if let Some(offer) = this {
                offer.answered = Some(reached);
            }
        }
        state.drop_seen();
    }

    /// The server does not take offers now, for a reason that asking again at once would not change.
    /// False: the ticket is of another request.
    pub fn offers_wait(&mut self, ticket: Ticket, until_ms: u64) -> bool {
        let Some(asked) = self.take(ticket, |k| matches!(k, Kind::Offer { .. })) else { return false };
        if let Kind::Offer { circle, .. } = asked.kind
            && let Some(state) = self.circles.get_mut(&circle)
        {
            state.offers_not_before_ms = until_ms;
        }
        true
    }
}

impl Circle {
    /// What this device would give back to a restored server.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// A stale part is about to go, or to be replaced by `sent`: what only this device still holds is kept.
    pub(crate) fn keep_offer(&mut self, id: PartId, held: ConfirmedPart, sent: Option<&Part>, epoch: u32) {
        let mut dots = BTreeSet::new();
        for (field, versions) in held.part.fields() {
            let here = |dot: Dot| sent.is_some_and(|p| p.versions(field).any(|v| v.dot == dot));
            dots.extend(versions.map(|v| v.dot).filter(|dot| dot.replica.epoch < epoch && !here(*dot)));
        }
        // Own changes that the server lost are in the outbox.
        dots.retain(|dot| self.find(*dot).is_none_or(|i| self.own[i].stage != Stage::Waiting));
        let dots: Vec<Dot> = dots.into_iter().collect();
        let at_once = if held.part.encode().len() <= SMALL_PART { MAX_OF_SMALL } else { MAX_OF_LARGE };
        for dots in dots.chunks(at_once) {
            let known = self.offers.iter().any(|o| o.id == id && o.dots == dots);
            if !known && self.offers.len() < MAX_OFFERS {
                self.offers.push(Offer::new(id, dots.to_vec(), held.clone()));
            }
        }
    }

    /// The same for every stale part that was not sent again.
    pub(crate) fn keep_stale(&mut self, confirmed: &dyn Confirmed, epoch: u32) {
        for id in confirmed.stale(self.stale_before) {
            if let Some(held) = confirmed.get(id) {
                self.keep_offer(id, held, None, epoch);
            }
        }
    }

    /// Of what a right was lost to, nothing is given back.
    pub(crate) fn erase_offers<T: Schemas>(&mut self, cell: Cell, schemas: &T) {
        self.offers.retain(|o| o.id.label != cell.label || schemas.class(o.held.type_number) != cell.class);
    }

    /// Answered offers whose outcome has been read.
    pub(crate) fn drop_seen(&mut self) {
        let head = if self.at_head { self.base } else { 0 };
        self.offers.retain(|o| o.answered.is_none_or(|sequence| sequence > head));
    }
}
