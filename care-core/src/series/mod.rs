//! Trends: what charts of one patient draw, lane by lane, one point for each civil day that has an entry.
//!
//! Records are put in one by one, in any order, and only what a lane needs of each is kept. A point tells the worst of its
//! day with the count of its entries, never a mean. A day without an entry has no point. Of an entry in dispute every
//! live version is told, and the worst is taken over all of them.

mod gaps;
mod read;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use gaps::{Contact, contacts, days_of, is_entry, spans};
use osteon_proto::{
    care::{Certainty, Source},
    table::RecordType,
};
use osteon_sync_core::{Part, RecordId};
pub use read::{TYPES, lanes_of};

use crate::facts::{
    Analyte, Day, Id, Instant, Live,
    gather::{self, Merged},
    record::Record,
};

/// Entries of one point that are told beside its count.
pub const MAX_TOLD: usize = 16;

/// What one line of a chart shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lane {
    Pain,
    Weight,
    Protein,
    Calcium,
    Fluid,
    Activity,
    Falls,
    NearFalls,
    Gait,
    ChairStands,
    /// Results, T-scores among them.
    Lab(Analyte),
    DoseGiven,
    DoseDue,
    Treatment,
}

/// What stands for a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reducer {
    Highest,
    Lowest,
    /// All entries of the day together, each by its lowest live version.
    LowestTotal,
    /// The same by the highest.
    HighestTotal,
}

impl Lane {
    /// Which end of a day is the worse one. A weight or an amount that is too high is for its target line to show: what
    /// this disease takes first is weight, food and movement. Of results it depends on the analyte.
    pub fn reducer(self) -> Reducer {
        match self {
            Self::Pain => Reducer::Highest,
            Self::Protein | Self::Calcium | Self::Fluid | Self::Activity => Reducer::LowestTotal,
            Self::Falls | Self::NearFalls | Self::DoseGiven | Self::DoseDue | Self::Treatment => Reducer::HighestTotal,
            Self::Weight | Self::Gait | Self::ChairStands => Reducer::Lowest,
            Self::Lab(
                Analyte::Creatinine | Analyte::Phosphate | Analyte::Pth | Analyte::Alp | Analyte::Ctx | Analyte::P1np,
            ) => Reducer::Highest,
            Self::Lab(_) => Reducer::Lowest,
        }
    }

    /// Canonical unit (UCUM), and decimal places of the whole numbers that values are.
    pub fn unit(self) -> (&'static str, u32) {
        match self {
            Self::Pain => ("{score}", 0),
            Self::Weight => ("kg", 2),
            Self::Protein => ("g", 2),
            Self::Calcium => ("mg", 1),
            Self::Fluid => ("mL", 0),
            Self::Activity => ("min", 0),
            Self::Gait => ("m/s", 2),
            Self::Falls | Self::NearFalls | Self::ChairStands | Self::DoseGiven | Self::DoseDue | Self::Treatment => {
                ("{#}", 0)
            }
            Self::Lab(analyte) => (analyte_unit(analyte), 4),
        }
    }
}

fn analyte_unit(analyte: Analyte) -> &'static str {
    match analyte {
        Analyte::CalciumTotal
        | Analyte::CalciumAdjusted
        | Analyte::CalciumIonised
        | Analyte::Magnesium
        | Analyte::Phosphate => "mmol/L",
        Analyte::Albumin | Analyte::Haemoglobin => "g/L",
        Analyte::VitaminD => "nmol/L",
        Analyte::Creatinine => "umol/L",
        Analyte::Egfr => "mL/min/{1.73_m2}",
        Analyte::CreatinineClearance => "mL/min",
        Analyte::Pth | Analyte::Ctx => "ng/L",
        Analyte::Alp => "U/L",
        Analyte::P1np => "ug/L",
        Analyte::Platelets => "10*9/L",
        Analyte::TScoreLumbar | Analyte::TScoreHip | Analyte::TScoreFemur => "{T-score}",
        Analyte::BmdLumbar | Analyte::BmdHip | Analyte::BmdFemur => "g/cm2",
    }
}

/// One live version of what an entry says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Said {
    /// In the lane's unit. None: cleared, out of the hard range, or not understood.
    pub value: Option<i64>,
    /// As it was entered, where that was another unit: number, decimal places, unit.
    pub entered: Option<(i64, u32, String)>,
}

/// What one record says to one lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub record: Id,
    /// Sorted, distinct, at least one.
    pub versions: Vec<Said>,
    /// When it happened, by the person's clock; all live versions. Of a treatment its beginning and its end.
    pub at: Vec<Instant>,
    /// When it happened is in dispute.
    pub at_disputed: bool,
    /// None: not known, or in dispute.
    pub certainty: Option<Certainty>,
    pub source: Option<Source>,
    pub received: Option<Instant>,
    /// The reference range of that report, in the lane's unit.
    pub low: Live<i64>,
    pub high: Live<i64>,
    /// Marked as a mistake: told on request, never the worst of a day.
    pub mistake: bool,
}

impl Reading {
    /// Several versions are live, of the value or of when it happened.
    pub fn disputed(&self) -> bool {
        self.versions.len() > 1 || self.at_disputed
    }

    fn unreadable(&self) -> bool {
        self.versions.iter().any(|version| version.value.is_none())
    }

    fn end(&self, highest: bool) -> Option<i64> {
        let values = self.versions.iter().filter_map(|version| version.value);
        if highest { values.max() } else { values.min() }
    }
}

/// A civil day of a lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    pub day: Day,
    /// None: no entry of the day has a value that can be read.
    pub worst: Option<i64>,
    /// Entries of the day, without mistakes.
    pub count: u32,
    pub disputed: bool,
    /// An entry of the day, or a version of one, has no value that can be read: a total is not whole.
    pub incomplete: bool,
    /// The entry that is the worst of the day, every disputed one, of results every one, and mistakes where they were asked
    /// for, as many as are told; by record.
    pub readings: Vec<Reading>,
    /// Such entries beyond [`MAX_TOLD`].
    pub left_out: u32,
}

/// One line of a chart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub lane: Lane,
    /// Ascending; days without an entry are not there.
    pub points: Vec<Point>,
    /// Entries in the window that were marked as a mistake.
    pub mistakes: u32,
}

/// Days from first to last, both inclusive.
pub type Span = (Day, Day);

/// All lanes over one window.
#[derive(Clone, Debug)]
pub struct Series {
    from: Day,
    to: Day,
    mistakes: bool,
    /// None: all.
    wanted: Option<BTreeSet<Lane>>,
    readings: BTreeMap<(Lane, Id), Reading>,
    /// Of every reading the days of the window on which it stands.
    days: BTreeSet<(Day, Lane, Id)>,
    corrected: BTreeMap<Id, BTreeSet<Id>>,
}

impl Series {
    /// Both days inclusive. `mistakes`: also tell entries that were marked as a mistake.
    #[must_use]
    pub fn new(from: Day, to: Day, mistakes: bool) -> Self {
        let (readings, days, corrected) = Default::default();
        Self { from, to, mistakes, wanted: None, readings, days, corrected }
    }

    /// Only these lanes.
    #[must_use]
    pub fn only(self, lanes: impl IntoIterator<Item = Lane>) -> Self {
        Self { wanted: Some(lanes.into_iter().collect()), ..self }
    }

    /// Puts a merged record in, of those of its parts that its reader may see. See [`Self::put`].
    pub fn put_parts<'a>(
        &mut self,
        known: &RecordType,
        record: RecordId,
        parts: impl IntoIterator<Item = &'a Part>,
        mistake: bool,
    ) {
        let merged =
            Merged { record, type_number: known.number, label: 0, part: None, received: None, in_range: false };
        self.put(known.number, &gather::record(known, merged, parts, 0), mistake);
    }

    /// Puts a merged record in, in place of what was known of it. `mistake`: it was marked as entered in error. What was
    /// deleted is not put in.
    pub fn put(&mut self, type_number: u32, record: &Record<'_>, mistake: bool) {
        let id = record.id;
        for lane in lanes_of(type_number) {
            for at in self.readings.remove(&(lane, id)).iter().flat_map(|known| &known.at) {
                self.days.remove(&(at.day(), lane, id));
            }
        }
        self.corrected.remove(&id);
        let corrects = read::corrects(type_number, record);
        if !corrects.is_empty() && !mistake {
            self.corrected.insert(id, corrects);
        }
        for (lane, mut reading) in read::readings(type_number, record) {
            reading.mistake = mistake;
            let wanted = self.wanted.as_ref().is_none_or(|wanted| wanted.contains(&lane));
            if !wanted {
                continue;
            }
            let before = self.days.len();
            let inside = reading.at.iter().map(|at| at.day()).filter(|day| (self.from..=self.to).contains(day));
            self.days.extend(inside.map(|day| (day, lane, id)));
            if self.days.len() > before {
                self.readings.insert((lane, id), reading);
            }
        }
    }

    /// The records that say something to a lane within the window.
    pub fn records(&self) -> BTreeSet<Id> {
        self.readings.keys().map(|(_, id)| *id).collect()
    }

    /// What the records that stand say to a lane, without mistakes and what another one corrects.
    pub fn of_lane(&self, lane: Lane) -> impl Iterator<Item = &Reading> {
        let corrected: BTreeSet<Id> = self.corrected.values().flatten().copied().collect();
        let readings = self.readings.iter().filter(move |((of, id), _)| *of == lane && !corrected.contains(id));
        readings.map(|(_, reading)| reading).filter(|reading| !reading.mistake)
    }

    /// Each reading of some days of the window, by day, lane and record.
    fn between(&self, (from, to): Span) -> impl Iterator<Item = (Day, Lane, &Reading)> {
        // The first of lanes and ids.
        let first = (from, Lane::Pain, Id::default());
        let days = self.days.range(first..).take_while(move |(day, ..)| *day <= to);
        days.filter_map(|(day, lane, id)| Some((*day, *lane, self.readings.get(&(*lane, *id))?)))
    }

    /// The lanes that have an entry, ascending. What another one corrects is left out.
    pub fn lanes(&self) -> Vec<Drawn> {
        self.lanes_between((self.from, self.to))
    }

    /// The same of some days of the window.
    pub fn lanes_between(&self, (from, to): Span) -> Vec<Drawn> {
        let corrected: BTreeSet<Id> = self.corrected.values().flatten().copied().collect();
        let mut days: BTreeMap<Lane, BTreeMap<Day, Vec<&Reading>>> = BTreeMap::new();
        for (day, lane, reading) in self.between((from, to)).filter(|(.., one)| !corrected.contains(&one.record)) {
            days.entry(lane).or_default().entry(day).or_default().push(reading);
        }
        let drawn = |(lane, days): (Lane, BTreeMap<Day, Vec<&Reading>>)| {
            let wrong: BTreeSet<Id> = days.values().flatten().filter(|one| one.mistake).map(|one| one.record).collect();
            let point = |(day, readings): (Day, Vec<&Reading>)| self.point(lane, day, &readings);
            let mistakes = u32::try_from(wrong.len()).unwrap_or(u32::MAX);
            Drawn { lane, points: days.into_iter().filter_map(point).collect(), mistakes }
        };
        days.into_iter().map(drawn).collect()
    }

    fn point(&self, lane: Lane, day: Day, all: &[&Reading]) -> Option<Point> {
        let (mistakes, counted): (Vec<&Reading>, Vec<&Reading>) = all.iter().copied().partition(|one| one.mistake);
        if counted.is_empty() && (mistakes.is_empty() || !self.mistakes) {
            return None;
        }
        let reducer = lane.reducer();
        let highest = matches!(reducer, Reducer::Highest | Reducer::HighestTotal);
        let ends = || counted.iter().filter_map(|one| one.end(highest));
        let of_one = || if highest { ends().max() } else { ends().min() };
        let worst = match reducer {
            Reducer::Highest | Reducer::Lowest => of_one(),
            Reducer::LowestTotal | Reducer::HighestTotal => ends().reduce(i64::saturating_add),
        };
        let of_worst = of_one();
        let first = counted.iter().find(|one| of_worst.is_some() && one.end(highest) == of_worst).or(counted.first());
        // Of results every one is told: a calcium is dangerous on both sides, and a day has few.
        let each = matches!(lane, Lane::Lab(_));
        let told = |one: &&&Reading| (each || one.disputed()) && first.is_none_or(|first| first.record != one.record);
        let told = first.into_iter().chain(counted.iter().filter(told));
        let all: Vec<&Reading> = told.copied().chain(mistakes.into_iter().filter(|_| self.mistakes)).collect();
        let left_out = u32::try_from(all.len().saturating_sub(MAX_TOLD)).unwrap_or(u32::MAX);
        let mut readings: Vec<Reading> = all.into_iter().take(MAX_TOLD).cloned().collect();
        readings.sort_by_key(|one| one.record);
        Some(Point {
            day,
            worst,
            count: u32::try_from(counted.len()).unwrap_or(u32::MAX),
            disputed: counted.iter().any(|one| one.disputed()),
            incomplete: counted.iter().any(|one| one.unreadable()),
            readings,
            left_out,
        })
    }

    /// Days with any entry of any lane, mistakes left out; between them nobody wrote.
    pub fn coverage(&self) -> Vec<Span> {
        self.coverage_between((self.from, self.to))
    }

    /// The same of some days of the window.
    pub fn coverage_between(&self, (from, to): Span) -> Vec<Span> {
        let readings = self.between((from, to)).filter(|(_, lane, one)| *lane != Lane::DoseDue && !one.mistake);
        let days: BTreeSet<Day> = readings.map(|(day, ..)| day).collect();
        gaps::spans(days)
    }
}
