//! Eating: weight lost, too little eaten, screens, and nutrients against targets and upper limits.

use std::collections::BTreeMap;

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    calcium_low::supplement_active,
    common::{decimal, newest_weight_g},
    drugs::taken,
    intake::{Logged, add_supplements, day_totals},
    scores::{composite, is_item, item, item_name, reaches, weeks_reach},
};
use crate::facts::{Day, Id, Portion, Product, Tool};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-NUT-1", weight_lost),
    ("R-NUT-2", almost_nothing),
    ("R-NUT-3", screen),
    ("R-NUT-4", calcium_above),
    ("R-NUT-5", below_target),
    ("R-NUT-6", vitamin_d_dose),
    ("R-NUT-7", large_portion),
    ("R-NUT-8", protein),
    ("R-NUT-9", impact),
];

const HALF_YEAR_D: i32 = 183;
const MONTH_D: i32 = 31;

/// R-NUT-1: the newest weight against the highest of the half year, and of the month, before it.
fn weight_lost(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let mut weighed: Vec<(Day, Id, i64)> = in_range(&cx.facts.weights)
            .filter_map(|entry| {
                let weight = *v.get(Input::Weight, &entry.weight_g)?;
                Some((v.at(entry)?.day(), entry.id, weight))
            })
            .collect();
        weighed.sort_unstable();
        let Some((day, id, now)) = weighed.last().copied() else { return Found::no() };
        let highest = |days: i32| {
            let window = weighed.iter().filter(|(on, ..)| (0..=days).contains(&day.since(*on)));
            window.max_by_key(|(on, _, weight)| (*weight, *on)).copied().unwrap_or((day, id, now))
        };
        let (half, month) = (highest(HALF_YEAR_D), highest(MONTH_D));
        let lost = |(_, _, before): (Day, Id, i64), percent: i64| (before - now) * 100 >= before * percent;
        let more_than_two = (half.2 - now) * 100 > half.2 * 2;
        let thin = match height_mm(cx, v) {
            // kg/m2 < 20.
            Some(height) => (now * 1_000 < 20 * height * height).into(),
            None => Truth::Unknown(Input::PersonHeight.into()),
        };
        let levels = [
            (Severity::Urgent, Truth::from(lost(half, 10) || lost(month, 5))),
            (Severity::Soon, Truth::from(lost(half, 5)).or(Truth::from(more_than_two).and(thin))),
        ];
        Found::levels(&levels, || {
            let tenths = if half.2 > 0 { (half.2 - now) * 1_000 / half.2 } else { 0 };
            fires().fill("p", decimal(tenths, 1, 1)).fill("d", day.since(half.0)).with(id).with(half.1)
        })
    });
}

fn height_mm(cx: &Cx<'_>, v: &Versions) -> Option<i64> {
    let measured = in_range(&cx.facts.weights).filter_map(|entry| {
        let height = *v.get(Input::Height, &entry.height_mm)?;
        Some((v.at(entry)?, height))
    });
    let said = cx.facts.risk.as_ref().and_then(|risk| v.get(Input::PersonHeight, &risk.height_mm).copied());
    v.reads(Input::PersonHeight);
    measured.max().map(|(_, height)| height).or(said)
}

/// R-NUT-2.
fn almost_nothing(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let mut days: BTreeMap<i32, (Truth, Truth)> = BTreeMap::new();
        let mut behind: Vec<(i32, Id)> = Vec::new();
        for meal in in_range(&cx.facts.meals) {
            let Some(ago) = cx.days_ago(v, meal).filter(|ago| (0..=14).contains(ago)) else { continue };
            let portion = v.get(Input::MealPortion, &meal.portion).copied();
            // A meal whose energy is known was eaten: whether that is little its sum says.
            let counted = v.get(Input::MealEnergy, &meal.energy_kcal_milli).is_some();
            let is = |test: fn(Portion) -> bool| match portion {
                Some(portion) => test(portion).into(),
                None if counted => Truth::No,
                None => Truth::Unknown(Input::MealPortion.into()),
            };
            let day = days.entry(ago).or_insert((Truth::Yes, Truth::Yes));
            let little = is(|portion| matches!(portion, Portion::None | Portion::Quarter));
            *day = (day.0.and(is(|portion| portion == Portion::None)), day.1.and(little));
            behind.push((ago, meal.id));
        }
        let first = days.keys().next().copied().filter(|ago| *ago <= 1).unwrap_or(0);
        let run = |wanted: &dyn Fn(&(Truth, Truth)) -> bool| {
            (first..).take_while(|ago| days.get(ago).is_some_and(wanted)).count()
        };
        // So many days in a row; with those of which nobody knows how much was eaten, perhaps.
        let (nothing, little) = (run(&|day| day.0.is_yes()), run(&|day| day.1.is_yes()));
        let (perhaps, rather) = (run(&|day| !day.0.is_no()), run(&|day| !day.1.is_no()));
        let eaten = match (nothing >= 5 || little >= 7, perhaps >= 5 || rather >= 7) {
            (true, _) => Truth::Yes,
            (false, true) => Truth::Unknown(Input::MealPortion.into()),
            (false, false) => Truth::No,
        };
        let (low, energy) = under_half(cx, v);
        let low_days = if low.is_yes() { energy.days.len() } else { 0 };
        Found::when(eaten.or(low), || {
            let days = nothing.max(little).max(low_days);
            let last = i32::try_from(days).unwrap_or(i32::MAX).saturating_add(first);
            let meals = behind.iter().filter(|(ago, _)| *ago < last).map(|(_, id)| *id);
            meals.fold(fires().fill("d", days), |found, id| found.with(id))
        })
    });
}

/// Under half of the energy target on all of seven logged days.
fn under_half(cx: &Cx<'_>, v: &Versions) -> (Truth, Logged) {
    let logged = day_totals(cx, v, 0, 7, Input::MealEnergy, |meal| &meal.energy_kcal_milli);
    let target = cx.facts.nutrition.as_ref().and_then(|plan| v.get(Input::NutritionEnergy, &plan.energy_kcal).copied());
    v.reads(Input::NutritionEnergy);
    let Some(target) = target.filter(|_| logged.days.len() >= 7) else { return (Truth::No, logged) };
    let low = match (logged.days.values().all(|kcal| kcal * 2 < target * 1_000), logged.missing) {
        (false, _) => Truth::No,
        // What is not known may be enough.
        (true, true) => Truth::Unknown(Input::MealEnergy.into()),
        (true, false) => Truth::Yes,
    };
    (low, logged)
}

/// R-NUT-3.
fn screen(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.screens) {
        cx.judge_on(entry, |_, v| {
            let Some(tool) = v.get(Input::ScreenTool, &entry.tool).copied() else {
                return Found::missing(Input::ScreenTool);
            };
            if !matches!(tool, Tool::Must | Tool::Mst | Tool::PgSga) {
                return Found::no();
            }
            let Some(total) = v.get(Input::ScreenTotal, &entry.total).copied() else {
                return Found::missing(Input::ScreenTotal);
            };
            let severity = match (tool, total) {
                (Tool::PgSga, 9..) => Some(Severity::Urgent),
                (Tool::PgSga, 4..=8) | (Tool::Must | Tool::Mst, 2..) => Some(Severity::Soon),
                (Tool::PgSga, 2..=3) | (Tool::Must, 1) => Some(Severity::Info),
                _ => None,
            };
            let name = match tool {
                Tool::Must => "MUST",
                Tool::Mst => "MST",
                _ => "PG-SGA SF",
            };
            match severity {
                Some(severity) => {
                    Found::levels(&[(severity, Truth::Yes)], || fires().fill("tool", name).fill("score", total))
                }
                None => Found::no(),
            }
        });
    }
}

const LOGGED: usize = 4;

/// Days that are logged, of seven, for a mean over them. None: no matter; fewer than four: cannot tell.
fn logged_days(logged: &Logged, input: Input) -> Result<i64, Option<Input>> {
    match logged.days.len() {
        0 => Err(None),
        count if count < LOGGED => Err(Some(input)),
        count => Ok(count as i64),
    }
}

fn calcium_week(cx: &Cx<'_>, v: &Versions) -> Logged {
    let mut logged = day_totals(cx, v, 0, 7, Input::MealCalcium, |meal| &meal.calcium_mg_milli);
    add_supplements(cx, v, &mut logged, Product::Calcium);
    logged
}

fn mean(sum: i64, count: i64) -> String {
    decimal(sum / count, 3, 0)
}

/// R-NUT-4. Upper limits of 19 to 50 years, and from 51. ODS-CA.
fn calcium_above(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let week = calcium_week(cx, v);
        let count = match logged_days(&week, Input::MealCalcium) {
            Ok(count) => count,
            Err(missing) => return missing.map_or_else(Found::no, Found::missing),
        };
        let above = |limit: i64| week.is_above(limit * 1_000 * count, Input::MealCalcium);
        let birth = cx.facts.risk.as_ref().and_then(|risk| v.get(Input::BirthDate, &risk.birth).copied());
        v.reads(Input::BirthDate);
        let truth = match birth.map(|birth| cx.today().age(birth)) {
            Some(51..) => above(2_000),
            Some(_) => above(2_500),
            None => above(2_500).or(above(2_000).and(Truth::Unknown(Input::BirthDate.into()))),
        };
        Found::when(truth, || week.behind(fires().fill("v", mean(week.sum(), count))))
    });
}

/// R-NUT-5.
fn below_target(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let Some(plan) = &cx.facts.nutrition else { return Found::no() };
        let calcium = v.get(Input::NutritionCalcium, &plan.calcium_mg).copied();
        let vitamin_d = v.get(Input::NutritionVitaminD, &plan.vitamin_d_iu).copied();
        if calcium.is_none() && vitamin_d.is_none() {
            return Found::no();
        }
        let week = calcium_week(cx, v);
        let count = match logged_days(&week, Input::MealCalcium) {
            Ok(count) => count,
            Err(missing) => return missing.map_or_else(Found::no, Found::missing),
        };
        // Food in ug, 40 [iU] each; supplements in [iU].
        let mut iu = day_totals(cx, v, 0, 7, Input::MealVitaminD, |meal| &meal.vitamin_d_ug_milli);
        iu.days.values_mut().for_each(|ug| *ug = ug.saturating_mul(40));
        add_supplements(cx, v, &mut iu, Product::VitaminD);
        let little_calcium = calcium.map(|target| (target, week.is_below(target * 800 * count, Input::MealCalcium)));
        let little_d = vitamin_d.map(|target| (target, iu.is_below(target * 1_000 * count, Input::MealVitaminD)));
        let truth = Truth::any([little_calcium, little_d].into_iter().flatten().map(|(_, truth)| truth));
        Found::when(truth, || {
            // What is not known is not said to be too little.
            let said = |name: &str, unit: &str, logged: &Logged, low: Option<(i64, Truth)>| {
                let (target, _) = low.filter(|(_, truth)| truth.is_yes())?;
                Some(format!("{name} {}/{target} {unit}", mean(logged.sum(), count)))
            };
            let low = [said("Ca", "mg", &week, little_calcium), said("vitamin D", "IU", &iu, little_d)];
            let low: Vec<String> = low.into_iter().flatten().collect();
            iu.behind(week.behind(fires().fill("low", low.join(", ")).with(plan.id)))
        })
    });
}

/// Upper limit of vitamin D, [iU] a day. ODS-D.
const VITAMIN_D_IU: i64 = 4_000;

/// R-NUT-6: lines that no physician ordered.
fn vitamin_d_dose(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        v.reads(Input::SupplementApproval);
        let mut sum = 0_i64;
        let mut unsure = Truth::No;
        for line in cx.facts.supplements.iter().filter(|line| !line.ordered_by_physician) {
            let active = supplement_active(v, line, Product::VitaminD);
            let times = v.get(Input::SupplementTimes, &line.times_per_day).copied();
            match (active, times) {
                (Truth::No, _) => {}
                (Truth::Yes, Some(times)) => {
                    let dose = line.holds_milli.get(&Product::VitaminD).copied().unwrap_or_default();
                    sum = sum.saturating_add(dose.saturating_mul(i64::from(times)));
                }
                (unknown, _) => unsure = unsure.or(unknown.and(Truth::Unknown(Input::SupplementTimes.into()))),
            }
        }
        let truth = Truth::from(sum > VITAMIN_D_IU * 1_000).or(unsure);
        Found::when(truth, || fires().fill("v", decimal(sum, 3, 0)))
    });
}

/// What the gut takes up at once, mg. ODS-CA.
const PORTION_MG: i64 = 500;

/// R-NUT-7.
fn large_portion(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for intake in cx.own(&facts.intakes) {
        cx.judge_on(intake, |_, v| {
            v.reads(Input::IntakeDose);
            v.reads(Input::SupplementIngredients);
            let dose = intake.holds_milli.get(&Product::Calcium).copied().unwrap_or_default();
            let large = dose > PORTION_MG * 1_000;
            Found::when(Truth::from(large).and(taken(v, intake)), fires)
        });
    }
}

/// R-NUT-8.
fn protein(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let limited = cx
            .facts
            .nutrition
            .as_ref()
            .is_some_and(|plan| v.get(Input::NutritionProteinMax, &plan.protein_max_milli).is_some());
        v.reads(Input::NutritionProteinMax);
        if limited {
            return Found::no();
        }
        let week = day_totals(cx, v, 0, 7, Input::MealProtein, |meal| &meal.protein_g_milli);
        let count = match logged_days(&week, Input::MealProtein) {
            Ok(count) => count,
            Err(missing) => return missing.map_or_else(Found::no, Found::missing),
        };
        v.reads(Input::Weight);
        let Some(weight) = newest_weight_g(cx, v, cx.today()) else { return Found::missing(Input::Weight) };
        // g/kg: thousandths of g over grams of body weight.
        let low = week.is_below(weight.saturating_mul(count), Input::MealProtein);
        Found::when(low, || {
            let hundredths = if weight > 0 { week.sum() * 100 / (weight * count) } else { 0 };
            week.behind(fires().fill("v", decimal(hundredths, 2, 2)))
        })
    });
}

const IMPACT: [u8; 4] = [item::MOUTH_SORES, item::SWALLOWING, item::VOMITING, item::DIARRHOEA];

/// R-NUT-9.
fn impact(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.near(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |cx, v| {
            if !is_item(v, entry, &IMPACT) {
                return Found::no();
            }
            let truth = reaches(v, entry, 3).or(weeks_reach(cx, v, entry, 2, 2));
            Found::when(truth, || {
                let name = v.get(Input::SymptomItem, &entry.item).map_or_else(String::new, |item| item_name(*item));
                fires().fill("item", name).fill("g", composite(v, entry).unwrap_or_default())
            })
        });
    }
}
