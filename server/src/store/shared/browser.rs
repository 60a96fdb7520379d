//! Browsers, in SQL.

use async_trait::async_trait;
use sqlx::Row as _;

use super::{
    Conn, Row, SqlStore,
    identity::{next_number, use_invite},
    rows,
};
use crate::store::{
    AccountNo, BrowserStore, DeviceNo, StoreError, UnixMs,
    browser::{HospitalRow, NewBrowser, PasskeyRow, WayIn, WebSessionRow},
    statements::{browser as sql, portable},
};

/// How [`add`] ends without an error and without a browser: rolls everything back.
const TAKEN: StoreError = StoreError::Refused("the invite or the way in is taken");

fn web_session(row: &Row) -> Result<WebSessionRow, StoreError> {
    Ok(WebSessionRow {
        token_hash: rows::array(row, 0)?,
        family: rows::number(row, 1)?,
        account: rows::number(row, 2)?,
        device: rows::number(row, 3)?,
        clinic: rows::number(row, 4)?,
        created_ms: rows::number(row, 5)?,
        seen_ms: rows::number(row, 6)?,
        ended: row.try_get(7)?,
    })
}

fn passkey(row: &Row) -> Result<PasskeyRow, StoreError> {
    Ok(PasskeyRow {
        credential: row.try_get(0)?,
        account: rows::number(row, 1)?,
        device: rows::number(row, 2)?,
        created_ms: rows::number(row, 3)?,
        used_ms: rows::number(row, 4)?,
        content: row.try_get(5)?,
    })
}

fn hospital(row: &Row) -> Result<HospitalRow, StoreError> {
    Ok(HospitalRow {
        subject: rows::array(row, 0)?,
        account: rows::number(row, 1)?,
        device: rows::number(row, 2)?,
        created_ms: rows::number(row, 3)?,
    })
}

async fn add(conn: &mut Conn, new: &NewBrowser) -> Result<DeviceNo, StoreError> {
    let (account, now) = (new.account.cast_signed(), new.created_ms.cast_signed());
    if let Some(code) = new.invite {
        let used = use_invite(code, new.account, new.created_ms);
        if used.execute(&mut *conn).await?.rows_affected() == 0 {
            return Err(TAKEN);
        }
    }
    let device = next_number(&mut *conn, "device", 1).await?;
    let way_in = match &new.way_in {
        WayIn::Link { .. } => None,
        WayIn::Passkey { credential, content } => {
            let query = sqlx::query(sql::PASSKEY_INSERT).bind(credential.clone()).bind(account);
            Some(query.bind(device.cast_signed()).bind(now).bind(now).bind(content.clone()))
        }
        WayIn::Hospital { subject } => {
            let query = sqlx::query(sql::HOSPITAL_INSERT).bind(subject.to_vec()).bind(account);
            Some(query.bind(device.cast_signed()).bind(now))
        }
    };
    if let Some(way_in) = way_in
        && way_in.execute(&mut *conn).await?.rows_affected() == 0
    {
        return Err(TAKEN);
    }
    let query = sqlx::query(portable::DEVICE_INSERT).bind(device.cast_signed()).bind(account);
    let query = query.bind(new.clinic.cast_signed()).bind(new.key.clone()).bind(new.name.clone());
    query.bind(now).execute(&mut *conn).await?;
    Ok(device)
}

#[async_trait]
impl BrowserStore for SqlStore {
    async fn add_browser(&self, browser: NewBrowser) -> Result<Option<DeviceNo>, StoreError> {
        let added = self
            .write(move |conn| {
                let new = browser.clone();
                Box::pin(async move { add(conn, &new).await })
            })
            .await;
        match added {
            Ok(device) => Ok(Some(device)),
            Err(StoreError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_web_session(&self, session: WebSessionRow) -> Result<(), StoreError> {
        self.execute(move || {
            let query = sqlx::query(sql::WEB_SESSION_INSERT).bind(session.token_hash.to_vec());
            let query = query.bind(session.family.cast_signed()).bind(session.account.cast_signed());
            let query = query.bind(session.device.cast_signed()).bind(session.clinic.cast_signed());
            query.bind(session.created_ms.cast_signed()).bind(session.seen_ms.cast_signed()).bind(session.ended)
        })
        .await
        .map(|_| ())
    }

    async fn web_session(&self, token_hash: [u8; 32]) -> Result<Option<WebSessionRow>, StoreError> {
        let row = self.one(sqlx::query(sql::WEB_SESSION).bind(token_hash.to_vec())).await?;
        row.map(|row| web_session(&row)).transpose()
    }

    async fn web_session_seen(&self, token_hash: [u8; 32], seen_ms: UnixMs) -> Result<(), StoreError> {
        let query = move || sqlx::query(sql::WEB_SESSION_SEEN).bind(token_hash.to_vec()).bind(seen_ms.cast_signed());
        self.execute(query).await.map(|_| ())
    }

    async fn passkey(&self, credential: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
        let row = self.one(sqlx::query(sql::PASSKEY).bind(credential.to_vec())).await?;
        row.map(|row| passkey(&row)).transpose()
    }

    async fn passkeys_of(&self, account: AccountNo) -> Result<Vec<PasskeyRow>, StoreError> {
        self.all(sqlx::query(sql::PASSKEYS_OF).bind(account.cast_signed()), passkey).await
    }

    async fn passkey_used(
        &self,
        credential: &[u8],
        expected: &[u8],
        content: &[u8],
        used_ms: UnixMs,
    ) -> Result<bool, StoreError> {
        let (credential, expected, content) = (credential.to_vec(), expected.to_vec(), content.to_vec());
        let touched = self.execute(move || {
            let query = sqlx::query(sql::PASSKEY_USED).bind(credential.clone()).bind(expected.clone());
            query.bind(content.clone()).bind(used_ms.cast_signed())
        });
        Ok(touched.await? == 1)
    }

    async fn hospital_account(&self, subject: [u8; 32]) -> Result<Option<HospitalRow>, StoreError> {
        let row = self.one(sqlx::query(sql::HOSPITAL).bind(subject.to_vec())).await?;
        row.map(|row| hospital(&row)).transpose()
    }

    async fn put_challenge(&self, id: [u8; 32], expires_ms: UnixMs, sealed: Vec<u8>) -> Result<(), StoreError> {
        self.execute(move || {
            let query = sqlx::query(sql::CHALLENGE_INSERT).bind(id.to_vec()).bind(expires_ms.cast_signed());
            query.bind(sealed.clone())
        })
        .await
        .map(|_| ())
    }

    async fn take_challenge(&self, id: [u8; 32]) -> Result<Option<(UnixMs, Vec<u8>)>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let row = sqlx::query(sql::CHALLENGE_TAKE).bind(id.to_vec()).fetch_optional(conn).await?;
                row.map(|row| Ok((rows::number(&row, 0)?, row.try_get(1)?))).transpose()
            })
        })
        .await
    }
}
