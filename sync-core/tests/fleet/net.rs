//! The network: requests and answers that are late, lost, repeated and out of order.

use osteon_sync_core::device::{Received, Request, Step, Ticket};

use crate::{
    Plant, SimFault,
    schemas::{TestMacs, TestSchemas},
    server::Answer,
    world::World,
};

pub(crate) struct Message {
    pub(crate) phone: usize,
    pub(crate) boot: u64,
    pub(crate) ticket: Ticket,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    Ask(Request),
    Tell(Answer),
}

impl World {
    pub(crate) fn ask(&mut self, at: usize) {
        if self.away == Some(at) || self.gone == Some(at) {
            return;
        }
        let random = self.rng.next();
        let now = self.phones[at].now(self.now_ms);
        if let Step::Send(ticket, request) = self.phones[at].device.next(now, random, &TestMacs) {
            self.tell_story(|| format!("phone {at} asks #{ticket} {request:?}"));
            self.phones[at].persist();
            let boot = self.phones[at].boot;
            self.net.push(Message { phone: at, boot, ticket, body: Body::Ask(request) });
        }
    }

    pub(crate) fn deliver_any(&mut self) {
        if self.net.is_empty() {
            return;
        }
        let i = self.rng.below(self.net.len() as u64) as usize;
        let message = self.net.swap_remove(i);
        let twice = self.weather.losses && self.net.len() < 50 && self.rng.one_in(8);
        if let (true, Body::Ask(request)) = (twice, &message.body) {
            let Message { phone, boot, ticket, .. } = message;
            self.net.push(Message { phone, boot, ticket, body: Body::Ask(request.clone()) });
        }
        self.deliver(message);
    }

    pub(crate) fn deliver(&mut self, message: Message) {
        match message.body {
            Body::Ask(request) => {
                let early = self.rng.one_in(3);
                let node = self.rng.below(2) as usize;
                let limit = self.rng.below(6) as u32 + 1;
                let phone = &self.phones[message.phone];
                let (account, installation) = (phone.account, phone.installation);
                let now = self.now_ms;
                let answer = match &request {
                    Request::Hello(r) => Answer::Hello(self.server.hello(account, installation, now, r)),
                    Request::Rebase(r) => Answer::Rebase(self.server.rebase(account, installation, r)),
                    Request::Push(r) => self.server.push(now, r, early),
                    Request::Offer(r) => self.server.offer(account, now, r),
                    Request::Pull(r) => {
                        let own = self.server.replicas_of(installation);
                        self.server.page(node, account, &own, r, limit)
                    }
                };
                let told = Message { body: Body::Tell(answer), ..message };
                if self.server.answers_wait() { self.out.push(told) } else { self.net.push(told) }
            }
            Body::Tell(answer) => self.tell(message.phone, message.boot, message.ticket, answer),
        }
    }

    pub(crate) fn tell(&mut self, at: usize, boot: u64, ticket: Ticket, answer: Answer) {
        self.tell_story(|| format!("phone {at} (boot {boot}) is told #{ticket} {answer:?}"));
        let random = self.rng.next();
        let dies = self.weather.crashes && self.rng.one_in(12);
        let phone = &mut self.phones[at];
        if phone.boot != boot || self.gone == Some(at) {
            return;
        }
        let now = phone.now(self.now_ms);
        let (mut page, mut late_page) = (false, false);
        match answer {
            Answer::Hello(a) => phone.device.hello_answer(ticket, a, now),
            Answer::Rebase(a) => phone.device.rebase_answer(ticket, a),
            Answer::Push(a) => phone.device.push_answer(ticket, a, now, &TestMacs),
            Answer::Offer(a) => phone.device.offer_answer(ticket, a),
            Answer::EpochChanged => {
                phone.device.failed(ticket, now, 0, random);
                phone.device.hello_first();
            }
            Answer::Page(p) => {
                page = true;
                let late = p.epoch != self.server.database.epoch;
                let (asked, granted) = (p.asked.is_empty(), p.granted.clone());
                let lost = phone.held_in(|cell| p.erased.contains(&cell) || asked && !granted.contains(&cell));
                let erases = !p.erased.is_empty() || asked;
                let received = phone.device.page(ticket, *p, &mut phone.confirmed, now, &TestMacs, &TestSchemas);
                phone.device.pull_ended(ticket);
                if late && received == Received::Applied {
                    // From before the restore: what it replaced was replaced rightly.
                    late_page = true;
                }
                if received == Received::Applied && erases {
                    self.excused.extend(lost);
                    phone.forget_drawn();
                    phone.form = None;
                }
            }
        }
        if dies && page && self.plant == Some(Plant::Sim(SimFault::CursorBeforePage)) {
            phone.persist_cursor_only();
            phone.crash();
        } else if dies {
            phone.crash();
        } else {
            phone.persist();
        }
        if late_page {
            self.owed.retain(|o| o.phone != at);
            self.note_owed();
        }
        self.draw(at);
    }

    pub(crate) fn commit(&mut self) {
        self.server.flush();
        self.net.append(&mut self.out);
    }

    pub(crate) fn lose(&mut self) {
        if self.net.is_empty() {
            return;
        }
        let i = self.rng.below(self.net.len() as u64) as usize;
        let lost = self.net.swap_remove(i);
        let random = self.rng.next();
        let phone = &mut self.phones[lost.phone];
        if phone.boot == lost.boot {
            let now = phone.now(self.now_ms);
            phone.device.failed(lost.ticket, now, 0, random);
        }
    }

    /// What was not answered is answered by nobody; the phones notice by their deadlines.
    pub(crate) fn answers_lost(&mut self) {
        for message in std::mem::take(&mut self.out) {
            let phone = &mut self.phones[message.phone];
            if phone.boot == message.boot {
                let now = phone.now(self.now_ms);
                phone.device.failed(message.ticket, now, 0, 0);
            }
        }
    }
}
