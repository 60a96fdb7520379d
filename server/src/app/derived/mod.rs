//! Derived parts: what the server's own replica writes in the commit that changed their inputs. The safety minimum (C21) is
//! what whoever touches a person must know, whatever else of it is shared with them ([`safety`]); the summaries are what a
//! role sees of a category of which it may not read the records ([`summaries`]).
//!
//! Each is a pure function of records as they stand inside the commit, and names the versions that it looked at.

mod bone;
mod cancer;
mod counted;
mod dental;
mod falls;
mod input;
mod laboratory;
mod medicines;
mod nutrition;
mod safety;
mod said;
mod summaries;
mod trials;

use std::collections::{BTreeMap, BTreeSet};

use osteon_access_core::{Categories, LabelView};
use osteon_care_core::Day;
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

pub use bone::OF_BONE;
pub use cancer::OF_CANCER;
pub use dental::OF_DENTAL;
pub use falls::OF_FALLS;
pub use laboratory::OF_LABORATORY;
pub use medicines::OF_MEDICINES;
pub use nutrition::OF_NUTRITION;
pub use safety::SAFETY_MINIMUM;
pub use summaries::{OF_ACTIVITY, OF_IDENTITY};
pub use trials::OF_TRIALS;

/// One derived record of a circle.
struct Derived {
    number: u32,
    /// The category of which parts are looked at, and no part under another label; none: whatever the type says.
    category: Option<u32>,
    /// Types of which all records are looked at when one of them is written.
    whole: &'static [u32],
    /// Types of which only what is written is looked at.
    single: &'static [u32],
    /// What was counted before is kept ([`counted`]): `whole` is there whenever anything is written, and all of `single` too
    /// where it is not only new records that were written.
    counts: bool,
    /// The record's message, encoded; empty: there is nothing to say.
    compute: fn(&Seen<'_, '_>) -> Result<Vec<u8>, StoreError>,
}

const ALL: [&Derived; 11] = [
    &safety::MINIMUM,
    &summaries::IDENTITY,
    &cancer::CANCER,
    &bone::BONE,
    &medicines::MEDICINES,
    &laboratory::LABORATORY,
    &nutrition::NUTRITION,
    &summaries::ACTIVITY,
    &falls::FALLS,
    &dental::DENTAL,
    &trials::TRIALS,
];

/// What a derivation may look at.
struct Seen<'s, 'w> {
    by: &'static Derived,
    work: &'s Working<'w>,
    /// What stands, by label.
    stored: &'s BTreeMap<u64, Part>,
    /// What was written in this commit.
    changes: &'s [&'s Change],
    now_ms: u64,
}

impl<'s> Seen<'s, '_> {
    /// The parts of a type that may be looked at.
    fn parts_of_type(&self, type_number: u32) -> Result<Vec<&'s PartRow>, StoreError> {
        let mut rows = self.work.parts_of_type(type_number)?;
        rows.retain(|row| self.by.reads(row.label));
        Ok(rows)
    }

    /// The day in UTC on which this is written.
    fn today(&self) -> Day {
        let day = i64::try_from(self.now_ms).unwrap_or(0).div_euclid(osteon_care_core::facts::DAY_MS);
        Day(i32::try_from(day).unwrap_or(0))
    }

    /// What stands, as the message that it was made from.
    fn before<M: prost::Message + Default>(&self) -> M {
        let fields = self.stored.values().flat_map(Part::fields).filter(|(field, _)| field.number != 0);
        let mut chunks: Vec<(u32, &[u8])> = fields
            .flat_map(|(field, versions)| versions.filter_map(move |version| Some((field.number, version.value?))))
            .collect();
        chunks.sort_by_key(|(number, _)| *number);
        let bytes: Vec<u8> = chunks.into_iter().flat_map(|(_, chunk)| chunk).copied().collect();
        M::decode(bytes.as_slice()).unwrap_or_default()
    }
}

impl Derived {
    fn touched_by(&self, change: &Change) -> bool {
        self.looks_at(change, self.whole) || self.looks_at(change, self.single)
    }

    /// Whether a part under this label may be an input.
    fn reads(&self, label: u64) -> bool {
        let all = |category| LabelView::all(Categories(1_u32 << category)).0;
        self.category.is_none_or(|category| label == all(category))
    }

    fn looks_at(&self, change: &Change, types: &[u32]) -> bool {
        change.parts.iter().any(|part| types.contains(&part.type_number) && self.reads(part.part.label))
    }

    /// Whether what was counted before is not enough: something that may have been counted was changed or ended.
    fn begins_again(&self, change: &Change) -> bool {
        let counted = |part: &PartWrite| self.single.contains(&part.type_number) && self.reads(part.part.label);
        self.counts && change.parts.iter().any(|part| counted(part) && !counted::is_new(part))
    }

    /// Types of which all records have to be there.
    fn loads(&self, change: &Change) -> impl Iterator<Item = u32> {
        let whole = if self.counts { self.touched_by(change) } else { self.looks_at(change, self.whole) };
        let whole = if whole { self.whole } else { &[] };
        let single = if self.begins_again(change) { self.single } else { &[] };
        whole.iter().chain(single).copied()
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
        types.extend(changes.clone().flat_map(|change| derived.loads(change)));
    }
}

/// The same for a record of which only the commit knows the type: one of those whose label is chosen.
pub fn needs_of_moving(circle: CircleNo, types: &mut Vec<u32>, records: &mut Vec<RecordId>) {
    let chosen = |number: &u32| table().get(*number).is_some_and(|known| !known.label_choice.is_empty());
    for derived in ALL.into_iter().filter(|derived| derived.whole.iter().chain(derived.single).any(chosen)) {
        records.push(derived.id(circle));
        types.extend(derived.whole.iter().chain(derived.single));
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
        let stored = stored(work, (record, derived.number))?;
        let seen = Seen { by: derived, work, stored: &stored, changes, now_ms: writer.now_ms };
        let made = (derived.compute)(&seen)?;
        let parts = parts((record, derived.number), &made, &stored);
        if !parts.is_empty() {
            write(app, work, writer, ctx, record, parts)?;
        }
    }
    Ok(())
}

/// The parts that stand of a derived record.
fn stored(work: &Working<'_>, (record, type_number): (RecordId, u32)) -> Result<BTreeMap<u64, Part>, StoreError> {
    let rows = work.parts_of(record)?.into_iter().filter(|row| row.type_number == type_number);
    rows.map(|row| Ok((row.label, row.part()?))).collect()
}

/// Writes a record of the server's own, where it differs from what stands. `Needs` name it.
pub(super) fn put(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    of: (RecordId, u32),
    made: &[u8],
) -> Result<(), StoreError> {
    let parts = parts(of, made, &stored(work, of)?);
    if parts.is_empty() { Ok(()) } else { write(app, work, writer, ctx, of.0, parts) }
}

/// A field, or an element of a set, with its value.
type Chunk = (Field, Box<[u8]>);

/// What is to be written, part by part; nothing: it stands already, or there is nothing to say.
fn parts((record, type_number): (RecordId, u32), made: &[u8], stored: &BTreeMap<u64, Part>) -> Vec<PartWrite> {
    let Some(known) = table().get(type_number) else { return Vec::new() };
    let body = close(type_number, made);
    let split = if made.is_empty() { None } else { split_body(&body).ok().map(|(_, _, split)| split) };
    let mut chunks: BTreeMap<u64, Vec<Chunk>> = stored.keys().map(|label| (*label, Vec::new())).collect();
    for chunk in split.iter().flat_map(|split| split.chunks()) {
        let field = chunk.field();
        let Ok(label) = known.label_of(field.number, 0, 0) else { continue };
        chunks.entry(label.0).or_default().push((field, chunk.bytes.into()));
    }
    let part = |(label, chunks): (u64, Vec<Chunk>)| {
        let writes = writes(chunks, stored.get(&label));
        let says = writes.iter().any(|write| write.field.number != Field::LIFECYCLE);
        says.then_some(PartWrite { part: PartId { record, label }, type_number, writes })
    };
    chunks.into_iter().filter_map(part).collect()
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
    let body = close(type_number, made);
    let split = split_body(&body).ok().map(|(_, _, split)| split);
    let chunks = split.iter().flat_map(|split| split.chunks()).map(|chunk| (chunk.field(), chunk.bytes.into()));
    let part = PartWrite { part: PartId { record, label }, type_number, writes: writes(chunks.collect(), None) };
    write(app, work, writer, ctx, record, vec![part])
}

fn write(
    app: &App,
    work: &mut Working<'_>,
    writer: Writer,
    ctx: &Context,
    record: RecordId,
    parts: Vec<PartWrite>,
) -> Result<(), StoreError> {
    let replica = Replica::server(app.epoch());
    let counter = work.circle().chains.get(&replica).map_or(0, |head| head.counter) + 1;
    let change = Change {
        dot: Dot { replica, counter },
        clock: Clock { ms: writer.now_ms, logical: 0 },
        author: Author { account: 0, role: Role(meta::Role::System as u8) },
        base: work.circle().head,
        earlier: Vec::new(),
        parts,
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
fn writes(chunks: Vec<Chunk>, stored: Option<&Part>) -> Vec<FieldWrite> {
    let none = Part::default();
    let old = stored.unwrap_or(&none);
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
