//! The merge. It never looks at a policy: a write removes the versions that it names and adds its own.

use alloc::vec::Vec;

use super::{Meta, Part, Rare, Slot, Span};
use crate::{Author, Dot, Field, FieldRef, FieldWrite, Known, Origin, Put, limits::MAX_LIVE_VERSIONS};

/// The field has 32 live versions; the next write must name one of its own author's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyVersions {
    pub number: u32,
}

/// Holes in the buffer below this size are not worth a copy.
const COMPACT_FROM: usize = 256;

impl Part {
    /// Applies what a change writes to this part. The order of changes of different replicas does not matter (law I1);
    /// whether the change was processed before is its chain's business, not the part's.
    pub fn merge<'w, K: Known + ?Sized>(
        &mut self,
        origin: Origin<'_>,
        writes: impl IntoIterator<Item = &'w FieldWrite>,
        known: &K,
    ) {
        for write in writes {
            self.apply(origin, write, known);
        }
        self.drop_marks(|dot| dot == origin.dot || origin.earlier.contains(&dot) || known.processed(dot));
    }

    /// Applies one write of a change; [`merge`](Self::merge) is this for all of them.
    ///
    /// A named version that is live is no longer live. One that was not processed yet (a restored server) is
    /// remembered as gone; both, if both. The write's own version becomes live, unless it is gone already:
    /// then the mark is dropped and the version belongs to the history only.
    pub fn apply<K: Known + ?Sized>(&mut self, origin: Origin<'_>, write: &FieldWrite, known: &K) {
        let field = write.field.as_ref();
        for named in &write.replaces {
            let dot = known.canonical(*named);
            self.remove(field, dot);
            if !known.processed(dot) {
                self.mark_gone(&write.field, dot);
            }
        }
        let mut gone = self.unmark_gone(field, origin.dot);
        for earlier in origin.earlier {
            gone |= self.unmark_gone(field, *earlier);
            self.remove(field, *earlier);
        }
        if let (Some(put), false) = (&write.put, gone) {
            self.insert(origin, field, put);
            self.set_covers(origin.dot, write);
        }
    }

    /// Drops the marks of versions whose change has been processed after all without writing here: it was refused,
    /// or never wrote that field. `merge` does it on the way; a mark left elsewhere says nothing.
    pub fn settle<K: Known + ?Sized>(&mut self, known: &K) {
        self.drop_marks(|dot| known.processed(dot));
    }

    /// Takes back a version that the server lost, under its own dot, ahead of its chain. No effect if its
    /// change was processed meanwhile, or if a processed change named it. A number that its own device SKIPPED has no
    /// content: where offers are taken, `known` says "not processed" of it, here and in `merge`.
    pub fn offer<K: Known + ?Sized>(&mut self, origin: Origin<'_>, write: &FieldWrite, known: &K) -> bool {
        let field = write.field.as_ref();
        let dot = known.canonical(origin.dot);
        let Some(put) = &write.put else { return false };
        if dot != origin.dot || known.processed(dot) || self.is_gone(field, dot) || self.find(field, dot).is_some() {
            return false;
        }
        self.insert(origin, field, put);
        self.set_covers(origin.dot, write);
        true
    }

    /// A change already applied as `dot` was sent again as `later`: what named the later number meant it.
    pub fn alias(&mut self, later: Dot, dot: Dot) {
        let Some(rare) = &mut self.rare else { return };
        let mut fields = Vec::new();
        rare.gone.retain(|(field, d)| {
            if *d == later {
                fields.push(field.clone());
            }
            *d != later
        });
        self.shrink_rare();
        for field in fields {
            self.remove(field.as_ref(), dot);
        }
    }

    /// Takes out what is live of a change whose content was destroyed. That it began or ended the record stays.
    pub fn forget(&mut self, dot: Dot) {
        let live = self.fields().filter(|(field, _)| field.number != Field::LIFECYCLE);
        let of_dot = live.filter(|(_, versions)| versions.clone().any(|version| version.dot == dot));
        let fields: Vec<Field> = of_dot.map(|(field, _)| field.into()).collect();
        for field in fields {
            self.remove(field.as_ref(), dot);
        }
    }

    /// Whether `write` may be added (PROTOCOL, Checks).
    pub fn check_versions<K: Known + ?Sized>(
        &self,
        author: Author,
        write: &FieldWrite,
        known: &K,
    ) -> Result<(), TooManyVersions> {
        let versions = self.versions(&write.field);
        if write.put.is_none() || versions.len() < MAX_LIVE_VERSIONS {
            return Ok(());
        }
        let names_own = versions
            .filter(|v| v.author.account == author.account)
            .any(|v| write.replaces.iter().any(|named| known.canonical(*named) == v.dot));
        if names_own { Ok(()) } else { Err(TooManyVersions { number: write.field.number }) }
    }

    fn find(&self, field: FieldRef<'_>, dot: Dot) -> Option<usize> {
        let meta = self.metas.binary_search_by_key(&dot, |m| m.dot).ok()? as u32;
        let range = self.range(field);
        self.slots[range.clone()].iter().position(|s| s.meta == meta).map(|i| range.start + i)
    }

    fn remove(&mut self, field: FieldRef<'_>, dot: Dot) {
        let Some(i) = self.find(field, dot) else {
            return;
        };
        let slot = self.slots.remove(i);
        if field.number == Field::LIFECYCLE
            && let Some(rare) = &mut self.rare
        {
            rare.covers.retain(|c| c.0 != dot);
            self.shrink_rare();
        }
        if !self.slots.iter().any(|s| s.meta == slot.meta) {
            self.metas.remove(slot.meta as usize);
            for s in &mut self.slots {
                s.meta -= u32::from(s.meta > slot.meta);
            }
        }
        self.compact();
    }

    fn insert(&mut self, origin: Origin<'_>, field: FieldRef<'_>, put: &Put) {
        if self.find(field, origin.dot).is_some() {
            return;
        }
        let meta = match self.metas.binary_search_by_key(&origin.dot, |m| m.dot) {
            Ok(i) => i,
            Err(i) => {
                self.metas.reserve_exact(1);
                self.metas.insert(i, Meta { dot: origin.dot, clock: origin.clock, author: origin.author });
                for s in &mut self.slots {
                    s.meta += u32::from(s.meta as usize >= i);
                }
                i
            }
        } as u32;
        let range = self.range(field);
        let element = match self.slots.get(range.start) {
            Some(s) if !range.is_empty() => s.element,
            _ => self.store(field.element),
        };
        let value = match put {
            Put::Absent => Span::ABSENT,
            Put::Value(v) if !field.element.is_empty() && **v == *field.element => element,
            Put::Value(v) => self.store(v),
        };
        let at = range.start + self.slots[range].partition_point(|s| s.meta < meta);
        self.slots.insert(at, Slot { number: field.number, meta, element, value });
    }

    fn store(&mut self, bytes: &[u8]) -> Span {
        if bytes.is_empty() {
            return Span::EMPTY;
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        Span { start, len: bytes.len() as u32 }
    }

    /// Rewrites the buffer when more than half of it is holes.
    fn compact(&mut self) {
        if self.bytes.len() < COMPACT_FROM {
            return;
        }
        let used: usize = self.slots.iter().map(|s| s.element.len as usize + s.value.len as usize).sum();
        if used * 2 >= self.bytes.len() {
            return;
        }
        let old = core::mem::replace(&mut self.bytes, Vec::with_capacity(used));
        let mut slots = core::mem::take(&mut self.slots);
        let mut last: Option<(Span, Span)> = None;
        for s in &mut slots {
            let from = (s.element, s.value);
            s.element = match last {
                Some((before, after)) if before.start == from.0.start && before.len == from.0.len => after,
                _ => self.store(&old[from.0.range()]),
            };
            last = Some((from.0, s.element));
            if !from.1.is_absent() {
                let shared = from.1.len > 0 && from.1.start == from.0.start && from.1.len == from.0.len;
                s.value = if shared { s.element } else { self.store(&old[from.1.range()]) };
            }
        }
        self.slots = slots;
    }

    fn is_gone(&self, field: FieldRef<'_>, dot: Dot) -> bool {
        self.gone().any(|mark| mark == (field, dot))
    }

    fn mark_gone(&mut self, field: &Field, dot: Dot) {
        let gone = &mut self.rare.get_or_insert_default().gone;
        let place = gone.binary_search_by(|(f, d)| (f.as_ref(), *d).cmp(&(field.as_ref(), dot)));
        if let Err(i) = place {
            gone.insert(i, (field.clone(), dot));
        }
    }

    fn unmark_gone(&mut self, field: FieldRef<'_>, dot: Dot) -> bool {
        let Some(rare) = &mut self.rare else {
            return false;
        };
        let place = rare.gone.binary_search_by(|(f, d)| (f.as_ref(), *d).cmp(&(field, dot)));
        if let Ok(i) = place {
            rare.gone.remove(i);
            self.shrink_rare();
        }
        place.is_ok()
    }

    fn drop_marks(&mut self, done: impl Fn(Dot) -> bool) {
        if let Some(rare) = &mut self.rare {
            rare.gone.retain(|(_, dot)| !done(*dot));
            self.shrink_rare();
        }
    }

    fn set_covers(&mut self, dot: Dot, write: &FieldWrite) {
        if write.field.number != Field::LIFECYCLE || write.covers.is_empty() {
            return;
        }
        let mut covered = write.covers.clone();
        covered.sort_unstable();
        covered.dedup();
        let covers = &mut self.rare.get_or_insert_default().covers;
        if let Err(i) = covers.binary_search_by_key(&dot, |c| c.0) {
            covers.insert(i, (dot, covered));
        }
    }

    fn shrink_rare(&mut self) {
        if self.rare.as_deref().is_some_and(|r| *r == Rare::default()) {
            self.rare = None;
        }
    }
}
