//! ListChanges: what arrived after a sequence, record by record, with what stood before. By arrival, so that a late entry about
//! last week is new.

use std::collections::BTreeSet;

use osteon_proto::{reasons::Reason, summary as pb};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    App,
    lists::Before,
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

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListChangesRequest,
) -> Result<pb::ListChangesResponse, Error> {
    let size = page_size(request.page_size, &limits::DIGEST_ITEMS)?;
    let asked = pb::ListChangesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    // Not the same as of another list that asks with the same bytes.
    let question = &sha256(&[b"changes", &asked.encode_to_vec()])[..16];
    let token = app.page_token::<Before>(caller, &request.page_token)?;
    if token.as_ref().is_some_and(|token| token.question != question) {
        return Err(Error::field("page_token", Reason::PageTokenInvalid));
    }
    let mut before = token.map_or(Ok(None), |token| token.row())?;
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
        app.seal_page_token(caller, &Before { key: seq, record: record.0.to_vec(), question: question.to_vec(), at: 0 })
    });
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_list(caller, request.circle, "changes.list", touched, changes.len(), behind_glass).await?;
    Ok(pb::ListChangesResponse { changes, next_page_token: next.unwrap_or_default(), as_of_sequence })
}
