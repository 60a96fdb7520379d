//! The two readings of the bone drug plan (P-BONE): one field, two questions, two answers.
//!
//! `status`: holding a drug that should run risks rebound, giving one that was held risks low calcium. So while
//! versions differ the dose is blocked *and* the clock that counts lateness runs. `planned_next`: remind at the
//! earliest of the live dates, never give before the latest. Care specification, sections 3 and 3.2 (M4, M15) and
//! 8.4; the clock as in R-DMAB-2.

use osteon_proto::care::{BoneDrugPlan, BoneDrugStatus};
use prost::Message;

use crate::facts::Day;

/// May a dose be given, as far as the status goes? Other fields (hold reasons, dental clearance, dates) have
/// their own say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Giving {
    /// Every live version says active.
    Allowed,
    /// The strictest live version, in the order of the field's rank.
    Blocked(BoneDrugStatus),
    /// No version, a cleared one, or one that this version does not understand: ask a person.
    AskFirst,
}

/// Does lateness count?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OverdueClock {
    /// Nothing was ordered yet.
    NotStarted,
    /// Stopped: it runs as long as no drug follows.
    RunsUntilFollowOn,
    Runs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusReading {
    pub giving: Giving,
    pub clock: OverdueClock,
    /// Live versions differ: a person decides, at once.
    pub disputed: bool,
}

/// Both readings of `P-BONE.status` over its live versions, as chunks; None is "cleared".
pub fn status<'a>(live: impl IntoIterator<Item = Option<&'a [u8]>>) -> StatusReading {
    let mut values: Vec<Option<BoneDrugStatus>> = live.into_iter().map(|chunk| chunk.and_then(status_of)).collect();
    values.sort_unstable();
    values.dedup();
    let disputed = values.len() > 1;
    let giving = match values.iter().copied().map(strictness).min() {
        None | Some(None) => Giving::AskFirst,
        Some(Some((_, BoneDrugStatus::Active))) => Giving::Allowed,
        Some(Some((_, strictest))) => Giving::Blocked(strictest),
    };
    let alone = values.first().copied().flatten();
    let clock = match (disputed, alone) {
        (true, _) => OverdueClock::Runs,
        (false, None) if values.is_empty() => OverdueClock::NotStarted,
        (false, Some(BoneDrugStatus::Proposed)) => OverdueClock::NotStarted,
        (false, Some(BoneDrugStatus::Stopped)) => OverdueClock::RunsUntilFollowOn,
        (false, _) => OverdueClock::Runs,
    };
    StatusReading { giving, clock, disputed }
}

/// None sorts first: what is cleared or not understood is the strictest.
fn strictness(value: Option<BoneDrugStatus>) -> Option<(u8, BoneDrugStatus)> {
    let value = value?;
    let place = match value {
        BoneDrugStatus::Unspecified => return None,
        BoneDrugStatus::Held => 0,
        BoneDrugStatus::Stopped => 1,
        BoneDrugStatus::Holiday => 2,
        BoneDrugStatus::Proposed => 3,
        BoneDrugStatus::Active => 4,
    };
    Some((place, value))
}

fn status_of(chunk: &[u8]) -> Option<BoneDrugStatus> {
    let number = BoneDrugPlan::decode(chunk).ok()?.status?;
    BoneDrugStatus::try_from(number).ok().filter(|status| *status != BoneDrugStatus::Unspecified)
}

/// Both readings of `P-BONE.planned_next`. Dates as "YYYY-MM-DD".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedNext {
    /// The earliest of the live dates.
    pub remind_on: Option<String>,
    /// The latest of the live dates. None: nobody may give by this field alone; ask a person.
    pub not_before: Option<String>,
    pub disputed: bool,
}

/// Both readings over the live versions of `P-BONE.planned_next`, as chunks; None is "cleared". A cleared or
/// unreadable version still leaves the reminder of the others, but takes away the day from which giving is fine.
pub fn planned_next<'a>(live: impl IntoIterator<Item = Option<&'a [u8]>>) -> PlannedNext {
    let mut dates: Vec<Option<String>> = live.into_iter().map(|chunk| chunk.and_then(date_of)).collect();
    dates.sort_unstable();
    dates.dedup();
    let unclear = dates.iter().any(Option::is_none);
    let latest = dates.last().cloned().flatten();
    PlannedNext {
        remind_on: dates.iter().flatten().next().cloned(),
        not_before: if unclear { None } else { latest },
        disputed: dates.len() > 1,
    }
}

fn date_of(chunk: &[u8]) -> Option<String> {
    let date = BoneDrugPlan::decode(chunk).ok()?.planned_next?;
    Day::parse(&date).map(|_| date)
}
