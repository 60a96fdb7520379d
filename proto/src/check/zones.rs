//! Names of time zones. A name that nobody knows would leave "at night" and "three days in a row" without an answer.
//! `zones.txt` are the names of the IANA time zone database 2025b, links included, and the name of a clock that knows none.

use crate::{
    table::Shape,
    values::{Value, fields, values},
};

pub(super) const MOMENT: &str = "osteon.care.v1.Moment";
pub(super) const ZONE: &str = "zone";
const NAMES: &str = include_str!("zones.txt");

/// Whether the zone of a moment, if it names one, exists.
pub(super) fn of_moment_exists(shape: &Shape, bytes: &[u8]) -> bool {
    let zone = fields(shape, bytes).filter(|(field, _)| field.name == ZONE);
    zone.flat_map(|(field, chunk)| values(field, chunk)).all(|value| match value {
        Value::Text(name) => exists(name),
        _ => true,
    })
}

/// Names are asked for as they are written: "europe/berlin" is none.
pub(super) fn exists(name: &str) -> bool {
    let (mut from, mut to) = (0, NAMES.len());
    while from < to {
        // The line around the middle.
        let middle = (from + to) / 2;
        let start = NAMES[..middle].rfind('\n').map_or(0, |at| at + 1);
        let end = NAMES[middle..].find('\n').map_or(NAMES.len(), |at| middle + at);
        match name.cmp(&NAMES[start..end]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => to = start,
            std::cmp::Ordering::Greater => from = end + 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_database_and_no_others() {
        for name in [
            "Europe/Berlin",
            "America/Argentina/Ushuaia",
            "UTC",
            "Etc/GMT+12",
            "Asia/Kolkata",
            "Zulu",
            "Africa/Abidjan",
        ] {
            assert!(exists(name), "{name}");
        }
        for name in [
            "Mars/Olympus",
            "europe/berlin",
            "Europe",
            "Europe/Berlin ",
            "Europe/Berlin\n",
            "CEST",
            "+01:00",
            "localtime",
        ] {
            assert!(!exists(name), "{name}");
        }
        assert!(NAMES.is_ascii() && NAMES.lines().is_sorted() && NAMES.lines().count() > 500);
    }
}
