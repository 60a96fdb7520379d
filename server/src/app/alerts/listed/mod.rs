//! Alerts in words for whoever asks. Which alerts there are is kept in memory with what rules read; what is said of one is
//! read from its record through the reader's scope, like any other record: what one may not read is not there. What the
//! reader answers is in [`answer`], what others said in [`said`], the revisions before in [`history`].

mod answer;
mod history;
mod said;

use std::collections::BTreeMap;

use osteon_access_core::{Action, LabelId, Role, decide};
use osteon_care_core::{
    alerts::{ACKNOWLEDGEMENT, ALERT, CLOSURE, Raised},
    rules::{Evaluation, RuleSet, Settings, State, Told, evaluate, say},
};
use osteon_proto::{alert as pb, care, reasons::Reason, table::table};
use osteon_sync_core::RecordId;
use prost::Message;

pub use self::answer::{acknowledge, close};
pub(super) use self::said::Said;
use self::said::Seen;
use super::{
    App,
    due::goes_on,
    faces,
    kept::{self, instant},
    raise::{self, rank},
};
use crate::{
    access::{Caller, signed},
    app::{
        enrol::timestamp, look::Looked, notes::categories, records::Session, reviews::page_size, rights::type_facts,
        settings::Terms, views,
    },
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
    /// Those of them that nobody closed.
    open: Vec<RecordId>,
    said: Vec<RecordId>,
    /// By the newest revision, where it was asked for: those before it, the oldest first.
    before: BTreeMap<RecordId, Vec<RecordId>>,
    evaluated: Vec<Evaluation>,
    /// When those that nobody has seen go to the next in line.
    goes_on: BTreeMap<RecordId, u64>,
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
    let lister = Lister { session, set: &set, settings: &terms.rules, goes_on: &wanted.goes_on };
    let said = Said::of(&parts);
    let mut alerts: Vec<pb::ListedAlert> = wanted
        .alerts
        .iter()
        .filter_map(|record| {
            let history = wanted.before.get(record).map(|before| history::told(before, *record, &parts, &said));
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
    let open: Vec<RecordId> = held.alerts().open().map(|raised| raised.record).collect();
    let open_is_empty = open.is_empty();
    let all = alerts.iter().chain(before.values().flatten());
    let said = all.flat_map(|alert| held.alerts().said_to(*alert)).collect();
    let evaluated = if which.cannot_tell {
        evaluate(&app.care.set(), None, held.gathered().facts(), instant(app.now_ms()), &terms.rules)
    } else {
        Vec::new()
    };
    let goes_on = goes_on(terms, &held);
    let unfaced = !open_is_empty && held.faced().is_some_and(|faced| faced != generation);
    Ok(Wanted { alerts, open, said, before, evaluated, goes_on, unfaced })
}

/// A face, and the alert that it stands for.
struct Face(care::AlertFace);

impl Face {
    /// `None`: the alert has moved on, or was closed.
    fn listed(&self, open: &[RecordId]) -> Option<pb::RedactedAlert> {
        let Self(face) = self;
        let alert = RecordId(face.alert.as_ref()?.as_ref().try_into().ok()?);
        open.contains(&alert).then(|| pb::RedactedAlert {
            record_id: text_of(alert),
            severity: face.severity.unwrap_or_default(),
            revision: face.revision.unwrap_or_default(),
            raised: face.raised,
            call: face.call.clone(),
            nurse: face.nurse.unwrap_or_default(),
        })
    }
}

/// The reader's own.
async fn faces_of(session: &mut Session) -> Result<Vec<Face>, Error> {
    let account = session.member.viewer.account;
    let label = table().get(faces::FACE).and_then(|known| known.record_label(0, account).ok());
    let Some(label) = label.filter(|label| session.scope.reads(*label)) else { return Ok(Vec::new()) };
    let query = crate::store::ListQuery {
        type_number: faces::FACE,
        by_time: false,
        before: None,
        from_ms: 0,
        to_ms: i64::MAX as u64,
        limit: limits::ALERTS_OF_CIRCLE.u32(),
    };
    let rows = session.rows()?.list(query).await?;
    let ids: Vec<RecordId> = rows.iter().filter(|row| row.label == label.0).map(|row| row.record).collect();
    let parts = session.parts(&ids, false).await?;
    Ok(parts.values().filter_map(|parts| Some(Face(body(parts.first()?)))).collect())
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

/// One reader of one circle.
struct Lister<'l> {
    session: &'l Session,
    set: &'l RuleSet,
    settings: &'l Settings,
    goes_on: &'l BTreeMap<RecordId, u64>,
}

impl Lister<'_> {
    fn listed(&self, parts: &[Looked], said: &Said) -> Option<pb::ListedAlert> {
        let one = parts.first().filter(|one| one.row.type_number == ALERT)?;
        let alert: care::Alert = body(one);
        let rule = self.set.rule(alert.rule.as_deref()?);
        let severity = alert.severity();
        let (seen, closed) = said.to(one.row.record);
        let (owner, handed_to) = said::owner(seen, |account| self.is_of_team(account));
        let seen: Vec<pb::AlertSeen> = seen.iter().map(Seen::told).collect();
        let closed = closed.cloned();
        let (acknowledges, closes) = self.may_answer(one.row.label, &alert);
        // Whoever only asked another does not see to it.
        let sees = |one: &pb::AlertSeen| self.is_of_team(one.account) && (one.takes_over || one.hands_to == 0);
        let waits = closed.is_none() && !seen.iter().any(sees);
        let waits = waits && !alert.muted.unwrap_or(false);
        let step = alert.step.unwrap_or_default();
        let next = self.goes_on.get(&one.row.record).copied().filter(|_| waits);
        Some(pb::ListedAlert {
            record_id: text_of(one.row.record),
            text: rule.and_then(|rule| self.words(rule, &alert)).unwrap_or_default(),
            source: rule.map_or_else(String::new, |rule| rule.source.text.clone()),
            state: rule.map_or(pb::RuleState::Unspecified, |rule| state(rule.source.state)).into(),
            rule_set: alert.rule_set.clone().unwrap_or_default(),
            subject: alert
                .subject
                .as_ref()
                .and_then(|id| id.as_ref().try_into().ok())
                .map_or_else(String::new, |id| text_of(RecordId(id))),
            discriminator: alert.discriminator.clone().unwrap_or_default(),
            severity: severity.into(),
            revision: alert.revision.unwrap_or_default(),
            cause: alert.cause.unwrap_or_default(),
            raised: alert.raised,
            happened: alert.happened.as_ref().and_then(|moment| moment.at),
            late_days: alert.late_days.unwrap_or_default(),
            step,
            escalates: next.map(timestamp),
            owner,
            handed_to,
            history: Vec::new(),
            seen,
            closed,
            inputs: alert.inputs.iter().map(input).collect(),
            told: alert.told.clone(),
            told_members: alert.told_members.clone(),
            muted: alert.muted.unwrap_or(false),
            may_acknowledge: acknowledges,
            may_close: closes,
            rule: alert.rule.unwrap_or_default(),
        })
    }

    /// In the words for the reader's role.
    fn words(&self, rule: &osteon_care_core::rules::Rule, alert: &care::Alert) -> Option<String> {
        let fill = alert.texts.iter().filter_map(|one| Some((one.name.as_deref()?, one.text.as_deref()?)));
        let notes = alert.notes.iter().map(String::as_str).collect();
        let told = Told::recorded(rule, rank(alert.severity())?, fill.collect(), notes);
        say(self.set, rule, &told, self.settings, views::role(&self.session.member))
    }

    fn is_of_team(&self, account: u64) -> bool {
        self.session.member.access.access.members().any(|(one, role)| one == account && role.is_clinician())
    }

    /// Whether the reader may say that they have seen it, and how it ended.
    fn may_answer(&self, label: u64, alert: &care::Alert) -> (bool, bool) {
        let member = &self.session.member;
        let may = |number: u32| {
            let Some(known) = table().get(number) else { return false };
            let action = Action::CreateRecord { facts: type_facts(known, label), label: LabelId(label) };
            decide(signed(self.session.now_ms), &member.viewer, &member.access.access, &action).allowed()
        };
        let urgent = alert.severity() >= care::AlertSeverity::Urgent;
        let told = alert.told.contains(&i32::from(member.role().number()));
        let closes = (!urgent && told) || matches!(member.role(), Role::Nurse | Role::Physician);
        (may(ACKNOWLEDGEMENT), closes && may(CLOSURE))
    }

    /// Of rules whose categories the reader may read, if they are a clinician.
    fn cannot_tell(&self, evaluated: &[Evaluation]) -> Vec<pb::CannotTell> {
        if !self.session.member.role().is_clinician() {
            return Vec::new();
        }
        let reads = |id: &str| {
            let label = self.set.rule(id).and_then(raise::label_of);
            label.is_some_and(|label| views::readable(&self.session.scope, label))
        };
        let unsure = evaluated.iter().filter(|one| !one.cannot_tell.is_empty() && reads(one.rule));
        let told = unsure.map(|one| pb::CannotTell {
            rule: one.rule.to_owned(),
            missing: one.missing().iter().map(|input| input.name().clone()).collect(),
        });
        told.collect()
    }
}

const fn state(state: State) -> pb::RuleState {
    match state {
        State::Verified => pb::RuleState::Verified,
        State::Secondary => pb::RuleState::Secondary,
        State::Unverified => pb::RuleState::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use osteon_care_core::rules::Severity;

    use super::*;

    #[test]
    fn severities_are_those_of_the_contract() {
        let all: BTreeSet<i32> = Severity::ALL.iter().map(|one| raise::severity(*one) as i32).collect();
        assert!(all.into_iter().all(|number| {
            care::AlertSeverity::try_from(number).is_ok_and(|of| rank(of).is_some_and(|one| raise::severity(one) == of))
        }));
    }
}
