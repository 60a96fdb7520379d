//! Threads of messages: listed, read, started, written to. Everything is an ordinary record under the thread's label; who takes
//! part stands in the circle's access state, so reading asks `decide` as for anything else. What is decided in the commit:
//! [`rules`].

mod list;
mod read;
pub mod rules;
mod write;

use osteon_access_core::{Action, Viewer, decide};
use osteon_proto::{
    LabelId, care, split,
    table::{RecordType, table},
    thread as pb,
};
use osteon_sync_core::{FieldRef, RecordId, Version};
use prost::Message;

pub use self::{
    list::list,
    read::get,
    write::{mark, open, send, set_participant},
};
use super::{
    ids_for,
    look::Looked,
    records::{self, Session},
    rights::{THREAD, THREAD_PARTICIPANT, field_facts},
    views,
};
use crate::{
    access::{Member, signed},
    error::Error,
    store::{AccountNo, CircleNo},
};

/// Type number of Message.
pub const MESSAGE: u32 = 443;
/// Type number of Thread.seen.
pub const THREAD_SEEN: u32 = 444;

/// A thread, or what belongs to one: all of it stands under the thread's label.
pub fn is_of_thread(type_number: u32) -> bool {
    matches!(type_number, THREAD | THREAD_PARTICIPANT | MESSAGE | THREAD_SEEN)
}

/// One thread as its readers have it.
struct Standing {
    record: RecordId,
    number: u32,
    part: Looked,
    body: care::Thread,
}

impl Standing {
    fn label(&self) -> u64 {
        self.part.row.label
    }

    fn choice(&self) -> u32 {
        records::label_choice(&self.part)
    }

    fn opened_by(&self) -> Option<Version<'_>> {
        osteon_proto::wire::ids::birth(self.part.known, &self.part.part)
    }
}

fn kind(number: u32) -> Result<&'static RecordType, Error> {
    table().get(number).ok_or_else(|| Error::internal("a type of threads"))
}

/// The record of a thread, by its number.
fn thread_id(circle: CircleNo, thread: u32) -> Result<RecordId, Error> {
    let body = care::Thread { thread: Some(thread), ..Default::default() };
    ids_for::derived(circle, &split::close(THREAD, &body.encode_to_vec()))
}

fn participant_id(circle: CircleNo, thread: RecordId, account: AccountNo) -> Result<RecordId, Error> {
    let parent = Some(thread.0.to_vec().into());
    let body = care::ThreadParticipant { parent, account: Some(account), ..Default::default() };
    ids_for::derived(circle, &split::close(THREAD_PARTICIPANT, &body.encode_to_vec()))
}

fn seen_id(circle: CircleNo, thread: RecordId, account: AccountNo) -> Result<RecordId, Error> {
    let parent = Some(thread.0.to_vec().into());
    let body = care::ThreadSeen { parent, account: Some(account), ..Default::default() };
    ids_for::derived(circle, &split::close(THREAD_SEEN, &body.encode_to_vec()))
}

/// What is in force in a part, as a message of its type.
fn body<M: Message + Default>(one: &Looked) -> M {
    let values = one.fields().filter_map(|(_, view)| view.value().map(<[u8]>::to_vec));
    let bytes: Vec<u8> = values.flatten().collect();
    M::decode(bytes.as_slice()).unwrap_or_default()
}

/// A thread that the session's reader takes part in and may read; hidden and absent are one answer.
async fn standing(session: &mut Session, record: RecordId) -> Result<Standing, Error> {
    let parts = session.record(record, false).await?;
    of_parts(record, parts).ok_or_else(Error::not_found)
}

fn of_parts(record: RecordId, parts: Vec<Looked>) -> Option<Standing> {
    let part = parts.into_iter().find(|one| one.row.type_number == THREAD && one.created())?;
    let body: care::Thread = body(&part);
    Some(Standing { record, number: body.thread?, part, body })
}

/// How far an account has said that it has seen a thread, and when.
#[derive(Clone, Copy)]
struct Seen {
    sequence: u64,
    at_ms: u64,
}

/// Of the live versions the one that reaches furthest; nobody has seen what was written after they said so.
fn seen_of(parts: &[Looked]) -> Option<Seen> {
    const SEQUENCE: u32 = 4;
    let one = parts.iter().find(|one| one.row.type_number == THREAD_SEEN)?;
    let said = |version: Version<'_>| {
        let written = one.log.get(&version.dot)?;
        let said = care::ThreadSeen::decode(version.value?).ok()?.sequence?;
        Some(Seen { sequence: said.min(written.row.seq), at_ms: written.row.received_ms })
    };
    let versions = one.part.versions(FieldRef::register(SEQUENCE)).filter_map(said);
    versions.max_by_key(|seen| (seen.sequence, std::cmp::Reverse(seen.at_ms)))
}

/// Whether an account reads under this label now, in any of its roles.
fn reads(member: &Member, now_ms: u64, viewer: &Viewer, label: u64) -> bool {
    let action = Action::ReadLabel(LabelId(label));
    decide(signed(now_ms), viewer, &member.access.access, &action).allowed()
}

fn may_write(session: &Session, label: u64) -> bool {
    let Ok(known) = kind(MESSAGE) else { return false };
    let Some(text) = known.field_by_name("text") else { return false };
    let action = Action::WriteField { facts: field_facts(known, text), label: LabelId(label), own: Some(true) };
    decide(signed(session.now_ms), &session.member.viewer, &session.member.access.access, &action).allowed()
}

/// A message, out of its parts with their history.
fn message(parts: &[Looked]) -> Option<pb::ThreadMessage> {
    let one = parts.iter().find(|one| one.row.type_number == MESSAGE)?;
    let birth = osteon_proto::wire::ids::birth(one.known, &one.part)?;
    let first = one.log.get(&birth.dot).or_else(|| one.row.history.first().and_then(|dot| one.log.get(dot)));
    let redacted = one.log.values().any(|written| written.redacted.is_some());
    let ended = views::ended(parts);
    let said: care::Message = if ended { care::Message::default() } else { body(one) };
    let text_of = |id: &bytes::Bytes| uuid::Uuid::from_slice(id).map(|id| id.to_string()).unwrap_or_default();
    Some(pb::ThreadMessage {
        record_id: text(one.row.record),
        account: birth.author.account,
        role: i32::from(birth.author.role.0),
        text: said.text.unwrap_or_default(),
        written: Some(super::enrol::timestamp(birth.clock.ms)),
        received: first.map(|written| super::enrol::timestamp(written.row.received_ms)),
        sequence: one.row.first_seq,
        supersedes: said.supersedes.as_ref().map(text_of).unwrap_or_default(),
        about: said.about.iter().map(text_of).collect(),
        ended,
        redacted,
    })
}

fn text(record: RecordId) -> String {
    uuid::Uuid::from_bytes(record.0).to_string()
}

/// What a label asks of its readers, without whose it is.
fn told_label(label: u64) -> osteon_proto::meta::Label {
    LabelId(label).to_options()
}
