//! Alerts in words for whoever asks. Which alerts there are is kept in memory with what rules read; what is said of one is
//! read from its record through the reader's scope, like any other record: what one may not read is not there. One alert in
//! the reader's words is in [`lister`], faces of what they may not read in [`faced`], what they answer in [`answer`], what
//! others said in [`said`], the revisions before in [`history`].

mod answer;
mod faced;
mod history;
mod lister;
mod said;

use std::collections::BTreeMap;

use osteon_care_core::{
    alerts::Raised,
    rules::{Evaluation, evaluate},
};
use osteon_proto::{alert as pb, care, reasons::Reason};
use osteon_sync_core::RecordId;
use prost::Message;

pub use self::answer::{acknowledge, close};
pub(super) use self::said::Said;
use self::{faced::faces_of, lister::Lister, said::Seen};
use super::{
    App,
    due::{Next, goes_on},
    kept::{self, instant},
};
use crate::{
    access::Caller,
    app::{enrol::timestamp, look::Looked, notes::categories, records::Session, reviews::page_size, settings::Terms},
    error::Error,
    limits,
    store::CircleNo,
};

/// Page token of a list over circles: the last circle that was listed.
#[derive(Clone, PartialEq, prost::Message)]
struct After {
    #[prost(uint64, tag = "1")]
    circle: u64,
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListAlertsRequest,
) -> Result<pb::ListAlertsResponse, Error> {
    severity_of(request.at_least)?;
    let size = page_size(request.page_size, &limits::PAGE_ALERT_CIRCLES)?;
    let after = app.page_token::<After>(caller, &request.page_token)?.map(|after| after.circle);
    if request.circle == 0 && (request.cannot_tell || request.history) {
        let field = if request.cannot_tell { "cannot_tell" } else { "history" };
        return Err(Error::field(field, Reason::ArgumentInvalid));
    }
    let mut circles = circles(app, caller, request.circle).await?;
    circles.retain(|circle| after.is_none_or(|after| *circle > after));
    let more = circles.len() > size;
    circles.truncate(size);
    let clinic = app.settings_for(caller.clinic).await?;
    let nobody_on_call = clinic.is_staff(caller.account) && clinic.on_call(app.now_ms()).is_empty();
    let mut answer = pb::ListAlertsResponse { nobody_on_call, ..Default::default() };
    for circle in circles {
        match of_circle(app, caller, circle, request).await {
            Ok(alerts) => answer.circles.push(alerts),
            // Not any more, or not of this clinic.
            Err(error) if request.circle == 0 && error.reason() == Reason::NotFound => {}
            Err(error) => return Err(error),
        }
        if more {
            answer.next_page_token = app.seal_page_token(caller, &After { circle });
        }
    }
    Ok(answer)
}

/// A number that is no severity would list nothing, which looks as if nothing was open.
pub(super) fn severity_of(at_least: i32) -> Result<care::AlertSeverity, Error> {
    care::AlertSeverity::try_from(at_least).map_err(|_| Error::field("at_least", Reason::ArgumentInvalid))
}

/// The circle that was asked for, or with 0 every circle of the caller, ascending.
pub(super) async fn circles(app: &App, caller: &Caller, circle: CircleNo) -> Result<Vec<CircleNo>, Error> {
    if circle != 0 {
        app.member(caller, circle).await?;
        return Ok(vec![circle]);
    }
    let mut circles: Vec<CircleNo> = app.store.circles_of(caller.account).await?.into_iter().map(|(c, _)| c).collect();
    circles.sort_unstable();
    circles.dedup();
    Ok(circles)
}

/// What is kept of a circle that a list needs: which revisions, and what people said to them.
struct Wanted {
    alerts: Vec<RecordId>,
    /// Those of them that nobody closed, and what they say anew: a face is of what people were told of.
    open: Vec<RecordId>,
    /// By revision: itself and those that it says anew.
    told_as: BTreeMap<RecordId, Vec<RecordId>>,
    said: Vec<RecordId>,
    /// By the newest revision, where it was asked for: those before it, the oldest first.
    before: BTreeMap<RecordId, Vec<RecordId>>,
    evaluated: Vec<Evaluation>,
    /// When those that nobody has seen go to the next in line, and to whom.
    goes_on: BTreeMap<RecordId, Next>,
    /// Who may read what has changed, and whoever may not read an alert has not been told that there is one.
    unfaced: bool,
}

async fn of_circle(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    request: &pb::ListAlertsRequest,
) -> Result<pb::CircleAlerts, Error> {
    let mut session = app.session(caller, circle).await?;
    let closed = if request.include_closed { Closed::All } else { Closed::None };
    let which =
        Which { closed, at_least: request.at_least, cannot_tell: request.cannot_tell, history: request.history };
    let (alerts, touched) = of_session(app, &mut session, &which).await?;
    let behind_glass = session.scope.behind_glass();
    drop(session);
    let listed = alerts.alerts.len() + alerts.redacted.len();
    app.note_list(caller, circle, "alert.list", touched, listed, behind_glass).await?;
    Ok(alerts)
}

/// Which of those that were closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    None,
    All,
    /// From the first instant up to, and without, the second; in milliseconds since 1970.
    Between(i64, i64),
}

impl Closed {
    fn wants(self, closed_ms: i64) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Between(from, to) => from <= closed_ms && closed_ms < to,
        }
    }
}

/// Which alerts of a circle.
pub struct Which {
    pub closed: Closed,
    /// Nothing below this severity, by its number.
    pub at_least: i32,
    pub cannot_tell: bool,
    /// The revisions before the newest, too.
    pub history: bool,
}

/// The alerts of a circle as an open session may see them, and the categories of what was looked at. Nothing is audited.
pub async fn of_session(app: &App, session: &mut Session, which: &Which) -> Result<(pb::CircleAlerts, u32), Error> {
    let circle = session.member.circle;
    let terms = app.terms_of(circle).await?;
    let generation = session.snapshot.circle().access_generation;
    let wanted = wanted(app, circle, &terms, which, generation).await?;
    let late_ms = app.store.rules_due_of(circle).await?.and_then(|due| due.late_ms);
    let before = wanted.before.values().flatten();
    let ids: Vec<RecordId> = wanted.alerts.iter().chain(before).chain(&wanted.said).copied().collect();
    let parts = session.parts(&ids, false).await?;
    let faces = faces_of(session).await?;
    let set = app.care.set();
    let (goes_on, told_as) = (&wanted.goes_on, &wanted.told_as);
    let lister = Lister { session, set: &set, settings: &terms.rules, goes_on, told_as };
    let said = Said::of(&parts);
    let mut alerts: Vec<pb::ListedAlert> = wanted
        .alerts
        .iter()
        .filter_map(|record| {
            let history =
                wanted.before.get(record).map(|before| history::told(before, *record, &parts, &said, &lister));
            Some(pb::ListedAlert { history: history.unwrap_or_default(), ..lister.listed(parts.get(record)?, &said)? })
        })
        .filter(|alert| alert.severity >= which.at_least)
        .collect();
    alerts.sort_by_key(|alert| {
        let raised = alert.raised.as_ref().map_or(0, |at| at.seconds);
        (std::cmp::Reverse(alert.severity), std::cmp::Reverse(raised), alert.record_id.clone())
    });
    let truncated = alerts.len() > limits::ALERTS_OF_CIRCLE.usize();
    alerts.truncate(limits::ALERTS_OF_CIRCLE.usize());
    // Whoever may read it by now needs no face of it.
    let is_hidden = |face: &pb::RedactedAlert| alerts.iter().all(|alert| alert.record_id != face.record_id);
    let faces = faces.iter().filter_map(|face| face.listed(&wanted.open));
    let redacted: Vec<pb::RedactedAlert> = faces.filter(is_hidden).collect();
    let cannot_tell = lister.cannot_tell(&wanted.evaluated);
    let touched = parts.values().flatten().fold(0, |bits, part| bits | categories(part.row.label));
    let late_since = late_ms.or(wanted.unfaced.then_some(session.now_ms)).map(timestamp);
    Ok((pb::CircleAlerts { circle, alerts, redacted, cannot_tell, late_since, truncated }, touched))
}

async fn wanted(app: &App, circle: CircleNo, terms: &Terms, which: &Which, generation: u64) -> Result<Wanted, Error> {
    let of = app.care.kept().current(app, circle).await?;
    let held = kept::lock(&of);
    let raised = held.alerts().newest_of_each();
    let raised = raised.filter(|raised| held.alerts().closed(raised).is_none_or(|ms| which.closed.wants(ms)));
    let raised: Vec<&Raised> = raised.collect();
    let alerts: Vec<RecordId> = raised.iter().map(|raised| raised.record).collect();
    let before = |newest: &&Raised| (newest.record, history::before(held.alerts(), newest));
    let before: BTreeMap<_, _> = raised.iter().filter(|_| which.history).map(before).collect();
    let told_as = |raised: &Raised| held.alerts().told_as(raised).map(|one| one.record).collect::<Vec<_>>();
    let open: Vec<RecordId> = held.alerts().open().flat_map(told_as).collect();
    let told_as = raised.iter().map(|raised| (raised.record, told_as(raised))).collect();
    let all = alerts.iter().chain(before.values().flatten());
    let said = all.flat_map(|alert| held.alerts().said_to(*alert)).collect();
    let evaluated = if which.cannot_tell {
        evaluate(&app.care.set(), None, held.gathered().facts(), instant(app.now_ms()), &terms.rules)
    } else {
        Vec::new()
    };
    let goes_on = goes_on(terms, &held);
    let unfaced = !open.is_empty() && held.faced().is_some_and(|faced| faced != generation);
    Ok(Wanted { alerts, open, told_as, said, before, evaluated, goes_on, unfaced })
}

/// A record of one version a field.
pub(super) fn body<M: Message + Default>(one: &Looked) -> M {
    let mut bytes = Vec::new();
    for (field, view) in one.fields() {
        if let Some(value) = view.effective.and_then(|version| version.value).filter(|_| field.number != 0) {
            bytes.extend_from_slice(value);
        }
    }
    M::decode(bytes.as_slice()).unwrap_or_default()
}

/// A record that a rule rests on, in the version that it read.
fn input(input: &care::RuleInput) -> pb::AlertInput {
    let record = input.record.as_ref().and_then(|id| id.as_ref().try_into().ok());
    pb::AlertInput {
        record_id: record.map_or_else(String::new, |id| text_of(RecordId(id))),
        epoch: input.epoch.unwrap_or_default(),
        replica: input.replica.unwrap_or_default(),
        counter: input.counter.unwrap_or_default(),
    }
}

fn text_of(record: RecordId) -> String {
    uuid::Uuid::from_bytes(record.0).to_string()
}
