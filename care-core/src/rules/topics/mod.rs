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

/// Every rule that this program has a trigger for.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Trigger)> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}
