//! What people do to each other's work, for one reader: cross-field contradictions, plans that were merged and not read,
//! void approvals, records that may be one event. Found at reading time from the records that this reader may see, so what
//! rests on a hidden field is not there; nothing is stored. The knowledge is care-core's (`together`).

mod approvals;
mod trial;
mod unread;

pub use self::trial::trial;

use std::collections::BTreeSet;

use osteon_care_core::together as care;
use osteon_proto::{
    review as pb,
    table::{RecordType, table},
    wire,
};
use osteon_sync_core::{Dot, RecordId};

use self::approvals::Approval;
use super::{
    alerts::severity,
    look::{self, Looked},
    records::Session,
    views,
};
use crate::{error::Error, limits, store::ListQuery};

const FALL: u32 = 107;
const ORAL_DOSE: u32 = 233;
const APPROVAL: u32 = 301;

/// The newest parts of these types that the reader may see.
async fn gather(
    session: &mut Session,
    types: impl IntoIterator<Item = u32>,
    history: bool,
) -> Result<Vec<Looked>, Error> {
    let mut rows = Vec::new();
    for type_number in types {
        let limit = limits::PAGE_PARTS.u32();
        // By time, or by id where nothing has one: by arrival every part of the circle would be passed over.
        let query = ListQuery::by_time(type_number, None, limit);
        rows.extend(session.rows()?.list(query).await?);
    }
    rows.retain(|row| views::readable(&session.scope, row.label));
    let mut parts = look::look(session.rows()?, rows, history).await?;
    parts.retain(|one| one.part.is_live());
    Ok(parts)
}

/// Types of which a review group is declared, with it.
fn grouped() -> impl Iterator<Item = &'static RecordType> {
    table().types().iter().filter(|known| !known.review_group.is_empty())
}

fn records(parts: &[Looked]) -> care::Records<'_> {
    let mut records = care::Records::new();
    for one in parts {
        records.put(one.row.type_number, one.row.record, one.row.label, &one.part);
    }
    records
}

/// The findings of one circle, contradictions first.
pub async fn findings(session: &mut Session, mine: bool, touched: &mut u32) -> Result<Vec<pb::Review>, Error> {
    let mut with_history: Vec<u32> = grouped().map(|known| known.number).collect();
    with_history.push(APPROVAL);
    let plans = gather(session, with_history.iter().copied(), true).await?;
    let others = care::READS.iter().copied().chain([FALL, ORAL_DOSE]).filter(|number| !with_history.contains(number));
    let others = gather(session, others, false).await?;
    let mut all = care::Records::new();
    for one in plans.iter().chain(&others) {
        all.put(one.row.type_number, one.row.record, one.row.label, &one.part);
    }
    let approvals = approvals::read(&plans);
    let mut found: Vec<pb::Review> = care::check(&all).into_iter().map(contradiction).collect();
    found.extend(unread::merged(&plans, &approvals));
    let newest = approvals::newest(&approvals);
    let named = named(session, &plans, &newest).await?;
    let parts: Vec<&Looked> = plans.iter().chain(&named).collect();
    found.extend(approvals::void(session, &parts, &newest));
    let confirmed: Vec<care::Approved> = approvals.iter().map(|one| one.approved.clone()).collect();
    found.extend(care::pairs(&care::events(&all), &confirmed).into_iter().map(duplicate));
    let role = views::role(&session.member);
    for one in &mut found {
        let owners = match one.kind() {
            pb::ReviewKind::Duplicate => confirmers(one.r#type),
            _ => owners(one.r#type),
        };
        one.may_resolve = owners.contains(&i32::from(role));
        one.owners = owners;
        one.circle = session.member.circle;
    }
    found.retain(|one| !mine || one.may_resolve);
    found.truncate(limits::FINDINGS_PER_CIRCLE.usize());
    let rest = found.iter().flat_map(|one| &one.rests).map(|field| field.r#type).collect::<Vec<_>>();
    let shown = plans.iter().chain(&others).filter(|one| rest.contains(&one.row.type_number));
    *touched = shown.fold(*touched, |bits, one| bits | super::notes::categories(one.row.label));
    Ok(found)
}

/// What approvals name beside the plans, with its history.
async fn named(session: &mut Session, plans: &[Looked], approvals: &[&Approval]) -> Result<Vec<Looked>, Error> {
    let there: BTreeSet<RecordId> = plans.iter().map(|one| one.row.record).collect();
    let named = approvals.iter().flat_map(|one| one.approved.versions.keys()).map(|(record, _)| *record);
    let named: BTreeSet<RecordId> = named.filter(|record| !there.contains(record)).collect();
    let named: Vec<RecordId> = named.into_iter().take(limits::PAGE_PARTS.usize()).collect();
    Ok(session.parts(&named, true).await?.into_values().flatten().collect())
}

fn owners(type_number: u32) -> Vec<i32> {
    table().get(type_number).map(|known| known.owners.iter().map(i32::from).collect()).unwrap_or_default()
}

/// Who may say that two records are two events: writers of the approval under their label, and the owners.
fn confirmers(type_number: u32) -> Vec<i32> {
    let label = table().get(type_number).and_then(|known| known.label.as_ref());
    let choices = table().get(APPROVAL).into_iter().flat_map(|approval| &approval.label_choice);
    let writers = choices.filter(|choice| Some(&choice.label) == label).flat_map(|choice| choice.writers.iter());
    let all: BTreeSet<i32> = writers.map(i32::from).chain(owners(type_number)).collect();
    all.into_iter().collect()
}

fn text(record: RecordId) -> String {
    uuid::Uuid::from_bytes(record.0).to_string()
}

fn basis(record: RecordId, type_number: u32, field: u32, dots: impl IntoIterator<Item = Dot>) -> pb::ReviewField {
    let dots = dots.into_iter().map(wire::to_dot).collect();
    pb::ReviewField { record_id: text(record), r#type: type_number, field, dots }
}

fn bases(rests: &[care::Rests]) -> Vec<pb::ReviewField> {
    rests.iter().map(|one| basis(one.record, one.type_number, one.field, one.dots.iter().copied())).collect()
}

fn missing(tells: &care::Tells) -> String {
    match tells {
        care::Tells::Contradicts => String::new(),
        care::Tells::CannotTell(what) => (*what).to_owned(),
    }
}

fn contradiction(one: care::Finding) -> pb::Review {
    let subject = one.rests.iter().find(|rests| rests.record == one.subject).map_or(201, |rests| rests.type_number);
    pb::Review {
        kind: pb::ReviewKind::Contradiction.into(),
        record_id: text(one.subject),
        r#type: subject,
        missing: missing(&one.tells),
        rests: bases(&one.rests),
        check: one.check.id.to_owned(),
        severity: severity(one.check.severity).into(),
        source: one.check.source.key.to_owned(),
        source_state: one.check.source.state.into(),
        says: one.says,
        ..Default::default()
    }
}

fn duplicate(pair: care::Pair) -> pb::Review {
    let one = |event: &care::Event| basis(event.record, event.type_number, event.when.0, event.when.1.iter().copied());
    let says = if pair.a.type_number == FALL { "Two records of one fall?" } else { "Two records of one dose?" };
    pb::Review {
        kind: pb::ReviewKind::Duplicate.into(),
        record_id: text(pair.a.record),
        r#type: pair.a.type_number,
        says: says.to_owned(),
        rests: vec![one(&pair.a), one(&pair.b)],
        ..Default::default()
    }
}
