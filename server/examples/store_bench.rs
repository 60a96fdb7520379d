//! Group commit alone, without gRPC, merge or access: how many changes a second a store makes durable.
//!
//! `cargo run --release --example store_bench -- URL [CALLERS] [CHANGES A JOB] [CIRCLES] [SECONDS]`. Each caller waits
//! for its commit before it sends the next. A change writes one part, one log row; a job one audit row. Prints changes
//! per second, CPU per change of this process (PostgreSQL's is its own), and, on SQLite, stored bytes per change.

#[allow(dead_code)]
#[path = "../tests/store_conformance/all.rs"]
mod all;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use all::All;
use osteon_server::{
    ids::{Ids as _, OsIds},
    seal::{FileKey, KEY_LEN, Vault},
    store::{identity::NewCircle, *},
};
use osteon_sync_core::{Author, Clock, Dot, RecordId, Role};

/// Sizes of the workload's J01 as the merge keeps it and as the log keeps it.
const STATE_BYTES: usize = 170;
const CONTENT_BYTES: usize = 150;

fn argument(n: usize, default: u64) -> u64 {
    std::env::args().nth(n).and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// User and system time of this process, in ticks of 10 ms (proc(5), stat, fields 14 and 15).
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

fn record(ids: &OsIds, ms: u64) -> RecordId {
    RecordId(osteon_server::ids::uuid_v7_at(ms, ids))
}

/// One job of `changes` changes.
fn job(
    circle: CircleNo,
    replica: u32,
    from: u64,
    records: Vec<RecordId>,
) -> (Needs, impl FnMut(&mut Working<'_>) -> Result<(), StoreError>) {
    let dot = move |n: usize| Dot::new(1, replica, from + n as u64);
    let dots = (0..records.len()).map(dot).collect();
    let needs = Needs { circle, records: records.clone(), dots, ..Needs::default() };
    let run = move |work: &mut Working<'_>| {
        for (n, record) in records.iter().enumerate() {
            let row = work.circle_mut();
            row.head += 1;
            let seq = row.head;
            let dot = dot(n);
            row.chains.insert(dot.replica, ChainHead { counter: dot.counter, mac: [7; 16], account: 1 });
            *row.digests.entry(CellKey { label: 32, class: 2 }).or_default() ^= u128::from(seq) << 64;
            work.part(*record, 32)?;
            work.log(dot)?;
            work.put_part(PartRow {
                record: *record,
                label: 32,
                class: 2,
                type_number: 101,
                seq,
                first_seq: seq,
                time_ms: 1_700_000_000_000 + seq,
                parent: None,
                state: vec![7; STATE_BYTES],
                history: vec![dot],
            })?;
            work.put_log(LogRow {
                seq,
                dot,
                mac: [7; 16],
                clock: Clock { ms: 1_700_000_000_000, logical: 0 },
                author: Author { account: 1, role: Role(1) },
                device: 1,
                received_ms: 1_700_000_000_000,
                verdict: 1,
                content: vec![7; CONTENT_BYTES],
            });
        }
        let head = work.circle().head;
        work.audit(AuditRow {
            circle,
            at_ms: 1_700_000_000_000,
            account: 1,
            device: 1,
            action: "push",
            record: None,
            categories: 32,
            from_seq: head + 1 - records.len() as u64,
            to_seq: head,
            count: records.len() as u32,
            outcome: "ok",
            request: 0,
        });
        Ok(())
    };
    (needs, run)
}

fn stored_bytes(url: &str) -> u64 {
    let Some(path) = url.strip_prefix("sqlite:") else { return 0 };
    std::fs::metadata(Path::new(path)).map(|file| file.len()).unwrap_or_default()
}

/// A first sync of every circle: pages of 200 parts, one snapshot a page.
async fn read_all(store: &dyn Store, circles: &[CircleNo]) -> Result<u64, StoreError> {
    let mut read = 0;
    for circle in circles {
        let mut after = 0;
        loop {
            let page = store.snapshot(*circle).await?.all().parts_after(after, 200).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            read += page.len() as u64;
        }
    }
    Ok(read)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let url = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("which database? (sqlite:PATH, postgres://…)"))?;
    let (callers, changes, circles, seconds) = (argument(2, 20), argument(3, 1), argument(4, 200), argument(5, 5));
    let ids = Arc::new(OsIds::new());
    let vault = Vault::new(Arc::new(FileKey::from_bytes(&[1; KEY_LEN], ids.clone())?), ids.clone());
    let store = open(&Options::new(&url), vault.clone()).await?;
    let clinic =
        store.create_clinic(&format!("bench-{}", u64::from_le_bytes(osteon_server::ids::random(&*ids)))).await?;
    let mut numbers = Vec::new();
    for n in 0..circles {
        let short_id = format!("d{n:04}");
        let wrapped_key = vault.new_circle_key(clinic, &short_id)?;
        numbers.push(store.create_circle(NewCircle { clinic, short_id, wrapped_key }).await?);
    }
    let (numbers, done) = (Arc::new(numbers), Arc::new(AtomicU64::new(0)));
    let (before, bytes, started) = (cpu(), stored_bytes(&url), Instant::now());
    let until = started + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for caller in 0..callers {
        let (store, numbers, done, ids) = (Arc::clone(&store), Arc::clone(&numbers), Arc::clone(&done), ids.clone());
        tasks.push(tokio::spawn(async move {
            let mut counter = 0;
            let mut waits = Vec::new();
            while Instant::now() < until {
                let mut pick = [0; 8];
                ids.fill(&mut pick);
                let circle = numbers[(u64::from_le_bytes(pick) % numbers.len() as u64) as usize];
                let records = (0..changes).map(|n| record(&ids, 1_700_000_000_000 + counter + n)).collect();
                let (needs, run) = job(circle, caller as u32 + 1, counter + 1, records);
                let sent = Instant::now();
                commit(&*store, needs, run).await?;
                waits.push(sent.elapsed());
                counter += changes;
                done.fetch_add(changes, Ordering::Relaxed);
            }
            Ok::<_, StoreError>(waits)
        }));
    }
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    let (took, used) = (started.elapsed(), cpu() - before);
    let (before, started) = (cpu(), Instant::now());
    let read = read_all(&*store, &numbers).await? as f64;
    let (read_took, read_used) = (started.elapsed(), cpu() - before);
    store.close().await;
    waits.sort_unstable();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    let done = done.load(Ordering::Relaxed) as f64;
    println!(
        "{callers} callers × {changes} changes, {circles} circles: {:.0} changes/s, {:.1} µs CPU/change, \
         p50 {:.2} ms, p99 {:.2} ms, {:.0} stored bytes/change",
        done / took.as_secs_f64(),
        used.as_secs_f64() * 1e6 / done,
        at(0.5),
        at(0.99),
        stored_bytes(&url).saturating_sub(bytes) as f64 / done,
    );
    println!(
        "read in pages of 200: {:.0} parts/s, {:.1} µs CPU/part",
        read / read_took.as_secs_f64(),
        read_used.as_secs_f64() * 1e6 / read
    );
    Ok(())
}
