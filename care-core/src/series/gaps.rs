//! What a gap of a chart says: whether anybody wrote anything on a day, and whether the phone was heard.

use std::collections::BTreeSet;

use osteon_proto::{care::Moment, split::payload, table::RecordType};
use osteon_sync_core::{FieldRef, Part};
use prost::Message;

use super::Span;
use crate::facts::{DAY_MS, Day, Instant, record::instant};

/// Whether a phone of the patient came on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contact {
    Heard,
    NotHeard,
    CannotTell,
}

/// The journal: what happened to the person, and not what is planned for them.
pub fn is_entry(known: &RecordType) -> bool {
    known.name.starts_with('J') && known.time_field.is_some() && !known.planned
}

/// The days on which an entry happened, by every live version of its time.
pub fn days_of(known: &RecordType, part: &Part) -> BTreeSet<Day> {
    let versions = known.time_field.into_iter().flat_map(|field| part.versions(FieldRef::register(field)));
    let values = versions.filter_map(|version| version.value);
    values.filter_map(|value| day_of(payload(value))).collect()
}

/// Most say a moment; steps are of a day.
fn day_of(value: &[u8]) -> Option<Day> {
    let date = std::str::from_utf8(value).ok().and_then(Day::parse);
    date.or_else(|| instant(Moment::decode(value).ok()).map(Instant::day))
}

/// Days that follow each other as spans.
pub fn spans(days: impl IntoIterator<Item = Day>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if last.plus(1) == day => *last = day,
            _ => spans.push((day, day)),
        }
    }
    spans
}

/// Every day of a span once. `heard`: from and to, between which no phone of theirs was silent for more than a day.
pub fn contacts((from, to): Span, heard: &[(Instant, Instant)], now: Instant) -> Vec<(Span, Contact)> {
    let days = |(a, b): &(Instant, Instant)| (a.day().max(from).0..=b.day().min(to).0).map(Day);
    let on: BTreeSet<Day> = heard.iter().flat_map(days).collect();
    let (first, last) = (heard.iter().map(|span| span.0).min(), heard.iter().map(|span| span.1).max());
    let is_silent = last.is_some_and(|last| now.since_ms(last) > DAY_MS);
    let of = |day: Day| {
        let is_over = day < now.day() || day == now.day() && is_silent;
        match first {
            _ if on.contains(&day) => Contact::Heard,
            Some(first) if first.day() < day && is_over => Contact::NotHeard,
            _ => Contact::CannotTell,
        }
    };
    let mut told: Vec<(Span, Contact)> = Vec::new();
    for day in (from.0..=to.0).map(Day) {
        let contact = of(day);
        match told.last_mut() {
            Some(((_, last), same)) if *same == contact => *last = day,
            _ => told.push(((day, day), contact)),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::HOUR_MS;

    fn at(day: i32, hour: i64) -> Instant {
        Instant { ms: i64::from(day) * DAY_MS + hour * HOUR_MS, offset_min: 0 }
    }

    fn told(heard: &[(Instant, Instant)], now: Instant) -> String {
        let letter = |contact| match contact {
            Contact::Heard => 'h',
            Contact::NotHeard => '-',
            Contact::CannotTell => '?',
        };
        let spans = contacts((Day(10), Day(19)), heard, now);
        let days = |((from, to), contact): &((Day, Day), Contact)| (from.0..=to.0).map(|_| letter(*contact)).collect();
        spans.iter().map(days).collect::<Vec<String>>().concat()
    }

    #[test]
    fn a_silence_stands_between_two_times_that_are_known() {
        let heard = [(at(12, 9), at(13, 8)), (at(16, 23), at(16, 23))];
        assert_eq!(told(&heard, at(30, 0)), "??hh--h---");
        assert_eq!(told(&[], at(30, 0)), "??????????", "nothing was ever noted");
        assert_eq!(told(&[(at(1, 0), at(2, 0))], at(30, 0)), "----------");
        assert_eq!(told(&[(at(1, 0), at(40, 0))], at(40, 0)), "hhhhhhhhhh");
    }

    #[test]
    fn a_day_that_is_not_over_is_silent_only_after_a_day_and_a_night() {
        let heard = [(at(10, 9), at(13, 20))];
        assert_eq!(told(&heard, at(14, 19)), "hhhh??????", "it may still come today");
        assert_eq!(told(&heard, at(14, 21)), "hhhh-?????");
        assert_eq!(told(&heard, at(15, 1)), "hhhh--????");
    }

    #[test]
    fn days_are_of_the_clock_that_the_times_carry() {
        let west = |hour| Instant { offset_min: -10 * 60, ..at(13, hour) };
        assert_eq!(told(&[(west(1), west(1))], at(30, 0)), "??h-------", "13 of UTC, one o'clock, is still the 12th");
    }

    #[test]
    fn days_that_follow_each_other_are_one_span() {
        let days = [1, 2, 3, 5, 8, 9].map(Day);
        assert_eq!(spans(days), [(Day(1), Day(3)), (Day(5), Day(5)), (Day(8), Day(9))]);
    }

    proptest::proptest! {
        /// A row goes on while no silence is longer than a day: then each civil day that it meets had a contact, and no other.
        #[test]
        fn rows_of_silences_longer_than_a_day_tell_every_civil_day(
            minutes in proptest::collection::btree_set(14_400_i64..28_800, 1..40),
            offset_min in -720_i32..840,
        ) {
            let instant = |minute: i64| Instant { ms: minute * 60_000, offset_min };
            let mut rows: Vec<(i64, i64)> = Vec::new();
            for minute in &minutes {
                match rows.last_mut() {
                    Some((_, to)) if minute - *to <= 1_440 => *to = *minute,
                    _ => rows.push((*minute, *minute)),
                }
            }
            let heard: Vec<_> = rows.iter().map(|(from, to)| (instant(*from), instant(*to))).collect();
            let told = contacts((Day(8), Day(22)), &heard, instant(100_000));
            let on = told.iter().filter(|(_, contact)| *contact == Contact::Heard);
            let on: BTreeSet<i32> = on.flat_map(|((from, to), _)| from.0..=to.0).collect();
            let came: BTreeSet<i32> = minutes.iter().map(|minute| instant(*minute).day().0).collect();
            proptest::prop_assert_eq!(on, came);
        }
    }
}
