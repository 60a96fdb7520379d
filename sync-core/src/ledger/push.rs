//! A lane's changes, in order, up to the first verdict that is not final.

use alloc::{borrow::Cow, vec::Vec};

use super::{CircleStore, Context, Decision, Mac, Macs, Outcome, Schemas, Verdict, process, process::skip, reason};
use crate::{Change, Dot};

/// One place in a lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    Change(Change),
    Skip(Dot),
}

/// A change with the MAC of its content under its replica's chain key (computed by the server, never sent).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PushItem {
    pub item: Item,
    pub mac: Mac,
}

impl Item {
    pub fn dot(&self) -> Dot {
        match self {
            Self::Change(change) => change.dot,
            Self::Skip(dot) => *dot,
        }
    }
}

/// Processes `items` until one gets a verdict that is not final. `builds_on` is what they build on in the author's
/// other lane: not arrived, LATER; other content, FORKED. After the push, changes that were accepted have lowered clocks
/// and resolved names.
pub fn push<S, M, T>(
    store: &mut S,
    items: &mut [PushItem],
    builds_on: &[(Dot, Mac)],
    ctx: &Context,
    macs: &M,
    schemas: &T,
    check: &mut dyn FnMut(&Change, &S) -> Decision,
) -> Vec<Outcome>
where
    S: CircleStore,
    M: Macs,
    T: Schemas,
{
    let mut outcomes = Vec::with_capacity(items.len());
    for it in items {
        // A change with a kept verdict gets it again, whatever became of the other lane.
        let dot = it.item.dot();
        let new = dot.counter > store.chain(dot.replica).counter;
        let outcome = match (new.then(|| other_lane(store, dot, builds_on, ctx)).flatten(), &mut it.item) {
            (Some(verdict), _) => Outcome { verdict, fresh: false },
            (None, Item::Skip(dot)) => skip(store, *dot),
            (None, Item::Change(change)) => process(store, change, it.mac, ctx, macs, schemas, check),
        };
        let ends = !outcome.verdict.is_final();
        outcomes.push(outcome);
        if ends {
            break;
        }
    }
    outcomes
}

fn other_lane<S: CircleStore>(store: &S, dot: Dot, builds_on: &[(Dot, Mac)], ctx: &Context) -> Option<Verdict> {
    builds_on.iter().find_map(|(other, mac)| {
        let arrived = other.counter <= store.chain(other.replica).counter;
        match store.kept(*other) {
            Some(kept) if kept.mac == *mac => None,
            Some(_) => Some(Verdict::Forked { counter: dot.counter }),
            None if arrived => None,
            None => Some(Verdict::Later {
                retry_after_ms: ctx.retry_after_ms,
                reason: Cow::Borrowed(reason::WAITS_FOR_OTHER_LANE),
            }),
        }
    })
}
