//! A23, FRAX: proprietary, so nothing is computed and nothing approximated. A result that was computed elsewhere is
//! recorded with its date, and the threshold of the guideline for the United States is shown beside it.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Within, Word, words};
use crate::{exact::Exact, facts::Day, source::Source};

words! {
    FraxBand {
        Above = "above_threshold", "US model: major 20 % or more, or hip 3 % or more";
        Below = "below_threshold", "US model: below both";
        OtherCountry = "threshold_is_us", "another country's model: threshold shown is US; ask your clinician";
    }
}

words! {
    /// What a clinician weighs where there is no FRAX result: a list, without a score.
    FractureRisk {
        AdvancedAge = "advanced_age", "advanced age";
        Smoking = "current_smoking", "current smoking";
        Alcohol = "excess_alcohol", "excess alcohol";
        PriorFracture = "prior_non_traumatic_fracture", "prior non-traumatic fracture";
        Hypogonadism = "hypogonadism", "hypogonadism";
        ImpairedMobility = "impaired_mobility", "impaired mobility";
        FallRisk = "fall_risk", "risk of falls";
        LongGlucocorticoid = "long_glucocorticoid", "glucocorticoid for long";
        LowWeight = "low_body_weight", "low body weight";
        ParentalHip = "parental_hip_fracture", "hip fracture of a parent";
        Postmenopausal = "postmenopausal", "after menopause";
    }
}

pub static FRAX: Assessment = Assessment {
    id: "A23",
    name: "FRAX: recorded result",
    source: Source {
        key: "ASCO19",
        state: SourceState::Verified,
        version: 1,
        caution: "Computed elsewhere. No such tool is validated in people with cancer. Not a diagnosis.",
    },
    parts: &[Part { what: "terms of FRAX's licence", key: "FRAX-CRF", state: SourceState::Unverified }],
    inputs: &[
        ("date", "when it was computed"),
        ("country", "whose model"),
        ("major", "major fracture in ten years, per cent; not needed if hip is above its threshold"),
        ("hip", "hip fracture in ten years, per cent; not needed if major is above its threshold"),
    ],
    bands: FraxBand::TABLE,
    score: "none",
    licence: "proprietary: never computed, never approximated; an entered result with its date",
};

/// A result as somebody entered it. None: not entered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FraxResult {
    pub date: Option<Day>,
    /// ISO 3166 alpha-2: "US".
    pub country: Option<String>,
    pub tool_version: Option<String>,
    pub with_bmd: Option<bool>,
    pub major_percent: Option<Exact>,
    pub hip_percent: Option<Exact>,
}

const PERCENT: Within = Within::Between(0, 100);

/// Reads a recorded result; computes none.
pub fn frax(result: &FraxResult) -> Assessed<FraxBand> {
    let mut given = Given::new(&FRAX);
    given.day("date", result.date);
    let ours = match result.country.as_deref().map(str::trim) {
        Some(country) if country.eq_ignore_ascii_case("US") => true,
        Some(country) if !country.is_empty() => return given.tell(None, Some(FraxBand::OtherCountry)),
        _ => false,
    };
    if !ours {
        given.missing("country");
    }
    let above = |percent: Option<Exact>, threshold| {
        percent.is_some_and(|percent| PERCENT.holds(percent) && percent >= Exact::whole(threshold))
    };
    let over = above(result.major_percent, 20) || above(result.hip_percent, 3);
    for (name, percent) in [("major", result.major_percent), ("hip", result.hip_percent)] {
        if percent.is_some() || !over {
            given.number(name, percent, PERCENT);
        }
    }
    given.tell(None, Some(if over { FraxBand::Above } else { FraxBand::Below }))
}
