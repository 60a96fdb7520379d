//! What plans say of themselves beside their content: fields on which people disagree, and who changed what last.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{
    plain::{enum_words, plain, scaled},
    table::{FieldInfo, Kind, RecordType, table},
    values::{Value, values},
};
use osteon_sync_core::{FieldRef, Part, RecordId, Version, view};

use super::{
    Day, Dispute, Facts, Id, Instant, PlanChange, Stakes,
    gather::role,
    plan_facts::{
        BONE, EXERCISE, GOAL, INTERVENTION, MEDICINE, MILESTONE, NUTRITION, Owned, PAIN, PAIN_LINE, PROGRESS,
        SUPPLEMENT, TEACH_BACK, WISHES,
    },
};

type Plans = BTreeMap<(RecordId, u64), Owned>;

/// Versions of one field that are shown.
const MAX_SHOWN: usize = 4;
const MAX_CHARS: usize = 120;
/// Changes are looked at for a fortnight; this is rather more.
const CHANGES_D: i32 = 60;

/// Every field on which live versions differ and a person is asked. Care specification, 6.2, R-SYNC-1.
pub(super) fn disputes(plans: &Plans, offset_min: i32) -> Vec<Dispute> {
    let mut all = Vec::new();
    for ((record, label), owned) in plans {
        let Some(known) = table().get(owned.type_number) else { continue };
        let mut seen = BTreeSet::new();
        for (field, versions) in owned.part.fields().filter(|(field, _)| field.number != 0) {
            if versions.len() > 1 && seen.insert(field.number) {
                all.extend(dispute((*record, *label), known, &owned.part, field, offset_min));
            }
        }
    }
    all
}

fn dispute(
    (record, label): (RecordId, u64),
    known: &RecordType,
    part: &Part,
    field: FieldRef<'_>,
    offset_min: i32,
) -> Option<Dispute> {
    let seen = view::view_field(part, field, known, None);
    let info = known.field(field.number)?;
    if !seen.needs_review || !seen.disputed() {
        return None;
    }
    let at = |version: &Version<'_>| Instant { ms: i64::try_from(version.clock.ms).unwrap_or(i64::MAX), offset_min };
    let mut versions = seen.versions.clone();
    versions.sort_by_key(|version| (version.clock, version.dot));
    // From the moment at which there were two.
    let since = versions.iter().find(|version| version.value != versions[0].value).map(at)?;
    let shown = |version: &Version<'_>| {
        let text = version.value.map_or_else(|| "cleared".to_owned(), |chunk| text(info, chunk));
        (text, role(version.author))
    };
    Some(Dispute {
        record: Id(record),
        label,
        field: format!("{}.{}", known.name, info.name),
        stakes: stakes(known.number, &info.name),
        since,
        versions: versions.iter().take(MAX_SHOWN).map(shown).collect(),
        in_force: seen.value().map(|chunk| text(info, chunk)),
    })
}

/// What cannot wait a day stands in the rule itself (R-SYNC-1); no safety depends on a goal.
fn stakes(type_number: u32, field: &str) -> Stakes {
    match (type_number, field) {
        (BONE, "agent" | "dose" | "status") | (EXERCISE, "clearance") | (WISHES, _) => Stakes::AtOnce,
        (GOAL | MILESTONE | PROGRESS | TEACH_BACK, _) => Stakes::Ordinary,
        _ => Stakes::Safety,
    }
}

/// A value of a register of a record type as a clinician reads it; `None`: the type or the field is not known.
pub fn shown(type_number: u32, number: u32, chunk: &[u8]) -> Option<String> {
    Some(text(table().get(type_number)?.field(number)?, chunk))
}

/// A value as a clinician reads it, with its unit.
fn text(field: &FieldInfo, chunk: &[u8]) -> String {
    let one = |value: Value<'_>| match value {
        Value::Int(n) => match &field.kind {
            Kind::Bool => if n == 0 { "no" } else { "yes" }.to_owned(),
            Kind::Enum => enum_words(field, n),
            _ if field.unit.is_empty() || field.unit == "{score}" => scaled(n, field.scale),
            _ => format!("{} {}", scaled(n, field.scale), field.unit),
        },
        Value::Float(number) => number.to_string(),
        Value::Text(text) => plain(text),
        Value::Bytes(_) | Value::Message(..) => "an entry".to_owned(),
    };
    let all: Vec<String> = values(field, chunk).map(one).collect();
    all.join(", ").chars().take(MAX_CHARS).collect()
}

/// Whether a change of records of this type is one of a plan, as rules on changes of plans mean it.
pub fn is_plan(type_number: u32) -> bool {
    PLANS.contains(&type_number)
}

/// Types of plans.
pub const PLANS: [u32; 8] = [EXERCISE, NUTRITION, BONE, SUPPLEMENT, MEDICINE, PAIN, PAIN_LINE, INTERVENTION];

/// What was changed of plans, by record, as of each record's newest change. `facts`: with lines of supplements and medicines.
pub(super) fn changes(facts: &Facts, plans: &Plans, offset_min: i32) -> Vec<PlanChange> {
    let mut newest: BTreeMap<RecordId, u64> = BTreeMap::new();
    for ((record, _), owned) in plans.iter().filter(|(_, owned)| PLANS.contains(&owned.type_number)) {
        let written = owned.part.fields().flat_map(|(_, versions)| versions).map(|version| version.clock.ms).max();
        let known = newest.entry(*record).or_default();
        *known = (*known).max(written.unwrap_or(0));
    }
    let last = newest.values().max().copied().unwrap_or(0);
    let day = |ms: u64| Instant { ms: i64::try_from(ms).unwrap_or(i64::MAX), offset_min }.day();
    let from: Day = day(last).plus(-CHANGES_D);
    let supplements = facts.supplements.iter().map(|line| (line.id, line.product.known().cloned().collect()));
    let medicines = facts.medicines.iter().map(|line| (line.id, line.code.known().cloned().collect()));
    let items: BTreeMap<Id, BTreeSet<String>> = supplements.chain(medicines).collect();
    let changes = newest.into_iter().filter(|(_, ms)| day(*ms) >= from).map(|(record, ms)| PlanChange {
        record: Id(record),
        at: Instant { ms: i64::try_from(ms).unwrap_or(i64::MAX), offset_min },
        items: items.get(&Id(record)).cloned().unwrap_or_default(),
    });
    changes.collect()
}
