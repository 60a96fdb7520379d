//! What people say to alerts: that they have seen one, how it ended. Both stand under the alert's own label, so that nobody
//! answers what they may not read; and an emergency, or an urgent one, is closed by a nurse or a physician alone (care
//! specification, 6.1.4).

use osteon_access_core::Role;
use osteon_care_core::{
    alerts::{ACKNOWLEDGEMENT, ALERT, Alerts, CLOSURE},
    rules::Severity,
};
use osteon_proto::{care, check::says_something, reasons::Reason, wire::ids::creates};
use osteon_sync_core::{Change, FieldRef, Part, PartWrite, Put, RecordId};
use prost::Message;

use crate::store::{StoreError, Working};

/// `AlertClosure.outcome` and `reason`.
const OUTCOME: u32 = 3;
const REASON: u32 = 5;
/// `Alert.told`.
const TOLD: u32 = 15;

/// The alert that a part answers; `None`: it answers none, or says something more to an answer that stands.
fn alert_of(part: &PartWrite) -> Option<RecordId> {
    if !matches!(part.type_number, ACKNOWLEDGEMENT | CLOSURE) || !creates(part) {
        return None;
    }
    // Both name their alert in the first field, and have nothing else in common.
    let named = part.writes.iter().find(|write| write.field.as_ref() == FieldRef::register(1))?;
    let message = care::AlertAcknowledgement::decode(named.put.as_ref().and_then(Put::value)?).ok()?;
    Some(RecordId(message.parent?.as_ref().try_into().ok()?))
}

/// One field of a closure.
fn said(part: &PartWrite, field: u32) -> Option<care::AlertClosure> {
    let said = part.writes.iter().find(|write| write.field.as_ref() == FieldRef::register(field))?;
    care::AlertClosure::decode(said.put.as_ref().and_then(Put::value)?).ok()
}

/// How a closure says that the alert ended; a number of a newer program is an outcome, too.
fn outcome(part: &PartWrite) -> Option<i32> {
    said(part, OUTCOME)?.outcome
}

/// Whoever closes an emergency and did nothing says why.
pub fn lacks_reason(severity: Severity, outcome: i32, reason: &str) -> bool {
    use care::AlertOutcome::{EnteredInError, NotRelevant, Watching};
    let nothing_done = [NotRelevant, EnteredInError, Watching].into_iter().any(|one| i32::from(one) == outcome);
    severity == Severity::Emergency && nothing_done && !says_something(reason)
}

/// The alerts that these changes answer: a commit reads them.
pub fn needs<'c>(changes: impl Iterator<Item = &'c Change>) -> impl Iterator<Item = RecordId> {
    changes.flat_map(|change| &change.parts).filter_map(alert_of)
}

/// Whether an alert was told to a role: nobody closes what was never said to them.
fn is_told(alert: &Part, role: Role) -> bool {
    let told = alert.versions(FieldRef::register(TOLD)).filter_map(|version| version.value);
    let told = told.filter_map(|value| care::Alert::decode(value).ok()).flat_map(|alert| alert.told);
    told.into_iter().any(|told| told == i32::from(role.number()))
}

/// Why somebody in this role may not say it: which part, the reason, and the field.
pub fn refused(
    work: &Working<'_>,
    change: &Change,
    role: Role,
) -> Result<Option<(usize, Reason, &'static str)>, StoreError> {
    for (i, part) in change.parts.iter().enumerate() {
        let Some(alert) = alert_of(part) else { continue };
        let rows = work.parts_of(alert)?;
        let row = rows.into_iter().find(|row| row.type_number == ALERT && row.label == part.part.label);
        if part.type_number == CLOSURE && outcome(part).is_none_or(|outcome| outcome == 0) {
            return Ok(Some((i, Reason::OutcomeMissing, "alert_closure.outcome")));
        }
        let member = if part.type_number == CLOSURE { "alert_closure.parent" } else { "alert_acknowledgement.parent" };
        let Some(row) = row else { return Ok(Some((i, Reason::AlertUnknown, member))) };
        let mut alerts = Alerts::default();
        alerts.put(alert, ALERT, row.label, Some(&row.part()?));
        let severity = alerts.get(alert).map_or(Severity::Emergency, |raised| raised.severity);
        let urgent = severity >= Severity::Urgent;
        let told = is_told(&row.part()?, role);
        let closes = matches!(role, Role::Nurse | Role::Physician | Role::System);
        if part.type_number == CLOSURE && !closes && (urgent || !told) {
            return Ok(Some((i, Reason::AlertCloser, member)));
        }
        let reason = said(part, REASON).and_then(|end| end.reason).unwrap_or_default();
        if part.type_number == CLOSURE && lacks_reason(severity, outcome(part).unwrap_or_default(), &reason) {
            return Ok(Some((i, Reason::AlertReasonMissing, "alert_closure.reason")));
        }
    }
    Ok(None)
}
