//! ListRecords: by type and time, newest first, through the reader's scope, with page tokens that survive new arrivals.

use osteon_proto::{reasons::Reason, record as pb, table::table};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    App,
    notes::categories,
    records::{known_type, parse_id_at},
    reviews::page_size,
    secrets::sha256,
    views,
};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{ListQuery, PartRow},
};

/// Where a list stands: the key of the last row that was looked at. Bound to the question.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Before {
    #[prost(uint64, tag = "1")]
    pub(super) key: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) record: Vec<u8>,
    /// Which list, and the request but for its page.
    #[prost(bytes = "vec", tag = "3")]
    pub(super) question: Vec<u8>,
    /// Which of several types it is in. Without a record: at its beginning.
    #[prost(uint32, tag = "4")]
    pub(super) at: u32,
}

impl Before {
    pub(super) fn row(&self) -> Result<Option<(u64, RecordId)>, Error> {
        let invalid = |_| Error::field("page_token", Reason::PageTokenInvalid);
        let record = Some(self.record.as_slice()).filter(|record| !record.is_empty());
        record.map(|record| Ok((self.key, RecordId(record.try_into().map_err(invalid)?)))).transpose()
    }
}

fn question(request: &pb::ListRecordsRequest) -> Vec<u8> {
    let asked = pb::ListRecordsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    sha256(&[&asked.encode_to_vec()])[..16].to_vec()
}

/// The types that are asked for, in their order; 0 is all.
fn types(request: &pb::ListRecordsRequest) -> Result<Vec<u32>, Error> {
    known_type(request.r#type)?;
    if request.types.is_empty() {
        return Ok(vec![request.r#type]);
    }
    limits::LIST_TYPES.check(request.types.len())?;
    if request.r#type != 0 {
        return Err(Error::field("type", Reason::ArgumentInvalid));
    }
    if request.order() == pb::ListOrder::Arrival {
        return Err(Error::field("order", Reason::ArgumentInvalid));
    }
    for (i, number) in request.types.iter().enumerate() {
        if table().get(*number).is_none() || request.types[..i].contains(number) {
            return Err(Error::field(format!("types[{i}]"), Reason::ArgumentInvalid));
        }
    }
    Ok(request.types.clone())
}

/// Store pages that one call may look through, and one more for each further type, so that a caller who may see little does
/// not scan a journal.
const MAX_ROUNDS: usize = 8;

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListRecordsRequest,
) -> Result<pb::ListRecordsResponse, Error> {
    let types = types(request)?;
    let size = page_size(request.page_size, &limits::PAGE_RECORDS)?;
    let by_time = request.order() == pb::ListOrder::Time || !request.types.is_empty();
    let parent = if request.parent_id.is_empty() { None } else { Some(parse_id_at(&request.parent_id, "parent_id")?) };
    let token = app.page_token::<Before>(caller, &request.page_token)?;
    let question = question(request);
    if token.as_ref().is_some_and(|t| t.question != question) {
        return Err(Error::field("page_token", Reason::PageTokenInvalid));
    }
    let mut at = token.as_ref().map_or(0, |t| t.at as usize);
    let mut before = token.map_or(Ok(None), |t| t.row())?;
    let mut session = app.session(caller, request.circle).await?;
    let (from_ms, to_ms) = window(request)?;
    let (mut records, mut touched) = (Vec::new(), 0);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 1..MAX_ROUNDS + types.len() {
        let Some(&type_number) = types.get(at) else { break };
        let limit = limits::PAGE_PARTS.u32();
        let query = ListQuery { type_number, by_time, before, from_ms, to_ms, limit };
        let rows = session.rows()?.list(query).await?;
        let wanted = |row: &&PartRow| {
            views::readable(&session.scope, row.label) && parent.is_none_or(|parent| row.parent == Some(parent))
        };
        let ids: Vec<RecordId> = rows.iter().filter(wanted).map(|row| row.record).collect();
        let parts = session.parts(&ids, false).await?;
        let key = |row: &PartRow| if by_time { row.time_ms } else { row.seq };
        for row in &rows {
            before = Some((key(row), row.record));
            let Some(parts) = parts.get(&row.record) else { continue };
            // A record stands where its first part does, once, whatever page its other parts are on.
            let first = parts.iter().all(|part| key(&part.row) <= key(row));
            let time = parts.iter().map(|part| part.row.time_ms).max().unwrap_or(0);
            let inside = from_ms <= time && time <= to_ms;
            let wanted = first && inside && (request.include_ended || !views::ended(parts));
            if !wanted || !seen.insert(row.record) {
                continue;
            }
            touched = parts.iter().fold(touched, |bits, part| bits | categories(part.row.label));
            records.push(session.reader(app).record(parts));
            if records.len() >= size {
                break;
            }
        }
        if records.len() >= size {
            break;
        }
        if rows.len() < limit as usize {
            (at, before) = (at + 1, None);
        }
    }
    let next_page_token = if at < types.len() {
        let (key, record) = before.map_or((0, Vec::new()), |(key, record)| (key, record.0.to_vec()));
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        app.seal_page_token(caller, &Before { key, record, question, at })
    } else {
        String::new()
    };
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_list(caller, request.circle, "record.list", touched, records.len(), behind_glass).await?;
    Ok(pb::ListRecordsResponse { records, next_page_token })
}

/// The window of time that was asked for, in milliseconds, both ends inclusive.
fn window(request: &pb::ListRecordsRequest) -> Result<(u64, u64), Error> {
    const END: u64 = i64::MAX as u64;
    Ok((ms_of(&request.from, 0, "from")?, ms_of(&request.to, END, "to")?))
}

/// An instant of a request in milliseconds; `or`, where there is none.
pub fn ms_of(at: &Option<prost_types::Timestamp>, or: u64, path: &str) -> Result<u64, Error> {
    let Some(at) = at else { return Ok(or) };
    let ms = at.seconds.checked_mul(1_000).and_then(|ms| ms.checked_add(i64::from(at.nanos) / 1_000_000));
    ms.and_then(|ms| u64::try_from(ms.max(0)).ok()).ok_or_else(|| Error::field(path, Reason::InstantInvalid))
}
