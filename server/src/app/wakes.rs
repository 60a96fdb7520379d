//! Waking devices: where they are woken, and the job that wakes those of which a commit said so. The row and its cause are one
//! commit, so nothing is forgotten; a device is woken once for all that waits, and again until its push service has taken it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use osteon_access_core::{LabelId, Role, Viewer, reach};
use osteon_proto::{care, meta::PriorityClass, reasons::Reason, table::table, wake as pb};
use osteon_sync_core::{Change, PartWrite};
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::{App, Purpose, enrol::timestamp};
use crate::{
    access::{Caller, CircleAccess, signed},
    error::Error,
    limits,
    store::{
        AccountNo, DeviceNo, StoreError, Working,
        devices::Ending,
        wakes::{WakeClass, WakeEndpointRow, WakeRow},
    },
    wake::{Endpoint, Sender, Sent, push::keys_fit},
};

/// How often it is looked for devices that are to be woken.
const TICK: Duration = Duration::from_millis(500);
/// A node that says nothing for so long has died.
const LEASE_MS: u64 = 60_000;
const AT_ONCE: u32 = 256;
/// After the first failure; it doubles.
const BACKOFF_MS: u64 = 5_000;
const BACKOFF_MAX_MS: u64 = 3_600_000;

pub async fn get(app: &App, caller: &Caller) -> Result<pb::GetWakeResponse, Error> {
    let row = app.store.wake_endpoint(of_device(caller)?).await?;
    let sender = app.waker();
    let row = row.as_ref();
    Ok(pb::GetWakeResponse {
        vapid_key: sender.as_ref().map(|sender| sender.public_key().to_vec()).unwrap_or_default().into(),
        registered: row.is_some(),
        registered_at: row.map(|row| timestamp(row.since_ms)),
        woken_at: row.filter(|row| row.woken_ms > 0).map(|row| timestamp(row.woken_ms)),
        hosts: sender.map(|sender| sender.hosts().entries().to_vec()).unwrap_or_default(),
    })
}

pub async fn set(app: &App, caller: &Caller, request: &pb::SetWakeRequest) -> Result<pb::SetWakeResponse, Error> {
    let device = of_device(caller)?;
    if request.endpoint.is_empty() {
        app.store.drop_wake_endpoint(device).await?;
        app.note(caller, 0, "wake.end", "ok").await?;
        return Ok(pb::SetWakeResponse {});
    }
    limits::WAKE_ENDPOINT_BYTES.check(request.endpoint.len())?;
    let allowed = app.waker().is_some_and(|sender| sender.hosts().allow(&request.endpoint));
    if !allowed {
        return Err(Error::field("endpoint", Reason::WakeEndpoint));
    }
    if !keys_fit(&request.p256dh, &request.auth) {
        return Err(Error::field("p256dh", Reason::WakeEndpoint));
    }
    let endpoint =
        Endpoint { url: request.endpoint.clone(), p256dh: request.p256dh.to_vec(), auth: request.auth.to_vec() };
    let sealed = app.seal(Purpose::Wake, &device.to_be_bytes(), &endpoint.encode_to_vec());
    let row = WakeEndpointRow { device, account: caller.account, sealed, since_ms: app.now_ms(), woken_ms: 0 };
    app.store.put_wake_endpoint(row).await?;
    app.note(caller, 0, "wake.set", "ok").await?;
    Ok(pb::SetWakeResponse {})
}

fn of_device(caller: &Caller) -> Result<DeviceNo, Error> {
    if caller.device == 0 { Err(Reason::NotAllowed.into()) } else { Ok(caller.device) }
}

/// Looks until it is told to stop. Without a sender nobody is woken.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while app.waker().is_some() {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = turn(&app).await {
            tracing::warn!(%error, "devices were not woken");
        }
    }
}

/// Wakes every device that is due, each once. Returns how many push services took it.
pub async fn turn(app: &App) -> Result<usize, Error> {
    let Some(sender) = app.waker() else { return Ok(0) };
    let now_ms = app.now_ms();
    let mut devices: BTreeMap<DeviceNo, Vec<WakeRow>> = BTreeMap::new();
    for row in app.store.lease_wakes(now_ms, now_ms + LEASE_MS, AT_ONCE).await? {
        devices.entry(row.device).or_default().push(row);
    }
    let all = devices.iter().map(|(device, rows)| wake(app, &*sender, *device, rows));
    let mut taken = 0;
    for woken in futures_util::future::join_all(all).await {
        taken += usize::from(woken?);
    }
    Ok(taken)
}

async fn wake(app: &App, sender: &dyn Sender, device: DeviceNo, rows: &[WakeRow]) -> Result<bool, Error> {
    let ended = app.store.device(device).await?.is_none_or(|row| row.revoked);
    let wiped = app.store.device_standing(device).await?.ending == Ending::Wipe;
    let row = app.store.wake_endpoint(device).await?;
    let opened = row.and_then(|row| app.secrets.open(Purpose::Wake, &device.to_be_bytes(), &row.sealed));
    let endpoint = opened.and_then(|plain| Endpoint::decode(plain.as_slice()).ok());
    // A device that is to be wiped is woken all the same: it asks, and is told.
    let Some(endpoint) = endpoint.filter(|_| !ended || wiped) else {
        app.store.drop_wake_endpoint(device).await?;
        return Ok(false);
    };
    let urgent = rows.iter().any(|row| row.class == WakeClass::Urgent as u8);
    let tries = rows.iter().map(|row| row.tries).min().unwrap_or(1);
    let sent = sender.send(&endpoint, urgent).await;
    let now_ms = app.now_ms();
    metrics::counter!(crate::telemetry::names::WOKEN, "sent" => word(sent)).increment(1);
    match sent {
        Sent::Taken => app.store.woken(rows.to_vec(), now_ms).await?,
        Sent::Gone => app.store.drop_wake_endpoint(device).await?,
        // It comes by itself some day; the next thing that concerns it wakes it again.
        Sent::Later(_) if u64::from(tries) >= limits::WAKE_TRIES.max => app.store.wake_given_up(rows.to_vec()).await?,
        Sent::Later(after) => {
            let asked = after.map_or(0, |after| u64::try_from(after.as_millis()).unwrap_or(BACKOFF_MAX_MS));
            let wait = backoff_ms(tries).max(asked).min(BACKOFF_MAX_MS);
            let jitter = crate::ids::random_u63(&*app.ids) % (wait / 4 + 1);
            app.store.wake_later(rows.to_vec(), now_ms + wait + jitter).await?;
        }
    }
    Ok(sent == Sent::Taken)
}

fn backoff_ms(tries: u32) -> u64 {
    BACKOFF_MS.saturating_mul(1 << tries.saturating_sub(1).min(20)).min(BACKOFF_MAX_MS)
}

fn word(sent: Sent) -> &'static str {
    match sent {
        Sent::Taken => "taken",
        Sent::Gone => "gone",
        Sent::Later(_) => "later",
    }
}

/// What a commit means for those who sleep. `before`: the access state that it found; `written`: what people wrote.
pub(super) fn settle(
    app: &App,
    work: &mut Working<'_>,
    before: &CircleAccess,
    written: &[&Change],
    (awake, now_ms): (DeviceNo, u64),
) -> Result<(), StoreError> {
    let is_plan =
        |part: &&PartWrite| table().get(part.type_number).is_some_and(|known| known.class == PriorityClass::Plan);
    let parts = written.iter().flat_map(|change| &change.parts).filter(is_plan);
    let labels: BTreeSet<LabelId> = parts.map(|part| LabelId(part.part.label)).collect();
    if !labels.is_empty() {
        let access = app.access_in(work.circle().circle, work.access())?;
        for (account, role) in access.access.members() {
            let reach = reach(signed(now_ms), &Viewer { account, role }, &access.access);
            if reach.is_some_and(|reach| labels.iter().any(|label| reach.reads(*label))) {
                work.wake(account, WakeClass::Plan, awake, now_ms);
            }
        }
    }
    if work.moves_access() {
        before.access.members().for_each(|(account, _)| work.wake(account, WakeClass::Purge, awake, now_ms));
        purge(work, awake, now_ms);
    }
    Ok(())
}

/// Something of the circle is to be erased where it is held: every member looks.
pub(super) fn purge(work: &mut Working<'_>, awake: DeviceNo, now_ms: u64) {
    let members: Vec<AccountNo> = work.access().members.iter().map(|(account, _)| *account).collect();
    members.into_iter().for_each(|account| work.wake(account, WakeClass::Purge, awake, now_ms));
}

/// An urgent alert was raised: whoever is told of it is woken, but for the device that wrote what it is about.
pub(super) fn urgent(
    work: &mut Working<'_>,
    access: &CircleAccess,
    alert: &care::Alert,
    (awake, now_ms): (DeviceNo, u64),
) {
    let told = |account: AccountNo, role: Role| {
        alert.told.contains(&i32::from(role.number())) || alert.told_members.contains(&account)
    };
    for (account, _) in access.access.members().filter(|(account, role)| told(*account, *role)) {
        work.wake(account, WakeClass::Urgent, awake, now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_less_and_less_often() {
        assert_eq!([1, 2, 3, 30].map(backoff_ms), [5_000, 10_000, 20_000, 3_600_000]);
    }
}
