//! An alert that stands says what is so now: it follows the newest finding, is raised again where that is worse, says both
//! times of an entry that came late, and ends by itself where what it is about has ended.

use osteon_proto::{alert as pb, care, meta::Role, reasons::Reason};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{due, listed},
        enrol::timestamp,
    },
};

use crate::{
    alerts::{raise, weak_leg},
    fixture::*,
};

const WEIGHT: u32 = 108;
const SYMPTOM: u32 = 102;
const BONE_PLAN: u32 = 231;
const ADMINISTRATION: u32 = 232;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const TEAM: [Role; 4] = [Role::Patient, Role::Nurse, Role::Physician, Role::Dietitian];

fn at(ms: u64) -> care::Moment {
    care::Moment { at: Some(timestamp(ms)), utc_offset_min: Some(60), zone: None }
}

async fn weighs(kit: &Kit, patient: &Caller, circle: u64, hundredths: u32, at_ms: u64) -> String {
    let weight = care::BodyWeight { effective_start: Some(at(at_ms)), weight: Some(hundredths), ..Default::default() };
    text(id_of(&kit.create(patient, circle, WEIGHT, &weight).await.expect("weighed")))
}

/// The alert of a rule with its history, open or closed.
async fn of_rule(kit: &Kit, who: &Caller, circle: u64, rule: &str) -> Option<pb::ListedAlert> {
    let request = pb::ListAlertsRequest { circle, history: true, include_closed: true, ..Default::default() };
    let all = listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0);
    all.alerts.into_iter().find(|alert| alert.rule == rule)
}

fn seen(circle: u64, record_id: &str) -> pb::AcknowledgeAlertRequest {
    pb::AcknowledgeAlertRequest { circle, record_id: record_id.to_owned(), ..Default::default() }
}

pub(crate) async fn an_open_alert_follows_the_newest_finding(kit: Kit) {
    const RULE: &str = "R-NUT-1";
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, dietitian] = [0, 1, 3].map(|i| kit.person(circle.people[i]));
    weighs(&kit, &patient, circle.no, 7_000, NOW - 60 * DAY).await;
    let first = weighs(&kit, &patient, circle.no, 6_600, NOW).await;
    let alert = of_rule(&kit, &nurse, circle.no, RULE).await.expect("5.7 % lost");
    assert!(alert.text.contains("5.7% in 60 d") && alert.updated.is_none(), "{}", alert.text);
    assert!(alert.inputs.iter().any(|input| input.record_id == first));
    let takes = pb::AcknowledgeAlertRequest { takes_over: true, ..seen(circle.no, &alert.record_id) };
    listed::acknowledge(&kit.app, &dietitian, &takes).await.expect("taken");
    // A little more is lost: the alert says so, and stays with whoever has it.
    kit.clock.set(NOW + HOUR);
    let second = weighs(&kit, &patient, circle.no, 6_570, NOW + HOUR).await;
    let told = of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same");
    assert!(told.text.contains("6.1% in 60 d"), "{}", told.text);
    assert_eq!((told.cause(), told.revision), (care::AlertCause::Updated, 2));
    assert_eq!((told.raised, told.updated), (alert.raised, Some(timestamp(NOW + HOUR))));
    assert_eq!((told.owner, told.seen.len()), (dietitian.account, 1));
    assert!(told.inputs.iter().any(|input| input.record_id == second) && told.escalates.is_none());
    // What it said before stays in its history.
    let said: Vec<bool> = told.history.iter().map(|one| one.text.contains("5.7%")).collect();
    assert_eq!(said, [true, false]);
    // Who has it already, and says more, says it once; whoever comes new answers what they read.
    let asks = pb::AcknowledgeAlertRequest { hands_to: nurse.account, ..seen(circle.no, &told.record_id) };
    let after = listed::acknowledge(&kit.app, &dietitian, &asks).await.expect("asked");
    assert_eq!((after.owner, after.handed_to, after.seen.len()), (dietitian.account, nurse.account, 1));
    // Nothing is said twice, on any node, after a restart.
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0);
    let other = kit.node().await;
    assert_eq!(due::sweep(&other.app).await.expect("sweep"), 0);
    assert_eq!(of_rule(&other, &nurse, circle.no, RULE).await.expect("the same").revision, 2);
    // Entries come in bursts: what is no worse is said anew an hour later at the soonest, however much is written.
    kit.clock.set(NOW + HOUR + HOUR / 2);
    for hundredths in [6_568, 6_566] {
        weighs(&kit, &patient, circle.no, hundredths, NOW + HOUR + HOUR / 2).await;
    }
    assert_eq!(of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same").revision, 2);
    // Much more is lost: it is raised again at once, and open for everybody.
    kit.clock.set(NOW + 2 * HOUR);
    weighs(&kit, &patient, circle.no, 6_490, NOW + 2 * HOUR).await;
    let worse = of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same");
    assert_eq!((worse.cause(), worse.revision), (care::AlertCause::Worse, 3));
    assert!(worse.text.contains("7.2%") && worse.seen.is_empty() && worse.escalates.is_some(), "{worse:?}");
    // Whoever closes it closes all that it said; a weight that is written anew raises it again.
    let closes = pb::CloseAlertRequest {
        circle: circle.no,
        record_id: worse.record_id,
        outcome: care::AlertOutcome::ActedOn.into(),
        ..Default::default()
    };
    assert!(listed::close(&kit.app, &nurse, &closes).await.expect("closed").closed.is_some());
    due::sweep(&kit.app).await.expect("sweep");
    assert!(of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same").closed.is_some());
}

/// Of what is only said anew, the clock of the alert does not begin anew, and what was said to it holds for both.
pub(crate) async fn an_update_moves_no_clock(kit: Kit) {
    const RULE: &str = "R-NUT-1";
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    weighs(&kit, &patient, circle.no, 7_000, NOW - 60 * DAY).await;
    weighs(&kit, &patient, circle.no, 6_290, NOW).await;
    let first = of_rule(&kit, &nurse, circle.no, RULE).await.expect("a tenth lost");
    assert_eq!(first.severity(), care::AlertSeverity::Urgent);
    kit.clock.set(NOW + HOUR);
    weighs(&kit, &patient, circle.no, 6_280, NOW + HOUR).await;
    let second = of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same");
    assert_eq!((second.cause(), second.escalates), (care::AlertCause::Updated, first.escalates));
    kit.clock.set(NOW + 4 * DAY);
    due::sweep(&kit.app).await.expect("sweep");
    let third = of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same");
    assert_eq!((third.cause(), third.step), (care::AlertCause::Escalated, 1));
    assert!(third.text.contains(&second.text), "it says what it said last: {}", third.text);
    // Somebody closes what their screen showed, an update behind.
    kit.clock.set(NOW + 4 * DAY + HOUR);
    weighs(&kit, &patient, circle.no, 6_270, NOW + 4 * DAY + HOUR).await;
    let fourth = of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same");
    assert_eq!((fourth.cause(), fourth.step), (care::AlertCause::Updated, 1));
    let closes = pb::CloseAlertRequest {
        circle: circle.no,
        record_id: third.record_id,
        outcome: care::AlertOutcome::ActedOn.into(),
        ..Default::default()
    };
    listed::close(&kit.app, &nurse, &closes).await.expect("closed");
    assert!(of_rule(&kit, &nurse, circle.no, RULE).await.expect("the same").closed.is_some());
}

pub(crate) async fn an_entry_that_came_late_says_both_times(kit: Kit) {
    const SAYS: &str = "It happened on 2025-11-23 17:00 and was received on 2025-11-24 17:00";
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let change = kit.change(vec![create(kit.id(), SYMPTOM, &weak_leg(NOW - DAY))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let says = async |kit: &Kit, who: &Caller| of_rule(kit, who, circle.no, "R-MSCC-1").await.expect("raised");
    for who in [&patient, &nurse] {
        let text = says(&kit, who).await.text;
        assert!(text.contains(SAYS) && !text.contains("just received"), "{text}");
    }
    // It stays true, whoever looks again and whenever; and the days are those until it came.
    kit.clock.set(NOW + 3 * DAY);
    let other = kit.node().await;
    due::sweep(&other.app).await.expect("sweep");
    let later = says(&other, &nurse).await;
    assert!(later.text.contains(SAYS) && later.late_days == 1, "{later:?}");
    assert!(later.history.iter().all(|one| one.cause() != care::AlertCause::Updated), "nothing of it changed");
}

fn plan(planned_next: &str) -> care::BoneDrugPlan {
    care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        dose: Some(60_000),
        dose_unit: Some("mg".into()),
        interval_days: Some(182),
        status: Some(care::BoneDrugStatus::Active.into()),
        planned_next: Some(planned_next.into()),
        ..Default::default()
    }
}

pub(crate) async fn what_is_not_due_any_more_ends_by_itself(kit: Kit) {
    const RULE: &str = "R-DMAB-1";
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physician] = [1, 2].map(|i| kit.person(circle.people[i]));
    let made = kit.create(&physician, circle.no, BONE_PLAN, &plan("2025-12-10")).await.expect("a plan");
    let alert = of_rule(&kit, &nurse, circle.no, RULE).await.expect("due in a fortnight");
    assert!(alert.closed.is_none());
    // Its date has moved.
    let mut view = made;
    let mut moves = async |to: &str| {
        let (id, number) = (id_of(&view), field(&view, "planned_next").field);
        let only = care::BoneDrugPlan { planned_next: Some(to.into()), ..Default::default() };
        let mut phone = kit.phone(&circle, 2, Role::Physician).await;
        let mut change = kit.change(vec![edit(id, BONE_PLAN, &only, number, dots(&view, "planned_next"))]);
        change.reason = "agreed with the patient".into();
        assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
        due::sweep(&kit.app).await.expect("sweep");
        view = kit.get(&physician, circle.no, id).await.expect("the plan");
        of_rule(&kit, &nurse, circle.no, RULE).await.expect("kept")
    };
    let alert = moves("2026-02-20").await;
    let closed = alert.closed.expect("ended");
    assert_eq!((closed.account, closed.outcome()), (0, care::AlertOutcome::Solved));
    assert_eq!(closed.reason, "It is no longer due: it was done, or its date or plan has changed.");
    // It comes near again, and nobody wrote anything.
    kit.clock.set(NOW + 70 * DAY);
    due::sweep(&kit.app).await.expect("sweep");
    let again = of_rule(&kit, &nurse, circle.no, RULE).await.expect("again");
    assert!(again.closed.is_none() && again.cause() == care::AlertCause::Again, "{again:?}");
    assert!(again.text.contains("Book denosumab"), "{}", again.text);
    // The dose was given.
    let given = care::Administration {
        agent: Some("denosumab".into()),
        dose: Some(60_000),
        dose_unit: Some("mg".into()),
        when: Some(at(NOW + 70 * DAY)),
        ..Default::default()
    };
    kit.create(&nurse, circle.no, ADMINISTRATION, &given).await.expect("given");
    due::sweep(&kit.app).await.expect("sweep");
    assert!(of_rule(&kit, &nurse, circle.no, RULE).await.expect("kept").closed.is_some());
    // Nothing of the kind ends an alert about an entry.
    raise(&kit, &circle).await;
    kit.clock.set(NOW + 200 * DAY);
    due::sweep(&kit.app).await.expect("sweep");
    assert!(of_rule(&kit, &nurse, circle.no, "R-MSCC-1").await.expect("stays").closed.is_none());
}

pub(crate) async fn who_calls_an_emergency_not_relevant_says_why(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let record_id = text(raise(&kit, &circle).await);
    let end = |outcome: care::AlertOutcome, reason: &str| pb::CloseAlertRequest {
        circle: circle.no,
        record_id: record_id.clone(),
        outcome: outcome.into(),
        reason: reason.into(),
        ..Default::default()
    };
    for outcome in [care::AlertOutcome::NotRelevant, care::AlertOutcome::EnteredInError, care::AlertOutcome::Watching] {
        for reason in ["", " \n ", "\u{200b}", "\u{3164}\u{2060}"] {
            let error = listed::close(&kit.app, &nurse, &end(outcome, reason)).await.expect_err("why?");
            assert_eq!(error.reason(), Reason::AlertReasonMissing);
            assert_eq!(error.violations()[0].field, "reason");
        }
    }
    // Nor by a record of their own making.
    let alert = uuid::Uuid::parse_str(&record_id).expect("an id").into_bytes();
    let closure = care::AlertClosure {
        parent: Some(alert.to_vec().into()),
        outcome: Some(care::AlertOutcome::NotRelevant.into()),
        ..Default::default()
    };
    let mut phone = kit.phone(&circle, 1, Role::Nurse).await;
    let known = osteon_proto::table::table().get(413).expect("a type");
    let choice = known.label_choice.iter().position(|choice| choice.word == "C03+C06").expect("one") + 1;
    let mut write = create(kit.id(), 413, &closure);
    write.label_choice = u32::try_from(choice).expect("small");
    let refused = said(&kit.write(&mut phone, circle.no, write).await);
    assert_eq!(refused, "ALERT_REASON_MISSING writes[0].body.alert_closure.reason");
    let done = end(care::AlertOutcome::NotRelevant, "the old weakness, seen on Monday");
    assert!(listed::close(&kit.app, &nurse, &done).await.expect("closed").closed.is_some());
    // Said again it is said once; something else is not taken for it.
    assert!(listed::close(&kit.app, &nurse, &done).await.expect("said again").closed.is_some());
    let other = end(care::AlertOutcome::ActedOn, "went there");
    assert_eq!(reason(listed::close(&kit.app, &nurse, &other).await), Reason::AlertClosed);
    let useless = pb::CloseAlertRequest { useful: Some(false), ..done.clone() };
    assert_eq!(reason(listed::close(&kit.app, &nurse, &useless).await), Reason::AlertClosed);
    // Whoever closes it after somebody else says it once, too.
    kit.clock.advance(1_000);
    let after = end(care::AlertOutcome::Watching, "seen at the ward");
    listed::close(&kit.app, &physician, &after).await.expect("both stand");
    listed::close(&kit.app, &physician, &after).await.expect("said again");
    assert_eq!(reason(listed::close(&kit.app, &physician, &done).await), Reason::AlertClosed);
    let known = listed::close(&kit.app, &nurse, &done).await.expect("as it stands");
    assert_eq!(known.closed.expect("closed").outcome(), care::AlertOutcome::NotRelevant);
    // What is no emergency needs none.
    weighs(&kit, &patient, circle.no, 7_000, NOW - 60 * DAY).await;
    weighs(&kit, &patient, circle.no, 6_600, NOW).await;
    let soon = of_rule(&kit, &nurse, circle.no, "R-NUT-1").await.expect("raised").record_id;
    let done = pb::CloseAlertRequest { record_id: soon, ..end(care::AlertOutcome::NotRelevant, "") };
    assert!(listed::close(&kit.app, &nurse, &done).await.expect("closed").closed.is_some());
}
