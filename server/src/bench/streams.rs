//! W3 and W4: streams that stay open. From the start of a write to each watcher; and what a stream costs that only waits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use osteon_proto::sync::{self as pb, pull_response::Event};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use super::{
    clinic::Device,
    entry::entry,
    figures::Measured,
    host::{Host, Kind},
    people::{self, Person, position},
};
use crate::limits;

/// How long a receipt may take before it counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// After the last stream has its first page.
const SETTLE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub circles: usize,
    pub watchers: usize,
    pub writes_per_s: u64,
    pub time: Duration,
    pub salt: u64,
    /// Entries that each device has pushed before.
    pub pushed: u64,
}

type Received = (Vec<u8>, Instant);
type Open = tonic::Streaming<pb::PullResponse>;

/// Opens a live stream, and waits for the head where the server sends what is there. Returns the cursor behind it.
async fn open(person: &mut Person, kind: Kind) -> anyhow::Result<(Open, Vec<u8>)> {
    let (mut pages, _) = person.pull(vec![position(person.device.circle, Vec::new())], true).await?;
    if kind == Kind::Bare {
        return Ok((pages, Vec::new()));
    }
    loop {
        let message = timeout(LOST_AFTER * 6, pages.message()).await.context("no first page")??;
        match message.context("the stream ended")?.event {
            Some(Event::Page(page)) if page.at_head => return Ok((pages, page.cursor.to_vec())),
            _ => {}
        }
    }
}

/// Opens a live stream at a cursor, as a phone that comes back does.
async fn come_back(person: &mut Person, cursor: Vec<u8>) -> anyhow::Result<Open> {
    Ok(person.pull(vec![position(person.device.circle, cursor)], true).await?.0)
}

/// Tells of every record that arrives, until the stream ends.
async fn watch(mut pages: Open, out: mpsc::UnboundedSender<Received>) {
    while let Ok(Some(message)) = pages.message().await {
        let at = Instant::now();
        let Some(Event::Page(page)) = message.event else { continue };
        for part in page.cells.into_iter().flat_map(|cell| cell.parts) {
            if out.send((part.record.to_vec(), at)).is_err() {
                return;
            }
        }
    }
}

/// W3.
pub(super) async fn live(host: &Host, kind: Kind, devices: &[Device], plan: Live) -> anyhow::Result<Measured> {
    let devices = &devices[..plan.circles.min(devices.len())];
    let (out, mut receipts) = mpsc::unbounded_channel();
    let mut watchers = JoinSet::new();
    let mut open_connections = Vec::new();
    for _ in 0..plan.watchers {
        for mut person in people::connect(host, kind, devices).await? {
            watchers.spawn(watch(open(&mut person, kind).await?.0, out.clone()));
            open_connections.push(person);
        }
    }
    let mut writers = people::connect(host, kind, devices).await?;
    for writer in &mut writers {
        writer.after(if kind == Kind::Osteon { plan.pushed } else { 1_000_000 });
    }
    let started_at: Arc<Mutex<BTreeMap<Vec<u8>, Instant>>> = Arc::default();
    let (cpu, begun) = (host.cpu(), Instant::now());
    let writes = plan.writes_per_s * plan.time.as_secs();
    let mut tasks = JoinSet::new();
    let each = writers.len() as u64;
    for (w, mut writer) in (0..).zip(writers) {
        let started_at = Arc::clone(&started_at);
        tasks.spawn(async move {
            for n in (w..writes).step_by(each as usize) {
                let due = begun + Duration::from_millis(n * 1_000 / plan.writes_per_s);
                tokio::time::sleep_until(due.into()).await;
                let one = entry(writer.device.circle, plan.salt, n);
                let record = one.record.0.to_vec();
                started_at.lock().unwrap_or_else(PoisonError::into_inner).insert(record, Instant::now());
                writer.push(&[one]).await?;
            }
            Ok::<_, anyhow::Error>(writer)
        });
    }
    let expected = writes * plan.watchers as u64;
    let mut measured = Measured::default();
    let until = begun + plan.time + LOST_AFTER;
    while measured.count < expected {
        let Ok(Some((record, at))) = tokio::time::timeout_at(until.into(), receipts.recv()).await else { break };
        let started = started_at.lock().unwrap_or_else(PoisonError::into_inner).get(&record).copied();
        if let Some(started) = started {
            measured.waits.push(at.saturating_duration_since(started));
            measured.count += 1;
        }
    }
    measured.took = begun.elapsed();
    measured.cpu = host.cpu().saturating_sub(cpu);
    measured.lost = expected - measured.count;
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(measured)
}

/// W4: memory of a stream that waits, and how long one change takes to reach all of them.
pub(super) struct Idle {
    pub streams: usize,
    pub bytes_each: u64,
    pub told: Measured,
}

pub(super) async fn idle(host: &Host, crowd: &[Device], streams: usize, salt: u64) -> anyhow::Result<Idle> {
    let (patient, nurses) = crowd.split_first().context("a crowd")?;
    let mut writer =
        people::connect(host, Kind::Osteon, std::slice::from_ref(patient)).await?.pop().context("a patient")?;
    let each = limits::STREAMS_PER_ACCOUNT.usize();
    let nurses = &nurses[..streams.div_ceil(each).min(nurses.len())];
    // The patient has written before: the very first entry of a kind opens a backfill at every reader.
    writer.push(&[entry(writer.device.circle, salt, 1)]).await?;
    // Everybody has synced before the count: a waiting stream's first pages, and what is made once, are not its cost.
    let mut cursors = Vec::new();
    for person in &mut people::connect(host, Kind::Osteon, nurses).await? {
        cursors.push(open(person, Kind::Osteon).await?.1);
    }
    tokio::time::sleep(SETTLE).await;
    let (out, mut receipts) = mpsc::unbounded_channel();
    let before = host.pss();
    let mut watching = JoinSet::new();
    let many = |one: &Device| std::iter::repeat_n(one.clone(), each);
    let devices: Vec<Device> = nurses.iter().flat_map(many).take(streams).collect();
    let cursors = cursors.iter().flat_map(|cursor| std::iter::repeat_n(cursor.clone(), each));
    let mut people = people::connect(host, Kind::Osteon, &devices).await?;
    for (person, cursor) in people.iter_mut().zip(cursors) {
        watching.spawn(watch(come_back(person, cursor).await?, out.clone()));
    }
    tokio::time::sleep(SETTLE).await;
    let bytes_each = host.pss().saturating_sub(before) / people.len().max(1) as u64;
    while receipts.try_recv().is_ok() {}
    let (cpu, one) = (host.cpu(), entry(writer.device.circle, salt, 2));
    let (record, started) = (one.record.0.to_vec(), Instant::now());
    writer.push(&[one]).await?;
    let mut told = Measured::default();
    while told.count < people.len() as u64 {
        match timeout(LOST_AFTER * 6, receipts.recv()).await {
            Ok(Some((got, at))) if got == record => {
                told.waits.push(at.saturating_duration_since(started));
                told.count += 1;
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    told.took = started.elapsed();
    told.cpu = host.cpu().saturating_sub(cpu);
    told.lost = people.len() as u64 - told.count;
    if people.is_empty() {
        bail!("no stream was opened");
    }
    Ok(Idle { streams: people.len(), bytes_each, told })
}
