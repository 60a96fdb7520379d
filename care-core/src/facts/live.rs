//! A field as rules read it: the versions of it that are live, or nothing when nobody wrote it.
//!
//! Most fields have one version. A disputed one has several, and a rule runs on each of them. A version that was
//! cleared, that is out of its hard range, or that this program does not understand stands as `None`.

use std::collections::BTreeSet;

/// The live versions of one field.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Live<T> {
    /// Nobody wrote it.
    #[default]
    Missing,
    One(T),
    /// Sorted, distinct, at least one: see [`Live::of`].
    Many(Vec<Option<T>>),
}

impl<T: Ord> Live<T> {
    /// From live versions in any order; equal values are no dispute.
    pub fn of(versions: impl IntoIterator<Item = Option<T>>) -> Self {
        let distinct: BTreeSet<Option<T>> = versions.into_iter().collect();
        let mut sorted: Vec<Option<T>> = distinct.into_iter().collect();
        match (sorted.len(), sorted.pop()) {
            (_, None) => Self::Missing,
            (1, Some(Some(value))) => Self::One(value),
            (_, Some(last)) => {
                sorted.push(last);
                Self::Many(sorted)
            }
        }
    }

    /// Versions that stand side by side.
    pub fn disputed(values: impl IntoIterator<Item = T>) -> Self {
        Self::of(values.into_iter().map(Some))
    }

    /// One more live version.
    pub fn with(self, version: Option<T>) -> Self {
        match self {
            Self::Missing => Self::of([version]),
            Self::One(value) => Self::of([Some(value), version]),
            Self::Many(versions) => Self::of(versions.into_iter().chain([version])),
        }
    }
}

impl<T> Live<T> {
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Values that are live and understood.
    pub fn known(&self) -> impl Iterator<Item = &T> {
        let (one, many) = match self {
            Self::Missing => (None, None),
            Self::One(value) => (Some(value), None),
            Self::Many(versions) => (None, Some(versions)),
        };
        one.into_iter().chain(many.into_iter().flatten().flatten())
    }

    /// A version that is cleared or not understood, or no version at all.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::One(_) => false,
            Self::Many(versions) => versions.iter().any(Option::is_none),
        }
    }
}

impl<T> From<T> for Live<T> {
    fn from(value: T) -> Self {
        Self::One(value)
    }
}

/// The live elements of a set: all of them count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Set<T> {
    pub known: BTreeSet<T>,
    /// An element that this program does not understand stands in the set.
    pub newer: bool,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { known: BTreeSet::new(), newer: false }
    }
}

impl<T: Ord> Set<T> {
    pub fn has(&self, element: &T) -> bool {
        self.known.contains(element)
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for Set<T> {
    fn from(elements: [T; N]) -> Self {
        Self { known: BTreeSet::from(elements), newer: false }
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self { known: elements.into_iter().collect(), newer: false }
    }
}
