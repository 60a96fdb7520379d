//! A17, calcium: adjusted for albumin, which of several results counts, and its CTCAE grade.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, NoBand, Part, Score, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    /// CTCAE grades of a calcium that is adjusted for albumin.
    CalciumBand {
        HypoG4 = "hypo_g4", "below 1.5 mmol/L";
        HypoG3 = "hypo_g3", "1.5 to below 1.75 mmol/L";
        HypoG2 = "hypo_g2", "1.75 to below 2.0 mmol/L";
        HypoG1 = "hypo_g1", "2.0 mmol/L to below the laboratory's lower limit";
        Normal = "normal", "within the laboratory's limits";
        HyperG1 = "hyper_g1", "above the laboratory's upper limit to 2.9 mmol/L";
        HyperG2 = "hyper_g2", "above 2.9 to 3.1 mmol/L";
        HyperG3 = "hyper_g3", "above 3.1 to 3.4 mmol/L";
        HyperG4 = "hyper_g4", "above 3.4 mmol/L";
    }
}

pub static ADJUSTED_CALCIUM: Assessment = Assessment {
    id: "A17",
    name: "Adjusted calcium",
    source: Source {
        key: "ADJCA",
        state: SourceState::Verified,
        version: 1,
        caution: "A laboratory's own adjusted or ionised value wins over this one. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[("calcium", "total calcium, mmol/L"), ("albumin", "g/L")],
    bands: &[],
    score: "Ca + 0.02 × (40 − albumin), mmol/L, 2 decimals",
    licence: "",
};

pub static ADJUSTED_CALCIUM_MG_DL: Assessment = Assessment {
    id: "A17",
    name: "Adjusted calcium, mg/dL",
    source: Source {
        key: "ZOMETA-US",
        state: SourceState::Verified,
        version: 1,
        caution: "A laboratory's own adjusted or ionised value wins over this one. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[("calcium", "total calcium, mg/dL"), ("albumin", "g/dL")],
    bands: &[],
    score: "Ca + 0.8 × (4.0 − albumin), mg/dL, 1 decimal",
    licence: "",
};

pub static CALCIUM_GRADE: Assessment = Assessment {
    id: "A17",
    name: "Calcium grade",
    source: Source {
        key: "CTCAE",
        state: SourceState::Verified,
        version: 1,
        caution: "Read with the laboratory's limits; a symptom counts at any value. Not a diagnosis.",
    },
    parts: &[Part {
        what: "limits 2.2 and 2.6 where the report has none",
        key: "design",
        state: SourceState::Unverified,
    }],
    inputs: &[
        ("calcium", "adjusted calcium, mmol/L"),
        ("lower_limit", "of the report, mmol/L; else 2.2"),
        ("upper_limit", "of the report, mmol/L; else 2.6"),
    ],
    bands: CalciumBand::TABLE,
    score: "the calcium itself, mmol/L, 2 decimals",
    licence: "",
};

const LIMITS_ARE_OURS: &str = "The report gave no limits: 2.2 and 2.6 mmol/L were taken.";

/// In mmol/L and g/L. Shown with two decimals.
pub fn adjusted_calcium(calcium: Option<Exact>, albumin: Option<Exact>) -> Assessed<NoBand> {
    adjusted(&ADJUSTED_CALCIUM, calcium, albumin, (Exact::constant(2, 2), Exact::whole(40)), 2)
}

/// In mg/dL and g/dL. Shown with one decimal.
pub fn adjusted_calcium_mg_dl(calcium: Option<Exact>, albumin: Option<Exact>) -> Assessed<NoBand> {
    adjusted(&ADJUSTED_CALCIUM_MG_DL, calcium, albumin, (Exact::constant(8, 1), Exact::whole(4)), 1)
}

/// Ca + factor × (reference − albumin)
fn adjusted(
    about: &'static Assessment,
    calcium: Option<Exact>,
    albumin: Option<Exact>,
    (factor, reference): (Exact, Exact),
    places: u32,
) -> Assessed<NoBand> {
    let mut given = Given::new(about);
    let calcium = given.number("calcium", calcium, Within::AboveZero);
    let albumin = given.number("albumin", albumin, Within::AboveZero);
    let (Some(calcium), Some(albumin)) = (calcium, albumin) else { return given.cannot_tell() };
    let value = reference.minus(albumin).and_then(|lack| factor.times(lack)).and_then(|more| calcium.plus(more));
    given.tell_number(value, places)
}

/// The limits that a laboratory printed with its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    pub lower: Option<Exact>,
    pub upper: Option<Exact>,
}

/// The grade of an adjusted calcium in mmol/L. The fixed cuts come first: with a lower limit below 2.0 a value under
/// 2.0 is still of grade 2.
pub fn calcium_band(calcium: Option<Exact>, limits: Limits) -> Assessed<CalciumBand> {
    let mut given = Given::new(&CALCIUM_GRADE);
    let Some(value) = given.number("calcium", calcium, Within::NotNegative) else { return given.cannot_tell() };
    let mut limit = |name, printed: Option<Exact>, ours| match printed {
        Some(_) => given.number(name, printed, Within::AboveZero),
        None => Some(ours),
    };
    let lower = limit("lower_limit", limits.lower, Exact::constant(22, 1));
    let upper = limit("upper_limit", limits.upper, Exact::constant(26, 1));
    let (Some(lower), Some(upper)) = (lower, upper) else { return given.cannot_tell() };
    if limits.lower.is_none() || limits.upper.is_none() {
        given.note(LIMITS_ARE_OURS);
    }
    let cut = Exact::constant;
    let band = if value < cut(15, 1) {
        CalciumBand::HypoG4
    } else if value < cut(175, 2) {
        CalciumBand::HypoG3
    } else if value < cut(2, 0) {
        CalciumBand::HypoG2
    } else if value > cut(34, 1) {
        CalciumBand::HyperG4
    } else if value > cut(31, 1) {
        CalciumBand::HyperG3
    } else if value > cut(29, 1) {
        CalciumBand::HyperG2
    } else if value < lower {
        CalciumBand::HypoG1
    } else if value > upper {
        CalciumBand::HyperG1
    } else {
        CalciumBand::Normal
    };
    given.tell(Score::of(value, 2), Some(band))
}

/// Results of one sample, mmol/L and g/L.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CalciumResults {
    pub total: Option<Exact>,
    pub albumin: Option<Exact>,
    /// As the laboratory adjusted it.
    pub adjusted: Option<Exact>,
    pub ionised: Option<Exact>,
}

/// Which calcium of a sample counts.
#[derive(Clone, Debug)]
pub enum CalciumReading {
    /// The laboratory's own adjusted value.
    Laboratory(Exact),
    /// Ionised: it has limits of its own, and the grades of A17 do not apply.
    Ionised(Exact),
    /// Ours, or what is missing for it.
    Ours(Assessed<NoBand>),
}

/// The laboratory's own adjusted or ionised value wins over ours.
pub fn calcium_reading(results: &CalciumResults) -> CalciumReading {
    match results {
        CalciumResults { adjusted: Some(value), .. } => CalciumReading::Laboratory(*value),
        CalciumResults { ionised: Some(value), .. } => CalciumReading::Ionised(*value),
        CalciumResults { total, albumin, .. } => CalciumReading::Ours(adjusted_calcium(*total, *albumin)),
    }
}
