//! Taking the last own save back, and putting an older version of a field in force again.
//!
//! What nobody has heard of is withdrawn: it leaves the outbox, and its number is free. What was handed to the network
//! stays in the history for good, so it is written back: a new entry is marked as a mistake, an edit puts back what its
//! fields showed, an ending is taken back. Nothing is written over what somebody else has written since.

use osteon_sync_core::{
    Dot, RecordId,
    device::{Circle, Own},
    lifecycle::State as Life,
};

use crate::erasure::ERASURE_REQUEST;
use crate::{
    error::{Error, Result},
    phone::Phone,
    records::{Entry, Saved, checked_note, end, open_form, save},
    state::Enrolled,
    store::saves::{Before, Kept, What},
};

/// What became of an undo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undone {
    /// Nobody has ever heard of it.
    Withdrawn { record: RecordId },
    /// Marked as a mistake, by a new change.
    Marked(Saved),
    /// What stood there before stands there again, by a new change.
    WrittenBack(Saved),
}

impl Undone {
    pub fn record(&self) -> RecordId {
        match self {
            Self::Withdrawn { record } => *record,
            Self::Marked(saved) | Self::WrittenBack(saved) => saved.record,
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Self::Withdrawn { .. } => "withdrawn",
            Self::Marked(_) => "marked",
            Self::WrittenBack(_) => "written_back",
        }
    }
}

impl Phone {
    /// Takes the last own save of a circle back. `reason` is needed where that lifts a limit.
    pub async fn undo(&self, circle: u64, reason: &str) -> Result<Undone> {
        let now_ms = self.now_ms();
        let done = self.change(|state| undo(state.enrolled_mut()?, circle, reason, now_ms)).await?;
        self.wake.notify_waiters();
        Ok(done)
    }

    /// Puts an older version of a field in force again: an ordinary write of its value. `None`: it was cleared.
    pub async fn restore(&self, circle: u64, record: RecordId, entry: Entry, reason: &str) -> Result<Saved> {
        let form = self.open_form(circle, record).await?;
        self.save(&form, &[entry], reason, false).await
    }
}

fn undo(phone: &mut Enrolled, circle: u64, reason: &str, now_ms: u64) -> Result<Undone> {
    let kept = last(phone, circle)?;
    let record = kept.record();
    let is_request = |record: crate::views::RecordView| record.type_number == ERASURE_REQUEST;
    if matches!(kept.kind(), What::Ended) && phone.view(circle, now_ms)?.record(record).is_some_and(is_request) {
        // Nobody asks for that by taking something back.
        return Err(Error::CannotUndo("you took back that you ask to be erased: to ask again, ask anew"));
    }
    let known = phone.device.circle(circle).ok_or(Error::NoCircle)?;
    let names = names(known, kept.dot());
    if let Some(dot) = own(known, kept.dot()).map(Own::dot)
        && phone.device.withdraw(circle, dot).is_some()
    {
        phone.saves.pop(circle);
        phone.saves.withdrawn(circle);
        return Ok(Undone::Withdrawn { record });
    }
    let form = open_form(phone, circle, record, now_ms)?;
    let done = match kept.kind() {
        What::Created => end(phone, &form, Life::EnteredInError, reason, now_ms).map(Undone::Marked),
        What::Ended => end(phone, &form, kept.life(), reason, now_ms).map(Undone::WrittenBack),
        What::Edited => {
            let entries = written_back(phone, circle, &kept, &names, now_ms)?;
            let note = checked_note(reason, false)?;
            save(phone, &form, &entries, &note, now_ms).map(Undone::WrittenBack)
        }
    }?;
    // The undoing itself, and what it undid.
    phone.saves.pop(circle);
    phone.saves.pop(circle);
    Ok(done)
}

/// The last save that counts: what was refused is a draft, and nothing of it to be taken back.
fn last(phone: &mut Enrolled, circle: u64) -> Result<Kept> {
    loop {
        let Some(kept) = phone.saves.last(circle).cloned() else {
            return Err(Error::CannotUndo("there is nothing of yours here to take back"));
        };
        let known = phone.device.circle(circle).ok_or(Error::NoCircle)?;
        if known.quarantined().iter().any(|waiting| waiting.dot() == kept.dot()) {
            return Err(Error::CannotUndo("your last entry waits for a decision of your team: ask them"));
        }
        if !known.drafts().iter().any(|draft| draft.change.dot == kept.dot()) {
            return Ok(kept);
        }
        phone.saves.pop(circle);
    }
}

fn own(circle: &Circle, dot: Dot) -> Option<&Own> {
    circle.own().iter().find(|own| own.dot() == dot || own.change.earlier.contains(&dot))
}

/// Every number that a change is known by.
fn names(circle: &Circle, dot: Dot) -> Vec<Dot> {
    let numbered = own(circle, dot).into_iter().flat_map(|own| own.change.earlier.iter().copied().chain([own.dot()]));
    numbered.chain([dot]).collect()
}

fn written_back(phone: &Enrolled, circle: u64, kept: &Kept, names: &[Dot], now_ms: u64) -> Result<Vec<Entry>> {
    let view = phone.view(circle, now_ms)?;
    let seen = view.record(kept.record()).ok_or(Error::NoRecord)?;
    let kind = seen.kind().ok_or(Error::NoRecord)?;
    let mut entries = Vec::new();
    for before in kept.before() {
        if before.disputed {
            return Err(Error::CannotUndo("it decided between different values: write the value that is right"));
        }
        let same = |f: &&crate::views::FieldView| f.number == before.field && f.element == before.element;
        let stands = seen.fields.iter().find(same);
        let versions = stands.map(|f| f.versions.as_slice()).unwrap_or_default();
        if versions.iter().any(|v| !names.contains(&v.dot)) {
            return Err(Error::CannotUndo("somebody has changed it since: write the value that is right"));
        }
        let set = kind.field(before.field).is_some_and(osteon_proto::table::FieldInfo::is_set);
        entries.push(entry(before, set));
    }
    Ok(entries)
}

fn entry(before: &Before, set: bool) -> Entry {
    let field = before.field;
    match (&before.value, set) {
        (Some(chunk), _) => Entry::Put { field, chunk: chunk.clone() },
        (None, true) => Entry::Remove { field, element: before.element.clone() },
        (None, false) => Entry::Clear { field },
    }
}
