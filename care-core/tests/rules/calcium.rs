//! Calcium, low and high, and vitamin D.

use osteon_care_core::{facts::*, rules::*};
use osteon_proto::meta::Role;

use crate::world::*;

crate::rule_tests! {
    r_hypoca_2 = "R-HYPOCA-2";
    r_hypoca_3 = "R-HYPOCA-3";
    r_hypoca_4 = "R-HYPOCA-4";
    r_hypoca_5 = "R-HYPOCA-5";
    r_hypoca_6 = "R-HYPOCA-6";
    r_hypoca_7 = "R-HYPOCA-7";
    r_hyperca_1 = "R-HYPERCA-1";
    r_hyperca_2 = "R-HYPERCA-2";
    r_hyperca_3 = "R-HYPERCA-3";
    r_dni_6 = "R-DNI-6";
    r_vitd_1 = "R-VITD-1";
}

const CA: Analyte = Analyte::CalciumAdjusted;

pub(crate) fn line<const N: usize>(kinds: [Product; N], change: impl FnOnce(&mut SupplementLine)) -> SupplementLine {
    let mut line = SupplementLine {
        id: id(),
        product: "own-1".to_owned().into(),
        kinds: kinds.into(),
        status: LineStatus::Active.into(),
        times_per_day: 1.into(),
        ..SupplementLine::default()
    };
    change(&mut line);
    line
}

fn r_hypoca_2() -> Vec<Case> {
    let after = |days: i32, entry: Symptom| {
        move |f: &mut Facts| {
            f.doses.push(dose(Agent::Denosumab, 120, days));
            f.symptoms.push(on(0, entry));
        }
    };
    let old = |sign| Symptom { new_or_worse: false.into(), ..signs([sign]) };
    vec![
        fires(Urgent, "tingling around the mouth, 10 d after", after(10, signs([Sign::TinglingMouth])))
            .says("denosumab 120 mg 10 d ago"),
        fires(Urgent, "90 d after, no plan", after(90, signs([Sign::MuscleTwitching]))),
        no("91 d after, no plan", after(91, signs([Sign::MuscleTwitching]))),
        no("old tingling in the feet", after(10, old(Sign::NumbHandsFeet))),
        no("old cramps", after(10, old(Sign::Cramps))),
        fires(Urgent, "new cramps", after(10, signs([Sign::Cramps]))),
        cannot(Input::SymptomNew, "fingertips, new not answered", {
            after(10, Symptom { new_or_worse: Live::Missing, ..signs([Sign::TinglingFingertips]) })
        }),
    ]
}

fn r_hypoca_3() -> Vec<Case> {
    vec![
        fires(Urgent, "1.99", |f| f.labs.push(lab(0, CA, 19_900))).says("Adjusted Ca 1.99 mmol/L: CTCAE grade 2"),
        fires(Emergency, "1.89", |f| f.labs.push(lab(0, CA, 18_900))),
        fires(Urgent, "1.90", |f| f.labs.push(lab(0, CA, 19_000))),
        no("2.05", |f| f.labs.push(lab(0, CA, 20_500))),
        no("2.00", |f| f.labs.push(lab(0, CA, 20_000))),
        fires(Urgent, "2.15 with tingling 7 d before", |f| {
            f.labs.push(lab(0, CA, 21_500));
            f.symptoms.push(on(7, signs([Sign::TinglingMouth])));
        }),
        no("2.15 with tingling 8 d before", |f| {
            f.labs.push(lab(0, CA, 21_500));
            f.symptoms.push(on(8, signs([Sign::TinglingMouth])));
        }),
        no("2.15, where the report's limit is 2.10, with tingling", |f| {
            let mut result = lab(0, CA, 21_500);
            result.is.low = 21_000.into();
            f.labs.push(result);
            f.symptoms.push(on(1, signs([Sign::TinglingMouth])));
        }),
        fires(Urgent, "total 1.89 and albumin 36: adjusted 1.97", |f| {
            f.labs.push(lab(0, Analyte::CalciumTotal, 18_900));
            f.labs.push(lab(0, Analyte::Albumin, 360_000));
        })
        .says("Adjusted Ca 1.97 mmol/L"),
        cannot(Input::AdjustedCalcium, "total calcium alone", |f| f.labs.push(lab(0, Analyte::CalciumTotal, 18_900))),
        cannot(Input::Albumin, "a total calcium of 1.5 alone", |f| f.labs.push(lab(0, Analyte::CalciumTotal, 15_000))),
        cannot(Input::Albumin, "a total calcium of 1.5, albumin of another day", |f| {
            f.labs.push(lab(0, Analyte::CalciumTotal, 15_000));
            f.labs.push(lab(1, Analyte::Albumin, 400_000));
        }),
        no("a total calcium beside the laboratory's own adjusted one", |f| {
            f.labs.push(lab(0, Analyte::CalciumTotal, 18_900));
            f.labs.push(lab(0, CA, 22_500));
        }),
        fires(Emergency, "two live versions, one of 1.85", |f| {
            let mut result = lab(0, CA, 0);
            result.is.value = Live::disputed([22_500, 18_500]);
            f.labs.push(result);
        }),
        no("another analyte", |f| f.labs.push(lab(0, Analyte::Magnesium, 7_000))),
    ]
}

fn r_hypoca_4() -> Vec<Case> {
    let case = |left: i32, before: i32, oral: bool| {
        move |f: &mut Facts| {
            let agent = if oral { Agent::Alendronate } else { Agent::Zoledronate };
            f.bone_plans.push(bone_plan(agent, 4, 28, |p| p.planned_next = ahead(left).into()));
            f.labs.push(lab(before - left, CA, 23_000));
        }
    };
    vec![
        fires(Soon, "in 7 d, calcium 15 d before it", case(7, 15, false)),
        no("in 7 d, calcium 14 d before it", case(7, 14, false)),
        no("in 8 d", case(8, 15, false)),
        fires(Urgent, "in 2 d", case(2, 15, false)),
        fires(Soon, "in 3 d", case(3, 15, false)),
        no("by mouth, 28 d before", case(7, 28, true)),
        fires(Soon, "by mouth, 29 d before", case(7, 29, true)),
        fires(Soon, "no calcium at all", |f| {
            f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |p| p.planned_next = ahead(5).into()));
        }),
        fires(Soon, "14 d before, where the plan asks for 7", |f| {
            case(7, 14, false)(f);
            f.bone_plans[0].calcium_max_age_d = 7.into();
        }),
        cannot(Input::Complete, "results may still come", |f| {
            case(7, 15, false)(f);
            f.house.incomplete = true;
        }),
        no("14 d before, where the site set 28", case(7, 20, false)).switch("calcium_before_dose_d", 28),
    ]
}

fn r_hypoca_5() -> Vec<Case> {
    let low = |days, value| {
        let mut result = lab(days, CA, value);
        result.is.low = 22_000.into();
        result
    };
    let planned = |f: &mut Facts| {
        f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |p| p.planned_next = ahead(3).into()));
    };
    vec![
        fires(Urgent, "2.19 and a dose planned", |f| {
            planned(f);
            f.labs.push(low(1, 21_900));
        })
        .says("before denosumab 120 mg"),
        fires(Urgent, "2.19 and a dose given", |f| {
            f.doses.push(dose(Agent::Denosumab, 120, 0));
            f.labs.push(low(1, 21_900));
        }),
        no("2.20", |f| {
            planned(f);
            f.labs.push(low(1, 22_000));
        }),
        no("2.19, then 2.25", |f| {
            planned(f);
            f.labs.push(low(3, 21_900));
            f.labs.push(low(1, 22_500));
        }),
        no("2.19 and nothing planned or given", |f| {
            f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |_| {}));
            f.labs.push(low(1, 21_900));
        }),
        cannot(Input::AdjustedCalcium, "a dose planned and no calcium", planned),
    ]
}

fn r_hypoca_6() -> Vec<Case> {
    let watch = |f: &mut Facts, interval: i32| {
        f.monitoring.push(Monitoring {
            id: id(),
            kind: MonitoringKind::Calcium.into(),
            interval_d: interval.into(),
            cancelled: false.into(),
            ..Monitoring::default()
        });
    };
    let kidney = |agent: Agent, egfr: i64, dialysis: Answer| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(agent, 60, 182, |_| {}));
            f.risk = risk(|r| r.dialysis = dialysis.into());
            f.labs.push(lab(3, Analyte::Egfr, egfr * 10_000));
        }
    };
    vec![
        fires(Urgent, "eGFR 29", kidney(Agent::Denosumab, 29, Answer::No)),
        fires(Urgent, "dialysis at eGFR 40", kidney(Agent::Denosumab, 40, Answer::Yes)),
        no("eGFR 30", kidney(Agent::Denosumab, 30, Answer::No)),
        no("eGFR 29, calcium weekly", |f| {
            kidney(Agent::Denosumab, 29, Answer::No)(f);
            watch(f, 7);
        }),
        fires(Urgent, "eGFR 29, calcium monthly in the first month", |f| {
            kidney(Agent::Denosumab, 29, Answer::No)(f);
            f.doses.push(dose(Agent::Denosumab, 60, 28));
            watch(f, 28);
        }),
        no("eGFR 29, calcium monthly afterwards", |f| {
            kidney(Agent::Denosumab, 29, Answer::No)(f);
            f.doses.push(dose(Agent::Denosumab, 60, 29));
            watch(f, 28);
        }),
        no("zoledronate", kidney(Agent::Zoledronate, 29, Answer::No)),
        cannot(Input::Dialysis, "eGFR 40, dialysis unknown", kidney(Agent::Denosumab, 40, Answer::Unknown)),
    ]
}

fn r_hypoca_7() -> Vec<Case> {
    let active = |f: &mut Facts| {
        f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |_| {}));
        f.labs.push(lab(1, CA, 24_000));
    };
    let both = [Product::Calcium, Product::VitaminD];
    vec![
        fires(Soon, "no line", active),
        fires(Soon, "line on hold", |f| {
            active(f);
            f.supplements.push(line(both, |l| l.status = LineStatus::Hold.into()));
        }),
        fires(Soon, "only calcium", |f| {
            active(f);
            f.supplements.push(line([Product::Calcium], |_| {}));
        }),
        no("both active", |f| {
            active(f);
            f.supplements.push(line(both, |_| {}));
        }),
        no("calcium above the limit", |f| {
            active(f);
            f.labs.push(lab(0, CA, 26_100));
        }),
        no("a reason is on record", |f| {
            active(f);
            f.decisions.push(Decision { id: id(), about: "calcium_vitamin_d".to_owned().into(), date: ago(3).into() });
        }),
        no("no bone drug", |f| f.labs.push(lab(1, CA, 24_000))),
        fires(Soon, "a safety hold stands", |f| {
            active(f);
            f.supplements.push(line(both, |l| l.safety_hold = true));
        }),
    ]
}

fn r_hyperca_1() -> Vec<Case> {
    vec![
        fires(Soon, "2.65", |f| f.labs.push(lab(0, CA, 26_500))),
        fires(Urgent, "2.85", |f| f.labs.push(lab(0, CA, 28_500))),
        fires(Soon, "2.80", |f| f.labs.push(lab(0, CA, 28_000))),
        fires(Emergency, "3.6", |f| f.labs.push(lab(0, CA, 36_000))).says("Adjusted Ca 3.60 mmol/L: CTCAE grade 4"),
        fires(Urgent, "3.5", |f| f.labs.push(lab(0, CA, 35_000))),
        fires(Emergency, "3.05 and confused", |f| {
            f.labs.push(lab(0, CA, 30_500));
            f.symptoms.push(on(1, signs([Sign::NewConfusion])));
        }),
        fires(Urgent, "3.0 and confused", |f| {
            f.labs.push(lab(0, CA, 30_000));
            f.symptoms.push(on(1, signs([Sign::NewConfusion])));
        }),
        no("2.60", |f| f.labs.push(lab(0, CA, 26_000))),
        no("2.65, where the report's limit is 2.70", |f| {
            let mut result = lab(0, CA, 26_500);
            result.is.high = 27_000.into();
            f.labs.push(result);
        }),
        cannot(Input::AdjustedCalcium, "total calcium alone", |f| f.labs.push(lab(0, Analyte::CalciumTotal, 29_000))),
    ]
}

fn r_hyperca_2() -> Vec<Case> {
    let (thirst, urine) = (Sign::GreatThirst, Sign::PassingMuchUrine);
    vec![
        fires(Urgent, "two new signs 7 d apart", |f| {
            f.symptoms.push(on(7, signs([thirst])));
            f.symptoms.push(on(0, signs([urine])));
        }),
        no("two signs 8 d apart", |f| {
            f.symptoms.push(on(8, signs([thirst])));
            f.symptoms.push(on(0, signs([urine])));
        }),
        no("one sign", |f| f.symptoms.push(on(0, signs([thirst])))),
        fires(Emergency, "two signs and confusion", |f| {
            f.symptoms.push(on(0, signs([thirst, urine, Sign::NewConfusion])));
        }),
        no("two signs of 31 d ago", |f| f.symptoms.push(on(31, signs([thirst, urine])))),
        fires(Emergency, "two signs and confusion of 31 d ago: an emergency of any age", |f| {
            f.symptoms.push(on(31, signs([thirst, urine, Sign::NewConfusion])));
        }),
        fires(Emergency, "two signs and drowsy", |f| {
            f.symptoms.push(on(1, signs([thirst, urine])));
            f.symptoms.push(on(0, signs([Sign::Drowsiness])));
        }),
        cannot(Input::SymptomNew, "two signs, new not answered", |f| {
            f.symptoms.push(on(0, Symptom { new_or_worse: Live::Missing, ..signs([thirst, urine]) }));
        }),
    ]
}

fn r_hyperca_3() -> Vec<Case> {
    let high = |value| {
        let mut result = lab(1, CA, value);
        result.is.high = 26_000.into();
        result
    };
    vec![
        fires(Soon, "2.61 and vitamin D", |f| {
            f.labs.push(high(26_100));
            f.supplements.push(line([Product::VitaminD], |_| {}));
        }),
        fires(Soon, "2.61 and calcium", |f| {
            f.labs.push(high(26_100));
            f.supplements.push(line([Product::Calcium], |_| {}));
        }),
        no("2.60", |f| {
            f.labs.push(high(26_000));
            f.supplements.push(line([Product::Calcium], |_| {}));
        }),
        no("2.61, every line on hold or stopped", |f| {
            f.labs.push(high(26_100));
            f.supplements.push(line([Product::Calcium], |l| l.status = LineStatus::Hold.into()));
            f.supplements.push(line([Product::VitaminD], |l| l.status = LineStatus::Stopped.into()));
        }),
        no("2.61, then 2.55", |f| {
            f.labs.push(high(26_100));
            f.labs.push(lab(0, CA, 25_500));
            f.supplements.push(line([Product::Calcium], |_| {}));
        }),
        cannot(Input::AdjustedCalcium, "no calcium at all", |f| {
            f.supplements.push(line([Product::Calcium], |_| {}));
        }),
    ]
}

pub(crate) fn medicine(kind: Product, change: impl FnOnce(&mut MedicineLine)) -> MedicineLine {
    let mut line = MedicineLine {
        id: id(),
        code: kind.code().to_owned().into(),
        kinds: [kind].into(),
        status: LineStatus::Active.into(),
        ..MedicineLine::default()
    };
    change(&mut line);
    line
}

fn r_dni_6() -> Vec<Case> {
    let digoxin = |f: &mut Facts| f.medicines.push(medicine(Product::Digoxin, |_| {}));
    vec![
        fires(Urgent, "2.61", |f| {
            digoxin(f);
            f.labs.push(lab(0, CA, 26_100));
        }),
        no("2.60", |f| {
            digoxin(f);
            f.labs.push(lab(0, CA, 26_000));
        }),
        no("stopped", |f| {
            f.medicines.push(medicine(Product::Digoxin, |l| l.status = LineStatus::Stopped.into()));
            f.labs.push(lab(0, CA, 26_100));
        }),
        cannot(Input::AdjustedCalcium, "no calcium", digoxin),
    ]
}

fn r_vitd_1() -> Vec<Case> {
    let due = |f: &mut Facts, days: i32| {
        f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |p| p.planned_next = ahead(days).into()));
    };
    let level = |f: &mut Facts, value: i64| f.labs.push(lab(1, Analyte::VitaminD, value * 10_000));
    vec![
        fires(Soon, "49", |f| level(f, 49)).says("49 nmol/L"),
        no("50", |f| level(f, 50)),
        fires(Urgent, "29 and a dose in 28 d", |f| {
            level(f, 29);
            due(f, 28);
        }),
        fires(Soon, "29 and a dose in 29 d", |f| {
            level(f, 29);
            due(f, 29);
        }),
        fires(Soon, "30 and a dose due", |f| {
            level(f, 30);
            due(f, 3);
        }),
        no("never measured", |f| due(f, 3)),
    ]
}

/// The text names the team; at a value that is an emergency whoever is told reads the number of an emergency, too.
#[test]
fn a_low_calcium_names_whom_to_call_now() {
    let said = |value| {
        let facts = facts(|f| f.labs.push(lab(0, CA, value)));
        let found = evaluate(&SET, Some(&["R-HYPOCA-3"]), &facts, now(), &settings()).remove(0);
        let fires = found.fires.values().next().expect("fires").clone();
        let rule = SET.rule("R-HYPOCA-3").expect("the rule");
        say(&SET, rule, &(&fires).into(), &settings(), Role::Patient).expect("told")
    };
    assert!(said(19_500).ends_with("call 030 1234."), "{}", said(19_500));
    assert!(said(18_500).ends_with("call 030 1234. CALL NOW: 112."), "{}", said(18_500));
}
