//! What is audited outside of a commit. No values; a row names labels, counts and sequences.

use osteon_sync_core::RecordId;

use super::{App, look::Looked};
use crate::{
    access::Caller,
    audit::current,
    error::Error,
    store::{AuditRow, CircleNo, audit::clinic_chain},
};

/// What left of one circle on a stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulled {
    pub circle: CircleNo,
    pub categories: u32,
    pub to_seq: u64,
    pub count: u32,
}

/// The category bits of a label.
pub fn categories(label: u64) -> u32 {
    (label & 0x7f_ffff) as u32
}

/// The outcome of a look that nothing but broken glass opened.
pub(super) const BEHIND_GLASS: &str = "behind_glass";

/// The outcome of a look: one behind broken glass says so.
pub(super) fn looked(behind_glass: bool) -> &'static str {
    if behind_glass { BEHIND_GLASS } else { "ok" }
}

impl App {
    /// A row of this caller, now.
    pub(super) fn row(&self, caller: &Caller, circle: CircleNo, action: &'static str) -> AuditRow {
        AuditRow {
            circle,
            at_ms: self.now_ms(),
            account: caller.account,
            device: caller.device,
            action,
            record: None,
            categories: 0,
            from_seq: 0,
            to_seq: 0,
            count: 0,
            outcome: "ok",
            request: current::request(),
        }
    }

    /// A look at one record: which labels left.
    pub async fn note_read(
        &self,
        caller: &Caller,
        circle: CircleNo,
        action: &'static str,
        record: RecordId,
        parts: &[Looked],
        behind_glass: bool,
    ) -> Result<(), Error> {
        let categories = parts.iter().fold(0, |bits, part| bits | categories(part.row.label));
        let row = self.row(caller, circle, action);
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let (record, outcome) = (Some(record), looked(behind_glass));
        Ok(self.store.audit(vec![AuditRow { record, categories, count, outcome, ..row }]).await?)
    }

    /// A look at something that is no part: which labels left.
    pub async fn note_looked(
        &self,
        caller: &Caller,
        circle: CircleNo,
        action: &'static str,
        record: Option<RecordId>,
        categories: u32,
        count: usize,
    ) -> Result<(), Error> {
        let row = self.row(caller, circle, action);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(self.store.audit(vec![AuditRow { record, categories, count, ..row }]).await?)
    }

    /// A list of one circle: how many left. An empty answer writes no row.
    pub async fn note_list(
        &self,
        caller: &Caller,
        circle: CircleNo,
        action: &'static str,
        categories: u32,
        listed: usize,
        behind_glass: bool,
    ) -> Result<(), Error> {
        if listed == 0 {
            return Ok(());
        }
        let count = u32::try_from(listed).unwrap_or(u32::MAX);
        let row = self.row(caller, circle, action);
        Ok(self.store.audit(vec![AuditRow { categories, count, outcome: looked(behind_glass), ..row }]).await?)
    }

    /// First parts of streams, or their ends: how far they went. One commit for all circles.
    pub async fn note_pulls(&self, caller: &Caller, action: &'static str, pulled: Vec<Pulled>) -> Result<(), Error> {
        let row = |Pulled { circle, categories, to_seq, count }| {
            let row = self.row(caller, circle, action);
            AuditRow { categories, to_seq, count, ..row }
        };
        Ok(self.store.audit(pulled.into_iter().map(row).collect()).await?)
    }

    /// Something that was done or refused, without a record. Circle 0: it concerns none, and goes to the clinic's chain.
    pub async fn note(
        &self,
        caller: &Caller,
        circle: CircleNo,
        action: &'static str,
        outcome: &'static str,
    ) -> Result<(), Error> {
        let chain = if circle == 0 { clinic_chain(caller.clinic) } else { circle };
        Ok(self.store.audit(vec![AuditRow { outcome, ..self.row(caller, chain, action) }]).await?)
    }
}
