//! Which devices can be woken, and which are to be. A wake-up is written in the commit that concerns the device, one for each
//! device and class, and goes when the push service has taken it.

use async_trait::async_trait;

use super::{AccountNo, DeviceNo, StoreError, UnixMs};

/// Why a device is woken. Nothing of it leaves the server but whether it is urgent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum WakeClass {
    Urgent = 1,
    Plan = 2,
    /// Something is to be erased.
    Purge = 3,
}

/// Where a device is woken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WakeEndpointRow {
    pub device: DeviceNo,
    pub account: AccountNo,
    /// Endpoint and keys, sealed by the use case.
    pub sealed: Vec<u8>,
    pub since_ms: UnixMs,
    /// 0: never.
    pub woken_ms: UnixMs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakeRow {
    pub device: DeviceNo,
    /// A [`WakeClass`] as a number.
    pub class: u8,
    pub made_ms: UnixMs,
    /// Tries, with this one.
    pub tries: u32,
}

#[async_trait]
pub trait WakeStore {
    /// Puts an endpoint in the place of the device's earlier one.
    async fn put_wake_endpoint(&self, row: WakeEndpointRow) -> Result<(), StoreError>;
    /// The endpoint is gone, and with it what waits for the device.
    async fn drop_wake_endpoint(&self, device: DeviceNo) -> Result<(), StoreError>;
    async fn wake_endpoint(&self, device: DeviceNo) -> Result<Option<WakeEndpointRow>, StoreError>;
    /// Takes wake-ups that are due, about `limit`: nobody else gets them until `until_ms`.
    async fn lease_wakes(&self, now_ms: UnixMs, until_ms: UnixMs, limit: u32) -> Result<Vec<WakeRow>, StoreError>;
    /// The device was woken for these rows of one lease. What else waits for it, because its push service did not listen, is due.
    async fn woken(&self, rows: Vec<WakeRow>, now_ms: UnixMs) -> Result<(), StoreError>;
    /// These rows are not tried again.
    async fn wake_given_up(&self, rows: Vec<WakeRow>) -> Result<(), StoreError>;
    /// These rows are tried again then.
    async fn wake_later(&self, rows: Vec<WakeRow>, due_ms: UnixMs) -> Result<(), StoreError>;
}
