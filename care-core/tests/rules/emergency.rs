//! The nine rules of base severity emergency.

use osteon_care_core::{facts::*, rules::Input};

use crate::world::*;

crate::rule_tests! {
    r_mscc_1 = "R-MSCC-1";
    r_sep_1 = "R-SEP-1";
    r_vte_1 = "R-VTE-1";
    r_crisis_1 = "R-CRISIS-1";
    r_gen_1 = "R-GEN-1";
    r_frx_1 = "R-FRX-1";
    r_hypoca_1 = "R-HYPOCA-1";
    r_fall_1 = "R-FALL-1";
    r_ex_5 = "R-EX-5";
}

fn numb(known: Option<Answer>, unchanged: Option<Answer>, new: Option<bool>) -> Symptom {
    Symptom {
        flags: [Sign::NumbHandsFeet].into(),
        known: Live::of(known.map(Some)),
        unchanged: Live::of(unchanged.map(Some)),
        new_or_worse: Live::of(new.map(Some)),
        ..Symptom::default()
    }
}

fn r_mscc_1() -> Vec<Case> {
    let radicular = |quality| {
        pain(Site::Thoracic, 3, |pain| {
            pain.quality = [quality].into();
            pain.new_or_worse = true.into();
        })
    };
    vec![
        fires(Emergency, "limb weakness, new", |f| f.symptoms.push(on(0, signs([Sign::LimbWeakness])))),
        fires(Emergency, "radicular pain, new", |f| f.symptoms.push(on(0, signs([Sign::RadicularPain])))),
        fires(Emergency, "known neuropathy, unchanged not answered", |f| {
            f.symptoms.push(on(0, numb(Some(Answer::Yes), None, None)));
        }),
        fires(Emergency, "numb feet, new, nobody knows them", |f| f.symptoms.push(on(0, numb(None, None, Some(true))))),
        no("known neuropathy, unchanged", |f| {
            f.symptoms.push(on(0, numb(Some(Answer::Yes), Some(Answer::Yes), Some(true))));
        }),
        no("back pain only", |f| f.pains.push(on(0, pain(Site::Lumbar, 4, |_| {})))),
        no("a sign that is neither new nor worse", |f| {
            f.symptoms.push(on(0, Symptom { new_or_worse: false.into(), ..signs([Sign::LimbWeakness]) }));
        }),
        cannot(Input::SymptomNew, "a sign, new not answered", |f| {
            f.symptoms.push(on(0, Symptom { new_or_worse: Live::Missing, ..signs([Sign::GaitDifficulty]) }));
        }),
        fires(Emergency, "two versions of new, one true", |f| {
            let new_or_worse = Live::disputed([false, true]);
            f.symptoms.push(on(0, Symptom { new_or_worse, ..signs([Sign::BowelDysfunction]) }));
        }),
        fires(Emergency, "an entry of 400 days ago that arrives now", |f| {
            f.symptoms.push(on(400, signs([Sign::BladderDysfunction])));
        }),
        fires(Emergency, "new band-like pain of the chest spine", |f| {
            f.pains.push(on(0, radicular(Quality::BandLike)))
        }),
        no("new aching pain of the chest spine", |f| f.pains.push(on(0, radicular(Quality::Aching)))),
        cannot(Input::SymptomFlags, "a sign of a newer vocabulary", |f| {
            let mut entry = signs([]);
            entry.flags.newer = true;
            f.symptoms.push(on(0, entry));
        }),
    ]
}

fn temperature(tenths: i32) -> Vitals {
    Vitals { temperature_tenths: tenths.into() }
}

fn r_sep_1() -> Vec<Case> {
    let on_chemo = |f: &mut Facts| f.treatments.push(course(Treatment::Chemo, |_| {}));
    let ended = |f: &mut Facts, days| f.treatments.push(course(Treatment::Chemo, |c| c.end = ago(days).into()));
    vec![
        fires(Emergency, "38.0 on chemo", |f| {
            on_chemo(f);
            f.vitals.push(on(0, temperature(380)));
        })
        .says("Fever 38.0"),
        no("37.9 on chemo", |f| {
            on_chemo(f);
            f.vitals.push(on(0, temperature(379)));
        }),
        fires(Emergency, "38.4 two days after zoledronate on chemo", |f| {
            on_chemo(f);
            f.doses.push(dose(Agent::Zoledronate, 4, 2));
            f.vitals.push(on(0, temperature(384)));
        }),
        fires(Emergency, "42 days after the last dose", |f| {
            ended(f, 42);
            f.vitals.push(on(0, temperature(390)));
        }),
        no("43 days after the last dose", |f| {
            ended(f, 43);
            f.vitals.push(on(0, temperature(390)));
        }),
        fires(Emergency, "ended, but the last dose was 42 days ago", |f| {
            f.treatments.push(course(Treatment::Targeted, |c| {
                c.end = ago(60).into();
                c.last_dose = ago(42).into();
            }));
            f.vitals.push(on(0, temperature(390)));
        }),
        no("radiotherapy only", |f| {
            f.treatments.push(course(Treatment::Radiotherapy, |_| {}));
            f.vitals.push(on(0, temperature(390)));
        }),
        fires(Emergency, "chills and unwell, no thermometer", |f| {
            on_chemo(f);
            f.symptoms.push(on(0, signs([Sign::ShiveringChills, Sign::FeelsUnwell])));
        }),
        no("chills alone", |f| {
            on_chemo(f);
            f.symptoms.push(on(0, signs([Sign::ShiveringChills])));
        }),
        cannot(Input::Temperature, "an entry without its temperature", |f| {
            on_chemo(f);
            f.vitals.push(on(0, Vitals::default()));
        }),
        cannot(Input::Complete, "treatments are still to come", |f| {
            f.house.incomplete = true;
            f.vitals.push(on(0, temperature(390)));
        }),
        fires(Emergency, "37.6 where the site set more than 37.5", |f| {
            on_chemo(f);
            f.vitals.push(on(0, temperature(376)));
        })
        .switch("fever_tenths_cel", 376)
        .says("A temperature of 37.6 °C or more"),
        no("37.6 where the site set what nobody allows", |f| {
            on_chemo(f);
            f.vitals.push(on(0, temperature(376)));
        })
        .switch("fever_tenths_cel", 370),
        fires(Emergency, "two versions, one of them fever", |f| {
            on_chemo(f);
            f.vitals.push(on(0, Vitals { temperature_tenths: Live::disputed([365, 385]) }));
        })
        .says("Fever 38.5"),
    ]
}

fn r_vte_1() -> Vec<Case> {
    vec![
        fires(Emergency, "chest pain", |f| f.symptoms.push(on(0, signs([Sign::ChestPain])))),
        fires(Emergency, "collapse", |f| f.symptoms.push(on(0, signs([Sign::Collapse])))),
        no("breathlessness graded 1, not sudden", |f| f.symptoms.push(on(0, graded(48, 1)))),
        no("in an entry out of range", |f| {
            f.symptoms.push(Entry { out_of_range: true, ..on(0, signs([Sign::CoughingBlood])) });
        }),
    ]
}

fn r_crisis_1() -> Vec<Case> {
    let mood = |not_safe: Live<bool>| Mood { not_safe, distress: 10.into(), ..Mood::default() };
    vec![
        fires(Emergency, "not safe", |f| f.moods.push(on(0, mood(true.into())))),
        fires(Emergency, "thoughts of ending life", |f| f.symptoms.push(on(0, signs([Sign::NotSafe])))),
        fires(Emergency, "two versions, one true", |f| f.moods.push(on(0, mood(Live::disputed([true, false]))))),
        no("distress 10 and safe", |f| f.moods.push(on(0, mood(false.into())))),
        cannot(Input::MoodNotSafe, "not answered", |f| f.moods.push(on(0, mood(Live::Missing)))),
    ]
}

fn r_gen_1() -> Vec<Case> {
    let six = [
        ("seizure", Sign::Seizure),
        ("unconscious", Sign::Unconscious),
        ("cannot breathe", Sign::CannotBreathe),
        ("heavy bleeding", Sign::HeavyBleeding),
        ("sudden one-sided weakness or speech loss", Sign::OneSidedWeakness),
        ("severe allergic reaction", Sign::AllergicReaction),
    ];
    let alone =
        six.map(|(name, sign)| fires(Emergency, name, |f| f.symptoms.push(on(0, signs([sign])))).says("Reported: "));
    alone
        .into_iter()
        .chain([
            fires(Emergency, "in an entry out of range", |f| {
                f.symptoms.push(Entry { out_of_range: true, ..on(0, signs([Sign::Seizure])) });
            }),
            no("none of the six", |f| f.symptoms.push(on(0, signs([Sign::Cramps])))),
            no("fainting alone", |f| f.symptoms.push(on(0, signs([Sign::Fainting])))),
        ])
        .collect()
}

fn r_frx_1() -> Vec<Case> {
    vec![
        fires(Emergency, "fall, cannot bear weight", |f| {
            f.falls.push(on(0, fall(|fall| fall.cannot_bear_weight = true.into())));
            f.pains.push(on(0, pain(Site::Hip, 6, |_| {})));
        })
        .says("fracture at hip"),
        fires(Emergency, "a crack was heard", |f| f.symptoms.push(on(0, signs([Sign::Crack])))),
        no("fall, walked normally", |f| f.falls.push(on(0, fall(|_| {})))),
        cannot(Input::FallNoWeight, "fall, nobody asked", |f| {
            f.falls.push(on(0, fall(|fall| fall.cannot_bear_weight = Live::Missing)));
        }),
    ]
}

fn r_hypoca_1() -> Vec<Case> {
    vec![
        fires(Emergency, "seizure 5 d after denosumab", |f| {
            f.doses.push(dose(Agent::Denosumab, 120, 5));
            f.symptoms.push(on(0, signs([Sign::Seizure])));
        })
        .says("denosumab 120 mg given 2026-03-10"),
        no("seizure with no bone medicine", |f| {
            f.risk = risk(|_| {});
            f.symptoms.push(on(0, signs([Sign::Seizure])));
        }),
        fires(Emergency, "84 days after denosumab 120 mg", |f| {
            f.doses.push(dose(Agent::Denosumab, 120, 84));
            f.symptoms.push(on(0, signs([Sign::ThroatTightness])));
        }),
        no("85 days after denosumab 120 mg, no plan", |f| {
            f.doses.push(dose(Agent::Denosumab, 120, 85));
            f.symptoms.push(on(0, signs([Sign::ThroatTightness])));
        }),
        fires(Emergency, "palpitations with faintness, plan active", |f| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |_| {}));
            f.symptoms.push(on(0, signs([Sign::Palpitations, Sign::DizzyOnStanding])));
        }),
        no("palpitations alone", |f| {
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |_| {}));
            f.symptoms.push(on(0, signs([Sign::Palpitations])));
        }),
        fires(Emergency, "plan held by one and active by another", |f| {
            let status = Live::disputed([BoneStatus::Held, BoneStatus::Active]);
            f.bone_plans.push(bone_plan(Agent::Zoledronate, 4, 28, |plan| plan.status = status));
            f.symptoms.push(on(0, signs([Sign::SpasmHandFoot])));
        }),
    ]
}

fn r_fall_1() -> Vec<Case> {
    let fallen = |f: &mut Facts, change: &dyn Fn(&mut Fall)| {
        f.risk = risk(|_| {});
        f.falls.push(on(0, fall(|fall| change(fall))));
    };
    vec![
        fires(Emergency, "head and anticoagulant", |f| {
            fallen(f, &|fall| fall.hit_head = true.into());
            f.risk = risk(|risk| risk.anticoagulant = Answer::Yes.into());
        }),
        fires(Emergency, "head and vomiting", |f| {
            fallen(f, &|fall| {
                fall.hit_head = true.into();
                fall.after_vomiting = true.into();
            });
        }),
        fires(Emergency, "lost consciousness", |f| fallen(f, &|fall| fall.lost_consciousness = true.into())),
        fires(Emergency, "61 min on the floor", |f| {
            fallen(f, &|fall| {
                fall.could_not_get_up = true.into();
                fall.minutes_on_floor = 61.into();
            });
        }),
        no("60 min on the floor", |f| {
            fallen(f, &|fall| {
                fall.could_not_get_up = true.into();
                fall.minutes_on_floor = 60.into();
            });
        }),
        fires(Emergency, "cannot bear weight", |f| fallen(f, &|fall| fall.cannot_bear_weight = true.into())),
        fires(Emergency, "severe back pain", |f| fallen(f, &|fall| fall.severe_back_or_neck_pain = true.into())),
        fires(Emergency, "new weakness", |f| fallen(f, &|fall| fall.new_weakness_or_numbness = true.into())),
        no("head alone", |f| fallen(f, &|fall| fall.hit_head = true.into())),
        cannot(Input::Anticoagulant, "head, anticoagulant unknown", |f| {
            fallen(f, &|fall| fall.hit_head = true.into());
            f.risk = risk(|risk| risk.anticoagulant = Answer::Unknown.into());
        }),
        cannot(Input::Anticoagulant, "head, no profile", |f| {
            fallen(f, &|fall| fall.hit_head = true.into());
            f.risk = None;
        }),
        fires(Emergency, "anticoagulant no by one and yes by another", |f| {
            fallen(f, &|fall| fall.hit_head = true.into());
            f.risk = risk(|risk| risk.anticoagulant = Live::disputed([Answer::No, Answer::Yes]));
        }),
    ]
}

fn r_ex_5() -> Vec<Case> {
    let during = |signs: &[DuringSign]| Activity { signs: signs.iter().copied().collect(), ..Activity::default() };
    let each = [
        ("chest pain", DuringSign::ChestPain),
        ("fainting", DuringSign::Fainting),
        ("severe breathlessness", DuringSign::Breathlessness),
        ("sudden bone pain", DuringSign::BonePain),
        ("new neurological sign", DuringSign::Neurological),
    ];
    each.map(|(name, sign)| fires(Emergency, name, |f| f.activities.push(on(0, during(&[sign])))))
        .into_iter()
        .chain([
            no("none of them", |f| f.activities.push(on(0, during(&[])))),
            no("chest pain outside a session", |f| f.symptoms.push(on(0, signs([Sign::ChestPain])))),
        ])
        .collect()
}
