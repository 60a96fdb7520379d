//! A phone's files as somebody reads them who has found the folder, with its key.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use osteon_client::{
    ids::OsIds,
    store::{Key, Place, Store},
};
use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};

/// What is looked for of a sealed value: pieces so far apart, each long enough to be no chance.
const EVERY: usize = 48;
const PIECE: usize = 8;

/// Pieces of the sealed values that held something.
pub(crate) type Pieces = HashSet<[u8; PIECE]>;

/// Every file of the folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The sealed values that open to something with the mark in it, in pieces.
pub(crate) async fn sealed(folder: &Path, mark: &[u8]) -> Pieces {
    let store = Store::open(folder, Key::InFolder, Arc::new(OsIds::new())).await.expect("the phone's store");
    let opened = store.load().await.expect("everything opens").items;
    let options = SqliteConnectOptions::new().filename(folder.join("phone.db"));
    let mut connection = options.connect().await.expect("the database");
    let rows =
        sqlx::query("SELECT circle, kind, key, value FROM item").fetch_all(&mut connection).await.expect("items");
    // Whoever copies the folder next finds it as it is.
    connection.close().await.expect("closed");
    let mut pieces = Pieces::new();
    for row in rows {
        let circle = u64::from_ne_bytes(row.get::<i64, _>(0).to_ne_bytes());
        let place = Place::new(circle, u8::try_from(row.get::<i64, _>(1)).expect("kind"), row.get::<Vec<u8>, _>(2));
        let value: Vec<u8> = row.get(3);
        if opened.get(&place).is_some_and(|plain| contains(plain, mark)) {
            pieces.extend(value.windows(PIECE).step_by(EVERY).filter_map(<[u8]>::first_chunk));
            pieces.extend(value.last_chunk::<PIECE>());
        }
    }
    store.close().await;
    pieces
}

/// The file that has one of the pieces, or the mark itself.
pub(crate) fn left(folder: &Path, pieces: &Pieces, mark: &[u8]) -> Option<PathBuf> {
    // Most places begin like none of them: they are not looked up.
    let mut begins = vec![false; 1 << 16];
    for piece in pieces {
        begins[usize::from(u16::from_be_bytes([piece[0], piece[1]]))] = true;
    }
    let has_piece = |bytes: &[u8]| {
        bytes.windows(PIECE).any(|at| {
            begins[usize::from(at[0]) << 8 | usize::from(at[1])]
                && at.first_chunk().is_some_and(|at| pieces.contains(at))
        })
    };
    files(folder).into_iter().find(|path| {
        let bytes = fs::read(path).expect("a file");
        contains(&bytes, mark) || has_piece(&bytes)
    })
}

/// First by its first byte: the tests look through whole databases.
pub(crate) fn contains(bytes: &[u8], marked: &[u8]) -> bool {
    let Some(first) = marked.first() else { return true };
    bytes.iter().enumerate().any(|(at, byte)| byte == first && bytes[at..].starts_with(marked))
}
