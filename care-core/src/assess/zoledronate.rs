//! A19, zoledronate: the dose of the label's table, and when the kidneys say to withhold. A check against an order, never
//! an order.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Part, Score, Within, Word, words};
use crate::{exact::Exact, source::Source};

const CAUTION: &str = "A check against the order, never an order.";

words! {
    /// The row of the dose table, best kidneys last.
    ZoledronateDose {
        NotRecommended = "not_recommended", "clearance below 30: no dose in the table";
        Mg30 = "3.0", "clearance 30 to below 40: 3.0 mg";
        Mg33 = "3.3", "clearance 40 to below 50: 3.3 mg";
        Mg35 = "3.5", "clearance 50 to 60: 3.5 mg";
        Mg40 = "4.0", "clearance above 60: 4.0 mg";
    }
}

words! {
    Withhold {
        Withhold = "withhold", "creatinine rose by 44 µmol/L or more (baseline below 124), by 88 or more (from 124)";
        NoRise = "no_rise", "it rose by less";
    }
}

words! {
    Resume {
        Within = "within_10_percent", "creatinine is at most 10 % above the baseline again";
        NotYet = "not_yet", "more than 10 % above";
    }
}

pub static DOSE: Assessment = Assessment {
    id: "A19",
    name: "Zoledronate 4 mg: dose by clearance",
    source: Source { key: "ZOMETA-EU", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[],
    inputs: &[("clearance", "Cockcroft–Gault, mL/min, unrounded")],
    bands: ZoledronateDose::TABLE,
    score: "mg, 1 decimal; none below 30",
    licence: "",
};

pub static WITHHOLD: Assessment = Assessment {
    id: "A19",
    name: "Zoledronate: withhold after a rise of creatinine",
    source: Source { key: "ZOMETA-EU", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[Part {
        what: "a baseline of exactly 124 counts as raised",
        key: "design",
        state: SourceState::Unverified,
    }],
    inputs: &[("baseline", "creatinine before treatment, µmol/L"), ("creatinine", "now, µmol/L")],
    bands: Withhold::TABLE,
    score: "rise, µmol/L, 1 decimal",
    licence: "",
};

pub static RESUME: Assessment = Assessment {
    id: "A19",
    name: "Zoledronate: resume",
    source: Source { key: "ZOMETA-EU", state: SourceState::Verified, version: 1, caution: CAUTION },
    parts: &[],
    inputs: &[("baseline", "creatinine before treatment, µmol/L"), ("creatinine", "now, µmol/L")],
    bands: Resume::TABLE,
    score: "rise, µmol/L, 1 decimal",
    licence: "",
};

/// `clearance` as Cockcroft–Gault gives it, not rounded.
pub fn zoledronate_dose(clearance: Option<Exact>) -> Assessed<ZoledronateDose> {
    let mut given = Given::new(&DOSE);
    let Some(clearance) = given.number("clearance", clearance, Within::NotNegative) else { return given.cannot_tell() };
    let (tenths, band) = if clearance > Exact::whole(60) {
        (Some(40), ZoledronateDose::Mg40)
    } else if clearance >= Exact::whole(50) {
        (Some(35), ZoledronateDose::Mg35)
    } else if clearance >= Exact::whole(40) {
        (Some(33), ZoledronateDose::Mg33)
    } else if clearance >= Exact::whole(30) {
        (Some(30), ZoledronateDose::Mg30)
    } else {
        (None, ZoledronateDose::NotRecommended)
    };
    let dose = tenths.and_then(|tenths| Score::of(Exact::constant(tenths, 1), 1));
    given.tell(dose, Some(band))
}

/// Both in µmol/L.
pub fn zoledronate_withhold(baseline: Option<Exact>, creatinine: Option<Exact>) -> Assessed<Withhold> {
    rise(&WITHHOLD, baseline, creatinine, |baseline, rise| {
        let cut = if baseline < Exact::whole(124) { 44 } else { 88 };
        Some(if rise >= Exact::whole(cut) { Withhold::Withhold } else { Withhold::NoRise })
    })
}

/// Both in µmol/L.
pub fn zoledronate_resume(baseline: Option<Exact>, creatinine: Option<Exact>) -> Assessed<Resume> {
    rise(&RESUME, baseline, creatinine, |baseline, rise| {
        let tenth = baseline.over(Exact::whole(10))?;
        Some(if rise <= tenth { Resume::Within } else { Resume::NotYet })
    })
}

fn rise<B>(
    about: &'static Assessment,
    baseline: Option<Exact>,
    creatinine: Option<Exact>,
    band: impl Fn(Exact, Exact) -> Option<B>,
) -> Assessed<B> {
    let mut given = Given::new(about);
    let baseline = given.number("baseline", baseline, Within::AboveZero);
    let creatinine = given.number("creatinine", creatinine, Within::AboveZero);
    let (Some(baseline), Some(creatinine)) = (baseline, creatinine) else { return given.cannot_tell() };
    let rise = creatinine.minus(baseline);
    given.tell(rise.and_then(|rise| Score::of(rise, 1)), rise.and_then(|rise| band(baseline, rise)))
}
