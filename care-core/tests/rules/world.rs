//! Builders for the facts of a case, and how a case is checked.

use std::{cell::Cell, collections::BTreeMap, sync::LazyLock};

use osteon_care_core::{facts::*, rules::*};
use osteon_sync_core::RecordId;

pub(crate) use osteon_care_core::rules::Severity::{Emergency, Info, Soon, Urgent};

pub(crate) static SET: LazyLock<RuleSet> =
    LazyLock::new(|| RuleSet::parse(BUILT_IN.as_bytes(), day("2026-12-31")).expect("the rule set that is built in"));

/// 2026-03-15 12:00 in Berlin.
pub(crate) fn now() -> Instant {
    Instant { ms: i64::from(day("2026-03-15").0) * DAY_MS + 11 * HOUR_MS, offset_min: 60 }
}

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub(crate) fn today() -> Day {
    now().day()
}

/// So many days ago.
pub(crate) fn ago(days: i32) -> Day {
    today().plus(-days)
}

/// So many days ahead.
pub(crate) fn ahead(days: i32) -> Day {
    today().plus(days)
}

pub(crate) fn minutes_ago(minutes: i64) -> Instant {
    now().plus_ms(-minutes * MINUTE_MS)
}

pub(crate) fn hours_ago(hours: i64) -> Instant {
    minutes_ago(hours * 60)
}

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(1) };
}

pub(crate) fn id() -> Id {
    NEXT.with(|next| {
        let number = next.get();
        next.set(number + 1);
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        Id(RecordId(bytes))
    })
}

/// An entry of noon, so many days ago.
pub(crate) fn on<T>(days: i32, is: T) -> Entry<T> {
    moment(now().plus_ms(-i64::from(days) * DAY_MS), is)
}

pub(crate) fn moment<T>(at: Instant, is: T) -> Entry<T> {
    Entry { id: id(), at: at.into(), received: Some(at), by: Some(Role::Patient), out_of_range: false, is }
}

pub(crate) fn facts(fill: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = Facts::default();
    fill(&mut facts);
    facts.ordered()
}

pub(crate) fn settings() -> Settings {
    Settings {
        emergency_line: vec!["112".into()],
        team_line: vec!["030 1234".into()],
        crisis_line: vec!["0800 111".into()],
        physio: vec!["the physiotherapist".into()],
        thresholds: BTreeMap::new(),
        calcium_low: None,
        calcium_high: None,
        least_change: BTreeMap::from([(Analyte::BmdLumbar, 300)]),
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Want {
    Fires(Severity),
    No,
    /// Cannot tell, and names at least this.
    Cannot(Input),
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) want: Want,
    pub(crate) facts: Facts,
    pub(crate) settings: Settings,
    /// A part of a text that must stand in it (or, with a leading "!", must not).
    pub(crate) says: Option<&'static str>,
}

fn case(name: &'static str, want: Want, fill: impl FnOnce(&mut Facts)) -> Case {
    Case { name, want, facts: facts(fill), settings: settings(), says: None }
}

pub(crate) fn fires(severity: Severity, name: &'static str, fill: impl FnOnce(&mut Facts)) -> Case {
    case(name, Want::Fires(severity), fill)
}

pub(crate) fn no(name: &'static str, fill: impl FnOnce(&mut Facts)) -> Case {
    case(name, Want::No, fill)
}

pub(crate) fn cannot(missing: Input, name: &'static str, fill: impl FnOnce(&mut Facts)) -> Case {
    case(name, Want::Cannot(missing), fill)
}

impl Case {
    pub(crate) fn says(mut self, words: &'static str) -> Self {
        self.says = Some(words);
        self
    }

    pub(crate) fn switch(mut self, threshold: &str, value: i64) -> Self {
        self.settings.thresholds.insert(threshold.to_owned(), value);
        self
    }
}

pub(crate) fn run(rule: &str, case: &Case) -> Evaluation {
    // Rules about other rules' alerts need those.
    let only = [rule];
    let only = if matches!(rule, "R-SYNC-2" | "R-EOL-1") { None } else { Some(only.as_slice()) };
    let all = evaluate(&SET, only, &case.facts, now(), &case.settings);
    all.into_iter().find(|one| one.rule == rule).expect("the rule is in the set")
}

/// Every case comes out as wanted, and every alert has whole texts.
pub(crate) fn check(rule: &str, cases: &[Case]) {
    for case in cases {
        let got = run(rule, case);
        match case.want {
            Want::Fires(severity) => {
                assert_eq!(got.verdict(), Verdict::Fires(severity), "{rule}: {}: {got:?}", case.name)
            }
            Want::No => assert_eq!(got.verdict(), Verdict::DoesNotFire, "{rule}: {}: {got:?}", case.name),
            Want::Cannot(missing) => {
                assert_eq!(got.verdict(), Verdict::CannotTell, "{rule}: {}: {got:?}", case.name);
                assert!(got.missing().contains(missing), "{rule}: {}: {got:?}", case.name);
            }
        }
        check_texts(rule, case, &got);
    }
}

fn check_texts(rule: &str, case: &Case, got: &Evaluation) {
    let mut all = String::new();
    for fires in got.fires.values() {
        let texts = texts(&SET, fires, &case.settings).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert!(!texts.clinician.is_empty(), "{rule}: {}", case.name);
        for text in [&texts.patient, &texts.clinician] {
            assert!(!text.contains(['{', '}']), "{rule}: {}: {text}", case.name);
            all.push_str(text);
            all.push('\n');
        }
    }
    match case.says {
        Some(words) if words.starts_with('!') => assert!(!all.contains(&words[1..]), "{rule}: {}: {all}", case.name),
        Some(words) => assert!(all.contains(words), "{rule}: {}: {all}", case.name),
        None => {}
    }
}

/// The tests of a topic: one a rule, named by it, and a table of all cases for the tests over all rules.
#[macro_export]
macro_rules! rule_tests {
    ($($name:ident = $rule:literal;)*) => {
        pub(crate) fn all() -> Vec<(&'static str, Vec<$crate::world::Case>)> {
            vec![$(($rule, $name())),*]
        }

        mod table {
            $(#[test]
            fn $name() {
                $crate::world::check($rule, &super::$name());
            })*
        }
    };
}

// Shorthands of facts.

pub(crate) fn risk(change: impl FnOnce(&mut Risk)) -> Option<Risk> {
    let mut risk = Risk {
        birth: day("1960-01-01").into(),
        sex: Sex::Female.into(),
        anticoagulant: Answer::No.into(),
        dialysis: Answer::No.into(),
        osteoporosis: Answer::No.into(),
        hip_fracture_in_family: Answer::No.into(),
        glucocorticoid_months: 0.into(),
        smokes: false.into(),
        height_mm: 1_650.into(),
        ..Risk::default()
    };
    change(&mut risk);
    Some(risk)
}

pub(crate) fn dose(agent: Agent, mg: i64, days: i32) -> Entry<Dose> {
    let oral = matches!(agent, Agent::Alendronate | Agent::Risedronate);
    on(days, Dose { agent: agent.into(), dose_mg_milli: (mg * 1000).into(), oral, ..Dose::default() })
}

pub(crate) fn bone_plan(agent: Agent, mg: i64, interval: i32, change: impl FnOnce(&mut BonePlan)) -> BonePlan {
    let mut plan = BonePlan {
        id: id(),
        agent: agent.into(),
        dose_mg_milli: (mg * 1000).into(),
        interval_d: interval.into(),
        status: BoneStatus::Active.into(),
        ..BonePlan::default()
    };
    change(&mut plan);
    plan
}

pub(crate) fn course(kind: Treatment, change: impl FnOnce(&mut Course)) -> Course {
    let mut course = Course { id: id(), kind: kind.into(), start: ago(100).into(), ..Course::default() };
    change(&mut course);
    course
}

pub(crate) fn signs<const N: usize>(signs: [Sign; N]) -> Symptom {
    Symptom { flags: signs.into(), new_or_worse: true.into(), ..Symptom::default() }
}

/// A graded report of a PRO-CTCAE item: severity alone.
pub(crate) fn graded(item: u8, severity: u8) -> Symptom {
    Symptom { item: item.into(), severity: severity.into(), new_or_worse: false.into(), ..Symptom::default() }
}

pub(crate) fn lab(days: i32, analyte: Analyte, value: i64) -> Entry<Lab> {
    on(days, Lab { analyte: analyte.into(), value: value.into(), ..Lab::default() })
}

/// A fall of which every question is answered with no.
pub(crate) fn fall(change: impl FnOnce(&mut Fall)) -> Fall {
    let mut fall = Fall {
        near_fall: false.into(),
        place: "kitchen".to_owned().into(),
        activity: "walking".to_owned().into(),
        injury: [Injury::None].into(),
        hit_head: false.into(),
        lost_consciousness: false.into(),
        could_not_get_up: false.into(),
        cannot_bear_weight: false.into(),
        minutes_on_floor: 0.into(),
        after_drowsy: false.into(),
        after_vomiting: false.into(),
        after_confused: false.into(),
        new_weakness_or_numbness: false.into(),
        severe_back_or_neck_pain: false.into(),
        duplicate: false,
    };
    change(&mut fall);
    fall
}

pub(crate) fn pain(site: Site, worst: u8, change: impl FnOnce(&mut Pain)) -> Pain {
    let mut pain = Pain {
        sites: [site].into(),
        worst: worst.into(),
        side: Side::Left.into(),
        loading: Loading::None.into(),
        new_or_worse: false.into(),
        ..Pain::default()
    };
    change(&mut pain);
    pain
}

/// A report of an item whose composite comes to `grade`: every attribute answered alike.
pub(crate) fn composite(item: u8, grade: u8) -> Symptom {
    let value = match (item, grade) {
        (16, 2) => 3,
        (_, 3) => 4,
        (_, grade) => grade,
    };
    Symptom {
        item: item.into(),
        frequency: value.into(),
        severity: value.into(),
        interference: value.into(),
        new_or_worse: false.into(),
        ..Symptom::default()
    }
}

/// A taken dose, so many minutes after eight in the morning today.
pub(crate) fn taken<const N: usize>(kinds: [Product; N], minutes: i64) -> Entry<Intake> {
    let eight = now().plus_ms(-4 * HOUR_MS);
    let intake = Intake {
        product: "own-1".to_owned().into(),
        kinds: kinds.into(),
        status: IntakeStatus::Taken.into(),
        ..Intake::default()
    };
    moment(eight.plus_ms(minutes * MINUTE_MS), intake)
}
