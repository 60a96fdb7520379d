//! ListTasks: what is due on some days, out of the plans that the caller may read, through the same scope as every other
//! way to read. What the plans come to is `care_core::tasks`; here the records are read.
//!
//! Ticks are read back as far as the days of adherence, and by their derived ids where a task that waits is older.

mod asked;
pub(super) mod sharing;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::{
    Day,
    facts::{DAY_MS, gather::Merged},
    tasks::{self, Plans, State, TASK},
};
use osteon_proto::{
    reasons::Reason,
    table::{RecordType, table},
    task as pb,
};
use osteon_sync_core::RecordId;

use self::asked::Asked;
use super::{
    App,
    clock::{self, AT_ONCE, Clock, Pages, may_see, merged},
    enrol::timestamp,
    look::Looked,
    notes::categories,
    records::Session,
    secrets::sha256,
};
use crate::{access::Caller, error::Error, limits};

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

pub async fn list(app: &App, caller: &Caller, request: &pb::ListTasksRequest) -> Result<pb::ListTasksResponse, Error> {
    let asked = Asked::of(request)?;
    let mut session = app.session(caller, asked.circle).await?;
    let mut found = Found::default();
    let mut clock = clock::of(&mut session, asked.offset_min).await?;
    // What tells the clock is told.
    found.records.append(&mut clock.told_by);
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
