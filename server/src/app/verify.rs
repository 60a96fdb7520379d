//! Is a database whole? Every row is opened with its key, every part decoded, and the digest of every cell made anew and
//! compared with the one that its commits kept: a copy that says so can be served.

use std::collections::BTreeMap;

use osteon_sync_core::digest;

use super::{App, circle::stored};
use crate::{
    access::{Proof, Work},
    error::Error,
    store::{CellKey, CircleNo, Snapshot, StoreError, custody::KeyPlace},
};

/// Rows of one page.
const PAGE: u32 = 1_000;

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    pub circles: usize,
    pub parts: usize,
    pub changes: usize,
}

/// Looks at every circle. The error names the circle and the table, never what is in it.
pub async fn whole(app: &App) -> anyhow::Result<Whole> {
    let mut whole = Whole::default();
    for key in app.store.wrapped_keys(0, u32::MAX).await? {
        let KeyPlace::Circle { circle, short_id, .. } = key.place else { continue };
        let looked = circle_whole(app, circle, &mut whole).await;
        looked.map_err(|error| anyhow::anyhow!("circle {short_id}: {}", error.cause().unwrap_or("is not whole")))?;
        whole.circles += 1;
    }
    Ok(whole)
}

async fn circle_whole(app: &App, circle: CircleNo, whole: &mut Whole) -> Result<(), Error> {
    let mut snapshot = app.store.snapshot(circle).await?;
    app.access_of(&mut *snapshot).await?;
    let digests = digests(app, &mut *snapshot, whole).await?;
    let kept =
        snapshot.circle().digests.iter().filter(|(_, digest)| **digest != 0).map(|(cell, digest)| (*cell, *digest));
    if digests.into_iter().filter(|(_, digest)| *digest != 0).ne(kept) {
        return Err(Error::internal("the records are not those that the digests were made of"));
    }
    let (mut after, head) = (0, snapshot.circle().head);
    let rows_of = snapshot.rows(Proof::of_server(circle, Work::Verify))?;
    loop {
        let rows = rows_of.log_after(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        whole.changes += rows.len();
    }
    if after > head {
        return Err(Error::internal("a change stands behind the head"));
    }
    rows_of.quarantine().await?;
    Ok(())
}

async fn digests(app: &App, snapshot: &mut dyn Snapshot, whole: &mut Whole) -> Result<BTreeMap<CellKey, u128>, Error> {
    let key = app.secrets.digest_key(snapshot.circle().circle);
    let proof = Proof::of_server(snapshot.circle().circle, Work::Verify);
    let rows_of = snapshot.rows(proof)?;
    let (mut after, mut digests) = (0, BTreeMap::<CellKey, u128>::new());
    loop {
        let rows = rows_of.parts_after(after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(digests) };
        after = last.seq;
        whole.parts += rows.len();
        for row in &rows {
            let part = stored(row).map_err(|error: StoreError| Error::from(error))?;
            let digest = digests.entry(CellKey { label: row.label, class: row.class }).or_default();
            *digest = digest.wrapping_add(digest::contribution(&key, row.record, &part.part));
        }
    }
}
