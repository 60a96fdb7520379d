//! A database that does not open or read any more: what can be read of it goes into a new one, the old file stays beside it.
//! The new one is made whole under a name of its own first: whoever dies on the way begins again, or finds it finished.
//!
//! Every value is sealed under its place, so what is read here is what was written, or is not read at all.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
    sync::Arc,
};

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{Batch, DATABASE, Key, Place, READ_ALL, Sealer, Store, items, number, raw};
use crate::{
    error::{Error, Result},
    ids::Ids,
    recovery::ANOTHER_KEY,
};

const READ_ALL_BACKWARDS: &str = "SELECT circle, kind, key, value FROM item ORDER BY circle DESC, kind DESC, key DESC";
pub(super) const ASIDE: &str = "phone.db.damaged";
/// The enrolment, sealed, once more.
pub(super) const ENROLMENT_COPY: &str = "phone.enrolled";
/// What is made of it, until it is whole.
pub(super) const COMING: &str = "phone.db.coming";

impl Store {
    /// What could be read of a damaged database, in a new one that has not taken its place yet ([`Store::take_place`]).
    pub(crate) async fn salvage(folder: &Path, key: Key<'_>, ids: Arc<dyn Ids>) -> Result<Self> {
        let (items, shut) = readable(folder, &key.sealer(folder, &*ids)?).await;
        // Nothing opens of what is whole: it is another key, and the phone is left as it is.
        if items.is_empty() && shut > 0 {
            return Err(Error::Damaged(ANOTHER_KEY));
        }
        remove_named(folder, COMING)?;
        let store = Self::over(folder, COMING, key.sealer(folder, &*ids)?, ids).await?;
        let mut batch = Batch::default();
        items.into_iter().for_each(|(place, value)| batch.put(place, value));
        store.commit(0, &batch).await?;
        Ok(store)
    }

    /// The new database takes the place of the damaged one, which is moved aside.
    pub(crate) async fn take_place(self, key: Key<'_>) -> Result<Self> {
        let (folder, ids) = (self.folder.clone(), Arc::clone(&self.ids));
        // Closing writes the log into the file: one file is one rename.
        sqlx::query_scalar::<_, i64>(super::EMPTY_LOG).fetch_one(&self.pool).await?;
        self.pool.close().await;
        for end in ["-wal", "-shm"] {
            super::remove(&folder.join(format!("{COMING}{end}")))?;
        }
        // What was moved aside before stays: nobody has looked at it yet.
        let aside = (1..).map(aside).find(|name| !folder.join(name).exists()).unwrap_or_else(|| ASIDE.to_owned());
        rename(&folder, DATABASE, &aside, "-wal")?;
        rename(&folder, DATABASE, &aside, "")?;
        finish(&folder)?;
        Self::open(&folder, key, ids).await
    }
}

/// The damaged one was moved aside, and the new one, which was whole before that, has not taken its place yet.
pub(super) fn is_half_way(folder: &Path) -> bool {
    let is = |name: &str| folder.join(name).is_file();
    !is(DATABASE) && is(COMING) && is(ASIDE)
}

/// The name of the nth that is moved aside.
fn aside(n: u32) -> String {
    if n == 1 { ASIDE.to_owned() } else { format!("{ASIDE}.{n}") }
}

/// All that was moved aside.
pub(super) fn forget(folder: &Path) -> Result<()> {
    (1..).map(aside).take_while(|name| folder.join(name).exists()).try_for_each(|name| remove_named(folder, &name))
}

/// What is left to do of [`Store::take_place`].
pub(super) fn finish(folder: &Path) -> Result<()> {
    if is_half_way(folder) {
        for end in ["-wal", "-shm"] {
            super::remove(&folder.join(format!("{DATABASE}{end}")))?;
        }
        rename(folder, COMING, DATABASE, "")?;
    }
    Ok(())
}

fn rename(folder: &Path, from: &str, to: &str, end: &str) -> Result<()> {
    let file = |source| Error::File { what: "the damaged database", source };
    let from = folder.join(format!("{from}{end}"));
    if from.exists() {
        std::fs::rename(&from, folder.join(format!("{to}{end}"))).map_err(file)?;
        // A name is on the disk when its folder is.
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(file)?;
    }
    Ok(())
}

/// A database and what SQLite has beside it.
pub(super) fn remove_named(folder: &Path, name: &str) -> Result<()> {
    ["", "-wal", "-shm"].iter().try_for_each(|end| super::remove(&folder.join(format!("{name}{end}"))))
}

/// Reads from both ends up to where it fails, then page by page what SQLite does not reach; and how many values were read and
/// did not open.
async fn readable(folder: &Path, sealer: &Sealer) -> (BTreeMap<Place, Vec<u8>>, usize) {
    let (mut items, mut shut): (BTreeMap<Place, Vec<u8>>, usize) = (BTreeMap::new(), 0);
    for statement in [READ_ALL, READ_ALL_BACKWARDS] {
        let options = SqliteConnectOptions::new().filename(folder.join(DATABASE));
        let Ok(mut database) = SqliteConnection::connect_with(&options).await else { continue };
        shut += read(&mut database, statement, sealer, &mut items).await;
        let _ = database.close().await;
    }
    let mut put = |place: Place, sealed: &[u8]| {
        if let Entry::Vacant(free) = items.entry(place) {
            match sealer.unseal(&free.key().bound(), sealed) {
                Ok(value) => drop(free.insert(value)),
                Err(_) => shut += 1,
            }
        }
    };
    for (circle, kind, key, sealed) in raw::rows(&std::fs::read(folder.join(DATABASE)).unwrap_or_default()) {
        if let Ok(kind) = u8::try_from(kind) {
            put(Place { circle: number(circle), kind, key }, &sealed);
        }
    }
    if let Ok(sealed) = std::fs::read(folder.join(ENROLMENT_COPY)) {
        put(items::enrolment_place(), &sealed);
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
