//! What a rule says: it fires, it does not, or it cannot tell because something is missing. No outcome means that all
//! is well.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use osteon_sync_core::RecordId;

use super::{inputs::InputSet, truth::Truth};
use crate::facts::{Id, Instant};

/// How fast somebody must act. The order is that of urgency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    Info,
    Soon,
    Urgent,
    Emergency,
}

impl Severity {
    pub const ALL: &'static [Self] = &[Self::Info, Self::Soon, Self::Urgent, Self::Emergency];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Soon => "soon",
            Self::Urgent => "urgent",
            Self::Emergency => "emergency",
        }
    }
}

/// What the outcome is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    Person,
    Record(RecordId),
}

impl From<Id> for Subject {
    fn from(id: Id) -> Self {
        Self::Record(id.0)
    }
}

/// One open alert per key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    pub rule: &'static str,
    pub subject: Subject,
    /// Site, agent, item: what tells two alerts on one subject apart.
    pub discriminator: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fires {
    pub key: Key,
    pub severity: Severity,
    /// Values of the placeholders of the texts.
    pub fill: BTreeMap<&'static str, String>,
    /// Further sentences of the rule set that apply.
    pub notes: BTreeSet<&'static str>,
    /// Records that it rests on.
    pub behind: BTreeSet<RecordId>,
    /// Inputs that were looked at for it.
    pub inputs: InputSet,
    /// The entry that caused it: when it happened, when it arrived. R-SYNC-2 reads it.
    pub happened: Option<(Instant, Option<Instant>)>,
    /// Comfort-focused wishes: recorded, announced to nobody (R-EOL-1).
    pub muted: bool,
    /// Whom to call first (R-EOL-1).
    pub route: Option<String>,
    /// Entries of the same alert were not looked at, because only what changed was.
    pub partial: bool,
}

/// The outcome of one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evaluation {
    pub rule: &'static str,
    /// By key.
    pub fires: BTreeMap<Key, Fires>,
    /// What was missing, for each subject on which the rule could not tell.
    pub cannot_tell: BTreeMap<Subject, InputSet>,
    /// Inputs that were looked at.
    pub reads: InputSet,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    DoesNotFire,
    CannotTell,
    Fires(Severity),
}

impl Evaluation {
    pub(super) fn new(rule: &'static str) -> Self {
        Self { rule, fires: BTreeMap::new(), cannot_tell: BTreeMap::new(), reads: InputSet::default() }
    }

    /// The worst of it.
    pub fn verdict(&self) -> Verdict {
        match self.fires.values().map(|fires| fires.severity).max() {
            Some(severity) => Verdict::Fires(severity),
            None if self.cannot_tell.is_empty() => Verdict::DoesNotFire,
            None => Verdict::CannotTell,
        }
    }

    pub fn missing(&self) -> InputSet {
        self.cannot_tell.values().fold(InputSet::default(), |all, missing| all.union(*missing))
    }
}

/// What a trigger found on one subject, in one combination of versions.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) finding: Option<Finding>,
    pub(super) missing: InputSet,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Finding {
    /// None: the rule's base severity.
    pub(super) severity: Option<Severity>,
    pub(super) mark: Cow<'static, str>,
    /// What goes on in the person, whichever entry says so: one alert of all of them, told apart by the mark.
    pub(super) of_person: bool,
    pub(super) fill: Vec<(&'static str, String)>,
    pub(super) notes: Vec<&'static str>,
    pub(super) behind: Vec<RecordId>,
    pub(super) happened: Option<(Instant, Option<Instant>)>,
}

/// The rule fires at its base severity.
pub(super) fn fires() -> Finding {
    Finding::default()
}

impl Finding {
    pub(super) fn at(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub(super) fn mark(mut self, mark: impl Into<Cow<'static, str>>) -> Self {
        self.mark = mark.into();
        self
    }

    pub(super) fn of_person(mut self) -> Self {
        self.of_person = true;
        self
    }

    pub(super) fn fill(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fill.push((name, value.to_string()));
        self
    }

    pub(super) fn note(mut self, note: &'static str) -> Self {
        self.notes.push(note);
        self
    }

    pub(super) fn with(mut self, id: Id) -> Self {
        self.behind.push(id.0);
        self
    }
}

impl Found {
    pub(super) fn no() -> Self {
        Self::default()
    }

    pub(super) fn missing(missing: impl Into<InputSet>) -> Self {
        Self { finding: None, missing: missing.into() }
    }

    /// Fires where it is true.
    pub(super) fn when(truth: Truth, finding: impl FnOnce() -> Finding) -> Self {
        match truth {
            Truth::No => Self::no(),
            Truth::Yes => Self { finding: Some(finding()), missing: InputSet::default() },
            Truth::Unknown(missing) => Self::missing(missing),
        }
    }

    /// Fires at the worst level that is true; what a worse level misses is said besides.
    pub(super) fn levels(levels: &[(Severity, Truth)], finding: impl FnOnce() -> Finding) -> Self {
        let worst = levels.iter().filter(|(_, truth)| truth.is_yes()).map(|(severity, _)| *severity).max();
        let missing = levels.iter().filter(|(severity, _)| Some(*severity) > worst).fold(
            InputSet::default(),
            |all, (_, truth)| match truth {
                Truth::Unknown(missing) => all.union(*missing),
                _ => all,
            },
        );
        Self { finding: worst.map(|severity| finding().at(severity)), missing }
    }
}
