//! Records as a person sees them: what is in force, and the versions where different ones stand side by side.

use std::sync::Arc;

use osteon_client::views::{self, CircleView, FieldView, VersionView};
use osteon_proto::table::{FieldInfo, table};

use crate::{
    error::{ObserverError, Result, id_text},
    events::count,
    records::Record,
};

/// Hears what a record is, first and whenever it changes; `None`: it is not here, or is no longer shared.
#[uniffi::export(with_foreign)]
pub trait RecordObserver: Send + Sync {
    fn on_record(&self, record: Option<RecordView>) -> std::result::Result<(), ObserverError>;
}

/// Hears how many there are, first and whenever it changes.
#[uniffi::export(with_foreign)]
pub trait CountObserver: Send + Sync {
    fn on_count(&self, count: u32) -> std::result::Result<(), ObserverError>;
}

/// Hears what a list is, first and whenever it changes.
#[uniffi::export(with_foreign)]
pub trait RecordsObserver: Send + Sync {
    fn on_records(&self, records: Vec<RecordView>) -> std::result::Result<(), ObserverError>;
}

#[derive(Clone, PartialEq, uniffi::Record)]
pub struct RecordView {
    pub record_id: String,
    pub type_number: u32,
    /// The values in force. A field that is blocked, or of which nothing is in force, is not set: see `fields`.
    pub record: Record,
    /// Of each field that has a version; of a set once for each element.
    pub fields: Vec<FieldState>,
    /// Not deleted, and not marked as a mistake.
    pub active: bool,
    /// The owner may end it or bring it back, as far as this phone can tell.
    pub may_end: bool,
    /// When it happened to the person, milliseconds since 1970.
    pub time_ms: Option<u64>,
    pub parent_id: Option<String>,
    /// Something of it was written here and the server has not answered yet.
    pub unsent: bool,
    /// Fields of a newer app: kept, not shown.
    pub unknown_fields: u32,
}

#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FieldState {
    /// Its name in the contracts, and as it is said to people.
    pub name: String,
    pub label: String,
    /// Different values stand side by side.
    pub disputed: bool,
    /// A person is asked.
    pub needs_review: bool,
    /// Nobody may act on it until it is settled.
    pub blocked: bool,
    /// The owner may write it, as far as this phone can tell: grey it out where not. The server decides again.
    pub may_write: bool,
    /// Several only in a dispute.
    pub versions: Vec<Version>,
}

#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Version {
    /// A record with this field alone. `None`: cleared.
    pub value: Option<Record>,
    pub account: u64,
    /// In words.
    pub role: String,
    /// By the writer's clock, milliseconds since 1970.
    pub written_ms: u64,
    pub in_force: bool,
}

pub(crate) fn record(circle: &CircleView<'_>, seen: &views::RecordView) -> Option<RecordView> {
    let in_force: Vec<u8> =
        seen.fields.iter().filter(|field| !field.blocked).filter_map(FieldView::value).flatten().copied().collect();
    Some(RecordView {
        record_id: id_text(seen.record),
        type_number: seen.type_number,
        record: Record::decode(seen.type_number, &in_force)?,
        fields: seen.fields.iter().filter_map(|field| state(circle, seen, field)).collect(),
        active: seen.is_active(),
        may_end: circle.may_end(seen),
        time_ms: seen.time_ms,
        parent_id: seen.parent.map(id_text),
        unsent: seen.unsent,
        unknown_fields: count(seen.unknown_fields),
    })
}

fn state(circle: &CircleView<'_>, seen: &views::RecordView, field: &FieldView) -> Option<FieldState> {
    let type_number = seen.type_number;
    let known: &FieldInfo = table().get(type_number)?.field(field.number)?;
    let version = |one: &VersionView| Version {
        value: one.value.as_deref().and_then(|chunk| Record::decode(type_number, chunk)),
        account: one.author.account,
        role: osteon_client::words::role(one.author.role.0).into(),
        written_ms: one.clock.ms,
        in_force: !field.blocked && field.effective.as_ref().is_some_and(|effective| effective.dot == one.dot),
    };
    Some(FieldState {
        name: known.name.clone(),
        label: osteon_client::words::label(known),
        disputed: field.disputed(),
        needs_review: field.needs_review,
        blocked: field.blocked,
        may_write: circle.may_write(seen, field),
        versions: field.versions.iter().map(version).collect(),
    })
}

/// The number of a record type by the name of its member in the contracts ("pain_entry").
#[uniffi::export]
pub fn record_type(name: &str) -> Result<u32> {
    let known = table().by_name(name);
    known.map(|known| known.number).ok_or_else(|| crate::error::PhoneError::argument("name", "There is no such type."))
}

/// Watches until it is stopped or let go.
#[derive(uniffi::Object)]
pub struct Watch {
    pub(crate) task: tokio::task::JoinHandle<()>,
}

#[uniffi::export]
impl Watch {
    pub fn stop(self: Arc<Self>) {
        self.task.abort();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
