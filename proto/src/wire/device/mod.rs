//! Between the device's state machine (osteon-sync-core, `device`) and the messages of `osteon.sync.v1`: whoever drives
//! one (the client, the demo's seed, the tests) asks and answers in the same words.
//!
//! - [`asking`]: its requests, as messages;
//! - [`answers`]: answers and verdicts, for it;
//! - [`pages`]: pages, taken apart;
//! - [`writing`]: records, for what it saves.

pub mod answers;
pub mod asking;
pub mod pages;
pub mod writing;

use osteon_sync_core::{
    Replica,
    device::Lanes,
    ledger::{Cell, Schemas},
};

use crate::{LabelId, meta, sync, table::table};

/// What the server sent is not what the contract says: what, never its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadAnswer(pub &'static str);

impl std::fmt::Display for BadAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadAnswer {}

/// What the state machine must know of record types, from the field table.
pub struct TableSchemas;

impl Schemas for TableSchemas {
    fn class(&self, type_number: u32) -> u8 {
        let class = table().get(type_number).map_or(meta::PriorityClass::Rest, |t| t.class);
        u8::try_from(class as i32).unwrap_or(meta::PriorityClass::Rest as u8)
    }

    fn append_only(&self, type_number: u32) -> bool {
        table().get(type_number).is_some_and(|t| t.append_only)
    }
}

/// A cell from a message. The number of the label is what counts; its words are for people.
pub fn cell(c: &sync::Cell) -> Cell {
    Cell { label: c.label_id, class: u8::try_from(c.priority_class).unwrap_or(u8::MAX) }
}

/// A cell for a message.
pub fn to_cell(c: Cell) -> sync::Cell {
    sync::Cell {
        label: Some(LabelId(c.label).to_options()),
        audience_ref: 0,
        priority_class: c.class.into(),
        label_id: c.label,
    }
}

/// MACs and digests are 16 bytes, digest keys too.
fn sixteen(bytes: &[u8]) -> Option<[u8; 16]> {
    bytes.try_into().ok()
}

/// Both lanes out of an answer.
pub fn lanes_of(keys: &[sync::LaneKey]) -> Option<Lanes> {
    let of = |lane: meta::Lane| {
        let key = keys.iter().find(|k| k.lane() == lane)?;
        Some(Replica { epoch: key.epoch, n: key.replica })
    };
    Some(Lanes { urgent: of(meta::Lane::Urgent)?, ordinary: of(meta::Lane::Ordinary)? })
}

/// Milliseconds since 1970; 0 for what lies before.
pub fn millis(t: &prost_types::Timestamp) -> u64 {
    let ms = i128::from(t.seconds) * 1_000 + i128::from(t.nanos) / 1_000_000;
    u64::try_from(ms.max(0)).unwrap_or(u64::MAX)
}

/// The other way round.
pub fn timestamp(ms: u64) -> prost_types::Timestamp {
    let seconds = i64::try_from(ms / 1_000).unwrap_or(i64::MAX);
    prost_types::Timestamp { seconds, nanos: i32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000 }
}
