use osteon_care_core::together::{CHECKS, Finding, Leaves, READS, Tells, check, limited};
use osteon_proto::{care, table::table};
use osteon_sync_core::Field;

use crate::{One, dot, id, made, moment, records};

fn ids(all: &[One]) -> Vec<&'static str> {
    check(&records(all)).iter().filter(|one| one.tells == Tells::Contradicts).map(|one| one.check.id).collect()
}

fn only(all: &[One]) -> Finding {
    let found = check(&records(all));
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

fn nutrition(plan: care::NutritionPlan) -> One {
    made(1, 221, &plan, (1, 1))
}

#[test]
fn the_floor_for_protein_is_above_the_kidney_limit() {
    let plan = |min, max| care::NutritionPlan {
        protein_g_kg_d_min: Some(min),
        protein_g_kg_d_max: Some(max),
        ..Default::default()
    };
    assert!(ids(&[nutrition(plan(80, 80))]).is_empty(), "equal is no contradiction");
    let found = only(&[nutrition(plan(120, 80))]);
    assert_eq!(found.says, "The floor for protein (1.2 g/kg a day) is above the kidney limit (0.8 g/kg a day).");
    assert_eq!(
        found.rests.iter().map(|rests| (rests.field, rests.dots.clone())).collect::<Vec<_>>(),
        [(6, vec![dot(1, 1)]), (7, vec![dot(1, 1)])]
    );
}

/// The dietitian raises protein while the physician sets a ceiling; the worst version shows.
#[test]
fn every_live_version_is_looked_at() {
    let mut plan = nutrition(care::NutritionPlan { protein_g_kg_d_min: Some(100), ..Default::default() });
    plan.put(&care::NutritionPlan { protein_g_kg_d_max: Some(110), ..Default::default() }, (2, 1));
    assert!(ids(std::slice::from_ref(&plan)).is_empty());
    plan.put(&care::NutritionPlan { protein_g_kg_d_min: Some(130), ..Default::default() }, (3, 1));
    let found = only(std::slice::from_ref(&plan));
    assert_eq!(found.check.id, "T-PROT-1");
    assert!(found.says.contains("1.3 g/kg"));
    assert_eq!(found.rests[0].dots, [dot(1, 1), dot(3, 1)], "both live versions of the floor");
    // A person who saw both settles it.
    plan.write(Field::register(6), &[0x30, 100], (1, 2), &[dot(1, 1), dot(3, 1)]);
    assert!(ids(std::slice::from_ref(&plan)).is_empty());
}

#[test]
fn kidney_disease_without_a_ceiling_cannot_be_told() {
    let plan = nutrition(care::NutritionPlan { protein_g_kg_d_min: Some(120), ..Default::default() });
    let risk = |kidney: care::TriState| {
        made(2, 281, &care::RiskProfile { kidney_disease: Some(kidney as i32), ..Default::default() }, (2, 1))
    };
    let found = only(&[plan.clone(), risk(care::TriState::Yes)]);
    assert_eq!((found.check.id, found.tells), ("T-PROT-2", Tells::CannotTell("protein_g_kg_d_max")));
    assert!(check(&records(&[plan.clone(), risk(care::TriState::No)])).is_empty());
    assert!(check(&records(&[plan])).is_empty(), "nobody said so, or it is not shared");
}

#[test]
fn fluids_and_calcium_of_the_plan() {
    let fluid =
        |min, max| care::NutritionPlan { fluid_min_ml_d: Some(min), fluid_max_ml_d: Some(max), ..Default::default() };
    assert!(ids(&[nutrition(fluid(1_500, 1_500))]).is_empty());
    assert_eq!(ids(&[nutrition(fluid(1_501, 1_500))]), ["T-FLUID-1"]);
    let calcium = |target, max| care::NutritionPlan {
        calcium_mg_d_target: Some(target),
        calcium_mg_d_max: Some(max),
        ..Default::default()
    };
    assert!(ids(&[nutrition(calcium(1_200, 1_200))]).is_empty());
    assert_eq!(ids(&[nutrition(calcium(1_200, 1_000))]), ["T-CA-1"]);
    // One side cleared beside a value: cannot tell.
    let mut plan = nutrition(fluid(1_000, 1_500));
    plan.write(Field::register(17), &[], (2, 1), &[]);
    assert!(check(&records(std::slice::from_ref(&plan))).is_empty(), "a removal that names nothing changes nothing");
}

fn calcium(record: u8, tenthousandths: i32, hour: i64) -> One {
    let lab = care::LaboratoryResult {
        analyte: Some("29265-6".into()),
        value: Some(tenthousandths),
        unit: Some("mmol/L".into()),
        specimen_time: Some(moment(hour)),
        ..Default::default()
    };
    made(record, 120, &lab, (5, record.into()))
}

#[test]
fn a_calcium_target_while_calcium_is_high() {
    let plan = nutrition(care::NutritionPlan { calcium_mg_d_target: Some(1_000), ..Default::default() });
    assert!(ids(&[plan.clone(), calcium(9, 26_000, 0)]).is_empty(), "at the limit");
    let found = only(&[plan.clone(), calcium(9, 26_001, 0)]);
    assert_eq!(found.check.id, "T-CA-2");
    assert!(found.says.contains("2026-03-14"));
    assert!(ids(&[plan, calcium(9, 28_000, 0), calcium(8, 24_000, 5)]).is_empty(), "a newer one is in range");
}

fn lesion(site: &str, imaged: &str, status: care::LesionStatus) -> One {
    let lesion = care::Lesion {
        site: Some(site.into()),
        status: Some(status as i32),
        imaging_events: vec![care::ImagingEvent { date: Some(imaged.into()), ..Default::default() }],
        ..Default::default()
    };
    made(3, 251, &lesion, (2, 1))
}

fn exercise_plan(reviewed: Option<&str>) -> Vec<One> {
    let plan = care::ExercisePlan { last_review: reviewed.map(Into::into), ..Default::default() };
    let parent = Some(id(4).0.to_vec().into());
    let module = |module: care::ExerciseModule, level| care::AllowedModule {
        parent: parent.clone(),
        module: Some(module as i32),
        level: Some(level),
    };
    let exercise = |block: care::ExerciseBlock, code: &str| care::Exercise {
        parent: parent.clone(),
        block: Some(block as i32),
        code: Some(code.into()),
        ..Default::default()
    };
    vec![
        made(4, 201, &plan, (1, 1)),
        made(5, 212, &module(care::ExerciseModule::Wb, 2), (1, 2)),
        made(6, 212, &module(care::ExerciseModule::Lower, 1), (1, 3)),
        made(7, 211, &exercise(care::ExerciseBlock::Balance, "one_leg_stand"), (1, 4)),
        made(8, 211, &exercise(care::ExerciseBlock::Core, "bridge"), (1, 5)),
        made(9, 211, &exercise(care::ExerciseBlock::Main, "leg_press"), (1, 6)),
    ]
}

/// A21 over P-EX: pelvis leaves nothing of weight-bearing and lower body with an exclusion.
#[test]
fn a_lesion_that_the_plan_has_not_seen_limits_its_exercises() {
    let mut all = exercise_plan(Some("2026-01-10"));
    all.push(lesion("118645006", "2026-02-01", care::LesionStatus::Confirmed));
    let over: Vec<_> = limited(&records(&all)).into_iter().map(|one| (one.record, one.leaves)).collect();
    assert_eq!(over, [(id(5), Leaves::Nothing), (id(7), Leaves::Nothing), (id(9), Leaves::Ask)]);
    assert_eq!(ids(&all), ["T-EX-1", "T-EX-1"]);
    // The day of the review is seen; an older lesion is; a healed one counts for nothing.
    for (imaged, status) in [
        ("2026-01-10", care::LesionStatus::Confirmed),
        ("2025-12-01", care::LesionStatus::Confirmed),
        ("2026-02-01", care::LesionStatus::Healed),
    ] {
        *all.last_mut().expect("the lesion") = lesion("118645006", imaged, status);
        assert!(limited(&records(&all)).is_empty(), "{imaged} {status:?}");
    }
    // Without a review the overlay holds.
    let mut never = exercise_plan(None);
    never.push(lesion("118645006", "2025-12-01", care::LesionStatus::Suspected));
    assert_eq!(limited(&records(&never)).len(), 3);
}

/// Two states side by side: the least healed counts.
#[test]
fn healed_beside_confirmed_is_not_healed() {
    let mut all = exercise_plan(Some("2026-01-10"));
    let mut spot = lesion("118645006", "2026-02-01", care::LesionStatus::Healed);
    spot.put(&care::Lesion { status: Some(care::LesionStatus::Confirmed as i32), ..Default::default() }, (3, 1));
    all.push(spot);
    assert_eq!(ids(&all), ["T-EX-1", "T-EX-1"]);
}

#[test]
fn a_supplement_that_the_trial_prohibits() {
    let line = |status: care::SupplementStatus| {
        let line = care::SupplementLine {
            product: Some("st_johns_wort".into()),
            status: Some(status as i32),
            ..Default::default()
        };
        made(2, 291, &line, (1, 1))
    };
    let trial = |status: care::TrialStatus, prohibited: &str| {
        let trial = care::TrialParticipation {
            status: Some(status as i32),
            prohibited: vec![prohibited.into()],
            ..Default::default()
        };
        made(3, 391, &trial, (2, 1))
    };
    let active = care::SupplementStatus::Active;
    assert_eq!(ids(&[line(active), trial(care::TrialStatus::Enrolled, "st_johns_wort")]), ["T-SUP-1"]);
    assert!(ids(&[line(active), trial(care::TrialStatus::Enrolled, "biotin")]).is_empty());
    assert!(ids(&[line(active), trial(care::TrialStatus::Ended, "st_johns_wort")]).is_empty());
    assert!(
        ids(&[line(care::SupplementStatus::Stopped), trial(care::TrialStatus::Enrolled, "st_johns_wort")]).is_empty()
    );
}

#[test]
fn heights_that_differ_by_more_than_two_centimetres() {
    let height = |mm| care::RiskProfile { height_cm: Some(mm), ..Default::default() };
    let mut risk = made(2, 281, &height(1_650), (1, 1));
    risk.put(&height(1_670), (2, 1));
    assert!(ids(std::slice::from_ref(&risk)).is_empty());
    risk.put(&height(1_671), (3, 1));
    assert_eq!(only(&[risk]).says, "Two heights stand side by side: 165 and 167.1 cm.");
}

/// M15: remind at the earlier, give not before the later; a date inside the interval guard is a contradiction.
#[test]
fn a_date_inside_the_shortest_interval() {
    let plan = |next: &str| care::BoneDrugPlan {
        planned_next: Some(next.into()),
        min_interval_days: Some(28),
        ..Default::default()
    };
    let dose =
        care::Administration { parent: Some(id(1).0.to_vec().into()), when: Some(moment(0)), ..Default::default() };
    let dose = made(2, 232, &dose, (2, 1));
    assert!(ids(&[made(1, 231, &plan("2026-04-11"), (1, 1)), dose.clone()]).is_empty(), "after 28 days");
    let mut disputed = made(1, 231, &plan("2026-04-11"), (1, 1));
    disputed.put(&plan("2026-04-10"), (3, 1));
    assert_eq!(ids(&[disputed, dose]), ["T-BONE-1"]);
}

#[test]
fn two_plans_of_a_kind_at_once() {
    use care::{BoneDrugStatus, ExercisePlanStatus};
    let exercise = |n: u8, status: ExercisePlanStatus| {
        made(n, 201, &care::ExercisePlan { status: Some(status.into()), ..Default::default() }, (n.into(), 1))
    };
    let bone = |n: u8, status: BoneDrugStatus| {
        made(n, 231, &care::BoneDrugPlan { status: Some(status.into()), ..Default::default() }, (n.into(), 1))
    };
    for other in [ExercisePlanStatus::Ended, ExercisePlanStatus::Draft, ExercisePlanStatus::Paused] {
        assert!(ids(&[exercise(1, ExercisePlanStatus::Active), exercise(2, other)]).is_empty(), "{other:?}");
    }
    let found = only(&[exercise(1, ExercisePlanStatus::Active), exercise(2, ExercisePlanStatus::Active)]);
    assert_eq!((found.check.id, found.rests.len()), ("T-EX-2", 2));
    assert!(found.says.starts_with("2 exercise plans are active at once."), "{}", found.says);
    // One says that it goes on, another that it ended: it goes on.
    let mut disputed = exercise(2, ExercisePlanStatus::Ended);
    disputed.put(&care::ExercisePlan { status: Some(ExercisePlanStatus::Active.into()), ..Default::default() }, (3, 1));
    assert_eq!(ids(&[exercise(1, ExercisePlanStatus::Active), disputed]), ["T-EX-2"]);
    assert!(ids(&[bone(1, BoneDrugStatus::Active), bone(2, BoneDrugStatus::Held)]).is_empty());
    assert_eq!(ids(&[bone(1, BoneDrugStatus::Active), bone(2, BoneDrugStatus::Active)]), ["T-BONE-2"]);
}

/// What has ended asks for nothing, and hides nothing.
#[test]
fn a_lesion_says_nothing_of_a_plan_that_ended() {
    let mut all = exercise_plan(Some("2026-01-01"));
    all.push(lesion("12921003", "2026-02-01", care::LesionStatus::Confirmed));
    assert!(!limited(&records(&all)).is_empty());
    let ended = care::ExercisePlan { status: Some(care::ExercisePlanStatus::Ended.into()), ..Default::default() };
    all[0].put(&ended, (1, 9));
    assert!(limited(&records(&all)).is_empty());
}

#[test]
fn the_table_of_checks_is_whole() {
    let mut seen: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 11);
    assert!(READS.iter().all(|number| table().get(*number).is_some()));
}
