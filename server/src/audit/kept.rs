//! A head that is kept outside the database: one JSON object. The server leaves the last one in its data directory; an
//! operator keeps copies elsewhere. It holds no number of a person and no circle: it may lie anywhere.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{digest, signed_by};
use crate::store::audit::AuditHead;

/// In the data directory.
pub const HEAD_FILE: &str = "audit-head.json";
/// Beside it: the last heads before each restore, one a line.
pub const HEADS_BEFORE: &str = "audit-heads-before-restore.jsonl";
/// A head file is a few hundred bytes.
const LARGEST: u64 = 65_536;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHead {
    pub no: u64,
    pub at_ms: u64,
    pub rows: u64,
    pub hash: Vec<u8>,
    pub signature: Vec<u8>,
}

/// As it lies in the file.
#[derive(Serialize, Deserialize)]
struct Written {
    osteon_audit_head: u64,
    at_ms: u64,
    rows: u64,
    hash: String,
    signature: String,
}

impl From<&AuditHead> for KeptHead {
    fn from(head: &AuditHead) -> Self {
        let AuditHead { no, at_ms, rows, .. } = *head;
        Self { no, at_ms, rows, hash: head.hash.clone(), signature: head.signature.clone() }
    }
}

impl KeptHead {
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "osteon_audit_head": self.no, "at_ms": self.at_ms, "rows": self.rows,
            "hash": hex::encode(&self.hash), "signature": hex::encode(&self.signature),
        })
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Written { osteon_audit_head, at_ms, rows, hash, signature } = serde_json::from_str(text).ok()?;
        let (hash, signature) = (hex::decode(hash).ok()?, hex::decode(signature).ok()?);
        Some(Self { no: osteon_audit_head, at_ms, rows, hash, signature })
    }

    /// Whether the server's key made it.
    #[must_use]
    pub fn genuine(&self, public_key: &[u8]) -> bool {
        signed_by(public_key, &digest::head_message(&self.hash), &self.signature)
    }
}

/// The heads of a file: one object, or one a line.
pub fn read(path: &Path) -> io::Result<Vec<KeptHead>> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "too large for a file of audit heads"));
    }
    let text = fs::read_to_string(path)?;
    let bad = || io::Error::new(io::ErrorKind::InvalidData, "no audit head");
    match KeptHead::parse(&text) {
        Some(head) => Ok(vec![head]),
        None => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let heads: Option<Vec<KeptHead>> = lines.map(KeptHead::parse).collect();
            heads.filter(|heads| !heads.is_empty()).ok_or_else(bad)
        }
    }
}

/// After a restore the last head is of rows that the backup does not have: nobody has cut them off. It goes to the heads
/// that were before, where `verify --against` finds it.
pub fn put_aside(data: &Path) -> io::Result<()> {
    let path = data.join(HEAD_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut before = fs::OpenOptions::new().create(true).append(true).open(data.join(HEADS_BEFORE))?;
    writeln!(before, "{}", text.trim_end())?;
    before.sync_all()?;
    fs::remove_file(path)
}

/// Replaces the file in one step.
pub fn leave(path: &Path, head: &AuditHead) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    fs::write(&beside, format!("{}\n", KeptHead::from(head).json()))?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_left() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join(HEAD_FILE);
        let (hash, signature) = (vec![1; 32], vec![2; 64]);
        let head = AuditHead { no: 7, at_ms: 8, upto: 9, seals: 1, rows: 10, hash, signature };
        leave(&path, &head).expect("left");
        assert_eq!(read(&path).expect("read"), vec![KeptHead::from(&head)]);
        put_aside(folder.path()).expect("put aside");
        put_aside(folder.path()).expect("nothing to put aside");
        assert!(!path.exists());
        leave(&path, &head).expect("left");
        put_aside(folder.path()).expect("put aside");
        let before = read(&folder.path().join(HEADS_BEFORE)).expect("read");
        assert_eq!(before, vec![KeptHead::from(&head); 2], "of each restore one");
        let line = KeptHead::from(&head).json();
        fs::write(&path, format!("{line}\n\n{line}\n")).expect("written");
        assert_eq!(read(&path).expect("lines").len(), 2);
        for bad in ["", "{}", "[1]", "{\"osteon_audit_head\": 1}"] {
            fs::write(&path, bad).expect("written");
            assert!(read(&path).is_err(), "{bad}");
        }
    }
}
