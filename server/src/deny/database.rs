//! The deny log in a second PostgreSQL database, for several nodes. It must not be the one that is backed up and restored
//! together with the records.

use async_trait::async_trait;
use sqlx::{
    PgPool, Row as _,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Binding, Chain, Denial, DenyError, DenyLog, Numbered, encode};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS osteon_deny \
    (no bigint NOT NULL PRIMARY KEY, entry bytea NOT NULL, mac bytea NOT NULL)";
/// One appender at a time over all nodes.
const LOCK: &str = "LOCK TABLE osteon_deny IN EXCLUSIVE MODE";
const LAST: &str = "SELECT no, mac FROM osteon_deny ORDER BY no DESC LIMIT 1";
const INSERT: &str = "INSERT INTO osteon_deny (no, entry, mac) VALUES ($1, $2, $3)";
/// A page of the log, so that a long one is not held twice.
const AFTER: &str = "SELECT no, entry, mac FROM osteon_deny WHERE no > $1 ORDER BY no LIMIT 1000";
const EXISTS: &str = "SELECT to_regclass('osteon_deny') IS NOT NULL";
const DURABLE: &str = "SELECT current_setting('fsync') <> 'off' AND current_setting('synchronous_commit') <> 'off'";

pub struct DatabaseLog {
    pool: PgPool,
    binding: Binding,
}

impl DatabaseLog {
    /// Opens the log and makes its table if there is none.
    pub async fn open_or_create(url: &str, binding: Binding) -> Result<Self, DenyError> {
        let log = Self::connect(url, binding).await?;
        sqlx::query(TABLE).execute(&log.pool).await?;
        Ok(log)
    }

    /// Opens a log that must be there.
    pub async fn open(url: &str, binding: Binding) -> Result<Self, DenyError> {
        let log = Self::connect(url, binding).await?;
        let there: bool = sqlx::query(EXISTS).fetch_one(&log.pool).await?.try_get(0)?;
        if there { Ok(log) } else { Err(DenyError::Absent) }
    }

    async fn connect(url: &str, binding: Binding) -> Result<Self, DenyError> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new().max_connections(4);
        let pool = pool.connect_with(options.application_name("osteon deny log")).await?;
        let durable: bool = sqlx::query(DURABLE).fetch_one(&pool).await?.try_get(0)?;
        if durable { Ok(Self { pool, binding }) } else { Err(DenyError::Lossy) }
    }
}

fn unsigned(row: &sqlx::postgres::PgRow, column: usize) -> Result<u64, DenyError> {
    Ok(row.try_get::<i64, _>(column)?.cast_unsigned())
}

#[async_trait]
impl DenyLog for DatabaseLog {
    async fn append(&self, denials: &[Denial]) -> Result<u64, DenyError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query(LOCK).execute(&mut *tx).await?;
        let mut chain = Chain::start(&self.binding);
        if let Some(row) = sqlx::query(LAST).fetch_optional(&mut *tx).await? {
            chain.last = unsigned(&row, 0)?;
            let mac: Vec<u8> = row.try_get(1)?;
            chain.mac = mac.try_into().map_err(|_| DenyError::Damaged(chain.last))?;
        }
        for denial in denials {
            let payload = encode(denial);
            let mac = chain.add(&self.binding, &payload);
            let query = sqlx::query(INSERT).bind(chain.last.cast_signed()).bind(payload).bind(mac.to_vec());
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(chain.last)
    }

    async fn read(&self) -> Result<Vec<Numbered>, DenyError> {
        let (mut chain, mut entries) = (Chain::start(&self.binding), Vec::new());
        loop {
            let rows = sqlx::query(AFTER).bind(chain.last.cast_signed()).fetch_all(&self.pool).await?;
            if rows.is_empty() {
                return Ok(entries);
            }
            for row in rows {
                let (payload, mac): (Vec<u8>, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?);
                if unsigned(&row, 0)? != chain.last + 1 {
                    return Err(DenyError::Damaged(chain.last + 1));
                }
                match chain.verify(&self.binding, &payload, &mac) {
                    Err(DenyError::Damaged(1)) => return Err(DenyError::Foreign),
                    entry => entries.push(entry?),
                }
            }
        }
    }
}
