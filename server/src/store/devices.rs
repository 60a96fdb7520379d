//! How devices stand (last seen, told to leave, to be wiped), the codes that let one back in after a long time, and what
//! their owners are told.

use async_trait::async_trait;

use super::{
    AccountNo, DeviceNo, StoreError, UnixMs,
    identity::{InviteCode, InviteRow, SessionRow},
};

/// How an enrolment ends. A later one is stronger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    #[default]
    None = 0,
    Leave = 1,
    Wipe = 2,
}

impl Ending {
    /// From a column.
    pub fn of(number: u8) -> Self {
        match number {
            0 => Self::None,
            1 => Self::Leave,
            _ => Self::Wipe,
        }
    }
}

/// Beside the enrolment. Of a device that nothing was noted of, everything is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandingRow {
    pub device: DeviceNo,
    /// When it last proved its key, to the day.
    pub seen_ms: UnixMs,
    pub ending: Ending,
    pub ordered_ms: UnixMs,
    /// When the order was first handed to it.
    pub told_ms: UnixMs,
    /// When it had left.
    pub done_ms: UnixMs,
    /// The clinic's signature under a WIPE.
    pub signature: Vec<u8>,
}

/// Something that an account is told. The store gives the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewNotice {
    pub account: AccountNo,
    pub at_ms: UnixMs,
    /// `osteon.identity.v1.NoticeKind`.
    pub kind: u8,
    pub device: DeviceNo,
    pub by_account: AccountNo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Grows with time; not dense.
    pub no: u64,
    pub notice: NewNotice,
    /// 0: nobody has acknowledged it.
    pub acknowledged_ms: UnixMs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub device: DeviceNo,
    pub ending: Ending,
    pub at_ms: UnixMs,
    pub signature: Vec<u8>,
    pub notice: NewNotice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRow {
    pub device: DeviceNo,
    pub code_mac: [u8; 32],
    pub expires_ms: UnixMs,
    pub tries_left: u8,
}

/// Which notices are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticesQuery {
    pub account: AccountNo,
    /// Exclusive; `u64::MAX`: from the newest.
    pub before: u64,
    pub all: bool,
    pub limit: u32,
}

/// Is told of session families whose streams have to end, on this node and (PostgreSQL) on others.
pub type EndedListener = Box<dyn Fn(&[u64]) + Send + Sync>;

#[async_trait]
pub trait DeviceStore {
    async fn device_standing(&self, device: DeviceNo) -> Result<StandingRow, StoreError>;
    async fn device_seen(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError>;
    async fn rename_device(&self, device: DeviceNo, name: &[u8]) -> Result<(), StoreError>;
    /// Adds a session and notes that the device was seen, unless it was revoked or is to be wiped: then the answer says
    /// so and nothing is added. Under one lock with [`DeviceStore::order_device`].
    async fn open_session(&self, session: SessionRow, now_ms: UnixMs) -> Result<Option<Ending>, StoreError>;
    /// A session, by its family.
    async fn session_of(&self, family: u64) -> Result<Option<SessionRow>, StoreError>;
    /// Gives the order, tells the owner, and marks (LEAVE) or ends (WIPE) the device's sessions, in one transaction.
    /// Returns the families that were open; `None` if an order as strong stands already.
    async fn order_device(&self, order: OrderRow) -> Result<Option<Vec<u64>>, StoreError>;
    /// The order was handed to the device; the first time counts.
    async fn order_told(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError>;
    /// A leaving device has left: its sessions and its enrolment end.
    async fn device_left(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError>;
    /// Families of devices that were given an order after this time.
    async fn ordered_since(&self, after_ms: UnixMs) -> Result<Vec<u64>, StoreError>;
    /// Puts a code in the place of an earlier one.
    async fn put_code(&self, code: CodeRow) -> Result<(), StoreError>;
    /// Uses up the code, or counts a try.
    async fn use_code(&self, device: DeviceNo, code_mac: [u8; 32], now_ms: UnixMs) -> Result<bool, StoreError>;
    async fn put_notice(&self, notice: NewNotice) -> Result<(), StoreError>;
    /// Ends a family and tells its owner, once: false if it had ended before.
    async fn end_replayed(&self, family: u64, notice: NewNotice) -> Result<bool, StoreError>;
    /// Newest first.
    async fn notices(&self, query: NoticesQuery) -> Result<Vec<NoticeRow>, StoreError>;
    async fn acknowledge(&self, account: AccountNo, up_to: u64, at_ms: UnixMs) -> Result<(), StoreError>;
    async fn notices_open(&self, account: AccountNo) -> Result<u32, StoreError>;
    /// One try at a code. A wrong typed one counts against the typed form of every open invite of the circles of this short
    /// id before anything is said, in one transaction; a right one costs nobody anything, and the invite notes it. Returns the invite if the code is
    /// one.
    async fn attempt_invite(
        &self,
        short_id: &str,
        code: InviteCode,
        now_ms: UnixMs,
    ) -> Result<Option<InviteRow>, StoreError>;
    /// A QR code that this server never made, around the typed code of this MAC: counts against the QR form of that invite,
    /// if there is one.
    async fn forged_invite(&self, code_mac: [u8; 32], now_ms: UnixMs) -> Result<(), StoreError>;
    /// Tells the other nodes. Lost messages only delay.
    fn announce_ended(&self, families: &[u64]);
    fn on_ended(&self, listener: EndedListener);
}
