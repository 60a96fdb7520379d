//! Scans, laboratory orders, visits, and a journal that fell silent.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

crate::rule_tests! {
    r_dxa_1 = "R-DXA-1";
    r_dxa_2 = "R-DXA-2";
    r_dxa_3 = "R-DXA-3";
    r_risk_1 = "R-RISK-1";
    r_btm_1 = "R-BTM-1";
    r_mon_1 = "R-MON-1";
    r_visit_1 = "R-VISIT-1";
    r_gap_1 = "R-GAP-1";
}

fn item(kind: MonitoringKind, change: impl FnOnce(&mut Monitoring)) -> Monitoring {
    let mut item = Monitoring { id: id(), kind: kind.into(), cancelled: false.into(), ..Monitoring::default() };
    change(&mut item);
    item
}

fn t_score(f: &mut Facts, tenths: i64) {
    f.labs.push(lab(100, Analyte::TScoreLumbar, tenths * 1_000));
}

fn decided(f: &mut Facts, about: &str, days: i32) {
    f.decisions.push(Decision { id: id(), about: about.to_owned().into(), date: ago(days).into() });
}

fn r_dxa_1() -> Vec<Case> {
    let due =
        |days: i32| move |f: &mut Facts| f.monitoring.push(item(MonitoringKind::Dxa, |i| i.due = ahead(days).into()));
    let done = |months: i32, days: i32, ai: bool, tenths: i64| {
        move |f: &mut Facts| {
            let last = today().plus(-days).plus_months(-months);
            f.monitoring.push(item(MonitoringKind::Dxa, |i| i.last_done = last.into()));
            t_score(f, tenths);
            if ai {
                f.treatments.push(course(Treatment::Ai, |_| {}));
            }
        }
    };
    vec![
        fires(Soon, "31 d past due", due(-31)).says("overdue since 2026-02-12"),
        no("30 d past due", due(-30)),
        fires(Info, "60 d before", due(60)),
        no("61 d before", due(61)),
        fires(Soon, "no interval: due after 24 months", done(24, 31, false, 0)),
        no("24 months and 30 d", done(24, 30, false, 0)),
        fires(Soon, "on AI with T -1.0: after 12 months", done(12, 31, true, -10)),
        no("on AI with T -0.9: 24 months", done(12, 31, true, -9)),
        fires(Soon, "the plan's interval of a year", |f| {
            f.monitoring.push(item(MonitoringKind::Dxa, |i| {
                i.last_done = ago(365 + 31).into();
                i.interval_d = 365.into();
            }));
        }),
        no("cancelled", |f| {
            due(-90)(f);
            f.monitoring[0].cancelled = true.into();
        }),
        cannot(Input::MonitoringDue, "never done, no day", |f| f.monitoring.push(item(MonitoringKind::Dxa, |_| {}))),
    ]
}

fn r_dxa_2() -> Vec<Case> {
    let low = |tenths: i64| move |f: &mut Facts| t_score(f, tenths);
    vec![
        fires(Soon, "-2.5", low(-25)).says("T -2.5 at lumbar spine"),
        no("-2.4", low(-24)),
        no("-2.5, decided 60 d ago", |f| {
            low(-25)(f);
            decided(f, "bone_medication", 60);
        }),
        fires(Soon, "-2.5, decided 61 d ago", |f| {
            low(-25)(f);
            decided(f, "bone_medication", 61);
        }),
        no("-2.5 at a site with a lesion", |f| {
            low(-25)(f);
            f.lesions.push(Lesion { id: id(), site: Site::Lumbar.into(), ..Lesion::default() });
        }),
        cannot(Input::DecisionAbout, "a decision about something unknown", |f| {
            low(-25)(f);
            f.decisions.push(Decision { id: id(), ..Decision::default() });
        }),
    ]
}

fn r_dxa_3() -> Vec<Case> {
    let scan = |days: i32, analyte: Analyte, value: i64, device: &str| {
        let mut scan = lab(days, analyte, value);
        scan.is.method = device.to_owned().into();
        scan
    };
    let fell = move |by: i64| {
        move |f: &mut Facts| {
            f.labs.push(scan(400, Analyte::BmdLumbar, 9_000, "A"));
            f.labs.push(scan(0, Analyte::BmdLumbar, 9_000 - by, "A"));
        }
    };
    vec![
        fires(Soon, "more than the least change", fell(301)).says("BMD 0.900->0.8699: exceeds LSC 0.030"),
        no("equal to it", fell(300)),
        no("another device", move |f| {
            f.labs.push(scan(400, Analyte::BmdLumbar, 9_000, "A"));
            f.labs.push(scan(0, Analyte::BmdLumbar, 8_000, "B"));
        }),
        no("another site", move |f| {
            f.labs.push(scan(400, Analyte::BmdLumbar, 9_000, "A"));
            f.labs.push(scan(0, Analyte::BmdHip, 8_000, "A"));
        }),
        cannot(Input::LeastChange, "the centre has no value", move |f| {
            f.labs.push(scan(400, Analyte::BmdHip, 9_000, "A"));
            f.labs.push(scan(0, Analyte::BmdHip, 8_000, "A"));
        }),
    ]
}

fn r_risk_1() -> Vec<Case> {
    let on_ai = |kind: Treatment, tenths: i64| {
        move |f: &mut Facts| {
            f.risk = risk(|r| r.birth = day("1966-01-01").into());
            f.weights.push(on(1, Weight { weight_g: 70_000.into(), ..Weight::default() }));
            f.treatments.push(course(kind, |_| {}));
            t_score(f, tenths);
        }
    };
    vec![
        fires(Info, "AI, T -2.1", on_ai(Treatment::Ai, -21)).says("T -2.1"),
        no("T -2.0", on_ai(Treatment::Ai, -20)),
        fires(Info, "T -1.6 and smoking", |f| {
            on_ai(Treatment::Ai, -16)(f);
            f.risk = risk(|r| {
                r.birth = day("1966-01-01").into();
                r.smokes = true.into();
            });
        })
        .says("smoking"),
        fires(Info, "two risk factors, normal T", |f| {
            on_ai(Treatment::Ai, 0)(f);
            f.risk = risk(|r| {
                r.birth = day("1950-01-01").into();
                r.fractures = [(Some(day("2020-01-01")), true)].into();
            });
        }),
        no("decided", |f| {
            on_ai(Treatment::Ai, -21)(f);
            decided(f, "bone_medication", 400);
        }),
        no("AI ended", |f| {
            on_ai(Treatment::Ai, -21)(f);
            f.treatments[0].end = ago(1).into();
        }),
        fires(Info, "ADT", on_ai(Treatment::Adt, -21)),
        cannot(Input::LabValue, "no T-score", |f| {
            on_ai(Treatment::Ai, -21)(f);
            f.labs.clear();
        }),
        cannot(Input::HipFracture, "T -1.6, family history unknown", |f| {
            on_ai(Treatment::Ai, -16)(f);
            f.risk = risk(|r| {
                r.birth = day("1966-01-01").into();
                r.hip_fracture_in_family = Answer::Unknown.into();
            });
        }),
    ]
}

fn r_btm_1() -> Vec<Case> {
    let ordered = |f: &mut Facts| {
        f.monitoring.push(item(MonitoringKind::TurnoverMarker, |_| {}));
        f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |_| {}));
        f.lesions.push(Lesion { id: id(), site: Site::Pelvis.into(), ..Lesion::default() });
    };
    vec![
        fires(Info, "ordered, no reason", ordered),
        no("with a reason", |f| {
            ordered(f);
            decided(f, "bone_turnover_marker", 3);
        }),
        no("no bone drug", |f| {
            ordered(f);
            f.bone_plans.clear();
        }),
        no("no metastatic disease", |f| {
            ordered(f);
            f.lesions.clear();
        }),
        no("a calcium test", |f| {
            ordered(f);
            f.monitoring[0].kind = MonitoringKind::Calcium.into();
        }),
        cannot(Input::DecisionAbout, "a decision about something unknown", |f| {
            ordered(f);
            f.decisions.push(Decision { id: id(), ..Decision::default() });
        }),
    ]
}

fn r_mon_1() -> Vec<Case> {
    let due = |kind: MonitoringKind, days: i32| {
        move |f: &mut Facts| f.monitoring.push(item(kind, |i| i.due = ago(days).into()))
    };
    let ca = MonitoringKind::Calcium;
    vec![
        fires(Info, "15 d past due", due(ca, 15)).says("Calcium test is due."),
        no("14 d", due(ca, 14)),
        fires(Soon, "46 d", due(ca, 46)).says("overdue 46 d"),
        fires(Info, "45 d", due(ca, 45)),
        no("DXA: R-DXA-1", due(MonitoringKind::Dxa, 90)),
        no("cancelled", |f| {
            due(ca, 90)(f);
            f.monitoring[0].cancelled = true.into();
        }),
        fires(Soon, "cancelled in one of two versions", |f| {
            due(ca, 90)(f);
            f.monitoring[0].cancelled = Live::disputed([true, false]);
        }),
        no("done since", |f| {
            due(ca, 20)(f);
            f.monitoring[0].last_done = ago(5).into();
            f.monitoring[0].interval_d = 28.into();
        }),
        cannot(Input::MonitoringDue, "no day", |f| f.monitoring.push(item(ca, |_| {}))),
    ]
}

fn r_visit_1() -> Vec<Case> {
    let seen = |days: i32| {
        move |f: &mut Facts| {
            f.monitoring.push(item(MonitoringKind::Visit, |i| i.interval_d = 90.into()));
            f.visits.push(on(days, Visit { kind: VisitKind::Visit.into() }));
        }
    };
    vec![
        fires(Info, "interval 90 d, 121 d ago", seen(121)),
        no("120 d ago", seen(120)),
        no("booked, and seen 20 d ago", |f| {
            seen(20)(f);
            f.visits.push(on(-10, Visit { kind: VisitKind::Visit.into() }));
        }),
        fires(Info, "booked only", |f| {
            seen(121)(f);
            f.visits.push(on(-10, Visit { kind: VisitKind::Visit.into() }));
        }),
        cannot(Input::MonitoringInterval, "no interval in the plan", |f| {
            f.visits.push(on(300, Visit { kind: VisitKind::Visit.into() }));
        }),
    ]
}

fn r_gap_1() -> Vec<Case> {
    let last = |days: i32| move |f: &mut Facts| f.moods.push(on(days, Mood::default()));
    vec![
        fires(Info, "8 d ago", last(8)),
        no("7 d ago", last(7)),
        no("8 d ago, in a pause", |f| {
            last(8)(f);
            f.house.pauses = [(ago(9), ahead(3))].into();
        }),
        no("8 d ago, in a pause of the exercise plan", |f| {
            last(8)(f);
            f.exercises = vec![Exercise { id: id(), pauses: [(ago(9), today())].into(), ..Exercise::default() }];
        }),
        cannot(Input::EffectiveStart, "never an entry", |_| {}),
    ]
}
