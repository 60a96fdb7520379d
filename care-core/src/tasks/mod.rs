//! Tasks: what a person should do on a day, out of the plans, and what became of it.
//!
//! The plans say how often, seldom when. So each line has places of its own in the day ([`slots`]): they come from that
//! line alone, so that the identity of an occurrence (line, civil date, slot) is the same for everybody who sees the
//! line, on phone and server, in every time zone. When it is best done ([`Occurrence::at`]) may be later than its slot:
//! what must be kept apart is. No clock and no zone: a slot is minutes on the wall clock of the place where the person
//! is, so that a day of 23 or 25 hours and a journey have each slot once.

mod clock;
mod done;
mod lesions;
mod lines;
mod oncely;
mod read;
mod slots;
mod told;
mod windows;
mod words;

use osteon_proto::{
    care,
    table::table,
    wire::ids::{self, Sha256},
};
use osteon_sync_core::RecordId;
use prost::Message;

pub use clock::{CLOCK_TYPES, clock};
use done::joined;
pub use done::{Adherence, State, Tick, adherence};
pub use lesions::Unseen;
pub use read::{Block, Course, Eating, Movement, Plans, Reading};
#[cfg(test)]
pub(crate) use slots::GAPS;
pub use told::{ADHERENCE_D, From, adherence_span};
pub use windows::{DAY_END, Stage, minute_of};

use crate::facts::{Day, Id, Instant};

/// The record type of an occurrence.
pub const TASK: u32 = 421;

/// What a task is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Exercise,
    Meal,
    Fluid,
    Supplement,
    Medicine,
    BoneDrug,
    MouthCare,
    Laboratory,
    Scan,
    Dentist,
    Weight,
    Function,
    Visit,
    Education,
}

impl Kind {
    pub const ALL: [Self; 14] = [
        Self::Exercise,
        Self::Meal,
        Self::Fluid,
        Self::Supplement,
        Self::Medicine,
        Self::BoneDrug,
        Self::MouthCare,
        Self::Laboratory,
        Self::Scan,
        Self::Dentist,
        Self::Weight,
        Self::Function,
        Self::Visit,
        Self::Education,
    ];

    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exercise => "exercise",
            Self::Meal => "meal",
            Self::Fluid => "fluid",
            Self::Supplement => "supplement",
            Self::Medicine => "medicine",
            Self::BoneDrug => "bone_drug",
            Self::MouthCare => "mouth_care",
            Self::Laboratory => "laboratory",
            Self::Scan => "scan",
            Self::Dentist => "dentist",
            Self::Weight => "weight",
            Self::Function => "function",
            Self::Visit => "visit",
            Self::Education => "education",
        }
    }

    /// The word by which the label of its occurrences is picked.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exercise | Self::Function => "exercise",
            Self::Meal | Self::Fluid | Self::Supplement | Self::Weight => "food, fluid, supplement",
            Self::Medicine | Self::BoneDrug => "medicine, dose",
            Self::MouthCare | Self::Dentist => "mouth care",
            Self::Laboratory => "laboratory",
            Self::Scan => "DXA, imaging",
            Self::Visit => "visit",
            Self::Education => "education",
        }
    }

    /// Which label choice of the contract that is, counted from 1; 0: none.
    pub fn choice(self) -> u32 {
        let choices = table().get(TASK).map_or(&[][..], |known| known.label_choice.as_slice());
        let found = choices.iter().position(|choice| choice.word == self.word());
        found.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
    }
}

/// What to do: a key of the texts, and what goes into it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Title {
    pub key: &'static str,
    pub values: Vec<(&'static str, String)>,
}

/// Why a task has another time than its own, or none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Wait {
    /// Later than its slot: so many minutes apart from another line.
    Apart { from: Id, what: String, minutes: u32 },
    /// No time of the day is far enough from another line: a person decides.
    NoRoom { from: Id, what: String, minutes: u32 },
    /// The other line was done at a time that makes it later still.
    NotBefore { at: Instant, from: Id, what: String, minutes: u32 },
}

/// One task of one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// The line of the plan.
    pub line: Id,
    pub kind: Kind,
    pub date: Day,
    /// Minutes after midnight on the wall clock: with line and date its identity.
    pub slot: u16,
    /// When it is best done. None: no time of the day will do ([`Wait::NoRoom`]).
    pub at: Option<u16>,
    /// Until when it is best begun; [`DAY_END`]: any time until midnight.
    pub until: Option<u16>,
    pub title: Title,
    /// Live versions differ: this is the safer reading.
    pub disputed: bool,
    pub wait: Option<Wait>,
    /// Something stands against it that nobody has settled: the person asks first.
    pub ask_first: Option<Unseen>,
    pub state: State,
    pub done_at: Option<Instant>,
}

impl Occurrence {
    /// What is one task, whoever asks.
    pub fn identity(&self) -> (Id, Day, u16) {
        (self.line, self.date, self.slot)
    }

    /// The id of its record.
    pub fn record_id(&self, circle: u64, sha256: Sha256) -> RecordId {
        record_id(circle, self.line.0, self.date, self.slot, sha256)
    }

    /// How many days it waits.
    pub fn late_days(&self, today: Day) -> i32 {
        match (self.state, self.kind) {
            (State::Open, kind) if kind != Kind::Education => today.since(self.date).max(0),
            _ => 0,
        }
    }
}

/// The id of the record of an occurrence.
pub fn record_id(circle: u64, line: RecordId, date: Day, slot: u16, sha256: Sha256) -> RecordId {
    type M = care::TaskOccurrence;
    let line = M { line: Some(line.0.to_vec().into()), ..M::default() }.encode_to_vec();
    let due = M { due: Some(date.to_string()), ..M::default() }.encode_to_vec();
    let slot = M { slot: Some(u32::from(slot)), ..M::default() }.encode_to_vec();
    ids::derived_id(circle, TASK, &[&line, &due, &slot], sha256)
}

/// Why a plan gives no task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// No clearance for exercise.
    Clearance,
    /// A time of rest; its last day, if it has one.
    Rest(Option<Day>),
    /// The plan is a draft, paused or not decided.
    NotActive,
    /// A line is held, or held for safety.
    Held,
    /// The bone drug: no dose until a person decided.
    AskFirst,
    /// Cannot tell: an input is missing.
    Missing(&'static str),
}

impl Why {
    /// A key of the texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clearance => "task.hold.clearance",
            Self::Rest(_) => "task.hold.rest",
            Self::NotActive => "task.hold.not_active",
            Self::Held => "task.hold.held",
            Self::AskFirst => "task.hold.ask_first",
            Self::Missing(_) => "task.cannot_tell",
        }
    }
}

/// A plan that gives no task today, and why.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Held {
    pub line: Id,
    pub kind: Kind,
    pub why: Why,
    pub disputed: bool,
}

/// A day as the plans have it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Due {
    /// By time, kind and line.
    pub tasks: Vec<Occurrence>,
    pub held: Vec<Held>,
}

impl Due {
    fn task(&mut self, line: Id, kind: Kind, (date, slot): (Day, u16), title: Title, disputed: bool) {
        let (at, until, wait, ask_first) = (Some(slot), Some(DAY_END), None, None);
        let (state, done_at) = (State::Open, None);
        let task = Occurrence { line, kind, date, slot, at, until, title, disputed, wait, ask_first, state, done_at };
        self.tasks.push(task);
    }

    fn held(&mut self, line: Id, kind: Kind, why: Why, disputed: bool) {
        self.held.push(Held { line, kind, why, disputed });
    }

    fn settle(&mut self) {
        self.tasks.sort_by_key(|task| (task.at, task.kind, task.identity()));
        self.tasks.dedup_by_key(|task| task.identity());
        self.held.sort();
        self.held.dedup();
    }
}

/// What is due on a civil date, with what waits from before, joined with what was ticked.
pub fn due(plans: &Plans, date: Day) -> Due {
    let mut due = Due::default();
    lines::exercise(plans, date, &mut due);
    lines::nutrition(plans, date, &mut due);
    lines::doses(plans, date, &mut due);
    oncely::bone(plans, date, &mut due);
    oncely::monitoring(plans, date, &mut due);
    oncely::visits(plans, date, &mut due);
    oncely::education(plans, date, &mut due);
    // A line asks nothing of the days before it was made.
    due.tasks.retain(|task| plans.since.get(&task.line).is_none_or(|since| *since <= task.date));
    joined(plans, &mut due.tasks);
    windows::settle(plans, date, &mut due.tasks);
    // What waited from before is gone on the day after it was ticked.
    let today = |task: &Occurrence| task.date == date || task.done_at.is_some_and(|at| at.day() == date);
    due.tasks.retain(|task| task.state == State::Open || today(task));
    due.settle();
    due
}

/// What is due on each date of a span, both ends in it, with what waits from before; each occurrence once.
pub fn listed(plans: &Plans, (from, to): (Day, Day)) -> Due {
    let mut all = Due::default();
    for day in from.0..=to.0 {
        let one = due(plans, Day(day));
        all.tasks.extend(one.tasks);
        all.held.extend(one.held);
    }
    all.tasks.sort_by_key(|task| (task.date, task.at, task.kind, task.identity()));
    let mut seen = std::collections::BTreeSet::new();
    all.tasks.retain(|task| seen.insert(task.identity()));
    all.held.sort();
    all.held.dedup();
    all
}

/// What is due on each date of a span, both ends in it; each occurrence once.
pub fn due_between(plans: &Plans, from: Day, to: Day) -> Due {
    let mut all = listed(plans, (from, to));
    all.tasks.retain(|task| task.date >= from);
    all
}
