//! What tasks read: the facts of the plans, and what only tasks ask for.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{
    LabelId,
    care::{self, NutritionPlanStatus},
    table::table,
};
use osteon_sync_core::RecordId;

use super::{
    Kind, State, TASK, Tick,
    lesions::{self, Unseen},
};
use crate::facts::{
    Day, Facts, Id, Instant, Live,
    from_lines::hex,
    gather::{Gathered, Merged, is_there, record},
    record::{Record, day, instant, known, text},
};

/// A block of the exercise programme.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Block {
    Main,
    Balance,
    Core,
    Proprioception,
}

impl Block {
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Balance => "balance",
            Self::Core => "core",
            Self::Proprioception => "proprioception",
        }
    }

    /// Its place in the day: the heavier in the morning.
    pub fn slot(self) -> u16 {
        match self {
            Self::Main => 10 * 60,
            Self::Balance => 11 * 60,
            Self::Core => 15 * 60,
            Self::Proprioception => 16 * 60,
        }
    }

    fn of(block: care::ExerciseBlock) -> Option<Self> {
        Some(match block {
            care::ExerciseBlock::Main => Self::Main,
            care::ExerciseBlock::Balance => Self::Balance,
            care::ExerciseBlock::Core => Self::Core,
            care::ExerciseBlock::Proprioception => Self::Proprioception,
            care::ExerciseBlock::Unspecified => return None,
        })
    }
}

/// How often of P-EX, and which blocks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Movement {
    pub sessions_per_week: Live<u32>,
    pub minutes_per_week: Live<u32>,
    pub blocks: BTreeSet<Block>,
}

/// How often of P-NUT.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Eating {
    pub status: Live<NutritionPlanStatus>,
    pub paused: Live<bool>,
    pub meals_per_day: Live<u32>,
}

/// How often of P-MED, and from when to when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Course {
    pub times_per_day: Live<u32>,
    pub from: Live<Day>,
    pub to: Live<Day>,
}

/// P-EDU.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    pub id: Id,
    pub materials: BTreeSet<String>,
    pub read: BTreeSet<String>,
}

/// Everything that the tasks of one circle are made from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plans {
    pub facts: Facts,
    pub movement: BTreeMap<Id, Movement>,
    /// What lesions that a plan of exercise has not seen leave of its blocks.
    pub unseen: BTreeMap<(Id, Block), Unseen>,
    pub eating: BTreeMap<Id, Eating>,
    pub courses: BTreeMap<Id, Course>,
    /// By line of supplements: from what, and how many minutes.
    pub separations: BTreeMap<Id, Vec<(String, u32)>>,
    /// P-NUT.timing_rule: one, the other, minutes.
    pub apart: BTreeSet<(String, String, u32)>,
    pub reading: Vec<Reading>,
    /// Days on which the lines were made.
    pub since: BTreeMap<Id, Day>,
    pub ticks: Vec<Tick>,
}

/// Types of the contracts, by name, that tasks are made from.
const NAMES: [&str; 28] = [
    "P-EX",
    "P-EX.exercise",
    "P-EX.allowed_module",
    "P-EX.load_limit",
    "P-LES",
    "P-NUT",
    "P-NUT.timing_rule",
    "P-SUP",
    "P-SUP.separation",
    "P-MED",
    "P-BONE",
    "P-BONE.administration",
    "P-BONE.oral_dose",
    "P-MON",
    "P-MON.result",
    "P-EDU",
    "P-EDU.read",
    "J03",
    "J04",
    "J05",
    "J06",
    "J08",
    "J15",
    "J20",
    "J21",
    "J22",
    "Approval",
    "TaskOccurrence",
];

/// Records of one type, each of all its parts.
struct Records<'a> {
    merged: &'a [Merged<'a>],
    offset_min: i32,
}

impl<'a> Records<'a> {
    fn of(&self, name: &str) -> Vec<(u64, Record<'a>)> {
        let Some(known) = table().by_name(name) else { return Vec::new() };
        let mut by_record: BTreeMap<RecordId, Vec<Merged<'a>>> = BTreeMap::new();
        let live = |one: &&Merged<'_>| one.type_number == known.number && one.part.is_some_and(is_there);
        for one in self.merged.iter().filter(live) {
            by_record.entry(one.record).or_default().push(*one);
        }
        let read = |mut parts: Vec<Merged<'a>>| {
            parts.sort_by_key(|part| part.label);
            let first = *parts.first()?;
            let all = parts.iter().filter_map(|part| part.part);
            Some((first.label, record(known, Merged { part: None, ..first }, all, self.offset_min)))
        };
        by_record.into_values().filter_map(read).collect()
    }
}

fn parent(bytes: Option<impl AsRef<[u8]>>) -> Option<Id> {
    Some(Id(RecordId(bytes?.as_ref().try_into().ok()?)))
}

/// Tenths of an hour as minutes.
fn minutes(tenths: u32) -> u32 {
    tenths.saturating_mul(6)
}

/// Entries that say that a task was done, and of which there are many: they are asked for by their time.
const ENTRIES: [&str; 4] = ["J03", "J04", "J05", "J06"];

impl Plans {
    /// Whether records of the type are entries by which active days are counted: of a period alone.
    pub fn is_of_days(type_number: u32) -> bool {
        table().get(type_number).is_some_and(|known| ENTRIES.contains(&known.name.as_str()))
    }

    /// Of which kind a dose is that names a line of a plan by its id, as text.
    pub(super) fn kind_of_line(&self, line: &str) -> Option<Kind> {
        let names = |id: &Id| hex(id.0) == line;
        if self.facts.supplements.iter().any(|one| names(&one.id)) {
            return Some(Kind::Supplement);
        }
        if self.facts.medicines.iter().any(|one| names(&one.id)) {
            return Some(Kind::Medicine);
        }
        self.facts.bone_plans.iter().any(|one| names(&one.id)).then_some(Kind::BoneDrug)
    }

    /// Numbers of the record types that [`Plans::of`] reads.
    pub fn types() -> Vec<u32> {
        NAMES.iter().filter_map(|name| table().by_name(name)).map(|known| known.number).collect()
    }

    /// From merged parts in any order. `offset_min`: of the person's clock from UTC, for times that carry none.
    pub fn of(merged: &[Merged<'_>], offset_min: i32) -> Self {
        let mut gathered = Gathered::new(offset_min);
        gathered.put(merged.iter().copied());
        let records = Records { merged, offset_min };
        let mut plans = Self { facts: gathered.facts().clone().ordered(), ..Self::default() };
        let blocks = plans.exercise(&records);
        plans.unseen = lesions::unseen(merged, &plans.movement, &blocks);
        plans.food(&records);
        plans.medicines(&records);
        plans.learn(&records);
        plans.ticks = records.of("TaskOccurrence").iter().filter_map(|(label, record)| tick(*label, record)).collect();
        for name in ["P-EX", "P-NUT", "P-SUP", "P-MED", "P-BONE", "P-MON", "P-EDU"] {
            let made = records.of(name).into_iter().filter_map(|(_, record)| Some((record.id, record.created?.day())));
            plans.since.extend(made);
        }
        plans
    }

    /// The blocks of each exercise.
    fn exercise(&mut self, records: &Records<'_>) -> BTreeMap<RecordId, Vec<Block>> {
        type M = care::ExercisePlan;
        for (_, plan) in records.of("P-EX") {
            let sessions_per_week = plan.live(9, |m: M| m.sessions_per_week);
            let minutes_per_week = plan.live(10, |m: M| m.minutes_per_week);
            self.movement.insert(plan.id, Movement { sessions_per_week, minutes_per_week, blocks: BTreeSet::new() });
        }
        let mut by_exercise = BTreeMap::new();
        for (_, exercise) in records.of("P-EX.exercise") {
            let of = exercise.live(1, |m: care::Exercise| parent(m.parent));
            let blocks = exercise.live(2, |m: care::Exercise| known(m.block).and_then(Block::of));
            for plan in of.known() {
                if let Some(movement) = self.movement.get_mut(plan) {
                    movement.blocks.extend(blocks.known());
                }
            }
            by_exercise.insert(exercise.id.0, blocks.known().copied().collect());
        }
        by_exercise
    }

    fn food(&mut self, records: &Records<'_>) {
        type M = care::NutritionPlan;
        for (_, plan) in records.of("P-NUT") {
            let eating = Eating {
                status: plan.live(1, |m: M| known(m.status)),
                paused: plan.live(2, |m: M| m.paused),
                meals_per_day: plan.live(18, |m: M| m.meals_per_day),
            };
            self.eating.insert(plan.id, eating);
        }
        for (_, rule) in records.of("P-NUT.timing_rule") {
            let one = rule.live(2, |m: care::TimingRule| text(m.a));
            let other = rule.live(3, |m: care::TimingRule| text(m.b));
            let hours = rule.live(4, |m: care::TimingRule| m.min_h);
            let Some(longest) = hours.known().max() else { continue };
            for (a, b) in one.known().flat_map(|a| other.known().map(move |b| (a, b))) {
                self.apart.insert((a.clone(), b.clone(), minutes(*longest)));
            }
        }
        for (_, rule) in records.of("P-SUP.separation") {
            let of = rule.live(1, |m: care::SupplementSeparation| parent(m.parent));
            let from = rule.live(2, |m: care::SupplementSeparation| text(m.from_code));
            let hours = rule.live(3, |m: care::SupplementSeparation| m.hours);
            let Some(longest) = hours.known().max() else { continue };
            for line in of.known() {
                let rules = from.known().map(|code| (code.clone(), minutes(*longest)));
                self.separations.entry(*line).or_default().extend(rules);
            }
        }
    }

    fn medicines(&mut self, records: &Records<'_>) {
        type M = care::MedicineLine;
        for (_, line) in records.of("P-MED") {
            let course = Course {
                times_per_day: line.live(5, |m: M| m.times_per_day),
                from: line.live(7, |m: M| day(m.from)),
                to: line.live(8, |m: M| day(m.to)),
            };
            self.courses.insert(line.id, course);
        }
    }

    fn learn(&mut self, records: &Records<'_>) {
        for (_, plan) in records.of("P-EDU") {
            let materials = plan
                .set(1, |m: care::EducationPlan| m.materials.into_iter().map(Some).collect())
                .known
                .into_iter()
                .collect();
            self.reading.push(Reading { id: plan.id, materials, read: BTreeSet::new() });
        }
        for (_, read) in records.of("P-EDU.read") {
            let of = read.live(1, |m: care::MaterialRead| parent(m.parent));
            let what = read.live(3, |m: care::MaterialRead| text(m.material_ref));
            for reading in self.reading.iter_mut().filter(|one| of.known().any(|id| *id == one.id)) {
                reading.read.extend(what.known().cloned());
            }
        }
    }
}

/// A ticked task. None: it does not say of what.
fn tick(label: u64, record: &Record<'_>) -> Option<Tick> {
    type M = care::TaskOccurrence;
    let line = record.live(1, |m: M| parent(m.line)).known().next().copied()?;
    let date = record.live(2, |m: M| day(m.due)).known().next().copied()?;
    let slot = record.live(3, |m: M| u16::try_from(m.slot?).ok()).known().next().copied()?;
    let statuses = record.live(4, |m: M| known::<care::TaskStatus>(m.status));
    let says = |status: care::TaskStatus| statuses.known().any(|one| *one == status);
    let state = if says(care::TaskStatus::Done) {
        State::Done
    } else if says(care::TaskStatus::Skipped) {
        State::Skipped
    } else {
        State::Open
    };
    let done_at: Option<Instant> = record.live(5, |m: M| instant(m.done_at)).known().max().copied();
    let choices = table().get(TASK).map_or(&[][..], |known| known.label_choice.as_slice());
    let of_label = |choice: &&osteon_proto::table::LabelChoice| choice.label.for_author(0).ok() == Some(LabelId(label));
    let word = choices.iter().find(of_label).map(|choice| choice.word.as_str()).unwrap_or_default();
    let by = record.versions(4).iter().filter_map(|version| version.by).min();
    Some(Tick { line, date, slot, state, done_at, word, by })
}
