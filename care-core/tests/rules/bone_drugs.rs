//! Denosumab, plans of bone drugs, kidneys.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

crate::rule_tests! {
    r_dmab_1 = "R-DMAB-1";
    r_dmab_2 = "R-DMAB-2";
    r_dmab_3 = "R-DMAB-3";
    r_dmab_4 = "R-DMAB-4";
    r_bma_1 = "R-BMA-1";
    r_bma_2 = "R-BMA-2";
    r_bma_3 = "R-BMA-3";
    r_zol_1 = "R-ZOL-1";
}

const D: Agent = Agent::Denosumab;
const Z: Agent = Agent::Zoledronate;

fn r_dmab_1() -> Vec<Case> {
    let due = |mg: i64, interval: i32, days: i32| {
        move |f: &mut Facts| f.bone_plans.push(bone_plan(D, mg, interval, |p| p.planned_next = ahead(days).into()))
    };
    let booked = |f: &mut Facts| f.visits.push(on(-20, Visit { kind: VisitKind::Injection.into() }));
    vec![
        fires(Info, "60 mg, in 28 d", due(60, 182, 28)).says("denosumab 60 mg"),
        no("60 mg, in 29 d", due(60, 182, 29)),
        no("in 28 d, booked", |f| {
            due(60, 182, 28)(f);
            booked(f);
        }),
        fires(Info, "120 mg, in 7 d", due(120, 28, 7)),
        no("120 mg, in 8 d", due(120, 28, 8)),
        fires(Info, "no day planned, due by the last dose", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |_| {}));
            f.doses.push(dose(D, 60, 160));
        }),
        no("given 28 d before the planned day", |f| {
            due(60, 182, 8)(f);
            f.doses.push(dose(D, 60, 20));
        }),
        fires(Info, "given 29 d before it", |f| {
            due(60, 182, 8)(f);
            f.doses.push(dose(D, 60, 21));
        }),
        no("zoledronate", |f| f.bone_plans.push(bone_plan(Z, 4, 28, |p| p.planned_next = ahead(3).into()))),
        cannot(Input::BonePlannedNext, "no dose and no day", |f| f.bone_plans.push(bone_plan(D, 60, 182, |_| {}))),
        cannot(Input::VisitKind, "a booking of an unknown kind", |f| {
            due(60, 182, 28)(f);
            f.visits.push(on(-3, Visit { kind: Live::Missing }));
        }),
    ]
}

/// So many days past due.
fn overdue(mg: i64, interval: i32, days: i32, change: impl Fn(&mut BonePlan)) -> impl Fn(&mut Facts) {
    move |f| {
        f.bone_plans.push(bone_plan(D, mg, interval, &change));
        f.doses.push(dose(D, mg, interval + days));
    }
}

fn r_dmab_2() -> Vec<Case> {
    let late = |days| overdue(60, 182, days, |_| {});
    let late_120 = |days| overdue(120, 28, days, |_| {});
    vec![
        no("due today", late(0)),
        fires(Soon, "1 d late", late(1)).says("1 days late"),
        fires(Soon, "28 d late", late(28)),
        fires(Urgent, "29 d late", late(29)),
        fires(Urgent, "112 d late", late(112)).says("!long delay"),
        fires(Urgent, "113 d late", late(113)).says("This is a long delay"),
        no("120 mg, due today", late_120(0)),
        fires(Soon, "120 mg, 1 d late", late_120(1)),
        fires(Soon, "120 mg, 14 d late", late_120(14)),
        fires(Urgent, "120 mg, 15 d late", late_120(15)),
        fires(Soon, "120 mg, 15 d late, where the site set 28", late_120(15)).switch("denosumab_120_urgent_d", 28),
        fires(Urgent, "held by one, active by another", {
            overdue(60, 182, 40, |p| p.status = Live::disputed([BoneStatus::Held, BoneStatus::Active]))
        }),
        fires(Urgent, "held", overdue(60, 182, 40, |p| p.status = BoneStatus::Held.into())),
        fires(Urgent, "stopped, nothing follows", overdue(60, 182, 40, |p| p.status = BoneStatus::Stopped.into())),
        no("stopped, zoledronate follows", {
            overdue(60, 182, 40, |p| {
                p.status = BoneStatus::Stopped.into();
                p.follow_on = Z.into();
            })
        }),
        no("only proposed", overdue(60, 182, 40, |p| p.status = BoneStatus::Proposed.into())),
        cannot(Input::BoneInterval, "120 mg, interval unknown", overdue(120, 28, 40, |p| p.interval_d = Live::Missing)),
    ]
}

fn r_dmab_3() -> Vec<Case> {
    let ended = |status: BoneStatus, change: &'static dyn Fn(&mut BonePlan)| {
        overdue(60, 182, -100, move |p| {
            p.status = status.into();
            change(p);
        })
    };
    vec![
        fires(Urgent, "stopped, nothing follows", ended(BoneStatus::Stopped, &|_| {})),
        fires(Urgent, "holiday, nothing follows", ended(BoneStatus::Holiday, &|_| {})),
        fires(Urgent, "no dose planned 30 d after due", overdue(60, 182, 30, |_| {})),
        no("no dose planned 29 d after due", overdue(60, 182, 29, |_| {})),
        no("30 d after due, a dose is planned", overdue(60, 182, 30, |p| p.planned_next = ahead(2).into())),
        no("follows after about six months", {
            ended(BoneStatus::Stopped, &|p| {
                p.follow_on = Z.into();
                p.follow_on_offset_d = 182.into();
            })
        }),
        fires(Urgent, "follows only after a year", {
            ended(BoneStatus::Stopped, &|p| {
                p.follow_on = Z.into();
                p.follow_on_offset_d = 365.into();
            })
        }),
        no("120 mg, follows at the next due date", {
            overdue(120, 28, -10, |p| {
                p.status = BoneStatus::Stopped.into();
                p.follow_on = Z.into();
                p.follow_on_offset_d = 28.into();
            })
        }),
        cannot(Input::BoneFollowOnOffset, "follows, nobody says when", {
            ended(BoneStatus::Stopped, &|p| p.follow_on = Z.into())
        }),
    ]
}

fn r_dmab_4() -> Vec<Case> {
    vec![
        fires(Urgent, "60 mg and 120 mg", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |_| {}));
            f.bone_plans.push(bone_plan(D, 120, 28, |_| {}));
        }),
        fires(Urgent, "denosumab and zoledronate", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |_| {}));
            f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}));
        }),
        fires(Urgent, "in dispute: one says denosumab, one zoledronate", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |p| p.agent = Live::disputed([D, Z])));
        }),
        fires(Urgent, "in dispute: 60 mg or 120 mg", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |p| p.dose_mg_milli = Live::disputed([60_000, 120_000])));
        }),
        no("denosumab stopped, zoledronate active", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |p| p.status = BoneStatus::Stopped.into()));
            f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}));
        }),
        no("one plan", |f| f.bone_plans.push(bone_plan(D, 60, 182, |_| {}))),
        cannot(Input::BoneAgent, "a second active plan of an unknown drug", |f| {
            f.bone_plans.push(bone_plan(D, 60, 182, |_| {}));
            f.bone_plans.push(bone_plan(Z, 4, 28, |p| p.agent = Live::Missing));
        }),
    ]
}

fn r_bma_1() -> Vec<Case> {
    let two = |mg: i64, interval: i32, apart: i32| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(D, mg, interval, |_| {}));
            f.doses.push(dose(D, mg, apart));
            f.doses.push(dose(D, mg, 0));
        }
    };
    vec![
        fires(Urgent, "28 d ordered, 16 d apart", two(120, 28, 16)),
        no("28 d ordered, 17 d apart", two(120, 28, 17)),
        fires(Urgent, "182 d ordered, 109 d apart", two(60, 182, 109)),
        no("182 d ordered, 110 d apart", two(60, 182, 110)),
        fires(Urgent, "the same dose, reported twice", two(120, 28, 0)),
        no("one marked as the same", |f| {
            two(120, 28, 0)(f);
            f.doses[1].is.duplicate = true;
        }),
        fires(Urgent, "two bisphosphonates", |f| {
            f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}));
            f.doses.push(dose(Agent::Pamidronate, 90, 3));
            f.doses.push(dose(Z, 4, 0));
        }),
        cannot(Input::BoneInterval, "tablets without an order", |f| {
            f.doses.push(dose(Agent::Alendronate, 70, 3));
            f.doses.push(dose(Agent::Alendronate, 70, 0));
        }),
    ]
}

fn r_bma_2() -> Vec<Case> {
    let held = |days: i32, change: &'static dyn Fn(&mut BonePlan)| {
        move |f: &mut Facts| {
            let plan = bone_plan(Z, 4, 28, |p| {
                p.status = BoneStatus::Held.into();
                p.status_since = ago(days).into();
                change(p);
            });
            f.bone_plans.push(plan);
        }
    };
    let whole = |p: &mut BonePlan| {
        p.holiday_reason = "dental".to_owned().into();
        p.holiday_review = ahead(30).into();
        p.holiday_reviewer = "ON".to_owned().into();
    };
    vec![
        fires(Soon, "held 31 d without anything", held(31, &|_| {})),
        no("held 30 d", held(30, &|_| {})),
        fires(Soon, "holiday of 31 d without a review date", move |f| {
            let plan = bone_plan(Z, 4, 28, |p| {
                p.status = BoneStatus::Holiday.into();
                p.holiday_from = ago(31).into();
                whole(p);
                p.holiday_review = Live::Missing;
            });
            f.bone_plans.push(plan);
        }),
        no("holiday of 31 d with all three", move |f| {
            let plan = bone_plan(Z, 4, 28, |p| {
                p.status = BoneStatus::Holiday.into();
                p.holiday_from = ago(31).into();
                whole(p);
            });
            f.bone_plans.push(plan);
        }),
        cannot(Input::HolidayFrom, "nobody knows since when", |f| {
            f.bone_plans.push(bone_plan(Z, 4, 28, |p| p.status = BoneStatus::Holiday.into()));
        }),
    ]
}

fn r_bma_3() -> Vec<Case> {
    let two_years = today().since(today().plus_months(-24));
    let active = |days: i32, change: &'static dyn Fn(&mut BonePlan)| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(Z, 4, 28, change));
            f.doses.push(dose(Z, 4, days));
        }
    };
    vec![
        fires(Info, "24 months", active(two_years, &|_| {})),
        no("one day less", active(two_years - 1, &|_| {})),
        no("with a review", active(two_years, &|p| p.duration_review = ago(20).into())),
        no("ended", active(two_years, &|p| p.status = BoneStatus::Stopped.into())),
        cannot(Input::DoseWhen, "since when is not known", |f| f.bone_plans.push(bone_plan(Z, 4, 28, |_| {}))),
    ]
}

fn r_zol_1() -> Vec<Case> {
    let late = |agent: Agent, interval: i32, days: i32| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(agent, 4, interval, |_| {}));
            f.doses.push(dose(agent, 4, interval + days));
        }
    };
    vec![
        fires(Soon, "15 d past due", late(Z, 28, 15)).says("zoledronate 4 mg"),
        no("14 d past due", late(Z, 28, 14)),
        fires(Soon, "interval 84 d", late(Z, 84, 15)),
        no("interval 84 d, 14 d past due", late(Z, 84, 14)),
        no("by mouth", late(Agent::Alendronate, 7, 30)),
        no("denosumab", late(D, 28, 30)),
        cannot(Input::BoneInterval, "interval unknown", |f| {
            late(Z, 28, 15)(f);
            f.bone_plans[0].interval_d = Live::Missing;
        }),
    ]
}
