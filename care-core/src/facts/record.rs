//! A merged record as the bridges read it: for each field its live versions, as chunks of the wire format. A chunk is
//! the field with its tag, so it decodes as a message that has that field alone.

use std::{borrow::Borrow, collections::BTreeSet};

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

    /// Read as one message, each field out of the same decoding: for entries of the journal, of which there are many.
    pub fn whole<M: Message + Default>(&self) -> Whole<'_, 'a, M> {
        let mut is = M::default();
        let mut single = 0;
        let mut all = self.fields.numbers.iter().zip(&self.fields.versions).peekable();
        let mut before = None;
        while let Some((number, version)) = all.next() {
            let alone = before != Some(number) && all.peek().is_none_or(|(next, _)| *next != number);
            before = Some(number);
            let Some(mut chunk) = version.chunk.filter(|_| alone && !self.out_of_range.contains(number)) else {
                continue;
            };
            if is.merge(&mut chunk).is_ok() {
                single |= bit(*number);
            }
        }
        Whole { record: self, is, single }
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

/// A record, and the message that its fields of one live version make.
pub struct Whole<'r, 'a, M> {
    record: &'r Record<'a>,
    is: M,
    /// Bits of the fields that stand in the message: one live version, in range, decoded.
    single: u64,
}

/// Of a field, as far as there is one: others are read version by version.
fn bit(field: u32) -> u64 {
    1_u64.checked_shl(field).unwrap_or(0)
}

impl<M: Message + Default> Whole<'_, '_, M> {
    /// As [`Record::live`].
    pub fn live<T: Ord>(&self, field: u32, get: impl Fn(&M) -> Option<T>) -> Live<T> {
        if self.single & bit(field) != 0 {
            return Live::of([get(&self.is)]);
        }
        self.record.live(field, |m| get(&m))
    }

    /// As [`Record::set`].
    pub fn set<T: Ord>(&self, field: u32, get: impl Fn(&M) -> Vec<Option<T>>) -> Set<T> {
        if self.single & bit(field) == 0 {
            return self.record.set(field, |m| get(&m));
        }
        let elements = get(&self.is);
        let newer = elements.iter().any(Option::is_none);
        Set { known: elements.into_iter().flatten().collect(), newer }
    }

    /// As [`Record::entry`].
    pub fn entry<T>(&self, at: Live<Instant>, is: T) -> Entry<T> {
        self.record.entry(at, is)
    }
}

/// None: no point in time.
pub fn instant(moment: impl Borrow<Option<Moment>>) -> Option<Instant> {
    let moment = moment.borrow().as_ref()?;
    let at = moment.at?;
    let ms = at.seconds.checked_mul(1_000)?.checked_add(i64::from(at.nanos) / 1_000_000)?;
    Some(Instant { ms, offset_min: moment.utc_offset_min.unwrap_or(0) })
}

/// A date field as a day.
pub fn day(text: Option<impl AsRef<str>>) -> Option<Day> {
    Day::parse(text?.as_ref())
}

/// A code, or None where it is empty.
pub fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// An enum value that this program knows and that says something.
pub fn known<E: TryFrom<i32> + PartialEq + Default>(number: Option<i32>) -> Option<E> {
    E::try_from(number?).ok().filter(|value| *value != E::default())
}

#[cfg(test)]
mod tests {
    use osteon_proto::care::PainEntry;
    use proptest::prelude::*;

    use super::*;

    /// A chunk of J01: an answer, a number that no answer is, a list, or bytes that are no field.
    fn chunk() -> impl Strategy<Value = (u32, Vec<u8>)> {
        let answer =
            (0_u32..300).prop_map(|nrs| (8, PainEntry { now: Some(nrs), ..Default::default() }.encode_to_vec()));
        let quality =
            proptest::collection::vec(0..9, 1..3).prop_map(|quality| (19, PainEntry { quality, ..Default::default() }));
        let quality = quality.prop_map(|(field, entry)| (field, entry.encode_to_vec()));
        let newer = any::<bool>()
            .prop_map(|is| (21, PainEntry { new_or_worse: Some(is), ..Default::default() }.encode_to_vec()));
        let broken = prop_oneof![Just(8), Just(19), Just(21)].prop_map(|field| (field, vec![0x42, 0xff]));
        prop_oneof![4 => answer, 3 => quality, 3 => newer, 1 => broken]
    }

    proptest! {
        /// One decoding of all says what a decoding of each field says: disputed, cleared, out of range or broken.
        #[test]
        fn a_whole_record_reads_as_its_fields_do(
            chunks in proptest::collection::vec((chunk(), proptest::bool::weighted(0.9)), 0..8),
            out_of_range in proptest::collection::btree_set(prop_oneof![Just(8_u32), Just(19), Just(21)], 0..2),
        ) {
            let mut record = Record { out_of_range, ..Record::default() };
            for ((field, chunk), is_set) in &chunks {
                record.fields.add(*field, Version { chunk: is_set.then_some(&chunk[..]), ..Version::default() });
            }
            let whole = record.whole::<PainEntry>();
            let now = |m: &PainEntry| u8::try_from(m.now?).ok();
            prop_assert_eq!(whole.live(8, now), record.live(8, |m: PainEntry| now(&m)));
            let newer = |m: &PainEntry| m.new_or_worse;
            prop_assert_eq!(whole.live(21, newer), record.live(21, |m: PainEntry| newer(&m)));
            let quality = |m: &PainEntry| m.quality.iter().map(|one| (*one < 7).then_some(*one)).collect::<Vec<_>>();
            prop_assert_eq!(whole.set(19, quality), record.set(19, |m: PainEntry| quality(&m)));
        }
    }
}
