//! The plan of a bone drug: doses recorded twice, holidays without a plan, reviews that nobody did, late infusions.

use super::{
    super::{
        eval::{Cx, Trigger},
        inputs::Input,
        outcome::{Found, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{Given, ONCOLOGY_DENOSUMAB_MILLI, given, is_bisphosphonate, is_bma, is_infusion, last_given, plan_name},
};
use crate::facts::{Agent, BonePlan, BoneStatus, Day};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-BMA-1", twice), ("R-BMA-2", unplanned_holiday), ("R-BMA-3", review_due), ("R-ZOL-1", late_infusion)];

/// R-BMA-1: two records of one drug closer than 60 % of the ordered interval.
fn twice(cx: &mut Cx<'_>) {
    let pairs = {
        let v = Versions::default();
        let mut all = given(cx, &v, is_bma);
        all.sort_by_key(|one| (one.day, one.dose.id));
        all.iter().map(|one| one.dose.id).collect::<Vec<_>>()
    };
    for dose in pairs {
        cx.judge(dose, |cx, v| {
            let mut all = given(cx, v, is_bma);
            all.sort_by_key(|one| (one.day, one.dose.id));
            let Some(at) = all.iter().position(|one| one.dose.id == dose) else { return Found::no() };
            let (earlier, rest) = all.split_at(at);
            let Some(own) = rest.first() else { return Found::no() };
            let Some(before) = earlier.iter().rev().find(|one| overlaps(one.agent, own.agent)) else {
                return Found::no();
            };
            let days = own.day.since(before.day);
            let close = match ordered_interval(cx, v, own) {
                Some(interval) => (i64::from(days) * 10 < i64::from(interval) * 6).into(),
                None => Truth::Unknown(Input::BoneInterval.into()),
            };
            Found::when(close, || fires().with(before.dose.id))
        });
    }
}

fn overlaps(a: Agent, b: Agent) -> bool {
    a == b || (is_bisphosphonate(a) && is_bisphosphonate(b))
}

fn ordered_interval(cx: &Cx<'_>, v: &Versions, one: &Given<'_>) -> Option<i32> {
    let same = |plan: &&BonePlan| v.get(Input::BoneAgent, &plan.agent) == Some(&one.agent);
    let ordered = cx.facts.bone_plans.iter().filter(same);
    let ordered = ordered.filter_map(|plan| v.get(Input::BoneInterval, &plan.interval_d).copied()).min();
    // Without an order: the usual interval of the label.
    ordered.or(match one.agent {
        Agent::Denosumab if one.mg_milli.is_some_and(|mg| mg >= ONCOLOGY_DENOSUMAB_MILLI) => Some(28),
        Agent::Denosumab => Some(182),
        Agent::Zoledronate | Agent::Pamidronate if !one.dose.oral => Some(28),
        _ => None,
    })
}

const HELD_D: i32 = 30;

/// R-BMA-2.
fn unplanned_holiday(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let status = v.get(Input::BoneStatus, &plan.status).copied();
            if !matches!(status, Some(BoneStatus::Held | BoneStatus::Holiday)) {
                return Found::when(
                    if status.is_none() { Truth::Unknown(Input::BoneStatus.into()) } else { Truth::No },
                    fires,
                );
            }
            let from = v.get(Input::HolidayFrom, &plan.holiday_from).copied();
            let since = from.filter(|_| status == Some(BoneStatus::Holiday));
            let since = since.or_else(|| v.get(Input::BoneStatus, &plan.status_since).copied());
            let Some(since) = since else { return Found::missing(Input::HolidayFrom) };
            v.reads(Input::BoneHolds);
            let reason =
                v.get(Input::HolidayReason, &plan.holiday_reason).is_some() || !plan.hold_reasons.known.is_empty();
            let reviewer = v.get(Input::HolidayReviewer, &plan.holiday_reviewer).is_some();
            let review = v.get(Input::HolidayReview, &plan.holiday_review).is_some();
            let long = cx.today().since(since) > HELD_D;
            Found::when((long && !(reason && reviewer && review)).into(), fires)
        });
    }
}

const REVIEW_MONTHS: i32 = 24;

/// R-BMA-3.
fn review_due(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let active = v.any(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Active);
            if active.is_no() {
                return Found::no();
            }
            let Some(start) = started(cx, v, plan) else { return Found::missing(Input::DoseWhen) };
            let long = Truth::from(cx.today() >= start.plus_months(REVIEW_MONTHS));
            let reviewed = v.get(Input::DurationReview, &plan.duration_review).is_some_and(|day| *day > start);
            Found::when(active.and(long).and((!reviewed).into()), fires)
        });
    }
}

/// The first dose of the plan's drug, else the day on which the status was set.
pub(super) fn started(cx: &Cx<'_>, v: &Versions, plan: &BonePlan) -> Option<Day> {
    let agent = *v.get(Input::BoneAgent, &plan.agent)?;
    let first = given(cx, v, |one| one == agent).into_iter().map(|one| one.day).min();
    first.or_else(|| v.get(Input::BoneStatus, &plan.status_since).copied())
}

const LATE_D: i32 = 14;

/// R-ZOL-1.
fn late_infusion(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let running = v.test(Input::BoneStatus, &plan.status, |status| {
                !matches!(status, BoneStatus::Proposed | BoneStatus::Stopped)
            });
            let ours = is_infusion(v, plan).and(running);
            if ours.is_no() {
                return Found::no();
            }
            let agent = v.get(Input::BoneAgent, &plan.agent).copied();
            let Some(last) = last_given(cx, v, cx.today(), |one| Some(one) == agent) else { return Found::no() };
            let late = v.test(Input::BoneInterval, &plan.interval_d, |interval| {
                cx.today().since(last.day.plus(*interval)) > LATE_D
            });
            Found::when(ours.and(late), || fires().fill("agent", plan_name(v, plan)).with(last.dose.id))
        });
    }
}
