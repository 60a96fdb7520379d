//! The life of an alert (care specification, 6.1): one open alert per rule, subject and discriminator; when it is raised
//! again; when it goes to the next in line. Pure: server and phone say the same of the same records.
//!
//! An alert is a record per revision, never written again. What people say to it are records of its own: who has seen it
//! (per person and revision), how it was closed. [`Alerts`] reads them all; [`Alerts::next`] says whether what a rule
//! found now is news.

mod standing;

use std::collections::BTreeSet;

use osteon_sync_core::{Dot, RecordId};

pub use standing::{ACKNOWLEDGEMENT, ALERT, Alerts, CLOSURE, Raised};

use crate::{
    facts::HOUR_MS,
    rules::{Fires, Severity, Subject},
};

/// One alert of a circle: what stays the same over its revisions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    pub rule: String,
    /// The record that it is about; of the whole person: the care circle.
    pub subject: RecordId,
    /// Never empty: "-" where the rule has none.
    pub discriminator: String,
}

/// A record that a rule rests on, in the state that its newest change left it in.
pub type Behind = (RecordId, Dot);

/// Why a revision was raised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    New,
    /// It became more severe.
    Worse,
    /// Another sign joined it, or another entry of an emergency.
    NewSign,
    /// Seen long ago, and still so.
    StillTrue,
    /// Closed, and something changed since.
    Again,
    /// Nobody has seen it for its time.
    Escalated,
}

impl Cause {
    /// For a machine.
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::NewSign => "new_sign",
            Self::StillTrue => "still_true",
            Self::Again => "again",
            Self::Escalated => "escalated",
        }
    }
}

/// A revision that is to be raised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    pub revision: u32,
    /// The revision before it.
    pub supersedes: Option<RecordId>,
    pub cause: Cause,
    /// How often it went to the next in line.
    pub step: u32,
    /// Never lowered.
    pub severity: Severity,
}

/// Entries that happened longer ago than this are not announced where all of a circle is looked at again (a new rule set,
/// a first look): they are, by [`crate::rules::evaluate_changed`], when they arrive.
pub const LOOK_BACK_D: i32 = 30;

/// Fills of the texts that list signs: another one in them is news.
const SIGNS: [&str; 3] = ["signs", "features", "x"];

/// The signs that a finding names.
pub fn signs(fires: &Fires) -> BTreeSet<String> {
    let listed = SIGNS.iter().filter_map(|name| fires.fill.get(name));
    listed.flat_map(|text| text.split(", ")).filter(|sign| !sign.is_empty()).map(str::to_owned).collect()
}

/// After this long since somebody saw it, one that is still true is raised again; None: not by time alone.
pub fn again_after_ms(severity: Severity) -> Option<i64> {
    match severity {
        Severity::Emergency => None,
        Severity::Urgent => Some(24 * HOUR_MS),
        Severity::Soon | Severity::Info => Some(72 * HOUR_MS),
    }
}

impl Alerts {
    /// What a rule found now, as a revision to raise; None: it stands already, or was closed and nothing changed.
    /// `is_news`: whether something of a record that an alert rests on came after a time, in milliseconds since 1970.
    pub fn next(
        &self,
        key: &Key,
        fires: &Fires,
        behind: &BTreeSet<Behind>,
        now_ms: i64,
        is_news: &dyn Fn(RecordId, i64) -> bool,
    ) -> Option<Next> {
        let Some(last) = self.newest(key) else {
            return Some(Next { revision: 1, supersedes: None, cause: Cause::New, step: 0, severity: fires.severity });
        };
        let cause = self.news(last, fires, behind, now_ms, is_news)?;
        // What was closed begins again at what it is now; what is open is never lowered.
        let severity = if cause == Cause::Again { fires.severity } else { fires.severity.max(last.severity) };
        Some(self.after(last, cause, severity))
    }

    fn after(&self, last: &Raised, cause: Cause, severity: Severity) -> Next {
        let step = if cause == Cause::Escalated { last.step + 1 } else { 0 };
        Next { revision: last.revision + 1, supersedes: Some(last.record), cause, step, severity }
    }

    fn news(
        &self,
        last: &Raised,
        fires: &Fires,
        behind: &BTreeSet<Behind>,
        now_ms: i64,
        is_news: &dyn Fn(RecordId, i64) -> bool,
    ) -> Option<Cause> {
        if fires.severity > last.severity {
            return Some(Cause::Worse);
        }
        if !signs(fires).is_subset(&last.signs) {
            return Some(Cause::NewSign);
        }
        if let Some(closed_ms) = self.closed(last) {
            // Whoever closed it knew what was written until then.
            let since = behind.difference(&last.behind).any(|(record, _)| is_news(*record, closed_ms));
            return since.then_some(Cause::Again);
        }
        if last.severity == Severity::Emergency && behind.iter().any(|(record, _)| !last.rests_on(*record)) {
            return Some(Cause::NewSign);
        }
        // An entry stays what it was. What goes on is told again: by itself, or where another entry of the person says so.
        let seen_ms = self.seen(last)?;
        let of_person = fires.key.subject == Subject::Person;
        if fires.happened.is_some_and(|(at, _)| !of_person || at.ms <= seen_ms) {
            return None;
        }
        let again = again_after_ms(last.severity)?;
        (now_ms.saturating_sub(seen_ms) >= again).then_some(Cause::StillTrue)
    }

    /// The next in line is told of an alert that nobody has seen. `due`: when a revision that was raised at a time, with a
    /// severity and after so many steps, goes on.
    pub fn escalate(&self, now_ms: i64, due: impl Fn(&Raised) -> Option<i64>) -> impl Iterator<Item = (&Raised, Next)> {
        let unseen = self.open().filter(|raised| self.seen(raised).is_none());
        let late = unseen.filter(move |raised| due(raised).is_some_and(|at_ms| at_ms <= now_ms));
        late.map(|raised| (raised, self.after(raised, Cause::Escalated, raised.severity)))
    }
}
