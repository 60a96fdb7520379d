//! The life of an alert (care specification, 6.1): one open alert per rule, subject and discriminator; when it is raised
//! again; when it goes to the next in line. Pure: server and phone say the same of the same records.
//!
//! An alert is a record per revision, never written again. What people say to it are records of its own: who has seen it
//! (per person and revision), how it was closed. [`Alerts`] reads them all; [`Alerts::next`] says whether what a rule
//! found now is news.

mod over;
mod says;
mod standing;

use std::collections::BTreeSet;

use osteon_sync_core::{Dot, RecordId};

pub use over::ENDS;
pub use says::{Says, Side, WORSE};
pub use standing::{ACKNOWLEDGEMENT, ALERT, Alerts, CLOSURE, Raised};

use crate::{
    facts::{DAY_MS, HOUR_MS},
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
    /// It became more severe, or a value that matters became worse.
    Worse,
    /// Another sign joined it, or another entry of an emergency.
    NewSign,
    /// Seen long ago, and still so.
    StillTrue,
    /// Closed, and something changed since.
    Again,
    /// Nobody has seen it for its time.
    Escalated,
    /// It says something else, and nothing worse: nobody is told anew, and what was said to the revision before it holds.
    Updated,
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
            Self::Updated => "updated",
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
    pub says: Says,
    /// What it rests on, at most [`MAX_BEHIND`].
    pub behind: BTreeSet<Behind>,
}

/// What is said anew and nothing worse waits so long after the revision before it: entries come in bursts, and each of them
/// would write another revision.
const UPDATED_AFTER_MS: i64 = HOUR_MS;

/// Records that one revision names; the newest, where there are more.
pub const MAX_BEHIND: usize = 256;

/// Entries that happened longer ago than this are not announced where all of a circle is looked at again (a new rule set,
/// a first look): they are, by [`crate::rules::evaluate_changed`], when they arrive.
pub const LOOK_BACK_D: i32 = 30;

/// What is known of the records that an alert may rest on.
pub trait Known {
    /// The change that was made last; None: there is no such record.
    fn newest(&self, record: RecordId) -> Option<Dot>;
    /// Whether something of it came after a time, in milliseconds since 1970.
    fn is_news(&self, record: RecordId, after_ms: i64) -> bool;
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
    /// What a rule found now, as a revision to raise; None: it stands already and says the same, or was closed and nothing
    /// changed. `of`: the records that an alert may rest on. Most findings of a push are no news, and cost next to nothing.
    pub fn next(&self, key: &Key, fires: &Fires, of: &dyn Known, now_ms: i64) -> Option<Next> {
        let Some(last) = self.newest(key) else {
            let (severity, says, behind) = (fires.severity, Says::of(fires), behind(fires, of).collect());
            return Some(Next { revision: 1, supersedes: None, cause: Cause::New, step: 0, severity, says, behind });
        };
        let now = || Says::of(fires).after(&last.says);
        let (cause, says) = match self.news(last, fires, of, now_ms) {
            Some(cause) => (cause, now()),
            None if self.closed(last).is_some() || is_said(last, fires, now_ms) => return None,
            None => {
                let says = if is_newest(last, fires) { now() } else { last.says.clone() };
                if says == last.says && behind(fires, of).all(|one| last.behind.contains(&one)) {
                    return None;
                }
                (Cause::Updated, says)
            }
        };
        // What was closed begins again at what it is now; what is open is never lowered.
        let severity = if cause == Cause::Again { fires.severity } else { fires.severity.max(last.severity) };
        let behind = behind(fires, of).collect();
        let behind = if fires.partial { with(behind, &last.behind) } else { behind };
        Some(Next { says, behind, ..self.after(last, cause, severity) })
    }

    fn after(&self, last: &Raised, cause: Cause, severity: Severity) -> Next {
        let step = match cause {
            Cause::Escalated => last.step + 1,
            Cause::Updated => last.step,
            _ => 0,
        };
        let (says, behind) = (last.says.clone(), last.behind.clone());
        Next { revision: last.revision + 1, supersedes: Some(last.record), cause, step, severity, says, behind }
    }

    fn news(&self, last: &Raised, fires: &Fires, of: &dyn Known, now_ms: i64) -> Option<Cause> {
        if fires.severity > last.severity {
            return Some(Cause::Worse);
        }
        if !says::signs(fires).is_subset(&last.says.signs) {
            return Some(Cause::NewSign);
        }
        if let Some(closed_ms) = self.closed(last) {
            // What ended by itself has begun anew: the rule did not find it in between.
            if self.ended(last) {
                return Some(Cause::Again);
            }
            // Whoever closed it knew what was written until then.
            let mut changed = behind(fires, of).filter(|one| !last.behind.contains(one));
            let since = changed.any(|(record, _)| of.is_news(record, closed_ms));
            return since.then_some(Cause::Again);
        }
        if last.severity == Severity::Emergency && behind(fires, of).any(|(record, _)| !last.rests_on(record)) {
            return Some(Cause::NewSign);
        }
        if says::is_worse(&last.key.rule, &last.says.texts, &fires.fill) {
            return Some(Cause::Worse);
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

/// The records that a finding rests on, each as its newest change left it: the newest, where there are more than an alert
/// holds.
fn behind(fires: &Fires, of: &dyn Known) -> impl Iterator<Item = Behind> {
    fires.behind.iter().rev().filter_map(|record| Some((*record, of.newest(*record)?))).take(MAX_BEHIND)
}

/// Whether what is no worse waits: its alert said something lately.
fn is_said(last: &Raised, fires: &Fires, now_ms: i64) -> bool {
    now_ms.saturating_sub(last.written_ms) < UPDATED_AFTER_MS || is_of_today(last, fires, now_ms)
}

/// Whether a finding is all that the rule says of the alert now. Where only what changed was asked, an entry that is less
/// severe, or older, than the one of which the alert speaks joins it and does not speak for it.
fn is_newest(last: &Raised, fires: &Fires) -> bool {
    let at = fires.happened.map(|(at, _)| at);
    !fires.partial || (fires.severity, at) >= (last.severity, last.says.happened)
}

/// What adds up over days (eaten, drunk) and is only for information is read once a day: it is said anew as often.
fn is_of_today(last: &Raised, fires: &Fires, now_ms: i64) -> bool {
    let adds_up = fires.key.subject == Subject::Person && fires.happened.is_none();
    let info = fires.severity == Severity::Info && last.severity == Severity::Info;
    adds_up && info && now_ms.saturating_sub(last.written_ms) < DAY_MS
}

/// What is found now, and of what stood before it the records that were not looked at; the newest, where there are more than an
/// alert holds.
fn with(behind: BTreeSet<Behind>, before: &BTreeSet<Behind>) -> BTreeSet<Behind> {
    let looked: BTreeSet<RecordId> = behind.iter().map(|(record, _)| *record).collect();
    let stay = before.iter().filter(|(record, _)| !looked.contains(record)).copied();
    let all: BTreeSet<Behind> = stay.chain(behind).collect();
    if all.len() <= MAX_BEHIND { all } else { all.into_iter().rev().take(MAX_BEHIND).collect() }
}
