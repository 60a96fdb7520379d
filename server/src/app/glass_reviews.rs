//! Emergency accesses are looked at afterwards: which there were, which of them somebody of the clinic has reviewed, and what
//! they found. A review is an entry of the circle, written by the server in the reviewer's name; the patient reads it.

use std::{collections::BTreeMap, sync::Arc};

use osteon_access_core::{AuditReach, Role, audit_reach};
use osteon_proto::{care, check::says_something, identity as pb, reasons::Reason, sync};
use osteon_sync_core::{FieldRef, RecordId};

use super::{
    App,
    enrol::timestamp,
    glass::{content, creation, new_id, windows},
    online,
    records::{Common, parse_id, words},
    rights::BREAK_GLASS,
};
use crate::{
    access::{Caller, Member, Proof, Work, signed},
    error::Error,
    limits,
    store::{CircleNo, ListQuery, PartRow, Snapshot},
};

pub const GLASS_REVIEW: u32 = 313;
/// Store pages that one list looks through: each is of one type.
const MAX_ROUNDS: usize = 8;

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListBreakGlassRequest,
) -> Result<pb::ListBreakGlassResponse, Error> {
    let circles = match request.circle {
        0 => app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect(),
        circle => vec![circle],
    };
    limits::ALERT_CIRCLES.check(circles.len())?;
    let mut told = pb::ListBreakGlassResponse::default();
    for circle in circles {
        let mut found = match accesses(app, caller, circle).await {
            Ok(found) => found,
            // Not any more, or nothing of this is theirs.
            Err(error) if request.circle == 0 && error.reason() == Reason::NotFound => continue,
            Err(error) => return Err(error),
        };
        found.retain(|access| !request.not_reviewed || access.review.is_none());
        told.cut |= found.len() > limits::GLASS_ACCESSES.usize();
        found.truncate(limits::GLASS_ACCESSES.usize());
        app.note_list(caller, circle, "glass.list", 0, found.len(), false).await?;
        told.accesses.append(&mut found);
    }
    Ok(told)
}

/// Those of one circle that the caller may know of, the newest first.
async fn accesses(app: &App, caller: &Caller, circle: CircleNo) -> Result<Vec<pb::GlassAccess>, Error> {
    let member = app.member(caller, circle).await?;
    let now_ms = app.now_ms();
    let reach = audit_reach(signed(now_ms), &member.viewer, &member.access.access);
    if reach == AuditReach::Nothing {
        return Err(Error::not_found());
    }
    let mut snapshot = app.store.snapshot(circle).await?;
    let entries = rows(&mut *snapshot, BREAK_GLASS).await?;
    let reviews = reviews(&rows(&mut *snapshot, GLASS_REVIEW).await?)?;
    drop(snapshot);
    let reasons =
        entries.iter().map(|row| Ok((row.record, content::<care::BreakGlass>(row)?.reason.unwrap_or_default())));
    let mut reasons: BTreeMap<RecordId, String> = reasons.collect::<Result<_, Error>>()?;
    let mut found = windows(&entries.iter().collect::<Vec<_>>())?;
    found.retain(|(_, glass)| reach != AuditReach::Own || glass.account == caller.account);
    found.sort_by_key(|(record, glass)| std::cmp::Reverse((glass.from_ms, *record)));
    let at = |ms: i64| Some(timestamp(u64::try_from(ms).unwrap_or(0)));
    let told = found.into_iter().map(|(record, glass)| pb::GlassAccess {
        circle,
        record_id: uuid::Uuid::from_bytes(record.0).to_string(),
        account: glass.account,
        role: glass.role.number().into(),
        reason: reasons.remove(&record).unwrap_or_default(),
        not_before: at(glass.from_ms),
        not_after: at(glass.until_ms),
        open: signed(now_ms) < glass.until_ms,
        review: reviews.get(&record).cloned(),
        may_review: may_review(&member, glass.account) && !reviews.contains_key(&record),
    });
    Ok(told.collect())
}

/// An administrator, of what somebody else did.
fn may_review(member: &Member, broken_by: u64) -> bool {
    member.viewer.role == Role::ClinicAdmin && member.viewer.account != broken_by
}

/// By the access: the first review of each.
fn reviews(rows: &[PartRow]) -> Result<BTreeMap<RecordId, pb::GlassReview>, Error> {
    let mut first: BTreeMap<RecordId, (u64, pb::GlassReview)> = BTreeMap::new();
    for row in rows {
        let said: care::GlassReview = content(row)?;
        let Some(access) = said.access.as_ref().and_then(|id| <[u8; 16]>::try_from(id.as_ref()).ok()) else { continue };
        let at_ms = row.part()?.versions(FieldRef::LIFECYCLE).next().map_or(0, |birth| birth.clock.ms);
        let review = pb::GlassReview {
            account: said.account.unwrap_or_default(),
            role: said.role.unwrap_or_default(),
            at: Some(timestamp(at_ms)),
            finding: said.finding.unwrap_or_default(),
        };
        let known = first.entry(RecordId(access)).or_insert_with(|| (row.first_seq, review.clone()));
        if row.first_seq < known.0 {
            *known = (row.first_seq, review);
        }
    }
    Ok(first.into_iter().map(|(access, (_, review))| (access, review)).collect())
}

/// The entries of one type. Who asks was asked before what they may know of them.
async fn rows(snapshot: &mut dyn Snapshot, type_number: u32) -> Result<Vec<PartRow>, Error> {
    let (limit, mut before, mut all) = (limits::PAGE_PARTS.u32(), None, Vec::new());
    for _ in 0..MAX_ROUNDS {
        let query = ListQuery::by_time(type_number, before, limit);
        let proof = Proof::of_server(snapshot.circle().circle, Work::GlassReviews);
        let page = snapshot.rows(proof)?.list(query).await?;
        let more = page.len() >= limit as usize;
        before = page.last().map(|row| (row.time_ms, row.record));
        all.extend(page);
        if !more {
            break;
        }
    }
    Ok(all)
}

pub async fn review(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::ReviewBreakGlassRequest,
) -> Result<pb::ReviewBreakGlassResponse, Error> {
    const ACTION: &str = "glass.review";
    let common = Common { request_id: &request.request_id, validate_only: false, reason: "", action: ACTION };
    let origin = common.origin(request)?;
    let record = parse_id(&request.record_id)?;
    words(&request.finding, "finding")?;
    if !says_something(&request.finding) {
        return Err(Error::field("finding", Reason::ReasonRequired));
    }
    let one = async || -> Result<pb::GlassAccess, Error> {
        let id = uuid::Uuid::from_bytes(record.0).to_string();
        let mut all = accesses(app, caller, request.circle).await?.into_iter();
        all.find(|access| access.record_id == id).ok_or_else(Error::not_found)
    };
    let access = one().await?;
    if access.review.is_some() {
        return Ok(pb::ReviewBreakGlassResponse { access: Some(access) });
    }
    if !access.may_review {
        app.note(caller, request.circle, ACTION, Reason::NotAllowed.as_str()).await?;
        return Err(Reason::NotAllowed.into());
    }
    if access.open {
        return Err(Reason::GlassOpen.into());
    }
    let said = care::GlassReview {
        access: Some(record.0.to_vec().into()),
        account: Some(caller.account),
        role: Some(Role::ClinicAdmin.number().into()),
        finding: Some(request.finding.trim().into()),
        ..Default::default()
    };
    let change = sync::Change { writes: vec![creation(new_id(app), GLASS_REVIEW, &said)], ..Default::default() };
    online::system_by(app, caller, request.circle, change, origin).await?;
    Ok(pb::ReviewBreakGlassResponse { access: Some(one().await?) })
}
