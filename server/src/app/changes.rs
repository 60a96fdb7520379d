//! ListChanges: what arrived after a sequence, record by record, with what stood before. By arrival, so that a late entry about
//! last week is new.

use std::collections::BTreeSet;

use osteon_proto::{reasons::Reason, summary as pb};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    App,
    notes::categories,
    reviews::page_size,
    secrets::sha256,
    since,
    summaries::changed::{self, Times},
    views,
};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{ListQuery, PartRow},
};

/// Store pages that one call may look through: a caller who may see little does not scan a journal.
const MAX_ROUNDS: usize = 8;

/// Where a list stands: the last row that was looked at. Bound to the question.
#[derive(Clone, PartialEq, prost::Message)]
struct Before {
    #[prost(uint64, tag = "1")]
    seq: u64,
    #[prost(bytes = "vec", tag = "2")]
    record: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    question: Vec<u8>,
}

impl Before {
    fn row(&self, question: &[u8]) -> Result<(u64, RecordId), Error> {
        let record = <[u8; 16]>::try_from(self.record.as_slice()).ok().filter(|_| self.question == question);
        let record = record.ok_or_else(|| Error::field("page_token", Reason::PageTokenInvalid))?;
        Ok((self.seq, RecordId(record)))
    }
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListChangesRequest,
) -> Result<pb::ListChangesResponse, Error> {
    let size = page_size(request.page_size, &limits::DIGEST_ITEMS)?;
    let asked = pb::ListChangesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let question = &sha256(&[&asked.encode_to_vec()])[..16];
    let token = app.page_token::<Before>(caller, &request.page_token)?;
    let mut before = token.map(|token| token.row(question)).transpose()?;
    let mut session = app.session(caller, request.circle).await?;
    let as_of_sequence = session.snapshot.circle().head;
    let (mut changes, mut touched, mut seen) = (Vec::new(), 0, BTreeSet::new());
    let (limit, times) = (limits::PAGE_PARTS.u32(), Times::after(request.since_sequence));
    let mut is_over = false;
    for _ in 0..MAX_ROUNDS {
        let rows = session.rows()?.list(ListQuery::by_arrival(0, before, limit)).await?;
        is_over = rows.len() < limit as usize;
        let is_new = |row: &&PartRow| row.seq > request.since_sequence;
        let wanted = |row: &&PartRow| since::is_told(row.type_number) && views::readable(&session.scope, row.label);
        let ids: Vec<RecordId> = rows.iter().filter(is_new).filter(wanted).map(|row| row.record).collect();
        let parts = session.parts(&ids, true).await?;
        for row in &rows {
            if !is_new(&row) {
                is_over = true;
                break;
            }
            before = Some((row.seq, row.record));
            // A record stands where its newest part does, once, whatever page its other parts are on.
            let Some(parts) = parts.get(&row.record).filter(|parts| parts.iter().all(|one| one.row.seq <= row.seq))
            else {
                continue;
            };
            if !seen.insert(row.record) {
                continue;
            }
            let Some(changed) = changed::of_record(&session.reader(app), parts, times) else { continue };
            touched = parts.iter().fold(touched, |bits, one| bits | categories(one.row.label));
            changes.push(changed);
            if changes.len() >= size {
                // Whether there is more the next page says.
                is_over = false;
                break;
            }
        }
        if is_over || changes.len() >= size {
            break;
        }
    }
    let next = before.filter(|_| !is_over).map(|(seq, record)| {
        app.seal_page_token(caller, &Before { seq, record: record.0.to_vec(), question: question.to_vec() })
    });
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_list(caller, request.circle, "changes.list", touched, changes.len(), behind_glass).await?;
    Ok(pb::ListChangesResponse { changes, next_page_token: next.unwrap_or_default(), as_of_sequence })
}
