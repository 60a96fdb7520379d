//! Merged records, put in one by one, as the facts that rules read.
//!
//! An entry of the journal changes one place of one list. Plans, and what belongs to them, lean on each other (an intake
//! on the line that it names, a plan on its limits), so their parts are kept and read again when one of them changes.
//! What is put in for a while only ([`Gathered::put_ahead`]) can be taken out again: a server asks what rules say of a
//! commit that may yet fail.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{
    check::check_body,
    reasons::Reason,
    table::{RecordType, table},
};
use osteon_sync_core::{Dot, FieldRef, Known, Part, RecordId, lifecycle};

use super::{
    Day, Entry, Facts, Id, Instant, Role, from_entries, from_journal,
    plan_facts::{self, Owned},
    record::{Fields, Record, Version},
};

/// One part of a record, as it was merged.
#[derive(Clone, Copy, Debug)]
pub struct Merged<'a> {
    pub record: RecordId,
    pub type_number: u32,
    pub label: u64,
    /// None: it was taken away (moved, erased).
    pub part: Option<&'a Part>,
    /// When the server got its first change. None: not yet, or not known.
    pub received: Option<Instant>,
    /// Every version was just checked against today's hard ranges, and none was past them.
    pub in_range: bool,
}

/// Every named dot was processed.
struct AllKnown;

impl Known for AllKnown {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

/// What one circle's records come to.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    facts: Facts,
    plans: BTreeMap<(RecordId, u64), Owned>,
    /// Results that another result corrects: by which.
    corrected: BTreeMap<RecordId, RecordId>,
    /// The newest live version of each record, and when it was written.
    newest: BTreeMap<RecordId, (Dot, u64)>,
    /// Plans changed since their facts were made.
    stale: bool,
    /// Offset of the person's clock from UTC, for times that carry none.
    offset_min: i32,
}

impl Gathered {
    /// `offset_min`: of the person's clock from UTC, for times that carry none.
    #[must_use]
    pub fn new(offset_min: i32) -> Self {
        Self { offset_min, ..Self::default() }
    }

    /// Puts parts in, in place of what was known of them.
    pub fn put<'a>(&mut self, merged: impl IntoIterator<Item = Merged<'a>>) {
        for one in merged {
            let _ = self.put_one(one);
        }
        self.settle();
    }

    /// Whether facts come of records of this type.
    pub fn reads(type_number: u32) -> bool {
        plan_facts::TYPES.contains(&type_number) || matches!(type_number, 101..=117 | 119..=123 | 125)
    }

    /// Whether rules look at entries of this type for no longer than a season: those that [`Self::forget_before`] lets go.
    pub fn is_of_season(type_number: u32) -> bool {
        matches!(type_number, 101..=106 | 109 | 110 | 113 | 114 | 116 | 119)
    }

    /// The facts, by record.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// To say what no record says.
    pub fn house_mut(&mut self) -> &mut super::House {
        &mut self.facts.house
    }

    /// Asks while more is in; nothing of it stays.
    pub fn with<'a, T>(&mut self, merged: impl IntoIterator<Item = Merged<'a>>, ask: impl FnOnce(&Self) -> T) -> T {
        let ahead = self.put_ahead(merged);
        let said = ask(self);
        self.take_back(ahead);
        said
    }

    /// Puts parts in that may have to be taken out again, before anything else is put in.
    #[must_use]
    pub fn put_ahead<'a>(&mut self, merged: impl IntoIterator<Item = Merged<'a>>) -> Ahead {
        let undo = merged.into_iter().filter_map(|one| self.put_one(one)).collect();
        self.settle();
        Ahead(undo)
    }

    /// What was put in last is taken out again.
    pub fn take_back(&mut self, ahead: Ahead) {
        ahead.0.into_iter().rev().for_each(|undo| undo(self));
        self.settle();
    }

    /// Journal entries that ended more than `days` before a day are let go.
    pub fn forget_before(&mut self, day: Day) {
        let newest = &mut self.newest;
        macro_rules! keep {
            ($($list:ident),*) => {
                $(self.facts.$list.retain(|entry| {
                    let stays = is_since(entry, day);
                    if !stays {
                        newest.remove(&entry.id.0);
                    }
                    stays
                });)*
            };
        }
        // What rules look at for no longer than a season; the rest is a handful a month.
        keep!(pains, symptoms, meals, fluids, intakes, activities, sleeps, moods, suns, swellings, vitals, readiness);
    }

    /// How many entries and parts are held: what it takes of memory, about.
    pub fn len(&self) -> usize {
        macro_rules! count {
            ($($list:ident),*) => { 0 $(+ self.facts.$list.len())* };
        }
        self.plans.len()
            + count!(
                pains, symptoms, meals, fluids, intakes, activities, falls, weights, sleeps, moods, smokes, drinks,
                suns, swellings, mouths, vitals, reactions, readiness, labs, tests, visits, supports, screens
            )
    }

    /// Nothing was put in.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put_one(&mut self, merged: Merged<'_>) -> Option<Undo> {
        let known = table().get(merged.type_number)?;
        let live = merged.part.filter(|part| is_there(part));
        let undo = if plan_facts::TYPES.contains(&merged.type_number) {
            self.put_plan(merged, live)
        } else {
            let record = live.map(|part| record(known, merged, [part], self.offset_min));
            self.put_entry(merged, record)?
        };
        let before = self.set_newest(merged.record, live.and_then(newest));
        Some(Box::new(move |gathered| {
            gathered.set_newest(before.0, before.1);
            undo(gathered);
        }))
    }

    /// Gives back the record and what stood of it.
    fn set_newest(&mut self, record: RecordId, newest: Option<(Dot, u64)>) -> (RecordId, Option<(Dot, u64)>) {
        let before = match newest {
            Some(newest) => self.newest.insert(record, newest),
            None => self.newest.remove(&record),
        };
        (record, before)
    }

    /// The newest live version of a record that is in.
    pub fn newest(&self, record: RecordId) -> Option<Dot> {
        self.newest.get(&record).map(|(dot, _)| *dot)
    }

    /// When it was written, by its author's clock, in milliseconds since 1970.
    pub fn written_ms(&self, record: RecordId) -> Option<u64> {
        self.newest.get(&record).map(|(_, ms)| *ms)
    }

    fn put_plan(&mut self, merged: Merged<'_>, live: Option<&Part>) -> Undo {
        self.stale = true;
        let key = (merged.record, merged.label);
        let (type_number, received) = (merged.type_number, merged.received);
        let before = match live {
            Some(part) => self.plans.insert(key, Owned { type_number, part: part.clone(), received }),
            None => self.plans.remove(&key),
        };
        Box::new(move |gathered| {
            gathered.stale = true;
            match before {
                Some(owned) => _ = gathered.plans.insert(key, owned),
                None => _ = gathered.plans.remove(&key),
            }
        })
    }

    /// Visits and functional tests have parts beside the one that says when: goals talked about, the grade of ECOG.
    fn put_entry(&mut self, merged: Merged<'_>, record: Option<Record<'_>>) -> Option<Undo> {
        let id = Id(merged.record);
        macro_rules! entry {
            ($list:ident, $make:expr) => {{
                let made = record.as_ref().map($make);
                // Boxed: most are new, and nothing stood there.
                let before = replace(&mut self.facts.$list, id, made).map(Box::new);
                Some(Box::new(move |gathered: &mut Self| {
                    replace(&mut gathered.facts.$list, id, before.map(|before| *before));
                }))
            }};
        }
        let known = table().get(merged.type_number)?;
        if known.is_beside(osteon_proto::LabelId(merged.label)) {
            return None;
        }
        match merged.type_number {
            101 => entry!(pains, from_journal::pain),
            102 => entry!(symptoms, from_journal::symptom),
            103 => entry!(meals, |record| from_journal::meal(record, |_| from_journal::Amounts::default())),
            104 => entry!(fluids, from_entries::fluid),
            105 => {
                let lines = plan_facts::lines(&self.facts, &self.plans);
                entry!(intakes, |record| super::from_lines::intake(record, &lines))
            }
            106 => entry!(activities, from_journal::activity),
            107 => entry!(falls, |record| from_journal::fall(record, false)),
            108 => entry!(weights, from_entries::weight),
            109 => entry!(sleeps, from_entries::sleep),
            110 => entry!(moods, from_entries::mood),
            111 => entry!(smokes, from_entries::smoking),
            112 => entry!(drinks, from_entries::alcohol),
            113 => entry!(suns, from_entries::sun),
            114 => entry!(swellings, from_entries::swelling),
            115 => entry!(mouths, from_entries::mouth),
            116 => entry!(vitals, from_entries::vitals),
            117 => entry!(reactions, from_entries::reaction),
            119 => entry!(readiness, from_entries::readiness),
            120 => Some(self.put_lab(id, record.as_ref())),
            121 => entry!(tests, from_entries::function_test),
            122 => entry!(visits, from_entries::visit),
            123 => entry!(supports, from_entries::support),
            125 => entry!(screens, from_entries::screen),
            _ => None,
        }
    }

    /// A result may correct another one, in whichever order they come.
    fn put_lab(&mut self, id: Id, record: Option<&Record<'_>>) -> Undo {
        type M = osteon_proto::care::LaboratoryResult;
        let corrects = record.and_then(|record| {
            record.live(5, |m: M| Some(RecordId(m.supersedes?.as_ref().try_into().ok()?))).known().next().copied()
        });
        let corrected = self.corrected.clone();
        self.corrected.retain(|_, by| *by != id.0);
        self.corrected.extend(corrects.map(|older| (older, id.0)));
        let made = record.map(|record| from_journal::lab(record, false));
        let before = replace(&mut self.facts.labs, id, made);
        self.mark_corrected();
        Box::new(move |gathered| {
            gathered.corrected = corrected;
            replace(&mut gathered.facts.labs, id, before);
            gathered.mark_corrected();
        })
    }

    fn mark_corrected(&mut self) {
        for lab in &mut self.facts.labs {
            lab.is.superseded = self.corrected.contains_key(&lab.id.0);
        }
    }

    fn settle(&mut self) {
        if std::mem::take(&mut self.stale) {
            plan_facts::make(&mut self.facts, &self.plans, self.offset_min);
        }
        plan_facts::done(&mut self.facts, &self.plans, self.offset_min);
    }
}

type Undo = Box<dyn FnOnce(&mut Gathered) + Send>;

/// How to take out again what was put in last.
pub struct Ahead(Vec<Undo>);

pub(crate) fn is_there(part: &Part) -> bool {
    part.is_live() && !lifecycle::of_part(part, &[], &AllKnown).state.is_ending()
}

/// The version that was written last.
fn newest(part: &Part) -> Option<(Dot, u64)> {
    let versions = part.fields().flat_map(|(_, versions)| versions);
    versions.map(|version| version.order()).max().map(|(clock, dot)| (dot, clock.ms))
}

/// Something without a known day stays.
fn is_since<T>(entry: &Entry<T>, day: Day) -> bool {
    entry.at.has_unknown() || entry.at.known().any(|at| at.day() >= day)
}

/// Puts an entry in its place by record, or takes it out; gives back what was there.
fn replace<T>(list: &mut Vec<Entry<T>>, id: Id, entry: Option<Entry<T>>) -> Option<Entry<T>> {
    match (list.binary_search_by_key(&id, |entry| entry.id), entry) {
        (Ok(at), Some(entry)) => list.get_mut(at).map(|there| std::mem::replace(there, entry)),
        (Ok(at), None) => Some(list.remove(at)),
        (Err(at), Some(entry)) => {
            list.insert(at, entry);
            None
        }
        (Err(_), None) => None,
    }
}

/// Versions that an entry usually has.
const USUAL: usize = 24;

/// A record as the bridges read it, of all its parts.
pub(crate) fn record<'a>(
    known: &RecordType,
    merged: Merged<'_>,
    parts: impl IntoIterator<Item = &'a Part>,
    offset_min: i32,
) -> Record<'a> {
    let (id, received) = (Id(merged.record), merged.received);
    let mut out = Record { id, received, fields: Fields::with_capacity(USUAL), ..Record::default() };
    // A build with assertions checks again what is said to be checked.
    let is_checked = merged.in_range && !cfg!(debug_assertions);
    let mut chunks: Vec<(u32, &[u8])> = Vec::with_capacity(if is_checked { 0 } else { USUAL });
    for part in parts {
        let at = |version: &osteon_sync_core::Version<'_>| {
            Some(Instant { ms: i64::try_from(version.clock.ms).ok()?, offset_min })
        };
        for version in part.versions(FieldRef::LIFECYCLE) {
            let written = at(&version);
            if out.created.is_none_or(|known| written.is_some_and(|at| at < known)) {
                (out.created, out.by) = (written, role(version.author));
            }
        }
        for (field, versions) in part.fields().filter(|(field, _)| field.number != 0) {
            for version in versions {
                let live = Version { chunk: version.value, written: at(&version), by: role(version.author) };
                chunks.extend(version.value.filter(|_| !is_checked).map(|chunk| (field.number, chunk)));
                out.fields.add(field.number, live);
            }
        }
    }
    if !is_checked {
        out.out_of_range = out_of_range(known, chunks);
        debug_assert!(!merged.in_range || out.out_of_range.is_empty(), "checked, and past a range");
    }
    out
}

pub(super) fn role(author: osteon_sync_core::Author) -> Option<Role> {
    Some(match author.role.0 {
        1 => Role::Patient,
        2 => Role::Caregiver,
        3 => Role::Dietitian,
        4 => Role::Physiotherapist,
        5 => Role::Physician,
        6 => Role::Nurse,
        7 => Role::Admin,
        _ => return None,
    })
}

/// Fields with a live version past today's hard range: written under an older field table. How many elements a set has come to is no
/// value of anybody: the limit is one of a write, and several writes stand in it.
fn out_of_range(known: &RecordType, mut chunks: Vec<(u32, &[u8])>) -> BTreeSet<u32> {
    chunks.sort_by_key(|(number, _)| *number);
    let Err(violations) = check_body(known, chunks) else { return BTreeSet::new() };
    let named = violations.iter().filter(|one| one.is_range() && one.reason != Reason::TooManyElements);
    let field = |path: &str| known.field_by_name(path.split('.').nth(1)?).map(|field| field.number);
    named.filter_map(|violation| field(&violation.path)).collect()
}
