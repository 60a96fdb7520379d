//! A4, Mirels: how likely a long bone with a lesion is to break. Four items of 1 to 3 points.
//! Care specification, section 5, A4. Entered by the physician.

use osteon_proto::{
    care::{Lesion, LesionSize, LesionType, MirelsPain},
    meta::SourceState,
};

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::source::Source;

pub static MIRELS: Assessment = Assessment {
    id: "A4",
    name: "Mirels (long bones)",
    source: Source {
        key: "MIRELS",
        state: SourceState::Verified,
        version: 1,
        caution: "Poor specificity: many bones with a high score do not break. Not a diagnosis.",
    },
    parts: &[Part {
        what: "8 or more performed better in the humerus (one cohort)",
        key: "PMC10132712",
        state: SourceState::Verified,
    }],
    inputs: &[
        ("site", "upper limb 1, lower limb 2, peritrochanteric 3"),
        ("pain", "mild 1, moderate 2, functional 3"),
        ("lesion", "blastic 1, mixed 2, lytic 3"),
        ("size", "of the bone's diameter: below 1/3 1, 1/3 to 2/3 2, above 2/3 3"),
    ],
    bands: MirelsBand::TABLE,
    score: "sum, 4–12",
    licence: "",
};

words! {
    MirelsSite {
        UpperLimb = "upper", "upper limb";
        LowerLimb = "lower", "lower limb";
        Peritrochanteric = "peritrochanteric", "peritrochanteric";
    }
}

words! {
    MirelsBand {
        Low = "low", "up to 7: observe or irradiate; 0–4 % broke";
        Borderline = "borderline", "8: judgement; 15 % broke";
        ImpendingFracture = "impending_fracture", "from 9: impending fracture; 33–100 % broke";
    }
}

/// None: not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MirelsInputs {
    pub site: Option<MirelsSite>,
    pub pain: Option<MirelsPain>,
    pub lesion: Option<LesionType>,
    pub size: Option<LesionSize>,
}

impl MirelsInputs {
    /// From the values in force of a lesion (of disputed ones, the worse is in force).
    pub fn of(lesion: &Lesion) -> Self {
        Self {
            site: lesion.site.as_deref().and_then(mirels_site),
            pain: lesion.pain_mirels.and_then(|number| number.try_into().ok()),
            lesion: lesion.r#type.and_then(|number| number.try_into().ok()),
            size: lesion.size_fraction.and_then(|number| number.try_into().ok()),
        }
    }
}

pub fn mirels(inputs: &MirelsInputs) -> Assessed<MirelsBand> {
    let given = Given::new(&MIRELS);
    let site = inputs.site.map(|site| match site {
        MirelsSite::UpperLimb => (site.code(), 1),
        MirelsSite::LowerLimb => (site.code(), 2),
        MirelsSite::Peritrochanteric => (site.code(), 3),
    });
    let pain = inputs.pain.and_then(|pain| match pain {
        MirelsPain::Unspecified => None,
        MirelsPain::Mild => Some(("mild", 1)),
        MirelsPain::Moderate => Some(("moderate", 2)),
        MirelsPain::Functional => Some(("functional", 3)),
    });
    let lesion = inputs.lesion.and_then(|lesion| match lesion {
        LesionType::Unspecified | LesionType::Unknown => None,
        LesionType::Blastic => Some(("blastic", 1)),
        LesionType::Mixed => Some(("mixed", 2)),
        LesionType::Lytic => Some(("lytic", 3)),
    });
    let size = inputs.size.and_then(|size| match size {
        LesionSize::Unspecified => None,
        LesionSize::Lt13 => Some(("lt_1_3", 1)),
        LesionSize::LesionSize13To23 => Some(("1_3_to_2_3", 2)),
        LesionSize::Gt23 => Some(("gt_2_3", 3)),
    });
    let items = [("site", site), ("pain", pain), ("lesion", lesion), ("size", size)];
    given.add_up(&items, |points| match points {
        ..=7 => MirelsBand::Low,
        8 => MirelsBand::Borderline,
        _ => MirelsBand::ImpendingFracture,
    })
}

/// The site item of a SNOMED CT code (care specification, 2.3), where the code leaves no choice: a femur without a
/// part does not. Our own assignment, a clinician must approve it.
pub fn mirels_site(code: &str) -> Option<MirelsSite> {
    match code {
        "85050009" | "62413002" => Some(MirelsSite::UpperLimb),
        "41111004" => Some(MirelsSite::LowerLimb),
        "29627003" => Some(MirelsSite::Peritrochanteric),
        _ => None,
    }
}
