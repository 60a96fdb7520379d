//! What became of a change. Final verdicts are kept: the same change sent again gets the same one.

use alloc::{borrow::Cow, string::String, vec::Vec};

/// HMAC-SHA256 over the canonical content of a change under its replica's chain key, cut to 16 bytes.
pub type Mac = [u8; 16];

/// A stable reason (docs/api.md).
pub type Reason = Cow<'static, str>;

/// Reasons that the ledger itself gives.
pub mod reason {
    pub const UNKNOWN_DOT: &str = "UNKNOWN_DOT";
    pub const TOO_MANY_VERSIONS: &str = "TOO_MANY_VERSIONS";
    pub const APPEND_ONLY: &str = "APPEND_ONLY_RECORD";
    pub const DEPENDS_ON_REFUSED: &str = "DEPENDS_ON_REFUSED";
    pub const MOVED_RECORD: &str = "MOVED_RECORD";
    /// Of QUARANTINED: the author may not know any more what they wrote.
    pub const LOST_RIGHT: &str = "LOST_RIGHT";
    pub const LEFT_CIRCLE: &str = "LEFT_CIRCLE";
    /// Of REFUSED: the circle was erased. Nothing of it is kept, on the device either.
    pub const ERASED: &str = "ERASED";
    /// Of a draft: it waited for a person, who decided against it.
    pub const QUARANTINE_REJECTED: &str = "QUARANTINE_REJECTED";
    /// Of LATER: what the change builds on in the other lane has not arrived.
    pub const WAITS_FOR_OTHER_LANE: &str = "WAITS_FOR_OTHER_LANE";
}

/// Which field, and why. `path` never holds a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    pub path: String,
    pub reason: Reason,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accepted {
        sequence: u64,
        clock_lowered: bool,
        out_of_range: bool,
    },
    Refused {
        reason: Reason,
        violations: Vec<Violation>,
    },
    Quarantined {
        id: u64,
        reason: Reason,
    },
    Skipped,
    /// Try again after this time; the rest of the lane waits too.
    Later {
        retry_after_ms: u64,
        reason: Reason,
    },
    /// The server waits for this counter.
    Gap {
        resend_from: u64,
    },
    /// The server knows other content under this counter.
    Forked {
        counter: u64,
    },
}

impl Verdict {
    /// Only a final verdict removes a change from the outbox; with it the chain has moved on.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::Refused { .. } | Self::Quarantined { .. } | Self::Skipped)
    }
}

/// A final verdict and the MAC of the content that it was given to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    pub mac: Mac,
    pub verdict: Verdict,
}
