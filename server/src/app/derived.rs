//! Derived parts: what the server's own replica writes in the commit that changed their inputs. The safety minimum (C21) is
//! what whoever touches a person must know, whatever else of it is shared with them.

use std::collections::BTreeSet;

use osteon_proto::{
    care, meta,
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
use prost::Message;

use super::{
    App,
    circle::{Circle, Writer},
    commit::{ChainKeys, Contracts},
    ids_for,
    look::AllKnown,
};
use crate::store::{CircleNo, PartRow, StoreError, Working};

pub const SAFETY_MINIMUM: u32 = 321;
const EXERCISE_PLAN: u32 = 201;
const WEIGHT_BEARING: u32 = 213;
const EVENT_RESTRICTION: u32 = 216;
const BONE_DRUG_PLAN: u32 = 231;
const CARE_CIRCLE: u32 = 261;
/// Types that the safety minimum is made of.
pub const INPUTS: [u32; 5] = [EXERCISE_PLAN, WEIGHT_BEARING, EVENT_RESTRICTION, BONE_DRUG_PLAN, CARE_CIRCLE];
const MAX_INPUTS: usize = 256;
const MAX_ITEMS: usize = 64;

/// The one record of a circle.
pub fn id(circle: CircleNo) -> RecordId {
    ids_for::singleton(circle, SAFETY_MINIMUM)
}

/// Whether a change moves what is derived.
pub fn touched<'c>(mut changes: impl Iterator<Item = &'c Change>) -> bool {
    changes.any(|change| change.parts.iter().any(|part| INPUTS.contains(&part.type_number)))
}

/// Writes what the circle's records come to now, if it differs from what stands.
pub fn settle(
    app: &App,
    work: &mut Working<'_>,
    circle: CircleNo,
    writer: Writer,
    ctx: &Context,
) -> Result<(), StoreError> {
    let Some(known) = table().get(SAFETY_MINIMUM) else { return Ok(()) };
    let made = compute(work)?.encode_to_vec();
    let record = id(circle);
    let stored = work.parts_of(record)?.into_iter().next().cloned();
    if made.is_empty() && stored.is_none() {
        return Ok(());
    }
    let Ok(label) = known.record_label(0, 0) else { return Ok(()) };
    let part = PartId { record, label: label.0 };
    let writes = writes(&made, stored.as_ref())?;
    if writes.iter().all(|write| write.field.number == Field::LIFECYCLE) {
        return Ok(());
    }
    let replica = Replica::server(app.epoch());
    let counter = work.circle().chains.get(&replica).map_or(0, |head| head.counter) + 1;
    let change = Change {
        dot: Dot { replica, counter },
        clock: Clock { ms: writer.now_ms, logical: 0 },
        author: Author { account: 0, role: Role(meta::Role::System as u8) },
        base: work.circle().head,
        earlier: Vec::new(),
        parts: vec![PartWrite { part, type_number: SAFETY_MINIMUM, writes }],
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
fn writes(made: &[u8], stored: Option<&PartRow>) -> Result<Vec<FieldWrite>, StoreError> {
    let corrupt = |_| StoreError::Corrupt { table: "part", column: "state" };
    let old = stored.map(|row| Part::decode(&row.state)).transpose().map_err(corrupt)?.unwrap_or_default();
    let body = close(SAFETY_MINIMUM, made);
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
    Ok(writes)
}

/// One part of an input, with what was looked at.
struct Input<'i> {
    record: RecordId,
    part: Part,
    known: &'static RecordType,
    inputs: &'i mut BTreeSet<Vec<u8>>,
}

impl Input<'_> {
    /// All live values of a field, or of its elements.
    fn all(&mut self, name: &str) -> Vec<Vec<u8>> {
        let Some(field) = self.known.field_by_name(name) else { return Vec::new() };
        let mut found = Vec::new();
        for (_, versions) in self.part.fields().filter(|(at, _)| at.number == field.number) {
            for version in versions {
                self.inputs.insert(input(self.record, version.dot));
                found.extend(version.value.map(<[u8]>::to_vec));
            }
        }
        found
    }

    /// The value in force, where the policy has a safer side.
    fn effective(&mut self, name: &str) -> Option<Vec<u8>> {
        let field = self.known.field_by_name(name)?;
        let versions = self.part.versions(FieldRef::register(field.number));
        let live: Vec<Dot> = versions.clone().map(|version| version.dot).collect();
        self.inputs.extend(live.into_iter().map(|dot| input(self.record, dot)));
        let policy = osteon_sync_core::Schema::policy(self.known, field.number);
        view::view(policy, field.number, versions, self.known, None).value().map(<[u8]>::to_vec)
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

    fn number(&mut self, name: &str) -> Option<i32> {
        let chunk = self.effective(name)?;
        match value(self.known.field_by_name(name)?, &chunk)? {
            Value::Int(number) => i32::try_from(number).ok(),
            _ => None,
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let chunk = self.effective(name)?;
        match value(self.known.field_by_name(name)?, &chunk)? {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

/// A version by name: record, epoch, replica, counter.
fn input(record: RecordId, dot: Dot) -> Vec<u8> {
    let mut out = record.0.to_vec();
    out.extend_from_slice(&dot.replica.epoch.to_be_bytes());
    out.extend_from_slice(&dot.replica.n.to_be_bytes());
    out.extend_from_slice(&dot.counter.to_be_bytes());
    out
}

/// Of every record that is there and was not ended.
fn compute(work: &Working<'_>) -> Result<care::SafetyMinimum, StoreError> {
    let (mut made, mut inputs) = (care::SafetyMinimum::default(), BTreeSet::new());
    for type_number in INPUTS {
        let Some(known) = table().get(type_number) else { continue };
        for row in work.parts_of_type(type_number)? {
            let corrupt = |_| StoreError::Corrupt { table: "part", column: "state" };
            let part = Part::decode(&row.state).map_err(corrupt)?;
            if part.is_live() && !lifecycle::of_part(&part, &[], &AllKnown).state.is_ending() {
                add(&mut made, type_number, Input { record: row.record, part, known, inputs: &mut inputs });
            }
        }
    }
    for texts in
        [&mut made.forbidden_movements, &mut made.no_load_regions, &mut made.bone_drug, &mut made.emergency_lines]
    {
        texts.sort();
        texts.dedup();
        texts.truncate(MAX_ITEMS);
    }
    made.restrictions.truncate(MAX_ITEMS);
    made.weight_bearing.truncate(16);
    if made != care::SafetyMinimum::default() {
        made.inputs = inputs.into_iter().take(MAX_INPUTS).map(Into::into).collect();
    }
    Ok(made)
}

fn add(made: &mut care::SafetyMinimum, type_number: u32, mut from: Input<'_>) {
    match type_number {
        EXERCISE_PLAN => {
            made.clearance = made.clearance.or(from.number("clearance"));
            made.lift_max_kg = made.lift_max_kg.or(from.number("lift_max_kg").and_then(|n| u32::try_from(n).ok()));
            made.forbidden_movements.extend(from.texts("forbidden_movements"));
            made.no_load_regions.extend(from.texts("no_load_regions"));
        }
        WEIGHT_BEARING => {
            let (limb, level) = (from.number("limb"), from.number("level"));
            made.weight_bearing.push(care::SafetyWeightBearing { limb, level });
        }
        EVENT_RESTRICTION => {
            let (what, until) = (from.text("what"), from.text("until"));
            made.restrictions.push(care::SafetyRestriction { what, until });
        }
        BONE_DRUG_PLAN => {
            made.bone_drug.extend(from.texts("agent"));
            made.bone_drug_status = made.bone_drug_status.or(from.number("status"));
            made.bone_drug_next = made.bone_drug_next.take().or(from.text("planned_next"));
        }
        _ => made.emergency_lines.extend(from.texts("emergency_line")),
    }
}
