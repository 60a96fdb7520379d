//! The hub: who waits for which circle on this node.
//!
//! A subscription holds a set of circles that moved since it last looked. The set is bounded by what it subscribed to and
//! coalesces: ten commits while a reader is slow are one entry. Subscribe first, read the store then: a commit in between
//! marks the circle, so no wake-up is lost. One commit costs one small insert per waiting subscription.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use crate::{
    error::Error,
    layers::share::{Place, Shares},
    limits::{STREAMS, STREAMS_PER_ACCOUNT},
    telemetry::names,
};

/// Who holds a stream: the session family and the account behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    pub family: u64,
    pub account: u64,
    pub clinic: u64,
}

/// Why a stream has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The session or the device was revoked.
    Revoked,
    /// The server is going down: come back with the cursor, to another node.
    Draining,
}

/// What a waiting stream is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// These circles moved, ascending.
    Circles(Vec<u64>),
    Closed(Closed),
}

/// Numbers for metrics and readiness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub subscriptions: usize,
    pub circles: usize,
}

const SHARDS: usize = 16;
const OPEN: u8 = 0;
const REVOKED: u8 = 1;
const DRAINING: u8 = 2;

struct Sub {
    id: u64,
    who: Listener,
    dirty: Mutex<BTreeSet<u64>>,
    notify: Notify,
    closed: AtomicU8,
    _place: Option<Place>,
    /// Counts among the streams that an account may hold.
    stays: bool,
}

impl Sub {
    fn mark(&self, circle: u64) {
        lock(&self.dirty).insert(circle);
        self.notify.notify_one();
    }

    fn ended(&self) -> Option<Closed> {
        match self.closed.load(Ordering::SeqCst) {
            OPEN => None,
            REVOKED => Some(Closed::Revoked),
            _ => Some(Closed::Draining),
        }
    }

    fn close(&self, how: u8) {
        // The first reason stands.
        let _ = self.closed.compare_exchange(OPEN, how, Ordering::SeqCst, Ordering::SeqCst);
        self.notify.notify_one();
    }
}

/// The subscriptions of one circle, and the highest head that was told.
#[derive(Default)]
struct Topic {
    head: u64,
    subs: BTreeMap<u64, Arc<Sub>>,
}

#[derive(Default)]
struct Registry {
    subs: BTreeMap<u64, Arc<Sub>>,
    by_family: BTreeMap<u64, BTreeSet<u64>>,
    per_account: BTreeMap<u64, u64>,
    draining: bool,
}

/// Wakes by circle. Cheap to share.
pub struct Hub {
    next: AtomicU64,
    registry: Mutex<Registry>,
    topics: [Mutex<BTreeMap<u64, Topic>>; SHARDS],
    /// Room for streams, shared by the clinics.
    places: Arc<Shares>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done under these locks, so a poisoned one is as good as any.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    #[must_use]
    pub fn new() -> Arc<Self> {
        let places = Shares::new(&STREAMS);
        Arc::new(Self { next: AtomicU64::default(), registry: Mutex::default(), topics: Default::default(), places })
    }

    /// Starts to listen. What is committed from now on is told; read the store after this call, not before.
    pub fn subscribe(self: &Arc<Self>, who: Listener, circles: &[u64]) -> Result<Subscription, Error> {
        let mut subscription = self.sit(who, true)?;
        for &circle in circles {
            subscription.watch(circle);
        }
        Ok(subscription)
    }

    /// Listens for no circle, only for the end: for whoever asks once, and is gone when that is answered.
    pub fn attend(self: &Arc<Self>, who: Listener) -> Result<Subscription, Error> {
        self.sit(who, false)
    }

    fn sit(self: &Arc<Self>, who: Listener, stays: bool) -> Result<Subscription, Error> {
        let sub = Arc::new(Sub {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            who,
            dirty: Mutex::default(),
            notify: Notify::new(),
            closed: AtomicU8::new(OPEN),
            stays,
            _place: if stays { Some(self.places.enter(who.clinic)?) } else { None },
        });
        self.register(&sub)?;
        Ok(Subscription { hub: Arc::clone(self), sub, circles: BTreeSet::new() })
    }

    fn register(&self, sub: &Arc<Sub>) -> Result<(), Error> {
        let mut registry = lock(&self.registry);
        let held = registry.per_account.get(&sub.who.account).copied().unwrap_or(0);
        if sub.stays {
            STREAMS_PER_ACCOUNT.check(usize::try_from(held + 1).unwrap_or(usize::MAX))?;
        }
        if registry.draining {
            sub.close(DRAINING);
        }
        if sub.stays {
            registry.per_account.insert(sub.who.account, held + 1);
        }
        registry.by_family.entry(sub.who.family).or_default().insert(sub.id);
        registry.subs.insert(sub.id, Arc::clone(sub));
        metrics::gauge!(names::STREAMS).increment(1.0);
        Ok(())
    }

    fn unregister(&self, sub: &Sub) {
        let mut registry = lock(&self.registry);
        if registry.subs.remove(&sub.id).is_none() {
            return;
        }
        if let Some(family) = registry.by_family.get_mut(&sub.who.family) {
            family.remove(&sub.id);
            if family.is_empty() {
                registry.by_family.remove(&sub.who.family);
            }
        }
        match registry.per_account.get_mut(&sub.who.account).filter(|_| sub.stays) {
            None => {}
            Some(held) if *held > 1 => *held -= 1,
            Some(_) => {
                registry.per_account.remove(&sub.who.account);
            }
        }
        metrics::gauge!(names::STREAMS).decrement(1.0);
    }

    fn shard(&self, circle: u64) -> MutexGuard<'_, BTreeMap<u64, Topic>> {
        lock(&self.topics[(circle % SHARDS as u64) as usize])
    }

    /// These circles have new heads. Called after the commit; a head that was told before wakes nobody twice.
    pub fn wake(&self, moved: &[(u64, u64)]) {
        if moved.is_empty() {
            return self.wake_all();
        }
        for &(circle, head) in moved {
            if let Some(topic) = self.shard(circle).get_mut(&circle)
                && head > topic.head
            {
                topic.head = head;
                topic.subs.values().for_each(|sub| sub.mark(circle));
                metrics::counter!(names::WAKES).increment(1);
            }
        }
    }

    /// Wakes everybody who waits for this circle, whatever its head: the poll found another one in the store.
    pub fn force(&self, circle: u64, head: u64) {
        if let Some(topic) = self.shard(circle).get_mut(&circle) {
            topic.head = head;
            topic.subs.values().for_each(|sub| sub.mark(circle));
        }
    }

    /// Wake-ups may have been lost (a connection to the database broke): everybody looks for themselves.
    fn wake_all(&self) {
        for shard in &self.topics {
            for (&circle, topic) in lock(shard).iter() {
                topic.subs.values().for_each(|sub| sub.mark(circle));
            }
        }
    }

    /// Subscribed circles with the heads that were told last, ascending: what the slow poll compares.
    #[must_use]
    pub fn heads(&self) -> Vec<(u64, u64)> {
        let mut heads = Vec::new();
        for shard in &self.topics {
            heads.extend(lock(shard).iter().map(|(&circle, topic)| (circle, topic.head)));
        }
        heads.sort_unstable();
        heads
    }

    /// Ends every stream of a session family.
    pub fn revoke(&self, family: u64) {
        let registry = lock(&self.registry);
        let ids = registry.by_family.get(&family).into_iter().flatten();
        ids.filter_map(|id| registry.subs.get(id)).for_each(|sub| sub.close(REVOKED));
    }

    /// Ends every stream of an account.
    pub fn revoke_account(&self, account: u64) {
        let registry = lock(&self.registry);
        registry.subs.values().filter(|sub| sub.who.account == account).for_each(|sub| sub.close(REVOKED));
    }

    /// Ends every stream; new ones end at once.
    pub fn drain(&self) {
        let mut registry = lock(&self.registry);
        registry.draining = true;
        registry.subs.values().for_each(|sub| sub.close(DRAINING));
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        let subscriptions = lock(&self.registry).subs.len();
        Counts { subscriptions, circles: self.topics.iter().map(|shard| lock(shard).len()).sum() }
    }
}

/// Whether a stream has to end.
pub struct Ending(Arc<Sub>);

impl Ending {
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.0.ended()
    }
}

/// One waiting stream. Dropping it ends the subscription.
pub struct Subscription {
    hub: Arc<Hub>,
    sub: Arc<Sub>,
    circles: BTreeSet<u64>,
}

impl Subscription {
    /// Waits until a subscribed circle has moved or the stream has to end. Cancel-safe: what was not taken stays.
    pub async fn changed(&mut self) -> Wake {
        loop {
            if let Some(closed) = self.closed() {
                return Wake::Closed(closed);
            }
            let dirty = std::mem::take(&mut *lock(&self.sub.dirty));
            if !dirty.is_empty() {
                return Wake::Circles(dirty.into_iter().collect());
            }
            // A mark between the look above and this line has left a permit: `notified` returns at once.
            self.sub.notify.notified().await;
        }
    }

    /// Whether the stream has to end, without waiting.
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.sub.ended()
    }

    /// For whoever sends: tells the same, wherever the subscription is.
    #[must_use]
    pub fn ending(&self) -> Ending {
        Ending(Arc::clone(&self.sub))
    }

    /// Also listens for this circle.
    pub fn watch(&mut self, circle: u64) {
        if self.circles.insert(circle) {
            let mut shard = self.hub.shard(circle);
            shard.entry(circle).or_default().subs.insert(self.sub.id, Arc::clone(&self.sub));
        }
    }

    /// No longer listens for this circle.
    pub fn unwatch(&mut self, circle: u64) {
        if self.circles.remove(&circle) {
            self.leave(circle);
            lock(&self.sub.dirty).remove(&circle);
        }
    }

    fn leave(&self, circle: u64) {
        let mut shard = self.hub.shard(circle);
        if let Some(topic) = shard.get_mut(&circle) {
            topic.subs.remove(&self.sub.id);
            if topic.subs.is_empty() {
                shard.remove(&circle);
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for &circle in &self.circles {
            self.leave(circle);
        }
        self.hub.unregister(&self.sub);
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
