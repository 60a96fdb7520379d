//! Connections: accepted one by one within a bound, TLS within five seconds, then HTTP/2 or HTTP/1.1 as ALPN says. One task
//! each, small buffers: ten thousand of them are idle most of the time.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::transport::server::TcpConnectInfo;
use tower::ServiceExt;

use crate::{
    layers::Peer,
    limits::{
        CONNECTION_AGE_S, CONNECTIONS, CONNECTIONS_PER_ADDRESS, HANDSHAKE_MS, HEADER_BYTES, STREAMS_PER_CONNECTION,
    },
    telemetry::names,
};

/// After a failed accept, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Time for the headers of an HTTP/1.1 request, and between two requests.
const HTTP1_HEADERS: Duration = Duration::from_secs(15);
const KEEPALIVE: Duration = Duration::from_secs(20);
/// What one stream may hold of answers that its reader does not take.
const SEND_BUFFER: usize = 64 * 1024;
/// What a connection and a stream may send before it is read here.
const WINDOW: u32 = 256 * 1024;

/// How the server goes down: first `stop` (end by yourselves), then `cut`.
#[derive(Clone, Default)]
pub struct Down {
    pub stop: CancellationToken,
    pub cut: CancellationToken,
}

/// Accepts until `stop`, then closes the port.
pub async fn run(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    app: Router,
    down: Down,
    connections: TaskTracker,
) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS.usize()));
    let addresses = Arc::new(Addresses::default());
    let acceptor = tls.map(TlsAcceptor::from);
    let next = async || {
        // A slot first: what cannot be served waits in the kernel's queue, which is bounded too.
        let slot = Arc::clone(&slots).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((tcp, peer)) => return Some((tcp, peer, slot)),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    while let Some(Some((tcp, peer, slot))) = down.stop.run_until_cancelled(next()).await {
        let Some(place) = Addresses::enter(&addresses, peer) else {
            metrics::counter!(names::HANDSHAKES, "result" => "too_many").increment(1);
            continue;
        };
        let held = Held { _slot: slot, _place: place, _count: Counted::new() };
        connections.spawn(connection(tcp, peer, acceptor.clone(), app.clone(), down.clone(), held));
    }
}

/// What a connection gives back when it ends.
struct Held {
    _slot: OwnedSemaphorePermit,
    _place: Place,
    _count: Counted,
}

struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!(names::CONNECTIONS).increment(1.0);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(names::CONNECTIONS).decrement(1.0);
    }
}

/// Connections per network.
#[derive(Default)]
struct Addresses(Mutex<HashMap<u64, u64>>);

struct Place {
    addresses: Arc<Addresses>,
    network: u64,
}

impl Addresses {
    fn enter(this: &Arc<Self>, peer: SocketAddr) -> Option<Place> {
        let network = Peer(peer).network();
        let mut held = this.0.lock().unwrap_or_else(PoisonError::into_inner);
        let n = held.entry(network).or_default();
        if *n >= CONNECTIONS_PER_ADDRESS.max {
            return None;
        }
        *n += 1;
        Some(Place { addresses: Arc::clone(this), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = held.get_mut(&self.network) {
            *n -= 1;
            if *n == 0 {
                held.remove(&self.network);
            }
        }
    }
}

async fn connection(
    tcp: TcpStream,
    peer: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    app: Router,
    down: Down,
    _held: Held,
) {
    let _ = tcp.set_nodelay(true);
    let local = tcp.local_addr().ok();
    let builder = auto::Builder::new(TokioExecutor::new());
    match acceptor {
        None => serve_io(tcp, peer, local, app, builder, down).await,
        Some(acceptor) => {
            let handshake = tokio::time::timeout(HANDSHAKE_MS.duration(), Box::pin(acceptor.accept(tcp)));
            let result = match handshake.await {
                Ok(Ok(io)) => {
                    metrics::counter!(names::HANDSHAKES, "result" => "accepted").increment(1);
                    // No ALPN: an old client of HTTP/1.1. The protocol is never guessed from the first bytes.
                    let h2 = io.get_ref().1.alpn_protocol() == Some(b"h2");
                    let builder = if h2 { builder.http2_only() } else { builder.http1_only() };
                    // On the heap: the futures around it would each have room for a session of their own.
                    return serve_io(Box::new(io), peer, local, app, builder, down).await;
                }
                Ok(Err(_)) => "failed",
                Err(_) => "timeout",
            };
            metrics::counter!(names::HANDSHAKES, "result" => result).increment(1);
        }
    }
}

/// Serves one connection to its end. Whatever carries bytes will do, so that a simulated network can stand in for TCP.
pub async fn serve_io<IO>(
    io: IO,
    peer: SocketAddr,
    local: Option<SocketAddr>,
    app: Router,
    mut builder: auto::Builder<TokioExecutor>,
    down: Down,
) where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // A little more than the limit: what is over it gets a status of ours, what is far over it hyper's 431.
    let header_bytes = 4 * HEADER_BYTES.u32();
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION.u32())
        .max_header_list_size(header_bytes)
        .max_send_buf_size(SEND_BUFFER)
        .initial_connection_window_size(WINDOW)
        .initial_stream_window_size(WINDOW)
        .keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE);
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HTTP1_HEADERS).max_buf_size(header_bytes as usize);
    let service = app.map_request(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(TcpConnectInfo { local_addr: local, remote_addr: Some(peer) });
        request.map(axum::body::Body::new)
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(service)));
    let age = CONNECTION_AGE_S.duration();
    let gone = async {
        tokio::select! {
            () = tokio::time::sleep(age) => {}
            () = down.stop.cancelled() => {}
        }
    };
    tokio::select! {
        result = connection.as_mut() => return note(result),
        () = down.cut.cancelled() => return,
        () = gone => {}
    }
    // Tells the other side to go elsewhere; open calls and streams run on.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        result = connection.as_mut() => note(result),
        () = down.cut.cancelled() => {}
    }
}

fn note(result: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = result {
        // The text is hyper's: it names what broke, never what was sent.
        tracing::debug!(%error, "a connection ended badly");
    }
}
