//! What the core costs: `cargo bench -p osteon-sync-core`. A journal record of 12 fields of 25 bytes.
//! Sizes are printed first: encoded bytes beside the body's, and bytes in memory.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldRef, FieldWrite, Key, Keys, Note, Order, Part, PartId, PartWrite, Policy,
    Put, RecordId, Role, Version, WhileOpen, agreed, content, digest,
    view::{view, view_field},
};

const FIELDS: u32 = 12;
const FIELD_BYTES: usize = 25;

struct AsNumber;

impl Keys for AsNumber {
    fn key(&self, _: u32, chunk: &[u8]) -> Key {
        Key::Int(chunk.last().copied().unwrap_or_default().into())
    }
}

impl osteon_sync_core::Schema for AsNumber {
    fn policy(&self, _: u32) -> Policy {
        Policy::LastWriter
    }
}

fn value(seed: u64) -> Put {
    Put::Value((0..FIELD_BYTES).map(|i| (seed as usize * 31 + i * 7) as u8).collect())
}

fn write(field: u32, seed: u64, replaces: Vec<Dot>) -> FieldWrite {
    FieldWrite { field: Field::register(field), put: Some(value(seed)), replaces, covers: Vec::new() }
}

fn change(dot: Dot, writes: Vec<FieldWrite>) -> Change {
    let part = PartId { record: RecordId([7; 16]), label: 2 };
    Change {
        dot,
        clock: Clock { ms: 1_790_000_000_000 + dot.counter, logical: 0 },
        author: Author { account: 4711, role: Role(1) },
        base: 0,
        earlier: Vec::new(),
        parts: vec![PartWrite { part, type_number: 101, writes }],
        note: Note::default(),
    }
}

fn apply(part: &mut Part, change: &Change) {
    let known = |_: Dot| true;
    for p in &change.parts {
        part.merge(change.origin(), &p.writes, &known);
    }
}

fn creation() -> Change {
    change(Dot::new(1, 40_001, 120), (1..=FIELDS).map(|f| write(f, f.into(), Vec::new())).collect())
}

fn created() -> Part {
    let mut part = Part::new();
    apply(&mut part, &creation());
    part
}

/// A ring of edits of one field, each in the place of the one before.
fn edits() -> Vec<Change> {
    let dot = |i: u64| Dot::new(1, 40_002, 1 + i);
    (0..512).map(|i| change(dot(i), vec![write(5, i, vec![dot((i + 511) % 512), Dot::new(1, 40_001, 120)])])).collect()
}

fn sizes() {
    let body = (FIELDS as usize) * FIELD_BYTES;
    let part = created();
    let bytes = part.encode();
    let read = Part::decode(&bytes).expect("own bytes");
    println!(
        "12 fields, body {body} B: encoded {} B ({:.2} x), in memory {} B made, {} B decoded",
        bytes.len(),
        bytes.len() as f64 / body as f64,
        part.memory_bytes(),
        read.memory_bytes()
    );
    let mut disputed = part;
    apply(&mut disputed, &change(Dot::new(1, 40_002, 1), vec![write(5, 90, Vec::new())]));
    println!("one field disputed: encoded {} B, in memory {} B", disputed.encode().len(), disputed.memory_bytes());
}

fn merge(c: &mut Criterion) {
    let (creation, edits) = (creation(), edits());
    c.bench_function("create 12 fields", |b| b.iter(|| apply(&mut Part::new(), black_box(&creation))));
    let mut part = created();
    let mut ring = edits.iter().cycle();
    c.bench_function("apply an edit", |b| {
        b.iter(|| {
            if let Some(edit) = ring.next() {
                apply(&mut part, black_box(edit));
            }
        })
    });
    let bytes = created().encode();
    c.bench_function("decode", |b| b.iter(|| Part::decode(black_box(&bytes))));
    c.bench_function("encode", |b| b.iter(|| black_box(&part).encode()));
    c.bench_function("decode, apply, encode", |b| {
        b.iter(|| {
            let mut part = Part::decode(black_box(&bytes)).expect("own bytes");
            apply(&mut part, &edits[0]);
            part.encode()
        })
    });
    c.bench_function("digest contribution", |b| {
        b.iter(|| digest::contribution(&[1; 16], RecordId([7; 16]), black_box(&part)))
    });
    c.bench_function("content of an edit", |b| b.iter(|| content(black_box(&edits[0]))));
}

fn views(c: &mut Criterion) {
    let mut part = created();
    c.bench_function("view 12 undisputed fields", |b| {
        b.iter(|| {
            (1..=FIELDS)
                .filter(|f| view_field(black_box(&part), FieldRef::register(*f), &AsNumber, None).blocked)
                .count()
        })
    });
    let root = Dot::new(1, 40_001, 120);
    for n in 2..5 {
        apply(&mut part, &change(Dot::new(1, 40_000 + n, 1), vec![write(5, n.into(), Vec::new())]));
    }
    let restrictive = Policy::MostRestrictive { order: Order::Min, asks: true };
    c.bench_function("view of 4 versions, MOST_RESTRICTIVE", |b| {
        b.iter(|| view(restrictive, 5, black_box(&part).versions(FieldRef::register(5)), &AsNumber, None).blocked)
    });
    let review = Policy::Review { while_open: WhileOpen::LastAgreed, asks: true };
    let named = [root];
    c.bench_function("view of 4 versions, LAST_AGREED found", |b| {
        b.iter(|| {
            let log = |dot: Dot| {
                let version = Version { dot, clock: Clock::default(), author: Author::default(), value: None };
                Some(agreed::Past { version: Some(version), replaces: if dot == root { &[] } else { &named } })
            };
            let versions = black_box(&part).versions(FieldRef::register(5));
            let found = agreed::last_agreed(versions.clone().map(|v| v.dot), log, &|_: Dot| true);
            view(review, 5, versions, &AsNumber, found).blocked
        })
    });
}

fn all(c: &mut Criterion) {
    sizes();
    merge(c);
    views(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
