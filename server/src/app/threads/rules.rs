//! What of threads is decided in the commit, beside who may read and write: what a thread is about, whose label its records
//! have, who is taken in and who is taken out. Asked of devices and of online writers alike.

use std::{
    cell::{Ref, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use osteon_access_core::{Access, Action, Audience, LabelView, Part, decide};
use osteon_proto::{
    LabelId,
    reasons::Reason,
    table::{RecordType, table},
    values::{Value, value},
    wire::ids,
};
use osteon_sync_core::{Change, FieldRef, PartId, PartWrite, Put, RecordId, ledger::CircleStore, ledger::StoredPart};

use super::{MESSAGE, THREAD_SEEN};
use crate::{
    access::signed,
    app::{
        circle::Circle,
        rights::{Rights, THREAD, THREAD_PARTICIPANT, opens},
    },
    limits::{self, Limit},
    store::StoreError,
};

/// What a batch has done to threads so far: the access state in the commit is that from before it.
#[derive(Default)]
pub struct Started {
    access: RefCell<Option<Access>>,
    threads: RefCell<BTreeSet<u64>>,
    named: RefCell<BTreeMap<u64, usize>>,
}

impl Started {
    /// The access state with the threads that the author has started; `None`: they started none.
    pub fn access(&self) -> Ref<'_, Option<Access>> {
        self.access.borrow()
    }

    pub fn add(&self, before: &Access, thread: u64, author: u64) {
        let now = self.access.take().unwrap_or_else(|| before.clone());
        self.access.replace(Some(now.with_participant(thread, author)));
        self.threads.borrow_mut().insert(thread);
    }
}

/// What is wrong: the reason, the field, and of a limit which.
pub struct Wrong {
    pub reason: Reason,
    pub path: &'static str,
    pub limit: Option<&'static Limit>,
}

const fn wrong(reason: Reason, path: &'static str) -> Wrong {
    Wrong { reason, path, limit: None }
}

/// Whether the record belongs to a thread.
pub fn is_of_thread(type_number: u32) -> bool {
    [THREAD, THREAD_PARTICIPANT, MESSAGE, THREAD_SEEN].contains(&type_number)
}

/// Why something that a change says of threads may not be, and which of its parts says it.
pub fn refused(
    rights: &Rights<'_>,
    change: &Change,
    circle: &Circle<'_, '_>,
) -> Result<Option<(usize, Wrong)>, StoreError> {
    for (i, part) in change.parts.iter().enumerate() {
        let found = match part.type_number {
            THREAD if ids::creates(part) => started(rights, part, circle),
            THREAD_PARTICIPANT => named(rights, change, part, circle),
            MESSAGE if ids::creates(part) => {
                filed(change, part, circle, "message.parent").or_else(|| corrects(change, part, circle))
            }
            THREAD_SEEN if ids::creates(part) => filed(change, part, circle, "thread_seen.parent"),
            _ => None,
        };
        if let Some(found) = found {
            return Ok(Some((i, found)));
        }
    }
    Ok(None)
}

fn started(rights: &Rights<'_>, part: &PartWrite, circle: &Circle<'_, '_>) -> Option<Wrong> {
    let known = rights.access.threads().iter().map(|row| row.thread).collect::<BTreeSet<u64>>().len();
    if known + rights.started.threads.borrow().len() > limits::THREADS_OF_CIRCLE.usize() {
        return Some(Wrong {
            limit: Some(&limits::THREADS_OF_CIRCLE),
            ..wrong(Reason::LimitExceeded, "thread.thread")
        });
    }
    let kind = table().get(THREAD)?;
    let field = integer(kind, part, None, "about_field").and_then(|number| u32::try_from(number).ok());
    let Some(record) = ids::subject(part) else {
        return field.map(|_| wrong(Reason::ArgumentInvalid, "thread.about_field"));
    };
    let mut parts = circle.parts_of(record);
    let stands = parts.any(|(id, stored)| {
        rights.allowed(&Action::ReadLabel(LabelId(id.label)))
            && is_of(stored.type_number, field, id)
            && label_about(id.label) == Some(part.part.label & CATEGORIES)
    });
    let path = if field.is_some() { "thread.about_field" } else { "thread.about_record" };
    (!stands).then_some(wrong(Reason::ThreadSubject, path))
}

/// Consent: yes.
const ALLOW: i128 = 1;
/// The category of messages.
const C19: u32 = 1 << 19;
/// The bits of a label that are categories.
const CATEGORIES: u64 = 0x7f_ffff;

/// The categories of a thread about what stands under this label; `None`: that is not for everybody who may read them.
pub fn label_about(label: u64) -> Option<u64> {
    let view = LabelView::parse(LabelId(label)).filter(|view| view.audience == Audience::All)?;
    Some(u64::from(view.categories.0 | C19))
}

/// Whether the part is where this field of the record stands; without a field, where the record itself does.
fn is_of(type_number: u32, field: Option<u32>, id: PartId) -> bool {
    let Some(known) = table().get(type_number) else { return false };
    let filed = |c: &osteon_proto::table::LabelChoice| c.label.for_author(0).is_ok_and(|label| label.0 == id.label);
    let choice = known.label_choice.iter().position(filed).and_then(|i| u32::try_from(i + 1).ok()).unwrap_or(0);
    let label = match field {
        Some(number) if known.field(number).is_none() => return false,
        Some(number) => known.label_of(number, choice, 0),
        None => known.record_label(choice, 0),
    };
    label.is_ok_and(|label| label.0 == id.label)
}

/// Whatever belongs to a thread stands under the thread's label.
fn filed(change: &Change, part: &PartWrite, circle: &Circle<'_, '_>, path: &'static str) -> Option<Wrong> {
    let parent = ids::parent(&change.parts, part.part.record, part.type_number);
    let stands = parent.is_some_and(|parent| opener(parent, part.part.label, change, circle).is_some());
    (!stands).then_some(wrong(Reason::ThreadUnknown, path))
}

/// A message corrects one of its author's, in the same thread; any other, hidden or absent, is not there.
fn corrects(change: &Change, part: &PartWrite, circle: &Circle<'_, '_>) -> Option<Wrong> {
    let id = PartId { record: ids::subject(part)?, label: part.part.label };
    let thread = ids::parent(&change.parts, part.part.record, part.type_number);
    let stored = circle.part(id).filter(|stored| stored.type_number == MESSAGE && circle.parent_of(id) == thread);
    let author = stored.and_then(|stored| ids::author(table().get(MESSAGE), &stored.part));
    let own = author.is_some_and(|author| author.account == change.author.account);
    (!own).then_some(wrong(Reason::NotFound, "message.supersedes"))
}

/// Whoever started the thread that stands under this label.
fn opener(thread: RecordId, label: u64, change: &Change, circle: &Circle<'_, '_>) -> Option<u64> {
    let id = PartId { record: thread, label };
    let here = change.parts.iter().any(|p| p.part == id && p.type_number == THREAD && ids::creates(p));
    let stored = circle.part(id).filter(|stored| stored.type_number == THREAD);
    let author = stored.and_then(|stored| ids::author(table().get(THREAD), &stored.part));
    author.map(|author| author.account).or_else(|| here.then_some(change.author.account))
}

fn named(rights: &Rights<'_>, change: &Change, part: &PartWrite, circle: &Circle<'_, '_>) -> Option<Wrong> {
    let kind = table().get(THREAD_PARTICIPANT)?;
    let stored = circle.part(part.part);
    let creates = ids::creates(part);
    if creates && let Some(found) = filed(change, part, circle, "thread_participant.parent") {
        return Some(found);
    }
    let participation = kind.field_by_name("participation")?;
    let Some(write) = part.writes.iter().find(|write| write.field.number == participation.number) else {
        // Nothing is said yet: whoever is named does not take part.
        return None;
    };
    let account = integer(kind, part, stored, "account").and_then(|number| u64::try_from(number).ok())?;
    let thread = part.part.label >> 32;
    let says = write.put.as_ref().and_then(Put::value).map(|chunk| value(participation, chunk));
    let allows = matches!(says, Some(Some(Value::Int(ALLOW))));
    if !allows {
        let parent =
            ids::parent(&change.parts, part.part.record, part.type_number).or_else(|| circle.parent_of(part.part));
        let opener = parent.and_then(|parent| opener(parent, part.part.label, change, circle));
        let may = account == rights.viewer.account || opener == Some(rights.viewer.account);
        if !may {
            return Some(wrong(Reason::ThreadRemoval, "thread_participant.participation"));
        }
        // Taking a "no" away opens as well.
        if !opens(participation, write) {
            return None;
        }
    }
    if creates && is_full(rights, thread) {
        let path = "thread_participant.account";
        return Some(Wrong { limit: Some(&limits::THREAD_PARTICIPANTS), ..wrong(Reason::LimitExceeded, path) });
    }
    let may = may_take_part(rights, account, LabelId(part.part.label));
    (!may).then_some(wrong(Reason::ThreadParticipant, "thread_participant.account"))
}

fn is_full(rights: &Rights<'_>, thread: u64) -> bool {
    let is_named = |row: &&osteon_access_core::ThreadRow| row.thread == thread && row.part != Part::Everybody;
    let before = rights.access.threads().iter().filter(is_named).count();
    let mut named = rights.started.named.borrow_mut();
    let now = named.entry(thread).or_insert(0);
    *now += 1;
    before + *now > limits::THREAD_PARTICIPANTS.usize()
}

/// Whether a member would read the thread, if they took part.
fn may_take_part(rights: &Rights<'_>, account: u64, label: LabelId) -> bool {
    let access = rights.access.access.clone().with_participant(label.0 >> 32, account);
    let roles = rights.access.access.members().filter(|(member, _)| *member == account);
    let mut viewers = roles.map(|(account, role)| osteon_access_core::Viewer { account, role });
    viewers.any(|viewer| decide(signed(rights.now_ms), &viewer, &access, &Action::ReadLabel(label)).allowed())
}

/// A number that a part writes, or that stands in it.
fn integer(kind: &RecordType, part: &PartWrite, stored: Option<&StoredPart>, name: &str) -> Option<i128> {
    let field = kind.field_by_name(name)?;
    let put = part.writes.iter().find(|write| write.field.number == field.number);
    let put = put.and_then(|write| write.put.as_ref()).and_then(Put::value);
    let kept = stored.and_then(|s| s.part.versions(FieldRef::register(field.number)).next());
    match value(field, put.or_else(|| kept.and_then(|version| version.value))?)? {
        Value::Int(number) => Some(number),
        _ => None,
    }
}
