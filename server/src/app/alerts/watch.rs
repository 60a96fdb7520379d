//! Alerts as they change: how every circle stands, then each that changed, whole. What is told is what a list would say at
//! that moment, through the reader's scope; a circle that is told again takes the place of what was told before.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use osteon_proto::alert::{self as pb, watch_alerts_response::Event};
use prost::Message;
use tokio::sync::mpsc;

use super::{
    App,
    listed::{self, Closed, Which},
};
use crate::{
    access::{Caller, signed},
    app::{
        enrol::timestamp,
        secrets::sha256,
        stream::{Told, age, ended, until},
    },
    audit::current,
    error::{Error, Reason},
    limits,
    live::{Listener, Subscription, Wake},
    store::CircleNo,
};

type Answer = Result<pb::WatchAlertsResponse, tonic::Status>;

/// Checks what is asked for; the circles follow as they are taken.
pub async fn open(
    app: Arc<App>,
    caller: Caller,
    request: &pb::WatchAlertsRequest,
) -> Result<Told<pb::WatchAlertsResponse>, Error> {
    listed::severity_of(request.at_least)?;
    let who = Listener { family: caller.family, account: caller.account, clinic: caller.clinic };
    // Subscribed before the first read: nothing that is committed meanwhile is missed.
    let mut subscription = app.hub.subscribe(who, &[])?;
    let circles = listed::circles(&app, &caller, request.circle).await?;
    limits::ALERT_CIRCLES.check(circles.len())?;
    circles.iter().for_each(|circle| subscription.watch(*circle));
    let (out, messages) = mpsc::channel(limits::PAGES_AHEAD.usize());
    let told = Told::new(messages, subscription.ending());
    let mut watch = Watch { app, caller, only: request.circle, at_least: request.at_least, out, told: BTreeMap::new() };
    let streams = watch.app.streams.clone();
    streams.spawn(current::carry(async move {
        if let Err(Some(error)) = watch.run(circles, &mut subscription).await {
            let _ = watch.out.send(Err(error.into())).await;
        }
    }));
    Ok(told)
}

/// What was told of a circle.
#[derive(Default)]
struct Stands {
    digest: [u8; 32],
    late_ms: Option<u64>,
    /// When the reader's sight of it changes by the clock, in milliseconds since 1970.
    turns_ms: Option<i64>,
}

struct Watch {
    app: Arc<App>,
    caller: Caller,
    /// 0: every circle of the caller.
    only: CircleNo,
    at_least: i32,
    out: mpsc::Sender<Answer>,
    told: BTreeMap<CircleNo, Stands>,
}

/// Why nothing more is told; `None`: the reader has gone.
type End = Option<Error>;

impl Watch {
    async fn run(&mut self, circles: Vec<CircleNo>, subscription: &mut Subscription) -> Result<(), End> {
        self.tell(circles, subscription).await?;
        self.beat(Event::CaughtUp).await?;
        let end = tokio::time::Instant::now() + age(&self.app);
        let mut heartbeat = tokio::time::interval(limits::HEARTBEAT_S.duration());
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        heartbeat.tick().await;
        loop {
            let (out, turn) = (self.out.clone(), self.until_turn());
            tokio::select! {
                wake = subscription.changed() => match wake {
                    Wake::Closed(closed) => return Err(Some(ended(closed))),
                    Wake::Circles(moved) => self.tell(moved, subscription).await?,
                },
                () = tokio::time::sleep(turn) => self.tell(self.turned(), subscription).await?,
                _ = heartbeat.tick() => {
                    self.beat(Event::Heartbeat).await?;
                    let asks = self.by_time(subscription).await?;
                    self.tell(asks, subscription).await?;
                }
                () = tokio::time::sleep_until(end) => {
                    return Err(Some(Error::retry(Reason::StreamEnded, Duration::from_millis(50))));
                }
                () = out.closed() => return Err(None),
            }
        }
    }

    async fn beat(&self, event: fn(pb::AlertsHeartbeat) -> Event) -> Result<(), End> {
        let server_time = Some(timestamp(self.app.now_ms()));
        let event = event(pb::AlertsHeartbeat { server_time });
        self.out.send(Ok(pb::WatchAlertsResponse { event: Some(event) })).await.map_err(|_| None)
    }

    /// Says how these circles stand, where that is not what was told.
    async fn tell(&mut self, circles: Vec<CircleNo>, subscription: &mut Subscription) -> Result<(), End> {
        for circle in circles {
            // Room first: what is read while the reader is slow would leave after it was taken back.
            let room = self.out.clone().reserve_owned().await.map_err(|_| None)?;
            if let Some(closed) = subscription.closed() {
                return Err(Some(ended(closed)));
            }
            let event = match self.read(circle).await {
                Ok(None) => continue,
                Ok(Some(alerts)) => Event::Circle(alerts),
                Err(error) if error.reason() == Reason::NotFound => {
                    subscription.unwatch(circle);
                    if self.told.remove(&circle).is_none() {
                        continue;
                    }
                    Event::Left(circle)
                }
                Err(error) => return Err(Some(error)),
            };
            room.send(Ok(pb::WatchAlertsResponse { event: Some(event) }));
        }
        Ok(())
    }

    /// How a circle stands; `None`: as it was told. Audited before it leaves.
    async fn read(&mut self, circle: CircleNo) -> Result<Option<pb::CircleAlerts>, Error> {
        let which = Which { closed: Closed::None, at_least: self.at_least, cannot_tell: false, history: false };
        loop {
            let mut session = self.app.session(&self.caller, circle).await?;
            let generation = session.snapshot.circle().access_generation;
            let (alerts, touched) = listed::of_session(&self.app, &mut session, &which).await?;
            let turns_ms = [session.scope.not_after_ms(), session.scope.opens_at_ms()].into_iter().flatten().min();
            let behind_glass = session.scope.behind_glass();
            drop(session);
            let late_ms = alerts.late_since.as_ref().map(|at| at.seconds.unsigned_abs());
            let stands = Stands { digest: sha256(&[&alerts.encode_to_vec()]), late_ms, turns_ms };
            if self.told.get(&circle).is_some_and(|told| told.digest == stands.digest) {
                self.told.insert(circle, stands);
                return Ok(None);
            }
            let count = alerts.alerts.len() + alerts.redacted.len();
            self.app.note_list(&self.caller, circle, "alert.watch", touched, count, behind_glass).await?;
            if self.app.store.access_moved(circle, generation) {
                continue;
            }
            self.told.insert(circle, stands);
            return Ok(Some(alerts));
        }
    }

    fn until_turn(&self) -> Duration {
        until(&self.app, self.told.values().filter_map(|stands| stands.turns_ms).min())
    }

    fn turned(&self) -> Vec<CircleNo> {
        let now_ms = signed(self.app.now_ms());
        let due = self.told.iter().filter(|(_, stands)| stands.turns_ms.is_some_and(|at| at <= now_ms));
        due.map(|(circle, _)| *circle).collect()
    }

    /// What no commit tells: the session, circles that the reader came into, rules that wait or wait no more.
    async fn by_time(&self, subscription: &mut Subscription) -> Result<Vec<CircleNo>, End> {
        if !self.app.store.session_open(self.caller.family).await.map_err(Error::from)? {
            return Err(Some(Reason::SessionRevoked.into()));
        }
        let mut asks = BTreeSet::new();
        if self.only == 0 {
            let circles = listed::circles(&self.app, &self.caller, 0).await?;
            limits::ALERT_CIRCLES.check(circles.len())?;
            for circle in circles.into_iter().filter(|circle| !self.told.contains_key(circle)) {
                subscription.watch(circle);
                asks.insert(circle);
            }
        }
        for (circle, stands) in &self.told {
            let due = self.app.store.rules_due_of(*circle).await.map_err(Error::from)?;
            if due.and_then(|due| due.late_ms).map(|ms| ms / 1_000) != stands.late_ms {
                asks.insert(*circle);
            }
        }
        Ok(asks.into_iter().collect())
    }
}
