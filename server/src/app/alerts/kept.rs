//! What rules read of circles, in memory: as of a sequence, from committed parts alone. It is a copy that can be lost at any
//! moment: what is missing is read again, from the parts that were committed since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use osteon_care_core::{
    Day,
    alerts::Alerts,
    clinic::{Lines, lines_of_part},
    facts::{
        DAY_MS, Device, Instant,
        gather::{Ahead, Gathered, Merged},
    },
};
use osteon_sync_core::{Dot, Part, RecordId};

use super::agreed::{self, Agreed};
use crate::{
    access::{Proof, Work},
    app::{
        App,
        members::CARE_CIRCLE,
        settings::{ClinicSettings, Terms},
    },
    error::Error,
    limits,
    store::{CircleNo, PartRow, StoreError, Working},
};

/// Entries of the journal that happened before so many days are not kept, where rules look at a season alone.
const SEASON_D: i32 = 100;
/// Parts of one page where a circle is read.
const PAGE: u32 = 500;

/// Whether rules, or alerts, read records of this type.
pub fn reads(type_number: u32) -> bool {
    Gathered::reads(type_number) || Alerts::reads(type_number) || type_number == CARE_CIRCLE
}

/// One part that a commit left.
struct Left {
    record: RecordId,
    type_number: u32,
    label: u64,
    part: Option<Part>,
    time_ms: u64,
    /// Every version of it was checked in the commit, and none was out of range.
    in_range: bool,
}

impl Left {
    fn merged(&self, received: Option<Instant>) -> Merged<'_> {
        let Self { record, type_number, label, part, .. } = self;
        Merged {
            record: *record,
            type_number: *type_number,
            label: *label,
            part: part.as_ref(),
            received,
            in_range: self.in_range,
        }
    }
}

/// What commits left since a sequence.
pub struct Delta {
    from: u64,
    upto: u64,
    now_ms: u64,
    left: Vec<Left>,
    /// It was put in already, under this number.
    ahead: Option<u64>,
    /// When the circle is due, where the commit said so.
    due_ms: Option<u64>,
}

impl Delta {
    /// Of what the jobs of a group wrote, this one included, onto what stands at `from`.
    pub(super) fn of(work: &Working<'_>, from: u64, now_ms: u64) -> Result<Self, StoreError> {
        Ok(Self { from, upto: work.circle().head, now_ms, left: left_by(work, reads)?, ahead: None, due_ms: None })
    }

    /// What stands of changes of this batch alone was checked with them: `checked` are those of one of which nothing was out of
    /// range. One older version beside them, as in a record that was brought back, and it is checked anew.
    pub(super) fn in_range(mut self, checked: &BTreeSet<Dot>) -> Self {
        self.left
            .iter_mut()
            .for_each(|left| left.in_range = left.part.as_ref().is_some_and(|part| is_of(part, checked)));
        self
    }

    /// With the alerts that were raised on it.
    pub(super) fn with_alerts(mut self, work: &Working<'_>) -> Result<Self, StoreError> {
        self.left.retain(|left| !Alerts::reads(left.type_number));
        self.left.extend(left_by(work, Alerts::reads)?);
        self.upto = work.circle().head;
        Ok(self)
    }

    /// The commit says when the circle is due; known to whoever asks later once it is durable.
    pub(super) fn set_due(&mut self, at_ms: u64) {
        self.due_ms = Some(at_ms);
    }

    /// When a written record happened.
    pub(super) fn time_ms(&self, record: RecordId) -> Option<u64> {
        self.left.iter().find(|left| left.record == record).map(|left| left.time_ms).filter(|ms| *ms != 0)
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.now_ms
    }
}

fn is_of(part: &Part, changes: &BTreeSet<Dot>) -> bool {
    part.fields().all(|(_, mut versions)| versions.all(|version| changes.contains(&version.dot)))
}

fn left_by(work: &Working<'_>, reads: fn(u32) -> bool) -> Result<Vec<Left>, StoreError> {
    let written = work.written_parts().filter(|(_, number, _)| reads(*number));
    let left = written.map(|((record, label), type_number, row)| {
        let part = row.map(PartRow::part).transpose()?;
        Ok(Left { record, type_number, label, part, time_ms: row.map_or(0, |row| row.time_ms), in_range: false })
    });
    left.collect()
}

/// What is kept of one circle.
#[derive(Default)]
pub struct OfCircle {
    upto: u64,
    /// Its clinic's number; 0 where nothing was read yet.
    clinic: u64,
    /// Numbers to call that the circle names itself.
    lines: Lines,
    /// What holds in it, as it was asked for last.
    terms: Option<Arc<Terms>>,
    gathered: Gathered,
    alerts: Alerts,
    /// The generation of the access state at which every open alert had its faces, as far as this process wrote them.
    faced: Option<u64>,
    /// When the circle is due, as far as this process wrote it.
    due_ms: Option<u64>,
    /// What a commit is about to leave, put in before it is durable: by its number.
    ahead: Option<(u64, Ahead)>,
    /// How often something was put in ahead.
    asks: u64,
}

impl OfCircle {
    /// The sequence that it stands at.
    pub fn upto(&self) -> u64 {
        self.upto
    }

    pub fn gathered(&self) -> &Gathered {
        &self.gathered
    }

    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    pub fn clinic(&self) -> u64 {
        self.clinic
    }

    /// What holds here where the clinic has set this.
    pub fn terms(&mut self, clinic: Arc<ClinicSettings>) -> Arc<Terms> {
        match &self.terms {
            Some(terms) if Arc::ptr_eq(&terms.clinic, &clinic) => Arc::clone(terms),
            _ => {
                let terms = Arc::new(Terms::of(clinic, &self.lines));
                self.terms = Some(Arc::clone(&terms));
                terms
            }
        }
    }

    /// Whether the circle has to be said to be due earlier than it is, or than a commit said.
    pub(super) fn is_due_after(&self, delta: &Delta, at_ms: u64) -> bool {
        delta.due_ms.or(self.due_ms).is_none_or(|due| due > at_ms)
    }

    /// The patient's device, as long as the rules of the whole circle are asked: it comes and goes without a commit.
    pub(super) fn set_device(&mut self, device: Option<Device>) {
        self.gathered.house_mut().device = device;
    }

    /// What holds of its disputes, where the live versions alone do not say.
    pub(super) fn set_agreed(&mut self, agreed: &Agreed) {
        self.gathered.house_mut().disputes.iter_mut().for_each(|dispute| agreed::put(dispute, agreed));
    }

    pub(super) fn set_members(&mut self, members: BTreeSet<u64>) {
        self.alerts.set_members(members);
    }

    pub(super) fn faced(&self) -> Option<u64> {
        self.faced
    }

    pub(super) fn set_faced(&mut self, generation: u64) {
        self.faced = Some(generation);
    }

    /// Asks as if what a commit is about to leave stood already. It stays in until the commit is durable, or until
    /// somebody asks who does not know of it ([`lock`]).
    pub(super) fn ask<T>(&mut self, delta: &mut Delta, ask: impl FnOnce(&Gathered, &Alerts, Instant) -> T) -> T {
        self.roll_back();
        let now = instant(delta.now_ms);
        let (alerts, rest): (Vec<&Left>, Vec<&Left>) =
            delta.left.iter().partition(|left| Alerts::reads(left.type_number));
        let mut own = None;
        if !alerts.is_empty() {
            let mut all = self.alerts.clone();
            alerts.into_iter().for_each(|left| put(&mut all, left));
            own = Some(all);
        }
        let ahead = self.gathered.put_ahead(rest.into_iter().map(|left| left.merged(Some(now))));
        self.asks += 1;
        self.ahead = Some((self.asks, ahead));
        delta.ahead = Some(self.asks);
        ask(&self.gathered, own.as_ref().unwrap_or(&self.alerts), now)
    }

    fn roll_back(&mut self) {
        if let Some((_, ahead)) = self.ahead.take() {
            self.gathered.take_back(ahead);
        }
    }

    /// Takes in what was committed, if it follows on what stands.
    fn take_in(&mut self, delta: Delta) {
        self.due_ms = delta.due_ms.or(self.due_ms);
        if self.upto < delta.from || self.upto >= delta.upto {
            return;
        }
        let stands = self.ahead.as_ref().is_some_and(|(number, _)| Some(*number) == delta.ahead);
        if stands && self.upto == delta.from {
            self.ahead = None;
            self.put_rest(&delta.left);
            self.upto = delta.upto;
        } else {
            let now = instant(delta.now_ms);
            self.put(&delta.left, |_| Some(now), delta.upto);
        }
    }

    /// What is no fact of a rule: alerts, and lines.
    fn put_rest(&mut self, left: &[Left]) {
        let alerts = left.iter().filter(|left| Alerts::reads(left.type_number));
        alerts.for_each(|left| put(&mut self.alerts, left));
        if let Some(own) = left.iter().find(|left| left.type_number == CARE_CIRCLE) {
            self.lines = lines_of_part(own.merged(None));
            self.terms = None;
        }
    }

    /// `received`: when a record came, where that is known.
    fn put(&mut self, left: &[Left], received: impl Fn(RecordId) -> Option<Instant>, upto: u64) {
        self.roll_back();
        self.put_rest(left);
        let rest = left.iter().filter(|left| !Alerts::reads(left.type_number));
        self.gathered.put(rest.map(|left| left.merged(received(left.record))));
        self.upto = upto;
    }

    fn weight(&self) -> usize {
        self.gathered.len() + self.alerts.len()
    }
}

fn put(alerts: &mut Alerts, left: &Left) {
    alerts.put(left.record, left.type_number, left.label, left.part.as_ref());
}

/// A time of the server: it has no clock on anybody's wall.
pub(super) fn instant(ms: u64) -> Instant {
    Instant { ms: i64::try_from(ms).unwrap_or(i64::MAX), offset_min: 0 }
}

struct Held {
    of: Arc<Mutex<OfCircle>>,
    weight: usize,
    used: u64,
}

/// What is kept of all circles, the longest unused given up first.
#[derive(Default)]
pub struct Kept(Mutex<All>);

#[derive(Default)]
struct All {
    circles: BTreeMap<CircleNo, Held>,
    weight: usize,
    uses: u64,
}

impl Kept {
    /// What is kept of a circle, at whatever sequence.
    pub fn known(&self, circle: CircleNo) -> Option<Arc<Mutex<OfCircle>>> {
        let mut all = self.all();
        all.uses += 1;
        let used = all.uses;
        let held = all.circles.get_mut(&circle)?;
        held.used = used;
        Some(Arc::clone(&held.of))
    }

    /// The same; where nothing is kept, or something was written since that no rule was asked about, the circle is read.
    pub async fn ready(&self, app: &App, circle: CircleNo) -> Result<Arc<Mutex<OfCircle>>, Error> {
        let Some(of) = self.known(circle) else { return self.current(app, circle).await };
        // A commit of this node that no rule was asked about. What others commit is noticed in the commit itself.
        if app.store.last_committed(circle).is_some_and(|head| head > peek(&of).upto) {
            return self.current(app, circle).await;
        }
        Ok(of)
    }

    /// As of the head that stands now.
    pub async fn current(&self, app: &App, circle: CircleNo) -> Result<Arc<Mutex<OfCircle>>, Error> {
        self.with_arrived(app, circle, &BTreeSet::new()).await
    }

    /// The same, where these records came just now.
    pub(super) async fn with_arrived(
        &self,
        app: &App,
        circle: CircleNo,
        arrived: &BTreeSet<RecordId>,
    ) -> Result<Arc<Mutex<OfCircle>>, Error> {
        let now = instant(app.now_ms());
        let received = |record: RecordId| arrived.contains(&record).then_some(now);
        let known = self.known(circle);
        let mut of = OfCircle::default();
        let mut snapshot = app.store.snapshot(circle).await?;
        let (head, clinic) = (snapshot.circle().head, snapshot.circle().clinic);
        let after = known.as_ref().map_or(0, |known| lock(known).upto);
        if let Some(known) = known.as_ref().filter(|_| after == head) {
            return Ok(Arc::clone(known));
        }
        let rows = snapshot.rows(Proof::of_server(circle, Work::Rules))?;
        let gone = after > 0 && !rows.tombstones_after(after).await?.is_empty();
        let from = if gone || after > head { 0 } else { after };
        let mut left = Vec::new();
        let mut at = from;
        loop {
            let page = rows.parts_after(at, PAGE).await?;
            let Some(last) = page.last() else { break };
            at = last.seq;
            for row in page.iter().filter(|row| reads(row.type_number) && is_recent(row, app.now_ms())) {
                let part = Some(row.part()?);
                let (record, type_number, label) = (row.record, row.type_number, row.label);
                left.push(Left { record, type_number, label, part, time_ms: row.time_ms, in_range: false });
            }
            if at >= head {
                break;
            }
        }
        let of = match known {
            Some(known) if from > 0 => {
                let mut held = lock(&known);
                if held.upto < head {
                    held.put(&left, received, head);
                }
                drop(held);
                known
            }
            _ => {
                of.clinic = clinic;
                of.put(&left, received, head);
                self.keep(circle, of)
            }
        };
        self.weigh(circle, &of);
        Ok(of)
    }

    /// Forgets a circle.
    pub fn forget(&self, circle: CircleNo) {
        let mut all = self.all();
        if let Some(held) = all.circles.remove(&circle) {
            all.weight -= held.weight;
        }
    }

    fn keep(&self, circle: CircleNo, of: OfCircle) -> Arc<Mutex<OfCircle>> {
        self.forget(circle);
        let of = Arc::new(Mutex::new(of));
        let mut all = self.all();
        all.uses += 1;
        let used = all.uses;
        all.circles.insert(circle, Held { of: Arc::clone(&of), weight: 0, used });
        of
    }

    /// Lets old entries go, and the longest unused circles where there are too many entries in all.
    pub(super) fn weigh(&self, circle: CircleNo, of: &Arc<Mutex<OfCircle>>) {
        let weight = {
            let mut of = lock(of);
            if of.weight() > limits::RULE_INPUTS_OF_CIRCLE.usize() {
                let day = instant(u64::try_from(newest_ms(&of)).unwrap_or(0)).day();
                of.gathered.forget_before(day.plus(-SEASON_D));
            }
            of.weight()
        };
        let mut all = self.all();
        let Some(held) = all.circles.get_mut(&circle) else { return };
        let before = std::mem::replace(&mut held.weight, weight);
        all.weight = all.weight + weight - before;
        while all.weight > limits::RULE_INPUTS_HELD.usize() && all.circles.len() > 1 {
            let oldest = all.circles.iter().min_by_key(|(_, held)| held.used).map(|(circle, _)| *circle);
            let Some(gone) = oldest.and_then(|oldest| all.circles.remove(&oldest)) else { return };
            all.weight -= gone.weight;
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept, without what no commit made durable yet.
pub(super) fn lock(of: &Mutex<OfCircle>) -> MutexGuard<'_, OfCircle> {
    let mut held = of.lock().unwrap_or_else(PoisonError::into_inner);
    held.roll_back();
    held
}

/// What is kept, with what a commit may yet take back: for what no commit puts in ahead.
pub(in crate::app) fn peek(of: &Mutex<OfCircle>) -> MutexGuard<'_, OfCircle> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A commit is durable: what it left is taken in.
pub(super) fn take_in(of: &Mutex<OfCircle>, delta: Delta) {
    of.lock().unwrap_or_else(PoisonError::into_inner).take_in(delta);
}

/// The newest time of the high-volume lists.
fn newest_ms(of: &OfCircle) -> i64 {
    let facts = of.gathered.facts();
    let times = facts.pains.iter().map(|entry| &entry.at).chain(facts.meals.iter().map(|entry| &entry.at));
    let times = times.chain(facts.intakes.iter().map(|entry| &entry.at));
    times.flat_map(|at| at.known()).map(|at| at.ms).max().unwrap_or(0)
}

/// Not one of the high-volume entries of long ago.
fn is_recent(row: &PartRow, now_ms: u64) -> bool {
    let age_ms = i64::try_from(now_ms.saturating_sub(row.time_ms)).unwrap_or(i64::MAX);
    row.time_ms == 0 || !Gathered::is_of_season(row.type_number) || Day((age_ms / DAY_MS) as i32) <= Day(SEASON_D)
}

#[cfg(test)]
mod tests;
