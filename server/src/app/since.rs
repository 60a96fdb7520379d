//! What arrived in a circle after a sequence, the newest first, as far as a reader sees it: by arrival, so that a late entry about
//! last week is new.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{circle as pb, summary, table::table};
use osteon_sync_core::{Dot, RecordId};

use super::{
    App,
    notes::categories,
    records::Session,
    summaries::changed::{self, Times},
    views,
};
use crate::{
    error::Error,
    limits,
    store::{AccountNo, ListQuery, PartRow},
};

/// Types that people write or that tell of what they wrote; not what the server makes of other records, and no marks.
pub(super) fn is_told(number: u32) -> bool {
    let is_entry =
        |name: &str| !name.starts_with("V-") && !matches!(name, "SeenMark" | "Thread.seen" | "Alert.redacted_face");
    table().get(number).is_some_and(|known| is_entry(&known.name))
}

/// What arrived.
#[derive(Default)]
pub(super) struct Arrived {
    /// Parts that changed after the sequence, the newest first, of records that the reader may be told of.
    parts: Vec<PartRow>,
    /// Who made the last change of each.
    authors: BTreeMap<Dot, AccountNo>,
    /// There may be older ones.
    pub(super) is_cut: bool,
}

/// Looks through the newest records, as many as [`limits::UNSEEN_RECORDS`].
pub(super) async fn arrived(session: &mut Session, after: u64) -> Result<Arrived, Error> {
    let (mut found, mut before) = (Arrived::default(), None);
    let limit = limits::PAGE_PARTS.u32();
    loop {
        let query = ListQuery::by_arrival(0, before, limit);
        let rows = session.rows()?.list(query).await?;
        let full = rows.len() >= limit as usize;
        before = rows.last().map(|row| (row.seq, row.record));
        let is_over = rows.last().is_none_or(|row| row.seq <= after);
        let new = rows.into_iter().filter(|row| row.seq > after && is_told(row.type_number));
        found.parts.extend(new.filter(|row| views::readable(&session.scope, row.label)));
        if is_over || !full {
            break;
        }
        if found.parts.len() > limits::UNSEEN_RECORDS.usize() {
            found.is_cut = true;
            break;
        }
    }
    let mut last: Vec<Dot> = found.parts.iter().filter_map(|row| row.history.last()).copied().collect();
    last.sort_unstable();
    last.dedup();
    for some in last.chunks(limits::PAGE_PARTS.usize()) {
        let rows = session.rows()?.log_of(some).await?;
        found.authors.extend(rows.into_iter().map(|row| (row.dot, row.author.account)));
    }
    Ok(found)
}

impl Arrived {
    fn by_others(&self, reader: AccountNo) -> impl Iterator<Item = &PartRow> {
        let author = |row: &PartRow| row.history.last().and_then(|dot| self.authors.get(dot)).copied();
        self.parts.iter().filter(move |row| author(row) != Some(reader))
    }

    /// How many records somebody else wrote last, and the categories of them.
    pub(super) fn unseen(&self, reader: AccountNo) -> (u32, u32) {
        let records: BTreeSet<RecordId> = self.by_others(reader).map(|row| row.record).collect();
        let touched = self.by_others(reader).fold(0, |bits, row| bits | categories(row.label));
        let most = limits::UNSEEN_RECORDS.u32();
        (if self.is_cut { most } else { u32::try_from(records.len()).unwrap_or(most).min(most) }, touched)
    }

    /// Those of them that are no plans, by type.
    pub(super) fn entries(&self, reader: AccountNo) -> Vec<pb::NewEntries> {
        let plans: BTreeSet<u32> = changed::types().map(|known| known.number).collect();
        let mut by_type: BTreeMap<u32, BTreeSet<RecordId>> = BTreeMap::new();
        for row in self.by_others(reader).filter(|row| !plans.contains(&row.type_number)) {
            by_type.entry(row.type_number).or_default().insert(row.record);
        }
        let count = |records: BTreeSet<RecordId>| u32::try_from(records.len()).unwrap_or(u32::MAX);
        by_type.into_iter().map(|(number, records)| pb::NewEntries { r#type: number, count: count(records) }).collect()
    }

    /// Records of plans, each with what stood at the sequence and what stands now, and how many more there may be.
    pub(super) async fn plans(
        &self,
        app: &App,
        session: &mut Session,
        after: u64,
    ) -> Result<(Vec<summary::ChangedRecord>, u32, u32), Error> {
        let plans: BTreeSet<u32> = changed::types().map(|known| known.number).collect();
        let mut ids: Vec<RecordId> = Vec::new();
        for row in self.parts.iter().filter(|row| plans.contains(&row.type_number)) {
            if !ids.contains(&row.record) {
                ids.push(row.record);
            }
        }
        let more = ids.len().saturating_sub(limits::DIGEST_ITEMS.usize());
        ids.truncate(limits::DIGEST_ITEMS.usize());
        let by_record = session.parts(&ids, true).await?;
        let reader = session.reader(app);
        let parts = ids.iter().filter_map(|id| by_record.get(id));
        let changes = parts.filter_map(|parts| changed::of_record(&reader, parts, Times::after(after))).collect();
        let touched = by_record.values().flatten().fold(0, |bits, one| bits | categories(one.row.label));
        let more = u32::try_from(more).unwrap_or(u32::MAX).saturating_add(u32::from(self.is_cut));
        Ok((changes, more, touched))
    }
}
