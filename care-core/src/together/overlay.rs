//! A21 laid over an exercise plan: which modules and exercises the sites of lesions forbid or limit, and why. The overlay
//! is the default until a physiotherapist reviews the plan having seen the lesion; it goes by the day of the plan's last
//! review, and without one it stays.

use std::collections::BTreeSet;

use osteon_proto::care;
use osteon_sync_core::RecordId;

use super::{Records, Rests, records::Seen};
use crate::{
    assess::overlay::{Exclusion, Module, ModuleLevel, Overlay, OverlaySite, overlay, overlay_site},
    facts::{Day, Live, from_plans, record},
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Leaves {
    Nothing,
    /// Allowed but for the exclusions.
    WithExclusions,
    /// It is not said which part of the body it works, or there is no table for the site: the physiotherapist decides.
    Ask,
}

/// What an overlay does to one exercise or allowed module of a plan.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Limited {
    pub plan: RecordId,
    pub record: RecordId,
    /// 211: an exercise; 212: an allowed module.
    pub type_number: u32,
    pub module: Option<Module>,
    pub leaves: Leaves,
    pub exclusions: Vec<Exclusion>,
    /// Lesions that the plan has not seen, and the plan's fields.
    pub rests: Vec<Rests>,
}

struct Hidden {
    sites: Vec<Option<OverlaySite>>,
    rests: Vec<Rests>,
}

/// What lesions that the plan has not seen leave of it.
pub fn limited(records: &Records<'_>) -> Vec<Limited> {
    let mut found = BTreeSet::new();
    for plan in records.of(201).filter(|plan| !from_plans::exercise(&plan.read, &[], []).is_over()) {
        let unseen = lesions_after(records, &plan);
        if unseen.sites.is_empty() {
            continue;
        }
        let told = overlay(&unseen.sites);
        let Some(over) = told.band() else {
            // A lesion of which nobody says where it is.
            ask(records, &plan, &unseen, &mut found);
            continue;
        };
        modules(records, &plan, &unseen, over, &mut found);
        exercises(records, &plan, &unseen, over, &mut found);
    }
    found.into_iter().collect()
}

/// Lesions that are not healed in every live version, dated after the plan's last review.
fn lesions_after(records: &Records<'_>, plan: &Seen<'_, '_>) -> Hidden {
    let reviewed = plan.live(18, |m: care::ExercisePlan| record::day(m.last_review));
    let reviewed: Option<Day> = if reviewed.has_unknown() { None } else { reviewed.known().min().copied() };
    let mut hidden = Hidden { sites: Vec::new(), rests: Vec::new() };
    for lesion in records.of(251) {
        let status = lesion.live(13, |m: care::Lesion| record::known::<care::LesionStatus>(m.status));
        if !status.is_missing() && !status.has_unknown() && status.known().all(|s| *s == care::LesionStatus::Healed) {
            continue;
        }
        let imaged = lesion
            .set(14, |m: care::Lesion| m.imaging_events.into_iter().map(|event| record::day(event.date)).collect());
        let recorded = lesion.read.created.map(crate::facts::Instant::day);
        let dated = imaged.known.into_iter().max().or(recorded);
        if let (Some(reviewed), Some(dated)) = (reviewed, dated)
            && dated <= reviewed
        {
            continue;
        }
        hidden.sites.extend(sites(&lesion));
        hidden.rests.extend([1, 3, 13, 14].map(|field| lesion.rests(field)));
    }
    if !hidden.sites.is_empty() {
        hidden.rests.push(plan.rests(18));
    }
    hidden
}

/// Every site that the live versions tell; None among them: one that nobody understands.
fn sites(lesion: &Seen<'_, '_>) -> Vec<Option<OverlaySite>> {
    let codes = lesion.live(1, |m: care::Lesion| record::text(m.site));
    let levels = lesion.live(3, |m: care::Lesion| record::text(m.level));
    let mut sites: Vec<Option<OverlaySite>> = Vec::new();
    if codes.has_unknown() && levels.known().next().is_none() {
        sites.push(None);
    }
    let levels: Vec<Option<&str>> = match levels.known().next() {
        Some(_) => levels.known().map(|level| Some(level.as_str())).collect(),
        None => vec![None],
    };
    for level in levels {
        let known = codes.known().map(String::as_str);
        sites.extend(known.map(|code| Some(overlay_site(code, level))));
        if codes.is_missing() && level.is_some() {
            sites.push(Some(overlay_site("", level)));
        }
    }
    sites
}

fn children<'r, 'a>(records: &'r Records<'a>, plan: &Seen<'_, '_>, number: u32) -> Vec<Seen<'r, 'a>> {
    let parent = |m: Vec<u8>| <[u8; 16]>::try_from(m.as_slice()).ok().map(RecordId);
    let id = plan.id;
    let of_plan = move |one: &Seen<'_, '_>| {
        let named = match one.type_number {
            211 => one.live(1, |m: care::Exercise| parent(m.parent?.to_vec())),
            _ => one.live(1, |m: care::AllowedModule| parent(m.parent?.to_vec())),
        };
        named.known().any(|named| *named == id)
    };
    records.of(number).filter(of_plan).collect()
}

fn ask(records: &Records<'_>, plan: &Seen<'_, '_>, unseen: &Hidden, found: &mut BTreeSet<Limited>) {
    for child in [211, 212].into_iter().flat_map(|number| children(records, plan, number)) {
        found.insert(of(plan, &child, None, Leaves::Ask, Vec::new(), unseen.rests.clone()));
    }
}

fn of(
    plan: &Seen<'_, '_>,
    child: &Seen<'_, '_>,
    module: Option<Module>,
    leaves: Leaves,
    exclusions: Vec<Exclusion>,
    mut rests: Vec<Rests>,
) -> Limited {
    rests.extend([2, 3].map(|field| child.rests(field)));
    rests.sort();
    rests.dedup();
    Limited { plan: plan.id, record: child.id, type_number: child.type_number, module, leaves, exclusions, rests }
}

fn modules(records: &Records<'_>, plan: &Seen<'_, '_>, unseen: &Hidden, over: &Overlay, found: &mut BTreeSet<Limited>) {
    for child in children(records, plan, 212) {
        let module = child.live(2, |m: care::AllowedModule| module(m.module?));
        let level = child.live(3, |m: care::AllowedModule| m.level);
        for module in module.known() {
            let Some(limit) = over.of(*module) else { continue };
            let most = match limit.level {
                ModuleLevel::NotTarget => 0,
                ModuleLevel::WithExclusion => 1,
                ModuleLevel::Allowed => 2,
            };
            if level.has_unknown() || level.known().any(|level| *level > most) {
                let leaves = if most == 0 { Leaves::Nothing } else { Leaves::WithExclusions };
                if most < 2 {
                    let limits = limit.exclusions.clone();
                    found.insert(of(plan, &child, Some(*module), leaves, limits, unseen.rests.clone()));
                }
            }
        }
    }
}

/// The block says which module an exercise belongs to, but for the main block: there the physiotherapist is asked where
/// the lesions leave less than everything.
fn exercises(
    records: &Records<'_>,
    plan: &Seen<'_, '_>,
    unseen: &Hidden,
    over: &Overlay,
    found: &mut BTreeSet<Limited>,
) {
    let less = over.ask || over.modules.iter().any(|limit| limit.level != ModuleLevel::Allowed);
    for child in children(records, plan, 211) {
        let block: Live<care::ExerciseBlock> = child.live(2, |m: care::Exercise| record::known(m.block));
        for block in block.known() {
            let module = match block {
                care::ExerciseBlock::Core => Module::Trunk,
                care::ExerciseBlock::Balance | care::ExerciseBlock::Proprioception => Module::WeightBearing,
                _ => {
                    if less {
                        found.insert(of(plan, &child, None, Leaves::Ask, Vec::new(), unseen.rests.clone()));
                    }
                    continue;
                }
            };
            let Some(limit) = over.of(module) else { continue };
            let leaves = match limit.level {
                ModuleLevel::NotTarget => Leaves::Nothing,
                ModuleLevel::WithExclusion => Leaves::WithExclusions,
                ModuleLevel::Allowed => continue,
            };
            let limits = limit.exclusions.clone();
            found.insert(of(plan, &child, Some(module), leaves, limits, unseen.rests.clone()));
        }
    }
}

fn module(number: i32) -> Option<Module> {
    Some(match care::ExerciseModule::try_from(number).ok()? {
        care::ExerciseModule::Upper => Module::Upper,
        care::ExerciseModule::Trunk => Module::Trunk,
        care::ExerciseModule::Lower => Module::Lower,
        care::ExerciseModule::Wb => Module::WeightBearing,
        care::ExerciseModule::Nwb => Module::NonWeightBearing,
        care::ExerciseModule::Flex => Module::Flexibility,
        care::ExerciseModule::Unspecified => return None,
    })
}
