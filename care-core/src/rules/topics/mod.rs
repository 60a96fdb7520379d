//! The triggers, one file a topic. Each reads as the specification words it (section 6); the rule set file holds texts,
//! sources and base severities.

pub(super) mod after;
mod balance;
mod bone_plan;
mod calcium_high;
mod calcium_low;
mod clots;
mod common;
mod crisis;
mod denosumab;
mod drugs;
mod exercise;
mod falls;
mod fluids;
mod fracture;
mod habits;
mod infection;
mod intake;
mod jaw;
mod kidney;
mod labs;
mod monitoring;
mod nutrition;
mod pain;
mod rebound;
mod scores;
mod sessions;
mod spinal;
mod symptoms;
mod sync;

pub use after::{LATE_NOTE, LATE_TEXTS};

use super::eval::Trigger;

type Table = &'static [(&'static str, Trigger)];

const TABLES: &[Table] = &[
    spinal::RULES,
    infection::RULES,
    clots::RULES,
    crisis::RULES,
    fracture::RULES,
    rebound::RULES,
    calcium_low::RULES,
    calcium_high::RULES,
    jaw::RULES,
    denosumab::RULES,
    bone_plan::RULES,
    kidney::RULES,
    pain::RULES,
    symptoms::RULES,
    falls::RULES,
    balance::RULES,
    nutrition::RULES,
    fluids::RULES,
    drugs::RULES,
    exercise::RULES,
    sessions::RULES,
    monitoring::RULES,
    habits::RULES,
    sync::RULES,
    after::RULES,
];

/// Thresholds that triggers ask for: a rule set must have them all.
pub(super) const THRESHOLDS: &[&str] = &[
    "biotin_pause_h",
    "calcium_after_bisphosphonate_min",
    "calcium_before_dose_d",
    "denosumab_120_urgent_d",
    "distress_alert",
    "fever_tenths_cel",
    "gait_slow_mm_s",
    "moderate_pain_nrs",
    "phq2_positive",
    "severe_pain_nrs",
    "tug_tenths_s",
];

/// Rules that say "call today" of what passes by itself: strong pain, mild signs, a fall after which nobody needed help at once.
/// They look back [`PASSED_D`] days, unless what they find is an emergency. Everything else fires whatever its age on arrival:
/// severity is never lowered by old age, and R-MSCC-1 has no window (care specification, 6.1.7 and 6.2).
pub(super) const PASSING: &[&str] = &["R-PAIN-1", "R-HYPOCA-2", "R-HYPERCA-2", "R-FALL-2"];
/// As far as the look back at a circle as a whole goes: an offline phone that comes back within a month is heard (ours, unverified).
pub(super) const PASSED_D: i32 = crate::alerts::LOOK_BACK_D;

/// Rules that are less than urgent by themselves, and urgent or an emergency by what they find: another rule set may not tell
/// fewer people of them either.
pub const RAISED: &[&str] = &[
    "R-DENT-1",
    "R-DMAB-2",
    "R-DNI-10",
    "R-EX-1",
    "R-FALL-4",
    "R-HYPOCA-4",
    "R-NUT-1",
    "R-NUT-3",
    "R-PAIN-2",
    "R-REN-4",
    "R-SYNC-1",
    "R-VITD-1",
];

/// Every rule that this program has a trigger for.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Trigger)> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}
