//! The pages on the public port: one that says what this is, the development authority's certificate, and the sign-in of
//! browsers ([`desk`]) until the portal replaces its page.

mod answer;
mod desk;
mod hospital;
mod pages;
#[cfg(feature = "passkeys")]
mod passkeys;
mod place;

use std::path::PathBuf;

use axum::{
    Router,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

pub use self::{desk::browser, place::Place};
use crate::{
    config::{Config, TlsSource, is_demo},
    tls,
};

/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
const PAGE: &str = include_str!("index.html");
const DEMO_PAGE: &str = include_str!("demo.html");

/// The pages that everybody may see, without a fallback of their own.
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
