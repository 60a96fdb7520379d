//! One patient on one page: what the RPCs for records, alerts, reviews, marks and access tell, put together in one snapshot through
//! one scope. Nothing is decided here.

use osteon_proto::{circle as pb, consent, record};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    App,
    alerts::{
        away,
        listed::{self, Closed, Which},
    },
    enrol::timestamp,
    glass, ids_for,
    notes::categories,
    opened, phone,
    records::Session,
    reviews,
    secrets::sha256,
    seen, since, views, whosees,
};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
};

/// Type numbers of the banner: who this is, its summary, the circle, the safety minimum, risks, bone.
const BANNER: [u32; 6] = [271, 322, 261, 321, 281, 473];

pub async fn get(
    app: &App,
    caller: &Caller,
    request: &pb::GetCircleViewRequest,
) -> Result<pb::GetCircleViewResponse, Error> {
    let view_id = opened::view_id(&request.view_id)?;
    limits::TOKEN_BYTES.check(request.if_changed_since.len())?;
    let mut session = app.session(caller, request.circle).await?;
    let (view, touched) = view(app, &mut session).await?;
    let (as_of_sequence, as_of) = (session.snapshot.circle().head, Some(timestamp(session.now_ms)));
    let behind_glass = session.scope.behind_glass();
    drop(session);
    let state = state(&view);
    let changed = request.if_changed_since != state;
    let at = (app.now_ms(), touched);
    // What was told before and is not told again is no read, whatever page it was on.
    if changed && !app.opened.is_told(caller, request.circle, view_id, at) {
        app.note_list(caller, request.circle, "view.get", touched, 1, behind_glass).await?;
        app.opened.put(caller, request.circle, view_id, at);
    }
    Ok(pb::GetCircleViewResponse { state: state.into(), as_of_sequence, as_of, view: changed.then_some(view) })
}

/// Names what is told, but for the tokens, which are sealed anew each time.
fn state(view: &pb::CircleView) -> Vec<u8> {
    let mut plain = view.clone();
    let CircleBanner { records } = CircleBanner::of(&mut plain);
    for one in records.into_iter().flatten() {
        without_tokens(one);
    }
    for review in &mut plain.reviews {
        (review.review_id, review.shown) = (String::new(), Default::default());
        if let Some(field) = &mut review.field {
            field.shown = Default::default();
        }
    }
    sha256(&[&plain.encode_to_vec()])[..16].to_vec()
}

fn without_tokens(record: &mut record::RecordView) {
    record.shown = Default::default();
    record.fields.iter_mut().for_each(|field| field.shown = Default::default());
}

/// The records of the banner.
struct CircleBanner<'v> {
    records: [Option<&'v mut record::RecordView>; 6],
}

impl<'v> CircleBanner<'v> {
    fn of(view: &'v mut pb::CircleView) -> Self {
        let pb::CircleView { person, person_summary, care_circle, safety_minimum, risk_profile, bone_summary, .. } =
            view;
        let records = [person, person_summary, care_circle, safety_minimum, risk_profile, bone_summary];
        Self { records: records.map(Option::as_mut) }
    }
}

/// What an open session sees, and the categories of it.
async fn view(app: &App, session: &mut Session) -> Result<(pb::CircleView, u32), Error> {
    let member = session.member.clone();
    let (circle, account, role) = (member.circle, member.viewer.account, member.role());
    let mut view = pb::CircleView {
        circle,
        short_id: session.snapshot.circle().short_id.clone(),
        role: i32::from(role.number()),
        ..Default::default()
    };
    let mut touched = banner(app, session, &mut view).await?;
    let which = Which { closed: Closed::None, at_least: 0, cannot_tell: role.is_clinician(), history: false };
    let (alerts, of_alerts) = listed::of_session(app, session, &which).await?;
    view.alerts = Some(alerts);
    let items = limits::DIGEST_ITEMS.usize();
    let (mut open, more, of_reviews) = reviews::open_in(app, session, items + 1).await?;
    view.more_reviews = u32::try_from(open.len().saturating_sub(items)).unwrap_or(u32::MAX).max(u32::from(more));
    open.truncate(items);
    view.reviews = open;
    touched |= of_alerts | of_reviews;
    if let Some(mark) = seen::mark_of(session, account).await? {
        view.since_sequence = mark.sequence;
        let arrived = since::arrived(session, mark.sequence).await?;
        let of_plans;
        (view.changes, view.more_changes, of_plans) = arrived.plans(app, session, mark.sequence).await?;
        view.new_entries = arrived.entries(account);
        touched |= of_plans | arrived.unseen(account).1;
    }
    view.seen = seen::of_session(session).await?;
    if phone::is_told(role) {
        view.phone = Some(phone_of(app, session).await?);
    }
    let consent::ExplainAccessResponse { categories, proxy, .. } = whosees::of_session(session, account)?;
    (view.access, view.proxy) = (categories, proxy);
    view.members = members(session);
    view.glass = glass_of(session).await?;
    Ok((view, touched))
}

/// Fills in the records of the banner, as far as they are shared.
async fn banner(app: &App, session: &mut Session, view: &mut pb::CircleView) -> Result<u32, Error> {
    let circle = session.member.circle;
    let ids: Vec<RecordId> = BANNER.iter().map(|number| ids_for::singleton(circle, *number)).collect();
    let parts = session.parts(&ids, true).await?;
    let reader = session.reader(app);
    let told = |id: &RecordId| parts.get(id).filter(|parts| !views::ended(parts)).map(|parts| reader.record(parts));
    let mut told = ids.iter().map(told);
    let mut next = || told.next().flatten();
    (view.person, view.person_summary, view.care_circle) = (next(), next(), next());
    (view.safety_minimum, view.risk_profile, view.bone_summary) = (next(), next(), next());
    Ok(parts.values().flatten().fold(0, |bits, part| bits | categories(part.row.label)))
}

/// The glass that the reader broke. They may not read the entry that says so; that it is theirs, they may know.
async fn glass_of(session: &mut Session) -> Result<Option<pb::OpenGlass>, Error> {
    let (account, now_ms) = (session.member.viewer.account, session.now_ms);
    if session.member.access.access.glass_until(signed(now_ms), &session.member.viewer).is_none() {
        return Ok(None);
    }
    let own = glass::own(&mut *session.snapshot, account, now_ms).await?;
    Ok(own.map(|(record, until_ms)| pb::OpenGlass {
        record_id: uuid::Uuid::from_bytes(record.0).to_string(),
        not_after: Some(timestamp(until_ms)),
    }))
}

async fn phone_of(app: &App, session: &Session) -> Result<pb::PhoneState, Error> {
    let circle = session.member.circle;
    let phones = app.store.phones_of(circle).await?;
    let waiting = match away::last(&phones) {
        Some(last) => away::waiting(app, circle, last.account, away::came(last).0).await?,
        None => Default::default(),
    };
    let mut told = phone::told(&phones, |_| waiting, session.now_ms);
    if let Some(last) = away::last(&phones) {
        let rows = app.store.reached_of(circle, last.device, limits::DIGEST_ITEMS.u32()).await?;
        told.reached =
            rows.into_iter().map(|(sequence, ms)| pb::Reached { sequence, at: Some(timestamp(ms)) }).collect();
    }
    Ok(told)
}

fn members(session: &Session) -> Vec<pb::CircleMember> {
    let members = session.member.access.access.members();
    let mut members: Vec<pb::CircleMember> =
        members.map(|(account, role)| pb::CircleMember { account, role: i32::from(role.number()) }).collect();
    members.sort_by_key(|member| (member.account, member.role));
    members
}
