//! Entries by what triggers look them up by: reports of one item, intakes by the clock. Made once an evaluation, and only
//! when a trigger asks; what it finds is still read version by version.

use std::{cell::OnceCell, collections::BTreeMap};

use super::eval::in_range;
use crate::facts::{Entry, Facts, Instant, Intake, Symptom};

pub(super) struct Index<'a> {
    facts: &'a Facts,
    reports: OnceCell<BTreeMap<u8, Vec<&'a Entry<Symptom>>>>,
    intakes: OnceCell<Clock<'a>>,
}

#[derive(Default)]
struct Clock<'a> {
    /// By time, once for each live version of it.
    timed: Vec<(i64, &'a Entry<Intake>)>,
    untimed: Vec<&'a Entry<Intake>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Self { facts, reports: OnceCell::new(), intakes: OnceCell::new() }
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
