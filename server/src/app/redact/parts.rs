//! The version where it is live: in the record's parts, and in what was derived from them.

use std::collections::BTreeSet;

use osteon_proto::{table::table, values::time_ms};
use osteon_sync_core::{
    Change, Dot, Field, PartId,
    ledger::{CircleStore as _, Context, StoredPart},
};

use super::{Redact, plan::Plan};
use crate::{
    app::{App, circle::Circle, derived},
    store::{StoreError, Working},
};
impl Redact {
    /// Takes what is live of the version out of the record's parts. The commit has a sequence of its own.
    pub(super) fn take_out(
        &self,
        app: &App,
        work: &mut Working<'_>,
        names: &BTreeSet<Dot>,
        cleared: &[(u64, Field)],
        sequence: u64,
    ) -> Result<(), StoreError> {
        let key = app.secrets.digest_key(self.circle);
        let mut circle = Circle::open(work, &[self.record].into(), self.writer())?;
        circle.set_head(sequence);
        let ids: Vec<PartId> = circle.parts_of(self.record).map(|(id, _)| id).collect();
        for id in ids {
            let went = circle.forget(id, names, &key);
            // Also where nothing of it was live: what was last agreed is sent along with a part.
            let mut stored = circle.take_part(id);
            if went || cleared.iter().any(|(label, _)| *label == id.label) {
                stored.seq = sequence;
            }
            let time = retimed(id, &stored, cleared);
            circle.put_part(id, stored);
            circle.place(id, time, None);
        }
        circle.finish()?;
        // No change stands at this sequence: what names a commit by its change finds none.
        work.circle_mut().head_mark = 0;
        Ok(())
    }

    /// What was derived from the version is made anew; of what it was before, nothing is kept.
    pub(super) fn derive_again(
        &self,
        app: &App,
        work: &mut Working<'_>,
        plan: &Plan,
        touched: &Change,
        sequence: u64,
    ) -> Result<(), StoreError> {
        let digest_key = app.secrets.digest_key(self.circle);
        let ctx = Context { now_ms: self.now_ms, epoch: app.epoch(), digest_key, ..Context::default() };
        derived::settle(app, work, self.circle, self.writer(), &ctx, &[touched])?;
        for (made, history) in &plan.derived {
            self.forget_derived(work, *made, history, sequence)?;
        }
        Ok(())
    }
}

/// When the record happened is known by what is left; `None`: that did not move.
fn retimed(id: PartId, stored: &StoredPart, cleared: &[(u64, Field)]) -> Option<u64> {
    let known = table().get(stored.type_number)?;
    let field = Field::register(known.time_field?);
    if !cleared.contains(&(id.label, field.clone())) {
        return None;
    }
    let times = stored.part.versions(field.as_ref()).filter_map(|version| time_ms(known, version.value?));
    Some(times.max().map_or(0, |ms| u64::try_from(ms).unwrap_or(0)))
}
