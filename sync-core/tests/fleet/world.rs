//! A fleet under one seed: people edit, messages are lost, repeated and late, phones and servers crash, are cloned and
//! restored, grants come and go. At the end everything is healed and the oracle looks.

use std::collections::BTreeSet;

use osteon_sync_core::{Author, Change, Clock, Dot, Field, FieldWrite, Note, PartWrite, Role, faults::Faults};

use crate::{
    Plant,
    chance::{Rng, Weather},
    net::Message,
    parts::{FIELDS, LABELS, part, refused, type_of, value},
    phone::Phone,
    server::Server,
};

const RECORDS: u64 = 3;

/// What a phone must give back: an edit, under a label that it may read.
pub(crate) struct Owed {
    pub(crate) serial: u64,
    pub(crate) phone: usize,
    pub(crate) label: u64,
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) phones: Vec<Phone>,
    /// Edits that need not be found at the end: overwritten by their own form, of a lost right, of a restored phone.
    pub(crate) excused: BTreeSet<u64>,
    pub(crate) made: BTreeSet<u64>,
    pub(crate) faults: Vec<String>,
    pub(crate) net: Vec<Message>,
    /// Answers that wait for the disk.
    pub(crate) out: Vec<Message>,
    pub(crate) now_ms: u64,
    pub(crate) rng: Rng,
    pub(crate) weather: Weather,
    pub(crate) plant: Option<Plant>,
    /// A phone without a network.
    pub(crate) away: Option<usize>,
    /// A phone that never comes back after a restore: what it wrote is known to others alone.
    pub(crate) gone: Option<usize>,
    /// Edits that a restored server lost and a phone holds.
    pub(crate) owed: Vec<Owed>,
    /// Installations that came back as they had been.
    set_back: BTreeSet<u64>,
    serial: u64,
    pub(crate) trace: bool,
}

impl World {
    pub(crate) fn new(seed: u64, plant: Option<Plant>) -> Self {
        let mut rng = Rng(seed);
        let weather = Weather::of(&mut rng);
        let core = match plant {
            Some(Plant::Core(fault)) => Faults::only(fault),
            _ => Faults::NONE,
        };
        let mut server = Server::new(plant);
        for account in 1..=3 {
            for label in LABELS {
                if account != 3 || label != LABELS[2] {
                    server.grant(account, label);
                }
            }
        }
        let phone = |n: u64, server: &mut Server| Phone::new(n, n, server.give_lanes(n, n), core);
        let phones = (1..=3).map(|n| phone(n, &mut server)).collect();
        server.flush();
        server.refresh(0);
        server.refresh(1);
        Self {
            server,
            phones,
            excused: BTreeSet::new(),
            made: BTreeSet::new(),
            faults: vec![],
            net: vec![],
            out: vec![],
            now_ms: 1_700_000_000_000,
            rng,
            weather,
            plant,
            away: None,
            gone: None,
            owed: vec![],
            set_back: BTreeSet::new(),
            serial: 0,
            trace: crate::setting("OSTEON_TRACE").is_some(),
        }
    }

    pub(crate) fn run(&mut self, steps: u32) {
        let back_up = 40 + self.rng.below(120) as u32;
        let restore = back_up + 30 + self.rng.below(100) as u32;
        for step in 0..steps {
            self.now_ms += self.rng.below(2_000);
            match step {
                s if s == back_up && self.weather.server_restores => self.server.back_up(),
                s if s == restore && self.weather.server_restores => self.restore_server(),
                _ => self.step(),
            }
            if !self.faults.is_empty() {
                return;
            }
        }
        self.heal();
    }

    fn step(&mut self) {
        let phone = self.rng.below(self.phones.len() as u64) as usize;
        match self.rng.below(100) {
            0..13 => self.edit(phone),
            13..44 => self.ask(phone),
            44..80 => self.deliver_any(),
            80..88 => self.commit(),
            88..90 => self.online_write(),
            90..93 if self.weather.losses => self.lose(),
            93..95 if self.weather.crashes => self.crash(phone),
            95..97 if self.weather.grants => self.move_grant(phone),
            97 if self.weather.clocks => {
                let hours = self.rng.below(13) as i64 - 6;
                self.phones[phone].skew_ms = hours * 3_600_000;
            }
            97..100 => self.calamity(phone),
            _ => {
                let node = self.rng.below(2) as usize;
                self.server.refresh(node);
                self.server.commit_early(self.now_ms);
            }
        }
    }

    fn calamity(&mut self, phone: usize) {
        let what = self.rng.below(6);
        self.tell_story(|| format!("calamity {what} of phone {phone}"));
        match what {
            0 => self.phones[phone].back_up(),
            1 if self.weather.phone_restores => {
                let made = self.phones[phone].made.clone();
                if self.phones[phone].restore() {
                    self.excused.extend(made);
                    self.owed.retain(|o| o.phone != phone);
                    self.set_back.insert(self.phones[phone].installation);
                }
            }
            2 if self.weather.twins && self.phones.len() < 4 => {
                let twin = self.phones[phone].twin();
                self.phones.push(twin);
            }
            3 => self.server.back_up(),
            4 if self.weather.server_restores => self.restore_server(),
            _ => {}
        }
    }

    fn restore_server(&mut self) {
        self.server.restore();
        self.answers_lost();
        self.phones.iter_mut().for_each(Phone::forget_drawn);
        // Somebody is in hospital without a network until the end: others come back first.
        self.away = Some(self.rng.below(self.phones.len() as u64) as usize);
        if self.gone.is_none() && self.rng.one_in(3) {
            let gone = self.rng.below(self.phones.len() as u64) as usize;
            self.tell_story(|| format!("phone {gone} is gone for good"));
            self.gone = Some(gone);
            self.excused.extend(self.phones[gone].made.clone());
            self.owed.retain(|o| o.phone != gone);
        }
        self.note_owed();
    }

    /// What the server has lost and somebody still holds, in what they may read.
    pub(crate) fn note_owed(&mut self) {
        let mut owed = vec![];
        // Under the numbers of a phone that was cloned or set back, other content may come first.
        let times = |of: u64| self.phones.iter().filter(|p| p.installation == of).count();
        let ambiguous = self.phones.iter().map(|p| p.installation).filter(|i| times(*i) > 1);
        let ambiguous: BTreeSet<u64> = ambiguous.chain(self.set_back.iter().copied()).collect();
        for (at, phone) in self.phones.iter().enumerate().filter(|(at, _)| self.gone != Some(*at)) {
            for (id, held) in phone.confirmed_parts().filter(|(id, _)| self.server.granted(phone.account, id.label)) {
                let versions = held.part.fields().flat_map(|(_, versions)| versions);
                let lost = versions.filter(|v| self.server.has_lost(v.dot) && !self.server.is_of(v.dot, &ambiguous));
                let serials = lost.filter_map(|v| v.value.and_then(crate::parts::serial_of));
                owed.extend(serials.map(|serial| Owed { serial, phone: at, label: id.label }));
            }
        }
        self.owed.retain(|o| self.server.granted(self.phones[o.phone].account, o.label));
        self.owed.extend(owed);
    }

    /// A person opens a form, or saves the one that is open.
    fn edit(&mut self, at: usize) {
        if self.gone == Some(at) {
            return;
        }
        let field = FIELDS[self.rng.below(3) as usize];
        let (record, label) = (self.rng.below(RECORDS) as u8, LABELS[self.rng.below(3) as usize]);
        let account = self.phones[at].account;
        if self.phones[at].form.is_none() || self.rng.one_in(3) {
            // The app goes by the grants that it knows of.
            if self.phones[at].knows(label).unwrap_or_else(|| self.server.granted(account, label)) {
                self.phones[at].open(part(record, label));
            }
            if self.rng.one_in(3) {
                return;
            }
        }
        let Some(form) = self.phones[at].form.clone() else { return };
        let mut also = None;
        let second = LABELS[self.rng.below(3) as usize];
        self.serial += 1;
        let serial = self.serial;
        if self.rng.one_in(4) && second != form.part.label && self.phones[at].knows(second) == Some(true) {
            self.serial += 1;
            let id = osteon_sync_core::PartId { record: form.part.record, label: second };
            also = Some((id, self.serial));
        }
        self.tell_story(|| format!("phone {at} saves {serial} and {also:?} in field {field} of {:?}", form.part));
        let overwritten = self.phones[at].save(self.now_ms, field, serial, also);
        self.excused.extend(overwritten);
        self.made.insert(serial);
        self.made.extend(also.map(|(_, s)| s));
        if self.rng.one_in(2) {
            self.phones[at].form = None;
        }
        self.draw(at);
    }

    /// `OSTEON_TRACE=1` with `OSTEON_SEED` tells the whole story.
    pub(crate) fn tell_story(&self, what: impl FnOnce() -> String) {
        if self.trace {
            println!("{}", what());
        }
    }

    pub(crate) fn draw(&mut self, at: usize) {
        if let Some(back) = crate::oracle::back_again(&self.phones[at], &self.server.durable.circle) {
            self.faults.push(format!("phone {at} shows {back}"));
        }
        let refusals = self.server.refusals(self.phones[at].installation);
        if refusals != self.phones[at].refusals {
            // What a refused edit had replaced comes back, rightly.
            self.phones[at].forget_drawn();
            self.phones[at].refusals = refusals;
        }
        if let Some(serial) = self.phones[at].draw() {
            self.faults.push(format!("flicker: edit {serial} of phone {at} disappeared and came back"));
        }
    }
    fn crash(&mut self, at: usize) {
        let phone = self.rng.one_in(2);
        self.tell_story(|| format!("crash of phone {at}: {phone}, or of the server"));
        if phone {
            self.phones[at].crash();
            self.draw(at);
            return;
        }
        self.server.crash();
        self.answers_lost();
    }

    fn move_grant(&mut self, at: usize) {
        self.tell_story(|| format!("a grant of phone {at} moves"));
        let (account, label) = (self.phones[at].account, LABELS[self.rng.below(3) as usize]);
        if self.server.granted(account, label) {
            self.server.revoke(account, label);
            self.owed.retain(|o| o.label != label || self.phones[o.phone].account != account);
        } else {
            self.server.grant(account, label);
        }
        self.net.append(&mut self.out);
    }

    /// Somebody at the portal edits what is there.
    fn online_write(&mut self) {
        let mut serial = self.serial + 1;
        if refused(serial) {
            serial += 1;
        }
        self.serial = serial;
        let id = part(self.rng.below(RECORDS) as u8, LABELS[self.rng.below(3) as usize]);
        let Some(stored) = self.server.durable.circle.parts.get(&id).filter(|p| p.part.is_live()) else { return };
        let field = Field::register(FIELDS[self.rng.below(3) as usize]);
        let replaces: Vec<Dot> = stored.part.versions(&field).map(|v| v.dot).collect();
        let write = FieldWrite { field, put: Some(value(serial)), replaces, covers: vec![] };
        let change = Change {
            dot: Dot::default(),
            clock: Clock { ms: self.now_ms, logical: 0 },
            author: Author { account: 99, role: Role(2) },
            base: 0,
            earlier: vec![],
            parts: vec![PartWrite { part: id, type_number: type_of(id.record), writes: vec![write] }],
            note: Note::default(),
        };
        self.server.write(self.now_ms, change);
        self.made.insert(serial);
        if self.server.restored || self.weather.server_restores {
            // Nobody sends again what the portal wrote and a restored server lost.
            self.excused.insert(serial);
        }
        self.net.append(&mut self.out);
    }

    /// The weather clears: nothing is lost any more, everybody syncs until nothing moves.
    fn heal(&mut self) {
        self.weather.losses = false;
        self.weather.crashes = false;
        let late = self.away.take();
        self.server.commit_early(self.now_ms);
        self.server.refresh(0);
        self.server.refresh(1);
        for round in 0..60 {
            for at in (0..self.phones.len()).filter(|at| round > 0 || late != Some(*at)) {
                for _ in 0..6 {
                    self.now_ms += 1_000_000;
                    self.ask(at);
                    self.commit();
                    while let Some(message) = self.net.pop() {
                        self.deliver(message);
                        self.commit();
                    }
                    if !self.faults.is_empty() {
                        return;
                    }
                }
            }
            if self.faults.is_empty() && self.present().all(|(_, p)| p.is_idle()) && self.all_at_head() {
                return;
            }
        }
        if self.faults.is_empty() {
            let stuck: Vec<_> = self.phones.iter().map(Phone::stuck).collect();
            self.faults.push(format!("an outbox is stuck: {stuck:?}"));
        }
    }

    /// Phones that are there.
    pub(crate) fn present(&self) -> impl Iterator<Item = (usize, &Phone)> {
        self.phones.iter().enumerate().filter(|(at, _)| self.gone != Some(*at))
    }

    fn all_at_head(&self) -> bool {
        let head = self.server.durable.circle.head;
        let epoch = self.server.durable.epoch;
        self.present().all(|(_, p)| {
            let circle = p.device.circle(crate::server::CIRCLE);
            p.device.epoch() == epoch && circle.is_some_and(|c| c.at_head() && c.head() == head)
        })
    }
}
