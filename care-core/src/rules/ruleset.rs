//! The rule set file: texts, severities, who is told, sources, thresholds. Data; the triggers are typed functions of
//! this program, linked by the rule's id. A file that is malformed, newer than this program, dated in the future or not
//! what its checksum says is refused with a stable reason; the set in force stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    eval::Trigger,
    inputs::{Input, InputSet},
    outcome::Severity,
    render, topics,
};
use crate::facts::Day;

/// Shape of the file that this program reads.
pub const FORMAT: u32 = 1;
/// Raised when triggers change; a file names the one that it was written for.
pub const ENGINE: u32 = 1;
/// The rule set that this program was built with.
pub const BUILT_IN: &str = include_str!("../../rules/rules.json");
const MAX_BYTES: usize = 1024 * 1024;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    engine: u32,
    version: u32,
    published: String,
    rules: Vec<Rule>,
    /// SHA-256 of the file without this member, written compactly, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    /// "(inherits)": R-SYNC-2, which speaks with the severity of the alert that came late.
    severity: String,
    pub categories: Vec<String>,
    pub notify: Vec<String>,
    /// Empty: nothing for the patient.
    pub patient_text: String,
    pub clinician_reason: String,
    pub source: RuleSource,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, Note>,
    /// Names of [`Input`] in this program.
    pub inputs: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSource {
    pub text: String,
    /// Keys of the care specification, section 9.
    pub keys: Vec<String>,
    pub state: State,
}

/// How sure we are of a source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Verified,
    Secondary,
    Unverified,
}

/// A number that a clinic may switch, within what is allowed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub name: String,
    pub value: i64,
    pub allowed: Vec<i64>,
    pub unit: String,
}

impl Threshold {
    /// A value of it as people read it: with its unit.
    pub(super) fn said(&self, value: i64) -> String {
        let scaled = |places| osteon_proto::plain::scaled(i128::from(value), places);
        match self.unit.as_str() {
            "0.1 Cel" => format!("{} °C", scaled(1)),
            "0.1 s" => format!("{} s", scaled(1)),
            "mm/s" => format!("{} m/s", scaled(3)),
            "{score}" => value.to_string(),
            unit => format!("{value} {unit}"),
        }
    }
}

/// Sentences that join the texts where they apply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub patient: String,
    pub clinician: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleSetError {
    TooLarge,
    Malformed,
    /// Written for a newer program.
    NewerProgram,
    /// Published after today.
    Future,
    Checksum,
    /// Something urgent is less so, told to fewer, or names no number to call; or a rule reads something else, has thresholds that
    /// were not allowed, or a source that is surer.
    LessCareful,
    /// A text is longer than anybody reads, or holds characters that nobody sees.
    Text,
    /// A text names a placeholder that nothing fills.
    Placeholder,
    /// Its version is older than that of the set that the program was built with.
    Older,
    /// It is not the set that the program was built with, and has its version.
    SameVersion,
}

impl RuleSetError {
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "RULE_SET_TOO_LARGE",
            Self::Malformed => "RULE_SET_MALFORMED",
            Self::NewerProgram => "RULE_SET_NEEDS_NEWER_PROGRAM",
            Self::Future => "RULE_SET_FROM_FUTURE",
            Self::Checksum => "RULE_SET_CHECKSUM",
            Self::LessCareful => "RULE_SET_LESS_CAREFUL",
            Self::Text => "RULE_SET_TEXT",
            Self::Placeholder => "RULE_SET_PLACEHOLDER",
            Self::Older => "RULE_SET_OLDER",
            Self::SameVersion => "RULE_SET_SAME_VERSION",
        }
    }
}

impl fmt::Display for RuleSetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.reason())
    }
}

impl std::error::Error for RuleSetError {}

/// A rule set whose rules are linked with their triggers.
pub struct RuleSet {
    pub version: u32,
    pub published: Day,
    pub checksum: String,
    rules: Vec<Linked>,
    /// Places in `rules`.
    by_id: BTreeMap<&'static str, usize>,
    by_record: BTreeMap<&'static str, Vec<usize>>,
    thresholds: BTreeMap<String, Threshold>,
}

/// A rule, its id, what it runs, and what it says that it reads.
type Linked = (Rule, &'static str, Trigger, InputSet);

impl RuleSet {
    /// From the bytes of a file. `today`: a set of a later day is refused.
    pub fn parse(bytes: &[u8], today: Day) -> Result<Self, RuleSetError> {
        if bytes.len() > MAX_BYTES {
            return Err(RuleSetError::TooLarge);
        }
        let any: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| RuleSetError::Malformed)?;
        let number = |name: &str| any.get(name).and_then(serde_json::Value::as_u64);
        if number("format") > Some(u64::from(FORMAT)) || number("engine") > Some(u64::from(ENGINE)) {
            return Err(RuleSetError::NewerProgram);
        }
        let mut file: File = serde_json::from_value(any).map_err(|_| RuleSetError::Malformed)?;
        let said = file.checksum.take().ok_or(RuleSetError::Malformed)?;
        let checksum = checksum_of(&file)?;
        if said != checksum {
            return Err(RuleSetError::Checksum);
        }
        let published = Day::parse(&file.published).ok_or(RuleSetError::Malformed)?;
        if published > today {
            return Err(RuleSetError::Future);
        }
        if file.format != FORMAT || file.engine != ENGINE {
            return Err(RuleSetError::Malformed);
        }
        let rules = link(file.rules)?;
        let by_record = by_record(&rules);
        let by_id = rules.iter().enumerate().map(|(place, (_, id, ..))| (*id, place)).collect();
        let thresholds = rules.iter().flat_map(|(rule, ..)| &rule.thresholds);
        let thresholds = thresholds.map(|threshold| (threshold.name.clone(), threshold.clone())).collect();
        Ok(Self { version: file.version, published, checksum, rules, by_id, by_record, thresholds })
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|(rule, ..)| rule)
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.named(id).map(|(rule, ..)| rule)
    }

    fn named(&self, id: &str) -> Option<&Linked> {
        self.rules.get(*self.by_id.get(id)?)
    }

    /// What the rules at these places run, in their order.
    pub(super) fn linked(
        &self,
        places: impl IntoIterator<Item = usize>,
    ) -> impl Iterator<Item = (&Rule, &'static str, Trigger)> {
        let linked = places.into_iter().filter_map(|place| self.rules.get(place));
        linked.map(|(rule, id, trigger, _)| (rule, *id, *trigger))
    }

    /// Places of all rules, or of those with these ids.
    pub(super) fn places(&self, only: Option<&[&str]>) -> BTreeSet<usize> {
        match only {
            None => (0..self.rules.len()).collect(),
            Some(only) => only.iter().filter_map(|id| self.by_id.get(id).copied()).collect(),
        }
    }

    pub fn threshold(&self, name: &str) -> Option<&Threshold> {
        self.thresholds.get(name)
    }

    /// Places of the rules that read a record type ("J02", "P-BONE"): those that a change of one concerns.
    pub(super) fn concerned(&self, record: &str) -> &[usize] {
        self.by_record.get(record).map_or(&[], Vec::as_slice)
    }

    /// Declared inputs of a rule.
    pub fn inputs(&self, id: &str) -> InputSet {
        self.named(id).map(|(.., inputs)| *inputs).unwrap_or_default()
    }
}

impl Rule {
    /// None: inherits.
    pub fn severity(&self) -> Option<Severity> {
        Severity::ALL.iter().copied().find(|severity| severity.code() == self.severity)
    }

    pub fn severity_word(&self) -> &str {
        &self.severity
    }
}

fn by_record(rules: &[Linked]) -> BTreeMap<&'static str, Vec<usize>> {
    let mut by_record: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, (.., inputs)) in rules.iter().enumerate() {
        let records: BTreeSet<&str> = inputs.iter().flat_map(Input::fields).map(|(record, _)| record).collect();
        records.into_iter().for_each(|record| by_record.entry(record).or_default().push(place));
    }
    by_record
}

fn checksum_of(file: &File) -> Result<String, RuleSetError> {
    let bytes = serde_json::to_vec(file).map_err(|_| RuleSetError::Malformed)?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A file with the checksum that its content has: for whoever publishes a set.
pub fn sealed(bytes: &[u8]) -> Result<String, RuleSetError> {
    let mut file: File = serde_json::from_slice(bytes).map_err(|_| RuleSetError::Malformed)?;
    file.checksum = None;
    file.checksum = Some(checksum_of(&file)?);
    serde_json::to_string_pretty(&file).map(|text| text + "\n").map_err(|_| RuleSetError::Malformed)
}

/// Exactly the rules that this program has triggers for: a set that lacks one would be silent about it.
fn link(rules: Vec<Rule>) -> Result<Vec<Linked>, RuleSetError> {
    let mut triggers: BTreeMap<&str, (&'static str, Trigger)> =
        topics::all().map(|(id, trigger)| (id, (id, trigger))).collect();
    let mut names = Vec::new();
    let mut linked = Vec::with_capacity(rules.len());
    for rule in rules {
        if !is_sound(&rule) {
            return Err(RuleSetError::Malformed);
        }
        if !rule.has_plain_texts() {
            return Err(RuleSetError::Text);
        }
        names.extend(rule.thresholds.iter().map(|threshold| threshold.name.clone()));
        let (id, trigger) = triggers.remove(rule.id.as_str()).ok_or(RuleSetError::Malformed)?;
        let inputs = rule.inputs.iter().map(|name| Input::from_variant(name)).collect::<Option<InputSet>>();
        linked.push((rule, id, trigger, inputs.ok_or(RuleSetError::Malformed)?));
    }
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
    if twice
        || !triggers.is_empty()
        || topics::THRESHOLDS.iter().any(|name| names.binary_search_by(|n| n.as_str().cmp(name)).is_err())
    {
        return Err(RuleSetError::Malformed);
    }
    Ok(linked)
}

fn is_sound(rule: &Rule) -> bool {
    let braces = |text: &str| text.matches('{').count() == render::placeholders(text).count();
    let severity = rule.severity().is_some() || rule.severity == "(inherits)";
    let thresholds = rule.thresholds.iter().all(|threshold| threshold.allowed.contains(&threshold.value));
    severity
        && thresholds
        && !rule.notify.is_empty()
        && !rule.categories.is_empty()
        && !rule.clinician_reason.is_empty()
        && !rule.source.text.trim().is_empty()
        && braces(&rule.patient_text)
        && braces(&rule.clinician_reason)
}
