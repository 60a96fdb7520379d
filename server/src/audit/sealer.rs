//! The sealer: once a second, what is new of each chain gets a seal, and all seals of the pass a head. In the background
//! alone: no call waits for it, and no row is written again.
//!
//! Numbers are given before their transactions end, so a smaller one may appear after a greater one. The store says up to
//! which number nothing can come any more ([`Unsealed::upto`]); only that far is sealed. Several nodes may try at once:
//! a head's number is taken once, the others' passes are dropped.
//!
//! Read in memory, checked against what this process sealed last: a database whose last heads were cut off, or that was
//! put back to an older state, is told (log, and a row in the server's own chain), and sealing goes on.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{Sign, denials::Denials, digest, kept::KeptHead};
use crate::{
    clock::Clock,
    store::{
        AuditEntry, AuditRow, Store, StoreError,
        audit::{AuditHead, AuditSeal, ChainNo, Unsealed, clinic_chain},
    },
    telemetry::names,
};

/// Between two passes.
const EVERY: Duration = Duration::from_secs(1);
/// Rows of one pass; the next follows at once if there are more.
const ROWS: u32 = 5_000;
/// The log names the last head this often, so that whoever keeps logs elsewhere keeps heads elsewhere.
const TELL_MS: u64 = 600_000;

/// Where the last head is left, outside the database.
pub type Leave = Box<dyn Fn(&AuditHead) + Send + Sync>;

pub struct Sealer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    signer: Arc<dyn Sign>,
    denials: Arc<Denials>,
    leave: Leave,
    known: tokio::sync::Mutex<Known>,
}

/// What this process saw last.
#[derive(Default)]
struct Known {
    head: Option<(u64, Vec<u8>)>,
    told_ms: u64,
}

/// What one pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub rows: u64,
    pub seals: u64,
    pub more: bool,
}

impl Sealer {
    /// `before`: the head that was kept outside the database when the server ran last.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        signer: Arc<dyn Sign>,
        denials: Arc<Denials>,
        before: Option<KeptHead>,
        leave: Leave,
    ) -> Self {
        let known = Known { head: before.map(|kept| (kept.no, kept.hash)), told_ms: 0 };
        Self { store, clock, signer, denials, leave, known: known.into() }
    }

    /// Until `stop`; then once more, so that a server that goes down leaves nothing unsealed.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            self.tick(false).await;
        }
    }

    /// Writes the sums of refused calls that are due (`all`: every one) and seals what is new.
    pub async fn tick(&self, all: bool) {
        let due = self.denials.due(self.clock.now_ms(), all);
        if !due.is_empty()
            && let Err(error) = self.store.audit(due.clone()).await
        {
            tracing::warn!(%error, "refused calls are not audited yet");
            self.denials.put_back(&due);
        }
        loop {
            match self.pass().await {
                Ok(Passed { more: true, .. }) => {}
                Ok(_) => return,
                // Somebody writes; a second later it is tried again.
                Err(StoreError::Overloaded | StoreError::Closed) => return,
                Err(error) => {
                    metrics::counter!(names::AUDIT_FAILED).increment(1);
                    tracing::warn!(%error, "the audit was not sealed");
                    return;
                }
            }
        }
    }

    /// One pass.
    pub async fn pass(&self) -> Result<Passed, StoreError> {
        let mut known = self.known.lock().await;
        let unsealed = self.store.unsealed(ROWS).await?;
        self.compare(&mut known, unsealed.head.as_ref()).await?;
        if unsealed.rows.is_empty() {
            return Ok(Passed::default());
        }
        let Some((head, seals)) = self.sealed(&unsealed) else {
            tracing::error!("the audit's key does not sign");
            return Ok(Passed::default());
        };
        let passed = Passed { rows: unsealed.rows.len() as u64, seals: head.seals, more: unsealed.more };
        if !self.store.put_seals(head.clone(), seals).await? {
            return Ok(Passed::default());
        }
        metrics::counter!(names::AUDIT_SEALED).increment(passed.rows);
        (self.leave)(&head);
        if head.at_ms.saturating_sub(known.told_ms) >= TELL_MS {
            known.told_ms = head.at_ms;
            tracing::info!(head = head.no, rows = head.rows, hash = hex::encode(&head.hash), "audit head");
        }
        known.head = Some((head.no, head.hash));
        Ok(passed)
    }

    /// Whether the head that this process knows still stands. Says so once if it does not.
    async fn compare(&self, known: &mut Known, last: Option<&AuditHead>) -> Result<(), StoreError> {
        let Some((no, hash)) = &known.head else {
            known.head = last.map(|head| (head.no, head.hash.clone()));
            return Ok(());
        };
        let stands = match last {
            Some(last) if last.no == *no => last.hash == *hash,
            Some(last) if last.no > *no => {
                let found = self.store.heads_after(no - 1, 1).await?;
                found.first().is_some_and(|head| head.no == *no && head.hash == *hash)
            }
            _ => false,
        };
        if !stands {
            tracing::error!(head = no, "the audit was cut or changed: a head that was sealed is gone");
            metrics::counter!(names::AUDIT_FAILED).increment(1);
            self.store.audit(vec![self.broken(*no)]).await?;
        }
        known.head = last.map(|head| (head.no, head.hash.clone()));
        Ok(())
    }

    /// The row that says so, for good, in the server's own chain.
    fn broken(&self, head: u64) -> AuditRow {
        AuditRow {
            circle: clinic_chain(0),
            at_ms: self.clock.now_ms(),
            account: 0,
            device: 0,
            action: "audit.cut",
            record: None,
            categories: 0,
            from_seq: head,
            to_seq: head,
            count: 1,
            outcome: "found",
            request: 0,
        }
    }

    /// The head and its seals; `None` if the key does not sign.
    fn sealed(&self, unsealed: &Unsealed) -> Option<(AuditHead, Vec<AuditSeal>)> {
        let at_ms = self.clock.now_ms();
        let before = unsealed.head.as_ref();
        let no = before.map_or(0, |head| head.no) + 1;
        let mut chains: BTreeMap<ChainNo, Vec<&AuditEntry>> = BTreeMap::new();
        for (chain, row) in &unsealed.rows {
            chains.entry(*chain).or_default().push(row);
        }
        let mut hash = digest::Seals::begin(no, at_ms, before.map_or(&digest::START[..], |head| &head.hash));
        let mut seals = Vec::with_capacity(chains.len());
        for (chain, rows) in chains {
            let seal = self.seal(chain, &rows, unsealed.last.get(&chain), no, at_ms)?;
            hash.seal(&seal);
            seals.push(seal);
        }
        let mut head = AuditHead {
            no,
            at_ms,
            upto: unsealed.upto,
            seals: seals.len() as u64,
            rows: before.map_or(0, |head| head.rows) + unsealed.rows.len() as u64,
            hash: Vec::new(),
            signature: Vec::new(),
        };
        head.hash = hash.end(&head);
        head.signature = self.signer.sign(&digest::head_message(&head.hash))?;
        Some((head, seals))
    }

    fn seal(
        &self,
        chain: ChainNo,
        rows: &[&AuditEntry],
        last: Option<&AuditSeal>,
        head: u64,
        at_ms: u64,
    ) -> Option<AuditSeal> {
        let mut seal = AuditSeal {
            chain,
            no: last.map_or(0, |last| last.no) + 1,
            head,
            at_ms,
            from_no: rows.first()?.no,
            to_no: rows.last()?.no,
            rows: rows.len() as u64,
            hash: Vec::new(),
            signature: Vec::new(),
        };
        let mut hash = digest::Rows::begin(&seal, last.map_or(&digest::START[..], |last| &last.hash));
        rows.iter().for_each(|row| hash.row(row));
        seal.hash = hash.end(&seal);
        seal.signature = self.signer.sign(&digest::seal_message(&seal.hash))?;
        Some(seal)
    }
}
