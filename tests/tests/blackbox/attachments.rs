//! A photo from one phone to another: attached without a network, sent after the entry, fetched, erased with what names it.

use std::{path::Path, sync::Arc};

use osteon_client::{
    Phone as Core, clock::SystemClock, events::silent, ids::OsIds, records::NewRecord, session::Invite,
    store::files::Standing,
};
use osteon_proto::care;
use osteon_tests::{
    body,
    device::Invite as Typed,
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
    let hazard = care::HomeHazard {
        parent: Some(vec![5; 16].into()),
        room: Some(care::HomeRoom::Kitchen.into()),
        code: Some(2),
        ..Default::default()
    };
    let body = body::raw(HAZARD, &hazard.encode_to_vec()).to_vec();
    let new = NewRecord { body, label_choice: 0, record: None };
    let record = patient.create(circle, &new, "").await.expect("made").record;
    let mut photo = b"\x89PNG\r\n\x1a\n".to_vec();
    photo.extend((0..700_000u32).map(|i| (i % 253) as u8));
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
    ends(&terminal.run(&["sync"]), 0, "");
    nurse.sync(silent()).await.expect("received");
    let kept = std::fs::read_dir(theirs.join("attachments")).map_or(0, Iterator::count);
    assert_eq!(kept, 0, "the first one is erased on the nurse's phone");
    assert_eq!(nurse.fetch(circle, record).await.expect("fetched")[0].bytes, b"%PDF-1.7\nof another kitchen");
}
