//! A server that says what a test wants it to say, over the real transport: TLS, HTTP/2, the real messages. It keeps the
//! chains as the protocol wants (a known number gets its verdict again), and counts what no phone may ever do: send another
//! content under a number that it has used.

#![allow(dead_code, reason = "each test uses a part of it")]

mod sessions;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
};

use osteon_client::{
    Phone,
    store::items::{Enrolment, Session},
};
use osteon_proto::{
    LabelId,
    identity::session_service_server::SessionServiceServer,
    meta,
    seen::{
        ListSeenRequest, ListSeenResponse, MarkSeenRequest, MarkSeenResponse, SeenBy,
        seen_service_server::{SeenService, SeenServiceServer},
    },
    sync::{
        self as pb,
        sync_service_server::{SyncService, SyncServiceServer},
        verdict::Verdict,
    },
    wake::{
        GetWakeRequest, GetWakeResponse, SetWakeRequest, SetWakeResponse,
        wake_service_server::{WakeService, WakeServiceServer},
    },
    wire::device::timestamp,
};
use prost::Message;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    transport::{Identity, Server, ServerTlsConfig},
};

use crate::enrolled::{CIRCLE, NOW};

/// What is said to the next changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    Accept,
    Refuse(&'static str),
    Quarantine,
    Later,
    /// RESOURCE_EXHAUSTED, and when to come back.
    Busy,
    /// The verdict is kept, and its answer lost.
    Lose,
}

/// What a server knows of one number.
struct Known {
    content: Vec<u8>,
    verdict: Verdict,
}

pub(crate) struct Books {
    pub(crate) say: Say,
    pub(crate) server_ms: u64,
    known: BTreeMap<(u32, u64), Known>,
    sequence: u64,
    /// Numbers that came with another content than before: must stay 0.
    pub(crate) forged: usize,
    /// SKIP items: must stay 0 outside of a restore.
    pub(crate) skips: usize,
    pub(crate) pushes: usize,
    pub(crate) pulls: usize,
    /// Something in between holds back every answer that has no end.
    pub(crate) eats_streams: bool,
    /// Answers that waited for something new.
    pub(crate) polls: usize,
    /// What the next page takes back.
    pub(crate) erases: Vec<pb::Cell>,
    /// Each push takes so long.
    pub(crate) push_takes: std::time::Duration,
    /// Who has seen what, as the server says.
    pub(crate) marks: Vec<SeenBy>,
    /// Where the phone is woken, how often it said so, and whether it is refused.
    pub(crate) wake: Option<String>,
    pub(crate) wakes_set: usize,
    pub(crate) wake_refused: bool,
    /// Of changes that waited for a person: accepted, or rejected with these words.
    pub(crate) decides: Option<Result<(), &'static str>>,
    pub(crate) sessions: sessions::Sessions,
}

impl Books {
    /// The numbers that it has a verdict for, of one lane.
    pub(crate) fn counters(&self, replica: u32) -> Vec<u64> {
        self.known.keys().filter(|(of, _)| *of == replica).map(|(_, counter)| *counter).collect()
    }

    /// Contents that were accepted.
    pub(crate) fn accepted(&self) -> Vec<&[u8]> {
        let taken = |known: &&Known| matches!(known.verdict, Verdict::Accepted(_));
        self.known.values().filter(taken).map(|known| known.content.as_slice()).collect()
    }

    /// How many changes were accepted, without numbers that were skipped.
    pub(crate) fn accepted_changes(&self) -> usize {
        let skip = |content: &&[u8]| pb::Change::decode(*content).is_ok_and(|change| change.skip);
        self.accepted().iter().filter(|content| !skip(content)).count()
    }

    /// What it knows of each number, to be kept in a file.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let one = |((replica, counter), known): (&(u32, u64), &Known)| {
            let verdict = pb::Verdict { counter: *counter, verdict: Some(known.verdict.clone()) };
            serde_json::json!([replica, counter, hex::encode(&known.content), hex::encode(verdict.encode_to_vec())])
        };
        self.known.iter().map(one).collect()
    }

    /// Knows what another one knew.
    pub(crate) fn read_json(&mut self, kept: &serde_json::Value) {
        let bytes = |text: &serde_json::Value| hex::decode(text.as_str().unwrap()).unwrap();
        for one in kept.as_array().unwrap() {
            let replica = u32::try_from(one[0].as_u64().unwrap()).unwrap();
            let verdict = pb::Verdict::decode(bytes(&one[3]).as_slice()).unwrap().verdict.unwrap();
            if let Verdict::Accepted(accepted) = &verdict {
                self.sequence = self.sequence.max(accepted.sequence);
            }
            self.known.insert((replica, one[1].as_u64().unwrap()), Known { content: bytes(&one[2]), verdict });
        }
    }

    fn decide(&mut self, replica: u32, counter: u64, change: &pb::Change) -> Verdict {
        let content = change.encode_to_vec();
        if let Some(known) = self.known.get(&(replica, counter)) {
            self.forged += usize::from(known.content != content);
            return known.verdict.clone();
        }
        let verdict = match self.say {
            Say::Accept | Say::Lose | Say::Busy => {
                self.sequence += 1;
                Verdict::Accepted(pb::verdict::Accepted { sequence: self.sequence, ..Default::default() })
            }
            Say::Refuse(reason) => {
                Verdict::Refused(pb::verdict::Refused { reason: reason.into(), violations: Vec::new() })
            }
            Say::Quarantine => {
                Verdict::Quarantined(pb::verdict::Quarantined { id: counter, reason: "LOST_RIGHT".into() })
            }
            Say::Later => return Verdict::Later(pb::verdict::Later { retry_after_ms: 60_000, reason: String::new() }),
        };
        self.known.insert((replica, counter), Known { content, verdict: verdict.clone() });
        verdict
    }
}

#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) books: Arc<Mutex<Books>>,
    pub(crate) address: SocketAddr,
    pub(crate) ca_pem: Vec<u8>,
}

impl StandIn {
    pub(crate) async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let ca_pem = made.cert.pem();
        let identity = Identity::from_pem(&ca_pem, made.signing_key.serialize_pem());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let books = Books {
            say: Say::Accept,
            server_ms: NOW,
            known: BTreeMap::new(),
            sequence: 0,
            forged: 0,
            skips: 0,
            pushes: 0,
            pulls: 0,
            eats_streams: false,
            polls: 0,
            erases: Vec::new(),
            push_takes: std::time::Duration::ZERO,
            marks: Vec::new(),
            wake: None,
            wakes_set: 0,
            wake_refused: false,
            decides: None,
            sessions: sessions::Sessions::default(),
        };
        let stand_in = Self { books: Arc::new(Mutex::new(books)), address, ca_pem: ca_pem.into_bytes() };
        let server = Server::builder().tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
        tokio::spawn(server_on(server, stand_in.clone(), listener));
        stand_in
    }

    /// This phone's server is this one.
    pub(crate) async fn serve(&self, phone: &Phone) {
        let server = format!("https://localhost:{}", self.address.port());
        self.serve_at(phone, &server).await;
    }

    /// The same, by way of something else.
    pub(crate) async fn serve_at(&self, phone: &Phone, server: &str) {
        phone
            .change(|state| {
                let enrolled = state.enrolled_mut()?;
                let (server, ca_pem) = (server.to_owned(), self.ca_pem.clone());
                enrolled.enrolment = Enrolment { server, ca_pem, ..enrolled.enrolment.clone() };
                let (access, access_expires_ms) = ("token".to_owned(), u64::MAX);
                enrolled.session = Session { access, access_expires_ms, ..Session::default() };
                Ok(())
            })
            .await
            .unwrap();
    }

    pub(crate) fn say(&self, say: Say) {
        self.books.lock().unwrap().say = say;
    }
}

async fn server_on(
    mut server: Server,
    stand_in: StandIn,
    listener: tokio::net::TcpListener,
) -> Result<(), tonic::transport::Error> {
    let server = server
        .add_service(SyncServiceServer::new(stand_in.clone()))
        .add_service(SeenServiceServer::new(stand_in.clone()))
        .add_service(WakeServiceServer::new(stand_in.clone()))
        .add_service(SessionServiceServer::new(stand_in));
    server.serve_with_incoming(TcpListenerStream::new(listener)).await
}

/// Whatever the patient may have: what is not named on a first page is erased.
pub(crate) fn every_cell() -> Vec<pb::Cell> {
    let categories = (1..).map_while(|n| meta::Category::try_from(n).ok()).map(|category| LabelId::of([category]));
    let labels = categories.chain([LabelId::ALL_MEMBERS]);
    labels
        .flat_map(|label| {
            (1..=3).map(move |class| pb::Cell { label_id: label.0, priority_class: class, ..Default::default() })
        })
        .collect()
}

fn busy() -> Status {
    use tonic_types::{ErrorDetails, StatusExt};
    let details = ErrorDetails::with_retry_info(Some(std::time::Duration::from_secs(7)));
    Status::with_error_details(tonic::Code::ResourceExhausted, "too much", details)
}

#[tonic::async_trait]
impl SyncService for StandIn {
    async fn hello(&self, request: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        let books = self.books.lock().unwrap();
        if books.say == Say::Busy {
            return Err(busy());
        }
        let chain = |replica: u32| {
            let counter = books.counters(replica).last().copied().unwrap_or(0);
            let dot = Some(pb::Dot { epoch: 1, replica, counter });
            pb::ChainPoint { dot, mac: vec![1; 16].into() }
        };
        let asked = request.into_inner();
        let fates = books.decides.iter().flat_map(|decided| {
            let dots = asked.quarantined.iter().flat_map(|circle| &circle.dots);
            dots.map(move |dot| pb::QuarantineFate {
                dot: Some(*dot),
                accepted: decided.is_ok(),
                reason: decided.err().unwrap_or_default().to_owned(),
            })
        });
        let circle = pb::CircleState {
            circle: CIRCLE,
            short_id: "d0001".into(),
            role: meta::Role::Patient.into(),
            chains: vec![chain(2), chain(3)],
            digest_key: vec![0; 16].into(),
            fates: fates.collect(),
            ..Default::default()
        };
        Ok(Response::new(pb::HelloResponse {
            epoch: 1,
            server_time: Some(timestamp(books.server_ms)),
            circles: vec![circle],
            account: 42,
            ..Default::default()
        }))
    }

    async fn push(&self, request: Request<pb::PushRequest>) -> Result<Response<pb::PushResponse>, Status> {
        let push = request.into_inner();
        let takes = self.books.lock().unwrap().push_takes;
        tokio::time::sleep(takes).await;
        let mut books = self.books.lock().unwrap();
        books.pushes += 1;
        if books.say == Say::Busy {
            return Err(busy());
        }
        let mut verdicts = Vec::new();
        for (counter, change) in (push.first_counter..).zip(&push.changes) {
            books.skips += usize::from(change.skip);
            let verdict = books.decide(push.replica, counter, change);
            let last = matches!(verdict, Verdict::Later(_));
            verdicts.push(pb::Verdict { counter, verdict: Some(verdict) });
            if last {
                break;
            }
        }
        if books.say == Say::Lose {
            return Err(Status::unavailable("lost"));
        }
        Ok(Response::new(pb::PushResponse { epoch: 1, verdicts }))
    }

    type PullStream = Pin<Box<dyn tokio_stream::Stream<Item = Result<pb::PullResponse, Status>> + Send>>;

    async fn pull(&self, request: Request<pb::PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let asked = request.into_inner();
        if asked.live && self.books.lock().unwrap().eats_streams {
            return Ok(Response::new(Box::pin(tokio_stream::pending())));
        }
        if asked.wait_s > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        let (erased, marked) = {
            let mut books = self.books.lock().unwrap();
            books.polls += usize::from(asked.wait_s > 0);
            books.pulls += 1;
            // A mark is a write like any other: it moves the head.
            let marked: u64 = books.marks.iter().map(|mark| mark.sequence).sum();
            (std::mem::take(&mut books.erases), marked)
        };
        let page = pb::Page {
            circle: CIRCLE,
            erased,
            head: marked,
            cursor: b"here".to_vec().into(),
            at_head: true,
            granted: every_cell(),
            complete: vec![1, 2, 3],
            role: meta::Role::Patient.into(),
            ..Default::default()
        };
        let page = pb::PullResponse { epoch: 1, event: Some(pb::pull_response::Event::Page(page)) };
        let pages = tokio_stream::once(Ok(page));
        if asked.live {
            return Ok(Response::new(Box::pin(tokio_stream::StreamExt::chain(pages, tokio_stream::pending()))));
        }
        Ok(Response::new(Box::pin(pages)))
    }

    async fn rebase(&self, _: Request<pb::RebaseRequest>) -> Result<Response<pb::RebaseResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn offer(&self, _: Request<pb::OfferRequest>) -> Result<Response<pb::OfferResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_feed(&self, _: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl SeenService for StandIn {
    async fn mark_seen(&self, _: Request<MarkSeenRequest>) -> Result<Response<MarkSeenResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_seen(&self, _: Request<ListSeenRequest>) -> Result<Response<ListSeenResponse>, Status> {
        let seen = self.books.lock().unwrap().marks.clone();
        Ok(Response::new(ListSeenResponse { seen, sequence: 0 }))
    }
}

#[tonic::async_trait]
impl WakeService for StandIn {
    async fn get_wake(&self, _: Request<GetWakeRequest>) -> Result<Response<GetWakeResponse>, Status> {
        let registered = self.books.lock().unwrap().wake.is_some();
        Ok(Response::new(GetWakeResponse { registered, ..Default::default() }))
    }

    async fn set_wake(&self, request: Request<SetWakeRequest>) -> Result<Response<SetWakeResponse>, Status> {
        let mut books = self.books.lock().unwrap();
        books.wakes_set += 1;
        if books.wake_refused {
            return Err(Status::invalid_argument("no such host"));
        }
        books.wake = Some(request.into_inner().endpoint).filter(|endpoint| !endpoint.is_empty());
        Ok(Response::new(SetWakeResponse {}))
    }
}
