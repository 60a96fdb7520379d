//! A4, Mirels: how likely a long bone with a lesion is to break. Four items of 1 to 3 points.
//! Care specification, section 5, A4. Entered by the physician.

use osteon_proto::{
    care::{Lesion, LesionSize, LesionType, MirelsPain},
    meta::SourceState,
};

use crate::source::{Outcome, Source, add_up};

pub const MIRELS: Source = Source {
    key: "MIRELS",
    state: SourceState::Verified,
    version: 1,
    caution: "Poor specificity: many bones with a high score do not break. Not a diagnosis.",
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MirelsSite {
    UpperLimb,
    LowerLimb,
    Peritrochanteric,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MirelsBand {
    /// Up to 7: observe or irradiate; 0–4 % broke.
    Low,
    /// 8: judgement; 15 % broke.
    Borderline,
    /// From 9: impending fracture; 33–100 % broke.
    ImpendingFracture,
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

pub fn mirels(inputs: &MirelsInputs) -> Outcome<MirelsBand> {
    let site = inputs.site.map(|site| match site {
        MirelsSite::UpperLimb => 1,
        MirelsSite::LowerLimb => 2,
        MirelsSite::Peritrochanteric => 3,
    });
    let pain = inputs.pain.and_then(|pain| match pain {
        MirelsPain::Unspecified => None,
        MirelsPain::Mild => Some(1),
        MirelsPain::Moderate => Some(2),
        MirelsPain::Functional => Some(3),
    });
    let lesion = inputs.lesion.and_then(|lesion| match lesion {
        LesionType::Unspecified | LesionType::Unknown => None,
        LesionType::Blastic => Some(1),
        LesionType::Mixed => Some(2),
        LesionType::Lytic => Some(3),
    });
    let size = inputs.size.and_then(|size| match size {
        LesionSize::Unspecified => None,
        LesionSize::Lt13 => Some(1),
        LesionSize::LesionSize13To23 => Some(2),
        LesionSize::Gt23 => Some(3),
    });
    add_up(&[("site", site), ("pain", pain), ("lesion", lesion), ("size", size)], |points| match points {
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
