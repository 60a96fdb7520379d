//! Derived record ids, with the server's SHA-256.

use osteon_proto::{reasons::Reason, split, wire::ids};
use osteon_sync_core::{FieldWrite, Put, RecordId};

use super::secrets::sha256;
use crate::{error::Error, store::CircleNo};

/// The id of a type of which a circle has one.
pub fn singleton(circle: CircleNo, type_number: u32) -> RecordId {
    ids::derived_id(circle, type_number, &[], sha256)
}

/// The id that a body's key fields give.
pub fn derived(circle: CircleNo, body: &[u8]) -> Result<RecordId, Error> {
    expected(circle, body)?.ok_or_else(|| Error::field("record_id", Reason::RecordIdInvalid))
}

/// The id that a creation with this body must have; `None`: any.
pub fn expected(circle: CircleNo, body: &[u8]) -> Result<Option<RecordId>, Error> {
    let (_, known, split) = split::split_body(body).map_err(|e| Error::field(format!("body.{}", e.path), e.reason))?;
    let Some(known) = known else { return Ok(None) };
    let writes: Vec<FieldWrite> = split
        .chunks()
        .map(|chunk| FieldWrite {
            field: chunk.field(),
            put: Some(Put::Value(chunk.bytes.into())),
            replaces: Vec::new(),
            covers: Vec::new(),
        })
        .collect();
    match ids::expected_id(circle, known, writes.iter(), sha256) {
        None => Ok(None),
        Some(Some(id)) => Ok(Some(id)),
        Some(None) => Err(Error::field("body", Reason::RecordIdInvalid)),
    }
}
