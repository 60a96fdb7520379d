//! What became of each own change, for good: accepted, refused and why, held for a person, skipped. Written in the commit
//! that applied the verdict, and kept over every restart until somebody was told ([`Phone::on_settled`]). LATER is no
//! outcome: it shows in the status only.

use std::collections::BTreeMap;

use osteon_sync_core::{
    Change, Dot, RecordId,
    device::{Circle, Fate, Stage},
    ledger::{Verdict, reason},
};

use crate::{error::Result, phone::Phone, state::State};

/// So many are kept for an app that never asks. Beyond that the oldest acceptances go first: what needs a person stays.
pub const MAX_KEPT: usize = 500;

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Accepted {
        sequence: u64,
    },
    /// It is kept as a draft, unless nothing of it may be looked at any more. `words`: of whoever decided against it.
    Refused {
        reason: String,
        paths: Vec<String>,
        words: String,
    },
    /// It waits at the server for somebody's decision; a second outcome says which.
    Quarantined {
        reason: String,
    },
    /// Somebody accepted what waited: it comes back as a change of theirs, on its author's behalf.
    TakenOver,
    /// The number was used up and nothing of it counts.
    Skipped,
}

impl Outcome {
    /// Whether a person may have to do something.
    pub fn needs_a_look(&self) -> bool {
        !matches!(self, Self::Accepted { .. } | Self::TakenOver)
    }

    /// A stable word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::Quarantined { .. } => "held",
            Self::TakenOver => "taken_over",
            Self::Skipped => "skipped",
        }
    }
}

/// One change that is settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled {
    /// Ascending, never used twice on this phone.
    pub n: u64,
    pub circle: u64,
    pub dot: Dot,
    /// Numbers that it had before, as a save may have named it.
    pub earlier: Vec<Dot>,
    /// The records that it wrote to, with their types.
    pub records: Vec<(RecordId, u32)>,
    pub at_ms: u64,
    pub outcome: Outcome,
}

/// The changes of a circle that had no verdict when this was read.
pub(crate) struct Waiting {
    circle: u64,
    changes: Vec<Named>,
}

/// A change without its content.
struct Named {
    dot: Dot,
    earlier: Vec<Dot>,
    records: Vec<(RecordId, u32)>,
}

impl Named {
    fn of(change: &Change) -> Self {
        let mut records: Vec<_> = change.parts.iter().map(|p| (p.part.record, p.type_number)).collect();
        records.sort_unstable();
        records.dedup();
        Self { dot: change.dot, earlier: change.earlier.clone(), records }
    }

    fn settled(self, circle: u64, at_ms: u64, outcome: Outcome) -> Settled {
        Settled { n: 0, circle, dot: self.dot, earlier: self.earlier, records: self.records, at_ms, outcome }
    }
}

impl Waiting {
    pub(crate) fn of(number: u64, circle: Option<&Circle>) -> Self {
        let changes = circle.into_iter().flat_map(Circle::outbox).map(|own| Named::of(&own.change)).collect();
        Self { circle: number, changes }
    }

    /// What is settled since; `said`: the verdicts that came.
    pub(crate) fn settled(self, after: Option<&Circle>, said: &BTreeMap<Dot, Verdict>, at_ms: u64) -> Vec<Settled> {
        let Some(after) = after else { return Vec::new() };
        let circle = self.circle;
        let settled = |named: Named| Some((outcome(after, named.dot, said.get(&named.dot))?, named));
        let settled = self.changes.into_iter().filter_map(settled);
        settled.map(|(outcome, named)| named.settled(circle, at_ms, outcome)).collect()
    }
}

/// `None`: there is none yet.
fn outcome(circle: &Circle, dot: Dot, said: Option<&Verdict>) -> Option<Outcome> {
    if let Some(own) = circle.own().iter().find(|own| own.dot() == dot) {
        return match own.stage {
            Stage::Waiting => None,
            Stage::Accepted { sequence } | Stage::Passed { sequence } => Some(Outcome::Accepted { sequence }),
        };
    }
    match said? {
        Verdict::Accepted { sequence, .. } => Some(Outcome::Accepted { sequence: *sequence }),
        Verdict::Refused { reason, violations } => Some(Outcome::Refused {
            reason: reason.to_string(),
            paths: violations.iter().map(|v| v.path.to_string()).collect(),
            words: String::new(),
        }),
        Verdict::Quarantined { reason, .. } => Some(Outcome::Quarantined { reason: reason.to_string() }),
        Verdict::Skipped => Some(Outcome::Skipped),
        Verdict::Later { .. } | Verdict::Gap { .. } | Verdict::Forked { .. } => None,
    }
}

/// What people decided about changes that waited for them.
pub(crate) fn decided(number: u64, circle: Option<&Circle>, fates: &[Fate], at_ms: u64) -> Vec<Settled> {
    let waiting = |dot: Dot| circle?.quarantined().iter().find(|waiting| waiting.dot() == dot);
    let one = |fate: &Fate| {
        let outcome = match &fate.rejected {
            None => Outcome::TakenOver,
            Some(words) => Outcome::Refused {
                reason: reason::QUARANTINE_REJECTED.to_owned(),
                paths: Vec::new(),
                words: words.to_string(),
            },
        };
        Some(Named::of(&waiting(fate.dot)?.change).settled(number, at_ms, outcome))
    };
    fates.iter().filter_map(one).collect()
}

impl State {
    /// Keeps outcomes until they were handed over; gives them their numbers.
    pub(crate) fn keep_outcomes(&mut self, mut settled: Vec<Settled>) -> Vec<Settled> {
        for one in &mut settled {
            self.settings.outcomes += 1;
            one.n = self.settings.outcomes;
            self.settled.insert(one.n, one.clone());
        }
        while self.settled.len() > MAX_KEPT {
            let dispensable = self.settled.values().find(|one| !one.outcome.needs_a_look()).map(|one| one.n);
            let Some(oldest) = dispensable.or_else(|| self.settled.keys().next().copied()) else { break };
            self.settled.remove(&oldest);
            self.settings.outcomes_dropped += 1;
        }
        settled
    }
}

impl Phone {
    /// Outcomes that nobody was told yet, the oldest first.
    pub async fn outcomes(&self) -> Result<Vec<Settled>> {
        Ok(self.read().await?.settled.values().cloned().collect())
    }

    /// Somebody was told all outcomes up to this number: they are not kept any more.
    pub async fn outcomes_told(&self, up_to: u64) -> Result<()> {
        self.change(|state| {
            state.settled.retain(|n, _| *n > up_to);
            Ok(())
        })
        .await
    }

    /// Hands over each outcome, in order, and forgets it as soon as `told` came back: what a crash cuts short is told again.
    pub async fn on_settled(&self, mut told: impl FnMut(&Settled)) -> Result<()> {
        for one in self.outcomes().await? {
            told(&one);
            self.outcomes_told(one.n).await?;
        }
        Ok(())
    }
}
