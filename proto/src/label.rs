//! Labels of parts as one number: which consent categories a reader needs (all of them), and who among those may read.
//!
//! Layout: bits 0..=22 categories (bit k = category Ck), bits 24..=26 audience, bits 32..=62 whose (an account, for the
//! audiences author and member; the number of a thread). Stored, sealed and sent as it stands, so the layout never changes.

use core::fmt;

use crate::meta::{self, Audience, Category};

/// The label of a part. `ALL_MEMBERS` needs no category; `UNKNOWN` is what the server does not know yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LabelId(pub u64);

const CATEGORIES: u64 = (1 << 23) - 1;
const AUDIENCE_SHIFT: u32 = 24;
const REF_SHIFT: u32 = 32;
const REF_MAX: u64 = (1 << 31) - 1;
const UNKNOWN: u64 = 7;

/// Who may read, among those who may read the categories.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Readers {
    All,
    /// The author's account.
    Author(u32),
    /// Whoever takes part in the thread.
    Thread(u32),
    Member(u32),
    /// Whoever has the summary of the categories, or all of them.
    Summary,
    /// A field or type that this version does not know: its author's devices and the patient's only.
    Unknown(u32),
}

impl LabelId {
    /// No category, audience all: the rules that everybody lives under.
    pub const ALL_MEMBERS: Self = Self((Audience::All as u64) << AUDIENCE_SHIFT);

    /// A label of these categories, audience all.
    pub fn of(categories: impl IntoIterator<Item = Category>) -> Self {
        categories.into_iter().fold(Self::ALL_MEMBERS, |l, c| Self(l.0 | 1 << (c as u32)))
    }

    /// The same categories for other readers. `None` where the account does not fit 31 bits.
    pub fn with_readers(self, readers: Readers) -> Option<Self> {
        let (audience, whose) = match readers {
            Readers::All => (Audience::All as u64, 0),
            Readers::Author(a) => (Audience::Author as u64, a.into()),
            Readers::Thread(n) => (Audience::Thread as u64, n.into()),
            Readers::Member(a) => (Audience::Member as u64, a.into()),
            Readers::Summary => (Audience::Summary as u64, 0),
            Readers::Unknown(a) => (UNKNOWN, a.into()),
        };
        (whose <= REF_MAX).then_some(Self(self.0 & CATEGORIES | audience << AUDIENCE_SHIFT | whose << REF_SHIFT))
    }

    /// What this version does not know, written by `account`. Accounts past 31 bits share the last one:
    /// then only the patient reads it.
    pub fn unknown(account: u64) -> Self {
        Self(UNKNOWN << AUDIENCE_SHIFT | account.min(REF_MAX) << REF_SHIFT)
    }

    pub fn is_unknown(self) -> bool {
        matches!(self.readers(), Some(Readers::Unknown(_)))
    }

    /// As the options write it, for one author. `None`: no such label.
    pub fn from_options(label: &meta::Label, author: u64) -> Option<Self> {
        let account = u32::try_from(author).ok();
        let mut id = Self::ALL_MEMBERS;
        for c in &label.categories {
            id.0 |= 1 << Category::try_from(*c).ok().filter(|c| *c != Category::Unspecified)? as u32;
        }
        let readers = match label.audience() {
            Audience::Unspecified | Audience::All => Readers::All,
            Audience::Author => Readers::Author(account?),
            Audience::Thread => Readers::Thread(account?),
            Audience::Member => Readers::Member(account?),
            Audience::Summary => Readers::Summary,
        };
        id.with_readers(readers)
    }

    /// As messages write it.
    pub fn to_options(self) -> meta::Label {
        let audience = match self.readers() {
            Some(Readers::All) => Audience::All,
            Some(Readers::Author(_)) => Audience::Author,
            Some(Readers::Thread(_)) => Audience::Thread,
            Some(Readers::Member(_)) => Audience::Member,
            Some(Readers::Summary) => Audience::Summary,
            Some(Readers::Unknown(_)) | None => Audience::Unspecified,
        };
        meta::Label { categories: self.categories().map(|c| c as i32).collect(), audience: audience as i32 }
    }

    /// The categories that a reader needs, ascending.
    pub fn categories(self) -> impl Iterator<Item = Category> {
        (1..=22).filter(move |k| self.0 >> k & 1 == 1).filter_map(|k| Category::try_from(k).ok())
    }

    /// The categories as bits: bit k = category Ck.
    pub fn category_bits(self) -> u32 {
        (self.0 & CATEGORIES) as u32
    }

    /// `None`: a number that is no label.
    pub fn readers(self) -> Option<Readers> {
        let whose = u32::try_from(self.0 >> REF_SHIFT).ok()?;
        match self.0 >> AUDIENCE_SHIFT & 7 {
            1 => Some(Readers::All),
            2 => Some(Readers::Author(whose)),
            3 => Some(Readers::Thread(whose)),
            4 => Some(Readers::Member(whose)),
            5 => Some(Readers::Summary),
            7 => Some(Readers::Unknown(whose)),
            _ => None,
        }
    }

    /// Whether the number is one that this module makes: nothing set where nothing belongs.
    pub fn is_valid(self) -> bool {
        const USED: u64 = (CATEGORIES & !1) | 7 << AUDIENCE_SHIFT | REF_MAX << REF_SHIFT;
        self.0 & !USED == 0
            && match self.readers() {
                Some(Readers::All) => self.0 >> REF_SHIFT == 0,
                // A summary of nothing is none.
                Some(Readers::Summary) => self.0 >> REF_SHIFT == 0 && self.0 & CATEGORIES != 0,
                // Threads are counted from 1.
                Some(Readers::Thread(n)) => n > 0,
                Some(Readers::Author(_) | Readers::Member(_) | Readers::Unknown(_)) => true,
                None => false,
            }
    }
}

impl fmt::Display for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sep = "";
        for c in self.categories() {
            write!(f, "{sep}C{:02}", c as i32)?;
            sep = "+";
        }
        let (word, whose) = match self.readers() {
            Some(Readers::All) if sep.is_empty() => return f.write_str("ALL"),
            Some(Readers::All) => return Ok(()),
            Some(Readers::Author(a)) => ("AUTHOR", a),
            Some(Readers::Thread(n)) => ("THREAD", n),
            Some(Readers::Member(a)) => ("MEMBER", a),
            Some(Readers::Summary) => ("SUMMARY", 0),
            Some(Readers::Unknown(a)) => ("UNKNOWN", a),
            None => ("INVALID", 0),
        };
        if !sep.is_empty() {
            f.write_str("/")?;
        }
        f.write_str(word)?;
        if whose > 0 { write!(f, ":{whose}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_it_is() {
        let c06 = LabelId::of([Category::C06Symptoms]);
        assert_eq!(c06.to_string(), "C06");
        assert_eq!(c06.0, 1 << 6 | 1 << 24);
        assert_eq!(LabelId::of([Category::C13Dental, Category::C06Symptoms]).to_string(), "C06+C13");
        assert_eq!(LabelId::ALL_MEMBERS.to_string(), "ALL");
        assert_eq!(c06.with_readers(Readers::Author(7)).map(|l| l.to_string()).as_deref(), Some("C06/AUTHOR:7"));
        assert_eq!(c06.with_readers(Readers::Author(u32::MAX)), None);
        assert_eq!(c06.with_readers(Readers::Summary).map(|l| l.to_string()).as_deref(), Some("C06/SUMMARY"));
        assert_eq!(LabelId::unknown(9).to_string(), "UNKNOWN:9");
        assert!(LabelId::unknown(u64::MAX).is_valid() && LabelId::unknown(1).is_unknown());
    }

    #[test]
    fn options_round_trip() {
        for l in [LabelId::ALL_MEMBERS, LabelId::of([Category::C06Symptoms, Category::C13Dental])] {
            assert_eq!(LabelId::from_options(&l.to_options(), 5), Some(l));
            assert!(l.is_valid());
        }
        let summary = LabelId::of([Category::C08Activity]).with_readers(Readers::Summary).expect("a label");
        assert_eq!(LabelId::from_options(&summary.to_options(), 5), Some(summary));
        assert!(summary.is_valid() && !LabelId(5 << 24).is_valid());
        assert!(!LabelId(0).is_valid() && !LabelId(1 << 63 | 1 << 24).is_valid());
    }
}
