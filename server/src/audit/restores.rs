//! Restores that were tried. One that is refused leaves no database in which a row could stand, and one that is done makes a
//! database that nobody serves yet: so each leaves a line in the data directory, and the next server of that folder writes
//! the lines as rows of its own chain before it serves.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::store::{AuditRow, audit::clinic_chain};

/// In the data directory: what waits for a database.
const FILE: &str = "restores.jsonl";
/// Whoever tries a thousand times learns nothing more from the next line.
const LARGEST: u64 = 65_536;

/// Why a restore was refused, in stable words; `DENY_LOG_…` are those of [`crate::deny::DenyError::reason`].
const REFUSALS: [&str; 10] = [
    "KEY_ABSENT",
    "KEY_FOREIGN",
    "DENY_LOG_ABSENT",
    "DENY_LOG_FOREIGN",
    "DENY_LOG_DAMAGED",
    "DENY_LOG_CUT",
    "DENY_LOG_OLD",
    "DENY_LOG_NEWER",
    "DENY_LOG_UNUSABLE",
    REFUSED,
];
/// Refused for another reason; also what a line says that nobody can read any more.
pub const REFUSED: &str = "RESTORE_REFUSED";

/// One try, as it lies in the file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tried {
    pub at_ms: u64,
    /// Without the deny log, which was accepted: what was taken away may be there again.
    pub revived: bool,
    /// Empty: it was done.
    pub refused: String,
}

/// Leaves a line.
pub fn leave(data: &Path, tried: &Tried) -> io::Result<()> {
    let path = data.join(FILE);
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        return Ok(());
    }
    let line = serde_json::to_string(tried)?;
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{line}")?;
    file.sync_all()
}

/// The rows of what waits in this folder.
pub fn waiting(data: &Path) -> io::Result<Vec<AuditRow>> {
    match fs::read(data.join(FILE)) {
        Ok(text) => Ok(String::from_utf8_lossy(&text).lines().map(row).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The rows are written. A crash before this writes them once more.
pub fn told(data: &Path) -> io::Result<()> {
    fs::remove_file(data.join(FILE))
}

/// A line that was cut or changed is a try, too.
fn row(line: &str) -> AuditRow {
    let unreadable = |_| Tried { at_ms: 0, revived: false, refused: REFUSED.to_owned() };
    let tried = serde_json::from_str(line).unwrap_or_else(unreadable);
    let known = REFUSALS.into_iter().find(|word| *word == tried.refused);
    AuditRow {
        circle: clinic_chain(0),
        at_ms: tried.at_ms,
        account: 0,
        device: 0,
        action: if tried.revived { "server.restore.revived" } else { "server.restore" },
        record: None,
        categories: 0,
        from_seq: 0,
        to_seq: 0,
        count: 1,
        outcome: if tried.refused.is_empty() { "ok" } else { known.unwrap_or(REFUSED) },
        request: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_is_a_row_and_none_is_lost_to_a_torn_line() {
        let folder = tempfile::tempdir().expect("folder");
        let tried = |revived, refused: &str| Tried { at_ms: 7, revived, refused: refused.to_owned() };
        leave(folder.path(), &tried(false, "DENY_LOG_CUT")).expect("left");
        leave(folder.path(), &tried(false, "a word of another version")).expect("left");
        leave(folder.path(), &tried(true, "")).expect("left");
        let torn = fs::read_to_string(folder.path().join(FILE)).expect("read") + "{\"at_ms\":9,\"epo";
        fs::write(folder.path().join(FILE), torn).expect("torn");
        let rows = waiting(folder.path()).expect("rows");
        let rows: Vec<_> = rows.iter().map(|row| (row.at_ms, row.action, row.outcome)).collect();
        let expected = [
            (7, "server.restore", "DENY_LOG_CUT"),
            (7, "server.restore", REFUSED),
            (7, "server.restore.revived", "ok"),
            (0, "server.restore", REFUSED),
        ];
        assert_eq!(rows, expected);
        told(folder.path()).expect("told");
        assert_eq!(waiting(folder.path()).expect("rows"), []);
    }

    #[test]
    fn the_file_has_an_end() {
        let folder = tempfile::tempdir().expect("folder");
        let tried = Tried { at_ms: 7, revived: false, refused: "KEY_FOREIGN".to_owned() };
        for _ in 0..2_000 {
            leave(folder.path(), &tried).expect("left");
        }
        assert!(fs::metadata(folder.path().join(FILE)).expect("file").len() < LARGEST + 200);
    }
}
