//! The two commands as people and scripts meet them: words instead of reasons, the exit codes of docs/commands.md, and
//! nothing made where nothing was asked for.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use osteon_proto::care;
use osteon_tests::{
    body,
    device::{Device, Invite, now_ms},
    server::{Server, Setup},
    tools,
};
use prost::Message;
use serde_json::json;

use crate::circle::create;

/// How a command ended: its exit code, and what it said on both ways out.
pub(crate) struct Ended {
    code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

fn run(program: PathBuf, args: &[&str]) -> Ended {
    ended(Command::new(program), args)
}

fn ended(mut command: Command, args: &[&str]) -> Ended {
    for name in ["OSTEON_TOKEN", "OSTEON_DATA", "OSTEON_PHONE_HOME"] {
        command.env_remove(name);
    }
    let done = command.args(args).stdin(Stdio::null()).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: done.status.code().unwrap_or(-1), out: text(&done.stdout), err: text(&done.stderr) }
}

fn osteon(args: &[&str]) -> Ended {
    run(tools::osteon().expect("osteon"), args)
}

pub(crate) struct Phone {
    home: PathBuf,
    server: String,
    ca: PathBuf,
    /// Whole hours by which its clock is ahead of UTC; None: as this machine's is.
    east: Option<i32>,
}

impl Phone {
    pub(crate) fn new(server: &Server, home: &Path) -> Self {
        let server_url = format!("https://{}", server.authority());
        Self { home: home.to_owned(), server: server_url, ca: server.ca_path(), east: None }
    }

    /// The same phone where it is between so and the next hour of the day now.
    pub(crate) fn where_it_is(self, hour: i32) -> Self {
        const HOUR_MS: u64 = 3_600_000;
        let now = i32::try_from(now_ms() / HOUR_MS % 24).expect("an hour");
        Self { east: Some((hour - now + 11).rem_euclid(24) - 11), ..self }
    }

    /// Minutes from UTC where it is.
    pub(crate) fn offset_min(&self) -> i32 {
        self.east.expect("it was put somewhere") * 60
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        let home = self.home.to_str().expect("text");
        let mut command = Command::new(tools::osteon_phone().expect("osteon-phone"));
        // The database's own names: west is plus.
        command.envs(self.east.map(|east| ("TZ", format!("Etc/GMT{:+}", -east))));
        ended(command, &[&["--home", home], args].concat())
    }

    /// The same with nobody at the other end of either way out; how it ended.
    pub(crate) fn run_unread(&self, args: &[&str]) -> Option<i32> {
        let gone = || std::io::pipe().expect("a pipe").1;
        let mut command = Command::new(tools::osteon_phone().expect("osteon-phone"));
        command.arg("--home").arg(&self.home).args(args).stdin(Stdio::null()).stdout(gone()).stderr(gone());
        command.status().expect("runs").code()
    }

    pub(crate) fn enrol(&self, code: &str, more: &[&str]) -> Ended {
        let ca = self.ca.to_str().expect("text");
        self.run(&[&["enrol", code, "--server", &self.server, "--ca", ca], more].concat())
    }

    fn is_empty(&self) -> bool {
        !self.home.join("phone.key").exists() && !self.home.join("phone.db").exists()
    }
}

#[track_caller]
pub(crate) fn ends(ended: &Ended, code: i32, says: &str) {
    let Ended { code: found, out, err } = ended;
    assert!(
        *found == code && (out.contains(says) || err.contains(says)),
        "wanted {code} and {says:?}: {found}\n{out}\n{err}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_made_by_an_invite_and_by_nothing_else() {
    let mut server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p"));
    for command in [&["status"][..], &["sync"], &["log", "pain", "3"], &["wipe"]] {
        ends(&phone.run(command), 2, "there is no phone in");
        assert!(phone.is_empty() && !phone.home.exists(), "{command:?} made one");
    }
    ends(&phone.enrol("00000000", &["--circle", &invite.short_id]), 4, "The code is wrong or was used");
    assert!(phone.is_empty(), "a code that was wrong made one");
    ends(&phone.enrol(&invite.code, &[]), 2, "say which circle");
    ends(&phone.enrol(&invite.qr, &["--circle", "d9999"]), 2, "the QR code is for circle");
    server.kill().expect("killed");
    ends(&phone.enrol(&invite.qr, &[]), 3, "");
    assert!(phone.is_empty());
    server.restart().expect("restarted");
    // The QR code says by itself for which circle it is.
    ends(&phone.enrol(&invite.qr, &[]), 0, &format!("circle {}", invite.short_id));
    ends(&phone.run(&["status"]), 0, "To send       0 entries");
    ends(&phone.enrol(&invite.qr, &[]), 2, "this phone is enrolled already");
    assert!(!phone.is_empty(), "what is enrolled stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_ends_as_its_table_says_and_speaks_in_sentences() {
    let server = Server::start(Setup::default()).expect("server");
    let first = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p"));
    ends(&phone.enrol(&first.qr, &[]), 0, "as patient");
    ends(&phone.run(&["sync"]), 0, "");
    // Words that no rule knows are asked about again, with those that are known.
    ends(&phone.run(&["log", "symptom", "foo"]), 2, "limb-weakness");
    ends(&phone.run(&["log", "pain", "3", "foo"]), 2, "lower-back");
    ends(&phone.run(&["log", "symptom", "leg-weakness"]), 5, "Symptom: limb weakness");
    ends(&phone.run(&["log", "pain", "3", "lower-back", "--sent"]), 0, "Your team can see it");
    ends(&phone.run(&["offline", "on"]), 0, "");
    ends(&phone.run(&["log", "pain", "4", "hip", "--sent"]), 3, "Not sent yet");
    ends(&phone.run(&["sync"]), 3, "offline");
    ends(&phone.run(&["notices"]), 3, "offline");
    ends(&phone.run(&["offline", "on", "--lossy"]), 2, "offline off --lossy 30%");
    ends(&phone.run(&["offline", "off", "--slow", "2g"]), 0, "as slow as 2G");
    ends(&phone.run(&["log", "pain", "4", "hip", "--sent"]), 0, "Your team can see it");
    ends(&phone.run(&["offline", "off", "--lossy", "30%"]), 0, "30 of 100 packets");
    ends(&phone.run(&["status"]), 0, "made bad: 30 of 100 packets");
    ends(&phone.run(&["offline", "off"]), 0, "Online again.");

    // A further device of the account: its owner is told, in words, until they have seen it.
    let me = phone.run(&["--json", "entries"]);
    assert_eq!(me.code, 0, "{}", me.err);
    let account = server_account(&server, &first).await;
    let more = server.another_device(&first.short_id, "patient", account).expect("invite");
    let second = Phone::new(&server, &dir.path().join("second"));
    ends(&second.enrol(&more.code, &["--circle", &first.short_id, "--name", "kitchen tablet"]), 0, "");
    let told = phone.run(&["notices"]);
    ends(&told, 0, "A further device is yours: \u{201c}kitchen tablet\u{201d}");
    ends(&told, 0, "by a code that your clinic's server made");
    let number = told.out.split("--seen ").nth(1).expect("how").trim().to_owned();
    ends(&phone.run(&["notices", "--seen", &number]), 0, "Seen. There are no others.");
    ends(&phone.run(&["notices"]), 0, "Nothing happened to your account.");
    ends(&phone.run(&["notices", "--all"]), 0, "seen");

    // Refused by the server at once: a sentence, not a reason, and the code for it.
    let nurse = Phone::new(&server, &dir.path().join("n"));
    let code = server.invite_into(&first.short_id, "nurse").expect("invite");
    ends(&nurse.enrol(&code.qr, &[]), 0, "as nurse");
    ends(&nurse.run(&["sync"]), 0, "");
    let share = ["share", "symptoms", "--with", "patient", "--until", "2099-01-31"];
    let refused = nurse.run(&share);
    ends(&refused, 4, "Consent is given and taken back by the patient");
    assert!(!refused.err.contains("NOT_YOUR_CONSENT"), "{}", refused.err);
    let machine = nurse.run(&[&["--json"], &share[..]].concat());
    ends(&machine, 4, "\"reason\":\"NOT_YOUR_CONSENT\"");
}

/// Every command, as text and as JSON: it ends as it should, and says something.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_a_phone_answers_in_text_and_in_json() {
    let server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let nurse = server.invite_into(&invite.short_id, "nurse").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let other = Phone::new(&server, &dir.path().join("n"));
    ends(&other.enrol(&nurse.qr, &[]), 0, "as nurse");
    let phone = Phone::new(&server, &dir.path().join("p"));
    ends(&phone.enrol(&invite.qr, &[]), 0, "as patient");
    // An invite that was used is used.
    let late = Phone::new(&server, &dir.path().join("late"));
    ends(&late.enrol(&invite.qr, &[]), 4, "The code is wrong or was used");
    ends(&phone.run(&["sync"]), 0, "");
    let made = phone.run(&["--json", "log", "pain", "4", "lower back", "--at", "00.00"]);
    let made: serde_json::Value = serde_json::from_str(&made.out).expect("json");
    let entry = made["entry"]["record"].as_str().expect("a number").to_owned();
    let entry = &entry[entry.len() - 8..];
    let commands: &[(&[&str], i32)] = &[
        (&["status"], 0),
        (&["settled"], 0),
        (&["alerts"], 0),
        (&["today"], 0),
        (&["threads"], 0),
        (&["timeline"], 0),
        (&["entries"], 0),
        (&["disputes"], 0),
        (&["questions"], 0),
        (&["drafts"], 0),
        (&["who-sees"], 0),
        (&["who-looked"], 0),
        (&["devices"], 0),
        (&["inspect"], 0),
        (&["inspect", entry], 0),
        (&["history", entry], 0),
        (&["find", "pain"], 0),
        (&["notices"], 0),
        (&["check"], 0),
        (&["depth"], 0),
        (&["depth", "plan"], 0),
        (&["depth", "usual"], 0),
        (&["as", "nurse"], 0),
        (&["plan"], 0),
        (&["plan", "food"], 0),
        (&["plan", "bone"], 0),
        (&["plan", "goals"], 0),
        (&["plan", "pain"], 0),
        (&["targets"], 0),
        (&["share", "withdraw", "sleep-mood", "--from", "nurse"], 0),
        (&["share", "grant", "sleep-mood", "--with", "nurse", "--until", "2099-01-31"], 0),
        (&["share", "sleep-mood", "--with", "nurse", "--until", "2099-01-31"], 0),
        (&["log", "weight", "69,2kg"], 0),
        (&["log", "walk", "15min", "--effort", "3"], 0),
        (&["log", "note", "a note"], 0),
        (&["undo"], 0),
        (&["sync"], 0),
        (&["offline", "on"], 0),
        (&["offline", "off"], 0),
        (&["erase-me"], 5),
    ];
    for (words, code) in commands {
        let text = phone.run(words);
        assert!(
            text.code == *code && !text.out.trim().is_empty(),
            "{words:?}: {} {} {}",
            text.code,
            text.out,
            text.err
        );
        let machine = phone.run(&[&["--json"], *words].concat());
        assert_eq!(machine.code, *code, "{words:?}: {} {}", machine.out, machine.err);
        for line in machine.out.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|e| panic!("{words:?}: {e}: {line}"));
        }
    }
    // What is wrong is said in JSON as well.
    let wrong = phone.run(&["--json", "log", "pain", "eleven"]);
    let said: serde_json::Value = serde_json::from_str(&wrong.out).expect("json");
    assert_eq!((wrong.code, said["code"].as_i64()), (2, Some(2)), "{}", wrong.out);
    ends(&phone.run(&["log", "pain", "11"]), 2, "");
    // A doubtful value is asked about, and what nobody confirmed says so.
    ends(&phone.run(&["log", "weight", "96.2"]), 5, "Nothing was saved");
    ends(&phone.run(&["log", "weight", "96.2", "--yes"]), 0, "Not sent yet");
    // What nobody else has is not forgotten without a word.
    ends(&phone.run(&["wipe"]), 5, "Nothing was forgotten");
    ends(&phone.run(&["status"]), 0, "To send");
    ends(&phone.run(&["wipe", "--yes"]), 0, "Everything on this phone is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_asks_to_be_erased_and_takes_it_back() {
    let server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p"));
    ends(&phone.enrol(&invite.qr, &[]), 0, "as patient");
    ends(&phone.run(&["sync"]), 0, "");
    let requests =
        || server.cli(&["erase", "--requests"]).expect("listed")["requests"].as_array().expect("a list").clone();
    ends(&phone.run(&["erase-me"]), 5, "Nothing was asked; if you want that: again, with --yes");
    ends(&phone.run(&["erase-me", "--take-back"]), 0, "You have not asked to be erased");
    ends(&phone.run(&["offline", "on"]), 0, "");
    ends(&phone.run(&["erase-me", "--yes", "--why", "I moved away"]), 0, "your clinic does not know");
    ends(&phone.run(&["erase-me"]), 0, "Not sent yet. Your clinic has not answered yet.");
    assert!(requests().is_empty());
    ends(&phone.run(&["offline", "off"]), 0, "");
    ends(&phone.run(&["sync"]), 0, "");
    let asked = requests();
    assert_eq!((asked.len(), &asked[0]["short_id"]), (1, &json!(invite.short_id)));
    assert!(asked[0]["decision"].is_null() && asked[0]["due"].as_str() > asked[0]["asked"].as_str(), "{asked:?}");
    // A second time asks no second time.
    ends(&phone.run(&["erase-me", "--yes"]), 0, "Your clinic has not answered yet.");
    assert_eq!(requests().len(), 1);
    ends(&phone.run(&["erase-me", "--take-back"]), 0, "Your clinic has it.");
    assert!(requests().is_empty());
    ends(&phone.run(&["erase-me", "--yes"]), 0, "Your clinic has it.");
    server.cli(&["erase", "--circle", &invite.short_id, "--confirm", &invite.short_id]).expect("erased");
    assert!(requests().is_empty(), "nothing of it is left");
}

/// The account of the one member of a circle, by the machine's own audit.
async fn server_account(server: &Server, invite: &Invite) -> u64 {
    let rows = server.cli(&["audit", "show", "--circle", &invite.short_id]).expect("audit");
    let rows = rows["entries"].as_array().expect("entries").clone();
    rows.iter().find_map(|row| row["account"].as_u64().filter(|account| *account > 0)).expect("somebody")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_data_directory_has_one_server_and_a_taken_port_names_its_setting() {
    let server = Server::start(Setup::default()).expect("server");
    let data = server.dir().to_str().expect("text").to_owned();
    let anywhere = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
    let second = osteon(&[&["serve", "--data", &data], &anywhere[..]].concat());
    ends(&second, 1, "a server runs on this data directory already");
    // Commands that do one thing run beside it.
    server.new_circle("patient").expect("invite");
    let away = tempfile::tempdir().expect("dir");
    server.cli(&["backup", away.path().join("b").to_str().expect("text")]).expect("backup");
    server.cli(&["audit", "verify"]).expect("verified");

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("address").to_string();
    let other = away.path().join("other");
    let other = other.to_str().expect("text");
    let metrics = osteon(&["serve", "--data", other, "--listen", "127.0.0.1:0", "--metrics-listen", &address]);
    ends(&metrics, 1, "--metrics-listen names another address");
    let port = osteon(&["serve", "--data", other, "--listen", &address, "--metrics-listen", "127.0.0.1:0"]);
    ends(&port, 1, "; --listen names another address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn explain_takes_the_short_id_and_says_where_a_token_is_from() {
    let server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let patient = Device::enrol(server.channel().expect("channel"), &invite).await.expect("enrolled");
    let record = create(&patient, body::pain(3, now_ms()), 0).await.expect("made").record_id;
    let data = server.dir().to_str().expect("text").to_owned();
    let token = patient.tokens.access_token.clone();
    let ask = |circle: &str, more: &[&str]| osteon(&[&["explain", circle, &record, "--data", &data], more].concat());
    for circle in [invite.short_id.as_str(), &patient.circle.to_string()] {
        ends(&ask(circle, &["--token", &token]), 0, "worst_24h");
    }
    // Why an alert fired, by its rule and by its record.
    let weak = care::SymptomEntry {
        effective_start: Some(body::moment(now_ms())),
        red_flags: vec!["limb_weakness".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    let entry = create(&patient, body::raw(102, &weak.encode_to_vec()), 0).await.expect("made").record_id;
    let why = osteon(&["explain", &invite.short_id, "R-MSCC-1", "--data", &data, "--token", &token]);
    ends(&why, 0, &format!("Symptom ({entry})"));
    let said = &why.out;
    for part in ["R-MSCC-1  EMERGENCY", "CALL NOW", "secondary", "nobody yet", "to the next in line", "limb_weakness"] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    let alert = said.split_once("(alert ").and_then(|(_, rest)| rest.get(..36)).expect("its record").to_owned();
    ends(&osteon(&["explain", &invite.short_id, &alert, "--data", &data, "--token", &token]), 0, "R-MSCC-1  EMERGENCY");
    let nothing = osteon(&["explain", &invite.short_id, "R-SEP-1", "--data", &data, "--token", &token]);
    ends(&nothing, 0, "That does not mean that all is well.");
    let no_rule = osteon(&["explain", &invite.short_id, "R-XYZ-1", "--data", &data, "--token", &token]);
    ends(&no_rule, 1, "no rule has this name");
    ends(&ask("d9999", &["--token", &token]), 1, "no circle d9999 of yours");
    ends(&ask("d0001", &[]), 2, "osteon token");
    // Whoever asks for nobody's audit made no failure of it.
    ends(&osteon(&["audit", "show", "--data", &data]), 2, "whose audit?");
    ends(&osteon(&["audit", "show", "--data", &data, "--circle", "d9999"]), 1, "no circle d9999");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_that_was_restored_is_a_demo_and_nothing_else_is() {
    let server = Server::start(Setup::default()).expect("server");
    server.new_circle("nurse").expect("invite");
    let away = tempfile::tempdir().expect("dir");
    for demo in [false, true] {
        if demo {
            std::fs::write(server.dir().join("demo"), "").expect("marked");
        }
        let backup = away.path().join(format!("backup-{demo}"));
        let backup = backup.to_str().expect("text");
        server.cli(&["backup", backup]).expect("backup");
        let folder = away.path().join(format!("again-{demo}"));
        std::fs::create_dir(&folder).expect("made");
        for file in ["kek.key", "deny.log"] {
            std::fs::copy(server.dir().join(file), folder.join(file)).expect("copied");
        }
        let folder = folder.to_str().expect("text");
        ends(&osteon(&["restore", backup, "--data", folder]), 0, "osteon serve can start");
        let token = osteon(&["token", "--as", "nurse", "--clinic", "clinic", "--data", folder]);
        if demo {
            ends(&token, 0, "");
        } else {
            ends(&token, 1, "is no demo data directory");
        }
    }
}

/// What the patient takes back goes to the server at once, and what is said of it is so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_is_sent_and_said_to_be() {
    let mut server = Server::start(Setup::default()).expect("server");
    let first = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let patient = Phone::new(&server, &dir.path().join("p"));
    ends(&patient.enrol(&first.qr, &[]), 0, "as patient");
    let nurse = Phone::new(&server, &dir.path().join("n"));
    let second = server.invite_into(&first.short_id, "nurse").expect("invite");
    ends(&nurse.enrol(&second.qr, &[]), 0, "as nurse");
    ends(&patient.run(&["log", "pain", "3", "hip", "--sent"]), 0, "Your team can see it");
    ends(&nurse.run(&["sync"]), 0, "");
    assert!(nurse.run(&["entries"]).out.contains("3 of 10"));
    ends(&patient.run(&["sync"]), 0, "");
    ends(&patient.run(&["withdraw", "symptoms", "--from", "nurse"]), 0, "Taken back, and the server knows.");
    ends(&nurse.run(&["sync"]), 0, "");
    assert!(!nurse.run(&["entries"]).out.contains("3 of 10"), "nothing of it is left");
    // Nobody has this number yet: whoever gets it gets nothing by a slip of the finger.
    let slip = patient.run(&["share", "symptoms", "--with", "98765", "--until", "2099-01-01"]);
    ends(&slip, 4, "names nobody");
    ends(&patient.run(&["offline", "on"]), 0, "");
    ends(&patient.run(&["withdraw", "activity", "--from", "nurse"]), 0, "as soon as there is a network");
    ends(&patient.run(&["offline", "off"]), 0, "");
    server.kill().expect("killed");
    ends(&patient.run(&["withdraw", "falls-home", "--from", "nurse"]), 3, "The server was not reached");
}
