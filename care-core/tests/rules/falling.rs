//! Falls, tests of balance, hazards at home.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

crate::rule_tests! {
    r_fall_2 = "R-FALL-2";
    r_fall_3 = "R-FALL-3";
    r_fall_4 = "R-FALL-4";
    r_fall_5 = "R-FALL-5";
    r_fall_6 = "R-FALL-6";
    r_home_1 = "R-HOME-1";
}

fn metastasis(f: &mut Facts) {
    f.lesions.push(Lesion {
        id: id(),
        site: Site::Pelvis.into(),
        status: LesionStatus::Confirmed.into(),
        recorded: Some(ago(100)),
        ..Lesion::default()
    });
}

fn hurt(fall: &mut Fall) {
    fall.injury = [Injury::Pain].into();
}

fn near(fall: &mut Fall) {
    fall.near_fall = true.into();
}

fn r_fall_2() -> Vec<Case> {
    vec![
        fires(Urgent, "pain, bone metastasis", |f| {
            f.risk = risk(|_| {});
            metastasis(f);
            f.falls.push(on(0, fall(hurt)));
        })
        .says("Fall with pain"),
        fires(Urgent, "pain, osteoporosis", |f| {
            f.risk = risk(|r| r.osteoporosis = Answer::Yes.into());
            f.falls.push(on(0, fall(hurt)));
        }),
        fires(Urgent, "head strike, neither", |f| {
            f.risk = risk(|_| {});
            f.falls.push(on(0, fall(|fall| fall.hit_head = true.into())));
        })
        .says("head strike"),
        no("pain, neither", |f| {
            f.risk = risk(|_| {});
            f.falls.push(on(0, fall(hurt)));
        }),
        no("near-fall", |f| {
            metastasis(f);
            f.falls.push(on(
                0,
                fall(|fall| {
                    near(fall);
                    hurt(fall);
                }),
            ));
        }),
        no("no pain, no head strike", |f| {
            metastasis(f);
            f.falls.push(on(0, fall(|_| {})));
        }),
        cannot(Input::Osteoporosis, "pain, osteoporosis unknown", |f| {
            f.risk = risk(|r| r.osteoporosis = Answer::Unknown.into());
            f.falls.push(on(0, fall(hurt)));
        }),
    ]
}

fn r_fall_3() -> Vec<Case> {
    vec![
        fires(Soon, "1 fall", |f| f.falls.push(on(0, fall(|_| {})))).says("walking, kitchen"),
        fires(Soon, "2 near-falls in 30 d", |f| {
            f.falls.push(on(30, fall(near)));
            f.falls.push(on(0, fall(near)));
        }),
        no("1 near-fall", |f| f.falls.push(on(0, fall(near)))),
        no("2 near-falls 31 d apart", |f| {
            f.falls.push(on(31, fall(near)));
            f.falls.push(on(0, fall(near)));
        }),
        cannot(Input::FallNear, "fall or near-fall is not said", |f| {
            f.falls.push(on(0, fall(|fall| fall.near_fall = Live::Missing)));
        }),
    ]
}

fn r_fall_4() -> Vec<Case> {
    let falls = |days: &'static [i32]| {
        move |f: &mut Facts| {
            f.risk = risk(|_| {});
            f.falls.extend(days.iter().map(|ago| on(*ago, fall(|_| {}))));
        }
    };
    vec![
        no("1", falls(&[10])),
        fires(Soon, "2", falls(&[10, 365])),
        no("2, one 366 d ago", falls(&[10, 366])),
        no("2, one a duplicate", |f| {
            falls(&[10, 20])(f);
            f.falls[0].is.duplicate = true;
        }),
        fires(Urgent, "2 with bone metastasis", |f| {
            falls(&[10, 20])(f);
            metastasis(f);
        }),
        fires(Urgent, "2 with osteoporosis", |f| {
            falls(&[10, 20])(f);
            f.risk = risk(|r| r.osteoporosis = Answer::Yes.into());
        }),
        no("2 near-falls", |f| {
            f.falls.push(on(1, fall(near)));
            f.falls.push(on(2, fall(near)));
        }),
    ]
}

fn r_fall_5() -> Vec<Case> {
    let test = |test: FunctionTest| {
        move |f: &mut Facts| {
            f.risk = risk(|r| r.birth = day("1954-01-01").into());
            f.tests.push(on(0, test));
        }
    };
    let tug = |tenths: u32| FunctionTest { tug_tenths: tenths.into(), ..FunctionTest::default() };
    let stands = |count: u32, arms: bool| FunctionTest {
        chair_stands: count.into(),
        used_arms: arms.into(),
        ..FunctionTest::default()
    };
    let gait =
        |m: u32, s: u32| FunctionTest { gait_m_tenths: m.into(), gait_s_tenths: s.into(), ..FunctionTest::default() };
    let screen = |total: i32, fell: bool| {
        move |f: &mut Facts| {
            f.screens.push(on(
                0,
                Screen {
                    tool: Tool::StayIndependent.into(),
                    total: total.into(),
                    fell_in_past_year: fell.into(),
                    ..Screen::default()
                },
            ));
        }
    };
    vec![
        no("TUG 11.9 s", test(tug(119))),
        fires(Soon, "TUG 12.0 s", test(tug(120))).says("TUG 12.0 s"),
        no("TUG 12.0 s, where the site set 13.5", test(tug(120))).switch("tug_tenths_s", 135),
        fires(Soon, "9 stands at 72, woman", test(stands(9, false))),
        no("10 stands at 72, woman", test(stands(10, false))),
        fires(Soon, "12 stands with arms", test(stands(12, true))),
        no("3 stands at 55: no norm", |f| {
            test(stands(3, false))(f);
            f.risk = risk(|r| r.birth = day("1971-01-01").into());
        }),
        fires(Soon, "tandem 9.9 s", test(FunctionTest { tandem_tenths: 99.into(), ..FunctionTest::default() })),
        no("tandem 10 s", test(FunctionTest { tandem_tenths: 100.into(), ..FunctionTest::default() })),
        fires(Soon, "4 m in 5.0 s", test(gait(40, 50))).says("0.80 m/s"),
        no("4 m in 4.9 s", test(gait(40, 49))),
        no("4 m in 5.0 s, where the site set 0.76", test(gait(40, 50))).switch("gait_slow_mm_s", 760),
        fires(Soon, "Stay Independent 4", screen(4, false)),
        no("Stay Independent 3", screen(3, false)),
        fires(Soon, "Stay Independent 2, fell in the past year", screen(2, true)),
        cannot(Input::BirthDate, "chair stand, age unknown", |f| {
            f.risk = risk(|r| r.birth = Live::Missing);
            f.tests.push(on(0, stands(9, false)));
        }),
    ]
}

fn r_fall_6() -> Vec<Case> {
    let changed = |kind: Product, days: i32, change: LineChange| {
        move |f: &mut Facts| {
            f.medicines.push(MedicineLine {
                id: id(),
                code: kind.code().to_owned().into(),
                kinds: [kind].into(),
                status: LineStatus::Active.into(),
                changes: [(ago(days), change)].into(),
            });
        }
    };
    let fell = |f: &mut Facts| f.falls.push(on(0, fall(|_| {})));
    vec![
        fires(Soon, "new sedative, fall 14 d later", |f| {
            changed(Product::Sedative, 14, LineChange::Started)(f);
            fell(f);
        }),
        no("15 d later", |f| {
            changed(Product::Sedative, 15, LineChange::Started)(f);
            fell(f);
        }),
        fires(Soon, "opioid up, dizziness 2", |f| {
            changed(Product::Opioid, 3, LineChange::Increased)(f);
            f.symptoms.push(on(0, composite(40, 2)));
        }),
        no("opioid up, dizziness 1", |f| {
            changed(Product::Opioid, 3, LineChange::Increased)(f);
            f.symptoms.push(on(0, composite(40, 1)));
        }),
        no("opioid down", |f| {
            changed(Product::Opioid, 3, LineChange::Decreased)(f);
            fell(f);
        }),
        fires(Soon, "antihypertensive down", |f| {
            changed(Product::Antihypertensive, 3, LineChange::Decreased)(f);
            fell(f);
        }),
        cannot(Input::FallNear, "fall or near-fall is not said", |f| {
            changed(Product::Sedative, 3, LineChange::Started)(f);
            f.falls.push(on(0, fall(|fall| fall.near_fall = Live::Missing)));
        }),
    ]
}

fn r_home_1() -> Vec<Case> {
    let hazard = |severity: HazardSeverity, days: i32, status: Live<HazardStatus>| {
        move |f: &mut Facts| {
            f.hazards.push(Hazard {
                id: id(),
                code: "floors_rugs".to_owned().into(),
                status,
                severity: severity.into(),
                since: ago(days).into(),
            });
        }
    };
    let open = || Live::One(HazardStatus::Open);
    vec![
        fires(Info, "high, open 15 d", hazard(HazardSeverity::High, 15, open())).says("1 hazard still to fix"),
        fires(Info, "two of them", |f| {
            hazard(HazardSeverity::High, 15, open())(f);
            hazard(HazardSeverity::High, 16, open())(f);
        })
        .says("2 hazards still to fix"),
        no("high, open 14 d", hazard(HazardSeverity::High, 14, open())),
        fires(Info, "medium, open 61 d", hazard(HazardSeverity::Medium, 61, open())),
        no("medium, open 60 d", hazard(HazardSeverity::Medium, 60, open())),
        no("fixed", hazard(HazardSeverity::High, 90, HazardStatus::Fixed.into())),
        fires(Info, "fixed by one, reopened by another", {
            hazard(HazardSeverity::High, 15, Live::disputed([HazardStatus::Fixed, HazardStatus::Open]))
        }),
        cannot(Input::HazardStatus, "since when is not known", |f| {
            hazard(HazardSeverity::High, 15, open())(f);
            f.hazards[0].since = Live::Missing;
        }),
    ]
}
