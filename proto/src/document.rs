//! The table as text: the golden text that a test compares (a diff is a decision), and the pages of `docs/` that are
//! made from it.

use std::{collections::BTreeMap, fmt::Write};

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::{
    meta::{self, Format, Lane, Role},
    reasons::{Do, Reason, Where},
    table::{Cardinality, FIELD_TABLE_VERSION, FieldInfo, Kind, LabelRule, Limits, RecordType, RoleSet, Shape, table},
};

/// Every row of the table, one line each: `proto/golden/fields.txt`.
pub fn golden() -> String {
    let mut out = format!("field table version {FIELD_TABLE_VERSION}\n");
    for t in table().types() {
        let _ = writeln!(out, "\n{}", type_line(t));
        rows(&mut out, &format!("  {}", t.number), &t.shape);
    }
    out
}

fn type_line(t: &RecordType) -> String {
    let names = |numbers: &[u32]| {
        let names: Vec<&str> = numbers.iter().filter_map(|n| t.field(*n)).map(|f| f.name.as_str()).collect();
        names.join(",")
    };
    let mut line = format!("{} {} {} {}", t.number, t.name, t.member, t.message);
    let mut say = |key: &str, value: String| {
        if !value.is_empty() {
            let _ = write!(line, " {key}={value}");
        }
    };
    say("label", t.label.as_ref().map_or(String::new(), label));
    for (i, c) in t.label_choice.iter().enumerate() {
        let values: String = c.values.iter().map(|n| format!(";{n}")).collect();
        say(&format!("choice{}", i + 1), format!("{}({}{values})", label(&c.label), role_names(c.writers)));
    }
    say("class", short(t.class.as_str_name(), "PRIORITY_CLASS_"));
    say("group", t.review_group.clone());
    say("time", t.time_field.map_or(String::new(), |n| names(&[n])));
    say("id_from", names(&t.id_from));
    say("whose", t.whose.map_or(String::new(), |n| names(&[n])));
    say("choice_field", t.choice_field.map_or(String::new(), |n| names(&[n])));
    say("own_field", t.own_field.map_or(String::new(), |n| names(&[n])));
    say("parent", t.parent.map_or(String::new(), |n| n.to_string()));
    say(
        "flags",
        [
            (t.append_only, "append_only"),
            (t.singleton, "singleton"),
            (t.of_clinic, "of_clinic"),
            (t.restricts, "restricts"),
        ]
        .iter()
        .filter(|f| f.0)
        .map(|f| f.1)
        .collect::<Vec<_>>()
        .join(","),
    );
    say("creators", role_names(t.creators));
    say("owners", role_names(t.owners));
    say("lifecycle", short(t.lifecycle_lane.as_str_name(), "LANE_"));
    line
}

fn rows(out: &mut String, prefix: &str, shape: &Shape) {
    for f in &shape.fields {
        let _ = writeln!(out, "{prefix}.{} {}", f.number, field_line(f));
        if let Kind::Message(inner) = &f.kind {
            rows(out, &format!("  {prefix}.{}", f.number), inner);
        }
    }
}

fn field_line(f: &FieldInfo) -> String {
    let mut line = format!("{} {}", f.name, type_of(f));
    let mut say = |key: &str, value: String| {
        if !value.is_empty() {
            let _ = write!(line, " {key}={value}");
        }
    };
    if f.policy != meta::Policy::Unspecified {
        say("policy", policy(f));
        say("lane", short(f.lane.as_str_name(), "LANE_"));
    }
    say("label", f.label.as_ref().map_or(String::new(), label));
    say("owners", role_names(f.owners));
    say("writers", role_names(f.writers));
    say("proposers", role_names(f.proposers));
    say("unit", f.unit.clone());
    say("scale", if f.scale > 0 { f.scale.to_string() } else { String::new() });
    say("limits", limits(&f.limits));
    say(
        "format",
        if f.format == Format::Unspecified { String::new() } else { short(f.format.as_str_name(), "FORMAT_") },
    );
    say("codes", f.codes.iter().map(code).collect::<Vec<_>>().join(","));
    say("warn", f.warn.replace(' ', "_"));
    say(
        "flags",
        [(f.design, "design"), (f.proxy, "proxy"), (f.restricts, "restricts"), (!f.lifts.is_empty(), "lifts")]
            .iter()
            .filter(|x| x.0)
            .map(|x| x.1)
            .collect::<Vec<_>>()
            .join(","),
    );
    line
}

fn code(c: &meta::Code) -> String {
    format!("{}:{}({})", c.system, c.code, short(c.state().as_str_name(), "SOURCE_STATE_").to_lowercase())
}

fn short(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_string()
}

/// "C06", "C06+C13", "ALL", with the audience behind it where it is not all.
fn label(rule: &LabelRule) -> String {
    let l = rule.options();
    let mut name = rule.for_author(1).map_or("INVALID".into(), |l| l.to_string());
    if matches!(l.audience(), meta::Audience::Author | meta::Audience::Member | meta::Audience::Thread) {
        name.truncate(name.rfind(':').unwrap_or(name.len()));
    }
    name
}

fn role_names(roles: RoleSet) -> String {
    roles.iter().map(role_name).collect::<Vec<_>>().join(",")
}

/// As the care specification abbreviates it.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Unspecified => "-",
        Role::Patient => "PT",
        Role::Caregiver => "CG",
        Role::Dietitian => "DI",
        Role::Physiotherapist => "PH",
        Role::Physician => "ON",
        Role::Nurse => "NU",
        Role::ClinicAdmin => "AD",
        Role::System => "SYS",
    }
}

fn type_of(f: &FieldInfo) -> String {
    let name = match &f.kind {
        Kind::Enum | Kind::Message(_) => f.type_name.rsplit('.').next().unwrap_or_default(),
        Kind::Bool => "bool",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
        Kind::Fixed32 => "fixed32",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Float => "float",
        Kind::Double => "double",
        Kind::String => "string",
        Kind::Bytes => "bytes",
    };
    match f.cardinality {
        Cardinality::Singular => name.to_string(),
        Cardinality::List => format!("list({name})"),
        Cardinality::Set => format!("set({name})"),
    }
}

/// In the words of the sync design.
fn policy(f: &FieldInfo) -> String {
    let asks = if f.asks { "asks" } else { "silent" };
    match f.policy {
        meta::Policy::Review => {
            let mut open = short(f.while_open.as_str_name(), "WHILE_OPEN_");
            if f.while_open == meta::WhileOpen::Owner {
                let _ = write!(open, ":{}", role_name(f.owner_of_value));
            }
            format!("REVIEW({open};{asks})")
        }
        meta::Policy::MostRestrictive => {
            let mut order = short(f.order.as_str_name(), "ORDER_");
            if f.order == meta::Order::Rank {
                let rank: Vec<String> = f.rank.iter().map(|n| value_name(f, *n)).collect();
                let _ = write!(order, ":{}", rank.join(">"));
            }
            format!("MOST_RESTRICTIVE({order};{asks})")
        }
        other => short(other.as_str_name(), "POLICY_"),
    }
}

/// An enum value without the enum's name.
fn value_name(f: &FieldInfo, number: i32) -> String {
    let Some(e) = table().pool().get_enum_by_name(&f.type_name) else { return number.to_string() };
    let zero = e.default_value();
    let prefix = zero.name().trim_end_matches("UNSPECIFIED").to_string();
    e.get_value(number).map_or(number.to_string(), |v| short(v.name(), &prefix).to_lowercase())
}

fn limits(l: &Limits) -> String {
    let mut all = Vec::new();
    let range =
        |min: Option<String>, max: Option<String>| format!("{}..{}", min.unwrap_or_default(), max.unwrap_or_default());
    if l.min.is_some() || l.max.is_some() {
        all.push(range(l.min.map(|n| n.to_string()), l.max.map(|n| n.to_string())));
    }
    if l.min_len.is_some() || l.max_len.is_some() {
        let len = range(l.min_len.map(|n| n.to_string()), l.max_len.map(|n| n.to_string()));
        all.push(format!("len:{len}"));
    }
    if let Some(n) = l.max_items {
        all.push(format!("items:{n}"));
    }
    all.join(",")
}

/// `docs/fields.md`.
pub fn fields_md() -> String {
    let mut out = String::from(FIELDS_HEAD);
    let _ = writeln!(out, "\nField table version {FIELD_TABLE_VERSION}, {} record types.", table().types().len());
    for t in table().types() {
        let Some(message) = table().pool().get_message_by_name(&t.message) else { continue };
        let comments = comments(&message);
        let _ = writeln!(out, "\n## {} {} ({})\n", t.name, t.title, t.number);
        if let Some(doc) = comments.get(message.path()) {
            let _ = writeln!(out, "{doc}\n");
        }
        let _ = writeln!(out, "`{}`\n", type_line(t));
        out.push_str("| no | field | type | unit | limits | label | policy | lane | writers | proposers | what |\n");
        out.push_str("|---|---|---|---|---|---|---|---|---|---|---|\n");
        for f in &t.shape.fields {
            let doc = message.get_field(f.number).and_then(|d| comments.get(d.path()).cloned()).unwrap_or_default();
            md_row(&mut out, t, f, &doc);
        }
    }
    out
}

fn md_row(out: &mut String, t: &RecordType, f: &FieldInfo, doc: &str) {
    let own = match (&f.label, &t.label) {
        (Some(l), _) | (None, Some(l)) => label(l),
        (None, None) => t.label_choice.iter().map(|c| label(&c.label)).collect::<Vec<_>>().join(" or "),
    };
    let lane = if f.lane == Lane::Urgent { "urgent" } else { "" };
    let scale = if f.scale > 0 { format!(" × 10^-{}", f.scale) } else { String::new() };
    let _ = writeln!(
        out,
        "| {} | {} | {} | {}{scale} | {} | {own} | {} | {lane} | {} | {} | {} |",
        f.number,
        f.name,
        type_of(f),
        f.unit,
        limits(&f.limits),
        policy(f),
        role_names(f.writers).replace(',', " "),
        role_names(f.proposers).replace(',', " "),
        doc.replace('|', "\\|"),
    );
}

const FIELDS_HEAD: &str = "# Every field of every record type

Made from the contracts (`proto/osteon/care/v1`), never edited: `UPDATE_GOLDEN=1 cargo test -p osteon-proto` writes it anew, and a test
fails while it is stale. Words: docs/architecture.md. Roles: PT patient, CG caregiver, DI dietitian, PH physiotherapist, ON physician,
NU nurse coordinator, AD clinic admin, SYS the server itself. A decimal travels as a whole number, × 10^-n says how to read it.
Limits are inclusive and meant for the number on the wire; `len` counts characters, `items` the elements of one write.
";

/// The leading comments of a message and its fields, on one line each, by descriptor path.
fn comments(message: &MessageDescriptor) -> BTreeMap<Vec<i32>, String> {
    let file = message.parent_file();
    let mut all = BTreeMap::new();
    let mine: Vec<Vec<i32>> = std::iter::once(message.path().to_vec())
        .chain(message.fields().map(|f: FieldDescriptor| f.path().to_vec()))
        .collect();
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    for location in info.iter().flat_map(|i| &i.location) {
        if let Some(text) = &location.leading_comments
            && mine.contains(&location.path)
        {
            all.insert(location.path.clone(), text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    all
}

/// `docs/api.md`.
pub fn api_md() -> String {
    let mut out = String::from(API_HEAD);
    section(&mut out, "Statuses", "A call fails with the status; ErrorInfo carries the reason.", |w| {
        matches!(w, Where::Status(_))
    });
    section(&mut out, "Verdicts that are not final", "The change stays in the outbox.", |w| w == Where::NotFinal);
    section(
        &mut out,
        "REFUSED",
        "Final: the change leaves the outbox. The same check on an online write answers the status, with \
         BadRequest naming the fields.",
        |w| matches!(w, Where::Refused(_)),
    );
    section(&mut out, "QUARANTINED", "Final: the change leaves the outbox and waits for a person.", |w| {
        w == Where::Quarantined
    });
    out.push_str("\n## What a client does\n\n| action | in words |\n|---|---|\n");
    for action in Do::ALL {
        let _ = writeln!(out, "| {action:?} | {} |", action.text());
    }
    out
}

fn section(out: &mut String, title: &str, text: &str, which: impl Fn(Where) -> bool) {
    let _ = writeln!(out, "\n## {title}\n\n{text}\n\n| reason | status | what it means | what a client does |");
    out.push_str("|---|---|---|---|\n");
    for r in Reason::ALL.iter().filter(|r| which(r.place())) {
        let status = match r.place() {
            Where::Status(code) | Where::Refused(code) => screaming(code),
            Where::Quarantined | Where::NotFinal => "-".into(),
        };
        let _ = writeln!(out, "| `{r}` | {status} | {} | {} |", r.text(), r.action().text());
    }
}

/// `InvalidArgument` → `INVALID_ARGUMENT`, as gRPC's documentation writes it.
fn screaming(code: tonic::Code) -> String {
    let mut s = String::new();
    for (i, c) in format!("{code:?}").char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            s.push('_');
        }
        s.push(c.to_ascii_uppercase());
    }
    s
}

const API_HEAD: &str = "# Every status and reason, and what a client does

Made from `proto/src/reasons.rs`, never edited: `UPDATE_GOLDEN=1 cargo test -p osteon-proto` writes it anew, and a test fails while it is
stale. Errors carry `google.rpc.ErrorInfo` (domain `osteon`, a stable reason), `BadRequest` where fields are at fault (their paths, never
a value) and `RetryInfo` where waiting helps. The request id stands in ErrorInfo's metadata `request_id`, an exceeded limit's name in `limit`.
Meanwhile new reasons may come: a client that does not know one goes by its status. UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED and
INTERNAL are retried with the same dot or request id; everything else is not retried unless its row says so.
";
