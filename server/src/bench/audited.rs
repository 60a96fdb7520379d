//! What the audit costs: W1b on two servers, one as it is, one that writes no audit row and seals nothing. Their rounds
//! alternate, so that what else the machine does meets both.

use std::{path::Path, time::Instant};

use super::{
    Disk, Plan, Section,
    clinic::{self, Clinic, Sizes},
    config,
    figures::{Measured, Target},
    host::{Host, Kind},
    people::{self, Person},
    writes,
};
use crate::config::{BENCH_MARKER, make_data_dir};

/// Pairs of rounds, at least: one pair says nothing.
const PAIRS: u64 = 3;
/// After a round: the sealer has had its second.
const SEALED: std::time::Duration = std::time::Duration::from_millis(1_500);

/// One of the two.
struct Side {
    host: Host,
    people: Vec<Person>,
    total: Measured,
}

impl Side {
    async fn start(plan: &Plan, folder: &Path, kind: Kind) -> anyhow::Result<(Self, Clinic)> {
        make_data_dir(folder)?;
        std::fs::write(folder.join(BENCH_MARKER), "")?;
        let disk = match &plan.postgres {
            Some(url) => Disk::Postgres(url.clone()),
            None => Disk::Sqlite(folder.to_path_buf()),
        };
        let sizes = Sizes { writers: plan.writers, synced: 0, idle: 0 };
        let clinic = clinic::found(&config(folder, plan.postgres.as_ref())?, sizes).await?;
        let host = Host::start(kind, folder, &disk, plan.cores, &[]).await?;
        let people = people::connect(&host, kind, &clinic.writers).await?;
        Ok((Self { host, people, total: Measured::default() }, clinic))
    }

    /// The round's time is that of the pushes; its CPU holds the sealing that follows.
    async fn round(&mut self, plan: &Plan, round: u64) -> anyhow::Result<()> {
        let people = std::mem::take(&mut self.people);
        let writes = writes::Plan {
            callers: plan.callers,
            entries: plan.entries,
            batch: plan.entries as usize,
            rounds: 1,
            salt: round,
        };
        let (cpu, started) = (self.host.cpu(), Instant::now());
        self.people = writes::one_round(people, writes, round, &mut self.total).await?;
        self.total.took += started.elapsed();
        tokio::time::sleep(SEALED).await;
        self.total.cpu += self.host.cpu().saturating_sub(cpu);
        Ok(())
    }
}

pub(super) async fn run(plan: &Plan, scratch: &Path) -> anyhow::Result<Section> {
    // One PostgreSQL has one key.
    let folder = |name: &str| if plan.postgres.is_some() { scratch.to_path_buf() } else { scratch.join(name) };
    let (mut with, _) = Side::start(plan, &folder("audited"), Kind::Osteon).await?;
    let (mut without, _) = Side::start(plan, &folder("unaudited"), Kind::WithoutAudit).await?;
    let pairs = plan.rounds.max(PAIRS);
    // The first statement of each kind is prepared, the first circle's keys are opened: not what is measured.
    for side in [&mut with, &mut without] {
        side.round(plan, 10_000).await?;
        side.total = Measured::default();
    }
    for round in 0..pairs {
        // Who goes first alternates as well.
        let sides = if round % 2 == 0 { [&mut with, &mut without] } else { [&mut without, &mut with] };
        for side in sides {
            side.round(plan, round).await?;
        }
    }
    with.host.stop().await?;
    without.host.stop().await?;
    let (with, without) = (with.total, without.total);
    let of_rate = 1.0 - with.rate() / without.rate().max(1e-9);
    let of_cpu = 1.0 - without.cpu_per_1000() / with.cpu_per_1000().max(1e-9);
    let targets = vec![
        Target::at_most("share of push throughput, audit and sealing", of_rate, 0.15),
        Target::at_most("share of the server's CPU, sealing included", of_cpu, 0.15),
    ];
    let shape = format!(
        "{} callers × {} a call, {} writers in as many circles, {pairs} rounds each, alternating",
        plan.callers, plan.entries, plan.writers
    );
    let bare = Some(("the same server without audit", without));
    Ok(Section { name: "W1b what the audit costs", shape, osteon: with, bare, targets, notes: Vec::new() })
}
