//! Records what this code's phone asks and what its server says, in a circle where newer apps have written.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use osteon_client::{Phone, events::silent, records::NewRecord};
use osteon_proto::{
    care,
    meta::Role,
    record,
    split::close,
    sync::{self as pb, sync_service_server::SyncService},
    wire::device::{timestamp, writing},
};
use osteon_server::{
    access::Caller,
    app::{App, hello, push, records, secrets::sha256, stream},
};
use osteon_sync_core::{Note, RecordId, device::Save};
use prost::Message;
use serde_json::Value;
use tokio_stream::StreamExt;
use tonic::{Request, Response, Status};

use crate::{
    EXPECTED, TAPE, copy, enrolled,
    fixture::{Kit, NOW, body, id_of, said, text},
    open, seen, served_by,
    tape::{Asked, Messages, NEWER_FIELD, Tape, changes, serve},
};

const PAIN: u32 = 101;
/// A record type that no version has yet.
const NEWER_TYPE: u32 = 2_040;
/// A value of an enum that no version has yet.
const NEWER_VALUE: i32 = 77;
/// Parts of a page: several pages.
const PAGE: u32 = 3;

/// The server's use cases, with every request and every answer written down.
struct Recorder {
    app: Arc<App>,
    caller: Caller,
    tape: Mutex<Tape>,
}

#[tonic::async_trait]
impl SyncService for Recorder {
    async fn hello(&self, request: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        self.tape.lock().expect("tape").asked.push(Asked::of("Hello", request.get_ref()));
        let answer = hello::hello(&self.app, &self.caller, request.into_inner()).await?;
        self.tape.lock().expect("tape").hellos.push(answer.encode_to_vec());
        Ok(Response::new(answer))
    }

    async fn push(&self, request: Request<pb::PushRequest>) -> Result<Response<pb::PushResponse>, Status> {
        self.tape.lock().expect("tape").asked.push(Asked::of("Push", request.get_ref()));
        let sent = changes(request.get_ref());
        let answer = push::push(&self.app, &self.caller, request.into_inner(), 0).await?;
        self.tape.lock().expect("tape").pushes.push((sent, answer.encode_to_vec()));
        Ok(Response::new(answer))
    }

    type PullStream = Messages;

    async fn pull(&self, request: Request<pb::PullRequest>) -> Result<Response<Messages>, Status> {
        self.tape.lock().expect("tape").asked.push(Asked::of("Pull", request.get_ref()));
        let request = pb::PullRequest { page_size: PAGE, ..request.into_inner() };
        let asked = stream::asked(&self.app, &self.caller, request).await?;
        let messages: Vec<_> = stream::open(Arc::clone(&self.app), self.caller, asked).await?.collect().await;
        let said = messages.iter().flatten().map(Message::encode_to_vec).collect();
        self.tape.lock().expect("tape").pulls.push(said);
        Ok(Response::new(Box::pin(tokio_stream::iter(messages))))
    }

    async fn rebase(&self, _: Request<pb::RebaseRequest>) -> Result<Response<pb::RebaseResponse>, Status> {
        Err(Status::unimplemented("not recorded"))
    }

    async fn offer(&self, _: Request<pb::OfferRequest>) -> Result<Response<pb::OfferResponse>, Status> {
        Err(Status::unimplemented("not recorded"))
    }

    async fn list_feed(&self, _: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        Err(Status::unimplemented("not recorded"))
    }
}

fn pain(worst: u32) -> care::PainEntry {
    let at = care::Moment { at: Some(timestamp(NOW)), utc_offset_min: Some(120), zone: None };
    care::PainEntry {
        worst_24h: Some(worst),
        site: vec!["hip".into()],
        effective_start: Some(at),
        ..Default::default()
    }
}

/// An entry of a newer app: a field, and a value of an enum, that this version does not know.
fn newer_entry() -> Vec<u8> {
    let known = care::PainEntry { certainty: Some(NEWER_VALUE), ..pain(4) };
    close(PAIN, &[known.encode_to_vec().as_slice(), NEWER_FIELD].concat())
}

/// What others have written: a journal of several pages, two versions of one field, what newer apps wrote, a mistake.
async fn others(kit: &Kit, circle: &crate::fixture::Circle) {
    let patient = kit.person(circle.people[0]);
    let mut made = Vec::new();
    for worst in 1..=7 {
        made.push(kit.create(&patient, circle.no, PAIN, &pain(worst)).await.expect("made"));
    }
    for worst in [8, 2] {
        let request = record::WriteRecordRequest {
            circle: circle.no,
            record_id: text(id_of(&made[0])),
            body: Some(body(PAIN, &care::PainEntry { worst_24h: Some(worst), ..Default::default() })),
            ..Default::default()
        };
        records::write(&kit.app, &patient, &request).await.expect("written");
    }
    let mut newer = kit.phone(circle, 0, Role::Patient).await;
    for body in [newer_entry(), close(NEWER_TYPE, b"\x08\x07\x12\x03new")] {
        let write = pb::RecordWrite {
            record: kit.id().to_vec().into(),
            body: Some(body.into()),
            create: true,
            ..Default::default()
        };
        assert_eq!(said(&kit.write(&mut newer, circle.no, write).await), "accepted");
    }
}

/// What waits on the phone: an entry, one of a newer app, and one that will be refused.
async fn own(phone: &Phone, circle: u64) {
    let entry = NewRecord { body: body(PAIN, &pain(6)).to_vec(), label_choice: 0, record: None };
    phone.create(circle, &entry, "").await.expect("saved");
    let newer = NewRecord { body: newer_entry(), label_choice: 0, record: None };
    phone.create(circle, &newer, "").await.expect("saved");
    let unchecked = |state: &mut osteon_client::state::State| {
        let enrolled = state.enrolled_mut()?;
        let me = enrolled.author(circle)?;
        let body = body(PAIN, &pain(99));
        let (_, parts) = writing::creation(circle, me, &body, 0, RecordId([9; 16]), sha256).expect("a body");
        let (lane, form) = (writing::lane_of(PAIN, &parts), enrolled.device.new_form());
        enrolled.device.save(circle, Save { lane, form, parts, note: Note::default() }, NOW).expect("joined");
        Ok(())
    };
    phone.change(unchecked).await.expect("saved");
}

pub(crate) async fn record(folder: &Path) {
    let kit = Kit::memory().await;
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    others(&kit, &circle).await;
    let device = kit.phone(&circle, 0, Role::Patient).await;
    let recorder = Arc::new(Recorder { app: Arc::clone(&kit.app), caller: device.caller, tape: Mutex::default() });
    let (dir, after) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let phone = open(dir.path()).await;
    let made = Mutex::new(Some(enrolled::enrolled(&kit, &device, circle.no, ("", b"")).await));
    let put = |state: &mut osteon_client::state::State| {
        state.enrolled = made.lock().expect("made").take();
        Ok(())
    };
    phone.change(put).await.expect("enrolled");
    own(&phone, circle.no).await;
    phone.close().await;
    fs::create_dir_all(folder).expect("folder");
    copy(dir.path(), folder);
    copy(dir.path(), after.path());
    let phone = open(after.path()).await;
    served_by(&phone, serve(Arc::clone(&recorder)).await).await;
    phone.sync(silent()).await.expect("a sync");
    let (expected, tape) = (seen::of(&phone).await, recorder.tape.lock().expect("tape").to_json());
    tells_of_newer_apps(&expected, &tape);
    write(folder, TAPE, &tape);
    write(folder, EXPECTED, &expected);
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), serde_json::to_string_pretty(value).expect("json") + "\n").expect(name);
}

/// A recording is worth something if what only a newer version knows went over the line and is held.
fn tells_of_newer_apps(expected: &Value, tape: &Value) {
    let (held, said) = (expected["records"].to_string(), tape["pulls"].to_string());
    for (what, text) in [("held", held), ("said", said)] {
        assert!(text.matches(&hex::encode(NEWER_FIELD)).count() >= 2, "a field of a newer version is {what}");
    }
    let types = expected["records"].as_object().expect("records").values().map(|record| &record["type"]);
    assert!(types.into_iter().any(|number| *number == NEWER_TYPE), "a record of a type that nobody knows is held");
    assert_eq!(expected["drafts"].as_array().map(Vec::len), Some(1), "one was refused");
    assert!(tape["pulls"][0].as_array().is_some_and(|pages| pages.len() > 2), "several pages");
}
