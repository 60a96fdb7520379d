//! A phone whose database is damaged: what can be read goes on, everything that was sent is fetched anew, and the status
//! says what became of what was not.

use std::{path::Path, sync::Arc};

use crate::{
    error::{Error, Result},
    ids::Ids,
    state::{Enrolled, State},
    store::{Key, Store},
};

/// Whether an error says that what lies on disk is not what was written. A lock, a full disk or a missing file is not that.
pub(crate) fn is_damage(error: &Error) -> bool {
    match error {
        Error::Damaged(what) => !matches!(*what, NEWER | OTHERS_MAY_READ | ANOTHER_KEY),
        // SQLITE_CORRUPT, SQLITE_NOTADB.
        Error::Database(error) => matches!(primary_code(error), Some(11 | 26)),
        _ => false,
    }
}

pub(crate) const NEWER: &str = "the database is of a newer version of this program";
pub(crate) const OTHERS_MAY_READ: &str = "the key file may be read by others";

pub(crate) const ANOTHER_KEY: &str = "this phone's data opens with another key";

/// SQLite's code without what only says where it happened.
pub(crate) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Opens what can be opened of a damaged phone.
pub(crate) async fn recover(folder: &Path, key: Key<'_>, ids: Arc<dyn Ids>, now_ms: u64) -> Result<(Store, State)> {
    let store = Store::salvage(folder, key, Arc::clone(&ids)).await?;
    let (mut state, missing) = State::of_what_is_left(&store.load().await?)?;
    let waiting = |enrolled: &Enrolled| enrolled.device.circles().map(|(_, c)| c.outbox().count()).sum::<usize>();
    state.settings.damaged_ms = now_ms;
    state.settings.outbox_lost = missing.is_none();
    state.settings.unsent_lost = missing.map_or(0, |missing| u32::try_from(missing.waiting).unwrap_or(u32::MAX));
    state.settings.recovered = state.enrolled.as_ref().map_or(0, |e| u32::try_from(waiting(e)).unwrap_or(u32::MAX));
    if let Some(enrolled) = &mut state.enrolled {
        enrolled.device.start_over();
    }
    // Whole before it takes the place of the damaged one: nobody opens half of it.
    state.commit_all(&store).await?;
    let store = store.take_place(key).await?;
    Ok((store, state))
}
