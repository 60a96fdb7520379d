use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::facts::{DAY_MS, HOUR_MS, record::Version};

/// A record, owned: type, id, each field's live versions.
#[derive(Clone, Debug)]
struct Made {
    type_number: u32,
    id: u8,
    fields: Vec<(u32, Vec<u8>)>,
}

impl Made {
    fn new(type_number: u32, id: u8) -> Self {
        Self { type_number, id, fields: Vec::new() }
    }

    fn with(mut self, field: u32, message: &impl Message) -> Self {
        self.fields.push((field, message.encode_to_vec()));
        self
    }

    fn put(&self, page: &mut Page) {
        let mut record = Record { id: id(self.id), ..Record::default() };
        for (field, chunk) in &self.fields {
            record.fields.add(*field, Version { chunk: Some(chunk), written: None, by: Some(Role::Patient) });
        }
        page.put_record(self.type_number, &record, false);
    }
}

fn id(n: u8) -> Id {
    Id(RecordId([n; 16]))
}

/// The page's period: days 20,000 to 20,006.
const SPAN: Span = (Day(20_000), Day(20_006));

fn at(day: i32) -> care::Moment {
    let seconds = (i64::from(20_000 + day) * DAY_MS + 10 * HOUR_MS) / 1_000;
    let at = Some(prost_types::Timestamp { seconds, nanos: 0 });
    care::Moment { at, utc_offset_min: Some(60), ..Default::default() }
}

fn started(type_number: u32, n: u8, day: i32) -> Made {
    Made::new(type_number, n).with(1, &care::PainEntry { effective_start: Some(at(day)), ..Default::default() })
}

fn pain(n: u8, day: i32, scores: &[u32]) -> Made {
    scores.iter().fold(started(101, n, day), |made, score| {
        made.with(5, &care::PainEntry { worst_24h: Some(*score), ..Default::default() })
    })
}

fn weight(n: u8, day: i32, hundredths: u32) -> Made {
    started(108, n, day).with(5, &care::BodyWeight { weight: Some(hundredths), ..Default::default() })
}

fn fall(n: u8, day: i32) -> Made {
    started(107, n, day)
}

/// A calcium in ten-thousandths of mmol/L, with the range of its report where it has one.
fn calcium(n: u8, day: i32, values: &[i32], low: Option<i32>) -> Made {
    type M = care::LaboratoryResult;
    let made = started(120, n, day)
        .with(6, &M { analyte: Some("calcium_adjusted".into()), ..Default::default() })
        .with(8, &M { unit: Some("mmol/L".into()), ..Default::default() })
        .with(9, &M { ref_low: low, ..Default::default() });
    values.iter().fold(made, |made, value| made.with(7, &M { value: Some(*value), ..Default::default() }))
}

fn visit(n: u8, day: Option<i32>, kind: care::VisitKind, questions: &[&str]) -> Made {
    type M = care::VisitEntry;
    let made = Made::new(VISIT, n).with(5, &M { kind: Some(kind.into()), ..Default::default() });
    let made = match day {
        Some(day) => made.with(1, &M { when: Some(at(day)), ..Default::default() }),
        None => made,
    };
    questions
        .iter()
        .fold(made, |made, text| made.with(8, &M { questions: vec![(*text).to_owned()], ..Default::default() }))
}

fn page(records: &[Made]) -> Page {
    let mut page = Page::new(SPAN);
    records.iter().for_each(|record| record.put(&mut page));
    page
}

fn of(page: &Page, lane: Lane) -> Days {
    page.lanes().into_iter().find(|days| days.lane == lane).expect("each lane is told")
}

#[test]
fn a_day_without_an_entry_is_missing() {
    let page = page(&[pain(1, 0, &[2]), pain(2, 0, &[7]), pain(3, 4, &[7]), pain(4, 9, &[10])]);
    let pains = of(&page, Lane::Pain);
    assert_eq!((pains.points.len(), pains.missing, pains.entries), (2, 5, 3));
    let worst = pains.worst.expect("a worst day");
    assert_eq!((worst.day, worst.worst, worst.count), (Day(20_004), Some(7), 1), "of equals the newest");
    let falls = of(&page, Lane::Falls);
    assert_eq!((falls.missing, falls.worst), (7, None), "no fall was told, which is not: no fall");
}

#[test]
fn every_version_of_a_dispute_is_told() {
    let made =
        [pain(1, 2, &[1, 9]), calcium(2, -30, &[23_000], Some(21_000)), calcium(3, 1, &[19_000, 23_000], Some(21_000))];
    let page = page(&made);
    let worst = of(&page, Lane::Pain).worst.expect("a worst day");
    let said: Vec<Option<i64>> = worst.readings[0].versions.iter().map(|said| said.value).collect();
    assert_eq!((worst.disputed, said), (true, vec![Some(1), Some(9)]));
    let results = page.results();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].places, BTreeSet::from([Some(Place::Low), Some(Place::InRange)]));
    assert_eq!(results[0].change, None, "a dispute has no change");
    assert_eq!(results[0].previous.as_ref().map(|point| point.worst), Some(Some(23_000)));
}

#[test]
fn the_last_result_and_its_change() {
    let late = calcium(4, 20, &[10_000], None);
    let all = page(&[calcium(1, -400, &[24_000], None), calcium(2, 3, &[20_000], Some(21_000)), late]);
    let results = all.results();
    assert_eq!((results[0].last.day, results[0].change), (Day(20_003), Some(-4_000)), "up to the last day");
    assert_eq!(results[0].places, BTreeSet::from([Some(Place::Low)]));
    assert_eq!(page(&[calcium(1, 0, &[24_000], None)]).results()[0].change, None, "nothing to compare with");
}

#[test]
fn weight_over_three_months_or_nobody_can_tell() {
    let loss = page(&[weight(1, 0, 6_300), weight(2, -91, 7_000), weight(3, 30, 9_000)]);
    let change = loss.weight_change(weights::THREE_MONTHS_WEEKS).expect("two weights");
    assert_eq!((change.percent_tenths, change.until), (-100, Day(20_000)));
    assert_eq!(loss.weight_change(weights::SIX_MONTHS_WEEKS), None);
}

#[test]
fn questions_of_visits_that_come() {
    let clinic = care::VisitKind::Clinic;
    let made = [
        visit(1, Some(-1), clinic, &["answered"]),
        visit(2, Some(3), clinic, &["b", "a"]),
        visit(3, None, clinic, &["when?"]),
        visit(4, Some(40), clinic, &["later"]),
    ];
    let page = page(&made);
    let texts: Vec<&str> = page.questions().into_iter().map(|(_, question)| question.text.as_str()).collect();
    assert_eq!(texts, ["when?", "a", "b", "later"]);
}

#[test]
fn the_last_visit() {
    let kind = care::VisitKind::Clinic;
    let scan = visit(3, Some(-2), care::VisitKind::Imaging, &[]);
    let page =
        page(&[visit(1, Some(-30), kind, &[]), visit(2, Some(-9), kind, &[]), scan, visit(4, Some(2), kind, &[])]);
    assert_eq!(page.last_visit(SPAN.0), Some(Day(19_991)));
    assert_eq!(page.last_visit(Day(19_970)), None, "cannot tell");
    // Two versions of its time: the earliest.
    let moved = visit(2, Some(-9), kind, &[]).with(1, &care::VisitEntry { when: Some(at(-20)), ..Default::default() });
    let mut again = page;
    moved.put(&mut again);
    assert_eq!(again.last_visit(SPAN.0), Some(Day(19_980)));
}

#[test]
fn nothing_due_is_not_known() {
    let none = done(&Plans::default(), SPAN, Day(20_010));
    assert!(!none.known && none.by_word.is_empty() && none.held.is_empty());
}

fn some_record(n: u8) -> impl Strategy<Value = Made> {
    let day = -200i32..12;
    prop_oneof![
        (day.clone(), prop::collection::vec(0u32..11, 1..3)).prop_map(move |(day, scores)| pain(n, day, &scores)),
        (day.clone(), 5_000u32..9_000).prop_map(move |(day, kg)| weight(n, day, kg)),
        day.clone().prop_map(move |day| fall(n, day)),
        (day.clone(), prop::collection::vec(10_000i32..30_000, 1..3), prop::option::of(Just(21_000)))
            .prop_map(move |(day, values, low)| calcium(n, day, &values, low)),
        (prop::option::of(day), 0usize..3).prop_map(move |(day, n_questions)| {
            visit(n, day, care::VisitKind::Clinic, &["one", "two"][..n_questions.min(2)])
        }),
    ]
}

/// Everything that a page says.
fn said(page: &Page) -> String {
    let changes = [weights::THREE_MONTHS_WEEKS, weights::SIX_MONTHS_WEEKS].map(|weeks| page.weight_change(weeks));
    let visits = (page.questions(), page.last_visit(SPAN.0));
    format!("{:?} {:?} {changes:?} {visits:?} {:?}", page.lanes(), page.results(), page.doses())
}

proptest! {
    /// Order and repetition change nothing; every day of every lane is told or missing.
    #[test]
    fn a_page_is_a_function_of_the_set_of_records(
        records in (1u8..12).prop_flat_map(|count| (1..=count).map(some_record).collect::<Vec<_>>()),
        order in prop::collection::vec(any::<u32>(), 12),
    ) {
        let told = said(&page(&records));
        let mut other: Vec<(u32, &Made)> = order.iter().copied().zip(&records).collect();
        other.sort_by_key(|(key, _)| *key);
        let twice: Vec<Made> = other.iter().chain(&other).map(|(_, made)| (*made).clone()).collect();
        prop_assert_eq!(said(&page(&twice)), told);
        for days in page(&records).lanes() {
            prop_assert_eq!(days.points.len() + days.missing as usize, 7);
        }
    }

    /// A record that the reader does not see is as if it had never been written, whatever comes of the others.
    #[test]
    fn what_is_not_put_in_is_not_there(
        records in (2u8..12).prop_flat_map(|count| (1..=count).map(some_record).collect::<Vec<_>>()),
        hidden in any::<prop::sample::Index>(),
    ) {
        let gone = records[hidden.index(records.len())].id;
        let fewer: Vec<Made> = records.iter().filter(|made| made.id != gone).cloned().collect();
        let rest = page(&fewer);
        let told = said(&rest);
        let name = format!("{:?}", id(gone));
        prop_assert!(!told.contains(&name));
        // Put in and marked as a mistake, it says nothing either.
        let mut wrong = page(&fewer);
        let made = &records[hidden.index(records.len())];
        let mut record = Record { id: id(made.id), ..Record::default() };
        for (field, chunk) in &made.fields {
            record.fields.add(*field, Version { chunk: Some(chunk), written: None, by: None });
        }
        wrong.put_record(made.type_number, &record, true);
        prop_assert_eq!(said(&wrong), told);
    }
}
