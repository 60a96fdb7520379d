//! Bare group commit: the rows that Osteon leaves (a state row and a log row a change, an audit row a call, a head row per
//! circle and transaction), in tables with the same columns and indices, on the same database and disk, without anything
//! that would make them mean something.

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
    /// The first of its call: it gets the audit row.
    pub begins_call: bool,
    pub body: Vec<u8>,
}

/// Columns that are the same for every entry: the label of C06 for all, the class of the journal, J01.
const LABEL: i64 = 1 << 24 | 1 << 6;
const CLASS: i32 = 3;
const TYPE: i32 = 101;

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

/// The tables of Osteon that a change leaves rows in, with their columns and indices (migrations/), under other names.
const SQLITE: [&str; 12] = [
    "CREATE TABLE bare_state (circle INTEGER NOT NULL, record BLOB NOT NULL, label INTEGER NOT NULL, \
        class INTEGER NOT NULL, type_number INTEGER NOT NULL, seq INTEGER NOT NULL, first_seq INTEGER NOT NULL, \
        time_ms INTEGER NOT NULL, parent BLOB, body BLOB NOT NULL) STRICT",
    "CREATE UNIQUE INDEX bare_state_key ON bare_state (circle, record, label)",
    "CREATE INDEX bare_state_seq ON bare_state (circle, seq)",
    "CREATE INDEX bare_state_first_seq ON bare_state (circle, class, first_seq, seq)",
    "CREATE INDEX bare_state_time ON bare_state (circle, type_number, time_ms)",
    "CREATE INDEX bare_state_parent ON bare_state (circle, parent) WHERE parent IS NOT NULL",
    "CREATE TABLE bare_log (circle INTEGER NOT NULL, epoch INTEGER NOT NULL, replica INTEGER NOT NULL, \
        counter INTEGER NOT NULL, seq INTEGER NOT NULL, mac BLOB NOT NULL, body BLOB NOT NULL) STRICT",
    "CREATE UNIQUE INDEX bare_log_key ON bare_log (circle, epoch, replica, counter)",
    "CREATE INDEX bare_log_seq ON bare_log (circle, seq) WHERE seq > 0",
    "CREATE TABLE bare_audit (no INTEGER NOT NULL PRIMARY KEY, circle INTEGER NOT NULL, at_ms INTEGER NOT NULL, \
        account INTEGER NOT NULL, device INTEGER NOT NULL, action INTEGER NOT NULL, record BLOB, \
        categories INTEGER NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, touched INTEGER NOT NULL, \
        outcome INTEGER NOT NULL, request INTEGER NOT NULL) STRICT",
    "CREATE INDEX bare_audit_circle ON bare_audit (circle)",
    "CREATE TABLE bare_head (circle INTEGER NOT NULL PRIMARY KEY, seq INTEGER NOT NULL, state BLOB NOT NULL) STRICT",
];
const POSTGRES: [&str; 10] = [
    "CREATE TABLE bare_state (label BIGINT NOT NULL, time_ms BIGINT NOT NULL, circle INTEGER NOT NULL, \
        seq INTEGER NOT NULL, first_seq INTEGER NOT NULL, type_number INTEGER NOT NULL, class SMALLINT NOT NULL, \
        record UUID NOT NULL, parent BYTEA, body BYTEA NOT NULL, PRIMARY KEY (circle, record, label))",
    "CREATE INDEX bare_state_seq ON bare_state (circle, (seq >> 6))",
    "CREATE INDEX bare_state_first_seq ON bare_state (circle, class, (first_seq >> 6))",
    "CREATE INDEX bare_state_time ON bare_state (circle, type_number, (time_ms >> 28))",
    "CREATE INDEX bare_state_parent ON bare_state (circle, parent) WHERE parent <> ''",
    "CREATE TABLE bare_log (circle INTEGER NOT NULL, epoch INTEGER NOT NULL, replica INTEGER NOT NULL, \
        counter INTEGER NOT NULL, seq INTEGER NOT NULL, body BYTEA NOT NULL, mac BYTEA NOT NULL, \
        PRIMARY KEY (circle, epoch, replica, counter))",
    "CREATE INDEX bare_log_seq ON bare_log (circle, (seq >> 6)) WHERE seq > 0",
    "CREATE TABLE bare_audit (no BIGINT GENERATED ALWAYS AS IDENTITY, at_ms BIGINT NOT NULL, request BIGINT NOT NULL, \
        circle INTEGER NOT NULL, account INTEGER NOT NULL, device INTEGER NOT NULL, from_seq INTEGER NOT NULL, \
        to_seq INTEGER NOT NULL, categories INTEGER NOT NULL, touched INTEGER NOT NULL, action SMALLINT NOT NULL, \
        outcome SMALLINT NOT NULL, record UUID, PRIMARY KEY (no) WITH (fillfactor = 100))",
    "CREATE INDEX bare_audit_circle ON bare_audit (circle, (no >> 12))",
    "CREATE TABLE bare_head (circle BIGINT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, state BYTEA NOT NULL) \
        WITH (fillfactor = 50)",
];
const DROPS: [&str; 4] = [
    "DROP TABLE IF EXISTS bare_state",
    "DROP TABLE IF EXISTS bare_log",
    "DROP TABLE IF EXISTS bare_audit",
    "DROP TABLE IF EXISTS bare_head",
];
/// What the row of a circle holds besides its head: chains and digests.
const HEAD_STATE: usize = 100;
const HEAD_CONFLICT: &str = " ON CONFLICT (circle) DO UPDATE SET seq = excluded.seq, state = excluded.state";
const PG_STATE: &str = "INSERT INTO bare_state \
    (circle, record, label, class, type_number, seq, first_seq, time_ms, parent, body) \
    SELECT circle, record, 16777280, 3, 101, seq, seq, seq, '', body \
    FROM UNNEST($1::bigint[], $2::uuid[], $3::bigint[], $4::bytea[]) AS new (circle, record, seq, body)";
const PG_LOG: &str = "INSERT INTO bare_log (circle, epoch, replica, counter, seq, mac, body) SELECT circle, 1, replica, counter, seq, mac, body \
    FROM UNNEST($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[]) \
    AS new (circle, replica, counter, seq, mac, body)";
const PG_AUDIT: &str = "INSERT INTO bare_audit (circle, at_ms, account, device, action, record, categories, from_seq, \
    to_seq, touched, outcome, request) SELECT circle, seq, account, account, 1, record, 64, seq, seq, 1, 1, seq \
    FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[]) AS new (circle, account, seq, record)";
const PG_LOCK: &str = "SELECT seq FROM bare_head WHERE circle = ANY($1) ORDER BY circle FOR UPDATE";
const PG_HEAD: &str = "INSERT INTO bare_head SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bytea[]) \
    ON CONFLICT (circle) DO UPDATE SET seq = excluded.seq, state = excluded.state";
const SCAN: &str = "SELECT seq, record, body FROM bare_state WHERE circle = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const PG_SCAN: &str = "SELECT CAST(seq AS BIGINT), record, body FROM bare_state WHERE circle = $1 \
    AND seq >> 6 >= $2::bigint >> 6 AND seq > $2::bigint ORDER BY seq >> 6, seq LIMIT $3";

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
        let schema: &[&'static str] = if matches!(self, Self::Sqlite(_)) { &SQLITE } else { &POSTGRES };
        for sql in schema {
            self.run(sql).await?;
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
                let found = sqlx::query(PG_SCAN).bind(circle).bind(after).bind(limit).fetch_all(conn).await?;
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
    // As Osteon has it: one row a call.
    let audited: Vec<Change> = changes.iter().filter(|one| one.begins_call).cloned().collect();
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    rows(&mut tx, "INSERT INTO bare_head (circle, seq, state) ", heads, HEAD_CONFLICT, |row, head| {
        row.push_bind(head.0).push_bind(head.1).push_bind(vec![7_u8; HEAD_STATE]);
    })
    .await?;
    const STATE: &str =
        "INSERT INTO bare_state (circle, record, label, class, type_number, seq, first_seq, time_ms, parent, body) ";
    rows(&mut tx, STATE, changes, "", |row, one| {
        let row = row.push_bind(one.circle).push_bind(one.record.to_vec()).push_bind(LABEL).push_bind(CLASS);
        let row = row.push_bind(TYPE).push_bind(one.seq).push_bind(one.seq).push_bind(one.seq);
        row.push_bind(None::<Vec<u8>>).push_bind(filled(&one.body, sizes.state));
    })
    .await?;
    const LOG: &str = "INSERT INTO bare_log (circle, epoch, replica, counter, seq, mac, body) ";
    rows(&mut tx, LOG, changes, "", |row, one| {
        let row = row.push_bind(one.circle).push_bind(1).push_bind(one.replica).push_bind(one.counter);
        row.push_bind(one.seq).push_bind(vec![7_u8; 16]).push_bind(filled(&one.body, sizes.log));
    })
    .await?;
    const AUDIT: &str = "INSERT INTO bare_audit (circle, at_ms, account, device, action, record, categories, \
        from_seq, to_seq, touched, outcome, request) ";
    rows(&mut tx, AUDIT, &audited, "", |row, one| {
        let (account, number) = (i64::from(one.replica), one.seq);
        let row = row.push_bind(one.circle).push_bind(number).push_bind(account).push_bind(account).push_bind(1);
        let row = row.push_bind(one.record.to_vec()).push_bind(64).push_bind(number).push_bind(number);
        row.push_bind(1).push_bind(1).push_bind(number);
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
    // As Osteon has it: one row a call.
    let audited: Vec<Change> = changes.iter().filter(|one| one.begins_call).cloned().collect();
    let mut tx = conn.begin().await?;
    let head_circles: Vec<i64> = heads.iter().map(|head| head.0).collect();
    let head_seqs: Vec<i64> = heads.iter().map(|head| head.1).collect();
    sqlx::query(PG_LOCK).bind(&head_circles).fetch_all(&mut *tx).await?;
    let heads = sqlx::query(PG_HEAD).bind(&head_circles).bind(&head_seqs);
    heads.bind(vec![vec![7_u8; HEAD_STATE]; head_circles.len()]).execute(&mut *tx).await?;
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
    let audit = sqlx::query(PG_AUDIT).bind(audited.iter().map(|one| one.circle).collect::<Vec<_>>());
    let audit = audit.bind(audited.iter().map(|one| i64::from(one.replica)).collect::<Vec<_>>());
    let audit = audit.bind(audited.iter().map(|one| one.seq).collect::<Vec<_>>());
    let audit = audit.bind(audited.iter().map(|one| uuid::Uuid::from_bytes(one.record)).collect::<Vec<_>>());
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
        let change = |n: i64| Change {
            circle: n % 3,
            record: [n as u8; 16],
            replica: 1,
            counter: n,
            seq: n,
            begins_call: true,
            body: vec![1; 9],
        };
        let changes: Vec<Change> = (0..100).map(change).collect();
        let sizes = Sizes { state: 20, log: 5 };
        raw.commit(&changes, &[(0, 99), (1, 97), (2, 98)], sizes).await.expect("commits");
        let page = raw.scan(1, 4, 10).await.expect("scans");
        assert_eq!(page.iter().map(|row| row.0).collect::<Vec<_>>(), (2..12).map(|n| n * 3 + 1).collect::<Vec<_>>());
        assert!(page.iter().all(|row| row.2.len() == 20));
    }
}
