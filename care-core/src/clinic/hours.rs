//! Working time: "four working hours after Friday 16:30", with holidays and the clinic's clock.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{DAY_MS, Day, Instant, MINUTE_MS};

/// Minutes of a day.
pub const DAY_MIN: u16 = 1_440;
/// How many days are looked through for working time: a clinic that opens in none of them counts as always open.
const HORIZON_DAYS: i32 = 800;

/// The offset from UTC that the clocks of a place show. An argument: no table of time zones stands here.
pub trait Zone {
    /// Minutes east of UTC at an instant (milliseconds since 1970 UTC).
    fn offset_min(&self, utc_ms: i64) -> i32;
}

impl<F: Fn(i64) -> i32> Zone for F {
    fn offset_min(&self, utc_ms: i64) -> i32 {
        self(utc_ms)
    }
}

/// 1 Monday to 7 Sunday.
pub fn weekday(day: Day) -> u8 {
    // 1970-01-01 was a Thursday.
    u8::try_from((i64::from(day.0) + 3).rem_euclid(7)).unwrap_or(0) + 1
}

/// The civil day and the minute of it that a clock there shows.
pub(super) fn local(zone: &impl Zone, at_ms: i64) -> (Day, u16) {
    let at = Instant { ms: at_ms, offset_min: zone.offset_min(at_ms) };
    let local_ms = at_ms.saturating_add(i64::from(at.offset_min) * MINUTE_MS);
    (at.day(), u16::try_from(local_ms.rem_euclid(DAY_MS) / MINUTE_MS).unwrap_or(0))
}

/// When a clock there shows this minute of this day: of two such moments the first, and where the clock jumps over it,
/// the moment at which it would have shown it without the jump.
fn utc(zone: &impl Zone, day: Day, minute: u16) -> i64 {
    let wall = i64::from(day.0).saturating_mul(DAY_MS).saturating_add(i64::from(minute) * MINUTE_MS);
    let before = i64::from(zone.offset_min(wall.saturating_sub(DAY_MS))) * MINUTE_MS;
    let after = i64::from(zone.offset_min(wall.saturating_add(DAY_MS))) * MINUTE_MS;
    let shows = |offset: i64| i64::from(zone.offset_min(wall.saturating_sub(offset))) * MINUTE_MS == offset;
    let offset = if !shows(before) && shows(after) { after } else { before };
    wall.saturating_sub(offset)
}

/// When something is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// No working time was found to count in, or too little of it: every minute counted, which is the shorter time.
    pub by_clock: bool,
}

/// Working hours and the days on which there are none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hours {
    /// By weekday, 1 Monday to 7 Sunday: (from, to) in minutes after midnight, sorted, apart from each other.
    week: BTreeMap<u8, Vec<(u16, u16)>>,
    holidays: BTreeSet<Day>,
}

impl Hours {
    /// From (weekday, from, to), in any order. What ends before it begins, or is no weekday, opens nothing.
    pub fn new(open: impl IntoIterator<Item = (u8, u16, u16)>, holidays: impl IntoIterator<Item = Day>) -> Self {
        let mut week: BTreeMap<u8, Vec<(u16, u16)>> = BTreeMap::new();
        for (weekday, from, to) in open {
            let to = to.min(DAY_MIN);
            if (1..=7).contains(&weekday) && from < to {
                week.entry(weekday).or_default().push((from, to));
            }
        }
        for spans in week.values_mut() {
            spans.sort_unstable();
            let mut joined: Vec<(u16, u16)> = Vec::with_capacity(spans.len());
            for (from, to) in spans.drain(..) {
                match joined.last_mut() {
                    Some(last) if from <= last.1 => last.1 = last.1.max(to),
                    _ => joined.push((from, to)),
                }
            }
            *spans = joined;
        }
        Self { week, holidays: holidays.into_iter().collect() }
    }

    /// Whether any hour of the week is set.
    pub fn is_set(&self) -> bool {
        !self.week.is_empty()
    }

    pub fn is_holiday(&self, day: Day) -> bool {
        self.holidays.contains(&day)
    }

    pub fn holidays(&self) -> impl Iterator<Item = Day> {
        self.holidays.iter().copied()
    }

    /// (weekday, from, to), sorted.
    pub fn week(&self) -> impl Iterator<Item = (u8, u16, u16)> {
        self.week.iter().flat_map(|(weekday, spans)| spans.iter().map(|(from, to)| (*weekday, *from, *to)))
    }

    fn of(&self, day: Day) -> &[(u16, u16)] {
        if self.is_holiday(day) { &[] } else { self.week.get(&weekday(day)).map_or(&[], Vec::as_slice) }
    }

    /// Whether somebody works at an instant.
    pub fn is_open(&self, zone: &impl Zone, at_ms: i64) -> bool {
        let (day, minute) = local(zone, at_ms);
        self.of(day).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// The working time of a day that lies at or after an instant, as spans of instants.
    fn spans_after(&self, zone: &impl Zone, day: Day, from_ms: i64) -> impl Iterator<Item = (i64, i64)> {
        let spans: Vec<(i64, i64)> =
            self.of(day).iter().map(|(from, to)| (utc(zone, day, *from), utc(zone, day, *to))).collect();
        spans.into_iter().filter(move |(_, to)| *to > from_ms).map(move |(from, to)| (from.max(from_ms), to))
    }

    /// So many minutes of working time after an instant.
    pub fn after_minutes(&self, zone: &impl Zone, from_ms: i64, minutes: u32) -> Due {
        let wanted = i64::from(minutes) * MINUTE_MS;
        let mut left = wanted;
        let (first, _) = local(zone, from_ms);
        // The day before: a clock that was set back shows the end of its working time later.
        for day in (-1..HORIZON_DAYS).map(|n| first.plus(n)) {
            for (from, to) in self.spans_after(zone, day, from_ms) {
                let span = to.saturating_sub(from);
                if left <= span {
                    return Due { at_ms: from.saturating_add(left), by_clock: false };
                }
                left -= span.max(0);
            }
        }
        // So little of it that the end was not reached: nothing waits longer than was looked.
        let waits = if left < wanted { i64::from(HORIZON_DAYS) * DAY_MS } else { wanted };
        Due { at_ms: from_ms.saturating_add(waits), by_clock: true }
    }

    /// The same time of day so many working days later; from outside of working time it counts from when it next opens.
    pub fn after_days(&self, zone: &impl Zone, from_ms: i64, days: u32) -> Due {
        let by_clock = Due { at_ms: from_ms.saturating_add(i64::from(days).saturating_mul(DAY_MS)), by_clock: true };
        let (today, _) = local(zone, from_ms);
        let opens = (-1..HORIZON_DAYS).find_map(|n| self.spans_after(zone, today.plus(n), from_ms).next());
        let Some((begins, _)) = opens else { return by_clock };
        let (first, minute) = local(zone, begins);
        let working = (1..HORIZON_DAYS).map(|n| first.plus(n)).filter(|day| !self.of(*day).is_empty());
        let day = match days.checked_sub(1) {
            None => Some(first),
            Some(skip) => working.into_iter().nth(usize::try_from(skip).unwrap_or(usize::MAX)),
        };
        match day {
            Some(day) => Due { at_ms: utc(zone, day, minute).max(begins), by_clock: false },
            None => by_clock,
        }
    }
}
