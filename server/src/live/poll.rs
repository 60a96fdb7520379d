//! The slow poll behind the wake-ups: every few seconds it asks the store for the heads of the circles that somebody waits
//! for. A lost wake-up therefore only delays.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::Hub;
use crate::{error::Error, store::custody::ERASED_HEAD, telemetry::names};

/// How many circles one query asks for.
const CHUNK: usize = 1_000;

/// Where heads are read.
#[async_trait]
pub trait Heads: Send + Sync + 'static {
    async fn heads(&self, circles: &[u64]) -> Result<Vec<(u64, u64)>, Error>;
}

/// Polls until `stop`. Errors of the store are logged and the next round tries again.
pub async fn run(hub: Arc<Hub>, store: Arc<dyn Heads>, every: Duration, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
        if let Err(error) = once(&hub, store.as_ref()).await {
            tracing::warn!(%error, "the poll of heads failed");
        }
    }
}

/// One round: wakes whoever waits for a circle whose head is not the one that was told.
pub async fn once(hub: &Hub, store: &dyn Heads) -> Result<(), Error> {
    let told = hub.heads();
    for chunk in told.chunks(CHUNK) {
        let circles: Vec<u64> = chunk.iter().map(|&(circle, _)| circle).collect();
        let mut now = store.heads(&circles).await?;
        now.sort_unstable();
        for &(circle, before) in chunk {
            let Ok(at) = now.binary_search_by_key(&circle, |&(circle, _)| circle) else {
                if before != ERASED_HEAD {
                    hub.force(circle, ERASED_HEAD);
                }
                continue;
            };
            // Also a lower head: the database was put back under a running server.
            if now[at].1 != before {
                hub.force(circle, now[at].1);
                // A circle that was never told a head is new here, not lost.
                if before != 0 {
                    metrics::counter!(names::WAKES_FOUND).increment(1);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Listener, Wake};

    struct Fixed(Vec<(u64, u64)>);

    #[async_trait]
    impl Heads for Fixed {
        async fn heads(&self, circles: &[u64]) -> Result<Vec<(u64, u64)>, Error> {
            Ok(self.0.iter().filter(|(circle, _)| circles.contains(circle)).copied().collect())
        }
    }

    #[tokio::test]
    async fn the_poll_finds_what_nobody_told() {
        let hub = Hub::new();
        let mut sub = hub.subscribe(Listener { family: 1, account: 1, clinic: 1 }, &[3, 4]).expect("subscribed");
        hub.wake(&[(3, 7), (4, 2)]);
        assert_eq!(sub.changed().await, Wake::Circles(vec![3, 4]));
        once(&hub, &Fixed(vec![(9, 1), (4, 2), (3, 8)])).await.expect("polled");
        assert_eq!(sub.changed().await, Wake::Circles(vec![3]));
        assert_eq!(hub.heads(), [(3, 8), (4, 2)]);
    }
}
