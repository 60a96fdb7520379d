//! What a write names: out of the versions that its author was shown, and fixed when the form is opened, not when
//! it is saved. What arrives meanwhile is concurrent.
//!
//! Where nobody is asked, a write names all versions shown. Where a review is open it names only the version in
//! force that the form presented; the others only with `resolves`, which the conflict screen alone sets. So an old app
//! or a form that saves a whole page can never settle a dispute that nobody looked at.

use alloc::vec::Vec;

use crate::{
    Dot, Field, FieldRef, FieldWrite, Part, Policy, Put, Schema, Version,
    lifecycle::State,
    view::{View, view},
};

/// What a form presented of one field.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// The live versions.
    pub dots: Vec<Dot>,
    /// The version whose value the form presented, if any was in force. Not live where LAST_AGREED holds.
    pub in_force: Option<Dot>,
    pub review_open: bool,
    /// The author's own unsent versions among them, with what each had named.
    pub unsent: Vec<(Dot, Vec<Dot>)>,
}

/// An own write that the server has not processed yet.
#[derive(Clone, Copy, Debug)]
pub struct Unsent<'a> {
    pub field: FieldRef<'a>,
    pub dot: Dot,
    pub replaces: &'a [Dot],
}

/// One field of a saved form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    pub field: Field,
    /// `None` takes an element out of a set.
    pub put: Option<Put>,
    /// Set by the conflict screen alone.
    pub resolves: bool,
}

/// A part, as a person was shown it. There is no save without one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Form {
    /// Ascending.
    fields: Vec<(Field, Shown)>,
    /// Every live dot of the part, ascending.
    dots: Vec<Dot>,
}

impl Shown {
    pub fn of(view: &View<'_>) -> Self {
        Self {
            dots: view.versions.iter().map(|v| v.dot).collect(),
            in_force: view.effective.map(|v| v.dot),
            review_open: view.needs_review,
            unsent: Vec::new(),
        }
    }

    /// What a write by somebody who was shown this replaces. An own unsent version is named besides what it had
    /// named itself, so that a refusal of the one in the middle changes nothing. Ascending.
    pub fn names(&self, resolves: bool) -> Vec<Dot> {
        let mut named: Vec<Dot> = if !self.review_open {
            self.dots.clone()
        } else if resolves {
            self.dots.iter().copied().chain(self.in_force).collect()
        } else {
            self.in_force.into_iter().collect()
        };
        let mut next = 0;
        while next < named.len() {
            let dot = named[next];
            for (_, behind) in self.unsent.iter().filter(|(own, _)| *own == dot) {
                for below in behind {
                    if !named.contains(below) {
                        named.push(*below);
                    }
                }
            }
            next += 1;
        }
        named.sort_unstable();
        named.dedup();
        named
    }
}

impl Form {
    /// Opens a part as it is visible: the confirmed state, with the pending writes on top. `agreed` is what was shipped
    /// with the part; `unsent` are the own writes of it that have no verdict yet, of both lanes.
    pub fn open<'a, S: Schema + ?Sized>(
        part: &'a Part,
        schema: &S,
        agreed: impl Fn(FieldRef<'_>) -> Option<Version<'a>>,
        unsent: &[Unsent<'_>],
    ) -> Self {
        let field = |(field, versions): (FieldRef<'a>, crate::Versions<'a>)| {
            let policy = match field.number {
                Field::LIFECYCLE => Policy::LastWriter,
                number => schema.policy(number),
            };
            let mut shown = Shown::of(&view(policy, field.number, versions, schema, agreed(field)));
            let own = unsent.iter().filter(|u| u.field == field);
            shown.unsent = own.map(|u| (u.dot, u.replaces.to_vec())).collect();
            (Field::from(field), shown)
        };
        Self { fields: part.fields().map(field).collect(), dots: part.live_dots().collect() }
    }

    /// What the form presented of a field; `None` if it had no version.
    pub fn shown<'f>(&self, field: impl Into<FieldRef<'f>>) -> Option<&Shown> {
        let field = field.into();
        let place = self.fields.binary_search_by(|(f, _)| f.as_ref().cmp(&field)).ok()?;
        Some(&self.fields[place].1)
    }

    pub fn write(&self, edit: Edit) -> FieldWrite {
        let replaces = self.shown(&edit.field).map(|s| s.names(edit.resolves)).unwrap_or_default();
        FieldWrite { field: edit.field, put: edit.put, replaces, covers: Vec::new() }
    }

    pub fn save(&self, edits: impl IntoIterator<Item = Edit>) -> Vec<FieldWrite> {
        edits.into_iter().map(|edit| self.write(edit)).collect()
    }

    /// Deletes, marks as entered in error, or restores. An ending covers what was shown of the part, and of its
    /// children (`children` are their parts' forms).
    pub fn end<'c>(&self, state: State, children: impl IntoIterator<Item = &'c Self>) -> FieldWrite {
        let put = Some(Put::Value(state.chunk().into()));
        let mut write = self.write(Edit { field: Field::register(Field::LIFECYCLE), put, resolves: false });
        if state.is_ending() {
            write.covers.clone_from(&self.dots);
            children.into_iter().for_each(|child| write.covers.extend_from_slice(&child.dots));
            write.covers.sort_unstable();
            write.covers.dedup();
        }
        write
    }
}
