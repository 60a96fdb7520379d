//! Changes of a team, in SQL.

use async_trait::async_trait;
use sqlx::Row as _;

use super::{Row, SqlStore, identity, rows};
use crate::store::{
    AccountNo, StoreError, TeamStore, UnixMs,
    statements::portable as sql,
    teams::{self, NewTeamChange, TeamChangeRow},
};

fn change(row: &Row) -> Result<TeamChangeRow, StoreError> {
    let corrupt = |column| StoreError::Corrupt { table: "team_change", column };
    Ok(TeamChangeRow {
        job: rows::number(row, 0)?,
        change: NewTeamChange {
            clinic: rows::number(row, 1)?,
            account: rows::number(row, 2)?,
            device: rows::number(row, 3)?,
            request_id: row.try_get::<uuid::Uuid, _>(4)?.into_bytes(),
            fingerprint: rows::array(row, 5)?,
            made_ms: rows::number(row, 6)?,
            steps: teams::decode_steps(row.try_get(7)?).ok_or(corrupt("steps"))?,
        },
        done: rows::epoch(row, 8)?,
        refused: teams::decode_refused(row.try_get(9)?).ok_or(corrupt("refused"))?,
        finished: row.try_get(10)?,
    })
}

#[async_trait]
impl TeamStore for SqlStore {
    async fn put_team_change(&self, new: NewTeamChange) -> Result<TeamChangeRow, StoreError> {
        self.write(move |conn| {
            let new = new.clone();
            Box::pin(async move {
                let request = uuid::Uuid::from_bytes(new.request_id);
                let known = sqlx::query(sql::TEAM_CHANGE_OF).bind(new.account.cast_signed()).bind(request);
                if let Some(row) = known.fetch_optional(&mut *conn).await? {
                    return change(&row);
                }
                let job = identity::next_number(&mut *conn, "team_change", 1).await?;
                let query = sqlx::query(sql::TEAM_CHANGE_INSERT).bind(job.cast_signed()).bind(new.clinic.cast_signed());
                let query = query.bind(new.account.cast_signed()).bind(new.device.cast_signed()).bind(request);
                let query = query.bind(new.fingerprint.to_vec()).bind(new.made_ms.cast_signed());
                query.bind(teams::encode_steps(&new.steps)).bind(Vec::<u8>::new()).execute(&mut *conn).await?;
                Ok(TeamChangeRow { job, change: new, done: 0, refused: Vec::new(), finished: false })
            })
        })
        .await
    }

    async fn team_change(&self, job: u64) -> Result<Option<TeamChangeRow>, StoreError> {
        let query = sqlx::query(sql::TEAM_CHANGE).bind(job.cast_signed());
        query.fetch_optional(&self.readers).await?.as_ref().map(change).transpose()
    }

    async fn team_changes_waiting(&self, account: AccountNo) -> Result<u64, StoreError> {
        let query = sqlx::query(sql::TEAM_CHANGES_WAITING).bind(account.cast_signed());
        rows::number(&query.fetch_one(&self.readers).await?, 0)
    }

    async fn lease_team_change(&self, now_ms: UnixMs, until_ms: UnixMs) -> Result<Option<TeamChangeRow>, StoreError> {
        let due = sqlx::query(sql::TEAM_CHANGE_DUE).bind(now_ms.cast_signed());
        if due.fetch_optional(&self.readers).await?.is_none() {
            return Ok(None);
        }
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::TEAM_CHANGE_LEASE).bind(now_ms.cast_signed()).bind(until_ms.cast_signed());
                query.fetch_optional(conn).await?.as_ref().map(change).transpose()
            })
        })
        .await
    }

    async fn move_team_change(
        &self,
        job: u64,
        done: u32,
        refused: &[(u32, String)],
        finished: bool,
        until_ms: UnixMs,
    ) -> Result<bool, StoreError> {
        let refused = teams::encode_refused(refused);
        self.write(move |conn| {
            let refused = refused.clone();
            Box::pin(async move {
                let query = sqlx::query(sql::TEAM_CHANGE_MOVE).bind(job.cast_signed()).bind(done.cast_signed());
                let query = query.bind(refused).bind(finished).bind(until_ms.cast_signed());
                Ok(query.execute(conn).await?.rows_affected() > 0)
            })
        })
        .await
    }
}
