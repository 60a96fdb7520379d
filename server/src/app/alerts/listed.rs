//! Alerts in words for whoever asks, and what they say to them. Which alerts there are is kept in memory with what rules
//! read; what is said of one is read from its record through the reader's scope, like any other record: what one may not
//! read is not there.

use std::{collections::BTreeMap, sync::Arc};

use osteon_access_core::{Action, LabelId, Role, decide};
use osteon_care_core::{
    alerts::{ACKNOWLEDGEMENT, ALERT, CLOSURE},
    rules::{Evaluation, RuleSet, Settings, Severity, State, Told, evaluate, say},
};
use osteon_proto::{alert as pb, care, reasons::Reason, record, split, table::table};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    App, faces,
    kept::{self, instant},
    raise,
};
use crate::{
    access::{Caller, signed},
    app::{
        enrol::timestamp,
        look::Looked,
        notes::categories,
        records::{self, Session, parse_id},
        reviews::page_size,
        rights::type_facts,
        views,
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
    let size = page_size(request.page_size, &limits::PAGE_ALERT_CIRCLES)?;
    let after = app.page_token::<After>(caller, &request.page_token)?.map(|after| after.circle);
    let mut circles: Vec<CircleNo> = match request.circle {
        0 if request.cannot_tell => return Err(Error::field("cannot_tell", Reason::ArgumentInvalid)),
        0 => app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect(),
        circle => {
            app.member(caller, circle).await?;
            vec![circle]
        }
    };
    circles.sort_unstable();
    circles.dedup();
    circles.retain(|circle| after.is_none_or(|after| *circle > after));
    let more = circles.len() > size;
    circles.truncate(size);
    let mut answer = pb::ListAlertsResponse::default();
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

/// What is kept of a circle that a list needs: which revisions, and what people said to them.
struct Wanted {
    alerts: Vec<RecordId>,
    said: Vec<RecordId>,
    evaluated: Vec<Evaluation>,
}

async fn of_circle(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    request: &pb::ListAlertsRequest,
) -> Result<pb::CircleAlerts, Error> {
    let mut session = app.session(caller, circle).await?;
    let wanted = wanted(app, circle, request).await?;
    let late_ms = app.store.rules_due_of(circle).await?.and_then(|due| due.late_ms);
    let ids: Vec<RecordId> = wanted.alerts.iter().chain(&wanted.said).copied().collect();
    let parts = session.parts(&ids, false).await?;
    let faces = faces_of(&mut session).await?;
    let (set, settings) = (app.care.set(), app.rule_settings(circle));
    let lister = Lister { app, session: &session, set: &set, settings: &settings };
    let said = Said::of(&parts);
    let mut alerts: Vec<pb::ListedAlert> = wanted
        .alerts
        .iter()
        .filter_map(|record| lister.listed(parts.get(record)?, &said))
        .filter(|alert| alert.severity >= request.at_least)
        .collect();
    alerts.sort_by_key(|alert| {
        let raised = alert.raised.as_ref().map_or(0, |at| at.seconds);
        (std::cmp::Reverse(alert.severity), std::cmp::Reverse(raised), alert.record_id.clone())
    });
    let truncated = alerts.len() > limits::ALERTS_OF_CIRCLE.usize();
    alerts.truncate(limits::ALERTS_OF_CIRCLE.usize());
    let redacted: Vec<pb::RedactedAlert> = faces.iter().filter_map(|face| face.listed(&wanted.alerts)).collect();
    let cannot_tell = lister.cannot_tell(&wanted.evaluated);
    let touched = parts.values().flatten().fold(0, |bits, part| bits | categories(part.row.label));
    let behind_glass = session.scope.behind_glass();
    let listed = alerts.len() + redacted.len();
    drop(session);
    app.note_list(caller, circle, "alert.list", touched, listed, behind_glass).await?;
    let late_since = late_ms.map(timestamp);
    Ok(pb::CircleAlerts { circle, alerts, redacted, cannot_tell, late_since, truncated })
}

async fn wanted(app: &App, circle: CircleNo, request: &pb::ListAlertsRequest) -> Result<Wanted, Error> {
    let of = app.care.kept().current(app, circle).await?;
    let held = kept::lock(&of);
    let raised = held.alerts().newest_of_each();
    let raised = raised.filter(|raised| request.include_closed || held.alerts().closed(raised).is_none());
    let alerts: Vec<RecordId> = raised.map(|raised| raised.record).collect();
    let said = alerts.iter().flat_map(|alert| held.alerts().said_to(*alert)).collect();
    let evaluated = if request.cannot_tell {
        let (set, settings) = (app.care.set(), app.rule_settings(circle));
        evaluate(&set, None, held.gathered().facts(), instant(app.now_ms()), &settings)
    } else {
        Vec::new()
    };
    Ok(Wanted { alerts, said, evaluated })
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
fn body<M: Message + Default>(one: &Looked) -> M {
    let mut bytes = Vec::new();
    for (field, view) in one.fields() {
        if let Some(value) = view.effective.and_then(|version| version.value).filter(|_| field.number != 0) {
            bytes.extend_from_slice(value);
        }
    }
    M::decode(bytes.as_slice()).unwrap_or_default()
}

fn text_of(record: RecordId) -> String {
    uuid::Uuid::from_bytes(record.0).to_string()
}

/// What people said, by the alert that they said it to.
struct Said {
    seen: BTreeMap<Vec<u8>, Vec<pb::AlertSeen>>,
    closed: BTreeMap<Vec<u8>, pb::AlertClosed>,
}

impl Said {
    fn of(parts: &BTreeMap<RecordId, Vec<Looked>>) -> Self {
        let (mut seen, mut closed): (BTreeMap<_, Vec<_>>, BTreeMap<_, pb::AlertClosed>) = Default::default();
        for (record, parts) in parts {
            let Some(one) = parts.first() else { continue };
            let written = one.part.versions(osteon_sync_core::FieldRef::LIFECYCLE).next();
            let (account, at_ms) = written.map_or((0, 0), |birth| (birth.author.account, birth.clock.ms));
            let at = Some(timestamp(at_ms));
            match one.row.type_number {
                ACKNOWLEDGEMENT => {
                    let ack: care::AlertAcknowledgement = body(one);
                    let takes_over = ack.takes_over.unwrap_or(false);
                    let parent = ack.parent.unwrap_or_default().to_vec();
                    seen.entry(parent).or_default().push(pb::AlertSeen { account, at, takes_over });
                }
                CLOSURE => {
                    let end: care::AlertClosure = body(one);
                    let one = pb::AlertClosed {
                        record_id: text_of(*record),
                        outcome: end.outcome.unwrap_or_default(),
                        reason: end.reason.unwrap_or_default(),
                        account,
                        at,
                    };
                    closed.entry(end.parent.unwrap_or_default().to_vec()).or_insert(one);
                }
                _ => {}
            }
        }
        seen.values_mut().for_each(|seen| seen.sort_by_key(|one| one.at.as_ref().map(|at| (at.seconds, at.nanos))));
        Self { seen, closed }
    }
}

/// One reader of one circle.
struct Lister<'l> {
    app: &'l App,
    session: &'l Session,
    set: &'l RuleSet,
    settings: &'l Settings,
}

impl Lister<'_> {
    fn listed(&self, parts: &[Looked], said: &Said) -> Option<pb::ListedAlert> {
        let one = parts.first().filter(|one| one.row.type_number == ALERT)?;
        let alert: care::Alert = body(one);
        let record = one.row.record.0.to_vec();
        let rule = self.set.rule(alert.rule.as_deref()?);
        let severity = alert.severity();
        let seen = said.seen.get(&record).cloned().unwrap_or_default();
        let closed = said.closed.get(&record).cloned();
        let (acknowledges, closes) = self.may_answer(one.row.label, severity);
        let raised_ms = alert.raised.map_or(0, |at| at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000);
        let waits = closed.is_none() && !seen.iter().any(|one| self.is_of_team(one.account));
        let waits = waits && !alert.muted.unwrap_or(false);
        let step = alert.step.unwrap_or_default();
        let next = rank(severity).filter(|_| waits).and_then(|one| self.app.escalates_at(one, step, raised_ms));
        let input = |input: &care::RuleInput| pb::AlertInput {
            record_id: input
                .record
                .as_ref()
                .and_then(|id| id.as_ref().try_into().ok())
                .map_or_else(String::new, |id| text_of(RecordId(id))),
            epoch: input.epoch.unwrap_or_default(),
            replica: input.replica.unwrap_or_default(),
            counter: input.counter.unwrap_or_default(),
        };
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
            escalates: next.and_then(|ms| u64::try_from(ms).ok()).map(timestamp),
            owner: seen.iter().rev().find(|one| one.takes_over).map_or(0, |one| one.account),
            seen,
            closed,
            inputs: alert.inputs.iter().map(input).collect(),
            told: alert.told.clone(),
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
        let role = self.session.member.access.access.members().find(|(one, _)| *one == account).map(|(_, role)| role);
        matches!(role, Some(Role::Dietitian | Role::Physiotherapist | Role::Physician | Role::Nurse))
    }

    /// Whether the reader may say that they have seen it, and how it ended.
    fn may_answer(&self, label: u64, severity: care::AlertSeverity) -> (bool, bool) {
        let member = &self.session.member;
        let may = |number: u32| {
            let Some(known) = table().get(number) else { return false };
            let action = Action::CreateRecord { facts: type_facts(known, label), label: LabelId(label) };
            decide(signed(self.session.now_ms), &member.viewer, &member.access.access, &action).allowed()
        };
        let urgent = severity >= care::AlertSeverity::Urgent;
        let closes = !urgent || matches!(member.role(), Role::Nurse | Role::Physician);
        (may(ACKNOWLEDGEMENT), closes && may(CLOSURE))
    }

    /// Of rules whose categories the reader may read, if they are a clinician.
    fn cannot_tell(&self, evaluated: &[Evaluation]) -> Vec<pb::CannotTell> {
        let role = self.session.member.role();
        if !matches!(role, Role::Dietitian | Role::Physiotherapist | Role::Physician | Role::Nurse) {
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

fn rank(severity: care::AlertSeverity) -> Option<Severity> {
    Some(match severity {
        care::AlertSeverity::Emergency => Severity::Emergency,
        care::AlertSeverity::Urgent => Severity::Urgent,
        care::AlertSeverity::Soon => Severity::Soon,
        care::AlertSeverity::Info => Severity::Info,
        care::AlertSeverity::Unspecified => return None,
    })
}

const fn state(state: State) -> pb::RuleState {
    match state {
        State::Verified => pb::RuleState::Verified,
        State::Secondary => pb::RuleState::Secondary,
        State::Unverified => pb::RuleState::Unverified,
    }
}

/// The alert that is answered, and the choice of label under which an answer of this type stands.
async fn answered(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    record_id: &str,
    type_number: u32,
) -> Result<(RecordId, u32), Error> {
    let record = parse_id(record_id)?;
    let mut session = app.session(caller, circle).await?;
    let parts = session.record(record, false).await?;
    let one = parts.first().filter(|one| one.row.type_number == ALERT).ok_or_else(Error::not_found)?;
    let known = table().get(type_number).ok_or_else(Error::not_found)?;
    let choices = 1..=u32::try_from(known.label_choice.len()).unwrap_or(0);
    let is_same = |choice: &u32| known.record_label(*choice, caller.account).is_ok_and(|of| of.0 == one.row.label);
    let choice = choices.into_iter().find(is_same).ok_or_else(Error::not_found)?;
    Ok((record, choice))
}

/// The alert as it stands after an answer.
async fn again(app: &App, caller: &Caller, circle: CircleNo, alert: RecordId) -> Result<pb::ListedAlert, Error> {
    let mut session = app.session(caller, circle).await?;
    let mut ids: Vec<RecordId> = {
        let of = app.care.kept().current(app, circle).await?;
        kept::lock(&of).alerts().said_to(alert).into_iter().collect()
    };
    ids.push(alert);
    let parts = session.parts(&ids, false).await?;
    let (set, settings) = (app.care.set(), app.rule_settings(circle));
    let lister = Lister { app, session: &session, set: &set, settings: &settings };
    let listed = parts.get(&alert).and_then(|one| lister.listed(one, &Said::of(&parts)));
    listed.ok_or_else(Error::not_found)
}

async fn create(
    app: &Arc<App>,
    caller: &Caller,
    circle: CircleNo,
    (type_number, label_choice): (u32, u32),
    message: &impl Message,
    request_id: &str,
) -> Result<(), Error> {
    let request = record::CreateRecordRequest {
        circle,
        body: Some(split::close(type_number, &message.encode_to_vec()).into()),
        label_choice,
        request_id: request_id.to_owned(),
        ..Default::default()
    };
    records::create(app, caller, &request).await.map(|_| ())
}

/// The caller has seen a revision. Said twice it is said once; who did not take it over may still do so.
pub async fn acknowledge(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::AcknowledgeAlertRequest,
) -> Result<pb::ListedAlert, Error> {
    let circle = request.circle;
    let (alert, choice) = answered(app, caller, circle, &request.record_id, ACKNOWLEDGEMENT).await?;
    let known = again(app, caller, circle, alert).await?;
    let said = known.seen.iter().find(|one| one.account == caller.account);
    if said.is_some_and(|said| said.takes_over || !request.takes_over) {
        return Ok(known);
    }
    let at = care::Moment { at: Some(timestamp(app.now_ms())), utc_offset_min: Some(0), zone: None };
    let ack = care::AlertAcknowledgement {
        parent: Some(alert.0.to_vec().into()),
        account: Some(caller.account),
        at: said.is_none().then_some(at),
        takes_over: request.takes_over.then_some(true),
    };
    match said {
        None => create(app, caller, circle, (ACKNOWLEDGEMENT, choice), &ack, &request.request_id).await?,
        Some(_) => take_over(app, caller, circle, &ack, &request.request_id).await?,
    }
    again(app, caller, circle, alert).await
}

/// Who has seen it sees to it, too.
async fn take_over(
    app: &Arc<App>,
    caller: &Caller,
    circle: CircleNo,
    ack: &care::AlertAcknowledgement,
    request_id: &str,
) -> Result<(), Error> {
    let body = split::close(ACKNOWLEDGEMENT, &ack.encode_to_vec());
    let record = crate::app::ids_for::derived(circle, &body)?;
    let only = care::AlertAcknowledgement { takes_over: Some(true), ..Default::default() };
    let request = record::WriteRecordRequest {
        circle,
        record_id: text_of(record),
        body: Some(split::close(ACKNOWLEDGEMENT, &only.encode_to_vec()).into()),
        request_id: request_id.to_owned(),
        ..Default::default()
    };
    records::write(app, caller, &request).await.map(|_| ())
}

/// How an alert ended. Two people may say it at the same moment: both stand.
pub async fn close(app: &Arc<App>, caller: &Caller, request: &pb::CloseAlertRequest) -> Result<pb::ListedAlert, Error> {
    if request.outcome() == care::AlertOutcome::Unspecified {
        return Err(Error::field("outcome", Reason::ArgumentInvalid));
    }
    let circle = request.circle;
    let (alert, choice) = answered(app, caller, circle, &request.record_id, CLOSURE).await?;
    let known = again(app, caller, circle, alert).await?;
    if known.closed.as_ref().is_some_and(|closed| closed.account == caller.account) {
        return Ok(known);
    }
    let end = care::AlertClosure {
        parent: Some(alert.0.to_vec().into()),
        outcome: Some(request.outcome),
        reason: Some(request.reason.clone()).filter(|reason| !reason.is_empty()),
        ..Default::default()
    };
    create(app, caller, circle, (CLOSURE, choice), &end, &request.request_id).await?;
    again(app, caller, circle, alert).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn severities_are_those_of_the_contract() {
        let all: BTreeSet<i32> = Severity::ALL.iter().map(|one| raise::severity(*one) as i32).collect();
        assert!(all.into_iter().all(|number| {
            care::AlertSeverity::try_from(number).is_ok_and(|of| rank(of).is_some_and(|one| raise::severity(one) == of))
        }));
    }
}
