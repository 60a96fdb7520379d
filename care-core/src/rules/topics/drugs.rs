//! Drugs, nutrients and supplements that must not meet: separations by the clock, changes that matter, products that
//! nobody planned.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, fires},
        truth::Truth,
        versions::Versions,
    },
    calcium_low::supplement_active,
    common::{medicine_active, words},
    intake::day_totals,
    labs::calcia,
};
use crate::facts::{
    DAY_MS, Entry, Instant, Intake, IntakeStatus, MINUTE_MS, MonitoringKind, Product, SupplementLine, TrialStatus, With,
};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-DNI-1", bisphosphonate),
    ("R-DNI-2", levothyroxine),
    ("R-DNI-3", antibiotic),
    ("R-DNI-4", iron),
    ("R-DNI-5", thiazide),
    ("R-DNI-7", warfarin),
    ("R-DNI-8", acid),
    ("R-DNI-9", biotin),
    ("R-DNI-10", unplanned),
];

/// It was taken, on time or late.
pub(super) fn taken(v: &Versions, intake: &Entry<Intake>) -> Truth {
    v.any(Input::IntakeStatus, &intake.status, |status| matches!(status, IntakeStatus::Taken | IntakeStatus::Late))
}

/// A taken dose of one of these, and when.
fn dose(v: &Versions, intake: &Entry<Intake>, kinds: &[Product]) -> (Truth, Option<Instant>) {
    // What a product is comes from the plan line that the intake names.
    for input in [Input::IntakeLine, Input::MedicineKinds, Input::SupplementIngredients] {
        v.reads(input);
    }
    let ours = v.has_any(Input::IntakeProduct, &intake.kinds, kinds).and(taken(v, intake));
    (ours, v.get(Input::IntakeTaken, &intake.at).copied())
}

const CALCIUM: [Product; 3] = [Product::Calcium, Product::CalciumCarbonate, Product::CalciumCitrate];

/// A dose of `other` from `from` to `to` minutes after `at`, both exclusive.
fn meets(cx: &Cx<'_>, v: &Versions, own: &Entry<Intake>, at: Instant, other: &[Product], from: i64, to: i64) -> Truth {
    let meets = |intake: &Entry<Intake>| {
        let (ours, when) = dose(v, intake, other);
        if ours.is_no() || intake.id == own.id {
            return Truth::No;
        }
        let Some(when) = when else { return ours.and(Truth::Unknown(Input::IntakeTaken.into())) };
        let minutes = when.since_ms(at);
        ours.and((from * MINUTE_MS < minutes && minutes < to * MINUTE_MS).into())
    };
    Truth::any(cx.index.intakes(at, from * MINUTE_MS, to * MINUTE_MS).map(meets))
}

/// Doses that are told by hours from each other, whatever the clocks: within days.
const HOURS_D: i32 = 2;

/// Runs on each taken dose of one of `kinds`, where what happens so many days around it may matter.
fn each_dose(
    cx: &mut Cx<'_>,
    kinds: &[Product],
    days: i32,
    run: impl Fn(&Cx<'_>, &Versions, &Entry<Intake>, Truth, Instant) -> Found,
) {
    let facts = cx.facts;
    for intake in cx.within_days(days, in_range(&facts.intakes)) {
        cx.judge_on(intake, |cx, v| match dose(v, intake, kinds) {
            (Truth::No, _) => Found::no(),
            (ours, Some(at)) => run(cx, v, intake, ours, at),
            (ours, None) => Found::when(ours.and(Truth::Unknown(Input::IntakeTaken.into())), fires),
        });
    }
}

/// R-DNI-1: from two hours before to half an hour after (an hour for ibandronate), calcium three hours after.
fn bisphosphonate(cx: &mut Cx<'_>) {
    let calcium_min = cx.threshold("calcium_after_bisphosphonate_min");
    each_dose(cx, &[Product::OralBisphosphonate, Product::OralIbandronate], HOURS_D, |cx, v, intake, ours, at| {
        let wait = if intake.kinds.has(&Product::OralIbandronate) { 60 } else { 30 };
        let with =
            v.has_any(Input::IntakeWith, &intake.with, &[With::Food, With::Dairy, With::Coffee, With::OtherMedicines]);
        let others: Vec<Product> = Product::ALL
            .iter()
            .copied()
            .filter(|kind| !matches!(kind, Product::OralBisphosphonate | Product::OralIbandronate))
            .collect();
        v.reads(Input::MealItems);
        let meal = Truth::any(in_range(&cx.facts.meals).map(|meal| match v.at(meal) {
            Some(when) => {
                let minutes = when.since_ms(at) / MINUTE_MS;
                Truth::from((-119..wait).contains(&minutes))
            }
            None => Truth::No,
        }));
        let close = meets(cx, v, intake, at, &others, -120, wait);
        let calcium = meets(cx, v, intake, at, &CALCIUM, -120, calcium_min.max(wait));
        Found::when(ours.and(Truth::any([with, meal, close, calcium])), || fires().fill("n", wait))
    });
}

/// Seven days of doses, and the hours around the first.
const WEEK_D: i32 = 9;

/// R-DNI-2, soon on three days of seven.
fn levothyroxine(cx: &mut Cx<'_>) {
    let partners = [Product::Calcium, Product::CalciumCarbonate, Product::CalciumCitrate, Product::Iron];
    each_dose(cx, &[Product::Levothyroxine], WEEK_D, |cx, v, intake, ours, at| {
        let close = ours.and(meets(cx, v, intake, at, &partners, -240, 240));
        if close.is_no() {
            return Found::no();
        }
        let week = cx.index.intakes(at, -8 * DAY_MS, 8 * DAY_MS);
        let mut days: Vec<i32> = week
            .filter_map(|other| {
                let (ours, when) = dose(v, other, &[Product::Levothyroxine]);
                let when = when.filter(|_| ours.is_yes())?;
                let ago = at.day().since(when.day());
                let near = (0..7).contains(&ago) && meets(cx, v, other, when, &partners, -240, 240).is_yes();
                near.then_some(ago)
            })
            .collect();
        days.sort_unstable();
        days.dedup();
        let levels = [(Severity::Soon, close.and((days.len() >= 3).into())), (Severity::Info, close)];
        Found::levels(&levels, fires)
    });
}

/// R-DNI-3.
fn antibiotic(cx: &mut Cx<'_>) {
    each_dose(cx, &[Product::Quinolone, Product::Tetracycline], HOURS_D, |cx, v, intake, ours, at| {
        let quinolone = meets(cx, v, intake, at, &CALCIUM, -120, 120).and(intake.kinds.has(&Product::Quinolone).into());
        // Less than two hours before calcium, or less than four after it.
        let tetracycline =
            meets(cx, v, intake, at, &CALCIUM, -240, 120).and(intake.kinds.has(&Product::Tetracycline).into());
        Found::when(ours.and(quinolone.or(tetracycline)), fires)
    });
}

/// R-DNI-4.
fn iron(cx: &mut Cx<'_>) {
    each_dose(cx, &[Product::Iron, Product::Zinc], HOURS_D, |cx, v, intake, ours, at| {
        Found::when(ours.and(meets(cx, v, intake, at, &CALCIUM, -120, 120)), fires)
    });
}

const CALCIUM_RESULT_D: i32 = 90;

/// R-DNI-5.
fn thiazide(cx: &mut Cx<'_>) {
    for line in &cx.facts.medicines {
        cx.judge(line.id, |cx, v| {
            let active = medicine_active(v, line, &[Product::Thiazide]);
            if active.is_no() {
                return Found::no();
            }
            let beside = Truth::any(cx.facts.supplements.iter().map(|line| {
                supplement_active(v, line, Product::Calcium).or(supplement_active(v, line, Product::VitaminD))
            }));
            let fresh = calcia(cx, v).last().is_some_and(|last| cx.today().since(last.day()) <= CALCIUM_RESULT_D);
            let total = super::labs::newest(cx, v, crate::facts::Analyte::CalciumTotal)
                .is_some_and(|last| cx.today().since(last.day()) <= CALCIUM_RESULT_D);
            let none = Truth::from(!fresh && !total).and(cx.none_found().negate());
            Found::when(active.and(beside).and(none), fires)
        });
    }
}

/// A mean of vitamin K1 needs as many logged days as other means of intake.
const LOGGED: usize = 4;

/// R-DNI-7.
fn warfarin(cx: &mut Cx<'_>) {
    for line in &cx.facts.medicines {
        cx.judge(line.id, |cx, v| {
            let active = medicine_active(v, line, &[Product::Warfarin]);
            if active.is_no() {
                return Found::no();
            }
            let changed =
                |day: Option<crate::facts::Day>| day.is_some_and(|day| (0..7).contains(&cx.today().since(day)));
            v.reads(Input::SupplementIngredients);
            let supplement = cx.facts.supplements.iter().any(|line: &SupplementLine| {
                line.kinds.has(&Product::VitaminK) && (changed(line.started) || changed(line.stopped))
            });
            let week = |from: i32| {
                let week = day_totals(cx, v, from, 7, Input::MealVitaminK, |meal| &meal.vitamin_k_ug_milli);
                (week.days.len() >= LOGGED && !week.missing).then(|| (week.sum(), week.days.len() as i64))
            };
            let moved = match (week(0), week(7)) {
                (Some((now, n)), Some((before, m))) => {
                    // |now/n - before/m| > half of before/m.
                    ((now * m - before * n).abs() * 2 > before * n).into()
                }
                _ => Truth::Unknown(Input::MealVitaminK.into()),
            };
            Found::when(active.and(Truth::from(supplement).or(moved)), fires)
        });
    }
}

/// R-DNI-8.
fn acid(cx: &mut Cx<'_>) {
    for line in &cx.facts.supplements {
        cx.judge(line.id, |cx, v| {
            let carbonate = supplement_active(v, line, Product::CalciumCarbonate);
            if carbonate.is_no() {
                return Found::no();
            }
            let acid = cx.facts.medicines.iter().map(|line| medicine_active(v, line, &[Product::AcidSuppressant]));
            Found::when(carbonate.and(Truth::any(acid).or(cx.none_found())), fires)
        });
    }
}

/// 5 mg in millionths of mg, the scale of intakes: ug in thousandths.
const BIOTIN_UG_MILLI: i64 = 5_000_000;

/// R-DNI-9.
fn biotin(cx: &mut Cx<'_>) {
    let pause_h = cx.threshold("biotin_pause_h");
    for item in &cx.facts.monitoring {
        cx.judge(item.id, |cx, v| {
            let marker = v.test(Input::MonitoringKind, &item.kind, |kind| *kind == MonitoringKind::TurnoverMarker);
            let hours = v.get(Input::MonitoringDue, &item.planned_at).map(|at| at.since_ms(cx.now));
            let soon = match hours {
                Some(ms) => ((0..=72 * 60 * MINUTE_MS).contains(&ms)).into(),
                None => Truth::Unknown(Input::MonitoringDue.into()),
            };
            let ours = marker.and(soon);
            if ours.is_no() {
                return Found::no();
            }
            let a_day = |line: &SupplementLine| {
                let times = i64::from(v.get(Input::SupplementTimes, &line.times_per_day).copied().unwrap_or(1));
                line.holds_milli.get(&Product::Biotin).copied().unwrap_or_default().saturating_mul(times)
            };
            let planned =
                Truth::any(cx.facts.supplements.iter().map(|line| {
                    supplement_active(v, line, Product::Biotin).and((a_day(line) >= BIOTIN_UG_MILLI).into())
                }));
            let logged: i64 = in_range(&cx.facts.intakes)
                .filter(|intake| dose(v, intake, &[Product::Biotin]).0.is_yes())
                .filter(|intake| cx.days_ago(v, intake).is_some_and(|ago| (0..=1).contains(&ago)))
                .filter_map(|intake| intake.holds_milli.get(&Product::Biotin))
                .sum();
            v.reads(Input::IntakeDose);
            let biotin = planned.or((logged >= BIOTIN_UG_MILLI).into());
            Found::when(ours.and(biotin), || fires().fill("hours", format!("{pause_h} hours before")))
        });
    }
}

/// R-DNI-10.
fn unplanned(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for intake in cx.own(&facts.intakes) {
        cx.judge_on(intake, |cx, v| {
            let kind = v.has_any(Input::IntakeProduct, &intake.kinds, &[Product::Supplement, Product::Herbal]);
            let ours = kind.and(taken(v, intake));
            if ours.is_no() {
                return Found::no();
            }
            let Some(product) = v.get(Input::IntakeProduct, &intake.product) else {
                return Found::when(ours.and(Truth::Unknown(Input::IntakeProduct.into())), fires);
            };
            let planned = Truth::any(
                facts
                    .supplements
                    .iter()
                    .map(|line| v.test(Input::SupplementProduct, &line.product, |planned| planned == product)),
            );
            let trial = Truth::any(facts.trials.iter().map(|trial| {
                v.any(Input::TrialStatus, &trial.status, |status| *status == TrialStatus::Active).and(v.has(
                    Input::TrialProhibited,
                    &trial.prohibited,
                    product,
                ))
            }));
            let open = planned.or(cx.none_found()).negate();
            let levels = [(Severity::Urgent, ours.and(trial)), (Severity::Soon, ours.and(open))];
            Found::levels(&levels, || fires().fill("x", words([product])))
        });
    }
}
