//! Keys, backups, restores and erasures, as an operator does them, with phones that know nothing of it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use osteon_client::{
    Phone,
    events::silent,
    records::{Entry, NewRecord},
    views::RecordView,
};
use osteon_proto::{care, table::table};
use osteon_sync_core::RecordId;
use osteon_tests::{
    body::moment,
    device::{Invite, now_ms},
    postgres::Postgres,
    server::{Server, Setup, StoreKind},
    tools,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::phone::{body, circle, phone};

const PAIN: u32 = 101;
const MEMBER: u32 = 262;
/// Stands in nothing else.
const CANARY: &str = "kanarienvogel-im-schacht";

/// A server, a circle, and a phone of each of its people.
struct House {
    server: Server,
    homes: TempDir,
    short_id: String,
}

impl House {
    async fn new(setup: Setup) -> (Self, Phone) {
        let server = Server::start(setup).expect("server");
        let invite = server.new_circle("patient").expect("invite");
        let house = Self { server, homes: tempfile::tempdir().expect("dir"), short_id: invite.short_id.clone() };
        let patient = house.enrol("patient", &invite).await;
        (house, patient)
    }

    async fn enrol(&self, name: &str, invite: &Invite) -> Phone {
        phone(&self.server, &self.homes.path().join(name), invite).await
    }

    async fn member(&self, role: &str) -> Phone {
        let invite = self.server.invite_into(&self.short_id, role).expect("invite");
        self.enrol(role, &invite).await
    }

    fn database(&self) -> PathBuf {
        self.server.dir().join("osteon.db")
    }

    /// The database is gone; key file and deny log are not.
    fn lose_the_database(&mut self) {
        self.server.kill().expect("killed");
        for end in ["", "-wal", "-shm", "-others"] {
            let _ = fs::remove_file(self.server.dir().join(format!("osteon.db{end}")));
        }
    }

    /// What the server's own audit says of restores, in order.
    fn restores_on_record(&self) -> Vec<String> {
        let shown = self.server.cli(&["audit", "show", "--of-the-server"]).expect("audit");
        let rows = shown["entries"].as_array().expect("entries").iter().rev();
        let restores =
            rows.filter(|row| row["action"].as_str().is_some_and(|action| action.starts_with("server.restore")));
        restores.map(|row| row["outcome"].as_str().expect("an outcome").to_owned()).collect()
    }

    /// A command of the binary that must fail; what it says.
    fn refused(&self, args: &[&str]) -> String {
        let mut command = Command::new(tools::osteon().expect("binary"));
        let done = command.args(args).arg("--data").arg(self.server.dir()).stdin(Stdio::null()).output().expect("ran");
        assert!(!done.status.success(), "{args:?} was not refused");
        String::from_utf8_lossy(&done.stderr).into_owned()
    }
}

async fn write_pain(phone: &Phone, worst: u32) -> RecordId {
    let when = moment(now_ms());
    let entry = care::PainEntry {
        effective_start: Some(when),
        site: vec![CANARY.into()],
        worst_24h: Some(worst),
        ..Default::default()
    };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(circle(phone).await, &new, CANARY).await.expect("written").record
}

async fn pains(phone: &Phone) -> usize {
    let number = circle(phone).await;
    let state = phone.read().await.expect("state");
    state.enrolled().expect("enrolled").view(number, phone.now_ms()).map_or(0, |view| view.of_type(PAIN).len())
}

async fn account(phone: &Phone) -> u64 {
    phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.account
}

async fn sync(phone: &Phone) {
    phone.sync(silent()).await.expect("sync");
}

/// A member is removed, from this phone.
async fn remove(by: &Phone, account: u64) {
    let number = circle(by).await;
    let member = care::CircleMember { account: Some(account), ..Default::default() };
    let wanted = Entry::of_body(&body("circle_member", &member)).expect("entry");
    let Some(Entry::Put { chunk: wanted, .. }) = wanted.into_iter().next() else { panic!("a field") };
    let record = {
        let state = by.read().await.expect("state");
        let view = state.enrolled().expect("enrolled").view(number, by.now_ms()).expect("circle");
        let is = |record: &RecordView| record.field("account").and_then(|field| field.value()) == Some(&*wanted);
        view.of_type(MEMBER).into_iter().find(is).expect("the member").record
    };
    let deny = care::CircleMember { membership: Some(care::Decision::Deny.into()), ..Default::default() };
    let form = by.open_form(number, record).await.expect("form");
    let entries = Entry::of_body(&body("circle_member", &deny)).expect("entry");
    by.save(&form, &entries, "moved away", false).await.expect("saved");
    sync(by).await;
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// No file of the folder holds the canary; some file holds what lies in clear.
fn no_canary_in(folder: &Path, clear: &str) {
    let files: Vec<PathBuf> = fs::read_dir(folder).expect("folder").flatten().map(|entry| entry.path()).collect();
    let read = |path: &PathBuf| fs::read(path).unwrap_or_default();
    assert!(files.iter().any(|path| holds(&read(path), clear.as_bytes())), "the search finds what is in clear");
    for path in files.iter().filter(|path| path.is_file()) {
        assert!(!holds(&read(path), CANARY.as_bytes()), "{} holds the canary", path.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_comes_back_and_what_was_taken_away_does_not() {
    let (mut house, patient) = House::new(Setup::default()).await;
    let (nurse, physician) = (house.member("nurse").await, house.member("physician").await);
    for worst in 1..=3 {
        write_pain(&patient, worst).await;
    }
    for client in [&patient, &nurse, &physician] {
        sync(client).await;
    }
    assert_eq!((pains(&nurse).await, pains(&physician).await), (3, 3));
    let limits = fs::read_to_string(format!("/proc/{}/limits", house.server.pid())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("the line");
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "core dumps are off: {core}");

    let away = tempfile::tempdir().expect("dir");
    let backup = away.path().join("osteon.backup");
    let file = backup.to_str().expect("text");
    let made = house.server.cli(&["backup", file]).expect("backup");
    assert!(made["parts"].as_u64() > Some(5) && made["epoch"] == 1, "{made}");
    assert_eq!(fs::metadata(&backup).expect("backup").permissions().mode() & 0o777, 0o600);
    assert!(house.refused(&["backup", file]).contains("is there already"));
    no_canary_in(house.server.dir(), &house.short_id);
    no_canary_in(away.path(), &house.short_id);

    // After the backup: two entries and a removal that are acknowledged, and one entry that is not sent.
    write_pain(&patient, 4).await;
    write_pain(&patient, 5).await;
    sync(&patient).await;
    sync(&nurse).await;
    assert_eq!(pains(&nurse).await, 5);
    remove(&nurse, account(&physician).await).await;
    write_pain(&patient, 6).await;
    house.lose_the_database();

    let restore = ["restore", file];
    let (key, log) = (house.server.dir().join("kek.key"), house.server.dir().join("deny.log"));
    let whole = fs::read(&log).expect("deny log");
    let move_away = |path: &Path| fs::rename(path, path.with_extension("away")).expect("moved");
    let move_back = |path: &Path| fs::rename(path.with_extension("away"), path).expect("moved");
    move_away(&log);
    assert!(house.refused(&restore).contains("refused without the deny log"));
    fs::write(&log, &whole[..whole.len() - 3]).expect("cut");
    assert!(house.refused(&restore).contains("ends inside entry"));
    let mut damaged = whole.clone();
    *damaged.last_mut().expect("bytes") ^= 1;
    fs::write(&log, &damaged).expect("damaged");
    assert!(house.refused(&restore).contains("damaged at entry"));
    fs::remove_file(&log).expect("removed");
    move_back(&log);
    move_away(&key);
    assert!(house.refused(&restore).contains("is not there"));
    fs::write(&key, [7; 32]).expect("another key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).expect("mode");
    assert!(house.refused(&restore).contains("the key file of this database?"));
    fs::remove_file(&key).expect("removed");
    move_back(&key);
    assert!(!house.database().exists(), "what was refused left nothing");

    let restored = house.server.cli(&restore).expect("restored");
    assert_eq!(
        (&restored["epoch"], &restored["denied_again"]["access"]),
        (&Value::from(2), &Value::from(1)),
        "{restored}"
    );
    assert!(house.refused(&restore).contains("is there"), "a database is not written over");
    house.server.restart().expect("restarted");
    assert_eq!(
        house.restores_on_record(),
        ["DENY_LOG_ABSENT", "DENY_LOG_CUT", "DENY_LOG_DAMAGED", "KEY_ABSENT", "KEY_FOREIGN", "ok", "RESTORE_REFUSED"]
    );
    for client in [&patient, &nurse, &patient, &nurse] {
        sync(client).await;
    }
    assert_eq!((pains(&patient).await, pains(&nurse).await), (6, 6), "the patient's phone gave back what was lost");
    // The physician, removed after the backup and away since: nothing comes, and what the phone holds goes.
    sync(&physician).await;
    assert_eq!(pains(&physician).await, 0);
    assert!(house.server.restart().is_ok(), "the deny log and the database belong together");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_patient_is_gone_from_devices_and_from_backups() {
    let (mut house, patient) = House::new(Setup::default()).await;
    let nurse = house.member("nurse").await;
    write_pain(&patient, 5).await;
    sync(&patient).await;
    sync(&nurse).await;
    assert_eq!(pains(&nurse).await, 1);
    let away = tempfile::tempdir().expect("dir");
    let backup = away.path().join("b");
    let file = backup.to_str().expect("text");
    house.server.cli(&["backup", file]).expect("backup");
    let circle_id = house.short_id.clone();
    assert!(house.refused(&["erase", "--circle", &circle_id, "--confirm", "d9999"]).contains("nothing was erased"));
    house.server.cli(&["erase", "--circle", &circle_id, "--confirm", &circle_id]).expect("erased");
    write_pain(&patient, 6).await;
    let _ = nurse.sync(silent()).await;
    assert_eq!(pains(&nurse).await, 0, "purged at its next contact");
    house.lose_the_database();
    let restored = house.server.cli(&["restore", file]).expect("restored");
    assert_eq!(restored["denied_again"]["erased"], 1, "{restored}");
    house.server.restart().expect("restarted");
    // The patient's phone was away all the while.
    let _ = patient.sync(silent()).await;
    assert_eq!(pains(&patient).await, 0, "purged at its next contact, though the server was restored");
    assert!(house.server.invite_into(&circle_id, "nurse").is_err(), "there is no such circle");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_is_rotated_while_the_server_runs() {
    let (mut house, patient) = House::new(Setup::default()).await;
    write_pain(&patient, 1).await;
    sync(&patient).await;
    let rotated = house.server.cli(&["keys", "rotate"]).expect("rotated");
    assert_eq!((&rotated["version"], &rotated["wrapped"]), (&Value::from(2), &Value::from(2)), "{rotated}");
    write_pain(&patient, 2).await;
    sync(&patient).await;
    // The running server founds and opens circles under the new version.
    house.server.new_circle("patient").expect("another circle");
    let retired = house.server.cli(&["keys", "retire"]).expect("retired");
    assert_eq!(retired["retired"], Value::from(vec![1]));
    house.server.restart().expect("it starts with the new version alone");
    write_pain(&patient, 3).await;
    sync(&patient).await;
    assert_eq!(pains(&patient).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_holds_no_canary_and_is_restored_in_place() {
    let (mut house, patient) = House::new(Setup::on(StoreKind::Postgres).expect("postgres")).await;
    let (nurse, physician) = (house.member("nurse").await, house.member("physician").await);
    write_pain(&patient, 5).await;
    sync(&patient).await;
    let cluster = Postgres::shared().expect("cluster");
    let url = house.server.database().expect("url").to_owned();
    let tables =
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    let tables = cluster.psql(&url, tables).expect("tables");
    assert!(tables.lines().count() > 15);
    let mut dump = String::new();
    for name in tables.lines() {
        dump += &cluster.psql(&url, &format!("COPY (SELECT * FROM {name}) TO STDOUT")).expect("dump");
    }
    assert!(dump.contains(&house.short_id), "the dump has what is in clear");
    assert!(!dump.contains(CANARY) && !dump.contains(&hex::encode(CANARY)), "the canary lies in clear");

    // A copy of the database is the backup; the deny log is another database.
    house.server.kill().expect("killed");
    let name = |url: &str| url.trim_start_matches("postgres:///").split('?').next().unwrap_or_default().to_owned();
    let admin = cluster.database().expect("database");
    let copy = format!("{}_copy", name(&url));
    cluster.psql(&admin, &format!("CREATE DATABASE {copy} TEMPLATE {}", name(&url))).expect("copied");
    let copy = url.replace(&name(&url), &copy);
    house.server.restart().expect("restarted");
    sync(&nurse).await;
    remove(&nurse, account(&physician).await).await;
    house.server.kill().expect("killed");
    let log = house.server.deny_log().expect("url").to_owned();
    let data = house.server.dir().to_owned();
    let restore = |log: &str| {
        let mut command = Command::new(tools::osteon().expect("binary"));
        command.args(["restore", "--json", "--database", &copy, "--deny-log", log, "--data"]).arg(&data);
        command.output().expect("ran")
    };
    let refused = restore(&admin);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("refused without the deny log"));
    let done = restore(&log);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let restored: Value = serde_json::from_slice(&done.stdout).expect("json");
    assert_eq!(
        (&restored["epoch"], &restored["denied_again"]["access"]),
        (&Value::from(2), &Value::from(1)),
        "{restored}"
    );
    let again: Value = serde_json::from_slice(&restore(&log).stdout).expect("json");
    assert_eq!((&again["epoch"], &again["denied_again"]["access"]), (&Value::from(3), &Value::from(0)), "{again}");
    house.server.move_to(copy.clone());
    house.server.restart().expect("on the copy");
    assert_eq!(house.restores_on_record(), ["DENY_LOG_ABSENT", "ok", "ok"]);
    house.server.restart().expect("restarted");
    assert_eq!(house.restores_on_record().len(), 3, "each is told once");
    assert_eq!(table().by_name("pain_entry").expect("type").number, PAIN);
}

/// A second node that would keep a deny log of its own is refused.
#[test]
fn several_nodes_want_one_deny_log() {
    let mut setup = Setup::on(StoreKind::Postgres).expect("postgres");
    setup.deny_log = None;
    let first = Server::start(setup).expect("the first node");
    let second = first.another().map(|_| ()).expect_err("the second is refused");
    assert!(second.to_string().contains("--deny-log"), "{second:#}");
}

/// What an operator types is a file's name and nothing more, touches nothing that is there, and makes no second patient.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_touch_nothing_that_is_there() {
    let (house, patient) = House::new(Setup::default()).await;
    write_pain(&patient, 1).await;
    sync(&patient).await;
    let away = tempfile::tempdir().expect("dir");
    let program = tools::osteon().expect("binary");
    let backup = |name: &str| {
        let mut command = Command::new(&program);
        command.current_dir(away.path()).args(["backup", name, "--data"]).arg(house.server.dir());
        command.stdin(Stdio::null()).output().expect("ran")
    };
    // A name that SQLite would take for an address.
    assert!(backup("file:copy.db").status.success());
    let copy = away.path().join("file:copy.db");
    assert!(fs::metadata(&copy).expect("the copy").len() > 4_096, "the copy is what was looked at");
    assert_eq!(fs::metadata(&copy).expect("the copy").permissions().mode() & 0o777, 0o600);
    // Neither the sum's place nor where the copy is made is taken from anybody.
    let victim = away.path().join("victim");
    fs::write(&victim, "mine").expect("written");
    std::os::unix::fs::symlink(&victim, away.path().join("two.db.sha256")).expect("linked");
    assert!(!backup("two.db").status.success());
    fs::write(away.path().join("three.db.part"), "mine").expect("written");
    assert!(!backup("three.db").status.success());
    for kept in ["victim", "three.db.part"] {
        assert_eq!(fs::read_to_string(away.path().join(kept)).expect("there"), "mine", "{kept}");
    }
    assert!(!away.path().join("two.db").exists() && !away.path().join("two.db.part").exists());
    // A circle has one patient; another phone of theirs is another code.
    let second = house.refused(&["invite", "--circle", &house.short_id, "--role", "patient"]);
    assert!(second.contains(&format!("--account {}", account(&patient).await)), "{second}");
}
