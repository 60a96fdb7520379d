//! When to try again: exponential backoff with full jitter; the jitter is an argument.

/// The first wait, and the longest.
const FIRST_MS: u64 = 500;
const LONGEST_MS: u64 = 5 * 60 * 1000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Retry {
    failures: u32,
    pub(crate) not_before_ms: u64,
}

impl Retry {
    /// A request failed (no answer, UNAVAILABLE, …). `at_least_ms` is the server's RetryInfo, 0 if it gave none.
    pub fn failed(&mut self, now_ms: u64, at_least_ms: u64, random: u64) {
        let ceiling = (FIRST_MS << self.failures.min(20)).min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1);
        let wait = at_least_ms.min(LONGEST_MS) + random % (ceiling + 1);
        self.not_before_ms = now_ms.saturating_add(wait);
    }

    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A clock that was set back does not lock the device out: a wait is never longer than the longest.
    pub(crate) fn open(&self, now_ms: u64) -> bool {
        now_ms >= self.not_before_ms || self.not_before_ms - now_ms > 2 * LONGEST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_end_with_success() {
        let mut retry = Retry::default();
        for _ in 0..30 {
            retry.failed(1_000, 0, u64::MAX);
            assert!(retry.not_before_ms <= 1_000 + LONGEST_MS);
        }
        assert!(!retry.open(1_000) || retry.not_before_ms == 1_000);
        retry.succeeded();
        assert!(retry.open(1_000));
        retry.failed(1_000, 7_000, 0);
        assert_eq!(retry.not_before_ms, 8_000);
    }
}
