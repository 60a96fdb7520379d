//! How body weight changed over three and six months, by weeks: the newest weight against the last one of the newest week
//! that is 13 (26) to 17 (30) weeks before. Where nobody weighed then, nobody can tell.

use std::collections::BTreeMap;

use crate::{
    assess::cachexia::weight_loss,
    exact::Exact,
    facts::{Day, Instant},
};

pub const THREE_MONTHS_WEEKS: i32 = 13;
pub const SIX_MONTHS_WEEKS: i32 = 26;
/// How much longer ago than asked for the reference may be.
pub const SLACK_WEEKS: i32 = 4;
/// Weeks before the newest one whose weights count.
pub const KEPT_WEEKS: i32 = SIX_MONTHS_WEEKS + SLACK_WEEKS;

/// A weight; of an entry that people disagree about each version is one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Weighed {
    pub at: Instant,
    /// Hundredths of a kilogram.
    pub hundredths: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Tenths of a per cent; below zero is a loss.
    pub percent_tenths: i64,
    pub from: Day,
    pub until: Day,
}

/// Weeks begin on Monday.
pub fn week(day: Day) -> i32 {
    // 1 January 1970 was a Thursday.
    day.0.saturating_add(3).div_euclid(7)
}

/// Against the last weight of `weeks` weeks ago. Of weights at one moment: the greater loss, as with any dispute.
pub fn change(weights: &[Weighed], weeks: i32) -> Option<Change> {
    let last = weights.iter().map(|weighed| weighed.at).max_by_key(|at| at.ms)?;
    let latest = week(last.day()) - weeks;
    let before: BTreeMap<i64, Instant> = weights
        .iter()
        .filter(|weighed| (latest - SLACK_WEEKS..=latest).contains(&week(weighed.at.day())))
        .map(|weighed| (weighed.at.ms, weighed.at))
        .collect();
    let (_, reference) = before.last_key_value()?;
    let of = |at: &Instant| {
        let at = at.ms;
        weights.iter().filter(move |weighed| weighed.at.ms == at).map(|weighed| weighed.hundredths)
    };
    let (reference_kg, now_kg) = (of(reference).max()?, of(&last).min()?);
    let loss = weight_loss(Exact::scaled(reference_kg, 2), Exact::scaled(now_kg, 2), false);
    let lost_tenths = i64::try_from(loss.score()?.units()).ok()?;
    Some(Change { percent_tenths: -lost_tenths, from: reference.day(), until: last.day() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::DAY_MS;

    fn weighed(day: i64, hundredths: i64) -> Weighed {
        Weighed { at: Instant { ms: day * DAY_MS, offset_min: 0 }, hundredths }
    }

    #[test]
    fn ten_per_cent_in_six_months() {
        let all = [weighed(0, 7_000), weighed(91, 6_650), weighed(182, 6_300)];
        let tenths = |weeks| change(&all, weeks).map(|change| change.percent_tenths);
        assert_eq!(tenths(SIX_MONTHS_WEEKS), Some(-100));
        assert_eq!(tenths(THREE_MONTHS_WEEKS), Some(-53));
        assert_eq!(change(&all[2..], THREE_MONTHS_WEEKS), None);
    }

    #[test]
    fn the_reference_may_be_four_weeks_older() {
        let at = |day| change(&[weighed(0, 7_000), weighed(day, 7_000)], THREE_MONTHS_WEEKS).is_some();
        // Week 0 ends with day 3 (a Sunday); 13 weeks later begins on day 88.
        assert!(!at(87) && at(88) && at(122) && !at(123));
    }

    #[test]
    fn of_a_dispute_the_greater_loss() {
        let all = [weighed(0, 7_000), weighed(91, 6_650), weighed(91, 7_100)];
        assert_eq!(change(&all, THREE_MONTHS_WEEKS).map(|change| change.percent_tenths), Some(-50));
    }
}
