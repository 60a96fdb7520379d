//! ListTasks: what is due out of the plans, one tick of two phones, what a member may not see, the person's clock.

use osteon_care_core::Day;
use osteon_proto::{audit as pb_audit, care, meta, meta::Role, table::table, task as pb};
use osteon_server::{
    access::Caller,
    app::{audit, enrol::timestamp, tasks},
    error::{Error, Reason},
};
use prost::Message;

use crate::{
    access::{grant, remove, write},
    fixture::*,
};

const PAIN: u32 = 101;
const TASK: u32 = 421;
/// The day of [`NOW`], a Monday; it is four in the afternoon in UTC.
const TODAY: &str = "2025-11-24";
const TOMORROW: &str = "2025-11-25";
/// The label of a monitoring item that is about weight.
const OF_WEIGHT: u32 = 4;
const GRANT: u32 = 263;
/// What plans, ticks and the entries that tell a clock stand under.
const CLINICAL: [care::GrantCategory; 9] = [
    care::GrantCategory::C03BoneStatus,
    care::GrantCategory::C04Medicines,
    care::GrantCategory::C05Laboratory,
    care::GrantCategory::C06Symptoms,
    care::GrantCategory::C07Nutrition,
    care::GrantCategory::C08Activity,
    care::GrantCategory::C13Dental,
    care::GrantCategory::C17Education,
    care::GrantCategory::C18Visits,
];
const HOUR: u64 = 3_600_000;

fn number(name: &str) -> u32 {
    table().by_name(name).expect("a type").number
}

fn moment(at_ms: u64, offset_min: i32) -> Option<care::Moment> {
    Some(care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(offset_min), zone: None })
}

fn day(from: &str) -> pb::ListTasksRequest {
    pb::ListTasksRequest { from: from.into(), utc_offset_min: Some(0), ..Default::default() }
}

async fn try_list(
    kit: &Kit,
    who: &Caller,
    no: u64,
    asked: pb::ListTasksRequest,
) -> Result<pb::ListTasksResponse, Error> {
    tasks::list(&kit.app, who, &pb::ListTasksRequest { circle: no, ..asked }).await
}

async fn list(kit: &Kit, who: &Caller, no: u64, asked: pb::ListTasksRequest) -> pb::ListTasksResponse {
    try_list(kit, who, no, asked).await.expect("tasks")
}

fn of(answer: &pb::ListTasksResponse, kind: pb::TaskKind) -> Vec<&pb::Task> {
    answer.tasks.iter().filter(|task| task.kind() == kind).collect()
}

fn texts(texts: &[pb::TaskText]) -> Vec<&str> {
    texts.iter().map(|text| text.text.as_str()).collect()
}

fn title(task: &pb::Task) -> &str {
    task.title.as_ref().map_or("", |title| title.text.as_str())
}

fn window(task: &pb::Task) -> (Option<u32>, Option<u32>) {
    task.window.map_or((None, None), |window| (window.from, window.to))
}

/// Of whom a case needs which.
struct Team {
    no: u64,
    patient: Caller,
    physician: Caller,
    dietitian: Caller,
    physio: Caller,
    nurse: Caller,
    circle: Circle,
}

async fn team(kit: &Kit, short_id: &str) -> Team {
    let roles = [Role::Patient, Role::Physician, Role::Dietitian, Role::Physiotherapist, Role::Nurse];
    let circle = kit.circle(short_id, &roles).await;
    let [patient, physician, dietitian, physio, nurse] = [0, 1, 2, 3, 4].map(|i| kit.person(circle.people[i]));
    Team { no: circle.no, patient, physician, dietitian, physio, nurse, circle }
}

fn exercise() -> care::ExercisePlan {
    care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Modified.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        sessions_per_week: Some(7),
        max_minutes_session: Some(20),
        pain_stop_nrs: Some(4),
        lift_max_kg: Some(25),
        forbidden_movements: vec!["trunk_rotation".into()],
        ..Default::default()
    }
}

fn supplement(product: &str) -> care::SupplementLine {
    care::SupplementLine {
        product: Some(product.into()),
        times_per_day: Some(1),
        status: Some(care::SupplementStatus::Active.into()),
        ..Default::default()
    }
}

/// A lesion that the plan of exercise has not seen: its sessions are not plainly due for whoever may know of the lesion, and a
/// note says what to do. Once the plan was looked at, they are.
pub(crate) async fn a_session_that_a_lesion_stands_against_is_asked_about_first(kit: Kit) {
    let team = team(&kit, "d0001").await;
    let plan = care::ExercisePlan { last_review: Some("2025-11-01".into()), ..exercise() };
    let plan = kit.create(&team.physio, team.no, number("P-EX"), &plan).await.expect("a plan");
    let core = care::Exercise {
        parent: Some(id_of(&plan).to_vec().into()),
        block: Some(care::ExerciseBlock::Core.into()),
        code: Some("bridge".into()),
        ..Default::default()
    };
    kit.create(&team.physio, team.no, number("P-EX.exercise"), &core).await.expect("an exercise");
    let session = async |who: &Caller, on: &str| {
        let answer = list(&kit, who, team.no, day(on)).await;
        let [session] = of(&answer, pb::TaskKind::Exercise)[..] else { panic!("{answer:?}") };
        let note = session.notes.iter().find(|note| note.key == "task.note.ask_first");
        (session.state(), note.map(|note| note.text.clone()).unwrap_or_default())
    };
    assert_eq!(session(&team.patient, TODAY).await, (pb::TaskState::Open, String::new()));
    let lesion = care::Lesion {
        site: Some("lumbar".into()),
        status: Some(care::LesionStatus::Confirmed.into()),
        imaging_events: vec![care::ImagingEvent { date: Some(TODAY.into()), ..Default::default() }],
        ..Default::default()
    };
    kit.create(&team.physician, team.no, number("P-LES"), &lesion).await.expect("a lesion");
    let (state, note) = session(&team.patient, TODAY).await;
    assert_eq!(state, pb::TaskState::AskFirst);
    assert!(note.starts_with("Ask your team first: ") && note.contains("leaves no room for it"), "{note}");
    assert_eq!(session(&team.physio, TOMORROW).await.0, pb::TaskState::AskFirst, "nor is it plainly for later");
    // Who may not know of the lesion is told what they would be told without it.
    let no = care::Grant {
        category: Some(care::GrantCategory::C03BoneStatus.into()),
        ..grant(team.no, team.nurse.account, care::Decision::Deny)
    };
    kit.create(&team.patient, team.no, GRANT, &no).await.expect("denied");
    assert_eq!(session(&team.nurse, TODAY).await, (pb::TaskState::Open, String::new()));
    let seen = care::ExercisePlan { last_review: Some(TODAY.into()), ..Default::default() };
    write(&kit, &team.physio, team.no, &plan, "last_review", &seen).await;
    assert_eq!(session(&team.patient, TODAY).await, (pb::TaskState::Open, String::new()));
}

/// A plan of each kind, written by those whose work it is.
async fn plans(kit: &Kit, team: &Team) {
    let make = async |who: &Caller, name: &str, bytes: Vec<u8>| {
        // Lines have the order in which they were made.
        kit.clock.advance(5);
        let request = osteon_proto::record::CreateRecordRequest {
            circle: team.no,
            body: Some(osteon_proto::split::close(number(name), &bytes).into()),
            label_choice: if name == "P-MON" { OF_WEIGHT } else { 0 },
            ..Default::default()
        };
        let made = osteon_server::app::records::create(&kit.app, who, &request).await;
        made.unwrap_or_else(|error| panic!("{name}: {error:?}")).record.expect("record")
    };
    make(&team.physio, "P-EX", exercise().encode_to_vec()).await;
    let food = care::NutritionPlan {
        status: Some(care::NutritionPlanStatus::Active.into()),
        meals_per_day: Some(3),
        fluid_min_ml_d: Some(1_500),
        fluid_max_ml_d: Some(2_000),
        ..Default::default()
    };
    make(&team.dietitian, "P-NUT", food.encode_to_vec()).await;
    make(&team.physician, "P-SUP", supplement("iron").encode_to_vec()).await;
    let calcium = make(&team.physician, "P-SUP", supplement("calcium").encode_to_vec()).await;
    let apart = care::SupplementSeparation {
        parent: Some(id_of(&calcium).to_vec().into()),
        from_code: Some("iron".into()),
        hours: Some(30),
    };
    make(&team.physician, "P-SUP.separation", apart.encode_to_vec()).await;
    let medicine = care::MedicineLine {
        code: Some("dexamethasone".into()),
        times_per_day: Some(2),
        status: Some(care::MedicineStatus::Active.into()),
        to: Some(TODAY.into()),
        ..Default::default()
    };
    make(&team.physician, "P-MED", medicine.encode_to_vec()).await;
    let bone = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        route: Some(care::BoneDrugRoute::Subcutaneous.into()),
        planned_next: Some("2025-11-28".into()),
        pre_dose_calcium_max_age_days: Some(14),
        ..Default::default()
    };
    make(&team.physician, "P-BONE", bone.encode_to_vec()).await;
    let item = care::MonitoringItem {
        kind: Some(care::MonitoringKind::Weight.into()),
        due: Some(TODAY.into()),
        ..Default::default()
    };
    make(&team.physician, "P-MON", item.encode_to_vec()).await;
    let visit = care::VisitEntry {
        when: moment(NOW + 2 * HOUR, 0),
        kind: Some(care::VisitKind::Clinic.into()),
        ..Default::default()
    };
    make(&team.nurse, "J22", visit.encode_to_vec()).await;
    let reading = care::EducationPlan { materials: vec!["safe_lifting".into()], ..Default::default() };
    make(&team.nurse, "P-EDU", reading.encode_to_vec()).await;
}

pub(crate) async fn each_plan_gives_its_tasks_and_says_why(kit: Kit) {
    let team = team(&kit, "d0001").await;
    plans(&kit, &team).await;
    let answer = list(&kit, &team.patient, team.no, day(TODAY)).await;
    assert_eq!((answer.today.as_str(), answer.clock()), (TODAY, pb::ClockSource::Request));
    let count = |kind| of(&answer, kind).len();
    use pb::TaskKind as K;
    let counts = [K::Exercise, K::Meal, K::Fluid, K::Supplement, K::Medicine, K::MouthCare, K::Weight, K::Visit];
    assert_eq!(counts.map(count), [1, 3, 1, 2, 2, 1, 1, 1]);
    assert_eq!((count(K::Education), count(K::BoneDrug)), (1, 0), "the dose is on Friday");
    assert_eq!(count(K::Laboratory), 0, "asked for when there is still time, but not before the plan was written");

    let session = of(&answer, K::Exercise)[0];
    assert_eq!((title(session), window(session)), ("Your exercises, up to 20 minutes", (Some(600), Some(720))));
    let notes = texts(&session.notes);
    let expected = ["Stop when pain reaches 4 of 10", "Lift at most 2.5 kg", "Do not: trunk rotation"];
    assert_eq!(notes, expected);
    let why = session.why.as_ref().expect("why");
    assert_eq!((why.record_id.as_str(), why.r#type), (session.line.as_str(), number("P-EX")));
    assert!(why.fields.contains(&"sessions_per_week".to_owned()));
    assert_eq!(session.state(), pb::TaskState::Open, "it is four: late, and its day lasts");
    let meals: Vec<_> = of(&answer, K::Meal).iter().map(|meal| meal.state()).collect();
    assert_eq!(meals, [pb::TaskState::Open, pb::TaskState::Open, pb::TaskState::NotYet], "dinner is at eight");
    let doses: Vec<_> = of(&answer, K::Supplement).into_iter().map(|one| (title(one), window(one))).collect();
    let hours = |from: u32, to: u32| (Some(from * 60), Some(to * 60));
    assert_eq!(doses, [("Take iron", hours(8, 8)), ("Take calcium", hours(11, 12))]);
    let calcium = of(&answer, K::Supplement)[1];
    assert_eq!((calcium.slot, texts(&calcium.notes)), (480, vec!["3 h apart from iron"]), "its place is its own");
    assert_eq!(window(of(&answer, K::Fluid)[0]), (Some(0), Some(1_440)));
    assert_eq!(window(of(&answer, K::Visit)[0]), (Some(18 * 60), Some(18 * 60)));
    assert_eq!(of(&answer, K::Visit)[0].state(), pb::TaskState::NotYet);

    // Whose work it is, and who may.
    let scan = of(&answer, K::MouthCare)[0];
    let roles: Vec<Role> = scan.roles.iter().filter_map(|role| Role::try_from(*role).ok()).collect();
    assert_eq!(roles, [Role::Patient, Role::Physician, Role::Nurse]);
    assert!(scan.may_tick && of(&answer, K::Supplement).iter().all(|task| task.may_tick));
    let theirs = list(&kit, &team.physio, team.no, day(TODAY)).await;
    assert!(of(&theirs, K::Exercise)[0].may_tick);
    assert!(of(&theirs, K::Supplement).iter().all(|task| !task.may_tick), "no work of a physiotherapist");
    let asked = pb::ListTasksRequest { role: Role::Physiotherapist.into(), ..day(TODAY) };
    let of_role = list(&kit, &team.patient, team.no, asked).await;
    let kinds: Vec<_> = of_role.tasks.iter().map(|task| task.kind()).collect();
    assert_eq!(kinds, [K::Exercise, K::Visit, K::Education]);

    // The dose and its results, on their days; a course that is over.
    let friday =
        list(&kit, &team.patient, team.no, pb::ListTasksRequest { to: "2025-11-28".into(), ..day(TODAY) }).await;
    let dose = of(&friday, K::BoneDrug)[0];
    assert_eq!((dose.date.as_str(), dose.state()), ("2025-11-28", pb::TaskState::NotYet));
    assert_eq!(of(&friday, K::Medicine).len(), 2, "today alone");
    assert_eq!(of(&friday, K::Meal).len(), 15);
    let ids: std::collections::BTreeSet<_> = friday.tasks.iter().map(|task| &task.record_id).collect();
    assert_eq!(ids.len(), friday.tasks.len(), "each once");
    let of_day = |answer: &pb::ListTasksResponse| answer.tasks.iter().filter(|task| task.date == TODAY).count();
    assert_eq!(of_day(&friday), of_day(&answer));

    let rows = pb_audit::ListAccessRequest { circle: team.no, account: team.physio.account, ..Default::default() };
    let rows = audit::list(&kit.app, &team.patient, &rows).await.expect("audit").entries;
    let look = rows.iter().find(|row| row.action == "task.list").expect("audited");
    assert!(look.kind() == pb_audit::AccessKind::Read && look.outcome == "ok" && look.categories.contains(&8));
}

fn ticked(task: &pb::Task, status: care::TaskStatus, at_ms: u64) -> care::TaskOccurrence {
    let line = uuid::Uuid::parse_str(&task.line).expect("an id").into_bytes();
    care::TaskOccurrence {
        line: Some(line.to_vec().into()),
        due: Some(task.date.clone()),
        slot: Some(task.slot),
        status: Some(status.into()),
        done_at: moment(at_ms, 0),
        ..Default::default()
    }
}

pub(crate) async fn a_tick_of_two_phones_is_one(kit: Kit) {
    let team = team(&kit, "d0001").await;
    kit.create(&team.physio, team.no, number("P-EX"), &exercise()).await.expect("made");
    kit.create(&team.physician, team.no, number("P-SUP"), &supplement("iron")).await.expect("made");
    kit.clock.advance(5);
    kit.create(&team.physician, team.no, number("P-SUP"), &supplement("calcium")).await.expect("made");
    let answer = list(&kit, &team.patient, team.no, day(TODAY)).await;
    let session = of(&answer, pb::TaskKind::Exercise)[0].clone();
    let id = uuid::Uuid::parse_str(&session.record_id).expect("an id").into_bytes();
    let (mut one, mut other) =
        (kit.phone(&team.circle, 0, Role::Patient).await, kit.phone(&team.circle, 0, Role::Patient).await);
    // Neither has seen the other: one did it, one could not.
    for (phone, status) in [(&mut one, care::TaskStatus::Done), (&mut other, care::TaskStatus::Skipped)] {
        let mut made = create(id, TASK, &ticked(&session, status, NOW));
        made.label_choice = session.label_choice;
        sequence(&kit.write(phone, team.no, made).await);
    }
    let answer = list(&kit, &team.nurse, team.no, day(TODAY)).await;
    let now = of(&answer, pb::TaskKind::Exercise)[0];
    assert_eq!((now.state(), &now.record_id), (pb::TaskState::Done, &session.record_id));
    assert_eq!(now.done_at.map(|at| at.seconds), Some((NOW / 1_000).cast_signed()));
    let record = kit.get(&team.nurse, team.no, id).await.expect("one record");
    assert_eq!(field(&record, "status").versions.len(), 2, "both stand");
    let total = &answer.adherence[0];
    assert_eq!((total.kinds.len(), total.active_days, total.inactive_days, total.unknown_days), (0, 1, 0, 0));

    // Online, under the id that was listed; and what was taken late moves what is apart from it.
    let iron = of(&answer, pb::TaskKind::Supplement)[0].clone();
    let choice = iron.label_choice;
    let tick = ticked(&iron, care::TaskStatus::Done, NOW);
    let made = kit.create_under(&team.patient, team.no, TASK, choice, &tick).await.expect("made");
    assert_eq!(made.record_id, iron.record_id);
    let answer = list(&kit, &team.patient, team.no, day(TODAY)).await;
    let doses = of(&answer, pb::TaskKind::Supplement);
    assert_eq!(doses[0].state(), pb::TaskState::Done);
    assert_eq!((window(doses[1]).0, doses[1].state()), (Some(18 * 60), pb::TaskState::NotYet), "two hours later");
    assert!(texts(&doses[1].notes)[0].starts_with("Not before 2025-11-24 18:00: iron was taken"));

    // The next day the calcium of today is missed, and the session is over.
    kit.clock.advance(DAY);
    let answer = list(&kit, &team.patient, team.no, day(TODAY)).await;
    let states: Vec<_> = of(&answer, pb::TaskKind::Supplement).iter().map(|task| task.state()).collect();
    assert_eq!(states, [pb::TaskState::Done, pb::TaskState::Missed]);
    let answer = list(&kit, &team.patient, team.no, day("")).await;
    assert_eq!(answer.today, TOMORROW);
    assert!(answer.tasks.iter().all(|task| task.date == TOMORROW && task.state() != pb::TaskState::Done));
}

pub(crate) async fn what_waits_is_done_however_long_ago(kit: Kit) {
    let team = team(&kit, "d0001").await;
    let item = care::MonitoringItem {
        kind: Some(care::MonitoringKind::Weight.into()),
        due: Some(TODAY.into()),
        ..Default::default()
    };
    kit.create_under(&team.physician, team.no, number("P-MON"), OF_WEIGHT, &item).await.expect("made");
    let first = list(&kit, &team.patient, team.no, day(TODAY)).await.tasks[0].clone();
    kit.clock.advance(3 * DAY);
    let waits = list(&kit, &team.patient, team.no, day("")).await;
    let task = &waits.tasks[0];
    assert_eq!((&task.record_id, task.late_days, task.state()), (&first.record_id, 3, pb::TaskState::Open));
    let done = ticked(&first, care::TaskStatus::Done, NOW + 3 * DAY);
    kit.create_under(&team.patient, team.no, TASK, first.label_choice, &done).await.expect("made");
    assert_eq!(list(&kit, &team.patient, team.no, day("")).await.tasks[0].state(), pb::TaskState::Done);
    // A hundred days later the tick is out of the days that are read, and it counts.
    kit.clock.advance(100 * DAY);
    let answer = list(&kit, &team.patient, team.no, day("")).await;
    assert_eq!(answer.tasks.len(), 0, "{:?}", answer.tasks);
}

pub(crate) async fn what_is_not_shared_gives_no_task(kit: Kit) {
    let mut answers = Vec::new();
    for (short_id, wrote) in [("d0001", true), ("d0002", false)] {
        let team = team(&kit, short_id).await;
        if wrote {
            plans(&kit, &team).await;
            let own = list(&kit, &team.patient, team.no, day(TODAY)).await;
            assert!(own.tasks.len() > 10);
            let tick = ticked(&own.tasks[0], care::TaskStatus::Done, NOW);
            let choice = own.tasks[0].label_choice;
            kit.create_under(&team.patient, team.no, TASK, choice, &tick).await.expect("ticked");
            // Not even the clock.
            let pain = care::PainEntry { effective_start: moment(NOW, 120), worst_24h: Some(3), ..Default::default() };
            kit.create(&team.patient, team.no, PAIN, &pain).await.expect("made");
        }
        for who in [&team.nurse, &team.dietitian] {
            for category in CLINICAL {
                let no = grant(team.no, who.account, care::Decision::Deny);
                let no = care::Grant { category: Some(category.into()), ..no };
                kit.create(&team.patient, team.no, GRANT, &no).await.expect("denied");
            }
        }
        for who in [&team.nurse, &team.dietitian] {
            let asked = pb::ListTasksRequest { utc_offset_min: None, ..day(TODAY) };
            let answer = list(&kit, who, team.no, asked).await;
            assert_eq!(answer.tasks.iter().map(title).collect::<Vec<_>>(), Vec::<&str>::new());
            assert!(answer.held.is_empty());
            assert_eq!((answer.clock(), answer.utc_offset_min), (pb::ClockSource::None, 0));
            answers.push(pb::ListTasksResponse { at: None, ..answer }.encode_to_vec());
        }
        let rows = pb_audit::ListAccessRequest { circle: team.no, account: team.nurse.account, ..Default::default() };
        let rows = audit::list(&kit.app, &team.patient, &rows).await.expect("audit").entries;
        assert!(rows.iter().all(|row| row.action != "task.list"), "nothing left");
        let stranger = kit.person(kit.circle(&format!("{short_id}x"), &[Role::Patient]).await.people[0]);
        assert_eq!(reason(try_list(&kit, &stranger, team.no, day(TODAY)).await), Reason::NotFound);
        remove(&kit, &team.patient, team.no, team.nurse.account, Role::Nurse).await;
        assert_eq!(reason(try_list(&kit, &team.nurse, team.no, day(TODAY)).await), Reason::NotFound);
    }
    assert_eq!(answers[0], answers[2], "the nurse cannot tell");
    assert_eq!(answers[1], answers[3], "nor can the dietitian");
}

pub(crate) async fn the_clock_is_the_patients(kit: Kit) {
    let team = team(&kit, "d0001").await;
    kit.create(&team.physio, team.no, number("P-EX"), &exercise()).await.expect("made");
    let asked = pb::ListTasksRequest { utc_offset_min: None, ..day("") };
    let answer = list(&kit, &team.nurse, team.no, asked.clone()).await;
    assert_eq!((answer.clock(), answer.today.as_str()), (pb::ClockSource::None, TODAY));
    let pain = |offset_min: i32| care::PainEntry {
        effective_start: moment(NOW, offset_min),
        worst_24h: Some(3),
        ..Default::default()
    };
    // Somebody else's clock is not the patient's.
    kit.create(&team.nurse, team.no, PAIN, &pain(-600)).await.expect("made");
    assert_eq!(list(&kit, &team.nurse, team.no, asked.clone()).await.clock(), pb::ClockSource::None);
    // Four in the afternoon in UTC is the next day in Auckland.
    kit.create(&team.patient, team.no, PAIN, &pain(13 * 60)).await.expect("made");
    let there = list(&kit, &team.nurse, team.no, asked.clone()).await;
    let known = (there.clock(), there.utc_offset_min, there.today.as_str());
    assert_eq!(known, (pb::ClockSource::Entries, 780, TOMORROW));
    let session = of(&there, pb::TaskKind::Exercise)[0];
    assert_eq!(
        (session.date.as_str(), session.state()),
        (TOMORROW, pb::TaskState::NotYet),
        "it is five in the morning"
    );
    // Back home, and the clocks changed: the occurrence of a date is the same one.
    for offset_min in [120, 60, -300] {
        let home = pb::ListTasksRequest { utc_offset_min: Some(offset_min), ..day(TOMORROW) };
        let answer = list(&kit, &team.patient, team.no, home).await;
        let same = of(&answer, pb::TaskKind::Exercise)[0];
        assert_eq!((&same.record_id, window(same)), (&session.record_id, window(session)), "at {offset_min}");
    }
    // Twenty of somebody else do not hide the one of the patient.
    for _ in 0..20 {
        kit.create(&team.nurse, team.no, PAIN, &pain(-600)).await.expect("made");
    }
    assert_eq!(list(&kit, &team.nurse, team.no, asked).await.utc_offset_min, 780);
}

pub(crate) async fn a_held_plan_says_why_and_spans_have_limits(kit: Kit) {
    let team = team(&kit, "d0001").await;
    let view = kit.create(&team.physio, team.no, number("P-EX"), &exercise()).await.expect("made");
    let change = care::ExercisePlan { clearance: Some(care::ExerciseClearance::Hold.into()), ..Default::default() };
    write(&kit, &team.physio, team.no, &view, "clearance", &change).await;
    let answer = list(&kit, &team.patient, team.no, day(TODAY)).await;
    assert!(answer.tasks.is_empty());
    let held = &answer.held[0];
    let why = held.why.as_ref().expect("why");
    assert_eq!((why.record_id.as_str(), &why.fields[..]), (view.record_id.as_str(), &["clearance".to_owned()][..]));
    let text = held.text.as_ref().expect("a text");
    assert_eq!(text.text, "Exercise: no session until your team has cleared you for exercise");
    assert_eq!(text.key, "task.hold.clearance");
    let other = pb::ListTasksRequest { kinds: vec![pb::TaskKind::Meal.into()], ..day(TODAY) };
    assert!(list(&kit, &team.patient, team.no, other).await.held.is_empty(), "not asked for");

    let said = async |request: pb::ListTasksRequest| {
        let error = try_list(&kit, &team.patient, team.no, request).await.expect_err("refused");
        let path = error.violations().first().map(|one| one.field.clone()).unwrap_or_default();
        (error.reason(), path, error.limit_name())
    };
    assert_eq!(said(day("2025-13-01")).await, (Reason::DateInvalid, "from".into(), None));
    let to = |to: &str| pb::ListTasksRequest { to: to.into(), ..day(TODAY) };
    assert_eq!(said(to("x")).await, (Reason::DateInvalid, "to".into(), None));
    assert_eq!(said(to("2025-11-23")).await, (Reason::ArgumentInvalid, "to".into(), None));
    let today = Day::parse(TODAY).expect("a day");
    assert_eq!(said(to(&today.plus(31).to_string())).await, (Reason::LimitExceeded, "to".into(), Some("TASK_DAYS")));
    assert!(list(&kit, &team.patient, team.no, to(&today.plus(30).to_string())).await.tasks.is_empty(), "31 days");
    let open_end = pb::ListTasksRequest { to: today.plus(31).to_string(), ..day("") };
    assert_eq!(said(open_end).await.0, Reason::LimitExceeded);
    let kinds = pb::ListTasksRequest { kinds: vec![pb::TaskKind::Meal.into(); 15], ..day(TODAY) };
    assert_eq!(said(kinds).await, (Reason::LimitExceeded, "kinds".into(), Some("TASK_KINDS")));
    let kinds = pb::ListTasksRequest { kinds: vec![pb::TaskKind::Meal.into(), 99], ..day(TODAY) };
    assert_eq!(said(kinds).await, (Reason::ArgumentInvalid, "kinds[1]".into(), None));
    let role = pb::ListTasksRequest { role: 99, ..day(TODAY) };
    assert_eq!(said(role).await, (Reason::ArgumentInvalid, "role".into(), None));
    let clock = pb::ListTasksRequest { utc_offset_min: Some(1_441), ..day(TODAY) };
    assert_eq!(said(clock).await, (Reason::ArgumentInvalid, "utc_offset_min".into(), None));
    let admin = pb::ListTasksRequest { role: meta::Role::ClinicAdmin.into(), ..day(TODAY) };
    assert!(list(&kit, &team.patient, team.no, admin).await.held.is_empty(), "no work of theirs");
}
