//! Patients and people by what somebody types: what a list would show of them, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{reasons::Reason, worklist as pb};

use super::row::Known;
use crate::{
    access::Caller,
    app::App,
    error::Error,
    limits,
    store::{AccountNo, AuditRow, CircleNo},
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
    let mut circles: Vec<CircleNo> = app.store.circles_of(caller.account).await?.into_iter().map(|(c, _)| c).collect();
    circles.sort_unstable();
    circles.dedup();
    let mut found = Found { text, patients: Vec::new(), roles: BTreeMap::new(), read: Vec::new() };
    for circle in circles {
        match found.circle(app, caller, circle).await {
            Err(error) if error.reason() != Reason::NotFound => return Err(error),
            _ => {}
        }
    }
    if !found.read.is_empty() {
        app.store.audit(std::mem::take(&mut found.read)).await?;
    }
    let people = found.people(app, caller).await?;
    let mut patients = found.patients;
    patients.sort_by(|a, b| a.short_id.cmp(&b.short_id));
    let truncated = patients.len() > size || people.len() > size;
    patients.truncate(size);
    Ok(pb::FindResponse { patients, people: people.into_iter().take(size).collect(), truncated })
}

struct Found {
    text: String,
    patients: Vec<pb::FoundPatient>,
    /// Roles of the staff of the caller's circles.
    roles: BTreeMap<AccountNo, BTreeSet<i32>>,
    /// Whose names are told: rows of the audit.
    read: Vec<AuditRow>,
}

impl Found {
    fn fits(&self, word: &str) -> bool {
        word.to_lowercase().contains(&self.text)
    }

    async fn circle(&mut self, app: &App, caller: &Caller, circle: CircleNo) -> Result<(), Error> {
        let mut session = app.session(caller, circle).await?;
        let known = Known::named(&mut session).await?;
        let (short_id, display_names) = (session.snapshot.circle().short_id.clone(), known.names());
        if self.fits(&short_id) || display_names.iter().any(|name| self.fits(name)) {
            if !display_names.is_empty() {
                let row = app.row(caller, circle, "work.find");
                self.read.push(AuditRow { categories: known.touched(), count: 1, ..row });
            }
            self.patients.push(pb::FoundPatient { circle, short_id, display_names });
        }
        let staff = session.member.access.access.members();
        for (account, role) in
            staff.filter(|(_, role)| role.is_clinician() || *role == osteon_access_core::Role::ClinicAdmin)
        {
            self.roles.entry(account).or_default().insert(i32::from(role.number()));
        }
        Ok(())
    }

    async fn people(&self, app: &App, caller: &Caller) -> Result<Vec<pb::FoundPerson>, Error> {
        let settings = app.settings_for(caller.clinic).await?;
        let person = |(account, roles): (&AccountNo, &BTreeSet<i32>)| {
            let teams = settings.clinic.teams.iter().filter(|team| team.members.contains(account));
            let teams: Vec<String> = teams.map(|team| team.name.clone()).collect();
            let fits = self.fits(&account.to_string()) || teams.iter().any(|team| self.fits(team));
            fits.then(|| pb::FoundPerson { account: *account, roles: roles.iter().copied().collect(), teams })
        };
        Ok(self.roles.iter().filter_map(person).collect())
    }
}
