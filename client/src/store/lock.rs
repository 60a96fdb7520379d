//! One program of a folder talks to the server at a time, and a little room is kept for it on a disk that fills up.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::Write as _,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::Store;
use crate::error::{Error, Result};

pub(super) const LOCK: &str = "phone.lock";
pub(super) const SPARE: &str = "phone.spare";
/// Enough for the log of many verdicts: what is given up when the disk is full, so that what waits is still sent.
const SPARE_BYTES: usize = 1024 * 1024;

/// The right to talk to the server for this folder; it ends when it is dropped, and with the process.
pub struct Turn {
    _held: File,
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

impl Store {
    /// `None`: another program has it.
    pub fn take_turn(&self) -> Result<Option<Turn>> {
        let failed = |source| Error::File { what: "the phone's lock", source };
        let file = open(&self.folder.join(LOCK)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn { _held: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Keeps some room, where there is some: a disk that is full already has none.
    pub(crate) fn keep_room(&self) {
        let path = self.folder.join(SPARE);
        if std::fs::metadata(&path).is_ok_and(|file| file.len() >= SPARE_BYTES as u64) {
            return;
        }
        let written = open(&path).and_then(|mut file| file.write_all(&vec![0; SPARE_BYTES]));
        if written.is_err() {
            let _ = std::fs::remove_file(&path);
        }
    }

    /// Gives the room up. False: there was none.
    pub(super) fn give_room(&self) -> bool {
        std::fs::remove_file(self.folder.join(SPARE)).is_ok()
    }
}
