//! A team's change over many circles: a job that goes step by step (one member, one circle, one commit), in the name of
//! whoever started it. Everybody who leaves goes before anybody joins, in every circle. A step is decided anew when its
//! turn comes, and has one effect however often it is tried: a node that dies in the middle leaves a lease that runs out,
//! and another one goes on from the last step that was kept.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use osteon_proto::{
    care, identity as pb, meta,
    reasons::{Do, Reason},
    record, split,
};
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::{
    App, members,
    records::{self, Common},
    rights::MEMBER,
    secrets::sha256,
};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{
        CircleNo,
        teams::{NewTeamChange, TeamChangeRow, TeamStep},
    },
};

const ACTION: &str = "team.change";
/// How often a node looks for work.
const TICK: Duration = Duration::from_secs(1);
/// A node that says nothing for so long has died.
const LEASE_MS: u64 = 30_000;

/// Keeps the job; the next node that looks goes to work.
pub async fn start(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::StartTeamChangeRequest,
) -> Result<pb::StartTeamChangeResponse, Error> {
    let common = Common { request_id: &request.request_id, validate_only: false, reason: "", action: ACTION };
    let key = common.origin(request)?.request.ok_or_else(|| Error::field("request_id", Reason::RequestIdInvalid))?;
    let change = NewTeamChange {
        clinic: caller.clinic,
        account: caller.account,
        device: caller.device,
        request_id: key.id,
        fingerprint: key.fingerprint,
        made_ms: app.now_ms(),
        steps: steps(app, caller, request).await?,
    };
    limits::TEAM_CHANGES.check(usize::try_from(app.store.team_changes_waiting(caller.account).await?).unwrap_or(0))?;
    let row = app.store.put_team_change(change).await?;
    if row.change.fingerprint != key.fingerprint {
        return Err(Reason::RequestIdReused.into());
    }
    app.note(caller, 0, ACTION, "ok").await?;
    Ok(pb::StartTeamChangeResponse { job: row.job, steps: count(row.change.steps.len()) })
}

/// What is to be done, denials first. Nothing is said of accounts and circles that are not the caller's to know.
async fn steps(app: &App, caller: &Caller, request: &pb::StartTeamChangeRequest) -> Result<Vec<TeamStep>, Error> {
    let own: BTreeSet<CircleNo> =
        app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect();
    let circles: BTreeSet<CircleNo> = match request.circles.as_slice() {
        [] => own.clone(),
        named => named.iter().copied().collect(),
    };
    if !circles.is_subset(&own) {
        return Err(Error::not_found());
    }
    let people = request.leave.len() + request.join.len();
    limits::TEAM_STEPS.check(people.saturating_mul(circles.len()))?;
    let mut steps = Vec::with_capacity(people * circles.len());
    for (joins, list, path) in [(false, &request.leave, "leave"), (true, &request.join, "join")] {
        for (i, member) in list.iter().enumerate() {
            let role = meta::Role::try_from(member.role).unwrap_or_default();
            if !(meta::Role::Patient..=meta::Role::ClinicAdmin).contains(&role) {
                return Err(Error::field(format!("{path}[{i}].role"), Reason::ArgumentInvalid));
            }
            if app.store.account(member.account).await?.map(|(clinic, _)| clinic) != Some(caller.clinic) {
                return Err(Error::field(format!("{path}[{i}].account"), Reason::NotFound));
            }
            let step =
                |circle: &CircleNo| TeamStep { circle: *circle, account: member.account, role: role as u8, joins };
            steps.extend(circles.iter().map(step));
        }
    }
    Ok(steps)
}

/// How far a job is.
pub async fn get(
    app: &App,
    caller: &Caller,
    request: &pb::GetTeamChangeRequest,
) -> Result<pb::GetTeamChangeResponse, Error> {
    let row = app.store.team_change(request.job).await?.filter(|row| row.change.account == caller.account);
    let row = row.ok_or_else(Error::not_found)?;
    let refused = row.refused.iter().filter_map(|(step, reason)| {
        let step = row.change.steps.get(*step as usize)?;
        Some(pb::TeamChangeRefusal {
            circle: step.circle,
            member: Some(pb::TeamMember { account: step.account, role: step.role.into() }),
            joins: step.joins,
            reason: reason.clone(),
        })
    });
    Ok(pb::GetTeamChangeResponse {
        steps: count(row.change.steps.len()),
        done: row.done,
        refused: refused.collect(),
        finished: row.finished,
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Looks for work until it is told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let worked = work(&app, usize::MAX);
        tokio::select! {
            () = stop.cancelled() => return,
            worked = worked => if let Err(error) = worked {
                tracing::warn!(%error, "a team's change has to wait");
            }
        }
    }
}

/// Takes the next job and does at most so many of its steps. True: there was one.
pub async fn work(app: &Arc<App>, at_most: usize) -> Result<bool, Error> {
    let until = || app.now_ms() + LEASE_MS;
    let Some(mut row) = app.store.lease_team_change(app.now_ms(), until()).await? else { return Ok(false) };
    let steps = row.change.steps.clone();
    let revoked = match row.change.device {
        0 => false,
        device => app.store.device(device).await?.is_none_or(|device| device.revoked),
    };
    if steps.is_empty() {
        app.store.move_team_change(row.job, 1, &[], true, 0).await?;
    }
    for (n, step) in (0_u32..).zip(&steps).skip(row.done as usize).take(at_most) {
        // What a device that was taken away has started ends with it.
        let done = if revoked { Err(Reason::SessionRevoked.into()) } else { one(app, &row, n, step).await };
        match done {
            Ok(()) => {}
            Err(error) if matches!(error.reason().action(), Do::Retry | Do::RetrySame) => return Err(error),
            Err(error) => row.refused.push((n, error.reason().as_str().to_owned())),
        }
        row.done = n + 1;
        row.finished = row.done as usize == steps.len();
        if !app.store.move_team_change(row.job, row.done, &row.refused, row.finished, until()).await? {
            // Somebody else took over: the lease had run out.
            return Ok(true);
        }
    }
    Ok(true)
}

/// One member, one circle, as the starter would do it by hand.
async fn one(app: &Arc<App>, row: &TeamChangeRow, n: u32, step: &TeamStep) -> Result<(), Error> {
    let change = &row.change;
    let caller =
        Caller { account: change.account, device: change.device, clinic: change.clinic, family: 0, leaving: false };
    app.member(&caller, step.circle).await?;
    let role = meta::Role::try_from(i32::from(step.role)).unwrap_or_default();
    let write = members::member_write(step.circle, step.account, role)?;
    let id = <[u8; 16]>::try_from(write.record.as_ref()).map_err(Error::internal)?;
    let request_id = uuid::Uuid::from_bytes(own_request(row.job, n)).to_string();
    let record_id = uuid::Uuid::from_bytes(id).to_string();
    let view = match records::view(app, &caller, step.circle, osteon_sync_core::RecordId(id)).await {
        Ok(view) => view,
        Err(error) if error.reason() == Reason::NotFound => {
            if step.joins {
                let body = write.body;
                let create = record::CreateRecordRequest {
                    circle: step.circle,
                    record_id,
                    body,
                    request_id,
                    ..Default::default()
                };
                records::create(app, &caller, &create).await?;
            }
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let decision = if step.joins { care::Decision::Allow } else { care::Decision::Deny };
    let Some(field) = view.fields.iter().find(|field| field.name == "membership") else {
        return Err(Error::internal("a member without a membership"));
    };
    let stands = view.body.as_ref().and_then(|body| care::CircleMember::decode(split::open(body).ok()?.1).ok());
    if !field.needs_review && stands.and_then(|member| member.membership) == Some(decision.into()) {
        return Ok(());
    }
    let body = care::CircleMember { membership: Some(decision.into()), ..Default::default() };
    let write = record::WriteRecordRequest {
        circle: step.circle,
        record_id,
        body: Some(split::close(MEMBER, &body.encode_to_vec()).into()),
        shown: vec![record::FieldShown { field: field.field, shown: field.shown.clone(), ..Default::default() }],
        request_id,
        ..Default::default()
    };
    match records::write(app, &caller, &write).await {
        Ok(_) => Ok(()),
        // Whoever takes away their own right to look does not see it done.
        Err(error) if error.reason() == Reason::NotFound && !step.joins && step.account == caller.account => Ok(()),
        Err(error) => Err(error),
    }
}

/// The request id of one step: tried again, it has no second effect.
fn own_request(job: u64, step: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(&[ACTION.as_bytes(), &job.to_be_bytes(), &step.to_be_bytes()])[..16]);
    id
}
