//! What the caller says to an alert: that they have seen it, that they see to it, how it ended. Each is a record under the
//! alert's label, written like any other; who may say it is decided in the commit (`alerts/answers.rs`).

use std::{collections::BTreeMap, sync::Arc};

use osteon_access_core::{LabelId, Viewer, scope};
use osteon_care_core::{
    alerts::{ACKNOWLEDGEMENT, ALERT, CLOSURE},
    rules::Severity,
};
use osteon_proto::{alert as pb, care, reasons::Reason, record, split, table::table};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{App, Lister, Said, goes_on, kept, said::closed_by, text_of};
use crate::{
    access::{Caller, signed},
    app::{
        alerts::{answers, codes},
        enrol::timestamp,
        ids_for,
        records::{self, parse_id},
    },
    error::Error,
    store::CircleNo,
};

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
    stands(app, caller, circle, alert).await.map(|(listed, _)| listed)
}

/// The alert as it stands, and how the caller has said that it ended.
async fn stands(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    alert: RecordId,
) -> Result<(pb::ListedAlert, Option<pb::AlertClosed>), Error> {
    let mut session = app.session(caller, circle).await?;
    let terms = app.terms_of(circle).await?;
    let of = app.care.kept().current(app, circle).await?;
    let (mut ids, goes_on, told_as): (Vec<RecordId>, _, _) = {
        let held = kept::lock(&of);
        let told_as = held.alerts().get(alert).into_iter().flat_map(|raised| held.alerts().told_as(raised));
        let told_as = BTreeMap::from([(alert, told_as.map(|one| one.record).collect())]);
        (held.alerts().said_to(alert).into_iter().collect(), goes_on(&terms, &held), told_as)
    };
    ids.push(alert);
    let parts = session.parts(&ids, false).await?;
    let set = app.care.set();
    let (settings, goes_on, told_as) = (&terms.rules, &goes_on, &told_as);
    let lister = Lister { session: &session, set: &set, settings, goes_on, told_as };
    let listed = parts.get(&alert).and_then(|one| lister.listed(one, &Said::of(&parts)));
    listed.map(|listed| (listed, closed_by(&parts, caller.account))).ok_or_else(Error::not_found)
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
    let hands_to = Some(request.hands_to).filter(|to| *to != 0);
    if let Some(to) = hands_to {
        may_be_asked(app, caller, request, alert, to).await?;
    }
    let said = known.seen.iter().find(|one| one.account == caller.account);
    let takes_over = request.takes_over && known.owner != caller.account;
    let asks = hands_to.is_some_and(|to| to != known.handed_to);
    if said.is_some() && !takes_over && !asks {
        return Ok(known);
    }
    let at = care::Moment { at: Some(timestamp(app.now_ms())), utc_offset_min: Some(0), zone: None };
    // Whoever has seen a revision that this one says anew says more to that one.
    let answered = if said.is_some() { answered_by(app, circle, alert, caller.account).await? } else { None };
    let ack = care::AlertAcknowledgement {
        parent: Some(answered.unwrap_or(alert).0.to_vec().into()),
        account: Some(caller.account),
        at: said.is_none().then_some(at),
        takes_over: request.takes_over.then_some(true),
        hands_to,
    };
    match said {
        None => create(app, caller, circle, (ACKNOWLEDGEMENT, choice), &ack, &request.request_id).await?,
        Some(_) => more(app, caller, circle, &ack, &request.request_id).await?,
    }
    again(app, caller, circle, alert).await
}

/// The revision, of those that say the same alert anew, that the account has said to have seen.
async fn answered_by(app: &App, circle: CircleNo, alert: RecordId, account: u64) -> Result<Option<RecordId>, Error> {
    let of = app.care.kept().current(app, circle).await?;
    let held = kept::lock(&of);
    Ok(held.alerts().get(alert).and_then(|raised| held.alerts().answered_by(raised, account)))
}

/// Whoever is asked to see to an alert is another clinician of the circle, and may read it.
async fn may_be_asked(
    app: &App,
    caller: &Caller,
    request: &pb::AcknowledgeAlertRequest,
    alert: RecordId,
    to: u64,
) -> Result<(), Error> {
    let invalid = || Error::field("hands_to", Reason::ArgumentInvalid);
    if request.takes_over || to == caller.account {
        return Err(invalid());
    }
    let mut session = app.session(caller, request.circle).await?;
    let label = session.record(alert, false).await?.first().map(|one| LabelId(one.row.label)).ok_or_else(invalid)?;
    let access = &session.member.access.access;
    let role = access.members().find(|(account, role)| *account == to && role.is_clinician()).map(|(_, role)| role);
    let viewer = Viewer { account: to, role: role.ok_or_else(invalid)? };
    let sight = scope(signed(session.now_ms), &viewer, access, &[label]);
    sight.ok().filter(|sight| sight.reads(label)).map(|_| ()).ok_or_else(invalid)
}

/// Who has seen it says more: that they see to it, or whom they ask to.
async fn more(
    app: &Arc<App>,
    caller: &Caller,
    circle: CircleNo,
    ack: &care::AlertAcknowledgement,
    request_id: &str,
) -> Result<(), Error> {
    let body = split::close(ACKNOWLEDGEMENT, &ack.encode_to_vec());
    let record = ids_for::derived(circle, &body)?;
    let only = care::AlertAcknowledgement { takes_over: ack.takes_over, hands_to: ack.hands_to, ..Default::default() };
    let request = record::WriteRecordRequest {
        circle,
        record_id: text_of(record),
        body: Some(split::close(ACKNOWLEDGEMENT, &only.encode_to_vec()).into()),
        request_id: request_id.to_owned(),
        ..Default::default()
    };
    records::write(app, caller, &request).await.map(|_| ())
}

/// How an alert ended. Two people may say it at the same moment: both stand. One person says it once; what they would change
/// of it is a change of that record.
pub async fn close(app: &Arc<App>, caller: &Caller, request: &pb::CloseAlertRequest) -> Result<pb::ListedAlert, Error> {
    if request.outcome() == care::AlertOutcome::Unspecified {
        return Err(Error::field("outcome", Reason::ArgumentInvalid));
    }
    let circle = request.circle;
    let (alert, choice) = answered(app, caller, circle, &request.record_id, CLOSURE).await?;
    let (known, own) = stands(app, caller, circle, alert).await?;
    if let Some(closed) = own {
        let same = closed.outcome == request.outcome && closed.reason == request.reason;
        let same = same && (request.useful.is_none() || request.useful == closed.useful);
        return if same { Ok(known) } else { Err(Error::field("record_id", Reason::AlertClosed)) };
    }
    let severity = codes::rank(known.severity()).unwrap_or(Severity::Emergency);
    if known.may_close && answers::lacks_reason(severity, request.outcome, &request.reason) {
        return Err(Error::field("reason", Reason::AlertReasonMissing));
    }
    let end = care::AlertClosure {
        parent: Some(alert.0.to_vec().into()),
        outcome: Some(request.outcome),
        reason: Some(request.reason.clone()).filter(|reason| !reason.is_empty()),
        useful: request.useful,
        ..Default::default()
    };
    create(app, caller, circle, (CLOSURE, choice), &end, &request.request_id).await?;
    again(app, caller, circle, alert).await
}
