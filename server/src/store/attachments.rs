//! Bytes that fields of records name. Within a circle the same bytes lie once, under a name that only the circle's key makes;
//! who has shown that they have them stands beside, record by record. Chunks are sealed like parts.
//!
//! Room is counted per clinic: an upload takes its whole size when it begins, and gives it back when it is dropped or turns
//! out to be there already.

use async_trait::async_trait;

use super::{AccountNo, CircleNo, StoreError, UnixMs};
use osteon_sync_core::RecordId;

/// The keyed hash of the bytes' SHA-256: see [`CircleKeys::name`](crate::seal::CircleKeys::name).
pub type Name = [u8; 32];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    pub circle: CircleNo,
    pub clinic: u64,
    pub account: AccountNo,
    pub record: RecordId,
    pub name: Name,
    /// Chosen by the caller at random; what stands already keeps its own.
    pub upload: [u8; 16],
    pub size: u64,
    /// `osteon.attachment.v1.MediaType`.
    pub kind: u8,
    pub begun_ms: UnixMs,
}

/// An upload that is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    pub new: NewUpload,
    pub received: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    Upload(UploadRow),
    /// The account has sent these bytes into the circle before, and they are not doomed: the record is bound to them as well.
    Complete,
    /// The clinic's room is used up.
    Full,
}

/// Bytes that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    pub circle: CircleNo,
    pub name: Name,
    /// The upload that its chunks came with.
    pub chunks: [u8; 16],
    pub size: u64,
    pub kind: u8,
    /// Since when no live version names it.
    pub loose_ms: Option<UnixMs>,
}

/// Of the uploads of one account in one circle, the oldest of those that are more than `open`; never the newest, `keep`.
pub(super) fn oldest_beyond(mut rows: Vec<UploadRow>, keep: [u8; 16], open: usize) -> Vec<NewUpload> {
    let beyond = rows.len().saturating_sub(open);
    rows.retain(|row| row.new.upload != keep);
    rows.sort_by_key(|row| (row.new.begun_ms, row.new.upload));
    rows.into_iter().take(beyond).map(|row| row.new).collect()
}

#[async_trait]
pub trait AttachmentStore {
    /// Begins an upload, or finds the same one. `room`: bytes that the clinic may have; `open`: how many uploads of the account stay
    /// open in the circle, the oldest give way.
    async fn begin_upload(&self, new: NewUpload, room: u64, open: usize) -> Result<Begun, StoreError>;
    async fn upload(&self, circle: CircleNo, upload: [u8; 16]) -> Result<Option<UploadRow>, StoreError>;
    /// Takes the bytes from `at` on, if that is where the upload stands. How many bytes it has then; `None`: there is none.
    async fn put_chunk(
        &self,
        circle: CircleNo,
        upload: [u8; 16],
        at: u64,
        data: Vec<u8>,
    ) -> Result<Option<u64>, StoreError>;
    /// The chunks that hold bytes from `from` up to `to`, each with where it begins, ascending.
    async fn chunks(
        &self,
        circle: CircleNo,
        chunks: [u8; 16],
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;
    /// The upload is whole and was checked: its bytes are there from now on, once, for its record. `look_ms`: when it is looked
    /// whether anything names them. False: there is no such upload.
    async fn finish_upload(&self, circle: CircleNo, upload: [u8; 16], look_ms: UnixMs) -> Result<bool, StoreError>;
    async fn drop_upload(&self, circle: CircleNo, upload: [u8; 16]) -> Result<bool, StoreError>;
    /// Uploads that began before, at most `limit`.
    async fn uploads_before(&self, before_ms: UnixMs, limit: u32) -> Result<Vec<(CircleNo, [u8; 16])>, StoreError>;
    /// The bytes of this name, if somebody has shown for one of these records that they have them.
    async fn attachment(
        &self,
        circle: CircleNo,
        records: &[RecordId],
        name: Name,
    ) -> Result<Option<AttachmentRow>, StoreError>;
    /// What is bound to one record is bound to the other as well: it moved.
    async fn rebind_attachments(&self, circle: CircleNo, from: RecordId, to: RecordId) -> Result<(), StoreError>;
    /// Circles in which it is time to look what is still named, at most `limit`.
    async fn attachments_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError>;
    /// Takes the look at what is due in a circle: nobody else is told it until `next_ms`. All that is there, if it was due.
    async fn look_at_attachments(
        &self,
        circle: CircleNo,
        now_ms: UnixMs,
        next_ms: UnixMs,
    ) -> Result<Vec<AttachmentRow>, StoreError>;
    /// Nothing names it since; `None`: something does.
    async fn loosen_attachment(&self, circle: CircleNo, name: Name, loose_ms: Option<UnixMs>)
    -> Result<(), StoreError>;
    /// A version of the record was destroyed: what is bound to it is looked at at once, and has no days left. Until something names
    /// it again, nobody gets it back by its name alone.
    async fn doom_attachments(&self, circle: CircleNo, record: RecordId) -> Result<(), StoreError>;
    /// Removes it, if nothing has named it since `loose_ms` or before.
    async fn remove_attachment(&self, circle: CircleNo, name: Name, loose_ms: UnixMs) -> Result<bool, StoreError>;
    /// Bytes that a clinic's attachments and uploads take.
    async fn attachment_bytes(&self, clinic: u64) -> Result<u64, StoreError>;
}
