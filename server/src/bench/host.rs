//! The server under measure, in a process of its own on a core of its own; and the one beside it that does nothing but
//! store and send the same bytes.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use super::{
    cpu::{self, Cores},
    disk::Disk,
    wire::Dialler,
};

/// Which server to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Osteon,
    /// Osteon without its audit, on a directory of the bench's own.
    WithoutAudit,
    /// Osteon without its rules, on a directory of the bench's own.
    WithoutRules,
    /// The baseline: bare gRPC and bare group commit.
    Bare,
}

/// A server that runs, and where its work is accounted.
pub(super) struct Host {
    child: Option<Child>,
    pid: u32,
    /// The database's own first process, where there is one.
    database: Option<u32>,
    pub dialler: Dialler,
}

/// Time for a server to come up, and to go down.
const PATIENCE: Duration = Duration::from_secs(15);

impl Host {
    pub(super) async fn start(
        kind: Kind,
        data: &Path,
        disk: &Disk,
        cores: Cores,
        more: &[String],
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("where this program lies")?;
        // How much memory the server takes is read from outside.
        std::fs::write(data.join(crate::config::BENCH_MARKER), "").context("cannot mark the folder")?;
        let mut command = Command::new(program);
        match kind {
            Kind::Osteon | Kind::WithoutAudit | Kind::WithoutRules => {
                command.args(["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
                command.args(["--rate-limits", "off", "--log", "warn"]);
                let part = match kind {
                    Kind::WithoutAudit => Some("audit"),
                    Kind::WithoutRules => Some("rules"),
                    Kind::Osteon | Kind::Bare => None,
                };
                command.args(part.map(|part| format!("--bench-without={part}")));
            }
            Kind::Bare => {
                command.args(["bench", "--bare-server"]).args(more);
            }
        }
        command.arg("--json").arg("--data").arg(data);
        if let Some(url) = disk.url() {
            command.args(["--database", url]);
        }
        // A child runs where its parent's thread runs.
        cpu::pin_thread(cores.server)?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        cpu::pin_thread(cores.load)?;
        let mut child = child.context("cannot start the server")?;
        let database = disk.server_process().await?;
        if let Some(database) = database {
            cpu::pin_tree(database, cores.server)?;
        }
        let out = child.stdout.take().context("the server's output")?;
        let url = match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(move || url(out))).await {
            Ok(url) => url??,
            Err(_) => bail!("the server did not come up"),
        };
        let ca = data.join(crate::config::CA_FILE);
        Ok(Self { pid: child.id(), child: Some(child), database, dialler: Dialler::new(&url, &ca)? })
    }

    /// One that runs already.
    pub(super) async fn running(data: &Path, disk: &Disk, pid: u32) -> anyhow::Result<Self> {
        let address = data.join(crate::config::ADDRESS_FILE);
        let url =
            std::fs::read_to_string(&address).with_context(|| format!("no server has run in {}", data.display()))?;
        let ca: PathBuf = data.join(crate::config::CA_FILE);
        let database = disk.server_process().await?;
        Ok(Self { child: None, pid, database, dialler: Dialler::new(url.trim(), &ca)? })
    }

    /// CPU used so far, the database's included.
    pub(super) fn cpu(&self) -> Duration {
        cpu::used(self.pid) + self.database.map(cpu::used).unwrap_or_default()
    }

    /// Memory of the server alone.
    pub(super) fn pss(&self) -> u64 {
        cpu::pss(self.pid)
    }

    /// Asks it to go down, and waits.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        terminate(&child);
        let ended = tokio::task::spawn_blocking(move || child.wait());
        tokio::time::timeout(PATIENCE, ended).await.context("the server does not go down")???;
        Ok(())
    }
}

fn terminate(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The address that a server prints when it is up: one JSON object.
fn url(out: impl std::io::Read) -> anyhow::Result<String> {
    let mut text = String::new();
    for line in BufReader::new(out).lines() {
        text.push_str(&line?);
        if let Ok(said) = serde_json::from_str::<serde_json::Value>(&text) {
            let url = said.get("url").and_then(serde_json::Value::as_str);
            return url.map(str::to_owned).context("the server did not say where it listens");
        }
    }
    bail!("the server ended before it was up")
}
