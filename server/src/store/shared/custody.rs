//! Keeping the whole, in SQL.

use async_trait::async_trait;
use sqlx::Row as _;

use super::{SqlStore, rows};
use crate::store::{
    StoreError,
    custody::{Custody, KeyPlace, WrappedKey},
    statements::portable as sql,
};

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
}
