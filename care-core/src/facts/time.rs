//! Civil days and instants, as the person lived them. Every entry says its own offset from UTC, so no table of time
//! zones is needed: a day is the day that the person's clock showed.

use std::fmt;

pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A civil day: days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Day(pub i32);

impl Day {
    /// None: no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        if !(1..=9999).contains(&year) || day == 0 || day > last {
            return None;
        }
        // Howard Hinnant's days_from_civil: a year begins in March, so that the leap day is its last.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (i32::from(month) + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i32::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// From "YYYY-MM-DD".
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        let digits = |from: usize, to: usize| {
            text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<u16>().ok()
        };
        let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
        if !shaped {
            return None;
        }
        Self::new(i32::from(year), u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// (year, month, day).
    pub fn civil(self) -> (i32, i32, i32) {
        let shifted = i64::from(self.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year as i32, month as i32, day as i32)
    }

    /// Days from `earlier` to this one.
    #[inline]
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    #[inline]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The same day so many months later; the last of the month where there is none.
    pub fn plus_months(self, months: i32) -> Self {
        let (year, month, day) = self.civil();
        let count = year.saturating_mul(12).saturating_add(month - 1).saturating_add(months);
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u8 + 1);
        (1..=day as u8).rev().find_map(|day| Self::new(year, month, day)).unwrap_or(self)
    }

    /// Whole years from a birthday to `self`.
    pub fn age(self, birth: Self) -> i32 {
        let (year, month, day) = self.civil();
        let (born, birth_month, birth_day) = birth.civil();
        year - born - i32::from((month, day) < (birth_month, birth_day))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

/// A point in time with the offset that the person's clock had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Instant {
    /// Milliseconds since 1970-01-01 UTC.
    pub ms: i64,
    /// Minutes east of UTC.
    pub offset_min: i32,
}

impl Instant {
    #[inline]
    pub(crate) fn local_ms(self) -> i64 {
        self.ms.saturating_add(i64::from(self.offset_min).saturating_mul(MINUTE_MS))
    }

    /// The day that the person's clock showed.
    #[inline]
    pub fn day(self) -> Day {
        let days = self.local_ms().div_euclid(DAY_MS);
        Day(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Milliseconds from `earlier` to this one.
    #[inline]
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.ms.saturating_sub(earlier.ms)
    }

    pub fn plus_ms(self, ms: i64) -> Self {
        Self { ms: self.ms.saturating_add(ms), ..self }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.local_ms().rem_euclid(DAY_MS) / MINUTE_MS;
        write!(out, "{} {:02}:{:02}", self.day(), minutes / 60, minutes % 60)
    }
}
