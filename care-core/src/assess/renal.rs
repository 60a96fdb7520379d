//! A18, how well the kidneys filter: Cockcroft–Gault (the tables of zoledronate use it) and CKD-EPI 2021.

use osteon_proto::meta::SourceState;

use super::{ADULT, Assessed, Assessment, Given, NoBand, Sex, Within};
use crate::{
    exact::{Exact, power::LogSum},
    source::Source,
};

const CAUTION: &str = "Low muscle mass makes it look better than it is. Not a diagnosis.";

pub static CLEARANCE: Assessment = Assessment {
    id: "A18",
    name: "Creatinine clearance (Cockcroft–Gault)",
    source: Source { key: "CG", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[],
    inputs: &[("age", "completed years, 18–130"), ("weight", "kg"), ("creatinine", "mg/dL"), ("sex", "f, m")],
    bands: &[],
    score: "(140 − age) × kg / (72 × creatinine), × 0.85 for women, mL/min, 1 decimal",
    licence: "",
};

pub static EGFR: Assessment = Assessment {
    id: "A18",
    name: "eGFR (CKD-EPI 2021)",
    source: Source { key: "CKDEPI21", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[],
    inputs: &[("creatinine", "mg/dL"), ("age", "completed years, 18–130"), ("sex", "f, m")],
    bands: &[],
    score: "mL/min/1.73 m², whole number",
    licence: "",
};

/// None: not known. Creatinine in mg/dL (from µmol/L: [`crate::convert::creatinine_mg_dl`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RenalInputs {
    pub age_years: Option<Exact>,
    pub weight_kg: Option<Exact>,
    pub creatinine_mg_dl: Option<Exact>,
    pub sex: Option<Sex>,
}

/// Cockcroft–Gault, mL/min. Thresholds take [`Assessed::exact`]: 60.04 is above 60, though it shows as 60.0.
pub fn creatinine_clearance(inputs: &RenalInputs) -> Assessed<NoBand> {
    let mut given = Given::new(&CLEARANCE);
    let age = given.number("age", inputs.age_years, ADULT);
    let weight = given.number("weight", inputs.weight_kg, Within::AboveZero);
    let creatinine = given.number("creatinine", inputs.creatinine_mg_dl, Within::AboveZero);
    let sex = given.word("sex", inputs.sex);
    let (Some(age), Some(weight), Some(creatinine), Some(sex)) = (age, weight, creatinine, sex) else {
        return given.cannot_tell();
    };
    let part = match sex {
        Sex::Female => Exact::constant(85, 2),
        Sex::Male => Exact::whole(1),
    };
    let above = Exact::whole(140).minus(age).and_then(|years| years.times(weight)).and_then(|above| above.times(part));
    let value = Exact::whole(72).times(creatinine).and_then(|below| above?.over(below));
    given.tell_number(value, 1)
}

/// CKD-EPI 2021 without race, mL/min/1.73 m². Not to be mixed with the equation of 2009.
pub fn egfr(inputs: &RenalInputs) -> Assessed<NoBand> {
    let mut given = Given::new(&EGFR);
    let creatinine = given.number("creatinine", inputs.creatinine_mg_dl, Within::AboveZero);
    let age = given.number("age", inputs.age_years, ADULT);
    let sex = given.word("sex", inputs.sex);
    let (Some(creatinine), Some(age), Some(sex)) = (creatinine, age, sex) else { return given.cannot_tell() };
    let (kappa, alpha, factor) = match sex {
        Sex::Female => (Exact::constant(7, 1), Exact::constant(-241, 3), Exact::constant(1012, 3)),
        Sex::Male => (Exact::constant(9, 1), Exact::constant(-302, 3), Exact::whole(1)),
    };
    // min(Scr/κ, 1)^α × max(Scr/κ, 1)^−1.2: one of the two is 1.
    let exponent = if creatinine <= kappa { alpha } else { Exact::constant(-12, 1) };
    let value = creatinine.over(kappa).and_then(|ratio| {
        let logs = LogSum::one().times(ratio, exponent).times(Exact::constant(9938, 4), age);
        logs.times(Exact::whole(142), Exact::whole(1)).times(factor, Exact::whole(1)).value()
    });
    given.tell_number(value, 0)
}
