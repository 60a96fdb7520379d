//! Asking the rules on a phone so that a fault of theirs is said and costs nothing else: a panic is caught, a time that is
//! over ends them. A phone whose rules failed says so, never that nothing was found.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};

use osteon_care_core::{
    facts::{Facts, Instant},
    rules::{Changed, Evaluation, Overrun, RuleSet, Settings, evaluate_changed_within, evaluate_only_within},
};

use crate::clock::Clock;

/// What the rules may take on a phone, of one question.
const BUDGET_MS: u64 = 5_000;

/// What is asked about.
#[derive(Clone, Copy)]
pub enum What<'a> {
    /// Everything, of these rules.
    All { only: &'a [&'a str] },
    /// A record of one type that changed.
    Changed { name: &'a str, changed: &'a Changed },
}

/// One question to the rules.
pub struct Ask<'a> {
    pub set: &'a RuleSet,
    pub facts: &'a Facts,
    pub now: Instant,
    pub settings: &'a Settings,
    pub what: What<'a>,
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
        let Ask { set, facts, now, settings, what, go_on } = ask;
        match what {
            What::All { only } => evaluate_only_within(set, only, facts, *now, settings, go_on),
            What::Changed { name, changed } => {
                evaluate_changed_within(set, &[name], changed, facts, *now, settings, go_on)
            }
        }
    }
}

/// Why the rules said nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failed {
    Panicked,
    Overran,
}

impl Failed {
    /// For a machine.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Panicked => "RULES_PANICKED",
            Self::Overran => "RULES_OVERRAN",
        }
    }
}

/// Runs rules behind the guard.
#[derive(Clone)]
pub(crate) struct Runner {
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
}

impl Runner {
    pub(super) fn run(
        &self,
        set: &RuleSet,
        facts: &Facts,
        (now, settings): (Instant, &Settings),
        what: What<'_>,
    ) -> Result<Vec<Evaluation>, Failed> {
        let began_ms = self.clock.now_ms();
        // A clock that was set back meanwhile ends nothing.
        let go_on = || self.clock.now_ms().saturating_sub(began_ms) <= BUDGET_MS;
        let ask = Ask { set, facts, now, settings, what, go_on: &go_on };
        let ran = catch_unwind(AssertUnwindSafe(|| self.engine.evaluate(&ask)));
        ran.map_err(|_| Failed::Panicked)?.map_err(|Overrun| Failed::Overran)
    }
}

/// How this phone runs its rules.
pub(crate) struct Engines(RwLock<Arc<dyn Engine>>);

impl Default for Engines {
    fn default() -> Self {
        Self(RwLock::new(Arc::new(Rules)))
    }
}

impl Engines {
    pub(crate) fn put(&self, engine: Arc<dyn Engine>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }

    pub(crate) fn runner(&self, clock: &Arc<dyn Clock>) -> Runner {
        let engine = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        Runner { engine, clock: Arc::clone(clock) }
    }
}
