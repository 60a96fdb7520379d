//! A person who does not feel safe, and emergency signs that need no plan to be one.

use super::{
    super::{
        eval::{Cx, Trigger},
        inputs::Input,
        outcome::{Found, fires},
    },
    common::words,
};
use crate::facts::Sign;

pub(super) const RULES: &[(&str, Trigger)] = &[("R-CRISIS-1", not_safe), ("R-GEN-1", generic)];

const GENERIC: [Sign; 6] = [
    Sign::Seizure,
    Sign::Unconscious,
    Sign::CannotBreathe,
    Sign::HeavyBleeding,
    Sign::OneSidedWeakness,
    Sign::AllergicReaction,
];

/// R-CRISIS-1. The question about thoughts of ending life sets the same field.
fn not_safe(cx: &mut Cx<'_>) {
    for entry in cx.own(&cx.facts.moods) {
        cx.judge_on(entry, |_, v| Found::when(v.flag(Input::MoodNotSafe, &entry.not_safe), fires));
    }
    for entry in cx.own(&cx.facts.symptoms) {
        cx.judge_on(entry, |_, v| Found::when(v.has(Input::SymptomFlags, &entry.flags, &Sign::NotSafe), fires));
    }
}

/// R-GEN-1: whatever the plan, and also in an entry that is out of range elsewhere.
fn generic(cx: &mut Cx<'_>) {
    for entry in cx.own_in_any_range(&cx.facts.symptoms) {
        cx.judge_on(entry, |_, v| {
            Found::when(v.has_any(Input::SymptomFlags, &entry.flags, &GENERIC), || {
                fires().fill("x", words(GENERIC.iter().filter(|sign| entry.flags.has(sign))))
            })
        });
    }
}
