//! Delete, "entered in error", restore: values of the hidden lifecycle field of each part.
//!
//! An ending lists what its author had been shown. It holds only if that list covers all that is live: an edit
//! that it had not seen keeps the record visible, with a review open.

use crate::{Dot, Field, FieldRef, Known, Part, Version};

/// Values of the lifecycle field, one byte each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum State {
    #[default]
    Active,
    Deleted,
    EnteredInError,
}

impl State {
    pub const fn chunk(self) -> [u8; 1] {
        match self {
            Self::Active => [1],
            Self::Deleted => [2],
            Self::EnteredInError => [3],
        }
    }

    /// What is not known, or cleared, ends nothing.
    pub fn from_chunk(chunk: Option<&[u8]>) -> Self {
        match chunk {
            Some([2]) => Self::Deleted,
            Some([3]) => Self::EnteredInError,
            _ => Self::Active,
        }
    }

    pub const fn is_ending(self) -> bool {
        !matches!(self, Self::Active)
    }
}

/// The lifecycle of a part or of a whole record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lifecycle {
    pub state: State,
    /// An ending met something that it did not cover; the record stays visible.
    pub review: bool,
}

/// Looks at one part. `children` are the parts of the record's children (and theirs).
pub fn of_part<K: Known + ?Sized>(part: &Part, children: &[&Part], known: &K) -> Lifecycle {
    let mut holds: Option<Version<'_>> = None;
    let mut review = false;
    for ending in part.versions(FieldRef::LIFECYCLE) {
        if !State::from_chunk(ending.value).is_ending() {
            continue;
        }
        if covers_all(part, ending.dot, children, known) {
            holds = holds.filter(|held| held.order() > ending.order()).or(Some(ending));
        } else {
            review = true;
        }
    }
    match holds {
        Some(ending) => Lifecycle { state: State::from_chunk(ending.value), review: false },
        None => Lifecycle { state: State::Active, review },
    }
}

/// Looks at a whole record, as far as a reader sees it: it has ended when each of its parts has. If some have
/// and some have not, it stays visible with a review open. Of two endings, "entered in error" is told.
pub fn of_record<K: Known + ?Sized>(parts: &[&Part], children: &[&Part], known: &K) -> Lifecycle {
    let mut whole: Option<State> = None;
    let mut all_ended = true;
    let mut review = false;
    for part in parts.iter().filter(|p| p.is_live()) {
        let own = of_part(part, children, known);
        review |= own.review;
        all_ended &= own.state.is_ending();
        if own.state.is_ending() {
            whole = whole.max(Some(own.state));
        }
    }
    match whole {
        Some(state) if all_ended => Lifecycle { state, review: false },
        Some(_) => Lifecycle { state: State::Active, review: true },
        None => Lifecycle { state: State::Active, review },
    }
}

/// A child is gone with its parent, and on its own.
pub fn of_child(own: Lifecycle, parent: Lifecycle) -> Lifecycle {
    if parent.state.is_ending() && !own.state.is_ending() { parent } else { own }
}

fn covers_all<K: Known + ?Sized>(part: &Part, ending: Dot, children: &[&Part], known: &K) -> bool {
    let listed = part.covers(ending);
    // What the ending's own change writes besides (a reason) is covered by it.
    let covered = |dot: Dot| {
        dot == ending || listed.binary_search(&dot).is_ok() || listed.iter().any(|named| known.canonical(*named) == dot)
    };
    all_covered(part, &covered)
        && children.iter().all(|c| of_part(c, &[], known).state.is_ending() || all_covered(c, &covered))
}

/// Whether all live versions of `part` are covered. Endings need not cover each other; a restoration is covered or not
/// like any version.
fn all_covered(part: &Part, covered: &impl Fn(Dot) -> bool) -> bool {
    part.fields().all(|(field, mut versions)| {
        versions.all(|v| {
            let ends = field.number == Field::LIFECYCLE && State::from_chunk(v.value).is_ending();
            ends || covered(v.dot)
        })
    })
}
