//! Sending bytes: announced, then chunk by chunk, then checked as a whole.

use aws_lc_rs::digest::{Context, SHA256};
use osteon_access_core::{Action, LabelId, decide};
use osteon_proto::{
    attachment as pb,
    reasons::Reason,
    refers::{may_refer, media_of},
    table::table,
};
use osteon_sync_core::RecordId;
use pb::MediaType;

use crate::{
    access::{Caller, signed},
    app::{
        App,
        records::{Session, parse_id},
        rights::field_facts,
    },
    error::Error,
    ids::random,
    limits,
    store::{
        AuditRow, StoreError,
        attachments::{Begun, NewUpload, UploadRow},
    },
};

const ACTION: &str = "attachment.put";
/// Bytes that are read at once while the whole is checked.
const WINDOW: u64 = 1 << 20;

pub async fn begin(
    app: &App,
    caller: &Caller,
    request: &pb::BeginUploadRequest,
) -> Result<pb::BeginUploadResponse, Error> {
    let record = parse_id(&request.record_id)?;
    let sha256 = sha256(&request.sha256)?;
    let kind = media(request.media_type)?;
    if request.size == 0 {
        return Err(Error::field("size", Reason::ArgumentInvalid));
    }
    limits::ATTACHMENT_BYTES.check(usize::try_from(request.size).unwrap_or(usize::MAX))?;
    let mut session = app.session(caller, request.circle).await?;
    may_write(&mut session, record, request).await?;
    let new = NewUpload {
        circle: request.circle,
        clinic: caller.clinic,
        account: caller.account,
        record,
        name: session.snapshot.keys().name(&sha256),
        upload: random(&*app.ids),
        size: request.size,
        kind,
        begun_ms: session.now_ms,
    };
    // Before the write: nothing waits for the store while it holds one of its readers.
    drop(session);
    match app.store.begin_upload(new, app.attachments.room(), limits::ATTACHMENT_UPLOADS_OPEN.usize()).await? {
        Begun::Full => Err(Error::over(Reason::AttachmentQuota, &limits::ATTACHMENT_CLINIC_BYTES)),
        Begun::Complete => Ok(answer(Vec::new(), request.size, true)),
        Begun::Upload(row) if row.new.size != request.size || row.new.kind != kind => {
            Err(Error::field("size", Reason::AttachmentUnfit))
        }
        Begun::Upload(row) => {
            let complete = settle(app, caller, &row).await?;
            Ok(answer(if complete { Vec::new() } else { row.new.upload.to_vec() }, row.received, complete))
        }
    }
}

fn answer(upload_id: Vec<u8>, received: u64, complete: bool) -> pb::BeginUploadResponse {
    pb::BeginUploadResponse {
        upload_id: upload_id.into(),
        received,
        complete,
        max_chunk_bytes: limits::ATTACHMENT_CHUNK_BYTES.u32(),
        min_chunk_bytes: limits::ATTACHMENT_CHUNK_FLOOR.u32(),
    }
}

pub async fn chunk(
    app: &App,
    caller: &Caller,
    request: &pb::UploadChunkRequest,
) -> Result<pb::UploadChunkResponse, Error> {
    limits::ATTACHMENT_CHUNK_BYTES.check(request.data.len())?;
    let id: [u8; 16] = request.upload_id.as_ref().try_into().map_err(|_| Error::not_found())?;
    // Also in the middle: a right that ended ends what was begun under it.
    drop(app.session(caller, request.circle).await?);
    let row = app.store.upload(request.circle, id).await?;
    let mut row = row.filter(|row| row.new.account == caller.account).ok_or_else(Error::not_found)?;
    if request.offset == row.received && row.received < row.new.size {
        let rest = row.new.size - row.received;
        let (size, floor) = (request.data.len() as u64, limits::ATTACHMENT_CHUNK_FLOOR.max);
        if size > rest || size < rest.min(floor) {
            return Err(Error::field("data", Reason::ArgumentInvalid));
        }
        let _slot = app.attachments.slot(caller)?;
        let put = app.store.put_chunk(request.circle, id, request.offset, request.data.to_vec()).await?;
        row.received = put.ok_or_else(Error::not_found)?;
    }
    let complete = settle(app, caller, &row).await?;
    Ok(pb::UploadChunkResponse { received: row.received, complete })
}

/// Checks an upload that has all its bytes, and lets it stand. False: it has not.
async fn settle(app: &App, caller: &Caller, row: &UploadRow) -> Result<bool, Error> {
    let NewUpload { circle, record, upload, .. } = row.new;
    if row.received < row.new.size {
        return Ok(false);
    }
    let audit = AuditRow { record: Some(record), ..app.row(caller, circle, ACTION) };
    if !fits(app, row).await? {
        app.store.drop_upload(circle, upload).await?;
        app.store.audit(vec![AuditRow { outcome: "refused", ..audit }]).await?;
        return Err(Reason::AttachmentUnfit.into());
    }
    let look_ms = app.now_ms() + limits::ATTACHMENT_LOOK_S.max * 1_000;
    match app.store.finish_upload(circle, upload, look_ms).await {
        // Another call of the same upload was faster.
        Ok(false) => {}
        Ok(true) => app.store.audit(vec![AuditRow { count: 1, ..audit }]).await?,
        Err(StoreError::Refused(_)) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    Ok(true)
}

/// Whether the bytes are those that were announced: the name, and how such a file begins.
async fn fits(app: &App, row: &UploadRow) -> Result<bool, Error> {
    let NewUpload { circle, upload, size, kind, .. } = row.new;
    let mut hash = Context::new(&SHA256);
    let (mut at, mut head) = (0, Vec::new());
    while at < size {
        let before = at;
        for (begins, data) in app.store.chunks(circle, upload, at, size.min(at + WINDOW)).await? {
            if begins != at {
                return Err(Error::internal("an upload with a hole"));
            }
            if begins == 0 {
                head = data.iter().take(64).copied().collect();
            }
            hash.update(&data);
            at += data.len() as u64;
        }
        if at == before {
            return Err(Error::internal("an upload with a hole"));
        }
    }
    let mut sha = [0; 32];
    sha.copy_from_slice(hash.finish().as_ref());
    let name = app.store.snapshot(circle).await?.keys().name(&sha);
    Ok(name == row.new.name && i32::from(media_of(&head)) == i32::from(kind))
}

fn media(number: i32) -> Result<u8, Error> {
    let invalid = || Error::field("media_type", Reason::ArgumentInvalid);
    match MediaType::try_from(number) {
        Ok(MediaType::Unspecified) | Err(_) => Err(invalid()),
        Ok(known) => u8::try_from(i32::from(known)).map_err(|_| invalid()),
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| Error::field("sha256", Reason::ArgumentInvalid))
}

/// The right to write the field decides. The record need not be there; one that the caller sees is of the type that was named.
async fn may_write(session: &mut Session, record: RecordId, request: &pb::BeginUploadRequest) -> Result<(), Error> {
    let refers = table().get(request.record_type).and_then(|known| {
        let field = known.field(request.field).filter(|field| may_refer(field))?;
        Some((known, field))
    });
    let (known, field) = refers.ok_or_else(|| Error::field("field", Reason::ArgumentInvalid))?;
    let account = session.member.viewer.account;
    let label = known.label_of(field.number, 0, account);
    let label: LabelId = label.map_err(|_| Error::field("field", Reason::ArgumentInvalid))?;
    let seen = session.parts(&[record], false).await?.remove(&record).unwrap_or_default();
    if seen.iter().any(|one| one.known.is_some_and(|of| of.number != known.number)) {
        return Err(Error::field("record_type", Reason::ArgumentInvalid));
    }
    let author = seen.iter().find_map(|one| osteon_proto::wire::ids::author(one.known, &one.part));
    let own = author.map(|author| author.account == account);
    let (now_ms, member) = (signed(session.now_ms), &session.member);
    let may = |action: &Action<'_>| decide(now_ms, &member.viewer, &member.access.access, action).allowed();
    if !may(&Action::ReadLabel(label)) {
        return Err(Error::not_found());
    }
    if !may(&Action::WriteField { facts: field_facts(known, field), label, own }) {
        return Err(Error::field("field", Reason::FieldNotWritable));
    }
    Ok(())
}
