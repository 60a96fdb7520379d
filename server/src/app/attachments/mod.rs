//! Attachments: bytes that fields of records name by their content (`osteon_proto::refers`). Whoever may write such a field may send what
//! it names ([`upload`]); whoever may read the field may read the bytes, under the label that it has at that moment
//! ([`read`]); what nothing names any more goes after some days ([`sweep`]).

pub mod read;
pub mod sweep;
pub mod upload;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use osteon_proto::reasons::Reason;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{access::Caller, error::Error, limits};

/// What one process knows of attachments: who sends at this moment, and how much room a clinic has.
pub struct Traffic {
    slots: Arc<Semaphore>,
    clinics: Mutex<Vec<u64>>,
    accounts: Mutex<BTreeSet<u64>>,
    room: AtomicU64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(limits::ATTACHMENT_CHUNKS_AT_ONCE.usize())),
            clinics: Mutex::default(),
            accounts: Mutex::default(),
            room: AtomicU64::new(limits::ATTACHMENT_CLINIC_BYTES.max),
        }
    }
}

/// One chunk on its way; gives its place back when it is dropped.
pub struct Slot<'t> {
    traffic: &'t Traffic,
    account: u64,
    clinic: u64,
    _permit: OwnedSemaphorePermit,
}

/// When to come again.
const AGAIN: Duration = Duration::from_secs(2);

impl Traffic {
    /// Bytes that one clinic may have.
    pub fn room(&self) -> u64 {
        self.room.load(Ordering::Acquire)
    }

    /// Less room than the limit allows.
    pub fn set_room(&self, bytes: u64) {
        self.room.store(bytes.min(limits::ATTACHMENT_CLINIC_BYTES.max), Ordering::Release);
    }

    /// Few chunks at once, one of an account, and of one clinic half of them: they share the disk with the entries.
    pub fn slot(&self, caller: &Caller) -> Result<Slot<'_>, Error> {
        let full = || Error::retry(Reason::RateLimited, AGAIN);
        let permit = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| full())?;
        let mut clinics = self.clinics.lock().unwrap_or_else(PoisonError::into_inner);
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let half = limits::ATTACHMENT_CHUNKS_AT_ONCE.usize().div_ceil(2);
        let of_clinic = clinics.iter().filter(|clinic| **clinic == caller.clinic).count();
        if of_clinic >= half || !accounts.insert(caller.account) {
            return Err(full());
        }
        clinics.push(caller.clinic);
        Ok(Slot { traffic: self, account: caller.account, clinic: caller.clinic, _permit: permit })
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut clinics = self.traffic.clinics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = clinics.iter().position(|clinic| *clinic == self.clinic) {
            clinics.swap_remove(at);
        }
        self.traffic.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(account: u64, clinic: u64) -> Caller {
        Caller { account, device: 1, clinic, family: 1, leaving: false }
    }

    #[test]
    fn a_clinic_takes_half_and_an_account_one() {
        let traffic = Traffic::default();
        let first = traffic.slot(&caller(1, 1)).expect("the first");
        assert_eq!(traffic.slot(&caller(1, 1)).err().map(|error| error.reason()), Some(Reason::RateLimited));
        let second = traffic.slot(&caller(2, 1)).expect("another account");
        assert!(traffic.slot(&caller(3, 1)).is_err(), "half of the places are taken by this clinic");
        let _other = traffic.slot(&caller(4, 2)).expect("another clinic");
        drop((first, second));
        assert!(traffic.slot(&caller(1, 1)).is_ok(), "places are given back");
    }
}
