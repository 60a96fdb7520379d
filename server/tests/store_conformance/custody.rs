//! Wrapped keys and the rotation of what wraps them, stopped at every step.

use std::{path::Path, sync::Arc};

use osteon_server::{
    app::rotate,
    ids::{Ids, SeededIds},
    seal::{FileKey, RingFile, Vault},
    store::{
        custody::{KeyPlace, WrappedKey},
        identity::{NewCircle, ServerRow},
        *,
    },
};

use crate::{
    fixture::{dump, new_circle, push, record, sqlite_options},
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
