//! What goes by itself: uploads that were not finished within a day, and bytes that no live version of any field has named for
//! some days. Any number of nodes may run this, and start again in the middle: each step is taken by one, and has one effect.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use osteon_proto::refers::all_in;
use tokio_util::sync::CancellationToken;

use crate::{
    access::{Proof, Work},
    app::App,
    error::Error,
    limits,
    store::{CircleNo, Rows, attachments::Name},
};

/// How often it is looked.
const TICK: Duration = Duration::from_secs(60);
/// Circles, or uploads, of one look.
const AT_ONCE: u32 = 64;
/// Parts that are read at once.
const PARTS: u32 = 200;

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
            tracing::warn!(%error, "attachments were not looked through");
        }
    }
}

/// As of the clock. Returns how many uploads and attachments went.
pub async fn sweep(app: &App) -> Result<usize, Error> {
    let now_ms = app.now_ms();
    let mut gone = 0;
    let before = now_ms.saturating_sub(limits::ATTACHMENT_UPLOAD_S.max * 1_000);
    for (circle, upload) in app.store.uploads_before(before, AT_ONCE).await? {
        gone += usize::from(app.store.drop_upload(circle, upload).await?);
    }
    for circle in app.store.attachments_due(now_ms, AT_ONCE).await? {
        gone += of_circle(app, circle, now_ms).await?;
    }
    Ok(gone)
}

/// Looks at one circle, if it is time or something there is doomed.
pub(in crate::app) async fn of_circle(app: &App, circle: CircleNo, now_ms: u64) -> Result<usize, Error> {
    let next_ms = now_ms + limits::ATTACHMENT_LOOK_S.max * 1_000;
    let there = app.store.look_at_attachments(circle, now_ms, next_ms).await?;
    if there.is_empty() {
        return Ok(0);
    }
    let named = named(app, circle).await?;
    let over = now_ms.saturating_sub(limits::ATTACHMENT_KEPT_S.max * 1_000);
    let mut gone = 0;
    for row in there {
        match (named.contains(&row.name), row.loose_ms) {
            (true, None) => {}
            (true, Some(_)) => app.store.loosen_attachment(circle, row.name, None).await?,
            (false, None) => app.store.loosen_attachment(circle, row.name, Some(now_ms)).await?,
            (false, Some(since)) if since <= over => {
                gone += usize::from(app.store.remove_attachment(circle, row.name, over).await?);
            }
            (false, Some(_)) => {}
        }
    }
    Ok(gone)
}

/// The names of everything that a live version, or a change that waits for a person, may name.
async fn named(app: &App, circle: CircleNo) -> Result<BTreeSet<Name>, Error> {
    let mut snapshot = app.store.snapshot(circle).await?;
    let mut found = BTreeSet::new();
    let rows: &mut dyn Rows = snapshot.rows(Proof::of_server(circle, Work::Attachments))?;
    let mut after = 0;
    loop {
        let parts = rows.parts_after(after, PARTS).await?;
        let Some(last) = parts.iter().map(|row| row.seq).max() else { break };
        after = last;
        found.extend(parts.iter().flat_map(|row| all_in(&row.state)));
    }
    found.extend(rows.quarantine().await?.iter().flat_map(|row| all_in(&row.content)));
    let keys = snapshot.keys();
    Ok(found.iter().map(|sha256| keys.name(sha256)).collect())
}
