//! Names of changes, and the clock that only breaks ties.

use core::fmt;

/// A source of changes that can write offline: one lane of one installation, or the server itself (`n` = 0).
/// Given by the server, never reused. A new epoch (a restored server) gives everybody new numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Replica {
    pub epoch: u32,
    pub n: u32,
}

/// Names one change of one circle. The counter is dense per circle and replica: 1, 2, 3 …
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Dot {
    pub replica: Replica,
    pub counter: u64,
}

/// Hybrid logical clock: milliseconds since 1970 and a counter within one. An attribute of a change;
/// it decides only between versions that had not seen each other (law I4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Clock {
    pub ms: u64,
    pub logical: u32,
}

impl Replica {
    /// The server's own replica of a circle in `epoch`: rules, portal, grpcurl write under it.
    pub const fn server(epoch: u32) -> Self {
        Self { epoch, n: 0 }
    }
}

impl Dot {
    pub const fn new(epoch: u32, n: u32, counter: u64) -> Self {
        Self { replica: Replica { epoch, n }, counter }
    }
}

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}:{}", self.replica.epoch, self.replica.n, self.counter)
    }
}
