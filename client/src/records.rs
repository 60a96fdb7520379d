//! What a person does with records: create one, open a form and save it, settle a dispute, end a record.
//!
//! What counts as shown is fixed when the form is opened ([`Phone::open_form`]), not when it is saved; there is no save
//! without a form. Checks run here first, so that a person learns at once what the server would refuse.

use osteon_care_core::{relaxation::relaxes, together::approves};
use osteon_proto::{
    LabelId,
    check::{check_body, check_time, has_control, says_something},
    meta,
    reasons::Reason,
    split::split_body,
    table::{RecordType, table},
    wire::{
        device::writing::{self, lane_of},
        ids,
    },
};
use osteon_sync_core::{
    Dot, Edit, Field, FieldRef, Note, PartId, PartWrite, Put, RecordId,
    device::{OpenForm, Save},
    lifecycle::State as Life,
};

use crate::{
    error::{Error, Result},
    ids::record_id,
    phone::Phone,
    state::Enrolled,
    store::saves::{Before, Kept},
    views::{FieldView, Of, sha256},
};

/// A record to be started. `body` is a `RecordBody`, encoded.
#[derive(Clone)]
pub struct NewRecord {
    pub body: Vec<u8>,
    /// Of a type with a choice of labels: which, counted from 1.
    pub label_choice: u32,
    /// `None`: the phone makes one, or derives it.
    pub record: Option<RecordId>,
}

/// What became of a save. It is on this phone; whether anybody else has it is another question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saved {
    pub record: RecordId,
    pub dot: Dot,
}

/// A record as a person was shown it: one form per part, and what was in force in each.
pub struct Form {
    pub circle: u64,
    pub record: RecordId,
    pub type_number: u32,
    number: u64,
    parts: Vec<OpenForm>,
    children: Vec<OpenForm>,
    own: Option<bool>,
    /// How many saves had been taken back when it was opened: what it shows may be one that was taken back since.
    undone: u64,
}

/// One field to be written.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// A chunk: the field's wire bytes with tag. Of a set: an element to add.
    Put {
        field: u32,
        chunk: Vec<u8>,
    },
    Clear {
        field: u32,
    },
    /// Takes an element out of a set.
    Remove {
        field: u32,
        element: Vec<u8>,
    },
}

impl Entry {
    fn field(&self) -> u32 {
        match self {
            Self::Put { field, .. } | Self::Clear { field } | Self::Remove { field, .. } => *field,
        }
    }

    /// Everything that a body sets, one entry per field or element.
    pub fn of_body(body: &[u8]) -> Result<Vec<Self>> {
        let (_, _, parts) = split_body(body).map_err(|e| refused(e.reason, e.path))?;
        Ok(parts.chunks().map(|c| Self::Put { field: c.number, chunk: c.bytes.to_vec() }).collect())
    }
}

fn refused(reason: Reason, path: impl Into<String>) -> Error {
    Error::Refused { reason, path: path.into() }
}

impl Phone {
    /// Starts a record.
    pub async fn create(&self, circle: u64, new: &NewRecord, reason: &str) -> Result<Saved> {
        let now_ms = self.now_ms();
        let fresh = new.record.unwrap_or_else(|| record_id(now_ms, &*self.ids));
        let saved = self.change(|state| create(state.enrolled_mut()?, circle, new, fresh, reason, now_ms)).await?;
        self.wake.notify_waiters();
        Ok(saved)
    }

    /// Opens a record for editing: what is seen now is what a save will take the place of.
    pub async fn open_form(&self, circle: u64, record: RecordId) -> Result<Form> {
        let now_ms = self.now_ms();
        self.change(|state| open_form(state.enrolled_mut()?, circle, record, now_ms)).await
    }

    /// Saves entries. `resolves` is set by a conflict screen alone: every version was shown and this decides.
    pub async fn save(&self, form: &Form, entries: &[Entry], reason: &str, resolves: bool) -> Result<Saved> {
        let now_ms = self.now_ms();
        let note = checked_note(reason, resolves)?;
        let saved = self.change(|state| save(state.enrolled_mut()?, form, entries, &note, now_ms)).await?;
        self.wake.notify_waiters();
        Ok(saved)
    }

    /// Deletes, marks as a mistake, or brings back.
    pub async fn end(&self, form: &Form, life: Life, reason: &str) -> Result<Saved> {
        let now_ms = self.now_ms();
        let saved = self.change(|state| end(state.enrolled_mut()?, form, life, reason, now_ms)).await?;
        self.wake.notify_waiters();
        Ok(saved)
    }
}

pub(crate) fn create(
    phone: &mut Enrolled,
    circle: u64,
    new: &NewRecord,
    fresh: RecordId,
    reason: &str,
    now_ms: u64,
) -> Result<Saved> {
    let author = phone.author(circle)?;
    let made = writing::creation(circle, author, &new.body, new.label_choice, fresh, sha256);
    let (record, parts) = made.map_err(|e| refused(e.reason, e.path))?;
    let type_number = parts.first().map_or(0, |p| p.type_number);
    if let Some(kind) = table().get(type_number) {
        let rights = phone.rights(circle, now_ms)?;
        for part in &parts {
            let label = LabelId(part.part.label);
            let asks = ids::asks_to_create(&parts, part, kind);
            if asks && !label.is_unknown() && !rights.may_create(kind, new.label_choice, label) {
                return Err(refused(Reason::RecordNotCreatable, kind.member.clone()));
            }
            check_ranges(kind, part, phone.device.server_time_ms(now_ms))?;
            if !approves_under_its_label(phone, circle, part, now_ms)? {
                return Err(refused(Reason::ApprovalLabel, format!("{}.target", kind.member)));
            }
        }
    }
    let form = phone.device.new_form();
    let lane = if goes_behind(phone, circle, &parts) {
        osteon_sync_core::device::Lane::Urgent
    } else {
        lane_of(type_number, &parts)
    };
    let note = checked_note(reason, false)?;
    let dot = phone.device.save(circle, Save { lane, form, parts, note }, now_ms).ok_or(Error::NoCircle)?;
    phone.saves.note(circle, Kept::created(record, dot));
    Ok(Saved { record, dot })
}

/// Whether it stands on a record that waits in the urgent lane: two lanes have no order between them, and whoever starts a thread about
/// a plan that the server has not yet would be refused.
fn goes_behind(phone: &Enrolled, circle: u64, parts: &[PartWrite]) -> bool {
    let Some(circle) = phone.device.circle(circle) else { return false };
    let stands_on = |part: &PartWrite| {
        let parent = ids::parent(parts, part.part.record, part.type_number);
        [parent, ids::subject(part)].into_iter().flatten().collect::<Vec<_>>()
    };
    let before: Vec<RecordId> = parts.iter().flat_map(stands_on).collect();
    let mut urgent = circle
        .outbox()
        .filter(|own| own.lane == osteon_sync_core::device::Lane::Urgent)
        .flat_map(|own| &own.change.parts);
    urgent.any(|part| before.contains(&part.part.record))
}

/// An approval stands under a label of what it approves.
fn approves_under_its_label(phone: &Enrolled, circle: u64, part: &PartWrite, now_ms: u64) -> Result<bool> {
    let Some(approved) = approves(part) else { return Ok(true) };
    let view = phone.view(circle, now_ms)?;
    let stands = |record: &RecordId| view.parts_of(*record).iter().any(|(id, ..)| id.label == part.part.label);
    Ok(approved.iter().all(stands))
}

pub(crate) fn open_form(phone: &mut Enrolled, circle: u64, record: RecordId, now_ms: u64) -> Result<Form> {
    let view = phone.view(circle, now_ms)?;
    let seen = view.record(record).ok_or(Error::NoRecord)?;
    let account = phone.device.account();
    let mut ids: Vec<(PartId, u32)> = view.parts_of(record).into_iter().map(|(id, number, _)| (id, number)).collect();
    let own = view
        .parts_of(record)
        .iter()
        .find_map(|(_, number, part)| ids::author(table().get(*number), part).map(|author| author.account == account));
    // Parts of which nothing is here yet can be written too.
    for label in other_labels(&seen.kind(), &ids, account) {
        ids.push((PartId { record, label: label.0 }, seen.type_number));
    }
    let children: Vec<(PartId, u32)> = view
        .children(record)
        .iter()
        .flat_map(|child| view.parts_of(child.record).into_iter().map(|(id, number, _)| (id, number)))
        .collect();
    let parts = open_parts(phone, circle, &ids)?;
    let children = open_parts(phone, circle, &children)?;
    let number = parts.first().map_or(0, |p| p.number);
    let undone = phone.saves.undone(circle);
    Ok(Form { circle, record, type_number: seen.type_number, number, parts, children, own, undone })
}

fn other_labels(kind: &Option<&'static RecordType>, held: &[(PartId, u32)], account: u64) -> Vec<LabelId> {
    let Some(kind) = kind else { return Vec::new() };
    if !kind.label_choice.is_empty() {
        return Vec::new();
    }
    let all = kind.labels(0, account).unwrap_or_default();
    all.into_iter().filter(|label| !held.iter().any(|(id, _)| id.label == label.0)).collect()
}

fn open_parts(phone: &mut Enrolled, circle: u64, ids: &[(PartId, u32)]) -> Result<Vec<OpenForm>> {
    let empty = crate::store::Mirror::default();
    let confirmed = phone.confirmed.get(&circle).unwrap_or(&empty);
    let mut forms = Vec::with_capacity(ids.len());
    for (id, number) in ids {
        let part = confirmed.part(*id);
        let extra = part.map(osteon_proto::wire::device::pages::Extra::of).unwrap_or_default();
        let agreed: Vec<_> = part
            .iter()
            .flat_map(|p| p.part.fields())
            .filter_map(|(field, versions)| Some((field, extra.agreed(field)?, versions)))
            .collect();
        let found = |field: FieldRef<'_>| {
            let (_, agreed, versions) = agreed.iter().find(|(f, ..)| *f == field)?;
            Some(agreed.version(versions.clone()))
        };
        let form = phone.device.open(circle, confirmed, *id, *number, &Of(*number), found).ok_or(Error::NoCircle)?;
        forms.push(form);
    }
    Ok(forms)
}

pub(crate) fn save(phone: &mut Enrolled, form: &Form, entries: &[Entry], note: &Note, now_ms: u64) -> Result<Saved> {
    form.still_stands(phone)?;
    let author = phone.author(form.circle)?;
    let kind = table().get(form.type_number).ok_or_else(|| refused(Reason::WrongRecordType, "type"))?;
    let rights = phone.rights(form.circle, now_ms)?;
    let mut parts: Vec<PartWrite> = Vec::new();
    for entry in entries {
        let info = kind.field(entry.field()).ok_or_else(|| refused(Reason::FieldNotWritable, "field"))?;
        let path = || format!("{}.{}", kind.member, info.name);
        let open =
            form.part_of(kind, entry.field(), author.account).ok_or_else(|| refused(Reason::NotFound, path()))?;
        if !rights.may_write(kind, info, LabelId(open.part.label), form.own) {
            return Err(refused(Reason::FieldNotWritable, path()));
        }
        if info.policy == meta::Policy::Constant || kind.append_only {
            return Err(refused(Reason::ImmutableField, path()));
        }
        let edit = entry.edit(info.is_set(), note.resolves);
        let written = open.edit([edit]);
        if !says_something(&note.reason) && lifts(phone, form.circle, open, &written, now_ms) {
            return Err(refused(Reason::ReasonRequired, path()));
        }
        match parts.iter_mut().find(|p| p.part == written.part) {
            Some(part) => part.writes.extend(written.writes),
            None => parts.push(written),
        }
    }
    if parts.is_empty() {
        return Err(refused(Reason::EmptyChange, kind.member.clone()));
    }
    for part in &parts {
        check_ranges(kind, part, phone.device.server_time_ms(now_ms))?;
    }
    let lane = lane_of(form.type_number, &parts);
    let before = before_images(phone, form.circle, &parts, now_ms)?;
    let save = Save { lane, form: form.number, parts, note: note.clone() };
    let dot = phone.device.save(form.circle, save, now_ms).ok_or(Error::NoCircle)?;
    phone.saves.note(form.circle, Kept::edited(form.record, dot, before));
    Ok(Saved { record: form.record, dot })
}

/// Whether a write leaves less restriction than the versions that it names.
fn lifts(phone: &Enrolled, circle: u64, open: &OpenForm, written: &PartWrite, now_ms: u64) -> bool {
    let Ok(view) = phone.view(circle, now_ms) else { return false };
    let parts = view.parts_of(open.part.record);
    let Some((_, _, part)) = parts.iter().find(|(id, ..)| *id == open.part) else { return false };
    written.writes.iter().any(|w| {
        let named = part.versions(&w.field).filter(|v| w.replaces.contains(&v.dot));
        let put = w.put.as_ref().and_then(Put::value);
        let says_over = |chunk: &[u8]| osteon_care_core::lifts(open.type_number, w.field.number, chunk);
        let is_over = part.versions(&w.field).any(|version| version.value.is_some_and(says_over));
        relaxes(open.type_number, w.field.number, named, put) || put.is_some_and(says_over) && !is_over
    })
}

pub(crate) fn end(phone: &mut Enrolled, form: &Form, life: Life, reason: &str, now_ms: u64) -> Result<Saved> {
    form.still_stands(phone)?;
    let before = phone.view(form.circle, now_ms)?.record(form.record).map_or(Life::Active, |record| record.life);
    let labels: Vec<u64> = form.parts.iter().map(|p| p.part.label).collect();
    let rights = phone.rights(form.circle, now_ms)?;
    let shown: Vec<&OpenForm> = form.parts.iter().filter(|p| p.form.shown(FieldRef::LIFECYCLE).is_some()).collect();
    if let Some(kind) = table().get(form.type_number) {
        let labels: Vec<LabelId> = shown.iter().map(|p| LabelId(p.part.label)).collect();
        if !rights.may_end(kind, &labels, form.own) {
            return Err(refused(Reason::FieldNotWritable, format!("{}.lifecycle", kind.member)));
        }
        if life != Life::Active && kind.restricts && !says_something(reason) {
            return Err(refused(Reason::ReasonRequired, format!("{}.lifecycle", kind.member)));
        }
    }
    let children = || form.children.iter().map(|c| &c.form);
    let parts: Vec<PartWrite> = shown
        .iter()
        .map(|p| PartWrite { part: p.part, type_number: p.type_number, writes: vec![p.form.end(life, children())] })
        .collect();
    let lane = lane_of(form.type_number, &parts);
    let note = checked_note(reason, false)?;
    let save = Save { lane, form: form.number, parts, note };
    let dot = phone.device.save(form.circle, save, now_ms).ok_or(Error::NoCircle)?;
    phone.saves.note(form.circle, Kept::ended(form.record, dot, before, labels));
    Ok(Saved { record: form.record, dot })
}

/// What the fields that are about to be written show now.
fn before_images(phone: &Enrolled, circle: u64, parts: &[PartWrite], now_ms: u64) -> Result<Vec<Before>> {
    let view = phone.view(circle, now_ms)?;
    let mut before = Vec::new();
    for part in parts {
        let seen = view.record(part.part.record);
        for w in &part.writes {
            let same = |f: &&FieldView| f.number == w.field.number && f.element == *w.field.element;
            let field = seen.as_ref().and_then(|record| record.fields.iter().find(same));
            before.push(Before {
                label: part.part.label,
                field: w.field.number,
                element: w.field.element.to_vec(),
                value: field.and_then(|f| f.value().map(<[u8]>::to_vec)),
                disputed: field.is_some_and(|f| f.disputed()),
            });
        }
    }
    Ok(before)
}

impl Form {
    /// What was taken back since it was opened may be what it shows: nothing is written on top of that.
    fn still_stands(&self, phone: &Enrolled) -> Result<()> {
        if self.undone == phone.saves.undone(self.circle) { Ok(()) } else { Err(Error::FormOutdated) }
    }

    /// The form of the part that a field stands in.
    fn part_of(&self, kind: &RecordType, field: u32, account: u64) -> Option<&OpenForm> {
        if kind.label_choice.is_empty() {
            let label = kind.label_of(field, 0, account).ok()?;
            return self.parts.iter().find(|p| p.part.label == label.0);
        }
        self.parts.iter().find(|p| !LabelId(p.part.label).is_unknown())
    }
}

impl Entry {
    fn edit(&self, set: bool, resolves: bool) -> Edit {
        let (field, put) = match self {
            Self::Put { field, chunk } if set => {
                (Field::element(*field, chunk.as_slice()), Some(Put::Value(chunk.as_slice().into())))
            }
            Self::Put { field, chunk } => (Field::register(*field), Some(Put::Value(chunk.as_slice().into()))),
            Self::Clear { field } => (Field::register(*field), Some(Put::Absent)),
            Self::Remove { field, element } => (Field::element(*field, element.as_slice()), None),
        };
        Edit { field, put, resolves }
    }
}

/// `now_ms`: the server's time, as far as the phone knows.
fn check_ranges(kind: &RecordType, part: &PartWrite, now_ms: u64) -> Result<()> {
    let values = part.writes.iter().filter(|w| w.field.number != Field::LIFECYCLE);
    let chunks = values.filter_map(|w| Some((w.field.number, w.put.as_ref().and_then(Put::value)?))).collect();
    check_values(kind, chunks, i64::try_from(now_ms).unwrap_or(i64::MAX))
}

/// What the contract refuses of values by their field: a hard range, an impossible time. `now_ms`: of the server's clock.
pub(crate) fn check_values(kind: &RecordType, mut chunks: Vec<(u32, &[u8])>, now_ms: i64) -> Result<()> {
    chunks.sort_unstable();
    if let Some(found) = check_time(kind, chunks.iter().copied(), now_ms) {
        return Err(refused(found.reason, found.path));
    }
    check_body(kind, chunks).map_err(|found| {
        found.into_iter().next().map_or(refused(Reason::OutOfRange, ""), |v| refused(v.reason, v.path))
    })
}

/// A note goes along with a change, and others read it.
pub(crate) fn checked_note(reason: &str, resolves: bool) -> Result<Note> {
    if has_control(reason) {
        return Err(refused(Reason::ControlInText, "reason"));
    }
    Ok(Note { reason: reason.into(), resolves })
}
