//! What a phone keeps: one SQLite file of sealed items, and all that belongs together in one transaction.
//!
//! An item is (circle, kind, key) → value. The device's state machine says which items a page, a verdict or a saved form
//! changes; [`Store::commit`] makes all of that durable or none. A generation counts commits: whoever commits names the one
//! that it has read, so that two programs on one folder (a watcher, a command) never overwrite each other.

pub mod files;
pub mod items;
pub mod lock;
mod mirror;
mod outcomes;
mod raw;
mod salvage;
pub mod saves;
mod seal;

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Connection as _, Row, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    error::{Error, Result},
    ids::Ids,
    recovery,
};
pub use mirror::Mirror;
use seal::Sealer;

const DATABASE: &str = "phone.db";
const KEY: &str = "phone.key";
/// Says that the key is none of the folder's.
const KEY_ELSEWHERE: &str = "phone.key-elsewhere";
/// `user_version` of the file that this code writes.
const SCHEMA_VERSION: i64 = 2;
/// As version 2, but that the device's state is one item: it is read as it is, and taken apart with the first commit.
const WHOLE_DEVICE: i64 = 1;

const CREATE: &str = "CREATE TABLE item (circle INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL, \
    value BLOB NOT NULL, PRIMARY KEY (circle, kind, key)) STRICT, WITHOUT ROWID";
const CREATE_GENERATION: &str = "CREATE TABLE generation (n INTEGER NOT NULL) STRICT";
const FIRST_GENERATION: &str = "INSERT INTO generation (n) VALUES (0)";
const READ_VERSION: &str = "PRAGMA user_version";
const WRITE_VERSION: &str = "PRAGMA user_version = 2";
const READ_GENERATION: &str = "SELECT n FROM generation";
const NEXT_GENERATION: &str = "UPDATE generation SET n = n + 1 WHERE n = $1";
const READ_ALL: &str = "SELECT circle, kind, key, value FROM item ORDER BY circle, kind, key";
/// So many items go into one statement.
const TOGETHER: usize = 32;
/// Puts one item, or [`TOGETHER`].
static PUT: LazyLock<[String; 2]> = LazyLock::new(|| [1, TOGETHER].map(put));
const DELETE: &str = "DELETE FROM item WHERE circle = $1 AND kind = $2 AND key = $3";
const DELETE_ALL: &str = "DELETE FROM item";
/// Takes what was written over out of the write-ahead log: the file overwrites what it deletes (`secure_delete`).
const EMPTY_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

fn put(items: usize) -> String {
    format!(
        "INSERT INTO item (circle, kind, key, value) VALUES {} \
         ON CONFLICT (circle, kind, key) DO UPDATE SET value = excluded.value",
        vec!["(?, ?, ?, ?)"; items].join(", ")
    )
}

/// Where an item stands. Circle 0 is the installation itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    pub circle: u64,
    pub kind: u8,
    pub key: Vec<u8>,
}

impl Place {
    pub fn new(circle: u64, kind: u8, key: impl Into<Vec<u8>>) -> Self {
        Self { circle, kind, key: key.into() }
    }

    /// What a value is bound to: moved to another place, it does not open.
    fn bound(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(9 + self.key.len());
        out.extend_from_slice(&self.circle.to_be_bytes());
        out.push(self.kind);
        out.extend_from_slice(&self.key);
        out
    }
}

/// Items to be written together; the last word about a place counts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch(BTreeMap<Place, Option<Vec<u8>>>);

impl Batch {
    pub fn put(&mut self, place: Place, value: impl Into<Vec<u8>>) {
        self.0.insert(place, Some(value.into()));
    }

    pub fn delete(&mut self, place: Place) {
        self.0.insert(place, None);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something that somebody wrote goes: nothing of it may stay in the files.
    fn erases(&self) -> bool {
        self.0.iter().any(|(place, value)| value.is_none() && items::is_content(place.kind))
    }
}

/// Everything that a phone keeps, opened, as of one commit.
#[derive(Default)]
pub struct Loaded {
    pub generation: u64,
    pub items: BTreeMap<Place, Vec<u8>>,
}

/// A new database file is its owner's alone; SQLite gives the files beside it the same mode.
fn make_database(at: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(at) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What a phone's data is sealed under.
#[derive(Clone, Copy)]
pub enum Key<'k> {
    /// A file beside it, that only its owner may read.
    InFolder,
    /// The platform keeps it for the app.
    Given(&'k [u8; 32]),
}

impl Key<'_> {
    fn sealer(self, folder: &Path, ids: &dyn Ids) -> Result<Sealer> {
        match self {
            Self::InFolder => Sealer::open(&folder.join(KEY), ids),
            Self::Given(key) => Sealer::from_key(key),
        }
    }
}

/// The phone's database.
pub struct Store {
    pool: SqlitePool,
    sealer: Sealer,
    ids: Arc<dyn Ids>,
    folder: PathBuf,
    /// Something was erased, and may still stand in the write-ahead log.
    owes_emptying: AtomicBool,
}

impl Store {
    /// Opens a phone's folder, or makes it.
    pub async fn open(folder: &Path, key: Key<'_>, ids: Arc<dyn Ids>) -> Result<Self> {
        let file = |source| Error::File { what: "the phone's folder", source };
        make_private(folder).map_err(file)?;
        let elsewhere = folder.join(KEY_ELSEWHERE);
        match key {
            // Whose key lies elsewhere opens with that key alone, and is never taken for one that was erased.
            Key::InFolder if elsewhere.exists() => return Err(Error::Damaged(recovery::ANOTHER_KEY)),
            // An erasure that was cut short: nothing of this opens any more.
            Key::InFolder if !folder.join(KEY).exists() => remove_database(folder)?,
            Key::InFolder => {}
            Key::Given(_) if folder.join(KEY).exists() => return Err(Error::Damaged(recovery::ANOTHER_KEY)),
            Key::Given(_) => std::fs::write(&elsewhere, []).map_err(file)?,
        }
        let sealer = key.sealer(folder, &*ids)?;
        salvage::finish(folder)?;
        Self::over(folder, DATABASE, sealer, ids).await
    }

    async fn over(folder: &Path, name: &str, sealer: Sealer, ids: Arc<dyn Ids>) -> Result<Self> {
        let file = |source| Error::File { what: "the phone's folder", source };
        let at = folder.join(name);
        make_database(&at).map_err(file)?;
        let options = SqliteConnectOptions::new()
            .filename(at)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        // One connection: a phone has one writer, and what it reads it keeps in memory.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let owes_emptying = AtomicBool::new(false);
        let store = Self { pool, sealer, ids, folder: folder.to_path_buf(), owes_emptying };
        match store.migrate().await {
            Ok(()) => {
                // Whoever died after an erasure has left it there.
                store.empty_log(&mut *store.pool.acquire().await?).await;
                Ok(store)
            }
            Err(error) => {
                store.pool.close().await;
                Err(error)
            }
        }
    }

    /// Whether a phone's key and database lie here.
    pub fn is_there(folder: &Path) -> bool {
        let has_key = folder.join(KEY).is_file() || folder.join(KEY_ELSEWHERE).is_file();
        has_key && (folder.join(DATABASE).is_file() || salvage::is_half_way(folder))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    async fn migrate(&self) -> Result<()> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let version: i64 = sqlx::query_scalar(READ_VERSION).fetch_one(&mut *tx).await?;
        match version {
            0 => {
                for statement in [CREATE, CREATE_GENERATION, FIRST_GENERATION, WRITE_VERSION] {
                    sqlx::query(statement).execute(&mut *tx).await?;
                }
                tx.commit().await?;
            }
            // A program of the version before must not open what this one writes.
            WHOLE_DEVICE => {
                sqlx::query(WRITE_VERSION).execute(&mut *tx).await?;
                tx.commit().await?;
            }
            SCHEMA_VERSION => {}
            _ => return Err(Error::Damaged(recovery::NEWER)),
        }
        Ok(())
    }

    /// Reads and opens everything.
    pub async fn load(&self) -> Result<Loaded> {
        let mut tx = self.pool.begin().await?;
        let generation: i64 = sqlx::query_scalar(READ_GENERATION).fetch_one(&mut *tx).await?;
        let mut loaded = Loaded { generation: number(generation), ..Loaded::default() };
        for row in sqlx::query(READ_ALL).fetch_all(&mut *tx).await? {
            let kind = u8::try_from(row.try_get::<i64, _>(1)?).map_err(|_| Error::Damaged("kind of an item"))?;
            let place = Place { circle: number(row.try_get(0)?), kind, key: row.try_get(2)? };
            let value = self.sealer.unseal(&place.bound(), &row.try_get::<Vec<u8>, _>(3)?)?;
            loaded.items.insert(place, value);
        }
        Ok(loaded)
    }

    /// How many commits this folder has seen: another number than the one loaded means that another program wrote.
    pub async fn generation(&self) -> Result<u64> {
        let n: i64 = sqlx::query_scalar(READ_GENERATION).fetch_one(&self.pool).await?;
        Ok(number(n))
    }

    /// Writes a batch, all or nothing, onto the generation that the caller has read. Returns the new one.
    pub async fn commit(&self, generation: u64, batch: &Batch) -> Result<u64> {
        self.write(generation, batch, false).await
    }

    /// The same for what has to be written to send what waits: on a full disk it takes the room that was kept for it.
    pub async fn commit_to_send(&self, generation: u64, batch: &Batch) -> Result<u64> {
        match self.commit(generation, batch).await {
            Err(Error::DiskFull) if self.give_room() => self.commit(generation, batch).await,
            done => done,
        }
    }

    /// Forgets everything. The enrolment too: whoever holds the folder afterwards holds nothing.
    pub async fn wipe(&self) -> Result<u64> {
        let generation = self.generation().await?;
        self.forget_damaged()?;
        let wiped = self.write(generation, &Batch::default(), true).await?;
        files::remove_all(&self.folder)?;
        Ok(wiped)
    }

    /// What was moved aside when it was found damaged still opens with the phone's key: it goes before anything is erased.
    pub(crate) fn forget_damaged(&self) -> Result<()> {
        salvage::forget(&self.folder)
    }

    /// Erases the folder. Another program that has it open finds nothing either: the items are deleted before the files.
    pub async fn erase(&self) -> Result<()> {
        // The key first: without it no copy of the database opens.
        remove(&self.folder.join(KEY))?;
        let emptied = self.wipe().await;
        self.pool.close().await;
        remove_database(&self.folder)?;
        remove(&self.folder.join(KEY_ELSEWHERE))?;
        match emptied {
            Ok(_) | Err(Error::Moved) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn write(&self, generation: u64, batch: &Batch, wipe: bool) -> Result<u64> {
        let mut connection = self.pool.acquire().await?;
        let done = self.write_on(&mut connection, generation, batch, wipe).await;
        if matches!(done, Err(Error::Database(_) | Error::DiskFull)) {
            // SQLite may have ended the transaction by itself, and sqlx believe that it is open: another connection.
            let _ = connection.close().await;
        } else if done.is_ok() && (wipe || batch.erases() || self.owes_emptying.load(Ordering::Relaxed)) {
            self.empty_log(&mut connection).await;
        }
        if done.is_ok() {
            self.keep_copy(batch, wipe)?;
        }
        done
    }

    /// Who this phone is stands beside the database once more: without it, what waits could never be sent. A copy that
    /// cannot be written now is written with the next one.
    fn keep_copy(&self, batch: &Batch, wipe: bool) -> Result<()> {
        let at = self.folder.join(salvage::ENROLMENT_COPY);
        if wipe {
            return remove(&at);
        }
        let place = items::enrolment_place();
        if let Some(Some(enrolment)) = batch.0.get(&place) {
            let sealed = self.sealer.seal(&place.bound(), enrolment, &*self.ids)?;
            let coming = self.folder.join(format!("{}.coming", salvage::ENROLMENT_COPY));
            let written = std::fs::write(&coming, sealed).and_then(|()| std::fs::rename(&coming, &at));
            if let Err(error) = written {
                tracing::debug!(%error, "the copy of the enrolment is as it was");
            }
        }
        Ok(())
    }

    /// What was committed is committed: a log that cannot be emptied now (another program reads) is emptied with the next
    /// commit.
    async fn empty_log(&self, connection: &mut SqliteConnection) {
        let busy = sqlx::query_scalar::<_, i64>(EMPTY_LOG).fetch_one(connection).await;
        self.owes_emptying.store(!matches!(busy, Ok(0)), Ordering::Relaxed);
    }

    async fn write_on(
        &self,
        connection: &mut SqliteConnection,
        generation: u64,
        batch: &Batch,
        wipe: bool,
    ) -> Result<u64> {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let moved = sqlx::query(NEXT_GENERATION).bind(signed(generation)).execute(&mut *tx).await?;
        if moved.rows_affected() != 1 {
            return Err(Error::Moved);
        }
        if wipe {
            sqlx::query(DELETE_ALL).execute(&mut *tx).await?;
        }
        let (mut gone, mut stays) = (Vec::new(), Vec::with_capacity(batch.0.len()));
        for (place, value) in &batch.0 {
            match value {
                Some(value) => stays.push((place, self.sealer.seal(&place.bound(), value, &*self.ids)?)),
                None => gone.push(place),
            }
        }
        for place in gone {
            let query = sqlx::query(DELETE).bind(signed(place.circle)).bind(i64::from(place.kind));
            query.bind(place.key.as_slice()).execute(&mut *tx).await?;
        }
        let [one, many] = &*PUT;
        let (whole, rest) = stays.as_chunks::<TOGETHER>();
        let all = whole
            .iter()
            .map(|items| (many, &items[..]))
            .chain(rest.iter().map(|item| (one, std::slice::from_ref(item))));
        for (statement, items) in all {
            let mut query = sqlx::query(statement.as_str());
            for (place, sealed) in items {
                query = query.bind(signed(place.circle)).bind(i64::from(place.kind));
                query = query.bind(place.key.as_slice()).bind(sealed.as_slice());
            }
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(generation + 1)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// SQLite has signed integers only; the bits are the same.
fn signed(n: u64) -> i64 {
    i64::from_ne_bytes(n.to_ne_bytes())
}

fn number(n: i64) -> u64 {
    u64::from_ne_bytes(n.to_ne_bytes())
}

fn remove_database(folder: &Path) -> Result<()> {
    files::remove_all(folder)?;
    for name in [DATABASE, salvage::COMING] {
        salvage::remove_named(folder, name)?;
    }
    salvage::forget(folder)?;
    remove(&folder.join(salvage::ENROLMENT_COPY))?;
    remove(&folder.join(lock::LOCK))?;
    remove(&folder.join(lock::SPARE))
}

/// Overwrites a file and removes it. One that is not there is gone already.
fn remove(path: &Path) -> Result<()> {
    let gone = || {
        let length = std::fs::metadata(path)?.len();
        let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
        std::io::copy(&mut std::io::repeat(0).take(length), &mut file)?;
        file.sync_all()?;
        std::fs::remove_file(path)
    };
    match gone() {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            std::fs::remove_file(path).map_err(|_| Error::File { what: "a file that is to be erased", source })
        }
        _ => Ok(()),
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
