//! Items out of the pages of a damaged database, each page for itself: SQLite reads nothing below a page that is damaged.
//!
//! Of the format (sqlite.org/fileformat2.html) no more than this table needs: an index b-tree (WITHOUT ROWID) of two
//! integers and two blobs. What does not read as that is passed over; whether it is what was written, its seal says.

/// Without a header that can be read.
const PAGE_SIZE: usize = 4_096;
const HEADER: usize = 100;
const INTERIOR: u8 = 0x02;
const LEAF: u8 = 0x0a;
/// No item is larger: a length that says so is damage.
const MAX_PAYLOAD: usize = 4 << 20;

/// A row: circle, kind, key, value.
pub(super) type Row = (i64, i64, Vec<u8>, Vec<u8>);

/// Every row that stands on a page that can be read.
pub(super) fn rows(file: &[u8]) -> Vec<Row> {
    let size = page_size(file);
    let mut found = Vec::new();
    for (i, page) in file.chunks_exact(size).enumerate() {
        let at = if i == 0 { HEADER } else { 0 };
        found.extend(cells(page, at).into_iter().filter_map(|cell| row(&payload(file, size, page, cell)?)));
    }
    found
}

fn page_size(file: &[u8]) -> usize {
    let said = file.get(16..18).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let is_one = file.starts_with(b"SQLite format 3\0") && said.is_power_of_two() && said >= 512;
    if is_one { said } else { PAGE_SIZE }
}

/// Where the payloads of a page of an index begin: at their lengths.
fn cells(page: &[u8], at: usize) -> Vec<usize> {
    let (first, before) = match page.get(at) {
        Some(&LEAF) => (8, 0),
        // A cell of an interior page names the page to its left.
        Some(&INTERIOR) => (12, 4),
        _ => return Vec::new(),
    };
    let two = |at: usize| page.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let count = two(at + 3).unwrap_or(0);
    (0..count).filter_map(|i| Some(two(at + first + 2 * i)? + before)).collect()
}

/// A payload, with what of it overflows to other pages.
fn payload(file: &[u8], size: usize, page: &[u8], at: usize) -> Option<Vec<u8>> {
    let (length, at) = varint(page, at)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= MAX_PAYLOAD.min(file.len()))?;
    let most = (size - 12) * 64 / 255 - 23;
    if length <= most {
        return page.get(at..at + length).map(<[u8]>::to_vec);
    }
    let least = (size - 12) * 32 / 255 - 23;
    let here = least + (length - least) % (size - 4);
    let here = if here <= most { here } else { least };
    let mut out = page.get(at..at + here)?.to_vec();
    let mut next = page.get(at + here..at + here + 4)?;
    while out.len() < length {
        let number = u32::from_be_bytes(next.try_into().ok()?) as usize;
        let begins = number.checked_sub(1)?.checked_mul(size)?;
        let overflow = file.get(begins..begins + size)?;
        let left = (length - out.len()).min(size - 4);
        out.extend_from_slice(&overflow[4..4 + left]);
        next = &overflow[..4];
    }
    Some(out)
}

fn row(payload: &[u8]) -> Option<Row> {
    let (header, mut at) = varint(payload, 0)?;
    let mut body = usize::try_from(header).ok()?;
    let end = body;
    let mut column = || {
        if at >= end {
            return None;
        }
        let (kind, after) = varint(payload, at)?;
        at = after;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            n => usize::try_from(n.checked_sub(12)? / 2).ok()?,
        };
        let bytes = payload.get(body..body.checked_add(length)?)?;
        body += length;
        Some((kind, bytes))
    };
    let integer = |(kind, bytes): (u64, &[u8])| match kind {
        8 => Some(0),
        9 => Some(1),
        1..=6 => {
            let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
            let begin = if negative { -1 } else { 0 };
            Some(bytes.iter().fold(begin, |n: i64, byte| (n << 8) | i64::from(*byte)))
        }
        _ => None,
    };
    let blob = |(kind, bytes): (u64, &[u8])| (kind >= 12 && kind % 2 == 0).then(|| bytes.to_vec());
    Some((integer(column()?)?, integer(column()?)?, blob(column()?)?, blob(column()?)?))
}

/// A number, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut n = 0;
    for i in 0..8 {
        let byte = *bytes.get(at + i)?;
        n = (n << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((n, at + i + 1));
        }
    }
    Some(((n << 8) | u64::from(*bytes.get(at + 8)?), at + 9))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

    use super::*;

    async fn file_of(rows: &[Row]) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("some.db");
        let options = SqliteConnectOptions::new().filename(&at).create_if_missing(true);
        let mut database = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(super::super::CREATE).execute(&mut database).await.unwrap();
        for (circle, kind, key, value) in rows {
            let query = sqlx::query("INSERT INTO item (circle, kind, key, value) VALUES ($1, $2, $3, $4)");
            query.bind(circle).bind(kind).bind(key).bind(value).execute(&mut database).await.unwrap();
        }
        database.close().await.unwrap();
        std::fs::read(at).unwrap()
    }

    #[tokio::test]
    async fn every_row_that_sqlite_wrote_is_found_and_without_a_page_what_stands_on_the_others() {
        let circles = [0, 1, -1, 127, 128, 32_768, i64::from(i32::MAX), i64::MAX, i64::MIN];
        let mut written = Vec::new();
        for (i, circle) in circles.into_iter().enumerate() {
            for n in 0_u8..40 {
                let length = [0, 1, 57, 58, 300, 3_000, 20_000][usize::from(n) % 7];
                written.push((circle, i64::from(n), vec![n; usize::from(n)], vec![u8::try_from(i).unwrap(); length]));
            }
        }
        let file = file_of(&written).await;
        let sorted = |mut rows: Vec<Row>| {
            rows.sort();
            rows
        };
        written.sort();
        assert_eq!(sorted(rows(&file)), written);
        for page in 0..file.len() / PAGE_SIZE {
            let mut hurt = file.clone();
            hurt[page * PAGE_SIZE..(page + 1) * PAGE_SIZE].fill(0xa5);
            let found = rows(&hurt);
            // A value that overflows to the page is there, and is not what was written: its seal says so.
            let whole = found.iter().filter(|row| written.binary_search(row).is_ok()).count();
            assert!(whole + 90 >= written.len(), "page {page}: {whole} of {}", written.len());
        }
    }

    proptest! {
        /// Whatever lies there, nothing panics and nothing runs for ever.
        #[test]
        fn anything_is_read_or_passed_over(bytes in proptest::collection::vec(any::<u8>(), 0..20_000), kind in 0_u8..16) {
            let mut bytes = bytes;
            for page in bytes.chunks_mut(PAGE_SIZE) {
                page[0] = kind;
            }
            let _ = rows(&bytes);
        }
    }
}
