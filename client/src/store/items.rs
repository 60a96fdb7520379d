//! What the items of the store hold: an enrolment, a session, settings, the device's state, parts.

use std::collections::{BTreeMap, BTreeSet};

use osteon_access_core::Role;
use osteon_proto::{identity, sync, wire::device::millis};
use osteon_sync_core::{
    Part, PartId, RecordId, Replica,
    device::{ConfirmedPart, Depth, Own},
};
use prost::Message;

use super::{Batch, Loaded, Place};
use crate::{
    error::{Error, Result},
    line::{Line, MAX_LOSS, MAX_ROUND_TRIP_MS},
};

const ENROLMENT: u8 = 1;
const SESSION: u8 = 2;
const SETTINGS: u8 = 3;
const DEVICE: u8 = 4;
const PART: u8 = 5;
// 6: outcomes, 7: saves.
const OWN: u8 = 8;

pub(super) fn enrolment_place() -> Place {
    Place::new(0, ENROLMENT, [])
}

/// Whether items of this kind have what people wrote.
pub(super) const fn is_content(kind: u8) -> bool {
    matches!(kind, PART | OWN)
}

/// Who this phone is, and of which server.
#[derive(Clone, PartialEq, Message)]
pub struct Enrolment {
    #[prost(string, tag = "1")]
    pub server: String,
    #[prost(bytes = "vec", tag = "2")]
    pub ca_pem: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub key_pkcs8: Vec<u8>,
    #[prost(uint64, tag = "4")]
    pub account: u64,
    #[prost(uint64, tag = "5")]
    pub device: u64,
    /// Every lane that this phone ever had: the keys of old ones are still needed after a restore.
    #[prost(message, repeated, tag = "6")]
    pub lanes: Vec<StoredLane>,
    /// The clinic's public key, pinned.
    #[prost(bytes = "vec", tag = "7")]
    pub clinic_key: Vec<u8>,
    #[prost(message, repeated, tag = "8")]
    pub circles: Vec<StoredCircle>,
    /// The last version of the field table that the server named.
    #[prost(string, tag = "9")]
    pub min_client: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct StoredLane {
    #[prost(int32, tag = "1")]
    pub lane: i32,
    #[prost(uint32, tag = "2")]
    pub epoch: u32,
    #[prost(uint32, tag = "3")]
    pub replica: u32,
    #[prost(bytes = "vec", tag = "4")]
    pub chain_key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct StoredCircle {
    #[prost(uint64, tag = "1")]
    pub circle: u64,
    #[prost(string, tag = "2")]
    pub short_id: String,
    #[prost(int32, tag = "3")]
    pub role: i32,
    /// How much of it the person wants here, as the contracts number it; 0: what is usual for the role.
    #[prost(int32, tag = "4")]
    pub depth: i32,
    /// Since when the clinic's warnings of it are late, as the server said last; 0: they are not, or it never said.
    #[prost(uint64, tag = "5")]
    pub late_since_ms: u64,
    /// When it said so.
    #[prost(uint64, tag = "6")]
    pub late_told_ms: u64,
    /// Classes that are held whole, and since when.
    #[prost(message, repeated, tag = "7")]
    pub whole: Vec<StoredClass>,
    /// When everything that this phone holds of it was here last.
    #[prost(uint64, tag = "8")]
    pub up_to_date_ms: u64,
    /// How far members have seen it, and when that was asked.
    #[prost(message, repeated, tag = "9")]
    pub seen: Vec<StoredSeen>,
    #[prost(uint64, tag = "10")]
    pub seen_as_of_ms: u64,
}

/// A mark of a member.
#[derive(Clone, PartialEq, Message)]
pub struct StoredSeen {
    #[prost(uint64, tag = "1")]
    pub account: u64,
    #[prost(int32, tag = "2")]
    pub role: i32,
    #[prost(uint64, tag = "3")]
    pub sequence: u64,
    #[prost(uint64, tag = "4")]
    pub at_ms: u64,
}

/// Where this phone is woken.
#[derive(Clone, PartialEq, Message)]
pub struct StoredWake {
    #[prost(string, tag = "1")]
    pub endpoint: String,
    #[prost(bytes = "vec", tag = "2")]
    pub p256dh: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub auth: Vec<u8>,
    /// The device that the server was told it of, when, and when it was asked last.
    #[prost(uint64, tag = "4")]
    pub device: u64,
    #[prost(uint64, tag = "5")]
    pub since_ms: u64,
    #[prost(uint64, tag = "6")]
    pub asked_ms: u64,
    /// Why the server does not take it; empty: it does, or was not asked.
    #[prost(string, tag = "7")]
    pub refused: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct StoredClass {
    #[prost(uint32, tag = "1")]
    pub class: u32,
    #[prost(uint64, tag = "2")]
    pub since_ms: u64,
}

impl StoredCircle {
    /// How much of it is held here.
    pub fn depth(&self) -> Depth {
        match sync::Depth::try_from(self.depth).unwrap_or_default() {
            sync::Depth::Full => Depth::Full,
            sync::Depth::Plan => Depth::Plan,
            sync::Depth::List => Depth::List,
            sync::Depth::Unspecified => {
                let role = u8::try_from(self.role).ok().and_then(Role::from_number);
                role.map_or(Depth::Full, Role::depth)
            }
        }
    }
}

/// The token pair. `request_id` is set while a refresh is under way whose answer has not come: it is asked again with the
/// same id, by whichever program of this phone comes first.
#[derive(Clone, PartialEq, Message)]
pub struct Session {
    #[prost(string, tag = "1")]
    pub access: String,
    #[prost(uint64, tag = "2")]
    pub access_expires_ms: u64,
    #[prost(string, tag = "3")]
    pub refresh: String,
    #[prost(bytes = "vec", tag = "4")]
    pub nonce: Vec<u8>,
    #[prost(string, tag = "5")]
    pub request_id: String,
}

/// What the person chose on this phone, and when it last heard from the server.
#[derive(Clone, PartialEq, Message)]
pub struct Settings {
    #[prost(bool, tag = "1")]
    pub offline: bool,
    #[prost(uint64, tag = "2")]
    pub offline_since_ms: u64,
    #[prost(uint64, tag = "3")]
    pub last_sent_ms: u64,
    #[prost(uint64, tag = "4")]
    pub last_heard_ms: u64,
    /// The clinic told this phone to leave.
    #[prost(bool, tag = "5")]
    pub leaving: bool,
    /// It has left.
    #[prost(bool, tag = "6")]
    pub left: bool,
    /// Notices of the account that nobody has acknowledged, as of the last Hello.
    #[prost(uint32, tag = "7")]
    pub notices: u32,
    /// Orders to erase itself that were not the clinic's, of which the clinic was not told yet.
    #[prost(uint32, tag = "8")]
    pub orders_refused: u32,
    /// Outcomes that this phone has numbered.
    #[prost(uint64, tag = "9")]
    pub outcomes: u64,
    /// Outcomes that nobody asked for until there were too many.
    #[prost(uint64, tag = "10")]
    pub outcomes_dropped: u64,
    /// What did not work last with the server, in words; empty since it answered again.
    #[prost(string, tag = "11")]
    pub last_error: String,
    #[prost(uint64, tag = "12")]
    pub last_error_ms: u64,
    /// The version of the field table that the server has.
    #[prost(uint32, tag = "13")]
    pub server_table: u32,
    /// When this phone's database was found damaged last; 0: never.
    #[prost(uint64, tag = "14")]
    pub damaged_ms: u64,
    /// Unsent changes that were recovered then.
    #[prost(uint32, tag = "15")]
    pub recovered: u32,
    /// The device's state could not be read then: whether more had waited nobody can tell.
    #[prost(bool, tag = "16")]
    pub outbox_lost: bool,
    /// Unsent changes that are known to have been there, and could not be read.
    #[prost(uint32, tag = "17")]
    pub unsent_lost: u32,
    #[prost(message, optional, tag = "18")]
    pub wake: Option<StoredWake>,
    /// A line that was made bad: so many packets of a hundred are lost.
    #[prost(uint32, tag = "19")]
    line_loses: u32,
    /// The same: as slow as 2G.
    #[prost(bool, tag = "20")]
    line_is_slow: bool,
    /// Beside what is lost: so long there and back.
    #[prost(uint32, tag = "21")]
    line_round_trip_ms: u32,
    /// An enrolment was asked for, and no answer came: its key is what gets the answer.
    #[prost(message, optional, tag = "22")]
    pub enrolling: Option<Enrolling>,
}

/// The key of an enrolment that is under way.
#[derive(Clone, PartialEq, Message)]
pub struct Enrolling {
    /// SHA-256 of where and with which code.
    #[prost(bytes = "vec", tag = "1")]
    pub invite: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub key_pkcs8: Vec<u8>,
}

impl Settings {
    /// How the line to the server was made.
    pub fn line(&self) -> Line {
        match (self.line_is_slow, u8::try_from(self.line_loses).unwrap_or(MAX_LOSS).min(MAX_LOSS)) {
            (true, _) => Line::Slow2g,
            (false, 0) => Line::Good,
            (false, percent) => Line::Lossy {
                percent,
                round_trip_ms: u16::try_from(self.line_round_trip_ms)
                    .unwrap_or(MAX_ROUND_TRIP_MS)
                    .min(MAX_ROUND_TRIP_MS),
            },
        }
    }

    pub(crate) fn set_line(&mut self, line: Line) {
        self.line_is_slow = line == Line::Slow2g;
        (self.line_loses, self.line_round_trip_ms) = match line {
            Line::Lossy { percent, round_trip_ms } => (percent.into(), round_trip_ms.into()),
            Line::Good | Line::Slow2g => (0, 0),
        };
    }
}

#[derive(Clone, PartialEq, Message)]
struct StoredPart {
    #[prost(bytes = "vec", tag = "1")]
    part: Vec<u8>,
    #[prost(uint32, tag = "2")]
    type_number: u32,
    #[prost(uint32, tag = "3")]
    class: u32,
    #[prost(uint64, tag = "4")]
    read: u64,
    #[prost(bytes = "vec", tag = "5")]
    extra: Vec<u8>,
}

impl Enrolment {
    /// Takes over numbers that the server gave, and keeps the old ones.
    pub fn add_lanes(&mut self, lanes: &[sync::LaneKey]) {
        for lane in lanes {
            let known = |l: &StoredLane| (l.epoch, l.replica) == (lane.epoch, lane.replica);
            self.lanes.retain(|l| !known(l));
            self.lanes.push(StoredLane {
                lane: lane.lane,
                epoch: lane.epoch,
                replica: lane.replica,
                chain_key: lane.chain_key.to_vec(),
            });
        }
    }

    pub fn chain_keys(&self) -> BTreeMap<Replica, Vec<u8>> {
        let key = |l: &StoredLane| (Replica { epoch: l.epoch, n: l.replica }, l.chain_key.clone());
        self.lanes.iter().map(key).collect()
    }

    pub fn circle(&self, short_id: &str) -> Option<u64> {
        self.circles.iter().find(|c| c.short_id == short_id).map(|c| c.circle)
    }
}

impl StoredCircle {
    /// Takes over which classes are held whole; `up_to_date`: a page has just reached the head.
    pub fn holds(&mut self, classes: &BTreeSet<u8>, up_to_date: bool, now_ms: u64) {
        let since = |class: u32| self.whole.iter().find(|w| w.class == class).map_or(now_ms, |w| w.since_ms);
        let whole = |class: &u8| StoredClass { class: u32::from(*class), since_ms: since(u32::from(*class)) };
        self.whole = classes.iter().map(whole).collect();
        if up_to_date {
            self.up_to_date_ms = now_ms;
        }
    }
}

impl Settings {
    /// The server answered.
    pub fn heard(&mut self, now_ms: u64) {
        self.last_heard_ms = now_ms;
        self.last_error.clear();
        self.last_error_ms = 0;
    }

    /// It did not, or not as it should.
    pub fn failed(&mut self, why: &str, now_ms: u64) {
        if self.last_error.is_empty() {
            self.last_error_ms = now_ms;
        }
        why.clone_into(&mut self.last_error);
    }
}

impl Session {
    pub fn of(pair: &identity::TokenPair) -> Self {
        Self {
            access: pair.access_token.clone(),
            access_expires_ms: pair.access_expires.as_ref().map_or(0, millis),
            refresh: pair.refresh_token.clone(),
            nonce: pair.refresh_nonce.to_vec(),
            request_id: String::new(),
        }
    }
}

fn item<M: Message + Default>(loaded: &Loaded, kind: u8, what: &'static str) -> Result<Option<M>> {
    let found = loaded.items.get(&Place::new(0, kind, []));
    found.map(|bytes| M::decode(bytes.as_slice()).map_err(|_| Error::Damaged(what))).transpose()
}

impl Loaded {
    pub fn enrolment(&self) -> Result<Option<Enrolment>> {
        item(self, ENROLMENT, "the enrolment")
    }

    pub fn session(&self) -> Result<Option<Session>> {
        item(self, SESSION, "the session")
    }

    pub fn settings(&self) -> Result<Settings> {
        Ok(item(self, SETTINGS, "the settings")?.unwrap_or_default())
    }

    /// The device's state: whole, as version 1 of the store kept it, or the head of what is kept one by one.
    pub fn device(&self) -> Option<&[u8]> {
        self.items.get(&Place::new(0, DEVICE, [])).map(Vec::as_slice)
    }

    /// (circle, serial, bytes) of all own changes, of each circle in order.
    pub fn own_changes(&self) -> Result<Vec<(u64, u64, &[u8])>> {
        let own = self.items.iter().filter(|(place, _)| place.kind == OWN);
        own.map(|(place, bytes)| {
            let serial = place.key.as_slice().try_into().map_err(|_| Error::Damaged("an own change"))?;
            Ok((place.circle, u64::from_be_bytes(serial), bytes.as_slice()))
        })
        .collect()
    }

    /// (circle, part) of all confirmed parts.
    pub fn parts(&self) -> impl Iterator<Item = Result<(u64, PartId, ConfirmedPart)>> {
        let parts = self.items.iter().filter(|(place, _)| place.kind == PART);
        parts.map(|(place, bytes)| {
            let damaged = || Error::Damaged("a part");
            let (record, label) = place.key.split_first_chunk::<16>().ok_or_else(damaged)?;
            let label = u64::from_be_bytes(label.try_into().map_err(|_| damaged())?);
            let stored = StoredPart::decode(bytes.as_slice()).map_err(|_| damaged())?;
            let part = ConfirmedPart {
                part: Part::decode(&stored.part).map_err(|_| damaged())?,
                type_number: stored.type_number,
                class: u8::try_from(stored.class).map_err(|_| damaged())?,
                read: stored.read,
                extra: stored.extra,
            };
            Ok((place.circle, PartId { record: RecordId(*record), label }, part))
        })
    }
}

impl Batch {
    pub fn put_enrolment(&mut self, enrolment: &Enrolment) {
        self.put(Place::new(0, ENROLMENT, []), enrolment.encode_to_vec());
    }

    pub fn put_session(&mut self, session: &Session) {
        self.put(Place::new(0, SESSION, []), session.encode_to_vec());
    }

    pub fn put_settings(&mut self, settings: &Settings) {
        self.put(Place::new(0, SETTINGS, []), settings.encode_to_vec());
    }

    pub fn put_device(&mut self, state: Vec<u8>) {
        self.put(Place::new(0, DEVICE, []), state);
    }

    /// `None`: it is not kept any more.
    pub fn put_own(&mut self, circle: u64, serial: u64, own: Option<&Own>) {
        let place = Place::new(circle, OWN, serial.to_be_bytes());
        match own {
            Some(own) => self.put(place, own.encode()),
            None => self.delete(place),
        }
    }

    pub fn put_part(&mut self, circle: u64, id: PartId, part: Option<&ConfirmedPart>) {
        let mut key = id.record.0.to_vec();
        key.extend_from_slice(&id.label.to_be_bytes());
        let place = Place::new(circle, PART, key);
        let Some(part) = part else {
            self.delete(place);
            return;
        };
        let stored = StoredPart {
            part: part.part.encode(),
            type_number: part.type_number,
            class: part.class.into(),
            read: part.read,
            extra: part.extra.clone(),
        };
        self.put(place, stored.encode_to_vec());
    }
}
