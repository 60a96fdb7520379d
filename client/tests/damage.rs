//! Each page of the phone's database in turn is damaged: the phone opens, the damaged file lies beside the new one, what
//! was not sent is there or is said to be lost, and the rest is fetched.

use std::{os::unix::fs::FileExt, path::Path, sync::Arc};

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use crate::stand_in::StandIn;
use osteon_client::{Error, Phone, clock::SetClock, events::silent, ids::SeededIds, records::NewRecord};
use osteon_proto::{care, meta};

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
    let mut recovered = 0;
    for page in 0..pages {
        let hurt = tempfile::tempdir().unwrap();
        copy(dir.path(), hurt.path());
        let file = std::fs::OpenOptions::new().write(true).open(hurt.path().join("phone.db")).unwrap();
        file.write_all_at(&[0xa5; PAGE as usize], page * PAGE).unwrap();
        let phone = open(hurt.path()).await.unwrap_or_else(|error| panic!("page {page}: {error}"));
        let status = phone.status().await.unwrap_or_else(|error| panic!("page {page}: {error}"));
        let Some(damage) = status.damage else {
            // A page that holds nothing that is needed: all is as it was.
            assert_eq!(status.to_send, 60, "page {page}");
            continue;
        };
        assert!(hurt.path().join("phone.db.damaged").exists(), "page {page}");
        assert_eq!(u32::try_from(status.to_send).unwrap(), damage.recovered, "page {page}");
        // Each change is kept by itself: a page takes what lies on it, and no more.
        assert!(damage.recovered >= 20, "page {page}: {damage:?}");
        // Without the page that has the device's head nobody can tell how many there were.
        assert!(damage.outbox_lost || damage.recovered + damage.unsent_lost == 60, "page {page}: {damage:?}");
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
    assert!(recovered >= 4, "{recovered}");
}

/// A phone with two entries that wait, whose head is damaged and not looked at yet.
async fn hurt(folder: &Path, server: &StandIn) {
    let phone = phone_in(folder, meta::Role::Patient).await;
    server.serve(&phone).await;
    save(&phone, 1).await;
    save(&phone, 2).await;
    phone.close().await;
    alter(folder, "UPDATE item SET value = zeroblob(64) WHERE circle = 0 AND kind = 4").await;
}

#[tokio::test]
async fn a_phone_that_dies_while_it_is_mended_goes_on_with_it() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    hurt(dir.path(), &server).await;
    // It died while the new one was made: what there is of it is of no account.
    std::fs::write(dir.path().join("phone.db.coming"), [0xa5; 5_000]).unwrap();
    let phone = open(dir.path()).await.unwrap();
    assert_eq!(phone.status().await.unwrap().to_send, 2);
    assert!(!dir.path().join("phone.db.coming").exists());
    phone.close().await;
    // It died when the damaged one was moved aside, and the new one had not taken its place.
    std::fs::rename(dir.path().join("phone.db"), dir.path().join("phone.db.coming")).unwrap();
    assert!(Phone::lives_in(dir.path()));
    let phone = open(dir.path()).await.unwrap();
    let status = phone.status().await.unwrap();
    assert_eq!((status.to_send, status.damage.map(|damage| damage.recovered)), (2, Some(2)));
    phone.sync(silent()).await.unwrap();
    assert_eq!(server.books.lock().unwrap().accepted_changes(), 2);
}

#[tokio::test]
async fn another_key_and_a_second_damage_destroy_nothing() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    save(&phone, 1).await;
    phone.close().await;
    let at = dir.path().join("phone.key");
    let key = std::fs::read(&at).unwrap();
    std::fs::write(&at, [7; 32]).unwrap();
    for _ in 0..2 {
        assert!(matches!(open(dir.path()).await, Err(Error::Damaged(why)) if why.contains("another key")));
    }
    std::fs::write(&at, key).unwrap();
    let phone = open(dir.path()).await.unwrap();
    assert_eq!(phone.status().await.unwrap().to_send, 1, "it was not damaged");
    phone.close().await;
    for n in 1..3 {
        alter(dir.path(), "UPDATE item SET value = zeroblob(64) WHERE circle = 0 AND kind = 4").await;
        open(dir.path()).await.unwrap().close().await;
        let aside = if n == 1 { "phone.db.damaged".to_owned() } else { format!("phone.db.damaged.{n}") };
        assert!(dir.path().join(aside).exists(), "each is kept");
    }
    open(dir.path()).await.unwrap().wipe().await.unwrap();
    let left = std::fs::read_dir(dir.path()).unwrap().flatten();
    let left: Vec<_> = left.map(|file| file.file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.contains("damaged")), "{left:?}");
}

#[tokio::test]
async fn what_was_moved_aside_goes_with_what_is_taken_back_and_with_the_phone() {
    for wipes in [false, true] {
        let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
        hurt(dir.path(), &server).await;
        let phone = open(dir.path()).await.unwrap();
        let aside = dir.path().join("phone.db.damaged");
        assert!(aside.exists());
        if wipes {
            phone.wipe().await.unwrap();
        } else {
            phone.sync(silent()).await.unwrap();
            assert!(aside.exists(), "nothing was taken back");
            let label = osteon_proto::LabelId::of([meta::Category::C06Symptoms]);
            let cell = osteon_proto::sync::Cell { label_id: label.0, priority_class: 3, ..Default::default() };
            server.books.lock().unwrap().erases = vec![cell];
            phone.sync(silent()).await.unwrap();
        }
        assert!(!aside.exists(), "it opens with the phone's key: {wipes}");
    }
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
