//! The same scripted fleet on SQLite and on PostgreSQL ends in the same bytes.

use std::collections::BTreeMap;

use osteon_proto::{
    split,
    sync::{self, Dot},
    wire,
};
use osteon_sync_core::RecordId;
use osteon_tests::{
    body,
    device::{Device, LaneState, numbered_id, verdict_word},
    server::{STORES, Server, Setup, StoreKind},
    tools::count,
};

use crate::support::member;

/// A moment that the script calls now; far in the past, so that no clock is lowered.
const START_MS: u64 = 1_750_000_000_000;

/// Everything that a run leaves and that does not depend on keys or on the moment of the run: verdicts, and each
/// device's parts without the receipts.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    verdicts: Vec<String>,
    views: Vec<BTreeMap<Vec<u8>, Vec<Vec<u8>>>>,
}

fn dot(lane: &LaneState, counter: u64) -> Dot {
    Dot { epoch: lane.epoch, replica: lane.replica, counter }
}

/// A small generator: the same numbers for the same seed, everywhere.
struct Script(u64);

impl Script {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

async fn run(store: StoreKind, seed: u64) -> Outcome {
    let server = Server::start(Setup::on(store).expect("store")).expect("server");
    let patient = Device::patient(&server).await.expect("patient");
    let nurse = member(&server, &patient, "nurse").await;
    let physician = member(&server, &patient, "physician").await;
    let mut devices = [patient, nurse, physician];
    let mut script = Script(seed);
    let mut verdicts = Vec::new();
    let number = body::type_number(&body::pain(1, 0));
    // Per record: the dots that live on `worst_24h`, as the script knows them.
    let mut live: Vec<([u8; 16], Vec<Dot>)> = Vec::new();
    for step in 0..60 {
        let who = script.below(3) as usize;
        let ms = START_MS + step * 60_000;
        let worst = script.below(11) as u32;
        let next = dot(&devices[who].urgent, devices[who].urgent.last + 1);
        let mut change = if live.len() < 4 || script.below(3) == 0 {
            let record = numbered_id(ms, step);
            live.push((record, Vec::new()));
            body::create(record, body::pain(worst, ms))
        } else {
            let at = script.below(live.len() as u64) as usize;
            let (record, dots) = &mut live[at];
            // Names all, some or none of what is there: edits, and disputes of two and more.
            let named: Vec<Dot> = dots.iter().filter(|_| script.below(2) == 0).copied().collect();
            dots.retain(|dot| !named.contains(dot));
            body::replace(*record, body::raw(number, &[5 << 3, worst as u8]), &[(5, named)])
        };
        change.clock_ms = ms - script.below(1_000_000);
        let record = change.writes[0].record.clone();
        let answer = devices[who].push_urgent(vec![change]).await.expect("push");
        let word = verdict_word(&answer[0]);
        if word == "ACCEPTED"
            && let Some((_, dots)) = live.iter_mut().find(|(id, _)| id[..] == record[..])
        {
            dots.push(next);
        }
        verdicts.push(word);
    }
    let mut views = Vec::new();
    for device in &devices {
        views.push(view(&device.pull(&[]).await.expect("pull")));
    }
    Outcome { verdicts, views }
}

/// The canonical state of each part, by record and label, with what the page says about it beside. Receipts are left
/// out: their key is random.
fn view(pages: &[sync::Page]) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let mut all: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    for page in pages {
        for cell in &page.cells {
            let label = cell.cell.as_ref().map_or(0, |cell| cell.label_id);
            // Members and the circle itself were made at the moment of the run.
            let mut states = &cell.states[..];
            for part in &cell.parts {
                let merged = merged(page, part, &mut states);
                if !is_scripted(&part.record) {
                    continue;
                }
                let mut bytes = label.to_be_bytes().to_vec();
                bytes.extend(merged);
                bytes.extend(prost::Message::encode_to_vec(part));
                all.entry(part.record.to_vec()).or_default().push(bytes);
            }
        }
    }
    for parts in all.values_mut() {
        parts.sort();
    }
    all
}

/// Whether the record id says a moment of the script.
fn is_scripted(record: &[u8]) -> bool {
    let ms = record[..6].iter().fold(0, |ms, byte| ms << 8 | u64::from(*byte));
    (START_MS..START_MS + 3_600_000).contains(&ms)
}

/// The bytes that the merge core has for this part, whose state is the next one.
fn merged(page: &sync::Page, part: &sync::Part, states: &mut &[u8]) -> Vec<u8> {
    let record = RecordId(part.record[..].try_into().expect("16 bytes"));
    // No body: nothing is in force.
    let split = part.body.as_deref().map(|body| split::split_body(body).expect("a canonical body").2);
    let chunks = split.iter().flat_map(|split| split.chunks()).map(|chunk| (chunk.field(), chunk.bytes));
    wire::state::decode(record, chunks, states, &page.replicas).expect("a state").part.encode()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_fleet_ends_in_the_same_bytes_on_both_stores() {
    for seed in 1..=count("OSTEON_ROUNDS", 2).min(20) {
        println!("seed {seed}");
        let sqlite = run(STORES[0], seed).await;
        let postgres = run(STORES[1], seed).await;
        assert!(sqlite.verdicts == postgres.verdicts, "seed {seed}: verdicts differ");
        assert!(sqlite.verdicts.iter().any(|word| word == "ACCEPTED"));
        assert!(sqlite.views[0].len() > 3, "seed {seed}: the script made records");
        for (reader, (one, other)) in sqlite.views.iter().zip(&postgres.views).enumerate() {
            assert!(one.keys().eq(other.keys()), "seed {seed}: reader {reader} has other records");
            for (record, parts) in one {
                let there = &other[record];
                assert!(
                    parts == there,
                    "seed {seed}: reader {reader}: {} {parts:02x?} {there:02x?}",
                    hex::encode(record)
                );
            }
        }
    }
}
