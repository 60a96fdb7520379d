//! Clots: signs of one in the lung or a heart problem, and swelling of one limb.

use super::{
    super::{
        eval::{Cx, Trigger},
        inputs::Input,
        outcome::{Found, fires},
        truth::Truth,
    },
    common::words,
};
use crate::facts::{Sign, Site};

pub(super) const RULES: &[(&str, Trigger)] = &[("R-VTE-1", lung), ("R-VTE-2", one_limb)];

const LUNG_SIGNS: [Sign; 4] = [Sign::SuddenBreathlessness, Sign::ChestPain, Sign::CoughingBlood, Sign::Collapse];

/// R-VTE-1.
fn lung(cx: &mut Cx<'_>) {
    for entry in cx.own(&cx.facts.symptoms) {
        cx.judge_on(entry, |_, v| {
            Found::when(v.has_any(Input::SymptomFlags, &entry.flags, &LUNG_SIGNS), || {
                fires().fill("signs", words(LUNG_SIGNS.iter().filter(|sign| entry.flags.has(sign))))
            })
        });
    }
}

/// New is up to so many days (unverified).
const NEW_D: i32 = 14;

/// R-VTE-2.
fn one_limb(cx: &mut Cx<'_>) {
    for entry in cx.own(&cx.facts.swellings) {
        cx.judge_on(entry, |_, v| {
            let features = [
                ("pain", v.flag(Input::SwellingPain, &entry.pain)),
                ("warmth", v.flag(Input::SwellingWarmth, &entry.warmth)),
                ("redness", v.flag(Input::SwellingRedness, &entry.redness)),
                ("tightness", v.flag(Input::SwellingTightness, &entry.tightness)),
            ];
            let Some(at) = v.at(entry) else { return Found::missing(Input::EffectiveStart) };
            let one = v.flag(Input::SwellingOneSided, &entry.one_sided);
            let new = v.any(Input::SwellingOnset, &entry.onset, |onset| at.day().since(*onset) <= NEW_D);
            let any = Truth::any(features.iter().map(|(_, truth)| *truth));
            Found::when(one.and(new).and(any), || {
                let limb = v.get(Input::SwellingSite, &entry.site).copied().unwrap_or(Site::Other);
                let shown = features.iter().filter(|(_, truth)| truth.is_yes()).map(|(name, _)| *name);
                fires().fill("limb", words([limb])).fill("features", words(shown))
            })
        });
    }
}
