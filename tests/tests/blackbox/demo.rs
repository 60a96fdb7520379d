//! `osteon demo`, one round of it: the transcript that a stranger reads. Real processes, real device cores.

use std::process::Stdio;

use osteon_tests::{server::free_port, tools};
use tokio::{process::Command, time::timeout};

/// A release build, a seed and some thirty commands, on a busy machine.
const STORY: std::time::Duration = std::time::Duration::from_secs(240);
const LIMIT: std::time::Duration = std::time::Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_edit_apart_come_together_and_lose_nothing() {
    let dir = tempfile::tempdir().expect("temp dir");
    let data = dir.path().join("demo");
    let listen = || format!("127.0.0.1:{}", free_port().expect("port"));
    let demo = Command::new(tools::osteon().expect("the server"))
        .arg("demo")
        .arg("--data-dir")
        .arg(&data)
        .args(["--once", "--pace", "0.1", "--listen", &listen(), "--http-listen", &listen()])
        .args(["--metrics-listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("starts");
    let done = timeout(LIMIT, demo.wait_with_output()).await.expect("ends by itself").expect("output");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    let mut rest = &said[..];
    for sentence in [
        "DEMO CLINIC",
        "osteon.record.v1.RecordService/ExplainRecord",
        "/sign-in   circle d0001, code ",
        "Saved on this phone. Not sent yet (offline). Your team cannot see it yet.",
        // The clinician writes online, by the field mask and with what was on the screen.
        "write 50 walks well, no pain on loading",
        "one session at most 40 min -> 20 min in force, disputed",
        "20 min, decided",
        "one session at most 20 min -> 40 min",
        "Every phone shows 40 min, and no phone has anything left to send.",
        "withdraw symptoms --from ",
        "erased    no longer shared with you, and removed from this phone: symptoms",
        "Nothing of them is on the daughter's phone any more",
        "share symptoms --with ",
        "It is all there again.",
        "wipe old",
        "erased    by an order that the clinic signed with the key which this phone pinned. Nothing is left on it.",
        "audit show --data-dir",
    ] {
        let at = rest.find(sentence).unwrap_or_else(|| panic!("not said, or not in its place: {sentence}\n{said}"));
        rest = &rest[at + sentence.len()..];
    }
    // What the desk was answered may stand behind what a phone says of the same: two processes print.
    for answer in ["\"value\":50,\"needs_review\":false", "\"versions\":2", "DEVICE_STANDING_WIPED"] {
        assert!(said.contains(answer), "not answered: {answer}\n{said}");
    }
    let again = Command::new(tools::osteon().expect("the server")).arg("demo").arg("--data-dir").arg(&data).output();
    assert!(!again.await.expect("starts").status.success(), "a seeded folder was seeded again");
    let real = dir.path().join("real");
    std::fs::create_dir(&real).expect("folder");
    std::fs::write(real.join("osteon.db"), "somebody's data").expect("file");
    let refused = Command::new(tools::osteon().expect("the server")).arg("demo").arg("--data-dir").arg(&real).output();
    assert!(!refused.await.expect("starts").status.success(), "a folder that is no demo was taken for one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sync_story_in_one_terminal() {
    let dir = tempfile::tempdir().expect("temp dir");
    let told = Command::new(tools::root().join("tools/demo.sh"))
        .env("OSTEON_BIN", tools::osteon().expect("the server"))
        .env("OSTEON_PHONE_BIN", tools::osteon_phone().expect("the phone"))
        .env("STORY", dir.path().join("story"))
        .env("STORY_PORT", free_port().expect("port").to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let done = timeout(STORY, told).await.expect("ends by itself").expect("output");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    let mut rest = &said[..];
    for sentence in [
        "== Everybody is up to date.",
        "records, same fingerprint as the server",
        "One session at most      40 min",
        "p1     $ osteon-phone log pain 6 hip\n",
        "Saved on this phone. Not sent yet (offline). Your team cannot see it yet.",
        "pt-q   $ osteon-phone plan --set max_minutes_session=20",
        "pt-p     It needs a reason",
        "One session at most      50 min",
        "pt-q     1  Exercise plan: lift at most",
        "20 min           physiotherapist, today",
        "in force\n",
        "50 min           physiotherapist, today",
        "p1       Online again.",
        "all acknowledged",
        "One session at most      20 min   DISPUTED: your team is deciding",
        "pt-p     Decided.",
        "One session at most      20 min\n",
        "== The server is killed",
        "To send       1 entries",
        "the server does not answer. Everything is kept here",
        "== It is started again",
        "sent      1 of 1 entries",
        "p1     $ osteon-phone check\n",
        "same fingerprint as the server",
        "pt-q   $ osteon-phone check\n",
        "same fingerprint as the server",
        "p1     $ osteon-phone withdraw activity --from caregiver",
        "cg       ",
        "erased    no longer shared with you, and removed from this phone: activity",
        "There is no such plan on this phone.",
        "The end.",
    ] {
        let at = rest.find(sentence).unwrap_or_else(|| panic!("not said, or not in its place: {sentence}\n{said}"));
        rest = &rest[at + sentence.len()..];
    }
}
