//! Writing of threads: a change of the records that make one, through the use case that every online write takes.

use std::sync::Arc;

use osteon_proto::{LabelId, care, check::has_control, split, sync, thread as pb, wire};
use osteon_sync_core::{FieldRef, RecordId};
use prost::Message;

use super::{
    MESSAGE, Standing, THREAD_SEEN, kind, message, participant_id,
    read::{participant, tell},
    rules::label_about,
    seen_id, seen_of, standing, thread_id,
};
use crate::{
    access::{Caller, Member},
    app::{
        App,
        look::Looked,
        online,
        records::{Common, Session, label_choice, parse_id, parse_id_at},
        rights::{THREAD, THREAD_PARTICIPANT},
    },
    error::{Error, Reason},
    ids::{random_u63, uuid_v7},
    limits,
};

/// The field Thread.participant.participation.
const PARTICIPATION: u32 = 4;
/// The field Thread.seen.sequence.
const SEQUENCE: u32 = 4;
/// As the contract says of Message.text, in characters.
const TEXT_CHARS: usize = 8_000;

fn common<'r>(request_id: &'r str, action: &'static str) -> Common<'r> {
    Common { request_id, validate_only: false, reason: "", action }
}

fn said(text: &str) -> Result<(), Error> {
    if text.trim().is_empty() || text.chars().count() > TEXT_CHARS {
        return Err(Error::field("text", Reason::ArgumentInvalid));
    }
    if has_control(text) { Err(Error::field("text", Reason::ControlInText)) } else { Ok(()) }
}

/// A record of a thread that is started: its label names the thread.
fn creation(record: RecordId, type_number: u32, body: &[u8], choice: u32) -> sync::RecordWrite {
    sync::RecordWrite {
        record: record.0.to_vec().into(),
        body: Some(split::close(type_number, body).into()),
        create: true,
        label_choice: choice,
        ..Default::default()
    }
}

fn bytes_of(record: RecordId) -> Option<bytes::Bytes> {
    Some(record.0.to_vec().into())
}

async fn write(
    app: &Arc<App>,
    caller: &Caller,
    member: &Member,
    writes: Vec<sync::RecordWrite>,
    origin: online::Origin,
) -> Result<Option<RecordId>, Error> {
    let change = sync::Change { writes, ..Default::default() };
    Ok(online::write(app, caller, member, change, origin).await?.repeated)
}

pub async fn open(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::OpenThreadRequest,
) -> Result<pb::OpenThreadResponse, Error> {
    said(&request.text)?;
    limits::THREAD_PARTICIPANTS.check(request.accounts.len())?;
    if has_control(&request.title) {
        return Err(Error::field("title", Reason::ControlInText));
    }
    if request.title.chars().count() > 200 {
        return Err(Error::field("title", Reason::ArgumentInvalid));
    }
    let member = app.member(caller, request.circle).await?;
    let subject = request.about.clone().unwrap_or_default();
    let (about, choice) = about(app, caller, request.circle, &subject).await?;
    let number = fresh(app, &member)?;
    let thread = thread_id(request.circle, number)?;
    let head = care::Thread {
        thread: Some(number),
        title: Some(request.title.clone()).filter(|title| !title.is_empty()),
        about_record: about.and_then(bytes_of),
        about_field: Some(subject.field).filter(|field| *field != 0),
        everybody: request.everybody.then_some(true),
    };
    let mut writes = vec![creation(thread, THREAD, &head.encode_to_vec(), choice)];
    let mut accounts = request.accounts.clone();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.retain(|account| *account != caller.account);
    for account in accounts {
        writes.push(taken_in(request.circle, thread, number, account, choice)?);
    }
    let first = care::Message {
        parent: bytes_of(thread),
        thread: Some(number),
        text: Some(request.text.clone()),
        ..Default::default()
    };
    let id = RecordId(uuid_v7(&*app.clock, &*app.ids));
    writes.push(creation(id, MESSAGE, &first.encode_to_vec(), choice));
    let origin = common(&request.request_id, "thread.open").origin(request)?;
    let written = write(app, caller, &member, writes, origin).await.map_err(of_request)?;
    let mut session = app.session(caller, request.circle).await?;
    let thread = match written {
        None => thread,
        Some(record) => thread_of(&mut session, record).await?,
    };
    let standing = standing(&mut session, thread).await?;
    Ok(pb::OpenThreadResponse { thread: Some(tell(&mut session, caller, &standing).await?) })
}

/// What went wrong, by the fields of the request.
fn of_request(error: Error) -> Error {
    match error.reason() {
        Reason::ThreadSubject => Error::field("about", Reason::ThreadSubject),
        Reason::ThreadParticipant => Error::field("accounts", Reason::ThreadParticipant),
        _ => error,
    }
}

/// A record of a thread is the thread's, or the thread itself.
async fn thread_of(session: &mut Session, record: RecordId) -> Result<RecordId, Error> {
    let parts = session.record(record, false).await?;
    let one = parts.first().ok_or_else(Error::not_found)?;
    Ok(if one.row.type_number == THREAD { record } else { one.row.parent.ok_or_else(Error::not_found)? })
}

/// The record that a thread is about, and the choice of its label. What the caller does not see is not there.
async fn about(
    app: &App,
    caller: &Caller,
    circle: u64,
    subject: &pb::ThreadSubject,
) -> Result<(Option<RecordId>, u32), Error> {
    if subject.record_id.is_empty() {
        if subject.field != 0 {
            return Err(Error::field("about.field", Reason::ArgumentInvalid));
        }
        return Ok((None, 1));
    }
    let record = parse_id_at(&subject.record_id, "about.record_id")?;
    let mut session = app.session(caller, circle).await?;
    let unknown = || Error::field("about", Reason::ThreadSubject);
    let parts = session.parts(&[record], false).await?.remove(&record).ok_or_else(unknown)?;
    let label = parts.iter().find_map(|one| label_of(one, subject.field)).ok_or_else(unknown)?;
    Ok((Some(record), choice_of(label).ok_or_else(unknown)?))
}

/// The label under which a field stands (0: the record itself), where it stands in this part.
fn label_of(one: &Looked, field: u32) -> Option<u64> {
    let (known, choice) = (one.known?, label_choice(one));
    let label = match field {
        0 => known.record_label(choice, 0),
        number => known.field(number).map(|_| known.label_of(number, choice, 0))?,
    };
    label.ok().filter(|label| label.0 == one.row.label).map(|label| label.0)
}

/// The choice of a thread's label for what stands under this one, counted from 1.
pub(super) fn choice_of(label: u64) -> Option<u32> {
    let categories = label_about(label)?;
    let choices = &kind(THREAD).ok()?.label_choice;
    let fits = |label: &LabelId| u64::from(label.category_bits()) == categories;
    let at = choices.iter().position(|choice| choice.label.for_author(1).is_ok_and(|label| fits(&label)))?;
    u32::try_from(at + 1).ok()
}

/// A number that no thread of the circle has.
fn fresh(app: &App, member: &Member) -> Result<u32, Error> {
    const MAX: u64 = i32::MAX as u64;
    for _ in 0..16 {
        let number = random_u63(&*app.ids) % MAX + 1;
        if !member.access.access.knows_thread(number) {
            return u32::try_from(number).map_err(|_| Error::internal("the number of a thread"));
        }
    }
    Err(Error::internal("no number for a thread"))
}

fn taken_in(circle: u64, thread: RecordId, number: u32, account: u64, choice: u32) -> Result<sync::RecordWrite, Error> {
    let body = care::ThreadParticipant {
        parent: bytes_of(thread),
        thread: Some(number),
        account: Some(account),
        participation: Some(care::Decision::Allow.into()),
    };
    Ok(creation(participant_id(circle, thread, account)?, THREAD_PARTICIPANT, &body.encode_to_vec(), choice))
}

pub async fn send(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::SendMessageRequest,
) -> Result<pb::SendMessageResponse, Error> {
    said(&request.text)?;
    let record = parse_id(&request.record_id)?;
    if request.about.len() > 16 {
        return Err(Error::field("about", Reason::ArgumentInvalid));
    }
    let about = request.about.iter().map(|id| parse_id_at(id, "about")).collect::<Result<Vec<_>, _>>()?;
    let member = app.member(caller, request.circle).await?;
    let mut session = app.session(caller, request.circle).await?;
    let thread = standing(&mut session, record).await?;
    let supersedes = match request.supersedes.as_str() {
        "" => None,
        id => Some(own_message(&mut session, caller, record, id).await?),
    };
    drop(session);
    let body = care::Message {
        parent: bytes_of(record),
        supersedes: supersedes.and_then(bytes_of),
        thread: Some(thread.number),
        text: Some(request.text.clone()),
        about: about.into_iter().filter_map(bytes_of).collect(),
    };
    let id = RecordId(uuid_v7(&*app.clock, &*app.ids));
    let writes = vec![creation(id, MESSAGE, &body.encode_to_vec(), thread.choice())];
    let origin = common(&request.request_id, "thread.message").origin(request)?;
    let id = write(app, caller, &member, writes, origin).await?.unwrap_or(id);
    let mut session = app.session(caller, request.circle).await?;
    let parts = session.record(id, true).await?;
    Ok(pb::SendMessageResponse { message: message(&parts) })
}

/// A message of the caller's in this thread.
async fn own_message(session: &mut Session, caller: &Caller, thread: RecordId, id: &str) -> Result<RecordId, Error> {
    let record = parse_id_at(id, "supersedes")?;
    let parts = session.parts(&[record], true).await?;
    let of_thread = |parts: &&Vec<Looked>| parts.iter().any(|one| one.row.parent == Some(thread));
    let stands = parts.get(&record).filter(of_thread).and_then(|parts| message(parts));
    match stands {
        Some(one) if one.account == caller.account => Ok(record),
        _ => Err(Error::field("supersedes", Reason::NotFound)),
    }
}

pub async fn set_participant(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::SetParticipantRequest,
) -> Result<pb::SetParticipantResponse, Error> {
    let record = parse_id(&request.record_id)?;
    if request.account == 0 {
        return Err(Error::field("account", Reason::ArgumentInvalid));
    }
    let member = app.member(caller, request.circle).await?;
    let mut session = app.session(caller, request.circle).await?;
    let thread = standing(&mut session, record).await?;
    let id = participant_id(request.circle, record, request.account)?;
    let parts = session.parts(&[id], false).await?;
    drop(session);
    let decision = if request.takes_part { care::Decision::Allow } else { care::Decision::Deny };
    let write_it = match parts.get(&id) {
        None => {
            let mut new = taken_in(request.circle, record, thread.number, request.account, thread.choice())?;
            if !request.takes_part {
                let body = care::ThreadParticipant {
                    parent: bytes_of(record),
                    thread: Some(thread.number),
                    account: Some(request.account),
                    participation: Some(decision.into()),
                };
                new.body = Some(split::close(THREAD_PARTICIPANT, &body.encode_to_vec()).into());
            }
            new
        }
        Some(parts) => {
            let body = care::ThreadParticipant { participation: Some(decision.into()), ..Default::default() };
            further(&thread, parts, (id, THREAD_PARTICIPANT, PARTICIPATION), &body.encode_to_vec())
        }
    };
    let origin = common(&request.request_id, "thread.participant").origin(request)?;
    let written = write(app, caller, &member, vec![write_it], origin).await;
    written.map_err(|error| match error.reason() {
        Reason::ThreadParticipant => Error::field("account", Reason::ThreadParticipant),
        _ => error,
    })?;
    let mut session = app.session(caller, request.circle).await?;
    let thread = match standing(&mut session, record).await {
        Ok(standing) => Some(tell(&mut session, caller, &standing).await?),
        Err(error) if error.reason() == Reason::NotFound => None,
        Err(error) => return Err(error),
    };
    Ok(pb::SetParticipantResponse { thread })
}

/// A further write of one field of a record of the thread, in place of every version that is live.
fn further(
    thread: &Standing,
    parts: &[Looked],
    (id, type_number, field): (RecordId, u32, u32),
    body: &[u8],
) -> sync::RecordWrite {
    let live = parts.iter().flat_map(|one| one.part.versions(FieldRef::register(field)));
    let replaces: Vec<sync::Dot> = live.map(|version| wire::to_dot(version.dot)).collect();
    let fields =
        if replaces.is_empty() { Vec::new() } else { vec![sync::FieldWrite { field, replaces, ..Default::default() }] };
    sync::RecordWrite {
        record: id.0.to_vec().into(),
        r#type: type_number,
        body: Some(split::close(type_number, body).into()),
        fields,
        label_choice: thread.choice(),
        audience_ref: u64::from(thread.number),
        ..Default::default()
    }
}

/// The caller says that they have seen a thread up to a sequence. What stands further stays.
pub async fn mark(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::MarkThreadSeenRequest,
) -> Result<pb::MarkThreadSeenResponse, Error> {
    let record = parse_id(&request.record_id)?;
    let member = app.member(caller, request.circle).await?;
    let mut session = app.session(caller, request.circle).await?;
    let thread = standing(&mut session, record).await?;
    if request.sequence == 0 || request.sequence > session.snapshot.circle().head {
        return Err(Error::field("sequence", Reason::ArgumentInvalid));
    }
    let id = seen_id(request.circle, record, caller.account)?;
    let parts = session.parts(&[id], true).await?;
    drop(session);
    let told = |seen| {
        let seen = Some(participant(caller.account, Some(member.role()), true, seen));
        pb::MarkThreadSeenResponse { seen }
    };
    let stands = parts.get(&id).and_then(|parts| seen_of(parts));
    if let Some(seen) = stands.filter(|seen| seen.sequence >= request.sequence) {
        return Ok(told(Some(seen)));
    }
    let sequence = Some(request.sequence);
    let write_it = match parts.get(&id) {
        Some(parts) => {
            let body = care::ThreadSeen { sequence, ..Default::default() };
            further(&thread, parts, (id, THREAD_SEEN, SEQUENCE), &body.encode_to_vec())
        }
        None => {
            let (parent, number) = (bytes_of(record), Some(thread.number));
            let body = care::ThreadSeen { parent, thread: number, account: Some(caller.account), sequence };
            creation(id, THREAD_SEEN, &body.encode_to_vec(), thread.choice())
        }
    };
    let origin = common(&request.request_id, "thread.seen").origin(request)?;
    write(app, caller, &member, vec![write_it], origin).await?;
    let mut session = app.session(caller, request.circle).await?;
    let parts = session.parts(&[id], true).await?;
    let seen = parts.get(&id).and_then(|parts| seen_of(parts));
    Ok(told(Some(seen.ok_or_else(|| Error::internal("a mark that was written is not there"))?)))
}
