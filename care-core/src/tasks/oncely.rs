//! What is due on a day of its own and waits until it is done: the bone drug and the results before it, monitoring,
//! visits, something to read; and the mouth care that goes with a bone drug.

use super::{
    Due, Kind, Plans, Title, Why,
    lines::{disputed, may_give},
    slots,
};
use crate::facts::{
    Analyte, BonePlan, BoneStatus, DAY_MS, Day, Dose, Entry, Id, Instant, MINUTE_MS, MonitoringKind, Route,
};

const MORNING: u16 = 8 * 60;
/// Before the dose's own place, where both fall on one day.
const RESULTS: u16 = 7 * 60 + 30;
const EVENING: u16 = 20 * 60 + 30;
const READING: u16 = 18 * 60;
/// Results are asked for so many days before the dose, so that there is time to act on them.
const RESULTS_BEFORE_D: i32 = 7;

/// P-BONE: the dose given by somebody, what must be known before it, and care of the mouth while it works.
pub(super) fn bone(plans: &Plans, date: Day, due: &mut Due) {
    for plan in &plans.facts.bone_plans {
        let runs = plan.status.known().any(|status| !matches!(status, BoneStatus::Proposed | BoneStatus::Stopped));
        if plan.status.is_missing() {
            due.held(plan.id, Kind::BoneDrug, Why::Missing("status"), false);
            continue;
        }
        if !runs && !plan.status.has_unknown() {
            continue;
        }
        due.task(
            plan.id,
            Kind::MouthCare,
            (date, EVENING),
            Title { key: "task.mouth_care", values: Vec::new() },
            disputed(&plan.status),
        );
        dose(plans, plan, date, due);
    }
}

fn dose(plans: &Plans, plan: &BonePlan, date: Day, due: &mut Due) {
    let (id, kind) = (plan.id, Kind::BoneDrug);
    // Prompt soon, never give early: the earliest date reminds, the latest one allows.
    let (remind, not_before) = (plan.planned_next.known().min().copied(), plan.planned_next.known().max().copied());
    let (Some(remind), Some(not_before)) = (remind, not_before) else {
        return due.held(id, kind, Why::Missing("planned_next"), false);
    };
    // A dose that names no plan is one all the same: nobody is prompted to give what was given.
    let unnamed = |dose: &Entry<Dose>| {
        dose.plan == Id::default() && dose.agent.known().any(|agent| plan.agent.known().any(|of| of == agent))
    };
    let doses = plans.facts.doses.iter().filter(|dose| dose.plan == id || unnamed(dose));
    let mut given = doses.flat_map(|dose| dose.at.known());
    if given.any(|at| at.day() >= remind) {
        return;
    }
    let unsure = disputed(&plan.planned_next) || disputed(&plan.status);
    results(plans, plan, (remind, not_before), date, due);
    if date < remind {
        return;
    }
    if !may_give(plan) || plan.planned_next.has_unknown() || date < not_before {
        return due.held(id, kind, Why::AskFirst, unsure);
    }
    if plan.route.known().any(|route| *route == Route::Oral) {
        if !plan.interval_d.known().any(|every| *every > 0) {
            due.held(id, kind, Why::Missing("interval_days"), false);
        }
        // Swallowed at home: a line like a medicine.
        return;
    }
    let what = plan.agent.known().next().filter(|_| !disputed(&plan.agent)).map(|agent| agent.code().to_owned());
    let title = Title { key: "task.bone_dose", values: what.map(|what| ("what", what)).into_iter().collect() };
    due.task(id, kind, (not_before, MORNING), title, unsure || disputed(&plan.agent));
}

/// Results that must not be older than the plan says on the day of the dose. While a dose is late they are asked for again,
/// each time that those asked for before have grown too old.
fn results(plans: &Plans, plan: &BonePlan, (remind, not_before): (Day, Day), date: Day, due: &mut Due) {
    let ages = [("calcium", &plan.calcium_max_age_d), ("creatinine", &plan.creatinine_max_age_d)];
    let asked: Vec<_> = ages.into_iter().filter_map(|(of, age)| Some((of, *age.known().min()?))).collect();
    let youngest = asked.iter().map(|(_, age)| *age).min();
    let from = remind.plus(-youngest.unwrap_or(RESULTS_BEFORE_D).min(RESULTS_BEFORE_D));
    // What is swallowed at home goes on by itself; it is not late.
    let oral = plan.route.known().any(|route| *route == Route::Oral);
    if date < from || (oral && date > not_before) {
        return;
    }
    let Some(youngest) = youngest else {
        return due.held(plan.id, Kind::Laboratory, Why::Missing("pre_dose_calcium_max_age_days"), false);
    };
    let (on, again) = (date.max(not_before), date.since(not_before).max(0) / youngest.max(1));
    let from = if again == 0 { from } else { not_before.plus(again * youngest.max(1)) };
    let fresh = |of: &str, age: i32| {
        let same = |lab: Analyte| {
            let calcium = [Analyte::CalciumTotal, Analyte::CalciumAdjusted, Analyte::CalciumIonised];
            if of == "calcium" { calcium.contains(&lab) } else { lab == Analyte::Creatinine }
        };
        plans.facts.labs.iter().filter(|lab| !lab.is.superseded && !lab.out_of_range).any(|lab| {
            let days = || lab.at.known().map(|at| at.day());
            // Drawn by now, and young enough still on the last day on which the dose may be.
            lab.is.analyte.known().any(|one| same(*one))
                && days().all(|day| day <= date && on.since(day) <= age)
                && !lab.at.is_missing()
        })
    };
    let open: Vec<_> = asked.iter().filter(|(of, age)| !fresh(of, *age)).map(|(of, _)| *of).collect();
    if !open.is_empty() {
        let title = Title { key: "task.labs_before_dose", values: vec![("what", open.join(", "))] };
        let unsure = disputed(&plan.planned_next) || ages.iter().any(|(_, age)| disputed(age));
        due.task(plan.id, Kind::Laboratory, (from, RESULTS), title, unsure);
    }
}

/// P-MON: what is due and not done since.
pub(super) fn monitoring(plans: &Plans, date: Day, due: &mut Due) {
    for item in &plans.facts.monitoring {
        // A test is not dropped by accident: only when nobody says otherwise.
        if item.cancelled.known().any(|cancelled| *cancelled) && !disputed(&item.cancelled) {
            continue;
        }
        let Some(what) = item.kind.known().next().filter(|_| !disputed(&item.kind)).copied() else {
            due.held(item.id, Kind::Visit, Why::Missing("kind"), disputed(&item.kind));
            continue;
        };
        let kind = kind_of(what);
        let last = item.last_done.known().max().copied();
        let next = last.zip(item.interval_d.known().min().copied()).map(|(last, every)| last.plus(every));
        // What was done on or after the day it was due is done; the next one comes an interval later.
        let planned = item.due.known().min().copied().filter(|due| last.is_none_or(|last| last < *due));
        let Some(on) = planned.or(next) else {
            if item.due.is_missing() {
                due.held(item.id, kind, Why::Missing("due"), false);
            }
            continue;
        };
        if date >= on {
            let title = Title { key: "task.monitoring", values: vec![("what", what.code().to_owned())] };
            let unsure = disputed(&item.due) || disputed(&item.interval_d) || disputed(&item.cancelled);
            due.task(item.id, kind, (on, MORNING), title, unsure);
        }
    }
}

fn kind_of(what: MonitoringKind) -> Kind {
    match what {
        MonitoringKind::Dxa | MonitoringKind::Imaging => Kind::Scan,
        MonitoringKind::Dental => Kind::Dentist,
        MonitoringKind::Visit => Kind::Visit,
        MonitoringKind::Weight => Kind::Weight,
        MonitoringKind::Functional => Kind::Function,
        MonitoringKind::Calcium
        | MonitoringKind::Creatinine
        | MonitoringKind::VitaminD
        | MonitoringKind::Magnesium
        | MonitoringKind::Phosphate
        | MonitoringKind::TurnoverMarker => Kind::Laboratory,
    }
}

/// J22: on its day, at the time of the place where it is.
pub(super) fn visits(plans: &Plans, date: Day, due: &mut Due) {
    for visit in &plans.facts.visits {
        let Some(at) = visit.at.known().min().copied().filter(|at| at.day() == date) else { continue };
        let what = visit.is.kind.known().next().filter(|_| !disputed(&visit.is.kind));
        let values = what.map(|kind| ("what", kind.code().to_owned())).into_iter().collect();
        due.task(visit.id, Kind::Visit, (date, minute(at)), Title { key: "task.visit", values }, disputed(&visit.at));
    }
}

pub(super) fn minute(at: Instant) -> u16 {
    let local = at.ms.saturating_add(i64::from(at.offset_min) * MINUTE_MS);
    u16::try_from(local.rem_euclid(DAY_MS) / MINUTE_MS).unwrap_or(0)
}

/// P-EDU: one material a week that was not read yet.
pub(super) fn education(plans: &Plans, date: Day, due: &mut Due) {
    for reading in &plans.reading {
        if let Some(next) = reading.materials.difference(&reading.read).next() {
            let title = Title { key: "task.read", values: vec![("what", next.clone())] };
            due.task(reading.id, Kind::Education, (slots::monday(date), READING), title, false);
        }
    }
}
