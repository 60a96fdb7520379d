//! Drives the device's state machine over the network: persist, send, hand the answer back; again and again until there is
//! nothing to do ([`Phone::sync`]) or for ever ([`Phone::live`]).

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use osteon_proto::{
    reasons::Do,
    sync,
    wire::device::asking::{self, Until},
};
use osteon_sync_core::{
    Dot,
    device::{Device, Request, Step, Ticket},
};
use prost::Message;
use tokio::{sync::futures::Notified, time::Instant};

use crate::{
    error::{Answer, Error, Result},
    events::{Event, Listener},
    line::Line,
    phone::{LOOK, Phone},
    pull::Pull,
    transport::{CALL_TIMEOUT, POLL_S, Transport, call, with_token},
};

/// A live phone asks so often what it asks beside entries.
pub(crate) const CALLS: Duration = Duration::from_secs(600);

/// How Hello names this program.
const CLIENT: &str = concat!("osteon-client/", env!("CARGO_PKG_VERSION"));
/// What the server will not take without a change on this side is looked at again after this time.
const GIVEN_UP: Duration = Duration::from_secs(60);

/// So long a sync that sends waits for the answer before it asks for what is new beside it.
const ANSWERED_SOON: Duration = Duration::from_secs(2);

/// How long a sync waits for another program that syncs the same phone.
const BESIDE: Duration = Duration::from_secs(10);

/// How often what the server does not take now is asked again: an app that is too old to write, an offer.
const ASK_AGAIN_MS: u64 = 10 * 60 * 1_000;

/// An answer to a unary request.
pub(crate) enum Answered {
    /// With how many refused orders it was told of.
    Hello {
        answer: sync::HelloResponse,
        refused: u32,
    },
    Rebase(sync::RebaseResponse),
    Push {
        circle: u64,
        first: Dot,
        sent: usize,
        bytes: usize,
        answer: sync::PushResponse,
    },
    Offer(sync::OfferResponse),
}

type Call = Pin<Box<dyn Future<Output = (Ticket, Result<Answered>)> + Send>>;

/// One run: until done, or until something does not work.
pub(crate) struct Driver<'p> {
    pub(crate) phone: &'p Phone,
    transport: Transport,
    /// What the transport goes over.
    line: Line,
    pub(crate) listener: Listener,
    live: bool,
    /// This run began without Hello, and has not asked since.
    pub(crate) skips_hello: bool,
    pub(crate) incarnation: u64,
    in_flight: FuturesUnordered<Call>,
    /// When the first of them was asked.
    asked: Option<Instant>,
    pub(crate) pull: Option<Pull>,
    /// A pull has ended in order, and no verdict has come since it was opened.
    pub(crate) clean: bool,
    /// A verdict has come beside the pull that is open: what it decided may have come too late for its pages.
    pub(crate) behind: bool,
    /// The pull has brought something that the server does not know to be here.
    pub(crate) owes: bool,
    /// Something of it is what the patient's safety rests on.
    pub(crate) safety: bool,
    /// Per circle: the head up to which a pull was ended to say so. What comes again at the same head is said once.
    pub(crate) said: BTreeMap<u64, u64>,
    /// What was brought was confirmed, by a pull that came back with the cursor.
    pub(crate) confirmed: bool,
    last_error: Option<Error>,
    /// The server takes nothing of this program: said at the end, after everything was read.
    too_old: Option<Error>,
}

/// What the driver waits for.
enum Woken {
    Answer(Ticket, Result<Answered>),
    Stream(Result<Option<sync::PullResponse>>),
    Look,
}

impl Phone {
    /// Sends what waits (urgent first) and receives until the head. Ends at the first thing that does not work.
    pub async fn sync(&self, listener: Listener) -> Result<()> {
        if self.read().await?.settings.offline {
            return Err(Error::Offline("switched off on this phone"));
        }
        if self.read().await?.settings.left {
            return Err(Error::Left);
        }
        let Some(_turn) = self.store.take_turn()? else { return self.beside(&listener).await };
        loop {
            let done = Driver::new(self, Arc::clone(&listener), false).await?.run().await;
            self.heed(done, &listener).await?;
            self.store.keep_room();
            // Entries first, all of them: also what was saved while a photo was on its way.
            let before = self.outbox().await?;
            if self.turn_attachments().await?.left == 0 || self.outbox().await?.is_subset(&before) {
                break;
            }
        }
        self.turn_calls().await;
        Ok(())
    }

    async fn outbox(&self) -> Result<BTreeSet<(u64, Dot)>> {
        let state = self.read().await?;
        let circles = state.enrolled()?.device.circles();
        Ok(circles.flat_map(|(n, circle)| circle.outbox().map(move |own| (n, own.dot()))).collect())
    }

    /// What is asked of the server beside entries. Nobody waits for it: what does not work is asked for the next time.
    async fn turn_calls(&self) {
        let Ok(transport) = self.transport().await else { return };
        if let Err(error) = self.turn_wake(&transport).await {
            tracing::debug!(%error, "where this phone is woken waits");
        }
        if let Err(error) = self.turn_marks(&transport).await {
            tracing::debug!(%error, "who has seen what is as it was");
        }
    }

    /// The same beside a live phone, and where it is woken as soon as the app says so: never ends.
    async fn live_calls(&self) -> std::convert::Infallible {
        loop {
            if self.may_talk().await {
                self.turn_calls().await;
            }
            let until = tokio::time::Instant::now() + CALLS;
            while tokio::time::timeout_at(until, self.wake.notified()).await.is_ok() {
                if self.may_talk().await
                    && let Ok(transport) = self.transport().await
                    && let Err(error) = self.turn_wake(&transport).await
                {
                    tracing::debug!(%error, "where this phone is woken waits");
                }
            }
        }
    }

    async fn may_talk(&self) -> bool {
        self.read().await.is_ok_and(|state| !state.settings.offline && !state.settings.left && state.enrolled.is_some())
    }

    /// Another program of this folder syncs: waits a while for it to send what waits here.
    async fn beside(&self, listener: &Listener) -> Result<()> {
        listener(Event::Beside);
        let until = tokio::time::Instant::now() + BESIDE;
        loop {
            let done = {
                let state = self.read().await?;
                let mut circles = state.enrolled()?.device.circles();
                circles.all(|(_, circle)| circle.at_head() && circle.outbox().next().is_none())
            };
            if done {
                return Ok(());
            }
            if tokio::time::Instant::now() >= until {
                return Err(Error::Busy);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The same, and stays: sends what is saved, receives what others commit, comes back after every failure. Ends only by
    /// being dropped, or when the phone itself is broken.
    pub async fn live(&self, listener: Listener) -> Result<()> {
        let mut told = false;
        let Some(_turn) = self.store.take_turn()? else { return Err(Error::Busy) };
        loop {
            if self.read().await?.settings.offline {
                if !told {
                    listener(Event::Offline { why: "switched off on this phone".into(), next_try_ms: None });
                }
                told = true;
                let _ = tokio::time::timeout(LOOK, self.wake.notified()).await;
                continue;
            }
            told = false;
            if self.read().await?.settings.left {
                return Err(Error::Left);
            }
            let mut driver = Driver::new(self, Arc::clone(&listener), true).await?;
            let done = tokio::select! {
                done = driver.run() => done,
                never = self.live_attachments() => match never {},
                never = self.live_calls() => match never {},
            };
            drop(driver);
            match self.heed(done, &listener).await {
                Ok(()) | Err(Error::Moved | Error::Offline(_)) => {}
                Err(
                    e @ (Error::NotEnrolled
                    | Error::EnrolmentLost
                    | Error::Database(_)
                    | Error::Damaged(_)
                    | Error::Wiped
                    | Error::Left),
                ) => {
                    return Err(e);
                }
                Err(e) => {
                    let ms = u64::try_from(GIVEN_UP.as_millis()).ok();
                    listener(Event::Offline { why: e.to_string(), next_try_ms: ms });
                    let _ = tokio::time::timeout(GIVEN_UP, self.wake.notified()).await;
                }
            }
        }
    }
}

impl<'p> Driver<'p> {
    pub(crate) async fn new(phone: &'p Phone, listener: Listener, live: bool) -> Result<Self> {
        let line = phone.read().await?.settings.line();
        let transport = phone.transport().await?;
        phone.begins_to_talk().await;
        let incarnation = phone.read().await?.incarnation();
        let in_flight = FuturesUnordered::new();
        // What an earlier run had asked is not answered any more; after one that came to a good end nothing is left of it.
        let is_greeted = !live && phone.is_greeted().await?;
        let begin = |device: &mut Device| {
            if !is_greeted {
                device.hello_first();
            }
            if !live {
                device.retry_now();
            }
        };
        phone.tell(begin).await?;
        Ok(Self {
            phone,
            transport,
            line,
            listener,
            live,
            skips_hello: is_greeted,
            incarnation,
            in_flight,
            asked: None,
            pull: None,
            clean: false,
            behind: false,
            owes: false,
            safety: false,
            said: BTreeMap::new(),
            confirmed: false,
            last_error: None,
            too_old: None,
        })
    }

    pub(crate) async fn run(&mut self) -> Result<()> {
        let done = self.talk().await;
        if done.is_err() {
            self.phone.greeted(None);
        }
        // Whoever leaves in the middle has asked what nobody will answer: the next run begins as after a restart.
        if !matches!(done, Err(Error::Moved | Error::Offline(_))) {
            self.phone.has_talked();
        }
        done
    }

    async fn talk(&mut self) -> Result<()> {
        let phone = self.phone;
        loop {
            // Whoever saves or nudges while this looks what there is to do is heard all the same.
            let mut woken = std::pin::pin!(phone.wake.notified());
            woken.as_mut().enable();
            let Some(until_ms) = self.ask().await? else { break };
            match self.wait(until_ms, woken).await {
                Woken::Answer(ticket, Ok(answered)) => self.answered(ticket, answered).await?,
                Woken::Answer(ticket, Err(e)) => self.failed(ticket, e).await?,
                Woken::Stream(Ok(Some(message))) => self.received(message).await?,
                Woken::Stream(Ok(None)) => self.pull_ended().await?,
                Woken::Stream(Err(_)) if self.pull.as_ref().is_some_and(Pull::is_held_back) => {
                    // A proxy that holds streams back lets an answer through that ends: for a while it is asked in turns.
                    self.phone.streams_are_held();
                    self.pull_ended().await?;
                }
                Woken::Stream(Err(e)) => {
                    if let Some(pull) = self.pull.take() {
                        self.failed(pull.ticket, e).await?;
                    }
                }
                Woken::Look => {
                    if self.phone.read().await?.settings.offline {
                        return Err(Error::Offline("switched off on this phone"));
                    }
                }
            }
        }
        self.too_old.take().map_or(Ok(()), Err)
    }

    /// Asks everything that the state machine wants asked. `None`: done; else until when there is nothing to ask.
    async fn ask(&mut self) -> Result<Option<Option<u64>>> {
        loop {
            let (now_ms, random) = (self.phone.now_ms(), self.phone.random());
            // What `next` marks as sent is on disk before it is on the network.
            let (nudged, compares) = (self.phone.take_nudge(), self.phone.take_compare());
            let (incarnation, line, step) = self
                .phone
                .change_to_send(|state| {
                    let (incarnation, line) = (state.incarnation(), state.settings.line());
                    let phone = state.enrolled_mut()?;
                    if nudged {
                        phone.device.retry_now();
                    }
                    if compares {
                        phone.device.want_digests();
                    }
                    let macs = phone.macs.clone();
                    Ok((incarnation, line, phone.device.next(now_ms, random, &macs)))
                })
                .await?;
            if self.live && line != self.line {
                // A live phone begins anew, over the other line.
                return Err(Error::Moved);
            }
            if incarnation != self.incarnation {
                // Another program wrote to this folder: who had asked these questions is gone.
                self.incarnation = incarnation;
                self.in_flight = FuturesUnordered::new();
                self.pull = None;
            }
            match step {
                Step::Send(ticket, Request::Pull(_)) if !self.live && (self.clean || self.is_answered_soon()) => {
                    // A sync that ends reads once more after the last verdict: on a good line that is soon, and one question
                    // less. On a bad one what comes does not wait for what goes.
                    self.phone.tell(|device| device.pull_ended(ticket)).await?;
                    if self.in_flight.is_empty() {
                        return Ok(None);
                    }
                    let left = self.asked.map_or(ANSWERED_SOON, |asked| ANSWERED_SOON.saturating_sub(asked.elapsed()));
                    let until_ms = now_ms.saturating_add(u64::try_from(left.as_millis()).unwrap_or(0) + 1);
                    return Ok(Some((!self.clean).then_some(until_ms)));
                }
                Step::Send(ticket, request) => self.send(ticket, request).await?,
                Step::Cancel(ticket) => self.pull = self.pull.take().filter(|p| p.ticket != ticket),
                Step::Wait { until_ms } => {
                    if self.live || self.pull.is_some() || !self.in_flight.is_empty() {
                        return Ok(Some(until_ms));
                    }
                    return Err(self.last_error.take().unwrap_or(Error::Offline("the server asks to wait")));
                }
            }
        }
    }

    /// Whether something was asked a moment ago: what is read after its answer is read once.
    fn is_answered_soon(&self) -> bool {
        !self.in_flight.is_empty() && self.asked.is_some_and(|asked| asked.elapsed() < ANSWERED_SOON)
    }

    async fn send(&mut self, ticket: Ticket, request: Request) -> Result<()> {
        if self.in_flight.is_empty() {
            self.asked = Some(Instant::now());
        }
        let token = match self.phone.token(&self.transport).await {
            Ok(token) => token,
            Err(e) => return self.failed(ticket, e).await,
        };
        let mut client = self.transport.sync();
        match request {
            Request::Hello(hello) => {
                let health = self.phone.health().await?;
                let refused = health.orders_refused;
                let request = with_token(asking::hello(&hello, health, CLIENT), &token)?;
                self.in_flight.push(Box::pin(async move {
                    let answer = call(client.hello(request)).await;
                    (ticket, answer.map(|answer| Answered::Hello { answer, refused }))
                }));
            }
            Request::Rebase(rebase) => {
                let request = with_token(asking::rebase(&rebase), &token)?;
                self.in_flight
                    .push(Box::pin(async move { (ticket, call(client.rebase(request)).await.map(Answered::Rebase)) }));
            }
            Request::Push(push) => {
                let message = asking::push(&push);
                let (circle, sent, bytes) = (push.circle, push.items.len(), message.encoded_len());
                let first = Dot { replica: push.replica, counter: push.first_counter };
                let request = with_token(message, &token)?;
                self.in_flight.push(Box::pin(async move {
                    let answer = call(client.push(request)).await;
                    (ticket, answer.map(|answer| Answered::Push { circle, first, sent, bytes, answer }))
                }));
            }
            Request::Offer(offer) => {
                let request = with_token(asking::offer(&offer), &token)?;
                self.in_flight
                    .push(Box::pin(async move { (ticket, call(client.offer(request)).await.map(Answered::Offer)) }));
            }
            Request::Pull(pull) => {
                let asked = pull.positions.iter().map(|at| (at.circle, at.cursor.clone())).collect();
                let until = match (self.live, self.phone.polls()) {
                    (false, _) => Until::Head,
                    (true, false) => Until::Gone,
                    (true, true) => Until::News { wait_s: POLL_S },
                };
                let request = with_token(asking::pull(&pull, until), &token)?;
                self.clean = false;
                self.behind = false;
                self.owes = false;
                self.safety = false;
                let coming = async move { Ok(client.pull(request).await?.into_inner()) };
                self.pull = Some(Pull::asked(ticket, until, asked, Box::pin(coming)));
            }
        }
        Ok(())
    }

    async fn wait(&mut self, until_ms: Option<u64>, woken: Pin<&mut Notified<'_>>) -> Woken {
        let timer =
            until_ms.map_or(CALL_TIMEOUT, |until| Duration::from_millis(until.saturating_sub(self.phone.now_ms())));
        let (busy, open, live) = (!self.in_flight.is_empty(), self.pull.is_some(), self.live);
        let pull = &mut self.pull;
        let message = async {
            match pull {
                Some(pull) => pull.message().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some((ticket, answer)) = self.in_flight.next(), if busy => Woken::Answer(ticket, answer),
            message = message, if open => Woken::Stream(message),
            () = woken, if live => Woken::Look,
            () = moved(self.phone), if live => Woken::Look,
            () = tokio::time::sleep(timer) => Woken::Look,
        }
    }

    /// A request did not get its answer. What docs/api.md says to do is done here; an error that only a person or another
    /// version of this program can mend ends the run.
    pub(crate) async fn failed(&mut self, ticket: Ticket, error: Error) -> Result<()> {
        let (now_ms, random) = (self.phone.now_ms(), self.phone.random());
        let why = error.to_string();
        let Error::Server(answer) = &error else {
            self.phone
                .change_to_send(|state| {
                    state.settings.failed(&why, now_ms);
                    state.enrolled_mut()?.device.failed(ticket, now_ms, 0, random);
                    Ok(())
                })
                .await?;
            return Err(error);
        };
        let (action, after_ms) = (answer.action(), answer.retry_after_ms.unwrap_or(0));
        if action == Do::Update {
            // Nothing that waits here is taken before the app is updated; what others write is read all the same.
            self.phone
                .change_to_send(|state| {
                    state.settings.failed(&why, now_ms);
                    let until_ms = now_ms.saturating_add(ASK_AGAIN_MS);
                    state.enrolled_mut()?.device.pushes_wait(ticket, until_ms);
                    Ok(())
                })
                .await?;
            (self.listener)(Event::Offline { why: answer.to_string(), next_try_ms: Some(ASK_AGAIN_MS) });
            self.too_old = Some(error);
            return Ok(());
        }
        let (until, offered) = self
            .phone
            .change_to_send(|state| {
                state.settings.failed(&why, now_ms);
                let device = &mut state.enrolled_mut()?.device;
                let later = now_ms.saturating_add(ASK_AGAIN_MS);
                if matches!(action, Do::ReadAgain | Do::AskPerson | Do::Wait | Do::GiveUp)
                    && device.offers_wait(ticket, later)
                {
                    return Ok((later, true));
                }
                match action {
                    Do::Hello => device.hello_first(),
                    Do::StartOver => device.start_over(),
                    _ => {}
                }
                let again_at_once = matches!(action, Do::Hello | Do::StartOver | Do::Refresh | Do::SignIn);
                device.failed(ticket, now_ms, after_ms, if again_at_once { 0 } else { random });
                Ok((device.retries_at_ms(), false))
            })
            .await?;
        match action {
            Do::Hello | Do::StartOver => {}
            Do::Refresh | Do::SignIn => self.renew().await?,
            Do::Retry | Do::RetrySame => {
                let next_try_ms = Some(until.saturating_sub(now_ms));
                (self.listener)(Event::Offline { why: answer.to_string(), next_try_ms });
                self.last_error = Some(error);
            }
            // Nobody waits for an offer: it stays here and is made again later.
            _ if offered => {}
            Do::ReadAgain | Do::AskPerson | Do::Wait | Do::GiveUp | Do::Update | Do::Leave | Do::Wipe => {
                return Err(error);
            }
        }
        Ok(())
    }

    async fn renew(&mut self) -> Result<()> {
        let used = self.phone.read().await?.enrolled()?.session.access.clone();
        match self.phone.renew(&self.transport, &used).await {
            Ok(_) => Ok(()),
            // The token is asked for again with the next request.
            Err(Error::Server(answer)) if matches!(answer.action(), Do::Retry | Do::RetrySame) => {
                (self.listener)(Event::Offline { why: answer.to_string(), next_try_ms: None });
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(())
            }
            Err(e) => Err(e),
        }
    }
}

/// Comes back when another program has written to this phone's folder.
async fn moved(phone: &Phone) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !matches!(phone.moved().await, Ok(false)) {
            return;
        }
    }
}

/// No answer within the deadline: whether the request took effect is not known.
pub(crate) fn silent() -> Error {
    Error::Server(Answer::none())
}
