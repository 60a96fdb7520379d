//! The gate: one pass over each call's headers. Gives it a request id and a span, holds its deadline, asks who calls and how
//! often, and gives refusals their documented form on the way out.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use ::bytes::Bytes;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tracing::{Instrument, Span, field::Empty};

use super::{
    Authenticator, Caller, Deadline, Peer, RequestId,
    body::{PREFIX, Streamed, gather},
    cookie::{self, OwnOrigins},
    methods::{Access, Method, Methods},
    rate::Rates,
    remap::{into_response, remap, status_of},
    shape,
    share::Shares,
};
use crate::{
    audit::current,
    clock::Clock,
    error::{Error, Reason, reason_of},
    ids::{self, Ids},
    limits::{CALL_S, HEADER_BYTES, Limit, MESSAGE_BYTES, OPEN_MESSAGE_BYTES},
    telemetry::names,
};

const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that the gate asks.
pub struct Gate {
    pub methods: Methods,
    pub rates: Rates,
    /// Room for unary calls; `None`: rate limits are off.
    pub shares: Option<Arc<Shares>>,
    pub authenticator: Arc<dyn Authenticator>,
    /// Where our own pages are served from: only they may call with a cookie.
    pub own: OwnOrigins,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// Cancelled when the server goes down: ends the streams of health and reflection. Ours end themselves, with a cursor.
    pub stop: CancellationToken,
}

/// The middleware. Wraps the gRPC routes, inside of grpc-web.
pub async fn gate(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId(ids::random_u63(gate.ids.as_ref()));
    let method = gate.methods.get(request.uri().path());
    let span = tracing::info_span!("call", request = %id, method = method.path, account = Empty, device = Empty);
    request.extensions_mut().insert(id);

    let asked = take_timeout(request.headers_mut());
    if let Some(timeout) = asked {
        let at = gate.clock.now_ms().saturating_add(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        request.extensions_mut().insert(Deadline(at));
    }
    let patience = match (asked, method.streams) {
        (asked, true) => asked,
        (Some(asked), false) => Some(asked.min(CALL_S.duration())),
        (None, false) => Some(CALL_S.duration()),
    };
    let end = patience.map(|patience| tokio::time::Instant::now() + patience);

    // A panic in a handler is that call's own: without this it would end every other call of the connection.
    let work = AssertUnwindSafe(gate.handle(method, request, next)).catch_unwind();
    let work = work.map(|done| done.unwrap_or_else(|_| Err(Error::internal("a handler panicked"))));
    let work = work.instrument(span.clone());
    let answer = match end {
        Some(end) => match tokio::time::timeout_at(end, work).await {
            Ok(answer) => answer,
            // The handler's future is dropped. A commit that has begun runs in the writer and is not.
            Err(_) => Err(Error::new(Reason::Deadline)),
        },
        None => work.await,
    };
    let mut response = span.in_scope(|| match answer {
        Ok(response) => response,
        Err(error) => into_response(error),
    });
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    observe(method, &response, started, &span);
    if method.streams {
        let stop = (method.access == Access::Standard).then(|| gate.stop.clone());
        return response.map(|body| Body::new(Streamed::new(body, span, end, stop)));
    }
    response
}

impl Gate {
    async fn handle(&self, method: Method, mut request: Request, next: Next) -> Result<Response, Error> {
        HEADER_BYTES.check(header_bytes(request.headers()))?;
        let network = request.extensions().get::<Peer>().map_or(0, Peer::network);
        let (mut place, mut known, mut message) = (None, None, Bytes::new());
        let limit: &'static Limit = match method.access {
            Access::Token => {
                let caller = self.who(method, request.headers(), network).await?;
                self.rates.known(&caller, self.clock.now_ms()).inspect_err(|error| {
                    self.authenticator.denied(Some(&caller), None, method.path, error.reason());
                })?;
                if caller.leaving && !method.leaving {
                    self.authenticator.denied(Some(&caller), None, method.path, Reason::DeviceLeaving);
                    return Err(Error::new(Reason::DeviceLeaving));
                }
                if let (Some(shares), false) = (&self.shares, method.streams) {
                    place = Some(shares.enter(caller.clinic)?);
                }
                request.extensions_mut().insert(caller);
                known = Some(caller);
                &MESSAGE_BYTES
            }
            Access::Open | Access::Standard => {
                self.rates.open(network, self.clock.now_ms()).inspect_err(|error| {
                    self.authenticator.denied(None, None, method.path, error.reason());
                })?;
                &OPEN_MESSAGE_BYTES
            }
        };
        if let Some(shape) = method.shape {
            let (mut parts, body) = request.into_parts();
            let gathered = gather(&mut parts.headers, body, limit, Some((&self.methods.shapes, shape))).await;
            message = gathered.inspect_err(|error| {
                self.authenticator.denied(known.as_ref(), None, method.path, error.reason());
            })?;
            request = Request::from_parts(parts, Body::from(message.clone()));
        }
        let id = request.extensions().get::<RequestId>().map_or(0, |id| id.0);
        let (response, said) = current::serve(id, next.run(request)).await;
        drop(place);
        let response = remap(response, limit);
        if !said.audited()
            && let Some(reason) = refusal(response.headers())
        {
            let circle = method.circle.and_then(|number| shape::number(message.get(PREFIX..)?, number));
            self.authenticator.denied(known.or(said.named()).as_ref(), circle, method.path, reason);
        }
        Ok(response)
    }

    async fn who(&self, method: Method, headers: &HeaderMap, network: u64) -> Result<Caller, Error> {
        let token = bearer(headers);
        let known = match (token, cookie::session(headers)) {
            (Some(token), _) => self.authenticator.authenticate(token).await,
            // A header that is no bearer token is somebody's mistake, not a reason to look further.
            (None, Some(_)) if headers.contains_key(header::AUTHORIZATION) => Err(Reason::TokenMissing),
            (None, Some(_)) if !self.own.proves(headers) => Err(Reason::CrossSite),
            (None, Some(token)) => {
                let by_hand = !method.streams && !cookie::is_refresh(headers);
                self.authenticator.authenticate_cookie(token, by_hand).await
            }
            (None, None) => Err(Reason::TokenMissing),
        };
        match known {
            Ok(caller) => {
                let span = Span::current();
                span.record("account", caller.account);
                span.record("device", caller.device);
                Ok(caller)
            }
            Err(Reason::Internal) => Err(Error::internal("authentication")),
            Err(reason) => {
                self.authenticator.denied(None, None, method.path, reason);
                self.rates.bad_token(network, self.clock.now_ms())?;
                Err(match token {
                    Some(token) => self.authenticator.refusal(token, reason).await,
                    None => Error::new(reason),
                })
            }
        }
    }
}

/// Why a call was refused, if it was: what the caller may not or must not do, not what the server failed at.
fn refusal(headers: &HeaderMap) -> Option<Reason> {
    match status_of(headers)? {
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Unauthenticated => {
            let reason = reason_of(&Status::from_header_map(headers)?);
            Some(reason.and_then(|reason| Reason::parse(&reason)).unwrap_or(Reason::ArgumentInvalid))
        }
        _ => None,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    // Two tokens: nobody knows which one another reader of the headers would take.
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
}

/// Takes the deadline out of the headers: the gate holds it alone. At most eight digits and a unit.
fn take_timeout(headers: &mut HeaderMap) -> Option<Duration> {
    let value = headers.remove(TIMEOUT)?;
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(n * 3_600)),
        "M" => Some(Duration::from_secs(n * 60)),
        "S" => Some(Duration::from_secs(n)),
        "m" => Some(Duration::from_millis(n)),
        "u" => Some(Duration::from_micros(n)),
        "n" => Some(Duration::from_nanos(n)),
        _ => None,
    }
}

fn observe(method: Method, response: &Response, started: Instant, span: &Span) {
    let code = status_of(response.headers()).unwrap_or(Code::Ok);
    let took = started.elapsed();
    metrics::histogram!(names::CALL_SECONDS, "rpc_method" => method.path).record(took.as_secs_f64());
    metrics::counter!(names::CALLS, "rpc_method" => method.path, "rpc_grpc_status_code" => code_name(code))
        .increment(1);
    span.in_scope(|| tracing::debug!(code = code_name(code), micros = took.as_micros() as u64, "answered"));
}

/// The standard name of a code, as metrics and logs show it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn deadlines_are_read_as_the_protocol_writes_them() {
        let read = |text: &'static str| take_timeout(&mut headers("grpc-timeout", &[text]));
        assert_eq!(read("3S"), Some(Duration::from_secs(3)));
        assert_eq!(read("00000250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("99999999H"), Some(Duration::from_secs(99_999_999 * 3_600)));
        for bad in ["", "S", "3", "123456789S", "-1S", "1.5S", "3s", "3 S"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn exactly_one_bearer_token() {
        assert_eq!(bearer(&headers("authorization", &["Bearer abc"])), Some("abc"));
        assert_eq!(bearer(&headers("authorization", &["bearer abc"])), Some("abc"));
        for bad in [&["Basic abc"][..], &["Bearer "], &["Bearer"], &["abc"], &["Bearer a", "Bearer b"], &[]] {
            assert_eq!(bearer(&headers("authorization", bad)), None, "{bad:?}");
        }
    }
}
