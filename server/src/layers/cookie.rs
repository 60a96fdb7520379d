//! Cookies of browsers. A browser sends them with whatever it is made to send, so a call that brings one has to show that
//! a page of ours made it: a header that no form and no foreign script can set without being asked (CORS), and what the
//! browser itself says of where the call comes from (Origin, Fetch Metadata).

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// `__Host-`: this host alone, TLS, no path of its own; nothing that another host or plain http could set.
pub const SESSION: &str = "__Host-osteon";
/// Set by our pages on every call: `1`, or [`REFRESH`] where the page calls by itself.
pub const PORTAL: HeaderName = HeaderName::from_static("x-osteon-portal");
/// A call that no person made: it keeps no session awake.
const REFRESH: &str = "refresh";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the page says that it calls by itself. Whoever says so of a person's call loses their own session sooner, nothing else.
pub fn is_refresh(headers: &HeaderMap) -> bool {
    headers.get_all(PORTAL).iter().any(|value| value == REFRESH)
}

/// The token of the session cookie.
pub fn session(headers: &HeaderMap) -> Option<&str> {
    named(headers, SESSION)
}

/// One cookie's value; nothing if it stands there twice: nobody knows which one is meant.
pub fn named<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value).filter(|value| !value.is_empty()) }
}

/// `Set-Cookie` that stays until the browser is closed, out of every script's reach. `lax`: also sent when another site
/// sends the browser here, which the way back from a hospital needs.
pub fn set(name: &str, value: &str, lax: bool) -> Option<HeaderValue> {
    let same_site = if lax { "Lax" } else { "Strict" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}")).ok()
}

/// `Set-Cookie` that takes one away.
pub fn clear(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")).ok()
}

/// The origins of our own pages.
pub struct OwnOrigins(Vec<HeaderValue>);

impl OwnOrigins {
    #[must_use]
    pub fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// Whether a page of ours made the call. At least one of the browser's two words has to be there, and neither may
    /// say otherwise.
    #[must_use]
    pub fn proves(&self, headers: &HeaderMap) -> bool {
        let every = |name: HeaderName, fits: &dyn Fn(&HeaderValue) -> bool| {
            let mut values = headers.get_all(name).iter().peekable();
            values.peek().is_some().then(|| values.all(fits))
        };
        let origin = every(header::ORIGIN, &|value| self.0.contains(value));
        let site = every(FETCH_SITE, &|value| value == "same-origin");
        headers.contains_key(PORTAL)
            && match (origin, site) {
                (None, None) => false,
                (origin, site) => origin.unwrap_or(true) && site.unwrap_or(true),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_cookie_is_read_wherever_it_stands_and_only_once() {
        let read = |lines: &[&'static str]| {
            let pairs: Vec<_> = lines.iter().map(|line| ("cookie", *line)).collect();
            session(&headers(&pairs)).map(str::to_owned)
        };
        assert_eq!(read(&["a=b; __Host-osteon=ow_x"]), Some("ow_x".into()));
        assert_eq!(read(&["a=b", "__Host-osteon=ow_x; c=d"]), Some("ow_x".into()));
        for none in [&["a=b"][..], &["__Host-osteon="], &["__host-osteon=x"], &["x__Host-osteon=x"], &[]] {
            assert_eq!(read(none), None, "{none:?}");
        }
        assert_eq!(read(&["__Host-osteon=a; __Host-osteon=b"]), None);
    }

    #[test]
    fn only_our_own_pages_prove_themselves() {
        let own = OwnOrigins::new(&["https://osteon.example".into(), "http://localhost:8080".into()]);
        let portal = ("x-osteon-portal", "1");
        let ours = ("origin", "https://osteon.example");
        let same = ("sec-fetch-site", "same-origin");
        for good in [
            &[portal, ours][..],
            &[portal, same],
            &[portal, ours, same],
            &[portal, ("origin", "http://localhost:8080")],
        ] {
            assert!(own.proves(&headers(good)), "{good:?}");
        }
        for bad in [
            &[ours, same][..],
            &[portal],
            &[portal, ("origin", "https://evil.example")],
            &[portal, ("origin", "null"), same],
            &[portal, ours, ("sec-fetch-site", "same-site")],
            &[portal, ours, ("sec-fetch-site", "cross-site")],
            &[portal, ("sec-fetch-site", "none")],
            &[portal, ours, ("origin", "https://evil.example")],
            &[portal, ("origin", "https://osteon.example:8443")],
            &[portal, ("origin", "http://osteon.example")],
        ] {
            assert!(!own.proves(&headers(bad)), "{bad:?}");
        }
    }

    #[test]
    fn a_page_says_that_it_calls_by_itself() {
        assert!(is_refresh(&headers(&[("x-osteon-portal", "refresh")])));
        assert!(!is_refresh(&headers(&[("x-osteon-portal", "1")])) && !is_refresh(&headers(&[])));
    }

    #[test]
    fn the_cookie_is_for_this_host_and_no_script() {
        let value = set(SESSION, "ow_x", false).expect("a header");
        assert_eq!(value, "__Host-osteon=ow_x; Path=/; Secure; HttpOnly; SameSite=Strict");
        assert!(set(SESSION, "a\r\nb", false).is_none());
    }
}
