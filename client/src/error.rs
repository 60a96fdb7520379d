//! What can go wrong on a phone. Texts say what happened and never hold a value.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use osteon_proto::{
    reasons::{Do, Reason, Where},
    wire::device::BadAnswer,
};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this phone is not enrolled yet")]
    NotEnrolled,
    #[error(
        "this phone's database was damaged and its enrolment could not be read: ask for a new invite. The damaged file lies \
         beside it"
    )]
    EnrolmentLost,
    #[error("this phone is enrolled already")]
    AlreadyEnrolled,
    /// The person switched it off, or the server does not answer. Everything is kept.
    #[error("offline: {0}")]
    Offline(&'static str),
    /// The server answered with an error.
    #[error("{}", .0.in_full())]
    Server(Answer),
    /// Another process wrote to this phone's folder meanwhile; what was read is out of date.
    #[error("another program changed this phone's data at the same moment")]
    Moved,
    #[error("the phone's database failed")]
    Database(#[source] sqlx::Error),
    #[error(
        "this phone's storage is full: nothing more can be saved here until there is room. What waits is still sent"
    )]
    DiskFull,
    /// Another program of this folder has the line to the server.
    #[error("another program is syncing this phone: what is saved here is sent by that one")]
    Busy,
    #[error("cannot use {what}")]
    File {
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    /// Stored data does not open or decode: which, never its content.
    #[error("stored data is damaged: {0}")]
    Damaged(&'static str),
    /// The server sent what the contract does not allow.
    #[error("the server's answer cannot be read: {0}")]
    BadAnswer(&'static str),
    /// Refused on the phone, before anything was written.
    #[error("{} ({path})", .reason.text().trim_end_matches('.'))]
    Refused { reason: Reason, path: String },
    /// The clinic that this phone pinned signed the order; nothing is left.
    #[error("the clinic had everything on this phone erased")]
    Wiped,
    #[error("this phone was told to leave: what it had was sent, nothing of it is kept")]
    Left,
    /// Holding less of a circle erases drafts: a person decides about them first.
    #[error("there are drafts: decide about them first, they would be lost")]
    DraftsWait,
    #[error("something was taken back since this was opened: open it again")]
    FormOutdated,
    /// Why the last save cannot be taken back.
    #[error("{0}")]
    CannotUndo(&'static str),
    #[error("there is no such record on this phone")]
    NoRecord,
    #[error("there is no such circle on this phone")]
    NoCircle,
}

/// A status of the server, with its stable reason.
#[derive(Clone, Debug)]
pub struct Answer {
    pub code: tonic::Code,
    /// `ErrorInfo.reason`; empty if there was none.
    pub reason: String,
    /// Milliseconds of RetryInfo.
    pub retry_after_ms: Option<u64>,
    /// Paths of the fields at fault; a limit's name. For the person: nothing of it is a value.
    pub at: Vec<String>,
    /// Where no server of ours spoke: who did.
    pub between: Option<Between>,
    /// Comes with DEVICE_WIPED. Nothing is believed of it before its signature was checked.
    pub order: Option<SignedOrder>,
}

/// What stands between this phone and its server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Between {
    /// It shows a certificate that is not of the authority that this phone was enrolled with.
    Certificate,
    /// It does not speak as a server does: the sign-in page of a network, a proxy.
    NoServer,
}

impl Between {
    /// Looks for what the encryption says in the causes of a failed call.
    fn of(status: &tonic::Status) -> Option<Self> {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(status);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<rustls::Error>() {
                return Some(Self::said(found));
            }
            if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref)
                && let Some(found) = inner.downcast_ref::<rustls::Error>()
            {
                return Some(Self::said(found));
            }
            cause = error.source();
        }
        None
    }

    fn said(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(_) => Self::Certificate,
            _ => Self::NoServer,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Certificate => {
                "what answers is not the clinic's server, as far as this phone can tell: it shows a certificate that it does \
                 not know. Nothing was sent. On a foreign network, sign in there first"
            }
            Self::NoServer => {
                "something in between answers instead of the server, as the sign-in page of a network does. Sign in there \
                 with a browser, or use another network"
            }
        }
    }
}

/// An order to erase, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOrder {
    pub order: Vec<u8>,
    pub signature: Vec<u8>,
}

impl SignedOrder {
    fn of(metadata: &HashMap<String, String>) -> Option<Self> {
        let bytes = |name: &str| STANDARD.decode(metadata.get(name)?).ok();
        Some(Self { order: bytes("order")?, signature: bytes("signature")? })
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Reason::parse(&self.reason) {
            Some(reason) if self.at.is_empty() => f.write_str(reason.text().trim_end_matches('.')),
            Some(reason) => write!(f, "{} ({})", reason.text().trim_end_matches('.'), self.at.join(", ")),
            None if self.reason.is_empty() => f.write_str(self.plain()),
            None => write!(f, "{:?} ({})", self.code, self.reason),
        }
    }
}

impl Answer {
    pub fn of(status: &tonic::Status) -> Self {
        use tonic_types::StatusExt;
        let details = status.get_error_details();
        let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
        let retry = details.retry_info().and_then(|info| info.retry_delay);
        let retry_after_ms = retry.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        let order = details.error_info().and_then(|info| SignedOrder::of(&info.metadata));
        let paths = details.bad_request().into_iter().flat_map(|bad| &bad.field_violations).map(|v| v.field.clone());
        let limit = details.error_info().and_then(|info| info.metadata.get("limit").cloned());
        let at = paths.filter(|path| !path.is_empty()).chain(limit).collect();
        let between = Between::of(status);
        Self { code: status.code(), reason, retry_after_ms, at, between, order }
    }

    /// No answer within the deadline: whether the call took effect is not known.
    pub fn none() -> Self {
        let (code, reason, at) = (tonic::Code::DeadlineExceeded, String::new(), Vec::new());
        Self { code, reason, retry_after_ms: None, at, between: None, order: None }
    }

    /// What a status without a reason of ours means for a person.
    fn plain(&self) -> &'static str {
        use tonic::Code as C;
        if let Some(between) = self.between {
            return between.words();
        }
        match self.code {
            C::Unavailable => "the server does not answer",
            C::DeadlineExceeded => "the server takes too long to answer",
            C::Cancelled => "the connection to the server was cut",
            C::ResourceExhausted => "the server has too much to do just now",
            C::Unauthenticated | C::PermissionDenied => "the server does not let this phone in",
            C::Unknown | C::Internal => Between::NoServer.words(),
            C::Unimplemented | C::NotFound => "the server does not know what this program asks: it may be older",
            _ => "the server does not take what this program sent",
        }
    }

    fn in_full(&self) -> String {
        if self.reason.is_empty() { self.to_string() } else { format!("the server answered: {self}") }
    }

    /// Whether the same may be taken another time.
    pub(crate) fn may_come_again(&self) -> bool {
        matches!(self.action(), Do::Retry | Do::RetrySame | Do::Refresh | Do::SignIn | Do::Hello | Do::Wait)
    }

    /// What docs/api.md says a client does. A reason that this version does not know is treated by its status.
    pub fn action(&self) -> Do {
        if let Some(reason) = Reason::parse(&self.reason)
            && matches!(reason.place(), Where::Status(_))
        {
            return reason.action();
        }
        match self.code {
            tonic::Code::Cancelled | tonic::Code::DeadlineExceeded | tonic::Code::Unknown => Do::RetrySame,
            tonic::Code::Unavailable | tonic::Code::ResourceExhausted => Do::Retry,
            tonic::Code::Aborted | tonic::Code::Internal => Do::RetrySame,
            tonic::Code::Unauthenticated => Do::Refresh,
            _ => Do::GiveUp,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // SQLITE_FULL.
        if crate::recovery::primary_code(&error) == Some(13) { Self::DiskFull } else { Self::Database(error) }
    }
}

impl From<BadAnswer> for Error {
    fn from(bad: BadAnswer) -> Self {
        Self::BadAnswer(bad.0)
    }
}

impl From<tonic::Status> for Error {
    fn from(status: tonic::Status) -> Self {
        Self::Server(Answer::of(&status))
    }
}
