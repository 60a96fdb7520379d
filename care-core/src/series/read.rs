//! Merged records as readings of lanes. Field numbers are those of the contracts.

use std::collections::BTreeSet;

use osteon_proto::care::{self, Certainty, Moment, Source};
use osteon_sync_core::RecordId;
use prost::Message;

use super::{Lane, Reading, Said};
use crate::facts::{
    Analyte, DAY_MS, Day, HOUR_MS, Id, Instant, Live,
    from_codes::{analyte, canonical},
    from_journal::limits,
    record::{Record, day, instant, known, text},
};

/// Record types that say something to a lane.
pub const TYPES: &[u32] = &[101, 103, 104, 106, 107, 108, 120, 121, 231, 232, 233, 371];

/// Versions of one reading that are kept.
const MAX_VERSIONS: usize = 32;

/// The lanes that records of a type may say something to.
pub fn lanes_of(type_number: u32) -> Vec<Lane> {
    match type_number {
        101 => vec![Lane::Pain],
        103 => vec![Lane::Protein, Lane::Calcium],
        104 => vec![Lane::Fluid],
        106 => vec![Lane::Activity],
        107 => vec![Lane::Falls, Lane::NearFalls],
        108 => vec![Lane::Weight],
        120 => Analyte::ALL.iter().copied().map(Lane::Lab).collect(),
        121 => vec![Lane::Gait, Lane::ChairStands],
        231 => vec![Lane::DoseDue],
        232 | 233 => vec![Lane::DoseGiven],
        371 => vec![Lane::Treatment],
        _ => Vec::new(),
    }
}

/// The drinks, results, tests or doses that this one corrects.
pub(super) fn corrects(type_number: u32, record: &Record<'_>) -> BTreeSet<Id> {
    let id = |bytes: Option<prost::bytes::Bytes>| Some(Id(RecordId(bytes?.as_ref().try_into().ok()?)));
    let named = match type_number {
        104 => record.live(5, |m: care::FluidEntry| id(m.supersedes)),
        120 => record.live(5, |m: care::LaboratoryResult| id(m.supersedes)),
        121 => record.live(5, |m: care::FunctionalTest| id(m.supersedes)),
        232 => record.live(2, |m: care::Administration| id(m.supersedes)),
        233 => record.live(2, |m: care::OralDose| id(m.supersedes)),
        _ => return BTreeSet::new(),
    };
    named.known().copied().filter(|id| *id != record.id).collect()
}

/// What a record says, lane by lane.
pub(super) fn readings(type_number: u32, record: &Record<'_>) -> Vec<(Lane, Reading)> {
    match type_number {
        101 => one(record, Lane::Pain, 5, |m: care::PainEntry| m.worst_24h.map(i64::from)),
        103 => meal(record),
        104 => one(record, Lane::Fluid, 6, |m: care::FluidEntry| m.volume.map(i64::from)),
        106 => one(record, Lane::Activity, 6, |m: care::ActivitySession| m.duration.map(i64::from)),
        107 => fall(record),
        108 => one(record, Lane::Weight, 5, |m: care::BodyWeight| m.weight.map(i64::from)),
        120 => laboratory(record),
        121 => function_test(record),
        231 => dates(record, Lane::DoseDue, &[record.live(7, |m: care::BoneDrugPlan| day(m.planned_next))]),
        232 => counted(record, 8, |m: care::Administration| m.when),
        233 => counted(record, 6, |m: care::OralDose| m.when),
        371 => {
            type M = care::CancerTreatment;
            let both = [record.live(3, |m: M| day(m.start)), record.live(4, |m: M| day(m.end))];
            dates(record, Lane::Treatment, &both)
        }
        _ => Vec::new(),
    }
}

/// The common frame of journal entries. Its fields stand at the same numbers with the same types in all of them.
#[derive(Clone, PartialEq, Message)]
struct Frame {
    #[prost(message, optional, tag = "1")]
    effective_start: Option<Moment>,
    #[prost(enumeration = "Certainty", optional, tag = "3")]
    certainty: Option<i32>,
    #[prost(enumeration = "Source", optional, tag = "4")]
    source: Option<i32>,
}

fn frame(record: &Record<'_>, versions: Vec<Said>) -> Reading {
    let frame = record.whole::<Frame>();
    let sole = |live: Live<i32>| match live {
        Live::One(one) => Some(one),
        _ => None,
    };
    let certainty = sole(frame.live(3, |m| m.certainty)).and_then(|one| known::<Certainty>(Some(one)));
    let source = sole(frame.live(4, |m| m.source)).and_then(|one| known::<Source>(Some(one)));
    Reading { certainty, source, ..at(bare(record, versions), &frame.live(1, |m| instant(&m.effective_start))) }
}

fn bare(record: &Record<'_>, versions: Vec<Said>) -> Reading {
    Reading {
        record: record.id,
        versions,
        at: Vec::new(),
        at_disputed: false,
        certainty: None,
        source: None,
        received: record.received,
        low: Live::Missing,
        high: Live::Missing,
        mistake: false,
    }
}

fn at(reading: Reading, when: &Live<Instant>) -> Reading {
    Reading { at: when.known().copied().collect(), at_disputed: matches!(when, Live::Many(_)), ..reading }
}

fn said(live: &Live<i64>) -> Vec<Said> {
    match live {
        Live::Missing => vec![Said::default()],
        Live::One(value) => vec![Said { value: Some(*value), entered: None }],
        Live::Many(versions) => {
            versions.iter().take(MAX_VERSIONS).map(|value| Said { value: *value, entered: None }).collect()
        }
    }
}

/// A lane of one number. An entry that says nothing of it is none of the lane's.
fn one<M: Message + Default>(
    record: &Record<'_>,
    lane: Lane,
    field: u32,
    get: fn(M) -> Option<i64>,
) -> Vec<(Lane, Reading)> {
    let live = record.live(field, get);
    if live.is_missing() { Vec::new() } else { vec![(lane, frame(record, said(&live)))] }
}

/// Amounts of a meal that nobody computed are unreadable, not nothing: the day's total is not whole without them.
fn meal(record: &Record<'_>) -> Vec<(Lane, Reading)> {
    type M = care::Meal;
    let protein = record.live(8, |m: M| m.protein.map(i64::from));
    let calcium = record.live(9, |m: M| m.calcium.map(i64::from));
    let reading = frame(record, said(&protein));
    let beside = Reading { versions: said(&calcium), ..reading.clone() };
    vec![(Lane::Protein, reading), (Lane::Calcium, beside)]
}

/// A fall of which nobody said whether it was a near one counts as a fall.
fn fall(record: &Record<'_>) -> Vec<(Lane, Reading)> {
    let near = record.live(5, |m: care::Fall| m.near_fall);
    let near: BTreeSet<bool> = match &near {
        Live::Missing => BTreeSet::from([false]),
        live if live.has_unknown() => live.known().copied().chain([false]).collect(),
        live => live.known().copied().collect(),
    };
    let lane = |lane: Lane, is: bool| {
        let versions = near.iter().map(|near| Said { value: Some(i64::from(*near == is)), entered: None });
        let versions: BTreeSet<Said> = versions.collect();
        near.contains(&is).then(|| (lane, frame(record, versions.into_iter().collect())))
    };
    [lane(Lane::Falls, false), lane(Lane::NearFalls, true)].into_iter().flatten().collect()
}

/// Every version of the value in every version of its unit, in the lane of every version of the analyte.
fn laboratory(record: &Record<'_>) -> Vec<(Lane, Reading)> {
    type M = care::LaboratoryResult;
    let values = record.live(7, |m: M| m.value.map(i64::from));
    if values.is_missing() {
        return Vec::new();
    }
    let units = record.live(8, |m: M| text(m.unit));
    let (low, high) = (record.live(9, |m: M| m.ref_low), record.live(10, |m: M| m.ref_high));
    let taken = record.live(11, |m: M| instant(m.specimen_time));
    let analytes = record.live(6, |m: M| analyte(m.analyte.as_deref()?));
    let lane = |kind: &Analyte| {
        let mut versions: BTreeSet<Said> = BTreeSet::new();
        let unknown = values.has_unknown() || units.has_unknown();
        versions.extend(unknown.then(Said::default));
        let limit = |live: &Live<i32>| {
            let of = |unit: &String| live.known().map(|n| canonical(*kind, i64::from(*n), unit)).collect::<Vec<_>>();
            Live::of(units.known().flat_map(of))
        };
        for unit in units.known() {
            let one = |value: &i64| {
                let entered = Some((*value, 4, unit.clone()));
                Said { value: canonical(*kind, *value, unit), entered }
            };
            versions.extend(values.known().map(one));
        }
        let mut reading = frame(record, versions.into_iter().take(MAX_VERSIONS).collect());
        (reading.low, reading.high) = limits(limit(&low), limit(&high));
        if !taken.is_missing() {
            reading = at(reading, &taken);
        }
        (Lane::Lab(*kind), reading)
    };
    analytes.known().map(lane).collect()
}

/// Gait in hundredths of a metre per second: the slowest and the fastest that its versions allow.
fn function_test(record: &Record<'_>) -> Vec<(Lane, Reading)> {
    type M = care::FunctionalTest;
    let stands = record.live(7, |m: M| m.chair_stands_30s.map(i64::from));
    let (metres, seconds) = (record.live(13, |m: M| m.gait_m), record.live(14, |m: M| m.gait_s));
    let mut all = Vec::new();
    if !stands.is_missing() {
        all.push((Lane::ChairStands, frame(record, said(&stands))));
    }
    if !metres.is_missing() && !seconds.is_missing() {
        let speed = |m: &u32, s: &u32| (*s > 0).then(|| i64::from(*m) * 100 / i64::from(*s));
        let of = |m: &u32| seconds.known().map(|s| speed(m, s)).collect::<Vec<_>>();
        let unknown = (metres.has_unknown() || seconds.has_unknown()).then_some(None);
        let speeds = Live::of(metres.known().flat_map(of).chain(unknown));
        all.push((Lane::Gait, frame(record, said(&speeds))));
    }
    all
}

/// Something that is counted on the day on which it happened.
fn counted<M: Message + Default>(
    record: &Record<'_>,
    field: u32,
    get: fn(M) -> Option<Moment>,
) -> Vec<(Lane, Reading)> {
    let once = Said { value: Some(1), entered: None };
    vec![(Lane::DoseGiven, at(bare(record, vec![once]), &record.live(field, |m: M| instant(get(m)))))]
}

/// Dates of a plan or a profile, at their noon. Two fields are two dates; two versions of one are a dispute.
fn dates(record: &Record<'_>, lane: Lane, fields: &[Live<Day>]) -> Vec<(Lane, Reading)> {
    let noon = |on: &Day| Instant { ms: i64::from(on.0) * DAY_MS + 12 * HOUR_MS, offset_min: 0 };
    let at: BTreeSet<Instant> = fields.iter().flat_map(Live::known).map(noon).collect();
    let at_disputed = fields.iter().any(|live| matches!(live, Live::Many(_)));
    let once = Said { value: Some(1), entered: None };
    vec![(lane, Reading { at: at.into_iter().collect(), at_disputed, ..bare(record, vec![once]) })]
}
