//! A11, pain: bands of the 0–10 scale, and the means of the Brief Pain Inventory (only where the site holds its licence).

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Score, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    PainBand {
        None = "none", "0";
        Mild = "mild", "above 0";
        Moderate = "moderate", "from 5";
        Severe = "severe", "from 7 (Serlin 1995); 8 (Li 2006) and 9 (Chow) in bone metastases";
    }
}

words! {
    /// Whose cut points: guidance disagrees where "severe" begins. Alerts stay at 7, the earliest.
    PainCuts {
        Serlin = "serlin95", "mild 1–4, moderate 5–6, severe 7–10";
        Li = "li06", "mild 1–4, moderate 5–7, severe 8–10 (bone metastases)";
        Chow = "chow16", "mild 1–4, moderate 5–8, severe 9–10 (bone metastases)";
    }
}

words! {
    PainChange {
        Worse = "worse", "higher than before";
        None = "none", "less than 10 % lower";
        Minimal = "minimal", "lower by 10 % or more";
        Moderate = "moderate", "lower by 30 % or more";
        Substantial = "substantial", "lower by 50 % or more";
    }
}

words! {
    /// Whether the site holds the permission of a form's owner.
    Licence {
        Held = "held", "the site holds the licence";
        NotHeld = "not_held", "it does not, or nobody said so";
    }
}

const CAUTION: &str = "What the person says counts, at any number. Not a diagnosis.";
const BPI_LICENCE: &str =
    "Brief Pain Inventory: permission of the holder, fees may apply; only with the site's licence";
const BPI_PARTS: &[Part] =
    &[Part { what: "bands of a mean that is no whole number", key: "design", state: SourceState::Unverified }];
const BPI: Source = Source { key: "BPI-EPPOC", state: SourceState::Verified, version: 1, caution: CAUTION };

pub static PAIN: Assessment = Assessment {
    id: "A11",
    name: "Pain, 0–10",
    source: Source { key: "SERLIN95", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[
        Part { what: "other cuts: 4/7", key: "LI06", state: SourceState::Verified },
        Part { what: "other cuts: 4/8", key: "CHOW16", state: SourceState::Verified },
        Part { what: "bands between whole numbers", key: "design", state: SourceState::Unverified },
    ],
    inputs: &[("pain", "0–10")],
    bands: PainBand::TABLE,
    score: "the number itself",
    licence: "",
};

pub static BPI_SEVERITY: Assessment = Assessment {
    id: "A11",
    name: "Brief Pain Inventory: severity",
    source: BPI,
    parts: BPI_PARTS,
    inputs: &[("worst", "0–10"), ("least", "0–10"), ("average", "0–10"), ("now", "0–10")],
    bands: PainBand::TABLE,
    score: "mean of all four, 2 decimals",
    licence: BPI_LICENCE,
};

pub static BPI_INTERFERENCE: Assessment = Assessment {
    id: "A11",
    name: "Brief Pain Inventory: interference",
    source: BPI,
    parts: BPI_PARTS,
    inputs: &[("items", "seven, 0–10 each; at least four answered")],
    bands: PainBand::TABLE,
    score: "mean of the answered, 2 decimals",
    licence: BPI_LICENCE,
};

pub static PAIN_CHANGE: Assessment = Assessment {
    id: "A11",
    name: "Pain: change",
    source: BPI,
    parts: &[],
    inputs: &[("before", "0–10"), ("now", "0–10")],
    bands: PainChange::TABLE,
    score: "now − before, 2 decimals; 1 point matters",
    licence: "",
};

const SCALE: Within = Within::Between(0, 10);

/// A pain of 0 to 10, or a mean of several.
pub fn pain_band(pain: Option<Exact>, cuts: PainCuts) -> Assessed<PainBand> {
    let mut given = Given::new(&PAIN);
    let Some(pain) = given.number("pain", pain, SCALE) else { return given.cannot_tell() };
    let places = if pain.as_whole().is_some() { 0 } else { 2 };
    given.tell(Score::of(pain, places), Some(band(pain, cuts)))
}

fn band(pain: Exact, cuts: PainCuts) -> PainBand {
    let severe = match cuts {
        PainCuts::Serlin => 7,
        PainCuts::Li => 8,
        PainCuts::Chow => 9,
    };
    if pain <= Exact::ZERO {
        PainBand::None
    } else if pain < Exact::whole(5) {
        PainBand::Mild
    } else if pain < Exact::whole(severe) {
        PainBand::Moderate
    } else {
        PainBand::Severe
    }
}

/// Worst, least, average, now: all four.
pub fn bpi_severity(licence: Licence, items: [Option<u8>; 4]) -> Assessed<PainBand> {
    let names = ["worst", "least", "average", "now"];
    let mut given = Given::new(&BPI_SEVERITY);
    let answered = names.iter().zip(items).filter_map(|(name, item)| given.whole(name, item.map(i64::from), 0, 10));
    let answered: Vec<i64> = answered.collect();
    mean(given, licence, &answered, 4)
}

/// Of the answered ones, four at least.
pub fn bpi_interference(licence: Licence, items: [Option<u8>; 7]) -> Assessed<PainBand> {
    let mut given = Given::new(&BPI_INTERFERENCE);
    let answered: Vec<i64> = items.iter().flatten().filter(|item| **item <= 10).map(|item| i64::from(*item)).collect();
    for item in &answered {
        given.whole("items", Some(*item), 0, 10);
    }
    let cannot_be = items.iter().flatten().any(|item| *item > 10);
    if answered.len() < 4 || cannot_be {
        given.missing("items");
    }
    mean(given, licence, &answered, 4)
}

fn mean(mut given: Given, licence: Licence, answered: &[i64], least: usize) -> Assessed<PainBand> {
    if licence == Licence::NotHeld {
        given.missing("licence");
    }
    if answered.len() < least {
        return given.cannot_tell();
    }
    let sum: i64 = answered.iter().sum();
    let mean = Exact::ratio(i128::from(sum), answered.len() as i128);
    given.tell(mean.and_then(|mean| Score::of(mean, 2)), mean.map(|mean| band(mean, PainCuts::Serlin)))
}

/// From one pain, or mean, to a later one.
pub fn pain_change(before: Option<Exact>, now: Option<Exact>) -> Assessed<PainChange> {
    let mut given = Given::new(&PAIN_CHANGE);
    let before = given.number("before", before, SCALE);
    let now = given.number("now", now, SCALE);
    let (Some(before), Some(now)) = (before, now) else { return given.cannot_tell() };
    let change = now.minus(before);
    // Lower by a share of what it was; from 0 it can only stay or rise.
    let share = before.minus(now).and_then(|lower| lower.over(before)).unwrap_or(Exact::ZERO);
    let band = if now > before {
        PainChange::Worse
    } else if share >= Exact::constant(5, 1) {
        PainChange::Substantial
    } else if share >= Exact::constant(3, 1) {
        PainChange::Moderate
    } else if share >= Exact::constant(1, 1) {
        PainChange::Minimal
    } else {
        PainChange::None
    };
    given.tell(change.and_then(|change| Score::of(change, 2)), Some(band))
}
