//! What a person does: open a form, save it. What counts as shown is fixed when the form is opened.

use alloc::vec::Vec;

use super::{Confirmed, Device, Lane, Own, Queue, Stage, next::named};
use crate::{
    Change, Dot, Edit, FieldRef, FieldWrite, Form, Note, PartId, PartWrite, Schema, Unsent, Version, faults::Fault,
};

/// A form over one part, as a person was shown it.
#[derive(Clone, Debug)]
pub struct OpenForm {
    pub number: u64,
    pub part: PartId,
    pub type_number: u32,
    pub form: Form,
}

/// What is saved, as one change: all of it applies or none.
#[derive(Clone, Debug)]
pub struct Save {
    pub lane: Lane,
    /// [`OpenForm::number`], or [`Device::new_form`] for a creation.
    pub form: u64,
    pub parts: Vec<PartWrite>,
    pub note: Note,
}

impl OpenForm {
    /// The writes of these edits.
    pub fn edit(&self, edits: impl IntoIterator<Item = Edit>) -> PartWrite {
        PartWrite { part: self.part, type_number: self.type_number, writes: self.form.save(edits) }
    }
}

impl Device {
    /// A form for something that does not exist yet.
    pub fn new_form(&mut self) -> u64 {
        self.forms += 1;
        self.forms
    }

    /// Opens a part as it is visible. `agreed` is what was shipped with it. `None`: no such circle.
    pub fn open<'a, S: Schema + ?Sized>(
        &mut self,
        circle: u64,
        confirmed: &dyn Confirmed,
        part: PartId,
        type_number: u32,
        schema: &S,
        agreed: impl Fn(FieldRef<'_>) -> Option<Version<'a>>,
    ) -> Option<OpenForm> {
        let number = self.new_form();
        let state = self.circles.get(&circle)?;
        let visible = state.visible(confirmed, part, self.faults).unwrap_or_default();
        let mut unsent = Vec::new();
        for own in state.outbox() {
            for w in own.change.parts.iter().filter(|p| p.part == part).flat_map(|p| &p.writes) {
                unsent.push(Unsent { field: w.field.as_ref(), dot: own.dot(), replaces: &w.replaces });
            }
        }
        let agreed: Vec<_> = visible.fields().map(|(field, _)| (crate::Field::from(field), agreed(field))).collect();
        let found = |field: FieldRef<'_>| agreed.iter().find(|(f, _)| f.as_ref() == field).and_then(|(_, v)| *v);
        let form = Form::open(&visible, schema, found, &unsent);
        Some(OpenForm { number, part, type_number, form })
    }

    /// Saves; the change has its dot from now on. `None`: no such circle.
    pub fn save(&mut self, circle: u64, save: Save, now_ms: u64) -> Option<Dot> {
        let clock = self.clock.tick(now_ms);
        let replica = self.lanes.of(save.lane);
        let after_sent = self.faults.has(Fault::CoalescedAfterSent);
        let state = self.circles.get_mut(&circle)?;
        let mut parts = save.parts;
        state.rename_open(&mut parts);
        if let Some(last) = state.own.last_mut().filter(|own| own.takes(&save.lane, save.form, after_sent)) {
            last.change.clock = clock;
            last.change.note = save.note;
            let dot = last.dot();
            parts.into_iter().for_each(|p| coalesce(&mut last.change.parts, p));
            return Some(dot);
        }
        let queue = state.queues.entry(replica).or_insert_with(|| Queue::new(save.lane));
        queue.last += 1;
        let dot = Dot { replica, counter: queue.last };
        let (author, base) = (state.author, state.base);
        let change = Change { dot, clock, author, base, earlier: Vec::new(), parts, note: save.note };
        let serial = state.serials;
        state.serials += 1;
        state.own.push(Own {
            serial,
            change,
            lane: save.lane,
            stage: Stage::Waiting,
            form: save.form,
            sent: false,
            included: Vec::new(),
            hidden: Vec::new(),
            stub: None,
        });
        Some(dot)
    }
}

impl Device {
    /// Throws a draft away. False: there is none.
    pub fn drop_draft(&mut self, circle: u64, dot: Dot) -> bool {
        self.circles.get_mut(&circle).is_some_and(|state| state.drop_draft(dot))
    }

    /// Takes the last change of a lane back, of which nobody has heard: its number is free again. `None`: it was handed to
    /// the network once, or something else that is here names it. A form that was opened while it stood must not be saved.
    pub fn withdraw(&mut self, circle: u64, dot: Dot) -> Option<Change> {
        let state = self.circles.get_mut(&circle)?;
        let i = state.find(dot)?;
        let own = &state.own[i];
        let unheard = own.stage == Stage::Waiting && !own.sent && own.change.earlier.is_empty() && own.stub.is_none();
        let kept = state.drafts.iter().map(|d| &d.change).chain(state.quarantined.iter().map(|q| &q.change));
        let mut others = state.own.iter().map(|o| &o.change).chain(kept);
        if !unheard || others.any(|change| named(change).any(|of| of == dot)) {
            return None;
        }
        let queue = state.queues.get_mut(&dot.replica).filter(|queue| queue.last == dot.counter)?;
        queue.last -= 1;
        Some(state.own.remove(i).change)
    }
}

impl Own {
    /// Whether a later edit by the same form may go into this change: nobody has seen it yet.
    fn takes(&self, lane: &Lane, form: u64, after_sent: bool) -> bool {
        self.stage == Stage::Waiting && self.lane == *lane && self.form == form && (!self.sent || after_sent)
    }
}

fn coalesce(parts: &mut Vec<PartWrite>, later: PartWrite) {
    let Some(part) = parts.iter_mut().find(|p| p.part == later.part) else {
        parts.push(later);
        return;
    };
    for w in later.writes {
        match part.writes.iter_mut().find(|e| e.field == w.field) {
            Some(earlier) => replace(earlier, w),
            None => part.writes.push(w),
        }
    }
}

fn replace(earlier: &mut FieldWrite, later: FieldWrite) {
    earlier.put = later.put;
    for (into, from) in [(&mut earlier.replaces, later.replaces), (&mut earlier.covers, later.covers)] {
        into.extend(from);
        into.sort_unstable();
        into.dedup();
    }
}
