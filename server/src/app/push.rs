//! Push: a lane's changes of one circle. Everything that needs no state is done here, on the caller's task.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_lc_rs::hmac;
use osteon_access_core::Viewer;
use osteon_proto::{reasons::Reason, sync, wire};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldWrite, Note, PartId, PartWrite, Put, RecordId, Replica, Role,
    ledger::{Item, Mac, Outcome, PushItem, Verdict},
    lifecycle::State,
};
use prost::Message;

use super::{
    App,
    circle::Writer,
    clients,
    commit::{self, Batch, Broken},
    failures, kept, replicas,
};
use crate::{
    access::{Caller, Member, viewer},
    error::Error,
    limits,
    store::StoreError,
};

pub async fn push(
    app: &Arc<App>,
    caller: &Caller,
    request: sync::PushRequest,
    request_no: u64,
) -> Result<sync::PushResponse, Error> {
    limits::CHANGES_PER_PUSH.check(request.changes.len())?;
    limits::BUILDS_ON_PER_PUSH.check(request.builds_on.len())?;
    let epoch = app.epoch();
    if request.epoch != epoch {
        return Err(Reason::EpochChanged.into());
    }
    if request.first_counter == 0 || request.first_counter.checked_add(request.changes.len() as u64).is_none() {
        return Err(Error::field("first_counter", Reason::ArgumentInvalid));
    }
    clients::may_write(app, caller.device).await?;
    let sent = Sent { app, caller, request: &request, request_no };
    let outcomes = match sent.commit().await {
        Err(error)
            if error.reason() == Reason::NotFound
                && app.store.erased_member(request.circle, caller.account).await? =>
        {
            sent.erased()
        }
        outcomes => outcomes?,
    };
    Ok(sync::PushResponse { epoch, verdicts: verdicts(sent.replica(), request.first_counter, &outcomes) })
}

/// A push, with what it is tried with.
#[derive(Clone, Copy)]
struct Sent<'a> {
    app: &'a Arc<App>,
    caller: &'a Caller,
    request: &'a sync::PushRequest,
    request_no: u64,
}

impl Sent<'_> {
    fn replica(&self) -> Replica {
        let epoch = if self.request.replica_epoch == 0 { self.request.epoch } else { self.request.replica_epoch };
        Replica { epoch, n: self.request.replica }
    }

    /// An erased circle takes nothing and keeps nothing: every change is told so, and its device forgets it.
    fn erased(&self) -> Vec<Outcome> {
        let refused = || Verdict::Refused { reason: Reason::Erased.as_str().into(), violations: Vec::new() };
        let verdict = |change: &sync::Change| if change.skip { Verdict::Skipped } else { refused() };
        self.request.changes.iter().map(|change| Outcome { verdict: verdict(change), fresh: false }).collect()
    }

    /// Most circles' rights do not move between two pushes: what is known of them is tried, and compared in the commit.
    async fn commit(&self) -> Result<Vec<Outcome>, Error> {
        if let Some(access) = self.app.access.newest(self.request.circle)
            && let Some(member) = Member::of(self.request.circle, self.caller.account, access)
        {
            let generation = Some(member.access.access.generation());
            match self.batch(member.viewer, generation).await?.submit(self.app).await {
                Err(StoreError::Refused(_)) => {}
                done => return self.done(member.viewer, done).await,
            }
        }
        let viewer = author(self.app, self.caller, self.request.circle).await?;
        let done = self.batch(viewer, None).await?.submit(self.app).await;
        self.done(viewer, done).await
    }

    async fn done(&self, viewer: Viewer, done: Result<Vec<Outcome>, StoreError>) -> Result<Vec<Outcome>, Error> {
        match done {
            Err(error) if failures::of_the_change(&error) => self.one_by_one(viewer, error).await,
            done => Ok(done?),
        }
    }

    /// One of the changes fails by an error of our own, and took the others with it: each alone, up to the one that fails
    /// again. That one is told LATER, and the third time it is put aside for a person.
    async fn one_by_one(&self, viewer: Viewer, whole: StoreError) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::new();
        let mut failed = (self.request.changes.len() == 1).then_some(whole);
        for (change, counter) in self.request.changes.iter().zip(self.request.first_counter..) {
            let request =
                sync::PushRequest { changes: vec![change.clone()], first_counter: counter, ..self.request.clone() };
            let alone = Sent { request: &request, ..*self };
            let dot = Dot { replica: self.replica(), counter };
            let done = match failed.take() {
                Some(error) => Err(error),
                None => alone.batch(viewer, None).await?.submit(self.app).await,
            };
            let outcome = match done {
                Err(error) if failures::of_the_change(&error) => alone.again(viewer, dot, error).await?,
                done => done?.pop().ok_or_else(|| Error::internal("a change without an outcome"))?,
            };
            let last = !outcome.verdict.is_final();
            outcomes.push(outcome);
            if last {
                break;
            }
            self.app.failures.forget(self.request.circle, dot);
        }
        Ok(outcomes)
    }

    /// One more failure of one change.
    async fn again(&self, viewer: Viewer, dot: Dot, error: StoreError) -> Result<Outcome, Error> {
        let error = Error::from(error);
        tracing::error!(cause = error.cause().unwrap_or("unknown"), "a change failed by an internal error");
        // What was put aside keeps its verdict, though what it writes to still does not open.
        let row = self.app.store.snapshot(self.request.circle).await?.circle().clone();
        let decided = row.chains.get(&dot.replica).is_some_and(|head| head.counter >= dot.counter);
        if decided || self.app.failures.add(self.request.circle, dot) {
            let given_up = Batch { given_up: true, ..self.batch(viewer, None).await? };
            let done = given_up.submit(self.app).await?.pop();
            return done.ok_or_else(|| Error::internal("a change without an outcome"));
        }
        let reason = Reason::Internal.as_str().into();
        let verdict = Verdict::Later { retry_after_ms: commit::RETRY_AFTER_MS, reason };
        Ok(Outcome { verdict, fresh: false })
    }

    async fn batch(&self, viewer: Viewer, generation: Option<u64>) -> Result<Batch, Error> {
        let Self { app, caller, request, request_no } = *self;
        let own = replicas::own(app, caller, self.replica()).await?;
        let from = From { replica: self.replica(), viewer, key: &own };
        let (mut items, mut broken) = (Vec::with_capacity(request.changes.len()), BTreeMap::new());
        for (change, counter) in request.changes.iter().zip(request.first_counter..) {
            items.push(from.item(change, from.dot(counter), request.base, &mut broken));
        }
        Ok(Batch {
            circle: request.circle,
            keys: replicas::keys(app, caller, earlier(&items)).await?,
            builds_on: builds_on(&request.builds_on)?,
            items,
            broken,
            writer: Writer { device: caller.device, now_ms: app.now_ms(), account: caller.account, behalf: None },
            viewer,
            generation,
            epoch: request.epoch,
            field_table_version: request.field_table_version,
            online: false,
            leaving: caller.leaving,
            given_up: false,
            audit_request: request_no,
            action: "push",
            asked: None,
        })
    }
}

fn verdicts(replica: Replica, first: u64, outcomes: &[Outcome]) -> Vec<sync::Verdict> {
    let dots = (first..).map(|counter| Dot { replica, counter });
    dots.zip(outcomes).map(|(dot, outcome)| kept::to_wire(dot, &outcome.verdict)).collect()
}

/// The caller in the circle. Somebody who was a member and is not any more may still push: it waits for a person.
async fn author(app: &App, caller: &Caller, circle: u64) -> Result<Viewer, Error> {
    let access = app.circle_access(circle, caller).await?;
    if let Some(member) = Member::of(circle, caller.account, Arc::clone(&access)) {
        return Ok(member.viewer);
    }
    let former = access.members().iter().find(|row| row.account == caller.account);
    let former = former.map(|row| Viewer { account: row.account, role: row.role });
    former.or_else(|| viewer(&access.access, caller.account)).ok_or_else(Error::not_found)
}

fn builds_on(points: &[sync::ChainPoint]) -> Result<Vec<(Dot, Mac)>, Error> {
    let point = |(i, point): (usize, &sync::ChainPoint)| {
        let invalid = || Error::field(format!("builds_on[{i}]"), Reason::ArgumentInvalid);
        let dot = point.dot.as_ref().map(wire::dot).ok_or_else(invalid)?;
        Ok((dot, Mac::try_from(point.mac.as_ref()).map_err(|_| invalid())?))
    };
    points.iter().enumerate().map(point).collect()
}

/// The replicas under whose numbers the changes were made before.
fn earlier(items: &[PushItem]) -> BTreeSet<Replica> {
    let changes = items.iter().filter_map(|item| match &item.item {
        Item::Change(change) => Some(change),
        Item::Skip(_) => None,
    });
    changes.flat_map(|change| &change.earlier).map(|dot| dot.replica).collect()
}

struct From<'k> {
    replica: Replica,
    viewer: Viewer,
    key: &'k hmac::Key,
}

impl From<'_> {
    fn dot(&self, counter: u64) -> Dot {
        Dot { replica: self.replica, counter }
    }

    /// A change that cannot be taken apart keeps its place in the lane: it gets a verdict like any other.
    fn item(&self, change: &sync::Change, dot: Dot, base: u64, broken: &mut BTreeMap<Dot, Broken>) -> PushItem {
        if change.skip {
            return PushItem { item: Item::Skip(dot), mac: [0; 16] };
        }
        let author = Author { account: self.viewer.account, role: Role(self.viewer.role.number()) };
        let parsed = wire::change::to_core(change, wire::change::From { dot, author, base });
        // The content's MAC, so that the device's own says the same; of what cannot be taken apart, one over its bytes.
        let mac = match &parsed {
            Ok(core) => commit::mac(self.key, core),
            Err(_) => commit::cut(hmac::sign(self.key, &content_bytes(change))),
        };
        let parsed = parsed.map_err(|found| Broken {
            limit: None,
            reason: found.first().map_or(Reason::ArgumentInvalid, |v| v.reason),
            violations: found.into_iter().map(|v| (v.path, v.reason)).collect(),
        });
        match limited(change).and(parsed) {
            Ok(core) => PushItem { mac, item: Item::Change(core) },
            Err(found) => {
                broken.insert(dot, found);
                let clock = Clock { ms: change.clock_ms, logical: change.clock_logical };
                let (earlier, parts, note) = (Vec::new(), begun(change), Note::default());
                PushItem { item: Item::Change(Change { dot, clock, author, base, earlier, parts, note }), mac }
            }
        }
    }
}

/// What a change says, without what may differ when it is sent again.
fn content_bytes(change: &sync::Change) -> Vec<u8> {
    let content = sync::Change { clock_ms: 0, clock_logical: 0, base: None, aliases: Vec::new(), ..change.clone() };
    content.encode_to_vec()
}

/// The records that a broken change would have started: what was written to them later depends on a refusal.
fn begun(change: &sync::Change) -> Vec<PartWrite> {
    let created = change.writes.iter().filter(|write| write.create).take(limits::WRITES_PER_CHANGE.usize());
    let part = |write: &sync::RecordWrite| {
        let record = RecordId(<[u8; 16]>::try_from(write.record.as_ref()).ok()?);
        let active = Some(Put::Value(State::Active.chunk().into()));
        let field = Field::register(Field::LIFECYCLE);
        let birth = FieldWrite { field, put: active, replaces: Vec::new(), covers: Vec::new() };
        Some(PartWrite { part: PartId { record, label: 0 }, type_number: 0, writes: vec![birth] })
    };
    created.filter_map(part).collect()
}

/// The limits of one change, each with the path of what is over it.
pub fn limited(change: &sync::Change) -> Result<(), Broken> {
    let one = |path: String, reason| Broken { reason, violations: vec![(path, reason)], limit: None };
    let within = |n: usize, limit: &'static limits::Limit, path: &dyn Fn() -> String| {
        let over = || Broken { limit: Some(limit), ..one(path(), Reason::LimitExceeded) };
        if n as u64 <= limit.max { Ok(()) } else { Err(over()) }
    };
    if change.writes.is_empty() {
        return Err(one("writes".into(), Reason::EmptyChange));
    }
    if change.clock_ms == 0 {
        return Err(one("clock_ms".into(), Reason::ClockInvalid));
    }
    within(change.writes.len(), &limits::WRITES_PER_CHANGE, &|| "writes".into())?;
    within(change.aliases.len(), &limits::ALIASES_PER_CHANGE, &|| "aliases".into())?;
    within(change.reason.len(), &limits::REASON_BYTES, &|| "reason".into())?;
    for (i, write) in change.writes.iter().enumerate() {
        let body = write.body.as_ref().map_or(0, |body| body.len());
        within(body, &limits::BODY_BYTES, &|| format!("writes[{i}].body"))?;
        within(write.fields.len(), &limits::FIELDS_PER_WRITE, &|| format!("writes[{i}].fields"))?;
        let covers = write.lifecycle.as_ref().map_or(0, |l| l.covers.len().max(l.replaces.len()));
        within(covers, &limits::COVERS_PER_ENDING, &|| format!("writes[{i}].lifecycle.covers"))?;
        for (k, field) in write.fields.iter().enumerate() {
            let path = || format!("writes[{i}].fields[{k}].replaces");
            within(field.replaces.len(), &limits::REPLACES_PER_WRITE, &path)?;
        }
    }
    Ok(())
}
