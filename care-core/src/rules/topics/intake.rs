//! What was eaten, drunk and swallowed, summed by day. A day counts as logged when a meal (or a drink) was entered.

use std::collections::BTreeMap;

use super::super::{eval::Cx, eval::in_range, inputs::Input, versions::Versions};
use super::drugs::taken;
use crate::facts::{Live, Meal, Product};

/// Sums over the meals of each logged day, from `from` days ago backwards, `days` of them; by how many days ago.
pub(super) fn day_totals(
    cx: &Cx<'_>,
    v: &Versions,
    from: i32,
    days: i32,
    input: Input,
    amount: impl Fn(&Meal) -> &Live<i64>,
) -> BTreeMap<i32, i64> {
    let mut totals = BTreeMap::new();
    for meal in in_range(&cx.facts.meals) {
        let Some(ago) = cx.days_ago(v, meal).filter(|ago| (from..from + days).contains(ago)) else { continue };
        let value = v.get(input, amount(meal)).copied().unwrap_or_default();
        totals.entry(ago).and_modify(|sum: &mut i64| *sum = sum.saturating_add(value)).or_insert(value);
    }
    totals
}

/// Adds what taken supplements hold of a nutrient, on days that are logged. In thousandths of its unit.
pub(super) fn add_supplements(
    cx: &Cx<'_>,
    v: &Versions,
    totals: &mut BTreeMap<i32, i64>,
    product: Product,
    times: i64,
) {
    v.reads(Input::IntakeDose);
    for intake in in_range(&cx.facts.intakes).filter(|intake| intake.holds_milli.contains_key(&product)) {
        if !taken(v, intake).is_yes() {
            continue;
        }
        let Some(ago) = v.get(Input::IntakeTaken, &intake.at).map(|at| cx.today().since(at.day())) else { continue };
        let value = intake.holds_milli.get(&product).copied().unwrap_or_default().saturating_mul(times);
        if let Some(sum) = totals.get_mut(&ago) {
            *sum = sum.saturating_add(value);
        }
    }
}

/// Millilitres of each day with a drink, the last `days`; by how many days ago.
pub(super) fn fluid_ml(cx: &Cx<'_>, v: &Versions, days: i32) -> BTreeMap<i32, i64> {
    let glass = cx.facts.nutrition.as_ref().and_then(|plan| v.get(Input::GlassMl, &plan.glass_ml).copied());
    let glass = glass.unwrap_or(GLASS_ML);
    let mut totals = BTreeMap::new();
    for drink in in_range(&cx.facts.fluids) {
        let Some(ago) = cx.days_ago(v, drink).filter(|ago| (0..days).contains(ago)) else { continue };
        let volume = v.get(Input::FluidVolume, &drink.volume_ml).map_or(0, |ml| i64::from(*ml));
        let glasses = v.get(Input::FluidGlasses, &drink.glasses).map_or(0, |count| i64::from(*count));
        let ml = volume.saturating_add(glasses.saturating_mul(glass));
        totals.entry(ago).and_modify(|sum: &mut i64| *sum = sum.saturating_add(ml)).or_insert(ml);
    }
    totals
}

/// A glass where the plan names none (ours).
const GLASS_ML: i64 = 200;
