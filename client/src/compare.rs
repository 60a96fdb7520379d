//! Whether what this phone holds is what the server has: both reckon the same digests, cell by cell, and they are compared
//! while somebody waits for it. What differs is fetched anew at once.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use osteon_sync_core::device::Confirmed as _;

use crate::{
    error::{Error, Result},
    events::silent,
    phone::{LOOK, Phone},
};

/// How long a conversation that is open may take to answer.
const AT_MOST: Duration = Duration::from_secs(10);

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compared {
    pub records: usize,
    /// Groups of records that differed; what they hold is here anew.
    pub differed: u32,
    /// Everything that this phone is to hold is here.
    pub whole: bool,
    /// Of everything that is held.
    pub fingerprint: u128,
    /// Changes of this phone that are not part of it, because they were not sent.
    pub to_send: usize,
}

/// Comparisons that are asked for, and those that were made: by circle how many, and what the last one found.
#[derive(Default)]
pub(crate) struct Compares {
    asked: AtomicBool,
    made: Mutex<BTreeMap<u64, (u64, u32)>>,
}

impl Compares {
    /// A page came with digests, or there is nothing to compare.
    pub(crate) fn note(&self, circle: u64, differed: u32) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let (n, found) = made.entry(circle).or_default();
        (*n, *found) = (*n + 1, *found + differed);
    }

    fn made(&self, circle: u64) -> (u64, u32) {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(&circle).copied().unwrap_or_default()
    }
}

impl Phone {
    /// Whether a comparison was asked for since this was asked last.
    pub(crate) fn take_compare(&self) -> bool {
        self.compares.asked.swap(false, Ordering::AcqRel)
    }

    /// Syncs, and compares. `Busy`: another program that syncs this phone was not asked to.
    pub async fn compare(&self, circle: u64) -> Result<Compared> {
        let (before, differed) = self.compares.made(circle);
        self.compares.asked.store(true, Ordering::Release);
        self.wake.notify_waiters();
        self.sync(silent()).await?;
        let until = tokio::time::Instant::now() + AT_MOST;
        while self.compares.made(circle).0 <= before {
            if tokio::time::Instant::now() >= until {
                return Err(Error::Busy);
            }
            tokio::time::sleep(LOOK).await;
        }
        let (_, now) = self.compares.made(circle);
        let state = self.read().await?;
        let view = state.enrolled()?.view(circle, self.now_ms())?;
        let key = view.circle().digest_key();
        let cells = view.confirmed().cells();
        Ok(Compared {
            records: view.record_count(),
            differed: now - differed,
            whole: view.circle().at_head(),
            fingerprint: cells.iter().fold(0, |sum, cell| sum.wrapping_add(view.confirmed().digest(*cell, key))),
            to_send: view.circle().outbox().count(),
        })
    }
}
