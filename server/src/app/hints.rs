//! Hints for browsers: which of the caller's circles moved. Without a word of what moved in them: whoever gets one asks the
//! ordinary RPCs. A resume token names the heads that were told, so that a browser that comes back hears only of what moved since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use osteon_proto::live::{self as pb, watch_response::Event};
use prost::Message;
use tokio::sync::mpsc;

use super::{
    App, Purpose,
    enrol::timestamp,
    stream::{Told, age, ended},
};
use crate::{
    access::Caller,
    audit::current,
    error::{Error, Reason},
    limits,
    live::{Listener, Subscription, Wake},
    store::CircleNo,
};

/// What binds a resume token to its use, beside the account.
const RESUME: &[u8] = b"live ";

/// Circles and the heads that were told, ascending: each number is said as what it is more than the one before it.
#[derive(Clone, PartialEq, prost::Message)]
struct Heads {
    #[prost(uint64, repeated, tag = "1")]
    circles: Vec<u64>,
    #[prost(uint64, repeated, tag = "2")]
    heads: Vec<u64>,
    #[prost(uint32, tag = "3")]
    epoch: u32,
}

pub async fn open(app: Arc<App>, caller: Caller, request: &pb::WatchRequest) -> Result<Told<pb::WatchResponse>, Error> {
    limits::TOKEN_BYTES.check(request.resume_token.len())?;
    let who = Listener { family: caller.family, account: caller.account, clinic: caller.clinic };
    // Subscribed before the first read: nothing that is committed meanwhile is missed.
    let mut subscription = app.hub.subscribe(who, &[])?;
    let circles = circles(&app, &caller).await?;
    limits::CIRCLES_PER_ACCOUNT.check(circles.len())?;
    circles.iter().for_each(|circle| subscription.watch(*circle));
    let told = resumed(&app, &caller, &request.resume_token);
    let (out, messages) = mpsc::channel(limits::PAGES_AHEAD.usize());
    let stream = Told::new(messages, subscription.ending());
    let mut watch = Watch { app, caller, out, told, is_poll: request.long_poll };
    let streams = watch.app.streams.clone();
    streams.spawn(current::carry(async move {
        if let Err(Some(error)) = watch.run(circles, &mut subscription).await {
            let _ = watch.out.send(Err(error.into())).await;
        }
    }));
    Ok(stream)
}

async fn circles(app: &App, caller: &Caller) -> Result<BTreeSet<CircleNo>, Error> {
    Ok(app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect())
}

fn bound(caller: &Caller) -> Vec<u8> {
    [RESUME, &caller.account.to_be_bytes()].concat()
}

/// The heads of a token. One that does not open, or is of another epoch, says nothing: everything is told.
fn resumed(app: &App, caller: &Caller, token: &[u8]) -> BTreeMap<CircleNo, u64> {
    let plain = app.secrets.open(Purpose::PageToken, &bound(caller), token);
    let heads = plain.and_then(|plain| Heads::decode(plain.as_slice()).ok()).filter(|heads| heads.epoch == app.epoch());
    let Some(Heads { circles, heads, .. }) = heads else { return BTreeMap::new() };
    let mut circle = 0_u64;
    let pairs = circles.into_iter().zip(heads).map(|(more, head)| {
        circle = circle.saturating_add(more);
        (circle, head)
    });
    pairs.collect()
}

fn token(app: &App, caller: &Caller, told: &BTreeMap<CircleNo, u64>) -> Vec<u8> {
    let mut before = 0;
    let more = |circle: &CircleNo| circle - std::mem::replace(&mut before, *circle);
    let circles = told.keys().map(more).collect();
    let heads = Heads { circles, heads: told.values().copied().collect(), epoch: app.epoch() };
    app.seal(Purpose::PageToken, &bound(caller), &heads.encode_to_vec())
}

struct Watch {
    app: Arc<App>,
    caller: Caller,
    out: mpsc::Sender<Result<pb::WatchResponse, tonic::Status>>,
    /// Heads that were told.
    told: BTreeMap<CircleNo, u64>,
    is_poll: bool,
}

/// Why nothing more is told; `None`: everything was said, or the reader has gone.
type End = Option<Error>;

impl Watch {
    async fn run(&mut self, circles: BTreeSet<CircleNo>, subscription: &mut Subscription) -> Result<(), End> {
        let gone: Vec<CircleNo> = self.told.keys().filter(|circle| !circles.contains(circle)).copied().collect();
        for circle in gone {
            self.leave(circle, subscription).await?;
        }
        let first = self.tell(circles.into_iter().collect()).await?;
        self.beat(Event::CaughtUp).await?;
        let poll = if self.is_poll { limits::WAIT_S.duration() } else { age(&self.app) };
        if self.is_poll && first > 0 {
            return Err(None);
        }
        let end = tokio::time::Instant::now() + poll;
        let mut heartbeat = tokio::time::interval(limits::HINT_HEARTBEAT_S.duration());
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        heartbeat.tick().await;
        loop {
            let out = self.out.clone();
            let moved = tokio::select! {
                wake = subscription.changed() => match wake {
                    Wake::Closed(closed) => return Err(Some(ended(closed))),
                    Wake::Circles(moved) => self.tell(moved).await?,
                },
                _ = heartbeat.tick() => {
                    let joined = self.by_time(subscription).await?;
                    let moved = self.tell(joined).await?;
                    self.beat(Event::Heartbeat).await?;
                    moved
                }
                () = tokio::time::sleep_until(end) => {
                    if self.is_poll {
                        self.beat(Event::Heartbeat).await?;
                        return Err(None);
                    }
                    return Err(Some(Error::retry(Reason::StreamEnded, Duration::from_millis(50))));
                }
                () = out.closed() => return Err(None),
            };
            if self.is_poll && moved > 0 {
                self.beat(Event::Heartbeat).await?;
                return Err(None);
            }
        }
    }

    async fn send(&self, event: Event) -> Result<(), End> {
        self.out.send(Ok(pb::WatchResponse { event: Some(event) })).await.map_err(|_| None)
    }

    async fn beat(&self, event: fn(pb::LiveHeartbeat) -> Event) -> Result<(), End> {
        let resume_token = token(&self.app, &self.caller, &self.told).into();
        self.send(event(pb::LiveHeartbeat { server_time: Some(timestamp(self.app.now_ms())), resume_token })).await
    }

    /// Hints at those of the circles whose head is not the one that was told. How many.
    async fn tell(&mut self, circles: Vec<CircleNo>) -> Result<usize, End> {
        let standing = self.app.store.standing(&circles).await.map_err(Error::from)?;
        let mut moved = 0;
        for row in standing.iter().filter(|row| row.clinic == self.caller.clinic) {
            if self.told.insert(row.circle, row.head) != Some(row.head) {
                self.send(Event::Moved(pb::CircleMoved { circle: row.circle, sequence: row.head })).await?;
                moved += 1;
            }
        }
        Ok(moved)
    }

    async fn leave(&mut self, circle: CircleNo, subscription: &mut Subscription) -> Result<(), End> {
        subscription.unwatch(circle);
        self.told.remove(&circle);
        self.send(Event::Left(circle)).await
    }

    /// What no commit tells: the session, circles that the caller came into or left.
    async fn by_time(&mut self, subscription: &mut Subscription) -> Result<Vec<CircleNo>, End> {
        if !self.app.store.session_open(self.caller.family).await.map_err(Error::from)? {
            return Err(Some(Reason::SessionRevoked.into()));
        }
        let circles = circles(&self.app, &self.caller).await?;
        limits::CIRCLES_PER_ACCOUNT.check(circles.len())?;
        let left: Vec<CircleNo> = self.told.keys().filter(|circle| !circles.contains(circle)).copied().collect();
        for circle in left {
            self.leave(circle, subscription).await?;
        }
        let joined: Vec<CircleNo> = circles.into_iter().filter(|circle| !self.told.contains_key(circle)).collect();
        joined.iter().for_each(|circle| subscription.watch(*circle));
        Ok(joined)
    }
}
