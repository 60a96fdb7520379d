//! Every live version of every disputed field, one after the other.
//!
//! A trigger is written as if each field had one value. It asks [`Versions::get`] for it; where a field is disputed
//! the walk remembers the choice and runs the trigger again with the next version, until all combinations of the
//! fields *that it read* were seen. The worst outcome counts. Bounds, as in the design of sync: 8 versions a field, 256
//! combinations; past that the rule cannot tell (what fired before that stands).

use std::cell::RefCell;

use super::{
    inputs::{Input, InputSet},
    truth::Truth,
};
use crate::facts::{Entry, Instant, Live, Set};

pub const MAX_VERSIONS: usize = 8;
pub const MAX_COMBINATIONS: usize = 256;

struct Choice {
    /// Where the field stands in memory: its identity during one evaluation, never an order.
    field: usize,
    index: usize,
    count: usize,
}

/// One run of a trigger: which version of each disputed field it sees, and what it read.
#[derive(Default)]
pub(super) struct Versions {
    walk: RefCell<Walk>,
}

#[derive(Default)]
struct Walk {
    choices: Vec<Choice>,
    /// Choices of the path that this run has met so far.
    met: usize,
    too_many: bool,
    reads: InputSet,
}

impl Versions {
    /// The version of a field that this run sees. None: nobody wrote it, or this version of it says nothing.
    pub(super) fn get<'f, T>(&self, input: Input, field: &'f Live<T>) -> Option<&'f T> {
        let walk = &mut *self.walk.borrow_mut();
        walk.reads.insert(input);
        match field {
            Live::Missing => None,
            Live::One(value) => Some(value),
            Live::Many(versions) => versions.get(walk.choose(field, versions.len()))?.as_ref(),
        }
    }

    /// Does the version that this run sees pass? Missing: cannot tell.
    pub(super) fn test<T>(&self, input: Input, field: &Live<T>, passes: impl FnOnce(&T) -> bool) -> Truth {
        match self.get(input, field) {
            Some(value) => passes(value).into(),
            None => Truth::Unknown(input.into()),
        }
    }

    /// A sign whose "true" is the worse answer: one live "true" is enough, no version needs a run of its own.
    pub(super) fn flag(&self, input: Input, field: &Live<bool>) -> Truth {
        self.any(input, field, |value| *value)
    }

    /// Does any live version pass? For a test whose "yes" is the worse answer.
    pub(super) fn any<T>(&self, input: Input, field: &Live<T>, passes: impl Fn(&T) -> bool) -> Truth {
        self.reads(input);
        if field.known().any(passes) {
            Truth::Yes
        } else if field.has_unknown() {
            Truth::Unknown(input.into())
        } else {
            Truth::No
        }
    }

    /// Is an element in a set? All elements are live, so no version needs a run of its own.
    pub(super) fn has<T: Ord>(&self, input: Input, set: &Set<T>, element: &T) -> Truth {
        self.has_any(input, set, std::slice::from_ref(element))
    }

    /// Is one of the elements in a set?
    pub(super) fn has_any<T: Ord>(&self, input: Input, set: &Set<T>, elements: &[T]) -> Truth {
        self.reads(input);
        // Sets are small: walking one is cheaper than a search for each element.
        if set.known.iter().any(|known| elements.contains(known)) {
            Truth::Yes
        } else if set.newer {
            Truth::Unknown(input.into())
        } else {
            Truth::No
        }
    }

    /// When an entry happened.
    pub(super) fn at<T>(&self, entry: &Entry<T>) -> Option<Instant> {
        self.get(Input::EffectiveStart, &entry.at).copied()
    }

    /// Notes that an input was looked at.
    pub(super) fn reads(&self, input: Input) {
        self.walk.borrow_mut().reads.insert(input);
    }

    pub(super) fn begin(&self) {
        let walk = &mut *self.walk.borrow_mut();
        walk.met = 0;
    }

    /// Moves to the next combination; false: that was the last.
    pub(super) fn next(&self) -> bool {
        let walk = &mut *self.walk.borrow_mut();
        walk.choices.truncate(walk.met);
        while let Some(mut choice) = walk.choices.pop() {
            if choice.index + 1 < choice.count {
                choice.index += 1;
                walk.choices.push(choice);
                return true;
            }
        }
        false
    }

    pub(super) fn too_many(&self) -> bool {
        self.walk.borrow().too_many
    }

    pub(super) fn all_reads(&self) -> InputSet {
        self.walk.borrow().reads
    }
}

impl Walk {
    fn choose<T>(&mut self, field: &Live<T>, count: usize) -> usize {
        let address = std::ptr::from_ref(field) as usize;
        let met = self.choices.iter().take(self.met).find(|choice| choice.field == address);
        if let Some(choice) = met {
            return choice.index;
        }
        if let Some(choice) = self.choices.get(self.met).filter(|choice| choice.field == address) {
            self.met += 1;
            return choice.index;
        }
        self.choices.truncate(self.met);
        self.too_many |= count > MAX_VERSIONS;
        self.choices.push(Choice { field: address, index: 0, count: count.min(MAX_VERSIONS) });
        self.met += 1;
        0
    }
}
