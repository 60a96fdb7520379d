//! What else stops anywhere: a page that takes something back, the moving of an older version's database, the renewal of a
//! token. As in crash.rs the database stops at operation n, for every n, with and without the loss of what was not synced:
//! what was taken back is whole or gone, and never comes again; an older database opens with all that it had; nobody is
//! signed out. `OSTEON_EVERY`: 1 for every n (`make prove`), 3 if not said.

#[allow(dead_code, reason = "made for the corpus; what it replays is used here")]
mod corpus;
mod enrolled;
#[path = "../../tests/tests/revocation/raw.rs"]
mod raw;
mod stand_in;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use osteon_client::{Phone, clock::SetClock, events::silent, ids::SeededIds, records::NewRecord};
use osteon_faulty_vfs::Faults;
use osteon_proto::{care, meta};
use stand_in::{Say, StandIn, every_cell};
use tempfile::TempDir;

/// Stands in what is taken back, and nowhere else.
const MARK: &str = "kanarienvogel";

/// Each time with other ids: a program that was started anew gives no id again.
async fn open(folder: &Path) -> osteon_client::Result<Phone> {
    static SEED: AtomicU64 = AtomicU64::new(5);
    let ids = SeededIds::new(SEED.fetch_add(1, Ordering::Relaxed));
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(ids)).await
}

fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(file.path(), to.path().join(file.file_name())).unwrap();
    }
    to
}

/// From one n to the next.
fn every() -> u64 {
    std::env::var("OSTEON_EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

/// What is left of a folder where the program dies at operation `n` of what it does with it, as the machine finds it that
/// comes up again; and whether it came to that.
async fn dies_at(from: &Path, n: u64, power: bool, does: impl AsyncFn(&Path)) -> (TempDir, bool) {
    let dir = copied(from);
    let faults = Faults::watch(dir.path());
    faults.stop_at(Some(n));
    does(dir.path()).await;
    let died = faults.has_stopped();
    if power {
        faults.power_cut().unwrap();
    }
    (copied(dir.path()), died)
}

async fn save(phone: &Phone, site: &str) {
    let entry = care::PainEntry { worst_24h: Some(4), site: vec![site.to_owned()], ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap();
}

/// How many records a person sees with the mark in them.
async fn marked(phone: &Phone) -> usize {
    let state = phone.read().await.unwrap();
    let records = state.enrolled().unwrap().view(CIRCLE, NOW).unwrap().records();
    let says = |value: &[u8]| raw::contains(value, MARK.as_bytes());
    let has = |record: &&osteon_client::views::RecordView| {
        let mut versions = record.fields.iter().flat_map(|field| &field.versions);
        versions.any(|version| version.value.as_deref().is_some_and(says))
    };
    records.iter().filter(has).count()
}

/// A phone with marked entries of its own (sent, refused, and on their way), and one of somebody else.
async fn marks(folder: &Path, server: &StandIn) {
    let phone = phone_in(folder, meta::Role::Patient).await;
    server.serve(&phone).await;
    for _ in 0..3 {
        save(&phone, MARK).await;
    }
    phone.sync(silent()).await.unwrap();
    server.say(Say::Refuse("OUT_OF_RANGE"));
    save(&phone, MARK).await;
    phone.sync(silent()).await.unwrap();
    server.say(Say::Accept);
    let entry = care::PainEntry { worst_24h: Some(2), site: vec![MARK.to_owned()], ..Default::default() };
    corpus::receive(&phone, &[(1, body("pain_entry", &entry))]).await;
    save(&phone, MARK).await;
    phone.close().await;
}

#[tokio::test]
async fn a_page_that_takes_back_is_whole_or_not_there_wherever_it_stops() {
    for power in [false, true] {
        let (mut n, mut gone) = (1, 0);
        loop {
            let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
            marks(dir.path(), &server).await;
            let sealed = raw::sealed(dir.path(), MARK.as_bytes()).await;
            assert!(sealed.len() > 5);
            server.books.lock().unwrap().erases = every_cell();
            let answered = std::cell::Cell::new(false);
            let (after, died) = dies_at(dir.path(), n, power, async |folder| {
                let Ok(phone) = open(folder).await else { return };
                answered.set(phone.sync(silent()).await.is_ok());
                phone.close().await;
            })
            .await;
            let at = format!("at {n}, power {power}");
            let phone = open(after.path()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
            let there = marked(&phone).await;
            // Of what was refused a draft is kept, which is no record: three that were sent, one of somebody else, and the last
            // one. What is on its way is hidden with the rest.
            assert!(there == 5 || there == 0, "{at}: half of it is there: {there}");
            assert!(!answered.get() || there == 0, "{at}: it was gone, and is there again");
            gone += u32::from(there == 0);
            server.books.lock().unwrap().erases = every_cell();
            phone.sync(silent()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!((marked(&phone).await, phone.status().await.unwrap().to_send), (0, 0), "{at}");
            phone.close().await;
            assert_eq!(raw::left(after.path(), &sealed, MARK.as_bytes()), None, "{at}: its sealed bytes are in a file");
            assert!(raw::sealed(after.path(), MARK.as_bytes()).await.is_empty(), "{at}: an item opens to it");
            let books = server.books.lock().unwrap();
            assert_eq!((books.forged, books.skips, books.accepted_changes()), (0, 0, 4), "{at}");
            if !died {
                break;
            }
            n += every();
        }
        assert!(n > 5 && gone > 1, "it stopped at {n} places; {gone} times everything was gone already");
    }
}

#[tokio::test]
async fn an_older_database_opens_with_all_that_it_had_wherever_its_moving_stops() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/compat/phone");
    let mut folders: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut stopped = Vec::new();
    for folder in folders {
        let recorded = tempfile::tempdir().unwrap();
        corpus::copy(&folder, recorded.path());
        let mut n = 0;
        for power in [false, true] {
            n = 1;
            loop {
                let opens = async |folder: &Path| {
                    if let Ok(phone) = open(folder).await {
                        phone.close().await;
                    }
                };
                let (after, died) = dies_at(recorded.path(), n, power, opens).await;
                corpus::holds_and_sends(after.path(), &folder, &format!("at {n}, power {power}")).await;
                if !died {
                    break;
                }
                n += every();
            }
        }
        stopped.push(n);
    }
    println!("operations of an opening, by version: {stopped:?}");
    assert!(stopped.first() > stopped.last(), "the first version is moved, today's is not: {stopped:?}");
}

#[tokio::test]
async fn a_renewal_that_stops_anywhere_signs_nobody_out() {
    for power in [false, true] {
        let mut n = 1;
        loop {
            let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
            let phone = phone_in(dir.path(), meta::Role::Patient).await;
            server.serve(&phone).await;
            save(&phone, "hip").await;
            server.token_is_over(&phone).await;
            phone.close().await;
            let (after, died) = dies_at(dir.path(), n, power, async |folder| {
                let Ok(phone) = open(folder).await else { return };
                drop(phone.sync(silent()).await);
                phone.close().await;
            })
            .await;
            let at = format!("at {n}, power {power}");
            let phone = open(after.path()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
            phone.sync(silent()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(phone.status().await.unwrap().to_send, 0, "{at}");
            let books = server.books.lock().unwrap();
            assert_eq!((books.sessions.renewed, books.sessions.replayed), (1, 0), "{at}: one successor");
            assert_eq!((books.sessions.signed_in.len(), books.forged, books.skips), (0, 0, 0), "{at}");
            assert_eq!(books.accepted_changes(), 1, "{at}");
            if !died {
                break;
            }
            n += every();
        }
        assert!(n > 3, "it wrote something: {n}");
    }
}
