//! Denosumab: due, late, stopped without a drug that follows, beside another bone drug.

use std::collections::BTreeSet;

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{
        Given, ONCOLOGY_DENOSUMAB_MILLI, decimal, given, is_bisphosphonate, is_bma, is_oncology_denosumab, last_given,
        plan_name,
    },
};
use crate::facts::{Agent, BonePlan, BoneStatus, Day, Id, VisitKind};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-DMAB-1", book), ("R-DMAB-2", late), ("R-DMAB-3", no_follow_on), ("R-DMAB-4", two_drugs)];

/// Half a year. PROLIA.
const INTERVAL_60_D: i32 = 182;

fn is_denosumab(agent: Agent) -> bool {
    agent == Agent::Denosumab
}

/// A plan of denosumab, in the version that is looked at.
fn denosumab(v: &Versions, plan: &BonePlan) -> Truth {
    v.test(Input::BoneAgent, &plan.agent, |agent| is_denosumab(*agent))
}

/// The last dose, and the day on which the next is due. None: no dose, or the ordered interval is not known.
fn due<'a>(cx: &Cx<'a>, v: &Versions, plan: &BonePlan) -> Option<(Given<'a>, Result<Day, Input>)> {
    let last = last_given(cx, v, cx.today(), is_denosumab)?;
    let ordered = v.get(Input::BoneInterval, &plan.interval_d).copied();
    let due = match (is_oncology(v, plan, &last), ordered) {
        (false, _) => Ok(last.day.plus(INTERVAL_60_D)),
        (true, Some(days)) => Ok(last.day.plus(days)),
        (true, None) => Err(Input::BoneInterval),
    };
    Some((last, due))
}

fn is_oncology(v: &Versions, plan: &BonePlan, last: &Given<'_>) -> bool {
    match last.mg_milli {
        Some(mg) => mg >= ONCOLOGY_DENOSUMAB_MILLI,
        None => is_oncology_denosumab(v, plan),
    }
}

/// R-DMAB-1.
fn book(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let active = v.any(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Active);
            let ours = denosumab(v, plan).and(active);
            if ours.is_no() {
                return Found::no();
            }
            let ahead = if is_oncology_denosumab(v, plan) { 7 } else { 28 };
            let due = due(cx, v, plan);
            // A dose so shortly before the planned day is the one that was planned.
            let given = due.as_ref().map(|(last, _)| last.day);
            let planned = v.get(Input::BonePlannedNext, &plan.planned_next).copied();
            let planned = planned.filter(|day| given.is_none_or(|given| given < day.plus(-ahead)));
            let next = match (planned, due) {
                (Some(day), _) => day,
                (None, Some((_, Ok(day)))) => day,
                (None, Some((_, Err(missing)))) => return Found::missing(missing),
                (None, None) => return Found::missing(Input::BonePlannedNext),
            };
            let soon = (0..=ahead).contains(&next.since(cx.today()));
            let booked = Truth::any(in_range(&cx.facts.visits).map(|visit| {
                let kind = v.test(Input::VisitKind, &visit.kind, |kind| {
                    matches!(kind, VisitKind::Injection | VisitKind::Infusion)
                });
                kind.and(v.test(Input::VisitWhen, &visit.at, |when| when.day() >= cx.today()))
            }));
            let open = booked.or(cx.none_found()).negate();
            Found::when(ours.and(soon.into()).and(open), || {
                fires().fill("date", next).fill("agent", plan_name(v, plan))
            })
        });
    }
}

/// R-DMAB-2. The clock runs while the plan is held, paused, in dispute, or stopped without a drug that follows.
fn late(cx: &mut Cx<'_>) {
    let urgent_120 = i32::try_from(cx.threshold("denosumab_120_urgent_d")).unwrap_or(i32::MAX);
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let ours = denosumab(v, plan).and(clock_runs(cx, v, plan));
            if ours.is_no() {
                return Found::no();
            }
            let Some((last, due)) = due(cx, v, plan) else { return Found::no() };
            let due = match due {
                Ok(due) => due,
                Err(missing) => return Found::when(ours.and(Truth::Unknown(missing.into())), fires),
            };
            let days = cx.today().since(due);
            let urgent_from = if is_oncology(v, plan, &last) { urgent_120 } else { 28 };
            let levels = [
                (Severity::Urgent, Truth::from(days > urgent_from).and(ours)),
                (Severity::Soon, Truth::from(days >= 1).and(ours)),
            ];
            Found::levels(&levels, || {
                let dose = last.mg_milli.map_or_else(String::new, |mg| format!("{} mg", decimal(mg, 3, 0)));
                let found = fires().fill("days", days).fill("dose", dose).with(last.dose.id);
                if days > LONG_DELAY_D { found.note("long_delay") } else { found }
            })
        });
    }
}

/// Sixteen weeks. LYU20.
const LONG_DELAY_D: i32 = 112;

fn clock_runs(cx: &Cx<'_>, v: &Versions, plan: &BonePlan) -> Truth {
    match v.get(Input::BoneStatus, &plan.status) {
        Some(BoneStatus::Proposed) => Truth::No,
        Some(BoneStatus::Stopped) => followed(cx, v, plan).negate(),
        _ => Truth::Yes,
    }
}

/// A drug that slows bone loss was given since, or is named to follow.
fn followed(cx: &Cx<'_>, v: &Versions, plan: &BonePlan) -> Truth {
    let named = v.get(Input::BoneFollowOn, &plan.follow_on).is_some();
    let last = last_given(cx, v, cx.today(), is_denosumab);
    let since = given(cx, v, is_bisphosphonate).into_iter().any(|one| last.is_none_or(|last| one.day > last.day));
    Truth::from(named || since)
}

/// How far from its day a drug that follows may start (unverified).
const ABOUT_60_D: i32 = 31;
const ABOUT_120_D: i32 = 14;
const NO_DOSE_D: i32 = 30;

/// R-DMAB-3.
fn no_follow_on(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let ours = denosumab(v, plan);
            let (Some((last, due)), false) = (due(cx, v, plan), ours.is_no()) else { return Found::no() };
            let ended = v.test(Input::BoneStatus, &plan.status, |status| {
                matches!(status, BoneStatus::Stopped | BoneStatus::Holiday)
            });
            let planned = v.get(Input::BonePlannedNext, &plan.planned_next).is_some_and(|day| *day >= cx.today());
            let unplanned = match due {
                Ok(due) => (cx.today().since(due) >= NO_DOSE_D && !planned).into(),
                Err(missing) => Truth::Unknown(missing.into()),
            };
            let follows = follows_in_time(cx, v, plan, &last);
            Found::when(ours.and(ended.or(unplanned)).and(follows.negate()), || fires().with(last.dose.id))
        });
    }
}

fn follows_in_time(cx: &Cx<'_>, v: &Versions, plan: &BonePlan, last: &Given<'_>) -> Truth {
    let given_since = given(cx, v, is_bisphosphonate).into_iter().any(|one| one.day > last.day);
    let (wanted, about) = match is_oncology(v, plan, last) {
        false => (Some(INTERVAL_60_D), ABOUT_60_D),
        true => (v.get(Input::BoneInterval, &plan.interval_d).copied(), ABOUT_120_D),
    };
    let named = match v.get(Input::BoneFollowOn, &plan.follow_on) {
        None => Truth::No,
        Some(_) => match (v.get(Input::BoneFollowOnOffset, &plan.follow_on_offset_d), wanted) {
            (Some(offset), Some(wanted)) => ((offset - wanted).abs() <= about).into(),
            _ => Truth::Unknown(Input::BoneFollowOnOffset.into()),
        },
    };
    Truth::from(given_since).or(named)
}

/// R-DMAB-4: whoever wrote them, and on whichever side of a dispute.
fn two_drugs(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let mut drugs: BTreeSet<(Agent, bool, Id)> = BTreeSet::new();
        let mut behind = Vec::new();
        let mut unsure = Truth::No;
        for plan in &cx.facts.bone_plans {
            let active = v.any(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Active);
            v.reads(Input::BoneAgent);
            v.reads(Input::BoneDose);
            if !active.is_yes() {
                unsure = unsure.or(active);
                continue;
            }
            if plan.agent.is_missing() {
                unsure = unsure.or(Truth::Unknown(Input::BoneAgent.into()));
            }
            behind.push(plan.id);
            for agent in plan.agent.known().copied().filter(|agent| is_bma(*agent)) {
                let doses = plan.dose_mg_milli.known().map(|mg| is_denosumab(agent) && *mg >= ONCOLOGY_DENOSUMAB_MILLI);
                drugs.extend(doses.map(|oncology| (agent, oncology, plan.id)));
                if plan.dose_mg_milli.known().next().is_none() {
                    drugs.insert((agent, false, plan.id));
                }
            }
        }
        let with_denosumab = drugs.iter().any(|(agent, ..)| is_denosumab(*agent));
        let other = drugs.len() > 1;
        let several = cx.facts.bone_plans.len() > 1;
        let truth = Truth::from(with_denosumab && other).or(if several { unsure } else { Truth::No });
        Found::when(truth, || behind.into_iter().fold(fires(), |found, id| found.with(id)))
    });
}
