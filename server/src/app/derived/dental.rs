//! V-C13: whether the dentist has cleared, from what the bone drug plans say of it. A clearance holds half a year (ours,
//! as rule R-DENT-1 has it); it is judged on the day of the commit, and stands with the day on which it was given.

use osteon_care_core::Day;
use osteon_proto::care::{self, DentalClearance, DentalClearanceBand};
use prost::Message;

use super::{
    Derived, Seen,
    input::Input,
    said::{day_text, each, on, settled},
};
use crate::store::StoreError;

pub const OF_DENTAL: u32 = 483;
const BONE_DRUG_PLAN: u32 = 231;
const VALID_MONTHS: i32 = 6;

pub(super) const DENTAL: Derived =
    Derived { number: OF_DENTAL, category: Some(13), whole: &[BONE_DRUG_PLAN], single: &[], counts: false, compute };

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let mut made = care::SummaryOfDental::default();
    let mut found: Vec<(u64, DentalClearanceBand, Option<String>)> = Vec::new();
    let inputs = each(seen, DENTAL.whole, |_, from| found.extend(clearance(from, seen.today())))?;
    // Of several plans what was said last; at once, the stricter.
    let last = found.into_iter().max_by_key(|(ms, band, _)| (*ms, *band != DentalClearanceBand::Yes));
    made.clearance = last.map(|(_, band, on)| care::SummaryDental { clearance: Some(band.into()), on });
    if made != care::SummaryOfDental::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

fn clearance(from: &mut Input, today: Day) -> Option<(u64, DentalClearanceBand, Option<String>)> {
    let (said, written_ms) = from.number_in_force("dental_clearance")?;
    let cleared_on = from.text("dental_cleared_on").as_deref().and_then(Day::parse);
    if said != i32::from(DentalClearance::Cleared) {
        return Some((written_ms, DentalClearanceBand::No, on(written_ms)));
    }
    let written = on(written_ms).as_deref().and_then(Day::parse);
    let since = cleared_on.or(written)?;
    let expired = since.plus_months(VALID_MONTHS) < today;
    let band = if expired { DentalClearanceBand::Expired } else { DentalClearanceBand::Yes };
    Some((written_ms, band, day_text(since)))
}
