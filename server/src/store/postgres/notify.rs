//! Wake-ups between nodes. A payload is the sender's node, then circle and sequence of each circle that moved, and the
//! session families that ended.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;

use crate::store::{CircleNo, StoreError, common::Common, custody::ERASED_HEAD, statements::postgres as sql};

const CHANNEL: &str = "osteon_commit";
/// PostgreSQL takes less than 8000 bytes.
const PAYLOAD_BYTES: usize = 7000;
const RETRY: Duration = Duration::from_millis(500);
/// Stands where the sender's node stands, in what every node is to hear.
const OF_NO_NODE: &str = "-";

/// What other nodes have not been told yet: one entry a circle, however often it moved, and ended session families.
#[derive(Default)]
pub(super) struct Outbox {
    news: Mutex<News>,
    filled: Notify,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct News {
    moved: BTreeMap<CircleNo, u64>,
    ended: BTreeSet<u64>,
}

impl Outbox {
    pub(super) fn add(&self, moved: &[(CircleNo, u64)]) {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).moved.extend(moved.iter().copied());
        self.filled.notify_one();
    }

    pub(super) fn add_ended(&self, families: &[u64]) {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).ended.extend(families.iter().copied());
        self.filled.notify_one();
    }

    fn take(&self) -> News {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `x` and a number: a family that ended. Those go first.
fn payloads(node: &str, news: &News) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut payload = String::new();
    let ended = news.ended.iter().map(|family| format!(";x{family}"));
    let moved = news.moved.iter().map(|(circle, seq)| format!(";{circle}:{seq}"));
    for item in ended.chain(moved) {
        if payload.is_empty() {
            payload.push_str(node);
        }
        payload.push_str(&item);
        if payload.len() >= PAYLOAD_BYTES {
            payloads.push(std::mem::take(&mut payload));
        }
    }
    payloads.extend(Some(payload).filter(|payload| !payload.is_empty()));
    payloads
}

/// What a payload says; `None`: of this node itself, or not ours at all.
fn parse(node: &str, payload: &str) -> Option<News> {
    let mut items = payload.split(';');
    items.next().filter(|from| *from != node)?;
    let mut news = News::default();
    for item in items {
        match item.strip_prefix('x') {
            Some(family) => drop(news.ended.insert(family.parse().ok()?)),
            None => {
                let (circle, seq) = item.split_once(':')?;
                news.moved.insert(circle.parse().ok()?, seq.parse().ok()?);
            }
        }
    }
    Some(news)
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

/// Tells every node, this one too, that a circle is not there any more.
pub(super) async fn erased(pool: &PgPool, circle: CircleNo) -> Result<(), StoreError> {
    let news = News { moved: BTreeMap::from([(circle, ERASED_HEAD)]), ..News::default() };
    for payload in payloads(OF_NO_NODE, &news) {
        sqlx::query(sql::NOTIFY).bind(CHANNEL).bind(payload).execute(pool).await?;
    }
    Ok(())
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
                let Some(news) = parse(&node, notification.payload()) else { continue };
                if !news.ended.is_empty() {
                    common.ended(&news.ended.into_iter().collect::<Vec<_>>());
                }
                if !news.moved.is_empty() {
                    common.wake(news.moved.into_iter().collect());
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
        let news = News { moved, ended: (0..500).map(|n| n * n).collect() };
        let payloads = payloads("0123456789abcdef", &news);
        assert!(payloads.iter().all(|payload| payload.len() < 8000), "PostgreSQL's bound");
        let mut read = News::default();
        for payload in &payloads {
            let part = parse("other", payload).unwrap();
            read.moved.extend(part.moved);
            read.ended.extend(part.ended);
        }
        assert_eq!(read, news);
        assert!(payloads.iter().all(|payload| parse("0123456789abcdef", payload).is_none()), "own ones are known");
        let gone = News { moved: BTreeMap::from([(7, ERASED_HEAD)]), ..News::default() };
        let told = super::payloads(OF_NO_NODE, &gone);
        assert_eq!(told.iter().map(|payload| parse("0123456789abcdef", payload)).collect::<Vec<_>>(), [Some(gone)]);
        assert_eq!(parse("a", "b;nonsense"), None);
        assert_eq!(parse("a", "b;xy"), None);
    }
}
