//! Files that a command makes: under a name that is free, readable by their owner alone, there when they are whole.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// A file that is being made beside the place where it will stand. Dropped before it is kept, it is gone.
pub(super) struct Coming {
    path: PathBuf,
    part: PathBuf,
    kept: bool,
}

impl Coming {
    /// Nothing may stand at `path`, nor where the file is made, not even a link that leads nowhere. Absolute from here on:
    /// to SQLite a name may be more than a name.
    pub(super) fn at(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path)?;
        refuse_existing(&path)?;
        let part = beside(&path, ".part");
        create(&part).with_context(|| format!("cannot make {}", part.display()))?;
        Ok(Self { path, part, kept: false })
    }

    pub(super) fn part(&self) -> &Path {
        &self.part
    }

    /// Gives the file its name; what has come there meanwhile stays, and is an error.
    pub(super) fn keep(mut self) -> anyhow::Result<PathBuf> {
        fs::hard_link(&self.part, &self.path).with_context(|| format!("cannot name it {}", self.path.display()))?;
        self.kept = true;
        fs::remove_file(&self.part)?;
        File::open(folder(&self.path))?.sync_all()?;
        Ok(self.path.clone())
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if !self.kept {
            remove_database(&self.part);
        }
    }
}

pub(super) fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot look at {}", path.display())),
        Ok(_) => bail!("{} is there already", path.display()),
    }
}

/// A new file with the mode that it must have from the first byte. Follows no link.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

pub(super) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut path: OsString = file.as_os_str().to_owned();
    path.push(end);
    PathBuf::from(path)
}

pub(super) fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A database file that is not wanted, with what SQLite keeps beside it. Absent is as good as removed.
pub(super) fn remove_database(path: &Path) {
    for end in ["", "-wal", "-shm", "-journal", "-others"] {
        let _ = fs::remove_file(beside(path, end));
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_that_is_there_is_touched() {
        let dir = tempfile::tempdir().expect("dir");
        let at = |name: &str| dir.path().join(name);
        fs::write(at("own"), "mine").expect("written");
        assert!(Coming::at(&at("own")).is_err());
        symlink(at("nowhere"), at("link")).expect("linked");
        assert!(Coming::at(&at("link")).is_err(), "a link that leads nowhere is something");
        fs::write(at("new.part"), "mine").expect("written");
        assert!(Coming::at(&at("new")).is_err(), "nor what lies where it would be made");
        assert_eq!(fs::read_to_string(at("new.part")).expect("still there"), "mine");

        let coming = Coming::at(&at("late")).expect("free");
        fs::write(at("late"), "mine").expect("written");
        assert!(coming.keep().is_err(), "what has come meanwhile stays");
        assert_eq!(fs::read_to_string(at("late")).expect("still there"), "mine");
        assert!(!at("late.part").exists(), "and nothing is left over");
        assert_eq!(Coming::at(&at("good")).expect("free").keep().expect("kept"), at("good"));
    }
}
