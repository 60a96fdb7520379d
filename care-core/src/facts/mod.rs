//! What rules read: merged state as plain typed values, with every live version of a disputed field.
//!
//! [`Facts`] knows nothing of protobuf; the modules `from_…` make it from records. It holds what one rule run needs of
//! one circle: the patient's journal of the window, the plans, results, and what only the house or sync can say.
//! [`Facts::ordered`] sorts and drops duplicates, so the order in which records arrived changes nothing.

mod codes;
mod disputes;
pub mod from_codes;
pub mod from_entries;
pub mod from_journal;
pub mod from_lines;
pub mod from_plans;
pub mod from_profile;
pub mod gather;
mod house;
mod journal;
mod live;
mod plan_facts;
mod plans;
pub mod record;
mod time;

pub use codes::*;
pub use disputes::{PLANS, is_plan, shown};
pub use house::*;
pub use journal::*;
pub use live::{Answers, Few, Live, Set, SideBySide};
pub use plans::*;
pub use time::{DAY_MS, Day, HOUR_MS, Instant, MINUTE_MS};

use osteon_sync_core::RecordId;

/// One journal entry, or another record that happened at a time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry<T> {
    pub id: Id,
    /// When it happened to the person.
    pub at: Live<Instant>,
    /// When the server got it. None: not yet (on the phone that wrote it).
    pub received: Option<Instant>,
    pub by: Option<Role>,
    /// A value is out of its hard range: every rule but R-GEN-1 leaves the entry out.
    pub out_of_range: bool,
    pub is: T,
}

impl<T> std::ops::Deref for Entry<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.is
    }
}

/// A record's id that has a default, for tests and tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Id(pub RecordId);

impl Default for Id {
    fn default() -> Self {
        Self(RecordId([0; 16]))
    }
}

impl From<RecordId> for Id {
    fn from(id: RecordId) -> Self {
        Self(id)
    }
}

/// Everything that rules may read of one circle.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    pub pains: Vec<Entry<Pain>>,
    pub symptoms: Vec<Entry<Symptom>>,
    pub meals: Vec<Entry<Meal>>,
    pub fluids: Vec<Entry<Fluid>>,
    pub intakes: Vec<Entry<Intake>>,
    pub activities: Vec<Entry<Activity>>,
    pub falls: Vec<Entry<Fall>>,
    pub weights: Vec<Entry<Weight>>,
    pub sleeps: Vec<Entry<Sleep>>,
    pub moods: Vec<Entry<Mood>>,
    pub smokes: Vec<Entry<Smoking>>,
    pub drinks: Vec<Entry<Alcohol>>,
    pub suns: Vec<Entry<Sun>>,
    pub swellings: Vec<Entry<Swelling>>,
    pub mouths: Vec<Entry<Mouth>>,
    pub vitals: Vec<Entry<Vitals>>,
    pub reactions: Vec<Entry<Reaction>>,
    pub readiness: Vec<Entry<Readiness>>,
    pub labs: Vec<Entry<Lab>>,
    pub tests: Vec<Entry<FunctionTest>>,
    pub visits: Vec<Entry<Visit>>,
    pub supports: Vec<Entry<Support>>,
    pub screens: Vec<Entry<Screen>>,
    pub risk: Option<Risk>,
    pub lesions: Vec<Lesion>,
    pub nutrition: Option<Nutrition>,
    pub supplements: Vec<SupplementLine>,
    /// Those that are not over: an ended plan beside a new one neither restricts nor hides it.
    pub exercises: Vec<Exercise>,
    pub bone_plans: Vec<BonePlan>,
    pub doses: Vec<Entry<Dose>>,
    pub monitoring: Vec<Monitoring>,
    pub goals: Vec<Goal>,
    pub decisions: Vec<Decision>,
    pub wishes: Option<Wishes>,
    pub hazards: Vec<Hazard>,
    pub pain_plan: Option<PainPlan>,
    pub treatments: Vec<Course>,
    pub medicines: Vec<MedicineLine>,
    /// Those that are neither over nor declined, in every version.
    pub trials: Vec<Trial>,
    pub taught: Vec<Entry<TeachBack>>,
    pub house: House,
}

fn settle<T: Clone + PartialEq, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    list.sort_by_key(key);
    list.dedup();
}

impl Facts {
    /// Sorted by record, without what was delivered twice.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        macro_rules! settle_all {
            ($($list:ident),*) => { $(settle(&mut self.$list, |one| one.id);)* };
        }
        settle_all!(
            pains,
            symptoms,
            meals,
            fluids,
            intakes,
            activities,
            falls,
            weights,
            sleeps,
            moods,
            smokes,
            drinks,
            suns,
            swellings,
            mouths,
            vitals,
            reactions,
            readiness,
            labs,
            tests,
            visits,
            supports,
            screens,
            lesions,
            supplements,
            bone_plans,
            doses,
            monitoring,
            goals,
            decisions,
            hazards,
            treatments,
            medicines,
            taught
        );
        self.house.settle();
        self
    }
}
