//! A21, what a lesion's site leaves of exercise: per module the least of all lesions, and every exclusion. The default
//! until a physiotherapist writes a plan that has seen the lesion.

use osteon_proto::{
    care::{Lesion, LesionStatus},
    meta::SourceState,
};

use super::{Assessed, Assessment, Given, Part, Word, words};
use crate::{
    facts::{Site, from_codes},
    sins_location,
    source::Source,
};

words! {
    /// Where a lesion is, as the modular table divides the body.
    OverlaySite {
        Pelvis = "pelvis", "pelvis";
        Lumbar = "lumbar", "lumbar spine";
        ThoracicRibs = "thoracic_ribs", "thoracic spine and ribs";
        ProximalFemur = "proximal_femur", "proximal femur";
        ProximalHumerus = "proximal_humerus", "proximal humerus";
        Cervical = "cervical", "cervical spine";
        Other = "other", "no table: the physiotherapist decides";
    }
}

words! {
    Module {
        Upper = "upper", "resistance, upper body";
        Trunk = "trunk", "resistance, trunk";
        Lower = "lower", "resistance, lower body";
        WeightBearing = "wb", "weight-bearing aerobic";
        NonWeightBearing = "nwb", "non-weight-bearing aerobic";
        Flexibility = "flex", "static flexibility";
    }
}

words! {
    /// The least first.
    ModuleLevel {
        NotTarget = "0", "not a target region";
        WithExclusion = "1", "allowed with an exclusion";
        Allowed = "2", "allowed";
    }
}

words! {
    Exclusion {
        Hip = "no_hip_flex_ext", "no hip flexion or extension";
        Shoulder = "no_shoulder_flex_ext_abd_add", "no shoulder flexion, extension, abduction or adduction";
        Spine = "no_spine_flex_ext_rot", "no flexion, extension or rotation of the spine";
    }
}

const EXCLUSION_UNREADABLE: &str =
    "Proximal humerus: what the source excludes, and its trunk column, could not be read. Ask the physiotherapist.";
const CERVICAL_AS_THORACIC: &str =
    "Cervical spine: treated as thoracic, without weight-bearing, until the physiotherapist sets it.";
const ASK: &str = "A site without a table: ask the physiotherapist.";

pub static OVERLAY: Assessment = Assessment {
    id: "A21",
    name: "Exercise overlay by lesion site",
    source: Source {
        key: "GALVAO",
        state: SourceState::Verified,
        version: 1,
        caution: "Conservative on purpose; holds until the physiotherapist writes a plan that has seen the lesion.",
    },
    parts: &[
        Part { what: "proximal humerus", key: "EFFECT22", state: SourceState::Secondary },
        Part { what: "cervical spine", key: "design", state: SourceState::Unverified },
    ],
    inputs: &[("sites", "of all lesions that are not healed")],
    bands: ModuleLevel::TABLE,
    score: "none; a level and the exclusions per module",
    licence: "",
};

/// What one module is left with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModuleLimit {
    pub module: Module,
    pub level: ModuleLevel,
    /// Sorted, each once.
    pub exclusions: Vec<Exclusion>,
}

/// All six modules, in the order of [`Module::ALL`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overlay {
    pub modules: Vec<ModuleLimit>,
    /// A site is among them for which there is no table, or not a whole one: the app shows "ask".
    pub ask: bool,
}

impl Overlay {
    pub fn of(&self, module: Module) -> Option<&ModuleLimit> {
        self.modules.iter().find(|limit| limit.module == module)
    }
}

/// None among the sites: a lesion of which nobody says where it is.
pub fn overlay(sites: &[Option<OverlaySite>]) -> Assessed<Overlay> {
    let mut given = Given::new(&OVERLAY);
    let mut known: Vec<OverlaySite> = sites.iter().copied().flatten().collect();
    known.sort_unstable();
    known.dedup();
    if sites.iter().any(Option::is_none) {
        given.missing("site");
    }
    for site in &known {
        given.word("site", Some(*site));
    }
    let has = |site| known.contains(&site);
    let notes = [
        (OverlaySite::ProximalHumerus, EXCLUSION_UNREADABLE),
        (OverlaySite::Cervical, CERVICAL_AS_THORACIC),
        (OverlaySite::Other, ASK),
    ];
    for (_, note) in notes.iter().filter(|(site, _)| has(*site)) {
        given.note(note);
    }
    let modules = Module::ALL.iter().map(|module| least(*module, &known)).collect();
    let ask = notes.iter().any(|(site, _)| has(*site));
    given.tell(None, Some(Overlay { modules, ask }))
}

/// The least level of a module over all sites, and every exclusion that leaves something of it.
fn least(module: Module, sites: &[OverlaySite]) -> ModuleLimit {
    let limits = sites.iter().map(|site| limit(*site, module));
    let level = limits.clone().map(|(level, _)| level).min().unwrap_or(ModuleLevel::Allowed);
    let mut exclusions: Vec<Exclusion> = limits.filter_map(|(_, exclusion)| exclusion).collect();
    exclusions.sort_unstable();
    exclusions.dedup();
    ModuleLimit { module, level, exclusions }
}

/// One cell of the table.
fn limit(site: OverlaySite, module: Module) -> (ModuleLevel, Option<Exclusion>) {
    use ModuleLevel::{Allowed, NotTarget, WithExclusion};
    let excluding = |exclusion| (WithExclusion, Some(exclusion));
    match (site, module) {
        (OverlaySite::Pelvis | OverlaySite::ProximalFemur, Module::Lower) => excluding(Exclusion::Hip),
        (OverlaySite::Pelvis | OverlaySite::ProximalFemur, Module::WeightBearing) => (NotTarget, None),
        (OverlaySite::Lumbar, Module::Trunk | Module::WeightBearing) => (NotTarget, None),
        (OverlaySite::Lumbar, Module::Flexibility) => excluding(Exclusion::Spine),
        (OverlaySite::Cervical, Module::WeightBearing) => (NotTarget, None),
        (OverlaySite::ThoracicRibs | OverlaySite::Cervical, Module::Upper) => excluding(Exclusion::Shoulder),
        (OverlaySite::ThoracicRibs | OverlaySite::Cervical, Module::Trunk) => (NotTarget, None),
        (OverlaySite::ThoracicRibs | OverlaySite::Cervical, Module::Flexibility) => excluding(Exclusion::Spine),
        (OverlaySite::ProximalHumerus, Module::Upper | Module::Flexibility) => (WithExclusion, None),
        (OverlaySite::ProximalHumerus, Module::Trunk) => (NotTarget, None),
        _ => (Allowed, None),
    }
}

/// The sites of a lesion's codes (care specification, 2.3); its level decides for a vertebra. A bone without a part
/// counts as the part with the table, which is the stricter reading. Our own assignment, a clinician must approve it.
pub fn overlay_site(code: &str, level: Option<&str>) -> OverlaySite {
    let by_level = level.filter(|level| sins_location(level).is_some()).and_then(|level| match level.get(..1) {
        Some("C") => Some(OverlaySite::Cervical),
        Some("T") => Some(OverlaySite::ThoracicRibs),
        Some("L") => Some(OverlaySite::Lumbar),
        Some("S") => Some(OverlaySite::Pelvis),
        _ => None,
    });
    if let Some(site) = by_level {
        return site;
    }
    match code {
        "71341001" | "29627003" | "2812003" | "24136001" => OverlaySite::ProximalFemur,
        "37783008" | "22356005" | "118645006" | "65985001" => OverlaySite::Pelvis,
        "85050009" => OverlaySite::ProximalHumerus,
        "113197003" | "35769007" | "52120002" | "280849005" => OverlaySite::ThoracicRibs,
        "73903008" | "61032001" | "21799000" => OverlaySite::Lumbar,
        "14806007" | "39976000" => OverlaySite::Cervical,
        own => by_own_code(own),
    }
}

fn by_own_code(code: &str) -> OverlaySite {
    // What people call it is read as rules read it: "lumbar_spine".
    match Site::from_code(code).or_else(|| from_codes::site(code)) {
        Some(Site::ProximalFemur | Site::Hip) => OverlaySite::ProximalFemur,
        Some(Site::Pelvis | Site::Sacral) => OverlaySite::Pelvis,
        Some(Site::Humerus) => OverlaySite::ProximalHumerus,
        Some(Site::Rib | Site::Thoracic) => OverlaySite::ThoracicRibs,
        Some(Site::Lumbar) => OverlaySite::Lumbar,
        Some(Site::Cervical) => OverlaySite::Cervical,
        _ => OverlaySite::Other,
    }
}

/// Does a lesion count, by the status in force (the least healed of disputed ones)?
pub fn counts(lesion: &Lesion) -> bool {
    lesion.status != Some(LesionStatus::Healed as i32)
}
