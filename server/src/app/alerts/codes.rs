//! Severities and causes as numbers of the contract.

use osteon_care_core::{alerts::Cause, rules::Severity};
use osteon_proto::care;

pub(in crate::app) fn severity(severity: Severity) -> care::AlertSeverity {
    match severity {
        Severity::Info => care::AlertSeverity::Info,
        Severity::Soon => care::AlertSeverity::Soon,
        Severity::Urgent => care::AlertSeverity::Urgent,
        Severity::Emergency => care::AlertSeverity::Emergency,
    }
}

/// Of the contract's number; none of one that is not known here.
pub(super) fn rank(severity: care::AlertSeverity) -> Option<Severity> {
    Some(match severity {
        care::AlertSeverity::Emergency => Severity::Emergency,
        care::AlertSeverity::Urgent => Severity::Urgent,
        care::AlertSeverity::Soon => Severity::Soon,
        care::AlertSeverity::Info => Severity::Info,
        care::AlertSeverity::Unspecified => return None,
    })
}

pub(super) fn cause(cause: Cause) -> care::AlertCause {
    match cause {
        Cause::New => care::AlertCause::New,
        Cause::Worse => care::AlertCause::Worse,
        Cause::NewSign => care::AlertCause::NewSign,
        Cause::StillTrue => care::AlertCause::StillTrue,
        Cause::Again => care::AlertCause::Again,
        Cause::Escalated => care::AlertCause::Escalated,
        Cause::Updated => care::AlertCause::Updated,
    }
}
