//! A merged record as the bridges read it: for each field its live versions, as chunks of the wire format. A chunk is
//! the field with its tag, so it decodes as a message that has that field alone.

use std::collections::BTreeSet;

use osteon_proto::care::Moment;
use prost::Message;

use super::{Day, Entry, Id, Instant, Live, Role, Set};

/// One live version of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Version<'a> {
    /// None: cleared.
    pub chunk: Option<&'a [u8]>,
    /// The clock of the change that wrote it.
    pub written: Option<Instant>,
    pub by: Option<Role>,
}

/// Live versions by field number, in one place each: of a set, each live element is one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fields<'a> {
    /// Sorted, one for each version.
    numbers: Vec<u32>,
    versions: Vec<Version<'a>>,
}

impl<'a> Fields<'a> {
    /// With room for so many versions.
    pub fn with_capacity(versions: usize) -> Self {
        Self { numbers: Vec::with_capacity(versions), versions: Vec::with_capacity(versions) }
    }

    /// After those that are there of the same field.
    pub fn add(&mut self, number: u32, version: Version<'a>) {
        let at = self.numbers.partition_point(|known| *known <= number);
        self.numbers.insert(at, number);
        self.versions.insert(at, version);
    }

    fn of(&self, number: u32) -> &[Version<'a>] {
        let from = self.numbers.partition_point(|known| *known < number);
        let to = self.numbers.partition_point(|known| *known <= number);
        self.versions.get(from..to).unwrap_or_default()
    }
}

impl<'a> FromIterator<(u32, Vec<Version<'a>>)> for Fields<'a> {
    fn from_iter<I: IntoIterator<Item = (u32, Vec<Version<'a>>)>>(fields: I) -> Self {
        let mut all = Self::default();
        for (number, versions) in fields {
            versions.into_iter().for_each(|version| all.add(number, version));
        }
        all
    }
}

/// One record, all parts that the reader holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record<'a> {
    pub id: Id,
    /// Who created it.
    pub by: Option<Role>,
    pub created: Option<Instant>,
    pub received: Option<Instant>,
    /// Fields whose value is out of the hard range: stored, shown, left out of rules.
    pub out_of_range: BTreeSet<u32>,
    pub fields: Fields<'a>,
}

impl<'a> Record<'a> {
    pub fn versions(&self, field: u32) -> &[Version<'a>] {
        self.fields.of(field)
    }

    /// The live versions of a field. What does not decode, is out of range, or is not understood, is an unknown version.
    pub fn live<M: Message + Default, T: Ord>(&self, field: u32, get: impl Fn(M) -> Option<T>) -> Live<T> {
        let known = !self.out_of_range.contains(&field);
        let read = |version: &Version<'_>| {
            version.chunk.filter(|_| known).and_then(|chunk| M::decode(chunk).ok()).and_then(&get)
        };
        Live::of(self.versions(field).iter().map(read))
    }

    /// The live elements of a set.
    pub fn set<M: Message + Default, T: Ord>(&self, field: u32, get: impl Fn(M) -> Vec<Option<T>>) -> Set<T> {
        let mut set = Set::default();
        let mut known = Vec::new();
        for chunk in self.versions(field).iter().filter_map(|version| version.chunk) {
            let elements = M::decode(chunk).map(&get).unwrap_or_else(|_| vec![None]);
            set.newer |= elements.iter().any(Option::is_none);
            known.extend(elements.into_iter().flatten());
        }
        set.known = known.into_iter().collect();
        set
    }

    /// When the live versions of a field were written.
    pub fn written(&self, field: u32) -> Live<Day> {
        Live::of(self.versions(field).iter().map(|version| version.written.map(Instant::day)))
    }

    /// The newest clock of any field.
    pub fn changed(&self) -> Option<Day> {
        self.fields.versions.iter().filter_map(|version| version.written).max().map(Instant::day)
    }

    /// A journal entry, or another record that happened at a time.
    pub fn entry<T>(&self, at: Live<Instant>, is: T) -> Entry<T> {
        Entry { id: self.id, at, received: self.received, by: self.by, out_of_range: !self.out_of_range.is_empty(), is }
    }
}

/// None: no point in time.
pub fn instant(moment: Option<Moment>) -> Option<Instant> {
    let moment = moment?;
    let at = moment.at?;
    let ms = at.seconds.checked_mul(1_000)?.checked_add(i64::from(at.nanos) / 1_000_000)?;
    Some(Instant { ms, offset_min: moment.utc_offset_min.unwrap_or(0) })
}

/// A date field as a day.
pub fn day(text: Option<String>) -> Option<Day> {
    Day::parse(&text?)
}

/// A code, or None where it is empty.
pub fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// An enum value that this program knows and that says something.
pub fn known<E: TryFrom<i32> + PartialEq + Default>(number: Option<i32>) -> Option<E> {
    E::try_from(number?).ok().filter(|value| *value != E::default())
}
