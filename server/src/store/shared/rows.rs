//! Rows of the database, into and out of the store's words. Unsigned numbers lie in signed columns bit by bit;
//! those that count what happens (sequences, counters, numbers given) have 32 bits and are refused beyond.

use osteon_sync_core::{Dot, RecordId, Replica};
use sqlx::Row as _;
use uuid::Uuid;

use super::Row;
use crate::limits::{CHANGES_PER_REPLICA, Limit, NUMBERS_PER_KIND, SEQUENCES_PER_CIRCLE};
use crate::store::{
    AuditRow, CircleRow, ErasureRow, LogRow, OwnerRow, PartRow, QuarantineRow, StoreError, TombstoneRow, codec,
    common::CircleInfo,
};

/// The columns of a head that is written.
pub(in super::super) struct HeadColumns {
    pub(in super::super) circle: i64,
    pub(in super::super) head: i64,
    pub(in super::super) access_generation: i64,
    pub(in super::super) safe_upto: i64,
    pub(in super::super) quarantined: i64,
    pub(in super::super) marks: i16,
    pub(in super::super) state: Vec<u8>,
}

pub(in super::super) struct PartColumns {
    pub(in super::super) circle: i32,
    pub(in super::super) record: Uuid,
    pub(in super::super) label: i64,
    pub(in super::super) class: i16,
    pub(in super::super) type_number: i32,
    pub(in super::super) seq: i32,
    pub(in super::super) first_seq: i32,
    pub(in super::super) time_ms: i64,
    pub(in super::super) parent: Option<Uuid>,
    pub(in super::super) sealed: Vec<u8>,
}

/// Rows to be written: such as are known not to be there, and others.
pub(in super::super) struct Rows<T> {
    pub(in super::super) fresh: Vec<T>,
    pub(in super::super) known: Vec<T>,
}

impl<T> Rows<T> {
    pub(super) fn new(room: usize) -> Self {
        Self { fresh: Vec::with_capacity(room), known: Vec::new() }
    }

    pub(super) fn push(&mut self, fresh: bool, row: T) {
        if fresh { &mut self.fresh } else { &mut self.known }.push(row);
    }

    #[allow(dead_code, reason = "SQLite takes the two apart")]
    pub(in super::super) fn all(mut self) -> Vec<T> {
        self.fresh.append(&mut self.known);
        self.fresh
    }
}

/// A dot as three columns.
#[derive(Clone, Copy)]
pub(in super::super) struct DotColumns {
    pub(in super::super) epoch: i32,
    pub(in super::super) replica: i32,
    pub(in super::super) counter: i64,
}

pub(in super::super) struct LogColumns {
    pub(in super::super) circle: i32,
    pub(in super::super) epoch: i32,
    pub(in super::super) replica: i32,
    pub(in super::super) counter: i32,
    pub(in super::super) seq: i32,
    pub(in super::super) mac: Vec<u8>,
    pub(in super::super) sealed: Vec<u8>,
}

pub(in super::super) struct AuditColumns {
    pub(in super::super) circle: i64,
    pub(in super::super) at_ms: i64,
    pub(in super::super) account: i32,
    pub(in super::super) device: i32,
    pub(in super::super) action: i32,
    pub(in super::super) record: Option<Uuid>,
    pub(in super::super) categories: i32,
    pub(in super::super) from_seq: i32,
    pub(in super::super) to_seq: i32,
    pub(in super::super) touched: i32,
    pub(in super::super) outcome: i32,
    pub(in super::super) request: i64,
}

/// A number in a column of 32 bits, which is what `limit` says.
fn bounded(n: u64, limit: &'static Limit) -> Result<i32, StoreError> {
    i32::try_from(n).map_err(|_| StoreError::Exceeded(limit))
}

pub(in super::super) fn uuid(record: RecordId) -> Uuid {
    Uuid::from_bytes(record.0)
}

pub(in super::super) fn dot_columns(dot: Dot) -> DotColumns {
    DotColumns {
        epoch: dot.replica.epoch.cast_signed(),
        replica: dot.replica.n.cast_signed(),
        counter: dot.counter.cast_signed(),
    }
}

pub(super) fn head_columns(row: &CircleRow) -> HeadColumns {
    HeadColumns {
        circle: row.circle.cast_signed(),
        head: row.head.cast_signed(),
        access_generation: row.access_generation.cast_signed(),
        safe_upto: row.safe_upto.cast_signed(),
        quarantined: row.quarantined.cast_signed(),
        marks: row.marks.into(),
        state: codec::encode_head(row),
    }
}

pub(super) fn part_columns(info: &CircleInfo, part: &PartRow) -> Result<PartColumns, StoreError> {
    Ok(PartColumns {
        circle: bounded(info.circle, &NUMBERS_PER_KIND)?,
        record: uuid(part.record),
        label: part.label.cast_signed(),
        class: part.class.into(),
        type_number: part.type_number.cast_signed(),
        seq: bounded(part.seq, &SEQUENCES_PER_CIRCLE)?,
        first_seq: bounded(part.first_seq, &SEQUENCES_PER_CIRCLE)?,
        time_ms: part.time_ms.cast_signed(),
        parent: part.parent.map(uuid),
        sealed: info.seal_part(part)?,
    })
}

pub(super) fn log_columns(info: &CircleInfo, row: &LogRow) -> Result<LogColumns, StoreError> {
    let DotColumns { epoch, replica, .. } = dot_columns(row.dot);
    Ok(LogColumns {
        circle: bounded(info.circle, &NUMBERS_PER_KIND)?,
        epoch,
        replica,
        counter: bounded(row.dot.counter, &CHANGES_PER_REPLICA)?,
        seq: bounded(row.seq, &SEQUENCES_PER_CIRCLE)?,
        mac: row.mac.to_vec(),
        sealed: info.seal_log(row)?,
    })
}

pub(super) fn audit_columns(row: &AuditRow, action: i32, outcome: i32) -> Result<AuditColumns, StoreError> {
    Ok(AuditColumns {
        circle: row.circle.cast_signed(),
        at_ms: row.at_ms.cast_signed(),
        account: bounded(row.account, &NUMBERS_PER_KIND)?,
        device: bounded(row.device, &NUMBERS_PER_KIND)?,
        action,
        record: row.record.map(uuid),
        categories: row.categories.cast_signed(),
        from_seq: bounded(row.from_seq, &SEQUENCES_PER_CIRCLE)?,
        to_seq: bounded(row.to_seq, &SEQUENCES_PER_CIRCLE)?,
        touched: row.count.cast_signed(),
        outcome,
        request: row.request.cast_signed(),
    })
}

pub(in super::super) fn number(row: &Row, at: usize) -> Result<u64, StoreError> {
    Ok(row.try_get::<i64, _>(at)?.cast_unsigned())
}

fn half(row: &Row, at: usize) -> Result<u32, StoreError> {
    Ok(row.try_get::<i32, _>(at)?.cast_unsigned())
}

/// A 32-bit number that was read as 64 bits: what somebody put there beside them is not cut off.
fn narrow(row: &Row, at: usize) -> Result<u32, StoreError> {
    let wide = i32::try_from(row.try_get::<i64, _>(at)?);
    Ok(wide.map_err(|_| StoreError::Corrupt { table: "audit", column: "integer" })?.cast_unsigned())
}

pub(super) fn small(row: &Row, at: usize) -> Result<u8, StoreError> {
    u8::try_from(row.try_get::<i16, _>(at)?).map_err(|_| StoreError::Corrupt { table: "any", column: "smallint" })
}

pub(super) fn array<const N: usize>(row: &Row, at: usize) -> Result<[u8; N], StoreError> {
    row.try_get::<&[u8], _>(at)?.try_into().map_err(|_| StoreError::Corrupt { table: "any", column: "bytes" })
}

pub(super) fn record(row: &Row, at: usize) -> Result<RecordId, StoreError> {
    Ok(RecordId(row.try_get::<Uuid, _>(at)?.into_bytes()))
}

/// NULL on SQLite, empty on PostgreSQL: none.
fn parent(row: &Row, at: usize) -> Result<Option<RecordId>, StoreError> {
    match row.try_get::<Option<&[u8]>, _>(at)? {
        None | Some([]) => Ok(None),
        Some(id) => {
            let id = id.try_into().map_err(|_| StoreError::Corrupt { table: "part", column: "parent" })?;
            Ok(Some(RecordId(id)))
        }
    }
}

/// A dot from three columns that begin at `at`.
pub(super) fn dot(row: &Row, at: usize) -> Result<Dot, StoreError> {
    Ok(Dot { replica: Replica { epoch: half(row, at)?, n: half(row, at + 1)? }, counter: number(row, at + 2)? })
}

/// A head whose columns, without the circle, begin at `at`.
pub(super) fn head(info: &CircleInfo, row: &Row, at: usize) -> Result<CircleRow, StoreError> {
    let state = codec::decode_head(row.try_get(at + 5)?);
    let codec::HeadState { chains, digests, head_mark, reviews } =
        state.ok_or(StoreError::Corrupt { table: "head", column: "state" })?;
    Ok(CircleRow {
        circle: info.circle,
        clinic: info.clinic,
        short_id: info.short_id.clone(),
        head: number(row, at)?,
        access_generation: number(row, at + 1)?,
        safe_upto: number(row, at + 2)?,
        quarantined: number(row, at + 3)?,
        marks: small(row, at + 4)?,
        chains,
        digests,
        head_mark,
        reviews,
    })
}

/// A part whose columns, without the circle, begin at `at`.
pub(super) fn part(info: &CircleInfo, row: &Row, at: usize) -> Result<PartRow, StoreError> {
    let (id, label) = (record(row, at)?, number(row, at + 1)?);
    let (state, history) = info.open_part(id, label, row.try_get(at + 8)?)?;
    Ok(PartRow {
        record: id,
        label,
        class: small(row, at + 2)?,
        type_number: half(row, at + 3)?,
        seq: half(row, at + 4)?.into(),
        first_seq: half(row, at + 5)?.into(),
        time_ms: number(row, at + 6)?,
        parent: parent(row, at + 7)?,
        state,
        history,
    })
}

/// A log row whose columns, without the circle, begin at `at`.
pub(super) fn log(info: &CircleInfo, row: &Row, at: usize) -> Result<LogRow, StoreError> {
    let replica = Replica { epoch: half(row, at)?, n: half(row, at + 1)? };
    let dot = Dot { replica, counter: half(row, at + 2)?.into() };
    let body = info.open_log(dot, row.try_get(at + 5)?)?;
    Ok(LogRow {
        seq: half(row, at + 3)?.into(),
        dot,
        mac: array(row, at + 4)?,
        clock: body.clock,
        author: body.author,
        device: body.device,
        received_ms: body.received_ms,
        verdict: body.verdict,
        content: body.content,
    })
}

pub(super) fn quarantine(info: &CircleInfo, row: &Row) -> Result<QuarantineRow, StoreError> {
    let id = number(row, 0)?;
    let (author, reason, content) = info.open_quarantine(id, row.try_get(5)?)?;
    Ok(QuarantineRow { id, dot: dot(row, 1)?, author, received_ms: number(row, 4)?, reason, content })
}

pub(super) fn erasure(circle: u64, row: &Row) -> Result<ErasureRow, StoreError> {
    let confirmed: Option<i64> = row.try_get(5)?;
    Ok(ErasureRow {
        circle,
        device: number(row, 0)?,
        seq: number(row, 1)?,
        account: number(row, 2)?,
        cells: u32::try_from(number(row, 3)?).unwrap_or(u32::MAX),
        asked_ms: number(row, 4)?,
        confirmed_ms: confirmed.map(i64::cast_unsigned),
    })
}

pub(super) fn tombstone(row: &Row) -> Result<TombstoneRow, StoreError> {
    let redacted = row.try_get::<Option<i64>, _>(4)?.is_some();
    Ok(TombstoneRow {
        seq: number(row, 0)?,
        record: record(row, 1)?,
        dot: if redacted { Some(dot(row, 2)?) } else { None },
    })
}

pub(super) fn audit(row: &Row) -> Result<crate::store::AuditEntry, StoreError> {
    Ok(crate::store::AuditEntry {
        no: number(row, 0)?,
        at_ms: number(row, 1)?,
        account: number(row, 2)?,
        device: number(row, 3)?,
        action: row.try_get(4)?,
        record: row.try_get::<Option<Uuid>, _>(5)?.map(|id| RecordId(id.into_bytes())),
        categories: narrow(row, 6)?,
        from_seq: number(row, 7)?,
        to_seq: number(row, 8)?,
        count: narrow(row, 9)?,
        outcome: row.try_get(10)?,
        request: number(row, 11)?,
    })
}

pub(super) fn epoch(row: &Row, at: usize) -> Result<u32, StoreError> {
    half(row, at)
}

pub(super) fn owner(row: &Row) -> Result<(Replica, OwnerRow), StoreError> {
    let replica = Replica { epoch: half(row, 0)?, n: half(row, 1)? };
    let owner =
        OwnerRow { account: number(row, 2)?, device: number(row, 3)?, lane: small(row, 4)?, retired: row.try_get(5)? };
    Ok((replica, owner))
}
