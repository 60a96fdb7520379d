//! Every row of the care specification's list of fields (`data/fields.json`, a copy) has its carrier in the contracts, with
//! the same policy, writers, proposers, category, unit, codes and ranges. A row that the contracts say otherwise fails.
//! A few rows have no field of their own: [`ELSEWHERE`] says what carries them.

use std::collections::BTreeSet;

use osteon_proto::{
    document::role_name,
    meta::{Format, Order, Policy, Role, SourceState, WhileOpen},
    table::{FieldInfo, Kind, LabelRule, RecordType, RoleSet, table},
};
use serde_json::Value;

/// Rows whose carrier is no field of that name: (record, field, carrier).
const ELSEWHERE: [(&str, &str, &str); 2] = [
    // A choice of label is filed with the record and stands in no body.
    ("J24", "private", "J24"),
    // One DENY wins, role by role: a set whose elements have a value is a child record (SYNC, table of the words).
    ("P-EOL", "visibility", "P-EOL.visibility"),
];

fn rows(part: &str) -> Vec<Value> {
    let text = include_str!("data/fields.json");
    let all: Value = serde_json::from_str(text).expect("fields.json");
    all[part].as_array().expect("a list").clone()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

/// "J01 Pain" is J01, "P-NUT.timing_rule" itself.
fn record(row: &Value) -> &str {
    let name = if row["entry"].is_string() { text(row, "entry") } else { text(row, "record") };
    name.split_whitespace().next().unwrap_or_default()
}

fn field(row: &Value) -> String {
    text(row, "field").replace("[]", "")
}

fn roles(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn named(set: RoleSet) -> BTreeSet<&'static str> {
    set.iter().map(role_name).collect()
}

fn label(rule: &LabelRule) -> String {
    let categories: Vec<String> = rule.options().categories.iter().map(|c| format!("C{c:02}")).collect();
    if categories.is_empty() { "ALL MEMBERS".to_owned() } else { categories.join("+") }
}

/// The policy in the words of the list. Of a rank the order alone: the list names it in words.
fn policy(record: &RecordType, f: &FieldInfo) -> String {
    let asks = if f.asks { "asks" } else { "silent" };
    match f.policy {
        Policy::LastWriter => "LAST_WRITER".to_owned(),
        Policy::Constant => "CONSTANT".to_owned(),
        Policy::AppendOnly => "APPEND_ONLY".to_owned(),
        Policy::Derived => "DERIVED".to_owned(),
        Policy::UnionAddWins => "UNION(ADD_WINS)".to_owned(),
        Policy::UnionDenyWins => "UNION(DENY_WINS)".to_owned(),
        Policy::Review => {
            let open = match f.while_open {
                WhileOpen::LastAgreed => "LAST_AGREED".to_owned(),
                WhileOpen::None => "NONE".to_owned(),
                _ => format!("OWNER={}", role_name(f.owner_of_value)),
            };
            if f.asks { format!("REVIEW({open})") } else { format!("REVIEW({open}; silent)") }
        }
        Policy::MostRestrictive => {
            let order = match f.order {
                Order::Min => "min".to_owned(),
                Order::Max => "max".to_owned(),
                Order::TrueWins => "true wins".to_owned(),
                Order::FalseWins => "rank false>true".to_owned(),
                Order::Earliest => "earliest".to_owned(),
                Order::Latest => "latest".to_owned(),
                _ => format!("rank {}", ranked(f).join(">")),
            };
            format!("MOST_RESTRICTIVE({order}; {asks})")
        }
        Policy::Unspecified => panic!("{}.{} has no policy", record.name, f.name),
    }
}

fn ranked(f: &FieldInfo) -> Vec<String> {
    let of = table().pool().get_enum_by_name(&f.type_name).expect("a rank is of an enum");
    let prefix = of.default_value().name().trim_end_matches("UNSPECIFIED").to_owned();
    let word = |n: &i32| of.get_value(*n).expect("a value").name().trim_start_matches(&prefix).to_lowercase();
    f.rank.iter().map(word).collect()
}

/// Where the list ranks a tri-state, it says true or yes, and false or no.
fn same_policy(row: &str, ours: &str) -> bool {
    let plain = |s: &str| s.to_lowercase().replace("true>unknown>false", "yes>unknown>no");
    plain(row) == plain(ours)
}

/// "0-10", "1-5000 per entry", "0-40/d": least and greatest. Words ("not future", "SNOMED …") are no plain range.
fn range(hard: &str) -> Option<(f64, f64)> {
    let end = hard.find(|c: char| !c.is_ascii_digit() && !".-".contains(c)).unwrap_or(hard.len());
    let (low, high) = hard[..end].split_once('-')?;
    Some((low.parse().ok()?, high.parse().ok()?))
}

/// "> 1500", "< 180 or > 840", "<35 or >=38", in steps of the field: the greatest below and the least above are told.
fn warned(warn: &str, scale: u32) -> (Option<i64>, Option<i64>) {
    let step = |s: &str| s.trim().parse::<f64>().ok().map(|n| (n * 10f64.powi(scale as i32)).round() as i64);
    let (mut low, mut high) = (None, None);
    for side in warn.split(" or ").map(str::trim) {
        if let Some(n) = side.strip_prefix(">=").and_then(step) {
            high = Some(n - 1);
        } else if let Some(n) = side.strip_prefix('>').and_then(step) {
            high = Some(n);
        } else if let Some(n) = side.strip_prefix('<').and_then(step) {
            low = Some(n);
        }
    }
    (low, high)
}

/// LOINC numbers ("72514-3") of the text.
fn loinc(code: &str) -> Vec<&str> {
    let is =
        |w: &&str| w.split_once('-').is_some_and(|(a, b)| a.len() >= 4 && b.len() == 1 && a.parse::<u32>().is_ok());
    if !code.contains("LOINC") {
        return Vec::new();
    }
    code.split(|c: char| c.is_whitespace() || ",;".contains(c)).filter(is).collect()
}

struct Found(Vec<String>);

impl Found {
    fn check(&mut self, at: &str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(format!("{at}: {}", what()));
        }
    }

    fn who_and_where(&mut self, at: &str, row: &Value, t: &RecordType, f: &FieldInfo) {
        let ours = named(f.writers);
        self.check(at, roles(&row["writers"]) == ours, || format!("writers {ours:?}"));
        if row["proposers"].is_array() {
            let ours = named(f.proposers);
            self.check(at, roles(&row["proposers"]) == ours, || format!("proposers {ours:?}"));
        }
        if let Some(choices) = row["label_choice"].as_object() {
            let ours: BTreeSet<String> = t.label_choice.iter().map(|c| label(&c.label)).collect();
            let theirs: BTreeSet<String> = choices.keys().cloned().collect();
            self.check(at, ours == theirs && t.label.is_none(), || format!("choices {ours:?}"));
            // Who creates under a choice and may write the field, and who may write it and has but to read the label.
            let by = row["writers_by_category"].as_object().into_iter().flatten();
            for (category, writers) in by {
                let choice = t.label_choice.iter().find(|c| label(&c.label) == *category).expect("a choice");
                let (creators, may) = (named(choice.writers), named(f.writers));
                let ours: BTreeSet<&str> = creators.intersection(&may).copied().collect();
                let theirs = roles(writers);
                let same = theirs.is_superset(&ours) && theirs.is_subset(&may);
                self.check(at, same, || format!("writers of {category}: {ours:?}"));
            }
        } else {
            let ours = f.label.as_ref().or(t.label.as_ref()).map(label);
            self.check(at, ours.as_deref() == Some(text(row, "category")), || format!("category {ours:?}"));
        }
        self.check(at, f.proxy || !row["proxy"].is_string() || t.name.starts_with("P-CIRCLE"), || "proxy".to_owned());
    }

    fn values(&mut self, at: &str, row: &Value, f: &FieldInfo) {
        let unit = text(row, "unit");
        self.check(at, unit.is_empty() || unit == "UCUM" || unit == f.unit, || format!("unit {:?}", f.unit));
        if let Some((low, high)) = range(text(row, "hard")).filter(|_| is_number(f)) {
            let step = |n: f64| (n * 10f64.powi(f.scale as i32)).round() as i128;
            let ours = (f.limits.min.unwrap_or(0), f.limits.max);
            self.check(at, ours == (step(low), Some(step(high))), || format!("hard range {ours:?}"));
        }
        if row["hard"].is_string() || row["warn"].is_string() {
            self.check(at, f.warn == text(row, "warn"), || format!("warn {:?}", f.warn));
        }
        if is_number(f) {
            let theirs = warned(text(row, "warn"), f.scale);
            let ours = (f.warn_min, f.warn_max);
            self.check(at, theirs == ours, || format!("warn range {ours:?}, not {theirs:?}"));
        }
        let code = text(row, "code");
        for number in loinc(code) {
            let Some(ours) = f.codes.iter().find(|c| c.code == number) else {
                self.check(at, false, || format!("no LOINC {number}"));
                continue;
            };
            let verified = !code.contains("unverified");
            let state = ours.state();
            self.check(at, verified == (state == SourceState::Verified), || format!("state of {number}: {state:?}"));
        }
        let design = text(row, "origin") == "design";
        self.check(at, f.design || !design, || "no mark that it has no source".to_owned());
        let date = text(row, "type") == "date";
        self.check(at, !date || f.format == Format::Date, || "no date".to_owned());
    }
}

fn is_number(f: &FieldInfo) -> bool {
    matches!(f.kind, Kind::Uint32 | Kind::Sint32)
}

/// A record type for every row of children, with the key that the row names.
fn children(found: &mut Found, at: &str, row: &Value, t: &RecordType) {
    let sync = text(row, "sync");
    let key = sync.trim_start_matches("CHILD_RECORDS(id_from=").trim_end_matches(')');
    let child = child_of(t, &field(row));
    let Some(child) = child else {
        return found.check(at, false, || "no child record".to_owned());
    };
    if child.name == "Approval" || key == "none" {
        return found.check(at, child.id_from.is_empty(), || "an id of its own".to_owned());
    }
    // The circle is part of every derived id; the parent is called by its word.
    let theirs: BTreeSet<&str> = key.split(',').filter(|k| *k != "circle").collect();
    let ours: BTreeSet<&str> = child
        .id_from
        .iter()
        .filter_map(|n| child.field(*n))
        .map(|f| {
            if f.name != "parent" {
                f.name.as_str()
            } else if t.name == "P-SUP" {
                "line"
            } else {
                "plan"
            }
        })
        .collect();
    found.check(at, theirs == ours, || format!("id from {ours:?}"));
}

/// `exercises[]` of P-EX is P-EX.exercise.
fn child_of(t: &RecordType, list: &str) -> Option<&'static RecordType> {
    let singular = match list {
        "approved_by" | "agreed_by" => return table().by_name("Approval"),
        "steps_of_day" | "progress" | "weight_bearing" | "read" | "teach_back" => list.to_owned(),
        "blocks" => "exercise".to_owned(),
        _ => list.trim_end_matches('s').to_owned(),
    };
    table().by_name(&format!("{}.{singular}", t.name))
}

#[test]
fn every_row_has_its_carrier() {
    let mut found = Found(Vec::new());
    let (mut fields, mut lists) = (0, 0);
    for row in rows("plans").iter().chain(&rows("journal")) {
        let at = format!("{}.{}", record(row), field(row));
        let elsewhere = ELSEWHERE.iter().find(|(r, f, _)| (*r, *f) == (record(row), field(row).as_str()));
        let Some(t) = table().by_name(elsewhere.map_or(record(row), |(_, _, carrier)| carrier)) else {
            found.check(&at, false, || "no record type".to_owned());
            continue;
        };
        let sync = text(row, "sync");
        if field(row) == "(existence)" {
            let ours = named(t.creators);
            found.check(&at, roles(&row["writers"]) == ours, || format!("creators {ours:?}"));
            continue;
        }
        if sync.starts_with("CHILD_RECORDS") {
            children(&mut found, &at, row, t);
            lists += 1;
            continue;
        }
        fields += 1;
        if field(row) == "private" {
            found.check(&at, t.label_choice.len() == 2, || "no choice".to_owned());
            continue;
        }
        let name = if elsewhere.is_some() { "decision".to_owned() } else { field(row) };
        let Some(f) = t.field_by_name(&name) else {
            found.check(&at, false, || "no field".to_owned());
            continue;
        };
        let ours = policy(t, f);
        // Constant is all that a record without a second write holds.
        let same = same_policy(sync, &ours) || sync == "CONSTANT" && t.append_only && f.policy == Policy::AppendOnly;
        found.check(&at, same, || format!("policy {ours}, not {sync}"));
        found.who_and_where(&at, row, t, f);
        found.values(&at, row, f);
    }
    assert!(found.0.is_empty(), "{} gaps:\n{}", found.0.len(), found.0.join("\n"));
    assert_eq!((fields, lists), (444, 29));
}

#[test]
fn every_entry_has_its_envelope() {
    let envelope = rows("envelope");
    let journal: Vec<&RecordType> = table().types().iter().filter(|t| t.name.starts_with('J')).collect();
    assert_eq!(journal.len(), 26, "J01 to J25 and the steps of a day");
    for t in journal {
        for row in &envelope {
            let name = field(row);
            let time = t.time_field.and_then(|n| t.field(n)).expect("a time").name.as_str();
            // Where a type has its own word for when, that field is it.
            if name == "effective_start" && ["when", "taken_at", "date"].contains(&time) {
                continue;
            }
            let f = t.field_by_name(&name).unwrap_or_else(|| panic!("{} has no {name}", t.name));
            let expected = if t.append_only { "APPEND_ONLY" } else { text(row, "sync") };
            assert_eq!(policy(t, f), expected, "{}.{name}", t.name);
            assert!(f.label.is_none(), "{}.{name} stands under the label of the type", t.name);
        }
    }
}

/// The records of the house: their labels and policies are told in words, so each is named here.
#[test]
fn every_record_of_the_house_is_there() {
    let system = RoleSet::of([Role::System]);
    for row in rows("house") {
        let name = text(&row, "name");
        let (carrier, by) = match name {
            // Summaries are a type each.
            "Summary" => ("V-C02", "primary"),
            "Alert.redacted_face" => ("Alert.redacted_face", "account"),
            "Alert.acknowledgement" => ("Alert.acknowledgement", "account"),
            "Alert.closure" => ("Alert.closure", "outcome"),
            "TaskOccurrence" => ("TaskOccurrence", "line"),
            "Thread" => ("Thread.participant", "participation"),
            "SeenMark" => ("SeenMark", "sequence"),
            "ClinicSettings" => ("ClinicSettings", "emergency_line"),
            "ClinicSettings.team" => ("ClinicSettings.team", "members"),
            "ClinicSettings.on_call" => ("ClinicSettings.on_call", "weekday"),
            "ClinicSettings.working_hours" => ("ClinicSettings", "working_hours"),
            "ClinicSettings.escalation" => ("ClinicSettings.escalation", "minutes"),
            "Alert" | "Approval" | "Proposal" | "Message" | "Notice" | "BreakGlass" => (name, "supersedes"),
            other => panic!("{other} has no carrier"),
        };
        let t = table().by_name(carrier).unwrap_or_else(|| panic!("no {carrier}"));
        let f = t.field_by_name(by).unwrap_or_else(|| panic!("{carrier} has no {by}"));
        match text(&row, "sync") {
            children if children.starts_with("CHILD_RECORDS") => {
                assert!(t.id_from.contains(&f.number), "{name}: the id is not made of {by}");
            }
            sync => assert_eq!(policy(t, f), sync, "{name}"),
        }
        let by_server = ["Alert", "Alert.redacted_face", "Summary", "Notice", "BreakGlass"].contains(&name);
        assert_eq!(f.writers == system, by_server, "{name}: who writes it");
    }
}

/// An alert's label is the union of its rule's inputs: each union that a rule has is a choice, and each category alone.
#[test]
fn alerts_and_what_is_said_to_them_have_the_same_labels() {
    let of = |name: &str| table().by_name(name).expect("a type");
    let labels = |name: &str| of(name).label_choice.iter().map(|c| label(&c.label)).collect::<Vec<_>>();
    let alerts = labels("Alert");
    assert_eq!(alerts, labels("Alert.acknowledgement"));
    assert_eq!(alerts, labels("Alert.closure"));
    for category in 1..=18 {
        assert!(alerts.contains(&format!("C{category:02}")));
    }
    assert!(!alerts.iter().any(|l| l.contains("C19") || l.contains("C20")));
    let results: Vec<String> = labels("P-MON");
    assert_eq!(results, labels("P-MON.result"), "a result has the label of its item");
}
