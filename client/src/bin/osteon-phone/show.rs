//! Text for people, and its JSON twin.

use std::{
    fmt::Display,
    io::{BufRead as _, IsTerminal as _, Write as _},
};

use jiff::tz::TimeZone;
use osteon_client::{views::FieldView, views::RecordView, words};
use osteon_proto::{
    reasons::Reason,
    table::{FieldInfo, RecordType},
    values::{Value, value},
};
use osteon_sync_core::RecordId;
use serde_json::{Value as Json, json};

/// A line of result. Whoever reads no further (`| head`) has read enough: it is no fault of what was done.
pub(crate) fn print(text: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line beside the results.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Asks somebody at a terminal; what they typed, without blanks around it.
pub(crate) fn ask(question: &str) -> anyhow::Result<String> {
    let _ = write!(std::io::stderr().lock(), "{question} ");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes")
}

pub(crate) fn is_no(answer: &str) -> bool {
    matches!(answer.to_ascii_lowercase().as_str(), "n" | "no")
}

/// The number by which an entry is named: its last digits.
pub(crate) fn number(record: RecordId) -> String {
    hex::encode(&record.0[12..])
}

/// Where results go.
pub(crate) struct Out {
    pub(crate) json: bool,
    pub(crate) zone: TimeZone,
    /// The phone is live: it sends by itself, and standard input holds commands, no answers.
    pub(crate) live: bool,
}

impl Out {
    /// One result: as text, or as JSON.
    pub(crate) fn say(&self, text: &str, json: &Json) {
        if self.json { print(json) } else { print(text) }
    }

    /// Whether somebody is there to be asked.
    pub(crate) fn asks_somebody(&self) -> bool {
        !self.live && std::io::stdin().is_terminal()
    }
}

/// A stable reason in words; an unknown one as it stands.
pub(crate) fn reason(name: &str) -> String {
    Reason::parse(name).map_or_else(|| name.to_owned(), |r| r.text().to_owned())
}

/// Fields that people need not be shown.
const QUIET: [&str; 4] = ["source", "parent", "certainty", "effective_end"];

/// What an alert says stands in `osteon-phone alerts`, in words; the rest of its record is for programs.
const ALERT: &str = "Alert";
const OF_AN_ALERT: [&str; 2] = ["rule", "severity"];

/// Fields whose value needs no name before it: "Symptom: limb weakness".
const SAYS_ITSELF: [&str; 1] = ["red_flags"];

/// A record in one line: "Pain: worst pain of the day 6 of 10, hip".
pub(crate) fn line(record: &RecordView, zone: &TimeZone) -> String {
    let title = words::title(record);
    let Some(kind) = record.kind() else { return title };
    let shown: Vec<String> = record.fields.iter().filter_map(|f| short(kind, f, zone)).collect();
    let unknown = match record.unknown_fields {
        0 => String::new(),
        n => format!(" (+{n} that this version does not know)"),
    };
    if shown.is_empty() { format!("{title}{unknown}") } else { format!("{title}: {}{unknown}", shown.join(", ")) }
}

/// A field of an entry: "effort 3 of 10". Nothing for what need not be said, or what this version does not know.
pub(crate) fn short(kind: &RecordType, field: &FieldView, zone: &TimeZone) -> Option<String> {
    let info = kind.field(field.number)?;
    if kind.name == ALERT && !OF_AN_ALERT.contains(&info.name.as_str()) {
        return None;
    }
    let quiet =
        QUIET.contains(&info.name.as_str()) || kind.time_field == Some(field.number) || words::is_provenance(info);
    (!quiet).then(|| part(info, field, zone))
}

fn part(info: &FieldInfo, field: &FieldView, zone: &TimeZone) -> String {
    let label = words::label(info).to_lowercase();
    let value = field.value().map_or_else(|| "nothing in force".to_owned(), |c| words::chunk(info, c, zone));
    let disputed = if field.needs_review { " (disputed)" } else { "" };
    if SAYS_ITSELF.contains(&info.name.as_str()) {
        return format!("{value}{disputed}");
    }
    format!("{label} {value}{disputed}")
}

/// A plan, a line per field; of several each with its number.
pub(crate) fn plan(record: &RecordView, several: bool, zone: &TimeZone) -> String {
    let Some(kind) = record.kind() else { return words::title(record) };
    let mut heading = kind.title.clone();
    if several {
        heading = format!("{heading} {}", number(record.record));
    }
    if record.is_over() {
        heading.push_str(": over, nothing of it holds");
    }
    let mut lines = vec![heading];
    for field in &record.fields {
        let Some(info) = kind.field(field.number) else { continue };
        if !QUIET.contains(&info.name.as_str()) {
            lines.push(format!("  {:<24} {}", words::label(info), words::state(info, field, zone)));
        }
    }
    if record.unknown_fields > 0 {
        lines.push(format!("  {} fields of a newer version are kept here unchanged.", record.unknown_fields));
    }
    lines.join("\n")
}

/// A record as JSON: values in force, and all versions where disputed.
pub(crate) fn record_json(record: &RecordView) -> Json {
    let kind = record.kind();
    let fields: Vec<Json> = record.fields.iter().map(|f| field_json(kind, f)).collect();
    json!({
        "record": hex::encode(record.record.0),
        "type": kind.map(|k| k.member.clone()),
        "happened_ms": record.time_ms,
        "ended": !record.is_active(),
        "unsent": record.unsent,
        "unknown_fields": record.unknown_fields,
        "fields": fields,
    })
}

fn field_json(kind: Option<&RecordType>, field: &FieldView) -> Json {
    let info = kind.and_then(|k| k.field(field.number));
    let plain = |chunk: Option<&[u8]>| match (info, chunk) {
        (Some(info), Some(chunk)) => value_json(info, chunk),
        _ => Json::Null,
    };
    let versions: Vec<Json> = field
        .versions
        .iter()
        .map(|v| {
            json!({
                "dot": v.dot.to_string(),
                "role": words::role(v.author.role.0),
                "account": v.author.account,
                "written_ms": v.clock.ms,
                "value": plain(v.value.as_deref()),
            })
        })
        .collect();
    json!({
        "field": info.map(|i| i.name.clone()),
        "number": field.number,
        "value": plain(field.value()),
        "needs_review": field.needs_review,
        "blocked": field.blocked,
        "agreed": field.agreed,
        "versions": versions,
    })
}

fn value_json(info: &FieldInfo, chunk: &[u8]) -> Json {
    match value(info, chunk) {
        Some(Value::Int(n)) => i64::try_from(n).map_or(Json::Null, Json::from),
        Some(Value::Float(f)) => json!(f),
        Some(Value::Text(text)) => json!(text),
        Some(Value::Bytes(bytes)) | Some(Value::Message(_, bytes)) => json!(hex::encode(bytes)),
        None => Json::Null,
    }
}
