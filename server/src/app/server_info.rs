//! What a client shows of the server itself.

use osteon_proto::{server as pb, table::FIELD_TABLE_VERSION};

use super::{App, enrol::timestamp};
use crate::{access::Caller, error::Error};

pub async fn get(app: &App, caller: &Caller) -> Result<pb::GetServerInfoResponse, Error> {
    let settings = app.settings_for(caller.clinic).await?;
    let clinics = app.store.clinics().await?;
    let clinic = clinics.into_iter().find(|(clinic, _)| *clinic == caller.clinic).map(|(_, short_id)| short_id);
    let (set, now_ms) = (app.care.set(), app.now_ms());
    Ok(pb::GetServerInfoResponse {
        clinic: clinic.unwrap_or_default(),
        demo: app.is_demo(),
        server_time: Some(timestamp(now_ms)),
        epoch: app.epoch(),
        rule_set: set.version.to_string(),
        rule_set_date: set.published.to_string(),
        catalogue_version: FIELD_TABLE_VERSION,
        languages: settings.clinic.languages.iter().cloned().collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        time_zone: settings.clinic.zone.clone().unwrap_or_default(),
        nobody_on_call: settings.is_staff(caller.account) && settings.on_call(now_ms).is_empty(),
    })
}
