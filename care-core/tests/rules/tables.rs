//! The generated tables: docs/rules.md (each rule with source, state, severity, who is told, inputs) and
//! docs/rule-inputs.md (each input with its carrier and the rules that read it), docs/codes.md (the codes that fields of text
//! take). `UPDATE_GOLDEN=1` writes them anew.

use std::fmt::Write as _;

use osteon_care_core::{
    rules::*,
    vocabulary::{CODED, Codes},
};
use osteon_proto::table::table;

use crate::{
    all_rules::{crate_dir, updating},
    world::SET,
};

fn same(name: &str, made: &str) {
    let path = crate_dir().join("../docs").join(name);
    if updating() {
        std::fs::write(&path, made).expect("written");
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stands == made, "docs/{name} is stale: UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test rules");
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn state(state: State) -> &'static str {
    match state {
        State::Verified => "verified",
        State::Secondary => "secondary",
        State::Unverified => "unverified",
    }
}

#[test]
fn the_table_of_rules_is_fresh() {
    let mut out = String::from(
        "# Alert rules\n\nGenerated from `care-core/rules/rules.json` and the inputs that each trigger reads: do not edit. \
         Decision support only: no rule is a diagnosis, none says that all is well, and none was reviewed by a clinician \
         yet. State: *verified* = seen in the source, *secondary* = seen in a secondary text, *unverified* = from general \
         knowledge or our own default; a clinician must approve it before use. Severity is the base; raises stand in the \
         triggers (`care-core/src/rules/topics`). What a clinician must sign: \
         [clinical-safety/signatures.md](clinical-safety/signatures.md).\n\n",
    );
    writeln!(out, "Rule set version {}, published {}, {} rules.\n", SET.version, SET.published, SET.rules().count())
        .expect("text");
    out.push_str("| Rule | Severity | Told | Categories | Source | State | A clinic may set | Inputs |\n");
    out.push_str("|---|---|---|---|---|---|---|---|\n");
    for rule in SET.rules() {
        let inputs: Vec<String> = SET.inputs(&rule.id).iter().map(Input::name).collect();
        let thresholds: Vec<String> = rule.thresholds.iter().map(threshold).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            rule.id,
            rule.severity_word(),
            rule.notify.join(" "),
            rule.categories.join(" "),
            cell(&rule.source.text),
            state(rule.source.state),
            thresholds.join("; "),
            inputs.join(", "),
        )
        .expect("text");
    }
    out.push_str(
        "\n## Checks across fields\n\nRun after each merge over what two people wrote apart (`care-core/src/together/checks.rs`); each \
         finding is a review, settled by a person.\n\n| Check | Severity | What contradicts | Source | State |\n|---|---|---|---|---|\n",
    );
    for check in osteon_care_core::together::CHECKS {
        let (severity, source) = (format!("{:?}", check.severity).to_lowercase(), check.source.key);
        let state = check.source.state.as_str_name().trim_start_matches("SOURCE_STATE_").to_lowercase();
        writeln!(out, "| {} | {severity} | {} | {source} | {state} |", check.id, check.title).expect("text");
    }
    same("rules.md", &out);
}

fn threshold(threshold: &Threshold) -> String {
    let allowed: Vec<String> = threshold.allowed.iter().map(i64::to_string).collect();
    format!("{} = {} of {} [{}]", threshold.name, threshold.value, allowed.join(", "), threshold.unit)
}

#[test]
fn the_table_of_inputs_is_fresh() {
    let mut out = String::from(
        "# Inputs of the rules and their carriers\n\nGenerated from `care-core/src/rules/inputs.rs` and the inputs that \
         each trigger reads in its cases: do not edit. A test fails if an input has no carrier in the field table, or if \
         a trigger reads what its rule does not declare.\n\n| Input | Carrier | Read by |\n|---|---|---|\n",
    );
    for input in Input::ALL.iter().copied() {
        let readers: Vec<&str> =
            SET.rules().filter(|rule| SET.inputs(&rule.id).contains(input)).map(|rule| rule.id.as_str()).collect();
        let carrier = match input.carrier() {
            Carrier::Field(record, field) => format!("{record} `{field}`"),
            Carrier::Derived(what, from) => {
                let from: Vec<String> = from.iter().map(|input| input.name()).collect();
                format!("{what}, of {}", from.join(", "))
            }
            Carrier::Envelope(what, at) => format!("`{what}` of the entry ({at})"),
            Carrier::House(record, what) => format!("{record}, {what}"),
            Carrier::Sync(what, at) => format!("sync: {what} ({at})"),
        };
        writeln!(out, "| {} | {carrier} | {} |", input.variant(), readers.join(" ")).expect("text");
    }
    same("rule-inputs.md", &out);
}

#[test]
fn the_page_of_codes_is_fresh() {
    let mut out = String::from(
        "# Codes\n\nGenerated from `care-core/src/facts/codes.rs`: do not edit. What programs write into fields of text that rules \
         read. A code that stands here is understood; another one is stored and shown, and the rules that ask about it \
         cannot tell; whoever writes one is asked whether it is right (CODE_UNKNOWN).\n",
    );
    let lists = [
        ("Red flags", Codes::Signs, ""),
        (
            "Places of the body",
            Codes::Sites,
            "; the codes of SNOMED CT that stand for them are taken as well. Other words for places, with or without a side, are \
             kept and shown, and no rule asks about them",
        ),
        ("Bone drugs", Codes::Agents, "; their ATC codes are taken as well"),
        (
            "Analytes",
            Codes::Analytes,
            "; their LOINC numbers are taken as well. A T-score is one of these three sites: another code that begins so is refused \
             (`SITE_UNKNOWN`)",
        ),
    ];
    for (title, codes, besides) in lists {
        let fields = CODED.iter().filter(|(_, _, of)| *of == codes).map(|(record, field, _)| {
            let member = table().by_name(record).map(|known| known.member.as_str()).unwrap_or_default();
            format!("`{member}.{field}`")
        });
        let fields: Vec<String> = fields.collect();
        let _ = write!(out, "\n## {title}\n{}{besides}\n\n", fields.join(", "));
        codes.list().iter().for_each(|code| _ = writeln!(out, "- `{code}`"));
    }
    same("codes.md", &out);
}
