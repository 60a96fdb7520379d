//! What no record of care says: the state of sync, of the house, and of consent.

use std::collections::BTreeSet;

use super::{Day, Id, Instant, Live, Role};

/// What rules need besides records.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct House {
    /// Not everything of the circle is here yet: what is not found may still come.
    pub incomplete: bool,
    pub disputes: Vec<Dispute>,
    pub changes: Vec<PlanChange>,
    /// Devices of the patient.
    pub device: Option<Device>,
    /// May the nurse read C11? Missing: nobody said.
    pub shares_alcohol: Live<bool>,
    /// Times in which no entries are asked for, first and last day.
    pub pauses: BTreeSet<(Day, Day)>,
}

/// How fast a dispute must be settled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stakes {
    /// No safety depends on it.
    Ordinary,
    /// Safety depends on it: a person has a day.
    Safety,
    /// Agent, dose or status of the bone drug, clearance, end-of-life wishes: at once.
    AtOnce,
}

/// An open review: one field whose live versions differ.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Dispute {
    pub record: Id,
    /// Label of the part that the field stands in, as a number.
    pub label: u64,
    /// "P-EX.clearance".
    pub field: String,
    pub stakes: Stakes,
    pub since: Instant,
    /// (value as shown, who), sorted by the clock.
    pub versions: Vec<(String, Option<Role>)>,
    /// What holds meanwhile, as shown.
    pub in_force: Option<String>,
}

/// A change of a plan that somebody made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PlanChange {
    pub record: Id,
    pub at: Instant,
    /// Codes of products, drugs or items that it adds or changes.
    pub items: BTreeSet<String>,
}

/// The patient's device that was seen last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    pub last_synced: Live<Instant>,
    /// Emergency and urgent alerts that it has not got.
    pub alerts_waiting: u32,
    pub plan_changes_waiting: u32,
}

impl House {
    pub(super) fn settle(&mut self) {
        self.disputes.sort();
        self.disputes.dedup();
        self.changes.sort();
        self.changes.dedup();
    }
}
