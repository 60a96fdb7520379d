//! What lies on the disk: how many bytes the tables take, and which process holds them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _, SqliteConnection};

use super::cpu;

/// The database under measure.
#[derive(Clone, Debug)]
pub enum Disk {
    /// A folder: `osteon.db` lies in it, `bare.db` beside it.
    Sqlite(PathBuf),
    Postgres(String),
}

/// Tables of either side.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    Osteon,
    Bare,
}

const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// Bytes of the sealed columns of one entry, on average: (state, log).
const SIZES: &str = "SELECT (SELECT CAST(AVG(LENGTH(sealed)) AS DOUBLE PRECISION) FROM part WHERE type_number = 101), \
    (SELECT CAST(AVG(LENGTH(sealed)) AS DOUBLE PRECISION) FROM log)";
const TABLES_SIZE: &str = "SELECT CAST(COALESCE(SUM(pg_total_relation_size(oid)), 0) AS BIGINT) FROM pg_class \
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND (relname LIKE 'bare%') = $1";
const BACKEND: &str = "SELECT pg_backend_pid()";

async fn sqlite(path: &Path) -> anyhow::Result<SqliteConnection> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let options = options.busy_timeout(std::time::Duration::from_secs(5));
    options.connect().await.with_context(|| format!("cannot open {}", path.display()))
}

impl Disk {
    /// As the store's setting names it; `None`: the default.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(url) => Some(url),
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite, WAL, synchronous=FULL",
            Self::Postgres(_) => "PostgreSQL, fsync and synchronous_commit as they are set there",
        }
    }

    fn file(folder: &Path, side: Side) -> PathBuf {
        folder.join(match side {
            Side::Osteon => "osteon.db",
            Side::Bare => "bare.db",
        })
    }

    /// Bytes that the tables and indices of one side take, the log of SQLite written back first.
    pub async fn bytes(&self, side: Side) -> anyhow::Result<u64> {
        match self {
            Self::Sqlite(folder) => {
                let path = Self::file(folder, side);
                let mut conn = sqlite(&path).await?;
                sqlx::query(CHECKPOINT).execute(&mut conn).await?;
                conn.close().await?;
                Ok(std::fs::metadata(path)?.len())
            }
            Self::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await?;
                let row = sqlx::query(TABLES_SIZE).bind(matches!(side, Side::Bare)).fetch_one(&mut conn).await?;
                Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
            }
        }
    }

    /// Average bytes of what Osteon keeps of one entry: (state, log). The baseline stores as many.
    pub async fn sealed(&self) -> anyhow::Result<(usize, usize)> {
        let (state, log): (Option<f64>, Option<f64>) = match self {
            Self::Sqlite(folder) => {
                let row = sqlx::query(SIZES).fetch_one(&mut sqlite(&Self::file(folder, Side::Osteon)).await?).await?;
                (row.try_get(0)?, row.try_get(1)?)
            }
            Self::Postgres(url) => {
                let row = sqlx::query(SIZES).fetch_one(&mut PgConnection::connect(url).await?).await?;
                (row.try_get(0)?, row.try_get(1)?)
            }
        };
        Ok((state.unwrap_or(300.0) as usize, log.unwrap_or(300.0) as usize))
    }

    /// The first process of a PostgreSQL on this machine.
    pub async fn server_process(&self) -> anyhow::Result<Option<u32>> {
        let Self::Postgres(url) = self else { return Ok(None) };
        let mut conn = PgConnection::connect(url).await?;
        let pid: i32 = sqlx::query(BACKEND).fetch_one(&mut conn).await?.try_get(0)?;
        Ok(u32::try_from(pid).ok().and_then(cpu::parent))
    }
}
