//! One patient in one answer: what it puts together is what the other RPCs tell, and a refresh is no read.

use osteon_proto::{alert, care, circle as pb, consent, meta::Role, reasons::Reason};
use osteon_server::{
    access::Caller,
    app::{alerts::listed, circle_view, whosees},
};

use crate::{access::decide, alerts::raise, fixture::*, seen};

const TEAM: [Role; 4] = [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist];

async fn get(kit: &Kit, who: &Caller, circle: u64, state: &[u8], view_id: &str) -> pb::GetCircleViewResponse {
    let request =
        pb::GetCircleViewRequest { circle, if_changed_since: state.to_vec().into(), view_id: view_id.to_owned() };
    circle_view::get(&kit.app, who, &request).await.expect("a view")
}

async fn view(kit: &Kit, who: &Caller, circle: u64) -> pb::CircleView {
    get(kit, who, circle, &[], "").await.view.expect("a view")
}

async fn reads(kit: &Kit, circle: u64) -> usize {
    let rows = kit.app.store.audit_after(circle, 0, 1_000).await.expect("audit");
    rows.iter().filter(|row| row.action == "view.get").count()
}

pub(crate) async fn one_answer_for_one_patient(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse, physio] = [0, 1, 3].map(|at| kit.person(circle.people[at]));
    let named = care::Person { display_name: Some("Demo patient 1".into()), ..Default::default() };
    kit.create(&patient, circle.no, 271, &named).await.expect("named");
    let plan = care::ExercisePlan { lift_max_kg: Some(750), ..Default::default() };
    let made = kit.create(&physio, circle.no, 201, &plan).await.expect("a plan");
    raise(&kit, &circle).await;
    let one = view(&kit, &nurse, circle.no).await;
    assert_eq!((one.short_id.as_str(), one.role()), ("d0001", Role::Nurse));
    let person: care::Person = open_body(one.person.as_ref().expect("who this is"));
    assert_eq!(person.display_name.as_deref(), Some("Demo patient 1"));
    let safety: care::SafetyMinimum = open_body(one.safety_minimum.as_ref().expect("the safety minimum"));
    assert_eq!(safety.lift_max_kg, Some(750), "75 kg, as the plan says");
    let request = alert::ListAlertsRequest { circle: circle.no, cannot_tell: true, ..Default::default() };
    let listed = listed::list(&kit.app, &nurse, &request).await.expect("list").circles.remove(0);
    assert_eq!(one.alerts, Some(listed), "as ListAlerts tells them");
    let request = consent::ExplainAccessRequest { circle: circle.no, account: 0 };
    let access = whosees::explain(&kit.app, &nurse, &request).await.expect("access");
    assert_eq!((one.access, one.proxy), (access.categories, false), "as ExplainAccess tells it");
    assert_eq!((one.members.len(), one.seen.len()), (4, 4));
    assert!(one.phone.is_some());
    assert_eq!((one.since_sequence, one.changes.len(), one.new_entries.len()), (0, 0, 0), "never marked");
    // A mark, and what came after it: old and new of a plan, and an entry by its type.
    let head = get(&kit, &nurse, circle.no, &[], "").await.as_of_sequence;
    seen::say(&kit, &nurse, circle.no, head).await;
    let kg = care::ExercisePlan { lift_max_kg: Some(3), ..Default::default() };
    crate::access::write(&kit, &physio, circle.no, &made, "lift_max_kg", &kg).await;
    let pain = care::PainEntry { now: Some(3), ..Default::default() };
    kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    kit.create(&nurse, circle.no, 101, &pain).await.expect("made");
    let one = view(&kit, &nurse, circle.no).await;
    assert_eq!((one.since_sequence, one.changes.len(), one.more_changes), (head, 1, 0));
    let changed = &one.changes[0].fields[0];
    let before: care::ExercisePlan = opened(changed.before[0].value.as_ref().expect("a value"));
    let now: care::ExercisePlan =
        opened(changed.now.as_ref().expect("now").versions[0].value.as_ref().expect("a value"));
    assert_eq!((before.lift_max_kg, now.lift_max_kg), (Some(750), Some(3)));
    let pains: Vec<u32> = one.new_entries.iter().filter(|new| new.r#type == 101).map(|new| new.count).collect();
    assert_eq!(pains, [1], "not the nurse's own");
    // Whoever is no member is told what they are told of a circle that never was.
    for (who, no) in [(&kit.person(987), circle.no), (&nurse, 987)] {
        let request = pb::GetCircleViewRequest { circle: no, ..Default::default() };
        assert_eq!(reason(circle_view::get(&kit.app, who, &request).await), Reason::NotFound);
    }
    let request = pb::GetCircleViewRequest { circle: circle.no, view_id: "page".into(), ..Default::default() };
    assert_eq!(reason(circle_view::get(&kit.app, &nurse, &request).await), Reason::ArgumentInvalid);
}

pub(crate) fn opened<M: prost::Message + Default>(body: &[u8]) -> M {
    let (_, inner) = osteon_proto::split::open(body).expect("body");
    M::decode(inner).expect("record")
}

pub(crate) async fn a_refresh_is_no_read(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, nurse] = [0, 1].map(|at| kit.person(circle.people[at]));
    let page = text(kit.id());
    let first = get(&kit, &nurse, circle.no, &[], &page).await;
    assert_eq!(reads(&kit, circle.no).await, 1);
    let again = get(&kit, &nurse, circle.no, &first.state, &page).await;
    assert!(again.view.is_none() && again.state == first.state && again.as_of_sequence == first.as_of_sequence);
    let pain = care::PainEntry { now: Some(3), ..Default::default() };
    seen::say(&kit, &nurse, circle.no, first.as_of_sequence).await;
    kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    let second = get(&kit, &nurse, circle.no, &first.state, &page).await;
    assert!(second.view.is_some() && second.state != first.state);
    let told = reads(&kit, circle.no).await;
    assert!(told <= 2, "at most one row more, where it tells of a category that it had not told of: {told}");
    get(&kit, &nurse, circle.no, &[], &page).await;
    assert_eq!(reads(&kit, circle.no).await, told);
    get(&kit, &nurse, circle.no, &[], &text(kit.id())).await;
    assert_eq!(reads(&kit, circle.no).await, told + 1, "opened again");
}

/// What is not shared changes nothing of the answer but the head.
pub(crate) async fn what_is_hidden_moves_nothing(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, physio] = [0, 3].map(|at| kit.person(circle.people[at]));
    decide(&kit, &patient, circle.no, physio.account, care::Decision::Deny).await;
    let first = get(&kit, &physio, circle.no, &[], "").await;
    seen::say(&kit, &physio, circle.no, first.as_of_sequence).await;
    let first = get(&kit, &physio, circle.no, &[], "").await;
    let hidden = care::SymptomEntry { new_or_worse: Some(false), ..Default::default() };
    kit.create(&patient, circle.no, 102, &hidden).await.expect("made");
    let second = get(&kit, &physio, circle.no, &first.state, "").await;
    assert!(second.view.is_none(), "as if it had never been written");
    assert!(second.as_of_sequence > first.as_of_sequence);
    // An administrator sees who is in it, and not a word of care.
    let admin = kit.circle("d0002", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    raise(&kit, &admin).await;
    let one = view(&kit, &kit.person(admin.people[2]), admin.no).await;
    let alerts = one.alerts.expect("alerts");
    assert!(one.risk_profile.is_none() && one.safety_minimum.is_none() && alerts.alerts.is_empty());
    assert!(alerts.cannot_tell.is_empty() && one.reviews.is_empty());
}
