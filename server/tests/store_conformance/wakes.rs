//! Wake-ups: one for each device and class, in the commit that concerns it, taken by one node at a time.

use osteon_server::store::{
    Needs, Store, commit,
    identity::NewCircle,
    wakes::{WakeClass, WakeEndpointRow},
};

use crate::fixture::vault;

const FAR: u64 = 1 << 40;

fn endpoint(device: u64, account: u64) -> WakeEndpointRow {
    WakeEndpointRow { device, account, sealed: vec![1, 2, 3], since_ms: 50, woken_ms: 0 }
}

async fn wake(store: &dyn Store, circle: u64, class: WakeClass, awake: u64, at_ms: u64) {
    let needs = Needs { circle, ..Needs::default() };
    commit(store, needs, move |work| {
        work.wake(8_001, class, awake, at_ms);
        Ok(())
    })
    .await
    .unwrap();
}

pub(crate) async fn all(store: &dyn Store) {
    let clinic = store.create_clinic("wakes").await.unwrap();
    let wrapped_key = vault().new_circle_key(clinic, "wakes").unwrap();
    let circle = store.create_circle(NewCircle { clinic, short_id: "wakes".into(), wrapped_key }).await.unwrap();
    wake(store, circle, WakeClass::Urgent, 0, 100).await;
    assert!(store.lease_wakes(FAR, FAR, 99).await.unwrap().is_empty(), "nobody said where");
    store.put_wake_endpoint(endpoint(9_001, 8_001)).await.unwrap();
    store.put_wake_endpoint(endpoint(9_002, 8_001)).await.unwrap();
    store.put_wake_endpoint(endpoint(9_003, 8_003)).await.unwrap();
    assert_eq!(store.wake_endpoint(9_001).await.unwrap(), Some(endpoint(9_001, 8_001)));

    wake(store, circle, WakeClass::Plan, 9_002, 100).await;
    wake(store, circle, WakeClass::Plan, 9_002, 200).await;
    let taken = store.lease_wakes(200, 5_000, 99).await.unwrap();
    assert_eq!(taken.len(), 1, "one for a device and class, none for who is awake or of another account");
    assert_eq!((taken[0].device, taken[0].class, taken[0].made_ms, taken[0].tries), (9_001, 2, 200, 1));
    assert!(store.lease_wakes(4_999, 9_000, 99).await.unwrap().is_empty(), "one node has it");
    store.wake_later(taken, 300).await.unwrap();
    let taken = store.lease_wakes(300, 6_000, 99).await.unwrap();
    assert_eq!((taken.len(), taken[0].tries), (1, 2));
    store.wake_later(taken, 6_000).await.unwrap();
    // What is urgent does not wait for the next try.
    wake(store, circle, WakeClass::Urgent, 0, 400).await;
    let taken = store.lease_wakes(400, 6_000, 99).await.unwrap();
    let mut urgent: Vec<_> = taken.iter().map(|row| (row.device, row.class)).collect();
    urgent.sort_unstable();
    assert_eq!(urgent, [(9_001, 1), (9_002, 1)]);
    // Its service did not listen. A lesser one that was taken takes nothing else along: what waited is due.
    store.wake_later(taken.clone(), 9_000).await.unwrap();
    assert!(store.lease_wakes(5_999, 9_000, 99).await.unwrap().is_empty());
    let lesser = store.lease_wakes(6_000, 7_000, 99).await.unwrap();
    assert_eq!(lesser.iter().map(|row| (row.device, row.class)).collect::<Vec<_>>(), [(9_001, 2)]);
    store.woken(lesser, 6_100).await.unwrap();
    let taken = store.lease_wakes(6_100, 9_000, 99).await.unwrap();
    assert_eq!(taken.iter().map(|row| (row.device, row.class)).collect::<Vec<_>>(), [(9_001, 1)]);
    // Made again after the one that was taken: it stays, and so does what was never taken.
    wake(store, circle, WakeClass::Urgent, 9_002, 6_150).await;
    wake(store, circle, WakeClass::Purge, 9_002, 6_150).await;
    store.woken(taken, 6_200).await.unwrap();
    let left = store.lease_wakes(FAR, FAR + 1, 99).await.unwrap();
    let mut rows: Vec<_> = left.iter().map(|row| (row.device, row.class)).collect();
    rows.sort_unstable();
    assert_eq!(rows, [(9_001, 1), (9_001, 3), (9_002, 1)]);
    assert_eq!(store.wake_endpoint(9_001).await.unwrap().map(|row| row.woken_ms), Some(6_200));

    store.drop_wake_endpoint(9_001).await.unwrap();
    assert_eq!(store.wake_endpoint(9_001).await.unwrap(), None);
    store.wake_given_up(left).await.unwrap();
    assert_eq!(store.wake_endpoint(9_002).await.unwrap().map(|row| row.woken_ms), Some(0), "given up is not woken");
    assert!(store.lease_wakes(FAR + 1, FAR + 2, 99).await.unwrap().is_empty());
    // Whoever is told of an erasure is woken for it.
    assert!(store.erase_circle(circle, 700, vec![8_001]).await.unwrap());
    let taken = store.lease_wakes(700, FAR, 99).await.unwrap();
    assert_eq!(taken.iter().map(|row| (row.device, row.class)).collect::<Vec<_>>(), [(9_002, 3)]);
    store.drop_wake_endpoint(9_002).await.unwrap();
    store.drop_wake_endpoint(9_003).await.unwrap();
}
