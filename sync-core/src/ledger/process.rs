//! One change: where it stands in its chain, whether it may be, and its effect, all or nothing.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    ChainPoint, CircleStore, Kept, KnownIn, Mac, Macs, Reason, Schemas, Verdict, Violation,
    checks::{self, Obstacle},
    reason, renumber,
    store::Cell,
};
use crate::{
    Change, Clock, Dot, digest,
    faults::{Fault, Faults},
};

/// A clock further ahead than this is lowered to the server's time.
pub const MAX_CLOCK_AHEAD_MS: u64 = 5 * 60 * 1000;

/// What a change that is skipped counts as: it has no content.
pub const SKIP_MAC: Mac = [0; 16];

/// What does not depend on the change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    pub now_ms: u64,
    pub epoch: u32,
    /// Given with LATER.
    pub retry_after_ms: u64,
    /// The circle's key of the digests.
    pub digest_key: [u8; 16],
    pub faults: Faults,
}

/// What the rules say about a change: role, consent, writers, constraints, limits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    Accept {
        out_of_range: bool,
    },
    Refuse {
        reason: Reason,
        violations: Vec<Violation>,
    },
    Quarantine {
        reason: Reason,
    },
    /// Not now (an internal error): nothing is decided, the lane waits.
    Later {
        reason: Reason,
    },
}

/// `fresh`: the store was changed by this call. The parts of an accepted, fresh change have its sequence now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub verdict: Verdict,
    pub fresh: bool,
}

impl Outcome {
    fn old(verdict: Verdict) -> Self {
        Self { verdict, fresh: false }
    }
}

/// Processes `change`, whose content has the MAC `mac` under its replica's chain key. The clock of a change that is
/// too far ahead is lowered in place. `check` is asked once, and only for a change that is next in its chain, was not
/// processed under another number, and names nothing unknown. Where it refuses, that is the answer, whatever else stands in
/// the way: whoever may not write there learns nothing of what is there.
pub fn process<S, M, T>(
    store: &mut S,
    change: &mut Change,
    mac: Mac,
    ctx: &Context,
    macs: &M,
    schemas: &T,
    check: &mut dyn FnMut(&Change, &S) -> Decision,
) -> Outcome
where
    S: CircleStore,
    M: Macs,
    T: Schemas,
{
    if let Some(verdict) = place(store, change.dot, &mac, ctx) {
        return Outcome::old(verdict);
    }
    let earlier = renumber::earlier_macs(store, change, macs);
    renumber::resolve_names(store, change);
    if let Some(outcome) = same_content(store, change, &mac, &earlier) {
        return outcome;
    }
    // A number that somebody else's change was processed under names that one.
    change.earlier.retain(|e| renumber::names_nothing_else(store, *e));
    let clock_lowered = lower_clock(&mut change.clock, ctx.now_ms);
    let decision = match checks::check(store, change, ctx, schemas) {
        Err(Obstacle::Wait) => return Outcome::old(later(ctx, Cow::Borrowed(reason::WAITS_FOR_OTHER_LANE))),
        Err(Obstacle::Refuse { reason, violations }) => Decision::Refuse { reason, violations },
        Err(Obstacle::Stands { reason, violations }) => match check(change, store) {
            refused @ Decision::Refuse { .. } => refused,
            _ => Decision::Refuse { reason, violations },
        },
        Ok(()) if change.parts.iter().any(|p| store.moved(p.part.record)) => {
            Decision::Quarantine { reason: Cow::Borrowed(reason::MOVED_RECORD) }
        }
        Ok(()) => check(change, store),
    };
    let verdict = match decision {
        Decision::Later { reason } => return Outcome::old(later(ctx, reason)),
        Decision::Accept { out_of_range } => {
            let sequence = apply(store, change, schemas, ctx);
            Verdict::Accepted { sequence, clock_lowered, out_of_range }
        }
        Decision::Refuse { reason, violations } => {
            for write in change.parts.iter().filter(|w| checks::creates(w)) {
                store.add_refused_creation(write.part.record);
            }
            Verdict::Refused { reason, violations }
        }
        Decision::Quarantine { reason } => Verdict::Quarantined { id: store.quarantine(change, &reason), reason },
    };
    if ctx.faults.has(Fault::ChainNotAdvancedOnRefusal) && matches!(verdict, Verdict::Refused { .. }) {
        return Outcome { verdict, fresh: true };
    }
    renumber::file(store, change.dot, &earlier);
    finish(store, change.dot, &mac, verdict, Some(change))
}

/// A change that cannot be processed, however often it is tried: it waits for a person, and its lane goes on. Nothing that it
/// writes to is looked at.
pub fn set_aside<S, M>(store: &mut S, change: &mut Change, mac: Mac, ctx: &Context, macs: &M, reason: Reason) -> Outcome
where
    S: CircleStore,
    M: Macs,
{
    if let Some(verdict) = place(store, change.dot, &mac, ctx) {
        return Outcome::old(verdict);
    }
    let earlier = renumber::earlier_macs(store, change, macs);
    if let Some(outcome) = same_content(store, change, &mac, &earlier) {
        return outcome;
    }
    lower_clock(&mut change.clock, ctx.now_ms);
    let verdict = Verdict::Quarantined { id: store.quarantine(change, &reason), reason };
    renumber::file(store, change.dot, &earlier);
    finish(store, change.dot, &mac, verdict, Some(change))
}

/// A number that its device gave and cannot, or must not, supply. It may name a change that was numbered again.
pub fn skip<S: CircleStore>(store: &mut S, dot: Dot) -> Outcome {
    let next = store.chain(dot.replica).counter + 1;
    if dot.counter > next {
        return Outcome::old(Verdict::Gap { resend_from: next });
    }
    if dot.counter < next {
        return Outcome::old(store.kept(dot).map_or(Verdict::Skipped, |kept| kept.verdict));
    }
    if store.owner(dot.replica).is_some_and(|o| o.retired) {
        return Outcome::old(Verdict::Forked { counter: dot.counter });
    }
    store.add_renumbered(dot, &SKIP_MAC, dot);
    finish(store, dot, &SKIP_MAC, Verdict::Skipped, None)
}

/// The verdict that the chain alone gives; `None`: the change is the next one and new.
fn place<S: CircleStore>(store: &S, dot: Dot, mac: &Mac, ctx: &Context) -> Option<Verdict> {
    let chain = store.chain(dot.replica);
    if dot.counter > chain.counter + 1 {
        return Some(Verdict::Gap { resend_from: chain.counter + 1 });
    }
    let forked = Verdict::Forked { counter: dot.counter };
    if dot.counter <= chain.counter {
        if ctx.faults.has(Fault::VerdictNotKept) {
            let accepted = Verdict::Accepted { sequence: store.head(), clock_lowered: false, out_of_range: false };
            return Some(accepted);
        }
        return Some(match store.kept(dot) {
            Some(kept) if kept.mac == *mac => kept.verdict,
            _ => forked,
        });
    }
    let retired = store.owner(dot.replica).is_some_and(|o| o.retired);
    (retired || store.has_aliases() && store.canonical(dot) != dot).then_some(forked)
}

/// A change that was processed under another number gets the verdict of that one, and no second effect.
fn same_content<S: CircleStore>(store: &mut S, change: &Change, mac: &Mac, earlier: &[(Dot, Mac)]) -> Option<Outcome> {
    let (applied, kept) = renumber::processed_before(store, earlier)?;
    renumber::add_number(store, change, earlier, applied);
    Some(finish(store, change.dot, mac, kept.verdict, None))
}

fn finish<S: CircleStore>(store: &mut S, dot: Dot, mac: &Mac, verdict: Verdict, change: Option<&Change>) -> Outcome {
    let kept = Kept { mac: *mac, verdict };
    store.set_chain(dot.replica, ChainPoint { counter: dot.counter, mac: *mac });
    store.keep(dot, &kept, change);
    Outcome { verdict: kept.verdict, fresh: true }
}

fn later(ctx: &Context, reason: Reason) -> Verdict {
    Verdict::Later { retry_after_ms: ctx.retry_after_ms, reason }
}

fn lower_clock(clock: &mut Clock, now_ms: u64) -> bool {
    let ahead = clock.ms > now_ms.saturating_add(MAX_CLOCK_AHEAD_MS);
    if ahead {
        *clock = Clock { ms: now_ms, logical: 0 };
    }
    ahead
}

/// The commit gives its sequence to every part that it writes, also where nothing becomes live.
fn apply<S: CircleStore, T: Schemas>(store: &mut S, change: &Change, schemas: &T, ctx: &Context) -> u64 {
    let sequence = store.head() + 1;
    store.set_head(sequence);
    for write in &change.parts {
        let mut stored = store.take_part(write.part);
        if stored.first_seq == 0 {
            stored.first_seq = sequence;
            stored.type_number = write.type_number;
            stored.class = schemas.class(write.type_number);
        }
        stored.seq = sequence;
        let before = digest::contribution(&ctx.digest_key, write.part.record, &stored.part);
        stored.part.merge(change.origin(), &write.writes, &KnownIn::with(store, ctx.faults));
        let after = digest::contribution(&ctx.digest_key, write.part.record, &stored.part);
        let cell = Cell { label: write.part.label, class: stored.class };
        let sum = store.digest(cell).wrapping_sub(before).wrapping_add(after);
        store.set_digest(cell, sum);
        store.put_part(write.part, stored);
    }
    sequence
}
