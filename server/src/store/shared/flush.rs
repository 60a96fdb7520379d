//! Writes what a group of jobs leaves: one statement a table and batch, however many jobs there were.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;

use super::{Conn, rows, rows::Rows, wakes};
use crate::store::{
    StoreError,
    common::Common,
    group::{Group, Loaded},
    model::DueWrite,
    statements::portable as sql,
};

/// Returns the words that the audit used for the first time, for the cache once they are committed.
pub(super) async fn group(
    conn: &mut Conn,
    common: &Common,
    group: &Group,
) -> Result<BTreeMap<String, i32>, StoreError> {
    let loaded = || group.circles.values();
    let heads: Vec<_> = loaded().filter_map(|l| l.writes.row.as_ref()).map(rows::head_columns).collect();
    super::bulk::put_heads(conn, heads).await?;
    let mut parts = Rows::new(loaded().map(|l| l.writes.parts.len()).sum());
    let mut logs = Rows::new(loaded().map(|l| l.writes.log.len()).sum());
    for l in loaded() {
        for (key, part) in l.writes.parts.iter().filter_map(|(key, part)| Some((key, part.as_ref()?))) {
            parts.push(!l.has_part(key), rows::part_columns(&l.info, part)?);
        }
        for (dot, row) in &l.writes.log {
            logs.push(l.has_no_log(dot), rows::log_columns(&l.info, row)?);
        }
    }
    super::bulk::put_parts(conn, parts).await?;
    super::bulk::put_logs(conn, logs).await?;
    for loaded in group.circles.values() {
        rest(conn, loaded).await?;
    }
    // In order over all circles, so that two writers wait for each other in one direction only.
    let wakes: BTreeMap<_, _> = group.circles.values().flat_map(|loaded| &loaded.writes.wakes).collect();
    for ((account, class), (awake, at_ms)) in wakes {
        wakes::put(conn, *account, *class, *at_ms, *awake).await?;
    }
    audit(conn, common, group).await
}

/// What few jobs write, row by row.
async fn rest(conn: &mut Conn, loaded: &Loaded) -> Result<(), StoreError> {
    let (circle, writes) = (loaded.info.circle.cast_signed(), &loaded.writes);
    for (record, label) in writes.parts.iter().filter(|(_, part)| part.is_none()).map(|(key, _)| *key) {
        let query = sqlx::query(sql::PART_DELETE).bind(circle).bind(rows::uuid(record));
        query.bind(label.cast_signed()).execute(&mut *conn).await?;
    }
    access(conn, loaded).await?;
    for (dot, of) in &writes.aliases {
        let (dot, of) = (rows::dot_columns(*dot), rows::dot_columns(*of));
        let query = sqlx::query(sql::ALIAS_PUT).bind(circle).bind(dot.epoch).bind(dot.replica).bind(dot.counter);
        query.bind(of.epoch).bind(of.replica).bind(of.counter).execute(&mut *conn).await?;
    }
    for ((dot, mac), of) in &writes.renumbered {
        let (dot, of) = (rows::dot_columns(*dot), rows::dot_columns(*of));
        let query = sqlx::query(sql::RENUMBERED_PUT).bind(circle).bind(dot.epoch).bind(dot.replica).bind(dot.counter);
        let query = query.bind(mac.to_vec()).bind(of.epoch).bind(of.replica).bind(of.counter);
        query.execute(&mut *conn).await?;
    }
    for record in &writes.refused {
        sqlx::query(sql::REFUSED_PUT).bind(circle).bind(rows::uuid(*record)).execute(&mut *conn).await?;
    }
    for (place, row) in (0_i64..).zip(&writes.tombstones) {
        let dot = row.dot.map(rows::dot_columns);
        let query = sqlx::query(sql::TOMBSTONE_INSERT).bind(circle).bind(row.seq.cast_signed()).bind(place);
        let query = query.bind(rows::uuid(row.record)).bind(dot.map(|dot| dot.epoch));
        query.bind(dot.map(|dot| dot.replica)).bind(dot.map(|dot| dot.counter)).execute(&mut *conn).await?;
    }
    for (id, row) in &writes.quarantine {
        let Some(row) = row else {
            sqlx::query(sql::QUARANTINE_DELETE).bind(circle).bind(id.cast_signed()).execute(&mut *conn).await?;
            continue;
        };
        let dot = rows::dot_columns(row.dot);
        let query = sqlx::query(sql::QUARANTINE_PUT).bind(circle).bind(id.cast_signed()).bind(dot.epoch);
        let query = query.bind(dot.replica).bind(dot.counter).bind(row.received_ms.cast_signed());
        query.bind(loaded.info.seal_quarantine(row)?).execute(&mut *conn).await?;
    }
    for row in writes.requests.values() {
        let query = sqlx::query(sql::REQUEST_PUT).bind(circle).bind(row.account.cast_signed());
        let query = query.bind(uuid::Uuid::from_bytes(row.request_id)).bind(row.at_ms.cast_signed());
        query.bind(loaded.info.seal_request(row)?).execute(&mut *conn).await?;
    }
    Ok(())
}

async fn access(conn: &mut Conn, loaded: &Loaded) -> Result<(), StoreError> {
    if let Some(at_ms) = loaded.writes.grant_end {
        let circle = loaded.info.circle.cast_signed();
        match at_ms {
            Some(at_ms) => sqlx::query(sql::GRANT_END_PUT).bind(circle).bind(at_ms.cast_signed()),
            None => sqlx::query(sql::GRANT_END_DELETE).bind(circle),
        }
        .execute(&mut *conn)
        .await?;
    }
    if let Some(write) = loaded.writes.rules_due {
        let due = write.due();
        let statement = match write {
            DueWrite::At(_) => sql::RULES_DUE_PUT,
            DueWrite::By(_) => sql::RULES_DUE_BY,
        };
        let query = sqlx::query(statement).bind(loaded.info.circle.cast_signed());
        let query = query.bind(due.at_ms.cast_signed()).bind(due.late_ms.map(u64::cast_signed));
        query.execute(&mut *conn).await?;
    }
    let Some(access) = &loaded.writes.access else { return Ok(()) };
    let circle = loaded.info.circle.cast_signed();
    let query = sqlx::query(sql::ACCESS_PUT).bind(circle).bind(access.generation.cast_signed());
    query.bind(loaded.info.seal_access(access)?).execute(&mut *conn).await?;
    if access.members == loaded.access.members {
        return Ok(());
    }
    sqlx::query(sql::MEMBERS_DELETE).bind(circle).execute(&mut *conn).await?;
    for (account, role) in &access.members {
        let query = sqlx::query(sql::MEMBER_INSERT).bind(circle).bind(account.cast_signed());
        query.bind(i16::from(*role)).execute(&mut *conn).await?;
    }
    Ok(())
}

async fn audit(conn: &mut Conn, common: &Common, group: &Group) -> Result<BTreeMap<String, i32>, StoreError> {
    if !common.audits {
        return Ok(BTreeMap::new());
    }
    // In order, so that two writers that meet new words wait for each other in one direction only.
    let used: BTreeSet<&'static str> = group.audit_rows().flat_map(|row| [row.action, row.outcome]).collect();
    let (mut numbers, mut fresh) = (BTreeMap::new(), BTreeMap::new());
    for word in used {
        let number = match common.word(word) {
            Some(number) => number,
            None => {
                let number = word_number(conn, word).await?;
                fresh.insert(word.to_owned(), number);
                number
            }
        };
        numbers.insert(word, number);
    }
    let number = |word| numbers.get(word).copied().unwrap_or_default();
    let columns = group.audit_rows().map(|row| rows::audit_columns(row, number(row.action), number(row.outcome)));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    super::bulk::put_audit(conn, columns).await?;
    Ok(fresh)
}

async fn word_number(conn: &mut Conn, word: &str) -> Result<i32, StoreError> {
    if let Some(row) = sqlx::query(sql::WORD).bind(word).fetch_optional(&mut *conn).await? {
        return Ok(row.try_get(0)?);
    }
    let next = sqlx::query(sql::NEXT_NUMBER).bind("word").bind(1_i64).fetch_one(&mut *conn).await?;
    let number = i32::try_from(next.try_get::<i64, _>(0)?)
        .map_err(|_| StoreError::Corrupt { table: "number", column: "last" })?;
    sqlx::query(sql::WORD_INSERT).bind(word).bind(number).execute(&mut *conn).await?;
    // Another node may have been first.
    Ok(sqlx::query(sql::WORD).bind(word).fetch_one(conn).await?.try_get(0)?)
}
