//! Circles as they stand, in memory: for a database that one server commits to (SQLite). Whoever asks whether anything is
//! new, and whoever is told of a commit, is answered without a statement.
//!
//! A circle gets a place when somebody reads how it stands; the writer fills it after each commit, before the commit is
//! acknowledged or anybody is woken, and nothing fills it across a commit. What another process commits (`osteon erase`
//! beside a running server) that process says in a file ([`Others`]), before it tells anybody: then all places go.
//!
//! Beside its head a place holds the parts of the last few commits: what live streams are sent.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use osteon_sync_core::{
    Dot, RecordId,
    ledger::{Ask, Range},
};

use super::{
    AccessRow, CircleNo, CircleRow, ListQuery, LogRow, PartRow, QuarantineRow, Rows, Snapshot, StoreError,
    TombstoneRow, common::CircleInfo, filling::Filling, group::Loaded, proven,
};
use crate::{proof::Proof, seal::CircleKeys};

/// Circles that have a place. Past it all begins anew.
const PLACES: usize = 2_048;
/// Circles whose last commit is remembered. Past it all begins anew.
const HEADS: usize = 16_384;
/// Parts that one circle keeps of its last commits, and their bytes; then the bytes of all circles.
const RECENT_PARTS: usize = 64;
const RECENT_BYTES: u64 = 64 * 1024;
const ALL_BYTES: u64 = 4 * 1024 * 1024;

/// A circle at its head.
pub(super) struct Kept {
    info: Arc<CircleInfo>,
    pub(super) row: Arc<CircleRow>,
    /// Every part that was committed after this sequence is in `parts`, ascending by (seq, record, label).
    after: u64,
    parts: Vec<Arc<PartRow>>,
}

impl Kept {
    fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes()).sum()
    }

    /// The circle behind a commit. `before`: as it stood in front of it.
    fn behind(before: Option<&Self>, loaded: Loaded) -> Option<Self> {
        let Loaded { info, row: old, writes, .. } = loaded;
        let row = Arc::new(writes.row?);
        let (mut after, mut parts) = match before {
            Some(kept) => (kept.after, kept.parts.clone()),
            None => (old.head, Vec::new()),
        };
        parts.retain(|part| !writes.parts.contains_key(&(part.record, part.label)));
        parts.extend(writes.parts.into_values().flatten().filter(|part| part.seq > after).map(Arc::new));
        parts.sort_unstable_by_key(|part| (part.seq, part.record, part.label));
        let (mut count, mut bytes) = (parts.len(), parts.iter().map(|part| part.bytes()).sum::<u64>());
        let mut dropped = 0;
        while count > RECENT_PARTS || bytes > RECENT_BYTES || parts.get(dropped).is_some_and(|part| part.seq == after) {
            let Some(part) = parts.get(dropped) else { break };
            (after, count, bytes) = (part.seq, count - 1, bytes - part.bytes());
            dropped += 1;
        }
        parts.drain(..dropped);
        Some(Self { info, row, after, parts })
    }
}

#[derive(Default)]
struct Place {
    /// When it was made, on the clock of this map.
    made: u64,
    /// None: nobody has read it yet.
    kept: Option<Arc<Kept>>,
}

#[derive(Default)]
struct Places {
    of: BTreeMap<CircleNo, Place>,
    made: u64,
    bytes: u64,
    /// Heads behind the last commits of this process, of circles with a place or without.
    heads: BTreeMap<CircleNo, u64>,
    /// What others had committed when it was looked last.
    others: u64,
}

impl Places {
    fn clear(&mut self) {
        self.of.clear();
        self.bytes = 0;
    }

    fn remove(&mut self, circle: CircleNo) {
        let kept = self.of.remove(&circle).and_then(|place| place.kept);
        self.bytes -= kept.map_or(0, |kept| kept.bytes());
    }
}

/// A read has begun: what it finds may be kept where no commit came between.
#[derive(Clone, Copy)]
pub(super) struct Begun(u64);

pub(super) struct Warm {
    places: Mutex<Places>,
    others: Others,
}

impl Warm {
    pub(super) fn new(others: Others) -> Self {
        Self { places: Mutex::default(), others }
    }

    /// Whether places are held at all: by one process at a time.
    pub(super) fn is_alone(&self) -> bool {
        self.others.alone.load(Ordering::Acquire)
    }

    /// The places, if this process holds any. They are whole between any two statements, so a panic elsewhere while they
    /// were locked does not spoil them.
    fn places(&self) -> Option<MutexGuard<'_, Places>> {
        if !self.is_alone() {
            return None;
        }
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(others) = self.others.committed() else {
            self.others.alone.store(false, Ordering::Release);
            places.clear();
            return None;
        };
        if places.others != others {
            places.clear();
            places.others = others;
        }
        Some(places)
    }

    /// Holds places from now on, if no other process does.
    pub(super) fn try_alone(&self) {
        if !self.is_alone() && self.others.lock() {
            self.others.alone.store(true, Ordering::Release);
        }
    }

    /// This process has committed: where another one holds places, it is told.
    pub(super) fn committed(&self) -> Result<(), std::io::Error> {
        if self.is_alone() { Ok(()) } else { self.others.say() }
    }

    /// These circles as they stand, if all of them are held.
    pub(super) fn standing(&self, circles: &[CircleNo]) -> Option<Vec<Arc<CircleRow>>> {
        let places = self.places()?;
        let row = |circle| Some(Arc::clone(&places.of.get(circle)?.kept.as_ref()?.row));
        circles.iter().map(row).collect()
    }

    /// Before a read of these circles: they get places.
    pub(super) fn begin(&self, circles: &[CircleNo]) -> Option<Begun> {
        let mut places = self.places()?;
        if places.of.len() + circles.len() > PLACES {
            places.clear();
        }
        places.made += 1;
        let made = places.made;
        for circle in circles.iter().take(PLACES) {
            places.of.entry(*circle).or_insert(Place { made, kept: None });
        }
        Some(Begun(made))
    }

    /// After it.
    pub(super) fn keep(&self, begun: Begun, info: Arc<CircleInfo>, row: Arc<CircleRow>) {
        let Some(mut places) = self.places() else { return };
        if let Some(place) = places.of.get_mut(&row.circle)
            && place.made <= begun.0
            && place.kept.is_none()
        {
            let after = row.head;
            place.kept = Some(Arc::new(Kept { info, row, after, parts: Vec::new() }));
        }
    }

    /// The read is over: circles that it did not find have no place.
    pub(super) fn end(&self, begun: Begun, circles: &[CircleNo]) {
        let Some(mut places) = self.places() else { return };
        for circle in circles {
            if places.of.get(circle).is_some_and(|place| place.kept.is_none() && place.made <= begun.0) {
                places.remove(*circle);
            }
        }
    }

    /// A commit of this process.
    pub(super) fn moved(&self, circle: CircleNo, loaded: Loaded) {
        let Some(mut places) = self.places() else { return };
        if let Some(row) = &loaded.writes.row {
            if places.heads.len() >= HEADS {
                places.heads.clear();
            }
            places.heads.insert(circle, row.head);
        }
        let Some(place) = places.of.get_mut(&circle) else { return };
        let before = place.kept.take();
        let Some(kept) = Kept::behind(before.as_deref(), loaded).map(Arc::new) else {
            // The head did not move.
            place.kept = before;
            return;
        };
        let (old, new) = (before.map_or(0, |before| before.bytes()), kept.bytes());
        place.kept = Some(kept);
        places.bytes = places.bytes + new - old;
        if places.bytes > ALL_BYTES {
            places.clear();
        }
    }

    /// The head behind the last commit of this process to a circle, as far as that is remembered.
    pub(super) fn last_committed(&self, circle: CircleNo) -> Option<u64> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.heads.get(&circle).copied()
    }

    pub(super) fn forget(&self, circle: CircleNo) {
        if let Some(mut places) = self.places() {
            places.heads.remove(&circle);
            places.remove(circle);
        }
    }

    /// Another process has committed, and did not say so.
    pub(super) fn clear(&self) {
        if let Some(mut places) = self.places() {
            places.clear();
        }
    }

    /// The circle at its head, if every part committed after `after` is held.
    pub(super) fn recent(&self, circle: CircleNo, after: u64) -> Option<Arc<Kept>> {
        let places = self.places()?;
        let kept = places.of.get(&circle)?.kept.as_ref()?;
        (kept.after <= after && after <= kept.row.head).then(|| Arc::clone(kept))
    }
}

/// A file beside the database, in which processes that do not hold places say that they have committed: a byte each time.
/// Who locks it holds places.
pub(super) struct Others {
    file: File,
    alone: AtomicBool,
}

impl Others {
    /// Makes the file where there is none, beside the database itself, whatever link led to it.
    pub(super) fn open(database: &str) -> Result<Self, std::io::Error> {
        let mut path = std::fs::canonicalize(database)?.into_os_string();
        path.push("-others");
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        Ok(Self { file, alone: AtomicBool::new(false) })
    }

    fn lock(&self) -> bool {
        self.committed().is_some() && self.file.try_lock().is_ok()
    }

    /// How often others have. None: the file cannot be asked, or somebody took it away, and others say it elsewhere.
    fn committed(&self) -> Option<u64> {
        self.file.metadata().ok().filter(|file| file.nlink() > 0).map(|file| file.len())
    }

    fn say(&self) -> Result<(), std::io::Error> {
        (&self.file).write_all(b".")
    }
}

/// A circle at its head, with what was committed lately and nothing else: the rest says `NotHeld`.
pub(super) struct Recent {
    kept: Arc<Kept>,
    access: Arc<AccessRow>,
}

impl Recent {
    pub(super) fn new(kept: Arc<Kept>, access: Arc<AccessRow>) -> Self {
        Self { kept, access }
    }
}

#[async_trait]
impl Snapshot for Recent {
    fn circle(&self) -> &Arc<CircleRow> {
        &self.kept.row
    }

    async fn turn_to(&mut self, circle: CircleNo) -> Result<(), StoreError> {
        if circle == self.kept.row.circle { Ok(()) } else { Err(StoreError::NotHeld) }
    }

    fn keys(&self) -> &CircleKeys {
        &self.kept.info.keys
    }

    async fn access(&mut self) -> Result<AccessRow, StoreError> {
        Ok(AccessRow::clone(&self.access))
    }

    fn rows(&mut self, proof: Proof) -> Result<&mut dyn Rows, StoreError> {
        proven(proof, &self.kept.row)?;
        Ok(self)
    }
}

#[async_trait]
impl Rows for Recent {
    async fn parts_in(&mut self, ask: Ask) -> Result<(Vec<PartRow>, bool), StoreError> {
        let Range::After { after } = ask.range else { return Err(StoreError::NotHeld) };
        if ask.room.parts == 0 {
            return Ok((Vec::new(), true));
        }
        if after < self.kept.after {
            return Err(StoreError::NotHeld);
        }
        let mut filling = Filling::new(ask.room);
        let first = self.kept.parts.partition_point(|part| part.seq <= after);
        for part in &self.kept.parts[first..] {
            if !filling.put(part.seq, PartRow::clone(part)) {
                break;
            }
        }
        Ok(filling.done())
    }

    async fn count_before(&mut self, _: u8, _: u64, _: u64) -> Result<u64, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn parts_of(&mut self, _: &[RecordId]) -> Result<Vec<PartRow>, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn children_of(&mut self, _: &[RecordId]) -> Result<Vec<PartRow>, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn list(&mut self, _: ListQuery) -> Result<Vec<PartRow>, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn log_of(&mut self, _: &[Dot]) -> Result<Vec<LogRow>, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn log_after(&mut self, _: u64, _: u32) -> Result<Vec<LogRow>, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn tombstones_after(&mut self, _: u64) -> Result<Vec<TombstoneRow>, StoreError> {
        Err(StoreError::NotHeld)
    }

    async fn quarantine(&mut self) -> Result<Vec<QuarantineRow>, StoreError> {
        Err(StoreError::NotHeld)
    }
}
