//! ListTasks: what is due on some days, out of the plans that the caller may read, through the same scope as every other
//! way to read. What the plans come to is `care_core::tasks`; here the records are read, and the person's clock is found.
//!
//! Ticks are read back as far as the days of adherence, and by their derived ids where a task that waits is older.

mod asked;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::{
    Day,
    facts::{DAY_MS, Instant, gather::Merged},
    tasks::{self, CLOCK_TYPES, Plans, State, TASK},
};
use osteon_proto::{
    reasons::Reason,
    table::{RecordType, table},
    task as pb,
};
use osteon_sync_core::RecordId;

use self::asked::Asked;
use super::{
    App, enrol::timestamp, look::Looked, notes::categories, records::Session, secrets::sha256, series::labels, views,
};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
    store::ListQuery,
};

/// Parts of one read.
const AT_ONCE: u32 = 500;
/// A tick is written on its day or after it, by a clock that may be a little behind.
const EARLY_D: i32 = 2;

/// What was read of one circle.
#[derive(Default)]
struct Found {
    records: BTreeMap<RecordId, Vec<Looked>>,
}

impl Found {
    fn merged(&self) -> Vec<Merged<'_>> {
        let parts = self.records.values().flatten();
        parts.map(merged).collect()
    }

    fn categories(&self) -> u32 {
        self.records.values().flatten().fold(0, |bits, one| bits | categories(one.row.label))
    }
}

fn merged(one: &Looked) -> Merged<'_> {
    let row = &one.row;
    let (record, type_number, label) = (row.record, row.type_number, row.label);
    Merged { record, type_number, label, part: Some(&one.part), received: None }
}

/// The patient's clock now, and where it is known from.
struct Clock {
    now: Instant,
    source: pb::ClockSource,
}

pub async fn list(app: &App, caller: &Caller, request: &pb::ListTasksRequest) -> Result<pb::ListTasksResponse, Error> {
    let asked = Asked::of(request)?;
    let mut session = app.session(caller, asked.circle).await?;
    let mut found = Found::default();
    let clock = clock(&mut session, &asked, &mut found).await?;
    let today = clock.now.day();
    let span = asked.span(today)?;
    let days = tasks::adherence_span(span.1.min(today));
    let since = span.0.min(days.0);
    for number in Plans::types() {
        let Some(known) = table().get(number) else { continue };
        of_type(&mut session, known, since, &mut found).await?;
    }
    let plans = with_old_ticks(&mut session, (span, days), &clock, &mut found).await?;
    let teller = told::Teller { session: &session, asked: &asked, plans: &plans, clock: &clock };
    let mut answer = teller.answer(span, days);
    answer.at = Some(timestamp(app.now_ms()));
    let told = answer.tasks.len() + answer.held.len() + plans.ticks.len();
    let told = told + usize::from(clock.source == pb::ClockSource::Entries);
    let (categories, behind_glass) = (found.categories(), session.scope.behind_glass());
    // Before the audit: nothing waits for the store while it holds one of its readers.
    drop(session);
    app.note_list(caller, asked.circle, "task.list", categories, told, behind_glass).await?;
    Ok(answer)
}

/// Whether the reader may see records of a type at all: nobody scans what they may not see.
fn may_see(session: &Session, known: &RecordType) -> bool {
    labels(known, session.member.viewer.account).iter().any(|label| session.scope.reads(*label))
}

async fn clock(session: &mut Session, asked: &Asked, found: &mut Found) -> Result<Clock, Error> {
    let ms = signed(session.now_ms);
    let at = |offset_min: i32| Instant { ms, offset_min };
    if let Some(offset_min) = asked.offset_min {
        return Ok(Clock { now: at(offset_min), source: pb::ClockSource::Request });
    }
    let mut newest = Found::default();
    for known in CLOCK_TYPES.iter().filter_map(|number| table().get(*number)) {
        newest_of(session, known, &mut newest).await?;
    }
    let offset_min = tasks::clock(newest.merged());
    let Some(offset_min) = offset_min else { return Ok(Clock { now: at(0), source: pb::ClockSource::None }) };
    // What tells the clock is told.
    let says = |parts: &Vec<Looked>| tasks::clock(parts.iter().map(merged)) == Some(offset_min);
    found.records.extend(newest.records.into_iter().filter(|(_, parts)| says(parts)).take(1));
    Ok(Clock { now: at(offset_min), source: pb::ClockSource::Entries })
}

/// The record of a type that came last, of those that the reader may see and that tell the patient's clock. Which one that
/// is does not hang on what else is there.
async fn newest_of(session: &mut Session, known: &RecordType, found: &mut Found) -> Result<(), Error> {
    /// Mostly the newest one is of the patient.
    const FIRST: u32 = 8;
    if !may_see(session, known) {
        return Ok(());
    }
    let mut pages = Pages { at_once: FIRST, ..Pages::of(known) };
    while let Some(rows) = pages.next(session).await? {
        let ids: BTreeSet<RecordId> = rows.iter().copied().collect();
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let mut parts = session.parts(&ids, false).await?;
        let says = |parts: &Vec<Looked>| tasks::clock(parts.iter().map(merged)).is_some();
        let newest = rows.into_iter().find(|record| parts.get(record).is_some_and(says));
        if let Some((record, parts)) = newest.and_then(|record| parts.remove_entry(&record)) {
            found.records.insert(record, parts);
            break;
        }
        pages.at_once = (pages.at_once * 4).min(AT_ONCE);
    }
    Ok(())
}

/// Records of one type as their parts changed, the newest first, page by page.
struct Pages {
    type_number: u32,
    before: Option<(u64, RecordId)>,
    at_once: u32,
    over: bool,
}

impl Pages {
    fn of(known: &RecordType) -> Self {
        Self { type_number: known.number, before: None, at_once: AT_ONCE, over: false }
    }

    /// Of the next page the records that the reader may see.
    async fn next(&mut self, session: &mut Session) -> Result<Option<Vec<RecordId>>, Error> {
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

/// Reads the records of a type; ticks, and the entries by which days are counted, back to a date.
async fn of_type(session: &mut Session, known: &RecordType, since: Day, found: &mut Found) -> Result<(), Error> {
    if !may_see(session, known) {
        return Ok(());
    }
    let earliest_ms = u64::try_from(i64::from(since.plus(-EARLY_D).0) * DAY_MS).unwrap_or(0);
    let of_period = known.number == TASK || Plans::is_of_days(known.number);
    let is_old = |parts: &[Looked]| of_period && newest_ms(parts) < earliest_ms;
    let mut pages = Pages::of(known);
    while let Some(rows) = pages.next(session).await? {
        let ids: BTreeSet<RecordId> = rows.into_iter().collect();
        let ids: Vec<RecordId> = ids.into_iter().filter(|id| !found.records.contains_key(id)).collect();
        let mut parts = session.parts(&ids, false).await?;
        let some = !parts.is_empty();
        parts.retain(|_, parts| !is_old(parts));
        // Old ticks alone: what is older still is no newer.
        let over = some && parts.is_empty();
        found.records.extend(parts);
        if found.records.len() > limits::TASK_RECORDS.usize() {
            return Err(Error::limit(&limits::TASK_RECORDS).at("circle", Reason::LimitExceeded));
        }
        if over {
            break;
        }
    }
    Ok(())
}

/// When a record was written last, by the clocks of those who wrote it.
fn newest_ms(parts: &[Looked]) -> u64 {
    let versions = parts.iter().flat_map(|one| one.part.fields()).flat_map(|(_, versions)| versions);
    versions.map(|version| version.clock.ms).max().unwrap_or(0)
}

/// The plans, with the ticks of what waits from longer ago.
async fn with_old_ticks(
    session: &mut Session,
    (span, days): ((Day, Day), (Day, Day)),
    clock: &Clock,
    found: &mut Found,
) -> Result<Plans, Error> {
    let circle = session.member.circle;
    let plans = Plans::of(&found.merged(), clock.now.offset_min);
    let mut due = tasks::listed(&plans, span).tasks;
    due.extend(tasks::listed(&plans, days).tasks);
    let open = due.iter().filter(|task| task.state == State::Open);
    let ids: BTreeSet<RecordId> = open.map(|task| task.record_id(circle, sha256)).collect();
    let ids: Vec<RecordId> = ids.into_iter().filter(|id| !found.records.contains_key(id)).collect();
    let mut more = BTreeMap::new();
    for some in ids.chunks(AT_ONCE as usize) {
        more.extend(session.parts(some, false).await?);
    }
    if more.is_empty() {
        return Ok(plans);
    }
    found.records.extend(more);
    Ok(Plans::of(&found.merged(), clock.now.offset_min))
}
