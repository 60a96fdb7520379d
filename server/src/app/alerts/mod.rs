//! Alerts: the rules of care-core, run once per push on what it leaves, in its commit.
//!
//! What rules read of a circle is kept in memory as of a sequence ([`kept`]), so that no push reads ninety days again; a
//! commit that finds it behind leaves the circle due, and the rules are run right after it. Rules stand behind a panic
//! guard and a budget ([`engine`]): a failing rule costs a warning its time, never anybody their data. What rules find
//! becomes records of the server's own replica ([`raise`]), with a face for whoever is told and may not read it
//! ([`faces`]). What time alone brings (an overdue dose, an alert that nobody has seen) is looked at by [`due`].

mod agreed;
pub mod answers;
pub mod away;
mod codes;
pub mod due;
pub mod engine;
mod faces;
pub mod kept;
mod labels;
pub mod listed;
mod over;
mod raise;
pub mod rules_file;
pub mod statistics;
pub(super) mod told;
pub mod trial;
pub mod watch;

pub(super) use self::codes::severity;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use osteon_care_core::{
    facts::gather::Gathered,
    rules::{BUILT_IN, RuleSet, RuleSetError},
};
use osteon_proto::table::table;
use osteon_sync_core::{Change, ledger::Context};
use tokio::sync::watch as channel;

use self::{
    engine::{Ask, BUDGET_GROUP_MS, BUDGET_MS, Engine, Rules, What},
    kept::{Delta, Kept, OfCircle},
    rules_file::Refused,
};
use super::{App, circle::Writer, rights::ACCESS_TYPES, settings::Terms};
use crate::{
    error::Reason,
    store::{CircleNo, RulesDue, StoreError, Working},
};

/// What a process has for its rules.
pub struct Care {
    set: RwLock<Arc<RuleSet>>,
    engine: RwLock<Arc<dyn Engine>>,
    kept: Kept,
    /// Why the rule set file is not in force.
    refused: channel::Sender<Option<Refused>>,
    /// No rule runs: for measuring what rules cost.
    off: AtomicBool,
}

impl Care {
    /// With the rule set that the program was built with.
    pub fn new() -> Result<Self, RuleSetError> {
        // Older than any clock that it is run under: the built-in set is never one of the future.
        let set = RuleSet::parse(BUILT_IN.as_bytes(), osteon_care_core::Day(i32::MAX))?;
        Ok(Self {
            set: RwLock::new(Arc::new(set)),
            engine: RwLock::new(Arc::new(Rules)),
            kept: Kept::default(),
            refused: channel::Sender::default(),
            off: AtomicBool::new(false),
        })
    }

    /// The rule set in force.
    pub fn set(&self) -> Arc<RuleSet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the rule set file is not in force, and when that changes.
    pub fn refused(&self) -> channel::Receiver<Option<Refused>> {
        self.refused.subscribe()
    }

    /// Whether that is news.
    fn set_refused(&self, refused: Option<Refused>) -> bool {
        self.refused.send_if_modified(|known| std::mem::replace(known, refused) != refused)
    }

    /// Another set: every circle is looked at again when it is due.
    pub fn put_set(&self, set: Arc<RuleSet>) {
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = set;
    }

    /// Another way to run rules: for tests of what fails.
    pub fn put_engine(&self, engine: Arc<dyn Engine>) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }

    /// No rule runs from now on.
    pub fn leave_out(&self) {
        self.off.store(true, Ordering::Relaxed);
    }

    fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    fn engine(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.engine.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn kept(&self) -> &Kept {
        &self.kept
    }
}

/// What a batch asks of the rules, from before its commit until after it.
pub struct Asked {
    of: Arc<Mutex<OfCircle>>,
    terms: Arc<Terms>,
    /// What the commit left, to be kept once it is durable.
    delta: Mutex<Option<Delta>>,
    /// What the rules could not be asked in the commit, because somebody else had written meanwhile.
    missed: Mutex<Option<What>>,
    /// The write is only tried: what it would raise.
    trial: Option<Mutex<trial::Tried>>,
}

impl Asked {
    /// `None`: no rule reads what these changes write, and nothing of the circle is kept.
    pub async fn of(app: &App, circle: CircleNo, changes: impl Iterator<Item = &Change>) -> Option<Self> {
        if app.care.is_off() {
            return None;
        }
        let changes: Vec<&Change> = changes.collect();
        let of = if concerned(changes.iter().copied()) || opens(&changes) {
            match app.care.kept.ready(app, circle).await {
                Ok(of) => of,
                Err(error) => {
                    tracing::warn!(%error, "what rules read could not be loaded");
                    return None;
                }
            }
        } else {
            app.care.kept.known(circle)?
        };
        let (delta, missed) = Default::default();
        let terms = app.terms(&of).await;
        Some(Self { of, terms, delta, missed, trial: None })
    }

    /// The commit is durable: what it left is kept, and what the rules could not be asked in it they are asked now.
    pub async fn committed(&self, app: &Arc<App>, circle: CircleNo) {
        let delta = self.delta.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(delta) = delta {
            kept::take_in(&self.of, delta);
            app.care.kept.weigh(circle, &self.of);
        }
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(missed) = missed.map(Arc::new) {
            for _ in 0..TRIES {
                match due::look(app, circle, &missed).await {
                    Ok(_) => return,
                    Err(error) if error.reason() == Reason::Conflict => {}
                    Err(error) => return tracing::warn!(%error, "rules were not asked after a commit: they are due"),
                }
            }
        }
    }
}

/// So often rules are tried right after a commit; then the circle stays due.
const TRIES: usize = 3;

/// Whether rules, or alerts, read something that is written here.
pub fn concerned<'c>(mut changes: impl Iterator<Item = &'c Change>) -> bool {
    changes.any(|change| change.parts.iter().any(|part| kept::reads(part.type_number)))
}

/// Whether who may read what is changed here.
fn opens(changes: &[&Change]) -> bool {
    changes.iter().any(|change| change.parts.iter().any(|part| ACCESS_TYPES.contains(&part.type_number)))
}

/// The rule on disputes that stay open.
const DISPUTES: &str = "R-SYNC-1";

/// How soon a circle is looked at again without anybody writing: rules count in days.
const LOOK_AGAIN_MS: u64 = 6 * 3_600_000;

/// What a batch changed.
pub struct Written<'w> {
    pub changes: &'w [&'w Change],
    /// Each was checked against today's ranges, and nothing was past them.
    pub in_range: bool,
}

/// Runs the rules on what a push leaves. Whatever happens to them, the push is not touched.
pub fn settle(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    asked: Option<&Asked>,
    written: &Written<'_>,
) -> Result<(), StoreError> {
    let Written { changes: written, in_range } = *written;
    let on = !app.care.is_off();
    let (concerned, opens) = (on && concerned(written.iter().copied()), on && opens(written));
    let Some(asked) = asked else {
        if concerned || opens {
            work.put_rules_due_by(RulesDue { at_ms: writer.now_ms, late_ms: None });
        }
        return Ok(());
    };
    let mut of = kept::lock(&asked.of);
    if work.stored_head() != of.upto() {
        // Somebody else wrote meanwhile: the rules run right after the commit, or when the circle is looked at.
        if concerned || opens {
            let what = What::of(written, &Delta::of(work, of.upto(), writer.now_ms)?);
            *asked.missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
            work.put_rules_due_by(RulesDue { at_ms: writer.now_ms, late_ms: None });
        }
        return Ok(());
    }
    let checked = written.iter().filter(|_| in_range).map(|change| change.dot).collect();
    let mut delta = Delta::of(work, of.upto(), writer.now_ms)?.in_range(&checked);
    if concerned && run(app, work, writer, ctx, asked, (&mut of, &mut delta), written)? {
        delta = delta.with_alerts(work)?;
    }
    // Whoever may read less of an open alert now, or is a member now, gets its face.
    if opens && asked.trial.is_none() && of.is_due_after(&delta, writer.now_ms) && of.alerts().open().next().is_some() {
        delta.set_due(writer.now_ms);
        work.put_rules_due_by(RulesDue { at_ms: writer.now_ms, late_ms: None });
    }
    *asked.delta.lock().unwrap_or_else(PoisonError::into_inner) = Some(delta);
    Ok(())
}

/// Whether something was written.
fn run(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    asked: &Asked,
    (of, delta): (&mut OfCircle, &mut Delta),
    written: &[&Change],
) -> Result<bool, StoreError> {
    let circle = work.circle().circle;
    let what = What::of(written, delta);
    let started = app.now_ms();
    let began = work.rules_began(started);
    let within = |since: u64, budget: u64| app.now_ms().saturating_sub(since) <= budget;
    let go_on = || within(started, BUDGET_MS) && within(began, BUDGET_GROUP_MS);
    let (set, engine) = (app.care.set(), app.care.engine());
    let found = of.ask(delta, |gathered: &Gathered, alerts, now| {
        let ask =
            Ask { set: &set, facts: gathered.facts(), now, settings: &asked.terms.rules, what: &what, go_on: &go_on };
        let found = engine::guarded(&*engine, &ask)?;
        let at = raise::At { circle, now, late: false };
        let disputed = what.is_of_plans() && (!gathered.facts().house.disputes.is_empty() || alerts.is_open(DISPUTES));
        let looked_at = disputed || !over::over(&found, alerts, circle).is_empty();
        Ok::<_, engine::Failed>((raise::news(&set, &found, gathered, alerts, at, &what), looked_at))
    });
    if let Some(trial) = &asked.trial {
        if let Ok((news, _)) = found {
            let would = trial::Tried::of(&set, &asked.terms, &news);
            *trial.lock().unwrap_or_else(PoisonError::into_inner) = would;
        }
        return Ok(false);
    }
    match found {
        Ok((news, looked_at)) => {
            let terms = &asked.terms;
            raise::write(app, work, writer, ctx, raise::Under { set: &set, terms }, &news)?;
            let at_ms = writer.now_ms + LOOK_AGAIN_MS;
            // Rules on disputes read every plan, and what has ended is closed where all of a circle is looked at: right after
            // the commit.
            let at_ms = if looked_at { writer.now_ms } else { at_ms };
            let first = news.iter().filter_map(|one| one.due_ms(terms)).min().map_or(at_ms, |due| due.min(at_ms));
            if of.is_due_after(delta, first) {
                delta.set_due(first);
                work.put_rules_due_by(RulesDue { at_ms: first, late_ms: None });
            }
            Ok(!news.is_empty())
        }
        Err(failed) => {
            failed.tell(work.circle().circle);
            delta.set_due(writer.now_ms);
            work.put_rules_due_by(RulesDue { at_ms: writer.now_ms, late_ms: Some(writer.now_ms) });
            Ok(false)
        }
    }
}

/// Names of the record types that were written.
fn names(types: &BTreeSet<u32>) -> Vec<&'static str> {
    types.iter().filter_map(|number| table().get(*number)).map(|known| known.name.as_str()).collect()
}
