//! Keeping the whole: wrapped keys and their rotation, epochs, what a restored database must not go on with.

use async_trait::async_trait;

use super::{CircleNo, StoreError};
use crate::seal::circle_purpose;

/// What a wrapped key belongs to, and what it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The server's own secrets; `purpose` under which they were wrapped.
    Server,
    Circle {
        circle: CircleNo,
        clinic: u64,
        short_id: String,
    },
}

/// The purpose under which the server's own secrets are wrapped.
pub const SERVER_PURPOSE: &str = "server secrets";

impl KeyPlace {
    /// The purpose that the wrapped bytes are bound to.
    pub fn purpose(&self) -> Vec<u8> {
        match self {
            Self::Server => SERVER_PURPOSE.as_bytes().to_vec(),
            Self::Circle { clinic, short_id, .. } => circle_purpose(*clinic, short_id),
        }
    }
}

/// A key as it lies in the database, wrapped by a version of the key-encryption key (its first byte).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    pub place: KeyPlace,
    pub wrapped: Vec<u8>,
}

#[async_trait]
pub trait Custody {
    /// Keys that are wrapped by another version than this one, at most `limit`.
    async fn wrapped_keys(&self, other_than: u8, limit: u32) -> Result<Vec<WrappedKey>, StoreError>;
    /// Puts new wrappings in the place of these, in one transaction; one that has changed meanwhile is left. Returns how
    /// many were put.
    async fn rewrap(&self, keys: Vec<(WrappedKey, Vec<u8>)>) -> Result<u64, StoreError>;
}
