//! Bones that broke or may break: signs of a fracture, pain over a known lesion, scores of a lesion.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::{Input, InputSet},
        outcome::{Found, fires},
        truth::Truth,
        versions::Versions,
    },
    common::words,
};
use crate::{
    MirelsInputs, MirelsSite,
    facts::{Entry, Facts, Instant, Lesion, LesionStatus, Loading, Pain, Side, Sign, Site},
    mirels,
};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-FRX-1", broken), ("R-FRX-2", over_lesion), ("R-FRX-3", impending), ("R-FRX-4", borderline)];

const BROKEN: [Sign; 4] = [Sign::CannotBearWeight, Sign::VisibleDeformity, Sign::SuddenBonePain, Sign::Crack];

/// R-FRX-1.
fn broken(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |_, v| {
            Found::when(v.has_any(Input::SymptomFlags, &entry.flags, &BROKEN), || {
                let signs = BROKEN.iter().filter(|sign| entry.flags.has(sign));
                fires().fill("signs", words(signs)).fill("site", painful_site(facts, v, v.at(entry)))
            })
        });
    }
    for entry in cx.after(in_range(&facts.falls)) {
        cx.judge_on(entry, |_, v| {
            Found::when(v.flag(Input::FallNoWeight, &entry.cannot_bear_weight), || {
                let signs = words([Sign::CannotBearWeight]);
                fires().fill("signs", signs).fill("site", painful_site(facts, v, v.at(entry)))
            })
        });
    }
}

/// Where it hurt on that day, for the text.
fn painful_site(facts: &Facts, v: &Versions, at: Option<Instant>) -> String {
    let Some(day) = at.map(Instant::day) else { return "an unstated site".to_owned() };
    v.reads(Input::PainSite);
    let same_day = in_range(&facts.pains).filter(|pain| v.at(pain).is_some_and(|at| at.day() == day));
    let mut sites: Vec<&str> = same_day.flat_map(|pain| pain.sites.known.iter().map(|site| site.code())).collect();
    sites.sort_unstable();
    sites.dedup();
    if sites.is_empty() { "an unstated site".to_owned() } else { words(sites) }
}

/// R-FRX-2. A side that nobody stated may be the lesion's.
fn over_lesion(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.pains) {
        cx.judge_on(entry, |cx, v| {
            let limb = entry.sites.known.iter().any(|site| site.is_limb());
            v.reads(Input::PainSite);
            let used = v.any(Input::PainLoading, &entry.loading, |loading| *loading == Loading::OnUse);
            let used = used.and(limb.into());
            if used.is_no() {
                return Found::no();
            }
            let near = facts.lesions.iter().map(|lesion| (lesion, lesion_there(v, entry, lesion)));
            let near: Vec<(&Lesion, Truth)> = near.collect();
            let there = Truth::any(near.iter().map(|(_, truth)| *truth)).or(cx.none_found());
            Found::when(used.and(there), || {
                let lesion = near.iter().find(|(_, truth)| truth.is_yes()).map(|(lesion, _)| *lesion);
                let site = lesion.and_then(|lesion| v.get(Input::LesionSite, &lesion.site).copied());
                let mut found = fires().fill("lesion", words([site.unwrap_or(Site::Other)]));
                if let Some(lesion) = lesion {
                    found = found.with(lesion.id);
                }
                found
            })
        });
    }
}

fn lesion_there(v: &Versions, pain: &Entry<Pain>, lesion: &Lesion) -> Truth {
    let live = v.any(Input::LesionStatus, &lesion.status, |status| *status != LesionStatus::Healed);
    let bone = v.any(Input::LesionSite, &lesion.site, |site| pain.sites.known.iter().any(|felt| felt.touches(*site)));
    v.reads(Input::PainSide);
    v.reads(Input::LesionSide);
    let one = |side: &Side| matches!(side, Side::Left | Side::Right);
    let apart = |felt: &Side| {
        one(felt) && lesion.side.known().count() > 0 && lesion.side.known().all(|side| one(side) && side != felt)
    };
    let other_side = !pain.side.has_unknown() && !lesion.side.has_unknown() && pain.side.known().all(apart);
    live.and(bone).and(Truth::from(!other_side))
}

/// R-FRX-3: from 9 points on, and nothing was done about it. R-FRX-4: 8 points.
fn impending(cx: &mut Cx<'_>) {
    for lesion in &cx.facts.lesions {
        cx.judge(lesion.id, |_, v| {
            let done = v.test(Input::LesionStatus, &lesion.status, |status| {
                matches!(status, LesionStatus::TreatedRt | LesionStatus::Stabilised | LesionStatus::Healed)
            });
            scored(v, lesion, |points| points >= 9, done.negate())
        });
    }
}

fn borderline(cx: &mut Cx<'_>) {
    for lesion in &cx.facts.lesions {
        cx.judge(lesion.id, |_, v| scored(v, lesion, |points| points == 8, Truth::Yes));
    }
}

fn scored(v: &Versions, lesion: &Lesion, passes: impl Fn(u8) -> bool, besides: Truth) -> Found {
    match mirels_of(v, lesion) {
        None => Found::no(),
        Some(Err(missing)) => Found::when(Truth::Unknown(missing).and(besides), fires),
        Some(Ok(points)) => Found::when(Truth::from(passes(points)).and(besides), || fires().fill("score", points)),
    }
}

/// A4 of a lesion of a long bone; None: not of one.
pub(super) fn mirels_of(v: &Versions, lesion: &Lesion) -> Option<Result<u8, InputSet>> {
    let Some(site) = v.get(Input::LesionSite, &lesion.site) else { return Some(Err(Input::LesionSite.into())) };
    let site = match site {
        Site::ProximalFemur => MirelsSite::Peritrochanteric,
        Site::FemoralShaft | Site::LowerLeg => MirelsSite::LowerLimb,
        Site::Humerus | Site::Forearm => MirelsSite::UpperLimb,
        _ => return None,
    };
    v.reads(Input::Mirels);
    let inputs = MirelsInputs {
        site: Some(site),
        pain: v.get(Input::LesionPainMirels, &lesion.pain_mirels).copied(),
        lesion: v.get(Input::LesionType, &lesion.kind).copied(),
        size: v.get(Input::LesionSize, &lesion.size).copied(),
    };
    let points = mirels(&inputs).score().and_then(|score| u8::try_from(score.units()).ok());
    Some(points.ok_or_else(|| Input::Mirels.into()))
}
