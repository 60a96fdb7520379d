//! RecordService: reading records, and writing them from a form whose `shown` tokens say what was on the screen.

use std::{collections::BTreeMap, sync::Arc};

use osteon_proto::{
    check::has_control,
    reasons::Reason,
    record as pb, split, sync,
    table::{RecordType, table},
    wire,
};
use osteon_sync_core::{FieldRef, RecordId};
use prost::Message;

use super::{
    App, ids_for,
    look::{self, Looked},
    online::{self, Origin, RequestKey, Wrote},
    proposals,
    secrets::sha256,
    together,
    views::{self, Reader, record_id},
};
use crate::{
    access::{Caller, Member, Sight},
    error::Error,
    ids::uuid_v7,
    limits,
    store::{CircleNo, Rows, Snapshot, StoreError},
};

/// A caller inside one circle, with one consistent view of it.
pub struct Session {
    pub member: Member,
    pub scope: Sight,
    pub snapshot: Box<dyn Snapshot>,
    pub now_ms: u64,
}

impl App {
    /// Opens a circle for reading. Forbidden and absent are one answer.
    pub async fn session(&self, caller: &Caller, circle: CircleNo) -> Result<Session, Error> {
        let mut snapshot = self.store.snapshot(circle).await?;
        if snapshot.circle().clinic != caller.clinic {
            return Err(Error::not_found());
        }
        let access = self.access_of(&mut *snapshot).await?;
        let viewer = self.glass_viewer(&access, caller.account).ok_or_else(Error::not_found)?;
        let member = Member { circle, viewer, access };
        let now_ms = self.now_ms();
        let scope = member.online_scope(now_ms, snapshot.circle())?;
        Ok(Session { member, scope, snapshot, now_ms })
    }
}

impl Session {
    pub fn reader<'r>(&'r self, app: &'r App) -> Reader<'r> {
        Reader { app, member: &self.member, scope: &self.scope, now_ms: self.now_ms }
    }

    /// What stands in the circle, for this reader.
    pub fn rows(&mut self) -> Result<&mut dyn Rows, StoreError> {
        self.snapshot.rows(self.scope.proof())
    }

    /// The parts of these records that the reader may see, by record. Records of which a reader sees no part are not
    /// there, nor are those whose creation has not arrived.
    pub async fn parts(
        &mut self,
        records: &[RecordId],
        history: bool,
    ) -> Result<BTreeMap<RecordId, Vec<Looked>>, Error> {
        let rows = self.rows()?.parts_of(records).await?;
        let rows = rows.into_iter().filter(|row| views::readable(&self.scope, row.label)).collect();
        let mut by_record: BTreeMap<RecordId, Vec<Looked>> = BTreeMap::new();
        for one in look::look(self.rows()?, rows, history).await? {
            by_record.entry(one.row.record).or_default().push(one);
        }
        by_record.retain(|_, parts| {
            views::of_one_type(parts);
            views::exists(parts)
        });
        Ok(by_record)
    }

    /// One record; absent and forbidden are one answer.
    pub async fn record(&mut self, record: RecordId, history: bool) -> Result<Vec<Looked>, Error> {
        self.parts(&[record], history).await?.remove(&record).ok_or_else(Error::not_found)
    }
}

pub fn parse_id(text: &str) -> Result<RecordId, Error> {
    parse_id_at(text, "record_id")
}

/// The same, in a field of another name.
pub fn parse_id_at(text: &str, path: &'static str) -> Result<RecordId, Error> {
    record_id(text).ok_or_else(|| Error::field(path, Reason::RecordIdInvalid))
}

pub async fn get(app: &App, caller: &Caller, request: &pb::GetRecordRequest) -> Result<pb::GetRecordResponse, Error> {
    let record = view(app, caller, request.circle, parse_id(&request.record_id)?).await?;
    Ok(pb::GetRecordResponse { record: Some(record) })
}

/// The record as the caller sees it now.
pub async fn view(app: &App, caller: &Caller, circle: CircleNo, record: RecordId) -> Result<pb::RecordView, Error> {
    let mut session = app.session(caller, circle).await?;
    // A single record comes with who wrote what when: its history is at hand.
    let parts = session.record(record, true).await?;
    let view = session.reader(app).record(&parts);
    // Before the audit: nothing waits for the store while it holds one of its readers.
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_read(caller, circle, "record.get", record, &parts, behind_glass).await?;
    Ok(view)
}

/// A text of a person that comes with a request: bounded, and without what nobody types.
pub(super) fn words(text: &str, path: &str) -> Result<(), Error> {
    limits::REASON_BYTES.check(text.len())?;
    if has_control(text) { Err(Error::field(path, Reason::ControlInText)) } else { Ok(()) }
}

/// What comes with every write.
pub struct Common<'r> {
    pub request_id: &'r str,
    pub validate_only: bool,
    pub reason: &'r str,
    pub action: &'static str,
}

impl Common<'_> {
    pub(super) fn origin(&self, request: &impl Message) -> Result<Origin, Error> {
        words(self.reason, "reason")?;
        let request = if self.request_id.is_empty() {
            None
        } else {
            limits::REQUEST_ID_BYTES.check(self.request_id.len())?;
            let id = uuid::Uuid::try_parse(self.request_id)
                .map_err(|_| Error::field("request_id", Reason::RequestIdInvalid))?;
            let mut fingerprint = [0; 16];
            fingerprint.copy_from_slice(&sha256(&[self.action.as_bytes(), &request.encode_to_vec()])[..16]);
            Some(RequestKey { id: id.into_bytes(), fingerprint })
        };
        Ok(Origin { request, validate_only: self.validate_only, action: self.action })
    }

    fn change(&self, writes: Vec<sync::RecordWrite>, resolves: bool) -> sync::Change {
        sync::Change { writes, reason: self.reason.into(), resolves, ..Default::default() }
    }
}

/// A write that was made out of a form.
pub struct Planned<'m> {
    pub member: &'m Member,
    pub record: RecordId,
    pub write: sync::RecordWrite,
    /// What ends in the same change.
    pub also: Option<sync::RecordWrite>,
    /// The conflict screen decided.
    pub resolves: bool,
}

/// What became of a write.
pub struct Finished {
    /// As its writer sees it now. `None`: it was only tried.
    pub record: Option<pb::RecordView>,
    pub effect: pb::Effect,
    pub trial: Option<pb::Trial>,
}

/// Writes, and reads the record back.
pub async fn finish(
    app: &Arc<App>,
    caller: &Caller,
    planned: Planned<'_>,
    common: &Common<'_>,
    request: &impl Message,
) -> Result<Finished, Error> {
    let Planned { member, record, write, also, resolves } = planned;
    let origin = common.origin(request)?;
    // The kept answer of a change names one of its records; of two it may be the other.
    let both = also.is_some();
    let change = common.change([write].into_iter().chain(also).collect(), resolves);
    if common.validate_only {
        let tried = online::try_write(app, caller, member, change.clone(), origin).await?;
        let trial = Some(together::trial(app, caller, member, &change, &tried).await?);
        return Ok(Finished { record: None, effect: pb::Effect::Validated, trial });
    }
    let Wrote { repeated, .. } = online::write(app, caller, member, change, origin).await?;
    let view = view(app, caller, member.circle, repeated.filter(|_| !both).unwrap_or(record)).await?;
    let effect = effect_of(&view);
    Ok(Finished { record: Some(view), effect, trial: None })
}

fn effect_of(view: &pb::RecordView) -> pb::Effect {
    let disputed = view.lifecycle_review || view.fields.iter().any(|field| field.needs_review);
    if disputed { pb::Effect::Disputed } else { pb::Effect::Applied }
}

pub async fn create(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::CreateRecordRequest,
) -> Result<pb::CreateRecordResponse, Error> {
    let member = app.member(caller, request.circle).await?;
    let body = request.body.clone().ok_or_else(|| Error::field("body", Reason::MalformedBody))?;
    let expected = ids_for::expected(request.circle, &body)?;
    let record = match (request.record_id.as_str(), expected) {
        ("", Some(id)) => id,
        ("", None) => RecordId(uuid_v7(&*app.clock, &*app.ids)),
        (text, _) => parse_id(text)?,
    };
    let write = sync::RecordWrite {
        record: record.0.to_vec().into(),
        body: Some(body),
        create: true,
        label_choice: request.label_choice,
        ..Default::default()
    };
    let common = Common {
        request_id: &request.request_id,
        validate_only: request.validate_only,
        reason: &request.reason,
        action: "record.create",
    };
    let planned = Planned { member: &member, record, write, also: None, resolves: false };
    let Finished { record, effect, trial } = finish(app, caller, planned, &common, request).await?;
    Ok(pb::CreateRecordResponse { record, effect: effect.into(), trial })
}

/// The record that is written, as far as the writer may see it.
struct Target {
    record: RecordId,
    known: &'static RecordType,
    parts: Vec<Looked>,
    member: Member,
}

async fn target(app: &App, caller: &Caller, circle: CircleNo, record_id: &str) -> Result<Target, Error> {
    let record = parse_id(record_id)?;
    let mut session = app.session(caller, circle).await?;
    let parts = session.record(record, false).await?;
    let known = parts.first().and_then(|p| p.known).ok_or_else(Error::not_found)?;
    Ok(Target { record, known, parts, member: session.member })
}

/// Which choice of label a record was created under; 0 where the type has none.
pub fn label_choice(part: &Looked) -> u32 {
    let Some(known) = part.known else { return 0 };
    let author = part.row.label >> 32;
    let filed =
        |c: &osteon_proto::table::LabelChoice| c.label.for_author(author).is_ok_and(|label| label.0 == part.row.label);
    known.label_choice.iter().position(filed).and_then(|i| u32::try_from(i + 1).ok()).unwrap_or(0)
}

/// The choice of the record: the parts of unknown fields have none.
pub fn choice_of(parts: &[Looked]) -> u32 {
    parts.iter().map(label_choice).find(|choice| *choice != 0).unwrap_or(0)
}

/// The thread or member that the label of a record names; 0 where it names none.
pub fn named_by(parts: &[Looked]) -> u64 {
    let one = parts.iter().find(|part| part.known.is_some_and(|known| known.names_whose(label_choice(part))));
    one.map_or(0, |part| part.row.label >> 32)
}

impl Target {
    fn planned(&self, write: sync::RecordWrite) -> Planned<'_> {
        Planned { member: &self.member, record: self.record, write, also: None, resolves: false }
    }

    fn write(&self) -> sync::RecordWrite {
        sync::RecordWrite {
            record: self.record.0.to_vec().into(),
            r#type: self.known.number,
            label_choice: choice_of(&self.parts),
            audience_ref: named_by(&self.parts),
            ..Default::default()
        }
    }
}

pub async fn write(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::WriteRecordRequest,
) -> Result<pb::WriteRecordResponse, Error> {
    let target = target(app, caller, request.circle, &request.record_id).await?;
    let write = masked(app, caller, request, &target)?;
    let common = Common {
        request_id: &request.request_id,
        validate_only: request.validate_only,
        reason: &request.reason,
        action: "record.write",
    };
    let mut planned = target.planned(write);
    if !request.proposal_id.is_empty() {
        let before = online::answered_before(app, &target.member, common.origin(request)?).await?;
        if before.is_some() {
            let record = view(app, caller, request.circle, target.record).await?;
            let effect = effect_of(&record).into();
            return Ok(pb::WriteRecordResponse { record: Some(record), effect, trial: None });
        }
        let written = written(&target, &planned.write)?;
        planned.also = Some(proposals::taken_over(app, caller, request, (target.record, &written)).await?);
    }
    let Finished { record, effect, trial } = finish(app, caller, planned, &common, request).await?;
    Ok(pb::WriteRecordResponse { record, effect: effect.into(), trial })
}

/// The numbers of the fields that are written.
fn written(target: &Target, write: &sync::RecordWrite) -> Result<Vec<u32>, Error> {
    let mut numbers: Vec<u32> = write.fields.iter().map(|field| field.field).collect();
    if let Some(body) = &write.body {
        let inner = split::open(body).map_err(malformed)?.1;
        let parts = split::split(&target.known.shape, inner).map_err(malformed)?;
        numbers.extend(parts.chunks().map(|chunk| chunk.number));
    }
    Ok(numbers)
}

/// The write that a form makes: masked fields of the body, each naming what was shown of it.
fn masked(
    app: &App,
    caller: &Caller,
    request: &pb::WriteRecordRequest,
    target: &Target,
) -> Result<sync::RecordWrite, Error> {
    for listed in [request.shown.len(), request.remove.len()] {
        limits::FIELDS_PER_WRITE.check(listed)?;
    }
    let body = request.body.clone().unwrap_or_default();
    limits::BODY_BYTES.check(body.len())?;
    let inner = if body.is_empty() { Vec::new() } else { split::open(&body).map_err(malformed)?.1.to_vec() };
    if !body.is_empty() && split::open(&body).map_err(malformed)?.0 != target.known.number {
        return Err(Error::field("body", Reason::WrongRecordType));
    }
    let parts = split::split(&target.known.shape, &inner).map_err(malformed)?;
    let mask = request.update_mask.clone().unwrap_or_default().paths;
    limits::FIELDS_PER_WRITE.check(mask.len())?;
    let mut masked = Vec::new();
    for (i, path) in mask.iter().enumerate() {
        let field = target.known.field_by_name(path);
        masked.push(
            field.ok_or_else(|| Error::field(format!("update_mask.paths[{i}]"), Reason::ArgumentInvalid))?.number,
        );
    }
    if mask.is_empty() {
        masked.extend(parts.chunks().map(|chunk| chunk.number));
    }
    let mut write = target.write();
    let mut put = Vec::new();
    for chunk in parts.chunks().filter(|chunk| masked.contains(&chunk.number)) {
        put.extend_from_slice(chunk.bytes);
    }
    if !put.is_empty() {
        write.body = Some(split::close(target.known.number, &put).into());
    }
    let shown = |i: usize, list: &str, one: &pb::FieldShown| {
        let field = FieldRef { number: one.field, element: &one.element };
        let path = format!("{list}[{i}].shown");
        app.field_shown(caller.account, request.circle, target.record, field, &one.shown, &path)
    };
    let mut named: BTreeMap<u32, Vec<sync::Dot>> = BTreeMap::new();
    for (i, one) in request.shown.iter().enumerate().filter(|(_, one)| one.element.is_empty()) {
        let dots = shown(i, "shown", one)?.names(false);
        named.insert(one.field, dots.into_iter().map(wire::to_dot).collect());
    }
    let given: Vec<u32> = parts.chunks().map(|chunk| chunk.number).collect();
    masked.sort_unstable();
    masked.dedup();
    for number in masked {
        let is_set = target.known.field(number).is_some_and(|f| f.is_set());
        let clear = !given.contains(&number);
        let replaces = named.remove(&number).unwrap_or_default();
        if !is_set && (clear || !replaces.is_empty()) {
            write.fields.push(sync::FieldWrite { field: number, replaces, clear, ..Default::default() });
        }
    }
    for (i, one) in request.remove.iter().enumerate() {
        let replaces = shown(i, "remove", one)?.dots.into_iter().map(wire::to_dot).collect();
        write.fields.push(sync::FieldWrite { field: one.field, element: one.element.clone(), replaces, clear: false });
    }
    if write.body.is_none() && write.fields.is_empty() {
        return Err(Error::field("update_mask", Reason::EmptyChange));
    }
    Ok(write)
}

fn malformed(error: split::SplitError) -> Error {
    let path = if error.path.is_empty() { "body".into() } else { format!("body.{}", error.path) };
    Error::field(path, error.reason)
}

pub async fn end(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::EndRecordRequest,
) -> Result<pb::EndRecordResponse, Error> {
    let state = request.state();
    if !matches!(state, sync::Lifecycle::Deleted | sync::Lifecycle::EnteredInError) {
        return Err(Error::field("state", Reason::ArgumentInvalid));
    }
    let target = target(app, caller, request.circle, &request.record_id).await?;
    let shown = app.record_shown(caller.account, request.circle, target.record, &request.shown)?;
    let mut write = target.write();
    write.lifecycle = Some(sync::LifecycleWrite {
        state: state.into(),
        replaces: shown.lifecycle.iter().map(|dot| wire::to_dot(*dot)).collect(),
        covers: shown.covers.iter().map(|dot| wire::to_dot(*dot)).collect(),
    });
    let common = Common {
        request_id: &request.request_id,
        validate_only: request.validate_only,
        reason: &request.reason,
        action: "record.end",
    };
    let Finished { record, effect, trial } = finish(app, caller, target.planned(write), &common, request).await?;
    Ok(pb::EndRecordResponse { record, effect: effect.into(), trial })
}

pub async fn restore(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::RestoreRecordRequest,
) -> Result<pb::RestoreRecordResponse, Error> {
    let target = target(app, caller, request.circle, &request.record_id).await?;
    let write = match &request.version {
        Some(version) => older(app, caller, request, &target, wire::dot(version)).await?,
        None => {
            let shown = app.record_shown(caller.account, request.circle, target.record, &request.shown)?;
            let mut write = target.write();
            write.lifecycle = Some(sync::LifecycleWrite {
                state: sync::Lifecycle::Active.into(),
                replaces: shown.lifecycle.iter().map(|dot| wire::to_dot(*dot)).collect(),
                covers: Vec::new(),
            });
            write
        }
    };
    let common = Common {
        request_id: &request.request_id,
        validate_only: request.validate_only,
        reason: &request.reason,
        action: "record.restore",
    };
    let Finished { record, effect, trial } = finish(app, caller, target.planned(write), &common, request).await?;
    Ok(pb::RestoreRecordResponse { record, effect: effect.into(), trial })
}

/// An older version of one field, out of the history, written again: an ordinary write.
async fn older(
    app: &App,
    caller: &Caller,
    request: &pb::RestoreRecordRequest,
    target: &Target,
    version: osteon_sync_core::Dot,
) -> Result<sync::RecordWrite, Error> {
    let mut session = app.session(caller, request.circle).await?;
    let parts = session.record(target.record, true).await?;
    let field = FieldRef::register(request.field);
    let written = parts.iter().filter_map(|p| p.log.get(&version)).flat_map(|w| &w.writes);
    let old =
        written.clone().find(|w| w.field.as_ref() == field).ok_or_else(|| Error::field("version", Reason::NotFound))?;
    let path = "field_shown";
    let shown = app.field_shown(caller.account, request.circle, target.record, field, &request.field_shown, path)?;
    let replaces: Vec<sync::Dot> = shown.names(false).into_iter().map(wire::to_dot).collect();
    let mut write = target.write();
    let value = look::put_value(old.put.as_ref());
    write.body = look::alone(target.known.number, value);
    let clear = value.is_none();
    if clear || !replaces.is_empty() {
        write.fields.push(sync::FieldWrite { field: request.field, replaces, clear, ..Default::default() });
    }
    Ok(write)
}

/// The type that a list asks for; 0 for all.
pub fn known_type(number: u32) -> Result<(), Error> {
    if number == 0 || table().get(number).is_some() {
        Ok(())
    } else {
        Err(Error::field("type", Reason::ArgumentInvalid))
    }
}
