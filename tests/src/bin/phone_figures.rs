//! What a phone of the real client takes beside a real server, each figure beside its target (docs/performance.md):
//! `cargo run --release -p osteon-tests --bin phone_figures`. `OSTEON_ENTRIES`, `OSTEON_RUNS`: how much of it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use osteon_client::{Phone, clock::SystemClock, events::silent, ids::OsIds, records::NewRecord, session::Invite};
use osteon_proto::{care, split::close, wire::device::timestamp};
use osteon_tests::{
    device::now_ms,
    server::{Server, Setup},
    tools,
};
use prost::Message;

const DAY: u64 = 86_400_000;
const PAIN: u32 = 101;

fn number(name: &str, or: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(or)
}

async fn phone(server: &Server, home: &Path, invite: &osteon_tests::device::Invite) -> Result<Phone> {
    let phone = Phone::open(home, Arc::new(SystemClock), Arc::new(OsIds::new())).await?;
    let invite = Invite {
        code: invite.code.clone(),
        short_id: invite.short_id.clone(),
        server: format!("https://{}", server.authority()),
        ca_pem: server.ca()?,
        device_name: "figures".into(),
    };
    phone.enrol(&invite).await?;
    Ok(phone)
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn line(what: &str, figure: &str, target: &str) {
    println!("{what:<58} {figure:>16}   {target}");
}

/// Two years of a journal, five or six entries a day.
async fn journal(patient: &Phone, circle: u64, entries: u64) -> Result<()> {
    for n in 0..entries {
        let at = Some(timestamp(now_ms() - (n * 730 / entries) * DAY));
        let entry = care::PainEntry {
            worst_24h: Some(u32::try_from(n % 11)?),
            site: vec!["lower_back".into()],
            effective_start: Some(care::Moment { at, ..Default::default() }),
            ..Default::default()
        };
        let new = NewRecord { body: close(PAIN, &entry.encode_to_vec()), label_choice: 0, record: None };
        patient.create(circle, &new, "").await?;
        if n % 500 == 499 {
            patient.sync(silent()).await?;
        }
    }
    patient.sync(silent()).await?;
    Ok(())
}

/// Resident and proportional memory of a process in KiB.
fn memory(pid: u32) -> Result<(u64, u64)> {
    let kib = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    Ok((kib(&rollup, "Rss:").context("Rss")?, kib(&rollup, "Pss:").context("Pss")?))
}

/// A phone in a terminal that watches, and nothing happens.
fn idle(home: &Path) -> Result<(u64, u64)> {
    let mut command = Command::new(tools::osteon_phone()?);
    command.arg("--home").arg(home).args(["sync", "--watch"]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn()?;
    std::thread::sleep(Duration::from_secs(10));
    let told = memory(child.id());
    child.kill()?;
    child.wait()?;
    told
}

/// The library for phones without its symbols, in bytes; `None`: it was not built, or there is no `strip`.
fn library() -> Option<u64> {
    let built = tools::mobile_library().ok()?;
    let stripped: PathBuf = std::env::temp_dir().join(format!("osteon-stripped-{}", std::process::id()));
    let done = Command::new("strip").arg("--strip-unneeded").arg("-o").arg(&stripped).arg(&built).status().ok()?;
    let size = std::fs::metadata(&stripped).ok().filter(|_| done.success()).map(|file| file.len());
    let _ = std::fs::remove_file(&stripped);
    size
}

#[tokio::main]
async fn main() -> Result<()> {
    let (entries, runs) = (number("OSTEON_ENTRIES", 4_000), number("OSTEON_RUNS", 5).max(1));
    let server = Server::start(Setup::default())?;
    let homes = tempfile::tempdir()?;
    let invite = server.new_circle("patient")?;
    let patient = phone(&server, &homes.path().join("patient"), &invite).await?;
    patient.sync(silent()).await?;
    let circle = patient.read().await?.enrolled()?.enrolment.circles[0].circle;
    journal(&patient, circle, entries).await?;
    println!("{entries} entries of one patient, {runs} runs, server and phones on one machine\n");

    let (mut first, mut nothing, mut trips) = (Vec::new(), Vec::new(), 0);
    let mut last = PathBuf::new();
    for n in 0..runs {
        let home = homes.path().join(format!("nurse{n}"));
        let nurse = phone(&server, &home, &server.invite_into(&invite.short_id, "nurse")?).await?;
        let began = Instant::now();
        nurse.sync(silent()).await?;
        first.push(began.elapsed());
        let held = nurse.read().await?.enrolled()?.view(circle, nurse.now_ms())?.count(PAIN);
        anyhow::ensure!(held as u64 == entries, "{held} of {entries} entries came");
        nurse.sync(silent()).await?;
        let before = server.calls()?;
        let began = Instant::now();
        nurse.sync(silent()).await?;
        nothing.push(began.elapsed());
        trips = server.calls()? - before;
        nurse.close().await;
        last = home;
    }
    line("first sync", &format!("{:.2?}", median(first)), "<= 2 s");
    line("sync with nothing new", &format!("{:.2?}", median(nothing)), "");
    line("  calls of the server in it", &trips.to_string(), "1: a pull alone");
    let (rss, pss) = idle(&last)?;
    line(
        "idle, following: resident (proportional) memory",
        &format!("{:.1} ({:.1}) MiB", rss as f64 / 1024.0, pss as f64 / 1024.0),
        "<= 25 MB",
    );
    match library() {
        Some(bytes) => line("library for one platform, stripped", &format!("{:.1} MB", bytes as f64 / 1e6), "<= 8 MB"),
        None => {
            line("library for one platform, stripped", "cannot tell", "<= 8 MB: build osteon-mobile, install binutils")
        }
    }
    Ok(())
}
