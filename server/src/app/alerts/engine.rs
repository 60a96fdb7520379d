//! Running rules so that nothing of it reaches the push: a panic is caught, a budget ends it.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use osteon_care_core::{
    Day,
    facts::{DAY_MS, Facts, Id, Instant},
    rules::{Changed, Evaluation, Overrun, RuleSet, Settings, evaluate_changed_within, evaluate_within},
};
use osteon_sync_core::{Change, RecordId};

use super::{kept::Delta, names as types_of};
use crate::{store::CircleNo, telemetry::names};

/// What the rules of one push may take.
pub const BUDGET_MS: u64 = 50;
/// What the rules of all pushes of one commit may take, from the first on.
pub const BUDGET_GROUP_MS: u64 = 100;
/// What looking at all of one circle may take, outside of anybody's push.
pub const BUDGET_ALL_MS: u64 = 5_000;

/// What is looked at.
pub enum What {
    All,
    /// Records of these types were written, these.
    Changed {
        names: Vec<&'static str>,
        records: BTreeSet<RecordId>,
        changed: Changed,
    },
}

impl What {
    /// Whether a plan was written: something that is no entry of the journal.
    pub(super) fn is_of_plans(&self) -> bool {
        match self {
            Self::All => true,
            Self::Changed { names, .. } => names.iter().any(|name| !name.starts_with('J')),
        }
    }

    /// Of what these changes wrote.
    pub(super) fn of(written: &[&Change], delta: &Delta) -> Self {
        let parts = written.iter().flat_map(|change| &change.parts);
        let types: BTreeSet<u32> = parts.clone().map(|part| part.type_number).collect();
        let records: BTreeSet<RecordId> = parts.map(|part| part.part.record).collect();
        let day = |ms: u64| Day(i32::try_from(i64::try_from(ms).unwrap_or(0).div_euclid(DAY_MS)).unwrap_or(0));
        let days = records.iter().filter_map(|record| delta.time_ms(*record)).map(day);
        let today = day(delta.now_ms());
        // Days of persons ahead of UTC and behind it.
        let from = days.clone().min().map_or(today, |day| day.plus(-1));
        let to = days.max().map_or(today, |day| day.plus(1));
        let changed = Changed::new(records.iter().copied().map(Id), from, to);
        Self::Changed { names: types_of(&types), records, changed }
    }
}

/// One question to the rules.
pub struct Ask<'a> {
    pub set: &'a RuleSet,
    pub facts: &'a Facts,
    pub now: Instant,
    pub settings: &'a Settings,
    pub what: &'a What,
    pub go_on: &'a dyn Fn() -> bool,
}

/// How rules are run.
pub trait Engine: Send + Sync + 'static {
    fn evaluate(&self, ask: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun>;
}

/// The rules of care-core.
pub struct Rules;

impl Engine for Rules {
    fn evaluate(&self, ask: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun> {
        match ask.what {
            What::All => evaluate_within(ask.set, ask.facts, ask.now, ask.settings, ask.go_on),
            What::Changed { names, changed, .. } => {
                evaluate_changed_within(ask.set, names, changed, ask.facts, ask.now, ask.settings, ask.go_on)
            }
        }
    }
}

/// The rules said nothing this time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failed {
    Panicked,
    Overran,
}

impl Failed {
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Panicked => "RULES_PANICKED",
            Self::Overran => "RULES_OVERRAN",
        }
    }

    /// In the log and the metrics.
    pub(super) fn tell(self, circle: CircleNo) {
        metrics::counter!(names::RULES_LATE, "reason" => self.reason()).increment(1);
        tracing::error!(circle, reason = self.reason(), "rules failed: the circle's warnings are late");
    }
}

/// Runs them behind the guard.
pub(super) fn guarded(engine: &dyn Engine, ask: &Ask<'_>) -> Result<Vec<Evaluation>, Failed> {
    let ran = catch_unwind(AssertUnwindSafe(|| engine.evaluate(ask)));
    ran.map_err(|_| Failed::Panicked)?.map_err(|Overrun| Failed::Overran)
}
