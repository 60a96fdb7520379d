//! What time alone brings: overdue doses, missed visits, alerts that nobody has seen, and rules that failed in a push. A row
//! per circle says when; it survives restarts and pauses. Any number of nodes may look: what stands already is not said
//! twice, because an alert's id comes of its key and revision, and each look starts from the head that it read.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use osteon_care_core::alerts;
use osteon_sync_core::ledger::Context;
use tokio_util::sync::CancellationToken;

use super::{
    App, LOOK_AGAIN_MS,
    engine::{self, Ask, BUDGET_ALL_MS, Failed, What},
    kept::{self, Delta, OfCircle, instant},
    raise::{self, At, News},
};
use crate::{
    app::{circle::Writer, commit::RETRY_AFTER_MS},
    error::{Error, Reason},
    store::{AuditRow, CircleNo, Needs, RulesDue, StoreError, Working, commit},
};

/// How often circles that are due are looked for.
const TICK: Duration = Duration::from_secs(1);
/// Circles of one look.
const CIRCLES: u32 = 64;
/// Rules that failed are tried again after this long.
const TRY_AGAIN_MS: u64 = 10_000;

/// Looks until it is told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "circles whose rules are due were not looked at");
        }
    }
}

/// Looks at every circle that is due, as of the clock. Returns how many alerts were raised.
pub async fn sweep(app: &Arc<App>) -> Result<usize, Error> {
    let (mut raised, all) = (0, Arc::new(What::All));
    for circle in app.store.rules_due(app.now_ms(), CIRCLES).await? {
        match look(app, circle, &all).await {
            Ok(n) => raised += n,
            // Somebody wrote meanwhile, or the circle is gone: it is due again, or never.
            Err(error) if matches!(error.reason(), Reason::Conflict | Reason::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(raised)
}

/// Asks the rules about one circle, outside of anybody's push. Returns how many alerts were raised.
pub async fn look(app: &Arc<App>, circle: CircleNo, what: &Arc<What>) -> Result<usize, Error> {
    let of = app.care.kept().current(app, circle).await?;
    let late_ms = app.store.rules_due_of(circle).await?.and_then(|due| due.late_ms);
    let found = Arc::new(Mutex::new(None));
    let (in_writer, in_commit_of, slot, what) =
        (Arc::clone(app), Arc::clone(&of), Arc::clone(&found), Arc::clone(what));
    // Revisions that go on are read in the commit.
    let records = {
        let held = kept::lock(&of);
        held.alerts().open().map(|raised| raised.record).collect()
    };
    let raised = commit(&*app.store, Needs { circle, records, ..Needs::default() }, move |work| {
        let mut held = kept::lock(&in_commit_of);
        let (raised, delta) = in_commit(&in_writer, work, &mut held, &what, late_ms)?;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(delta);
        Ok(raised)
    })
    .await;
    let raised = match raised {
        // Somebody wrote meanwhile.
        Err(StoreError::Refused(_)) => return Err(Reason::Conflict.into()),
        raised => raised?,
    };
    if let Some(delta) = found.lock().unwrap_or_else(PoisonError::into_inner).take() {
        kept::take_in(&of, delta);
    }
    Ok(raised)
}

fn in_commit(
    app: &App,
    work: &mut Working<'_>,
    held: &mut OfCircle,
    what: &What,
    late_ms: Option<u64>,
) -> Result<(usize, Delta), StoreError> {
    if work.circle().head != held.upto() {
        return Err(StoreError::Refused("the circle moved"));
    }
    let (circle, now_ms) = (work.circle().circle, app.now_ms());
    let writer = Writer { device: 0, now_ms, account: 0, behalf: None };
    let at = At { circle, now: instant(now_ms), late: late_ms.is_some() };
    let set = app.care.set();
    match news(app, held, &set, at, what) {
        Ok(news) => {
            let ctx = Context {
                now_ms,
                epoch: app.epoch(),
                retry_after_ms: RETRY_AFTER_MS,
                digest_key: app.secrets.digest_key(circle),
                ..Context::default()
            };
            raise::write(app, work, writer, &ctx, &set, &news)?;
            let delta = Delta::of(work, held.upto(), now_ms)?;
            let at_ms = next_ms(app, held, &news, now_ms);
            held.set_due(at_ms);
            work.put_rules_due(RulesDue { at_ms, late_ms: None });
            if !news.is_empty() {
                work.audit(audited(circle, now_ms, news.len()));
            }
            Ok((news.len(), delta))
        }
        Err(failed) => {
            tracing::error!(reason = failed.reason(), "rules failed: the circle's warnings are late");
            let at_ms = now_ms + TRY_AGAIN_MS;
            held.set_due(at_ms);
            work.put_rules_due(RulesDue { at_ms, late_ms: Some(late_ms.unwrap_or(now_ms)) });
            Ok((0, Delta::of(work, held.upto(), now_ms)?))
        }
    }
}

/// What the rules find now, and what goes to the next in line.
fn news(
    app: &App,
    held: &OfCircle,
    set: &osteon_care_core::rules::RuleSet,
    at: At,
    what: &What,
) -> Result<Vec<News>, Failed> {
    let started = app.now_ms();
    let go_on = || app.now_ms().saturating_sub(started) <= BUDGET_ALL_MS;
    let settings = app.rule_settings(at.circle);
    let facts = held.gathered().facts();
    let ask = Ask { set, facts, now: at.now, settings: &settings, what, go_on: &go_on };
    let found = engine::guarded(&*app.care.engine(), &ask)?;
    let mut news = raise::news(set, &found, held.gathered(), held.alerts(), at, what);
    let due = |raised: &alerts::Raised| app.escalates_at(raised.severity, raised.step, raised.raised_ms);
    for (raised, next) in held.alerts().escalate(at.now.ms, due) {
        if news.iter().all(|one| one.key != raised.key) {
            news.push(raise::escalated(raised, next, at));
        }
    }
    Ok(news)
}

/// When the circle is looked at next: its next escalation, or in some hours.
fn next_ms(app: &App, held: &OfCircle, news: &[News], now_ms: u64) -> u64 {
    let unseen = held.alerts().open().filter(|raised| held.alerts().seen(raised).is_none());
    let standing = unseen.filter_map(|raised| {
        let at_ms = app.escalates_at(raised.severity, raised.step, raised.raised_ms)?;
        u64::try_from(at_ms).ok().filter(|ms| *ms > now_ms)
    });
    let raised = news.iter().filter_map(|one| one.due_ms(app));
    standing.chain(raised).min().map_or(now_ms + LOOK_AGAIN_MS, |due| due.min(now_ms + LOOK_AGAIN_MS))
}

fn audited(circle: CircleNo, at_ms: u64, count: usize) -> AuditRow {
    AuditRow {
        circle,
        at_ms,
        account: 0,
        device: 0,
        action: "alerts.raised",
        record: None,
        categories: 0,
        from_seq: 0,
        to_seq: 0,
        count: u32::try_from(count).unwrap_or(u32::MAX),
        outcome: "ok",
        request: 0,
    }
}
