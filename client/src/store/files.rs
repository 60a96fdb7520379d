//! Attachments at rest: one sealed file each, in frames, beside the database and not in it. What a file is (to be sent, here
//! whole, coming) is the end of its name; a file takes its place by being renamed, so half of one is never taken for a whole.
//!
//! The name tells nothing: it is a hash over circle, record and content.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use prost::Message;

use super::{Store, make_private, remove};
use crate::error::{Error, Result};

/// How long an entry may take to be saved after its attachment.
const FRESH: Duration = Duration::from_secs(60);
const FOLDER: &str = "attachments";
/// Bytes in a frame, but for the first (which says what the file is) and the last.
const FRAME: usize = 65_536;
/// What sealing adds, and the length before it.
const AROUND: usize = 4 + 12 + 16;

/// What an attachment is.
#[derive(Clone, PartialEq, Message)]
pub struct Kept {
    #[prost(uint64, tag = "1")]
    pub circle: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub record: Vec<u8>,
    #[prost(uint32, tag = "3")]
    pub record_type: u32,
    #[prost(uint32, tag = "4")]
    pub field: u32,
    #[prost(bytes = "vec", tag = "5")]
    pub sha256: Vec<u8>,
    #[prost(uint64, tag = "6")]
    pub size: u64,
    #[prost(int32, tag = "7")]
    pub media_type: i32,
}

/// How it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// The server has it not, or not whole.
    ToSend,
    Here,
    /// It comes from the server.
    Coming,
}

impl Standing {
    const ALL: [Self; 3] = [Self::ToSend, Self::Here, Self::Coming];

    const fn end(self) -> &'static str {
        match self {
            Self::ToSend => "send",
            Self::Here => "here",
            Self::Coming => "part",
        }
    }
}

impl Kept {
    fn name(&self) -> String {
        let whole =
            [b"osteon attachment\0".as_slice(), &self.circle.to_be_bytes(), &self.record, &self.sha256].concat();
        hex::encode(digest(&SHA256, &whole))
    }
}

fn failed(source: io::Error) -> Error {
    Error::File { what: "an attachment's file", source }
}

impl Store {
    fn attachments(&self) -> PathBuf {
        self.folder.join(FOLDER)
    }

    fn file(&self, kept: &Kept, standing: Standing) -> PathBuf {
        self.attachments().join(format!("{}.{}", kept.name(), standing.end()))
    }

    /// Keeps a whole attachment.
    pub fn keep(&self, kept: &Kept, standing: Standing, bytes: &[u8]) -> Result<()> {
        let path = self.begin(kept)?;
        let mut file = fs::OpenOptions::new().append(true).open(&path).map_err(failed)?;
        for (i, frame) in bytes.chunks(FRAME).enumerate() {
            self.frame(&mut file, kept, i + 1, frame)?;
        }
        file.sync_all().map_err(failed)?;
        self.becomes(kept, Standing::Coming, standing)
    }

    /// An empty file that is coming, in the place of one that was.
    fn begin(&self, kept: &Kept) -> Result<PathBuf> {
        make_private(&self.attachments()).map_err(failed)?;
        let path = self.file(kept, Standing::Coming);
        let made = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        self.frame(&mut made.map_err(failed)?, kept, 0, &kept.encode_to_vec())?;
        Ok(path)
    }

    fn frame(&self, file: &mut File, kept: &Kept, number: usize, plain: &[u8]) -> Result<()> {
        let sealed = self.sealer.seal(&bound(&kept.name(), number), plain, &*self.ids)?;
        let length = u32::try_from(sealed.len()).map_err(|_| Error::Damaged("an attachment"))?;
        file.write_all(&length.to_be_bytes()).and_then(|()| file.write_all(&sealed)).map_err(failed)
    }

    /// Bytes from `from` on, at most `most`; empty at the end.
    pub fn bytes_of(&self, kept: &Kept, standing: Standing, from: u64, most: usize) -> Result<Vec<u8>> {
        let mut file = File::open(self.file(kept, standing)).map_err(failed)?;
        let mut head = [0; 4];
        file.read_exact(&mut head).map_err(failed)?;
        let first = 4 + u64::from(u32::from_be_bytes(head));
        let (mut number, mut skip) = (from / FRAME as u64, usize::try_from(from % FRAME as u64).unwrap_or(0));
        let mut out = Vec::new();
        file.seek(SeekFrom::Start(first + number * (FRAME + AROUND) as u64)).map_err(failed)?;
        while out.len() < most {
            match file.read_exact(&mut head) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                other => other.map_err(failed)?,
            }
            let length = u32::from_be_bytes(head) as usize;
            if length > FRAME + AROUND {
                return Err(Error::Damaged("an attachment"));
            }
            let mut sealed = vec![0; length];
            file.read_exact(&mut sealed).map_err(|_| Error::Damaged("an attachment"))?;
            let at = usize::try_from(number).unwrap_or(usize::MAX - 1) + 1;
            let plain = self.sealer.unseal(&bound(&kept.name(), at), &sealed)?;
            out.extend(plain.iter().skip(skip).take(most - out.len()));
            (number, skip) = (number + 1, 0);
        }
        Ok(out)
    }

    /// Adds whole frames to one that is coming; how many bytes it has then. A frame that was cut off is written anew.
    pub fn add(&self, kept: &Kept, bytes: &[u8]) -> Result<u64> {
        let path = self.file(kept, Standing::Coming);
        let have = self.have(kept)?;
        if !path.exists() {
            self.begin(kept)?;
        }
        let mut file = fs::OpenOptions::new().append(true).open(&path).map_err(failed)?;
        let next = usize::try_from(have / FRAME as u64).unwrap_or(0) + 1;
        for (i, frame) in bytes.chunks(FRAME).enumerate() {
            self.frame(&mut file, kept, next + i, frame)?;
        }
        file.sync_all().map_err(failed)?;
        Ok(have + bytes.len() as u64)
    }

    /// How many of these bytes are added at a time: whole frames, but for the last ones.
    pub fn whole_frames(&self, bytes: usize, rest: usize) -> usize {
        if bytes >= rest { rest } else { bytes - bytes % FRAME }
    }

    /// It was put here a moment ago: the entry that names it may be about to be saved, by another program as well.
    pub fn is_fresh(&self, kept: &Kept) -> bool {
        let written = fs::metadata(self.file(kept, Standing::ToSend)).and_then(|file| file.modified());
        written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < FRESH))
    }

    /// How much of one that is coming is here, in whole frames: what follows them is cut off.
    pub fn have(&self, kept: &Kept) -> Result<u64> {
        let path = self.file(kept, Standing::Coming);
        let Ok(mut file) = File::open(&path) else { return Ok(0) };
        let mut head = [0; 4];
        if file.read_exact(&mut head).is_err() {
            fs::remove_file(&path).map_err(failed)?;
            return Ok(0);
        }
        let first = 4 + u64::from(u32::from_be_bytes(head));
        let length = file.metadata().map_err(failed)?.len();
        let whole = length.saturating_sub(first) / (FRAME + AROUND) as u64;
        let cut = first + whole * (FRAME + AROUND) as u64;
        if cut < length {
            let file = fs::OpenOptions::new().write(true).open(&path).map_err(failed)?;
            file.set_len(cut).map_err(failed)?;
        }
        Ok(whole * FRAME as u64)
    }

    /// It stands otherwise now.
    pub fn becomes(&self, kept: &Kept, from: Standing, to: Standing) -> Result<()> {
        fs::rename(self.file(kept, from), self.file(kept, to)).map_err(failed)?;
        File::open(self.attachments()).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    pub fn stands(&self, kept: &Kept, standing: Standing) -> bool {
        self.file(kept, standing).is_file()
    }

    /// Overwritten and removed, however it stands.
    pub fn forget(&self, kept: &Kept) -> Result<()> {
        Standing::ALL.into_iter().try_for_each(|standing| remove(&self.file(kept, standing)))
    }

    /// Everything that is kept, and how it stands. A file that does not open is none.
    pub fn kept(&self) -> Result<Vec<(Kept, Standing)>> {
        let Ok(entries) = fs::read_dir(self.attachments()) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let end = path.extension().and_then(|end| end.to_str());
            let standing = Standing::ALL.into_iter().find(|standing| end == Some(standing.end()));
            match standing.and_then(|standing| Some((self.head(&path)?, standing))) {
                Some(one) => found.push(one),
                None => remove(&path)?,
            }
        }
        found.sort_by_key(|(kept, standing)| (kept.name(), *standing));
        Ok(found)
    }

    fn head(&self, path: &Path) -> Option<Kept> {
        let mut file = File::open(path).ok()?;
        let mut head = [0; 4];
        file.read_exact(&mut head).ok()?;
        let mut sealed = vec![0; usize::try_from(u32::from_be_bytes(head)).ok().filter(|n| *n <= FRAME)?];
        file.read_exact(&mut sealed).ok()?;
        let name = path.file_stem()?.to_str()?;
        let plain = self.sealer.unseal(&bound(name, 0), &sealed).ok()?;
        Kept::decode(plain.as_slice()).ok().filter(|kept| kept.name() == name)
    }
}

pub(super) fn remove_all(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder.join(FOLDER)) else { return Ok(()) };
    for entry in entries.flatten() {
        remove(&entry.path())?;
    }
    fs::remove_dir(folder.join(FOLDER)).map_err(failed)
}

fn bound(name: &str, number: usize) -> Vec<u8> {
    format!("attachment {name} {number}").into_bytes()
}
