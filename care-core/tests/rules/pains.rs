//! Pain, symptom reports, sleep and mood, and the reaction to an infusion.

use osteon_care_core::{
    facts::*,
    rules::{Input, evaluate},
};

use crate::world::*;

crate::rule_tests! {
    r_pain_1 = "R-PAIN-1";
    r_pain_2 = "R-PAIN-2";
    r_pain_3 = "R-PAIN-3";
    r_pain_4 = "R-PAIN-4";
    r_pain_5 = "R-PAIN-5";
    r_pro_1 = "R-PRO-1";
    r_pro_2 = "R-PRO-2";
    r_neur_1 = "R-NEUR-1";
    r_swell_1 = "R-SWELL-1";
    r_mood_1 = "R-MOOD-1";
    r_sleep_1 = "R-SLEEP-1";
    r_apr_1 = "R-APR-1";
}

fn r_pain_1() -> Vec<Case> {
    let worst = |nrs: u8| move |f: &mut Facts| f.pains.push(on(0, pain(Site::Rib, nrs, |_| {})));
    vec![
        fires(Urgent, "7", worst(7)).says("Severe pain 7 at rib"),
        no("6", worst(6)),
        fires(Urgent, "10", worst(10)),
        fires(Urgent, "10, 30 d ago", |f| f.pains.push(on(30, pain(Site::Rib, 10, |_| {})))),
        no("10, 31 d ago", |f| f.pains.push(on(31, pain(Site::Rib, 10, |_| {})))),
        no("10, of 400 d ago", |f| f.pains.push(on(400, pain(Site::Rib, 10, |_| {})))),
        fires(Urgent, "7 today, and 10 of 400 d ago", |f| {
            f.pains.push(on(400, pain(Site::Rib, 10, |_| {})));
            f.pains.push(on(0, pain(Site::Rib, 7, |_| {})));
        })
        .says("Severe pain 7"),
        no("7, where the site set 8", worst(7)).switch("severe_pain_nrs", 8),
        fires(Urgent, "two versions, 3 and 8", |f| {
            f.pains.push(on(0, pain(Site::Rib, 0, |p| p.worst = Live::disputed([3, 8]))));
        })
        .says("Severe pain 8"),
        cannot(Input::PainWorst, "not answered", |f| {
            f.pains.push(on(0, pain(Site::Rib, 0, |p| p.worst = Live::Missing)));
        }),
    ]
}

/// Worst pain of days: (days ago, NRS).
fn days(site: Site, list: &[(i32, u8)]) -> impl Fn(&mut Facts) + use<'_> {
    move |f| list.iter().for_each(|(ago, nrs)| f.pains.push(on(*ago, pain(site, *nrs, |_| {}))))
}

const BASE_3: [(i32, u8); 4] = [(4, 3), (6, 3), (8, 3), (10, 3)];

fn with_base(base: [(i32, u8); 4], now: &[(i32, u8)]) -> Vec<(i32, u8)> {
    base.into_iter().chain(now.iter().copied()).collect()
}

fn r_pain_2() -> Vec<Case> {
    let rising = |base: u8, now: &[(i32, u8)]| {
        let list = with_base([(4, base), (6, base), (8, base), (10, base)], now);
        move |f: &mut Facts| days(Site::Hip, &list)(f)
    };
    let five = with_base(BASE_3, &[(0, 5), (1, 5), (2, 5)]);
    vec![
        fires(Soon, "median 3, now 5.0", rising(3, &[(0, 5), (1, 5), (2, 5)])).says("hip: 3.0->5.0"),
        fires(Soon, "median 3, now 4.7: by 30 % and 1.5", rising(3, &[(0, 5), (1, 5), (2, 4)])),
        no("median 2, now 3.3: 1.3 only", rising(2, &[(0, 3), (1, 3), (2, 4)])),
        no("median 8, now 9.5: 19 % only", rising(8, &[(0, 10), (1, 9)])),
        no("median 3, now 4.3", rising(3, &[(0, 4), (1, 4), (2, 5)])),
        cannot(Input::PainWorst, "3 entries in the 14 d", |f| {
            days(Site::Hip, &[(4, 3), (6, 3), (8, 3), (0, 5), (1, 5)])(f);
        }),
        no("painkillers fell", |f| {
            days(Site::Hip, &five)(f);
            (4..10).for_each(|ago| {
                let intake = taken([Product::Analgesic], 0);
                f.intakes.push(Entry { at: now().plus_ms(-ago * DAY_MS).into(), ..intake });
            });
        }),
        fires(Urgent, "a rise of 4", rising(3, &[(0, 7), (1, 7), (2, 7)])),
        fires(Urgent, "a known lesion there", |f| {
            days(Site::Hip, &five)(f);
            f.lesions.push(Lesion {
                id: id(),
                site: Site::ProximalFemur.into(),
                status: LesionStatus::Confirmed.into(),
                ..Lesion::default()
            });
        }),
        no("another site", |f| {
            days(Site::Hip, &BASE_3)(f);
            days(Site::Hip, &[(0, 3)])(f);
            f.pains.push(on(0, pain(Site::Rib, 3, |_| {})));
            days(Site::Rib, &[(4, 3), (6, 3), (8, 3), (10, 3)])(f);
        }),
    ]
}

fn r_pain_3() -> Vec<Case> {
    let plan = |f: &mut Facts, changed: i32| {
        f.pain_plan = Some(PainPlan { id: id(), changed: ago(changed).into(), ..PainPlan::default() });
    };
    let fives = [(0, 5), (2, 5), (6, 5)];
    vec![
        fires(Soon, "5 on 3 of 7 d", days(Site::Rib, &fives)),
        no("on 2 d", days(Site::Rib, &fives[..2])),
        no("the third 7 d ago", days(Site::Rib, &[(0, 5), (2, 5), (7, 5)])),
        no("4 on 3 d", days(Site::Rib, &[(0, 4), (2, 4), (6, 4)])),
        fires(Soon, "4 on 3 d, where the site set 4", days(Site::Rib, &[(0, 4), (2, 4), (6, 4)]))
            .switch("moderate_pain_nrs", 4),
        no("plan changed 14 d ago", |f| {
            days(Site::Rib, &fives)(f);
            plan(f, 14);
        }),
        fires(Soon, "plan changed 15 d ago", |f| {
            days(Site::Rib, &fives)(f);
            plan(f, 15);
        }),
    ]
}

fn r_pain_4() -> Vec<Case> {
    let rescues = |minutes: &'static [i64], most: Option<u32>| {
        move |f: &mut Facts| {
            f.intakes.extend(minutes.iter().map(|at| taken([Product::Rescue], *at)));
            f.pain_plan =
                most.map(|most| PainPlan { id: id(), rescue_max_per_24h: most.into(), ..PainPlan::default() });
        }
    };
    vec![
        fires(Soon, "plan 3, 3 doses", rescues(&[0, -60, -120], Some(3))).says("Rescue use 3/24 h"),
        no("plan 3, 2 doses", rescues(&[0, -60], Some(3))),
        fires(Soon, "no plan, 4 doses", rescues(&[0, -60, -120, -180], None)),
        no("no plan, 3 doses", rescues(&[0, -60, -120], None)),
        fires(Soon, "4 doses in 24 h", rescues(&[0, -60, -120, -1440], None)),
        no("4 doses in 24 h 1 min", rescues(&[0, -60, -120, -1441], None)),
        cannot(Input::IntakeStatus, "taken or not is not said", |f| {
            rescues(&[0, -60, -120, -180], None)(f);
            f.intakes.iter_mut().for_each(|intake| intake.is.status = Live::Missing);
        }),
        fires(Soon, "plan 3 by one, 6 by another", |f| {
            rescues(&[0, -60, -120], Some(3))(f);
            f.pain_plan =
                f.pain_plan.take().map(|plan| PainPlan { rescue_max_per_24h: Live::disputed([3, 6]), ..plan });
        }),
    ]
}

fn interfering(days: i32, items: [Option<u8>; 7]) -> Entry<Pain> {
    let interference = items.map(|item| Live::of(item.map(Some)));
    on(days, pain(Site::Rib, 3, |p| p.interference = interference.into()))
}

fn r_pain_5() -> Vec<Case> {
    let all = |nrs: u8| [Some(nrs); 7];
    let almost = [Some(5), Some(5), Some(5), Some(5), Some(5), Some(5), Some(4)];
    let rise = |days: i32, items: [Option<u8>; 7]| {
        move |f: &mut Facts| {
            f.pains.push(interfering(days, all(4)));
            f.pains.push(interfering(0, items));
        }
    };
    vec![
        fires(Info, "4.0 to 5.0 in 28 d", rise(28, all(5))).says("4.0->5.0"),
        no("4.0 to 4.9", rise(28, almost)),
        no("in 29 d", rise(29, all(5))),
        cannot(Input::PainInterference, "3 of 7 items", |f| {
            f.pains.push(interfering(0, [Some(9), Some(9), Some(9), None, None, None, None]));
        }),
        fires(Info, "4 of 7 items are enough", |f| {
            f.pains.push(interfering(10, all(4)));
            f.pains.push(interfering(0, [Some(5), Some(5), Some(5), Some(5), None, None, None]));
        }),
    ]
}

fn r_pro_1() -> Vec<Case> {
    let from_to = |prev: Option<u8>, now: u8| {
        move |f: &mut Facts| {
            f.symptoms.extend(prev.map(|prev| on(7, graded(39, prev))));
            f.symptoms.push(on(0, graded(39, now)));
        }
    };
    vec![
        fires(Soon, "2 to 3", from_to(Some(2), 3)).says("numbness or tingling: 2->3"),
        fires(Soon, "0 to 2", from_to(Some(0), 2)),
        no("1 to 2", from_to(Some(1), 2)),
        no("2 to 2", from_to(Some(2), 2)),
        fires(Soon, "3, never reported before", from_to(None, 3)),
        no("2, never reported before", from_to(None, 2)),
        cannot(Input::SymptomSeverity, "an item without an answer", |f| {
            f.symptoms.push(on(0, Symptom { item: 39.into(), ..Symptom::default() }));
        }),
    ]
}

fn r_pro_2() -> Vec<Case> {
    let weeks = |grades: &'static [(i32, u8)]| {
        move |f: &mut Facts| f.symptoms.extend(grades.iter().map(|(ago, grade)| on(*ago, composite(9, *grade))))
    };
    vec![
        fires(Info, "2, 2, 2", weeks(&[(14, 2), (7, 2), (0, 2)])).says("Persistent nausea"),
        no("2, 1, 2", weeks(&[(14, 2), (7, 1), (0, 2)])),
        no("2, 2", weeks(&[(7, 2), (0, 2)])),
        no("2, 2, one week missing, 2", weeks(&[(21, 2), (14, 2), (0, 2)])),
        cannot(Input::SymptomSeverity, "an attribute is missing", |f| {
            weeks(&[(14, 2), (7, 2), (0, 2)])(f);
            f.symptoms.iter_mut().for_each(|entry| entry.is.severity = Live::Missing);
        }),
    ]
}

fn r_neur_1() -> Vec<Case> {
    let from_to = |prev: Option<u8>, now: u8| {
        move |f: &mut Facts| {
            f.symptoms.extend(prev.map(|prev| on(7, composite(39, prev))));
            f.symptoms.push(on(0, composite(39, now)));
        }
    };
    vec![
        fires(Soon, "2", from_to(None, 2)).says("Neuropathy composite 2"),
        fires(Soon, "0 to 1", from_to(Some(0), 1)),
        no("1 to 1", from_to(Some(1), 1)),
        no("1, never reported before", from_to(None, 1)),
        no("another item", |f| f.symptoms.push(on(0, composite(53, 3)))),
        cannot(Input::SymptomInterference, "an attribute is missing", |f| f.symptoms.push(on(0, graded(39, 2)))),
        fires(Soon, "2 with a sign of the cord", |f| {
            f.symptoms.push(on(0, Symptom { flags: [Sign::LimbWeakness].into(), ..composite(39, 2) }));
        }),
    ]
}

fn r_swell_1() -> Vec<Case> {
    let one_side = |f: &mut Facts| {
        f.swellings.push(on(0, Swelling { one_sided: true.into(), ..Swelling::default() }));
    };
    vec![
        fires(Soon, "2", |f| f.symptoms.push(on(0, composite(22, 2)))).says("Swelling composite 2 (was not reported)"),
        no("1, 1", |f| {
            f.symptoms.push(on(7, composite(22, 1)));
            f.symptoms.push(on(0, composite(22, 1)));
        }),
        fires(Soon, "0 to 1", |f| {
            f.symptoms.push(on(7, composite(22, 0)));
            f.symptoms.push(on(0, composite(22, 1)));
        }),
        no("2, on one side: R-VTE-2", |f| {
            f.symptoms.push(on(0, composite(22, 2)));
            one_side(f);
        }),
        fires(Soon, "2, on one side, known lymphoedema", |f| {
            f.symptoms.push(on(0, composite(22, 2)));
            one_side(f);
            f.risk = risk(|r| r.comorbidities = ["lymphoedema".to_owned()].into());
        }),
        cannot(Input::SymptomSeverity, "an attribute is missing", |f| {
            f.symptoms.push(on(0, Symptom { severity: Live::Missing, ..composite(22, 2) }));
        }),
    ]
}

fn r_mood_1() -> Vec<Case> {
    let mood = |a: u8, b: u8, distress: u8| {
        move |f: &mut Facts| {
            f.moods.push(on(
                0,
                Mood { phq2_a: a.into(), phq2_b: b.into(), distress: distress.into(), not_safe: false.into() },
            ));
        }
    };
    vec![
        fires(Soon, "PHQ-2 3", mood(1, 2, 0)).says("PHQ-2 3 / distress 0"),
        no("PHQ-2 2", mood(1, 1, 0)),
        fires(Soon, "distress 4", mood(0, 0, 4)),
        no("distress 3", mood(0, 0, 3)),
        fires(Soon, "distress 3, where the site set 3", mood(0, 0, 3)).switch("distress_alert", 3),
        fires(Soon, "PHQ-2 2, where the site set 2", mood(1, 1, 0)).switch("phq2_positive", 2),
        fires(Soon, "sadness, composite 3", |f| f.symptoms.push(on(0, composite(56, 3)))),
        no("sadness, composite 2", |f| f.symptoms.push(on(0, composite(56, 2)))),
        cannot(Input::MoodDistress, "nothing answered", |f| f.moods.push(on(0, Mood::default()))),
    ]
}

fn r_sleep_1() -> Vec<Case> {
    let nights = |count: i32, minutes: u32| {
        move |f: &mut Facts| (0..count).for_each(|ago| f.sleeps.push(on(ago, Sleep { duration_min: minutes.into() })))
    };
    let weeks = |grades: &'static [i32]| {
        move |f: &mut Facts| f.symptoms.extend(grades.iter().map(|ago| on(*ago, composite(52, 2))))
    };
    vec![
        fires(Info, "composite 2 in 3 weekly reports", weeks(&[14, 7, 0])),
        no("2, 2", weeks(&[7, 0])),
        fires(Info, "4 h 59 on 4 of 7 nights", nights(4, 299)),
        no("on 3 nights", nights(3, 299)),
        no("5 h 00", nights(7, 300)),
        cannot(Input::SleepDuration, "two short nights, two without a length", |f| {
            nights(2, 299)(f);
            (2..4).for_each(|ago| f.sleeps.push(on(ago, Sleep::default())));
        }),
    ]
}

fn r_apr_1() -> Vec<Case> {
    let infusion = |hours: i64| {
        move |f: &mut Facts| {
            let given = dose(Agent::Zoledronate, 4, 0);
            f.doses.push(Entry { at: hours_ago(hours).into(), ..given });
        }
    };
    let warm = |f: &mut Facts, tenths: i32| f.vitals.push(moment(now(), Vitals { temperature_tenths: tenths.into() }));
    vec![
        fires(Info, "37.9 at 72 h", |f| {
            infusion(72)(f);
            warm(f, 379);
        })
        .says("reaches 38 °C, call 112"),
        no("37.9 at 73 h", |f| {
            infusion(73)(f);
            warm(f, 379);
        }),
        fires(Info, "aches at 10 h", |f| {
            infusion(10)(f);
            f.symptoms.push(moment(now(), composite(50, 1)));
        }),
        no("38.0 on chemo: R-SEP-1", |f| {
            infusion(10)(f);
            warm(f, 380);
            f.treatments.push(course(Treatment::Chemo, |_| {}));
        }),
        no("chills and unwell on chemo: R-SEP-1", |f| {
            infusion(10)(f);
            f.symptoms.push(moment(now(), signs([Sign::ShiveringChills, Sign::FeelsUnwell])));
            f.treatments.push(course(Treatment::Chemo, |_| {}));
        }),
        no("denosumab", |f| {
            f.doses.push(dose(Agent::Denosumab, 120, 0));
            warm(f, 379);
        }),
        fires(Info, "flu-like, as a side effect", |f| {
            infusion(20)(f);
            f.reactions.push(moment(now(), Reaction { effect: "flu_like".to_owned().into() }));
        }),
        cannot(Input::Temperature, "an entry without its temperature", |f| {
            infusion(10)(f);
            f.vitals.push(moment(now(), Vitals::default()));
        }),
    ]
}

#[test]
fn pain_that_goes_up_rests_on_its_entries() {
    let facts = facts(|f| days(Site::Hip, &with_base(BASE_3, &[(0, 5), (1, 5), (2, 5)]))(f));
    let all = evaluate(&SET, Some(&["R-PAIN-2"]), &facts, now(), &settings());
    assert_eq!(all[0].fires.values().map(|fires| fires.behind.len()).collect::<Vec<_>>(), [7]);
}
