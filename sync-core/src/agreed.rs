//! Last agreed: what everybody's version builds on, while a review is open.
//!
//! The server finds it in the change log and ships it with the part; it is no part of the merged state.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::{Dot, Known, Version, limits::MAX_AGREED_WALK};

/// One write of one field, as the change log has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Past<'a> {
    /// What it put; `None` for a removal.
    pub version: Option<Version<'a>>,
    pub replaces: &'a [Dot],
}

/// The greatest version from which all of `live` descend along `replaces` (each version descends from itself).
/// Of two candidates, one that descends from the other is the greater, whatever their clocks (law I4); the order of
/// clocks decides between those that had not seen each other. `log` gives the write of a canonical dot, if processed.
/// None, if nothing was agreed, or if the past is longer than [`MAX_AGREED_WALK`] (the field is blocked: the safe side).
pub fn last_agreed<'a, K: Known + ?Sized>(
    live: impl IntoIterator<Item = Dot>,
    log: impl Fn(Dot) -> Option<Past<'a>>,
    known: &K,
) -> Option<Version<'a>> {
    let mut walk = Walk { log, known, seen: BTreeMap::new() };
    let mut common: Option<BTreeSet<Dot>> = None;
    for dot in live {
        let past = walk.ancestors(known.canonical(dot))?;
        common = Some(match common {
            None => past,
            Some(c) => c.intersection(&past).copied().collect(),
        });
    }
    let common = common?;
    // Whatever lies between two common ancestors is one too: a candidate that another descends from is named by one.
    let mut passed = BTreeSet::new();
    for dot in &common {
        if let Some(past) = walk.past(*dot) {
            passed.extend(past.replaces.iter().map(|named| known.canonical(*named)).filter(|named| named != dot));
        }
    }
    let candidates = common.iter().filter(|dot| !passed.contains(dot));
    candidates.filter_map(|dot| walk.past(*dot)?.version).max_by_key(Version::order)
}

struct Walk<'k, 'a, L, K: ?Sized> {
    log: L,
    known: &'k K,
    seen: BTreeMap<Dot, Option<Past<'a>>>,
}

impl<'a, L: Fn(Dot) -> Option<Past<'a>>, K: Known + ?Sized> Walk<'_, 'a, L, K> {
    fn past(&mut self, dot: Dot) -> Option<Past<'a>> {
        *self.seen.entry(dot).or_insert_with(|| (self.log)(dot))
    }

    /// `dot` and all that it descends from.
    fn ancestors(&mut self, dot: Dot) -> Option<BTreeSet<Dot>> {
        let mut found = BTreeSet::from([dot]);
        let mut open = alloc::vec![dot];
        while let Some(dot) = open.pop() {
            let Some(past) = self.past(dot) else { continue };
            for named in past.replaces {
                let named = self.known.canonical(*named);
                if found.insert(named) {
                    open.push(named);
                }
            }
            if found.len() > MAX_AGREED_WALK {
                return None;
            }
        }
        Some(found)
    }
}
