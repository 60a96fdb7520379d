//! A20, body mass index, loss of weight, and the cachexia criterion.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, NoBand, Part, Within, Word, words};
use crate::{exact::Exact, facts::Day, source::Source};

/// Days over which the highest weight is the reference: R-NUT-1, and its monthly cut.
pub const WINDOW_DAYS: i32 = 183;
pub const MONTH_DAYS: i32 = 31;

const MAY_HIDE_LOSS: &str = "Swelling or fluid in the belly: weight may hide loss.";
const CAUTION: &str = "Swelling or fluid in the belly may hide loss. Not a diagnosis.";

words! {
    Cachexia {
        Met = "met", "more than 5 % lost, or more than 2 % with a body mass index below 20";
        NotMet = "not_met", "the criterion is not met";
    }
}

pub static BMI: Assessment = Assessment {
    id: "A20",
    name: "Body mass index",
    source: Source { key: "FEARON11", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[],
    inputs: &[("weight", "kg"), ("height", "cm")],
    bands: &[],
    score: "kg / m², 1 decimal",
    licence: "",
};

pub static WEIGHT_LOSS: Assessment = Assessment {
    id: "A20",
    name: "Loss of weight",
    source: Source { key: "FEARON11", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[Part { what: "monthly cut of 31 days", key: "ASPEN-type", state: SourceState::Secondary }],
    inputs: &[("reference", "highest weight of 183 days (31 for the monthly cut), kg"), ("weight", "now, kg")],
    bands: &[],
    score: "(reference − now) / reference, per cent, 1 decimal; below zero is a gain",
    licence: "",
};

pub static CACHEXIA: Assessment = Assessment {
    id: "A20",
    name: "Cachexia criterion",
    source: Source { key: "FEARON11", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[Part {
        what: "body mass index below 20 as 'already depleted'",
        key: "FEARON11",
        state: SourceState::Unverified,
    }],
    inputs: &[("loss", "per cent, unrounded"), ("bmi", "kg/m², unrounded; asked for between 2 and 5 per cent")],
    bands: Cachexia::TABLE,
    score: "none",
    licence: "",
};

pub fn bmi(weight_kg: Option<Exact>, height_cm: Option<Exact>) -> Assessed<NoBand> {
    let mut given = Given::new(&BMI);
    let weight = given.number("weight", weight_kg, Within::AboveZero);
    let height = given.number("height", height_cm, Within::AboveZero);
    let (Some(weight), Some(height)) = (weight, height) else { return given.cannot_tell() };
    let metres = height.over(Exact::whole(100));
    let value = metres.and_then(|metres| weight.over(metres)?.over(metres));
    given.tell_number(value, 1)
}

/// `fluid`: oedema or ascites is known to be there.
pub fn weight_loss(reference_kg: Option<Exact>, now_kg: Option<Exact>, fluid: bool) -> Assessed<NoBand> {
    let mut given = Given::new(&WEIGHT_LOSS);
    if fluid {
        given.note(MAY_HIDE_LOSS);
    }
    let reference = given.number("reference", reference_kg, Within::AboveZero);
    let now = given.number("weight", now_kg, Within::AboveZero);
    let (Some(reference), Some(now)) = (reference, now) else { return given.cannot_tell() };
    let share = reference.minus(now).and_then(|lost| lost.over(reference));
    given.tell_number(share.and_then(|share| share.times(Exact::whole(100))), 1)
}

/// Loss against the highest weight of the days before the newest one; with no other day in the window, cannot tell.
/// Returns the day of the reference as well, the latest one if several weighed the same.
pub fn weight_loss_within(weights: &[(Day, Exact)], days: i32, fluid: bool) -> (Assessed<NoBand>, Option<Day>) {
    let newest = weights.iter().max_by_key(|(day, _)| *day).copied();
    let reference = newest.and_then(|(today, _)| {
        let before = weights.iter().filter(|(day, _)| *day < today && today.since(*day) <= days);
        before.max_by_key(|(day, weight)| (*weight, *day)).copied()
    });
    let outcome = weight_loss(reference.map(|(_, weight)| weight), newest.map(|(_, weight)| weight), fluid);
    (outcome, reference.map(|(day, _)| day))
}

/// A loss above 5 % or up to 2 % decides alone; between them the body mass index is needed.
pub fn cachexia(loss_percent: Option<Exact>, bmi: Option<Exact>) -> Assessed<Cachexia> {
    let mut given = Given::new(&CACHEXIA);
    let Some(loss) = given.number("loss", loss_percent, Within::Any) else { return given.cannot_tell() };
    let (little, much) = (loss <= Exact::whole(2), loss > Exact::whole(5));
    let depleted = if little || much {
        false
    } else {
        let Some(bmi) = given.number("bmi", bmi, Within::AboveZero) else { return given.cannot_tell() };
        bmi < Exact::whole(20)
    };
    given.tell(None, Some(if much || depleted { Cachexia::Met } else { Cachexia::NotMet }))
}
