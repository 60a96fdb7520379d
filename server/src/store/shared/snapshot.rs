//! One consistent view of one circle: a read transaction that is pinned by reading the head.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use osteon_sync_core::{
    Dot, RecordId,
    ledger::{Ask, Range, Room},
};
use sqlx::Transaction;

use super::{Conn, Db, Row, bulk, load, ranges, rows};
use crate::{
    proof::Proof,
    seal::CircleKeys,
    store::{
        AccessRow, CircleNo, CircleRow, ListQuery, LogRow, PartRow, QuarantineRow, Rows, Snapshot, StoreError,
        TombstoneRow,
        common::{CircleInfo, Common},
        filling::Filling,
        proven,
        statements::portable as sql,
    },
};

pub(super) struct SqlSnapshot {
    tx: Transaction<'static, Db>,
    common: Arc<Common>,
    info: Arc<CircleInfo>,
    row: Arc<CircleRow>,
    /// Heads that were read with the first.
    ahead: BTreeMap<CircleNo, (Arc<CircleInfo>, Arc<CircleRow>)>,
    whole: Whole,
}

/// A small circle, read in one statement for all classes.
#[derive(Default)]
enum Whole {
    #[default]
    Unread,
    /// More than a page is there.
    Large,
    /// Parts by class, in the order of a backfill. `None`: taken.
    Read(BTreeMap<u8, Option<Vec<PartRow>>>),
}

/// A circle of no more commits is read whole where a backfill begins.
const SMALL: u64 = 150;

impl SqlSnapshot {
    pub(super) async fn open(
        mut tx: Transaction<'static, Db>,
        common: &Arc<Common>,
        circle: CircleNo,
    ) -> Result<Self, StoreError> {
        let (info, row) = head(&mut tx, common, circle).await?;
        Ok(Self { tx, common: Arc::clone(common), info, row, ahead: BTreeMap::new(), whole: Whole::Unread })
    }

    pub(super) async fn open_all(
        mut tx: Transaction<'static, Db>,
        common: &Arc<Common>,
        circles: &[CircleNo],
    ) -> Result<Self, StoreError> {
        let first = circles.first().ok_or(StoreError::NotFound)?;
        let mut ahead = BTreeMap::new();
        for row in bulk::heads(&mut tx, circles).await? {
            let circle = rows::number(&row, 0)?;
            let info = load::info(&mut tx, common, circle).await?.ok_or(StoreError::NotFound)?;
            let row = Arc::new(rows::head(&info, &row, 1)?);
            ahead.insert(circle, (info, row));
        }
        let Some((info, row)) = ahead.remove(first) else {
            common.forget(*first);
            return Err(StoreError::NotFound);
        };
        Ok(Self { tx, common: Arc::clone(common), info, row, ahead, whole: Whole::Unread })
    }

    /// Of every circle that was opened.
    pub(super) fn heads(&self) -> impl Iterator<Item = (&Arc<CircleInfo>, &Arc<CircleRow>)> {
        std::iter::once((&self.info, &self.row)).chain(self.ahead.values().map(|(info, row)| (info, row)))
    }

    fn number(&self) -> i64 {
        self.info.circle.cast_signed()
    }

    fn parts(&self, found: &[Row]) -> Result<Vec<PartRow>, StoreError> {
        found.iter().map(|row| rows::part(&self.info, row, 0)).collect()
    }

    /// A class of a small circle from the beginning; `None`: the circle is larger than a page, or the class was taken.
    async fn begins(&mut self, ask: Ask) -> Result<Option<Vec<PartRow>>, StoreError> {
        let Range::Before { class, before, upto } = ask.range else { return Ok(None) };
        let head = self.row.head;
        if head > SMALL || before <= head || upto < head {
            return Ok(None);
        }
        if matches!(self.whole, Whole::Unread) {
            self.whole = self.read_whole(ask.room).await?;
        }
        let Whole::Read(classes) = &mut self.whole else { return Ok(None) };
        Ok(classes.get_mut(&class).map_or_else(|| Some(Vec::new()), Option::take))
    }

    async fn read_whole(&mut self, room: Room) -> Result<Whole, StoreError> {
        let (parts, more) = self.rows_in(Ask { range: Range::After { after: 0 }, room }).await?;
        if more {
            return Ok(Whole::Large);
        }
        let mut classes: BTreeMap<u8, Option<Vec<PartRow>>> = BTreeMap::new();
        for part in parts {
            classes.entry(part.class).or_default().get_or_insert_default().push(part);
        }
        for parts in classes.values_mut().flatten() {
            parts.sort_unstable_by_key(|part| Reverse((part.first_seq, part.record, part.label)));
        }
        Ok(Whole::Read(classes))
    }

    async fn rows_in(&mut self, ask: Ask) -> Result<(Vec<PartRow>, bool), StoreError> {
        let Some(offset) = ask.room.parts.checked_sub(1) else { return Ok((Vec::new(), true)) };
        let (circle, offset) = (self.number(), i64::from(offset));
        let mut filling = Filling::new(ask.room);
        let mut found = match ask.range {
            Range::After { after } => sqlx::query(ranges::PARTS_AFTER).bind(circle).bind(clamp(after)).bind(offset),
            Range::Before { class, before, upto } => {
                let query = sqlx::query(ranges::PARTS_BEFORE).bind(circle).bind(i16::from(class));
                query.bind(clamp(before)).bind(clamp(upto)).bind(offset)
            }
        }
        .fetch(&mut *self.tx);
        while let Some(row) = found.try_next().await? {
            let part = rows::part(&self.info, &row, 0)?;
            if !filling.put(commit_of(ask.range, &part), part) {
                break;
            }
        }
        drop(found);
        Ok(filling.done())
    }

    /// The other parts of the last record of a full list page, so that a record is never cut.
    async fn complete(&mut self, list: &mut Vec<PartRow>, query: ListQuery) -> Result<(), StoreError> {
        let Some(last) = list.last().filter(|_| list.len() >= query.limit as usize) else { return Ok(()) };
        let key = |part: &PartRow| (if query.by_time { part.time_ms } else { part.seq }, part.record);
        let (last, label) = (key(last), last.label);
        let rest = self.parts_of(&[last.1]).await?;
        let wanted = |part: &PartRow| {
            key(part) == last && part.label < label && (query.from_ms..=query.to_ms).contains(&part.time_ms)
        };
        list.extend(rest.into_iter().filter(wanted).rev());
        Ok(())
    }
}

/// The head of a circle; reading it pins the transaction's view.
async fn head(
    conn: &mut Conn,
    common: &Common,
    circle: CircleNo,
) -> Result<(Arc<CircleInfo>, Arc<CircleRow>), StoreError> {
    let found = sqlx::query(sql::HEAD).bind(circle.cast_signed()).fetch_optional(&mut *conn).await?;
    let Some(row) = found else {
        // Erased, perhaps by another process: nothing of it is held any longer.
        common.forget(circle);
        return Err(StoreError::NotFound);
    };
    let info = load::info(conn, common, circle).await?.ok_or(StoreError::NotFound)?;
    let row = Arc::new(rows::head(&info, &row, 0)?);
    Ok((info, row))
}

#[async_trait]
impl Snapshot for SqlSnapshot {
    fn circle(&self) -> &Arc<CircleRow> {
        &self.row
    }

    async fn turn_to(&mut self, circle: CircleNo) -> Result<(), StoreError> {
        if circle != self.row.circle {
            self.whole = Whole::Unread;
            (self.info, self.row) = match self.ahead.remove(&circle) {
                Some(read) => read,
                None => head(&mut self.tx, &self.common, circle).await?,
            };
        }
        Ok(())
    }

    fn keys(&self) -> &CircleKeys {
        &self.info.keys
    }

    async fn access(&mut self) -> Result<AccessRow, StoreError> {
        let generation = self.row.access_generation;
        let access = load::access(&mut self.tx, &self.common, &self.info, generation).await?;
        Ok(AccessRow::clone(&access))
    }

    fn rows(&mut self, proof: Proof) -> Result<&mut dyn Rows, StoreError> {
        proven(proof, &self.row)?;
        Ok(self)
    }
}

#[async_trait]
impl Rows for SqlSnapshot {
    async fn parts_in(&mut self, ask: Ask) -> Result<(Vec<PartRow>, bool), StoreError> {
        if let Some(parts) = self.begins(ask).await? {
            let mut filling = Filling::new(ask.room);
            for part in parts {
                if !filling.put(commit_of(ask.range, &part), part) {
                    break;
                }
            }
            return Ok(filling.done());
        }
        let (mut parts, more) = self.rows_in(ask).await?;
        match ask.range {
            Range::After { .. } => parts.sort_by_key(|part| (part.seq, part.record, part.label)),
            Range::Before { .. } => parts.sort_by_key(|part| Reverse((part.first_seq, part.record, part.label))),
        }
        Ok((parts, more))
    }

    async fn count_before(&mut self, class: u8, before: u64, upto: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(ranges::PARTS_BEFORE_COUNT).bind(self.number()).bind(i16::from(class));
        let row = query.bind(clamp(before)).bind(clamp(upto)).fetch_one(&mut *self.tx).await?;
        rows::number(&row, 0)
    }

    async fn parts_of(&mut self, records: &[RecordId]) -> Result<Vec<PartRow>, StoreError> {
        let keys: Vec<_> = load::unique(records).into_iter().map(|record| (self.info.circle, record)).collect();
        let found = bulk::parts(&mut self.tx, &keys).await?;
        let parts: Result<Vec<_>, _> = found.iter().map(|row| rows::part(&self.info, row, 1)).collect();
        let mut parts = parts?;
        parts.sort_by_key(|part| (part.record, part.label));
        Ok(parts)
    }

    async fn children_of(&mut self, parents: &[RecordId]) -> Result<Vec<PartRow>, StoreError> {
        let keys: Vec<_> = load::unique(parents).into_iter().map(|parent| (self.info.circle, parent)).collect();
        let found = bulk::children(&mut self.tx, &keys).await?;
        let parts: Result<Vec<_>, _> = found.iter().map(|row| rows::part(&self.info, row, 1)).collect();
        let mut parts = parts?;
        parts.sort_by_key(|part| (part.record, part.label));
        parts.dedup_by_key(|part| (part.record, part.label));
        Ok(parts)
    }

    async fn list(&mut self, query: ListQuery) -> Result<Vec<PartRow>, StoreError> {
        let (key, record) = query.before.unwrap_or((u64::MAX, RecordId([0xff; 16])));
        let (key, record) = (clamp(key), rows::uuid(record));
        let (from, to) = (clamp(query.from_ms), clamp(query.to_ms));
        let type_number = query.type_number.cast_signed();
        let circle = self.number();
        let sql = match (query.by_time, query.type_number) {
            (false, _) => ranges::LIST_BY_SEQ,
            (true, 0) => sql::LIST_ALL_BY_TIME,
            (true, _) => ranges::LIST_BY_TIME,
        };
        let statement = sqlx::query(sql).bind(circle);
        let statement = if query.by_time && type_number == 0 { statement } else { statement.bind(type_number) };
        let statement = statement.bind(key).bind(record).bind(from).bind(to).bind(i64::from(query.limit));
        let found = statement.fetch_all(&mut *self.tx).await?;
        let mut list = self.parts(&found)?;
        self.complete(&mut list, query).await?;
        Ok(list)
    }

    async fn log_of(&mut self, dots: &[Dot]) -> Result<Vec<LogRow>, StoreError> {
        let keys: Vec<_> = dots.iter().map(|dot| (self.info.circle, *dot)).collect();
        let found = bulk::logs(&mut self.tx, &keys).await?;
        let log: Result<Vec<_>, _> = found.iter().map(|row| rows::log(&self.info, row, 1)).collect();
        let mut log = log?;
        log.sort_by_key(|row| row.dot);
        log.dedup_by_key(|row| row.dot);
        Ok(log)
    }

    async fn log_after(&mut self, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let query = sqlx::query(ranges::LOG_AFTER).bind(self.number()).bind(clamp(after));
        let found = query.bind(i64::from(limit)).fetch_all(&mut *self.tx).await?;
        found.iter().map(|row| rows::log(&self.info, row, 0)).collect()
    }

    async fn tombstones_after(&mut self, after: u64) -> Result<Vec<TombstoneRow>, StoreError> {
        let query = sqlx::query(sql::TOMBSTONES_AFTER).bind(self.number()).bind(clamp(after));
        query.fetch_all(&mut *self.tx).await?.iter().map(rows::tombstone).collect()
    }

    async fn quarantine(&mut self) -> Result<Vec<QuarantineRow>, StoreError> {
        let found = sqlx::query(sql::QUARANTINE_ALL).bind(self.number()).fetch_all(&mut *self.tx).await?;
        found.iter().map(|row| rows::quarantine(&self.info, row)).collect()
    }
}

/// The commit that a row belongs to, as a range goes through them.
fn commit_of(range: Range, part: &PartRow) -> u64 {
    if matches!(range, Range::After { .. }) { part.seq } else { part.first_seq }
}

/// A bound of a range as a column can hold it: "no bound" is given as the largest number.
fn clamp(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
