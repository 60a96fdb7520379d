//! What a clinic sets: whom to call, limits of its laboratory, and the thresholds that the rule set lets it switch.

use std::collections::BTreeMap;

use super::ruleset::RuleSet;
use crate::facts::Analyte;

/// Settings of one clinic, as they hold for one circle.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Several live numbers are all shown.
    pub emergency_line: Vec<String>,
    pub team_line: Vec<String>,
    pub crisis_line: Vec<String>,
    pub physio: Vec<String>,
    /// By the name of the threshold; a value that the rule set does not allow counts as not set.
    pub thresholds: BTreeMap<String, i64>,
    /// Limits of adjusted calcium where the report gives none, ten-thousandths of mmol/L.
    pub calcium_low: Option<i64>,
    pub calcium_high: Option<i64>,
    /// Least significant change of bone density, ten-thousandths of g/cm2.
    pub least_change: BTreeMap<Analyte, i64>,
}

/// Fallback limits of adjusted calcium, ten-thousandths of mmol/L. Care specification, A17.
pub const CALCIUM_LOW: i64 = 22_000;
pub const CALCIUM_HIGH: i64 = 26_000;

impl Settings {
    /// Takes limits of adjusted calcium, unless the lower one would lie over the upper one, that which holds where none was set
    /// included: then nothing of them holds. False: they were not taken.
    pub(crate) fn with_calcium_limits(&mut self, low: Option<i64>, high: Option<i64>) -> bool {
        let (low, high) = (low.or(self.calcium_low), high.or(self.calcium_high));
        let fit = low.unwrap_or(CALCIUM_LOW) <= high.unwrap_or(CALCIUM_HIGH);
        if fit {
            (self.calcium_low, self.calcium_high) = (low, high);
        }
        fit
    }

    /// The clinic's value if the rule set allows it, else the rule set's own.
    pub fn threshold(&self, set: &RuleSet, name: &str) -> i64 {
        let Some(threshold) = set.threshold(name) else { return i64::MAX };
        self.thresholds.get(name).copied().filter(|value| threshold.allowed.contains(value)).unwrap_or(threshold.value)
    }

    /// A threshold as it is in force, with its unit.
    pub(super) fn said(&self, set: &RuleSet, name: &str) -> Option<String> {
        Some(set.threshold(name)?.said(self.threshold(set, name)))
    }

    pub(super) fn line(&self, placeholder: &str) -> Option<&[String]> {
        Some(match placeholder {
            "emergency_line" => &self.emergency_line,
            "team_line" => &self.team_line,
            "crisis_line" => &self.crisis_line,
            "physio" => &self.physio,
            _ => return None,
        })
    }
}
