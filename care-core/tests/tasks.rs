//! Tasks: laws first (identity, order, days of any length, what must be apart), then what each plan gives.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::{
    facts::{
        Activity, BonePlan, BoneStatus, Clearance, DAY_MS, Day, Entry, Exercise, HOUR_MS, Id, Instant, Intake,
        IntakeStatus, Lab, LineStatus, Live, Meal, MedicineLine, Monitoring, MonitoringKind, Nutrition, PlanStatus,
        Product, Set, SupplementLine, Visit,
    },
    tasks::{
        Block, Course, Due, Eating, Held, Kind, Movement, Plans, Reading, Stage, State, Tick, Wait, Why, adherence,
        due, due_between,
    },
};
use osteon_proto::{care::NutritionPlanStatus, table::table, wire::ids};
use osteon_sync_core::RecordId;
use proptest::prelude::*;
use prost::Message;
use sha2::{Digest, Sha256};

const TODAY: Day = Day(20_784); // A Friday.
const DAY_MIN: i64 = 1_440;

fn id(n: u8) -> Id {
    Id(RecordId([n; 16]))
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

fn supplement(n: u8, product: Product, times: u32) -> SupplementLine {
    SupplementLine {
        id: id(n),
        product: Live::One(product.code().to_owned()),
        kinds: Set::from([product]),
        times_per_day: Live::One(times),
        status: Live::One(LineStatus::Active),
        ..SupplementLine::default()
    }
}

fn exercise(clearance: Live<Clearance>) -> Plans {
    let mut plans = Plans::default();
    plans.facts.exercises.push(Exercise {
        id: id(1),
        clearance,
        status: Live::One(PlanStatus::Active),
        max_minutes: Live::disputed([40, 20]),
        ..Exercise::default()
    });
    let blocks = BTreeSet::from([Block::Main, Block::Balance]);
    let movement = Movement { sessions_per_week: Live::One(7), minutes_per_week: Live::Missing, blocks };
    plans.movement.insert(id(1), movement);
    plans
}

fn of(due: &Due, kind: Kind) -> Vec<&osteon_care_core::tasks::Occurrence> {
    due.tasks.iter().filter(|task| task.kind == kind).collect()
}

fn held(due: &Due, kind: Kind) -> Vec<Why> {
    due.held.iter().filter(|held| held.kind == kind).map(|held| held.why).collect()
}

/// Lines of supplements with gaps between some of them.
fn lines() -> impl Strategy<Value = Plans> {
    let products = prop::sample::select(vec![
        Product::Calcium,
        Product::CalciumCarbonate,
        Product::Iron,
        Product::Zinc,
        Product::VitaminD,
        Product::Levothyroxine,
        Product::OralBisphosphonate,
    ]);
    let line = (products, 1u32..5);
    let gap = (0u8..6, 0usize..7, 1u32..800);
    (prop::collection::vec(line, 1..6), prop::collection::vec(gap, 0..4)).prop_map(|(lines, gaps)| {
        let mut plans = Plans::default();
        for (n, (product, times)) in lines.into_iter().enumerate() {
            plans.facts.supplements.push(supplement(n as u8 + 1, product, times));
        }
        let codes =
            ["calcium", "iron", "zinc", "vitamin_d", "levothyroxine", "oral_bisphosphonate", "calcium_carbonate"];
        for (line, code, minutes) in gaps {
            plans.separations.entry(id(line + 1)).or_default().push((codes[code].to_owned(), minutes));
        }
        plans
    })
}

/// What two lines must be apart, by a second reading of the rules: their own gaps and the gaps of the specification.
fn gap(plans: &Plans, a: &SupplementLine, b: &SupplementLine) -> u32 {
    let is = |line: &SupplementLine, code: &str| {
        let product = *line.kinds.known.first().expect("a kind");
        product.code() == code || (code == "calcium" && product == Product::CalciumCarbonate)
    };
    let own = |line: &SupplementLine, other: &SupplementLine| {
        plans
            .separations
            .get(&line.id)
            .into_iter()
            .flatten()
            .filter(|(code, _)| is(other, code))
            .map(|rule| rule.1)
            .max()
    };
    let both = |one: &str, other: &str| (is(a, one) && is(b, other)) || (is(b, one) && is(a, other));
    let house = [
        ("levothyroxine", "calcium", 240),
        ("levothyroxine", "iron", 240),
        ("iron", "calcium", 120),
        ("zinc", "calcium", 120),
        ("oral_bisphosphonate", "calcium", 180),
    ];
    let known = house.iter().filter(|(one, other, _)| both(one, other)).map(|rule| rule.2).max();
    let fasting = (is(a, "oral_bisphosphonate") || is(b, "oral_bisphosphonate")).then_some(30);
    [own(a, b), own(b, a), known, fasting].into_iter().flatten().max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("OSTEON_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
    ))]

    /// Every pair keeps its hours, within a day and over the night, on days of 23, 24 and 25 hours.
    #[test]
    fn what_must_be_apart_is_apart(plans in lines(), shift in prop::sample::select(vec![-60i64, 0, 60])) {
        let doses = |day: i32| due(&plans, TODAY.plus(day)).tasks;
        let line = |id: Id| plans.facts.supplements.iter().find(|line| line.id == id).expect("a line");
        let (first, second) = (doses(0), doses(1));
        // The clock changes in the night between the two days.
        let timed = first.iter().map(|task| (task, 0)).chain(second.iter().map(|task| (task, DAY_MIN + shift)));
        let timed: Vec<_> = timed.filter_map(|(task, day)| Some((task.line, i64::from(task.at?) + day))).collect();
        for (a, at) in &timed {
            for (b, other) in timed.iter().filter(|(b, _)| a != b) {
                let apart = i64::from(gap(&plans, line(*a), line(*b)));
                prop_assert!((at - other).abs() >= apart, "{at} and {other} are not {apart} apart");
            }
        }
        for (n, task) in first.iter().enumerate() {
            let line = line(task.line);
            let times = i64::from(*line.times_per_day.known().next().expect("times"));
            let own = first.iter().skip(n + 1).filter(|other| other.line == task.line);
            for (at, other) in own.filter_map(|other| Some((i64::from(task.at?), i64::from(other.at?)))) {
                prop_assert!((at - other).abs() >= 720 / (times - 1) / 2, "two doses of one line crowd");
            }
        }
        for task in first.iter().filter(|task| task.at.is_none()) {
            prop_assert!(matches!(task.wait, Some(Wait::NoRoom { .. })), "without a time and without a reason");
        }
    }

    /// Whoever takes one thing at the end of its window and the other at the start of its own keeps the hours between.
    #[test]
    fn windows_keep_apart_what_must_be(plans in lines(), shift in prop::sample::select(vec![-60i64, 0, 60])) {
        let line = |id: Id| plans.facts.supplements.iter().find(|line| line.id == id).expect("a line");
        let tasks = due(&plans, TODAY).tasks;
        let windows = tasks.iter().filter_map(|task| Some((task.line, i64::from(task.opens()?), i64::from(task.until?))));
        let windows: Vec<_> = windows.collect();
        prop_assert_eq!(windows.len(), tasks.iter().filter(|task| task.at.is_some()).count());
        for (a, from, to) in &windows {
            prop_assert!(from <= to && *to <= DAY_MIN);
            for (b, other, _) in windows.iter().filter(|(b, ..)| a != b) {
                let apart = i64::from(gap(&plans, line(*a), line(*b)));
                if apart == 0 {
                    continue;
                }
                // Later on that day, and on the next one.
                for next in [*other, other + DAY_MIN + shift].into_iter().filter(|next| next > from) {
                    prop_assert!(next - to >= apart, "{to} and {next} are not {apart} apart");
                }
            }
        }
    }

    /// As time goes on a task that nobody ticks is not yet, then open, then missed, and never goes back.
    #[test]
    fn what_nobody_ticks_goes_one_way(plans in lines(), minutes in prop::collection::vec(0i64..3 * DAY_MIN, 2..20)) {
        let mut minutes = minutes;
        minutes.sort_unstable();
        for task in due(&plans, TODAY.plus(1)).tasks {
            let now = |at: &i64| (TODAY.plus((at / DAY_MIN) as i32), (at % DAY_MIN) as u16);
            let stages: Vec<usize> = minutes
                .iter()
                .map(|at| [Stage::NotYet, Stage::Open, Stage::Missed].iter().position(|one| *one == task.stage(now(at))))
                .map(|at| at.expect("one of three"))
                .collect();
            prop_assert!(stages.is_sorted(), "{stages:?}");
            prop_assert_eq!(task.stage((TODAY, 0)), Stage::NotYet);
            prop_assert_eq!(task.stage((TODAY.plus(2), 0)), Stage::Missed);
        }
    }

    /// The same occurrences and ids in whichever order the lines come; each identity once on each civil date, and none
    /// of another date, however long the day was and whichever zones a person passed through.
    #[test]
    fn identity_is_line_date_and_slot(plans in lines(), shuffled in any::<u64>(), zones in prop::collection::vec(-720i32..840, 4)) {
        let mut other = plans.clone();
        let count = other.facts.supplements.len();
        other.facts.supplements.rotate_left(shuffled as usize % count);
        other.separations.values_mut().for_each(|rules| rules.reverse());
        let ids = |plans: &Plans, day: Day| -> Vec<RecordId> {
            due(plans, day).tasks.iter().map(|task| task.record_id(7, sha256)).collect()
        };
        prop_assert_eq!(due(&plans, TODAY), due(&other, TODAY));
        // A traveller asks each hour what is due on the date that the clock shows.
        let mut asked: BTreeMap<Day, BTreeSet<RecordId>> = BTreeMap::new();
        for hour in 0..96i64 {
            let offset_min = zones[(hour / 24) as usize];
            let ms = i64::from(TODAY.0) * 86_400_000 + hour * 3_600_000;
            let date = Instant { ms, offset_min }.day();
            let named = ids(&other, date);
            let distinct: BTreeSet<RecordId> = named.iter().copied().collect();
            prop_assert_eq!(distinct.len(), named.len(), "one of them twice");
            let known = asked.entry(date).or_insert_with(|| distinct.clone());
            prop_assert_eq!(&*known, &distinct);
        }
        let all: usize = asked.values().map(BTreeSet::len).sum();
        let union: BTreeSet<RecordId> = asked.into_values().flatten().collect();
        prop_assert_eq!(union.len(), all, "an occurrence of two dates");
    }

    /// Done wins over open and skipped, in any order and however often it was said.
    #[test]
    fn done_wins(states in prop::collection::vec(0u8..3, 1..5)) {
        let mut plans = exercise(Live::One(Clearance::Unrestricted));
        let state = |n: &u8| match n { 0 => State::Open, 1 => State::Skipped, _ => State::Done };
        plans.ticks = states.iter().map(|n| tick(600, TODAY, state(n))).collect();
        let due = due(&plans, TODAY);
        let main = of(&due, Kind::Exercise).into_iter().find(|task| task.slot == 600).expect("the main block");
        prop_assert_eq!(main.state, states.iter().map(state).max().expect("one"));
        let balance = of(&due, Kind::Exercise).into_iter().find(|task| task.slot == 660).expect("the balance block");
        prop_assert_eq!(balance.state, State::Open);
    }
}

fn tick(slot: u16, date: Day, state: State) -> Tick {
    Tick { line: id(1), date, slot, state, done_at: None, word: "exercise", by: None }
}

#[test]
fn the_id_is_the_one_that_the_contract_asks_of_a_creation() {
    use osteon_proto::{care, split};
    use osteon_sync_core::{FieldWrite, Put};
    for slot in [0u16, 480, 1_439] {
        let message = care::TaskOccurrence {
            line: Some(vec![9; 16].into()),
            due: Some(TODAY.to_string()),
            slot: Some(u32::from(slot)),
            status: Some(care::TaskStatus::Done.into()),
            ..Default::default()
        };
        let body = split::close(osteon_care_core::tasks::TASK, &message.encode_to_vec());
        let (_, known, split) = split::split_body(&body).expect("a body");
        let write = |chunk: split::Chunk<'_>| FieldWrite {
            field: chunk.field(),
            put: Some(Put::Value(chunk.bytes.into())),
            replaces: Vec::new(),
            covers: Vec::new(),
        };
        let writes: Vec<FieldWrite> = split.chunks().map(write).collect();
        let wanted = ids::expected_id(7, known.expect("known"), writes.iter(), sha256).flatten();
        let named = osteon_care_core::tasks::record_id(7, RecordId([9; 16]), TODAY, slot, sha256);
        assert_eq!(wanted, Some(named), "slot {slot}");
    }
}

#[test]
fn every_kind_has_a_label_in_the_contract_and_every_type_is_known() {
    for kind in Kind::ALL {
        assert_ne!(kind.choice(), 0, "{}", kind.name());
    }
    assert_eq!(table().get(osteon_care_core::tasks::TASK).map(|known| known.name.as_str()), Some("TaskOccurrence"));
    assert_eq!(Plans::types().len(), 28, "a type is not called like that");
}

#[test]
fn every_task_and_every_hold_names_fields_of_its_plan() {
    let named = |record_type: &str, fields: &[&str]| {
        let known = table().by_name(record_type).unwrap_or_else(|| panic!("{record_type}"));
        for field in fields {
            assert!(known.field_by_name(field).is_some(), "{record_type}.{field}");
        }
    };
    for kind in Kind::ALL {
        assert!(!kind.writers().is_empty(), "{}", kind.name());
        let whys = [
            Why::Clearance,
            Why::Rest(None),
            Why::NotActive,
            Why::Held,
            Why::AskFirst,
            Why::Missing("pre_dose_calcium_max_age_days"),
        ];
        for why in whys {
            let held = Held { line: id(1), kind, why, disputed: false };
            let (record_type, field) = held.from();
            // Each kind knows some reasons alone.
            if table().by_name(record_type).is_some_and(|known| known.field_by_name(field).is_some()) {
                assert!(!held.title().words().contains("task."), "{:?}", held);
            }
        }
    }
    for (kind, why, expected) in [
        (Kind::Exercise, Why::Clearance, ("P-EX", "clearance")),
        (Kind::Exercise, Why::Rest(None), ("P-EX", "pause_windows")),
        (Kind::Meal, Why::Held, ("P-NUT", "paused")),
        (Kind::Supplement, Why::Held, ("P-SUP", "status")),
        (Kind::BoneDrug, Why::AskFirst, ("P-BONE", "status")),
        (Kind::Laboratory, Why::Missing("due"), ("P-MON", "due")),
    ] {
        let held = Held { line: id(1), kind, why, disputed: false };
        assert_eq!(held.from(), expected);
        named(expected.0, &[expected.1]);
    }
    let mut plans = exercise(Live::One(Clearance::SupervisedOnly));
    plans.facts.supplements = vec![supplement(2, Product::Iron, 1)];
    let tasks = due(&plans, TODAY).tasks;
    assert_eq!(tasks.len(), 3);
    for task in &tasks {
        let from = task.from();
        named(from.record_type, from.fields);
        assert!(!task.title.words().contains("task."), "{:?}", task.title);
    }
    assert!(tasks[1].title.words().ends_with("only with your therapist beside you"), "{}", tasks[1].title.words());
}

#[test]
fn what_to_mind_is_the_smaller_limit_and_what_is_not_to_be_done() {
    let mut plans = exercise(Live::One(Clearance::Modified));
    let plan = plans.facts.exercises.first_mut().expect("a plan");
    plan.pain_stop = Live::disputed([5, 3]);
    plan.max_rpe_tenths = Live::One(40);
    plan.lift_max_kg_tenths = Live::disputed([25, 50]);
    plan.forbidden.insert("trunk_rotation".to_owned(), (None, None));
    let tasks = due(&plans, TODAY).tasks;
    let said: Vec<String> = tasks[0].notes(&plans).iter().map(|note| note.words()).collect();
    let expected = [
        "Stop when pain reaches 3 of 10",
        "Effort up to 4 of 10",
        "Lift at most 2.5 kg",
        "Do not: trunk rotation",
        "Your team does not agree on this yet. Until then this is the safer of their plans.",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_held_clearance_gives_no_exercise_and_says_so() {
    let free = due(&exercise(Live::One(Clearance::Modified)), TODAY);
    let slots: Vec<u16> = of(&free, Kind::Exercise).iter().map(|task| task.slot).collect();
    assert_eq!(slots, [600, 660]);
    let main = of(&free, Kind::Exercise)[0];
    assert!(main.title.values.contains(&("minutes", "20".to_owned())), "the shorter session: {:?}", main.title);
    assert!(main.disputed);
    for clearance in [Live::One(Clearance::Hold), Live::disputed([Clearance::Hold, Clearance::Unrestricted])] {
        let due = due(&exercise(clearance), TODAY);
        assert!(of(&due, Kind::Exercise).is_empty());
        assert_eq!(held(&due, Kind::Exercise), [Why::Clearance]);
    }
    let missing = due(&exercise(Live::Missing), TODAY);
    assert_eq!(held(&missing, Kind::Exercise), [Why::Missing("clearance")]);
}

#[test]
fn a_week_has_as_many_sessions_as_the_plan_says_and_none_in_a_time_of_rest() {
    for times in 0..=7u32 {
        let mut plans = exercise(Live::One(Clearance::Unrestricted));
        plans.movement.get_mut(&id(1)).expect("movement").sessions_per_week = Live::One(times);
        let days = (0..7).filter(|day| !of(&due(&plans, TODAY.plus(*day)), Kind::Exercise).is_empty()).count();
        assert_eq!(days, times as usize);
    }
    let mut plans = exercise(Live::One(Clearance::Unrestricted));
    plans.facts.exercises.first_mut().expect("plan").pauses = Set::from([(TODAY, TODAY.plus(1))]);
    assert_eq!(held(&due(&plans, TODAY), Kind::Exercise), [Why::Rest(Some(TODAY.plus(1)))]);
    assert_eq!(of(&due(&plans, TODAY.plus(2)), Kind::Exercise).len(), 2);
}

#[test]
fn iron_and_calcium_are_two_hours_apart_and_what_was_taken_late_moves_the_other() {
    let mut plans = Plans::default();
    plans.facts.supplements = vec![supplement(1, Product::Iron, 1), supplement(2, Product::Calcium, 1)];
    let first = due(&plans, TODAY);
    let times: Vec<_> = first.tasks.iter().map(|task| (task.line, task.slot, task.at)).collect();
    assert_eq!(times, [(id(1), 480, Some(480)), (id(2), 480, Some(600))]);
    assert!(matches!(&first.tasks[1].wait, Some(Wait::Apart { from, minutes: 120, .. }) if *from == id(1)));
    // Iron at eleven: calcium not before one.
    let at = Instant { ms: i64::from(TODAY.0) * 86_400_000 + 11 * 3_600_000, offset_min: 0 };
    let word = Kind::Supplement.word();
    plans.ticks.push(Tick {
        line: id(1),
        date: TODAY,
        slot: 480,
        state: State::Done,
        done_at: Some(at),
        word,
        by: None,
    });
    let second = due(&plans, TODAY);
    let calcium = second.tasks.iter().find(|task| task.line == id(2)).expect("calcium");
    let Some(Wait::NotBefore { at, .. }) = &calcium.wait else { panic!("{:?}", calcium.wait) };
    assert_eq!(at.to_string(), format!("{TODAY} 13:00"));
    // Nothing of the day is 14 hours from everything: a person decides.
    plans.separations.insert(id(2), vec![("iron".to_owned(), 14 * 60)]);
    plans.ticks.clear();
    let third = due(&plans, TODAY);
    let calcium = third.tasks.iter().find(|task| task.line == id(2)).expect("calcium");
    assert!(calcium.at.is_none() && matches!(calcium.wait, Some(Wait::NoRoom { .. })));
}

#[test]
fn held_lines_and_missing_inputs_are_told() {
    let mut plans = Plans::default();
    plans.facts.supplements = vec![
        SupplementLine { safety_hold: true, ..supplement(1, Product::Calcium, 2) },
        SupplementLine { times_per_day: Live::Missing, ..supplement(2, Product::Iron, 2) },
        SupplementLine { status: Live::One(LineStatus::Stopped), ..supplement(3, Product::Zinc, 2) },
    ];
    plans.facts.medicines =
        vec![MedicineLine { id: id(4), status: Live::One(LineStatus::Active), ..MedicineLine::default() }];
    let to = Live::One(TODAY);
    plans.courses.insert(id(4), Course { times_per_day: Live::disputed([3, 2]), from: Live::Missing, to });
    let now = due(&plans, TODAY);
    assert_eq!(held(&now, Kind::Supplement), [Why::Held, Why::Missing("times_per_day")]);
    assert!(of(&now, Kind::Supplement).is_empty());
    assert_eq!(of(&now, Kind::Medicine).len(), 2, "the smaller of two that differ");
    assert!(of(&now, Kind::Medicine).iter().all(|task| task.disputed));
    assert!(of(&due(&plans, TODAY.plus(1)), Kind::Medicine).is_empty(), "over");
}

#[test]
fn meals_and_the_ceiling_of_fluids() {
    let mut plans = Plans::default();
    let (least, most) = (Live::One(2_000), Live::disputed([1_500, 1_800]));
    plans.facts.nutrition =
        Some(Nutrition { id: id(1), fluid_min_ml: least, fluid_max_ml: most, ..Nutrition::default() });
    let eating =
        Eating { status: Live::One(NutritionPlanStatus::Active), paused: Live::Missing, meals_per_day: Live::One(5) };
    plans.eating.insert(id(1), eating);
    let now = due(&plans, TODAY);
    assert_eq!(of(&now, Kind::Meal).len(), 5);
    let fluid = of(&now, Kind::Fluid)[0];
    assert_eq!(fluid.title.values, [("min_ml", "1500".to_owned()), ("max_ml", "1500".to_owned())]);
    assert!(fluid.disputed);
    plans.eating.get_mut(&id(1)).expect("eating").paused = Live::disputed([true, false]);
    assert_eq!(held(&due(&plans, TODAY), Kind::Meal), [Why::Held]);
}

#[test]
fn the_bone_drug_is_not_before_the_latest_date_and_its_results_are_fresh() {
    let mut plans = Plans::default();
    plans.facts.bone_plans = vec![BonePlan {
        id: id(1),
        status: Live::One(BoneStatus::Active),
        planned_next: Live::disputed([TODAY, TODAY.plus(2)]),
        calcium_max_age_d: Live::One(14),
        ..BonePlan::default()
    }];
    let now = due(&plans, TODAY);
    assert_eq!(held(&now, Kind::BoneDrug), [Why::AskFirst]);
    let labs = of(&now, Kind::Laboratory);
    assert_eq!((labs[0].date, labs[0].late_days(TODAY)), (TODAY.plus(-7), 7));
    assert_eq!(of(&now, Kind::MouthCare).len(), 1);
    let then = due(&plans, TODAY.plus(2));
    assert_eq!(of(&then, Kind::BoneDrug)[0].date, TODAY.plus(2));
    // A result of yesterday will do; one of three weeks ago will not.
    let lab = |days: i32| Entry {
        id: id(9),
        at: Live::One(Instant { ms: i64::from(TODAY.plus(-days).0) * 86_400_000, offset_min: 0 }),
        is: Lab { analyte: Live::One(osteon_care_core::facts::Analyte::CalciumTotal), ..Lab::default() },
        ..Entry::default()
    };
    plans.facts.labs = vec![lab(21)];
    assert_eq!(of(&due(&plans, TODAY), Kind::Laboratory).len(), 1);
    plans.facts.labs = vec![lab(1)];
    assert!(of(&due(&plans, TODAY), Kind::Laboratory).is_empty());
    // A dose that is late: a result grows too old, and is asked for again each time that it does.
    let asked = |late: i32| -> Vec<Day> {
        of(&due(&plans, TODAY.plus(2 + late)), Kind::Laboratory).iter().map(|task| task.date).collect()
    };
    assert_eq!(asked(0), []);
    assert_eq!(asked(11), [], "fourteen days old");
    assert_eq!((asked(12), asked(13)), (vec![TODAY.plus(-7)], vec![TODAY.plus(-7)]), "one that was never ticked");
    assert_eq!((asked(14), asked(27)), (vec![TODAY.plus(16)], vec![TODAY.plus(16)]));
    assert_eq!(asked(28), [TODAY.plus(30)]);
    // While people disagree whether it may be given at all, nobody gives it.
    plans.facts.bone_plans[0].status = Live::disputed([BoneStatus::Active, BoneStatus::Held]);
    let blocked = due(&plans, TODAY.plus(2));
    assert!(of(&blocked, Kind::BoneDrug).is_empty());
    assert_eq!(held(&blocked, Kind::BoneDrug), [Why::AskFirst]);
}

#[test]
fn monitoring_waits_until_it_is_done_and_visits_stand_where_they_are() {
    let mut plans = Plans::default();
    plans.facts.monitoring = vec![Monitoring {
        id: id(1),
        kind: Live::One(MonitoringKind::Weight),
        due: Live::disputed([TODAY.plus(-3), TODAY.plus(5)]),
        cancelled: Live::disputed([true, false]),
        ..Monitoring::default()
    }];
    let now = due(&plans, TODAY);
    assert_eq!(of(&now, Kind::Weight)[0].late_days(TODAY), 3, "the sooner date, although one cancelled it");
    plans.facts.monitoring[0].last_done = Live::One(TODAY);
    plans.facts.monitoring[0].due = Live::One(TODAY.plus(-3));
    assert!(of(&due(&plans, TODAY), Kind::Weight).is_empty());
    // 23:30 UTC is half past one of the next day where the visit is.
    let at = Instant { ms: i64::from(TODAY.0) * 86_400_000 + (23 * 60 + 30) * 60_000, offset_min: 120 };
    plans.facts.visits = vec![Entry { id: id(2), at: Live::One(at), is: Visit::default(), ..Entry::default() }];
    assert!(of(&due(&plans, TODAY), Kind::Visit).is_empty());
    assert_eq!(of(&due(&plans, TODAY.plus(1)), Kind::Visit)[0].slot, 90);
}

#[test]
fn one_material_a_week_until_it_is_read() {
    let mut plans = Plans::default();
    let materials = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    plans.reading = vec![Reading { id: id(1), materials, read: BTreeSet::from(["a".to_owned()]) }];
    let week = due_between(&plans, TODAY.plus(-4), TODAY.plus(2));
    let read = of(&week, Kind::Education);
    assert_eq!((read.len(), read[0].title.values[0].1.as_str(), read[0].date), (1, "b", TODAY.plus(-4)));
}

#[test]
fn adherence_counts_active_days_and_leaves_the_unknown_unknown() {
    let mut plans = exercise(Live::One(Clearance::Unrestricted));
    let (from, to) = (TODAY.plus(-6), TODAY);
    plans.ticks = vec![
        tick(600, TODAY.plus(-6), State::Done),
        tick(660, TODAY.plus(-6), State::Skipped),
        tick(600, TODAY.plus(-5), State::Skipped),
        // Two of one day are one active day.
        tick(600, TODAY.plus(-4), State::Done),
        tick(660, TODAY.plus(-4), State::Done),
    ];
    let tasks = due_between(&plans, from, to).tasks;
    let count = adherence(&plans, &tasks, (from, to), TODAY, Some("exercise"));
    assert_eq!((count.active, count.inactive, count.not_logged, count.nothing_due), (2, 1, 3, 0));
    assert_eq!(count.days(), 6, "today is not over");
    let other = adherence(&plans, &tasks, (from, to), TODAY, Some("laboratory"));
    assert_eq!((other.active, other.not_logged, other.nothing_due), (0, 0, 6));
    // Before the plan was made nothing was due.
    plans.since.insert(id(1), TODAY.plus(-2));
    let tasks = due_between(&plans, from, to).tasks;
    let count = adherence(&plans, &tasks, (from, to), TODAY, None);
    assert_eq!((count.active, count.not_logged, count.nothing_due), (2, 2, 1));
}

/// A walk that was written down need not be ticked as well; and it counts for nothing that was not due.
#[test]
fn an_entry_that_fulfils_a_task_makes_a_day_active() {
    let mut plans = exercise(Live::One(Clearance::Unrestricted));
    let (from, to) = (TODAY.plus(-6), TODAY);
    let at = |day: Day| Live::One(Instant { ms: i64::from(day.0) * DAY_MS + 23 * HOUR_MS, offset_min: 0 });
    let session = |day: Day| Entry { id: id(90), at: at(day), is: Activity::default(), ..Entry::default() };
    plans.ticks = vec![tick(600, TODAY.plus(-5), State::Skipped)];
    plans.facts.activities =
        vec![session(TODAY.plus(-5)), session(TODAY.plus(-3)), session(TODAY), session(TODAY.plus(-9))];
    let count = |plans: &Plans, word: Option<&str>| {
        let tasks = due_between(plans, from, to).tasks;
        adherence(plans, &tasks, (from, to), TODAY, word)
    };
    let active = count(&plans, Some("exercise"));
    assert_eq!(
        (active.active, active.inactive, active.not_logged),
        (3, 0, 4),
        "done wins over a tick that says skipped"
    );
    // A meal, and a dose of a line that nobody planned: nothing was due.
    plans.facts.meals = vec![Entry { id: id(91), at: at(TODAY.plus(-4)), is: Meal::default(), ..Entry::default() }];
    let taken = Intake { status: Live::One(IntakeStatus::Taken), line: Live::One("00".into()), ..Intake::default() };
    plans.facts.intakes = vec![Entry { id: id(92), at: at(TODAY.plus(-4)), is: taken, ..Entry::default() }];
    assert_eq!(count(&plans, None).active, 3);
    assert_eq!(count(&plans, Some("food, fluid, supplement")).active, 0);
    // A value that was refused today says nothing.
    plans.facts.activities.iter_mut().for_each(|entry| entry.out_of_range = true);
    assert_eq!(count(&plans, Some("exercise")).active, 0);
}
