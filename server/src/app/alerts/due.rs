//! What time alone brings: overdue doses, missed visits, alerts that nobody has seen, and rules that failed in a push. A row
//! per circle says when; it survives restarts and pauses. Any number of nodes may look: what stands already is not said
//! twice, because an alert's id comes of its key and revision, and each look starts from the head that it read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use osteon_care_core::{
    alerts,
    facts::{DAY_MS, Device},
};
use osteon_sync_core::{RecordId, ledger::Context};
use tokio_util::sync::CancellationToken;

use super::{
    App, LOOK_AGAIN_MS,
    agreed::{self, Agreed},
    away,
    engine::{self, Ask, BUDGET_ALL_MS, Failed, What},
    faces,
    kept::{self, Delta, OfCircle, instant},
    over,
    raise::{self, At, News},
};
use crate::{
    app::{circle::Writer, commit::RETRY_AFTER_MS, settings::Terms},
    error::{Error, Reason},
    store::{AccountNo, AuditRow, CircleNo, Needs, RulesDue, StoreError, Working, commit},
};

/// How often circles that are due are looked for.
const TICK: Duration = Duration::from_secs(1);
/// Circles of one look.
const CIRCLES: u32 = 64;
/// After so many days a dispute is news again (R-SYNC-1).
const RIPE_D: [i64; 2] = [1, 3];
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
    let none = BTreeSet::new();
    let arrived = match &**what {
        What::All => &none,
        What::Changed { records, .. } => records,
    };
    let of = app.care.kept().with_arrived(app, circle, arrived).await?;
    let terms = app.terms(&of).await;
    let late_ms = app.store.rules_due_of(circle).await?.and_then(|due| due.late_ms);
    let (device, agreed) = match &**what {
        What::All => (away::of(app, circle, &of).await?, agreed::of(app, circle, &of).await?),
        What::Changed { .. } => Default::default(),
    };
    let found = Arc::new(Mutex::new(None));
    let (in_writer, in_commit_of, slot, what) =
        (Arc::clone(app), Arc::clone(&of), Arc::clone(&found), Arc::clone(what));
    // Revisions that go on are read in the commit.
    let generation = app.store.standing(&[circle]).await?.first().map(|row| row.access_generation);
    let (records, types) = {
        let held = kept::lock(&of);
        let open: Vec<RecordId> = held.alerts().open().map(|raised| raised.record).collect();
        let faces_stand = open.is_empty() || held.faced().is_some() && held.faced() == generation;
        (open, if faces_stand { Vec::new() } else { vec![faces::FACE] })
    };
    let declared: BTreeSet<RecordId> = records.iter().copied().collect();
    let raised = commit(&*app.store, Needs { circle, records, types, ..Needs::default() }, move |work| {
        let mut held = kept::lock(&in_commit_of);
        // Another look came between, and was taken in: it raised what this one did not ask for.
        if held.alerts().open().any(|raised| !declared.contains(&raised.record)) {
            return Err(StoreError::Refused("the circle moved"));
        }
        let looked = Look { what: &what, terms: &terms, late_ms, device: device.as_ref(), agreed: &agreed };
        let (raised, delta) = in_commit(&in_writer, work, &mut held, &looked)?;
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

/// What is looked at, and what no record says.
struct Look<'l> {
    what: &'l What,
    terms: &'l Terms,
    late_ms: Option<u64>,
    device: Option<&'l Device>,
    agreed: &'l Agreed,
}

fn in_commit(
    app: &App,
    work: &mut Working<'_>,
    held: &mut OfCircle,
    look: &Look<'_>,
) -> Result<(usize, Delta), StoreError> {
    let Look { what, terms, late_ms, device, agreed } = *look;
    if work.circle().head != held.upto() {
        return Err(StoreError::Refused("the circle moved"));
    }
    let (circle, now_ms) = (work.circle().circle, app.now_ms());
    let access = app.access_in(circle, work.access())?;
    held.set_members(access.access.members().map(|(account, _)| account).collect());
    let writer = Writer { device: 0, now_ms, account: 0, behalf: None };
    let at = At { circle, now: instant(now_ms), late: late_ms.is_some() };
    let set = app.care.set();
    held.set_agreed(agreed);
    held.set_device(device.cloned());
    let found = news(app, held, raise::Under { set: &set, terms }, at, what);
    held.set_device(None);
    match found {
        Ok(Found { news, ended }) => {
            let ctx = Context {
                now_ms,
                epoch: app.epoch(),
                retry_after_ms: RETRY_AFTER_MS,
                digest_key: app.secrets.digest_key(circle),
                ..Context::default()
            };
            let under = raise::Under { set: &set, terms };
            raise::write(app, work, writer, &ctx, under, &news)?;
            again(app, work, writer, &ctx, under, held)?;
            for raised in &ended {
                over::close(app, work, writer, &ctx, raised)?;
            }
            let mut delta = Delta::of(work, held.upto(), now_ms)?;
            let at_ms = next_ms(terms, held, &news, now_ms);
            let away_ms = device.and_then(away::away_from).filter(|at_ms| *at_ms > now_ms);
            let at_ms = away_ms.map_or(at_ms, |away_ms| at_ms.min(away_ms));
            delta.set_due(at_ms);
            work.put_rules_due(RulesDue { at_ms, late_ms: None });
            let updated = news.iter().filter(|one| one.is_update()).count();
            let raised = news.len() - updated;
            let counts = [("alerts.raised", raised), ("alerts.updated", updated), ("alerts.closed", ended.len())];
            for (action, count) in counts {
                if count > 0 {
                    work.audit(audited(circle, now_ms, action, count));
                }
            }
            Ok((raised, delta))
        }
        Err(failed) => {
            failed.tell(circle);
            let at_ms = now_ms + TRY_AGAIN_MS;
            work.put_rules_due(RulesDue { at_ms, late_ms: Some(late_ms.unwrap_or(now_ms)) });
            let mut delta = Delta::of(work, held.upto(), now_ms)?;
            delta.set_due(at_ms);
            Ok((0, delta))
        }
    }
}

/// Every open alert has its faces, where who may read what has changed since it was raised.
fn again(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    under: raise::Under<'_>,
    held: &mut OfCircle,
) -> Result<(), StoreError> {
    let generation = work.circle().access_generation;
    let Ok(rows) = work.parts_of_type(faces::FACE) else { return Ok(()) };
    let stand: BTreeSet<RecordId> = rows.into_iter().map(|row| row.record).collect();
    for raised in held.alerts().open() {
        let Some(alert) = raise::stored(work, raised.record)? else { continue };
        if !alert.muted.unwrap_or(false) {
            let record = held.alerts().announced(raised);
            let face = faces::Face { record, label: raised.label, alert: &alert };
            faces::write(app, work, writer, ctx, &face, under.terms, &stand)?;
        }
    }
    held.set_faced(generation);
    Ok(())
}

/// What a look found.
struct Found {
    news: Vec<News>,
    /// What is over without anybody's doing.
    ended: Vec<alerts::Raised>,
}

/// What the rules find now, what goes to the next in line, and what is over.
fn news(app: &App, held: &OfCircle, under: raise::Under<'_>, at: At, what: &What) -> Result<Found, Failed> {
    let started = app.now_ms();
    let go_on = || app.now_ms().saturating_sub(started) <= BUDGET_ALL_MS;
    let raise::Under { set, terms } = under;
    let facts = held.gathered().facts();
    let ask = Ask { set, facts, now: at.now, settings: &terms.rules, what, go_on: &go_on };
    let found = engine::guarded(&*app.care.engine(), &ask)?;
    let mut news = raise::news(set, &found, held.gathered(), held.alerts(), at, what);
    let members = held.alerts().members();
    let turn = |raised: &alerts::Raised| {
        let began_ms = held.alerts().began_ms(raised);
        Some((began_ms, terms.clinic.turn(raised.severity, (began_ms, raised.raised_ms), raised.step, members)?))
    };
    for (raised, next) in held.alerts().escalate(at.now.ms, |raised| Some(turn(raised)?.1.due_ms)) {
        let same = news.iter().position(|one| one.key == raised.key);
        // What is raised anew begins anew.
        if same.and_then(|i| news.get(i)).is_some_and(|one| !one.is_update()) {
            continue;
        }
        if let Some((began_ms, turn)) = turn(raised) {
            let update = same.map(|i| news.remove(i));
            let others = terms.clinic.others(raised.severity, began_ms, &turn, &held.alerts().asked(raised), members);
            news.push(raise::escalated(raised, next, update, (began_ms, others), at));
        }
    }
    let ended = match what {
        What::All => over::over(&found, held.alerts(), at.circle),
        What::Changed { .. } => Vec::new(),
    };
    news.retain(|one| ended.iter().all(|over| over.key != one.key));
    Ok(Found { news, ended })
}

/// When the circle is looked at next: its next escalation, or in some hours.
fn next_ms(terms: &Terms, held: &OfCircle, news: &[News], now_ms: u64) -> u64 {
    let standing = goes_on(terms, held).into_values().map(|(at_ms, _)| at_ms).filter(|at_ms| *at_ms > now_ms);
    let raised = news.iter().filter_map(|one| one.due_ms(terms));
    let disputes = held.gathered().facts().house.disputes.iter();
    let ripe = disputes.flat_map(|dispute| RIPE_D.map(|days| dispute.since.ms + days * DAY_MS + 1));
    let ripe = ripe.filter_map(|ms| u64::try_from(ms).ok()).filter(|at_ms| *at_ms > now_ms);
    standing.chain(raised).chain(ripe).min().map_or(now_ms + LOOK_AGAIN_MS, |due| due.min(now_ms + LOOK_AGAIN_MS))
}

/// When an alert goes to the next in line, in milliseconds since 1970, and to whom.
pub(super) type Next = (u64, Vec<AccountNo>);

/// When each alert that nobody has seen goes to the next in line.
pub(super) fn goes_on(terms: &Terms, held: &OfCircle) -> BTreeMap<RecordId, Next> {
    let alerts = held.alerts();
    let unseen = alerts.open().filter(|raised| alerts.seen(raised).is_none());
    let due = unseen.filter_map(|raised| {
        let began_ms = alerts.began_ms(raised);
        let turn = terms.clinic.turn(raised.severity, (began_ms, raised.raised_ms), raised.step, alerts.members())?;
        let to = terms.clinic.others(raised.severity, began_ms, &turn, &alerts.asked(raised), alerts.members());
        Some((raised.record, (u64::try_from(turn.due_ms).ok()?, to)))
    });
    due.collect()
}

fn audited(circle: CircleNo, at_ms: u64, action: &'static str, count: usize) -> AuditRow {
    AuditRow {
        circle,
        at_ms,
        account: 0,
        device: 0,
        action,
        record: None,
        categories: 0,
        from_seq: 0,
        to_seq: 0,
        count: u32::try_from(count).unwrap_or(u32::MAX),
        outcome: "ok",
        request: 0,
    }
}
