//! Hello, Rebase and the feed: where a device stands, new numbers for it, who wrote what when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use osteon_proto::{meta, reasons::Reason, sync, wire};
use osteon_sync_core::{
    Dot, Replica,
    ledger::{LanePosition, LaneState, Mac, hello},
};
use prost::Message;

use super::{
    App, Purpose,
    circle::{Circle, Writer},
    clients,
    enrol::timestamp,
    quarantine,
    secrets::sha256,
};
use crate::{
    access::{Caller, signed},
    error::Error,
    ids::random,
    limits,
    store::{
        CircleNo, CircleRow, DeviceNo, Needs, commit,
        identity::{HealthRow, ReplicaRow},
    },
};

const URGENT: u8 = 2;

pub async fn hello(app: &Arc<App>, caller: &Caller, request: sync::HelloRequest) -> Result<sync::HelloResponse, Error> {
    limits::CIRCLES_PER_ACCOUNT.check(request.positions.len())?;
    limits::HELLO_CHANGES.check(request.positions.iter().map(|p| p.changes.len()).sum())?;
    let now_ms = app.now_ms();
    let version = clients::version_of(&request);
    if request.health.is_some() || version.is_some() {
        let health = clients::kept(request.health.clone().unwrap_or_default(), version).encode_to_vec();
        limits::REASON_BYTES.check(health.len())?;
        let offset_ms = clock_offset(request.clock.as_ref(), now_ms);
        app.store.put_health(HealthRow { device: caller.device, heard_ms: now_ms, health, offset_ms }).await?;
        app.clients.said(caller.device, version);
    }
    if request.health.as_ref().is_some_and(|health| health.orders_refused > 0) {
        app.note(caller, 0, "device.order", "forged").await?;
    }
    limits::HELLO_CHANGES.check(request.quarantined.iter().map(|waiting| waiting.dots.len()).sum())?;
    let epoch = app.epoch();
    let lanes = new_lanes(app, caller.device, epoch).await?;
    let mine: BTreeSet<Replica> = app.all_lanes(caller.device).await?.into_iter().collect();
    let roles: BTreeMap<CircleNo, u8> = app.store.circles_of(caller.account).await?.into_iter().collect();
    let numbers: Vec<CircleNo> = roles.keys().copied().collect();
    let mut standing = app.store.standing(&numbers).await?;
    standing.sort_unstable_by_key(|row| row.circle);
    let late: BTreeMap<CircleNo, u64> = app.store.rules_late(caller.account).await?.into_iter().collect();
    let mut circles = Vec::new();
    for row in standing {
        let positions = request.positions.iter().filter(|p| p.circle == row.circle);
        let positions = positions.map(position).collect::<Result<Vec<_>, _>>()?;
        let asked = request.quarantined.iter().filter(|waiting| waiting.circle == row.circle);
        let asked: Vec<Dot> = asked.flat_map(|waiting| waiting.dots.iter().map(wire::dot)).collect();
        let role = roles.get(&row.circle).copied().unwrap_or_default();
        let state = state(app, caller, &row, role, &mine, positions, &asked).await?;
        let warnings_late_since = late.get(&row.circle).map(|late_ms| timestamp(*late_ms));
        circles.push(sync::CircleState { warnings_late_since, ..state });
    }
    if circles.iter().any(|state| !state.forked.is_empty()) {
        app.store.device_forked(caller.device, now_ms).await?;
    }
    let order = if caller.leaving { sync::DeviceOrder::Leave } else { sync::DeviceOrder::Unspecified };
    Ok(sync::HelloResponse {
        epoch,
        server_time: Some(timestamp(now_ms)),
        circles,
        lanes,
        min_client: app.clients.min().to_string(),
        account: caller.account,
        field_table_version: osteon_proto::table::FIELD_TABLE_VERSION,
        order: order.into(),
        notices: app.store.notices_open(caller.account).await?,
    })
}

/// The server's clock less the one that a device names.
fn clock_offset(named: Option<&prost_types::Timestamp>, now_ms: u64) -> Option<i64> {
    let named = named?;
    let named_ms = named.seconds.checked_mul(1_000)?.checked_add(i64::from(named.nanos) / 1_000_000)?;
    signed(now_ms).checked_sub(named_ms)
}

fn position(position: &sync::LanePosition) -> Result<LanePosition, Error> {
    let last = position.last.as_ref().map(wire::dot).unwrap_or_default();
    let mut changes = Vec::with_capacity(position.changes.len());
    for (i, point) in position.changes.iter().enumerate() {
        let invalid = || Error::field(format!("positions.changes[{i}]"), Reason::ArgumentInvalid);
        let ours = |dot: &Dot| dot.replica == last.replica && dot.counter != 0;
        let dot = point.dot.as_ref().map(wire::dot).filter(ours).ok_or_else(invalid)?;
        changes.push((dot.counter, Mac::try_from(point.mac.as_ref()).map_err(|_| invalid())?));
    }
    changes.sort_unstable();
    Ok(LanePosition { replica: last.replica, last: last.counter, changes })
}

/// Both lanes get new numbers at the first Hello of an epoch; a device that has them gets none.
async fn new_lanes(app: &App, device: DeviceNo, epoch: u32) -> Result<Vec<sync::LaneKey>, Error> {
    let rows = app.store.replicas_of(device).await?;
    if rows.iter().any(|row| row.epoch == epoch && !row.retired) {
        return Ok(Vec::new());
    }
    let mut request = [0; 16];
    request.copy_from_slice(&sha256(&[b"epoch", &epoch.to_be_bytes(), &device.to_be_bytes()])[..16]);
    give_lanes(app, device, epoch, false, request).await
}

async fn give_lanes(
    app: &App,
    device: DeviceNo,
    epoch: u32,
    retire: bool,
    request: [u8; 16],
) -> Result<Vec<sync::LaneKey>, Error> {
    let keys: [[u8; 32]; 2] = [random(&*app.ids), random(&*app.ids)];
    let sealed = keys.map(|key| app.seal(Purpose::ChainKey, b"", &key));
    let rows = app.store.add_replicas(device, epoch, sealed, retire, request).await?;
    app.replicas.forget_lanes(device);
    rows.iter().map(|row| lane_key(app, row)).collect()
}

/// A lane as its device is told of it. The kept key is opened: the same request gets the same answer.
pub(super) fn lane_key(app: &App, row: &ReplicaRow) -> Result<sync::LaneKey, Error> {
    let key = app.secrets.open(Purpose::ChainKey, b"", &row.chain_key);
    let key = key.ok_or_else(|| Error::internal("a chain key does not open"))?;
    let lane = if row.lane == URGENT { meta::Lane::Urgent } else { meta::Lane::Ordinary };
    Ok(sync::LaneKey { lane: lane.into(), epoch: row.epoch, replica: row.n, chain_key: key.into() })
}

/// Where the device's lanes stand in one circle.
async fn state(
    app: &Arc<App>,
    caller: &Caller,
    row: &CircleRow,
    role: u8,
    mine: &BTreeSet<Replica>,
    positions: Vec<LanePosition>,
    asked: &[Dot],
) -> Result<sync::CircleState, Error> {
    let circle = row.circle;
    let positions: Vec<LanePosition> = positions.into_iter().filter(|p| mine.contains(&p.replica)).collect();
    let fates = match asked {
        [] => Vec::new(),
        asked => quarantine::fates(&mut *app.store.snapshot(circle).await?, mine, asked).await?,
    };
    let (mut chains, mut forked) = (Vec::new(), Vec::new());
    for replica in mine {
        if let Some(head) = row.chains.get(replica) {
            let dot = Dot { replica: *replica, counter: head.counter };
            chains.push(sync::ChainPoint { dot: Some(wire::to_dot(dot)), mac: head.mac.to_vec().into() });
        }
    }
    if !positions.is_empty() {
        let states = compare(app, caller, circle, positions).await?;
        for LaneState { replica, forked: at, .. } in states {
            forked.extend(at.map(|counter| wire::to_dot(Dot { replica, counter })));
        }
    }
    Ok(sync::CircleState {
        circle,
        short_id: row.short_id.clone(),
        role: i32::from(role),
        head: row.head,
        safe_upto: row.safe_upto,
        chains,
        forked,
        digest_key: app.secrets.digest_key(circle).to_vec().into(),
        fates,
        warnings_late_since: None,
    })
}

/// Compares positions with what was processed, under the same lock as a push.
async fn compare(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    positions: Vec<LanePosition>,
) -> Result<Vec<LaneState>, Error> {
    let dots = positions
        .iter()
        .flat_map(|p| p.changes.iter().map(|(counter, _)| Dot { replica: p.replica, counter: *counter }));
    let replicas = positions.iter().map(|p| p.replica).collect();
    let needs = Needs { circle, dots: dots.collect(), replicas, ..Needs::default() };
    let writer = Writer { device: caller.device, now_ms: app.now_ms(), account: caller.account, behalf: None };
    let states = commit(&*app.store, needs, move |work| {
        let circle = Circle::open(work, &BTreeSet::new(), writer)?;
        let states: Vec<LaneState> = positions.iter().map(|position| hello::compare(&circle, position)).collect();
        circle.finish()?;
        Ok(states)
    });
    Ok(states.await?)
}

/// New numbers for both lanes, the old ones retired. Its session suffices; audited.
pub async fn rebase(app: &App, caller: &Caller, request: &sync::RebaseRequest) -> Result<sync::RebaseResponse, Error> {
    let id = uuid::Uuid::try_parse(&request.request_id);
    let id = id.map_err(|_| Error::field("request_id", Reason::RequestIdInvalid))?.into_bytes();
    let mine = app.all_lanes(caller.device).await?;
    for (i, dot) in request.forked.iter().enumerate() {
        if !mine.contains(&wire::dot(dot).replica) {
            return Err(Error::field(format!("forked[{i}]"), Reason::NotFound));
        }
    }
    let epoch = app.epoch();
    let lanes = give_lanes(app, caller.device, epoch, true, id).await?;
    app.note(caller, 0, "rebase", "ok").await?;
    Ok(sync::RebaseResponse { epoch, lanes })
}

/// The change feed through the reader's scope: a change is told as far as its parts may be read.
pub async fn feed(
    app: &App,
    caller: &Caller,
    request: &sync::ListFeedRequest,
) -> Result<sync::ListFeedResponse, Error> {
    const DEFAULT: u32 = 100;
    const KEPT_MS: u64 = 90 * 24 * 3_600 * 1_000;
    let size = if request.page_size == 0 { DEFAULT } else { request.page_size.min(limits::PAGE_FEED.u32()) };
    let mut session = app.session(caller, request.circle).await?;
    let rows = session.rows()?.log_after(request.after_sequence, size).await?;
    let next = if rows.len() >= size as usize { rows.last().map_or(0, |row| row.seq) } else { 0 };
    let oldest = session.now_ms.saturating_sub(KEPT_MS);
    // What was moved away is not told of any more: to whom it went is not said either.
    let moved = session.rows()?.tombstones_after(0).await?.into_iter().filter(|t| t.dot.is_none());
    let moved: BTreeSet<_> = moved.map(|tombstone| tombstone.record).collect();
    let (mut entries, mut touched) = (Vec::new(), 0);
    for row in rows.iter().filter(|row| row.received_ms >= oldest) {
        let Some(change) = super::circle::kept_change(row) else { continue };
        let from = wire::change::From { dot: row.dot, author: row.author, base: 0 };
        let Ok(core) = wire::change::to_core(&change, from) else { continue };
        let told = |part: &&osteon_sync_core::PartWrite| {
            session.scope.reads(osteon_proto::LabelId(part.part.label)) && !moved.contains(&part.part.record)
        };
        for part in core.parts.iter().filter(told) {
            let mut fields: Vec<u32> = part.writes.iter().map(|w| w.field.number).filter(|n| *n != 0).collect();
            fields.dedup();
            touched |= super::notes::categories(part.part.label);
            entries.push(sync::FeedEntry {
                sequence: row.seq,
                dot: Some(wire::to_dot(row.dot)),
                record: part.part.record.0.to_vec().into(),
                r#type: part.type_number,
                fields,
                account: row.author.account,
                role: i32::from(row.author.role.0),
                clock: Some(timestamp(row.clock.ms)),
                received: Some(timestamp(row.received_ms)),
            });
        }
    }
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_list(caller, request.circle, "feed.list", touched, entries.len(), behind_glass).await?;
    Ok(sync::ListFeedResponse { entries, next_after_sequence: next })
}
