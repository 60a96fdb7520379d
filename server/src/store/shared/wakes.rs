//! Wake-ups, in SQL.

use async_trait::async_trait;
use sqlx::Row as _;

use super::{Conn, SqlStore, rows};
use crate::store::{
    AccountNo, DeviceNo, StoreError, UnixMs,
    statements::wakes as sql,
    wakes::{WakeClass, WakeEndpointRow, WakeRow, WakeStore},
};

/// In the commit that concerns the account's devices, but for the one that made it.
pub(super) async fn put(
    conn: &mut Conn,
    account: AccountNo,
    class: WakeClass,
    at_ms: UnixMs,
    awake: DeviceNo,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::WAKE_PUT).bind(account.cast_signed()).bind(i64::from(class as u8));
    query.bind(at_ms.cast_signed()).bind(awake.cast_signed()).execute(conn).await?;
    Ok(())
}

pub(super) async fn put_device(
    conn: &mut Conn,
    device: DeviceNo,
    class: WakeClass,
    at_ms: UnixMs,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::WAKE_DEVICE_PUT).bind(device.cast_signed()).bind(i64::from(class as u8));
    query.bind(at_ms.cast_signed()).execute(conn).await?;
    Ok(())
}

#[async_trait]
impl WakeStore for SqlStore {
    async fn put_wake_endpoint(&self, row: WakeEndpointRow) -> Result<(), StoreError> {
        self.write(move |conn| {
            let row = row.clone();
            Box::pin(async move {
                let query = sqlx::query(sql::WAKE_ENDPOINT_PUT).bind(row.device.cast_signed());
                let query = query.bind(row.account.cast_signed()).bind(row.sealed).bind(row.since_ms.cast_signed());
                query.execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn drop_wake_endpoint(&self, device: DeviceNo) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                for statement in [sql::WAKE_ENDPOINT_DELETE, sql::WAKES_DELETE] {
                    sqlx::query(statement).bind(device.cast_signed()).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn wake_endpoint(&self, device: DeviceNo) -> Result<Option<WakeEndpointRow>, StoreError> {
        let row = self.one(sqlx::query(sql::WAKE_ENDPOINT).bind(device.cast_signed())).await?;
        let read = |row: super::Row| {
            Ok(WakeEndpointRow {
                device,
                account: rows::number(&row, 0)?,
                sealed: row.try_get(1)?,
                since_ms: rows::number(&row, 2)?,
                woken_ms: rows::number(&row, 3)?,
            })
        };
        row.map(read).transpose()
    }

    async fn lease_wakes(&self, now_ms: UnixMs, until_ms: UnixMs, limit: u32) -> Result<Vec<WakeRow>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::WAKES_LEASE).bind(now_ms.cast_signed()).bind(until_ms.cast_signed());
                let found = query.bind(i64::from(limit)).fetch_all(conn).await?;
                let read = |row: &super::Row| {
                    let small = |at| {
                        let number = rows::number(row, at)?;
                        u32::try_from(number).map_err(|_| StoreError::Corrupt { table: "wake", column: "any" })
                    };
                    let class =
                        u8::try_from(small(1)?).map_err(|_| StoreError::Corrupt { table: "wake", column: "class" });
                    let (device, made_ms) = (rows::number(row, 0)?, rows::number(row, 2)?);
                    Ok(WakeRow { device, class: class?, made_ms, tries: small(3)? })
                };
                found.iter().map(read).collect()
            })
        })
        .await
    }

    async fn woken(&self, rows: Vec<WakeRow>, now_ms: UnixMs) -> Result<(), StoreError> {
        self.write(move |conn| {
            let rows = rows.clone();
            Box::pin(async move {
                done(conn, &rows).await?;
                for row in &rows {
                    for statement in [sql::WAKE_ENDPOINT_WOKEN, sql::WAKES_NOW] {
                        let query = sqlx::query(statement).bind(row.device.cast_signed()).bind(now_ms.cast_signed());
                        query.execute(&mut *conn).await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    async fn wake_given_up(&self, rows: Vec<WakeRow>) -> Result<(), StoreError> {
        self.write(move |conn| {
            let rows = rows.clone();
            Box::pin(async move { done(conn, &rows).await })
        })
        .await
    }

    async fn wake_later(&self, rows: Vec<WakeRow>, due_ms: UnixMs) -> Result<(), StoreError> {
        self.write(move |conn| {
            let rows = rows.clone();
            Box::pin(async move {
                for row in &rows {
                    let query = sqlx::query(sql::WAKE_LATER).bind(row.device.cast_signed()).bind(i64::from(row.class));
                    query.bind(due_ms.cast_signed()).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn done(conn: &mut Conn, rows: &[WakeRow]) -> Result<(), StoreError> {
    for row in rows {
        let query = sqlx::query(sql::WAKE_DONE).bind(row.device.cast_signed()).bind(i64::from(row.class));
        query.bind(row.made_ms.cast_signed()).execute(&mut *conn).await?;
    }
    Ok(())
}
