//! The redacted face of an alert: what somebody who is told, and lacks a category of it, sees. That there is one, how
//! soon, and whom to call; nothing of what it is about.

use osteon_access_core::{LabelId, Role, Viewer, scope};
use osteon_care_core::rules::Rule;
use osteon_proto::{care, table::table, wire::ids};
use osteon_sync_core::{RecordId, ledger::Context};
use prost::Message;

use super::{
    App, Writer,
    raise::{self, News},
};
use crate::{
    access::signed,
    app::{derived, enrol::timestamp, secrets::sha256},
    store::{StoreError, Working},
};

pub(super) const FACE: u32 = 414;

/// One for each member who is told and may not read the alert.
pub(super) fn write(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    news: &News,
    rule: &Rule,
    (alert, label): (RecordId, u64),
) -> Result<(), StoreError> {
    let circle = work.circle().circle;
    let access = app.access_in(circle, work.access())?;
    let told = raise::told(rule, news.next.severity);
    let members: Vec<(u64, Role)> = access.access.members().collect();
    let nurse = members.iter().find(|(_, role)| *role == Role::Nurse).map(|(account, _)| *account);
    let is_told = |role: Role| told.iter().any(|told| *told as i32 == i32::from(role.number()));
    for (account, role) in members.iter().copied().filter(|(_, role)| is_told(*role)) {
        let viewer = Viewer { account, role };
        let labels = [LabelId(label)];
        let reads = scope(signed(writer.now_ms), &viewer, &access.access, &labels).is_ok_and(|s| s.reads(labels[0]));
        // A caregiver was granted nothing of it by name: they are told nothing, not even that there is something.
        if reads || role == Role::Caregiver {
            continue;
        }
        let face = care::AlertFace {
            account: Some(account),
            alert: Some(alert.0.to_vec().into()),
            severity: Some(raise::severity(news.next.severity) as i32),
            revision: Some(news.next.revision),
            raised: Some(timestamp(writer.now_ms)),
            call: app.rule_settings(circle).team_line.iter().take(8).cloned().collect(),
            nurse: nurse.filter(|nurse| *nurse != account),
        };
        let Some(known) = table().get(FACE) else { return Ok(()) };
        let Ok(label) = known.record_label(0, account) else { continue };
        let record = ids::derived_id(circle, FACE, &[&alert.0, &account.to_be_bytes()], sha256);
        derived::create(app, work, writer, ctx, (record, FACE, label.0), &face.encode_to_vec())?;
    }
    Ok(())
}
