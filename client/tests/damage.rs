//! Each page of the phone's database in turn is damaged: the phone opens, the damaged file lies beside the new one, what
//! was not sent is there or is said to be lost, and the rest is fetched.

mod enrolled;
mod stand_in;

use std::{os::unix::fs::FileExt, path::Path, sync::Arc};

use enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use osteon_client::{Error, Phone, clock::SetClock, events::silent, ids::SeededIds, records::NewRecord};
use osteon_proto::{care, meta};
use stand_in::StandIn;

const PAGE: u64 = 4096;

async fn open(folder: &Path) -> osteon_client::Result<Phone> {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(5))).await
}

async fn save(phone: &Phone, worst: u32) {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test]
async fn a_phone_survives_the_damage_of_any_page() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    for worst in 0..60 {
        save(&phone, worst % 11).await;
    }
    phone.close().await;
    let pages = std::fs::metadata(dir.path().join("phone.db")).unwrap().len() / PAGE;
    assert!(pages >= 4, "{pages}");
    let (mut recovered, mut lost) = (0, 0);
    for page in 0..pages {
        let hurt = tempfile::tempdir().unwrap();
        copy(dir.path(), hurt.path());
        let file = std::fs::OpenOptions::new().write(true).open(hurt.path().join("phone.db")).unwrap();
        file.write_all_at(&[0xa5; PAGE as usize], page * PAGE).unwrap();
        let phone = open(hurt.path()).await.unwrap_or_else(|error| panic!("page {page}: {error}"));
        let status = match phone.status().await {
            Ok(status) => status,
            Err(Error::EnrolmentLost) => {
                assert!(hurt.path().join("phone.db.damaged").exists(), "page {page}");
                lost += 1;
                continue;
            }
            Err(error) => panic!("page {page}: {error}"),
        };
        let Some(damage) = status.damage else {
            // A page that holds nothing that is needed: all is as it was.
            assert_eq!(status.to_send, 60, "page {page}");
            continue;
        };
        assert!(hurt.path().join("phone.db.damaged").exists(), "page {page}");
        assert_eq!(u32::try_from(status.to_send).unwrap(), damage.recovered, "page {page}");
        // Each change is kept by itself: a page takes what lies on it, and no more.
        assert!(damage.recovered >= 20, "page {page}: {damage:?}");
        assert!(!damage.outbox_lost, "page {page}");
        assert_eq!(damage.recovered + damage.unsent_lost, 60, "page {page}");
        recovered += 1;
        // It goes on: what is saved now is sent, under numbers that nobody used.
        save(&phone, 3).await;
        let server = StandIn::start().await;
        server.serve(&phone).await;
        phone.sync(silent()).await.unwrap_or_else(|error| panic!("page {page}: {error}"));
        {
            let books = server.books.lock().unwrap();
            let sent = usize::try_from(damage.recovered).unwrap() + 1;
            assert_eq!((books.forged, books.accepted_changes()), (0, sent), "page {page}");
        }
        // And stays so.
        drop(phone);
        assert!(open(hurt.path()).await.unwrap().status().await.unwrap().damage.is_some());
    }
    assert!(recovered > 0 && lost > 0, "{recovered} {lost}");
}

/// Runs a statement on a phone's database.
async fn alter(folder: &Path, statement: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("phone.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn without_its_head_a_phone_sends_every_change_that_it_can_read() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    save(&phone, 9).await;
    phone.sync(silent()).await.unwrap();
    for worst in 0..5 {
        save(&phone, worst).await;
    }
    phone.close().await;
    alter(dir.path(), "UPDATE item SET value = zeroblob(64) WHERE circle = 0 AND kind = 4").await;
    let phone = open(dir.path()).await.unwrap();
    let status = phone.status().await.unwrap();
    let damage = status.damage.unwrap();
    assert_eq!((status.to_send, damage.recovered, damage.unsent_lost, damage.outbox_lost), (5, 5, 0, true));
    save(&phone, 5).await;
    phone.sync(silent()).await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.forged, books.skips, books.accepted_changes()), (0, 0, 7));
}

#[tokio::test]
async fn a_change_that_is_missing_is_counted_and_its_number_skipped() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    for worst in 0..5 {
        save(&phone, worst).await;
    }
    phone.close().await;
    alter(dir.path(), "DELETE FROM item WHERE kind = 8 AND key = x'0000000000000002'").await;
    let phone = open(dir.path()).await.unwrap();
    let damage = phone.status().await.unwrap().damage.unwrap();
    assert_eq!((damage.recovered, damage.unsent_lost, damage.outbox_lost), (4, 1, false));
    phone.sync(silent()).await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.forged, books.skips, books.accepted_changes()), (0, 1, 4));
}

#[tokio::test]
async fn what_is_locked_or_newer_is_not_taken_for_damage() {
    let dir = tempfile::tempdir().unwrap();
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    phone.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.path().join("phone.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("PRAGMA user_version = 99").execute(&pool).await.unwrap();
    pool.close().await;
    assert!(matches!(open(dir.path()).await, Err(Error::Damaged(why)) if why.contains("newer version")));
    assert!(!dir.path().join("phone.db.damaged").exists());
}

#[tokio::test]
async fn a_second_program_that_syncs_says_so_and_what_it_saves_is_sent_by_the_first() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let one = Arc::new(phone_in(dir.path(), meta::Role::Patient).await);
    server.serve(&one).await;
    let live = tokio::spawn({
        let one = Arc::clone(&one);
        async move { one.live(silent()).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let two = open(dir.path()).await.unwrap();
    let refused = two.live(silent()).await.unwrap_err();
    assert!(matches!(refused, Error::Busy) && refused.to_string().contains("another program is syncing"));
    save(&two, 4).await;
    two.sync(silent()).await.unwrap();
    assert_eq!(server.books.lock().unwrap().accepted().len(), 1);
    live.abort();
    let _ = live.await;
    save(&two, 5).await;
    two.sync(silent()).await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.accepted().len(), books.forged), (2, 0));
}
