//! Hello: where the lanes of a device stand in this circle, and the first number that somebody else used.

use alloc::vec::Vec;

use super::{ChainPoint, CircleStore, Mac};
use crate::{Dot, Replica};

/// What a device says of one of its lanes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LanePosition {
    pub replica: Replica,
    /// The highest counter that the device has given.
    pub last: u64,
    /// (counter, MAC) of its unacknowledged and kept changes. Ascending.
    pub changes: Vec<(u64, Mac)>,
}

/// What the server answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LaneState {
    pub replica: Replica,
    pub chain: ChainPoint,
    /// The first counter under which the server knows other content, which the device never gave, or which the server
    /// takes no more (a clone has got new numbers).
    pub forked: Option<u64>,
}

/// Compares one lane.
pub fn compare<S: CircleStore>(store: &S, position: &LanePosition) -> LaneState {
    let chain = store.chain(position.replica);
    let other_content = position.changes.iter().find(|(counter, mac)| {
        let dot = Dot { replica: position.replica, counter: *counter };
        *counter <= chain.counter && store.kept(dot).is_some_and(|kept| kept.mac != *mac)
    });
    let taken = position.changes.iter().find(|(counter, _)| {
        let dot = Dot { replica: position.replica, counter: *counter };
        *counter > chain.counter && store.has_aliases() && store.canonical(dot) != dot
    });
    let behind = (chain.counter > position.last).then_some(position.last + 1);
    let retired = store.owner(position.replica).is_some_and(|o| o.retired).then_some(chain.counter + 1);
    let known = other_content.or(taken).map(|(counter, _)| *counter);
    let forked = known.into_iter().chain(behind).chain(retired).min();
    LaneState { replica: position.replica, chain, forked }
}
