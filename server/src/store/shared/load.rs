//! Loads what a group of jobs asked for: a handful of statements for all of them, however many they are.

use std::{collections::BTreeSet, sync::Arc};

use osteon_sync_core::RecordId;
use sqlx::Row as _;

use super::{Conn, rows};
use crate::store::{
    AccessRow, CircleNo, RequestRow, StoreError,
    common::{CircleInfo, Common},
    group::{Group, Loaded},
    marks,
    statements::portable as sql,
};

/// The identity and the opened keys of a circle.
pub(super) async fn info(
    conn: &mut Conn,
    common: &Common,
    circle: CircleNo,
) -> Result<Option<Arc<CircleInfo>>, StoreError> {
    if let Some(info) = common.info(circle) {
        return Ok(Some(info));
    }
    let found = sqlx::query(sql::CIRCLE_INFO).bind(circle.cast_signed()).fetch_optional(conn).await?;
    let Some(row) = found else { return Ok(None) };
    let (clinic, short_id) = (rows::number(&row, 0)?, row.try_get(1)?);
    common.remember(circle, clinic, short_id, row.try_get(2)?).map(Some)
}

/// The access state of a circle that stands at `generation`.
pub(super) async fn access(
    conn: &mut Conn,
    common: &Common,
    info: &CircleInfo,
    generation: u64,
) -> Result<Arc<AccessRow>, StoreError> {
    if let Some(row) = common.access_at(info.circle, generation) {
        return Ok(row);
    }
    let circle = info.circle.cast_signed();
    let row = sqlx::query(sql::ACCESS).bind(circle).fetch_one(&mut *conn).await?;
    if rows::number(&row, 0)? != generation {
        return Err(StoreError::Corrupt { table: "access", column: "generation" });
    }
    let state = info.open_access(generation, row.try_get(1)?)?;
    let members = sqlx::query(sql::MEMBERS).bind(circle).fetch_all(conn).await?;
    let members = members.iter().map(|row| Ok((rows::number(row, 0)?, rows::small(row, 1)?)));
    let row = Arc::new(AccessRow { generation, state, members: members.collect::<Result<_, StoreError>>()? });
    common.cache_access(info.circle, Arc::clone(&row));
    Ok(row)
}

/// Fills in what the circles of the group were asked for.
pub(super) async fn fill(conn: &mut Conn, group: &mut Group) -> Result<(), StoreError> {
    parts(conn, group).await?;
    changes(conn, group).await?;
    for loaded in group.circles.values_mut() {
        rest(conn, loaded).await?;
    }
    Ok(())
}

/// Heads (locked, in order) and access states. Circles that do not exist are left out.
pub(super) async fn heads(conn: &mut Conn, common: &Common, circles: &[CircleNo]) -> Result<Group, StoreError> {
    let mut group = Group::default();
    for row in super::bulk::heads_locked(conn, circles).await? {
        let circle = rows::number(&row, 0)?;
        let Some(info) = info(conn, common, circle).await? else { continue };
        let head = rows::head(&info, &row, 1)?;
        let access = access(conn, common, &info, head.access_generation).await?;
        group.circles.insert(circle, Loaded::new(info, head, access));
    }
    Ok(group)
}

/// The records that were asked for, the children that were asked for, and the parents of both.
async fn parts(conn: &mut Conn, group: &mut Group) -> Result<(), StoreError> {
    let mut found = super::bulk::parts(conn, &keys(group, 0, |loaded| &loaded.records)).await?;
    found.append(&mut super::bulk::children(conn, &keys(group, 0, |loaded| &loaded.parents)).await?);
    let parents = put_parts(group, found)?;
    if !parents.is_empty() {
        let found = super::bulk::parts(conn, &parents).await?;
        put_parts(group, found)?;
    }
    Ok(())
}

/// Takes loaded parts in; returns the parents that are not there yet, and are declared from now on.
fn put_parts(group: &mut Group, found: Vec<super::Row>) -> Result<Vec<(CircleNo, RecordId)>, StoreError> {
    for row in found {
        if let Some(loaded) = group.circles.get_mut(&rows::number(&row, 0)?) {
            loaded.put_part(rows::part(&loaded.info, &row, 1)?);
        }
    }
    let missing = group.circles.iter_mut().map(|(circle, loaded)| (*circle, loaded.ask_parents()));
    Ok(missing.flat_map(|(circle, records)| records.into_iter().map(move |record| (circle, record))).collect())
}

/// The keys of all circles that a group asked for, of the circles that carry one of `marks`.
fn keys<K: Copy>(group: &Group, marks: u8, asked: impl Fn(&Loaded) -> &BTreeSet<K>) -> Vec<(CircleNo, K)> {
    let marked = group.circles.iter().filter(|(_, loaded)| marks == 0 || loaded.row.marks & marks != 0);
    marked.flat_map(|(circle, loaded)| asked(loaded).iter().map(|key| (*circle, *key))).collect()
}

async fn changes(conn: &mut Conn, group: &mut Group) -> Result<(), StoreError> {
    let replicas: BTreeSet<i32> =
        group.circles.values().flat_map(|loaded| loaded.replicas.iter().map(|r| r.n.cast_signed())).collect();
    let replicas: Vec<i32> = replicas.into_iter().collect();
    for row in super::bulk::owners(conn, &replicas).await? {
        let (replica, owner) = rows::owner(&row)?;
        for loaded in group.circles.values_mut().filter(|loaded| loaded.replicas.contains(&replica)) {
            loaded.owners.insert(replica, owner);
        }
    }
    for loaded in group.circles.values_mut() {
        aliases(conn, loaded).await?;
    }
    for row in super::bulk::logs(conn, &keys(group, 0, |loaded| &loaded.dots)).await? {
        if let Some(loaded) = group.circles.get_mut(&rows::number(&row, 0)?) {
            let row = rows::log(&loaded.info, &row, 1)?;
            loaded.log.insert(row.dot, row);
        }
    }
    for row in super::bulk::refused(conn, &keys(group, marks::REFUSED_CREATIONS, |loaded| &loaded.records)).await? {
        if let Some(loaded) = group.circles.get_mut(&rows::number(&row, 0)?) {
            loaded.refused.insert(rows::record(&row, 1)?);
        }
    }
    for row in super::bulk::moved(conn, &keys(group, marks::TOMBSTONES, |loaded| &loaded.records)).await? {
        if let Some(loaded) = group.circles.get_mut(&rows::number(&row, 0)?) {
            loaded.moved.insert(rows::record(&row, 1)?);
        }
    }
    Ok(())
}

/// All of the circle, if it has any.
async fn aliases(conn: &mut Conn, loaded: &mut Loaded) -> Result<(), StoreError> {
    let circle = loaded.info.circle.cast_signed();
    if loaded.row.marks & marks::ALIASES != 0 {
        for row in sqlx::query(sql::ALIASES).bind(circle).fetch_all(&mut *conn).await? {
            loaded.aliases.insert(rows::dot(&row, 0)?, rows::dot(&row, 3)?);
        }
        let named: Vec<_> = loaded.dots.iter().filter_map(|dot| loaded.aliases.get(dot)).copied().collect();
        loaded.dots.extend(named);
    }
    if loaded.row.marks & marks::RENUMBERED != 0 {
        for row in sqlx::query(sql::RENUMBERED).bind(circle).fetch_all(conn).await? {
            loaded.renumbered.insert((rows::dot(&row, 0)?, rows::array(&row, 3)?), rows::dot(&row, 4)?);
        }
    }
    Ok(())
}

/// What few jobs ask for, circle by circle.
async fn rest(conn: &mut Conn, loaded: &mut Loaded) -> Result<(), StoreError> {
    let circle = loaded.info.circle.cast_signed();
    let info = Arc::clone(&loaded.info);
    for type_number in loaded.types.clone() {
        let query = sqlx::query(sql::PARTS_OF_TYPE).bind(circle).bind(type_number.cast_signed());
        for row in query.fetch_all(&mut *conn).await? {
            loaded.put_part(rows::part(&info, &row, 0)?);
        }
    }
    if loaded.all_tombstones && loaded.row.marks & marks::TOMBSTONES != 0 {
        let gone = sqlx::query(sql::TOMBSTONES_AFTER).bind(circle).bind(0_i64).fetch_all(&mut *conn).await?;
        loaded.tombstones = gone.iter().map(rows::tombstone).collect::<Result<_, _>>()?;
    }
    for (account, request_id) in loaded.asked_requests.clone() {
        let query = sqlx::query(sql::REQUEST).bind(circle).bind(account.cast_signed());
        if let Some(row) = query.bind(uuid::Uuid::from_bytes(request_id)).fetch_optional(&mut *conn).await? {
            let (fingerprint, answer) = info.open_request(account, &request_id, row.try_get(1)?)?;
            let row = RequestRow { account, request_id, fingerprint, at_ms: rows::number(&row, 0)?, answer };
            loaded.requests.insert((account, request_id), row);
        }
    }
    for id in loaded.asked_quarantine.clone() {
        let query = sqlx::query(sql::QUARANTINE).bind(circle).bind(id.cast_signed());
        if let Some(row) = query.fetch_optional(&mut *conn).await? {
            loaded.quarantine.insert(id, rows::quarantine(&info, &row)?);
        }
    }
    Ok(())
}

/// Every record named once, in order.
pub(super) fn unique(records: &[RecordId]) -> Vec<RecordId> {
    records.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
