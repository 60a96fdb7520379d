//! The deny log: what must stay denied when the database is put back to an older state. Small, outside the database, newer
//! than any backup.
//!
//! Revocations, removals, ends of grants, wipes, erasures, moves, redactions and every new epoch are appended here, durably,
//! before the commit that they belong to is acknowledged. An entry whose commit never came about is harmless: an entry only
//! takes away, names the very change (dot), device or circle that it ends, and replaying it twice is replaying it once.
//!
//! Two kinds behind one trait: a file for one machine ([`file`]) and a second database for several nodes ([`database`]).
//! Entries are chained by a MAC under a key of the server, so that a damaged, reordered, shortened or foreign log is found.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::{constant_time, hmac};
use osteon_sync_core::{Dot, RecordId, Replica};
use prost::Message;

use crate::store::{CircleNo, DeviceNo};

pub mod database;
pub mod file;
pub mod place;

pub use database::DatabaseLog;
pub use file::FileLog;

/// Bytes of an entry's MAC.
pub const MAC_LEN: usize = 16;
/// A change that denies holds at most what a push may hold; beyond this an entry is damage, bytes.
pub const LARGEST: usize = 4 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum DenyError {
    #[error("there is no deny log")]
    Absent,
    #[error("the deny log is not one of Osteon's")]
    Layout,
    #[error("the deny log belongs to another server, or its first lines are damaged")]
    Foreign,
    #[error("the deny log is damaged at entry {0}")]
    Damaged(u64),
    #[error("the deny log ends inside entry {0}: it was cut, or copied while it was written")]
    Torn(u64),
    #[error(
        "the deny log has {found} entries, and this database was written with {expected}: it is not the newest copy"
    )]
    Short { found: u64, expected: u64 },
    #[error("the deny log has an entry that this version does not know: {0}")]
    Unknown(u64),
    #[error("the deny log cannot be read or written")]
    Io(#[from] std::io::Error),
    #[error("the deny log's database does not answer")]
    Database(#[from] sqlx::Error),
    #[error("the deny log's database acknowledges what a power cut loses (fsync or synchronous_commit is off)")]
    Lossy,
}

impl DenyError {
    /// A stable word for scripts.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "DENY_LOG_ABSENT",
            Self::Layout | Self::Foreign => "DENY_LOG_FOREIGN",
            Self::Damaged(_) => "DENY_LOG_DAMAGED",
            Self::Torn(_) => "DENY_LOG_CUT",
            Self::Short { .. } => "DENY_LOG_OLD",
            Self::Unknown(_) => "DENY_LOG_NEWER",
            Self::Io(_) | Self::Database(_) | Self::Lossy => "DENY_LOG_UNUSABLE",
        }
    }
}

/// One thing that was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// An epoch was started: no later one may have this number again.
    Epoch(u32),
    /// Membership or consent was narrowed by the change of this dot. `sealed`: what it wrote of that, under the circle's
    /// data key.
    Access { circle: CircleNo, dot: Dot, sealed: Vec<u8> },
    /// A device was revoked, or has left.
    Device(DeviceNo),
    /// A device was told to leave (1) or to be wiped (2), with the clinic's signature under a WIPE.
    Ordered { device: DeviceNo, ending: u8, at_ms: u64, signature: Vec<u8> },
    /// A record was moved away (no dot), or the content that a change put into it was redacted.
    Gone { circle: CircleNo, record: RecordId, dot: Option<Dot> },
    /// A circle was erased.
    Erased { circle: CircleNo, at_ms: u64 },
}

/// A denial with its number: 1, 2, 3 …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    pub no: u64,
    pub denial: Denial,
}

#[async_trait]
pub trait DenyLog: Send + Sync {
    /// Appends these and returns the number of the last entry when they are durable.
    async fn append(&self, denials: &[Denial]) -> Result<u64, DenyError>;
    /// Every entry, after its chain was verified.
    async fn read(&self) -> Result<Vec<Numbered>, DenyError>;
}

/// The highest epoch that a log names.
pub fn highest_epoch(entries: &[Numbered]) -> u32 {
    let epochs = entries.iter().filter_map(|entry| match entry.denial {
        Denial::Epoch(epoch) => Some(epoch),
        _ => None,
    });
    epochs.max().unwrap_or_default()
}

/// The key of the chain, and the server that the log belongs to.
#[derive(Clone)]
pub struct Binding {
    key: Arc<hmac::Key>,
    server_id: [u8; 16],
}

impl Binding {
    pub fn new(key: &[u8; 32], server_id: [u8; 16]) -> Self {
        Self { key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key)), server_id }
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; MAC_LEN] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(part);
        }
        let mut out = [0; MAC_LEN];
        out.copy_from_slice(&context.sign().as_ref()[..MAC_LEN]);
        out
    }

    /// The MAC before the first entry.
    fn start(&self) -> [u8; MAC_LEN] {
        self.mac(&[b"osteon deny log", &self.server_id])
    }
}

/// Where a chain stands.
#[derive(Clone, Copy)]
struct Chain {
    last: u64,
    mac: [u8; MAC_LEN],
}

impl Chain {
    fn start(binding: &Binding) -> Self {
        Self { last: 0, mac: binding.start() }
    }

    /// Moves on by one entry; its MAC.
    fn add(&mut self, binding: &Binding, payload: &[u8]) -> [u8; MAC_LEN] {
        self.last += 1;
        self.mac = binding.mac(&[&self.mac, &self.last.to_be_bytes(), payload]);
        self.mac
    }

    /// Moves on by an entry that was read.
    fn verify(&mut self, binding: &Binding, payload: &[u8], mac: &[u8]) -> Result<Numbered, DenyError> {
        let expected = self.add(binding, payload);
        constant_time::verify_slices_are_equal(&expected, mac).map_err(|_| DenyError::Damaged(self.last))?;
        let denial = decode(payload).ok_or(DenyError::Unknown(self.last))?;
        Ok(Numbered { no: self.last, denial })
    }
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(uint32, tag = "1")]
    Epoch(u32),
    #[prost(message, tag = "2")]
    Access(StoredAccess),
    #[prost(uint64, tag = "3")]
    Device(u64),
    #[prost(message, tag = "4")]
    Gone(StoredGone),
    #[prost(message, tag = "5")]
    Erased(StoredErased),
    #[prost(message, tag = "6")]
    Ordered(StoredOrder),
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredDot {
    #[prost(uint32, tag = "1")]
    epoch: u32,
    #[prost(uint32, tag = "2")]
    replica: u32,
    #[prost(uint64, tag = "3")]
    counter: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredAccess {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(message, required, tag = "2")]
    dot: StoredDot,
    #[prost(bytes = "vec", tag = "3")]
    sealed: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredGone {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(bytes = "vec", tag = "2")]
    record: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    dot: Option<StoredDot>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredErased {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(uint64, tag = "2")]
    at_ms: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredOrder {
    #[prost(uint64, tag = "1")]
    device: u64,
    #[prost(uint32, tag = "2")]
    ending: u32,
    #[prost(uint64, tag = "3")]
    at_ms: u64,
    #[prost(bytes = "vec", tag = "4")]
    signature: Vec<u8>,
}

fn to_dot(dot: Dot) -> StoredDot {
    StoredDot { epoch: dot.replica.epoch, replica: dot.replica.n, counter: dot.counter }
}

fn from_dot(dot: StoredDot) -> Dot {
    Dot { replica: Replica { epoch: dot.epoch, n: dot.replica }, counter: dot.counter }
}

fn encode(denial: &Denial) -> Vec<u8> {
    let kind = match denial {
        Denial::Epoch(epoch) => Kind::Epoch(*epoch),
        Denial::Access { circle, dot, sealed } => {
            Kind::Access(StoredAccess { circle: *circle, dot: to_dot(*dot), sealed: sealed.clone() })
        }
        Denial::Device(device) => Kind::Device(*device),
        Denial::Ordered { device, ending, at_ms, signature } => Kind::Ordered(StoredOrder {
            device: *device,
            ending: u32::from(*ending),
            at_ms: *at_ms,
            signature: signature.clone(),
        }),
        Denial::Gone { circle, record, dot } => {
            Kind::Gone(StoredGone { circle: *circle, record: record.0.to_vec(), dot: dot.map(to_dot) })
        }
        Denial::Erased { circle, at_ms } => Kind::Erased(StoredErased { circle: *circle, at_ms: *at_ms }),
    };
    Stored { kind: Some(kind) }.encode_to_vec()
}

/// `None`: made by a later version.
fn decode(payload: &[u8]) -> Option<Denial> {
    Some(match Stored::decode(payload).ok()?.kind? {
        Kind::Epoch(epoch) => Denial::Epoch(epoch),
        Kind::Access(StoredAccess { circle, dot, sealed }) => Denial::Access { circle, dot: from_dot(dot), sealed },
        Kind::Device(device) => Denial::Device(device),
        Kind::Ordered(StoredOrder { device, ending, at_ms, signature }) => {
            Denial::Ordered { device, ending: u8::try_from(ending).ok()?, at_ms, signature }
        }
        Kind::Gone(gone) => {
            let record = RecordId(gone.record.try_into().ok()?);
            Denial::Gone { circle: gone.circle, record, dot: gone.dot.map(from_dot) }
        }
        Kind::Erased(StoredErased { circle, at_ms }) => Denial::Erased { circle, at_ms },
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn binding() -> Binding {
        Binding::new(&[4; 32], [6; 16])
    }

    pub(crate) fn one_of_each() -> Vec<Denial> {
        vec![
            Denial::Epoch(3),
            Denial::Access { circle: 5, dot: Dot::new(1, 0, 7), sealed: vec![1, 2, 3] },
            Denial::Device(9),
            Denial::Ordered { device: 9, ending: 2, at_ms: 7, signature: vec![5; 64] },
            Denial::Gone { circle: 5, record: RecordId([8; 16]), dot: None },
            Denial::Gone { circle: 5, record: RecordId([8; 16]), dot: Some(Dot::new(2, 3, 4)) },
            Denial::Erased { circle: 6, at_ms: 1_764_000_000_000 },
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        for denial in one_of_each() {
            assert_eq!(decode(&encode(&denial)), Some(denial));
        }
        assert_eq!(decode(&[0x7a, 0]), None, "a kind of a later version");
    }
}
