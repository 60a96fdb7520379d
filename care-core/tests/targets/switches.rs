//! Thresholds on which guidance disagrees: every value with who says it, and the one in force.

use std::collections::BTreeSet;

use osteon_care_core::{
    facts::Day,
    rules::{BUILT_IN, RuleSet, Settings},
    targets::switches,
};

fn set() -> RuleSet {
    RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set")
}

#[test]
fn every_switch_shows_all_values_and_the_one_in_force() {
    let set = set();
    let mut settings = Settings::default();
    let all = switches(&set, &settings);
    let names: BTreeSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    for name in [
        "severe_pain_nrs",
        "fever_tenths_cel",
        "tug_tenths_s",
        "distress_alert",
        "phq2_positive",
        "gait_slow_mm_s",
        "biotin_pause_h",
        "calcium_after_bisphosphonate_min",
    ] {
        assert!(names.contains(name), "{name} of section 8.2");
    }
    for one in &all {
        assert!(one.values.len() > 1, "{}", one.name);
        assert_eq!(one.values.iter().filter(|value| value.in_force).count(), 1, "{}", one.name);
        assert!(one.values.iter().all(|value| value.in_force == value.default), "{}: nobody set it", one.name);
        assert!(one.values.iter().all(|value| !value.said_by.is_empty()), "{}: who says it?", one.name);
        assert!(!one.set_by_clinic && !one.rules.is_empty() && !one.unit.is_empty() && !one.about.contains('_'));
    }
    settings.thresholds.insert("severe_pain_nrs".into(), 8);
    settings.thresholds.insert("fever_tenths_cel".into(), 400);
    let all = switches(&set, &settings);
    let of = |name: &str| all.iter().find(|one| one.name == name).expect("told");
    let pain: Vec<(i64, bool, bool)> =
        of("severe_pain_nrs").values.iter().map(|value| (value.value, value.in_force, value.default)).collect();
    assert_eq!(pain, [(7, false, true), (8, true, false), (9, false, false)]);
    assert!(of("severe_pain_nrs").set_by_clinic);
    let fever = of("fever_tenths_cel");
    assert!(!fever.set_by_clinic, "what the rule set does not allow counts as not set");
    assert!(fever.values.iter().any(|value| value.value == 380 && value.in_force));
}
