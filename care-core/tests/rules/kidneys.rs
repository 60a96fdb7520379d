//! Kidneys and infusions of bisphosphonates.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

const D: Agent = Agent::Denosumab;
const Z: Agent = Agent::Zoledronate;

crate::rule_tests! {
    r_ren_1 = "R-REN-1";
    r_ren_2 = "R-REN-2";
    r_ren_3 = "R-REN-3";
    r_ren_4 = "R-REN-4";
    r_ren_5 = "R-REN-5";
}

fn planned_in(f: &mut Facts, agent: Agent, days: i32) {
    f.bone_plans.push(bone_plan(agent, 4, 28, |p| p.planned_next = ahead(days).into()));
}

fn r_ren_1() -> Vec<Case> {
    let clearance = |value: i64, days: i32| {
        move |f: &mut Facts| {
            planned_in(f, Z, days);
            f.labs.push(lab(2, Analyte::CreatinineClearance, value));
        }
    };
    vec![
        fires(Urgent, "29.9", clearance(299_000, 14)),
        no("30.0", clearance(300_000, 14)),
        no("29.9, planned in 15 d", clearance(299_000, 15)),
        fires(Urgent, "creatinine 266", |f| {
            planned_in(f, Z, 3);
            f.labs.push(lab(2, Analyte::Creatinine, 2_660_000));
        }),
        fires(Urgent, "computed: 80 years, 50 kg, 1.8 mg/dL", |f| {
            planned_in(f, Z, 3);
            f.risk = risk(|r| r.birth = day("1946-01-01").into());
            f.weights.push(on(2, Weight { weight_g: 50_000.into(), ..Weight::default() }));
            f.labs.push(lab(2, Analyte::Creatinine, 1_591_560));
        }),
        no("computed: 58 years, 70 kg, 1.3 mg/dL", |f| {
            planned_in(f, Z, 3);
            f.risk = risk(|r| {
                r.birth = day("1968-01-01").into();
                r.sex = Sex::Male.into();
            });
            f.weights.push(on(2, Weight { weight_g: 70_000.into(), ..Weight::default() }));
            f.labs.push(lab(2, Analyte::Creatinine, 1_149_460));
        }),
        no("denosumab", |f| {
            planned_in(f, D, 3);
            f.labs.push(lab(2, Analyte::CreatinineClearance, 200_000));
        }),
        cannot(Input::LabValue, "never measured", |f| planned_in(f, Z, 3)),
    ]
}

fn r_ren_2() -> Vec<Case> {
    let ordered = |mg_milli: i64, clearance: i64| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(Z, 4, 28, |p| p.dose_mg_milli = mg_milli.into()));
            f.labs.push(lab(2, Analyte::CreatinineClearance, clearance * 10_000));
        }
    };
    vec![
        fires(Soon, "45 and 4 mg", ordered(4_000, 45)).says("CrCl 45 mL/min: table dose 3.3 mg"),
        no("45 and 3.3 mg", ordered(3_300, 45)),
        no("61 and 4 mg", ordered(4_000, 61)),
        fires(Soon, "60 and 4 mg", ordered(4_000, 60)),
        fires(Soon, "30 and 3.3 mg", ordered(3_300, 30)),
        no("29: R-REN-1", ordered(4_000, 29)),
        cannot(Input::LabValue, "never measured", |f| f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}))),
    ]
}

fn r_ren_3() -> Vec<Case> {
    let rise = |from: i64, to: i64| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}));
            f.doses.push(dose(Z, 4, 20));
            f.labs.push(lab(21, Analyte::Creatinine, from * 10_000));
            f.labs.push(lab(1, Analyte::Creatinine, to * 10_000));
        }
    };
    vec![
        fires(Urgent, "80 to 124", rise(80, 124)),
        no("80 to 123", rise(80, 123)),
        fires(Urgent, "130 to 218", rise(130, 218)),
        no("130 to 217", rise(130, 217)),
        fires(Urgent, "124 counts as abnormal: to 212", rise(124, 212)),
        no("124 to 211", rise(124, 211)),
        cannot(Input::LabValue, "never measured", |f| f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}))),
    ]
}

fn r_ren_4() -> Vec<Case> {
    let case = |agent: Agent, left: i32, before: i32| {
        move |f: &mut Facts| {
            planned_in(f, agent, left);
            f.labs.push(lab(before - left, Analyte::Creatinine, 800_000));
        }
    };
    vec![
        fires(Soon, "in 7 d, creatinine 15 d before", case(Z, 7, 15)),
        no("in 7 d, creatinine 14 d before", case(Z, 7, 14)),
        no("in 8 d", case(Z, 8, 15)),
        fires(Urgent, "in 2 d", case(Z, 2, 15)),
        fires(Soon, "in 3 d", case(Z, 3, 15)),
        no("denosumab", case(D, 2, 15)),
        cannot(Input::Complete, "results may still come", |f| {
            case(Z, 7, 15)(f);
            f.house.incomplete = true;
        }),
    ]
}

fn r_ren_5() -> Vec<Case> {
    let nsaid = |days: i32| {
        on(days, Intake { kinds: [Product::Nsaid].into(), status: IntakeStatus::Taken.into(), ..Intake::default() })
    };
    let kidneys = |f: &mut Facts, egfr: i64| f.labs.push(lab(20, Analyte::Egfr, egfr * 10_000));
    let before = |days: i32| {
        move |f: &mut Facts| {
            kidneys(f, 80);
            f.intakes.push(nsaid(days));
            f.doses.push(dose(Z, 4, 0));
        }
    };
    let after = |days: i32| {
        move |f: &mut Facts| {
            kidneys(f, 80);
            f.intakes.push(nsaid(0));
            f.doses.push(dose(Z, 4, days));
        }
    };
    vec![
        fires(Soon, "7 d before the infusion", before(7)),
        no("8 d before", before(8)),
        fires(Soon, "7 d after", after(7)),
        no("8 d after", after(8)),
        fires(Soon, "eGFR 59", |f| {
            kidneys(f, 59);
            f.intakes.push(nsaid(0));
        }),
        no("eGFR 60", |f| {
            kidneys(f, 60);
            f.intakes.push(nsaid(0));
        }),
        no("skipped", |f| {
            kidneys(f, 59);
            let mut intake = nsaid(0);
            intake.is.status = IntakeStatus::Skipped.into();
            f.intakes.push(intake);
        }),
        cannot(Input::LabValue, "eGFR never measured", |f| f.intakes.push(nsaid(0))),
    ]
}
