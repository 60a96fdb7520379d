//! What the desk answers: JSON for its script, the stable reason of a refusal, cookies.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tonic::Code;

use crate::{
    app::browser::Opened,
    error::{Error, Reason, code_of},
    layers::cookie,
};

pub(super) fn json<T: Serialize>(value: &T) -> Result<Response, Error> {
    let text = serde_json::to_vec(value).map_err(|_| Error::internal("an answer is no JSON"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Reason::MalformedMessage.into())
}

/// The session goes into the cookie and nowhere else.
pub(super) fn signed_in(opened: &Opened, answer: Response) -> Result<Response, Error> {
    with_cookie(answer, cookie::set(cookie::SESSION, &opened.token, false))
}

pub(super) fn with_cookie(mut answer: Response, cookie: Option<HeaderValue>) -> Result<Response, Error> {
    let cookie = cookie.ok_or_else(|| Error::internal("a cookie is no header"))?;
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(answer)
}

/// A refusal, with nothing but its reason and the reason's text.
pub(super) fn refusal(error: Error) -> Response {
    let (reason, after) = (error.reason(), error.retry_after());
    // Counts it, and writes the cause of an internal error into the log.
    drop(error.into_status());
    let text = json!({"reason": reason.as_str(), "text": reason.text()}).to_string();
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status(reason);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(after) = after {
        let seconds = after.as_secs_f64().ceil() as u64;
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// The HTTP status of a reason (google.rpc.Code has this table).
pub(super) fn status(reason: Reason) -> StatusCode {
    match code_of(reason) {
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
