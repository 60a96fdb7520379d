//! The revisions of an alert before its newest: what was raised, why, and what people said to it.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::alerts::{ALERT, Alerts, Raised};
use osteon_proto::{alert as pb, care};
use osteon_sync_core::RecordId;

use super::{Said, Seen, body, input, lister::Lister, text_of};
use crate::{app::look::Looked, limits};

/// The newest of them, the oldest first.
pub(super) fn before(alerts: &Alerts, newest: &Raised) -> Vec<RecordId> {
    let mut before: Vec<(u32, RecordId)> = alerts
        .revisions(&newest.key)
        .filter(|one| one.revision < newest.revision)
        .map(|one| (one.revision, one.record))
        .collect();
    before.sort_unstable();
    let kept = before.len().saturating_sub(limits::ALERT_REVISIONS.usize());
    before.split_off(kept).into_iter().map(|(_, record)| record).collect()
}

/// As far as the reader may read them. A revision whose inputs belong to other categories stands under another label.
pub(super) fn told(
    before: &[RecordId],
    newest: RecordId,
    parts: &BTreeMap<RecordId, Vec<Looked>>,
    said: &Said,
    lister: &Lister<'_>,
) -> Vec<pb::AlertRevision> {
    let mut known: Option<BTreeSet<Vec<u8>>> = None;
    let mut told = Vec::new();
    for record in before.iter().copied().chain([newest]) {
        let Some(one) = parts.get(&record).and_then(|parts| parts.first()).filter(|one| one.row.type_number == ALERT)
        else {
            // What came between is hidden: what the next one adds is not known.
            known = None;
            continue;
        };
        let alert: care::Alert = body(one);
        let (seen, closed) = said.to(record);
        let is_new = |input: &&care::RuleInput| known.as_ref().is_some_and(|known| !known.contains(&key(input)));
        told.push(pb::AlertRevision {
            record_id: text_of(record),
            revision: alert.revision.unwrap_or_default(),
            severity: alert.severity.unwrap_or_default(),
            cause: alert.cause.unwrap_or_default(),
            raised: alert.raised,
            rule_set: alert.rule_set.clone().unwrap_or_default(),
            step: alert.step.unwrap_or_default(),
            told: alert.told.clone(),
            told_members: alert.told_members.clone(),
            seen: seen.iter().map(Seen::told).collect(),
            closed: closed.cloned(),
            text: lister.text(&alert),
            reopened_by: alert.inputs.iter().filter(is_new).map(input).collect(),
        });
        known = Some(alert.inputs.iter().map(key).collect());
    }
    told
}

fn key(input: &care::RuleInput) -> Vec<u8> {
    prost::Message::encode_to_vec(input)
}
