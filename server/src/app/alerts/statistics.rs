//! What came of the alerts of each rule: how many there were, how soon somebody looked and took them, how they ended. Counted from the
//! records that the caller may read, and from no others.

use std::collections::BTreeMap;

use osteon_care_core::alerts::{Alerts, Cause, Key, Raised};
use osteon_proto::{alert as pb, care};
use osteon_sync_core::RecordId;

use super::{
    App,
    due::{Next, goes_on},
    kept, listed,
};
use crate::{
    access::{Caller, signed},
    app::{enrol::timestamp, notes::categories, records::Session},
    error::{Error, Reason},
    limits,
    store::CircleNo,
};

const DAY_MS: i64 = 86_400_000;
/// Where no period was asked for.
const USUAL_DAYS: i64 = 90;

/// From the first instant up to, and without, the second; in milliseconds since 1970.
#[derive(Clone, Copy)]
struct Period(i64, i64);

impl Period {
    fn of(request: &pb::GetRuleStatisticsRequest, now_ms: i64) -> Result<Self, Error> {
        let ms = |at: &prost_types::Timestamp| at.seconds.saturating_mul(1_000) + i64::from(at.nanos) / 1_000_000;
        let to = request.to.as_ref().map_or(now_ms, ms);
        let from = request.from.as_ref().map_or(to.saturating_sub(USUAL_DAYS * DAY_MS), ms);
        if from >= to {
            return Err(Error::field("to", Reason::ArgumentInvalid));
        }
        let days = usize::try_from(to.saturating_sub(from) / DAY_MS).unwrap_or(usize::MAX);
        limits::STATISTICS_DAYS.check(days).map_err(|error| error.at("from", Reason::LimitExceeded))?;
        Ok(Self(from, to))
    }

    fn has(self, at_ms: i64) -> bool {
        self.0 <= at_ms && at_ms < self.1
    }
}

/// What is counted of one rule.
#[derive(Default)]
struct Count {
    told: pb::RuleStatistics,
    outcomes: BTreeMap<i32, u32>,
    seen_ms: Vec<i64>,
    taken_ms: Vec<i64>,
}

pub async fn get(
    app: &App,
    caller: &Caller,
    request: &pb::GetRuleStatisticsRequest,
) -> Result<pb::GetRuleStatisticsResponse, Error> {
    let period = Period::of(request, signed(app.now_ms()))?;
    let circles = listed::circles(app, caller, request.circle).await?;
    limits::ALERT_CIRCLES.check(circles.len())?;
    let (mut counts, mut looked) = (BTreeMap::new(), 0);
    for circle in circles {
        match of_circle(app, caller, circle, period, &mut counts).await {
            Ok(()) => looked += 1,
            // Not any more, or not as a clinician.
            Err(error) if request.circle == 0 && matches!(error.reason(), Reason::NotFound | Reason::NotAllowed) => {}
            Err(error) => return Err(error),
        }
    }
    let rules = counts.into_iter().map(|(rule, count)| count.told(rule)).collect();
    let at = |ms: i64| Some(timestamp(u64::try_from(ms).unwrap_or(0)));
    Ok(pb::GetRuleStatisticsResponse { rules, circles: looked, from: at(period.0), to: at(period.1) })
}

async fn of_circle(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    period: Period,
    counts: &mut BTreeMap<String, Count>,
) -> Result<(), Error> {
    let mut session = app.session(caller, circle).await?;
    if !session.member.role().is_clinician() {
        return Err(Reason::NotAllowed.into());
    }
    let of = app.care.kept().current(app, circle).await?;
    let terms = app.terms_of(circle).await?;
    let lives = {
        let held = kept::lock(&of);
        lives(held.alerts(), &goes_on(&terms, &held), period, signed(app.now_ms()))
    };
    let (alerts, touched) = count(&mut session, &lives, counts).await?;
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_list(caller, circle, "alert.statistics", touched, alerts, behind_glass).await
}

/// An alert from when it was raised, or raised again after it was closed, to when it was closed: its revisions.
struct Life {
    revisions: Vec<RecordId>,
    said: Vec<RecordId>,
    began_ms: i64,
    seen_ms: Option<i64>,
    /// It is open, and went to the next in line or does so now.
    late: bool,
}

fn lives(alerts: &Alerts, goes_on: &BTreeMap<RecordId, Next>, period: Period, now_ms: i64) -> Vec<Life> {
    let is_due = |raised: &&Raised| goes_on.get(&raised.record).is_some_and(|(at_ms, _)| signed(*at_ms) <= now_ms);

    let mut of: BTreeMap<&Key, Vec<&Raised>> = BTreeMap::new();
    for raised in alerts.raised() {
        of.entry(&raised.key).or_default().push(raised);
    }
    let mut lives = Vec::new();
    for revisions in of.values_mut() {
        revisions.sort_by_key(|raised| raised.revision);
        for life in revisions.chunk_by(|before, next| next.cause == Cause::Updated || alerts.closed(before).is_none()) {
            let Some(first) = life.first().filter(|first| period.has(first.raised_ms)) else { continue };
            let is_open = life.last().is_some_and(|last| alerts.closed(last).is_none());
            let went_on = life.iter().any(|raised| raised.cause == Cause::Escalated) || life.last().is_some_and(is_due);
            lives.push(Life {
                late: is_open && went_on,
                revisions: life.iter().map(|raised| raised.record).collect(),
                said: life.iter().flat_map(|raised| alerts.said_to(raised.record)).collect(),
                began_ms: first.raised_ms,
                seen_ms: life.iter().filter_map(|raised| alerts.seen(raised)).min(),
            });
        }
    }
    lives
}

/// Adds what the reader may read: how many lives, and of which categories. A life of which they may read a part alone is
/// counted by that part.
async fn count(
    session: &mut Session,
    lives: &[Life],
    counts: &mut BTreeMap<String, Count>,
) -> Result<(usize, u32), Error> {
    let ids: Vec<RecordId> = lives.iter().flat_map(|life| life.revisions.iter().chain(&life.said)).copied().collect();
    let parts = session.parts(&ids, false).await?;
    let said = listed::Said::of(&parts);
    let (mut counted, mut touched) = (0, 0);
    for life in lives {
        let rows = life.revisions.iter().filter_map(|record| Some((*record, parts.get(record)?.first()?)));
        let revisions: Vec<(RecordId, care::Alert)> = rows
            .map(|(record, one)| {
                touched |= categories(one.row.label);
                (record, listed::body(one))
            })
            .collect();
        let Some(rule) = revisions.first().and_then(|(_, alert)| alert.rule.clone()) else { continue };
        counted += 1;
        counts.entry(rule).or_default().add(life, &revisions, &said);
    }
    Ok((counted, touched))
}

impl Count {
    fn add(&mut self, life: &Life, revisions: &[(RecordId, care::Alert)], said: &listed::Said) {
        let worst = revisions.iter().map(|(_, alert)| alert.severity()).max().unwrap_or_default();
        let is = |test: fn(&care::Alert) -> bool| u32::from(revisions.iter().any(|(_, alert)| test(alert)));
        let told = &mut self.told;
        told.alerts += 1;
        told.emergencies += u32::from(worst == care::AlertSeverity::Emergency);
        told.urgent += u32::from(worst == care::AlertSeverity::Urgent);
        told.muted += is(|alert| alert.muted.unwrap_or(false));
        told.escalated += is(|alert| alert.cause() == super::codes::cause(Cause::Escalated));
        if let Some(seen_ms) = life.seen_ms {
            told.seen += 1;
            self.seen_ms.push(seen_ms.saturating_sub(life.began_ms).max(0));
        }
        let seen = revisions.iter().flat_map(|(record, _)| said.to(*record).0);
        let taken_ms = seen.filter_map(|one| one.taken_ms()).min().map(signed);
        if let Some(taken_ms) = taken_ms {
            told.taken += 1;
            self.taken_ms.push(taken_ms.saturating_sub(life.began_ms).max(0));
        }
        let closed = revisions.iter().filter_map(|(record, _)| said.to(*record).1).next();
        let Some(closed) = closed else {
            told.open += 1;
            let is_muted = revisions.last().is_some_and(|(_, alert)| alert.muted.unwrap_or(false));
            told.overdue += u32::from(life.late && taken_ms.is_none() && !is_muted);
            return;
        };
        *self.outcomes.entry(closed.outcome).or_default() += 1;
        told.useful += u32::from(closed.useful == Some(true));
        told.not_useful += u32::from(closed.useful == Some(false));
    }

    fn told(mut self, rule: String) -> pb::RuleStatistics {
        let (median_seen_s, _) = within_s(&mut self.seen_ms);
        let (p50_taken_s, p90_taken_s) = within_s(&mut self.taken_ms);
        let outcomes = self.outcomes.into_iter().map(|(outcome, count)| pb::OutcomeCount { outcome, count }).collect();
        pb::RuleStatistics { rule, outcomes, median_seen_s, p50_taken_s, p90_taken_s, ..self.told }
    }
}

/// In how many seconds half of them were done, and nine in ten; 0 for none. Between two the later: no rule looks quicker than
/// it was.
fn within_s(all_ms: &mut [i64]) -> (u64, u64) {
    all_ms.sort_unstable();
    let seconds = |at: usize| all_ms.get(at).map_or(0, |ms| u64::try_from(ms / 1_000).unwrap_or(0));
    (seconds(all_ms.len() / 2), seconds((all_ms.len() * 9).div_ceil(10).saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::within_s;

    #[test]
    fn half_and_nine_in_ten() {
        assert_eq!(within_s(&mut []), (0, 0));
        assert_eq!(within_s(&mut [7_999]), (7, 7));
        assert_eq!(within_s(&mut [9_000, 1_000]), (9, 9));
        let mut ten: Vec<i64> = (1..=10).rev().map(|s| s * 1_000).collect();
        assert_eq!(within_s(&mut ten), (6, 9));
        let mut eleven: Vec<i64> = (1..=11).map(|s| s * 1_000).collect();
        assert_eq!(within_s(&mut eleven), (6, 10));
    }
}
