//! Patients who ask to be erased, and whom the clinic owes an answer or the deed. The request is a record of the circle
//! (ErasureRequest); carrying it out is `osteon erase`.

use osteon_proto::{care, wire::ids};
use osteon_sync_core::{FieldRef, RecordId};
use prost::Message;

use super::{
    App,
    look::{self, Looked},
    notes::categories,
    records::Session,
    views,
};
use crate::{
    access::Caller,
    error::Error,
    store::{AuditRow, CircleNo, ListQuery, UnixMs},
};

pub const ERASURE_REQUEST: u32 = 265;
/// More than one of a circle says nothing new: the newest are looked at.
const AT_MOST: u32 = 16;
/// Field number of the answer.
const ANSWER: u32 = 3;

/// A request that is neither taken back nor declined.
pub struct Asked {
    pub record: RecordId,
    pub asked_ms: UnixMs,
    /// The answer that holds; two that stand side by side are none.
    pub answer: Option<care::ErasureAnswer>,
    /// Until when: the day that was promised, else a month after it was asked (GDPR, Article 12(3)).
    pub due_ms: UnixMs,
    /// Categories of its label.
    pub touched: u32,
}

/// What the session's reader sees of a circle's.
pub async fn open(session: &mut Session) -> Result<Vec<Asked>, Error> {
    let query = ListQuery::by_time(ERASURE_REQUEST, None, AT_MOST);
    let mut rows = session.rows()?.list(query).await?;
    rows.retain(|row| views::readable(&session.scope, row.label));
    let parts = look::look(session.rows()?, rows, false).await?;
    Ok(parts.iter().filter(|one| one.created() && !one.lifecycle.state.is_ending()).filter_map(asked).collect())
}

fn asked(one: &Looked) -> Option<Asked> {
    let asked_ms = ids::birth(one.known, &one.part)?.clock.ms;
    let answer = one.view(FieldRef::register(ANSWER));
    let answer = answer.value().and_then(|chunk| care::ErasureRequest::decode(chunk).ok()?.answer);
    if answer.as_ref().is_some_and(|answer| answer.decision() == care::ErasureDecision::Declined) {
        return None;
    }
    let promised = answer.as_ref().and_then(|answer| answer.by.as_deref()).and_then(day_ms);
    let due_ms = promised.unwrap_or_else(|| a_month_later(asked_ms));
    let touched = categories(one.row.label);
    Some(Asked { record: one.row.record, asked_ms, answer, due_ms, touched })
}

/// The beginning of a day, UTC.
pub(super) fn day_ms(day: &str) -> Option<UnixMs> {
    let day: jiff::civil::Date = day.parse().ok()?;
    u64::try_from(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond()).ok()
}

fn a_month_later(ms: UnixMs) -> UnixMs {
    let later = || {
        let at = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
        let at = at.checked_add(jiff::Span::new().months(1)).ok()?;
        u64::try_from(at.timestamp().as_millisecond()).ok()
    };
    later().unwrap_or(ms)
}

/// The open requests of a clinic's circles, for whoever runs the server: (circle, its short id, request). Each circle that
/// has one gets a row in its audit.
pub async fn of_clinic(app: &App, clinic: u64) -> Result<Vec<(CircleNo, String, Asked)>, Error> {
    let mut found = Vec::new();
    for (circle, short_id) in app.store.circles_of_clinic(clinic).await? {
        let operator = Caller { account: 0, device: 0, clinic, family: 0, leaving: false };
        let Some(patient) = app.circle_access(circle, &operator).await?.patient() else { continue };
        let patient = Caller { account: patient, ..operator };
        let mut session = app.session(&patient, circle).await?;
        let asked = open(&mut session).await?;
        let touched = asked.iter().fold(0, |bits, one| bits | one.touched);
        if let Some(count) = u32::try_from(asked.len()).ok().filter(|n| *n > 0) {
            let row = AuditRow { categories: touched, count, ..app.row(&operator, circle, "erasure.list") };
            app.store.audit(vec![row]).await?;
        }
        found.extend(asked.into_iter().map(|one| (circle, short_id.clone(), one)));
    }
    found.sort_by_key(|(circle, _, one)| (one.due_ms, *circle));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_month_of_the_calendar() {
        let ms = |text: &str| u64::try_from(text.parse::<jiff::Timestamp>().unwrap().as_millisecond()).unwrap();
        assert_eq!(a_month_later(ms("2027-01-31T10:00:00Z")), ms("2027-02-28T10:00:00Z"));
        assert_eq!(a_month_later(ms("2026-11-27T10:00:00Z")), ms("2026-12-27T10:00:00Z"));
        assert_eq!(a_month_later(u64::MAX), u64::MAX);
        assert_eq!(day_ms("1970-01-02"), Some(86_400_000));
        assert_eq!(day_ms("soon"), None);
    }
}
