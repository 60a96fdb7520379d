//! Offers: after a restore, devices give back versions that the server lost (PROTOCOL, "A server restored from a backup").
//! A version with the server's own receipt comes back under its own dot, ahead of its chain. This may open a review; it
//! never loses a value. Who has no receipt for what it offers is not believed: that is the caller's to file.

use alloc::{boxed::Box, vec, vec::Vec};

use super::{ChainPoint, CircleStore, Context, Kept, KnownIn, Mac, Schemas, Verdict, store::Cell};
use crate::{Author, Change, Clock, Dot, FieldWrite, Known, Note, PartId, PartWrite, Replica, digest};

/// The versions of one change that a device holds live in one part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    pub dot: Dot,
    pub clock: Clock,
    pub author: Author,
    pub part: PartId,
    pub type_number: u32,
    /// What each of them puts, without what it replaced: that stands in its change alone.
    pub writes: Vec<FieldWrite>,
    /// Names this offer, whoever makes it: a hash that nobody can choose.
    pub mac: Mac,
}

/// What became of an offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is live again.
    Live { sequence: u64 },
    /// What was written since has replaced it: it is in the history.
    History { sequence: u64 },
    /// It is no version that this server lost, or somebody was faster: what is known of it stands at this head.
    Known { sequence: u64 },
}

/// Whether a change has been processed here, under this number or another, or its offer has been taken.
pub fn is_known<S: CircleStore>(store: &S, offered: &Offered, epoch: u32) -> bool {
    let dot = offered.dot;
    dot.counter == 0
        || dot.replica.epoch >= epoch
        || store.canonical(dot) != dot
        || KnownIn::new(store).processed(dot)
        || store.renumbered(dot, &offered.mac).is_some()
        // The change itself was processed under another number. What was taken back of it has the server's.
        || store.numbered_again(dot).iter().any(|to| *to != dot && to.replica.n != 0)
}

/// Takes back what a receipt proves. It is a change of the server's own replica, so that it has a sequence, a place in the
/// history and its author; what is live has its own dot.
pub fn take_back<S, T>(store: &mut S, offered: &Offered, ctx: &Context, schemas: &T) -> Taken
where
    S: CircleStore,
    T: Schemas,
{
    if is_known(store, offered, ctx.epoch) {
        return Taken::Known { sequence: store.head() };
    }
    let change = as_change(store, offered, ctx.epoch);
    let sequence = store.head() + 1;
    store.set_head(sequence);
    let mut stored = store.take_part(offered.part);
    if stored.first_seq == 0 {
        stored.first_seq = sequence;
        stored.type_number = offered.type_number;
        stored.class = schemas.class(offered.type_number);
    }
    stored.seq = sequence;
    let before = digest::contribution(&ctx.digest_key, offered.part.record, &stored.part);
    let origin = crate::Origin { dot: offered.dot, clock: offered.clock, author: offered.author, earlier: &[] };
    let mut live = false;
    for write in &offered.writes {
        live |= stored.part.offer(origin, write, &KnownIn::new(store));
    }
    let after = digest::contribution(&ctx.digest_key, offered.part.record, &stored.part);
    let cell = Cell { label: offered.part.label, class: stored.class };
    let sum = store.digest(cell).wrapping_sub(before).wrapping_add(after);
    store.set_digest(cell, sum);
    store.put_part(offered.part, stored);
    store.add_renumbered(offered.dot, &offered.mac, change.dot);
    store.set_chain(change.dot.replica, ChainPoint { counter: change.dot.counter, mac: offered.mac });
    let verdict = Verdict::Accepted { sequence, clock_lowered: false, out_of_range: false };
    store.keep(change.dot, &Kept { mac: offered.mac, verdict }, Some(&change));
    if live { Taken::Live { sequence } } else { Taken::History { sequence } }
}

/// The taking back as it stands in the history: by its author, with the number that it had.
pub fn as_change<S: CircleStore>(store: &S, offered: &Offered, epoch: u32) -> Change {
    let replica = Replica::server(epoch);
    let part = PartWrite { part: offered.part, type_number: offered.type_number, writes: offered.writes.clone() };
    Change {
        dot: Dot { replica, counter: store.chain(replica).counter + 1 },
        clock: offered.clock,
        author: offered.author,
        base: store.head(),
        earlier: vec![offered.dot],
        parts: vec![part],
        note: Note { reason: Box::default(), resolves: false },
    }
}
