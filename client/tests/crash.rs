//! The phone's database stops at operation n, for every n of a save, a sync, an undo and the telling of outcomes; what was
//! written and not synced is gone, as after a loss of power. Whatever was answered is there, nothing is sent twice with
//! another content, no number is skipped, and the phone opens again.

mod enrolled;
mod stand_in;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use osteon_client::{Error, Phone, clock::SetClock, events::silent, ids::SeededIds, records::NewRecord};
use osteon_faulty_vfs::Faults;
use osteon_proto::{care, meta};
use osteon_sync_core::RecordId;
use stand_in::StandIn;

async fn open(folder: &Path) -> osteon_client::Result<Phone> {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(5))).await
}

fn pain(worst: u32) -> NewRecord {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None }
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

async fn records(phone: &Phone) -> BTreeSet<RecordId> {
    let state = phone.read().await.unwrap();
    state.enrolled().unwrap().view(CIRCLE, NOW).unwrap().records().iter().map(|record| record.record).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doing {
    Save,
    Sync,
    Undo,
    Tell,
}

/// What was there before, and what was answered.
struct Done {
    there: BTreeSet<RecordId>,
    gone: Option<RecordId>,
    told: u64,
}

async fn run(phone: &Phone, doing: Doing, done: &mut Done) {
    match doing {
        Doing::Save => {
            for worst in 0..3 {
                if let Ok(saved) = phone.create(CIRCLE, &pain(worst), "").await {
                    done.there.insert(saved.record);
                }
            }
        }
        Doing::Sync => drop(phone.sync(silent()).await),
        Doing::Undo => done.gone = phone.undo(CIRCLE, "").await.ok().map(|undone| undone.record()),
        Doing::Tell => drop(phone.on_settled(|one| done.told = one.n).await),
    }
}

/// A phone with something that was sent, settled and not told, and something that waits.
async fn begin(folder: &Path, server: &StandIn) -> BTreeSet<RecordId> {
    let phone = phone_in(folder, meta::Role::Patient).await;
    server.serve(&phone).await;
    phone.create(CIRCLE, &pain(9), "").await.unwrap();
    phone.sync(silent()).await.unwrap();
    phone.create(CIRCLE, &pain(8), "").await.unwrap();
    phone.create(CIRCLE, &pain(7), "").await.unwrap();
    let there = records(&phone).await;
    phone.close().await;
    there
}

/// One crash. False: it did not come to that.
async fn crash_at(n: u64, doing: Doing, power: bool) -> bool {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let there = begin(dir.path(), &server).await;
    let faults = Faults::watch(dir.path());
    let mut done = Done { there, gone: None, told: 0 };
    let phone = open(dir.path()).await.unwrap();
    faults.stop_at(Some(n));
    run(&phone, doing, &mut done).await;
    let crashed = faults.has_stopped();
    drop(phone);
    if power {
        faults.power_cut().unwrap();
    }
    // Where the machine comes up again the old handles are of no account.
    let after = tempfile::tempdir().unwrap();
    copy(dir.path(), after.path());
    let at = format!("{doing:?} at {n}, power {power}");
    let phone = open(after.path()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
    let now = records(&phone).await;
    let mut expected = done.there.clone();
    if let Some(gone) = done.gone {
        expected.remove(&gone);
    }
    // An undo that was not answered may have happened.
    let maybe = usize::from(doing == Doing::Undo && done.gone.is_none());
    assert!(expected.difference(&now).count() <= maybe, "{at}: something that was saved is gone");
    if let Some(gone) = done.gone {
        assert!(!now.contains(&gone), "{at}: what was taken back is there");
    }
    assert!(
        phone.outcomes().await.unwrap().iter().all(|one| one.n > done.told.saturating_sub(1)),
        "{at}: told long ago"
    );
    phone.sync(silent()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_eq!(phone.status().await.unwrap().to_send, 0, "{at}");
    let outcomes = phone.outcomes().await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.forged, books.skips), (0, 0), "{at}: another content under a number, or a hole");
    let sent = books.accepted();
    for record in &now {
        let holds = sent.iter().filter(|content| content.windows(16).any(|bytes| bytes == record.0)).count();
        assert_eq!(holds, 1, "{at}: each entry is sent once");
    }
    // Every change has its outcome, told or kept.
    let kept: BTreeSet<u64> = outcomes.iter().map(|one| one.n).collect();
    assert!((done.told + 1..=sent.len() as u64).all(|n| kept.contains(&n)), "{at}: an outcome is lost");
    crashed
}

async fn every_operation(doing: Doing) {
    for power in [false, true] {
        let mut n = 1;
        while crash_at(n, doing, power).await {
            n += 1;
        }
        assert!(n > 2, "{doing:?} wrote something");
    }
}

#[tokio::test]
async fn a_save_that_stops_anywhere() {
    every_operation(Doing::Save).await;
}

#[tokio::test]
async fn a_sync_that_stops_anywhere() {
    every_operation(Doing::Sync).await;
}

#[tokio::test]
async fn an_undo_that_stops_anywhere() {
    every_operation(Doing::Undo).await;
}

#[tokio::test]
async fn the_telling_of_outcomes_that_stops_anywhere() {
    every_operation(Doing::Tell).await;
}

/// A phone that is mended, and stops at any operation of that: nothing that could be read is lost, and it is said.
#[tokio::test]
async fn a_mending_that_stops_anywhere() {
    for power in [false, true] {
        let mut n = 1;
        loop {
            let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
            begin(dir.path(), &server).await;
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.path().join("phone.db"));
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            let hurt = "UPDATE item SET value = zeroblob(64) WHERE circle = 0 AND kind = 4";
            sqlx::query(hurt).execute(&pool).await.unwrap();
            pool.close().await;
            let faults = Faults::watch(dir.path());
            faults.stop_at(Some(n));
            drop(open(dir.path()).await);
            let crashed = faults.has_stopped();
            if power {
                faults.power_cut().unwrap();
            }
            let after = tempfile::tempdir().unwrap();
            copy(dir.path(), after.path());
            let phone = open(after.path()).await.unwrap_or_else(|error| panic!("at {n}, power {power}: {error}"));
            let status = phone.status().await.unwrap_or_else(|error| panic!("at {n}, power {power}: {error}"));
            assert_eq!((status.to_send, status.damage.is_some()), (2, true), "at {n}, power {power}");
            if !crashed {
                break;
            }
            n += 1;
        }
        assert!(n > 5, "it wrote something: {n}");
    }
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_saved_and_what_waits_is_sent() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let there = begin(dir.path(), &server).await;
    let phone = open(dir.path()).await.unwrap();
    let faults = Faults::watch(dir.path());
    let held: u64 = std::fs::read_dir(dir.path()).unwrap().flatten().map(|f| f.metadata().unwrap().len()).sum();
    // A phone that was opened before it was watched has its files from elsewhere: open it again.
    phone.close().await;
    let phone = open(dir.path()).await.unwrap();
    faults.full_beyond(Some(held));
    let refused = phone.create(CIRCLE, &pain(1), "").await.unwrap_err();
    assert!(matches!(refused, Error::DiskFull) && refused.to_string().contains("storage is full"), "{refused}");
    assert_eq!(records(&phone).await, there);
    let said = phone.sync(silent()).await.err().map(|error| format!("{error:?}"));
    assert_eq!(server.books.lock().unwrap().accepted().len(), there.len(), "what waited was sent: {said:?}");
    assert_eq!(phone.status().await.unwrap().to_send, 0);
    // With room again it is as before.
    faults.full_beyond(None);
    phone.create(CIRCLE, &pain(1), "").await.unwrap();
    phone.sync(silent()).await.unwrap();
    assert_eq!(server.books.lock().unwrap().forged, 0);
}
