//! Open disputes. The circle's head holds which parts have one, so that the inbox never scans a journal.

mod choices;
mod settled;

pub use self::settled::settled;

use std::sync::Arc;

use osteon_proto::{LabelId, reasons::Reason, review as pb, split, sync, wire};
use osteon_sync_core::{Field, FieldRef, RecordId};
use prost::Message;

use super::{
    App, Purpose,
    enrol::timestamp,
    look::Looked,
    records::{Common, Finished, Planned, Session, finish},
    views,
};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{AccountNo, CircleNo},
};

/// What a review id names. Sealed to the reader.
#[derive(Clone, PartialEq, prost::Message)]
struct Name {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(bytes = "vec", tag = "2")]
    record: Vec<u8>,
    #[prost(uint32, tag = "3")]
    field: u32,
    #[prost(bytes = "vec", tag = "4")]
    element: Vec<u8>,
}

impl App {
    fn review_id(&self, account: AccountNo, circle: CircleNo, record: RecordId, field: FieldRef<'_>) -> String {
        let name = Name { circle, record: record.0.to_vec(), field: field.number, element: field.element.to_vec() };
        hex::encode(self.seal(Purpose::Shown, &account.to_be_bytes(), &name.encode_to_vec()))
    }

    fn review_name(&self, account: AccountNo, id: &str) -> Result<(Name, RecordId), Error> {
        limits::TOKEN_BYTES.check(id.len())?;
        let invalid = || Error::field("review_id", Reason::ShownTokenInvalid);
        let sealed = hex::decode(id).map_err(|_| invalid())?;
        let plain = self.secrets.open(Purpose::Shown, &account.to_be_bytes(), &sealed).ok_or_else(invalid)?;
        let name = Name::decode(plain.as_slice()).map_err(|_| invalid())?;
        let record = <[u8; 16]>::try_from(name.record.as_slice()).map_err(|_| invalid())?;
        Ok((name, RecordId(record)))
    }
}

/// Page token of a list over circles: the last circle, record and label that were looked at.
#[derive(Clone, PartialEq, prost::Message)]
struct After {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(bytes = "vec", tag = "2")]
    record: Vec<u8>,
    #[prost(uint64, tag = "3")]
    label: u64,
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListReviewsRequest,
) -> Result<pb::ListReviewsResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_REVIEWS)?;
    let after = app.page_token::<After>(caller, &request.page_token)?.unwrap_or_default();
    let circles = match request.circle {
        0 => app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect(),
        circle => {
            app.member(caller, circle).await?;
            vec![circle]
        }
    };
    let mut circles: Vec<u64> = circles.into_iter().filter(|circle| *circle >= after.circle).collect();
    circles.sort_unstable();
    circles.dedup();
    let mut found = Vec::new();
    let asked = Asked { mine: request.mine, findings: request.circle != 0 };
    for circle in circles {
        let from = if circle == after.circle { Some((&after.record, after.label)) } else { None };
        let left = size.saturating_sub(found.len());
        if let Some(last) = in_circle(app, caller, circle, from, asked, left, &mut found).await? {
            let next_page_token = app.seal_page_token(caller, &last);
            return Ok(pb::ListReviewsResponse { reviews: found, next_page_token });
        }
    }
    Ok(pb::ListReviewsResponse { reviews: found, next_page_token: String::new() })
}

/// What of a circle is asked for.
#[derive(Clone, Copy)]
struct Asked {
    mine: bool,
    findings: bool,
}

/// Adds the reviews of one circle; `Some`: the page is full, go on after this.
async fn in_circle(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    from: Option<(&Vec<u8>, u64)>,
    Asked { mine, findings }: Asked,
    left: usize,
    found: &mut Vec<pb::Review>,
) -> Result<Option<After>, Error> {
    let before = found.len();
    let mut session = app.session(caller, circle).await?;
    let (next, mut touched) = of_session(app, &mut session, from, mine, left, found).await?;
    if next.is_none() && findings {
        found.extend(super::together::findings(&mut session, mine, &mut touched).await?);
    }
    let behind_glass = session.scope.behind_glass();
    drop(session);
    app.note_list(caller, circle, "review.list", touched, found.len() - before, behind_glass).await?;
    Ok(next)
}

/// The reviews of a circle that an open session sees, its disputes first: of those at most `left` and what one part has more.
/// Beside them whether there are others, and the categories that were told. Nothing is audited.
pub async fn open_in(app: &App, session: &mut Session, left: usize) -> Result<(Vec<pb::Review>, bool, u32), Error> {
    let mut found = Vec::new();
    let (next, mut touched) = of_session(app, session, None, false, left, &mut found).await?;
    if next.is_none() {
        found.extend(super::together::findings(session, false, &mut touched).await?);
    }
    Ok((found, next.is_some(), touched))
}

async fn of_session(
    app: &App,
    session: &mut Session,
    from: Option<(&Vec<u8>, u64)>,
    mine: bool,
    left: usize,
    found: &mut Vec<pb::Review>,
) -> Result<(Option<After>, u32), Error> {
    let circle = session.member.circle;
    let open = session.snapshot.circle().reviews.clone();
    let open = open.into_iter().filter(|(record, label)| {
        views::readable(&session.scope, *label)
            && from.is_none_or(|(last, last_label)| (record.0.as_slice(), *label) > (last.as_slice(), last_label))
    });
    let open: Vec<(RecordId, u64)> = open.collect();
    let (mut taken, mut touched, mut next) = (0, 0, None);
    'full: for chunk in open.chunks(limits::PAGE_PARTS.usize()) {
        let ids: Vec<RecordId> = chunk.iter().map(|(record, _)| *record).collect();
        let mut records = session.parts(&ids, false).await?;
        let mut disputed: Vec<&mut Looked> =
            records.values_mut().flatten().filter(|one| chunk.contains(&(one.row.record, one.row.label))).collect();
        choices::remember(session.rows()?, &mut disputed).await?;
        let parts = records.values().flat_map(|parts| parts.iter().map(move |one| (one, parts)));
        for (one, record) in parts.filter(|(one, _)| chunk.contains(&(one.row.record, one.row.label))) {
            if taken >= left {
                next =
                    Some(After { circle, record: one.row.record.0.to_vec(), label: one.row.label.saturating_sub(1) });
                break 'full;
            }
            let reviews = of_part(app, session, one, record, mine);
            if !reviews.is_empty() {
                touched |= super::notes::categories(one.row.label);
            }
            taken += reviews.len();
            found.extend(reviews);
        }
    }
    Ok((next, touched))
}

/// The reviews of one part of a record, of which the reader sees `parts`.
fn of_part(app: &App, session: &Session, one: &Looked, parts: &[Looked], mine: bool) -> Vec<pb::Review> {
    let reader = session.reader(app);
    let Some(known) = one.known else { return Vec::new() };
    let role = views::role(&session.member);
    let (circle, record, account) = (session.member.circle, one.row.record, session.member.viewer.account);
    let base = |field: FieldRef<'_>, kind: pb::ReviewKind| pb::Review {
        review_id: app.review_id(account, circle, record, field),
        kind: kind.into(),
        circle,
        record_id: uuid::Uuid::from_bytes(record.0).to_string(),
        r#type: one.row.type_number,
        ..Default::default()
    };
    let mut reviews = Vec::new();
    for (field, view) in one.fields().filter(|(_, view)| view.needs_review) {
        let Some(info) = known.field(field.number) else { continue };
        let owners = info.inbox();
        if mine && !owners.has(role) {
            continue;
        }
        let shown = reader.field(one, field, &view, info);
        let opened = view.versions.iter().map(|v| v.clock.ms).max().unwrap_or(0);
        reviews.push(pb::Review {
            may_resolve: shown.may_write,
            choices: choices::of_field(one, field, &view),
            shown: shown.shown.clone(),
            field: Some(shown),
            owners: owners.iter().map(i32::from).collect(),
            opened: Some(timestamp(opened)),
            ..base(field, pb::ReviewKind::Dispute)
        });
    }
    // An ending is one question, in however many parts of the record it stands.
    let first = parts.iter().find(|part| part.lifecycle.review).is_some_and(|part| part.row.label == one.row.label);
    if first && (!mine || known.owners.has(role)) {
        let labels: Vec<LabelId> = parts.iter().map(|part| LabelId(part.row.label)).collect();
        let field = FieldRef::register(Field::LIFECYCLE);
        let opened = one.part.versions(field).map(|v| v.clock.ms).max().unwrap_or(0);
        reviews.push(pb::Review {
            owners: known.owners.iter().map(i32::from).collect(),
            opened: Some(timestamp(opened)),
            may_resolve: reader.may_end(one, &labels),
            shown: app.record_token(account, circle, record, &views::shown_of(parts, &session.scope)).into(),
            ..base(field, pb::ReviewKind::Ending)
        });
    }
    reviews
}

/// An ordinary write that names every version that was shown.
pub async fn resolve(
    app: &Arc<App>,
    caller: &Caller,
    request: &pb::ResolveReviewRequest,
) -> Result<pb::ResolveReviewResponse, Error> {
    let (name, record) = app.review_name(caller.account, &request.review_id)?;
    let mut session = app.session(caller, name.circle).await?;
    let parts = session.record(record, false).await?;
    // One reader at a time: writing and reading back takes another.
    let Session { member, snapshot, .. } = session;
    drop(snapshot);
    let first = parts.first().ok_or_else(Error::not_found)?;
    let mut write = sync::RecordWrite {
        record: record.0.to_vec().into(),
        r#type: first.row.type_number,
        label_choice: super::records::choice_of(&parts),
        ..Default::default()
    };
    if name.field == Field::LIFECYCLE {
        let shown = app.record_shown(caller.account, name.circle, record, &request.shown)?;
        let state = if request.end { sync::Lifecycle::EnteredInError } else { sync::Lifecycle::Active };
        write.lifecycle = Some(sync::LifecycleWrite {
            state: state.into(),
            replaces: shown.lifecycle.iter().map(|dot| wire::to_dot(*dot)).collect(),
            covers: if request.end { shown.covers.iter().map(|dot| wire::to_dot(*dot)).collect() } else { Vec::new() },
        });
    } else {
        decide(app, caller, &name, record, request, &mut write)?;
    }
    let common = Common {
        request_id: &request.request_id,
        validate_only: request.validate_only,
        reason: &request.reason,
        action: "review.resolve",
    };
    let Finished { record, effect, trial } =
        finish(app, caller, Planned { member: &member, record, write, also: None, resolves: true }, &common, request)
            .await?;
    Ok(pb::ResolveReviewResponse { record, effect: effect.into(), trial })
}

fn decide(
    app: &App,
    caller: &Caller,
    name: &Name,
    record: RecordId,
    request: &pb::ResolveReviewRequest,
    write: &mut sync::RecordWrite,
) -> Result<(), Error> {
    let field = FieldRef { number: name.field, element: &name.element };
    let shown = app.field_shown(caller.account, name.circle, record, field, &request.shown, "shown")?;
    let replaces = shown.names(true).into_iter().map(wire::to_dot).collect();
    let value = request.value.clone().filter(|value| !value.is_empty());
    match (&value, request.clear) {
        (Some(body), false) => {
            let (number, _, parts) =
                split::split_body(body).map_err(|e| Error::field(format!("value.{}", e.path), e.reason))?;
            let only = parts.chunks().all(|chunk| chunk.number == name.field) && !parts.is_empty();
            if number != write.r#type || !only {
                return Err(Error::field("value", Reason::ArgumentInvalid));
            }
            write.body = Some(body.clone());
        }
        (None, true) => {}
        _ => return Err(Error::field("value", Reason::ArgumentInvalid)),
    }
    let element = name.element.clone().into();
    write.fields.push(sync::FieldWrite { field: name.field, element, replaces, clear: request.clear });
    Ok(())
}

/// A page size within the limit; 0 is the default, half of it.
pub fn page_size(asked: i32, limit: &'static limits::Limit) -> Result<usize, Error> {
    let asked = usize::try_from(asked).map_err(|_| Error::field("page_size", Reason::ArgumentInvalid))?;
    Ok(if asked == 0 { limit.usize() / 2 } else { asked.min(limit.usize()) }.max(1))
}

impl App {
    /// Opens a page token of this caller; `None` for the first page.
    pub fn page_token<T: Message + Default>(&self, caller: &Caller, token: &str) -> Result<Option<T>, Error> {
        if token.is_empty() {
            return Ok(None);
        }
        limits::TOKEN_BYTES.check(token.len())?;
        let invalid = || Error::field("page_token", Reason::PageTokenInvalid);
        let sealed = hex::decode(token).map_err(|_| invalid())?;
        let plain =
            self.secrets.open(Purpose::PageToken, &caller.account.to_be_bytes(), &sealed).ok_or_else(invalid)?;
        T::decode(plain.as_slice()).map(Some).map_err(|_| invalid())
    }

    pub fn seal_page_token(&self, caller: &Caller, token: &impl Message) -> String {
        hex::encode(self.seal(Purpose::PageToken, &caller.account.to_be_bytes(), &token.encode_to_vec()))
    }
}
