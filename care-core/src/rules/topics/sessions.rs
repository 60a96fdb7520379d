//! Sessions against the exercise plan: forbidden movements, limits, pain after, days to rest.

use super::{
    super::{
        eval::{Cx, Trigger, in_range},
        inputs::Input,
        outcome::{Found, Severity, Subject, fires},
        truth::Truth,
        versions::Versions,
    },
    common::{role_word, words},
    fracture::mirels_of,
    labs::{calcium_is, newest},
    pain::is_analgesic,
    scores::{is_item, item, reaches},
    spinal::sins_of,
};
use crate::{
    facts::{Activity, Analyte, Clearance, DAY_MS, Day, Entry, Exercise, Facts, Instant, MINUTE_MS, Site},
    vocabulary::movement,
};

pub(super) const RULES: &[(&str, Trigger)] = &[
    ("R-EX-1", forbidden),
    ("R-EX-2", above_limit),
    ("R-EX-3", pain_after),
    ("R-EX-8", rest_today),
    ("R-EX-9", easy_version),
];

/// Each session beside each plan: of two plans both hold.
fn by_plan<'f>(
    facts: &'f Facts,
    sessions: impl IntoIterator<Item = &'f Entry<Activity>>,
) -> impl Iterator<Item = (&'f Entry<Activity>, &'f Exercise)> {
    sessions.into_iter().flat_map(|session| facts.exercises.iter().map(move |plan| (session, plan)))
}

/// R-EX-1, also on a session that is only planned.
fn forbidden(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for (entry, plan) in by_plan(facts, cx.own(&facts.activities)) {
        cx.judge_on(entry, |cx, v| {
            v.reads(Input::ActivityMovements);
            v.reads(Input::ActivityRegions);
            v.reads(Input::Forbidden);
            v.reads(Input::NoLoad);
            let moves: Vec<&String> =
                entry.movements.known.iter().filter(|it| plan.forbidden.contains_key(*it)).collect();
            let loaded: Vec<Site> = entry
                .regions
                .known
                .iter()
                .copied()
                .filter(|region| plan.no_load.known.iter().any(|no| no.touches(*region)))
                .collect();
            if moves.is_empty() && loaded.is_empty() {
                return Found::when(unread(entry, plan), fires);
            }
            let held = v.any(Input::Clearance, &plan.clearance, |clearance| *clearance == Clearance::Hold);
            let unstable = unstable_at(cx, v, &entry.regions.known);
            let levels = [(Severity::Urgent, Truth::from(held.is_yes()).or(unstable)), (Severity::Soon, Truth::Yes)];
            Found::levels(&levels, || {
                let set = moves.first().and_then(|it| plan.forbidden.get(*it)).copied().unwrap_or_default();
                let what = moves.iter().map(|it| movement(it)).chain(loaded.iter().map(Site::to_string));
                let date = set.1.map_or_else(|| "an unknown day".to_owned(), |day| day.to_string());
                fires().fill("x", words(what)).fill("who", role_word(set.0)).fill("date", date).with(plan.id)
            })
        });
    }
}

/// Codes of a newer vocabulary, on either side: what they forbid is not known.
fn unread(entry: &Entry<Activity>, plan: &Exercise) -> Truth {
    if entry.regions.newer || plan.no_load.newer {
        Truth::Unknown(Input::NoLoad.into())
    } else if entry.movements.newer {
        Truth::Unknown(Input::ActivityMovements.into())
    } else {
        Truth::No
    }
}

/// A loaded region holds a lesion with Mirels from 9 or SINS from 13.
fn unstable_at<'a>(cx: &Cx<'_>, v: &Versions, regions: impl IntoIterator<Item = &'a Site> + Clone) -> Truth {
    Truth::any(cx.facts.lesions.iter().map(|lesion| {
        let there =
            v.any(Input::LesionSite, &lesion.site, |site| regions.clone().into_iter().any(|it| it.touches(*site)));
        if there.is_no() {
            return Truth::No;
        }
        let scores = [
            mirels_of(v, lesion).map(|points| points.map(|points| points >= 9)),
            sins_of(v, lesion).map(|points| points.map(|points| points >= 13)),
        ];
        there.and(Truth::any(scores.into_iter().flatten().map(|score| match score {
            Ok(high) => high.into(),
            Err(missing) => Truth::Unknown(missing),
        })))
    }))
}

/// How far a session went over a limit, in percent of the limit; None: not over it, or nothing to compare.
fn excess(v: &Versions, plan: &Exercise, entry: &Entry<Activity>) -> Vec<(&'static str, u64)> {
    let mut over = Vec::new();
    let mut compare = |name, value: Option<u32>, limit: Option<u32>| {
        if let Some((value, limit)) = value.zip(limit).filter(|(value, limit)| value > limit) {
            let percent = u64::from(value - limit) * 100 / u64::from(limit.max(1));
            over.push((name, percent));
        }
    };
    let rpe = v.get(Input::ActivityRpe, &entry.rpe_tenths).copied();
    compare("effort", rpe, v.get(Input::MaxRpe, &plan.max_rpe_tenths).copied());
    let minutes = v.get(Input::ActivityDuration, &entry.duration_min).copied();
    compare("minutes", minutes, v.get(Input::MaxMinutes, &plan.max_minutes).copied());
    let load = v.get(Input::ActivityLoad, &entry.load_kg_tenths).copied();
    v.reads(Input::MaxLoad);
    v.reads(Input::ActivityMovements);
    let by_exercise = entry.movements.known.iter().filter_map(|movement| plan.max_load_kg_tenths.get(movement));
    let limits = by_exercise
        .filter_map(|limit| v.get(Input::MaxLoad, limit))
        .chain(v.get(Input::LiftMax, &plan.lift_max_kg_tenths));
    compare("load", load, limits.min().copied());
    over
}

const FORTNIGHT_D: i32 = 14;

/// R-EX-2. Sessions that go above the same limit are one alert.
fn above_limit(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    for (entry, plan) in by_plan(facts, cx.after(in_range(&facts.activities))) {
        cx.judge_on(entry, |_, v| {
            let over = excess(v, plan, entry);
            if over.is_empty() {
                return Found::no();
            }
            let day = v.at(entry).map(|at| at.day());
            let recent = |other: &&Entry<Activity>| {
                let on = v.at(other).map(|at| at.day());
                day.zip(on).is_some_and(|(day, on)| (0..FORTNIGHT_D).contains(&day.since(on)))
            };
            let often =
                in_range(&facts.activities).filter(recent).filter(|other| !excess(v, plan, other).is_empty()).count()
                    >= 3;
            let far = over.iter().any(|(_, percent)| *percent >= 50);
            let levels = [(Severity::Soon, (often || far).into()), (Severity::Info, Truth::Yes)];
            Found::levels(&levels, || {
                let x = words(over.iter().map(|(name, _)| *name));
                fires().of_person().mark(x.clone()).fill("x", x).with(plan.id)
            })
        });
    }
}

const RISE: u8 = 2;

/// R-EX-3, in the day before a session and the day after it.
fn pain_after(cx: &mut Cx<'_>) {
    const AROUND_D: i32 = 3;
    let facts = cx.facts;
    for entry in cx.within_days(AROUND_D, in_range(&facts.activities)) {
        cx.judge_on(entry, |cx, v| {
            let before = v.get(Input::ActivityPainBefore, &entry.pain_before).copied();
            let own = [
                v.get(Input::ActivityPainDuring, &entry.pain_during).copied(),
                v.get(Input::ActivityPainAfter, &entry.pain_after_24h).copied(),
            ];
            let at = v.at(entry);
            let minutes = v.get(Input::ActivityDuration, &entry.duration_min).copied().unwrap_or_default();
            let end = at.map(|at| at.plus_ms(i64::from(minutes) * MINUTE_MS));
            let later = in_range(&facts.pains).filter_map(|pain| {
                let since = v.at(pain)?.since_ms(end?);
                let now = v.get(Input::PainNow, &pain.now).copied()?;
                (0..=DAY_MS).contains(&since).then_some(now)
            });
            let post = own.into_iter().flatten().chain(later).max();
            let stop = facts.exercises.iter().filter_map(|plan| v.get(Input::PainStop, &plan.pain_stop)).min().copied();
            v.reads(Input::PainStop);
            let rose = match (before, post) {
                (Some(before), Some(post)) => (post >= before.saturating_add(RISE)).into(),
                (None, Some(_)) => Truth::Unknown(Input::ActivityPainBefore.into()),
                (_, None) => Truth::Unknown(Input::ActivityPainDuring.into()),
            };
            let stopped = post.zip(stop).is_some_and(|(post, stop)| post >= stop);
            let more = more_analgesics(cx, v, at, end);
            let truth = rose.or(stopped.into()).or(more.into());
            Found::when(truth, || {
                // What goes on with exercise is one alert of the person, whichever session shows it.
                let found = fires().of_person().fill("response", response(before, post));
                if more { found.note("analgesics") } else { found }
            })
        });
    }
}

/// Pain before a session and after it, 0 to 10, as far as somebody asked.
fn response(before: Option<u8>, after: Option<u8>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("{before}->{after}"),
        (None, Some(after)) => format!("{after} after the session; nobody asked before it"),
        (Some(before), None) => format!("{before} before the session; nobody asked after it"),
        (None, None) => "nobody asked".to_owned(),
    }
}

/// More painkillers in the day after a session than in the day before it.
fn more_analgesics(cx: &Cx<'_>, v: &Versions, start: Option<Instant>, end: Option<Instant>) -> bool {
    let Some((start, end)) = start.zip(end) else { return false };
    let (mut before, mut after) = (0, 0);
    if !cx.facts.intakes.is_empty() {
        let looked = [Input::IntakeTaken, Input::IntakeProduct, Input::MedicineKinds, Input::IntakeStatus];
        looked.into_iter().for_each(|input| v.reads(input));
    }
    let around = cx.index.intakes(start, -DAY_MS, end.since_ms(start).saturating_add(DAY_MS));
    for intake in around.filter(|intake| is_analgesic(v, intake).is_yes()) {
        let Some(when) = v.get(Input::IntakeTaken, &intake.at).copied() else { continue };
        before += i32::from((1..=DAY_MS).contains(&start.since_ms(when)));
        after += i32::from((0..=DAY_MS).contains(&when.since_ms(end)));
    }
    after > before
}

/// Moderate effort begins here (unverified).
const MODERATE_TENTHS: u32 = 40;

/// R-EX-8, on sessions of today or ahead that have not begun.
fn rest_today(cx: &mut Cx<'_>) {
    let facts = cx.facts;
    let fever = cx.threshold("fever_tenths_cel");
    for entry in cx.near(in_range(&facts.activities)) {
        cx.judge_on(entry, |cx, v| {
            let planned = v.at(entry).is_some_and(|at| at.ms >= cx.now.ms);
            if !planned {
                return Found::no();
            }
            let hard = v.any(Input::ActivityRpe, &entry.rpe_tenths, |rpe| *rpe >= MODERATE_TENTHS);
            if hard.is_no() {
                return Found::no();
            }
            let low = |analyte, limit| newest(cx, v, analyte).is_some_and(|result| result.value < limit);
            let blood = low(Analyte::Haemoglobin, 800_000) || low(Analyte::Platelets, 500_000);
            let calcium = calcium_is(cx, v, |calcium| calcium.value > 30_000).is_yes();
            let hot = in_range(&facts.vitals).any(|vitals| {
                let near = v.at(vitals).is_some_and(|at| (0..=DAY_MS).contains(&cx.now.since_ms(at)));
                near && v.any(Input::Temperature, &vitals.temperature_tenths, |t| i64::from(*t) >= fever).is_yes()
            });
            Found::when(hard.and((blood || calcium || hot).into()), fires)
        });
    }
}

/// R-EX-9.
fn easy_version(cx: &mut Cx<'_>) {
    cx.judge(Subject::Person, |cx, v| {
        let today = cx.today();
        let tired =
            Truth::any(in_range(&cx.facts.symptoms).filter(|entry| is_item(v, entry, &[item::FATIGUE])).map(|entry| {
                let same = v.at(entry).is_some_and(|at| at.day() == today);
                if same { reaches(v, entry, 2) } else { Truth::No }
            }));
        let near = |day: Day| (day.since(today)).abs() <= 1;
        let said = Truth::any(in_range(&cx.facts.readiness).map(|entry| {
            let close = v.at(entry).is_some_and(|at| near(at.day()));
            Truth::from(close).and(v.flag(Input::ReadinessTreatment, &entry.treatment_today))
        }));
        let course = Truth::any(cx.facts.treatments.iter().map(|course| {
            v.reads(Input::TreatmentLastDose);
            v.reads(Input::TreatmentCycle);
            let given = course.last_dose.known().any(|last| near(*last));
            let next = course.last_dose.known().any(|last| course.cycle_d.known().any(|days| near(last.plus(*days))));
            Truth::from(given || next)
        }));
        Found::when(Truth::any([tired, said, course]), fires)
    });
}
