//! The one way into a circle: a batch of changes, prepared outside of the writer, processed by the ledger inside of it.
//! Devices (push) and online writers (records) both come through here.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_lc_rs::hmac;
use osteon_access_core::{LabelId, Role, Viewer};
use osteon_proto::{reasons::Reason, table::table, values::time_ms, wire::ids};
use osteon_sync_core::{
    Change, Clock, Dot, PartWrite, Put, RecordId, Replica, content,
    ledger::{self, Context, Decision, Generation, Item, Mac, Macs, Outcome, PushItem, Schemas, Verdict, Violation},
};

use super::{
    App, alerts, approved,
    circle::{Circle, Writer},
    consent, denials, derived, families, members, redact,
    rights::{self, Rights},
    threads::rules::Started,
    wakes,
};
use crate::{
    access::CircleAccess,
    limits::Limit,
    store::{AuditRow, CircleNo, Needs, StoreError, TombstoneRow, Working, commit},
};

/// How long a device waits before it tries a LATER again.
pub(super) const RETRY_AFTER_MS: u64 = 500;

/// Chain keys of the replicas under whose numbers changes were made before.
#[derive(Clone, Default)]
pub struct ChainKeys(pub BTreeMap<Replica, Arc<hmac::Key>>);

impl Macs for ChainKeys {
    fn mac(&self, replica: Replica, change: &Change) -> Option<Mac> {
        self.0.get(&replica).map(|key| mac(key, change))
    }
}

/// HMAC-SHA256 over the canonical content, cut to 16 bytes.
pub fn mac(key: &hmac::Key, change: &Change) -> Mac {
    cut(hmac::sign(key, &content::content(change)))
}

pub fn cut(tag: hmac::Tag) -> Mac {
    let mut out = [0; 16];
    out.copy_from_slice(&tag.as_ref()[..16]);
    out
}

/// What the ledger asks of the contracts.
pub struct Contracts;

impl Schemas for Contracts {
    fn class(&self, type_number: u32) -> u8 {
        const REST: u8 = 4;
        table().get(type_number).map_or(REST, |known| known.class as u8)
    }

    fn append_only(&self, type_number: u32) -> bool {
        table().get(type_number).is_some_and(|known| known.append_only)
    }
}

/// A change that is refused before anybody looks at rights: it breaks the wire format or a limit.
#[derive(Clone, Debug)]
pub struct Broken {
    pub reason: Reason,
    pub violations: Vec<(String, Reason)>,
    /// Of LIMIT_EXCEEDED: which.
    pub limit: Option<&'static Limit>,
}

/// Everything that a batch needs, made on the caller's task.
pub struct Batch {
    pub circle: CircleNo,
    pub items: Vec<PushItem>,
    pub broken: BTreeMap<Dot, Broken>,
    pub builds_on: Vec<(Dot, Mac)>,
    pub keys: ChainKeys,
    pub writer: Writer,
    pub viewer: Viewer,
    /// Of the access state that the viewer was found in, if that was not read anew: the commit refuses if it moved.
    pub generation: Option<u64>,
    pub epoch: u32,
    pub field_table_version: u32,
    pub online: bool,
    /// By a device that was told to leave: everything waits for a person.
    pub leaving: bool,
    /// It failed too often: it is filed for a person, and what it writes to is not even read.
    pub given_up: bool,
    pub audit_request: u64,
    pub action: &'static str,
    /// What is asked of the rules; found when it is submitted.
    pub asked: Option<Arc<alerts::Asked>>,
}

impl Batch {
    fn records(&self, items: &[PushItem]) -> BTreeSet<RecordId> {
        if self.given_up { BTreeSet::new() } else { records(items) }
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = &Change> + Clone {
        changes(&self.items)
    }

    pub fn first_record(&self) -> Option<RecordId> {
        self.changes().flat_map(|change| &change.parts).map(|part| part.part.record).next()
    }

    fn moves_access(&self) -> bool {
        self.changes().flat_map(|change| &change.parts).any(|part| rights::moves_access(part.type_number))
    }

    pub fn needs(&self) -> Needs {
        let mut dots: BTreeSet<Dot> = self.items.iter().map(|item| item.item.dot()).collect();
        dots.extend(self.builds_on.iter().map(|(dot, _)| *dot));
        for change in self.changes() {
            dots.extend(&change.earlier);
            let writes = change.parts.iter().flat_map(|part| &part.writes);
            dots.extend(writes.flat_map(|write| write.replaces.iter().chain(&write.covers)));
        }
        let mut types = if self.moves_access() { rights::ACCESS_TYPES.to_vec() } else { Vec::new() };
        let mut records: Vec<RecordId> = self.records(&self.items).into_iter().collect();
        let ended = self.changes().filter(|_| !self.given_up).flat_map(families::ended_by);
        let children_of = ended.collect();
        derived::needs(self.changes(), self.circle, &mut types, &mut records);
        records.extend(alerts::answers::needs(self.changes().filter(|_| !self.given_up)));
        records.extend(approved::needs(self.changes().filter(|_| !self.given_up)));
        let (dots, tombstones) = (dots.into_iter().collect(), self.come_again(&self.items));
        Needs { circle: self.circle, records, children_of, dots, types, tombstones, ..Needs::default() }
    }

    /// Changes of an earlier epoch: the server lost them, and what was redacted of them since must not come back.
    fn come_again(&self, items: &[PushItem]) -> bool {
        changes(items).any(|change| change.dot.replica.epoch < self.epoch)
    }

    /// The batch, inside the commit. Pure: run again on fresh state, it starts from the same items.
    pub fn run(&self, app: &App, work: &mut Working<'_>) -> Result<Vec<Outcome>, StoreError> {
        self.process(app, work, &mut self.items.clone())
    }

    /// The same without a copy of every value, where all that a run changes is a clock.
    fn run_in_place(&mut self, app: &App, work: &mut Working<'_>) -> Result<Vec<Outcome>, StoreError> {
        // Names are resolved in place where a change has, or may meet, more than one: that is not to be undone.
        if work.has_aliases() || self.changes().any(|change| !change.earlier.is_empty()) {
            return self.run(app, work);
        }
        let mut items = std::mem::take(&mut self.items);
        let clocks: Vec<Option<Clock>> = items.iter().map(|item| clock(item).copied()).collect();
        let outcomes = self.process(app, work, &mut items);
        self.items = items;
        for (item, clock) in self.items.iter_mut().zip(clocks) {
            if let (Item::Change(change), Some(clock)) = (&mut item.item, clock) {
                change.clock = clock;
            }
        }
        outcomes
    }

    fn process(&self, app: &App, work: &mut Working<'_>, items: &mut [PushItem]) -> Result<Vec<Outcome>, StoreError> {
        if self.generation.is_some_and(|generation| generation != work.access().generation) {
            return Err(StoreError::Refused("the access state moved"));
        }
        let access = app.access_in(self.circle, work.access())?;
        let rights = Rights {
            circle: self.circle,
            now_ms: self.writer.now_ms,
            access: &access,
            viewer: self.viewer,
            field_table_version: self.field_table_version,
            online: self.online,
            started: Started::default(),
        };
        if self.online {
            number(work, self.epoch, items);
        }
        let again = if self.come_again(items) { stripped(work, items)? } else { BTreeMap::new() };
        let mut circle = Circle::open(work, &self.records(items), self.writer)?;
        circle.redacted(again.clone());
        let ctx = Context {
            now_ms: self.writer.now_ms,
            epoch: self.epoch,
            retry_after_ms: RETRY_AFTER_MS,
            digest_key: app.secrets.digest_key(self.circle),
            ..Context::default()
        };
        let mut check = |change: &Change, circle: &Circle<'_, '_>| match self.broken.get(&change.dot) {
            Some(broken) => broken.decision(),
            None if self.leaving => Decision::Quarantine { reason: Cow::Borrowed(Reason::DeviceLeft.as_str()) },
            // Whoever runs the server founds circles; no member could have named the first ones.
            None if self.viewer.role == Role::System => rights.check_system(change),
            None => rights.check(change, circle),
        };
        let outcomes = if self.given_up {
            self.set_aside(&mut circle, items, &ctx)
        } else {
            ledger::push(&mut circle, items, &self.builds_on, &ctx, &self.keys, &Contracts, &mut check)
        };
        let done = items.iter().zip(&outcomes).filter(|(_, outcome)| outcome.fresh);
        let accepted: Vec<(u64, &Change)> = done
            .filter_map(|(item, outcome)| match (&item.item, &outcome.verdict) {
                (Item::Change(change), Verdict::Accepted { sequence, .. }) => Some((*sequence, change)),
                _ => None,
            })
            .collect();
        for (_, change) in &accepted {
            place(&mut circle, change);
            if again.contains_key(&change.dot) {
                let parts = change.parts.iter().map(|part| part.part);
                parts.for_each(|part| _ = circle.forget(part, [&change.dot], &ctx.digest_key));
            }
        }
        families::settle(&mut circle, &accepted)?;
        circle.finish()?;
        let written: Vec<&Change> = accepted.iter().map(|(_, change)| *change).collect();
        derived::settle(app, work, self.circle, self.writer, &ctx, &written)?;
        self.move_access(app, work, &access, &accepted)?;
        let has_past = |(_, outcome): (&PushItem, &Outcome)| {
            matches!(outcome.verdict, Verdict::Accepted { out_of_range: true, .. })
        };
        let in_range = again.is_empty() && !items.iter().zip(&outcomes).any(has_past);
        let left = alerts::Written { changes: &written, in_range };
        alerts::settle(app, work, self.writer, &ctx, self.asked.as_deref(), &left)?;
        wakes::settle(app, work, &access, &written, (self.writer.device, self.writer.now_ms))?;
        self.audit(work, &accepted, &outcomes);
        Ok(outcomes)
    }

    fn set_aside(&self, circle: &mut Circle<'_, '_>, items: &mut [PushItem], ctx: &Context) -> Vec<Outcome> {
        let one = |item: &mut PushItem| match &mut item.item {
            Item::Change(change) => {
                let reason = Cow::Borrowed(Reason::FailedRepeatedly.as_str());
                ledger::set_aside(circle, change, item.mac, ctx, &self.keys, reason)
            }
            Item::Skip(dot) => ledger::skip(circle, *dot),
        };
        items.iter_mut().map(one).collect()
    }

    /// Membership and consent were written: the circle's access state is read off the records again.
    fn move_access(
        &self,
        app: &App,
        work: &mut Working<'_>,
        access: &CircleAccess,
        accepted: &[(u64, &Change)],
    ) -> Result<(), StoreError> {
        let moved = accepted.iter().flat_map(|(_, change)| &change.parts).any(|p| rights::moves_access(p.type_number));
        if !moved {
            return Ok(());
        }
        for (_, change) in accepted {
            denials::note(work, change)?;
        }
        read_access_again(app, work, access, self.writer.now_ms)
    }

    /// What is audited of this batch, without values.
    pub fn audit_row(&self, outcome: &'static str, count: usize) -> AuditRow {
        AuditRow {
            circle: self.circle,
            at_ms: self.writer.now_ms,
            account: self.writer.account,
            device: self.writer.device,
            action: self.action,
            record: None,
            categories: 0,
            from_seq: 0,
            to_seq: 0,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            outcome,
            request: self.audit_request,
        }
    }

    fn audit(&self, work: &mut Working<'_>, accepted: &[(u64, &Change)], outcomes: &[Outcome]) {
        let refused = outcomes.iter().filter(|o| o.fresh && !matches!(o.verdict, Verdict::Accepted { .. })).count();
        let row = |outcome, count: usize| self.audit_row(outcome, count);
        if let (Some((from, first)), Some((to, _))) = (accepted.first(), accepted.last()) {
            let parts = accepted.iter().flat_map(|(_, change)| &change.parts);
            work.audit(AuditRow {
                record: (accepted.len() == 1).then(|| first.parts.first().map(|p| p.part.record)).flatten(),
                categories: parts.fold(0, |bits, p| bits | (p.part.label & 0x7f_ffff) as u32),
                from_seq: *from,
                to_seq: *to,
                ..row("ok", accepted.len())
            });
        }
        // Who tried to give away what is not theirs is on record by the reason.
        let consent = outcomes.iter().filter(|o| o.fresh).filter_map(|o| consent_refused(&o.verdict));
        let consent: Vec<Reason> = consent.collect();
        for reason in &consent {
            work.audit(row(reason.as_str(), 1));
        }
        if refused > consent.len() {
            work.audit(row("refused", refused - consent.len()));
        }
    }
}

/// The reason of a refusal that is about consent.
fn consent_refused(verdict: &Verdict) -> Option<Reason> {
    let Verdict::Refused { reason, .. } = verdict else { return None };
    Reason::parse(reason).filter(|reason| consent::is_about_consent(*reason))
}

fn changes(items: &[PushItem]) -> impl Iterator<Item = &Change> + Clone {
    items.iter().filter_map(|item| match &item.item {
        Item::Change(change) => Some(change),
        Item::Skip(_) => None,
    })
}

/// What is written, the parents that creations name, and what threads are about.
fn records(items: &[PushItem]) -> BTreeSet<RecordId> {
    let parts = changes(items).flat_map(|change| change.parts.iter().map(move |part| (change, part)));
    let named = |(change, part): (&Change, &PartWrite)| {
        [Some(part.part.record), ids::parent(&change.parts, part.part.record, part.type_number), ids::subject(part)]
    };
    parts.flat_map(named).flatten().collect()
}

/// Takes out of changes what was redacted of them; which ones, and of which records.
fn stripped(work: &Working<'_>, items: &mut [PushItem]) -> Result<BTreeMap<Dot, Vec<RecordId>>, StoreError> {
    let gone: Vec<TombstoneRow> = work.tombstones()?.into_iter().filter(|row| row.dot.is_some()).cloned().collect();
    let mut all = BTreeMap::new();
    for item in items.iter_mut().filter(|_| !gone.is_empty()) {
        let Item::Change(change) = &mut item.item else { continue };
        let records = redact::strip(&gone, change);
        if !records.is_empty() {
            all.insert(change.dot, records);
        }
    }
    Ok(all)
}

fn clock(item: &PushItem) -> Option<&Clock> {
    match &item.item {
        Item::Change(change) => Some(&change.clock),
        Item::Skip(_) => None,
    }
}

/// The access state after records of membership or consent were written, as of the head.
pub fn read_access_again(
    app: &App,
    work: &mut Working<'_>,
    before: &CircleAccess,
    now_ms: u64,
) -> Result<(), StoreError> {
    let rows = members::rows(work)?;
    let labels: Vec<LabelId> = work.circle().digests.keys().map(|cell| LabelId(cell.label)).collect();
    let at = Generation { epoch: app.epoch(), n: work.circle().head };
    let next = before.after(&rows, &labels, now_ms, at);
    work.put_access(next.state, next.members);
    work.put_grant_end(rows.ends.iter().map(|end| u64::try_from(end.at_ms).unwrap_or(0)).min());
    Ok(())
}

/// Online writes take the next numbers of the server's own replica, inside the commit.
fn number(work: &Working<'_>, epoch: u32, items: &mut [PushItem]) {
    let replica = Replica::server(epoch);
    let last = work.circle().chains.get(&replica).map_or(0, |head| head.counter);
    for (item, counter) in items.iter_mut().zip(last + 1..) {
        if let Item::Change(change) = &mut item.item {
            change.dot = Dot { replica, counter };
        }
    }
}

impl Broken {
    fn decision(&self) -> Decision {
        let text = |reason: Reason| Cow::Borrowed(reason.as_str());
        let violations = self
            .violations
            .iter()
            .map(|(path, reason)| Violation {
                path: path.clone(),
                reason: self.limit.map_or_else(|| text(*reason), |limit| Cow::Borrowed(limit.name)),
            })
            .collect();
        Decision::Refuse { reason: text(self.reason), violations }
    }
}

/// When a record happened, and whose child it is: kept in clear beside its parts, for lists.
fn place(circle: &mut Circle<'_, '_>, change: &Change) {
    for part in &change.parts {
        let Some(known) = table().get(part.type_number) else { continue };
        let time = known.time_field.and_then(|number| {
            let write = part.writes.iter().find(|w| w.field.number == number)?;
            time_ms(known, write.put.as_ref().and_then(Put::value)?)
        });
        let parent = ids::parent(&change.parts, part.part.record, part.type_number);
        circle.place(part.part, time.map(|ms| u64::try_from(ms).unwrap_or(0)), parent);
    }
}

impl Batch {
    /// Prepares what the rules are asked in the commit. Once it is durable it is to be told so.
    pub(super) async fn ask_rules(&mut self, app: &App) -> Option<Arc<alerts::Asked>> {
        self.asked = alerts::Asked::of(app, self.circle, self.changes()).await.map(Arc::new);
        self.asked.clone()
    }

    /// Queues the batch and waits for its commit. The commit runs in the writer, never in the caller's future.
    pub async fn submit(mut self, app: &Arc<App>) -> Result<Vec<Outcome>, StoreError> {
        let needs = self.needs();
        let (in_writer, circle) = (Arc::clone(app), self.circle);
        let asked = self.ask_rules(app).await;
        let mut whole = true;
        let done = commit(&*app.store, needs, move |work| {
            // A run that panicked took the items along.
            if !std::mem::replace(&mut whole, false) {
                return Err(StoreError::Panicked);
            }
            let outcomes = self.run_in_place(&in_writer, work);
            whole = true;
            outcomes
        })
        .await;
        if let (Ok(_), Some(asked)) = (&done, asked) {
            asked.committed(app, circle).await;
        }
        done
    }
}
