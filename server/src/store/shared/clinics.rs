//! A clinic's own circle, in SQL.

use async_trait::async_trait;
use sqlx::Row as _;

use super::{SqlStore, identity, rows};
use crate::store::{
    AccountNo, CircleNo, ClinicStore, StoreError, clinics::STAFF, identity::NewCircle, statements::portable as sql,
};

#[async_trait]
impl ClinicStore for SqlStore {
    async fn clinics(&self) -> Result<Vec<(u64, String)>, StoreError> {
        self.all(sqlx::query(sql::CLINICS), |row| Ok((rows::number(row, 0)?, row.try_get(1)?))).await
    }

    async fn clinic_circle(&self, clinic: u64) -> Result<Option<CircleNo>, StoreError> {
        let row = self.one(sqlx::query(sql::CLINIC_CIRCLE).bind(clinic.cast_signed())).await?;
        row.map(|row| rows::number(&row, 0)).transpose()
    }

    async fn create_clinic_circle(&self, circle: NewCircle) -> Result<CircleNo, StoreError> {
        self.write(move |conn| {
            let new = circle.clone();
            Box::pin(async move {
                let clinic = new.clinic.cast_signed();
                // Takes the clinic's row: two nodes that start at once found one circle.
                let locked = sqlx::query(sql::CLINIC_LOCK).bind(clinic).execute(&mut *conn).await?;
                if locked.rows_affected() == 0 {
                    return Err(StoreError::NotFound);
                }
                if let Some(row) = sqlx::query(sql::CLINIC_CIRCLE).bind(clinic).fetch_optional(&mut *conn).await? {
                    return rows::number(&row, 0);
                }
                let circle = identity::insert_circle(&mut *conn, new).await?;
                let query = sqlx::query(sql::CLINIC_CIRCLE_PUT).bind(clinic).bind(circle.cast_signed());
                query.execute(conn).await?;
                Ok(circle)
            })
        })
        .await
    }

    async fn staff_of(&self, clinic: u64) -> Result<Vec<(AccountNo, u8)>, StoreError> {
        let query = sqlx::query(sql::STAFF_OF).bind(clinic.cast_signed());
        let query = query.bind(i16::from(*STAFF.start())).bind(i16::from(*STAFF.end()));
        self.all(query, |row| Ok((rows::number(row, 0)?, rows::small(row, 1)?))).await
    }
}
