//! Drugs, nutrients and supplements that must not meet.

use osteon_care_core::{facts::*, rules::Input};

use crate::{
    calcium::{line, medicine},
    world::*,
};

crate::rule_tests! {
    r_dni_1 = "R-DNI-1";
    r_dni_2 = "R-DNI-2";
    r_dni_3 = "R-DNI-3";
    r_dni_4 = "R-DNI-4";
    r_dni_5 = "R-DNI-5";
    r_dni_7 = "R-DNI-7";
    r_dni_8 = "R-DNI-8";
    r_dni_9 = "R-DNI-9";
    r_dni_10 = "R-DNI-10";
}

/// `own` at eight, `other` so many minutes after it (or before).
fn pair(own: Product, other: Product, minutes: i64) -> impl Fn(&mut Facts) {
    move |f| {
        f.intakes.push(taken([own], 0));
        f.intakes.push(taken([other], minutes));
    }
}

fn r_dni_1() -> Vec<Case> {
    let (tablet, calcium) = (Product::OralBisphosphonate, Product::Calcium);
    vec![
        fires(Soon, "calcium 20 min after", pair(tablet, calcium, 20)).says("wait 30 minutes"),
        no("calcium 200 min after", pair(tablet, calcium, 200)),
        no("calcium 180 min after", pair(tablet, calcium, 180)),
        fires(Soon, "calcium 179 min after", pair(tablet, calcium, 179)),
        no("calcium 40 min after, where the site set 30", pair(tablet, calcium, 40))
            .switch("calcium_after_bisphosphonate_min", 30),
        fires(Soon, "another medicine 29 min after", pair(tablet, Product::Other, 29)),
        no("another medicine 30 min after", pair(tablet, Product::Other, 30)),
        fires(Soon, "ibandronate, another medicine 59 min after", pair(Product::OralIbandronate, Product::Other, 59)),
        fires(Soon, "another medicine 119 min before", pair(tablet, Product::Other, -119)),
        no("another medicine 120 min before", pair(tablet, Product::Other, -120)),
        fires(Soon, "with coffee", |f| {
            let mut own = taken([tablet], 0);
            own.is.with = [With::Coffee].into();
            f.intakes.push(own);
        }),
        no("with water", |f| {
            let mut own = taken([tablet], 0);
            own.is.with = [With::Water].into();
            f.intakes.push(own);
        }),
        fires(Soon, "breakfast 20 min after", |f| {
            f.intakes.push(taken([tablet], 0));
            f.meals.push(moment(now().plus_ms(-4 * HOUR_MS + 20 * MINUTE_MS), Meal::default()));
        }),
        cannot(Input::IntakeStatus, "calcium taken or not is not said", |f| {
            pair(tablet, calcium, 20)(f);
            f.intakes[1].is.status = Live::Missing;
        }),
    ]
}

fn r_dni_2() -> Vec<Case> {
    let (own, calcium) = (Product::Levothyroxine, Product::Calcium);
    let days = |count: i64| {
        move |f: &mut Facts| {
            (0..count).for_each(|n| pair(own, calcium, 60)(f.shift(n)));
        }
    };
    vec![
        fires(Info, "3 h", pair(own, calcium, 180)),
        no("4 h", pair(own, calcium, 240)),
        fires(Info, "iron 3 h before", pair(own, Product::Iron, -180)),
        fires(Soon, "on 3 d of 7", days(3)),
        fires(Info, "on 2 d of 7", days(2)),
        cannot(Input::IntakeStatus, "taken or not is not said", |f| {
            pair(own, calcium, 60)(f);
            f.intakes.iter_mut().for_each(|intake| intake.is.status = Live::Missing);
        }),
    ]
}

/// Moves what is there a day back, so that the same can be added for another day.
trait Shift {
    fn shift(&mut self, days: i64) -> &mut Self;
}

impl Shift for Facts {
    fn shift(&mut self, days: i64) -> &mut Self {
        if days > 0 {
            for intake in &mut self.intakes {
                intake.at = Live::of(intake.at.known().map(|at| Some(at.plus_ms(-DAY_MS))).collect::<Vec<_>>());
            }
        }
        self
    }
}

fn r_dni_3() -> Vec<Case> {
    let (quinolone, tetracycline, calcium) = (Product::Quinolone, Product::Tetracycline, Product::Calcium);
    vec![
        fires(Soon, "quinolone and calcium 1 h 59 apart", pair(quinolone, calcium, 119)),
        no("2 h apart", pair(quinolone, calcium, 120)),
        fires(Soon, "quinolone 1 h 59 after calcium", pair(quinolone, calcium, -119)),
        fires(Soon, "tetracycline 1 h before calcium", pair(tetracycline, calcium, 60)),
        no("tetracycline 2 h before", pair(tetracycline, calcium, 120)),
        fires(Soon, "tetracycline 3 h 59 after calcium", pair(tetracycline, calcium, -239)),
        no("tetracycline 4 h after", pair(tetracycline, calcium, -240)),
        cannot(Input::IntakeStatus, "taken or not is not said", |f| {
            pair(quinolone, calcium, 60)(f);
            f.intakes[0].is.status = Live::Missing;
        }),
    ]
}

fn r_dni_4() -> Vec<Case> {
    vec![
        fires(Info, "iron and calcium 1 h 59 apart", pair(Product::Iron, Product::Calcium, 119)),
        no("2 h", pair(Product::Iron, Product::Calcium, 120)),
        fires(Info, "zinc and calcium", pair(Product::Zinc, Product::Calcium, -119)),
        no("iron and zinc", pair(Product::Iron, Product::Zinc, 10)),
        cannot(Input::IntakeStatus, "taken or not is not said", |f| {
            pair(Product::Iron, Product::Calcium, 10)(f);
            f.intakes[0].is.status = Live::Missing;
        }),
    ]
}

fn r_dni_5() -> Vec<Case> {
    let case = |product: Product, days: i32| {
        move |f: &mut Facts| {
            f.medicines.push(medicine(Product::Thiazide, |_| {}));
            f.supplements.push(line([product], |_| {}));
            f.labs.push(lab(days, Analyte::CalciumAdjusted, 24_000));
        }
    };
    vec![
        fires(Info, "calcium line, result 91 d ago", case(Product::Calcium, 91)),
        no("90 d ago", case(Product::Calcium, 90)),
        fires(Info, "vitamin D line", case(Product::VitaminD, 91)),
        no("thiazide stopped", |f| {
            case(Product::Calcium, 91)(f);
            f.medicines[0].status = LineStatus::Stopped.into();
        }),
        no("a total calcium is a result too", |f| {
            case(Product::Calcium, 91)(f);
            f.labs.push(lab(5, Analyte::CalciumTotal, 24_000));
        }),
        cannot(Input::MedicineStatus, "thiazide active or not is not known", |f| {
            case(Product::Calcium, 91)(f);
            f.medicines[0].status = Live::Missing;
        }),
    ]
}

fn r_dni_7() -> Vec<Case> {
    let weeks = |before: i64, now: i64| {
        move |f: &mut Facts| {
            f.medicines.push(medicine(Product::Warfarin, |_| {}));
            for (from, ug) in [(0, now), (7, before)] {
                (from..from + 4).for_each(|ago| {
                    f.meals.push(on(ago, Meal { vitamin_k_ug_milli: (ug * 1_000).into(), ..Meal::default() }));
                });
            }
        }
    };
    let supplement = |started: Option<i32>, stopped: Option<i32>| {
        move |f: &mut Facts| {
            weeks(100, 100)(f);
            f.supplements.push(line([Product::VitaminK], |l| {
                l.started = started.map(ago);
                l.stopped = stopped.map(ago);
            }));
        }
    };
    vec![
        fires(Soon, "100 to 151", weeks(100, 151)),
        no("100 to 150", weeks(100, 150)),
        fires(Soon, "100 to 49", weeks(100, 49)),
        no("100 to 50", weeks(100, 50)),
        fires(Soon, "a supplement started", supplement(Some(2), None)),
        fires(Soon, "a supplement stopped", supplement(Some(200), Some(2))),
        no("a supplement since long", supplement(Some(200), None)),
        no("no warfarin", |f| {
            weeks(100, 200)(f);
            f.medicines.clear();
        }),
        cannot(Input::MealVitaminK, "meals are not logged", |f| f.medicines.push(medicine(Product::Warfarin, |_| {}))),
    ]
}

fn r_dni_8() -> Vec<Case> {
    let both = |kind: Product, change: &'static dyn Fn(&mut MedicineLine)| {
        move |f: &mut Facts| {
            f.supplements.push(line([Product::Calcium, kind], |_| {}));
            f.medicines.push(medicine(Product::AcidSuppressant, change));
        }
    };
    vec![
        fires(Info, "carbonate and a PPI", both(Product::CalciumCarbonate, &|_| {})),
        fires(Info, "carbonate and an H2 blocker", {
            both(Product::CalciumCarbonate, &|l| l.code = "famotidine".to_owned().into())
        }),
        no("citrate", both(Product::CalciumCitrate, &|_| {})),
        no("acid suppressant stopped", both(Product::CalciumCarbonate, &|l| l.status = LineStatus::Stopped.into())),
        cannot(Input::MedicineStatus, "active or not is not known", {
            both(Product::CalciumCarbonate, &|l| l.status = Live::Missing)
        }),
    ]
}

fn r_dni_9() -> Vec<Case> {
    let marker = |hours: i64, kind: MonitoringKind| {
        move |f: &mut Facts| {
            f.monitoring.push(Monitoring {
                id: id(),
                kind: kind.into(),
                planned_at: hours_ago(-hours).into(),
                ..Monitoring::default()
            });
        }
    };
    let biotin = |f: &mut Facts, ug: i64| {
        f.supplements.push(line([Product::Biotin], |l| {
            l.holds_milli.insert(Product::Biotin, ug * 1_000);
        }));
    };
    let both = |hours: i64, ug: i64| {
        move |f: &mut Facts| {
            marker(hours, MonitoringKind::TurnoverMarker)(f);
            biotin(f, ug);
        }
    };
    vec![
        fires(Info, "in 72 h, 5 mg a day", both(72, 5_000)).says("72 hours before"),
        no("in 73 h", both(73, 5_000)),
        no("4.9 mg", both(72, 4_900)),
        fires(Info, "where the site set 8 h, the text says so", both(72, 5_000))
            .switch("biotin_pause_h", 8)
            .says("8 hours before"),
        fires(Info, "logged, not planned", |f| {
            marker(24, MonitoringKind::TurnoverMarker)(f);
            let mut intake = taken([Product::Biotin], 0);
            intake.is.holds_milli.insert(Product::Biotin, 5_000_000);
            f.intakes.push(intake);
        }),
        no("a calcium test", |f| {
            marker(24, MonitoringKind::Calcium)(f);
            biotin(f, 5_000);
        }),
        cannot(Input::MonitoringDue, "when is not known", |f| {
            both(24, 5_000)(f);
            f.monitoring[0].planned_at = Live::Missing;
        }),
    ]
}

fn r_dni_10() -> Vec<Case> {
    let logged = |planned: bool, prohibited: bool| {
        move |f: &mut Facts| {
            f.intakes.push(taken([Product::Herbal], 0));
            if planned {
                f.supplements.push(line([Product::Herbal], |_| {}));
            }
            if prohibited {
                f.trials.push(Trial {
                    id: id(),
                    status: TrialStatus::Active.into(),
                    prohibited: ["own-1".to_owned()].into(),
                    ..Trial::default()
                });
            }
        }
    };
    vec![
        fires(Soon, "not in the plan", logged(false, false)).says("Unplanned supplement own-1"),
        fires(Urgent, "on the trial's list", logged(false, true)),
        no("in the plan", logged(true, false)),
        fires(Urgent, "in the plan and on the list", logged(true, true)),
        cannot(Input::IntakeProduct, "product not known", |f| {
            logged(false, false)(f);
            f.intakes[0].is.product = Live::Missing;
        }),
    ]
}
