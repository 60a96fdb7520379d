//! Finds what was changed in the audit since it was sealed: every edited, deleted, swapped and inserted row, every seal or
//! head that is missing or was made by somebody else, and, beside a head that was kept elsewhere, what was cut off the end.
//!
//! Needs the rows, the seals, the heads and the public key; no secret. Reads page by page: memory does not grow with the
//! audit. What nobody can find: what was done before the seal (up to a second), and whatever somebody does who has the
//! server's key, unless a head was kept elsewhere.

use std::fmt;

use super::{chain_name, digest, kept::KeptHead, signed_by};
use crate::store::{
    AuditEntry, Store, StoreError,
    audit::{AuditHead, AuditSeal, ChainNo},
};

/// Rows, seals or heads that are read at once.
const PAGE: u32 = 1_000;
/// Findings that are listed; the rest is counted.
const LISTED: usize = 10_000;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A row of the seal was edited, or rows were exchanged.
    RowsEdited,
    RowsMissing,
    RowsInserted,
    /// A row, a seal or a head does not decode.
    Unreadable,
    SealMissing,
    SealEdited,
    SealForged,
    /// A seal that no head holds.
    SealStray,
    HeadMissing,
    HeadEdited,
    HeadForged,
    /// The head that was kept elsewhere is not in the database, or says something else there.
    Cut,
    /// The kept head is not signed by this server.
    KeptForged,
}

impl What {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::RowsEdited => "rows edited",
            Self::RowsMissing => "rows missing",
            Self::RowsInserted => "rows inserted",
            Self::Unreadable => "unreadable",
            Self::SealMissing => "seal missing",
            Self::SealEdited => "seal edited",
            Self::SealForged => "seal not signed by this server",
            Self::SealStray => "seal without its head",
            Self::HeadMissing => "head missing",
            Self::HeadEdited => "head edited",
            Self::HeadForged => "head not signed by this server",
            Self::Cut => "cut: a kept head is gone",
            Self::KeptForged => "kept head not signed by this server",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: What,
    /// `None`: of the heads.
    pub chain: Option<ChainNo>,
    /// Number of the seal or head.
    pub at: u64,
    /// Numbers of the rows that are meant, both ends included.
    pub rows: Option<(u64, u64)>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what.word())?;
        match self.chain {
            Some(chain) => write!(f, ", {}, seal {}", chain_name(chain), self.at)?,
            None => write!(f, ", head {}", self.at)?,
        }
        if let Some((from, to)) = self.rows {
            write!(f, ", rows {from} to {to}")?;
        }
        Ok(())
    }
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub chains: u64,
    pub rows: u64,
    pub seals: u64,
    pub heads: u64,
    /// Rows that wait for their seal, and the time of the oldest.
    pub unsealed: u64,
    pub oldest_unsealed_ms: Option<u64>,
    pub last: Option<KeptHead>,
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub unlisted: u64,
}

impl Report {
    #[must_use]
    pub fn sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn found(&mut self, what: What, chain: Option<ChainNo>, at: u64, rows: Option<(u64, u64)>) {
        if self.findings.len() < LISTED {
            self.findings.push(Finding { what, chain, at, rows });
        } else {
            self.unlisted += 1;
        }
    }
}

/// The whole audit, or one chain and all heads. `kept`: heads from outside the database.
pub async fn verify(
    store: &dyn Store,
    public_key: &[u8],
    only: Option<ChainNo>,
    kept: &[KeptHead],
) -> Result<Report, StoreError> {
    let mut look = Look { store, public_key, kept, report: Report::default() };
    look.heads().await?;
    let upto = look.upto().await?;
    for chain in store.audit_strays().await? {
        look.report.found(What::RowsInserted, Some(chain), 0, None);
    }
    let chains = match only {
        Some(chain) => vec![chain],
        None => store.audit_chains().await?,
    };
    for chain in chains {
        look.report.chains += 1;
        look.chain(chain, upto).await?;
    }
    Ok(look.report)
}

struct Look<'a> {
    store: &'a dyn Store,
    public_key: &'a [u8],
    kept: &'a [KeptHead],
    report: Report,
}

/// What does not decode is a finding, not a failure.
fn decoded<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Look<'_> {
    async fn upto(&self) -> Result<u64, StoreError> {
        Ok(decoded(self.store.last_head().await)?.flatten().map_or(0, |head| head.upto))
    }

    async fn heads(&mut self) -> Result<(), StoreError> {
        let mut seals = Seals { after: (0, 0), page: Vec::new().into_iter() };
        let (mut last, mut before): (Option<AuditHead>, Vec<u8>) = (None, digest::START.to_vec());
        let mut held: Vec<bool> = vec![false; self.kept.len()];
        loop {
            let after = last.as_ref().map_or(0, |head| head.no);
            let Some(page) = decoded(self.store.heads_after(after, PAGE).await)? else {
                self.report.found(What::Unreadable, None, after + 1, None);
                break;
            };
            // A seal without a head may have come with one since.
            let fresh = page.is_empty() && seals.next_head(self.store).await?.is_some();
            let page = if fresh { self.store.heads_after(after, PAGE).await? } else { page };
            if page.is_empty() {
                break;
            }
            for head in page {
                self.report.heads += 1;
                self.head(&head, last.as_ref(), &before, &mut seals).await?;
                for (kept, held) in self.kept.iter().zip(&mut held).filter(|(kept, _)| kept.no == head.no) {
                    *held = kept.hash == head.hash;
                }
                before.clone_from(&head.hash);
                last = Some(head);
            }
        }
        let end = last.as_ref().map_or(0, |head| head.no);
        while let Some(seal) = seals.next(self.store, u64::MAX).await? {
            self.report.found(What::SealStray, Some(seal.chain), seal.no, Some((seal.from_no, seal.to_no)));
        }
        for (kept, held) in self.kept.iter().zip(held) {
            if !kept.genuine(self.public_key) {
                self.report.found(What::KeptForged, None, kept.no, None);
            } else if !held {
                self.report.found(What::Cut, None, kept.no.max(end), None);
            }
        }
        self.report.last = last.as_ref().map(KeptHead::from);
        Ok(())
    }

    async fn head(
        &mut self,
        head: &AuditHead,
        last: Option<&AuditHead>,
        before: &[u8],
        seals: &mut Seals,
    ) -> Result<(), StoreError> {
        let expected = last.map_or(0, |head| head.no) + 1;
        let follows = head.no == expected;
        if !follows {
            self.report.found(What::HeadMissing, None, expected, None);
        }
        let (mut hash, mut count, mut rows) = (digest::Seals::begin(head.no, head.at_ms, before), 0, 0);
        while let Some(seal) = seals.next(self.store, head.no).await? {
            if seal.head < head.no {
                self.report.found(What::SealStray, Some(seal.chain), seal.no, Some((seal.from_no, seal.to_no)));
                continue;
            }
            hash.seal(&seal);
            count += 1;
            rows += seal.rows;
        }
        let total = last.map_or(0, |head| head.rows).saturating_add(rows);
        let grows = last.is_none_or(|last| last.upto < head.upto);
        let same = hash.end(head) == head.hash;
        // After a gap the hash before and the sums before are not known.
        if follows && !(same && grows && count == head.seals && total == head.rows) {
            self.report.found(What::HeadEdited, None, head.no, None);
        }
        if !signed_by(self.public_key, &digest::head_message(&head.hash), &head.signature) {
            self.report.found(What::HeadForged, None, head.no, None);
        }
        Ok(())
    }

    async fn chain(&mut self, chain: ChainNo, upto: u64) -> Result<(), StoreError> {
        let mut rows = Rows { chain, after: 0, page: Vec::new().into_iter().peekable(), stuck: false, broken: false };
        let mut last: Option<AuditSeal> = None;
        loop {
            let after = last.as_ref().map_or(0, |seal| seal.no);
            let Some(page) = decoded(self.store.seals_after(chain, after, PAGE).await)? else {
                self.report.found(What::Unreadable, Some(chain), after + 1, None);
                break;
            };
            if page.is_empty() {
                break;
            }
            for seal in page {
                self.report.seals += 1;
                self.seal(&seal, last.as_ref(), &mut rows).await?;
                last = Some(seal);
            }
        }
        self.rest(chain, last.as_ref(), upto, &mut rows).await
    }

    async fn seal(&mut self, seal: &AuditSeal, last: Option<&AuditSeal>, rows: &mut Rows) -> Result<(), StoreError> {
        let (chain, range) = (Some(seal.chain), Some((seal.from_no, seal.to_no)));
        let expected = last.map_or(0, |last| last.no) + 1;
        let from = last.map_or(0, |last| last.to_no);
        let follows = seal.no == expected && (seal.no > 1 || last.is_none());
        if !follows {
            self.report.found(What::SealMissing, chain, expected, None);
            rows.skip(self.store, seal.from_no).await?;
        }
        let before = last.map_or(&digest::START[..], |last| &last.hash);
        let (mut hash, mut count, mut ends) = (digest::Rows::begin(seal, before), 0_u64, None);
        while let Some(row) = rows.next(self.store, seal.to_no).await? {
            hash.row(&row);
            count += 1;
            ends = Some((ends.map_or(row.no, |(first, _)| first), row.no));
        }
        self.report.rows += count;
        if rows.broken {
            rows.broken = false;
            self.report.found(What::Unreadable, chain, seal.no, range);
        } else if follows {
            let same = hash.end(seal) == seal.hash;
            let what = match count.cmp(&seal.rows) {
                std::cmp::Ordering::Less => Some(What::RowsMissing),
                std::cmp::Ordering::Greater => Some(What::RowsInserted),
                std::cmp::Ordering::Equal if !same => Some(What::RowsEdited),
                std::cmp::Ordering::Equal => None,
            };
            if let Some(what) = what {
                self.report.found(what, chain, seal.no, range);
            } else if ends != range || seal.from_no <= from {
                self.report.found(What::SealEdited, chain, seal.no, range);
            }
        }
        if !signed_by(self.public_key, &digest::seal_message(&seal.hash), &seal.signature) {
            self.report.found(What::SealForged, chain, seal.no, range);
        }
        Ok(())
    }

    /// Rows after the last seal: up to what the heads say is sealed there are none, behind that they wait.
    async fn rest(
        &mut self,
        chain: ChainNo,
        last: Option<&AuditSeal>,
        upto: u64,
        rows: &mut Rows,
    ) -> Result<(), StoreError> {
        let at = last.map_or(0, |seal| seal.no);
        let mut strange: Option<(u64, u64)> = None;
        while let Some(row) = rows.next(self.store, u64::MAX).await? {
            if row.no <= upto {
                strange = Some((strange.map_or(row.no, |(first, _)| first), row.no));
                continue;
            }
            self.report.unsealed += 1;
            let oldest = self.report.oldest_unsealed_ms.map_or(row.at_ms, |oldest| oldest.min(row.at_ms));
            self.report.oldest_unsealed_ms = Some(oldest);
        }
        if strange.is_some() {
            self.report.found(What::RowsInserted, Some(chain), at + 1, strange);
        }
        if rows.broken {
            self.report.found(What::Unreadable, Some(chain), at + 1, None);
        }
        Ok(())
    }
}

/// The seals in the order of heads and chains, a page at a time.
struct Seals {
    after: (u64, ChainNo),
    page: std::vec::IntoIter<AuditSeal>,
}

impl Seals {
    /// The head of the next seal. The end is asked for anew each time: a server may be sealing.
    async fn next_head(&mut self, store: &dyn Store) -> Result<Option<u64>, StoreError> {
        if self.page.as_slice().is_empty() {
            self.page = decoded(store.seals_by_head(self.after, PAGE).await)?.unwrap_or_default().into_iter();
        }
        Ok(self.page.as_slice().first().map(|seal| seal.head))
    }

    /// The next seal of a head up to `head`.
    async fn next(&mut self, store: &dyn Store, head: u64) -> Result<Option<AuditSeal>, StoreError> {
        if self.next_head(store).await?.is_none_or(|of| of > head) {
            return Ok(None);
        }
        let seal = self.page.next();
        self.after = seal.as_ref().map_or(self.after, |seal| (seal.head, seal.chain));
        Ok(seal)
    }
}

/// The rows of a chain, a page at a time.
struct Rows {
    chain: ChainNo,
    after: u64,
    page: std::iter::Peekable<std::vec::IntoIter<AuditEntry>>,
    /// Nothing can be read behind what does not decode.
    stuck: bool,
    /// A page did not decode: its rows cannot be told apart.
    broken: bool,
}

impl Rows {
    /// The next row with a number up to `upto`.
    async fn next(&mut self, store: &dyn Store, upto: u64) -> Result<Option<AuditEntry>, StoreError> {
        if self.page.peek().is_none() && !self.stuck {
            match decoded(store.audit_after(self.chain, self.after, PAGE).await)? {
                Some(page) => self.page = page.into_iter().peekable(),
                None => (self.broken, self.stuck) = (true, true),
            }
        }
        let row = self.page.next_if(|row| row.no <= upto);
        self.after = row.as_ref().map_or(self.after, |row| row.no);
        Ok(row)
    }

    /// Leaves out what belongs to a seal that is missing.
    async fn skip(&mut self, store: &dyn Store, from: u64) -> Result<(), StoreError> {
        while self.next(store, from.saturating_sub(1)).await?.is_some() {}
        Ok(())
    }
}
