//! Many rows at once, on SQLite: statements of up to 64 rows, each a prepared constant.

use osteon_sync_core::{Dot, RecordId};
use sqlx::sqlite::SqliteArguments;

use super::shared::{
    Conn, Row,
    rows::{AuditColumns, HeadColumns, LogColumns, PartColumns, Rows, dot_columns, uuid},
};
use crate::store::{
    CircleNo, StoreError,
    statements::{
        portable,
        sqlite::{self as sql, Multi},
    },
};

type Query = sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments>;

async fn fetch<K: Copy>(
    conn: &mut Conn,
    statement: &Multi,
    mut keys: &[K],
    bind: impl Fn(Query, K) -> Query,
) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    while !keys.is_empty() {
        let (sql, rows) = statement.pick(keys.len());
        let (now, later) = keys.split_at(rows);
        let query = now.iter().fold(sqlx::query(sql), |query, key| bind(query, *key));
        found.append(&mut query.fetch_all(&mut *conn).await?);
        keys = later;
    }
    Ok(found)
}

async fn put<T>(
    conn: &mut Conn,
    statement: &Multi,
    rows: Vec<T>,
    bind: impl Fn(Query, T) -> Query,
) -> Result<(), StoreError> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    while left > 0 {
        let (sql, now) = statement.pick(left);
        let query = rows.by_ref().take(now).fold(sqlx::query(sql), &bind);
        query.execute(&mut *conn).await?;
        left -= now;
    }
    Ok(())
}

pub(super) async fn heads_locked(conn: &mut Conn, circles: &[CircleNo]) -> Result<Vec<Row>, StoreError> {
    heads(conn, circles).await
}

pub(super) async fn heads(conn: &mut Conn, circles: &[CircleNo]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::HEADS, circles, |query, circle| query.bind(circle.cast_signed())).await
}

pub(super) async fn parts(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::PARTS, keys, |query, (circle, record)| query.bind(circle.cast_signed()).bind(uuid(record))).await
}

/// Parts of the children of records. May name a part more than once.
pub(super) async fn children(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::CHILDREN, keys, |query, (circle, parent)| query.bind(circle.cast_signed()).bind(uuid(parent)))
        .await
}

fn bind_dot(query: Query, (circle, dot): (CircleNo, Dot)) -> Query {
    let dot = dot_columns(dot);
    query.bind(circle.cast_signed()).bind(dot.epoch).bind(dot.replica).bind(dot.counter)
}

pub(super) async fn owners(conn: &mut Conn, replicas: &[i32]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::OWNERS, replicas, |query, replica| query.bind(replica)).await
}

/// Which of these records have a refused creation.
pub(super) async fn refused(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::REFUSED_OF, keys, |query, (circle, record)| query.bind(circle.cast_signed()).bind(uuid(record)))
        .await
}

/// Which of these records were moved away.
pub(super) async fn moved(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::MOVED_OF, keys, |query, (circle, record)| query.bind(circle.cast_signed()).bind(uuid(record)))
        .await
}

pub(super) async fn logs(conn: &mut Conn, dots: &[(CircleNo, Dot)]) -> Result<Vec<Row>, StoreError> {
    fetch(conn, &sql::LOGS, dots, bind_dot).await
}

pub(super) async fn put_heads(conn: &mut Conn, rows: Vec<HeadColumns>) -> Result<(), StoreError> {
    put(conn, &sql::HEAD_PUT, rows, |query, row| {
        let query = query.bind(row.circle).bind(row.head).bind(row.access_generation);
        query.bind(row.safe_upto).bind(row.quarantined).bind(row.marks).bind(row.state)
    })
    .await
}

pub(super) async fn put_parts(conn: &mut Conn, rows: Rows<PartColumns>) -> Result<(), StoreError> {
    let bind = |query: Query, row: PartColumns| {
        let query = query.bind(row.circle).bind(row.record).bind(row.label).bind(row.class).bind(row.type_number);
        query.bind(row.seq).bind(row.first_seq).bind(row.time_ms).bind(row.parent).bind(row.sealed)
    };
    put(conn, &sql::PART_INSERT, rows.fresh, bind).await?;
    put(conn, &sql::PART_PUT, rows.known, bind).await
}

pub(super) async fn put_logs(conn: &mut Conn, rows: Rows<LogColumns>) -> Result<(), StoreError> {
    let bind = |query: Query, row: LogColumns| {
        let query = query.bind(row.circle).bind(row.epoch).bind(row.replica).bind(row.counter);
        query.bind(row.seq).bind(row.mac).bind(row.sealed)
    };
    put(conn, &sql::LOG_INSERT, rows.fresh, bind).await?;
    put(conn, &sql::LOG_PUT, rows.known, bind).await
}

pub(super) async fn put_audit(conn: &mut Conn, rows: Vec<AuditColumns>) -> Result<(), StoreError> {
    put(conn, &sql::AUDIT_PUT, rows, |query, row| {
        let query = query.bind(row.circle).bind(row.at_ms).bind(row.account).bind(row.device).bind(row.action);
        let query = query.bind(row.record).bind(row.categories).bind(row.from_seq).bind(row.to_seq);
        query.bind(row.touched).bind(row.outcome).bind(row.request)
    })
    .await
}

/// The last number below which no row can come any more: here one writes at a time, so numbers come in the order of
/// commits.
pub(super) async fn audit_barrier(pool: &sqlx::SqlitePool) -> Result<u64, StoreError> {
    super::shared::rows::number(&sqlx::query(portable::AUDIT_LAST).fetch_one(pool).await?, 0)
}
