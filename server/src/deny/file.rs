//! The deny log as a file: appended, synced, locked against other processes of the machine for the time of an append.
//!
//! Layout: a head (magic, server id, MAC), then per entry its length (4 bytes, little-endian), the entry, its MAC. A tail
//! that a power cut left half-written was acknowledged to nobody: the next append cuts it off. Reading for a restore does
//! not: a log that was shipped elsewhere ends inside an entry only if its copy is not whole.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Binding, Chain, Denial, DenyError, DenyLog, LARGEST, MAC_LEN, Numbered, encode};

const MAGIC: &[u8; 16] = b"osteon deny 0001";
const HEAD_LEN: u64 = 48;
const LEN_BYTES: usize = 4;

struct Open {
    file: File,
    binding: Binding,
    chain: Chain,
    /// Up to where the chain was followed, bytes.
    at: u64,
}

pub struct FileLog {
    path: PathBuf,
    open: Arc<Mutex<Open>>,
}

impl FileLog {
    /// Opens the file and makes it if there is none; verifies its head.
    pub fn open_or_create(path: &Path, binding: Binding) -> Result<Self, DenyError> {
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        file.lock()?;
        let made = ensure_head(&file, &binding);
        file.unlock()?;
        made?;
        File::open(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
        Self::of(path, file, binding)
    }

    /// Opens a file that must be there.
    pub fn open(path: &Path, binding: Binding) -> Result<Self, DenyError> {
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => DenyError::Absent,
            _ => DenyError::Io(error),
        })?;
        Self::of(path, file, binding)
    }

    fn of(path: &Path, mut file: File, binding: Binding) -> Result<Self, DenyError> {
        check_head(&mut file, &binding)?;
        let chain = Chain::start(&binding);
        let open = Open { file, binding, chain, at: HEAD_LEN };
        Ok(Self { path: path.to_owned(), open: Arc::new(Mutex::new(open)) })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    async fn blocking<R: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Open) -> Result<R, DenyError> + Send + 'static,
    ) -> Result<R, DenyError> {
        let open = Arc::clone(&self.open);
        let ran = tokio::task::spawn_blocking(move || run(&mut open.lock().unwrap_or_else(PoisonError::into_inner)));
        ran.await.map_err(std::io::Error::other)?
    }
}

#[async_trait]
impl DenyLog for FileLog {
    async fn append(&self, denials: &[Denial]) -> Result<u64, DenyError> {
        let payloads: Vec<Vec<u8>> = denials.iter().map(encode).collect();
        self.blocking(move |open| {
            open.file.lock()?;
            let done = open.append(&payloads);
            open.file.unlock()?;
            done
        })
        .await
    }

    async fn read(&self) -> Result<Vec<Numbered>, DenyError> {
        self.blocking(Open::read).await
    }
}

impl Open {
    fn append(&mut self, payloads: &[Vec<u8>]) -> Result<u64, DenyError> {
        self.catch_up()?;
        let (mut bytes, mut chain) = (Vec::new(), self.chain);
        for payload in payloads {
            let len = u32::try_from(payload.len()).ok().filter(|len| *len as usize <= LARGEST);
            let len = len.ok_or_else(|| std::io::Error::other("an entry is too large"))?;
            bytes.extend_from_slice(&len.to_le_bytes());
            bytes.extend_from_slice(payload);
            bytes.extend_from_slice(&chain.add(&self.binding, payload));
        }
        if let Err(error) = self.file.write_all(&bytes).and_then(|()| self.file.sync_data()) {
            // What is there of it was acknowledged to nobody.
            let _ = self.file.set_len(self.at);
            return Err(error.into());
        }
        self.chain = chain;
        self.at += bytes.len() as u64;
        Ok(self.chain.last)
    }

    /// Follows the chain over what other processes appended, and cuts off what a power cut left half-written.
    fn catch_up(&mut self) -> Result<(), DenyError> {
        match self.follow(&mut |_| ()) {
            Err(DenyError::Torn(_)) => {
                tracing::warn!("the deny log ended inside an entry, which was acknowledged to nobody; it is cut off");
                Ok(self.file.set_len(self.at)?)
            }
            other => other,
        }
    }

    fn read(&mut self) -> Result<Vec<Numbered>, DenyError> {
        let mut entries = Vec::new();
        (self.chain, self.at) = (Chain::start(&self.binding), HEAD_LEN);
        self.follow(&mut |entry| entries.push(entry))?;
        Ok(entries)
    }

    /// From where the chain stands to the end of the file.
    fn follow(&mut self, each: &mut dyn FnMut(Numbered)) -> Result<(), DenyError> {
        let len = self.file.metadata()?.len();
        let torn = DenyError::Torn(self.chain.last + 1);
        let Some(more) = len.checked_sub(self.at) else { return Err(torn) };
        let mut bytes = vec![0; usize::try_from(more).map_err(|_| DenyError::Layout)?];
        self.file.seek(SeekFrom::Start(self.at))?;
        self.file.read_exact(&mut bytes)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let torn = || DenyError::Torn(self.chain.last + 1);
            let (head, after) = rest.split_first_chunk::<LEN_BYTES>().ok_or_else(torn)?;
            let size = u32::from_le_bytes(*head) as usize;
            if size > LARGEST {
                return Err(DenyError::Damaged(self.chain.last + 1));
            }
            let (payload, after) = after.split_at_checked(size).ok_or_else(torn)?;
            let (mac, after) = after.split_at_checked(MAC_LEN).ok_or_else(torn)?;
            let mut chain = self.chain;
            each(chain.verify(&self.binding, payload, mac)?);
            self.chain = chain;
            self.at += (LEN_BYTES + size + MAC_LEN) as u64;
            rest = after;
        }
        Ok(())
    }
}

fn head(binding: &Binding) -> Vec<u8> {
    [MAGIC.as_slice(), &binding.server_id, &binding.start()].concat()
}

/// Writes the head into a new file, and into one whose first write was cut by a crash.
fn ensure_head(mut file: &File, binding: &Binding) -> Result<(), DenyError> {
    if file.metadata()?.len() >= HEAD_LEN {
        return Ok(());
    }
    file.set_len(0)?;
    file.write_all(&head(binding))?;
    Ok(file.sync_all()?)
}

fn check_head(file: &mut File, binding: &Binding) -> Result<(), DenyError> {
    let mut found = [0; HEAD_LEN as usize];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut found).map_err(|_| DenyError::Layout)?;
    if !found.starts_with(MAGIC) {
        return Err(DenyError::Layout);
    }
    if found == head(binding).as_slice() { Ok(()) } else { Err(DenyError::Foreign) }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};

    async fn filled(path: &Path) -> Vec<Numbered> {
        let log = FileLog::open_or_create(path, binding()).unwrap();
        assert_eq!(log.append(&one_of_each()[..2]).await.unwrap(), 2);
        assert_eq!(log.append(&one_of_each()[2..]).await.unwrap(), 7);
        log.read().await.unwrap()
    }

    #[tokio::test]
    async fn what_is_appended_is_read_in_order_by_several_processes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deny.log");
        assert!(matches!(FileLog::open(&path, binding()), Err(DenyError::Absent)));
        let (a, b) =
            (FileLog::open_or_create(&path, binding()).unwrap(), FileLog::open_or_create(&path, binding()).unwrap());
        for n in 1..=6 {
            let log = if n % 2 == 0 { &a } else { &b };
            assert_eq!(log.append(&[Denial::Epoch(n)]).await.unwrap(), u64::from(n));
        }
        let read = a.read().await.unwrap();
        assert_eq!(read.iter().map(|entry| entry.no).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(super::super::highest_epoch(&read), 6);
        assert_eq!(a.append(&[Denial::Epoch(7)]).await.unwrap(), 7, "reading does not disturb appending");
    }

    #[tokio::test]
    async fn every_damage_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deny.log");
        let entries = filled(&path).await;
        let whole = std::fs::read(&path).unwrap();
        let other = folder.path().join("copy.log");
        let read = async |bytes: &[u8]| {
            std::fs::write(&other, bytes).unwrap();
            FileLog::open(&other, binding())?.read().await
        };
        assert_eq!(read(&whole).await.unwrap(), entries);
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(read(&damaged).await.is_err(), "byte {at}");
            // Cut between two entries it is a shorter log, which only the database's own count finds.
            match read(&whole[..at]).await {
                Ok(shorter) => assert!(shorter.len() < entries.len(), "cut at {at}"),
                Err(DenyError::Torn(_) | DenyError::Layout) => {}
                Err(error) => panic!("cut at {at}: {error}"),
            }
        }
        let foreign = FileLog::open(&path, Binding::new(&[5; 32], [6; 16]));
        assert!(matches!(foreign, Err(DenyError::Foreign)), "another server's key");
    }

    #[tokio::test]
    async fn a_torn_tail_is_cut_off_by_the_next_append_and_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deny.log");
        let entries = filled(&path).await;
        let whole = std::fs::metadata(&path).unwrap().len();
        for cut in 1..20 {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(whole - cut).unwrap();
            let log = FileLog::open(&path, binding()).unwrap();
            assert!(matches!(log.read().await, Err(DenyError::Torn(7))), "{cut}");
            assert_eq!(log.append(std::slice::from_ref(&entries[6].denial)).await.unwrap(), 7);
            assert_eq!(log.read().await.unwrap(), entries, "{cut}");
        }
    }
}
