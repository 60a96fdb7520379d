//! Between the device's state machine and the messages of `osteon.sync.v1`.
//!
//! - [`asking`]: its requests, as messages;
//! - [`answers`]: answers and verdicts, for it;
//! - [`pages`]: pages, taken apart.

pub mod answers;
pub mod asking;
pub mod pages;

use osteon_proto::{LabelId, meta, sync, table::table};
use osteon_sync_core::ledger::{Cell, Schemas};

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
