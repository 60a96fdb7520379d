//! Digests: per cell, what a device holds in one number, to be compared with the server's.
//!
//! The sum mod 2^128 of a keyed hash per part, so that a commit takes the part's old contribution off and adds its new
//! one. Nothing of a value goes in. The hash is SipHash-1-3 with 128 bits of result, under a key of the circle: without
//! it, nobody can look for parts that add up to a given sum.

use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::{Part, RecordId};

/// The digest of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Digest(pub u128);

impl Digest {
    pub fn add(&mut self, contribution: u128) {
        self.0 = self.0.wrapping_add(contribution);
    }

    pub fn remove(&mut self, contribution: u128) {
        self.0 = self.0.wrapping_sub(contribution);
    }

    pub fn replace(&mut self, old: u128, new: u128) {
        self.remove(old);
        self.add(new);
    }
}

/// What one part adds to the digest of its cell: a hash of the record id and, field by field, the live dots. A part
/// without live versions adds nothing (a device may not have it at all).
pub fn contribution(key: &[u8; 16], record: RecordId, part: &Part) -> u128 {
    if !part.is_live() {
        return 0;
    }
    let mut hasher = SipHasher13::new_with_key(key);
    hasher.write(&record.0);
    for (field, versions) in part.fields() {
        for version in versions {
            let mut line = [0; 20];
            line[..4].copy_from_slice(&field.number.to_le_bytes());
            line[4..8].copy_from_slice(&version.dot.replica.epoch.to_le_bytes());
            line[8..12].copy_from_slice(&version.dot.replica.n.to_le_bytes());
            line[12..].copy_from_slice(&version.dot.counter.to_le_bytes());
            hasher.write(&line);
        }
    }
    hasher.finish128().as_u128()
}
