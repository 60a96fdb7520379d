//! Attachments on a phone without a network: kept sealed, named by their entry, gone with the phone.

use crate::enrolled;
use std::path::Path;

use crate::enrolled::{CIRCLE, body, enrolled};
use osteon_client::{Error, Phone, attachments::MAX_BYTES, records::NewRecord, store::files::Standing};
use osteon_proto::{attachment::MediaType, care, meta::Role, reasons::Reason};
use osteon_sync_core::RecordId;

fn photo(size: usize) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0".to_vec();
    bytes.extend((4..size).map(|i| (i % 251) as u8));
    bytes
}

async fn made(phone: &Phone, member: &str, message: &impl prost::Message) -> RecordId {
    let new = NewRecord { body: body(member, message), label_choice: 0, record: None };
    phone.create(CIRCLE, &new, "").await.unwrap().record
}

fn hazard() -> care::HomeHazard {
    care::HomeHazard {
        parent: Some(vec![5; 16].into()),
        room: Some(care::HomeRoom::Kitchen.into()),
        code: Some(2),
        ..Default::default()
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder.join("attachments")) else { return Vec::new() };
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn reason(error: Error) -> Reason {
    match error {
        Error::Refused { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_photo_is_kept_sealed_and_named_by_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let phone = enrolled(folder.path(), Role::Patient).await;
    let record = made(&phone, "home_hazard", &hazard()).await;
    assert!(phone.fetch(CIRCLE, record).await.unwrap().is_empty());
    // More than one frame, and no whole number of them.
    let bytes = photo(200_001);
    phone.attach(CIRCLE, record, &bytes, "").await.unwrap();
    let named = phone.attachments(CIRCLE, record).await.unwrap();
    assert_eq!(named.iter().map(|one| one.standing).collect::<Vec<_>>(), [Some(Standing::ToSend)]);
    let kept = files(folder.path());
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].windows(16).any(|window| window == &bytes[100..116]), "sealed");
    phone.close().await;

    // After a restart too.
    let phone = Phone::open(
        folder.path(),
        std::sync::Arc::new(osteon_client::clock::SetClock::at(enrolled::NOW)),
        std::sync::Arc::new(osteon_client::ids::SeededIds::new(2)),
    );
    let phone = phone.await.unwrap();
    let fetched = phone.fetch(CIRCLE, record).await.unwrap();
    assert_eq!((fetched.len(), fetched[0].media_type), (1, MediaType::Jpeg));
    assert_eq!(fetched[0].bytes, bytes);
    phone.wipe().await.unwrap();
    assert!(files(folder.path()).is_empty(), "gone with the phone");
}

#[tokio::test]
async fn what_cannot_be_attached_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let phone = enrolled(folder.path(), Role::Patient).await;
    let record = made(&phone, "home_hazard", &hazard()).await;
    let pain = made(&phone, "pain_entry", &care::PainEntry { worst_24h: Some(3), ..Default::default() }).await;
    let attach =
        async |record, bytes: &[u8]| reason(phone.attach(CIRCLE, record, bytes, "").await.expect_err("refused"));
    assert_eq!(attach(record, b"<html>").await, Reason::AttachmentUnfit);
    assert_eq!(attach(record, b"").await, Reason::AttachmentUnfit);
    assert_eq!(attach(record, &photo(MAX_BYTES + 1)).await, Reason::LimitExceeded);
    assert_eq!(attach(pain, &photo(9_000)).await, Reason::FieldNotWritable);
    let other = phone.attach(CIRCLE, RecordId([9; 16]), &photo(9_000), "").await;
    assert!(matches!(other, Err(Error::NoRecord)));
    assert!(files(folder.path()).is_empty());
}
