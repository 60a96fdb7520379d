//! When a task is best done, on the wall clock of the place where the person is, and how it stands at a moment.
//!
//! A window never reaches into what must be kept apart: whoever takes one thing at the end of its window and the other at
//! the start of its own keeps the hours between them, over the night as well.

use super::{Kind, Occurrence, Plans, State, Wait, lines, oncely::minute, slots};
use crate::facts::{DAY_MS, Day, Id, MINUTE_MS};

/// The end of a day on the wall clock.
pub const DAY_END: u16 = 1_440;
const DOSE: u16 = 60;
const MEAL: u16 = 60;
const SESSION: u16 = 120;

/// How an occurrence stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Its window has not begun.
    NotYet,
    Open,
    /// Something stands against it that nobody has settled: not due before the team was asked.
    AskFirst,
    Done,
    Skipped,
    /// Its day is over and nobody ticked it: that is no proof that it was not done.
    Missed,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Self::NotYet => "not_yet",
            Self::Open => "open",
            Self::AskFirst => "ask_first",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        }
    }
}

impl Occurrence {
    /// Minutes after midnight of its date from which on it may be done. None: no time of that day will do.
    pub fn opens(&self) -> Option<u16> {
        let planned = self.at?;
        let Some(Wait::NotBefore { at, .. }) = &self.wait else { return Some(planned) };
        let local = at.ms + i64::from(at.offset_min) * MINUTE_MS;
        let minutes = (local - i64::from(self.date.0) * DAY_MS + MINUTE_MS - 1).div_euclid(MINUTE_MS);
        match u16::try_from(minutes.max(0)) {
            Ok(later) if later < DAY_END => Some(later.max(planned)),
            _ => None,
        }
    }

    /// It stays open until somebody does it, whatever the day.
    pub fn waits(&self) -> bool {
        matches!(self.title.key, "task.monitoring" | "task.bone_dose" | "task.labs_before_dose" | "task.read")
    }

    /// How it stands on a civil date and a minute of the person's own clock.
    pub fn stage(&self, (today, now): (Day, u16)) -> Stage {
        match self.state {
            State::Done => Stage::Done,
            State::Skipped => Stage::Skipped,
            State::Open if today > self.date && !self.waits() => Stage::Missed,
            State::Open if self.ask_first.is_some() => Stage::AskFirst,
            State::Open if today < self.date => Stage::NotYet,
            State::Open if self.waits() => Stage::Open,
            State::Open if self.opens().is_some_and(|opens| now < opens) => Stage::NotYet,
            State::Open => Stage::Open,
        }
    }

    fn is_dose(&self) -> bool {
        self.title.key == "task.take"
    }
}

/// Says of each task of one date until when it is best begun.
pub(super) fn settle(plans: &Plans, date: Day, tasks: &mut [Occurrence]) {
    let dosed = lines::dosed(plans);
    let doses = tasks.iter().filter(|task| task.is_dose() && task.date == date);
    let times: Vec<(Id, u16)> = doses.filter_map(|task| Some((task.line, task.at?))).collect();
    for task in tasks.iter_mut() {
        let Some(opens) = task.opens() else {
            task.until = None;
            continue;
        };
        let room = match task.kind {
            _ if task.is_dose() => room(plans, &dosed, &times, (task.line, opens)),
            Kind::Meal => MEAL,
            Kind::Exercise => SESSION,
            Kind::Visit if !task.waits() => 0,
            _ => DAY_END,
        };
        task.until = Some(opens.saturating_add(room).min(DAY_END));
    }
}

/// By how many minutes a dose may be later without coming too near to another one.
fn room(plans: &Plans, dosed: &[slots::Dosed], times: &[(Id, u16)], (line, opens): (Id, u16)) -> u16 {
    let Some(own) = dosed.iter().find(|one| one.line == line) else { return 0 };
    let left = |(other, at): &(Id, u16)| {
        let other = dosed.iter().find(|one| one.line == *other)?;
        let apart = slots::apart(plans, own, other);
        if apart == 0 {
            return None;
        }
        // The next one of it, after a night that may be an hour shorter.
        let next = if *at > opens { *at } else { at + DAY_END - slots::CLOCK_CHANGE };
        Some(u32::from(next - opens).saturating_sub(apart))
    };
    let least = times.iter().filter_map(left).min().unwrap_or(u32::MAX);
    u16::try_from(least).unwrap_or(u16::MAX).min(DOSE)
}

/// The minute of a day that a moment is on its own clock.
pub fn minute_of(at: crate::facts::Instant) -> u16 {
    minute(at)
}
