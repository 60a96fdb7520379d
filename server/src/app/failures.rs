//! Changes that fail by an error of our own: which, and how often. PROTOCOL: one that failed three times is quarantined, so
//! that a change that trips over a fault never holds its lane up for ever.
//!
//! In memory and bounded: a restart, or another node, counts anew, which costs a device a few tries more.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use osteon_sync_core::Dot;

use crate::{
    limits,
    store::{CircleNo, StoreError},
};

type Key = (CircleNo, Dot);

/// How often which change has failed; the longest known goes first.
#[derive(Default)]
pub struct Failures(Mutex<VecDeque<(Key, u64)>>);

impl Failures {
    /// Counts one more failure; true: it was one too many.
    pub fn add(&self, circle: CircleNo, dot: Dot) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (circle, dot);
        let times = known.iter().position(|(k, _)| *k == key).and_then(|i| known.remove(i)).map_or(0, |(_, n)| n) + 1;
        if known.len() >= limits::FAILURES_REMEMBERED.usize() {
            known.pop_front();
        }
        known.push_back((key, times));
        times >= limits::CHANGE_FAILURES.max
    }

    /// It has its verdict.
    pub fn forget(&self, circle: CircleNo, dot: Dot) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(key, _)| *key != (circle, dot));
    }
}

/// Whether an error lies in what was sent or in what it writes to, and would come again. A full disk, a lost connection or a
/// server that goes down is nobody's change.
pub fn of_the_change(error: &StoreError) -> bool {
    matches!(error, StoreError::Panicked | StoreError::Undeclared(_) | StoreError::Corrupt { .. } | StoreError::Seal(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_failure_is_one_too_many_and_memory_is_bounded() {
        let failures = Failures::default();
        let dot = |counter| Dot::new(1, 7, counter);
        assert_eq!([1, 1, 1].map(|n| failures.add(4, dot(n))), [false, false, true]);
        assert!(!failures.add(5, dot(1)), "the same number in another circle is another change");
        failures.forget(4, dot(1));
        assert!(!failures.add(4, dot(1)));
        for counter in 2..2 * limits::FAILURES_REMEMBERED.max {
            failures.add(4, dot(counter));
        }
        assert_eq!(failures.0.lock().unwrap().len(), limits::FAILURES_REMEMBERED.usize());
    }
}
