//! What a part of the server costs a push: two servers, one as it is, one without that part. Their rounds alternate, so
//! that what else the machine does meets both.

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
const MIB: f64 = 1024.0 * 1024.0;
/// After a round: the sealer has had its second.
const SEALED: std::time::Duration = std::time::Duration::from_millis(1_500);

/// What is left out of the other server, and how its pushes are cut.
pub(super) struct Without {
    pub kind: Kind,
    pub name: &'static str,
    pub what: &'static str,
    pub one_by_one: bool,
    /// Of the rate, and of the CPU.
    pub share: f64,
}

pub(super) const AUDIT: Without = Without {
    kind: Kind::WithoutAudit,
    name: "W1b what the audit costs",
    what: "audit and sealing",
    one_by_one: false,
    share: 0.15,
};

pub(super) const RULES: [Without; 2] = [
    Without {
        kind: Kind::WithoutRules,
        name: "W1 what rules cost",
        what: "rules and alerts",
        one_by_one: true,
        share: 0.25,
    },
    Without {
        kind: Kind::WithoutRules,
        name: "W1b what rules cost",
        what: "rules and alerts",
        one_by_one: false,
        share: 0.25,
    },
];

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
    async fn round(&mut self, plan: &Plan, without: &Without, round: u64) -> anyhow::Result<()> {
        let people = std::mem::take(&mut self.people);
        let writes = writes::Plan {
            callers: plan.callers,
            entries: plan.entries,
            batch: if without.one_by_one { 1 } else { plan.entries as usize },
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

pub(super) async fn run(plan: &Plan, scratch: &Path, out: &Without) -> anyhow::Result<Section> {
    // One PostgreSQL has one key.
    let folder = |side: &str| match plan.postgres {
        Some(_) => scratch.to_path_buf(),
        None => scratch.join(format!("{} {side}", out.name)),
    };
    let (mut with, _) = Side::start(plan, &folder("with"), Kind::Osteon).await?;
    let (mut without, _) = Side::start(plan, &folder("without"), out.kind).await?;
    let pairs = plan.rounds.max(PAIRS);
    // The first statement of each kind is prepared, the first circle's keys are opened: not what is measured.
    for side in [&mut with, &mut without] {
        side.round(plan, out, 0).await?;
        side.total = Measured::default();
    }
    for round in 1..=pairs {
        // Who goes first alternates as well.
        let sides = if round % 2 == 0 { [&mut with, &mut without] } else { [&mut without, &mut with] };
        for side in sides {
            side.round(plan, out, round).await?;
        }
    }
    let memory = [&with, &without].map(|side| side.host.pss() as f64 / MIB);
    with.host.stop().await?;
    without.host.stop().await?;
    let (with, without) = (with.total, without.total);
    let of_rate = 1.0 - with.rate() / without.rate().max(1e-9);
    let of_cpu = 1.0 - without.cpu_per_1000() / with.cpu_per_1000().max(1e-9);
    let targets = vec![
        Target::at_most("share of push throughput", of_rate, out.share),
        Target::at_most("share of the server's CPU", of_cpu, out.share),
    ];
    let shape = format!(
        "{} callers × {} a call, {} writers in as many circles, {pairs} rounds each, alternating; beside it the same server \
         without {}",
        plan.callers,
        if out.one_by_one { 1 } else { plan.entries },
        plan.writers,
        out.what,
    );
    let bare = Some(("the same server without", without));
    let memory = format!("  memory (PSS) after it: {:.1} MiB, without {:.1} MiB", memory[0], memory[1]);
    Ok(Section { name: out.name, shape, osteon: with, bare, targets, notes: vec![memory] })
}
