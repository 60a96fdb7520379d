//! A patient's phone that stays away while something waits for it (R-SYNC-3): nobody writes anything, and a nurse is told.

use osteon_proto::{alert as pb, care, meta::Role, sync};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{due, listed},
        reads,
    },
    clock::Clock,
};

use crate::{
    alerts::{say_seen, weak_leg},
    fixture::*,
    streams,
};

const TEAM: [Role; 4] = [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist];
const HOUR: u64 = 3_600_000;

/// The phone comes with a cursor, and takes the page that follows it.
pub(crate) async fn comes(kit: &Kit, phone: &Caller, circle: u64, cursor: &[u8]) -> Vec<u8> {
    let request = sync::PullRequest { positions: vec![streams::at(circle, cursor)], ..Default::default() };
    let mut messages = streams::pull(kit, phone, request).await.expect("a pull");
    streams::page(&mut messages).await.cursor.to_vec()
}

/// What a nurse is told of phones that are away.
async fn told(kit: &Kit, nurse: &Caller, circle: u64, include_closed: bool) -> Vec<pb::ListedAlert> {
    due::sweep(&kit.app).await.expect("sweep");
    let request = pb::ListAlertsRequest { circle, include_closed, ..Default::default() };
    let mut all = listed::list(&kit.app, nurse, &request).await.expect("list").circles.remove(0).alerts;
    all.retain(|alert| alert.rule == "R-SYNC-3");
    all
}

async fn texts(kit: &Kit, nurse: &Caller, circle: u64) -> Vec<String> {
    told(kit, nurse, circle, false).await.into_iter().map(|alert| alert.text).collect()
}

pub(crate) async fn a_phone_that_stays_away(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physician, physio] = [1, 2, 3].map(|at| kit.person(circle.people[at]));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let caller = phone.caller;
    let cursor = comes(&kit, &caller, circle.no, &[]).await;
    let entry = create(kit.id(), 102, &weak_leg(kit.clock.now_ms()));
    let change = kit.change(vec![entry]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
    let cursor_before = comes(&kit, &caller, circle.no, &cursor).await;
    let came_ms = kit.clock.now_ms();
    let last_ms = async || {
        reads::write(&kit.app).await.expect("written");
        let rows = kit.app.store.reads_of(circle.no).await.expect("rows");
        rows.iter().map(|row| (row.device == caller.device, row.at_ms)).collect::<Vec<_>>()
    };
    assert_eq!(last_ms().await, [(true, came_ms)]);
    // Seven days to the millisecond are none too many.
    kit.clock.set(came_ms + 7 * DAY);
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
    kit.clock.advance(1);
    let alerts = told(&kit, &nurse, circle.no, false).await;
    assert_eq!(
        alerts.iter().map(|alert| &*alert.text).collect::<Vec<_>>(),
        ["Patient device offline 7 d with unseen 1 alert."]
    );
    assert_eq!(
        (alerts[0].severity(), &*alerts[0].told),
        (care::AlertSeverity::Info, [i32::from(Role::Nurse)].as_slice())
    );
    // Once, on any number of nodes, and after a restart.
    let again = kit.node().await;
    assert_eq!(told(&again, &nurse, circle.no, true).await.len(), 1);
    assert_eq!(told(&kit, &nurse, circle.no, true).await.len(), 1);
    // Nobody else is told, and nobody has to close it.
    let request = pb::ListAlertsRequest { circle: circle.no, ..Default::default() };
    let seen = listed::list(&kit.app, &physician, &request).await.expect("list").circles.remove(0).alerts;
    assert!(seen.iter().all(|alert| alert.rule != "R-SYNC-3" || alert.told == [i32::from(Role::Nurse)]));
    // The phone is back: it is looked at then, not in some hours.
    let cursor = comes(&kit, &caller, circle.no, &cursor_before).await;
    reads::write(&kit.app).await.expect("written");
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
    let closed = told(&kit, &nurse, circle.no, true).await.remove(0).closed.expect("closed");
    assert_eq!((closed.outcome(), closed.account), (care::AlertOutcome::Solved, 0));
    assert_eq!(closed.reason, "A device of the patient has come back.");
    // It comes once more, and has everything: it may stay away for as long as it likes.
    let cursor = comes(&kit, &caller, circle.no, &cursor).await;
    kit.clock.advance(8 * DAY);
    let nothing = texts(&kit, &nurse, circle.no).await;
    // Alerts that went on to the next in line meanwhile are revisions that it has not got.
    let went_on = nothing.iter().all(|text| text.contains("alert") && !text.contains("plan change"));
    assert!(went_on, "{nothing:?}");
    comes(&kit, &caller, circle.no, &cursor).await;
    reads::write(&kit.app).await.expect("written");
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
    let plan = care::ExercisePlan { max_minutes_session: Some(20), ..Default::default() };
    kit.create(&physio, circle.no, 201, &plan).await.expect("a plan");
    kit.clock.advance(7 * DAY + 1);
    let away = texts(&kit, &nurse, circle.no).await;
    assert_eq!(away.len(), 1, "another absence is another alert");
    assert!(away[0].contains("offline 7 d") && away[0].contains("1 plan change"), "{away:?}");
}

pub(crate) async fn nothing_waits_for_a_phone_that_is_away(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physio] = [0, 1, 3].map(|at| kit.person(circle.people[at]));
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let plan = care::ExercisePlan { max_minutes_session: Some(20), ..Default::default() };
    let plan = id_of(&kit.create(&physio, circle.no, 201, &plan).await.expect("a plan"));
    let cursor = comes(&kit, &phone.caller, circle.no, &[]).await;
    comes(&kit, &phone.caller, circle.no, &cursor).await;
    // What the patient wrote themselves is no news to them; nor is what they have seen elsewhere.
    let likes = care::ExercisePlan { patient_enjoys: Some("walking by the river".into()), ..Default::default() };
    let written = kit.write(&mut phone, circle.no, edit(plan, 201, &likes, 15, Vec::new())).await;
    assert_eq!(said(&written), "accepted");
    let alert = crate::alerts::raise(&kit, &circle).await;
    say_seen(&kit, &patient, circle.no, alert).await;
    say_seen(&kit, &nurse, circle.no, alert).await;
    kit.clock.advance(8 * DAY);
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
    kit.clock.advance(7 * HOUR);
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
}

pub(crate) async fn a_phone_that_never_came(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let nurse = kit.person(circle.people[1]);
    // No phone: nobody is away.
    let patient = kit.person(circle.people[0]);
    kit.create(&patient, circle.no, 102, &weak_leg(kit.clock.now_ms())).await.expect("an entry");
    kit.clock.advance(8 * DAY);
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
    // One that was enrolled and never read anything is away from its enrolment on.
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    kit.clock.advance(7 * DAY);
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
    kit.clock.advance(6 * HOUR + 1);
    let away = texts(&kit, &nurse, circle.no).await;
    assert!(away.len() == 1 && away[0].contains("offline 7 d"), "{away:?}");
    // A nurse's phone is nobody's absence.
    let other = kit.phone(&circle, 1, Role::Nurse).await;
    comes(&kit, &other.caller, circle.no, &[]).await;
    comes(&kit, &phone.caller, circle.no, &[]).await;
    reads::write(&kit.app).await.expect("written");
    let rows = kit.app.store.reads_of(circle.no).await.expect("rows");
    assert_eq!(rows.iter().map(|row| (row.device, row.seq)).collect::<Vec<_>>(), [(phone.caller.device, 0)]);
    assert!(texts(&kit, &nurse, circle.no).await.is_empty());
}
