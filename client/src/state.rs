//! What a phone is at one moment: loaded whole, changed by one function at a time, written back in one transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::hmac;
use osteon_sync_core::{
    Author, Change, Replica, Role, content,
    device::{Device, Lanes},
    ledger::{Mac, Macs},
};

use crate::{
    error::{Error, Result},
    outcomes::Settled,
    store::{
        Batch, Loaded, Mirror, Store,
        items::{Enrolment, Session, Settings},
        saves::Saves,
    },
};

/// MACs of changes under the chain keys of this phone's lanes.
#[derive(Clone, Default)]
pub struct ChainMacs(Arc<BTreeMap<Replica, hmac::Key>>);

impl ChainMacs {
    pub fn of(keys: &BTreeMap<Replica, Vec<u8>>) -> Self {
        let key = |(replica, key): (&Replica, &Vec<u8>)| (*replica, hmac::Key::new(hmac::HMAC_SHA256, key));
        Self(Arc::new(keys.iter().map(key).collect()))
    }
}

impl Macs for ChainMacs {
    fn mac(&self, replica: Replica, change: &Change) -> Option<Mac> {
        let tag = hmac::sign(self.0.get(&replica)?, &content(change));
        tag.as_ref().first_chunk::<16>().copied()
    }
}

/// The server could not ask its rules: what they would have raised since may be missing. Milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Late {
    /// By the server's clock.
    pub since_ms: u64,
    /// By this phone's: it may have changed since.
    pub told_ms: u64,
}

/// An enrolled phone.
pub struct Enrolled {
    pub enrolment: Enrolment,
    pub session: Session,
    pub device: Device,
    pub confirmed: BTreeMap<u64, Mirror>,
    pub macs: ChainMacs,
    /// The newest own saves, for taking one back.
    pub(crate) saves: Saves,
}

/// Which room on the disk a commit may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    Any,
    /// Also what is kept for sending what waits, if there is no other.
    Kept,
}

/// Everything, as of one commit.
pub struct State {
    generation: u64,
    /// Another one after each load: requests of an earlier state machine are nobody's.
    incarnation: u64,
    pub settings: Settings,
    pub enrolled: Option<Enrolled>,
    /// Outcomes that nobody was told yet.
    pub(crate) settled: BTreeMap<u64, Settled>,
    /// As they stand in the store.
    written: Written,
}

#[derive(Default)]
struct Written {
    settings: Settings,
    enrolment: Option<Enrolment>,
    session: Option<Session>,
    device: Vec<u8>,
    settled: BTreeSet<u64>,
    saves: Saves,
}

impl Enrolled {
    /// A phone that has just been enrolled.
    pub fn new(enrolment: Enrolment, session: Session, epoch: u32, lanes: Lanes) -> Self {
        let mut device = Device::new(enrolment.account, epoch, lanes);
        for c in &enrolment.circles {
            device.join(c.circle, author(enrolment.account, c.role));
            device.set_depth(c.circle, c.depth());
        }
        let macs = ChainMacs::of(&enrolment.chain_keys());
        Self { enrolment, session, device, confirmed: BTreeMap::new(), macs, saves: Saves::default() }
    }

    /// What the server said last of a circle's warnings; `None`: that they are not late, or nothing.
    pub fn late(&self, circle: u64) -> Option<Late> {
        let known = self.enrolment.circles.iter().find(|c| c.circle == circle && c.late_since_ms > 0)?;
        Some(Late { since_ms: known.late_since_ms, told_ms: known.late_told_ms })
    }

    /// This account, in its role in a circle.
    pub fn author(&self, circle: u64) -> Result<Author> {
        let known = self.enrolment.circles.iter().find(|c| c.circle == circle).ok_or(Error::NoCircle)?;
        Ok(author(self.enrolment.account, known.role))
    }
}

/// An author by the number of a role on the wire.
pub fn author(account: u64, role: i32) -> Author {
    Author { account, role: Role(u8::try_from(role).unwrap_or(0)) }
}

impl State {
    pub async fn load(store: &Store) -> Result<Self> {
        Self::of(store.load().await?)
    }

    /// What was loaded, read.
    pub(crate) fn of(loaded: Loaded) -> Result<Self> {
        static LOADS: AtomicU64 = AtomicU64::new(0);
        let incarnation = LOADS.fetch_add(1, Ordering::Relaxed);
        let settings = loaded.settings()?;
        let settled = loaded.outcomes().map(|one| one.map(|one| (one.n, one))).collect::<Result<_>>()?;
        let (generation, written) = (loaded.generation, Written::default());
        let mut state = Self { generation, incarnation, settings, enrolled: None, settled, written };
        state.written.settings = state.settings.clone();
        state.written.settled = state.settled.keys().copied().collect();
        let (Some(enrolment), Some(session), Some(device)) = (loaded.enrolment()?, loaded.session()?, loaded.device())
        else {
            return Ok(state);
        };
        let mut confirmed: BTreeMap<u64, Mirror> = BTreeMap::new();
        for part in loaded.parts() {
            let (circle, id, part) = part?;
            confirmed.entry(circle).or_default().load(id, part);
        }
        let decoded = Device::decode(device).map_err(|_| Error::Damaged("the device's state"))?;
        state.written.device = device.to_vec();
        state.written.enrolment = Some(enrolment.clone());
        state.written.session = Some(session.clone());
        let macs = ChainMacs::of(&enrolment.chain_keys());
        let saves = loaded.saves()?;
        state.written.saves = saves.clone();
        state.enrolled = Some(Enrolled { enrolment, session, device: decoded, confirmed, macs, saves });
        Ok(state)
    }

    pub fn enrolled(&self) -> Result<&Enrolled> {
        self.enrolled.as_ref().ok_or(self.none())
    }

    pub fn enrolled_mut(&mut self) -> Result<&mut Enrolled> {
        let none = self.none();
        self.enrolled.as_mut().ok_or(none)
    }

    /// Why there is no enrolment.
    fn none(&self) -> Error {
        if self.settings.damaged_ms == 0 { Error::NotEnrolled } else { Error::EnrolmentLost }
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// Writes everything, whatever stood there.
    pub(crate) async fn commit_all(&mut self, store: &Store) -> Result<()> {
        self.written = Written::default();
        self.commit(store, Room::Any).await
    }

    /// Writes what changed, all or nothing.
    pub async fn commit(&mut self, store: &Store, room: Room) -> Result<()> {
        let mut batch = Batch::default();
        if self.settings != self.written.settings {
            batch.put_settings(&self.settings);
        }
        let mut device = None;
        if let Some(enrolled) = &mut self.enrolled {
            if self.written.enrolment.as_ref() != Some(&enrolled.enrolment) {
                batch.put_enrolment(&enrolled.enrolment);
            }
            if self.written.session.as_ref() != Some(&enrolled.session) {
                batch.put_session(&enrolled.session);
            }
            let encoded = enrolled.device.encode();
            if encoded != self.written.device {
                batch.put_device(encoded.clone());
                device = Some(encoded);
            }
            batch.put_saves(&self.written.saves, &enrolled.saves);
            for (circle, mirror) in &mut enrolled.confirmed {
                for (id, part) in mirror.take_changes() {
                    batch.put_part(*circle, id, part);
                }
            }
        }
        for told in self.written.settled.iter().filter(|n| !self.settled.contains_key(n)) {
            batch.delete_outcome(*told);
        }
        for (_, fresh) in self.settled.iter().filter(|(n, _)| !self.written.settled.contains(n)) {
            batch.put_outcome(fresh);
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.generation = match room {
            Room::Any => store.commit(self.generation, &batch).await?,
            Room::Kept => store.commit_to_send(self.generation, &batch).await?,
        };
        self.written.settings = self.settings.clone();
        self.written.settled = self.settled.keys().copied().collect();
        if let Some(enrolled) = &self.enrolled {
            self.written.enrolment = Some(enrolled.enrolment.clone());
            self.written.session = Some(enrolled.session.clone());
            self.written.saves = enrolled.saves.clone();
        }
        if let Some(device) = device {
            self.written.device = device;
        }
        Ok(())
    }
}
