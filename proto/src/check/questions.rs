//! What can be true and seldom is: values outside of the warn range, a weight unlike the one before, an entry of long ago.
//! Nothing is refused for it; whoever writes is asked "is that right?". The same questions on the phone and in RecordService.

use super::{END, Path, analyte, contradictions};
use crate::{
    meta::PriorityClass,
    table::{FieldInfo, RecordType, Shape},
    values::{Value, day, fields, moment_ms, values},
};

const DAY_MS: i64 = 86_400_000;
/// The contracts' word for a day on which something began.
pub(super) const ONSET_AHEAD: &str = "onset > now";
/// An entry of the journal of so many days ago was meant for another year, more often than not (ours).
const LONG_AGO_D: i64 = 365;
/// J07: a fall is told within a week. Care specification, 2.2.
const FALL: u32 = 107;
const FALL_D: i64 = 7;
const PAIN: u32 = 101;
/// A step of a clinic's escalation, by severity: an alert goes on after so many minutes of the clock, of working time, at the latest
/// (care-core, `clinic/escalation.rs`).
const ESCALATION: u32 = 464;
const LONGEST_MIN: [(i128, i128, i128); 3] = [(4, 60, 60), (3, 1_440, 480), (2, 10_080, 2_400)];
/// The first so many are asked.
const MAX_QUESTIONS: usize = 16;

/// Why somebody is asked. The names are stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Doubt {
    OutOfWarnRange,
    LongAgo,
    /// Before the day on which the person was born.
    BeforeBirth,
    /// A day on which something began lies ahead.
    OnsetAhead,
    /// The worst of a day is less than the least.
    WorstBelowLeast,
    /// Two answers of one write seldom can both be true.
    Contradicts,
    /// An amount without a unit, or with one that it is not counted in.
    UnitDoubtful,
    /// Unlike the value before.
    UnlikeBefore,
    /// A code that is not in the list that rules read.
    CodeUnknown,
    /// A threshold that the rule set does not let a clinic set so: the rules go on without it.
    ThresholdNotAllowed,
}

impl Doubt {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfWarnRange => "OUT_OF_WARN_RANGE",
            Self::LongAgo => "LONG_AGO",
            Self::BeforeBirth => "BEFORE_BIRTH",
            Self::OnsetAhead => "ONSET_AHEAD",
            Self::WorstBelowLeast => "WORST_BELOW_LEAST",
            Self::Contradicts => "CONTRADICTS",
            Self::UnitDoubtful => "UNIT_DOUBTFUL",
            Self::UnlikeBefore => "UNLIKE_BEFORE",
            Self::CodeUnknown => "CODE_UNKNOWN",
            Self::ThresholdNotAllowed => "THRESHOLD_NOT_ALLOWED",
        }
    }
}

/// One thing to be asked. A path, never a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub path: String,
    /// The field of the record.
    pub field: u32,
    pub doubt: Doubt,
}

/// What a write that nothing refuses leaves to be asked: (field number, chunk), ascending.
pub fn questions<'a>(
    record: &RecordType,
    chunks: impl IntoIterator<Item = (u32, &'a [u8])>,
    now_ms: i64,
) -> Vec<Question> {
    let chunks: Vec<(u32, &[u8])> = chunks.into_iter().collect();
    let root = Path { outer: None, name: &record.member };
    let mut found = Vec::new();
    let (mut worst, mut least) = (None, None);
    let (mut minutes, mut severity, mut working) = (None, None, false);
    let mut result = analyte::Reported::default();
    for (number, chunk) in chunks.iter().copied() {
        let Some(field) = record.field(number) else { continue };
        let here = root.then(&field.name);
        let mut ask = |path: &Path<'_>, doubt| {
            if found.len() < MAX_QUESTIONS {
                found.push(Question { path: path.write(), field: number, doubt });
            }
        };
        warned(&here, field, chunk, &mut ask);
        if is_long_ago(record, field, chunk, now_ms) {
            ask(&here, Doubt::LongAgo);
        }
        if field.warn == ONSET_AHEAD && lies_ahead(field, chunk, now_ms) {
            ask(&here, Doubt::OnsetAhead);
        }
        if analyte::concerns(record.number) {
            result.see(field, chunk);
        }
        if record.number == ESCALATION {
            match field.name.as_str() {
                "minutes" => minutes = int(field, chunk).map(|n| (n, number)),
                "severity" => severity = int(field, chunk),
                "working_time" => working = int(field, chunk) == Some(1),
                _ => {}
            }
        }
        if record.number == PAIN {
            match field.name.as_str() {
                "worst_24h" => worst = int(field, chunk).map(|n| (n, number)),
                "least_24h" => least = int(field, chunk),
                _ => {}
            }
        }
    }
    if let Some(field) = record.field_by_name(analyte::VALUE).filter(|_| result.is_flagged()) {
        found.push(Question {
            path: root.then(analyte::VALUE).write(),
            field: field.number,
            doubt: Doubt::OutOfWarnRange,
        });
    }
    if let Some((minutes, field)) = minutes
        && let Some((_, clock, of_work)) = LONGEST_MIN.iter().find(|(of, ..)| severity == Some(*of))
        && minutes > if working { *of_work } else { *clock }
    {
        found.push(Question { path: root.then("minutes").write(), field, doubt: Doubt::OutOfWarnRange });
    }
    if let (Some((worst, field)), Some(least)) = (worst, least)
        && worst < least
    {
        found.push(Question { path: root.then("worst_24h").write(), field, doubt: Doubt::WorstBelowLeast });
    }
    found.extend(contradictions::found(record, chunks.iter().copied(), now_ms));
    found
}

/// An entry of before the person was born, or of something that began before. `born`: in days since 1970-01-01.
pub fn before_birth<'a>(
    record: &RecordType,
    chunks: impl IntoIterator<Item = (u32, &'a [u8])>,
    born: i64,
) -> Option<Question> {
    let early = |(number, chunk): (u32, &[u8])| {
        let field = record.field(number)?;
        let is_early = if record.time_field == Some(number) {
            moment_ms(record, number, chunk).is_some_and(|ms| ms.div_euclid(DAY_MS) < born)
        } else {
            let is_before = |value| matches!(value, Value::Text(text) if day(text).is_some_and(|day| day < born));
            field.warn == ONSET_AHEAD && values(field, chunk).any(is_before)
        };
        let path = format!("{}.{}", record.member, field.name);
        is_early.then_some(Question { path, field: number, doubt: Doubt::BeforeBirth })
    };
    chunks.into_iter().find_map(early)
}

/// Whether a weight is unlike an earlier one: more than 3 kg within 7 days (care specification, 2.2), more than 10 kg
/// whenever (ours). Hundredths of a kilogram.
pub fn is_unlike_weight(before: (i64, i128), now: (i64, i128)) -> bool {
    let apart = (now.1 - before.1).abs();
    let days = (now.0 - before.0).abs() / DAY_MS;
    apart > 1_000 || (apart > 300 && days <= 7)
}

fn warned(at: &Path<'_>, field: &FieldInfo, chunk: &[u8], ask: &mut dyn FnMut(&Path<'_>, Doubt)) {
    for value in values(field, chunk) {
        match value {
            Value::Int(n) => {
                let below = field.warn_min.is_some_and(|min| n < i128::from(min));
                let above = field.warn_max.is_some_and(|max| n > i128::from(max));
                if below || above {
                    ask(at, Doubt::OutOfWarnRange);
                }
            }
            Value::Message(shape, bytes) => inside(at, shape, bytes, ask),
            _ => {}
        }
    }
}

fn inside(at: &Path<'_>, shape: &Shape, bytes: &[u8], ask: &mut dyn FnMut(&Path<'_>, Doubt)) {
    for (field, chunk) in fields(shape, bytes) {
        warned(&at.then(&field.name), field, chunk, ask);
    }
}

fn is_long_ago(record: &RecordType, field: &FieldInfo, chunk: &[u8], now_ms: i64) -> bool {
    if record.class != PriorityClass::Journal || record.time_field != Some(field.number) || field.name == END {
        return false;
    }
    let days = if record.number == FALL { FALL_D } else { LONG_AGO_D };
    moment_ms(record, field.number, chunk).is_some_and(|ms| ms < now_ms.saturating_sub(days * DAY_MS))
}

fn lies_ahead(field: &FieldInfo, chunk: &[u8], now_ms: i64) -> bool {
    // Whoever is a day ahead of UTC is not asked.
    let tomorrow = now_ms.div_euclid(DAY_MS) + 1;
    values(field, chunk).any(|value| matches!(value, Value::Text(text) if day(text).is_some_and(|day| day > tomorrow)))
}

fn int(field: &FieldInfo, chunk: &[u8]) -> Option<i128> {
    values(field, chunk).find_map(|value| match value {
        Value::Int(n) => Some(n),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{care, split::split, table::table};

    const NOW_MS: i64 = 1_795_600_000_000;

    fn asked(number: u32, message: &impl prost::Message) -> Vec<(String, Doubt)> {
        let kind = table().get(number).expect("a type");
        let body = message.encode_to_vec();
        let parts = split(&kind.shape, &body).expect("good");
        let found = questions(kind, parts.chunks().map(|c| (c.number, c.bytes)), NOW_MS);
        found.into_iter().map(|question| (question.path, question.doubt)).collect()
    }

    fn days_ago(days: i64) -> Option<care::Moment> {
        let at = prost_types::Timestamp { seconds: NOW_MS / 1_000 - days * 86_400, nanos: 0 };
        Some(care::Moment { at: Some(at), ..Default::default() })
    }

    #[test]
    fn every_warn_range_of_the_contracts_is_asked_at_its_boundary() {
        let mut ranges = 0;
        for kind in table().types() {
            for field in &kind.shape.fields {
                for (bound, step) in [(field.warn_min, -1), (field.warn_max, 1)] {
                    let Some(bound) = bound else { continue };
                    ranges += 1;
                    let asks = |n: i64| {
                        let mut chunk = Vec::new();
                        crate::split::put_tag(&mut chunk, field.number, 0);
                        let zigzag = matches!(field.kind, crate::table::Kind::Sint32);
                        let wire = if zigzag { (n << 1) ^ (n >> 63) } else { n };
                        crate::split::put_varint(&mut chunk, wire.cast_unsigned());
                        !questions(kind, [(field.number, chunk.as_slice())], NOW_MS).is_empty()
                    };
                    assert!(!asks(bound) && asks(bound + step), "{}.{}", kind.member, field.name);
                }
            }
        }
        assert!(ranges >= 14, "{ranges}");
    }

    #[test]
    fn an_entry_of_long_ago_is_asked_about_and_yesterdays_is_not() {
        let pain = |days| care::PainEntry { effective_start: days_ago(days), ..Default::default() };
        assert_eq!(asked(101, &pain(1)), []);
        assert_eq!(asked(101, &pain(365)), []);
        assert_eq!(asked(101, &pain(400)), [("pain_entry.effective_start".to_owned(), Doubt::LongAgo)]);
        let fall = |days| care::Fall { when: days_ago(days), ..Default::default() };
        assert_eq!(asked(107, &fall(7)), []);
        assert_eq!(asked(107, &fall(8)), [("fall.when".to_owned(), Doubt::LongAgo)]);
    }

    #[test]
    fn answers_that_do_not_fit_each_other_are_asked_about() {
        let pain =
            |worst, least| care::PainEntry { worst_24h: Some(worst), least_24h: Some(least), ..Default::default() };
        assert_eq!(asked(101, &pain(5, 5)), []);
        assert_eq!(asked(101, &pain(3, 5)), [("pain_entry.worst_24h".to_owned(), Doubt::WorstBelowLeast)]);
        let onset = |day: &str| care::PainEntry { onset_date: Some(day.into()), ..Default::default() };
        assert_eq!(asked(101, &onset("2026-01-31")), []);
        assert_eq!(asked(101, &onset("2027-01-31")), [("pain_entry.onset_date".to_owned(), Doubt::OnsetAhead)]);
    }

    #[test]
    fn a_calcium_that_is_flagged_is_asked_about_in_whatever_unit() {
        let result = |analyte: &str, value, unit: &str| {
            let (analyte, unit) = (Some(analyte.to_owned()), Some(unit.to_owned()));
            asked(120, &care::LaboratoryResult { analyte, value: Some(value), unit, ..Default::default() })
        };
        let asks = [("laboratory_result.value".to_owned(), Doubt::OutOfWarnRange)];
        for analyte in ["calcium_total", "2000-8", "17861-6", "calcium_adjusted", "29265-6"] {
            for (value, unit) in [(20_000, "mmol/L"), (28_000, "mmol/L"), (96_000, "mg/dL")] {
                assert_eq!(result(analyte, value, unit), [], "{analyte} {value} {unit}");
            }
            for (value, unit) in [(15_000, "mmol/L"), (19_999, "mmol/L"), (28_001, "mmol/L"), (60_000, "mg/dL")] {
                assert_eq!(result(analyte, value, unit), asks, "{analyte} {value} {unit}");
            }
        }
        assert_eq!(result("calcium_ionised", 10_000, "mmol/L"), []);
        assert_eq!(result("calcium_ionised", 9_999, "mmol/L"), asks);
        assert_eq!(result("albumin", 200_000, "g/L"), [], "low for one who is ill, and no slip");
    }

    #[test]
    fn a_step_after_which_an_emergency_does_not_wait_is_asked_about() {
        let step = |severity: care::AlertSeverity, minutes| care::EscalationStep {
            severity: Some(severity.into()),
            minutes: Some(minutes),
            ..Default::default()
        };
        let long = [("escalation_step.minutes".to_owned(), Doubt::OutOfWarnRange)];
        assert_eq!(asked(464, &step(care::AlertSeverity::Emergency, 60)), []);
        assert_eq!(asked(464, &step(care::AlertSeverity::Emergency, 61)), long);
        assert_eq!(asked(464, &step(care::AlertSeverity::Urgent, 240)), []);
        // By the clock, and in working time, which is longer.
        let working = |severity, minutes| care::EscalationStep { working_time: Some(true), ..step(severity, minutes) };
        for (severity, clock, of_work) in
            [(care::AlertSeverity::Urgent, 1_440, 480), (care::AlertSeverity::Soon, 10_080, 2_400)]
        {
            assert_eq!(asked(464, &step(severity, clock)), []);
            assert_eq!(asked(464, &step(severity, clock + 1)), long);
            assert_eq!(asked(464, &working(severity, of_work)), []);
            assert_eq!(asked(464, &working(severity, of_work + 1)), long);
        }
    }

    #[test]
    fn nothing_began_before_the_person_was_born() {
        let kind = table().get(PAIN).expect("a type");
        let asks = |onset: &str| {
            let pain =
                care::PainEntry { effective_start: days_ago(1), onset_date: Some(onset.into()), ..Default::default() };
            let body = prost::Message::encode_to_vec(&pain);
            let parts = split(&kind.shape, &body).expect("good");
            let born = day("1960-05-01").expect("a day");
            before_birth(kind, parts.chunks().map(|c| (c.number, c.bytes)), born).map(|question| question.path)
        };
        assert_eq!(asks("1960-05-01"), None);
        assert_eq!(asks("1960-04-30").as_deref(), Some("pain_entry.onset_date"));
    }

    #[test]
    fn a_weight_is_compared_with_the_one_before() {
        let week = 7 * DAY_MS;
        assert!(!is_unlike_weight((0, 6_920), (week, 7_220)) && is_unlike_weight((0, 6_920), (week, 7_221)));
        assert!(!is_unlike_weight((0, 6_920), (week * 9, 7_920)) && is_unlike_weight((0, 6_920), (week * 9, 9_620)));
    }
}
