//! Clinics, accounts, devices, invites and sessions; and races, of which one wins.

use futures_util::future::join_all;
use osteon_server::store::{identity::*, *};

use crate::fixture::{EPOCH, new_circle};

/// How many callers race; `OSTEON_CASES` makes it another number, as far as the queue of the writer is long.
fn racers() -> usize {
    std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000).min(3000)
}

pub(crate) async fn all(store: &dyn Store) {
    the_server_row_is_made_once(store).await;
    clinics_circles_accounts(store).await;
    an_invite_is_used_once(store).await;
    one_of_many_redeems(store).await;
    devices_and_replicas(store).await;
    sessions_rotate(store).await;
    one_of_many_rotates(store).await;
    old_sessions_and_invites_are_swept(store).await;
}

pub(crate) fn new_device(account: AccountNo, n: u64) -> NewDevice {
    NewDevice {
        account,
        clinic: 1,
        key: [b"key".as_slice(), &n.to_be_bytes()].concat(),
        name: format!("phone {n}").into(),
        created_ms: 10,
        chain_keys: [vec![1], vec![2]],
        epoch: EPOCH,
    }
}

fn invite(circle: CircleNo, account: AccountNo, code: u8) -> InviteRow {
    InviteRow {
        code_mac: [code; 32],
        circle,
        account,
        role: 3,
        expires_ms: 1000,
        tries_left: 2,
        qr_tries_left: 2,
        made_by: 0,
        used: false,
        ..Default::default()
    }
}

async fn the_server_row_is_made_once(store: &dyn Store) {
    let row = |n| ServerRow { server_id: [n; 16], epoch: 1, secrets: vec![n] };
    assert_eq!(store.init_server(row(1)).await.unwrap(), row(1));
    assert_eq!(store.init_server(row(2)).await.unwrap(), row(1));
    assert_eq!(store.bump_epoch().await.unwrap(), 2);
    assert_eq!(store.bump_epoch().await.unwrap(), 3);
    assert_eq!(store.init_server(row(2)).await.unwrap().epoch, 3);
}

async fn clinics_circles_accounts(store: &dyn Store) {
    let clinic = store.create_clinic("other").await.unwrap();
    assert_eq!(store.clinic_by_short_id("other").await.unwrap(), Some(clinic));
    assert_eq!(store.clinic_by_short_id("none").await.unwrap(), None);
    assert!(store.create_clinic("other").await.is_err(), "short ids are unique");
    let new = |short_id: &str| NewCircle {
        clinic,
        short_id: short_id.to_owned(),
        wrapped_key: crate::fixture::vault().new_circle_key(clinic, short_id).unwrap(),
    };
    let a = store.create_circle(new("x1")).await.unwrap();
    let b = store.create_circle(new("x2")).await.unwrap();
    assert!(store.create_circle(new("x1")).await.is_err());
    assert_eq!(store.circles_of_clinic(clinic).await.unwrap(), [(a, "x1".to_owned()), (b, "x2".to_owned())]);
    assert_eq!(store.circle_by_short_id(clinic, "x2").await.unwrap(), Some(b));
    assert_eq!(store.circle_by_short_id(clinic + 1, "x2").await.unwrap(), None);
    let account = store.create_account(clinic, 2).await.unwrap();
    assert_eq!(store.account(account).await.unwrap(), Some((clinic, 2)));
    assert_eq!(store.account(account + 1000).await.unwrap(), None);
}

async fn an_invite_is_used_once(store: &dyn Store) {
    let circle = new_circle(store, "invites").await;
    let account = store.create_account(1, 1).await.unwrap();
    assert!(store.put_invite(invite(circle, account, 1)).await.unwrap());
    assert!(!store.put_invite(InviteRow { role: 5, ..invite(circle, account, 1) }).await.unwrap(), "the code is taken");
    assert_eq!(store.invite([1; 32]).await.unwrap(), Some(invite(circle, account, 1)));
    assert_eq!(store.invite([200; 32]).await.unwrap(), None);
    let redeem =
        |code, now, account, n| store.redeem_invite(InviteCode::typed([code; 32]), now, new_device(account, n));
    assert_eq!(redeem(200, 1, account, 1).await.unwrap(), InviteOutcome::Invalid, "unknown");
    assert_eq!(redeem(1, 1000, account, 1).await.unwrap(), InviteOutcome::Invalid, "expired");
    assert_eq!(redeem(1, 1, account + 1, 1).await.unwrap(), InviteOutcome::Invalid, "somebody else's");
    assert!(matches!(redeem(1, 1, account, 1).await.unwrap(), InviteOutcome::Redeemed { .. }));
    assert_eq!(redeem(1, 1, account, 2).await.unwrap(), InviteOutcome::Invalid, "used");
    assert_eq!(store.devices_of(account).await.unwrap().len(), 1, "a refused redemption enrols nobody");
    // Wrong tries count against every open invite of the circle.
    store.put_invite(invite(circle, account, 2)).await.unwrap();
    let attempt = |code: u8| store.attempt_invite("invites", InviteCode::typed([code; 32]), 1);
    store.put_invite(invite(circle, account, 9)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(attempt(2).await.unwrap().unwrap().tries_left, 2, "the right one costs nothing");
    }
    assert_eq!(attempt(9).await.unwrap().unwrap().tries_left, 2, "nor does it cost another one anything");
    assert_eq!(attempt(200).await.unwrap(), None);
    assert_eq!(store.invite([2; 32]).await.unwrap().unwrap().tries_left, 1);
    assert_eq!(
        store.attempt_invite("elsewhere", InviteCode::typed([200; 32]), 1).await.unwrap(),
        None,
        "another circle's"
    );
    assert_eq!(store.invite([2; 32]).await.unwrap().unwrap().tries_left, 1);
    attempt(200).await.unwrap();
    attempt(200).await.unwrap();
    assert_eq!(store.invite([2; 32]).await.unwrap().unwrap().tries_left, 0);
    assert_eq!(redeem(2, 1, account, 3).await.unwrap(), InviteOutcome::Invalid, "out of tries");
    assert_eq!(store.invite([1; 32]).await.unwrap().unwrap().tries_left, 2, "a used one is not open");
    the_forms_of_an_invite_are_tried_apart(store, account).await;
    what_became_of_invites(store).await;
}

/// Opened, matched, done, revoked: each once, when it was first, and only while the invite stands.
async fn what_became_of_invites(store: &dyn Store) {
    let circle = new_circle(store, "lives").await;
    let account = store.create_account(1, 1).await.unwrap();
    let row = |code: u8, made_ms| InviteRow {
        id: [code; 16],
        fingerprint: (code == 101).then_some([9; 16]),
        made_ms,
        ..invite(circle, account, code)
    };
    for (code, made_ms) in [(101, 5), (102, 7), (103, 6)] {
        assert!(store.put_invite(row(code, made_ms)).await.unwrap());
    }
    let all: Vec<u8> = store.invites_of(circle, 9).await.unwrap().iter().map(|row| row.code_mac[0]).collect();
    assert_eq!(all, [102, 103, 101], "the newest first");
    assert_eq!(store.invites_of(circle, 2).await.unwrap().len(), 2);
    assert_eq!(store.invite_by_id(circle, [101; 16]).await.unwrap(), Some(row(101, 5)));
    assert_eq!(store.invite_by_id(circle + 1, [101; 16]).await.unwrap(), None, "of another circle");
    let life = async |code: u8| store.invite([code; 32]).await.unwrap().unwrap().life;
    for now_ms in [20, 21] {
        store.open_invite([101; 32], now_ms).await.unwrap();
    }
    for now_ms in [30, 31] {
        store.attempt_invite("lives", InviteCode::typed([101; 32]), now_ms).await.unwrap();
    }
    store.redeem_invite(InviteCode::qr([101; 32]), 40, new_device(account, 9_101)).await.unwrap();
    store.open_invite([200; 32], 41).await.unwrap();
    let used = InviteLife { opened_ms: 20, matched_ms: 30, done_ms: 40, ..InviteLife::default() };
    assert_eq!(life(101).await, used);
    let revoke = |code: u8, now_ms| store.revoke_invite(circle, [code; 16], 77, now_ms);
    assert_eq!(revoke(101, 50).await.unwrap().unwrap().life, used, "it was used");
    assert_eq!(revoke(103, 1_000).await.unwrap().unwrap().life, InviteLife::default(), "it has run out");
    assert_eq!(revoke(200, 50).await.unwrap(), None);
    assert_eq!(store.revoke_invite(circle + 1, [102; 16], 77, 50).await.unwrap(), None, "of another circle");
    let back = InviteLife { revoked_ms: 50, revoked_by: 77, ..InviteLife::default() };
    for now_ms in [50, 51] {
        assert_eq!(revoke(102, now_ms).await.unwrap().unwrap().life, back);
    }
    store.open_invite([102; 32], 60).await.unwrap();
    store.attempt_invite("lives", InviteCode::typed([102; 32]), 60).await.unwrap();
    let redeemed = store.redeem_invite(InviteCode::typed([102; 32]), 60, new_device(account, 9_102)).await.unwrap();
    assert_eq!((redeemed, life(102).await), (InviteOutcome::Invalid, back));
    store.attempt_invite("lives", InviteCode::typed([200; 32]), 60).await.unwrap();
    assert_eq!(store.invite([102; 32]).await.unwrap().unwrap().tries_left, 2, "no try is taken from what is over");
}

/// Codes 1 (used), 2 and 9, of which wrong typed codes have used every try.
async fn the_forms_of_an_invite_are_tried_apart(store: &dyn Store, account: AccountNo) {
    let left = async |code: u8| {
        let row = store.invite([code; 32]).await.unwrap().unwrap();
        (row.tries_left, row.qr_tries_left)
    };
    assert_eq!((left(2).await, left(9).await), ((0, 2), (0, 2)), "the QR form is as it was");
    for forged in [9, 200, 1] {
        store.forged_invite([forged; 32], 1).await.unwrap();
    }
    let all = (left(1).await, left(2).await, left(9).await);
    assert_eq!(all, ((2, 2), (0, 2), (0, 1)), "a forged one counts against its own invite");
    assert_eq!(store.attempt_invite("invites", InviteCode::qr([200; 32]), 1).await.unwrap(), None);
    assert_eq!(left(2).await, (0, 2), "no try against it");
    for _ in 0..2 {
        store.forged_invite([9; 32], 1).await.unwrap();
    }
    assert_eq!(left(9).await, (0, 0));
    let scanned = |code: u8, n| store.redeem_invite(InviteCode::qr([code; 32]), 1, new_device(account, n));
    assert_eq!(scanned(9, 14).await.unwrap(), InviteOutcome::Invalid, "out of tries");
    assert!(matches!(scanned(2, 14).await.unwrap(), InviteOutcome::Redeemed { .. }));
    assert_eq!(scanned(2, 15).await.unwrap(), InviteOutcome::Invalid, "used");
}

async fn one_of_many_redeems(store: &dyn Store) {
    let circle = new_circle(store, "race").await;
    let account = store.create_account(1, 1).await.unwrap();
    store.put_invite(invite(circle, account, 3)).await.unwrap();
    let racers = racers() as u64;
    let calls = (0..racers).map(|n| store.redeem_invite(InviteCode::typed([3; 32]), 1, new_device(account, 1000 + n)));
    let outcomes: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let won = outcomes.iter().filter(|outcome| **outcome != InviteOutcome::Invalid).count();
    assert_eq!(won, 1, "of {racers}");
    assert_eq!(store.devices_of(account).await.unwrap().len(), 1);
}

async fn devices_and_replicas(store: &dyn Store) {
    let circle = new_circle(store, "devices").await;
    let account = store.create_account(1, 1).await.unwrap();
    store.put_invite(invite(circle, account, 4)).await.unwrap();
    let new = new_device(account, 4);
    let InviteOutcome::Redeemed { device, ordinary, urgent } =
        store.redeem_invite(InviteCode::typed([4; 32]), 1, new.clone()).await.unwrap()
    else {
        panic!("the invite is open")
    };
    let row = store.device(device).await.unwrap().unwrap();
    let expected = DeviceRow {
        device,
        account,
        clinic: 1,
        key: new.key.clone(),
        name: b"phone 4".to_vec(),
        created_ms: 10,
        revoked: false,
    };
    assert_eq!(row, expected);
    assert_eq!(store.device_by_key(&new.key).await.unwrap(), Some(row.clone()));
    assert_eq!(store.device_by_key(b"none").await.unwrap(), None);
    assert_eq!(store.devices_of(account).await.unwrap(), [row]);
    let lanes = store.replicas_of(device).await.unwrap();
    assert_eq!(lanes.iter().map(|row| (row.n, row.lane)).collect::<Vec<_>>(), [(ordinary, 1), (urgent, 2)]);
    assert_eq!(store.replica(EPOCH, urgent).await.unwrap(), Some(lanes[1].clone()));
    assert_eq!(store.replica(EPOCH + 1, urgent).await.unwrap(), None, "of another epoch");
    assert_eq!((&lanes[0].chain_key[..], &lanes[1].chain_key[..]), (&[1][..], &[2][..]));

    let keys = || [vec![3], vec![4]];
    let fresh = store.add_replicas(device, EPOCH + 1, keys(), true, [1; 16]).await.unwrap();
    assert_eq!(
        fresh.iter().map(|row| (row.lane, row.retired, row.epoch)).collect::<Vec<_>>(),
        [(1, false, EPOCH + 1), (2, false, EPOCH + 1)]
    );
    assert!(fresh.iter().all(|row| row.n > urgent), "numbers are never given again");
    assert_eq!(store.add_replicas(device, EPOCH + 1, keys(), true, [1; 16]).await.unwrap(), fresh, "the same request");
    assert!(store.replica(EPOCH, ordinary).await.unwrap().unwrap().retired);
    let same = join_all((0..8).map(|_| store.add_replicas(device, EPOCH + 1, keys(), true, [2; 16]))).await;
    let same: Vec<_> = same.into_iter().map(Result::unwrap).collect();
    assert!(same.windows(2).all(|pair| pair[0] == pair[1]), "the same numbers under one request, however many ask");
    assert_eq!(store.replicas_of(device).await.unwrap().len(), 6);
    assert!(matches!(store.add_replicas(9_999_999, 1, keys(), true, [3; 16]).await, Err(StoreError::NotFound)));

    let health = HealthRow { device, heard_ms: 5, health: vec![1, 2], offset_ms: None };
    store.put_health(health.clone()).await.unwrap();
    store.put_health(HealthRow { heard_ms: 6, ..health.clone() }).await.unwrap();
    assert_eq!(store.health_of(&[device, 9_999_999]).await.unwrap(), [HealthRow { heard_ms: 6, ..health }]);

    store.put_session(session(40, account, device)).await.unwrap();
    store.revoke_device(device).await.unwrap();
    assert!(store.device(device).await.unwrap().unwrap().revoked);
    assert!(store.replicas_of(device).await.unwrap().iter().all(|row| row.retired));
    assert!(!store.session_open(40).await.unwrap(), "its sessions end with it");
}

pub(crate) fn session(n: u8, account: AccountNo, device: DeviceNo) -> SessionRow {
    SessionRow {
        access_hash: [n; 32],
        access_expires_ms: 100,
        refresh_hash: [n + 1; 32],
        refresh_expires_ms: 2000,
        nonce: [n + 2; 32],
        family: n.into(),
        account,
        device,
        clinic: 1,
        revoked: false,
        leaving: false,
        previous_refresh_hash: None,
        rotated_by: None,
        rotated_ms: 0,
        rotated_answer: Vec::new(),
    }
}

fn rotated(old: &SessionRow, n: u8) -> SessionRow {
    SessionRow {
        access_hash: [n; 32],
        refresh_hash: [n + 1; 32],
        nonce: [n + 2; 32],
        previous_refresh_hash: Some(old.refresh_hash),
        rotated_by: Some([n; 16]),
        rotated_ms: 50,
        rotated_answer: vec![n],
        ..old.clone()
    }
}

async fn sessions_rotate(store: &dyn Store) {
    let first = session(50, 1, 1);
    store.put_session(first.clone()).await.unwrap();
    assert!(store.put_session(first.clone()).await.is_err(), "a family has one row");
    assert_eq!(store.session_by_access([50; 32]).await.unwrap(), Some(first.clone()));
    let second = rotated(&first, 60);
    assert!(!store.rotate_session([9; 32], second.clone()).await.unwrap(), "not the current hash");
    assert!(store.rotate_session(first.refresh_hash, second.clone()).await.unwrap());
    assert!(!store.rotate_session(first.refresh_hash, rotated(&first, 70)).await.unwrap(), "somebody was faster");
    assert_eq!(store.session_by_access([50; 32]).await.unwrap(), None);
    assert_eq!(store.session_by_refresh(second.refresh_hash).await.unwrap(), Some(second.clone()));
    assert_eq!(store.session_by_refresh(first.refresh_hash).await.unwrap(), Some(second.clone()), "the one before");
    assert!(store.session_open(50).await.unwrap() && !store.session_open(51).await.unwrap());
    store.revoke_family(50).await.unwrap();
    assert!(!store.session_open(50).await.unwrap());
    assert!(!store.rotate_session(second.refresh_hash, rotated(&second, 80)).await.unwrap(), "a revoked one is dead");
    assert!(store.session_by_access([60; 32]).await.unwrap().unwrap().revoked);
}

async fn one_of_many_rotates(store: &dyn Store) {
    let first = session(90, 1, 1);
    store.put_session(first.clone()).await.unwrap();
    let calls = (0..40).map(|n| store.rotate_session(first.refresh_hash, rotated(&first, 100 + 3 * n)));
    let won = join_all(calls).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
}

async fn old_sessions_and_invites_are_swept(store: &dyn Store) {
    store.put_session(SessionRow { refresh_expires_ms: 10, ..session(240, 1, 1) }).await.unwrap();
    store.sweep(500).await.unwrap();
    assert_eq!(store.session_by_access([240; 32]).await.unwrap(), None);
    assert!(store.session_by_access([60; 32]).await.unwrap().is_some(), "not before its time");
    assert!(store.invite([1; 32]).await.unwrap().is_some());
    store.sweep(1001).await.unwrap();
    assert!(store.invite([1; 32]).await.unwrap().is_some(), "how it ended is told for a day");
    store.sweep(1001 + ANSWERS_KEPT_MS).await.unwrap();
    assert!(store.invite([1; 32]).await.unwrap().is_none());
}
