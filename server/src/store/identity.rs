//! Clinics, accounts, devices, invites and sessions: what exists beside the circles.
//!
//! Secrets come in as hashes or MACs, keys wrapped; nothing here can be used to sign in.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AccountNo, CircleNo, DeviceNo, StoreError, UnixMs};

/// The one row about the server itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRow {
    /// Random, made once: cursors and tokens are bound to it.
    pub server_id: [u8; 16],
    pub epoch: u32,
    /// The server's own secrets (cursor key, token key, clinic signing key), wrapped by the key-encryption key.
    pub secrets: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCircle {
    pub clinic: u64,
    pub short_id: String,
    /// The circle's data key and receipt key, wrapped by the key-encryption key.
    pub wrapped_key: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaRow {
    pub epoch: u32,
    pub n: u32,
    pub device: DeviceNo,
    /// 1 ordinary, 2 urgent.
    pub lane: u8,
    /// Sealed chain key.
    pub chain_key: Vec<u8>,
    /// Taken out of use by a Rebase or a revocation: takes no new counters.
    pub retired: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    pub device: DeviceNo,
    pub account: AccountNo,
    pub clinic: u64,
    /// P-256 public key, uncompressed.
    pub key: Vec<u8>,
    /// Sealed.
    pub name: Vec<u8>,
    pub created_ms: UnixMs,
    pub revoked: bool,
}

impl DeviceRow {
    /// In the place of its key stands a hash: it signs nothing and has no lanes.
    #[must_use]
    pub fn is_browser(&self) -> bool {
        self.key.len() != P256_POINT_LEN
    }
}

/// Uncompressed, SEC1.
const P256_POINT_LEN: usize = 65;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteRow {
    /// HMAC of the code (with the circle, for the typed form).
    pub code_mac: [u8; 32],
    pub circle: CircleNo,
    pub account: AccountNo,
    pub role: u8,
    /// Who made it; 0: whoever runs the server.
    pub made_by: AccountNo,
    pub expires_ms: UnixMs,
    /// Of the typed form: whoever types a wrong code for this circle uses one of each of its invites.
    pub tries_left: u8,
    /// Of the QR form: only who forges one around the code of this very invite uses one.
    pub qr_tries_left: u8,
    pub used: bool,
    /// What it is called by those who look after it; says nothing about the code.
    pub id: [u8; 16],
    /// Of the request that made it, where it had an id.
    pub fingerprint: Option<[u8; 16]>,
    pub made_ms: UnixMs,
    pub life: InviteLife,
}

/// What became of an invite; 0: that did not happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InviteLife {
    /// A phone read its QR code.
    pub opened_ms: UnixMs,
    /// The right code was given with a proven key, or by a browser.
    pub matched_ms: UnixMs,
    pub done_ms: UnixMs,
    pub revoked_ms: UnixMs,
    pub revoked_by: AccountNo,
}

impl InviteRow {
    #[must_use]
    pub fn is_open(&self, form: CodeForm, now_ms: UnixMs) -> bool {
        let tries = match form {
            CodeForm::Typed => self.tries_left,
            CodeForm::Qr => self.qr_tries_left,
        };
        self.stands(now_ms) && tries > 0
    }

    /// Nobody used it, nobody took it back, and its time is not over.
    #[must_use]
    pub fn stands(&self, now_ms: UnixMs) -> bool {
        !self.used && self.life.revoked_ms == 0 && self.expires_ms > now_ms
    }
}

/// How an invite was given. Each form has five tries of its own: guessing what people type, which has forty bits and names
/// no invite, locks nobody out who scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeForm {
    Typed,
    Qr,
}

/// A code that this server made, in the form in which it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCode {
    /// As in [`InviteRow::code_mac`].
    pub mac: [u8; 32],
    pub form: CodeForm,
}

impl InviteCode {
    #[must_use]
    pub fn typed(mac: [u8; 32]) -> Self {
        Self { mac, form: CodeForm::Typed }
    }

    #[must_use]
    pub fn qr(mac: [u8; 32]) -> Self {
        Self { mac, form: CodeForm::Qr }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub access_hash: [u8; 32],
    pub access_expires_ms: UnixMs,
    pub refresh_hash: [u8; 32],
    pub refresh_expires_ms: UnixMs,
    /// The nonce that the device signs at the next refresh.
    pub nonce: [u8; 32],
    pub family: u64,
    pub account: AccountNo,
    pub device: DeviceNo,
    pub clinic: u64,
    pub revoked: bool,
    /// The device was told to leave: it may push, pull its purge and end the session.
    pub leaving: bool,
    /// The pair before this one, and the request that rotated it: the same request gets the same answer again.
    pub previous_refresh_hash: Option<[u8; 32]>,
    pub rotated_by: Option<[u8; 16]>,
    pub rotated_ms: UnixMs,
    /// The sealed answer of the rotation, given again for ten minutes.
    pub rotated_answer: Vec<u8>,
}

/// A device that is being enrolled: everything in one transaction, the invite used up in the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    pub account: AccountNo,
    pub clinic: u64,
    pub key: Vec<u8>,
    /// Sealed.
    pub name: Vec<u8>,
    pub created_ms: UnixMs,
    /// Sealed chain keys of the ordinary and the urgent lane.
    pub chain_keys: [Vec<u8>; 2],
    pub epoch: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteOutcome {
    /// This caller used it up.
    Redeemed { device: DeviceNo, ordinary: u32, urgent: u32 },
    /// Unknown, used, expired or out of tries: one answer for all.
    Invalid,
}

/// Number of the role of a patient, in a row of `membership`.
pub const PATIENT: u8 = 1;

/// A device of a patient, in one circle of theirs, with what is known of when it came. No browser, and none that was sent away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneRow {
    pub circle: CircleNo,
    pub device: DeviceNo,
    pub account: AccountNo,
    pub created_ms: UnixMs,
    /// How far it has read the circle, and when it said so.
    pub read: Option<(u64, UnixMs)>,
    /// When it last said how it stands (encoded `DeviceHealth`).
    pub heard: Option<(UnixMs, Vec<u8>)>,
    /// When it last proved its key, to the day; 0: that was not noted.
    pub seen_ms: UnixMs,
    /// The server's clock less its own, as it last named it.
    pub offset_ms: Option<i64>,
    /// When its chain was last found to go two ways.
    pub forked_ms: Option<UnixMs>,
    /// Since when it has not confirmed to have erased what it was told to: the oldest.
    pub purge_ms: Option<UnixMs>,
}

/// How a device stands at this moment, for Hello and the list of devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthRow {
    pub device: DeviceNo,
    pub heard_ms: UnixMs,
    /// Encoded `DeviceHealth`.
    pub health: Vec<u8>,
    /// The server's clock less the device's; `None`: it named no time.
    pub offset_ms: Option<i64>,
}

#[async_trait]
pub trait IdentityStore {
    /// Creates the server row if there is none; returns the one that stands.
    async fn init_server(&self, row: ServerRow) -> Result<ServerRow, StoreError>;
    /// Starts a new epoch: the number only grows.
    async fn bump_epoch(&self) -> Result<u32, StoreError>;
    async fn create_clinic(&self, short_id: &str) -> Result<u64, StoreError>;
    async fn clinic_by_short_id(&self, short_id: &str) -> Result<Option<u64>, StoreError>;
    async fn create_circle(&self, circle: NewCircle) -> Result<CircleNo, StoreError>;
    async fn circle_by_short_id(&self, clinic: u64, short_id: &str) -> Result<Option<CircleNo>, StoreError>;
    async fn circles_of_clinic(&self, clinic: u64) -> Result<Vec<(CircleNo, String)>, StoreError>;
    async fn create_account(&self, clinic: u64, kind: u8) -> Result<AccountNo, StoreError>;
    /// (clinic, kind) of an account. Kind 1: person, 2: clinic administrator.
    async fn account(&self, account: AccountNo) -> Result<Option<(u64, u8)>, StoreError>;
    /// (circle, role number) of every circle in which the account is a current member.
    async fn circles_of(&self, account: AccountNo) -> Result<Vec<(CircleNo, u8)>, StoreError>;

    /// `false`: the code is taken, and nothing was stored.
    async fn put_invite(&self, invite: InviteRow) -> Result<bool, StoreError>;
    async fn invite(&self, code_mac: [u8; 32]) -> Result<Option<InviteRow>, StoreError>;
    /// Those of a circle, the newest first. They stay for a day after they ran out.
    async fn invites_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<InviteRow>, StoreError>;
    async fn invite_by_id(&self, circle: CircleNo, id: [u8; 16]) -> Result<Option<InviteRow>, StoreError>;
    /// A phone read the QR code of an invite that stands.
    async fn open_invite(&self, code_mac: [u8; 32], now_ms: UnixMs) -> Result<(), StoreError>;
    /// Takes one back that stands, and tells how it is now; `None`: the circle has none of this id.
    async fn revoke_invite(
        &self,
        circle: CircleNo,
        id: [u8; 16],
        by: AccountNo,
        now_ms: UnixMs,
    ) -> Result<Option<InviteRow>, StoreError>;
    /// Uses up the invite and enrols the device in one transaction. Many callers at once: one winner.
    async fn redeem_invite(
        &self,
        code: InviteCode,
        now_ms: UnixMs,
        device: NewDevice,
    ) -> Result<InviteOutcome, StoreError>;

    async fn device(&self, device: DeviceNo) -> Result<Option<DeviceRow>, StoreError>;
    async fn device_by_key(&self, key: &[u8]) -> Result<Option<DeviceRow>, StoreError>;
    async fn devices_of(&self, account: AccountNo) -> Result<Vec<DeviceRow>, StoreError>;
    async fn revoke_device(&self, device: DeviceNo) -> Result<(), StoreError>;
    async fn replica(&self, epoch: u32, n: u32) -> Result<Option<ReplicaRow>, StoreError>;
    async fn replicas_of(&self, device: DeviceNo) -> Result<Vec<ReplicaRow>, StoreError>;
    /// Gives new numbers to both lanes of a device, retiring the given ones. Same request id: the same numbers.
    async fn add_replicas(
        &self,
        device: DeviceNo,
        epoch: u32,
        chain_keys: [Vec<u8>; 2],
        retire: bool,
        request: [u8; 16],
    ) -> Result<Vec<ReplicaRow>, StoreError>;
    async fn put_health(&self, health: HealthRow) -> Result<(), StoreError>;
    /// A chain of the device was found to go two ways.
    async fn device_forked(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError>;
    async fn health_of(&self, devices: &[DeviceNo]) -> Result<Vec<HealthRow>, StoreError>;
    /// The phones of the patient of a circle, by device.
    async fn phones_of(&self, circle: CircleNo) -> Result<Vec<PhoneRow>, StoreError>;
    /// The same of every circle in which the account is a current member, by circle.
    async fn phones_around(&self, account: AccountNo) -> Result<Vec<PhoneRow>, StoreError>;

    async fn put_session(&self, session: SessionRow) -> Result<(), StoreError>;
    async fn session_by_access(&self, access_hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError>;
    /// By the current or the previous refresh hash.
    async fn session_by_refresh(&self, refresh_hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError>;
    /// Replaces the pair if `expected` is still the current refresh hash; false if somebody was faster.
    async fn rotate_session(&self, expected: [u8; 32], session: SessionRow) -> Result<bool, StoreError>;
    async fn revoke_family(&self, family: u64) -> Result<(), StoreError>;
    async fn session_open(&self, family: u64) -> Result<bool, StoreError>;
}
