//! New numbers after a fork: changes that somebody else's numbers collide with carry their earlier numbers along, and
//! what names them names the new ones. Later changes follow, so that the order of writing stays the order of numbers.

use alloc::collections::BTreeMap;

use super::{Circle, Device, Lanes, Queue, RebaseAnswer, Stage, Ticket, next::Kind};
use crate::{Dot, PartWrite, Replica, faults::Fault};

/// Where the numbers of a replica are taken by somebody else, or no longer of use.
pub(crate) type Forks = BTreeMap<Replica, u64>;

impl Device {
    /// The answer to Rebase: all that the server had not processed under the old numbers is numbered again.
    pub fn rebase_answer(&mut self, ticket: Ticket, answer: RebaseAnswer) {
        if self.take(ticket, |k| *k == Kind::Rebase).is_none() {
            return;
        }
        self.retry.succeeded();
        if answer.epoch != self.epoch {
            self.need_hello = true;
            return;
        }
        let Some(rebase) = self.rebase.take() else { return };
        self.lanes = answer.lanes;
        let numbers: alloc::vec::Vec<u64> = self.circles.keys().copied().collect();
        for number in numbers {
            let mut forks = Forks::new();
            for (_, dot) in rebase.forked.iter().filter(|(n, _)| *n == number) {
                forks.insert(dot.replica, dot.counter);
            }
            for replica in &rebase.lanes {
                let queue = self.circles.get(&number).and_then(|c| c.queues.get(replica));
                let unprocessed = queue.map_or(1, |q| q.processed + 1);
                forks.entry(*replica).and_modify(|f| *f = (*f).min(unprocessed)).or_insert(unprocessed);
            }
            self.number_again(number, &forks);
        }
    }

    /// Numbers changes again, on the lanes' present replicas. Nothing waits there yet.
    pub(crate) fn number_again(&mut self, circle: u64, forks: &Forks) {
        let aliases = !self.faults.has(Fault::NumbersWithoutAliases);
        let lanes = self.lanes;
        if let Some(state) = self.circles.get_mut(&circle) {
            state.number_again(lanes, forks, aliases);
        }
    }
}

impl Circle {
    fn number_again(&mut self, lanes: Lanes, forks: &Forks, aliases: bool) {
        for (replica, from) in forks {
            if let Some(queue) = self.queues.get_mut(replica) {
                queue.last = queue.last.min(from.saturating_sub(1));
            }
        }
        self.erased.retain(|(dot, ..)| !collides(forks, *dot));
        self.own.retain(|o| o.stub.is_none() || !collides(forks, o.dot()));
        let first = self.own.iter().position(|o| collides(forks, o.dot())).unwrap_or(self.own.len());
        let mut renamed = BTreeMap::new();
        for own in &mut self.own[first..] {
            let old = own.change.dot;
            let unprocessed = |q: &Queue| own.stage == Stage::Waiting && old.counter > q.processed;
            let follows = self.queues.get(&old.replica).is_some_and(unprocessed);
            let replica = lanes.of(own.lane);
            if old.replica == replica || !collides(forks, old) && !follows {
                continue;
            }
            if let Some(queue) = self.queues.get_mut(&old.replica) {
                queue.last = queue.last.min(old.counter - 1);
            }
            let queue = self.queues.entry(replica).or_insert_with(|| Queue::new(own.lane));
            queue.last += 1;
            own.change.dot = Dot { replica, counter: queue.last };
            own.stage = Stage::Waiting;
            own.included.retain(|(_, to)| *to != u64::MAX);
            if aliases {
                own.change.earlier.push(old);
                renamed.insert(old, own.change.dot);
            }
        }
        // What the server has processed is known to it as it was.
        let queues = &self.queues;
        let open = |dot: Dot| queues.get(&dot.replica).is_none_or(|q| dot.counter > q.processed);
        let waiting = self.own.iter_mut().filter(|o| o.stage == Stage::Waiting && open(o.change.dot));
        let kept = self.drafts.iter_mut().map(|d| &mut d.change);
        let kept = kept.chain(self.quarantined.iter_mut().map(|q| &mut q.change));
        for change in waiting.map(|o| &mut o.change).chain(kept) {
            rename(&mut change.parts, &renamed);
        }
        self.renamed.append(&mut renamed);
    }

    /// A form that was open while its author's changes were numbered again means their new numbers.
    pub(crate) fn rename_open(&self, parts: &mut [PartWrite]) {
        rename(parts, &self.renamed);
    }
}

fn collides(forks: &Forks, dot: Dot) -> bool {
    forks.get(&dot.replica).is_some_and(|from| dot.counter >= *from)
}

fn rename(parts: &mut [PartWrite], renamed: &BTreeMap<Dot, Dot>) {
    for w in parts.iter_mut().flat_map(|p| &mut p.writes) {
        for named in w.replaces.iter_mut().chain(&mut w.covers) {
            while let Some(new) = renamed.get(named) {
                *named = *new;
            }
        }
    }
}
