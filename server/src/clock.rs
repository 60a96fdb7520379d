//! What time it is, as an argument. The system's clock stands behind [`SystemClock`] and nowhere else; tests and the
//! demo's walk through ninety days use [`SetClock`].

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// A source of wall-clock time.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970. May step backwards: whoever needs order uses sequences or the hybrid logical clock.
    fn now_ms(&self) -> u64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    // The one place where the ambient clock is read.
    #[allow(clippy::disallowed_methods)]
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// A clock that stands where it was put.
#[derive(Debug, Default)]
pub struct SetClock(AtomicU64);

impl SetClock {
    #[must_use]
    pub fn at(now_ms: u64) -> Self {
        Self(AtomicU64::new(now_ms))
    }

    pub fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }

    /// Moves the clock on and returns the new time.
    pub fn advance(&self, by_ms: u64) -> u64 {
        self.0.fetch_add(by_ms, Ordering::SeqCst).saturating_add(by_ms)
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_past_2025() {
        assert!(SystemClock.now_ms() > 1_735_689_600_000);
    }

    #[test]
    fn a_set_clock_moves_only_when_told() {
        let clock = SetClock::at(5);
        assert_eq!(clock.now_ms(), 5);
        assert_eq!(clock.advance(10), 15);
        clock.set(3);
        assert_eq!(clock.now_ms(), 3);
    }
}
