//! Which deny log belongs to a database, and whether it may be served with it.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, Row as _};

use super::{Binding, DatabaseLog, DenyError, DenyLog, FileLog, Numbered};
use crate::config::DenyLogAt;

/// Names the one node of a database that has its deny log in a file.
const ALONE: &str = "SELECT pg_try_advisory_lock(7308895160637522784)";
/// A node that was killed a moment ago still holds it until its connection is found broken.
const TRIES: u32 = 25;
const PAUSE: Duration = Duration::from_millis(200);

/// Opens the log. `make`: it may not be there yet.
pub async fn open(at: &DenyLogAt, binding: Binding, make: bool) -> Result<Box<dyn DenyLog>, DenyError> {
    Ok(match (at, make) {
        (DenyLogAt::File(path), true) => Box::new(FileLog::open_or_create(path, binding)?),
        (DenyLogAt::File(path), false) => Box::new(FileLog::open(path, binding)?),
        (DenyLogAt::Database(url), true) => Box::new(DatabaseLog::open_or_create(&url.0, binding).await?),
        (DenyLogAt::Database(url), false) => Box::new(DatabaseLog::open(&url.0, binding).await?),
    })
}

/// A log that is shorter than the database says is an older copy of it.
pub fn long_enough(entries: &[Numbered], denied: u64) -> Result<(), DenyError> {
    let found = entries.len() as u64;
    if found < denied { Err(DenyError::Short { found, expected: denied }) } else { Ok(()) }
}

/// Claims a PostgreSQL database for this process, for as long as the connection is held. `None`: another one has it.
pub async fn claim(url: &str) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    for _ in 0..TRIES {
        if sqlx::query(ALONE).fetch_one(&mut connection).await?.try_get(0)? {
            return Ok(Some(connection));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}
