//! What comes back: answers and pages, each applied and written in one transaction, then told.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use osteon_access_core::LabelView;
use osteon_proto::{
    LabelId, meta, sync,
    table::table,
    wire::device::{TableSchemas, answers, millis, pages, timestamp},
};
use osteon_sync_core::{
    Dot,
    device::{Confirmed, Device, HelloCircle, Page, Received, Ticket},
    ledger::Verdict,
};

use crate::{
    access::Rights,
    care,
    error::Result,
    events::{Event, FieldChange, Refusal, Watched},
    outcomes::{Waiting, decided},
    phone::Phone,
    pull::Pull,
    state::{ChainMacs, Enrolled, State, author},
    store::{Mirror, items::StoredCircle},
    sync::{Answered, Driver},
};

/// The type number of a notice.
const NOTICE: u32 = 311;

impl Driver<'_> {
    pub(crate) async fn answered(&mut self, ticket: Ticket, answered: Answered) -> Result<()> {
        match answered {
            Answered::Hello { answer, refused } => {
                let said = answers::hello(&answer)?;
                let now_ms = self.phone.now_ms();
                let settled = self
                    .phone
                    .change_to_send(|state| {
                        let phone = state.enrolled_mut()?;
                        phone.take_lanes(&answer.lanes);
                        phone.take_circles(&answer, now_ms);
                        let fates = |circle: &HelloCircle| {
                            decided(circle.circle, phone.device.circle(circle.circle), &circle.fates, now_ms)
                        };
                        let settled = said.circles.iter().flat_map(fates).collect();
                        phone.device.hello_answer(ticket, said.clone(), now_ms);
                        state.settings.heard(now_ms);
                        state.settings.server_table = answer.field_table_version;
                        state.settings.leaving |= answer.order() == sync::DeviceOrder::Leave;
                        state.settings.notices = answer.notices;
                        let untold = &mut state.settings.orders_refused;
                        *untold = untold.saturating_sub(refused);
                        Ok(state.keep_outcomes(settled))
                    })
                    .await?;
                self.phone.greeted(Some(self.incarnation));
                settled.into_iter().for_each(|one| (self.listener)(Event::Settled(one)));
                (self.listener)(Event::Connected { epoch: answer.epoch });
            }
            Answered::Rebase(answer) => {
                let said = answers::rebase(&answer)?;
                self.phone
                    .change_to_send(|state| {
                        let phone = state.enrolled_mut()?;
                        phone.take_lanes(&answer.lanes);
                        phone.device.rebase_answer(ticket, said.clone());
                        Ok(())
                    })
                    .await?;
            }
            Answered::Offer(answer) => {
                let said = answers::offer(&answer);
                self.phone.tell(|device| device.offer_answer(ticket, said.clone())).await?;
                // What was taken back comes with the next page.
                self.clean = false;
                self.behind = true;
            }
            Answered::Push { circle, first, sent, bytes, answer } => {
                self.verdicts(ticket, (circle, first), sent, bytes, &answer).await?
            }
        }
        Ok(())
    }

    async fn verdicts(
        &mut self,
        ticket: Ticket,
        (circle, first): (u64, Dot),
        sent: usize,
        bytes: usize,
        answer: &sync::PushResponse,
    ) -> Result<()> {
        let said = answers::push(answer)?;
        let now_ms = self.phone.now_ms();
        let dots = (first.counter..).map(|counter| Dot { replica: first.replica, counter });
        let verdicts: BTreeMap<Dot, Verdict> = dots.zip(said.verdicts.iter().cloned()).collect();
        let settled = self
            .phone
            .change_to_send(|state| {
                let phone = state.enrolled_mut()?;
                let macs = phone.macs.clone();
                let waiting = Waiting::of(circle, phone.device.circle(circle));
                phone.device.push_answer(ticket, said.clone(), now_ms, &macs);
                let settled = waiting.settled(phone.device.circle(circle), &verdicts, now_ms);
                state.settings.heard(now_ms);
                if said.verdicts.iter().any(|v| matches!(v, Verdict::Accepted { .. })) {
                    state.settings.last_sent_ms = now_ms;
                }
                Ok(state.keep_outcomes(settled))
            })
            .await?;
        self.clean = false;
        self.behind = true;
        let (mut accepted, mut held, mut later, mut refused) = (0, 0, 0, Vec::new());
        for verdict in said.verdicts {
            match verdict {
                Verdict::Accepted { .. } => accepted += 1,
                Verdict::Quarantined { .. } => held += 1,
                Verdict::Refused { reason, violations } => refused.push(Refusal {
                    reason: reason.into_owned(),
                    paths: violations.into_iter().map(|v| v.path).collect(),
                }),
                Verdict::Skipped => {}
                Verdict::Later { .. } | Verdict::Gap { .. } | Verdict::Forked { .. } => later += 1,
            }
        }
        (self.listener)(Event::Sent { circle, sent, bytes, accepted, refused, held, later });
        settled.into_iter().for_each(|one| (self.listener)(Event::Settled(one)));
        Ok(())
    }

    pub(crate) async fn received(&mut self, message: sync::PullResponse) -> Result<()> {
        let (epoch, page) = match message.event {
            Some(sync::pull_response::Event::Page(page)) => (message.epoch, page),
            Some(sync::pull_response::Event::Heartbeat(_)) | None => return Ok(()),
        };
        let Some(pull) = &self.pull else { return Ok(()) };
        let ticket = pull.ticket;
        let asked = pull.asked.get(&page.circle).cloned().unwrap_or_default();
        let taken = pages::page(&page, epoch, asked)?;
        let now_ms = self.phone.now_ms();
        // What is to go goes, also on a full disk.
        let erases = !page.erased.is_empty() || !page.tombstones.is_empty();
        if erases {
            self.phone.store.forget_damaged()?;
        }
        let unasked = erases && std::mem::take(&mut self.skips_hello);
        let apply = |state: &mut State| {
            let phone = state.enrolled_mut()?;
            phone.take_role(page.circle, page.role());
            let watched = Watched::before(phone, &taken, now_ms);
            let (taken, applied) = (taken.clone(), &taken);
            let (macs, confirmed) = (phone.macs.clone(), phone.confirmed.entry(page.circle).or_default());
            let noticed = taken.parts.iter().any(|part| part.type_number == NOTICE);
            let differed = |device: &Device| device.circle(page.circle).map_or(0, |c| c.digest_mismatches());
            let before = differed(&phone.device);
            let became = phone.device.page(ticket, taken, confirmed, now_ms, &macs, &TableSchemas);
            let is_said = page.at_head && (!page.digests.is_empty() || confirmed.cells().is_empty());
            let compared = is_said.then(|| differed(&phone.device).saturating_sub(before));
            let waits = phone.device.circle(page.circle).is_some_and(|circle| !circle.quarantined().is_empty());
            if noticed && waits {
                // A person may have decided about what waits: Hello says so.
                phone.device.hello_first();
            }
            if unasked && became == Received::Applied {
                // Something was taken away: Hello says whether this phone is to leave.
                phone.device.hello_first();
            }
            let records = phone.view(page.circle, now_ms).map(|v| v.record_count()).unwrap_or(0);
            let told = (became, watched.changes(phone), records, phone.lost(&page, now_ms), compared);
            if became == Received::Applied {
                phone.saves.erase(applied);
                phone.note_complete(applied, now_ms);
                state.settings.heard(now_ms);
            }
            Ok(told)
        };
        let (became, changes, records, lost, compared) =
            if erases { self.phone.change_to_send(apply).await? } else { self.phone.change(apply).await? };
        match became {
            Received::Applied => {
                if let Some(differing) = compared {
                    self.phone.compares.note(page.circle, differing);
                }
                if let Some(pull) = &mut self.pull {
                    let before = pull.asked.insert(page.circle, page.cursor.to_vec());
                    self.owes |= before.is_none_or(|before| before != page.cursor)
                        && (!taken.parts.is_empty() || !page.erased.is_empty());
                }
                self.tell_page(&page, taken.parts.len(), changes, records, lost);
                // What came first may have been on an earlier page.
                self.safety |= is_safety(&taken);
                let is_new = self.said.get(&page.circle).is_none_or(|said| *said < taken.head);
                if page.at_head && self.safety && is_new && self.pull.as_ref().is_some_and(Pull::goes_on) {
                    // Whoever wrote it waits to hear that it is here. A stream that stays open says nothing: the next one names
                    // the cursor.
                    self.said.insert(page.circle, taken.head);
                    self.pull_ended().await?;
                }
            }
            Received::Void => self.pull_ended().await?,
            Received::HelloFirst => self.pull = None,
        }
        Ok(())
    }

    fn tell_page(
        &self,
        page: &sync::Page,
        parts: usize,
        changes: Vec<FieldChange>,
        records: usize,
        lost: BTreeSet<u8>,
    ) {
        let circle = page.circle;
        if !page.erased.is_empty() {
            (self.listener)(Event::Erased { circle, cells: page.erased.len(), lost });
        }
        if parts > 0 {
            (self.listener)(Event::Received { circle, parts, changes });
        }
        if page.at_head {
            (self.listener)(Event::UpToDate { circle, records });
        }
    }

    /// The stream ended in order, or its pages follow a cursor that is no longer ours.
    pub(crate) async fn pull_ended(&mut self) -> Result<()> {
        if let Some(pull) = self.pull.take() {
            // A cursor that comes back is the only sign by which the server knows that what it sent is here: what a sync
            // brought is confirmed once, so that nobody looks for a phone that has everything.
            self.clean = !self.behind && (!self.owes || self.confirmed);
            self.confirmed |= self.owes;
            self.phone.tell(|device| device.pull_ended(pull.ticket)).await?;
        }
        Ok(())
    }
}

impl Enrolled {
    fn take_lanes(&mut self, lanes: &[sync::LaneKey]) {
        if !lanes.is_empty() {
            self.enrolment.add_lanes(lanes);
            self.macs = ChainMacs::of(&self.enrolment.chain_keys());
        }
    }

    /// Circles that this account has joined since, and its roles.
    fn take_circles(&mut self, answer: &sync::HelloResponse, now_ms: u64) {
        self.enrolment.min_client.clone_from(&answer.min_client);
        for said in &answer.circles {
            let (circle, role) = (said.circle, said.role);
            let known = self.enrolment.circles.iter().find(|c| c.circle == circle);
            let depth = known.map_or(0, |known| known.depth);
            let late_since_ms = said.warnings_late_since.as_ref().map_or(0, millis);
            let late_told_ms = if late_since_ms == 0 { 0 } else { now_ms };
            let short_id = said.short_id.clone();
            let kept = known.cloned().unwrap_or_default();
            let stored = StoredCircle { circle, short_id, role, depth, late_since_ms, late_told_ms, ..kept };
            self.device.join(circle, author(self.enrolment.account, role));
            self.device.set_depth(circle, stored.depth());
            match self.enrolment.circles.iter_mut().find(|c| c.circle == circle) {
                Some(known) => *known = stored,
                None => self.enrolment.circles.push(stored),
            }
        }
    }

    /// Which classes are held whole after a page, and that everything was here. A page names those that it has completed; at
    /// the head all are.
    fn note_complete(&mut self, page: &Page, now_ms: u64) {
        let held: BTreeSet<u8> = self.confirmed.get(&page.circle).into_iter().flat_map(classes).collect();
        let Some(known) = self.enrolment.circles.iter_mut().find(|known| known.circle == page.circle) else { return };
        let before = known.whole.iter().filter_map(|class| u8::try_from(class.class).ok());
        let mut whole: BTreeSet<u8> = if page.asked.is_empty() { BTreeSet::new() } else { before.collect() };
        whole.retain(|class| !page.erased.iter().any(|cell| cell.class == *class));
        whole.extend(&page.complete);
        if page.at_head {
            whole.extend(held);
        }
        known.holds(&whole, page.at_head, now_ms);
    }

    /// The categories of what a page erased that the owner may not read any more; 0: the circle itself.
    fn lost(&self, page: &sync::Page, now_ms: u64) -> BTreeSet<u8> {
        let labels = page.erased.iter().map(|cell| LabelId(cell.label_id));
        let rights = self.rights(page.circle, now_ms).ok().filter(Rights::knows);
        let Some(rights) = rights else { return labels.take(1).map(|_| 0).collect() };
        let lost = labels.filter(|label| !rights.may_read(*label)).filter_map(LabelView::parse);
        lost.flat_map(|view| view.categories.iter().collect::<Vec<_>>()).map(|category| category.number()).collect()
    }

    fn take_role(&mut self, circle: u64, role: meta::Role) {
        if role == meta::Role::Unspecified {
            return;
        }
        if let Some(known) = self.enrolment.circles.iter_mut().find(|c| c.circle == circle && c.role != role as i32) {
            known.role = role as i32;
            self.device.set_depth(circle, known.depth());
            self.device.join(circle, author(self.enrolment.account, role as i32));
        }
    }
}

/// Something has come that the patient's safety rests on: an alert, or what restricts.
fn is_safety(page: &Page) -> bool {
    let known = page.parts.iter().filter_map(|part| table().get(part.type_number));
    known.into_iter().any(|known| known.restricts || known.class == meta::PriorityClass::Safety)
}

fn classes(held: &Mirror) -> impl Iterator<Item = u8> {
    held.cells().into_iter().map(|cell| cell.class)
}

/// Room on the file system of a folder; `None`: it cannot be asked.
fn free_mb(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize) >> 20)
}

impl Phone {
    /// What Hello reports of this phone.
    pub(crate) async fn health(&self) -> Result<sync::DeviceHealth> {
        let state = self.read().await?;
        let device = &state.enrolled()?.device;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let outbox: Vec<_> = device.circles().flat_map(|(_, c)| c.outbox()).collect();
        let oldest = outbox.iter().map(|own| own.change.clock.ms).min();
        Ok(sync::DeviceHealth {
            outbox_count: count(outbox.len()),
            outbox_oldest: oldest.map(timestamp),
            draft_count: count(device.circles().map(|(_, c)| c.drafts().len()).sum()),
            app_version: env!("CARGO_PKG_VERSION").into(),
            rule_set_version: care::rules().map(|set| set.version.to_string()).unwrap_or_default(),
            field_table_version: osteon_proto::table::FIELD_TABLE_VERSION,
            storage_free_mb: free_mb(self.store.folder()),
            notifications_allowed: false,
            orders_refused: state.settings.orders_refused,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::free_mb;

    #[test]
    fn room_is_that_of_the_folder_s_file_system() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(free_mb(folder.path()).is_some_and(|free| free > 0));
        assert_eq!(free_mb(&folder.path().join("none")), None, "not known is not nothing");
    }
}
