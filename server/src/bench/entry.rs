//! The workload's entry as Osteon writes it: one J01 with 13 fields set, of like size as the journal entry that the same
//! workload gives to other products. Seeded: the same person and number make the same entry.

use osteon_proto::{
    care::{self, PainQuality, Source},
    split,
};
use osteon_sync_core::RecordId;
use prost::{Message, bytes::Bytes};

use crate::ids::{Ids, SeededIds, random, uuid_v7_at};

/// J01 in the contracts.
const PAIN_ENTRY: u32 = 101;
/// Four entries a day.
const APART_MS: u64 = 6 * 60 * 60 * 1_000;
/// Entries of a round, and rounds that fit into most of a year.
const OF_ROUND: u64 = 50;
const ROUNDS: u64 = 20;
/// 2026-01-01T06:00:00Z: the first entry of everybody.
const FIRST_MS: u64 = 1_767_247_200_000;
/// Words of a note.
const NOTE: usize = 7;
const WORDS: [&str; 24] = [
    "walked",
    "slowly",
    "after",
    "breakfast",
    "left",
    "hip",
    "sore",
    "better",
    "heat",
    "evening",
    "stairs",
    "tired",
    "morning",
    "stiff",
    "garden",
    "rested",
    "phone",
    "daughter",
    "tablet",
    "worked",
    "night",
    "turned",
    "early",
    "quiet",
];
const SITES: [&str; 6] = ["lumbar spine", "left hip", "right femur", "sternum", "thoracic spine", "pelvis"];

/// Which field of the workload's entry became which field of J01; printed with the figures.
pub(super) const MAPPING: &str = "id → record id; patient → circle; time → effective_start; pain → now (and worst_24h, average); \
     body site → site[1]; quality → quality[1]; breakthrough → new_or_worse; rescue dose → relief_pct; sleep → \
     interference_sleep; steps → interference_walking; weight → interference_work; mood → interference_mood; \
     note of seven words → taken_for_it[7]; and source";

/// One entry: its record id, its body as it goes over the wire, and how long that is without the tag of its type.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// When the phone made it: an entry keeps its own time however late it is sent. The id of its record is of the same
    /// moment, as the device core makes both.
    pub made_ms: u64,
    pub record: RecordId,
    pub body: Bytes,
    pub inner: usize,
}

fn below(ids: &dyn Ids, n: u32) -> u32 {
    u32::from_le_bytes(random(ids)) % n
}

/// A note of different words, in an order of its own.
fn note(ids: &dyn Ids) -> Vec<String> {
    let start = below(ids, WORDS.len() as u32) as usize;
    // 5 and 24 have no common divisor: no word comes twice.
    (0..NOTE).map(|n| WORDS[(start + n * 5) % WORDS.len()].to_owned()).collect()
}

/// Entry `n` of one person. `round` makes other records of the same shape, of later days.
pub(super) fn entry(person: u64, round: u64, n: u64) -> Entry {
    let ids = SeededIds::new(person << 32 | round << 16 | n);
    let at_ms = FIRST_MS + (round % ROUNDS * OF_ROUND + n) * APART_MS;
    let pain = below(&ids, 11);
    let record = care::PainEntry {
        effective_start: Some(care::Moment {
            at: Some(prost_types::Timestamp { seconds: (at_ms / 1_000) as i64, nanos: 0 }),
            utc_offset_min: Some(60),
            zone: None,
        }),
        source: Some(Source::Manual.into()),
        worst_24h: Some(pain),
        average: Some(pain / 2),
        now: Some(pain),
        site: vec![SITES[below(&ids, SITES.len() as u32) as usize].to_owned()],
        interference_mood: Some(below(&ids, 5) + 1),
        interference_walking: Some(below(&ids, 11)),
        interference_work: Some(below(&ids, 11)),
        interference_sleep: Some(below(&ids, 11)),
        quality: vec![PainQuality::try_from(1 + below(&ids, 6) as i32).unwrap_or(PainQuality::Aching).into()],
        new_or_worse: Some(below(&ids, 8) == 0),
        relief_pct: Some(below(&ids, 101)),
        taken_for_it: note(&ids),
        ..Default::default()
    };
    let inner = record.encode_to_vec();
    let body = split::close(PAIN_ENTRY, &inner);
    Entry { made_ms: at_ms, record: RecordId(uuid_v7_at(at_ms, &ids)), inner: inner.len(), body: body.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_entry_sets_thirteen_fields_and_more_and_is_repeatable() {
        let mut records = BTreeSet::new();
        for n in 0..200 {
            let one = entry(7, 1, n);
            assert_eq!(one.body, entry(7, 1, n).body);
            assert!(records.insert(one.record));
            let (number, inner) = split::open(&one.body).expect("a body");
            assert_eq!((number, inner.len()), (PAIN_ENTRY, one.inner));
            let (_, known, split) = split::split_body(&one.body).expect("canonical");
            assert!(known.is_some() && split.was_canonical());
            let fields: BTreeSet<u32> = split.chunks().map(|chunk| chunk.number).collect();
            assert_eq!(fields.len(), 14);
            let words = care::PainEntry::decode(inner).expect("decodes").taken_for_it;
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), NOTE);
        }
    }
}
