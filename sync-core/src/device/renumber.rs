//! New numbers after a fork: changes that somebody else's numbers collide with carry their earlier numbers along, and
//! what names them names the new ones.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{Device, Queue, RebaseAnswer, Stage, Ticket, next::Kind};
use crate::{Dot, Replica, faults::Fault};

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
        let mut first: BTreeMap<(u64, Replica), u64> =
            rebase.forked.iter().map(|(n, dot)| ((*n, dot.replica), dot.counter)).collect();
        for (number, circle) in &self.circles {
            for (replica, queue) in circle.queues.iter().filter(|(r, _)| rebase.lanes.contains(r)) {
                let unprocessed = queue.processed + 1;
                first.entry((*number, *replica)).and_modify(|f| *f = (*f).min(unprocessed)).or_insert(unprocessed);
            }
        }
        for ((number, replica), from) in first {
            self.number_again(number, replica, from);
        }
    }

    /// Numbers the changes of `replica` from `from` on again, on the lane's new replica.
    pub(crate) fn number_again(&mut self, circle: u64, replica: Replica, from: u64) {
        let lanes = self.lanes;
        let aliases = !self.faults.has(Fault::NumbersWithoutAliases);
        let Some(state) = self.circles.get_mut(&circle) else { return };
        let mut renamed: BTreeMap<Dot, Dot> = BTreeMap::new();
        for own in &mut state.own {
            let old = own.change.dot;
            if old.replica != replica || old.counter < from || lanes.of(own.lane) == replica {
                continue;
            }
            let queue = state.queues.entry(lanes.of(own.lane)).or_insert_with(|| Queue::new(own.lane));
            queue.last += 1;
            own.change.dot = Dot { replica: lanes.of(own.lane), counter: queue.last };
            own.stage = Stage::Waiting;
            own.included.retain(|(_, to)| *to != u64::MAX);
            if aliases {
                own.change.earlier.push(old);
                renamed.insert(old, own.change.dot);
            }
        }
        if let Some(queue) = state.queues.get_mut(&replica) {
            queue.last = queue.last.min(from.saturating_sub(1));
        }
        state.erased.retain(|(dot, ..)| dot.replica != replica || dot.counter < from);
        for own in state.own.iter_mut().filter(|o| o.stage == Stage::Waiting) {
            for w in own.change.parts.iter_mut().flat_map(|p| &mut p.writes) {
                for named in w.replaces.iter_mut().chain(&mut w.covers) {
                    *named = renamed.get(named).copied().unwrap_or(*named);
                }
            }
        }
        for draft in &mut state.drafts {
            for w in draft.change.parts.iter_mut().flat_map(|p| &mut p.writes) {
                let names: &mut Vec<Dot> = &mut w.replaces;
                names.iter_mut().for_each(|named| *named = renamed.get(named).copied().unwrap_or(*named));
            }
        }
        state.renamed.append(&mut renamed);
    }
}
