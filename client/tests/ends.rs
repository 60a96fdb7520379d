//! A grant with an end, on a phone that has no network when it comes: what it opened is not shown any more, not counted, not
//! opened in a form and not written to, by the phone's own clock as the server's time corrects it. The next Pull erases it.

use std::{path::Path, sync::Arc};

use osteon_client::{
    Error, Phone,
    clock::SetClock,
    ids::SeededIds,
    records::{Entry, NewRecord},
    state::{Enrolled, author},
    store::items::{Enrolment, Session, StoredCircle, StoredLane},
    views::sha256,
};
use osteon_proto::{
    care, meta,
    reasons::Reason,
    split::close,
    table::table,
    wire::device::{timestamp, writing},
};
use osteon_sync_core::{
    Change, Clock, Dot, Note, Part, RecordId, Replica,
    device::{Confirmed, ConfirmedPart, HelloAnswer, HelloCircle, Lanes, Request, Step},
    lifecycle::State as Life,
};
use prost::Message;

const CIRCLE: u64 = 7;
const PATIENT: u64 = 41;
const CAREGIVER: u64 = 42;
const NOW: u64 = 1_795_600_000_000;
const HOUR: u64 = 3_600_000;
const SYMPTOMS_END: u64 = NOW + HOUR;

struct Home {
    clock: Arc<SetClock>,
    phone: Phone,
    symptom: RecordId,
}

fn body<M: Message>(member: &str, message: &M) -> Vec<u8> {
    close(table().by_name(member).expect("a type").number, &message.encode_to_vec())
}

fn symptom(vomits: u32) -> Vec<u8> {
    body("symptom_entry", &care::SymptomEntry { severity: Some(vomits), ..Default::default() })
}

/// What the patient or the server wrote, as the server sends it.
fn send(phone: &mut Enrolled, from: (u64, meta::Role), n: u64, body: &[u8]) -> RecordId {
    let dot = Dot { replica: Replica { epoch: 1, n: 9 }, counter: n };
    let fresh = RecordId([u8::try_from(n).expect("small"); 16]);
    let by = author(from.0, from.1 as i32);
    let (record, parts) = writing::creation(CIRCLE, by, body, 0, fresh, sha256).expect("a body");
    let clock = Clock { ms: NOW - HOUR, logical: 0 };
    let change = Change { dot, clock, author: by, base: 0, earlier: Vec::new(), parts, note: Note::default() };
    for written in &change.parts {
        let mut part = Part::default();
        part.merge(change.origin(), &written.writes, &|_: Dot| true);
        let class = table().get(written.type_number).map_or(0, |known| known.class as u8);
        let (type_number, read, extra) = (written.type_number, 1, Vec::new());
        let confirmed = phone.confirmed.entry(CIRCLE).or_default();
        confirmed.put(written.part, ConfirmedPart { part, type_number, class, read, extra });
    }
    record
}

fn grant(category: care::GrantCategory, until_ms: u64) -> Vec<u8> {
    let grant = care::Grant {
        parent: Some(vec![5; 16].into()),
        grantee: Some(care::Grantee { role: None, account: Some(CAREGIVER) }),
        category: Some(category.into()),
        decision: Some(care::Decision::Allow.into()),
        not_after: Some(timestamp(until_ms)),
        ..Default::default()
    };
    body("grant", &grant)
}

fn member(account: u64, role: meta::Role) -> Vec<u8> {
    let member = care::CircleMember {
        parent: Some(vec![5; 16].into()),
        account: Some(account),
        role: Some(role.into()),
        membership: Some(care::Decision::Allow.into()),
        ..Default::default()
    };
    body("circle_member", &member)
}

/// A caregiver's phone that has synced: symptoms are shared for an hour, activity for a day.
async fn home(folder: &Path) -> Home {
    let clock = Arc::new(SetClock::at(NOW));
    let phone = Phone::open(folder, Arc::clone(&clock) as _, Arc::new(SeededIds::new(1))).await.expect("opens");
    let lane =
        |lane: meta::Lane, replica: u32| StoredLane { lane: lane as i32, epoch: 1, replica, chain_key: vec![1; 32] };
    let role = meta::Role::Caregiver as i32;
    let enrolment = Enrolment {
        account: CAREGIVER,
        lanes: vec![lane(meta::Lane::Urgent, 2), lane(meta::Lane::Ordinary, 3)],
        circles: vec![StoredCircle { circle: CIRCLE, short_id: "d0001".into(), role, ..Default::default() }],
        ..Enrolment::default()
    };
    let lanes = Lanes { urgent: Replica { epoch: 1, n: 2 }, ordinary: Replica { epoch: 1, n: 3 } };
    let patient = (PATIENT, meta::Role::Patient);
    let received = |state: &mut osteon_client::state::State| {
        let mut enrolled = Enrolled::new(enrolment.clone(), Session::default(), 1, lanes);
        send(&mut enrolled, patient, 1, &member(PATIENT, meta::Role::Patient));
        send(&mut enrolled, patient, 2, &member(CAREGIVER, meta::Role::Caregiver));
        send(&mut enrolled, patient, 3, &grant(care::GrantCategory::C06Symptoms, SYMPTOMS_END));
        send(&mut enrolled, patient, 4, &grant(care::GrantCategory::C08Activity, NOW + 24 * HOUR));
        let symptom = send(&mut enrolled, patient, 5, &symptom(3));
        let walk = care::ActivitySession { duration: Some(20), ..Default::default() };
        send(&mut enrolled, patient, 6, &body("activity_session", &walk));
        state.enrolled = Some(enrolled);
        Ok(symptom)
    };
    let symptom = phone.change(received).await.expect("received");
    Home { clock, phone, symptom }
}

impl Home {
    async fn until_ms(&self) -> Option<u64> {
        let state = self.phone.read().await.expect("state");
        state.enrolled().expect("enrolled").rights(CIRCLE, self.phone.now_ms()).expect("the circle").until_ms()
    }

    async fn types(&self) -> Vec<u32> {
        let state = self.phone.read().await.expect("state");
        let view = state.enrolled().expect("enrolled").view(CIRCLE, self.phone.now_ms()).expect("the circle");
        let records = view.records().iter().map(|record| record.type_number).filter(|number| *number < 200).collect();
        assert_eq!(
            view.record_count() + view.hidden_count(),
            view.confirmed().parts().len(),
            "each is one or the other"
        );
        records
    }
}

#[tokio::test]
async fn what_was_shared_until_now_is_hidden_at_that_moment_without_a_network() {
    let dir = tempfile::tempdir().expect("dir");
    let home = home(dir.path()).await;
    assert_eq!(home.types().await, [102, 106]);
    assert_eq!(home.until_ms().await, Some(SYMPTOMS_END), "whoever shows it knows when to look again");
    home.clock.set(SYMPTOMS_END - 1);
    assert_eq!(home.types().await, [102, 106], "until is not yet");
    home.clock.set(SYMPTOMS_END);
    assert_eq!(home.types().await, [106], "the other grant goes on");
    let opened = home.phone.open_form(CIRCLE, home.symptom).await;
    assert!(matches!(opened, Err(Error::NoRecord)), "and there is no form of it");
    assert_eq!(home.until_ms().await, Some(NOW + 24 * HOUR));
    home.clock.set(NOW + 24 * HOUR);
    assert_eq!(home.types().await, [0; 0]);
    // Also after the program was started again: it is no state, but the clock.
    home.phone.close().await;
    let again =
        Phone::open(dir.path(), Arc::clone(&home.clock) as _, Arc::new(SeededIds::new(2))).await.expect("opens");
    assert_eq!(Home { phone: again, ..home }.types().await, [0; 0]);
}

#[tokio::test]
async fn a_form_that_was_open_at_the_end_saves_nothing_and_what_waits_is_hidden_too() {
    let dir = tempfile::tempdir().expect("dir");
    let home = home(dir.path()).await;
    let new = |vomits| NewRecord { body: symptom(vomits), label_choice: 0, record: None };
    let own = home.phone.create(CIRCLE, &new(1), "").await.expect("an entry of the caregiver's own");
    let form = home.phone.open_form(CIRCLE, own.record).await.expect("a form");
    assert_eq!(home.types().await.len(), 3);
    home.clock.set(SYMPTOMS_END);
    assert_eq!(home.types().await, [106], "what was written here and waits is hidden as well");
    let saved = home.phone.save(&form, &Entry::of_body(&symptom(2)).expect("entries"), "", false).await;
    assert!(matches!(saved, Err(Error::Refused { reason: Reason::FieldNotWritable, .. })));
    let created = home.phone.create(CIRCLE, &new(2), "").await;
    assert!(matches!(created, Err(Error::Refused { reason: Reason::RecordNotCreatable, .. })));
    let state = home.phone.read().await.expect("state");
    let waiting = state.enrolled().expect("enrolled").device.circle(CIRCLE).expect("joined").outbox().count();
    assert_eq!(waiting, 1, "it is still sent: its author had the right when it was written");
}

#[tokio::test]
async fn a_clock_that_is_slow_keeps_nothing_open() {
    let dir = tempfile::tempdir().expect("dir");
    let home = home(dir.path()).await;
    let hears = |state: &mut osteon_client::state::State| {
        let enrolled = state.enrolled_mut()?;
        let macs = enrolled.macs.clone();
        let Step::Send(ticket, Request::Hello(_)) = enrolled.device.next(NOW, 1, &macs) else { panic!("Hello first") };
        let circles = vec![HelloCircle { circle: CIRCLE, ..HelloCircle::default() }];
        // The server's clock is two hours ahead of the phone's.
        let answer = HelloAnswer { epoch: 1, server_ms: NOW + 2 * HOUR, circles, lanes: None };
        enrolled.device.hello_answer(ticket, answer, NOW);
        Ok(())
    };
    home.phone.change(hears).await.expect("heard");
    assert_eq!(home.types().await, [106], "by the server's time it is over");
}

#[tokio::test]
async fn a_longer_grant_shows_again_what_has_not_been_erased() {
    let dir = tempfile::tempdir().expect("dir");
    let home = home(dir.path()).await;
    home.clock.set(SYMPTOMS_END + 1);
    assert_eq!(home.types().await, [106]);
    let extended = |state: &mut osteon_client::state::State| {
        let longer = grant(care::GrantCategory::C06Symptoms, NOW + 9 * HOUR);
        send(state.enrolled_mut()?, (PATIENT, meta::Role::Patient), 7, &longer);
        Ok(())
    };
    home.phone.change(extended).await.expect("received");
    assert_eq!(home.types().await, [102, 106]);
}

/// An app greys out what its owner may not write; what is not greyed out is taken.
#[tokio::test]
async fn what_is_greyed_out_would_be_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let home = home(dir.path()).await;
    let mine = NewRecord { body: symptom(2), label_choice: 0, record: None };
    let mine = home.phone.create(CIRCLE, &mine, "").await.expect("saved").record;
    let mut told = Vec::new();
    for record in [home.symptom, mine] {
        let (may_write, may_end) = {
            let state = home.phone.read().await.expect("state");
            let view = state.enrolled().expect("enrolled").view(CIRCLE, home.phone.now_ms()).expect("the circle");
            let seen = view.record(record).expect("the record");
            (view.may_write(&seen, seen.field("severity").expect("a field")), view.may_end(&seen))
        };
        let form = home.phone.open_form(CIRCLE, record).await.expect("form");
        let entries = Entry::of_body(&symptom(4)).expect("entries");
        let saved = home.phone.save(&form, &entries, "it was worse", false).await;
        let form = home.phone.open_form(CIRCLE, record).await.expect("form");
        let ended = home.phone.end(&form, Life::EnteredInError, "not so").await;
        assert_eq!((may_write, may_end), (saved.is_ok(), ended.is_ok()), "{record:?}: {saved:?} {ended:?}");
        told.push((may_write, may_end));
    }
    assert_eq!(told, [(false, false), (true, true)]);
}

/// Nothing is written when a grant ends: the clock alone takes the record away from whoever watches it.
#[tokio::test]
async fn whoever_watches_a_record_is_told_when_its_grant_ends() {
    let dir = tempfile::tempdir().expect("dir");
    let Home { clock, phone, symptom } = home(dir.path()).await;
    let phone = Arc::new(phone);
    clock.set(SYMPTOMS_END - 100);
    let mut watching = phone.watch_record(CIRCLE, symptom);
    assert!(watching.next().await.expect("told").is_some());
    let soon = std::time::Duration::from_millis(10);
    assert!(tokio::time::timeout(soon, watching.next()).await.is_err());
    clock.set(SYMPTOMS_END);
    let long = std::time::Duration::from_secs(20);
    let told = tokio::time::timeout(long, watching.next()).await.expect("woken");
    assert!(told.expect("told").is_none());
}
