//! The cuts of every assessment from both sides, inputs missing, and what an answer says beside its band.

use osteon_care_core::{
    Assessed, Day, Exact, MirelsInputs, SinsInputs,
    assess::{
        Sex, Word, balance, bone, cachexia, calcium, lateness, mobility, overlay, pain, renal, risk, screening,
        zoledronate,
    },
    convert, mirels, sins,
};
use osteon_proto::care::{Lesion, LesionSize, LesionType, MirelsPain};

#[test]
fn a_score_with_an_input_missing_names_it() {
    let nothing = mirels(&MirelsInputs::default());
    assert!(nothing.score().is_none() && nothing.band().is_none());
    assert_eq!(nothing.missing(), ["site", "pain", "lesion", "size"]);
    assert_eq!(nothing.to_string(), "cannot tell (missing site, pain, lesion, size)");
    // A femur without a part, a type that is not known, a number of a newer version.
    let vague = Lesion {
        site: Some("71341001".into()),
        r#type: Some(LesionType::Unknown as i32),
        pain_mirels: Some(99),
        size_fraction: Some(LesionSize::Gt23 as i32),
        ..Lesion::default()
    };
    assert_eq!(mirels(&MirelsInputs::of(&vague)).missing(), ["site", "pain", "lesion"]);
    let spine = Lesion { level: Some("T13".into()), collapse: Some(0), ..vague };
    let outcome = sins(&SinsInputs::of(&spine));
    assert_eq!(outcome.missing(), ["location", "pain", "lesion", "alignment", "collapse", "posterolateral"]);
}

#[test]
fn a_whole_lesion_is_scored() {
    let lesion = Lesion {
        site: Some("41111004".into()),
        r#type: Some(LesionType::Lytic as i32),
        pain_mirels: Some(MirelsPain::Functional as i32),
        size_fraction: Some(LesionSize::LesionSize13To23 as i32),
        ..Lesion::default()
    };
    let outcome = mirels(&MirelsInputs::of(&lesion));
    assert_eq!(outcome.to_string(), "10 (impending_fracture)");
    let used: Vec<String> = outcome.used().iter().map(|used| format!("{}={}", used.name, used.value)).collect();
    assert_eq!(used, ["site=lower", "pain=functional", "lesion=lytic", "size=1_3_to_2_3"]);
}

fn dec(text: &str) -> Option<Exact> {
    Some(Exact::parse(text).unwrap_or_else(|| panic!("{text}")))
}

fn band<B: Word>(found: &Assessed<B>) -> &'static str {
    found.band().map_or("cannot tell", |band| band.code())
}

/// (input, band) one by one.
fn bands<B: Word>(cases: &[(&str, &str)], assess: impl Fn(Option<Exact>) -> Assessed<B>) {
    for (input, expected) in cases {
        assert_eq!(band(&assess(dec(input))), *expected, "{input}");
    }
}

#[test]
fn bands_change_exactly_at_their_cuts() {
    bands(
        &[
            ("-0.9", "normal"),
            ("-1", "normal"),
            ("-1.000001", "low_bone_mass"),
            ("-2.499", "low_bone_mass"),
            ("-2.50", "osteoporosis"),
        ],
        |t| bone::t_band(t, Some(true), Some(false)),
    );
    bands(&[("11.99", "below_threshold"), ("12", "at_risk"), ("60.5", "at_risk"), ("0", "cannot tell")], |seconds| {
        mobility::tug(seconds, None)
    });
    bands(&[("13.49", "below_threshold"), ("13.5", "at_risk")], |seconds| mobility::tug(seconds, dec("13.5")));
    bands(&[("5", "slow"), ("4.999", "above_cut"), ("5.2", "slow")], |s| mobility::gait_speed(dec("4"), s, None));
    bands(&[("5.2", "above_cut"), ("5.3", "slow")], |s| mobility::gait_speed(dec("4"), s, dec("0.76")));
    bands(
        &[
            ("0", "none"),
            ("0.5", "mild"),
            ("4.99", "mild"),
            ("5", "moderate"),
            ("6.99", "moderate"),
            ("7", "severe"),
            ("10", "severe"),
            ("10.1", "cannot tell"),
            ("-1", "cannot tell"),
        ],
        |pain| pain::pain_band(pain, pain::PainCuts::Serlin),
    );
    bands(&[("4", "mild"), ("7", "moderate"), ("8", "severe")], |pain| pain::pain_band(pain, pain::PainCuts::Li));
    bands(&[("4", "mild"), ("8", "moderate"), ("9", "severe")], |pain| pain::pain_band(pain, pain::PainCuts::Chow));
    bands(
        &[
            ("1.499", "hypo_g4"),
            ("1.5", "hypo_g3"),
            ("1.749", "hypo_g3"),
            ("1.75", "hypo_g2"),
            ("2", "hypo_g1"),
            ("2.199", "hypo_g1"),
            ("2.2", "normal"),
            ("2.6", "normal"),
            ("2.601", "hyper_g1"),
            ("2.9", "hyper_g1"),
            ("2.901", "hyper_g2"),
            ("3.1", "hyper_g2"),
            ("3.101", "hyper_g3"),
            ("3.4", "hyper_g3"),
            ("3.401", "hyper_g4"),
        ],
        |value| calcium::calcium_band(value, calcium::Limits::default()),
    );
    bands(&[("2.14", "hypo_g1"), ("2.15", "normal"), ("2.55", "normal"), ("2.551", "hyper_g1")], |value| {
        calcium::calcium_band(value, calcium::Limits { lower: dec("2.15"), upper: dec("2.55") })
    });
    bands(
        &[
            ("60.000001", "4.0"),
            ("60", "3.5"),
            ("50", "3.5"),
            ("49.999", "3.3"),
            ("40", "3.3"),
            ("39.999", "3.0"),
            ("30", "3.0"),
            ("29.999", "not_recommended"),
            ("0", "not_recommended"),
            ("-1", "cannot tell"),
        ],
        zoledronate::zoledronate_dose,
    );
    bands(&[("5", "not_met"), ("5.001", "met")], |loss| cachexia::cachexia(loss, dec("20")));
    bands(&[("5.001", "met"), ("5", "met"), ("2", "not_met"), ("-3", "not_met"), ("2.001", "met")], |loss| {
        cachexia::cachexia(loss, dec("19.9"))
    });
}

#[test]
fn a_threshold_reads_the_number_before_it_is_rounded() {
    // 60.04 mL/min shows as 60.0 and is above 60.
    let inputs = renal::RenalInputs {
        age_years: dec("60"),
        weight_kg: dec("54.036"),
        creatinine_mg_dl: dec("1"),
        sex: Some(Sex::Male),
    };
    let clearance = renal::creatinine_clearance(&inputs);
    assert_eq!(clearance.to_string(), "60.0");
    assert_eq!(band(&zoledronate::zoledronate_dose(clearance.exact())), "4.0");
    // 0.803 m/s shows as 0.80 and is faster than 0.8.
    assert_eq!(mobility::gait_speed(dec("4"), dec("4.98"), None).to_string(), "0.80 (above_cut)");
    // 18.49 shows as 18.5 and is below it.
    let thin = cachexia::bmi(dec("50.34"), dec("165"));
    assert_eq!(thin.to_string(), "18.5");
    assert_eq!(band(&screening::must(thin.exact(), dec("0"), Some(false))), "high");
}

#[test]
fn no_binary_fraction_gets_in_between() {
    // In binary fractions 0.1 + 0.2 is more than 0.3, and 70 - 66.5 of 70 may be more than 5 %.
    let loss = cachexia::weight_loss(dec("70"), dec("66.5"), false);
    assert_eq!(loss.exact(), Some(Exact::whole(5)));
    assert_eq!(band(&cachexia::cachexia(loss.exact(), dec("23"))), "not_met");
    assert_eq!(calcium::adjusted_calcium_mg_dl(dec("12.2"), dec("2.5")).exact(), dec("13.4"));
    assert_eq!(bone::ost(dec("60"), dec("45"), Some(Sex::Female)).to_string(), "3 (below_threshold)");
    assert_eq!(bone::ost(dec("52.5"), dec("62"), Some(Sex::Female)).to_string(), "-1 (consider_dxa)");
    assert_eq!(bone::t_score(dec("0.69"), dec("0.9"), dec("0.12")).to_string(), "-1.8");
    assert_eq!(bone::t_score(dec("0.75"), dec("0.9"), dec("0.12")).to_string(), "-1.3");
}

#[test]
fn units_are_converted_without_rounding() {
    let inputs = renal::RenalInputs {
        age_years: dec("72"),
        weight_kg: dec("60"),
        creatinine_mg_dl: dec("97.262").and_then(convert::creatinine_mg_dl),
        sex: Some(Sex::Female),
    };
    assert_eq!(renal::creatinine_clearance(&inputs).to_string(), "43.8");
    assert_eq!(renal::egfr(&inputs).to_string(), "53");
}

#[test]
fn only_adults() {
    for (age, tells) in [("17", false), ("17.9", false), ("18", true), ("130", true), ("131", false)] {
        let inputs = renal::RenalInputs {
            age_years: dec(age),
            weight_kg: dec("60"),
            creatinine_mg_dl: dec("1"),
            sex: Some(Sex::Male),
        };
        assert_eq!(renal::egfr(&inputs).cannot_tell(), !tells, "{age}");
        assert_eq!(renal::creatinine_clearance(&inputs).cannot_tell(), !tells, "{age}");
    }
}

#[test]
fn norms_of_chair_stands_by_age_and_sex() {
    let norms = [(60, 14, 12), (65, 12, 11), (70, 12, 10), (75, 11, 10), (80, 10, 9), (85, 8, 8), (90, 7, 4)];
    for (from, men, women) in norms {
        for age in from..from + 5 {
            for (sex, norm) in [(Sex::Male, men), (Sex::Female, women)] {
                let stands =
                    |count| mobility::chair_stand(Some(count), Some(Exact::whole(age)), Some(sex), Some(false));
                assert_eq!(band(&stands(norm - 1)), "below_average", "{age} {sex:?}");
                assert_eq!(band(&stands(norm)), "at_or_above_average", "{age} {sex:?}");
            }
        }
    }
    for age in [59, 95] {
        let found = mobility::chair_stand(Some(3), Some(Exact::whole(age)), None, Some(false));
        assert_eq!(found.to_string(), "3 (no_norm_for_age)");
    }
}

#[test]
fn balance_stops_at_the_first_stage_that_is_not_held() {
    let held = |seconds: [&str; 4]| {
        balance::four_stage(seconds.map(|seconds| if seconds.is_empty() { None } else { dec(seconds) })).to_string()
    };
    assert_eq!(held(["10", "10", "10", "10"]), "4 (tandem_held)");
    assert_eq!(held(["10", "10", "10", ""]), "3 (tandem_held)");
    assert_eq!(held(["10", "10", "9.99", ""]), "2 (at_risk)");
    // What was entered after it does not count.
    assert_eq!(held(["10", "3", "10", "10"]), "1 (at_risk)");
    assert_eq!(held(["10", "10", "", ""]), "cannot tell (missing tandem)");
    assert_eq!(held(["", "10", "10", "10"]), "cannot tell (missing side_by_side)");
}

#[test]
fn what_is_known_decides_as_far_as_it_can() {
    let two = [risk::RiskFactor::Age, risk::RiskFactor::Smoking];
    assert_eq!(band(&risk::bone_loss(None, Some(&two))), "criteria_met:two_rf");
    assert_eq!(risk::bone_loss(None, Some(&two[..1])).missing(), ["t"]);
    assert_eq!(risk::bone_loss(None, None).missing(), ["t", "risk_factors"]);
    assert_eq!(risk::bone_loss(dec("-1.6"), None).missing(), ["risk_factors"]);
    assert_eq!(band(&risk::bone_loss(dec("-2.01"), None)), "criteria_met:t_lt_-2.0");
    // The same factor twice is one.
    assert_eq!(band(&risk::bone_loss(dec("-1"), Some(&[risk::RiskFactor::Age; 2]))), "not_met");
    assert_eq!(band(&risk::bone_loss(dec("-1.5"), Some(&two[..1]))), "not_met");
    assert_eq!(cachexia::cachexia(dec("3"), None).missing(), ["bmi"]);
    assert_eq!(band(&cachexia::cachexia(dec("6"), None)), "met");
    assert_eq!(bone::t_band(dec("-3"), Some(true), None).missing(), ["fragility_fracture"]);
    assert_eq!(band(&bone::t_band(dec("-1"), Some(true), None)), "normal");
    assert_eq!(band(&bone::t_band(None, Some(false), None)), "not_applicable_use_z");
}

#[test]
fn sites_that_falsify_are_left_out_and_named() {
    use bone::{DxaSite, Excluded, SiteT};
    let sites = [
        SiteT { site: DxaSite::LumbarSpine, t: dec("-3.1"), excluded: Some(Excluded::Lesion) },
        SiteT { site: DxaSite::TotalHip, t: dec("-1.8"), excluded: None },
        SiteT { site: DxaSite::FemoralNeck, t: dec("-2.2"), excluded: None },
    ];
    let (lowest, left_out) = bone::lowest_t(&sites);
    assert_eq!(lowest.to_string(), "-2.2 (femoral_neck)");
    assert_eq!(left_out, [(DxaSite::LumbarSpine, Excluded::Lesion)]);
    assert!(bone::lowest_t(&sites[..1]).0.cannot_tell());
}

#[test]
fn the_reference_weight_is_the_highest_of_the_window() {
    let day = |text| Day::parse(text).expect("a day");
    let weights = [
        (day("2025-01-01"), Exact::whole(80)),
        (day("2025-01-02"), Exact::whole(70)),
        (day("2025-05-01"), Exact::whole(69)),
        (day("2025-07-04"), Exact::whole(63)),
    ];
    // The first is 184 days back, the second 183.
    let (loss, reference) = cachexia::weight_loss_within(&weights, cachexia::WINDOW_DAYS, true);
    assert_eq!((loss.to_string().as_str(), reference), ("10.0", Some(day("2025-01-02"))));
    assert!(loss.notes().iter().any(|note| note.contains("may hide loss")));
    let (month, reference) = cachexia::weight_loss_within(&weights, cachexia::MONTH_DAYS, false);
    assert_eq!((month.missing(), reference), (["reference"].as_slice(), None));
}

#[test]
fn a_laboratorys_own_value_wins() {
    use calcium::{CalciumReading, CalciumResults, calcium_reading};
    let all = CalciumResults { total: dec("2.05"), albumin: dec("30"), adjusted: dec("2.3"), ionised: dec("1.1") };
    assert!(matches!(calcium_reading(&all), CalciumReading::Laboratory(value) if Some(value) == dec("2.3")));
    let ionised = CalciumResults { adjusted: None, ..all };
    assert!(matches!(calcium_reading(&ionised), CalciumReading::Ionised(value) if Some(value) == dec("1.1")));
    let ours = CalciumResults { ionised: None, ..ionised };
    assert!(matches!(calcium_reading(&ours), CalciumReading::Ours(found) if found.to_string() == "2.25"));
    assert!(
        matches!(calcium_reading(&CalciumResults { albumin: None, ..ours }), CalciumReading::Ours(found) if found.missing() == ["albumin"])
    );
    // A low limit of the report below 2.0 does not make 1.97 normal.
    let low = calcium::calcium_band(dec("1.97"), calcium::Limits { lower: dec("1.95"), upper: dec("2.6") });
    assert_eq!((band(&low), low.notes().len()), ("hypo_g2", 0));
    assert_eq!(calcium::calcium_band(dec("2.3"), calcium::Limits::default()).notes().len(), 1);
}

#[test]
fn creatinine_that_rose_and_came_back() {
    let withhold = |baseline, now| band(&zoledronate::zoledronate_withhold(dec(baseline), dec(now)));
    assert_eq!(withhold("123.9", "167.9"), "withhold");
    assert_eq!(withhold("123.9", "167.8"), "no_rise");
    assert_eq!(withhold("124", "211.9"), "no_rise");
    assert_eq!(withhold("124", "212"), "withhold");
    assert_eq!(withhold("100", "60"), "no_rise");
    let resume = |now| band(&zoledronate::zoledronate_resume(dec("80"), dec(now)));
    assert_eq!((resume("88"), resume("88.1"), resume("70")), ("within_10_percent", "not_yet", "within_10_percent"));
}

#[test]
fn overlays_of_sites_without_a_whole_table_ask() {
    use overlay::{Module, ModuleLevel, OverlaySite, overlay, overlay_site};
    let found = overlay(&[Some(OverlaySite::Cervical)]);
    let cervical = found.band().expect("a site");
    assert_eq!(cervical.of(Module::WeightBearing).map(|limit| limit.level), Some(ModuleLevel::NotTarget));
    assert!(cervical.ask && found.notes().len() == 1);
    let humerus = overlay(&[Some(OverlaySite::ProximalHumerus)]);
    assert_eq!(humerus.band().and_then(|it| it.of(Module::Trunk)).map(|it| it.level), Some(ModuleLevel::NotTarget));
    let skull = overlay(&[Some(OverlaySite::Other), Some(OverlaySite::Pelvis)]);
    assert!(skull.band().is_some_and(|it| it.ask));
    assert!(overlay(&[]).band().is_some_and(|it| !it.ask));
    assert_eq!(overlay(&[Some(OverlaySite::Pelvis), None]).missing(), ["site"]);
    for (code, level, site) in [
        ("3572006", Some("T11"), OverlaySite::ThoracicRibs),
        ("3572006", Some("S1"), OverlaySite::Pelvis),
        ("3572006", None, OverlaySite::Other),
        ("71341001", None, OverlaySite::ProximalFemur),
        ("22356005", Some("X9"), OverlaySite::Pelvis),
        ("14806007", None, OverlaySite::Cervical),
        ("91609006", None, OverlaySite::Other),
    ] {
        assert_eq!(overlay_site(code, level), site, "{code} {level:?}");
    }
}

#[test]
fn lateness_of_both_doses() {
    use lateness::{Denosumab, LatenessInputs, denosumab_lateness};
    let last = Day::parse("2025-01-06");
    let late = |dose, days: i32, interval: Option<i64>| {
        let today = last.map(|last| last.plus(days));
        denosumab_lateness(&LatenessInputs { last, today, dose: Some(dose), interval }).to_string()
    };
    assert_eq!(late(Denosumab::Mg60, 182, None), "0 (not_late)");
    assert_eq!(late(Denosumab::Mg60, 0, None), "-182 (not_late)");
    assert_eq!(late(Denosumab::Mg60, 182 + 112, None), "112 (urgent)");
    assert_eq!(late(Denosumab::Mg60, 182 + 113, None), "113 (urgent_long_delay)");
    // The interval of 60 mg is fixed.
    assert_eq!(late(Denosumab::Mg60, 183, Some(28)), "1 (soon)");
    assert_eq!(late(Denosumab::Mg120, 28 + 14, Some(28)), "14 (soon)");
    assert_eq!(late(Denosumab::Mg120, 84 + 200, Some(84)), "200 (urgent)");
    assert_eq!(late(Denosumab::Mg120, 50, None), "cannot tell (missing interval)");
    let nothing = denosumab_lateness(&LatenessInputs::default());
    assert_eq!(nothing.missing(), ["last", "today", "dose", "interval"]);
}
