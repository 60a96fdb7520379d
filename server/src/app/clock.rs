//! Which clock the patient goes by: as the caller says, else as the newest entry says that the patient wrote and the caller may
//! read ([`osteon_care_core::tasks::clock`]). It decides which day is today, and on which day something arrived.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::{
    facts::{Instant, gather::Merged},
    tasks::{self, CLOCK_TYPES},
};
use osteon_proto::{
    table::{RecordType, table},
    task as pb,
};
use osteon_sync_core::RecordId;

use super::{look::Looked, records::Session, series::labels, views};
use crate::{access::signed, error::Error, store::ListQuery};

/// Parts of one read.
pub(super) const AT_ONCE: u32 = 500;

/// The patient's clock now, and where it is known from.
pub(super) struct Clock {
    pub(super) now: Instant,
    pub(super) source: pb::ClockSource,
    /// The record that tells it, if one does: what tells the clock is told.
    pub(super) told_by: BTreeMap<RecordId, Vec<Looked>>,
}

/// `offset_min`: as the caller says.
pub(super) async fn of(session: &mut Session, offset_min: Option<i32>) -> Result<Clock, Error> {
    let ms = signed(session.now_ms);
    let at = |offset_min: i32, source| Clock { now: Instant { ms, offset_min }, source, told_by: BTreeMap::new() };
    if let Some(offset_min) = offset_min {
        return Ok(at(offset_min, pb::ClockSource::Request));
    }
    let mut newest = BTreeMap::new();
    for known in CLOCK_TYPES.iter().filter_map(|number| table().get(*number)) {
        newest.extend(newest_of(session, known).await?);
    }
    let Some(offset_min) = tasks::clock(newest.values().flatten().map(merged)) else {
        return Ok(at(0, pb::ClockSource::None));
    };
    let says = |parts: &Vec<Looked>| tasks::clock(parts.iter().map(merged)) == Some(offset_min);
    let told_by = newest.into_iter().filter(|(_, parts)| says(parts)).take(1).collect();
    Ok(Clock { told_by, ..at(offset_min, pb::ClockSource::Entries) })
}

/// The record of a type that came last, of those that the reader may see and that tell the patient's clock. Which one that
/// is does not hang on what else is there.
async fn newest_of(session: &mut Session, known: &RecordType) -> Result<Option<(RecordId, Vec<Looked>)>, Error> {
    /// Mostly the newest one is of the patient.
    const FIRST: u32 = 8;
    if !may_see(session, known) {
        return Ok(None);
    }
    let mut pages = Pages { at_once: FIRST, ..Pages::of(known) };
    while let Some(rows) = pages.next(session).await? {
        let ids: BTreeSet<RecordId> = rows.iter().copied().collect();
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let mut parts = session.parts(&ids, false).await?;
        let says = |parts: &Vec<Looked>| tasks::clock(parts.iter().map(merged)).is_some();
        let newest = rows.into_iter().find(|record| parts.get(record).is_some_and(says));
        if let Some(found) = newest.and_then(|record| parts.remove_entry(&record)) {
            return Ok(Some(found));
        }
        pages.at_once = (pages.at_once * 4).min(AT_ONCE);
    }
    Ok(None)
}

pub(super) fn merged(one: &Looked) -> Merged<'_> {
    let row = &one.row;
    let (record, type_number, label) = (row.record, row.type_number, row.label);
    Merged { record, type_number, label, part: Some(&one.part), received: None, in_range: false }
}

/// Whether the reader may see records of a type at all: nobody scans what they may not see.
pub(super) fn may_see(session: &Session, known: &RecordType) -> bool {
    labels(known, session.member.viewer.account).iter().any(|label| session.scope.reads(*label))
}

/// Records of one type as their parts changed, the newest first, page by page.
pub(super) struct Pages {
    type_number: u32,
    before: Option<(u64, RecordId)>,
    at_once: u32,
    over: bool,
}

impl Pages {
    pub(super) fn of(known: &RecordType) -> Self {
        Self { type_number: known.number, before: None, at_once: AT_ONCE, over: false }
    }

    /// Of the next page the records that the reader may see.
    pub(super) async fn next(&mut self, session: &mut Session) -> Result<Option<Vec<RecordId>>, Error> {
        if self.over {
            return Ok(None);
        }
        let (type_number, before) = (self.type_number, self.before);
        let (from_ms, to_ms) = (0, i64::MAX as u64);
        let query = ListQuery { type_number, by_time: false, before, from_ms, to_ms, limit: self.at_once };
        let rows = session.rows()?.list(query).await?;
        self.over = rows.len() < self.at_once as usize;
        self.before = rows.last().map(|row| (row.seq, row.record));
        let readable = rows.iter().filter(|row| views::readable(&session.scope, row.label));
        Ok(Some(readable.map(|row| row.record).collect()))
    }
}
