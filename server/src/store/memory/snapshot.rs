//! A snapshot of the memory store: the circle as it was, shared until somebody writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use osteon_sync_core::{
    Dot, RecordId,
    ledger::{Ask, Range},
};

use super::Circle;
use crate::{
    proof::Proof,
    seal::CircleKeys,
    store::{
        AccessRow, CircleNo, CircleRow, ListQuery, LogRow, PartRow, QuarantineRow, Rows, Snapshot, StoreError,
        TombstoneRow, filling::Filling, proven,
    },
};

pub(super) struct MemorySnapshot {
    all: BTreeMap<CircleNo, Arc<Circle>>,
    circle: Arc<Circle>,
}

impl MemorySnapshot {
    pub(super) fn open(all: BTreeMap<CircleNo, Arc<Circle>>, circle: CircleNo) -> Result<Self, StoreError> {
        let circle = all.get(&circle).cloned().ok_or(StoreError::NotFound)?;
        Ok(Self { all, circle })
    }

    fn parts(&self, wanted: impl Fn(&PartRow) -> bool) -> Vec<PartRow> {
        self.circle.parts.values().filter(|part| wanted(part)).cloned().collect()
    }

    fn of(&self, records: &BTreeSet<RecordId>) -> Vec<PartRow> {
        self.parts(|part| records.contains(&part.record))
    }
}

/// Cuts a sorted list after `limit` rows and the rest of the last key.
fn cut<K: PartialEq>(parts: &mut Vec<PartRow>, limit: u32, key: impl Fn(&PartRow) -> K) {
    let limit = limit as usize;
    let Some(last) = limit.checked_sub(1) else { return parts.clear() };
    if let Some(end) = parts.get(last).map(&key) {
        let rest = parts[limit..].iter().take_while(|part| key(part) == end).count();
        parts.truncate(limit + rest);
    }
}

#[async_trait]
impl Snapshot for MemorySnapshot {
    fn circle(&self) -> &Arc<CircleRow> {
        &self.circle.row
    }

    async fn turn_to(&mut self, circle: CircleNo) -> Result<(), StoreError> {
        self.circle = self.all.get(&circle).cloned().ok_or(StoreError::NotFound)?;
        Ok(())
    }

    fn keys(&self) -> &CircleKeys {
        &self.circle.info.keys
    }

    async fn access(&mut self) -> Result<AccessRow, StoreError> {
        Ok(AccessRow::clone(&self.circle.access))
    }

    fn rows(&mut self, proof: Proof) -> Result<&mut dyn Rows, StoreError> {
        proven(proof, &self.circle.row)?;
        Ok(self)
    }
}

#[async_trait]
impl Rows for MemorySnapshot {
    async fn parts_in(&mut self, ask: Ask) -> Result<(Vec<PartRow>, bool), StoreError> {
        let mut filling = Filling::new(ask.room);
        match ask.range {
            Range::After { after } => {
                let mut parts = self.parts(|part| part.seq > after);
                parts.sort_by_key(|part| (part.seq, part.record, part.label));
                let _ = parts.into_iter().all(|part| filling.put(part.seq, part));
            }
            Range::Before { class, before, upto } => {
                let mut parts = self.parts(|part| part.class == class && part.first_seq < before && part.seq <= upto);
                parts.sort_by_key(|part| std::cmp::Reverse((part.first_seq, part.record, part.label)));
                let _ = parts.into_iter().all(|part| filling.put(part.first_seq, part));
            }
        }
        Ok(filling.done())
    }

    async fn count_before(&mut self, class: u8, before: u64, upto: u64) -> Result<u64, StoreError> {
        let wanted = |part: &&PartRow| part.class == class && part.first_seq < before && part.seq <= upto;
        Ok(self.circle.parts.values().filter(wanted).count() as u64)
    }

    async fn parts_of(&mut self, records: &[RecordId]) -> Result<Vec<PartRow>, StoreError> {
        Ok(self.of(&records.iter().copied().collect()))
    }

    async fn children_of(&mut self, parents: &[RecordId]) -> Result<Vec<PartRow>, StoreError> {
        let children =
            self.circle.parts.values().filter(|part| part.parent.is_some_and(|parent| parents.contains(&parent)));
        let children = children.map(|part| part.record).collect();
        Ok(self.of(&children))
    }

    async fn list(&mut self, query: ListQuery) -> Result<Vec<PartRow>, StoreError> {
        let key = |part: &PartRow| (if query.by_time { part.time_ms } else { part.seq }, part.record);
        let mut parts = self.parts(|part| {
            (query.type_number == 0 || part.type_number == query.type_number)
                && query.before.is_none_or(|before| key(part) < before)
                && (query.from_ms..=query.to_ms).contains(&part.time_ms)
        });
        parts.sort_by_key(|part| std::cmp::Reverse((key(part), part.label)));
        cut(&mut parts, query.limit, key);
        Ok(parts)
    }

    async fn log_of(&mut self, dots: &[Dot]) -> Result<Vec<LogRow>, StoreError> {
        let dots: BTreeSet<Dot> = dots.iter().copied().collect();
        Ok(dots.iter().filter_map(|dot| self.circle.log.get(dot)).cloned().collect())
    }

    async fn log_after(&mut self, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let mut log: Vec<_> = self.circle.log.values().filter(|row| row.seq > after).cloned().collect();
        log.sort_by_key(|row| row.seq);
        log.truncate(limit as usize);
        Ok(log)
    }

    async fn tombstones_after(&mut self, after: u64) -> Result<Vec<TombstoneRow>, StoreError> {
        let mut rows: Vec<_> = self.circle.tombstones.iter().filter(|row| row.seq > after).cloned().collect();
        rows.sort_by_key(|row| row.seq);
        Ok(rows)
    }

    async fn quarantine(&mut self) -> Result<Vec<QuarantineRow>, StoreError> {
        Ok(self.circle.quarantine.values().cloned().collect())
    }
}
