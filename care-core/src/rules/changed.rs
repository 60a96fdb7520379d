//! Which entries a change concerns: a trigger asks for those that it judges by what their outcome depends on.

use std::collections::BTreeSet;

use osteon_sync_core::RecordId;

use super::eval::Cx;
use crate::facts::{Day, Entry, Id, Live};

/// What a change touched: journal entries, and the days on which they happened to the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    records: BTreeSet<RecordId>,
    from: Day,
    to: Day,
}

/// Rules that look at neighbours of an entry look this far, in days.
const NEAR_D: i32 = 35;

impl Changed {
    /// `from` and `to`: the first and the last day on which one of them happened, on whichever clock.
    pub fn new(records: impl IntoIterator<Item = Id>, from: Day, to: Day) -> Self {
        Self { records: records.into_iter().map(|id| id.0).collect(), from, to }
    }

    fn is_within(&self, day: Day, days: i32) -> bool {
        (self.from.plus(-days)..=self.to.plus(days)).contains(&day)
    }

    /// Whether what is judged, of entries near or after, rests on this day: so many days before them at most.
    pub(super) fn reaches(&self, day: Day) -> bool {
        (self.from.plus(-NEAR_D)..=self.to.plus(NEAR_D)).contains(&day)
    }

    fn is_near_or_after(&self, day: Day) -> bool {
        (self.from..=self.to.plus(NEAR_D)).contains(&day)
    }

    fn concerns<T>(&self, entry: &Entry<T>, is_near: impl Fn(&Self, Day) -> bool) -> bool {
        match &entry.at {
            Live::One(at) => is_near(self, at.day()) || self.records.contains(&entry.id.0),
            at => {
                let known = at.known().any(|at| is_near(self, at.day()));
                known || at.has_unknown() || self.records.contains(&entry.id.0)
            }
        }
    }
}

impl<'a> Cx<'a> {
    /// Entries in their hard range of which each is judged for itself, whatever else there is: where a change is known, those
    /// that changed. In the order of their ids.
    pub(super) fn own<T>(&self, list: &'a [Entry<T>]) -> impl Iterator<Item = &'a Entry<T>> + use<'a, T> {
        self.own_in_any_range(list).filter(|entry| !entry.out_of_range)
    }

    /// The same, also of entries in which something is out of its range.
    pub(super) fn own_in_any_range<T>(&self, list: &'a [Entry<T>]) -> impl Iterator<Item = &'a Entry<T>> + use<'a, T> {
        let all = if self.changed.is_none() { list } else { &[] };
        let find = |record: &RecordId| list.get(list.binary_search_by_key(record, |entry| entry.id.0).ok()?);
        all.iter().chain(self.changed.into_iter().flat_map(|changed| &changed.records).filter_map(find))
    }

    /// Entries whose outcome depends on what happened until then, of their own day too: where a change is known, not those
    /// that were over before it.
    pub(super) fn after<T: 'a, I>(&self, entries: I) -> impl Iterator<Item = &'a Entry<T>> + use<'a, T, I>
    where
        I: Iterator<Item = &'a Entry<T>>,
    {
        let changed = self.changed;
        entries.filter(move |entry| changed.is_none_or(|changed| changed.concerns(entry, Changed::is_near_or_after)))
    }

    /// Entries whose outcome depends on others near to them: where a change is known, those near to it.
    pub(super) fn near<T: 'a, I>(&self, entries: I) -> impl Iterator<Item = &'a Entry<T>> + use<'a, T, I>
    where
        I: Iterator<Item = &'a Entry<T>>,
    {
        self.within_days(NEAR_D, entries)
    }

    /// Entries whose outcome depends on nothing that happened more than so many days before or after them. A day more than
    /// that is to be named: each entry has its own clock.
    pub(super) fn within_days<T: 'a, I>(
        &self,
        days: i32,
        entries: I,
    ) -> impl Iterator<Item = &'a Entry<T>> + use<'a, T, I>
    where
        I: Iterator<Item = &'a Entry<T>>,
    {
        let changed = self.changed;
        let is_near = move |changed: &Changed, day: Day| changed.is_within(day, days);
        entries.filter(move |entry| changed.is_none_or(|changed| changed.concerns(entry, is_near)))
    }
}
