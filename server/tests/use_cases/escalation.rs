//! Alerts that nobody has seen: to whom they go, one after the other, by the clinic's table.

use osteon_proto::{alert, care, meta::Role};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{due, listed},
        settings,
    },
};

use crate::{
    access::remove,
    fixture::*,
    settings::{ON_CALL, SETTINGS, TEAM, cord, set, weak},
};

pub(crate) const ESCALATION: u32 = 464;
const MINUTE: u64 = 60_000;
/// 2025-11-24, 16:00 UTC: a Monday.
const NOW_IS: (u32, u32) = (1, 16);

/// The clinic's settings: an emergency goes on after five minutes, now, to these one after the other.
async fn in_five_minutes_to(kit: &Kit, nurse: &Caller, physician: &Caller, on_call: &[&Caller]) {
    let own = settings::circle_of(&kit.app, kit.clinic).await.expect("founded");
    let parent = Some(settings::record_of(own).0.to_vec().into());
    set(kit, nurse, own, SETTINGS, &care::ClinicSettings::default()).await;
    let step = care::EscalationStep {
        parent: parent.clone(),
        severity: Some(care::AlertSeverity::Emergency.into()),
        step: Some(1),
        minutes: Some(5),
        ..Default::default()
    };
    set(kit, physician, own, ESCALATION, &step).await;
    let (weekday, hour) = NOW_IS;
    let members = on_call.iter().map(|caller| caller.account).collect();
    let on_call = care::OnCall { parent, weekday: Some(weekday), hour: Some(hour), members };
    set(kit, nurse, own, ON_CALL, &on_call).await;
}

pub(crate) async fn an_unseen_alert_goes_where_the_clinic_says(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physician, physio] = [1, 2, 3].map(|at| kit.person(circle.people[at]));
    in_five_minutes_to(&kit, &nurse, &physician, &[&physio, &physician]).await;

    weak(&kit, &circle).await;
    let raised_s = cord(&kit, &nurse, circle.no).await.raised.expect("a time").seconds;
    let due_in = |alert: &alert::ListedAlert| alert.escalates.as_ref().map(|at| at.seconds - raised_s);
    assert_eq!(due_in(&cord(&kit, &nurse, circle.no).await), Some(300), "five minutes, as the clinic says");
    let nobody_on_call = async |who: &Caller| {
        let request = alert::ListAlertsRequest { circle: circle.no, ..Default::default() };
        listed::list(&kit.app, who, &request).await.expect("list").nobody_on_call
    };
    assert!(!nobody_on_call(&nurse).await);
    // One after the other, in the order of the list; then all of them again.
    let mut told = Vec::new();
    let due_at =
        |alert: &alert::ListedAlert| alert.escalates.as_ref().map(|at| at.seconds.cast_unsigned() * 1_000 - NOW);
    for minutes in [6, 11, 16] {
        kit.clock.set(NOW + minutes * MINUTE);
        due::sweep(&kit.app).await.expect("sweep");
        let alert = cord(&kit, &nurse, circle.no).await;
        assert_eq!(alert.cause(), care::AlertCause::Escalated);
        told.push((alert.step, alert.told_members.clone(), due_at(&alert)));
    }
    let mut both = vec![physio.account, physician.account];
    both.sort_unstable();
    assert_eq!(
        told,
        [
            (1, vec![physio.account], Some(11 * MINUTE)),
            (2, vec![physician.account], Some(16 * MINUTE)),
            (3, both, Some(21 * MINUTE))
        ],
        "each has five minutes from when they were told"
    );
    // The server was off for a day: whoever is told now has their time, and nobody is told eight times in a row.
    kit.clock.set(NOW + DAY + 20 * MINUTE);
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 1);
    for _ in 0..3 {
        kit.clock.advance(MINUTE);
        assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0, "not yet");
    }
    kit.clock.set(NOW + 61 * MINUTE);
    // Five o'clock: nobody is on call, and the staff is told so.
    kit.clock.set(NOW + 61 * MINUTE);
    assert!(nobody_on_call(&nurse).await);
    assert!(!nobody_on_call(&kit.person(circle.people[0])).await, "not the patient");
}

pub(crate) async fn whoever_saw_it_leaves(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physician] = [0, 1, 2].map(|at| kit.person(circle.people[at]));
    weak(&kit, &circle).await;
    let alert = cord(&kit, &nurse, circle.no).await;
    let seen = alert::AcknowledgeAlertRequest {
        circle: circle.no,
        record_id: alert.record_id,
        takes_over: true,
        ..Default::default()
    };
    listed::acknowledge(&kit.app, &nurse, &seen).await.expect("seen");
    kit.clock.set(NOW + 60 * MINUTE);
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 0, "somebody sees to it");
    let alert = cord(&kit, &physician, circle.no).await;
    assert_eq!((alert.owner, alert.step, alert.escalates), (nurse.account, 0, None));
    // The nurse is a member no more: nobody sees to it, and the next in line hears of it at once.
    remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
    due::sweep(&kit.app).await.expect("sweep");
    let alert = cord(&kit, &physician, circle.no).await;
    assert_eq!((alert.owner, alert.step, alert.told_members), (0, 1, vec![physician.account]));
}

/// Whoever was asked to see to an alert and did not knows of it: it goes on to somebody else.
pub(crate) async fn the_next_in_line_is_not_who_was_asked(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physician, physio] = [1, 2, 3].map(|at| kit.person(circle.people[at]));
    in_five_minutes_to(&kit, &nurse, &physician, &[&physician, &physio]).await;
    weak(&kit, &circle).await;
    let asks = alert::AcknowledgeAlertRequest {
        circle: circle.no,
        record_id: cord(&kit, &nurse, circle.no).await.record_id,
        hands_to: physician.account,
        ..Default::default()
    };
    listed::acknowledge(&kit.app, &nurse, &asks).await.expect("asked");
    kit.clock.set(NOW + 6 * MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    let next = cord(&kit, &nurse, circle.no).await;
    assert_eq!((next.step, next.told_members), (1, vec![physio.account]));
}

/// Who is on call and no member may not know that the circle exists: the next who is one is told at once.
pub(crate) async fn on_call_without_membership_is_passed_over(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let other = kit.circle("d0002", &[Role::Patient, Role::Physician]).await;
    let [nurse, physician] = [1, 2].map(|at| kit.person(circle.people[at]));
    let stranger = kit.person(other.people[1]);
    in_five_minutes_to(&kit, &nurse, &physician, &[&stranger, &physician]).await;
    for of in [&circle, &other] {
        weak(&kit, of).await;
    }
    kit.clock.set(NOW + 6 * MINUTE);
    assert_eq!(due::sweep(&kit.app).await.expect("sweep"), 2);
    assert_eq!(cord(&kit, &nurse, circle.no).await.told_members, [physician.account]);
    assert_eq!(cord(&kit, &stranger, other.no).await.told_members, [stranger.account]);
}
