//! The rule set file: what is refused, and why.

use osteon_care_core::rules::*;

use crate::world::day;

fn refused(bytes: &[u8]) -> Option<RuleSetError> {
    RuleSet::parse(bytes, day("2026-12-31")).err()
}

fn changed(from: &str, to: &str) -> String {
    assert!(BUILT_IN.contains(from), "{from} stands in the file");
    BUILT_IN.replacen(from, to, 1)
}

#[test]
fn the_built_in_set_is_sound() {
    assert_eq!(refused(BUILT_IN.as_bytes()), None);
    assert_eq!(sealed(BUILT_IN.as_bytes()).as_deref(), Ok(BUILT_IN), "sealing it again changes nothing");
}

#[test]
fn malformed_files_are_refused() {
    let whole = BUILT_IN.as_bytes();
    for bytes in [b"".as_slice(), b"{", b"[]", b"null", b"{}", &whole[..whole.len() / 2]] {
        assert_eq!(refused(bytes), Some(RuleSetError::Malformed));
    }
    let odd = sealed(changed("\"format\": 1", "\"format\": 0").as_bytes()).expect("sealed");
    assert_eq!(refused(odd.as_bytes()), Some(RuleSetError::Malformed));
    assert_eq!(sealed(changed("\"rules\"", "\"extra\": 1, \"rules\"").as_bytes()), Err(RuleSetError::Malformed));
}

#[test]
fn a_set_that_lacks_or_renames_a_rule_is_refused() {
    let odd = sealed(changed("\"R-MSCC-1\"", "\"R-MSCC-9\"").as_bytes()).expect("sealed");
    assert_eq!(refused(odd.as_bytes()), Some(RuleSetError::Malformed));
    let unsealed_severity = changed("\"severity\": \"emergency\"", "\"severity\": \"perhaps\"");
    let odd = sealed(unsealed_severity.as_bytes()).expect("sealed");
    assert_eq!(refused(odd.as_bytes()), Some(RuleSetError::Malformed));
    let odd = sealed(changed("\"name\": \"fever_tenths_cel\"", "\"name\": \"fever\"").as_bytes()).expect("sealed");
    assert_eq!(refused(odd.as_bytes()), Some(RuleSetError::Malformed), "a threshold that a trigger asks for");
}

/// What is changed of one rule, as it stands in the file.
type Change = dyn Fn(&mut serde_json::Value);

#[test]
fn an_emergency_stays_one() {
    let built_in = RuleSet::parse(BUILT_IN.as_bytes(), day("2026-12-31")).expect("sound");
    let keeps = |id: &str, change: &Change| {
        let mut file: serde_json::Value = serde_json::from_str(BUILT_IN).expect("JSON");
        let rules = file["rules"].as_array_mut().expect("rules");
        change(rules.iter_mut().find(|rule| rule["id"] == id).expect("the rule"));
        file["version"] = 2.into();
        let file = sealed(file.to_string().as_bytes()).expect("sealed");
        RuleSet::parse(file.as_bytes(), day("2026-12-31")).expect("well formed").keeps(&built_in)
    };
    assert_eq!(keeps("R-MSCC-1", &|_| ()), Ok(()));
    assert_eq!(keeps("R-MSCC-1", &|rule| rule["patient_text"] = "Ring {emergency_line}, now.".into()), Ok(()));
    assert_eq!(keeps("R-PAIN-1", &|rule| rule["severity"] = "emergency".into()), Ok(()));
    let less: [(&str, &Change); 7] = [
        ("R-MSCC-1", &|rule| rule["severity"] = "info".into()),
        ("R-MSCC-2", &|rule| rule["severity"] = "soon".into()),
        ("R-MSCC-1", &|rule| rule["patient_text"] = "All is well.".into()),
        ("R-MSCC-1", &|rule| rule["categories"] = serde_json::json!(["C06"])),
        ("R-MSCC-1", &|rule| rule["inputs"] = serde_json::json!(["EffectiveStart"])),
        ("R-MSCC-1", &|rule| rule["source"]["state"] = "verified".into()),
        ("R-SEP-1", &|rule| {
            let fever = rule["thresholds"].as_array_mut().expect("thresholds").iter_mut();
            let mut fever = fever.filter(|one| one["name"] == "fever_tenths_cel");
            *fever.next().expect("fever") =
                serde_json::json!({"name": "fever_tenths_cel", "value": 450, "allowed": [450], "unit": "Cel"});
        }),
    ];
    for (n, (rule, change)) in less.into_iter().enumerate() {
        assert_eq!(keeps(rule, change), Err(RuleSetError::LessCareful), "{n}");
    }
    let fewer = |id: &'static str, roles: &'static [&'static str]| {
        keeps(id, &move |rule| rule["notify"] = serde_json::json!(roles))
    };
    assert_eq!(fewer("R-MSCC-1", &["PH", "ON", "NU", "CG", "PT", "DI"]), Ok(()), "more may be told, in any order");
    for (id, roles) in [
        ("R-MSCC-1", &["PT", "CG", "ON", "PH"][..]),
        ("R-MSCC-2", &["NU", "ON"]),
        ("R-HYPOCA-4", &["ON"]),
        ("R-SYNC-2", &["NU"]),
    ] {
        assert_eq!(fewer(id, roles), Err(RuleSetError::LessCareful), "{id}");
    }
    assert_eq!(fewer("R-DENT-2", &["NU"]), Ok(()), "for information only");
    let soon =
        built_in.rules().find(|rule| rule.severity() == Some(Severity::Soon)).expect("a rule that is soon").id.clone();
    assert_eq!(keeps(&soon, &|rule| rule["severity"] = "info".into()), Err(RuleSetError::LessCareful), "{soon}");
    let says = |id: &'static str, text: &'static str| keeps(id, &move |rule| rule["patient_text"] = text.into());
    assert_eq!(says("R-VTE-2", "New swelling: {team_line}."), Ok(()));
    assert_eq!(says("R-HYPOCA-3", "Your calcium is low: {team_line}."), Ok(()));
    for (id, text) in [
        ("R-VTE-2", "New swelling should be looked at."),
        ("R-VTE-2", ""),
        ("R-VTE-2", "Ask {physio}."),
        ("R-HYPOCA-3", "Your calcium is low."),
        ("R-HYPOCA-6", "Your calcium has to be watched."),
        ("R-MSCC-1", "Call {team_line}."),
        ("R-SEP-1", "A temperature of 38 or more needs a call now: {emergency_line}."),
    ] {
        assert_eq!(says(id, text), Err(RuleSetError::LessCareful), "{id}: {text}");
    }
    for text in ["{emergency_line} {signz}", "{emergency_line} {}", "{emergency_line} {nrs}"] {
        assert_eq!(says("R-MSCC-1", text), Err(RuleSetError::Placeholder), "{text}");
    }
    let whole = "{emergency_line} {team_line} {crisis_line} {physio} {signs} {when} {who} {severe_pain_nrs}";
    assert_eq!(says("R-MSCC-1", whole), Ok(()));
    let note = |rule: &mut serde_json::Value| rule["notes"]["late"]["patient"] = "It was {late}.".into();
    assert_eq!(keeps("R-SYNC-2", &note), Err(RuleSetError::Placeholder));
    assert_eq!(keeps("R-SYNC-2", &|rule| rule["notes"] = serde_json::json!({})), Err(RuleSetError::LessCareful));
    for version in [0_u32, 1] {
        let file = changed("\"version\": 1,", &format!("\"version\": {version},"));
        let file = sealed(file.replacen("Call now", "Call at once", 1).as_bytes()).expect("sealed");
        let set = RuleSet::parse(file.as_bytes(), day("2026-12-31")).expect("well formed");
        let expected = if version == 0 { RuleSetError::Older } else { RuleSetError::SameVersion };
        assert_eq!(set.keeps(&built_in), Err(expected), "{version}");
    }
    let same = changed("Call now", "Call at once");
    let same = RuleSet::parse(sealed(same.as_bytes()).expect("sealed").as_bytes(), day("2026-12-31"));
    assert_eq!(same.expect("well formed").keeps(&built_in), Err(RuleSetError::SameVersion));
    assert_eq!(built_in.keeps(&built_in), Ok(()));
}

#[test]
fn a_rule_without_a_source_is_refused() {
    let built_in: serde_json::Value = serde_json::from_str(BUILT_IN).expect("JSON");
    for empty in ["", "  "] {
        let mut file = built_in.clone();
        file["rules"][0]["source"]["text"] = empty.into();
        let file = sealed(file.to_string().as_bytes()).expect("sealed");
        assert_eq!(refused(file.as_bytes()), Some(RuleSetError::Malformed));
    }
}

#[test]
fn a_set_for_a_newer_program_is_refused() {
    for (from, to) in [("\"format\": 1", "\"format\": 2"), ("\"engine\": 1", "\"engine\": 2")] {
        assert_eq!(refused(changed(from, to).as_bytes()), Some(RuleSetError::NewerProgram));
    }
}

#[test]
fn a_set_of_a_later_day_is_refused() {
    let at = |today: &str| RuleSet::parse(BUILT_IN.as_bytes(), day(today)).err();
    assert_eq!(at("2026-10-31"), Some(RuleSetError::Future));
    assert_eq!(at("2026-11-01"), None);
}

#[test]
fn a_set_that_is_not_what_its_checksum_says_is_refused() {
    assert_eq!(refused(changed("Call now", "Call soon").as_bytes()), Some(RuleSetError::Checksum));
    assert_eq!(refused(changed("\"emergency\"", "\"info\"").as_bytes()), Some(RuleSetError::Checksum));
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    assert_eq!(refused(&vec![b' '; 2 * 1024 * 1024]), Some(RuleSetError::TooLarge));
}

#[test]
fn a_text_is_read_as_it_was_written() {
    let with = |text: &str| {
        let mut file: serde_json::Value = serde_json::from_str(BUILT_IN).expect("JSON");
        file["rules"][0]["patient_text"] = format!("Call now: {{emergency_line}}.{text}").into();
        refused(sealed(file.to_string().as_bytes()).expect("sealed").as_bytes())
    };
    for good in ["", " Grüße, 38 °C – “now”; 痛み", &"a".repeat(900)] {
        assert_eq!(with(good), None, "{good:?}");
    }
    let long = "a".repeat(1_000);
    let unseen = ["\u{0}", "\n", "\u{1b}[2J", "\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{ad}", "\u{e0041}"];
    for bad in unseen.into_iter().chain([long.as_str()]) {
        assert_eq!(with(bad), Some(RuleSetError::Text), "{bad:?}");
    }
}

/// Rules that are urgent by what they find: of them nobody is told less either.
#[test]
fn what_may_become_urgent_is_known() {
    let built_in = RuleSet::parse(BUILT_IN.as_bytes(), day("2026-12-31")).expect("sound");
    let mut raised: Vec<&str> = Vec::new();
    for (rule, cases) in crate::cases() {
        let worst = cases.iter().map(|case| crate::world::run(rule, case).verdict()).max();
        let base = built_in.rule(rule).and_then(Rule::severity);
        let is_raised =
            worst >= Some(Verdict::Fires(Severity::Urgent)) && base.is_some_and(|base| base < Severity::Urgent);
        raised.extend(is_raised.then_some(rule));
    }
    raised.sort_unstable();
    let mut known = RAISED.to_vec();
    known.sort_unstable();
    assert_eq!(raised, known);
}

#[test]
fn reasons_are_stable() {
    use RuleSetError::*;
    let reasons =
        [TooLarge, Malformed, NewerProgram, Future, Checksum, Text, Placeholder, Older].map(RuleSetError::reason);
    let stable = [
        "RULE_SET_TOO_LARGE",
        "RULE_SET_MALFORMED",
        "RULE_SET_NEEDS_NEWER_PROGRAM",
        "RULE_SET_FROM_FUTURE",
        "RULE_SET_CHECKSUM",
        "RULE_SET_TEXT",
        "RULE_SET_PLACEHOLDER",
        "RULE_SET_OLDER",
    ];
    assert_eq!(reasons, stable);
}
