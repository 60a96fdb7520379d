//! Browsers: their sessions, passkeys, hospital accounts, and what they were asked.
//!
//! A browser that was enrolled is a device without lanes: whoever lists or revokes devices finds it, and what belongs to
//! a revoked one is worth nothing. Tokens and challenges come in as hashes, a provider's subject as a MAC.

use async_trait::async_trait;

use super::{AccountNo, DeviceNo, StoreError, UnixMs, identity::InviteCode};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSessionRow {
    pub token_hash: [u8; 32],
    pub family: u64,
    pub account: AccountNo,
    pub device: DeviceNo,
    pub clinic: u64,
    pub created_ms: UnixMs,
    /// The last call, within the minute.
    pub seen_ms: UnixMs,
    /// Signed out, or the browser was revoked.
    pub ended: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRow {
    pub credential: Vec<u8>,
    pub account: AccountNo,
    pub device: DeviceNo,
    pub created_ms: UnixMs,
    pub used_ms: UnixMs,
    /// The public key, its counter and its flags.
    pub content: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HospitalRow {
    /// MAC of issuer and subject.
    pub subject: [u8; 32],
    pub account: AccountNo,
    pub device: DeviceNo,
    pub created_ms: UnixMs,
}

/// What lets the browser in again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayIn {
    Passkey {
        credential: Vec<u8>,
        content: Vec<u8>,
    },
    Hospital {
        subject: [u8; 32],
    },
    /// A link of a demo: nothing of it is kept.
    Link {
        account: AccountNo,
    },
}

/// A browser that is being enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBrowser {
    pub account: AccountNo,
    pub clinic: u64,
    /// Stands where a device has its key: unique, and of no key's length.
    pub key: Vec<u8>,
    /// Sealed.
    pub name: Vec<u8>,
    pub created_ms: UnixMs,
    pub way_in: WayIn,
    /// The invite that is used up with it; `None` for a further browser of somebody who is signed in.
    pub invite: Option<InviteCode>,
}

#[async_trait]
pub trait BrowserStore {
    /// Makes the browser's device and its way in, and uses up the invite, in one transaction. `None`: the invite is
    /// unknown, used, expired or out of tries, or the way in belongs to somebody already.
    async fn add_browser(&self, browser: NewBrowser) -> Result<Option<DeviceNo>, StoreError>;

    async fn put_web_session(&self, session: WebSessionRow) -> Result<(), StoreError>;
    /// `ended` also where the browser was revoked.
    async fn web_session(&self, token_hash: [u8; 32]) -> Result<Option<WebSessionRow>, StoreError>;
    /// Moves `seen_ms` forward.
    async fn web_session_seen(&self, token_hash: [u8; 32], seen_ms: UnixMs) -> Result<(), StoreError>;

    async fn passkey(&self, credential: &[u8]) -> Result<Option<PasskeyRow>, StoreError>;
    async fn passkeys_of(&self, account: AccountNo) -> Result<Vec<PasskeyRow>, StoreError>;
    /// Replaces `content` where it still is `expected`; false: another sign-in was faster.
    async fn passkey_used(
        &self,
        credential: &[u8],
        expected: &[u8],
        content: &[u8],
        used_ms: UnixMs,
    ) -> Result<bool, StoreError>;

    async fn hospital_account(&self, subject: [u8; 32]) -> Result<Option<HospitalRow>, StoreError>;

    async fn put_challenge(&self, id: [u8; 32], expires_ms: UnixMs, sealed: Vec<u8>) -> Result<(), StoreError>;
    /// Takes it away, with the time until which it is good: whoever asks second gets nothing.
    async fn take_challenge(&self, id: [u8; 32]) -> Result<Option<(UnixMs, Vec<u8>)>, StoreError>;
}
