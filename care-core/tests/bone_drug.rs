//! The two readings of the bone drug plan: clinical merge cases M4 and M15, and their laws.

use osteon_care_core::*;
use osteon_proto::care::{BoneDrugPlan, BoneDrugStatus};
use proptest::prelude::*;
use proptest::test_runner::Config;
use prost::Message;

fn cases() -> Config {
    let cases = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(128);
    Config { cases, ..Config::default() }
}

fn status_chunk(number: i32) -> Vec<u8> {
    BoneDrugPlan { status: Some(number), ..BoneDrugPlan::default() }.encode_to_vec()
}

fn date_chunk(date: &str) -> Vec<u8> {
    BoneDrugPlan { planned_next: Some(date.into()), ..BoneDrugPlan::default() }.encode_to_vec()
}

fn read(statuses: &[Option<i32>]) -> StatusReading {
    let chunks: Vec<Option<Vec<u8>>> = statuses.iter().map(|status| status.map(status_chunk)).collect();
    status(chunks.iter().map(Option::as_deref))
}

fn plan(dates: &[Option<&str>]) -> PlannedNext {
    let chunks: Vec<Option<Vec<u8>>> = dates.iter().map(|date| date.map(date_chunk)).collect();
    planned_next(chunks.iter().map(Option::as_deref))
}

const PROPOSED: i32 = BoneDrugStatus::Proposed as i32;
const ACTIVE: i32 = BoneDrugStatus::Active as i32;
const HELD: i32 = BoneDrugStatus::Held as i32;
const STOPPED: i32 = BoneDrugStatus::Stopped as i32;

#[test]
fn m4_held_and_active_block_the_dose_and_keep_the_clock() {
    let both =
        StatusReading { giving: Giving::Blocked(BoneDrugStatus::Held), clock: OverdueClock::Runs, disputed: true };
    assert_eq!(read(&[Some(HELD), Some(ACTIVE)]), both);
    assert_eq!(read(&[Some(ACTIVE), Some(HELD)]), both);
}

#[test]
fn one_status_is_read_as_it_stands() {
    assert_eq!(read(&[]), StatusReading { giving: Giving::AskFirst, clock: OverdueClock::NotStarted, disputed: false });
    let active = StatusReading { giving: Giving::Allowed, clock: OverdueClock::Runs, disputed: false };
    assert_eq!(read(&[Some(ACTIVE), Some(ACTIVE)]), active);
    assert_eq!(read(&[Some(HELD)]).clock, OverdueClock::Runs);
    assert_eq!(read(&[Some(PROPOSED)]).clock, OverdueClock::NotStarted);
    assert_eq!(read(&[Some(STOPPED)]).clock, OverdueClock::RunsUntilFollowOn);
    assert_eq!(read(&[Some(STOPPED), Some(PROPOSED)]).clock, OverdueClock::Runs, "while it is disputed");
}

#[test]
fn cleared_or_newer_statuses_ask_first() {
    for odd in [None, Some(0), Some(77)] {
        assert_eq!(read(&[odd, Some(ACTIVE)]).giving, Giving::AskFirst);
        assert_eq!(read(&[odd]).clock, OverdueClock::Runs);
    }
}

#[test]
fn m15_remind_at_the_earliest_never_give_before_the_latest() {
    let both = plan(&[Some("2026-06-15"), Some("2026-06-01")]);
    assert_eq!(both.remind_on.as_deref(), Some("2026-06-01"));
    assert_eq!(both.not_before.as_deref(), Some("2026-06-15"));
    assert!(both.disputed);
    let cleared = plan(&[Some("2026-06-15"), None]);
    assert_eq!((cleared.remind_on.as_deref(), cleared.not_before), (Some("2026-06-15"), None));
    let one = plan(&[Some("2028-02-29")]);
    assert_eq!((one.remind_on.clone(), one.disputed), (one.not_before.clone(), false));
    for odd in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-6-1", "2026-06-31", "1900-02-29", "soon"] {
        assert_eq!(plan(&[Some(odd)]).not_before, None, "{odd}");
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Order and repetition do not matter, and another version never lets a dose be given, stops the clock,
    /// delays the reminder or brings the first day nearer.
    #[test]
    fn another_version_is_never_less_careful(mut seen in prop::collection::vec(prop::option::of(0..8i32), 1..6), more in prop::option::of(0..8i32)) {
        let before = read(&seen);
        seen.reverse();
        prop_assert_eq!(before, read(&seen));
        seen.push(more);
        let after = read(&seen);
        prop_assert!(before.giving == Giving::Allowed || after.giving != Giving::Allowed);
        prop_assert!(after.clock >= before.clock);
    }

    #[test]
    fn another_date_is_never_less_careful(seen in prop::collection::vec(1..28u32, 1..5), more in prop::option::of(1..28u32)) {
        let text = |day: &u32| format!("2026-06-{day:02}");
        let mut dates: Vec<Option<String>> = seen.iter().map(|day| Some(text(day))).collect();
        let strs = |dates: &[Option<String>]| plan(&dates.iter().map(Option::as_deref).collect::<Vec<_>>());
        let before = strs(&dates);
        dates.push(more.as_ref().map(text));
        let after = strs(&dates);
        prop_assert!(after.remind_on <= before.remind_on);
        prop_assert!(after.not_before.is_none() || after.not_before >= before.not_before);
    }

    /// Any bytes give an answer.
    #[test]
    fn total(chunks in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..24)), 0..5)) {
        let _ = status(chunks.iter().map(Option::as_deref));
        let _ = planned_next(chunks.iter().map(Option::as_deref));
    }
}
