//! What happened, in the order in which it happened to the person: entries by their own time, plans and decisions by when
//! they were written last.

use std::ops::Range;

use osteon_proto::table::{FieldInfo, table};
use osteon_sync_core::{FieldRef, Role};

use crate::views::{CircleView, FieldView, RecordView, Seen, VersionView, time_ms};

/// The server writes summaries and copies of its own: nothing that happened to anybody.
const SYSTEM: u8 = 8;
const ALERT: u32 = 411;
/// Somebody read in an emergency what they have no other right to.
const BREAK_GLASS: u32 = 312;
/// How far somebody has seen a thread happened to nobody either.
const THREAD_SEEN: u32 = 444;

/// One thing that happened.
#[derive(Clone)]
pub struct Moment {
    pub at_ms: u64,
    /// When what is shown was written last, by whom, in which role.
    pub written_ms: u64,
    pub account: u64,
    pub role: Role,
    pub record: RecordView,
}

impl CircleView<'_> {
    /// From a moment on until before another, the newest first; of one type, or of all.
    pub fn timeline(&self, from_ms: u64, until_ms: u64, type_number: Option<u32>) -> Vec<Moment> {
        let days = from_ms..until_ms;
        let wanted = |number: u32| type_number.is_none_or(|wanted| wanted == number);
        let mut records = self.records_with(wanted, |part| may_be_in(part, &days));
        if type_number.is_some() {
            records.retain(RecordView::is_active);
        }
        let moments = records.into_iter().filter_map(moment);
        let mut moments: Vec<Moment> = moments.filter(|m| days.contains(&m.at_ms) && is_of_people(m)).collect();
        moments.sort_by_key(|m| (std::cmp::Reverse(m.at_ms), m.record.record));
        moments
    }
}

/// Whether a record may lie in these days, for what one part of it says: it may not where the part names other times alone.
fn may_be_in((_, number, part): &Seen<'_>, days: &Range<u64>) -> bool {
    let time = table().get(*number).and_then(|kind| kind.field(kind.time_field?));
    let named = |field: &'static FieldInfo| {
        let versions = part.versions(FieldRef::register(field.number));
        versions.filter_map(|one| time_ms(field, one.value?)).collect::<Vec<u64>>()
    };
    match time.map(named).filter(|times| !times.is_empty()) {
        Some(times) => times.iter().any(|ms| days.contains(ms)),
        // Another part may name it; else it is when it was written.
        None => true,
    }
}

fn is_of_people(moment: &Moment) -> bool {
    let number = moment.record.type_number;
    number != THREAD_SEEN && (moment.role.0 != SYSTEM || matches!(number, ALERT | BREAK_GLASS))
}

fn moment(record: RecordView) -> Option<Moment> {
    let newest = |field: &FieldView| field.versions.iter().max_by_key(|v| v.clock).cloned();
    let last: VersionView = record.fields.iter().filter_map(newest).max_by_key(|v| v.clock)?;
    let at_ms = record.time_ms.unwrap_or(last.clock.ms);
    Some(Moment { at_ms, written_ms: last.clock.ms, account: last.author.account, role: last.author.role, record })
}
