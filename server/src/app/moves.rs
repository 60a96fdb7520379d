//! Moving an entry to another category. A label never changes: a new record is written under the label that was chosen,
//! with what was live of the old one, on behalf of who wrote each version; the old one goes, with a tombstone, in the same
//! commit. Whoever lost it erases it; a change that still writes to it waits for a person.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use osteon_access_core::{Action, LabelId, decide};
use osteon_proto::{
    reasons::Reason,
    record as pb,
    table::{RecordType, table},
};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldRef, FieldWrite, Note, Part, PartId, PartWrite, Put, RecordId, Replica,
    digest,
    ledger::{self, Context, Decision, Item, PushItem, Verdict},
    lifecycle::State,
};

use super::{
    App,
    circle::{Circle, Writer, stored},
    commit::{ChainKeys, Contracts},
    derived,
    online::RequestKey,
    records::{Common, parse_id, view},
    rights::{own, type_facts},
    threads, wakes,
};
use crate::{
    access::{Caller, Member, signed},
    error::Error,
    ids::uuid_v7,
    limits,
    store::{AuditRow, CircleNo, Needs, PartRow, RequestRow, StoreError, TombstoneRow, Working, commit},
};

const ACTION: &str = "record.move";

pub async fn run(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::MoveRecordRequest,
) -> Result<pb::MoveRecordResponse, Error> {
    app.member(caller, request.circle).await?;
    let common = Common {
        request_id: &request.request_id,
        validate_only: request.validate_only,
        reason: &request.reason,
        action: ACTION,
    };
    let origin = common.origin(request)?;
    let job = Move {
        circle: request.circle,
        from: parse_id(&request.record_id)?,
        to: RecordId(uuid_v7(&*app.clock, &*app.ids)),
        choice: request.label_choice,
        reason: request.reason.as_str().into(),
        writer: Writer { device: caller.device, now_ms: app.now_ms(), account: caller.account, behalf: None },
        request: origin.request,
    };
    let from = job.from;
    let to = job.commit(app, request.validate_only).await?;
    if request.validate_only {
        return Ok(pb::MoveRecordResponse { record: None, effect: pb::Effect::Validated.into() });
    }
    // A read goes by `moved_from` too: what a crash leaves out here is found all the same.
    if !request.validate_only {
        app.store.rebind_attachments(request.circle, from, to).await?;
    }
    // Whoever moves something out of their own sight is told that it is done, and no more.
    let record = match view(app, caller, request.circle, to).await {
        Err(error) if error.reason() == Reason::NotFound => None,
        shown => Some(shown?),
    };
    Ok(pb::MoveRecordResponse { record, effect: pb::Effect::Applied.into() })
}

struct Move {
    circle: CircleNo,
    from: RecordId,
    to: RecordId,
    choice: u32,
    reason: Box<str>,
    writer: Writer,
    request: Option<RequestKey>,
}

/// What the job found out, also where it was rolled back.
type Found = Arc<Mutex<Option<Result<RecordId, Error>>>>;

impl Move {
    async fn commit(self, app: &Arc<App>, validate_only: bool) -> Result<RecordId, Error> {
        let mut needs = Needs {
            circle: self.circle,
            records: vec![self.from, self.to],
            children_of: vec![self.from],
            request: self.request.map(|key| (self.writer.account, key.id)),
            ..Needs::default()
        };
        derived::needs_of_moving(self.circle, &mut needs.types, &mut needs.records);
        let refused = AuditRow { record: Some(self.from), outcome: "refused", ..self.audit_row() };
        let (in_writer, found) = (Arc::clone(app), Found::default());
        let slot = Arc::clone(&found);
        let committed = commit(&*app.store, needs, move |work| {
            let moved = self.once(&in_writer, work)?;
            let keeps = matches!(&moved, Ok(to) if *to == self.to) && !validate_only;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(moved);
            if keeps { Ok(()) } else { Err(StoreError::Refused("nothing is to be written")) }
        })
        .await;
        let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (committed, found) {
            (Ok(()) | Err(StoreError::Refused(_)), Some(moved)) => {
                if moved.is_err() && !validate_only {
                    app.store.audit(vec![refused]).await?;
                }
                moved
            }
            (Ok(()), None) => Err(Error::internal("a job without an outcome")),
            (Err(error), _) => Err(error.into()),
        }
    }

    fn once(&self, app: &App, work: &mut Working<'_>) -> Result<Result<RecordId, Error>, StoreError> {
        if let Some(key) = self.request
            && let Some(row) = work.request(self.writer.account, key.id)?
        {
            if row.fingerprint != key.fingerprint {
                return Ok(Err(Reason::RequestIdReused.into()));
            }
            let record = row.answer.first_chunk::<16>().map(|id| RecordId(*id));
            return Ok(record.ok_or_else(|| Error::internal("kept answer")));
        }
        // Decided against the access state in the commit; the one that the caller was found in is a courtesy.
        let access = app.access_in(self.circle, work.access())?;
        let Some(member) = Member::of(self.circle, self.writer.account, access) else {
            return Ok(Err(Error::not_found()));
        };
        let mut rows: Vec<PartRow> = work.parts_of(self.from)?.into_iter().cloned().collect();
        // As readers see it: what came first under this id.
        let first = rows.iter().min_by_key(|row| row.first_seq).map(|row| row.type_number);
        rows.retain(|row| Some(row.type_number) == first);
        let parts = rows.iter().map(|row| Ok((row, stored(row)?.part))).collect::<Result<Vec<_>, StoreError>>()?;
        let children = !work.children_of(self.from)?.is_empty();
        let plan = match self.plan(&member, &parts, children) {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = self.apply(app, work, plan, &parts)? {
            return Ok(Err(error));
        }
        if let Some(key) = self.request {
            work.put_request(RequestRow {
                account: self.writer.account,
                request_id: key.id,
                fingerprint: key.fingerprint,
                at_ms: self.writer.now_ms,
                answer: self.to.0.to_vec(),
            });
        }
        Ok(Ok(self.to))
    }

    /// The changes that write the new record; the first one creates it.
    fn plan(&self, member: &Member, parts: &[(&PartRow, Part)], children: bool) -> Result<Vec<Change>, Error> {
        let reads = |label| self.decides(member, &Action::ReadLabel(LabelId(label)));
        // Of what one may not see whole nothing is said.
        let unknown = |label| LabelId(label).is_unknown();
        if parts.is_empty() || parts.iter().any(|(row, _)| !unknown(row.label) && !reads(row.label)) {
            return Err(Error::not_found());
        }
        let not_movable = || Error::field("label_choice", Reason::NotMovable);
        let known = parts.first().and_then(|(row, _)| table().get(row.type_number)).ok_or_else(not_movable)?;
        let birth = parts.iter().find_map(|(_, part)| part.versions(FieldRef::LIFECYCLE).next()).map(|v| v.author);
        let birth = birth.ok_or_else(Error::not_found)?;
        let labels = self.labels(known, parts, birth)?;
        let ended = parts
            .iter()
            .any(|(_, part)| part.versions(FieldRef::LIFECYCLE).any(|v| State::from_chunk(v.value).is_ending()));
        // What is said in a thread is not taken out of what the thread is about.
        if ended || children || threads::is_of_thread(known.number) {
            return Err(not_movable());
        }
        self.allowed(member, known, parts, &labels)?;
        self.changes(parts, &labels)
    }

    fn decides(&self, member: &Member, action: &Action<'_>) -> bool {
        decide(signed(self.writer.now_ms), &member.viewer, &member.access.access, action).allowed()
    }

    /// Where each part goes: what stood under the record's own label is under the chosen one now.
    fn labels(
        &self,
        known: &RecordType,
        parts: &[(&PartRow, Part)],
        birth: Author,
    ) -> Result<BTreeMap<u64, u64>, Error> {
        let invalid = || Error::field("label_choice", Reason::LabelChoiceInvalid);
        let to = known.record_label(self.choice, birth.account).map_err(|_| invalid())?;
        let chosen = known.label_choice.iter().filter_map(|choice| choice.label.for_author(birth.account).ok());
        let chosen: BTreeSet<u64> = chosen.map(|label| label.0).collect();
        let moves =
            parts.iter().map(|(row, _)| (row.label, if chosen.contains(&row.label) { to.0 } else { row.label }));
        let moves: BTreeMap<u64, u64> = moves.collect();
        if moves.iter().all(|(from, to)| from == to) {
            return Err(Error::field("label_choice", Reason::NotMovable));
        }
        Ok(moves)
    }

    /// Ending the old one, and making one like it under the new label.
    fn allowed(
        &self,
        member: &Member,
        known: &RecordType,
        parts: &[(&PartRow, Part)],
        labels: &BTreeMap<u64, u64>,
    ) -> Result<(), Error> {
        let account = self.writer.account;
        let old: Vec<LabelId> = labels.keys().map(|l| LabelId(*l)).filter(|label| !label.is_unknown()).collect();
        let first = parts.first().ok_or_else(Error::not_found)?;
        let own = own(false, Some(&stored(first.0)?), account);
        let ends = Action::EndRecord { facts: type_facts(known, first.0.label), labels: &old, own };
        if !self.decides(member, &ends) {
            return Err(Error::field("record_id", Reason::FieldNotWritable));
        }
        let new = labels.iter().filter(|(from, to)| from != to).map(|(_, to)| *to);
        for label in new {
            let creates = Action::CreateRecord { facts: type_facts(known, label), label: LabelId(label) };
            if !self.decides(member, &creates) {
                return Err(Error::field("label_choice", Reason::RecordNotCreatable));
            }
        }
        Ok(())
    }

    /// What is live, a change for each change that wrote some of it: versions that had not seen each other stay apart.
    fn changes(&self, parts: &[(&PartRow, Part)], labels: &BTreeMap<u64, u64>) -> Result<Vec<Change>, Error> {
        let mut changes: BTreeMap<(bool, Dot), Change> = BTreeMap::new();
        let births: BTreeSet<Dot> =
            parts.iter().flat_map(|(_, part)| part.versions(FieldRef::LIFECYCLE)).map(|v| v.dot).collect();
        let first = births.first().copied().unwrap_or_default();
        for (row, part) in parts {
            let label = labels.get(&row.label).copied().unwrap_or(row.label);
            let id = PartId { record: self.to, label };
            for (field, versions) in part.fields() {
                for version in versions {
                    let birth = field.number == Field::LIFECYCLE;
                    let dot = if birth { first } else { version.dot };
                    let change = changes
                        .entry((dot != first, dot))
                        .or_insert_with(|| self.change(dot, version.clock, version.author));
                    let value = version.value.map_or(Put::Absent, |value| Put::Value(value.into()));
                    let write =
                        FieldWrite { field: field.into(), put: Some(value), replaces: Vec::new(), covers: Vec::new() };
                    file(change, id, row.type_number, write);
                }
            }
        }
        if changes.len() > limits::MOVED_CHANGES.usize() {
            return Err(Error::limit(&limits::MOVED_CHANGES));
        }
        let mut changes: Vec<Change> = changes.into_values().collect();
        changes.iter_mut().for_each(|change| change.parts.sort_unstable_by_key(|part| part.part));
        Ok(changes)
    }

    fn change(&self, dot: Dot, clock: Clock, author: Author) -> Change {
        let note = Note { reason: self.reason.clone(), resolves: false };
        Change { dot, clock, author, base: 0, earlier: Vec::new(), parts: Vec::new(), note }
    }

    fn apply(
        &self,
        app: &App,
        work: &mut Working<'_>,
        plan: Vec<Change>,
        parts: &[(&PartRow, Part)],
    ) -> Result<Result<(), Error>, StoreError> {
        let replica = Replica::server(app.epoch());
        let last = work.circle().chains.get(&replica).map_or(0, |head| head.counter);
        let mut items: Vec<PushItem> = Vec::with_capacity(plan.len());
        for (mut change, counter) in plan.into_iter().zip(last + 1..) {
            (change.dot, change.base) = (Dot { replica, counter }, work.circle().head);
            items.push(PushItem { mac: app.secrets.server_mac(&change), item: Item::Change(change) });
        }
        let digest_key = app.secrets.digest_key(self.circle);
        let ctx = Context { now_ms: self.writer.now_ms, epoch: app.epoch(), digest_key, ..Context::default() };
        let records = BTreeSet::from([self.to]);
        let first = work.circle().head + 1;
        let mut circle = Circle::open(work, &records, self.writer)?;
        circle.moved_from(self.from);
        let keys = ChainKeys::default();
        let mut check = |_: &Change, _: &Circle<'_, '_>| Decision::Accept { out_of_range: false };
        let outcomes = ledger::push(&mut circle, &mut items, &[], &ctx, &keys, &Contracts, &mut check);
        let accepted = |outcome: &ledger::Outcome| matches!(outcome.verdict, Verdict::Accepted { .. });
        if outcomes.len() != items.len() || !outcomes.iter().all(accepted) {
            // An append-only record that two changes wrote: nothing that can be written again.
            return Ok(Err(Error::field("record_id", Reason::NotMovable)));
        }
        let time_ms = parts.iter().map(|(row, _)| row.time_ms).max();
        let parent = parts.iter().find_map(|(row, _)| row.parent);
        let came: BTreeMap<PartId, u32> = circle.parts_of(self.to).map(|(id, part)| (id, part.type_number)).collect();
        came.keys().for_each(|id| circle.place(*id, time_ms, parent));
        circle.finish()?;
        self.remove(work, parts, &digest_key, first)?;
        // What went, and what came: nothing of it is new, so what was counted is counted again.
        let mut left = self.change(Dot::default(), Clock::default(), Author::default());
        left.parts.extend(parts.iter().map(|(row, _)| touched(self.from, row.label, row.type_number)));
        left.parts.extend(came.into_iter().map(|(id, number)| touched(id.record, id.label, number)));
        derived::settle(app, work, self.circle, self.writer, &ctx, &[&left])?;
        let to_seq = work.circle().head;
        work.audit(AuditRow { from_seq: first, to_seq, count: 1, record: Some(self.to), ..self.audit_row() });
        Ok(Ok(()))
    }

    /// The old parts, out of the digests and the inbox; and the mark that the record was there.
    fn remove(
        &self,
        work: &mut Working<'_>,
        parts: &[(&PartRow, Part)],
        digest_key: &[u8; 16],
        seq: u64,
    ) -> Result<(), StoreError> {
        for (row, part) in parts {
            let key = crate::store::CellKey { label: row.label, class: row.class };
            let gone = digest::contribution(digest_key, self.from, part);
            let head = work.circle_mut();
            let sum = head.digests.entry(key).or_default();
            *sum = sum.wrapping_sub(gone);
            head.reviews.remove(&(self.from, row.label));
            work.remove_part(self.from, row.label)?;
        }
        work.put_tombstone(TombstoneRow { record: self.from, dot: None, seq });
        wakes::purge(work, self.writer.device, self.writer.now_ms);
        Ok(())
    }

    fn audit_row(&self) -> AuditRow {
        AuditRow {
            circle: self.circle,
            at_ms: self.writer.now_ms,
            account: self.writer.account,
            device: self.writer.device,
            action: ACTION,
            record: None,
            categories: 0,
            from_seq: 0,
            to_seq: 0,
            count: 0,
            outcome: "ok",
            request: 0,
        }
    }
}

/// A part of which a derivation is told, without what was written.
fn touched(record: RecordId, label: u64, type_number: u32) -> PartWrite {
    PartWrite { part: PartId { record, label }, type_number, writes: Vec::new() }
}

fn file(change: &mut Change, id: PartId, type_number: u32, write: FieldWrite) {
    match change.parts.iter_mut().find(|part| part.part == id) {
        // Several lives of one part are one beginning.
        Some(part) if part.writes.iter().any(|w| w.field == write.field) => {}
        Some(part) => part.writes.push(write),
        None => change.parts.push(PartWrite { part: id, type_number, writes: vec![write] }),
    }
}
