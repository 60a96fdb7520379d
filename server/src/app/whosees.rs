//! Who sees what: the server's own decision, asked for one member, category by category. So a patient can look through
//! another's eyes, and is told what the answer rests on.

use osteon_access_core::{
    Action, Category, Decision, FieldFacts, Kind, LabelId, Role, RoleSet, TypeFacts, Viewer, Why, decide,
    speaks_for_patient, why,
};
use osteon_proto::consent as pb;

use super::{App, enrol::timestamp, records::Session};
use crate::{
    access::{Caller, Member, signed, viewer},
    error::Error,
    limits,
    store::{AccountNo, ErasureRow},
};

pub async fn explain(
    app: &App,
    caller: &Caller,
    request: &pb::ExplainAccessRequest,
) -> Result<pb::ExplainAccessResponse, Error> {
    let session = app.session(caller, request.circle).await?;
    let account = if request.account == 0 { caller.account } else { request.account };
    let answer = of_session(&session, account)?;
    drop(session);
    app.note(caller, request.circle, "access.explain", "ok").await?;
    Ok(answer)
}

/// What is shared with a member, as far as the reader may ask. Nothing is audited.
pub fn of_session(session: &Session, account: AccountNo) -> Result<pb::ExplainAccessResponse, Error> {
    let now_ms = signed(session.now_ms);
    let (access, me) = (&session.member.access.access, session.member.viewer);
    if account != me.account && !speaks_for_patient(now_ms, &me, access) {
        // Everybody may know who is in the circle, but whoever may not ask is told the same of members and of nobody.
        return Err(Error::not_found());
    }
    let asked = if account == me.account { Some(me) } else { viewer(access, account) };
    let asked = asked.ok_or_else(Error::not_found)?;
    let category = |category: Category| pb::CategoryAccess {
        category: i32::from(category.number()),
        actions: Kind::ALL.into_iter().filter_map(|kind| action(now_ms, &asked, access, category, kind)).collect(),
    };
    Ok(pb::ExplainAccessResponse {
        account,
        role: i32::from(asked.role.number()),
        categories: Category::all().map(category).collect(),
        proxy: asked.role == Role::Caregiver && speaks_for_patient(now_ms, &asked, access),
        sequence: session.snapshot.circle().head,
        server_time: Some(timestamp(session.now_ms)),
    })
}

/// Which devices were told to erase, and which did.
pub async fn erasures(
    app: &App,
    caller: &Caller,
    request: &pb::ListErasuresRequest,
) -> Result<pb::ListErasuresResponse, Error> {
    let member = app.member(caller, request.circle).await?;
    let all = sees_all_erasures(&member, signed(app.now_ms()));
    let rows = app.store.erasures_of(request.circle, limits::PAGE_FEED.u32()).await?;
    let seen = rows.into_iter().filter(|row| all || row.account == caller.account);
    let erasure = |row: ErasureRow| pb::Erasure {
        account: row.account,
        device: row.device,
        sequence: row.seq,
        cells: row.cells,
        asked: Some(timestamp(row.asked_ms)),
        confirmed: row.confirmed_ms.map(timestamp),
    };
    Ok(pb::ListErasuresResponse { erasures: seen.map(erasure).collect() })
}

/// Whose devices somebody is told of: all of the circle, or their own.
fn sees_all_erasures(member: &Member, now_ms: i64) -> bool {
    member.role() == Role::Nurse || speaks_for_patient(now_ms, &member.viewer, &member.access.access)
}

/// The same of an open session.
pub(super) fn sees_erasures(session: &Session) -> bool {
    sees_all_erasures(&session.member, signed(session.now_ms))
}

fn action(
    now_ms: i64,
    asked: &Viewer,
    access: &osteon_access_core::Access,
    category: Category,
    kind: Kind,
) -> Option<pb::ActionAccess> {
    let reason = why(now_ms, asked, access, category, kind)?;
    // The decision itself, not what explains it, says yes or no.
    let (allowed, until) = match decide(now_ms, asked, access, &wish(category, kind)) {
        Decision::Allow { not_after_ms, .. } => (true, not_after_ms),
        Decision::Deny => (false, None),
    };
    let until = match reason {
        Why::NotYet(at) | Why::Ended(at) => Some(at),
        _ => until,
    };
    let word = match reason {
        Why::Role => pb::AccessReason::Role,
        Why::Granted => pb::AccessReason::Granted,
        Why::Proxy => pb::AccessReason::Proxy,
        Why::Narrowed => pb::AccessReason::Narrowed,
        Why::NotYet(_) => pb::AccessReason::NotYet,
        Why::Ended(_) => pb::AccessReason::Ended,
        Why::NotGranted => pb::AccessReason::NotGranted,
        Why::NotInMatrix => pb::AccessReason::NotInMatrix,
        Why::OwnOnly => pb::AccessReason::OwnOnly,
    };
    let action = match kind {
        Kind::Read => pb::AccessAction::Read,
        Kind::ReadSummary => pb::AccessAction::ReadSummary,
        Kind::Write => pb::AccessAction::Write,
        Kind::Edit => pb::AccessAction::Edit,
        Kind::Propose => pb::AccessAction::Propose,
    };
    Some(pb::ActionAccess {
        action: action.into(),
        allowed,
        until: until.map(|ms| timestamp(u64::try_from(ms).unwrap_or(0))),
        reason: word.into(),
    })
}

/// What stands for a word: an entry of the category that is for everybody, of a type that leaves the rest to the matrix.
fn wish(category: Category, kind: Kind) -> Action<'static> {
    let label = LabelId(LabelId::ALL_MEMBERS.0 | u64::from(category.bit().0));
    let facts = FieldFacts { writers: RoleSet::PERSONS, proposers: RoleSet::PERSONS, journal: true, proxy: false };
    match kind {
        Kind::Read => Action::ReadLabel(label),
        Kind::ReadSummary => Action::ReadSummary(category),
        Kind::Write => {
            let facts =
                TypeFacts { creators: RoleSet::PERSONS, journal: true, proxy: false, clinic: false, opens: false };
            Action::CreateRecord { facts, label }
        }
        Kind::Edit => Action::WriteField { facts, label, own: Some(false) },
        Kind::Propose => Action::ProposeField { facts, label },
    }
}
