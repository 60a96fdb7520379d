//! One phone.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use osteon_client::{
    catch_up::CaughtUp,
    clock::SystemClock,
    ids::OsIds,
    records::{self, NewRecord},
    session,
    views::CircleView,
};
use osteon_proto::{care, split::close};
use tokio::sync::Mutex;

use crate::{
    care::{DueTask, Findings, OpenAlert},
    error::{PhoneError, Result, id_text, record_id},
    events::{Listener, Settled, count, told_to},
    form::{Form, elements},
    records::Record,
    status::Status,
    view::{self, CountObserver, RecordObserver, RecordView, RecordsObserver, Watch},
};

/// A folder with a phone in it. Make one of them for the app, and keep it.
#[derive(uniffi::Object)]
pub struct Phone {
    core: Arc<osteon_client::Phone>,
    /// One conversation with the server at a time.
    talking: Arc<Mutex<()>>,
    /// One that stays is on.
    live: Arc<AtomicBool>,
}

/// What a person types, or scans, to enrol.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Invite {
    /// Eight characters, or the content of the QR code.
    pub code: String,
    /// The circle, for example "d0001"; empty: the QR code names it.
    pub circle: String,
    /// `https://host:port`.
    pub server: String,
    /// The authority that signed the server's certificate, PEM.
    pub ca_pem: Vec<u8>,
    /// As the person's other devices are to see it.
    pub device_name: String,
}

#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct CircleOf {
    pub circle: u64,
    pub short_id: String,
    /// Of this phone's owner, in words.
    pub role: String,
}

/// A saved change: it is on this phone; `status` says when it is sent.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Saved {
    pub record_id: String,
}

impl Saved {
    pub(crate) fn of(saved: records::Saved) -> Self {
        Self { record_id: id_text(saved.record) }
    }
}

/// Says that the phone is live, for as long as it is there.
struct On(Arc<AtomicBool>);

impl On {
    fn of(live: &Arc<AtomicBool>) -> Option<Self> {
        let was = live.swap(true, Ordering::AcqRel);
        (!was).then(|| Self(Arc::clone(live)))
    }
}

impl Drop for On {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Phone {
    pub(crate) fn core(&self) -> &osteon_client::Phone {
        &self.core
    }

    /// Tells every answer to a question, until it is stopped. What cannot be read now is told when it can.
    fn tell<T: Clone + PartialEq + Send + Sync + 'static>(
        &self,
        circle: u64,
        ask: impl Fn(&CircleView<'_>) -> T + Send + Sync + 'static,
        told: impl Fn(T) + Send + Sync + 'static,
    ) -> Arc<Watch> {
        let mut watching = self.core.watch(circle, ask);
        let mut changes = self.core.changes();
        let task = tokio::spawn(async move {
            loop {
                match watching.next().await {
                    Ok(now) => told(now),
                    Err(_) if changes.changed().await.is_err() => return,
                    Err(_) => {}
                }
            }
        });
        Arc::new(Watch { task })
    }
}

fn moment(at_ms: u64, utc_offset_min: i32) -> care::Moment {
    care::Moment {
        at: Some(osteon_proto::wire::device::timestamp(at_ms)),
        utc_offset_min: Some(utc_offset_min),
        ..Default::default()
    }
}

fn of_type(view: &CircleView<'_>, type_number: u32) -> Vec<RecordView> {
    view.of_type(type_number).iter().filter_map(|seen| view::record(view, seen)).collect()
}

fn one(view: &CircleView<'_>, record: osteon_sync_core::RecordId) -> Option<RecordView> {
    view::record(view, &view.record(record)?)
}

#[uniffi::export(async_runtime = "tokio")]
impl Phone {
    /// Opens a phone's folder, or makes an empty one. `key`: 32 bytes that the platform's key store keeps for the app; the
    /// phone's data opens with no other. `None`: a key file in the folder, for tests and tools.
    #[uniffi::constructor]
    pub async fn open(folder: String, key: Option<Vec<u8>>) -> Result<Arc<Self>> {
        let key = key.map(|key| <[u8; 32]>::try_from(key.as_slice())).transpose();
        let key = key.map_err(|_| PhoneError::argument("key", "A key has 32 bytes."))?;
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(OsIds::new()));
        let core = match key {
            Some(key) => osteon_client::Phone::open_with_key(Path::new(&folder), &key, clock, ids).await?,
            None => osteon_client::Phone::open(Path::new(&folder), clock, ids).await?,
        };
        Ok(Arc::new(Self { core: Arc::new(core), talking: Arc::default(), live: Arc::default() }))
    }

    /// Makes this phone a member's device.
    pub async fn enrol(&self, invite: Invite) -> Result<()> {
        let named = session::circle_of_code(&invite.code);
        let short_id = named.unwrap_or_else(|| invite.circle.to_ascii_lowercase());
        let Invite { code, server, ca_pem, device_name, .. } = invite;
        Ok(self.core.enrol(&session::Invite { code, short_id, server, ca_pem, device_name }).await?)
    }

    /// After a long time away: a code of the clinic. Outbox and journal stay.
    pub async fn sign_in(&self, code: String) -> Result<()> {
        Ok(self.core.sign_in(&code).await?)
    }

    /// The circles that this phone follows.
    pub async fn circles(&self) -> Result<Vec<CircleOf>> {
        let state = self.core.read().await?;
        let of = |circle: &osteon_client::store::items::StoredCircle| CircleOf {
            circle: circle.circle,
            short_id: circle.short_id.clone(),
            role: osteon_client::words::role(u8::try_from(circle.role).unwrap_or(0)).into(),
        };
        Ok(state.enrolled()?.enrolment.circles.iter().map(of).collect())
    }

    /// Writes a new record, with or without a network. `label_choice`: of a type whose writer chooses who sees it, counted
    /// from 1; 0: the first.
    pub async fn create(&self, circle: u64, record: Record, label_choice: u32, reason: String) -> Result<Saved> {
        let body = close(record.type_number(), &record.encode());
        let new = NewRecord { body, label_choice, record: None };
        Ok(Saved::of(self.core.create(circle, &new, &reason).await?))
    }

    /// What the rules say of a record that was just saved: show an emergency at once. `utc_offset_min`: of the person's clock.
    pub async fn warnings_of(&self, circle: u64, record_id: String, utc_offset_min: i32) -> Result<Findings> {
        let record = self::record_id(&record_id)?;
        Ok(self.core.after_save(circle, record, utc_offset_min).await?.into())
    }

    /// What they would say of a record that is not saved yet.
    pub async fn warnings_before(&self, circle: u64, record: Record, utc_offset_min: i32) -> Result<Findings> {
        let body = close(record.type_number(), &record.encode());
        Ok(self.core.before_save(circle, &body, utc_offset_min).await?.into())
    }

    /// Records of one type that stand, by the time of writing.
    pub async fn records(&self, circle: u64, type_number: u32) -> Result<Vec<RecordView>> {
        let now_ms = self.core.now_ms();
        let state = self.core.read().await?;
        Ok(of_type(&state.enrolled()?.view(circle, now_ms)?, type_number))
    }

    pub async fn record(&self, circle: u64, record_id: String) -> Result<RecordView> {
        let record = self::record_id(&record_id)?;
        let now_ms = self.core.now_ms();
        let state = self.core.read().await?;
        let seen = one(&state.enrolled()?.view(circle, now_ms)?, record);
        seen.ok_or_else(|| osteon_client::Error::NoRecord.into())
    }

    /// How many records of one type stand.
    pub async fn count(&self, circle: u64, type_number: u32) -> Result<u32> {
        let now_ms = self.core.now_ms();
        let state = self.core.read().await?;
        Ok(count(state.enrolled()?.view(circle, now_ms)?.count(type_number)))
    }

    /// Opens a record to change it.
    pub async fn edit(self: Arc<Self>, circle: u64, record_id: String) -> Result<Arc<Form>> {
        let record = self::record_id(&record_id)?;
        let open = self.core.open_form(circle, record).await?;
        let now_ms = self.core.now_ms();
        let (shown, elements) = {
            let state = self.core.read().await?;
            let view = state.enrolled()?.view(circle, now_ms)?;
            let seen = view.record(record).ok_or(osteon_client::Error::NoRecord)?;
            (view::record(&view, &seen).ok_or(osteon_client::Error::NoRecord)?, elements(&seen))
        };
        Ok(Form::of(self, open, shown, elements))
    }

    /// Tells a list of records, and tells it again whenever it has changed, until it is stopped.
    pub async fn watch(
        self: Arc<Self>,
        circle: u64,
        type_number: u32,
        observer: Arc<dyn RecordsObserver>,
    ) -> Result<Arc<Watch>> {
        self.core.read().await?.enrolled()?.view(circle, self.core.now_ms())?;
        // What an app's observer does wrong is its own affair.
        let told = move |records| {
            let _ = observer.on_records(records);
        };
        Ok(self.tell(circle, move |view| of_type(view, type_number), told))
    }

    /// The same of one record.
    pub async fn watch_record(
        self: Arc<Self>,
        circle: u64,
        record_id: String,
        observer: Arc<dyn RecordObserver>,
    ) -> Result<Arc<Watch>> {
        let record = self::record_id(&record_id)?;
        self.core.read().await?.enrolled()?.view(circle, self.core.now_ms())?;
        // What an app's observer does wrong is its own affair.
        let told = move |seen| {
            let _ = observer.on_record(seen);
        };
        Ok(self.tell(circle, move |view| one(view, record), told))
    }

    /// The same of how many there are of one type.
    pub async fn watch_count(
        self: Arc<Self>,
        circle: u64,
        type_number: u32,
        observer: Arc<dyn CountObserver>,
    ) -> Result<Arc<Watch>> {
        self.core.read().await?.enrolled()?.view(circle, self.core.now_ms())?;
        // What an app's observer does wrong is its own affair.
        let told = move |many| {
            let _ = observer.on_count(count(many));
        };
        Ok(self.tell(circle, move |view| view.count(type_number), told))
    }

    /// What is open, the most urgent first, and what could not be told. `utc_offset_min`: of the person's clock.
    pub async fn alerts(&self, circle: u64, utc_offset_min: i32) -> Result<Vec<OpenAlert>> {
        let (open, _) = self.core.alerts(circle, utc_offset_min).await?;
        Ok(open.into_iter().map(Into::into).collect())
    }

    /// What the rules find on all that is here.
    pub async fn findings(&self, circle: u64, utc_offset_min: i32) -> Result<Findings> {
        Ok(self.core.findings(circle, utc_offset_min).await?.into())
    }

    /// The owner has seen an alert of the server. `takes_over`: they see to it.
    pub async fn acknowledge(
        &self,
        circle: u64,
        alert_id: String,
        takes_over: bool,
        utc_offset_min: i32,
    ) -> Result<Saved> {
        let alert = self::record_id(&alert_id)?;
        let at = moment(self.core.now_ms(), utc_offset_min);
        Ok(Saved::of(self.core.acknowledge(circle, alert, at, takes_over).await?))
    }

    /// Ticks off a task of today or of the last month by its `record_id`; `skipped`: it was left out. `at_ms`: when, milliseconds
    /// since 1970.
    pub async fn tick(
        &self,
        circle: u64,
        record_id: String,
        skipped: bool,
        at_ms: u64,
        utc_offset_min: i32,
    ) -> Result<Saved> {
        let digits = hex::encode(self::record_id(&record_id)?.0);
        let (_, found) = self.core.tasks_ending(circle, &digits, utc_offset_min).await?;
        let task = found.first().ok_or(osteon_client::Error::NoRecord)?;
        let status = if skipped { care::TaskStatus::Skipped } else { care::TaskStatus::Done };
        Ok(Saved::of(self.core.tick(circle, task, status, moment(at_ms, utc_offset_min)).await?))
    }

    /// What is due today.
    pub async fn today(&self, circle: u64, utc_offset_min: i32) -> Result<Vec<DueTask>> {
        let tasks = self.core.tasks(circle, None, utc_offset_min).await?;
        let task = |one: &osteon_care_core::tasks::Occurrence| {
            let record = tasks.record_id(one);
            DueTask {
                record_id: id_text(record),
                text: one.title.words(),
                notes: tasks.notes(one),
                at_min: one.at,
                done: one.done_at.is_some(),
                ask_first: one.ask_first.is_some(),
                unsent: tasks.unsent.contains(&record),
            }
        };
        Ok(tasks.due.tasks.iter().map(task).collect())
    }

    pub async fn status(&self) -> Result<Status> {
        Ok(self.core.status().await?.into())
    }

    /// What became of changes, of which the app was not told yet; kept over restarts, the oldest first.
    pub async fn outcomes(&self) -> Result<Vec<Settled>> {
        Ok(self.core.outcomes().await?.into_iter().map(Into::into).collect())
    }

    /// The app was told all outcomes up to this number.
    pub async fn outcomes_told(&self, up_to: u64) -> Result<()> {
        Ok(self.core.outcomes_told(up_to).await?)
    }

    /// Takes the last own save of a circle back. `reason` is needed where that lifts a limit.
    pub async fn undo(&self, circle: u64, reason: String) -> Result<()> {
        self.core.undo(circle, &reason).await?;
        Ok(())
    }

    /// Switches the network off or on, as a person does.
    pub async fn set_offline(&self, offline: bool) -> Result<()> {
        Ok(self.core.set_offline(offline).await?)
    }

    /// Sends what waits and receives until all is here; one after the other where several are asked for. Whoever stops waiting
    /// for it stops waiting: a step that began ends. While the phone is live there is nothing else to do.
    pub async fn sync(&self, listener: Option<Arc<dyn Listener>>) -> Result<()> {
        if self.live.load(Ordering::Acquire) {
            self.core.nudge();
            return Ok(());
        }
        let (core, talking) = (Arc::clone(&self.core), Arc::clone(&self.talking));
        let talk = async move {
            let _alone = talking.lock().await;
            core.sync(told_to(listener)).await
        };
        let done = tokio::spawn(talk).await;
        match done {
            Ok(done) => Ok(done?),
            Err(_) => Err(PhoneError::Storage { text: "The sync ended in the middle.".into() }),
        }
    }

    /// One sync in the background, that takes at most so long (a system gives about 20 seconds). True: all is here; false: the
    /// time was over, and the next one goes on from where this one was cut off.
    pub async fn catch_up(&self, at_most_ms: u64, listener: Option<Arc<dyn Listener>>) -> Result<bool> {
        if self.live.load(Ordering::Acquire) {
            self.core.nudge();
            return Ok(true);
        }
        let (core, talking) = (Arc::clone(&self.core), Arc::clone(&self.talking));
        let talk = async move {
            let until = tokio::time::Instant::now() + Duration::from_millis(at_most_ms);
            let Ok(_alone) = tokio::time::timeout_at(until, talking.lock()).await else { return Ok(CaughtUp::Partly) };
            core.catch_up(until - tokio::time::Instant::now(), told_to(listener)).await
        };
        match tokio::spawn(talk).await {
            Ok(done) => Ok(done? == CaughtUp::Whole),
            Err(_) => Err(PhoneError::Storage { text: "The sync ended in the middle.".into() }),
        }
    }

    /// Where this phone is woken by web push, in the place of what was; an empty endpoint ends it. It is kept, and told to the
    /// server with the next contact. `p256dh` and `auth` are the subscription's keys.
    pub async fn wake_at(&self, endpoint: String, p256dh: Vec<u8>, auth: Vec<u8>) -> Result<()> {
        Ok(self.core.wake_at(&endpoint, &p256dh, &auth).await?)
    }

    /// Stays connected: sends what is saved, receives what others write, comes back by itself. Until it is stopped; only one
    /// at a time.
    pub async fn live(&self, listener: Option<Arc<dyn Listener>>) -> Result<Arc<Watch>> {
        self.core.read().await?.enrolled()?;
        let on = On::of(&self.live).ok_or_else(|| PhoneError::argument("live", "This phone is live already."))?;
        let (core, talking) = (Arc::clone(&self.core), Arc::clone(&self.talking));
        let task = tokio::spawn(async move {
            let _on = on;
            let _alone = talking.lock().await;
            // It ends where the phone is no more: the next call says so.
            drop(core.live(told_to(listener)).await);
        });
        Ok(Arc::new(Watch { task }))
    }

    /// Forgets everything, the enrolment too.
    pub async fn wipe(&self) -> Result<()> {
        Ok(self.core.wipe().await?)
    }
}
