//! Pain that a bone drug may explain: a broken vertebra after a gap of denosumab, a thigh bone before an atypical
//! fracture; and the eye and ear problems that are reported with these drugs.

use std::collections::BTreeSet;

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{Given, ONCOLOGY_DENOSUMAB_MILLI, bone_drug_ever, drug_named, is_bisphosphonate, last_given, words},
};
use crate::facts::{Agent, Day, Entry, Pain, Quality, Sign, Site};

pub(super) const RULES: &[(&str, Trigger)] =
    &[("R-VFX-1", vertebra), ("R-AFF-1", atypical), ("R-EYE-1", eye), ("R-EAR-1", ear)];

const BACK_NRS: u8 = 4;
const HEIGHT_LOSS_MM: i64 = 20;
/// Months after the last dose in which a rebound is likely (unverified).
const GAP_60_MONTHS: i32 = 7;
const GAP_120_MONTHS: i32 = 3;
const GAP_END_MONTHS: i32 = 24;

/// R-VFX-1.
fn vertebra(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.pains) {
        cx.judge_on(entry, |cx, v| {
            let site = v.has_any(Input::PainSite, &entry.sites, &[Site::Thoracic, Site::Lumbar]);
            let new = v.flag(Input::PainNew, &entry.new_or_worse);
            let strong = v.any(Input::PainWorst, &entry.worst, |nrs| *nrs >= BACK_NRS);
            let pain = site.and(new).and(strong);
            let nrs = || entry.worst.known().max().map_or_else(|| "new".to_owned(), |nrs| format!("NRS {nrs}"));
            after_gap(cx, v, pain, v.at(entry).map(|at| at.day()), nrs)
        });
    }
    for entry in cx.after(in_range(&facts.weights)) {
        cx.judge_on(entry, |cx, v| {
            let Some(now) = v.get(Input::Height, &entry.height_mm).copied() else { return Found::no() };
            let at = v.at(entry);
            v.reads(Input::PersonHeight);
            let earlier = in_range(&facts.weights).filter(|other| v.at(other).zip(at).is_some_and(|(a, b)| a < b));
            let measured = earlier.filter_map(|other| v.get(Input::Height, &other.height_mm).copied());
            let said = facts.risk.iter().flat_map(|risk| risk.height_mm.known().copied());
            let lost = match measured.chain(said).max() {
                Some(before) => (before.saturating_sub(now) >= HEIGHT_LOSS_MM).into(),
                None => Truth::Unknown(Input::PersonHeight.into()),
            };
            after_gap(cx, v, lost, at.map(|at| at.day()), || "with height loss".to_owned())
        });
    }
}

fn after_gap(cx: &Cx<'_>, v: &Versions, sign: Truth, day: Option<Day>, nrs: impl Fn() -> String) -> Found {
    if sign.is_no() {
        return Found::no();
    }
    let Some(day) = day else { return Found::missing(Input::EffectiveStart) };
    let last = last_given(cx, v, day, |agent| agent == Agent::Denosumab);
    let gap = last.map_or(cx.none_found(), |last| in_gap(&last, day).into());
    Found::when(sign.and(gap), || {
        let days = last.map_or(0, |last| day.since(last.day));
        let found = fires().fill("nrs", nrs()).fill("days", days);
        match last {
            Some(last) => found.with(last.dose.id),
            None => found,
        }
    })
}

fn in_gap(last: &Given<'_>, day: Day) -> bool {
    let oncology = last.mg_milli.is_some_and(|mg| mg >= ONCOLOGY_DENOSUMAB_MILLI);
    let from = if oncology { GAP_120_MONTHS } else { GAP_60_MONTHS };
    day > last.day.plus_months(from) && day <= last.day.plus_months(GAP_END_MONTHS)
}

const THIGH: [Site; 5] = [Site::Thigh, Site::Groin, Site::Hip, Site::FemoralShaft, Site::ProximalFemur];
const LASTING_D: i32 = 3;
const RECURRING: usize = 2;
const WEEK_D: i32 = 7;

/// R-AFF-1.
fn atypical(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.after(in_range(&facts.pains)) {
        cx.judge_on(entry, |cx, v| {
            let site = v.has_any(Input::PainSite, &entry.sites, &THIGH);
            let new = v.flag(Input::PainNew, &entry.new_or_worse);
            let dull = v.has(Input::PainQuality, &entry.quality, &Quality::Aching);
            let felt = v.any(Input::PainWorst, &entry.worst, |nrs| *nrs >= 1).or(dull);
            let pain = site.and(new).and(felt);
            if pain.is_no() {
                return Found::no();
            }
            let Some(day) = v.at(entry).map(|at| at.day()) else { return Found::missing(Input::EffectiveStart) };
            let days = painful_days(cx, v, day);
            let lasting = v.any(Input::PainOnset, &entry.onset, |onset| day.since(*onset) >= LASTING_D);
            let often = Truth::from(days.len() >= RECURRING);
            Found::when(pain.and(often.or(lasting)).and(bone_drug_ever(cx, v)), || {
                let lasted = entry.onset.known().map(|onset| day.since(*onset)).max().unwrap_or(0);
                let counted = i32::try_from(days.len()).unwrap_or(i32::MAX);
                fires()
                    .fill("side", words(entry.side.known()))
                    .fill("site", words(THIGH.iter().filter(|site| entry.sites.has(site))))
                    .fill("days", lasted.max(counted))
                    .fill("agent", drug_named(cx, v, day))
            })
        });
    }
}

/// Days of the week up to `day` with pain of the thigh.
fn painful_days(cx: &Cx<'_>, v: &Versions, day: Day) -> BTreeSet<Day> {
    let painful = |pain: &Entry<Pain>| {
        let on = v.at(pain)?.day();
        let lately = (0..WEEK_D).contains(&day.since(on));
        (lately && v.has_any(Input::PainSite, &pain.sites, &THIGH).is_yes()).then_some(on)
    };
    in_range(&cx.facts.pains).filter_map(painful).collect()
}

const EYE_SIGNS: [Sign; 3] = [Sign::RedOrPainfulEye, Sign::BlurredVision, Sign::LightSensitivity];
const EYE_D: i32 = 90;

/// R-EYE-1.
fn eye(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |cx, v| {
            let sign = v.has_any(Input::SymptomFlags, &entry.flags, &EYE_SIGNS);
            let new = sign.and(v.flag(Input::SymptomNew, &entry.new_or_worse));
            if new.is_no() {
                return Found::no();
            }
            let Some(day) = v.at(entry).map(|at| at.day()) else { return Found::missing(Input::EffectiveStart) };
            let last = last_given(cx, v, day, is_bisphosphonate);
            let recent = last.map_or(cx.none_found(), |last| (day.since(last.day) <= EYE_D).into());
            Found::when(new.and(recent), fires)
        });
    }
}

/// R-EAR-1.
fn ear(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for entry in cx.own(&facts.symptoms) {
        cx.judge_on(entry, |cx, v| {
            let sign = v.has_any(Input::SymptomFlags, &entry.flags, &[Sign::EarPain, Sign::EarDischarge]);
            if sign.is_no() { Found::no() } else { Found::when(sign.and(bone_drug_ever(cx, v)), fires) }
        });
    }
}
