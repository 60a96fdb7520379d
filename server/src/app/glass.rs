//! Broken glass: a physician or nurse of the clinic reads online, for four hours, what they have no other right to.
//!
//! What is written is an entry of the circle (who, in which role, why, until when), which the patient reads, and a notice
//! for the patient; both by the server, in one commit, audited in the clinician's name. The access state is read off these
//! entries like off grants, so that [`osteon_access_core::decide`] knows the end. No device holds anything by it: Pull
//! looks through [`osteon_access_core::held`].

use std::sync::Arc;

use osteon_access_core::{GlassRow, Role, Viewer};
use osteon_proto::{
    care,
    check::{letters, says_something},
    identity as pb,
    reasons::Reason,
    split, sync,
};
use osteon_sync_core::{FieldRef, RecordId};
use prost::Message;

use super::{
    App,
    enrol::timestamp,
    online::{self, Origin, Wrote},
    records::{Common, parse_id, words},
    rights::BREAK_GLASS,
};
use crate::{
    access::{Caller, Proof, Work, signed, viewer},
    error::Error,
    ids::uuid_v7,
    limits,
    store::{CircleNo, ListQuery, PartRow, Snapshot, StoreError},
};

pub const NOTICE: u32 = 311;
/// Characters that a reason needs.
const MIN_REASON: usize = 20;
/// Letters and digits of these: nobody reads the rest.
const MIN_LETTERS: usize = 10;
const ACTION: &str = "glass.break";

/// The role in which the account may break glass, from all circles that it is in; `here`: its role in this one, which
/// counts before all others.
fn role_of(circles: &[(CircleNo, u8)], here: CircleNo) -> Option<Role> {
    let may = |role: &Role| role.may_break_glass();
    match circles.iter().find(|(circle, _)| *circle == here) {
        Some((_, role)) => Role::from_number(*role).filter(may),
        None => circles.iter().filter_map(|(_, role)| Role::from_number(*role)).find(may),
    }
}

pub async fn open(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::BreakGlassRequest,
) -> Result<pb::BreakGlassResponse, Error> {
    let common = Common { request_id: &request.request_id, validate_only: false, reason: "", action: ACTION };
    let origin = common.origin(request)?;
    let reason = reason(&request.reason)?;
    let circles = app.store.circles_of(caller.account).await?;
    if role_of(&circles, 0).is_none() {
        // Said before anything is looked up: it tells about the caller, not about a circle.
        app.note(caller, 0, ACTION, "refused").await?;
        return Err(Reason::NotAllowed.into());
    }
    let circle = find(app, caller, request).await?;
    // The circle of the clinic itself has no patient.
    let is_own = app.store.clinic_circle(caller.clinic).await? == Some(circle);
    let Some(role) = role_of(&circles, circle).filter(|_| !is_own) else {
        app.note(caller, circle, ACTION, "refused").await?;
        return Err(Reason::NotAllowed.into());
    };
    let access = app.circle_access(circle, caller).await?;
    let now_ms = app.now_ms();
    let until_ms = now_ms + limits::BREAK_GLASS_S.max * 1_000;
    // The answer of a request that is sent again names the first record of its change: the entry.
    let mut ids = [new_id(app), new_id(app)];
    ids.sort_unstable();
    let [record, told] = ids;
    let entry = care::BreakGlass {
        account: Some(caller.account),
        role: Some(role.number().into()),
        reason: Some(reason.into()),
        not_before: Some(timestamp(now_ms)),
        not_after: Some(timestamp(until_ms)),
        ..Default::default()
    };
    let mut writes = vec![creation(record, BREAK_GLASS, &entry)];
    if let Some(patient) = access.patient() {
        writes.push(notice(told, patient, care::NoticeKind::BreakGlass, record, (caller.account, role)));
    }
    let change = sync::Change { writes, ..Default::default() };
    let Wrote { repeated, .. } = online::system_by(app, caller, circle, change, origin).await?;
    let not_after = match repeated {
        None => until_ms,
        // The answer of then.
        Some(_) => {
            let access = app.circle_access(circle, caller).await?;
            let viewer = Viewer { account: caller.account, role };
            let until = access.access.glass_until(signed(now_ms), &viewer).and_then(|ms| u64::try_from(ms).ok());
            until.unwrap_or(now_ms)
        }
    };
    let record = uuid::Uuid::from_bytes(repeated.unwrap_or(record).0);
    Ok(pb::BreakGlassResponse { circle, record_id: record.to_string(), not_after: Some(timestamp(not_after)) })
}

fn reason(text: &str) -> Result<&str, Error> {
    words(text, "reason")?;
    let text = text.trim();
    if !says_something(text) {
        return Err(Error::field("reason", Reason::ReasonRequired));
    }
    if text.chars().count() < MIN_REASON || letters(text) < MIN_LETTERS {
        return Err(Error::field("reason", Reason::TextTooShort));
    }
    Ok(text)
}

/// A circle of the caller's clinic; anything else is not there.
async fn find(app: &App, caller: &Caller, request: &pb::BreakGlassRequest) -> Result<CircleNo, Error> {
    let circle = match (request.circle, request.short_id.as_str()) {
        (0, "") => return Err(Error::field("circle", Reason::ArgumentInvalid)),
        (0, short_id) => {
            limits::REQUEST_ID_BYTES.check(short_id.len())?;
            app.store.circle_by_short_id(caller.clinic, short_id).await?.ok_or_else(Error::not_found)?
        }
        (circle, _) => circle,
    };
    app.circle_access(circle, caller).await.map(|_| circle)
}

pub async fn close(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::EndBreakGlassRequest,
) -> Result<pb::EndBreakGlassResponse, Error> {
    let first = parse_id(&request.record_id)?;
    let access = app.circle_access(request.circle, caller).await?;
    let now_ms = app.now_ms();
    let open = access.access.behind_glass(signed(now_ms), caller.account).ok_or_else(Error::not_found)?;
    let mut snapshot = app.store.snapshot(request.circle).await?;
    let proof = Proof::of_server(request.circle, Work::OwnGlass);
    let rows = snapshot.rows(proof)?.parts_of(&[first]).await?;
    drop(snapshot);
    let theirs = rows.iter().any(|row| row.type_number == BREAK_GLASS && account_of(row) == Some(caller.account));
    if !theirs {
        return Err(Error::not_found());
    }
    let entry = care::BreakGlass {
        account: Some(caller.account),
        role: Some(open.role.number().into()),
        not_after: Some(timestamp(now_ms)),
        ends: Some(first.0.to_vec().into()),
        ..Default::default()
    };
    let record = new_id(app);
    let change = sync::Change { writes: vec![creation(record, BREAK_GLASS, &entry)], ..Default::default() };
    online::system_by(app, caller, request.circle, change, Origin::named("glass.end")).await?;
    Ok(pb::EndBreakGlassResponse {})
}

/// The account that an entry names.
fn account_of(row: &PartRow) -> Option<u64> {
    const ACCOUNT: u32 = 2;
    let part = row.part().ok()?;
    let chunk = part.versions(FieldRef::register(ACCOUNT)).next()?.value?;
    care::BreakGlass::decode(chunk).ok()?.account
}

pub fn new_id(app: &App) -> RecordId {
    RecordId(uuid_v7(&*app.clock, &*app.ids))
}

pub(super) fn creation(record: RecordId, number: u32, body: &impl Message) -> sync::RecordWrite {
    let body = Some(split::close(number, &body.encode_to_vec()).into());
    sync::RecordWrite { record: record.0.to_vec().into(), body, create: true, ..Default::default() }
}

/// What one account is told, for a change of the server.
pub fn notice(
    id: RecordId,
    account: u64,
    kind: care::NoticeKind,
    about: RecordId,
    by: (u64, Role),
) -> sync::RecordWrite {
    let notice = care::Notice {
        account: Some(account),
        kind: Some(kind.into()),
        record: Some(about.0.to_vec().into()),
        by: Some(by.0),
        by_role: Some(by.1.number().into()),
        ..Default::default()
    };
    creation(id, NOTICE, &notice)
}

impl App {
    /// Somebody who is no member, behind broken glass: in which role they look.
    pub(super) fn glass_viewer(&self, access: &crate::access::CircleAccess, account: u64) -> Option<Viewer> {
        match viewer(&access.access, account) {
            Some(member) => Some(member),
            None => access.access.behind_glass(signed(self.now_ms()), account),
        }
    }
}

/// The rows of the access state.
pub fn rows(entries: &[&PartRow]) -> Result<Vec<GlassRow>, StoreError> {
    Ok(windows(entries)?.into_iter().map(|(_, glass)| glass).collect())
}

/// The glass that an account broke and that is open now: the entry, and until when.
pub(super) async fn own(
    snapshot: &mut dyn Snapshot,
    account: u64,
    now_ms: u64,
) -> Result<Option<(RecordId, u64)>, StoreError> {
    let limit = limits::PAGE_PARTS.u32();
    let query = ListQuery::by_arrival(BREAK_GLASS, None, limit);
    // They may not read the entry themselves; that it is theirs, they may know.
    let proof = Proof::of_server(snapshot.circle().circle, Work::OwnGlass);
    let entries = snapshot.rows(proof)?.list(query).await?;
    let now_ms = signed(now_ms);
    let open = |(_, glass): &&(RecordId, GlassRow)| {
        glass.account == account && glass.from_ms <= now_ms && now_ms < glass.until_ms
    };
    let windows = windows(&entries.iter().collect::<Vec<_>>())?;
    let last = windows.iter().filter(open).max_by_key(|(_, glass)| glass.until_ms);
    Ok(last.map(|(record, glass)| (*record, u64::try_from(glass.until_ms).unwrap_or(0))))
}

/// What stands in an entry that takes no second write.
pub(super) fn content<M: Message + Default>(row: &PartRow) -> Result<M, StoreError> {
    let part = row.part()?;
    let mut inner = Vec::new();
    for (_, mut versions) in part.fields().filter(|(field, _)| field.number != 0) {
        inner.extend_from_slice(versions.next().and_then(|v| v.value).unwrap_or_default());
    }
    M::decode(inner.as_slice()).map_err(|_| StoreError::Corrupt { table: "part", column: "state" })
}

/// Each entry that breaks glass, with its window: one that another entry ends counts to that end.
pub(super) fn windows(entries: &[&PartRow]) -> Result<Vec<(RecordId, GlassRow)>, StoreError> {
    let mut found = Vec::new();
    let mut ended: Vec<(RecordId, i64)> = Vec::new();
    for row in entries {
        let entry: care::BreakGlass = content(row)?;
        let ms = |at: &Option<prost_types::Timestamp>| {
            at.as_ref().map_or(0, |at| at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000)
        };
        match entry.ends.as_ref().and_then(|id| <[u8; 16]>::try_from(id.as_ref()).ok()) {
            Some(first) => ended.push((RecordId(first), ms(&entry.not_after))),
            None => {
                let role = entry.role.and_then(|role| u8::try_from(role).ok()).and_then(Role::from_number);
                let Some(role) = role else { continue };
                let (from_ms, until_ms) = (ms(&entry.not_before), ms(&entry.not_after));
                let account = entry.account.unwrap_or(0);
                found.push((row.record, GlassRow { account, role, from_ms, until_ms }));
            }
        }
    }
    for (record, glass) in &mut found {
        let ends = ended.iter().filter(|(first, _)| first == record).map(|(_, at)| *at);
        glass.until_ms = ends.fold(glass.until_ms, i64::min);
    }
    Ok(found)
}
