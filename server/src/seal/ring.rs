//! The key-encryption key in a file of mode 0400: its versions, and how the file is changed while servers use it.
//!
//! A first file holds 32 random bytes: version 1. Rotation replaces it by a list of versions, one a line, in one rename;
//! the highest one wraps, the others only open. A server that meets a version that it does not know reads the file again,
//! and it looks at the file before it wraps anything: so a rotation by another process needs no signal and no restart.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use zeroize::Zeroizing;

use super::{KEY_LEN, KEY_NUMBER, KeyEncryption, SealError, Sealer};
use crate::ids::Ids;

/// First line of a file of several versions.
const HEADER: &str = "osteon keys 1";
/// A file of 255 versions is below this, bytes.
const LARGEST: u64 = 32 * 1024;

pub(super) type Bytes = Zeroizing<[u8; KEY_LEN]>;

/// What tells one state of the file from another: every change is a new file under the old name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    modified: (i64, i64),
    len: u64,
}

struct Ring {
    keys: BTreeMap<u8, Sealer>,
    stamp: Stamp,
}

impl Ring {
    fn new(versions: &BTreeMap<u8, Bytes>, stamp: Stamp, ids: &Arc<dyn Ids>) -> Result<Self, SealError> {
        let sealer =
            |(number, key): (&u8, &Bytes)| Ok((*number, Sealer::numbered(*number, &key[..], Arc::clone(ids))?));
        Ok(Self { keys: versions.iter().map(sealer).collect::<Result<_, SealError>>()?, stamp })
    }

    fn newest(&self) -> Result<&Sealer, SealError> {
        self.keys.last_key_value().map(|(_, key)| key).ok_or(SealError::KeyFileLayout)
    }
}

/// The key-encryption key of a file, opened.
pub struct FileKey {
    /// `None`: a key that is held elsewhere, which has one version.
    file: Option<PathBuf>,
    ids: Arc<dyn Ids>,
    ring: RwLock<Arc<Ring>>,
}

impl FileKey {
    /// Opens the file; makes it if there is none.
    pub fn open_or_create(path: &Path, ids: Arc<dyn Ids>) -> Result<Self, SealError> {
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(path) {
            Ok(mut file) => {
                let mut key = Zeroizing::new([0; KEY_LEN]);
                ids.fill(key.as_mut_slice());
                file.write_all(key.as_slice()).and_then(|()| file.sync_all()).map_err(SealError::KeyFile)?;
                sync_folder(path).map_err(SealError::KeyFile)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(SealError::KeyFile(error)),
        }
        Self::open(path, ids)
    }

    /// Opens the file, which must be there.
    pub fn open(path: &Path, ids: Arc<dyn Ids>) -> Result<Self, SealError> {
        let (versions, stamp) = read(path)?;
        let ring = Ring::new(&versions, stamp, &ids)?;
        Ok(Self { file: Some(path.to_owned()), ids, ring: RwLock::new(Arc::new(ring)) })
    }

    /// A key that is held elsewhere, and the key of tests.
    pub fn from_bytes(key: &[u8; KEY_LEN], ids: Arc<dyn Ids>) -> Result<Self, SealError> {
        let versions = BTreeMap::from([(KEY_NUMBER, Zeroizing::new(*key))]);
        let ring = Ring::new(&versions, Stamp::default(), &ids)?;
        Ok(Self { file: None, ids, ring: RwLock::new(Arc::new(ring)) })
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The ring as the file has it now.
    fn current(&self) -> Result<Arc<Ring>, SealError> {
        let known = self.ring();
        let Some(path) = &self.file else { return Ok(known) };
        if fs::metadata(path).map(|meta| stamp(&meta)).map_err(SealError::KeyFile)? == known.stamp {
            return Ok(known);
        }
        let (versions, stamp) = read(path)?;
        let ring = Arc::new(Ring::new(&versions, stamp, &self.ids)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ring);
        Ok(ring)
    }
}

impl KeyEncryption for FileKey {
    fn wrap(&self, purpose: &[u8], secret: &[u8]) -> Result<Vec<u8>, SealError> {
        self.current()?.newest()?.seal(purpose, secret)
    }

    fn unwrap(&self, purpose: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let version = *wrapped.first().ok_or(SealError::Open)?;
        let known = self.ring();
        let ring = if known.keys.contains_key(&version) { known } else { self.current()? };
        let key = ring.keys.get(&version).ok_or(SealError::KeyVersion(version))?;
        key.open(purpose, wrapped).map(Zeroizing::new)
    }

    fn version(&self) -> Result<u8, SealError> {
        Ok(self.current()?.newest()?.number)
    }
}

/// The key file as an operator changes it: a version is added, or one that nothing needs any more is taken out.
pub struct RingFile(PathBuf);

impl RingFile {
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The versions that the file holds, ascending.
    pub fn versions(&self) -> Result<Vec<u8>, SealError> {
        Ok(read(&self.0)?.0.into_keys().collect())
    }

    /// Adds a random version above all others; it wraps from now on. Returns its number.
    pub fn add(&self, ids: &dyn Ids) -> Result<u8, SealError> {
        let _alone = self.lock()?;
        let (mut versions, _) = read(&self.0)?;
        let last = versions.last_key_value().map_or(0, |(number, _)| *number);
        let number = last.checked_add(1).ok_or(SealError::KeyFileFull)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        ids.fill(key.as_mut_slice());
        versions.insert(number, key);
        self.replace(&versions)?;
        Ok(number)
    }

    /// Takes every version out but these and the newest. Returns which went.
    pub fn retain(&self, needed: &[u8]) -> Result<Vec<u8>, SealError> {
        let _alone = self.lock()?;
        let (mut versions, _) = read(&self.0)?;
        let newest = versions.last_key_value().map_or(0, |(number, _)| *number);
        let goes = |number: &u8| *number != newest && !needed.contains(number);
        let gone: Vec<u8> = versions.keys().copied().filter(goes).collect();
        versions.retain(|number, _| !goes(number));
        if !gone.is_empty() {
            self.replace(&versions)?;
        }
        Ok(gone)
    }

    /// One changer at a time: on the folder, for the file itself is replaced.
    fn lock(&self) -> Result<fs::File, SealError> {
        let folder = fs::File::open(folder(&self.0)).map_err(SealError::KeyFile)?;
        folder.lock().map_err(SealError::KeyFile)?;
        Ok(folder)
    }

    /// Whole or not at all: written beside, synced, renamed. What a crash left beside is written anew.
    fn replace(&self, versions: &BTreeMap<u8, Bytes>) -> Result<(), SealError> {
        let mut text = Zeroizing::new(format!("{HEADER}\n"));
        for (number, key) in versions {
            let hex = Zeroizing::new(hex::encode(&key[..]));
            *text += &Zeroizing::new(format!("{number} {}\n", hex.as_str()));
        }
        let mut beside = self.0.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(SealError::KeyFile(error)),
            _ => {}
        }
        let written = || -> std::io::Result<()> {
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.0)?;
            sync_folder(&self.0)
        };
        written().map_err(SealError::KeyFile)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// The name must be as durable as the bytes: a database whose key is gone after a power cut is gone itself.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    fs::File::open(folder(path))?.sync_all()
}

fn stamp(meta: &fs::Metadata) -> Stamp {
    Stamp { inode: meta.ino(), modified: (meta.mtime(), meta.mtime_nsec()), len: meta.len() }
}

fn read(path: &Path) -> Result<(BTreeMap<u8, Bytes>, Stamp), SealError> {
    let mut file = fs::File::open(path).map_err(SealError::KeyFile)?;
    let meta = file.metadata().map_err(SealError::KeyFile)?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(SealError::KeyFileMode);
    }
    if meta.len() > LARGEST {
        return Err(SealError::KeyLength);
    }
    // One allocation: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(vec![0; usize::try_from(meta.len()).map_err(|_| SealError::KeyLength)?]);
    file.read_exact(&mut bytes).map_err(SealError::KeyFile)?;
    Ok((parse(&bytes)?, stamp(&meta)))
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<u8, Bytes>, SealError> {
    if let Ok(key) = <[u8; KEY_LEN]>::try_from(bytes) {
        return Ok(BTreeMap::from([(KEY_NUMBER, Zeroizing::new(key))]));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SealError::KeyLength)?;
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(SealError::KeyLength);
    }
    let mut versions = BTreeMap::new();
    for line in lines {
        let (number, key) = line.split_once(' ').ok_or(SealError::KeyFileLayout)?;
        let number: u8 = number.parse().map_err(|_| SealError::KeyFileLayout)?;
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        hex::decode_to_slice(key, bytes.as_mut_slice()).map_err(|_| SealError::KeyFileLayout)?;
        if number == 0 || versions.insert(number, bytes).is_some() {
            return Err(SealError::KeyFileLayout);
        }
    }
    if versions.is_empty() { Err(SealError::KeyFileLayout) } else { Ok(versions) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OsIds;

    fn ids() -> Arc<dyn Ids> {
        Arc::new(OsIds::new())
    }

    #[test]
    fn the_key_file_is_made_once_and_refused_when_others_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = FileKey::open_or_create(&path, ids()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
        let wrapped = made.wrap(b"p", b"secret").unwrap();
        let again = FileKey::open_or_create(&path, ids()).unwrap();
        assert_eq!(again.unwrap(b"p", &wrapped).unwrap().as_slice(), b"secret");
        for mode in [0o440, 0o404, 0o640, 0o444] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(FileKey::open_or_create(&path, ids()), Err(SealError::KeyFileMode)), "{mode:o}");
        }
    }

    #[test]
    fn an_open_key_follows_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let open = FileKey::open_or_create(&path, ids()).unwrap();
        let first = open.wrap(b"p", b"one").unwrap();
        let file = RingFile::at(&path);
        // A crash while the file was replaced leaves the new one beside it.
        fs::write(folder.path().join("key.new"), b"half").unwrap();
        assert_eq!(file.add(&*ids()).unwrap(), 2);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
        assert_eq!(file.versions().unwrap(), [1, 2]);
        // Another process wraps with what this one has not read yet.
        let second = FileKey::open(&path, ids()).unwrap().wrap(b"p", b"two").unwrap();
        assert_eq!((first[0], second[0]), (1, 2));
        assert_eq!(open.unwrap(b"p", &second).unwrap().as_slice(), b"two");
        assert_eq!(open.unwrap(b"p", &first).unwrap().as_slice(), b"one");
        assert_eq!((open.version().unwrap(), open.wrap(b"p", b"x").unwrap()[0]), (2, 2));
        assert_eq!(file.retain(&[1]).unwrap(), Vec::<u8>::new());
        assert_eq!(file.retain(&[]).unwrap(), [1]);
        let without = FileKey::open(&path, ids()).unwrap();
        assert!(matches!(without.unwrap(b"p", &first), Err(SealError::KeyVersion(1))));
        assert_eq!(without.unwrap(b"p", &second).unwrap().as_slice(), b"two");
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused() {
        let line = |n: &str| format!("{HEADER}\n{n} {}\n", "ab".repeat(KEY_LEN));
        let twice = format!("{}1 {}\n", line("1"), "cd".repeat(KEY_LEN));
        let bad = ["", "short", HEADER, "osteon keys 2\n1 00\n", &line("0"), &line("256"), &twice, &line("1")[..60]];
        for text in bad {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert_eq!(parse(line("7").as_bytes()).unwrap().into_keys().collect::<Vec<_>>(), [7]);
    }
}
