//! Which web pages may call. The portal is served from this very origin and needs no permission; other sites only if the
//! operator named them. Everything else is refused here, also where a browser would not have asked first.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use std::{sync::Arc, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{gate::Gate, remap};
use crate::error::{Error, Reason};

/// The origins that may call, beside our own.
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// Origins that are no valid header are left out; the settings have checked them.
    #[must_use]
    pub fn new(origins: &[String]) -> Arc<Self> {
        Arc::new(Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect()))
    }

    /// Answers preflights and lets pages of these origins read the answers.
    pub fn cors(&self) -> CorsLayer {
        let names = |list: &[&'static str]| list.iter().copied().map(HeaderName::from_static).collect::<Vec<_>>();
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_methods([Method::POST])
            .allow_headers(names(&["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout", "authorization"]))
            .expose_headers(names(&["grpc-status", "grpc-message", "grpc-status-details-bin", "x-request-id"]))
            .max_age(Duration::from_secs(600))
    }

    fn allows(&self, request: &Request) -> bool {
        let mut origins = request.headers().get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else { return true };
        if origins.next().is_some() {
            return false;
        }
        let host = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        let host = host.or_else(|| request.headers().get(header::HOST).map(HeaderValue::as_bytes));
        let origin_host =
            origin.as_bytes().splitn(2, |byte| *byte == b':').nth(1).and_then(|rest| rest.strip_prefix(b"//"));
        (host.is_some() && origin_host == host) || self.0.contains(origin)
    }
}

/// Refuses calls from pages of other sites, whatever they bring: neither token nor cookie is looked at. It is on record like
/// every refusal.
pub async fn guard(State((origins, gate)): State<(Arc<Origins>, Arc<Gate>)>, request: Request, next: Next) -> Response {
    if origins.allows(&request) {
        return next.run(request).await;
    }
    let method = gate.methods.get(request.uri().path());
    gate.authenticator.denied(None, None, method.path, Reason::CrossSite);
    let mut refused: Response<Body> = remap::into_response(Error::new(Reason::CrossSite));
    *refused.status_mut() = StatusCode::FORBIDDEN;
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origin: Option<&str>, allow: &[&str]) -> bool {
        let mut request = Request::builder().uri("https://osteon.example:8443/a.B/C");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let allow: Vec<String> = allow.iter().map(|&origin| origin.to_owned()).collect();
        Origins::new(&allow).allows(&request.body(Body::empty()).expect("a request"))
    }

    #[test]
    fn no_origin_our_own_and_those_that_were_named() {
        assert!(allowed(None, &[]));
        assert!(allowed(Some("https://osteon.example:8443"), &[]));
        assert!(allowed(Some("https://portal.example"), &["https://portal.example"]));
        for foreign in
            ["https://evil.example", "null", "https://osteon.example", "https://osteon.example:8443.evil.example"]
        {
            assert!(!allowed(Some(foreign), &["https://portal.example"]), "{foreign}");
        }
    }
}
