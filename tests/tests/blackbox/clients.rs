//! Clients that we did not write, each against the real server: Python's grpcio, Node's grpc-js, connect-web in
//! headless Chromium. Scripts lie in `tests/clients/`.

use std::{process::Stdio, time::Duration};

use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id},
    server::{Server, Setup, free_port},
    tools,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

use crate::support::{goes_on, server_with_patient};

const PATIENCE: Duration = Duration::from_secs(90);

/// A running script, read line by line.
pub(crate) struct Script {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    errors: ChildStderr,
}

impl Script {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the script starts");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let errors = child.stderr.take().expect("stderr");
        Self { child, lines, errors }
    }

    /// The next line; if there is none, what the script said on its way out.
    pub(crate) async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("the script says nothing").expect("stdout");
        match line {
            Some(line) => line,
            None => {
                let mut said = String::new();
                self.errors.read_to_string(&mut said).await.expect("stderr");
                panic!("the script ended: {said}");
            }
        }
    }

    pub(crate) async fn ends_well(mut self) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("the script does not end").expect("wait");
        let mut said = String::new();
        self.errors.read_to_string(&mut said).await.expect("stderr");
        assert!(status.success(), "{status}: {said}");
    }
}

async fn push_one(device: &mut Device, worst: u32, record: [u8; 16]) {
    let verdicts = device.push_urgent(vec![body::create(record, body::pain(worst, now_ms()))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn python_grpcio_sees_a_push_live() {
    let (server, mut device) = server_with_patient().await;
    let record = record_id(now_ms());
    let mut command = Command::new(tools::python().expect("python"));
    command
        .arg(tools::root().join("tests/clients/python/live_pull.py"))
        .arg(server.authority())
        .arg(server.ca_path())
        .args([&device.tokens.access_token, &device.circle.to_string(), &hex::encode(record)]);
    let mut script = Script::start(command);
    assert_eq!(script.line().await, "ready");
    push_one(&mut device, 9, record).await;
    assert_eq!(script.line().await, "seen 9");
    script.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn node_grpc_js_pushes_and_sees_it_live() {
    let (server, mut device) = server_with_patient().await;
    let record = record_id(now_ms());
    let mut command = Command::new("node");
    command
        .current_dir(tools::node_clients().expect("node clients"))
        .arg("node/sync.mjs")
        .arg(server.authority())
        .arg(server.ca_path())
        .args([
            &device.tokens.access_token,
            &device.circle.to_string(),
            &device.urgent.replica.to_string(),
            &hex::encode(record),
        ]);
    let mut script = Script::start(command);
    let line: serde_json::Value = serde_json::from_str(&script.line().await).expect("JSON");
    assert_eq!(line, serde_json::json!({"verdict": "accepted", "member": "pain_entry", "worst": 7}));
    script.ends_well().await;
    device.urgent.last = 1;
    goes_on(&mut device, &[record]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_web_in_chromium_streams_and_a_foreign_origin_is_refused() {
    let port = free_port().expect("port");
    let setup = Setup::default().arg("--cors-origin").arg(format!("http://localhost:{port}"));
    let server = Server::start(setup).expect("server");
    let mut device = Device::patient(&server).await.expect("patient");
    let record = record_id(now_ms());
    let mut command = Command::new("node");
    command
        .current_dir(tools::node_clients().expect("node clients"))
        .arg("web/drive.mjs")
        .arg(format!("https://{}", server.authority()))
        .args([&device.tokens.access_token, &device.circle.to_string(), &hex::encode(record), &port.to_string()])
        .arg(tools::chromium().expect("chromium"));
    let mut script = Script::start(command);
    assert_eq!(script.line().await, format!("me {}", device.account));
    assert_eq!(script.line().await, "ready");
    push_one(&mut device, 6, record).await;
    assert_eq!(script.line().await, "seen 6");
    assert_eq!(script.line().await, "refused");
    script.ends_well().await;
}
