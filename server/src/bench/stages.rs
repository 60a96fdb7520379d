//! The order of things: a fresh database, the people, Osteon, then the baseline beside it with the same load.

use std::{path::Path, time::Duration};

use super::{
    Disk, Plan, RawSizes, Section, Workload,
    clinic::{self, Clinic, Sizes},
    config,
    disk::Side,
    figures::{Measured, Target},
    host::{Host, Kind},
    portal,
    raw::{Change, Raw},
    reads, streams, writes,
};
use crate::clock::{Clock as _, SystemClock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// One entry a call, and all that reads what was written.
    Main,
    /// Fifty entries a call, on a database of its own.
    Batches,
}

const KIB: f64 = 1024.0;
/// Watchers of each circle, and writes a second, in W3.
const WATCHERS: usize = 5;
const WATCHED: usize = 20;
const WRITES_PER_S: u64 = 20;
/// How long the raw shape is measured, and its transactions.
const RAW_FOR: Duration = Duration::from_secs(2);
const RAW_GROUP: usize = 100;

struct Run<'p> {
    plan: &'p Plan,
    disk: Disk,
    clinic: Clinic,
    body: f64,
}

pub(super) async fn run(
    stage: Stage,
    plan: &Plan,
    scratch: &Path,
    body: f64,
    done: &mut impl FnMut(Section),
) -> anyhow::Result<()> {
    let of_stage = |w: &&Workload| {
        !matches!(w, Workload::Audit | Workload::Rules) && (**w == Workload::Push50) == (stage == Stage::Batches)
    };
    let wanted: Vec<Workload> = plan.workloads.iter().filter(of_stage).copied().collect();
    if wanted.is_empty() {
        return Ok(());
    }
    // One PostgreSQL has one key, so both stages share a folder; each has an SQLite of its own.
    let folder = match (&plan.postgres, stage) {
        (Some(_), _) => scratch.to_path_buf(),
        (None, Stage::Main) => scratch.join("main"),
        (None, Stage::Batches) => scratch.join("batches"),
    };
    crate::config::make_data_dir(&folder)?;
    let data = plan.running.as_ref().map_or(folder.as_path(), |(data, _)| data.as_path());
    let disk = match &plan.postgres {
        Some(url) => Disk::Postgres(url.clone()),
        None => Disk::Sqlite(data.to_path_buf()),
    };
    let idle = if wanted.contains(&Workload::Idle) { plan.idle } else { 0 };
    let patients = if wanted.contains(&Workload::Portal) { portal::PATIENTS } else { 0 };
    let writers = plan.writers.max(patients);
    let sizes = Sizes { writers, synced: plan.synced.max(patients).min(writers), idle };
    let clinic = clinic::found(&config(data, plan.postgres.as_ref())?, sizes).await?;
    let run = Run { plan, disk, clinic, body };
    let mut sections = run.osteon(data, &wanted).await?;
    // Nothing bare answers a browser.
    let beside = wanted.iter().any(|workload| *workload != Workload::Portal);
    let bare = if beside { run.bare(&folder, &wanted, &mut sections).await } else { Ok(()) };
    for section in sections {
        done(section);
    }
    bare
}

impl Run<'_> {
    fn writes(&self, batch: usize, rounds: u64) -> writes::Plan {
        writes::Plan { callers: self.plan.callers, entries: self.plan.entries, batch, rounds, salt: 0 }
    }

    fn batch(&self) -> usize {
        self.plan.entries as usize
    }

    fn live(&self) -> streams::Live {
        streams::Live {
            circles: WATCHED,
            watchers: WATCHERS,
            writes_per_s: WRITES_PER_S,
            time: self.plan.live,
            salt: 500,
            pushed: self.plan.entries,
        }
    }

    async fn osteon(&self, data: &Path, wanted: &[Workload]) -> anyhow::Result<Vec<Section>> {
        let before = self.disk.bytes(Side::Osteon).await?;
        let host = match &self.plan.running {
            Some((data, pid)) => Host::running(data, &self.disk, *pid).await?,
            None => Host::start(Kind::Osteon, data, &self.disk, self.plan.cores, &[]).await?,
        };
        let mut sections = Vec::new();
        if wanted.contains(&Workload::Push50) {
            sections.push(self.push(&host, Workload::Push50, self.batch(), self.plan.rounds, before).await?);
        } else if wanted.contains(&Workload::Push) {
            sections.push(self.push(&host, Workload::Push, 1, 1, before).await?);
        } else {
            // Something to read.
            writes::run(&host, Kind::Osteon, &self.clinic.writers, self.writes(self.batch(), 1)).await?;
        }
        for workload in wanted {
            match workload {
                Workload::Push | Workload::Push50 | Workload::Audit | Workload::Rules => {}
                Workload::Pull => sections.push(self.pull(&host).await?),
                Workload::NothingNew => sections.push(self.nothing_new(&host).await?),
                Workload::Live => sections.push(self.watch(&host).await?),
                Workload::Idle => sections.push(self.idle(&host).await?),
                Workload::Portal => {
                    sections.extend(portal::run(&host, &self.clinic, SystemClock.now_ms()).await?);
                }
            }
        }
        host.stop().await?;
        Ok(sections)
    }

    async fn push(
        &self,
        host: &Host,
        workload: Workload,
        batch: usize,
        rounds: u64,
        before: u64,
    ) -> anyhow::Result<Section> {
        let osteon = writes::run(host, Kind::Osteon, &self.clinic.writers, self.writes(batch, rounds)).await?;
        let pss = host.pss() as f64 / KIB / KIB;
        let stored = self.disk.bytes(Side::Osteon).await?.saturating_sub(before) as f64 / osteon.count as f64;
        let (name, cpu, up) = match workload {
            Workload::Push => ("W1 push, one by one", 0.3, 48.0),
            _ => ("W1b push, batches", 0.1, 36.0),
        };
        let targets = vec![
            Target::at_most("CPU s per 1,000", osteon.cpu_per_1000(), cpu),
            Target::at_most("bytes up beyond the body", osteon.up_each() - self.body, up),
            Target::at_most("stored bytes per entry", stored, 900.0),
            Target::at_most("server PSS, MiB", pss, 48.0),
        ];
        let shape = format!(
            "{} callers × {batch} a call, {} writers in as many circles, {} entries",
            self.plan.callers,
            self.clinic.writers.len(),
            osteon.count
        );
        Ok(Section { name, shape, osteon, targets, ..Section::default() })
    }

    async fn pull(&self, host: &Host) -> anyhow::Result<Section> {
        let osteon = reads::first_sync(host, Kind::Osteon, &self.clinic.nurse, &self.clinic.synced).await?;
        let targets = vec![
            Target::at_most("first page, ms (p50)", osteon.quantile(0.5), 10.0),
            Target::at_most("bytes down beyond the body", osteon.down_each() - self.body, 36.0),
        ];
        let shape = format!("{} circles, pages of up to 200 records, one connection", self.clinic.synced.len());
        Ok(Section { name: "W2 first sync", shape, osteon, targets, ..Section::default() })
    }

    async fn nothing_new(&self, host: &Host) -> anyhow::Result<Section> {
        let circle = self.clinic.synced.first().copied().unwrap_or_default();
        let osteon = reads::nothing_new(host, Kind::Osteon, &self.clinic.nurse, circle, self.plan.calls).await?;
        let targets = vec![Target::at_most("bytes down, with the cursor", osteon.down_each(), 100.0)];
        let shape = format!("one circle, one call at a time, {} calls", self.plan.calls);
        Ok(Section { name: "W6 nothing new", shape, osteon, targets, ..Section::default() })
    }

    async fn watch(&self, host: &Host) -> anyhow::Result<Section> {
        let osteon = streams::live(host, Kind::Osteon, &self.clinic.writers, self.live()).await?;
        let targets = vec![Target::at_most("lost", osteon.lost as f64, 0.0)];
        let shape =
            format!("{WATCHED} circles × {WATCHERS} watchers, {WRITES_PER_S} writes/s, {} s", self.plan.live.as_secs());
        Ok(Section { name: "W3 live", shape, osteon, targets, ..Section::default() })
    }

    async fn idle(&self, host: &Host) -> anyhow::Result<Section> {
        let idle = streams::idle(host, &self.clinic.crowd, self.plan.idle, 900).await?;
        let targets = vec![
            Target::at_most("PSS per stream, KiB", idle.bytes_each as f64 / KIB, 36.0),
            Target::at_most("all of them told of one change, s", idle.told.quantile(1.0) / 1_000.0, 1.0),
            Target::at_most("not told", idle.told.lost as f64, 0.0),
        ];
        let shape = format!("{} streams, one a TLS connection, all in one circle, opened at a cursor", idle.streams);
        Ok(Section { name: "W4 idle", shape, osteon: idle.told, targets, ..Section::default() })
    }

    /// The same load on the baseline; adds it and the ratios to the sections.
    async fn bare(&self, data: &Path, wanted: &[Workload], sections: &mut [Section]) -> anyhow::Result<()> {
        let (state, log) = self.disk.sealed().await?;
        let told = ["--bare-state-bytes".into(), state.to_string(), "--bare-log-bytes".into(), log.to_string()];
        let disk = match &self.disk {
            Disk::Sqlite(_) => Disk::Sqlite(data.to_path_buf()),
            postgres @ Disk::Postgres(_) => postgres.clone(),
        };
        let host = Host::start(Kind::Bare, data, &disk, self.plan.cores, &told).await?;
        let batches = wanted.contains(&Workload::Push50);
        let (batch, rounds) = match (batches, wanted.contains(&Workload::Push)) {
            (true, _) => (self.batch(), self.plan.rounds),
            (false, true) => (1, 1),
            (false, false) => (self.batch(), 1),
        };
        let pushed = writes::run(&host, Kind::Bare, &self.clinic.writers, self.writes(batch, rounds)).await?;
        for section in sections {
            match section.name.get(..2) {
                Some("W1") => self.beside_push(section, pushed.clone(), batches),
                Some("W2") => {
                    let bare = reads::first_sync(&host, Kind::Bare, &self.clinic.nurse, &self.clinic.synced).await?;
                    section.targets.insert(0, ratio(section, &bare, 0.45));
                    section.bare = Some(("bare scan and stream", bare));
                }
                Some("W3") => {
                    let bare = streams::live(&host, Kind::Bare, &self.clinic.writers, self.live()).await?;
                    let times = |part| section.osteon.quantile(part) / bare.quantile(part).max(1e-6);
                    section.targets.push(Target::at_most("p50 beside the baseline's", times(0.5), 2.0));
                    section.targets.push(Target::at_most("p99 beside the baseline's", times(0.99), 4.0));
                    section.bare = Some(("bare store and stream", bare));
                }
                Some("W6") => {
                    let bare = reads::nothing_new(&host, Kind::Bare, &self.clinic.nurse, 0, self.plan.calls).await?;
                    let cpu = section.osteon.cpu_per_1000() / bare.cpu_per_1000().max(1e-6);
                    section.targets.push(Target::at_most("CPU beside the bare call's", cpu, 2.0));
                    section.bare = Some(("bare unary call", bare));
                }
                _ => {}
            }
            if batches {
                self.beside_shape(section, &disk, RawSizes { state, log }).await?;
            }
        }
        host.stop().await
    }

    fn beside_push(&self, section: &mut Section, bare: Measured, batches: bool) {
        let times = ratio(section, &bare, 0.5);
        if batches {
            section.notes.push(format!("rate beside the bare server's, which has gRPC too: {:.3}", times.figure));
        } else {
            section.targets.insert(0, times);
        }
        section.bare = Some(("bare gRPC and group commit, same callers", bare));
    }

    /// The bare shape: the same rows in group commit alone, without gRPC. SQLite: in groups as large as the callers can
    /// fill, from as many circles; PostgreSQL: a hundred changes a transaction.
    async fn beside_shape(&self, section: &mut Section, disk: &Disk, sizes: RawSizes) -> anyhow::Result<()> {
        let full = self.plan.callers * self.batch();
        let groups = if self.plan.postgres.is_some() { vec![RAW_GROUP] } else { vec![RAW_GROUP, full] };
        let mut best = f64::MIN_POSITIVE;
        for group in groups {
            let rate = self.raw(disk, sizes, group).await?;
            let circles = group.div_ceil(self.batch());
            section
                .notes
                .push(format!("bare shape, {group} changes a transaction from {circles} circles: {rate:.0}/s"));
            best = best.max(rate);
        }
        let times = section.osteon.rate() / best;
        section.targets.insert(0, Target::at_least("rate beside the bare shape's, at its best", times, 0.5));
        Ok(())
    }

    /// Changes a second of group commit alone.
    async fn raw(&self, disk: &Disk, sizes: RawSizes, group: usize) -> anyhow::Result<f64> {
        let mut raw = match disk {
            Disk::Sqlite(folder) => Raw::sqlite(&folder.join("raw.db")).await?,
            Disk::Postgres(url) => Raw::postgres(url).await?,
        };
        raw.anew().await?;
        let circles = self.clinic.writers.len().max(1) as i64;
        let (mut n, started) = (0_i64, std::time::Instant::now());
        while started.elapsed() < RAW_FOR {
            let mut changes: Vec<Change> = (n..n + group as i64).map(|n| change(n, circles)).collect();
            changes.sort_by_key(|change| change.circle);
            let mut heads: Vec<(i64, i64)> = changes.iter().map(|change| (change.circle, change.seq)).collect();
            heads.dedup_by_key(|head| head.0);
            raw.commit(&changes, &heads, sizes).await?;
            n += group as i64;
        }
        Ok(n as f64 / started.elapsed().as_secs_f64())
    }
}

/// Fifty changes of one circle after another.
fn change(n: i64, circles: i64) -> Change {
    let mut record = [0; 16];
    record[..8].copy_from_slice(&n.to_be_bytes());
    Change {
        circle: n / 50 % circles,
        record,
        replica: 1,
        counter: n,
        seq: n,
        begins_call: n % 50 == 0,
        body: Vec::new(),
    }
}

fn ratio(section: &Section, bare: &Measured, target: f64) -> Target {
    Target::at_least("rate beside the baseline's", section.osteon.rate() / bare.rate().max(1e-9), target)
}
