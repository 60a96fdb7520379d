//! Whether Hello was said a moment ago: a sync that follows begins with what it is for.

use std::{sync::PoisonError, time::Duration};

use tokio::time::Instant;

use crate::{error::Result, phone::Phone};

/// So long one Hello is enough for syncs that follow it. It alone tells of circles that were joined.
const GREETED: Duration = Duration::from_secs(120);
/// A clock that is off by more than this was set, or its phone slept.
const CLOCK_SET_MS: u64 = 5_000;

/// An answered Hello.
#[derive(Clone)]
pub(crate) struct Greeted {
    at: Instant,
    /// What the phone's clock said then.
    now_ms: u64,
    incarnation: u64,
}

impl Greeted {
    /// Not long ago, to the same state machine, and the phone's clock has gone on as time has: one that was set is measured anew.
    fn holds(&self, incarnation: u64, now_ms: u64) -> bool {
        let passed = self.at.elapsed();
        let drift = now_ms.abs_diff(self.now_ms.saturating_add(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)));
        self.incarnation == incarnation && passed < GREETED && drift < CLOCK_SET_MS
    }
}

impl Phone {
    /// The server has answered Hello to this state machine (`None`: what followed did not work).
    pub(crate) fn greeted(&self, incarnation: Option<u64>) {
        let now_ms = self.now_ms();
        let greeted = incarnation.map(|incarnation| Greeted { at: Instant::now(), now_ms, incarnation });
        *self.greeted.lock().unwrap_or_else(PoisonError::into_inner) = greeted;
    }

    /// Whether Hello would tell the server, and be told, no more than a short while ago: then a sync begins with what it is for.
    pub(crate) async fn is_greeted(&self) -> Result<bool> {
        let state = self.read().await?;
        let greeted = self.greeted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let waits = state.enrolled()?.device.circles().any(|(_, circle)| !circle.quarantined().is_empty());
        let holds = |greeted: Greeted| greeted.holds(state.incarnation(), self.now_ms());
        Ok(greeted.is_some_and(holds) && !waits && state.settings.orders_refused == 0)
    }
}
