//! The client crate, as an app drives it, against the real server.

use std::{path::Path, sync::Arc};

use osteon_client::{
    Error, Phone,
    clock::SystemClock,
    events::silent,
    ids::OsIds,
    records::{Entry, NewRecord},
    session::Invite,
    store::items::Session,
    views::RecordView,
};
use osteon_proto::{care, circle as circle_pb, identity, split::close, table::table};
use osteon_sync_core::RecordId;
use osteon_tests::{
    device::Device,
    server::{Server, Setup, StoreKind},
};
use prost::Message;

pub(crate) async fn phone(server: &Server, home: &Path, invite: &osteon_tests::device::Invite) -> Phone {
    let phone = Phone::open(home, Arc::new(SystemClock), Arc::new(OsIds::new())).await.expect("opens");
    let invite = Invite {
        code: invite.code.clone(),
        short_id: invite.short_id.clone(),
        server: format!("https://{}", server.authority()),
        ca_pem: server.ca().expect("ca"),
        device_name: "test".into(),
    };
    phone.enrol(&invite).await.expect("enrols");
    phone.sync(silent()).await.expect("first sync");
    phone
}

pub(crate) async fn circle(phone: &Phone) -> u64 {
    phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.circles[0].circle
}

pub(crate) async fn view(phone: &Phone, record: RecordId) -> RecordView {
    let circle = circle(phone).await;
    let state = phone.read().await.expect("state");
    state
        .enrolled()
        .expect("enrolled")
        .view(circle, phone.now_ms())
        .expect("circle")
        .record(record)
        .expect("the record")
}

async fn waiting(phone: &Phone) -> usize {
    let state = phone.read().await.expect("state");
    state.enrolled().expect("enrolled").device.circles().map(|(_, c)| c.outbox().count() + c.drafts().len()).sum()
}

pub(crate) fn body<M: Message>(member: &str, message: &M) -> Vec<u8> {
    close(table().by_name(member).expect("type").number, &message.encode_to_vec())
}

pub(crate) fn minutes(n: u32) -> Vec<u8> {
    body("exercise_plan", &care::ExercisePlan { max_minutes_session: Some(n), ..Default::default() })
}

pub(crate) fn in_force(view: &RecordView) -> Option<u8> {
    view.field("max_minutes_session").and_then(|f| f.value()).and_then(|chunk| chunk.last().copied())
}

async fn set(phone: &Phone, record: RecordId, n: u32, why: &str, resolves: bool) {
    let form = phone.open_form(circle(phone).await, record).await.expect("form");
    phone.save(&form, &Entry::of_body(&minutes(n)).expect("entry"), why, resolves).await.expect("saved");
}

async fn pain(phone: &Phone, worst: u32) -> RecordId {
    let entry = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    phone.create(circle(phone).await, &new, "").await.expect("saved").record
}

async fn pains(phone: &Phone) -> Vec<RecordId> {
    let circle = circle(phone).await;
    let state = phone.read().await.expect("state");
    let view = state.enrolled().expect("enrolled").view(circle, phone.now_ms()).expect("circle");
    let kind = table().by_name("pain_entry").expect("type").number;
    let mut found: Vec<RecordId> = view.of_type(kind).iter().map(|record| record.record).collect();
    found.sort();
    found
}

async fn open(home: &Path) -> Phone {
    Phone::open(home, Arc::new(SystemClock), Arc::new(OsIds::new())).await.expect("opens")
}

/// A phone that was set up from another one's backup writes under its numbers: it gets its own, and nothing of either is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_from_another_one_s_backup_gets_numbers_of_its_own() {
    let server = Server::start(Setup::default()).expect("server");
    let dir = tempfile::tempdir().expect("dir");
    let (home, copied) = (dir.path().join("one"), dir.path().join("two"));
    let invite = server.new_circle("patient").expect("invite");
    let one = phone(&server, &home, &invite).await;
    let mut all = vec![pain(&one, 1).await];
    one.sync(silent()).await.expect("sent");
    one.close().await;
    std::fs::create_dir(&copied).expect("folder");
    for file in std::fs::read_dir(&home).expect("folder").flatten() {
        if file.file_type().expect("type").is_file() {
            std::fs::copy(file.path(), copied.join(file.file_name())).expect("copied");
        }
    }
    let (one, two) = (open(&home).await, open(&copied).await);
    let lanes = async |phone: &Phone| {
        let state = phone.read().await.expect("state");
        state.enrolled().expect("enrolled").enrolment.lanes.len()
    };
    let before = lanes(&two).await;
    for n in 2..5 {
        all.push(pain(&one, n).await);
        all.push(pain(&two, n + 4).await);
    }
    one.sync(silent()).await.expect("sent");
    // A run may end where it learns that it is a copy; the next one goes on from there.
    for phone in [&two, &one, &two, &one] {
        let _ = phone.sync(silent()).await;
    }
    all.sort();
    for phone in [&one, &two] {
        assert_eq!(phone.status().await.expect("status").to_send, 0);
        assert_eq!(pains(phone).await, all, "each entry once, on both");
    }
    assert!(lanes(&two).await > before, "it was given lanes of its own");
}

/// An app that dies while it enrols, or an answer that is lost: the invite is used up, and its phone gets the answer all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enrolment_that_is_cut_off_is_asked_for_again() {
    let server = Server::start(Setup::default()).expect("server");
    let first = server.new_circle("patient").expect("invite");
    let (mut cut_off, mut done) = (0, 0);
    for ms in (2_u64..).step_by(4).take(30) {
        let home = tempfile::tempdir().expect("home");
        let given = server.invite_into(&first.short_id, "caregiver").expect("invite");
        let invite = Invite {
            code: given.code.clone(),
            short_id: given.short_id.clone(),
            server: format!("https://{}", server.authority()),
            ca_pem: server.ca().expect("ca"),
            device_name: "test".into(),
        };
        let at_most = std::time::Duration::from_millis(ms);
        if tokio::time::timeout(at_most, open(home.path()).await.enrol(&invite)).await.is_err() {
            cut_off += 1;
        }
        let phone = open(home.path()).await;
        match phone.enrol(&invite).await {
            Ok(()) => {}
            Err(Error::AlreadyEnrolled) => done += 1,
            Err(error) => panic!("cut off after {ms} ms: {error}"),
        }
        phone.sync(silent()).await.expect("a session of its own");
    }
    assert!(cut_off > 0, "{cut_off} cut off, {done} done before");
}

/// Hello tells what was told a moment ago: the next sync asks for what is new, and no more. After a bad end, or when the clock was
/// set, Hello is said again (client/tests/bad_days.rs); so it is where something is taken away (devices.rs).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_new_is_one_call() {
    let server = Server::start(Setup::default()).expect("server");
    let home = tempfile::tempdir().expect("home");
    let phone = phone(&server, home.path(), &server.new_circle("patient").expect("invite")).await;
    phone.sync(silent()).await.expect("confirms");
    let calls = async || {
        let before = server.calls().expect("calls");
        phone.sync(silent()).await.expect("sync");
        server.calls().expect("calls") - before
    };
    assert_eq!([calls().await, calls().await], [1, 1]);
    let entry = pain(&phone, 4).await;
    assert!((2..=4).contains(&calls().await), "a push, what it brings, and who has seen it");
    let seen = server.calls().expect("calls");
    let other = open(home.path()).await;
    other.sync(silent()).await.expect("another start");
    assert!(server.calls().expect("calls") - seen >= 2, "a program that has just started says Hello");
    assert!(pains(&phone).await.contains(&entry));
}

/// Two programs of one folder find the token expired at the same time: one session goes on for both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_renew_one_session() {
    let server = Server::start(Setup::default()).expect("server");
    let dir = tempfile::tempdir().expect("dir");
    let home = dir.path().join("p");
    let invite = server.new_circle("patient").expect("invite");
    let one = phone(&server, &home, &invite).await;
    let two = open(&home).await;
    for round in 0..5 {
        let expire = |state: &mut osteon_client::state::State| {
            state.enrolled_mut()?.session.access_expires_ms = 1;
            Ok(())
        };
        one.change(expire).await.expect("expired");
        let (noticed, synced) = tokio::join!(one.notices(true), two.sync(silent()));
        noticed.unwrap_or_else(|error| panic!("round {round}: {error}"));
        synced.unwrap_or_else(|error| panic!("round {round}: {error}"));
    }
    one.sync(silent()).await.expect("and goes on");
}

/// What is held is compared with the server's while somebody waits for it; what differs is fetched anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_compared_and_healed() {
    let mut server = Server::start(Setup::default()).expect("server");
    let dir = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let phone = phone(&server, &dir.path().join("p"), &invite).await;
    let circle = circle(&phone).await;
    let entry = care::PainEntry { worst_24h: Some(4), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    let saved = phone.create(circle, &new, "").await.expect("saved");
    phone.sync(silent()).await.expect("sent");
    let same = phone.compare(circle).await.expect("compared");
    assert!(same.whole && same.differed == 0 && same.fingerprint != 0, "{same:?}");
    // Nothing is new to the server; what the phone holds is not what it was.
    let lose = |state: &mut osteon_client::state::State| {
        use osteon_sync_core::device::Confirmed as _;
        state.enrolled_mut()?.confirmed.get_mut(&circle).expect("held").remove(saved.record);
        Ok(())
    };
    phone.change(lose).await.expect("lost");
    let found = phone.compare(circle).await.expect("compared");
    assert!(found.whole && found.differed > 0, "{found:?}");
    assert!(view(&phone, saved.record).await.field("worst_24h").is_some(), "it is here again");
    let healed = phone.compare(circle).await.expect("compared");
    assert_eq!((healed.differed, healed.fingerprint), (0, same.fingerprint));
    server.kill().expect("killed");
    assert!(phone.compare(circle).await.is_err(), "without the server nothing was compared");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clients_edit_apart_the_server_dies_between_and_one_decides() {
    let mut server = Server::start(Setup::default()).expect("server");
    let (a, b) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
    let first = server.new_circle("physiotherapist").expect("invite");
    let one = phone(&server, &a.path().join("one"), &first).await;
    let second = server.invite_into(&first.short_id, "physiotherapist").expect("invite");
    let two = phone(&server, &b.path().join("two"), &second).await;
    let new = NewRecord { body: minutes(40), label_choice: 0, record: None };
    let plan = one.create(circle(&one).await, &new, "").await.expect("created").record;
    one.sync(silent()).await.expect("sync");
    two.sync(silent()).await.expect("sync");
    assert_eq!(in_force(&view(&two, plan).await), Some(40));

    set(&one, plan, 20, "", false).await;
    set(&two, plan, 50, "walks well", false).await;
    server.kill().expect("killed");
    assert!(matches!(one.sync(silent()).await, Err(Error::Server(_) | Error::Offline(_))));
    assert_eq!(waiting(&one).await, 1, "what was not sent is kept");
    server.restart().expect("restarted");
    for client in [&one, &two, &one] {
        client.sync(silent()).await.expect("sync");
    }
    for client in [&one, &two] {
        let seen = view(client, plan).await;
        let field = seen.field("max_minutes_session").expect("the field");
        assert!(field.needs_review && field.versions.len() == 2);
        assert_eq!(in_force(&seen), Some(20), "the safer limit is in force");
        assert_eq!(waiting(client).await, 0);
    }
    set(&two, plan, 20, "", true).await;
    two.sync(silent()).await.expect("sync");
    one.sync(silent()).await.expect("sync");
    let seen = view(&one, plan).await;
    assert!(in_force(&seen) == Some(20) && !seen.field("max_minutes_session").expect("the field").needs_review);
}

/// What a sync brought is confirmed by it: nobody looks for a phone that has everything (R-SYNC-3).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_confirms_what_it_brought() {
    let server = Server::start(Setup::on(StoreKind::Sqlite).expect("setup")).expect("server");
    let homes = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let patient = phone(&server, &homes.path().join("patient"), &invite).await;
    let physio = server.invite_into(&invite.short_id, "physiotherapist").expect("invite");
    let physio = phone(&server, &homes.path().join("physio"), &physio).await;
    let new = NewRecord { body: minutes(40), label_choice: 0, record: None };
    physio.create(circle(&physio).await, &new, "").await.expect("created");
    physio.sync(silent()).await.expect("sync");
    patient.sync(silent()).await.expect("sync");
    let number = circle(&patient).await;
    let head = patient
        .read()
        .await
        .expect("state")
        .enrolled()
        .expect("enrolled")
        .device
        .circle(number)
        .expect("circle")
        .head();
    let url = format!("sqlite:{}?mode=ro", server.dir().join("osteon.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.expect("database");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let read: Option<i64> =
            sqlx::query_scalar("SELECT MAX(seq) FROM device_read").fetch_one(&mut db).await.expect("rows");
        if read == i64::try_from(head).ok() {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{read:?} of {head}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let devices: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM device_read").fetch_one(&mut db).await.expect("rows");
    assert_eq!(devices, 1, "of patients alone");
}

/// More than one page of entries.
const PAGES_FULL: u32 = 450;

/// A phone that listens says at once that a restriction has come, and a clinician is told since when it is there. Before, it said so
/// with its next stream, within three quarters of an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinician_is_told_since_when_a_hold_is_on_the_phone() {
    let server = Server::start(Setup::on(StoreKind::Sqlite).expect("setup")).expect("server");
    let homes = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let patient = Arc::new(phone(&server, &homes.path().join("patient"), &invite).await);
    let physio = server.invite_into(&invite.short_id, "physiotherapist").expect("invite");
    let physio = phone(&server, &homes.path().join("physio"), &physio).await;
    let nurse = server.invite_into(&invite.short_id, "nurse").expect("invite");
    let nurse = Device::enrol(server.channel().expect("channel"), &nurse).await.expect("nurse");
    let listening = tokio::spawn({
        let patient = Arc::clone(&patient);
        async move { patient.live(silent()).await }
    });
    let number = circle(&patient).await;
    let at = async |phone: &Phone| {
        let state = phone.read().await.expect("state");
        state.enrolled().expect("enrolled").device.circle(number).expect("circle").head()
    };
    let mut pages = circle_pb::circle_service_client::CircleServiceClient::new(nurse.channel.clone());
    let mut reached = async |least: u64| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let ask = circle_pb::GetCircleViewRequest { circle: number, ..Default::default() };
            let answer = pages.get_circle_view(nurse.request(ask)).await.expect("view").into_inner();
            let phone = answer.view.and_then(|view| view.phone).expect("the phone");
            if let Some(found) = phone.reached.iter().rev().find(|one| one.sequence >= least) {
                assert!(found.at.as_ref().is_some_and(|at| at.seconds % 60 == 0), "to the minute");
                return (found.sequence, answer.as_of_sequence);
            }
            assert!(std::time::Instant::now() < deadline, "{least}: {:?}", phone.reached);
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    reached(1).await;
    let held = care::ExercisePlan { clearance: Some(care::ExerciseClearance::Hold.into()), ..Default::default() };
    let new = NewRecord { body: body("exercise_plan", &held), label_choice: 0, record: None };
    physio.create(number, &new, "").await.expect("created");
    physio.sync(silent()).await.expect("sync");
    let head = at(&physio).await;
    let (sequence, as_of) = reached(head).await;
    assert!(sequence >= head && as_of >= head);
    listening.abort();
    // After a time away restrictions come on the first page, and the last one is of the journal: it is said all the same.
    physio.create(number, &new, "").await.expect("created");
    for n in 0..PAGES_FULL {
        pain(&physio, n % 11).await;
    }
    physio.sync(silent()).await.expect("sync");
    let head = at(&physio).await;
    let listening = tokio::spawn(async move { patient.live(silent()).await });
    assert!(reached(head).await.0 >= head);
    listening.abort();
}

/// Whoever reads in an emergency what they have no right to, the patient finds it among what happened, with why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_access_stands_in_the_timeline() {
    let server = Server::start(Setup::on(StoreKind::Sqlite).expect("setup")).expect("server");
    let homes = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let patient = phone(&server, &homes.path().join("patient"), &invite).await;
    let elsewhere = server.new_circle("nurse").expect("another circle");
    let nurse = Device::enrol(server.channel().expect("channel"), &elsewhere).await.expect("nurse");
    let number = circle(&patient).await;
    let why = "found unconscious at home, daughter is with her";
    let ask = identity::BreakGlassRequest { circle: number, reason: why.into(), ..Default::default() };
    let mut glass = identity::break_glass_service_client::BreakGlassServiceClient::new(nurse.channel.clone());
    glass.break_glass(nurse.request(ask)).await.expect("opened");
    patient.sync(silent()).await.expect("sync");
    let state = patient.read().await.expect("state");
    let now_ms = patient.now_ms();
    let moments =
        state.enrolled().expect("enrolled").view(number, now_ms).expect("view").timeline(0, now_ms + 60_000, None);
    let said: Vec<_> = moments.iter().filter_map(|moment| moment.record.field("reason")?.value()).collect();
    assert!(matches!(said.as_slice(), [one] if one.ends_with(why.as_bytes())), "{} moments", moments.len());
}

/// The phone's program keeps its outbox, reads on, and says at the end what is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_is_too_old_keeps_its_outbox_and_reads_on() {
    let server = Server::start(Setup::default().arg("--min-client").arg("99.0.0")).expect("server");
    let home = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("physiotherapist").expect("invite");
    let phone = phone(&server, &home.path().join("a"), &invite).await;
    let new = NewRecord { body: minutes(40), label_choice: 0, record: None };
    phone.create(circle(&phone).await, &new, "").await.expect("created");
    let before = phone.read().await.expect("state").settings.last_heard_ms;
    let error = phone.sync(silent()).await.expect_err("too old");
    assert!(matches!(&error, Error::Server(answer) if answer.reason == "CLIENT_TOO_OLD"), "{error}");
    assert_eq!(error.to_string(), "the server answered: The app is older than min_client");
    assert_eq!(waiting(&phone).await, 1, "what waits is kept");
    let state = phone.read().await.expect("state");
    let enrolled = state.enrolled().expect("enrolled");
    assert!(state.settings.last_heard_ms >= before);
    assert!(enrolled.device.circles().all(|(_, c)| c.at_head()), "everything was read");
    assert_eq!(enrolled.enrolment.min_client, "99.0.0");
}

async fn session(phone: &Phone) -> Session {
    phone.read().await.expect("state").enrolled().expect("enrolled").session.clone()
}

async fn put_session(phone: &Phone, session: &Session) {
    let put = |state: &mut osteon_client::state::State| {
        state.enrolled_mut()?.session = session.clone();
        Ok(())
    };
    phone.change(put).await.expect("put");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_refresh_answer_signs_nobody_out_and_a_replay_signs_in_again() {
    let server = Server::start(Setup::default()).expect("server");
    let home = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let phone = phone(&server, &home.path().join("p"), &invite).await;
    let first = session(&phone).await;

    // The token has expired: it is renewed before the next request.
    let asked = Session { access_expires_ms: 0, request_id: "6f1d5c1e-0000-7000-8000-000000000001".into(), ..first };
    put_session(&phone, &asked).await;
    phone.sync(silent()).await.expect("renewed");
    let second = session(&phone).await;
    assert_ne!(second.access, asked.access);

    // The answer was lost: the same request with the same id gets the same successor.
    put_session(&phone, &asked).await;
    phone.sync(silent()).await.expect("renewed again");
    assert_eq!(session(&phone).await.access, second.access);

    // Another id with the used token is a replay: the session ends, the enrolment does not.
    let replay = Session { request_id: "6f1d5c1e-0000-7000-8000-000000000002".into(), ..asked };
    put_session(&phone, &replay).await;
    phone.sync(silent()).await.expect("signed in again");
    assert_ne!(session(&phone).await.access, second.access);

    // A token that this server never gave.
    let unknown = Session { access: "oa_unknown".into(), refresh: "or_unknown".into(), ..session(&phone).await };
    put_session(&phone, &unknown).await;
    phone.sync(silent()).await.expect("signed in once more");
}
