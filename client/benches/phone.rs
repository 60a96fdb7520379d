//! What a person waits for on a phone: saving an entry with durability on, `today` over two years of history from a cold
//! start, and taking pages of records in. docs/performance.md has the figures.

#[path = "../tests/enrolled/mod.rs"]
mod enrolled;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use enrolled::{CIRCLE, NOW, body};
use osteon_client::{Phone, clock::SetClock, ids::SeededIds, records::NewRecord, state::author, views::sha256};
use osteon_proto::{care, meta, table::table, wire::device::timestamp, wire::device::writing};
use osteon_sync_core::{
    Change, Clock, Dot, Note, Part, PartId, RecordId, Replica,
    device::{Confirmed, ConfirmedPart},
};
use tokio::runtime::Runtime;

const DAY: u64 = 86_400_000;
/// Two years of a journal: five or six entries a day.
const HISTORY: u64 = 4_000;
/// A journal that is long.
const LONG: u64 = 20_000;
/// So many changes wait in an outbox that is long.
const WAITING: u32 = 1_000;
/// As many records as a page has.
const PAGE: u64 = 200;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn pain(worst: u32, at_ms: u64) -> Vec<u8> {
    let effective_start = Some(care::Moment { at: Some(timestamp(at_ms)), ..Default::default() });
    let site = vec!["lower_back".into()];
    body("pain_entry", &care::PainEntry { worst_24h: Some(worst), site, effective_start, ..Default::default() })
}

/// Parts as the server sends them.
fn confirmed(from: u64, count: u64) -> Vec<(PartId, ConfirmedPart)> {
    let by = author(42, meta::Role::Patient as i32);
    let mut parts = Vec::new();
    for n in from..from + count {
        let at_ms = NOW - (n % 730) * DAY;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let made = writing::creation(CIRCLE, by, &pain((n % 11) as u32, at_ms), 0, RecordId(id), sha256).unwrap();
        let dot = Dot { replica: Replica { epoch: 1, n: 3 }, counter: n + 1 };
        let clock = Clock { ms: at_ms, logical: 0 };
        let change =
            Change { dot, clock, author: by, base: 0, earlier: Vec::new(), parts: made.1, note: Note::default() };
        for written in &change.parts {
            let mut part = Part::default();
            part.merge(change.origin(), &written.writes, &|_: Dot| true);
            let class = table().get(written.type_number).map_or(0, |known| known.class as u8);
            let (type_number, read, extra) = (written.type_number, 1, Vec::new());
            parts.push((written.part, ConfirmedPart { part, type_number, class, read, extra }));
        }
    }
    parts
}

async fn put(phone: &Phone, parts: &[(PartId, ConfirmedPart)]) {
    phone
        .change(|state| {
            let mirror = state.enrolled_mut()?.confirmed.entry(CIRCLE).or_default();
            parts.iter().for_each(|(id, part)| mirror.put(*id, part.clone()));
            Ok(())
        })
        .await
        .unwrap();
}

/// A save over a journal of two years. Prints the p99 beside criterion's mean.
fn save(c: &mut Criterion) {
    let (runtime, dir) = (runtime(), tempfile::tempdir().unwrap());
    let phone = runtime.block_on(enrolled::enrolled(dir.path(), meta::Role::Patient));
    runtime.block_on(put(&phone, &confirmed(0, HISTORY)));
    let one = |n: u32| {
        let new = NewRecord { body: pain(n % 11, NOW), label_choice: 0, record: None };
        let began = Instant::now();
        let saved = runtime.block_on(phone.create(CIRCLE, &new, "")).unwrap();
        let took = began.elapsed();
        // Taken back: the outbox of each is as long as the one before.
        runtime.block_on(phone.undo(CIRCLE, "")).unwrap();
        std::hint::black_box(saved);
        took
    };
    let mut took: Vec<Duration> = (0..500).map(one).collect();
    took.sort_unstable();
    eprintln!("save: p50 {:?}, p99 {:?}, longest {:?} of {}", took[250], took[495], took[499], took.len());
    c.bench_function("save an entry", |b| b.iter_custom(|n| (0..n).map(|i| one(i as u32)).sum()));
}

/// The same while much waits: a save writes itself, not what waits.
fn save_behind_others(c: &mut Criterion) {
    let (runtime, dir) = (runtime(), tempfile::tempdir().unwrap());
    let phone = runtime.block_on(enrolled::enrolled(dir.path(), meta::Role::Patient));
    runtime.block_on(put(&phone, &confirmed(0, HISTORY)));
    let new = |n: u32| NewRecord { body: pain(n % 11, NOW), label_choice: 0, record: None };
    for n in 0..WAITING {
        runtime.block_on(phone.create(CIRCLE, &new(n), "")).unwrap();
    }
    c.bench_function("save behind 1000 that wait", |b| {
        b.iter_custom(|n| {
            let one = |i: u64| {
                let began = Instant::now();
                std::hint::black_box(runtime.block_on(phone.create(CIRCLE, &new(i as u32), "")).unwrap());
                let took = began.elapsed();
                runtime.block_on(phone.undo(CIRCLE, "")).unwrap();
                took
            };
            (0..n).map(one).sum()
        });
    });
}

/// Opens the folder, reads it, and makes the list of the day.
fn today(c: &mut Criterion) {
    let (runtime, dir) = (runtime(), tempfile::tempdir().unwrap());
    let phone = runtime.block_on(enrolled::enrolled(dir.path(), meta::Role::Patient));
    runtime.block_on(put(&phone, &confirmed(0, HISTORY)));
    runtime.block_on(phone.close());
    let mut group = c.benchmark_group("today");
    group.sample_size(20);
    let open = || async {
        let (clock, ids) = (Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(3)));
        Phone::open(dir.path(), clock, ids).await.unwrap()
    };
    group.bench_function("cold", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let phone = open().await;
                std::hint::black_box(phone.tasks(CIRCLE, None, 0).await.unwrap());
                phone.close().await;
            });
        });
    });
    let phone = runtime.block_on(open());
    group.bench_function("warm", |b| {
        b.iter(|| std::hint::black_box(runtime.block_on(phone.tasks(CIRCLE, None, 0)).unwrap()));
    });
    group.finish();
}

/// Pages into the local store, each in its own durable transaction.
fn apply(c: &mut Criterion) {
    let (runtime, dir) = (runtime(), tempfile::tempdir().unwrap());
    let phone = runtime.block_on(enrolled::enrolled(dir.path(), meta::Role::Patient));
    let pages: Vec<_> = (0..10).map(|n| confirmed(n * PAGE, PAGE)).collect();
    let mut group = c.benchmark_group("apply");
    group.throughput(Throughput::Elements(PAGE)).sample_size(20);
    let mut next = 0;
    group.bench_function("a page of 200 records", |b| {
        b.iter(|| {
            next = (next + 1) % pages.len();
            runtime.block_on(put(&phone, &pages[next]));
        });
    });
    group.finish();
}

/// What a screen asks for over a long journal, of which it shows little.
fn views(c: &mut Criterion) {
    let (runtime, dir) = (runtime(), tempfile::tempdir().unwrap());
    let phone = runtime.block_on(enrolled::enrolled(dir.path(), meta::Role::Patient));
    runtime.block_on(put(&phone, &confirmed(0, LONG)));
    let state = runtime.block_on(phone.read()).unwrap();
    let enrolled = state.enrolled().unwrap();
    let mut group = c.benchmark_group("views over 20000");
    group.sample_size(20);
    let view = || enrolled.view(CIRCLE, NOW).unwrap();
    group.bench_function("a fortnight of the timeline", |b| b.iter(|| view().timeline(NOW - 14 * DAY, NOW, None)));
    group.bench_function("disputes", |b| b.iter(|| view().disputes()));
    group.bench_function("a count", |b| b.iter(|| view().count(101)));
    let some = view().records().pop().unwrap().record;
    group.bench_function("one record", |b| b.iter(|| view().record(some)));
    group.bench_function("all of a type", |b| b.iter(|| view().of_type(101)));
    group.finish();
}

criterion_group!(benches, save, save_behind_others, today, apply, views);
criterion_main!(benches);
