//! Changes that wait for a person. Whoever may read every part of one sees that it waits; whoever may write each field of
//! it decides. Accepting makes a new change, of the one who accepts, on behalf of its author; rejecting tells the author why.
//!
//! The verdict of the waiting change stays QUARANTINED: its device asks what became of it with Hello ([`fates`]).

mod moved;

use std::{collections::BTreeMap, sync::Arc};

use osteon_access_core::{Action, Role, decide};
use osteon_proto::{
    LabelId, care,
    check::says_something,
    reasons::Reason,
    review as pb, sync,
    table::{RecordType, table},
    wire::{self, ids},
};
use osteon_sync_core::{Author, Change, Dot, Field, FieldWrite, PartWrite, RecordId, Replica, Role as CoreRole};
use prost::Message;

use self::moved::Moved;
use super::{
    App,
    enrol::timestamp,
    glass,
    kept::{Behalf, Content, Decided},
    online::{self, Origin},
    records::{Common, Session, words},
    reviews::page_size,
    rights::{GRANT, field_facts, own_of, type_facts},
    views,
};
use crate::{
    access::{Caller, Member, Proof, Work, signed},
    error::Error,
    limits,
    store::{AuditRow, CircleNo, Needs, QuarantineRow, Rows, Snapshot, StoreError, Working, commit},
};

/// A waiting change, taken apart as its author wrote it.
struct Waiting {
    row: QuarantineRow,
    change: sync::Change,
    base: u64,
    core: Change,
}

impl Waiting {
    /// `None`: it does not decode; nobody can decide about it.
    fn open(row: QuarantineRow) -> Option<Self> {
        let content = Content::decode(row.content.as_slice()).ok()?;
        let (change, base) = (content.change?, content.base);
        let core =
            wire::change::to_core(&change, wire::change::From { dot: row.dot, author: row.author, base }).ok()?;
        Some(Self { row, change, base, core })
    }

    /// As whoever takes it over would write it: what only its author could read becomes theirs.
    fn of(&self, author: Author) -> Option<Change> {
        let from = wire::change::From { dot: Dot::default(), author, base: self.base };
        let core = wire::change::to_core(&self.change, from).ok()?;
        Some(Change { earlier: Vec::new(), ..core })
    }

    fn readable(&self, session: &Session) -> bool {
        self.core.parts.iter().all(|part| views::readable(&session.scope, part.part.label))
    }

    /// What it writes to may have been moved since, out of this reader's sight.
    fn shown(&self, session: &Session, moved: &Moved) -> bool {
        let whole = session.member.role() == Role::Patient;
        self.core.parts.iter().all(|part| moved.shown(part.part.record, &session.scope, whole))
    }

    fn records(&self) -> Vec<RecordId> {
        let mut records: Vec<RecordId> = self.core.parts.iter().map(|part| part.part.record).collect();
        records.dedup();
        records
    }

    fn categories(&self) -> u32 {
        self.core.parts.iter().fold(0, |bits, part| bits | LabelId(part.part.label).category_bits())
    }
}

/// Who made the entries that waiting changes write to, by part.
type Births = BTreeMap<(RecordId, u64), (u32, Option<u64>)>;

async fn births(rows: &mut dyn Rows, records: &[RecordId]) -> Result<Births, Error> {
    let mut births = Births::new();
    for row in rows.parts_of(records).await? {
        let part = row.part()?;
        let author = ids::author(table().get(row.type_number), &part).map(|author| author.account);
        births.insert((row.record, row.label), (row.type_number, author));
    }
    Ok(births)
}

/// Whether a member may write each field of a change. The commit asks the whole of [`super::rights`] again.
fn may_write(member: &Member, now_ms: u64, change: &Change, births: &Births) -> bool {
    let allowed = |action: &Action<'_>| decide(signed(now_ms), &member.viewer, &member.access.access, action).allowed();
    change.parts.iter().all(|part| {
        let label = LabelId(part.part.label);
        let Some(known) = table().get(part.type_number).filter(|_| !label.is_unknown()) else { return true };
        if part.type_number == GRANT {
            return member.role() == Role::Patient;
        }
        let creates = ids::creates(part);
        let facts = type_facts(known, part.part.label);
        let asks = creates && ids::asks_to_create(&change.parts, part, known);
        if asks && !allowed(&Action::CreateRecord { facts, label }) {
            return false;
        }
        let born = births.get(&(part.part.record, part.part.label)).and_then(|(_, author)| *author);
        let own = own_of(creates, born, member.viewer.account);
        part.writes.iter().all(|write| match write.field.number {
            Field::LIFECYCLE if creates => true,
            Field::LIFECYCLE => {
                let labels = labels_of(part, births);
                allowed(&Action::EndRecord { facts, labels: &labels, own })
            }
            _ => field_allowed(known, write, label, own, &allowed),
        })
    })
}

fn field_allowed(
    known: &RecordType,
    write: &FieldWrite,
    label: LabelId,
    own: Option<bool>,
    allowed: &dyn Fn(&Action<'_>) -> bool,
) -> bool {
    let field = known.field(write.field.number);
    field.is_some_and(|field| allowed(&Action::WriteField { facts: field_facts(known, field), label, own }))
}

/// Every label of the record that a part belongs to.
fn labels_of(part: &PartWrite, births: &Births) -> Vec<LabelId> {
    let record = part.part.record;
    let stored = births.range((record, 0)..=(record, u64::MAX)).map(|((_, label), _)| LabelId(*label));
    let mut labels: Vec<LabelId> = stored.chain([LabelId(part.part.label)]).filter(|l| !l.is_unknown()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

fn author_of(member: &Member) -> Author {
    Author { account: member.viewer.account, role: CoreRole(member.viewer.role.number()) }
}

/// What one circle holds for this reader, ascending by id, after `after`, at most `limit`; whether each may be decided.
async fn waiting(session: &mut Session, after: u64, limit: usize) -> Result<Vec<(Waiting, bool)>, Error> {
    if session.snapshot.circle().quarantined <= after {
        return Ok(Vec::new());
    }
    let rows = session.rows()?.quarantine().await?;
    let rows = rows.into_iter().filter(|row| row.id > after).filter_map(Waiting::open);
    let mut found: Vec<Waiting> = rows.filter(|waiting| waiting.readable(session)).collect();
    let moved = Moved::of(session.rows()?, &found.iter().flat_map(Waiting::records).collect()).await?;
    found.retain(|waiting| waiting.shown(session, &moved));
    found.truncate(limit);
    let mut records: Vec<RecordId> = found.iter().flat_map(Waiting::records).collect();
    records.sort_unstable();
    records.dedup();
    let births = births(session.rows()?, &records).await?;
    let author = author_of(&session.member);
    let decided = |waiting: Waiting| {
        let may = waiting.of(author).is_some_and(|c| may_write(&session.member, session.now_ms, &c, &births));
        (waiting, may)
    };
    Ok(found.into_iter().map(decided).collect())
}

/// One waiting change that the caller may read; absent and forbidden are one answer.
async fn one(app: &App, caller: &Caller, circle: CircleNo, id: u64) -> Result<(Member, Waiting, bool), Error> {
    let mut session = app.session(caller, circle).await?;
    let found = match id.checked_sub(1) {
        Some(before) => waiting(&mut session, before, 1).await?.pop(),
        None => None,
    };
    let (found, may) = found.filter(|(waiting, _)| waiting.row.id == id).ok_or_else(Error::not_found)?;
    Ok((session.member, found, may))
}

fn summary(circle: CircleNo, waiting: &Waiting, may_decide: bool) -> pb::QuarantinedChange {
    let mut writes: Vec<pb::QuarantinedWrite> = Vec::new();
    for part in &waiting.core.parts {
        let record_id = uuid::Uuid::from_bytes(part.part.record.0).to_string();
        if writes.last().is_none_or(|last| last.record_id != record_id) {
            writes.push(pb::QuarantinedWrite { record_id, r#type: part.type_number, ..Default::default() });
        }
        let Some(write) = writes.last_mut() else { continue };
        let creates = ids::creates(part);
        write.creates |= creates;
        write.lifecycle |= !creates && part.writes.iter().any(|w| w.field.number == Field::LIFECYCLE);
        write.fields.extend(part.writes.iter().map(|w| w.field.number).filter(|n| *n != Field::LIFECYCLE));
        write.fields.sort_unstable();
        write.fields.dedup();
    }
    let row = &waiting.row;
    pb::QuarantinedChange {
        circle,
        id: row.id,
        reason: row.reason.clone(),
        account: row.author.account,
        role: i32::from(row.author.role.0),
        written: Some(timestamp(waiting.core.clock.ms)),
        received: Some(timestamp(row.received_ms)),
        dot: Some(wire::to_dot(row.dot)),
        writes,
        may_decide,
    }
}

/// Where a list over circles stands.
#[derive(Clone, PartialEq, prost::Message)]
struct After {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(uint64, tag = "2")]
    id: u64,
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListQuarantinedRequest,
) -> Result<pb::ListQuarantinedResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_REVIEWS)?;
    let after = app.page_token::<After>(caller, &request.page_token)?.unwrap_or_default();
    let mut circles: Vec<CircleNo> = match request.circle {
        0 => app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect(),
        circle => vec![circle],
    };
    circles.retain(|circle| *circle >= after.circle);
    circles.sort_unstable();
    circles.dedup();
    let mut changes: Vec<pb::QuarantinedChange> = Vec::new();
    for circle in circles {
        let from = if circle == after.circle { after.id } else { 0 };
        let left = size - changes.len();
        let mut session = app.session(caller, circle).await?;
        let found = waiting(&mut session, from, left).await?;
        drop(session);
        if !found.is_empty() {
            let categories = found.iter().fold(0, |bits, (waiting, _)| bits | waiting.categories());
            app.note_looked(caller, circle, "quarantine.list", None, categories, found.len()).await?;
        }
        changes.extend(found.iter().map(|(waiting, may)| summary(circle, waiting, *may)));
        if changes.len() >= size {
            let last = changes.last().map_or(0, |change| change.id);
            let next_page_token = app.seal_page_token(caller, &After { circle, id: last });
            return Ok(pb::ListQuarantinedResponse { changes, next_page_token });
        }
    }
    Ok(pb::ListQuarantinedResponse { changes, next_page_token: String::new() })
}

/// What waits in one circle and this reader may see, with its id and categories.
pub(super) async fn told(
    session: &mut Session,
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, u32, pb::GetQuarantinedResponse)>, Error> {
    let circle = session.member.circle;
    let found = waiting(session, after, limit).await?.into_iter().map(|(waiting, may)| {
        let summary = Some(summary(circle, &waiting, may));
        (waiting.row.id, waiting.categories(), pb::GetQuarantinedResponse { summary, change: Some(waiting.change) })
    });
    Ok(found.collect())
}

pub async fn get(
    app: &App,
    caller: &Caller,
    request: &pb::GetQuarantinedRequest,
) -> Result<pb::GetQuarantinedResponse, Error> {
    let (_, waiting, may) = one(app, caller, request.circle, request.id).await?;
    let record = waiting.records().first().copied();
    app.note_looked(caller, request.circle, "quarantine.get", record, waiting.categories(), 1).await?;
    let summary = Some(summary(request.circle, &waiting, may));
    Ok(pb::GetQuarantinedResponse { summary, change: Some(waiting.change) })
}

pub async fn accept(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::AcceptQuarantinedRequest,
) -> Result<pb::AcceptQuarantinedResponse, Error> {
    const ACTION: &str = "quarantine.accept";
    let common =
        Common { request_id: &request.request_id, validate_only: request.validate_only, reason: "", action: ACTION };
    let origin: Origin = common.origin(request)?;
    let answer = |sequence, record: RecordId| pb::AcceptQuarantinedResponse {
        sequence,
        record_id: uuid::Uuid::from_bytes(record.0).to_string(),
    };
    let (member, waiting, _) = match one(app, caller, request.circle, request.id).await {
        Ok(found) => found,
        // Decided already: by this very request?
        Err(error) if error.reason() == Reason::NotFound => {
            let member = app.member(caller, request.circle).await?;
            let wrote = online::answered_before(app, &member, origin).await?.ok_or(error)?;
            return Ok(answer(wrote.sequence, wrote.repeated.unwrap_or_default()));
        }
        Err(error) => return Err(error),
    };
    let core = waiting.of(author_of(&member)).ok_or_else(Error::not_found)?;
    let record = waiting.records().first().copied().unwrap_or_default();
    let behalf = Behalf { author: waiting.row.author, origin: waiting.row.dot };
    let (id, account, now_ms) = (waiting.row.id, caller.account, app.now_ms());
    let taken = online::TakenOver { id, behalf, core };
    let wrote = online::take_over(app, caller, &member, taken, origin, move |work, sequence| {
        settle(work, id, behalf.origin, Decided { sequence, account, at_ms: now_ms, words: String::new() })
    })
    .await?;
    if request.validate_only {
        return Ok(answer(0, record));
    }
    tell(app, caller, &member, behalf.author.account, record).await?;
    Ok(answer(wrote.sequence, record))
}

/// A notice for the author, if they are in the circle: a device that gets one asks with Hello what became of its change.
async fn tell(app: &Arc<App>, caller: &Caller, member: &Member, author: u64, about: RecordId) -> Result<(), Error> {
    let there = member.access.access.members().any(|(account, _)| account == author);
    if !there || author == caller.account {
        return Ok(());
    }
    let by = (caller.account, member.role());
    let notice = glass::notice(glass::new_id(app), author, care::NoticeKind::Quarantine, about, by);
    let change = sync::Change { writes: vec![notice], ..Default::default() };
    online::system_by(app, caller, member.circle, change, Origin::named("notice")).await.map(|_| ())
}

pub async fn reject(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::RejectQuarantinedRequest,
) -> Result<pb::RejectQuarantinedResponse, Error> {
    const ACTION: &str = "quarantine.reject";
    words(&request.reason, "reason")?;
    if !says_something(&request.reason) {
        return Err(Error::field("reason", Reason::ReasonRequired));
    }
    let (member, waiting, may) = one(app, caller, request.circle, request.id).await?;
    if !may {
        app.note(caller, request.circle, ACTION, "refused").await?;
        return Err(Reason::FieldNotWritable.into());
    }
    let (id, dot, generation) = (waiting.row.id, waiting.row.dot, member.access.access.generation());
    let decided =
        Decided { sequence: 0, account: caller.account, at_ms: app.now_ms(), words: request.reason.trim().into() };
    let row = app.row(caller, request.circle, ACTION);
    let row =
        AuditRow { record: waiting.records().first().copied(), categories: waiting.categories(), count: 1, ..row };
    let needs = Needs { circle: request.circle, dots: vec![dot], quarantine: vec![id], ..Needs::default() };
    let done = commit(&*app.store, needs, move |work| {
        if work.access().generation != generation {
            return Err(StoreError::Refused("the access state moved"));
        }
        let settled = settle(work, id, dot, decided.clone())?;
        if settled {
            work.audit(row.clone());
        }
        Ok(settled)
    });
    match done.await {
        Ok(true) => {
            let record = waiting.records().first().copied().unwrap_or_default();
            tell(app, caller, &member, waiting.row.author.account, record).await?;
            Ok(pb::RejectQuarantinedResponse {})
        }
        Ok(false) => Err(Error::not_found()),
        Err(StoreError::Refused(_)) => Err(Reason::Conflict.into()),
        Err(error) => Err(error.into()),
    }
}

/// Takes the change out of the quarantine and keeps beside its verdict what was decided. `false`: somebody was faster.
fn settle(work: &mut Working<'_>, id: u64, dot: Dot, decided: Decided) -> Result<bool, StoreError> {
    if work.quarantined(id)?.is_none_or(|row| row.dot != dot) {
        return Ok(false);
    }
    work.remove_quarantine(id);
    if let Some(row) = work.log(dot)?.cloned() {
        let content = Content { decided: Some(decided), ..Content::of(&row)? };
        work.put_log(content.kept_in(row));
    }
    Ok(true)
}

/// What became of waiting changes of these replicas, for the device that made them.
pub async fn fates(
    snapshot: &mut dyn Snapshot,
    mine: &std::collections::BTreeSet<Replica>,
    asked: &[Dot],
) -> Result<Vec<sync::QuarantineFate>, Error> {
    let dots: Vec<Dot> = asked.iter().copied().filter(|dot| mine.contains(&dot.replica)).collect();
    if dots.is_empty() {
        return Ok(Vec::new());
    }
    let fate = |row: crate::store::LogRow| {
        let decided = Content::of(&row).ok()?.decided?;
        let dot = Some(wire::to_dot(row.dot));
        Some(sync::QuarantineFate { dot, accepted: decided.sequence != 0, reason: decided.words })
    };
    let proof = Proof::of_server(snapshot.circle().circle, Work::OwnFates);
    Ok(snapshot.rows(proof)?.log_of(&dots).await?.into_iter().filter_map(fate).collect())
}
