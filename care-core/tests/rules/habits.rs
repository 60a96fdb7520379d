//! Smoking, alcohol, sun, goals, teaching, trials.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

crate::rule_tests! {
    r_smok_1 = "R-SMOK-1";
    r_alc_1 = "R-ALC-1";
    r_sun_1 = "R-SUN-1";
    r_goal_1 = "R-GOAL-1";
    r_edu_1 = "R-EDU-1";
    r_trial_1 = "R-TRIAL-1";
}

fn r_smok_1() -> Vec<Case> {
    let smoked = |count: u32| {
        move |f: &mut Facts| f.smokes.push(on(1, Smoking { cigarettes: count.into(), ..Smoking::default() }))
    };
    let offered = |days: i32| {
        move |f: &mut Facts| {
            smoked(5)(f);
            let topic = "smoking_cessation".to_owned().into();
            f.taught.push(on(days, TeachBack { topic, ..TeachBack::default() }));
        }
    };
    vec![
        fires(Info, "last offer 181 d ago", offered(181)),
        no("180 d ago", offered(180)),
        fires(Info, "never", smoked(5)),
        no("nothing smoked", smoked(0)),
        no("in a course of the programme", |f| {
            smoked(5)(f);
            f.supports.push(on(10, Support { resource: "smoking_cessation".to_owned().into() }));
        }),
        cannot(Input::Cigarettes, "an entry without an answer", |f| f.smokes.push(on(1, Smoking::default()))),
    ]
}

fn r_alc_1() -> Vec<Case> {
    let mean = |tenths: u32, shares: Live<bool>| {
        move |f: &mut Facts| {
            (0..7).for_each(|ago| f.drinks.push(on(ago, Alcohol { units_tenths: tenths.into() })));
            f.house.shares_alcohol = shares;
        }
    };
    vec![
        fires(Info, "mean 3.0", mean(30, true.into())).says("Alcohol 3.0 units/d"),
        no("mean 2.9", mean(29, true.into())),
        no("mean 3.0, not shared", mean(30, false.into())),
        cannot(Input::Grant, "mean 3.0, shared or not is not known", mean(30, Live::Missing)),
    ]
}

fn r_sun_1() -> Vec<Case> {
    let sun = |days: i32| move |f: &mut Facts| f.suns.push(on(days, Sun { minutes: 15.into() }));
    let drug = |f: &mut Facts| {
        f.treatments.push(course(Treatment::Chemo, |c| c.agent = "methotrexate".to_owned().into()));
    };
    vec![
        fires(Info, "sun and a drug that makes skin sensitive", |f| {
            sun(3)(f);
            drug(f);
        }),
        fires(Info, "sun and a recent field of radiotherapy", |f| {
            sun(3)(f);
            f.treatments.push(course(Treatment::Radiotherapy, |c| c.end = ago(90).into()));
        }),
        no("a field of long ago", |f| {
            sun(3)(f);
            f.treatments.push(course(Treatment::Radiotherapy, |c| c.end = ago(91).into()));
        }),
        no("no sun any more", |f| {
            sun(31)(f);
            drug(f);
        }),
        no("neither of the two", sun(3)),
        cannot(Input::TreatmentKind, "a course of an unknown kind", |f| {
            sun(3)(f);
            f.treatments.push(Course { id: id(), ..Course::default() });
        }),
    ]
}

fn r_goal_1() -> Vec<Case> {
    let goal = |importance: u8, confidence: u8, milestone: Option<i32>, progress: Option<i32>| {
        move |f: &mut Facts| {
            f.goals.push(Goal {
                id: id(),
                status: GoalStatus::Agreed.into(),
                importance: importance.into(),
                confidence: confidence.into(),
                milestones: milestone.map(|days| ago(days).into()).into_iter().collect(),
                progress: progress.map(ago).into_iter().collect(),
            });
        }
    };
    vec![
        fires(Info, "passed 14 d ago without an entry", goal(5, 5, Some(14), None)),
        no("passed 13 d ago", goal(5, 5, Some(13), None)),
        no("passed, with an entry", goal(5, 5, Some(20), Some(19))),
        fires(Info, "importance 7, confidence 4", goal(7, 4, None, None)),
        no("7 and 5", goal(7, 5, None, None)),
        no("6 and 4", goal(6, 4, None, None)),
        no("dropped", |f| {
            goal(7, 4, None, None)(f);
            f.goals[0].status = GoalStatus::Dropped.into();
        }),
    ]
}

fn r_edu_1() -> Vec<Case> {
    let started = |days: i32, topics: &'static [&'static str]| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |p| p.status_since = ago(days).into()));
            f.taught.extend(
                topics
                    .iter()
                    .map(|topic| on(1, TeachBack { topic: (*topic).to_owned().into(), understood: true.into() })),
            );
        }
    };
    vec![
        fires(Info, "started 15 d ago, nothing taught", started(15, &[])),
        no("14 d ago", started(14, &[])),
        no("all four signs", started(15, &["jaw", "low_calcium", "thigh_pain", "spinal_cord"])),
        fires(Info, "three of them", started(15, &["jaw", "low_calcium", "thigh_pain"])),
        cannot(Input::DoseWhen, "since when is not known", |f| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |_| {}));
        }),
    ]
}

fn r_trial_1() -> Vec<Case> {
    let change = |item: &'static str, visit: i32, status: TrialStatus| {
        move |f: &mut Facts| {
            f.trials.push(Trial {
                id: id(),
                status: status.into(),
                visits: vec![ahead(visit)].into(),
                prohibited: ["st_johns_wort".to_owned()].into(),
            });
            f.house.changes.push(PlanChange { record: id(), at: now(), items: [item.to_owned()].into() });
        }
    };
    vec![
        fires(Soon, "a prohibited item", change("st_johns_wort", 20, TrialStatus::Active)).says("st johns wort"),
        fires(Soon, "inside a visit window", change("calcium", 3, TrialStatus::Active)),
        no("outside of it", change("calcium", 4, TrialStatus::Active)),
        no("trial ended", change("st_johns_wort", 3, TrialStatus::Ended)),
        no("nothing changed", |f| {
            change("st_johns_wort", 3, TrialStatus::Active)(f);
            f.house.changes.clear();
        }),
        cannot(Input::TrialStatus, "status unknown", |f| {
            change("st_johns_wort", 3, TrialStatus::Active)(f);
            f.trials[0].status = Live::Missing;
        }),
    ]
}
