//! Seals and heads of the audit, in SQL.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sqlx::Row as _;

use super::{Row, SqlStore, bulk, ranges, rows};
use crate::store::{
    AuditEntry, StoreError,
    audit::{AuditHead, AuditQuery, AuditSeal, AuditStore, ChainNo, Unsealed},
    statements::portable as sql,
};

fn seal(row: &Row) -> Result<AuditSeal, StoreError> {
    Ok(AuditSeal {
        chain: rows::number(row, 0)?,
        no: rows::number(row, 1)?,
        head: rows::number(row, 2)?,
        at_ms: rows::number(row, 3)?,
        from_no: rows::number(row, 4)?,
        to_no: rows::number(row, 5)?,
        rows: rows::number(row, 6)?,
        hash: row.try_get(7)?,
        signature: row.try_get(8)?,
    })
}

fn head(row: &Row) -> Result<AuditHead, StoreError> {
    Ok(AuditHead {
        no: rows::number(row, 0)?,
        at_ms: rows::number(row, 1)?,
        upto: rows::number(row, 2)?,
        seals: rows::number(row, 3)?,
        rows: rows::number(row, 4)?,
        hash: row.try_get(5)?,
        signature: row.try_get(6)?,
    })
}

#[async_trait]
impl AuditStore for SqlStore {
    async fn unsealed(&self, limit: u32) -> Result<Unsealed, StoreError> {
        let head = self.last_head().await?;
        let after = head.as_ref().map_or(0, |head| head.upto);
        let query = sqlx::query(sql::AUDIT_LAST);
        if rows::number(&query.fetch_one(&self.readers).await?, 0)? <= after {
            return Ok(Unsealed { head, upto: after, ..Unsealed::default() });
        }
        let mut upto = bulk::audit_barrier(&self.readers).await?;
        let query = sqlx::query(ranges::AUDIT_BETWEEN).bind(after.cast_signed()).bind(upto.cast_signed());
        let found = query.bind(i64::from(limit)).fetch_all(&self.readers).await?;
        let fresh = found.iter().map(|row| Ok((rows::number(row, 12)?, rows::audit(row)?)));
        let fresh = fresh.collect::<Result<Vec<(ChainNo, AuditEntry)>, StoreError>>()?;
        let more = fresh.len() >= limit as usize;
        if more {
            upto = fresh.last().map_or(upto, |(_, row)| row.no);
        }
        let chains: BTreeSet<ChainNo> = fresh.iter().map(|(chain, _)| *chain).collect();
        let mut last = BTreeMap::new();
        for chain in chains {
            let query = sqlx::query(sql::SEAL_LAST).bind(chain.cast_signed());
            if let Some(row) = query.fetch_optional(&self.readers).await? {
                last.insert(chain, seal(&row)?);
            }
        }
        Ok(Unsealed { head, upto, rows: fresh, last, more })
    }

    async fn put_seals(&self, head: AuditHead, seals: Vec<AuditSeal>) -> Result<bool, StoreError> {
        self.write(move |conn| {
            let (head, seals) = (head.clone(), seals.clone());
            Box::pin(async move {
                let query = sqlx::query(sql::AUDIT_HEAD_PUT).bind(head.no.cast_signed()).bind(head.at_ms.cast_signed());
                let query = query.bind(head.upto.cast_signed()).bind(head.seals.cast_signed());
                let query = query.bind(head.rows.cast_signed()).bind(head.hash).bind(head.signature);
                if query.execute(&mut *conn).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                for seal in seals {
                    let query = sqlx::query(sql::SEAL_PUT).bind(seal.chain.cast_signed()).bind(seal.no.cast_signed());
                    let query = query.bind(seal.head.cast_signed()).bind(seal.at_ms.cast_signed());
                    let query = query.bind(seal.from_no.cast_signed()).bind(seal.to_no.cast_signed());
                    let query = query.bind(seal.rows.cast_signed()).bind(seal.hash).bind(seal.signature);
                    query.execute(&mut *conn).await?;
                }
                Ok(true)
            })
        })
        .await
    }

    async fn audit_before(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let before = i64::try_from(query.before_no).unwrap_or(i64::MAX);
        let at = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let found = sqlx::query(ranges::AUDIT_BEFORE).bind(query.chain.cast_signed()).bind(before);
        let found = found.bind(at(query.from_ms)).bind(at(query.to_ms)).bind(query.account.cast_signed());
        let found = found.bind(i64::from(query.limit)).fetch_all(&self.readers).await?;
        found.iter().map(rows::audit).collect()
    }

    async fn seals_after(&self, chain: ChainNo, after: u64, limit: u32) -> Result<Vec<AuditSeal>, StoreError> {
        let query = sqlx::query(sql::SEALS_AFTER).bind(chain.cast_signed()).bind(after.cast_signed());
        self.all(query.bind(i64::from(limit)), seal).await
    }

    async fn seals_by_head(&self, after: (u64, ChainNo), limit: u32) -> Result<Vec<AuditSeal>, StoreError> {
        let query = sqlx::query(sql::SEALS_BY_HEAD).bind(after.0.cast_signed()).bind(after.1.cast_signed());
        self.all(query.bind(i64::from(limit)), seal).await
    }

    async fn heads_after(&self, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError> {
        let query = sqlx::query(sql::AUDIT_HEADS_AFTER).bind(after.cast_signed()).bind(i64::from(limit));
        self.all(query, head).await
    }

    async fn last_head(&self) -> Result<Option<AuditHead>, StoreError> {
        let row = sqlx::query(sql::AUDIT_HEAD_LAST).fetch_optional(&self.readers).await?;
        row.map(|row| head(&row)).transpose()
    }

    async fn audit_strays(&self) -> Result<Vec<ChainNo>, StoreError> {
        self.all(sqlx::query(ranges::AUDIT_STRAYS), |row| rows::number(row, 0)).await
    }

    async fn audit_chains(&self) -> Result<Vec<ChainNo>, StoreError> {
        self.all(sqlx::query(ranges::AUDIT_CHAINS), |row| rows::number(row, 0)).await
    }
}
