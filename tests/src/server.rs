//! One real server process with a data directory of its own: started, killed, drained, started again on the same data.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::{postgres::Postgres, tools};

/// How long a server may take to answer after its start. Generous: debug builds on a busy machine.
const START: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    Sqlite,
    Postgres,
}

/// Both stores, for tests that hold on either.
pub const STORES: [StoreKind; 2] = [StoreKind::Sqlite, StoreKind::Postgres];

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// None: SQLite in the data directory.
    pub database: Option<String>,
    /// None: a file in the data directory.
    pub deny_log: Option<String>,
    /// None: info.
    pub log: Option<String>,
    /// A folder for its temporary files, and nobody else's. None: the machine's.
    pub temporary: Option<PathBuf>,
    /// Its data directory is one of a demo: it may ask a machine of its own network.
    pub demo: bool,
    /// More arguments of `osteon serve`.
    pub args: Vec<String>,
}

impl Setup {
    pub fn on(store: StoreKind) -> Result<Self> {
        let database = match store {
            StoreKind::Sqlite => None,
            StoreKind::Postgres => Some(Postgres::shared()?.database()?),
        };
        // Several nodes may be started on it.
        let deny_log = match store {
            StoreKind::Sqlite => None,
            StoreKind::Postgres => Some(Postgres::shared()?.database()?),
        };
        Ok(Self { database, deny_log, ..Self::default() })
    }

    /// How much the server logs.
    pub fn log(mut self, filter: impl Into<String>) -> Self {
        self.log = Some(filter.into());
        self
    }

    pub fn temporary(mut self, folder: &Path) -> Self {
        self.temporary = Some(folder.to_owned());
        self
    }

    pub fn demo(mut self) -> Self {
        self.demo = true;
        self
    }

    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }
}

pub struct Server {
    child: Child,
    setup: Setup,
    dir: PathBuf,
    port: u16,
    _owned: Option<TempDir>,
}

impl Server {
    pub fn start(setup: Setup) -> Result<Self> {
        let owned = tempfile::Builder::new().prefix("osteon-").tempdir()?;
        let dir = owned.path().join("data");
        if setup.demo {
            osteon_server::config::mark_demo(&dir)?;
        }
        Self::launch(setup, dir, free_port()?, Some(owned))
    }

    /// Another node: on the same database and with the same keys, but on a port of its own.
    pub fn another(&self) -> Result<Self> {
        Self::launch(self.setup.clone(), self.dir.clone(), free_port()?, None)
    }

    fn launch(setup: Setup, dir: PathBuf, port: u16, owned: Option<TempDir>) -> Result<Self> {
        let child = spawn(&setup, &dir, port)?;
        let mut server = Self { child, setup, dir, port, _owned: owned };
        server.wait_ready()?;
        Ok(server)
    }

    /// Starts it again on the same data and port.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.child = spawn(&self.setup, &self.dir, self.port)?;
        self.wait_ready()
    }

    /// Its next start, and every command, is on this database.
    pub fn move_to(&mut self, database: String) {
        self.setup.database = Some(database);
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            self.child.kill()?;
            self.child.wait()?;
        }
        Ok(())
    }

    /// SIGTERM.
    pub fn term(&self) -> Result<()> {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        if !sent.success() {
            bail!("kill -TERM: {sent}");
        }
        Ok(())
    }

    /// Waits for the process to end by itself.
    pub fn wait_exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("still running after {limit:?}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn authority(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The PostgreSQL database, if it is on one.
    pub fn database(&self) -> Option<&str> {
        self.setup.database.as_deref()
    }

    /// The PostgreSQL database of its deny log, if it is in one.
    pub fn deny_log(&self) -> Option<&str> {
        self.setup.deny_log.as_deref()
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The authority that the server made at its first start.
    pub fn ca_path(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    pub fn ca(&self) -> Result<Vec<u8>> {
        fs::read(self.ca_path()).context("ca.pem in the data directory")
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(&self.dir, self.port)).unwrap_or_default()
    }

    /// The metrics page, from the address that the server printed.
    pub fn metrics(&self) -> Result<String> {
        let log = self.log();
        let url =
            log.lines().find_map(|line| line.strip_prefix("Metrics: http://")).context("no address of the metrics")?;
        let (address, path) = url.split_at(url.find('/').context("no path of the metrics")?);
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// How many calls were answered since it started.
    pub fn calls(&self) -> Result<u64> {
        let page = self.metrics()?;
        let counts = page.lines().filter(|line| line.starts_with("rpc_server_calls_total"));
        Ok(counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum())
    }

    pub fn endpoint(&self) -> Result<Endpoint> {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(self.ca()?)).domain_name("localhost");
        Ok(Endpoint::from_shared(format!("https://127.0.0.1:{}", self.port))?
            .tls_config(tls)?
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(3))
            .keep_alive_timeout(Duration::from_secs(3))
            .keep_alive_while_idle(true))
    }

    /// A connection of its own; reconnects by itself after a restart.
    pub fn channel(&self) -> Result<Channel> {
        Ok(self.endpoint()?.connect_lazy())
    }

    /// Runs a command of the binary on this server's data; its `--json` answer.
    pub fn cli(&self, args: &[&str]) -> Result<Value> {
        let mut command = Command::new(tools::osteon()?);
        command.args(args).arg("--data").arg(&self.dir).arg("--json");
        if let Some(url) = &self.setup.database {
            command.args(["--database", url]);
        }
        if let Some(url) = &self.setup.deny_log {
            command.args(["--deny-log", url]);
        }
        let done = command.stdin(Stdio::null()).output()?;
        if !done.status.success() {
            bail!("osteon {args:?}: {}\n{}", done.status, String::from_utf8_lossy(&done.stderr));
        }
        serde_json::from_slice(&done.stdout)
            .with_context(|| format!("osteon {args:?} printed no JSON: {}", String::from_utf8_lossy(&done.stdout)))
    }

    fn wait_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended at its start: {status}\n{}", self.log());
            }
            if self.ca_path().exists() && TcpStream::connect(self.address()).is_ok() {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the server did not answer within {START:?}\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            for line in tail.iter().rev() {
                eprintln!("server | {line}");
            }
        }
        let _ = self.kill();
    }
}

fn spawn(setup: &Setup, dir: &Path, port: u16) -> Result<Child> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    let log = File::options().create(true).append(true).open(log_path(dir, port))?;
    let mut command = Command::new(tools::osteon()?);
    command.arg("serve").arg("--data").arg(dir).args(["--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--metrics-listen", "127.0.0.1:0", "--log", setup.log.as_deref().unwrap_or("info")]);
    if let Some(folder) = &setup.temporary {
        command.env("TMPDIR", folder).env("SQLITE_TMPDIR", folder);
    }
    if let Some(url) = &setup.database {
        command.args(["--database", url]);
    }
    if let Some(url) = &setup.deny_log {
        command.args(["--deny-log", url]);
    }
    command.args(&setup.args);
    let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    Ok(child)
}

fn log_path(dir: &Path, port: u16) -> PathBuf {
    dir.with_file_name(format!("server-{port}.log"))
}

/// A port that nobody listens on. Another process may take it before the server does; then the start fails loudly.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
