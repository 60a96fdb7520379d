//! ListTargets: which values of guidelines and labels concern the patient, out of the records that the caller may read, beside
//! what the plans have set. What the records come to is `care_core::targets`; here they are read, and nothing is written.

mod asked;
mod read;
mod told;

use osteon_care_core::targets::{self, Limits, Person, plan_values};
use osteon_proto::target as pb;

use self::{asked::Asked, read::Found};
use super::{App, clock, enrol::timestamp, notes::categories};
use crate::{access::Caller, error::Error};

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListTargetsRequest,
) -> Result<pb::ListTargetsResponse, Error> {
    let asked = Asked::of(request)?;
    // Before the session: nothing waits for the store while it holds one of its readers.
    let settings = app.settings_for(caller.clinic).await?;
    let set = app.care.set();
    let limits = Limits::of(&set, &settings.rules);
    let mut session = app.session(caller, asked.circle).await?;
    let clock = clock::of(&mut session, asked.offset_min).await?;
    let on = asked.on.unwrap_or_else(|| clock.now.day());
    let found = Found::read(&mut session, on, &limits).await?;
    let person = Person::of(&found.merged(), on, clock.now.offset_min, &limits);
    let groups = targets::targets(&person);
    let plan = plan_values(&found.plans());
    let switches = targets::switches(&set, &settings.rules);
    let answer = pb::ListTargetsResponse {
        on: on.to_string(),
        version: targets::VERSION,
        groups: groups.iter().map(|group| told::group(group, &plan)).collect(),
        thresholds: switches.iter().map(told::threshold).collect(),
        as_of: Some(timestamp(session.now_ms)),
        utc_offset_min: clock.now.offset_min,
        clock: clock.source.into(),
    };
    // What tells the clock is told.
    let told_by = clock.told_by.values().flatten().fold(0, |bits, one| bits | categories(one.row.label));
    let categories = found.categories() | told_by;
    let (read, behind_glass) = (found.len() + clock.told_by.len(), session.scope.behind_glass());
    // As before the session.
    drop(session);
    app.note_list(caller, asked.circle, "target.list", categories, read, behind_glass).await?;
    Ok(answer)
}
