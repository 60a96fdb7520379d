//! Exercise: sessions against the plan, and plans that a finding overtook.

use std::collections::BTreeMap;

use osteon_care_core::{
    facts::*,
    rules::{Input, Subject, evaluate},
};
use osteon_proto::care::{LesionSize, LesionType, MirelsPain};

use crate::world::*;

crate::rule_tests! {
    r_ex_1 = "R-EX-1";
    r_ex_2 = "R-EX-2";
    r_ex_3 = "R-EX-3";
    r_ex_4 = "R-EX-4";
    r_ex_6 = "R-EX-6";
    r_ex_7 = "R-EX-7";
    r_ex_8 = "R-EX-8";
    r_ex_9 = "R-EX-9";
}

fn plan(f: &mut Facts, change: impl FnOnce(&mut Exercise)) {
    let mut plan = Exercise {
        id: id(),
        clearance: Clearance::Modified.into(),
        status: PlanStatus::Active.into(),
        ..Exercise::default()
    };
    change(&mut plan);
    f.exercises.push(plan);
}

fn session(change: impl FnOnce(&mut Activity)) -> Activity {
    let mut session = Activity { duration_min: 20.into(), ..Activity::default() };
    change(&mut session);
    session
}

/// A lesion of the proximal femur: functional (3), site (3), lytic (3) makes 10 with a small one; blastic makes 8.
fn femur(kind: LesionType) -> Lesion {
    Lesion {
        id: id(),
        site: Site::ProximalFemur.into(),
        kind: kind.into(),
        size: LesionSize::Lt13.into(),
        pain_mirels: MirelsPain::Functional.into(),
        status: LesionStatus::Confirmed.into(),
        recorded: Some(ago(30)),
        ..Lesion::default()
    }
}

fn r_ex_1() -> Vec<Case> {
    let forbids = |f: &mut Facts| {
        plan(f, |p| {
            p.forbidden =
                BTreeMap::from([("spine_flex".to_owned(), (Some(Role::Physiotherapist), Some(day("2026-02-01"))))]);
            p.no_load = [Site::ProximalFemur].into();
        });
    };
    let moved = |f: &mut Facts, movement: &str| {
        f.activities.push(on(0, session(|s| s.movements = [movement.to_owned()].into())));
    };
    let loaded = |f: &mut Facts, site: Site| f.activities.push(on(0, session(|s| s.regions = [site].into())));
    vec![
        fires(Soon, "a forbidden movement", |f| {
            forbids(f);
            moved(f, "spine_flex");
        })
        .says("restriction bending the spine set by the physiotherapist on 2026-02-01"),
        no("a movement that is not listed", |f| {
            forbids(f);
            moved(f, "walk");
        }),
        fires(Soon, "a region without load", |f| {
            forbids(f);
            loaded(f, Site::ProximalFemur);
        }),
        fires(Urgent, "there with Mirels 10", |f| {
            forbids(f);
            loaded(f, Site::ProximalFemur);
            f.lesions.push(femur(LesionType::Lytic));
        }),
        fires(Soon, "there with Mirels 8", |f| {
            forbids(f);
            loaded(f, Site::ProximalFemur);
            f.lesions.push(femur(LesionType::Blastic));
        }),
        fires(Urgent, "clearance on hold", |f| {
            forbids(f);
            f.exercises[0].clearance = Clearance::Hold.into();
            moved(f, "spine_flex");
        }),
        fires(Urgent, "on hold by one, modified by another", |f| {
            forbids(f);
            f.exercises[0].clearance = Live::disputed([Clearance::Hold, Clearance::Modified]);
            moved(f, "spine_flex");
        }),
        no("no plan", |f| moved(f, "spine_flex")),
        fires(Soon, "another plan beside it forbids nothing", |f| {
            plan(f, |_| {});
            forbids(f);
            moved(f, "spine_flex");
        }),
        fires(Soon, "a session that is only planned", |f| {
            forbids(f);
            f.activities.push(on(-1, session(|s| s.movements = ["spine_flex".to_owned()].into())));
        }),
        cannot(Input::NoLoad, "a region of a newer vocabulary", |f| {
            forbids(f);
            f.activities.push(on(0, session(|s| s.regions.newer = true)));
        }),
    ]
}

fn r_ex_2() -> Vec<Case> {
    let effort = |max: Live<u32>, rpe: u32| {
        move |f: &mut Facts| {
            plan(f, |p| p.max_rpe_tenths = max);
            f.activities.push(on(0, session(|s| s.rpe_tenths = rpe.into())));
        }
    };
    let minutes = |days: &'static [(i32, u32)]| {
        move |f: &mut Facts| {
            plan(f, |p| p.max_minutes = 20.into());
            f.activities.extend(days.iter().map(|(ago, min)| on(*ago, session(|s| s.duration_min = (*min).into()))));
        }
    };
    let lifted = |tenths: u32| {
        move |f: &mut Facts| {
            plan(f, |p| {
                p.lift_max_kg_tenths = 100.into();
                p.max_load_kg_tenths = BTreeMap::from([("squat".to_owned(), 50.into())]);
            });
            let squat = session(|s| {
                s.load_kg_tenths = tenths.into();
                s.movements = ["squat".to_owned()].into();
            });
            f.activities.push(on(0, squat));
        }
    };
    vec![
        no("effort 5 of 5", effort(50.into(), 50)),
        fires(Info, "effort 5.5 of 5", effort(50.into(), 55)).says("effort"),
        no("20 of 20 min", minutes(&[(0, 20)])),
        fires(Info, "21 of 20 min", minutes(&[(0, 21)])),
        fires(Soon, "30 of 20 min: half over", minutes(&[(0, 30)])),
        fires(Info, "29 of 20 min", minutes(&[(0, 29)])),
        fires(Soon, "3 times in 14 d", minutes(&[(0, 21), (5, 21), (13, 21)])),
        fires(Info, "2 times in 14 d", minutes(&[(0, 21), (5, 21)])),
        fires(Info, "limits 5 and 3 side by side, effort 4", effort(Live::disputed([50, 30]), 40)),
        no("5.0 kg of 5.0", lifted(50)),
        fires(Info, "5.1 kg of 5.0", lifted(51)).says("load"),
    ]
}

fn r_ex_3() -> Vec<Case> {
    let pains = |before: u8, during: u8| {
        move |f: &mut Facts| {
            f.activities.push(on(
                1,
                session(|s| {
                    s.pain_before = before.into();
                    s.pain_during = during.into();
                }),
            ));
        }
    };
    let later = |minutes: i64| {
        move |f: &mut Facts| {
            pains(2, 2)(f);
            let end = now().plus_ms(-DAY_MS + 20 * MINUTE_MS);
            f.pains
                .push(moment(end.plus_ms(minutes * MINUTE_MS), Pain { now: 4.into(), ..pain(Site::Hip, 4, |_| {}) }));
        }
    };
    vec![
        fires(Soon, "before 2, during 4", pains(2, 4)).says("Pain response: 2->4."),
        no("before 2, during 3", pains(2, 3)),
        fires(Soon, "4 at 24 h after", later(24 * 60)),
        no("4 at 25 h after", later(25 * 60)),
        fires(Soon, "5 where the plan stops at 5", |f| {
            pains(4, 5)(f);
            plan(f, |p| p.pain_stop = 5.into());
        }),
        no("4 from 3 where the plan stops at 5", |f| {
            pains(3, 4)(f);
            plan(f, |p| p.pain_stop = 5.into());
        }),
        fires(Soon, "more painkillers than before", |f| {
            pains(2, 2)(f);
            let intake = taken([Product::Analgesic], 0);
            f.intakes.push(Entry { at: hours_ago(20).into(), ..intake });
        })
        .says("Pain response: 2->2. EFFECT"),
        fires(Soon, "nobody asked before it, 5 where the plan stops at 5", |f| {
            f.activities.push(on(1, session(|s| s.pain_during = 5.into())));
            plan(f, |p| p.pain_stop = 5.into());
        })
        .says("Pain response: 5 after the session; nobody asked before it."),
        no("as many painkillers as before", |f| {
            pains(2, 2)(f);
            for hours in [20, 30] {
                let intake = taken([Product::Analgesic], 0);
                f.intakes.push(Entry { at: hours_ago(hours).into(), ..intake });
            }
        }),
        cannot(Input::ActivityPainDuring, "pain was not asked", |f| f.activities.push(on(1, session(|_| {})))),
    ]
}

fn r_ex_4() -> Vec<Case> {
    let approved = |days: i32| {
        move |f: &mut Facts| {
            plan(f, |p| p.approved = [ago(days)].into());
            f.lesions.push(femur(LesionType::Lytic));
        }
    };
    vec![
        fires(Soon, "a lesion, no clearance", |f| {
            plan(f, |_| {});
            f.lesions.push(femur(LesionType::Lytic));
        }),
        fires(Soon, "clearance one day older", approved(31)),
        no("clearance of that day", approved(30)),
        no("clearance after it", approved(29)),
        no("plan is a draft", |f| {
            plan(f, |p| p.status = PlanStatus::Draft.into());
            f.lesions.push(femur(LesionType::Lytic));
        }),
        no("no bone metastasis", |f| plan(f, |_| {})),
        cannot(Input::LesionImaging, "nobody knows since when", |f| {
            approved(10)(f);
            f.lesions[0].recorded = None;
        }),
    ]
}

fn r_ex_6() -> Vec<Case> {
    let last = |days: i32, minutes: u32| {
        move |f: &mut Facts| f.activities.push(on(days, session(|s| s.duration_min = minutes.into())))
    };
    vec![
        fires(Info, "15 d ago", last(15, 20)),
        no("14 d ago", last(14, 20)),
        no("15 d ago, a pause covers today", |f| {
            last(15, 20)(f);
            plan(f, |p| p.pauses = [(ago(10), today())].into());
        }),
        fires(Info, "15 d ago, the pause ended yesterday", |f| {
            last(15, 20)(f);
            plan(f, |p| p.pauses = [(ago(10), ago(1))].into());
        }),
        no("1 minute yesterday", |f| {
            last(15, 20)(f);
            last(1, 1)(f);
        }),
        cannot(Input::ActivityDuration, "never a session", |_| {}),
    ]
}

fn r_ex_7() -> Vec<Case> {
    let reviewed = |days: i32| {
        move |f: &mut Facts| {
            plan(f, |p| p.last_review = ago(days).into());
            f.lesions.push(femur(LesionType::Lytic));
        }
    };
    vec![
        fires(Urgent, "a lesion one day after the review", reviewed(31)).says("Plan predates a lesion of 2026-02-13"),
        no("on the same day", reviewed(30)),
        fires(Urgent, "radiotherapy after it", |f| {
            plan(f, |p| p.last_review = ago(10).into());
            f.treatments.push(course(Treatment::Radiotherapy, |c| c.start = ago(9).into()));
        }),
        no("reviewed again after it", reviewed(5)),
        fires(Urgent, "a fracture after it", |f| {
            plan(f, |p| p.last_review = ago(10).into());
            f.risk = risk(|r| r.fractures = [(Some(ago(3)), true)].into());
        }),
        no("chemotherapy after it", |f| {
            plan(f, |p| p.last_review = ago(10).into());
            f.treatments.push(course(Treatment::Chemo, |c| c.start = ago(9).into()));
        }),
        cannot(Input::ExerciseReview, "never reviewed", |f| {
            plan(f, |_| {});
            f.lesions.push(femur(LesionType::Lytic));
        }),
        fires(Urgent, "two days of review side by side", |f| {
            reviewed(31)(f);
            f.exercises[0].last_review = Live::disputed([ago(31), ago(1)]);
        }),
    ]
}

fn r_ex_8() -> Vec<Case> {
    let planned = |rpe: u32| move |f: &mut Facts| f.activities.push(on(-1, session(|s| s.rpe_tenths = rpe.into())));
    let with = |analyte: Analyte, value: i64| {
        move |f: &mut Facts| {
            planned(50)(f);
            f.labs.push(lab(1, analyte, value));
        }
    };
    let hot = |tenths: i32, hours: i64| {
        move |f: &mut Facts| {
            planned(50)(f);
            f.vitals.push(moment(hours_ago(hours), Vitals { temperature_tenths: tenths.into() }));
        }
    };
    vec![
        fires(Soon, "Hb 79", with(Analyte::Haemoglobin, 790_000)),
        no("Hb 80", with(Analyte::Haemoglobin, 800_000)),
        fires(Soon, "platelets 49", with(Analyte::Platelets, 490_000)),
        no("platelets 50", with(Analyte::Platelets, 500_000)),
        fires(Soon, "Ca 3.01", with(Analyte::CalciumAdjusted, 30_100)),
        no("Ca 3.0", with(Analyte::CalciumAdjusted, 30_000)),
        fires(Soon, "38.0 at 24 h", hot(380, 24)),
        no("38.0 at 25 h", hot(380, 25)),
        no("37.9", hot(379, 1)),
        no("light session", |f| {
            planned(39)(f);
            f.labs.push(lab(1, Analyte::Haemoglobin, 700_000));
        }),
        cannot(Input::ActivityRpe, "how hard is not said", |f| {
            f.activities.push(on(-1, session(|_| {})));
            f.labs.push(lab(1, Analyte::Haemoglobin, 700_000));
        }),
    ]
}

fn r_ex_9() -> Vec<Case> {
    let tired = |days: i32, grade: u8| move |f: &mut Facts| f.symptoms.push(on(days, composite(53, grade)));
    let treated =
        |days: i32| move |f: &mut Facts| f.readiness.push(on(days, Readiness { treatment_today: true.into() }));
    vec![
        fires(Info, "fatigue 2 today", tired(0, 2)),
        no("fatigue 1", tired(0, 1)),
        no("fatigue 2 yesterday", tired(1, 2)),
        fires(Info, "treatment yesterday", treated(1)),
        fires(Info, "treatment today", treated(0)),
        fires(Info, "treatment tomorrow, by the cycle", |f| {
            f.treatments.push(course(Treatment::Chemo, |c| {
                c.last_dose = ago(20).into();
                c.cycle_d = 21.into();
            }));
        }),
        no("treatment 2 days ago", treated(2)),
        cannot(Input::ReadinessTreatment, "not answered today", |f| f.readiness.push(on(0, Readiness::default()))),
    ]
}

#[test]
fn what_goes_on_with_exercise_is_one_alert_of_the_person() {
    let facts = facts(|f| {
        for ago in 1..=13 {
            f.activities.push(on(
                ago,
                session(|s| {
                    s.pain_before = 2.into();
                    s.pain_during = 5.into();
                }),
            ));
        }
    });
    let all = evaluate(&SET, Some(&["R-EX-3"]), &facts, now(), &settings());
    let fires: Vec<_> = all[0].fires.values().collect();
    assert_eq!(fires.len(), 1);
    assert_eq!((fires[0].key.subject, fires[0].behind.len()), (Subject::Person, 13), "it rests on every session");
}
