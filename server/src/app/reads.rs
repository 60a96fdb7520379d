//! How far the devices of patients have read their circles. They say so themselves: a cursor that comes back says that what
//! was sent before it is there. It is noted in memory and written a moment later: a pull waits for none of it.
//! Who asks is R-SYNC-3 ([`super::alerts`]): a patient's device that is away while something waits for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{App, alerts};
use crate::{
    access::Caller,
    error::Error,
    store::{CircleNo, DeviceNo, ReadRow, UnixMs},
};

/// How often what was noted is written.
const WRITE: Duration = Duration::from_secs(1);
/// A device that comes back with nothing new is noted so often: the rule counts in days.
const AGAIN_MS: u64 = 15 * 60_000;
/// Devices that are known to stand written.
const MAX_KNOWN: usize = 65_536;

type Key = (CircleNo, DeviceNo);

#[derive(Default)]
pub struct Reads(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    waiting: BTreeMap<Key, ReadRow>,
    /// What this process wrote last.
    known: BTreeMap<Key, (u64, UnixMs)>,
}

impl Reads {
    /// A device has come, holding everything up to a sequence (0: nothing is known to be there).
    pub(super) fn came(&self, caller: &Caller, circle: CircleNo, seq: u64, at_ms: UnixMs) {
        let (key, mut noted) = ((circle, caller.device), self.noted());
        let stands = noted.known.get(&key).is_some_and(|(known, known_ms)| {
            *known == seq && at_ms.saturating_sub(*known_ms) < AGAIN_MS && at_ms >= *known_ms
        });
        if !stands {
            noted.waiting.insert(key, ReadRow { circle, device: caller.device, seq, at_ms });
        }
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<ReadRow> {
        std::mem::take(&mut self.noted().waiting).into_values().collect()
    }

    /// They stand in the store.
    fn written(&self, rows: &[ReadRow]) {
        let mut noted = self.noted();
        if noted.known.len() + rows.len() > MAX_KNOWN {
            noted.known.clear();
        }
        noted.known.extend(rows.iter().map(|row| ((row.circle, row.device), (row.seq, row.at_ms))));
    }

    /// They could not be written; what was noted since is newer.
    fn put_back(&self, rows: Vec<ReadRow>) {
        let mut noted = self.noted();
        for row in rows {
            noted.waiting.entry((row.circle, row.device)).or_insert(row);
        }
    }
}

/// Writes what was noted.
pub async fn write(app: &Arc<App>) -> Result<(), Error> {
    let rows = app.reads.take();
    if rows.is_empty() {
        return Ok(());
    }
    if let Err(error) = app.store.put_reads(rows.clone()).await {
        app.reads.put_back(rows);
        return Err(error.into());
    }
    app.reads.written(&rows);
    for row in rows {
        alerts::away::is_back(app, row.circle).await?;
    }
    Ok(())
}

/// The same from time to time, until it is told to stop; and then once more.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    loop {
        let goes_on = stop.run_until_cancelled(tokio::time::sleep(WRITE)).await.is_some();
        if let Err(error) = write(&app).await {
            tracing::warn!(%error, "how far devices have read was not written");
        }
        if !goes_on {
            return;
        }
    }
}
