//! Who takes part in which thread of messages: read off the records of the threads, by server and phone alike.

use std::collections::BTreeSet;

use crate::Consent;

/// Who takes part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// An account, as far as it is a member.
    Account(u64),
    /// Every member, also who comes later.
    Everybody,
}

/// One line of a thread: whoever started it (record type Thread, its author), whether it is everybody's, and each
/// Thread.participant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ThreadRow {
    pub thread: u64,
    pub part: Part,
    pub participation: Consent,
}

impl ThreadRow {
    pub const fn takes_part(thread: u64, account: u64) -> Self {
        Self { thread, part: Part::Account(account), participation: Consent::Allow }
    }

    /// Everybody takes part but those of whom a row says no.
    pub const fn everybody(thread: u64) -> Self {
        Self { thread, part: Part::Everybody, participation: Consent::Allow }
    }

    /// The rows of a thread's own record.
    pub fn of_thread(thread: u64, author: u64, everybody: bool) -> impl Iterator<Item = Self> {
        let all = everybody.then_some(Self::everybody(thread));
        [Self::takes_part(thread, author)].into_iter().chain(all)
    }
}

/// The threads of one circle, resolved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Threads {
    /// Every thread that was started, ascending: its number is taken.
    known: BTreeSet<u64>,
    /// (thread, account).
    taking_part: BTreeSet<(u64, u64)>,
}

impl Threads {
    /// `accounts`: of current members. One no wins over any yes.
    pub(crate) fn of(rows: &[ThreadRow], accounts: &BTreeSet<u64>) -> Self {
        let known = rows.iter().map(|row| row.thread).collect();
        let allowed = rows.iter().filter(|row| row.participation == Consent::Allow);
        let mut taking_part: BTreeSet<(u64, u64)> = BTreeSet::new();
        for row in allowed {
            match row.part {
                Part::Account(account) => _ = taking_part.insert((row.thread, account)),
                Part::Everybody => taking_part.extend(accounts.iter().map(|account| (row.thread, *account))),
            }
        }
        for row in rows.iter().filter(|row| row.participation == Consent::Deny) {
            match row.part {
                Part::Account(account) => _ = taking_part.remove(&(row.thread, account)),
                Part::Everybody => taking_part.retain(|(thread, _)| *thread != row.thread),
            }
        }
        taking_part.retain(|(_, account)| accounts.contains(account));
        Self { known, taking_part }
    }

    pub(crate) fn knows(&self, thread: u64) -> bool {
        self.known.contains(&thread)
    }

    pub(crate) fn holds(&self, thread: u64, account: u64) -> bool {
        self.taking_part.contains(&(thread, account))
    }

    /// Ascending.
    pub(crate) fn of_account(&self, account: u64) -> Vec<u64> {
        self.taking_part.iter().filter(|(_, one)| *one == account).map(|(thread, _)| *thread).collect()
    }

    pub(crate) fn add(&mut self, thread: u64, account: u64) {
        self.known.insert(thread);
        self.taking_part.insert((thread, account));
    }
}
