//! A phone: the device's state machine, its confirmed layer, and what is on its flash.

use std::collections::BTreeSet;

use osteon_sync_core::{
    Author, Dot, Edit, Field, FieldWrite, Note, PartId, PartWrite, Role,
    device::{ConfirmedPart, Device, InMemory, Lane, Lanes, OpenForm, Save, Stage},
    faults::Faults,
    ledger::{Cell, Cursor, Schemas},
    lifecycle::State,
};

use crate::{
    parts::{FIELDS, Plain, serial_of, serials, type_of, value},
    schemas::TestSchemas,
    server::CIRCLE,
};

pub(crate) struct Phone {
    pub(crate) account: u64,
    pub(crate) installation: u64,
    pub(crate) device: Device,
    pub(crate) confirmed: InMemory,
    flash: (Vec<u8>, InMemory),
    cloud: Option<(Vec<u8>, InMemory)>,
    faults: Faults,
    /// Answers to an earlier boot reach nobody.
    pub(crate) boot: u64,
    pub(crate) skew_ms: i64,
    pub(crate) form: Option<OpenForm>,
    /// Edits made here.
    pub(crate) made: BTreeSet<u64>,
    /// Refusals at the server when it was drawn last.
    pub(crate) refusals: usize,
    drawn: BTreeSet<u64>,
    vanished: BTreeSet<u64>,
}

impl Phone {
    pub(crate) fn new(account: u64, installation: u64, lanes: Lanes, faults: Faults) -> Self {
        let mut device = Device::new(account, 1, lanes).with_faults(faults);
        device.join(CIRCLE, Author { account, role: Role(1) });
        let flash = (device.encode(), InMemory::default());
        Self {
            account,
            installation,
            device,
            confirmed: InMemory::default(),
            flash,
            cloud: None,
            faults,
            boot: 0,
            skew_ms: 0,
            form: None,
            made: BTreeSet::new(),
            refusals: 0,
            drawn: BTreeSet::new(),
            vanished: BTreeSet::new(),
        }
    }

    pub(crate) fn now(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.skew_ms)
    }

    /// One transaction: the state and the confirmed layer.
    pub(crate) fn persist(&mut self) {
        self.flash = (self.device.encode(), self.confirmed.clone());
    }

    /// Planted bug: the cursor reaches the flash, the parts do not.
    pub(crate) fn persist_cursor_only(&mut self) {
        self.flash.0 = self.device.encode();
    }

    pub(crate) fn crash(&mut self) {
        self.device = Device::decode(&self.flash.0).expect("what was stored").with_faults(self.faults);
        assert_eq!(self.device.encode(), self.flash.0, "a state that is stored again is the same");
        self.confirmed = self.flash.1.clone();
        self.boot += 1;
        self.form = None;
    }

    pub(crate) fn back_up(&mut self) {
        self.form = None;
        self.cloud = Some(self.flash.clone());
    }

    /// The phone of this person comes back as it was.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(cloud) = self.cloud.clone() else { return false };
        self.flash = cloud;
        self.crash();
        self.forget_drawn();
        true
    }

    /// A clone: it has the keys and the numbers.
    pub(crate) fn twin(&mut self) -> Self {
        self.form = None;
        let mut twin = Self::new(self.account, self.installation, self.device.lanes(), self.faults);
        twin.flash = self.flash.clone();
        twin.crash();
        twin.made = self.made.clone();
        twin
    }

    pub(crate) fn forget_drawn(&mut self) {
        self.drawn.clear();
        self.vanished.clear();
    }

    pub(crate) fn parts(&self) -> BTreeSet<PartId> {
        let own = self.device.circle(CIRCLE).map(|c| c.written_parts()).unwrap_or_default();
        self.confirmed.parts.keys().copied().chain(own).collect()
    }

    /// Edits on the screen.
    pub(crate) fn shown(&self) -> BTreeSet<u64> {
        let mut shown = BTreeSet::new();
        for id in self.parts() {
            let Some(part) = self.device.visible(CIRCLE, &self.confirmed, id) else { continue };
            for (_, versions) in part.fields() {
                shown.extend(versions.filter_map(|v| v.value.and_then(serial_of)));
            }
        }
        shown
    }

    /// Draws the screen; an own edit that was gone and is there again flickers.
    pub(crate) fn draw(&mut self) -> Option<u64> {
        let own: BTreeSet<u64> = self.shown().intersection(&self.made).copied().collect();
        let flicker = own.intersection(&self.vanished).next().copied();
        self.vanished.extend(self.drawn.difference(&own));
        self.drawn = own;
        flicker
    }

    pub(crate) fn open(&mut self, id: PartId) {
        let type_number = type_of(id.record);
        self.form = self.device.open(CIRCLE, &self.confirmed, id, type_number, &Plain, |_| None);
    }

    /// Saves the open form, or starts the record. Returns the edits that it overwrote before anybody saw them.
    pub(crate) fn save(&mut self, now_ms: u64, field: u32, serial: u64, also: Option<(PartId, u64)>) -> BTreeSet<u64> {
        let Some(form) = self.form.clone() else { return BTreeSet::new() };
        let before = self.outbox();
        let mut parts = vec![self.writes(&form, field, serial)];
        if let Some((id, second)) = also {
            let number = form.number;
            self.open(id);
            if let Some(other) = self.form.take() {
                parts.push(self.writes(&OpenForm { number, ..other }, field, second));
            }
            self.made.insert(second);
        }
        let lane = if field == FIELDS[0] { Lane::Urgent } else { Lane::Ordinary };
        let now = self.now(now_ms);
        self.device.save(CIRCLE, Save { lane, form: form.number, parts, note: Note::default() }, now);
        self.form = Some(form);
        self.made.insert(serial);
        self.persist();
        before.difference(&self.outbox()).copied().collect()
    }

    fn outbox(&self) -> BTreeSet<u64> {
        let circle = self.device.circle(CIRCLE).into_iter();
        circle.flat_map(|c| c.own()).flat_map(|o| serials(&o.change)).collect()
    }

    fn writes(&self, form: &OpenForm, field: u32, serial: u64) -> PartWrite {
        let put = Some(value(serial));
        let mut write = form.edit([Edit { field: Field::register(field), put, resolves: false }]);
        if form.form.shown(&Field::register(Field::LIFECYCLE)).is_none() {
            write.writes.push(FieldWrite {
                field: Field::register(Field::LIFECYCLE),
                put: Some(osteon_sync_core::Put::Value(State::Active.chunk().into())),
                replaces: vec![],
                covers: vec![],
            });
        }
        write
    }

    /// Whether the label was granted at the last page; `None` before the first.
    pub(crate) fn knows(&self, label: u64) -> Option<bool> {
        let cursor = Cursor::decode(self.device.circle(CIRCLE)?.cursor()).ok()?;
        Some(cursor.cells.keys().any(|c| c.label == label))
    }

    pub(crate) fn waits(&self, dot: Dot) -> bool {
        self.device.circle(CIRCLE).is_some_and(|c| c.outbox().any(|o| o.dot() == dot))
    }

    /// Edits of own changes and drafts that touch a cell.
    pub(crate) fn held_in(&self, lost: impl Fn(Cell) -> bool) -> BTreeSet<u64> {
        let Some(circle) = self.device.circle(CIRCLE) else { return BTreeSet::new() };
        let own = circle.own().iter().map(|o| &o.change);
        let changes = own.chain(circle.drafts().iter().map(|d| &d.change));
        let touches = |p: &PartWrite| lost(Cell { label: p.part.label, class: TestSchemas.class(p.type_number) });
        changes.filter(|c| c.parts.iter().any(touches)).flat_map(serials).collect()
    }

    pub(crate) fn confirmed_parts(&self) -> impl Iterator<Item = (&PartId, &ConfirmedPart)> {
        self.confirmed.parts.iter()
    }

    /// What keeps this phone from being done.
    pub(crate) fn stuck(&self) -> String {
        let Some(circle) = self.device.circle(CIRCLE) else { return String::new() };
        let own: Vec<_> = circle.own().iter().map(|o| (o.dot().to_string(), o.stage)).collect();
        let queues: Vec<_> = circle.queues().map(|(r, q)| (r, q.next, q.last)).collect();
        let offers = circle.offers().len();
        format!("epoch {} head {} own {own:?} queues {queues:?} offers {offers}", self.device.epoch(), circle.head())
    }

    pub(crate) fn is_idle(&self) -> bool {
        let circle = self.device.circle(CIRCLE);
        circle.is_some_and(|c| {
            c.outbox().next().is_none()
                && c.offers().is_empty()
                && c.own().iter().all(|o| !matches!(o.stage, Stage::Accepted { .. }))
                && c.queues().all(|(_, q)| q.is_drained())
        })
    }
}
