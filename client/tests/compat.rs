//! The recorded corpus of tests/compat: a phone's database of every version opens with this code, keeps what was not sent
//! and what it does not know, and sends the same bytes.

use crate::corpus;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/compat/phone")
}

#[tokio::test]
async fn a_phone_of_every_version_opens_and_sends_what_it_would_have_sent() {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    for folder in folders {
        corpus::replay(&folder).await;
    }
}

/// What this code records it replays; with OSTEON_COMPAT it stays as a folder of the corpus (tools/compat.sh).
#[tokio::test]
async fn what_is_recorded_now_is_replayed() {
    let temporary = tempfile::tempdir().unwrap();
    let folder =
        std::env::var("OSTEON_COMPAT").map_or_else(|_| temporary.path().join("now"), |name| folder().join(name));
    assert!(!folder.exists(), "{} is there already: what was recorded stays", folder.display());
    corpus::record(&folder).await;
    corpus::replay(&folder).await;
}
