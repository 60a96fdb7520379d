//! tonic's own refusals, before a handler runs, have codes that a client does not expect: a message over the limit is
//! OUT_OF_RANGE, an undecodable one INTERNAL. A phone would retry a poisoned push for ever. Whatever comes without our
//! details is given the documented code and reason here; statuses of handlers pass untouched.

use http::{HeaderMap, HeaderName, Response};
use tonic::{Code, Status};

use crate::{
    error::{Error, Reason},
    limits::Limit,
};

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// The status that an answer carries in its headers, if it ended with them.
#[must_use]
pub fn status_of(headers: &HeaderMap) -> Option<Code> {
    headers.get(STATUS).map(|value| Code::from_bytes(value.as_bytes()))
}

/// Gives tonic's own refusal its documented form. `limit` is the one on the method's message size.
pub fn remap<B: Default>(response: Response<B>, limit: &'static Limit) -> Response<B> {
    let headers = response.headers();
    if headers.contains_key(DETAILS) {
        return response;
    }
    match status_of(headers).and_then(|code| documented(code, Status::from_header_map(headers), limit)) {
        Some(error) => into_response(error),
        None => response,
    }
}

fn documented(code: Code, status: Option<Status>, limit: &'static Limit) -> Option<Error> {
    let over_length = || status.as_ref().is_some_and(|status| status.message().contains("length limit exceeded"));
    match code {
        Code::OutOfRange | Code::ResourceExhausted => Some(Error::limit(limit)),
        Code::Unknown if over_length() => Some(Error::limit(limit)),
        Code::Internal => Some(Error::new(Reason::MalformedMessage)),
        Code::Unimplemented => Some(Error::new(Reason::Unsupported)),
        _ => None,
    }
}

/// An error as the whole answer: status in the headers, no body.
pub fn into_response<B: Default>(error: Error) -> Response<B> {
    error.into_status().into_http()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::reason_of, limits::MESSAGE_BYTES};

    fn after(status: Status) -> (Code, Option<String>) {
        let response = remap::<()>(status.into_http(), &MESSAGE_BYTES);
        let status = Status::from_header_map(response.headers()).expect("a status");
        (status.code(), reason_of(&status))
    }

    #[test]
    fn what_tonic_says_becomes_what_the_table_says() {
        let reason = |text: &str| Some(text.to_owned());
        assert_eq!(after(Status::out_of_range("x")), (Code::ResourceExhausted, reason("LIMIT_EXCEEDED")));
        assert_eq!(after(Status::resource_exhausted("x")), (Code::ResourceExhausted, reason("LIMIT_EXCEEDED")));
        assert_eq!(after(Status::internal("failed to decode")), (Code::InvalidArgument, reason("MALFORMED_MESSAGE")));
        assert_eq!(after(Status::unimplemented("x")), (Code::Unimplemented, reason("UNSUPPORTED")));
        assert_eq!(after(Status::not_found("x")), (Code::NotFound, None));
    }

    #[test]
    fn our_own_statuses_pass_untouched() {
        let (code, reason) = after(Error::internal("x").into_status());
        assert_eq!((code, reason.as_deref()), (Code::Internal, Some("INTERNAL")));
    }
}
