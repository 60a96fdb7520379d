//! `osteon bench`: the workload of the design on a real server over TLS, beside a bare baseline that the same run measures.
//!
//! The server runs in a process of its own on one core, the load on another. [`clinic`] makes the people, [`writes`],
//! [`reads`] and [`streams`] are the load, [`host`] starts Osteon or the baseline ([`bare`] over [`raw`]), [`disk`] and
//! [`cpu`] ask what it cost, [`figures`] prints. The load is the same code for both servers.

mod bare;
mod clinic;
mod compared;
mod cpu;
mod disk;
mod entry;
mod figures;
mod host;
mod people;
mod portal;
mod raw;
mod reads;
mod stages;
mod streams;
mod wire;
mod writes;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::{Value, json};

pub use bare::{Options as BareOptions, serve as serve_bare};
pub use cpu::{Cores, pin_thread};
pub use disk::Disk;
pub use figures::Section;
pub use raw::Sizes as RawSizes;

use crate::config::{Config, Settings};

/// One workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Workload {
    /// W1: one entry a call
    Push,
    /// W1b: fifty entries a call
    #[value(name = "push-50")]
    Push50,
    /// W1b with the audit and its sealing, and without
    Audit,
    /// W1 and W1b with the rules and their alerts, and without
    Rules,
    /// W2: first sync of a new device
    Pull,
    /// W3: from a write to those who watch
    Live,
    /// W4: streams that wait
    Idle,
    /// W6: asking when nothing is new
    NothingNew,
    /// What a clinician's browser asks: the work list of 500 patients, a patient's page, two years of a chart
    Portal,
}

/// What to run, how large, and on which database.
#[derive(Clone, Debug)]
pub struct Plan {
    pub workloads: Vec<Workload>,
    pub writers: usize,
    pub callers: usize,
    pub entries: u64,
    pub rounds: u64,
    pub synced: usize,
    pub live: Duration,
    pub idle: usize,
    pub calls: u64,
    /// `None`: SQLite.
    pub postgres: Option<String>,
    /// A server that runs already: its data directory and process.
    pub running: Option<(PathBuf, u32)>,
    pub cores: Cores,
}

/// Everything that was measured.
pub struct Report {
    pub head: Vec<(&'static str, String)>,
    pub sections: Vec<Section>,
}

/// A folder that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("osteon-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn config(data: &Path, postgres: Option<&String>) -> anyhow::Result<Config> {
    let database = postgres.map(|url| crate::config::DatabaseUrl(url.clone()));
    Settings { data: Some(data.to_path_buf()), database, ..Settings::default() }.resolve()
}

/// Runs the plan; `said` is told of each section as it is done.
pub async fn run(plan: &Plan, mut said: impl FnMut(&str)) -> anyhow::Result<Report> {
    if plan.writers == 0 || plan.callers == 0 || plan.entries == 0 {
        bail!("writers, callers and entries must be at least one");
    }
    let sample = entry::entry(1, 0, 0);
    let average = |f: &dyn Fn(&entry::Entry) -> usize| {
        (0..200).map(|n| f(&entry::entry(n, 0, n)) as u64).sum::<u64>() as f64 / 200.0
    };
    let disk = match &plan.postgres {
        Some(url) => Disk::Postgres(url.clone()),
        None => Disk::Sqlite(PathBuf::new()),
    };
    let mut head = vec![
        ("store", disk.kind().to_owned()),
        (
            "entry",
            format!(
                "J01 with 14 fields set, body {:.0} bytes on the wire ({:.0} without the tag of its type; the first one {})",
                average(&|one| one.body.len()),
                average(&|one| one.inner),
                sample.body.len()
            ),
        ),
        ("mapping", entry::MAPPING.to_owned()),
        (
            "cores",
            match (plan.cores.server, plan.cores.load) {
                (Some(server), Some(load)) => format!("server on {server}, load on {load}"),
                _ => "server and load share one core".to_owned(),
            },
        ),
        ("system load before", cpu::load()),
    ];
    let scratch = Scratch::new()?;
    let mut sections = Vec::new();
    for stage in [stages::Stage::Main, stages::Stage::Batches] {
        stages::run(stage, plan, &scratch.0, average(&|one| one.body.len()), &mut |section: Section| {
            said(&section.text());
            sections.push(section);
        })
        .await?;
    }
    let mut compare: Vec<&compared::Without> = Vec::new();
    if plan.workloads.contains(&Workload::Audit) {
        compare.push(&compared::AUDIT);
    }
    if plan.workloads.contains(&Workload::Rules) {
        compare.extend(&compared::RULES);
    }
    for without in compare {
        let section = compared::run(plan, &scratch.0, without).await?;
        said(&section.text());
        sections.push(section);
    }
    head.push(("system load after", cpu::load()));
    Ok(Report { head, sections })
}

impl Report {
    #[must_use]
    pub fn json(&self) -> Value {
        let head: serde_json::Map<String, Value> =
            self.head.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
        json!({ "about": head, "workloads": self.sections.iter().map(Section::json).collect::<Vec<_>>() })
    }

    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.head {
            text += &format!("{name:<19} {value}\n");
        }
        for section in &self.sections {
            text += "\n";
            text += &section.text();
        }
        text
    }
}
