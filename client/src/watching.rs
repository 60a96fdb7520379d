//! Questions that are answered anew when their answer has changed: a record, a list, a count.

use std::{sync::Arc, time::Duration};

use osteon_sync_core::RecordId;
use tokio::sync::watch;

use crate::{
    error::Result,
    phone::Phone,
    views::{CircleView, RecordView},
};

type Ask<T> = dyn Fn(&CircleView<'_>) -> T + Send + Sync;

/// One question about a circle, and what was answered last. Dropping it ends it.
pub struct Watching<T> {
    phone: Arc<Phone>,
    circle: u64,
    ask: Box<Ask<T>>,
    changes: watch::Receiver<u64>,
    told: Option<T>,
}

impl<T: Clone + PartialEq> Watching<T> {
    /// At first what the answer is; then it waits for another one: somebody saved, a page came, another program of this folder
    /// wrote, or a grant ended by the clock. Cancel-safe: whoever stops waiting misses nothing.
    pub async fn next(&mut self) -> Result<T> {
        loop {
            self.changes.borrow_and_update();
            let (now, until) = self.look().await?;
            if self.told.as_ref() != Some(&now) {
                self.told = Some(now.clone());
                return Ok(now);
            }
            let ended = async {
                match until {
                    Some(left) => tokio::time::sleep(left).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // The phone itself is held here: its sender stays.
                _ = self.changes.changed() => {}
                () = ended => {}
            }
        }
    }

    /// The answer now, and after which time the clock alone may make it another one.
    async fn look(&self) -> Result<(T, Option<Duration>)> {
        let now_ms = self.phone.now_ms();
        let state = self.phone.read().await?;
        let enrolled = state.enrolled()?;
        let view = enrolled.view(self.circle, now_ms)?;
        let server_ms = enrolled.device.server_time_ms(now_ms);
        let left = view.until_ms().map(|until| Duration::from_millis(until.saturating_sub(server_ms).max(1)));
        Ok(((self.ask)(&view), left))
    }
}

impl Phone {
    /// Any question about what is here of a circle.
    pub fn watch<T>(
        self: &Arc<Self>,
        circle: u64,
        ask: impl Fn(&CircleView<'_>) -> T + Send + Sync + 'static,
    ) -> Watching<T> {
        Watching { phone: Arc::clone(self), circle, ask: Box::new(ask), changes: self.changes(), told: None }
    }

    /// One record; `None`: it is not here, or may not be looked at.
    pub fn watch_record(self: &Arc<Self>, circle: u64, record: RecordId) -> Watching<Option<RecordView>> {
        self.watch(circle, move |view| view.record(record))
    }

    /// The records of one type that have not ended.
    pub fn watch_list(self: &Arc<Self>, circle: u64, type_number: u32) -> Watching<Vec<RecordView>> {
        self.watch(circle, move |view| view.of_type(type_number))
    }

    /// How many they are.
    pub fn watch_count(self: &Arc<Self>, circle: u64, type_number: u32) -> Watching<usize> {
        self.watch(circle, move |view| view.count(type_number))
    }
}
