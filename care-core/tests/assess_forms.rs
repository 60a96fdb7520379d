//! Forms that belong to others, recorded results, mood and performance.

use osteon_care_core::{
    Assessed, Day, Exact,
    assess::{Word, ecog, frax, mood, pain, pgsga},
};

fn dec(text: &str) -> Option<Exact> {
    Some(Exact::parse(text).unwrap_or_else(|| panic!("{text}")))
}

fn band<B: Word>(found: &Assessed<B>) -> &'static str {
    found.band().map_or("cannot tell", |band| band.code())
}

#[test]
fn forms_of_others_are_kept_shut() {
    use pain::Licence;
    let items = [Some(6), Some(2), Some(4), Some(5)];
    assert_eq!(pain::bpi_severity(Licence::NotHeld, items).missing(), ["licence"]);
    assert_eq!(pain::bpi_severity(Licence::Held, items).to_string(), "4.25 (mild)");
    let three = [Some(5), Some(5), Some(5), None, None, None, None];
    assert_eq!(pain::bpi_interference(Licence::Held, three).missing(), ["items"]);
    assert_eq!(pgsga::pg_sga(Some(" "), Some(9)).missing(), ["form"]);
    for (total, expected) in [
        (0, "none_now_reassess"),
        (2, "education"),
        (3, "education"),
        (4, "dietitian"),
        (8, "dietitian"),
        (9, "critical_need"),
        (36, "critical_need"),
        (37, "cannot tell"),
    ] {
        assert_eq!(band(&pgsga::pg_sga(Some("PG-SGA SF 4.3.20"), Some(total))), expected, "{total}");
    }
}

#[test]
fn a_frax_result_is_read_with_its_date_only() {
    use frax::{FraxResult, frax};
    let recorded = |major, hip, country: &str| FraxResult {
        date: Day::parse("2025-03-01"),
        country: Some(country.to_owned()),
        major_percent: dec(major),
        hip_percent: dec(hip),
        ..FraxResult::default()
    };
    assert_eq!(band(&frax(&recorded("20", "0", "US"))), "above_threshold");
    assert_eq!(band(&frax(&recorded("19.99", "3", "us"))), "above_threshold");
    assert_eq!(band(&frax(&recorded("19.99", "2.99", "US"))), "below_threshold");
    assert_eq!(band(&frax(&recorded("50", "50", "GB"))), "threshold_is_us");
    assert_eq!(frax(&FraxResult { date: None, ..recorded("50", "50", "US") }).missing(), ["date"]);
    assert_eq!(frax(&FraxResult { date: None, ..recorded("50", "50", "GB") }).missing(), ["date"]);
    assert_eq!(frax(&FraxResult { hip_percent: None, ..recorded("10", "0", "US") }).missing(), ["hip"]);
    assert_eq!(band(&frax(&FraxResult { hip_percent: None, ..recorded("21", "0", "US") })), "above_threshold");
}

#[test]
fn mood_and_performance() {
    let phq = |a, b| mood::phq2(Some(a), Some(b)).to_string();
    assert_eq!(
        (phq(0, 1), phq(2, 0), phq(3, 0)),
        ("1 (negative)".into(), "2 (borderline_ask)".into(), "3 (positive)".into())
    );
    assert_eq!(mood::phq2(Some(4), Some(0)).missing(), ["interest"]);
    assert_eq!(band(&mood::distress(Some(3), None)), "below_cut");
    assert_eq!(band(&mood::distress(Some(3), Some(3))), "at_or_above_cut");
    assert_eq!(ecog::ecog(Some(ecog::Performance::Restricted)).score().map(|score| score.units()), Some(1));
    assert_eq!(band(&ecog::ecog_change(Some(1), Some(2), Some(28))), "rise");
    assert_eq!(band(&ecog::ecog_change(Some(1), Some(2), Some(29))), "no_rise");
    assert_eq!(ecog::ecog_change(Some(1), Some(5), Some(1)).missing(), ["now"]);
    let change = |before, now| pain::pain_change(dec(before), dec(now)).to_string();
    assert_eq!(change("8", "4"), "-4.00 (substantial)");
    assert_eq!(
        (change("10", "7"), change("10", "9"), change("10", "9.5")),
        ("-3.00 (moderate)".into(), "-1.00 (minimal)".into(), "-0.50 (none)".into())
    );
    assert_eq!((change("0", "0"), change("0", "2")), ("0.00 (none)".into(), "2.00 (worse)".into()));
}
