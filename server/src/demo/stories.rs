//! What happens in the six circles beside the daily journal: plans on the first day, and the events that each patient is
//! there for. Source: the demo clinic of the design.

use osteon_proto::care;
use osteon_sync_core::RecordId;

use super::{
    clinic::Clinic,
    journal::DAY_MS,
    people::Who,
    records::{date, manual, moment},
};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// Records that later events write to.
pub(super) struct Plans {
    pub(super) exercise: RecordId,
    nutrition: RecordId,
    /// D-0004's.
    pub(super) of_kidneys: RecordId,
    /// D-0001's and D-0003's.
    first_bone: RecordId,
    bone: RecordId,
}

fn text(words: &str) -> Option<String> {
    Some(words.to_owned())
}

/// The first day: what the team sets up.
pub(super) async fn first_day(clinic: &mut Clinic) -> anyhow::Result<Plans> {
    clinic.share(1, Who::Daughter(1), care::GrantCategory::C06Symptoms).await?;
    clinic.share(1, Who::Daughter(1), care::GrantCategory::C08Activity).await?;
    clinic.share(5, Who::Daughter(5), care::GrantCategory::C09FallsHome).await?;
    for who in [Who::PhysioP, Who::PhysioQ, Who::Physician, Who::Dietitian, Who::Nurse] {
        clinic.sync(who).await?;
    }
    for n in 1..=6 {
        clinic.sync(Who::Patient(n)).await?;
    }
    let exercise = exercise_plan(clinic)?;
    lesions(clinic)?;
    let (first_bone, bone) = bone_drug(clinic)?;
    let (of_kidneys, nutrition) = nutrition(clinic)?;
    goals(clinic)?;
    // A fever is an emergency for D-0001, whose treatment goes on.
    let treatment = care::CancerTreatment {
        kind: Some(care::TreatmentKind::Chemo.into()),
        agent: text("capecitabine"),
        start: date(clinic.app.now_ms() - 30 * DAY_MS),
        cycle_days: Some(21),
        ..Default::default()
    };
    clinic.write(1, Who::Physician, &treatment)?;
    clinic.sync(Who::PhysioP).await?;
    clinic.sync(Who::Patient(1)).await?;
    let enjoys = care::ExercisePlan { patient_enjoys: text("walking by the river, in company"), ..Default::default() };
    clinic.edit(1, Who::Patient(1), exercise, &enjoys, "")?;
    for who in [Who::PhysioP, Who::Physician, Who::Dietitian, Who::Patient(1), Who::PhysioQ] {
        clinic.sync(who).await?;
    }
    Ok(Plans { exercise, nutrition, of_kidneys, first_bone, bone })
}

fn exercise_plan(clinic: &mut Clinic) -> anyhow::Result<RecordId> {
    let now_ms = clinic.app.now_ms();
    let plan = care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Modified.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        lift_max_kg: Some(50),
        forbidden_movements: vec!["spine_flex".into(), "spine_rot".into(), "high_impact".into()],
        max_rpe: Some(50),
        max_minutes_session: Some(40),
        pain_stop_nrs: Some(5),
        sessions_per_week: Some(4),
        minutes_per_week: Some(120),
        assistive_device: Some(care::AssistiveDevice::Stick.into()),
        last_review: date(now_ms),
        next_review: date(now_ms + 100 * DAY_MS),
        ..Default::default()
    };
    let plan = clinic.write(1, Who::PhysioP, &plan)?;
    let exercises = [
        (care::ExerciseBlock::Main, "sit_to_stand", 3, 8, 0, "From a high chair, hands on the rests if you need them."),
        (care::ExerciseBlock::Balance, "tandem_stand", 3, 1, 0, "Beside the kitchen counter, 20 seconds each side."),
        (care::ExerciseBlock::Core, "abdominal_brace", 2, 10, 0, "Lying on your back, breathe on."),
        (care::ExerciseBlock::Main, "wall_push", 2, 10, 0, "Feet a step from the wall, back straight."),
    ];
    for (block, code, sets, reps, load, how) in exercises {
        let exercise = care::Exercise {
            parent: Some(plan.0.to_vec().into()),
            block: Some(block.into()),
            code: text(code),
            sets: Some(sets),
            reps: Some(reps),
            load_kg: Some(load),
            instructions: text(how),
            ..Default::default()
        };
        clinic.write(1, Who::PhysioP, &exercise)?;
    }
    Ok(plan)
}

fn lesions(clinic: &mut Clinic) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let seen = |modality: care::ImagingModality| care::ImagingEvent {
        date: date(now_ms - 20 * DAY_MS),
        modality: Some(modality.into()),
        report_ref: text("demo report"),
    };
    let spine = care::Lesion {
        site: text("thoracic"),
        level: text("T11"),
        r#type: Some(care::LesionType::Mixed.into()),
        pain_sins: Some(care::SinsPain::NonMechanical.into()),
        alignment: Some(care::SpinalAlignment::Normal.into()),
        collapse: Some(care::VertebralCollapse::NoneGt50Body.into()),
        posterolateral: Some(care::PosterolateralInvolvement::None.into()),
        status: Some(care::LesionStatus::Confirmed.into()),
        imaging_events: vec![seen(care::ImagingModality::Mri)],
        ..Default::default()
    };
    // Mirels 8: about the trochanter 3, mild pain on this day 1, mixed 2, up to two thirds 2.
    let femur = care::Lesion {
        site: text("proximal_femur"),
        laterality: Some(care::Side::Left.into()),
        r#type: Some(care::LesionType::Mixed.into()),
        size_fraction: Some(care::LesionSize::LesionSize13To23.into()),
        pain_mirels: Some(care::MirelsPain::Mild.into()),
        status: Some(care::LesionStatus::Confirmed.into()),
        imaging_events: vec![seen(care::ImagingModality::Ct)],
        ..Default::default()
    };
    clinic.write(1, Who::Physician, &spine)?;
    clinic.write(1, Who::Physician, &femur)?;
    for (n, site, level) in [(2, "thoracic", "T8"), (2, "lumbar", "L3"), (3, "lumbar", "L2")] {
        let lesion = care::Lesion {
            site: text(site),
            level: text(level),
            r#type: Some(care::LesionType::Lytic.into()),
            status: Some(care::LesionStatus::Confirmed.into()),
            ..Default::default()
        };
        clinic.write(n, Who::Physician, &lesion)?;
    }
    Ok(())
}

/// Denosumab every 28 days: D-0001's is on time, D-0003's will be 20 days late at the end of the walk.
fn bone_drug(clinic: &mut Clinic) -> anyhow::Result<(RecordId, RecordId)> {
    let now_ms = clinic.app.now_ms();
    let plan = |next_ms: u64| care::BoneDrugPlan {
        agent: text("denosumab"),
        dose: Some(120_000),
        dose_unit: text("mg"),
        route: Some(care::BoneDrugRoute::Subcutaneous.into()),
        interval_days: Some(28),
        status: Some(care::BoneDrugStatus::Active.into()),
        planned_next: date(next_ms),
        min_interval_days: Some(28),
        dental_clearance: Some(care::DentalClearance::Cleared.into()),
        dental_cleared_on: date(now_ms - 40 * DAY_MS),
        pre_dose_calcium_max_age_days: Some(14),
        indication: text("bone metastases"),
        ..Default::default()
    };
    let on_time = clinic.write(1, Who::Physician, &plan(now_ms + 28 * DAY_MS))?;
    Ok((on_time, clinic.write(3, Who::Physician, &plan(now_ms + 70 * DAY_MS))?))
}

/// D-0001's and D-0004's nutrition, and D-0003's with the calcium target that will be disputed.
fn nutrition(clinic: &mut Clinic) -> anyhow::Result<(RecordId, RecordId)> {
    let plan = |protein: u32, calcium: u32| care::NutritionPlan {
        status: Some(care::NutritionPlanStatus::Active.into()),
        energy_kcal_d_min: Some(1_800),
        protein_g_kg_d_min: Some(protein),
        protein_g_kg_d_max: Some(150),
        calcium_mg_d_target: Some(calcium),
        calcium_mg_d_max: Some(2_000),
        vitamin_d_iu_d_target: Some(800),
        fluid_min_ml_d: Some(1_500),
        meals_per_day: Some(5),
        portion_pattern: text("small and often"),
        preferred_foods: vec!["yoghurt".into(), "lentils".into(), "salmon".into()],
        weight_alert_pct: Some(50),
        free_text_advice: text("Drink between meals, not with them."),
        ..Default::default()
    };
    clinic.write(1, Who::Dietitian, &plan(120, 1_000))?;
    Ok((clinic.write(4, Who::Dietitian, &plan(120, 1_000))?, clinic.write(3, Who::Dietitian, &plan(100, 1_000))?))
}

fn goals(clinic: &mut Clinic) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let goal = care::SharedGoal {
        statement: text("Walk to the lake and back with my granddaughter"),
        domain: Some(care::GoalDomain::Mobility.into()),
        importance: Some(9),
        confidence: Some(6),
        status: Some(care::GoalStatus::Agreed.into()),
        fears: text("That the leg gives way"),
        ..Default::default()
    };
    let goal = clinic.write(1, Who::Patient(1), &goal)?;
    let steps = [("Ten minutes on level ground", 30), ("Twenty minutes with one rest", 60)];
    for (words, days) in steps {
        let milestone = care::Milestone {
            parent: Some(goal.0.to_vec().into()),
            text: text(words),
            target_date: date(now_ms + days * DAY_MS),
            ..Default::default()
        };
        clinic.write(1, Who::Patient(1), &milestone)?;
    }
    Ok(())
}

/// What happens on the evening of a day, counted from the first (0) to the last before today.
pub(super) async fn evening(clinic: &mut Clinic, plans: &Plans, day: u64, last: u64) -> anyhow::Result<()> {
    match last - day {
        // Doses given on time, four weeks apart.
        62 | 34 | 6 => dose(clinic, 1, plans.first_bone).await?,
        48 => dose(clinic, 3, plans.bone).await?,
        20 => progress(clinic)?,
        9 => lifting(clinic, plans).await?,
        5 => calcium(clinic, plans).await?,
        4 => femur_pain(clinic)?,
        _ => {}
    }
    Ok(())
}

async fn dose(clinic: &mut Clinic, n: u8, plan: RecordId) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let given = care::Administration {
        parent: Some(plan.0.to_vec().into()),
        agent: text("denosumab"),
        dose: Some(120_000),
        dose_unit: text("mg"),
        site: Some(care::AdministrationSite::Abdomen.into()),
        when: moment(now_ms - 2 * HOUR_MS),
        given_by: text("clinic"),
        source: Some(care::AdministrationSource::Clinic.into()),
        ..Default::default()
    };
    clinic.write(n, Who::Nurse, &given)?;
    clinic.sync(Who::Nurse).await?;
    // The next one is planned when one was given.
    if n == 1 {
        clinic.sync(Who::Physician).await?;
        let next = care::BoneDrugPlan { planned_next: date(now_ms + 28 * DAY_MS), ..Default::default() };
        clinic.edit(n, Who::Physician, plan, &next, "Given today; four weeks on")?;
        clinic.sync(Who::Physician).await?;
    }
    Ok(())
}

fn progress(clinic: &mut Clinic) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let entry = care::Progress {
        when: moment(now_ms - HOUR_MS),
        text: text("Fifteen minutes today, one rest on the bench"),
        ..Default::default()
    };
    clinic.write(1, Who::Patient(1), &entry)?;
    Ok(())
}

/// Five kilograms were agreed. P writes 3, Q writes 10 with a reason; neither has seen the other.
async fn lifting(clinic: &mut Clinic, plans: &Plans) -> anyhow::Result<()> {
    let limit = |tenths: u32| care::ExercisePlan { lift_max_kg: Some(tenths), ..Default::default() };
    clinic.sync(Who::PhysioP).await?;
    clinic.sync(Who::PhysioQ).await?;
    clinic.edit(1, Who::PhysioP, plans.exercise, &limit(30), "")?;
    clinic.clock.advance(40 * MINUTE_MS);
    clinic.edit(
        1,
        Who::PhysioQ,
        plans.exercise,
        &limit(100),
        "Lifts her shopping without pain; wants to cook again",
    )?;
    clinic.sync(Who::PhysioP).await?;
    clinic.sync(Who::PhysioQ).await
}

/// 1,000 mg were agreed for D-0003; the dietitian and the physician each write another, unseen by the other.
async fn calcium(clinic: &mut Clinic, plans: &Plans) -> anyhow::Result<()> {
    let target = |mg: u32| care::NutritionPlan { calcium_mg_d_target: Some(mg), ..Default::default() };
    clinic.sync(Who::Dietitian).await?;
    clinic.sync(Who::Physician).await?;
    clinic.edit(3, Who::Dietitian, plans.nutrition, &target(1_200), "")?;
    clinic.edit(3, Who::Physician, plans.nutrition, &target(1_500), "Calcium is falling under denosumab")?;
    clinic.sync(Who::Dietitian).await?;
    clinic.sync(Who::Physician).await?;
    low_calcium(clinic)?;
    let late = care::BoneDrugPlan { hold_reasons: vec!["low_calcium".into()], ..Default::default() };
    clinic.edit(3, Who::Physician, plans.bone, &late, "")?;
    clinic.sync(Who::Physician).await
}

/// Adjusted calcium 2.11 mmol/L.
fn low_calcium(clinic: &mut Clinic) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let result = |analyte: &str, value: i32, unit: &str, low: i32, high: i32| care::LaboratoryResult {
        source: Some(care::Source::Imported.into()),
        analyte: text(analyte),
        value: Some(value),
        unit: text(unit),
        ref_low: Some(low),
        ref_high: Some(high),
        specimen_time: moment(now_ms - 5 * HOUR_MS),
        lab: text("demo laboratory"),
        ..Default::default()
    };
    // LOINC 29265-6: calcium adjusted for albumin; 1751-7: albumin. Values × 10^4.
    clinic.write_as(3, Who::Physician, &result("29265-6", 21_100, "mmol/L", 22_000, 26_000), 1)?;
    clinic.write_as(3, Who::Physician, &result("1751-7", 380_000, "g/L", 350_000, 500_000), 1)?;
    Ok(())
}

/// D-0001: new thigh pain on standing.
fn femur_pain(clinic: &mut Clinic) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let entry = care::PainEntry {
        effective_start: moment(now_ms - HOUR_MS),
        source: manual(),
        worst_24h: Some(7),
        site: vec!["thigh".into()],
        side: Some(care::Side::Left.into()),
        relation_to_loading: Some(care::PainLoading::WorseOnWeightBearingOrUse.into()),
        new_or_worse: Some(true),
        onset_date: date(now_ms),
        ..Default::default()
    };
    clinic.write(1, Who::Patient(1), &entry)?;
    Ok(())
}

/// D-0005: a fall, synced to the daughter's phone; then both write apart. Nine hours before now.
pub(super) async fn the_fall(clinic: &mut Clinic) -> anyhow::Result<()> {
    let now_ms = clinic.app.now_ms();
    let (patient, daughter) = (Who::Patient(5), Who::Daughter(5));
    let fall = care::Fall {
        when: moment(now_ms - HOUR_MS),
        source: manual(),
        near_fall: Some(false),
        place: text("bathroom"),
        activity: text("getting up at night"),
        ..Default::default()
    };
    let fall = clinic.write(5, patient, &fall)?;
    clinic.sync(patient).await?;
    clinic.sync(daughter).await?;
    let head = care::Fall { hit_head: Some(true), ..Default::default() };
    clinic.edit(5, daughter, fall, &head, "")?;
    clinic.mistake(5, patient, fall, "I only sat down hard")?;
    clinic.sync(patient).await
}

/// D-0005: the daughter's phone comes back with what it knew; D-0003: tingling on a phone that stays silent.
pub(super) async fn this_morning(clinic: &mut Clinic) -> anyhow::Result<()> {
    clinic.sync(Who::Daughter(5)).await
}

/// D-0002: weakness and bladder, happened ten minutes before now, received five minutes before now.
pub(super) async fn ten_minutes_ago(clinic: &mut Clinic, now_ms: u64) -> anyhow::Result<()> {
    clinic.clock.set(now_ms - 10 * MINUTE_MS);
    let entry = care::SymptomEntry {
        effective_start: moment(now_ms - 10 * MINUTE_MS),
        source: manual(),
        red_flags: vec!["limb_weakness".into(), "bladder_dysfunction".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    clinic.write(2, Who::Patient(2), &entry)?;
    clinic.clock.set(now_ms - 5 * MINUTE_MS);
    clinic.sync(Who::Patient(2)).await
}
