//! Yes, no, or cannot tell: three-valued logic (Kleene), which carries what is missing. With it a trigger is written
//! as the specification words it, and "cannot tell" comes out by itself wherever an input that matters is missing.

use super::inputs::InputSet;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    No,
    Yes,
    /// What is missing.
    Unknown(InputSet),
}

impl Truth {
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, rest) | (rest, Self::Yes) => rest,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.union(b)),
        }
    }

    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, rest) | (rest, Self::No) => rest,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.union(b)),
        }
    }

    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            unknown => unknown,
        }
    }

    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    pub fn is_no(self) -> bool {
        self == Self::No
    }

    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::No, Self::or)
    }

    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::Yes, Self::and)
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
