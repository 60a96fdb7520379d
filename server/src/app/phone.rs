//! How the phone of a patient stands, for who cares for them: what has not reached it, which the server knows, and what it last
//! said of itself.

use osteon_access_core::Role;
use osteon_proto::{circle as pb, sync};
use prost::Message;

use super::{
    alerts::away::{self, AWAY_MS, Waiting},
    enrol::timestamp,
};
use crate::store::identity::PhoneRow;

/// What a phone with less room than this may soon not save: a photo has up to 8 MiB, the database writes what it changes twice.
const STORAGE_LOW_MB: u64 = 200;
const FORK_TOLD_MS: u64 = 90 * 24 * 3_600_000;

/// Who is told: those who have to call, and the patient.
pub(super) fn is_told(role: Role) -> bool {
    role.is_clinician() || matches!(role, Role::ClinicAdmin | Role::Patient)
}

/// The phone among those of a patient that came last, and what waits for it.
pub(super) fn told(phones: &[PhoneRow], waiting: impl FnOnce(&PhoneRow) -> Waiting, now_ms: u64) -> pb::PhoneState {
    let Some(last) = away::last(phones) else {
        return pb::PhoneState { standing: pb::PhoneStanding::None.into(), ..Default::default() };
    };
    let (delivered_sequence, came_ms) = away::came(last);
    let heard = last.heard.as_ref();
    let heard_ms = heard.map_or(came_ms, |(at_ms, _)| came_ms.max(*at_ms));
    let is_silent = now_ms.saturating_sub(heard_ms) > AWAY_MS;
    let health = heard.and_then(|(_, health)| sync::DeviceHealth::decode(health.as_slice()).ok()).unwrap_or_default();
    let waiting = waiting(last);
    pb::PhoneState {
        standing: if is_silent { pb::PhoneStanding::Silent } else { pb::PhoneStanding::Heard }.into(),
        last_heard: Some(timestamp(heard_ms)),
        delivered_sequence,
        safety_undelivered: waiting.is_safety,
        reported: heard.map(|(at_ms, _)| timestamp(*at_ms)),
        outbox_count: health.outbox_count,
        outbox_oldest: health.outbox_oldest,
        draft_count: health.draft_count,
        app_version: health.app_version,
        rule_set_version: health.rule_set_version,
        notifications_allowed: health.notifications_allowed,
        alerts_undelivered: waiting.alerts,
        plans_undelivered: waiting.plans,
        reached: Vec::new(),
        field_table_version: health.field_table_version,
        storage_free_mb: health.storage_free_mb,
        storage_low: health.storage_free_mb.is_some_and(|free| free < STORAGE_LOW_MB),
        clock_offset_ms: last.offset_ms,
        purge_pending: last.purge_ms.map(timestamp),
        forked: last.forked_ms.filter(|at_ms| now_ms.saturating_sub(*at_ms) <= FORK_TOLD_MS).map(timestamp),
    }
}
