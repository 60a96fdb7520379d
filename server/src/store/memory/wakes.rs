//! Wake-ups, in memory.

use std::collections::BTreeMap;

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

    /// Those that were not made again since.
    fn done(&mut self, rows: &[WakeRow]) {
        for done in rows {
            let key = (done.device, done.class);
            if self.waiting.get(&key).is_some_and(|(row, _)| row.made_ms <= done.made_ms) {
                self.waiting.remove(&key);
            }
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
        let due = state.wakes.waiting.values_mut().filter(|(_, due_ms)| *due_ms <= now_ms);
        let take = |(row, due_ms): &mut (WakeRow, UnixMs)| {
            (*due_ms, row.tries) = (until_ms, row.tries + 1);
            *row
        };
        Ok(due.take(limit as usize).map(take).collect())
    }

    async fn woken(&self, rows: Vec<WakeRow>, now_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        state.wakes.done(&rows);
        for row in rows {
            if let Some(endpoint) = state.wakes.endpoints.get_mut(&row.device) {
                endpoint.woken_ms = now_ms;
            }
            for (_, (_, due_ms)) in state.wakes.waiting.iter_mut().filter(|((of, _), _)| *of == row.device) {
                *due_ms = now_ms.min(*due_ms);
            }
        }
        Ok(())
    }

    async fn wake_given_up(&self, rows: Vec<WakeRow>) -> Result<(), StoreError> {
        self.state().wakes.done(&rows);
        Ok(())
    }

    async fn wake_later(&self, rows: Vec<WakeRow>, at_ms: UnixMs) -> Result<(), StoreError> {
        let mut state = self.state();
        for row in rows {
            if let Some((_, due_ms)) = state.wakes.waiting.get_mut(&(row.device, row.class)) {
                *due_ms = at_ms;
            }
        }
        Ok(())
    }
}
