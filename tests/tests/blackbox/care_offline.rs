//! An emergency on a phone with no network: the card, and exit code 10.

use osteon_tests::server::{Server, Setup, StoreKind};
use tempfile::TempDir;

use crate::commands::{Phone, ends};

/// A patient's phone with no network, and a server that does not answer.
struct Alone {
    server: Server,
    phone: Phone,
    _home: TempDir,
}

fn alone() -> Alone {
    let mut server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let home = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &home.path().join("p"));
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    server.kill().expect("killed");
    ends(&phone.run(&["offline", "on"]), 0, "Offline");
    Alone { server, phone, _home: home }
}

/// That the rules of the clinic fail is said on every phone that hears of it, and not for longer than it is so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_says_that_the_clinic_s_warnings_are_late() {
    let server = Server::start(Setup::on(StoreKind::Sqlite).expect("setup")).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p"));
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    ends(&phone.run(&["sync"]), 0, "");
    let says = |late: bool| {
        for what in ["alerts", "status"] {
            let said = phone.run(&[what]);
            ends(&said, 0, "");
            assert_eq!(said.out.contains("Your clinic's warnings are late since"), late, "{}", said.out);
        }
        assert_eq!(phone.run(&["alerts", "--json"]).out.contains("since_ms"), late);
    };
    says(false);
    // As the server leaves it where its rules panicked; they are not asked again for an hour.
    let url = format!("sqlite:{}", server.dir().join("osteon.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.expect("database");
    let fail = "INSERT INTO rules_due (circle, at_ms, late_ms) SELECT circle, 4000000000000, 1795600000000 FROM circle \
        WHERE true ON CONFLICT (circle) DO UPDATE SET at_ms = excluded.at_ms, late_ms = excluded.late_ms";
    sqlx::query(fail).execute(&mut db).await.expect("late");
    says(false);
    ends(&phone.run(&["sync"]), 0, "");
    says(true);
    sqlx::query("UPDATE rules_due SET late_ms = NULL").execute(&mut db).await.expect("made good");
    // What the phone was told it says with the time, until it is told otherwise.
    says(true);
    ends(&phone.run(&["sync"]), 0, "");
    says(false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_shows_on_a_phone_with_no_network() {
    let Alone { mut server, phone, _home } = alone();
    let card = phone.run(&["log", "symptom", "leg-weakness", "--new"]);
    for says in ["!! ", "CALL NOW: ", "[R-MSCC-1]", "Not sent yet (offline)"] {
        ends(&card, 10, says);
    }
    // Nobody said whether it is new: it is saved as it was said, and what it would mean stands beside it.
    let unsaid = phone.run(&["log", "symptom", "leg-weakness"]);
    ends(&unsaid, 5, "Saved on this phone");
    for says in ["Is it new, or worse than before?", "CALL NOW: ", "[R-MSCC-1]", "--new"] {
        assert!(unsaid.err.contains(says), "{}", unsaid.err);
    }
    let known = phone.run(&["log", "symptom", "leg-weakness", "--known"]);
    ends(&known, 0, "Saved on this phone");
    assert!(!known.err.contains("Is it new"), "{}", known.err);
    // With its JSON, and when it was to be sent at once.
    ends(&phone.run(&["log", "symptom", "chest-pain", "--new", "--sent", "--json"]), 10, "R-VTE-1");
    let strong = phone.run(&["log", "pain", "7", "lower-back"]);
    ends(&strong, 0, "R-PAIN-1, rules of ");
    assert!(!strong.out.contains("CALL NOW"), "{}", strong.out);
    let mild = phone.run(&["log", "pain", "2"]);
    ends(&mild, 0, "2 of 10");
    assert!(!mild.out.contains("[R-") && !mild.out.contains("all clear"), "{}", mild.out);
    ends(&phone.run(&["status"]), 0, "work without a network");

    // What the server raised is said in words also where the phone's own rules do not find it any more.
    server.restart().expect("restarted");
    ends(&phone.run(&["offline", "off"]), 0, "");
    ends(&phone.run(&["sync"]), 0, "");
    let entries = phone.run(&["entries"]);
    let strong = entries.out.lines().find(|line| line.contains("7 of 10")).expect("the strong pain");
    let number = strong.split_whitespace().next().expect("its number");
    ends(&phone.run(&["log", "mistake", number, "--sent"]), 0, "");
    let open = phone.run(&["alerts"]);
    let line = open.out.lines().find(|line| line.contains("[R-PAIN-1]")).expect("the server's alert stands");
    assert!(line.contains("Strong pain should not wait."), "{line}");
}

/// An alert is raised anew when it goes on to the next person; what it is about happened when it happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_says_when_it_happened() {
    let Alone { mut server, phone, _home } = alone();
    ends(&phone.run(&["log", "pain", "8", "lower-back", "--at", "yesterday 22:00"]), 0, "R-PAIN-1");
    server.restart().expect("restarted");
    ends(&phone.run(&["offline", "off"]), 0, "");
    ends(&phone.run(&["sync"]), 0, "");
    let alerts = phone.run(&["alerts"]);
    let line = alerts.out.lines().find(|line| line.contains("[R-PAIN-1")).expect("the server's alert");
    assert!(line.contains("]  yesterday 22:00"), "{line}");
    let told: serde_json::Value = serde_json::from_str(&phone.run(&["alerts", "--json"]).out).expect("JSON");
    let one = told["alerts"].as_array().expect("a list").iter().find(|one| one["rule"] == "R-PAIN-1").expect("it");
    assert!(one["record"].is_string(), "it is the server's: {one}");
    assert!(one["happened_ms"].as_i64().expect("when") < one["raised_ms"].as_i64().expect("since"), "{one}");
}

/// Whether a fall is an emergency hangs on answers: those that nobody gave are said to be missing, with what they would mean.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_is_asked_about_where_its_answers_are_missing() {
    let Alone { phone, .. } = &alone();
    let bare = phone.run(&["log", "fall", "bathroom"]);
    ends(&bare, 5, "Saved on this phone");
    for says in
        ["Not answered: ", "Hit the head?", "Could not get up alone?", "[R-FALL-1]", "--hit-head", "--nothing-else"]
    {
        assert!(bare.err.contains(says), "{}", bare.err);
    }
    // Some of it answered: the rest is missing.
    let head = phone.run(&["log", "fall", "stairs", "--hit-head"]);
    assert!(
        head.err.contains("Not answered: Lost consciousness?") && !head.err.contains("Hit the head?"),
        "{}",
        head.err
    );
    for whole in [&["log", "fall", "garden", "--nothing-else"][..], &["log", "fall", "street", "--near"]] {
        let said = phone.run(whole);
        ends(&said, 0, "Saved on this phone");
        assert!(!said.err.contains("Not answered"), "{}", said.err);
    }
    // An emergency is said, and nothing is asked before it.
    let stands = phone.run(&["log", "fall", "hallway", "--cannot-bear-weight"]);
    ends(&stands, 10, "[R-FALL-1]");
    assert!(!stands.err.contains("Not answered"), "{}", stands.err);
    let long = phone.run(&["log", "fall", "hallway", "--could-not-get-up", "--on-floor", "61"]);
    ends(&long, 10, "[R-FALL-1]");
    // A place that is none: nothing is saved, but never in the way of an emergency.
    let entries = || phone.run(&["entries", "--last", "100"]).out.lines().count();
    let before = entries();
    for (place, says) in [("yesterday", "--at \"yesterday 22:00\""), (&*"x".repeat(500), "bathroom, bedroom")] {
        ends(&phone.run(&["log", "fall", place, "--nothing-else"]), 2, says);
    }
    assert_eq!(entries(), before);
    let away = phone.run(&["log", "fall", &"x".repeat(500), "--hit-head", "--confused"]);
    ends(&away, 10, "[R-FALL-1]");
    assert!(away.err.contains("left out") && away.out.starts_with("!!"), "{}{}", away.out, away.err);
}

/// What was left open is answered in the same entry: one fall stays one fall.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_answered_is_answered_in_the_same_entry() {
    let Alone { phone, .. } = &alone();
    let number = |said: &str| {
        let rest = said.split("--entry ").nth(1).unwrap_or_else(|| panic!("no command: {said}"));
        rest.split_whitespace().next().expect("a number").to_owned()
    };
    let fall = phone.run(&["log", "fall", "stairs", "--hit-head", "--at", "00:00"]);
    ends(&fall, 5, "Answer: osteon-phone log fall --entry ");
    let fall = number(&fall.err);
    ends(&phone.run(&["log", "fall", "--entry", &fall, "--nothing-else"]), 0, "Saved on this phone");
    let shown: serde_json::Value = serde_json::from_str(&phone.run(&["entries", "--json"]).out).expect("json");
    let fields = shown[0]["fields"].as_array().expect("fields");
    let value = |name: &str| fields.iter().find(|field| field["field"] == name).map(|field| field["value"].clone());
    assert_eq!(shown.as_array().expect("entries").len(), 1, "{shown}");
    let answers =
        ["hit_head", "lost_consciousness", "after_confused", "near_fall"].map(|name| value(name).expect(name));
    assert_eq!(answers, [1, 0, 0, 0].map(serde_json::Value::from), "what was said stays");
    assert_eq!(value("place"), Some("stairs".into()));
    // It was worse: the card shows, and it is the same fall.
    ends(&phone.run(&["log", "fall", "--entry", &fall, "--lost-consciousness"]), 10, "[R-FALL-1]");
    let symptom = phone.run(&["log", "symptom", "leg-weakness", "--json"]);
    ends(&symptom, 5, "not_answered");
    let symptom = number(&symptom.err);
    ends(&phone.run(&["log", "symptom", "leg-weakness", "--entry", &symptom, "--new"]), 10, "[R-MSCC-1]");
    assert_eq!(phone.run(&["entries"]).out.lines().count(), 2);
    // Another kind, nothing new, and no entry.
    ends(&phone.run(&["log", "pain", "3", "--entry", &fall]), 2, "another kind of entry");
    ends(&phone.run(&["log", "fall", "--entry", &fall]), 2, "nothing was saved");
    ends(&phone.run(&["log", "fall", "--entry", "ffffffff", "--hit-head"]), 2, "no entry ends like that");
}

/// Whoever reads no further has read enough: what was done is done, and says so by its exit code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_away_is_no_fault() {
    let server = Server::start(Setup::default()).expect("server");
    let invite = server.new_circle("patient").expect("invite");
    let dir = tempfile::tempdir().expect("dir");
    let phone = Phone::new(&server, &dir.path().join("p"));
    ends(&phone.enrol(&invite.code, &["--circle", &invite.short_id]), 0, "enrolled");
    for (args, code) in [
        (&["log", "symptom", "leg-weakness", "--new"][..], 10),
        (&["log", "symptom", "leg-weakness"], 5),
        (&["log", "pain", "2"], 0),
        (&["log", "fall", "nowhere", "--nothing-else"], 2),
        (&["sync"], 0),
        (&["entries"], 0),
        (&["entries", "--json"], 0),
    ] {
        assert_eq!(phone.run_unread(args), Some(code), "{args:?}");
    }
    assert_eq!(phone.run(&["entries"]).out.lines().count(), 3);
}
