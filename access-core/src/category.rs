//! Consent categories C01…C22, numbered as in `osteon.meta.v1.Category`, and sets of them as bit masks.

/// One consent category, 1 to 22.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Category(u8);

impl Category {
    pub const C01_IDENTITY: Self = Self(1);
    pub const C10_SLEEP_MOOD: Self = Self(10);
    pub const C11_SMOKING_ALCOHOL: Self = Self(11);
    pub const C12_REPRODUCTIVE: Self = Self(12);
    pub const C15_END_OF_LIFE: Self = Self(15);
    pub const C17_EDUCATION: Self = Self(17);
    pub const C20_PRIVATE_NOTES: Self = Self(20);
    pub const C21_SAFETY_MINIMUM: Self = Self(21);
    pub const C22_AUDIT: Self = Self(22);
    pub const LAST: u8 = 22;

    /// None outside of 1..=22.
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= Self::LAST { Some(Self(number)) } else { None }
    }

    pub const fn number(self) -> u8 {
        self.0
    }

    pub const fn bit(self) -> Categories {
        Categories(1 << self.0)
    }

    pub fn all() -> impl Iterator<Item = Self> {
        (1..=Self::LAST).map(Self)
    }
}

/// A set of categories; bit k is category Ck. The same bits as the low bits of a label.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Categories(pub u32);

impl Categories {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(0x007f_fffe);
    /// Each needs a switch of its own; a button "all" leaves them out. Care specification, section 4.
    pub const OWN_SWITCH: Self = Self(1 << 10 | 1 << 11 | 1 << 12 | 1 << 15);

    /// What broken glass opens: never end-of-life wishes and private notes.
    pub const BREAK_GLASS: Self = Self(Self::ALL.0 & !(1 << 15 | 1 << 20));

    pub const fn contains(self, category: Category) -> bool {
        self.0 >> category.0 & 1 == 1
    }

    pub const fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::all().filter(move |category| self.contains(*category))
    }
}
