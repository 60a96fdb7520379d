//! The file itself: access-core/golden/rpc.txt, as rows that can be asked for one letter, and who asked for which.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use osteon_access_core::{FieldFacts, TypeFacts};
use osteon_proto::{
    LabelId,
    table::{FieldInfo, RecordType, RoleSet},
};

/// What a row is found by: the question, the label with "own" and "other" for accounts, who may by the contract.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    pub(crate) question: String,
    pub(crate) label: String,
    pub(crate) class: String,
}

pub(crate) fn key(question: &str, label: &str, class: &str) -> Key {
    Key { question: question.to_owned(), label: label.to_owned(), class: class.to_owned() }
}

/// One letter of the file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Cell {
    pub(crate) key: Key,
    pub(crate) role: &'static str,
    pub(crate) column: String,
    /// Whose entry it is; `None` where it makes no difference.
    pub(crate) own: Option<bool>,
}

pub(crate) struct Golden {
    /// Which questions an RPC asks.
    pub(crate) rpcs: BTreeMap<String, Vec<String>>,
    pub(crate) columns: Vec<String>,
    rows: BTreeMap<Key, BTreeMap<String, Vec<Vec<u8>>>>,
}

/// A name and a count stand after a class of fields, as an example.
fn class_of(written: &str) -> String {
    match written.splitn(3, ':').collect::<Vec<_>>()[..] {
        [roles, kind, _] => format!("{roles}:{kind}"),
        _ => written.to_owned(),
    }
}

impl Golden {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../access-core/golden/rpc.txt");
        let text = std::fs::read_to_string(path).expect("golden/rpc.txt");
        let (head, cells) = text.split_once("\n[cells]\n").expect("cells");
        let (rpcs, columns) = head.split_once("\n[columns]\n").expect("columns");
        let (_, rpcs) = rpcs.split_once("[rpc]\n").expect("rpcs");
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let rpcs = rpcs.lines().map(words).filter(|words| !words.is_empty());
        let rpcs = rpcs.map(|mut words| (words.remove(0), words)).collect();
        let mut rows = BTreeMap::new();
        for line in cells.lines() {
            let (named, groups) = line.split_once(" | ").expect("a row");
            let [question, label, class] = named.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let group = |group: &str| {
                let (role, letters) = group.split_once('=').expect("a group");
                (role.to_owned(), letters.split('/').map(|letters| letters.as_bytes().to_vec()).collect::<Vec<_>>())
            };
            let row = key(question, label, &class_of(class));
            assert!(rows.insert(row, groups.split(' ').map(group).collect()).is_none(), "twice: {line}");
        }
        Self { rpcs, columns: words(columns), rows }
    }

    pub(crate) fn letter(&self, cell: &Cell) -> Option<char> {
        let groups = self.rows.get(&cell.key)?.get(cell.role)?;
        let column = self.columns.iter().position(|column| *column == cell.column)?;
        let group = if cell.own == Some(false) { groups.get(1)? } else { groups.first()? };
        group.get(column).map(|letter| char::from(*letter))
    }

    /// Every cell of these columns.
    pub(crate) fn cells(&self, columns: &[String]) -> BTreeSet<Cell> {
        let mut all = BTreeSet::new();
        for (key, groups) in &self.rows {
            for (role, column) in super::ROLES.iter().flat_map(|role| columns.iter().map(move |c| (role.short, c))) {
                let each: &[Option<bool>] = if groups[role].len() == 2 { &[Some(true), Some(false)] } else { &[None] };
                let cell = |own: &Option<bool>| Cell { key: key.clone(), role, column: column.clone(), own: *own };
                all.extend(each.iter().map(cell));
            }
        }
        all
    }
}

fn roles(set: RoleSet) -> String {
    let all: Vec<&str> = osteon_access_core::RoleSet::from(set).iter().map(|role| role.short()).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(",") }
}

fn kind(journal: bool, proxy: bool) -> String {
    format!("{}{}", if journal { "journal" } else { "plan" }, if proxy { "+proxy" } else { "" })
}

/// A label as the file spells it, for a reader.
pub(crate) fn label(label: LabelId, reader: u64) -> String {
    let text = label.to_string();
    match text.split_once(':') {
        Some((audience, whose)) if whose == reader.to_string() => format!("{audience}:own"),
        Some((audience, _)) => format!("{audience}:other"),
        None => text,
    }
}

/// The row of a record type under a choice of label, as its author asks.
pub(crate) fn of_type(question: &str, known: &RecordType, choice: u32, author: u64) -> Key {
    let facts = TypeFacts::of(known, choice);
    let labels = known.labels(choice, author).expect("labels");
    let labels: Vec<String> = labels.iter().map(|one| label(*one, author)).collect();
    let class = format!("{}:{}", roles(known.creators_of(choice)), kind(facts.journal, facts.proxy));
    key(question, &labels.join("&"), &class)
}

/// The row of a field.
pub(crate) fn of_field(question: &str, known: &RecordType, field: &FieldInfo, choice: u32, author: u64) -> Key {
    let facts = FieldFacts::of(known, field);
    let one = known.label_of(field.number, choice, author).expect("a label");
    let list = if question == "WRITE" { field.writers } else { field.proposers };
    key(question, &label(one, author), &format!("{}:{}", roles(list), kind(facts.journal, facts.proxy)))
}

/// What was asked on the wire.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) asserted: BTreeSet<Cell>,
    /// Calls by RPC.
    pub(crate) calls: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// The answer of an RPC is the letter of the file.
    #[track_caller]
    pub(crate) fn see(&mut self, golden: &Golden, rpc: &'static str, cell: Cell, seen: char, about: &str) {
        let Some(due) = golden.letter(&cell) else { panic!("no such row: {cell:?}, for {about}") };
        let questions = golden.rpcs.get(rpc).unwrap_or_else(|| panic!("{rpc} is not in the file"));
        let asks = questions.contains(&cell.key.question) || FLAGS.contains(&(rpc, cell.key.question.as_str()));
        assert!(asks, "{rpc} does not ask {}", cell.key.question);
        assert_eq!(due, seen, "{rpc}, {about}: the file says {due}, the wire {seen}: {cell:?}");
        *self.calls.entry(rpc).or_insert(0) += 1;
        self.asserted.insert(cell);
    }
}

/// What an answer tells beside the question that its RPC asks.
const FLAGS: [(&str, &str); 4] = [
    ("RecordService/ExplainRecord", "WRITE"),
    ("RecordService/ExplainRecord", "PROPOSE"),
    ("ConsentService/ExplainAccess", "READ"),
    ("ConsentService/ExplainAccess", "SUMMARY"),
];
