//! A database that does not open or read any more: what can be read of it goes into a new one, the old file stays beside it.
//!
//! Every value is sealed under its place, so what is read here is what was written, or is not read at all.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{Batch, DATABASE, Key, Place, READ_ALL, Sealer, Store, number};
use crate::{
    error::{Error, Result},
    ids::Ids,
    recovery::ANOTHER_KEY,
};

const READ_ALL_BACKWARDS: &str = "SELECT circle, kind, key, value FROM item ORDER BY circle DESC, kind DESC, key DESC";
pub(super) const ASIDE: &str = "phone.db.damaged";

impl Store {
    /// Moves a damaged database aside and puts what could be read of it into a new one.
    pub(crate) async fn salvage(folder: &Path, key: Key<'_>, ids: Arc<dyn Ids>) -> Result<Self> {
        let (items, shut) = readable(folder, &key.sealer(folder, &*ids)?).await;
        // Nothing opens of what is whole: the app gave another key, and its phone is left as it is.
        if matches!(key, Key::Given(_)) && items.is_empty() && shut > 0 {
            return Err(Error::Damaged(ANOTHER_KEY));
        }
        let file = |source| Error::File { what: "the damaged database", source };
        for end in ["", "-wal"] {
            let from = folder.join(format!("{DATABASE}{end}"));
            if from.exists() {
                std::fs::rename(&from, folder.join(format!("{ASIDE}{end}"))).map_err(file)?;
            }
        }
        super::remove(&folder.join(format!("{DATABASE}-shm")))?;
        let store = Self::open(folder, key, ids).await?;
        let mut batch = Batch::default();
        items.into_iter().for_each(|(place, value)| batch.put(place, value));
        store.commit(0, &batch).await?;
        Ok(store)
    }
}

/// Reads from both ends up to where it fails; and how many values were read and did not open.
async fn readable(folder: &Path, sealer: &Sealer) -> (BTreeMap<Place, Vec<u8>>, usize) {
    let (mut items, mut shut) = (BTreeMap::new(), 0);
    for statement in [READ_ALL, READ_ALL_BACKWARDS] {
        let options = SqliteConnectOptions::new().filename(folder.join(DATABASE));
        let Ok(mut database) = SqliteConnection::connect_with(&options).await else { continue };
        shut += read(&mut database, statement, sealer, &mut items).await;
        let _ = database.close().await;
    }
    (items, shut)
}

async fn read(
    database: &mut SqliteConnection,
    statement: &'static str,
    sealer: &Sealer,
    items: &mut BTreeMap<Place, Vec<u8>>,
) -> usize {
    use futures_util::StreamExt as _;
    let mut shut = 0;
    let mut rows = sqlx::query(statement).fetch(database);
    while let Some(Ok(row)) = rows.next().await {
        let (Ok(circle), Ok(kind), Ok(key), Ok(sealed)) = (
            row.try_get::<i64, _>(0),
            row.try_get::<i64, _>(1),
            row.try_get::<Vec<u8>, _>(2),
            row.try_get::<Vec<u8>, _>(3),
        ) else {
            continue;
        };
        let Ok(kind) = u8::try_from(kind) else { continue };
        let place = Place { circle: number(circle), kind, key };
        match sealer.unseal(&place.bound(), &sealed) {
            Ok(value) => {
                items.insert(place, value);
            }
            Err(_) => shut += 1,
        }
    }
    shut
}
