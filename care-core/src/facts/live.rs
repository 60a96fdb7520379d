//! A field as rules read it: the versions of it that are live, or nothing when nobody wrote it.
//!
//! Most fields have one version. A disputed one has several, and a rule runs on each of them. A version that was
//! cleared, that is out of its hard range, or that this program does not understand stands as `None`.

use std::{cmp::Ordering, ops::Deref};

/// Distinct values in their order: few, most often one or none, so that what is kept of many entries stays small.
#[derive(Clone, Debug)]
pub enum Few<T> {
    One(T),
    /// None of them, too: an empty box takes nothing.
    Many(Box<[T]>),
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::Many(Box::default())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: PartialOrd> PartialOrd for Few<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord> Ord for Few<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Ord> Few<T> {
    pub fn insert(&mut self, value: T) {
        self.extend([value]);
    }
}

impl<T: Ord> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values = values.into_iter();
        let (first, second) = (values.next(), values.next());
        match (first, second) {
            (Some(value), None) => Self::One(value),
            (first, second) => {
                let mut all: Vec<T> = first.into_iter().chain(second).chain(values).collect();
                all.sort_unstable();
                all.dedup();
                if all.len() == 1 { all.pop().map_or_else(Self::default, Self::One) } else { Self::Many(all.into()) }
            }
        }
    }
}

impl<T: Ord> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        *self = std::mem::take(self).into_iter().chain(values).collect();
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values.into_vec(),
        }
        .into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Versions of a field that stand side by side: at least two, or one that says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SideBySide<T>(Few<Option<T>>);

impl<T> Deref for SideBySide<T> {
    type Target = [Option<T>];

    fn deref(&self) -> &[Option<T>] {
        &self.0
    }
}

/// The live versions of one field.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Live<T> {
    /// Nobody wrote it.
    #[default]
    Missing,
    One(T),
    /// Apart, because it is rare: see [`Live::of`].
    Many(Box<SideBySide<T>>),
}

impl<T: Ord> Live<T> {
    /// From live versions in any order; equal values are no dispute.
    pub fn of(versions: impl IntoIterator<Item = Option<T>>) -> Self {
        let mut versions = versions.into_iter();
        let (first, second) = (versions.next(), versions.next());
        match (first, second) {
            (None, _) => Self::Missing,
            (Some(Some(value)), None) => Self::One(value),
            (first, second) => {
                let all: Few<Option<T>> = first.into_iter().chain(second).chain(versions).collect();
                if matches!(&*all, [Some(_)]) {
                    all.into_iter().next().flatten().map_or(Self::Missing, Self::One)
                } else {
                    Self::Many(Box::new(SideBySide(all)))
                }
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
            Self::Many(versions) => Self::of(versions.0.into_iter().chain([version])),
        }
    }
}

impl<T> Live<T> {
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Something is known, and every version of it passes: what one person says beside another is not settled.
    pub fn all(&self, passes: impl Fn(&T) -> bool) -> bool {
        !self.has_unknown() && self.known().all(passes)
    }

    /// Values that are live and understood.
    pub fn known(&self) -> impl Iterator<Item = &T> {
        let (one, many) = match self {
            Self::Missing => (None, None),
            Self::One(value) => (Some(value), None),
            Self::Many(versions) => (None, Some(versions.iter())),
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

/// Small answers to the items of one questionnaire, a byte each as long as none of them is in dispute: many entries are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers<const N: usize> {
    /// [`NONE`]: nobody answered.
    sure: [u8; N],
    /// All of them, where the versions of one stand side by side.
    many: Option<Box<[Live<u8>; N]>>,
}

const NONE: u8 = u8::MAX;

impl<const N: usize> Default for Answers<N> {
    fn default() -> Self {
        Self { sure: [NONE; N], many: None }
    }
}

impl<const N: usize> From<[Live<u8>; N]> for Answers<N> {
    fn from(answers: [Live<u8>; N]) -> Self {
        let mut sure = [NONE; N];
        for (sure, answer) in sure.iter_mut().zip(&answers) {
            match answer {
                Live::Missing => {}
                Live::One(value) if *value != NONE => *sure = *value,
                _ => return Self { sure: [NONE; N], many: Some(Box::new(answers)) },
            }
        }
        Self { sure, many: None }
    }
}

impl<const N: usize> Answers<N> {
    /// Nobody answered anything.
    pub fn is_missing(&self) -> bool {
        self.many.is_none() && self.sure.iter().all(|value| *value == NONE)
    }

    /// Sum of the answers, and how many they are. `None`: one of them is in dispute.
    pub fn sum(&self) -> Option<(i64, i64)> {
        if self.many.is_some() {
            return None;
        }
        let answered = self.sure.iter().filter(|value| **value != NONE);
        Some(answered.fold((0, 0), |(sum, count), value| (sum + i64::from(*value), count + 1)))
    }

    /// Each of them, where one is in dispute.
    pub fn disputed(&self) -> Option<&[Live<u8>; N]> {
        self.many.as_deref()
    }
}

/// The live elements of a set: all of them count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Set<T> {
    pub known: Few<T>,
    /// An element that this program does not understand stands in the set.
    pub newer: bool,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { known: Few::default(), newer: false }
    }
}

impl<T: Ord> Set<T> {
    pub fn has(&self, element: &T) -> bool {
        self.known.contains(element)
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for Set<T> {
    fn from(elements: [T; N]) -> Self {
        Self { known: Few::from_iter(elements), newer: false }
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self { known: elements.into_iter().collect(), newer: false }
    }
}
