//! What to ask next: Hello first, then new numbers if they were forked, then one push per lane (urgent first), what
//! is offered to a restored server, and one pull.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use super::{Circle, Depth, Device, Lane, OfferRequest, Stage};
use crate::{
    Change, Dot, PartId, Replica,
    ledger::{Cell, Item, LanePosition, Mac, Macs},
};

/// Changes in one push.
const MAX_PUSH: u64 = 100;

/// Names a request until its answer has come.
pub type Ticket = u64;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Persist the device, then send.
    Send(Ticket, Request),
    /// End this stream: the next pull asks for something else.
    Cancel(Ticket),
    /// Nothing to ask before this time (`None`: before the next event).
    Wait { until_ms: Option<u64> },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    Hello(HelloRequest),
    Rebase(RebaseRequest),
    Push(PushRequest),
    Pull(PullRequest),
    Offer(OfferRequest),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelloRequest {
    pub epoch: u32,
    pub clock_ms: u64,
    /// Per circle its lanes.
    pub positions: Vec<(u64, Vec<LanePosition>)>,
    /// Per circle the changes that wait for a person: what became of them?
    pub quarantined: Vec<(u64, Vec<Dot>)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RebaseRequest {
    /// The lanes whose numbers are given up.
    pub lanes: Vec<Replica>,
    /// (circle, the first number that somebody else used).
    pub forked: Vec<(u64, Dot)>,
    /// Same id, same effect, same answer.
    pub request_id: [u8; 16],
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PushRequest {
    pub circle: u64,
    pub epoch: u32,
    pub replica: Replica,
    pub first_counter: u64,
    /// Without a hole.
    pub items: Vec<Item>,
    /// What they build on in the other lane.
    pub builds_on: Vec<(Dot, Mac)>,
}

/// One stream for all circles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PullRequest {
    pub epoch: u32,
    pub positions: Vec<Position>,
}

/// Where this device stands in one circle, and what it wants of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    pub circle: u64,
    pub cursor: Vec<u8>,
    /// Cells to be sent anew.
    pub dropped: Vec<Cell>,
    pub depth: Depth,
    /// The digests, though nothing is new.
    pub digests: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct InFlight {
    pub(crate) ticket: Ticket,
    pub(crate) sent_ms: u64,
    pub(crate) kind: Kind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Hello,
    Rebase,
    Push { circle: u64, lane: Lane, replica: Replica, first: u64, count: u64 },
    Pull { dropped: BTreeSet<(u64, Cell)>, depths: BTreeMap<u64, Depth> },
    Offer { circle: u64, parts: Vec<(PartId, Vec<Dot>)> },
}

impl Device {
    /// The next thing to do; ask again until it says Wait. `random` is fresh at each call.
    pub fn next<M: Macs>(&mut self, now_ms: u64, random: u64, macs: &M) -> Step {
        if !self.retry.open(now_ms) {
            return Step::Wait { until_ms: Some(self.retry.not_before_ms) };
        }
        let busy = |k: &Kind| matches!(k, Kind::Hello | Kind::Rebase);
        if self.in_flight.iter().any(|f| busy(&f.kind)) {
            return Step::Wait { until_ms: None };
        }
        if self.need_hello {
            self.in_flight.clear();
            let hello = self.hello(now_ms, macs);
            return self.send(now_ms, Kind::Hello, Request::Hello(hello));
        }
        if let Some(rebase) = &mut self.rebase {
            if rebase.request_id == [0; 16] {
                rebase.request_id[..8].copy_from_slice(&random.to_le_bytes());
                rebase.request_id[8..].copy_from_slice(&now_ms.to_le_bytes());
            }
            let request = rebase.clone();
            return self.send(now_ms, Kind::Rebase, Request::Rebase(request));
        }
        if let Some((lane, push)) = self.next_push(now_ms, macs) {
            let (first, count) = (push.first_counter, push.items.len() as u64);
            let kind = Kind::Push { circle: push.circle, lane, replica: push.replica, first, count };
            return self.send(now_ms, kind, Request::Push(push));
        }
        if let Some(offer) = self.next_offer(now_ms) {
            let parts = offer.offers.iter().map(|o| (o.id, o.dots.clone())).collect();
            return self.send(now_ms, Kind::Offer { circle: offer.circle, parts }, Request::Offer(offer));
        }
        self.next_pull(now_ms)
    }

    fn send(&mut self, sent_ms: u64, kind: Kind, request: Request) -> Step {
        self.tickets += 1;
        self.in_flight.push(InFlight { ticket: self.tickets, sent_ms, kind });
        Step::Send(self.tickets, request)
    }

    pub(crate) fn take(&mut self, ticket: Ticket, is: impl Fn(&Kind) -> bool) -> Option<InFlight> {
        let place = self.in_flight.iter().position(|f| f.ticket == ticket && is(&f.kind))?;
        Some(self.in_flight.remove(place))
    }

    /// No answer, or one that says "again" (UNAVAILABLE, DEADLINE_EXCEEDED, …); also the end of a stream by an error.
    pub fn failed(&mut self, ticket: Ticket, now_ms: u64, retry_after_ms: u64, random: u64) {
        if self.take(ticket, |_| true).is_some() {
            self.retry.failed(now_ms, retry_after_ms, random);
        }
    }

    /// A pull has ended in order.
    pub fn pull_ended(&mut self, ticket: Ticket) {
        if self.take(ticket, |k| matches!(k, Kind::Pull { .. })).is_some() {
            self.retry.succeeded();
        }
    }

    /// Somebody said EPOCH_CHANGED, or answered in another epoch; or the app has just started.
    pub fn hello_first(&mut self) {
        self.need_hello = true;
    }

    /// Asks for the digests of everything that it holds with the next pull, whether anything is new or not.
    pub fn want_digests(&mut self) {
        self.circles.values_mut().for_each(|c| c.wants_digests = true);
    }

    /// A person asks for it: no waiting out an earlier failure.
    pub fn retry_now(&mut self) {
        self.retry.succeeded();
    }

    /// Before this time nothing is asked again after a failure (0: there was none).
    pub fn retries_at_ms(&self) -> u64 {
        self.retry.not_before_ms
    }

    fn next_pull(&mut self, now_ms: u64) -> Step {
        let asked = self.in_flight.iter().find_map(|f| match &f.kind {
            Kind::Pull { dropped, depths } => Some((f.ticket, dropped, depths)),
            _ => None,
        });
        let wanted = || self.circles.iter().flat_map(|(n, c)| c.dropped.iter().map(|cell| (*n, *cell)));
        if let Some((ticket, dropped, depths)) = asked {
            let receipts = self.circles.values().any(|c| c.owes_receipt || c.wants_digests);
            // A circle that was joined since is asked for by the next pull, as ever.
            let as_asked = self.circles.iter().all(|(n, c)| depths.get(n).is_none_or(|depth| *depth == c.depth));
            if !receipts && as_asked && wanted().all(|d| dropped.contains(&d)) {
                return Step::Wait { until_ms: self.circles.values().filter_map(|c| c.opens(now_ms)).min() };
            }
            self.in_flight.retain(|f| f.ticket != ticket);
            return Step::Cancel(ticket);
        }
        let dropped = wanted().collect();
        let position = |(n, c): (&u64, &Circle)| Position {
            circle: *n,
            cursor: c.cursor.clone(),
            dropped: c.dropped.iter().copied().collect(),
            depth: c.depth,
            digests: c.wants_digests,
        };
        let positions = self.circles.iter().map(position).collect();
        let depths = self.circles.iter().map(|(n, c)| (*n, c.depth)).collect();
        let request = Request::Pull(PullRequest { epoch: self.epoch, positions });
        self.circles.values_mut().for_each(|c| (c.owes_receipt, c.wants_digests) = (false, false));
        self.send(now_ms, Kind::Pull { dropped, depths }, request)
    }

    fn next_push<M: Macs>(&mut self, now_ms: u64, macs: &M) -> Option<(Lane, PushRequest)> {
        let flying = |circle: u64, lane: Lane| {
            let mut kinds = self.in_flight.iter().map(|f| &f.kind);
            kinds.any(|k| matches!(k, Kind::Push { circle: c, lane: l, .. } if *c == circle && *l == lane))
        };
        let lanes = |circle: u64| Lane::BOTH.into_iter().filter(move |lane| !flying(circle, *lane));
        let candidates: Vec<_> = self.circles.keys().flat_map(|n| lanes(*n).map(|lane| (*n, lane))).collect();
        for (number, lane) in candidates {
            let Some(circle) = self.circles.get_mut(&number) else { continue };
            let Some((replica, items)) = circle.batch(lane, now_ms) else { continue };
            let builds_on = circle.builds_on(lane, &items, macs);
            for item in &items {
                if let Some(i) = circle.find(item.dot()) {
                    circle.own[i].sent = true;
                }
            }
            let first_counter = items.first().map_or(0, |i| i.dot().counter);
            let push = PushRequest { circle: number, epoch: self.epoch, replica, first_counter, items, builds_on };
            return Some((lane, push));
        }
        None
    }
}

impl Circle {
    /// When a lane that was told LATER may be tried again.
    fn opens(&self, now_ms: u64) -> Option<u64> {
        self.queues.values().filter(|q| !q.is_drained() && q.not_before_ms > now_ms).map(|q| q.not_before_ms).min()
    }

    /// The next items of a lane: older replicas first, each counter in its place. It ends before a change that builds
    /// on something in the other lane that has no verdict: that goes first.
    fn batch(&self, lane: Lane, now_ms: u64) -> Option<(Replica, Vec<Item>)> {
        let (replica, queue) = self.queues.iter().find(|(_, q)| q.lane == lane && !q.is_drained())?;
        if queue.not_before_ms > now_ms {
            return None;
        }
        let mut items = Vec::new();
        for counter in (queue.next..=queue.last).take(MAX_PUSH as usize) {
            let dot = Dot { replica: *replica, counter };
            let item = match self.find(dot) {
                Some(i) if self.waits(lane, &self.own[i].change) => break,
                Some(i) => Item::Change(self.own[i].change.clone()),
                None => Item::Skip(dot),
            };
            items.push(item);
        }
        (!items.is_empty()).then_some((*replica, items))
    }

    fn waits(&self, lane: Lane, change: &Change) -> bool {
        named(change).any(|dot| {
            let other = self.find(dot).map(|i| &self.own[i]);
            other.is_some_and(|o| o.lane != lane && o.stage == Stage::Waiting)
        })
    }

    fn builds_on<M: Macs>(&self, lane: Lane, items: &[Item], macs: &M) -> Vec<(Dot, Mac)> {
        let mut dots = BTreeSet::new();
        for item in items {
            if let Item::Change(change) = item {
                dots.extend(named(change));
            }
        }
        let other = |dot: Dot| {
            let own = &self.own[self.find(dot)?];
            let mac = own.mac(macs)?;
            (own.lane != lane).then_some((dot, mac))
        };
        dots.into_iter().filter_map(other).collect()
    }
}

/// The changes that a change names.
pub(super) fn named(change: &Change) -> impl Iterator<Item = Dot> + '_ {
    let writes = change.parts.iter().flat_map(|p| &p.writes);
    writes.flat_map(|w| w.replaces.iter().chain(&w.covers)).copied()
}
