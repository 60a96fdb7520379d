//! Lines that are due day after day: exercise, food and fluids, supplements and medicines.

use osteon_proto::care::NutritionPlanStatus;

use super::{
    Due, Kind, Plans, Title, Wait, Why,
    slots::{self, Dosed},
};
use crate::facts::{
    Agent, BonePlan, BoneStatus, Clearance, Day, Exercise, Few, LineStatus, Live, PlanStatus, Product, Route,
};

/// Versions that differ, or one that is not understood beside another.
pub(super) fn disputed<T>(live: &Live<T>) -> bool {
    matches!(live, Live::Many(_))
}

/// P-EX: a task for each block on a day of a session, or why not.
pub(super) fn exercise(plans: &Plans, date: Day, due: &mut Due) {
    plans.facts.exercises.iter().for_each(|plan| exercise_of(plan, plans, date, due));
}

fn exercise_of(plan: &Exercise, plans: &Plans, date: Day, due: &mut Due) {
    let (id, kind) = (plan.id, Kind::Exercise);
    let asked = disputed(&plan.clearance);
    if plan.clearance.is_missing() {
        return due.held(id, kind, Why::Missing("clearance"), false);
    }
    // Of two plans at once both restrict: a hold in one is a hold.
    let active = |one: &&Exercise| one.status.known().any(|status| *status == PlanStatus::Active);
    let at_once: Vec<&Exercise> = plans.facts.exercises.iter().filter(|one| one.id == plan.id || active(one)).collect();
    let is_held = |one: &&Exercise| one.clearance.known().any(|clearance| *clearance == Clearance::Hold);
    if plan.clearance.has_unknown() || at_once.iter().any(is_held) {
        return due.held(id, kind, Why::Clearance, asked);
    }
    if plan.status.has_unknown() || plan.status.known().any(|status| *status != PlanStatus::Active) {
        let why = if plan.status.is_missing() { Why::Missing("status") } else { Why::NotActive };
        return due.held(id, kind, why, disputed(&plan.status));
    }
    let resting = plan.pauses.known.iter().filter(|(from, to)| *from <= date && date <= *to).map(|(_, to)| *to).max();
    if let Some(until) = resting {
        return due.held(id, kind, Why::Rest(Some(until).filter(|day| day.0 != i32::MAX)), false);
    }
    let movement = plans.movement.get(&id).cloned().unwrap_or_default();
    // Consistency before intensity; of two goals the smaller one until they agreed.
    let Some(sessions) = movement.sessions_per_week.known().min().copied() else {
        return due.held(id, kind, Why::Missing("sessions_per_week"), false);
    };
    if sessions == 0 || !slots::is_session_day(sessions, date) {
        return;
    }
    let goal = movement.minutes_per_week.known().min().map(|minutes| minutes / sessions.min(7));
    let longest = at_once.iter().flat_map(|one| one.max_minutes.known()).min().copied();
    let minutes = longest.into_iter().chain(goal).min();
    let supervised = plan.clearance.known().any(|one| *one == Clearance::SupervisedOnly);
    let unsure = asked
        || [disputed(&plan.max_minutes), disputed(&movement.sessions_per_week), disputed(&movement.minutes_per_week)]
            .contains(&true);
    let blocks = if movement.blocks.is_empty() { [super::Block::Main].into() } else { movement.blocks };
    for block in blocks {
        let mut values = vec![("block", block.name().to_owned())];
        values.extend(minutes.map(|minutes| ("minutes", minutes.to_string())));
        let key = if supervised { "task.exercise.supervised" } else { "task.exercise" };
        due.task(id, kind, (date, block.slot()), Title { key, values }, unsure);
        if let Some(task) = due.tasks.last_mut() {
            task.ask_first = plans.unseen.get(&(id, block)).cloned();
        }
    }
}

/// P-NUT: its meals, and what to drink.
pub(super) fn nutrition(plans: &Plans, date: Day, due: &mut Due) {
    let Some(plan) = &plans.facts.nutrition else { return };
    let id = plan.id;
    let eating = plans.eating.get(&id).cloned().unwrap_or_default();
    let states: Vec<_> = eating.status.known().copied().collect();
    if eating.status.has_unknown() || states.contains(&NutritionPlanStatus::Draft) {
        let why = if eating.status.is_missing() { Why::Missing("status") } else { Why::NotActive };
        return due.held(id, Kind::Meal, why, disputed(&eating.status));
    }
    if states.iter().all(|status| *status == NutritionPlanStatus::Ended) {
        return;
    }
    if eating.paused.known().any(|paused| *paused) {
        return due.held(id, Kind::Meal, Why::Held, disputed(&eating.paused));
    }
    let unsure = disputed(&eating.status);
    match eating.meals_per_day.known().min() {
        None => due.held(id, Kind::Meal, Why::Missing("meals_per_day"), false),
        Some(meals) => {
            for (n, slot) in slots::places(*meals).into_iter().enumerate() {
                let values = vec![("n", (n + 1).to_string()), ("of", meals.to_string())];
                let title = Title { key: "task.meal", values };
                due.task(id, Kind::Meal, (date, slot), title, unsure || disputed(&eating.meals_per_day));
            }
        }
    }
    let (least, most) = (plan.fluid_min_ml.known().min(), plan.fluid_max_ml.known().min());
    // A ceiling of heart or kidney wins over a floor.
    let least = least.map(|least| most.map_or(*least, |most| (*least).min(*most)));
    let ml = |(name, ml): (&'static str, i64)| (name, ml.to_string());
    let values: Vec<_> =
        least.map(|ml| ("min_ml", ml)).into_iter().chain(most.map(|ml| ("max_ml", *ml))).map(ml).collect();
    if values.is_empty() {
        return due.held(id, Kind::Fluid, Why::Missing("fluid_min_ml_d"), false);
    }
    let unsure = unsure || disputed(&plan.fluid_min_ml) || disputed(&plan.fluid_max_ml);
    // Of the whole day: its place is midnight.
    due.task(id, Kind::Fluid, (date, 0), Title { key: "task.fluid", values }, unsure);
}

/// A line that may be due today.
struct Line {
    dosed: Dosed,
    kind: Kind,
    today: bool,
    disputed: bool,
}

/// P-SUP, P-MED and bone drugs that are swallowed: what is taken, when, and what is kept apart.
pub(super) fn doses(plans: &Plans, date: Day, due: &mut Due) {
    let mut lines: Vec<Line> = Vec::new();
    supplements(plans, due, &mut lines);
    medicines(plans, date, due, &mut lines);
    lines.extend(plans.facts.bone_plans.iter().filter_map(|plan| oral(plan, date)));
    let dosed: Vec<Dosed> = lines.iter().map(|line| line.dosed.clone()).collect();
    for placed in slots::place(plans, &dosed) {
        let Some(line) = lines.iter().find(|line| line.dosed.line == placed.line && line.today) else { continue };
        let title = Title { key: "task.take", values: vec![("what", line.dosed.what.clone())] };
        due.task(placed.line, line.kind, (date, placed.slot), title, line.disputed);
        let Some(task) = due.tasks.last_mut() else { continue };
        task.at = placed.at;
        task.wait = placed.because.map(|(from, what, minutes)| match placed.at {
            Some(_) => Wait::Apart { from, what, minutes },
            None => Wait::NoRoom { from, what, minutes },
        });
    }
}

/// Every line that has times, for what must be kept apart from what was taken.
pub(super) fn dosed(plans: &Plans) -> Vec<Dosed> {
    let (mut lines, mut nothing) = (Vec::new(), Due::default());
    supplements(plans, &mut nothing, &mut lines);
    medicines(plans, Day(0), &mut nothing, &mut lines);
    lines.extend(plans.facts.bone_plans.iter().filter_map(|plan| oral(plan, Day(0))));
    lines.into_iter().map(|line| line.dosed).collect()
}

/// Whether a line is taken: None says why not, if a person should know.
fn taken(status: &Live<LineStatus>, held: bool) -> Result<(), Option<Why>> {
    if status.is_missing() {
        return Err(Some(Why::Missing("status")));
    }
    if held || status.has_unknown() || status.known().any(|status| *status == LineStatus::Hold) {
        return Err(Some(Why::Held));
    }
    if status.known().all(|status| *status == LineStatus::Stopped) { Err(None) } else { Ok(()) }
}

fn supplements(plans: &Plans, due: &mut Due, lines: &mut Vec<Line>) {
    for line in &plans.facts.supplements {
        let (kind, unsure) = (Kind::Supplement, disputed(&line.status));
        if let Err(why) = taken(&line.status, line.safety_hold) {
            why.into_iter().for_each(|why| due.held(line.id, kind, why, unsure));
            continue;
        }
        let Some(times) = line.times_per_day.known().min() else {
            due.held(line.id, kind, Why::Missing("times_per_day"), false);
            continue;
        };
        let product = line.product.known().next().cloned();
        let what = product.clone().unwrap_or_else(|| "supplement".to_owned());
        let kinds = line.kinds.known.clone();
        let dosed = Dosed { line: line.id, what, product, kinds, places: slots::places(*times) };
        let disputed = unsure || disputed(&line.times_per_day) || disputed(&line.product);
        lines.push(Line { dosed, kind, today: true, disputed });
    }
}

fn medicines(plans: &Plans, date: Day, due: &mut Due, lines: &mut Vec<Line>) {
    for line in &plans.facts.medicines {
        let (kind, unsure) = (Kind::Medicine, disputed(&line.status));
        if let Err(why) = taken(&line.status, false) {
            why.into_iter().for_each(|why| due.held(line.id, kind, why, unsure));
            continue;
        }
        let course = plans.courses.get(&line.id).cloned().unwrap_or_default();
        let Some(times) = course.times_per_day.known().min() else {
            due.held(line.id, kind, Why::Missing("times_per_day"), false);
            continue;
        };
        let begun = course.from.known().min().is_none_or(|from| *from <= date);
        let over = course.to.known().max().is_some_and(|to| *to < date);
        let product = line.code.known().next().cloned();
        let what = product.clone().unwrap_or_else(|| "medicine".to_owned());
        let kinds = line.kinds.known.clone();
        let dosed = Dosed { line: line.id, what, product, kinds, places: slots::places(*times) };
        let differ = [disputed(&course.from), disputed(&course.to), disputed(&course.times_per_day), unsure];
        lines.push(Line { dosed, kind, today: begun && !over, disputed: differ.contains(&true) });
    }
}

/// May be given, as far as the status goes: every live version says so.
pub(super) fn may_give(plan: &BonePlan) -> bool {
    let active = !plan.status.has_unknown() && plan.status.known().all(|status| *status == BoneStatus::Active);
    active && plan.hold_reasons.known.is_empty() && !plan.hold_reasons.newer
}

/// Swallowed at home: every so many days from the planned one on, early in the day and fasting.
fn oral(plan: &BonePlan, date: Day) -> Option<Line> {
    let oral = plan.route.known().any(|route| *route == Route::Oral);
    // Never before the latest of the dates that stand.
    let first = plan.planned_next.known().max().filter(|_| !plan.planned_next.has_unknown())?;
    let every = plan.interval_d.known().max().filter(|every| **every > 0)?;
    let agent = plan.agent.known().next().filter(|_| !disputed(&plan.agent))?;
    if !oral || !may_give(plan) {
        return None;
    }
    let kinds = match agent {
        Agent::Ibandronate => [Product::OralIbandronate],
        Agent::Alendronate | Agent::Risedronate | Agent::Clodronate => [Product::OralBisphosphonate],
        _ => [Product::Other],
    };
    let product = Some(agent.code().to_owned());
    let dosed = Dosed {
        line: plan.id,
        what: agent.code().to_owned(),
        product,
        kinds: Few::from_iter(kinds),
        places: vec![7 * 60],
    };
    let today = date >= *first && date.since(*first) % every == 0;
    let disputed = disputed(&plan.planned_next) || disputed(&plan.interval_d);
    Some(Line { dosed, kind: Kind::BoneDrug, today, disputed })
}
