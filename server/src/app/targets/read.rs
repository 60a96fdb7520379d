//! The records that targets are made from, through the reader's scope: plans and profiles whole, of weights and results the
//! newest.

use std::collections::BTreeMap;

use osteon_care_core::{
    Day,
    facts::{DAY_MS, gather::Merged},
    targets::{InForce, Limits, Person, PlanRecord},
};
use osteon_proto::table::table;
use osteon_sync_core::lifecycle::State;

use crate::{
    app::{
        clock::{may_see, merged},
        look::Looked,
        notes::categories,
        records::Session,
        series::reading::Reading,
        views,
    },
    error::Error,
    limits,
};

const WEIGHT: u32 = 108;
const RESULT: u32 = 120;
/// How far back a weight is looked for, step by step: most people were weighed within a month.
const WEIGHT_DAYS: [i32; 3] = [31, 366, i32::MAX];
/// No clock is further from UTC, and none of an entry.
const SLACK_D: i32 = 2;

/// Records that stand, each of the parts that the reader sees.
#[derive(Default)]
pub(super) struct Found {
    records: Vec<Vec<Looked>>,
    rows: usize,
}

impl Found {
    pub(super) async fn read(session: &mut Session, on: Day, limits: &Limits) -> Result<Self, Error> {
        let mut found = Self::default();
        let mut types: Vec<u32> = Person::types().into_iter().chain(PlanRecord::types()).collect();
        types.sort_unstable();
        types.dedup();
        for number in types.into_iter().filter(|number| !matches!(*number, WEIGHT | RESULT)) {
            let all = found.of_type(session, number, (0, i64::MAX as u64)).await?;
            found.records.extend(all);
        }
        let days = i32::try_from(limits.calcium_max_age_d).unwrap_or(i32::MAX);
        let results = found.of_type(session, RESULT, window(on, days)).await?;
        found.records.extend(results);
        for days in WEIGHT_DAYS {
            let weights = found.of_type(session, WEIGHT, window(on, days)).await?;
            let merged: Vec<Merged<'_>> = weights.iter().flatten().map(merged).collect();
            let known = Person::of(&merged, on, 0, limits).weight.is_some();
            if known || days == i32::MAX {
                found.records.extend(weights);
                break;
            }
        }
        Ok(found)
    }

    /// Nobody scans what they may not see.
    async fn of_type(
        &mut self,
        session: &mut Session,
        number: u32,
        times: (u64, u64),
    ) -> Result<Vec<Vec<Looked>>, Error> {
        let Some(known) = table().get(number).filter(|known| may_see(session, known)) else { return Ok(Vec::new()) };
        let mut reading = Reading { limit: &limits::TARGET_RECORDS, path: "circle", read: self.rows };
        let mut all = Vec::new();
        reading.of_type(session, known, times, &mut |parts| all.push(parts)).await?;
        self.rows = reading.read;
        let stands = |parts: &Vec<Looked>| {
            let same = parts.first().is_some_and(|first| first.row.type_number == number);
            same && views::lifecycle(parts).state == State::Active
        };
        all.retain(stands);
        Ok(all)
    }

    pub(super) fn merged(&self) -> Vec<Merged<'_>> {
        self.records.iter().flatten().map(merged).collect()
    }

    /// The records, with what is in force of each field.
    pub(super) fn plans(&self) -> Vec<PlanRecord<'_>> {
        let types = PlanRecord::types();
        let plan = |parts: &'_ Vec<Looked>| -> Option<(osteon_sync_core::RecordId, u32)> {
            let row = &parts.first().filter(|first| types.contains(&first.row.type_number))?.row;
            Some((row.record, row.type_number))
        };
        let read = |parts| {
            let (record, type_number) = plan(parts)?;
            Some(PlanRecord { record, type_number, fields: in_force(parts) })
        };
        self.records.iter().filter_map(read).collect()
    }

    pub(super) fn categories(&self) -> u32 {
        self.records.iter().flatten().fold(0, |bits, one| bits | categories(one.row.label))
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

fn in_force(parts: &[Looked]) -> BTreeMap<u32, InForce<'_>> {
    let mut fields = BTreeMap::new();
    for (field, view) in parts.iter().flat_map(Looked::fields).filter(|(field, _)| field.element.is_empty()) {
        let live = view.versions.iter().map(|version| version.value).collect();
        fields.insert(field.number, InForce { live, value: view.value() });
    }
    fields
}

/// So many days up to a day, in milliseconds since 1970, whatever the clocks of those who wrote.
fn window(on: Day, days: i32) -> (u64, u64) {
    let ms = |day: Day| u64::try_from(i64::from(day.0).saturating_mul(DAY_MS)).unwrap_or(0);
    let from = on.0.saturating_sub(days).saturating_sub(SLACK_D);
    (ms(Day(from)), ms(on.plus(SLACK_D)))
}
