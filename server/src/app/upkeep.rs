//! What a server does by itself from time to time: closes streams of devices that were sent away elsewhere, forgets what
//! has run out.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::App;

/// Orders are told between nodes; a lost message, or a command on the same machine, is found within this time.
const LOOK: Duration = Duration::from_millis(500);
/// Clocks of nodes differ by less than this.
const SKEW_MS: u64 = 10_000;
const SWEEP: Duration = Duration::from_secs(3_600);

/// Closes streams of devices that were told to leave or are to be wiped, whoever gave the order. Until `stop`.
pub async fn ended(app: Arc<App>, stop: CancellationToken) {
    let mut closed: Vec<u64> = Vec::new();
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        match app.store.ordered_since(app.now_ms().saturating_sub(SKEW_MS)).await {
            Ok(families) => {
                if families.iter().any(|family| !closed.contains(family)) {
                    app.streams_ended(&families);
                }
                closed = families;
            }
            Err(error) => tracing::warn!(%error, "orders to devices could not be looked for"),
        }
    }
}

/// Forgets kept answers, sessions, invites and codes that ran out. Until `stop`.
pub async fn sweep(app: Arc<App>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
        match app.store.sweep(app.now_ms()).await {
            Ok(gone) => tracing::debug!(gone, "swept"),
            Err(error) => tracing::warn!(%error, "what ran out could not be swept"),
        }
    }
}
