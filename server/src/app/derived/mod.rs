//! Derived parts: what the server's own replica writes in the commit that changed their inputs. The safety minimum (C21) is
//! what whoever touches a person must know, whatever else of it is shared with them ([`safety`]); the summaries are what a
//! role sees of a category of which it may not read the records ([`summaries`]).
//!
//! Each is a pure function of records as they stand inside the commit, and names the versions that it looked at.

mod input;
mod safety;
mod summaries;

use std::collections::BTreeSet;

use osteon_proto::{
    meta,
    split::{close, split_body},
    table::table,
};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldRef, FieldWrite, Note, Part, PartId, PartWrite, Put, RecordId, Replica,
    Role,
    ledger::{self, Context, Decision, Item, PushItem, Verdict},
    lifecycle::State,
};

use super::{
    App,
    circle::{Circle, Writer},
    commit::{ChainKeys, Contracts},
    ids_for,
};
use crate::store::{CircleNo, PartRow, StoreError, Working};

pub use safety::SAFETY_MINIMUM;
pub use summaries::{OF_ACTIVITY, OF_IDENTITY};

/// One derived record of a circle.
struct Derived {
    number: u32,
    /// Types of which all records are looked at when one of them is written.
    whole: &'static [u32],
    /// Types of which only what is written is looked at.
    single: &'static [u32],
    /// The record's message, encoded; empty: there is nothing to say.
    compute: fn(&Seen<'_, '_>) -> Result<Vec<u8>, StoreError>,
}

const ALL: [&Derived; 3] = [&safety::MINIMUM, &summaries::IDENTITY, &summaries::ACTIVITY];

/// What a derivation may look at.
struct Seen<'s, 'w> {
    work: &'s Working<'w>,
    /// What stands.
    stored: Option<&'s Part>,
    /// What was written in this commit.
    changes: &'s [&'s Change],
    now_ms: u64,
}

impl Derived {
    fn touched_by(&self, change: &Change) -> bool {
        self.looks_at(change, self.whole) || self.looks_at(change, self.single)
    }

    fn looks_at(&self, change: &Change, types: &[u32]) -> bool {
        change.parts.iter().any(|part| types.contains(&part.type_number))
    }

    /// The one record of a circle.
    fn id(&self, circle: CircleNo) -> RecordId {
        ids_for::singleton(circle, self.number)
    }
}

/// What has to be loaded beside the records that these changes write.
pub fn needs<'c>(
    changes: impl Iterator<Item = &'c Change> + Clone,
    circle: CircleNo,
    types: &mut Vec<u32>,
    records: &mut Vec<RecordId>,
) {
    for derived in ALL {
        if changes.clone().any(|change| derived.touched_by(change)) {
            records.push(derived.id(circle));
        }
        if changes.clone().any(|change| derived.looks_at(change, derived.whole)) {
            types.extend(derived.whole);
        }
    }
}

/// Writes what the circle's records come to now, where it differs from what stands.
pub fn settle(
    app: &App,
    work: &mut Working<'_>,
    circle: CircleNo,
    writer: Writer,
    ctx: &Context,
    changes: &[&Change],
) -> Result<(), StoreError> {
    for derived in ALL.into_iter().filter(|derived| changes.iter().any(|change| derived.touched_by(change))) {
        let record = derived.id(circle);
        let stored = work.parts_of(record)?.into_iter().find(|row| row.type_number == derived.number);
        let stored = stored.map(PartRow::part).transpose()?;
        let seen = Seen { work, stored: stored.as_ref(), changes, now_ms: writer.now_ms };
        let made = (derived.compute)(&seen)?;
        if let Some(part) = part(derived, record, &made, stored.as_ref()) {
            write(app, work, writer, ctx, part)?;
        }
    }
    Ok(())
}

/// What is to be written; `None`: it stands already, or there is nothing to say.
fn part(derived: &Derived, record: RecordId, made: &[u8], stored: Option<&Part>) -> Option<PartWrite> {
    if made.is_empty() && stored.is_none() {
        return None;
    }
    let label = table().get(derived.number)?.record_label(0, 0).ok()?;
    let writes = writes(derived.number, made, stored);
    let says = writes.iter().any(|write| write.field.number != Field::LIFECYCLE);
    says.then_some(PartWrite { part: PartId { record, label: label.0 }, type_number: derived.number, writes })
}

/// A record that nothing stood for before, made by the server's own replica. Its id comes of what it is about.
pub(super) fn create(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    (record, type_number, label): (RecordId, u32, u64),
    made: &[u8],
) -> Result<(), StoreError> {
    work.declare_new(record);
    let part = PartWrite { part: PartId { record, label }, type_number, writes: writes(type_number, made, None) };
    write(app, work, writer, ctx, part)
}

fn write(app: &App, work: &mut Working<'_>, writer: Writer, ctx: &Context, part: PartWrite) -> Result<(), StoreError> {
    let replica = Replica::server(app.epoch());
    let counter = work.circle().chains.get(&replica).map_or(0, |head| head.counter) + 1;
    let record = part.part.record;
    let change = Change {
        dot: Dot { replica, counter },
        clock: Clock { ms: writer.now_ms, logical: 0 },
        author: Author { account: 0, role: Role(meta::Role::System as u8) },
        base: work.circle().head,
        earlier: Vec::new(),
        parts: vec![part],
        note: Note::default(),
    };
    let mut items = [PushItem { mac: app.secrets.server_mac(&change), item: Item::Change(change) }];
    let mut view = Circle::open(work, &BTreeSet::from([record]), writer)?;
    let mut check = |_: &Change, _: &Circle<'_, '_>| Decision::Accept { out_of_range: false };
    let keys = ChainKeys::default();
    let outcomes = ledger::push(&mut view, &mut items, &[], ctx, &keys, &Contracts, &mut check);
    if !outcomes.iter().all(|outcome| matches!(outcome.verdict, Verdict::Accepted { .. })) {
        return Err(StoreError::Refused("a derived part was not taken"));
    }
    view.finish()
}

/// What differs: each field names all that is live of it. A field without a value any more is cleared.
fn writes(number: u32, made: &[u8], stored: Option<&Part>) -> Vec<FieldWrite> {
    let none = Part::default();
    let old = stored.unwrap_or(&none);
    let body = close(number, made);
    let chunks = if made.is_empty() { None } else { split_body(&body).ok().map(|(_, _, split)| split) };
    let chunks: Vec<(Field, Box<[u8]>)> =
        chunks.iter().flat_map(|split| split.chunks()).map(|chunk| (chunk.field(), chunk.bytes.into())).collect();
    let mut writes = Vec::new();
    let lives = |field: FieldRef<'_>| old.versions(field).map(|version| version.dot).collect::<Vec<Dot>>();
    if lives(FieldRef::LIFECYCLE).is_empty() {
        let put = Some(Put::Value(State::Active.chunk().into()));
        let field = Field::register(Field::LIFECYCLE);
        writes.push(FieldWrite { field, put, replaces: Vec::new(), covers: Vec::new() });
    }
    let gone = old.fields().filter(|(field, _)| field.number != Field::LIFECYCLE);
    let gone = gone.filter(|(field, _)| chunks.iter().all(|(made, _)| made.as_ref() != *field));
    let cleared = gone.filter(|(_, versions)| versions.clone().any(|version| version.value.is_some()));
    for (field, _) in cleared {
        let (replaces, covers) = (lives(field), Vec::new());
        writes.push(FieldWrite { field: field.into(), put: Some(Put::Absent), replaces, covers });
    }
    for (field, bytes) in chunks {
        let mut versions = old.versions(field.as_ref());
        let same = versions.len() == 1 && versions.all(|version| version.value == Some(&*bytes));
        if !same {
            let (replaces, covers) = (lives(field.as_ref()), Vec::new());
            writes.push(FieldWrite { put: Some(Put::Value(bytes)), field, replaces, covers });
        }
    }
    writes.sort_by(|a, b| a.field.cmp(&b.field));
    writes
}
