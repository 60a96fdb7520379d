//! Attachments, in SQL.

use std::sync::Arc;

use async_trait::async_trait;
use osteon_sync_core::RecordId;
use sqlx::Row as _;

use super::{Conn, Row, SqlStore, load, rows};
use crate::store::{
    CircleNo, StoreError, UnixMs,
    attachments::{AttachmentRow, AttachmentStore, Begun, Name, NewUpload, UploadRow, oldest_beyond},
    common::CircleInfo,
    statements::{attachments as sql, portable},
};

fn fixed<const N: usize>(row: &Row, at: usize) -> Result<[u8; N], StoreError> {
    let bytes: Vec<u8> = row.try_get(at)?;
    bytes.try_into().map_err(|_| StoreError::Corrupt { table: "attachment", column: "any" })
}

fn kind(row: &Row, at: usize) -> Result<u8, StoreError> {
    u8::try_from(rows::number(row, at)?).map_err(|_| StoreError::Corrupt { table: "attachment", column: "kind" })
}

fn upload(circle: CircleNo, row: &Row) -> Result<UploadRow, StoreError> {
    let new = NewUpload {
        circle,
        clinic: rows::number(row, 0)?,
        account: rows::number(row, 1)?,
        record: RecordId(fixed(row, 2)?),
        name: fixed(row, 3)?,
        upload: fixed(row, 8)?,
        size: rows::number(row, 4)?,
        kind: kind(row, 5)?,
        begun_ms: rows::number(row, 6)?,
    };
    Ok(UploadRow { new, received: rows::number(row, 7)? })
}

fn attachment(circle: CircleNo, row: &Row) -> Result<AttachmentRow, StoreError> {
    let loose_ms: Option<i64> = row.try_get(4)?;
    Ok(AttachmentRow {
        circle,
        name: fixed(row, 0)?,
        chunks: fixed(row, 1)?,
        size: rows::number(row, 2)?,
        kind: kind(row, 3)?,
        loose_ms: loose_ms.map(i64::cast_unsigned),
    })
}

async fn begin(conn: &mut Conn, new: NewUpload, room: u64, open: usize) -> Result<Begun, StoreError> {
    let circle = new.circle.cast_signed();
    let known = sqlx::query(sql::BOUND_BY).bind(circle).bind(new.name.to_vec()).bind(new.account.cast_signed());
    if known.fetch_optional(&mut *conn).await?.is_some() {
        sqlx::query(sql::ATTACHMENT_TOUCH).bind(circle).bind(new.name.to_vec()).execute(&mut *conn).await?;
        bind(conn, &new).await?;
        return Ok(Begun::Complete);
    }
    let query = sqlx::query(sql::UPLOAD_INSERT).bind(circle).bind(new.upload.to_vec());
    let query = query.bind(new.account.cast_signed()).bind(new.record.0.to_vec()).bind(new.name.to_vec());
    let query = query.bind(new.size.cast_signed()).bind(i64::from(new.kind)).bind(new.begun_ms.cast_signed());
    if query.execute(&mut *conn).await?.rows_affected() > 0 {
        let took = sqlx::query(sql::ROOM_TAKE).bind(new.clinic.cast_signed()).bind(new.size.cast_signed());
        let took = took.bind(room.cast_signed()).execute(&mut *conn).await?.rows_affected() > 0;
        if !took || new.size > room {
            // Rolls back.
            return Err(StoreError::Refused(FULL));
        }
        give_way(conn, &new, open).await?;
        return Ok(Begun::Upload(UploadRow { new, received: 0 }));
    }
    let query = sqlx::query(sql::UPLOAD_OF).bind(circle).bind(new.account.cast_signed());
    let found = query.bind(new.record.0.to_vec()).bind(new.name.to_vec()).fetch_optional(conn).await?;
    Ok(Begun::Upload(upload(new.circle, &found.ok_or(StoreError::NotFound)?)?))
}

/// Drops the oldest uploads of an account in a circle beyond so many.
async fn give_way(conn: &mut Conn, new: &NewUpload, open: usize) -> Result<(), StoreError> {
    let query = sqlx::query(sql::UPLOADS_OPEN).bind(new.circle.cast_signed()).bind(new.account.cast_signed());
    let found = query.fetch_all(&mut *conn).await?;
    let rows: Vec<UploadRow> = found.iter().map(|row| upload(new.circle, row)).collect::<Result<_, _>>()?;
    for one in oldest_beyond(rows, new.upload, open) {
        if take(conn, one.circle, one.upload).await?.is_some() {
            let_go(conn, one.circle, one.clinic, one.upload, one.size).await?;
        }
    }
    Ok(())
}

const FULL: &str = "the clinic's room for attachments is used up";

async fn bind(conn: &mut Conn, new: &NewUpload) -> Result<(), StoreError> {
    let query = sqlx::query(sql::BOUND_PUT).bind(new.circle.cast_signed()).bind(new.record.0.to_vec());
    query.bind(new.name.to_vec()).bind(new.account.cast_signed()).execute(conn).await?;
    Ok(())
}

async fn let_go(conn: &mut Conn, circle: CircleNo, clinic: u64, chunks: [u8; 16], size: u64) -> Result<(), StoreError> {
    sqlx::query(sql::CHUNKS_DELETE).bind(circle.cast_signed()).bind(chunks.to_vec()).execute(&mut *conn).await?;
    sqlx::query(sql::ROOM_GIVE).bind(clinic.cast_signed()).bind(size.cast_signed()).execute(conn).await?;
    Ok(())
}

async fn take(conn: &mut Conn, circle: CircleNo, id: [u8; 16]) -> Result<Option<UploadRow>, StoreError> {
    let query = sqlx::query(sql::UPLOAD_TAKE).bind(circle.cast_signed()).bind(id.to_vec());
    query.fetch_optional(conn).await?.map(|row| upload(circle, &row)).transpose()
}

async fn finish(conn: &mut Conn, circle: CircleNo, id: [u8; 16], look_ms: UnixMs) -> Result<bool, StoreError> {
    let Some(UploadRow { new, received }) = take(conn, circle, id).await? else { return Ok(false) };
    if received != new.size {
        return Err(StoreError::Refused("an upload that is not whole"));
    }
    let query = sqlx::query(sql::ATTACHMENT_INSERT).bind(circle.cast_signed()).bind(new.name.to_vec());
    let query = query.bind(id.to_vec()).bind(new.size.cast_signed()).bind(i64::from(new.kind));
    if query.bind(look_ms.cast_signed()).execute(&mut *conn).await?.rows_affected() == 0 {
        let touch = sqlx::query(sql::ATTACHMENT_TOUCH).bind(circle.cast_signed()).bind(new.name.to_vec());
        touch.execute(&mut *conn).await?;
        let_go(conn, circle, new.clinic, id, new.size).await?;
    }
    bind(conn, &new).await?;
    Ok(true)
}

impl SqlStore {
    async fn info_of(&self, circle: CircleNo) -> Result<Arc<CircleInfo>, StoreError> {
        let mut conn = self.readers.acquire().await?;
        load::info(&mut conn, &self.common, circle).await?.ok_or(StoreError::NotFound)
    }
}

#[async_trait]
impl AttachmentStore for SqlStore {
    async fn begin_upload(&self, new: NewUpload, room: u64, open: usize) -> Result<Begun, StoreError> {
        let begun = self.write(move |conn| {
            let new = new.clone();
            Box::pin(async move { begin(conn, new, room, open).await })
        });
        match begun.await {
            Err(StoreError::Refused(FULL)) => Ok(Begun::Full),
            other => other,
        }
    }

    async fn upload(&self, circle: CircleNo, id: [u8; 16]) -> Result<Option<UploadRow>, StoreError> {
        let row = self.one(sqlx::query(sql::UPLOAD).bind(circle.cast_signed()).bind(id.to_vec())).await?;
        row.map(|row| upload(circle, &row)).transpose()
    }

    async fn put_chunk(
        &self,
        circle: CircleNo,
        id: [u8; 16],
        at: u64,
        data: Vec<u8>,
    ) -> Result<Option<u64>, StoreError> {
        let sealed = self.info_of(circle).await?.seal_chunk(id, at, &data)?;
        let size = data.len() as u64;
        self.write(move |conn| {
            let sealed = sealed.clone();
            Box::pin(async move {
                let grow = sqlx::query(sql::UPLOAD_GROW).bind(circle.cast_signed()).bind(id.to_vec());
                let grow = grow.bind(at.cast_signed()).bind(size.cast_signed()).execute(&mut *conn).await?;
                if grow.rows_affected() > 0 {
                    let query = sqlx::query(sql::CHUNK_INSERT).bind(circle.cast_signed()).bind(id.to_vec());
                    query.bind(at.cast_signed()).bind(sealed).execute(&mut *conn).await?;
                }
                let found = sqlx::query(sql::UPLOAD).bind(circle.cast_signed()).bind(id.to_vec());
                found.fetch_optional(conn).await?.map(|row| rows::number(&row, 7)).transpose()
            })
        })
        .await
    }

    async fn chunks(
        &self,
        circle: CircleNo,
        chunks: [u8; 16],
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let info = self.info_of(circle).await?;
        let query = sqlx::query(sql::CHUNKS).bind(circle.cast_signed()).bind(chunks.to_vec());
        let found = query.bind(from.cast_signed()).bind(to.cast_signed()).fetch_all(&self.readers).await?;
        let open = |row: &Row| {
            let (at, sealed): (u64, Vec<u8>) = (rows::number(row, 0)?, row.try_get(1)?);
            Ok((at, info.open_chunk(chunks, at, &sealed)?))
        };
        found.iter().map(open).collect()
    }

    async fn finish_upload(&self, circle: CircleNo, id: [u8; 16], look_ms: UnixMs) -> Result<bool, StoreError> {
        self.write(move |conn| Box::pin(async move { finish(conn, circle, id, look_ms).await })).await
    }

    async fn drop_upload(&self, circle: CircleNo, id: [u8; 16]) -> Result<bool, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let Some(UploadRow { new, .. }) = take(conn, circle, id).await? else { return Ok(false) };
                let_go(conn, circle, new.clinic, id, new.size).await?;
                Ok(true)
            })
        })
        .await
    }

    async fn uploads_before(&self, before_ms: UnixMs, limit: u32) -> Result<Vec<(CircleNo, [u8; 16])>, StoreError> {
        let query = sqlx::query(sql::UPLOADS_BEFORE).bind(before_ms.cast_signed()).bind(i64::from(limit));
        self.all(query, |row| Ok((rows::number(row, 0)?, fixed(row, 1)?))).await
    }

    async fn attachment(
        &self,
        circle: CircleNo,
        records: &[RecordId],
        name: Name,
    ) -> Result<Option<AttachmentRow>, StoreError> {
        for record in records {
            let query = sqlx::query(sql::BOUND_TO).bind(circle.cast_signed()).bind(record.0.to_vec());
            if let Some(row) = self.one(query.bind(name.to_vec())).await? {
                return attachment(circle, &row).map(Some);
            }
        }
        Ok(None)
    }

    async fn rebind_attachments(&self, circle: CircleNo, from: RecordId, to: RecordId) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::REBIND).bind(circle.cast_signed()).bind(from.0.to_vec());
                query.bind(to.0.to_vec()).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn attachments_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError> {
        let query = sqlx::query(sql::ATTACHMENTS_DUE).bind(now_ms.cast_signed()).bind(i64::from(limit));
        let mut circles = self.all(query, |row| rows::number(row, 0)).await?;
        circles.sort_unstable();
        circles.dedup();
        Ok(circles)
    }

    async fn look_at_attachments(
        &self,
        circle: CircleNo,
        now_ms: UnixMs,
        next_ms: UnixMs,
    ) -> Result<Vec<AttachmentRow>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let look = sqlx::query(sql::ATTACHMENTS_LOOK).bind(circle.cast_signed()).bind(now_ms.cast_signed());
                if look.bind(next_ms.cast_signed()).execute(&mut *conn).await?.rows_affected() == 0 {
                    return Ok(Vec::new());
                }
                let found = sqlx::query(sql::ATTACHMENTS_OF).bind(circle.cast_signed()).fetch_all(conn).await?;
                found.iter().map(|row| attachment(circle, row)).collect()
            })
        })
        .await
    }

    async fn loosen_attachment(
        &self,
        circle: CircleNo,
        name: Name,
        loose_ms: Option<UnixMs>,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::ATTACHMENT_LOOSE).bind(circle.cast_signed()).bind(name.to_vec());
                query.bind(loose_ms.map(u64::cast_signed)).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn doom_attachments(&self, circle: CircleNo, record: RecordId) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::ATTACHMENT_DOOM).bind(circle.cast_signed()).bind(record.0.to_vec());
                query.execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn remove_attachment(&self, circle: CircleNo, name: Name, loose_ms: UnixMs) -> Result<bool, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::ATTACHMENT_TAKE).bind(circle.cast_signed()).bind(name.to_vec());
                let taken = query.bind(loose_ms.cast_signed()).fetch_optional(&mut *conn).await?;
                let Some(taken) = taken else { return Ok(false) };
                let (chunks, size) = (fixed(&taken, 0)?, rows::number(&taken, 1)?);
                let bound = sqlx::query(sql::BOUND_DELETE).bind(circle.cast_signed()).bind(name.to_vec());
                bound.execute(&mut *conn).await?;
                let info = sqlx::query(portable::CIRCLE_INFO).bind(circle.cast_signed()).fetch_one(&mut *conn).await?;
                let_go(conn, circle, rows::number(&info, 0)?, chunks, size).await?;
                Ok(true)
            })
        })
        .await
    }

    async fn attachment_bytes(&self, clinic: u64) -> Result<u64, StoreError> {
        let row = self.one(sqlx::query(sql::ROOM).bind(clinic.cast_signed())).await?;
        Ok(row.map(|row| rows::number(&row, 0)).transpose()?.unwrap_or(0))
    }
}
