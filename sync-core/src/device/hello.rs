//! Hello: where I stand; and what the answer means for the outbox.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{
    Circle, Device, HelloAnswer, HelloRequest, Lanes, Quarantined, Queue, RebaseRequest, Stage, Ticket, next::Kind,
    renumber::Forks,
};
use crate::{
    Dot, Replica,
    ledger::{LanePosition, LaneState, Mac, Macs},
};

/// Queues of earlier numbers that are remembered.
const MAX_QUEUES: usize = 16;

impl Device {
    pub(crate) fn hello<M: Macs>(&self, now_ms: u64, macs: &M) -> HelloRequest {
        let positions = self.circles.iter().map(|(n, c)| (*n, c.positions(self.lanes, macs))).collect();
        let waiting = self.circles.iter().filter(|(_, c)| !c.quarantined.is_empty());
        let quarantined = waiting.map(|(n, c)| (*n, c.quarantined.iter().map(Quarantined::dot).collect())).collect();
        HelloRequest { epoch: self.epoch, clock_ms: self.clock.corrected(now_ms), positions, quarantined }
    }

    /// The answer to Hello.
    pub fn hello_answer(&mut self, ticket: Ticket, answer: HelloAnswer, now_ms: u64) {
        let Some(asked) = self.take(ticket, |k| *k == Kind::Hello) else { return };
        if answer.epoch < self.epoch {
            // From before a restore; epochs never go back.
            return;
        }
        self.retry.succeeded();
        self.clock.measured(asked.sent_ms, now_ms, answer.server_ms);
        let new_epoch = answer.epoch > self.epoch;
        let old = self.lanes;
        self.epoch = answer.epoch;
        self.lanes = answer.lanes.unwrap_or(self.lanes);
        let lanes = self.lanes;
        let mut forked = Vec::new();
        if new_epoch {
            // Also of circles that the answer does not name: whoever was taken out of one asks from the beginning, and is told
            // to keep nothing.
            self.start_over();
        }
        for said in &answer.circles {
            let Some(circle) = self.circles.get_mut(&said.circle) else { continue };
            circle.digest_key = said.digest_key;
            circle.stand(&said.lanes, new_epoch, old);
            circle.safe_upto(said.safe_upto);
            said.fates.iter().for_each(|fate| circle.told(fate));
            let forks = said.lanes.iter().filter_map(|s| circle.fork(s, lanes));
            forked.extend(forks.map(|dot| (said.circle, dot)));
        }
        self.need_hello = false;
        self.rebase = None;
        let fresh = lanes != old;
        let waits = |n: &u64| self.circles.get(n).is_some_and(|c| c.waits_on(lanes));
        if lanes.ordinary.epoch != self.epoch
            || !fresh && forked.iter().any(|(n, dot)| lanes.has(dot.replica) || waits(n))
        {
            let given_up = [lanes.urgent, lanes.ordinary].to_vec();
            self.rebase = Some(RebaseRequest { lanes: given_up, forked, request_id: [0; 16] });
            return;
        }
        // Numbers that nobody else has are here already, and nothing waits under them.
        let mut forks: BTreeMap<u64, Forks> = BTreeMap::new();
        for (number, dot) in forked {
            forks.entry(number).or_default().insert(dot.replica, dot.counter);
        }
        for (number, forks) in &forks {
            self.number_again(*number, forks);
        }
    }
}

impl Device {
    /// The server does not take a cursor of this device: everything is asked for from the beginning. What is held stays
    /// visible until then, marked stale.
    pub fn start_over(&mut self) {
        self.circles.values_mut().for_each(Circle::epoch_ended);
    }
}

impl Circle {
    /// Whether something waits under these numbers.
    fn waits_on(&self, lanes: Lanes) -> bool {
        self.queues.iter().any(|(replica, q)| lanes.has(*replica) && !q.is_drained())
    }

    fn positions<M: Macs>(&self, lanes: Lanes, macs: &M) -> Vec<LanePosition> {
        let mut positions = Vec::new();
        for (replica, queue) in &self.queues {
            let mut changes: Vec<(u64, Mac)> = Vec::new();
            for own in self.own.iter().filter(|o| o.dot().replica == *replica) {
                changes.extend(own.mac(macs).map(|mac| (own.dot().counter, mac)));
            }
            let erased = self.erased.iter().filter(|(dot, ..)| dot.replica == *replica);
            changes.extend(erased.map(|(dot, mac, _)| (dot.counter, *mac)));
            changes.sort_unstable();
            positions.push(LanePosition { replica: *replica, last: queue.last, changes });
        }
        for replica in [lanes.urgent, lanes.ordinary] {
            if !self.queues.contains_key(&replica) {
                positions.push(LanePosition { replica, ..LanePosition::default() });
            }
        }
        positions
    }

    /// The server was restored: what it sent is stale until it sends it again, and a page is no longer proof.
    fn epoch_ended(&mut self) {
        let read = self.read;
        self.own.iter_mut().for_each(|o| o.epoch_ended(read));
        self.stale_before = read + 1;
        // What was answered may be lost again.
        self.offers.iter_mut().for_each(|o| o.answered = None);
        self.offers_not_before_ms = 0;
        self.cursor.clear();
        self.resent.clear();
        self.dropped.clear();
        self.passed.clear();
        self.complete.clear();
        self.at_head = false;
    }

    /// Takes the positions of the server's chains over. After a restore, own changes that it lost are in the outbox again.
    fn stand(&mut self, lanes: &[LaneState], new_epoch: bool, current: Lanes) {
        let chain = |replica: Replica| lanes.iter().find(|l| l.replica == replica).map_or(0, |l| l.chain.counter);
        if new_epoch {
            self.own.retain(|o| o.stub.is_none() || o.dot().counter <= chain(o.dot().replica));
            // Lost: the server never had it, or has somebody else's under its number.
            let forked =
                |dot: Dot| lanes.iter().any(|l| l.replica == dot.replica && l.forked.is_some_and(|k| dot.counter >= k));
            for own in &mut self.own {
                let dot = own.change.dot;
                if dot.counter > chain(dot.replica) || forked(dot) {
                    own.stage = Stage::Waiting;
                }
            }
            self.erased.retain(|(dot, ..)| dot.counter <= chain(dot.replica));
        }
        for (replica, queue) in &mut self.queues {
            queue.not_before_ms = 0;
            if new_epoch {
                let waiting = self.own.iter().filter(|o| o.stage == Stage::Waiting && o.dot().replica == *replica);
                let first = waiting.map(|o| o.dot().counter).min().unwrap_or(u64::MAX);
                queue.processed = chain(*replica);
                queue.next = first.min(queue.processed + 1);
            } else {
                queue.processed = queue.processed.max(chain(*replica));
            }
        }
        if self.queues.len() > MAX_QUEUES {
            let own = &self.own;
            let needed = |replica: &Replica, queue: &Queue| {
                !queue.is_drained() || current.has(*replica) || own.iter().any(|o| o.dot().replica == *replica)
            };
            self.queues.retain(|r, q| needed(r, q));
        }
    }

    /// Whether a fork that the server found concerns this device: it will give numbers there, or has some to supply.
    fn fork(&self, state: &LaneState, lanes: Lanes) -> Option<Dot> {
        let counter = state.forked?;
        let current = lanes.has(state.replica);
        let holds = self.own.iter().any(|o| o.dot().replica == state.replica && o.dot().counter >= counter);
        let owes = self.queues.get(&state.replica).is_some_and(|q| !q.is_drained() && q.last >= counter);
        (current || holds || owes).then_some(Dot { replica: state.replica, counter })
    }
}
