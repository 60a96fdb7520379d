//! How devices stand, sign-in codes and notices; and what races with an order.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use osteon_server::store::{devices::*, identity::*, *};

use crate::{
    fixture::{new_circle, seeded_vault},
    identity::{new_device, session},
    postgres::Postgres,
};

pub(crate) async fn all(store: &dyn Store) {
    a_device_is_seen_and_named(store).await;
    leave_marks_and_wipe_ends(store).await;
    no_session_opens_beside_a_wipe(store).await;
    a_code_is_used_once(store).await;
    notices_are_told_until_acknowledged(store).await;
    a_replay_is_told_once(store).await;
    store.on_ended(Box::new(|_| ()));
    store.announce_ended(&[1]);
}

async fn enrolled(store: &dyn Store, short_id: &str, n: u8) -> (AccountNo, DeviceNo) {
    let circle = new_circle(store, short_id).await;
    let account = store.create_account(1, 1).await.unwrap();
    let code_mac = [n; 32];
    let row = InviteRow {
        code_mac,
        circle,
        account,
        role: 3,
        expires_ms: 1_000,
        tries_left: 2,
        qr_tries_left: 2,
        made_by: 0,
        used: false,
        ..Default::default()
    };
    store.put_invite(row).await.unwrap();
    match store.redeem_invite(InviteCode::typed(code_mac), 1, new_device(account, 70_000 + u64::from(n))).await.unwrap()
    {
        InviteOutcome::Redeemed { device, .. } => (account, device),
        InviteOutcome::Invalid => panic!("the invite is open"),
    }
}

fn notice(account: AccountNo, device: DeviceNo, kind: u8) -> NewNotice {
    NewNotice { account, at_ms: 7, kind, device, by_account: 9 }
}

fn order(account: AccountNo, device: DeviceNo, ending: Ending, at_ms: UnixMs) -> OrderRow {
    let signature = if ending == Ending::Wipe { vec![1, 2] } else { Vec::new() };
    OrderRow { device, ending, at_ms, signature, notice: notice(account, device, 3) }
}

async fn a_device_is_seen_and_named(store: &dyn Store) {
    let (_, device) = enrolled(store, "stands", 130).await;
    assert_eq!(store.device_standing(device).await.unwrap(), StandingRow { device, ..StandingRow::default() });
    store.device_seen(device, 5).await.unwrap();
    store.device_seen(device, 6).await.unwrap();
    assert_eq!(store.device_standing(device).await.unwrap().seen_ms, 6);
    store.rename_device(device, b"kitchen tablet").await.unwrap();
    assert_eq!(store.device(device).await.unwrap().unwrap().name, b"kitchen tablet");
}

async fn leave_marks_and_wipe_ends(store: &dyn Store) {
    let (account, device) = enrolled(store, "leaves", 131).await;
    let opened = store.open_session(session(131, account, device), 50).await.unwrap();
    assert_eq!(opened, Some(Ending::None));
    assert_eq!(store.device_standing(device).await.unwrap().seen_ms, 50);
    let stands = async || {
        let row = store.session_by_access([131; 32]).await.unwrap().unwrap();
        (row.leaving, row.revoked)
    };
    assert_eq!(stands().await, (false, false));
    assert_eq!(store.session_of(131).await.unwrap().unwrap().device, device);
    assert_eq!(store.session_of(9_999).await.unwrap(), None);
    store.order_told(device, 55).await.unwrap();
    assert_eq!(store.device_standing(device).await.unwrap().told_ms, 0, "there is no order yet");

    let leave = order(account, device, Ending::Leave, 60);
    assert_eq!(store.order_device(leave.clone()).await.unwrap(), Some(vec![131]));
    assert_eq!(store.order_device(leave).await.unwrap(), None, "it stands already");
    assert_eq!(stands().await, (true, false), "it may still push and pull its purge");
    assert!(store.replicas_of(device).await.unwrap().iter().all(|row| !row.retired));
    assert_eq!(store.ordered_since(59).await.unwrap(), [131]);
    assert!(store.ordered_since(60).await.unwrap().is_empty());
    let opened = store.open_session(session(134, account, device), 61).await.unwrap();
    assert_eq!(opened, Some(Ending::Leave), "a later session leaves too");
    assert!(store.session_by_access([134; 32]).await.unwrap().unwrap().leaving);
    let turned = SessionRow { access_hash: [137; 32], refresh_hash: [138; 32], ..session(134, account, device) };
    assert!(store.rotate_session([135; 32], turned).await.unwrap());
    assert!(store.session_by_access([137; 32]).await.unwrap().unwrap().leaving, "a rotation does not undo it");
    for at_ms in [62, 63] {
        store.order_told(device, at_ms).await.unwrap();
    }
    store.device_left(device, 65).await.unwrap();
    let standing = store.device_standing(device).await.unwrap();
    assert_eq!((standing.told_ms, standing.done_ms, standing.ending), (62, 65, Ending::Leave));
    assert!(store.device(device).await.unwrap().unwrap().revoked);
    assert_eq!(store.open_session(session(140, account, device), 66).await.unwrap(), None, "it has left");

    let wipe = order(account, device, Ending::Wipe, 70);
    assert_eq!(store.order_device(wipe).await.unwrap(), Some(Vec::new()), "nothing is open any more");
    let standing = store.device_standing(device).await.unwrap();
    assert_eq!((standing.ending, standing.ordered_ms, standing.told_ms), (Ending::Wipe, 70, 0));
    assert_eq!((standing.seen_ms, standing.signature), (61, vec![1, 2]));
    assert_eq!(store.order_device(order(account, device, Ending::Leave, 80)).await.unwrap(), None, "WIPE stays");
}

async fn no_session_opens_beside_a_wipe(store: &dyn Store) {
    let (account, device) = enrolled(store, "wiped", 150).await;
    store.open_session(session(150, account, device), 1).await.unwrap();
    let opens = async || {
        let opens = (0..20).map(|n| store.open_session(session(153 + 3 * n, account, device), 2));
        join_all(opens).await.into_iter().map(Result::unwrap).filter(Option::is_some).count()
    };
    let (ended, opened) = tokio::join!(store.order_device(order(account, device, Ending::Wipe, 3)), opens());
    let ended = ended.unwrap().expect("the first order");
    assert_eq!(ended.len(), 1 + opened, "each that opened was ended: {ended:?}");
    for n in 0..21_u64 {
        assert!(!store.session_open(150 + 3 * n).await.unwrap(), "family {}", 150 + 3 * n);
    }
    assert!(store.replicas_of(device).await.unwrap().iter().all(|row| row.retired));
}

async fn a_code_is_used_once(store: &dyn Store) {
    let code = |device, n: u8, expires_ms| CodeRow { device, code_mac: [n; 32], expires_ms, tries_left: 3 };
    assert!(!store.use_code(501, [1; 32], 1).await.unwrap(), "there is none");
    store.put_code(code(501, 1, 100)).await.unwrap();
    store.put_code(code(502, 1, 100)).await.unwrap();
    store.put_code(code(501, 2, 100)).await.unwrap();
    assert!(!store.use_code(501, [1; 32], 1).await.unwrap(), "a new one takes its place");
    assert!(store.use_code(501, [2; 32], 1).await.unwrap());
    assert!(!store.use_code(501, [2; 32], 1).await.unwrap(), "once");
    assert!(!store.use_code(502, [1; 32], 100).await.unwrap(), "too late");
    store.put_code(code(503, 3, 100)).await.unwrap();
    for _ in 0..3 {
        assert!(!store.use_code(503, [9; 32], 1).await.unwrap());
    }
    assert!(!store.use_code(503, [3; 32], 1).await.unwrap(), "out of tries");
    store.put_code(code(504, 4, 100)).await.unwrap();
    let uses = (0..20).map(|_| store.use_code(504, [4; 32], 1));
    assert_eq!(join_all(uses).await.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
}

async fn notices_are_told_until_acknowledged(store: &dyn Store) {
    let account = store.create_account(1, 1).await.unwrap();
    let other = store.create_account(1, 1).await.unwrap();
    for kind in 1..=4 {
        store.put_notice(notice(account, 600, kind)).await.unwrap();
    }
    store.put_notice(notice(other, 601, 1)).await.unwrap();
    let query = |all, before, limit| NoticesQuery { account, before, all, limit };
    let kinds = |rows: &[NoticeRow]| rows.iter().map(|row| row.notice.kind).collect::<Vec<_>>();
    let found = store.notices(query(false, u64::MAX, 3)).await.unwrap();
    assert_eq!(kinds(&found), [4, 3, 2], "newest first");
    assert_eq!(found[0].notice, notice(account, 600, 4));
    let rest = store.notices(query(false, found[2].no, 3)).await.unwrap();
    assert_eq!(kinds(&rest), [1]);
    assert_eq!(store.notices_open(account).await.unwrap(), 4);
    store.acknowledge(account, found[1].no, 90).await.unwrap();
    assert_eq!(store.notices_open(account).await.unwrap(), 1);
    assert_eq!(kinds(&store.notices(query(false, u64::MAX, 9)).await.unwrap()), [4]);
    let all = store.notices(query(true, u64::MAX, 9)).await.unwrap();
    assert_eq!(all.iter().map(|row| row.acknowledged_ms).collect::<Vec<_>>(), [0, 90, 90, 90]);
    assert_eq!(store.notices_open(other).await.unwrap(), 1, "somebody else's stay");
}

async fn a_replay_is_told_once(store: &dyn Store) {
    let (account, device) = enrolled(store, "replayed", 220).await;
    store.open_session(session(220, account, device), 1).await.unwrap();
    let ends = (0..10).map(|_| store.end_replayed(220, notice(account, device, 1)));
    let ended = join_all(ends).await.into_iter().filter(|ended| *ended.as_ref().unwrap()).count();
    assert_eq!((ended, store.notices_open(account).await.unwrap()), (1, 1));
    assert!(!store.session_open(220).await.unwrap());
    assert!(!store.end_replayed(9_999, notice(account, device, 1)).await.unwrap());
}

/// What ends on one node is told on the others, and not on the one that tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_families_cross_nodes() {
    let cluster = Postgres::start();
    let url = cluster.url("ended");
    let node = async |seed| open(&Options::new(url.clone()), seeded_vault(seed)).await.unwrap();
    let (one, two) = (node(1).await, node(2).await);
    let heard: [Arc<Mutex<Vec<u64>>>; 2] = Default::default();
    for (store, heard) in [&one, &two].into_iter().zip(&heard) {
        let heard = Arc::clone(heard);
        store.on_ended(Box::new(move |families| heard.lock().unwrap().extend_from_slice(families)));
    }
    one.announce_ended(&[7, 8]);
    let told = async {
        while heard[1].lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), told).await.expect("told");
    assert_eq!(*heard[1].lock().unwrap(), [7, 8]);
    assert!(heard[0].lock().unwrap().is_empty());
}
