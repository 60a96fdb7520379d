//! What the tests of access do to a circle, with nothing but the contracts: records made and written online, consent given
//! and taken back, members taken out.

use bytes::Bytes;
use osteon_proto::{
    care,
    meta::Role,
    record,
    sync::{RecordBody, record_body::Body},
};
use osteon_server::app::ids_for;
use osteon_tests::{
    body,
    device::{Device, Invite},
    server::Server,
};
use prost::Message;
use tonic::Status;

const CARE_CIRCLE: u32 = 261;
const MEMBER: u32 = 262;

/// A member by the command line of the server's machine.
pub(crate) async fn enrol(server: &Server, args: &[&str]) -> Device {
    let answer = server.cli(&[&["invite"], args].concat()).expect("invite");
    let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
    let invite = Invite { code: text("code"), qr: String::new(), short_id: text("short_id") };
    Device::enrol(server.channel().expect("channel"), &invite).await.expect("enrol")
}

pub(crate) async fn short_id(device: &Device) -> String {
    device.hello().await.expect("hello").circles[0].short_id.clone()
}

/// The record that members and grants belong to.
pub(crate) fn parent(circle: u64) -> Bytes {
    ids_for::singleton(circle, CARE_CIRCLE).0.to_vec().into()
}

pub(crate) fn uuid(record: &[u8]) -> String {
    uuid::Uuid::from_slice(record).expect("16 bytes").to_string()
}

pub(crate) fn bytes_of(id: &str) -> [u8; 16] {
    uuid::Uuid::try_parse(id).expect("an id").into_bytes()
}

pub(crate) async fn create(by: &Device, body: Bytes, label_choice: u32) -> Result<record::RecordView, Status> {
    let request = record::CreateRecordRequest {
        circle: by.circle,
        body: Some(body),
        label_choice,
        reason: "for a test".to_owned(),
        ..Default::default()
    };
    let made = by.records().create_record(by.request(request)).await?.into_inner();
    Ok(made.record.expect("a record"))
}

pub(crate) async fn get(by: &Device, record_id: &str) -> Result<record::RecordView, Status> {
    let request = record::GetRecordRequest { circle: by.circle, record_id: record_id.to_owned() };
    let answer = by.records().get_record(by.request(request)).await?.into_inner();
    Ok(answer.record.expect("a record"))
}

/// One field, in the place of what stands.
pub(crate) async fn replace(by: &Device, view: &record::RecordView, name: &str, body: Bytes) -> Result<(), Status> {
    let field = view.fields.iter().find(|field| field.name == name).expect("a field");
    let shown = record::FieldShown { field: field.field, shown: field.shown.clone(), ..Default::default() };
    let request = record::WriteRecordRequest {
        circle: view.circle,
        record_id: view.record_id.clone(),
        body: Some(body),
        shown: vec![shown],
        reason: "for a test".to_owned(),
        ..Default::default()
    };
    by.records().write_record(by.request(request)).await.map(|_| ())
}

/// A grant to one member. Without an end it is refused where the contract demands one.
pub(crate) async fn grant(
    patient: &Device,
    account: u64,
    category: i32,
    decision: care::Decision,
    not_after_ms: Option<u64>,
) -> Result<record::RecordView, Status> {
    let ends = |ms: u64| prost_types::Timestamp { seconds: (ms / 1000) as i64, nanos: (ms % 1000) as i32 * 1_000_000 };
    let grant = care::Grant {
        parent: Some(parent(patient.circle)),
        grantee: Some(care::Grantee { account: Some(account), role: None }),
        category: Some(category),
        decision: Some(decision.into()),
        not_after: not_after_ms.map(ends),
        ..Default::default()
    };
    create(patient, body::encode(Body::Grant(grant)), 0).await
}

/// What was granted is denied.
pub(crate) async fn deny(patient: &Device, granted: &record::RecordView) -> Result<(), Status> {
    let deny = care::Grant { decision: Some(care::Decision::Deny.into()), ..Default::default() };
    let view = get(patient, &granted.record_id).await?;
    replace(patient, &view, "decision", body::encode(Body::Grant(deny))).await
}

/// Takes a member out of the circle.
pub(crate) async fn remove(by: &Device, account: u64, role: Role) -> Result<(), Status> {
    let member = care::CircleMember {
        parent: Some(parent(by.circle)),
        account: Some(account),
        role: Some(role.into()),
        ..Default::default()
    };
    let record = osteon_server::app::members::creation(by.circle, MEMBER, &member.encode_to_vec()).expect("creation");
    let view = get(by, &uuid(&record.record)).await?;
    let out = care::CircleMember { membership: Some(care::Decision::Deny.into()), ..Default::default() };
    let body = RecordBody { body: Some(Body::CircleMember(out)) }.encode_to_vec();
    replace(by, &view, "membership", body.into()).await
}
