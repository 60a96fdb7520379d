//! One page of a period, out of merged records: worst days, last results, doses, what was done, the person's questions.
//!
//! Records are put in one by one, in any order, each with the parts of it that the reader sees. What was not put in is not
//! there: the page of a reader who sees less is the page of a person who wrote less. A day without an entry is counted as
//! missing, never as zero, and an empty list never says that all is well.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{care, table::RecordType};
use osteon_sync_core::{Part, RecordId};

use super::{
    results::{self, Place, Sample},
    weights::{self, Change, Weighed},
};
use crate::{
    facts::{
        Analyte, Day, Id, Instant, Live, Role,
        gather::{self, Merged},
        record::{Record, instant, known, text},
    },
    series::{Drawn, Lane, Point, Reading, Series, Span},
    tasks::{self, Adherence, Due, Held, Plans},
};

/// The lanes of which the page tells the days of the period.
pub const LANES: [Lane; 4] = [Lane::Pain, Lane::Weight, Lane::Falls, Lane::NearFalls];
/// J22.
pub const VISIT: u32 = 122;
/// Where no visit is known, so many days.
pub const NO_VISIT_DAYS: i32 = 90;

/// Days of one lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Days {
    pub lane: Lane,
    /// Without an entry: not known.
    pub missing: u32,
    pub entries: u32,
    /// The worst day; of equals the newest. None: no day has a value that can be read.
    pub worst: Option<Point>,
    /// Ascending.
    pub points: Vec<Point>,
}

/// The newest result of an analyte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastResult {
    pub analyte: Analyte,
    pub last: Point,
    /// Of every live version. None: cannot tell.
    pub places: BTreeSet<Option<Place>>,
    pub previous: Option<Point>,
    /// From the one before. None: cannot tell.
    pub change: Option<i64>,
}

/// Something that the person wants to ask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Question {
    pub visit: Id,
    pub text: String,
    pub written: Option<Instant>,
    pub by: Option<Role>,
}

/// A visit, as far as it is seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visit {
    pub when: Live<Instant>,
    pub kinds: Live<care::VisitKind>,
    pub questions: BTreeSet<Question>,
}

/// What is done of what is due.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Done {
    pub all: Adherence,
    /// By the word of the tasks' label; of words that nothing is due of, nor was written, none.
    pub by_word: Vec<(&'static str, Adherence)>,
    pub held: Vec<Held>,
    /// A plan gives tasks, or something was written: else nobody can tell.
    pub known: bool,
}

/// Everything that a page is made from, of one reader.
pub struct Page {
    span: Span,
    /// The lanes of the period.
    days: Series,
    /// Results and weights up to its last day, doses that are due whenever.
    long: Series,
    visits: BTreeMap<Id, Visit>,
}

impl Page {
    /// Both days inclusive.
    #[must_use]
    pub fn new(span: Span) -> Self {
        let results = Analyte::ALL.iter().copied().map(Lane::Lab).chain([Lane::Weight, Lane::DoseDue]);
        Self {
            span,
            days: Series::new(span.0, span.1, false).only(LANES.into_iter().chain([Lane::DoseGiven])),
            long: Series::new(Day(i32::MIN), Day(i32::MAX), false).only(results),
            visits: BTreeMap::new(),
        }
    }

    /// Puts a record in that stands, or was marked as a mistake. What was deleted is not put in.
    pub fn put<'a>(
        &mut self,
        known: &RecordType,
        record: RecordId,
        parts: impl IntoIterator<Item = &'a Part>,
        mistake: bool,
    ) {
        let merged =
            Merged { record, type_number: known.number, label: 0, part: None, received: None, in_range: false };
        let record = gather::record(known, merged, parts, 0);
        self.put_record(known.number, &record, mistake);
    }

    pub(super) fn put_record(&mut self, type_number: u32, record: &Record<'_>, mistake: bool) {
        self.days.put(type_number, record, mistake);
        self.long.put(type_number, record, mistake);
        if type_number == VISIT {
            self.visits.remove(&record.id);
            if !mistake {
                self.visits.insert(record.id, visit(record));
            }
        }
    }

    /// The lanes of the period, each whether it has an entry or not.
    pub fn lanes(&self) -> Vec<Days> {
        let mut drawn: BTreeMap<Lane, Drawn> = self.days.lanes().into_iter().map(|one| (one.lane, one)).collect();
        let of = |lane: Lane| days(lane, drawn.remove(&lane).map(|one| one.points).unwrap_or_default(), self.span);
        LANES.into_iter().map(of).collect()
    }

    /// By analyte.
    pub fn results(&self) -> Vec<LastResult> {
        let drawn = self.long.lanes_between((Day(i32::MIN), self.span.1)).into_iter();
        drawn
            .filter_map(|one| if let Lane::Lab(analyte) = one.lane { last(analyte, one.points) } else { None })
            .collect()
    }

    /// Over so many weeks up to the last day of the period.
    pub fn weight_change(&self, weeks: i32) -> Option<Change> {
        let until = self.span.1;
        let readings = self.long.of_lane(Lane::Weight);
        let weighed = readings.flat_map(|one| {
            one.at.iter().filter(move |at| at.day() <= until).flat_map(|at| {
                let values = one.versions.iter().filter_map(|version| version.value);
                values.map(|hundredths| Weighed { at: *at, hundredths })
            })
        });
        let weighed: Vec<Weighed> = weighed.collect();
        weights::change(&weighed, weeks)
    }

    /// Days on which doses were given in the period; days on which the plans have the next one, whenever.
    pub fn doses(&self) -> (Vec<Point>, Vec<Point>) {
        let of = |series: &Series, lane: Lane| {
            let drawn = series.lanes().into_iter().find(|one| one.lane == lane);
            drawn.map(|one| one.points).unwrap_or_default()
        };
        (of(&self.days, Lane::DoseGiven), of(&self.long, Lane::DoseDue))
    }

    /// Of visits in the period, later ones, and those whose time is not seen: by time of the visit, then as written.
    pub fn questions(&self) -> Vec<(&Visit, &Question)> {
        let coming = |visit: &&Visit| {
            visit.when.known().next().is_none() || visit.when.known().any(|at| at.day() >= self.span.0)
        };
        let mut all: Vec<(&Visit, &Question)> = self
            .visits
            .values()
            .filter(coming)
            .flat_map(|visit| visit.questions.iter().map(move |question| (visit, question)))
            .collect();
        all.sort_by_key(|(visit, question)| (visit.when.known().min().copied(), question.written, *question));
        all
    }

    /// The day of the last visit before a day; of several versions of its time the earliest, so that a period from it is
    /// rather too long. One whose kind is not known for sure is none.
    pub fn last_visit(&self, before: Day) -> Option<Day> {
        use care::VisitKind as Kind;
        let seen = |kind: &Kind| matches!(kind, Kind::Clinic | Kind::Home | Kind::Telephone | Kind::Video);
        let is_visit = |visit: &&Visit| {
            visit.kinds.known().next().is_some() && !visit.kinds.has_unknown() && visit.kinds.known().all(seen)
        };
        let day = |visit: &Visit| visit.when.known().map(|at| at.day()).min();
        self.visits.values().filter(is_visit).filter_map(day).filter(|day| *day < before).max()
    }
}

/// What was done of what was due in a span. `today` counts once something of it is written.
pub fn done(plans: &Plans, span: Span, today: Day) -> Done {
    let Due { tasks, held } = tasks::due_between(plans, span.0, span.1);
    let of = |word: Option<&str>| tasks::adherence(plans, &tasks, span, today, word);
    let words: BTreeSet<&'static str> = tasks::Kind::ALL.iter().map(|kind| kind.word()).collect();
    let says = |one: &Adherence| one.active + one.inactive + one.not_logged > 0;
    let by_word = words.into_iter().map(|word| (word, of(Some(word)))).filter(|(_, one)| says(one)).collect();
    let all = of(None);
    Done { known: !tasks.is_empty() || says(&all), all, by_word, held }
}

fn visit(record: &Record<'_>) -> Visit {
    type M = care::VisitEntry;
    let question = |version: &crate::facts::record::Version<'_>| {
        let chunk = version.chunk?;
        let texts = <M as prost::Message>::decode(chunk).ok()?.questions.into_iter();
        let one = |text| Question { visit: record.id, text, written: version.written, by: version.by };
        Some(texts.filter_map(|one| text(Some(one))).map(one).collect::<Vec<_>>())
    };
    Visit {
        when: record.live(1, |m: M| instant(m.when)),
        kinds: record.live(5, |m: M| known(m.kind)),
        questions: record.versions(8).iter().filter_map(question).flatten().collect(),
    }
}

fn days(lane: Lane, points: Vec<Point>, (from, to): Span) -> Days {
    let with = i32::try_from(points.len()).unwrap_or(i32::MAX);
    let highest = matches!(lane.reducer(), crate::series::Reducer::Highest | crate::series::Reducer::HighestTotal);
    let readable = points.iter().filter_map(|point| Some((point.worst?, point.day, point)));
    let worst = readable.max_by_key(|(worst, day, _)| (if highest { *worst } else { worst.saturating_neg() }, *day));
    Days {
        lane,
        missing: (to.since(from).saturating_add(1) - with).max(0).unsigned_abs(),
        entries: points.iter().map(|point| point.count).sum(),
        worst: worst.map(|(.., point)| point.clone()),
        points,
    }
}

fn last(analyte: Analyte, mut points: Vec<Point>) -> Option<LastResult> {
    let last = points.pop()?;
    let previous = points.pop();
    let sure = |point: &Point| point.worst.filter(|_| !point.disputed && !point.incomplete);
    let change = previous.as_ref().and_then(|previous| sure(&last)?.checked_sub(sure(previous)?));
    let places = last.readings.iter().flat_map(|reading| places(analyte, reading)).collect();
    Some(LastResult { analyte, last, places, previous, change })
}

/// Every version of the value against every version of the limits.
fn places(analyte: Analyte, reading: &Reading) -> BTreeSet<Option<Place>> {
    let all = |live: &Live<i64>| {
        let mut found: Vec<Option<i64>> = live.known().copied().map(Some).collect();
        if found.is_empty() || live.has_unknown() {
            found.push(None);
        }
        found
    };
    let (lows, highs) = (all(&reading.low), all(&reading.high));
    let mut found = BTreeSet::new();
    for version in &reading.versions {
        let Some(value) = version.value else {
            found.insert(None);
            continue;
        };
        for low in &lows {
            for high in &highs {
                let at = reading.at.first().copied().unwrap_or_default();
                found.insert(results::place(&Sample { at, analyte, value, low: *low, high: *high }));
            }
        }
    }
    found
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
