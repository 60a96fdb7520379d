//! The redacted face of an alert: what somebody who is told, and lacks a category of it, sees. That there is one, how
//! soon, and whom to call; nothing of what it is about.

use std::collections::BTreeSet;

use osteon_access_core::{LabelId, Role, Viewer, scope};
use osteon_proto::{care, meta::Category, table::table, wire::ids};
use osteon_sync_core::{RecordId, ledger::Context};
use prost::Message;

use super::{App, Writer};
use crate::{
    access::signed,
    app::{derived, secrets::sha256, settings::Terms},
    store::{StoreError, Working},
};

pub(super) const FACE: u32 = 414;

/// The alert that a face stands for: whom it tells it says itself.
pub(super) struct Face<'a> {
    pub record: RecordId,
    pub label: u64,
    pub alert: &'a care::Alert,
}

/// One for each member who is told and may not read the alert, beside those that stand.
pub(super) fn write(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    of: &Face<'_>,
    terms: &Terms,
    stand: &BTreeSet<RecordId>,
) -> Result<(), StoreError> {
    let circle = work.circle().circle;
    let access = app.access_in(circle, work.access())?;
    let Face { record: alert, label, alert: said } = of;
    let members: Vec<(u64, Role)> = access.access.members().collect();
    let nurse = members.iter().find(|(_, role)| *role == Role::Nurse).map(|(account, _)| *account);
    let is_told = |role: Role| said.told.contains(&i32::from(role.number()));
    let is_told = |(account, role): &(u64, Role)| is_told(*role) || said.told_members.contains(account);
    for (account, role) in members.iter().copied().filter(is_told) {
        let viewer = Viewer { account, role };
        let labels = [LabelId(*label)];
        let reads = scope(signed(writer.now_ms), &viewer, &access.access, &labels).is_ok_and(|s| s.reads(labels[0]));
        // A caregiver who was granted nothing of it by name is told nothing, not even that there is something; nor is anybody
        // of wishes for the end of life: few rules are about them, so that there is one says which.
        let of = osteon_proto::LabelId(*label);
        let grants = |category| {
            let label = LabelId(osteon_proto::LabelId::of([category]).0);
            scope(signed(writer.now_ms), &viewer, &access.access, &[label]).is_ok_and(|s| s.reads(label))
        };
        let is_known = role != Role::Caregiver || of.categories().any(grants);
        if reads || !is_known || of.categories().any(|category| category == Category::C15EndOfLife) {
            continue;
        }
        let face = care::AlertFace {
            account: Some(account),
            alert: Some(alert.0.to_vec().into()),
            severity: said.severity,
            revision: said.revision,
            raised: said.raised,
            call: terms.rules.team_line.iter().take(8).cloned().collect(),
            nurse: nurse.filter(|nurse| *nurse != account),
        };
        let Some(known) = table().get(FACE) else { return Ok(()) };
        let Ok(label) = known.record_label(0, account) else { continue };
        let record = ids::derived_id(circle, FACE, &[&alert.0, &account.to_be_bytes()], sha256);
        if stand.contains(&record) {
            continue;
        }
        derived::create(app, work, writer, ctx, (record, FACE, label.0), &face.encode_to_vec())?;
    }
    Ok(())
}
