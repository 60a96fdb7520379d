//! High calcium and vitamin D: results, signs of it, supplements and digoxin beside it.

use std::collections::BTreeSet;

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    calcium_low::{supplement_active, unread_calcium},
    common::{decimal, is_bma, medicine_active, planned, words},
    labs::{calcia, calcium_is, high_limit, results},
};
use crate::facts::{Analyte, Entry, Product, Sign, Symptom};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-HYPERCA-1", high_result),
    ("R-HYPERCA-2", cluster),
    ("R-HYPERCA-3", supplement),
    ("R-DNI-6", digoxin),
    ("R-VITD-1", vitamin_d),
];

const CLOUDED: [Sign; 2] = [Sign::NewConfusion, Sign::Drowsiness];
const WINDOW_D: i32 = 7;

/// R-HYPERCA-1, on each result.
fn high_result(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for lab in cx.near(in_range(&facts.labs)) {
        cx.judge_on(lab, |cx, v| {
            let Some(calcium) = calcia(cx, v).into_iter().find(|calcium| calcium.id == lab.id) else {
                return unread_calcium(cx, v, lab);
            };
            let clouded = Truth::any(in_range(&facts.symptoms).map(|entry| {
                let near = v.at(entry).is_some_and(|at| at.day().since(calcium.day()).abs() <= WINDOW_D);
                v.has_any(Input::SymptomFlags, &entry.flags, &CLOUDED).and(near.into())
            }));
            let above = |limit: i64| Truth::from(calcium.value > limit);
            let levels = [
                (Severity::Emergency, above(35_000).or(above(30_000).and(clouded))),
                (Severity::Urgent, above(28_000)),
                (Severity::Soon, above(high_limit(cx, &calcium))),
            ];
            Found::levels(&levels, || {
                fires().fill("value", decimal(calcium.value, 4, 2)).fill("g", high_grade(calcium.value))
            })
        });
    }
}

/// CTCAE grade of high calcium, mmol/L. CTCAE.
fn high_grade(value: i64) -> u8 {
    match value {
        ..=29_000 => 1,
        29_001..=31_000 => 2,
        31_001..=34_000 => 3,
        _ => 4,
    }
}

const CLUSTER: [Sign; 6] = [
    Sign::GreatThirst,
    Sign::PassingMuchUrine,
    Sign::Constipation,
    Sign::NauseaOrVomiting,
    Sign::MarkedTiredness,
    Sign::WorseningBonePain,
];

/// R-HYPERCA-2: two signs within seven days up to an entry.
fn cluster(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.near(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |_, v| {
            if !CLUSTER.iter().chain(&CLOUDED).any(|sign| entry.flags.has(sign)) {
                return Found::when(v.has_any(Input::SymptomFlags, &entry.flags, &CLUSTER), fires);
            }
            let Some(day) = v.at(entry).map(|at| at.day()) else { return Found::missing(Input::EffectiveStart) };
            let near =
                |other: &&Entry<Symptom>| v.at(other).is_some_and(|at| (0..=WINDOW_D).contains(&day.since(at.day())));
            let (mut signs, mut unsure) = (BTreeSet::new(), BTreeSet::new());
            let mut clouded = false;
            for other in in_range(&facts.symptoms).filter(near) {
                let shown = CLUSTER.iter().copied().filter(|sign| other.flags.has(sign));
                match v.flag(Input::SymptomNew, &other.new_or_worse) {
                    Truth::Yes => signs.extend(shown),
                    Truth::Unknown(_) => unsure.extend(shown),
                    Truth::No => {}
                }
                clouded |= CLOUDED.iter().any(|sign| other.flags.has(sign));
            }
            let two = match (signs.len(), signs.union(&unsure).count()) {
                (2.., _) => Truth::Yes,
                (_, 2..) => Truth::Unknown(Input::SymptomNew.into()),
                _ => Truth::No,
            };
            let levels = [(Severity::Emergency, two.and(clouded.into())), (Severity::Urgent, two)];
            Found::levels(&levels, || fires().fill("signs", words(signs)))
        });
    }
}

fn is_high(cx: &Cx<'_>, v: &Versions) -> Truth {
    calcium_is(cx, v, |calcium| calcium.value > high_limit(cx, calcium))
}

/// R-HYPERCA-3.
fn supplement(cx: &mut Cx<'_>) {
    for line in &cx.facts.supplements {
        cx.judge(line.id, |cx, v| {
            let active = supplement_active(v, line, Product::Calcium).or(supplement_active(v, line, Product::VitaminD));
            if active.is_no() { Found::no() } else { Found::when(active.and(is_high(cx, v)), fires) }
        });
    }
}

/// R-DNI-6.
fn digoxin(cx: &mut Cx<'_>) {
    for line in &cx.facts.medicines {
        cx.judge(line.id, |cx, v| {
            let active = medicine_active(v, line, &[Product::Digoxin]);
            if active.is_no() { Found::no() } else { Found::when(active.and(is_high(cx, v)), fires) }
        });
    }
}

/// R-VITD-1, on the newest result.
fn vitamin_d(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let Some(result) = results(cx, v, Analyte::VitaminD).pop() else { return Found::no() };
        let due = Truth::any(cx.facts.bone_plans.iter().map(|plan| {
            let soon = planned(v, plan).is_some_and(|due| (0..=28).contains(&due.since(cx.today())));
            v.any(Input::BoneAgent, &plan.agent, |agent| is_bma(*agent)).and(soon.into())
        }));
        let below = |limit: i64| Truth::from(result.value < limit);
        let levels = [(Severity::Urgent, below(300_000).and(due)), (Severity::Soon, below(500_000))];
        Found::levels(&levels, || fires().fill("v", decimal(result.value, 4, 0)).with(result.id))
    });
}
