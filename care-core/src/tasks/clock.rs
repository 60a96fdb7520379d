//! Which clock the person goes by. No record says a time zone for good: people travel, and clocks change. Each entry says
//! what the clock was where it was made, so the newest one that the patient wrote is the best that anybody knows.

use osteon_proto::{care, meta::Role, split::payload, table::table};
use osteon_sync_core::FieldRef;
use prost::Message;

use super::TASK;
use crate::facts::gather::Merged;

/// Record types that patients write as things happen, by number.
pub const CLOCK_TYPES: [u32; 9] = [101, 102, 103, 104, 105, 106, 107, 108, TASK];
/// TaskOccurrence.done_at.
const DONE_AT: u32 = 5;

/// Minutes from UTC of the clock with which the patient wrote last. None: nothing says it.
pub fn clock<'a>(merged: impl IntoIterator<Item = Merged<'a>>) -> Option<i32> {
    let newest = |one: Merged<'a>| {
        let field = if one.type_number == TASK { DONE_AT } else { table().get(one.type_number)?.time_field? };
        let versions = one.part?.versions(FieldRef::register(field));
        let own = versions.filter(|version| version.author.role.0 == Role::Patient as u8);
        own.filter_map(|version| {
            let moment = care::Moment::decode(payload(version.value?)).ok()?;
            Some((version.clock, version.dot, moment.utc_offset_min?))
        })
        .max()
    };
    let of_person = merged.into_iter().filter(|one| CLOCK_TYPES.contains(&one.type_number));
    of_person.filter_map(newest).max().map(|(.., offset)| offset)
}
