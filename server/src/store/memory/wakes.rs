//! Wake-ups, in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::{
    AccountNo, DeviceNo, StoreError, UnixMs,
    wakes::{WakeClass, WakeEndpointRow, WakeRow, WakeStore},
};

#[derive(Default)]
pub(super) struct Wakes {
    endpoints: BTreeMap<DeviceNo, WakeEndpointRow>,
    /// With when it is due.
    waiting: BTreeMap<(DeviceNo, u8), (WakeRow, UnixMs)>,
}

impl Wakes {
    pub(super) fn put(&mut self, account: AccountNo, class: WakeClass, at_ms: UnixMs, awake: DeviceNo) {
        let of = |row: &&WakeEndpointRow| row.account == account && row.device != awake;
        let devices: Vec<DeviceNo> = self.endpoints.values().filter(of).map(|row| row.device).collect();
        devices.into_iter().for_each(|device| self.put_device(device, class, at_ms));
    }

    pub(super) fn put_device(&mut self, device: DeviceNo, class: WakeClass, at_ms: UnixMs) {
        if !self.endpoints.contains_key(&device) {
            return;
        }
        let fresh = (WakeRow { device, class: class as u8, made_ms: at_ms, tries: 0 }, at_ms);
        let (row, due_ms) = self.waiting.entry((device, class as u8)).or_insert(fresh);
        row.made_ms = at_ms;
        if class == WakeClass::Urgent {
            (*due_ms, row.tries) = (at_ms, 0);
        }
    }
}

#[async_trait]
impl WakeStore for MemoryStore {
    async fn put_wake_endpoint(&self, row: WakeEndpointRow) -> Result<(), StoreError> {
        let mut state = self.state();
        let woken_ms = state.wakes.endpoints.get(&row.device).map_or(0, |known| known.woken_ms);
        state.wakes.endpoints.insert(row.device, WakeEndpointRow { woken_ms, ..row });
        Ok(())
    }

    async fn drop_wake_endpoint(&self, device: DeviceNo) -> Result<(), StoreError> {
        let mut state = self.state();
        state.wakes.endpoints.remove(&device);
        state.wakes.waiting.retain(|(of, _), _| *of != device);
        Ok(())
    }

    async fn wake_endpoint(&self, device: DeviceNo) -> Result<Option<WakeEndpointRow>, StoreError> {
        Ok(self.state().wakes.endpoints.get(&device).cloned())
    }

    async fn lease_wakes(&self, now_ms: UnixMs, until_ms: UnixMs, limit: u32) -> Result<Vec<WakeRow>, StoreError> {
        let mut state = self.state();
        let due = state.wakes.waiting.iter().filter(|(_, (_, due_ms))| *due_ms <= now_ms);
        let devices: BTreeSet<DeviceNo> = due.map(|((device, _), _)| *device).take(limit as usize).collect();
        let of_these = state.wakes.waiting.iter_mut().filter(|((device, _), _)| devices.contains(device));
        let take = |(row, due_ms): &mut (WakeRow, UnixMs)| {
            (*due_ms, row.tries) = (until_ms, row.tries + 1);
            *row
        };
        Ok(of_these.map(|(_, row)| take(row)).collect())
    }

    async fn woken(&self, device: DeviceNo, made_ms: UnixMs, now_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        state.wakes.waiting.retain(|(of, _), (row, _)| *of != device || row.made_ms > made_ms);
        if let Some(row) = state.wakes.endpoints.get_mut(&device) {
            row.woken_ms = now_ms;
        }
        Ok(())
    }

    async fn wake_later(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        for (_, (_, due_ms)) in state.wakes.waiting.iter_mut().filter(|((of, _), _)| *of == device) {
            *due_ms = at_ms;
        }
        Ok(())
    }
}
