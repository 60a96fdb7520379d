//! Working hours of one day of the week. What has no beginning or end, or does not end after it began, opens nothing, and whoever
//! typed it would never hear of it.

use crate::{
    reasons::Reason,
    table::Shape,
    values::{Value, fields, values},
};

pub(super) const OPEN: &str = "osteon.care.v1.OpenHours";

/// Members that make hours of no day, each with the reason.
pub(super) fn faults(shape: &Shape, bytes: &[u8]) -> impl Iterator<Item = (&'static str, Reason)> {
    let number = |name: &str| {
        let mut found = fields(shape, bytes).filter(|(field, _)| field.name == name);
        let (field, chunk) = found.next()?;
        values(field, chunk).find_map(|value| if let Value::Int(number) = value { Some(number) } else { None })
    };
    let (weekday, from, to) = (number("weekday"), number("from_min"), number("to_min"));
    let backwards = from.zip(to).is_some_and(|(from, to)| to <= from);
    let faults = [("weekday", weekday.is_none()), ("from_min", from.is_none()), ("to_min", to.is_none() || backwards)];
    faults.into_iter().filter(|(_, is)| *is).map(|(name, _)| (name, Reason::HoursImpossible))
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::{
        care,
        check::{Violation, check_body},
        split::split,
        table::table,
    };

    fn found(hours: &[care::OpenHours]) -> Vec<(String, Reason)> {
        let kind = table().by_name("ClinicSettings").expect("a type");
        let set = care::ClinicSettings { working_hours: hours.to_vec(), ..Default::default() };
        let body = set.encode_to_vec();
        let parts = split(&kind.shape, &body).expect("good");
        let found = check_body(kind, parts.chunks().map(|c| (c.number, c.bytes))).err().unwrap_or_default();
        found.into_iter().map(|Violation { path, reason }| (path, reason)).collect()
    }

    #[test]
    fn hours_begin_and_end_on_one_day_of_the_week() {
        let open = |from, to| care::OpenHours { weekday: Some(1), from_min: Some(from), to_min: Some(to) };
        assert_eq!(found(&[open(0, 1_440), open(480, 720), open(780, 1_020), open(0, 1)]), []);
        let path = |name: &str| format!("clinic_settings.working_hours.{name}");
        for backwards in [open(1_000, 10), open(480, 480)] {
            assert_eq!(found(&[open(480, 720), backwards]), [(path("to_min"), Reason::HoursImpossible)]);
        }
        assert_eq!(found(&[open(0, 1_441)]), [(path("to_min"), Reason::OutOfRange)], "longer than the day");
        assert_eq!(
            found(&[care::OpenHours::default()]),
            ["weekday", "from_min", "to_min"].map(|name| (path(name), Reason::HoursImpossible))
        );
    }
}
