//! Randomness and ids, as an argument: [`OsIds`] asks the operating system (through AWS-LC), [`SeededIds`] gives the
//! same bytes for the same seed and is for tests, benchmarks and the demo's content. Secrets come from [`OsIds`] alone.

use std::sync::Mutex;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

use crate::clock::Clock;

/// A source of random bytes.
pub trait Ids: Send + Sync + 'static {
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's randomness.
pub struct OsIds(SystemRandom);

impl OsIds {
    // The one place where ambient randomness is opened.
    #[allow(clippy::disallowed_methods)]
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }

    /// For the library's own signing functions, which take their randomness themselves.
    #[must_use]
    pub fn source(&self) -> &SystemRandom {
        &self.0
    }
}

impl Default for OsIds {
    fn default() -> Self {
        Self::new()
    }
}

impl Ids for OsIds {
    fn fill(&self, out: &mut [u8]) {
        // Without randomness no token, key or id may be made: going on would be worse than stopping.
        if self.0.fill(out).is_err() {
            tracing::error!("the operating system gives no randomness");
            std::process::abort();
        }
    }
}

/// ChaCha20 from a seed: repeatable, never for secrets of a real clinic.
pub struct SeededIds(Mutex<ChaCha20Rng>);

impl SeededIds {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl Ids for SeededIds {
    fn fill(&self, out: &mut [u8]) {
        let mut rng = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rng.fill_bytes(out);
    }
}

/// `N` random bytes.
pub fn random<const N: usize>(ids: &dyn Ids) -> [u8; N] {
    let mut out = [0; N];
    ids.fill(&mut out);
    out
}

/// A random number that is never 0 and fits a signed column of a database.
pub fn random_u63(ids: &dyn Ids) -> u64 {
    (u64::from_le_bytes(random(ids)) >> 1).max(1)
}

/// A UUIDv7 (RFC 9562, section 5.7): 48 bits of `clock`, 74 random bits.
pub fn uuid_v7(clock: &dyn Clock, ids: &dyn Ids) -> [u8; 16] {
    uuid_v7_at(clock.now_ms(), ids)
}

/// A UUIDv7 of a given time.
pub fn uuid_v7_at(ms: u64, ids: &dyn Ids) -> [u8; 16] {
    uuid::Builder::from_unix_timestamp_millis(ms, &random(ids)).into_uuid().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SetClock;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_seed_others() {
        let clock = SetClock::at(1_700_000_000_000);
        let (a, b, c) = (SeededIds::new(7), SeededIds::new(7), SeededIds::new(8));
        let first = uuid_v7(&clock, &a);
        assert_eq!(first, uuid_v7(&clock, &b));
        assert_ne!(first, uuid_v7(&clock, &a));
        assert_ne!(first, uuid_v7(&clock, &c));
    }

    #[test]
    fn a_uuid_carries_version_variant_and_time() {
        let ms = 0x0123_4567_89ab_u64;
        let id = uuid_v7_at(ms, &OsIds::new());
        assert_eq!(id[..6], ms.to_be_bytes()[2..]);
        assert_eq!(id[6] >> 4, 7);
        assert_eq!(id[8] >> 6, 0b10);
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        let ids = OsIds::new();
        let (a, b): ([u8; 32], [u8; 32]) = (random(&ids), random(&ids));
        assert_ne!(a, b);
        assert!(random_u63(&ids) > 0);
    }
}
