//! The one error of the server, and how it looks on the wire: a gRPC status with google.rpc details. `ErrorInfo` carries
//! the stable reason (domain `osteon`), `BadRequest` the field paths, `RetryInfo` when to come back. docs/api.md has the
//! table that clients follow.
//!
//! Architecture invariant: the text of a status depends on the reason alone. No value, name or driver text gets in.
//! Forbidden and absent are the same error, byte for byte.

use std::{collections::HashMap, fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{limits::Limit, store::StoreError, telemetry::names};

use osteon_proto::reasons::Where;
pub use osteon_proto::reasons::{DOMAIN, Reason};

/// What went wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path, for example `changes[3].writes[0].body.pain_entry.worst_24h`. Never a value.
    pub field: String,
    pub reason: Reason,
}

/// Anything that a call can fail with.
#[derive(Clone, Debug)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    reason: Reason,
    violations: Vec<Violation>,
    limit: Option<&'static Limit>,
    retry_after: Option<Duration>,
    /// The order to erase, and the clinic's signature.
    order: Option<(Vec<u8>, Vec<u8>)>,
    /// For the log alone.
    cause: Option<String>,
    /// Memory does not hold what was asked for; the database was not asked.
    not_held: bool,
}

impl Error {
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        let inner = Inner {
            reason,
            violations: Vec::new(),
            limit: None,
            retry_after: None,
            order: None,
            cause: None,
            not_held: false,
        };
        Self { inner: Box::new(inner) }
    }

    /// Absent, or hidden from the caller: nobody can tell which.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Reason::NotFound)
    }

    #[must_use]
    pub fn limit(limit: &'static Limit) -> Self {
        Self::over(Reason::LimitExceeded, limit)
    }

    /// Another reason than LIMIT_EXCEEDED, with the limit's name.
    #[must_use]
    pub fn over(reason: Reason, limit: &'static Limit) -> Self {
        let mut error = Self::new(reason);
        error.inner.limit = Some(limit);
        error
    }

    #[must_use]
    pub fn retry(reason: Reason, after: Duration) -> Self {
        let mut error = Self::new(reason);
        error.inner.retry_after = Some(after);
        error
    }

    /// Something that is our own fault. `cause` goes to the log, never to a client; it MUST NOT hold stored data.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut error = Self::new(Reason::Internal);
        error.inner.cause = Some(cause.to_string());
        error
    }

    /// DEVICE_WIPED with the order to erase, signed by the clinic.
    #[must_use]
    pub fn wiped(order: Vec<u8>, signature: Vec<u8>) -> Self {
        let mut error = Self::new(Reason::DeviceWiped);
        error.inner.order = Some((order, signature));
        error
    }

    #[must_use]
    pub fn field(path: impl Into<String>, reason: Reason) -> Self {
        Self::new(reason).at(path, reason)
    }

    /// Adds a field path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>, reason: Reason) -> Self {
        self.inner.violations.push(Violation { field: path.into(), reason });
        self
    }

    #[must_use]
    pub fn after(mut self, after: Duration) -> Self {
        self.inner.retry_after = Some(after);
        self
    }

    #[must_use]
    pub fn reason(&self) -> Reason {
        self.inner.reason
    }

    #[must_use]
    pub fn code(&self) -> Code {
        code_of(self.inner.reason)
    }

    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.inner.violations
    }

    #[must_use]
    pub fn limit_name(&self) -> Option<&'static str> {
        self.inner.limit.map(|limit| limit.name)
    }

    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// What went wrong inside, for the log and for whoever runs the server; never for a client.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.inner.cause.as_deref()
    }

    /// Whether the same is to be asked of the database.
    #[must_use]
    pub fn is_not_held(&self) -> bool {
        self.inner.not_held
    }

    #[must_use]
    pub fn into_status(self) -> Status {
        let Inner { reason, violations, limit, retry_after, order, cause, .. } = *self.inner;
        metrics::counter!(names::REFUSALS, "reason" => reason.as_str()).increment(1);
        if reason == Reason::Internal {
            tracing::error!(cause = cause.as_deref().unwrap_or("unknown"), "internal error");
        }
        let mut metadata = HashMap::new();
        if let Some(limit) = limit {
            metadata.insert("limit".to_owned(), limit.name.to_owned());
            metadata.insert("max".to_owned(), limit.max.to_string());
        }
        if let Some((order, signature)) = order {
            metadata.insert("order".to_owned(), STANDARD.encode(order));
            metadata.insert("signature".to_owned(), STANDARD.encode(signature));
        }
        let mut details = ErrorDetails::with_error_info(reason.as_str(), DOMAIN, metadata);
        for violation in violations {
            details.add_bad_request_violation(violation.field, violation.reason.as_str());
        }
        if let Some(after) = retry_after {
            details.set_retry_info(Some(after));
        }
        let message = match limit {
            Some(limit) => format!("{}: {} (at most {} {})", reason.text(), limit.name, limit.max, limit.unit),
            None => reason.text().to_owned(),
        };
        Status::with_error_details(code_of(reason), message, details)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.inner.reason.as_str())
    }
}

impl std::error::Error for Error {}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        error.into_status()
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self::new(reason)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Overloaded => Self::retry(Reason::Overloaded, Duration::from_secs(1)),
            StoreError::Exceeded(limit) => Self::limit(limit),
            StoreError::Closed => Self::retry(Reason::Draining, Duration::from_secs(1)),
            other => {
                let not_held = matches!(other, StoreError::NotHeld);
                let mut error = Self::internal(Chain(&other));
                error.inner.not_held = not_held;
                error
            }
        }
    }
}

/// An error with its causes, for the log.
struct Chain<'a>(&'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut causes = vec![self.0.to_string()];
        let mut source = self.0.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        f.write_str(&joined(causes))
    }
}

/// Causes in one line. Some errors repeat the text of their source in their own: it is said once.
#[must_use]
pub fn joined(causes: impl IntoIterator<Item = String>) -> String {
    let mut all = String::new();
    for cause in causes.into_iter().filter(|cause| !cause.is_empty()) {
        if all.ends_with(&cause) {
            continue;
        }
        all += if all.is_empty() { "" } else { ": " };
        all += &cause;
    }
    all
}

/// The status code of a reason. Verdicts have one too: an online write is answered with a status.
#[must_use]
pub fn code_of(reason: Reason) -> Code {
    match reason.place() {
        Where::Status(code) | Where::Refused(code) => code,
        Where::Quarantined => Code::FailedPrecondition,
        Where::NotFinal => Code::Unavailable,
    }
}

/// The stable reason of a status, if it carries one of ours.
#[must_use]
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().filter(|info| info.domain == DOMAIN).map(|info| info.reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn a_limit_names_itself() {
        let status = Error::limit(&limits::CHANGES_PER_PUSH).into_status();
        assert_eq!(status.code(), Code::ResourceExhausted);
        let info = status.get_details_error_info().expect("ErrorInfo");
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("LIMIT_EXCEEDED", "osteon"));
        assert_eq!(info.metadata.get("limit").map(String::as_str), Some("CHANGES_PER_PUSH"));
    }

    #[test]
    fn forbidden_is_absent_byte_for_byte() {
        let absent = Error::from(StoreError::NotFound).into_status();
        let hidden = Error::not_found().into_status();
        assert_eq!(
            (absent.code(), absent.message(), absent.details()),
            (hidden.code(), hidden.message(), hidden.details())
        );
    }

    #[test]
    fn the_cause_of_an_internal_error_stays_here() {
        let status = Error::internal("canary 4711").into_status();
        assert!(!status.message().contains("4711"));
        assert!(!status.details().windows(4).any(|w| w == b"4711"));
    }

    #[test]
    fn a_cause_that_stands_in_the_text_is_said_once() {
        let all = |causes: &[&str]| joined(causes.iter().map(|cause| (*cause).to_owned()));
        assert_eq!(
            all(&["cannot open", "database error: no such table: x", "no such table: x"]),
            "cannot open: database error: no such table: x"
        );
        assert_eq!(all(&["a", "b", "b", "", "c"]), "a: b: c");
    }

    #[test]
    fn fields_and_retry_travel() {
        let error = Error::field("changes[0].writes[1]", Reason::ArgumentInvalid).after(Duration::from_millis(1_500));
        let status = error.into_status();
        let violations = status.get_details_bad_request().expect("BadRequest").field_violations;
        assert_eq!(violations[0].field, "changes[0].writes[1]");
        let retry = status.get_details_retry_info().expect("RetryInfo");
        assert_eq!(retry.retry_delay, Some(Duration::from_millis(1_500)));
    }
}
