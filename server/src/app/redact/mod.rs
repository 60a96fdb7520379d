//! Redacting: the content of one version is destroyed wherever it is kept (another patient's result, filed here by
//! mistake). Its number, its author, who redacted it and why stay; the record stays; nothing comes in its place.
//!
//! What is live of the version goes from the record's parts, its change in the log is kept with nothing in it, also where it
//! was sent before somebody took it over, and what was derived from it is made anew. A tombstone of the number tells
//! devices; it stands in the deny log, so that a restored backup is redacted again.

mod change;
mod log;
mod parts;
mod plan;

use std::sync::{Arc, Mutex, PoisonError};

use osteon_access_core::{Action, LabelId, decide};
use osteon_proto::{check::says_something, reasons::Reason, record as pb, table::table, wire};
use osteon_sync_core::{Dot, Field, FieldRef, Part, RecordId};

pub(super) use self::change::strip;
use self::{log::forget_elements, plan::Plan};
use super::{
    App,
    attachments::sweep,
    circle::{Writer, stored},
    kept::Redacted,
    notes::categories,
    records::{parse_id, words},
    rights::{field_facts, moves_access, own, type_facts},
    wakes,
};
use crate::{
    access::{Caller, Member, Proof, Work, signed},
    error::Error,
    store::{AuditRow, CircleNo, PartRow, StoreError, TombstoneRow, Working, commit},
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
    words(&request.reason, "reason")?;
    if !says_something(&request.reason) {
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

/// What a job came to.
#[derive(Clone, Copy)]
struct Done {
    sequence: u64,
    /// It was not redacted before.
    fresh: bool,
}

type Found = Arc<Mutex<Option<Result<Done, Error>>>>;

impl Redact {
    async fn run(self, app: &Arc<App>) -> Result<Done, Error> {
        for _ in 0..TRIES {
            let mut snapshot = app.store.snapshot(self.circle).await?;
            let plan = self.plan(snapshot.rows(self.proof)?).await?;
            drop(snapshot);
            if let Some(done) = self.clone().commit(app, plan).await? {
                app.store.doom_attachments(self.circle, self.record).await?;
                // At once: whoever names the same bytes a moment later sends them again. What does not work now is done by the sweep.
                if let Err(error) = sweep::of_circle(app, self.circle, self.now_ms).await {
                    tracing::warn!(%error, "attachments of a redacted version wait for the next look");
                }
                return Ok(done);
            }
        }
        Err(Reason::Conflict.into())
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
        let parts = rows.iter().map(|row| Ok((row.label, row.part()?))).collect::<Result<Vec<_>, StoreError>>()?;
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
        if let Some(caller) = &self.by {
            if cleared.is_empty() || moves_access(type_number) {
                return Ok(Err(Error::field("dot", Reason::NotRedactable)));
            }
            if !self.might_write(app, work, caller, &rows, &cleared)? {
                return Ok(Err(Error::field("dot", Reason::FieldNotWritable)));
            }
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
        wakes::purge(work, self.writer().device, self.now_ms);
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
        let facts = type_facts(known, labels.first().map_or(0, |label| label.0));
        let own = own(false, first.as_ref(), caller.account);
        let ends = decides(&Action::EndRecord { facts, labels: &labels, own });
        Ok(if ends { Ok(()) } else { Err(Error::field("record_id", Reason::FieldNotWritable)) })
    }

    /// Whether somebody may write every field that the version wrote, of what is no entry of the journal. Ending can be taken
    /// back and asks the others; what is redacted is gone, so nobody takes away a limit that they could not set.
    fn might_write(
        &self,
        app: &App,
        work: &Working<'_>,
        caller: &Caller,
        rows: &[PartRow],
        cleared: &[(u64, Field)],
    ) -> Result<bool, StoreError> {
        let access = app.access_in(self.circle, work.access())?;
        let Some(member) = Member::of(self.circle, caller.account, access) else { return Ok(false) };
        let parts = rows.iter().map(|row| Ok((row.label, stored(row)?))).collect::<Result<Vec<_>, StoreError>>()?;
        let may = |(label, field): &(u64, Field)| {
            let part = parts.iter().find(|(at, _)| at == label).map(|(_, part)| part)?;
            let known = table().get(part.type_number)?;
            let facts = field_facts(known, known.field(field.number)?);
            if facts.journal {
                return Some(true);
            }
            let action =
                Action::WriteField { facts, label: LabelId(*label), own: own(false, Some(part), caller.account) };
            Some(decide(signed(self.now_ms), &member.viewer, &member.access.access, &action).allowed())
        };
        Ok(cleared.iter().all(|one| may(one) == Some(true)))
    }

    fn trace(&self, sequence: u64) -> Redacted {
        let account = self.by.map_or(0, |caller| caller.account);
        let record = self.record.0.to_vec();
        Redacted { account, at_ms: self.now_ms, reason: self.reason.clone(), sequence, record }
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
