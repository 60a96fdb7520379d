//! A5, Spinal Instability Neoplastic Score: 0 to 18 points over six items. Care specification, section 5, A5.

use osteon_proto::{
    care::{Lesion, LesionType, PosterolateralInvolvement, SinsPain, SpinalAlignment, VertebralCollapse},
    meta::SourceState,
};

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::source::Source;

pub static SINS: Assessment = Assessment {
    id: "A5",
    name: "Spinal Instability Neoplastic Score",
    source: Source {
        key: "SINS",
        state: SourceState::Verified,
        version: 1,
        caution: "Exactly half a collapse is not defined in the source: it counts as more than half. Not a diagnosis.",
    },
    parts: &[Part { what: "exactly 50 % of collapse counts as more", key: "design", state: SourceState::Unverified }],
    inputs: &[
        ("location", "junctional 3, mobile 2, semirigid 1, rigid 0"),
        ("pain", "mechanical 3, occasional and not mechanical 1, none 0"),
        ("lesion", "lytic 2, mixed 1, blastic 0"),
        ("alignment", "subluxation or translation 4, new deformity 2, normal 0"),
        ("collapse", "50 % or more 3, less 2, none but more than half of the body involved 1, none 0"),
        ("posterolateral", "both sides 3, one side 1, none 0"),
    ],
    bands: SinsBand::TABLE,
    score: "sum, 0–18",
    licence: "",
};

words! {
    SinsLocation {
        Rigid = "rigid", "S2–S5";
        Semirigid = "semirigid", "T3–T10";
        Mobile = "mobile", "C3–C6, L2–L4";
        Junctional = "junctional", "occiput–C2, C7–T2, T11–L1, L5–S1";
    }
}

words! {
    SinsBand {
        Stable = "stable", "0–6";
        PotentiallyUnstable = "potentially_unstable", "7–12: a surgeon should see it";
        Unstable = "unstable", "13–18: a surgeon should see it now";
    }
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

pub fn sins(inputs: &SinsInputs) -> Assessed<SinsBand> {
    let given = Given::new(&SINS);
    let items = [
        ("location", inputs.location.map(location_points)),
        ("pain", inputs.pain.and_then(pain_points)),
        ("lesion", inputs.lesion.and_then(lesion_points)),
        ("alignment", inputs.alignment.and_then(alignment_points)),
        ("collapse", inputs.collapse.and_then(collapse_points)),
        ("posterolateral", inputs.posterolateral.and_then(posterolateral_points)),
    ];
    given.add_up(&items, |points| match points {
        ..=6 => SinsBand::Stable,
        7..=12 => SinsBand::PotentiallyUnstable,
        _ => SinsBand::Unstable,
    })
}

/// Where a level lies: "C2", "T11", "L5", "S1"; "C0" and "occiput" are the occiput. None: no such level.
pub fn sins_location(level: &str) -> Option<SinsLocation> {
    if level == "occiput" {
        return Some(SinsLocation::Junctional);
    }
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

type Item = (&'static str, i64);

fn location_points(location: SinsLocation) -> Item {
    let points = match location {
        SinsLocation::Rigid => 0,
        SinsLocation::Semirigid => 1,
        SinsLocation::Mobile => 2,
        SinsLocation::Junctional => 3,
    };
    (location.code(), points)
}

/// 3, 1, 0. A note that prints 3, 2, 1 cannot give the published total.
fn pain_points(pain: SinsPain) -> Option<Item> {
    match pain {
        SinsPain::Unspecified => None,
        SinsPain::None => Some(("none", 0)),
        SinsPain::NonMechanical => Some(("non_mechanical", 1)),
        SinsPain::Mechanical => Some(("mechanical", 3)),
    }
}

fn lesion_points(lesion: LesionType) -> Option<Item> {
    match lesion {
        LesionType::Unspecified | LesionType::Unknown => None,
        LesionType::Blastic => Some(("blastic", 0)),
        LesionType::Mixed => Some(("mixed", 1)),
        LesionType::Lytic => Some(("lytic", 2)),
    }
}

fn alignment_points(alignment: SpinalAlignment) -> Option<Item> {
    match alignment {
        SpinalAlignment::Unspecified => None,
        SpinalAlignment::Normal => Some(("normal", 0)),
        SpinalAlignment::Deformity => Some(("deformity", 2)),
        SpinalAlignment::Subluxation => Some(("subluxation", 4)),
    }
}

fn collapse_points(collapse: VertebralCollapse) -> Option<Item> {
    match collapse {
        VertebralCollapse::Unspecified => None,
        VertebralCollapse::None => Some(("none", 0)),
        VertebralCollapse::NoneGt50Body => Some(("none_gt50_body", 1)),
        VertebralCollapse::Lt50 => Some(("lt50", 2)),
        VertebralCollapse::Gt50 => Some(("gt50", 3)),
    }
}

fn posterolateral_points(involvement: PosterolateralInvolvement) -> Option<Item> {
    match involvement {
        PosterolateralInvolvement::Unspecified => None,
        PosterolateralInvolvement::None => Some(("none", 0)),
        PosterolateralInvolvement::Unilateral => Some(("unilateral", 1)),
        PosterolateralInvolvement::Bilateral => Some(("bilateral", 3)),
    }
}
