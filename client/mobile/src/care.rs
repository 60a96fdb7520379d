//! What rules and plans say, on this phone, without a network. Decision support, never a diagnosis.

use osteon_care_core::rules::{Severity, State};
use osteon_client::care::{self, alerts::Open};

use crate::{error::id_text, events::count};

#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Urgency {
    Info,
    Soon,
    Urgent,
    /// Show it at once, full screen, with the number to call.
    Emergency,
}

impl From<Severity> for Urgency {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Soon => Self::Soon,
            Severity::Urgent => Self::Urgent,
            Severity::Emergency => Self::Emergency,
        }
    }
}

/// What a rule of this phone found.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Warning {
    pub rule: String,
    pub urgency: Urgency,
    /// For whoever looks.
    pub text: String,
    /// Entries that it rests on.
    pub behind: Vec<String>,
    /// Where the rule comes from, and how sure that is.
    pub source: String,
    pub source_state: String,
}

/// What the rules say. That nothing was found does not mean that all is well.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Findings {
    /// The most urgent first.
    pub warnings: Vec<Warning>,
    /// Rules that could not tell, and what they miss.
    pub cannot_tell: Vec<CannotTell>,
    /// The rules could not be asked.
    pub failed: bool,
}

#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct CannotTell {
    pub rule: String,
    pub missing: Vec<String>,
}

/// An open alert, of the server or of this phone alone.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct OpenAlert {
    /// `None`: on this phone alone so far.
    pub record_id: Option<String>,
    pub rule: String,
    pub urgency: Urgency,
    /// Empty: only that there is one, and whom to call.
    pub text: String,
    pub call: Vec<String>,
    /// When what it is about happened, milliseconds since 1970 UTC; `None`: nobody said.
    pub happened_ms: Option<i64>,
    pub late_days: u32,
    pub seen_by: u32,
}

/// Something to do on a day.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct DueTask {
    /// Its record, written or not.
    pub record_id: String,
    pub text: String,
    /// What to mind.
    pub notes: Vec<String>,
    /// Minutes after midnight; `None`: no time of the day.
    pub at_min: Option<u16>,
    pub done: bool,
    /// The person asks first: something stands against it that nobody has settled.
    pub ask_first: bool,
    pub unsent: bool,
}

impl From<care::Findings> for Findings {
    fn from(found: care::Findings) -> Self {
        let warning = |one: care::Finding| Warning {
            rule: one.key.rule.into(),
            urgency: one.severity.into(),
            text: one.text,
            behind: one.behind.into_iter().map(id_text).collect(),
            source: one.source,
            source_state: match one.state {
                State::Verified => "verified",
                State::Secondary => "secondary",
                State::Unverified => "unverified",
            }
            .into(),
        };
        let cannot = |one: care::CannotTell| CannotTell { rule: one.rule.into(), missing: one.missing };
        Self {
            failed: found.failed.is_some(),
            warnings: found.found.into_iter().map(warning).collect(),
            cannot_tell: found.cannot_tell.into_iter().map(cannot).collect(),
        }
    }
}

impl From<Open> for OpenAlert {
    fn from(open: Open) -> Self {
        let own = open.finding.map(|finding| finding.text);
        Self {
            record_id: open.record.map(id_text),
            rule: open.rule,
            urgency: open.severity.into(),
            text: own.filter(|text| !text.is_empty()).unwrap_or(open.words),
            call: open.call,
            happened_ms: open.happened_ms,
            late_days: open.late_days,
            seen_by: count(open.seen_by.len()),
        }
    }
}
