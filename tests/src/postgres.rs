//! A private PostgreSQL for one test process: a cluster in a temporary directory, reached by a Unix socket, that stops
//! and vanishes when the process ends, however it ends (it waits on a pipe that only the process holds).

use std::{
    fs,
    io::Write,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// The cluster of this process, started when first asked for.
pub struct Postgres {
    dir: PathBuf,
    bin: PathBuf,
    databases: AtomicU32,
    _keeper: Child,
    _alive: ChildStdin,
}

static CLUSTER: OnceLock<Postgres> = OnceLock::new();
static STARTING: std::sync::Mutex<()> = std::sync::Mutex::new(());

impl Postgres {
    pub fn shared() -> Result<&'static Self> {
        let _one = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(cluster) = CLUSTER.get() {
            return Ok(cluster);
        }
        let cluster = Self::start()?;
        Ok(CLUSTER.get_or_init(|| cluster))
    }

    /// URL of a new, empty database.
    pub fn database(&self) -> Result<String> {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let done = as_owner(&self.bin.join("createdb"), &self.dir)
            .args(["-h", path(&self.dir), "-U", "osteon", &name])
            .output()
            .context("createdb")?;
        if !done.status.success() {
            bail!("createdb: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(format!("postgres:///{name}?host={}&user=osteon", path(&self.dir)))
    }

    /// Runs SQL in the database of `url` and gives back what psql prints (unaligned, without headings).
    pub fn psql(&self, url: &str, sql: &str) -> Result<String> {
        let name = url.trim_start_matches("postgres:///").split('?').next().unwrap_or_default();
        let done = as_owner(&self.bin.join("psql"), &self.dir)
            .args(["-h", path(&self.dir), "-U", "osteon", "-d", name, "-At", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()
            .context("psql")?;
        if !done.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    fn start() -> Result<Self> {
        let bin = binaries()?;
        // Short: a Unix socket's path must stay under 107 bytes.
        let all = Some(std::env::temp_dir()).filter(|path| path.as_os_str().len() < 64);
        let dir = tempfile::Builder::new().prefix("opg").tempdir_in(all.unwrap_or_else(|| "/tmp".into()))?.keep();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755))?;
        if root() {
            let owned = Command::new("chown").arg("nobody").arg(&dir).status()?;
            if !owned.success() {
                bail!("chown nobody: {owned}");
            }
        }
        let made = as_owner(&bin.join("initdb"), &dir)
            .args([
                "-D",
                path(&dir.join("data")),
                "-U",
                "osteon",
                "--auth=trust",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .output()
            .context("initdb")?;
        if !made.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
        }
        let script = format!(
            "exec >'{dir}/keeper.log' 2>&1\n\
             {bin}/pg_ctl -D '{dir}/data' -l '{dir}/log' -w -o \"-c listen_addresses='' -c unix_socket_directories={dir} \
             -c max_connections=300\" start && : > '{dir}/up' || : > '{dir}/down'\n\
             cat >/dev/null\n\
             {bin}/pg_ctl -D '{dir}/data' -m immediate -w stop\n\
             cd / && rm -rf '{dir}'",
            dir = path(&dir),
            bin = path(&bin),
        );
        let mut keeper = as_owner(Path::new("/bin/sh"), &dir)
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Of its own, so that Ctrl-C does not end it before it has tidied up.
            .process_group(0)
            .spawn()
            .context("starting PostgreSQL")?;
        let mut alive = keeper.stdin.take().context("no pipe")?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while !dir.join("up").exists() {
            if dir.join("down").exists() || Instant::now() > deadline {
                let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
                bail!("PostgreSQL did not start: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        alive.flush()?;
        Ok(Self { dir, bin, databases: AtomicU32::new(0), _keeper: keeper, _alive: alive })
    }
}

fn path(p: &Path) -> &str {
    p.to_str().unwrap_or_default()
}

fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0"))
}

/// PostgreSQL refuses root: as root, everything runs as nobody.
fn as_owner(program: &Path, dir: &Path) -> Command {
    let mut command = if root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// The newest installed version; Debian keeps `initdb` out of PATH.
fn binaries() -> Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    if let Some((_, bin)) = found.pop() {
        return Ok(bin);
    }
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .find(|bin| bin.join("initdb").exists())
        .context("no PostgreSQL server is installed here: run 'make tools'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_of_the_cluster_are_apart() {
        let cluster = Postgres::shared().expect("cluster");
        let (one, two) = (cluster.database().expect("one"), cluster.database().expect("two"));
        cluster.psql(&one, "CREATE TABLE only_here (n int)").expect("create");
        assert_eq!(cluster.psql(&one, "SELECT count(*) FROM only_here").expect("select"), "0");
        assert!(cluster.psql(&two, "SELECT count(*) FROM only_here").is_err());
        assert_eq!(cluster.psql(&two, "SHOW fsync").expect("show"), "on", "kill -9 tests need real commits");
    }
}
