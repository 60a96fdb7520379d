//! AlertService beyond the list: who sees to an alert and who was asked to, its revisions, what came of a rule's alerts,
//! and alerts told as they change.

use std::sync::Arc;

use osteon_proto::{alert as pb, care, meta::Role, reasons::Reason};
use osteon_server::{
    access::Caller,
    app::alerts::{due, listed, statistics, watch},
};
use pb::watch_alerts_response::Event;
use tokio_stream::StreamExt;

use crate::{
    access::{decide, remove},
    alerts::{raise, weak_leg},
    fixture::*,
    streams::wake,
};

const MINUTE: u64 = 60_000;
const SYMPTOM: u32 = 102;
const RULE: &str = "R-MSCC-1";
const TEAM: [Role; 4] = [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist];

async fn list(kit: &Kit, who: &Caller, request: pb::ListAlertsRequest) -> pb::CircleAlerts {
    listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0)
}

async fn alert(kit: &Kit, who: &Caller, circle: u64) -> pb::ListedAlert {
    let all =
        list(kit, who, pb::ListAlertsRequest { circle, history: true, include_closed: true, ..Default::default() });
    all.await.alerts.into_iter().find(|alert| alert.rule == RULE).expect("one")
}

pub(crate) async fn it_is_handed_over_and_taken(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician, physio] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    let record_id = text(raise(&kit, &circle).await);
    let asks = |to: u64| pb::AcknowledgeAlertRequest {
        circle: circle.no,
        record_id: record_id.clone(),
        hands_to: to,
        ..Default::default()
    };
    let takes = pb::AcknowledgeAlertRequest { takes_over: true, ..asks(0) };
    let owned = |alert: &pb::ListedAlert| (alert.owner, alert.handed_to);
    // Nobody asks themselves, the patient, a stranger, or who may not read it; nor both at once.
    decide(&kit, &patient, circle.no, physio.account, care::Decision::Deny).await;
    let both = pb::AcknowledgeAlertRequest { takes_over: true, ..asks(physician.account) };
    for wrong in [asks(nurse.account), asks(patient.account), asks(987_654), asks(physio.account), both] {
        let error = listed::acknowledge(&kit.app, &nurse, &wrong).await.expect_err("not to them");
        assert_eq!((error.reason(), error.violations()[0].field.as_str()), (Reason::ArgumentInvalid, "hands_to"));
    }
    assert!(alert(&kit, &nurse, circle.no).await.seen.is_empty(), "nothing was written");
    let after = listed::acknowledge(&kit.app, &nurse, &takes).await.expect("taken");
    assert_eq!(owned(&after), (nurse.account, 0));
    kit.clock.set(NOW + MINUTE);
    let after = listed::acknowledge(&kit.app, &nurse, &asks(physician.account)).await.expect("asked");
    assert_eq!(owned(&after), (nurse.account, physician.account), "the nurse's until it is taken over");
    assert_eq!(after.seen[0].hands_to, physician.account);
    kit.clock.set(NOW + 2 * MINUTE);
    let after = listed::acknowledge(&kit.app, &physician, &takes).await.expect("taken");
    assert_eq!(owned(&after), (physician.account, 0));
    // And back: who took it before takes it again.
    kit.clock.set(NOW + 3 * MINUTE);
    let after = listed::acknowledge(&kit.app, &nurse, &takes).await.expect("taken back");
    assert_eq!(owned(&after), (nurse.account, 0));
    assert_eq!(after.seen.len(), 2, "said by two");
    // A patient asks nobody to see to it: that is the team's.
    let error = listed::acknowledge(&kit.app, &patient, &asks(physician.account)).await.expect_err("not theirs");
    assert_eq!(error.code(), tonic::Code::PermissionDenied, "{error:?}");
}

pub(crate) async fn its_revisions_say_what_raised_it_again(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    let first = text(raise(&kit, &circle).await);
    kit.clock.set(NOW + 16 * MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    let end = |record_id: &str, outcome: care::AlertOutcome, useful| pb::CloseAlertRequest {
        circle: circle.no,
        record_id: record_id.into(),
        outcome: outcome.into(),
        useful,
        ..Default::default()
    };
    let second = alert(&kit, &nurse, circle.no).await;
    let closed = end(&second.record_id, care::AlertOutcome::Referred, Some(true));
    let closed = listed::close(&kit.app, &nurse, &closed).await.expect("closed");
    assert_eq!(closed.closed.expect("closed").useful, Some(true));
    // The entry changes after it was closed.
    kit.clock.set(NOW + 60 * MINUTE);
    let entry = uuid::Uuid::parse_str(&second.subject).expect("an id").into_bytes();
    let view = kit.get(&patient, circle.no, entry).await.expect("the entry");
    let again = care::SymptomEntry { new_or_worse: Some(true), ..Default::default() };
    let (number, shown) = (field(&view, "new_or_worse").field, dots(&view, "new_or_worse"));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = edit(entry, SYMPTOM, &again, number, shown);
    assert_eq!(said(&kit.write(&mut phone, circle.no, change).await), "accepted");
    let third = alert(&kit, &nurse, circle.no).await;
    let causes: Vec<(u32, i32)> = third.history.iter().map(|one| (one.revision, one.cause)).collect();
    let wanted = [care::AlertCause::New, care::AlertCause::Escalated, care::AlertCause::Again].map(i32::from);
    assert_eq!(causes, [(1, wanted[0]), (2, wanted[1]), (3, wanted[2])]);
    assert_eq!(third.history[0].record_id, first);
    assert!(third.history[0].reopened_by.is_empty() && third.history[1].reopened_by.is_empty());
    assert_eq!(third.history[1].closed.as_ref().map(|one| one.outcome), Some(care::AlertOutcome::Referred.into()));
    let by: Vec<&str> = third.history[2].reopened_by.iter().map(|input| input.record_id.as_str()).collect();
    assert_eq!(by, [third.subject.as_str()], "the version of the entry that came after");
    // Whoever may not read the alert reads nothing of it; and over all circles nobody asks for histories.
    decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
    let request = pb::ListAlertsRequest { circle: circle.no, history: true, ..Default::default() };
    assert!(list(&kit, &nurse, request).await.alerts.iter().all(|alert| alert.rule != RULE));
    let request = pb::ListAlertsRequest { history: true, ..Default::default() };
    assert_eq!(reason(listed::list(&kit.app, &nurse, &request).await), Reason::ArgumentInvalid);
}

async fn statistics(kit: &Kit, who: &Caller, circle: u64) -> Option<pb::RuleStatistics> {
    let request = pb::GetRuleStatisticsRequest { circle, ..Default::default() };
    let all = statistics::get(&kit.app, who, &request).await.expect("statistics");
    all.rules.into_iter().find(|one| one.rule == RULE)
}

pub(crate) async fn what_came_of_a_rule_s_alerts(kit: Kit) {
    let one = kit.circle("d0001", &TEAM).await;
    let two = kit.circle("d0002", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|i| kit.person(one.people[i]));
    let record_id = text(raise(&kit, &one).await);
    raise(&kit, &two).await;
    // A second more: the clock goes on while it is raised.
    kit.clock.set(NOW + 5 * MINUTE + 999);
    let seen = pb::AcknowledgeAlertRequest { circle: one.no, record_id: record_id.clone(), ..Default::default() };
    listed::acknowledge(&kit.app, &nurse, &seen).await.expect("seen");
    let open = statistics(&kit, &nurse, one.no).await.expect("one");
    let counted = pb::RuleStatistics {
        rule: RULE.into(),
        alerts: 1,
        emergencies: 1,
        open: 1,
        seen: 1,
        median_seen_s: 300,
        ..Default::default()
    };
    assert_eq!(open, counted);
    let closed = pb::CloseAlertRequest {
        circle: one.no,
        record_id,
        outcome: care::AlertOutcome::ActedOn.into(),
        useful: Some(false),
        ..Default::default()
    };
    listed::close(&kit.app, &nurse, &closed).await.expect("closed");
    let outcomes = vec![pb::OutcomeCount { outcome: care::AlertOutcome::ActedOn.into(), count: 1 }];
    let counted = pb::RuleStatistics { open: 0, outcomes, not_useful: 1, ..counted };
    assert_eq!(statistics(&kit, &nurse, one.no).await, Some(counted.clone()));
    // Of the caller's circles, and of no other: the second circle has other people.
    assert_eq!(statistics(&kit, &nurse, 0).await, Some(counted));
    let stranger = reason(
        statistics::get(
            &kit.app,
            &kit.person(two.people[1]),
            &pb::GetRuleStatisticsRequest { circle: one.no, ..Default::default() },
        )
        .await,
    );
    assert_eq!(stranger, Reason::NotFound);
    // A patient is nobody's statistician; who may not read them counts none; a period is a period, and has a limit.
    let request = |from, to| pb::GetRuleStatisticsRequest { circle: one.no, from, to };
    let at = |ms: u64| Some(osteon_server::app::enrol::timestamp(ms));
    assert_eq!(reason(statistics::get(&kit.app, &patient, &request(None, None)).await), Reason::NotAllowed);
    decide(&kit, &patient, one.no, physician.account, care::Decision::Deny).await;
    assert_eq!(statistics(&kit, &physician, one.no).await, None);
    for (from, to, wanted) in
        [(at(NOW), at(NOW), Reason::ArgumentInvalid), (at(NOW - 6 * 366 * DAY), None, Reason::LimitExceeded)]
    {
        assert_eq!(reason(statistics::get(&kit.app, &nurse, &request(from, to)).await), wanted);
    }
    let before = statistics::get(&kit.app, &nurse, &request(None, at(NOW - DAY))).await.expect("statistics");
    assert!(before.rules.is_empty() && before.circles == 1);
}

/// Taken is not seen and not closed; what nobody took is overdue once its time is over, as long as it is open.
pub(crate) async fn how_soon_a_rule_s_alerts_are_taken(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    raise(&kit, &circle).await;
    let told = async || {
        let one = statistics(&kit, &nurse, circle.no).await.expect("one");
        (one.alerts, one.open, one.taken, one.p50_taken_s, one.p90_taken_s, one.overdue)
    };
    kit.clock.set(NOW + MINUTE);
    assert_eq!(told().await, (1, 1, 0, 0, 0, 0), "its time is not over");
    // An emergency goes on after a quarter of an hour; it is overdue from then on, also before the server has looked.
    kit.clock.set(NOW + 16 * MINUTE);
    assert_eq!(told().await, (1, 1, 0, 0, 0, 1));
    due::sweep(&kit.app).await.expect("sweep");
    assert_eq!(told().await, (1, 1, 0, 0, 0, 1));
    let say = async |who: &Caller, takes_over| {
        let record_id = alert(&kit, &nurse, circle.no).await.record_id;
        let request = pb::AcknowledgeAlertRequest { circle: circle.no, record_id, takes_over, ..Default::default() };
        listed::acknowledge(&kit.app, who, &request).await.expect("said");
    };
    // Whoever only saw it took nothing, nor did the person themselves.
    say(&nurse, false).await;
    say(&patient, true).await;
    assert_eq!(told().await, (1, 1, 0, 0, 0, 1));
    kit.clock.set(NOW + 20 * MINUTE + 999);
    say(&physician, true).await;
    let taken = told().await;
    assert_eq!((taken.2, taken.5), (1, 0), "somebody sees to it");
    assert_eq!((taken.3, taken.4), (1_200, 1_200));
    kit.clock.set(NOW + 30 * MINUTE);
    say(&nurse, true).await;
    assert_eq!(told().await, taken, "who took it first counts");
    let record_id = alert(&kit, &nurse, circle.no).await.record_id;
    let outcome = care::AlertOutcome::ActedOn.into();
    let close = pb::CloseAlertRequest { circle: circle.no, record_id, outcome, ..Default::default() };
    listed::close(&kit.app, &nurse, &close).await.expect("closed");
    assert_eq!(told().await, (1, 0, 1, 1_200, 1_200, 0));
}

type Stream = osteon_server::app::stream::Told<pb::WatchAlertsResponse>;

async fn next(stream: &mut Stream) -> Event {
    loop {
        let wait = tokio::time::timeout(std::time::Duration::from_secs(20), stream.next());
        let message = wait.await.expect("in time").expect("open").expect("a message");
        match message.event.expect("an event") {
            Event::Heartbeat(_) => {}
            event => return event,
        }
    }
}

async fn stands(stream: &mut Stream) -> pb::CircleAlerts {
    match next(stream).await {
        Event::Circle(circle) => circle,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn alerts_are_told_as_they_change(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    let watch = |who: Caller, circle: u64| {
        let app = Arc::clone(&kit.app);
        async move { watch::open(app, who, &pb::WatchAlertsRequest { circle, ..Default::default() }).await }
    };
    assert_eq!(reason(watch(kit.person(987), circle.no).await.map(|_| ())), Reason::NotFound);
    let mut stream = watch(nurse, 0).await.expect("open");
    assert!(stands(&mut stream).await.alerts.is_empty());
    assert!(matches!(next(&mut stream).await, Event::CaughtUp(_)));
    // An emergency, as it is raised.
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    wake(&kit, circle.no).await;
    let told = stands(&mut stream).await;
    let alert = told.alerts.iter().find(|alert| alert.rule == RULE).expect("raised");
    // What the list says is what was told.
    let listed = list(&kit, &nurse, pb::ListAlertsRequest { circle: circle.no, ..Default::default() }).await;
    assert_eq!(told, listed);
    // An entry that is no alert is not told; what follows is the answer to the alert.
    let pain = care::PainEntry { now: Some(1), ..Default::default() };
    kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    wake(&kit, circle.no).await;
    let seen = pb::AcknowledgeAlertRequest {
        circle: circle.no,
        record_id: alert.record_id.clone(),
        takes_over: true,
        ..Default::default()
    };
    listed::acknowledge(&kit.app, &nurse, &seen).await.expect("seen");
    wake(&kit, circle.no).await;
    let told = stands(&mut stream).await;
    assert_eq!(told.alerts.iter().find(|alert| alert.rule == RULE).expect("one").owner, nurse.account);
    // Access that is taken back takes the alert away; a circle that is left is said to be.
    decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
    wake(&kit, circle.no).await;
    let told = stands(&mut stream).await;
    assert!(told.alerts.iter().all(|alert| alert.rule != RULE), "{told:?}");
    remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
    wake(&kit, circle.no).await;
    assert_eq!(next(&mut stream).await, Event::Left(circle.no));
    // A session that was ended is told nothing more.
    let mut ended = watch(patient, circle.no).await.expect("open");
    kit.app.streams_ended(&[patient.family]);
    let status = ended.next().await.expect("an answer").expect_err("ended");
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    assert!(ended.next().await.is_none());
}

pub(crate) async fn who_only_asks_another_stops_no_clock(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let record_id = text(raise(&kit, &circle).await);
    let asks =
        pb::AcknowledgeAlertRequest { circle: circle.no, record_id, hands_to: physician.account, ..Default::default() };
    let after = listed::acknowledge(&kit.app, &nurse, &asks).await.expect("asked");
    assert_eq!((after.owner, after.handed_to), (0, physician.account));
    assert!(after.escalates.is_some(), "nobody sees to it yet");
    // Nor does whoever was asked and is of the circle no more.
    remove(&kit, &patient, circle.no, physician.account, Role::Physician).await;
    kit.clock.set(NOW + 16 * MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    let next = alert(&kit, &nurse, circle.no).await;
    assert_eq!((next.revision, next.step, next.handed_to), (2, 1, 0));
}

/// R-FALL-3 is told to physiotherapists and nurses.
pub(crate) async fn nobody_closes_what_was_never_said_to_them(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, physio] = [0, 3].map(|i| kit.person(circle.people[i]));
    let fall = care::Fall {
        when: Some(care::Moment {
            at: Some(osteon_server::app::enrol::timestamp(NOW)),
            utc_offset_min: Some(0),
            zone: None,
        }),
        near_fall: Some(false),
        ..Default::default()
    };
    kit.create(&patient, circle.no, 107, &fall).await.expect("made");
    let request = pb::ListAlertsRequest { circle: circle.no, ..Default::default() };
    let of = |all: pb::CircleAlerts| all.alerts.into_iter().find(|alert| alert.rule == "R-FALL-3").expect("a fall");
    let theirs = of(list(&kit, &patient, request.clone()).await);
    assert!(!theirs.told.contains(&i32::from(Role::Patient)) && !theirs.may_close);
    let closes = pb::CloseAlertRequest {
        circle: circle.no,
        record_id: theirs.record_id,
        outcome: care::AlertOutcome::Solved.into(),
        ..Default::default()
    };
    assert_eq!(reason(listed::close(&kit.app, &patient, &closes).await), Reason::AlertCloser);
    assert!(of(list(&kit, &physio, request).await).may_close);
    listed::close(&kit.app, &physio, &closes).await.expect("told to physiotherapists");
    let odd = pb::ListAlertsRequest { circle: circle.no, at_least: 99, ..Default::default() };
    assert_eq!(reason(listed::list(&kit.app, &physio, &odd).await), Reason::ArgumentInvalid);
}

/// A face tells that there is something: of wishes for the end of life to nobody, and to family where they know a part of it.
pub(crate) async fn what_a_face_may_tell(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Physician, Role::Caregiver];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse, physician, caregiver] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    let faces = async |who: &Caller| {
        let request = pb::ListAlertsRequest { circle: circle.no, ..Default::default() };
        list(&kit, who, request).await.redacted.len()
    };
    let wishes = care::EndOfLifePreferences {
        comfort_priorities: Some(care::Wish { code: Some("comfort_focused".into()), text: None }),
        ..Default::default()
    };
    kit.create(&patient, circle.no, 341, &wishes).await.expect("made");
    assert_eq!(faces(&nurse).await, 0, "that there is one would say which");
    let thinned =
        care::RiskProfile { anticoagulant_or_antiplatelet: Some(care::TriState::Yes.into()), ..Default::default() };
    kit.create(&physician, circle.no, 281, &thinned).await.expect("made");
    let fall = care::Fall { near_fall: Some(false), hit_head: Some(true), ..Default::default() };
    kit.create(&patient, circle.no, 107, &fall).await.expect("made");
    assert_eq!(faces(&caregiver).await, 0, "nothing of it was shared");
    let grant = care::Grant {
        category: Some(care::GrantCategory::C09FallsHome.into()),
        ..crate::access::grant(circle.no, caregiver.account, care::Decision::Allow)
    };
    kit.create(&patient, circle.no, 263, &grant).await.expect("granted");
    due::sweep(&kit.app).await.expect("sweep");
    assert!(faces(&caregiver).await > 0, "falls are shared, and this one is an emergency");
}
