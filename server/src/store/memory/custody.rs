//! Keeping the whole, in memory.

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::{
    StoreError,
    custody::{Custody, KeyPlace, WrappedKey},
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
}
