//! How devices stand, sign-in codes and notices, in SQL.

use async_trait::async_trait;
use sqlx::Row as _;

use super::{Conn, Row, SqlStore, identity, rows, wakes};
use crate::deny::Denial;
use crate::store::{
    AccountNo, DeviceNo, DeviceStore, StoreError, UnixMs,
    devices::{CodeRow, EndedListener, Ending, NewNotice, NoticeRow, NoticesQuery, OrderRow, StandingRow},
    identity::{CodeForm, InviteCode, InviteRow, SessionRow},
    statements::portable as sql,
    wakes::WakeClass,
};

fn standing(row: &Row) -> Result<StandingRow, StoreError> {
    Ok(StandingRow {
        device: rows::number(row, 0)?,
        seen_ms: rows::number(row, 1)?,
        ending: Ending::of(rows::small(row, 2)?),
        ordered_ms: rows::number(row, 3)?,
        told_ms: rows::number(row, 4)?,
        done_ms: rows::number(row, 5)?,
        signature: row.try_get(6)?,
    })
}

fn notice(row: &Row) -> Result<NoticeRow, StoreError> {
    Ok(NoticeRow {
        no: rows::number(row, 1)?,
        notice: NewNotice {
            account: rows::number(row, 0)?,
            at_ms: rows::number(row, 2)?,
            kind: rows::small(row, 3)?,
            device: rows::number(row, 4)?,
            by_account: rows::number(row, 5)?,
        },
        acknowledged_ms: rows::number(row, 6)?,
    })
}

fn families(found: &[Row]) -> Result<Vec<u64>, StoreError> {
    found.iter().map(|row| rows::number(row, 0)).collect()
}

async fn standing_of(conn: &mut Conn, device: DeviceNo) -> Result<StandingRow, StoreError> {
    let row = sqlx::query(sql::STANDING).bind(device.cast_signed()).fetch_optional(conn).await?;
    row.map_or(Ok(StandingRow { device, ..StandingRow::default() }), |row| standing(&row))
}

async fn seen(conn: &mut Conn, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
    let query = sqlx::query(sql::DEVICE_SEEN).bind(device.cast_signed()).bind(at_ms.cast_signed());
    query.bind(Vec::<u8>::new()).execute(conn).await?;
    Ok(())
}

async fn tell(conn: &mut Conn, notice: &NewNotice) -> Result<(), StoreError> {
    let no = identity::next_number(&mut *conn, "notice", 1).await?;
    let query = sqlx::query(sql::NOTICE_INSERT).bind(notice.account.cast_signed()).bind(no.cast_signed());
    let query = query.bind(notice.at_ms.cast_signed()).bind(i16::from(notice.kind)).bind(notice.device.cast_signed());
    query.bind(notice.by_account.cast_signed()).execute(conn).await?;
    Ok(())
}

/// Two that move the same device wait for each other.
async fn lock(conn: &mut Conn, device: DeviceNo) -> Result<(), StoreError> {
    sqlx::query(sql::DEVICE_LOCK).bind(device.cast_signed()).execute(conn).await?;
    Ok(())
}

async fn open(conn: &mut Conn, row: &SessionRow, now_ms: UnixMs) -> Result<Option<Ending>, StoreError> {
    lock(&mut *conn, row.device).await?;
    let revoked = sqlx::query(sql::DEVICE_REVOKED).bind(row.device.cast_signed()).fetch_optional(&mut *conn).await?;
    let ending = standing_of(&mut *conn, row.device).await?.ending;
    if revoked.is_some() || ending == Ending::Wipe {
        return Ok(None);
    }
    let leaving = ending == Ending::Leave;
    identity::insert_session(&SessionRow { leaving, ..row.clone() }).execute(&mut *conn).await?;
    seen(conn, row.device, now_ms).await?;
    Ok(Some(ending))
}

async fn order(conn: &mut Conn, order: &OrderRow) -> Result<Option<Vec<u64>>, StoreError> {
    let device = order.device.cast_signed();
    lock(&mut *conn, order.device).await?;
    let query = sqlx::query(sql::DEVICE_ORDER).bind(device).bind(order.ending as i16).bind(order.at_ms.cast_signed());
    let given = query.bind(order.signature.clone()).execute(&mut *conn).await?;
    if given.rows_affected() == 0 {
        return Ok(None);
    }
    let open = sqlx::query(sql::FAMILIES_OF).bind(device).fetch_all(&mut *conn).await?;
    let then: &[&'static str] = match order.ending {
        Ending::Wipe => &[sql::DEVICE_REVOKE, sql::REPLICAS_RETIRE, sql::SESSIONS_REVOKE],
        Ending::Leave | Ending::None => &[sql::SESSIONS_LEAVE],
    };
    for statement in then {
        sqlx::query(*statement).bind(device).execute(&mut *conn).await?;
    }
    tell(conn, &order.notice).await?;
    wakes::put_device(conn, order.device, WakeClass::Purge, order.at_ms).await?;
    Ok(Some(families(&open)?))
}

#[async_trait]
impl DeviceStore for SqlStore {
    async fn device_standing(&self, device: DeviceNo) -> Result<StandingRow, StoreError> {
        let row = sqlx::query(sql::STANDING).bind(device.cast_signed()).fetch_optional(&self.readers).await?;
        row.map_or(Ok(StandingRow { device, ..StandingRow::default() }), |row| standing(&row))
    }

    async fn device_seen(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        self.write(move |conn| Box::pin(seen(conn, device, at_ms))).await
    }

    async fn rename_device(&self, device: DeviceNo, name: &[u8]) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.execute(move || sqlx::query(sql::DEVICE_RENAME).bind(device.cast_signed()).bind(name.clone()))
            .await
            .map(|_| ())
    }

    async fn open_session(&self, session: SessionRow, now_ms: UnixMs) -> Result<Option<Ending>, StoreError> {
        self.write(move |conn| {
            let session = session.clone();
            Box::pin(async move { open(conn, &session, now_ms).await })
        })
        .await
    }

    async fn session_of(&self, family: u64) -> Result<Option<SessionRow>, StoreError> {
        let row = sqlx::query(sql::SESSION_OF).bind(family.cast_signed()).fetch_optional(&self.readers).await?;
        row.map(|row| identity::session(&row)).transpose()
    }

    async fn order_device(&self, row: OrderRow) -> Result<Option<Vec<u64>>, StoreError> {
        let (device, ending, at_ms, signature) = (row.device, row.ending as u8, row.at_ms, row.signature.clone());
        let denials = vec![Denial::Ordered { device, ending, at_ms, signature }];
        self.write_denying(denials, false, move |conn| {
            let row = row.clone();
            Box::pin(async move { order(conn, &row).await })
        })
        .await
    }

    async fn order_told(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        self.execute(move || sqlx::query(sql::ORDER_TOLD).bind(device.cast_signed()).bind(at_ms.cast_signed()))
            .await
            .map(|_| ())
    }

    async fn device_left(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        self.write_denying(vec![Denial::Device(device)], false, move |conn| {
            Box::pin(async move {
                lock(&mut *conn, device).await?;
                let query = sqlx::query(sql::DEVICE_LEFT).bind(device.cast_signed()).bind(at_ms.cast_signed());
                query.execute(&mut *conn).await?;
                for sql in [sql::DEVICE_REVOKE, sql::REPLICAS_RETIRE, sql::SESSIONS_REVOKE] {
                    sqlx::query(sql).bind(device.cast_signed()).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn ordered_since(&self, after_ms: UnixMs) -> Result<Vec<u64>, StoreError> {
        let query = sqlx::query(sql::ORDERED_SINCE).bind(after_ms.cast_signed());
        families(&query.fetch_all(&self.readers).await?)
    }

    async fn put_code(&self, code: CodeRow) -> Result<(), StoreError> {
        self.execute(move || {
            let query = sqlx::query(sql::CODE_PUT).bind(code.device.cast_signed()).bind(code.code_mac.to_vec());
            query.bind(code.expires_ms.cast_signed()).bind(i16::from(code.tries_left))
        })
        .await
        .map(|_| ())
    }

    async fn use_code(&self, device: DeviceNo, code_mac: [u8; 32], now_ms: UnixMs) -> Result<bool, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::CODE_USE).bind(device.cast_signed()).bind(code_mac.to_vec());
                let used = query.bind(now_ms.cast_signed()).execute(&mut *conn).await?.rows_affected() == 1;
                if !used {
                    sqlx::query(sql::CODE_MISSED).bind(device.cast_signed()).execute(conn).await?;
                }
                Ok(used)
            })
        })
        .await
    }

    async fn put_notice(&self, notice: NewNotice) -> Result<(), StoreError> {
        self.write(move |conn| Box::pin(async move { tell(conn, &notice).await })).await
    }

    async fn end_replayed(&self, family: u64, notice: NewNotice) -> Result<bool, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::FAMILY_END).bind(family.cast_signed());
                let ended = query.execute(&mut *conn).await?.rows_affected() == 1;
                if ended {
                    tell(conn, &notice).await?;
                }
                Ok(ended)
            })
        })
        .await
    }

    async fn notices(&self, query: NoticesQuery) -> Result<Vec<NoticeRow>, StoreError> {
        let before = i64::try_from(query.before).unwrap_or(i64::MAX);
        let asked = sqlx::query(sql::NOTICES).bind(query.account.cast_signed()).bind(before);
        let found = asked.bind(query.all).bind(i64::from(query.limit)).fetch_all(&self.readers).await?;
        found.iter().map(notice).collect()
    }

    async fn acknowledge(&self, account: AccountNo, up_to: u64, at_ms: UnixMs) -> Result<(), StoreError> {
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        self.execute(move || {
            let query = sqlx::query(sql::NOTICES_ACKNOWLEDGE).bind(account.cast_signed()).bind(up_to);
            query.bind(at_ms.cast_signed())
        })
        .await
        .map(|_| ())
    }

    async fn notices_open(&self, account: AccountNo) -> Result<u32, StoreError> {
        let row = sqlx::query(sql::NOTICES_OPEN).bind(account.cast_signed()).fetch_one(&self.readers).await?;
        Ok(u32::try_from(rows::number(&row, 0)?).unwrap_or(u32::MAX))
    }

    async fn attempt_invite(
        &self,
        short_id: &str,
        code: InviteCode,
        now_ms: UnixMs,
    ) -> Result<Option<InviteRow>, StoreError> {
        let (short_id, mac) = (short_id.to_owned(), code.mac);
        self.write(move |conn| {
            let wrong = (code.form == CodeForm::Typed).then(|| {
                let query = sqlx::query(sql::INVITE_ATTEMPT).bind(short_id.clone()).bind(now_ms.cast_signed());
                query.bind(mac.to_vec())
            });
            let matched = match code.form {
                CodeForm::Typed => sql::INVITE_MATCHED,
                CodeForm::Qr => sql::INVITE_MATCHED_QR,
            };
            let matched = sqlx::query(matched).bind(mac.to_vec()).bind(now_ms.cast_signed());
            Box::pin(async move {
                if let Some(wrong) = wrong {
                    wrong.execute(&mut *conn).await?;
                }
                let row = sqlx::query(sql::INVITE).bind(mac.to_vec()).fetch_optional(&mut *conn).await?;
                let found = row.map(|row| identity::invite(&row)).transpose()?;
                if found.is_some() {
                    matched.execute(conn).await?;
                }
                Ok(found)
            })
        })
        .await
    }

    async fn forged_invite(&self, code_mac: [u8; 32], now_ms: UnixMs) -> Result<(), StoreError> {
        let forged = move || sqlx::query(sql::INVITE_FORGED).bind(code_mac.to_vec()).bind(now_ms.cast_signed());
        self.execute(forged).await.map(|_| ())
    }

    fn announce_ended(&self, families: &[u64]) {
        self.common.tell_others(families);
    }

    fn on_ended(&self, listener: EndedListener) {
        self.common.listen_ended(listener);
    }
}
