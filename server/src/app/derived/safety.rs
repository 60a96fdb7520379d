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

pub(super) const MINIMUM: Derived = Derived {
    number: SAFETY_MINIMUM,
    whole: &[EXERCISE_PLAN, WEIGHT_BEARING, EVENT_RESTRICTION, BONE_DRUG_PLAN, CARE_CIRCLE],
    single: &[],
    category: None,
    counts: false,
    compute,
};

/// Of every record that is there and was not ended. Nothing that restricts is left out, however much there is: what plans hold has its
/// own limits.
fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let (mut made, mut inputs) = (care::SafetyMinimum::default(), BTreeSet::new());
    for type_number in MINIMUM.whole {
        for row in seen.work.parts_of_type(*type_number)? {
            let Some(mut input) = Input::open(row)? else { continue };
            add(&mut made, *type_number, &mut input);
            inputs.extend(input.looked.iter().map(Looked::name));
        }
    }
    for texts in [
        &mut made.forbidden_movements,
        &mut made.no_load_regions,
        &mut made.bone_drug,
        &mut made.emergency_lines,
        &mut made.disputed,
    ] {
        texts.sort();
        texts.dedup();
    }
    if made != care::SafetyMinimum::default() {
        made.inputs = inputs.into_iter().take(MAX_INPUTS).map(Into::into).collect();
    }
    Ok(made.encode_to_vec())
}

fn add(made: &mut care::SafetyMinimum, type_number: u32, from: &mut Input) {
    let is_over = matches!(type_number, EXERCISE_PLAN | BONE_DRUG_PLAN) && from.is_over();
    let asked = told_from(type_number).iter().filter(|(_, source)| !is_over && from.is_disputed(source));
    made.disputed.extend(asked.map(|(told, _)| (*told).to_owned()));
    match type_number {
        EXERCISE_PLAN => {
            // What ended restricts no longer; of two plans both do.
            if is_over {
                return;
            }
            let lift = from.number("lift_max_kg").and_then(|n| u32::try_from(n).ok());
            made.clearance = least(made.clearance, from.number("clearance"));
            made.lift_max_kg = least(made.lift_max_kg, lift);
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
        BONE_DRUG_PLAN => bone_drug(made, from, !is_over),
        _ => made.emergency_lines.extend(from.texts("emergency_line")),
    }
}

/// What is told of a type, and the field that it is from. Numbers for an emergency are all told: nobody has to choose.
fn told_from(type_number: u32) -> &'static [(&'static str, &'static str)] {
    match type_number {
        EXERCISE_PLAN => &[
            ("clearance", "clearance"),
            ("forbidden_movements", "forbidden_movements"),
            ("lift_max_kg", "lift_max_kg"),
            ("no_load_regions", "no_load_regions"),
        ],
        WEIGHT_BEARING => &[("weight_bearing", "limb"), ("weight_bearing", "level")],
        EVENT_RESTRICTION => &[("restrictions", "what"), ("restrictions", "until")],
        BONE_DRUG_PLAN => &[("bone_drug", "agent"), ("bone_drug_status", "status"), ("bone_drug_next", "planned_next")],
        _ => &[],
    }
}

/// The values of clearance go from the strictest upwards.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

/// A plan that goes on comes before one that was stopped. What is to be cleared before the next dose holds it, whatever the plan's
/// status says.
fn bone_drug(made: &mut care::SafetyMinimum, from: &mut Input, goes_on: bool) {
    use care::BoneDrugStatus::{Active, Held, Holiday, Proposed, Stopped};
    const FIRST: [care::BoneDrugStatus; 5] = [Held, Active, Holiday, Proposed, Stopped];
    let place = |status: Option<i32>| FIRST.iter().position(|one| Some(i32::from(*one)) == status);
    let is_held = !from.texts("hold_reasons").is_empty();
    let stated = from.number("status");
    let status = if is_held && stated == Some(Active.into()) { Some(Held.into()) } else { stated };
    if let Some(at) = place(status)
        && place(made.bone_drug_status).is_none_or(|stands| at < stands)
    {
        made.bone_drug_status = status;
    }
    if !goes_on {
        return;
    }
    made.bone_drug.extend(from.texts("agent"));
    made.bone_drug_next = least(made.bone_drug_next.take(), from.text("planned_next"));
    let planned = from.live("planned_next");
    let not_before = osteon_care_core::planned_next(planned.iter().map(Option::as_deref)).not_before;
    made.bone_drug_not_before = made.bone_drug_not_before.take().max(not_before);
}
