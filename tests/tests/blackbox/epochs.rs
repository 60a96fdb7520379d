//! A server that was restored: another epoch, old cursors, and what others give back. The epoch is a real one
//! (`osteon epoch --bump`), the backup a real database file that is copied back.

use std::{fs, path::Path};

use osteon_client::{Phone, events::silent, records::NewRecord};
use osteon_proto::sync;
use osteon_tests::{
    body,
    device::{Device, now_ms, record_id},
    server::{Server, Setup},
};
use tonic::Code;

use crate::{
    phone::{circle, in_force, minutes, phone, view},
    support::{entries, refused, server_with_patient},
};

/// Stops the server, does something to its data, and starts it in a new epoch.
fn new_epoch(server: &mut Server, between: impl FnOnce(&Path)) -> u32 {
    server.kill().expect("stopped");
    between(server.dir());
    let answer = server.cli(&["epoch", "--bump"]).expect("a new epoch");
    server.restart().expect("started");
    answer["epoch"].as_u64().and_then(|n| u32::try_from(n).ok()).expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_a_past_epoch_is_refused_and_nothing_is_lost() {
    let (mut server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 3).await;
    let cursor = device.pull(&[]).await.expect("pull").last().expect("a page").cursor.to_vec();
    let ms = now_ms();
    let late = device.push_request(&device.urgent, vec![body::create(record_id(ms), body::pain(1, ms))]);
    let epoch = new_epoch(&mut server, |_| {});
    assert_eq!(epoch, device.epoch + 1);

    // Who does not know of it yet is told, and nothing is applied.
    refused(device.push(late).await, Code::FailedPrecondition, "EPOCH_CHANGED");
    refused(device.pull(&cursor).await, Code::FailedPrecondition, "EPOCH_CHANGED");
    // Who knows of it and still brings the old cursor is told that.
    device.epoch = epoch;
    refused(device.pull(&cursor).await, Code::FailedPrecondition, "CURSOR_STALE_EPOCH");
    let offer = sync::OfferRequest { circle: device.circle, epoch: epoch - 1, versions: Vec::new() };
    refused(device.sync().offer(device.request(offer)).await, Code::FailedPrecondition, "EPOCH_CHANGED");

    // Hello gives new numbers; under them, and without a cursor, everything goes on.
    let hello = device.hello().await.expect("hello");
    assert_eq!((hello.epoch, hello.lanes.len()), (epoch, 2));
    for lane in &hello.lanes {
        let held =
            if lane.lane() == osteon_proto::meta::Lane::Urgent { &mut device.urgent } else { &mut device.ordinary };
        (held.epoch, held.replica, held.chain_key, held.last) = (lane.epoch, lane.replica, lane.chain_key.to_vec(), 0);
    }
    let after = entries(&mut device, 1).await;
    let parts = device.parts().await.expect("pull");
    for wanted in before.iter().chain(&after) {
        assert!(parts.iter().any(|part| part.record == wanted[..]), "a record is missing");
    }
    assert_eq!(parts.iter().filter(|p| p.incomplete).count(), 0);
}

/// What a phone wrote that is gone comes back from another phone that had read it, and reaches a third.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_lost_phone_wrote_comes_back_from_another() {
    let mut server = Server::start(Setup::default()).expect("server");
    let homes: Vec<_> = (0..3).map(|_| tempfile::tempdir().expect("dir")).collect();
    let first = server.new_circle("physiotherapist").expect("invite");
    let lost = phone(&server, &homes[0].path().join("p"), &first).await;
    let second = server.invite_into(&first.short_id, "physiotherapist").expect("invite");
    let other = phone(&server, &homes[1].path().join("p"), &second).await;
    server.kill().expect("stopped");
    let backup = homes[2].path().join("backup.db");
    save(server.dir(), &backup);
    server.restart().expect("started");

    let new = NewRecord { body: minutes(25), label_choice: 0, record: None };
    let plan = lost.create(circle(&lost).await, &new, "").await.expect("created").record;
    lost.sync(silent()).await.expect("sync");
    other.sync(silent()).await.expect("sync");
    assert_eq!(in_force(&view(&other, plan).await), Some(25));
    drop(lost);

    new_epoch(&mut server, |dir| {
        for name in ["osteon.db-wal", "osteon.db-shm"] {
            let _ = fs::remove_file(dir.join(name));
        }
        fs::copy(&backup, dir.join("osteon.db")).expect("copied back");
    });
    for _ in 0..2 {
        other.sync(silent()).await.expect("sync");
    }
    assert_eq!(in_force(&view(&other, plan).await), Some(25), "never gone from where it was held");
    assert_eq!(offers(&other).await, 0, "given back, and seen");
    let third = server.invite_into(&first.short_id, "nurse").expect("invite");
    let newcomer = phone(&server, &homes[2].path().join("p"), &third).await;
    assert_eq!(in_force(&view(&newcomer, plan).await), Some(25));
    let newest: Device = Device::enrol(
        server.channel().expect("channel"),
        &server.invite_into(&first.short_id, "physiotherapist").expect("invite"),
    )
    .await
    .expect("enrols");
    assert_eq!(newest.parts().await.expect("pull").iter().filter(|p| p.record == plan.0[..]).count(), 1);
}

async fn offers(phone: &Phone) -> usize {
    let state = phone.read().await.expect("state");
    state.enrolled().expect("enrolled").device.circles().map(|(_, c)| c.offers().len()).sum()
}

/// A copy of a database that nobody has open, with what its log holds.
fn save(dir: &Path, to: &Path) {
    fs::copy(dir.join("osteon.db"), to).expect("copied");
    let log = dir.join("osteon.db-wal");
    assert!(
        !log.exists() || fs::metadata(&log).is_ok_and(|m| m.len() == 0) || checkpointed(dir, to),
        "the backup holds what the log holds"
    );
}

/// `osteon epoch` opens and closes the database, which moves its log into it.
fn checkpointed(dir: &Path, to: &Path) -> bool {
    let data = dir.to_string_lossy().into_owned();
    let program = osteon_tests::tools::osteon().expect("the program");
    let done = std::process::Command::new(program).args(["epoch", "--data", &data]).output().expect("runs");
    fs::copy(dir.join("osteon.db"), to).expect("copied");
    done.status.success() && !dir.join("osteon.db-wal").exists()
}
