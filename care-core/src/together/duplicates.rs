//! Two records that may be one event: the same drug given twice, or two falls, near in time, recorded by two people or on
//! two devices. A pair is suggested, never merged: a person says whether it was one event (one of the records is marked
//! as a mistake) or two (they confirm both).

use osteon_proto::care;
use osteon_sync_core::{Dot, RecordId};

use super::{Approved, Records, records::Seen};
use crate::facts::{HOUR_MS, record};

/// Two administrations within a day (PORTAL 3.5); tablets and falls: our own choice, a clinician must approve it.
const ADMINISTERED_MS: i64 = 24 * HOUR_MS;
const TABLET_MS: i64 = 12 * HOUR_MS;
const FALL_MS: i64 = 2 * HOUR_MS;

/// Most events of one kind that are compared.
const MAX_EVENTS: usize = 512;

/// Something that happened once, as one record tells it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Event {
    pub type_number: u32,
    /// Of a dose: the drug. Empty: a fall, or nobody said.
    pub agent: String,
    /// The earliest and the latest of the live versions, in milliseconds.
    pub from_ms: i64,
    pub to_ms: i64,
    pub record: RecordId,
    /// The field that says when, and its live versions.
    pub when: (u32, Vec<Dot>),
    /// The change that made the record, and whose it was.
    pub made: (Dot, u64),
}

/// Two records that may be one event, the smaller id first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pair {
    pub a: Event,
    pub b: Event,
}

fn event(seen: &Seen<'_, '_>, when: u32, at: Vec<i64>, agent: String) -> Option<Event> {
    Some(Event {
        type_number: seen.type_number,
        agent,
        from_ms: at.iter().min().copied()?,
        to_ms: at.iter().max().copied()?,
        record: seen.id,
        when: (when, seen.rests(when).dots),
        made: seen.creation()?,
    })
}

/// What was given, taken, and fallen, by type, drug and time. What a later record corrects is left out.
pub fn events(records: &Records<'_>) -> Vec<Event> {
    let mut events = Vec::new();
    macro_rules! doses {
        ($number:literal, $message:ty, $when:literal) => {{
            let corrected = |m: $message| <[u8; 16]>::try_from(m.supersedes?.as_ref()).ok().map(RecordId);
            let gone: Vec<RecordId> = records
                .of($number)
                .flat_map(|one| one.live(2, corrected).known().copied().collect::<Vec<_>>())
                .collect();
            for one in records.of($number).filter(|one| !gone.contains(&one.id)) {
                let at = one.live($when, |m: $message| record::instant(m.when));
                let agent = one.live(3, |m: $message| record::text(m.agent)).known().next().cloned();
                let at = at.known().map(|at| at.ms).collect();
                events.extend(event(&one, $when, at, agent.unwrap_or_default()));
            }
        }};
    }
    doses!(232, care::Administration, 8);
    doses!(233, care::OralDose, 6);
    for one in records.of(107) {
        let at = one.live(1, |m: care::Fall| record::instant(m.when));
        events.extend(event(&one, 1, at.known().map(|at| at.ms).collect(), String::new()));
    }
    events.sort();
    events.dedup();
    events
}

/// Pairs that nobody has decided. `confirmed`: what people confirmed as two events.
pub fn pairs(events: &[Event], confirmed: &[Approved]) -> Vec<Pair> {
    let mut found = Vec::new();
    let kinds = events.chunk_by(|a, b| (a.type_number, &a.agent) == (b.type_number, &b.agent));
    for kind in kinds {
        let kind = kind.get(kind.len().saturating_sub(MAX_EVENTS)..).unwrap_or_default();
        for (at, a) in kind.iter().enumerate() {
            let later = kind.get(at + 1..).unwrap_or_default();
            for b in later.iter().filter(|b| may_be_one(a, b)) {
                let (a, b) = if a.record < b.record { (a, b) } else { (b, a) };
                if !confirmed.iter().any(|said| says(said, a) && says(said, b)) {
                    found.push(Pair { a: a.clone(), b: b.clone() });
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn may_be_one(a: &Event, b: &Event) -> bool {
    let window_ms = match a.type_number {
        232 => ADMINISTERED_MS,
        233 => TABLET_MS,
        _ => FALL_MS,
    };
    let (dot_a, account_a) = a.made;
    let (dot_b, account_b) = b.made;
    let apart_ms = (b.from_ms.saturating_sub(a.to_ms)).max(a.from_ms.saturating_sub(b.to_ms));
    a.record != b.record && (account_a != account_b || dot_a.replica != dot_b.replica) && apart_ms <= window_ms
}

/// The confirmation is of exactly the time that the record tells now.
fn says(said: &Approved, event: &Event) -> bool {
    let (field, dots) = &event.when;
    said.versions.get(&(event.record, *field)).is_some_and(|named| named.iter().eq(dots.iter()))
}
