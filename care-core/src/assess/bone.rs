//! A1, DXA T-scores, and A2, OST: who has thin bones, who should be scanned.

use osteon_proto::meta::SourceState;

use super::{AGE, Assessed, Assessment, Given, NoBand, Part, Score, Sex, Within, Word, words};
use crate::{exact::Exact, source::Source};

words! {
    TBand {
        Normal = "normal", "T ≥ −1.0";
        LowBoneMass = "low_bone_mass", "−2.5 < T < −1.0";
        Osteoporosis = "osteoporosis", "T ≤ −2.5";
        WithFracture = "osteoporosis_with_fracture", "T ≤ −2.5 and a fragility fracture";
        UseZ = "not_applicable_use_z", "before menopause, or a man under 50: the Z-score is shown instead";
    }
}

words! {
    DxaSite {
        LumbarSpine = "lumbar_spine", "lumbar spine";
        TotalHip = "total_hip", "total hip";
        FemoralNeck = "femoral_neck", "femoral neck";
    }
}

words! {
    /// Why the T-score of a site does not count.
    Excluded {
        Lesion = "lesion", "a known lesion: a sclerotic one raises the density";
        Fracture = "fracture", "a fracture";
        Implant = "implant", "an implant";
        RadiotherapyField = "rt_field", "a field of radiotherapy";
    }
}

words! {
    OstBand {
        ConsiderDxa = "consider_dxa", "below 2 (women), below 4 (men): consider a scan";
        BelowThreshold = "below_threshold", "not below it";
    }
}

const WHO: Source = Source {
    key: "WHO 1994",
    state: SourceState::Verified,
    version: 1,
    caution: "A known lesion, fracture, implant or radiotherapy field falsifies a site. Not a diagnosis.",
};
const Z_SCORE: Part =
    Part { what: "Z-score before menopause and in men under 50 (ISCD)", key: "ISCD", state: SourceState::Unverified };

pub static T_SCORE: Assessment = Assessment {
    id: "A1",
    name: "DXA T-score",
    source: WHO,
    parts: &[],
    inputs: &[("bmd", "g/cm²"), ("reference_mean", "g/cm²"), ("reference_sd", "g/cm²")],
    bands: &[],
    score: "(BMD − mean) / SD, 1 decimal",
    licence: "",
};

pub static T_BAND: Assessment = Assessment {
    id: "A1",
    name: "DXA band",
    source: WHO,
    parts: &[Z_SCORE],
    inputs: &[
        ("t", "T-score, the lowest of the sites that count"),
        ("applies", "after menopause, or a man of 50 or more"),
        ("fragility_fracture", "asked for at −2.5 or below"),
    ],
    bands: TBand::TABLE,
    score: "the T-score itself",
    licence: "",
};

pub static LOWEST_T: Assessment = Assessment {
    id: "A1",
    name: "Lowest T-score",
    source: WHO,
    parts: &[Part {
        what: "sclerotic lesions raise the density",
        key: "common knowledge",
        state: SourceState::Unverified,
    }],
    inputs: &[("lumbar_spine", "T-score"), ("total_hip", "T-score"), ("femoral_neck", "T-score")],
    bands: DxaSite::TABLE,
    score: "the lowest T-score of the sites that count, 1 decimal",
    licence: "",
};

pub static OST: Assessment = Assessment {
    id: "A2",
    name: "OST",
    source: Source {
        key: "OST",
        state: SourceState::Verified,
        version: 1,
        caution: "Low specificity; not validated in cancer. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[("weight", "kg"), ("age", "years"), ("sex", "f, m")],
    bands: OstBand::TABLE,
    score: "0.2 × (kg − years), cut off towards zero",
    licence: "none needed; stands where FRAX would",
};

/// All in g/cm².
pub fn t_score(bmd: Option<Exact>, reference_mean: Option<Exact>, reference_sd: Option<Exact>) -> Assessed<NoBand> {
    let mut given = Given::new(&T_SCORE);
    let bmd = given.number("bmd", bmd, Within::AboveZero);
    let mean = given.number("reference_mean", reference_mean, Within::AboveZero);
    let sd = given.number("reference_sd", reference_sd, Within::AboveZero);
    let (Some(bmd), Some(mean), Some(sd)) = (bmd, mean, sd) else { return given.cannot_tell() };
    given.tell_number(bmd.minus(mean).and_then(|below| below.over(sd)), 1)
}

/// `applies`: after menopause, or a man of 50 or more. Where it does not apply the number is not asked for.
pub fn t_band(t: Option<Exact>, applies: Option<bool>, fragility_fracture: Option<bool>) -> Assessed<TBand> {
    let mut given = Given::new(&T_BAND);
    if applies == Some(false) {
        given.yes("applies", applies);
        return given.tell(None, Some(TBand::UseZ));
    }
    let t = given.number("t", t, Within::Any);
    given.yes("applies", applies);
    let Some(t) = t else { return given.cannot_tell() };
    let band = if t >= Exact::whole(-1) {
        TBand::Normal
    } else if t > Exact::constant(-25, 1) {
        TBand::LowBoneMass
    } else {
        match given.yes("fragility_fracture", fragility_fracture) {
            Some(true) => TBand::WithFracture,
            _ => TBand::Osteoporosis,
        }
    };
    given.tell(Score::of(t, 1), Some(band))
}

/// The T-score of one site, and why it does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SiteT {
    pub site: DxaSite,
    pub t: Option<Exact>,
    pub excluded: Option<Excluded>,
}

/// The lowest of the sites that count, and those that were left out with the reason. A site that was not scanned is no
/// reason to say nothing; if none counts, cannot tell.
pub fn lowest_t(sites: &[SiteT]) -> (Assessed<DxaSite>, Vec<(DxaSite, Excluded)>) {
    let mut given = Given::new(&LOWEST_T);
    let mut left_out = Vec::new();
    let mut lowest: Option<(Exact, DxaSite)> = None;
    for SiteT { site, t, excluded } in sites {
        match (t, excluded) {
            (_, Some(why)) => left_out.push((*site, *why)),
            (Some(t), None) => {
                given.number(site.code(), Some(*t), Within::Any);
                if lowest.is_none_or(|(least, _)| *t < least) {
                    lowest = Some((*t, *site));
                }
            }
            (None, None) => {}
        }
    }
    if lowest.is_none() {
        given.missing("t");
    }
    let score = lowest.and_then(|(t, _)| Score::of(t, 1));
    (given.tell(score, lowest.map(|(_, site)| site)), left_out)
}

pub fn ost(weight_kg: Option<Exact>, age_years: Option<Exact>, sex: Option<Sex>) -> Assessed<OstBand> {
    let mut given = Given::new(&OST);
    let weight = given.number("weight", weight_kg, Within::AboveZero);
    let age = given.number("age", age_years, AGE);
    let sex = given.word("sex", sex);
    let (Some(weight), Some(age), Some(sex)) = (weight, age, sex) else { return given.cannot_tell() };
    let fifth = weight.minus(age).and_then(|more| more.over(Exact::whole(5)));
    let Some(points) = fifth.and_then(|fifth| i64::try_from(fifth.truncated()).ok()) else {
        return given.cannot_tell();
    };
    let threshold = match sex {
        Sex::Female => 2,
        Sex::Male => 4,
    };
    given.tell_points(points, if points < threshold { OstBand::ConsiderDxa } else { OstBand::BelowThreshold })
}
