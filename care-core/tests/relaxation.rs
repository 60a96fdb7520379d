//! What loosens a limit, by the policies of the contract (clinical merge cases M1–M3).

use osteon_care_core::relaxes;
use osteon_proto::{care::*, table::table};
use osteon_sync_core::{Author, Clock, Dot, Replica, Role, Version};
use prost::Message;

fn version(value: Option<&[u8]>) -> Version<'_> {
    Version {
        dot: Dot { replica: Replica { epoch: 1, n: 1 }, counter: 1 },
        clock: Clock { ms: 1, logical: 0 },
        author: Author { account: 1, role: Role(4) },
        value,
    }
}

/// Whether `to` in the place of `from` relaxes the field of the type named `record`.
fn asks<M: Message>(record: &str, field: &str, from: &[Option<M>], to: Option<&M>) -> bool {
    let record = table().by_name(record).expect("a type");
    let number = record.field_by_name(field).expect("a field").number;
    let chunks: Vec<Option<Vec<u8>>> = from.iter().map(|m| m.as_ref().map(Message::encode_to_vec)).collect();
    let put = to.map(Message::encode_to_vec);
    relaxes(record.number, number, chunks.iter().map(|chunk| version(chunk.as_deref())), put.as_deref())
}

fn clearance(of: ExerciseClearance) -> ExercisePlan {
    ExercisePlan { clearance: Some(of as i32), ..ExercisePlan::default() }
}

fn interval(days: u32) -> BoneDrugPlan {
    BoneDrugPlan { min_interval_days: Some(days), ..BoneDrugPlan::default() }
}

#[test]
fn lifting_a_hold_needs_a_reason_and_setting_one_does_not() {
    let (hold, modified) = (clearance(ExerciseClearance::Hold), clearance(ExerciseClearance::Modified));
    assert!(asks("P-EX", "clearance", &[Some(hold.clone())], Some(&modified)));
    assert!(!asks("P-EX", "clearance", &[Some(modified.clone())], Some(&hold)));
    assert!(!asks("P-EX", "clearance", &[Some(hold.clone())], Some(&hold)), "the same again");
    assert!(
        asks("P-EX", "clearance", &[Some(modified.clone()), Some(hold.clone())], Some(&modified)),
        "one was stricter"
    );
    assert!(asks("P-EX", "clearance", &[Some(hold)], None), "clearing leaves no limit");
    assert!(!asks("P-EX", "clearance", &[], Some(&modified)), "nothing was in its place");
    assert!(!asks::<ExercisePlan>("P-EX", "clearance", &[None], Some(&modified)), "it was cleared already");
}

#[test]
fn a_shorter_guard_against_double_doses_needs_a_reason() {
    assert!(asks("P-BONE", "min_interval_days", &[Some(interval(28))], Some(&interval(21))));
    assert!(!asks("P-BONE", "min_interval_days", &[Some(interval(28))], Some(&interval(84))));
}

#[test]
fn to_take_a_restriction_out_of_a_set_needs_a_reason() {
    let bend = ExercisePlan { forbidden_movements: vec!["bend".into()], ..ExercisePlan::default() };
    assert!(asks("P-EX", "forbidden_movements", &[Some(bend.clone())], None));
    assert!(asks("P-EX", "forbidden_movements", &[None, Some(bend.clone())], None), "one of them stood");
    assert!(!asks("P-EX", "forbidden_movements", &[Some(bend.clone())], Some(&bend)), "it stays");
    assert!(!asks::<ExercisePlan>("P-EX", "forbidden_movements", &[None], None), "it was out already");
    let liked = NutritionPlan { preferred_foods: vec!["soup".into()], ..NutritionPlan::default() };
    assert!(!asks("P-NUT", "preferred_foods", &[Some(liked)], None), "what is liked restricts nobody");
}

/// "Ended" stands above "active" in the order (no exercise is the safer of two), and yet its limits hold no longer.
#[test]
fn to_end_a_plan_by_its_status_needs_a_reason() {
    use osteon_proto::care::{ExercisePlanStatus as Exercise, NutritionPlanStatus as Nutrition, TrialStatus as Trial};
    let exercise = |status: Exercise| ExercisePlan { status: Some(status.into()), ..ExercisePlan::default() };
    for stood in [Exercise::Draft, Exercise::Active, Exercise::Paused] {
        assert!(asks("P-EX", "status", &[Some(exercise(stood))], Some(&exercise(Exercise::Ended))), "{stood:?}");
    }
    assert!(!asks("P-EX", "status", &[Some(exercise(Exercise::Active))], Some(&exercise(Exercise::Paused))));
    assert!(
        !asks("P-EX", "status", &[Some(exercise(Exercise::Ended))], Some(&exercise(Exercise::Ended))),
        "over already"
    );
    assert!(!asks("P-EX", "status", &[], Some(&exercise(Exercise::Ended))), "nothing was in its place");
    let bone = |status: BoneDrugStatus| BoneDrugPlan { status: Some(status.into()), ..BoneDrugPlan::default() };
    assert!(asks("P-BONE", "status", &[Some(bone(BoneDrugStatus::Held))], Some(&bone(BoneDrugStatus::Stopped))));
    let nutrition = |status: Nutrition| NutritionPlan { status: Some(status.into()), ..NutritionPlan::default() };
    assert!(asks("P-NUT", "status", &[Some(nutrition(Nutrition::Active))], Some(&nutrition(Nutrition::Ended))));
    assert!(!asks("P-NUT", "status", &[Some(nutrition(Nutrition::Ended))], Some(&nutrition(Nutrition::Active))));
    let trial = |status: Trial| TrialParticipation { status: Some(status.into()), ..TrialParticipation::default() };
    for over in [Trial::Ended, Trial::Declined] {
        assert!(asks("P-TRIAL", "status", &[Some(trial(Trial::Enrolled))], Some(&trial(over))));
    }
}

#[test]
fn fields_without_an_order_never_need_one() {
    let dose = |dose| BoneDrugPlan { dose: Some(dose), ..BoneDrugPlan::default() };
    assert!(!asks("P-BONE", "dose", &[Some(dose(120_000))], Some(&dose(60_000))));
    assert!(!relaxes(u32::MAX, 1, [version(None)].into_iter(), None));
}
