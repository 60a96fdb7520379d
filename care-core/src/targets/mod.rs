//! Targets by source: the values of the care specification, section 7, that concern one person, each with its source and
//! how sure it is, beside what the plan in force has set.
//!
//! Nothing here is applied: a person picks a value and writes it into a plan. Where sources give different values for the
//! same person all are told ([`Offer::disagrees_with`]), never one of them alone. An input that is missing is named, never
//! assumed; a reading of a disputed input counts as long as it is live. Numbers are exact.

mod amount;
mod condition;
mod guidance;
mod offer;
mod page;
mod person;
mod plan;
mod table;
mod words;

pub use amount::Amount;
pub use condition::{Because, Condition, Met};
pub use guidance::{Saying, Switch, SwitchValue, switches};
pub use offer::{Fit, Group, Offer, PerDay, targets};
pub use page::page;
pub use person::{Calcium, Drug, Limits, NAMES, Person, Weighed};
pub use plan::{InForce, PlanRecord, PlanValue, plan_values};
pub use table::all;
pub use words::missing_words;

use crate::source::Source;

/// Raised when the same person may get another list.
pub const VERSION: u32 = 1;

/// Declares an enum with stable names.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name { $($(#[$note])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// A stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }
    };
}

names! {
    /// What a target is about: what is compared with each other stands in one topic.
    Topic {
        Calcium = "calcium",
        VitaminD = "vitamin_d",
        Magnesium = "magnesium",
        Phosphorus = "phosphorus",
        VitaminK = "vitamin_k",
        Protein = "protein",
        Energy = "energy",
        Micronutrients = "micronutrients",
        Water = "water",
        Activity = "activity",
        Habits = "habits",
        Dxa = "dxa",
        BoneDrug = "bone_drug",
        Dental = "dental",
        Separation = "separation",
    }
}

names! {
    /// What kind of value it is. Only values of one kind and subject are compared.
    Kind {
        /// A day, from food and supplements together.
        Intake = "intake",
        /// Not more than this a day, from food and supplements together.
        UpperLimit = "upper_limit",
        /// Not more than this a day from supplements.
        SupplementLimit = "supplement_limit",
        /// In one dose.
        Portion = "portion",
        /// A level in blood: too little.
        Deficient = "deficient",
        /// A level in blood: enough.
        Sufficient = "sufficient",
        /// A level in blood: too much.
        TooHigh = "too_high",
        /// All water, that of food among it.
        TotalWater = "total_water",
        /// What is drunk.
        Drinks = "drinks",
        AerobicModerate = "aerobic_moderate",
        AerobicVigorous = "aerobic_vigorous",
        /// One session, where movement is to ease symptoms.
        AerobicSession = "aerobic_session",
        Resistance = "resistance",
        /// Between two of something.
        Interval = "interval",
        /// Hours between two things that are swallowed.
        Gap = "gap",
        /// Words alone, or a number that is no target.
        Advice = "advice",
    }
}

/// One value of one source.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Stable: "calcium.rda.19_50".
    pub id: &'static str,
    /// Row of section 7: "T1" to "T10"; "G": gaps between drugs and nutrients.
    pub row: &'static str,
    pub topic: Topic,
    pub kind: Kind,
    /// What values are compared beside their kind: the drug of an interval, the two things of a gap.
    pub subject: &'static str,
    /// None: no number is given.
    pub amount: Option<Amount>,
    /// Whom it is for: all of these.
    pub who: &'static [Condition],
    /// As the source says it, beyond the number.
    pub note: &'static str,
    /// The first is the one that is named first.
    pub sources: &'static [Source],
}

impl Target {
    /// A key that two of them share.
    fn shares_source(&self, other: &Self) -> bool {
        self.sources.iter().any(|one| other.sources.iter().any(|two| one.key == two.key))
    }
}
