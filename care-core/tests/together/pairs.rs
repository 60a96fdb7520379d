use osteon_care_core::together::{Approved, events, pairs, readings};
use osteon_proto::care;
use osteon_sync_core::Field;

use crate::{One, dot, made, moment, records};

fn dose(record: u8, agent: &str, hour: i64, by: (u32, u64)) -> One {
    let dose = care::Administration { agent: Some(agent.into()), when: Some(moment(hour)), ..Default::default() };
    made(record, 232, &dose, by)
}

fn fall(record: u8, hour: i64, by: (u32, u64)) -> One {
    made(record, 107, &care::Fall { when: Some(moment(hour)), ..Default::default() }, by)
}

fn found(all: &[One]) -> usize {
    pairs(&events(&records(all)), &[]).len()
}

#[test]
fn one_dose_recorded_by_two_people() {
    let a = dose(1, "denosumab", 0, (1, 1));
    assert_eq!(found(&[a.clone(), dose(2, "denosumab", 24, (2, 1))]), 1);
    assert_eq!(found(&[a.clone(), dose(2, "denosumab", 25, (2, 1))]), 0, "more than a day apart");
    assert_eq!(found(&[a.clone(), dose(2, "zoledronate", 0, (2, 1))]), 0, "another drug");
    assert_eq!(found(&[a.clone(), dose(2, "denosumab", 1, (1, 2))]), 0, "the same person on the same device");
    // A correction names what it corrects: that is one event already.
    let corrected = care::Administration {
        agent: Some("denosumab".into()),
        when: Some(moment(1)),
        supersedes: Some(a.record.0.to_vec().into()),
        ..Default::default()
    };
    assert_eq!(found(&[a, made(3, 232, &corrected, (2, 1))]), 0);
}

#[test]
fn one_fall_recorded_on_two_phones() {
    assert_eq!(found(&[fall(1, 0, (1, 1)), fall(2, 2, (2, 1))]), 1);
    assert_eq!(found(&[fall(1, 0, (1, 1)), fall(2, 3, (2, 1))]), 0);
    let mut mistake = fall(2, 1, (2, 1));
    mistake.write(Field::register(0), &[3], (2, 2), &[dot(2, 1)]);
    assert_eq!(found(&[fall(1, 0, (1, 1)), mistake]), 0, "one of them was marked as a mistake");
}

/// Confirmed as two events: no question any more, until one of the times changes.
#[test]
fn two_events_stay_two_until_a_time_changes() {
    let (a, mut b) = (fall(1, 0, (1, 1)), fall(2, 1, (2, 1)));
    let said = Approved::of([(a.record, 1, dot(1, 1)), (b.record, 1, dot(2, 1))]);
    let left = |all: &[One]| pairs(&events(&records(all)), std::slice::from_ref(&said)).len();
    assert_eq!(left(&[a.clone(), b.clone()]), 0);
    b.put(&care::Fall { when: Some(moment(2)), ..Default::default() }, (3, 1));
    assert_eq!(left(&[a, b]), 1);
}

fn says(type_number: u32, field: u32, one: &One) -> Vec<(&'static str, String)> {
    readings(type_number, field, &one.part).into_iter().map(|read| (read.name, read.value)).collect()
}

/// M4, M5 and M15: giving is blocked and the clock runs; the earlier date reminds, the later allows.
#[test]
fn two_readings_of_the_bone_drug_plan() {
    let status = |status: care::BoneDrugStatus, next: &str| care::BoneDrugPlan {
        status: Some(status as i32),
        planned_next: Some(next.into()),
        ..Default::default()
    };
    let mut plan = made(1, 231, &status(care::BoneDrugStatus::Held, "2026-06-15"), (1, 1));
    plan.put(&status(care::BoneDrugStatus::Active, "2026-06-01"), (2, 1));
    assert_eq!(says(231, 6, &plan), [("giving", "blocked".to_owned()), ("overdue_clock", "runs".to_owned())]);
    let dates = [("remind_on", "2026-06-01".to_owned()), ("not_before", "2026-06-15".to_owned())];
    assert_eq!(says(231, 7, &plan), dates);
    assert!(says(231, 2, &plan).is_empty());
}

/// A plan that was active and held because of a low calcium read "the state of the plan allows it".
#[test]
fn what_must_be_cleared_first_blocks_giving_whatever_the_state() {
    let active = care::BoneDrugPlan { status: Some(care::BoneDrugStatus::Active.into()), ..Default::default() };
    let mut plan = made(1, 231, &active, (1, 1));
    assert_eq!(says(231, 6, &plan)[0], ("giving", "allowed".to_owned()));
    let held = care::BoneDrugPlan { hold_reasons: vec!["low_calcium".into(), "dental".into()], ..Default::default() };
    plan.put(&held, (2, 1));
    assert_eq!(says(231, 6, &plan)[0], ("giving", "blocked".to_owned()));
    let read = readings(231, 6, &plan.part);
    assert_eq!(read[0].says, "Giving: blocked, to be cleared first: dental, low calcium.");
}

/// The same of the safety minimum, which is all that some are told of the plan: held and disputed blocks, and the clock runs even
/// where the strictest is "stopped".
#[test]
fn two_readings_of_the_safety_minimum() {
    let minimum = |status: care::BoneDrugStatus, disputed: &[&str]| care::SafetyMinimum {
        bone_drug_status: Some(status.into()),
        bone_drug_next: Some("2026-06-01".into()),
        bone_drug_not_before: Some("2026-06-15".into()),
        disputed: disputed.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    };
    let read = |status, disputed: &[&str]| says(321, 8, &made(1, 321, &minimum(status, disputed), (1, 1)));
    let both = |giving: &str, clock: &str| [("giving", giving.to_owned()), ("overdue_clock", clock.to_owned())];
    assert_eq!(read(care::BoneDrugStatus::Active, &[]), both("allowed", "runs"));
    assert_eq!(read(care::BoneDrugStatus::Held, &[]), both("blocked", "runs"));
    assert_eq!(read(care::BoneDrugStatus::Stopped, &[]), both("blocked", "runs_until_follow_on"));
    assert_eq!(read(care::BoneDrugStatus::Stopped, &["bone_drug_status"]), both("blocked", "runs"));
    assert_eq!(read(care::BoneDrugStatus::Unspecified, &[]), both("ask_first", "runs"));
    let dates = [("remind_on", "2026-06-01".to_owned()), ("not_before", "2026-06-15".to_owned())];
    assert_eq!(says(321, 9, &made(1, 321, &minimum(care::BoneDrugStatus::Held, &[]), (1, 1))), dates);
}
