//! SQLite, embedded: write-ahead log, every commit synced, one writing connection, a pool of readers.

mod bulk;
#[path = "shared/mod.rs"]
mod shared;

use std::{fs::OpenOptions, io::ErrorKind, os::unix::fs::OpenOptionsExt as _, sync::Arc, time::Duration};

use sqlx::{
    Row as _, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

pub use self::shared::SqlStore;
use super::{
    CircleNo, StoreError,
    common::Common,
    open::Options,
    statements::{
        ranges_sqlite as ranges,
        sqlite::{DATA_VERSION, VERSION},
    },
    warm::Others,
};
use crate::seal::Vault;

type Db = sqlx::Sqlite;

const KIND: &str = "sqlite";
/// Takes the write lock at once: a read that turns into a write would be refused whatever the timeout says.
const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// Before rows are erased: what is deleted is overwritten in the file.
const BEFORE_ERASURE: &[&str] = &["PRAGMA secure_delete = ON"];
/// After rows were erased: nothing of them stays in the write-ahead log.
const AFTER_ERASURE: &[&str] = &["PRAGMA wal_checkpoint(TRUNCATE)"];
const BEGIN_READ: &str = "BEGIN";

/// Another process on this file has heard of it by the commit itself ([`notice`]).
async fn tell_erased(_: &SqlitePool, _: CircleNo) -> Result<(), StoreError> {
    Ok(())
}

/// 3.51.3 mends a rare corruption of the write-ahead log (<https://sqlite.org/wal.html>, "The WAL-Reset Bug").
const OLDEST: [u32; 3] = [3, 51, 3];
/// Statements that stay prepared, per connection: more than there are.
const STATEMENTS: usize = 256;

/// A page's rows wait in one piece for their reader: else two threads take turns for them.
const ROWS_AHEAD: usize = 256;

fn options(path: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(ROWS_AHEAD)
}

fn migrator() -> Migrator {
    let of = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        of(1, "init", include_str!("../../../migrations/sqlite/0001_init.sql")),
        of(3, "sessions", include_str!("../../../migrations/sqlite/0003_sessions.sql")),
        of(4, "consent", include_str!("../../../migrations/sqlite/0004_consent.sql")),
        of(6, "audit seals", include_str!("../../../migrations/sqlite/0006_audit_seals.sql")),
        of(7, "keeping", include_str!("../../../migrations/sqlite/0007_keeping.sql")),
        of(8, "browsers", include_str!("../../../migrations/sqlite/0008_browsers.sql")),
        of(9, "teams", include_str!("../../../migrations/sqlite/0009_teams.sql")),
        of(10, "narrow", include_str!("../../../migrations/sqlite/0010_narrow.sql")),
        of(15, "invite forms", include_str!("../../../migrations/sqlite/0015_invite_forms.sql")),
        of(16, "rules due", include_str!("../../../migrations/sqlite/0016_rules_due.sql")),
        of(17, "clinic circle", include_str!("../../../migrations/sqlite/0017_clinic_circle.sql")),
        of(21, "device read", include_str!("../../../migrations/sqlite/0021_device_read.sql")),
        of(40, "attachments", include_str!("../../../migrations/sqlite/0040_attachments.sql")),
        of(41, "wakes", include_str!("../../../migrations/sqlite/0041_wakes.sql")),
        of(43, "invite life", include_str!("../../../migrations/sqlite/0043_invite_life.sql")),
        of(44, "device reached", include_str!("../../../migrations/sqlite/0044_device_reached.sql")),
        of(45, "device heard", include_str!("../../../migrations/sqlite/0045_device_heard.sql")),
        of(46, "device health", include_str!("../../../migrations/sqlite/0046_device_health.sql")),
    ])
}

/// The library that runs, not the one that was compiled against.
async fn check_version(pool: &SqlitePool) -> Result<(), StoreError> {
    let version: String = sqlx::query(VERSION).fetch_one(pool).await?.try_get(0)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    if [(); 3].map(|()| parts.next().unwrap_or(0)) < OLDEST {
        return Err(StoreError::Setup("SQLite 3.51.3 or newer is needed"));
    }
    Ok(())
}

/// A new file is its owner's alone; SQLite gives the files beside it the same mode.
fn make_file(path: &str) -> Result<(), StoreError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StoreError::Database(Box::new(error))),
        _ => Ok(()),
    }
}

async fn writer(path: &str) -> Result<SqlitePool, StoreError> {
    make_file(path)?;
    let pool =
        SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with(options(path)).await?;
    check_version(&pool).await?;
    migrator().run(&pool).await.map_err(|error| StoreError::Database(Box::new(error)))?;
    Ok(pool)
}

pub async fn migrate(path: &str) -> Result<(), StoreError> {
    writer(path).await?.close().await;
    Ok(())
}

/// How often it is looked whether another process has committed that did not say so, one that died or is not ours.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Empties what is held in memory when another process has committed: asked of the writing connection, whose own
/// commits do not count. Begins to hold when the process that held before is gone. Runs until the store closes.
async fn notice(common: Arc<Common>, writers: SqlitePool) {
    let mut before = None;
    loop {
        let version: Option<i64> = match sqlx::query(DATA_VERSION).fetch_one(&writers).await {
            Ok(row) => row.try_get(0).ok(),
            Err(sqlx::Error::PoolClosed) => return,
            Err(_) => None,
        };
        if version.is_none() || version != before {
            common.forget_standing();
            if before.is_some() {
                // Which circles, nobody knows: whoever waits looks.
                common.wake(Vec::new());
            }
        }
        common.try_alone();
        before = version;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

pub async fn open(path: &str, options: &Options, vault: Vault) -> Result<SqlStore, StoreError> {
    let writers = writer(path).await?;
    let readers = SqlitePoolOptions::new().max_connections(options.readers.max(1)).test_before_acquire(false);
    let readers = readers.connect_with(self::options(path).read_only(true)).await?;
    let others = Others::open(path).map_err(|error| StoreError::Database(Box::new(error)))?;
    let common = Arc::new(Common::new(vault).audited(options.audit).warm(others));
    common.try_alone();
    let watch = tokio::spawn(notice(Arc::clone(&common), writers.clone()));
    Ok(SqlStore::start(common, readers, writers, 1, options.limits, vec![watch], |_| ()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn what_is_made_is_its_owners_alone() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("osteon.db");
        let pool = super::writer(path.to_str().expect("a path")).await.expect("opened");
        for file in std::fs::read_dir(dir.path()).expect("files") {
            let file = file.expect("a file");
            let mode = file.metadata().expect("its mode").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.path().display());
        }
        pool.close().await;
    }
}
