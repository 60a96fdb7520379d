//! The lines of the table: every question about every label and class of fields that the contracts have.

use std::collections::BTreeMap;

use osteon_access_core::{Category, FieldFacts, LabelId, LabelView, RoleSet, TypeFacts};
use osteon_proto::table::table;

/// Whose account a label names in this table.
pub(crate) const VIEWER: u64 = 7;
/// Somebody else.
pub(crate) const OTHER: u64 = 8;

#[derive(Clone, Debug)]
pub(crate) enum Facts {
    Read,
    Summary(Category),
    Create(TypeFacts),
    Write(FieldFacts),
    Propose(FieldFacts),
    End(TypeFacts),
    /// To somebody else, to oneself, the proxy.
    Grant(&'static str),
    /// Whether one speaks for the patient; whether one may break glass.
    Speak,
    Glass,
}

#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) question: &'static str,
    pub(crate) label: String,
    /// What tells lines of one label apart, and an example.
    pub(crate) class: String,
    /// All are needed.
    pub(crate) labels: Vec<LabelId>,
    pub(crate) facts: Facts,
}

impl Cell {
    pub(crate) fn key(&self) -> String {
        format!("{} {} {}", self.question, self.label, self.class)
    }
}

fn name(label: LabelId) -> String {
    label.to_string().replace(&format!(":{VIEWER}"), ":own").replace(&format!(":{OTHER}"), ":other")
}

fn roles(set: RoleSet) -> String {
    let all: Vec<&str> = set.iter().map(|role| role.short()).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(",") }
}

fn kind(journal: bool, proxy: bool) -> String {
    format!("{}{}", if journal { "journal" } else { "plan" }, if proxy { "+proxy" } else { "" })
}

/// Labels under every choice, each with its choice.
fn choices(record: &osteon_proto::table::RecordType) -> Vec<u32> {
    if record.label_choice.is_empty() { vec![0] } else { (1..=record.label_choice.len() as u32).collect() }
}

pub(crate) fn cells() -> Vec<Cell> {
    let mut all = readings();
    all.extend(types());
    all.extend(fields());
    let plain = |question, class: &str, facts| Cell {
        question,
        label: "-".to_owned(),
        class: class.to_owned(),
        labels: Vec::new(),
        facts,
    };
    for to in ["other", "itself", "proxy"] {
        all.push(plain("GRANT", to, Facts::Grant(to)));
    }
    all.push(plain("SPEAK", "-", Facts::Speak));
    all.push(plain("GLASS", "-", Facts::Glass));
    all
}

/// Every category alone, for everybody and for the reader by name; and every label of the contracts.
fn readings() -> Vec<Cell> {
    let mut labels: Vec<LabelId> = vec![LabelId::ALL_MEMBERS, LabelId::unknown(VIEWER), LabelId::unknown(OTHER)];
    for category in Category::all() {
        let bits = u64::from(category.bit().0);
        labels.push(LabelView::all(category.bit()));
        labels.extend([VIEWER, OTHER].map(|account| LabelId(bits | 2 << 24 | account << 32)));
    }
    for record in table().types() {
        for choice in choices(record) {
            for account in [VIEWER, OTHER] {
                labels.extend(record.labels(choice, account).expect("labels"));
            }
        }
    }
    labels.sort_unstable();
    labels.dedup();
    let mut all = Vec::new();
    for question in ["READ", "HOLD"] {
        all.extend(labels.iter().map(|label| Cell {
            question,
            label: name(*label),
            class: "-".to_owned(),
            labels: vec![*label],
            facts: Facts::Read,
        }));
    }
    all.extend(Category::all().map(|category| Cell {
        question: "SUMMARY",
        label: format!("C{:02}", category.number()),
        class: "-".to_owned(),
        labels: vec![LabelView::all(category.bit())],
        facts: Facts::Summary(category),
    }));
    all
}

fn types() -> Vec<Cell> {
    let mut found: BTreeMap<(&'static str, String, String), (Cell, Vec<String>)> = BTreeMap::new();
    for record in table().types() {
        for choice in choices(record) {
            let facts = TypeFacts::of(record, choice);
            let labels = record.labels(choice, VIEWER).expect("labels");
            let label = labels.iter().map(|label| name(*label)).collect::<Vec<_>>().join("&");
            let opens = if facts.opens { "+opens" } else { "" };
            let class = format!("{}:{}{opens}", roles(facts.creators), kind(facts.journal, facts.proxy));
            for (question, facts) in [("CREATE", Facts::Create(facts)), ("END", Facts::End(facts))] {
                let made = || {
                    let cell =
                        Cell { question, label: label.clone(), class: class.clone(), labels: labels.clone(), facts };
                    (cell, Vec::new())
                };
                let names = &mut found.entry((question, label.clone(), class.clone())).or_insert_with(made).1;
                names.push(record.name.clone());
            }
        }
    }
    found.into_values().map(named).collect()
}

fn fields() -> Vec<Cell> {
    let mut found: BTreeMap<(&'static str, String, String), (Cell, Vec<String>)> = BTreeMap::new();
    for record in table().types() {
        for choice in choices(record) {
            for field in &record.shape.fields {
                let facts = FieldFacts::of(record, field);
                let label = record.label_of(field.number, choice, VIEWER).expect("a label");
                let lists = [
                    ("WRITE", facts.writers, Facts::Write(facts)),
                    ("PROPOSE", facts.proposers, Facts::Propose(facts)),
                ];
                for (question, list, facts_of) in lists {
                    let class = format!("{}:{}", roles(list), kind(facts.journal, facts.proxy));
                    let made = || {
                        let cell = Cell {
                            question,
                            label: name(label),
                            class: class.clone(),
                            labels: vec![label],
                            facts: facts_of,
                        };
                        (cell, Vec::new())
                    };
                    let names = &mut found.entry((question, name(label), class.clone())).or_insert_with(made).1;
                    names.push(format!("{}.{}", record.name, field.name));
                }
            }
        }
    }
    found.into_values().map(named).collect()
}

/// Says after the class what it stands for: the first, and how many.
fn named((mut cell, mut names): (Cell, Vec<String>)) -> Cell {
    names.dedup();
    cell.class = format!("{}:{}({})", cell.class, names[0], names.len());
    cell
}
