//! Keeping the whole: wrapped keys and their rotation, epochs, what a restored database must not go on with.

use std::sync::Arc;

use async_trait::async_trait;

use super::{AccountNo, CircleNo, StoreError, UnixMs};
use crate::{deny::DenyLog, seal::circle_purpose};

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

/// What is told instead of a head, and of a generation of the access state, of a circle that is not there any more: whoever
/// waits for it looks, and finds nothing.
pub const ERASED_HEAD: u64 = u64::MAX;

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

    /// From now on what is taken away is appended here before it is acknowledged.
    fn deny_to(&self, log: Arc<dyn DenyLog>);
    /// How many entries the deny log had at the last commit that took something away.
    async fn denied(&self) -> Result<u64, StoreError>;
    /// Starts this epoch, if it is a later one; it stands in the deny log first.
    async fn raise_epoch(&self, epoch: u32) -> Result<(), StoreError>;
    /// For a database that was put back: ends every session and invite, and jumps over so many numbers of clinics, circles,
    /// accounts and devices, so that none that the lost tail gave is given again.
    async fn forget_lost_tail(&self, numbers: u64) -> Result<(), StoreError>;
    /// Removes every row of a circle and its key, and leaves a tombstone and the numbers of those who will be told. The audit
    /// stays. Whoever waits for the circle is woken, on every node, before this returns. False: there was none.
    async fn erase_circle(&self, circle: CircleNo, at_ms: UnixMs, members: Vec<AccountNo>) -> Result<bool, StoreError>;
    /// Whether this account is to be told that the circle was erased.
    async fn erased_member(&self, circle: CircleNo, account: AccountNo) -> Result<bool, StoreError>;
}
