//! What is said in every summary: days, the texts of a field with theirs, and the versions that were looked at.

use osteon_care_core::Day;
use osteon_proto::care;

use super::{
    Seen,
    input::{Input, Looked},
};
use crate::store::StoreError;

/// Of one item, where people disagree.
pub(super) const MAX_VERSIONS: usize = 8;
const MAX_INPUTS: usize = 256;
const DAY_MS: i64 = 86_400_000;

/// A day, counted from 1 January 1970, as "YYYY-MM-DD".
pub(super) fn date(day: i64) -> Option<String> {
    let start = jiff::Timestamp::from_millisecond(day.checked_mul(DAY_MS)?).ok()?;
    Some(start.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

pub(super) fn day(date: &str) -> Option<i64> {
    osteon_proto::values::day(date)
}

/// The day on which something was written, in UTC.
pub(super) fn on(written_ms: u64) -> Option<String> {
    date(i64::try_from(written_ms).ok()?.div_euclid(DAY_MS))
}

pub(super) fn input(type_number: u32, looked: &Looked, on: Option<String>) -> care::SummaryInput {
    care::SummaryInput { version: Some(looked.name().into()), r#type: Some(type_number), on }
}

/// Ascending by name, the newest day first kept where there are too many.
pub(super) fn settled(mut inputs: Vec<care::SummaryInput>) -> Vec<care::SummaryInput> {
    inputs.sort_by(|a, b| b.on.cmp(&a.on).then_with(|| a.version.cmp(&b.version)));
    inputs.truncate(MAX_INPUTS);
    inputs.sort_by(|a, b| a.version.cmp(&b.version));
    inputs.dedup_by(|a, b| a.version == b.version);
    inputs
}

pub(super) fn inputs(type_number: u32, from: &Input) -> impl Iterator<Item = care::SummaryInput> {
    from.looked.iter().map(move |looked| input(type_number, looked, on(looked.written_ms)))
}

pub(super) fn text((text, written_ms): (String, u64)) -> care::SummaryText {
    care::SummaryText { text: Some(text), on: on(written_ms) }
}

pub(super) fn day_text(day: Day) -> Option<String> {
    Some(day.to_string())
}

/// Sorted, each once, no more than so many.
pub(super) fn texts(mut all: Vec<care::SummaryText>, most: usize) -> Vec<care::SummaryText> {
    all.sort_by(|a, b| a.text.cmp(&b.text).then_with(|| b.on.cmp(&a.on)));
    all.dedup_by(|a, b| a.text == b.text);
    all.truncate(most);
    all
}

/// Every record of these types that is there, was not ended and may be looked at; and what was looked at of it.
pub(super) fn each(
    seen: &Seen<'_, '_>,
    types: &[u32],
    mut look: impl FnMut(u32, &mut Input),
) -> Result<Vec<care::SummaryInput>, StoreError> {
    let mut all = Vec::new();
    for type_number in types {
        for row in seen.parts_of_type(*type_number)? {
            let Some(mut from) = Input::open(row)? else { continue };
            look(*type_number, &mut from);
            all.extend(inputs(*type_number, &from));
        }
    }
    Ok(all)
}
