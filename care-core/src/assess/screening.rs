//! A12, MUST, and A13, MST (the default): is somebody at risk of malnutrition?

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    MustBand {
        Low = "low", "0";
        Medium = "medium", "1";
        High = "high", "2 or more";
    }
}

words! {
    MstBand {
        NotAtRisk = "not_at_risk", "0 or 1";
        AtRisk = "at_risk", "2 or more";
    }
}

words! {
    /// Lost weight without trying?
    WeightLost {
        No = "no", "no (0)";
        Unsure = "unsure", "unsure (2)";
        Kg1To5 = "kg1_5", "1–5 kg (1)";
        Kg6To10 = "kg6_10", "6–10 kg (2)";
        Kg11To15 = "kg11_15", "11–15 kg (3)";
        KgAbove15 = "kg_gt15", "more than 15 kg (4)";
    }
}

pub static MUST: Assessment = Assessment {
    id: "A12",
    name: "MUST",
    source: Source {
        key: "MUST",
        state: SourceState::Verified,
        version: 1,
        caution: "Misses wasting in somebody whose body mass index is high. Not a diagnosis.",
    },
    parts: &[Part { what: "terms of reproduction", key: "BAPEN", state: SourceState::Unverified }],
    inputs: &[
        ("bmi", "above 20 0, 18.5–20 1, below 18.5 2"),
        ("loss", "unplanned in 3–6 months, per cent: below 5 0, 5–10 1, above 10 2"),
        ("acutely_ill", "and no intake for more than 5 days: 2"),
    ],
    bands: MustBand::TABLE,
    score: "sum, 0–6",
    licence: "BAPEN holds the copyright",
};

pub static MST: Assessment = Assessment {
    id: "A13",
    name: "MST",
    source: Source { key: "MST", state: SourceState::Verified, version: 1, caution: "A screen, not a diagnosis." },
    parts: &[],
    inputs: &[("weight_lost", "without trying"), ("eating_poorly", "for lack of appetite: 1")],
    bands: MstBand::TABLE,
    score: "sum, 0–5",
    licence: "Elsevier's permission shown in one reuse",
};

/// Body mass index and loss unrounded; a gain is a loss below zero.
pub fn must(bmi: Option<Exact>, loss_percent: Option<Exact>, acutely_ill: Option<bool>) -> Assessed<MustBand> {
    let mut given = Given::new(&MUST);
    let bmi = given.number("bmi", bmi, Within::AboveZero);
    let loss = given.number("loss", loss_percent, Within::Any);
    let ill = given.yes("acutely_ill", acutely_ill);
    let (Some(bmi), Some(loss), Some(ill)) = (bmi, loss, ill) else { return given.cannot_tell() };
    let thin = match bmi {
        bmi if bmi > Exact::whole(20) => 0,
        bmi if bmi >= Exact::constant(185, 1) => 1,
        _ => 2,
    };
    let lost = match loss {
        loss if loss < Exact::whole(5) => 0,
        loss if loss <= Exact::whole(10) => 1,
        _ => 2,
    };
    let points = thin + lost + if ill { 2 } else { 0 };
    let band = match points {
        0 => MustBand::Low,
        1 => MustBand::Medium,
        _ => MustBand::High,
    };
    given.tell_points(points, band)
}

pub fn mst(weight_lost: Option<WeightLost>, eating_poorly: Option<bool>) -> Assessed<MstBand> {
    let mut given = Given::new(&MST);
    let lost = given.word("weight_lost", weight_lost);
    let poorly = given.yes("eating_poorly", eating_poorly);
    let (Some(lost), Some(poorly)) = (lost, poorly) else { return given.cannot_tell() };
    let points = i64::from(poorly)
        + match lost {
            WeightLost::No => 0,
            WeightLost::Kg1To5 => 1,
            WeightLost::Unsure | WeightLost::Kg6To10 => 2,
            WeightLost::Kg11To15 => 3,
            WeightLost::KgAbove15 => 4,
        };
    given.tell_points(points, if points >= 2 { MstBand::AtRisk } else { MstBand::NotAtRisk })
}
