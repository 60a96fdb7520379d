//! Texts with their placeholders filled. Whom to call comes from the clinic's settings; every other placeholder names
//! an input of its rule, or a threshold as it is in force. A text never comes out with a gap: what is missing is an error with a stable reason.

use std::{collections::BTreeMap, fmt};

use super::{
    outcome::{Fires, Severity},
    ruleset::{Note, Rule, RuleSet},
    settings::Settings,
    topics::THRESHOLDS,
};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingPlaceholder {
    pub rule: String,
    pub placeholder: String,
}

impl MissingPlaceholder {
    pub const REASON: &'static str = "RULE_TEXT_INCOMPLETE";
}

impl fmt::Display for MissingPlaceholder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} has no value for {{{}}}", Self::REASON, self.rule, self.placeholder)
    }
}

impl std::error::Error for MissingPlaceholder {}

/// What people read. Empty: nothing for the patient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Texts {
    pub patient: String,
    pub clinician: String,
}

/// What a rule found, as far as its texts say it: of a finding, or of an alert that was recorded.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    pub rule: &'a str,
    pub severity: Severity,
    /// Values of the placeholders.
    pub fill: BTreeMap<&'a str, &'a str>,
    pub notes: Vec<&'a str>,
    pub route: Option<&'a str>,
}

/// What stands for a value that an alert did not record, because it was empty.
const NOT_STATED: &str = "not stated";

impl<'a> Told<'a> {
    /// Of an alert that was recorded: a value that is empty was not. A threshold that was not recorded is read from the settings.
    pub fn recorded(rule: &'a Rule, severity: Severity, fill: BTreeMap<&'a str, &'a str>, notes: Vec<&'a str>) -> Self {
        let mut told = Self { rule: &rule.id, severity, fill, notes, route: None };
        let of_notes = rule.notes.values().flat_map(|note| [&note.patient, &note.clinician]);
        for text in [&rule.patient_text, &rule.clinician_reason].into_iter().chain(of_notes) {
            placeholders(text)
                .filter(|name| !THRESHOLDS.contains(name))
                .for_each(|name| _ = told.fill.entry(name).or_insert(NOT_STATED));
        }
        told
    }
}

impl<'a> From<&'a Fires> for Told<'a> {
    fn from(fires: &'a Fires) -> Self {
        Self {
            rule: fires.key.rule,
            severity: fires.severity,
            fill: fires.fill.iter().map(|(name, text)| (*name, text.as_str())).collect(),
            notes: fires.notes.iter().copied().collect(),
            route: fires.route.as_deref(),
        }
    }
}

/// Both texts of an alert.
pub fn texts<'a>(set: &RuleSet, told: impl Into<Told<'a>>, settings: &Settings) -> Result<Texts, MissingPlaceholder> {
    let told = &told.into();
    let Some(rule) = set.rule(told.rule) else {
        return Err(MissingPlaceholder { rule: told.rule.to_owned(), placeholder: "rule".to_owned() });
    };
    let filled = |text: &str| fill(set, rule, text, told, settings);
    let mut patient = filled(&rule.patient_text)?;
    let mut clinician = filled(&rule.clinician_reason)?;
    for note in told.notes.iter().filter_map(|name| note(set, rule, name)) {
        append(&mut patient, &filled(&note.patient)?);
        append(&mut clinician, &filled(&note.clinician)?);
    }
    if let Some(route) = told.route {
        patient = [route, patient.as_str()].join(" ").trim().to_owned();
        clinician = [route, clinician.as_str()].join(" ");
    }
    Ok(Texts { patient, clinician })
}

/// The rule's own note, or one of R-SYNC-2, which speaks for every rule.
fn note<'a>(set: &'a RuleSet, rule: &'a Rule, name: &str) -> Option<&'a Note> {
    rule.notes.get(name).or_else(|| set.rule("R-SYNC-2")?.notes.get(name))
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

fn fill(
    set: &RuleSet,
    rule: &Rule,
    text: &str,
    told: &Told<'_>,
    settings: &Settings,
) -> Result<String, MissingPlaceholder> {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        let missing = || MissingPlaceholder { rule: rule.id.clone(), placeholder: name.to_owned() };
        match (settings.line(name), told.fill.get(name)) {
            (Some(numbers), _) if !numbers.is_empty() => out.push_str(&numbers.join(" / ")),
            (Some(_), _) => return Err(missing()),
            (None, Some(value)) => out.push_str(value),
            (None, None) => out.push_str(&settings.said(set, name).ok_or_else(missing)?),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Names of the placeholders of a text.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}
