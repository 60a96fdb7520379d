//! What the recorded phones of tests/compat went through, and what must be found in them, by this version and every later
//! one. [`record`] makes a folder, [`replay`] opens one.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use osteon_client::{
    Phone,
    clock::SetClock,
    events::silent,
    ids::SeededIds,
    records::{Entry, NewRecord},
    state::author,
    views::sha256,
};
use osteon_proto::{
    care, meta,
    split::close,
    table::table,
    wire::device::{timestamp, writing},
};
use osteon_sync_core::{
    Change, Clock, Dot, Note, Part, PartId, RecordId, Replica,
    device::{Confirmed, ConfirmedPart},
    lifecycle::State as Life,
};
use prost::Message;
use serde_json::{Value, json};

use crate::{
    enrolled::{CIRCLE, NOW, body, enrolled},
    stand_in::{Say, StandIn},
};

/// What of a folder is kept.
const FILES: [&str; 2] = ["phone.db", "phone.key"];
const EXPECTED: &str = "expected.json";
/// A record type that no version has yet.
const NEWER_TYPE: u32 = 2_040;
/// A field that no version has yet: number 1999, the text "newer".
const NEWER_FIELD: &[u8] = b"\xfa\x7c\x05newer";

fn pain(worst: u32) -> NewRecord {
    let effective_start = Some(care::Moment { at: Some(timestamp(NOW)), ..Default::default() });
    let site = vec!["lower_back".into()];
    let entry = care::PainEntry { worst_24h: Some(worst), site, effective_start, ..Default::default() };
    NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None }
}

fn plan(minutes: u32) -> Vec<u8> {
    body("exercise_plan", &care::ExercisePlan { max_minutes_session: Some(minutes), ..Default::default() })
}

/// An entry of a newer app: a field, and a value of an enum, that this version does not know.
fn newer_entry() -> Vec<u8> {
    let number = table().by_name("pain_entry").unwrap().number;
    let known = care::PainEntry { worst_24h: Some(4), certainty: Some(77), ..Default::default() };
    close(number, &[known.encode_to_vec().as_slice(), NEWER_FIELD].concat())
}

fn newer_record() -> Vec<u8> {
    close(NEWER_TYPE, b"\x08\x07\x12\x03new")
}

async fn save(phone: &Phone, new: &NewRecord) -> RecordId {
    phone.create(CIRCLE, new, "").await.unwrap().record
}

/// Records that others wrote, as a page brings them.
pub(crate) async fn receive(phone: &Phone, bodies: &[(u64, Vec<u8>)]) {
    let by = author(77, meta::Role::Physiotherapist as i32);
    let mut parts: Vec<(PartId, ConfirmedPart)> = Vec::new();
    for (n, body) in bodies {
        let mut id = [0x70; 16];
        id[8..].copy_from_slice(&n.to_be_bytes());
        let (_, made) = writing::creation(CIRCLE, by, body, 0, RecordId(id), sha256).unwrap();
        let dot = Dot { replica: Replica { epoch: 1, n: 9 }, counter: *n };
        let clock = Clock { ms: NOW - 86_400_000, logical: 0 };
        let change =
            Change { dot, clock, author: by, base: 0, earlier: Vec::new(), parts: made, note: Note::default() };
        for written in &change.parts {
            let mut part = Part::default();
            part.merge(change.origin(), &written.writes, &|_: Dot| true);
            let class = table().get(written.type_number).map_or(3, |known| known.class as u8);
            let (type_number, read, extra) = (written.type_number, 1, Vec::new());
            parts.push((written.part, ConfirmedPart { part, type_number, class, read, extra }));
        }
    }
    phone
        .change(|state| {
            let mirror = state.enrolled_mut()?.confirmed.entry(CIRCLE).or_default();
            parts.iter().for_each(|(id, part)| mirror.put(*id, part.clone()));
            Ok(())
        })
        .await
        .unwrap();
}

/// A phone with everything that a database holds: accepted, refused and held changes, one whose answer was lost, unsent
/// ones, an edit, an ending, what others wrote, and what only a newer version knows.
async fn live(phone: &Phone, server: &StandIn) {
    save(phone, &pain(9)).await;
    phone.sync(silent()).await.unwrap();
    for (say, worst) in [(Say::Refuse("OUT_OF_RANGE"), 8), (Say::Quarantine, 7)] {
        server.say(say);
        save(phone, &pain(worst)).await;
        phone.sync(silent()).await.unwrap();
    }
    server.say(Say::Lose);
    save(phone, &pain(6)).await;
    let _ = phone.sync(silent()).await;
    phone.set_offline(true).await.unwrap();
    server.say(Say::Accept);
    receive(phone, &[(1, plan(40)), (2, newer_entry()), (3, newer_record())]).await;
    for worst in 0..40 {
        save(phone, &pain(worst % 11)).await;
    }
    save(phone, &NewRecord { body: newer_record(), label_choice: 0, record: None }).await;
    let kind = table().by_name("exercise_plan").unwrap().number;
    let found = {
        let state = phone.read().await.unwrap();
        state.enrolled().unwrap().view(CIRCLE, NOW).unwrap().of_type(kind)[0].record
    };
    let form = phone.open_form(CIRCLE, found).await.unwrap();
    phone.save(&form, &Entry::of_body(&plan(20)).unwrap(), "the back hurts", false).await.unwrap();
    let mistaken = save(phone, &pain(10)).await;
    let form = phone.open_form(CIRCLE, mistaken).await.unwrap();
    phone.end(&form, Life::EnteredInError, "the wrong day").await.unwrap();
}

/// Everything that a person could see of it, and what waits.
async fn seen(phone: &Phone) -> Value {
    let mut status = phone.status().await.unwrap();
    let outcomes: Vec<Value> =
        phone.outcomes().await.unwrap().iter().map(|one| json!([one.n, one.outcome.word()])).collect();
    let state = phone.read().await.unwrap();
    let view = state.enrolled().unwrap().view(CIRCLE, NOW).unwrap();
    let records: BTreeMap<String, Value> = view
        .records()
        .iter()
        .map(|record| {
            let fields: Vec<Value> = record
                .fields
                .iter()
                .map(|f| json!([f.number, hex::encode(&f.element), f.value().map(hex::encode), f.versions.len()]))
                .collect();
            let said = json!({
                "type": record.type_number,
                "active": record.is_active(),
                "unsent": record.unsent,
                "fields": fields,
            });
            (hex::encode(record.record.0), said)
        })
        .collect();
    let circle = status.circles.remove(0);
    json!({
        "to_send": status.to_send,
        "held": status.held,
        "drafts": status.drafts.iter().map(|draft| &draft.reason).collect::<Vec<_>>(),
        "offline": matches!(status.server.reach, osteon_client::status::Reach::Off { .. }),
        "circle": [circle.short_id, circle.role, circle.records],
        "damaged": status.damage.is_some(),
        "outcomes": outcomes,
        "records": records,
    })
}

/// Sends what waits; the contents that the server has then, by lane and number.
async fn sent(phone: &Phone, server: &StandIn) -> Value {
    server.serve(phone).await;
    phone.set_offline(false).await.unwrap();
    phone.sync(silent()).await.unwrap();
    server.books.lock().unwrap().to_json()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for name in FILES {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
        // What keeps the files does not keep their modes.
        std::fs::set_permissions(to.join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

async fn open(folder: &Path) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(5))).await.unwrap()
}

/// Makes a folder of this version.
pub(crate) async fn record(folder: &Path) {
    let (dir, after, server) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), StandIn::start().await);
    let phone = enrolled(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    live(&phone, &server).await;
    let (seen, known) = (seen(&phone).await, server.books.lock().unwrap().to_json());
    phone.close().await;
    std::fs::create_dir_all(folder).unwrap();
    copy(dir.path(), folder);
    copy(dir.path(), after.path());
    let sent = sent(&open(after.path()).await, &server).await;
    let expected = json!({"seen": seen, "known": known, "sent": sent});
    std::fs::write(folder.join(EXPECTED), serde_json::to_string_pretty(&expected).unwrap() + "\n").unwrap();
}

/// Opens a folder with this version, and looks whether all is there, then sends what waits.
pub(crate) async fn replay(folder: &Path) {
    let dir = tempfile::tempdir().unwrap();
    copy(folder, dir.path());
    holds_and_sends(dir.path(), folder, "").await;
}

/// The same with what became of a copy of it.
pub(crate) async fn holds_and_sends(dir: &Path, folder: &Path, what: &str) {
    let at = format!("{} {what}", folder.display());
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.join(EXPECTED)).unwrap()).unwrap();
    let server = StandIn::start().await;
    // Twice: what the first opening moved into its own form is there as it was.
    for time in ["once", "twice"] {
        let phone = open(dir).await;
        assert_eq!(seen(&phone).await, expected["seen"], "{at}, opened {time}");
        phone.close().await;
    }
    assert!(!dir.join("phone.db.damaged").exists(), "{at}: taken for damaged");
    let phone = open(dir).await;
    server.books.lock().unwrap().read_json(&expected["known"]);
    assert_eq!(sent(&phone, &server).await, expected["sent"], "{at}: what it sends");
    let (forged, skips) = {
        let books = server.books.lock().unwrap();
        (books.forged, books.skips)
    };
    assert_eq!((forged, skips), (0, 0), "{at}");
    assert_eq!(phone.status().await.unwrap().to_send, 0, "{at}");
}
