//! What a body must be, looked at alone: hard ranges, lengths, counts, dates, fields that nobody writes. Runs on the
//! device, in RecordService and at Push. A violation names a field and a stable reason, never a value.

mod analyte;
mod contradictions;
mod erasure;
mod flags;
mod hours;
mod proposal;
pub mod questions;
mod zones;

use crate::{
    meta::{Format, Policy, PriorityClass},
    reasons::Reason,
    table::{FieldInfo, Kind, Limits, RecordType, Shape},
    values::{Value, day, fields, moment_ms, timestamp, values},
};

/// The first so many are told.
pub const MAX_VIOLATIONS: usize = 32;

/// One thing that is wrong with a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// For example `pain_entry.worst_24h`, or `meal.items.amount_g`.
    pub path: String,
    pub reason: Reason,
}

impl Violation {
    /// Whether it is only today's hard range: a change made under an older field table is stored and marked.
    pub fn is_range(&self) -> bool {
        matches!(self.reason, Reason::OutOfRange | Reason::TextTooLong | Reason::TextTooShort | Reason::TooManyElements)
    }
}

/// Checks the canonical chunks of one write: (field number, chunk), ascending. Unknown fields are no violation.
pub fn check_body<'a>(
    record: &RecordType,
    chunks: impl IntoIterator<Item = (u32, &'a [u8])>,
) -> Result<(), Vec<Violation>> {
    let root = Path { outer: None, name: &record.member };
    let mut check = Check::default();
    let mut set = (0, 0);
    let mut result = analyte::Reported::default();
    let mut told = flags::Told::default();
    let mut asked = proposal::Asked::default();
    for (number, chunk) in chunks {
        let Some(field) = record.field(number) else {
            continue;
        };
        let here = root.then(&field.name);
        if field.policy == Policy::Derived {
            check.tell(&here, Reason::DerivedField);
        }
        let n = check.values(&here, field, chunk);
        set = if set.0 == number { (number, set.1 + n) } else { (number, n) };
        check.count(&here, field, set.1);
        if analyte::concerns(record.number) {
            result.see(field, chunk);
        }
        if proposal::concerns(record.number) {
            asked.see(field, chunk);
        }
        told.see(field, chunk);
    }
    if let Some((field, reason)) = asked.fault() {
        check.tell(&root.then(field), reason);
    }
    for (field, reason) in result.faults() {
        check.tell(&root.then(field), reason);
    }
    for field in told.contradicting() {
        check.tell(&root.then(field), Reason::FlagsContradict);
    }
    if check.found.is_empty() { Ok(()) } else { Err(check.found) }
}

const DAY_MS: i64 = 86_400_000;
/// The envelope's beginning and end of an entry.
const START: &str = "effective_start";
const END: &str = "effective_end";
/// 1900-01-01T00:00:00Z.
const EARLIEST_MS: i64 = -2_208_988_800_000;

/// When an entry of the journal began, and when it ended: no more than two days ahead of `now_ms` (clocks and time zones are off by less),
/// not before 1900, and not the end before the beginning. A day that it names is of this time, too: not before 1900; one on which
/// something began not a year ahead (one that is nearer is asked about). Plans, and what a type declares planned, may lie ahead.
pub fn check_time<'a>(
    record: &RecordType,
    chunks: impl IntoIterator<Item = (u32, &'a [u8])>,
    now_ms: i64,
) -> Option<Violation> {
    let number = record.time_field.filter(|_| record.class == PriorityClass::Journal && !record.planned)?;
    let latest = now_ms.saturating_add(2 * DAY_MS);
    let named = |name: &str| record.shape.fields.iter().find(|field| field.name == name).map(|field| field.number);
    let (start, end) = (named(START), named(END));
    let possible = |of, chunk| moment_ms(record, of, chunk).is_none_or(|ms| (EARLIEST_MS..=latest).contains(&ms));
    let is_time = |of: &u32| *of == number || Some(*of) == end;
    let (mut began, mut ended) = (None, None);
    for (of, chunk) in chunks {
        let Some(field) = record.field(of) else { continue };
        if Some(of) == start {
            began = moment_ms(record, of, chunk);
        }
        if Some(of) == end {
            ended = moment_ms(record, of, chunk);
        }
        let fault = if is_time(&of) {
            !possible(of, chunk)
        } else {
            field.format == Format::Date && !is_of_this_time(field, chunk, now_ms)
        };
        if fault {
            return Some(impossible(record, field));
        }
    }
    let backwards = began.zip(ended).is_some_and(|(began, ended)| ended < began);
    let end = end.filter(|_| backwards).and_then(|end| record.field(end))?;
    Some(impossible(record, end))
}

fn impossible(record: &RecordType, field: &FieldInfo) -> Violation {
    Violation { path: format!("{}.{}", record.member, field.name), reason: Reason::TimeImpossible }
}

/// Days of an entry.
fn is_of_this_time(field: &FieldInfo, chunk: &[u8], now_ms: i64) -> bool {
    let latest = if field.warn == questions::ONSET_AHEAD { now_ms.div_euclid(DAY_MS) + 365 } else { i64::MAX };
    values(field, chunk).all(|value| match value {
        Value::Text(text) => day(text).is_none_or(|day| (EARLIEST_MS / DAY_MS..=latest).contains(&day)),
        _ => true,
    })
}

/// Whether a text holds what no person types: control characters (Unicode, Cc) other than a new line and a tab.
#[must_use]
pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// How many letters and digits a text holds: spaces, marks and what nobody sees (Unicode, Cf; the Hangul fillers, which are
/// letters without a shape) say nothing.
#[must_use]
pub fn letters(text: &str) -> usize {
    let shapeless = |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    text.chars().filter(|c| c.is_alphanumeric() && !shapeless(*c)).count()
}

/// Whether a text holds a letter or a digit.
#[must_use]
pub fn says_something(text: &str) -> bool {
    letters(text) > 0
}

/// Where we are; written out only for a violation.
struct Path<'p> {
    outer: Option<&'p Path<'p>>,
    name: &'p str,
}

impl<'p> Path<'p> {
    fn then(&'p self, name: &'p str) -> Self {
        Path { outer: Some(self), name }
    }

    fn write(&self) -> String {
        match self.outer {
            Some(outer) => outer.write() + "." + self.name,
            None => self.name.into(),
        }
    }
}

#[derive(Default)]
struct Check {
    found: Vec<Violation>,
}

impl Check {
    fn tell(&mut self, at: &Path<'_>, reason: Reason) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation { path: at.write(), reason });
        }
    }

    /// How many values the chunk has.
    fn values(&mut self, at: &Path<'_>, field: &FieldInfo, chunk: &[u8]) -> u32 {
        let mut n = 0;
        for value in values(field, chunk) {
            n += 1;
            let wrong = match value {
                Value::Int(0) if says_who_wins(field) => Some(Reason::ArgumentInvalid),
                Value::Int(number) => outside(&field.limits, number),
                Value::Text(text) => text_fault(field, text),
                Value::Bytes(bytes) => length_fault(&field.limits, bytes.len()),
                Value::Message(..) if field.type_name == TIMESTAMP => instant_fault(value),
                Value::Message(shape, bytes) => {
                    self.message(at, shape, bytes);
                    if field.type_name == zones::MOMENT && !zones::of_moment_exists(shape, bytes) {
                        self.tell(&at.then(zones::ZONE), Reason::ZoneUnknown);
                    }
                    if field.type_name == erasure::ANSWER {
                        erasure::faults(bytes).for_each(|(name, reason)| self.tell(&at.then(name), reason));
                    }
                    if field.type_name == hours::OPEN {
                        hours::faults(shape, bytes).for_each(|(name, reason)| self.tell(&at.then(name), reason));
                    }
                    None
                }
                Value::Float(number) => (!number.is_finite()).then_some(Reason::NotFinite),
            };
            if let Some(reason) = wrong {
                self.tell(at, reason);
            }
        }
        n
    }

    fn message(&mut self, at: &Path<'_>, shape: &Shape, bytes: &[u8]) {
        for (field, chunk) in fields(shape, bytes) {
            let here = at.then(&field.name);
            let n = self.values(&here, field, chunk);
            self.count(&here, field, n);
        }
    }

    fn count(&mut self, at: &Path<'_>, field: &FieldInfo, n: u32) {
        // Told once, where the list goes over.
        if field.limits.max_items.is_some_and(|max| n > max && (n == max + 1 || !field.is_set())) {
            self.tell(at, Reason::TooManyElements);
        }
    }
}

const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// A field in which one value is safer than another: "unspecified" would stand beside a hold, or beside a yes, and hide it.
fn says_who_wins(field: &FieldInfo) -> bool {
    matches!(field.kind, Kind::Enum) && (!field.rank.is_empty() || field.policy == Policy::UnionDenyWins)
}

fn outside(limits: &Limits, number: i128) -> Option<Reason> {
    let below = limits.min.is_some_and(|min| number < min);
    let above = limits.max.is_some_and(|max| number > max);
    (below || above).then_some(Reason::OutOfRange)
}

fn length_fault(limits: &Limits, len: usize) -> Option<Reason> {
    if limits.max_len.is_some_and(|max| len > max as usize) {
        Some(Reason::TextTooLong)
    } else if limits.min_len.is_some_and(|min| len < min as usize) {
        Some(Reason::TextTooShort)
    } else {
        None
    }
}

fn text_fault(field: &FieldInfo, text: &str) -> Option<Reason> {
    match field.format {
        Format::Date => day(text).is_none().then_some(Reason::DateInvalid),
        Format::TimeZone => (!zones::exists(text)).then_some(Reason::ZoneUnknown),
        Format::PhoneNumber if !is_phone_number(text) => Some(Reason::PhoneNumberInvalid),
        _ if has_control(text) => Some(Reason::ControlInText),
        _ => length_fault(&field.limits, text.chars().count()),
    }
}

/// Digits, and what stands between them where people write numbers down; a plus and the number of a country, none of which
/// begins with 0, at the front. ITU-T E.123, E.164.
fn is_phone_number(text: &str) -> bool {
    let digits = || text.bytes().filter(u8::is_ascii_digit);
    let rest = text.strip_prefix('+').unwrap_or(text);
    let abroad = text.starts_with('+') && rest.starts_with('0');
    digits().count() >= 2
        && digits().any(|digit| digit != b'0')
        && !abroad
        && rest.bytes().all(|byte| byte.is_ascii_digit() || b" ()-./".contains(&byte))
}

/// Years 1 to 9999 (google/protobuf/timestamp.proto).
fn instant_fault(value: Value<'_>) -> Option<Reason> {
    let Value::Message(_, bytes) = value else {
        return None;
    };
    let good = timestamp(bytes)
        .is_some_and(|(s, n)| (-62_135_596_800..=253_402_300_799).contains(&s) && (0..1_000_000_000).contains(&n));
    (!good).then_some(Reason::InstantInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    #[test]
    fn people_type_new_lines_and_tabs_and_no_other_control_characters() {
        for text in ["", "tired\n\tbetter", "öäü 痛み \u{200f}", "\u{a0}"] {
            assert!(!has_control(text), "{text:?}");
        }
        for text in ["\u{1b}[2J", "a\rb", "\u{7f}", "\u{85}", "\u{9b}1m", "\0"] {
            assert!(has_control(text), "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_something_that_can_be_read() {
        for text in ["x", "  7 ", "痛み", "ärger\u{200b}"] {
            assert!(says_something(text), "{text:?}");
        }
        for text in ["", " \n\t", "\u{200b}", "\u{200d}\u{2060}\u{feff}", "\u{3164}", "\u{2800}", "…", "-", "\u{a0}"]
        {
            assert!(!says_something(text), "{text:?}");
        }
    }

    #[test]
    fn numbers_that_can_be_called() {
        for number in ["112", "+49 30 23125 100", "(030) 23125-100", "555 0100", "0800/111.0.111"] {
            assert!(is_phone_number(number), "{number}");
        }
        for text in [
            "",
            "1",
            "not a phone",
            "112 now",
            "\u{202e}112",
            "+",
            "49+30",
            "tel:112",
            "+000000000000000",
            "00",
            "+0112",
            "１１２",
        ] {
            assert!(!is_phone_number(text), "{text}");
        }
    }

    #[test]
    fn an_entry_happened_between_1900_and_the_day_after_tomorrow() {
        let fall = table().by_name("fall").expect("a type");
        let number = fall.time_field.expect("when it was");
        let now_ms = 1_795_600_000_000;
        let at = |ms: i64| {
            let timestamp = prost_types::Timestamp { seconds: ms.div_euclid(1_000), nanos: 0 };
            let moment = crate::care::Moment { at: Some(timestamp), ..Default::default() };
            let fall = crate::care::Fall { when: Some(moment), ..Default::default() };
            prost::Message::encode_to_vec(&fall)
        };
        let found = |ms| check_time(fall, [(number, at(ms).as_slice())], now_ms);
        for possible in [EARLIEST_MS, 0, now_ms, now_ms + 2 * DAY_MS] {
            assert_eq!(found(possible), None, "{possible}");
        }
        for impossible in [EARLIEST_MS - 1_000, now_ms + 2 * DAY_MS + 1_000, 253_402_300_799_000] {
            let violation = Violation { path: "fall.when".into(), reason: Reason::TimeImpossible };
            assert_eq!(found(impossible), Some(violation), "{impossible}");
        }
        // So it is with its end.
        let pain = table().by_name("pain_entry").expect("a type");
        let end = pain.shape.fields.iter().find(|field| field.name == END).expect("when it ended").number;
        let ended = |ms: i64| {
            let at = prost_types::Timestamp { seconds: ms.div_euclid(1_000), nanos: 0 };
            let effective_end = Some(crate::care::Moment { at: Some(at), ..Default::default() });
            let chunk = prost::Message::encode_to_vec(&crate::care::PainEntry { effective_end, ..Default::default() });
            check_time(pain, [(end, chunk.as_slice())], now_ms)
        };
        assert_eq!(ended(now_ms), None);
        let violation = Violation { path: "pain_entry.effective_end".into(), reason: Reason::TimeImpossible };
        assert_eq!(ended(253_402_300_799_000), Some(violation));
        // What is planned may lie ahead; a plan is no entry.
        let plan = table().types().iter().find(|of| of.class == PriorityClass::Plan && of.time_field.is_some());
        let Some(plan) = plan else { return };
        let far = at(now_ms + 400 * DAY_MS);
        assert_eq!(check_time(plan, [(plan.time_field.unwrap_or(0), far.as_slice())], now_ms), None);
    }
}
