//! Verdicts: as the ledger gives them, as they go over the wire, as they are kept.

use std::borrow::Cow;

use osteon_proto::{sync, sync::verdict::Verdict as Wire, wire};
use osteon_sync_core::{
    Author, Change, Dot, RecordId, Role as CoreRole,
    ledger::{Reason, Verdict, Violation},
};
use prost::Message;

use crate::store::{LogRow, StoreError};

/// What the log keeps of a change (sealed at rest).
#[derive(Clone, PartialEq, prost::Message)]
pub struct Content {
    #[prost(message, optional, tag = "1")]
    pub change: Option<sync::Change>,
    #[prost(message, optional, tag = "2")]
    pub verdict: Option<sync::Verdict>,
    #[prost(uint64, tag = "3")]
    pub base: u64,
    /// The record that the one that is written was before it was moved; empty: none.
    #[prost(bytes = "vec", tag = "4")]
    pub moved_from: Vec<u8>,
    /// Of a change that took over a waiting one.
    #[prost(message, optional, tag = "10")]
    pub behalf: Option<KeptBehalf>,
    /// Of a waiting change: what a person decided.
    #[prost(message, optional, tag = "11")]
    pub decided: Option<Decided>,
    /// What it wrote to these records was destroyed.
    #[prost(message, repeated, tag = "12")]
    pub redacted: Vec<Redacted>,
}

/// Who destroyed the content of a version, and why.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Redacted {
    /// 0: the server, after a restore.
    #[prost(uint64, tag = "1")]
    pub account: u64,
    #[prost(uint64, tag = "2")]
    pub at_ms: u64,
    #[prost(string, tag = "3")]
    pub reason: String,
    /// The commit that did it.
    #[prost(uint64, tag = "4")]
    pub sequence: u64,
    #[prost(bytes = "vec", tag = "5")]
    pub record: Vec<u8>,
}

impl Content {
    pub fn of(row: &LogRow) -> Result<Self, StoreError> {
        Self::decode(row.content.as_slice()).map_err(|_| StoreError::Corrupt { table: "log", column: "content" })
    }

    /// The change as it was applied; `None`: the row keeps none, or none that this version reads.
    pub fn applied(&self, row: &LogRow) -> Option<Change> {
        let from = wire::change::From { dot: row.dot, author: row.author, base: self.base };
        let change = wire::change::to_core(self.change.as_ref()?, from).ok()?;
        Some(Change { clock: row.clock, ..change })
    }

    /// The row with this in place of what it kept.
    pub fn kept_in(&self, row: LogRow) -> LogRow {
        LogRow { content: self.encode_to_vec(), ..row }
    }

    /// The redaction of what the change wrote to a record.
    pub fn redacted(&self, record: RecordId) -> Option<&Redacted> {
        self.redacted.iter().find(|redacted| redacted.record == record.0)
    }
}

/// On whose behalf a change was written: the author of a waiting change that somebody took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behalf {
    pub author: Author,
    /// The number under which they sent it.
    pub origin: Dot,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct KeptBehalf {
    #[prost(uint64, tag = "1")]
    pub account: u64,
    #[prost(uint32, tag = "2")]
    pub role: u32,
    #[prost(message, optional, tag = "3")]
    pub origin: Option<sync::Dot>,
}

impl From<Behalf> for KeptBehalf {
    fn from(behalf: Behalf) -> Self {
        let Author { account, role } = behalf.author;
        Self { account, role: u32::from(role.0), origin: Some(wire::to_dot(behalf.origin)) }
    }
}

impl KeptBehalf {
    pub fn open(&self) -> Option<Behalf> {
        let role = CoreRole(u8::try_from(self.role).ok()?);
        Some(Behalf { author: Author { account: self.account, role }, origin: self.origin.as_ref().map(wire::dot)? })
    }
}

/// What became of a waiting change. Its verdict stays QUARANTINED: the same change sent again gets the same one.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Decided {
    /// The commit of the change that took it over; 0: rejected.
    #[prost(uint64, tag = "1")]
    pub sequence: u64,
    #[prost(uint64, tag = "2")]
    pub account: u64,
    #[prost(uint64, tag = "3")]
    pub at_ms: u64,
    /// The words of whoever rejected it.
    #[prost(string, tag = "4")]
    pub words: String,
}

/// The change without what the log's row has in columns of its own.
pub fn stored_change(change: &Change) -> sync::Change {
    let mut stored = wire::change::to_wire(change, change.base);
    (stored.clock_ms, stored.clock_logical) = (0, 0);
    stored
}

/// Number of a final verdict in the log.
pub fn number(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Accepted { .. } => 1,
        Verdict::Refused { .. } => 2,
        Verdict::Quarantined { .. } => 3,
        Verdict::Skipped => 4,
        Verdict::Later { .. } | Verdict::Gap { .. } | Verdict::Forked { .. } => 0,
    }
}

pub fn to_wire(dot: Dot, verdict: &Verdict) -> sync::Verdict {
    let verdict = match verdict {
        Verdict::Accepted { sequence, clock_lowered, out_of_range } => Wire::Accepted(sync::verdict::Accepted {
            sequence: *sequence,
            clock_lowered: *clock_lowered,
            out_of_range: *out_of_range,
        }),
        Verdict::Refused { reason, violations } => Wire::Refused(sync::verdict::Refused {
            reason: reason.to_string(),
            violations: violations
                .iter()
                .map(|v| sync::FieldViolation { field: v.path.clone(), reason: v.reason.to_string() })
                .collect(),
        }),
        Verdict::Quarantined { id, reason } => {
            Wire::Quarantined(sync::verdict::Quarantined { id: *id, reason: reason.to_string() })
        }
        Verdict::Skipped => Wire::Skipped(sync::verdict::Skipped {}),
        Verdict::Later { retry_after_ms, reason } => {
            Wire::Later(sync::verdict::Later { retry_after_ms: *retry_after_ms, reason: reason.to_string() })
        }
        Verdict::Gap { resend_from } => Wire::Gap(sync::verdict::Gap { resend_from: *resend_from }),
        Verdict::Forked { counter } => Wire::Forked(sync::verdict::Forked { counter: *counter }),
    };
    sync::Verdict { counter: dot.counter, verdict: Some(verdict) }
}

/// A kept, final verdict. `None`: the row does not decode.
pub fn from_content(content: &[u8]) -> Option<Verdict> {
    let reason = |text: String| -> Reason { Cow::Owned(text) };
    Some(match Content::decode(content).ok()?.verdict?.verdict? {
        Wire::Accepted(a) => {
            Verdict::Accepted { sequence: a.sequence, clock_lowered: a.clock_lowered, out_of_range: a.out_of_range }
        }
        Wire::Refused(r) => Verdict::Refused {
            reason: reason(r.reason),
            violations: r
                .violations
                .into_iter()
                .map(|v| Violation { path: v.field, reason: reason(v.reason) })
                .collect(),
        },
        Wire::Quarantined(q) => Verdict::Quarantined { id: q.id, reason: reason(q.reason) },
        Wire::Skipped(_) => Verdict::Skipped,
        Wire::Later(_) | Wire::Gap(_) | Wire::Forked(_) => return None,
    })
}
