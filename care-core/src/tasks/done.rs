//! What became of tasks, and on how many days something was done.
//!
//! Adherence counts active days, never single ticks: a short session each day is worth more than a full one at times. What
//! was written in the journal counts as well as a tick: a session for the exercises, a meal, a dose that was taken. A
//! day of which nobody wrote anything stays unknown; it is not a day on which nothing was done.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kind, Occurrence, Plans, Wait, lines, slots};
use crate::facts::{Day, Entry, Id, Instant, IntakeStatus, MINUTE_MS, Portion, Role};

/// What became of one task. Done wins over skipped and open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum State {
    #[default]
    Open,
    Skipped,
    Done,
}

/// A record of an occurrence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Tick {
    pub line: Id,
    pub date: Day,
    pub slot: u16,
    pub state: State,
    pub done_at: Option<Instant>,
    /// The word of its label.
    pub word: &'static str,
    pub by: Option<Role>,
}

/// Puts what was ticked beside what is due; what was taken moves what must be apart from it. A visit, a scan or a
/// result of an earlier day that was ticked is over.
pub(super) fn joined(plans: &Plans, tasks: &mut [Occurrence]) {
    for task in tasks.iter_mut() {
        let mine = plans.ticks.iter().filter(|tick| (tick.line, tick.date, tick.slot) == task.identity());
        let (state, done_at) = mine.map(|tick| (tick.state, tick.done_at)).max().unwrap_or_default();
        (task.state, task.done_at) = (state, done_at.filter(|_| state == State::Done));
    }
    let dosed = lines::dosed(plans);
    let taken: Vec<(Id, Instant)> = plans
        .ticks
        .iter()
        .filter(|tick| tick.state == State::Done)
        .filter_map(|tick| Some((tick.line, tick.done_at?)))
        .collect();
    for task in tasks.iter_mut().filter(|task| task.state == State::Open) {
        let Some(own) = dosed.iter().find(|line| line.line == task.line) else { continue };
        if !matches!(task.kind, Kind::Supplement | Kind::Medicine | Kind::BoneDrug) {
            continue;
        }
        let until = |(line, at): &(Id, Instant)| {
            let other = dosed.iter().find(|other| other.line == *line)?;
            let minutes = slots::apart(plans, own, other);
            let at = at.plus_ms(i64::from(minutes) * MINUTE_MS);
            (minutes > 0).then(|| (at, other.line, other.what.clone(), minutes))
        };
        let latest = taken.iter().filter_map(until).max();
        let Some((at, from, what, minutes)) = latest else { continue };
        // Later than planned: by the clock that the person had when the other was taken.
        let planned = task.at.unwrap_or(task.slot);
        let local = at.ms + i64::from(at.offset_min) * MINUTE_MS;
        let begins = i64::from(task.date.0) * crate::facts::DAY_MS + i64::from(planned) * MINUTE_MS;
        if local > begins {
            task.wait = Some(Wait::NotBefore { at, from, what, minutes });
        }
    }
}

/// What entries of the journal, and doses that were given, say was done on a day: whoever writes down a walk need not tick
/// the exercise as well. Of an entry whose time, line or status is in dispute every version counts: none of them is a day on
/// which nothing was done.
fn entered(plans: &Plans) -> BTreeSet<(Day, Kind)> {
    let facts = &plans.facts;
    let mut done = BTreeSet::new();
    fn days<T>(entry: &Entry<T>) -> impl Iterator<Item = Day> + '_ {
        entry.at.known().map(|at| at.day()).filter(|_| !entry.out_of_range)
    }
    done.extend(facts.activities.iter().flat_map(days).map(|day| (day, Kind::Exercise)));
    done.extend(facts.fluids.iter().flat_map(days).map(|day| (day, Kind::Fluid)));
    let eaten = facts.meals.iter().filter(|meal| {
        meal.portion.is_missing() || meal.portion.has_unknown() || meal.portion.known().any(|one| *one != Portion::None)
    });
    done.extend(eaten.flat_map(days).map(|day| (day, Kind::Meal)));
    let taken = facts.intakes.iter().filter(|intake| {
        intake.status.is_missing()
            || intake.status.known().any(|one| matches!(one, IntakeStatus::Taken | IntakeStatus::Late))
    });
    for intake in taken {
        for kind in intake.line.known().filter_map(|line| plans.kind_of_line(line)) {
            done.extend(days(intake).map(|day| (day, kind)));
        }
    }
    done.extend(facts.doses.iter().flat_map(days).map(|day| (day, Kind::BoneDrug)));
    done
}

/// Days of a span by what is known of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Adherence {
    /// With at least one task done: ticked, or by an entry that fulfils one that was due.
    pub active: u32,
    /// Something was written, nothing was done.
    pub inactive: u32,
    /// Something was due, and nobody wrote anything: not known.
    pub not_logged: u32,
    pub nothing_due: u32,
}

impl Adherence {
    pub fn days(self) -> u32 {
        self.active + self.inactive + self.not_logged + self.nothing_due
    }
}

/// Active days of a span, both ends in it. `word`: only of tasks whose label goes by that word. `today` counts once
/// something of it is written: it is not over.
pub fn adherence(
    plans: &Plans,
    tasks: &[Occurrence],
    (from, to): (Day, Day),
    today: Day,
    word: Option<&str>,
) -> Adherence {
    let wanted = |other: &str| word.is_none_or(|word| word == other);
    let mut best: BTreeMap<Day, State> = BTreeMap::new();
    for tick in plans.ticks.iter().filter(|tick| wanted(tick.word) && from <= tick.date && tick.date <= to) {
        let state = best.entry(tick.date).or_default();
        *state = (*state).max(tick.state);
    }
    // Whoever asked first and left it has left out nothing that was due.
    let wanted_due = tasks.iter().filter(|task| wanted(task.kind.word()) && task.ask_first.is_none());
    let of_kind: BTreeSet<(Day, Kind)> = wanted_due.map(|task| (task.date, task.kind)).collect();
    let due: BTreeSet<Day> = of_kind.iter().map(|(day, _)| *day).collect();
    // A dose of the bone drug is not due any more once it is given.
    let fulfils = |one: &(Day, Kind)| of_kind.contains(one) || (one.1 == Kind::BoneDrug && wanted(one.1.word()));
    for (day, _) in entered(plans).into_iter().filter(|one| from <= one.0 && one.0 <= to && fulfils(one)) {
        best.insert(day, State::Done);
    }
    let mut count = Adherence::default();
    for day in (from.0..=to.0).map(Day) {
        match best.get(&day) {
            Some(State::Done) => count.active += 1,
            Some(_) => count.inactive += 1,
            None if day >= today => {}
            None if due.contains(&day) => count.not_logged += 1,
            None => count.nothing_due += 1,
        }
    }
    count
}
