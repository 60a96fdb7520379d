//! What a clinic sets for itself, as the rules and the escalation of alerts read it: whom to call, when somebody works,
//! who is on call, who is told next.
//!
//! [`read`] makes it from the merged records of the clinic's own circle. Where people disagree, the safer side is taken:
//! every live number is shown, the shorter time stands, every live list of people is called. Time zones are an argument
//! ([`Zone`]): no table of them stands here.

mod copy;
mod escalation;
mod hours;
mod ignored;
mod read;

use std::collections::{BTreeMap, BTreeSet};

pub use copy::{from_copied_part, from_copy, to_copy};
pub use escalation::{
    After, Among, EMERGENCY_MAX_MIN, EMERGENCY_MIN, Escalation, Line, MAX_TURNS, Step, To, Turn, WORKING_MAX_MS,
};
pub use hours::{DAY_MIN, Due, Hours, Zone, weekday};
pub use ignored::{Ignored, SetThreshold};
pub use read::{Setting, lines_of, lines_of_part, read};

use crate::{
    facts::{Day, Role},
    rules::Settings,
};

/// A named team.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Team {
    pub name: String,
    pub members: BTreeSet<u64>,
}

/// Who is on call, by weekday (1 Monday to 7 Sunday) and hour, in the order in which they are called.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OnCall(pub BTreeMap<(u8, u8), Vec<u64>>);

/// Hours of one weekday in which nobody is on call: from `from` until `until`, in full hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Gap {
    pub weekday: u8,
    pub from: u8,
    pub until: u8,
}

impl OnCall {
    /// Whoever is on call at an instant; empty: nobody.
    pub fn at(&self, zone: &impl Zone, at_ms: i64) -> &[u64] {
        let (day, minute) = hours::local(zone, at_ms);
        let hour = u8::try_from(minute / 60).unwrap_or(0);
        self.0.get(&(weekday(day), hour)).map_or(&[], Vec::as_slice)
    }

    /// The hours of a week in which nobody is on call, joined within a day.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        for (weekday, hour) in (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour))) {
            if self.0.get(&(weekday, hour)).is_some_and(|people| !people.is_empty()) {
                continue;
            }
            match gaps.last_mut() {
                Some(last) if last.weekday == weekday && last.until == hour => last.until += 1,
                _ => gaps.push(Gap { weekday, from: hour, until: hour + 1 }),
            }
        }
        gaps
    }
}

/// Everything that a clinic sets beside what rules read ([`Settings`]).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clinic {
    /// IANA name; None: nobody said, or it is in dispute and nothing was ever agreed.
    pub zone: Option<String>,
    /// BCP 47.
    pub languages: BTreeSet<String>,
    pub hours: Hours,
    pub teams: Vec<Team>,
    pub on_call: OnCall,
    pub escalation: Escalation,
    /// Thresholds as they were set, whether the rule set allows them or not.
    pub thresholds: Vec<SetThreshold>,
    /// What was set and no rule set makes any use of.
    pub without_effect: Vec<Ignored>,
    /// False also where nobody said: then every text says which number to call.
    pub monitored_round_the_clock: bool,
    /// Its staff and their roles. Filled in by whoever knows the members of the clinic's circle.
    pub staff: BTreeMap<u64, Role>,
}

/// Whom to call: every live number of each line, in no order of importance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lines {
    pub emergency: Vec<String>,
    pub team: Vec<String>,
    pub crisis: Vec<String>,
    pub physio: Vec<String>,
}

/// A line that a clinic or circle may have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LineName {
    Emergency,
    Team,
    Crisis,
    Physio,
}

impl LineName {
    /// The placeholder of the texts that it fills.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Emergency => "emergency_line",
            Self::Team => "team_line",
            Self::Crisis => "crisis_line",
            Self::Physio => "physio",
        }
    }
}

/// The settings of a clinic as they hold for one circle: a line that the circle names itself is called instead of the
/// clinic's.
#[must_use]
pub fn for_circle(of_clinic: &Settings, own: &Lines) -> Settings {
    let mut settings = of_clinic.clone();
    let lines = [
        (&mut settings.emergency_line, &own.emergency),
        (&mut settings.team_line, &own.team),
        (&mut settings.crisis_line, &own.crisis),
        (&mut settings.physio, &own.physio),
    ];
    for (line, own) in lines {
        if !own.is_empty() {
            line.clone_from(own);
        }
    }
    settings
}

/// Lines that a circle must have before anything is told to its patient and that nobody has set. The physiotherapist's
/// falls back to the team's. Care specification, 6.1.8.
#[must_use]
pub fn missing_lines(settings: &Settings) -> Vec<LineName> {
    let lines = [
        (LineName::Emergency, &settings.emergency_line),
        (LineName::Team, &settings.team_line),
        (LineName::Crisis, &settings.crisis_line),
    ];
    lines.into_iter().filter(|(_, line)| line.is_empty()).map(|(name, _)| name).collect()
}

impl Clinic {
    /// Whether a day is one on which the clinic is closed although the weekday has hours.
    pub fn is_holiday(&self, day: Day) -> bool {
        self.hours.is_holiday(day)
    }
}
