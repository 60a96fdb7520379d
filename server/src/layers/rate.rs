//! Rate limits: the generic cell rate algorithm (a token bucket that stores one number per key). Each kind of key has a
//! limit of its own, so that one clinic's storm takes nothing from another. Memory is bounded: keys at rest are dropped.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    error::{Error, Reason},
    limits::{self, Limit},
};

const SHARDS: usize = 16;
/// Keys of one shard before those at rest are dropped.
const KEYS_PER_SHARD: usize = 16_384;

/// What is counted, with how much of it per window. A key may use its window's whole allowance at once.
struct Bucket {
    limit: &'static Limit,
    /// Nanoseconds that one call uses up, and that the bucket holds.
    cost_ns: u64,
    depth_ns: u64,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    /// When the key's bucket is full again.
    full_at: HashMap<u64, u64>,
    swept_ns: u64,
}

impl Bucket {
    fn new(limit: &'static Limit, window: Duration) -> Self {
        let depth_ns = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX);
        Self { limit, cost_ns: depth_ns / limit.max, depth_ns, shards: Default::default() }
    }

    fn take(&self, key: u64, now_ns: u64) -> Result<(), Error> {
        // Neighbouring account numbers go to different shards.
        let mut shard = self.shards[(key % SHARDS as u64) as usize].lock().unwrap_or_else(PoisonError::into_inner);
        if shard.full_at.len() >= KEYS_PER_SHARD && !shard.full_at.contains_key(&key) {
            // Seldom: a flood of new keys must not make every call walk the map.
            if now_ns.abs_diff(shard.swept_ns) >= self.depth_ns / 4 {
                shard.swept_ns = now_ns;
                shard.full_at.retain(|_, full_at| *full_at > now_ns);
            }
            if shard.full_at.len() >= KEYS_PER_SHARD {
                return Err(self.refusal(self.depth_ns));
            }
        }
        let full_at = shard.full_at.entry(key).or_insert(now_ns);
        // A clock that was put back must not lock anybody out for longer than a window.
        let debt = full_at.saturating_sub(now_ns).min(self.depth_ns);
        let after = debt + self.cost_ns;
        if after > self.depth_ns {
            *full_at = now_ns + debt;
            return Err(self.refusal(after - self.depth_ns));
        }
        *full_at = now_ns + after;
        Ok(())
    }

    fn refusal(&self, wait_ns: u64) -> Error {
        Error::over(Reason::RateLimited, self.limit).after(Duration::from_nanos(wait_ns).max(Duration::from_millis(1)))
    }
}

/// All rate limits of the server.
pub struct Rates {
    open: Bucket,
    bad_tokens: Bucket,
    account: Bucket,
    device: Bucket,
    clinic: Bucket,
    on: bool,
}

impl Rates {
    /// `on` false is for measurements.
    #[must_use]
    pub fn new(on: bool) -> Self {
        let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
        Self {
            open: Bucket::new(&limits::OPEN_CALLS_PER_MINUTE, minute),
            bad_tokens: Bucket::new(&limits::BAD_TOKENS_PER_MINUTE, minute),
            account: Bucket::new(&limits::ACCOUNT_CALLS_PER_MINUTE, minute),
            device: Bucket::new(&limits::DEVICE_CALLS_PER_MINUTE, minute),
            clinic: Bucket::new(&limits::CLINIC_CALLS_PER_SECOND, second),
            on,
        }
    }

    /// A call without a token.
    pub fn open(&self, network: u64, now_ms: u64) -> Result<(), Error> {
        self.ask(&self.open, network, now_ms)
    }

    /// A call with a token that was not valid.
    pub fn bad_token(&self, network: u64, now_ms: u64) -> Result<(), Error> {
        self.ask(&self.bad_tokens, network, now_ms)
    }

    /// A call of somebody known.
    pub fn known(&self, caller: &super::Caller, now_ms: u64) -> Result<(), Error> {
        self.ask(&self.device, caller.device, now_ms)?;
        self.ask(&self.account, caller.account, now_ms)?;
        self.ask(&self.clinic, caller.clinic, now_ms)
    }

    fn ask(&self, bucket: &Bucket, key: u64, now_ms: u64) -> Result<(), Error> {
        if self.on { bucket.take(key, now_ms.saturating_mul(1_000_000)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TEN: Limit = Limit { name: "TEN", max: 10, unit: "calls", about: "for this test" };
    const MS: u64 = 1_000_000;

    #[test]
    fn a_window_may_be_used_at_once_and_then_refills_evenly() {
        let bucket = Bucket::new(&TEN, Duration::from_secs(1));
        for n in 0..10 {
            assert!(bucket.take(1, 5_000 * MS).is_ok(), "call {n}");
        }
        let refused = bucket.take(1, 5_000 * MS).expect_err("the eleventh");
        assert_eq!((refused.reason(), refused.limit_name()), (Reason::RateLimited, Some("TEN")));
        assert_eq!(refused.retry_after(), Some(Duration::from_millis(100)));
        assert!(bucket.take(1, 5_099 * MS).is_err());
        assert!(bucket.take(1, 5_100 * MS).is_ok());
        assert!(bucket.take(1, 5_100 * MS).is_err());
        assert!(bucket.take(17, 5_100 * MS).is_ok(), "another key of the same shard");
    }

    #[test]
    fn a_clock_that_was_put_back_locks_nobody_out() {
        let bucket = Bucket::new(&TEN, Duration::from_secs(1));
        assert!(bucket.take(1, 1_000_000 * MS).is_ok());
        let refused = bucket.take(1, 0).expect_err("a full debt at most");
        assert!(refused.retry_after() <= Some(Duration::from_millis(100)));
        assert!(bucket.take(1, 100 * MS).is_ok());
    }

    #[test]
    fn a_flood_of_keys_stays_bounded_and_ends() {
        let bucket = Bucket::new(&TEN, Duration::from_secs(1));
        for key in 0..(2 * (SHARDS * KEYS_PER_SHARD) as u64) {
            let _ = bucket.take(key, 0);
        }
        let held: usize = bucket.shards.iter().map(|shard| shard.lock().expect("no panic").full_at.len()).sum();
        assert!(held <= SHARDS * KEYS_PER_SHARD);
        assert!(bucket.take(u64::MAX, 0).is_err());
        assert!(bucket.take(u64::MAX, 2_000 * MS).is_ok());
    }

    fn caller(account: u64, device: u64, clinic: u64) -> crate::layers::Caller {
        crate::layers::Caller { account, device, clinic, family: device, leaving: false }
    }

    /// Asks until it is refused: how often it was let through, and what refused it.
    fn until_refused(ask: impl Fn() -> Result<(), Error>) -> (u64, &'static str) {
        let mut n = 0;
        loop {
            match ask() {
                Ok(()) => n += 1,
                Err(error) => {
                    assert_eq!((error.code(), error.reason()), (tonic::Code::ResourceExhausted, Reason::RateLimited));
                    assert!(error.retry_after().is_some(), "it says when to come back");
                    return (n, error.limit_name().expect("a limit"));
                }
            }
        }
    }

    #[test]
    fn each_kind_of_key_has_its_own_limit_and_touches_no_other() {
        let rates = Rates::new(true);
        let now = 9_000_000;
        let open = limits::OPEN_CALLS_PER_MINUTE.max;
        assert_eq!(until_refused(|| rates.open(1, now)), (open, "OPEN_CALLS_PER_MINUTE"));
        assert_eq!(
            until_refused(|| rates.bad_token(1, now)),
            (limits::BAD_TOKENS_PER_MINUTE.max, "BAD_TOKENS_PER_MINUTE")
        );
        assert!(rates.open(2, now).is_ok() && rates.bad_token(2, now).is_ok(), "another address");
        // Four calls a millisecond, so that the clinic's second is never the narrowest.
        let device = caller(1, 1, 1);
        let step = |n: u64| now + n / 4;
        let calls = std::cell::Cell::new(0);
        let tick = |who: &crate::layers::Caller| {
            calls.set(calls.get() + 1);
            rates.known(who, step(calls.get()))
        };
        let (let_through, limit) = until_refused(|| tick(&device));
        assert_eq!(limit, "DEVICE_CALLS_PER_MINUTE");
        assert!(let_through >= limits::DEVICE_CALLS_PER_MINUTE.max);
        assert!(tick(&caller(1, 2, 1)).is_ok(), "another device of the account");
        let next = std::cell::Cell::new(10);
        let (_, limit) = until_refused(|| {
            next.set(next.get() + 1);
            tick(&caller(1, next.get(), 1))
        });
        assert_eq!(limit, "ACCOUNT_CALLS_PER_MINUTE");
        // A clinic of many accounts, all at one moment.
        let at = now + 120_000;
        let (let_through, limit) = until_refused(|| {
            next.set(next.get() + 1);
            rates.known(&caller(next.get(), next.get(), 7), at)
        });
        assert_eq!((let_through, limit), (limits::CLINIC_CALLS_PER_SECOND.max, "CLINIC_CALLS_PER_SECOND"));
        assert!(rates.known(&caller(1_000_000, 1_000_000, 8), at).is_ok(), "another clinic");
        assert!(Rates::new(false).known(&caller(1, 1, 7), at).is_ok(), "off for measurements");
    }
}
