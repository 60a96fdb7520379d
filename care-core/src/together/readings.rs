//! Fields of which people must be told two things at once: what P-BONE's state and next date say about giving, and what
//! they say about being late. In words, for whoever is shown the field.

use std::collections::BTreeSet;

use osteon_proto::{
    care::{BoneDrugPlan, SafetyMinimum},
    plain::plain,
};
use osteon_sync_core::{Field, Part};
use prost::Message as _;

use crate::{Giving, OverdueClock, planned_next, status};

/// One reading of a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Stable: "giving", "overdue_clock", "remind_on", "not_before".
    pub name: &'static str,
    /// Stable code, or a date.
    pub value: String,
    /// For a person.
    pub says: String,
}

const BONE_DRUG_PLAN: u32 = 231;
const STATUS: u32 = 6;
const PLANNED_NEXT: u32 = 7;
const HOLD_REASONS: u32 = 9;

/// What the safety minimum tells of that plan, for whoever may not read it.
const SAFETY_MINIMUM: u32 = 321;
const DRUG_STATUS: u32 = 8;
const DRUG_NEXT: u32 = 9;

/// The readings of a field that has several; none for every other field.
pub fn readings(type_number: u32, field: u32, part: &Part) -> Vec<Reading> {
    let live = || part.elements(field).flat_map(|(_, versions)| versions).map(|version| version.value);
    match (type_number, field) {
        (BONE_DRUG_PLAN, STATUS) => {
            let read = status(live());
            vec![giving(read.giving, read.disputed, &held(part)), clock(read.clock)]
        }
        (BONE_DRUG_PLAN, PLANNED_NEXT) => {
            let read = planned_next(live());
            days(read.remind_on, read.not_before)
        }
        (SAFETY_MINIMUM, DRUG_STATUS) => {
            let told = safety_minimum(part);
            let disputed = told.disputed.iter().any(|name| name == "bone_drug_status");
            // Whoever wrote it saw all versions: it is the strictest, and while people disagree lateness counts.
            let one = BoneDrugPlan { status: told.bone_drug_status, ..Default::default() }.encode_to_vec();
            let read = status([Some(one.as_slice())]);
            vec![giving(read.giving, disputed, &[]), clock(if disputed { OverdueClock::Runs } else { read.clock })]
        }
        (SAFETY_MINIMUM, DRUG_NEXT) => {
            let told = safety_minimum(part);
            days(told.bone_drug_next, told.bone_drug_not_before)
        }
        _ => Vec::new(),
    }
}

/// Remind at the earliest, give at the latest.
fn days(remind_on: Option<String>, not_before: Option<String>) -> Vec<Reading> {
    let day = |name, date: Option<String>, some: &str, none: &str| {
        let says = date.as_ref().map_or_else(|| none.to_owned(), |date| format!("{some} {date}."));
        Reading { name, value: date.unwrap_or_default(), says }
    };
    vec![
        day("remind_on", remind_on, "Remind on", "No date to remind on."),
        day("not_before", not_before, "Do not give before", "No day from which giving is fine: ask first."),
    ]
}

/// The record as its one writer, the server, left it: one version of each field.
fn safety_minimum(part: &Part) -> SafetyMinimum {
    let mut told = SafetyMinimum::default();
    let fields = part.fields().filter(|(field, _)| field.number != Field::LIFECYCLE);
    for chunk in fields.flat_map(|(_, versions)| versions).filter_map(|version| version.value) {
        // What does not decode is not told: the readings then ask first.
        let _ = told.merge(chunk);
    }
    told
}

/// What must be cleared before a dose, whatever the state says (hold_reasons of P-BONE), in words.
fn held(part: &Part) -> Vec<String> {
    let live = part.elements(HOLD_REASONS).flat_map(|(_, versions)| versions).filter_map(|version| version.value);
    let reasons = live.filter_map(|chunk| BoneDrugPlan::decode(chunk).ok()).flat_map(|plan| plan.hold_reasons);
    let reasons: BTreeSet<String> = reasons.map(|code| plain(&code).replace('_', " ")).collect();
    reasons.into_iter().collect()
}

fn giving(giving: Giving, disputed: bool, held: &[String]) -> Reading {
    let (value, says) = match giving {
        Giving::Allowed if !held.is_empty() => {
            ("blocked", format!("Giving: blocked, to be cleared first: {}.", held.join(", ")))
        }
        Giving::Allowed => ("allowed", "Giving: the state of the plan allows it.".to_owned()),
        Giving::AskFirst => ("ask_first", "Giving: blocked, ask first.".to_owned()),
        Giving::Blocked(by) => {
            let word = by.as_str_name().trim_start_matches("BONE_DRUG_STATUS_").to_lowercase();
            let until = if disputed { " Do not give until it is resolved." } else { "" };
            ("blocked", format!("Giving: blocked ({word}).{until}"))
        }
    };
    Reading { name: "giving", value: value.to_owned(), says }
}

fn clock(clock: OverdueClock) -> Reading {
    let (value, says) = match clock {
        OverdueClock::NotStarted => ("not_started", "Overdue clock: nothing was ordered yet."),
        OverdueClock::RunsUntilFollowOn => ("runs_until_follow_on", "Overdue clock: runs until another drug follows."),
        OverdueClock::Runs => ("runs", "Overdue clock: runs."),
    };
    Reading { name: "overdue_clock", value: value.to_owned(), says: says.to_owned() }
}
