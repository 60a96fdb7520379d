//! Online writes: a change of the server's own replica, through the same use case as a device's push.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use osteon_access_core::{Role, Viewer};
use osteon_proto::{reasons::Reason, sync, wire};
use osteon_sync_core::{
    Author, Change, Clock, Dot, RecordId, Role as CoreRole,
    ledger::{Item, Outcome, PushItem, Verdict},
};

use super::{
    App,
    alerts::{Asked, trial::Tried},
    circle::Writer,
    commit::{Batch, Broken, ChainKeys},
    consent,
    kept::Behalf,
    members,
    push::limited,
};
use crate::{
    access::{Caller, Member},
    audit::current,
    error::Error,
    limits,
    store::{AuditRow, CircleNo, Needs, RequestRow, StoreError, Working, commit},
};

/// A caller's request id with what it was used for: the same request gets the same answer for 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey {
    pub id: [u8; 16],
    pub fingerprint: [u8; 16],
}

/// What comes with an online write beside its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    pub request: Option<RequestKey>,
    /// Say what would happen, write nothing.
    pub validate_only: bool,
    /// Stable word for the audit.
    pub action: &'static str,
}

impl Origin {
    pub fn named(action: &'static str) -> Self {
        Self { action, ..Self::default() }
    }
}

/// What an online write did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    pub sequence: u64,
    /// The same request was answered before; this is the record that it wrote.
    pub repeated: Option<RecordId>,
}

pub async fn write(
    app: &Arc<App>,
    caller: &Caller,
    member: &Member,
    change: sync::Change,
    origin: Origin,
) -> Result<Wrote, Error> {
    members::may_be_members(app, caller.clinic, &change).await?;
    let base = app.store.heads(&[member.circle]).await?.first().map_or(0, |(_, head)| *head);
    let batch = batch(app, member.circle, member.viewer, caller.device, change, base, origin.action)?;
    run(app, batch, origin).await
}

/// A write that is only tried: refused as it would be, and nothing of it stays. What rules would raise of it.
pub async fn try_write(
    app: &Arc<App>,
    caller: &Caller,
    member: &Member,
    change: sync::Change,
    origin: Origin,
) -> Result<Tried, Error> {
    members::may_be_members(app, caller.clinic, &change).await?;
    let base = app.store.heads(&[member.circle]).await?.first().map_or(0, |(_, head)| *head);
    let mut batch = batch(app, member.circle, member.viewer, caller.device, change, base, origin.action)?;
    let asked = Asked::trial(app, member.circle, batch.changes()).await?;
    batch.asked = asked.clone();
    run(app, batch, Origin { validate_only: true, ..origin }).await?;
    Ok(asked.map_or(Tried::NOTHING, |asked| asked.tried()))
}

/// A write by whoever runs the server: no role is asked, everything else is.
pub async fn system(app: &Arc<App>, circle: CircleNo, change: sync::Change, action: &'static str) -> Result<(), Error> {
    let viewer = Viewer { account: 0, role: Role::System };
    let batch = batch(app, circle, viewer, 0, change, 0, action)?;
    run(app, batch, Origin::named(action)).await.map(|_| ())
}

/// A write of the server that somebody asked for: it is audited in their name.
pub async fn system_by(
    app: &Arc<App>,
    caller: &Caller,
    circle: CircleNo,
    change: sync::Change,
    origin: Origin,
) -> Result<Wrote, Error> {
    let viewer = Viewer { account: 0, role: Role::System };
    let mut batch = batch(app, circle, viewer, caller.device, change, 0, origin.action)?;
    batch.writer.account = caller.account;
    run(app, batch, origin).await
}

/// The same, onto one generation of the access state: refused as a conflict if it has moved.
pub async fn system_onto(
    app: &Arc<App>,
    circle: CircleNo,
    change: sync::Change,
    action: &'static str,
    generation: u64,
) -> Result<(), Error> {
    let viewer = Viewer { account: 0, role: Role::System };
    let batch = batch(app, circle, viewer, 0, change, 0, action)?;
    run(app, Batch { generation: Some(generation), ..batch }, Origin::named(action)).await.map(|_| ())
}

fn batch(
    app: &App,
    circle: CircleNo,
    viewer: Viewer,
    device: u64,
    mut change: sync::Change,
    base: u64,
    action: &'static str,
) -> Result<Batch, Error> {
    (change.clock_ms, change.clock_logical) = (app.now_ms(), 0);
    limited(&change).map_err(broken)?;
    let author = Author { account: viewer.account, role: CoreRole(viewer.role.number()) };
    let from = wire::change::From { dot: Dot::default(), author, base };
    let core = wire::change::to_core(&change, from).map_err(|found| {
        let reason = found.first().map_or(Reason::ArgumentInvalid, |v| v.reason);
        found.into_iter().fold(Error::new(reason), |error, v| error.at(v.path, v.reason))
    })?;
    let writer = Writer { device, now_ms: app.now_ms(), account: viewer.account, behalf: None };
    Ok(batch_of(app, circle, viewer, writer, core, action))
}

fn batch_of(app: &App, circle: CircleNo, viewer: Viewer, writer: Writer, core: Change, action: &'static str) -> Batch {
    let mac = app.secrets.server_mac(&core);
    Batch {
        circle,
        items: vec![PushItem { item: Item::Change(core), mac }],
        broken: BTreeMap::new(),
        builds_on: Vec::new(),
        keys: ChainKeys::default(),
        writer,
        viewer,
        generation: None,
        epoch: app.epoch(),
        field_table_version: osteon_proto::table::FIELD_TABLE_VERSION,
        online: true,
        leaving: false,
        given_up: false,
        audit_request: current::request(),
        action,
        asked: None,
    }
}

/// A waiting change as the caller's own.
pub struct TakenOver {
    /// Its id in the quarantine.
    pub id: u64,
    pub behalf: Behalf,
    pub core: Change,
}

/// Writes a waiting change as the caller's own, on behalf of its author. `settle` takes it out of the quarantine in the
/// same commit; `false`: somebody else has decided, nothing is written.
pub async fn take_over<F>(
    app: &Arc<App>,
    caller: &Caller,
    member: &Member,
    taken: TakenOver,
    origin: Origin,
    settle: F,
) -> Result<Wrote, Error>
where
    F: Fn(&mut Working<'_>, u64) -> Result<bool, StoreError> + Send + 'static,
{
    let TakenOver { id, behalf, mut core } = taken;
    let now_ms = app.now_ms();
    core.clock = Clock { ms: now_ms, logical: 0 };
    let writer = Writer { device: caller.device, now_ms, account: caller.account, behalf: Some(behalf) };
    let batch = batch_of(app, member.circle, member.viewer, writer, core, origin.action);
    let mut needs = Needs { request: origin.request.map(|key| (caller.account, key.id)), ..batch.needs() };
    needs.quarantine.push(id);
    needs.dots.push(behalf.origin);
    let gone = |settled: bool| if settled { Ok(()) } else { Err(Error::not_found()) };
    run_with(app, batch, origin, needs, move |work, sequence| Ok(gone(settle(work, sequence)?))).await
}

/// The answer that the same request got before, within 24 hours.
pub async fn answered_before(app: &App, member: &Member, origin: Origin) -> Result<Option<Wrote>, Error> {
    let Some(key) = origin.request else { return Ok(None) };
    let account = member.viewer.account;
    let needs = Needs { circle: member.circle, request: Some((account, key.id)), ..Needs::default() };
    let kept = commit(&*app.store, needs, move |work| Ok(work.request(account, key.id)?.cloned())).await?;
    kept.map(|row| answered(&row, key)).transpose()
}

fn broken(found: Broken) -> Error {
    let error = found.limit.map_or_else(|| Error::new(found.reason), Error::limit);
    found.violations.into_iter().fold(error, |error, (path, reason)| error.at(path, reason))
}

/// What the job found out, also where it then asked to be rolled back.
type Found = Arc<Mutex<Option<Result<Wrote, Error>>>>;

async fn run(app: &Arc<App>, batch: Batch, origin: Origin) -> Result<Wrote, Error> {
    let account = batch.writer.account;
    let needs = Needs { request: origin.request.map(|key| (account, key.id)), ..batch.needs() };
    run_with(app, batch, origin, needs, |_, _| Ok(Ok(()))).await
}

/// `also` is done in the commit of what was written, or nothing is.
async fn run_with<F>(app: &Arc<App>, mut batch: Batch, origin: Origin, needs: Needs, also: F) -> Result<Wrote, Error>
where
    F: Fn(&mut Working<'_>, u64) -> Result<Result<(), Error>, StoreError> + Send + 'static,
{
    let (in_writer, found) = (Arc::clone(app), Found::default());
    let slot = Arc::clone(&found);
    let circle = batch.circle;
    let asked = if origin.validate_only { None } else { batch.ask_rules(app).await };
    let refused = AuditRow { record: batch.first_record(), ..batch.audit_row("refused", 1) };
    let committed = commit(&*app.store, needs, move |work| {
        let mut wrote = once(&in_writer, work, &batch, origin)?;
        if let Ok(Wrote { sequence, repeated: None }) = wrote
            && let Err(error) = also(work, sequence)?
        {
            wrote = Err(error);
        }
        let keeps = matches!(&wrote, Ok(wrote) if wrote.repeated.is_none()) && !origin.validate_only;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrote);
        if keeps { Ok(()) } else { Err(StoreError::Refused("nothing is to be written")) }
    })
    .await;
    if let (Ok(()), Some(asked)) = (&committed, asked) {
        asked.committed(app, circle).await;
    }
    let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (committed, found) {
        (Ok(()) | Err(StoreError::Refused(_)), Some(wrote)) => {
            // The job was rolled back, with its audit.
            if let (Err(error), false) = (&wrote, origin.validate_only) {
                let reason = Some(error.reason()).filter(|reason| consent::is_about_consent(*reason));
                let outcome = reason.map_or(refused.outcome, |reason| reason.as_str());
                app.store.audit(vec![AuditRow { outcome, ..refused }]).await?;
                current::refusal_is_audited();
            }
            wrote
        }
        (Err(StoreError::Refused(_)), None) => Err(Reason::Conflict.into()),
        (Ok(()), None) => Err(Error::internal("a job without an outcome")),
        (Err(error), _) => Err(error.into()),
    }
}

fn once(app: &App, work: &mut Working<'_>, batch: &Batch, origin: Origin) -> Result<Result<Wrote, Error>, StoreError> {
    if let Some(key) = origin.request
        && let Some(row) = work.request(batch.writer.account, key.id)?
    {
        return Ok(answered(row, key));
    }
    let outcomes = batch.run(app, work)?;
    let wrote = outcomes.first().ok_or(StoreError::Closed).map(accepted)?;
    if let (Some(key), Ok(wrote)) = (origin.request, &wrote) {
        let record = batch.first_record().unwrap_or_default();
        let mut answer = record.0.to_vec();
        answer.extend_from_slice(&wrote.sequence.to_be_bytes());
        work.put_request(RequestRow {
            account: batch.writer.account,
            request_id: key.id,
            fingerprint: key.fingerprint,
            at_ms: batch.writer.now_ms,
            answer,
        });
    }
    Ok(wrote)
}

fn answered(row: &RequestRow, key: RequestKey) -> Result<Wrote, Error> {
    if row.fingerprint != key.fingerprint {
        return Err(Reason::RequestIdReused.into());
    }
    let (record, sequence) = row.answer.split_first_chunk::<16>().ok_or_else(|| Error::internal("kept answer"))?;
    let sequence = sequence.try_into().map(u64::from_be_bytes).map_err(|_| Error::internal("kept answer"))?;
    Ok(Wrote { sequence, repeated: Some(RecordId(*record)) })
}

/// An online writer is there to be told: a refusal is an error of the call.
fn accepted(outcome: &Outcome) -> Result<Wrote, Error> {
    match &outcome.verdict {
        Verdict::Accepted { sequence, .. } => Ok(Wrote { sequence: *sequence, repeated: None }),
        Verdict::Refused { reason, violations } => {
            let reason = Reason::parse(reason).unwrap_or(Reason::Internal);
            // Of LIMIT_EXCEEDED the violation names the limit.
            let named = violations.first().and_then(|v| limits::ALL.iter().find(|limit| limit.name == v.reason));
            let error = named.map_or_else(|| Error::new(reason), |limit| Error::over(reason, limit));
            let at = |error: Error, v: &osteon_sync_core::ledger::Violation| {
                error.at(v.path.clone(), Reason::parse(&v.reason).unwrap_or(reason))
            };
            Err(violations.iter().fold(error, at))
        }
        Verdict::Quarantined { reason, .. } => Err(Reason::parse(reason).unwrap_or(Reason::LostRight).into()),
        Verdict::Later { reason, .. } => Err(Reason::parse(reason).unwrap_or(Reason::Later).into()),
        Verdict::Skipped | Verdict::Gap { .. } | Verdict::Forked { .. } => Err(Error::internal("server replica")),
    }
}
