//! A patient's device that is away while something waits for it (R-SYNC-3): when it came last, and what it has not got. What
//! it has got it says itself ([`crate::app::reads`]); what was sent and nobody came back for counts as waiting.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use osteon_care_core::{
    alerts::ALERT,
    facts::{DAY_MS, Device, is_plan},
    rules::Severity,
};
use osteon_proto::wire;
use osteon_sync_core::RecordId;

use super::{
    App,
    kept::{self, OfCircle, instant},
    told,
};
use crate::{
    access::{Proof, Work},
    app::{circle::kept_change, reads},
    error::Error,
    store::{
        AccountNo, CircleNo, LogRow, Needs, ReadRow, RulesDue, Snapshot, commit, devices::Ending, identity::DeviceRow,
    },
};

const RULE: &str = "R-SYNC-3";
/// A device that did not come for so long is away.
const AWAY_MS: u64 = 7 * DAY_MS as u64;
/// Changes that are read at once.
const PAGE: u32 = 500;

/// The patient's device that came last; `None`: there is no patient, or they have none.
pub(super) async fn of(app: &Arc<App>, circle: CircleNo, of: &Mutex<OfCircle>) -> Result<Option<Device>, Error> {
    reads::write(app).await?;
    let mut snapshot = app.store.snapshot(circle).await?;
    let Some(patient) = app.access_of(&mut *snapshot).await?.patient() else { return Ok(None) };
    drop(snapshot);
    let Some(last) = last(app, circle, patient).await? else { return Ok(None) };
    let mut device = Device { last_synced: instant(last.at_ms).into(), alerts_waiting: 0, plan_changes_waiting: 0 };
    // What waits for one that is not away nobody is told.
    if app.now_ms().saturating_sub(last.at_ms) > AWAY_MS {
        let alerts = alerts_for(app, of, patient);
        let mut snapshot = app.store.snapshot(circle).await?;
        device.alerts_waiting = count(alerts_after(&mut *snapshot, &alerts, last.seq).await?);
        device.plan_changes_waiting = count(plans_after(&mut *snapshot, last.seq, patient).await?.len());
    }
    Ok(Some(device))
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

/// How far the device has read that came last, of those that still belong to the patient and can hold anything.
async fn last(app: &App, circle: CircleNo, patient: AccountNo) -> Result<Option<ReadRow>, Error> {
    let reads = app.store.reads_of(circle).await?;
    let mut last: Option<ReadRow> = None;
    for device in app.store.devices_of(patient).await? {
        let standing = app.store.device_standing(device.device).await?;
        if device.revoked || device.is_browser() || standing.ending != Ending::None {
            continue;
        }
        let read = reads.iter().find(|read| read.device == device.device).copied();
        let read = read.unwrap_or_else(|| never(circle, &device, standing.seen_ms));
        last = last.filter(|last| last.at_ms >= read.at_ms).or(Some(read));
    }
    Ok(last)
}

/// One that never came to read: it was there when it was enrolled, or proved its key.
fn never(circle: CircleNo, device: &DeviceRow, seen_ms: u64) -> ReadRow {
    ReadRow { circle, device: device.device, seq: 0, at_ms: device.created_ms.max(seen_ms) }
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

/// Plans that somebody else changed after a sequence.
async fn plans_after(snapshot: &mut dyn Snapshot, seq: u64, patient: AccountNo) -> Result<BTreeSet<RecordId>, Error> {
    let (circle, mut at, mut plans) = (snapshot.circle().circle, seq, BTreeSet::new());
    let rows = snapshot.rows(Proof::of_server(circle, Work::Rules))?;
    loop {
        let page = rows.log_after(at, PAGE).await?;
        let Some(last) = page.last() else { return Ok(plans) };
        at = last.seq;
        let others = page.iter().filter(|row| row.author.account != patient && row.author.account != 0);
        plans.extend(others.flat_map(plans_of));
    }
}

/// The plans that a change writes.
fn plans_of(row: &LogRow) -> Vec<RecordId> {
    let from = wire::change::From { dot: row.dot, author: row.author, base: 0 };
    let change = kept_change(row).and_then(|change| wire::change::to_core(&change, from).ok());
    let parts = change.into_iter().flat_map(|change| change.parts);
    parts.filter(|part| is_plan(part.type_number)).map(|part| part.part.record).collect()
}
