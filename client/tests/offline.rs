//! A phone without a network: what was saved is there, with its number, whatever happens to the program.

use std::{path::Path, sync::Arc};

use osteon_client::{
    Error, Phone,
    clock::SetClock,
    ids::SeededIds,
    records::{Entry, NewRecord},
    session::Invite,
    state::Enrolled,
    store::items::{Enrolment, Session, StoredCircle, StoredLane},
};
use osteon_proto::{care, meta, reasons::Reason, split::close, table::table};
use osteon_sync_core::{RecordId, Replica, device::Lanes, lifecycle::State as Life};
use prost::Message;

const CIRCLE: u64 = 7;
const NOW: u64 = 1_795_600_000_000;

async fn open(folder: &Path, seed: u64) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(seed))).await.unwrap()
}

async fn enrolled(folder: &Path, role: meta::Role) -> Phone {
    let phone = open(folder, 1).await;
    let lane = |lane: meta::Lane, replica: u32| StoredLane {
        lane: lane as i32,
        epoch: 1,
        replica,
        chain_key: vec![u8::try_from(replica).unwrap(); 32],
    };
    let enrolment = Enrolment {
        account: 42,
        lanes: vec![lane(meta::Lane::Urgent, 2), lane(meta::Lane::Ordinary, 3)],
        circles: vec![StoredCircle {
            circle: CIRCLE,
            short_id: "d0001".into(),
            role: role as i32,
            ..Default::default()
        }],
        ..Enrolment::default()
    };
    let lanes = Lanes { urgent: Replica { epoch: 1, n: 2 }, ordinary: Replica { epoch: 1, n: 3 } };
    phone
        .change(|state| {
            state.enrolled = Some(Enrolled::new(enrolment.clone(), Session::default(), 1, lanes));
            Ok(())
        })
        .await
        .unwrap();
    phone
}

fn body<M: Message>(member: &str, message: &M) -> Vec<u8> {
    close(table().by_name(member).unwrap().number, &message.encode_to_vec())
}

fn pain(worst: u32) -> NewRecord {
    let entry = care::PainEntry { worst_24h: Some(worst), site: vec!["hip".into()], ..Default::default() };
    NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None }
}

fn plan(minutes: u32) -> NewRecord {
    let plan = care::ExercisePlan { max_minutes_session: Some(minutes), ..Default::default() };
    NewRecord { body: body("exercise_plan", &plan), label_choice: 0, record: None }
}

async fn effective(phone: &Phone, record: RecordId, name: &str) -> Option<Vec<u8>> {
    let state = phone.read().await.unwrap();
    let view = state.enrolled().unwrap().view(CIRCLE, NOW).unwrap();
    view.record(record).unwrap().field(name).and_then(|f| f.value().map(<[u8]>::to_vec))
}

fn minutes(n: u32) -> Vec<Entry> {
    Entry::of_body(&plan(n).body).unwrap()
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let saved = phone.create(CIRCLE, &pain(6), "").await.unwrap();
    phone.close().await;
    let phone = open(dir.path(), 2).await;
    let worst = table().by_name("pain_entry").unwrap().field_by_name("worst_24h").unwrap().number;
    assert_eq!(effective(&phone, saved.record, "worst_24h").await, Some(vec![u8::try_from(worst << 3).unwrap(), 6]));
    let state = phone.read().await.unwrap();
    let circle = state.enrolled().unwrap().device.circle(CIRCLE).unwrap();
    assert_eq!(circle.outbox().map(|own| own.dot()).collect::<Vec<_>>(), vec![saved.dot]);
    assert_eq!(saved.dot.replica, Replica { epoch: 1, n: 2 }, "pain goes by the urgent lane");
}

#[tokio::test]
async fn two_programs_on_one_folder_never_give_one_number_twice() {
    let dir = tempfile::tempdir().unwrap();
    let one = enrolled(dir.path(), meta::Role::Patient).await;
    let two = open(dir.path(), 2).await;
    let mut counters = Vec::new();
    for i in 0..6 {
        let phone = if i % 2 == 0 { &one } else { &two };
        counters.push(phone.create(CIRCLE, &pain(i), "").await.unwrap().dot.counter);
    }
    assert_eq!(counters, vec![1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn lifting_a_limit_needs_a_reason_and_tightening_needs_none() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Physiotherapist).await;
    let saved = phone.create(CIRCLE, &plan(40), "").await.unwrap();
    let form = phone.open_form(CIRCLE, saved.record).await.unwrap();
    let refused = phone.save(&form, &minutes(50), "", false).await;
    assert!(matches!(refused, Err(Error::Refused { reason: Reason::ReasonRequired, .. })));
    phone.save(&form, &minutes(20), "", false).await.unwrap();
    assert_eq!(effective(&phone, saved.record, "max_minutes_session").await, Some(vec![7 << 3, 20]));
    let form = phone.open_form(CIRCLE, saved.record).await.unwrap();
    phone.save(&form, &minutes(50), "stronger again", false).await.unwrap();
    assert_eq!(effective(&phone, saved.record, "max_minutes_session").await, Some(vec![7 << 3, 50]));
}

#[tokio::test]
async fn a_value_outside_of_its_range_never_leaves_the_form() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let refused = phone.create(CIRCLE, &pain(11), "").await;
    assert!(matches!(refused, Err(Error::Refused { reason: Reason::OutOfRange, .. })));
    let state = phone.read().await.unwrap();
    assert_eq!(state.enrolled().unwrap().device.circle(CIRCLE).unwrap().own().len(), 0);
}

#[tokio::test]
async fn a_mistake_is_marked_and_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let saved = phone.create(CIRCLE, &pain(3), "").await.unwrap();
    let life = async |phone: &Phone| {
        let state = phone.read().await.unwrap();
        state.enrolled().unwrap().view(CIRCLE, NOW).unwrap().record(saved.record).unwrap().life
    };
    let form = phone.open_form(CIRCLE, saved.record).await.unwrap();
    phone.end(&form, Life::EnteredInError, "wrong day").await.unwrap();
    assert_eq!(life(&phone).await, Life::EnteredInError);
    let form = phone.open_form(CIRCLE, saved.record).await.unwrap();
    phone.end(&form, Life::Active, "").await.unwrap();
    assert_eq!(life(&phone).await, Life::Active);
}

#[tokio::test]
async fn a_plan_that_there_is_one_of_has_one_id_on_every_phone() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = enrolled(a.path(), meta::Role::Dietitian).await;
    let two = enrolled(b.path(), meta::Role::Dietitian).await;
    let new = NewRecord {
        body: body("nutrition_plan", &care::NutritionPlan { meals_per_day: Some(5), ..Default::default() }),
        label_choice: 0,
        record: None,
    };
    let (x, y) = (one.create(CIRCLE, &new, "").await.unwrap(), two.create(CIRCLE, &new, "").await.unwrap());
    assert_eq!(x.record, y.record);
}

#[tokio::test]
async fn an_empty_phone_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let phone = open(dir.path(), 1).await;
    assert!(matches!(phone.create(CIRCLE, &pain(1), "").await, Err(Error::NotEnrolled)));
    let enrolled = enrolled(dir.path(), meta::Role::Patient).await;
    let invite = Invite {
        code: "7K4M9QX2".into(),
        short_id: "d0001".into(),
        server: "https://localhost:1".into(),
        ca_pem: Vec::new(),
        device_name: String::new(),
    };
    assert!(matches!(enrolled.enrol(&invite).await, Err(Error::AlreadyEnrolled)));
}

/// Refused before anything is written, with the field at fault.
#[tokio::test]
async fn what_nobody_types_and_what_has_not_happened_is_refused_on_the_phone() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    let entry = |change: &dyn Fn(&mut care::PainEntry)| {
        let mut entry = care::PainEntry { worst_24h: Some(3), ..Default::default() };
        change(&mut entry);
        NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None }
    };
    let at = |ms: u64| {
        let at = Some(osteon_proto::wire::device::timestamp(ms));
        Some(care::Moment { at, ..Default::default() })
    };
    let ahead = NOW + 2 * 86_400_000;
    let refused = async |new: &NewRecord, why: &str| match phone.create(CIRCLE, new, why).await {
        Err(Error::Refused { reason, path }) => (reason, path),
        other => panic!("not refused: {:?}", other.map(|saved| saved.dot)),
    };
    let late = entry(&|e| e.effective_start = at(ahead + 1_000));
    assert_eq!(refused(&late, "").await, (Reason::TimeImpossible, "pain_entry.effective_start".to_owned()));
    let control = entry(&|e| e.site = vec!["le\u{1b}g".to_owned()]);
    assert_eq!(refused(&control, "").await, (Reason::ControlInText, "pain_entry.site".to_owned()));
    assert_eq!(refused(&entry(&|_| {}), "be\rcause").await, (Reason::ControlInText, "reason".to_owned()));
    phone.create(CIRCLE, &entry(&|e| e.effective_start = at(ahead - 1_000)), "two\nlines").await.unwrap();
}

#[tokio::test]
async fn an_approval_stands_under_the_label_of_what_it_approves() {
    let dir = tempfile::tempdir().unwrap();
    let phone = enrolled(dir.path(), meta::Role::Physiotherapist).await;
    let plan = phone.create(CIRCLE, &plan(40), "").await.unwrap().record;
    let approval = |target: [u8; 16], label_choice: u32| {
        let approval = care::Approval {
            target: Some(target.to_vec().into()),
            meaning: Some(care::ApprovalMeaning::Approved.into()),
            ..Default::default()
        };
        NewRecord { body: body("approval", &approval), label_choice, record: None }
    };
    phone.create(CIRCLE, &approval(plan.0, 1), "").await.expect("that of an exercise plan");
    // That of a goal, and of a record that is not here.
    for (target, choice) in [(plan.0, 3), ([9; 16], 1)] {
        let refused = phone.create(CIRCLE, &approval(target, choice), "").await.expect_err("refused");
        let Error::Refused { reason, path } = refused else { panic!("{refused}") };
        assert_eq!((reason, path.as_str()), (Reason::ApprovalLabel, "approval.target"));
    }
}
