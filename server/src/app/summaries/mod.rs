//! The weekly digest and the page for a visit: what a reader is told of a period, on one page.
//!
//! Everything comes from records inside the reader's scope, read in one snapshot like any other list: what they may not
//! see is as if it had never been written. What the page makes of records is `care_core::digest`; alerts and disputes are
//! told by the code that lists them. One row of the audit says which categories were looked at.

mod asked;
pub(super) mod changed;
mod told;

use std::collections::BTreeSet;

use osteon_care_core::{
    digest::page::{self, Page},
    facts::gather::Merged,
    series::Span,
    tasks::Plans,
};
use osteon_proto::{
    summary as pb,
    table::{RecordType, table},
};
use osteon_sync_core::lifecycle::State;

use self::asked::Asked;
use super::{
    App,
    alerts::listed::{self, Closed, Which},
    clock::{self, Clock},
    look::Looked,
    notes::categories,
    records::Session,
    reviews,
    series::{self, Known, reading::Reading},
    views,
};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
};

/// Types that are looked for by the time when they happened; the others have no such time, or lean on older ones.
const BY_TIME: [u32; 6] = [101, 103, 104, 105, 106, 107];
/// The others that the page itself reads.
const PAGE_TYPES: [u32; 6] = [108, 120, 122, 231, 232, 233];

pub async fn week(
    app: &App,
    caller: &Caller,
    request: &pb::GetWeeklyDigestRequest,
) -> Result<pb::GetWeeklyDigestResponse, Error> {
    let asked = Asked::week(request)?;
    let mut session = app.session(caller, asked.circle).await?;
    let mut read = Records::default();
    let span = (asked.since.unwrap_or(asked.until), asked.until);
    let digest = digest(app, &mut session, &asked, span, &mut read).await?;
    finish(app, caller, session, &read, "digest.get").await?;
    Ok(pb::GetWeeklyDigestResponse { digest: Some(digest) })
}

pub async fn visit(
    app: &App,
    caller: &Caller,
    request: &pb::GetVisitSummaryRequest,
) -> Result<pb::GetVisitSummaryResponse, Error> {
    let asked = Asked::visit(request)?;
    let mut session = app.session(caller, asked.circle).await?;
    let mut read = Records::default();
    let mut last_visit = None;
    let (since, kind) = match asked.since {
        Some(since) => (since, pb::SinceKind::Asked),
        None => {
            read.types(&mut session, &[page::VISIT], (asked.until, asked.until)).await?;
            let mut page = Page::new((asked.until, asked.until));
            read.put(&mut page);
            last_visit = page.last_visit(asked.until);
            let longest = asked.until.plus(1 - limits::DIGEST_DAYS.u32().cast_signed());
            match last_visit {
                Some(day) if day < longest => (longest, pb::SinceKind::Longest),
                Some(day) => (day, pb::SinceKind::LastVisit),
                None => (asked.until.plus(1 - page::NO_VISIT_DAYS), pb::SinceKind::NoVisit),
            }
        }
    };
    let digest = digest(app, &mut session, &asked, (since, asked.until), &mut read).await?;
    finish(app, caller, session, &read, "visit.get").await?;
    Ok(pb::GetVisitSummaryResponse {
        digest: Some(digest),
        since_kind: kind.into(),
        last_visit: last_visit.map(|day| day.to_string()).unwrap_or_default(),
    })
}

/// Audited before anything leaves. A page of nothing writes no row.
async fn finish(
    app: &App,
    caller: &Caller,
    session: Session,
    read: &Records,
    action: &'static str,
) -> Result<(), Error> {
    let (circle, behind_glass) = (session.member.circle, session.scope.behind_glass());
    drop(session);
    app.note_list(caller, circle, action, read.touched, read.told, behind_glass).await
}

/// The records that a page is made from, each of the parts that the reader sees.
#[derive(Default)]
struct Records {
    all: Vec<(&'static RecordType, Vec<Looked>)>,
    types: BTreeSet<u32>,
    rows: usize,
    /// Categories of what was looked at, and how many records, alerts and disputes that was.
    touched: u32,
    told: usize,
}

impl Records {
    /// Reads types that were not read yet. Nobody scans what they may not see.
    async fn types(&mut self, session: &mut Session, types: &[u32], span: Span) -> Result<(), Error> {
        let account = session.member.viewer.account;
        for number in types {
            let Some(known) = table().get(*number).filter(|_| self.types.insert(*number)) else { continue };
            if !series::labels(known, account).iter().any(|label| session.scope.reads(*label)) {
                continue;
            }
            let times = if BY_TIME.contains(number) { series::times(*number, span) } else { (0, i64::MAX as u64) };
            let mut reading = Reading { limit: &limits::DIGEST_RECORDS, path: "until", read: self.rows };
            reading.of_type(session, known, times, &mut |parts| self.all.push((known, parts))).await?;
            self.rows = reading.read;
        }
        self.told = self.all.len();
        let parts = self.all.iter().flat_map(|(_, parts)| parts);
        self.touched = parts.fold(0, |bits, part| bits | categories(part.row.label));
        Ok(())
    }

    /// The clock that days are counted by. What tells it is told.
    async fn clock(&mut self, session: &mut Session, asked: &Asked) -> Result<Clock, Error> {
        let clock = clock::of(session, asked.offset_min).await?;
        let parts = clock.told_by.values().flatten();
        self.touched = parts.fold(self.touched, |bits, part| bits | categories(part.row.label));
        self.told += clock.told_by.len();
        Ok(clock)
    }

    /// Records that stand, or were marked as a mistake (true).
    fn standing(&self) -> impl Iterator<Item = (&'static RecordType, &[Looked], bool)> {
        self.all.iter().filter_map(|(known, parts)| {
            let first = parts.first().filter(|first| first.row.type_number == known.number);
            let mistake = match first.map(|_| views::lifecycle(parts).state)? {
                State::Active => false,
                State::EnteredInError => true,
                State::Deleted => return None,
            };
            Some((*known, parts.as_slice(), mistake))
        })
    }

    fn put(&self, page: &mut Page) {
        for (known, parts, mistake) in self.standing() {
            let Some(first) = parts.first() else { continue };
            page.put(known, first.row.record, parts.iter().map(|one| &one.part), mistake);
        }
    }

    fn plans(&self, offset_min: i32) -> Plans {
        let types = Plans::types();
        let standing = self.standing().filter(|(known, _, mistake)| !mistake && types.contains(&known.number));
        let merged = standing.flat_map(|(_, parts, _)| parts).map(|one| Merged {
            record: one.row.record,
            type_number: one.row.type_number,
            label: one.row.label,
            part: Some(&one.part),
            received: None,
            in_range: false,
        });
        let merged: Vec<Merged<'_>> = merged.collect();
        Plans::of(&merged, offset_min)
    }

    fn known(&self) -> Known {
        let of = |(_, parts): &(&'static RecordType, Vec<Looked>)| {
            let arrived = parts.iter().map(|one| one.row.first_seq).min().unwrap_or(0);
            let categories = parts.iter().fold(0, |bits, one| bits | categories(one.row.label));
            parts.first().map(|first| (first.row.record, (arrived, categories)))
        };
        self.all.iter().filter_map(of).collect()
    }
}

async fn digest(
    app: &App,
    session: &mut Session,
    asked: &Asked,
    span: Span,
    read: &mut Records,
) -> Result<pb::Digest, Error> {
    let mut types: BTreeSet<u32> = BY_TIME.into_iter().chain(PAGE_TYPES).chain(Plans::types()).collect();
    types.extend(changed::types().map(|known| known.number));
    let types: Vec<u32> = types.into_iter().collect();
    read.types(session, &types, span).await?;
    let clock = read.clock(session, asked).await?;
    let times = asked::times(span, clock.now.offset_min);
    let (changes, more_changes) = changed::changes(app, session, read, times).await?;
    let which = Which {
        closed: Closed::Between(signed(times.0), signed(times.1)),
        at_least: 0,
        cannot_tell: true,
        history: false,
    };
    let (alerts, of_alerts) = listed::of_session(app, session, &which).await?;
    let items = limits::DIGEST_ITEMS.usize();
    let (disputes, more, of_disputes) = reviews::open_in(app, session, items + 1).await?;
    read.touched |= of_alerts | of_disputes;
    read.told += alerts.alerts.len() + alerts.redacted.len() + disputes.len();
    let mut page = Page::new(span);
    read.put(&mut page);
    let done = page::done(&read.plans(clock.now.offset_min), span, clock.now.day());
    let mut digest = told::page(&page, &done, &read.known(), session);
    (digest.utc_offset_min, digest.clock) = (clock.now.offset_min, clock.source.into());
    (digest.from, digest.until) = (span.0.to_string(), span.1.to_string());
    digest.as_of = Some(super::enrol::timestamp(session.now_ms));
    (digest.changes, digest.more_changes) = (changes, more_changes);
    (digest.disputes, digest.more_disputes) = told::at_most(disputes, items);
    digest.more_disputes += u32::from(more);
    told::alerts(&mut digest, alerts);
    told::shorten(&mut digest);
    Ok(digest)
}
