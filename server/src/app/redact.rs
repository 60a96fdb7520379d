//! Redacting: the content of one version is destroyed wherever it is kept (another patient's result, filed here by
//! mistake). Its number, its author, who redacted it and why stay; the record stays; nothing comes in its place.
//!
//! What is live of the version goes from the record's parts, its change in the log is kept with nothing in it, also where it
//! was sent before somebody took it over, and what was derived from it is made anew. A tombstone of the number tells
//! devices; it stands in the deny log, so that a restored backup is redacted again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use osteon_access_core::{Action, LabelId, decide};
use osteon_proto::{reasons::Reason, record as pb, table::table, values::time_ms, wire};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldRef, Note, Part, PartId, PartWrite, Put, RecordId,
    ledger::{CircleStore, Context, StoredPart},
};
use prost::Message;

use super::{
    App,
    circle::{Circle, Writer, stored},
    derived,
    kept::{Content, Redacted, stored_change},
    notes::categories,
    records::parse_id,
    rights::{moves_access, own, type_facts},
};
use crate::{
    access::{Caller, Member, Proof, Work, signed},
    error::Error,
    limits,
    store::{AuditRow, CircleNo, LogRow, Needs, PartRow, Rows, StoreError, TombstoneRow, Working, commit},
};

const ACTION: &str = "record.redact";
/// Somebody may write to the record between the look and the commit.
const TRIES: usize = 5;

/// What is to be redacted, by whom and why.
#[derive(Clone)]
struct Redact {
    proof: Proof,
    circle: CircleNo,
    record: RecordId,
    dot: Dot,
    /// `None`: the deny log says so, to a restored database.
    by: Option<Caller>,
    reason: String,
    now_ms: u64,
    request: u64,
}

pub async fn redact(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::RedactVersionRequest,
) -> Result<pb::RedactVersionResponse, Error> {
    let record = parse_id(&request.record_id)?;
    let dot = request.dot.as_ref().map(wire::dot).ok_or_else(|| Error::field("dot", Reason::ArgumentInvalid))?;
    limits::REASON_BYTES.check(request.reason.len())?;
    if request.reason.trim().is_empty() {
        return Err(Error::field("reason", Reason::ReasonRequired));
    }
    let mut session = app.session(caller, request.circle).await?;
    let (seen, proof) = (session.record(record, false).await, session.scope.proof());
    drop(session);
    let row = app.row(caller, request.circle, ACTION);
    let job = Redact {
        proof,
        circle: request.circle,
        record,
        dot,
        by: Some(*caller),
        reason: request.reason.trim().into(),
        now_ms: row.at_ms,
        request: row.request,
    };
    let done = match seen {
        // The commit decides; who sees nothing of it waits for no commit.
        Ok(_) => job.run(app).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => Ok(pb::RedactVersionResponse { sequence: done.sequence }),
        Err(error) => {
            app.store.audit(vec![AuditRow { record: Some(record), outcome: "refused", ..row }]).await?;
            Err(error)
        }
    }
}

/// The same in a restored database, for what was redacted after the backup. False: it is redacted there.
pub async fn again(app: &Arc<App>, circle: CircleNo, record: RecordId, dot: Dot) -> Result<bool, Error> {
    let (reason, now_ms) = (String::new(), app.now_ms());
    let proof = Proof::of_server(circle, Work::RedactAgain);
    let job = Redact { proof, circle, record, dot, by: None, reason, now_ms, request: 0 };
    Ok(job.run(app).await?.fresh)
}

/// Takes out of a change, before it is processed, what was redacted of it: after a restore its device may send it again.
/// The records that it wrote something to.
pub fn strip(tombstones: &[TombstoneRow], change: &mut Change) -> Vec<RecordId> {
    let names = |dot: Dot| dot == change.dot || change.earlier.contains(&dot);
    let mut gone: Vec<RecordId> =
        tombstones.iter().filter(|row| row.dot.is_some_and(names)).map(|row| row.record).collect();
    gone.sort_unstable();
    gone.dedup();
    gone.retain(|record| !clear(change, *record).is_empty());
    gone
}

/// Clears what a change put into a record; what it took away stays. The fields that lost a value.
fn clear(change: &mut Change, record: RecordId) -> Vec<(u64, Field)> {
    clear_where(change, record, |_, _| true)
}

fn clear_where(change: &mut Change, record: RecordId, goes: impl Fn(u64, &Field) -> bool) -> Vec<(u64, Field)> {
    let mut cleared = Vec::new();
    for part in change.parts.iter_mut().filter(|part| part.part.record == record) {
        let label = part.part.label;
        for write in part.writes.iter_mut().filter(|write| write.field.number != Field::LIFECYCLE) {
            if matches!(write.put, Some(Put::Value(_))) && goes(label, &write.field) {
                write.put = Some(Put::Absent);
                cleared.push((label, write.field.clone()));
            }
        }
        // An element of a set is its own name.
        part.writes.retain(|write| write.put != Some(Put::Absent) || write.field.element.is_empty());
    }
    if !cleared.is_empty() {
        change.parts.retain(|part| !part.writes.is_empty());
        change.note = Default::default();
    }
    cleared
}

/// What a job came to.
#[derive(Clone, Copy)]
struct Done {
    sequence: u64,
    /// It was not redacted before.
    fresh: bool,
}

/// Everything that a job looks at: named before it, in one snapshot.
#[derive(Clone, Default)]
struct Plan {
    needs: Needs,
    /// Changes that wrote to the record.
    history: BTreeSet<Dot>,
    /// What was sent by somebody else before it was taken over.
    origins: BTreeSet<Dot>,
    /// Changes that wrote what is derived from it.
    derived: BTreeMap<RecordId, BTreeSet<Dot>>,
}

impl Plan {
    fn origins_of(&self, found: &Kept) -> Vec<Dot> {
        let behalf = found.kept.iter().filter_map(|(_, content, _)| content.behalf.as_ref()?.open());
        behalf.map(|behalf| behalf.origin).filter(|origin| self.origins.contains(origin)).collect()
    }
}

type Found = Arc<Mutex<Option<Result<Done, Error>>>>;

impl Redact {
    async fn run(self, app: &Arc<App>) -> Result<Done, Error> {
        for _ in 0..TRIES {
            let mut snapshot = app.store.snapshot(self.circle).await?;
            let plan = self.plan(snapshot.rows(self.proof)?).await?;
            drop(snapshot);
            if let Some(done) = self.clone().commit(app, plan).await? {
                return Ok(done);
            }
        }
        Err(Reason::Conflict.into())
    }

    async fn plan(&self, rows_of: &mut dyn Rows) -> Result<Plan, Error> {
        let rows = rows_of.parts_of(&[self.record]).await?;
        let mut plan = Plan::default();
        plan.history.extend(rows.iter().flat_map(|row| &row.history));
        let all: Vec<Dot> = plan.history.iter().copied().collect();
        for row in rows_of.log_of(&all).await? {
            plan.origins.extend(content(&row)?.behalf.and_then(|behalf| behalf.open()).map(|behalf| behalf.origin));
        }
        let (mut records, mut types) = (Vec::new(), Vec::new());
        derived::needs(std::iter::once(&self.touched(&rows)), self.circle, &mut types, &mut records);
        for row in rows_of.parts_of(&records).await? {
            plan.derived.entry(row.record).or_default().extend(row.history);
        }
        records.push(self.record);
        let derived = plan.derived.values().flatten();
        let dots: BTreeSet<Dot> =
            plan.history.iter().chain(&plan.origins).chain(derived).copied().chain([self.dot]).collect();
        let (circle, dots) = (self.circle, dots.into_iter().collect());
        plan.needs = Needs { circle, records, dots, types, tombstones: true, ..Needs::default() };
        Ok(plan)
    }

    /// What a derivation is told: which parts were written.
    fn touched(&self, rows: &[PartRow]) -> Change {
        let part = |row: &PartRow| PartWrite {
            part: PartId { record: row.record, label: row.label },
            type_number: row.type_number,
            writes: Vec::new(),
        };
        Change {
            dot: Dot::default(),
            clock: Clock::default(),
            author: Author::default(),
            base: 0,
            earlier: Vec::new(),
            parts: rows.iter().map(part).collect(),
            note: Note::default(),
        }
    }

    /// `None`: the record was written meanwhile.
    async fn commit(self, app: &Arc<App>, plan: Plan) -> Result<Option<Done>, Error> {
        let (in_writer, found) = (Arc::clone(app), Found::default());
        let slot = Arc::clone(&found);
        let committed = commit(&*app.store, plan.needs.clone(), move |work| {
            let rows = work.parts_of(self.record)?;
            let moved = rows.iter().flat_map(|row| &row.history).any(|dot| !plan.history.contains(dot));
            if moved {
                return Err(StoreError::Refused("the record moved"));
            }
            let done = self.once(&in_writer, work, &plan)?;
            let keeps = done.as_ref().is_ok_and(|done| done.fresh);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            if keeps { Ok(()) } else { Err(StoreError::Refused("nothing is to be written")) }
        })
        .await;
        let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (committed, found) {
            (Ok(()) | Err(StoreError::Refused(_)), Some(done)) => done.map(Some),
            (Err(StoreError::Refused(_)), None) => Ok(None),
            (Ok(()), None) => Err(Error::internal("a job without an outcome")),
            (Err(error), _) => Err(error.into()),
        }
    }

    fn once(&self, app: &App, work: &mut Working<'_>, plan: &Plan) -> Result<Result<Done, Error>, StoreError> {
        let rows: Vec<_> = work.parts_of(self.record)?.into_iter().cloned().collect();
        let parts =
            rows.iter().map(|row| Ok((row.label, stored(row)?.part))).collect::<Result<Vec<_>, StoreError>>()?;
        let type_number = rows.first().map_or(0, |row| row.type_number);
        if let Some(caller) = &self.by
            && let Err(error) = self.may(app, work, caller, type_number, &parts)?
        {
            return Ok(Err(error));
        }
        let mut found = self.found(work, plan)?;
        let before = found.kept.iter().find_map(|(_, content, _)| content.redacted(self.record));
        if let Some(before) = before {
            return Ok(Ok(Done { sequence: before.sequence, fresh: false }));
        }
        let stands = work.tombstones()?.iter().any(|row| row.record == self.record && row.dot == Some(self.dot));
        if self.by.is_none() && stands {
            return Ok(Ok(Done { sequence: 0, fresh: false }));
        }
        if self.by.is_some() && found.kept.is_empty() {
            return Ok(Err(Error::not_found()));
        }
        let sequence = work.circle().head + 1;
        let cleared = found.clear(self, sequence);
        if self.by.is_some() && (cleared.is_empty() || moves_access(type_number)) {
            return Ok(Err(Error::field("dot", Reason::NotRedactable)));
        }
        let others = forget_elements(work, plan, self.record, &cleared, &found.names)?;
        others.into_iter().for_each(|row| work.put_log(row));
        found.rows().for_each(|row| work.put_log(row));
        self.forget_origins(work, &plan.origins_of(&found), sequence)?;
        self.take_out(app, work, &found.names, &cleared, sequence)?;
        // Also what its author sent before somebody took it over: the device has it under that number.
        for dot in found.names.iter().chain(&plan.origins_of(&found)) {
            work.put_tombstone(TombstoneRow { record: self.record, dot: Some(*dot), seq: sequence });
        }
        self.derive_again(app, work, plan, &self.touched(&rows), sequence)?;
        work.audit(self.row(rows.iter().fold(0, |bits, row| bits | categories(row.label)), sequence));
        Ok(Ok(Done { sequence, fresh: true }))
    }

    /// Whoever may end the record may redact what is in it.
    fn may(
        &self,
        app: &App,
        work: &Working<'_>,
        caller: &Caller,
        type_number: u32,
        parts: &[(u64, Part)],
    ) -> Result<Result<(), Error>, StoreError> {
        let access = app.access_in(self.circle, work.access())?;
        let Some(member) = Member::of(self.circle, caller.account, access) else {
            return Ok(Err(Error::not_found()));
        };
        let decides =
            |action: &Action<'_>| decide(signed(self.now_ms), &member.viewer, &member.access.access, action).allowed();
        let labels: Vec<LabelId> =
            parts.iter().map(|(label, _)| LabelId(*label)).filter(|label| !label.is_unknown()).collect();
        let born = parts.iter().any(|(_, part)| part.versions(FieldRef::LIFECYCLE).len() > 0);
        if !born || labels.is_empty() || !labels.iter().all(|label| decides(&Action::ReadLabel(*label))) {
            return Ok(Err(Error::not_found()));
        }
        let Some(known) = table().get(type_number) else {
            return Ok(Err(Error::field("dot", Reason::NotRedactable)));
        };
        let rows = work.parts_of(self.record)?;
        let first = rows.first().map(|row| stored(row)).transpose()?;
        let facts = type_facts(known, labels.first().map_or(0, |label| label.0), caller.account);
        let own = own(false, first.as_ref(), caller.account);
        let ends = decides(&Action::EndRecord { facts, labels: &labels, own });
        Ok(if ends { Ok(()) } else { Err(Error::field("record_id", Reason::FieldNotWritable)) })
    }

    /// The kept changes that are the version: under its number, or as it was taken back after a restore.
    fn found(&self, work: &Working<'_>, plan: &Plan) -> Result<Kept, StoreError> {
        let applied = work.alias(self.dot).unwrap_or(self.dot);
        let mut found = Kept { kept: Vec::new(), names: BTreeSet::from([self.dot, applied]) };
        for dot in &plan.history {
            let Some(row) = work.log(*dot)? else { continue };
            let content = content(row)?;
            let Some(change) = open(row, &content) else { continue };
            let is = [self.dot, applied].iter().any(|name| *name == row.dot || change.earlier.contains(name));
            let here = change.parts.iter().any(|part| part.part.record == self.record);
            if is && (here || content.redacted(self.record).is_some()) {
                found.names.extend(change.earlier.iter().copied().chain([row.dot]));
                found.kept.push((row.clone(), content, change));
            }
        }
        Ok(found)
    }

    fn trace(&self, sequence: u64) -> Redacted {
        let account = self.by.map_or(0, |caller| caller.account);
        let record = self.record.0.to_vec();
        Redacted { account, at_ms: self.now_ms, reason: self.reason.clone(), sequence, record }
    }

    /// A change that somebody took over stands in the log twice: also as its author sent it.
    fn forget_origins(&self, work: &mut Working<'_>, origins: &[Dot], sequence: u64) -> Result<(), StoreError> {
        for origin in origins {
            let Some(row) = work.log(*origin)?.cloned() else { continue };
            let mut kept = Kept { kept: Vec::new(), names: BTreeSet::new() };
            let content = content(&row)?;
            if let Some(change) = open(&row, &content) {
                kept.kept.push((row, content, change));
                kept.clear(self, sequence);
                kept.rows().for_each(|row| work.put_log(row));
            }
        }
        Ok(())
    }

    /// Takes what is live of the version out of the record's parts. The commit has a sequence of its own.
    fn take_out(
        &self,
        app: &App,
        work: &mut Working<'_>,
        names: &BTreeSet<Dot>,
        cleared: &[(u64, Field)],
        sequence: u64,
    ) -> Result<(), StoreError> {
        let key = app.secrets.digest_key(self.circle);
        let mut circle = Circle::open(work, &[self.record].into(), self.writer())?;
        circle.set_head(sequence);
        let ids: Vec<PartId> = circle.parts_of(self.record).map(|(id, _)| id).collect();
        for id in ids {
            let went = circle.forget(id, names, &key);
            // Also where nothing of it was live: what was last agreed is sent along with a part.
            let mut stored = circle.take_part(id);
            if went || cleared.iter().any(|(label, _)| *label == id.label) {
                stored.seq = sequence;
            }
            let time = retimed(id, &stored, cleared);
            circle.put_part(id, stored);
            circle.place(id, time, None);
        }
        circle.finish()?;
        // No change stands at this sequence: what names a commit by its change finds none.
        work.circle_mut().head_mark = 0;
        Ok(())
    }

    /// What was derived from the version is made anew; of what it was before, nothing is kept.
    fn derive_again(
        &self,
        app: &App,
        work: &mut Working<'_>,
        plan: &Plan,
        touched: &Change,
        sequence: u64,
    ) -> Result<(), StoreError> {
        let digest_key = app.secrets.digest_key(self.circle);
        let ctx = Context { now_ms: self.now_ms, epoch: app.epoch(), digest_key, ..Context::default() };
        derived::settle(app, work, self.circle, self.writer(), &ctx, &[touched])?;
        for (made, history) in &plan.derived {
            self.forget_derived(work, *made, history, sequence)?;
        }
        Ok(())
    }

    fn forget_derived(
        &self,
        work: &mut Working<'_>,
        made: RecordId,
        history: &BTreeSet<Dot>,
        sequence: u64,
    ) -> Result<(), StoreError> {
        let mut live: BTreeMap<u64, Part> = BTreeMap::new();
        for row in work.parts_of(made)? {
            live.insert(row.label, stored(row)?.part);
        }
        for dot in history {
            let Some(row) = work.log(*dot)?.cloned() else { continue };
            let mut content = content(&row)?;
            let Some(mut change) = open(&row, &content) else { continue };
            let goes = |label: u64, field: &Field| {
                let mut versions = live.get(&label).into_iter().flat_map(|part| part.versions(field.as_ref()));
                versions.all(|version| version.dot != *dot)
            };
            if !clear_where(&mut change, made, goes).is_empty() {
                let record = made.0.to_vec();
                content.redacted.push(Redacted { reason: String::new(), record, ..self.trace(sequence) });
                work.put_log(with(row, content, &change));
            }
        }
        Ok(())
    }

    fn writer(&self) -> Writer {
        let (account, device) = self.by.map_or((0, 0), |caller| (caller.account, caller.device));
        Writer { device, now_ms: self.now_ms, account, behalf: None }
    }

    fn row(&self, categories: u32, sequence: u64) -> AuditRow {
        let (account, device) = self.by.map_or((0, 0), |caller| (caller.account, caller.device));
        AuditRow {
            circle: self.circle,
            at_ms: self.now_ms,
            account,
            device,
            action: if self.by.is_some() { ACTION } else { "restore.redact" },
            record: Some(self.record),
            categories,
            from_seq: sequence,
            to_seq: sequence,
            count: 1,
            outcome: "ok",
            request: self.request,
        }
    }
}

/// The kept changes that are the version, and every number that it has.
struct Kept {
    kept: Vec<(LogRow, Content, Change)>,
    names: BTreeSet<Dot>,
}

impl Kept {
    fn clear(&mut self, by: &Redact, sequence: u64) -> Vec<(u64, Field)> {
        let mut all = Vec::new();
        for (_, content, change) in &mut self.kept {
            let cleared = clear(change, by.record);
            if !cleared.is_empty() {
                content.redacted.push(by.trace(sequence));
            }
            all.extend(cleared);
        }
        all
    }

    fn rows(&self) -> impl Iterator<Item = LogRow> {
        let changed = self.kept.iter().filter(|(_, content, _)| !content.redacted.is_empty());
        changed.map(|(row, content, change)| with(row.clone(), content.clone(), change))
    }
}

fn content(row: &LogRow) -> Result<Content, StoreError> {
    Content::decode(row.content.as_slice()).map_err(|_| StoreError::Corrupt { table: "log", column: "content" })
}

/// The change as it was applied; `None`: the row keeps none, or none that this version reads.
fn open(row: &LogRow, content: &Content) -> Option<Change> {
    let from = wire::change::From { dot: row.dot, author: row.author, base: content.base };
    let change = wire::change::to_core(content.change.as_ref()?, from).ok()?;
    Some(Change { clock: row.clock, ..change })
}

fn with(mut row: LogRow, mut content: Content, change: &Change) -> LogRow {
    content.change = Some(stored_change(change));
    row.content = content.encode_to_vec();
    row
}

/// When the record happened is known by what is left; `None`: that did not move.
fn retimed(id: PartId, stored: &StoredPart, cleared: &[(u64, Field)]) -> Option<u64> {
    let known = table().get(stored.type_number)?;
    let field = Field::register(known.time_field?);
    if !cleared.contains(&(id.label, field.clone())) {
        return None;
    }
    let times = stored.part.versions(field.as_ref()).filter_map(|version| time_ms(known, version.value?));
    Some(times.max().map_or(0, |ms| u64::try_from(ms).unwrap_or(0)))
}

/// Whoever took an element out of a set named it, and so its value. Where nobody else put it there, the name goes too.
fn forget_elements(
    work: &Working<'_>,
    plan: &Plan,
    record: RecordId,
    cleared: &[(u64, Field)],
    names: &BTreeSet<Dot>,
) -> Result<Vec<LogRow>, StoreError> {
    let elements: Vec<&(u64, Field)> = cleared.iter().filter(|(_, field)| !field.element.is_empty()).collect();
    if elements.is_empty() {
        return Ok(Vec::new());
    }
    let mut others: Vec<(LogRow, Content, Change)> = Vec::new();
    for dot in plan.history.iter().filter(|dot| !names.contains(dot)) {
        let Some(row) = work.log(*dot)?.cloned() else { continue };
        let content = content(&row)?;
        let Some(change) = open(&row, &content) else { continue };
        others.push((row, content, change));
    }
    let here = |part: &PartWrite, label: u64| part.part == PartId { record, label };
    let puts = |change: &Change, (label, field): &(u64, Field)| {
        let writes = change.parts.iter().filter(|part| here(part, *label)).flat_map(|part| &part.writes);
        writes.clone().any(|write| write.field == *field && write.put.is_some())
    };
    let gone: Vec<&&(u64, Field)> =
        elements.iter().filter(|one| !others.iter().any(|(_, _, change)| puts(change, one))).collect();
    let mut rows = Vec::new();
    for (row, content, mut change) in others {
        let before: usize = change.parts.iter().map(|part| part.writes.len()).sum();
        for part in &mut change.parts {
            let PartId { record: of, label } = part.part;
            let named = |field: &Field| gone.iter().any(|(at, gone)| of == record && *at == label && gone == field);
            part.writes.retain(|write| !named(&write.field));
        }
        change.parts.retain(|part| !part.writes.is_empty());
        if change.parts.iter().map(|part| part.writes.len()).sum::<usize>() != before {
            rows.push(with(row, content, &change));
        }
    }
    Ok(rows)
}
