//! Wrapped keys and the rotation of what wraps them, stopped at every step.

use std::{path::Path, sync::Arc};

use sqlx::{Connection as _, Row as _};

use osteon_server::{
    app::rotate,
    deny::{Binding, DatabaseLog, Denial, DenyError, DenyLog, FileLog, Numbered},
    ids::{Ids, SeededIds},
    seal::{FileKey, RingFile, Vault},
    store::{
        custody::{KeyPlace, WrappedKey},
        identity::{NewCircle, ServerRow},
        *,
    },
};

use crate::{
    fixture::{dump, new_circle, push, rare, record, sqlite_options},
    postgres::Postgres,
};

pub(crate) async fn all(store: &dyn Store) {
    let circle = new_circle(store, "wrapped").await;
    let of_circle = |keys: Vec<WrappedKey>| {
        let mine = |key: &WrappedKey| matches!(&key.place, KeyPlace::Circle { circle: c, .. } if *c == circle);
        keys.into_iter().find(mine)
    };
    assert!(of_circle(store.wrapped_keys(1, u32::MAX).await.unwrap()).is_none(), "none is under another version");
    let every = store.wrapped_keys(2, u32::MAX).await.unwrap();
    let server = every.iter().find(|key| key.place == KeyPlace::Server).cloned();
    assert!(server.is_some_and(|key| key.wrapped == [1]), "the server's secrets are one of them");
    assert_eq!(store.wrapped_keys(2, 1).await.unwrap().len(), 1);
    let key = of_circle(every).expect("the circle's key");
    let changed = WrappedKey { wrapped: vec![2, 9], ..key.clone() };
    let stale = WrappedKey { wrapped: vec![1, 0], ..key.clone() };
    assert_eq!(store.rewrap(vec![(stale, vec![2, 8])]).await.unwrap(), 0, "one that has changed meanwhile is left");
    assert_eq!(store.rewrap(vec![(key.clone(), changed.wrapped.clone())]).await.unwrap(), 1);
    assert!(of_circle(store.wrapped_keys(2, u32::MAX).await.unwrap()).is_none());
    assert_eq!(of_circle(store.wrapped_keys(1, u32::MAX).await.unwrap()), Some(changed.clone()));
    assert_eq!(store.rewrap(vec![(changed, key.wrapped)]).await.unwrap(), 1);
    assert_eq!(store.denied().await.unwrap(), 0, "without a log nothing is counted");
    epochs_and_lost_numbers(store).await;
    an_erased_circle_is_gone(store).await;
}

async fn epochs_and_lost_numbers(store: &dyn Store) {
    let row =
        || async { store.init_server(ServerRow { server_id: [9; 16], epoch: 1, secrets: vec![1] }).await.unwrap() };
    let before = row().await.epoch;
    store.raise_epoch(before + 5).await.unwrap();
    store.raise_epoch(before + 2).await.unwrap();
    assert_eq!(row().await.epoch, before + 5, "epochs only grow");
    let account = store.create_account(1, 1).await.unwrap();
    store.forget_lost_tail(1000).await.unwrap();
    assert_eq!(store.create_account(1, 1).await.unwrap(), account + 1001);
}

async fn an_erased_circle_is_gone(store: &dyn Store) {
    let (gone, stays) = (new_circle(store, "gone").await, new_circle(store, "stays").await);
    for circle in [gone, stays] {
        push(store, circle, 1, &[record(1), record(2)]).await;
        let needs = Needs { circle, records: vec![record(1), record(900)], ..Needs::default() };
        commit(store, needs, rare).await.unwrap();
    }
    let before = dump(store, stays).await;
    assert!(store.erase_circle(gone, 77, vec![9, 7]).await.unwrap());
    assert!(!store.erase_circle(gone, 78, vec![8]).await.unwrap(), "it is not there any more");
    assert!(matches!(store.snapshot(gone).await, Err(StoreError::NotFound)));
    assert_eq!(store.heads(&[gone, stays]).await.unwrap().len(), 1);
    let written = commit(store, Needs { circle: gone, ..Needs::default() }, |_| Ok(())).await;
    assert!(matches!(written, Err(StoreError::NotFound)), "it takes nothing");
    let clinic = store.clinic_by_short_id("clinic").await.unwrap().unwrap();
    assert_eq!(store.circle_by_short_id(clinic, "gone").await.unwrap(), None);
    assert!(!store.circles_of(9).await.unwrap().iter().any(|(circle, _)| *circle == gone));
    assert!(store.erased_member(gone, 9).await.unwrap() && !store.erased_member(gone, 10).await.unwrap());
    assert!(!store.erased_member(stays, 9).await.unwrap());
    assert!(!store.audit_after(gone, 0, 10).await.unwrap().is_empty(), "the audit stays");
    assert_eq!(dump(store, stays).await, before);
}

/// A log that takes nothing: a full disk, a database that is away.
struct Full;

#[async_trait::async_trait]
impl DenyLog for Full {
    async fn append(&self, _: &[Denial]) -> Result<u64, DenyError> {
        Err(DenyError::Io(std::io::Error::other("full")))
    }

    async fn read(&self) -> Result<Vec<Numbered>, DenyError> {
        Ok(Vec::new())
    }
}

/// What denies waits for its log, and nothing else does.
async fn denies_through_the_log(store: &dyn Store, path: &Path) {
    let circle = new_circle(store, "d0001").await;
    let job = |n: u8, denies: bool| {
        let denial = Denial::Gone { circle, record: record(u64::from(n)), dot: None };
        commit(store, Needs { circle, ..Needs::default() }, move |work| {
            work.circle_mut().head += 1;
            if denies {
                work.deny(denial.clone());
            }
            Ok(work.circle().head)
        })
    };
    assert_eq!(job(1, true).await.unwrap(), 1, "without a log nothing is kept");
    let log = Arc::new(FileLog::open_or_create(path, Binding::new(&[1; 32], [1; 16])).unwrap());
    store.deny_to(log.clone());
    let (denied, plain) = tokio::join!(job(2, true), job(3, false));
    assert!(denied.is_ok() && plain.is_ok());
    store.raise_epoch(7).await.unwrap();
    store.revoke_device(3).await.unwrap();
    let expected = [Denial::Gone { circle, record: record(2), dot: None }, Denial::Epoch(7), Denial::Device(3)];
    let read = async || log.read().await.unwrap().into_iter().map(|entry| entry.denial).collect::<Vec<_>>();
    assert_eq!(read().await, expected);
    assert_eq!(store.denied().await.unwrap(), 3);
    let failed = commit(store, Needs { circle, ..Needs::default() }, move |work| {
        work.deny(Denial::Device(4));
        Err::<(), _>(StoreError::Refused("no"))
    });
    assert!(matches!(failed.await, Err(StoreError::Refused(_))));
    assert_eq!(read().await.len(), 3, "a job that failed took nothing away");
    let head = store.heads(&[circle]).await.unwrap()[0].1;
    store.deny_to(Arc::new(Full));
    let (denied, plain) = tokio::join!(job(5, true), job(6, false));
    assert!(matches!(denied, Err(StoreError::DenyLog(_))), "not on record, not done");
    assert!(plain.is_ok(), "what denies nothing goes on");
    assert_eq!(store.heads(&[circle]).await.unwrap()[0].1, head + 1);
    assert!(store.erase_circle(circle, 1, Vec::new()).await.is_err() && store.snapshot(circle).await.is_ok());
    assert!(store.raise_epoch(9).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_away_is_on_record_before_it_is_done_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::fixture::sqlite(folder.path()).await;
    denies_through_the_log(&*store, &folder.path().join("deny.log")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_away_is_on_record_before_it_is_done_on_postgres() {
    let (cluster, folder) = (Postgres::start(), tempfile::tempdir().unwrap());
    let store = open(&Options::new(cluster.url("denies")), crate::fixture::vault()).await.unwrap();
    denies_through_the_log(&*store, &folder.path().join("deny.log")).await;
    // The other kind: one log for several nodes.
    let url = cluster.url("denylog");
    let binding = || Binding::new(&[1; 32], [1; 16]);
    assert!(matches!(DatabaseLog::open(&url, binding()).await, Err(DenyError::Absent)));
    let (a, b) =
        tokio::join!(DatabaseLog::open_or_create(&url, binding()), DatabaseLog::open_or_create(&url, binding()));
    let (a, b) = (
        a.or(DatabaseLog::open(&url, binding()).await).unwrap(),
        b.or(DatabaseLog::open(&url, binding()).await).unwrap(),
    );
    let nodes = (1..=40_u32).map(|n| {
        let log = if n % 2 == 0 { &a } else { &b };
        async move { log.append(&[Denial::Epoch(n), Denial::Device(u64::from(n))]).await.unwrap() }
    });
    let mut last = futures_util::future::join_all(nodes).await;
    last.sort_unstable();
    assert_eq!(last, (1..=40).map(|n| 2 * n).collect::<Vec<u64>>(), "each entry has a number of its own");
    let entries = b.read().await.unwrap();
    assert_eq!((entries.len(), osteon_server::deny::highest_epoch(&entries)), (80, 40));
    let foreign = DatabaseLog::open(&url, Binding::new(&[2; 32], [1; 16])).await.unwrap();
    assert!(matches!(foreign.read().await, Err(DenyError::Foreign)));
    let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::query("DELETE FROM osteon_deny WHERE no = 40").execute(&mut conn).await.unwrap();
    assert!(matches!(a.read().await, Err(DenyError::Damaged(40))));
}

/// After an erasure no table has a row of the circle but the audit and the tombstone, and the key is not in the files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_leaves_no_row_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::fixture::sqlite(folder.path()).await;
    let circle = new_circle(&*store, "d0001").await;
    push(&*store, circle, 1, &[record(1)]).await;
    let needs = Needs { circle, records: vec![record(1), record(900)], ..Needs::default() };
    commit(&*store, needs, rare).await.unwrap();
    let keys = store.wrapped_keys(0, 10).await.unwrap();
    let key = &keys.iter().find(|key| matches!(key.place, KeyPlace::Circle { .. })).unwrap().wrapped;
    let in_files = |needle: &[u8]| {
        let files = std::fs::read_dir(folder.path()).unwrap().flatten();
        files.flat_map(|f| std::fs::read(f.path())).any(|b| b.windows(needle.len()).any(|w| w == needle))
    };
    assert!(in_files(key));
    store.erase_circle(circle, 5, vec![7]).await.unwrap();
    assert!(!in_files(key), "the wrapped key is overwritten, also in the write-ahead log");
    let mut conn = sqlx::SqliteConnection::connect(&sqlite_options(folder.path()).url).await.unwrap();
    let tables = "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'circle' \
        WHERE m.type = 'table'";
    let tables: Vec<String> =
        sqlx::query(tables).fetch_all(&mut conn).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(tables.len() > 12, "{tables:?}");
    for table in
        tables.iter().filter(|table| !["audit", "erased", "erased_member", "erasure"].contains(&table.as_str()))
    {
        #[allow(clippy::disallowed_types)]
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE circle = {circle}"));
        let count: i64 = sqlx::query(count).fetch_one(&mut conn).await.unwrap().get(0);
        assert_eq!(count, 0, "{table}");
    }
}

fn vault(path: &Path, seed: u64) -> Vault {
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(seed));
    Vault::new(Arc::new(FileKey::open_or_create(path, Arc::clone(&ids)).unwrap()), ids)
}

const CIRCLES: usize = 5;

/// One server runs all the while; another process rotates and dies after `steps` batches; a third one goes on.
async fn rotates(served: &dyn Store, reopen: impl AsyncFn(Vault) -> Arc<dyn Store>, key: &Path, steps: usize) {
    let running = vault(key, 1);
    let clinic = served.create_clinic("rotation").await.unwrap();
    let secrets = running.seal_secret("server secrets", b"root").unwrap();
    served.init_server(ServerRow { server_id: [1; 16], epoch: 1, secrets }).await.unwrap();
    let mut circles = Vec::new();
    let found = async |vault: &Vault, name: &str| {
        let wrapped_key = vault.new_circle_key(clinic, name).unwrap();
        served.create_circle(NewCircle { clinic, short_id: name.into(), wrapped_key }).await.unwrap()
    };
    for n in 0..CIRCLES {
        let circle = found(&running, &format!("d{n}")).await;
        push(served, circle, 1, &[record(1)]).await;
        circles.push(circle);
    }
    let mut before = Vec::new();
    for circle in &circles {
        before.push(dump(served, *circle).await);
    }
    let new = RingFile::at(key).add(&SeededIds::new(9)).unwrap();
    let rotating = vault(key, 2);
    for _ in 0..steps {
        rotate::step(served, &rotating, 1).await.unwrap();
    }
    // It dies here. The running server founds a circle under the new version without having been told.
    circles.push(found(&running, "later").await);
    push(served, circles[CIRCLES], 1, &[record(2)]).await;
    assert!(RingFile::at(key).retain(&versions(served).await).unwrap().is_empty() || steps > CIRCLES);
    let resumed = vault(key, 3);
    let mut left = 0;
    while rotate::step(served, &resumed, 2).await.unwrap() > 0 {
        left += 1;
    }
    assert_eq!(left, (CIRCLES + 1).saturating_sub(steps).div_ceil(2), "what was done is not done again");
    assert_eq!(versions(served).await, [new]);
    RingFile::at(key).retain(&[new]).unwrap();
    assert_eq!(RingFile::at(key).versions().unwrap(), [new]);
    // Everything opens with the new version alone, and the running server never noticed.
    let again = reopen(vault(key, 4)).await;
    for (circle, before) in circles.iter().zip(&before) {
        assert_eq!(dump(served, *circle).await, *before);
        assert_eq!(dump(&*again, *circle).await, *before);
    }
    let row = again.init_server(ServerRow { server_id: [9; 16], epoch: 9, secrets: Vec::new() }).await.unwrap();
    assert_eq!(vault(key, 5).open_secret("server secrets", &row.secrets).unwrap().as_slice(), b"root");
}

async fn versions(store: &dyn Store) -> Vec<u8> {
    let mut versions: Vec<u8> =
        store.wrapped_keys(0, u32::MAX).await.unwrap().iter().map(|key| key.wrapped[0]).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_survives_a_crash_at_every_step_on_sqlite() {
    for steps in 0..=CIRCLES + 2 {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("kek.key");
        let options = sqlite_options(folder.path());
        let served = open(&options, vault(&key, 1)).await.unwrap();
        let reopen = async |vault| open(&options, vault).await.unwrap();
        rotates(&*served, reopen, &key, steps).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_survives_a_crash_at_every_step_on_postgres() {
    let cluster = Postgres::start();
    for steps in 0..=CIRCLES + 2 {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("kek.key");
        let options = Options::new(cluster.url(&format!("rotate{steps}")));
        let served = open(&options, vault(&key, 1)).await.unwrap();
        let reopen = async |vault| open(&options, vault).await.unwrap();
        rotates(&*served, reopen, &key, steps).await;
    }
}
