//! From a record body to what the state machine saves: parts under their labels, the id that the type derives, the lane.

use osteon_sync_core::{Author, Dot, Field, PartWrite, RecordId, device::Lane};

use crate::{
    meta,
    reasons::Reason,
    split::SplitError,
    sync,
    table::table,
    wire::{
        change::{From, to_core},
        ids::{self, Sha256},
    },
};

/// The parts of a record that is started. `fresh` is its id, unless the type derives one. `body` is a `RecordBody`.
pub fn creation(
    circle: u64,
    author: Author,
    body: &[u8],
    label_choice: u32,
    fresh: RecordId,
    sha256: Sha256,
) -> Result<(RecordId, Vec<PartWrite>), SplitError> {
    let parts = parts(author, body, label_choice, fresh)?;
    let Some(kind) = parts.first().and_then(|p| table().get(p.type_number)) else { return Ok((fresh, parts)) };
    match ids::expected_id(circle, kind, ids::writes_of(&parts, fresh), sha256) {
        None => Ok((fresh, parts)),
        Some(Some(id)) => Ok((id, self::parts(author, body, label_choice, id)?)),
        Some(None) => Err(SplitError { reason: Reason::RecordIdInvalid, path: kind.member.clone() }),
    }
}

fn parts(author: Author, body: &[u8], label_choice: u32, record: RecordId) -> Result<Vec<PartWrite>, SplitError> {
    let write = sync::RecordWrite {
        record: record.0.to_vec().into(),
        body: Some(body.to_vec().into()),
        label_choice,
        create: true,
        ..Default::default()
    };
    let change = sync::Change { writes: vec![write], ..Default::default() };
    let from = From { dot: Dot::default(), author, base: 0 };
    let none = || SplitError { reason: Reason::Internal, path: String::new() };
    to_core(&change, from).map(|c| c.parts).map_err(|found| found.into_iter().next().unwrap_or_else(none))
}

/// A change that writes one urgent field goes urgent whole.
pub fn lane_of(type_number: u32, parts: &[PartWrite]) -> Lane {
    let Some(kind) = table().get(type_number) else { return Lane::Ordinary };
    let urgent = |number: u32| match number {
        Field::LIFECYCLE => kind.lifecycle_lane == meta::Lane::Urgent,
        number => kind.field(number).is_some_and(|f| f.lane == meta::Lane::Urgent),
    };
    let mut written = parts.iter().flat_map(|p| &p.writes).map(|w| w.field.number);
    if written.any(urgent) { Lane::Urgent } else { Lane::Ordinary }
}
