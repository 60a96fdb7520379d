//! What a sync does beside entries: receipts, where the phone is woken; and one that is cut off in the background.

use std::{sync::Arc, time::Duration};

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in, enrolled_by};
use crate::stand_in::StandIn;
use osteon_client::{
    Phone, catch_up::CaughtUp, clock::SetClock, events::silent, receipts::Receipt, records::NewRecord, state::author,
    views::sha256, wakes::Wake,
};
use osteon_proto::{
    care, meta,
    seen::SeenBy,
    wire::device::{timestamp, writing},
};
use osteon_sync_core::{
    Change, Clock, Dot, Note, Part, RecordId, Replica,
    device::{Confirmed, ConfirmedPart},
};

const NURSE: u64 = 50;

async fn save(phone: &Phone, body: Vec<u8>, label_choice: u32) -> RecordId {
    phone.create(CIRCLE, &NewRecord { body, label_choice, record: None }, "").await.unwrap().record
}

fn pain(worst: u32) -> Vec<u8> {
    body("pain_entry", &care::PainEntry { worst_24h: Some(worst), ..Default::default() })
}

async fn receipt(phone: &Phone, record: RecordId) -> Receipt {
    let state = phone.read().await.unwrap();
    state.enrolled().unwrap().receipts(CIRCLE, NOW).unwrap().remove(&record).unwrap()
}

/// The circle's members, as a page brings them.
async fn members(phone: &Phone) {
    let by = author(1, meta::Role::ClinicAdmin as i32);
    let mut parts = Vec::new();
    for (n, account, role) in [(1, 42, meta::Role::Patient), (2, NURSE, meta::Role::Nurse)] {
        let member = care::CircleMember {
            account: Some(account),
            role: Some(role.into()),
            membership: Some(care::Decision::Allow.into()),
            ..Default::default()
        };
        let made =
            writing::creation(CIRCLE, by, &body("circle_member", &member), 0, RecordId([n; 16]), sha256).unwrap();
        let dot = Dot { replica: Replica { epoch: 1, n: 9 }, counter: u64::from(n) };
        let clock = Clock { ms: NOW, logical: 0 };
        let change =
            Change { dot, clock, author: by, base: 0, earlier: Vec::new(), parts: made.1, note: Note::default() };
        for written in &change.parts {
            let mut part = Part::default();
            part.merge(change.origin(), &written.writes, &|_: Dot| true);
            let (type_number, class, read) = (written.type_number, 1, 1);
            parts.push((written.part, ConfirmedPart { part, type_number, class, read, extra: Vec::new() }));
        }
    }
    let put = |state: &mut osteon_client::state::State| {
        let mirror = state.enrolled_mut()?.confirmed.entry(CIRCLE).or_default();
        parts.iter().for_each(|(id, part)| mirror.put(*id, part.clone()));
        Ok(())
    };
    phone.change(put).await.unwrap();
}

#[tokio::test]
async fn a_patient_sees_that_an_entry_reached_the_server_and_who_has_seen_it() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    let entry = save(&phone, pain(6), 0).await;
    assert_eq!(receipt(&phone, entry).await, Receipt::Waits);
    let note = care::DiaryNote { text: Some("for me alone".into()), ..Default::default() };
    let note = save(&phone, body("diary_note", &note), 2).await;
    phone.sync(silent()).await.unwrap();
    members(&phone).await;
    assert_eq!(receipt(&phone, entry).await, Receipt::Reached { seen: Vec::new() });
    let mark = |sequence: u64| SeenBy {
        account: NURSE,
        role: meta::Role::Nurse.into(),
        sequence,
        at: Some(timestamp(NOW - 60_000)),
        left: false,
    };
    for (sequence, seen) in [(1, 1), (100, 1)] {
        server.books.lock().unwrap().marks = vec![mark(sequence)];
        phone.sync(silent()).await.unwrap();
        let Receipt::Reached { seen: marks } = receipt(&phone, entry).await else { panic!("not reached") };
        assert_eq!(marks.len(), seen);
        assert_eq!((marks[0].account, marks[0].at_ms), (NURSE, NOW - 60_000));
        // A mark says nothing of what its maker may not read.
        assert_eq!(receipt(&phone, note).await, Receipt::Reached { seen: Vec::new() });
    }
    // What was written behind the mark was not seen, and what is edited after it not either.
    server.books.lock().unwrap().marks = vec![mark(2)];
    let later = save(&phone, pain(7), 0).await;
    phone.sync(silent()).await.unwrap();
    assert_eq!(receipt(&phone, later).await, Receipt::Reached { seen: Vec::new() });
    assert_eq!(phone.marks(CIRCLE).await.unwrap().marks.len(), 1);
}

#[tokio::test]
async fn where_a_phone_is_woken_is_told_with_the_next_contact_and_again_after_another_enrolment() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let clock = Arc::new(SetClock::at(NOW));
    let phone = enrolled_by(dir.path(), meta::Role::Patient, Arc::clone(&clock)).await;
    server.serve(&phone).await;
    assert_eq!(phone.wake().await.unwrap(), Wake::Off);
    phone.set_offline(true).await.unwrap();
    phone.wake_at("https://push.example/1", &[4; 65], &[5; 16]).await.unwrap();
    assert_eq!(phone.wake().await.unwrap(), Wake::Waits);
    phone.set_offline(false).await.unwrap();
    let told = |server: &StandIn| {
        let books = server.books.lock().unwrap();
        (books.wake.clone(), books.wakes_set)
    };
    for _ in 0..3 {
        phone.sync(silent()).await.unwrap();
        assert_eq!(told(&server), (Some("https://push.example/1".to_owned()), 1));
    }
    assert_eq!(phone.wake().await.unwrap(), Wake::Registered { since_ms: NOW });
    // The push service lost it: the server says so when it is asked the next day.
    server.books.lock().unwrap().wake = None;
    clock.set(NOW + 25 * 3_600_000);
    phone.sync(silent()).await.unwrap();
    assert_eq!(told(&server).1, 2);
    // Another device of the server's, on the same folder.
    phone
        .change(|state| {
            state.enrolled_mut()?.enrolment.device = 99;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(phone.wake().await.unwrap(), Wake::Waits);
    phone.sync(silent()).await.unwrap();
    assert_eq!(told(&server).1, 3);
    // An endpoint that the clinic does not allow is said, and not tried again and again.
    server.books.lock().unwrap().wake_refused = true;
    phone.wake_at("https://elsewhere.example/1", &[4; 65], &[5; 16]).await.unwrap();
    phone.sync(silent()).await.unwrap();
    phone.sync(silent()).await.unwrap();
    assert!(matches!(phone.wake().await.unwrap(), Wake::Refused { .. }));
    assert_eq!(told(&server).1, 4);
    server.books.lock().unwrap().wake_refused = false;
    phone.wake_at("", &[], &[]).await.unwrap();
    phone.sync(silent()).await.unwrap();
    assert_eq!((phone.wake().await.unwrap(), told(&server).0), (Wake::Off, None));
}

#[tokio::test]
async fn a_catch_up_that_is_cut_off_anywhere_goes_on_from_there() {
    let (dir, server) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    let count = 600;
    for n in 0..count {
        save(&phone, pain(n % 11), 0).await;
    }
    server.books.lock().unwrap().push_takes = Duration::from_millis(20);
    let (mut cut_off, mut ms) = (0, 1);
    loop {
        let began = std::time::Instant::now();
        let done = phone.catch_up(Duration::from_millis(ms), silent()).await.unwrap();
        assert!(
            began.elapsed() < Duration::from_millis(ms) + Duration::from_secs(2),
            "{ms} ms took {:?}",
            began.elapsed()
        );
        // What it says of itself is what is on disk.
        let (status, kept) = (phone.status().await.unwrap().to_send, records(&phone).await);
        assert_eq!(kept, usize::try_from(count).unwrap(), "after {ms} ms");
        if done == CaughtUp::Whole {
            assert_eq!(status, 0);
            break;
        }
        (cut_off, ms) = (cut_off + 1, ms + 37);
        assert!(ms < 60_000, "it never comes to its end");
    }
    assert!(cut_off > 3, "{cut_off}");
    let books = server.books.lock().unwrap();
    assert_eq!((books.forged, books.skips, books.accepted_changes()), (0, 0, usize::try_from(count).unwrap()));
}

async fn records(phone: &Phone) -> usize {
    let state = phone.read().await.unwrap();
    state.enrolled().unwrap().view(CIRCLE, NOW).unwrap().records().len()
}
