//! The pages of docs/ that tell a stranger what to paste: every line of every ```sh block is run, in order, in one shell
//! beside a demo of its own, twice: a page can be walked again. `# →` stands before what the answer must contain, `# ✗` before what a refusal must say; a line
//! without either must succeed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use osteon_tests::{server::free_port, tools};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// A debug build on a busy machine seeds ninety days in a while.
const START: Duration = Duration::from_secs(180);
const LINE: Duration = Duration::from_secs(60);
/// The port that the pages name.
const PORT: &str = "8443";
const MARK: &str = "@@ status ";
/// How often a page is walked beside one demo.
const WALKS: usize = 2;

/// What a line must give.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'t> {
    Success,
    Says(&'t str),
    Refuses(&'t str),
}

/// The lines of the ```sh blocks of a page, with their numbers.
fn lines(page: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in page.lines().enumerate() {
        match line.trim_end() {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside && !line.is_empty() && !line.starts_with('#') => found.push((at + 1, line)),
            _ => {}
        }
    }
    found
}

fn wanted(line: &str) -> (&str, Wanted<'_>) {
    if let Some((line, text)) = line.split_once(" # → ") {
        return (line, Wanted::Says(text.trim()));
    }
    match line.split_once(" # ✗ ") {
        Some((line, text)) => (line, Wanted::Refuses(text.trim())),
        None => (line, Wanted::Success),
    }
}

struct Shell {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Shell {
    fn start(folder: &Path, path: &str) -> Self {
        let mut child = Command::new("bash")
            .current_dir(folder)
            .env("PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().expect("stdin");
        let output = BufReader::new(child.stdout.take().expect("stdout")).lines();
        Self { _child: child, input, output }
    }

    /// What a line says, and how it ended.
    async fn run(&mut self, line: &str) -> (String, i32) {
        let typed = format!("{{ {line}\n}} 2>&1 < /dev/null; status=$?; echo; echo \"{MARK}$status\"\n");
        self.input.write_all(typed.as_bytes()).await.expect("typed");
        let mut said = String::new();
        loop {
            let next =
                timeout(LINE, self.output.next_line()).await.unwrap_or_else(|_| panic!("no end: {line}\n{said}"));
            let Some(text) = next.expect("output") else { panic!("the shell ended at: {line}\n{said}") };
            if let Some(status) = text.strip_prefix(MARK) {
                return (said, status.parse().expect("a status"));
            }
            said.push_str(&text);
            said.push('\n');
        }
    }
}

/// A demo in `run/demo` of this folder, on a port of its own. The phones of its story stand still.
async fn demo(folder: &Path) -> (Child, u16) {
    let port = free_port().expect("port");
    let listen = |port: u16| format!("127.0.0.1:{port}");
    let demo = Command::new(tools::osteon().expect("the server"))
        .current_dir(folder)
        .args(["demo", "--data-dir", "run/demo", "--pace", "3600", "--listen", &listen(port)])
        .args(["--http-listen", &listen(free_port().expect("port")), "--metrics-listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut demo = demo.expect("starts");
    let mut said = BufReader::new(demo.stdout.take().expect("stdout")).lines();
    let ready = async {
        while let Some(line) = said.next_line().await.expect("output") {
            if line.starts_with("Phone ") {
                return;
            }
        }
        panic!("the demo ended at its start");
    };
    timeout(START, ready).await.expect("ready");
    // Its story may go on talking.
    tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
    (demo, port)
}

async fn tour(page: &str) {
    let path = tools::root().join("docs").join(page);
    let text = fs::read_to_string(&path).expect("the page");
    let folder = tempfile::tempdir().expect("folder");
    let (_demo, port) = demo(folder.path()).await;
    let dir = |tool: PathBuf| tool.parent().expect("a folder").canonicalize().expect("exists").display().to_string();
    let tools = [tools::osteon(), tools::osteon_phone(), tools::grpcurl()].map(|tool| dir(tool.expect("a tool")));
    let path = format!("{}:{}", tools.join(":"), std::env::var("PATH").unwrap_or_default());
    let mut shell = Shell::start(folder.path(), &path);
    let lines = lines(&text);
    assert!(lines.len() > 10, "{page} has lines");
    for (walk, (number, line)) in (1..=WALKS).flat_map(|walk| lines.iter().map(move |line| (walk, *line))) {
        let (line, wanted) = wanted(line);
        let here = line.replace(&format!("localhost:{PORT}"), &format!("localhost:{port}"));
        let (said, status) = shell.run(&here).await;
        let told = || format!("{page}:{number}, walk {walk}: {line}\n{said}(status {status}; wanted {wanted:?})");
        match &wanted {
            Wanted::Success => assert_eq!(status, 0, "{}", told()),
            Wanted::Says(text) => assert!(status == 0 && said.contains(text), "{}", told()),
            Wanted::Refuses(text) => assert!(status != 0 && said.contains(text), "{}", told()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_the_access_tour_works_when_pasted() {
    tour("access-tour.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_the_phones_demo_works_when_pasted() {
    tour("demo.md").await;
}

#[test]
fn lines_and_what_they_must_give() {
    let page = "text\n```sh\na b # → c d\n\n# a remark\ne # ✗ f\ng\n```\n```json\n{}\n```\n";
    let found: Vec<_> = lines(page).into_iter().map(|(at, line)| (at, wanted(line))).collect();
    let expected = [(3, ("a b", Wanted::Says("c d"))), (6, ("e", Wanted::Refuses("f"))), (7, ("g", Wanted::Success))];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_line_that_fails_is_found() {
    let folder = tempfile::tempdir().expect("folder");
    let mut shell = Shell::start(folder.path(), &std::env::var("PATH").unwrap_or_default());
    assert_eq!(shell.run("N=5; echo said").await, ("said\n\n".to_owned(), 0));
    assert_eq!(shell.run("test \"$N\" = 5").await.1, 0, "what was set stays");
    assert_eq!(shell.run("echo no >&2; false").await, ("no\n\n".to_owned(), 1));
}
