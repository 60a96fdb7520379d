//! What a write that is only tried (`validate_only`) would bring: questions about its values, contradictions that it makes or
//! settles, alerts that it would raise. For whoever asks, over what they may see.

use osteon_care_core::{clinic::SetThreshold, together as care, vocabulary};
use osteon_proto::{
    check::questions::{self, Doubt},
    record as pb,
    split::split_body,
    sync,
    table::{FieldInfo, RecordType, table},
    values::{Value, day, moment_ms, value},
    wire,
};
use osteon_sync_core::{Author, Dot, FieldRef, Part, RecordId, Replica, Role as CoreRole};

use super::{gather, missing, records, text};
use crate::{
    access::{Caller, Member, signed},
    app::{
        App,
        alerts::{severity, trial::Tried},
        look::{self, AllKnown, Looked},
        records::Session,
        views,
    },
    error::Error,
    store::ListQuery,
};

const WEIGHT: u32 = 108;
const RISK: u32 = 281;
/// ClinicSettings.threshold.
const THRESHOLD: u32 = 466;
/// Weights before the one that is written: the newest of them may have been taken back.
const WEIGHTS: u32 = 16;

/// Of a change that nothing refuses.
pub async fn trial(
    app: &App,
    caller: &Caller,
    member: &Member,
    change: &sync::Change,
    tried: &Tried,
) -> Result<pb::Trial, Error> {
    let mut session = app.session(caller, member.circle).await?;
    let mut asked = Vec::new();
    for (index, write) in change.writes.iter().enumerate() {
        asked.extend(questions_of(app, &mut session, index, write).await?);
    }
    let (raised, cleared) = contradictions(app, &mut session, member, change).await?;
    Ok(pb::Trial {
        questions: asked,
        raised,
        cleared,
        alerts: tried.told(app, &session),
        rules_not_asked: !tried.was_asked(),
    })
}

async fn questions_of(
    app: &App,
    session: &mut Session,
    index: usize,
    write: &sync::RecordWrite,
) -> Result<Vec<pb::Question>, Error> {
    let body = write.body.as_deref().unwrap_or_default();
    let Ok((number, _, parts)) = split_body(body) else { return Ok(Vec::new()) };
    let Some(kind) = table().get(number) else { return Ok(Vec::new()) };
    let chunks: Vec<(u32, &[u8])> = parts.chunks().map(|chunk| (chunk.number, chunk.bytes)).collect();
    let stands = standing(session, write, &chunks).await?;
    let stands: Vec<(u32, &[u8])> = stands.iter().map(|(number, chunk)| (*number, &**chunk)).collect();
    let mut found = will_stand(kind, &stands, &chunks, signed(session.now_ms));
    found.extend(vocabulary::unknown(kind, chunks.iter().copied()));
    if let Some(born) = born(session).await? {
        found.extend(questions::before_birth(kind, chunks.iter().copied(), born));
    }
    if number == WEIGHT {
        found.extend(unlike_before(session, kind, &chunks).await?);
    }
    if number == THRESHOLD {
        found.extend(not_allowed(app, session, kind, write, &chunks).await?);
    }
    let told = |one: questions::Question| pb::Question {
        path: format!("writes[{index}].body.{}", one.path),
        doubt: one.doubt.as_str().to_owned(),
    };
    Ok(found.into_iter().map(told).collect())
}

/// What stands of the record that is written to, of fields that are not written: one version of each.
async fn standing(
    session: &mut Session,
    write: &sync::RecordWrite,
    chunks: &[(u32, &[u8])],
) -> Result<Vec<(u32, Vec<u8>)>, Error> {
    let Ok(id) = <[u8; 16]>::try_from(&*write.record) else { return Ok(Vec::new()) };
    let parts = session.parts(&[RecordId(id)], false).await?;
    let fields = parts.values().flatten().flat_map(Looked::fields);
    let fields = fields.filter(|(field, _)| chunks.iter().all(|(written, _)| *written != field.number));
    Ok(fields.filter_map(|(field, view)| Some((field.number, view.value()?.to_vec()))).collect())
}

/// Questions about the record as it will stand, without those that it already raises: two fields may have to go together, and
/// one of them is written.
fn will_stand(
    kind: &RecordType,
    stands: &[(u32, &[u8])],
    chunks: &[(u32, &[u8])],
    now_ms: i64,
) -> Vec<questions::Question> {
    let before = questions::questions(kind, stands.iter().copied(), now_ms);
    let after = questions::questions(kind, stands.iter().chain(chunks).copied(), now_ms);
    after.into_iter().filter(|one| !before.contains(one)).collect()
}

/// The first day of birth that stands in the risk profile, as far as it is shared.
async fn born(session: &mut Session) -> Result<Option<i64>, Error> {
    let Some(field) = table().get(RISK).and_then(|risk| risk.field_by_name("birth_date")) else { return Ok(None) };
    let risks = gather(session, [RISK], false).await?;
    let versions = risks.iter().flat_map(|one| one.part.versions(FieldRef::register(field.number)));
    let born = versions.filter_map(|version| match value(field, version.value?)? {
        Value::Text(text) => day(text),
        _ => None,
    });
    Ok(born.min())
}

/// A weight against the nearest one before it.
async fn unlike_before(
    session: &mut Session,
    kind: &RecordType,
    chunks: &[(u32, &[u8])],
) -> Result<Option<questions::Question>, Error> {
    let Some((weight, time)) = kind.field_by_name("weight").zip(kind.time_field) else { return Ok(None) };
    let of = |number: u32| chunks.iter().find(|(of, _)| *of == number).map(|(_, chunk)| *chunk);
    let grams = |chunk: &[u8]| match value(weight, chunk)? {
        Value::Int(n) => Some(n),
        _ => None,
    };
    let at = of(time).and_then(|chunk| moment_ms(kind, time, chunk)).unwrap_or(signed(session.now_ms));
    let Some(now) = of(weight.number).and_then(grams) else { return Ok(None) };
    let to_ms = u64::try_from(at).unwrap_or(0);
    let query = ListQuery { type_number: WEIGHT, by_time: true, before: None, from_ms: 0, to_ms, limit: WEIGHTS };
    let mut rows = session.rows()?.list(query).await?;
    rows.retain(|row| views::readable(&session.scope, row.label));
    let before = look::look(session.rows()?, rows, false).await?;
    let weighed = |one: &Looked| {
        let version = one.part.versions(FieldRef::register(weight.number)).next()?;
        Some((signed(one.row.time_ms), grams(version.value?)?))
    };
    let newest = before.iter().filter(|one| !one.lifecycle.state.is_ending()).filter_map(weighed).max();
    let unlike = newest.is_some_and(|before| questions::is_unlike_weight(before, (at, now)));
    let path = format!("{}.{}", kind.member, weight.name);
    Ok(unlike.then_some(questions::Question { path, field: weight.number, doubt: Doubt::UnlikeBefore }))
}

/// A threshold of the clinic that the rules would not go by. Which one it is stands in the write, or in the record that it is
/// written to.
async fn not_allowed(
    app: &App,
    session: &mut Session,
    kind: &RecordType,
    write: &sync::RecordWrite,
    chunks: &[(u32, &[u8])],
) -> Result<Vec<questions::Question>, Error> {
    let of = |field: &FieldInfo| chunks.iter().find(|(number, _)| *number == field.number).map(|(_, chunk)| *chunk);
    let int = |field: &FieldInfo| match value(field, of(field)?)? {
        Value::Int(n) => i64::try_from(n).ok(),
        _ => None,
    };
    let ask = |field: &FieldInfo| {
        let path = format!("{}.{}", kind.member, field.name);
        questions::Question { path, field: field.number, doubt: Doubt::ThresholdNotAllowed }
    };
    let mut found = Vec::new();
    if let Some(on) = kind.field_by_name("on").filter(|on| int(on) == Some(0)) {
        found.push(ask(on));
    }
    let Some((named, set)) = kind.field_by_name("name").zip(kind.field_by_name("value")) else { return Ok(found) };
    let Some(thousandths) = int(set) else { return Ok(found) };
    let text = |chunk: &[u8]| match value(named, chunk)? {
        Value::Text(name) => Some(name.to_owned()),
        _ => None,
    };
    let mut name = of(named).and_then(text);
    if name.is_none()
        && let Ok(id) = <[u8; 16]>::try_from(&*write.record)
    {
        let parts = session.parts(&[RecordId(id)], false).await?;
        let versions = parts.values().flatten().flat_map(|one| one.part.versions(FieldRef::register(named.number)));
        name = versions.filter_map(|version| text(version.value?)).next();
    }
    let one = SetThreshold { name: name.unwrap_or_default(), thousandths };
    if !one.is_allowed(&app.care.set()) {
        found.push(ask(set));
    }
    Ok(found)
}

type Told = Vec<pb::CheckFinding>;

fn told(one: &care::Finding) -> pb::CheckFinding {
    pb::CheckFinding {
        check: one.check.id.to_owned(),
        severity: severity(one.check.severity).into(),
        record_id: text(one.subject),
        says: one.says.clone(),
        missing: missing(&one.tells),
    }
}

/// What checks would say of a change that they do not say now, and what they would no longer say.
async fn contradictions(
    app: &App,
    session: &mut Session,
    member: &Member,
    change: &sync::Change,
) -> Result<(Told, Told), Error> {
    let author = Author { account: member.viewer.account, role: CoreRole(member.viewer.role.number()) };
    // A number that no change has.
    let dot = Dot { replica: Replica { epoch: u32::MAX, n: u32::MAX }, counter: 1 };
    let change = sync::Change { clock_ms: app.now_ms(), ..change.clone() };
    // What is wrong with it was said where it was tried.
    let Ok(core) = wire::change::to_core(&change, wire::change::From { dot, author, base: 0 }) else {
        return Ok(Default::default());
    };
    if !core.parts.iter().any(|part| care::READS.contains(&part.type_number)) {
        return Ok(Default::default());
    }
    let parts = gather(session, care::READS.iter().copied(), false).await?;
    let before: Told = care::check(&records(&parts)).iter().map(told).collect();
    let mut written: Vec<(u32, RecordId, u64, Part)> = Vec::new();
    for part in &core.parts {
        let stands = parts.iter().find(|one| one.row.record == part.part.record && one.row.label == part.part.label);
        let mut merged = stands.map(|one| one.part.clone()).unwrap_or_default();
        merged.merge(core.origin(), &part.writes, &AllKnown);
        written.push((part.type_number, part.part.record, part.part.label, merged));
    }
    let mut with = records(&parts);
    for (type_number, record, label, part) in &written {
        with.put(*type_number, *record, *label, part);
    }
    let after: Told = care::check(&with).iter().map(told).collect();
    let only = |of: &Told, not: &Told| of.iter().filter(|one| !not.contains(one)).cloned().collect();
    Ok((only(&after, &before), only(&before, &after)))
}
