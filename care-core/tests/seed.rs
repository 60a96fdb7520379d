//! Every system of the seed article (care specification, section 1: 122 rows) has a carrier: records and fields say so in
//! the contracts (`osteon.meta.v1.RecordRule.carries`), rules, assessments and targets in `data/seed.json`. The page
//! `docs/seed-coverage.md` is made of both; `UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test seed` writes it anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::PathBuf,
};

use osteon_proto::table::table;
use serde_json::Value;

/// Systems of section 1's table.
const SYSTEMS: u64 = 122;

fn seed() -> Value {
    serde_json::from_str(include_str!("data/seed.json")).expect("seed.json")
}

/// The rule set as data: ids alone.
fn rule_ids() -> BTreeSet<String> {
    let all: Value = serde_json::from_str(include_str!("../rules/rules.json")).expect("rules.json");
    let rules = all["rules"].as_array().expect("rules");
    rules.iter().filter_map(|rule| rule["id"].as_str()).map(str::to_owned).collect()
}

/// What carries each system, kind by kind: (records and fields, rules, assessments, targets).
type Carriers = BTreeMap<u64, [Vec<String>; 4]>;

fn of_contracts(found: &mut Carriers) {
    for t in table().types() {
        for carried in &t.carries {
            for f in &carried.fields {
                assert!(t.field_by_name(f).is_some(), "{} carries something by {f}, which it has not", t.name);
            }
            let fields: Vec<String> = carried.fields.iter().map(|f| format!("{}.{f}", t.name)).collect();
            for system in &carried.systems {
                let row = &mut found.entry(u64::from(*system)).or_default()[0];
                if fields.is_empty() { row.push(t.name.clone()) } else { row.extend(fields.iter().cloned()) }
            }
        }
    }
}

fn of_data(found: &mut Carriers) {
    let seed = seed();
    for (place, kind) in ["rules", "assessments", "targets"].into_iter().enumerate() {
        for (id, systems) in seed[kind].as_object().expect("a table") {
            for system in systems.as_array().expect("a list").iter().filter_map(Value::as_u64) {
                found.entry(system).or_default()[place + 1].push(id.clone());
            }
        }
    }
}

fn carriers() -> Carriers {
    let mut found = Carriers::new();
    of_contracts(&mut found);
    of_data(&mut found);
    found
}

/// Systems that nothing carries: an idea of the seed that would be lost. A target alone carries none: it is a number.
fn bare(carriers: &Carriers) -> Vec<u64> {
    let carried = |n: &u64| carriers.get(n).is_some_and(|row| row[..3].iter().any(|kind| !kind.is_empty()));
    (1..=SYSTEMS).filter(|n| !carried(n)).collect()
}

#[test]
fn no_system_is_without_a_carrier() {
    let all = carriers();
    assert_eq!(bare(&all), [0; 0]);
    assert!(all.keys().all(|n| (1..=SYSTEMS).contains(n)), "a carrier of a system that the seed has not");
    // And a system that loses its carriers is found out, whichever it is.
    for n in 1..=SYSTEMS {
        let mut one = all.clone();
        one.remove(&n);
        assert_eq!(bare(&one), [n]);
    }
}

#[test]
fn the_list_of_systems_is_whole_and_names_what_is_there() {
    let seed = seed();
    let systems = seed["systems"].as_array().expect("systems");
    let numbers: Vec<u64> = systems.iter().filter_map(|s| s["n"].as_u64()).collect();
    assert!(numbers.into_iter().eq(1..=SYSTEMS));
    let ids = rule_ids();
    assert_eq!(ids.len(), 114);
    for rule in seed["rules"].as_object().expect("rules").keys() {
        assert!(ids.contains(rule), "{rule} is no rule of the rule set");
    }
    let within = |kind: &str, letter: char, last: u32| {
        for id in seed[kind].as_object().expect("a table").keys() {
            let number = id.strip_prefix(letter).and_then(|n| n.parse::<u32>().ok());
            assert!(number.is_some_and(|n| (1..=last).contains(&n)), "{id}");
        }
    };
    within("assessments", 'A', 24);
    within("targets", 'T', 9);
}

fn page() -> String {
    let (seed, all) = (seed(), carriers());
    let mut out = String::from(
        "# What carries each system of the seed\n\n\
         Generated from the contracts (`RecordRule.carries`) and `care-core/tests/data/seed.json`: do not edit. A test fails if a\n\
         system has no carrier. H is title and subtitle of the seed article, P1 to P12 its paragraphs; J are journal entries, P-\n\
         plans and records, R- rules ([rules.md](rules.md)), A assessments, T targets.\n\n\
         | # | Seed | System | Records and fields | Rules | Assessments | Targets |\n|---|---|---|---|---|---|---|\n",
    );
    for system in seed["systems"].as_array().expect("systems") {
        let n = system["n"].as_u64().expect("a number");
        let text = |key: &str| system[key].as_str().expect("a text");
        let row = all.get(&n).cloned().unwrap_or_default();
        let cells: Vec<String> = row.iter().map(|kind| kind.join(", ")).collect();
        let _ = writeln!(out, "| {n} | {} | {} | {} |", text("seed"), text("system"), cells.join(" | "));
    }
    out
}

#[test]
fn the_page_is_fresh() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/seed-coverage.md");
    let text = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).expect("writing");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "docs/seed-coverage.md is stale: UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test seed"
    );
}
