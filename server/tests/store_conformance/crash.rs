//! What a crash leaves: everything acknowledged, nothing else; nothing readable; and a row that does not open takes
//! nobody's commit with it.

use std::{fs, path::Path, sync::Arc, time::Duration};

use osteon_server::store::*;
use osteon_sync_core::Dot;
use sqlx::Connection as _;

use crate::all::All;
use crate::{
    fixture::{EPOCH, dump, new_circle, part, push, rare, record, seeded_vault, sqlite, sqlite_options, vault, write},
    postgres::Postgres,
};

#[tokio::test]
async fn memory_forgets_what_was_not_committed() {
    let store = Arc::new(MemoryStore::stepped(vault()));
    let circle = new_circle(&*store, "d0001").await;
    let submit = || {
        let (tx, rx) = tokio::sync::oneshot::channel();
        let run: Run = Box::new(|work| {
            work.circle_mut().head += 1;
            Ok(())
        });
        let done = Box::new(move |result| drop(tx.send(result)));
        store.submit(Job { needs: Needs { circle, ..Needs::default() }, run, done }).unwrap();
        rx
    };
    let (first, second, third) = (submit(), submit(), submit());
    assert_eq!((store.step(2), store.waiting()), (2, 1));
    assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
    assert_eq!(store.crash(), 1);
    assert!(third.await.is_err(), "never answered");
    assert_eq!(store.heads(&[circle]).await.unwrap(), [(circle, 2)]);
}

/// The files as they lie on the disk while the store runs, opened elsewhere: a power cut.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_it_acknowledged() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = sqlite(folder.path()).await;
    let circle = new_circle(&*store, "d0001").await;
    for counter in 1..=30 {
        push(&*store, circle, counter, &[record(counter)]).await;
        if counter % 10 != 0 {
            continue;
        }
        for entry in fs::read_dir(folder.path()).unwrap().flatten().filter(|e| !e.path().ends_with("osteon.db-shm")) {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let restored = sqlite(copy.path()).await;
        assert_eq!(dump(&*restored, circle).await, dump(&*store, circle).await, "after {counter}");
        restored.close().await;
        for entry in fs::read_dir(copy.path()).unwrap().flatten() {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_what_it_acknowledged_and_goes_on() {
    let cluster = Postgres::start();
    let url = cluster.url("crash");
    let store = open(&Options::new(&url), vault()).await.unwrap();
    let circle = new_circle(&*store, "d0001").await;
    for counter in 1..=10 {
        push(&*store, circle, counter, &[record(counter)]).await;
    }
    let before = dump(&*store, circle).await;
    cluster.crash();
    let again = open(&Options::new(&url), vault()).await.unwrap();
    assert_eq!(dump(&*again, circle).await, before);
    // The store that was running finds the server again by itself. A commit that was answered with an error may or may
    // not stand; here the connections were idle.
    for attempt in 0..50 {
        let needs = Needs { circle, records: vec![record(11)], ..Needs::default() };
        match commit(&*store, needs, |work| write(work, Dot::new(EPOCH, 5, 11), &[record(11)])).await {
            Ok(seq) => {
                assert_eq!(seq, 11);
                return;
            }
            Err(_) if attempt < 49 => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

fn stored_bytes(folder: &Path) -> Vec<u8> {
    fs::read_dir(folder).unwrap().flatten().flat_map(|entry| fs::read(entry.path()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_sealed_is_readable_at_rest() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(folder.path()).await;
    let circle = new_circle(&*store, "d0001").await;
    let needs = Needs { circle, records: vec![record(1), record(900)], ..Needs::default() };
    commit(&*store, needs, |work| {
        rare(work)?;
        write(work, Dot::new(EPOCH, 5, 1), &[record(1)])
    })
    .await
    .unwrap();
    let found = |needle: &[u8]| stored_bytes(folder.path()).windows(needle.len()).any(|bytes| bytes == needle);
    assert!(found(b"d0001"), "the search itself finds what is in clear");
    let canaries: [&[u8]; 6] =
        [b"merged-state", b"change-content", b"RIGHT_LOST", b"waiting-change", b"kept-answer", b"members-and-grants"];
    for canary in canaries {
        assert!(!found(canary), "{} lies in clear, before the close", String::from_utf8_lossy(canary));
    }
    store.close().await;
    for canary in canaries {
        assert!(!found(canary), "{} lies in clear, after the close", String::from_utf8_lossy(canary));
    }
}

/// One circle's row is damaged; a job on it fails, and the job of another circle in the same group commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_row_takes_nobody_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(folder.path()).await;
    let (bad, good) = (new_circle(&*store, "bad").await, new_circle(&*store, "good").await);
    push(&*store, bad, 1, &[record(1)]).await;
    push(&*store, bad, 2, &[record(2)]).await;
    let mut conn = sqlx::SqliteConnection::connect(&sqlite_options(folder.path()).url).await.unwrap();
    // The second row of the table is put in place of the first: its bytes are whole, its place is not.
    let swap = "UPDATE part SET sealed = (SELECT sealed FROM part WHERE rowid = 2) WHERE rowid = 1";
    assert_eq!(sqlx::query(swap).execute(&mut conn).await.unwrap().rows_affected(), 1);
    let needs = |circle| Needs { circle, records: vec![record(1)], ..Needs::default() };
    let jobs = [bad, good, bad, good].map(|circle| {
        commit(&*store, needs(circle), move |work| {
            work.circle_mut().head += 1;
            let seq = work.circle().head;
            work.put_part(part(record(1), seq))
        })
    });
    let results = futures_util::future::join_all(jobs).await;
    let corrupt = |n: usize| matches!(results[n], Err(StoreError::Corrupt { table: "part", .. }));
    assert!(corrupt(0) && corrupt(2), "{results:?}");
    assert!(results[1].is_ok() && results[3].is_ok(), "{results:?}");
    assert_eq!(store.heads(&[bad, good]).await.unwrap(), [(bad, 2), (good, 2)]);
}

/// Two nodes on one database: the sequence has neither a hole nor a double, and each is told of the other's commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_a_circle() {
    let cluster = Postgres::start();
    let url = cluster.url("nodes");
    let a = open(&Options::new(&url), vault()).await.unwrap();
    let b = open(&Options::new(&url), seeded_vault(2)).await.unwrap();
    let circles = [new_circle(&*a, "d0001").await, new_circle(&*a, "d0002").await];
    let (told, mut woken) = tokio::sync::mpsc::unbounded_channel();
    b.on_commit(Box::new(move |moved| drop(told.send(moved))));
    push(&*a, circles[0], 1, &[record(1)]).await;
    let moved = tokio::time::timeout(Duration::from_secs(5), woken.recv()).await.expect("within seconds").unwrap();
    assert_eq!(*moved, [(circles[0], 1)]);
    let writes = (0..120_u64).map(|n| {
        let (store, circle) = (if n % 2 == 0 { &a } else { &b }, circles[(n / 2 % 2) as usize]);
        let needs = Needs { circle, records: vec![record(n)], ..Needs::default() };
        commit(&**store, needs, move |work| write(work, Dot::new(EPOCH, 6, n), &[record(n)]))
    });
    for result in futures_util::future::join_all(writes).await {
        result.unwrap();
    }
    for (circle, expected) in [(circles[0], 61), (circles[1], 60)] {
        for store in [&a, &b] {
            let mut snapshot = store.snapshot(circle).await.unwrap();
            let seqs: Vec<_> = snapshot.all().log_after(0, u32::MAX).await.unwrap().iter().map(|row| row.seq).collect();
            assert_eq!(seqs, (1..=expected).collect::<Vec<u64>>());
        }
    }
}

#[tokio::test]
async fn a_database_that_loses_commits_is_refused() {
    let cluster = Postgres::start();
    let url = cluster.url("lossy");
    let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::query("ALTER DATABASE lossy SET synchronous_commit = off").execute(&mut conn).await.unwrap();
    let refused = open(&Options::new(&url), vault()).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::Setup(text)) if text.contains("synchronous_commit")), "{refused:?}");
    let told = Options { accept_loss: true, ..Options::new(&url) };
    open(&told, vault()).await.unwrap().ping().await.unwrap();
}
