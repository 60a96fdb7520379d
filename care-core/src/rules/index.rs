//! Entries by what triggers look them up by: reports of one item, intakes by the clock, answers about interference by the
//! day. Made once an evaluation, and only when a trigger asks; what is in dispute is still read version by version.

use std::{cell::OnceCell, collections::BTreeMap};

use super::{changed::Changed, eval::in_range};
use crate::facts::{Day, Entry, Facts, Instant, Intake, Live, Pain, Symptom};

pub(super) struct Index<'a> {
    facts: &'a Facts,
    changed: Option<&'a Changed>,
    reports: OnceCell<BTreeMap<u8, Vec<&'a Entry<Symptom>>>>,
    intakes: OnceCell<Clock<'a>>,
    /// Of the days that what is judged rests on, where a change is known.
    interference_near: OnceCell<Interference<'a>>,
    interference: OnceCell<Interference<'a>>,
}

/// Day, sum of the answers, and how many they are.
type Answered = (Day, i64, i64);

/// Answers of J01 on interference: their sum, and how many they are.
#[derive(Default)]
struct Interference<'a> {
    /// By day, of entries in which none of it is in dispute.
    sure: Vec<Answered>,
    disputed: Vec<&'a Entry<Pain>>,
}

#[derive(Default)]
struct Clock<'a> {
    /// By time, once for each live version of it.
    timed: Vec<(i64, &'a Entry<Intake>)>,
    untimed: Vec<&'a Entry<Intake>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(facts: &'a Facts, changed: Option<&'a Changed>) -> Self {
        let (reports, intakes) = (OnceCell::new(), OnceCell::new());
        let (interference_near, interference) = (OnceCell::new(), OnceCell::new());
        Self { facts, changed, reports, intakes, interference_near, interference }
    }

    /// Entries of which a live version names the item.
    pub(super) fn reports(&self, item: u8) -> &[&'a Entry<Symptom>] {
        let all = self.reports.get_or_init(|| {
            let mut all: BTreeMap<u8, Vec<&Entry<Symptom>>> = BTreeMap::new();
            for entry in in_range(&self.facts.symptoms) {
                entry.item.known().for_each(|item| all.entry(*item).or_default().push(entry));
            }
            all
        });
        all.get(&item).map_or(&[], Vec::as_slice)
    }

    /// Of entries from one day to another: day, sum and count of the answers; and entries in which something is in dispute.
    pub(super) fn interference(&self, from: Day, to: Day) -> (&[Answered], &[&'a Entry<Pain>]) {
        let near = self.changed.filter(|changed| changed.reaches(from) && changed.reaches(to));
        let all = match near {
            Some(changed) => self.interference_near.get_or_init(|| self.answered(|day| changed.reaches(day))),
            None => self.interference.get_or_init(|| self.answered(|_| true)),
        };
        let start = all.sure.partition_point(|(day, ..)| *day < from);
        let end = all.sure.partition_point(|(day, ..)| *day <= to);
        (all.sure.get(start..end.max(start)).unwrap_or_default(), &all.disputed)
    }

    fn answered(&self, on: impl Fn(Day) -> bool) -> Interference<'a> {
        let mut all = Interference::default();
        for entry in in_range(&self.facts.pains) {
            let day = match &entry.at {
                Live::One(at) => Some(at.day()),
                _ => None,
            };
            match (day, entry.interference.sum()) {
                (Some(day), _) if !on(day) => {}
                (Some(day), Some((sum, count))) if count > 0 => all.sure.push((day, sum, count)),
                (Some(_), Some(_)) => {}
                _ => all.disputed.push(entry),
            }
        }
        all.sure.sort_unstable();
        all
    }

    /// Intakes from `from` to `to` milliseconds after a time, both included, and those of which no time is known.
    pub(super) fn intakes(&self, at: Instant, from_ms: i64, to_ms: i64) -> impl Iterator<Item = &'a Entry<Intake>> {
        let clock = self.intakes.get_or_init(|| {
            let mut clock = Clock::default();
            for intake in in_range(&self.facts.intakes) {
                clock.timed.extend(intake.at.known().map(|at| (at.ms, intake)));
                if intake.at.has_unknown() {
                    clock.untimed.push(intake);
                }
            }
            clock.timed.sort_by_key(|(ms, intake)| (*ms, intake.id));
            clock
        });
        let (from, to) = (at.ms.saturating_add(from_ms), at.ms.saturating_add(to_ms));
        let start = clock.timed.partition_point(|(ms, _)| *ms < from);
        let end = clock.timed.partition_point(|(ms, _)| *ms <= to);
        let near = clock.timed.get(start..end.max(start)).unwrap_or_default();
        let mut seen: Vec<&Entry<Intake>> = near.iter().map(|(_, intake)| *intake).collect();
        seen.extend(clock.untimed.iter().copied());
        seen.sort_by_key(|intake| intake.id);
        seen.dedup_by_key(|intake| intake.id);
        seen.into_iter()
    }
}
