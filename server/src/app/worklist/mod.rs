//! Who needs a clinician today, and why: one row for each of their circles. What a row says is told by the code that lists alerts
//! and reviews, through the reader's scope ([`row`]); the order is in [`rank`]. Rows are kept in memory: a list of hundreds of
//! circles asks the database how they stand, in a few statements, and reads only those that moved.

mod find;
mod rank;
mod row;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use osteon_proto::{reasons::Reason, worklist as pb};
use prost::Message;

pub use self::find::find;
use self::{
    rank::{Place, Weighed, ranked},
    row::{Of, Row},
};
use super::{
    App, alerts::away, enrol::timestamp, opened, phone, reviews::page_size, secrets::sha256, settings::ClinicSettings,
};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{AccountNo, AuditRow, CircleNo, CircleRow, UnixMs, identity::PhoneRow},
};

/// Rows as they were made last, by reader and circle.
#[derive(Default)]
pub struct Rows(Mutex<BTreeMap<(AccountNo, CircleNo), Arc<Row>>>);

impl Rows {
    fn known(&self, account: AccountNo, circle: CircleNo) -> Option<Arc<Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(account, circle)).cloned()
    }

    fn put(&self, account: AccountNo, row: Arc<Row>) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= limits::WORK_ROWS_HELD.usize() {
            rows.clear();
        }
        rows.insert((account, row.told.circle), row);
    }
}

/// Where a list stands: behind this place. Bound to the question.
#[derive(Clone, PartialEq, prost::Message)]
struct After {
    #[prost(uint64, repeated, tag = "1")]
    place: Vec<u64>,
    #[prost(bytes = "vec", tag = "2")]
    question: Vec<u8>,
}

/// A row in its place, with what a filter looks at.
struct Ranked {
    row: Arc<Row>,
    place: Place,
    told: pb::WorkRow,
    reasons: Vec<Weighed>,
}

pub async fn list(app: &App, caller: &Caller, request: &pb::ListWorkRequest) -> Result<pb::ListWorkResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_WORK)?;
    limits::FIND_BYTES.check(request.text.len())?;
    let filter =
        pb::WorkFilter::try_from(request.filter).map_err(|_| Error::field("filter", Reason::ArgumentInvalid))?;
    for group in &request.groups {
        pb::WorkGroup::try_from(*group).map_err(|_| Error::field("groups", Reason::ArgumentInvalid))?;
    }
    let view = opened::view_id(&request.view_id)?;
    let question = question(request);
    let after = match app.page_token::<After>(caller, &request.page_token)? {
        None => None,
        Some(after) => {
            let place = Place::of_numbers(&after.place).filter(|_| after.question == question);
            Some(place.ok_or_else(|| Error::field("page_token", Reason::PageTokenInvalid))?)
        }
    };
    let settings = app.settings_for(caller.clinic).await?;
    let mut rows = all(app, caller, &settings).await?;
    let counts = counts(&rows);
    rows.retain(|one| is_wanted(one, caller.account, filter, request, &settings));
    rows.sort_unstable_by_key(|one| one.place);
    let total = count(rows.len());
    let mut page: Vec<Ranked> = rows.into_iter().filter(|one| after.is_none_or(|after| one.place > after)).collect();
    let more = page.len() > size;
    page.truncate(size);
    audit(app, caller, view, &page).await?;
    let last = page.last().filter(|_| more).map(|one| After { place: one.place.numbers().to_vec(), question });
    let now_ms = app.now_ms();
    Ok(pb::ListWorkResponse {
        next_page_token: last.map(|after| app.seal_page_token(caller, &after)).unwrap_or_default(),
        rows: page.into_iter().map(|one| one.told).collect(),
        total,
        counts: Some(counts),
        as_of: Some(timestamp(now_ms)),
        rule_set: app.care.set().version.to_string(),
        nobody_on_call: settings.is_staff(caller.account) && settings.on_call(now_ms).is_empty(),
    })
}

fn question(request: &pb::ListWorkRequest) -> Vec<u8> {
    let asked =
        pb::ListWorkRequest { page_size: 0, page_token: String::new(), view_id: String::new(), ..request.clone() };
    sha256(&[&asked.encode_to_vec()])[..16].to_vec()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Every circle of the caller, ranked, in no order.
async fn all(app: &App, caller: &Caller, settings: &ClinicSettings) -> Result<Vec<Ranked>, Error> {
    let mut circles: Vec<CircleNo> = app.store.circles_of(caller.account).await?.into_iter().map(|(c, _)| c).collect();
    circles.sort_unstable();
    circles.dedup();
    let standing = app.store.standing(&circles).await?;
    let late: BTreeMap<CircleNo, UnixMs> = app.store.rules_late(caller.account).await?.into_iter().collect();
    let mut phones: BTreeMap<CircleNo, Vec<PhoneRow>> = BTreeMap::new();
    for phone in app.store.phones_around(caller.account).await? {
        phones.entry(phone.circle).or_default().push(phone);
    }
    let (rule_set, now_ms) = (app.care.set().version, app.now_ms());
    let mut rows = Vec::with_capacity(standing.len());
    for circle in standing.iter().filter(|row| row.clinic == caller.clinic) {
        let of = of(circle, rule_set, settings);
        let row = match app.worklist.known(caller.account, circle.circle).filter(|row| row.stands(of, now_ms)) {
            Some(row) => row,
            None => match row::make(app, caller, circle.circle, of).await {
                Ok(row) => {
                    let row = Arc::new(row);
                    app.worklist.put(caller.account, Arc::clone(&row));
                    row
                }
                // Not any more.
                Err(error) if error.reason() == Reason::NotFound => continue,
                Err(error) => return Err(error),
            },
        };
        let phones = phones.get(&circle.circle).map_or(&[][..], Vec::as_slice);
        rows.push(tell(app, row, late.get(&circle.circle).copied(), phones, now_ms).await?);
    }
    Ok(rows)
}

fn of(circle: &CircleRow, rule_set: u32, settings: &ClinicSettings) -> Of {
    Of { head: circle.head, generation: circle.access_generation, rule_set, settings: settings.head }
}

/// A row with what no record says: the phone, the day, and whether rules are late.
async fn tell(
    app: &App,
    row: Arc<Row>,
    late_ms: Option<UnixMs>,
    phones: &[PhoneRow],
    now_ms: UnixMs,
) -> Result<Ranked, Error> {
    let (mut told, mut reasons) = (row.told.clone(), row.reasons.clone());
    let plain = |kind: pb::WorkReasonKind| pb::WorkReason { kind: kind.into(), ..Default::default() };
    if let Some(late_ms) = late_ms {
        let late = pb::WorkReason { received: Some(timestamp(late_ms)), ..plain(pb::WorkReasonKind::RulesLate) };
        reasons.push(Weighed::plain(late));
    }
    reasons.extend(row.dose_due(now_ms).map(Weighed::plain));
    if phone::is_told(row.role) {
        let waiting = match away::last(phones) {
            Some(last) => row.waiting(app, away::came(last).0).await?,
            None => Default::default(),
        };
        let state = phone::told(phones, |_| waiting, now_ms);
        let since = pb::WorkReason { received: state.last_heard, ..Default::default() };
        if state.standing() == osteon_proto::circle::PhoneStanding::Silent {
            reasons
                .push(Weighed::plain(pb::WorkReason { kind: pb::WorkReasonKind::PhoneSilent.into(), ..since.clone() }));
        }
        if state.safety_undelivered && is_quiet(&state, now_ms) {
            reasons
                .push(Weighed::plain(pb::WorkReason { kind: pb::WorkReasonKind::SafetyUndelivered.into(), ..since }));
        }
        told.phone = Some(state);
    }
    let (place, rank) = ranked(told.circle, &mut reasons);
    told.owner = reasons.first().map_or(0, |one| one.reason.owner);
    told.rank = Some(rank);
    let most = limits::WORK_REASONS.usize();
    told.more_reasons = count(reasons.len().saturating_sub(most));
    told.reasons = rank::shown(&reasons, most);
    Ok(Ranked { row, place, told, reasons })
}

/// Whether a phone did not come for so long that what waits for it waits for a call: one that listens says how far it has
/// read when its stream has reached its age, and it opens the next.
fn is_quiet(state: &osteon_proto::circle::PhoneState, now_ms: UnixMs) -> bool {
    const QUIET_MS: u64 = 3_600_000;
    rank::ms_of(&state.last_heard).is_none_or(|heard_ms| now_ms.saturating_sub(heard_ms) > QUIET_MS)
}

fn is_wanted(
    one: &Ranked,
    account: AccountNo,
    filter: pb::WorkFilter,
    request: &pb::ListWorkRequest,
    settings: &ClinicSettings,
) -> bool {
    let in_group = || request.groups.is_empty() || one.told.rank.is_some_and(|r| request.groups.contains(&r.group));
    let in_text = || {
        let text = request.text.trim().to_lowercase();
        let names = std::iter::once(&one.told.short_id).chain(&one.told.display_names);
        text.is_empty() || names.into_iter().any(|name| name.to_lowercase().contains(&text))
    };
    let in_filter = || match filter {
        pb::WorkFilter::Unspecified | pb::WorkFilter::All => true,
        pb::WorkFilter::Mine => is_mine(one, account),
        pb::WorkFilter::Team => {
            let teams = settings.clinic.teams.iter().filter(|team| team.members.contains(&account));
            let mates: BTreeSet<AccountNo> = teams.flat_map(|team| team.members.iter().copied()).collect();
            one.row.members.iter().any(|(member, _)| mates.contains(member))
        }
    };
    in_group() && in_text() && in_filter()
}

fn is_mine(one: &Ranked, account: AccountNo) -> bool {
    one.reasons.iter().map(|one| &one.reason).any(|reason| match reason.kind() {
        pb::WorkReasonKind::Alert => {
            let is_named = [reason.owner, reason.handed_to].contains(&account);
            is_named || reason.owner == 0 || reason.escalates_to_members.contains(&account)
        }
        pb::WorkReasonKind::Dispute | pb::WorkReasonKind::Ending | pb::WorkReasonKind::Finding => {
            one.row.owned.contains(&reason.record_id)
        }
        _ => true,
    })
}

fn counts(rows: &[Ranked]) -> pb::WorkCounts {
    let mut counts = pb::WorkCounts::default();
    for one in rows {
        match one.told.rank.as_ref().map(pb::WorkRank::group).unwrap_or_default() {
            pb::WorkGroup::Now => counts.now += 1,
            pb::WorkGroup::Today => counts.today += 1,
            pb::WorkGroup::ThisWeek => counts.this_week += 1,
            pb::WorkGroup::Silent => counts.silent += 1,
            pb::WorkGroup::NoOpenItem | pb::WorkGroup::Unspecified => counts.no_open_item += 1,
        }
        let mut is_phone = false;
        for reason in one.reasons.iter().map(|one| &one.reason) {
            match reason.kind() {
                pb::WorkReasonKind::Alert | pb::WorkReasonKind::RedactedAlert => {
                    counts.alerts += 1;
                    counts.untaken += u32::from(reason.owner == 0);
                    let is_emergency = reason.severity() == osteon_proto::care::AlertSeverity::Emergency;
                    counts.emergencies += u32::from(is_emergency);
                }
                pb::WorkReasonKind::PhoneSilent | pb::WorkReasonKind::SafetyUndelivered => is_phone = true,
                pb::WorkReasonKind::RulesLate => counts.rules_late += 1,
                _ => {}
            }
        }
        counts.reviews += one.row.reviews;
        counts.phones += u32::from(is_phone);
        counts.cannot_tell += one.told.cannot_tell;
    }
    counts
}

/// A row of the audit for each circle of the page of which something was told, in one commit.
async fn audit(app: &App, caller: &Caller, view: Option<[u8; 16]>, page: &[Ranked]) -> Result<(), Error> {
    let now_ms = app.now_ms();
    let is_read = |one: &&Ranked| {
        let at = (now_ms, one.row.touched);
        one.row.touched != 0 && !app.opened.is_told(caller, one.told.circle, view, at)
    };
    let read: Vec<&Ranked> = page.iter().filter(is_read).collect();
    let rows = read.iter().map(|one| AuditRow {
        categories: one.row.touched,
        count: count(one.reasons.len()).max(1),
        ..app.row(caller, one.told.circle, "work.list")
    });
    let rows: Vec<AuditRow> = rows.collect();
    if !rows.is_empty() {
        app.store.audit(rows).await?;
    }
    for one in read {
        app.opened.put(caller, one.told.circle, view, (now_ms, one.row.touched));
    }
    Ok(())
}
