//! Who has seen what there is in a circle. A mark is a record of its member like any other, written when a person says so; it
//! counts no further than the head that stood when it came: nobody has seen what was written later.

use std::{collections::BTreeMap, sync::Arc};

use osteon_proto::{care, record, seen as pb, split, table::table, values};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    App,
    enrol::timestamp,
    ids_for,
    look::Looked,
    records::{self, Session},
    views,
};
use crate::{
    access::Caller,
    error::{Error, Reason},
    limits,
    store::{AccountNo, CircleNo, ListQuery},
};

/// Type number of a mark.
pub const SEEN_MARK: u32 = 451;
/// Its field `sequence`.
const SEQUENCE: u32 = 2;

/// A mark as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub account: AccountNo,
    role: u8,
    pub sequence: u64,
    at_ms: u64,
}

impl Mark {
    /// Of the live versions the one that reaches furthest.
    fn of(parts: &[Looked]) -> Option<Self> {
        let field = table().get(SEEN_MARK)?.field(SEQUENCE)?;
        let one = parts.first().filter(|one| one.row.type_number == SEEN_MARK)?;
        let (at, _) = one.fields().find(|(at, _)| at.number == SEQUENCE)?;
        let mark = |version: osteon_sync_core::Version<'_>| {
            let written = one.log.get(&version.dot)?;
            let values::Value::Int(said) = values::value(field, version.value?)? else { return None };
            let sequence = u64::try_from(said).ok()?.min(written.row.seq);
            let (account, role) = (version.author.account, version.author.role.0);
            Some(Self { account, role, sequence, at_ms: written.row.received_ms })
        };
        one.part.versions(at).filter_map(mark).max_by_key(|mark| (mark.sequence, std::cmp::Reverse(mark.at_ms)))
    }
}

/// The record of a member's mark.
fn record_of(circle: CircleNo, account: AccountNo) -> Result<RecordId, Error> {
    let mark = care::SeenMark { account: Some(account), sequence: None };
    ids_for::derived(circle, &split::close(SEEN_MARK, &mark.encode_to_vec()))
}

/// How far a member has seen a circle, by their own mark.
pub async fn mark_of(session: &mut Session, account: AccountNo) -> Result<Option<Mark>, Error> {
    let record = record_of(session.member.circle, account)?;
    let parts = session.parts(&[record], true).await?;
    Ok(parts.get(&record).and_then(|parts| Mark::of(parts)))
}

/// Every member, with or without a mark, then those who left one behind.
pub async fn of_session(session: &mut Session) -> Result<Vec<pb::SeenBy>, Error> {
    let mut marks: BTreeMap<AccountNo, Mark> = BTreeMap::new();
    let limit = limits::PAGE_PARTS.u32();
    let mut before = None;
    // In the order of the index of types: by arrival every part of the circle would be passed over.
    loop {
        let query = ListQuery::by_time(SEEN_MARK, before, limit);
        let rows = session.rows()?.list(query).await?;
        before = rows.last().map(|row| (row.time_ms, row.record));
        let ids: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
        let parts = session.parts(&ids, true).await?;
        let standing = parts.values().filter(|parts| !views::ended(parts));
        marks.extend(standing.filter_map(|parts| Mark::of(parts)).map(|mark| (mark.account, mark)));
        if rows.len() < limit as usize {
            break;
        }
    }
    let mut members: Vec<_> = session.member.access.access.members().collect();
    members.sort_unstable_by_key(|(account, _)| *account);
    members.dedup_by_key(|(account, _)| *account);
    let mut seen = Vec::new();
    for (account, role) in members {
        let role = i32::from(role.number());
        seen.push(match marks.remove(&account) {
            Some(mark) => told(&mark, role, false),
            None => pb::SeenBy { account, role, ..Default::default() },
        });
    }
    seen.extend(marks.values().map(|mark| told(mark, i32::from(mark.role), true)));
    Ok(seen)
}

fn told(mark: &Mark, role: i32, left: bool) -> pb::SeenBy {
    let Mark { account, sequence, at_ms, .. } = *mark;
    pb::SeenBy { account, role, sequence, at: Some(timestamp(at_ms)), left }
}

pub async fn list(app: &App, caller: &Caller, request: &pb::ListSeenRequest) -> Result<pb::ListSeenResponse, Error> {
    let mut session = app.session(caller, request.circle).await?;
    let seen = of_session(&mut session).await?;
    let (sequence, behind_glass) = (session.snapshot.circle().head, session.scope.behind_glass());
    drop(session);
    app.note_list(caller, request.circle, "seen.list", 0, seen.len(), behind_glass).await?;
    Ok(pb::ListSeenResponse { seen, sequence })
}

/// The caller says that they have seen everything up to a sequence. What stands further stays.
pub async fn mark(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::MarkSeenRequest,
) -> Result<pb::MarkSeenResponse, Error> {
    let member = app.member(caller, request.circle).await?;
    let role = i32::from(member.role().number());
    let mut session = app.session(caller, request.circle).await?;
    if request.sequence == 0 || request.sequence > session.snapshot.circle().head {
        return Err(Error::field("sequence", Reason::ArgumentInvalid));
    }
    let stands = mark_of(&mut session, caller.account).await?;
    drop(session);
    if let Some(mark) = stands.filter(|mark| mark.sequence >= request.sequence) {
        return Ok(pb::MarkSeenResponse { seen: Some(told(&mark, role, false)) });
    }
    write(app, caller, request).await?;
    let mut session = app.session(caller, request.circle).await?;
    let mark = mark_of(&mut session, caller.account).await?;
    let mark = mark.ok_or_else(|| Error::internal("a mark that was written is not there"))?;
    Ok(pb::MarkSeenResponse { seen: Some(told(&mark, role, false)) })
}

/// The first mark is a new record; a further one takes the place of what its writer was shown of it.
async fn write(app: &Arc<App>, caller: &Caller, request: &pb::MarkSeenRequest) -> Result<(), Error> {
    let circle = request.circle;
    let record = record_of(circle, caller.account)?;
    let mut session = app.session(caller, circle).await?;
    let parts = session.parts(&[record], false).await?;
    let known = parts.get(&record).map(|parts| session.reader(app).record(parts));
    drop(session);
    let account = known.is_none().then_some(caller.account);
    let mark = care::SeenMark { account, sequence: Some(request.sequence) };
    let body = Some(split::close(SEEN_MARK, &mark.encode_to_vec()).into());
    let request_id = request.request_id.clone();
    let Some(known) = known else {
        let new = record::CreateRecordRequest { circle, body, request_id, ..Default::default() };
        return records::create(app, caller, &new).await.map(|_| ());
    };
    let of_sequence = known.fields.iter().filter(|field| field.field == SEQUENCE);
    let shown = of_sequence.map(|field| record::FieldShown {
        field: field.field,
        shown: field.shown.clone(),
        ..Default::default()
    });
    let further = record::WriteRecordRequest {
        circle,
        record_id: known.record_id,
        body,
        shown: shown.collect(),
        request_id,
        ..Default::default()
    };
    records::write(app, caller, &further).await.map(|_| ())
}
