//! Why there is a task, and what to mind while doing it.

use super::{Held, Kind, Occurrence, Plans, TASK, Title, Unseen, Wait, Why};
use std::collections::BTreeSet;

use crate::facts::{Day, Exercise, Instant, Live};
use osteon_proto::table::{RoleSet, table};

/// The type of the plan that a task comes from, and the fields that it was made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct From {
    pub record_type: &'static str,
    pub fields: &'static [&'static str],
}

const fn from(record_type: &'static str, fields: &'static [&'static str]) -> From {
    From { record_type, fields }
}

impl Kind {
    /// Roles that may tick its tasks: those whose work it is.
    pub fn writers(self) -> RoleSet {
        table().get(TASK).map_or(RoleSet::default(), |known| known.creators_of(self.choice()))
    }
}

impl Kind {
    /// Types of the records that give its tasks, by name, but for those that stand under the label of the task itself
    /// (monitoring by its kind, visits).
    pub fn plans(self) -> &'static [&'static str] {
        match self {
            Self::Exercise => &["P-EX"],
            Self::Meal | Self::Fluid => &["P-NUT"],
            Self::Supplement => &["P-SUP"],
            Self::Medicine => &["P-MED"],
            Self::BoneDrug | Self::MouthCare | Self::Laboratory => &["P-BONE"],
            Self::Education => &["P-EDU"],
            Self::Scan | Self::Dentist | Self::Weight | Self::Function | Self::Visit => &[],
        }
    }
}

impl Occurrence {
    pub fn from(&self) -> From {
        match (self.title.key, self.kind) {
            ("task.meal", _) => from("P-NUT", &["meals_per_day"]),
            ("task.fluid", _) => from("P-NUT", &["fluid_min_ml_d", "fluid_max_ml_d"]),
            ("task.take", Kind::Supplement) => from("P-SUP", &["times_per_day"]),
            ("task.take", Kind::Medicine) => from("P-MED", &["times_per_day", "from", "to"]),
            ("task.take" | "task.bone_dose", _) => from("P-BONE", &["planned_next", "interval_days"]),
            ("task.mouth_care", _) => from("P-BONE", &["status"]),
            ("task.labs_before_dose", _) => {
                from("P-BONE", &["planned_next", "pre_dose_calcium_max_age_days", "pre_dose_creatinine_max_age_days"])
            }
            ("task.monitoring", _) => from("P-MON", &["due", "interval_days", "last_done"]),
            ("task.visit", _) => from("J22", &["when"]),
            ("task.read", _) => from("P-EDU", &["materials"]),
            _ => from("P-EX", &["sessions_per_week", "minutes_per_week", "max_minutes_session"]),
        }
    }

    /// What to mind, from what is known here.
    pub fn notes(&self, plans: &Plans) -> Vec<Title> {
        let mut notes: Vec<Title> = self.ask_first.iter().map(Unseen::note).collect();
        notes.extend(self.wait.iter().map(wait));
        if self.kind == Kind::Exercise {
            exercise(plans, &mut notes);
        }
        if self.disputed {
            notes.push(note("task.note.disputed", Vec::new()));
        }
        notes
    }
}

impl Held {
    /// The type of the plan, and the field that holds it.
    pub fn from(&self) -> (&'static str, &'static str) {
        let field = match self.why {
            Why::Clearance => "clearance",
            Why::Rest(_) => "pause_windows",
            Why::NotActive => "status",
            Why::Held if self.kind == Kind::Meal => "paused",
            Why::Held | Why::AskFirst => "status",
            Why::Missing(field) => field,
        };
        let record_type = match (self.kind, self.why) {
            (Kind::Exercise, _) => "P-EX",
            (Kind::Meal | Kind::Fluid, _) => "P-NUT",
            (Kind::Supplement, _) => "P-SUP",
            (Kind::Medicine, _) => "P-MED",
            (Kind::BoneDrug | Kind::MouthCare, _)
            | (Kind::Laboratory, Why::Missing("pre_dose_calcium_max_age_days")) => "P-BONE",
            (Kind::Education, _) => "P-EDU",
            _ => "P-MON",
        };
        (record_type, field)
    }

    /// In the shape of a title: a key of the texts, and what goes into it.
    pub fn title(&self) -> Title {
        let values = match self.why {
            Why::Rest(Some(until)) => vec![("until", until.to_string())],
            Why::Missing(field) => vec![("what", field.to_owned())],
            _ => Vec::new(),
        };
        Title { key: self.why.key(), values: [vec![("kind", self.kind.name().to_owned())], values].concat() }
    }
}

fn note(key: &'static str, values: Vec<(&'static str, String)>) -> Title {
    Title { key, values }
}

fn wait(wait: &Wait) -> Title {
    let values = |what: &str, minutes: u32| vec![("what", what.to_owned()), ("minutes", minutes.to_string())];
    match wait {
        Wait::Apart { what, minutes, .. } => note("task.note.apart", values(what, *minutes)),
        Wait::NoRoom { what, minutes, .. } => note("task.note.no_room", values(what, *minutes)),
        Wait::NotBefore { at, what, minutes, .. } => {
            let mut values = values(what, *minutes);
            values.push(("at", clock_words(*at)));
            note("task.note.not_before", values)
        }
    }
}

/// "2026-11-26 13:00" on the clock of its own place.
fn clock_words(at: Instant) -> String {
    at.to_string()
}

fn exercise(plans: &Plans, notes: &mut Vec<Title>) {
    // Of what people do not agree on the smaller limit holds, and of two plans both do.
    let of =
        |get: fn(&Exercise) -> &Live<u32>| plans.facts.exercises.iter().flat_map(move |plan| get(plan).known()).min();
    if let Some(pain) = plans.facts.exercises.iter().flat_map(|plan| plan.pain_stop.known()).min() {
        notes.push(note("task.note.pain_stop", vec![("pain", pain.to_string())]));
    }
    let limits = [
        ("task.note.effort", "effort", of(|plan| &plan.max_rpe_tenths)),
        ("task.note.lift_max", "kg", of(|plan| &plan.lift_max_kg_tenths)),
    ];
    for (key, name, least) in limits {
        if let Some(tenths) = least {
            notes.push(note(key, vec![(name, osteon_proto::plain::scaled(i128::from(*tenths), 1))]));
        }
    }
    let forbidden: BTreeSet<_> = plans.facts.exercises.iter().flat_map(|plan| plan.forbidden.keys()).collect();
    notes.extend(forbidden.into_iter().map(|what| note("task.note.forbidden", vec![("what", what.clone())])));
    let regions: BTreeSet<_> = plans.facts.exercises.iter().flat_map(|plan| &plan.no_load.known).collect();
    let regions = regions.into_iter().map(|site| site.code().to_owned());
    notes.extend(regions.map(|what| note("task.note.no_load", vec![("what", what)])));
}

/// The days over which adherence is told: so many, up to and with a date.
pub const ADHERENCE_D: i32 = 28;

/// First and last day of the adherence that is told with a date.
pub fn adherence_span(to: Day) -> (Day, Day) {
    (to.plus(1 - ADHERENCE_D), to)
}
