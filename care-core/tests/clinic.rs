//! Working time, people on call and escalation: properties before examples.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::{
    clinic::{
        After, Clinic, Escalation, Hours, Lines, OnCall, Setting, Step, To, WORKING_MAX_MS, for_circle, missing_lines,
        read, weekday,
    },
    facts::{DAY_MS, Day, HOUR_MS, MINUTE_MS, Role, record::Version},
    rules::{BUILT_IN, RuleSet, Settings, Severity},
};
use osteon_proto::care;
use proptest::prelude::*;
use prost::Message;

/// East of UTC by an hour, by two from 2026-03-29 01:00 UTC to 2026-10-25 01:00 UTC.
fn berlin(utc_ms: i64) -> i32 {
    let summer = at(2026, 3, 29, 1, 0)..at(2026, 10, 25, 1, 0);
    if summer.contains(&utc_ms) { 120 } else { 60 }
}

fn utc(_: i64) -> i32 {
    0
}

fn at(year: i32, month: u8, day: u8, hour: i64, minute: i64) -> i64 {
    i64::from(Day::new(year, month, day).expect("a day").0) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS
}

fn office(holidays: &[Day]) -> Hours {
    Hours::new((1..=5).map(|weekday| (weekday, 8 * 60, 17 * 60)), holidays.iter().copied())
}

#[test]
fn four_working_hours_after_friday_afternoon_is_monday_noon() {
    // 2026-11-27 is a Friday.
    assert_eq!(weekday(Day::new(2026, 11, 27).expect("a day")), 5);
    let due = office(&[]).after_minutes(&utc, at(2026, 11, 27, 16, 30), 240);
    assert_eq!((due.at_ms, due.by_clock), (at(2026, 11, 30, 11, 30), false));
    let monday = Day::new(2026, 11, 30).expect("a day");
    assert_eq!(office(&[monday]).after_minutes(&utc, at(2026, 11, 27, 16, 30), 240).at_ms, at(2026, 12, 1, 11, 30));
    // Over the change to winter time: the clock there, not the hours that have passed.
    let due = office(&[]).after_minutes(&berlin, at(2026, 10, 23, 14, 30), 240);
    assert_eq!(due.at_ms, at(2026, 10, 26, 10, 30), "11:30 there");
    assert_eq!(office(&[]).after_days(&utc, at(2026, 11, 27, 16, 30), 2).at_ms, at(2026, 12, 1, 16, 30));
    assert_eq!(office(&[]).after_days(&utc, at(2026, 11, 28, 3, 0), 2).at_ms, at(2026, 12, 2, 8, 0));
}

#[test]
fn without_working_hours_every_minute_counts() {
    let due = Hours::default().after_minutes(&utc, 0, 240);
    assert_eq!((due.at_ms, due.by_clock), (240 * MINUTE_MS, true));
}

fn hours() -> impl Strategy<Value = Hours> {
    let open = proptest::collection::vec((1_u8..=7, 0_u16..1_440, 0_u16..1_500), 0..12);
    let closed = proptest::collection::btree_set(20_500_i32..20_560, 0..20);
    (open, closed).prop_map(|(open, closed)| Hours::new(open, closed.into_iter().map(Day)))
}

proptest! {
    /// Later starts and more minutes are never due sooner, nothing is due before its minutes have passed, and between start
    /// and due there lie exactly so many open minutes.
    #[test]
    fn working_time_only_grows(hours in hours(), start_min in 0_i64..80_000, minutes in 1_u32..600, more in 0_u32..600) {
        let start = 20_500 * DAY_MS + start_min * MINUTE_MS;
        let due = hours.after_minutes(&utc, start, minutes);
        prop_assert!(due.at_ms >= start + i64::from(minutes) * MINUTE_MS);
        prop_assert!(hours.after_minutes(&utc, start, minutes + more).at_ms >= due.at_ms);
        if !due.by_clock {
            prop_assert!(hours.after_minutes(&utc, start + MINUTE_MS, minutes).at_ms >= due.at_ms);
            if due.at_ms - start < 30 * DAY_MS {
                let all = (start / MINUTE_MS)..(due.at_ms / MINUTE_MS);
                let open = all.filter(|minute| hours.is_open(&utc, minute * MINUTE_MS)).count();
                prop_assert_eq!(open, minutes as usize);
            }
        }
    }

    /// The gaps and the lists of a week together are the week.
    #[test]
    fn gaps_are_what_nobody_takes(taken in proptest::collection::btree_set((1_u8..=7, 0_u8..24), 0..168)) {
        let on_call = OnCall(taken.iter().map(|slot| (*slot, vec![1])).collect());
        let empty: BTreeSet<(u8, u8)> =
            on_call.gaps().iter().flat_map(|gap| (gap.from..gap.until).map(|hour| (gap.weekday, hour))).collect();
        prop_assert_eq!(empty.len() + taken.len(), 168);
        prop_assert!(empty.is_disjoint(&taken));
    }
}

fn clinic() -> Clinic {
    let staff = BTreeMap::from([(1, Role::Nurse), (2, Role::Physician), (3, Role::Physician), (4, Role::Admin)]);
    let week = (1..=7).flat_map(|weekday| (0..24).map(move |hour| ((weekday, hour), vec![3, 1, 2])));
    Clinic { staff, hours: office(&[]), on_call: OnCall(week.collect()), ..Clinic::default() }
}

#[test]
fn an_emergency_goes_to_the_physicians_on_call_one_after_the_other() {
    let raised = at(2026, 11, 28, 2, 0);
    let line = clinic().line(&utc, Severity::Emergency, raised, None);
    let told: Vec<_> = line.iter().map(|turn| ((turn.due_ms - raised) / MINUTE_MS, turn.accounts.clone())).collect();
    assert_eq!(told, [(15, vec![3]), (30, vec![2])]);
    let nobody = Clinic { on_call: OnCall::default(), ..clinic() };
    let line = nobody.line(&utc, Severity::Emergency, raised, None);
    assert_eq!(line.first().map(|turn| turn.accounts.clone()), Some(vec![2, 3]), "nobody on call: every physician");
    assert_eq!(line.len(), 1);
    assert!(clinic().line(&utc, Severity::Info, raised, None).is_empty());
}

#[test]
fn a_clinic_s_own_step_stands_for_the_specification_s() {
    let mut own = clinic();
    let step = Step { after: After::Minutes(5), to: BTreeSet::from([To::Member(4)]) };
    own.escalation = Escalation(BTreeMap::from([(Severity::Emergency, vec![step])]));
    let line = own.line(&utc, Severity::Emergency, 0, None);
    assert_eq!(line.first().map(|turn| (turn.due_ms, turn.accounts.clone())), Some((5 * MINUTE_MS, vec![4])));
}

#[test]
fn an_emergency_waits_for_nobody_for_a_day_and_goes_to_no_patient() {
    let first = |after: After, to: &[To]| {
        let mut own = clinic();
        let step = Step { after, to: to.iter().copied().collect() };
        own.escalation = Escalation(BTreeMap::from([(Severity::Emergency, vec![step])]));
        let line = own.line(&utc, Severity::Emergency, 0, None);
        line.first().map(|turn| (turn.due_ms / MINUTE_MS, turn.accounts.clone()))
    };
    let usual = clinic().line(&utc, Severity::Emergency, 0, None);
    let usual = usual.first().map(|turn| (turn.due_ms / MINUTE_MS, turn.accounts.clone()));
    for role in [Role::Patient, Role::Caregiver] {
        assert_eq!(first(After::Minutes(1_440), &[To::OnCall(Some(role))]), usual, "as if it was not set");
    }
    for after in [After::Minutes(1_440), After::WorkingMinutes(600), After::WorkingDays(1)] {
        assert_eq!(first(after, &[To::Member(4)]), Some((15, vec![4])), "the specification's, not the cap");
    }
    for after in [After::Minutes(60), After::WorkingMinutes(60)] {
        assert_eq!(first(after, &[To::Member(4)]), Some((60, vec![4])));
    }
    assert_eq!(first(After::Minutes(61), &[To::Member(4)]), Some((15, vec![4])));
}

#[test]
fn an_alert_goes_to_members_of_the_circle_alone() {
    let first = |of: &Clinic, members: &[u64]| {
        let members: BTreeSet<u64> = members.iter().copied().collect();
        let line = of.line(&utc, Severity::Emergency, 0, Some(&members));
        line.iter().map(|turn| turn.accounts.clone()).collect::<Vec<_>>()
    };
    assert_eq!(first(&clinic(), &[1, 2, 3]), [[3], [2]]);
    assert_eq!(first(&clinic(), &[1, 2]), [[2]], "the first on call is no member: the next is told at once");
    assert_eq!(first(&clinic(), &[1]), [[1]], "no physician on call is a member: whoever on call is one");
    let away =
        Clinic { on_call: OnCall((1..=7).flat_map(|d| (0..24).map(move |h| ((d, h), vec![3]))).collect()), ..clinic() };
    assert_eq!(first(&away, &[1, 2]), [[2]], "nobody on call is a member: the physicians who are");
    let mut own = clinic();
    let step = Step { after: After::Minutes(5), to: BTreeSet::from([To::Member(4)]) };
    own.escalation = Escalation(BTreeMap::from([(Severity::Emergency, vec![step])]));
    assert_eq!(first(&own, &[1, 2]), [[2]], "whom the step names is no member: whom the specification names");
    assert_eq!(
        first(&own, &[9]),
        [[0_u64; 0]],
        "nobody of the clinic is a member: the circle's own people were told first"
    );
}

#[test]
fn a_step_that_does_not_hold_is_named() {
    let step = |after| Step { after, to: BTreeSet::from([To::Member(4)]) };
    let steps = vec![step(After::Minutes(60)), step(After::Minutes(61)), step(After::WorkingMinutes(600))];
    let set = Escalation(BTreeMap::from([(Severity::Emergency, steps.clone()), (Severity::Urgent, steps)]));
    assert_eq!(
        set.too_long().collect::<Vec<_>>(),
        [
            (Severity::Urgent, After::WorkingMinutes(600)),
            (Severity::Emergency, After::Minutes(61)),
            (Severity::Emergency, After::WorkingMinutes(600)),
        ]
    );
}

/// A step for the patient, or for an account that is none of the clinic's, made every alert of its severity go on each few minutes.
#[test]
fn a_step_that_names_nobody_of_the_clinic_is_as_if_not_set() {
    type M = care::EscalationStep;
    let step = |severity: care::AlertSeverity, to: M| {
        let mut one = Setting { type_number: 464, ..Setting::default() };
        let chunks = [
            (2, M { severity: Some(severity.into()), ..M::default() }.encode_to_vec()),
            (3, M { step: Some(1), ..M::default() }.encode_to_vec()),
            (4, M { minutes: Some(5), ..M::default() }.encode_to_vec()),
            (if to.to_role.is_some() { 6 } else { 7 }, to.encode_to_vec()),
        ];
        for (field, chunk) in &chunks {
            one.record.fields.add(*field, Version { chunk: Some(chunk), ..Version::default() });
        }
        Clinic { escalation: read(std::slice::from_ref(&one)).1.escalation, ..clinic() }
    };
    let to_role = |role: osteon_proto::meta::Role| M { to_role: Some(role.into()), ..M::default() };
    let to_member = |account| M { to_member: Some(account), ..M::default() };
    let set = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set");
    let raised = at(2026, 11, 30, 8, 0);
    for severity in [care::AlertSeverity::Soon, care::AlertSeverity::Urgent, care::AlertSeverity::Emergency] {
        let of = Severity::ALL[severity as usize - 1];
        let usual = clinic().line(&utc, of, raised, None);
        for nobody in [to_role(osteon_proto::meta::Role::Patient), to_member(99_999)] {
            let clinic = step(severity, nobody);
            assert_eq!(clinic.line(&utc, of, raised, None), usual, "{of:?}");
            let said: Vec<String> = clinic.ignored(&set).iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains("step 1 (it names nobody of the clinic"), "{said:?}");
        }
        assert_ne!(step(severity, to_role(osteon_proto::meta::Role::Nurse)).line(&utc, of, raised, None), usual);
    }
}

/// One step of fourteen working days held every urgent alert for two weeks.
#[test]
fn a_time_that_a_severity_does_not_bear_is_the_specification_s() {
    let first = |severity, after| {
        let step = Step { after, to: BTreeSet::from([To::OnCall(None)]) };
        let escalation = Escalation(BTreeMap::from([(severity, vec![step])]));
        Clinic { escalation, ..clinic() }.steps(severity).first().map(|step| step.after)
    };
    let (four_hours, two_days) = (Some(After::WorkingMinutes(240)), Some(After::WorkingDays(2)));
    for long in
        [After::Minutes(1_441), After::WorkingMinutes(481), After::WorkingMinutes(20_160), After::WorkingDays(2)]
    {
        assert_eq!(first(Severity::Urgent, long), four_hours, "{long:?}");
    }
    for long in [After::Minutes(10_081), After::WorkingMinutes(2_401), After::WorkingDays(6)] {
        assert_eq!(first(Severity::Soon, long), two_days, "{long:?}");
    }
    for (severity, good) in [
        (Severity::Urgent, After::Minutes(1_440)),
        (Severity::Urgent, After::WorkingMinutes(480)),
        (Severity::Soon, After::WorkingDays(5)),
        (Severity::Soon, After::WorkingMinutes(2_400)),
    ] {
        assert_eq!(first(severity, good), Some(good));
    }
}

#[test]
fn nobody_waits_for_working_time_longer_than_two_weeks() {
    let clinic = Clinic { hours: Hours::new([(1, 480, 481)], []), ..clinic() };
    let raised = at(2026, 11, 30, 8, 0);
    let due = |after| clinic.due_ms(&utc, raised, after) - raised;
    assert_eq!(due(After::WorkingMinutes(240)), WORKING_MAX_MS);
    assert_eq!(due(After::WorkingDays(40)), WORKING_MAX_MS);
    assert!(due(After::WorkingMinutes(1)) < WORKING_MAX_MS);
}

#[test]
fn whoever_was_asked_and_did_not_is_passed_over() {
    let raised = at(2026, 11, 28, 2, 0);
    let others = |of: &Clinic, asked: &[u64]| {
        let first = of.turn(&utc, Severity::Emergency, (raised, raised), 0, None).expect("a turn");
        of.others(&utc, Severity::Emergency, raised, &first, &asked.iter().copied().collect(), None)
    };
    assert_eq!(others(&clinic(), &[]), [3]);
    assert_eq!(others(&clinic(), &[3]), [2], "the next of the line");
    assert_eq!(others(&clinic(), &[2, 3]), [3], "there is nobody else");
    let nobody = Clinic { on_call: OnCall::default(), ..clinic() };
    assert_eq!(others(&nobody, &[2]), [3], "of every physician the others");
}

/// Two live versions of each field.
fn disputed(field: u32, type_number: u32, versions: &[Vec<u8>], also: &[(u32, Vec<u8>)], test: impl Fn(&Setting<'_>)) {
    let mut one = Setting { type_number, ..Setting::default() };
    let live = versions.iter().map(|chunk| Version { chunk: Some(chunk), ..Version::default() });
    live.for_each(|version| one.record.fields.add(field, version));
    for (field, chunk) in also {
        one.record.fields.add(*field, Version { chunk: Some(chunk), ..Version::default() });
    }
    test(&one);
}

#[test]
fn of_numbers_in_dispute_every_one_is_shown() {
    let line =
        |number: &str| care::ClinicSettings { team_line: Some(number.into()), ..Default::default() }.encode_to_vec();
    disputed(2, 461, &[line("2"), line("1")], &[], |one| {
        let (settings, _) = read(std::slice::from_ref(one));
        assert_eq!(settings.team_line, ["1", "2"]);
        assert_eq!(missing_lines(&settings).len(), 2);
    });
}

#[test]
fn of_times_in_dispute_the_shorter_stands() {
    let minutes = |minutes| care::EscalationStep { minutes: Some(minutes), ..Default::default() }.encode_to_vec();
    let severity = care::EscalationStep { severity: Some(4), ..Default::default() }.encode_to_vec();
    let step = care::EscalationStep { step: Some(1), ..Default::default() }.encode_to_vec();
    disputed(4, 464, &[minutes(60), minutes(10)], &[(2, severity), (3, step)], |one| {
        let (_, clinic) = read(std::slice::from_ref(one));
        let first = clinic.steps(Severity::Emergency).first().map(|step| step.after);
        assert_eq!(first, Some(After::Minutes(10)));
    });
}

/// What is set and nothing goes by is told, each with why.
#[test]
fn what_has_no_effect_is_said() {
    let set = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).expect("the built-in set");
    let said = |type_number, fields: &[(u32, Vec<u8>)]| {
        let mut one = Setting { type_number, ..Setting::default() };
        for (field, chunk) in fields {
            one.record.fields.add(*field, Version { chunk: Some(chunk), ..Version::default() });
            one.in_force.insert(*field, chunk);
        }
        let (settings, clinic) = read(std::slice::from_ref(&one));
        let said: Vec<String> = clinic.ignored(&set).iter().map(ToString::to_string).collect();
        (settings, said)
    };
    let hours = |hours: &[(u32, u32, u32)]| {
        let open = |(weekday, from, to): &(u32, u32, u32)| care::OpenHours {
            weekday: Some(*weekday),
            from_min: Some(*from),
            to_min: Some(*to),
        };
        let set = care::ClinicSettings { working_hours: hours.iter().map(open).collect(), ..Default::default() };
        said(461, &[(7, set.encode_to_vec())]).1
    };
    assert!(hours(&[(1, 480, 1_020), (2, 0, 1_440)]).is_empty());
    assert_eq!(hours(&[(1, 480, 1_020), (1, 1_000, 10)]), ["working hours Mon from 16:40 to 00:10"]);

    let speaks = |languages: &[&str]| {
        let languages = languages.iter().map(|code| (*code).to_owned()).collect();
        said(461, &[(4, care::ClinicSettings { languages, ..Default::default() }.encode_to_vec())]).1
    };
    assert!(speaks(&["en", "en-GB"]).is_empty());
    let other = speaks(&["en", "pt-BR"]);
    assert!(matches!(other.as_slice(), [one] if one.starts_with("language pt-BR (rules and phones say")), "{other:?}");

    let threshold = |name: &str, value: i32, on: Option<bool>| {
        type M = care::RuleThreshold;
        let name = M { name: Some(name.into()), ..M::default() }.encode_to_vec();
        let rule = M { rule: Some("R-PAIN-1".into()), ..M::default() }.encode_to_vec();
        let value = M { value: Some(value), ..M::default() }.encode_to_vec();
        let on = on.map(|on| (5, M { on: Some(on), ..M::default() }.encode_to_vec()));
        said(466, &[vec![(2, rule), (3, name), (4, value)], on.into_iter().collect()].concat())
    };
    let (settings, none) = threshold("severe_pain_nrs", 8_000, Some(true));
    assert!(none.is_empty() && settings.thresholds.get("severe_pain_nrs") == Some(&8));
    let (settings, not_allowed) = threshold("severe_pain_nrs", 5_000, None);
    assert_eq!(not_allowed, ["threshold severe_pain_nrs = 5 (the rules allow 7, 8, 9)"]);
    assert_eq!(settings.threshold(&set, "severe_pain_nrs"), 7, "as the rule set has it");
    assert_eq!(
        threshold("severe_pain_nrs", 8_500, None).1,
        ["threshold severe_pain_nrs = 8.5 (the rules allow 7, 8, 9)"]
    );
    assert!(threshold("no_such", 8_000, None).1[0].contains("the rules have none of this name"));
    assert_eq!(threshold("severe_pain_nrs", 8_000, Some(false)).1, ["R-PAIN-1 switched off (every rule runs)"]);

    let limits = |analyte: &str, unit: &str, low: Option<i32>, high: Option<i32>| {
        type M = care::LabLimit;
        let analyte = M { analyte: Some(analyte.into()), ..M::default() }.encode_to_vec();
        let unit = M { unit: Some(unit.into()), ..M::default() }.encode_to_vec();
        let low = low.map(|low| (4, M { low: Some(low), ..M::default() }.encode_to_vec()));
        let high = high.map(|high| (5, M { high: Some(high), ..M::default() }.encode_to_vec()));
        let fields: Vec<_> = [(2, analyte), (3, unit)].into_iter().chain(low).chain(high).collect();
        said(465, &fields)
    };
    let limit = |analyte: &str, unit: &str, low: i32| limits(analyte, unit, Some(low), None);
    let (settings, none) = limit("calcium_adjusted", "mmol/L", 21_000);
    assert!(none.is_empty() && settings.calcium_low == Some(21_000));
    let (settings, unit) = limit("calcium_adjusted", "mmol", 21_000);
    assert_eq!(
        (unit, settings.calcium_low),
        (vec!["limits of calcium_adjusted (no limit in mmol/L or mg/dL)".into()], None)
    );
    assert_eq!(limit("ferritin", "ug/L", 1).1, ["limits of ferritin (no rule reads a clinic's limits of it)"]);
    let (settings, none) = limits("calcium_adjusted", "mg/dL", Some(84_000), Some(104_000));
    assert!(none.is_empty());
    assert_eq!((settings.calcium_low, settings.calcium_high), (Some(20_958), Some(25_948)));
    // The wrong way round, also against the limit that holds where none was set (2.2 and 2.6).
    for (low, high) in [(Some(26_000), Some(20_000)), (None, Some(20_000)), (Some(27_000), None)] {
        let (settings, reversed) = limits("calcium_adjusted", "mmol/L", low, high);
        assert_eq!(reversed, ["limits of calcium_adjusted (its lower limit lies over the upper one)"]);
        assert_eq!((settings.calcium_low, settings.calcium_high), (None, None));
    }
}

#[test]
fn a_circle_s_own_line_is_called_instead_of_the_clinic_s() {
    let of_clinic = Settings { emergency_line: vec!["1".into()], team_line: vec!["2".into()], ..Settings::default() };
    let own = Lines { team: vec!["3".into()], ..Lines::default() };
    let settings = for_circle(&of_clinic, &own);
    assert_eq!((settings.emergency_line, settings.team_line), (vec!["1".to_owned()], vec!["3".to_owned()]));
}
