//! Changes that were numbered again after a Rebase: the same content is applied once, whatever its numbers.
//!
//! Two clones of one phone may both number the same change again. Each sends the earlier numbers along; the MAC of
//! the content under the earlier replica's key tells whether it is the same change that the ledger knows already.

use alloc::vec::Vec;

use super::{CircleStore, Kept, Mac, Macs, SKIP_MAC};
use crate::{Change, Dot};

/// Names in the form under which the ledger applied what they name.
pub(super) fn resolve_names<S: CircleStore>(store: &S, change: &mut Change) {
    if !store.has_aliases() {
        return;
    }
    for w in change.parts.iter_mut().flat_map(|p| &mut p.writes) {
        for named in w.replaces.iter_mut().chain(&mut w.covers) {
            *named = store.canonical(*named);
        }
    }
}

/// The MACs of a change under the keys of its earlier replicas, as it was then: what it names had its earlier numbers too.
pub(super) fn earlier_macs<S: CircleStore, M: Macs>(store: &S, change: &Change, macs: &M) -> Vec<(Dot, Mac)> {
    let times = change.earlier.len();
    let at = |i: usize, e: Dot| {
        let mut then = change.clone();
        for w in then.parts.iter_mut().flat_map(|p| &mut p.writes) {
            for named in w.replaces.iter_mut().chain(&mut w.covers) {
                let numbers = store.numbers_before(*named);
                let back = numbers.len().saturating_sub(times - i);
                *named = numbers.get(back).copied().unwrap_or(*named);
            }
        }
        Some((e, macs.mac(e.replica, &then)?))
    };
    change.earlier.iter().enumerate().filter_map(|(i, e)| at(i, *e)).collect()
}

/// The same content, processed before under another number.
pub(super) fn processed_before<S: CircleStore>(store: &S, earlier: &[(Dot, Mac)]) -> Option<(Dot, Kept)> {
    earlier.iter().find_map(|(dot, mac)| {
        if let Some(kept) = store.kept(*dot).filter(|k| k.mac == *mac) {
            return Some((store.canonical(*dot), kept));
        }
        let applied = store.renumbered(*dot, mac)?;
        Some((applied, store.kept(applied)?))
    })
}

/// Whether no content was processed under this number: it has not come, or its device skipped it.
pub(super) fn names_nothing_else<S: CircleStore>(store: &S, dot: Dot) -> bool {
    dot.counter > store.chain(dot.replica).counter || store.renumbered(dot, &SKIP_MAC).is_some()
}

/// Files the earlier numbers of a change that is processed now. A number that somebody else's content has taken
/// names that content; any other is an alias from now on.
pub(super) fn file<S: CircleStore>(store: &mut S, dot: Dot, earlier: &[(Dot, Mac)]) {
    for (e, mac) in earlier {
        store.add_renumbered(*e, mac, dot);
        if names_nothing_else(store, *e) && store.canonical(*e) == *e {
            store.add_alias(*e, dot);
        }
    }
}

/// `later` is one more number of what was applied as `applied`: what named it meant that.
pub(super) fn add_number<S: CircleStore>(store: &mut S, change: &Change, earlier: &[(Dot, Mac)], applied: Dot) {
    let later = change.dot;
    earlier.iter().for_each(|(e, mac)| store.add_renumbered(*e, mac, later));
    store.add_alias(later, applied);
    for write in &change.parts {
        if store.part(write.part).is_none() {
            continue;
        }
        let mut stored = store.take_part(write.part);
        stored.part.alias(later, applied);
        store.put_part(write.part, stored);
    }
}
