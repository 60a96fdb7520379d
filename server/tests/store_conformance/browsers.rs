//! Browsers: devices without lanes, sessions, passkeys, hospital accounts, challenges.

use futures_util::future::join_all;
use osteon_server::store::{browser::*, devices::*, identity::*, *};

use crate::fixture::new_circle;

pub(crate) async fn all(store: &dyn Store) {
    a_browser_uses_up_its_invite(store).await;
    one_of_many_browsers_redeems(store).await;
    sessions_of_browsers(store).await;
    a_passkey_counts_once(store).await;
    a_challenge_is_taken_once(store).await;
}

fn browser(account: AccountNo, n: u8, invite: Option<u8>) -> NewBrowser {
    NewBrowser {
        account,
        clinic: 1,
        key: vec![b'p', n],
        name: format!("browser {n}").into(),
        created_ms: 10,
        way_in: WayIn::Passkey { credential: vec![n], content: vec![n, 0] },
        invite: invite.map(|code| InviteCode::typed([code; 32])),
    }
}

async fn invited(store: &dyn Store, circle: CircleNo, code: u8) -> AccountNo {
    let account = store.create_account(1, 1).await.unwrap();
    let row = InviteRow {
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
    };
    store.put_invite(row).await.unwrap();
    account
}

async fn a_browser_uses_up_its_invite(store: &dyn Store) {
    let circle = new_circle(store, "browsers").await;
    let account = invited(store, circle, 210).await;
    for wrong in [browser(account, 1, Some(211)), browser(account + 1, 1, Some(210))] {
        assert_eq!(store.add_browser(wrong).await.unwrap(), None);
    }
    let late = NewBrowser { created_ms: 1000, ..browser(account, 1, Some(210)) };
    assert_eq!(store.add_browser(late).await.unwrap(), None, "expired");
    let device = store.add_browser(browser(account, 1, Some(210))).await.unwrap().expect("the invite is open");
    assert_eq!(store.add_browser(browser(account, 2, Some(210))).await.unwrap(), None, "used");
    let row = store.device(device).await.unwrap().unwrap();
    assert_eq!((row.account, row.name.as_slice(), row.revoked), (account, b"browser 1".as_slice(), false));
    assert!(store.replicas_of(device).await.unwrap().is_empty(), "a browser has no lanes");
    // A credential that somebody has leaves the invite as it was.
    let other = invited(store, circle, 212).await;
    let same = NewBrowser { key: vec![b'p', 9], ..browser(other, 1, Some(212)) };
    assert_eq!(store.add_browser(same).await.unwrap(), None);
    assert!(!store.invite([212; 32]).await.unwrap().unwrap().used);
    let hospital = WayIn::Hospital { subject: [7; 32] };
    let linked = NewBrowser { way_in: hospital.clone(), ..browser(other, 3, Some(212)) };
    let linked = store.add_browser(linked).await.unwrap().expect("linked");
    let row = HospitalRow { subject: [7; 32], account: other, device: linked, created_ms: 10 };
    assert_eq!(store.hospital_account([7; 32]).await.unwrap(), Some(row));
    assert_eq!(store.hospital_account([8; 32]).await.unwrap(), None);
    let again = NewBrowser { way_in: hospital, ..browser(account, 4, None) };
    assert_eq!(store.add_browser(again).await.unwrap(), None, "one account a subject");
    assert_eq!(store.devices_of(account).await.unwrap().len(), 1, "what was refused left no device");
}

async fn one_of_many_browsers_redeems(store: &dyn Store) {
    let circle = new_circle(store, "browser race").await;
    let account = invited(store, circle, 213).await;
    let calls = (20..60).map(|n| store.add_browser(browser(account, n, Some(213))));
    let won = join_all(calls).await.into_iter().filter(|made| made.as_ref().unwrap().is_some()).count();
    assert_eq!(won, 1);
    assert_eq!(store.devices_of(account).await.unwrap().len(), 1);
}

async fn sessions_of_browsers(store: &dyn Store) {
    let account = store.create_account(1, 1).await.unwrap();
    let device =
        store.add_browser(browser(account, 5, None)).await.unwrap().expect("a further browser needs no invite");
    let session = |n: u8| WebSessionRow {
        token_hash: [n; 32],
        family: 5_000 + u64::from(n),
        account,
        device,
        clinic: 1,
        created_ms: 100,
        seen_ms: 100,
        ended: false,
    };
    store.put_web_session(session(1)).await.unwrap();
    assert!(store.put_web_session(session(1)).await.is_err());
    assert_eq!(store.web_session([1; 32]).await.unwrap(), Some(session(1)));
    assert_eq!(store.web_session([2; 32]).await.unwrap(), None);
    store.web_session_seen([1; 32], 160).await.unwrap();
    store.web_session_seen([1; 32], 130).await.unwrap();
    assert_eq!(store.web_session([1; 32]).await.unwrap().unwrap().seen_ms, 160, "only forward");
    assert!(store.session_open(5_001).await.unwrap() && !store.session_open(5_002).await.unwrap());
    store.revoke_family(5_001).await.unwrap();
    assert!(store.web_session([1; 32]).await.unwrap().unwrap().ended && !store.session_open(5_001).await.unwrap());
    store.put_web_session(session(2)).await.unwrap();
    let notice = NewNotice { account, at_ms: 7_000, kind: 1, device, by_account: account };
    let order = OrderRow { device, ending: Ending::Leave, at_ms: 7_000, signature: Vec::new(), notice };
    assert_eq!(store.order_device(order).await.unwrap(), Some(vec![5_002]), "whose streams have to end");
    assert!(store.ordered_since(6_999).await.unwrap().contains(&5_002));
    store.revoke_device(device).await.unwrap();
    assert!(store.web_session([2; 32]).await.unwrap().unwrap().ended && !store.session_open(5_002).await.unwrap());
    store.sweep(43_200_100).await.unwrap();
    assert!(store.web_session([2; 32]).await.unwrap().is_some(), "not before its age");
    store.sweep(43_200_101).await.unwrap();
    assert_eq!(store.web_session([2; 32]).await.unwrap(), None);
}

async fn a_passkey_counts_once(store: &dyn Store) {
    let account = store.create_account(1, 1).await.unwrap();
    let device = store.add_browser(browser(account, 6, None)).await.unwrap().expect("added");
    let row = PasskeyRow { credential: vec![6], account, device, created_ms: 10, used_ms: 10, content: vec![6, 0] };
    assert_eq!(store.passkey(&[6]).await.unwrap(), Some(row.clone()));
    assert_eq!(store.passkey(&[66]).await.unwrap(), None);
    assert_eq!(store.passkeys_of(account).await.unwrap(), [row]);
    let moves = (1..20).map(|n| async move { store.passkey_used(&[6], &[6, 0], &[6, n], u64::from(n)).await });
    let won = join_all(moves).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1, "one sign-in moves the counter");
    assert!(store.passkey(&[6]).await.unwrap().unwrap().used_ms > 0);
}

async fn a_challenge_is_taken_once(store: &dyn Store) {
    store.put_challenge([1; 32], 500, vec![1, 2]).await.unwrap();
    assert!(store.put_challenge([1; 32], 500, vec![3]).await.is_err());
    let takes = join_all((0..8).map(|_| store.take_challenge([1; 32]))).await;
    let taken: Vec<_> = takes.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken, [(500, vec![1, 2])]);
    store.put_challenge([3; 32], 500, vec![1]).await.unwrap();
    store.sweep(501).await.unwrap();
    assert_eq!(store.take_challenge([3; 32]).await.unwrap(), None);
}
