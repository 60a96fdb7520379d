//! What changed of the plans: by arrival, so that a late one about last week is new.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::digest::changes::{Write, changed};
use osteon_proto::{
    record, summary as pb,
    table::{RecordType, table},
    wire,
};
use osteon_sync_core::{Dot, Field, FieldRef, RecordId};

use super::{Records, told};
use crate::{
    app::{
        App,
        enrol::timestamp,
        explain::history,
        look::{self, Looked},
        records::Session,
        views::{self, Reader},
    },
    error::Error,
    limits,
    store::LogRow,
};

/// Names of what is written under a plan day by day: it is told as doses and as what was done.
const EVENTS: [&str; 5] =
    ["P-BONE.administration", "P-BONE.oral_dose", "P-MON.result", "P-EDU.read", "P-EDU.teach_back"];
/// Dots that are asked for at once.
const AT_ONCE: usize = 500;

/// Which changes are told: those that were received in a time, or that were committed after a sequence.
#[derive(Clone, Copy)]
pub(in crate::app) enum Times {
    /// From the first instant up to, and without, the second, in milliseconds since 1970.
    Received(u64, u64),
    After(u64),
}

impl Times {
    pub(in crate::app) fn after(seq: u64) -> Self {
        Self::After(seq)
    }

    /// From, and up to and without.
    fn bounds(self) -> (u64, u64) {
        match self {
            Self::Received(from, to) => (from, to),
            Self::After(seq) => (seq.saturating_add(1), u64::MAX),
        }
    }

    /// What of a change is compared with the bounds.
    fn of(self, row: &LogRow) -> u64 {
        match self {
            Self::Received(..) => row.received_ms,
            Self::After(_) => row.seq,
        }
    }

    fn has(self, row: &LogRow) -> bool {
        let (from, to) = self.bounds();
        (from..to).contains(&self.of(row))
    }
}

/// Plans and what belongs to them, but for who is in the circle and the person.
pub(in crate::app) fn types() -> impl Iterator<Item = &'static RecordType> {
    let is_plan = |known: &&RecordType| {
        known.name.starts_with("P-")
            && !known.name.starts_with("P-CIRCLE")
            && known.name != "P-ID"
            && !EVENTS.contains(&known.name.as_str())
    };
    table().types().iter().filter(is_plan)
}

/// Records of plans that something of arrived in a time, the newest first, and how many more there may be.
pub(super) async fn changes(
    app: &App,
    session: &mut Session,
    read: &Records,
    (from_ms, to_ms): (u64, u64),
) -> Result<(Vec<pb::ChangedRecord>, u32), Error> {
    let times = Times::Received(from_ms, to_ms);
    let plans: BTreeSet<u32> = types().map(|known| known.number).collect();
    let of_plans = || read.all.iter().filter(|(known, _)| plans.contains(&known.number)).map(|(_, parts)| parts);
    // The last change of each part says whether there is anything to look at.
    let mut last: Vec<Dot> = of_plans().flatten().filter_map(|one| one.row.history.last()).copied().collect();
    last.sort_unstable();
    last.dedup();
    let mut received: BTreeMap<Dot, u64> = BTreeMap::new();
    for some in last.chunks(AT_ONCE) {
        received.extend(session.rows()?.log_of(some).await?.into_iter().map(|row| (row.dot, row.received_ms)));
    }
    let newest = |parts: &&Vec<Looked>| {
        let last = parts.iter().filter_map(|one| received.get(one.row.history.last()?)).max().copied();
        last.filter(|last| *last >= from_ms)
    };
    let mut found: Vec<(u64, &Vec<Looked>)> = of_plans().filter_map(|parts| Some((newest(&parts)?, parts))).collect();
    let id = |parts: &[Looked]| parts.first().map(|one| one.row.record);
    found.sort_by_key(|(last, parts)| (std::cmp::Reverse(*last), id(parts)));
    let items = limits::DIGEST_ITEMS.usize();
    let (mut changes, mut looked_at) = (Vec::new(), 0);
    for some in found.chunks(items) {
        if changes.len() >= items {
            break;
        }
        looked_at += some.len();
        let rows = some.iter().flat_map(|(_, parts)| parts.iter().map(|one| one.row.clone())).collect();
        let mut by_record: BTreeMap<RecordId, Vec<Looked>> = BTreeMap::new();
        for one in look::look(session.rows()?, rows, true).await? {
            by_record.entry(one.row.record).or_default().push(one);
        }
        let reader = session.reader(app);
        let parts = some.iter().filter_map(|(_, parts)| by_record.remove(&id(parts)?));
        changes.extend(parts.filter_map(|parts| of_record(&reader, &parts, times)));
    }
    let (changes, more) = told::at_most(changes, items);
    Ok((changes, more.saturating_add(told::count(found.len() - looked_at))))
}

/// None: nothing of it arrived in the time.
pub(in crate::app) fn of_record(reader: &Reader<'_>, parts: &[Looked], times: Times) -> Option<pb::ChangedRecord> {
    let first = parts.iter().min_by_key(|one| one.row.first_seq)?;
    let in_time = parts.iter().flat_map(|one| one.log.values()).filter(|written| times.has(&written.row));
    let last = in_time.map(|written| written.row.received_ms).max()?;
    let came_in_time = |dot: &Dot| first.log.get(dot).is_some_and(|written| times.has(&written.row));
    let mut fields = Vec::new();
    for one in parts {
        fields.extend(of_part(reader, one, times));
    }
    fields.sort_by_key(|field: &pb::ChangedField| {
        field.now.as_ref().map(|now| (now.field, now.element.clone())).unwrap_or_default()
    });
    let state = views::lifecycle(parts);
    let (fields, more_fields) = told::at_most(fields, limits::DIGEST_FIELDS.usize());
    Some(pb::ChangedRecord {
        record_id: uuid::Uuid::from_bytes(first.row.record.0).to_string(),
        r#type: first.row.type_number,
        is_new: first.row.history.first().is_some_and(came_in_time),
        lifecycle: wire::change::lifecycle_of(state.state).into(),
        lifecycle_review: state.review,
        fields,
        more_fields,
        received: Some(timestamp(last)),
        history_cut: parts.iter().any(|one| one.cut),
    })
}

fn of_part(reader: &Reader<'_>, one: &Looked, times: Times) -> Vec<pb::ChangedField> {
    let written = one.log.values().filter(|written| times.has(&written.row));
    let fields: BTreeSet<(u32, &[u8])> = written
        .flat_map(|written| &written.writes)
        .map(|write| (write.field.number, &*write.field.element))
        .filter(|(number, _)| *number != Field::LIFECYCLE)
        .collect();
    let told = |(number, element): (u32, &[u8])| {
        let info = one.known?.field(number)?;
        let field = FieldRef { number, element };
        let writes: Vec<Write<'_>> = one
            .log
            .values()
            .filter_map(|written| {
                let write = written.writes.iter().find(|write| write.field.as_ref() == field)?;
                let (dot, received) = (written.row.dot, times.of(&written.row));
                Some(Write { dot, received, replaces: &write.replaces })
            })
            .collect();
        let changed = changed(&writes, times.bounds())?;
        let view = one.view(field);
        let stood = |version: &record::VersionView| {
            let is = |dot: &Dot| version.dot.as_ref() == Some(&wire::to_dot(*dot));
            changed.before.iter().any(is)
        };
        let before = history(one, field, &view).into_iter().filter(stood).collect();
        let now = record::FieldView { shown: Default::default(), ..reader.field(one, field, &view, info) };
        Some(pb::ChangedField { before, now: Some(now), writes: told::count(changed.writes.len()) })
    };
    fields.into_iter().filter_map(told).collect()
}
