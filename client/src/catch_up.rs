//! Catching up in the background, in the time that a system gives: a page that was written is never asked for again, so it
//! is cut off at any moment and goes on from there.

use std::time::Duration;

use crate::{error::Result, events::Listener, phone::Phone};

/// What systems give a background task, with some to spare for what they call around it.
pub const BACKGROUND: Duration = Duration::from_secs(20);

/// How far it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaughtUp {
    /// Everything was sent, and all that this phone is to hold is here.
    Whole,
    /// The time was over; the next one goes on from the page that was written last.
    Partly,
}

impl Phone {
    /// One sync that takes at most so long.
    pub async fn catch_up(&self, at_most: Duration, listener: Listener) -> Result<CaughtUp> {
        match tokio::time::timeout(at_most, self.sync(listener)).await {
            Ok(done) => done.map(|()| CaughtUp::Whole),
            Err(_) => Ok(CaughtUp::Partly),
        }
    }
}
