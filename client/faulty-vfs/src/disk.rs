//! What is counted, and what fails: plain bookkeeping, without a line of C.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use libsqlite3_sys as ffi;

static WORLDS: Mutex<BTreeMap<PathBuf, World>> = Mutex::new(BTreeMap::new());

/// A folder that is watched.
#[derive(Default)]
struct World {
    operations: u64,
    stop_at: Option<u64>,
    stopped: bool,
    /// No file may grow once the folder holds so much.
    full_beyond: Option<u64>,
    /// Of each file: what to put back for what was written since it was synced, in the order of writing.
    unsynced: BTreeMap<PathBuf, Vec<Before>>,
}

/// What stood where something was written.
struct Before {
    at: u64,
    bytes: Vec<u8>,
    length: u64,
}

/// Faults of one folder; they end when this is dropped.
pub struct Faults(PathBuf);

/// What SQLite is about to do.
pub(crate) enum Doing {
    Write { at: u64, length: u64 },
    Truncate { to: u64 },
    Sync,
    Delete,
}

/// What is to become of it.
pub(crate) enum Verdict {
    Do,
    /// Half of the write is done, and then this.
    Tear(i32),
    Fail(i32),
}

fn worlds() -> MutexGuard<'static, BTreeMap<PathBuf, World>> {
    WORLDS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Faults {
    /// Nothing fails before it is said.
    pub fn watch(folder: &Path) -> Self {
        crate::shim::install();
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        worlds().insert(folder.clone(), World::default());
        Self(folder)
    }

    fn with<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        change(worlds().entry(self.0.clone()).or_default())
    }

    /// How many operations there were since the last `stop_at`.
    pub fn operations(&self) -> u64 {
        self.with(|world| world.operations)
    }

    /// Counts from here: the `n`th operation and all after it fail. `None`: all works again.
    pub fn stop_at(&self, n: Option<u64>) {
        self.with(|world| (world.operations, world.stop_at, world.stopped) = (0, n, false));
    }

    pub fn has_stopped(&self) -> bool {
        self.with(|world| world.stopped)
    }

    /// The disk is full as soon as the folder holds so many bytes.
    pub fn full_beyond(&self, bytes: Option<u64>) {
        self.with(|world| world.full_beyond = bytes);
    }

    /// What was written and not synced is gone.
    pub fn power_cut(&self) -> std::io::Result<()> {
        let lost = self.with(|world| std::mem::take(&mut world.unsynced));
        for (path, writes) in lost {
            let Ok(file) = fs::OpenOptions::new().write(true).open(&path) else { continue };
            for before in writes.iter().rev() {
                file.write_all_at(&before.bytes, before.at)?;
                file.set_len(before.length)?;
            }
        }
        Ok(())
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        worlds().remove(&self.0);
    }
}

/// Decides about an operation on a file, and notes what it takes to undo it.
pub(crate) fn decide(path: &Path, doing: &Doing) -> Verdict {
    let mut worlds = worlds();
    let Some((folder, world)) = worlds.iter_mut().find(|(folder, _)| path.starts_with(folder)) else {
        return Verdict::Do;
    };
    let failure = match doing {
        Doing::Write { .. } => ffi::SQLITE_IOERR_WRITE,
        Doing::Truncate { .. } => ffi::SQLITE_IOERR_TRUNCATE,
        Doing::Sync => ffi::SQLITE_IOERR_FSYNC,
        Doing::Delete => ffi::SQLITE_IOERR_DELETE,
    };
    if world.stopped {
        return Verdict::Fail(failure);
    }
    if let (Doing::Write { at, length }, Some(most)) = (doing, world.full_beyond) {
        let grown = (at + length).saturating_sub(size(path));
        if grown > 0 && held(folder) + grown > most {
            return Verdict::Fail(ffi::SQLITE_FULL);
        }
    }
    world.operations += 1;
    world.stopped = world.stop_at == Some(world.operations);
    if world.stopped && !matches!(doing, Doing::Write { .. }) {
        return Verdict::Fail(failure);
    }
    note(world, path, doing);
    if world.stopped { Verdict::Tear(failure) } else { Verdict::Do }
}

fn note(world: &mut World, path: &Path, doing: &Doing) {
    let (at, length) = match doing {
        Doing::Write { at, length } => (*at, *length),
        Doing::Truncate { to } => (*to, size(path).saturating_sub(*to)),
        Doing::Sync | Doing::Delete => {
            world.unsynced.remove(path);
            return;
        }
    };
    let whole = size(path);
    let mut bytes = vec![0; usize::try_from(length.min(whole.saturating_sub(at))).unwrap_or(0)];
    let read = fs::File::open(path).and_then(|file| file.read_exact_at(&mut bytes, at));
    if read.is_ok() {
        world.unsynced.entry(path.to_owned()).or_default().push(Before { at, bytes, length: whole });
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

fn held(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.map(|file| file.metadata().map_or(0, |file| file.len())).sum()
}
