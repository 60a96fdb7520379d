//! A pull as a stream: pages of every circle that was asked for, then heartbeats and what is committed from now on.
//!
//! The channel to the connection holds two messages: a slow reader makes this task wait, and is read for anew when it
//! takes the next page. Nothing else is kept of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use osteon_proto::{reasons::Reason, sync, sync::pull_response::Event};
use tokio::sync::mpsc;
use tonic::Status;

use super::{
    App,
    enrol::timestamp,
    pull::{self, Position, Turned, core_cell},
};
use crate::{
    access::Caller,
    error::Error,
    ids::random,
    limits,
    live::{Closed, Listener, Subscription, Wake},
    store::CircleNo,
};

type Sender = mpsc::Sender<Result<sync::PullResponse, Status>>;
/// A place for one message.
type Room = mpsc::OwnedPermit<Result<sync::PullResponse, Status>>;

/// What a request asks for, checked.
pub struct Asked {
    pub positions: Vec<Position>,
    pub live: bool,
    pub wait: Duration,
}

pub async fn asked(app: &App, caller: &Caller, request: sync::PullRequest) -> Result<Asked, Error> {
    limits::CIRCLES_PER_ACCOUNT.check(request.positions.len())?;
    if u64::from(request.wait_s) > limits::WAIT_S.max {
        return Err(Error::limit(&limits::WAIT_S));
    }
    if request.epoch != 0 && request.epoch != app.epoch() {
        return Err(Reason::EpochChanged.into());
    }
    let page_size = if request.page_size == 0 { limits::PAGE_PARTS.u32() } else { request.page_size };
    let circles = app.store.circles_of(caller.account).await?;
    let positions: Vec<Position> = if request.positions.is_empty() {
        circles.into_iter().map(|(circle, _)| Position { circle, page_size, ..Position::default() }).collect()
    } else {
        let position = |p: sync::CirclePosition| Position {
            circle: p.circle,
            cursor: p.cursor.to_vec(),
            dropped: p.dropped.iter().map(core_cell).collect(),
            page_size,
        };
        let member: BTreeSet<CircleNo> = circles.into_iter().map(|(circle, _)| circle).collect();
        let positions: Vec<Position> = request.positions.into_iter().map(position).collect();
        for position in &positions {
            pull::may_ask(app, caller, member.contains(&position.circle), position)?;
        }
        positions
    };
    Ok(Asked { positions, live: request.live, wait: Duration::from_secs(request.wait_s.into()) })
}

/// Runs until the reader goes, the session ends, or everything was said.
pub struct Stream {
    app: Arc<App>,
    caller: Caller,
    out: Sender,
    /// By circle; the order of sending is that of the numbers.
    positions: BTreeMap<CircleNo, Position>,
    audited: BTreeMap<CircleNo, (u32, u64, u32)>,
    /// By circle, as of its last page: when a grant ends, when one begins.
    ends: BTreeMap<CircleNo, i64>,
    begins: BTreeMap<CircleNo, i64>,
}

/// The reader has gone.
struct Gone;

enum End {
    Gone,
    Failed(Error),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Stream {
    pub fn new(app: Arc<App>, caller: Caller, out: Sender, positions: Vec<Position>) -> Self {
        let positions = positions.into_iter().map(|p| (p.circle, p)).collect();
        let (audited, ends, begins) = Default::default();
        Self { app, caller, out, positions, audited, ends, begins }
    }

    pub async fn run(mut self, live: bool, wait: Duration) {
        let result = self.all(live, wait).await;
        for (circle, (categories, to_seq, count)) in std::mem::take(&mut self.audited) {
            let noted = self.app.note_pull(&self.caller, circle, "pull.end", categories, to_seq, count).await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the end of a pull was not audited");
            }
        }
        if let Err(End::Failed(error)) = result {
            let _ = self.out.send(Err(error.into())).await;
        }
    }

    async fn all(&mut self, live: bool, wait: Duration) -> Result<(), End> {
        let circles: Vec<CircleNo> = self.positions.keys().copied().collect();
        let who = Listener { family: self.caller.family, account: self.caller.account };
        // Subscribed before the first read: nothing that is committed meanwhile is missed.
        let mut subscription =
            if live || !wait.is_zero() { Some(self.app.hub.subscribe(who, &circles)?) } else { None };
        let mut sent = false;
        for circle in circles {
            sent |= self.catch_up(circle, live || !wait.is_zero()).await?;
        }
        match &mut subscription {
            Some(subscription) if live => self.follow(subscription).await,
            Some(subscription) if !sent => self.wait(subscription, wait).await,
            _ => Ok(()),
        }
    }

    /// Sends pages of one circle until the head; true if anything was new.
    async fn catch_up(&mut self, circle: CircleNo, quiet: bool) -> Result<bool, End> {
        let mut sent = false;
        loop {
            // Room first: what is read while the reader is slow would leave after it was taken back.
            let room = self.out.clone().reserve_owned().await.map_err(|_| Gone)?;
            let Some(position) = self.positions.get(&circle) else { return Ok(sent) };
            let turned = pull::turn(&self.app, &self.caller, position).await?;
            let (at_head, left) = (turned.at_head, turned.left);
            if !turned.idle {
                sent = true;
            }
            // A reader that asks once is told that nothing is new; one that stays is not.
            self.send_page(circle, turned, quiet && !sent, room).await?;
            if left {
                // Nothing more is said of it; the other circles go on.
                self.positions.remove(&circle);
                self.ends.remove(&circle);
                self.begins.remove(&circle);
            }
            if at_head {
                return Ok(sent);
            }
        }
    }

    async fn send_page(&mut self, circle: CircleNo, turned: Turned, quiet: bool, room: Room) -> Result<(), End> {
        for (times, at) in [(&mut self.ends, turned.not_after_ms), (&mut self.begins, turned.opens_at_ms)] {
            match at {
                Some(at) => times.insert(circle, at),
                None => times.remove(&circle),
            };
        }
        if turned.parts > 0 {
            let first = !self.audited.contains_key(&circle);
            let entry = self.audited.entry(circle).or_default();
            *entry = (entry.0 | turned.categories, turned.sequence, entry.2.saturating_add(turned.parts));
            if first {
                self.app.note_pull(&self.caller, circle, "pull.open", turned.categories, turned.sequence, 0).await?;
            }
        }
        if let Some(position) = self.positions.get_mut(&circle) {
            position.cursor = turned.page.cursor.to_vec();
            position.dropped.clear();
        }
        if turned.idle && quiet {
            return Ok(());
        }
        room.send(Ok(self.response(Event::Page(turned.page))));
        Ok(())
    }

    fn response(&self, event: Event) -> sync::PullResponse {
        sync::PullResponse { epoch: self.app.epoch(), event: Some(event) }
    }

    /// Long-poll: the first thing that is new, then the end.
    async fn wait(&mut self, subscription: &mut Subscription, wait: Duration) -> Result<(), End> {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            let out = self.out.clone();
            let turn = self.until_turn();
            let woken = tokio::select! {
                woken = tokio::time::timeout_at(deadline, subscription.changed()) => woken,
                () = tokio::time::sleep(turn) => {
                    let (ended, sent) = self.turned().await?;
                    if ended || sent { return Ok(()) } else { continue }
                }
                () = out.closed() => return Err(End::Gone),
            };
            match woken {
                Err(_) => return self.heartbeat().await,
                Ok(Wake::Closed(closed)) => return Err(ended(closed).into()),
                Ok(Wake::Circles(circles)) => {
                    let mut sent = false;
                    for circle in circles {
                        sent |= self.catch_up(circle, true).await?;
                    }
                    if sent {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Live: heartbeats and new pages, until the stream is too old, a grant ends or somebody ends it.
    async fn follow(&mut self, subscription: &mut Subscription) -> Result<(), End> {
        let end = tokio::time::Instant::now() + self.age();
        let mut heartbeat = tokio::time::interval(limits::HEARTBEAT_S.duration());
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        heartbeat.tick().await;
        loop {
            let out = self.out.clone();
            tokio::select! {
                wake = subscription.changed() => match wake {
                    Wake::Closed(closed) => return Err(ended(closed).into()),
                    Wake::Circles(circles) => {
                        for circle in circles {
                            self.catch_up(circle, true).await?;
                        }
                    }
                },
                () = tokio::time::sleep(self.until_turn()) => {
                    if self.turned().await?.0 {
                        return Err(Error::retry(Reason::StreamEnded, Duration::ZERO).into());
                    }
                }
                _ = heartbeat.tick() => {
                    self.heartbeat().await?;
                    self.check().await?;
                }
                () = tokio::time::sleep_until(end) => return Err(Error::retry(Reason::StreamEnded, Duration::from_millis(50)).into()),
                () = out.closed() => return Err(End::Gone),
            }
        }
    }

    /// Half an hour, a fifth more or less, so that readers do not come back all at once.
    fn age(&self) -> Duration {
        let whole = limits::STREAM_AGE_S.duration();
        let jitter = u32::from(u16::from_le_bytes(random(&*self.app.ids)));
        whole * 4 / 5 + whole * 2 / 5 * jitter / u32::from(u16::MAX)
    }

    async fn heartbeat(&mut self) -> Result<(), End> {
        let server_time = Some(timestamp(self.app.now_ms()));
        let beat = self.response(Event::Heartbeat(sync::Heartbeat { server_time }));
        self.out.send(Ok(beat)).await.map_err(|_| Gone.into())
    }

    /// Until a grant ends or begins, by the clock; no longer than a heartbeat.
    fn until_turn(&self) -> Duration {
        let next = self.ends.values().chain(self.begins.values()).min();
        let beat = limits::HEARTBEAT_S.duration();
        let left = next.map(|at| at.saturating_sub(crate::access::signed(self.app.now_ms())));
        left.map_or(beat, |ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(beat))
    }

    /// Looks again at circles in which a grant has ended or begun. Returns whether one has
    /// ended (what is to be erased was said then), and whether anything was sent.
    async fn turned(&mut self) -> Result<(bool, bool), End> {
        let now_ms = crate::access::signed(self.app.now_ms());
        let due = |times: &BTreeMap<CircleNo, i64>| {
            times.iter().filter(|(_, at)| **at <= now_ms).map(|(circle, _)| *circle).collect::<BTreeSet<_>>()
        };
        let (ended, begun) = (due(&self.ends), due(&self.begins));
        let mut sent = false;
        for circle in ended.union(&begun) {
            sent |= self.catch_up(*circle, true).await?;
        }
        Ok((!ended.is_empty(), sent))
    }

    /// A stream was admitted with a token and is bound to its session: it ends with it.
    async fn check(&mut self) -> Result<(), End> {
        if !self.app.store.session_open(self.caller.family).await.map_err(Error::from)? {
            return Err(Error::from(Reason::SessionRevoked).into());
        }
        Ok(())
    }
}

fn ended(closed: Closed) -> Error {
    match closed {
        Closed::Revoked => Reason::SessionRevoked.into(),
        Closed::Draining => Error::retry(Reason::Draining, Duration::from_secs(1)),
    }
}
