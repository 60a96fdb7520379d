//! One phone: its store, its state, its clock. Everything that changes it goes through [`Phone::change`], so that a page,
//! a verdict or a saved form is on disk whole before anybody acts on it.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use osteon_sync_core::device::Device;
use tokio::{
    sync::{Mutex, MutexGuard, Notify, watch},
    time::Instant,
};

use crate::{
    care::engine::{Engine, Engines, Runner},
    clock::Clock,
    compare::Compares,
    error::{Error, Result},
    find::Cache,
    greeted::Greeted,
    ids::{Ids, random},
    line::Air,
    recovery,
    state::{Room, State},
    store::{Key, Store},
    transport::STREAM_AGAIN,
};

/// Another program on the same folder may come first so often before this one gives up.
const TRIES: usize = 8;
/// How often a live phone looks whether another program on the same folder wrote something.
pub(crate) const LOOK: Duration = Duration::from_millis(250);

/// A phone. Share it by `Arc`.
pub struct Phone {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    state: Mutex<State>,
    /// One refresh at a time.
    pub(crate) refreshing: Mutex<()>,
    /// Something was saved or switched.
    pub(crate) wake: Notify,
    /// The generation that this program knows of, for whoever watches.
    changed: watch::Sender<u64>,
    /// Everything was erased: this phone is no more.
    erased: AtomicBool,
    engines: Engines,
    pub(crate) found: Cache,
    /// A conversation with the server has begun and did not come to its end.
    talks: AtomicBool,
    /// When the server answered Hello last, and to which state machine; nothing has gone wrong since.
    pub(crate) greeted: std::sync::Mutex<Option<Greeted>>,
    /// Per circle when it was asked who has seen it, and at which head: a mark moves the head.
    pub(crate) marked: std::sync::Mutex<BTreeMap<u64, (Instant, u64)>>,
    /// Somebody said that it is worth another try.
    nudged: AtomicBool,
    /// Until then nothing is asked to go on without an end: something in between holds streams back.
    polls_until: std::sync::Mutex<Option<Instant>>,
    pub(crate) compares: Compares,
    /// Of a line that was made bad.
    pub(crate) air: Arc<Air>,
}

impl Phone {
    /// Opens a phone's folder, or makes an empty one.
    pub async fn open(folder: &Path, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Result<Self> {
        Self::open_under(folder, Key::InFolder, clock, ids).await
    }

    /// The same under a key that the platform keeps for the app: none lies in the folder, and no other key opens it.
    pub async fn open_with_key(
        folder: &Path,
        key: &[u8; 32],
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self> {
        Self::open_under(folder, Key::Given(key), clock, ids).await
    }

    async fn open_under(folder: &Path, key: Key<'_>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Result<Self> {
        let (store, mut state) = match Self::read_whole(folder, key, &ids).await {
            Err(error) if recovery::is_damage(&error) => {
                tracing::warn!("this phone's database is damaged: it is moved aside");
                recovery::recover(folder, key, Arc::clone(&ids), clock.now_ms()).await?
            }
            opened => opened?,
        };
        if state.is_of_older_form() {
            match state.commit(&store, Room::Kept).await {
                Ok(()) | Err(Error::Moved) => {}
                // It is read as it is, and moved with the next change.
                Err(Error::DiskFull) => tracing::warn!("no room to bring this phone's database up to date"),
                Err(error) => return Err(error),
            }
        }
        if state.enrolled.is_some() {
            store.keep_room();
        }
        let (changed, _) = watch::channel(state.generation());
        let state = Mutex::new(state);
        let (refreshing, wake, erased) = (Mutex::new(()), Notify::new(), AtomicBool::new(false));
        Ok(Self {
            store,
            clock,
            ids,
            state,
            refreshing,
            wake,
            changed,
            erased,
            engines: Engines::default(),
            found: Cache::default(),
            talks: AtomicBool::new(false),
            greeted: std::sync::Mutex::default(),
            marked: std::sync::Mutex::default(),
            nudged: AtomicBool::new(false),
            polls_until: std::sync::Mutex::default(),
            compares: Compares::default(),
            air: Arc::default(),
        })
    }

    async fn read_whole(folder: &Path, key: Key<'_>, ids: &Arc<dyn Ids>) -> Result<(Store, State)> {
        let store = Store::open(folder, key, Arc::clone(ids)).await?;
        match State::load(&store).await {
            Ok(state) => Ok((store, state)),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    /// Whether this folder is a phone: something was enrolled here, or is about to be.
    pub fn lives_in(folder: &Path) -> bool {
        Store::is_there(folder)
    }

    /// Takes back what opening an empty folder made. A phone that is enrolled stays, and one whose enrolment got no answer.
    pub async fn discard_empty(&self) -> Result<()> {
        let state = self.state.lock().await;
        if state.enrolled.is_some() || state.settings.enrolling.is_some() { Ok(()) } else { self.store.erase().await }
    }

    /// Another way to run rules: for tests of what fails.
    pub fn put_engine(&self, engine: Arc<dyn Engine>) {
        self.engines.put(engine);
    }

    pub(crate) fn runner(&self) -> Runner {
        self.engines.runner(&self.clock)
    }

    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    pub(crate) fn random(&self) -> u64 {
        u64::from_le_bytes(random(&*self.ids))
    }

    /// Changes the state and writes it. If another program wrote first, its state is read and `change` runs again; if
    /// anything fails, the state is what the store holds.
    pub async fn change<R>(&self, change: impl FnMut(&mut State) -> Result<R>) -> Result<R> {
        self.change_in(Room::Any, change).await
    }

    /// The same for what has to be written to send what waits.
    pub(crate) async fn change_to_send<R>(&self, change: impl FnMut(&mut State) -> Result<R>) -> Result<R> {
        self.change_in(Room::Kept, change).await
    }

    async fn change_in<R>(&self, room: Room, mut change: impl FnMut(&mut State) -> Result<R>) -> Result<R> {
        let mut state = self.state.lock().await;
        self.is_there()?;
        for _ in 0..TRIES {
            self.reload_if_cut_off(&mut state).await?;
            state.begins();
            let done = match change(&mut state) {
                Ok(result) => state.commit(&self.store, room).await.map(|()| result),
                Err(e) => Err(e),
            };
            match done {
                Ok(result) => {
                    state.ends();
                    self.tell_changed(&state);
                    return Ok(result);
                }
                Err(e) => {
                    *state = State::load(&self.store).await?;
                    if !matches!(e, Error::Moved) {
                        return Err(e);
                    }
                }
            }
        }
        Err(Error::Moved)
    }

    /// Whoever gives up waiting for a change (a background task whose time is over) leaves the state in the middle of it:
    /// what the store holds is what is.
    async fn reload_if_cut_off(&self, state: &mut State) -> Result<()> {
        if state.was_cut_off() {
            *state = State::load(&self.store).await?;
            self.tell_changed(state);
        }
        Ok(())
    }

    /// A conversation begins. Where the one before was cut off, the state machine waits for answers that nobody will hand to it:
    /// it is read anew, and has forgotten them as after a restart.
    pub(crate) async fn begins_to_talk(&self) {
        if self.talks.swap(true, Ordering::AcqRel) {
            self.state.lock().await.begins();
        }
    }

    /// It came to its end, a good one or a bad one.
    pub(crate) fn has_talked(&self) {
        self.talks.store(false, Ordering::Release);
    }

    /// The network is there again, or the app is: whoever waits for another try waits no more.
    pub fn nudge(&self) {
        self.nudged.store(true, Ordering::Release);
        self.wake.notify_waiters();
    }

    pub(crate) fn streams_are_held(&self) {
        *self.polls_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + STREAM_AGAIN);
    }

    /// Whether it asks in turns.
    pub(crate) fn polls(&self) -> bool {
        let until = *self.polls_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Whether somebody said so since this was asked last.
    pub(crate) fn take_nudge(&self) -> bool {
        self.nudged.swap(false, Ordering::AcqRel)
    }

    fn tell_changed(&self, state: &State) {
        let now = state.generation();
        self.changed.send_if_modified(|known| std::mem::replace(known, now) != now);
    }

    /// Moves whenever something on this phone has changed, whoever changed it: a save, a sync, another program of its folder.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Tells the device's state machine something.
    pub(crate) async fn tell(&self, tell: impl Fn(&mut Device)) -> Result<()> {
        let told = |state: &mut State| {
            tell(&mut state.enrolled_mut()?.device);
            Ok(())
        };
        self.change_to_send(told).await
    }

    /// The state as it is, and as the store has it.
    pub async fn read(&self) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state.lock().await;
        self.is_there()?;
        self.reload_if_cut_off(&mut state).await?;
        if self.store.generation().await? != state.generation() {
            *state = State::load(&self.store).await?;
            self.tell_changed(&state);
        }
        Ok(state)
    }

    /// Whether another program wrote to this phone's folder since the state was read.
    pub(crate) async fn moved(&self) -> Result<bool> {
        let state = self.state.lock().await;
        self.is_there()?;
        Ok(self.store.generation().await? != state.generation())
    }

    /// Switches the network off or on, as a person does.
    pub async fn set_offline(&self, offline: bool) -> Result<()> {
        let now_ms = self.now_ms();
        self.change(|state| {
            if state.settings.offline != offline {
                state.settings.offline = offline;
                state.settings.offline_since_ms = if offline { now_ms } else { 0 };
            }
            Ok(())
        })
        .await?;
        self.wake.notify_waiters();
        Ok(())
    }

    /// Forgets everything, the enrolment too.
    pub async fn wipe(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        self.store.wipe().await?;
        *state = State::load(&self.store).await?;
        Ok(())
    }

    /// Erases the folder: the key first, so that whatever is left of the rest opens no more.
    pub(crate) async fn erase(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        self.erased.store(true, Ordering::Release);
        state.enrolled = None;
        self.store.erase().await?;
        self.wake.notify_waiters();
        Ok(())
    }

    fn is_there(&self) -> Result<()> {
        if self.erased.load(Ordering::Acquire) { Err(Error::Wiped) } else { Ok(()) }
    }

    /// Closes the database; what was saved is on disk already.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
