//! V-C09: falls in twelve months, the day of the last one, and how many hazards at home are open. No place, no injury.

use osteon_proto::care::{self, HazardStatus};
use prost::Message;

use super::{
    Derived, Seen,
    counted::{Counting, Item},
    input::Input,
    said::{day_text, each, settled},
};
use crate::store::StoreError;

pub const OF_FALLS: u32 = 479;
const FALL: u32 = 107;
const HAZARD: u32 = 352;
const MAX_FALLS: usize = 256;
const MONTHS: i32 = 12;

pub(super) const FALLS: Derived =
    Derived { number: OF_FALLS, category: Some(9), whole: &[HAZARD], single: &[FALL], counts: true, compute };

const ALL: Counting = Counting { read: fall, keep: newest };

/// A near-fall is none; where people disagree about that it is a fall.
fn fall(from: &mut Input) -> Vec<Item> {
    if from.is_only("near_fall", 1) {
        return Vec::new();
    }
    from.moment("when").map(|(at, looked)| Item::of(from, at, &looked)).into_iter().collect()
}

fn newest(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| b.cmp(a));
    items.dedup();
    items.truncate(MAX_FALLS);
    items
}

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let before: care::SummaryOfFalls = seen.before();
    let mut made = care::SummaryOfFalls::default();
    let mut hazards = None;
    let mut inputs = each(seen, FALLS.whole, |_, from| {
        let open = !from.is_only("status", HazardStatus::Fixed.into());
        *hazards.get_or_insert(0) += u32::from(open);
    })?;
    let falls = ALL.count(seen, &before.counted, &[])?;
    let day = |item: &Item| item.at.day();
    let last = falls.items.iter().max_by_key(|item| item.at.ms);
    let until = last.map(day).into_iter().chain([seen.today()]).max();
    let from = until.map(|until| until.plus_months(-MONTHS));
    let within: Vec<&Item> = falls.items.iter().filter(|item| Some(day(item)) > from).collect();
    let until = until.and_then(day_text);
    if !falls.items.is_empty() || before.falls_12_months.is_some() {
        made.falls_12_months =
            Some(care::SummaryCount { count: u32::try_from(within.len()).ok(), until: until.clone() });
    }
    made.last_fall = last.map(|item| care::SummaryDay { day: day_text(day(item)), on: day_text(day(item)) });
    made.open_hazards = hazards.map(|count| care::SummaryCount { count: Some(count), until });
    inputs.extend(within.iter().chain(last.iter()).map(|item| item.input()));
    made.counted = falls.said();
    if made != care::SummaryOfFalls::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use osteon_care_core::facts::Instant;

    use super::*;

    #[test]
    fn what_is_kept_of_falls_is_the_newest() {
        let item = |n: u32| {
            let (what, value, low, high) = Default::default();
            let at = Instant { ms: i64::from(n % 997), offset_min: 0 };
            Item { at, name: n.to_be_bytes().to_vec(), type_number: FALL, what, value, low, high }
        };
        let all: Vec<Item> = (0..600).map(|n| item(n * 7919)).collect();
        let one_by_one = all.iter().fold(Vec::new(), |kept, item| newest([kept, vec![item.clone()]].concat()));
        assert_eq!(one_by_one.len(), MAX_FALLS);
        assert_eq!(one_by_one, newest(all));
    }
}
