//! Nothing that a person writes gets out by a way that it was not meant for: a marked text in every text field of every
//! method, in calls that are answered and in calls that are refused, with the server's log at its most talkative.

use std::{
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    process::{Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use osteon_proto::{care, record as pb, split::close, table::table};
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id},
    raw::BytesCodec,
    server::{Server, Setup},
};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, MethodDescriptor, Value};
use tonic::{Request, Status, transport::Channel};

/// No word of ours, of a library or of the contracts.
const CANARY: &str = "kanarienvogel";
/// How deep messages in messages are filled: a record body in a write in a change in a push is three.
const DEPTH: usize = 7;
/// More than the alternatives of any oneof.
const CHOICES: usize = 64;

/// What every message is filled with.
#[derive(Clone, Copy)]
struct With<'w> {
    circle: u64,
    /// A record that is there.
    record: &'w str,
    /// Of each oneof the alternative of this number. An even one: what names something names something that is there, so that
    /// the call may be answered; an odd one: the canary is everywhere.
    choice: usize,
}

/// Tokens, and what has a form of its own.
const FORMED: [&str; 10] =
    ["page_token", "request_id", "cursor", "shown", "element", "type", "parent_id", "from", "to", "zone"];

/// Every field set: texts and bytes to the canary, circles to a real one.
fn filled(of: &MessageDescriptor, with: With<'_>, depth: usize) -> DynamicMessage {
    let With { circle, record, choice } = with;
    let valid = choice.is_multiple_of(2);
    let mut message = DynamicMessage::new(of.clone());
    for field in of.fields().filter(|field| !valid || !FORMED.contains(&field.name())) {
        if let Some(oneof) = field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
            let chosen = oneof.fields().nth(choice % oneof.fields().len());
            if chosen.as_ref() != Some(&field) {
                continue;
            }
        }
        let value = match field.kind() {
            Kind::String if valid && field.name() == "record_id" => Value::String(record.into()),
            Kind::String => Value::String(CANARY.into()),
            Kind::Bytes => Value::Bytes(Bytes::from_static(CANARY.as_bytes())),
            Kind::Message(_) if depth == 0 => continue,
            Kind::Message(inner) => Value::Message(filled(&inner, with, depth - 1)),
            Kind::Enum(inner) => Value::EnumNumber(inner.values().last().map_or(0, |value| value.number())),
            Kind::Bool => Value::Bool(!choice.is_multiple_of(2)),
            Kind::Double => Value::F64(1.0),
            Kind::Float => Value::F32(1.0),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(1),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(1),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(number(field.name(), circle) as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number(field.name(), circle)),
        };
        if field.is_map() {
            continue;
        }
        let value = if field.is_list() { Value::List(vec![value]) } else { value };
        message.set_field(&field, value);
    }
    message
}

/// The caller's own device and replicas are left alone: they go on calling.
fn number(name: &str, circle: u64) -> u64 {
    match name {
        "circle" => circle,
        "device" | "replica" | "account" => 4_711,
        _ => 1,
    }
}

/// Whether a message has a oneof anywhere that the filling reaches.
fn has_choice(of: &MessageDescriptor, depth: usize) -> bool {
    of.oneofs().any(|oneof| !oneof.is_synthetic())
        || depth > 0
            && of.fields().any(|field| matches!(field.kind(), Kind::Message(inner) if has_choice(&inner, depth - 1)))
}

/// What an answer says beside its message: nothing of the canary may be in it.
fn check(method: &str, answer: Result<(), Status>) -> bool {
    let Err(status) = answer else { return true };
    let method = method.replace(CANARY, "");
    let said = format!("{status:?} {} {}", status.message(), String::from_utf8_lossy(status.details()));
    assert!(!said.contains(CANARY), "{method}: {said}");
    assert!(!holds(status.details(), CANARY.as_bytes()), "{method}: in the details");
    assert!(!format!("{:?}", status.metadata()).contains(CANARY), "{method}: in the metadata");
    false
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Whether the call was answered.
async fn call(channel: &Channel, path: &str, streams: bool, message: Bytes, token: Option<&str>) -> bool {
    let mut grpc = tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(64 << 20);
    grpc.ready().await.expect("the connection");
    let mut request = Request::new(message);
    request.set_timeout(Duration::from_secs(10));
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("header"));
    }
    let uri = path.parse().expect("path");
    let answer = if streams {
        match grpc.server_streaming(request, uri, BytesCodec).await {
            Ok(answer) => {
                let mut stream = answer.into_inner();
                let first = tokio::time::timeout(Duration::from_millis(200), stream.message()).await;
                first.unwrap_or(Ok(None)).map(|_| ())
            }
            Err(status) => Err(status),
        }
    } else {
        grpc.unary(request, uri, BytesCodec).await.map(|_| ())
    };
    check(path, answer)
}

/// Calls that are answered, with the canary in what is stored and read; a record that is there.
async fn answered(device: &mut Device) -> String {
    let ms = now_ms();
    let when = body::moment(ms);
    let pain = care::PainEntry {
        effective_start: Some(when),
        site: vec![CANARY.into()],
        worst_24h: Some(4),
        ..Default::default()
    };
    let pain = close(table().by_name("pain_entry").expect("type").number, &pain.encode_to_vec());
    let (circle, record) = (device.circle, record_id(ms));
    let mut change = body::create(record, pain.clone().into());
    change.reason = CANARY.into();
    let verdicts = device.push_urgent(vec![change]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
    let parts = device.parts().await.expect("pull");
    let stored = parts.iter().any(|part| part.body.as_ref().is_some_and(|body| holds(body, CANARY.as_bytes())));
    assert!(stored, "the canary is stored and read");
    let id = uuid::Uuid::from_bytes(record).to_string();
    let mut records = device.records();
    let get = pb::GetRecordRequest { circle, record_id: id.clone() };
    records.get_record(device.request(get)).await.expect("get");
    let explain = pb::ExplainRecordRequest { circle, record_id: id.clone(), fields: vec![] };
    records.explain_record(device.request(explain)).await.expect("explain");
    records.list_records(device.request(pb::ListRecordsRequest { circle, ..Default::default() })).await.expect("list");
    let create = pb::CreateRecordRequest { circle, body: Some(pain.into()), ..Default::default() };
    records.create_record(device.request(create)).await.expect("create");
    id
}

/// Every method with every text field marked; how many calls there were, and how many were refused.
async fn every_method(server: &Server, device: &Device, record: &str) -> (usize, usize) {
    let pool = DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let ours = pool.services().filter(|service| service.package_name().starts_with("osteon."));
    let methods: Vec<MethodDescriptor> = ours.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    assert!(methods.len() > 40 && methods.iter().all(|method| !method.is_client_streaming()), "every method");
    let channel = server.channel().expect("channel");
    let (mut calls, mut refused) = (0, 0);
    for method in &methods {
        // It would end the session that all other calls are made with.
        let ends = method.name() == "EndSession";
        let choices = if has_choice(&method.input(), DEPTH) { CHOICES } else { 2 };
        for choice in 0..choices {
            let with = With { circle: device.circle, record, choice };
            let message = filled(&method.input(), with, DEPTH);
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let token = Some(device.tokens.access_token.as_str()).filter(|_| !ends);
            for token in [token, None, Some(CANARY)] {
                calls += 1;
                let streams = method.is_server_streaming();
                refused += usize::from(!call(&channel, &path, streams, message.encode_to_vec().into(), token).await);
            }
        }
        // What is no message of the contract at all.
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let token = Some(device.tokens.access_token.as_str());
        assert!(!call(&channel, &path, false, Bytes::from_static(CANARY.as_bytes()), token).await, "{path}");
    }
    for path in [
        format!("/osteon.{CANARY}.v1.Service/Method"),
        format!("/{CANARY}"),
        format!("/osteon.sync.v1.SyncService/{CANARY}"),
    ] {
        for token in [Some(device.tokens.access_token.as_str()), None] {
            assert!(!call(&channel, &path, false, Bytes::new(), token).await, "there is no such method");
        }
    }
    (calls, refused)
}

/// In clear, as hex, and as the numbers that a byte string prints as.
fn forms() -> [String; 3] {
    let numbers = format!("{:?}", CANARY.as_bytes());
    [CANARY.to_owned(), hex::encode(CANARY), numbers.trim_matches(['[', ']']).to_owned()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marked_text_gets_out_by_no_other_way() {
    let temporary = tempfile::tempdir().expect("dir");
    let setup = Setup::default().log("trace").temporary(temporary.path()).arg("--rate-limits").arg("off");
    let server = Server::start(setup).expect("server");
    let mut device = Device::patient(&server).await.expect("patient");
    let record = answered(&mut device).await;
    let (calls, refused) = every_method(&server, &device, &record).await;
    assert!(refused > 500 && calls > refused + 15, "{refused} of {calls} calls were refused");
    device.sign_in().await.expect("it is still enrolled");
    answered(&mut device).await;

    let (log, metrics) = (server.log(), server.metrics().expect("metrics"));
    assert!(log.contains("TRACE"), "the log is at its most talkative");
    assert!(metrics.contains("rpc_server_calls_total"));
    for form in forms() {
        for (name, text) in [("log", &log), ("metrics", &metrics)] {
            let found = text.find(&form).map(|at| &text[at.saturating_sub(300)..(at + 60).min(text.len())]);
            assert!(found.is_none(), "the {name} has it: {}", found.unwrap_or_default());
        }
    }
    // Nor in a file: database, write-ahead log, temporary files, deny log.
    let away = tempfile::tempdir().expect("dir");
    server.cli(&["backup", away.path().join("backup").to_str().expect("text")]).expect("backup");
    let (mut files, mut clear) = (0, false);
    for folder in [server.dir(), temporary.path(), away.path()] {
        for file in std::fs::read_dir(folder).expect("folder").flatten().filter(|file| file.path().is_file()) {
            let bytes = std::fs::read(file.path()).expect("a file");
            (files, clear) = (files + 1, clear || holds(&bytes, b"d0001"));
            for form in forms() {
                let found = bytes.windows(form.len()).position(|window| window == form.as_bytes());
                let around = found.map(|at| &bytes[at.saturating_sub(100)..(at + 60).min(bytes.len())]);
                let around = around.map(String::from_utf8_lossy);
                assert!(around.is_none(), "{:?} holds it: {around:?}", file.file_name());
            }
        }
    }
    assert!(files >= 6 && clear, "what lies in clear is found: {files} files");
}

/// No dump of the memory that holds keys and opened records.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn core_dumps_are_off() {
    let server = Server::start(Setup::default()).expect("server");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.pid())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("the line");
    let words: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(words, ["0", "0"], "neither now nor later: {core}");
}

/// Nor does another process of the same user look into it: what /proc says of such a process is root's. Started by root it
/// is anyway; then the group tells.
#[test]
fn nobody_looks_into_the_server() {
    const OTHERS: u32 = 65_534;
    let of_root = std::fs::metadata("/proc/self").expect("proc").uid() == 0;
    let owner = |mut command: Command, looks: u32| {
        if of_root {
            command.gid(OTHERS);
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        let mut seen = (OTHERS, OTHERS);
        for _ in 0..looks {
            std::thread::sleep(Duration::from_millis(25));
            let proc = std::fs::metadata(format!("/proc/{}/environ", child.id())).expect("proc");
            seen = (proc.uid(), proc.gid());
            if seen == (0, 0) {
                break;
            }
        }
        child.kill().and_then(|()| child.wait()).expect("ended");
        seen
    };
    let folder = tempfile::tempdir().expect("dir");
    let mut serve = Command::new(osteon_tests::tools::osteon().expect("osteon"));
    serve.arg("serve").arg("--data").arg(folder.path().join("data"));
    serve.args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
    assert_eq!(owner(serve, 400), (0, 0), "the server");
    let mut other = Command::new("sleep");
    other.arg("60");
    assert_ne!(owner(other, 4), (0, 0), "what is not closed is not root's");
}
