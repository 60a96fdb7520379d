//! Alerts: raised in the commit of the entry that they are about, said once, told to the next in line, closed by a person;
//! and whatever happens to rules, nobody's data is refused for it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use osteon_care_core::rules::{Evaluation, Overrun};
use osteon_proto::{alert as pb, care, meta::Role, reasons::Reason, record};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{
            due,
            engine::{Ask, Engine, Rules},
            listed,
        },
        enrol::timestamp,
        hello, lists,
    },
};

use prost::Message;

use crate::{access::*, fixture::*};

const SYMPTOM: u32 = 102;
const ALERT: u32 = 411;
const ACKNOWLEDGEMENT: u32 = 412;
const CLOSURE: u32 = 413;
const FACE: u32 = 414;
const GRANT: u32 = 263;
const MINUTE: u64 = 60_000;

pub(crate) fn weak_leg(at_ms: u64) -> care::SymptomEntry {
    let at = care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(60), zone: None };
    care::SymptomEntry {
        effective_start: Some(at),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    }
}

async fn records(kit: &Kit, who: &Caller, circle: u64, number: u32) -> Vec<record::RecordView> {
    let request = record::ListRecordsRequest { circle, r#type: number, ..Default::default() };
    lists::list(&kit.app, who, &request).await.expect("list").records
}

/// Alerts of one rule, by revision.
pub(crate) async fn alerts(kit: &Kit, who: &Caller, circle: u64, rule: &str) -> Vec<care::Alert> {
    let all = records(kit, who, circle, ALERT).await;
    let mut all: Vec<care::Alert> = all.iter().map(open_body).collect();
    all.retain(|alert: &care::Alert| alert.rule.as_deref() == Some(rule));
    all.sort_by_key(|alert| (alert.subject.clone(), alert.revision));
    all
}

/// The same, without revisions that only say anew what was raised.
async fn raised(kit: &Kit, who: &Caller, circle: u64, rule: &str) -> Vec<care::Alert> {
    let mut all = alerts(kit, who, circle, rule).await;
    all.retain(|alert| alert.cause != Some(care::AlertCause::Updated.into()));
    all
}

const TEAM: [Role; 4] = [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist];

pub(crate) async fn an_emergency_is_raised_in_its_push(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, patient] = [1, 0].map(|i| kit.person(circle.people[i]));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let entry = kit.id();
    let change = kit.change(vec![create(entry, SYMPTOM, &weak_leg(NOW))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let raised = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await;
    assert_eq!(raised.len(), 1);
    let alert = &raised[0];
    assert_eq!(alert.severity, Some(care::AlertSeverity::Emergency.into()));
    assert_eq!(alert.cause, Some(care::AlertCause::New.into()));
    assert_eq!(alert.subject.as_deref(), Some(entry.as_slice()));
    assert_eq!(alert.signs, ["limb weakness"]);
    assert!(alert.told.contains(&(Role::Nurse as i32)) && alert.rule_set.is_some());
    assert!(alert.inputs.iter().any(|input| input.record.as_deref() == Some(entry.as_slice())), "{:?}", alert.inputs);
    // Looked at again, by time or by another push, it is the same alert.
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0);
    let pain = care::PainEntry { now: Some(2), ..Default::default() };
    let change = kit.change(vec![create(kit.id(), 101, &pain)]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), 1);
    // A worse sign of the same entry is another revision of it.
    let view = kit.get(&patient, circle.no, entry).await.expect("the entry");
    let worse = care::SymptomEntry { red_flags: vec!["bladder_dysfunction".into()], ..Default::default() };
    let mut joins = edit(entry, SYMPTOM, &worse, field(&view, "red_flags").field, Vec::new());
    joins.fields[0].element = worse.encode_to_vec().into();
    assert_eq!(said(&kit.write(&mut phone, circle.no, joins).await), "accepted");
    let raised = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await;
    assert_eq!(raised.iter().map(|alert| alert.revision).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!(raised[1].cause, Some(care::AlertCause::NewSign.into()));
    assert!(raised[1].supersedes.is_some());
    // Nobody writes one but the server.
    let mine = care::Alert { rule: Some("R-MSCC-1".into()), ..raised[0].clone() };
    assert!(kit.create(&nurse, circle.no, ALERT, &mine).await.is_err());
}

async fn first_revisions(kit: &Kit, who: &Caller, circle: u64) -> usize {
    alerts(kit, who, circle, "R-MSCC-1").await.iter().filter(|alert| alert.revision == Some(1)).count()
}

struct Panics;

impl Engine for Panics {
    fn evaluate(&self, _: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun> {
        panic!("a rule with a bug")
    }
}

/// Rules that take an hour: the budget asks the clock before each.
struct Slow(Arc<osteon_server::clock::SetClock>);

impl Engine for Slow {
    fn evaluate(&self, ask: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun> {
        self.0.advance(60 * MINUTE);
        Rules.evaluate(ask)
    }
}

/// Rules that take 40 ms a push.
struct Forty(Arc<osteon_server::clock::SetClock>);

impl Engine for Forty {
    fn evaluate(&self, ask: &Ask<'_>) -> Result<Vec<Evaluation>, Overrun> {
        self.0.advance(40);
        Rules.evaluate(ask)
    }
}

#[tokio::test]
async fn the_rules_of_one_commit_have_a_budget_together() {
    let hold = Arc::new(AtomicBool::new(false));
    let (kit, store) = Kit::stepped(Arc::clone(&hold)).await;
    let mut pushes = Vec::new();
    let mut circles = Vec::new();
    for n in 1..=4 {
        let circle = kit.circle(&format!("d000{n}"), &TEAM).await;
        let phone = kit.phone(&circle, 0, Role::Patient).await;
        let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW))]);
        pushes.push((kit.request(&phone, circle.no, 0, vec![change]), phone));
        circles.push(circle);
    }
    due::sweep(&kit.app).await.expect("sweep");
    kit.app.care.put_engine(Arc::new(Forty(Arc::clone(&kit.clock))));
    hold.store(true, Ordering::Relaxed);
    let sent = futures_util::future::join_all(pushes.into_iter().map(|(request, phone)| {
        let kit = &kit;
        async move { kit.send(&phone, request).await }
    }));
    let together = async {
        while store.waiting() < 4 {
            tokio::task::yield_now().await;
        }
        assert_eq!(store.step(4), 4);
        hold.store(false, Ordering::Relaxed);
    };
    let (verdicts, ()) = tokio::join!(sent, together);
    assert!(verdicts.iter().all(|verdicts| said(&verdicts[0]) == "accepted"), "nobody's data waits for a rule");
    let raised = async || {
        let mut raised = 0;
        for circle in &circles {
            raised += first_revisions(&kit, &kit.person(circle.people[1]), circle.no).await;
        }
        raised
    };
    assert_eq!(raised().await, 2, "the third and the fourth find no time left");
    kit.app.care.put_engine(Arc::new(Rules));
    kit.clock.advance(MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    assert_eq!(raised().await, 4, "and are asked right after it");
}

/// What Hello says of the first circle's warnings.
async fn late_since(kit: &Kit, phone: &Caller) -> Option<prost_types::Timestamp> {
    let said = hello::hello(&kit.app, phone, Default::default()).await.expect("hello");
    said.circles[0].warnings_late_since
}

pub(crate) async fn rules_that_fail_cost_nobody_their_data(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let slow: Arc<dyn Engine> = Arc::new(Slow(Arc::clone(&kit.clock)));
    for (n, engine) in [Arc::new(Panics) as Arc<dyn Engine>, slow].into_iter().enumerate() {
        kit.app.care.put_engine(engine);
        let entry = kit.id();
        let at = osteon_server::clock::Clock::now_ms(&*kit.clock);
        let change = kit.change(vec![create(entry, SYMPTOM, &weak_leg(at))]);
        assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
        assert!(kit.get(&nurse, circle.no, entry).await.is_ok(), "the entry stands");
        assert_eq!(first_revisions(&kit, &nurse, circle.no).await, n);
        let due = kit.app.store.rules_due_of(circle.no).await.expect("due").expect("a row");
        assert!(due.late_ms.is_some(), "its warnings are late");
        assert_eq!(late_since(&kit, &phone.caller).await, due.late_ms.map(timestamp), "every phone is told");
        // They fail again where the circle is looked at; it stays late.
        assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0);
        assert!(kit.app.store.rules_due_of(circle.no).await.expect("due").expect("a row").late_ms.is_some());
        kit.app.care.put_engine(Arc::new(Rules));
        kit.clock.advance(MINUTE);
        assert!(due::sweep(&kit.app).await.expect("sweep") > 0, "made good");
        assert_eq!(first_revisions(&kit, &nurse, circle.no).await, n + 1);
        assert_eq!(kit.app.store.rules_due_of(circle.no).await.expect("due").expect("a row").late_ms, None);
        assert_eq!(late_since(&kit, &phone.caller).await, None);
    }
}

pub(crate) async fn raise(kit: &Kit, circle: &Circle) -> [u8; 16] {
    let mut phone = kit.phone(circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    newest(kit, circle).await
}

/// The newest revision of the alert, by its record id.
async fn newest(kit: &Kit, circle: &Circle) -> [u8; 16] {
    let nurse = kit.person(circle.people[1]);
    let all = records(kit, &nurse, circle.no, ALERT).await;
    let of_rule = all.iter().filter(|view| open_body::<care::Alert>(view).rule.as_deref() == Some("R-MSCC-1"));
    id_of(of_rule.max_by_key(|view| open_body::<care::Alert>(view).revision).expect("one"))
}

/// The choice of the label that an alert has.
fn choice_of(number: u32, word: &str) -> u32 {
    let known = osteon_proto::table::table().get(number).expect("a type");
    let choice = known.label_choice.iter().position(|choice| choice.word == word).expect("one") + 1;
    u32::try_from(choice).expect("small")
}

async fn say(kit: &Kit, who: &Caller, circle: u64, number: u32, message: &impl prost::Message) {
    kit.create_under(who, circle, number, choice_of(number, "C03+C06"), message).await.expect("said");
}

/// Somebody has seen it.
pub(crate) async fn say_seen(kit: &Kit, who: &Caller, circle: u64, alert: [u8; 16]) {
    let (parent, account) = (Some(alert.to_vec().into()), Some(who.account));
    let seen = care::AlertAcknowledgement { parent, account, ..Default::default() };
    say(kit, who, circle, ACKNOWLEDGEMENT, &seen).await;
}

/// A nurse closes it.
pub(crate) async fn close(kit: &Kit, who: &Caller, circle: u64, alert: [u8; 16]) {
    let closed = care::AlertClosure {
        parent: Some(alert.to_vec().into()),
        outcome: Some(care::AlertOutcome::Referred.into()),
        reason: Some("called, seen in the emergency department".into()),
        ..Default::default()
    };
    say(kit, who, circle, CLOSURE, &closed).await;
}

pub(crate) async fn nobody_saw_it(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    raise(&kit, &circle).await;
    kit.clock.set(NOW + 14 * MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), 1, "not yet");
    kit.clock.set(NOW + 16 * MINUTE);
    // Two nodes look at the same moment.
    let (one, two) = tokio::join!(due::sweep(&kit.app), due::sweep(&kit.app));
    assert!(one.expect("sweep") + two.expect("sweep") > 0);
    let raised = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await;
    assert_eq!(raised.len(), 2, "to the next in line, once");
    assert_eq!(raised[1].cause, Some(care::AlertCause::Escalated.into()));
    assert_eq!((raised[1].step, &raised[1].signs), (Some(1), &raised[0].signs));
    // Somebody sees it: it goes no further.
    let record = newest(&kit, &circle).await;
    let seen = care::AlertAcknowledgement {
        parent: Some(record.to_vec().into()),
        account: Some(nurse.account),
        ..Default::default()
    };
    say(&kit, &nurse, circle.no, ACKNOWLEDGEMENT, &seen).await;
    kit.clock.set(NOW + 20 * 60 * MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), 2);
}

pub(crate) async fn closed_is_closed(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    let record = raise(&kit, &circle).await;
    close(&kit, &nurse, circle.no, record).await;
    for days in 1..5 {
        kit.clock.set(NOW + days * DAY);
        due::sweep(&kit.app).await.expect("sweep");
    }
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), 1, "closed, and nothing changed");
    // The entry itself changes: it is news.
    let subject = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await[0].subject.clone().expect("a subject");
    let entry: [u8; 16] = subject.as_ref().try_into().expect("an id");
    let view = kit.get(&patient, circle.no, entry).await.expect("the entry");
    let again = care::SymptomEntry { new_or_worse: Some(true), ..Default::default() };
    let (number, shown) = (field(&view, "new_or_worse").field, dots(&view, "new_or_worse"));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = edit(entry, SYMPTOM, &again, number, shown);
    assert_eq!(said(&kit.write(&mut phone, circle.no, change).await), "accepted");
    let raised = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await;
    assert_eq!(raised.len(), 2);
    assert_eq!(raised[1].cause, Some(care::AlertCause::Again.into()));
}

async fn listed(kit: &Kit, who: &Caller, circle: u64, include_closed: bool) -> pb::CircleAlerts {
    let request = pb::ListAlertsRequest { circle, include_closed, cannot_tell: true, ..Default::default() };
    listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0)
}

fn of_rule(all: &pb::CircleAlerts, rule: &str) -> pb::ListedAlert {
    all.alerts.iter().find(|alert| alert.rule == rule).cloned().unwrap_or_else(|| panic!("no {rule}"))
}

pub(crate) async fn a_list_says_it_in_the_words_of_its_reader(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physio] = [0, 1, 3].map(|i| kit.person(circle.people[i]));
    let record = raise(&kit, &circle).await;
    let of_nurse = listed(&kit, &nurse, circle.no, false).await;
    let alert = of_rule(&of_nurse, "R-MSCC-1");
    assert_eq!(alert.record_id, uuid::Uuid::from_bytes(record).to_string());
    assert_eq!((alert.severity(), alert.state()), (care::AlertSeverity::Emergency, pb::RuleState::Secondary));
    assert!(alert.text.contains("limb weakness") && !alert.source.is_empty(), "{alert:?}");
    assert_eq!(of_nurse.alerts[0].rule, "R-MSCC-1", "the most urgent first");
    assert!(alert.escalates.is_some() && alert.may_close && alert.owner == 0 && !alert.inputs.is_empty());
    let of_patient = listed(&kit, &patient, circle.no, false).await;
    let own = of_rule(&of_patient, "R-MSCC-1");
    assert!(own.text.contains("CALL NOW") && own.text != alert.text, "{own:?}");
    assert!(own.may_acknowledge && !own.may_close);
    // What the rules cannot tell is for clinicians.
    assert!(of_patient.cannot_tell.is_empty());
    // Whoever writes online is heard in the same commit.
    let entry = kit.create(&patient, circle.no, SYMPTOM, &weak_leg(NOW + MINUTE)).await.expect("an entry");
    let subject = uuid::Uuid::from_bytes(id_of(&entry)).to_string();
    let again = listed(&kit, &nurse, circle.no, false).await;
    assert!(again.alerts.iter().any(|alert| alert.rule == "R-MSCC-1" && alert.subject == subject));
    assert!(of_nurse.cannot_tell.iter().all(|one| !one.missing.is_empty()) && !of_nurse.cannot_tell.is_empty());
    assert!(of_nurse.late_since.is_none());
    // Nothing below a severity, and every circle of the caller.
    let request = pb::ListAlertsRequest { at_least: care::AlertSeverity::Emergency.into(), ..Default::default() };
    let all = listed::list(&kit.app, &physio, &request).await.expect("list");
    assert_eq!(all.circles.len(), 1);
    assert!(all.circles[0].alerts.iter().all(|alert| alert.severity() == care::AlertSeverity::Emergency));
    let request = pb::ListAlertsRequest { cannot_tell: true, ..Default::default() };
    let error = listed::list(&kit.app, &nurse, &request).await.expect_err("of which circle?");
    assert_eq!(error.reason(), Reason::ArgumentInvalid);
    // Rules that failed: the list says since when warnings may be missing.
    kit.app.care.put_engine(Arc::new(Panics));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW))]);
    kit.push(&mut phone, circle.no, change).await;
    assert!(listed(&kit, &nurse, circle.no, false).await.late_since.is_some());
}

pub(crate) async fn a_patient_who_has_seen_it_does_not_silence_it(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    raise(&kit, &circle).await;
    let alert = of_rule(&listed(&kit, &patient, circle.no, false).await, "R-MSCC-1");
    let seen =
        pb::AcknowledgeAlertRequest { circle: circle.no, record_id: alert.record_id.clone(), ..Default::default() };
    for _ in 0..2 {
        let after = listed::acknowledge(&kit.app, &patient, &seen).await.expect("seen");
        assert_eq!(after.seen.iter().map(|one| one.account).collect::<Vec<_>>(), [patient.account], "said once");
        assert!(after.escalates.is_some());
    }
    kit.clock.set(NOW + 16 * MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    let next = of_rule(&listed(&kit, &nurse, circle.no, false).await, "R-MSCC-1");
    assert_eq!((next.revision, next.step), (2, 1), "it went to the next in line all the same");
    // The nurse takes it over, in two steps.
    let seen = pb::AcknowledgeAlertRequest { record_id: next.record_id, ..seen };
    let after = listed::acknowledge(&kit.app, &nurse, &seen).await.expect("seen");
    assert_eq!((after.owner, after.escalates), (0, None));
    let takes = pb::AcknowledgeAlertRequest { takes_over: true, ..seen };
    let after = listed::acknowledge(&kit.app, &nurse, &takes).await.expect("taken");
    assert_eq!((after.owner, after.seen.len()), (nurse.account, 1));
}

pub(crate) async fn who_closes_an_emergency(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physio] = [0, 1, 3].map(|i| kit.person(circle.people[i]));
    let record = raise(&kit, &circle).await;
    let close = pb::CloseAlertRequest {
        circle: circle.no,
        record_id: uuid::Uuid::from_bytes(record).to_string(),
        outcome: care::AlertOutcome::ActedOn.into(),
        reason: "called".into(),
        ..Default::default()
    };
    for who in [&patient, &physio] {
        let error = listed::close(&kit.app, who, &close).await.expect_err("not theirs to close");
        assert_eq!(error.reason(), Reason::AlertCloser);
    }
    // Nor by a record of their own making, from a phone.
    let end = care::AlertClosure {
        parent: Some(record.to_vec().into()),
        outcome: Some(care::AlertOutcome::Solved.into()),
        ..Default::default()
    };
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let mut write = create(kit.id(), CLOSURE, &end);
    write.label_choice = choice_of(CLOSURE, "C03+C06");
    let change = kit.change(vec![write.clone()]);
    let refused = said(&kit.push(&mut phone, circle.no, change).await);
    assert_eq!(refused, "ALERT_CLOSER writes[0].body.alert_closure.parent");
    let unsaid = care::AlertClosure { outcome: None, ..end.clone() };
    let choice = choice_of(CLOSURE, "C03+C06");
    let error = kit.create_under(&nurse, circle.no, CLOSURE, choice, &unsaid).await.expect_err("how did it end?");
    assert_eq!(error.reason(), Reason::OutcomeMissing);
    // Under another label, or of an alert that is not there: it says nothing.
    for (parent, word) in [(record, "C06"), (kit.id(), "C03+C06")] {
        let end = care::AlertClosure { parent: Some(parent.to_vec().into()), ..end.clone() };
        let choice = choice_of(CLOSURE, word);
        let error = kit.create_under(&nurse, circle.no, CLOSURE, choice, &end).await.expect_err("no such alert");
        assert_eq!(error.reason(), Reason::AlertUnknown);
    }
    let unsaid = pb::CloseAlertRequest { outcome: 0, ..close.clone() };
    let error = listed::close(&kit.app, &nurse, &unsaid).await.expect_err("how?");
    assert_eq!(error.reason(), Reason::ArgumentInvalid);
    let done = listed::close(&kit.app, &nurse, &close).await.expect("closed");
    let closed = done.closed.expect("closed");
    assert_eq!((closed.account, closed.outcome()), (nurse.account, care::AlertOutcome::ActedOn));
    assert!(listed(&kit, &nurse, circle.no, false).await.alerts.iter().all(|alert| alert.rule != "R-MSCC-1"));
    assert_eq!(of_rule(&listed(&kit, &nurse, circle.no, true).await, "R-MSCC-1").closed.expect("closed"), closed);
}

fn pain_at(site: &str, nrs: u32, at_ms: u64) -> care::PainEntry {
    let at = care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(60), zone: None };
    care::PainEntry { effective_start: Some(at), worst_24h: Some(nrs), site: vec![site.into()], ..Default::default() }
}

pub(crate) async fn strong_pain_is_one_alert_of_a_place(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let mut strong = async |site, at_ms| {
        let change = kit.change(vec![create(kit.id(), 101, &pain_at(site, 8, at_ms))]);
        assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
        raised(&kit, &nurse, circle.no, "R-PAIN-1").await.len()
    };
    assert_eq!(strong("lumbar", NOW).await, 1);
    assert_eq!(strong("lumbar", NOW + MINUTE).await, 1, "the same pain");
    assert_eq!(strong("hip", NOW + 2 * MINUTE).await, 2, "another place");
    kit.clock.set(NOW + 60 * MINUTE);
    for view in records(&kit, &nurse, circle.no, ALERT).await {
        if open_body::<care::Alert>(&view).rule.as_deref() != Some("R-PAIN-1") {
            continue;
        }
        let closed = care::AlertClosure {
            parent: Some(id_of(&view).to_vec().into()),
            outcome: Some(care::AlertOutcome::Referred.into()),
            reason: Some("called".into()),
            ..Default::default()
        };
        kit.create_under(&nurse, circle.no, CLOSURE, choice_of(CLOSURE, "C06"), &closed).await.expect("closed");
    }
    // Whoever closed them knew of every entry that was there.
    kit.app.care.kept().forget(circle.no);
    kit.clock.set(NOW + DAY);
    due::sweep(&kit.app).await.expect("sweep");
    assert_eq!(raised(&kit, &nurse, circle.no, "R-PAIN-1").await.len(), 2);
    // One that came since is news, whenever it was felt.
    assert_eq!(strong("lumbar", NOW + 3 * MINUTE).await, 3);
    let again = alerts(&kit, &nurse, circle.no, "R-PAIN-1").await;
    let is_again = |alert: &&care::Alert| alert.cause == Some(care::AlertCause::Again.into());
    let again = again.iter().find(is_again).expect("a revision");
    assert_eq!(again.discriminator.as_deref(), Some("lumbar"));
}

pub(crate) async fn who_may_not_read_it_sees_its_face(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physio] = [0, 1, 3].map(|i| kit.person(circle.people[i]));
    let denied = care::Grant {
        parent: Some(parent(circle.no)),
        grantee: Some(care::Grantee { account: Some(physio.account), role: None }),
        category: Some(care::GrantCategory::C06Symptoms.into()),
        decision: Some(care::Decision::Deny.into()),
        ..Default::default()
    };
    kit.create(&patient, circle.no, GRANT, &denied).await.expect("denied");
    let record = raise(&kit, &circle).await;
    assert!(records(&kit, &physio, circle.no, ALERT).await.is_empty());
    let shown = listed(&kit, &physio, circle.no, true).await;
    assert!(shown.alerts.iter().all(|alert| alert.rule != "R-MSCC-1"));
    assert_eq!(shown.redacted.len(), 1);
    assert_eq!(
        (shown.redacted[0].severity(), shown.redacted[0].nurse),
        (care::AlertSeverity::Emergency, nurse.account)
    );
    let seen = pb::AcknowledgeAlertRequest {
        circle: circle.no,
        record_id: shown.redacted[0].record_id.clone(),
        ..Default::default()
    };
    let error = listed::acknowledge(&kit.app, &physio, &seen).await.expect_err("not theirs to read");
    assert_eq!(error.reason(), Reason::NotFound);
    let faces = records(&kit, &physio, circle.no, FACE).await;
    assert_eq!(faces.len(), 1);
    let face: care::AlertFace = open_body(&faces[0]);
    assert_eq!(face.alert.as_deref(), Some(record.as_slice()));
    assert_eq!(face.severity, Some(care::AlertSeverity::Emergency.into()));
    assert_eq!(face.nurse, Some(nurse.account), "whom to ask");
    // It is theirs alone.
    assert!(records(&kit, &nurse, circle.no, FACE).await.is_empty());
}

pub(crate) async fn who_may_read_it_changes(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, physio] = [0, 3].map(|i| kit.person(circle.people[i]));
    raise(&kit, &circle).await;
    let shown = async || {
        due::sweep(&kit.app).await.expect("sweep");
        let all = listed(&kit, &physio, circle.no, true).await;
        (all.alerts.iter().filter(|alert| alert.rule == "R-MSCC-1").count(), all.redacted.len())
    };
    assert_eq!(shown().await, (1, 0));
    decide(&kit, &patient, circle.no, physio.account, care::Decision::Deny).await;
    assert_eq!(shown().await, (0, 1), "who is told of it and may not read it any more knows that there is one");
    decide(&kit, &patient, circle.no, physio.account, care::Decision::Allow).await;
    assert_eq!(shown().await, (1, 0), "and its face is not beside it");
}

pub(crate) async fn another_node_wrote_meanwhile(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let write = |kit: &Kit, at| kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(at))]);
    let change = write(&kit, NOW);
    kit.push(&mut phone, circle.no, change).await;
    // What this node keeps of the circle is behind by what another one wrote.
    let other = kit.node().await;
    let change = write(&other, NOW + 1);
    assert_eq!(said(&other.push(&mut phone, circle.no, change).await), "accepted");
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), 2);
    let change = write(&kit, NOW + 2);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    assert_eq!(alerts(&kit, &nurse, circle.no, "R-MSCC-1").await.len(), 3, "right after the commit");
}

pub(crate) async fn an_entry_of_long_ago(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW - 40 * DAY))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let raised = alerts(&kit, &nurse, circle.no, "R-MSCC-1").await;
    assert_eq!(raised[0].late_days, Some(40));
    assert_eq!(raised[0].severity, Some(care::AlertSeverity::Emergency.into()), "age lowers nothing");
    assert!(raised[0].notes.contains(&"late".to_owned()));
    // That it came late is said in it: it is no alert of its own, and the next push has nothing to say.
    assert!(alerts(&kit, &nurse, circle.no, "R-SYNC-2").await.is_empty());
    let count = records(&kit, &nurse, circle.no, ALERT).await.len();
    let change = kit.change(vec![create(kit.id(), SYMPTOM, &care::SymptomEntry::default())]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    assert_eq!(records(&kit, &nurse, circle.no, ALERT).await.len(), count);
    // Nothing of that age is announced where all of a circle is looked at for the first time.
    kit.app.care.kept().forget(circle.no);
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0);
}

fn session(at_ms: u64) -> care::ActivitySession {
    let at = care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(60), zone: None };
    care::ActivitySession { effective_start: Some(at), duration: Some(40), ..Default::default() }
}

pub(crate) async fn a_limit_that_came_after(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physio] = [1, 3].map(|i| kit.person(circle.people[i]));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), 106, &session(NOW - DAY))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let plan = care::ExercisePlan { max_minutes_session: Some(20), ..Default::default() };
    kit.create(&physio, circle.no, 201, &plan).await.expect("a plan");
    assert!(alerts(&kit, &nurse, circle.no, "R-EX-2").await.is_empty(), "no limit stood on that day");
    let entry = kit.id();
    let change = kit.change(vec![create(entry, 106, &session(NOW))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let raised = alerts(&kit, &nurse, circle.no, "R-EX-2").await;
    assert_eq!(raised.len(), 1);
    assert!(raised[0].inputs.iter().any(|input| input.record.as_deref() == Some(entry.as_slice())));
}
