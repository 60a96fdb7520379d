//! What can go wrong, as an app catches it. `text` is for the person who looks at the phone; it never holds a value.

use osteon_client::Error;
use osteon_proto::reasons::Do;
use osteon_sync_core::RecordId;

pub type Result<T> = std::result::Result<T, PhoneError>;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PhoneError {
    /// Ask for an invite first.
    #[error("{text}")]
    NotEnrolled { text: String },
    #[error("{text}")]
    AlreadyEnrolled { text: String },
    /// The network is off, or the server does not answer. Everything is kept.
    #[error("{text}")]
    Offline { text: String },
    /// Refused on the phone, before anything was written. `reason`: stable; `path`: the field.
    #[error("{text}")]
    Refused { reason: String, path: String, text: String },
    /// The server refused. `again`: the same may be tried again, after so many milliseconds.
    #[error("{text}")]
    Server { reason: String, again: bool, retry_after_ms: Option<u64>, text: String },
    /// The person has to sign in with a code of the clinic; outbox and journal stay.
    #[error("{text}")]
    SignIn { text: String },
    /// Something that was asked for is not on this phone.
    #[error("{text}")]
    NotHere { text: String },
    /// An argument that is none: a program's fault.
    #[error("{text}")]
    Argument { path: String, text: String },
    /// Something was taken back since the form was opened: open it again.
    #[error("{text}")]
    Outdated { text: String },
    /// Drafts have to be decided about first.
    #[error("{text}")]
    DraftsWait { text: String },
    /// The clinic erased everything on this phone: forget the key, too.
    #[error("{text}")]
    Erased { text: String },
    /// The phone's own storage.
    #[error("{text}")]
    Storage { text: String },
}

impl PhoneError {
    pub(crate) fn argument(path: &str, text: &str) -> Self {
        Self::Argument { path: path.into(), text: text.into() }
    }
}

impl From<Error> for PhoneError {
    fn from(error: Error) -> Self {
        let text = sentence(&error.to_string());
        match error {
            Error::NotEnrolled | Error::EnrolmentLost => Self::NotEnrolled { text },
            Error::AlreadyEnrolled => Self::AlreadyEnrolled { text },
            Error::Offline(_) | Error::Busy => Self::Offline { text },
            Error::Refused { reason, path } => Self::Refused { reason: reason.to_string(), path, text },
            Error::Server(answer) => match answer.action() {
                Do::SignIn | Do::Refresh => Self::SignIn { text },
                action => Self::Server {
                    again: matches!(action, Do::Retry | Do::RetrySame),
                    retry_after_ms: answer.retry_after_ms,
                    reason: answer.reason,
                    text,
                },
            },
            Error::NoRecord | Error::NoCircle => Self::NotHere { text },
            Error::FormOutdated => Self::Outdated { text },
            Error::CannotUndo(_) => Self::Argument { path: "undo".into(), text },
            Error::DraftsWait => Self::DraftsWait { text },
            Error::Wiped | Error::Left => Self::Erased { text },
            Error::BadAnswer(_) => Self::Server { reason: String::new(), again: false, retry_after_ms: None, text },
            Error::Moved | Error::Database(_) | Error::File { .. } | Error::Damaged(_) | Error::DiskFull => {
                Self::Storage { text }
            }
        }
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// A record's id, as text (RFC 9562).
pub(crate) fn record_id(text: &str) -> Result<RecordId> {
    let id = uuid::Uuid::parse_str(text).map_err(|_| PhoneError::argument("record_id", "This is no record's id."))?;
    Ok(RecordId(id.into_bytes()))
}

pub(crate) fn id_text(record: RecordId) -> String {
    uuid::Uuid::from_bytes(record.0).to_string()
}

/// What an app's observer may say: it is heard and dropped, the phone goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ObserverError {
    #[error("The observer failed.")]
    Failed,
}

// What it threw may hold what a person wrote.
impl From<uniffi::UnexpectedUniFFICallbackError> for ObserverError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}
