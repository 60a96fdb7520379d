//! What the server refused: kept on this phone until its writer has seen to it.

use osteon_proto::table::table;
use osteon_sync_core::{PartWrite, Put, device};

use crate::{
    error::{PhoneError, Result, id_text},
    phone::Phone,
    records::Record,
};

/// A refused change.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Draft {
    /// Names it for [`Phone::drop_draft`].
    pub change: String,
    /// Stable.
    pub reason: String,
    pub paths: Vec<String>,
    /// Of whoever decided against it; empty where a rule refused it.
    pub words: String,
    /// By this phone's clock, milliseconds since 1970.
    pub written_ms: u64,
    pub parts: Vec<DraftPart>,
}

/// What it would have put where.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct DraftPart {
    pub record_id: String,
    pub type_number: u32,
    /// A record with the fields that were written alone.
    pub record: Record,
    /// Fields that were cleared, and sets of which an element was taken out, by their names in the contracts.
    pub cleared: Vec<String>,
}

fn part(of: &PartWrite) -> Option<DraftPart> {
    let known = table().get(of.type_number)?;
    let written = || of.writes.iter().filter(|write| known.field(write.field.number).is_some());
    let value = |write: &osteon_sync_core::FieldWrite| write.put.as_ref().and_then(Put::value).map(<[u8]>::to_vec);
    let bytes: Vec<u8> = written().filter_map(value).flatten().collect();
    let cleared = written().filter(|write| value(write).is_none());
    let mut cleared: Vec<String> =
        cleared.filter_map(|write| Some(known.field(write.field.number)?.name.clone())).collect();
    cleared.dedup();
    Some(DraftPart {
        record_id: id_text(of.part.record),
        type_number: of.type_number,
        record: Record::decode(of.type_number, &bytes)?,
        cleared,
    })
}

fn draft(of: &device::Draft) -> Draft {
    Draft {
        change: of.change.dot.to_string(),
        reason: of.reason.to_string(),
        paths: of.violations.iter().map(|violation| violation.path.to_string()).collect(),
        words: of.words.to_string(),
        written_ms: of.change.clock.ms,
        parts: of.change.parts.iter().filter_map(part).collect(),
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Phone {
    pub async fn drafts(&self, circle: u64) -> Result<Vec<Draft>> {
        let now_ms = self.core().now_ms();
        let state = self.core().read().await?;
        Ok(state.enrolled()?.view(circle, now_ms)?.drafts().map(draft).collect())
    }

    /// Throws one away: it was written anew, or is not wanted any more.
    pub async fn drop_draft(&self, circle: u64, change: String) -> Result<()> {
        let dot = {
            let now_ms = self.core().now_ms();
            let state = self.core().read().await?;
            let view = state.enrolled()?.view(circle, now_ms)?;
            view.drafts().map(|draft| draft.change.dot).find(|dot| dot.to_string() == change)
        };
        let dot = dot.ok_or_else(|| PhoneError::argument("change", "There is no such draft."))?;
        Ok(self.core().drop_draft(circle, dot).await?)
    }
}
