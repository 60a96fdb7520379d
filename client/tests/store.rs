//! The phone's store: what belongs together is written together, whatever cuts it short.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use osteon_client::{
    error::Error,
    ids::SeededIds,
    store::{Batch, Key, Loaded, Place, Store},
};
use proptest::prelude::*;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

async fn open(folder: &Path) -> Store {
    Store::open(folder, Key::InFolder, Arc::new(SeededIds::new(1))).await.unwrap()
}

/// (circle, key) → value, or gone.
type Writes = Vec<(u64, u8, Option<Vec<u8>>)>;

fn writes() -> impl Strategy<Value = Writes> {
    let value = proptest::option::weighted(0.8, proptest::collection::vec(any::<u8>(), 0..40));
    proptest::collection::vec((0..3u64, 0..12u8, value), 1..30)
}

fn batch(writes: &Writes) -> Batch {
    let mut batch = Batch::default();
    for (circle, key, value) in writes {
        let place = Place::new(*circle, 9, [*key]);
        match value {
            Some(value) => batch.put(place, value.clone()),
            None => batch.delete(place),
        }
    }
    batch
}

fn apply(model: &mut BTreeMap<Place, Vec<u8>>, writes: &Writes) {
    for (circle, key, value) in writes {
        let place = Place::new(*circle, 9, [*key]);
        match value {
            Some(value) => model.insert(place, value.clone()),
            None => model.remove(&place),
        };
    }
}

fn cases() -> u32 {
    std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// A commit that is cut short at any moment leaves everything of it or nothing.
    #[test]
    fn a_commit_is_whole_or_not_there(steps in proptest::collection::vec((writes(), 0..1_500u64), 1..6)) {
        let dir = tempfile::tempdir().unwrap();
        runtime().block_on(async {
            let mut model = BTreeMap::new();
            for (writes, cut_us) in steps {
                let store = open(dir.path()).await;
                let Loaded { generation, items } = store.load().await.unwrap();
                prop_assert_eq!(&items, &model);
                let batch = batch(&writes);
                let commit = store.commit(generation, &batch);
                let done = tokio::time::timeout(Duration::from_micros(cut_us), commit).await;
                store.close().await;
                let mut after = model.clone();
                apply(&mut after, &writes);
                let found = open(dir.path()).await.load().await.unwrap();
                let whole = found.items == after && found.generation == generation + 1;
                let nothing = found.items == model && found.generation == generation;
                prop_assert!(whole || nothing, "half a commit");
                prop_assert!(whole || done.is_err(), "an answered commit is not there");
                if whole {
                    model = after;
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_commit_onto_what_another_program_changed_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let (one, two) = (open(dir.path()).await, open(dir.path()).await);
        let (a, b) = (one.load().await.unwrap(), two.load().await.unwrap());
        let put = |value: u8| batch(&vec![(1, 1, Some(vec![value]))]);
        let next = one.commit(a.generation, &put(1)).await.unwrap();
        assert!(matches!(two.commit(b.generation, &put(2)).await, Err(Error::Moved)));
        assert_eq!(two.generation().await.unwrap(), next);
        two.commit(next, &put(2)).await.unwrap();
        assert_eq!(one.load().await.unwrap().items.values().next().unwrap(), &vec![2]);
    });
}

#[test]
fn values_are_sealed_and_bound_to_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let secret = b"worst pain 9, left hip".to_vec();
    runtime().block_on(async {
        let store = open(dir.path()).await;
        let mut batch = Batch::default();
        batch.put(Place::new(1, 5, [1]), secret.clone());
        store.commit(0, &batch).await.unwrap();
        store.close().await;
    });
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|w| w == secret), "a value lies open on disk");
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.path().join("phone.db"));
    runtime().block_on(async {
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        sqlx::query("UPDATE item SET circle = 2").execute(&pool).await.unwrap();
        pool.close().await;
        assert!(matches!(open(dir.path()).await.load().await, Err(Error::Damaged(_))));
    });
}

#[test]
fn a_wiped_phone_holds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = open(dir.path()).await;
        store.commit(0, &batch(&vec![(1, 1, Some(vec![7])), (2, 2, Some(vec![8]))])).await.unwrap();
        store.wipe().await.unwrap();
        assert!(store.load().await.unwrap().items.is_empty());
    });
}
