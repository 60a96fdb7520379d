//! What rules on a phone need of the clinic's settings, copied into each circle of the clinic (V-CLINIC).

use std::sync::Arc;

use osteon_care_core::clinic;
use osteon_sync_core::ledger::Context;
use prost::Message;

use super::ClinicSettings;
use crate::{
    app::{App, circle::Writer, commit::RETRY_AFTER_MS, derived, ids_for},
    error::{Error, Reason},
    store::{CircleNo, Needs, RulesDue, StoreError, commit},
};

const COPY: u32 = 467;

/// Gives every circle of a clinic what was set since it was given something last.
pub(super) async fn keep(app: &Arc<App>, clinic_no: u64) -> Result<(), Error> {
    let settings = app.settings_for(clinic_no).await?;
    let before = app.settings.copied(clinic_no);
    if before.as_ref().is_some_and(|before| before.is_like(&settings)) {
        return Ok(());
    }
    for (circle, _) in app.store.circles_of_clinic(clinic_no).await? {
        match put(app, circle, &settings, before.is_some()).await {
            // Erased meanwhile.
            Err(error) if error.reason() == Reason::NotFound => {}
            done => done?,
        }
    }
    app.settings.put_copied(settings);
    Ok(())
}

/// Gives one circle what its clinic has set.
pub async fn copy_to(app: &Arc<App>, clinic_no: u64, circle: CircleNo) -> Result<(), Error> {
    let settings = app.settings_for(clinic_no).await?;
    put(app, circle, &settings, false).await
}

/// `changed`: the rules are asked again, and so is who is told next.
async fn put(app: &Arc<App>, circle: CircleNo, settings: &Arc<ClinicSettings>, changed: bool) -> Result<(), Error> {
    // The same settings at another head are no change of the circle.
    let copy = clinic::to_copy(&settings.rules, &settings.clinic, 0);
    let made = copy.encode_to_vec();
    let nothing = ClinicSettings::empty(settings.clinic_no);
    if copy == clinic::to_copy(&nothing.rules, &nothing.clinic, 0) && !changed {
        return Ok(());
    }
    let record = ids_for::singleton(circle, COPY);
    let in_commit = Arc::clone(app);
    let needs = Needs { circle, records: vec![record], ..Needs::default() };
    let done = commit(&*app.store, needs, move |work| {
        let now_ms = in_commit.now_ms();
        let writer = Writer { device: 0, now_ms, account: 0, behalf: None };
        let ctx = Context {
            now_ms,
            epoch: in_commit.epoch(),
            retry_after_ms: RETRY_AFTER_MS,
            digest_key: in_commit.secrets.digest_key(circle),
            ..Context::default()
        };
        derived::put(&in_commit, work, writer, &ctx, (record, COPY), &made)?;
        if changed {
            work.put_rules_due_by(RulesDue { at_ms: now_ms, late_ms: None });
        }
        Ok(())
    })
    .await;
    match done {
        Err(StoreError::NotFound) => Err(Error::not_found()),
        done => Ok(done?),
    }
}
