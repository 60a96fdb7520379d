//! Fever during cancer treatment, and the reaction to an infusion that looks like it.

use super::{
    super::{
        eval::{Cx, Trigger},
        inputs::Input,
        outcome::{Found, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{decimal, given, words},
    scores::{is_item, item},
};
use crate::facts::{Agent, Course, Day, HOUR_MS, Instant, Sign, Treatment};

pub(super) const RULES: &[(&str, Trigger)] = &[("R-SEP-1", sepsis), ("R-APR-1", acute_phase)];

/// Six weeks after the last dose. ENHERTS.
const AFTER_DOSE_D: i32 = 42;

/// R-SEP-1. A recent dose of zoledronate does not matter here.
fn sepsis(cx: &mut Cx<'_>) {
    let fever = cx.threshold("fever_tenths_cel");
    let facts = cx.facts;
    for entry in cx.own(&facts.vitals) {
        let hot = |v: &Versions| v.test(Input::Temperature, &entry.temperature_tenths, |t| i64::from(*t) >= fever);
        cx.judge_on(entry, |cx, v| {
            let Some(at) = v.at(entry) else { return Found::missing(Input::EffectiveStart) };
            Found::when(hot(v).and(treated(cx, v, at.day())), || {
                let value = v.get(Input::Temperature, &entry.temperature_tenths).copied().unwrap_or_default();
                fires().fill("value", decimal(i64::from(value), 1, 1))
            })
        });
    }
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |cx, v| {
            let chills = v.has(Input::SymptomFlags, &entry.flags, &Sign::ShiveringChills);
            let unwell = v.has(Input::SymptomFlags, &entry.flags, &Sign::FeelsUnwell);
            let ill = chills.and(unwell);
            if ill.is_no() {
                return Found::no();
            }
            let Some(at) = v.at(entry) else { return Found::missing(Input::EffectiveStart) };
            Found::when(ill.and(treated(cx, v, at.day())), || {
                fires().fill("value", words([Sign::ShiveringChills, Sign::FeelsUnwell]))
            })
        });
    }
}

/// Is a course of an anticancer drug active on that day, or was its last dose up to 42 days before? The window is the
/// widest that live versions allow.
pub(super) fn treated(cx: &Cx<'_>, v: &Versions, on: Day) -> Truth {
    let drug = |course: &Course| {
        v.any(Input::TreatmentKind, &course.kind, |kind| {
            !matches!(kind, Treatment::Radiotherapy | Treatment::Surgery | Treatment::Glucocorticoid)
        })
    };
    let in_window = |course: &Course| {
        v.reads(Input::TreatmentStart);
        let start = course.start.known().min();
        let begun: Truth = start.is_none_or(|start| *start <= on).into();
        v.reads(Input::TreatmentEnd);
        let ended = course.end.known().max();
        let open: Truth = (ended.is_none() || ended.is_some_and(|end| on.since(*end) <= AFTER_DOSE_D)).into();
        let dosed = v.any(Input::TreatmentLastDose, &course.last_dose, |last| on.since(*last) <= AFTER_DOSE_D);
        begun.and(open.or(Truth::from(dosed.is_yes())))
    };
    let courses = cx.facts.treatments.iter();
    Truth::any(courses.map(|course| drug(course).and(in_window(course)))).or(cx.none_found())
}

const AFTER_INFUSION_H: i64 = 72;
/// Fever begins where people feel warm, below the cut of R-SEP-1 (unverified).
const WARM_TENTHS: i64 = 375;

/// R-APR-1: warm, aching or shivering in the three days after zoledronate, where R-SEP-1 does not fire.
fn acute_phase(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    let fever = cx.threshold("fever_tenths_cel");
    for entry in cx.own(&facts.vitals) {
        cx.judge_on(entry, |cx, v| {
            let warm = v.test(Input::Temperature, &entry.temperature_tenths, |t| {
                (WARM_TENTHS.min(fever)..fever.min(380)).contains(&i64::from(*t))
            });
            Found::when(warm.and(after_infusion(cx, v, v.at(entry))), fires)
        });
    }
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |cx, v| {
            let chills = v.has(Input::SymptomFlags, &entry.flags, &Sign::ShiveringChills);
            let aches = is_item(v, entry, &[item::MUSCLE_ACHE, item::JOINT_ACHE])
                && v.any(Input::SymptomSeverity, &entry.severity, |severity| *severity >= 1).is_yes();
            let ill = chills.or(aches.into());
            if ill.is_no() {
                return Found::no();
            }
            let Some(at) = v.at(entry) else { return Found::missing(Input::EffectiveStart) };
            let unwell = v.has(Input::SymptomFlags, &entry.flags, &Sign::FeelsUnwell);
            let septic = chills.and(unwell).and(treated(cx, v, at.day()));
            Found::when(ill.and(after_infusion(cx, v, Some(at))).and(septic.negate()), fires)
        });
    }
    for entry in cx.own(&facts.reactions) {
        cx.judge_on(entry, |cx, v| {
            let aches = v.any(Input::ReactionEffect, &entry.effect, |effect| {
                matches!(effect.as_str(), "aches" | "chills" | "flu_like")
            });
            Found::when(aches.and(after_infusion(cx, v, v.at(entry))), fires)
        });
    }
}

fn after_infusion(cx: &Cx<'_>, v: &Versions, at: Option<Instant>) -> Truth {
    let Some(at) = at else { return Truth::Unknown(Input::EffectiveStart.into()) };
    let near = given(cx, v, |agent| agent == Agent::Zoledronate).into_iter().any(|one| {
        let when = v.get(Input::DoseWhen, &one.dose.at);
        when.is_some_and(|when| (0..=AFTER_INFUSION_H * HOUR_MS).contains(&at.since_ms(*when)))
    });
    Truth::from(near).or(cx.none_found())
}
