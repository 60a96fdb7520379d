//! Wake-ups between nodes. A payload is the sender's node, then circle and sequence of each circle that moved.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;

use crate::store::{CircleNo, StoreError, common::Common, statements::postgres as sql};

const CHANNEL: &str = "osteon_commit";
/// PostgreSQL takes less than 8000 bytes.
const PAYLOAD_BYTES: usize = 7000;
const RETRY: Duration = Duration::from_millis(500);

/// What other nodes have not been told yet: one entry a circle, however often it moved.
#[derive(Default)]
pub(super) struct Outbox {
    moved: Mutex<BTreeMap<CircleNo, u64>>,
    filled: Notify,
}

impl Outbox {
    pub(super) fn add(&self, moved: &[(CircleNo, u64)]) {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).extend(moved.iter().copied());
        self.filled.notify_one();
    }

    fn take(&self) -> BTreeMap<CircleNo, u64> {
        std::mem::take(&mut *self.moved.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn payloads(node: &str, moved: &BTreeMap<CircleNo, u64>) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut payload = String::new();
    for (circle, seq) in moved {
        if payload.is_empty() {
            payload.push_str(node);
        }
        // Writing to a String does not fail.
        let _ = write!(payload, ";{circle}:{seq}");
        if payload.len() >= PAYLOAD_BYTES {
            payloads.push(std::mem::take(&mut payload));
        }
    }
    payloads.extend(Some(payload).filter(|payload| !payload.is_empty()));
    payloads
}

/// Circles of a payload; `None`: of this node itself, or not ours at all.
fn parse(node: &str, payload: &str) -> Option<Vec<(CircleNo, u64)>> {
    let mut items = payload.split(';');
    items.next().filter(|from| *from != node)?;
    let pair = |item: &str| item.split_once(':').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    items.map(pair).collect()
}

pub(super) async fn send(pool: PgPool, outbox: Arc<Outbox>, node: String) {
    loop {
        outbox.filled.notified().await;
        for payload in payloads(&node, &outbox.take()) {
            if let Err(error) = sqlx::query(sql::NOTIFY).bind(CHANNEL).bind(payload).execute(&pool).await {
                // The poll of the other nodes stands behind.
                tracing::warn!(error = %error, "other nodes could not be told of a commit");
            }
        }
    }
}

pub(super) async fn listener(pool: &PgPool) -> Result<PgListener, StoreError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

pub(super) async fn receive(mut listener: PgListener, common: Arc<Common>, node: String) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notification)) => {
                if let Some(moved) = parse(&node, notification.payload()).filter(|moved| !moved.is_empty()) {
                    common.wake(moved);
                }
            }
            // The connection was lost and is back: what was sent in between is not.
            Ok(None) => common.wake(Vec::new()),
            Err(error) => {
                tracing::warn!(error = %error, "wake-ups from other nodes are interrupted");
                common.wake(Vec::new());
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_short_enough_and_say_all() {
        let moved: BTreeMap<_, _> = (0..5000).map(|circle| (circle, circle * 7 + u64::from(u32::MAX))).collect();
        let payloads = payloads("0123456789abcdef", &moved);
        assert!(payloads.iter().all(|payload| payload.len() < 8000), "PostgreSQL's bound");
        let read: BTreeMap<_, _> = payloads.iter().flat_map(|payload| parse("other", payload).unwrap()).collect();
        assert_eq!(read, moved);
        assert!(payloads.iter().all(|payload| parse("0123456789abcdef", payload).is_none()), "own ones are known");
        assert_eq!(parse("a", "b;nonsense"), None);
    }
}
