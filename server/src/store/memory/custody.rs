//! Keeping the whole, in memory.

use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    deny::DenyLog,
    store::{
        AccountNo, CircleNo, StoreError, UnixMs,
        custody::{Custody, ERASED_HEAD, KeyPlace, WrappedKey},
        wakes::WakeClass,
    },
};

#[async_trait]
impl Custody for MemoryStore {
    async fn wrapped_keys(&self, other_than: u8, limit: u32) -> Result<Vec<WrappedKey>, StoreError> {
        let state = self.state();
        let other = |key: &&WrappedKey| key.wrapped.first() != Some(&other_than);
        let mut found: Vec<_> = state.identity.wrapped.values().filter(other).cloned().collect();
        let server = state.identity.server.as_ref().map(|row| row.secrets.clone());
        found.extend(server.map(|wrapped| WrappedKey { place: KeyPlace::Server, wrapped }).filter(|key| other(&key)));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn rewrap(&self, keys: Vec<(WrappedKey, Vec<u8>)>) -> Result<u64, StoreError> {
        let identity = &mut self.state().identity;
        let mut put = 0;
        for (key, wrapped) in keys {
            let stands = match &key.place {
                KeyPlace::Circle { circle, .. } => identity.wrapped.get_mut(circle).map(|known| &mut known.wrapped),
                KeyPlace::Server => identity.server.as_mut().map(|row| &mut row.secrets),
            };
            if let Some(stands) = stands.filter(|stands| **stands == key.wrapped) {
                *stands = wrapped;
                put += 1;
            }
        }
        Ok(put)
    }

    /// Nothing here outlives the process: there is nothing to put back, and nothing to deny after that.
    fn deny_to(&self, _log: Arc<dyn DenyLog>) {}

    async fn denied(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn raise_epoch(&self, epoch: u32) -> Result<(), StoreError> {
        let mut state = self.state();
        let server = state.identity.server.as_mut().ok_or(StoreError::NotFound)?;
        server.epoch = server.epoch.max(epoch);
        Ok(())
    }

    async fn forget_lost_tail(&self, numbers: u64) -> Result<(), StoreError> {
        self.state().identity.forget_lost_tail(numbers);
        Ok(())
    }

    async fn erase_circle(&self, circle: CircleNo, at_ms: UnixMs, members: Vec<AccountNo>) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.circles.remove(&circle).is_none() {
            return Ok(false);
        }
        state.reads.retain(|(of, _), _| *of != circle);
        state.reached.retain(|(of, _), _| *of != circle);
        state.heard.retain(|(of, _), _| *of != circle);
        state.attachments.erase(circle);
        members.iter().for_each(|account| state.wakes.put(*account, WakeClass::Purge, at_ms, 0));
        state.identity.erase(circle, members.into_iter().map(|account| (circle, account)).collect());
        drop(state);
        self.common.wake(vec![(circle, ERASED_HEAD)]);
        Ok(true)
    }

    async fn erased_member(&self, circle: CircleNo, account: AccountNo) -> Result<bool, StoreError> {
        Ok(self.state().identity.erased.contains(&(circle, account)))
    }
}
