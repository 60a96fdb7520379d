//! The safety file holds: each hazard of docs/clinical-safety/hazards names its controls, each control the tests that
//! show it, and each of those tests is there and is run; a gap is said. The pages made of it: `safety_pages.rs`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use osteon_care_core::{
    Day,
    assess::catalogue,
    rules::{BUILT_IN, RuleSet, Severity},
};
use serde::Deserialize;

use super::{root, safety_pages};

/// Severity of the harm and its likelihood, 1 to 5 each.
pub(super) type Estimate = [usize; 2];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub group: String,
    pub hazard: Vec<Hazard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hazard {
    pub id: String,
    pub hazard: String,
    pub effect: String,
    pub causes: Vec<String>,
    #[serde(default)]
    pub rules: Vec<String>,
    pub before: Estimate,
    pub after: Estimate,
    pub owner: Owner,
    pub state: State,
    #[serde(default)]
    pub control: Vec<Control>,
    #[serde(default)]
    pub missing: Vec<Missing>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Owner {
    Physician,
    Nurse,
    Physiotherapist,
    Dietitian,
    Administrator,
    Manufacturer,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Unverified,
    Signed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    pub kind: Kind,
    pub what: String,
    /// "path of the file test_name"
    pub tests: Vec<String>,
}

/// In the order in which they are to be preferred (ISO 14971).
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Design,
    Test,
    Information,
}

/// No control yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Missing {
    pub what: String,
    pub needs: String,
}

/// Risk by likelihood (very low to very high) and severity (minor to catastrophic): 1 needs nothing, 5 cannot be.
pub(super) const MATRIX: [[u8; 5]; 5] =
    [[1, 1, 2, 2, 3], [1, 2, 2, 3, 4], [2, 2, 3, 3, 4], [2, 3, 3, 4, 5], [3, 4, 4, 5, 5]];

pub(super) fn risk([severity, likelihood]: Estimate) -> u8 {
    MATRIX[likelihood - 1][severity - 1]
}

pub(super) fn folder() -> PathBuf {
    root().join("docs/clinical-safety")
}

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All groups, in the order of the names of their files.
pub(super) fn groups() -> Vec<Group> {
    let entries = fs::read_dir(folder().join("hazards")).expect("the folder of hazards");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let parsed = files
        .iter()
        .map(|file| toml::from_str(&read(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    parsed.collect()
}

pub(super) fn rule_set() -> RuleSet {
    RuleSet::parse(BUILT_IN.as_bytes(), Day::parse("2999-01-01").expect("a day")).expect("the rule set")
}

/// Whether a test of this name is in the file and something runs it: an attribute above it, or a list of cases.
fn is_run(file: &Path, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(file) else { return false };
    let lines: Vec<&str> = text.lines().collect();
    let start = format!("fn {name}(");
    let Some(at) = lines.iter().position(|line| {
        let line = line.trim_start();
        line.strip_prefix("pub(crate) ").unwrap_or(line).trim_start_matches("async ").starts_with(&start)
    }) else {
        return false;
    };
    let above = lines[..at].iter().rev().map(|line| line.trim());
    let mut attributes = above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    let marked = attributes.any(|line| line == "#[test]" || line.starts_with("#[tokio::test"));
    let main = fs::read_to_string(file.with_file_name("main.rs")).unwrap_or_default();
    let mut words = main.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    marked || text.contains(&format!("{name} = \"R-")) || words.any(|word| word == name)
}

#[test]
fn each_control_of_a_hazard_names_tests_that_are_run() {
    let mut wrong = Vec::new();
    let mut named = BTreeSet::new();
    for hazard in groups().iter().flat_map(|group| &group.hazard) {
        if hazard.control.is_empty() && hazard.missing.is_empty() {
            wrong.push(format!("{}: neither a control nor the word that there is none", hazard.id));
        }
        for control in &hazard.control {
            if control.tests.is_empty() {
                wrong.push(format!("{}: no test shows: {}", hazard.id, control.what));
            }
            for test in &control.tests {
                named.insert(test.clone());
                let (file, name) = test.split_once(' ').unwrap_or((test.as_str(), ""));
                if !is_run(&root().join(file), name) {
                    wrong.push(format!("{}: {test}", hazard.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(named.len() > 100, "{} tests are named", named.len());
}

#[test]
fn a_test_that_is_not_there_or_not_run_is_found() {
    let this = root().join("tests/tests/house/safety.rs");
    assert!(is_run(&this, "a_test_that_is_not_there_or_not_run_is_found"));
    assert!(!is_run(&this, "a_test_that_nobody_wrote"));
    assert!(!is_run(&this, "rule_set"), "a function that is no test");
    assert!(!is_run(&root().join("tests/tests/house/no_such_file.rs"), "rule_set"));
    let cases = root().join("server/tests/use_cases/reviews.rs");
    assert!(is_run(&cases, "two_limits_apart"), "a case of a list");
    assert!(is_run(&root().join("care-core/tests/rules/emergency.rs"), "r_gen_1"), "the cases of a rule");
}

#[test]
fn hazards_are_whole() {
    let groups = groups();
    let hazards: Vec<&Hazard> = groups.iter().flat_map(|group| &group.hazard).collect();
    assert!(hazards.len() >= 35, "{} hazards", hazards.len());
    for (number, hazard) in hazards.iter().enumerate() {
        assert_eq!(hazard.id, format!("H-{:02}", number + 1), "numbers are given once, in order");
        for [severity, likelihood] in [hazard.before, hazard.after] {
            assert!((1..=5).contains(&severity) && (1..=5).contains(&likelihood), "{}: 1 to 5", hazard.id);
        }
        assert!(risk(hazard.after) <= risk(hazard.before), "{}: controls that add to a risk", hazard.id);
        assert!(
            risk(hazard.after) < 3 || !hazard.missing.is_empty(),
            "{}: what would lower what is left of the risk?",
            hazard.id
        );
        assert!(
            !hazard.control.is_empty() || hazard.before == hazard.after,
            "{}: nothing lowers a risk without a control",
            hazard.id
        );
        assert!(!hazard.causes.is_empty(), "{}: no cause", hazard.id);
        let controls = hazard.control.iter().map(|control| &control.what);
        let gaps = hazard.missing.iter().flat_map(|missing| [&missing.what, &missing.needs]);
        for text in [&hazard.hazard, &hazard.effect].into_iter().chain(&hazard.causes).chain(controls).chain(gaps) {
            assert!(text.len() > 4 && !text.contains(['|', '\n']), "{}: {text}", hazard.id);
        }
        assert!(hazard.state == State::Unverified, "{}: signatures.md has no place for who signed it", hazard.id);
    }
}

/// What a rule watches for is a hazard, at least where it is an emergency or urgent; and its own cases are a control.
#[test]
fn rules_and_hazards_know_each_other() {
    let set = rule_set();
    let groups = groups();
    let hazards: Vec<&Hazard> = groups.iter().flat_map(|group| &group.hazard).collect();
    let named: BTreeSet<&str> = hazards.iter().flat_map(|hazard| &hazard.rules).map(String::as_str).collect();
    let unknown: Vec<&&str> = named.iter().filter(|rule| set.rule(rule).is_none()).collect();
    assert!(unknown.is_empty(), "no such rule: {unknown:?}");
    let watched: Vec<&str> = set
        .rules()
        .filter(|rule| matches!(rule.severity(), Some(Severity::Emergency | Severity::Urgent)))
        .map(|rule| rule.id.as_str())
        .collect();
    assert!(watched.len() > 30, "{} are emergencies or urgent", watched.len());
    let forgotten: Vec<&&str> = watched.iter().filter(|rule| !named.contains(**rule)).collect();
    assert!(forgotten.is_empty(), "no hazard names: {forgotten:?}");
    let held = |rule: &str| {
        let cases = format!(" {}", rule.to_lowercase().replace('-', "_"));
        let mut hazards = hazards.iter().filter(|hazard| hazard.rules.iter().any(|named| named == rule));
        hazards
            .any(|hazard| hazard.control.iter().flat_map(|control| &control.tests).any(|test| test.ends_with(&cases)))
    };
    let bare: Vec<&&str> = watched.iter().filter(|rule| !held(rule)).collect();
    assert!(bare.is_empty(), "named by hazards, and no control of theirs has the cases of: {bare:?}");
}

#[test]
fn the_pages_of_the_safety_file_are_fresh() {
    for (name, made) in safety_pages::all() {
        let path = folder().join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &made).expect("written");
        }
        let stands = fs::read_to_string(&path).unwrap_or_default();
        assert!(stands == made, "{name} is stale: UPDATE_GOLDEN=1 cargo test -p osteon-tests --test house");
    }
}

/// Whoever uses a form of others, or a number on which guidance disagrees, finds it on its page.
#[test]
fn licences_and_disagreements_name_what_is_used() {
    let words = |page: &str| -> BTreeSet<String> {
        let text = read(&folder().join(page));
        text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).map(str::to_owned).collect()
    };
    let licences = words("licences.md");
    for assessment in catalogue::ALL.iter().filter(|assessment| !assessment.licence.is_empty()) {
        assert!(licences.contains(assessment.id), "licences.md: {} {}", assessment.id, assessment.name);
    }
    let page = words("guidance.md");
    let set = rule_set();
    let thresholds: BTreeSet<&str> =
        set.rules().flat_map(|rule| &rule.thresholds).map(|threshold| threshold.name.as_str()).collect();
    for threshold in &thresholds {
        assert!(page.contains(*threshold), "guidance.md: {threshold}");
    }
}
