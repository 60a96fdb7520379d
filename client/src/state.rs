//! What a phone is at one moment: loaded whole, changed by one function at a time, written back in one transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::hmac;
use osteon_proto::meta;
use osteon_sync_core::{
    Author, Change, Replica, Role, content,
    device::{Device, Lanes, Missing, Own},
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
    /// A change has begun, and not ended yet.
    changing: bool,
}

#[derive(Default)]
struct Written {
    settings: Settings,
    enrolment: Option<Enrolment>,
    session: Option<Session>,
    /// The head of the device's state.
    device: Vec<u8>,
    own: BTreeMap<(u64, u64), Own>,
    settled: BTreeSet<u64>,
    saves: Saves,
}

impl Enrolled {
    /// A phone that has just been enrolled.
    pub fn new(enrolment: Enrolment, session: Session, epoch: u32, lanes: Lanes) -> Self {
        let device = device_of(&enrolment, epoch, lanes);
        let macs = ChainMacs::of(&enrolment.chain_keys());
        Self { enrolment, session, device, confirmed: BTreeMap::new(), macs, saves: Saves::default() }
    }

    /// A device that knows no more than its enrolment. What it gave under its numbers is found out with Hello, which gives it
    /// new ones if need be.
    fn first_device(enrolment: &Enrolment) -> Device {
        let newest = |lane: meta::Lane| {
            let of = enrolment.lanes.iter().filter(|l| l.lane == lane as i32);
            of.map(|l| Replica { epoch: l.epoch, n: l.replica }).max().unwrap_or_default()
        };
        let lanes = Lanes { urgent: newest(meta::Lane::Urgent), ordinary: newest(meta::Lane::Ordinary) };
        device_of(enrolment, lanes.ordinary.epoch, lanes)
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

fn device_of(enrolment: &Enrolment, epoch: u32, lanes: Lanes) -> Device {
    let mut device = Device::new(enrolment.account, epoch, lanes);
    for c in &enrolment.circles {
        device.join(c.circle, author(enrolment.account, c.role));
        device.set_depth(c.circle, c.depth());
    }
    device
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
        let (mut state, device) = Self::without_device(&loaded)?;
        let Some((enrolment, session, head)) = device else { return Ok(state) };
        let rows = loaded.own_changes()?;
        let decoded = Device::decode_rows(head, rows);
        let (device, missing) = decoded.map_err(|_| Error::Damaged("the device's state"))?;
        if missing != Missing::default() {
            return Err(Error::Damaged("an own change is missing"));
        }
        if device.encode_head() == head {
            state.written.device = head.to_vec();
            let own = device.circles().flat_map(|(n, circle)| circle.own().iter().map(move |own| (n, own)));
            state.written.own = own.map(|(n, own)| ((n, own.serial), own.clone())).collect();
        }
        state.written.enrolment = Some(enrolment.clone());
        state.written.session = Some(session.clone());
        state.put_enrolled(enrolment, session, device, &loaded)?;
        if let Some(enrolled) = &state.enrolled {
            state.written.saves = enrolled.saves.clone();
        }
        Ok(state)
    }

    /// What could be read of a damaged phone, and which of its own changes are known to be missing; `None`: its head is lost,
    /// and nobody can tell.
    pub(crate) fn of_what_is_left(loaded: &Loaded) -> Result<(Self, Option<Missing>)> {
        let (mut state, _) = Self::without_device(loaded)?;
        let Some(enrolment) = loaded.enrolment()? else { return Ok((state, None)) };
        let session = loaded.session().ok().flatten().unwrap_or_default();
        let rows = loaded.own_changes()?;
        let whole = loaded.device().and_then(|head| Device::decode_rows(head, rows.iter().copied()).ok());
        let (device, missing) = match whole {
            Some((device, missing)) => (device, Some(missing)),
            None => {
                let mut device = Enrolled::first_device(&enrolment);
                device.rebuild(rows);
                (device, None)
            }
        };
        state.put_enrolled(enrolment, session, device, loaded)?;
        Ok((state, missing))
    }

    /// Everything but the enrolment; that and the device's head, if there is one.
    #[allow(clippy::type_complexity, reason = "read at once by its two callers")]
    fn without_device(loaded: &Loaded) -> Result<(Self, Option<(Enrolment, Session, &[u8])>)> {
        static LOADS: AtomicU64 = AtomicU64::new(0);
        let incarnation = LOADS.fetch_add(1, Ordering::Relaxed);
        let settings = loaded.settings()?;
        let settled: BTreeMap<u64, Settled> =
            loaded.outcomes().map(|one| one.map(|one| (one.n, one))).collect::<Result<_>>()?;
        let written =
            Written { settings: settings.clone(), settled: settled.keys().copied().collect(), ..Written::default() };
        let state = Self {
            generation: loaded.generation,
            incarnation,
            settings,
            enrolled: None,
            settled,
            written,
            changing: false,
        };
        let device = match (loaded.enrolment()?, loaded.session()?, loaded.device()) {
            (Some(enrolment), Some(session), Some(device)) => Some((enrolment, session, device)),
            _ => None,
        };
        Ok((state, device))
    }

    fn put_enrolled(&mut self, enrolment: Enrolment, session: Session, device: Device, loaded: &Loaded) -> Result<()> {
        let mut confirmed: BTreeMap<u64, Mirror> = BTreeMap::new();
        for part in loaded.parts() {
            let (circle, id, part) = part?;
            confirmed.entry(circle).or_default().load(id, part);
        }
        let macs = ChainMacs::of(&enrolment.chain_keys());
        self.enrolled = Some(Enrolled { enrolment, session, device, confirmed, macs, saves: loaded.saves()? });
        Ok(())
    }

    /// Whether the store still has the device's state in the form of an older version.
    pub(crate) fn is_of_older_form(&self) -> bool {
        self.enrolled.is_some() && self.written.device.is_empty()
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

    pub(crate) fn begins(&mut self) {
        self.changing = true;
    }

    pub(crate) fn ends(&mut self) {
        self.changing = false;
    }

    /// Whoever changed it last did not come to its end.
    pub(crate) fn was_cut_off(&self) -> bool {
        self.changing
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
        let (mut device, mut own) = (None, OwnChanges::new());
        if let Some(enrolled) = &mut self.enrolled {
            if self.written.enrolment.as_ref() != Some(&enrolled.enrolment) {
                batch.put_enrolment(&enrolled.enrolment);
            }
            if self.written.session.as_ref() != Some(&enrolled.session) {
                batch.put_session(&enrolled.session);
            }
            let head = enrolled.device.encode_head();
            if head != self.written.device {
                batch.put_device(head.clone());
                device = Some(head);
            }
            own = self.written.own_changes(&enrolled.device);
            own.iter().for_each(|((circle, serial), own)| batch.put_own(*circle, *serial, own.as_ref()));
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
        self.written.own_follows(own);
        Ok(())
    }
}

/// Own changes that are to be written; `None`: to be forgotten.
type OwnChanges = Vec<((u64, u64), Option<Own>)>;

impl Written {
    /// Own changes that are new or changed, and those that are kept no more.
    fn own_changes(&self, device: &Device) -> OwnChanges {
        let mut changes = Vec::new();
        let mut kept = self.own.iter().peekable();
        let own = device.circles().flat_map(|(n, circle)| circle.own().iter().map(move |own| ((n, own.serial), own)));
        // Both ascend.
        for (place, own) in own {
            while let Some((gone, _)) = kept.next_if(|(known, _)| **known < place) {
                changes.push((*gone, None));
            }
            let known = kept.next_if(|(known, _)| **known == place);
            if known.is_none_or(|(_, known)| known != own) {
                changes.push((place, Some(own.clone())));
            }
        }
        changes.extend(kept.map(|(gone, _)| (*gone, None)));
        changes
    }

    fn own_follows(&mut self, changes: OwnChanges) {
        for (place, own) in changes {
            match own {
                Some(own) => self.own.insert(place, own),
                None => self.own.remove(&place),
            };
        }
    }
}
