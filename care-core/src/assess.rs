//! The assessments A1–A24 (care specification, section 5): pure functions from typed inputs to an [`Assessed`].
//!
//! Each answer carries its score, its band, the inputs that were used, those that are missing, and through
//! [`Assessment`] its source with its state, its version and its licence. With an input missing that could change the
//! answer there is neither score nor band: "cannot tell (missing …)". A value that cannot be (a pain of 11, a weight of
//! 0) counts as missing. Bands are read from the unrounded number. No result says that all is well.

use std::fmt;

use crate::{
    exact::{Exact, decimal_text},
    facts::Day,
    source::Source,
};

pub mod balance;
pub mod bone;
pub mod cachexia;
pub mod calcium;
pub mod catalogue;
pub mod ecog;
pub mod falls;
pub mod frax;
pub mod home;
pub mod lateness;
pub mod mirels;
pub mod mobility;
pub mod mood;
pub mod overlay;
pub mod pain;
pub mod pgsga;
pub mod proctcae;
pub mod renal;
pub mod risk;
pub mod screening;
pub mod sins;
pub mod zoledronate;

/// What an assessment is, apart from any person: a row of `docs/assessments.md`.
#[derive(Debug)]
pub struct Assessment {
    /// Of the care specification: "A17".
    pub id: &'static str,
    pub name: &'static str,
    pub source: Source,
    /// Parts that stand on another source, or on a weaker one: (what, key, state).
    pub parts: &'static [Part],
    /// (name, what it is); the names are those of `missing`.
    pub inputs: &'static [(&'static str, &'static str)],
    /// (code, meaning)
    pub bands: &'static [(&'static str, &'static str)],
    /// What the score is, and to how many decimals it is shown.
    pub score: &'static str,
    /// Whose permission it takes, if anybody's.
    pub licence: &'static str,
}

/// A part of an assessment with a source of its own.
#[derive(Debug)]
pub struct Part {
    pub what: &'static str,
    pub key: &'static str,
    pub state: osteon_proto::meta::SourceState,
}

/// A closed list of words: bands, and inputs that are picked from a list.
pub trait Word: Copy + PartialEq + 'static {
    const ALL: &'static [Self];
    /// (code, meaning) of each.
    const TABLE: &'static [(&'static str, &'static str)];

    fn code(self) -> &'static str;

    fn meaning(self) -> &'static str {
        let found = Self::TABLE.iter().find(|(code, _)| *code == self.code());
        found.map_or("", |(_, meaning)| meaning)
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.code() == code)
    }
}

/// An enum whose values have a stable code and a meaning that people read.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)+
        }

        impl $crate::assess::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const TABLE: &'static [(&'static str, &'static str)] = &[$(($code, $meaning)),+];

            fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What the formulas ask for.
    Sex {
        Female = "f", "female";
        Male = "m", "male";
    }
}

/// Of an assessment that has a number and no bands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoBand {}

/// A number with the decimals to which it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Score {
    exact: Exact,
    units: i128,
    places: u32,
}

impl Score {
    pub(crate) fn of(exact: Exact, places: u32) -> Option<Self> {
        Some(Self { exact, units: exact.rounded(places)?, places })
    }

    pub(crate) fn points(points: i64) -> Self {
        Self { exact: Exact::whole(points), units: i128::from(points), places: 0 }
    }

    /// Before it was rounded: what thresholds and further formulas take.
    pub fn exact(&self) -> Exact {
        self.exact
    }

    /// What is shown, × 10^places.
    pub fn units(&self) -> i128 {
        self.units
    }

    pub fn places(&self) -> u32 {
        self.places
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal_text(self.units, self.places))
    }
}

/// An input that went into an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    pub name: &'static str,
    pub value: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    Number(Exact),
    Word(&'static str),
    Yes(bool),
    Day(Day),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => f.write_str(word),
            Self::Yes(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// An answer, or what is missing for one.
#[derive(Clone, Debug)]
pub struct Assessed<B> {
    about: &'static Assessment,
    score: Option<Score>,
    band: Option<B>,
    used: Vec<Used>,
    missing: Vec<&'static str>,
    notes: Vec<&'static str>,
}

impl<B> Assessed<B> {
    /// Source with its state, version, licence, the meaning of the bands.
    pub fn about(&self) -> &'static Assessment {
        self.about
    }

    pub fn score(&self) -> Option<&Score> {
        self.score.as_ref()
    }

    pub fn band(&self) -> Option<&B> {
        self.band.as_ref()
    }

    pub fn used(&self) -> &[Used] {
        &self.used
    }

    /// Names of the inputs that are missing, cannot be, or are not understood by this version. Not empty: cannot tell.
    pub fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    pub fn cannot_tell(&self) -> bool {
        !self.missing.is_empty()
    }

    /// What has to be said with this answer, beside the caution of its source.
    pub fn notes(&self) -> &[&'static str] {
        &self.notes
    }

    /// The score before rounding.
    pub fn exact(&self) -> Option<Exact> {
        self.score.map(|score| score.exact)
    }
}

impl<B: Word> fmt::Display for Assessed<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.score, &self.band) {
            _ if self.cannot_tell() => write!(f, "cannot tell (missing {})", self.missing.join(", ")),
            (Some(score), Some(band)) => write!(f, "{score} ({})", band.code()),
            (Some(score), None) => score.fmt(f),
            (None, Some(band)) => f.write_str(band.code()),
            (None, None) => f.write_str("cannot tell"),
        }
    }
}

impl Word for NoBand {
    const ALL: &'static [Self] = &[];
    const TABLE: &'static [(&'static str, &'static str)] = &[];

    fn code(self) -> &'static str {
        match self {}
    }
}

/// Collects the inputs of one assessment: what is there, what is missing.
pub(crate) struct Given {
    about: &'static Assessment,
    used: Vec<Used>,
    missing: Vec<&'static str>,
    notes: Vec<&'static str>,
}

/// The numbers that an input may be.
#[derive(Clone, Copy)]
pub(crate) enum Within {
    Any,
    /// 0 and above.
    NotNegative,
    AboveZero,
    /// Both ends belong to it.
    Between(i64, i64),
}

impl Within {
    fn holds(self, value: Exact) -> bool {
        match self {
            Self::Any => true,
            Self::NotNegative => value >= Exact::ZERO,
            Self::AboveZero => value > Exact::ZERO,
            Self::Between(low, high) => (Exact::whole(low)..=Exact::whole(high)).contains(&value),
        }
    }
}

/// Years of age that the formulas for adults take.
pub(crate) const ADULT: Within = Within::Between(18, 130);
pub(crate) const AGE: Within = Within::Between(0, 130);

impl Given {
    pub(crate) fn new(about: &'static Assessment) -> Self {
        Self { about, used: Vec::new(), missing: Vec::new(), notes: Vec::new() }
    }

    fn take<T: Copy>(&mut self, name: &'static str, value: Option<T>, as_value: impl Fn(T) -> Value) -> Option<T> {
        match value {
            Some(value) => self.used.push(Used { name, value: as_value(value) }),
            None => self.missing.push(name),
        }
        value
    }

    pub(crate) fn number(&mut self, name: &'static str, value: Option<Exact>, within: Within) -> Option<Exact> {
        self.take(name, value.filter(|value| within.holds(*value)), Value::Number)
    }

    /// A whole number between two ends that belong to it.
    pub(crate) fn whole(&mut self, name: &'static str, value: Option<i64>, low: i64, high: i64) -> Option<i64> {
        self.take(name, value.filter(|value| (low..=high).contains(value)), |value| Value::Number(Exact::whole(value)))
    }

    pub(crate) fn word<W: Word>(&mut self, name: &'static str, value: Option<W>) -> Option<W> {
        self.take(name, value, |word| Value::Word(word.code()))
    }

    pub(crate) fn yes(&mut self, name: &'static str, value: Option<bool>) -> Option<bool> {
        self.take(name, value, Value::Yes)
    }

    pub(crate) fn day(&mut self, name: &'static str, value: Option<Day>) -> Option<Day> {
        self.take(name, value, Value::Day)
    }

    /// An item of a form: its answer's word, and its points.
    fn item(&mut self, name: &'static str, item: Option<(&'static str, i64)>) -> Option<i64> {
        self.take(name, item, |(word, _)| Value::Word(word)).map(|(_, points)| points)
    }

    /// Adds up the items of a form, all of which are needed.
    pub(crate) fn add_up<B>(
        mut self,
        items: &[(&'static str, Option<(&'static str, i64)>)],
        band: impl Fn(i64) -> B,
    ) -> Assessed<B> {
        let points: i64 = items.iter().filter_map(|(name, item)| self.item(name, *item)).sum();
        self.tell_points(points, band(points))
    }

    pub(crate) fn note(&mut self, note: &'static str) {
        self.notes.push(note);
    }

    pub(crate) fn missing(&mut self, name: &'static str) {
        self.missing.push(name);
    }

    pub(crate) fn cannot_tell<B>(self) -> Assessed<B> {
        self.tell(None, None)
    }

    /// What is missing wins over what was found.
    pub(crate) fn tell<B>(mut self, score: Option<Score>, band: Option<B>) -> Assessed<B> {
        if score.is_none() && band.is_none() && self.missing.is_empty() {
            // A number that does not fit: none of the inputs can be what was measured.
            self.missing = self.used.iter().map(|used| used.name).collect();
        }
        let told = self.missing.is_empty();
        Assessed {
            about: self.about,
            score: score.filter(|_| told),
            band: band.filter(|_| told),
            used: self.used,
            missing: self.missing,
            notes: self.notes,
        }
    }

    /// A number with its decimals and no band.
    pub(crate) fn tell_number(self, number: Option<Exact>, places: u32) -> Assessed<NoBand> {
        self.tell(number.and_then(|number| Score::of(number, places)), None)
    }

    /// Points and their band.
    pub(crate) fn tell_points<B>(self, points: i64, band: B) -> Assessed<B> {
        self.tell(Some(Score::points(points)), Some(band))
    }
}
