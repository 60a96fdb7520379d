//! How much of a circle a device holds: a scope narrower than the right. It is the same rule as every other narrowing: a
//! cell that is not wanted, or wanted otherwise than it is held, is erased, and what is missing is filled in.
//!
//! A journal that is held in part has a generation of its own, which names the month from which on it is held: so it never
//! moves under a device that holds it, and asking for all of it is another generation.

use std::collections::BTreeMap;

use osteon_proto::{meta::PriorityClass, sync::Depth};
use osteon_sync_core::{
    RecordId,
    ledger::{Cell, Generation, Granted, page::Planned},
};

use crate::store::PartRow;

/// Generations are numbered by sequences, far below this bit.
const PARTIAL: u64 = 1 << 63;
const MONTH_SHIFT: u32 = 47;
const NUMBER: u64 = (1 << MONTH_SHIFT) - 1;
const RECENT_MS: u64 = 30 * DAY_MS;
const DAY_MS: u64 = 86_400_000;
const JOURNAL: u8 = PriorityClass::Journal as u8;

/// Whether cells of this class are held at all.
pub fn within(depth: Depth, class: u8) -> bool {
    match depth {
        Depth::Unspecified | Depth::Full => true,
        Depth::Plan => class <= JOURNAL,
        Depth::List => class <= PriorityClass::Safety as u8,
    }
}

pub fn is_partial(generation: Generation) -> bool {
    generation.n & PARTIAL != 0
}

/// The cells that are wanted, of those that are granted. What is held in part stays as it is held.
pub fn granted(depth: Depth, granted: Granted, held: Option<&BTreeMap<Cell, Generation>>, now_ms: u64) -> Granted {
    let wanted = granted.into_iter().filter(|(cell, _)| within(depth, cell.class));
    if depth != Depth::Plan {
        return wanted.collect();
    }
    let month = month_of(now_ms.saturating_sub(RECENT_MS));
    let of = |(cell, whole): (Cell, Generation)| {
        if cell.class != JOURNAL {
            return (cell, whole);
        }
        let same =
            |held: &&Generation| is_partial(**held) && held.epoch == whole.epoch && held.n & NUMBER == whole.n & NUMBER;
        let held = held.and_then(|held| held.get(&cell)).filter(same).copied();
        (cell, held.unwrap_or(Generation { n: PARTIAL | month << MONTH_SHIFT | whole.n & NUMBER, ..whole }))
    };
    wanted.map(of).collect()
}

/// Takes what is older than the part that is held out of a page. Such a class is never complete.
pub fn narrow(planned: &mut Planned<PartRow>) {
    let Planned { cursor, rows, complete, .. } = planned;
    rows.retain(|row| match cursor.cells.get(&row.cell) {
        Some(generation) if is_partial(*generation) => {
            let from = (generation.n & !PARTIAL) >> MONTH_SHIFT;
            created_ms(&row.payload).is_none_or(|ms| month_of(ms) >= from)
        }
        _ => true,
    });
    let partial = cursor.cells.iter().filter(|(_, generation)| is_partial(**generation)).map(|(cell, _)| cell.class);
    let partial: Vec<u8> = partial.collect();
    complete.retain(|class| !partial.contains(class));
}

/// When a record was made: its id says so, if it is a UUID of version 7, else the time that it is about. None: not known.
fn created_ms(row: &PartRow) -> Option<u64> {
    let RecordId(id) = row.record;
    if id[6] >> 4 == 7 {
        let [a, b, c, d, e, f] = [id[0], id[1], id[2], id[3], id[4], id[5]];
        return Some(u64::from_be_bytes([0, 0, a, b, c, d, e, f]));
    }
    (row.time_ms != 0).then_some(row.time_ms)
}

/// Months since January 1970, of the Gregorian calendar (days to civil, after Hinnant).
fn month_of(ms: u64) -> u64 {
    const DAYS_TO_1970: u64 = 719_468;
    let days = ms / DAY_MS + DAYS_TO_1970;
    let (era, day) = (days / 146_097, days % 146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 2 } else { shifted - 10 };
    let year = year_of_era + era * 400 + u64::from(month < 2);
    (year.saturating_sub(1970)) * 12 + month
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (ms, month) in [
            (0, 0),
            (31 * DAY_MS - 1, 0),
            (31 * DAY_MS, 1),
            (951_782_400_000, 30 * 12 + 1),
            (951_868_800_000, 30 * 12 + 2),
            (1_735_689_599_999, 54 * 12 + 11),
            (1_735_689_600_000, 55 * 12),
        ] {
            assert_eq!(month_of(ms), month, "{ms}");
        }
    }

    #[test]
    fn what_is_held_in_part_stays_as_it_is() {
        let (journal, plan) = (Cell { label: 1, class: JOURNAL }, Cell { label: 1, class: 2 });
        let whole = Generation { epoch: 2, n: 41 };
        let all: Granted = [(journal, whole), (plan, whole)].into();
        let now = 1_735_689_600_000;
        let held = granted(Depth::Plan, all.clone(), None, now);
        assert!(is_partial(held[&journal]) && held[&plan] == whole);
        assert_eq!(granted(Depth::Plan, all.clone(), Some(&held), now + 400 * DAY_MS), held, "years later");
        let again: Granted = [(journal, Generation { n: 50, ..whole })].into();
        assert_ne!(granted(Depth::Plan, again, Some(&held), now)[&journal], held[&journal], "granted again");
        assert_eq!(granted(Depth::Full, all.clone(), Some(&held), now), all);
        assert!(granted(Depth::List, all, None, now).is_empty());
    }
}
