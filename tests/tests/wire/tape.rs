//! Hello, Push and Pull as bytes, with what a server answered: recorded from one, played back as one.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
};

use osteon_proto::sync::{
    self as pb,
    sync_service_server::{SyncService, SyncServiceServer},
};
use prost::Message;
use serde_json::{Value, json};
use tokio_stream::{Stream, wrappers::TcpListenerStream};
use tonic::{
    Request, Response, Status,
    transport::{Identity, Server, ServerTlsConfig},
};

/// A field that no version has yet: number 1999, the text "newer".
pub(crate) const NEWER_FIELD: &[u8] = b"\xfa\x7c\x05newer";

/// A request as it was sent.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) message: Vec<u8>,
}

impl Asked {
    pub(crate) fn of(method: &'static str, message: &impl Message) -> Self {
        Self { method, message: message.encode_to_vec() }
    }

    fn from_json(kept: &Value) -> Self {
        let methods = ["Hello", "Push", "Pull"];
        let method = methods.into_iter().find(|method| kept[0] == *method).expect("a method");
        Self { method, message: bytes(&kept[1]) }
    }

    /// The first recording has no requests, but what was pushed.
    fn of_changes(first: usize, replica: u32, sent: &[Vec<u8>]) -> Self {
        let request = pb::PushRequest {
            circle: 1,
            epoch: 1,
            replica,
            first_counter: first as u64,
            field_table_version: 1,
            ..Default::default()
        };
        let mut asked = Self::of("Push", &request);
        for change in sent {
            prost::encoding::bytes::encode(7, change, &mut asked.message);
        }
        asked
    }
}

/// What was asked, in order, and what was said, each in the order of its kind.
#[derive(Clone, Default)]
pub(crate) struct Tape {
    pub(crate) asked: Vec<Asked>,
    pub(crate) hellos: Vec<Vec<u8>>,
    /// With the changes that were sent: today's phone sends the same.
    pub(crate) pushes: Vec<(Vec<Vec<u8>>, Vec<u8>)>,
    /// The messages of each pull.
    pub(crate) pulls: Vec<Vec<Vec<u8>>>,
}

pub(crate) fn changes(request: &pb::PushRequest) -> Vec<Vec<u8>> {
    request.changes.iter().map(Message::encode_to_vec).collect()
}

fn bytes(text: &Value) -> Vec<u8> {
    hex::decode(text.as_str().expect("text")).expect("hex")
}

fn list(of: &Value) -> Vec<Vec<u8>> {
    of.as_array().expect("a list").iter().map(bytes).collect()
}

impl Tape {
    pub(crate) fn to_json(&self) -> Value {
        let hex = |all: &[Vec<u8>]| all.iter().map(hex::encode).collect::<Vec<_>>();
        json!({
            "asked": self.asked.iter().map(|asked| json!([asked.method, hex::encode(&asked.message)])).collect::<Vec<_>>(),
            "hellos": hex(&self.hellos),
            "pushes": self.pushes.iter().map(|(sent, said)| json!([hex(sent), hex::encode(said)])).collect::<Vec<_>>(),
            "pulls": self.pulls.iter().map(|messages| hex(messages)).collect::<Vec<_>>(),
        })
    }

    /// `urgent`: the number of the recorded phone's urgent lane.
    pub(crate) fn from_json(kept: &Value, urgent: u32) -> Self {
        let all = |name: &str| kept[name].as_array().expect("a list").clone();
        let pushes: Vec<_> = all("pushes").iter().map(|push| (list(&push[0]), bytes(&push[1]))).collect();
        let asked = match kept["asked"].as_array() {
            Some(asked) => asked.iter().map(Asked::from_json).collect(),
            None => {
                let before = |n: usize| pushes[..n].iter().map(|(sent, _)| sent.len()).sum::<usize>();
                let each = pushes.iter().enumerate();
                each.map(|(n, (sent, _))| Asked::of_changes(before(n) + 1, urgent, sent)).collect()
            }
        };
        Self { asked, hellos: list(&kept["hellos"]), pushes, pulls: all("pulls").iter().map(list).collect() }
    }

    /// The same with a field of a newer version in every message, and a kind of event that there is not yet between pages.
    pub(crate) fn as_of_a_newer_server(&self) -> Self {
        let newer = |message: &Vec<u8>| [message, NEWER_FIELD].concat();
        let between = |message: &Vec<u8>| [NEWER_FIELD.to_vec(), newer(message)];
        Self {
            asked: self.asked.clone(),
            hellos: self.hellos.iter().map(newer).collect(),
            pushes: self.pushes.iter().map(|(sent, said)| (sent.clone(), newer(said))).collect(),
            pulls: self.pulls.iter().map(|messages| messages.iter().flat_map(between).collect()).collect(),
        }
    }
}

/// Says again what was said.
pub(crate) struct Player {
    hellos: VecDeque<Vec<u8>>,
    pushes: Vec<(Vec<Vec<u8>>, Vec<u8>)>,
    pulls: VecDeque<Vec<Vec<u8>>>,
}

impl Player {
    pub(crate) fn of(tape: Tape) -> Self {
        Self { hellos: tape.hellos.into(), pushes: tape.pushes, pulls: tape.pulls.into() }
    }

    /// What was not asked for: hellos, pushes, pulls.
    pub(crate) fn left(&self) -> [usize; 3] {
        [self.hellos.len(), self.pushes.len(), self.pulls.len()]
    }
}

fn more() -> Status {
    Status::failed_precondition("asked for more, or for something else, than was recorded")
}

fn read<M: Message + Default>(bytes: &[u8]) -> Result<M, Status> {
    M::decode(bytes).map_err(|error| Status::internal(error.to_string()))
}

/// A player as a service.
pub(crate) struct Playing(pub(crate) Mutex<Player>);

pub(crate) type Messages = Pin<Box<dyn Stream<Item = Result<pb::PullResponse, Status>> + Send>>;

#[tonic::async_trait]
impl SyncService for Playing {
    async fn hello(&self, _: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        let said = self.0.lock().expect("player").hellos.pop_front().ok_or_else(more)?;
        Ok(Response::new(read(&said)?))
    }

    async fn push(&self, request: Request<pb::PushRequest>) -> Result<Response<pb::PushResponse>, Status> {
        let sent = changes(request.get_ref());
        let mut player = self.0.lock().expect("player");
        let known = player.pushes.iter().position(|(as_sent, _)| *as_sent == sent).ok_or_else(more)?;
        let (_, said) = player.pushes.remove(known);
        Ok(Response::new(read(&said)?))
    }

    type PullStream = Messages;

    async fn pull(&self, _: Request<pb::PullRequest>) -> Result<Response<Messages>, Status> {
        let said = self.0.lock().expect("player").pulls.pop_front().ok_or_else(more)?;
        let messages: Vec<_> = said.iter().map(|message| read(message)).collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(messages))))
    }

    async fn rebase(&self, _: Request<pb::RebaseRequest>) -> Result<Response<pb::RebaseResponse>, Status> {
        Err(more())
    }

    async fn offer(&self, _: Request<pb::OfferRequest>) -> Result<Response<pb::OfferResponse>, Status> {
        Err(more())
    }

    async fn list_feed(&self, _: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        Err(more())
    }
}

/// Behind TLS and HTTP/2. Returns its address and its authority.
pub(crate) async fn serve<S: SyncService>(service: Arc<S>) -> (String, Vec<u8>) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("certificate");
    let ca_pem = made.cert.pem();
    let identity = Identity::from_pem(&ca_pem, made.signing_key.serialize_pem());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = format!("https://localhost:{}", listener.local_addr().expect("address").port());
    let mut tls = Server::builder().tls_config(ServerTlsConfig::new().identity(identity)).expect("tls");
    let routes = tls.add_service(SyncServiceServer::from_arc(service));
    tokio::spawn(routes.serve_with_incoming(TcpListenerStream::new(listener)));
    (server, ca_pem.into_bytes())
}
