//! Room for calls in flight, shared by the clinics. A clinic may hold as much as is free: alone it gets half, beside one
//! other that storms a third, and whoever comes next always finds room (the rule of shared switch buffers: Choudhury and
//! Hahne, "Dynamic queue length thresholds", 1998). The writer's queue is longer than all of it together, so a storm fills
//! its own share and nobody's queue.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    error::{Error, Reason},
    limits::Limit,
};

/// How long a caller waits before it asks again for room.
const AGAIN: Duration = Duration::from_millis(250);

/// What one kind of room has been given out.
#[derive(Debug)]
pub struct Shares {
    limit: &'static Limit,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: u64,
    clinics: BTreeMap<u64, u64>,
}

/// One place; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    shares: Arc<Shares>,
    clinic: u64,
}

impl Shares {
    #[must_use]
    pub fn new(limit: &'static Limit) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    /// A place for this clinic, if its share is not used up.
    pub fn enter(self: &Arc<Self>, clinic: u64) -> Result<Place, Error> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.limit.max.saturating_sub(held.total);
        let own = held.clinics.entry(clinic).or_default();
        if *own >= free {
            if *own == 0 {
                held.clinics.remove(&clinic);
            }
            return Err(Error::over(Reason::RateLimited, self.limit).after(AGAIN));
        }
        *own += 1;
        held.total += 1;
        Ok(Place { shares: Arc::clone(self), clinic })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.total = held.total.saturating_sub(1);
        if let Some(own) = held.clinics.get_mut(&self.clinic) {
            *own -= 1;
            if *own == 0 {
                held.clinics.remove(&self.clinic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    static HUNDRED: Limit = Limit { name: "HUNDRED", max: 100, unit: "calls", about: "for this test" };

    #[test]
    fn alone_half_beside_another_a_third_and_the_next_finds_room() {
        let shares = Shares::new(&HUNDRED);
        let storm = |clinic: u64| std::iter::from_fn(|| shares.enter(clinic).ok()).collect::<Vec<_>>();
        let first = storm(1);
        assert_eq!(first.len(), 50);
        let refused = shares.enter(1).expect_err("its share is used up");
        assert_eq!((refused.reason(), refused.limit_name()), (Reason::RateLimited, Some("HUNDRED")));
        assert!(refused.retry_after().is_some());
        let second = storm(2);
        assert_eq!(second.len(), 25, "half of what is left");
        assert!(shares.enter(3).is_ok());
        drop((first, second));
        let held = shares.held.lock().expect("no panic");
        assert_eq!((held.total, held.clinics.len()), (0, 0), "everything came back");
    }

    /// A server that answers one call a millisecond in the order in which they came, and a clinic that asks again the moment
    /// it is refused.
    #[test]
    fn a_storm_never_starves_another_clinic() {
        const STORM: u64 = 1;
        const QUIET: u64 = 2;
        let waits = |shared: bool| -> Vec<u64> {
            let shares = Shares::new(&HUNDRED);
            let mut queue: VecDeque<(u64, u64, Option<Place>)> = VecDeque::new();
            let mut waited = Vec::new();
            for ms in 0..10_000_u64 {
                for _ in 0..50 {
                    match shared.then(|| shares.enter(STORM)) {
                        None => queue.push_back((STORM, ms, None)),
                        Some(Ok(place)) => queue.push_back((STORM, ms, Some(place))),
                        Some(Err(_)) => {}
                    }
                }
                if ms % 20 == 0 {
                    let place = shared.then(|| shares.enter(QUIET).expect("the quiet clinic is never refused"));
                    queue.push_back((QUIET, ms, place));
                }
                if let Some((clinic, since, _place)) = queue.pop_front()
                    && clinic == QUIET
                {
                    waited.push(ms - since);
                }
            }
            waited
        };
        let fair = waits(true);
        assert!(fair.len() >= 490, "{} calls were answered", fair.len());
        assert!(fair.iter().all(|ms| *ms <= 101), "within a queue's length: {:?}", fair.iter().max());
        let unfair = waits(false);
        assert!(unfair.len() < 20, "without shares it starves, else this test shows nothing: {}", unfair.len());
    }

    proptest! {
        /// Whatever came and went: a clinic that holds nothing gets a place while one is free, and the sum holds.
        #[test]
        fn whoever_holds_nothing_is_let_in(steps in prop::collection::vec((0_u64..6, any::<bool>()), 0..600)) {
            let shares = Shares::new(&HUNDRED);
            let mut places: Vec<Place> = Vec::new();
            for (clinic, leave) in steps {
                if leave && !places.is_empty() {
                    places.swap_remove(usize::try_from(clinic).expect("small") % places.len());
                } else if let Ok(place) = shares.enter(clinic) {
                    places.push(place);
                }
                let total = shares.held.lock().expect("no panic").total;
                prop_assert_eq!(total, places.len() as u64);
                prop_assert!(total < HUNDRED.max, "six clinics leave a seventh of it free");
                prop_assert!(shares.enter(99).is_ok());
            }
        }
    }
}
