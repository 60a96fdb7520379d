//! A phone whose database is damaged: what can be read goes on, everything that was sent is fetched anew, and the status
//! says what became of what was not.

use std::{path::Path, sync::Arc};

use osteon_proto::meta;
use osteon_sync_core::{
    Replica,
    device::{Device, Lanes},
};

use crate::{
    error::{Error, Result},
    ids::Ids,
    state::{Enrolled, State},
    store::{Key, Store, items::Enrolment},
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
    let store = Store::salvage(folder, key, ids).await?;
    let mut loaded = store.load().await?;
    // What does not decode is as good as gone.
    let unreadable = loaded.device().is_none_or(|bytes| Device::decode(bytes).is_err());
    if let (true, Ok(Some(enrolment))) = (unreadable, loaded.enrolment()) {
        let session = loaded.session().ok().flatten().unwrap_or_default();
        let (epoch, lanes) = newest_lanes(&enrolment);
        let fresh = Enrolled::new(enrolment, session, epoch, lanes);
        loaded.replace(&fresh.enrolment, &fresh.session, fresh.device.encode());
    } else if let (false, Ok(Some(_)), Ok(None)) = (unreadable, loaded.enrolment(), loaded.session()) {
        loaded.put_session(&crate::store::items::Session::default());
    }
    let mut state = State::of(loaded)?;
    let waiting = |enrolled: &Enrolled| enrolled.device.circles().map(|(_, c)| c.outbox().count()).sum::<usize>();
    state.settings.damaged_ms = now_ms;
    state.settings.outbox_lost = unreadable;
    state.settings.recovered = state.enrolled.as_ref().map_or(0, |e| u32::try_from(waiting(e)).unwrap_or(u32::MAX));
    if let Some(enrolled) = &mut state.enrolled {
        enrolled.device.start_over();
    }
    state.commit_all(&store).await?;
    Ok((store, state))
}

/// The numbers that this phone got last. What it gave under them is found out with Hello, which gives it new ones if need be.
fn newest_lanes(enrolment: &Enrolment) -> (u32, Lanes) {
    let newest = |lane: meta::Lane| {
        let of = enrolment.lanes.iter().filter(|l| l.lane == lane as i32);
        of.map(|l| Replica { epoch: l.epoch, n: l.replica }).max().unwrap_or_default()
    };
    let lanes = Lanes { urgent: newest(meta::Lane::Urgent), ordinary: newest(meta::Lane::Ordinary) };
    (lanes.ordinary.epoch, lanes)
}
