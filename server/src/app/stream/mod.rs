//! A pull as a stream: pages of every circle that was asked for, then heartbeats and what is committed from now on.
//!
//! The channel to the connection holds one message: a slow reader makes this task wait, pages that were read for it are
//! given up, and read anew when it takes the next one. Nothing else is kept of it.

mod asked;
mod pages;
mod told;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    sync::{Arc, OnceLock},
    time::Duration,
};

use osteon_proto::{reasons::Reason, sync, sync::pull_response::Event};
use tokio::sync::mpsc;
use tonic::Status;

use self::{asked::nothing_new, pages::Messages};
pub use self::{
    asked::{Asked, asked},
    pages::Pages,
    told::Told,
};
use super::{
    App,
    enrol::timestamp,
    notes::Pulled,
    pull::{self, Position, Reader, Turned},
};
use crate::{
    access::Caller,
    audit::current,
    error::Error,
    ids::random,
    limits,
    live::{Closed, Ending, Listener, Subscription, Wake},
    store::{CircleNo, CircleRow},
};

/// A page that waited for its reader longer is read anew.
const STALE_AFTER: Duration = Duration::from_millis(50);

/// On the heap: a channel makes places for many at once, and most streams wait for ever.
pub type Message = Result<Box<sync::PullResponse>, Status>;
type Sender = mpsc::Sender<Message>;
/// A place for one message.
type Room = mpsc::OwnedPermit<Message>;

/// Answers a pull: as a stream that stays, or once.
pub async fn serve(app: Arc<App>, caller: Caller, out: Sender, asked: Asked) {
    Stream::new(app, caller, out, asked.positions).answer(asked.live, asked.wait, asked.standing).await;
}

/// The same, for a connection. Where nothing is new, that is the answer, and nobody waits for anything.
pub async fn open(app: Arc<App>, caller: Caller, asked: Asked) -> Result<Pages, Error> {
    if !asked.live
        && asked.wait.is_zero()
        && let Some(said) = nothing_new(&app, &caller, &asked).await?
    {
        return Ok(Pages { messages: Messages::Said(said.into_iter()), ending: Arc::default(), over: false });
    }
    let (out, messages) = mpsc::channel(limits::PAGES_AHEAD.usize());
    let stream = Stream::new(Arc::clone(&app), caller, out, asked.positions);
    let pages = stream.pages(messages);
    app.streams.spawn(current::carry(stream.answer(asked.live, asked.wait, asked.standing)));
    Ok(pages)
}

/// Runs until the reader goes, the session ends, or everything was said.
pub struct Stream {
    app: Arc<App>,
    caller: Caller,
    out: Sender,
    /// By circle; the order of sending is that of the numbers.
    positions: BTreeMap<CircleNo, Position>,
    audited: BTreeMap<CircleNo, Pulled>,
    /// By circle, as of its last page: when a grant ends, when one begins.
    ends: BTreeMap<CircleNo, i64>,
    begins: BTreeMap<CircleNo, i64>,
    /// Of the subscription: a long backfill ends at once too.
    ending: Arc<OnceLock<Ending>>,
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
        Self { app, caller, out, positions, audited, ends, begins, ending: Arc::default() }
    }

    /// The messages as they leave.
    pub fn pages(&self, messages: mpsc::Receiver<Message>) -> Pages {
        Pages { messages: Messages::Coming(messages), ending: Arc::clone(&self.ending), over: false }
    }

    /// What runs for a moment is on the heap of its own: a stream that waits is no larger for it.
    async fn answer(self, live: bool, wait: Duration, standing: Vec<Arc<CircleRow>>) {
        if live || !wait.is_zero() { self.run(live, wait).await } else { Box::pin(self.once(standing)).await }
    }

    pub async fn run(mut self, live: bool, wait: Duration) {
        let result = self.all(live, wait).await;
        self.finish(result).await;
    }

    /// For a reader that asks once: circles in which nothing has moved since are answered from how they stand.
    async fn once(mut self, standing: Vec<Arc<CircleRow>>) {
        let result = self.all_once(standing).await;
        self.finish(result).await;
    }

    async fn finish(mut self, result: Result<(), End>) {
        let ended = std::mem::take(&mut self.audited).into_values().collect();
        if let Err(error) = Box::pin(self.app.note_pulls(&self.caller, "pull.end", ended)).await {
            tracing::warn!(%error, "the end of a pull was not audited");
        }
        if let Err(End::Failed(error)) = result {
            let _ = self.out.send(Err(error.into())).await;
        }
    }

    async fn all_once(&mut self, standing: Vec<Arc<CircleRow>>) -> Result<(), End> {
        let app = Arc::clone(&self.app);
        let caller = self.caller;
        let who = Listener { family: caller.family, account: caller.account, clinic: caller.clinic };
        let attending = self.app.hub.attend(who)?;
        let _ = self.ending.set(attending.ending());
        let reader = Reader::open(&app, &caller, &[]).await?;
        let mut moved: VecDeque<CircleNo> = VecDeque::new();
        let mut idle = Vec::new();
        let standing: BTreeMap<CircleNo, Arc<CircleRow>> = standing.into_iter().map(|row| (row.circle, row)).collect();
        for (circle, position) in &self.positions {
            let turned = standing.get(circle).map(|row| reader.idle(position, row)).transpose()?.flatten();
            match turned {
                Some(turned) => idle.push((*circle, turned)),
                None => moved.push_back(*circle),
            }
        }
        for (circle, turned) in idle {
            let room = self.room().await?;
            self.send_page(circle, turned, false, room);
        }
        Box::pin(self.catch_up(moved, false)).await.map(|_| ())
    }

    async fn all(&mut self, live: bool, wait: Duration) -> Result<(), End> {
        let circles: Vec<CircleNo> = self.positions.keys().copied().collect();
        let who = Listener { family: self.caller.family, account: self.caller.account, clinic: self.caller.clinic };
        // Subscribed before the first read: nothing that is committed meanwhile is missed.
        let stays = live || !wait.is_zero();
        let mut subscription = if stays { Some(self.app.hub.subscribe(who, &circles)?) } else { None };
        if let Some(subscription) = &subscription {
            let _ = self.ending.set(subscription.ending());
        }
        let sent = Box::pin(self.catch_up(circles.into(), stays)).await?;
        match &mut subscription {
            Some(subscription) if live => self.follow(subscription).await,
            Some(subscription) if !sent => self.wait(subscription, wait).await,
            _ => Ok(()),
        }
    }

    /// Sends pages of these circles until their heads; true if anything was new. Reads a few circles ahead, in one
    /// snapshot and behind one audit commit: the first page alone, so that it is there at once, then ever more.
    async fn catch_up(&mut self, mut circles: VecDeque<CircleNo>, quiet: bool) -> Result<bool, End> {
        let (mut sent, mut ahead) = (BTreeSet::new(), 1);
        for read in 0_u64.. {
            if circles.is_empty() {
                break;
            }
            if read > 0 {
                self.still_open()?;
            }
            // Room first: what is read while the reader is slow would leave after it was taken back.
            drop(self.room().await?);
            let group = self.read(&mut circles, ahead).await?;
            self.open(&group).await?;
            let (read, mut left) = (group.len(), 0);
            for circle in self.hand_on(group, quiet, &mut sent).await? {
                circles.push_front(circle);
                left += 1;
            }
            // A reader that is slow is read for as far as it went.
            ahead = if left < read { ahead * 8 } else { 1 }.min(limits::CIRCLES_READ_AHEAD.usize());
        }
        Ok(!sent.is_empty())
    }

    /// A backfill of many pages is admitted once and may be revoked in the middle.
    fn still_open(&self) -> Result<(), End> {
        match self.ending.get() {
            Some(ending) => ending.closed().map_or(Ok(()), |closed| Err(ended(closed).into())),
            None => Ok(()),
        }
    }

    /// The next page of each of the next circles.
    async fn read(&self, circles: &mut VecDeque<CircleNo>, ahead: usize) -> Result<Vec<(CircleNo, Turned)>, End> {
        let next: Vec<CircleNo> = circles.iter().take(ahead).copied().collect();
        let mut reader = Reader::open(&self.app, &self.caller, &next).await?;
        let (mut group, mut parts) = (Vec::new(), 0);
        while group.len() < ahead && parts < limits::PARTS_READ_AHEAD.u32() {
            let Some(circle) = circles.pop_front() else { break };
            let Some(position) = self.positions.get(&circle) else { continue };
            let turned = reader.turn(position).await?;
            parts += turned.parts;
            group.push((circle, turned));
        }
        Ok(group)
    }

    /// Audited before the first part of a circle leaves; so are erasures.
    async fn open(&mut self, group: &[(CircleNo, Turned)]) -> Result<(), End> {
        for (circle, turned) in group {
            pull::receipts(&self.app, &self.caller, *circle, turned).await?;
        }
        let mut opened = Vec::new();
        for (circle, turned) in group.iter().filter(|(_, turned)| turned.parts > 0) {
            let Entry::Vacant(first) = self.audited.entry(*circle) else { continue };
            first.insert(Pulled { circle: *circle, ..Pulled::default() });
            let (categories, to_seq) = (turned.categories, turned.sequence);
            opened.push(Pulled { circle: *circle, categories, to_seq, count: 0 });
        }
        self.app.note_pulls(&self.caller, "pull.open", opened).await?;
        Ok(())
    }

    /// Sends the group. A page that had to wait, or of a circle whose access state has moved since, is not sent as it
    /// was read: it comes back, with what follows it, and with circles that have more.
    async fn hand_on(
        &mut self,
        group: Vec<(CircleNo, Turned)>,
        quiet: bool,
        sent: &mut BTreeSet<CircleNo>,
    ) -> Result<Vec<CircleNo>, End> {
        let mut again = Vec::new();
        let began = tokio::time::Instant::now();
        let mut group = group.into_iter();
        while let Some((circle, turned)) = group.next() {
            // Pages that nobody takes are given up, not kept.
            let Ok(room) = tokio::time::timeout_at(began + STALE_AFTER, self.room()).await else {
                again.push(circle);
                again.extend(group.map(|(circle, _)| circle));
                break;
            };
            let room = room?;
            if self.app.store.access_moved(circle, turned.access_generation) {
                again.push(circle);
                again.extend(group.map(|(circle, _)| circle));
                break;
            }
            let (at_head, left) = (turned.at_head, turned.left);
            if !turned.idle {
                sent.insert(circle);
            }
            // A reader that asks once is told that nothing is new; one that stays is not.
            let quiet = quiet && !sent.contains(&circle);
            self.send_page(circle, turned, quiet, room);
            if left {
                // Nothing more is said of it; the other circles go on.
                self.positions.remove(&circle);
                self.ends.remove(&circle);
                self.begins.remove(&circle);
            }
            if !at_head {
                again.push(circle);
            }
        }
        again.reverse();
        Ok(again)
    }

    async fn room(&self) -> Result<Room, Gone> {
        self.out.clone().reserve_owned().await.map_err(|_| Gone)
    }

    fn send_page(&mut self, circle: CircleNo, turned: Turned, quiet: bool, room: Room) {
        for (times, at) in [(&mut self.ends, turned.not_after_ms), (&mut self.begins, turned.opens_at_ms)] {
            match at {
                Some(at) => times.insert(circle, at),
                None => times.remove(&circle),
            };
        }
        if let Some(read) = self.audited.get_mut(&circle).filter(|_| turned.parts > 0) {
            read.categories |= turned.categories;
            read.to_seq = turned.sequence;
            read.count = read.count.saturating_add(turned.parts);
        }
        if let Some(position) = self.positions.get_mut(&circle) {
            position.cursor = turned.page.cursor.to_vec();
            position.dropped.clear();
            position.digests = false;
            position.carried = true;
        }
        if !(turned.idle && quiet) {
            room.send(Ok(self.response(Event::Page(turned.page))));
        }
    }

    fn response(&self, event: Event) -> Box<sync::PullResponse> {
        Box::new(sync::PullResponse { epoch: self.app.epoch(), event: Some(event) })
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
                    let (ended, sent) = Box::pin(self.turned()).await?;
                    if ended || sent { return Ok(()) } else { continue }
                }
                () = out.closed() => return Err(End::Gone),
            };
            match woken {
                Err(_) => return self.heartbeat().await,
                Ok(Wake::Closed(closed)) => return Err(ended(closed).into()),
                Ok(Wake::Circles(circles)) => {
                    if Box::pin(self.catch_up(circles.into_iter().collect(), true)).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Live: heartbeats and new pages, until the stream is too old, a grant ends or somebody ends it.
    async fn follow(&mut self, subscription: &mut Subscription) -> Result<(), End> {
        let end = tokio::time::Instant::now() + age(&self.app);
        let mut heartbeat = tokio::time::interval(limits::HEARTBEAT_S.duration());
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        heartbeat.tick().await;
        loop {
            let out = self.out.clone();
            tokio::select! {
                wake = subscription.changed() => match wake {
                    Wake::Closed(closed) => return Err(ended(closed).into()),
                    Wake::Circles(circles) => {
                        Box::pin(self.catch_up(circles.into_iter().collect(), true)).await?;
                    }
                },
                () = tokio::time::sleep(self.until_turn()) => {
                    if Box::pin(self.turned()).await?.0 {
                        return Err(Error::retry(Reason::StreamEnded, Duration::ZERO).into());
                    }
                }
                _ = heartbeat.tick() => {
                    self.heartbeat().await?;
                    Box::pin(self.check()).await?;
                }
                () = tokio::time::sleep_until(end) => return Err(Error::retry(Reason::StreamEnded, Duration::from_millis(50)).into()),
                () = out.closed() => return Err(End::Gone),
            }
        }
    }

    async fn heartbeat(&mut self) -> Result<(), End> {
        let server_time = Some(timestamp(self.app.now_ms()));
        let beat = self.response(Event::Heartbeat(sync::Heartbeat { server_time }));
        self.out.send(Ok(beat)).await.map_err(|_| Gone.into())
    }

    fn until_turn(&self) -> Duration {
        until(&self.app, self.ends.values().chain(self.begins.values()).min().copied())
    }

    /// Looks again at circles in which a grant has ended or begun. Returns whether one has
    /// ended (what is to be erased was said then), and whether anything was sent.
    async fn turned(&mut self) -> Result<(bool, bool), End> {
        let now_ms = crate::access::signed(self.app.now_ms());
        let due = |times: &BTreeMap<CircleNo, i64>| {
            times.iter().filter(|(_, at)| **at <= now_ms).map(|(circle, _)| *circle).collect::<BTreeSet<_>>()
        };
        let (ended, begun) = (due(&self.ends), due(&self.begins));
        let due = ended.union(&begun).copied().collect();
        let sent = Box::pin(self.catch_up(due, true)).await?;
        Ok((!ended.is_empty(), sent))
    }

    /// A stream was admitted with a token and is bound to its session: it ends with it.
    async fn check(&self) -> Result<(), End> {
        if !self.app.store.session_open(self.caller.family).await.map_err(Error::from)? {
            return Err(Error::from(Reason::SessionRevoked).into());
        }
        Ok(())
    }
}

/// How old a stream becomes: half an hour, a fifth more or less, so that readers do not come back all at once.
pub fn age(app: &App) -> Duration {
    let whole = limits::STREAM_AGE_S.duration();
    let jitter = u32::from(u16::from_le_bytes(random(&*app.ids)));
    whole * 4 / 5 + whole * 2 / 5 * jitter / u32::from(u16::MAX)
}

/// Until a grant ends or begins, by the clock, at a time in milliseconds since 1970; no longer than a heartbeat.
pub fn until(app: &App, at_ms: Option<i64>) -> Duration {
    let beat = limits::HEARTBEAT_S.duration();
    let left = at_ms.map(|at| at.saturating_sub(crate::access::signed(app.now_ms())));
    left.map_or(beat, |ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(beat))
}

/// Why a stream ends before it has said everything.
pub fn ended(closed: Closed) -> Error {
    match closed {
        Closed::Revoked => Reason::SessionRevoked.into(),
        Closed::Draining => Error::retry(Reason::Draining, Duration::from_secs(1)),
    }
}
