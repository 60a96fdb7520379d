//! A6, Timed Up and Go; A7, 30-second chair stand; A9, gait speed: what a person does while somebody stands by.

use osteon_proto::meta::SourceState;

use super::{AGE, Assessed, Assessment, Given, Part, Score, Sex, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    TugBand {
        BelowThreshold = "below_threshold", "less than 12.0 s";
        AtRisk = "at_risk", "12.0 s or more";
    }
}

words! {
    ChairStandBand {
        BelowAverage = "below_average", "fewer than the norm of age and sex";
        Average = "at_or_above_average", "the norm or more";
        NoNorm = "no_norm_for_age", "younger than 60 or older than 94: the trend only";
    }
}

words! {
    GaitBand {
        Slow = "slow", "0.8 m/s or less";
        AboveCut = "above_cut", "faster";
    }
}

pub static TUG: Assessment = Assessment {
    id: "A6",
    name: "Timed Up and Go",
    source: Source {
        key: "STEADI-TUG",
        state: SourceState::Secondary,
        version: 1,
        caution: "Never alone: at 13.5 s it finds 31 % of those who fall (BARRY14). A person stands by. Not a diagnosis.",
    },
    parts: &[Part { what: "13.5 s: specificity 0.74, sensitivity 0.31", key: "BARRY14", state: SourceState::Verified }],
    inputs: &[("seconds", "from chair to chair"), ("cut", "of the site, s; else 12.0")],
    bands: TugBand::TABLE,
    score: "seconds, 1 decimal",
    licence: "CDC, public domain",
};

pub static CHAIR_STAND: Assessment = Assessment {
    id: "A7",
    name: "30-second chair stand",
    source: Source {
        key: "STEADI-30S",
        state: SourceState::Verified,
        version: 1,
        caution: "A person stands by. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[
        ("stands", "full ones; over half-way at 30 s counts"),
        ("age", "years"),
        ("sex", "f, m; asked for from 60 to 94"),
        ("used_arms", "then the count is 0"),
    ],
    bands: ChairStandBand::TABLE,
    score: "stands; 0 if the arms were used",
    licence: "CDC, public domain",
};

pub static GAIT: Assessment = Assessment {
    id: "A9",
    name: "Gait speed",
    source: Source {
        key: "WFG22",
        state: SourceState::Unverified,
        version: 1,
        caution: "Over 4 to 10 m at the usual pace. Not a diagnosis.",
    },
    parts: &[Part { what: "0.76 m/s as another cut", key: "GAIT", state: SourceState::Verified }],
    inputs: &[("metres", "walked"), ("seconds", "taken"), ("cut", "of the site, m/s; else 0.8")],
    bands: GaitBand::TABLE,
    score: "m/s, 2 decimals",
    licence: "",
};

/// `cut`: the site's own; None is 12.0 s.
pub fn tug(seconds: Option<Exact>, cut: Option<Exact>) -> Assessed<TugBand> {
    let mut given = Given::new(&TUG);
    let Some(seconds) = given.number("seconds", seconds, Within::AboveZero) else { return given.cannot_tell() };
    let Some(cut) = site_cut(&mut given, cut, Exact::whole(12)) else { return given.cannot_tell() };
    given.tell(Score::of(seconds, 1), Some(if seconds >= cut { TugBand::AtRisk } else { TugBand::BelowThreshold }))
}

/// Below average from these ages on: (age, men, women).
const NORMS: [(i128, i64, i64); 7] =
    [(60, 14, 12), (65, 12, 11), (70, 12, 10), (75, 11, 10), (80, 10, 9), (85, 8, 8), (90, 7, 4)];

pub fn chair_stand(
    stands: Option<i64>,
    age_years: Option<Exact>,
    sex: Option<Sex>,
    used_arms: Option<bool>,
) -> Assessed<ChairStandBand> {
    let mut given = Given::new(&CHAIR_STAND);
    let stands = given.whole("stands", stands, 0, 1_000);
    let age = given.number("age", age_years, AGE).map(Exact::floor);
    let norm = match age {
        Some(60..=94) => match given.word("sex", sex) {
            Some(sex) => NORMS.iter().rev().find(|(from, ..)| age >= Some(*from)).map(|(_, men, women)| match sex {
                Sex::Male => *men,
                Sex::Female => *women,
            }),
            None => None,
        },
        _ => None,
    };
    let used_arms = given.yes("used_arms", used_arms);
    let (Some(stands), Some(used_arms)) = (stands, used_arms) else { return given.cannot_tell() };
    let counted = if used_arms { 0 } else { stands };
    let band = match norm {
        Some(norm) if counted < norm => ChairStandBand::BelowAverage,
        Some(_) => ChairStandBand::Average,
        None => ChairStandBand::NoNorm,
    };
    given.tell_points(counted, band)
}

/// `cut`: the site's own; None is 0.8 m/s.
pub fn gait_speed(metres: Option<Exact>, seconds: Option<Exact>, cut: Option<Exact>) -> Assessed<GaitBand> {
    let mut given = Given::new(&GAIT);
    let metres = given.number("metres", metres, Within::AboveZero);
    let seconds = given.number("seconds", seconds, Within::AboveZero);
    let (Some(metres), Some(seconds)) = (metres, seconds) else { return given.cannot_tell() };
    let Some(cut) = site_cut(&mut given, cut, Exact::constant(8, 1)) else { return given.cannot_tell() };
    let speed = metres.over(seconds);
    let band = speed.map(|speed| if speed <= cut { GaitBand::Slow } else { GaitBand::AboveCut });
    given.tell(speed.and_then(|speed| Score::of(speed, 2)), band)
}

/// A cut that a site has set, or the source's.
fn site_cut(given: &mut Given, cut: Option<Exact>, usual: Exact) -> Option<Exact> {
    match cut {
        Some(_) => given.number("cut", cut, Within::AboveZero),
        None => Some(usual),
    }
}
