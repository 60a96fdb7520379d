//! The pages on the public port: for now one that says what this is, and the development authority's certificate.

use std::path::PathBuf;

use axum::{
    Router,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::{
    config::{Config, TlsSource, is_demo},
    tls,
};

const PAGE: &str = include_str!("index.html");
const DEMO_PAGE: &str = include_str!("demo.html");

/// The pages, without a fallback of their own.
pub fn router(config: &Config) -> Router {
    let demo = is_demo(&config.data);
    let page = if demo { DEMO_PAGE } else { PAGE };
    let security = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let router = Router::new().route("/", get(move || std::future::ready((security, Html(page)))));
    match (&config.tls, demo) {
        (TlsSource::Development { .. }, true) => {
            let ca = tls::files(&config.tls, &config.data).ca.unwrap_or_default();
            router.route("/ca.pem", get(move || certificate(ca.clone())))
        }
        _ => router,
    }
}

async fn certificate(path: PathBuf) -> Response {
    match tokio::fs::read(path).await {
        Ok(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
