//! Photos and papers of entries. They never go before an entry on a slow line.

use osteon_client::{attachments as core, store::files::Standing};
use osteon_proto::{attachment::MediaType, table::table};

use crate::{
    error::{Result, record_id},
    phone::{Phone, Saved},
};

/// Something that a record names.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Attachment {
    /// Of its bytes, in hexadecimal digits: the same bytes have the same name.
    pub sha256: String,
    /// The field that names it, as the contracts do.
    pub field: String,
    /// Its bytes are on this phone.
    pub here: bool,
    /// They are here and nowhere else yet.
    pub unsent: bool,
}

#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttachmentBytes {
    pub attachment: Attachment,
    /// "image/jpeg", "image/png", "image/heic", "image/webp" or "application/pdf"; what it is by its bytes.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

fn named(type_number: u32, one: &core::Named) -> Attachment {
    let field = table().get(type_number).and_then(|kind| kind.field(one.field));
    Attachment {
        sha256: hex::encode(one.sha256),
        field: field.map(|field| field.name.clone()).unwrap_or_default(),
        here: matches!(one.standing, Some(Standing::Here | Standing::ToSend)),
        unsent: one.standing == Some(Standing::ToSend),
    }
}

fn media_type(of: MediaType) -> &'static str {
    match of {
        MediaType::Jpeg => "image/jpeg",
        MediaType::Png => "image/png",
        MediaType::Heic => "image/heic",
        MediaType::Webp => "image/webp",
        MediaType::Pdf => "application/pdf",
        MediaType::Unspecified => "application/octet-stream",
    }
}

impl Phone {
    async fn type_of(&self, circle: u64, record: osteon_sync_core::RecordId) -> Result<u32> {
        let now_ms = self.core().now_ms();
        let state = self.core().read().await?;
        let seen = state.enrolled()?.view(circle, now_ms)?.record(record);
        Ok(seen.ok_or(osteon_client::Error::NoRecord)?.type_number)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Phone {
    /// Attaches a photo or a PDF of at most 20 MB to an entry: kept on this phone at once, sent after the entries.
    pub async fn attach(&self, circle: u64, record_id: String, bytes: Vec<u8>, reason: String) -> Result<Saved> {
        let record = self::record_id(&record_id)?;
        Ok(Saved::of(self.core().attach(circle, record, &bytes, &reason).await?))
    }

    /// What a record names.
    pub async fn attachments(&self, circle: u64, record_id: String) -> Result<Vec<Attachment>> {
        let record = self::record_id(&record_id)?;
        let number = self.type_of(circle, record).await?;
        Ok(self.core().attachments(circle, record).await?.iter().map(|one| named(number, one)).collect())
    }

    /// All of it with its bytes: from this phone, or from the server, going on where it broke off.
    pub async fn fetch_attachments(&self, circle: u64, record_id: String) -> Result<Vec<AttachmentBytes>> {
        let record = self::record_id(&record_id)?;
        let number = self.type_of(circle, record).await?;
        let fetched = self.core().fetch(circle, record).await?.into_iter();
        let bytes = |one: core::Fetched| AttachmentBytes {
            attachment: named(number, &one.named),
            media_type: media_type(one.media_type).into(),
            bytes: one.bytes,
        };
        Ok(fetched.map(bytes).collect())
    }
}
