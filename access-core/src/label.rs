//! A label as `decide` looks at it: the categories that a reader needs (all of them) and the audience.
//!
//! Layout of the number: bits 0..=22 the categories (bit k = Ck), bits 24..=26 the audience,
//! bits 32..=62 the account or thread that the audience names.

use osteon_proto::LabelId;

use crate::Categories;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Audience {
    All,
    Author(u64),
    Thread(u64),
    Member(u64),
    /// Whoever has the summary of each of the categories, or the whole of it.
    Summary,
    /// What the server does not know yet: only the author's account and the patient.
    Unknown(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LabelView {
    pub categories: Categories,
    pub audience: Audience,
}

impl LabelView {
    /// None where a bit is set that this version does not know, or no audience: nobody reads that.
    pub const fn parse(label: LabelId) -> Option<Self> {
        let known = Categories::ALL.0 as u64 | 0b111 << 24 | 0x7fff_ffff << 32;
        let label = label.0;
        if label & !known != 0 {
            return None;
        }
        let named = label >> 32;
        let audience = match label >> 24 & 0b111 {
            1 if named == 0 => Audience::All,
            2 => Audience::Author(named),
            3 => Audience::Thread(named),
            4 => Audience::Member(named),
            5 if named == 0 && label & Categories::ALL.0 as u64 != 0 => Audience::Summary,
            // The last number stands for every account that does not fit: then only the patient reads it.
            7 if named == 0x7fff_ffff => Audience::Unknown(u64::MAX),
            7 => Audience::Unknown(named),
            _ => return None,
        };
        Some(Self { categories: Categories(label as u32 & Categories::ALL.0), audience })
    }

    /// The number of the label of a summary of these categories.
    pub const fn summary(categories: Categories) -> LabelId {
        LabelId(categories.0 as u64 | 5 << 24)
    }

    /// The number of a label for everybody who may read these categories.
    pub const fn all(categories: Categories) -> LabelId {
        LabelId(categories.0 as u64 | 1 << 24)
    }
}
