//! What people said to alerts: who has seen one, how it ended.

use std::collections::BTreeMap;

use osteon_care_core::alerts::{ACKNOWLEDGEMENT, CLOSURE};
use osteon_proto::{alert as pb, care};
use osteon_sync_core::{FieldRef, RecordId};

use super::{body, text_of};
use crate::app::{enrol::timestamp, look::Looked};

/// By the alert that it was said to.
pub(super) struct Said {
    pub(super) seen: BTreeMap<Vec<u8>, Vec<pb::AlertSeen>>,
    pub(super) closed: BTreeMap<Vec<u8>, pb::AlertClosed>,
}

impl Said {
    pub(super) fn of(parts: &BTreeMap<RecordId, Vec<Looked>>) -> Self {
        let (mut seen, mut closed): (BTreeMap<_, Vec<_>>, BTreeMap<_, pb::AlertClosed>) = Default::default();
        for (record, parts) in parts {
            let Some(one) = parts.first() else { continue };
            let written = one.part.versions(FieldRef::LIFECYCLE).next();
            let (account, at_ms) = written.map_or((0, 0), |birth| (birth.author.account, birth.clock.ms));
            let at = Some(timestamp(at_ms));
            match one.row.type_number {
                ACKNOWLEDGEMENT => {
                    let ack: care::AlertAcknowledgement = body(one);
                    let takes_over = ack.takes_over.unwrap_or(false);
                    let parent = ack.parent.unwrap_or_default().to_vec();
                    seen.entry(parent).or_default().push(pb::AlertSeen { account, at, takes_over });
                }
                CLOSURE => {
                    let end: care::AlertClosure = body(one);
                    let one = pb::AlertClosed {
                        record_id: text_of(*record),
                        outcome: end.outcome.unwrap_or_default(),
                        reason: end.reason.unwrap_or_default(),
                        account,
                        at,
                    };
                    closed.entry(end.parent.unwrap_or_default().to_vec()).or_insert(one);
                }
                _ => {}
            }
        }
        seen.values_mut().for_each(|seen| seen.sort_by_key(|one| one.at.as_ref().map(|at| (at.seconds, at.nanos))));
        Self { seen, closed }
    }
}
