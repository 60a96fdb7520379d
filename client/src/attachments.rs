//! Photos and papers of an entry: attached without a network, sent after the entries, fetched when somebody wants to see one,
//! erased with what names them.
//!
//! An entry is never behind an attachment: chunks are sent only while nothing waits in the outbox, one at a time, and as large as
//! the link carries in a second or two. Where the last one ended the server knows: a lost connection or a restart costs a chunk.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use osteon_proto::{
    attachment::{self as pb, MediaType},
    care,
    reasons::Reason,
    refers::{self, media_of, named},
    table::{FieldInfo, Kind, RecordType},
};
use osteon_sync_core::RecordId;
use prost::Message;

use crate::{
    error::{Error, Result},
    phone::Phone,
    records::{Entry, Saved},
    store::files::{Kept, Standing},
    transport::{Transport, call, with_token},
    views::{RecordView, sha256},
};

/// As the server's limit.
pub const MAX_BYTES: usize = 20_000_000;
/// The first chunk; what comes after it is as large as the link carries. With 2G it holds up an entry for less than three seconds.
const FIRST_CHUNK: usize = 16_384;
/// A chunk that takes longer is halved, one that takes less than half of it is doubled.
const CHUNK_TIME: Duration = Duration::from_secs(2);
/// So much is asked for in the first answer, and in any at the most: more than 2G brings before the call is given up would
/// never come.
const FIRST_FETCH: usize = 65_536;
const MOST_FETCH: usize = 786_432;
/// A place where attachments are looked for while a phone is live.
const LOOK: Duration = Duration::from_secs(2);
const WISHES: u32 = 341;

/// An attachment that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub field: u32,
    pub sha256: [u8; 32],
    /// `None`: the bytes are not on this phone.
    pub standing: Option<Standing>,
}

/// An attachment with its bytes.
pub struct Fetched {
    pub named: Named,
    pub media_type: MediaType,
    pub bytes: Vec<u8>,
}

/// What became of attachments in one turn.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Turn {
    pub sent: usize,
    /// The server will not have them: the right is gone, or the clinic's room.
    pub refused: usize,
    /// An entry came in between, or the server is busy.
    pub left: usize,
}

fn refused(reason: Reason, path: impl Into<String>) -> Error {
    Error::Refused { reason, path: path.into() }
}

/// The field of a type that names attachments.
fn field_of(kind: &'static RecordType) -> Option<&'static FieldInfo> {
    kind.shape.fields.iter().find(|field| refers::may_refer(field))
}

/// The value that names it: a text, or an element of the wishes' papers.
fn chunk(kind: &RecordType, field: &FieldInfo, sha: &[u8; 32]) -> Vec<u8> {
    let text = refers::text(sha);
    let value = match &field.kind {
        Kind::Message(_) if kind.number == WISHES => {
            care::WishDocument { r#ref: Some(text), ..Default::default() }.encode_to_vec()
        }
        _ => text.into_bytes(),
    };
    let mut out = Vec::new();
    prost::encoding::encode_key(field.number, prost::encoding::WireType::LengthDelimited, &mut out);
    prost::encoding::encode_varint(value.len() as u64, &mut out);
    out.extend(value);
    out
}

fn named_by(record: &RecordView) -> Vec<(u32, [u8; 32])> {
    let Some(kind) = record.kind() else { return Vec::new() };
    let mut found = Vec::new();
    for field in &record.fields {
        let Some(info) = kind.field(field.number) else { continue };
        let values = field.versions.iter().filter_map(|version| version.value.as_deref());
        found.extend(values.flat_map(|value| named(info, value)).map(|sha| (field.number, sha)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl Phone {
    /// Attaches bytes to an entry: they are kept on this phone, and the entry names them. Works without a network.
    pub async fn attach(&self, circle: u64, record: RecordId, bytes: &[u8], reason: &str) -> Result<Saved> {
        if bytes.len() > MAX_BYTES {
            return Err(refused(Reason::LimitExceeded, "ATTACHMENT_BYTES"));
        }
        let media_type = media_of(bytes);
        if media_type == MediaType::Unspecified {
            return Err(refused(Reason::AttachmentUnfit, "a photo (JPEG, PNG, HEIC, WebP) or a PDF"));
        }
        let kind = {
            let state = self.read().await?;
            let view = state.enrolled()?.view(circle, self.now_ms())?.record(record).ok_or(Error::NoRecord)?;
            view.kind().ok_or(Error::NoRecord)?
        };
        let field = field_of(kind).ok_or_else(|| refused(Reason::FieldNotWritable, kind.member.clone()))?;
        let sha = sha256(&[bytes]);
        let kept = Kept {
            circle,
            record: record.0.to_vec(),
            record_type: kind.number,
            field: field.number,
            sha256: sha.to_vec(),
            size: bytes.len() as u64,
            media_type: media_type.into(),
        };
        // The bytes first: an entry that names nothing is worse than bytes that nothing names, which go by themselves.
        self.store.keep(&kept, Standing::ToSend, bytes)?;
        let entry = Entry::Put { field: field.number, chunk: chunk(kind, field, &sha) };
        let form = self.open_form(circle, record).await?;
        match self.save(&form, &[entry], reason, false).await {
            Ok(saved) => Ok(saved),
            Err(error) => {
                self.store.forget(&kept)?;
                Err(error)
            }
        }
    }

    /// What a record names, and whether it is here.
    pub async fn attachments(&self, circle: u64, record: RecordId) -> Result<Vec<Named>> {
        let view = {
            let state = self.read().await?;
            state.enrolled()?.view(circle, self.now_ms())?.record(record).ok_or(Error::NoRecord)?
        };
        let standing = |sha256: [u8; 32]| {
            let kept = Self::place(circle, &view, 0, sha256);
            [Standing::Here, Standing::ToSend, Standing::Coming].into_iter().find(|s| self.store.stands(&kept, *s))
        };
        let one = |(field, sha256)| Named { field, sha256, standing: standing(sha256) };
        Ok(named_by(&view).into_iter().map(one).collect())
    }

    fn place(circle: u64, view: &RecordView, field: u32, sha256: [u8; 32]) -> Kept {
        Kept {
            circle,
            record: view.record.0.to_vec(),
            record_type: view.type_number,
            field,
            sha256: sha256.to_vec(),
            size: 0,
            media_type: 0,
        }
    }

    /// The bytes of everything that a record names: from this phone, or from the server, going on where it broke off.
    pub async fn fetch(&self, circle: u64, record: RecordId) -> Result<Vec<Fetched>> {
        let mut all = Vec::new();
        for named in self.attachments(circle, record).await? {
            let kept = self.whole(circle, record, &named).await?;
            let standing = if self.store.stands(&kept, Standing::Here) { Standing::Here } else { Standing::ToSend };
            let bytes = self.store.bytes_of(&kept, standing, 0, MAX_BYTES)?;
            if sha256(&[&bytes]) != named.sha256 {
                self.store.forget(&kept)?;
                return Err(Error::Damaged("an attachment"));
            }
            let named = Named { standing: Some(standing), ..named };
            all.push(Fetched { media_type: media_of(&bytes), named, bytes });
        }
        Ok(all)
    }

    /// It is here, or it is brought.
    async fn whole(&self, circle: u64, record: RecordId, named: &Named) -> Result<Kept> {
        let mut kept = Kept {
            circle,
            record: record.0.to_vec(),
            field: named.field,
            sha256: named.sha256.to_vec(),
            ..Kept::default()
        };
        if matches!(named.standing, Some(Standing::Here | Standing::ToSend)) {
            return Ok(kept);
        }
        if self.read().await?.settings.offline {
            return Err(Error::Offline("switched off on this phone"));
        }
        let transport = self.transport().await?;
        let (mut offset, mut size) = (self.store.have(&kept)?, FIRST_FETCH);
        loop {
            let request = pb::ReadAttachmentRequest {
                circle,
                record_id: uuid::Uuid::from_bytes(record.0).to_string(),
                sha256: named.sha256.to_vec().into(),
                offset,
                max_bytes: u32::try_from(size).unwrap_or(u32::MAX),
            };
            let (began, token) = (Instant::now(), self.token(&transport).await?);
            let answer = call(transport.attachments().read_attachment(with_token(request, &token)?)).await?;
            if answer.size > MAX_BYTES as u64 || (answer.data.is_empty() && offset < answer.size) {
                return Err(Error::BadAnswer("an attachment"));
            }
            (kept.size, kept.media_type) = (answer.size, answer.media_type);
            if answer.data.is_empty() {
                break;
            }
            let rest = usize::try_from(answer.size - offset.min(answer.size)).unwrap_or(usize::MAX);
            let whole = self.store.whole_frames(answer.data.len(), rest);
            if whole == 0 {
                return Err(Error::BadAnswer("a piece of an attachment that is too small"));
            }
            offset = self.store.add(&kept, &answer.data[..whole])?;
            size = next_size(size, began.elapsed()).clamp(FIRST_FETCH, MOST_FETCH);
            if offset >= answer.size {
                break;
            }
        }
        let bytes = self.store.bytes_of(&kept, Standing::Coming, 0, MAX_BYTES)?;
        if sha256(&[&bytes]) != named.sha256 {
            self.store.forget(&kept)?;
            return Err(Error::BadAnswer("an attachment whose bytes are not those that the entry names"));
        }
        self.store.becomes(&kept, Standing::Coming, Standing::Here)?;
        Ok(kept)
    }

    /// Erases what nothing on this phone names any more, and sends what waits, as long as no entry does.
    pub async fn turn_attachments(&self) -> Result<Turn> {
        self.prune_attachments().await?;
        let mut turn = Turn::default();
        let waiting = self.store.kept()?.into_iter().filter(|(_, standing)| *standing == Standing::ToSend);
        let waiting: Vec<Kept> = waiting.map(|(kept, _)| kept).collect();
        if waiting.is_empty() {
            return Ok(turn);
        }
        let transport = self.transport().await?;
        for (i, kept) in waiting.iter().enumerate() {
            match self.send_attachment(&transport, kept).await {
                Ok(true) => turn.sent += 1,
                Ok(false) => {
                    turn.left = waiting.len() - i;
                    return Ok(turn);
                }
                Err(Error::Server(answer)) if !answer.may_come_again() => turn.refused += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(turn)
    }

    /// False: an entry waits, or the server has other things to do.
    async fn send_attachment(&self, transport: &Transport, kept: &Kept) -> Result<bool> {
        let record: [u8; 16] = kept.record.as_slice().try_into().map_err(|_| Error::Damaged("an attachment"))?;
        if self.entries_wait().await? {
            return Ok(false);
        }
        let request = pb::BeginUploadRequest {
            circle: kept.circle,
            record_id: uuid::Uuid::from_bytes(record).to_string(),
            record_type: kept.record_type,
            field: kept.field,
            sha256: kept.sha256.clone().into(),
            size: kept.size,
            media_type: kept.media_type,
        };
        let token = self.token(transport).await?;
        let begun = call(transport.attachments().begin_upload(with_token(request, &token)?)).await?;
        let most = begun.max_chunk_bytes.max(1) as usize;
        let least = (begun.min_chunk_bytes as usize).clamp(1, most);
        let (mut at, mut size, mut complete) = (begun.received, FIRST_CHUNK, begun.complete);
        while !complete {
            if self.entries_wait().await? {
                return Ok(false);
            }
            let data = self.store.bytes_of(kept, Standing::ToSend, at, size.clamp(least, most))?;
            let chunk = pb::UploadChunkRequest {
                circle: kept.circle,
                upload_id: begun.upload_id.clone(),
                offset: at,
                data: data.into(),
            };
            let (began, token) = (Instant::now(), self.token(transport).await?);
            match call(transport.attachments().upload_chunk(with_token(chunk, &token)?)).await {
                Ok(taken) => (at, complete) = (taken.received, taken.complete),
                Err(Error::Server(answer)) if answer.reason == Reason::RateLimited.as_str() => return Ok(false),
                Err(error) => return Err(error),
            }
            size = next_size(size, began.elapsed()).clamp(least, most);
        }
        self.store.becomes(kept, Standing::ToSend, Standing::Here)?;
        Ok(true)
    }

    async fn entries_wait(&self) -> Result<bool> {
        let state = self.read().await?;
        Ok(state.enrolled()?.device.circles().any(|(_, circle)| circle.outbox().next().is_some()))
    }

    /// What no record on this phone names goes: its entry was purged, moved away, or names something else.
    async fn prune_attachments(&self) -> Result<()> {
        let kept = self.store.kept()?;
        if kept.is_empty() {
            return Ok(());
        }
        let gone: Vec<Kept> = {
            let state = self.read().await?;
            let enrolled = state.enrolled()?;
            let mut named: BTreeSet<(u64, Vec<u8>, Vec<u8>)> = BTreeSet::new();
            for (circle, _) in enrolled.device.circles() {
                let view = enrolled.view(circle, self.now_ms())?;
                let ids: BTreeSet<Vec<u8>> =
                    kept.iter().filter(|(k, _)| k.circle == circle).map(|(k, _)| k.record.clone()).collect();
                for record in ids.iter().filter_map(|id| <[u8; 16]>::try_from(id.as_slice()).ok()) {
                    let Some(record) = view.record(RecordId(record)) else { continue };
                    let of =
                        named_by(&record).into_iter().map(|(_, sha)| (circle, record.record.0.to_vec(), sha.to_vec()));
                    named.extend(of);
                }
                // A draft names it still: a person decides.
                for draft in view.drafts() {
                    for part in &draft.change.parts {
                        let values = part.writes.iter().filter_map(|write| write.put.as_ref()?.value());
                        let of = values
                            .flat_map(refers::all_in)
                            .map(|sha| (circle, part.part.record.0.to_vec(), sha.to_vec()));
                        named.extend(of);
                    }
                }
            }
            let all = kept.into_iter().map(|(kept, _)| kept);
            let all = all.filter(|k| !self.store.is_fresh(k));
            all.filter(|k| !named.contains(&(k.circle, k.record.clone(), k.sha256.clone()))).collect()
        };
        gone.iter().try_for_each(|kept| self.store.forget(kept))
    }

    /// Beside a live phone: never ends.
    pub(crate) async fn live_attachments(&self) -> std::convert::Infallible {
        loop {
            let ready = match self.read().await {
                Ok(state) => !state.settings.offline && !state.settings.left && state.enrolled.is_some(),
                Err(_) => false,
            };
            if ready && let Err(error) = self.turn_attachments().await {
                tracing::debug!(%error, "attachments wait");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn next_size(size: usize, took: Duration) -> usize {
    if took > CHUNK_TIME {
        size / 2
    } else if took * 2 < CHUNK_TIME {
        size * 2
    } else {
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_as_large_as_the_link_carries() {
        assert_eq!(next_size(65_536, Duration::from_millis(100)), 131_072);
        assert_eq!(next_size(65_536, Duration::from_millis(1_500)), 65_536);
        assert_eq!(next_size(65_536, Duration::from_secs(5)), 32_768);
    }
}
