//! From what was typed to records: entries as typed messages, fields of a plan as chunks.

use anyhow::{Context, bail};
use jiff::{Timestamp, ToSpan, Zoned, civil, tz::TimeZone};
use osteon_client::records::Entry;
use osteon_proto::{
    care,
    meta::PriorityClass,
    split::{close, put_tag, put_varint},
    table::{FieldInfo, Kind, RecordType, table},
    wire::device::timestamp,
};
use prost::Message;

use crate::{
    args::{Eaten, Log, MealKind, code},
    fall, intake,
};

/// Milliseconds since 1970 as a moment of this phone's zone.
pub(crate) fn moment(ms: u64, zone: &TimeZone) -> care::Moment {
    let local = zoned(ms, zone);
    let offset = local.as_ref().map_or(0, |z| z.offset().seconds() / 60);
    care::Moment {
        at: Some(timestamp(ms)),
        utc_offset_min: Some(offset),
        zone: Some(zone.iana_name().unwrap_or("UTC").to_owned()),
    }
}

pub(crate) fn zoned(ms: u64, zone: &TimeZone) -> Option<Zoned> {
    let ms = i64::try_from(ms).ok()?;
    Timestamp::from_millisecond(ms).ok().map(|t| t.to_zoned(zone.clone()))
}

/// "07:30", "yesterday 22:00", "2026-11-18 14:02".
pub(crate) fn parse_at(text: &str, now_ms: u64, zone: &TimeZone) -> anyhow::Result<u64> {
    let now = zoned(now_ms, zone).context("the clock")?;
    let help = "a time is 07:30, \"yesterday 22:00\" or \"2026-11-18 14:02\"";
    let (day, clock) = match text.trim().rsplit_once(' ') {
        None => (now.date(), text.trim()),
        Some(("today", clock)) => (now.date(), clock),
        Some(("yesterday", clock)) => (now.date().checked_sub(1.day())?, clock),
        Some((date, clock)) => (date.parse::<civil::Date>().context(help)?, clock),
    };
    let (h, m) = clock.split_once([':', '.', 'h']).context(help)?;
    let time = civil::Time::new(h.parse().context(help)?, m.parse().context(help)?, 0, 0).context(help)?;
    let at = day.to_datetime(time).to_zoned(zone.clone()).context(help)?;
    let ms = u64::try_from(at.timestamp().as_millisecond()).context(help)?;
    if ms > now_ms + 60_000 {
        bail!("that lies in the future");
    }
    Ok(ms)
}

pub(crate) fn body<M: Message>(member: &str, message: &M) -> anyhow::Result<Vec<u8>> {
    let kind = table().by_name(member).context("a record type that this version does not know")?;
    Ok(close(kind.number, &message.encode_to_vec()))
}

pub(crate) fn manual() -> Option<i32> {
    Some(care::Source::Manual.into())
}

/// The body of an entry; a mistake is no entry.
pub(crate) fn entry(log: &Log, at: care::Moment) -> anyhow::Result<Vec<u8>> {
    let at = Some(at);
    match log {
        Log::Pain { worst, site, worse } => body(
            "pain_entry",
            &care::PainEntry {
                effective_start: at,
                source: manual(),
                worst_24h: Some(*worst),
                site: site.iter().cloned().collect(),
                new_or_worse: worse.then_some(true),
                ..Default::default()
            },
        ),
        Log::Fall(fall) => body("fall", &fall::entry(fall, &fall::answers(fall), at, manual())),
        Log::Symptom { sign, new, known } => body(
            "symptom_entry",
            &care::SymptomEntry {
                effective_start: at,
                source: manual(),
                red_flags: vec![sign.clone()],
                new_or_worse: (*new || *known).then_some(*new),
                ..Default::default()
            },
        ),
        Log::Walk { minutes, effort, pain, .. } => body(
            "activity_session",
            &care::ActivitySession {
                effective_start: at,
                source: manual(),
                kind: vec![care::ActivityKind::Walk.into()],
                duration: Some(scaled("activity_session", "duration", *minutes)?),
                rpe: effort.map(|e| scaled("activity_session", "rpe", e)).transpose()?,
                pain_during_max: *pain,
                ..Default::default()
            },
        ),
        Log::Meal { kind, appetite, eaten } => body(
            "meal",
            &care::Meal {
                when: at,
                source: manual(),
                meal_kind: Some(meal(*kind).into()),
                appetite: *appetite,
                portion_eaten: eaten.map(|e| portion(e).into()),
                ..Default::default()
            },
        ),
        Log::Weight { kilograms, unit } => {
            if unit.as_deref().is_some_and(|unit| !unit.eq_ignore_ascii_case("kg")) {
                bail!("a weight is in kg");
            }
            let kilograms = without(kilograms, &["kg"]);
            typed("body_weight", [format!("weight={kilograms}")].iter(), at)
        }
        Log::Med(med) => body("intake_entry", &intake::taken(med, None, at)?),
        Log::Drink(drink) => body("fluid_entry", &intake::drunk(drink, at)?),
        Log::Note { text, thread } => body(
            "diary_note",
            &care::DiaryNote {
                effective_start: at,
                source: manual(),
                text: Some(text.clone()),
                thread: *thread,
                ..Default::default()
            },
        ),
        Log::Temp { celsius } => typed("vital_signs", [format!("temperature={celsius}")].iter(), at),
        Log::Entry { kind, fields } => typed(&code(kind), fields.iter(), at),
        Log::Mistake { .. } => bail!("a mistake is marked, not written"),
    }
}

/// An entry of the journal by the names of its fields, with when it happened and that a person typed it.
fn typed<'a>(
    member: &str,
    fields: impl Iterator<Item = &'a String>,
    at: Option<care::Moment>,
) -> anyhow::Result<Vec<u8>> {
    let kind = table().by_name(member).with_context(|| format!("no entry is called {member}"))?;
    let time = kind.time_field.filter(|_| kind.class == PriorityClass::Journal);
    let time = time.with_context(|| format!("{} is no entry of the journal", kind.title))?;
    let mut chunks: Vec<(u32, Vec<u8>)> = Vec::new();
    for text in fields {
        match assignment(kind, text)? {
            Entry::Put { field, chunk } => chunks.push((field, chunk)),
            Entry::Clear { .. } | Entry::Remove { .. } => bail!("a new entry has nothing to clear: {text}"),
        }
    }
    if let Some(at) = at.filter(|_| chunks.iter().all(|(field, _)| *field != time)) {
        chunks.push((time, delimited(time, &at.encode_to_vec())));
    }
    if let (Some(source), Some(manual)) = (kind.field_by_name("source"), manual()) {
        let mut chunk = Vec::new();
        put_tag(&mut chunk, source.number, source.kind.wire());
        put_varint(&mut chunk, i64::from(manual).cast_unsigned());
        chunks.push((source.number, chunk));
    }
    chunks.sort_by_key(|(field, _)| *field);
    let body: Vec<u8> = chunks.into_iter().flat_map(|(_, chunk)| chunk).collect();
    Ok(close(kind.number, &body))
}

fn delimited(field: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_tag(&mut out, field, 2);
    put_varint(&mut out, bytes.len() as u64);
    out.extend_from_slice(bytes);
    out
}

/// A whole number as it stands on the wire.
fn scaled(member: &str, field: &str, n: u32) -> anyhow::Result<u32> {
    let info = table().by_name(member).and_then(|t| t.field_by_name(field)).context("the field table")?;
    10u32.checked_pow(info.scale).and_then(|power| n.checked_mul(power)).context("a number that is too large")
}

fn meal(kind: MealKind) -> care::MealKind {
    match kind {
        MealKind::Breakfast => care::MealKind::Breakfast,
        MealKind::Lunch => care::MealKind::Lunch,
        MealKind::Dinner => care::MealKind::Dinner,
        MealKind::Snack => care::MealKind::Snack,
        MealKind::Drink => care::MealKind::Drink,
    }
}

fn portion(eaten: Eaten) -> care::PortionEaten {
    match eaten {
        Eaten::None => care::PortionEaten::None,
        Eaten::Quarter => care::PortionEaten::Quarter,
        Eaten::Half => care::PortionEaten::Half,
        Eaten::ThreeQuarters => care::PortionEaten::ThreeQuarters,
        Eaten::All => care::PortionEaten::All,
    }
}

/// `FIELD=VALUE` of a record type. An empty value clears the field.
pub(crate) fn assignment(kind: &RecordType, text: &str) -> anyhow::Result<Entry> {
    let (name, value) = text.split_once('=').context("FIELD=VALUE")?;
    let field = kind.field_by_name(name.trim()).with_context(|| format!("{} has no field {name}", kind.title))?;
    let value = value.trim();
    if value.is_empty() {
        return Ok(Entry::Clear { field: field.number });
    }
    let chunk = chunk(field, value).with_context(|| format!("{name}= with nothing behind it clears the field"))?;
    Ok(Entry::Put { field: field.number, chunk })
}

fn chunk(field: &FieldInfo, value: &str) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    match &field.kind {
        Kind::String | Kind::Bytes => {
            out = delimited(field.number, value.as_bytes());
        }
        Kind::Message(_) | Kind::Float | Kind::Double => bail!("{} cannot be typed here", field.name),
        kind => {
            let n = match kind {
                Kind::Bool => i64::from(yes_or_no(value).with_context(|| format!("{} is yes or no", field.name))?),
                Kind::Enum => enum_number(field, value)?,
                _ => decimal(value, field.scale)?,
            };
            put_tag(&mut out, field.number, kind.wire());
            match kind {
                Kind::Sint32 | Kind::Sint64 => put_varint(&mut out, ((n << 1) ^ (n >> 63)).cast_unsigned()),
                Kind::Fixed32 | Kind::Sfixed32 => out.extend_from_slice(&i32::try_from(n)?.to_le_bytes()),
                Kind::Fixed64 | Kind::Sfixed64 => out.extend_from_slice(&n.to_le_bytes()),
                _ => put_varint(&mut out, n.cast_unsigned()),
            }
        }
    }
    Ok(out)
}

/// "69.2kg" without its unit, where it is one of these.
pub(crate) fn without<'t>(typed: &'t str, units: &[&str]) -> &'t str {
    let typed = typed.trim();
    let unit = typed.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    if units.iter().any(|one| one.eq_ignore_ascii_case(unit.trim())) {
        typed[..typed.len() - unit.len()].trim_end()
    } else {
        typed
    }
}

fn yes_or_no(typed: &str) -> Option<bool> {
    match typed.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

fn enum_number(field: &FieldInfo, value: &str) -> anyhow::Result<i64> {
    let wanted = code(value).to_ascii_uppercase();
    let found = table().pool().get_enum_by_name(&field.type_name).and_then(|e| {
        let found = e.values().find(|v| v.name().ends_with(&format!("_{wanted}")) && v.number() != 0)?;
        Some(i64::from(found.number()))
    });
    found.with_context(|| format!("{} cannot be {value}", field.name))
}

/// "2.5" with a scale of 1 is 25.
pub(crate) fn decimal(value: &str, scale: u32) -> anyhow::Result<i64> {
    // As people write it in half of the world.
    let value = &value.replace(',', ".");
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let part = part.trim_end_matches('0');
    if part.len() > scale as usize {
        bail!("at most {scale} digits behind the point");
    }
    format!("{whole}{part:0<width$}", width = scale as usize).parse().context("not a number: for example 2.5")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_scaled_integers() {
        assert_eq!(decimal("2.5", 1).unwrap(), 25);
        assert_eq!(decimal("3", 1).unwrap(), 30);
        assert_eq!(decimal("3.0", 0).unwrap(), 3);
        assert!(decimal("2.55", 1).is_err());
        assert!(decimal("two", 1).is_err());
    }

    #[test]
    fn a_field_of_yes_or_no_takes_nothing_else() {
        let kind = table().by_name("mood_entry").unwrap();
        let said = |text: &str| assignment(kind, text);
        assert!(said("not_safe=yes").is_ok() && said("not_safe=No").is_ok() && said("not_safe=").is_ok());
        let wrong = said("not_safe=yess").err().map(|error| format!("{error:#}"));
        assert!(wrong.is_some_and(|text| text.contains("not_safe is yes or no")), "a typo is no \"no\"");
    }

    #[test]
    fn times_are_typed_as_people_say_them() {
        let now = 1_795_600_000_000;
        let zone = TimeZone::UTC;
        let today = zoned(now, &zone).unwrap();
        let at = parse_at("00:05", now, &zone).unwrap();
        assert_eq!(zoned(at, &zone).unwrap().date(), today.date());
        assert_eq!(parse_at("yesterday 00:05", now, &zone).unwrap() + 86_400_000, at);
        assert!(parse_at("noon", now, &zone).is_err());
        assert!(parse_at("2999-01-01 10:00", now, &zone).is_err());
    }

    #[test]
    fn any_entry_is_typed_by_the_names_of_its_fields() {
        let at = || Some(moment(1_795_600_000_000, &TimeZone::UTC));
        let typed = |kind: &str, fields: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|text| (*text).to_owned()).collect();
            typed(kind, fields.iter(), at())
        };
        let said = care::MouthCheck {
            effective_start: at(),
            source: manual(),
            signs: vec![care::MouthSign::Pus.into(), care::MouthSign::Sore.into()],
            ..Default::default()
        };
        // In canonical form: a list may stand packed or not.
        let canonical = |body: anyhow::Result<Vec<u8>>| Entry::of_body(&body.unwrap()).unwrap();
        let checked = typed("mouth_check", &["signs=pus", "signs=sore"]);
        assert!(canonical(checked) == canonical(body("mouth_check", &said)));
        let weight =
            care::BodyWeight { effective_start: at(), source: manual(), weight: Some(6_920), ..Default::default() };
        assert_eq!(typed("body_weight", &["weight=69.2"]).unwrap(), body("body_weight", &weight).unwrap());
        assert!(typed("exercise_plan", &["lift_max_kg=3"]).is_err(), "a plan is no entry");
        assert!(typed("mood_entry", &["not_safe="]).is_err() && typed("nothing", &["a=1"]).is_err());
    }

    #[test]
    fn a_field_of_a_plan_is_typed_by_name() {
        let kind = table().by_name("exercise_plan").unwrap();
        let lift = kind.field_by_name("lift_max_kg").unwrap().number;
        let typed = assignment(kind, "lift_max_kg=2.5").unwrap();
        assert!(typed == Entry::Put { field: lift, chunk: vec![u8::try_from(lift << 3).unwrap(), 25] });
        assert!(assignment(kind, "clearance=hold").is_ok());
        assert!(assignment(kind, "clearance=maybe").is_err());
        assert!(assignment(kind, "no_such_field=1").is_err());
    }
}
