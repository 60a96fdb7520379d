//! Many rows at once, on PostgreSQL: one statement a table, one array a column.

use osteon_sync_core::{Dot, RecordId};

use super::shared::{
    Conn, Row,
    rows::{AuditColumns, HeadColumns, LogColumns, PartColumns, Rows, dot_columns, uuid},
};
use crate::limits::NUMBERS_PER_KIND;
use crate::store::{
    CircleNo, StoreError,
    audit::clinic_of,
    statements::{portable, postgres as sql},
};

/// One column of many rows.
macro_rules! column {
    ($rows:ident, $field:ident) => {
        $rows.iter().map(|row| row.$field).collect::<Vec<_>>()
    };
}

fn numbers(circles: &[CircleNo]) -> Vec<i64> {
    circles.iter().map(|circle| circle.cast_signed()).collect()
}

pub(super) async fn heads_locked(conn: &mut Conn, circles: &[CircleNo]) -> Result<Vec<Row>, StoreError> {
    Ok(sqlx::query(sql::HEADS_LOCK).bind(numbers(circles)).fetch_all(conn).await?)
}

pub(super) async fn heads(conn: &mut Conn, circles: &[CircleNo]) -> Result<Vec<Row>, StoreError> {
    Ok(sqlx::query(sql::HEADS).bind(numbers(circles)).fetch_all(conn).await?)
}

async fn by_record(conn: &mut Conn, sql: &'static str, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let circles: Vec<i64> = keys.iter().map(|key| key.0.cast_signed()).collect();
    let records: Vec<uuid::Uuid> = keys.iter().map(|key| uuid(key.1)).collect();
    Ok(sqlx::query(sql).bind(circles).bind(records).fetch_all(conn).await?)
}

pub(super) async fn parts(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    by_record(conn, sql::PARTS, keys).await
}

/// Parts of the children of records. May name a part more than once.
pub(super) async fn children(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    by_record(conn, sql::CHILDREN, keys).await
}

async fn by_dot(conn: &mut Conn, sql: &'static str, dots: &[(CircleNo, Dot)]) -> Result<Vec<Row>, StoreError> {
    if dots.is_empty() {
        return Ok(Vec::new());
    }
    let circles: Vec<i64> = dots.iter().map(|key| key.0.cast_signed()).collect();
    let rows: Vec<_> = dots.iter().map(|key| dot_columns(key.1)).collect();
    let query = sqlx::query(sql).bind(circles).bind(column!(rows, epoch)).bind(column!(rows, replica));
    Ok(query.bind(column!(rows, counter)).fetch_all(conn).await?)
}

pub(super) async fn owners(conn: &mut Conn, replicas: &[i32]) -> Result<Vec<Row>, StoreError> {
    if replicas.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query(sql::OWNERS).bind(replicas.to_vec()).fetch_all(conn).await?)
}

/// Which of these records have a refused creation.
pub(super) async fn refused(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    by_record(conn, sql::REFUSED_OF, keys).await
}

/// Which of these records were moved away.
pub(super) async fn moved(conn: &mut Conn, keys: &[(CircleNo, RecordId)]) -> Result<Vec<Row>, StoreError> {
    by_record(conn, sql::MOVED_OF, keys).await
}

pub(super) async fn logs(conn: &mut Conn, dots: &[(CircleNo, Dot)]) -> Result<Vec<Row>, StoreError> {
    by_dot(conn, sql::LOGS, dots).await
}

pub(super) async fn put_heads(conn: &mut Conn, rows: Vec<HeadColumns>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(sql::HEAD_PUT).bind(column!(rows, circle)).bind(column!(rows, head));
    let query = query.bind(column!(rows, access_generation)).bind(column!(rows, safe_upto));
    let query = query.bind(column!(rows, quarantined)).bind(column!(rows, marks));
    query.bind(rows.into_iter().map(|row| row.state).collect::<Vec<_>>()).execute(conn).await?;
    Ok(())
}

pub(super) async fn put_parts(conn: &mut Conn, rows: Rows<PartColumns>) -> Result<(), StoreError> {
    let rows = rows.all();
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(sql::PART_PUT).bind(column!(rows, circle)).bind(column!(rows, record));
    let query = query.bind(column!(rows, label)).bind(column!(rows, class)).bind(column!(rows, type_number));
    let query = query.bind(column!(rows, seq)).bind(column!(rows, first_seq)).bind(column!(rows, time_ms));
    // None is empty, not NULL: a row without any NULL has eight bytes less before it.
    let parents = rows.iter().map(|row| row.parent.map_or_else(Vec::new, |id| id.as_bytes().to_vec()));
    let query = query.bind(parents.collect::<Vec<_>>());
    query.bind(rows.into_iter().map(|row| row.sealed).collect::<Vec<_>>()).execute(conn).await?;
    Ok(())
}

pub(super) async fn put_logs(conn: &mut Conn, rows: Rows<LogColumns>) -> Result<(), StoreError> {
    let rows = rows.all();
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(sql::LOG_PUT).bind(column!(rows, circle)).bind(column!(rows, epoch));
    let query = query.bind(column!(rows, replica)).bind(column!(rows, counter)).bind(column!(rows, seq));
    let (macs, sealed): (Vec<_>, Vec<_>) = rows.into_iter().map(|row| (row.mac, row.sealed)).unzip();
    query.bind(macs).bind(sealed).execute(conn).await?;
    Ok(())
}

/// A chain in 32 bits: a circle's number, or one below zero for each clinic.
fn chain(number: i64) -> Result<i32, StoreError> {
    let of_clinic = clinic_of(number.cast_unsigned()).map(|clinic| -1 - clinic.cast_signed());
    i32::try_from(of_clinic.unwrap_or(number)).map_err(|_| StoreError::Exceeded(&NUMBERS_PER_KIND))
}

pub(super) async fn put_audit(conn: &mut Conn, rows: Vec<AuditColumns>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let chains = rows.iter().map(|row| chain(row.circle)).collect::<Result<Vec<_>, _>>()?;
    let query = sqlx::query(sql::AUDIT_PUT).bind(chains).bind(column!(rows, at_ms));
    let query = query.bind(column!(rows, account)).bind(column!(rows, device)).bind(column!(rows, action));
    let query = query.bind(column!(rows, record)).bind(column!(rows, categories)).bind(column!(rows, from_seq));
    let query = query.bind(column!(rows, to_seq)).bind(column!(rows, touched)).bind(column!(rows, outcome));
    query.bind(column!(rows, request)).execute(conn).await?;
    Ok(())
}

/// How long writers may be kept waiting for the sealer, ms.
const GATE_MS: &str = "100";

/// The last number below which no row can come any more. Numbers are given before the commit, so this waits for those
/// who have one; new ones wait meanwhile.
pub(super) async fn audit_barrier(pool: &sqlx::PgPool) -> Result<u64, StoreError> {
    let mut tx = pool.begin().await?;
    sqlx::query(sql::AUDIT_GATE_PATIENCE).bind(GATE_MS).execute(&mut *tx).await?;
    let passed = sqlx::query(sql::AUDIT_GATE).execute(&mut *tx).await;
    passed.map_err(|error| match error.as_database_error().and_then(|error| error.code()) {
        Some(code) if code == "55P03" => StoreError::Overloaded,
        _ => error.into(),
    })?;
    let last = super::shared::rows::number(&sqlx::query(portable::AUDIT_LAST).fetch_one(&mut *tx).await?, 0)?;
    tx.commit().await?;
    Ok(last)
}
