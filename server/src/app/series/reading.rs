//! All records of a type through the reader's scope, a thousand rows at a time.

use std::collections::BTreeSet;

use osteon_proto::{reasons::Reason, table::RecordType};
use osteon_sync_core::RecordId;

use crate::{
    app::{
        look::{self, Looked},
        records::Session,
        views,
    },
    error::Error,
    limits::Limit,
    store::{ListQuery, PartRow},
};

/// Parts of one read.
const AT_ONCE: u32 = 1_000;

/// What was read so far, against a limit.
pub(in crate::app) struct Reading {
    pub(in crate::app) limit: &'static Limit,
    /// The field of the request that asks for too much.
    pub(in crate::app) path: &'static str,
    pub(in crate::app) read: usize,
}

impl Reading {
    /// Records that happened between two instants, both inclusive: the parts of each that the reader sees, at least one.
    pub(in crate::app) async fn of_type(
        &mut self,
        session: &mut Session,
        known: &'static RecordType,
        (from_ms, to_ms): (u64, u64),
        put: &mut (dyn FnMut(Vec<Looked>) + Send),
    ) -> Result<(), Error> {
        let (mut before, mut seen) = (None, BTreeSet::new());
        loop {
            let type_number = known.number;
            let query = ListQuery { type_number, by_time: true, before, from_ms, to_ms, limit: AT_ONCE };
            let mut rows = session.rows()?.list(query).await?;
            let more = rows.len() >= AT_ONCE as usize;
            before = rows.last().map(|row| (row.time_ms, row.record));
            rows.retain(|row| views::readable(&session.scope, row.label) && !seen.contains(&row.record));
            seen.extend(rows.iter().map(|row| row.record));
            self.read += rows.len();
            if self.read > self.limit.usize() {
                return Err(Error::limit(self.limit).at(self.path, Reason::LimitExceeded));
            }
            whole(session, known, rows, put).await?;
            if !more {
                return Ok(());
            }
        }
    }
}

/// The records of these rows. A record of one label that stands is all in its row; of the others all parts are looked at.
async fn whole(
    session: &mut Session,
    known: &RecordType,
    rows: Vec<PartRow>,
    put: &mut (dyn FnMut(Vec<Looked>) + Send),
) -> Result<(), Error> {
    let looked = look::look(session.rows()?, rows, false).await?;
    let beside = known.shape.fields.iter().any(|field| field.label.is_some());
    let (whole, alone): (Vec<Looked>, Vec<Looked>) =
        looked.into_iter().partition(|one| beside || one.lifecycle.state.is_ending() || !one.created());
    alone.into_iter().for_each(|one| put(vec![one]));
    let ids: Vec<RecordId> = whole.iter().map(|one| one.row.record).collect::<BTreeSet<_>>().into_iter().collect();
    if !ids.is_empty() {
        session.parts(&ids, false).await?.into_values().for_each(put);
    }
    Ok(())
}
