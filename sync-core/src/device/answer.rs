//! Answers to Hello, Rebase and Push.

use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use super::{
    Circle, Device, Draft, Fate, Lanes, Quarantined, Stage, Ticket,
    circle::{skeleton, strip},
    next::Kind,
};
use crate::{
    Dot, Replica,
    faults::{Fault, Faults},
    ledger::{LaneState, Macs, Verdict, reason},
};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HelloAnswer {
    pub epoch: u32,
    pub server_ms: u64,
    pub circles: Vec<HelloCircle>,
    /// Numbers for this epoch, if the device had none.
    pub lanes: Option<Lanes>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HelloCircle {
    pub circle: u64,
    pub safe_upto: u64,
    pub digest_key: [u8; 16],
    pub lanes: Vec<LaneState>,
    /// Of changes that waited for a person.
    pub fates: Vec<Fate>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RebaseAnswer {
    pub epoch: u32,
    pub lanes: Lanes,
}

/// EPOCH_CHANGED is an answer with another epoch and no verdicts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PushAnswer {
    pub epoch: u32,
    /// One per item, in order, up to the first that is not final.
    pub verdicts: Vec<Verdict>,
}

impl Device {
    /// The server takes no change of this program (it is too old): its lanes wait until then, and everything is read on.
    pub fn pushes_wait(&mut self, ticket: Ticket, until_ms: u64) {
        let Some(asked) = self.take(ticket, |k| matches!(k, Kind::Push { .. })) else { return };
        let Kind::Push { circle, .. } = asked.kind else { return };
        let queues = self.circles.get_mut(&circle).into_iter().flat_map(|state| state.queues.values_mut());
        queues.for_each(|queue| queue.not_before_ms = until_ms);
    }

    /// The verdicts of a push. One of another epoch is void: what it says may be lost.
    pub fn push_answer<M: Macs>(&mut self, ticket: Ticket, answer: PushAnswer, now_ms: u64, macs: &M) {
        let Some(asked) = self.take(ticket, |k| matches!(k, Kind::Push { .. })) else { return };
        let Kind::Push { circle, replica, first, count, .. } = asked.kind else { return };
        self.retry.succeeded();
        if answer.epoch != self.epoch {
            self.need_hello = true;
            return;
        }
        let faults = self.faults;
        let Some(state) = self.circles.get_mut(&circle) else { return };
        for (counter, verdict) in (first..first + count).zip(answer.verdicts) {
            let dot = Dot { replica, counter };
            match verdict {
                Verdict::Later { retry_after_ms, .. } => state.later(replica, now_ms.saturating_add(retry_after_ms)),
                Verdict::Gap { .. } | Verdict::Forked { .. } => self.need_hello = true,
                verdict => state.decided(dot, verdict, macs, faults),
            }
        }
    }
}

impl Circle {
    fn later(&mut self, replica: Replica, not_before_ms: u64) {
        if let Some(queue) = self.queues.get_mut(&replica) {
            queue.not_before_ms = not_before_ms;
        }
    }

    /// A final verdict.
    fn decided<M: Macs>(&mut self, dot: Dot, verdict: Verdict, macs: &M, faults: Faults) {
        if let Some(queue) = self.queues.get_mut(&dot.replica) {
            queue.next = queue.next.max(dot.counter + 1);
            queue.processed = queue.processed.max(dot.counter);
        }
        let Some(i) = self.find(dot) else { return };
        match verdict {
            Verdict::Accepted { sequence, .. } => {
                let passed = self.passed.get(&dot.replica).is_some_and(|c| *c >= dot.counter);
                let at_once = faults.has(Fault::PendingDroppedAtAck);
                let own = &mut self.own[i];
                if own.stage == Stage::Waiting {
                    own.stage =
                        if passed || at_once { Stage::Passed { sequence } } else { Stage::Accepted { sequence } };
                }
                let hidden = core::mem::take(&mut own.hidden);
                if !hidden.is_empty() {
                    own.strip(macs, |p| !hidden.contains(&p.part.label));
                }
                self.settle();
            }
            Verdict::Refused { reason, violations } => {
                let mut own = self.own.remove(i);
                if reason == reason::ERASED {
                    self.drafts.clear();
                    return;
                }
                own.change.parts.retain(|p| !own.hidden.contains(&p.part.label));
                if !own.change.parts.is_empty() {
                    self.drafts.push(Draft { change: own.change, reason, violations, words: Box::default() });
                }
            }
            Verdict::Quarantined { id, reason } => {
                let mut own = self.own.remove(i);
                let hidden = core::mem::take(&mut own.hidden);
                strip(&mut own.change, |p| !hidden.contains(&p.part.label));
                if matches!(&*reason, reason::LOST_RIGHT | reason::LEFT_CIRCLE) {
                    skeleton(&mut own.change);
                }
                self.quarantined.push(Quarantined { id, reason, change: own.change });
            }
            _ => {
                self.own.remove(i);
            }
        }
    }

    /// A person has decided about a change that waited. What was accepted comes as somebody's change, by a page.
    pub(crate) fn told(&mut self, fate: &Fate) {
        let Some(i) = self.quarantined.iter().position(|q| q.dot() == fate.dot) else { return };
        let waited = self.quarantined.remove(i);
        if let Some(words) = &fate.rejected {
            let (reason, violations) = (Cow::Borrowed(reason::QUARANTINE_REJECTED), Vec::new());
            self.drafts.push(Draft { change: waited.change, reason, violations, words: words.clone() });
        }
    }
}
