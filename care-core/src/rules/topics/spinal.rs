//! Spinal cord compression: signs that need a call now, and spinal pain that needs one within a day.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::{Input, InputSet},
        outcome::{Found, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{role_word, words},
};
use crate::{
    SinsInputs,
    facts::{Answer, Entry, Lesion, Loading, Pain, Quality, Sign, Site, SpineFeature, Symptom},
    sins, sins_location,
};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-MSCC-1", cord), ("R-MSCC-2", spinal_pain), ("R-SPN-1", unstable), ("R-SPN-2", potentially_unstable)];

const CORD_SIGNS: [Sign; 6] = [
    Sign::LimbWeakness,
    Sign::GaitDifficulty,
    Sign::NumbBodyOrSaddle,
    Sign::BladderDysfunction,
    Sign::BowelDysfunction,
    Sign::RadicularPain,
];
pub(super) const SPINE: [Site; 4] = [Site::Cervical, Site::Thoracic, Site::Lumbar, Site::Sacral];

/// R-MSCC-1.
fn cord(cx: &mut Cx<'_>) {
    for entry in cx.own(&cx.facts.symptoms) {
        cx.judge_on(entry, |_, v| {
            Found::when(cord_sign(v, entry), || {
                let signs = CORD_SIGNS.iter().chain([&Sign::NumbHandsFeet]).filter(|sign| entry.flags.has(sign));
                fires().fill("signs", words(signs)).fill("when", when(v, entry)).fill("who", role_word(entry.by))
            })
        });
    }
    for entry in cx.own(&cx.facts.pains) {
        cx.judge_on(entry, |_, v| {
            Found::when(band_like(v, entry), || {
                fires()
                    .fill("signs", words([Sign::RadicularPain]))
                    .fill("when", when(v, entry))
                    .fill("who", role_word(entry.by))
            })
        });
    }
}

/// A new or worse sign of the cord. Numb hands or feet count unless a clinician knows them and they are unchanged; not
/// answered is not unchanged.
pub(super) fn cord_sign(v: &Versions, entry: &Entry<Symptom>) -> Truth {
    let new = v.flag(Input::SymptomNew, &entry.new_or_worse);
    let sign = v.has_any(Input::SymptomFlags, &entry.flags, &CORD_SIGNS);
    let numb = v.has(Input::SymptomFlags, &entry.flags, &Sign::NumbHandsFeet);
    if numb.is_no() {
        return sign.and(new);
    }
    let yes = |input, field| v.test(input, field, |answer| *answer == Answer::Yes).is_yes();
    let known = yes(Input::SymptomKnown, &entry.known);
    let excluded = known && yes(Input::SymptomUnchanged, &entry.unchanged);
    // A known neuropathy of which nobody said that it is unchanged: as if it were worse.
    let changed = if known && new != Truth::No { Truth::Yes } else { new };
    sign.and(new).or(numb.and(Truth::from(!excluded)).and(changed))
}

/// New shooting or band-like pain along the spine: radicular, as J01 words it.
pub(super) fn band_like(v: &Versions, entry: &Entry<Pain>) -> Truth {
    let quality = v.has_any(Input::PainQuality, &entry.quality, &[Quality::Shooting, Quality::BandLike]);
    let site = v.has_any(Input::PainSite, &entry.sites, &SPINE);
    quality.and(site).and(v.flag(Input::PainNew, &entry.new_or_worse))
}

pub(super) fn when<T>(v: &Versions, entry: &Entry<T>) -> String {
    v.reads(Input::Author);
    v.at(entry).map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string())
}

const FEATURES: [Sign; 6] = [
    Sign::SevereUnremitting,
    Sign::Progressive,
    Sign::Mechanical,
    Sign::WorseOnStraining,
    Sign::NightPain,
    Sign::LocalTenderness,
];

/// R-MSCC-2. Not where R-MSCC-1 fires on the same entry.
fn spinal_pain(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.pains) {
        cx.judge_on(entry, |_, v| {
            let high = v.has_any(Input::PainSite, &entry.sites, &[Site::Cervical, Site::Thoracic]);
            let new = high.and(v.flag(Input::PainNew, &entry.new_or_worse));
            let spine = v.has_any(Input::PainSite, &entry.sites, &SPINE);
            let feature = v.has_any(Input::PainSpine, &entry.spine, SpineFeature::ALL);
            let loaded = v.any(Input::PainLoading, &entry.loading, |loading| {
                matches!(loading, Loading::OnMovement | Loading::OnUse)
            });
            // Loading only adds to what was ticked: not answered is not missing.
            let feature = feature.or(loaded.is_yes().into());
            let truth = new.or(spine.and(feature)).and(band_like(v, entry).negate());
            Found::when(truth, || {
                let mut features: Vec<&str> = entry.spine.known.iter().map(|feature| feature.code()).collect();
                features.extend(loaded.is_yes().then_some("worse under load"));
                features.extend(new.is_yes().then_some("new pain"));
                fires().fill("features", words(features))
            })
        });
    }
    for entry in cx.after(in_range(&facts.symptoms)) {
        cx.judge_on(entry, |_, v| {
            let feature = v.has_any(Input::SymptomFlags, &entry.flags, &FEATURES);
            if feature.is_no() {
                return Found::no();
            }
            let same_day = Truth::any(in_range(&facts.pains).map(|pain| {
                let same = v.at(entry).zip(v.at(pain)).is_some_and(|(a, b)| a.day() == b.day());
                Truth::from(same).and(v.has_any(Input::PainSite, &pain.sites, &SPINE))
            }));
            // J02 says no site: without a pain entry of that day nobody knows whether it is the spine.
            let spine = same_day.or(Truth::Unknown(Input::PainSite.into()));
            Found::when(feature.and(spine).and(cord_sign(v, entry).negate()), || {
                fires().fill("features", words(FEATURES.iter().filter(|sign| entry.flags.has(sign))))
            })
        });
    }
}

/// R-SPN-1 from 13 points on, R-SPN-2 from 7 to 12.
fn unstable(cx: &mut Cx<'_>) {
    score(cx, |points| points >= 13);
}

fn potentially_unstable(cx: &mut Cx<'_>) {
    score(cx, |points| (7..=12).contains(&points));
}

fn score(cx: &mut Cx<'_>, passes: impl Fn(u8) -> bool) {
    for lesion in &cx.facts.lesions {
        cx.judge(lesion.id, |_, v| match sins_of(v, lesion) {
            None => Found::no(),
            Some(Err(missing)) => Found::missing(missing),
            Some(Ok(points)) => Found::when(passes(points).into(), || fires().fill("score", points)),
        });
    }
}

/// A5 of a lesion of the spine; None: not of the spine.
pub(super) fn sins_of(v: &Versions, lesion: &Lesion) -> Option<Result<u8, InputSet>> {
    let spine = v.any(Input::LesionSite, &lesion.site, |site| site.is_spine());
    let level = v.get(Input::LesionLevel, &lesion.level).and_then(|level| sins_location(level));
    if !spine.is_yes() && level.is_none() {
        return match spine {
            Truth::Unknown(missing) => Some(Err(missing)),
            _ => None,
        };
    }
    v.reads(Input::Sins);
    let inputs = SinsInputs {
        location: level,
        pain: v.get(Input::LesionPainSins, &lesion.pain_sins).copied(),
        lesion: v.get(Input::LesionType, &lesion.kind).copied(),
        alignment: v.get(Input::LesionAlignment, &lesion.alignment).copied(),
        collapse: v.get(Input::LesionCollapse, &lesion.collapse).copied(),
        posterolateral: v.get(Input::LesionPosterolateral, &lesion.posterolateral).copied(),
    };
    let points = sins(&inputs).score().and_then(|score| u8::try_from(score.units()).ok());
    Some(points.ok_or_else(|| Input::Sins.into()))
}
