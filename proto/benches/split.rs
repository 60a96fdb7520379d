//! The splitter on one record of twelve fields, canonical and not, beside prost and prost-reflect on the same bytes.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use osteon_proto::{
    care,
    check::check_body,
    split::{join, put_varint, split},
    table::{RecordType, table},
};
use prost_reflect::{DynamicMessage, prost::Message};

/// Twelve scalar fields of a pain entry.
fn entry() -> care::PainEntry {
    care::PainEntry {
        certainty: Some(1),
        source: Some(1),
        worst_24h: Some(7),
        least_24h: Some(2),
        average: Some(4),
        now: Some(5),
        side: Some(2),
        interference_activity: Some(6),
        interference_sleep: Some(8),
        new_or_worse: Some(true),
        onset_date: Some("2026-11-01".into()),
        relief_pct: Some(40),
        ..Default::default()
    }
}

/// The same with an instant and the words of a note, as the workload writes it.
fn workload() -> care::PainEntry {
    care::PainEntry {
        effective_start: Some(care::Moment {
            at: Some(prost_types::Timestamp { seconds: 1_795_000_000, nanos: 0 }),
            utc_offset_min: Some(60),
            zone: Some("Europe/Berlin".into()),
        }),
        site: vec!["lumbar_spine".into()],
        taken_for_it: ["the", "pain", "came", "back", "after", "lunch", "today"].map(String::from).into(),
        ..entry()
    }
}

fn pain() -> &'static RecordType {
    table().get(101).expect("J01")
}

fn bench(c: &mut Criterion) {
    let t = pain();
    let twelve = entry().encode_to_vec();
    let long = workload().encode_to_vec();
    // The last field with an overlong length: written anew.
    let mut sloppy = twelve.clone();
    let at = sloppy.pop().expect("a value");
    sloppy.push(at | 0x80);
    put_varint(&mut sloppy, 0);

    let mut g = c.benchmark_group("split");
    for (name, body) in [("12 scalars", &twelve), ("workload entry", &long), ("12 scalars, not canonical", &sloppy)] {
        g.bench_function(name, |b| b.iter(|| split(&t.shape, black_box(body)).map(|s| s.len())));
    }
    g.finish();

    let parts = split(&t.shape, &twelve).expect("a good body");
    let pairs = || parts.chunks().map(|c| (c.number, c.bytes));
    c.bench_function("join 12 scalars", |b| b.iter(|| join(&t.shape, black_box(pairs()))));
    c.bench_function("check 12 scalars", |b| b.iter(|| check_body(t, black_box(pairs())).is_ok()));

    c.bench_function("read the table", |b| {
        b.iter(|| osteon_proto::table::read(black_box(osteon_proto::FILE_DESCRIPTOR_SET)).is_ok());
    });

    let d = table().pool().get_message_by_name(&t.message).expect("its descriptor");
    let bytes = Bytes::from(twelve.clone());
    let mut g = c.benchmark_group("beside");
    g.bench_function("prost decode", |b| b.iter(|| care::PainEntry::decode(black_box(bytes.clone())).is_ok()));
    g.bench_function("prost-reflect decode", |b| {
        b.iter(|| DynamicMessage::decode(d.clone(), black_box(twelve.as_slice())).is_ok());
    });
    g.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
