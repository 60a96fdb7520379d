//! What holds for every rule: enough cases, whole texts, inputs that have a carrier and are those that were read,
//! and categories that follow from them. `UPDATE_GOLDEN=1` writes the inputs into the rule set file anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
};

use osteon_care_core::rules::*;
use serde_json::Value;

use crate::{
    cases,
    world::{SET, Want, run},
};

/// Categories that the design names besides those of a rule's inputs, so that an alert reveals no more than it says.
const BESIDES: &[(&str, &str)] = &[
    ("R-MSCC-1", "C03"),
    ("R-MSCC-2", "C03"),
    ("R-FRX-1", "C03"),
    ("R-HYPERCA-3", "C04"),
    ("R-FALL-1", "C06"),
    ("R-EX-5", "C06"),
    ("R-SWELL-1", "C08"),
    ("R-NEUR-1", "C08"),
    ("R-PAIN-4", "C06"),
    ("R-NUT-2", "C06"),
    ("R-NUT-6", "C04"),
    ("R-NUT-9", "C07"),
    ("R-DXA-2", "C04"),
    ("R-TRIAL-1", "C04"),
];

pub(crate) fn crate_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

#[test]
fn every_rule_has_cases_that_fire_and_that_do_not() {
    let cases: BTreeMap<_, _> = cases().into_iter().collect();
    for rule in SET.rules() {
        let cases = cases.get(rule.id.as_str()).unwrap_or_else(|| panic!("{} has no cases", rule.id));
        let fires = cases.iter().filter(|case| matches!(case.want, Want::Fires(_))).count();
        assert!(cases.len() >= 3, "{} has {} cases", rule.id, cases.len());
        assert!(fires > 0 && fires < cases.len(), "{}: {fires} of {} fire", rule.id, cases.len());
    }
}

#[test]
fn texts_name_no_placeholder_that_no_case_fills() {
    // `check` renders each alert of each case; here: each rule was rendered at least once, so each text was.
    for (rule, cases) in cases() {
        let rendered = cases.iter().any(|case| !run(rule, case).fires.is_empty());
        assert!(rendered, "{rule} was never rendered");
    }
}

fn reads() -> BTreeMap<&'static str, InputSet> {
    let union = |(rule, cases): (&'static str, Vec<crate::world::Case>)| {
        (rule, cases.iter().fold(InputSet::default(), |all, case| all.union(run(rule, case).reads)))
    };
    cases().into_iter().map(union).collect()
}

#[test]
fn declared_inputs_are_those_that_the_cases_read() {
    let reads = reads();
    if updating() {
        return update_rule_set(&reads);
    }
    for (rule, read) in reads {
        assert_eq!(SET.inputs(rule), read, "{rule}: UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test rules");
    }
}

fn update_rule_set(reads: &BTreeMap<&'static str, InputSet>) {
    let path = crate_dir().join("rules/rules.json");
    let mut file: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("file")).expect("JSON");
    for rule in file["rules"].as_array_mut().expect("rules") {
        let id = rule["id"].as_str().expect("id").to_owned();
        let names: Vec<&str> =
            reads.get(id.as_str()).into_iter().flat_map(InputSet::iter).map(Input::variant).collect();
        rule["inputs"] = names.into();
    }
    std::fs::write(path, sealed(file.to_string().as_bytes()).expect("sealed")).expect("written");
}

/// (record type, field) → categories, one choice of which its label has.
type Fields = BTreeMap<(String, String), Vec<BTreeSet<String>>>;

/// Fields with their categories, and the records of the house.
fn field_categories() -> (Fields, BTreeSet<String>) {
    let text = std::fs::read_to_string(crate_dir().join("tests/data/field_categories.json")).expect("data");
    let data: Value = serde_json::from_str(&text).expect("JSON");
    let word = |value: &Value| value.as_str().expect("text").to_owned();
    let fields = data["fields"].as_array().expect("fields").iter();
    let fields = fields.map(|row| ((word(&row[0]), word(&row[1])), choices(&word(&row[2])))).collect();
    (fields, data["house"].as_array().expect("house").iter().map(word).collect())
}

/// "C06+C13" is one choice of two categories; "choice: C05|C03" and "by kind: labs C05, …" are several choices.
fn choices(text: &str) -> Vec<BTreeSet<String>> {
    let category =
        |word: &str| word.starts_with('C') && word.len() == 3 && word[1..].bytes().all(|b| b.is_ascii_digit());
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| category(word)).map(str::to_owned);
    if text.starts_with("choice") || text.starts_with("by kind") {
        words.map(|word| BTreeSet::from([word])).collect()
    } else {
        vec![words.collect()]
    }
}

#[test]
fn every_input_has_a_carrier() {
    let (fields, house) = field_categories();
    for input in Input::ALL.iter().copied() {
        match input.carrier() {
            Carrier::Field(record, field) => {
                assert!(fields.contains_key(&(record.into(), field.into())), "{record}.{field} is no field");
            }
            Carrier::Derived(what, from) => assert!(!from.is_empty(), "{what} is computed from nothing"),
            Carrier::House(record, _) => assert!(house.contains(record), "{record} is no record of the house"),
            Carrier::Envelope(_, at) | Carrier::Sync(_, at) => assert!(!at.is_empty()),
        }
    }
}

/// What a rule's categories must be, as far as its inputs say: (surely, one of each).
fn computed(rule: &str) -> (BTreeSet<String>, Vec<Vec<BTreeSet<String>>>) {
    let (fields, _) = field_categories();
    let (mut sure, mut open) = (BTreeSet::new(), Vec::new());
    for (record, field) in SET.inputs(rule).iter().flat_map(Input::fields) {
        match fields.get(&(record.to_owned(), field.to_owned())).map(Vec::as_slice) {
            Some([one]) => sure.extend(one.iter().cloned()),
            Some(several) => open.push(several.to_vec()),
            None => {}
        }
    }
    (sure, open)
}

#[test]
fn categories_follow_from_the_inputs() {
    let mut wrong = String::new();
    for rule in SET.rules().filter(|rule| rule.categories != ["*"]) {
        let declared: BTreeSet<String> = rule.categories.iter().cloned().collect();
        let (sure, open) = computed(&rule.id);
        let missing: Vec<_> = sure.difference(&declared).collect();
        if !missing.is_empty() {
            writeln!(wrong, "{}: an input has {missing:?}, the rule does not", rule.id).expect("text");
        }
        if !open.iter().all(|choices| choices.iter().any(|choice| choice.is_subset(&declared))) {
            writeln!(wrong, "{}: no label of {open:?} fits", rule.id).expect("text");
        }
        let chosen: BTreeSet<String> = open.into_iter().flatten().flatten().collect();
        for more in declared.iter().filter(|one| !sure.contains(*one) && !chosen.contains(*one)) {
            if !BESIDES.contains(&(rule.id.as_str(), more.as_str())) {
                writeln!(wrong, "{}: {more} comes from no input", rule.id).expect("text");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
