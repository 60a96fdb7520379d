//! A patient's device that is away while something waits for it (R-SYNC-3): when it came last, and what it has not got. What
//! it has got it says itself ([`crate::app::reads`]); what was sent and nobody came back for counts as waiting.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use osteon_care_core::{
    alerts::ALERT,
    facts::{DAY_MS, Device, PLANS, is_plan},
    rules::Severity,
};
use osteon_proto::{meta::Lane, table::table, wire};
use osteon_sync_core::{Field, PartWrite, RecordId};

use super::{
    App,
    kept::{self, OfCircle, instant},
    told,
};
use crate::{
    access::{Proof, Work},
    app::{circle::kept_change, reads},
    error::Error,
    limits,
    store::{
        AccountNo, CircleNo, ListQuery, LogRow, Needs, Rows, RulesDue, Snapshot, StoreError, commit, identity::PhoneRow,
    },
};

const RULE: &str = "R-SYNC-3";
/// A device that did not come for so long is away.
pub(in crate::app) const AWAY_MS: u64 = 7 * DAY_MS as u64;
/// Changes that are read at once.
const PAGE: u32 = 500;

/// The patient's device that came last; `None`: there is no patient, or they have none.
pub(super) async fn of(app: &Arc<App>, circle: CircleNo, of: &Mutex<OfCircle>) -> Result<Option<Device>, Error> {
    reads::write(app).await?;
    let mut snapshot = app.store.snapshot(circle).await?;
    let Some(patient) = app.access_of(&mut *snapshot).await?.patient() else { return Ok(None) };
    drop(snapshot);
    let phones = app.store.phones_of(circle).await?;
    let Some(last) = last(&phones).filter(|last| last.account == patient) else { return Ok(None) };
    let (seq, at_ms) = came(last);
    let mut device = Device { last_synced: instant(at_ms).into(), alerts_waiting: 0, plan_changes_waiting: 0 };
    // What waits for one that is not away nobody is told.
    if app.now_ms().saturating_sub(at_ms) > AWAY_MS {
        let waiting = waiting_of(app, circle, of, patient, seq).await?;
        (device.alerts_waiting, device.plan_changes_waiting) = (waiting.alerts, waiting.plans);
    }
    Ok(Some(device))
}

/// What has not reached a phone of the patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Waiting {
    /// Alerts that the patient is told of, and has not said to have seen, wherever.
    pub(in crate::app) alerts: u32,
    /// Plans that somebody else changed.
    pub(in crate::app) plans: u32,
    /// The patient's safety rests on some of it.
    pub(in crate::app) is_safety: bool,
}

/// What came after the sequence that a phone of the patient holds everything up to.
pub(in crate::app) async fn waiting(
    app: &App,
    circle: CircleNo,
    patient: AccountNo,
    seq: u64,
) -> Result<Waiting, Error> {
    let of = app.care.kept().current(app, circle).await?;
    waiting_of(app, circle, &of, patient, seq).await
}

async fn waiting_of(
    app: &App,
    circle: CircleNo,
    of: &Mutex<OfCircle>,
    patient: AccountNo,
    seq: u64,
) -> Result<Waiting, Error> {
    let alerts = alerts_for(app, of, patient);
    let mut snapshot = app.store.snapshot(circle).await?;
    let alerts = alerts_after(&mut *snapshot, &alerts, seq).await?;
    let plans = plans_after(&mut *snapshot, seq, patient).await?;
    let is_safety = alerts > 0 || plans.values().any(|is_urgent| *is_urgent);
    Ok(Waiting { alerts: count(alerts), plans: count(plans.len()), is_safety })
}

/// When a device is away, if it does not come before.
pub(super) fn away_from(device: &Device) -> Option<u64> {
    let last = device.last_synced.known().map(|at| at.ms).max()?;
    u64::try_from(last).ok()?.checked_add(AWAY_MS + 1)
}

/// A device of the patient has come: an alert about its absence is looked at now.
pub(in crate::app) async fn is_back(app: &App, circle: CircleNo) -> Result<(), Error> {
    let Some(of) = app.care.kept().known(circle) else { return Ok(()) };
    let told = kept::peek(&of).alerts().open().any(|raised| raised.key.rule == RULE);
    if told {
        let due = RulesDue { at_ms: app.now_ms(), late_ms: None };
        let needs = Needs { circle, ..Needs::default() };
        commit(&*app.store, needs, move |work| {
            work.put_rules_due_by(due);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The phone that came last.
pub(in crate::app) fn last(phones: &[PhoneRow]) -> Option<&PhoneRow> {
    phones.iter().reduce(|last, one| if came(last).1 >= came(one).1 { last } else { one })
}

/// How far a phone has read, and when it came. One that never came to read was there when it was enrolled, or proved its key.
pub(in crate::app) fn came(phone: &PhoneRow) -> (u64, u64) {
    phone.read.unwrap_or((0, phone.created_ms.max(phone.seen_ms)))
}

/// Alerts that the patient is told of, and has not said to have seen, wherever.
fn alerts_for(app: &App, of: &Mutex<OfCircle>, patient: AccountNo) -> Vec<RecordId> {
    let (held, set) = (kept::lock(of), app.care.set());
    let alerts = held.alerts();
    let is_told = |raised: &&osteon_care_core::alerts::Raised| {
        raised.severity >= Severity::Urgent
            && set.rule(&raised.key.rule).is_some_and(told::tells_patient)
            && !alerts.read_by(raised, patient)
    };
    // What was only said anew since, nobody waits for.
    alerts.open().filter(is_told).map(|raised| alerts.announced(raised)).collect()
}

async fn alerts_after(snapshot: &mut dyn Snapshot, alerts: &[RecordId], seq: u64) -> Result<usize, Error> {
    let circle = snapshot.circle().circle;
    let rows = snapshot.rows(Proof::of_server(circle, Work::Rules))?.parts_of(alerts).await?;
    let after = rows.iter().filter(|row| row.type_number == ALERT && row.seq > seq);
    Ok(after.map(|row| row.record).collect::<BTreeSet<_>>().len())
}

/// Plans that somebody else changed after a sequence, and whether something of the urgent lane was among it.
async fn plans_after(
    snapshot: &mut dyn Snapshot,
    seq: u64,
    patient: AccountNo,
) -> Result<BTreeMap<RecordId, bool>, Error> {
    let (circle, mut at, mut plans) = (snapshot.circle().circle, seq, BTreeMap::new());
    let rows = snapshot.rows(Proof::of_server(circle, Work::Rules))?;
    if !has_plans_after(rows, seq).await? {
        return Ok(plans);
    }
    loop {
        let page = rows.log_after(at, PAGE).await?;
        let Some(last) = page.last() else { return Ok(plans) };
        at = last.seq;
        let others = page.iter().filter(|row| row.author.account != patient && row.author.account != 0);
        for (record, is_urgent) in others.flat_map(plans_of) {
            *plans.entry(record).or_default() |= is_urgent;
        }
    }
}

/// Whether any plan was changed after a sequence, by whomever: the log is read for nothing less.
async fn has_plans_after(rows: &mut dyn Rows, seq: u64) -> Result<bool, StoreError> {
    let limit = limits::PAGE_PARTS.u32();
    for type_number in PLANS {
        let mut before = None;
        loop {
            let query = ListQuery::by_time(type_number, before, limit);
            let page = rows.list(query).await?;
            if page.iter().any(|part| part.seq > seq) {
                return Ok(true);
            }
            let Some(last) = page.last().filter(|_| page.len() >= limit as usize) else { break };
            before = Some((last.time_ms, last.record));
        }
    }
    Ok(false)
}

/// Whether the part writes something that devices send first: restrictions, drugs, endings of either.
fn is_urgent(part: &PartWrite) -> bool {
    let Some(known) = table().get(part.type_number) else { return false };
    let lane = |number: u32| match number {
        Field::LIFECYCLE => Some(known.lifecycle_lane),
        number => known.field(number).map(|field| field.lane),
    };
    part.writes.iter().any(|write| lane(write.field.number) == Some(Lane::Urgent))
}

/// The plans that a change writes.
fn plans_of(row: &LogRow) -> Vec<(RecordId, bool)> {
    let from = wire::change::From { dot: row.dot, author: row.author, base: 0 };
    let change = kept_change(row).and_then(|change| wire::change::to_core(&change, from).ok());
    let parts = change.into_iter().flat_map(|change| change.parts);
    parts.filter(|part| is_plan(part.type_number)).map(|part| (part.part.record, is_urgent(&part))).collect()
}
