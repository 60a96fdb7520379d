//! What can be typed behind `log`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use crate::{
    intake::{DrinkArgs, MedArgs},
    typed::{Whom, sign, site, whom},
};

#[derive(ClapArgs, Debug)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    pub(crate) what: Log,
    /// When: 07:30, "yesterday 22:00", "2026-11-18 14:02" [default: now]
    #[arg(long, global = true)]
    pub(crate) at: Option<String>,
    /// No new entry: what is said belongs to this one (its number: see entries)
    #[arg(long = "entry", value_name = "NUMBER", global = true)]
    pub(crate) of: Option<String>,
    /// Save what would be asked about; it is noted that nobody confirmed it
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Send it at once; exit code 3 if that does not work
    #[arg(long, global = true)]
    pub(crate) sent: bool,
}

/// What of it is not answered is asked about: whether a fall is an emergency hangs on it.
#[derive(ClapArgs, Clone, Debug, Default)]
pub(crate) struct FallArgs {
    /// Where, for example bathroom, stairs, outdoors
    pub(crate) place: Option<String>,
    /// Hit the head
    #[arg(long)]
    pub(crate) hit_head: bool,
    /// Lost consciousness
    #[arg(long)]
    pub(crate) lost_consciousness: bool,
    /// Could not get up alone
    #[arg(long)]
    pub(crate) could_not_get_up: bool,
    /// How many minutes on the floor
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=2880))]
    pub(crate) on_floor: Option<u32>,
    /// Cannot put weight on a leg
    #[arg(long)]
    pub(crate) cannot_bear_weight: bool,
    /// New weakness or numbness
    #[arg(long)]
    pub(crate) weakness: bool,
    /// Severe pain in the back or neck
    #[arg(long)]
    pub(crate) back_pain: bool,
    /// Drowsy afterwards
    #[arg(long)]
    pub(crate) drowsy: bool,
    /// Vomited afterwards
    #[arg(long)]
    pub(crate) vomited: bool,
    /// Confused afterwards
    #[arg(long)]
    pub(crate) confused: bool,
    /// Nothing else of this happened: the answer to all that is left
    #[arg(long)]
    pub(crate) nothing_else: bool,
    /// Nearly fell
    #[arg(long)]
    pub(crate) near: bool,
}

/// "15" or "15min".
fn minutes(typed: &str) -> Result<u32, String> {
    let number = crate::compose::without(typed, &["min", "minutes", "m"]);
    number.parse().map_err(|_| "say how many minutes, for example 15".to_owned())
}

#[derive(Subcommand, Debug)]
pub(crate) enum Log {
    /// Pain from 0 to 10
    Pain {
        #[arg(value_parser = clap::value_parser!(u32).range(0..=10))]
        worst: u32,
        /// Where, for example hip, lower-back, left-thigh; or a SNOMED CT number
        #[arg(value_parser = site)]
        site: Option<String>,
        /// New, or worse than before
        #[arg(long)]
        worse: bool,
    },
    /// A fall, and where
    Fall(FallArgs),
    /// A sign, for example leg-weakness, bladder-dysfunction, nausea-or-vomiting
    Symptom {
        #[arg(value_parser = sign)]
        sign: String,
        /// New, or worse than before
        #[arg(long)]
        new: bool,
        /// Known, and no worse than before
        #[arg(long, conflicts_with = "new")]
        known: bool,
    },
    /// A walk, in minutes
    Walk {
        #[arg(value_parser = minutes)]
        minutes: u32,
        /// The word "min", if you like
        #[arg(value_name = "min")]
        unit: Option<String>,
        /// 0 to 10
        #[arg(long)]
        effort: Option<u32>,
        /// Worst pain during, 0 to 10
        #[arg(long)]
        pain: Option<u32>,
    },
    /// A meal
    Meal {
        kind: MealKind,
        /// 0 (none) to 10
        #[arg(long, value_parser = clap::value_parser!(u32).range(0..=10))]
        appetite: Option<u32>,
        /// How much of it was eaten
        #[arg(long)]
        eaten: Option<Eaten>,
    },
    /// Body weight in kilograms, for example 69.2
    Weight {
        kilograms: String,
        /// The word "kg", if you like
        #[arg(value_name = "kg")]
        unit: Option<String>,
    },
    /// A medicine or supplement that was taken, or was not: "calcium carbonate" 500 mg skipped --why nausea
    Med(MedArgs),
    /// A drink: 250 ml, or 2 glasses of the size that your plan gives
    Drink(DrinkArgs),
    /// A note in your own words: yours alone, unless you say with whom to share it
    Note {
        text: String,
        /// Share it with the members of a thread, by its number
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=2_147_483_647))]
        thread: Option<u32>,
    },
    /// Temperature in degrees Celsius, for example 38.1
    Temp { celsius: String },
    /// Any other entry by the names of its fields: mood_entry not_safe=yes, mouth_check signs=pus, intake_entry …
    Entry {
        /// The type, for example mood_entry, mouth_check, fluid_entry, swelling_entry, vital_signs
        kind: String,
        #[arg(value_name = "FIELD=VALUE", required = true)]
        fields: Vec<String>,
    },
    /// An entry was a mistake
    Mistake {
        /// The entry's number (see entries)
        entry: String,
        #[arg(long, default_value = "")]
        why: String,
    },
}

#[derive(Clone, Copy, ValueEnum, Debug)]
pub(crate) enum MealKind {
    Breakfast,
    Lunch,
    Dinner,
    Snack,
    Drink,
}

#[derive(Clone, Copy, ValueEnum, Debug)]
pub(crate) enum Eaten {
    None,
    Quarter,
    Half,
    ThreeQuarters,
    All,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ThreadCommand {
    /// One thread, from its first message on
    Show {
        /// The thread's number in the list
        n: u32,
    },
    /// Write a message in it
    Say {
        /// The thread's number in the list
        n: u32,
        text: String,
    },
    /// Start one: whom you name reads it, and nobody else
    Start(StartArgs),
    /// Take a member in: they read all of it
    Add {
        n: u32,
        #[arg(value_parser = whom)]
        whom: Whom,
    },
    /// Take a member out of one that you started: they read nothing of it any more
    Remove {
        n: u32,
        #[arg(value_parser = whom)]
        whom: Whom,
    },
    /// Take part no more
    Leave { n: u32 },
}

#[derive(ClapArgs, Debug)]
pub(crate) struct StartArgs {
    /// The first message
    pub(crate) text: String,
    /// A member by role, or by the number of their account; several, if you like
    #[arg(long, value_parser = whom)]
    pub(crate) with: Vec<Whom>,
    /// Every member of the circle, also who comes later
    #[arg(long, conflicts_with = "with")]
    pub(crate) everybody: bool,
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The last digits of the number of the entry or plan that it is about: only who may read that takes part
    #[arg(long, value_name = "ENTRY")]
    pub(crate) about: Option<String>,
    /// One field of it, by name
    #[arg(long)]
    pub(crate) field: Option<String>,
}
