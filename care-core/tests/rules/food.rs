//! Eating and drinking.

use osteon_care_core::{
    facts::*,
    rules::{Input, evaluate},
};

use crate::{calcium::line, world::*};

crate::rule_tests! {
    r_nut_1 = "R-NUT-1";
    r_nut_2 = "R-NUT-2";
    r_nut_3 = "R-NUT-3";
    r_nut_4 = "R-NUT-4";
    r_nut_5 = "R-NUT-5";
    r_nut_6 = "R-NUT-6";
    r_nut_7 = "R-NUT-7";
    r_nut_8 = "R-NUT-8";
    r_nut_9 = "R-NUT-9";
    r_hyd_1 = "R-HYD-1";
    r_hyd_2 = "R-HYD-2";
    r_hyd_3 = "R-HYD-3";
}

fn weighed(days: i32, weight_g: i64) -> Entry<Weight> {
    on(days, Weight { weight_g: weight_g.into(), ..Weight::default() })
}

fn r_nut_1() -> Vec<Case> {
    let lost = |days: i32, from: i64, to: i64| {
        move |f: &mut Facts| {
            f.risk = risk(|_| {});
            f.weights.push(weighed(days, from));
            f.weights.push(weighed(0, to));
        }
    };
    vec![
        fires(Soon, "70 to 66.5 kg in 120 d", lost(120, 70_000, 66_500)).says("Loss 5.0% in 120 d"),
        fires(Urgent, "70 to 63 kg", lost(120, 70_000, 63_000)),
        no("4.9 %", lost(120, 70_000, 66_570)),
        fires(Urgent, "5 % in 31 d", lost(31, 70_000, 66_500)),
        fires(Soon, "5 % in 32 d", lost(32, 70_000, 66_500)),
        no("5 % in 184 d", lost(184, 70_000, 66_500)),
        fires(Soon, "2.1 % with BMI under 20", lost(60, 55_000, 53_845)),
        no("2.0 % with BMI under 20", lost(60, 55_000, 53_900)),
        no("2.1 % with BMI over 20", lost(60, 60_000, 58_740)),
        cannot(Input::PersonHeight, "2.1 %, height unknown", |f| {
            lost(60, 55_000, 53_845)(f);
            f.risk = risk(|r| r.height_mm = Live::Missing);
        }),
    ]
}

fn meal(days: i32, change: impl FnOnce(&mut Meal)) -> Entry<Meal> {
    let mut meal = Meal::default();
    change(&mut meal);
    on(days, meal)
}

fn r_nut_2() -> Vec<Case> {
    let eaten = |days: i32, portion: Portion| {
        move |f: &mut Facts| (0..days).for_each(|ago| f.meals.push(meal(ago, |m| m.portion = portion.into())))
    };
    let energy = |days: i32, kcal: i64| {
        move |f: &mut Facts| {
            f.nutrition = Some(Nutrition { id: id(), energy_kcal: 2_000.into(), ..Nutrition::default() });
            (0..days).for_each(|ago| f.meals.push(meal(ago, |m| m.energy_kcal_milli = (kcal * 1_000).into())));
        }
    };
    vec![
        fires(Urgent, "nothing for 5 d", eaten(5, Portion::None)).says("intake 5 d"),
        no("nothing for 4 d", eaten(4, Portion::None)),
        fires(Urgent, "very little for 7 d", eaten(7, Portion::Quarter)),
        no("very little for 6 d", eaten(6, Portion::Quarter)),
        fires(Urgent, "49 % on 7 of 7 d", energy(7, 980)),
        no("50 %", energy(7, 1_000)),
        no("49 % on 6 of 7 d", energy(6, 980)),
        cannot(Input::MealEnergy, "nobody knows the energy of any meal", |f| {
            energy(7, 0)(f);
            f.meals.iter_mut().for_each(|meal| meal.is.energy_kcal_milli = Live::Missing);
        }),
        cannot(Input::MealPortion, "how much was eaten of one of five", |f| {
            eaten(5, Portion::None)(f);
            f.meals[2].is.portion = Live::Missing;
        }),
        no("one whole meal in between", |f| {
            eaten(5, Portion::None)(f);
            f.meals.push(meal(2, |m| m.portion = Portion::All.into()));
        }),
    ]
}

fn r_nut_3() -> Vec<Case> {
    let screen = |tool: Tool, total: i32| {
        move |f: &mut Facts| {
            f.screens.push(on(0, Screen { tool: tool.into(), total: total.into(), ..Screen::default() }));
        }
    };
    vec![
        fires(Soon, "MUST 2", screen(Tool::Must, 2)).says("MUST 2"),
        fires(Info, "MUST 1", screen(Tool::Must, 1)),
        no("MUST 0", screen(Tool::Must, 0)),
        fires(Soon, "MST 2", screen(Tool::Mst, 2)),
        no("MST 1", screen(Tool::Mst, 1)),
        fires(Urgent, "PG-SGA 9", screen(Tool::PgSga, 9)),
        fires(Soon, "PG-SGA 8", screen(Tool::PgSga, 8)),
        fires(Soon, "PG-SGA 4", screen(Tool::PgSga, 4)),
        fires(Info, "PG-SGA 3", screen(Tool::PgSga, 3)),
        fires(Info, "PG-SGA 2", screen(Tool::PgSga, 2)),
        no("PG-SGA 1", screen(Tool::PgSga, 1)),
        no("Stay Independent", screen(Tool::StayIndependent, 9)),
        cannot(Input::ScreenTotal, "no total", |f| {
            f.screens.push(on(0, Screen { tool: Tool::Must.into(), ..Screen::default() }));
        }),
    ]
}

/// So many logged days with so much calcium each, in mg.
fn calcium(days: i32, mg: i64) -> impl Fn(&mut Facts) {
    move |f| (0..days).for_each(|ago| f.meals.push(meal(ago, |m| m.calcium_mg_milli = (mg * 1_000).into())))
}

fn r_nut_4() -> Vec<Case> {
    let aged = |birth: &'static str, days: i32, mg: i64| {
        move |f: &mut Facts| {
            f.risk = risk(|r| r.birth = day(birth).into());
            calcium(days, mg)(f);
        }
    };
    vec![
        fires(Soon, "2001 at 60", aged("1966-01-01", 4, 2_001)).says("Ca 2001 mg/d"),
        no("2001 at 45", aged("1981-01-01", 4, 2_001)),
        no("2000 at 60", aged("1966-01-01", 4, 2_000)),
        fires(Soon, "2501 at 45", aged("1981-01-01", 4, 2_501)),
        fires(Soon, "1500 from food, 600 from tablets, at 60", |f| {
            aged("1966-01-01", 4, 1_500)(f);
            (0..4).for_each(|ago| {
                let mut tablet = taken([Product::Calcium], 0);
                tablet.is.holds_milli.insert(Product::Calcium, 600_000);
                f.intakes.push(Entry { at: now().plus_ms(-ago * DAY_MS).into(), ..tablet });
            });
        }),
        cannot(Input::MealCalcium, "3 logged days", aged("1966-01-01", 3, 2_600)),
        cannot(Input::BirthDate, "2001, age unknown", |f| {
            f.risk = risk(|r| r.birth = Live::Missing);
            calcium(4, 2_001)(f);
        }),
    ]
}

fn r_nut_5() -> Vec<Case> {
    let target = |f: &mut Facts| {
        f.nutrition = Some(Nutrition { id: id(), calcium_mg: 1_000.into(), ..Nutrition::default() });
    };
    let vitamin_d = |iu: i64| {
        move |f: &mut Facts| {
            f.nutrition = Some(Nutrition { id: id(), vitamin_d_iu: 800.into(), ..Nutrition::default() });
            // 1 [iU] = 0.025 ug.
            (0..4).for_each(|ago| f.meals.push(meal(ago, |m| m.vitamin_d_ug_milli = (iu * 25).into())));
        }
    };
    vec![
        fires(Info, "mean 799 of 1000", |f| {
            target(f);
            calcium(4, 799)(f);
        })
        .says("Ca 799/1000 mg."),
        no("mean 800", |f| {
            target(f);
            calcium(4, 800)(f);
        }),
        fires(Info, "vitamin D 1 [iU] below", vitamin_d(799)).says("vitamin D 799/800 IU."),
        cannot(Input::MealCalcium, "nobody knows how much calcium the meals held", |f| {
            target(f);
            (0..4).for_each(|ago| f.meals.push(meal(ago, |m| m.protein_g_milli = 20_000.into())));
        }),
        cannot(Input::MealCalcium, "of one meal of four days", |f| {
            target(f);
            calcium(4, 799)(f);
            f.meals.push(meal(2, |m| m.protein_g_milli = 20_000.into()));
        }),
        no("enough in what is known", |f| {
            target(f);
            calcium(4, 800)(f);
            f.meals.push(meal(2, |m| m.protein_g_milli = 20_000.into()));
        }),
        fires(Info, "vitamin D too little, calcium not known", vitamin_d(700)).says("!Ca "),
        no("vitamin D at the target", vitamin_d(800)),
        cannot(Input::MealCalcium, "3 logged days", |f| {
            target(f);
            calcium(3, 100)(f);
        }),
        no("no target", calcium(4, 100)),
        fires(Info, "target 1000 by one, 700 by another, mean 750", |f| {
            f.nutrition =
                Some(Nutrition { id: id(), calcium_mg: Live::disputed([700, 1_000]), ..Nutrition::default() });
            calcium(4, 750)(f);
        }),
    ]
}

fn r_nut_6() -> Vec<Case> {
    let daily = |iu: i64, ordered: bool| {
        move |f: &mut Facts| {
            f.supplements.push(line([Product::VitaminD], |l| {
                l.holds_milli.insert(Product::VitaminD, iu * 1_000);
                l.ordered_by_physician = ordered;
            }));
        }
    };
    vec![
        no("4000", daily(4_000, false)),
        fires(Soon, "4001", daily(4_001, false)).says("Vitamin D 4001 IU/d"),
        no("20000, ordered", daily(20_000, true)),
        fires(Soon, "two lines together", |f| {
            daily(2_001, false)(f);
            daily(2_000, false)(f);
        }),
        no("stopped", |f| {
            daily(4_001, false)(f);
            f.supplements[0].status = LineStatus::Stopped.into();
        }),
        cannot(Input::SupplementTimes, "how often is not known", |f| {
            daily(4_001, false)(f);
            f.supplements[0].times_per_day = Live::Missing;
        }),
    ]
}

fn r_nut_7() -> Vec<Case> {
    let tablet = |mg: i64| {
        move |f: &mut Facts| {
            let mut tablet = taken([Product::Calcium], 0);
            tablet.is.holds_milli.insert(Product::Calcium, mg * 1_000);
            f.intakes.push(tablet);
        }
    };
    vec![
        no("500", tablet(500)),
        fires(Info, "600", tablet(600)),
        no("600, skipped", |f| {
            tablet(600)(f);
            f.intakes[0].is.status = IntakeStatus::Skipped.into();
        }),
        cannot(Input::IntakeStatus, "taken or not is not said", |f| {
            tablet(600)(f);
            f.intakes[0].is.status = Live::Missing;
        }),
    ]
}

fn r_nut_8() -> Vec<Case> {
    let protein = |days: i32, grams_milli: i64| {
        move |f: &mut Facts| {
            f.weights.push(weighed(1, 60_000));
            (0..days).for_each(|ago| f.meals.push(meal(ago, |m| m.protein_g_milli = grams_milli.into())));
        }
    };
    vec![
        fires(Info, "0.99 g/kg", protein(4, 59_400)).says("Protein 0.99 g/kg"),
        no("1.0 g/kg", protein(4, 60_000)),
        no("0.9 with a renal limit", |f| {
            protein(4, 54_000)(f);
            f.nutrition = Some(Nutrition { id: id(), protein_max_milli: 800.into(), ..Nutrition::default() });
        }),
        cannot(Input::MealProtein, "3 logged days", protein(3, 54_000)),
        cannot(Input::Weight, "weight unknown", |f| {
            protein(4, 54_000)(f);
            f.weights.clear();
        }),
    ]
}

fn r_nut_9() -> Vec<Case> {
    let weeks = |item: u8, grades: &'static [(i32, u8)]| {
        move |f: &mut Facts| f.symptoms.extend(grades.iter().map(|(ago, grade)| on(*ago, composite(item, *grade))))
    };
    vec![
        fires(Soon, "sores 2 in 2 weekly reports", weeks(3, &[(7, 2), (0, 2)])).says("mouth or throat sores 2"),
        no("2 once", weeks(3, &[(0, 2)])),
        fires(Soon, "vomiting 3 once", weeks(10, &[(0, 3)])),
        no("2 then 1", weeks(3, &[(7, 2), (0, 1)])),
        fires(Soon, "loose stools 2 in 2 weekly reports", weeks(16, &[(7, 2), (0, 2)])),
        no("another item", weeks(53, &[(0, 3)])),
        cannot(Input::SymptomFrequency, "an attribute is missing", |f| {
            f.symptoms.push(on(0, Symptom { frequency: Live::Missing, ..composite(10, 3) }));
        }),
    ]
}

fn drunk(days: &[i32], ml: u32) -> impl Fn(&mut Facts) + use<'_> {
    move |f| days.iter().for_each(|ago| f.fluids.push(on(*ago, Fluid { volume_ml: ml.into(), ..Fluid::default() })))
}

fn fluid_plan(min: Option<i64>, max: Option<i64>) -> Option<Nutrition> {
    Some(Nutrition {
        id: id(),
        fluid_min_ml: Live::of(min.map(Some)),
        fluid_max_ml: Live::of(max.map(Some)),
        glass_ml: 250.into(),
        ..Nutrition::default()
    })
}

fn r_hyd_1() -> Vec<Case> {
    let low = |days: &'static [i32], ml: u32, max: Option<i64>| {
        move |f: &mut Facts| {
            f.nutrition = fluid_plan(Some(1_500), max);
            drunk(days, ml)(f);
        }
    };
    vec![
        fires(Info, "below on 3 of 7 d", low(&[0, 2, 6], 1_499, None)).says("Fluids 1499/1500 mL"),
        no("on 2", low(&[0, 2], 1_499, None)),
        no("the third 7 d ago", low(&[0, 2, 7], 1_499, None)),
        no("at the floor", low(&[0, 2, 6], 1_500, None)),
        no("the ceiling is below the floor: R-SYNC-1", low(&[0, 2, 6], 1_000, Some(1_200))),
        no("no plan", drunk(&[0, 2, 6], 100)),
        no("glasses count", |f| {
            low(&[0, 2, 6], 1_250, None)(f);
            f.fluids.iter_mut().for_each(|drink| drink.is.glasses = 1.into());
        }),
    ]
}

fn r_hyd_2() -> Vec<Case> {
    let three = |f: &mut Facts| f.symptoms.push(on(0, composite(16, 3)));
    let stools = |count: i64| {
        move |f: &mut Facts| {
            (0..count).for_each(|n| f.symptoms.push(moment(hours_ago(n), composite(16, 1))));
        }
    };
    let dizzy = |f: &mut Facts| f.symptoms.push(on(0, signs([Sign::DizzyOnStanding])));
    let infusion = |f: &mut Facts, days: i32| {
        f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |p| p.planned_next = ahead(days).into()));
    };
    vec![
        fires(Urgent, "loose stools 3, 999 mL", |f| {
            three(f);
            drunk(&[0], 999)(f);
        }),
        no("loose stools 3, 1000 mL", |f| {
            three(f);
            drunk(&[0], 1_000)(f);
        }),
        fires(Urgent, "6 loose stools, dizzy on standing", |f| {
            stools(6)(f);
            dizzy(f);
        }),
        no("5 loose stools, dizzy on standing", |f| {
            stools(5)(f);
            dizzy(f);
        }),
        fires(Urgent, "vomiting 3, very little urine", |f| {
            f.symptoms.push(on(0, composite(10, 3)));
            f.symptoms.push(on(0, signs([Sign::VeryLittleUrine])));
        }),
        fires(Urgent, "3, 1500 mL, infusion in 3 d", |f| {
            three(f);
            drunk(&[0], 1_500)(f);
            infusion(f, 3);
        }),
        no("3, 1500 mL, infusion in 4 d", |f| {
            three(f);
            drunk(&[0], 1_500)(f);
            infusion(f, 4);
        }),
        cannot(Input::FluidVolume, "3, nothing drunk is logged", three),
    ]
}

fn r_hyd_3() -> Vec<Case> {
    let high = |days: &'static [i32], ml: u32| {
        move |f: &mut Facts| {
            f.nutrition = fluid_plan(None, Some(1_200));
            drunk(days, ml)(f);
        }
    };
    vec![
        fires(Soon, "above on 2 of 3 d", high(&[0, 2], 1_201)).says("Fluids 1201 > max 1200"),
        no("on 1", high(&[0], 1_201)),
        no("the second 3 d ago", high(&[0, 3], 1_201)),
        no("at the ceiling", high(&[0, 2], 1_200)),
        no("no ceiling", |f| {
            f.nutrition = fluid_plan(Some(1_000), None);
            drunk(&[0, 2], 5_000)(f);
        }),
        fires(Soon, "two ceilings side by side, the lower one counts", |f| {
            high(&[0, 2], 1_300)(f);
            f.nutrition =
                f.nutrition.take().map(|plan| Nutrition { fluid_max_ml: Live::disputed([1_200, 2_000]), ..plan });
        }),
    ]
}

#[test]
fn what_adds_up_over_days_rests_on_its_entries() {
    let behind = |rule: &str, change: &dyn Fn(&mut Facts)| {
        let facts = facts(change);
        let all = evaluate(&SET, Some(&[rule]), &facts, now(), &settings());
        all[0].fires.values().next().map(|fires| fires.behind.len())
    };
    let nothing = |f: &mut Facts| (0..5).for_each(|ago| f.meals.push(meal(ago, |m| m.portion = Portion::None.into())));
    assert_eq!(behind("R-NUT-2", &nothing), Some(5));
    let little = |f: &mut Facts| {
        f.nutrition = Some(Nutrition { id: id(), calcium_mg: 1_000.into(), ..Nutrition::default() });
        calcium(4, 500)(f);
    };
    assert_eq!(behind("R-NUT-5", &little), Some(5), "four meals and the plan");
}
