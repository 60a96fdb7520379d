//! What rows say: the words that the stores and whoever asks them share. No key, no column.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Author, Clock, Dot, Part, RecordId, Replica};

use super::{AccountNo, CircleNo, DeviceNo, StoreError, UnixMs};

/// The head of a circle: one row, read and written once per circle and transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CircleRow {
    pub circle: CircleNo,
    pub clinic: u64,
    pub short_id: String,
    /// The last sequence that was given.
    pub head: u64,
    /// Moves whenever the access state changes. A Permit or cursor that names another one is decided again.
    pub access_generation: u64,
    /// Sequence that is inside the oldest backup that may still be restored.
    pub safe_upto: u64,
    /// The last quarantine id that was given.
    pub quarantined: u64,
    /// Which rows the circle has that most have not ([`marks`]); [`Working`] keeps it.
    pub marks: u8,
    /// Last processed counter and its MAC, per replica: the circle's version vector.
    pub chains: BTreeMap<Replica, ChainHead>,
    /// Digest per cell: sum mod 2^128.
    pub digests: BTreeMap<CellKey, u128>,
    /// Four bytes that name the commit at `head`: a database file that was copied back is noticed by its cursors.
    pub head_mark: u32,
    /// Parts (record, label) with an open review: the inbox.
    pub reviews: BTreeSet<(RecordId, u64)>,
}

/// Bits of [`CircleRow::marks`]: what need not be looked for while a bit is 0.
pub mod marks {
    pub const ALIASES: u8 = 1;
    pub const RENUMBERED: u8 = 2;
    pub const REFUSED_CREATIONS: u8 = 4;
    pub const TOMBSTONES: u8 = 8;
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainHead {
    pub counter: u64,
    pub mac: [u8; 16],
    /// The author behind the replica, as of its last change.
    pub account: AccountNo,
}

/// A label and a priority class (docs/architecture.md, "Cells").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    pub label: u64,
    pub class: u8,
}

/// The merged state of one part, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    pub record: RecordId,
    pub label: u64,
    pub class: u8,
    pub type_number: u32,
    /// Sequence of the last commit that wrote it, and of the first.
    pub seq: u64,
    pub first_seq: u64,
    /// When it happened to the person (the type's time field), for lists; 0 if the type has none.
    pub time_ms: UnixMs,
    /// The parent's record id, for child records.
    pub parent: Option<RecordId>,
    /// Canonical bytes of `osteon_sync_core::Part`.
    pub state: Vec<u8>,
    /// Dots of every accepted change that wrote this part, in order of arrival: where its history is found.
    pub history: Vec<Dot>,
}

impl PartRow {
    /// The state, decoded.
    pub fn part(&self) -> Result<Part, StoreError> {
        Part::decode(&self.state).map_err(|_| StoreError::Corrupt { table: "part", column: "state" })
    }

    /// What it takes of a page, about: its state, and what is said beside it.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.state.len() as u64 + 64
    }
}

/// What became of one change; kept for as long as the device may send it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Sequence of an accepted change; 0 for any other verdict.
    pub seq: u64,
    pub dot: Dot,
    pub mac: [u8; 16],
    pub clock: Clock,
    pub author: Author,
    pub device: DeviceNo,
    pub received_ms: UnixMs,
    /// 1 accepted, 2 refused, 3 quarantined, 4 skipped.
    pub verdict: u8,
    /// The verdict's details and the change's content, encoded by `app`; sealed at rest.
    pub content: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The circle, or the chain of a clinic ([`audit::clinic_chain`]).
    pub circle: CircleNo,
    pub at_ms: UnixMs,
    pub account: AccountNo,
    pub device: DeviceNo,
    /// Stable word, for example "push", "pull.open", "record.get".
    pub action: &'static str,
    pub record: Option<RecordId>,
    /// Category bits of the labels that were touched.
    pub categories: u32,
    /// First and last sequence, where the action has a range.
    pub from_seq: u64,
    pub to_seq: u64,
    pub count: u32,
    /// Stable word: "ok" or a reason.
    pub outcome: &'static str,
    pub request: u64,
}

/// When the rules of a circle are looked at next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RulesDue {
    pub at_ms: UnixMs,
    /// Since when its warnings are late.
    pub late_ms: Option<UnixMs>,
}

impl RulesDue {
    /// The sooner of both times; late as long as one says so.
    fn or_sooner(self, other: Self) -> Self {
        Self { at_ms: self.at_ms.min(other.at_ms), late_ms: self.late_ms.or(other.late_ms) }
    }
}

/// What a job says of when the rules of its circle are looked at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueWrite {
    /// By then; what is due sooner stays so, and what is late stays late: another node may have written it.
    By(RulesDue),
    /// Then: they were looked at.
    At(RulesDue),
}

impl DueWrite {
    pub(super) fn due(self) -> RulesDue {
        match self {
            Self::By(due) | Self::At(due) => due,
        }
    }

    /// What both jobs of a group say, this one first.
    pub(super) fn then(self, later: Self) -> Self {
        match (self, later) {
            (_, Self::At(_)) => later,
            (Self::At(due), Self::By(by)) => Self::At(due.or_sooner(by)),
            (Self::By(due), Self::By(by)) => Self::By(due.or_sooner(by)),
        }
    }

    /// What stands afterwards.
    pub(super) fn onto(self, stands: Option<RulesDue>) -> RulesDue {
        match (self, stands) {
            (Self::By(by), Some(stands)) => stands.or_sooner(by),
            (write, _) => write.due(),
        }
    }
}

/// A kept answer of an online write (AIP-155), for 24 hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    pub account: AccountNo,
    /// The caller's request id.
    pub request_id: [u8; 16],
    /// Hash of the request, so that another request under the same id is refused.
    pub fingerprint: [u8; 16],
    pub at_ms: UnixMs,
    /// Encoded answer; sealed at rest.
    pub answer: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TombstoneRow {
    pub record: RecordId,
    pub dot: Option<Dot>,
    pub seq: u64,
}

/// That a device was told to erase, and whether it did: the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasureRow {
    pub circle: CircleNo,
    pub device: DeviceNo,
    /// The head of the circle when it was told.
    pub seq: u64,
    pub account: AccountNo,
    /// How many cells.
    pub cells: u32,
    pub asked_ms: UnixMs,
    pub confirmed_ms: Option<UnixMs>,
}

/// How far a device has read a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRow {
    pub circle: CircleNo,
    pub device: DeviceNo,
    /// It holds everything that was committed up to here and that it may have; 0: nothing is known to be there.
    pub seq: u64,
    /// When it came.
    pub at_ms: UnixMs,
}

pub const MINUTE_MS: u64 = 60_000;
/// How long it is kept since when a device has held what it holds: as long as the feed.
pub const KEPT_REACHED_MINUTES: u64 = 90 * 24 * 60;

/// A silence of a device that is kept as one: none shorter keeps it from being heard on each civil day.
pub const SILENCE_MINUTES: u64 = 24 * 60;
/// How long it is kept when devices were heard: as far back as series are told.
pub const KEPT_HEARD_MINUTES: u64 = 1_831 * 24 * 60;

impl ReadRow {
    /// The minute of Unix time in which it came.
    pub fn minute(&self) -> u64 {
        self.at_ms / MINUTE_MS
    }
}

/// Whose replica it is, at this commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnerRow {
    pub account: AccountNo,
    pub device: DeviceNo,
    /// 1 ordinary, 2 urgent.
    pub lane: u8,
    pub retired: bool,
}

/// A change that waits for a person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    pub id: u64,
    pub dot: Dot,
    pub author: Author,
    pub received_ms: UnixMs,
    pub reason: String,
    /// The change, encoded by `app`; sealed at rest.
    pub content: Vec<u8>,
}

/// The access state of a circle, encoded by `access` (members, grants, generations), and who is a member:
/// the second is a projection that finds "my circles".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRow {
    pub generation: u64,
    pub state: Vec<u8>,
    /// (account, role number) of every current member.
    pub members: Vec<(AccountNo, u8)>,
}

/// An audit row as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number within the circle's audit: the cursor.
    pub no: u64,
    pub at_ms: UnixMs,
    pub account: AccountNo,
    pub device: DeviceNo,
    pub action: String,
    pub record: Option<RecordId>,
    pub categories: u32,
    pub from_seq: u64,
    pub to_seq: u64,
    pub count: u32,
    pub outcome: String,
    pub request: u64,
}
