//! What `Plans::of` reads: each type of record that tasks are made from, out of bodies of the contracts; and what a record
//! of another state, or another clock, comes to.

use osteon_care_core::{
    facts::{Agent, Clearance, Day, Id, LineStatus, Live, MonitoringKind, PlanStatus, VisitKind, gather::Merged},
    tasks::{self, Block, Kind, Occurrence, Plans, Stage, State, TASK, adherence, clock, due, due_between},
};
use osteon_proto::{care, split, table::table};
use osteon_sync_core::{Author, Clock, Dot, Field, FieldWrite, Known, Origin, Part, Put, RecordId, Replica, Role};
use prost::Message;

/// 2026-11-27, a Friday.
const TODAY: Day = Day(20_784);
const PATIENT: u8 = 1;
const NURSE: u8 = 6;

struct All;

impl Known for All {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

struct Stands {
    record: RecordId,
    type_number: u32,
    label: u64,
    part: Part,
}

impl Stands {
    fn merged(&self) -> Merged<'_> {
        let Self { record, type_number, label, part } = self;
        Merged {
            record: *record,
            type_number: *type_number,
            label: *label,
            part: Some(part),
            received: None,
            in_range: false,
        }
    }
}

fn id(n: u8) -> RecordId {
    RecordId([n; 16])
}

fn parent(n: u8) -> Option<prost::bytes::Bytes> {
    Some(id(n).0.to_vec().into())
}

fn at(day: Day, minutes: i64, offset_min: i32) -> Option<care::Moment> {
    let seconds = i64::from(day.0) * 86_400 + minutes * 60;
    Some(care::Moment {
        at: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        utc_offset_min: Some(offset_min),
        zone: None,
    })
}

/// A record as it stands after one or more writes that did not know of each other.
fn written(n: u8, name: &str, choice: u32, state: u8, versions: &[(u8, Vec<u8>)]) -> Stands {
    let known = table().by_name(name).unwrap_or_else(|| panic!("{name}"));
    let mut part = Part::new();
    for (counter, (role, bytes)) in (1u64..).zip(versions) {
        let body = split::close(known.number, bytes);
        let (_, _, split) = split::split_body(&body).expect("a body of the contracts");
        let dot = Dot { replica: Replica { epoch: 1, n: u32::from(n) + 1 }, counter };
        let author = Author { account: counter, role: Role(*role) };
        let ms = (i64::from(TODAY.0) - 30) as u64 * 86_400_000 + counter;
        let origin = Origin { dot, clock: Clock { ms, logical: 0 }, author, earlier: &[] };
        let write = |field: Field, bytes: &[u8]| FieldWrite {
            field,
            put: Some(Put::Value(bytes.into())),
            replaces: Vec::new(),
            covers: if state == 1 { Vec::new() } else { vec![dot] },
        };
        part.apply(origin, &write(Field::register(0), &[state]), &All);
        for chunk in split.chunks() {
            part.apply(origin, &write(chunk.field(), chunk.bytes), &All);
        }
    }
    let label = known.record_label(choice, 1).expect("a label").0;
    Stands { record: id(n), type_number: known.number, label, part }
}

fn stands(n: u8, name: &str, message: &impl Message) -> Stands {
    written(n, name, 0, 1, &[(NURSE, message.encode_to_vec())])
}

fn plans(all: &[Stands]) -> Plans {
    let merged: Vec<Merged<'_>> = all.iter().map(Stands::merged).collect();
    let mut backwards = merged.clone();
    backwards.reverse();
    let plans = Plans::of(&merged, 0);
    assert_eq!(plans, Plans::of(&backwards, 0), "in any order");
    plans
}

fn kinds(plans: &Plans) -> Vec<(Kind, u16)> {
    due(plans, TODAY).tasks.into_iter().map(|task| (task.kind, task.slot)).collect()
}

fn exercise() -> care::ExercisePlan {
    care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Modified.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        sessions_per_week: Some(7),
        minutes_per_week: Some(140),
        max_minutes_session: Some(30),
        ..Default::default()
    }
}

#[test]
fn the_exercise_programme_with_its_blocks() {
    let block = |n: u8, block: care::ExerciseBlock| {
        let one = care::Exercise { parent: parent(1), block: Some(block.into()), ..Default::default() };
        stands(n, "P-EX.exercise", &one)
    };
    let all =
        [stands(1, "P-EX", &exercise()), block(2, care::ExerciseBlock::Balance), block(3, care::ExerciseBlock::Core)];
    let plans = plans(&all);
    let plan = plans.facts.exercises.first().expect("a plan");
    assert_eq!(
        (plan.clearance.clone(), plan.status.clone()),
        (Live::One(Clearance::Modified), Live::One(PlanStatus::Active))
    );
    let movement = &plans.movement[&Id(id(1))];
    assert_eq!((&movement.sessions_per_week, &movement.minutes_per_week), (&Live::One(7), &Live::One(140)));
    assert_eq!(movement.blocks, [Block::Balance, Block::Core].into());
    assert_eq!(plans.since[&Id(id(1))], TODAY.plus(-30), "the day on which it was made");
    assert_eq!(kinds(&plans), [(Kind::Exercise, 660), (Kind::Exercise, 900)]);
    let task = &due(&plans, TODAY).tasks[0];
    assert!(task.title.values.contains(&("minutes", "20".to_owned())), "a seventh of the week: {:?}", task.title);
}

/// A lesion of the spine that is newer than the plan's last review: its sessions are not plainly due, and a note says why. Once
/// the plan was looked at, they are.
#[test]
fn a_lesion_that_the_plan_has_not_seen_is_asked_about_first() {
    let block = |n: u8, block: care::ExerciseBlock| {
        let one = care::Exercise { parent: parent(1), block: Some(block.into()), ..Default::default() };
        stands(n, "P-EX.exercise", &one)
    };
    let lesion = |site: &str, status: care::LesionStatus| {
        let imaged = care::ImagingEvent { date: Some(TODAY.plus(-2).to_string()), ..Default::default() };
        let lesion = care::Lesion {
            site: Some(site.into()),
            status: Some(status.into()),
            imaging_events: vec![imaged],
            ..Default::default()
        };
        stands(9, "P-LES", &lesion)
    };
    let reviewed = |days_ago: i32, lesions: Vec<Stands>| {
        let plan = care::ExercisePlan { last_review: Some(TODAY.plus(-days_ago).to_string()), ..exercise() };
        let blocks = [care::ExerciseBlock::Main, care::ExerciseBlock::Balance, care::ExerciseBlock::Core];
        let blocks = (2..).zip(blocks).map(|(n, one)| block(n, one));
        let all: Vec<Stands> = [stands(1, "P-EX", &plan)].into_iter().chain(blocks).chain(lesions).collect();
        plans(&all)
    };
    let told = |plans: &Plans, now: u16| {
        let due = due(plans, TODAY).tasks;
        let note = |task: &tasks::Occurrence| {
            let notes = task.notes(plans).into_iter().filter(|note| note.key == "task.note.ask_first");
            notes.map(|note| note.words()).collect::<Vec<_>>().join(" | ")
        };
        due.iter().map(|task| (task.slot, task.stage((TODAY, now)), note(task))).collect::<Vec<_>>()
    };
    let nothing = "Ask your team first: a lesion of your bones that this plan has not seen leaves no room for it.";
    let asks = "Ask your team first: this plan has not seen a lesion of your bones.";
    use care::LesionStatus::{Confirmed, Healed};
    let unseen = reviewed(10, vec![lesion("lumbar_spine", Confirmed)]);
    for now in [0, 720, 1_439] {
        assert_eq!(
            told(&unseen, now),
            [
                (600, Stage::AskFirst, asks.to_owned()),
                (660, Stage::AskFirst, nothing.to_owned()),
                (900, Stage::AskFirst, nothing.to_owned()),
            ]
        );
    }
    // Part of the hip: nothing that bears weight is left, the trunk is.
    let hip = told(&reviewed(10, vec![lesion("proximal_femur", Confirmed)]), 660);
    assert_eq!(hip[1], (660, Stage::AskFirst, nothing.to_owned()));
    assert_eq!(hip[2], (900, Stage::NotYet, String::new()));
    // Without a day of review every lesion is newer; healed ones and those that were seen ask nothing.
    for seen in
        [reviewed(1, vec![lesion("lumbar_spine", Confirmed)]), reviewed(10, vec![lesion("lumbar_spine", Healed)])]
    {
        assert!(told(&seen, 720).iter().all(|(_, stage, note)| *stage != Stage::AskFirst && note.is_empty()));
    }
    // Asked first and left: no day on which something that was due was left out. Done all the same: done.
    let span = (TODAY.plus(-3), TODAY.plus(-1));
    let listed = due_between(&unseen, span.0, span.1).tasks;
    let count = adherence(&unseen, &listed, span, TODAY, None);
    assert_eq!((count.not_logged, count.nothing_due), (0, 3));
    assert_eq!(listed[0].stage((TODAY, 0)), Stage::Missed);
}

#[test]
fn meals_fluids_and_rules_of_timing() {
    let food = care::NutritionPlan {
        status: Some(care::NutritionPlanStatus::Active.into()),
        meals_per_day: Some(3),
        fluid_min_ml_d: Some(1_500),
        ..Default::default()
    };
    let rule =
        care::TimingRule { parent: parent(1), a: Some("calcium".into()), b: Some("iron".into()), min_h: Some(25) };
    let plans = plans(&[stands(1, "P-NUT", &food), stands(2, "P-NUT.timing_rule", &rule)]);
    assert_eq!(plans.eating[&Id(id(1))].meals_per_day, Live::One(3));
    assert_eq!(plans.facts.nutrition.as_ref().expect("a plan").fluid_min_ml, Live::One(1_500));
    assert_eq!(plans.apart, [("calcium".to_owned(), "iron".to_owned(), 150)].into(), "tenths of an hour as minutes");
    assert_eq!(kinds(&plans), [(Kind::Fluid, 0), (Kind::Meal, 480), (Kind::Meal, 840), (Kind::Meal, 1_200)]);
}

#[test]
fn supplements_with_their_hours_and_medicines_with_their_days() {
    let line = |product: &str| care::SupplementLine {
        product: Some(product.into()),
        times_per_day: Some(1),
        status: Some(care::SupplementStatus::Active.into()),
        ..Default::default()
    };
    let apart = care::SupplementSeparation { parent: parent(2), from_code: Some("iron".into()), hours: Some(30) };
    let medicine = care::MedicineLine {
        code: Some("dexamethasone".into()),
        times_per_day: Some(2),
        status: Some(care::MedicineStatus::Active.into()),
        from: Some(TODAY.to_string()),
        to: Some(TODAY.plus(1).to_string()),
        ..Default::default()
    };
    let all = [
        stands(1, "P-SUP", &line("iron")),
        stands(2, "P-SUP", &line("calcium")),
        stands(3, "P-SUP.separation", &apart),
        stands(4, "P-MED", &medicine),
    ];
    let plans = plans(&all);
    assert_eq!(plans.separations[&Id(id(2))], [("iron".to_owned(), 180)]);
    let supplement = &plans.facts.supplements[1];
    assert_eq!((supplement.id, supplement.status.clone()), (Id(id(2)), Live::One(LineStatus::Active)));
    let course = &plans.courses[&Id(id(4))];
    assert_eq!(course.times_per_day, Live::One(2));
    assert_eq!((&course.from, &course.to), (&Live::One(TODAY), &Live::One(TODAY.plus(1))));
    let calcium = due(&plans, TODAY).tasks.into_iter().find(|task| task.line == Id(id(2))).expect("calcium");
    assert_eq!((calcium.slot, calcium.at, calcium.until), (480, Some(660), Some(720)));
    assert!(!kinds(&plans).is_empty() && due(&plans, TODAY.plus(2)).tasks.len() == 2, "the course is over");
}

#[test]
fn the_bone_drug_its_doses_and_the_results_before_it() {
    let bone = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        route: Some(care::BoneDrugRoute::Subcutaneous.into()),
        planned_next: Some(TODAY.to_string()),
        interval_days: Some(28),
        pre_dose_calcium_max_age_days: Some(14),
        ..Default::default()
    };
    let result = care::LaboratoryResult {
        analyte: Some("calcium_adjusted".into()),
        value: Some(22_500),
        unit: Some("mmol/L".into()),
        specimen_time: at(TODAY.plus(-2), 600, 0),
        ..Default::default()
    };
    let dose = care::Administration {
        parent: parent(1),
        agent: Some("denosumab".into()),
        when: at(TODAY, 600, 0),
        ..Default::default()
    };
    let plan = plans(&[stands(1, "P-BONE", &bone)]);
    assert_eq!(plan.facts.bone_plans[0].agent, Live::One(Agent::Denosumab));
    assert_eq!(kinds(&plan), [(Kind::Laboratory, 450), (Kind::BoneDrug, 480), (Kind::MouthCare, 1_230)]);
    let fresh = written(2, "J20", 1, 1, &[(NURSE, result.encode_to_vec())]);
    let plan = plans(&[stands(1, "P-BONE", &bone), fresh]);
    assert_eq!(plan.facts.labs.len(), 1);
    assert_eq!(kinds(&plan), [(Kind::BoneDrug, 480), (Kind::MouthCare, 1_230)], "a result of two days ago will do");
    let given = stands(3, "P-BONE.administration", &dose);
    let plan = plans(&[stands(1, "P-BONE", &bone), given]);
    assert_eq!((plan.facts.doses.len(), kinds(&plan)), (1, vec![(Kind::MouthCare, 1_230)]));
    // Swallowed at home: a line like a medicine, and its doses are doses.
    let oral = care::BoneDrugPlan {
        agent: Some("alendronate".into()),
        route: Some(care::BoneDrugRoute::Oral.into()),
        interval_days: Some(7),
        pre_dose_calcium_max_age_days: None,
        ..bone
    };
    let taken = care::OralDose { parent: parent(1), when: at(TODAY, 420, 0), ..Default::default() };
    let plan = plans(&[stands(1, "P-BONE", &oral)]);
    assert!(kinds(&plan).contains(&(Kind::BoneDrug, 420)));
    let week = due(&plan, TODAY.plus(7)).tasks.into_iter().map(|task| task.kind);
    assert_eq!(week.collect::<Vec<_>>(), [Kind::BoneDrug, Kind::MouthCare], "every seven days, and never late");
    let plan = plans(&[stands(1, "P-BONE", &oral), stands(4, "P-BONE.oral_dose", &taken)]);
    assert_eq!(plan.facts.doses.len(), 1);
}

#[test]
fn monitoring_visits_and_something_to_read() {
    let item = care::MonitoringItem {
        kind: Some(care::MonitoringKind::Dental.into()),
        due: Some(TODAY.plus(-2).to_string()),
        ..Default::default()
    };
    let visit = care::VisitEntry {
        when: at(TODAY, 9 * 60, 60),
        kind: Some(care::VisitKind::Physiotherapy.into()),
        ..Default::default()
    };
    let materials = vec!["falls_at_home".to_owned(), "safe_lifting".to_owned()];
    let reading = care::EducationPlan { materials, ..Default::default() };
    let read =
        care::MaterialRead { parent: parent(3), material_ref: Some("falls_at_home".into()), ..Default::default() };
    let all = [
        written(1, "P-MON", 3, 1, &[(NURSE, item.encode_to_vec())]),
        stands(2, "J22", &visit),
        stands(3, "P-EDU", &reading),
        stands(4, "P-EDU.read", &read),
    ];
    let plans = plans(&all);
    assert_eq!(plans.facts.monitoring[0].kind, Live::One(MonitoringKind::Dental));
    assert_eq!(plans.facts.visits[0].is.kind, Live::One(VisitKind::Therapy));
    assert_eq!(plans.reading[0].read, ["falls_at_home".to_owned()].into());
    let tasks = due(&plans, TODAY).tasks;
    let told: Vec<_> = tasks.iter().map(|task| (task.kind, task.slot, task.late_days(TODAY))).collect();
    let expected = [(Kind::Dentist, 480, 2), (Kind::Visit, 600, 0), (Kind::Education, 1_080, 0)];
    assert_eq!(told, expected, "ten o'clock where the visit is");
    assert_eq!(tasks[2].title.words(), "To read this week: safe lifting");
}

#[test]
fn ticks_of_several_people_under_the_label_of_their_line() {
    let tick = |status: care::TaskStatus, minutes: i64| {
        let said = care::TaskOccurrence {
            line: parent(1),
            due: Some(TODAY.to_string()),
            slot: Some(600),
            status: Some(status.into()),
            done_at: at(TODAY, minutes, 60),
            ..Default::default()
        };
        said.encode_to_vec()
    };
    let choice = Kind::Exercise.choice();
    let versions = [(NURSE, tick(care::TaskStatus::Skipped, 500)), (PATIENT, tick(care::TaskStatus::Done, 540))];
    let all = [stands(1, "P-EX", &exercise()), written(2, "TaskOccurrence", choice, 1, &versions)];
    let plans = plans(&all);
    let tick = &plans.ticks[0];
    assert_eq!((plans.ticks.len(), tick.line, tick.date, tick.slot), (1, Id(id(1)), TODAY, 600));
    assert_eq!((tick.state, tick.word), (State::Done, "exercise"), "done wins");
    let task = &due(&plans, TODAY).tasks[0];
    assert_eq!((task.state, task.done_at.map(|at| at.to_string())), (State::Done, Some(format!("{TODAY} 10:00"))));
    assert_eq!(task.stage((TODAY, 0)), Stage::Done);
}

/// Whichever of two plans has the smaller id: what has ended neither hides the one that goes on nor restricts it.
#[test]
fn an_ended_plan_stands_beside_a_new_one() {
    let ended = care::ExercisePlan {
        status: Some(care::ExercisePlanStatus::Ended.into()),
        clearance: Some(care::ExerciseClearance::Hold.into()),
        forbidden_movements: vec!["squat".into()],
        ..exercise()
    };
    let goes_on = care::ExercisePlan { forbidden_movements: vec!["spine_flex".into()], ..exercise() };
    for (old, new) in [(1, 2), (2, 1)] {
        let plans = plans(&[stands(old, "P-EX", &ended), stands(new, "P-EX", &goes_on)]);
        let forbidden: Vec<&String> = plans.facts.exercises.iter().flat_map(|plan| plan.forbidden.keys()).collect();
        assert_eq!(forbidden, ["spine_flex"]);
        let due = due(&plans, TODAY);
        assert_eq!(due.tasks.iter().map(|task| task.line).collect::<Vec<_>>(), [Id(id(new))]);
        assert!(due.held.is_empty());
    }
}

/// Nobody chose between them: a hold in one is a hold, and the shorter session holds.
#[test]
fn of_two_active_plans_both_restrict() {
    let shorter = care::ExercisePlan { max_minutes_session: Some(12), ..exercise() };
    let found = due(&plans(&[stands(1, "P-EX", &exercise()), stands(2, "P-EX", &shorter)]), TODAY);
    let minutes = |task: &Occurrence| task.title.values.iter().find(|(name, _)| *name == "minutes").cloned();
    assert_eq!(found.tasks.iter().filter_map(minutes).map(|(_, value)| value).collect::<Vec<_>>(), ["12", "12"]);
    let hold = care::ExercisePlan { clearance: Some(care::ExerciseClearance::Hold.into()), ..exercise() };
    let found = due(&plans(&[stands(1, "P-EX", &exercise()), stands(2, "P-EX", &hold)]), TODAY);
    assert!(found.tasks.is_empty() && found.held.len() == 2, "{found:?}");
}

#[test]
fn what_was_ended_or_is_not_understood_gives_no_task() {
    for state in [2, 3] {
        let ended = written(1, "P-EX", 0, state, &[(NURSE, exercise().encode_to_vec())]);
        let plans = plans(&[ended]);
        assert!(plans.facts.exercises.is_empty() && due(&plans, TODAY).tasks.is_empty(), "lifecycle {state}");
    }
    // A clearance of a newer version is no clearance.
    let newer = care::ExercisePlan { clearance: Some(99), ..exercise() };
    let due = due(&plans(&[stands(1, "P-EX", &newer)]), TODAY);
    assert!(due.tasks.is_empty() && due.held.len() == 1);
    // Nobody hides a type by giving it no parent.
    let alone = care::SupplementSeparation { from_code: Some("iron".into()), hours: Some(30), ..Default::default() };
    assert!(plans(&[stands(1, "P-SUP.separation", &alone)]).separations.is_empty());
}

#[test]
fn every_type_is_read_here_or_lends_facts_alone() {
    // The records that these cases write, and those that only facts are made of.
    let here = [
        "P-EX",
        "P-EX.exercise",
        "P-LES",
        "P-NUT",
        "P-NUT.timing_rule",
        "P-SUP",
        "P-SUP.separation",
        "P-MED",
        "P-BONE",
        "P-BONE.administration",
        "P-BONE.oral_dose",
        "J20",
        "P-MON",
        "J22",
        "P-EDU",
        "P-EDU.read",
        "TaskOccurrence",
    ];
    let facts = [
        "P-EX.allowed_module",
        "P-EX.load_limit",
        "P-MON.result",
        "J03",
        "J04",
        "J05",
        "J06",
        "J08",
        "J15",
        "J21",
        "Approval",
    ];
    let mut named: Vec<u32> =
        here.iter().chain(&facts).map(|name| table().by_name(name).expect("a type").number).collect();
    let mut types = Plans::types();
    named.sort_unstable();
    types.sort_unstable();
    assert_eq!(named, types);
}

#[test]
fn the_clock_is_the_one_with_which_the_patient_wrote_last() {
    let pain = |offset_min: i32| {
        let said =
            care::PainEntry { effective_start: at(TODAY, 0, offset_min), worst_24h: Some(3), ..Default::default() };
        said.encode_to_vec()
    };
    let of = |all: &[Stands]| clock(all.iter().map(Stands::merged));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[written(1, "J01", 0, 1, &[(NURSE, pain(60))])]), None, "somebody else's");
    assert_eq!(of(&[written(1, "J01", 0, 1, &[(PATIENT, pain(60)), (PATIENT, pain(-300))])]), Some(-300));
    // A visit stands where the clinic is.
    let visit = care::VisitEntry { when: at(TODAY, 0, 120), ..Default::default() };
    assert_eq!(of(&[written(2, "J22", 0, 1, &[(PATIENT, visit.encode_to_vec())])]), None);
    let tick = care::TaskOccurrence { done_at: at(TODAY, 0, 330), ..Default::default() };
    let tick = written(3, "TaskOccurrence", 1, 1, &[(PATIENT, tick.encode_to_vec())]);
    assert_eq!(tick.type_number, TASK);
    assert_eq!(of(&[tick]), Some(330));
}
