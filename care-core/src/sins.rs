//! A5, Spinal Instability Neoplastic Score: 0 to 18 points over six items. Care specification, section 5, A5.

use osteon_proto::{
    care::{Lesion, LesionType, PosterolateralInvolvement, SinsPain, SpinalAlignment, VertebralCollapse},
    meta::SourceState,
};

use crate::source::{Outcome, Source, add_up};

pub const SINS: Source = Source {
    key: "SINS",
    state: SourceState::Verified,
    version: 1,
    caution: "Exactly half a collapse is not defined in the source: it counts as more than half. Not a diagnosis.",
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SinsLocation {
    Rigid,
    Semirigid,
    Mobile,
    Junctional,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SinsBand {
    /// 0 to 6.
    Stable,
    /// 7 to 12: a surgeon should see it.
    PotentiallyUnstable,
    /// 13 to 18: a surgeon should see it now.
    Unstable,
}

/// None: not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SinsInputs {
    pub location: Option<SinsLocation>,
    pub pain: Option<SinsPain>,
    pub lesion: Option<LesionType>,
    pub alignment: Option<SpinalAlignment>,
    pub collapse: Option<VertebralCollapse>,
    pub posterolateral: Option<PosterolateralInvolvement>,
}

impl SinsInputs {
    /// From the values in force of a lesion (of disputed ones, the worse is in force).
    pub fn of(lesion: &Lesion) -> Self {
        Self {
            location: lesion.level.as_deref().and_then(sins_location),
            pain: lesion.pain_sins.and_then(|number| number.try_into().ok()),
            lesion: lesion.r#type.and_then(|number| number.try_into().ok()),
            alignment: lesion.alignment.and_then(|number| number.try_into().ok()),
            collapse: lesion.collapse.and_then(|number| number.try_into().ok()),
            posterolateral: lesion.posterolateral.and_then(|number| number.try_into().ok()),
        }
    }
}

pub fn sins(inputs: &SinsInputs) -> Outcome<SinsBand> {
    let items = [
        ("location", inputs.location.map(location_points)),
        ("pain", inputs.pain.and_then(pain_points)),
        ("lesion", inputs.lesion.and_then(lesion_points)),
        ("alignment", inputs.alignment.and_then(alignment_points)),
        ("collapse", inputs.collapse.and_then(collapse_points)),
        ("posterolateral", inputs.posterolateral.and_then(posterolateral_points)),
    ];
    add_up(&items, |points| match points {
        ..=6 => SinsBand::Stable,
        7..=12 => SinsBand::PotentiallyUnstable,
        _ => SinsBand::Unstable,
    })
}

/// Where a level lies: "C2", "T11", "L5", "S1"; "C0" is the occiput. None: no such level.
pub fn sins_location(level: &str) -> Option<SinsLocation> {
    let (region, number) = level.split_at_checked(1)?;
    if number.len() > 2 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u8 = number.parse().ok()?;
    Some(match (region, number) {
        ("C", 0..=2 | 7) | ("T", 1..=2 | 11..=12) | ("L", 1 | 5) | ("S", 1) => SinsLocation::Junctional,
        ("C", 3..=6) | ("L", 2..=4) => SinsLocation::Mobile,
        ("T", 3..=10) => SinsLocation::Semirigid,
        ("S", 2..=5) => SinsLocation::Rigid,
        _ => return None,
    })
}

fn location_points(location: SinsLocation) -> u8 {
    match location {
        SinsLocation::Rigid => 0,
        SinsLocation::Semirigid => 1,
        SinsLocation::Mobile => 2,
        SinsLocation::Junctional => 3,
    }
}

/// 3, 1, 0. A note that prints 3, 2, 1 cannot give the published total.
fn pain_points(pain: SinsPain) -> Option<u8> {
    match pain {
        SinsPain::Unspecified => None,
        SinsPain::None => Some(0),
        SinsPain::NonMechanical => Some(1),
        SinsPain::Mechanical => Some(3),
    }
}

fn lesion_points(lesion: LesionType) -> Option<u8> {
    match lesion {
        LesionType::Unspecified | LesionType::Unknown => None,
        LesionType::Blastic => Some(0),
        LesionType::Mixed => Some(1),
        LesionType::Lytic => Some(2),
    }
}

fn alignment_points(alignment: SpinalAlignment) -> Option<u8> {
    match alignment {
        SpinalAlignment::Unspecified => None,
        SpinalAlignment::Normal => Some(0),
        SpinalAlignment::Deformity => Some(2),
        SpinalAlignment::Subluxation => Some(4),
    }
}

fn collapse_points(collapse: VertebralCollapse) -> Option<u8> {
    match collapse {
        VertebralCollapse::Unspecified => None,
        VertebralCollapse::None => Some(0),
        VertebralCollapse::NoneGt50Body => Some(1),
        VertebralCollapse::Lt50 => Some(2),
        VertebralCollapse::Gt50 => Some(3),
    }
}

fn posterolateral_points(involvement: PosterolateralInvolvement) -> Option<u8> {
    match involvement {
        PosterolateralInvolvement::Unspecified => None,
        PosterolateralInvolvement::None => Some(0),
        PosterolateralInvolvement::Unilateral => Some(1),
        PosterolateralInvolvement::Bilateral => Some(3),
    }
}
