//! What calls leave in the audit, seen with the commands of whoever runs the machine.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use osteon_proto::record::GetRecordRequest;
use osteon_tests::{
    device::Device,
    raw,
    server::{Server, Setup, StoreKind},
    tools,
};
use prost::Message;
use serde_json::Value;
use tonic::Code;

const GET: &str = "/osteon.record.v1.RecordService/GetRecord";

pub(crate) fn rows(server: &Server, of: &[&str]) -> Vec<Value> {
    let args = [&["audit", "show", "--limit", "10000"], of].concat();
    server.cli(&args).expect("audit show")["entries"].as_array().expect("entries").clone()
}

/// How often a call was refused for a reason, and in how many rows.
pub(crate) fn refused(rows: &[Value], action: &str, outcome: &str) -> (u64, usize) {
    let found = rows.iter().filter(|row| row["action"] == action && row["outcome"] == outcome);
    let counts: Vec<u64> = found.map(|row| row["count"].as_u64().expect("count")).collect();
    (counts.iter().sum(), counts.len())
}

async fn get(device: &Device, token: &str, circle: u64) -> Code {
    let record_id = uuid::Uuid::from_u128(7).to_string();
    let message = GetRecordRequest { circle, record_id }.encode_to_vec().into();
    raw::unary(device.channel.clone(), GET, token, message).await.expect_err("refused").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refused_calls_is_a_few_rows() {
    let setup = Setup::on(StoreKind::Sqlite).expect("setup").arg("--rate-limits").arg("off");
    let mut server = Server::start(setup).expect("server");
    let device = Device::patient(&server).await.expect("patient");
    let token = device.tokens.access_token.as_str();
    let flood = tools::count("OSTEON_CASES", 3_000).min(10_000);
    for _ in 0..flood {
        assert_eq!(get(&device, token, 4711).await, Code::NotFound);
    }
    // In the own circle, and by nobody.
    for _ in 0..500 {
        assert_eq!(get(&device, token, device.circle).await, Code::NotFound);
        assert_eq!(get(&device, "no-token", device.circle).await, Code::Unauthenticated);
    }
    server.term().expect("term");
    server.wait_exit(Duration::from_secs(20)).expect("ends");
    // A minute's end may lie in between.
    let minutes = |(count, rows): (u64, usize), expected: u64| {
        assert_eq!(count, expected);
        assert!(rows <= 8, "{rows} rows");
    };
    minutes(refused(&rows(&server, &["--clinic", "clinic"]), GET, "NOT_FOUND"), flood);
    minutes(refused(&rows(&server, &["--circle", "d0001"]), GET, "NOT_FOUND"), 500);
    minutes(refused(&rows(&server, &["--of-the-server"]), GET, "TOKEN_UNKNOWN"), 500);
    let verified = server.cli(&["audit", "verify"]).expect("verify");
    assert_eq!((&verified["sound"], &verified["unsealed_rows"]), (&Value::Bool(true), &Value::from(0)));
    assert_eq!(verified["kept_heads"], 1, "the server left its last head beside the database");
}

/// Whatever a method is: a call without a token and one that is no message leave their row.
#[tokio::test(flavor = "multi_thread")]
async fn every_method_leaves_its_refusals() {
    let mut server = Server::start(Setup::default()).expect("server");
    let device = Device::patient(&server).await.expect("patient");
    let pool = prost_reflect::DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let services = pool.services().filter(|service| service.package_name().starts_with("osteon."));
    let paths = services.flat_map(|service| {
        let path = |m: prost_reflect::MethodDescriptor| format!("/{}/{}", service.full_name(), m.name());
        service.methods().map(path).collect::<Vec<_>>()
    });
    let (mut asked, mut open) = (Vec::new(), Vec::new());
    for path in paths {
        let garbage = || Bytes::from_static(&[0xff, 0xff]);
        let refused = raw::unary(device.channel.clone(), &path, "", garbage()).await.expect_err("no token");
        match refused.code() {
            // So many from one address within a minute are told to wait; each has its row all the same.
            Code::Unauthenticated | Code::ResourceExhausted => asked.push(path.clone()),
            _ => open.push(path.clone()),
        }
        let answer = raw::unary(device.channel.clone(), &path, &device.tokens.access_token, garbage()).await;
        assert_eq!(answer.expect_err("no message").code(), Code::InvalidArgument, "{path}");
    }
    assert!(asked.len() > 15 && !open.is_empty());
    server.term().expect("term");
    server.wait_exit(Duration::from_secs(20)).expect("ends");
    let told = |rows: Vec<Value>| -> BTreeSet<(String, String)> {
        let word = |row: &Value, name: &str| row[name].as_str().expect("word").to_owned();
        rows.iter().map(|row| (word(row, "action"), word(row, "outcome"))).collect()
    };
    let (server_s, clinic_s) =
        (told(rows(&server, &["--of-the-server"])), told(rows(&server, &["--clinic", "clinic"])));
    let row = |path: &String, reason: &str| (path.clone(), reason.to_owned());
    for path in &asked {
        assert!(server_s.contains(&row(path, "TOKEN_MISSING")), "{path} without a token in {server_s:?}");
        assert!(clinic_s.contains(&row(path, "MALFORMED_MESSAGE")), "{path} in {clinic_s:?}");
    }
    for path in &open {
        assert!(server_s.contains(&row(path, "MALFORMED_MESSAGE")), "{path} in {server_s:?}");
    }
}

/// An edit behind the server's back is found by the command, with its exit code, also without the key file.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_found_on_both_stores() {
    for store in osteon_tests::server::STORES {
        let mut server = Server::start(Setup::on(store).expect("setup")).expect("server");
        let mut device = Device::patient(&server).await.expect("patient");
        crate::support::entries(&mut device, 3).await;
        device.pull(&[]).await.expect("pull");
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        let head = loop {
            let report = server.cli(&["audit", "verify"]).expect("verify");
            assert_eq!(report["sound"], true, "{report}");
            if report["unsealed_rows"] == 0 && report["rows"].as_u64() >= Some(4) {
                break server.cli(&["audit", "head"]).expect("head");
            }
            assert!(std::time::Instant::now() < deadline, "sealed within a second: {report}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        server.term().expect("term");
        server.wait_exit(Duration::from_secs(20)).expect("ends");
        let key = head["public_key"].as_str().expect("key").to_owned();
        let edit = "UPDATE audit SET account = 4711 WHERE no = 2";
        match server.database() {
            Some(url) => {
                osteon_tests::postgres::Postgres::shared().expect("cluster").psql(url, edit).expect("edited");
            }
            None => {
                let url = format!("sqlite:{}", server.dir().join("osteon.db").display());
                let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.expect("database");
                sqlx::query(edit).execute(&mut db).await.expect("edited");
            }
        }
        for more in [&[][..], &["--public-key", &key]] {
            let mut command = std::process::Command::new(tools::osteon().expect("osteon"));
            command.args(["audit", "verify", "--json", "--data"]).arg(server.dir()).args(more);
            if let Some(url) = server.database() {
                command.args(["--database", url]);
            }
            let done = command.output().expect("runs");
            assert_eq!(done.status.code(), Some(5), "{}", String::from_utf8_lossy(&done.stderr));
            let report: Value = serde_json::from_slice(&done.stdout).expect("json");
            assert_eq!(report["findings"][0]["what"], "rows edited", "{report}");
            assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "{report}");
        }
    }
}
