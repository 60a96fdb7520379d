//! Plans that were merged and that nobody has read: two people changed records of one review group, and the change that
//! arrived later was made without having seen the other (SYNC, "edits that are unsafe together"). It stays so until a
//! person of the owner role has read the whole plan, which is an approval of its versions.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Dot, RecordId};

use super::Approved;

/// A change that wrote to the group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Commit {
    /// When the server took it in.
    pub sequence: u64,
    pub dot: Dot,
    pub account: u64,
    /// The sequence of what its author had before them.
    pub base: u64,
    pub fields: BTreeSet<(RecordId, u32)>,
}

/// Somebody of an owner role has read the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Read {
    pub sequence: u64,
    pub approved: Approved,
}

/// Live versions of the group's fields, each with the sequence that it came with.
pub type Live = BTreeMap<(RecordId, u32), BTreeMap<Dot, u64>>;

/// Two changes that had not seen each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Meeting {
    /// The one that arrived later, without having seen the other.
    pub later: Dot,
    /// The newest change of somebody else that it had not seen.
    pub unseen: Dot,
    pub sequence: u64,
}

/// The changes of one review group that met and that nobody has read together, by sequence.
pub fn unseen(commits: impl IntoIterator<Item = Commit>, reads: &[Read], live: &Live) -> Vec<Meeting> {
    let commits: BTreeSet<Commit> = commits.into_iter().collect();
    let commits: Vec<&Commit> = commits.iter().collect();
    let mut met = Vec::new();
    for (at, commit) in commits.iter().enumerate() {
        let before = commits.get(..at).unwrap_or_default().iter().rev();
        let mut since = before.take_while(|other| other.sequence > commit.base);
        let Some(other) = since.find(|other| other.account != commit.account) else { continue };
        if !reads.iter().any(|read| has_read(read, commit, other, live)) {
            met.push(Meeting { later: commit.dot, unseen: other.dot, sequence: commit.sequence });
        }
    }
    met
}

/// Of every field that the two wrote the reader has read that version or a newer one, and nothing that stood then was
/// hidden from them.
fn has_read(read: &Read, commit: &Commit, other: &Commit, live: &Live) -> bool {
    if read.sequence <= commit.sequence {
        return false;
    }
    let whole = live.iter().all(|((record, field), dots)| {
        dots.iter().all(|(dot, sequence)| *sequence >= read.sequence || read.approved.names(*record, *field, *dot))
    });
    let both = commit.fields.iter().chain(&other.fields).all(|key| {
        // Everything was taken out of a set: there is nothing of it to read.
        read.approved.versions.contains_key(key) || live.get(key).is_none_or(BTreeMap::is_empty)
    });
    whole && both && (names(read, commit) || names(read, other) || later_than_both(read, commit, other, live))
}

/// The reader was shown a version of this very change.
fn names(read: &Read, commit: &Commit) -> bool {
    commit.fields.iter().any(|(record, field)| read.approved.names(*record, *field, commit.dot))
}

/// What the reader was shown came after both.
fn later_than_both(read: &Read, commit: &Commit, other: &Commit, live: &Live) -> bool {
    let newest = commit.sequence.max(other.sequence);
    let keys = commit.fields.iter().chain(&other.fields);
    keys.filter_map(|key| live.get(key)).flatten().any(|(_, sequence)| *sequence > newest && *sequence < read.sequence)
}
