//! What the trends and the page for a visit cost on SQLite: `cargo bench -p osteon-server --bench trends`. Two years of a
//! person who writes every day; the use cases whole, to the last message, without a network.
//! Target: two years of every lane in at most 20 ms.

use std::{sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::{StreamExt, stream};
use osteon_proto::{care, meta::Role, record, split, summary, timeline};
use osteon_server::{
    access::Caller,
    app::{App, Parts, enrol::timestamp, members, records, series, summaries},
    clock::{Clock, SetClock},
    ids::{Ids, SeededIds},
    live::Hub,
    seal::{FileKey, Vault},
    store::{Options, open},
};
use prost::Message;
use tokio::runtime::Runtime;

const DAYS: u64 = 730;
const DAY: u64 = 86_400_000;
/// 2025-11-24, 12:00 UTC.
const NOW: u64 = 1_763_985_600_000;
const FROM: &str = "2023-11-26";
const TO: &str = "2025-11-24";

struct Bench {
    app: Arc<App>,
    patient: Caller,
    nurse: Caller,
    circle: u64,
    _folder: tempfile::TempDir,
}

fn at(days_ago: u64, hour: u64) -> Option<care::Moment> {
    let ms = NOW - 12 * 3_600_000 - days_ago * DAY + hour * 3_600_000;
    Some(care::Moment { at: Some(timestamp(ms)), utc_offset_min: Some(0), zone: None })
}

/// A record to make: by the nurse or by the patient, its type, its label, its fields.
type Made = (bool, u32, u32, Vec<u8>);

/// A day: pain, two meals, two drinks; a session every second day, a weight and a functional test a week, a result a month:
/// what a person writes in two years comes to some 4,000 entries.
fn journal() -> Vec<Made> {
    let mut all: Vec<Made> = Vec::new();
    for day in 0..DAYS {
        let mut own = |number: u32, bytes: Vec<u8>| all.push((false, number, 0, bytes));
        let worst_24h = u32::try_from(day % 4).ok();
        own(101, care::PainEntry { effective_start: at(day, 8), worst_24h, ..Default::default() }.encode_to_vec());
        for hour in [8, 10] {
            own(103, care::Meal { when: at(day, hour), ..Default::default() }.encode_to_vec());
        }
        for hour in [7, 9] {
            let drink = care::FluidEntry { effective_start: at(day, hour), volume: Some(250), ..Default::default() };
            own(104, drink.encode_to_vec());
        }
        if day % 2 == 0 {
            let session =
                care::ActivitySession { effective_start: at(day, 9), duration: Some(20), ..Default::default() };
            own(106, session.encode_to_vec());
        }
        if day % 7 == 0 {
            let weight = care::BodyWeight { effective_start: at(day, 7), weight: Some(7_050), ..Default::default() };
            own(108, weight.encode_to_vec());
            let test =
                care::FunctionalTest { effective_start: at(day, 9), chair_stands_30s: Some(11), ..Default::default() };
            own(121, test.encode_to_vec());
        }
        if day % 30 == 0 {
            let result = care::LaboratoryResult {
                analyte: Some("calcium_adjusted".into()),
                value: Some(23_000),
                unit: Some("mmol/L".into()),
                specimen_time: at(day, 9),
                ..Default::default()
            };
            all.push((true, 120, 1, result.encode_to_vec()));
        }
    }
    all
}

async fn bench() -> Bench {
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
    let key = FileKey::from_bytes(&[3; 32], Arc::clone(&ids)).expect("a key");
    let vault = Vault::new(Arc::new(key), Arc::clone(&ids));
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("osteon.db").display());
    let store = open(&Options::new(url), vault.clone()).await.expect("a store");
    let clock: Arc<dyn Clock> = Arc::new(SetClock::at(NOW));
    let app = App::open(Parts { store, clock, ids, hub: Hub::new(), vault }).await.expect("an app");
    let clinic = app.store.create_clinic("clinic").await.expect("a clinic");
    let mut people = Vec::new();
    for role in [Role::Patient, Role::Nurse] {
        people.push((app.store.create_account(clinic, members::PERSON).await.expect("an account"), role));
    }
    let circle = members::found(&app, clinic, "d0001", &people).await.expect("a circle");
    let caller = |account: u64| Caller { account, device: 0, clinic, family: account, leaving: false };
    let (patient, nurse) = (caller(people[0].0), caller(people[1].0));
    let made = stream::iter(journal()).map(|(by_nurse, number, label_choice, bytes)| {
        let (app, caller) = (Arc::clone(&app), if by_nurse { nurse } else { patient });
        async move {
            let body = Some(split::close(number, &bytes).into());
            let request = record::CreateRecordRequest { circle, body, label_choice, ..Default::default() };
            records::create(&app, &caller, &request).await.expect("made");
        }
    });
    made.buffer_unordered(64).collect::<Vec<()>>().await;
    Bench { app, patient, nurse, circle, _folder: folder }
}

impl Bench {
    /// Entries behind the points of a series, taken to its end.
    async fn series(&self, lanes: Vec<i32>) -> u64 {
        let (from, to) = (FROM.to_owned(), TO.to_owned());
        let request = timeline::GetSeriesRequest { circle: self.circle, from, to, lanes, ..Default::default() };
        let mut messages = series::open(Arc::clone(&self.app), self.patient, &request).await.expect("opened");
        let mut entries = 0;
        while let Some(message) = messages.next().await {
            if let Some(timeline::get_series_response::Part::End(end)) = message.expect("a message").part {
                entries = end.entries;
            }
        }
        assert!(entries > 0, "a whole series");
        entries
    }

    async fn visit(&self, since: &str) {
        let (circle, since, until) = (self.circle, since.to_owned(), TO.to_owned());
        let request = summary::GetVisitSummaryRequest { circle, since, until, utc_offset_min: Some(0) };
        summaries::visit(&self.app, &self.nurse, &request).await.expect("a page");
    }
}

fn trends(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let bench = runtime.block_on(bench());
    println!("{} entries in every lane", runtime.block_on(bench.series(Vec::new())));
    let mut group = criterion.benchmark_group("trends");
    group.sample_size(20).measurement_time(Duration::from_secs(5));
    group.bench_function("two_years/all_lanes", |b| b.iter(|| runtime.block_on(bench.series(Vec::new()))));
    let pain = vec![timeline::SeriesLane::Pain.into()];
    group.bench_function("two_years/pain", |b| b.iter(|| runtime.block_on(bench.series(pain.clone()))));
    group.bench_function("visit/three_months", |b| b.iter(|| runtime.block_on(bench.visit("2025-08-25"))));
    group.finish();
}

criterion_group!(benches, trends);
criterion_main!(benches);
