//! The portal: its files are in the binary, as they were built, with their encodings. Every address of it that is no file is its
//! one page, which finds its way by itself. The page is never stored; what has a hash in its name stays for ever.
//!
//! What the page names it names from where it is (`./assets/…`), so it works under any path that a proxy takes away; for an
//! address further down the same is named from there (`../../assets/…`).

use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// A file of the portal, and the same in the encodings that were made of it.
pub(super) struct File {
    path: &'static str,
    bytes: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/portal.rs"));

const INDEX: &str = "index.html";
/// Where the build puts what has a hash in its name.
const HASHED: &str = "assets/";
/// Parts of the longest address that is one of the page.
const DEPTH: usize = 16;

/// Whether the binary was built with it.
pub(crate) fn is_there() -> bool {
    find(FILES, INDEX).is_some()
}

/// The answer to a request for a file or a page of it; `None`: it is neither.
pub(super) fn answer(request: &Request) -> Option<Response> {
    of(FILES, request)
}

fn find(files: &'static [File], path: &str) -> Option<&'static File> {
    files.iter().find(|file| file.path == path)
}

fn of(files: &'static [File], request: &Request) -> Option<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let index = find(files, INDEX)?;
    let path = request.uri().path().strip_prefix('/')?;
    match find(files, path) {
        Some(file) if file.path != INDEX => Some(as_file(file, request.headers())),
        _ if path == INDEX || is_page(path) => Some(as_page(index, path, request.headers())),
        _ => None,
    }
}

/// No file and no service: an address of the page.
fn is_page(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    path.matches('/').count() <= DEPTH
        && !path.starts_with("web/")
        && !path.starts_with(HASHED)
        && !last.contains('.')
        && !path.starts_with("osteon.")
}

/// The page. What it names from the root of the portal it names from the address that was asked for.
fn as_page(index: &'static File, path: &str, headers: &HeaderMap) -> Response {
    let page = match path.matches('/').count() {
        0 => sent(index, headers),
        depth => {
            let page = String::from_utf8_lossy(index.bytes).replace("=\"./", &format!("=\"{}", "../".repeat(depth)));
            Response::new(Body::from(page))
        }
    };
    with(page, "text/html; charset=utf-8", "no-store")
}

fn as_file(file: &'static File, headers: &HeaderMap) -> Response {
    let stored = if file.path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    with(sent(file, headers), kind_of(file.path), stored)
}

/// In the best encoding that the browser takes.
fn sent(file: &'static File, headers: &HeaderMap) -> Response {
    let encoded = [("br", file.br), ("gzip", file.gz)];
    let mut taken = encoded.into_iter().filter_map(|(name, bytes)| Some((name, bytes?)));
    let chosen = taken.find(|(name, _)| accepts(headers, name));
    let (encoding, bytes) = chosen.map_or((None, file.bytes), |(name, bytes)| (Some(name), bytes));
    let mut answer = Response::new(Body::from(Bytes::from_static(bytes)));
    if file.br.is_some() || file.gz.is_some() {
        answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if let Some(encoding) = encoding {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer
}

/// Whether an encoding is named, and not with a weight of nothing.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let mut words = one.split(';').map(str::trim);
        let is_it = words.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = words.filter_map(|word| word.strip_prefix("q=")).any(|q| q.parse() == Ok(0.0));
        is_it && !refused
    })
}

fn with(mut answer: Response, kind: &'static str, stored: &'static str) -> Response {
    *answer.status_mut() = StatusCode::OK;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(stored));
    answer
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOME: &[File] = &[
        File { path: "assets/app-1a2b.js", bytes: b"plain", br: Some(b"br"), gz: Some(b"gz") },
        File { path: "favicon.svg", bytes: b"<svg/>", br: None, gz: None },
        File {
            path: "index.html",
            bytes: b"<script src=\"./assets/app-1a2b.js\"></script><meta name=\"osteon-root\" content=\"./\">",
            br: Some(b"br of the page"),
            gz: None,
        },
    ];

    async fn get(path: &str, headers: &[(&'static str, &str)]) -> Option<(HeaderMap, String)> {
        let request =
            headers.iter().fold(http::Request::get(path), |request, (name, value)| request.header(*name, *value));
        let answer = of(SOME, &request.body(Body::empty()).expect("a request"))?;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers().clone();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a body");
        Some((headers, String::from_utf8(body.to_vec()).expect("text")))
    }

    fn header(headers: &HeaderMap, name: &str) -> String {
        headers.get(name).map_or_else(String::new, |value| value.to_str().expect("text").to_owned())
    }

    #[tokio::test]
    async fn a_file_comes_in_the_encoding_that_is_taken() {
        let of = async |accepts: &str| {
            let (headers, body) = get("/assets/app-1a2b.js", &[("accept-encoding", accepts)]).await.expect("a file");
            assert_eq!(header(&headers, "cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(header(&headers, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(header(&headers, "vary"), "accept-encoding");
            (header(&headers, "content-encoding"), body)
        };
        assert_eq!(of("gzip, deflate, br").await, ("br".into(), "br".into()));
        assert_eq!(of("gzip;q=1.0, br;q=0").await, ("gzip".into(), "gz".into()));
        assert_eq!(of("identity").await, (String::new(), "plain".into()));
        assert_eq!(of("brotli").await, (String::new(), "plain".into()));
        let (headers, body) = get("/favicon.svg", &[("accept-encoding", "br")]).await.expect("a file");
        assert_eq!((header(&headers, "cache-control"), body.as_str()), ("no-cache".into(), "<svg/>"));
    }

    #[tokio::test]
    async fn every_address_that_is_no_file_is_the_page() {
        for (path, root) in
            [("/", "./"), ("/index.html", "./"), ("/reviews", "./"), ("/patients/7/plan?range=12w", "../../")]
        {
            let (headers, body) = get(path, &[]).await.unwrap_or_else(|| panic!("{path}"));
            assert_eq!(header(&headers, "cache-control"), "no-store", "{path}");
            assert!(header(&headers, "content-type").starts_with("text/html"));
            assert!(body.contains(&format!("src=\"{root}assets/app-1a2b.js\"")), "{path}: {body}");
            assert!(body.contains(&format!("content=\"{root}\"")), "under whatever path a proxy takes away: {body}");
        }
        let (headers, body) = get("/", &[("accept-encoding", "br")]).await.expect("a page");
        assert_eq!((header(&headers, "content-encoding"), body.as_str()), ("br".into(), "br of the page"));
        let (headers, _) = get("/patients/7", &[("accept-encoding", "br")]).await.expect("a page");
        assert_eq!(header(&headers, "content-encoding"), "", "what is changed on the way is as it is");
        let deep = "/a".repeat(40);
        for none in [
            "/assets/app-old.js",
            "/assets/x",
            "/missing.png",
            "/web/ways",
            "/osteon.seen.v1.SeenService/ListSeen",
            &deep,
        ] {
            assert!(get(none, &[]).await.is_none(), "{none}");
        }
        let post = http::Request::post("/").body(Body::empty()).expect("a request");
        assert!(of(SOME, &post).is_none());
        let head = http::Request::head("/").body(Body::empty()).expect("a request");
        assert!(of(SOME, &head).is_some());
    }
}
