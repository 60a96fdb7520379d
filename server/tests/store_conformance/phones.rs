//! Phones of patients: which they are, and when each came, by circle and for all circles of somebody.

use osteon_server::store::{browser::*, devices::*, identity::*, *};

use crate::{fixture::new_circle, identity::new_device};

/// Length of a device's key: a browser has none of it.
const KEY: usize = 65;

pub(crate) async fn all(store: &dyn Store) {
    phones_say_when_they_came(store).await;
    when_phones_were_heard(store).await;
}

async fn phone(store: &dyn Store, circle: CircleNo, account: AccountNo, code: u8) -> DeviceNo {
    let row = InviteRow {
        code_mac: [code; 32],
        circle,
        account,
        role: PATIENT,
        expires_ms: 1_000,
        tries_left: 2,
        qr_tries_left: 2,
        made_by: 0,
        used: false,
        ..Default::default()
    };
    store.put_invite(row).await.unwrap();
    let new = NewDevice { key: vec![code; KEY], ..new_device(account, u64::from(code)) };
    match store.redeem_invite(InviteCode::typed([code; 32]), 1, new).await.unwrap() {
        InviteOutcome::Redeemed { device, .. } => device,
        InviteOutcome::Invalid => panic!("the invite is open"),
    }
}

async fn phones_say_when_they_came(store: &dyn Store) {
    let (circle, other) = (new_circle(store, "phones1").await, new_circle(store, "phones2").await);
    let mut people = Vec::new();
    for _ in 0..3 {
        people.push(store.create_account(1, 1).await.unwrap());
    }
    let [patient, nurse, second] = people[..] else { panic!("three people") };
    let put = async |circle, members: Vec<(AccountNo, u8)>| {
        let needs = Needs { circle, ..Needs::default() };
        let put = move |work: &mut Working<'_>| {
            work.put_access(b"state".to_vec(), members.clone());
            Ok(())
        };
        commit(store, needs, put).await.unwrap();
    };
    put(circle, vec![(patient, PATIENT), (nurse, 6)]).await;
    put(other, vec![(second, PATIENT), (nurse, 6)]).await;
    assert!(store.phones_of(circle).await.unwrap().is_empty());
    let first = phone(store, circle, patient, 231).await;
    let lost = phone(store, circle, patient, 232).await;
    let theirs = phone(store, other, second, 233).await;
    // Neither a clinician's device nor a patient's browser is a phone of the patient.
    phone(store, circle, nurse, 234).await;
    let browser = NewBrowser {
        account: patient,
        clinic: 1,
        key: b"browser of a patient".to_vec(),
        name: b"browser".to_vec(),
        created_ms: 10,
        way_in: WayIn::Link { account: patient },
        invite: None,
    };
    store.add_browser(browser.clone()).await.unwrap().expect("a browser without a way in that is kept");
    let row = |device, account, circle| PhoneRow { circle, device, account, created_ms: 10, ..PhoneRow::default() };
    // Proving its key to enrol is being seen, where the store notes it.
    let plain = |mut rows: Vec<PhoneRow>| {
        rows.iter_mut().for_each(|row| row.seen_ms = 0);
        rows
    };
    let known = [row(first, patient, circle), row(lost, patient, circle)];
    assert_eq!(plain(store.phones_of(circle).await.unwrap()), known);
    store.put_reads(vec![ReadRow { circle, device: first, seq: 7, at_ms: 50 }]).await.unwrap();
    store.put_health(HealthRow { device: first, heard_ms: 60, health: vec![1, 2], offset_ms: Some(-4) }).await.unwrap();
    store.device_seen(first, 70).await.unwrap();
    let came = PhoneRow {
        read: Some((7, 50)),
        heard: Some((60, vec![1, 2])),
        seen_ms: 70,
        offset_ms: Some(-4),
        ..known[0].clone()
    };
    assert_eq!(store.phones_of(circle).await.unwrap()[0], came);
    // What was found of its chain stays said when it comes again.
    store.device_forked(first, 65).await.unwrap();
    store.put_health(HealthRow { device: first, heard_ms: 60, health: vec![1, 2], offset_ms: Some(-4) }).await.unwrap();
    let came = PhoneRow { forked_ms: Some(65), ..came };
    assert_eq!(store.phones_of(circle).await.unwrap()[0], came);
    // The oldest order to erase that it has not confirmed, of this circle.
    let erasure = |circle, device, seq, asked_ms| ErasureRow {
        circle,
        device,
        seq,
        account: patient,
        cells: 1,
        asked_ms,
        confirmed_ms: None,
    };
    for row in [erasure(circle, first, 3, 40), erasure(circle, first, 5, 55), erasure(other, first, 1, 1)] {
        store.put_erasure(row).await.unwrap();
    }
    assert_eq!(store.phones_of(circle).await.unwrap()[0], PhoneRow { purge_ms: Some(40), ..came.clone() });
    store.confirm_erasures(circle, first, 4, 60).await.unwrap();
    assert_eq!(store.phones_of(circle).await.unwrap()[0], PhoneRow { purge_ms: Some(55), ..came.clone() });
    store.confirm_erasures(circle, first, 5, 61).await.unwrap();
    // One that was lost is none any more.
    let notice = NewNotice { account: patient, at_ms: 7, kind: 4, device: lost, by_account: 0 };
    let order = OrderRow { device: lost, ending: Ending::Wipe, at_ms: 80, signature: vec![1], notice };
    store.order_device(order).await.unwrap();
    assert_eq!(store.phones_of(circle).await.unwrap(), std::slice::from_ref(&came));
    // Everybody is told of the circles that they are in.
    let around = [came.clone(), row(theirs, second, other)];
    assert_eq!(plain(store.phones_around(nurse).await.unwrap()), plain(around.to_vec()));
    assert_eq!(store.phones_around(patient).await.unwrap(), [came]);
    assert!(store.phones_around(987_654).await.unwrap().is_empty());
    put(circle, vec![(patient, PATIENT)]).await;
    assert_eq!(plain(store.phones_around(nurse).await.unwrap()), [row(theirs, second, other)]);
    // One of which nothing else is known.
    store.device_forked(theirs, 66).await.unwrap();
    let row_of = store.phones_of(other).await.unwrap().remove(0);
    assert_eq!((row_of.forked_ms, row_of.heard, row_of.offset_ms), (Some(66), Some((66, Vec::new())), None));
}

/// One row goes on until a silence of more than a day; what is older than series are told is forgotten.
async fn when_phones_were_heard(store: &dyn Store) {
    const MINUTE: u64 = 60_000;
    const DAY: u64 = 24 * 60;
    let circle = new_circle(store, "heard").await;
    let patient = store.create_account(1, 1).await.unwrap();
    let needs = Needs { circle, ..Needs::default() };
    let put = move |work: &mut Working<'_>| {
        work.put_access(b"state".to_vec(), vec![(patient, PATIENT)]);
        Ok(())
    };
    commit(store, needs, put).await.unwrap();
    let [first, second] = [phone(store, circle, patient, 235).await, phone(store, circle, patient, 236).await];
    let browser = NewBrowser {
        account: patient,
        clinic: 1,
        key: b"another browser of a patient".to_vec(),
        name: b"browser".to_vec(),
        created_ms: 10,
        way_in: WayIn::Link { account: patient },
        invite: None,
    };
    let browser = store.add_browser(browser).await.unwrap().expect("a browser");
    let come = async |device, minute: u64| {
        let row = ReadRow { circle, device, seq: 1, at_ms: minute * MINUTE + 59_999 };
        store.put_reads(vec![row]).await.unwrap();
    };
    let heard = async |limit| {
        let rows = store.heard_of(circle, limit).await.unwrap();
        rows.into_iter().map(|(from, to)| (from / MINUTE, to / MINUTE)).collect::<Vec<_>>()
    };
    assert!(heard(9).await.is_empty());
    for minute in [5, 5, 100, 100 + DAY, 101 + 2 * DAY] {
        come(first, minute).await;
    }
    assert_eq!(heard(9).await, [(101 + 2 * DAY, 101 + 2 * DAY), (5, 100 + DAY)], "the latest first");
    // What another node says late of a moment within changes nothing; each phone is silent for itself; a browser is no phone.
    come(first, 50).await;
    come(second, 101 + DAY).await;
    come(browser, 7).await;
    assert_eq!(heard(9).await, [(101 + 2 * DAY, 101 + 2 * DAY), (101 + DAY, 101 + DAY), (5, 100 + DAY)]);
    assert_eq!(heard(1).await.len(), 1);
    let late = 101 + (1_831 + 2) * DAY;
    come(first, late).await;
    assert_eq!(heard(9).await, [(late, late), (101 + 2 * DAY, 101 + 2 * DAY), (101 + DAY, 101 + DAY)]);
}
