//! What a pull asks for, and the answer where nothing has moved in any of its circles.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use osteon_access_core::Role;
use osteon_proto::{reasons::Reason, sync, sync::pull_response::Event};

use crate::{
    access::Caller,
    app::{
        App,
        pull::{self, Position, Reader, core_cell},
    },
    error::Error,
    limits,
    store::{CircleNo, CircleRow},
};

/// What a request asks for, checked.
pub struct Asked {
    pub positions: Vec<Position>,
    /// Circles as they stood when it was checked, for a reader that asks once.
    pub standing: Vec<Arc<CircleRow>>,
    pub live: bool,
    pub wait: Duration,
}

pub async fn asked(app: &App, caller: &Caller, request: sync::PullRequest) -> Result<Asked, Error> {
    limits::CIRCLES_PER_ACCOUNT.check(request.positions.len())?;
    if u64::from(request.wait_s) > limits::WAIT_S.max {
        return Err(Error::limit(&limits::WAIT_S));
    }
    if request.epoch != 0 && request.epoch != app.epoch() {
        return Err(Reason::EpochChanged.into());
    }
    if caller.leaving && (request.live || request.wait_s > 0) {
        return Err(Reason::DeviceLeaving.into());
    }
    let page_size = if request.page_size == 0 { limits::PAGE_PARTS.u32() } else { request.page_size };
    let (live, wait) = (request.live, Duration::from_secs(request.wait_s.into()));
    if request.positions.is_empty() {
        let circles = app.store.circles_of(caller.account).await?;
        if comes(caller) {
            let patient = circles.iter().filter(|(_, role)| *role == Role::Patient.number());
            patient.for_each(|(circle, _)| app.reads.came(caller, *circle, 0, app.now_ms()));
        }
        let circles = circles.into_iter();
        let positions = circles.map(|(circle, _)| Position { circle, page_size, ..Position::default() }).collect();
        return Ok(Asked { positions, standing: Vec::new(), live, wait });
    }
    let position = |p: sync::CirclePosition| Position {
        circle: p.circle,
        cursor: p.cursor.to_vec(),
        dropped: p.dropped.iter().map(core_cell).collect(),
        digests: p.digests,
        page_size,
        depth: p.depth(),
        carried: false,
    };
    let positions: Vec<Position> = request.positions.into_iter().map(position).collect();
    let circles: Vec<CircleNo> = positions.iter().map(|position| position.circle).collect();
    let standing = app.store.standing(&circles).await?;
    let Mine { member, patient } = members(app, caller, &standing).await?;
    for position in &positions {
        let erased = !standing.iter().any(|row| row.circle == position.circle)
            && app.store.erased_member(position.circle, caller.account).await?;
        pull::may_ask(app, caller, erased || member.contains(&position.circle), position)?;
    }
    for position in positions.iter().filter(|position| comes(caller) && patient.contains(&position.circle)) {
        // One that lists the circle holds no plan: nothing that somebody waits for is there.
        let holds_plans = position.depth != sync::Depth::List;
        let upto = if holds_plans { pull::held_upto(app, caller, position)? } else { 0 };
        app.reads.came(caller, position.circle, upto, app.now_ms());
    }
    Ok(Asked { positions, standing, live, wait })
}

/// Whether it is a device that reads for its owner.
fn comes(caller: &Caller) -> bool {
    caller.device != 0 && !caller.leaving
}

/// Circles of the caller.
#[derive(Default)]
struct Mine {
    /// Of which the caller is or was a member: who was one is told to keep nothing.
    member: BTreeSet<CircleNo>,
    /// Of which the caller is the patient.
    patient: BTreeSet<CircleNo>,
}

/// Which of these circles are the caller's. The store is asked only where the access state is not in memory.
async fn members(app: &App, caller: &Caller, standing: &[Arc<CircleRow>]) -> Result<Mine, Error> {
    let mut mine = Mine::default();
    for row in standing.iter().filter(|row| row.clinic == caller.clinic) {
        let access = match app.access.known(row.circle, row.access_generation) {
            Some(access) => access,
            None => app.circle_access(row.circle, caller).await?,
        };
        mine.member.extend(pull::was_member(&access, caller.account).then_some(row.circle));
        mine.patient.extend((access.patient() == Some(caller.account)).then_some(row.circle));
    }
    Ok(mine)
}

/// What a reader that asks once is told, if nothing has moved in any of its circles.
pub(super) async fn nothing_new(
    app: &App,
    caller: &Caller,
    asked: &Asked,
) -> Result<Option<Vec<sync::PullResponse>>, Error> {
    if asked.standing.len() != asked.positions.len() {
        return Ok(None);
    }
    let reader = Reader::open(app, caller, &[]).await?;
    let mut said = Vec::with_capacity(asked.positions.len());
    for (position, row) in by_circle(&asked.positions, &asked.standing) {
        let Some(turned) = reader.idle(position, row)? else { return Ok(None) };
        said.push(sync::PullResponse { epoch: app.epoch(), event: Some(Event::Page(turned.page)) });
    }
    Ok(Some(said))
}

/// Positions beside the circles as they stand, by number.
fn by_circle<'a>(positions: &'a [Position], standing: &'a [Arc<CircleRow>]) -> Vec<(&'a Position, &'a CircleRow)> {
    let standing: BTreeMap<CircleNo, &CircleRow> = standing.iter().map(|row| (row.circle, &**row)).collect();
    let positions: BTreeMap<CircleNo, &Position> =
        positions.iter().map(|position| (position.circle, position)).collect();
    positions.iter().filter_map(|(circle, position)| Some((*position, *standing.get(circle)?))).collect()
}
