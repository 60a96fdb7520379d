//! What a call for series asks for, checked.

use std::collections::BTreeSet;

use osteon_care_core::{
    Day,
    facts::{Analyte, from_codes},
    series::{self, Lane},
};
use osteon_proto::{
    reasons::Reason,
    table::{RecordType, table},
    timeline as pb,
};

use crate::{error::Error, limits, limits::Limit, store::CircleNo};

pub(super) struct Asked {
    pub(super) circle: CircleNo,
    pub(super) from: Day,
    pub(super) to: Day,
    /// Sorted, at least one; messages name them by their place.
    pub(super) lanes: Vec<Lane>,
    pub(super) mistakes: bool,
    /// Also the days with any entry of the journal.
    pub(super) entry_days: bool,
}

impl Asked {
    pub(super) fn of(request: &pb::GetSeriesRequest) -> Result<Self, Error> {
        let (from, to) = (day(&request.from, "from")?, day(&request.to, "to")?);
        if to < from {
            return Err(Error::field("to", Reason::ArgumentInvalid));
        }
        let days = usize::try_from(to.since(from)).unwrap_or(usize::MAX).saturating_add(1);
        within(&limits::SERIES_DAYS, days, "to")?;
        within(&limits::SERIES_LANES, request.lanes.len(), "lanes")?;
        within(&limits::SERIES_LANES, request.analytes.len(), "analytes")?;
        let lanes = lanes(request)?.into_iter().collect();
        let (mistakes, entry_days) = (request.include_mistakes, request.days_with_entries);
        Ok(Self { circle: request.circle, from, to, lanes, mistakes, entry_days })
    }

    /// The record types that say something to these lanes, and where they are asked for all of the journal.
    pub(super) fn types(&self) -> impl Iterator<Item = &'static RecordType> {
        let named = |number: u32| series::lanes_of(number).iter().any(|lane| self.lanes.binary_search(lane).is_ok());
        let asked = move |known: &&RecordType| named(known.number) || self.entry_days && series::is_entry(known);
        table().types().iter().filter(asked)
    }

    pub(super) fn place(&self, lane: Lane) -> Option<u32> {
        u32::try_from(self.lanes.binary_search(&lane).ok()?).ok()
    }
}

fn day(text: &str, path: &str) -> Result<Day, Error> {
    Day::parse(text).ok_or_else(|| Error::field(path, Reason::DateInvalid))
}

fn within(limit: &'static Limit, n: usize, path: &str) -> Result<(), Error> {
    limit.check(n).map_err(|error| error.at(path, Reason::LimitExceeded))
}

fn lanes(request: &pb::GetSeriesRequest) -> Result<BTreeSet<Lane>, Error> {
    let mut analytes = Vec::new();
    for (i, code) in request.analytes.iter().enumerate() {
        let known = from_codes::analyte(code);
        analytes.push(known.ok_or_else(|| Error::field(format!("analytes[{i}]"), Reason::ArgumentInvalid))?);
    }
    let analytes = if analytes.is_empty() { Analyte::ALL.to_vec() } else { analytes };
    let mut kinds = Vec::new();
    for (i, number) in request.lanes.iter().enumerate() {
        let known = pb::SeriesLane::try_from(*number).ok().filter(|kind| *kind != pb::SeriesLane::Unspecified);
        kinds.push(known.ok_or_else(|| Error::field(format!("lanes[{i}]"), Reason::ArgumentInvalid))?);
    }
    if kinds.is_empty() {
        kinds.extend((1..).map_while(|number| pb::SeriesLane::try_from(number).ok()));
    }
    Ok(kinds.into_iter().flat_map(|kind| of_kind(kind, &analytes)).collect())
}

fn of_kind(kind: pb::SeriesLane, analytes: &[Analyte]) -> Vec<Lane> {
    vec![match kind {
        pb::SeriesLane::Unspecified => return Vec::new(),
        pb::SeriesLane::Laboratory => return analytes.iter().copied().map(Lane::Lab).collect(),
        pb::SeriesLane::Pain => Lane::Pain,
        pb::SeriesLane::Weight => Lane::Weight,
        pb::SeriesLane::Protein => Lane::Protein,
        pb::SeriesLane::Calcium => Lane::Calcium,
        pb::SeriesLane::Fluid => Lane::Fluid,
        pb::SeriesLane::Activity => Lane::Activity,
        pb::SeriesLane::Falls => Lane::Falls,
        pb::SeriesLane::NearFalls => Lane::NearFalls,
        pb::SeriesLane::Gait => Lane::Gait,
        pb::SeriesLane::ChairStands => Lane::ChairStands,
        pb::SeriesLane::DoseGiven => Lane::DoseGiven,
        pb::SeriesLane::DoseDue => Lane::DoseDue,
        pb::SeriesLane::Treatment => Lane::Treatment,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(from: &str, to: &str) -> pb::GetSeriesRequest {
        pb::GetSeriesRequest { from: from.into(), to: to.into(), ..Default::default() }
    }

    #[test]
    fn nothing_named_is_every_lane() {
        let all = Asked::of(&request("2026-01-01", "2026-01-01")).expect("asked").lanes;
        let named: BTreeSet<Lane> = series::TYPES.iter().flat_map(|number| series::lanes_of(*number)).collect();
        assert_eq!(all, named.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn analytes_choose_among_laboratory_lanes_alone() {
        let lanes = vec![pb::SeriesLane::Laboratory.into(), pb::SeriesLane::Pain.into()];
        let analytes = vec!["29265-6".into(), "calcium_adjusted".into()];
        let asked = pb::GetSeriesRequest { lanes, analytes, ..request("2026-01-01", "2026-02-01") };
        let asked = Asked::of(&asked).expect("asked");
        assert_eq!(asked.lanes, [Lane::Pain, Lane::Lab(Analyte::CalciumAdjusted)]);
        let types = |asked: &Asked| asked.types().map(|known| known.number).collect::<Vec<_>>();
        assert_eq!(types(&asked), [101, 120]);
        let all = types(&Asked { entry_days: true, ..asked });
        assert!(all.contains(&110) && all.contains(&151) && !all.iter().any(|number| (201..=999).contains(number)));
    }
}
