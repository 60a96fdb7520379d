use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::care;
use osteon_sync_core::RecordId;
use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::facts::{HOUR_MS, MINUTE_MS, record::Version};

/// Midnight UTC of 1 March 2026.
const START_MS: i64 = 1_772_323_200_000;

/// A record, owned: type, id, each field's live versions.
#[derive(Clone, Debug)]
struct Made {
    type_number: u32,
    id: u8,
    fields: Vec<(u32, Option<Vec<u8>>)>,
    mistake: bool,
}

impl Made {
    fn new(type_number: u32, id: u8) -> Self {
        Self { type_number, id, fields: Vec::new(), mistake: false }
    }

    fn with(mut self, field: u32, message: &impl Message) -> Self {
        self.fields.push((field, Some(message.encode_to_vec())));
        self
    }

    fn cleared(mut self, field: u32) -> Self {
        self.fields.push((field, None));
        self
    }

    fn put(&self, series: &mut Series) {
        let mut record = Record { id: id(self.id), ..Record::default() };
        for (field, chunk) in &self.fields {
            record.fields.add(*field, Version { chunk: chunk.as_deref(), written: None, by: None });
        }
        series.put(self.type_number, &record, self.mistake);
    }
}

fn id(n: u8) -> Id {
    Id(RecordId([n; 16]))
}

fn moment(at: Instant) -> care::Moment {
    let at_seconds = prost_types::Timestamp { seconds: at.ms / 1_000, nanos: 0 };
    care::Moment { at: Some(at_seconds), utc_offset_min: Some(at.offset_min), ..Default::default() }
}

fn hours(hours: i64, offset_min: i32) -> Instant {
    Instant { ms: START_MS + hours * HOUR_MS, offset_min }
}

fn window() -> (Day, Day) {
    (Day::parse("2026-02-20").expect("a day"), Day::parse("2026-04-20").expect("a day"))
}

fn series(records: &[Made], mistakes: bool) -> Series {
    let mut series = Series::new(window().0, window().1, mistakes);
    records.iter().for_each(|record| record.put(&mut series));
    series
}

fn at(record: Made, at: Instant) -> Made {
    record.with(1, &care::PainEntry { effective_start: Some(moment(at)), ..Default::default() })
}

fn pain(n: u8, when: Instant, scores: &[u32]) -> Made {
    scores.iter().fold(at(Made::new(101, n), when), |record, score| {
        record.with(5, &care::PainEntry { worst_24h: Some(*score), ..Default::default() })
    })
}

fn weight(n: u8, when: Instant, weights: &[u32]) -> Made {
    weights.iter().fold(at(Made::new(108, n), when), |record, weight| {
        record.with(5, &care::BodyWeight { weight: Some(*weight), ..Default::default() })
    })
}

fn drink(n: u8, when: Instant, ml: &[u32]) -> Made {
    ml.iter().fold(at(Made::new(104, n), when), |record, ml| {
        record.with(6, &care::FluidEntry { volume: Some(*ml), ..Default::default() })
    })
}

fn result(n: u8, when: Instant, value: i32, unit: &str) -> Made {
    let all = care::LaboratoryResult {
        analyte: Some("calcium_adjusted".into()),
        value: Some(value),
        unit: Some(unit.into()),
        ref_low: Some(84_000),
        ref_high: Some(102_000),
        ..Default::default()
    };
    type M = care::LaboratoryResult;
    at(Made::new(120, n), when)
        .with(6, &M { analyte: all.analyte.clone(), ..Default::default() })
        .with(7, &M { value: all.value, ..Default::default() })
        .with(8, &M { unit: all.unit.clone(), ..Default::default() })
        .with(9, &M { ref_low: all.ref_low, ..Default::default() })
        .with(10, &M { ref_high: all.ref_high, ..Default::default() })
}

/// (id, hours, offset, values) of pains, weights and drinks; several values are a dispute.
type Drawing = (u8, i64, i32, Vec<u32>);

fn entries() -> impl Strategy<Value = Vec<(u32, Drawing)>> {
    let values = prop::collection::vec(1_u32..10, 1..4);
    let one = (prop::sample::select(vec![101_u32, 108, 104]), 0_i64..500, -12_i32..15, values);
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        let entry = |(n, (kind, hours, zone, values)): (usize, (u32, i64, i32, Vec<u32>))| {
            (kind, (u8::try_from(n).expect("few") + 1, hours, zone * 60, values))
        };
        numbered.map(entry).collect()
    })
}

fn make((kind, (n, at, zone, values)): &(u32, Drawing)) -> Made {
    match kind {
        101 => pain(*n, hours(*at, *zone), values),
        108 => weight(*n, hours(*at, *zone), values),
        _ => drink(*n, hours(*at, *zone), values),
    }
}

fn lane_of(kind: u32) -> Lane {
    match kind {
        101 => Lane::Pain,
        108 => Lane::Weight,
        _ => Lane::Fluid,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
    ))]

    #[test]
    fn the_order_of_records_and_delivering_twice_change_nothing(
        drawn in entries(), keys in prop::collection::vec(any::<u32>(), 80)
    ) {
        let made: Vec<Made> = drawn.iter().map(make).collect();
        let once = series(&made, false);
        let mut twice: Vec<(u32, Made)> = keys.into_iter().zip(made.iter().chain(&made).cloned()).collect();
        twice.sort_by_key(|(key, _)| *key);
        let twice: Vec<Made> = twice.into_iter().map(|(_, made)| made).collect();
        let again = series(&twice, false);
        prop_assert_eq!(again.lanes(), once.lanes());
        prop_assert_eq!(again.coverage(), once.coverage());
    }

    #[test]
    fn a_point_is_the_worst_of_live_versions_of_its_day_and_days_without_an_entry_have_none(drawn in entries()) {
        let made: Vec<Made> = drawn.iter().map(make).collect();
        let mut expected: BTreeMap<(Lane, Day), Vec<Vec<u32>>> = BTreeMap::new();
        for (kind, (_, at, zone, values)) in &drawn {
            let key = (lane_of(*kind), hours(*at, *zone).day());
            expected.entry(key).or_default().push(values.clone());
        }
        let lanes = series(&made, false).lanes();
        let points: BTreeMap<(Lane, Day), &Point> =
            lanes.iter().flat_map(|lane| lane.points.iter().map(|point| ((lane.lane, point.day), point))).collect();
        let days: Vec<_> = points.keys().copied().collect();
        prop_assert_eq!(days, expected.keys().copied().collect::<Vec<_>>());
        for (key, point) in points {
            let of_day = &expected[&key];
            let all = of_day.iter().flatten().copied().map(i64::from);
            let worst = match key.0 {
                Lane::Pain => all.max(),
                Lane::Weight => all.min(),
                _ => of_day.iter().map(|one| one.iter().min().copied().map(i64::from)).sum(),
            };
            prop_assert_eq!(point.worst, worst, "{:?}", key);
            prop_assert_eq!(usize::try_from(point.count).expect("few"), of_day.len());
        }
    }

    #[test]
    fn a_disputed_entry_shows_all_its_versions(drawn in entries()) {
        let made: Vec<Made> = drawn.iter().map(make).collect();
        let lanes = series(&made, false).lanes();
        for (kind, (n, at, zone, values)) in &drawn {
            let values: BTreeSet<Option<i64>> = values.iter().map(|value| Some(i64::from(*value))).collect();
            if values.len() == 1 {
                continue;
            }
            let lane = lanes.iter().find(|lane| lane.lane == lane_of(*kind)).expect("the lane");
            let on = hours(*at, *zone).day();
            let point = lane.points.iter().find(|point| point.day == on).expect("the day");
            let reading = point.readings.iter().find(|one| one.record == id(*n)).expect("the entry");
            let told: BTreeSet<Option<i64>> = reading.versions.iter().map(|version| version.value).collect();
            prop_assert!(point.disputed);
            prop_assert_eq!(told, values);
        }
    }

    #[test]
    fn days_with_and_without_entries_are_told_apart(drawn in entries()) {
        let made: Vec<Made> = drawn.iter().map(make).collect();
        let days: BTreeSet<Day> = drawn.iter().map(|(_, (_, at, zone, _))| hours(*at, *zone).day()).collect();
        let spans = series(&made, false).coverage();
        let told: Vec<Day> = spans.iter().flat_map(|(from, to)| (from.0..=to.0).map(Day)).collect();
        prop_assert_eq!(told, days.into_iter().collect::<Vec<_>>());
        prop_assert!(spans.windows(2).all(|two| two[0].1.plus(1) < two[1].0), "no two spans touch");
    }
}

fn lane(series: &Series, lane: Lane) -> Drawn {
    series.lanes().into_iter().find(|one| one.lane == lane).expect("the lane")
}

#[test]
fn the_persons_own_clock_says_which_day_it_was() {
    let late = Instant { ms: START_MS + 23 * HOUR_MS + 30 * MINUTE_MS, offset_min: 0 };
    let east = Instant { offset_min: 60, ..late };
    let drawn = lane(&series(&[pain(1, late, &[3]), pain(2, east, &[8])], false), Lane::Pain);
    let days: Vec<(String, Option<i64>)> = drawn.points.iter().map(|p| (p.day.to_string(), p.worst)).collect();
    assert_eq!(days, [("2026-03-01".to_owned(), Some(3)), ("2026-03-02".to_owned(), Some(8))]);
}

#[test]
fn a_mistake_is_counted_and_told_on_request_and_never_the_worst() {
    let wrong = Made { mistake: true, ..pain(1, hours(8, 0), &[10]) };
    let records = [wrong, pain(2, hours(9, 0), &[2])];
    let drawn = lane(&series(&records, false), Lane::Pain);
    assert_eq!((drawn.mistakes, drawn.points[0].worst, drawn.points[0].count), (1, Some(2), 1));
    assert!(drawn.points[0].readings.iter().all(|one| !one.mistake));
    let drawn = lane(&series(&records, true), Lane::Pain);
    assert_eq!(drawn.points[0].readings.iter().filter(|one| one.mistake).count(), 1);
    assert_eq!(drawn.points[0].worst, Some(2));
    // A day that has nothing but a mistake has no point, unless mistakes were asked for.
    let drawn = lane(&series(&records[..1], false), Lane::Pain);
    assert_eq!((drawn.points.len(), drawn.mistakes), (0, 1));
    let drawn = lane(&series(&records[..1], true), Lane::Pain);
    assert_eq!((drawn.points[0].worst, drawn.points[0].count), (None, 0));
    assert!(series(&records[..1], true).coverage().is_empty());
}

#[test]
fn a_result_keeps_its_entered_unit_and_the_range_of_its_report() {
    let drawn = lane(&series(&[result(1, hours(8, 0), 80_000, "mg/dL")], false), Lane::Lab(Analyte::CalciumAdjusted));
    assert_eq!(drawn.lane.unit(), ("mmol/L", 4));
    let reading = &drawn.points[0].readings[0];
    // 8.0 mg/dL × 0.2495 = 1.996 mmol/L
    assert_eq!(drawn.points[0].worst, Some(19_960));
    assert_eq!(reading.versions[0].entered, Some((80_000, 4, "mg/dL".into())));
    assert_eq!((&reading.low, &reading.high), (&Live::One(20_958), &Live::One(25_449)));
}

#[test]
fn a_unit_that_is_none_of_the_analytes_gives_no_value() {
    let drawn = lane(&series(&[result(1, hours(8, 0), 80_000, "kg")], false), Lane::Lab(Analyte::CalciumAdjusted));
    assert_eq!((drawn.points[0].worst, drawn.points[0].count), (None, 1));
    assert!(drawn.points[0].incomplete);
}

#[test]
fn a_corrected_result_gives_way_whichever_comes_first() {
    type M = care::LaboratoryResult;
    let first = result(1, hours(8, 0), 20_000, "mmol/L");
    let second = result(2, hours(8, 0), 24_000, "mmol/L")
        .with(5, &M { supersedes: Some(vec![1; 16].into()), ..Default::default() });
    for records in [[first.clone(), second.clone()], [second, first]] {
        let drawn = lane(&series(&records, false), Lane::Lab(Analyte::CalciumAdjusted));
        assert_eq!((drawn.points[0].worst, drawn.points[0].count), (Some(24_000), 1));
    }
}

#[test]
fn a_corrected_dose_is_given_once() {
    type M = care::Administration;
    let given = |n| Made::new(232, n).with(8, &M { when: Some(moment(hours(8, 0))), ..Default::default() });
    let again = given(2).with(2, &M { supersedes: Some(vec![1; 16].into()), ..Default::default() });
    let drawn = lane(&series(&[again, given(1)], false), Lane::DoseGiven);
    assert_eq!((drawn.points[0].worst, drawn.points[0].count), (Some(1), 1));
    let drawn = lane(&series(&[given(2), given(1)], false), Lane::DoseGiven);
    assert_eq!(drawn.points[0].worst, Some(2), "two reports that do not name each other are two");
}

#[test]
fn a_corrected_test_gives_way() {
    type M = care::FunctionalTest;
    let test = |n, stands| {
        at(Made::new(121, n), hours(8, 0)).with(7, &M { chair_stands_30s: Some(stands), ..Default::default() })
    };
    let again = test(2, 11).with(5, &M { supersedes: Some(vec![1; 16].into()), ..Default::default() });
    let drawn = lane(&series(&[test(1, 4), again], false), Lane::ChairStands);
    assert_eq!((drawn.points[0].worst, drawn.points[0].count), (Some(11), 1));
}

#[test]
fn a_corrected_drink_is_not_drunk_twice() {
    let again = drink(2, hours(9, 0), &[250])
        .with(5, &care::FluidEntry { supersedes: Some(vec![1; 16].into()), ..Default::default() });
    let drawn = lane(&series(&[drink(1, hours(9, 0), &[2_500]), again], false), Lane::Fluid);
    assert_eq!((drawn.points[0].worst, drawn.points[0].count), (Some(250), 1));
}

#[test]
fn a_day_of_many_disputes_tells_the_worst_and_how_many_it_left_out() {
    let mut records: Vec<Made> = (1..=20).map(|n| pain(n, hours(8, 0), &[1, 2])).collect();
    records.push(pain(30, hours(9, 0), &[9]));
    let point = lane(&series(&records, false), Lane::Pain).points.remove(0);
    assert_eq!((point.count, point.readings.len(), point.left_out), (21, MAX_TOLD, 5));
    assert!(point.readings.iter().any(|one| one.record == id(30)), "the worst is among them");
}

#[test]
fn a_window_in_pieces_says_what_it_says_whole() {
    let records: Vec<Made> = (0..60).map(|n| pain(n + 1, hours(i64::from(n) * 9, 0), &[u32::from(n % 10)])).collect();
    let series = series(&records, false);
    let whole = lane(&series, Lane::Pain).points;
    let (from, to) = window();
    let pieces = (0..).map(|n| from.plus(n * 7)).take_while(|day| *day <= to).map(|day| (day, to.min(day.plus(6))));
    let told = pieces.flat_map(|piece| series.lanes_between(piece)).flat_map(|drawn| drawn.points);
    assert_eq!(told.collect::<Vec<_>>(), whole);
    let mut other = Series::new(from, to, false).only([Lane::Weight]);
    records.iter().for_each(|record| record.put(&mut other));
    assert!(other.lanes().is_empty() && other.coverage().is_empty(), "nothing of a lane that nobody asked for");
}

#[test]
fn a_fall_of_which_it_is_disputed_whether_it_was_a_near_one_stands_in_both_lanes() {
    let near = |is| care::Fall { near_fall: Some(is), ..Default::default() };
    let fall = at(Made::new(107, 1), hours(8, 0)).with(5, &near(true)).with(5, &near(false));
    let series = series(&[fall], false);
    for kind in [Lane::Falls, Lane::NearFalls] {
        let point = &lane(&series, kind).points[0];
        assert_eq!((point.worst, point.disputed, point.readings[0].versions.len()), (Some(1), true, 2));
    }
    let unsaid = super::tests::series(&[at(Made::new(107, 2), hours(8, 0))], false);
    assert_eq!(unsaid.lanes().iter().map(|one| one.lane).collect::<Vec<_>>(), [Lane::Falls]);
}

#[test]
fn a_cleared_version_is_told_and_a_total_without_it_is_not_whole() {
    let records = [drink(1, hours(8, 0), &[200]), drink(2, hours(10, 0), &[300]).cleared(6)];
    let point = &lane(&series(&records, false), Lane::Fluid).points[0];
    assert_eq!((point.worst, point.count, point.incomplete, point.disputed), (Some(500), 2, true, true));
    assert!(point.readings.iter().any(|one| one.versions.iter().any(|version| version.value.is_none())));
}

#[test]
fn an_entry_whose_time_is_disputed_stands_on_every_day_that_it_may_have_been() {
    let twice = at(pain(1, hours(8, 0), &[6]), hours(32, 0));
    let drawn = lane(&series(&[twice], false), Lane::Pain);
    assert_eq!(drawn.points.len(), 2);
    assert!(drawn.points.iter().all(|point| point.disputed && point.worst == Some(6)));
}

#[test]
fn what_was_put_in_before_is_replaced() {
    let records = [pain(1, hours(8, 0), &[9]), pain(1, hours(40, 0), &[1])];
    let drawn = lane(&series(&records, false), Lane::Pain);
    assert_eq!(drawn.points.iter().map(|point| point.worst).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn treatments_and_due_doses_stand_on_their_dates() {
    let course = Made::new(371, 1)
        .with(3, &care::CancerTreatment { start: Some("2026-03-02".into()), ..Default::default() })
        .with(4, &care::CancerTreatment { end: Some("2026-03-20".into()), ..Default::default() });
    let plan = Made::new(231, 2)
        .with(7, &care::BoneDrugPlan { planned_next: Some("2026-04-01".into()), ..Default::default() });
    let series = series(&[course, plan], false);
    let days =
        |kind: Lane| lane(&series, kind).points.iter().map(|p| (p.day.to_string(), p.disputed)).collect::<Vec<_>>();
    assert_eq!(days(Lane::Treatment), [("2026-03-02".to_owned(), false), ("2026-03-20".to_owned(), false)]);
    assert_eq!(days(Lane::DoseDue), [("2026-04-01".to_owned(), false)]);
}

#[test]
fn every_type_names_its_lanes() {
    for number in TYPES {
        assert!(!lanes_of(*number).is_empty(), "type {number}");
        assert!(osteon_proto::table::table().get(*number).is_some(), "type {number} is in the contracts");
    }
    assert!(lanes_of(102).is_empty());
}

/// 2.1 and 3.6 mmol/L on one day: the lowest is the worst of its lane, and the other one is told all the same.
#[test]
fn of_results_every_one_of_a_day_is_told() {
    let records = [
        result(1, hours(8, 0), 21_000, "mmol/L"),
        result(2, hours(12, 0), 36_000, "mmol/L"),
        pain(3, hours(8, 0), &[3]),
        pain(4, hours(9, 0), &[5]),
    ];
    let series = series(&records, false);
    let point = |kind: Lane| lane(&series, kind).points.into_iter().next().expect("a point");
    let calcium = point(Lane::Lab(Analyte::CalciumAdjusted));
    assert_eq!((calcium.worst, calcium.count, calcium.readings.len()), (Some(21_000), 2, 2));
    assert_eq!(point(Lane::Pain).readings.len(), 1, "of pains the worst alone");
}
