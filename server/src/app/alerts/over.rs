//! Closes alerts whose condition has ended: which those are says care-core (`alerts/over.rs`).

use osteon_care_core::{
    alerts::{self, Alerts, Raised},
    rules::Evaluation,
};
use osteon_proto::{care, wire::ids};
use osteon_sync_core::ledger::Context;
use prost::Message;

use super::{App, Writer, raise};
use crate::{
    app::{derived, secrets::sha256},
    store::{CircleNo, StoreError, Working},
};

/// Open alerts whose condition has ended, as far as these rules were asked.
pub(super) fn over(found: &[Evaluation], alerts: &Alerts, circle: CircleNo) -> Vec<Raised> {
    let key = |fires: &_| raise::key(circle, fires);
    alerts.over(found, key, |subject| raise::subject(circle, subject)).cloned().collect()
}

/// Closes one. Kept in its history, like what a person says.
pub(super) fn close(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    raised: &Raised,
) -> Result<(), StoreError> {
    let closure = care::AlertClosure {
        parent: Some(raised.record.0.to_vec().into()),
        outcome: Some(care::AlertOutcome::Solved.into()),
        reason: raised.ends().map(str::to_owned),
        ..care::AlertClosure::default()
    };
    let record = ids::derived_id(work.circle().circle, alerts::CLOSURE, &[&raised.record.0], sha256);
    derived::create(app, work, writer, ctx, (record, alerts::CLOSURE, raised.label), &closure.encode_to_vec())
}
