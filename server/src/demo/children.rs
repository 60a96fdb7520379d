//! Phones and desks as processes of their own: `osteon-phone` beside this program, or `osteon desk`, told what to do line by
//! line, and heard.

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

/// A phone, or a clinician's desk, that lives in a process.
pub(crate) struct Live {
    pub(crate) name: &'static str,
    kind: Kind,
    stdin: ChildStdin,
    answers: mpsc::Receiver<Value>,
    // Ends with its owner.
    _child: Child,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Phone,
    Desk,
}

impl Kind {
    /// How a command is shown.
    fn program(self) -> &'static str {
        match self {
            Self::Phone => "osteon-phone",
            Self::Desk => "osteon desk:",
        }
    }
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

impl Live {
    /// Starts an enrolled phone. What it tells while it syncs is printed behind its name.
    pub(crate) fn phone(program: &Path, home: &Path, name: &'static str) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg("--home").arg(home).arg("shell");
        Self::start(command, name, Kind::Phone)
    }

    /// Starts a clinician's desk, with the key of an enrolled device.
    pub(crate) fn desk(data: &Path, key: &Path, circle: u64, name: &'static str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe().context("where this program lies")?);
        command.arg("desk").arg("--data").arg(data).arg("--key").arg(key).args(["--circle", &circle.to_string()]);
        Self::start(command, name, Kind::Desk)
    }

    fn start(mut command: Command, name: &'static str, kind: Kind) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start the program of {name}"))?;
        let stdin = child.stdin.take().context("a pipe to the program")?;
        let stdout = child.stdout.take().context("a pipe from the program")?;
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
        Ok(Self { name, kind, stdin, answers, _child: child })
    }

    /// The exercise plan, as this one sees it.
    pub(crate) async fn look(&mut self) -> anyhow::Result<Value> {
        match self.kind {
            Kind::Phone => self.query("plan exercise").await,
            Kind::Desk => self.query("look").await,
        }
    }

    /// Types a command, as a person would; the answer is shown.
    pub(crate) async fn show(&mut self, command: &str) -> anyhow::Result<()> {
        println!("  {:<5} $ {} {command}", self.name, self.kind.program());
        self.type_line(command).await
    }

    /// Types a command and waits for its answer in JSON. Of a phone only the command is shown.
    pub(crate) async fn ask(&mut self, command: &str) -> anyhow::Result<Value> {
        println!("  {:<5} $ {} {command}", self.name, self.kind.program());
        let answer = self.query(command).await?;
        if self.kind == Kind::Desk {
            println!("  {:<5} {answer}", self.name);
        }
        Ok(answer)
    }

    /// The same, and nothing is shown.
    pub(crate) async fn query(&mut self, command: &str) -> anyhow::Result<Value> {
        while self.answers.try_recv().is_ok() {}
        let flag = if self.kind == Kind::Phone { "--json " } else { "" };
        self.type_line(&format!("{flag}{command}")).await?;
        let answer = timeout(ANSWER, self.answers.recv()).await.ok().flatten();
        let answer = answer.with_context(|| format!("{} does not answer", self.name))?;
        match answer["error"].as_str() {
            Some(error) => bail!("{}: {error}", self.name),
            None => Ok(answer),
        }
    }

    async fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        let line = format!("{line}\n");
        self.stdin.write_all(line.as_bytes()).await.with_context(|| format!("{} has ended", self.name))?;
        self.stdin.flush().await.with_context(|| format!("{} has ended", self.name))
    }
}
