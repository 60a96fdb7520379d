//! What commands print.

use std::io::Write;

use tonic_types::StatusExt;

use crate::{
    deny::DenyError,
    error::joined,
    site::{ForeignKey, KeyAbsent},
};

/// A stable word for what stopped a command of the machine itself.
pub(super) fn reason_of(error: &anyhow::Error) -> Option<&'static str> {
    if error.downcast_ref::<ForeignKey>().is_some() {
        return Some("KEY_FOREIGN");
    }
    error.chain().find_map(|cause| {
        let absent = cause.downcast_ref::<KeyAbsent>().map(|_| "KEY_ABSENT");
        absent.or_else(|| cause.downcast_ref::<DenyError>().map(DenyError::reason))
    })
}

/// Prints answers: text for people, or one JSON object.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    json: bool,
}

impl Out {
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints one answer in the form that was asked for.
    pub fn answer(&self, json: &serde_json::Value, text: impl FnOnce() -> String) {
        let answer = if self.json { format!("{json:#}") } else { text() };
        // A reader that went away (`| head`) is no failure of the command.
        let _ = writeln!(std::io::stdout(), "{}", answer.trim_end());
    }

    /// Says why a command failed. In JSON on stdout too: a script reads one place.
    pub fn failed(&self, error: &anyhow::Error) {
        let status = error.downcast_ref::<tonic::Status>();
        let reason = status.and_then(|status| status.get_details_error_info()).map(|info| info.reason);
        let reason = reason.or_else(|| reason_of(error).map(str::to_owned));
        let message = match status {
            Some(status) => format!("{:?}: {}", status.code(), status.message()),
            None => joined(error.chain().map(ToString::to_string)),
        };
        if self.json {
            let code = status.map(|status| format!("{:?}", status.code()));
            self.answer(&serde_json::json!({ "error": message, "reason": reason, "code": code }), String::new);
        }
        let reason = reason.map(|reason| format!(" [{reason}]")).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "osteon: {message}{reason}");
    }
}
