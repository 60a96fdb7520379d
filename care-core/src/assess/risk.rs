//! A3, the criteria of the joint statement of 2017 for women on aromatase inhibitors. The wording is "meets the
//! criteria", never "needs".

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    RiskFactor {
        Age = "age_gt_65", "older than 65";
        Bmi = "bmi_lt_24", "body mass index below 24";
        HipFracture = "family_hip_fracture", "hip fracture in the family";
        FragilityFracture = "fragility_fracture_after_50", "fragility fracture after 50";
        Corticosteroid = "oral_corticosteroid_gt_6_months", "oral corticosteroid for more than 6 months";
        Smoking = "smoking", "smoking";
    }
}

words! {
    BoneLossCriteria {
        LowT = "criteria_met:t_lt_-2.0", "T-score below −2.0: meets the criteria of the 2017 joint statement";
        LowTAndFactor = "criteria_met:t_lt_-1.5_plus_rf", "T-score below −1.5 and a risk factor: meets them";
        TwoFactors = "criteria_met:two_rf", "two risk factors or more: meets them";
        NotMet = "not_met", "does not meet them";
    }
}

pub static BONE_LOSS: Assessment = Assessment {
    id: "A3",
    name: "Bone loss on an aromatase inhibitor",
    source: Source {
        key: "HADJI17",
        state: SourceState::Secondary,
        version: 1,
        caution: "For women on an aromatase inhibitor. Says whether the criteria of the 2017 joint statement are met, not what to do.",
    },
    parts: &[
        Part { what: "two risk factors (line partly cut)", key: "HADJI17", state: SourceState::Unverified },
        Part { what: "age > 65, body mass index < 24", key: "HADJI17", state: SourceState::Unverified },
    ],
    inputs: &[
        ("t", "T-score; not asked for with two risk factors"),
        ("risk_factors", "which of the six; not asked for below −2.0"),
    ],
    bands: BoneLossCriteria::TABLE,
    score: "none",
    licence: "",
};

/// `risk_factors`: None if nobody asked. What is known decides as far as it can: two risk factors need no scan.
pub fn bone_loss(t: Option<Exact>, risk_factors: Option<&[RiskFactor]>) -> Assessed<BoneLossCriteria> {
    let mut given = Given::new(&BONE_LOSS);
    let mut factors = risk_factors.map(<[RiskFactor]>::to_vec);
    if let Some(factors) = &mut factors {
        factors.sort_unstable();
        factors.dedup();
        for factor in factors {
            given.word("risk_factors", Some(*factor));
        }
    }
    let count = factors.as_ref().map(Vec::len);
    if let Some(t) = t {
        given.number("t", Some(t), Within::Any);
    }
    let below = |cut| t.is_some_and(|t| t < cut);
    let band = match count {
        _ if below(Exact::constant(-20, 1)) => BoneLossCriteria::LowT,
        Some(1..) if below(Exact::constant(-15, 1)) => BoneLossCriteria::LowTAndFactor,
        Some(2..) => BoneLossCriteria::TwoFactors,
        Some(_) if t.is_some() => BoneLossCriteria::NotMet,
        factors => {
            if t.is_none() {
                given.missing("t");
            }
            if factors.is_none() {
                given.missing("risk_factors");
            }
            return given.cannot_tell();
        }
    };
    given.tell(None, Some(band))
}
