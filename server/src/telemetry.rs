//! Logs and metrics. Logs go to stderr: plain lines on a terminal, one JSON object a line otherwise. Metrics are kept in
//! this process and rendered on request in the Prometheus text format; names follow OpenTelemetry's conventions.
//!
//! Architecture invariant: no value, no name and no free text of a person is ever in a log line or a metric label.

use std::io::IsTerminal;

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts the log. `filter` is a tracing filter, for example `info` or `osteon_server=debug`.
pub fn start_log(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).context("the log filter cannot be read")?;
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter);
    if json {
        let layer = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        registry.with(layer.with_writer(std::io::stderr)).try_init()
    } else {
        let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        registry.with(fmt::layer().with_ansi(color).with_target(false).with_writer(std::io::stderr)).try_init()
    }
    .context("a log is running already")
}

/// Names of the metrics. Labels: `rpc_method`, `rpc_grpc_status_code`, `reason`, `policy`, `result`.
pub mod names {
    /// Histogram, seconds: one call, to the end of its response headers.
    pub const CALL_SECONDS: &str = "rpc_server_duration_seconds";
    /// Counter: calls by method and status.
    pub const CALLS: &str = "rpc_server_calls_total";
    /// Counter: refusals by reason.
    pub const REFUSALS: &str = "osteon_refusals_total";
    /// Gauge.
    pub const CONNECTIONS: &str = "osteon_connections";
    /// Counter by result: accepted, failed, timeout.
    pub const HANDSHAKES: &str = "osteon_tls_handshakes_total";
    /// Gauge: open live streams.
    pub const STREAMS: &str = "osteon_live_streams";
    /// Gauge: circles that somebody on this node waits for.
    pub const CIRCLES: &str = "osteon_live_circles";
    /// Counter: commits that woke somebody.
    pub const WAKES: &str = "osteon_live_wakes_total";
    /// Counter: circles whose wake-up was lost and that the slow poll found.
    pub const WAKES_FOUND: &str = "osteon_live_wakes_found_by_poll_total";
    /// Counter: rows of the audit that were sealed.
    pub const AUDIT_SEALED: &str = "osteon_audit_sealed_rows_total";
    /// Counter: passes of the sealer that failed, and cuts that it found.
    pub const AUDIT_FAILED: &str = "osteon_audit_failures_total";
    /// Counter by rule, severity and whether it is a new one: revisions of alerts that were written.
    pub const ALERTS: &str = "osteon_alerts_raised_total";
    /// Counter by what came of it: tries to wake a device.
    pub const WOKEN: &str = "osteon_devices_woken_total";
    /// Counter by reason: circles whose rules failed or had no time, and whose warnings are late until they are asked again.
    pub const RULES_LATE: &str = "osteon_rules_late_total";
}

/// Starts the recorder of metrics; its handle renders them. May be called once per process.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let buckets = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
    let recorder = PrometheusBuilder::new().set_buckets(&buckets).context("buckets")?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("metrics are running already"))?;
    describe();
    Ok(handle)
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_histogram!(names::CALL_SECONDS, metrics::Unit::Seconds, "Time of a call to its response headers");
    describe_counter!(names::CALLS, "Calls by method and status");
    describe_counter!(names::REFUSALS, "Refusals by reason");
    describe_gauge!(names::CONNECTIONS, "Open connections");
    describe_counter!(names::HANDSHAKES, "TLS handshakes by result");
    describe_gauge!(names::STREAMS, "Open live streams");
    describe_gauge!(names::CIRCLES, "Circles that somebody on this node waits for");
    describe_counter!(names::WAKES, "Commits that woke somebody");
    describe_counter!(names::AUDIT_SEALED, "Rows of the audit that were sealed");
    describe_counter!(names::AUDIT_FAILED, "Passes of the sealer that failed, and cuts that it found");
    describe_counter!(names::ALERTS, "Revisions of alerts that were written, by rule, severity and cause");
    describe_counter!(names::WOKEN, "Tries to wake a device, by what its push service said");
    describe_counter!(names::RULES_LATE, "Times that rules failed or had no time, by reason: warnings are late");
    describe_counter!(names::WAKES_FOUND, "Circles that the slow poll found moved");
}

/// Switches core dumps off: memory holds keys and opened records.
pub fn no_core_dumps() -> anyhow::Result<()> {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    rustix::process::setrlimit(rustix::process::Resource::Core, none).context("core dumps cannot be switched off")
}

/// Nobody but root looks into this process, or dumps it, from now on (Linux; prctl PR_SET_DUMPABLE): memory holds keys and
/// opened records.
pub fn not_dumpable() -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .context("the process cannot be closed to others")?;
    Ok(())
}

/// Panics are logged with their place and without their text, which may hold anything.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// Lifts the soft limit of open files to the hard one; returns what holds now.
pub fn more_files() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let wanted = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
        if setrlimit(Resource::Nofile, wanted).is_ok() {
            limit = getrlimit(Resource::Nofile);
        }
    }
    limit.current.unwrap_or(u64::MAX)
}
