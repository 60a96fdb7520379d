//! The jaw and the dentist.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

crate::rule_tests! {
    r_onj_1 = "R-ONJ-1";
    r_onj_2 = "R-ONJ-2";
    r_onj_3 = "R-ONJ-3";
    r_dent_1 = "R-DENT-1";
    r_dent_2 = "R-DENT-2";
}

fn on_drug(f: &mut Facts) {
    f.doses.push(dose(Agent::Denosumab, 120, 200));
}

fn mouth<const N: usize>(signs: [MouthSign; N], extraction: Option<i32>) -> Mouth {
    Mouth { signs: signs.into(), extraction: Live::of(extraction.map(|days| Some(ago(days)))), ..Mouth::default() }
}

fn r_onj_1() -> Vec<Case> {
    vec![
        fires(Urgent, "exposed bone", |f| {
            on_drug(f);
            f.symptoms.push(on(0, signs([Sign::ExposedBone])));
        })
        .says("exposed bone in mouth for 0 d on denosumab 120 mg"),
        fires(Urgent, "numb chin, new", |f| {
            on_drug(f);
            f.symptoms.push(on(0, signs([Sign::NumbLipOrChin])));
        }),
        no("numb chin, not new", |f| {
            on_drug(f);
            f.symptoms.push(on(0, Symptom { new_or_worse: false.into(), ..signs([Sign::NumbLipOrChin]) }));
        }),
        fires(Urgent, "socket open 15 d after extraction", |f| {
            on_drug(f);
            f.mouths.push(on(0, mouth([MouthSign::SocketOpen], Some(15))));
        }),
        no("socket open 14 d after extraction", |f| {
            on_drug(f);
            f.mouths.push(on(0, mouth([MouthSign::SocketOpen], Some(14))));
        }),
        cannot(Input::MouthExtraction, "socket open, extraction unknown", |f| {
            on_drug(f);
            f.symptoms.push(on(0, signs([Sign::SocketNotHealed])));
        }),
        fires(Urgent, "there for 56 d", |f| {
            on_drug(f);
            f.mouths.push(on(56, mouth([MouthSign::ExposedBone], None)));
            f.mouths.push(on(0, mouth([MouthSign::ExposedBone], None)));
        })
        .says("8 weeks or longer"),
        fires(Urgent, "there for 55 d", |f| {
            on_drug(f);
            f.mouths.push(on(55, mouth([MouthSign::ExposedBone], None)));
            f.mouths.push(on(0, mouth([MouthSign::ExposedBone], None)));
        })
        .says("!8 weeks or longer"),
        no("never a bone drug", |f| {
            f.risk = risk(|_| {});
            f.mouths.push(on(0, mouth([MouthSign::Pus], None)));
        }),
        cannot(Input::BonePast, "no profile", |f| f.symptoms.push(on(0, signs([Sign::PusOrFistula])))),
    ]
}

fn r_onj_2() -> Vec<Case> {
    vec![
        fires(Soon, "loose tooth, new", |f| {
            on_drug(f);
            f.symptoms.push(on(0, signs([Sign::LooseTooth])));
        }),
        fires(Soon, "stiff jaw, new", |f| {
            on_drug(f);
            f.symptoms.push(on(0, signs([Sign::JawStiffness])));
        }),
        no("not new", |f| {
            on_drug(f);
            f.symptoms.push(on(0, Symptom { new_or_worse: false.into(), ..signs([Sign::LooseTooth]) }));
        }),
        no("never a bone drug", |f| {
            f.risk = risk(|_| {});
            f.symptoms.push(on(0, signs([Sign::LooseTooth])));
        }),
        no("exposed bone: R-ONJ-1", |f| {
            on_drug(f);
            f.symptoms.push(on(0, signs([Sign::ExposedBone])));
        }),
        fires(Soon, "sore in a mouth check", |f| {
            on_drug(f);
            f.mouths.push(on(0, mouth([MouthSign::Sore], None)));
        }),
    ]
}

fn r_onj_3() -> Vec<Case> {
    let visit = |kind: VisitKind, days: i32| on(days, Visit { kind: kind.into() });
    let oncology = |f: &mut Facts| f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |_| {}));
    vec![
        fires(Urgent, "extraction booked", |f| {
            oncology(f);
            f.visits.push(visit(VisitKind::ToothExtraction, -3));
        }),
        fires(Urgent, "implant planned, in a mouth check", |f| {
            oncology(f);
            f.mouths.push(on(0, Mouth { planned_procedure: VisitKind::DentalImplant.into(), ..Mouth::default() }));
        }),
        no("filling booked", |f| {
            oncology(f);
            f.visits.push(visit(VisitKind::Filling, -3));
        }),
        no("dose of osteoporosis", |f| {
            f.bone_plans.push(bone_plan(Agent::Denosumab, 60, 182, |_| {}));
            f.visits.push(visit(VisitKind::ToothExtraction, -3));
        }),
        no("not active", |f| {
            f.bone_plans.push(bone_plan(Agent::Denosumab, 120, 28, |p| p.status = BoneStatus::Stopped.into()));
            f.visits.push(visit(VisitKind::ToothExtraction, -3));
        }),
        fires(Urgent, "zoledronate every 12 weeks", |f| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 84, |_| {}));
            f.visits.push(visit(VisitKind::JawSurgery, 0));
        }),
        cannot(Input::MouthPlanned, "a visit to the dentist, nobody says what for", |f| {
            oncology(f);
            f.visits.push(visit(VisitKind::Dental, -3));
        }),
        no("a visit to the dentist for a filling", |f| {
            oncology(f);
            f.visits.push(visit(VisitKind::Dental, -3));
            f.mouths.push(on(0, Mouth { planned_procedure: VisitKind::Filling.into(), ..Mouth::default() }));
        }),
        no("it was yesterday", |f| {
            oncology(f);
            f.visits.push(visit(VisitKind::ToothExtraction, 1));
        }),
        cannot(Input::BoneInterval, "zoledronate, interval unknown", |f| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 84, |p| p.interval_d = Live::Missing));
            f.visits.push(visit(VisitKind::JawSurgery, -3));
        }),
    ]
}

fn r_dent_1() -> Vec<Case> {
    let first = |days: i32| {
        move |f: &mut Facts| {
            let plan = bone_plan(Agent::Zoledronate, 4, 28, |p| {
                p.status = BoneStatus::Proposed.into();
                p.planned_next = ahead(days).into();
            });
            f.bone_plans.push(plan);
        }
    };
    vec![
        fires(Soon, "first dose in 20 d, no check", first(20)),
        fires(Urgent, "first dose in 5 d", first(5)),
        fires(Urgent, "in 7 d", first(7)),
        fires(Soon, "in 8 d", first(8)),
        no("check 5 months ago", |f| {
            first(20)(f);
            f.bone_plans[0].dental_cleared_on = today().plus_months(-5).into();
        }),
        fires(Soon, "check more than 6 months before the dose", |f| {
            first(20)(f);
            f.bone_plans[0].dental_cleared_on = today().plus_months(-6).into();
        }),
        no("urgent start", |f| {
            first(20)(f);
            f.bone_plans[0].urgent_start = true.into();
        }),
        fires(Soon, "urgent start by one, not by another", |f| {
            first(20)(f);
            f.bone_plans[0].urgent_start = Live::disputed([true, false]);
        }),
        no("a dose was given", |f| {
            first(20)(f);
            f.doses.push(dose(Agent::Zoledronate, 4, 40));
        }),
        no("check in the monitoring plan", |f| {
            first(20)(f);
            f.monitoring.push(Monitoring {
                id: id(),
                kind: MonitoringKind::Dental.into(),
                last_done: ago(30).into(),
                ..Monitoring::default()
            });
        }),
        cannot(Input::BonePlannedNext, "no day yet", |f| {
            first(20)(f);
            f.bone_plans[0].planned_next = Live::Missing;
        }),
    ]
}

fn r_dent_2() -> Vec<Case> {
    let checked = |days: i32| {
        move |f: &mut Facts| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |p| p.dental_cleared_on = ago(days).into()));
        }
    };
    vec![
        no("183 d ago", checked(183)),
        fires(Info, "184 d ago", checked(184)),
        fires(Info, "365 d ago", checked(365)),
        fires(Soon, "366 d ago", checked(366)),
        no("no bone drug", |f| {
            checked(366)(f);
            f.bone_plans[0].status = BoneStatus::Stopped.into();
        }),
        cannot(Input::DentalCleared, "never checked", |f| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |_| {}));
        }),
    ]
}
