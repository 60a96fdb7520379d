//! The loopback port: `/metrics` in the Prometheus text format, `/ready` for whoever sends calls here.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use super::Ready;
use crate::{live::Hub, telemetry::names};

/// How long the readiness check waits for the store.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn router(
    metrics: PrometheusHandle,
    ready: Arc<dyn Ready>,
    hub: Arc<Hub>,
    stop: CancellationToken,
) -> Router {
    let render = move || {
        metrics::gauge!(names::CIRCLES).set(hub.counts().circles as f64);
        metrics.run_upkeep();
        let text = metrics.render();
        std::future::ready(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
    };
    let answer = move || {
        let (ready, stop) = (Arc::clone(&ready), stop.clone());
        async move {
            if stop.is_cancelled() {
                return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
            }
            match tokio::time::timeout(PATIENCE, ready.ready()).await {
                Ok(Ok(())) => (StatusCode::OK, "ready\n").into_response(),
                Ok(Err(why)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
                Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response(),
            }
        }
    };
    Router::new().route("/metrics", get(render)).route("/ready", get(answer))
}
