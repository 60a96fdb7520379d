//! Grants that reach their end. Reading stops at that moment by itself, because every decision asks the time; what is done
//! here makes it an entry of the circle with a sequence, so that devices, the history and late pushes know when it was.
//!
//! Any number of nodes may run this, and start again in the middle: an entry's id is derived from the grant and the end,
//! and it is written onto the access state that was looked at, or not at all.

use std::{sync::Arc, time::Duration};

use osteon_proto::{care, split, sync, wire::ids};
use osteon_sync_core::RecordId;
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::{
    App,
    enrol::timestamp,
    ids_for, members, online,
    rights::{ACCESS_TYPES, GRANT_ENDED},
    secrets::sha256,
};
use crate::{
    access::{signed, state::Ended},
    error::{Error, Reason},
    limits,
    store::{CircleNo, Needs, commit},
};

/// How often ends are looked for.
const TICK: Duration = Duration::from_secs(1);
/// Circles of one look.
const CIRCLES: u32 = 256;

/// Looks until it is told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "ends of grants were not written");
        }
    }
}

/// Writes every end that has come, as of the clock. Returns how many.
pub async fn sweep(app: &Arc<App>) -> Result<usize, Error> {
    let due = app.store.grant_ends_due(app.now_ms(), CIRCLES).await?;
    let mut written = 0;
    for circle in due {
        match circle_ends(app, circle).await {
            Ok(n) => written += n,
            // Another node, or the patient, was faster: what is left is due again.
            Err(error) if error.reason() == Reason::Conflict => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

async fn circle_ends(app: &Arc<App>, circle: CircleNo) -> Result<usize, Error> {
    let now_ms = signed(app.now_ms());
    let needs = Needs { circle, types: ACCESS_TYPES.to_vec(), ..Needs::default() };
    let (generation, ends) =
        commit(&*app.store, needs, |work| Ok((work.access().generation, members::rows(work)?.ends))).await?;
    let due = ends.into_iter().filter(|end| end.at_ms <= now_ms).take(limits::WRITES_PER_CHANGE.usize());
    let writes: Vec<sync::RecordWrite> = due.map(|end| entry(circle, end)).collect();
    if writes.is_empty() {
        return Ok(0);
    }
    let count = writes.len();
    let change = sync::Change { writes, ..Default::default() };
    online::system_onto(app, circle, change, "grant.ended", generation).await?;
    Ok(count)
}

/// The id of the entry about one end: nobody can write it twice.
pub fn entry_id(circle: CircleNo, end: Ended) -> RecordId {
    ids::derived_id(circle, GRANT_ENDED, &[&end.grant.0, &end.at_ms.to_be_bytes()], sha256)
}

fn entry(circle: CircleNo, end: Ended) -> sync::RecordWrite {
    let record = care::GrantEnded {
        parent: Some(ids_for::singleton(circle, members::CARE_CIRCLE).0.to_vec().into()),
        ended_grant: Some(end.grant.0.to_vec().into()),
        ended: Some(timestamp(u64::try_from(end.at_ms).unwrap_or(0))),
    };
    sync::RecordWrite {
        record: entry_id(circle, end).0.to_vec().into(),
        body: Some(split::close(GRANT_ENDED, &record.encode_to_vec()).into()),
        create: true,
        ..Default::default()
    }
}
