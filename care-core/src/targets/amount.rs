//! A quantity as a source prints it: exact, with its unit and its ends.

use crate::exact::Exact;

/// From `min` to `max`; an end that is not there is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amount {
    pub min: Option<Exact>,
    pub max: Option<Exact>,
    /// `min` itself is too little.
    pub over_min: bool,
    /// `max` itself is too much.
    pub under_max: bool,
    /// At least `min`; `max` is how far the source goes, and no ceiling.
    pub at_least: bool,
    /// UCUM.
    pub unit: &'static str,
    /// So often a week.
    pub times_per_week: Option<u32>,
}

impl Amount {
    const fn of(min: Option<Exact>, max: Option<Exact>, unit: &'static str) -> Self {
        Self { min, max, over_min: false, under_max: false, at_least: false, unit, times_per_week: None }
    }

    pub(super) const fn exactly(value: Exact, unit: &'static str) -> Self {
        Self::of(Some(value), Some(value), unit)
    }

    pub(super) const fn between(min: Exact, max: Exact, unit: &'static str) -> Self {
        Self::of(Some(min), Some(max), unit)
    }

    pub(super) const fn at_least(min: Exact, unit: &'static str) -> Self {
        Self { at_least: true, ..Self::of(Some(min), None, unit) }
    }

    pub(super) const fn at_most(max: Exact, unit: &'static str) -> Self {
        Self::of(None, Some(max), unit)
    }

    pub(super) const fn above(min: Exact, unit: &'static str) -> Self {
        Self { over_min: true, ..Self::of(Some(min), None, unit) }
    }

    pub(super) const fn below(max: Exact, unit: &'static str) -> Self {
        Self { under_max: true, ..Self::of(None, Some(max), unit) }
    }

    /// Each end times a number, in another unit. None: too large.
    pub fn times(self, factor: Exact, unit: &'static str) -> Option<Self> {
        let end = |end: Option<Exact>| match end {
            Some(end) => end.times(factor).map(Some),
            None => Some(None),
        };
        Some(Self { min: end(self.min)?, max: end(self.max)?, unit, ..self })
    }

    /// The unit that it has a day for a person, where it counts by the kilogram of body weight.
    pub fn unit_per_day(&self) -> Option<&'static str> {
        match self.unit {
            "g/kg/d" => Some("g/d"),
            "kcal/kg/d" => Some("kcal/d"),
            _ => None,
        }
    }

    /// "1000 to 1200 mg a day", "more than 1 to 1.5 g for each kg of body weight a day".
    pub fn words(&self) -> String {
        let over = if self.over_min { "more than " } else { "" };
        let range = match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => format!("{over}{min}"),
            (Some(min), Some(max)) if self.at_least => format!("at least {min} to {max}"),
            (Some(min), Some(max)) => format!("{over}{min} to {max}"),
            (Some(min), None) if self.at_least => format!("at least {min}"),
            (Some(min), None) => format!("{over}{min}"),
            (None, Some(max)) if self.under_max => format!("less than {max}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => String::new(),
        };
        let times = match self.times_per_week {
            Some(times) => format!(", {times} times a week"),
            None => String::new(),
        };
        format!("{range} {}{times}", unit_words(self.unit, self.max.or(self.min) == Some(Exact::whole(1))))
    }
}

/// A unit as people say it.
pub(super) fn unit_words(unit: &str, one: bool) -> &str {
    match unit {
        "mg/d" => "mg a day",
        "ug/d" => "µg a day",
        "[iU]/d" => "IU a day",
        "g/d" => "g a day",
        "kcal/d" => "kcal a day",
        "mL/d" => "mL a day",
        "g/kg/d" => "g for each kg of body weight a day",
        "kcal/kg/d" => "kcal for each kg of body weight a day",
        "{unit}/d" => "units a day",
        "min/wk" => "minutes a week",
        "/wk" => "times a week",
        "min" => "minutes",
        "d" if one => "day",
        "d" => "days",
        "wk" if one => "week",
        "wk" => "weeks",
        "mo" if one => "month",
        "mo" => "months",
        "h" if one => "hour",
        "h" => "hours",
        other => other,
    }
}
