//! What the audit keeps beside its rows: seals (a hash chain over the rows of one circle or clinic) and heads (a hash
//! chain over the seals of all). The store keeps and gives them; what they say is made and checked in `crate::audit`.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{AuditEntry, StoreError, UnixMs};

/// A circle's number, or [`clinic_chain`] of a clinic: what rows are chained by. It stands in the row's `circle`.
pub type ChainNo = u64;

/// Far above every circle's number.
const CLINIC_BIT: u64 = 1 << 62;

/// The chain of what belongs to no circle. Clinic 0: what belongs to no clinic either.
#[must_use]
pub const fn clinic_chain(clinic: u64) -> ChainNo {
    CLINIC_BIT | clinic
}

/// The clinic whose chain this is; `None` for a circle's.
#[must_use]
pub const fn clinic_of(chain: ChainNo) -> Option<u64> {
    if chain & CLINIC_BIT == 0 { None } else { Some(chain & !CLINIC_BIT) }
}

/// One batch of rows of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSeal {
    pub chain: ChainNo,
    /// 1, 2, 3 … within the chain.
    pub no: u64,
    /// The head that holds it.
    pub head: u64,
    pub at_ms: UnixMs,
    /// Numbers of the first and the last row.
    pub from_no: u64,
    pub to_no: u64,
    pub rows: u64,
    pub hash: Vec<u8>,
    pub signature: Vec<u8>,
}

/// All seals of one pass of the sealer, and all heads before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// 1, 2, 3 …
    pub no: u64,
    pub at_ms: UnixMs,
    /// Every row with a number up to this one is sealed; none can come later.
    pub upto: u64,
    /// Seals of this pass.
    pub seals: u64,
    /// Rows sealed since the beginning.
    pub rows: u64,
    pub hash: Vec<u8>,
    pub signature: Vec<u8>,
}

/// What waits for a seal.
#[derive(Clone, Debug, Default)]
pub struct Unsealed {
    /// The last head; `None`: nothing was sealed yet.
    pub head: Option<AuditHead>,
    /// No row up to this number can come later than `rows`.
    pub upto: u64,
    /// In order of their numbers.
    pub rows: Vec<(ChainNo, AuditEntry)>,
    /// The last seal of each chain of `rows` that has one.
    pub last: BTreeMap<ChainNo, AuditSeal>,
    /// There is more than was asked for.
    pub more: bool,
}

/// A part of a chain, newest first.
#[derive(Clone, Copy, Debug)]
pub struct AuditQuery {
    pub chain: ChainNo,
    /// Exclusive.
    pub before_no: u64,
    pub from_ms: UnixMs,
    /// Inclusive.
    pub to_ms: UnixMs,
    /// Only this account's rows; 0 for everybody's.
    pub account: u64,
    pub limit: u32,
}

#[async_trait]
pub trait AuditStore {
    /// At most `limit` rows that have no seal. Waits for transactions that were given smaller numbers and have not
    /// ended; [`StoreError::Overloaded`] if that takes too long.
    async fn unsealed(&self, limit: u32) -> Result<Unsealed, StoreError>;
    /// Appends a head and its seals. False: another sealer was first, nothing was written.
    async fn put_seals(&self, head: AuditHead, seals: Vec<AuditSeal>) -> Result<bool, StoreError>;
    async fn audit_before(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError>;
    /// Seals of a chain with `no > after`, ascending.
    async fn seals_after(&self, chain: ChainNo, after: u64, limit: u32) -> Result<Vec<AuditSeal>, StoreError>;
    /// Seals with `(head, chain) > after`, ascending.
    async fn seals_by_head(&self, after: (u64, ChainNo), limit: u32) -> Result<Vec<AuditSeal>, StoreError>;
    async fn heads_after(&self, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError>;
    async fn last_head(&self) -> Result<Option<AuditHead>, StoreError>;
    /// Every chain that has a row or a seal.
    async fn audit_chains(&self) -> Result<Vec<ChainNo>, StoreError>;
    /// Chains with a row or a seal whose number is none that a store gives (0: a head).
    async fn audit_strays(&self) -> Result<Vec<ChainNo>, StoreError>;
}
