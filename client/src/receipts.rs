//! Receipts: that an own entry reached the server, and that somebody of the team has seen it. Who has seen what is said by
//! people's marks alone (SeenService); they are fetched with each sync and kept, so that they show without a network.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
};

use osteon_access_core::Role as Member;
use osteon_proto::{LabelId, seen::ListSeenRequest, wire::device::millis};
use osteon_sync_core::{RecordId, Role, device::Stage};
use tokio::time::Instant;

use crate::{
    error::{Error, Result},
    phone::Phone,
    state::Enrolled,
    store::items::{StoredCircle, StoredSeen},
    sync::CALLS,
    transport::{Transport, call, with_token},
};

/// A mark of a member: they have seen everything up to a sequence, as far as they may see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    pub account: u64,
    pub role: Role,
    pub sequence: u64,
    pub at_ms: u64,
}

/// What is known of an own entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Receipt {
    /// Something of it has no verdict yet: nobody else can see that.
    Waits,
    /// The server has it; and who has seen it since, the earliest mark first.
    Reached { seen: Vec<Mark> },
}

/// The marks of a circle as they were when they were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// 0: they were never asked for.
    pub as_of_ms: u64,
    /// Of those who are members, but for this account; the latest first. Who has marked nothing is not among them.
    pub marks: Vec<Mark>,
}

impl Phone {
    /// Who of a circle has seen it, and how far. Works without a network.
    pub async fn marks(&self, circle: u64) -> Result<Marks> {
        Ok(self.read().await?.enrolled()?.marks(circle))
    }

    /// Asks for the marks of all circles.
    pub(crate) async fn turn_marks(&self, transport: &Transport) -> Result<()> {
        // Staff see it on the portal, and follow many circles.
        let own = |circle: &&StoredCircle| {
            let role = u8::try_from(circle.role).ok().and_then(Member::from_number);
            matches!(role, Some(Member::Patient | Member::Caregiver))
        };
        let circles: Vec<(u64, u64)> = {
            let state = self.read().await?;
            let phone = state.enrolled()?;
            let head = |circle: u64| phone.device.circle(circle).map_or(0, |known| known.head());
            let circles = phone.enrolment.circles.iter().filter(own).map(|circle| (circle.circle, head(circle.circle)));
            circles.filter(|(circle, head)| !self.is_marked(*circle, *head)).collect()
        };
        for (circle, head) in circles {
            let token = self.token(transport).await?;
            let answer = call(transport.seen().list_seen(with_token(ListSeenRequest { circle }, &token)?)).await?;
            let marked = answer.seen.iter().filter(|by| !by.left && by.sequence > 0);
            let seen: Vec<StoredSeen> = marked
                .map(|by| StoredSeen {
                    account: by.account,
                    role: by.role,
                    sequence: by.sequence,
                    at_ms: by.at.as_ref().map_or(0, millis),
                })
                .collect();
            let now_ms = self.now_ms();
            self.change_to_send(|state| {
                let circles = &mut state.enrolled_mut()?.enrolment.circles;
                if let Some(known) = circles.iter_mut().find(|known| known.circle == circle) {
                    known.keep_seen(&seen, now_ms);
                }
                Ok(())
            })
            .await?;
            self.marked.lock().unwrap_or_else(PoisonError::into_inner).insert(circle, (Instant::now(), head));
        }
        Ok(())
    }

    /// Whether it was asked a while ago at this head: nobody has marked anything since.
    fn is_marked(&self, circle: u64, head: u64) -> bool {
        let marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        marked.get(&circle).is_some_and(|(at, of)| *of == head && at.elapsed() < CALLS)
    }
}

impl StoredCircle {
    fn keep_seen(&mut self, seen: &[StoredSeen], now_ms: u64) {
        self.seen = seen.to_vec();
        self.seen_as_of_ms = now_ms;
    }
}

impl Enrolled {
    pub(crate) fn marks(&self, circle: u64) -> Marks {
        let Some(known) = self.enrolment.circles.iter().find(|known| known.circle == circle) else {
            return Marks::default();
        };
        let others = known.seen.iter().filter(|by| by.account != self.enrolment.account);
        let mut marks: Vec<Mark> = others
            .map(|by| Mark {
                account: by.account,
                role: Role(u8::try_from(by.role).unwrap_or(0)),
                sequence: by.sequence,
                at_ms: by.at_ms,
            })
            .collect();
        marks.sort_by_key(|mark| (std::cmp::Reverse(mark.at_ms), mark.account));
        Marks { as_of_ms: known.seen_as_of_ms, marks }
    }
}

impl Enrolled {
    /// Of every record that this phone has written to, within memory. Somebody has seen an entry who may read all that was
    /// written and has marked its sequence, or one behind it: a mark says nothing of what its maker may not read.
    pub fn receipts(&self, circle: u64, now_ms: u64) -> Result<BTreeMap<RecordId, Receipt>> {
        let known = self.device.circle(circle).ok_or(Error::NoCircle)?;
        let (rights, marks) = (self.rights(circle, now_ms)?, self.marks(circle).marks);
        let mut written: BTreeMap<RecordId, Written> = BTreeMap::new();
        for own in known.own() {
            for part in &own.change.parts {
                let of = written.entry(part.part.record).or_default();
                of.labels.insert(part.part.label);
                match own.stage {
                    Stage::Waiting => of.waits = true,
                    Stage::Accepted { sequence } | Stage::Passed { sequence } => of.last = of.last.max(sequence),
                }
            }
        }
        let receipt = |of: Written| {
            if of.waits {
                return Receipt::Waits;
            }
            let reads = |mark: &&Mark| {
                let role = Member::from_number(mark.role.0);
                role.is_some_and(|r| of.labels.iter().all(|label| rights.reads((mark.account, r), LabelId(*label))))
            };
            let mut seen: Vec<Mark> = marks.iter().filter(|m| m.sequence >= of.last).filter(reads).copied().collect();
            seen.sort_by_key(|mark| (mark.at_ms, mark.account));
            Receipt::Reached { seen }
        };
        Ok(written.into_iter().map(|(record, of)| (record, receipt(of))).collect())
    }
}

/// What was written to a record here.
#[derive(Default)]
struct Written {
    labels: BTreeSet<u64>,
    waits: bool,
    last: u64,
}
