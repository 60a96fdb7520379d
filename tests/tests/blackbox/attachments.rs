//! A photo from one phone to another: attached without a network, sent after the entry, fetched, erased with what names it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use osteon_client::{
    Phone as Core, clock::SystemClock, events::silent, ids::OsIds, line::Line, records::NewRecord, session::Invite,
    store::files::Standing,
};
use osteon_proto::care;
use osteon_sync_core::RecordId;
use osteon_tests::{
    body,
    chaos::Relay,
    device::{Invite as Typed, now_ms},
    server::{Server, Setup},
};
use prost::Message;

use crate::commands::{Phone, ends};

const HAZARD: u32 = 352;

async fn phone(server: &Server, invite: &Typed, home: &Path) -> Core {
    let phone = Core::open(home, Arc::new(SystemClock), Arc::new(OsIds::new())).await.expect("a folder");
    let invite = Invite {
        code: invite.code.clone(),
        short_id: invite.short_id.clone(),
        server: format!("https://{}", server.authority()),
        ca_pem: server.ca().expect("ca"),
        device_name: "phone".into(),
    };
    phone.enrol(&invite).await.expect("enrolled");
    phone
}

async fn hazard(phone: &Core, circle: u64) -> RecordId {
    let hazard = care::HomeHazard {
        parent: Some(vec![5; 16].into()),
        room: Some(care::HomeRoom::Kitchen.into()),
        code: Some(2),
        ..Default::default()
    };
    let body = body::raw(HAZARD, &hazard.encode_to_vec()).to_vec();
    phone.create(circle, &NewRecord { body, label_choice: 0, record: None }, "").await.expect("made").record
}

fn photo(bytes: u32) -> Vec<u8> {
    let mut photo = b"\x89PNG\r\n\x1a\n".to_vec();
    photo.extend((0..bytes).map(|i| (i % 253) as u8));
    photo
}

async fn pain(phone: &Core, circle: u64) -> RecordId {
    let new = NewRecord { body: body::pain(4, now_ms()).to_vec(), label_choice: 0, record: None };
    phone.create(circle, &new, "").await.expect("saved").record
}

async fn circle_of(phone: &Core) -> u64 {
    phone.read().await.expect("state").enrolled().expect("enrolled").enrolment.circles[0].circle
}

/// On 2G a photo of five megabytes takes a quarter of an hour; an entry beside it takes seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_on_a_slow_line_is_never_in_the_way_of_entries() {
    const SOON: Duration = Duration::from_secs(6);
    let server = Server::start(Setup::default()).expect("server");
    let relay = Relay::start(server.address(), 1).await.expect("relay");
    relay.calm();
    let dir = tempfile::tempdir().expect("dir");
    let patient = Arc::new(phone(&server, &server.new_circle("patient").expect("invite"), dir.path()).await);
    let circle = circle_of(&patient).await;
    let record = hazard(&patient, circle).await;
    patient.sync(silent()).await.expect("sent");
    patient.attach(circle, record, &photo(5_000_000), "").await.expect("attached");
    let moved = |state: &mut osteon_client::state::State| {
        state.enrolled_mut()?.enrolment.server = format!("https://localhost:{}", relay.port());
        Ok(())
    };
    patient.change(moved).await.expect("by way of what counts");
    patient.set_line(Line::Slow2g).await.expect("slow");
    let lives = Arc::clone(&patient);
    let live = tokio::spawn(async move { lives.live(silent()).await });
    let sent = async |limit: Duration| {
        let began = Instant::now();
        while patient.status().await.expect("status").to_send > 0 {
            assert!(began.elapsed() < limit, "an entry has waited for {:?}", began.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    };
    sent(Duration::from_secs(30)).await;
    let (mut slowest, mut in_between) = (Duration::ZERO, 0);
    for _ in 0..4 {
        // The photo is on its way.
        let (before, began) = (relay.up(), Instant::now());
        while relay.up() < before + 8_000 {
            assert!(began.elapsed() < Duration::from_secs(30), "the photo does not go on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        in_between += relay.up() - before;
        pain(&patient, circle).await;
        slowest = slowest.max(sent(SOON).await);
    }
    live.abort();
    let _ = live.await;
    let named = patient.attachments(circle, record).await.expect("named");
    assert_eq!(named[0].standing, Some(Standing::ToSend), "entries went first, the photo is on its way");
    println!("the slowest entry took {slowest:?}; in between the photo brought {in_between} bytes on their way");
    patient.set_line(Line::Good).await.expect("good");
    patient.sync(silent()).await.expect("and it comes to its end");
    assert_eq!(patient.attachments(circle, record).await.expect("named")[0].standing, Some(Standing::Here));
}

/// What is saved while a photo is being sent goes with the same sync; what is fetched over a slow line comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_saved_beside_a_photo_goes_before_its_end_and_a_photo_comes_over_2g() {
    let server = Server::start(Setup::default()).expect("server");
    let dir = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let patient = Arc::new(phone(&server, &invite, &dir.path().join("patient")).await);
    let circle = circle_of(&patient).await;
    let record = hazard(&patient, circle).await;
    patient.sync(silent()).await.expect("sent");
    let photo = photo(150_000);
    patient.attach(circle, record, &photo, "").await.expect("attached");
    // Its entry is sent, it is not.
    patient.set_line(Line::Slow2g).await.expect("slow");
    let syncs = Arc::clone(&patient);
    let sync = tokio::spawn(async move { syncs.sync(silent()).await });
    let waits = async || patient.status().await.expect("status").to_send;
    while waits().await > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    pain(&patient, circle).await;
    while waits().await > 0 {
        assert!(!sync.is_finished(), "it ended with an entry unsent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!sync.is_finished(), "the entry came before the photo's end");
    patient.set_line(Line::Good).await.expect("good");
    sync.abort();
    let _ = sync.await;
    patient.sync(silent()).await.expect("the rest of it");

    let invite = server.invite_into(&invite.short_id, "nurse").expect("invite");
    let nurse = phone(&server, &invite, &dir.path().join("nurse")).await;
    nurse.sync(silent()).await.expect("received");
    nurse.set_line(Line::Slow2g).await.expect("slow");
    assert_eq!(nurse.fetch(circle, record).await.expect("before the call is given up")[0].bytes, photo);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_goes_from_phone_to_phone() {
    let server = Server::start(Setup::default()).expect("server");
    let dir = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let (own, theirs) = (dir.path().join("patient"), dir.path().join("nurse"));
    let patient = phone(&server, &invite, &own).await;
    let invite = server.invite_into(&invite.short_id, "nurse").expect("invite");
    let nurse = phone(&server, &invite, &theirs).await;
    let circle = patient.read().await.expect("state").enrolled().expect("enrolled").enrolment.circles[0].circle;

    patient.set_offline(true).await.expect("offline");
    let record = hazard(&patient, circle).await;
    let photo = photo(700_000);
    patient.attach(circle, record, &photo, "").await.expect("attached");
    assert!(patient.sync(silent()).await.is_err(), "nothing is sent");

    patient.set_offline(false).await.expect("online");
    patient.sync(silent()).await.expect("the entry, then the photo");
    let named = patient.attachments(circle, record).await.expect("named");
    assert_eq!(named[0].standing, Some(Standing::Here), "it was sent");
    nurse.sync(silent()).await.expect("received");
    assert_eq!(nurse.attachments(circle, record).await.expect("named")[0].standing, None, "not before it is asked for");
    let fetched = nurse.fetch(circle, record).await.expect("fetched");
    assert_eq!(fetched[0].bytes, photo);
    nurse.set_offline(true).await.expect("offline");
    assert_eq!(nurse.fetch(circle, record).await.expect("kept")[0].bytes, photo);
    nurse.set_offline(false).await.expect("online");

    // In a terminal.
    let digits = hex::encode(record.0)[24..].to_owned();
    let terminal = Phone::new(&server, &theirs);
    let folder = dir.path().join("out");
    std::fs::create_dir(&folder).expect("a folder");
    ends(&terminal.run(&["fetch", &digits, "--to", folder.to_str().expect("text")]), 0, "700008 bytes");
    let written = std::fs::read_dir(&folder).expect("files").next().expect("a file").expect("read").path();
    assert_eq!(std::fs::read(&written).expect("read"), photo);

    // Another photo in its place: what nothing names goes from both phones.
    let other = dir.path().join("other.pdf");
    std::fs::write(&other, b"%PDF-1.7\nof another kitchen").expect("written");
    let terminal = Phone::new(&server, &own);
    ends(&terminal.run(&["attach", &digits, other.to_str().expect("text")]), 0, "Attached (27 bytes)");
    // Nobody else has it: it is counted, and asked about before it is forgotten.
    ends(&terminal.run(&["status"]), 0, "photos or papers: 1, after the entries");
    ends(&terminal.run(&["wipe"]), 5, "photos or papers: 1");
    ends(&terminal.run(&["sync"]), 0, "");
    ends(&terminal.run(&["status"]), 0, "0 entries\n");
    nurse.sync(silent()).await.expect("received");
    let kept = std::fs::read_dir(theirs.join("attachments")).map_or(0, Iterator::count);
    assert_eq!(kept, 0, "the first one is erased on the nurse's phone");
    assert_eq!(nurse.fetch(circle, record).await.expect("fetched")[0].bytes, b"%PDF-1.7\nof another kitchen");
}
