//! Keeping the whole, in SQL.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::Row as _;

use super::{Conn, SqlStore, rows, wakes};
use crate::{
    deny::{Denial, DenyLog},
    store::{
        AccountNo, CircleNo, StoreError, UnixMs,
        custody::{Custody, ERASED_HEAD, KeyPlace, WrappedKey},
        statements::{attachments, portable as sql},
        wakes::WakeClass,
    },
};

/// Every table of a circle, the head first: whoever commits into the circle waits for it or finds it gone.
const OF_A_CIRCLE: &[&str] = &[
    sql::ERASE_HEAD,
    attachments::ERASE_ROOM,
    attachments::ERASE_ATTACHMENT,
    attachments::ERASE_BOUND,
    attachments::ERASE_UPLOAD,
    attachments::ERASE_CHUNK,
    sql::ERASE_PART,
    sql::ERASE_LOG,
    sql::ERASE_RULES_DUE,
    sql::ERASE_READ,
    sql::ERASE_REACHED,
    sql::ERASE_HEARD,
    sql::ERASE_ALIAS,
    sql::ERASE_RENUMBERED,
    sql::ERASE_REFUSED,
    sql::ERASE_TOMBSTONE,
    sql::ERASE_QUARANTINE,
    sql::ERASE_REQUEST,
    sql::ERASE_ACCESS,
    sql::MEMBERS_DELETE,
    sql::ERASE_INVITE,
    sql::GRANT_END_DELETE,
    sql::ERASE_CIRCLE,
];

#[async_trait]
impl Custody for SqlStore {
    async fn wrapped_keys(&self, other_than: u8, limit: u32) -> Result<Vec<WrappedKey>, StoreError> {
        let version = vec![other_than];
        let circles = sqlx::query(sql::WRAPPED_CIRCLES).bind(version.clone()).bind(i64::from(limit));
        let mut found = Vec::new();
        for row in circles.fetch_all(&self.readers).await? {
            let (circle, clinic) = (rows::number(&row, 0)?, rows::number(&row, 1)?);
            let place = KeyPlace::Circle { circle, clinic, short_id: row.try_get(2)? };
            found.push(WrappedKey { place, wrapped: row.try_get(3)? });
        }
        if found.len() < limit as usize {
            let server = sqlx::query(sql::WRAPPED_SERVER).bind(version).fetch_optional(&self.readers).await?;
            if let Some(row) = server {
                found.push(WrappedKey { place: KeyPlace::Server, wrapped: row.try_get(0)? });
            }
        }
        Ok(found)
    }

    async fn rewrap(&self, keys: Vec<(WrappedKey, Vec<u8>)>) -> Result<u64, StoreError> {
        self.write(move |conn| {
            let keys = keys.clone();
            Box::pin(async move {
                let mut put = 0;
                for (key, wrapped) in keys {
                    let query = match key.place {
                        KeyPlace::Circle { circle, .. } => sqlx::query(sql::CIRCLE_REWRAP).bind(circle.cast_signed()),
                        KeyPlace::Server => sqlx::query(sql::SERVER_REWRAP),
                    };
                    put += query.bind(key.wrapped).bind(wrapped).execute(&mut *conn).await?.rows_affected();
                }
                Ok(put)
            })
        })
        .await
    }

    fn deny_to(&self, log: Arc<dyn DenyLog>) {
        self.common.deny_to(log);
    }

    async fn denied(&self) -> Result<u64, StoreError> {
        rows::number(&sqlx::query(sql::DENIED).fetch_one(&self.readers).await?, 0)
    }

    async fn raise_epoch(&self, epoch: u32) -> Result<(), StoreError> {
        self.write_denying(vec![Denial::Epoch(epoch)], false, move |conn| {
            Box::pin(async move {
                sqlx::query(sql::EPOCH_RAISE).bind(epoch.cast_signed()).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn forget_lost_tail(&self, numbers: u64) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                for statement in [
                    sql::FORGET_SESSIONS,
                    sql::FORGET_INVITES,
                    sql::FORGET_CODES,
                    sql::FORGET_WEB_SESSIONS,
                    sql::FORGET_WEB_CHALLENGES,
                ] {
                    sqlx::query(statement).execute(&mut *conn).await?;
                }
                sqlx::query(sql::NUMBERS_JUMP).bind(numbers.cast_signed()).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn erase_circle(&self, circle: CircleNo, at_ms: UnixMs, members: Vec<AccountNo>) -> Result<bool, StoreError> {
        let denials = vec![Denial::Erased { circle, at_ms }];
        let erased = self.write_denying(denials, true, move |conn| {
            let members = members.clone();
            Box::pin(async move { erase(conn, circle, at_ms, &members).await })
        });
        let erased = erased.await?;
        // Also where there was none: what an earlier, broken off erasure did not say is said now.
        self.common.wake(vec![(circle, ERASED_HEAD)]);
        if let Err(error) = super::super::tell_erased(&self.writers, circle).await {
            tracing::warn!(%error, "other nodes were not told of an erased circle; they look by themselves in a moment");
        }
        for statement in super::super::AFTER_ERASURE {
            // A reader that is at work keeps it from happening now; the next erasure or restart does it then.
            if let Err(error) = sqlx::query(*statement).execute(&self.writers).await {
                tracing::warn!(%error, "the space of an erased circle was not given back yet");
            }
        }
        Ok(erased)
    }

    async fn erased_member(&self, circle: CircleNo, account: AccountNo) -> Result<bool, StoreError> {
        let query = sqlx::query(sql::ERASED_MEMBER).bind(circle.cast_signed()).bind(account.cast_signed());
        Ok(query.fetch_optional(&self.readers).await?.is_some())
    }
}

/// False: there was no such circle, or not any more.
async fn erase(conn: &mut Conn, circle: CircleNo, at_ms: UnixMs, members: &[AccountNo]) -> Result<bool, StoreError> {
    for statement in super::super::BEFORE_ERASURE {
        sqlx::query(*statement).execute(&mut *conn).await?;
    }
    let number = circle.cast_signed();
    let there = sqlx::query(sql::CIRCLE_INFO).bind(number).fetch_optional(&mut *conn).await?.is_some();
    let tombstone = sqlx::query(sql::ERASED_PUT).bind(number).bind(at_ms.cast_signed());
    tombstone.execute(&mut *conn).await?;
    for account in members {
        let query = sqlx::query(sql::ERASED_MEMBER_PUT).bind(number).bind(account.cast_signed());
        query.execute(&mut *conn).await?;
        wakes::put(conn, *account, WakeClass::Purge, at_ms, 0).await?;
    }
    for statement in OF_A_CIRCLE {
        sqlx::query(*statement).bind(number).execute(&mut *conn).await?;
    }
    Ok(there)
}
