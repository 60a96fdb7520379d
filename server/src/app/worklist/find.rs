//! Patients and people by what somebody types: what the list would say of them, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use osteon_access_core::Role;
use osteon_proto::{reasons::Reason, worklist as pb};

use super::{Ranked, all};
use crate::{
    access::Caller,
    app::{App, settings::ClinicSettings},
    error::Error,
    limits,
    store::{AccountNo, AuditRow},
};

const DEFAULT: usize = 20;

pub async fn find(app: &App, caller: &Caller, request: &pb::FindRequest) -> Result<pb::FindResponse, Error> {
    limits::FIND_BYTES.check(request.text.len())?;
    let text = request.text.trim().to_lowercase();
    if text.is_empty() {
        return Err(Error::field("text", Reason::ArgumentInvalid));
    }
    let asked = usize::try_from(request.page_size).map_err(|_| Error::field("page_size", Reason::ArgumentInvalid))?;
    let size = if asked == 0 { DEFAULT } else { asked.min(limits::PAGE_FOUND.usize()) };
    let settings = app.settings_for(caller.clinic).await?;
    let rows = all(app, caller, &settings).await?;
    let fits = |word: &String| word.to_lowercase().contains(&text);
    let is_found = |one: &&Ranked| fits(&one.told.short_id) || one.told.display_names.iter().any(fits);
    let mut patients: Vec<&Ranked> = rows.iter().filter(is_found).collect();
    patients.sort_by_key(|one| &one.told.short_id);
    let mut people = people(&rows, &settings, fits);
    let truncated = patients.len() > size || people.len() > size;
    patients.truncate(size);
    people.truncate(size);
    audit(app, caller, &patients).await?;
    let patient = |one: &&Ranked| pb::FoundPatient {
        circle: one.told.circle,
        short_id: one.told.short_id.clone(),
        display_names: one.told.display_names.clone(),
    };
    Ok(pb::FindResponse { patients: patients.iter().map(patient).collect(), people, truncated })
}

/// Staff of the caller's circles, by account.
fn people(rows: &[Ranked], settings: &ClinicSettings, fits: impl Fn(&String) -> bool) -> Vec<pb::FoundPerson> {
    let mut roles: BTreeMap<AccountNo, BTreeSet<i32>> = BTreeMap::new();
    let members = rows.iter().flat_map(|one| one.row.members.iter());
    for (account, role) in members.filter(|(_, role)| role.is_clinician() || *role == Role::ClinicAdmin) {
        roles.entry(*account).or_default().insert(i32::from(role.number()));
    }
    let person = |(account, roles): (AccountNo, BTreeSet<i32>)| {
        let teams = settings.clinic.teams.iter().filter(|team| team.members.contains(&account));
        let teams: Vec<String> = teams.map(|team| team.name.clone()).collect();
        let is_found = fits(&account.to_string()) || teams.iter().any(&fits);
        is_found.then(|| pb::FoundPerson { account, roles: roles.into_iter().collect(), teams })
    };
    roles.into_iter().filter_map(person).collect()
}

/// A row of the audit for each patient whose name is told.
async fn audit(app: &App, caller: &Caller, patients: &[&Ranked]) -> Result<(), Error> {
    let named = patients.iter().filter(|one| !one.told.display_names.is_empty());
    let row = |one: &&Ranked| {
        let row = app.row(caller, one.told.circle, "work.find");
        AuditRow { categories: one.row.of_name, count: 1, ..row }
    };
    let rows: Vec<AuditRow> = named.map(row).collect();
    if rows.is_empty() { Ok(()) } else { Ok(app.store.audit(rows).await?) }
}
