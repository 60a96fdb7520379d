//! Seals and heads of the audit, in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::{
    AuditEntry, StoreError,
    audit::{AuditHead, AuditQuery, AuditSeal, AuditStore, ChainNo, Unsealed},
};

#[derive(Default)]
pub(super) struct Sealed {
    seals: BTreeMap<(ChainNo, u64), AuditSeal>,
    heads: BTreeMap<u64, AuditHead>,
}

#[async_trait]
impl AuditStore for MemoryStore {
    async fn unsealed(&self, limit: u32) -> Result<Unsealed, StoreError> {
        let state = self.state();
        let head = state.sealed.heads.values().next_back().cloned();
        let after = head.as_ref().map_or(0, |head| head.upto);
        let fresh = state.audit.iter().flat_map(|(chain, rows)| rows.iter().map(|row| (*chain, row)));
        let mut fresh: Vec<(ChainNo, AuditEntry)> =
            fresh.filter(|(_, row)| row.no > after).map(|(chain, row)| (chain, row.clone())).collect();
        fresh.sort_unstable_by_key(|(_, row)| row.no);
        let more = fresh.len() > limit as usize;
        fresh.truncate(limit as usize);
        let chains: BTreeSet<ChainNo> = fresh.iter().map(|(chain, _)| *chain).collect();
        let last = |chain: ChainNo| {
            let (_, seal) = state.sealed.seals.range((chain, 0)..=(chain, u64::MAX)).next_back()?;
            Some((chain, seal.clone()))
        };
        let last = chains.into_iter().filter_map(last).collect();
        let upto = fresh.last().map_or(after, |(_, row)| row.no);
        Ok(Unsealed { head, upto, rows: fresh, last, more })
    }

    async fn put_seals(&self, head: AuditHead, seals: Vec<AuditSeal>) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.sealed.heads.contains_key(&head.no) {
            return Ok(false);
        }
        state.sealed.heads.insert(head.no, head);
        state.sealed.seals.extend(seals.into_iter().map(|seal| ((seal.chain, seal.no), seal)));
        Ok(true)
    }

    async fn audit_before(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.state();
        let rows = state.audit.get(&query.chain).into_iter().flatten().rev();
        let wanted = |row: &&AuditEntry| {
            row.no < query.before_no
                && (query.from_ms..=query.to_ms).contains(&row.at_ms)
                && (query.account == 0 || row.account == query.account)
        };
        Ok(rows.filter(wanted).take(query.limit as usize).cloned().collect())
    }

    async fn seals_after(&self, chain: ChainNo, after: u64, limit: u32) -> Result<Vec<AuditSeal>, StoreError> {
        let state = self.state();
        let seals = state.sealed.seals.range((chain, after.saturating_add(1))..=(chain, u64::MAX));
        Ok(seals.take(limit as usize).map(|(_, seal)| seal.clone()).collect())
    }

    async fn seals_by_head(&self, after: (u64, ChainNo), limit: u32) -> Result<Vec<AuditSeal>, StoreError> {
        let state = self.state();
        let later = state.sealed.seals.values().filter(|seal| (seal.head, seal.chain) > after);
        let mut seals: Vec<AuditSeal> = later.cloned().collect();
        seals.sort_unstable_by_key(|seal| (seal.head, seal.chain));
        seals.truncate(limit as usize);
        Ok(seals)
    }

    async fn heads_after(&self, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError> {
        let state = self.state();
        let heads = state.sealed.heads.range(after.saturating_add(1)..);
        Ok(heads.take(limit as usize).map(|(_, head)| head.clone()).collect())
    }

    async fn last_head(&self) -> Result<Option<AuditHead>, StoreError> {
        Ok(self.state().sealed.heads.values().next_back().cloned())
    }

    async fn audit_strays(&self) -> Result<Vec<ChainNo>, StoreError> {
        // Numbers are counted here, nobody can put another.
        Ok(Vec::new())
    }

    async fn audit_chains(&self) -> Result<Vec<ChainNo>, StoreError> {
        let state = self.state();
        let sealed = state.sealed.seals.keys().map(|(chain, _)| *chain);
        let chains: BTreeSet<ChainNo> = state.audit.keys().copied().chain(sealed).collect();
        Ok(chains.into_iter().collect())
    }
}
