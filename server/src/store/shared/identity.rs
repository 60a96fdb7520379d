//! Clinics, accounts, devices, invites and sessions, in SQL.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use sqlx::Row as _;

use super::{
    Conn, Row, SqlStore, locked, rows,
    writer::{Op, RunOp},
};
use crate::deny::Denial;
use crate::store::{
    AccountNo, CircleNo, DeviceNo, IdentityStore, StoreError, UnixMs, codec,
    identity::{
        CodeForm, DeviceRow, HealthRow, InviteCode, InviteLife, InviteOutcome, InviteRow, NewCircle, NewDevice,
        PATIENT, PhoneRow, ReplicaRow, ServerRow, SessionRow,
    },
    statements::{browser, portable as sql},
};

/// Lanes of a device: 1 ordinary, 2 urgent.
const LANES: [i16; 2] = [1, 2];

impl SqlStore {
    /// Runs a write beside the circles, in a transaction of the driver's choice. `op` may be run again.
    pub(super) async fn write<R, F>(&self, op: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<R, StoreError>> + Send + Sync + 'static,
    {
        self.write_denying(Vec::new(), false, op).await
    }

    /// The same, for a write that takes something away. `alone`: it shares its transaction with nobody.
    pub(super) async fn write_denying<R, F>(&self, denials: Vec<Denial>, alone: bool, op: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<R, StoreError>> + Send + Sync + 'static,
    {
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let run: RunOp = Box::new(move |conn| {
            let slot = Arc::clone(&slot);
            let run = op(conn);
            Box::pin(async move {
                let value = run.await?;
                *locked(&slot) = Some(value);
                Ok(())
            })
        });
        self.run(Op { run, denials, alone }).await?;
        locked(&filled).take().ok_or(StoreError::Closed)
    }

    pub(super) async fn one(&self, query: Query) -> Result<Option<Row>, StoreError> {
        Ok(query.fetch_optional(&self.readers).await?)
    }

    pub(super) async fn all<T>(
        &self,
        query: Query,
        read: fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        query.fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}

pub(super) type Query = sqlx::query::Query<'static, super::Db, <super::Db as sqlx::Database>::Arguments>;

pub(super) async fn next_number(conn: &mut Conn, kind: &'static str, count: i64) -> Result<u64, StoreError> {
    let row = sqlx::query(sql::NEXT_NUMBER).bind(kind).bind(count).fetch_one(conn).await?;
    Ok(rows::number(&row, 0)? - (count - 1).cast_unsigned())
}

fn server(row: &Row) -> Result<ServerRow, StoreError> {
    Ok(ServerRow { server_id: rows::array(row, 0)?, epoch: rows::epoch(row, 1)?, secrets: row.try_get(2)? })
}

pub(super) fn invite(row: &Row) -> Result<InviteRow, StoreError> {
    let bad = |column| move |_| StoreError::Corrupt { table: "invite", column };
    let id = row.try_get::<Option<Vec<u8>>, _>(9)?;
    let fingerprint = row.try_get::<Option<Vec<u8>>, _>(10)?;
    let life = InviteLife {
        opened_ms: rows::number(row, 12)?,
        matched_ms: rows::number(row, 13)?,
        done_ms: rows::number(row, 14)?,
        revoked_ms: rows::number(row, 15)?,
        revoked_by: rows::number(row, 16)?,
    };
    Ok(InviteRow {
        code_mac: rows::array(row, 0)?,
        circle: rows::number(row, 1)?,
        account: rows::number(row, 2)?,
        role: rows::small(row, 3)?,
        expires_ms: rows::number(row, 4)?,
        tries_left: rows::small(row, 5)?,
        used: row.try_get(6)?,
        qr_tries_left: rows::small(row, 7)?,
        made_by: rows::number(row, 8)?,
        // Made before they had ids: those are over.
        id: id.map_or(Ok([0; 16]), |id| id.try_into().map_err(bad("id")))?,
        fingerprint: fingerprint.map(|bytes| bytes.try_into().map_err(bad("fingerprint"))).transpose()?,
        made_ms: rows::number(row, 11)?,
        life,
    })
}

/// Uses up an open invite of this account; changes no row if there is none.
pub(super) fn use_invite(code: InviteCode, account: AccountNo, now_ms: UnixMs) -> Query {
    let statement = match code.form {
        CodeForm::Typed => sql::INVITE_USE,
        CodeForm::Qr => sql::INVITE_USE_QR,
    };
    let query = sqlx::query(statement).bind(code.mac.to_vec()).bind(now_ms.cast_signed());
    query.bind(account.cast_signed())
}

fn device(row: &Row) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        device: rows::number(row, 0)?,
        account: rows::number(row, 1)?,
        clinic: rows::number(row, 2)?,
        key: row.try_get(3)?,
        name: row.try_get(4)?,
        created_ms: rows::number(row, 5)?,
        revoked: row.try_get(6)?,
    })
}

fn replica(row: &Row) -> Result<ReplicaRow, StoreError> {
    Ok(ReplicaRow {
        epoch: rows::epoch(row, 0)?,
        n: rows::epoch(row, 1)?,
        device: rows::number(row, 2)?,
        lane: rows::small(row, 3)?,
        chain_key: row.try_get(4)?,
        retired: row.try_get(5)?,
    })
}

pub(super) fn session(row: &Row) -> Result<SessionRow, StoreError> {
    let bad = |_| StoreError::Corrupt { table: "session", column: "bytes" };
    Ok(SessionRow {
        family: rows::number(row, 0)?,
        access_hash: rows::array(row, 1)?,
        access_expires_ms: rows::number(row, 2)?,
        refresh_hash: rows::array(row, 3)?,
        refresh_expires_ms: rows::number(row, 4)?,
        nonce: rows::array(row, 5)?,
        account: rows::number(row, 6)?,
        device: rows::number(row, 7)?,
        clinic: rows::number(row, 8)?,
        revoked: row.try_get(9)?,
        previous_refresh_hash: row.try_get::<Option<&[u8]>, _>(10)?.map(|b| b.try_into().map_err(bad)).transpose()?,
        rotated_by: row.try_get::<Option<&[u8]>, _>(11)?.map(|b| b.try_into().map_err(bad)).transpose()?,
        rotated_ms: rows::number(row, 12)?,
        rotated_answer: row.try_get(13)?,
        leaving: row.try_get(14)?,
    })
}

fn health(row: &Row) -> Result<HealthRow, StoreError> {
    Ok(HealthRow {
        device: rows::number(row, 0)?,
        heard_ms: rows::number(row, 1)?,
        health: row.try_get(2)?,
        offset_ms: row.try_get(3)?,
    })
}

fn phone(row: &Row) -> Result<PhoneRow, StoreError> {
    let known = |at: usize| Ok::<_, StoreError>(row.try_get::<Option<i64>, _>(at)?.map(i64::cast_unsigned));
    let (seq, at_ms, heard_ms) = (known(4)?, known(5)?, known(6)?);
    Ok(PhoneRow {
        circle: rows::number(row, 0)?,
        device: rows::number(row, 1)?,
        account: rows::number(row, 2)?,
        created_ms: rows::number(row, 3)?,
        read: seq.zip(at_ms),
        heard: heard_ms.zip(row.try_get::<Option<Vec<u8>>, _>(7)?),
        seen_ms: known(8)?.unwrap_or(0),
        offset_ms: row.try_get(9)?,
        forked_ms: known(10)?,
        purge_ms: known(11)?,
    })
}

/// Gives both lanes of a device their numbers: the first one given, and the one after it.
async fn insert_replicas(
    conn: &mut Conn,
    device: DeviceNo,
    epoch: u32,
    chain_keys: &[Vec<u8>; 2],
    request: Option<[u8; 16]>,
) -> Result<[u32; 2], StoreError> {
    let first = next_number(&mut *conn, "replica", 2).await?;
    let mut numbers = [0; 2];
    for ((lane, key), (number, n)) in LANES.into_iter().zip(chain_keys).zip(numbers.iter_mut().zip(first..)) {
        *number = u32::try_from(n).map_err(|_| StoreError::Corrupt { table: "number", column: "last" })?;
        let query = sqlx::query(sql::REPLICA_INSERT).bind(number.cast_signed()).bind(epoch.cast_signed());
        let query = query.bind(device.cast_signed()).bind(lane).bind(key.clone());
        query.bind(request.map(|id| id.to_vec())).execute(&mut *conn).await?;
    }
    Ok(numbers)
}

async fn enrol(
    conn: &mut Conn,
    code: InviteCode,
    now_ms: UnixMs,
    new: &NewDevice,
) -> Result<InviteOutcome, StoreError> {
    let used = use_invite(code, new.account, now_ms).execute(&mut *conn).await?;
    if used.rows_affected() == 0 {
        return Ok(InviteOutcome::Invalid);
    }
    let device = next_number(&mut *conn, "device", 1).await?;
    let query = sqlx::query(sql::DEVICE_INSERT).bind(device.cast_signed()).bind(new.account.cast_signed());
    let query = query.bind(new.clinic.cast_signed()).bind(new.key.clone()).bind(new.name.clone());
    query.bind(new.created_ms.cast_signed()).execute(&mut *conn).await?;
    let [ordinary, urgent] = insert_replicas(conn, device, new.epoch, &new.chain_keys, None).await?;
    Ok(InviteOutcome::Redeemed { device, ordinary, urgent })
}

pub(super) fn insert_session(row: &SessionRow) -> Query {
    let query = sqlx::query(sql::SESSION_INSERT).bind(row.family.cast_signed()).bind(row.access_hash.to_vec());
    let query = query.bind(row.access_expires_ms.cast_signed()).bind(row.refresh_hash.to_vec());
    let query = query.bind(row.refresh_expires_ms.cast_signed()).bind(row.nonce.to_vec());
    let query = query.bind(row.account.cast_signed()).bind(row.device.cast_signed()).bind(row.clinic.cast_signed());
    let query = query.bind(row.revoked).bind(row.previous_refresh_hash.map(|hash| hash.to_vec()));
    let query = query.bind(row.rotated_by.map(|id| id.to_vec())).bind(row.rotated_ms.cast_signed());
    query.bind(row.rotated_answer.clone()).bind(row.leaving)
}

fn rotate(expected: [u8; 32], row: &SessionRow) -> Query {
    let query = sqlx::query(sql::SESSION_ROTATE).bind(row.family.cast_signed()).bind(expected.to_vec());
    let query = query.bind(row.access_hash.to_vec()).bind(row.access_expires_ms.cast_signed());
    let query = query.bind(row.refresh_hash.to_vec()).bind(row.refresh_expires_ms.cast_signed());
    let query = query.bind(row.nonce.to_vec()).bind(row.previous_refresh_hash.map(|hash| hash.to_vec()));
    let query = query.bind(row.rotated_by.map(|id| id.to_vec())).bind(row.rotated_ms.cast_signed());
    query.bind(row.rotated_answer.clone())
}

/// A circle with its empty head.
pub(super) async fn insert_circle(conn: &mut Conn, new: NewCircle) -> Result<CircleNo, StoreError> {
    let circle = next_number(&mut *conn, "circle", 1).await?;
    let query = sqlx::query(sql::CIRCLE_INSERT).bind(circle.cast_signed()).bind(new.clinic.cast_signed());
    query.bind(new.short_id).bind(new.wrapped_key).execute(&mut *conn).await?;
    let empty = codec::encode_head(&Default::default());
    sqlx::query(sql::HEAD_INSERT).bind(circle.cast_signed()).bind(empty).execute(conn).await?;
    Ok(circle)
}

#[async_trait]
impl IdentityStore for SqlStore {
    async fn init_server(&self, row: ServerRow) -> Result<ServerRow, StoreError> {
        self.write(move |conn| {
            let query = sqlx::query(sql::SERVER_INIT).bind(row.server_id.to_vec()).bind(row.epoch.cast_signed());
            let query = query.bind(row.secrets.clone());
            Box::pin(async move {
                query.execute(&mut *conn).await?;
                server(&sqlx::query(sql::SERVER).fetch_one(conn).await?)
            })
        })
        .await
    }

    async fn bump_epoch(&self) -> Result<u32, StoreError> {
        self.write(|conn| {
            Box::pin(async move {
                let row = sqlx::query(sql::EPOCH_BUMP).fetch_optional(conn).await?;
                rows::epoch(&row.ok_or(StoreError::NotFound)?, 0)
            })
        })
        .await
    }

    async fn create_clinic(&self, short_id: &str) -> Result<u64, StoreError> {
        let short_id = short_id.to_owned();
        self.write(move |conn| {
            let short_id = short_id.clone();
            Box::pin(async move {
                let clinic = next_number(&mut *conn, "clinic", 1).await?;
                sqlx::query(sql::CLINIC_INSERT).bind(clinic.cast_signed()).bind(short_id).execute(conn).await?;
                Ok(clinic)
            })
        })
        .await
    }

    async fn clinic_by_short_id(&self, short_id: &str) -> Result<Option<u64>, StoreError> {
        let row = self.one(sqlx::query(sql::CLINIC_BY_SHORT_ID).bind(short_id.to_owned())).await?;
        row.map(|row| rows::number(&row, 0)).transpose()
    }

    async fn create_circle(&self, circle: NewCircle) -> Result<CircleNo, StoreError> {
        self.write(move |conn| {
            let new = circle.clone();
            Box::pin(async move { insert_circle(conn, new).await })
        })
        .await
    }

    async fn circle_by_short_id(&self, clinic: u64, short_id: &str) -> Result<Option<CircleNo>, StoreError> {
        let query = sqlx::query(sql::CIRCLE_BY_SHORT_ID).bind(clinic.cast_signed()).bind(short_id.to_owned());
        self.one(query).await?.map(|row| rows::number(&row, 0)).transpose()
    }

    async fn circles_of_clinic(&self, clinic: u64) -> Result<Vec<(CircleNo, String)>, StoreError> {
        let query = sqlx::query(sql::CIRCLES_OF_CLINIC).bind(clinic.cast_signed());
        self.all(query, |row| Ok((rows::number(row, 0)?, row.try_get(1)?))).await
    }

    async fn create_account(&self, clinic: u64, kind: u8) -> Result<AccountNo, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let account = next_number(&mut *conn, "account", 1).await?;
                let query = sqlx::query(sql::ACCOUNT_INSERT).bind(account.cast_signed()).bind(clinic.cast_signed());
                query.bind(i16::from(kind)).execute(conn).await?;
                Ok(account)
            })
        })
        .await
    }

    async fn account(&self, account: AccountNo) -> Result<Option<(u64, u8)>, StoreError> {
        let row = self.one(sqlx::query(sql::ACCOUNT).bind(account.cast_signed())).await?;
        row.map(|row| Ok((rows::number(&row, 0)?, rows::small(&row, 1)?))).transpose()
    }

    async fn circles_of(&self, account: AccountNo) -> Result<Vec<(CircleNo, u8)>, StoreError> {
        let query = sqlx::query(sql::CIRCLES_OF).bind(account.cast_signed());
        self.all(query, |row| Ok((rows::number(row, 0)?, rows::small(row, 1)?))).await
    }

    async fn put_invite(&self, invite: InviteRow) -> Result<bool, StoreError> {
        self.write(move |conn| {
            let query = sqlx::query(sql::INVITE_PUT).bind(invite.code_mac.to_vec()).bind(invite.circle.cast_signed());
            let query = query.bind(invite.account.cast_signed()).bind(i16::from(invite.role));
            let query = query.bind(invite.expires_ms.cast_signed()).bind(i16::from(invite.tries_left));
            let query =
                query.bind(i16::from(invite.qr_tries_left)).bind(invite.used).bind(invite.made_by.cast_signed());
            let query = query.bind(invite.id.to_vec()).bind(invite.fingerprint.map(|bytes| bytes.to_vec()));
            let query = query.bind(invite.made_ms.cast_signed());
            Box::pin(async move { Ok(query.execute(conn).await?.rows_affected() == 1) })
        })
        .await
    }

    async fn invite(&self, code_mac: [u8; 32]) -> Result<Option<InviteRow>, StoreError> {
        let row = self.one(sqlx::query(sql::INVITE).bind(code_mac.to_vec())).await?;
        row.map(|row| invite(&row)).transpose()
    }

    async fn invites_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<InviteRow>, StoreError> {
        let query = sqlx::query(sql::INVITES_OF).bind(circle.cast_signed()).bind(i64::from(limit));
        self.all(query, invite).await
    }

    async fn invite_by_id(&self, circle: CircleNo, id: [u8; 16]) -> Result<Option<InviteRow>, StoreError> {
        let row = self.one(sqlx::query(sql::INVITE_BY_ID).bind(circle.cast_signed()).bind(id.to_vec())).await?;
        row.map(|row| invite(&row)).transpose()
    }

    async fn open_invite(&self, code_mac: [u8; 32], now_ms: UnixMs) -> Result<(), StoreError> {
        let opened = move || sqlx::query(sql::INVITE_OPENED).bind(code_mac.to_vec()).bind(now_ms.cast_signed());
        self.execute(opened).await.map(|_| ())
    }

    async fn revoke_invite(
        &self,
        circle: CircleNo,
        id: [u8; 16],
        by: AccountNo,
        now_ms: UnixMs,
    ) -> Result<Option<InviteRow>, StoreError> {
        self.write(move |conn| {
            let named = move |statement| sqlx::query(statement).bind(circle.cast_signed()).bind(id.to_vec());
            let revoke = named(sql::INVITE_REVOKE).bind(by.cast_signed()).bind(now_ms.cast_signed());
            Box::pin(async move {
                revoke.execute(&mut *conn).await?;
                let row = named(sql::INVITE_BY_ID).fetch_optional(conn).await?;
                row.map(|row| invite(&row)).transpose()
            })
        })
        .await
    }

    async fn redeem_invite(
        &self,
        code: InviteCode,
        now_ms: UnixMs,
        device: NewDevice,
    ) -> Result<InviteOutcome, StoreError> {
        self.write(move |conn| {
            let device = device.clone();
            Box::pin(async move { enrol(conn, code, now_ms, &device).await })
        })
        .await
    }

    async fn device(&self, number: DeviceNo) -> Result<Option<DeviceRow>, StoreError> {
        self.one(sqlx::query(sql::DEVICE).bind(number.cast_signed())).await?.map(|row| device(&row)).transpose()
    }

    async fn device_by_key(&self, key: &[u8]) -> Result<Option<DeviceRow>, StoreError> {
        self.one(sqlx::query(sql::DEVICE_BY_KEY).bind(key.to_vec())).await?.map(|row| device(&row)).transpose()
    }

    async fn devices_of(&self, account: AccountNo) -> Result<Vec<DeviceRow>, StoreError> {
        self.all(sqlx::query(sql::DEVICES_OF).bind(account.cast_signed()), device).await
    }

    async fn revoke_device(&self, device: DeviceNo) -> Result<(), StoreError> {
        self.write_denying(vec![Denial::Device(device)], false, move |conn| {
            Box::pin(async move {
                for sql in [sql::DEVICE_REVOKE, sql::REPLICAS_RETIRE, sql::SESSIONS_REVOKE, browser::WEB_SESSIONS_END] {
                    sqlx::query(sql).bind(device.cast_signed()).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn replica(&self, epoch: u32, n: u32) -> Result<Option<ReplicaRow>, StoreError> {
        let query = sqlx::query(sql::REPLICA).bind(n.cast_signed()).bind(epoch.cast_signed());
        self.one(query).await?.map(|row| replica(&row)).transpose()
    }

    async fn replicas_of(&self, device: DeviceNo) -> Result<Vec<ReplicaRow>, StoreError> {
        self.all(sqlx::query(sql::REPLICAS_OF).bind(device.cast_signed()), replica).await
    }

    async fn add_replicas(
        &self,
        device: DeviceNo,
        epoch: u32,
        chain_keys: [Vec<u8>; 2],
        retire: bool,
        request: [u8; 16],
    ) -> Result<Vec<ReplicaRow>, StoreError> {
        self.write(move |conn| {
            let chain_keys = chain_keys.clone();
            Box::pin(async move {
                // Locks the device: two calls under one request id do not both find nothing.
                let locked = sqlx::query(sql::DEVICE_LOCK).bind(device.cast_signed()).execute(&mut *conn).await?;
                if locked.rows_affected() == 0 {
                    return Err(StoreError::NotFound);
                }
                let given = || sqlx::query(sql::REPLICAS_OF_REQUEST).bind(device.cast_signed()).bind(request.to_vec());
                let found = given().fetch_all(&mut *conn).await?;
                if !found.is_empty() {
                    return found.iter().map(replica).collect();
                }
                if retire {
                    sqlx::query(sql::REPLICAS_RETIRE).bind(device.cast_signed()).execute(&mut *conn).await?;
                }
                insert_replicas(&mut *conn, device, epoch, &chain_keys, Some(request)).await?;
                given().fetch_all(conn).await?.iter().map(replica).collect()
            })
        })
        .await
    }

    async fn put_health(&self, health: HealthRow) -> Result<(), StoreError> {
        self.execute(move || {
            let query = sqlx::query(sql::HEALTH_PUT).bind(health.device.cast_signed());
            query.bind(health.heard_ms.cast_signed()).bind(health.health.clone()).bind(health.offset_ms)
        })
        .await
        .map(|_| ())
    }

    async fn device_forked(&self, device: DeviceNo, at_ms: UnixMs) -> Result<(), StoreError> {
        let put = move || sqlx::query(sql::FORKED_PUT).bind(device.cast_signed()).bind(at_ms.cast_signed());
        self.execute(move || put().bind(Vec::<u8>::new())).await.map(|_| ())
    }

    async fn health_of(&self, devices: &[DeviceNo]) -> Result<Vec<HealthRow>, StoreError> {
        let mut found = Vec::new();
        for device in devices {
            found.extend(self.all(sqlx::query(sql::HEALTH).bind(device.cast_signed()), health).await?);
        }
        Ok(found)
    }

    async fn phones_of(&self, circle: CircleNo) -> Result<Vec<PhoneRow>, StoreError> {
        self.all(sqlx::query(sql::PHONES_OF).bind(circle.cast_signed()).bind(i16::from(PATIENT)), phone).await
    }

    async fn phones_around(&self, account: AccountNo) -> Result<Vec<PhoneRow>, StoreError> {
        self.all(sqlx::query(sql::PHONES_AROUND).bind(account.cast_signed()).bind(i16::from(PATIENT)), phone).await
    }

    async fn put_session(&self, session: SessionRow) -> Result<(), StoreError> {
        self.execute(move || insert_session(&session)).await.map(|_| ())
    }

    async fn session_by_access(&self, access_hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        let row = self.one(sqlx::query(sql::SESSION_BY_ACCESS).bind(access_hash.to_vec())).await?;
        row.map(|row| session(&row)).transpose()
    }

    async fn session_by_refresh(&self, refresh_hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        let row = self.one(sqlx::query(sql::SESSION_BY_REFRESH).bind(refresh_hash.to_vec())).await?;
        row.map(|row| session(&row)).transpose()
    }

    async fn rotate_session(&self, expected: [u8; 32], session: SessionRow) -> Result<bool, StoreError> {
        Ok(self.execute(move || rotate(expected, &session)).await? == 1)
    }

    async fn revoke_family(&self, family: u64) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                for sql in [sql::FAMILY_REVOKE, browser::WEB_FAMILY_END] {
                    sqlx::query(sql).bind(family.cast_signed()).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn session_open(&self, family: u64) -> Result<bool, StoreError> {
        for sql in [sql::SESSION_OPEN, browser::WEB_SESSION_OPEN] {
            if self.one(sqlx::query(sql).bind(family.cast_signed())).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl SqlStore {
    /// One statement as a write beside the circles. Returns how many rows it touched.
    pub(super) async fn execute(&self, query: impl Fn() -> Query + Send + Sync + 'static) -> Result<u64, StoreError> {
        self.write(move |conn| {
            let query = query();
            Box::pin(async move { Ok(query.execute(conn).await?.rows_affected()) })
        })
        .await
    }
}
