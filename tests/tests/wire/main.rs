//! What yesterday's server said, to today's phone: tests/compat/wire has, for each recording, a phone with unsent changes and
//! every answer that it got to Hello, Push and Pull, as bytes; and what the phone held afterwards. Each is played back to the
//! phone of this code, with messages between them that no version knows yet; and what that phone asked is asked of the server
//! of this code ([`requests`]).
//!
//! `tools/compat.sh --wire server-2` records another folder of the code as it is.

#![allow(clippy::disallowed_methods, reason = "a device makes its key from its own randomness")]

#[path = "../revocation/enrolled.rs"]
mod enrolled;
#[allow(dead_code)]
#[path = "../../../server/tests/use_cases/fixture.rs"]
mod fixture;
#[allow(dead_code)]
#[path = "../../../server/tests/store_conformance/postgres.rs"]
mod postgres;
mod record;
mod requests;
mod seen;
mod tape;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use osteon_client::{Phone, clock::SetClock, events::silent, ids::OsIds};
use osteon_proto::meta::Lane;
use serde_json::Value;
use tape::{Player, Playing, Tape};

const FILES: [&str; 2] = ["phone.db", "phone.key"];
const TAPE: &str = "answers.json";
const EXPECTED: &str = "expected.json";

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compat/wire")
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus()).expect("the corpus").map(|entry| entry.expect("entry").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

async fn open(folder: &Path) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(fixture::NOW)), Arc::new(OsIds::new())).await.expect("the phone opens")
}

fn copy(from: &Path, to: &Path) {
    for name in FILES {
        fs::copy(from.join(name), to.join(name)).expect("copied");
        // What keeps the files does not keep their modes.
        fs::set_permissions(to.join(name), fs::Permissions::from_mode(0o600)).expect("mode");
    }
}

/// This phone's server is this one.
async fn served_by(phone: &Phone, (server, ca_pem): (String, Vec<u8>)) {
    let put = |state: &mut osteon_client::state::State| {
        let enrolment = &mut state.enrolled_mut()?.enrolment;
        (enrolment.server, enrolment.ca_pem) = (server.clone(), ca_pem.clone());
        Ok(())
    };
    phone.change(put).await.expect("said");
}

/// The tape of a recording, and the numbers of its phone's lanes: urgent, ordinary.
async fn tape_of(folder: &Path) -> (Tape, requests::Lanes) {
    let dir = tempfile::tempdir().expect("folder");
    copy(folder, dir.path());
    let phone = open(dir.path()).await;
    let was = {
        let state = phone.read().await.expect("state");
        let lanes = &state.enrolled().expect("enrolled").enrolment.lanes;
        let of = |wanted: Lane| lanes.iter().find(|lane| lane.lane == wanted as i32).expect("a lane").replica;
        [of(Lane::Urgent), of(Lane::Ordinary)]
    };
    phone.close().await;
    let kept: Value = serde_json::from_slice(&fs::read(folder.join(TAPE)).expect(TAPE)).expect(TAPE);
    (Tape::from_json(&kept, was[0]), was)
}

/// Plays a recording to today's phone.
async fn replay(folder: &Path) {
    let at = folder.display();
    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(folder.join(name)).expect(name)).expect(name) };
    let (tape, _) = tape_of(folder).await;
    let expected = read(EXPECTED);
    for newer in [false, true] {
        let dir = tempfile::tempdir().expect("folder");
        copy(folder, dir.path());
        let phone = open(dir.path()).await;
        let said = if newer { tape.as_of_a_newer_server() } else { tape.clone() };
        let player = Arc::new(Playing(Mutex::new(Player::of(said))));
        served_by(&phone, tape::serve(Arc::clone(&player)).await).await;
        phone.sync(silent()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(seen::of(&phone).await, expected, "{at}, newer: {newer}");
        assert_eq!(player.0.lock().expect("player").left(), [0, 0, 0], "{at}: answers that nobody asked for");
        phone.close().await;
        // And it is kept.
        assert_eq!(seen::of(&open(dir.path()).await).await, expected, "{at}, opened again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_every_server_said_is_understood() {
    for folder in folders() {
        replay(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_every_phone_asked_is_answered_by_the_server_of_today() {
    let mut recordings = Vec::new();
    for folder in folders() {
        let (tape, was) = tape_of(&folder).await;
        recordings.push((folder.display().to_string(), tape, was));
    }
    assert!(recordings.iter().any(|(_, tape, _)| {
        ["Hello", "Push", "Pull"].iter().all(|method| tape.asked.iter().any(|asked| asked.method == *method))
    }));
    requests::replay(&recordings).await;
}

/// What this code records it replays; with OSTEON_COMPAT_WIRE it stays as a folder of the corpus (tools/compat.sh).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_now_is_understood() {
    let temporary = tempfile::tempdir().expect("folder");
    let folder =
        std::env::var("OSTEON_COMPAT_WIRE").map_or_else(|_| temporary.path().join("now"), |name| corpus().join(name));
    assert!(!folder.exists(), "{} is there already: what was recorded stays", folder.display());
    record::record(&folder).await;
    replay(&folder).await;
}
