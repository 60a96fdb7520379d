//! Something in between that speaks HTTP/2 itself, as a clinic's proxy does, and does it badly: it loses questions, hands
//! them over twice at the same time, loses answers, and is late. What it does comes from a seed; [`Middlebox::calm`] ends it.
//! Connections are cut by [`crate::chaos::Relay`], which may stand before it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::Result;
use axum::{Router, body::Body, extract::State, response::Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Status,
    codegen::Service,
    service::Routes,
    transport::{Channel, Identity, Server, ServerTlsConfig},
};

/// What was done to calls.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Done {
    pub lost: u64,
    pub twice: u64,
    pub unheard: u64,
    pub late: u64,
}

#[derive(Default)]
struct Counts {
    lost: AtomicU64,
    twice: AtomicU64,
    unheard: AtomicU64,
    late: AtomicU64,
}

struct Between {
    server: Channel,
    rough: AtomicBool,
    dice: AtomicU64,
    counts: Counts,
}

pub struct Middlebox {
    port: u16,
    ca_pem: Vec<u8>,
    between: Arc<Between>,
    task: JoinHandle<()>,
}

impl Middlebox {
    /// In front of the server that `server` leads to.
    pub async fn start(server: Channel, seed: u64) -> Result<Self> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let ca_pem = made.cert.pem();
        let identity = Identity::from_pem(&ca_pem, made.signing_key.serialize_pem());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let between =
            Between { server, rough: AtomicBool::new(true), dice: AtomicU64::new(seed), counts: Counts::default() };
        let between = Arc::new(between);
        let routes = Routes::from(Router::new().fallback(pass).with_state(Arc::clone(&between)));
        let server = Server::builder().tls_config(ServerTlsConfig::new().identity(identity))?.add_routes(routes);
        let task = tokio::spawn(async move {
            let _ = server.serve_with_incoming(TcpListenerStream::new(listener)).await;
        });
        Ok(Self { port, ca_pem: ca_pem.into_bytes(), between, task })
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The authority that it shows.
    pub fn ca(&self) -> &[u8] {
        &self.ca_pem
    }

    /// From now on it hands everything through.
    pub fn calm(&self) {
        self.between.rough.store(false, Relaxed);
    }

    pub fn done(&self) -> Done {
        let Counts { lost, twice, unheard, late } = &self.between.counts;
        let of = |count: &AtomicU64| count.load(Relaxed);
        Done { lost: of(lost), twice: of(twice), unheard: of(unheard), late: of(late) }
    }
}

impl Drop for Middlebox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Between {
    fn below(&self, n: u64) -> u64 {
        let step =
            |dice: u64| Some(dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        let before = self.dice.fetch_update(Relaxed, Relaxed, step).unwrap_or_default();
        (before >> 33) % n
    }

    async fn hand_over(&self, parts: &http::request::Parts, body: Bytes) -> Response<Body> {
        let mut request = http::Request::from_parts(parts.clone(), tonic::body::Body::new(Full::new(body)));
        // Where it goes the channel knows.
        let path = request.uri().path().parse();
        *request.uri_mut() = path.unwrap_or_default();
        let mut server = self.server.clone();
        let ready = std::future::poll_fn(|context| server.poll_ready(context)).await;
        match ready {
            Ok(()) => match server.call(request).await {
                Ok(answer) => answer.map(Body::new),
                Err(_) => nothing(),
            },
            Err(_) => nothing(),
        }
    }
}

fn nothing() -> Response<Body> {
    Status::unavailable("nobody answered").into_http()
}

async fn pass(State(between): State<Arc<Between>>, request: axum::extract::Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return nothing() };
    let body = body.to_bytes();
    let fate = if between.rough.load(Relaxed) { between.below(100) } else { 100 };
    let counts = &between.counts;
    match fate {
        0..8 => {
            counts.lost.fetch_add(1, Relaxed);
            nothing()
        }
        8..20 => {
            counts.twice.fetch_add(1, Relaxed);
            let (first, second) =
                tokio::join!(between.hand_over(&parts, body.clone()), between.hand_over(&parts, body.clone()));
            drop(first);
            second
        }
        20..30 => {
            counts.unheard.fetch_add(1, Relaxed);
            drop(between.hand_over(&parts, body).await);
            nothing()
        }
        30..45 => {
            counts.late.fetch_add(1, Relaxed);
            tokio::time::sleep(Duration::from_millis(between.below(1_200))).await;
            between.hand_over(&parts, body).await
        }
        _ => between.hand_over(&parts, body).await,
    }
}
