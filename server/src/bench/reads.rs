//! W2 and W6: a first sync of many circles over one connection, and asking again when nothing is new.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use osteon_proto::sync::pull_response::Event;
use prost::Message;

use super::{
    clinic::Device,
    figures::Measured,
    host::{Host, Kind},
    people::{self, Person, position},
};

/// How long the sync is repeated: one takes a few hundredths of a second.
const SYNC_FOR: Duration = Duration::from_secs(3);

/// One first sync: records, bytes, and when the first page was there.
struct Synced {
    records: u64,
    up: u64,
    down: u64,
    first_page: Duration,
    cursors: BTreeMap<u64, Vec<u8>>,
}

async fn sync(person: &mut Person, circles: &[u64]) -> anyhow::Result<Synced> {
    let started = Instant::now();
    let positions = circles.iter().map(|circle| position(*circle, Vec::new())).collect();
    let (mut pages, up) = person.pull(positions, false).await?;
    let mut done = Synced { records: 0, up, down: 0, first_page: Duration::ZERO, cursors: BTreeMap::new() };
    while let Some(message) = pages.message().await? {
        if done.first_page.is_zero() {
            done.first_page = started.elapsed();
        }
        done.down += message.encoded_len() as u64;
        if let Some(Event::Page(page)) = message.event {
            done.records += page.cells.iter().map(|cell| cell.parts.len() as u64).sum::<u64>();
            done.cursors.insert(page.circle, page.cursor.to_vec());
        }
    }
    Ok(done)
}

/// W2. `waits` are the times to the first page.
pub(super) async fn first_sync(host: &Host, kind: Kind, reader: &Device, circles: &[u64]) -> anyhow::Result<Measured> {
    let mut person = one(host, kind, reader).await?;
    sync(&mut person, circles).await?;
    let mut measured = Measured::default();
    let (cpu, tcp) = (host.cpu(), host.dialler.tcp.now());
    let started = Instant::now();
    while started.elapsed() < SYNC_FOR {
        let done = sync(&mut person, circles).await?;
        measured.count += done.records;
        measured.up += done.up;
        measured.down += done.down;
        measured.waits.push(done.first_page);
    }
    measured.took = started.elapsed();
    finish(&mut measured, host, cpu, tcp);
    Ok(measured)
}

fn finish(measured: &mut Measured, host: &Host, cpu: Duration, tcp: (u64, u64)) {
    measured.cpu = host.cpu().saturating_sub(cpu);
    let now = host.dialler.tcp.now();
    (measured.tcp_up, measured.tcp_down) = (now.0 - tcp.0, now.1 - tcp.1);
}

async fn one(host: &Host, kind: Kind, device: &Device) -> anyhow::Result<Person> {
    people::connect(host, kind, std::slice::from_ref(device)).await?.pop().context("a connection")
}

/// W6: one circle, from its head; or the bare call.
pub(super) async fn nothing_new(
    host: &Host,
    kind: Kind,
    reader: &Device,
    circle: u64,
    calls: u64,
) -> anyhow::Result<Measured> {
    let mut person = one(host, kind, reader).await?;
    let mut cursor = match kind {
        Kind::Osteon | Kind::WithoutAudit | Kind::WithoutRules => {
            sync(&mut person, &[circle]).await?.cursors.remove(&circle).context("a cursor")?
        }
        Kind::Bare => Vec::new(),
    };
    let padding = "x".repeat(90);
    let mut measured = Measured::default();
    let (cpu, tcp) = (host.cpu(), host.dialler.tcp.now());
    let started = Instant::now();
    for _ in 0..calls {
        let asked = Instant::now();
        let (up, down) = match kind {
            Kind::Bare => person.hello(&padding).await?,
            Kind::Osteon | Kind::WithoutAudit | Kind::WithoutRules => {
                let (mut pages, up) = person.pull(vec![position(circle, cursor.clone())], false).await?;
                let mut down = 0;
                while let Some(message) = pages.message().await? {
                    down += message.encoded_len() as u64;
                    if let Some(Event::Page(page)) = message.event {
                        cursor = page.cursor.to_vec();
                    }
                }
                (up, down)
            }
        };
        measured.waits.push(asked.elapsed());
        measured.up += up;
        measured.down += down;
        measured.count += 1;
    }
    measured.took = started.elapsed();
    finish(&mut measured, host, cpu, tcp);
    Ok(measured)
}
