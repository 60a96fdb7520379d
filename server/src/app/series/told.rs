//! Series as messages.

use osteon_care_core::{
    facts::{Instant, Live},
    series::{self, Contact, Lane, Point, Reading, Reducer, Said, Span},
};
use osteon_proto::{care, timeline as pb};

use super::{Asked, Heard, Known, Window};

pub(super) fn head(asked: &Asked, window: &Window) -> pb::SeriesHead {
    let lane = |(lane, sharing): (&Lane, &pb::SeriesSharing)| {
        let (unit, scale) = lane.unit();
        pb::SeriesLaneHead {
            lane: kind(*lane).into(),
            analyte: if let Lane::Lab(analyte) = lane { analyte.code().to_owned() } else { String::new() },
            unit: unit.to_owned(),
            scale,
            reducer: reducer(lane.reducer()).into(),
            sharing: (*sharing).into(),
        }
    };
    let lanes = asked.lanes.iter().zip(&window.sharing).map(lane).collect();
    let first = window.phone.as_ref().and_then(|phone| phone.spans.iter().map(|span| span.0).min());
    let phone_known_since = first.and_then(|at| moment(&at).at);
    pb::SeriesHead { from: asked.from.to_string(), to: asked.to.to_string(), lanes, phone_known_since }
}

pub(super) fn days(window: &Window, asked: &Asked, span: Span) -> pb::SeriesDays {
    let mut lanes = Vec::new();
    for drawn in window.series.lanes_between(span) {
        let Some(lane) = asked.place(drawn.lane) else { continue };
        let points: Vec<pb::SeriesPoint> =
            drawn.points.iter().map(|one| point(&window.known, drawn.lane, one)).collect();
        if !points.is_empty() || drawn.mistakes > 0 {
            lanes.push(pb::SeriesLaneDays { lane, points, mistakes: drawn.mistakes });
        }
    }
    let entries = window.series.coverage_between(span).into_iter().map(days_from_to).collect();
    let with_entries = series::spans(window.entry_days.range(span.0..=span.1).copied());
    let (from, to) = (span.0.to_string(), span.1.to_string());
    let phone = window.phone.as_ref().map(|phone| contacts(phone, span)).unwrap_or_default();
    let days_with_entries = with_entries.into_iter().map(days_from_to).collect();
    pb::SeriesDays { from, to, lanes, entries, phone, days_with_entries }
}

fn days_from_to((from, to): Span) -> pb::SeriesSpan {
    pb::SeriesSpan { from: from.to_string(), to: to.to_string() }
}

fn contacts(phone: &Heard, span: Span) -> Vec<pb::SeriesContact> {
    let told = |((from, to), contact): (Span, Contact)| {
        let contact = match contact {
            Contact::Heard => pb::PhoneContact::Heard,
            Contact::NotHeard => pb::PhoneContact::NotHeard,
            Contact::CannotTell => pb::PhoneContact::CannotTell,
        };
        pb::SeriesContact { from: from.to_string(), to: to.to_string(), contact: contact.into() }
    };
    series::contacts(span, &phone.spans, phone.now).into_iter().map(told).collect()
}

pub(in crate::app) fn point(known: &Known, lane: Lane, point: &Point) -> pb::SeriesPoint {
    pb::SeriesPoint {
        day: point.day.to_string(),
        worst: point.worst,
        count: point.count,
        disputed: point.disputed,
        incomplete: point.incomplete,
        entries: point.readings.iter().map(|one| entry(known, lane, one)).collect(),
        entries_left_out: point.left_out,
    }
}

fn entry(known: &Known, lane: Lane, reading: &Reading) -> pb::SeriesEntry {
    let record = reading.record.0;
    // A date of a plan has no time of day.
    let dated = matches!(lane, Lane::DoseDue | Lane::Treatment);
    let limits = |live: &Live<i64>| live.known().copied().collect();
    pb::SeriesEntry {
        record_id: uuid::Uuid::from_bytes(record.0).to_string(),
        versions: reading.versions.iter().map(value).collect(),
        happened: reading.at.iter().filter(|_| !dated).map(moment).collect(),
        happened_disputed: reading.at_disputed,
        certainty: reading.certainty.unwrap_or_default().into(),
        source: reading.source.unwrap_or_default().into(),
        arrived: known.get(&record).map_or(0, |(arrived, _)| *arrived),
        reference_low: limits(&reading.low),
        reference_high: limits(&reading.high),
        mistake: reading.mistake,
    }
}

fn value(said: &Said) -> pb::SeriesValue {
    let entered = said.entered.as_ref();
    pb::SeriesValue {
        value: said.value,
        entered: entered.map(|(number, ..)| *number),
        entered_unit: entered.map(|(.., unit)| unit.clone()).unwrap_or_default(),
        entered_scale: entered.map_or(0, |(_, scale, _)| *scale),
    }
}

pub(in crate::app) fn moment(at: &Instant) -> care::Moment {
    let nanos = i32::try_from(at.ms.rem_euclid(1_000) * 1_000_000).unwrap_or(0);
    let stamp = prost_types::Timestamp { seconds: at.ms.div_euclid(1_000), nanos };
    care::Moment { at: Some(stamp), utc_offset_min: Some(at.offset_min), zone: None }
}

pub(in crate::app) fn kind(lane: Lane) -> pb::SeriesLane {
    match lane {
        Lane::Pain => pb::SeriesLane::Pain,
        Lane::Weight => pb::SeriesLane::Weight,
        Lane::Protein => pb::SeriesLane::Protein,
        Lane::Calcium => pb::SeriesLane::Calcium,
        Lane::Fluid => pb::SeriesLane::Fluid,
        Lane::Activity => pb::SeriesLane::Activity,
        Lane::Falls => pb::SeriesLane::Falls,
        Lane::NearFalls => pb::SeriesLane::NearFalls,
        Lane::Gait => pb::SeriesLane::Gait,
        Lane::ChairStands => pb::SeriesLane::ChairStands,
        Lane::Lab(_) => pb::SeriesLane::Laboratory,
        Lane::DoseGiven => pb::SeriesLane::DoseGiven,
        Lane::DoseDue => pb::SeriesLane::DoseDue,
        Lane::Treatment => pb::SeriesLane::Treatment,
    }
}

fn reducer(reducer: Reducer) -> pb::SeriesReducer {
    match reducer {
        Reducer::Highest => pb::SeriesReducer::Highest,
        Reducer::Lowest => pb::SeriesReducer::Lowest,
        Reducer::LowestTotal => pb::SeriesReducer::LowestTotal,
        Reducer::HighestTotal => pb::SeriesReducer::HighestTotal,
    }
}
