//! Drinking: too little, too much, and drying out.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{is_infusion, planned},
    intake::fluid_ml,
    scores::{is_item, item, reaches},
};
use crate::facts::{DAY_MS, Entry, Sign, Symptom};

pub(super) const RULES: &[(&str, Trigger)] = &[("R-HYD-1", too_little), ("R-HYD-2", drying_out), ("R-HYD-3", too_much)];

/// R-HYD-1. A ceiling below the floor is a dispute of the plan, not of the person.
fn too_little(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let Some(plan) = &cx.facts.nutrition else { return Found::no() };
        let Some(floor) = v.get(Input::FluidMin, &plan.fluid_min_ml).copied() else { return Found::no() };
        if v.get(Input::FluidMax, &plan.fluid_max_ml).is_some_and(|ceiling| *ceiling < floor) {
            return Found::no();
        }
        let days = fluid_ml(cx, v, 7);
        let low: Vec<i64> = days.days.values().copied().filter(|ml| *ml < floor).collect();
        Found::when((low.len() >= 3).into(), || {
            let least = low.iter().min().copied().unwrap_or_default();
            days.behind(fires().fill("v", least).fill("t", floor).with(plan.id))
        })
    });
}

/// R-HYD-3: on two of three days.
fn too_much(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let Some(plan) = &cx.facts.nutrition else { return Found::no() };
        let Some(ceiling) = v.get(Input::FluidMax, &plan.fluid_max_ml).copied() else { return Found::no() };
        let days = fluid_ml(cx, v, 3);
        let high: Vec<i64> = days.days.values().copied().filter(|ml| *ml > ceiling).collect();
        Found::when((high.len() >= 2).into(), || {
            let most = high.iter().max().copied().unwrap_or_default();
            days.behind(fires().fill("v", most).fill("t", ceiling).with(plan.id))
        })
    });
}

const LEAST_ML: i64 = 1_000;
const INFUSION_D: i32 = 3;
const STOOLS: usize = 6;

/// R-HYD-2: vomiting or loose stools, and little drunk, signs of it, or an infusion ahead.
fn drying_out(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let recent = |entry: &&Entry<Symptom>| cx.days_ago(v, entry).is_some_and(|ago| (0..=1).contains(&ago));
        let losing = Truth::any(in_range(&cx.facts.symptoms).filter(recent).map(|entry| {
            if is_item(v, entry, &[item::VOMITING, item::DIARRHOEA]) { reaches(v, entry, 3) } else { Truth::No }
        }));
        let losing = losing.or(many_stools(cx, v));
        if losing.is_no() {
            return Found::no();
        }
        let signs = Truth::any(in_range(&cx.facts.symptoms).filter(recent).map(|entry| {
            v.has_any(Input::SymptomFlags, &entry.flags, &[Sign::DizzyOnStanding, Sign::VeryLittleUrine])
        }));
        let infusion = Truth::any(cx.facts.bone_plans.iter().map(|plan| {
            let soon = planned(v, plan).is_some_and(|due| (0..=INFUSION_D).contains(&due.since(cx.today())));
            is_infusion(v, plan).and(soon.into())
        }));
        Found::when(losing.and(Truth::any([little(cx, v), signs, infusion])), fires)
    });
}

/// Under a litre in the last 24 hours; nothing logged: cannot tell.
fn little(cx: &Cx<'_>, v: &Versions) -> Truth {
    match fluid_ml(cx, v, 1).days.values().next() {
        Some(ml) => (*ml < LEAST_ML).into(),
        None => Truth::Unknown(Input::FluidVolume.into()),
    }
}

/// Six reports of loose stools within 24 hours: each is an entry of its own, there is no count to enter.
fn many_stools(cx: &Cx<'_>, v: &Versions) -> Truth {
    let report = |entry: &&Entry<Symptom>| {
        is_item(v, entry, &[item::DIARRHOEA])
            && v.at(entry).is_some_and(|at| (0..=DAY_MS).contains(&cx.now.since_ms(at)))
            && v.any(Input::SymptomFrequency, &entry.frequency, |frequency| *frequency >= 1).is_yes()
    };
    (in_range(&cx.facts.symptoms).filter(report).count() >= STOOLS).into()
}
