//! Thresholds on which guidance disagrees (care specification, 8.2) and that a clinic may switch: every value with who says
//! it, and the one that is in force here.

use osteon_proto::meta::SourceState;

use crate::rules::{RuleSet, Settings, Threshold};

/// Who says a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saying {
    pub value: i64,
    /// Key of a source; "ours": our own choice; "common": in general use; "unnamed": the specification names no source.
    pub key: &'static str,
    pub state: SourceState,
}

/// One value that a clinic may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SwitchValue {
    pub value: i64,
    /// Empty: a rule set of one's own allows it, and who says it is not known here.
    pub said_by: Vec<Saying>,
    pub in_force: bool,
    /// What the rule set has where a clinic says nothing.
    pub default: bool,
}

/// A threshold with its values, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Switch {
    pub name: String,
    /// What it is about, in words.
    pub about: String,
    /// Rules that ask for it.
    pub rules: Vec<String>,
    pub unit: String,
    pub values: Vec<SwitchValue>,
    /// The clinic itself has set it, to a value that is allowed.
    pub set_by_clinic: bool,
}

const fn says(value: i64, key: &'static str, state: SourceState) -> Saying {
    Saying { value, key, state }
}

const V: SourceState = SourceState::Verified;
const S: SourceState = SourceState::Secondary;
const U: SourceState = SourceState::Unverified;

/// By the name of the threshold, in its unit: what it is about, who says what.
const WHO_SAYS: [(&str, &str, &[Saying]); 11] = [
    (
        "severe_pain_nrs",
        "pain that is severe, of 10",
        &[says(7, "SERLIN95", V), says(8, "LI06", V), says(9, "CHOW16", V)],
    ),
    ("moderate_pain_nrs", "pain that is moderate, of 10", &[says(5, "SERLIN95", V), says(4, "PAUL05", V)]),
    (
        "fever_tenths_cel",
        "fever under treatment, tenths of a degree Celsius",
        &[says(376, "ENHERTS", V), says(380, "common", U), says(381, "CG151", V)],
    ),
    (
        "tug_tenths_s",
        "Timed Up and Go that is slow, tenths of a second",
        &[says(120, "STEADI-TUG", S), says(135, "BARRY14", V), says(160, "unnamed", U)],
    ),
    ("gait_slow_mm_s", "a slow gait, millimetres a second", &[says(760, "GAIT", V), says(800, "WFG22", U)]),
    ("distress_alert", "distress, of 10", &[says(3, "DT", V), says(4, "DT", U)]),
    ("phq2_positive", "PHQ-2 that is positive", &[says(2, "PHQ2", V), says(3, "PHQ2", V)]),
    (
        "biotin_pause_h",
        "hours without biotin before a laboratory test",
        &[says(8, "BIOTIN", V), says(12, "BIOTIN", V), says(72, "BIOTIN", V)],
    ),
    (
        "calcium_after_bisphosphonate_min",
        "minutes from an oral bisphosphonate to calcium",
        &[says(30, "ALN", V), says(180, "MIMS-CA", V)],
    ),
    (
        "calcium_before_dose_d",
        "days that a calcium result counts before a dose",
        &[says(7, "ours", U), says(14, "ours", U), says(28, "ours", U)],
    ),
    (
        "denosumab_120_urgent_d",
        "days late from which denosumab 120 mg is urgent",
        &[says(7, "ours", U), says(14, "ours", U), says(28, "ours", U)],
    ),
];

/// Every threshold of the rule set of which a clinic may take more than one value.
pub fn switches(set: &RuleSet, settings: &Settings) -> Vec<Switch> {
    let thresholds = set.rules().flat_map(|rule| &rule.thresholds).filter(|threshold| threshold.allowed.len() > 1);
    let mut all: Vec<Switch> = thresholds.map(|threshold| switch(set, settings, threshold)).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

fn switch(set: &RuleSet, settings: &Settings, threshold: &Threshold) -> Switch {
    let name = threshold.name.as_str();
    let known = WHO_SAYS.iter().find(|(of, ..)| *of == name);
    let in_force = settings.threshold(set, name);
    let mut allowed = threshold.allowed.clone();
    allowed.sort_unstable();
    allowed.dedup();
    let value = |value: i64| SwitchValue {
        value,
        said_by: known.into_iter().flat_map(|(.., says)| *says).filter(|one| one.value == value).copied().collect(),
        in_force: value == in_force,
        default: value == threshold.value,
    };
    let rules = set.rules().filter(|rule| rule.thresholds.iter().any(|one| one.name == name));
    Switch {
        name: name.to_owned(),
        about: known.map_or_else(|| name.replace('_', " "), |(_, about, _)| (*about).to_owned()),
        rules: rules.map(|rule| rule.id.clone()).collect(),
        unit: threshold.unit.clone(),
        values: allowed.into_iter().map(value).collect(),
        set_by_clinic: settings.thresholds.get(name).is_some_and(|value| threshold.allowed.contains(value)),
    }
}
