//! Records put in one by one, in any order, twice, for a while only: the facts are those of what stands.

use osteon_care_core::{
    facts::{
        Day, Facts, Live,
        gather::{Gathered, Merged},
    },
    rules::{BUILT_IN, RuleSet, Settings, Verdict, evaluate},
};
use osteon_proto::{care, split};
use osteon_sync_core::{Author, Clock, Dot, Field, FieldWrite, Known, Origin, Part, Put, RecordId, Replica, Role};
use proptest::prelude::*;
use prost::Message;

struct All;

impl Known for All {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

#[derive(Clone, Debug)]
struct Stands {
    record: RecordId,
    type_number: u32,
    part: Part,
}

impl Stands {
    fn merged(&self) -> Merged<'_> {
        let part = Some(&self.part);
        Merged { record: self.record, type_number: self.type_number, label: 1, part, received: None, in_range: false }
    }
}

/// One version of every field that the message sets, and a lifecycle.
fn part(type_number: u32, message: &impl Message, counter: u64, state: u8) -> Part {
    let body = split::close(type_number, &message.encode_to_vec());
    let (_, _, split) = split::split_body(&body).expect("a body of the contracts");
    let mut part = Part::new();
    let dot = Dot { replica: Replica { epoch: 1, n: 1 }, counter };
    let author = Author { account: 1, role: Role(1) };
    let origin = Origin { dot, clock: Clock { ms: 1_773_500_000_000 + counter, logical: 0 }, author, earlier: &[] };
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
    part
}

fn id(n: u8) -> RecordId {
    RecordId([n; 16])
}

fn moment(day: i64) -> care::Moment {
    let at = prost_types::Timestamp { seconds: (20_500 + day) * 86_400 + 36_000, nanos: 0 };
    care::Moment { at: Some(at), utc_offset_min: Some(60), zone: None }
}

fn stands(record: u8, type_number: u32, message: impl Message) -> Stands {
    Stands { record: id(record), type_number, part: part(type_number, &message, u64::from(record), 1) }
}

fn line() -> Stands {
    let opioid = care::MedicineLine {
        code: Some("7052".into()),
        kinds: vec![care::MedicineKind::Opioid as i32],
        ..Default::default()
    };
    stands(1, 381, opioid)
}

fn taken() -> Stands {
    let intake =
        care::IntakeEntry { taken_at: Some(moment(1)), plan_line: Some(id(1).0.to_vec().into()), ..Default::default() };
    stands(2, 105, intake)
}

fn pain(record: u8, worst: u32, day: i64) -> Stands {
    let pain = care::PainEntry { effective_start: Some(moment(day)), worst_24h: Some(worst), ..Default::default() };
    stands(record, 101, pain)
}

fn result(record: u8, corrects: Option<u8>) -> Stands {
    let lab = care::LaboratoryResult {
        analyte: Some("29265-6".into()),
        value: Some(21_100),
        unit: Some("mmol/L".into()),
        specimen_time: Some(moment(2)),
        supersedes: corrects.map(|older| id(older).0.to_vec().into()),
        ..Default::default()
    };
    stands(record, 120, lab)
}

fn everything() -> Vec<Stands> {
    let limit = care::LoadLimit {
        parent: Some(id(8).0.to_vec().into()),
        exercise: Some("squat".into()),
        max_load_kg: Some(50),
    };
    let plan = care::ExercisePlan { lift_max_kg: Some(30), ..Default::default() };
    vec![
        line(),
        taken(),
        pain(3, 4, 3),
        pain(4, 7, 4),
        result(5, None),
        result(6, Some(5)),
        stands(7, 214, limit),
        stands(8, 201, plan),
    ]
}

fn gathered<'a>(all: impl IntoIterator<Item = &'a Stands>) -> Facts {
    let mut gathered = Gathered::new(60);
    all.into_iter().for_each(|one| gathered.put([one.merged()]));
    gathered.facts().clone()
}

#[test]
fn what_leans_on_another_record_finds_it() {
    let facts = gathered(&everything());
    let opioid = osteon_care_core::facts::Product::Opioid;
    assert!(facts.intakes[0].kinds.has(&opioid), "the line that the intake names says what it is");
    assert_eq!(facts.labs.iter().map(|lab| lab.superseded).collect::<Vec<_>>(), [true, false]);
    let plan = facts.exercises.first().expect("a plan");
    assert_eq!(plan.max_load_kg_tenths.get("squat"), Some(&Live::One(50)));
}

#[test]
fn what_was_ended_says_nothing() {
    let mut all = everything();
    all[2].part = part(101, &care::PainEntry { effective_start: Some(moment(3)), ..Default::default() }, 3, 3);
    let facts = gathered(&all);
    assert_eq!(facts.pains.len(), 1, "an entry marked as a mistake");
    let mut known = Gathered::new(60);
    known.put(everything().iter().map(Stands::merged));
    known.put([Merged { part: None, ..everything()[3].merged() }]);
    assert_eq!(known.facts().pains.len(), 1, "an entry that was taken away");
}

#[test]
fn a_value_past_the_hard_range_is_marked() {
    let facts = gathered([&pain(3, 40, 3), &pain(4, 4, 3)]);
    assert_eq!(facts.pains.iter().map(|entry| entry.out_of_range).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn old_entries_are_let_go_and_plans_stay() {
    let mut known = Gathered::new(60);
    known.put(everything().iter().map(Stands::merged));
    known.forget_before(Day(20_504));
    assert_eq!(known.facts().pains.len(), 1);
    assert!(known.facts().intakes.is_empty() && known.facts().medicines.len() == 1 && known.facts().labs.len() == 2);
}

#[test]
fn a_rule_fires_on_what_was_gathered() {
    let weak = care::SymptomEntry {
        effective_start: Some(moment(3)),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    let facts = gathered([&stands(9, 102, weak)]);
    let set = RuleSet::parse(BUILT_IN.as_bytes(), Day::parse("2027-12-31").expect("a day")).expect("sound");
    let now = *facts.symptoms[0].at.known().next().expect("a time");
    let said = evaluate(&set, Some(&["R-MSCC-1"]), &facts, now, &Settings::default());
    assert!(matches!(said[0].verdict(), Verdict::Fires(_)));
}

proptest! {
    #[test]
    fn the_order_and_repetition_of_records_change_nothing(order in Just(everything()).prop_shuffle(), again in 0..8usize) {
        let straight = gathered(&everything());
        let repeated = order.iter().chain([&order[again]]);
        prop_assert_eq!(gathered(repeated), straight);
    }

    #[test]
    fn nothing_stays_of_what_was_put_in_for_a_while(
        order in Just(everything()).prop_shuffle(),
        before in 0..8usize,
        gone in 0..8usize,
    ) {
        let mut known = Gathered::new(60);
        known.put(order[..before].iter().map(Stands::merged));
        let straight = known.facts().clone();
        let taken_away = Merged { part: None, ..order[gone].merged() };
        let all = known.with(order.iter().map(Stands::merged).chain([taken_away]), |all| all.facts().clone());
        let mut whole = Gathered::new(60);
        whole.put(order.iter().map(Stands::merged).chain([taken_away]));
        prop_assert_eq!(&all, whole.facts());
        prop_assert_eq!(known.facts(), &straight);
    }
}
