//! A private PostgreSQL in a temporary folder, from the newest installed binaries; stopped and removed when dropped.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    bin: PathBuf,
    root: bool,
}

/// Debian keeps initdb out of the PATH.
fn newest() -> PathBuf {
    let versions =
        fs::read_dir("/usr/lib/postgresql").map(|found| found.flatten().collect()).unwrap_or_else(|_| vec![]);
    let numbered = versions.iter().filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let bin = entry.path().join("bin");
        bin.join("initdb").exists().then_some((number, bin))
    });
    let newest = numbered.max_by_key(|(number, _)| *number);
    newest.expect("PostgreSQL's server is not installed (apt-get install postgresql)").1
}

impl Postgres {
    pub(crate) fn start() -> Self {
        // The path of the socket must stay short: 107 bytes with its name.
        let all = Some(std::env::temp_dir()).filter(|path| path.as_os_str().len() < 64);
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in(all.unwrap_or_else(|| "/tmp".into())).unwrap();
        let root = fs::metadata(folder.path()).unwrap().uid() == 0;
        if root {
            // PostgreSQL refuses to run as root.
            chown(folder.path(), Some(65534), Some(65534)).unwrap();
        }
        let cluster = Self { folder, bin: newest(), root };
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "osteon", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
        cluster.boot();
        cluster
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> String {
        self.path().join("data").display().to_string()
    }

    fn boot(&self) {
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories={} -c max_connections=200",
            self.path().display()
        );
        let log = self.path().join("log").display().to_string();
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-o", &options, "start"]);
    }

    /// Stops as a power cut would (no checkpoint) and starts again, with recovery.
    pub(crate) fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
        self.boot();
    }

    /// A copy of a database that nobody has open.
    #[allow(dead_code, reason = "only some of the tests that share this file copy")]
    pub(crate) fn copy(&self, from: &str, to: &str) {
        let folder = self.path().display().to_string();
        self.run("createdb", &["-h", &folder, "-U", "osteon", "-T", from, to]);
    }

    /// The URL of a database of the cluster.
    pub(crate) fn named(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=osteon", self.path().display())
    }

    /// A new database in the cluster.
    pub(crate) fn url(&self, database: &str) -> String {
        let folder = self.path().display().to_string();
        self.run("createdb", &["-h", &folder, "-U", "osteon", database]);
        self.named(database)
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        if !self.root {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
        command
    }

    fn run(&self, program: &str, args: &[&str]) {
        // To a file: a pipe would be inherited by the server and never end.
        let out = fs::File::create(self.path().join("out")).unwrap();
        let mut command = self.command(program);
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        let status = command.stdout(out.try_clone().unwrap()).stderr(out).status().unwrap();
        let text = fs::read_to_string(self.path().join("out")).unwrap_or_default();
        assert!(status.success(), "{program} failed: {text}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = self.command("pg_ctl");
        command.args(["-D", &self.data(), "-m", "immediate", "stop"]).current_dir(self.path());
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
