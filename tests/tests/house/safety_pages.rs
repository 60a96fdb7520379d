//! The pages of docs/clinical-safety that are made: hazard-log.md of the hazards, signatures.md of what no source
//! covers, sources.md of the sources and who uses them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use osteon_care_core::{
    assess::{Assessment, catalogue},
    rules::{Rule, RuleSet, Settings, State as Sure},
    targets,
    together::CHECKS,
};
use osteon_proto::{meta::SourceState, table::table};
use serde::Deserialize;

use super::safety::{Estimate, Group, Hazard, Kind, MATRIX, Owner, State, folder, groups, read, risk, rule_set};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sources {
    source: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    key: String,
    what: String,
    seen: String,
    state: String,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signatures {
    item: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    what: String,
    stands: String,
    role: String,
}

/// (file, text) of each.
pub(super) fn all() -> [(&'static str, String); 3] {
    let set = rule_set();
    [("hazard-log.md", hazard_log(&groups())), ("signatures.md", signatures(&set)), ("sources.md", sources(&set))]
}

const MADE: &str = "do not edit (`UPDATE_GOLDEN=1 cargo test -p osteon-tests --test house`)";
const SEVERITIES: [&str; 5] = ["minor", "significant", "considerable", "major", "catastrophic"];
const LIKELIHOODS: [&str; 5] = ["very low", "low", "medium", "high", "very high"];

macro_rules! say {
    ($out:expr, $($text:tt)*) => { writeln!($out, $($text)*).expect("text") };
}

fn estimate(of: Estimate) -> String {
    format!("{} × {}: **{}**", SEVERITIES[of[0] - 1], LIKELIHOODS[of[1] - 1], risk(of))
}

fn cell(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.replace('|', "\\|") }
}

fn hazard_log(groups: &[Group]) -> String {
    let mut out = format!("# Hazard log\n\nGenerated from `docs/clinical-safety/hazards/`: {MADE}.\n\n");
    out.push_str(
        "Every estimate here is our own, **unverified until a clinician signs it** ([signatures.md](signatures.md)). \
         A control counts only with a test that shows it; what has none stands under *no control yet*, with what it would \
         take. Where the risk that is left is 3 or more, something is named that would lower it.\n\n\
         ## Risk\n\nSeverity of the harm by its likelihood, in the shape of DCB0129: 1 needs nothing more, 2 is accepted \
         when lowering it costs more than it gives, 3 is undesirable, 4 must be lowered, 5 cannot be accepted. The numbers of \
         this matrix are to be replaced by those of the organisation that uses Osteon.\n\n",
    );
    say!(out, "| | {} |\n|---|---|---|---|---|---|", SEVERITIES.join(" | "));
    for (row, likelihood) in MATRIX.iter().zip(LIKELIHOODS).rev() {
        let row: Vec<String> = row.iter().map(u8::to_string).collect();
        say!(out, "| **{likelihood}** | {} |", row.join(" | "));
    }
    out.push_str(
        "\n*Minor*: an inconvenience. *Significant*: a harm that passes by itself. *Considerable*: a harm that needs treatment. \
         *Major*: lasting harm. *Catastrophic*: death.\n\n## All hazards\n\n",
    );
    say!(out, "| | Hazard | before | after | no control yet |\n|---|---|---|---|---|");
    for hazard in groups.iter().flat_map(|group| &group.hazard) {
        let gaps = if hazard.missing.is_empty() { String::from("–") } else { hazard.missing.len().to_string() };
        let (id, name) = (&hazard.id, cell(&hazard.hazard));
        say!(out, "| {id} | {name} | {} | {} | {gaps} |", risk(hazard.before), risk(hazard.after));
    }
    for group in groups {
        say!(out, "\n## {}", group.group);
        for hazard in &group.hazard {
            entry(&mut out, hazard);
        }
    }
    out
}

fn entry(out: &mut String, hazard: &Hazard) {
    let owner = match hazard.owner {
        Owner::Physician => "physician",
        Owner::Nurse => "nurse coordinator",
        Owner::Physiotherapist => "physiotherapist",
        Owner::Dietitian => "dietitian",
        Owner::Administrator => "clinic's administrator",
        Owner::Manufacturer => "maker of Osteon",
    };
    let state = match hazard.state {
        State::Unverified => "our own estimate, unverified",
        State::Signed => "signed",
    };
    say!(out, "\n### {} {}\n", hazard.id, hazard.hazard);
    say!(out, "- **Effect on a person**: {}", hazard.effect);
    say!(out, "- **Causes**: {}", hazard.causes.join("; "));
    if !hazard.rules.is_empty() {
        say!(out, "- **Rules**: {}", hazard.rules.join(", "));
    }
    say!(out, "- **Before**: {}. **After**: {}", estimate(hazard.before), estimate(hazard.after));
    say!(out, "- **Owner**: {owner}. **State**: {state}");
    if !hazard.control.is_empty() {
        say!(out, "\n| control | | tests |\n|---|---|---|");
    }
    for control in &hazard.control {
        let kind = match control.kind {
            Kind::Design => "design",
            Kind::Test => "test",
            Kind::Information => "information",
        };
        let tests: Vec<String> = control.tests.iter().map(|test| linked(test)).collect();
        say!(out, "| {} | {kind} | {} |", control.what, tests.join("<br>"));
    }
    if !hazard.missing.is_empty() {
        say!(out, "\n**No control yet:**");
    }
    for missing in &hazard.missing {
        say!(out, "- {} *Needed*: {}", missing.what, missing.needs);
    }
}

fn linked(test: &str) -> String {
    let (file, name) = test.split_once(' ').unwrap_or((test, ""));
    format!("[`{name}`](../../{file})")
}

fn sure(state: Sure) -> &'static str {
    match state {
        Sure::Verified => "verified",
        Sure::Secondary => "secondary",
        Sure::Unverified => "unverified",
    }
}

/// What stands on nothing but us: our own design, the seed article, or a number that nobody has seen in its source.
fn stands_on_us(rule: &Rule) -> bool {
    let text = rule.source.text.to_lowercase();
    let ours = ["design", "seed", "ours", "unverified", "local default"];
    rule.source.state == Sure::Unverified || rule.source.keys.is_empty() || ours.iter().any(|word| text.contains(word))
}

fn signatures(set: &RuleSet) -> String {
    let items: Signatures = toml::from_str(&read(&folder().join("signatures.toml"))).expect("signatures.toml");
    let mut out = format!(
        "# What a clinician must sign\n\nGenerated from `docs/clinical-safety/signatures.toml`, the rule set, the assessments, the targets and the \
         field table: {MADE}. A signature is put on a printed or exported copy of this page, with the rule set's version.\n\n\
         **Nothing on this page has been signed.** Care specification, section 8.1: none of it may be used for care before.\n\n"
    );
    say!(out, "Rule set version {}, published {}, checksum `{}`.\n", set.version, set.published, set.checksum);
    say!(
        out,
        "## In general\n\n| | What | Where it stands | Who | Name | Date | Signature |\n|---|---|---|---|---|---|---|"
    );
    for (number, item) in items.item.iter().enumerate() {
        say!(out, "| S-{:02} | {} | {} | {} | | | |", number + 1, item.what, item.stands, item.role);
    }
    let (ours, sourced): (Vec<&Rule>, Vec<&Rule>) = set.rules().partition(|rule| stands_on_us(rule));
    say!(
        out,
        "\n## Rules that stand on our own design, the seed article or an unverified number ({})\n\nBesides severity and \
         texts, what the source does not say is to be decided here.\n",
        ours.len()
    );
    rules(&mut out, &ours);
    say!(
        out,
        "\n## Rules with a source ({}): severity and texts\n\nThe source says what; how urgent it is and in which words is ours.\n",
        sourced.len()
    );
    rules(&mut out, &sourced);
    say!(
        out,
        "\n## Parts of assessments that no source covers\n\n| | Assessment | Part | Key | State | Name | Date |\n|---|---|---|---|---|---|---|"
    );
    for assessment in catalogue::ALL {
        for (what, key, state) in uses(assessment).filter(|(_, _, state)| *state != SourceState::Verified) {
            let state = catalogue::state_word(state);
            say!(out, "| {} | {} | {} | {key} | {state} | | |", assessment.id, assessment.name, cell(what));
        }
    }
    say!(
        out,
        "\n## Targets whose value was not seen in its source\n\n| Row | Target | Value | For whom | Key | State | Name | Date |\n|---|---|---|---|---|---|---|---|"
    );
    for target in targets::all() {
        for source in target.sources.iter().filter(|source| source.state != SourceState::Verified) {
            let (row, id, whom) = (target.row, target.id, target.whom());
            let state = catalogue::state_word(source.state);
            say!(
                out,
                "| {row} | `{id}` | {} | {} | {} | {state} | | |",
                cell(&target.words()),
                cell(&whom),
                source.key
            );
        }
    }
    say!(
        out,
        "\n## Checks across fields\n\nWhat two people wrote apart and does not fit together, after each merge: that it is a contradiction, and how urgent it is.\n\n| Check | What | Severity | Key | State | Name | Date |\n|---|---|---|---|---|---|---|"
    );
    for check in CHECKS.iter().filter(|check| check.source.state != SourceState::Verified) {
        let (severity, state) =
            (format!("{:?}", check.severity).to_lowercase(), catalogue::state_word(check.source.state));
        say!(out, "| {} | {} | {severity} | {} | {state} | | |", check.id, check.title, check.source.key);
    }
    say!(
        out,
        "\n## Fields that are ours (design)\n\nOf sections 2.4 and 3: no form, guideline or label asks for them in this way.\n\n| Record | Fields | Name | Date |\n|---|---|---|---|"
    );
    for record in table().types() {
        let fields: Vec<String> =
            record.shape.fields.iter().filter(|field| field.design).map(|field| format!("`{}`", field.name)).collect();
        if !fields.is_empty() {
            say!(out, "| {} | {} | | |", record.name, fields.join(" "));
        }
    }
    out
}

fn rules(out: &mut String, rules: &[&Rule]) {
    say!(
        out,
        "| Rule | Severity | Source | State | Thresholds | Patient's text | Clinician's text | Name | Date |\n|---|---|---|---|---|---|---|---|---|"
    );
    for rule in rules {
        let thresholds: Vec<String> =
            rule.thresholds.iter().map(|t| format!("{} = {} {}", t.name, t.value, t.unit)).collect();
        say!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | | |",
            rule.id,
            rule.severity_word(),
            cell(&rule.source.text),
            sure(rule.source.state),
            cell(&thresholds.join("; ")),
            cell(&rule.patient_text),
            cell(&rule.clinician_reason),
        );
    }
}

/// (what of it, key, state) of an assessment and its parts.
fn uses(assessment: &'static Assessment) -> impl Iterator<Item = (&'static str, &'static str, SourceState)> {
    let own = ("the whole", assessment.source.key, assessment.source.state);
    std::iter::once(own).chain(assessment.parts.iter().map(|part| (part.what, part.key, part.state)))
}

/// Keys that name no source.
const NO_SOURCE: [&str; 5] = ["design", "common knowledge", "ours", "common", "unnamed"];

fn sources(set: &RuleSet) -> String {
    let listed: Sources = toml::from_str(&read(&folder().join("sources.toml"))).expect("sources.toml");
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in set.rules() {
        for key in &rule.source.keys {
            used.entry(key).or_default().insert(&rule.id);
        }
    }
    for assessment in catalogue::ALL {
        for (_, key, _) in uses(assessment) {
            used.entry(key).or_default().insert(assessment.id);
        }
    }
    for target in targets::all() {
        for source in target.sources {
            used.entry(source.key).or_default().insert(target.row);
        }
    }
    for value in targets::switches(set, &Settings::default()).iter().flat_map(|one| &one.values) {
        for said in value.said_by.iter().filter(|said| !NO_SOURCE.contains(&said.key)) {
            used.entry(said.key).or_default();
        }
    }
    let states = ["verified", "secondary", "unverified"];
    let known: BTreeSet<&str> = listed.source.iter().map(|source| source.key.as_str()).collect();
    assert_eq!(known.len(), listed.source.len(), "a key stands twice in sources.toml");
    assert!(listed.source.iter().all(|source| states.contains(&source.state.as_str())), "a state of sources.toml");
    let unknown: Vec<_> = used.keys().filter(|key| !known.contains(**key) && !NO_SOURCE.contains(*key)).collect();
    assert!(unknown.is_empty(), "used, and not in sources.toml: {unknown:?}");
    let mut out = format!(
        "# Sources\n\nGenerated from `docs/clinical-safety/sources.toml`, the rule set, the assessments and the targets: {MADE}. Keys are those of \
         the care specification, section 9. *Verified*: the figure was seen in the source, or in a copy of it. *Secondary*: in a text about it. \
         *Unverified*: not seen. The state of one rule or score can be lower than that of its source: [rules.md](../rules.md), \
         [assessments.md](../assessments.md) and [targets.md](../targets.md) (T1 to T10, G: gaps) show it for each. Seen is where whoever wrote the specification saw it: a clinician reads the original before signing.\n\n"
    );
    let count = |state: &str| listed.source.iter().filter(|source| source.state == state).count();
    let of_rules = |state: Sure| set.rules().filter(|rule| rule.source.state == state).count();
    say!(out, "| | sources | rules |\n|---|---|---|");
    for (word, state) in states.iter().zip([Sure::Verified, Sure::Secondary, Sure::Unverified]) {
        say!(out, "| {word} | {} | {} |", count(word), of_rules(state));
    }
    say!(out, "\n| Key | What | Seen | State | Note | Used by |\n|---|---|---|---|---|---|");
    for source in &listed.source {
        let users = used.get(source.key.as_str()).into_iter().flatten().copied().collect::<Vec<_>>().join(" ");
        let users = if users.is_empty() { String::from("no rule, assessment or target") } else { users };
        let (key, note) = (&source.key, cell(&source.note));
        say!(out, "| {key} | {} | {} | {} | {note} | {users} |", cell(&source.what), cell(&source.seen), source.state);
    }
    let bare: Vec<&str> = set.rules().filter(|rule| rule.source.keys.is_empty()).map(|rule| rule.id.as_str()).collect();
    say!(out, "\n**Rules without any source** ({}): {}.", bare.len(), bare.join(", "));
    out
}
