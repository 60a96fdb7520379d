//! Derived parts: what the server's own replica writes in the commit that changed their inputs. The safety minimum (C21) is
//! what whoever touches a person must know, whatever else of it is shared with them ([`safety`]); the summaries are what a
//! role sees of a category of which it may not read the records ([`summaries`]).
//!
//! Each is a pure function of records as they stand inside the commit, and names the versions that it looked at.

mod safety;
mod summaries;

use std::collections::BTreeSet;

use osteon_proto::{
    meta,
    split::{close, split_body},
    table::{RecordType, table},
    values::{Value, value, values},
};
use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldRef, FieldWrite, Note, Part, PartId, PartWrite, Put, RecordId, Replica,
    Role,
    ledger::{self, Context, Decision, Item, PushItem, Verdict},
    lifecycle::{self, State},
    view,
};

use super::{
    App,
    circle::{Circle, Writer},
    commit::{ChainKeys, Contracts},
    ids_for,
    look::AllKnown,
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
        let stored = work.parts_of(record)?.into_iter().next().map(decode).transpose()?;
        let seen = Seen { work, stored: stored.as_ref(), changes, now_ms: writer.now_ms };
        let made = (derived.compute)(&seen)?;
        if let Some(part) = part(derived, record, &made, stored.as_ref()) {
            write(app, work, writer, ctx, part)?;
        }
    }
    Ok(())
}

fn decode(row: &PartRow) -> Result<Part, StoreError> {
    Part::decode(&row.state).map_err(|_| StoreError::Corrupt { table: "part", column: "state" })
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

/// A version that was looked at.
#[derive(Clone, Copy)]
struct Looked {
    record: RecordId,
    dot: Dot,
    written_ms: u64,
}

impl Looked {
    /// Its name: record, epoch, replica, counter.
    fn name(&self) -> Vec<u8> {
        let mut out = self.record.0.to_vec();
        out.extend_from_slice(&self.dot.replica.epoch.to_be_bytes());
        out.extend_from_slice(&self.dot.replica.n.to_be_bytes());
        out.extend_from_slice(&self.dot.counter.to_be_bytes());
        out
    }
}

/// One part of an input, and what was looked at of it.
struct Input {
    record: RecordId,
    part: Part,
    known: &'static RecordType,
    looked: Vec<Looked>,
}

impl Input {
    /// A part of a record that is there and was not ended.
    fn open(row: &PartRow) -> Result<Option<Self>, StoreError> {
        let Some(known) = table().get(row.type_number) else { return Ok(None) };
        let part = decode(row)?;
        let there = part.is_live() && !lifecycle::of_part(&part, &[], &AllKnown).state.is_ending();
        Ok(there.then_some(Self { record: row.record, part, known, looked: Vec::new() }))
    }

    /// All live values of a field, or of its elements, each with the version that says so.
    fn written(&mut self, name: &str) -> Vec<(Vec<u8>, Looked)> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let mut found = Vec::new();
        for (_, versions) in self.part.fields().filter(|(at, _)| at.number == field.number) {
            for version in versions {
                let looked = Looked { record: self.record, dot: version.dot, written_ms: version.clock.ms };
                self.looked.push(looked);
                found.extend(version.value.map(|value| (value.to_vec(), looked)));
            }
        }
        found
    }

    fn all(&mut self, name: &str) -> Vec<Vec<u8>> {
        self.written(name).into_iter().map(|(chunk, _)| chunk).collect()
    }

    /// The value in force, where the policy has a safer side, and when it was written.
    fn in_force(&mut self, name: &str) -> Option<(Vec<u8>, u64)> {
        let field = self.known.field_by_name(name)?;
        let versions = self.part.versions(FieldRef::register(field.number));
        let looked = |version: osteon_sync_core::Version<'_>| Looked {
            record: self.record,
            dot: version.dot,
            written_ms: version.clock.ms,
        };
        let live: Vec<Looked> = versions.clone().map(looked).collect();
        self.looked.extend(live);
        let policy = osteon_sync_core::Schema::policy(self.known, field.number);
        let view = view::view(policy, field.number, versions, self.known, None);
        let effective = view.effective?;
        Some((effective.value?.to_vec(), effective.clock.ms))
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let chunks = self.all(name);
        let texts = chunks.iter().flat_map(|chunk| values(field, chunk)).filter_map(|value| match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        });
        texts.collect()
    }

    /// Texts with when they were written.
    fn written_texts(&mut self, name: &str) -> Vec<(String, u64)> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let text = |(chunk, looked): (Vec<u8>, Looked)| match value(field, &chunk)? {
            Value::Text(text) => Some((text.to_owned(), looked.written_ms)),
            _ => None,
        };
        self.written(name).into_iter().filter_map(text).collect()
    }

    fn number(&mut self, name: &str) -> Option<i32> {
        self.number_in_force(name).map(|(number, _)| number)
    }

    fn number_in_force(&mut self, name: &str) -> Option<(i32, u64)> {
        let (chunk, ms) = self.in_force(name)?;
        match value(self.known.field_by_name(name)?, &chunk)? {
            Value::Int(number) => i32::try_from(number).ok().map(|number| (number, ms)),
            _ => None,
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let (chunk, _) = self.in_force(name)?;
        match value(self.known.field_by_name(name)?, &chunk)? {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}
