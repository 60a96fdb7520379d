//! Randomness and ids, as an argument: [`OsIds`] asks the operating system (through AWS-LC), [`SeededIds`] repeats itself
//! and is for tests. Keys and tokens come from [`OsIds`] alone.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use osteon_sync_core::RecordId;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// A source of random bytes.
pub trait Ids: Send + Sync + 'static {
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's randomness.
pub struct OsIds(SystemRandom);

impl OsIds {
    // The one place where ambient randomness is opened.
    #[allow(clippy::disallowed_methods)]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for OsIds {
    fn default() -> Self {
        Self::new()
    }
}

impl Ids for OsIds {
    fn fill(&self, out: &mut [u8]) {
        // Without randomness no key, nonce or id may be made: going on would be worse than stopping.
        if self.0.fill(out).is_err() {
            tracing::error!("the operating system gives no randomness");
            std::process::abort();
        }
    }
}

/// ChaCha20 from a seed: repeatable, never for secrets.
pub struct SeededIds(Mutex<ChaCha20Rng>);

impl SeededIds {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl Ids for SeededIds {
    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out);
    }
}

/// `N` random bytes.
pub fn random<const N: usize>(ids: &dyn Ids) -> [u8; N] {
    let mut out = [0; N];
    ids.fill(&mut out);
    out
}

/// A number below `below`, near enough to uniform for jitter.
pub fn below(ids: &dyn Ids, below: u64) -> u64 {
    u64::from_le_bytes(random(ids)) % below.max(1)
}

/// A UUIDv7 (RFC 9562, section 5.7).
pub fn record_id(now_ms: u64, ids: &dyn Ids) -> RecordId {
    RecordId(uuid::Builder::from_unix_timestamp_millis(now_ms, &random(ids)).into_uuid().into_bytes())
}

/// A request id, as text.
pub fn request_id(now_ms: u64, ids: &dyn Ids) -> String {
    uuid::Uuid::from_bytes(record_id(now_ms, ids).0).to_string()
}
