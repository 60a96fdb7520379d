//! Values, fields and times in the words of people: what a screen or a terminal prints. Value and unit are one string;
//! disputed values are never shown without the word.

use jiff::{Timestamp, ToSpan, Zoned, tz::TimeZone};
use osteon_care_core::vocabulary::movement;
use osteon_proto::plain::enum_words;
pub use osteon_proto::plain::{plain, scaled};
use osteon_proto::{
    meta, refers,
    table::{FieldInfo, Kind},
    values::{Value, fields, instant, values},
};

use crate::views::{FieldView, RecordView};

/// Codes of movements, which have words of their own.
const MOVEMENTS: &str = "forbidden_movements";

/// Labels of the fields that people meet most; any other is its name with spaces.
const LABELS: &[(&str, &str)] = &[
    ("lift_max_kg", "Lift at most"),
    ("max_minutes_session", "One session at most"),
    ("max_rpe", "Effort up to"),
    ("pain_stop_nrs", "Stop at pain"),
    (MOVEMENTS, "Not allowed"),
    ("no_load_regions", "No load on"),
    ("worst_24h", "Worst pain of the day"),
    ("new_or_worse", "New or worse"),
    ("effective_start", "Happened"),
    ("when", "Happened"),
    ("hit_head", "Hit the head"),
    ("rpe", "Effort"),
    ("pain_during_max", "Worst pain during"),
    ("calcium_mg_d_target", "Calcium a day"),
    ("meal_kind", "Meal"),
    ("portion_eaten", "Eaten"),
    ("red_flags", "Sign"),
];

/// UCUM to words.
const UNITS: &[(&str, &str)] = &[
    ("{score}", "points"),
    ("min/wk", "min a week"),
    ("/wk", "a week"),
    ("mg/d", "mg a day"),
    ("mL/d", "mL a day"),
    ("kcal/d", "kcal a day"),
    ("[iU]/d", "units a day"),
    ("ug/d", "micrograms a day"),
    ("g/kg/d", "g per kg a day"),
    ("d", "days"),
    ("h", "hours"),
    ("%", "%"),
];

/// A field's name for people.
pub fn label(field: &FieldInfo) -> String {
    if let Some((_, words)) = LABELS.iter().find(|(name, _)| *name == field.name) {
        return (*words).to_owned();
    }
    let mut words = field.name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// A chunk in words, with its unit.
pub fn chunk(field: &FieldInfo, chunk: &[u8], zone: &TimeZone) -> String {
    let all: Vec<String> = values(field, chunk).map(|v| one(field, v, zone)).collect();
    if all.is_empty() { "something that this version cannot show".into() } else { all.join(", ") }
}

/// What a derived record was made of: for whoever checks it, no news for a person.
pub fn is_provenance(field: &FieldInfo) -> bool {
    field.type_name.ends_with(".SummaryInput")
}

fn one(field: &FieldInfo, v: Value<'_>, zone: &TimeZone) -> String {
    match v {
        Value::Int(n) => match &field.kind {
            Kind::Bool => if n == 0 { "no" } else { "yes" }.to_owned(),
            Kind::Enum => enum_words(field, n),
            _ => with_unit(field, n),
        },
        Value::Float(f) => f.to_string(),
        Value::Text(text) => match field.format {
            meta::Format::Date => date(text),
            // Named by its content: no name for people.
            meta::Format::Attachment if refers::parse(text).is_some() => {
                if field.name.contains("photo") { "a photo" } else { "a paper" }.into()
            }
            _ if field.name == MOVEMENTS => plain(&movement(text)),
            _ => plain(text).replace('_', " "),
        },
        Value::Bytes(bytes) => short(bytes),
        Value::Message(shape, bytes) => match instant(field, v).and_then(|ns| i64::try_from(ns / 1_000_000).ok()) {
            Some(ms) => {
                Timestamp::from_millisecond(ms).map_or_else(|_| "a time".into(), |t| moment(&t.to_zoned(zone.clone())))
            }
            None => {
                let inner = fields(shape, bytes).filter(|(field, _)| !is_provenance(field));
                let outer = label(field).to_lowercase();
                let said = inner.map(|(field, c)| {
                    let (name, value) = (label(field).to_lowercase(), chunk(field, c, zone));
                    // "Active days" of which the days are 4 are not days twice.
                    if outer.ends_with(&name) { value } else { format!("{name} {value}") }
                });
                said.collect::<Vec<_>>().join(" ")
            }
        },
    }
}

fn with_unit(field: &FieldInfo, n: i128) -> String {
    let number = scaled(n, field.scale);
    let ten = field.unit == "{score}" && field.limits.max == Some(10 * 10i128.pow(field.scale));
    if ten {
        return format!("{number} of 10");
    }
    let unit = UNITS.iter().find(|(ucum, _)| *ucum == field.unit).map_or(field.unit.as_str(), |(_, words)| words);
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

fn short(bytes: &[u8]) -> String {
    hex::encode(&bytes[..bytes.len().min(4)])
}

/// "18 Nov 2026".
pub fn date(text: &str) -> String {
    text.parse::<jiff::civil::Date>().map_or_else(|_| plain(text), |d| d.strftime("%d %b %Y").to_string())
}

/// "18 Nov 2026 14:02".
pub fn moment(at: &Zoned) -> String {
    at.strftime("%d %b %Y %H:%M").to_string()
}

/// "today 08:10", "yesterday 22:00", "18 Nov 14:02", "18 Nov 2025 14:02".
pub fn near(at_ms: u64, now_ms: u64, zone: &TimeZone) -> String {
    let of = |ms: u64| {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).map(|t| t.to_zoned(zone.clone()))
    };
    let (Ok(at), Ok(now)) = (of(at_ms), of(now_ms)) else { return "at an unknown time".into() };
    let time = at.strftime("%H:%M");
    if at.date() == now.date() {
        format!("today {time}")
    } else if now.date().checked_sub(1.day()).is_ok_and(|d| d == at.date()) {
        format!("yesterday {time}")
    } else if at.date().year() == now.date().year() {
        at.strftime("%d %b %H:%M").to_string()
    } else {
        moment(&at)
    }
}

/// "2 d 17 h", "5 min", "12 s".
pub fn ago(ms: u64) -> String {
    let (s, min, h) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    match (h, min) {
        (24.., _) => format!("{} d {} h", h / 24, h % 24),
        (1.., _) => format!("{h} h {} min", min % 60),
        (_, 1..) => format!("{min} min"),
        _ => format!("{s} s"),
    }
}

/// A field's state in one line: the value in force, and that it is disputed, with all versions.
pub fn state(field: &FieldInfo, seen: &FieldView, zone: &TimeZone) -> String {
    let words = |v: Option<&[u8]>| v.map_or_else(|| "nothing".to_owned(), |c| chunk(field, c, zone));
    if !seen.needs_review {
        return if seen.blocked { "Do not act on this until it is resolved.".into() } else { words(seen.value()) };
    }
    let mut all: Vec<String> = seen.versions.iter().map(|v| words(v.value.as_deref())).collect();
    all.dedup();
    let claims = all.join(" and ");
    match seen.value() {
        _ if seen.blocked => format!("DISPUTED: {claims}. Nothing is in force. Do not act on it until it is resolved."),
        Some(_) => {
            let holds = words(seen.value());
            format!("{holds}   DISPUTED: your team is deciding between {claims}. Until then follow {holds}.")
        }
        None => format!("DISPUTED: {claims}."),
    }
}

/// A role for people.
pub fn role(number: u8) -> &'static str {
    match meta::Role::try_from(i32::from(number)).unwrap_or_default() {
        meta::Role::Patient => "patient",
        meta::Role::Caregiver => "caregiver",
        meta::Role::Dietitian => "dietitian",
        meta::Role::Physiotherapist => "physiotherapist",
        meta::Role::Physician => "physician",
        meta::Role::Nurse => "nurse",
        meta::Role::ClinicAdmin => "clinic admin",
        meta::Role::System => "the server",
        meta::Role::Unspecified => "somebody",
    }
}

/// A consent category for people, by its number: "symptoms", "falls home".
pub fn category(number: u8) -> String {
    let known = meta::Category::try_from(i32::from(number)).unwrap_or_default();
    let name = known.as_str_name().splitn(3, '_').nth(2).unwrap_or("something newer");
    name.replace('_', " ").to_ascii_lowercase()
}

/// A record's title.
pub fn title(record: &RecordView) -> String {
    record.kind().map_or_else(|| format!("a record of a newer type ({})", record.type_number), |k| k.title.clone())
}

#[cfg(test)]
mod tests {
    use osteon_proto::{care, split::split_body, table::table};
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_value_of_several_parts_is_said_part_by_part() {
        const SUMMARY: u32 = 323;
        let days = care::SummaryActiveDays { days: Some(3), ..Default::default() };
        let inputs = vec![care::SummaryInput { version: Some(vec![7; 32].into()), ..Default::default() }];
        let summary = care::SummaryOfActivity { active_days: Some(days), inputs, ..Default::default() };
        let body = osteon_proto::split::close(SUMMARY, &summary.encode_to_vec());
        let (_, _, parts) = split_body(&body).expect("split");
        let kind = table().get(SUMMARY).expect("known");
        let (provenance, said): (Vec<_>, Vec<_>) =
            parts.chunks().map(|c| (kind.field(c.number).expect("field"), c)).partition(|(f, _)| is_provenance(f));
        assert_eq!(provenance.len(), 1);
        let said: Vec<String> = said.iter().map(|(f, c)| chunk(f, c.bytes, &TimeZone::UTC)).collect();
        assert_eq!(said, ["3"]);
    }

    #[test]
    fn a_photo_is_not_said_by_its_hash() {
        let named = care::HomeHazard { photo_ref: Some(refers::text(&[7; 32])), ..Default::default() }.encode_to_vec();
        let place = care::HomeHazard { photo_ref: Some("in the drawer".into()), ..Default::default() }.encode_to_vec();
        let field = table().get(352).and_then(|kind| kind.field_by_name("photo_ref")).expect("a field");
        let said = |bytes: &[u8]| chunk(field, bytes, &TimeZone::UTC);
        assert_eq!((said(&named), said(&place)), ("a photo".to_owned(), "in the drawer".to_owned()));
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let zone = TimeZone::UTC;
        let now = 1_795_600_000_000;
        assert!(near(now, now, &zone).starts_with("today "));
        assert!(near(now - 86_400_000, now, &zone).starts_with("yesterday "));
        assert_eq!(ago(65 * 3_600_000), "2 d 17 h");
        assert_eq!(ago(4_200), "4 s");
    }

    #[test]
    fn categories_are_said_in_words() {
        assert_eq!(category(6), "symptoms");
        assert_eq!(category(9), "falls home");
        assert_eq!(category(99), "something newer");
    }

    #[test]
    fn every_field_of_every_type_has_a_label() {
        for t in table().types() {
            assert!(t.shape.fields.iter().all(|f| !label(f).is_empty()), "{}", t.name);
        }
    }
}
