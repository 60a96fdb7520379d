//! Phones as processes of their own: `osteon-phone` beside this program, told what to do line by line, and heard.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
    time::timeout,
};

/// How long a phone may take for one command.
const ANSWER: Duration = Duration::from_secs(20);
/// What is heard of a phone and not shown yet.
const HEARD: usize = 256;

/// Where the server is, for a phone that enrols.
pub(crate) struct Server<'a> {
    pub(crate) url: &'a str,
    pub(crate) ca: &'a Path,
}

/// A phone that lives in a process.
pub(crate) struct LivePhone {
    pub(crate) name: &'static str,
    stdin: ChildStdin,
    answers: mpsc::Receiver<Value>,
    // Ends with its owner.
    _child: Child,
}

/// The program of the phones, beside this one.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("where this program lies")?;
    let phone = here.with_file_name("osteon-phone");
    if !phone.is_file() {
        bail!("{} is not there: build it too (cargo build --release --workspace --bins)", phone.display());
    }
    Ok(phone)
}

/// Enrols a folder as somebody's phone.
pub(crate) async fn enrol(
    program: &Path,
    home: &Path,
    name: &str,
    (code, short_id): (&str, &str),
    server: &Server<'_>,
) -> anyhow::Result<()> {
    let done = Command::new(program)
        .arg("--home")
        .arg(home)
        .args(["--circle", short_id, "enrol", code, "--server", server.url, "--name", name, "--ca"])
        .arg(server.ca)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .await
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !done.success() {
        bail!("the phone {name} could not be enrolled");
    }
    Ok(())
}

impl LivePhone {
    /// Starts an enrolled phone. What it tells while it syncs is printed behind its name.
    pub(crate) fn start(program: &Path, home: &Path, name: &'static str) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .arg("--home")
            .arg(home)
            .arg("shell")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdin = child.stdin.take().context("a pipe to the phone")?;
        let stdout = child.stdout.take().context("a pipe from the phone")?;
        let (tx, answers) = mpsc::channel(HEARD);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                match serde_json::from_str::<Value>(&line) {
                    Ok(answer) if !answer.is_number() && !answer.is_string() => {
                        if tx.send(answer).await.is_err() {
                            return;
                        }
                    }
                    _ => println!("  {name:<5} {line}"),
                }
            }
        });
        Ok(Self { name, stdin, answers, _child: child })
    }

    /// Types a command, as a person would; the answer is shown.
    pub(crate) async fn show(&mut self, command: &str) -> anyhow::Result<()> {
        println!("  {:<5} $ osteon-phone {command}", self.name);
        self.type_line(command).await
    }

    /// Types a command and waits for its answer in JSON; only the command is shown.
    pub(crate) async fn ask(&mut self, command: &str) -> anyhow::Result<Value> {
        println!("  {:<5} $ osteon-phone {command}", self.name);
        self.query(command).await
    }

    /// The same, and nothing is shown.
    pub(crate) async fn query(&mut self, command: &str) -> anyhow::Result<Value> {
        while self.answers.try_recv().is_ok() {}
        self.type_line(&format!("--json {command}")).await?;
        let answer = timeout(ANSWER, self.answers.recv()).await.ok().flatten();
        answer.with_context(|| format!("the phone {} does not answer", self.name))
    }

    async fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        let line = format!("{line}\n");
        self.stdin.write_all(line.as_bytes()).await.with_context(|| format!("the phone {} has ended", self.name))?;
        self.stdin.flush().await.with_context(|| format!("the phone {} has ended", self.name))
    }
}
