//! Kidneys and infusions of bisphosphonates: clearance, dose, rise of creatinine, anti-inflammatory painkillers.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, fires},
        truth::Truth,
    },
    common::{decimal, given, is_bisphosphonate, is_infusion, planned},
    labs::{clearance, newest, newest_is, results},
};
use crate::{
    Exact,
    assess::zoledronate::{Withhold, zoledronate_dose, zoledronate_withhold},
    facts::{Agent, Analyte, BoneStatus, Product},
};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-REN-1", too_low),
    ("R-REN-2", above_table),
    ("R-REN-3", rise),
    ("R-REN-4", no_creatinine),
    ("R-REN-5", nsaid),
];

/// mL/min; umol/L in ten-thousandths. ZOMETA-EU.
const CLEARANCE: i64 = 30;
const CREATININE: i64 = 2_650_000;

/// R-REN-1.
fn too_low(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let soon = planned(v, plan).is_some_and(|due| (0..=14).contains(&due.since(cx.today())));
            let ours = is_infusion(v, plan).and(soon.into());
            if ours.is_no() {
                return Found::no();
            }
            let low = match clearance(cx, v) {
                Some(value) => (value < Exact::whole(CLEARANCE)).into(),
                None => Truth::Unknown(Input::LabValue.into()),
            };
            let high = newest_is(cx, v, Analyte::Creatinine, |value| value > CREATININE);
            Found::when(ours.and(low.or(Truth::from(high.is_yes()))), fires)
        });
    }
}

/// R-REN-2.
fn above_table(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let ours = v.test(Input::BoneAgent, &plan.agent, |agent| *agent == Agent::Zoledronate);
            let ended = v.test(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Stopped);
            let ours = ours.and(ended.negate());
            if ours.is_no() {
                return Found::no();
            }
            let Some(value) = clearance(cx, v) else {
                return Found::when(ours.and(Truth::Unknown(Input::LabValue.into())), fires);
            };
            let Some(table) = zoledronate_dose(Some(value)).exact() else { return Found::no() };
            let above =
                v.test(Input::BoneDose, &plan.dose_mg_milli, |mg| Exact::scaled(*mg, 3).is_some_and(|mg| mg > table));
            Found::when(ours.and(above), || fires().fill("v", shown(value, 0)).fill("d", shown(table, 1)))
        });
    }
}

/// With one decimal at the most.
fn shown(value: Exact, least: usize) -> String {
    let tenths = value.rounded(1).and_then(|tenths| i64::try_from(tenths).ok());
    tenths.map_or_else(|| "an unknown number".to_owned(), |tenths| decimal(tenths, 1, least))
}

/// R-REN-3: against the newest creatinine before each infusion.
fn rise(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let running = v.test(Input::BoneStatus, &plan.status, |status| *status != BoneStatus::Stopped);
            let ours = is_infusion(v, plan).and(running);
            if ours.is_no() {
                return Found::no();
            }
            let all = results(cx, v, Analyte::Creatinine);
            let Some(last) = all.last() else {
                return Found::when(ours.and(Truth::Unknown(Input::LabValue.into())), fires);
            };
            let infusions = given(cx, v, is_bisphosphonate).into_iter().filter(|one| !one.dose.oral);
            let risen = infusions.filter(|one| last.day() > one.day).any(|one| {
                let baseline = all.iter().rev().find(|result| result.day() <= one.day);
                baseline.is_some_and(|baseline| {
                    let withheld = zoledronate_withhold(Exact::scaled(baseline.value, 4), Exact::scaled(last.value, 4));
                    withheld.band() == Some(&Withhold::Withhold)
                })
            });
            Found::when(ours.and(risen.into()), || fires().with(last.id))
        });
    }
}

const FRESH_D: i32 = 14;

/// R-REN-4.
fn no_creatinine(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let Some(due) = planned(v, plan) else { return Found::no() };
            let left = due.since(cx.today());
            let ours = is_infusion(v, plan).and((0..=7).contains(&left).into());
            if ours.is_no() {
                return Found::no();
            }
            let window = v.get(Input::CreatinineMaxAge, &plan.creatinine_max_age_d).copied().unwrap_or(FRESH_D);
            let fresh = |result: &super::labs::Result| (0..=window).contains(&due.since(result.day()));
            let found = results(cx, v, Analyte::Creatinine).iter().any(fresh);
            let missing = ours.and(Truth::from(!found)).and(cx.none_found().negate());
            let levels = [(Severity::Urgent, missing.and((left <= 2).into())), (Severity::Soon, missing)];
            Found::levels(&levels, fires)
        });
    }
}

const AROUND_D: i32 = 7;

/// R-REN-5.
fn nsaid(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for intake in cx.near(in_range(&facts.intakes)) {
        cx.judge_on(intake, |cx, v| {
            v.reads(Input::MedicineKinds);
            let taken = super::drugs::taken(v, intake).and(v.has(Input::IntakeProduct, &intake.kinds, &Product::Nsaid));
            if taken.is_no() {
                return Found::no();
            }
            let Some(day) = v.get(Input::IntakeTaken, &intake.at).map(|at| at.day()) else {
                return Found::missing(Input::IntakeTaken);
            };
            let near_given = given(cx, v, is_bisphosphonate)
                .into_iter()
                .any(|one| !one.dose.oral && one.day.since(day).abs() <= AROUND_D);
            let near_planned = Truth::any(facts.bone_plans.iter().map(|plan| {
                let near = planned(v, plan).is_some_and(|due| due.since(day).abs() <= AROUND_D);
                is_infusion(v, plan).and(near.into())
            }));
            let kidneys = match newest(cx, v, Analyte::Egfr) {
                Some(egfr) => (egfr.value < 600_000).into(),
                None => Truth::Unknown(Input::LabValue.into()),
            };
            let any = Truth::from(near_given).or(near_planned).or(kidneys);
            Found::when(taken.and(any), fires)
        });
    }
}
