//! Threads of messages on a phone: who reads them, what was said, starting one and answering. Works without a network: what is
//! written waits like every other entry, and a thread that was lost is erased with the rest of what was lost.

use osteon_access_core::Role;
use osteon_proto::{LabelId, care, reasons::Reason, split::close, table::table};
use osteon_sync_core::{Author, RecordId};
use prost::Message as _;

use crate::{
    access::{PARTICIPANT, Rights, THREAD},
    error::{Error, Result},
    phone::Phone,
    records::{Entry, NewRecord, Saved, create, open_form, save},
    state::Enrolled,
    views::{CircleView, RecordView, sha256},
};

/// Type number of Message.
const MESSAGE: u32 = 443;
/// The category of messages.
const C19: u64 = 1 << 19;

/// What was said.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    pub record: RecordId,
    pub author: Author,
    pub at_ms: u64,
    /// `None`: it was taken back or marked as a mistake.
    pub text: Option<String>,
    /// It has no verdict yet.
    pub unsent: bool,
}

/// A thread as this account reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Thread {
    pub record: RecordId,
    /// What its label names.
    pub number: u32,
    pub title: String,
    /// The record, and the number of its field, that it is about.
    pub about: Option<(RecordId, Option<u32>)>,
    pub everybody: bool,
    pub opened_by: u64,
    /// Members who read it now, as far as this phone knows.
    pub readers: Vec<(u64, Role)>,
    /// In the order in which they were written.
    pub messages: Vec<Said>,
    choice: u32,
}

/// A thread to be started.
#[derive(Clone, Default)]
pub struct NewThread {
    pub title: String,
    pub accounts: Vec<u64>,
    pub everybody: bool,
    /// A record, and a field of it by its number.
    pub about: Option<(RecordId, Option<u32>)>,
    pub text: String,
}

impl Phone {
    /// The threads of a circle, the one in which somebody wrote last first.
    pub async fn threads(&self, circle: u64) -> Result<Vec<Thread>> {
        self.read().await?.enrolled()?.threads(circle, self.now_ms())
    }

    /// Starts a thread with its first message. Returns it, and that message as it was saved.
    pub async fn start_thread(&self, circle: u64, new: &NewThread) -> Result<(RecordId, Saved)> {
        let now_ms = self.now_ms();
        let ids: Vec<RecordId> = (0..2).map(|_| crate::ids::record_id(now_ms, &*self.ids)).collect();
        let started = self.change(|state| start(state.enrolled_mut()?, circle, new, &ids, now_ms)).await?;
        self.wake.notify_waiters();
        Ok(started)
    }

    /// Adds a message.
    pub async fn say(&self, circle: u64, thread: RecordId, text: &str) -> Result<Saved> {
        let now_ms = self.now_ms();
        let fresh = crate::ids::record_id(now_ms, &*self.ids);
        let saved = self.change(|state| say(state.enrolled_mut()?, circle, thread, (text, fresh), now_ms)).await?;
        self.wake.notify_waiters();
        Ok(saved)
    }

    /// Takes a member into a thread, or out of it.
    pub async fn set_participant(
        &self,
        circle: u64,
        thread: RecordId,
        account: u64,
        takes_part: bool,
    ) -> Result<Saved> {
        let now_ms = self.now_ms();
        let fresh = crate::ids::record_id(now_ms, &*self.ids);
        let saved = self.change(|state| {
            let phone = state.enrolled_mut()?;
            let thread = one(phone, circle, thread, now_ms)?;
            participant(phone, circle, &thread, (account, takes_part, fresh), now_ms)
        });
        let saved = saved.await?;
        self.wake.notify_waiters();
        Ok(saved)
    }
}

impl Enrolled {
    pub fn threads(&self, circle: u64, now_ms: u64) -> Result<Vec<Thread>> {
        let (view, rights) = (self.view(circle, now_ms)?, self.rights(circle, now_ms)?);
        let said = view.records_of(Some(MESSAGE));
        let heads = view.records_of(Some(THREAD));
        let mut threads: Vec<Thread> = heads.iter().filter_map(|head| thread(&view, &rights, head, &said)).collect();
        threads.sort_by_key(|one| std::cmp::Reverse(one.messages.last().map_or(0, |said| said.at_ms)));
        Ok(threads)
    }
}

fn thread(view: &CircleView<'_>, rights: &Rights, head: &RecordView, said: &[RecordView]) -> Option<Thread> {
    let body: care::Thread = head.in_force();
    let label = head.fields.first()?.label;
    let members = rights.members().into_iter();
    let readers = members.filter(|member| rights.reads(*member, LabelId(label))).collect();
    let mut messages: Vec<Said> =
        said.iter().filter(|one| one.parent == Some(head.record)).filter_map(|one| message(view, one)).collect();
    messages.sort_by_key(|one| (one.at_ms, one.record));
    let about = body.about_record.as_deref().and_then(|id| id.try_into().ok()).map(RecordId);
    Some(Thread {
        record: head.record,
        number: body.thread?,
        title: body.title.unwrap_or_default(),
        about: about.map(|record| (record, body.about_field)),
        everybody: body.everybody.unwrap_or_default(),
        opened_by: view.author_of(head.record)?.account,
        readers,
        messages,
        choice: choice_of(label & 0x7f_ffff)?,
    })
}

fn message(view: &CircleView<'_>, one: &RecordView) -> Option<Said> {
    let written = one.fields.first()?.versions.first()?;
    let body: care::Message = one.in_force();
    Some(Said {
        record: one.record,
        author: view.author_of(one.record)?,
        at_ms: written.clock.ms,
        text: body.text.filter(|_| one.is_active()),
        unsent: one.unsent,
    })
}

/// The choice of a thread's label with these categories, counted from 1.
fn choice_of(categories: u64) -> Option<u32> {
    let choices = &table().get(THREAD)?.label_choice;
    let fits = |label: LabelId| u64::from(label.category_bits()) == categories;
    let at = choices.iter().position(|choice| choice.label.for_author(1).is_ok_and(fits))?;
    u32::try_from(at + 1).ok()
}

fn refused(reason: Reason, path: &str) -> Error {
    Error::Refused { reason, path: path.into() }
}

fn one(phone: &Enrolled, circle: u64, record: RecordId, now_ms: u64) -> Result<Thread> {
    phone.threads(circle, now_ms)?.into_iter().find(|thread| thread.record == record).ok_or(Error::NoRecord)
}

/// The choice of the label of a thread about this: what the field stands under, which whoever starts it may read.
fn choice_about(phone: &Enrolled, circle: u64, about: Option<(RecordId, Option<u32>)>, now_ms: u64) -> Result<u32> {
    let Some((record, field)) = about else { return Ok(1) };
    let unknown = || refused(Reason::ThreadSubject, "thread.about_record");
    let view = phone.view(circle, now_ms)?;
    let seen = view.record(record).ok_or_else(unknown)?;
    let known = seen.kind().ok_or_else(unknown)?;
    let stands = |label: u64| {
        let filed = |c: &osteon_proto::table::LabelChoice| c.label.for_author(0).is_ok_and(|one| one.0 == label);
        let choice = known.label_choice.iter().position(filed).and_then(|i| u32::try_from(i + 1).ok()).unwrap_or(0);
        let of = field.map_or_else(|| known.record_label(choice, 0), |field| known.label_of(field, choice, 0));
        of.is_ok_and(|of| of.0 == label)
    };
    let label = view.parts_of(record).into_iter().map(|(id, ..)| id.label).find(|label| stands(*label));
    label.and_then(|label| choice_of(label & 0x7f_ffff | C19)).ok_or_else(unknown)
}

fn start(
    phone: &mut Enrolled,
    circle: u64,
    new: &NewThread,
    ids: &[RecordId],
    now_ms: u64,
) -> Result<(RecordId, Saved)> {
    let [fresh, first] = *ids else { return Err(Error::NoRecord) };
    let choice = choice_about(phone, circle, new.about, now_ms)?;
    // 31 bits of an id that was made at random.
    let random = sha256(&[&fresh.0]);
    let number = u32::from_be_bytes([random[0] & 0x7f, random[1], random[2], random[3]]).max(1);
    let head = care::Thread {
        thread: Some(number),
        title: Some(new.title.clone()).filter(|title| !title.is_empty()),
        about_record: new.about.map(|(record, _)| record.0.to_vec().into()),
        about_field: new.about.and_then(|(_, field)| field),
        everybody: new.everybody.then_some(true),
    };
    let head = record(THREAD, &head.encode_to_vec(), choice, fresh);
    let started = create(phone, circle, &head, fresh, "", now_ms)?.record;
    let thread = one(phone, circle, started, now_ms)?;
    for account in new.accounts.iter().filter(|account| **account != thread.opened_by) {
        participant(phone, circle, &thread, (*account, true, fresh), now_ms)?;
    }
    let saved = say(phone, circle, started, (&new.text, first), now_ms)?;
    Ok((started, saved))
}

fn record(number: u32, body: &[u8], label_choice: u32, record: RecordId) -> NewRecord {
    NewRecord { body: close(number, body), label_choice, record: Some(record) }
}

fn say(
    phone: &mut Enrolled,
    circle: u64,
    thread: RecordId,
    (text, fresh): (&str, RecordId),
    now_ms: u64,
) -> Result<Saved> {
    if text.trim().is_empty() {
        return Err(refused(Reason::ArgumentInvalid, "message.text"));
    }
    let thread = one(phone, circle, thread, now_ms)?;
    let body = care::Message {
        parent: Some(thread.record.0.to_vec().into()),
        thread: Some(thread.number),
        text: Some(text.into()),
        ..Default::default()
    };
    create(phone, circle, &record(MESSAGE, &body.encode_to_vec(), thread.choice, fresh), fresh, "", now_ms)
}

fn participant(
    phone: &mut Enrolled,
    circle: u64,
    thread: &Thread,
    (account, takes_part, fresh): (u64, bool, RecordId),
    now_ms: u64,
) -> Result<Saved> {
    let me = phone.device.account();
    if takes_part && !phone.rights(circle, now_ms)?.would_read(account, thread.number, thread.label()) {
        return Err(refused(Reason::ThreadParticipant, "thread_participant.account"));
    }
    if !takes_part && account != me && thread.opened_by != me {
        return Err(refused(Reason::ThreadRemoval, "thread_participant.participation"));
    }
    let decision = if takes_part { care::Decision::Allow } else { care::Decision::Deny };
    let view = phone.view(circle, now_ms)?;
    let is = |one: &RecordView| {
        one.parent == Some(thread.record) && one.in_force::<care::ThreadParticipant>().account == Some(account)
    };
    let Some(known) = view.records_of(Some(PARTICIPANT)).into_iter().find(is) else {
        let body = care::ThreadParticipant {
            parent: Some(thread.record.0.to_vec().into()),
            thread: Some(thread.number),
            account: Some(account),
            participation: Some(decision.into()),
        };
        let new =
            NewRecord { body: close(PARTICIPANT, &body.encode_to_vec()), label_choice: thread.choice, record: None };
        return create(phone, circle, &new, fresh, "", now_ms);
    };
    let body = care::ThreadParticipant { participation: Some(decision.into()), ..Default::default() };
    let form = open_form(phone, circle, known.record, now_ms)?;
    let entries = Entry::of_body(&close(PARTICIPANT, &body.encode_to_vec()))?;
    save(phone, &form, &entries, &crate::records::checked_note("", false)?, now_ms)
}

impl Thread {
    /// The label of everything in it.
    pub fn label(&self) -> LabelId {
        let choices = table().get(THREAD).map(|kind| &kind.label_choice);
        let of = choices.and_then(|all| all.get(self.choice as usize - 1));
        let label = of.and_then(|choice| choice.label.for_author(u64::from(self.number)).ok());
        label.unwrap_or_else(|| LabelId::unknown(self.opened_by))
    }
}
