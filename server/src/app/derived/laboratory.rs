//! V-C05: the newest band of adjusted calcium, 25-OH vitamin D, eGFR and albumin. No value.

use osteon_care_core::{
    digest::results::{Place, Sample, newest},
    facts::{Analyte, from_codes},
};
use osteon_proto::care::{self, ResultBand};
use prost::Message;

use super::{
    Derived, Seen,
    counted::{Counting, Item, newest_of_each},
    input::Input,
    said::{day_text, settled},
};
use crate::store::StoreError;

pub const OF_LABORATORY: u32 = 475;
const RESULT: u32 = 120;
/// Of each analyte: a calcium and an albumin of one day are looked for among them.
const KEPT: usize = 8;

pub(super) const LABORATORY: Derived =
    Derived { number: OF_LABORATORY, category: Some(5), whole: &[], single: &[RESULT], counts: true, compute };

const RESULTS: Counting = Counting {
    read: |from| result(from).into_iter().filter(is_told).collect(),
    keep: |items| newest_of_each(items, KEPT),
};

fn is_told(item: &Item) -> bool {
    let told = [Analyte::CalciumTotal, Analyte::CalciumAdjusted, Analyte::VitaminD, Analyte::Egfr, Analyte::Albumin];
    told.iter().any(|analyte| analyte.code() == item.what)
}

/// A result in its canonical unit; none where analyte, unit or time is missing or not one that is known.
pub(super) fn result(from: &mut Input) -> Option<Item> {
    let analyte = from_codes::analyte(&from.text("analyte")?)?;
    let unit = from.text("unit")?;
    let canonical = |value: i32| {
        from_codes::canonical(analyte, i64::from(value), &unit).and_then(|value| i32::try_from(value).ok())
    };
    let value = canonical(from.number("value")?)?;
    let (low, high) = (from.number("ref_low").and_then(canonical), from.number("ref_high").and_then(canonical));
    let (at, looked) = match from.moment("specimen_time") {
        Some(taken) => taken,
        None => from.moment("effective_start")?,
    };
    Some(Item { what: analyte.code().to_owned(), value: Some(value), low, high, ..Item::of(from, at, &looked) })
}

pub(super) fn sample(item: &Item) -> Option<Sample> {
    let whole = |number: Option<i32>| number.map(i64::from);
    let analyte = Analyte::from_code(&item.what)?;
    Some(Sample { at: item.at, analyte, value: whole(item.value)?, low: whole(item.low), high: whole(item.high) })
}

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let before: care::SummaryOfLaboratory = seen.before();
    let results = RESULTS.count(seen, &before.counted, &before.awaited)?;
    let samples: Vec<Sample> = results.items.iter().filter_map(sample).collect();
    let mut made = care::SummaryOfLaboratory::default();
    made.results.extend(newest(&samples).into_iter().map(|one| {
        let band = one.place.map(|place| match place {
            Place::Low => ResultBand::Low,
            Place::InRange => ResultBand::InRange,
            Place::High => ResultBand::High,
        });
        let analyte = Some(one.analyte.code().to_owned());
        care::SummaryResult { analyte, band: band.map(Into::into), on: day_text(one.day) }
    }));
    made.results.dedup();
    made.results.truncate(16);
    (made.counted, made.awaited) = (results.said(), results.awaited());
    if made != care::SummaryOfLaboratory::default() {
        made.inputs = settled(results.items.iter().map(Item::input).collect());
    }
    Ok(made.encode_to_vec())
}
