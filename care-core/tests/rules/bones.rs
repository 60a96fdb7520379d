//! Spine, swelling, lesions, and pain that a bone drug may explain.

use osteon_care_core::{facts::*, rules::Input};
use osteon_proto::care::{
    LesionSize, LesionType, MirelsPain, PosterolateralInvolvement, SinsPain, SpinalAlignment, VertebralCollapse,
};

use crate::world::*;

crate::rule_tests! {
    r_mscc_2 = "R-MSCC-2";
    r_spn_1 = "R-SPN-1";
    r_spn_2 = "R-SPN-2";
    r_vte_2 = "R-VTE-2";
    r_frx_2 = "R-FRX-2";
    r_frx_3 = "R-FRX-3";
    r_frx_4 = "R-FRX-4";
    r_vfx_1 = "R-VFX-1";
    r_aff_1 = "R-AFF-1";
    r_eye_1 = "R-EYE-1";
    r_ear_1 = "R-EAR-1";
}

fn r_mscc_2() -> Vec<Case> {
    vec![
        fires(Urgent, "thoracic, new", |f| {
            f.pains.push(on(0, pain(Site::Thoracic, 2, |p| p.new_or_worse = true.into())));
        })
        .says("new pain"),
        fires(Urgent, "lumbar, at night", |f| {
            f.pains.push(on(0, pain(Site::Lumbar, 2, |p| p.spine = [SpineFeature::Night].into())));
        }),
        no("lumbar, none of the features", |f| f.pains.push(on(0, pain(Site::Lumbar, 2, |_| {})))),
        no("lumbar, new, none of the features", |f| {
            f.pains.push(on(0, pain(Site::Lumbar, 2, |p| p.new_or_worse = true.into())));
        }),
        fires(Urgent, "sacral, worse on moving", |f| {
            f.pains.push(on(0, pain(Site::Sacral, 2, |p| p.loading = Loading::OnMovement.into())));
        }),
        no("new and band-like: R-MSCC-1 fires on it", |f| {
            f.pains.push(on(
                0,
                pain(Site::Thoracic, 2, |p| {
                    p.new_or_worse = true.into();
                    p.quality = [Quality::BandLike].into();
                }),
            ));
        }),
        cannot(Input::PainSite, "a symptom entry says no site", |f| {
            f.symptoms.push(on(0, signs([Sign::NightPain])));
        }),
        fires(Urgent, "a symptom entry beside pain of the spine on that day", |f| {
            f.symptoms.push(on(0, signs([Sign::NightPain])));
            f.pains.push(on(0, pain(Site::Lumbar, 2, |_| {})));
        }),
        no("a symptom entry with a sign of the cord: R-MSCC-1", |f| {
            f.symptoms.push(on(0, signs([Sign::NightPain, Sign::LimbWeakness])));
        }),
    ]
}

/// A lesion of the chest spine (T11: 3 points) with so many points besides: lytic (2), mechanical (3), and so on.
fn spine_lesion(change: impl FnOnce(&mut Lesion)) -> Lesion {
    let mut lesion = Lesion {
        id: id(),
        site: Site::Thoracic.into(),
        level: "T11".to_owned().into(),
        kind: LesionType::Lytic.into(),
        pain_sins: SinsPain::Mechanical.into(),
        alignment: SpinalAlignment::Normal.into(),
        collapse: VertebralCollapse::Gt50.into(),
        posterolateral: PosterolateralInvolvement::Unilateral.into(),
        status: LesionStatus::Confirmed.into(),
        ..Lesion::default()
    };
    change(&mut lesion);
    lesion
}

fn r_spn_1() -> Vec<Case> {
    vec![
        fires(Urgent, "13", |f| {
            f.lesions.push(spine_lesion(|l| {
                l.alignment = SpinalAlignment::Deformity.into();
                l.collapse = VertebralCollapse::Lt50.into();
            }));
        })
        .says("SINS 13"),
        fires(Urgent, "18", |f| {
            f.lesions.push(spine_lesion(|l| {
                l.alignment = SpinalAlignment::Subluxation.into();
                l.posterolateral = PosterolateralInvolvement::Bilateral.into();
            }));
        })
        .says("SINS 18"),
        no("12", |f| f.lesions.push(spine_lesion(|_| {}))),
        no("not of the spine", |f| f.lesions.push(long_bone(|_| {}))),
        cannot(Input::Sins, "no alignment", |f| f.lesions.push(spine_lesion(|l| l.alignment = Live::Missing))),
        fires(Urgent, "12 by one, 16 by another", |f| {
            let alignment = Live::disputed([SpinalAlignment::Normal, SpinalAlignment::Subluxation]);
            f.lesions.push(spine_lesion(|l| l.alignment = alignment));
        }),
    ]
}

fn r_spn_2() -> Vec<Case> {
    vec![
        fires(Soon, "12", |f| f.lesions.push(spine_lesion(|_| {}))),
        fires(Soon, "7", |f| {
            f.lesions.push(spine_lesion(|l| {
                l.level = "L3".to_owned().into();
                l.collapse = VertebralCollapse::None.into();
                l.posterolateral = PosterolateralInvolvement::None.into();
            }));
        }),
        no("6", |f| {
            f.lesions.push(spine_lesion(|l| {
                l.level = "T5".to_owned().into();
                l.collapse = VertebralCollapse::None.into();
                l.posterolateral = PosterolateralInvolvement::None.into();
            }));
        }),
        cannot(Input::Sins, "of the spine, no level", |f| {
            f.lesions.push(spine_lesion(|l| l.level = Live::Missing));
        }),
    ]
}

fn r_vte_2() -> Vec<Case> {
    let swelling = |days: i32, change: &dyn Fn(&mut Swelling)| {
        let mut swelling = Swelling {
            site: Site::LowerLeg.into(),
            one_sided: true.into(),
            pain: false.into(),
            warmth: true.into(),
            redness: false.into(),
            tightness: false.into(),
            onset: ago(days).into(),
        };
        change(&mut swelling);
        swelling
    };
    vec![
        fires(Urgent, "left calf and warm", |f| f.swellings.push(on(0, swelling(1, &|_| {}))))
            .says("lower leg swelling"),
        no("both ankles, no pain", |f| {
            f.swellings.push(on(
                0,
                swelling(1, &|s| {
                    s.one_sided = false.into();
                    s.warmth = false.into();
                }),
            ));
        }),
        fires(Urgent, "since 14 days", |f| f.swellings.push(on(0, swelling(14, &|_| {})))),
        no("since 15 days", |f| f.swellings.push(on(0, swelling(15, &|_| {})))),
        no("one side, no feature", |f| f.swellings.push(on(0, swelling(1, &|s| s.warmth = false.into())))),
        cannot(Input::SwellingOnset, "since when is not known", |f| {
            f.swellings.push(on(0, swelling(1, &|s| s.onset = Live::Missing)));
        }),
    ]
}

/// Peritrochanteric (3), functional (3), lytic (3), under a third (1): 10 points.
fn long_bone(change: impl FnOnce(&mut Lesion)) -> Lesion {
    let mut lesion = Lesion {
        id: id(),
        site: Site::ProximalFemur.into(),
        side: Side::Left.into(),
        kind: LesionType::Lytic.into(),
        size: LesionSize::Lt13.into(),
        pain_mirels: MirelsPain::Functional.into(),
        status: LesionStatus::Confirmed.into(),
        ..Lesion::default()
    };
    change(&mut lesion);
    lesion
}

fn r_frx_2() -> Vec<Case> {
    let used = |site| pain(site, 4, |p| p.loading = Loading::OnUse.into());
    vec![
        fires(Urgent, "femur lesion, thigh pain on walking", |f| {
            f.lesions.push(long_bone(|_| {}));
            f.pains.push(on(0, used(Site::Thigh)));
        })
        .says("proximal femur"),
        no("the same pain at rest", |f| {
            f.lesions.push(long_bone(|_| {}));
            f.pains.push(on(0, pain(Site::Thigh, 4, |p| p.loading = Loading::AtRest.into())));
        }),
        no("the lesion is healed", |f| {
            f.lesions.push(long_bone(|l| l.status = LesionStatus::Healed.into()));
            f.pains.push(on(0, used(Site::Thigh)));
        }),
        fires(Urgent, "healed by one, confirmed by another", |f| {
            let status = Live::disputed([LesionStatus::Healed, LesionStatus::Confirmed]);
            f.lesions.push(long_bone(|l| l.status = status));
            f.pains.push(on(0, used(Site::Thigh)));
        }),
        no("the other side", |f| {
            f.lesions.push(long_bone(|l| l.side = Side::Right.into()));
            f.pains.push(on(0, used(Site::Thigh)));
        }),
        no("another bone", |f| {
            f.lesions.push(long_bone(|l| l.site = Site::Humerus.into()));
            f.pains.push(on(0, used(Site::Thigh)));
        }),
        cannot(Input::PainLoading, "loading not answered", |f| {
            f.lesions.push(long_bone(|_| {}));
            f.pains.push(on(0, pain(Site::Thigh, 4, |p| p.loading = Live::Missing)));
        }),
    ]
}

fn r_frx_3() -> Vec<Case> {
    vec![
        fires(Urgent, "9", |f| {
            f.lesions.push(long_bone(|l| l.kind = LesionType::Mixed.into()));
        })
        .says("Mirels 9"),
        fires(Urgent, "12", |f| f.lesions.push(long_bone(|l| l.size = LesionSize::Gt23.into()))),
        no("8", |f| {
            f.lesions.push(long_bone(|l| l.kind = LesionType::Blastic.into()));
        }),
        no("9, stabilised since", |f| {
            f.lesions.push(long_bone(|l| {
                l.kind = LesionType::Mixed.into();
                l.status = LesionStatus::Stabilised.into();
            }));
        }),
        cannot(Input::Mirels, "no size", |f| f.lesions.push(long_bone(|l| l.size = Live::Missing))),
        no("a vertebra", |f| f.lesions.push(spine_lesion(|_| {}))),
    ]
}

fn r_frx_4() -> Vec<Case> {
    vec![
        fires(Soon, "8", |f| f.lesions.push(long_bone(|l| l.kind = LesionType::Blastic.into()))),
        no("7", |f| {
            f.lesions.push(long_bone(|l| {
                l.kind = LesionType::Blastic.into();
                l.pain_mirels = MirelsPain::Moderate.into();
            }));
        }),
        no("9", |f| f.lesions.push(long_bone(|l| l.kind = LesionType::Mixed.into()))),
        cannot(Input::Mirels, "no pain", |f| f.lesions.push(long_bone(|l| l.pain_mirels = Live::Missing))),
    ]
}

fn r_vfx_1() -> Vec<Case> {
    let back = |nrs| pain(Site::Lumbar, nrs, |p| p.new_or_worse = true.into());
    let months = |n: i32| today().since(today().plus_months(-n));
    let after = |mg: i64, days: i32, nrs: u8| {
        move |f: &mut Facts| {
            f.doses.push(dose(Agent::Denosumab, mg, days));
            f.pains.push(on(0, back(nrs)));
        }
    };
    vec![
        fires(Urgent, "60 mg, 9 months ago, NRS 5", after(60, months(9), 5)).says("NRS 5"),
        no("60 mg, 5 months ago", after(60, months(5), 5)),
        no("60 mg, 7 months ago", after(60, months(7), 5)),
        fires(Urgent, "60 mg, a day more than 7 months ago", after(60, months(7) + 1, 4)),
        no("NRS 3", after(60, months(9), 3)),
        fires(Urgent, "120 mg, a day more than 3 months ago", after(120, months(3) + 1, 5)),
        no("120 mg, 3 months ago", after(120, months(3), 5)),
        fires(Urgent, "24 months ago", after(60, months(24), 5)),
        no("more than 24 months ago", after(60, months(24) + 1, 5)),
        no("zoledronate", |f| {
            f.doses.push(dose(Agent::Zoledronate, 4, months(9)));
            f.pains.push(on(0, back(5)));
        }),
        fires(Urgent, "height loss of 2 cm", |f| {
            f.risk = risk(|_| {});
            f.doses.push(dose(Agent::Denosumab, 60, months(9)));
            f.weights.push(on(0, Weight { height_mm: 1_630.into(), ..Weight::default() }));
        }),
        no("height loss of 1.9 cm", |f| {
            f.risk = risk(|_| {});
            f.doses.push(dose(Agent::Denosumab, 60, months(9)));
            f.weights.push(on(0, Weight { height_mm: 1_631.into(), ..Weight::default() }));
        }),
        cannot(Input::PainNew, "new not answered", |f| {
            f.doses.push(dose(Agent::Denosumab, 60, months(9)));
            f.pains.push(on(0, pain(Site::Lumbar, 5, |p| p.new_or_worse = Live::Missing)));
        }),
    ]
}

fn r_aff_1() -> Vec<Case> {
    let since = |site: Site, days: i32| {
        pain(site, 2, |p| {
            p.new_or_worse = true.into();
            p.quality = [Quality::Aching].into();
            p.onset = ago(days).into();
        })
    };
    let on_zoledronate = |f: &mut Facts| f.doses.push(dose(Agent::Zoledronate, 4, 40));
    vec![
        fires(Urgent, "groin ache 4 d on zoledronate", |f| {
            on_zoledronate(f);
            f.pains.push(on(0, since(Site::Groin, 4)));
        })
        .says("left groin, 4 d, on zoledronate 4 mg"),
        fires(Urgent, "3 d", |f| {
            on_zoledronate(f);
            f.pains.push(on(0, since(Site::Thigh, 3)));
        }),
        no("2 d", |f| {
            on_zoledronate(f);
            f.pains.push(on(0, since(Site::Thigh, 2)));
        }),
        fires(Urgent, "on 2 of 7 d", |f| {
            on_zoledronate(f);
            f.pains.push(on(6, since(Site::Thigh, 6)));
            f.pains.push(on(0, since(Site::Thigh, 0)));
        }),
        no("knee pain", |f| {
            on_zoledronate(f);
            f.pains.push(on(0, since(Site::Knee, 4)));
        }),
        no("groin pain, never a bone drug", |f| {
            f.risk = risk(|_| {});
            f.pains.push(on(0, since(Site::Groin, 4)));
        }),
        fires(Urgent, "a bone drug in the past", |f| {
            f.risk = risk(|r| r.bone_drugs_past = [Agent::Alendronate].into());
            f.pains.push(on(0, since(Site::Groin, 4)));
        }),
        cannot(Input::BonePast, "no profile", |f| f.pains.push(on(0, since(Site::Groin, 4)))),
    ]
}

fn r_eye_1() -> Vec<Case> {
    let case = |agent, days, sign: Sign, new: bool| {
        move |f: &mut Facts| {
            f.doses.push(dose(agent, 4, days));
            f.symptoms.push(on(0, Symptom { new_or_worse: new.into(), ..signs([sign]) }));
        }
    };
    vec![
        fires(Urgent, "red eye, 90 d after", case(Agent::Zoledronate, 90, Sign::RedOrPainfulEye, true)),
        no("red eye, 91 d after", case(Agent::Zoledronate, 91, Sign::RedOrPainfulEye, true)),
        fires(Urgent, "light hurts", case(Agent::Zoledronate, 5, Sign::LightSensitivity, true)),
        no("denosumab only", case(Agent::Denosumab, 5, Sign::LightSensitivity, true)),
        no("not new", case(Agent::Zoledronate, 5, Sign::RedOrPainfulEye, false)),
    ]
}

fn r_ear_1() -> Vec<Case> {
    let with = |sign: Sign| {
        move |f: &mut Facts| {
            f.doses.push(dose(Agent::Denosumab, 120, 300));
            f.symptoms.push(on(0, signs([sign])));
        }
    };
    vec![
        fires(Soon, "discharge", with(Sign::EarDischarge)),
        fires(Soon, "pain", with(Sign::EarPain)),
        no("never a bone drug", |f| {
            f.risk = risk(|_| {});
            f.symptoms.push(on(0, signs([Sign::EarPain])));
        }),
        no("another sign", with(Sign::Cramps)),
    ]
}
