//! Rotation of the key-encryption key: every wrapped key of the database under the version that wraps now, batch by batch,
//! while servers run. What is wrapped does not change, so nobody who holds it open notices.
//!
//! It may stop anywhere and be started again: a key is under the old version or under the new one, and both open.

use super::App;
use crate::{
    error::Error,
    seal::Vault,
    store::{Store, custody::WrappedKey},
};

/// Keys of one transaction: short, so that pushes wait for milliseconds.
pub const BATCH: u32 = 64;

/// Wraps one batch anew. Returns how many keys were still under another version when it began; 0: done.
pub async fn step(store: &dyn Store, vault: &Vault, batch: u32) -> Result<usize, Error> {
    let version = vault.version().map_err(Error::internal)?;
    let keys = store.wrapped_keys(version, batch).await?;
    let found = keys.len();
    let rewrap = |key: WrappedKey| {
        let wrapped = vault.rewrap(&key.place.purpose(), &key.wrapped).map_err(Error::internal)?;
        Ok((key, wrapped))
    };
    let keys = keys.into_iter().map(rewrap).collect::<Result<Vec<_>, Error>>()?;
    if found > 0 {
        store.rewrap(keys).await?;
    }
    Ok(found)
}

/// Until no key is under another version. Returns how many were wrapped anew.
pub async fn all(app: &App) -> Result<usize, Error> {
    let mut done = 0;
    loop {
        match step(&*app.store, &app.vault, BATCH).await? {
            0 => return Ok(done),
            n => done += n,
        }
    }
}
