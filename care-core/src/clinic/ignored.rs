//! What a clinic has set and nothing goes by: hours of no day, limits that no rule reads, thresholds that the rule set does not
//! let a clinic switch. It stands in the records and does nothing, so somebody has to say so.

use std::fmt;

use super::Clinic;
use crate::rules::RuleSet;

/// Thresholds are written in thousandths of their unit.
const SCALE: i64 = 1_000;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Something that is set and has no effect. Its words are for whoever runs the clinic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ignored {
    /// Working hours that open nothing.
    Hours { weekday: Option<u32>, from_min: Option<u32>, to_min: Option<u32> },
    /// A language in which rules say nothing.
    Language { code: String },
    /// Limits of a laboratory.
    Limit { analyte: String, why: &'static str },
    /// A step of the escalation that names nobody to whom an alert may go; which one, from 1.
    Step { severity: &'static str, step: usize },
    /// A rule that was to be switched off: a clinic sets thresholds, and every rule runs.
    Off { rule: String },
    /// A value of a threshold in thousandths, and those that the rule set allows (none: it has no such threshold).
    Threshold { name: String, thousandths: i64, allowed: Vec<i64> },
}

/// A threshold as it was set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SetThreshold {
    pub name: String,
    pub thousandths: i64,
}

impl SetThreshold {
    /// Whether the rules go by it.
    pub fn is_allowed(&self, set: &RuleSet) -> bool {
        let allows = |allowed: &[i64]| allowed.iter().any(|value| value.checked_mul(SCALE) == Some(self.thousandths));
        set.threshold(&self.name).is_some_and(|threshold| allows(&threshold.allowed))
    }

    /// In its unit; thousandths that are not whole are no value of any rule.
    pub(super) fn value(&self) -> Option<i64> {
        (self.thousandths % SCALE == 0).then_some(self.thousandths / SCALE)
    }
}

impl Clinic {
    /// What is set here and has no effect, under a rule set. In an order that does not hang on that of the records.
    pub fn ignored(&self, set: &RuleSet) -> Vec<Ignored> {
        let thresholds = self.thresholds.iter().filter(|one| !one.is_allowed(set)).map(|one| {
            let allowed = set.threshold(&one.name).map_or_else(Vec::new, |threshold| threshold.allowed.clone());
            Ignored::Threshold { name: one.name.clone(), thousandths: one.thousandths, allowed }
        });
        let to_nobody = self.steps_to_nobody();
        let to_nobody = to_nobody.map(|(severity, step)| Ignored::Step { severity: severity.code(), step });
        let spoken = |code: &&String| code.split('-').next().is_some_and(|tag| tag.eq_ignore_ascii_case("en"));
        let languages = self.languages.iter().filter(|code| !spoken(code));
        let languages = languages.map(|code| Ignored::Language { code: code.clone() });
        let stated = self.without_effect.iter().cloned();
        let mut all: Vec<Ignored> = stated.chain(thresholds).chain(to_nobody).chain(languages).collect();
        all.sort();
        all.dedup();
        all
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours { weekday, from_min, to_min } => {
                let day = weekday.and_then(|day| DAYS.get(usize::try_from(day).ok()?.checked_sub(1)?));
                let day = day.copied().unwrap_or("of no weekday");
                let at = |minute: &Option<u32>| match minute {
                    Some(minute) => format!("{:02}:{:02}", minute / 60, minute % 60),
                    None => "no time".to_owned(),
                };
                write!(out, "working hours {day} from {} to {}", at(from_min), at(to_min))
            }
            Self::Language { code } => {
                write!(
                    out,
                    "language {code} (rules and phones say everything in English; the portal's own words are English and German)"
                )
            }
            Self::Limit { analyte, why } => write!(out, "limits of {analyte} ({why})"),
            Self::Step { severity, step } => {
                write!(
                    out,
                    "escalation of {severity}, step {step} (it names nobody of the clinic who cares for patients)"
                )
            }
            Self::Off { rule } => write!(out, "{rule} switched off (every rule runs)"),
            Self::Threshold { name, allowed, .. } if allowed.is_empty() => {
                write!(out, "threshold {name} (the rules have none of this name that a clinic sets)")
            }
            Self::Threshold { name, thousandths, allowed } => {
                let value = osteon_proto::plain::scaled(i128::from(*thousandths), 3);
                let allowed: Vec<String> = allowed.iter().map(i64::to_string).collect();
                write!(out, "threshold {name} = {value} (the rules allow {})", allowed.join(", "))
            }
        }
    }
}
