//! How this phone stands: what the core's own status says, for a screen of an app.

use osteon_client::status::{self as core, Stale};

use crate::events::count;

/// The way to the server.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Reach {
    /// The owner switched the network off.
    Off,
    /// Nobody has tried yet.
    Unknown,
    /// It answered last.
    Reached,
    /// It did not: `last_error` says why.
    Failing,
}

/// One circle on this phone.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct CircleStanding {
    pub circle: u64,
    pub short_id: String,
    /// Everything that this phone is to hold is here, as of the last page.
    pub up_to_date: bool,
    /// When that was so last (milliseconds since 1970); 0: never.
    pub up_to_date_ms: u64,
    pub records: u32,
    /// Since when the clinic's warnings are late, as the server said last; `None`: they are not.
    pub warnings_late_since_ms: Option<u64>,
}

/// What became of a database that was found damaged.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Damage {
    pub at_ms: u64,
    /// Unsent entries that could be read, and that are known to be lost.
    pub recovered: u32,
    pub unsent_lost: u32,
    /// Whether more were lost nobody can tell.
    pub outbox_lost: bool,
}

/// What is where. It holds no value of an entry.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Status {
    /// Changes that wait to be sent, and when the oldest was made (milliseconds since 1970).
    pub to_send: u32,
    /// Photos and papers that are on this phone and nowhere else yet.
    pub attachments_to_send: u32,
    pub oldest_ms: Option<u64>,
    /// Until when the server asked to wait.
    pub later_until_ms: Option<u64>,
    /// Refused, kept as drafts.
    pub drafts: u32,
    /// Waiting for a person of the team.
    pub held: u32,
    /// Outcomes that the app was not told yet, and those of them that need a person.
    pub outcomes: u32,
    pub outcomes_to_look_at: u32,
    /// 0: never.
    pub last_sent_ms: u64,
    pub last_heard_ms: u64,
    pub offline: bool,
    pub reach: Reach,
    /// What did not work last, in words; `None`: the server has answered since.
    pub last_error: Option<String>,
    pub circles: Vec<CircleStanding>,
    pub rules_version: u32,
    /// What this phone says may be behind its clinic: the app is to be updated.
    pub rules_stale: bool,
    /// Server time minus this phone's, where it is more than a few minutes.
    pub clock_off_ms: Option<i64>,
    pub damage: Option<Damage>,
    /// Notices of the account that nobody has acknowledged.
    pub notices: u32,
    /// The clinic told this phone to leave; it has left.
    pub leaving: bool,
    pub left: bool,
}

impl From<core::Reach> for Reach {
    fn from(reach: core::Reach) -> Self {
        match reach {
            core::Reach::Off { .. } => Self::Off,
            core::Reach::Unknown => Self::Unknown,
            core::Reach::Reached => Self::Reached,
            core::Reach::Failing { .. } => Self::Failing,
        }
    }
}

impl From<core::CircleStatus> for CircleStanding {
    fn from(circle: core::CircleStatus) -> Self {
        Self {
            circle: circle.circle,
            short_id: circle.short_id,
            up_to_date: circle.up_to_date,
            up_to_date_ms: circle.up_to_date_ms,
            records: count(circle.records),
            warnings_late_since_ms: circle.late.map(|late| late.since_ms),
        }
    }
}

impl From<core::Damage> for Damage {
    fn from(damage: core::Damage) -> Self {
        let core::Damage { at_ms, recovered, unsent_lost, outbox_lost } = damage;
        Self { at_ms, recovered, unsent_lost, outbox_lost }
    }
}

impl From<core::Status> for Status {
    fn from(status: core::Status) -> Self {
        Self {
            to_send: count(status.to_send),
            attachments_to_send: count(status.attachments_to_send),
            oldest_ms: status.oldest_ms,
            later_until_ms: status.later_until_ms,
            drafts: count(status.drafts.len()),
            held: count(status.held),
            outcomes: count(status.outcomes),
            outcomes_to_look_at: count(status.outcomes_to_look_at),
            last_sent_ms: status.server.last_sent_ms,
            last_heard_ms: status.server.last_heard_ms,
            offline: matches!(status.server.reach, core::Reach::Off { .. }),
            reach: status.server.reach.into(),
            last_error: status.server.last_error,
            circles: status.circles.into_iter().map(Into::into).collect(),
            rules_version: status.rules.version,
            rules_stale: matches!(status.rules.stale, Some(Stale::Rules { .. } | Stale::Table { .. })),
            clock_off_ms: status.clock_off_ms,
            damage: status.damage.map(Into::into),
            notices: status.notices,
            leaving: status.leaving,
            left: status.left,
        }
    }
}
