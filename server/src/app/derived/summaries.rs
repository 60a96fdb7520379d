//! The summaries of C01 and C08 (care specification, section 4): what a role with the summary alone sees of a category, each
//! item with its day. Of what people disagree about without a safer side all versions stand there.
//!
//! Sessions of activity are many, and only those that a commit writes are looked at: what was counted before stands among
//! the summary's own inputs, each with its day, so that a commit costs the same in the fifth year as in the first week.

use osteon_proto::{care, split::payload, table::table, values::instant};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{
    Derived, Seen,
    input::{Input, Looked},
    said::{MAX_VERSIONS, date, day, input, on, settled},
};
use crate::store::StoreError;

pub const OF_IDENTITY: u32 = 322;
pub const OF_ACTIVITY: u32 = 323;
const ACTIVITY_SESSION: u32 = 106;
const EXERCISE_PLAN: u32 = 201;
const WEIGHT_BEARING: u32 = 213;
const CARE_CIRCLE: u32 = 261;
const PERSON: u32 = 271;
/// Of it the year of birth alone.
const RISK_PROFILE: u32 = 281;
const MAX_LIMBS: usize = 16;
const DAY_MS: i64 = 86_400_000;
/// The days of "the last seven" before the last.
const DAYS_BEFORE: i64 = 6;

pub(super) const IDENTITY: Derived = Derived {
    number: OF_IDENTITY,
    category: None,
    whole: &[CARE_CIRCLE, PERSON, RISK_PROFILE],
    single: &[],
    counts: false,
    compute: identity,
};

pub(super) const ACTIVITY: Derived = Derived {
    number: OF_ACTIVITY,
    category: None,
    whole: &[EXERCISE_PLAN, WEIGHT_BEARING],
    single: &[ACTIVITY_SESSION],
    counts: false,
    compute: activity,
};

fn identity(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let (mut made, mut inputs) = (care::SummaryOfIdentity::default(), Vec::new());
    for type_number in IDENTITY.whole {
        for row in seen.work.parts_of_type(*type_number)? {
            let Some(mut from) = Input::open(row)? else { continue };
            match *type_number {
                PERSON => person(&mut made, &mut from),
                RISK_PROFILE => birth(&mut made, &mut from),
                _ => circle(&mut made, &mut from),
            }
            inputs.extend(from.looked.iter().map(|looked| input(*type_number, looked, on(looked.written_ms))));
        }
    }
    made.display_name.truncate(MAX_VERSIONS);
    made.birth_year.truncate(MAX_VERSIONS);
    made.language.truncate(MAX_VERSIONS);
    made.interpreter.truncate(MAX_VERSIONS);
    made.emergency_contact.truncate(MAX_VERSIONS);
    if made != care::SummaryOfIdentity::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

fn person(made: &mut care::SummaryOfIdentity, from: &mut Input) {
    let text = |(text, ms): (String, u64)| care::SummaryText { text: Some(text), on: on(ms) };
    made.display_name.extend(from.written_texts("display_name").into_iter().map(text));
    let contact = |(chunk, looked): (Vec<u8>, Looked)| {
        let contact = care::EmergencyContact::decode(payload(&chunk)).ok()?;
        Some(care::SummaryContact { contact: Some(contact), on: on(looked.written_ms) })
    };
    made.emergency_contact.extend(from.written("emergency_contact").into_iter().filter_map(contact));
}

fn birth(made: &mut care::SummaryOfIdentity, from: &mut Input) {
    let year = |(date, ms): (String, u64)| {
        Some(care::SummaryYear { year: Some(date.split('-').next()?.parse().ok()?), on: on(ms) })
    };
    made.birth_year.extend(from.written_texts("birth_date").into_iter().filter_map(year));
}

fn circle(made: &mut care::SummaryOfIdentity, from: &mut Input) {
    let text = |(text, ms): (String, u64)| care::SummaryText { text: Some(text), on: on(ms) };
    made.language.extend(from.written_texts("language").into_iter().map(text));
    let interpreter = |(chunk, looked): (Vec<u8>, Looked)| {
        let interpreter = care::Interpreter::decode(payload(&chunk)).ok()?;
        Some(care::SummaryInterpreter { interpreter: Some(interpreter), on: on(looked.written_ms) })
    };
    made.interpreter.extend(from.written("interpreter").into_iter().filter_map(interpreter));
}

/// A session of which the commit wrote something: its day, and the version that says so; none where it is ended.
struct Session {
    record: RecordId,
    held: Option<(i64, Looked)>,
    /// The day that it is there and then, when this is written.
    today: i64,
}

fn activity(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let before: care::SummaryOfActivity = seen.before();
    let plans = seen.changes.iter().any(|change| ACTIVITY.looks_at(change, ACTIVITY.whole));
    let (mut made, mut inputs) = if plans {
        plan(seen)?
    } else {
        let kept = before.inputs.iter().filter(|input| input.r#type != Some(ACTIVITY_SESSION)).cloned().collect();
        (care::SummaryOfActivity { active_days: None, inputs: Vec::new(), ..before.clone() }, kept)
    };
    let sessions = sessions(seen)?;
    let utc = i64::try_from(seen.now_ms).unwrap_or(0).div_euclid(DAY_MS);
    let counted = before.active_days.as_ref().and_then(|days| day(days.until.as_deref()?));
    let last = sessions.iter().map(|session| session.today).chain(counted).fold(utc, i64::max);
    let written = |name: &[u8]| sessions.iter().any(|session| name.starts_with(&session.record.0));
    let kept = before.inputs.iter().filter(|input| input.r#type == Some(ACTIVITY_SESSION));
    let kept = kept.filter(|input| input.version.as_deref().is_some_and(|name| !written(name))).cloned();
    let fresh = sessions.iter().filter_map(|session| session.held.as_ref());
    let fresh = fresh.map(|(day, looked)| input(ACTIVITY_SESSION, looked, date(*day)));
    let within =
        |input: &care::SummaryInput| input.on.as_deref().and_then(day).is_some_and(|day| day + DAYS_BEFORE >= last);
    let counted: Vec<_> = kept.chain(fresh).filter(within).collect();
    let mut days: Vec<i64> = counted.iter().filter_map(|input| day(input.on.as_deref()?)).collect();
    days.retain(|day| *day <= last);
    days.sort_unstable();
    days.dedup();
    if !counted.is_empty() || before.active_days.is_some() {
        made.active_days = Some(care::SummaryActiveDays { days: u32::try_from(days.len()).ok(), until: date(last) });
    }
    inputs.extend(counted);
    if made != care::SummaryOfActivity::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

fn plan(seen: &Seen<'_, '_>) -> Result<(care::SummaryOfActivity, Vec<care::SummaryInput>), StoreError> {
    let (mut made, mut inputs) = (care::SummaryOfActivity::default(), Vec::new());
    for type_number in ACTIVITY.whole {
        for row in seen.work.parts_of_type(*type_number)? {
            let Some(mut from) = Input::open(row)? else { continue };
            if *type_number == EXERCISE_PLAN {
                // As in the safety minimum: what ended restricts no longer, and of two plans the stricter holds.
                if !from.is_over() {
                    let clearance = from.number_in_force("clearance");
                    let clearance = clearance.map(|(n, ms)| care::SummaryClearance { clearance: Some(n), on: on(ms) });
                    let both = made.clearance.take().into_iter().chain(clearance);
                    made.clearance = both.min_by_key(|one| one.clearance);
                }
            } else {
                let (limb, level) = (from.number("limb"), from.number_in_force("level"));
                let (level, on) = level.map_or((None, None), |(level, ms)| (Some(level), on(ms)));
                made.weight_bearing.push(care::SummaryWeightBearing { limb, level, on });
            }
            inputs.extend(from.looked.iter().map(|looked| input(*type_number, looked, on(looked.written_ms))));
        }
    }
    made.weight_bearing.truncate(MAX_LIMBS);
    Ok((made, inputs))
}

fn sessions(seen: &Seen<'_, '_>) -> Result<Vec<Session>, StoreError> {
    let parts = seen.changes.iter().flat_map(|change| &change.parts);
    let mut records: Vec<RecordId> =
        parts.filter(|part| part.type_number == ACTIVITY_SESSION).map(|part| part.part.record).collect();
    records.sort_unstable();
    records.dedup();
    let Some(started) = table().get(ACTIVITY_SESSION).and_then(|known| known.field_by_name("effective_start")) else {
        return Ok(Vec::new());
    };
    let now_ms = i64::try_from(seen.now_ms).unwrap_or(0);
    let mut sessions = Vec::new();
    for record in records {
        let mut session = Session { record, held: None, today: now_ms.div_euclid(DAY_MS) };
        for row in seen.work.parts_of(record)? {
            let Some(mut from) = Input::open(row)? else { continue };
            for (chunk, looked) in from.written("effective_start") {
                let moment = care::Moment::decode(payload(&chunk)).unwrap_or_default();
                let offset_ms = i64::from(moment.utc_offset_min.unwrap_or(0)) * 60_000;
                let ns = osteon_proto::values::value(started, &chunk).and_then(|value| instant(started, value));
                let Some(at_ms) = ns.and_then(|ns| i64::try_from(ns.div_euclid(1_000_000)).ok()) else { continue };
                let there = |ms: i64| ms.saturating_add(offset_ms).div_euclid(DAY_MS);
                session.today = session.today.max(there(now_ms));
                // Where people disagree when it was: the first of the days.
                if session.held.as_ref().is_none_or(|(day, _)| there(at_ms) < *day) {
                    session.held = Some((there(at_ms), looked));
                }
            }
        }
        sessions.push(session);
    }
    Ok(sessions)
}
