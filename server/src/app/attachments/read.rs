//! Reading bytes: the field that names them decides, as it stands now.

use osteon_proto::{attachment as pb, reasons::Reason, refers::named};
use osteon_sync_core::RecordId;

use super::upload::sha256;
use crate::{
    access::Caller,
    app::{App, look::Looked, records::parse_id, views::moved_from},
    error::Error,
    limits,
};

pub async fn read(
    app: &App,
    caller: &Caller,
    request: &pb::ReadAttachmentRequest,
) -> Result<pb::ReadAttachmentResponse, Error> {
    let record = parse_id(&request.record_id)?;
    let sha256 = sha256(&request.sha256)?;
    let mut session = app.session(caller, request.circle).await?;
    let mut parts = session.record(record, true).await?;
    let before = moved_from(&parts);
    parts.retain(|one| refers(one, &sha256));
    if parts.is_empty() {
        return Err(Error::not_found());
    }
    let name = session.snapshot.keys().name(&sha256);
    let behind_glass = session.scope.behind_glass();
    // Before the audit: nothing waits for the store while it holds one of its readers.
    drop(session);
    let records: Vec<RecordId> = std::iter::once(record).chain(before).collect();
    let found = app.store.attachment(request.circle, &records, name).await?;
    let found = found.ok_or_else(|| Error::new(Reason::AttachmentMissing))?;
    let (size, limit) = (found.size, limits::ATTACHMENT_READ_BYTES.max);
    let wanted = if request.max_bytes == 0 { limit } else { limit.min(u64::from(request.max_bytes)) };
    let (from, to) = (request.offset.min(size), request.offset.saturating_add(wanted).min(size));
    let mut data = Vec::new();
    if from < to {
        for (at, chunk) in app.store.chunks(request.circle, found.chunks, from, to).await? {
            let cut = |edge: u64| usize::try_from(edge.saturating_sub(at)).unwrap_or(usize::MAX).min(chunk.len());
            data.extend_from_slice(&chunk[cut(from)..cut(to)]);
        }
        if data.len() as u64 != to - from {
            // It was removed in between.
            return Err(Reason::AttachmentMissing.into());
        }
    }
    app.note_read(caller, request.circle, "attachment.get", record, &parts, behind_glass).await?;
    Ok(pb::ReadAttachmentResponse { data: data.into(), size, media_type: i32::from(found.kind) })
}

/// Whether a live version of a field of this part names the bytes.
fn refers(one: &Looked, sha256: &[u8; 32]) -> bool {
    let Some(known) = one.known else { return false };
    one.part.fields().any(|(field, mut versions)| {
        let info = known.field(field.number);
        info.is_some_and(|info| versions.any(|version| version.value.is_some_and(|v| named(info, v).contains(sha256))))
    })
}
