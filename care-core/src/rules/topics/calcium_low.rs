//! Low calcium: signs of it on a bone drug, results, and checks before a dose.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::{Input, InputSet},
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{
        bone_drug_active, decimal, doses, drug_named, given, is_bma, is_oral, last_given, plan_name, planned, tri,
        words,
    },
    labs::{calcia, calcium_is, high_limit, low_limit, newest_calcium, newest_is, results},
};
use crate::facts::{
    Agent, Analyte, BoneStatus, Entry, Lab, LineStatus, MonitoringKind, Product, Sign, SupplementLine, Symptom,
};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-HYPOCA-1", severe_signs),
    ("R-HYPOCA-2", mild_signs),
    ("R-HYPOCA-3", low_result),
    ("R-HYPOCA-4", no_result_before_dose),
    ("R-HYPOCA-5", dose_at_low_calcium),
    ("R-HYPOCA-6", kidney),
    ("R-HYPOCA-7", no_supplement),
];

const SEVERE: [Sign; 4] = [Sign::Seizure, Sign::ThroatTightness, Sign::Fainting, Sign::SpasmHandFoot];
const FAINTNESS: [Sign; 3] = [Sign::Fainting, Sign::DizzyOnStanding, Sign::Collapse];

/// R-HYPOCA-1.
fn severe_signs(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.symptoms) {
        let found = |cx: &Cx<'_>, v: &Versions| {
            let signs = severe(v, entry);
            if signs.is_no() {
                return Found::no();
            }
            let Some(at) = v.at(entry) else { return Found::missing(Input::EffectiveStart) };
            Found::when(signs.and(bone_drug_active(cx, v, at.day())), || {
                let last = last_given(cx, v, at.day(), is_bma);
                let when = last.map_or_else(|| "on an unknown day".to_owned(), |last| last.day.to_string());
                let shown = SEVERE.iter().chain([&Sign::Palpitations]).filter(|sign| entry.flags.has(sign));
                fires().fill("signs", words(shown)).fill("agent", drug_named(cx, v, at.day())).fill("when", when)
            })
        };
        cx.judge_on(entry, found);
    }
}

/// Palpitations count together with faintness.
fn severe(v: &Versions, entry: &Entry<Symptom>) -> Truth {
    let palpitations = v.has(Input::SymptomFlags, &entry.flags, &Sign::Palpitations);
    let faint = v.has_any(Input::SymptomFlags, &entry.flags, &FAINTNESS);
    v.has_any(Input::SymptomFlags, &entry.flags, &SEVERE).or(palpitations.and(faint))
}

/// A dose counts so long, also when no plan is active.
const AFTER_DOSE_D: i32 = 90;

/// R-HYPOCA-2.
fn mild_signs(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |cx, v| {
            let signs = mild(v, entry);
            if signs.is_no() {
                return Found::no();
            }
            let Some(day) = v.at(entry).map(|at| at.day()) else { return Found::missing(Input::EffectiveStart) };
            let last = last_given(cx, v, day, is_bma);
            let dosed = Truth::from(last.is_some_and(|last| day.since(last.day) <= AFTER_DOSE_D));
            Found::when(signs.and(dosed.or(bone_drug_active(cx, v, day))), || {
                let days =
                    last.map_or_else(|| "an unknown number of".to_owned(), |last| day.since(last.day).to_string());
                let shown = MILD.iter().chain(&MILD_NEW).filter(|sign| entry.flags.has(sign));
                fires().fill("signs", words(shown)).fill("agent", drug_named(cx, v, day)).fill("days", days)
            })
        });
    }
}

const MILD: [Sign; 2] = [Sign::TinglingMouth, Sign::MuscleTwitching];
const MILD_NEW: [Sign; 2] = [Sign::TinglingFingertips, Sign::Cramps];

fn mild(v: &Versions, entry: &Entry<Symptom>) -> Truth {
    let new = v.flag(Input::SymptomNew, &entry.new_or_worse);
    v.has_any(Input::SymptomFlags, &entry.flags, &MILD)
        .or(v.has_any(Input::SymptomFlags, &entry.flags, &MILD_NEW).and(new))
}

/// Symptoms so many days around a result belong to it.
const SYMPTOM_D: i32 = 7;

/// R-HYPOCA-3, on each result.
fn low_result(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for lab in cx.near(in_range(&facts.labs)) {
        cx.judge_on(lab, |cx, v| {
            let Some(calcium) = calcia(cx, v).into_iter().find(|calcium| calcium.id == lab.id) else {
                return unread_calcium(cx, v, lab);
            };
            let near = |entry: &Entry<Symptom>| match v.at(entry) {
                Some(at) => Truth::from((0..=SYMPTOM_D).contains(&calcium.day().since(at.day()))),
                None => Truth::Unknown(Input::EffectiveStart.into()),
            };
            let felt = Truth::any(in_range(&facts.symptoms).map(|entry| mild(v, entry).and(near(entry))));
            let low = Truth::from(calcium.value < low_limit(cx, &calcium));
            let levels = [
                (Severity::Emergency, (calcium.value < 19_000).into()),
                (Severity::Urgent, Truth::from(calcium.value < 20_000).or(low.and(felt))),
            ];
            Found::levels(&levels, || {
                fires().fill("value", decimal(calcium.value, 4, 2)).fill("g", low_grade(calcium.value))
            })
        });
    }
}

/// A result of calcium that cannot be read as adjusted: say so, and of a total calcium what it takes. Other analytes are no
/// concern, nor is a total calcium of a day with an adjusted one.
pub(super) fn unread_calcium(cx: &Cx<'_>, v: &Versions, lab: &Entry<Lab>) -> Found {
    v.reads(Input::Albumin);
    let is = |kind: Analyte| v.any(Input::LabAnalyte, &lab.analyte, |analyte| *analyte == kind);
    let (total, adjusted) = (is(Analyte::CalciumTotal), is(Analyte::CalciumAdjusted));
    let day = v.get(Input::LabTime, &lab.at).map(|at| at.day());
    let read = results(cx, v, Analyte::CalciumAdjusted).iter().any(|own| Some(own.day()) == day);
    if lab.superseded || (read && !adjusted.is_yes()) {
        return Found::no();
    }
    let lacks = InputSet::from(Input::AdjustedCalcium);
    let lacks = if total.is_yes() { lacks.union(Input::Albumin.into()) } else { lacks };
    Found::when(total.or(adjusted).and(Truth::Unknown(lacks)), fires)
}

/// CTCAE grade of low calcium, mmol/L. CTCAE.
fn low_grade(value: i64) -> u8 {
    match value {
        ..15_000 => 4,
        15_000..17_500 => 3,
        17_500..20_000 => 2,
        _ => 1,
    }
}

/// R-HYPOCA-4: no calcium in the days before a planned dose.
fn no_result_before_dose(cx: &mut Cx<'_>) {
    let usual = i32::try_from(cx.threshold("calcium_before_dose_d")).unwrap_or(i32::MAX);
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let Some(due) = planned(v, plan) else { return Found::no() };
            let left = due.since(cx.today());
            if !(0..=7).contains(&left) {
                return Found::no();
            }
            let oral = is_oral(v, plan);
            let own = v.get(Input::CalciumMaxAge, &plan.calcium_max_age_d).copied();
            let window = own.unwrap_or(if oral { 28 } else { usual });
            let fresh = calcia(cx, v).iter().any(|calcium| (0..=window).contains(&due.since(calcium.day())));
            let agent = v.test(Input::BoneAgent, &plan.agent, |agent| is_bma(*agent));
            let missing = agent.and(Truth::from(!fresh)).and(cx.none_found().negate());
            let levels = [(Severity::Urgent, missing.and((left <= 2).into())), (Severity::Soon, missing)];
            Found::levels(&levels, || fires().fill("agent", plan_name(v, plan)).fill("date", due))
        });
    }
}

/// R-HYPOCA-5: a dose planned, or given since, while the newest calcium is low.
fn dose_at_low_calcium(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let ahead = planned(v, plan).is_some_and(|due| due >= cx.today());
            let agent = v.test(Input::BoneAgent, &plan.agent, |agent| is_bma(*agent));
            low_and(cx, v, agent.and(ahead.into()), || plan_name(v, plan))
        });
    }
    for dose in cx.near(doses(cx)) {
        cx.judge_on(dose, |cx, v| {
            let Some(given) = given(cx, v, is_bma).into_iter().find(|given| given.dose.id == dose.id) else {
                return Found::no();
            };
            let since = newest_calcium(cx, v).is_none_or(|calcium| given.day >= calcium.day());
            low_and(cx, v, since.into(), || given.name())
        });
    }
}

fn low_and(cx: &Cx<'_>, v: &Versions, dose: Truth, agent: impl Fn() -> String) -> Found {
    if dose.is_no() {
        return Found::no();
    }
    let low = calcium_is(cx, v, |calcium| calcium.value < low_limit(cx, calcium));
    Found::when(dose.and(low), || fires().fill("agent", agent()))
}

/// R-HYPOCA-6: denosumab in advanced kidney disease needs calcium weekly for four weeks, then monthly.
fn kidney(cx: &mut Cx<'_>) {
    for plan in &cx.facts.bone_plans {
        cx.judge(plan.id, |cx, v| {
            let active = v.any(Input::BoneStatus, &plan.status, |status| *status == BoneStatus::Active).and(v.any(
                Input::BoneAgent,
                &plan.agent,
                |agent| *agent == Agent::Denosumab,
            ));
            if active.is_no() {
                return Found::no();
            }
            let dialysis = match &cx.facts.risk {
                Some(risk) => tri(v, Input::Dialysis, &risk.dialysis),
                None => Truth::Unknown(Input::Dialysis.into()),
            };
            let failing = newest_is(cx, v, Analyte::Egfr, |egfr| egfr < 300_000).or(dialysis);
            Found::when(active.and(failing).and(watched(cx, v).negate()), fires)
        });
    }
}

fn watched(cx: &Cx<'_>, v: &Versions) -> Truth {
    let first = given(cx, v, |agent| agent == Agent::Denosumab).into_iter().map(|given| given.day).min();
    let past_first_month = first.is_some_and(|first| cx.today().since(first) > 28);
    let interval = if past_first_month { 31 } else { 7 };
    Truth::any(cx.facts.monitoring.iter().map(|item| {
        v.test(Input::MonitoringKind, &item.kind, |kind| *kind == MonitoringKind::Calcium)
            .and(v.test(Input::MonitoringInterval, &item.interval_d, |days| *days <= interval))
            .and(Truth::from(v.get(Input::MonitoringCancelled, &item.cancelled) != Some(&true)))
    }))
    .or(cx.none_found())
}

/// R-HYPOCA-7: no calcium and vitamin D line beside a bone drug.
fn no_supplement(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let active = bone_drug_active(cx, v, cx.today());
        if active.is_no() {
            return Found::no();
        }
        let high = match newest_calcium(cx, v) {
            Some(calcium) => Truth::from(calcium.value > high_limit(cx, &calcium)),
            None => Truth::No,
        };
        let line = |product| Truth::any(cx.facts.supplements.iter().map(|line| supplement_active(v, line, product)));
        let both = line(Product::Calcium).and(line(Product::VitaminD)).or(cx.none_found());
        let reason = decided(cx, v, "calcium_vitamin_d");
        Found::when(active.and(high.negate()).and(both.negate()).and(reason.negate()), || {
            fires().fill("plan", drug_named(cx, v, cx.today()))
        })
    });
}

/// An active line that holds the product.
pub(super) fn supplement_active(v: &Versions, line: &SupplementLine, product: Product) -> Truth {
    v.reads(Input::SupplementHolds);
    let active = v.test(Input::SupplementStatus, &line.status, |status| *status == LineStatus::Active);
    active.and(v.has(Input::SupplementIngredients, &line.kinds, &product)).and((!line.safety_hold).into())
}

/// A decision about something is on record.
pub(super) fn decided(cx: &Cx<'_>, v: &Versions, about: &str) -> Truth {
    let any = cx.facts.decisions.iter().map(|decision| v.test(Input::DecisionAbout, &decision.about, |it| it == about));
    v.reads(Input::DecisionAbout);
    Truth::any(any).or(cx.none_found())
}
