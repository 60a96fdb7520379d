//! Exercise: signs that stop a session, sessions against the plan, and plans that a new finding overtook.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{bone_metastasis, words},
};
use crate::facts::{Day, DuringSign, Id, Lesion, PlanStatus, Treatment};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-EX-4", no_clearance), ("R-EX-5", stopped), ("R-EX-6", inactive), ("R-EX-7", overtaken)];

/// R-EX-5.
fn stopped(cx: &mut Cx<'_>) {
    for entry in cx.own(&cx.facts.activities) {
        cx.judge_on(entry, |_, v| {
            Found::when(v.has_any(Input::ActivitySigns, &entry.signs, DuringSign::ALL), || {
                fires().fill("x", words(&entry.signs.known))
            })
        });
    }
}

/// R-EX-4.
fn no_clearance(cx: &mut Cx<'_>) {
    for plan in &cx.facts.exercises {
        cx.judge(plan.id, |cx, v| {
            let active = v.any(Input::ExerciseStatus, &plan.status, |status| *status == PlanStatus::Active);
            let ours = active.and(bone_metastasis(cx, v));
            if ours.is_no() {
                return Found::no();
            }
            v.reads(Input::ExerciseApproval);
            v.reads(Input::Clearance);
            let newest = cx.facts.lesions.iter().filter_map(|lesion| lesion_day(v, lesion)).max();
            let approved = plan.approved.known.iter().max().copied().filter(|_| !plan.clearance.is_missing());
            let cleared = match (approved, newest) {
                (None, _) => Truth::No,
                (Some(approved), Some(newest)) => (approved >= newest).into(),
                (Some(_), None) => Truth::Unknown(Input::LesionImaging.into()),
            };
            Found::when(ours.and(cleared.negate()), fires)
        });
    }
}

/// When a lesion came to be known: its newest imaging, else the day of its record.
fn lesion_day(v: &Versions, lesion: &Lesion) -> Option<Day> {
    v.reads(Input::LesionImaging);
    v.reads(Input::LesionExists);
    lesion.imaged.known.iter().max().copied().or(lesion.recorded)
}

/// R-EX-7: something new since the last review.
fn overtaken(cx: &mut Cx<'_>) {
    for plan in &cx.facts.exercises {
        cx.judge(plan.id, |cx, v| {
            let mut events: Vec<(Day, &str, Option<Id>)> = Vec::new();
            for lesion in &cx.facts.lesions {
                events.extend(lesion_day(v, lesion).map(|day| (day, "a lesion", Some(lesion.id))));
            }
            v.reads(Input::PriorFractures);
            let fractures = cx.facts.risk.iter().flat_map(|risk| &risk.fractures.known);
            events.extend(fractures.filter_map(|(day, _)| day.map(|day| (day, "a fracture", None))));
            for course in &cx.facts.treatments {
                let kind = v.get(Input::TreatmentKind, &course.kind).copied();
                let name = match kind {
                    Some(Treatment::Surgery) => "surgery",
                    Some(Treatment::Radiotherapy) => "radiotherapy",
                    _ => continue,
                };
                events.extend(v.get(Input::TreatmentStart, &course.start).map(|day| (*day, name, Some(course.id))));
            }
            let Some(newest) = events.into_iter().max() else { return Found::no() };
            let stale = v.test(Input::ExerciseReview, &plan.last_review, |review| newest.0 > *review);
            Found::when(stale, || {
                let found = fires().fill("event", format!("{} of {}", newest.1, newest.0));
                newest.2.into_iter().fold(found, |found, id| found.with(id))
            })
        });
    }
}

const INACTIVE_D: i32 = 14;

/// R-EX-6. One minute is activity.
fn inactive(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        v.reads(Input::PauseWindows);
        let today = cx.today();
        let pauses = cx.facts.exercises.iter().flat_map(|plan| &plan.pauses.known);
        if pauses.into_iter().any(|(from, to)| (*from..=*to).contains(&today)) {
            return Found::no();
        }
        let done = in_range(&cx.facts.activities).filter_map(|entry| cx.days_ago(v, entry)).filter(|ago| *ago >= 0);
        match done.min() {
            Some(ago) => Found::when((ago > INACTIVE_D).into(), fires),
            // Nobody ever logged a session: nothing to say that it stopped.
            None => Found::missing(Input::ActivityDuration),
        }
    });
}
