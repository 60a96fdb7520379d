//! What holds of a field in dispute where that is what was last agreed (R-SYNC-1): it stands in the history alone, which
//! rules do not read. Read the way every other answer about the field is ([`look`]).

use std::{collections::BTreeMap, sync::Mutex};

use osteon_care_core::facts::{Dispute, shown};
use osteon_proto::table::table;
use osteon_sync_core::RecordId;

use super::{
    App,
    kept::{self, OfCircle},
};
use crate::{
    access::{Proof, Work},
    app::look,
    error::Error,
    store::CircleNo,
};

/// By record, label of its part, and field as disputes name it: the value as shown.
pub(super) type Agreed = BTreeMap<(RecordId, u64, String), String>;

/// Of the disputes of a circle of which the live versions alone do not say what holds.
pub(super) async fn of(app: &App, circle: CircleNo, of: &Mutex<OfCircle>) -> Result<Agreed, Error> {
    let open: Vec<RecordId> = {
        let held = kept::lock(of);
        let disputes = held.gathered().facts().house.disputes.iter();
        disputes.filter(|dispute| dispute.in_force.is_none()).map(|dispute| dispute.record.0).collect()
    };
    if open.is_empty() {
        return Ok(Agreed::new());
    }
    let mut snapshot = app.store.snapshot(circle).await?;
    let rows = snapshot.rows(Proof::of_server(circle, Work::Rules))?;
    let found = rows.parts_of(&open).await?;
    let looked = look::look(rows, found, false).await?;
    let mut agreed = Agreed::new();
    for one in &looked {
        let Some(known) = table().get(one.row.type_number) else { continue };
        for (field, view) in one.fields().filter(|(field, view)| field.element.is_empty() && view.disputed()) {
            let value = view.value().and_then(|chunk| shown(one.row.type_number, field.number, chunk));
            let name = known.field(field.number).map(|info| format!("{}.{}", known.name, info.name));
            if let Some((name, value)) = name.zip(value) {
                agreed.insert((one.row.record, one.row.label, name), value);
            }
        }
    }
    Ok(agreed)
}

/// Says it in a dispute.
pub(super) fn put(dispute: &mut Dispute, agreed: &Agreed) {
    if dispute.in_force.is_none() {
        dispute.in_force = agreed.get(&(dispute.record.0, dispute.label, dispute.field.clone())).cloned();
    }
}
