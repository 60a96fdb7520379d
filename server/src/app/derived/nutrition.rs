//! V-C07: change of weight over three and six months in per cent, targets of protein and calcium, names of supplements.
//! No weight.

use std::collections::BTreeMap;

use osteon_care_core::digest::weights::{
    self, Change, KEPT_WEEKS, SIX_MONTHS_WEEKS, THREE_MONTHS_WEEKS, Weighed, week,
};
use osteon_proto::care::{self, NutritionPlanStatus, SupplementStatus};
use prost::Message;

use super::{
    Derived, Seen,
    counted::{Counting, Item},
    input::Input,
    said::{MAX_VERSIONS, day_text, each, on, settled, text, texts},
};
use crate::store::StoreError;

pub const OF_NUTRITION: u32 = 477;
const WEIGHT: u32 = 108;
const NUTRITION_PLAN: u32 = 221;
const SUPPLEMENT: u32 = 291;
const MAX_SUPPLEMENTS: usize = 64;
/// Versions of one weight.
const MAX_OF_ONE: usize = 4;

pub(super) const NUTRITION: Derived = Derived {
    number: OF_NUTRITION,
    category: Some(7),
    whole: &[NUTRITION_PLAN, SUPPLEMENT],
    single: &[WEIGHT],
    counts: true,
    compute,
};

const WEIGHTS: Counting = Counting { read: weighed, keep: last_of_each_week };

/// Each version of a weight.
fn weighed(from: &mut Input) -> Vec<Item> {
    let Some((at, looked)) = from.moment("effective_start") else { return Vec::new() };
    let all = from.written_numbers("weight").into_iter();
    all.map(|(weight, _)| Item { value: Some(weight), ..Item::of(from, at, &looked) }).collect()
}

/// The last entry of each week that still counts.
pub(super) fn last_of_each_week(mut items: Vec<Item>) -> Vec<Item> {
    items.sort();
    items.dedup();
    let of = |item: &Item| week(item.at.day());
    let newest = items.iter().map(of).max().unwrap_or(0);
    let mut last: BTreeMap<i32, Vec<Item>> = BTreeMap::new();
    for item in items.into_iter().filter(|item| of(item) >= newest - KEPT_WEEKS) {
        let kept = last.entry(of(&item)).or_default();
        if kept.first().is_some_and(|one| one.record() != item.record()) {
            kept.clear();
        }
        if kept.len() < MAX_OF_ONE {
            kept.push(item);
        }
    }
    last.into_values().flatten().collect()
}

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let before: care::SummaryOfNutrition = seen.before();
    let mut made = care::SummaryOfNutrition::default();
    let mut inputs = each(seen, NUTRITION.whole, |type_number, from| match type_number {
        NUTRITION_PLAN => targets(&mut made, from),
        _ => supplement(&mut made, from),
    })?;
    made.protein_target.truncate(MAX_VERSIONS);
    made.calcium_target.truncate(MAX_VERSIONS);
    made.supplements = texts(made.supplements, MAX_SUPPLEMENTS);
    let counted = WEIGHTS.count(seen, &before.counted, &[])?;
    let all: Vec<Weighed> =
        counted.items.iter().filter_map(|item| Some(Weighed { at: item.at, hundredths: item.value?.into() })).collect();
    made.weight_change_3_months = weights::change(&all, THREE_MONTHS_WEEKS).map(told);
    made.weight_change_6_months = weights::change(&all, SIX_MONTHS_WEEKS).map(told);
    inputs.extend(counted.items.iter().map(Item::input));
    made.counted = counted.said();
    if made != care::SummaryOfNutrition::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

fn told(change: Change) -> care::SummaryChange {
    // What does not fit has more than doubled.
    let percent = i32::try_from(change.percent_tenths.clamp(-1_000, 1_000)).ok();
    care::SummaryChange { percent, until: day_text(change.until) }
}

/// Every version: what is aimed at must be agreed.
fn targets(made: &mut care::SummaryOfNutrition, from: &mut Input) {
    if from.is_only("status", NutritionPlanStatus::Ended.into()) {
        return;
    }
    // Amounts are in hundredths: a whole number of milligrams times a hundred.
    let mut target = |name: &str, unit: &str, hundredths: u32| -> Vec<care::SummaryTarget> {
        let mut all = from.written_numbers(name);
        all.sort_unstable();
        let amount = |number: i32| u32::try_from(number).ok()?.checked_mul(hundredths);
        let one = |(number, ms)| care::SummaryTarget { amount: amount(number), unit: Some(unit.into()), on: on(ms) };
        all.into_iter().map(one).collect()
    };
    let (protein, calcium) = (target("protein_g_kg_d_min", "g/kg/d", 1), target("calcium_mg_d_target", "mg/d", 100));
    made.protein_target.extend(protein);
    made.calcium_target.extend(calcium);
}

/// A line that everybody stopped is none any more.
fn supplement(made: &mut care::SummaryOfNutrition, from: &mut Input) {
    if !from.is_only("status", SupplementStatus::Stopped.into()) {
        made.supplements.extend(from.written_texts("product").into_iter().map(text));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use osteon_care_core::facts::{DAY_MS, Instant};

    fn item(day: i64, record: u8, value: i32) -> Item {
        let (what, low, high) = Default::default();
        let name = [vec![record; 16], vec![0; 16]].concat();
        let at = Instant { ms: day * DAY_MS, offset_min: 0 };
        Item { at, name, type_number: WEIGHT, what, value: Some(value), low, high }
    }

    fn items() -> impl Strategy<Value = Vec<Item>> {
        let all = prop::collection::btree_map(any::<u8>(), (0_i64..400, 5_000_i32..9_000), 0..40);
        all.prop_map(|all| all.into_iter().map(|(record, (day, value))| item(day, record, value)).collect())
    }

    proptest! {
        /// One by one or all at once, in any order: the same is kept.
        #[test]
        fn kept_is_a_function_of_the_set(all in items(), at in any::<prop::sample::Index>()) {
            let whole = last_of_each_week(all.clone());
            let cut = if all.is_empty() { 0 } else { at.index(all.len()) };
            let (first, second) = all.split_at(cut);
            let kept = last_of_each_week(first.to_vec());
            prop_assert_eq!(&last_of_each_week([kept, second.to_vec()].concat()), &whole);
            let one_by_one = all.iter().rev().fold(Vec::new(), |kept, item| {
                last_of_each_week([kept, vec![item.clone()]].concat())
            });
            prop_assert_eq!(one_by_one, whole);
        }
    }
}
