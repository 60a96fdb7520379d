//! What trends cost: two years of a person who writes every day, out of merged records to points.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use osteon_care_core::{
    facts::{
        DAY_MS, Day, HOUR_MS, Id,
        record::{Record, Version},
    },
    series::Series,
};
use osteon_proto::care;
use osteon_sync_core::RecordId;
use prost::Message;

const DAYS: i64 = 730;

struct Made {
    type_number: u32,
    id: Id,
    chunks: Vec<(u32, Vec<u8>)>,
}

fn moment(day: Day, hour: i64) -> care::PainEntry {
    let seconds = (i64::from(day.0) * DAY_MS + hour * HOUR_MS) / 1_000;
    let at = Some(prost_types::Timestamp { seconds, nanos: 0 });
    let moment = care::Moment { at, utc_offset_min: Some(60), ..Default::default() };
    care::PainEntry { effective_start: Some(moment), ..Default::default() }
}

/// A day: pain, three meals, five drinks, a session; a weight and a functional test a week, a result a month.
fn journal(first: Day) -> Vec<Made> {
    let mut all = Vec::new();
    let mut add = |type_number: u32, day: Day, hour: i64, chunks: Vec<(u32, Vec<u8>)>| {
        let mut id = [0; 16];
        id[8..].copy_from_slice(&(all.len() as u64 + 1).to_be_bytes());
        let mut fields = vec![(1, moment(day, hour).encode_to_vec())];
        fields.extend(chunks);
        all.push(Made { type_number, id: Id(RecordId(id)), chunks: fields });
    };
    for n in 0..DAYS {
        let day = first.plus(i32::try_from(n).expect("few"));
        let score = care::PainEntry { worst_24h: Some(u32::try_from(n % 8).expect("small")), ..Default::default() };
        add(101, day, 8, vec![(5, score.encode_to_vec())]);
        for hour in [8, 12, 18] {
            let protein = care::Meal { protein: Some(2_300), ..Default::default() };
            let calcium = care::Meal { calcium: Some(3_100), ..Default::default() };
            add(103, day, hour, vec![(8, protein.encode_to_vec()), (9, calcium.encode_to_vec())]);
        }
        for hour in [7, 10, 13, 16, 20] {
            let drink = care::FluidEntry { volume: Some(250), ..Default::default() };
            add(104, day, hour, vec![(6, drink.encode_to_vec())]);
        }
        let session = care::ActivitySession { duration: Some(20), ..Default::default() };
        add(106, day, 15, vec![(6, session.encode_to_vec())]);
        if n % 7 == 0 {
            let weight = care::BodyWeight { weight: Some(7_050), ..Default::default() };
            add(108, day, 7, vec![(5, weight.encode_to_vec())]);
            let stands = care::FunctionalTest { chair_stands_30s: Some(11), ..Default::default() };
            add(121, day, 11, vec![(7, stands.encode_to_vec())]);
        }
        if n % 30 == 0 {
            type M = care::LaboratoryResult;
            let chunks = vec![
                (6, M { analyte: Some("calcium_adjusted".into()), ..Default::default() }.encode_to_vec()),
                (7, M { value: Some(92_000), ..Default::default() }.encode_to_vec()),
                (8, M { unit: Some("mg/dL".into()), ..Default::default() }.encode_to_vec()),
            ];
            add(120, day, 9, chunks);
        }
    }
    all
}

fn record(made: &Made) -> (u32, Record<'_>) {
    let mut record = Record { id: made.id, ..Record::default() };
    for (field, chunk) in &made.chunks {
        record.fields.add(*field, Version { chunk: Some(chunk), written: None, by: None });
    }
    (made.type_number, record)
}

fn two_years(c: &mut Criterion) {
    let first = Day::parse("2024-03-15").expect("a day");
    let last = first.plus(i32::try_from(DAYS).expect("few") - 1);
    let made = journal(first);
    let points = draw(first, last, made.iter().map(record).collect());
    assert!(points > 3_500, "{points} points");
    c.bench_function(&format!("series: {} records of 2 years to {points} points", made.len()), |b| {
        b.iter_batched(
            || made.iter().map(record).collect::<Vec<_>>(),
            |records| draw(first, last, records),
            BatchSize::LargeInput,
        );
    });
}

fn draw(first: Day, last: Day, records: Vec<(u32, Record<'_>)>) -> usize {
    let mut series = Series::new(first, last, false);
    for (type_number, record) in &records {
        series.put(*type_number, record, false);
    }
    series.lanes().iter().map(|lane| lane.points.len()).sum()
}

criterion_group!(benches, two_years);
criterion_main!(benches);
