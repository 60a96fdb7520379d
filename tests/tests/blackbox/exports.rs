//! The patient's own copy, written by whoever runs the server beside a server that serves.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use osteon_proto::{audit as pb, audit::audit_service_client::AuditServiceClient, record as rb};
use osteon_tests::{
    device::Device,
    server::{STORES, Server, Setup},
    tools,
};
use serde_json::Value;

use crate::support::{entries, member};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_who_asks_the_clinic_gets_a_file() {
    for store in STORES {
        let server = Server::start(Setup::on(store).expect("database")).expect("server");
        let mut patient = Device::patient(&server).await.expect("patient");
        let nurse = member(&server, &patient, "nurse").await;
        let made = entries(&mut patient, 120).await;
        let id = uuid::Uuid::from_bytes(made[7]).to_string();
        let get = rb::GetRecordRequest { circle: patient.circle, record_id: id.clone() };
        nurse.records().get_record(nurse.request(get)).await.expect("read");

        let away = tempfile::tempdir().expect("dir");
        let file = away.path().join("mine.jsonl");
        let name = file.to_str().expect("text");
        let done = server.cli(&["export", "--patient", "d0001", name]).expect("exported");
        assert_eq!(fs::metadata(&file).expect("file").permissions().mode() & 0o777, 0o600, "its owner's alone");
        let text = fs::read_to_string(&file).expect("text");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let of = |kind: &str| lines.iter().filter_map(|line| line.get(kind)).collect::<Vec<_>>();
        assert_eq!(lines[0].pointer("/head/shortId"), Some(&Value::from("d0001")));
        assert_eq!(lines[0].pointer("/head/account"), Some(&Value::from(patient.account.to_string())));
        let mine = of("record").into_iter().find(|record| record["record"]["recordId"] == id.as_str());
        let mine = mine.expect("the entry is there");
        assert_eq!(
            mine.pointer("/record/body/painEntry/worst24h"),
            Some(&Value::from(3)),
            "typed, in the canonical form"
        );
        assert!(mine.pointer("/fields/0/history/0/value/painEntry").is_some(), "and its history: {mine}");
        let pains = of("record").iter().filter(|r| r.pointer("/record/body/painEntry").is_some()).count();
        assert_eq!(pains, made.len(), "every page");
        let nurses = Value::from(nurse.account.to_string());
        let looked = |access: &&Value| access["account"] == nurses && access["action"] == "record.get";
        assert!(of("access").iter().any(looked), "who read it");
        let end = lines.last().and_then(|line| line.get("end")).expect("an end");
        assert_eq!(end["records"], Value::from(of("record").len().to_string()));
        assert_eq!(done["records"], Value::from(of("record").len()));
        assert_eq!(done["accesses"], Value::from(of("access").len()));

        // It is on record that it was not the patient who did it, and the patient reads that.
        let mut audit = AuditServiceClient::new(patient.channel.clone());
        let all = pb::ListAccessRequest { circle: patient.circle, page_size: 50, ..Default::default() };
        let rows = audit.list_access(patient.request(all)).await.expect("audit").into_inner().entries;
        assert!(
            rows.iter().any(|row| row.action == "patient.export" && row.account == 0),
            "by whoever runs the server"
        );

        let refused = |args: &[&str]| {
            let mut command = Command::new(tools::osteon().expect("binary"));
            command.args(args).arg("--data").arg(server.dir());
            if let (Some(url), Some(log)) = (server.database(), server.deny_log()) {
                command.args(["--database", url, "--deny-log", log]);
            }
            let done = command.output().expect("ran");
            assert_eq!(done.status.code(), Some(1), "{args:?}");
            String::from_utf8_lossy(&done.stderr).into_owned()
        };
        assert!(refused(&["export", "--patient", "d0001", name]).contains("is there already"));
        let other = away.path().join("other");
        let other = other.to_str().expect("text");
        assert!(refused(&["export", "--patient", "d0099", other]).contains("no circle d0099"));
        let left: Vec<_> = fs::read_dir(away.path()).expect("folder").flatten().map(|e| e.file_name()).collect();
        assert_eq!(left, ["mine.jsonl"], "what was refused leaves nothing");
    }
}
