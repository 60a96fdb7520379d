//! Puts the server together: one public port for gRPC, grpc-web and the pages, one loopback port for metrics and readiness,
//! and the way down. [`start`] takes the services as they are and knows no use case.
//!
//! Going down (SIGTERM, SIGINT): health says NOT_SERVING, the port closes, streams end with UNAVAILABLE and the cursor that
//! they sent last, calls run to their end, the caller closes the store; after ten seconds whatever is left is cut.

pub mod accept;
mod admin;
mod ready;
mod rules_health;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    extract::Request,
    http::header,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;
use tonic_health::{ServingStatus, server::HealthReporter};
use tonic_web::GrpcWebLayer;

pub use ready::Ready;

use crate::{
    app::App,
    clock::Clock,
    config::Config,
    error::{Error, Reason},
    ids::Ids,
    layers::{
        Authenticator,
        cookie::OwnOrigins,
        gate::{self, Gate},
        methods::Methods,
        origin::{self, Origins},
        rate::Rates,
        remap,
        share::Shares,
    },
    limits::{CALLS_IN_FLIGHT, DRAIN_S, OPEN_MESSAGE_BYTES},
    live::Hub,
    tls, web,
};

/// Connections that wait to be accepted: after an outage thousands of phones come back at once.
const BACKLOG: u32 = 4_096;

/// What the port serves.
pub struct House {
    /// Our services, without health and reflection.
    pub services: Routes,
    pub authenticator: Arc<dyn Authenticator>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub hub: Arc<Hub>,
    pub ready: Arc<dyn Ready>,
    pub metrics: PrometheusHandle,
    /// The use cases behind the pages; none where only the transport is looked at.
    pub browser: Option<Arc<App>>,
}

/// A server that runs. Dropping it does not stop it: call [`Running::stop`].
pub struct Running {
    pub address: SocketAddr,
    pub metrics_address: SocketAddr,
    /// Plain http, in a demo.
    pub http_address: Option<SocketAddr>,
    /// Where people sign in, if there are pages.
    pub sign_in: Option<String>,
    health: HealthReporter,
    names: Vec<String>,
    hub: Arc<Hub>,
    down: accept::Down,
    connections: TaskTracker,
}

/// Binds the ports and serves until [`Running::stop`].
pub async fn start(config: &Config, house: House) -> anyhow::Result<Running> {
    let files = tls::ensure(&config.tls, &config.data, house.clock.now_ms())?;
    let tls = tls::server_config(&files, config.tls12)?;
    let Listeners { public: listener, metrics: metrics_listener, http: http_listener } = listeners(config)?;

    let down = accept::Down::default();
    let methods = Methods::read(osteon_proto::FILE_DESCRIPTOR_SET)?;
    let mut names: Vec<String> = methods.services().map(str::to_owned).collect();
    names.push(String::new());
    let (health, health_service) = tonic_health::server::health_reporter();
    for name in &names {
        health.set_service_status(name, ServingStatus::Serving).await;
    }
    let health_service = health_service.max_decoding_message_size(OPEN_MESSAGE_BYTES.usize());
    let routes = house.services.add_service(health_service);
    let routes = reflection(routes)?;
    let place = web::Place::of(config, listener.local_addr()?, http_listener.as_ref().map(TcpListener::local_addr))?;
    let gate = Arc::new(Gate {
        methods,
        rates: Rates::new(config.rate_limits),
        shares: config.rate_limits.then(|| Shares::new(&CALLS_IN_FLIGHT)),
        authenticator: house.authenticator,
        own: OwnOrigins::new(&place.origins),
        clock: house.clock,
        ids: house.ids,
        stop: down.stop.clone(),
    });
    let mut pages = web::router(config);
    let sign_in = house.browser.is_some().then(|| place.sign_in());
    let front = house.browser.is_some().then(|| web::Front::of(&place));
    if let Some(app) = &house.browser {
        tokio::spawn(rules_health::tell(health.clone(), app.care.refused(), down.stop.clone()));
    }
    if let Some(app) = house.browser {
        pages = pages.merge(web::browser(config, app, Arc::clone(&gate), place)?);
    }
    let app = public(routes, gate, &Origins::new(&config.cors_origins), pages, front);

    let connections = TaskTracker::new();
    let running = Running {
        address: listener.local_addr()?,
        metrics_address: metrics_listener.local_addr()?,
        http_address: http_listener.as_ref().map(TcpListener::local_addr).transpose()?,
        health,
        sign_in,
        names,
        hub: house.hub,
        down: down.clone(),
        connections: connections.clone(),
    };
    let spawn = |listener, tls, app| tokio::spawn(accept::run(listener, tls, app, down.clone(), connections.clone()));
    spawn(listener, Some(tls), app.clone());
    if let Some(listener) = http_listener {
        spawn(listener, None, app);
    }
    let hub = Arc::clone(&running.hub);
    spawn(metrics_listener, None, admin::router(house.metrics, house.ready, hub, down.stop.clone()));
    Ok(running)
}

/// What a server listens on.
pub struct Listeners {
    public: TcpListener,
    metrics: TcpListener,
    http: Option<TcpListener>,
}

/// All of its addresses, or which one is taken. Also to ask before something that takes a while is done for them.
pub fn listeners(config: &Config) -> anyhow::Result<Listeners> {
    Ok(Listeners {
        public: bind(config.listen, "--listen")?,
        metrics: bind(config.metrics_listen, "--metrics-listen")?,
        http: config.http_listen.map(|address| bind(address, "--http-listen")).transpose()?,
    })
}

/// `setting` names another address: whoever starts a second server is told which one is taken.
fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A restarted server takes its port back at once.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bound().with_context(|| format!("cannot listen on {address}; {setting} names another address"))
}

/// The gRPC routes inside their layers, beside the pages. Layers wrap the gRPC routes alone.
fn public(routes: Routes, gate: Arc<Gate>, origins: &Arc<Origins>, pages: Router, front: Option<web::Front>) -> Router {
    let grpc = routes
        .into_axum_router()
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&gate), gate::gate))
        .layer(GrpcWebLayer::new())
        .layer(axum::middleware::from_fn_with_state((Arc::clone(origins), gate), origin::guard))
        .layer(origins.cors());
    grpc.merge(pages).fallback(move |request: Request| std::future::ready(otherwise(front, &request)))
}

/// What no route answers: an address of the portal, or nothing.
fn otherwise(front: Option<web::Front>, request: &Request) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc")) {
        return remap::into_response(Error::new(Reason::Unsupported));
    }
    if let Some(answer) = front.and_then(|front| front.answer(request)) {
        return answer;
    }
    (axum::http::StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}

/// Reflection in both versions: grpcurl and Python's client speak the older one. The google.rpc details are registered, so
/// that clients print them.
fn reflection(routes: Routes) -> anyhow::Result<Routes> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(osteon_proto::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
    };
    let limit = OPEN_MESSAGE_BYTES.usize();
    // Each registers itself; each lists the other too.
    let (set_v1, set_v1alpha) =
        (tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET, tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET);
    let v1 = builder()
        .register_encoded_file_descriptor_set(set_v1alpha)
        .build_v1()
        .context("reflection")?
        .max_decoding_message_size(limit);
    let v1alpha = builder()
        .register_encoded_file_descriptor_set(set_v1)
        .build_v1alpha()
        .context("reflection")?
        .max_decoding_message_size(limit);
    Ok(routes.add_service(v1).add_service(v1alpha))
}

impl Running {
    /// A token that is cancelled when the server begins to go down.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.down.stop.clone()
    }

    /// Drains and returns whether everything ended by itself. The store is closed by the caller, after this.
    pub async fn stop(self) -> bool {
        for name in &self.names {
            self.health.set_service_status(name, ServingStatus::NotServing).await;
        }
        self.down.stop.cancel();
        self.hub.drain();
        self.connections.close();
        let drained = tokio::time::timeout(DRAIN_S.duration(), self.connections.wait()).await.is_ok();
        if !drained {
            tracing::warn!(left = self.connections.len(), "cutting connections that did not end");
            self.down.cut.cancel();
            let _ = tokio::time::timeout(Duration::from_secs(1), self.connections.wait()).await;
        }
        drained
    }
}

/// Waits for SIGTERM or SIGINT. A second one ends the process at once.
pub async fn signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        std::process::exit(130);
    });
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
