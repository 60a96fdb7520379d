//! What was eaten, drunk and swallowed, summed by day. A day counts as logged when a meal (or a drink) was entered.

use std::collections::BTreeMap;

use super::{
    super::{
        eval::{Cx, in_range},
        inputs::Input,
        outcome::Finding,
        truth::Truth,
        versions::Versions,
    },
    drugs::taken,
};
use crate::facts::{Id, Live, Meal, Product};

/// What was logged of a nutrient.
#[derive(Default)]
pub(super) struct Logged {
    /// Sums by how many days ago, in thousandths of the unit; of every day with a meal.
    pub(super) days: BTreeMap<i32, i64>,
    /// Of a meal on one of them nobody knows how much it held: the sums are what it was at least.
    pub(super) missing: bool,
    /// The meals, and what was swallowed beside them.
    pub(super) behind: Vec<Id>,
}

impl Logged {
    pub(super) fn sum(&self) -> i64 {
        self.days.values().fold(0, |sum, day| sum.saturating_add(*day))
    }

    /// What is known of "less than that": what is missing may make it enough.
    pub(super) fn is_below(&self, bound: i64, input: Input) -> Truth {
        match (self.sum() < bound, self.missing) {
            (false, _) => Truth::No,
            (true, true) => Truth::Unknown(input.into()),
            (true, false) => Truth::Yes,
        }
    }

    /// What is known of "more than that": what is missing may make it more.
    pub(super) fn is_above(&self, bound: i64, input: Input) -> Truth {
        match (self.sum() > bound, self.missing) {
            (true, _) => Truth::Yes,
            (false, true) => Truth::Unknown(input.into()),
            (false, false) => Truth::No,
        }
    }

    /// A finding rests on all of it.
    pub(super) fn behind(&self, found: Finding) -> Finding {
        self.behind.iter().fold(found, |found, id| found.with(*id))
    }
}

/// Sums over the meals of each logged day, from `from` days ago backwards, `days` of them.
pub(super) fn day_totals(
    cx: &Cx<'_>,
    v: &Versions,
    from: i32,
    days: i32,
    input: Input,
    amount: impl Fn(&Meal) -> &Live<i64>,
) -> Logged {
    let mut logged = Logged::default();
    for meal in in_range(&cx.facts.meals) {
        let Some(ago) = cx.days_ago(v, meal).filter(|ago| (from..from + days).contains(ago)) else { continue };
        let value = v.get(input, amount(meal)).copied();
        logged.missing |= value.is_none();
        logged.behind.push(meal.id);
        let sum = logged.days.entry(ago).or_default();
        *sum = sum.saturating_add(value.unwrap_or_default());
    }
    logged
}

/// Adds what taken supplements hold of a nutrient, on days that are logged. In thousandths of its unit.
pub(super) fn add_supplements(cx: &Cx<'_>, v: &Versions, logged: &mut Logged, product: Product) {
    v.reads(Input::IntakeDose);
    for intake in in_range(&cx.facts.intakes).filter(|intake| intake.holds_milli.contains_key(&product)) {
        if !taken(v, intake).is_yes() {
            continue;
        }
        let Some(ago) = v.get(Input::IntakeTaken, &intake.at).map(|at| cx.today().since(at.day())) else { continue };
        let value = intake.holds_milli.get(&product).copied().unwrap_or_default();
        if let Some(sum) = logged.days.get_mut(&ago) {
            *sum = sum.saturating_add(value);
            logged.behind.push(intake.id);
        }
    }
}

/// Millilitres of each day with a drink, the last `days`; by how many days ago.
pub(super) fn fluid_ml(cx: &Cx<'_>, v: &Versions, days: i32) -> Logged {
    let glass = cx.facts.nutrition.as_ref().and_then(|plan| v.get(Input::GlassMl, &plan.glass_ml).copied());
    let glass = glass.unwrap_or(GLASS_ML);
    let mut logged = Logged::default();
    for drink in in_range(&cx.facts.fluids) {
        let Some(ago) = cx.days_ago(v, drink).filter(|ago| (0..days).contains(ago)) else { continue };
        let volume = v.get(Input::FluidVolume, &drink.volume_ml).map_or(0, |ml| i64::from(*ml));
        let glasses = v.get(Input::FluidGlasses, &drink.glasses).map_or(0, |count| i64::from(*count));
        let ml = volume.saturating_add(glasses.saturating_mul(glass));
        logged.behind.push(drink.id);
        let sum = logged.days.entry(ago).or_default();
        *sum = sum.saturating_add(ml);
    }
    logged
}

/// A glass where the plan names none (ours).
const GLASS_ML: i64 = 200;
