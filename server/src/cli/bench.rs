//! `osteon bench`: how fast this server is on this machine, beside a bare one.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use serde_json::json;

use super::{Exit, Out, arenas};
use crate::{
    bench::{self, BareOptions, Cores, Plan, RawSizes, Workload},
    clock::{Clock, SystemClock},
    config::{DatabaseUrl, Settings},
    telemetry,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Workloads to run [default: all]
    #[arg(value_enum)]
    workloads: Vec<Workload>,
    /// sqlite, or the URL of an empty PostgreSQL database (postgres://…)
    #[arg(long, value_name = "STORE", default_value = "sqlite")]
    store: String,
    /// People who write, each in a circle of their own
    #[arg(long, value_name = "N", default_value_t = 200)]
    writers: usize,
    /// How many of them write at a time, each on its own connection
    #[arg(long, value_name = "N", default_value_t = 20)]
    callers: usize,
    /// Entries of each writer (and entries in one call of push-50)
    #[arg(long, value_name = "N", default_value_t = 50)]
    entries: u64,
    /// How often push-50 is repeated, with other entries
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: u64,
    /// Circles of the device that syncs for the first time
    #[arg(long, value_name = "N", default_value_t = 50)]
    circles: usize,
    /// Seconds of live
    #[arg(long, value_name = "S", default_value_t = 30)]
    seconds: u64,
    /// Streams of idle, one TLS connection each
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    streams: usize,
    /// Calls of nothing-new
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    calls: u64,
    /// Measure the server with this process id, which runs on the data directory of --data with rate limits off, instead
    /// of starting one on an empty directory
    #[arg(long, value_name = "PID", requires = "data")]
    running: Option<u32>,
    /// Data directory of the server that runs
    #[arg(long, visible_alias = "data-dir", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Be the baseline
    #[arg(long, hide = true, requires = "data")]
    bare_server: bool,
    #[arg(long, hide = true, default_value_t = 300)]
    bare_state_bytes: usize,
    #[arg(long, hide = true, default_value_t = 300)]
    bare_log_bytes: usize,
    #[arg(long, hide = true)]
    database: Option<DatabaseUrl>,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    telemetry::more_files();
    if args.bare_server {
        return baseline(args, out);
    }
    let cores = Cores::of_this_machine();
    // Before the runtime has threads: they stay where this one is.
    bench::pin_thread(cores.load)?;
    let plan = plan(args, cores)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(bench::run(&plan, |section| eprintln!("{section}")))?;
    out.answer(&report.json(), || report.text());
    Ok(Exit::Done)
}

fn plan(args: Args, cores: Cores) -> anyhow::Result<Plan> {
    use Workload::{Audit, Idle, Live, NothingNew, Pull, Push, Push50};
    let workloads = if args.workloads.is_empty() {
        vec![Push, Push50, Pull, NothingNew, Live, Idle, Audit]
    } else {
        args.workloads
    };
    let postgres = match args.store.as_str() {
        "sqlite" => None,
        url if url.starts_with("postgres") => Some(url.to_owned()),
        _ => anyhow::bail!("--store wants sqlite or postgres://…"),
    };
    Ok(Plan {
        workloads,
        writers: args.writers,
        callers: args.callers,
        entries: args.entries,
        rounds: args.rounds,
        synced: args.circles,
        live: Duration::from_secs(args.seconds),
        idle: args.streams,
        calls: args.calls,
        postgres,
        running: args.running.zip(args.data).map(|(pid, data)| (data, pid)),
        cores,
    })
}

/// The process beside which Osteon is measured.
fn baseline(args: Args, out: &Out) -> anyhow::Result<Exit> {
    arenas::few();
    let settings = Settings { data: args.data, database: args.database, ..Settings::default() };
    let config = settings.resolve()?;
    let sizes = RawSizes { state: args.bare_state_bytes, log: args.bare_log_bytes };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("a runtime")?;
    runtime.block_on(bench::serve_bare(&config, BareOptions { sizes }, SystemClock.now_ms(), |address| {
        let url = format!("https://localhost:{}", address.port());
        out.answer(&json!({ "url": url }), || url.clone());
    }))?;
    Ok(Exit::Done)
}
