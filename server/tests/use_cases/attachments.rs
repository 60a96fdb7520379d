//! Attachments: sent by whoever may write the field, read by whoever may read it, gone when nothing names them.

use osteon_proto::{attachment as pb, care, meta::Role, refers};
use osteon_server::{
    access::Caller,
    app::{
        attachments::{read, sweep, upload},
        denials,
        secrets::sha256,
    },
    error::{Error, Reason},
};

use crate::{
    access::{self, write},
    fixture::*,
    redactions::redacted,
};

pub(crate) const HAZARD: u32 = 352;
pub(crate) const PHOTO: u32 = 4;
const DOCUMENTS: u32 = 8;
const EOL: u32 = 341;

fn photo(size: usize) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0".to_vec();
    bytes.extend((4..size).map(|i| (i % 251) as u8));
    bytes
}

fn sha(bytes: &[u8]) -> [u8; 32] {
    sha256(&[bytes])
}

fn announced(circle: u64, record: [u8; 16], bytes: &[u8]) -> pb::BeginUploadRequest {
    pb::BeginUploadRequest {
        circle,
        record_id: text(record),
        record_type: HAZARD,
        field: PHOTO,
        sha256: sha(bytes).to_vec().into(),
        size: bytes.len() as u64,
        media_type: pb::MediaType::Jpeg.into(),
    }
}

fn chunk(circle: u64, begun: &pb::BeginUploadResponse, offset: usize, data: &[u8]) -> pb::UploadChunkRequest {
    let upload_id = begun.upload_id.clone();
    pb::UploadChunkRequest { circle, upload_id, offset: offset as u64, data: data.to_vec().into() }
}

/// Sends it all, in chunks of `step`.
async fn send(
    kit: &Kit,
    who: &Caller,
    request: &pb::BeginUploadRequest,
    bytes: &[u8],
    step: usize,
) -> Result<(), Error> {
    let begun = upload::begin(&kit.app, who, request).await?;
    let mut at = begun.received as usize;
    while at < bytes.len() {
        let end = bytes.len().min(at + step);
        let done = upload::chunk(&kit.app, who, &chunk(request.circle, &begun, at, &bytes[at..end])).await?;
        at = done.received as usize;
        assert_eq!(done.complete, at == bytes.len());
    }
    Ok(())
}

async fn fetch(kit: &Kit, who: &Caller, circle: u64, record: [u8; 16], sha: [u8; 32]) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    loop {
        let request = pb::ReadAttachmentRequest {
            circle,
            record_id: text(record),
            sha256: sha.to_vec().into(),
            offset: all.len() as u64,
            max_bytes: 50_000,
        };
        let answer = read::read(&kit.app, who, &request).await?;
        all.extend_from_slice(&answer.data);
        if answer.data.is_empty() {
            assert_eq!((answer.size, answer.media_type()), (all.len() as u64, pb::MediaType::Jpeg));
            return Ok(all);
        }
    }
}

fn hazard(photo: &[u8]) -> care::HomeHazard {
    care::HomeHazard {
        parent: Some(vec![5; 16].into()),
        room: Some(care::HomeRoom::Kitchen.into()),
        code: Some(1),
        photo_ref: Some(refers::text(&sha(photo))),
        ..Default::default()
    }
}

async fn hazard_of(kit: &Kit, who: &Caller, circle: u64, photo: &[u8]) -> [u8; 16] {
    id_of(&kit.create(who, circle, HAZARD, &hazard(photo)).await.expect("made"))
}

pub(crate) async fn a_photo_is_sent_resumed_and_read(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Dietitian]).await;
    let [patient, physio, dietitian] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let other = kit.circle("d0002", &[Role::Patient]).await;
    let stranger = kit.person(other.people[0]);
    let bytes = photo(120_000);
    let id = hazard_of(&kit, &patient, circle.no, &bytes).await;
    let missing = fetch(&kit, &physio, circle.no, id, sha(&bytes)).await;
    assert_eq!(reason(missing), Reason::AttachmentMissing, "the entry came first");

    let request = announced(circle.no, id, &bytes);
    let begun = upload::begin(&kit.app, &patient, &request).await.expect("begun");
    assert_eq!((begun.received, begun.complete, begun.max_chunk_bytes), (0, false, 524_288));
    let first = chunk(circle.no, &begun, 0, &bytes[..50_000]);
    let small = chunk(circle.no, &begun, 0, &bytes[..100]);
    assert_eq!(reason(upload::chunk(&kit.app, &patient, &small).await), Reason::ArgumentInvalid);
    for _ in 0..2 {
        let taken = upload::chunk(&kit.app, &patient, &first).await.expect("taken");
        assert_eq!((taken.received, taken.complete), (50_000, false), "an answer that was lost");
    }
    assert_eq!(reason(upload::chunk(&kit.app, &physio, &first).await), Reason::NotFound, "another's upload");
    assert_eq!(reason(upload::chunk(&kit.app, &stranger, &first).await), Reason::NotFound);
    // A restart of either side: another node, the same announcement.
    let node = kit.node().await;
    let again = upload::begin(&node.app, &patient, &request).await.expect("found");
    assert_eq!((again.received, &again.upload_id), (50_000, &begun.upload_id));
    send(&node, &patient, &request, &bytes, 40_000).await.expect("sent");
    assert!(upload::begin(&kit.app, &patient, &request).await.expect("known").complete);

    assert_eq!(fetch(&kit, &physio, circle.no, id, sha(&bytes)).await.expect("read"), bytes);
    let hidden = fetch(&kit, &dietitian, circle.no, id, sha(&bytes)).await.expect_err("not theirs");
    let absent = fetch(&kit, &dietitian, circle.no, kit.id(), sha(&bytes)).await.expect_err("not there");
    let unnamed = fetch(&kit, &physio, circle.no, id, [7; 32]).await.expect_err("not named");
    let words = |error: Error| {
        let status = error.into_status();
        (status.code(), status.message().to_owned(), status.details().to_vec())
    };
    let not_found = words(absent);
    assert_eq!([words(hidden), words(unnamed)], [not_found.clone(), not_found]);
    assert_eq!(reason(fetch(&kit, &stranger, circle.no, id, sha(&bytes)).await), Reason::NotFound);
    let rows = kit.app.store.audit_after(circle.no, 0, 500).await.expect("audit");
    let of = |action: &str, account| rows.iter().filter(|r| r.action == action && r.account == account).count();
    assert_eq!(of("attachment.put", circle.people[0]), 1);
    assert_eq!(of("attachment.get", circle.people[1]), 4, "every answer leaves a row");
}

pub(crate) async fn whoever_may_not_write_the_field_sends_nothing(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Dietitian, Role::Physician, Role::Caregiver]).await;
    let [patient, dietitian, physician, caregiver] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let bytes = photo(20_000);
    let begin = async |who: &Caller, request: pb::BeginUploadRequest| upload::begin(&kit.app, who, &request).await;
    let request = announced(circle.no, kit.id(), &bytes);
    assert_eq!(reason(begin(&dietitian, request.clone()).await), Reason::NotFound, "not theirs to know");
    assert_eq!(reason(begin(&physician, request.clone()).await), Reason::FieldNotWritable, "read, not written");
    let eol = pb::BeginUploadRequest { record_type: EOL, field: DOCUMENTS, ..request.clone() };
    assert_eq!(reason(begin(&caregiver, eol.clone()).await), Reason::NotFound);
    assert!(begin(&patient, eol).await.is_ok());
    for (field, record_type) in [(5, HAZARD), (99, HAZARD), (1, 9_999)] {
        let other = pb::BeginUploadRequest { field, record_type, ..request.clone() };
        assert_eq!(reason(begin(&patient, other).await), Reason::ArgumentInvalid, "{record_type}.{field}");
    }
    let large = pb::BeginUploadRequest { size: 20_000_001, ..request.clone() };
    let error = begin(&patient, large).await.expect_err("too large");
    assert_eq!(error.limit_name(), Some("ATTACHMENT_BYTES"));
    for bad in [
        pb::BeginUploadRequest { size: 0, ..request.clone() },
        pb::BeginUploadRequest { sha256: vec![1; 31].into(), ..request.clone() },
        pb::BeginUploadRequest { media_type: 0, ..request.clone() },
        pb::BeginUploadRequest { media_type: 77, ..request.clone() },
    ] {
        assert_eq!(reason(begin(&patient, bad).await), Reason::ArgumentInvalid);
    }
    // Bytes that are not what was announced.
    let lies = pb::BeginUploadRequest { sha256: vec![3; 32].into(), ..request.clone() };
    assert_eq!(reason(send(&kit, &patient, &lies, &bytes, 20_000).await), Reason::AttachmentUnfit);
    let paper =
        pb::BeginUploadRequest { media_type: pb::MediaType::Pdf.into(), ..announced(circle.no, kit.id(), &bytes) };
    assert_eq!(reason(send(&kit, &patient, &paper, &bytes, 20_000).await), Reason::AttachmentUnfit);
    assert!(!upload::begin(&kit.app, &patient, &paper).await.expect("anew").complete);
    // The clinic's room.
    kit.app.attachments.set_room(60_000);
    let id = hazard_of(&kit, &patient, circle.no, &bytes).await;
    let wrong = pb::BeginUploadRequest { record_type: EOL, field: DOCUMENTS, ..announced(circle.no, id, &photo(9)) };
    assert_eq!(reason(begin(&patient, wrong).await), Reason::ArgumentInvalid);
    let full = begin(&patient, announced(circle.no, kit.id(), &photo(59_000))).await;
    assert_eq!(reason(full), Reason::AttachmentQuota);
}

pub(crate) async fn a_hash_alone_opens_nothing(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physiotherapist]).await;
    let [patient, nurse, physio] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let other = kit.circle("d0002", &[Role::Patient]).await;
    let stranger = kit.person(other.people[0]);
    let paper = photo(20_000);
    let wishes = care::EndOfLifePreferences {
        documents: vec![care::WishDocument { r#ref: Some(refers::text(&sha(&paper))), ..Default::default() }],
        ..Default::default()
    };
    let wishes = id_of(&kit.create(&patient, circle.no, EOL, &wishes).await.expect("wishes"));
    let request = pb::BeginUploadRequest { record_type: EOL, field: DOCUMENTS, ..announced(circle.no, wishes, &paper) };
    send(&kit, &patient, &request, &paper, 20_000).await.expect("sent");
    assert_eq!(fetch(&kit, &patient, circle.no, wishes, sha(&paper)).await.expect("read"), paper);
    assert_eq!(reason(fetch(&kit, &physio, circle.no, wishes, sha(&paper)).await), Reason::NotFound);
    // A field of one's own that names them: the bytes are not shown to whoever has not shown them.
    let forged = hazard_of(&kit, &physio, circle.no, &paper).await;
    assert_eq!(reason(fetch(&kit, &physio, circle.no, forged, sha(&paper)).await), Reason::AttachmentMissing);
    // Nor is it said that they are there: neither in the circle nor in another one.
    let begun = upload::begin(&kit.app, &physio, &announced(circle.no, forged, &paper)).await.expect("begun");
    assert!(!begun.complete && begun.received == 0);
    let elsewhere = hazard_of(&kit, &stranger, other.no, &paper).await;
    let begun = upload::begin(&kit.app, &stranger, &announced(other.no, elsewhere, &paper)).await.expect("begun");
    assert!(!begun.complete && begun.received == 0);
    // Who has them sends them, and they lie there once.
    let before = kit.app.store.attachment_bytes(kit.clinic).await.expect("bytes");
    send(&kit, &physio, &announced(circle.no, forged, &paper), &paper, 20_000).await.expect("sent");
    assert_eq!(kit.app.store.attachment_bytes(kit.clinic).await.expect("bytes"), before - 20_000);
    assert_eq!(fetch(&kit, &nurse, circle.no, forged, sha(&paper)).await.map(|b| b.len()).ok(), Some(20_000));
    // Consent that ends hides the bytes with the field.
    let denial = care::Grant {
        category: Some(care::GrantCategory::C09FallsHome.into()),
        ..access::grant(circle.no, circle.people[2], care::Decision::Deny)
    };
    kit.create(&patient, circle.no, 263, &denial).await.expect("denied");
    assert_eq!(reason(fetch(&kit, &physio, circle.no, forged, sha(&paper)).await), Reason::NotFound);
}

pub(crate) async fn what_nothing_names_goes(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let (first, second) = (photo(20_000), photo(30_000));
    let id = hazard_of(&kit, &patient, circle.no, &first).await;
    send(&kit, &patient, &announced(circle.no, id, &first), &first, 20_000).await.expect("sent");
    // Never finished.
    upload::begin(&kit.app, &patient, &announced(circle.no, id, &second)).await.expect("begun");
    let bytes = async || kit.app.store.attachment_bytes(kit.clinic).await.expect("bytes");
    let sweep = async || sweep::sweep(&kit.app).await.expect("swept");
    assert_eq!((sweep().await, bytes().await), (0, 50_000));
    kit.clock.advance(DAY + 1);
    assert_eq!((sweep().await, bytes().await), (1, 20_000), "an upload of yesterday");
    assert_eq!(fetch(&kit, &nurse, circle.no, id, sha(&first)).await.expect("still named"), first);
    // Another photo takes its place.
    let view = kit.get(&patient, circle.no, id).await.expect("read");
    let other = care::HomeHazard { photo_ref: Some("in the drawer".into()), ..Default::default() };
    write(&kit, &patient, circle.no, &view, "photo_ref", &other).await;
    assert_eq!(reason(fetch(&kit, &nurse, circle.no, id, sha(&first)).await), Reason::NotFound);
    for day in 0..7 {
        kit.clock.advance(DAY + 1);
        assert_eq!(sweep().await, 0, "day {day}: an older version may come back");
    }
    kit.clock.advance(DAY + 1);
    assert_eq!((sweep().await, bytes().await), (1, 0));

    // Redacted: at once.
    let id = id_of(
        &kit.create(&patient, circle.no, HAZARD, &care::HomeHazard { code: Some(2), ..hazard(&second) })
            .await
            .expect("made"),
    );
    send(&kit, &patient, &announced(circle.no, id, &second), &second, 30_000).await.expect("sent");
    let view = kit.get(&patient, circle.no, id).await.expect("read");
    let dot = dots(&view, "photo_ref")[0];
    redacted(&kit, &patient, circle.no, id, dot).await.expect("redacted");
    assert_eq!((bytes().await, sweep().await), (0, 0));
    // Whoever names them again sends them again, also who had sent them.
    let again = care::HomeHazard { code: Some(4), ..hazard(&second) };
    let id = id_of(&kit.create(&patient, circle.no, HAZARD, &again).await.expect("made"));
    assert_eq!(reason(fetch(&kit, &nurse, circle.no, id, sha(&second)).await), Reason::AttachmentMissing);
    let begun = upload::begin(&kit.app, &patient, &announced(circle.no, id, &second)).await.expect("begun");
    assert!(!begun.complete && begun.received == 0);
    assert!(kit.app.store.drop_upload(circle.no, begun.upload_id.as_ref().try_into().unwrap()).await.expect("dropped"));

    // Erased with its circle.
    let third = photo(25_000);
    let id = id_of(
        &kit.create(&patient, circle.no, HAZARD, &care::HomeHazard { code: Some(3), ..hazard(&third) })
            .await
            .expect("made"),
    );
    send(&kit, &patient, &announced(circle.no, id, &third), &third, 25_000).await.expect("sent");
    assert_eq!(bytes().await, 25_000);
    assert!(denials::erase(&kit.app, circle.no, kit.app.now_ms()).await.expect("erased"));
    assert_eq!(bytes().await, 0);
}
