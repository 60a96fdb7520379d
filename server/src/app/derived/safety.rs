//! The safety minimum (C21).

use std::collections::BTreeSet;

use osteon_proto::care;
use prost::Message;

use super::{
    Derived, Seen,
    input::{Input, Looked},
};
use crate::store::StoreError;

pub const SAFETY_MINIMUM: u32 = 321;
const EXERCISE_PLAN: u32 = 201;
const WEIGHT_BEARING: u32 = 213;
const EVENT_RESTRICTION: u32 = 216;
const BONE_DRUG_PLAN: u32 = 231;
const CARE_CIRCLE: u32 = 261;
const MAX_INPUTS: usize = 256;
const MAX_ITEMS: usize = 64;

pub(super) const MINIMUM: Derived = Derived {
    number: SAFETY_MINIMUM,
    whole: &[EXERCISE_PLAN, WEIGHT_BEARING, EVENT_RESTRICTION, BONE_DRUG_PLAN, CARE_CIRCLE],
    single: &[],
    category: None,
    counts: false,
    compute,
};

/// Of every record that is there and was not ended.
fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let (mut made, mut inputs) = (care::SafetyMinimum::default(), BTreeSet::new());
    for type_number in MINIMUM.whole {
        for row in seen.work.parts_of_type(*type_number)? {
            let Some(mut input) = Input::open(row)? else { continue };
            add(&mut made, *type_number, &mut input);
            inputs.extend(input.looked.iter().map(Looked::name));
        }
    }
    for texts in
        [&mut made.forbidden_movements, &mut made.no_load_regions, &mut made.bone_drug, &mut made.emergency_lines]
    {
        texts.sort();
        texts.dedup();
        texts.truncate(MAX_ITEMS);
    }
    made.restrictions.truncate(MAX_ITEMS);
    made.weight_bearing.truncate(16);
    if made != care::SafetyMinimum::default() {
        made.inputs = inputs.into_iter().take(MAX_INPUTS).map(Into::into).collect();
    }
    Ok(made.encode_to_vec())
}

fn add(made: &mut care::SafetyMinimum, type_number: u32, from: &mut Input) {
    match type_number {
        EXERCISE_PLAN => {
            made.clearance = made.clearance.or(from.number("clearance"));
            made.lift_max_kg = made.lift_max_kg.or(from.number("lift_max_kg").and_then(|n| u32::try_from(n).ok()));
            made.forbidden_movements.extend(from.texts("forbidden_movements"));
            made.no_load_regions.extend(from.texts("no_load_regions"));
        }
        WEIGHT_BEARING => {
            let (limb, level) = (from.number("limb"), from.number("level"));
            made.weight_bearing.push(care::SafetyWeightBearing { limb, level });
        }
        EVENT_RESTRICTION => {
            let (what, until) = (from.text("what"), from.text("until"));
            made.restrictions.push(care::SafetyRestriction { what, until });
        }
        BONE_DRUG_PLAN => {
            made.bone_drug.extend(from.texts("agent"));
            made.bone_drug_status = made.bone_drug_status.or(from.number("status"));
            made.bone_drug_next = made.bone_drug_next.take().or(from.text("planned_next"));
        }
        _ => made.emergency_lines.extend(from.texts("emergency_line")),
    }
}
