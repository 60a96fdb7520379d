//! The work list: who needs somebody today, and why, in an order that is the same for everybody with the same scope.

use std::sync::Arc;

use osteon_proto::{
    alert,
    care::{self, AlertSeverity},
    meta::Role,
    reasons::Reason,
    worklist::{self as pb, WorkGroup, WorkReasonKind},
};
use osteon_server::{
    access::Caller,
    app::{alerts::listed, worklist},
};

use crate::{
    access::decide,
    alerts::raise,
    counted::{Calls, Counted},
    fixture::*,
    seen,
};

const TEAM: [Role; 4] = [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist];

async fn work(kit: &Kit, who: &Caller, request: pb::ListWorkRequest) -> pb::ListWorkResponse {
    worklist::list(&kit.app, who, &request).await.expect("list")
}

async fn all(kit: &Kit, who: &Caller) -> Vec<pb::WorkRow> {
    work(kit, who, pb::ListWorkRequest::default()).await.rows
}

fn ids(rows: &[pb::WorkRow]) -> Vec<&str> {
    rows.iter().map(|row| row.short_id.as_str()).collect()
}

fn group(row: &pb::WorkRow) -> WorkGroup {
    row.rank.as_ref().expect("a rank").group()
}

fn kinds(row: &pb::WorkRow) -> Vec<WorkReasonKind> {
    row.reasons.iter().map(pb::WorkReason::kind).collect()
}

/// Circles of one team: the nurse of each is the same person.
async fn circles(kit: &Kit, names: &[&str]) -> (Vec<Circle>, [Caller; 4]) {
    let first = kit.circle(names[0], &TEAM).await;
    let people = first.people.clone();
    let mut circles = vec![first];
    for name in &names[1..] {
        let patient = kit.app.store.create_account(kit.clinic, 1).await.expect("account");
        let team: Vec<u64> = std::iter::once(patient).chain(people[1..].iter().copied()).collect();
        let named: Vec<_> = team.iter().copied().zip(TEAM).collect();
        let no = osteon_server::app::members::found(&kit.app, kit.clinic, name, &named).await.expect("circle");
        circles.push(Circle { no, people: team });
    }
    (circles, [0, 1, 2, 3].map(|at| kit.person(people[at])))
}

async fn dispute(kit: &Kit, circle: &Circle) {
    let mut phone = kit.phone(circle, 3, Role::Physiotherapist).await;
    let limit = |kg| care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
    let made = kit.create(&phone.caller, circle.no, 201, &limit(50)).await.expect("created");
    let (id, number, shown) = (id_of(&made), field(&made, "lift_max_kg").field, dots(&made, "lift_max_kg"));
    for kg in [30, 20] {
        sequence(&kit.write(&mut phone, circle.no, edit(id, 201, &limit(kg), number, shown.clone())).await);
    }
}

pub(crate) async fn rows_are_ranked_and_say_why(kit: Kit) {
    let (circles, [_, nurse, physician, _]) = circles(&kit, &["d0001", "d0002", "d0003"]).await;
    assert_eq!(ids(&all(&kit, &nurse).await), ["d0001", "d0002", "d0003"], "nothing presses: by number");
    raise(&kit, &circles[2]).await;
    dispute(&kit, &circles[1]).await;
    let rows = all(&kit, &nurse).await;
    assert_eq!(ids(&rows), ["d0003", "d0002", "d0001"]);
    assert_eq!(rows, all(&kit, &nurse).await, "from memory the same");
    let of_physician = all(&kit, &physician).await;
    assert_eq!(ids(&of_physician), ids(&rows), "the same order for everybody with the same scope");
    let (first, rank) = (&rows[0].reasons[0], rows[0].rank.as_ref().expect("a rank"));
    assert_eq!((group(&rows[0]), rank.worst(), rank.taken), (WorkGroup::Now, AlertSeverity::Emergency, false));
    assert_eq!((first.kind(), first.rule.as_str()), (WorkReasonKind::Alert, "R-MSCC-1"));
    assert!(!first.text.is_empty() && !first.rule_set.is_empty() && first.happened.is_some() && first.may_close);
    assert!(first.deadline.is_some() && rank.nearest_deadline == first.deadline && rank.oldest.is_some());
    assert_eq!((first.owner, rows[0].owner), (0, 0));
    // A lifting limit is one of the things that safety rests on.
    assert_eq!((group(&rows[1]), rows[1].reasons[0].kind()), (WorkGroup::Today, WorkReasonKind::Dispute));
    assert_eq!((rows[1].reasons[0].r#type, rows[1].reasons[0].field != 0), (201, true));
    // Taken is not over: it stays where it is, and says whose it is.
    let taken = alert::AcknowledgeAlertRequest {
        circle: circles[2].no,
        record_id: first.record_id.clone(),
        takes_over: true,
        ..Default::default()
    };
    listed::acknowledge(&kit.app, &nurse, &taken).await.expect("taken");
    let rows = all(&kit, &nurse).await;
    assert_eq!((rows[0].owner, group(&rows[0])), (nurse.account, WorkGroup::Now));
    let counts = work(&kit, &nurse, pb::ListWorkRequest::default()).await.counts.expect("counts");
    assert_eq!((counts.now, counts.today, counts.emergencies), (1, 1, 1));
    assert!(counts.reviews >= 1 && counts.now + counts.today + counts.this_week + counts.no_open_item == 3);
}

pub(crate) async fn what_is_hidden_keeps_its_rank(kit: Kit) {
    let (circles, [patient, nurse, _, physio]) = circles(&kit, &["d0001", "d0002"]).await;
    decide(&kit, &patient, circles[0].no, physio.account, care::Decision::Deny).await;
    raise(&kit, &circles[0]).await;
    let rows = all(&kit, &physio).await;
    assert_eq!(ids(&rows), ["d0001", "d0002"]);
    let first = &rows[0].reasons[0];
    assert_eq!((group(&rows[0]), first.kind()), (WorkGroup::Now, WorkReasonKind::RedactedAlert));
    assert_eq!((first.severity(), first.nurse), (AlertSeverity::Emergency, nurse.account));
    assert!(rows[0].redacted && first.text.is_empty() && first.rule.is_empty() && first.happened.is_none());
    assert!(!first.may_acknowledge && !first.may_close);
    // An administrator of the clinic, a caregiver and a stranger.
    assert!(all(&kit, &kit.person(987)).await.is_empty());
    // Who loses a category loses what it said, at once.
    let before = all(&kit, &nurse).await;
    assert_eq!(before[0].reasons[0].kind(), WorkReasonKind::Alert);
    decide(&kit, &patient, circles[0].no, nurse.account, care::Decision::Deny).await;
    let after = all(&kit, &nurse).await;
    assert!(after[0].reasons.iter().all(|reason| reason.rule != "R-MSCC-1"), "{:?}", kinds(&after[0]));
}

pub(crate) async fn filters_pages_and_names(kit: Kit) {
    let (circles, [patient, nurse, physician, _]) = circles(&kit, &["d0001", "d0002", "d0003"]).await;
    let named = care::Person { display_name: Some("Demo patient 1".into()), ..Default::default() };
    kit.create(&patient, circles[0].no, 271, &named).await.expect("named");
    raise(&kit, &circles[1]).await;
    let page = |page_token: String| pb::ListWorkRequest { page_size: 2, page_token, ..Default::default() };
    let first = work(&kit, &nurse, page(String::new())).await;
    assert_eq!((ids(&first.rows), first.total), (vec!["d0002", "d0001"], 3));
    assert_eq!(first.rows[1].display_names, ["Demo patient 1"]);
    let second = work(&kit, &nurse, page(first.next_page_token.clone())).await;
    assert_eq!((ids(&second.rows), second.next_page_token.as_str()), (vec!["d0003"], ""));
    // A token is of one reader and one question.
    let other = pb::ListWorkRequest { text: "d".into(), ..page(first.next_page_token.clone()) };
    assert_eq!(reason(worklist::list(&kit.app, &nurse, &other).await), Reason::PageTokenInvalid);
    let request = page(first.next_page_token);
    assert_eq!(reason(worklist::list(&kit.app, &physician, &request).await), Reason::PageTokenInvalid);
    let of = async |request: pb::ListWorkRequest| {
        work(&kit, &nurse, request).await.rows.iter().map(|row| row.short_id.clone()).collect::<Vec<_>>()
    };
    let text = |text: &str| pb::ListWorkRequest { text: text.into(), ..Default::default() };
    assert_eq!(of(text("PATIENT 1")).await, ["d0001"]);
    assert_eq!(of(text("0003")).await, ["d0003"]);
    assert!(of(text("nobody")).await.is_empty());
    let groups = pb::ListWorkRequest { groups: vec![WorkGroup::Now.into()], ..Default::default() };
    assert_eq!(of(groups).await, ["d0002"]);
    let mine = pb::ListWorkRequest { filter: pb::WorkFilter::Mine.into(), ..Default::default() };
    assert_eq!(of(mine).await, ["d0002"], "what nobody took is everybody's");
    let team = pb::ListWorkRequest { filter: pb::WorkFilter::Team.into(), ..Default::default() };
    assert!(of(team).await.is_empty(), "there is no team");
    for wrong in [
        pb::ListWorkRequest { filter: 9, ..Default::default() },
        pb::ListWorkRequest { groups: vec![9], ..Default::default() },
        pb::ListWorkRequest { page_size: -1, ..Default::default() },
        pb::ListWorkRequest { view_id: "page".into(), ..Default::default() },
    ] {
        assert_eq!(reason(worklist::list(&kit.app, &nurse, &wrong).await), Reason::ArgumentInvalid);
    }
    let long = pb::ListWorkRequest { text: "x".repeat(81), ..Default::default() };
    assert_eq!(reason(worklist::list(&kit.app, &nurse, &long).await), Reason::LimitExceeded);

    let find = async |text: &str| {
        let request = pb::FindRequest { text: text.into(), page_size: 0 };
        worklist::find(&kit.app, &nurse, &request).await
    };
    let found = find("patient 1").await.expect("found");
    assert_eq!((found.patients.len(), found.patients[0].circle, found.people.len()), (1, circles[0].no, 0));
    let found = find(&physician.account.to_string()).await.expect("found");
    assert!(found.people.iter().any(|one| one.account == physician.account && one.roles == [Role::Physician as i32]));
    assert!(found.people.iter().all(|one| one.account != patient.account), "staff alone");
    assert_eq!(reason(find(" ").await), Reason::ArgumentInvalid);
    assert!(
        worklist::find(&kit.app, &kit.person(987), &pb::FindRequest { text: "d".into(), page_size: 0 })
            .await
            .expect("nothing")
            .patients
            .is_empty()
    );
}

pub(crate) async fn what_is_new_and_how_the_phone_stands(kit: Kit) {
    let (circles, [patient, nurse, ..]) = circles(&kit, &["d0001"]).await;
    let circle = &circles[0];
    let row = async || all(&kit, &nurse).await.remove(0);
    let phone = row().await.phone.expect("told to a nurse");
    assert_eq!(phone.standing(), osteon_proto::circle::PhoneStanding::None);
    let before = row().await;
    assert_eq!((before.seen_sequence, before.unseen), (0, 0), "never looked");
    seen::say(&kit, &nurse, circle.no, before.sequence).await;
    let pain = care::PainEntry { now: Some(3), ..Default::default() };
    kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    kit.create(&nurse, circle.no, 101, &pain).await.expect("made");
    let after = row().await;
    assert_eq!((after.seen_sequence, after.unseen), (before.sequence, 1), "one of them is the nurse's own");
    seen::say(&kit, &nurse, circle.no, after.sequence).await;
    assert_eq!(row().await.unseen, 0);
    // A phone that is enrolled, and then is silent for more than seven days.
    kit.phone(circle, 0, Role::Patient).await;
    let phone = row().await.phone.expect("a phone");
    assert_eq!(phone.standing(), osteon_proto::circle::PhoneStanding::Heard);
    kit.clock.advance(7 * DAY + 1);
    let silent = row().await;
    assert_eq!(silent.phone.as_ref().expect("a phone").standing(), osteon_proto::circle::PhoneStanding::Silent);
    assert!(kinds(&silent).contains(&WorkReasonKind::PhoneSilent));
    let plan = care::ExercisePlan { lift_max_kg: Some(5), ..Default::default() };
    kit.create(&kit.person(circle.people[3]), circle.no, 201, &plan).await.expect("a plan");
    let waits = row().await;
    assert!(kinds(&waits).contains(&WorkReasonKind::SafetyUndelivered), "{:?}", kinds(&waits));
    let phone = waits.phone.expect("a phone");
    assert_eq!((phone.safety_undelivered, phone.plans_undelivered), (true, 1));
}

/// A page that a person has open is one read; what is told anew is another.
pub(crate) async fn a_list_that_is_open_is_one_read(kit: Kit) {
    let (circles, [patient, nurse, ..]) = circles(&kit, &["d0001", "d0002"]).await;
    raise(&kit, &circles[0]).await;
    let reads = async || {
        let rows = kit.app.store.audit_after(circles[0].no, 0, 1_000).await.expect("audit");
        rows.iter().filter(|row| row.action == "work.list").count()
    };
    let request = |view: &str| pb::ListWorkRequest { view_id: view.into(), ..Default::default() };
    let view = text(kit.id());
    for _ in 0..3 {
        work(&kit, &nurse, request(&view)).await;
    }
    assert_eq!(reads().await, 1);
    work(&kit, &nurse, request(&text(kit.id()))).await;
    assert_eq!(reads().await, 2, "opened again");
    work(&kit, &nurse, request("")).await;
    assert_eq!(reads().await, 3, "each call that names no page");
    let other = kit.app.store.audit_after(circles[1].no, 0, 1_000).await.expect("audit");
    let empty: Vec<_> = other.iter().filter(|row| row.action == "work.list" && row.categories == 0).collect();
    assert!(empty.is_empty(), "of a circle of which nothing was told there is no row");
    let _ = patient;
}

/// Hundreds of circles that did not move are asked for in a handful of statements.
#[tokio::test]
async fn a_list_reads_what_moved_and_nothing_else() {
    let calls: Arc<std::sync::OnceLock<Arc<Calls>>> = Arc::default();
    let slot = Arc::clone(&calls);
    let kit = Kit::sqlite_as(move |store| {
        let counted = Counted::new(store);
        let _ = slot.set(counted.calls());
        Arc::new(counted)
    })
    .await;
    // More of them to measure: OSTEON_PATIENTS=500.
    let patients = std::env::var("OSTEON_PATIENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(40_usize);
    let names: Vec<String> = (1..=patients).map(|n| format!("d{n:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (circles, [patient, nurse, ..]) = circles(&kit, &names).await;
    let taken = || calls.get().expect("calls").taken();
    let view = text(kit.id());
    let list = async || {
        let request = pb::ListWorkRequest { view_id: view.clone(), page_size: 100, ..Default::default() };
        work(&kit, &nurse, request).await.rows
    };
    let first = list().await;
    assert_eq!(first.len(), patients.min(100));
    taken();
    let begun = std::time::Instant::now();
    assert_eq!(list().await, first);
    println!("{patients} patients that did not move: {:?}", begun.elapsed());
    let asked = taken();
    assert_eq!((asked.get("snapshot"), asked.get("audit")), (None, None), "{asked:?}");
    let all: u64 = asked.values().sum();
    assert!(all <= 8, "{asked:?}");
    let pain = care::PainEntry { now: Some(3), ..Default::default() };
    kit.create(&patient, circles[0].no, 101, &pain).await.expect("made");
    taken();
    let second = list().await;
    assert_eq!(second.len(), patients.min(100));
    let asked = taken();
    assert!(asked.get("snapshot").copied().unwrap_or(0) <= 4, "one circle is read: {asked:?}");
}
