//! Bare group commit: the rows that one change leaves (a state row, a log row, an audit row) and a head row per circle and
//! transaction, on the same database and disk, without anything that would make them mean something.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, QueryBuilder, Row as _, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// One change.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub circle: i64,
    pub record: [u8; 16],
    pub replica: i32,
    pub counter: i64,
    pub seq: i64,
    pub body: Vec<u8>,
}

/// Bytes of what Osteon keeps of one entry; bodies are filled up to them.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub state: usize,
    pub log: usize,
}

fn filled(body: &[u8], len: usize) -> Vec<u8> {
    let mut out = body[..body.len().min(len)].to_vec();
    out.resize(len, 7);
    out
}

const SCHEMA: [(&str, &str); 7] = [
    (
        "CREATE TABLE IF NOT EXISTS bare_state (circle INTEGER NOT NULL, record BLOB NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL)",
        "CREATE TABLE IF NOT EXISTS bare_state (circle BIGINT NOT NULL, record UUID NOT NULL, seq BIGINT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (circle, record))",
    ),
    ("CREATE UNIQUE INDEX IF NOT EXISTS bare_state_key ON bare_state (circle, record)", ""),
    (
        "CREATE INDEX IF NOT EXISTS bare_state_seq ON bare_state (circle, seq)",
        "CREATE INDEX IF NOT EXISTS bare_state_seq ON bare_state (circle, seq)",
    ),
    (
        "CREATE TABLE IF NOT EXISTS bare_log (circle INTEGER NOT NULL, replica INTEGER NOT NULL, counter INTEGER NOT NULL, seq INTEGER NOT NULL, mac BLOB NOT NULL, body BLOB NOT NULL)",
        "CREATE TABLE IF NOT EXISTS bare_log (circle BIGINT NOT NULL, replica INTEGER NOT NULL, counter BIGINT NOT NULL, seq BIGINT NOT NULL, mac BYTEA NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (circle, replica, counter))",
    ),
    ("CREATE UNIQUE INDEX IF NOT EXISTS bare_log_key ON bare_log (circle, replica, counter)", ""),
    (
        "CREATE TABLE IF NOT EXISTS bare_audit (no INTEGER PRIMARY KEY, circle INTEGER NOT NULL, at_ms INTEGER NOT NULL, account INTEGER NOT NULL, seq INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS bare_audit (no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, circle BIGINT NOT NULL, at_ms BIGINT NOT NULL, account BIGINT NOT NULL, seq BIGINT NOT NULL)",
    ),
    (
        "CREATE TABLE IF NOT EXISTS bare_head (circle INTEGER NOT NULL PRIMARY KEY, seq INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS bare_head (circle BIGINT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL)",
    ),
];
const DROPS: [&str; 4] = [
    "DROP TABLE IF EXISTS bare_state",
    "DROP TABLE IF EXISTS bare_log",
    "DROP TABLE IF EXISTS bare_audit",
    "DROP TABLE IF EXISTS bare_head",
];
const HEAD_CONFLICT: &str = " ON CONFLICT (circle) DO UPDATE SET seq = excluded.seq";
const PG_STATE: &str =
    "INSERT INTO bare_state SELECT * FROM UNNEST($1::bigint[], $2::uuid[], $3::bigint[], $4::bytea[])";
const PG_LOG: &str = "INSERT INTO bare_log \
    SELECT * FROM UNNEST($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])";
const PG_AUDIT: &str = "INSERT INTO bare_audit (circle, at_ms, account, seq) \
    SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])";
const PG_LOCK: &str = "SELECT seq FROM bare_head WHERE circle = ANY($1) ORDER BY circle FOR UPDATE";
const PG_HEAD: &str = "INSERT INTO bare_head SELECT * FROM UNNEST($1::bigint[], $2::bigint[]) \
    ON CONFLICT (circle) DO UPDATE SET seq = excluded.seq";
const SCAN: &str = "SELECT seq, record, body FROM bare_state WHERE circle = $1 AND seq > $2 ORDER BY seq LIMIT $3";

/// A connection to either database.
pub(super) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    pub(super) async fn sqlite(path: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        Ok(Self::Sqlite(options.busy_timeout(std::time::Duration::from_secs(5)).connect().await?))
    }

    pub(super) async fn postgres(url: &str) -> anyhow::Result<Self> {
        Ok(Self::Postgres(PgConnection::connect(url).await?))
    }

    /// Empty tables.
    pub(super) async fn anew(&mut self) -> anyhow::Result<()> {
        for sql in DROPS {
            self.run(sql).await?;
        }
        for (sqlite, postgres) in SCHEMA {
            let sql = if matches!(self, Self::Sqlite(_)) { sqlite } else { postgres };
            if !sql.is_empty() {
                self.run(sql).await?;
            }
        }
        Ok(())
    }

    async fn run(&mut self, sql: &'static str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(conn) => sqlx::query(sql).execute(conn).await.map(|_| ())?,
            Self::Postgres(conn) => sqlx::query(sql).execute(conn).await.map(|_| ())?,
        }
        Ok(())
    }

    /// One transaction. `changes` are in order of the circle; `heads` are the last sequences.
    pub(super) async fn commit(
        &mut self,
        changes: &[Change],
        heads: &[(i64, i64)],
        sizes: Sizes,
    ) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(conn) => on_sqlite(conn, changes, heads, sizes).await,
            Self::Postgres(conn) => on_postgres(conn, changes, heads, sizes).await,
        }
    }

    /// A page of one circle: (sequence, record, body).
    pub(super) async fn scan(
        &mut self,
        circle: i64,
        after: i64,
        limit: i64,
    ) -> anyhow::Result<Vec<(i64, Vec<u8>, Vec<u8>)>> {
        Ok(match self {
            Self::Sqlite(conn) => {
                let found = sqlx::query(SCAN).bind(circle).bind(after).bind(limit).fetch_all(conn).await?;
                found
                    .iter()
                    .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
                    .collect::<Result<_, sqlx::Error>>()?
            }
            Self::Postgres(conn) => {
                let found = sqlx::query(SCAN).bind(circle).bind(after).bind(limit).fetch_all(conn).await?;
                let row = |row: &sqlx::postgres::PgRow| {
                    let record: uuid::Uuid = row.try_get(1)?;
                    Ok((row.try_get(0)?, record.as_bytes().to_vec(), row.try_get(2)?))
                };
                found.iter().map(row).collect::<Result<_, sqlx::Error>>()?
            }
        })
    }
}

/// Row counts of prepared statements.
fn sizes_of(mut left: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let now = [64, 32, 16, 8, 4, 2, 1].into_iter().find(|size| *size <= left)?;
        left -= now;
        Some(now)
    })
}

type Insert = QueryBuilder<Sqlite>;

async fn rows<T>(
    conn: &mut SqliteConnection,
    into: &'static str,
    mut left: &[T],
    tail: &'static str,
    put: impl Fn(&mut sqlx::query_builder::Separated<'_, Sqlite, &'static str>, &T),
) -> anyhow::Result<()> {
    for size in sizes_of(left.len()) {
        let (now, later) = left.split_at(size);
        let mut insert = Insert::new(into);
        insert.push_values(now, |mut row, one| put(&mut row, one));
        insert.push(tail);
        insert.build().execute(&mut *conn).await?;
        left = later;
    }
    Ok(())
}

async fn on_sqlite(
    conn: &mut SqliteConnection,
    changes: &[Change],
    heads: &[(i64, i64)],
    sizes: Sizes,
) -> anyhow::Result<()> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    rows(&mut tx, "INSERT INTO bare_head (circle, seq) ", heads, HEAD_CONFLICT, |row, head| {
        row.push_bind(head.0).push_bind(head.1);
    })
    .await?;
    rows(&mut tx, "INSERT INTO bare_state (circle, record, seq, body) ", changes, "", |row, one| {
        let row = row.push_bind(one.circle).push_bind(one.record.to_vec());
        row.push_bind(one.seq).push_bind(filled(&one.body, sizes.state));
    })
    .await?;
    rows(&mut tx, "INSERT INTO bare_log (circle, replica, counter, seq, mac, body) ", changes, "", |row, one| {
        let row = row.push_bind(one.circle).push_bind(one.replica).push_bind(one.counter).push_bind(one.seq);
        row.push_bind(vec![7_u8; 16]).push_bind(filled(&one.body, sizes.log));
    })
    .await?;
    rows(&mut tx, "INSERT INTO bare_audit (circle, at_ms, account, seq) ", changes, "", |row, one| {
        row.push_bind(one.circle).push_bind(one.seq).push_bind(i64::from(one.replica)).push_bind(one.seq);
    })
    .await?;
    Ok(tx.commit().await?)
}

async fn on_postgres(
    conn: &mut PgConnection,
    changes: &[Change],
    heads: &[(i64, i64)],
    sizes: Sizes,
) -> anyhow::Result<()> {
    let mut tx = conn.begin().await?;
    let head_circles: Vec<i64> = heads.iter().map(|head| head.0).collect();
    let head_seqs: Vec<i64> = heads.iter().map(|head| head.1).collect();
    sqlx::query(PG_LOCK).bind(&head_circles).fetch_all(&mut *tx).await?;
    sqlx::query(PG_HEAD).bind(&head_circles).bind(&head_seqs).execute(&mut *tx).await?;
    let circles: Vec<i64> = changes.iter().map(|one| one.circle).collect();
    let records: Vec<uuid::Uuid> = changes.iter().map(|one| uuid::Uuid::from_bytes(one.record)).collect();
    let seqs: Vec<i64> = changes.iter().map(|one| one.seq).collect();
    let replicas: Vec<i32> = changes.iter().map(|one| one.replica).collect();
    let counters: Vec<i64> = changes.iter().map(|one| one.counter).collect();
    let bodies = |len| changes.iter().map(|one| filled(&one.body, len)).collect::<Vec<_>>();
    let state = sqlx::query(PG_STATE).bind(&circles).bind(records).bind(&seqs);
    state.bind(bodies(sizes.state)).execute(&mut *tx).await?;
    let log = sqlx::query(PG_LOG).bind(&circles).bind(replicas).bind(counters).bind(&seqs);
    log.bind(vec![vec![7_u8; 16]; changes.len()]).bind(bodies(sizes.log)).execute(&mut *tx).await?;
    let audit = sqlx::query(PG_AUDIT).bind(&circles).bind(&seqs).bind(&seqs).bind(&seqs);
    audit.execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_committed_is_scanned() {
        let dir = tempfile::tempdir().expect("temp dir");
        let mut raw = Raw::sqlite(&dir.path().join("bare.db")).await.expect("opens");
        raw.anew().await.expect("tables");
        let change =
            |n: i64| Change { circle: n % 3, record: [n as u8; 16], replica: 1, counter: n, seq: n, body: vec![1; 9] };
        let changes: Vec<Change> = (0..100).map(change).collect();
        let sizes = Sizes { state: 20, log: 5 };
        raw.commit(&changes, &[(0, 99), (1, 97), (2, 98)], sizes).await.expect("commits");
        let page = raw.scan(1, 4, 10).await.expect("scans");
        assert_eq!(page.iter().map(|row| row.0).collect::<Vec<_>>(), (2..12).map(|n| n * 3 + 1).collect::<Vec<_>>());
        assert!(page.iter().all(|row| row.2.len() == 20));
    }
}
