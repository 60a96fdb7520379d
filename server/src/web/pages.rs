//! The sign-in page, the page that says who is signed in, their script and style; and the headers that all of it has.

use axum::{
    Router,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderName, HeaderValue, header};

use super::{Place, SIGN_IN, answer, portal};
use crate::error::Error;

/// Who is signed in.
const ME: &str = "/me";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";
const FEATURES: &str = "publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(), \
    microphone=(), geolocation=(), payment=(), usb=()";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (HeaderName::from_static("permissions-policy"), FEATURES),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The headers of this place.
#[derive(Clone, Copy)]
pub(super) struct Headers {
    /// Only ever over TLS from now on; not for the names that a machine has for itself.
    strict: bool,
}

impl Headers {
    pub(super) fn of(place: &Place) -> Self {
        let origin = place.origin();
        Self { strict: origin.starts_with("https://") && !origin.starts_with("https://localhost") }
    }

    pub(super) fn on(self, mut answer: Response) -> Response {
        for (name, value) in HEADERS {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        // What may be kept says so itself.
        answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if self.strict {
            let year = HeaderValue::from_static("max-age=31536000");
            answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
        answer
    }
}

pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let file = |kind: &'static str, text: &'static str| {
        get(move || std::future::ready(([(header::CONTENT_TYPE, kind)], text)))
    };
    Router::new()
        .route(SIGN_IN, get(|| std::future::ready(Html(include_str!("sign-in.html")))))
        .route(ME, get(|| std::future::ready(Html(include_str!("me.html")))))
        .route("/web/sign-in.js", file("text/javascript; charset=utf-8", include_str!("sign-in.js")))
        .route("/web/style.css", file("text/css; charset=utf-8", include_str!("style.css")))
}

/// Where one goes who has signed in, from the root: the portal, or who one is.
pub(super) fn home() -> &'static str {
    if portal::is_there() { "" } else { "me" }
}

/// A sign-in at the hospital that came to nothing, for people.
pub(super) fn refused(error: &Error) -> Response {
    let page = include_str!("refused.html").replace("REASON", error.reason().text());
    (answer::status(error.reason()), Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    fn place(origin: &str) -> Place {
        Place { origins: vec![origin.to_owned()], domain: "osteon.example".to_owned() }
    }

    #[tokio::test]
    async fn every_page_has_its_headers() {
        let headers = Headers::of(&place("https://osteon.example"));
        let layer = axum::middleware::map_response(move |answer: Response| std::future::ready(headers.on(answer)));
        let router: Router = router().layer(layer);
        for path in [SIGN_IN, ME, "/web/sign-in.js", "/web/style.css"] {
            let request = http::Request::get(path).body(Body::empty()).expect("a request");
            let answer = router.clone().oneshot(request).await.expect("an answer");
            assert!(answer.status().is_success(), "{path}");
            let header =
                |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let policy = header("content-security-policy");
            assert_eq!(policy, POLICY);
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "font-src 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {part}");
            }
            assert!(!policy.contains("unsafe"), "{path}");
            assert!(header("strict-transport-security").starts_with("max-age="));
            assert_eq!((header("x-content-type-options"), header("referrer-policy")), ("nosniff", "no-referrer"));
            assert_eq!((header("cross-origin-resource-policy"), header("cache-control")), ("same-origin", "no-store"));
        }
        let local = Headers::of(&place("https://localhost:8443")).on(Response::default());
        assert!(
            local.headers().get("strict-transport-security").is_none(),
            "a machine's own name serves other things too"
        );
    }

    #[test]
    fn pages_hold_no_script_and_no_style_of_their_own() {
        for page in [include_str!("sign-in.html"), include_str!("me.html"), include_str!("refused.html")] {
            assert!(
                page.matches("<script").count()
                    == page.matches("<script src=\"web/sign-in.js\" defer></script>").count()
            );
            assert!(!page.contains("style=") && !page.contains("<style") && !page.contains(" onclick"));
            assert!(!page.contains("http:") && !page.contains("https:"), "nothing of another host");
        }
        let script = include_str!("sign-in.js");
        for word in ["innerHTML", "eval(", "localStorage", "sessionStorage", "document.cookie", "http:", "https:"] {
            assert!(!script.contains(word), "{word}");
        }
    }
}
