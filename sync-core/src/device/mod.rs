//! The device's side: a state machine without I/O. Events go in (a person saves, an answer or a page arrives), requests
//! come out ([`Device::next`]); the caller owns transport, storage, clock and randomness.
//!
//! A device has two layers. *Confirmed* ([`Confirmed`]) is exactly what the server sent: replaced, never joined. The own
//! changes ([`Own`]) are laid on top by the same merge, each only over parts that were read before it was processed.
//!
//! The caller persists [`Device::encode`], or [`Device::encode_head`] and each own change that is new ([`Own::encode`]), together with the confirmed layer, in one local transaction, after every event
//! and **before** it hands a request to the network: a change that may have been seen is never changed again.

mod answer;
mod circle;
mod clock;
mod codec;
mod codec_change;
mod confirmed;
mod edit;
mod hello;
mod next;
mod offer;
mod page;
mod renumber;
mod retry;
mod rows;

use alloc::{collections::BTreeMap, vec::Vec};

pub use answer::{HelloAnswer, HelloCircle, PushAnswer, RebaseAnswer};
pub use circle::{Circle, Depth, Draft, Fate, Own, Quarantined, Queue, Stage};
pub use clock::HybridClock;
pub use codec::BadState;
pub use confirmed::{Confirmed, ConfirmedPart, InMemory};
pub use edit::{OpenForm, Save};
pub use next::{HelloRequest, Position, PullRequest, PushRequest, RebaseRequest, Request, Step, Ticket};
pub use offer::{MAX_OFFERS, Offer, OfferAnswer, OfferRequest};
pub use page::{Page, PagePart, Received};
pub use retry::Retry;
pub use rows::Missing;

use crate::{Author, Part, PartId, Replica, faults::Faults};

/// A lane of an installation. Urgent changes (withdrawal of consent, restrictions, …) never wait behind others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lane {
    Urgent,
    Ordinary,
}

impl Lane {
    pub const BOTH: [Self; 2] = [Self::Urgent, Self::Ordinary];
}

/// The numbers that new changes get.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lanes {
    pub urgent: Replica,
    pub ordinary: Replica,
}

impl Lanes {
    pub fn has(&self, replica: Replica) -> bool {
        self.urgent == replica || self.ordinary == replica
    }

    pub fn of(&self, lane: Lane) -> Replica {
        match lane {
            Lane::Urgent => self.urgent,
            Lane::Ordinary => self.ordinary,
        }
    }
}

/// One installation.
#[derive(Clone, Debug)]
pub struct Device {
    pub(crate) epoch: u32,
    pub(crate) account: u64,
    pub(crate) lanes: Lanes,
    pub(crate) clock: HybridClock,
    pub(crate) circles: BTreeMap<u64, Circle>,
    pub(crate) forms: u64,
    /// Hello before anything else: after start, another epoch, a fork.
    pub(crate) need_hello: bool,
    /// Set while new numbers are asked for: (request id, where each lane was forked).
    pub(crate) rebase: Option<RebaseRequest>,
    pub(crate) faults: Faults,
    // What a restart forgets.
    pub(crate) tickets: Ticket,
    pub(crate) in_flight: Vec<next::InFlight>,
    pub(crate) retry: Retry,
}

impl Device {
    /// A freshly enrolled installation: `epoch` and `lanes` come with the enrolment.
    pub fn new(account: u64, epoch: u32, lanes: Lanes) -> Self {
        Self {
            epoch,
            account,
            lanes,
            clock: HybridClock::default(),
            circles: BTreeMap::new(),
            forms: 0,
            need_hello: true,
            rebase: None,
            faults: Faults::NONE,
            tickets: 0,
            in_flight: Vec::new(),
            retry: Retry::default(),
        }
    }

    /// Plants bugs (simulation only).
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Begins to follow a circle, in the role that the account has there.
    pub fn join(&mut self, circle: u64, author: Author) {
        let state = self.circles.entry(circle).or_default();
        state.author = author;
    }

    /// How much of a circle is held from the next pull on. An open pull that asked for another depth is cancelled; what is
    /// beyond the new one is erased as what a page erases, and what waits in the outbox is sent all the same.
    pub fn set_depth(&mut self, circle: u64, depth: Depth) {
        if let Some(circle) = self.circles.get_mut(&circle) {
            circle.depth = depth;
        }
    }

    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    pub fn account(&self) -> u64 {
        self.account
    }

    pub fn lanes(&self) -> Lanes {
        self.lanes
    }

    pub fn circle(&self, circle: u64) -> Option<&Circle> {
        self.circles.get(&circle)
    }

    pub fn circles(&self) -> impl Iterator<Item = (u64, &Circle)> {
        self.circles.iter().map(|(n, c)| (*n, c))
    }

    /// What the person sees of a part; `None`: nothing.
    pub fn visible(&self, circle: u64, confirmed: &dyn Confirmed, part: PartId) -> Option<Part> {
        self.circles.get(&circle)?.visible(confirmed, part, self.faults)
    }

    /// A twin or a restored server is suspected: say Hello before anything else.
    pub fn says_hello_next(&self) -> bool {
        self.need_hello
    }

    /// The server's time, as far as this device knows, from its own.
    pub fn server_time_ms(&self, now_ms: u64) -> u64 {
        self.clock.corrected(now_ms)
    }
}
