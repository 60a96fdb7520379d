//! Smoking, alcohol, sun, goals, teaching, trials.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Subject, fires},
        truth::Truth,
    },
    bone_plan::started,
    common::{is_bma, words},
};
use crate::facts::{BoneStatus, Day, GoalStatus, Live, Treatment, TrialStatus};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-SMOK-1", smoking),
    ("R-ALC-1", alcohol),
    ("R-SUN-1", sun),
    ("R-GOAL-1", goals),
    ("R-EDU-1", teaching),
    ("R-TRIAL-1", trial),
];

const OFFER_D: i32 = 180;
/// What staff records when they offered help with stopping.
const OFFER: &str = "smoking_cessation";

/// R-SMOK-1.
fn smoking(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let smoked = in_range(&cx.facts.smokes)
            .filter(|entry| cx.days_ago(v, entry).is_some_and(|ago| (0..=OFFER_D).contains(&ago)));
        let any = |input, field: &Live<u32>| v.any(input, field, |count| *count > 0);
        let smoked = Truth::any(smoked.map(|entry| {
            let parts = [
                any(Input::Cigarettes, &entry.cigarettes),
                any(Input::Vape, &entry.vape),
                any(Input::OtherTobacco, &entry.other),
            ];
            // What was not asked for is not smoked, where another answer stands.
            let answered = parts.iter().any(|part| !matches!(part, Truth::Unknown(_)));
            if answered { Truth::from(parts.iter().any(|part| part.is_yes())) } else { Truth::any(parts) }
        }));
        if smoked.is_no() {
            return Found::no();
        }
        let taught = in_range(&cx.facts.taught).map(|one| {
            let recent = v.test(Input::TeachBackWhen, &one.at, |at| cx.today().since(at.day()) <= OFFER_D);
            v.test(Input::TeachBackTopic, &one.topic, |topic| topic == OFFER).and(recent)
        });
        let supported = in_range(&cx.facts.supports).map(|one| {
            let recent = cx.within(v, one, OFFER_D);
            v.test(Input::SupportResource, &one.resource, |resource| resource == OFFER).and(recent)
        });
        v.reads(Input::TeachBackTopic);
        v.reads(Input::SupportResource);
        let offered = Truth::any(taught.chain(supported)).or(cx.none_found());
        Found::when(smoked.and(offered.negate()), fires)
    });
}

const UNITS_TENTHS: u64 = 30;

/// R-ALC-1: three units a day over seven days, if the person shares it.
fn alcohol(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let week =
            in_range(&cx.facts.drinks).filter(|entry| cx.days_ago(v, entry).is_some_and(|ago| (0..7).contains(&ago)));
        let sum: u64 = week
            .filter_map(|entry| v.get(Input::AlcoholUnits, &entry.units_tenths))
            .map(|units| u64::from(*units))
            .sum();
        let much = Truth::from(sum >= UNITS_TENTHS * 7);
        if much.is_no() {
            return Found::no();
        }
        let shared = v.test(Input::Grant, &cx.facts.house.shares_alcohol, |shares| *shares);
        Found::when(much.and(shared), || fires().fill("u", format!("{}.{}", sum / 70, sum % 70 / 7)))
    });
}

/// Sun entries of the last days stand for a goal of sun exposure, which has no field of its own.
const SUN_D: i32 = 30;
const FIELD_D: i32 = 90;
/// Agents that make the skin sensitive to light (unverified).
const PHOTOSENSITISING: [&str; 9] = [
    "methotrexate",
    "fluorouracil",
    "capecitabine",
    "dacarbazine",
    "vinblastine",
    "vemurafenib",
    "vandetanib",
    "imatinib",
    "doxycycline",
];

/// R-SUN-1.
fn sun(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        v.reads(Input::SunMinutes);
        let active =
            in_range(&cx.facts.suns).any(|entry| cx.days_ago(v, entry).is_some_and(|ago| (0..=SUN_D).contains(&ago)));
        if !active {
            return Found::no();
        }
        let ended =
            |end: &Live<Day>, within: i32| !end.is_missing() && end.known().all(|day| cx.today().since(*day) > within);
        let course = cx.facts.treatments.iter().map(|course| {
            v.reads(Input::TreatmentEnd);
            let sensitive =
                v.any(Input::TreatmentAgent, &course.agent, |agent| PHOTOSENSITISING.contains(&agent.as_str()));
            let drug = Truth::from(sensitive.is_yes() && !ended(&course.end, 0));
            let field = v
                .any(Input::TreatmentKind, &course.kind, |kind| *kind == Treatment::Radiotherapy)
                .and((!ended(&course.end, FIELD_D)).into());
            drug.or(field)
        });
        Found::when(Truth::any(course).or(cx.none_found()), fires)
    });
}

const MILESTONE_D: i32 = 14;

/// R-GOAL-1.
fn goals(cx: &mut Cx<'_>) {
    for goal in &cx.facts.goals {
        cx.judge(goal.id, |cx, v| {
            let over = v.test(Input::GoalStatus, &goal.status, |status| {
                matches!(status, GoalStatus::Achieved | GoalStatus::Parked | GoalStatus::Dropped)
            });
            if over.is_yes() {
                return Found::no();
            }
            v.reads(Input::ProgressWhen);
            v.reads(Input::MilestoneDate);
            let passed = goal.milestones.iter().any(|milestone| {
                let date = v.get(Input::MilestoneDate, milestone).copied();
                date.is_some_and(|date| {
                    cx.today().since(date) >= MILESTONE_D && !goal.progress.known.iter().any(|day| *day >= date)
                })
            });
            let matters = v.get(Input::GoalImportance, &goal.importance).copied();
            let sure = v.get(Input::GoalConfidence, &goal.confidence).copied();
            let doubt = matters.zip(sure).is_some_and(|(matters, sure)| matters >= 7 && sure <= 4);
            Found::when((passed || doubt).into(), fires)
        });
    }
}

const TOPICS: [&str; 4] = ["jaw", "low_calcium", "thigh_pain", "spinal_cord"];
const TEACH_D: i32 = 14;

/// R-EDU-1.
fn teaching(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let ours = v.any(Input::BoneAgent, &plan.agent, |agent| is_bma(*agent)).and(v.any(
                Input::BoneStatus,
                &plan.status,
                |status| *status == BoneStatus::Active,
            ));
            if ours.is_no() {
                return Found::no();
            }
            let Some(start) = started(cx, v, plan) else { return Found::missing(Input::DoseWhen) };
            let long = Truth::from(cx.today().since(start) > TEACH_D);
            let taught = |wanted: &str| {
                v.reads(Input::TeachBackUnderstood);
                Truth::any(in_range(&cx.facts.taught).map(|one| {
                    v.test(Input::TeachBackTopic, &one.topic, |topic| topic == wanted)
                        .and(Truth::from(v.get(Input::TeachBackUnderstood, &one.understood) != Some(&false)))
                }))
                .or(cx.none_found())
            };
            v.reads(Input::TeachBackTopic);
            Found::when(ours.and(long).and(Truth::all(TOPICS.map(taught)).negate()), fires)
        });
    }
}

/// Days around a visit of a trial (unverified).
const VISIT_WINDOW_D: i32 = 3;
const CHANGE_D: i32 = 14;

/// R-TRIAL-1, on changes of plans of the last fortnight.
fn trial(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for (trial, change) in facts.trials.iter().flat_map(|trial| facts.house.changes.iter().map(move |one| (trial, one)))
    {
        cx.judge(change.record, |cx, v| {
            v.reads(Input::PlanChanges);
            let recent = (0..=CHANGE_D).contains(&cx.today().since(change.at.day()));
            let active = v.any(Input::TrialStatus, &trial.status, |status| *status == TrialStatus::Active);
            if !recent || active.is_no() {
                return Found::no();
            }
            let items: Vec<&String> = change.items.iter().filter(|item| trial.prohibited.has(item)).collect();
            v.reads(Input::TrialProhibited);
            let visits = v.get(Input::TrialVisits, &trial.visits);
            let near =
                visits.is_some_and(|days| days.iter().any(|day| day.since(change.at.day()).abs() <= VISIT_WINDOW_D));
            let truth = active.and((!items.is_empty() || near).into());
            Found::when(truth, || {
                let what = if items.is_empty() { change.items.iter().collect() } else { items };
                let x = if what.is_empty() { "the plan".to_owned() } else { words(what) };
                fires().fill("x", x).with(trial.id)
            })
        });
    }
}
