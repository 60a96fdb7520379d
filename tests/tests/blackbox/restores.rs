//! Restores that are refused: a stable reason, an exit code, nothing left behind and nothing given away; and the one that is
//! not, after which the audit is sound.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use osteon_proto::care;
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id},
    server::Server,
    tools,
};
use prost::Message as _;
use serde_json::Value;

use crate::support::server_with_patient;

const CANARY: &str = "kanarienvogel-im-tresor";

/// A server that is down, its backup, and the files that a restore wants.
struct Lost {
    server: Server,
    away: tempfile::TempDir,
}

impl Lost {
    async fn new() -> Self {
        let (mut server, mut patient) = server_with_patient().await;
        write(&mut patient).await;
        let away = tempfile::tempdir().expect("dir");
        let file = away.path().join("backup");
        server.cli(&["backup", file.to_str().expect("text")]).expect("backup");
        // More of everything after it: the audit has later heads, the deny log later entries.
        write(&mut patient).await;
        let invite = server.invite_into("d0001", "nurse").expect("invite");
        let nurse = Device::enrol(server.channel().expect("channel"), &invite).await.expect("enrolled");
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let revoke = osteon_proto::identity::RevokeDeviceRequest {
            circle: nurse.circle,
            device: own_device(&nurse).await,
            order: osteon_proto::sync::DeviceOrder::Wipe.into(),
        };
        let mut devices =
            osteon_proto::identity::device_service_client::DeviceServiceClient::new(nurse.channel.clone());
        devices.revoke_device(nurse.request(revoke)).await.expect("wiped");
        server.kill().expect("killed");
        for end in ["", "-wal", "-shm", "-others"] {
            let _ = fs::remove_file(server.dir().join(format!("osteon.db{end}")));
        }
        Self { server, away }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.server.dir().join(name)
    }

    /// What `osteon COMMAND` answers when it is refused: the reason.
    fn refused(&self, args: &[&str], key: &[u8]) -> String {
        let mut command = Command::new(tools::osteon().expect("binary"));
        command.args(args).args(["--json", "--data"]).arg(self.server.dir()).stdin(Stdio::null());
        let done = command.output().expect("ran");
        assert_eq!(done.status.code(), Some(1), "{args:?}");
        let said = [done.stdout.clone(), done.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        for secret in [CANARY, &hex::encode(CANARY), &hex::encode(key)] {
            assert!(!said.contains(secret), "{said}");
        }
        assert!(!self.path("osteon.db").exists(), "what was refused left no database");
        assert!(fs::read_dir(self.server.dir()).expect("folder").flatten().all(|e| !is_database(&e.path())));
        let answer: Value = serde_json::from_slice(&done.stdout).expect("one JSON object");
        assert!(answer["error"].as_str().is_some_and(|text| !text.is_empty()), "and words for a person");
        answer["reason"].as_str().expect("a reason").to_owned()
    }
}

fn is_database(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(".db"))
}

async fn own_device(device: &Device) -> u64 {
    let mut devices = osteon_proto::identity::device_service_client::DeviceServiceClient::new(device.channel.clone());
    let listed = devices.list_devices(device.request(Default::default())).await.expect("listed").into_inner();
    listed.devices.iter().find(|one| one.this_device).expect("this one").device
}

async fn write(patient: &mut Device) {
    let ms = now_ms();
    let when = body::moment(ms);
    let pain = care::PainEntry {
        effective_start: Some(when),
        site: vec![CANARY.into()],
        worst_24h: Some(4),
        ..Default::default()
    };
    let pain = osteon_proto::split::close(101, &pain.encode_to_vec());
    let verdicts = patient.push_urgent(vec![body::create(record_id(ms), pain.into())]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_deny_log_and_a_wrong_key_are_refused_by_name() {
    let mut lost = Lost::new().await;
    let backup = lost.away.path().join("backup");
    let restore = ["restore", backup.to_str().expect("text")];
    let (log, key) = (lost.path("deny.log"), lost.path("kek.key"));
    let (whole, secret) = (fs::read(&log).expect("deny log"), fs::read(&key).expect("key"));
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damages: [(&str, Option<Vec<u8>>); 6] = [
        ("DENY_LOG_ABSENT", None),
        ("DENY_LOG_DAMAGED", Some(flipped(whole.len() - 1))),
        ("DENY_LOG_FOREIGN", Some(flipped(0))),
        ("DENY_LOG_CUT", Some(whole[..whole.len() - 1].to_vec())),
        ("DENY_LOG_FOREIGN", Some(b"not a log at all, but long enough to be taken for one".to_vec())),
        ("DENY_LOG_FOREIGN", Some(Vec::new())),
    ];
    for (expected, bytes) in damages {
        let _ = fs::remove_file(&log);
        if let Some(bytes) = bytes {
            fs::write(&log, bytes).expect("written");
        }
        assert_eq!(lost.refused(&restore, &secret), expected);
    }
    fs::write(&log, &whole).expect("put back");

    let another = |bytes: &[u8]| {
        let _ = fs::remove_file(&key);
        fs::write(&key, bytes).expect("a key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).expect("mode");
    };
    another(&[7; 32]);
    assert_eq!(lost.refused(&restore, &secret), "KEY_FOREIGN");
    fs::remove_file(&key).expect("removed");
    assert_eq!(lost.refused(&restore, &secret), "KEY_ABSENT");
    another(&secret);

    lost.server.cli(&restore).expect("restored");
    lost.server.restart().expect("restarted");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let log = lost.server.log();
    assert!(!log.contains("the audit was cut"), "the restore has cut it, and nobody else");
    let verified = lost.server.cli(&["audit", "verify"]).expect("sound");
    assert_eq!(verified["sound"], Value::from(true), "{verified}");
    let before = lost.path("audit-heads-before-restore.jsonl");
    let args = ["audit", "verify", "--against", before.to_str().expect("text")];
    let cut = lost.server.cli(&args).expect_err("a later head is remembered").to_string();
    assert!(cut.contains("exit status: 5"), "{cut}");
}
