//! The device's hybrid logical clock, corrected by the measured offset to the server, in both directions.

use crate::{Clock, ledger::MAX_CLOCK_AHEAD_MS};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HybridClock {
    pub(crate) last: Clock,
    /// Server time minus device time.
    pub(crate) offset_ms: i64,
}

impl HybridClock {
    pub fn corrected(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.offset_ms)
    }

    /// The server said `server_ms` in an answer to a request that was sent and answered at these device times.
    pub fn measured(&mut self, sent_ms: u64, answered_ms: u64, server_ms: u64) {
        let here = sent_ms / 2 + answered_ms / 2 + (sent_ms & answered_ms & 1);
        let offset = i128::from(server_ms) - i128::from(here);
        self.offset_ms = i64::try_from(offset).unwrap_or(0);
        // A clock that had run ahead before it was measured does not stay ahead for ever.
        let limit = self.corrected(answered_ms).saturating_add(MAX_CLOCK_AHEAD_MS);
        if self.last.ms > limit {
            self.last = Clock { ms: limit, logical: 0 };
        }
    }

    /// The clock of a new change: later than all that this device has made or seen.
    pub fn tick(&mut self, now_ms: u64) -> Clock {
        let ms = self.corrected(now_ms);
        self.last = if ms > self.last.ms {
            Clock { ms, logical: 0 }
        } else {
            Clock { ms: self.last.ms, logical: self.last.logical.saturating_add(1) }
        };
        self.last
    }

    /// A version with this clock was received.
    pub fn seen(&mut self, clock: Clock, now_ms: u64) {
        let limit = self.corrected(now_ms).saturating_add(MAX_CLOCK_AHEAD_MS);
        if clock > self.last && clock.ms <= limit {
            self.last = clock;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_works_in_both_directions_and_clocks_never_go_back() {
        for (device, server) in [(1_000_000, 5_000_000), (5_000_000, 1_000_000)] {
            let mut clock = HybridClock::default();
            clock.measured(device, device, server);
            let first = clock.tick(device + 10);
            assert_eq!(first, Clock { ms: server + 10, logical: 0 });
            let second = clock.tick(device);
            assert_eq!(second, Clock { ms: server + 10, logical: 1 });
        }
    }

    #[test]
    fn a_received_clock_far_ahead_is_not_followed() {
        let mut clock = HybridClock::default();
        clock.seen(Clock { ms: 2_000_000, logical: 0 }, 1_000_000);
        assert_eq!(clock.tick(1_000_000).ms, 1_000_000);
        clock.seen(Clock { ms: 1_200_000, logical: 4 }, 1_000_000);
        assert_eq!(clock.tick(1_000_000), Clock { ms: 1_200_000, logical: 5 });
    }
}
