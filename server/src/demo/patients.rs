//! What the five patients beside the first are there for: each shows one thing. Source: the demo clinic of the design.

use osteon_proto::{alert as pb, care};
use osteon_sync_core::RecordId;

use super::{
    clinic::Clinic,
    journal::DAY_MS,
    people::Who,
    records::{date, manual, moment},
};
use crate::app::alerts::listed;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
/// D-0004's weight on so many days before now, in hundredths of a kilogram; what is older than the walk is history.
const WEIGHTS: [(u64, u32); 6] = [(150, 7_000), (120, 6_880), (85, 6_700), (58, 6_560), (29, 6_400), (4, 6_280)];

/// Records that later events write to.
pub(super) struct Others {
    spine: RecordId,
    nutrition: RecordId,
    wishes: RecordId,
}

fn text(words: &str) -> Option<String> {
    Some(words.to_owned())
}

/// The first day: who they are, and what the team sets up for them.
pub(super) async fn first_day(clinic: &mut Clinic, nutrition: RecordId) -> anyhow::Result<Others> {
    profiles(clinic)?;
    let spine = exercise(clinic, 2, &[("abdominal_brace", "Lying on your back, breathe on.")])?;
    exercise(
        clinic,
        5,
        &[("tandem_stand", "Beside the kitchen counter, 20 seconds each side."), ("sit_to_stand", "")],
    )?;
    calcium_and_vitamin_d(clinic)?;
    let history = WEIGHTS.iter().filter(|(days_ago, _)| *days_ago > super::DAYS);
    for (days_ago, weight) in history {
        let at_ms = clinic.app.now_ms() - (days_ago - super::DAYS) * DAY_MS;
        weigh(clinic, at_ms, *weight)?;
    }
    let wishes = care::EndOfLifePreferences {
        comfort_priorities: Some(care::Wish {
            code: text("comfort_focused"),
            text: text("No pain, my own bed, the window open"),
        }),
        ..Default::default()
    };
    let wishes = clinic.write(6, Who::Patient(6), &wishes)?;
    clinic.share(6, Who::Physician, care::GrantCategory::C15EndOfLife).await?;
    clinic.share(4, Who::Daughter(4), care::GrantCategory::C07Nutrition).await?;
    for who in [Who::Physician, Who::PhysioP, Who::Dietitian, Who::Patient(4), Who::Patient(6), Who::Tablet(6)] {
        clinic.sync(who).await?;
    }
    clinic.sync(Who::Daughter(4)).await?;
    Ok(Others { spine, nutrition, wishes })
}

/// Age, sex and cancer of each: without them many rules cannot tell.
fn profiles(clinic: &mut Clinic) -> anyhow::Result<()> {
    use care::SexForReference::{F, M};
    const YEAR_MS: u64 = 365 * DAY_MS + 6 * HOUR_MS;
    let people = [(65, F, "breast"), (71, M, "prostate"), (68, F, "breast"), (59, M, "kidney"), (77, F, "myeloma")];
    for (n, (age, sex, cancer)) in (1..).zip(people.into_iter().chain([(83, F, "breast")])) {
        let is_thinned = n == 5;
        let profile = care::RiskProfile {
            // A month past the birthday, so that nobody's age turns while the demo runs.
            birth_date: days_before_1970(clinic.app.now_ms(), age * YEAR_MS + 30 * DAY_MS),
            sex_for_reference: Some(sex.into()),
            primary_cancer: text(cancer),
            // A head that was hit is an emergency for D-0005, who takes an anticoagulant.
            anticoagulant_or_antiplatelet: is_thinned.then_some(care::TriState::Yes.into()),
            kidney_disease: (n == 4).then_some(care::TriState::Yes.into()),
            ..Default::default()
        };
        clinic.write(n, Who::Physician, &profile)?;
    }
    Ok(())
}

/// The day that lies so long before an instant; it may lie before 1970.
fn days_before_1970(now_ms: u64, ago_ms: u64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(now_ms).ok()? - i64::try_from(ago_ms).ok()?).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

fn exercise(clinic: &mut Clinic, n: u8, exercises: &[(&str, &str)]) -> anyhow::Result<RecordId> {
    let plan = care::ExercisePlan {
        clearance: Some(care::ExerciseClearance::Modified.into()),
        status: Some(care::ExercisePlanStatus::Active.into()),
        forbidden_movements: vec!["spine_flex".into(), "spine_rot".into(), "high_impact".into()],
        max_rpe: Some(40),
        max_minutes_session: Some(20),
        pain_stop_nrs: Some(4),
        sessions_per_week: Some(3),
        last_review: date(clinic.app.now_ms()),
        next_review: date(clinic.app.now_ms() + 110 * DAY_MS),
        ..Default::default()
    };
    let plan = clinic.write(n, Who::PhysioP, &plan)?;
    for (code, how) in exercises {
        let exercise = care::Exercise {
            parent: Some(plan.0.to_vec().into()),
            block: Some(care::ExerciseBlock::Main.into()),
            code: text(code),
            sets: Some(2),
            reps: Some(8),
            instructions: text(how).filter(|how| !how.is_empty()),
            ..Default::default()
        };
        clinic.write(n, Who::PhysioP, &exercise)?;
    }
    Ok(plan)
}

/// D-0003 takes calcium and vitamin D, as the label of denosumab asks.
fn calcium_and_vitamin_d(clinic: &mut Clinic) -> anyhow::Result<()> {
    let ingredient = |code: &str, amount: u32, unit: &str| care::Ingredient {
        code: text(code),
        amount: Some(amount * 1_000),
        unit: text(unit),
    };
    let line = care::SupplementLine {
        product: text("calcium_carbonate"),
        ingredients: vec![ingredient("calcium", 500, "mg"), ingredient("vitamin_d", 400, "[iU]")],
        dose: Some(1_000),
        dose_unit: text("{tablet}"),
        times_per_day: Some(2),
        status: Some(care::SupplementStatus::Active.into()),
        ..Default::default()
    };
    clinic.write(3, Who::Dietitian, &line)?;
    Ok(())
}

fn weigh(clinic: &mut Clinic, at_ms: u64, weight: u32) -> anyhow::Result<()> {
    let entry = care::BodyWeight {
        effective_start: moment(at_ms),
        source: manual(),
        weight: Some(weight),
        height: Some(1_760),
        ..Default::default()
    };
    clinic.write(4, Who::Patient(4), &entry)?;
    Ok(())
}

/// What happens on the evening of a day, counted back from the last before today (0).
pub(super) async fn evening(clinic: &mut Clinic, others: &Others, left: u64) -> anyhow::Result<()> {
    if let Some((_, weight)) = WEIGHTS.iter().find(|(days_ago, _)| *days_ago == left + 1) {
        weigh(clinic, clinic.app.now_ms() - 13 * HOUR_MS, *weight)?;
    }
    match left {
        61 => strength(clinic, 13, 98).await?,
        30 => hazard(clinic).await?,
        5 => tingling(clinic)?,
        4 => strength(clinic, 8, 136).await?,
        3 => ceiling(clinic, others).await?,
        2 => apart(clinic, others).await?,
        1 => wishes(clinic, others).await?,
        0 => former_member(clinic).await?,
        _ => {}
    }
    Ok(())
}

/// D-0004 stands up from a chair less often and walks more slowly: muscle goes with the weight. Tenths of a second.
async fn strength(clinic: &mut Clinic, stands: u32, up_and_go: u32) -> anyhow::Result<()> {
    let test = care::FunctionalTest {
        effective_start: moment(clinic.app.now_ms() - 6 * HOUR_MS),
        source: manual(),
        tug_s: Some(up_and_go),
        chair_stands_30s: Some(stands),
        used_arms: Some(false),
        ..Default::default()
    };
    clinic.write(4, Who::Nurse, &test)?;
    clinic.sync(Who::Nurse).await
}

/// D-0005: nothing to hold on to beside the bath, reported a month before the fall and still so.
async fn hazard(clinic: &mut Clinic) -> anyhow::Result<()> {
    let home = care::HomeSafetyPlan {
        rails_ok: Some(care::TriState::No.into()),
        bathroom_access_ok: Some(care::TriState::No.into()),
        ..Default::default()
    };
    let home = clinic.write(5, Who::PhysioP, &home)?;
    let hazard = care::HomeHazard {
        parent: Some(home.0.to_vec().into()),
        room: Some(care::HomeRoom::Bathroom.into()),
        code: Some(care::HomeSafetyQuestion::BathBars.into()),
        status: Some(care::HazardStatus::Open.into()),
        severity: Some(care::HazardSeverity::High.into()),
        responsible: text("landlord"),
        ..Default::default()
    };
    clinic.write(5, Who::PhysioP, &hazard)?;
    clinic.sync(Who::PhysioP).await
}

/// D-0003: the signs of low calcium, told before the phone falls silent.
fn tingling(clinic: &mut Clinic) -> anyhow::Result<()> {
    let entry = care::SymptomEntry {
        effective_start: moment(clinic.app.now_ms() - HOUR_MS),
        source: manual(),
        red_flags: vec!["tingling_around_mouth".into()],
        new_or_worse: Some(true),
        ..Default::default()
    };
    clinic.write(3, Who::Patient(3), &entry)?;
    Ok(())
}

/// D-0004: the physician lowers the most protein below what the dietitian asks at the least, for the kidneys. Both stand,
/// neither is wrong for itself: two fields contradict each other.
async fn ceiling(clinic: &mut Clinic, others: &Others) -> anyhow::Result<()> {
    let most = care::NutritionPlan { protein_g_kg_d_max: Some(80), ..Default::default() };
    clinic.sync(Who::Physician).await?;
    clinic.edit(4, Who::Physician, others.nutrition, &most, "Kidney function is falling")?;
    clinic.sync(Who::Physician).await
}

/// D-0002: two people change two fields of one plan apart. It merges, and nobody has read what came of it.
async fn apart(clinic: &mut Clinic, others: &Others) -> anyhow::Result<()> {
    for who in [Who::PhysioP, Who::Physician] {
        clinic.sync(who).await?;
    }
    let longer = care::ExercisePlan { sessions_per_week: Some(4), ..Default::default() };
    let shorter = care::ExercisePlan { max_minutes_session: Some(15), ..Default::default() };
    clinic.edit(2, Who::PhysioP, others.spine, &longer, "Managed three well for a month")?;
    clinic.edit(2, Who::Physician, others.spine, &shorter, "New pain at T8")?;
    for who in [Who::Physician, Who::PhysioP] {
        clinic.sync(who).await?;
    }
    Ok(())
}

/// D-0006: two wishes on two devices of the same person. Nobody chooses between them: the person is asked.
async fn wishes(clinic: &mut Clinic, others: &Others) -> anyhow::Result<()> {
    let wish = |code: &str, words: &str| care::EndOfLifePreferences {
        hospital_transfer: Some(care::Wish { code: text(code), text: text(words) }),
        ..Default::default()
    };
    for who in [Who::Patient(6), Who::Tablet(6)] {
        clinic.sync(who).await?;
    }
    clinic.edit(6, Who::Patient(6), others.wishes, &wish("no", "I want to stay at home"), "")?;
    clinic.edit(6, Who::Tablet(6), others.wishes, &wish("if_treatable", "For a few days, if it helps"), "")?;
    for who in [Who::Patient(6), Who::Tablet(6)] {
        clinic.sync(who).await?;
    }
    let visit = care::VisitEntry {
        when: moment(clinic.app.now_ms() + 40 * HOUR_MS),
        source: manual(),
        kind: Some(care::VisitKind::Home.into()),
        with: text("Demo nurse N"),
        ..Default::default()
    };
    clinic.write(6, Who::Nurse, &visit)?;
    clinic.sync(Who::Nurse).await
}

/// D-0004: the daughter writes down a meal, offline; meanwhile she leaves the circle. What she wrote waits for a person.
async fn former_member(clinic: &mut Clinic) -> anyhow::Result<()> {
    let meal = care::Meal {
        when: moment(clinic.app.now_ms() - 2 * HOUR_MS),
        source: manual(),
        meal_kind: Some(care::MealKind::Dinner.into()),
        portion_eaten: Some(care::PortionEaten::Quarter.into()),
        appetite: Some(2),
        ..Default::default()
    };
    clinic.write(4, Who::Daughter(4), &meal)?;
    clinic.clock.advance(5 * MINUTE_MS);
    clinic.leaves(4, Who::Daughter(4)).await?;
    clinic.sync_held(Who::Daughter(4)).await
}

/// D-0005: the nurse saw the fall's alert, called, and says how it ended: a life that is over.
pub(super) async fn the_fall_is_seen_to(clinic: &mut Clinic) -> anyhow::Result<()> {
    let circle = clinic.circle(5)?;
    let nurse = clinic.caller(Who::Nurse)?;
    let all = listed::list(&clinic.app, &nurse, &pb::ListAlertsRequest { circle, ..Default::default() }).await?;
    let emergencies = all.circles.iter().flat_map(|circle| &circle.alerts).filter(|alert| alert.rule == "R-FALL-1");
    for record_id in emergencies.map(|alert| alert.record_id.clone()).collect::<Vec<_>>() {
        clinic.clock.advance(4 * MINUTE_MS);
        let takes = pb::AcknowledgeAlertRequest {
            circle,
            record_id: record_id.clone(),
            takes_over: true,
            request_id: clinic.request_id(),
            ..Default::default()
        };
        listed::acknowledge(&clinic.app, &nurse, &takes).await?;
        clinic.clock.advance(9 * MINUTE_MS);
        let closes = pb::CloseAlertRequest {
            circle,
            record_id,
            outcome: care::AlertOutcome::Referred.into(),
            reason: "Called; the ambulance took her to be looked at".into(),
            useful: Some(true),
            request_id: clinic.request_id(),
        };
        listed::close(&clinic.app, &nurse, &closes).await?;
    }
    Ok(())
}
