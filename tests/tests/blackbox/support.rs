//! What the modules share: a server with a patient, and what an error must look like.

use osteon_proto::sync;
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id, verdict_word},
    server::{Server, Setup},
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// A server on SQLite, and one patient in a circle of their own.
pub(crate) async fn server_with_patient() -> (Server, Device) {
    let server = Server::start(Setup::default()).expect("server");
    let patient = Device::patient(&server).await.expect("patient");
    (server, patient)
}

/// A second member of the device's circle.
pub(crate) async fn member(server: &Server, of: &Device, role: &str) -> Device {
    let hello = of.hello().await.expect("hello");
    let circle = hello.circles.iter().find(|circle| circle.circle == of.circle).expect("own circle");
    invited(server, &circle.short_id, role).await
}

/// A device of somebody who is invited into a circle.
pub(crate) async fn invited(server: &Server, short_id: &str, role: &str) -> Device {
    let invite = server.invite_into(short_id, role).expect("invite");
    Device::enrol(server.channel().expect("channel"), &invite).await.expect("enrol")
}

/// The call failed with this code and this stable reason, and its text holds nothing but words of ours.
#[track_caller]
pub(crate) fn refused<T>(result: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = match result {
        Ok(_) => panic!("answered, but {reason} was due"),
        Err(status) => status,
    };
    assert_eq!(status.code(), code, "{}", status.message());
    assert_eq!(reason_of(&status), reason, "{}", status.message());
    status
}

pub(crate) fn reason_of(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// The name of the limit that a LIMIT_EXCEEDED names.
pub(crate) fn limit_of(status: &Status) -> String {
    status.get_details_error_info().and_then(|info| info.metadata.get("limit").cloned()).unwrap_or_default()
}

/// The one verdict of a push of one change.
#[track_caller]
pub(crate) fn only(verdicts: &[sync::Verdict]) -> String {
    assert_eq!(verdicts.len(), 1, "one verdict was due");
    verdict_word(&verdicts[0])
}

/// The field paths of a refusal.
pub(crate) fn violations(verdict: &sync::Verdict) -> Vec<String> {
    match &verdict.verdict {
        Some(sync::verdict::Verdict::Refused(refused)) => {
            refused.violations.iter().map(|violation| violation.field.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// Nothing was lost and the server goes on: a new entry is accepted and comes back, together with `earlier`.
pub(crate) async fn goes_on(device: &mut Device, earlier: &[[u8; 16]]) {
    let ms = now_ms();
    let record = record_id(ms);
    let verdicts = device.push_urgent(vec![body::create(record, body::pain(4, ms))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]), "{}", verdict_word(&verdicts[0]));
    let parts = device.parts().await.expect("pull");
    for wanted in earlier.iter().chain([&record]) {
        assert!(parts.iter().any(|part| part.record == wanted[..]), "a record is missing");
    }
}

/// Pushes `n` entries that are accepted; their ids.
pub(crate) async fn entries(device: &mut Device, n: usize) -> Vec<[u8; 16]> {
    let ms = now_ms();
    let records: Vec<_> = (0..n).map(|_| record_id(ms)).collect();
    for chunk in records.chunks(50) {
        let changes = chunk.iter().map(|record| body::create(*record, body::pain(3, ms))).collect();
        let verdicts = device.push_urgent(changes).await.expect("push");
        assert!(verdicts.len() == chunk.len() && verdicts.iter().all(is_accepted));
    }
    records
}

/// What is in force of one field of a record, as this device is told: its wire bytes, one per element of a set.
pub(crate) async fn field(device: &Device, record: &[u8; 16], number: u32) -> Vec<Vec<u8>> {
    let parts = device.parts().await.expect("pull");
    let bodies = parts.iter().filter(|part| part.record == record[..]).filter_map(|part| part.body.as_deref());
    let mut found = Vec::new();
    for body in bodies {
        let (_, _, split) = osteon_proto::split::split_body(body).expect("a canonical body");
        found.extend(split.chunks().filter(|chunk| chunk.number == number).map(|chunk| chunk.bytes.to_vec()));
    }
    found
}
