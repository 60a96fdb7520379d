//! GetSeries: what charts of one patient draw, through the same scope as every other way to read.
//!
//! At most two years are read at once, in one snapshot, and told in messages of some days; the next are read when those
//! have left. Whose access has moved meanwhile is read for again, so nothing leaves that was taken back. What the lanes
//! make of records is `care_core::series`.

mod asked;
pub(super) mod reading;
mod stream;
pub(super) mod told;

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::{
    Day,
    facts::{DAY_MS, Id, Instant},
    series::{self, Lane, Series, Span},
};
use osteon_proto::{
    table::{RecordType, table},
    timeline as pb,
};
use osteon_sync_core::{RecordId, lifecycle::State};
use prost::Message as _;

pub use self::stream::open;
use self::{asked::Asked, reading::Reading};
use super::{App, clock, look::Looked, notes::categories, phone, records::Session, views};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
};

/// Records that are looked for by the time that arrived last are looked for so many days on either side: the person's
/// clock may be another day's, and another version of the time may be inside.
const MARGIN_D: i32 = 7;

/// Types that are read whole: some of their records have no time to look for them by, or correct another from afar.
const WHOLE: [u32; 6] = [120, 121, 231, 232, 233, 371];

/// Of each record the sequence of its first change, and its categories.
pub(super) type Known = BTreeMap<RecordId, (u64, u32)>;

/// Some days of a circle, as they stood when they were read.
struct Window {
    span: Span,
    series: Series,
    known: Known,
    /// Of each lane that was asked for.
    sharing: Vec<pb::SeriesSharing>,
    /// Until when this may be told.
    access_generation: u64,
    not_after_ms: Option<i64>,
    read: usize,
    behind_glass: bool,
    /// Entries of the journal, where they were asked for, and their days.
    entries: BTreeSet<RecordId>,
    entry_days: BTreeSet<Day>,
    phone: Option<Heard>,
}

/// When phones of the patient were heard, for whom that is told.
struct Heard {
    /// From and to, as [`series::contacts`] has it.
    spans: Vec<(Instant, Instant)>,
    now: Instant,
}

impl Window {
    /// Whether the caller may still see what was read.
    fn holds(&self, app: &App, circle: u64) -> bool {
        !app.store.access_moved(circle, self.access_generation)
            && self.not_after_ms.is_none_or(|end| signed(app.now_ms()) < end)
    }

    /// The categories of the records that these days tell something of, and how many they are.
    fn told(&self) -> (u32, usize) {
        let records: BTreeSet<RecordId> = self.series.records().into_iter().map(|Id(id)| id).collect();
        let records = &records | &self.entries;
        let of = |id: &RecordId| self.known.get(id).map_or(0, |(_, categories)| *categories);
        (records.iter().map(of).fold(0, |bits, one| bits | one), records.len())
    }

    /// As many days from here as fit a message, and the last of them. `days`: to try first; afterwards those of the next.
    fn message(&self, asked: &Asked, from: Day, days: &mut i32) -> (pb::SeriesDays, Day) {
        loop {
            let to = self.span.1.min(from.plus(*days - 1));
            let message = told::days(self, asked, (from, to));
            let bytes = message.encoded_len();
            if *days > 1 && bytes > limits::SERIES_PAGE_BYTES.usize() {
                *days /= 2;
                continue;
            }
            if bytes < limits::SERIES_PAGE_BYTES.usize() / 2 {
                *days = (*days * 2).min(limits::SERIES_PAGE_DAYS.u32().cast_signed());
            }
            return (message, to);
        }
    }
}

/// Reads some days. Forbidden and absent are one answer.
async fn read(app: &App, caller: &Caller, asked: &Asked, span: Span) -> Result<Window, Error> {
    let mut session = app.session(caller, asked.circle).await?;
    let circle = session.snapshot.circle();
    let mut window = Window {
        span,
        series: Series::new(span.0, span.1, asked.mistakes).only(asked.lanes.iter().copied()),
        known: BTreeMap::new(),
        sharing: asked.lanes.iter().map(|lane| sharing(*lane, &session, caller.account)).collect(),
        access_generation: circle.access_generation,
        not_after_ms: session.scope.not_after_ms(),
        read: 0,
        behind_glass: session.scope.behind_glass(),
        entries: BTreeSet::new(),
        entry_days: BTreeSet::new(),
        phone: None,
    };
    if phone::is_told(session.member.role()) {
        window.phone = Some(heard(app, &mut session).await?);
    }
    for known in asked.types() {
        // Nobody scans what they may not see.
        if labels(known, caller.account).iter().any(|label| session.scope.reads(*label)) {
            of_type(&mut session, known, asked, &mut window).await?;
        }
    }
    Ok(window)
}

async fn heard(app: &App, session: &mut Session) -> Result<Heard, Error> {
    let now = clock::of(session, None).await?.now;
    let rows = app.store.heard_of(session.member.circle, limits::HEARD_SPANS.u32()).await?;
    let at = |ms: u64| Instant { ms: signed(ms), ..now };
    Ok(Heard { spans: rows.into_iter().map(|(from, to)| (at(from), at(to))).collect(), now })
}

async fn of_type(
    session: &mut Session,
    known: &'static RecordType,
    asked: &Asked,
    window: &mut Window,
) -> Result<(), Error> {
    let times = times(known.number, window.span);
    let mut reading = Reading { limit: &limits::SERIES_RECORDS, path: "to", read: window.read };
    reading.of_type(session, known, times, &mut |parts| put_one(known, &parts, asked, window)).await?;
    window.read = reading.read;
    Ok(())
}

fn put_one(known: &RecordType, parts: &[Looked], asked: &Asked, window: &mut Window) {
    let Some(first) = parts.first().filter(|first| first.row.type_number == known.number) else { return };
    let mistake = match views::lifecycle(parts).state {
        State::Active => false,
        State::EnteredInError => true,
        State::Deleted => return,
    };
    let record = first.row.record;
    window.series.put_parts(known, record, parts.iter().map(|one| &one.part), mistake);
    if asked.entry_days && !mistake && series::is_entry(known) {
        let days = parts.iter().flat_map(|one| series::days_of(known, &one.part));
        let inside: Vec<Day> = days.filter(|day| (window.span.0..=window.span.1).contains(day)).collect();
        window.entries.extend((!inside.is_empty()).then_some(record));
        window.entry_days.extend(inside);
    }
    let arrived = parts.iter().map(|one| one.row.first_seq).min().unwrap_or(0);
    let categories = parts.iter().fold(0, |bits, one| bits | categories(one.row.label));
    window.known.insert(record, (arrived, categories));
}

/// When records of these days happened, in milliseconds since 1970, as far as one can look for them by it.
pub(super) fn times(type_number: u32, (from, to): Span) -> (u64, u64) {
    const END: u64 = i64::MAX as u64;
    if WHOLE.contains(&type_number) {
        return (0, END);
    }
    let start = |day: Day| u64::try_from(i64::from(day.0).saturating_mul(DAY_MS)).unwrap_or(0);
    (start(from.plus(-MARGIN_D)), start(to.plus(MARGIN_D + 1)))
}

/// Every label that records of a type may have, but for what is filed for somebody by name.
pub(super) fn labels(known: &RecordType, account: u64) -> BTreeSet<osteon_access_core::LabelId> {
    let choices = if known.label_choice.is_empty() { 0..=0 } else { 1..=known.label_choice.len() };
    let of = |choice: usize| known.record_label(u32::try_from(choice).unwrap_or(0), account).ok();
    choices.filter_map(of).collect()
}

/// How much of a lane a reader may see, whatever there is of it.
pub(super) fn sharing(lane: Lane, session: &Session, account: u64) -> pb::SeriesSharing {
    let types = series::TYPES.iter();
    let types = types.filter(|number| series::lanes_of(**number).contains(&lane));
    let labels = types.filter_map(|number| table().get(*number)).flat_map(|known| labels(known, account));
    let (shared, hidden): (Vec<_>, Vec<_>) = labels.partition(|label| session.scope.reads(*label));
    match (shared.is_empty(), hidden.is_empty()) {
        (true, _) => pb::SeriesSharing::None,
        (false, false) => pb::SeriesSharing::Some,
        (false, true) => pb::SeriesSharing::All,
    }
}
