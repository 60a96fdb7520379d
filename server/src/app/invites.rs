//! Invites: a code for somebody who becomes a member by it, what became of it, and taking it back.

use std::sync::Arc;

use osteon_access_core::{Role, RoleSet};
use osteon_proto::{identity as pb, meta, reasons::Reason, sync, table::table};
use osteon_sync_core::RecordId;

use super::{
    App,
    enrol::{self, NewInvite, timestamp},
    members::{self, NOBODY, member_write},
    online::{self, Origin, Wrote},
    records::{Common, parse_id_at},
    rights::MEMBER,
};
use crate::{
    access::{Caller, Member},
    error::Error,
    limits,
    store::{AccountNo, CircleNo, identity::InviteRow},
};

/// `CreateInvite`: the invited account becomes a member in the caller's name, and gets a code.
pub async fn create(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::CreateInviteRequest,
) -> Result<pb::CreateInviteResponse, Error> {
    let role = meta::Role::try_from(request.role).unwrap_or_default();
    if !(meta::Role::Patient..=meta::Role::ClinicAdmin).contains(&role) {
        return Err(Error::field("role", Reason::ArgumentInvalid));
    }
    let common = Common { request_id: &request.request_id, validate_only: false, reason: "", action: "invite" };
    let origin = common.origin(request)?;
    let member = app.member(caller, request.circle).await?;
    let itself =
        request.account != 0 && request.account == caller.account && role_of(&member, caller.account) == request.role;
    if !itself {
        // Asked of nobody's number first: who may not name members makes no accounts, and learns of none.
        let write = member_write(request.circle, NOBODY, role)?;
        let change = sync::Change { writes: vec![write], ..Default::default() };
        let trial = Origin { validate_only: true, ..Origin::named("invite") };
        online::write(app, caller, &member, change, trial).await?;
    }
    let short_id = app.store.snapshot(request.circle).await?.circle().short_id.clone();
    if let Some(key) = origin.request {
        let before = enrol::invited_before(app, caller.account, request.circle, &short_id, key).await?;
        if let Some(invite) = before {
            return Ok(enrol::answer(invite, short_id));
        }
    }
    let account = match request.account {
        0 => newcomer(app, caller, &member, role, origin).await?,
        // A code for somebody who is a member already, in this role. It makes nobody one.
        account => {
            let is = |(a, r): (AccountNo, Role)| a == account && i32::from(r.number()) == request.role;
            if !member.access.access.members().any(is) {
                return Err(Error::field("account", Reason::NotFound));
            }
            if !itself && !is_new(app, request.circle, account).await? {
                app.note(caller, request.circle, "invite", Reason::NotAllowed.as_str()).await?;
                return Err(Error::field("account", Reason::NotAllowed));
            }
            app.note(caller, request.circle, "invite", "ok").await?;
            account
        }
    };
    let (circle, made_by, role) = (request.circle, caller.account, request.role as u8);
    let new = NewInvite { made_by, circle, short_id: &short_id, account, role, request: origin.request };
    Ok(enrol::answer(enrol::invite_by(app, new).await?, short_id))
}

/// A new account that is named a member. A request that came so far before and no further named somebody already.
async fn newcomer(
    app: &Arc<App>,
    caller: &Caller,
    member: &Member,
    role: meta::Role,
    origin: Origin,
) -> Result<AccountNo, Error> {
    let named = online::answered_before(app, member, origin).await?;
    if let Some(Wrote { repeated: Some(record), .. }) = named {
        return whose(app, caller, member.circle, record).await;
    }
    let account = app.store.create_account(caller.clinic, members::PERSON).await?;
    let write = member_write(member.circle, account, role)?;
    let change = sync::Change { writes: vec![write], ..Default::default() };
    match online::write(app, caller, member, change, origin).await?.repeated {
        None => Ok(account),
        Some(record) => whose(app, caller, member.circle, record).await,
    }
}

/// The member of this record: its id is made of the account and the role.
async fn whose(app: &App, caller: &Caller, circle: CircleNo, record: RecordId) -> Result<AccountNo, Error> {
    let member = app.member(caller, circle).await?;
    for (account, role) in member.access.access.members() {
        let role = meta::Role::try_from(i32::from(role.number())).unwrap_or_default();
        if member_write(circle, account, role)?.record == record.0.as_slice() {
            return Ok(account);
        }
    }
    // Named then, and taken out since.
    Err(Error::field("account", Reason::NotFound))
}

/// Whether an account has begun nowhere: a code for it opens what its first code would have opened. A device that is enrolled
/// speaks for its account in every circle, so for all others a code is made by themselves, or by whoever runs the server.
async fn is_new(app: &App, circle: CircleNo, account: AccountNo) -> Result<bool, Error> {
    let elsewhere = app.store.circles_of(account).await?.iter().any(|(other, _)| *other != circle);
    Ok(!elsewhere && app.store.devices_of(account).await?.is_empty())
}

/// The number of the member's role; 0 for none.
fn role_of(member: &Member, account: AccountNo) -> i32 {
    let found = member.access.access.members().find(|(a, _)| *a == account);
    found.map_or(0, |(_, role)| i32::from(role.number()))
}

/// Whether a member looks after this invite: they may name members, they made it, or it is for them.
fn sees(member: &Member, row: &InviteRow) -> bool {
    let names = |known| RoleSet::from(known).contains(member.viewer.role);
    let account = member.viewer.account;
    table().get(MEMBER).is_some_and(|known| names(known.creators_of(0)))
        || row.made_by == account
        || row.account == account
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListInvitesRequest,
) -> Result<pb::ListInvitesResponse, Error> {
    let member = app.member(caller, request.circle).await?;
    let mut rows = app.store.invites_of(request.circle, limits::INVITES.u32() + 1).await?;
    let cut = rows.len() > limits::INVITES.usize();
    rows.truncate(limits::INVITES.usize());
    // Such as were made before they had ids cannot be named.
    rows.retain(|row| row.made_ms > 0 && sees(&member, row));
    let now_ms = app.now_ms();
    let invites: Vec<pb::Invite> = rows.iter().map(|row| view(row, now_ms)).collect();
    app.note_list(caller, request.circle, "invite.list", 0, invites.len(), false).await?;
    Ok(pb::ListInvitesResponse { invites, cut })
}

pub async fn revoke(
    app: &App,
    caller: &Caller,
    request: &pb::RevokeInviteRequest,
) -> Result<pb::RevokeInviteResponse, Error> {
    const ACTION: &str = "invite.revoke";
    let id = parse_id_at(&request.invite_id, "invite_id")?;
    let member = app.member(caller, request.circle).await?;
    let found = app.store.invite_by_id(request.circle, id.0).await?;
    if !found.is_some_and(|row| sees(&member, &row)) {
        return Err(Error::not_found());
    }
    let now_ms = app.now_ms();
    let row = app.store.revoke_invite(request.circle, id.0, caller.account, now_ms).await?;
    let row = row.ok_or_else(Error::not_found)?;
    app.note(caller, request.circle, ACTION, "ok").await?;
    Ok(pb::RevokeInviteResponse { invite: Some(view(&row, now_ms)) })
}

fn state(row: &InviteRow, now_ms: u64) -> pb::InviteState {
    match row.life {
        life if life.revoked_ms > 0 => pb::InviteState::Revoked,
        _ if row.used => pb::InviteState::Done,
        _ if row.expires_ms <= now_ms => pb::InviteState::Expired,
        life if life.matched_ms > 0 => pb::InviteState::Matched,
        life if life.opened_ms > 0 => pb::InviteState::Opened,
        _ => pb::InviteState::Created,
    }
}

fn view(row: &InviteRow, now_ms: u64) -> pb::Invite {
    let at = |ms: u64| (ms > 0).then(|| timestamp(ms));
    pb::Invite {
        invite_id: uuid::Uuid::from_bytes(row.id).to_string(),
        circle: row.circle,
        account: row.account,
        role: row.role.into(),
        made_by: row.made_by,
        state: state(row, now_ms).into(),
        created: at(row.made_ms),
        expires: at(row.expires_ms),
        opened: at(row.life.opened_ms),
        matched: at(row.life.matched_ms),
        done: at(row.life.done_ms),
        revoked: at(row.life.revoked_ms),
        revoked_by: row.life.revoked_by,
        typed_tries_left: row.tries_left.into(),
        qr_tries_left: row.qr_tries_left.into(),
    }
}
