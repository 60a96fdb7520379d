//! Plans of the contracts as facts: P-LES, P-NUT, P-EX, P-BONE with its doses, P-GOAL with its children.

use std::collections::BTreeMap;

use osteon_proto::care;
use osteon_sync_core::RecordId;

use super::{
    BonePlan, BoneStatus, Clearance, Day, Decision, Dose, Entry, Exercise, Goal, GoalStatus, Id, Instant, Lesion,
    LesionStatus, Live, Nutrition, PlanStatus, Role, Route, Set,
    from_codes::{agent, site},
    from_journal::side_of,
    record::{Record, day, instant, known, text},
};

fn number(number: Option<u32>) -> Option<i64> {
    number.map(i64::from)
}

fn whole(number: Option<u32>) -> Option<i32> {
    i32::try_from(number?).ok()
}

/// P-LES.
pub fn lesion(record: &Record<'_>) -> Lesion {
    type M = care::Lesion;
    Lesion {
        id: record.id,
        site: record.live(1, |m: M| site(m.site.as_deref()?)),
        side: record.live(2, |m: M| side_of(m.laterality)),
        level: record.live(3, |m: M| text(m.level)),
        kind: record.live(4, |m: M| known(m.r#type)),
        size: record.live(5, |m: M| known(m.size_fraction)),
        pain_mirels: record.live(6, |m: M| known(m.pain_mirels)),
        pain_sins: record.live(7, |m: M| known(m.pain_sins)),
        alignment: record.live(8, |m: M| known(m.alignment)),
        collapse: record.live(9, |m: M| known(m.collapse)),
        posterolateral: record.live(10, |m: M| known(m.posterolateral)),
        status: record.live(13, |m: M| known(m.status).and_then(lesion_status)),
        imaged: record.set(14, |m: M| m.imaging_events.into_iter().map(|event| day(event.date)).collect()),
        recorded: record.created.map(Instant::day),
    }
}

fn lesion_status(status: care::LesionStatus) -> Option<LesionStatus> {
    Some(match status {
        care::LesionStatus::Suspected => LesionStatus::Suspected,
        care::LesionStatus::Confirmed => LesionStatus::Confirmed,
        care::LesionStatus::TreatedRt => LesionStatus::TreatedRt,
        care::LesionStatus::Stabilised => LesionStatus::Stabilised,
        care::LesionStatus::Healed => LesionStatus::Healed,
        care::LesionStatus::Unspecified => return None,
    })
}

/// P-NUT.
pub fn nutrition(record: &Record<'_>) -> Nutrition {
    type M = care::NutritionPlan;
    let of = |field, get: fn(M) -> Option<u32>| record.live(field, |m: M| number(get(m)));
    Nutrition {
        id: record.id,
        energy_kcal: of(4, |m| m.energy_kcal_d_min),
        // The contract counts in hundredths of g/kg/d.
        protein_max_milli: record.live(7, |m: M| number(m.protein_g_kg_d_max).map(|hundredths| hundredths * 10)),
        calcium_mg: of(8, |m| m.calcium_mg_d_target),
        vitamin_d_iu: of(10, |m| m.vitamin_d_iu_d_target),
        fluid_min_ml: of(16, |m| m.fluid_min_ml_d),
        fluid_max_ml: of(17, |m| m.fluid_max_ml_d),
        glass_ml: of(28, |m| m.glass_ml),
    }
}

/// P-EX. `limits`: its child records of loads. `approved`: days on which ON or PH approved the clearance.
pub fn exercise(record: &Record<'_>, limits: &[Record<'_>], approved: impl IntoIterator<Item = Day>) -> Exercise {
    type M = care::ExercisePlan;
    Exercise {
        id: record.id,
        clearance: record.live(1, |m: M| known(m.clearance).and_then(clearance)),
        approved: approved.into_iter().collect(),
        status: record.live(2, |m: M| known(m.status).and_then(plan_status)),
        lift_max_kg_tenths: record.live(3, |m: M| m.lift_max_kg),
        forbidden: forbidden(record),
        no_load: record.set(5, |m: M| m.no_load_regions.iter().map(|code| site(code)).collect()),
        max_rpe_tenths: record.live(6, |m: M| m.max_rpe),
        max_minutes: record.live(7, |m: M| m.max_minutes_session),
        max_load_kg_tenths: load_limits(limits),
        pain_stop: record.live(8, |m: M| u8::try_from(m.pain_stop_nrs?).ok()),
        pauses: record.set(13, |m: M| m.pause_windows.into_iter().map(pause).collect()),
        last_review: record.live(18, |m: M| day(m.last_review)),
    }
}

/// Each movement with who forbade it, and when.
fn forbidden(record: &Record<'_>) -> BTreeMap<String, (Option<Role>, Option<Day>)> {
    let mut all = BTreeMap::new();
    for version in record.versions(4) {
        let plan = version.chunk.and_then(|chunk| <care::ExercisePlan as prost::Message>::decode(chunk).ok());
        for movement in plan.into_iter().flat_map(|plan| plan.forbidden_movements) {
            all.insert(movement, (version.by, version.written.map(Instant::day)));
        }
    }
    all
}

fn load_limits(limits: &[Record<'_>]) -> BTreeMap<String, Live<u32>> {
    type M = care::LoadLimit;
    let of = |limit: &Record<'_>| {
        let exercise = limit.live(2, |m: M| text(m.exercise)).known().next().cloned()?;
        Some((exercise, limit.live(3, |m: M| m.max_load_kg)))
    };
    limits.iter().filter_map(of).collect()
}

/// A window without an end has none.
fn pause(window: care::PauseWindow) -> Option<(Day, Day)> {
    let to = if window.to.is_none() { Day(i32::MAX) } else { day(window.to)? };
    Some((day(window.from)?, to))
}

pub(super) fn clearance(clearance: care::ExerciseClearance) -> Option<Clearance> {
    Some(match clearance {
        care::ExerciseClearance::Hold => Clearance::Hold,
        care::ExerciseClearance::SupervisedOnly => Clearance::SupervisedOnly,
        care::ExerciseClearance::Modified => Clearance::Modified,
        care::ExerciseClearance::Unrestricted => Clearance::Unrestricted,
        care::ExerciseClearance::Unspecified => return None,
    })
}

fn plan_status(status: care::ExercisePlanStatus) -> Option<PlanStatus> {
    Some(match status {
        care::ExercisePlanStatus::Draft => PlanStatus::Draft,
        care::ExercisePlanStatus::Active => PlanStatus::Active,
        care::ExercisePlanStatus::Paused => PlanStatus::Paused,
        care::ExercisePlanStatus::Ended => PlanStatus::Ended,
        care::ExercisePlanStatus::Unspecified => return None,
    })
}

/// P-BONE.
pub fn bone_plan(record: &Record<'_>) -> BonePlan {
    type M = care::BoneDrugPlan;
    let date = |field, get: fn(M) -> Option<String>| record.live(field, |m: M| day(get(m)));
    let days = |field, get: fn(M) -> Option<u32>| record.live(field, |m: M| whole(get(m)));
    let in_mg = is_mg(&record.live(3, |m: M| text(m.dose_unit)));
    BonePlan {
        id: record.id,
        agent: record.live(1, |m: M| agent(m.agent.as_deref()?)),
        dose_mg_milli: record.live(2, |m: M| number(m.dose).filter(|_| in_mg)),
        route: record.live(4, |m: M| known(m.route).and_then(route)),
        interval_d: days(5, |m| m.interval_days),
        status: record.live(6, |m: M| known(m.status).and_then(bone_status)),
        status_since: record.written(6),
        planned_next: date(7, |m| m.planned_next),
        dental_cleared_on: date(11, |m| m.dental_cleared_on),
        hold_reasons: record.set(9, |m: M| m.hold_reasons.into_iter().map(Some).collect()),
        indication: record.live(15, |m: M| text(m.indication)),
        extent: record.live(16, |m: M| text(m.disease_extent)),
        follow_on: record.live(19, |m: M| agent(m.follow_on_agent.as_deref()?)),
        follow_on_offset_d: days(20, |m| m.follow_on_start_offset_d),
        holiday_from: date(21, |m| m.holiday_from),
        holiday_reason: record
            .live(22, |m: M| m.holiday_reason.and_then(|reason| text(reason.code).or(text(reason.text)))),
        holiday_review: date(23, |m| m.holiday_review_date),
        holiday_reviewer: record.live(24, |m: M| m.holiday_reviewer.map(|account| account.to_string())),
        duration_review: date(25, |m| m.duration_review),
        urgent_start: record.live(26, |m: M| m.urgent_start),
        calcium_max_age_d: days(12, |m| m.pre_dose_calcium_max_age_days),
        creatinine_max_age_d: days(13, |m| m.pre_dose_creatinine_max_age_days),
    }
}

fn route(route: care::BoneDrugRoute) -> Option<Route> {
    Some(match route {
        care::BoneDrugRoute::Oral => Route::Oral,
        care::BoneDrugRoute::Subcutaneous => Route::Subcutaneous,
        care::BoneDrugRoute::Intravenous => Route::Intravenous,
        care::BoneDrugRoute::Unspecified => return None,
    })
}

fn bone_status(status: care::BoneDrugStatus) -> Option<BoneStatus> {
    Some(match status {
        care::BoneDrugStatus::Proposed => BoneStatus::Proposed,
        care::BoneDrugStatus::Active => BoneStatus::Active,
        care::BoneDrugStatus::Held => BoneStatus::Held,
        care::BoneDrugStatus::Holiday => BoneStatus::Holiday,
        care::BoneDrugStatus::Stopped => BoneStatus::Stopped,
        care::BoneDrugStatus::Unspecified => return None,
    })
}

/// A dose counts as one of mg only in that unit; none stated is mg, as the label of every bone drug says.
fn is_mg(unit: &Live<String>) -> bool {
    unit.known().all(|unit| unit == "mg")
}

fn parent(bytes: Option<impl AsRef<[u8]>>) -> Option<Id> {
    Some(Id(RecordId(bytes?.as_ref().try_into().ok()?)))
}

fn plan_of(parent: Live<Id>) -> Id {
    parent.known().next().copied().unwrap_or_default()
}

/// P-BONE.administration. `duplicate`: a person said that another record is the same dose.
pub fn administration(record: &Record<'_>, duplicate: bool) -> Entry<Dose> {
    type M = care::Administration;
    let in_mg = is_mg(&record.live(5, |m: M| text(m.dose_unit)));
    let is = Dose {
        agent: record.live(3, |m: M| agent(m.agent.as_deref()?)),
        dose_mg_milli: record.live(4, |m: M| number(m.dose).filter(|_| in_mg)),
        oral: false,
        duplicate,
        plan: plan_of(record.live(1, |m: M| parent(m.parent))),
    };
    record.entry(record.live(8, |m: M| instant(m.when)), is)
}

/// P-BONE.oral_dose.
pub fn oral_dose(record: &Record<'_>, duplicate: bool) -> Entry<Dose> {
    type M = care::OralDose;
    let in_mg = is_mg(&record.live(5, |m: M| text(m.dose_unit)));
    let is = Dose {
        agent: record.live(3, |m: M| agent(m.agent.as_deref()?)),
        dose_mg_milli: record.live(4, |m: M| number(m.dose).filter(|_| in_mg)),
        oral: true,
        duplicate,
        plan: plan_of(record.live(1, |m: M| parent(m.parent))),
    };
    record.entry(record.live(6, |m: M| instant(m.when)), is)
}

/// P-GOAL with its milestones and its progress.
pub fn goal(record: &Record<'_>, milestones: &[Record<'_>], progress: &[Record<'_>]) -> Goal {
    type M = care::SharedGoal;
    let target = |milestone: &Record<'_>| milestone.live(3, |m: care::Milestone| day(m.target_date));
    let reported =
        |one: &Record<'_>| one.live(3, |m: care::Progress| instant(m.when)).known().next().map(|at| at.day());
    Goal {
        id: record.id,
        status: record.live(5, |m: M| known(m.status).and_then(goal_status)),
        importance: record.live(3, |m: M| u8::try_from(m.importance?).ok()),
        confidence: record.live(4, |m: M| u8::try_from(m.confidence?).ok()),
        milestones: milestones.iter().map(target).collect(),
        progress: progress.iter().filter_map(reported).collect::<Set<Day>>(),
    }
}

fn goal_status(status: care::GoalStatus) -> Option<GoalStatus> {
    Some(match status {
        care::GoalStatus::Proposed => GoalStatus::Proposed,
        care::GoalStatus::Agreed => GoalStatus::Agreed,
        care::GoalStatus::Achieved => GoalStatus::Achieved,
        care::GoalStatus::Parked => GoalStatus::Parked,
        care::GoalStatus::Dropped => GoalStatus::Dropped,
        care::GoalStatus::Unspecified => return None,
    })
}

/// P-GOAL.decision_record.
pub fn decision(record: &Record<'_>) -> Decision {
    type M = care::DecisionRecord;
    Decision { id: record.id, about: record.live(3, |m: M| text(m.about)), date: record.live(10, |m: M| day(m.date)) }
}
