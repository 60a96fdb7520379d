//! What is audited outside of a commit: reads and denials. No values; a row names labels, counts and sequences.

use osteon_sync_core::RecordId;

use super::{App, look::Looked};
use crate::{
    access::Caller,
    error::Error,
    store::{AuditRow, CircleNo},
};

/// What left of one circle on a stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulled {
    pub circle: CircleNo,
    pub categories: u32,
    pub to_seq: u64,
    pub count: u32,
}

impl App {
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
            request: 0,
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
    ) -> Result<(), Error> {
        let categories = parts.iter().fold(0, |bits, part| bits | (part.row.label & 0x7f_ffff) as u32);
        let row = self.row(caller, circle, action);
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let record = Some(record);
        Ok(self.store.audit(vec![AuditRow { record, categories, count, ..row }]).await?)
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

    pub async fn note_list(&self, caller: &Caller, circle: CircleNo, records: usize) -> Result<(), Error> {
        if records == 0 {
            return Ok(());
        }
        let count = u32::try_from(records).unwrap_or(u32::MAX);
        let row = self.row(caller, circle, "record.list");
        Ok(self.store.audit(vec![AuditRow { count, ..row }]).await?)
    }

    /// First parts of streams, or their ends: how far they went. One commit for all circles.
    pub async fn note_pulls(&self, caller: &Caller, action: &'static str, pulled: Vec<Pulled>) -> Result<(), Error> {
        let row = |Pulled { circle, categories, to_seq, count }| {
            let row = self.row(caller, circle, action);
            AuditRow { categories, to_seq, count, ..row }
        };
        Ok(self.store.audit(pulled.into_iter().map(row).collect()).await?)
    }

    pub async fn note(
        &self,
        caller: &Caller,
        circle: CircleNo,
        action: &'static str,
        outcome: &'static str,
    ) -> Result<(), Error> {
        Ok(self.store.audit(vec![AuditRow { outcome, ..self.row(caller, circle, action) }]).await?)
    }
}
