//! Questions before an entry is saved: what can be true and seldom is. The answer is the person's; nothing is refused.

use jiff::{Timestamp, tz::TimeZone};
use osteon_care_core::vocabulary;
use osteon_proto::{
    check::questions::{self, Doubt, is_unlike_weight, questions},
    plain::scaled,
    split::split_body,
    table::{RecordType, table},
    values::{Value, moment_ms, value},
};

use crate::{
    error::Result,
    phone::Phone,
    records::check_values,
    views::{CircleView, RecordView},
    words,
};

const WEIGHT: u32 = 108;
const RISK: u32 = 281;
const BEFORE_BIRTH: &str = "That is before the day of birth that stands here.";

/// One thing to ask, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubtful {
    /// For example `body_weight.weight`: what a note of it may name.
    pub path: String,
    pub doubt: Doubt,
    /// "96.2 kg is 27 kg more than on 17 Nov."
    pub words: String,
}

impl Phone {
    /// What there is to ask about an entry that nothing would refuse. `body` is a `RecordBody`, encoded.
    pub async fn doubts(&self, circle: u64, body: &[u8], zone: &TimeZone) -> Result<Vec<Doubtful>> {
        let now_ms = self.now_ms();
        let state = self.read().await?;
        let enrolled = state.enrolled()?;
        let Ok((number, _, parts)) = split_body(body) else { return Ok(Vec::new()) };
        let Some(kind) = table().get(number) else { return Ok(Vec::new()) };
        let server_ms = i64::try_from(enrolled.device.server_time_ms(now_ms)).unwrap_or(i64::MAX);
        let chunks: Vec<(u32, &[u8])> = parts.chunks().map(|chunk| (chunk.number, chunk.bytes)).collect();
        // Nobody is asked about what would be refused.
        check_values(kind, chunks.clone(), server_ms)?;
        let asked = questions(kind, chunks.iter().copied(), server_ms).into_iter();
        let mut found: Vec<Doubtful> = asked
            .chain(vocabulary::unknown(kind, chunks.iter().copied()))
            .map(|question| {
                let said = said(kind, &chunks, question.field, zone);
                let words = match question.doubt {
                    Doubt::OutOfWarnRange => format!("{said} is unusual."),
                    Doubt::LongAgo => format!("{said}: that is long ago."),
                    Doubt::BeforeBirth => BEFORE_BIRTH.to_owned(),
                    Doubt::OnsetAhead => format!("{said}: that day is still to come."),
                    Doubt::WorstBelowLeast => format!("{said} is less than the least of the day."),
                    Doubt::ThresholdNotAllowed => format!("{said}: the rules do not allow this."),
                    Doubt::CodeUnknown => format!("{said}: no rule knows this code."),
                    Doubt::Contradicts => format!("{said} does not fit another answer."),
                    Doubt::UnitDoubtful => format!("{said}: the unit of a dose is missing, or is none."),
                    Doubt::UnlikeBefore => format!("{said} is unlike the one before."),
                };
                Doubtful { path: question.path, doubt: question.doubt, words }
            })
            .collect();
        let view = enrolled.view(circle, now_ms)?;
        found.extend(unlike_before(kind, &chunks, &view, server_ms, zone));
        found.extend(before_birth(kind, &chunks, &view));
        Ok(found)
    }
}

fn said(kind: &RecordType, chunks: &[(u32, &[u8])], field: u32, zone: &TimeZone) -> String {
    let chunk = chunks.iter().find(|(number, _)| *number == field);
    let Some((info, (_, chunk))) = kind.field(field).zip(chunk) else { return kind.title.clone() };
    format!("{} {}", words::label(info), words::chunk(info, chunk, zone))
}

/// A weight against the nearest one before it.
fn unlike_before(
    kind: &RecordType,
    chunks: &[(u32, &[u8])],
    view: &CircleView<'_>,
    server_ms: i64,
    zone: &TimeZone,
) -> Option<Doubtful> {
    if kind.number != WEIGHT {
        return None;
    }
    let info = kind.field_by_name("weight")?;
    let number = |chunk: &[u8]| match value(info, chunk)? {
        Value::Int(n) => Some(n),
        _ => None,
    };
    let chunk_of = |field: u32| chunks.iter().find(|(number, _)| *number == field).map(|(_, chunk)| *chunk);
    let at = kind.time_field.and_then(|time| moment_ms(kind, time, chunk_of(time)?)).unwrap_or(server_ms);
    let now = (at, number(chunk_of(info.number)?)?);
    let of_record =
        |record: &RecordView| Some((i64::try_from(record.time_ms?).ok()?, number(record.field("weight")?.value()?)?));
    let before = view.of_type(WEIGHT).iter().filter_map(of_record).filter(|(ms, _)| *ms <= at).max()?;
    if !is_unlike_weight(before, now) {
        return None;
    }
    let apart = now.1 - before.1;
    let more = if apart > 0 { "more" } else { "less" };
    let day = Timestamp::from_millisecond(before.0).ok()?.to_zoned(zone.clone()).strftime("%d %b");
    let kg = |n: i128| scaled(n, info.scale);
    let words = format!("{} kg is {} kg {more} than on {day}.", kg(now.1), kg(apart.abs()));
    Some(Doubtful { path: format!("{}.{}", kind.member, info.name), doubt: Doubt::UnlikeBefore, words })
}

/// An entry of before the person was born, where this phone knows the day.
fn before_birth(kind: &RecordType, chunks: &[(u32, &[u8])], view: &CircleView<'_>) -> Option<Doubtful> {
    let born = view.of_type(RISK).iter().find_map(|risk| {
        let info = risk.kind()?.field_by_name("birth_date")?;
        match value(info, risk.field("birth_date")?.value()?)? {
            Value::Text(text) => osteon_proto::values::day(text),
            _ => None,
        }
    })?;
    let found = questions::before_birth(kind, chunks.iter().copied(), born)?;
    Some(Doubtful { path: found.path, doubt: found.doubt, words: BEFORE_BIRTH.to_owned() })
}
