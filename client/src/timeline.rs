//! What happened, in the order in which it happened to the person: entries by their own time, plans and decisions by when
//! they were written last.

use osteon_sync_core::Role;

use crate::views::{CircleView, FieldView, RecordView, VersionView};

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
        let records = match type_number {
            Some(number) => self.of_type(number),
            None => self.records(),
        };
        let moments = records.into_iter().filter_map(moment);
        let mut moments: Vec<Moment> =
            moments.filter(|m| (from_ms..until_ms).contains(&m.at_ms) && is_of_people(m)).collect();
        moments.sort_by_key(|m| (std::cmp::Reverse(m.at_ms), m.record.record));
        moments
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
