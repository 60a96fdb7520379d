//! What was measured, counted and printed.

use std::time::Duration;

use serde_json::{Value, json};

/// One workload on one server.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub took: Duration,
    /// Entries, records, receipts or calls.
    pub count: u64,
    pub waits: Vec<Duration>,
    /// Bytes of protobuf messages.
    pub up: u64,
    pub down: u64,
    /// Bytes over TCP, TLS included, connection set-up not.
    pub tcp_up: u64,
    pub tcp_down: u64,
    /// Of the server's processes, the database's included.
    pub cpu: Duration,
    pub lost: u64,
}

impl Measured {
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64().max(1e-9)
    }

    #[must_use]
    pub fn cpu_per_1000(&self) -> f64 {
        self.cpu.as_secs_f64() * 1_000.0 / self.count.max(1) as f64
    }

    /// Milliseconds that this part of the waits stayed below.
    #[must_use]
    pub fn quantile(&self, part: f64) -> f64 {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        let at = (waits.len().saturating_sub(1) as f64 * part).round() as usize;
        waits.get(at).map_or(0.0, |wait| wait.as_secs_f64() * 1_000.0)
    }

    fn each(&self, bytes: u64) -> f64 {
        bytes as f64 / self.count.max(1) as f64
    }

    #[must_use]
    pub fn up_each(&self) -> f64 {
        self.each(self.up)
    }

    #[must_use]
    pub fn down_each(&self) -> f64 {
        self.each(self.down)
    }

    fn json(&self) -> Value {
        json!({
            "count": self.count, "seconds": round(self.took.as_secs_f64()), "per_second": round(self.rate()),
            "p50_ms": round(self.quantile(0.5)), "p99_ms": round(self.quantile(0.99)), "max_ms": round(self.quantile(1.0)),
            "cpu_seconds_per_1000": round(self.cpu_per_1000()),
            "bytes_up": round(self.up_each()), "bytes_down": round(self.down_each()),
            "tcp_bytes_up": round(self.each(self.tcp_up)), "tcp_bytes_down": round(self.each(self.tcp_down)),
            "lost": self.lost,
        })
    }

    fn text(&self) -> String {
        let wait = if self.waits.is_empty() {
            String::new()
        } else {
            let [p50, p99, max] = [0.5, 0.99, 1.0].map(|part| self.quantile(part));
            format!(", p50 {p50:.2} ms, p99 {p99:.2} ms, max {max:.1} ms")
        };
        let mut text = format!("{:.0}/s{wait}, {:.3} CPU s per 1,000", self.rate(), self.cpu_per_1000());
        if self.up + self.down > 0 {
            text += &format!(
                "; bytes each: up {:.0}, down {:.0} (TCP {:.0}, {:.0})",
                self.up_each(),
                self.down_each(),
                self.each(self.tcp_up),
                self.each(self.tcp_down)
            );
        }
        text
    }
}

fn round(x: f64) -> f64 {
    (x * 1_000.0).round() / 1_000.0
}

/// A figure beside its target.
#[derive(Clone, Debug)]
pub struct Target {
    pub what: &'static str,
    pub figure: f64,
    /// `Some(true)`: at least; `Some(false)`: at most.
    pub at_least: bool,
    pub target: f64,
}

impl Target {
    #[must_use]
    pub fn at_least(what: &'static str, figure: f64, target: f64) -> Self {
        Self { what, figure, at_least: true, target }
    }

    #[must_use]
    pub fn at_most(what: &'static str, figure: f64, target: f64) -> Self {
        Self { what, figure, at_least: false, target }
    }

    #[must_use]
    pub fn reached(&self) -> bool {
        if self.at_least { self.figure >= self.target } else { self.figure <= self.target }
    }
}

/// A workload with its baseline and targets.
#[derive(Clone, Debug, Default)]
pub struct Section {
    pub name: &'static str,
    /// Group size and circle spread.
    pub shape: String,
    pub osteon: Measured,
    pub bare: Option<(&'static str, Measured)>,
    pub targets: Vec<Target>,
    pub notes: Vec<String>,
}

impl Section {
    #[must_use]
    pub fn json(&self) -> Value {
        let targets = self.targets.iter().map(|t| {
            let bound = if t.at_least { "at least" } else { "at most" };
            json!({ "what": t.what, "figure": round(t.figure), bound: t.target, "reached": t.reached() })
        });
        json!({
            "workload": self.name, "shape": self.shape, "osteon": self.osteon.json(),
            "baseline": self.bare.as_ref().map(|(what, bare)| json!({ "what": what, "figures": bare.json() })),
            "targets": targets.collect::<Vec<_>>(), "notes": self.notes,
        })
    }

    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}  ({})\n  osteon    {}\n", self.name, self.shape, self.osteon.text());
        if let Some((what, bare)) = &self.bare {
            text += &format!("  baseline  {}   [{what}]\n", bare.text());
        }
        for t in &self.targets {
            let (bound, reached) =
                (if t.at_least { "≥" } else { "≤" }, if t.reached() { "reached" } else { "NOT reached" });
            text += &format!("  {:<52} {:>9.3}  {bound} {:<9} {reached}\n", t.what, t.figure, t.target);
        }
        for note in &self.notes {
            text += &format!("  {note}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_rates_and_targets() {
        let waits = (1..=101).map(Duration::from_millis).collect();
        let measured = Measured { took: Duration::from_secs(2), count: 101, waits, ..Default::default() };
        assert_eq!((measured.quantile(0.0), measured.quantile(0.5), measured.quantile(1.0)), (1.0, 51.0, 101.0));
        assert!((measured.rate() - 50.5).abs() < 1e-9);
        assert!(Target::at_least("", 2.0, 2.0).reached() && !Target::at_most("", 2.1, 2.0).reached());
        assert_eq!(Measured::default().quantile(0.5), 0.0);
    }
}
