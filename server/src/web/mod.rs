//! The pages on the public port: one that says what this is, the development authority's certificate, and the sign-in of
//! browsers ([`desk`]), and the portal where the binary was built with it.

mod answer;
mod demo;
mod desk;
mod hospital;
mod pages;
#[cfg(feature = "passkeys")]
mod passkeys;
mod place;
pub(crate) mod portal;

use std::path::PathBuf;

use axum::{
    Router,
    extract::Request,
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
    let mut router = Router::new();
    if !portal::is_there() {
        router = router.route("/", get(move || std::future::ready((security, Html(page)))));
    }
    match (&config.tls, demo) {
        (TlsSource::Development { .. }, true) => {
            let ca = tls::files(&config.tls, &config.data).ca.unwrap_or_default();
            router.route("/ca.pem", get(move || certificate(ca.clone())))
        }
        _ => router,
    }
}

/// The portal, for whatever no route answers.
#[derive(Clone, Copy)]
pub struct Front(pages::Headers);

impl Front {
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self(pages::Headers::of(place))
    }

    /// `None`: it is no address of the portal, or there is none in this binary.
    #[must_use]
    pub fn answer(self, request: &Request) -> Option<Response> {
        portal::answer(request).map(|answer| self.0.on(answer))
    }
}

async fn certificate(path: PathBuf) -> Response {
    match tokio::fs::read(path).await {
        Ok(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
