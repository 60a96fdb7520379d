//! The rest of the plans and profiles as facts: P-RISK, P-TX, P-MON, P-TRIAL, P-PAIN, P-HOME, P-EOL, P-EDU.

use osteon_proto::care;

use super::{
    Answer, Course, Day, Entry, Hazard, HazardSeverity, HazardStatus, Live, Monitoring, MonitoringKind, PainPlan, Risk,
    Sex, TeachBack, Treatment, Trial, TrialStatus, Wishes,
    from_codes::agent,
    from_journal::answer,
    record::{Record, day, instant, known, text},
};

/// P-RISK.
pub fn risk(record: &Record<'_>) -> Risk {
    type M = care::RiskProfile;
    let tri = |field, get: fn(M) -> Option<i32>| -> Live<Answer> { record.live(field, |m: M| answer(get(m))) };
    let fracture = |one: care::PriorFracture| {
        let low = known::<care::Trauma>(one.trauma) != Some(care::Trauma::High);
        Some((day(one.date), low))
    };
    Risk {
        id: record.id,
        birth: record.live(1, |m: M| day(m.birth_date)),
        sex: record.live(2, |m: M| known(m.sex_for_reference).and_then(sex)),
        fractures: record.set(5, |m: M| m.prior_fractures.into_iter().map(fracture).collect()),
        comorbidities: record.set(6, |m: M| m.comorbidities.into_iter().map(Some).collect()),
        osteoporosis: tri(7, |m| m.osteoporosis_dx),
        hip_fracture_in_family: tri(8, |m| m.family_hip_fracture),
        glucocorticoid_months: record.live(10, |m: M| m.glucocorticoid_months),
        anticoagulant: tri(11, |m| m.anticoagulant_or_antiplatelet),
        kidney_disease: tri(12, |m| m.kidney_disease),
        heart_failure: tri(13, |m| m.heart_failure),
        dialysis: tri(14, |m| m.dialysis),
        bone_drugs_past: record
            .set(18, |m: M| m.bma_past.iter().map(|past| past.agent.as_deref().and_then(agent)).collect()),
        smokes: record.live(19, |m: M| known(m.smoking_status).and_then(smokes)),
        height_mm: record.live(21, |m: M| m.height_cm.map(i64::from)),
        primary_cancer: record.live(23, |m: M| text(m.primary_cancer)),
    }
}

fn sex(sex: care::SexForReference) -> Option<Sex> {
    match sex {
        care::SexForReference::F => Some(Sex::Female),
        care::SexForReference::M => Some(Sex::Male),
        _ => None,
    }
}

fn smokes(status: care::SmokingStatus) -> Option<bool> {
    match status {
        care::SmokingStatus::Current => Some(true),
        care::SmokingStatus::Never | care::SmokingStatus::Former => Some(false),
        _ => None,
    }
}

/// P-TX.
pub fn course(record: &Record<'_>) -> Course {
    type M = care::CancerTreatment;
    Course {
        id: record.id,
        kind: record.live(1, |m: M| known(m.kind).and_then(treatment)),
        agent: record.live(2, |m: M| text(m.agent)),
        start: record.live(3, |m: M| day(m.start)),
        end: record.live(4, |m: M| day(m.end)),
        cycle_d: record.live(5, |m: M| i32::try_from(m.cycle_days?).ok()),
        last_dose: record.live(6, |m: M| day(m.last_dose)),
    }
}

fn treatment(kind: care::TreatmentKind) -> Option<Treatment> {
    Some(match kind {
        care::TreatmentKind::Adt => Treatment::Adt,
        care::TreatmentKind::Ai => Treatment::Ai,
        care::TreatmentKind::Chemo => Treatment::Chemo,
        care::TreatmentKind::Targeted => Treatment::Targeted,
        care::TreatmentKind::Immuno => Treatment::Immuno,
        care::TreatmentKind::Radiotherapy => Treatment::Radiotherapy,
        care::TreatmentKind::Surgery => Treatment::Surgery,
        care::TreatmentKind::Radionuclide => Treatment::Radionuclide,
        care::TreatmentKind::Glucocorticoid => Treatment::Glucocorticoid,
        care::TreatmentKind::Other => Treatment::Other,
        care::TreatmentKind::Unspecified => return None,
    })
}

/// P-MON. `done`: the days of its results; what it was last is derived from them.
pub fn monitoring(record: &Record<'_>, done: impl IntoIterator<Item = Day>) -> Monitoring {
    type M = care::MonitoringItem;
    let due = record.live(3, |m: M| day(m.due));
    // A day without a time: its first moment, so that a pause before it begins early enough.
    let planned = due.known().map(|on| super::Instant { ms: i64::from(on.0) * super::DAY_MS, offset_min: 0 });
    Monitoring {
        id: record.id,
        kind: record.live(1, |m: M| known(m.kind).and_then(monitoring_kind)),
        interval_d: record.live(2, |m: M| i32::try_from(m.interval_days?).ok()),
        planned_at: Live::of(planned.map(Some).collect::<Vec<_>>()),
        due,
        last_done: done.into_iter().max().map_or(Live::Missing, Live::One),
        cancelled: record.live(6, |m: M| m.cancelled),
    }
}

fn monitoring_kind(kind: care::MonitoringKind) -> Option<MonitoringKind> {
    Some(match kind {
        care::MonitoringKind::Dxa => MonitoringKind::Dxa,
        care::MonitoringKind::Ca => MonitoringKind::Calcium,
        care::MonitoringKind::Creatinine => MonitoringKind::Creatinine,
        care::MonitoringKind::VitaminD => MonitoringKind::VitaminD,
        care::MonitoringKind::Mg => MonitoringKind::Magnesium,
        care::MonitoringKind::Po4 => MonitoringKind::Phosphate,
        care::MonitoringKind::Btm => MonitoringKind::TurnoverMarker,
        care::MonitoringKind::Dental => MonitoringKind::Dental,
        care::MonitoringKind::Imaging => MonitoringKind::Imaging,
        care::MonitoringKind::Visit => MonitoringKind::Visit,
        care::MonitoringKind::Weight => MonitoringKind::Weight,
        care::MonitoringKind::Functional => MonitoringKind::Functional,
        care::MonitoringKind::Unspecified => return None,
    })
}

/// P-TRIAL.
pub fn trial(record: &Record<'_>) -> Trial {
    type M = care::TrialParticipation;
    Trial {
        id: record.id,
        status: record.live(2, |m: M| known(m.status).and_then(trial_status)),
        visits: record.live(4, |m: M| Some(m.visits.into_iter().filter_map(|date| day(Some(date))).collect())),
        prohibited: record.set(5, |m: M| m.prohibited.into_iter().map(Some).collect()),
    }
}

fn trial_status(status: care::TrialStatus) -> Option<TrialStatus> {
    Some(match status {
        care::TrialStatus::Considering | care::TrialStatus::Screening => TrialStatus::Screening,
        care::TrialStatus::Enrolled | care::TrialStatus::FollowUp => TrialStatus::Active,
        care::TrialStatus::Ended | care::TrialStatus::Declined => TrialStatus::Ended,
        care::TrialStatus::Unspecified => return None,
    })
}

/// P-PAIN. `lines`: the newest change of its regular lines and interventions.
pub fn pain_plan(record: &Record<'_>, lines: Option<Day>) -> PainPlan {
    type M = care::PainPlan;
    PainPlan {
        id: record.id,
        rescue_max_per_24h: record.live(5, |m: M| m.rescue_max_per_24h),
        changed: record.changed().max(lines).map_or(Live::Missing, Live::One),
    }
}

/// P-HOME.hazard.
pub fn hazard(record: &Record<'_>) -> Hazard {
    type M = care::HomeHazard;
    let question =
        |number: i32| care::HomeSafetyQuestion::try_from(number).ok().map(|one| one.as_str_name().to_lowercase());
    Hazard {
        id: record.id,
        code: record.live(3, |m: M| Some(question(m.code?)?.replace("home_safety_question_", ""))),
        status: record.live(5, |m: M| known(m.status).and_then(hazard_status)),
        severity: record.live(6, |m: M| known(m.severity).and_then(hazard_severity)),
        since: record.created.map_or(Live::Missing, |created| Live::One(created.day())),
    }
}

fn hazard_status(status: care::HazardStatus) -> Option<HazardStatus> {
    Some(match status {
        care::HazardStatus::Open => HazardStatus::Open,
        care::HazardStatus::InProgress => HazardStatus::InProgress,
        care::HazardStatus::Fixed => HazardStatus::Fixed,
        care::HazardStatus::Unspecified => return None,
    })
}

fn hazard_severity(severity: care::HazardSeverity) -> Option<HazardSeverity> {
    Some(match severity {
        care::HazardSeverity::Low => HazardSeverity::Low,
        care::HazardSeverity::Medium => HazardSeverity::Medium,
        care::HazardSeverity::High => HazardSeverity::High,
        care::HazardSeverity::Unspecified => return None,
    })
}

/// P-EOL.
pub fn wishes(record: &Record<'_>) -> Wishes {
    type M = care::EndOfLifePreferences;
    let words = |wish: Option<care::Wish>| wish.and_then(|wish| text(wish.text).or(text(wish.code)));
    Wishes {
        id: record.id,
        comfort: record.live(5, |m: M| text(m.comfort_priorities?.code)),
        preferred_route: record.live(7, |m: M| words(m.preferred_route)),
        revoked: record.live(9, |m: M| m.revoked),
    }
}

/// P-EDU.teach_back.
pub fn teach_back(record: &Record<'_>) -> Entry<TeachBack> {
    type M = care::TeachBack;
    let is = TeachBack { topic: record.live(3, |m: M| text(m.topic)), understood: record.live(5, |m: M| m.understood) };
    record.entry(record.live(4, |m: M| instant(m.when)), is)
}
