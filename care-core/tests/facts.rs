//! From records of the contracts to facts: versions side by side, cleared ones, codes of a newer program, values out of
//! range, units; and from there to an alert.

use std::collections::BTreeMap;

use osteon_care_core::{
    facts::{
        Agent, Analyte, BoneStatus, Clearance, DAY_MS, Day, Entry, Facts, Id, Instant, Lab, Live, Sign, Site,
        from_codes, from_journal, from_plans,
        record::{Record, Version},
    },
    rules::{BUILT_IN, RuleSet, Settings, Severity, Verdict, evaluate},
};
use osteon_proto::care;
use osteon_sync_core::RecordId;
use prost::Message;

/// Live versions of a record, by field number.
#[derive(Default)]
struct Written(BTreeMap<u32, Vec<Option<Vec<u8>>>>);

impl Written {
    fn with(mut self, field: u32, message: impl Message) -> Self {
        self.0.entry(field).or_default().push(Some(message.encode_to_vec()));
        self
    }

    fn cleared(mut self, field: u32) -> Self {
        self.0.entry(field).or_default().push(None);
        self
    }

    fn record(&self) -> Record<'_> {
        let fields = self.0.iter().map(|(field, versions)| {
            let versions =
                versions.iter().map(|chunk| Version { chunk: chunk.as_deref(), written: Some(now()), by: None });
            (*field, versions.collect())
        });
        Record { id: Id(RecordId([7; 16])), fields: fields.collect(), ..Record::default() }
    }
}

fn now() -> Instant {
    Instant { ms: i64::from(Day::parse("2026-03-15").expect("a day").0) * DAY_MS, offset_min: 60 }
}

fn moment() -> care::Moment {
    let at = prost_types::Timestamp { seconds: now().ms / 1_000, nanos: 0 };
    care::Moment { at: Some(at), utc_offset_min: Some(60), zone: None }
}

fn sign(flag: &str) -> care::SymptomEntry {
    care::SymptomEntry { red_flags: vec![flag.into()], ..Default::default() }
}

fn symptom(new: &[Option<bool>], flags: &[&str]) -> Written {
    let start = care::SymptomEntry { effective_start: Some(moment()), ..Default::default() };
    let flags = flags.iter().fold(Written::default().with(1, start), |written, flag| written.with(11, sign(flag)));
    new.iter().fold(flags, |written, new| match new {
        Some(new) => written.with(12, care::SymptomEntry { new_or_worse: Some(*new), ..Default::default() }),
        None => written.cleared(12),
    })
}

#[test]
fn versions_side_by_side_stay_so() {
    let entry = from_journal::symptom(&symptom(&[Some(false), Some(true)], &["limb_weakness"]).record());
    assert_eq!(entry.new_or_worse, Live::disputed([false, true]));
    assert!(entry.flags.has(&Sign::LimbWeakness));
    assert_eq!(entry.at, Live::One(now()));
    let cleared = from_journal::symptom(&symptom(&[Some(true), None], &[]).record());
    assert_eq!(cleared.new_or_worse, Live::of([Some(true), None]));
    assert!(from_journal::symptom(&symptom(&[], &[]).record()).new_or_worse.is_missing());
}

#[test]
fn a_code_of_a_newer_program_is_noticed() {
    let entry = from_journal::symptom(&symptom(&[Some(true)], &["a_sign_of_2030", "seizure"]).record());
    assert!(entry.flags.newer && entry.flags.has(&Sign::Seizure));
}

#[test]
fn what_is_out_of_range_says_nothing() {
    let written = Written::default().with(5, care::PainEntry { worst_24h: Some(10), ..Default::default() });
    let mut record = written.record();
    assert_eq!(from_journal::pain(&record).worst, Live::One(10));
    record.out_of_range.insert(5);
    let entry = from_journal::pain(&record);
    assert!(entry.out_of_range && entry.worst.has_unknown() && entry.worst.known().next().is_none());
}

#[test]
fn an_entry_of_records_raises_its_alert() {
    let set = RuleSet::parse(BUILT_IN.as_bytes(), Day::parse("2026-12-31").expect("a day")).expect("sound");
    let verdict = |new: &[Option<bool>]| {
        let mut facts = Facts::default();
        facts.symptoms.push(from_journal::symptom(&symptom(new, &["limb_weakness"]).record()));
        evaluate(&set, Some(&["R-MSCC-1"]), &facts, now(), &Settings::default())[0].verdict()
    };
    assert_eq!(verdict(&[Some(true)]), Verdict::Fires(Severity::Emergency));
    assert_eq!(verdict(&[Some(false), Some(true)]), Verdict::Fires(Severity::Emergency), "the worse version");
    assert_eq!(verdict(&[Some(false)]), Verdict::DoesNotFire);
    assert_eq!(verdict(&[]), Verdict::CannotTell);
    assert_eq!(verdict(&[Some(false), None]), Verdict::CannotTell, "one side cleared it");
}

fn lab(analyte: &str, value: i32, unit: &str) -> Entry<Lab> {
    within(analyte, value, unit, None)
}

/// With the limits of its report.
fn within(analyte: &str, value: i32, unit: &str, limits: Option<(i32, i32)>) -> Entry<Lab> {
    type M = care::LaboratoryResult;
    let mut written = Written::default()
        .with(6, M { analyte: Some(analyte.into()), ..Default::default() })
        .with(7, M { value: Some(value), ..Default::default() })
        .with(8, M { unit: Some(unit.into()), ..Default::default() })
        .with(11, M { specimen_time: Some(moment()), ..Default::default() });
    if let Some((low, high)) = limits {
        written = written
            .with(9, M { ref_low: Some(low), ..Default::default() })
            .with(10, M { ref_high: Some(high), ..Default::default() });
    }
    from_journal::lab(&written.record(), false)
}

#[test]
fn limits_of_a_report_that_are_the_wrong_way_round_are_not_used() {
    let of = |low, high| {
        let lab = within("29265-6", 20_500, "mmol/L", Some((low, high)));
        (lab.is.low, lab.is.high)
    };
    assert_eq!(of(22_000, 26_000), (Live::One(22_000), Live::One(26_000)));
    assert_eq!(of(26_000, 20_000), (Live::Missing, Live::Missing), "2.05 is no high calcium");
}

#[test]
fn results_come_in_their_canonical_unit() {
    assert_eq!(lab("29265-6", 19_900, "mmol/L").value, Live::One(19_900));
    assert_eq!(lab("29265-6", 80_000, "mg/dL").value, Live::One(19_960), "8.0 x 0.2495 = 1.996");
    assert_eq!(lab("2160-0", 11_000, "mg/dL").value, Live::One(972_620), "1.1 x 88.42 = 97.262");
    assert_eq!(lab("1989-3", 200_000, "ng/mL").value, Live::One(499_200), "20 x 2.496 = 49.92");
    assert!(lab("29265-6", 19_900, "apples").value.has_unknown(), "a unit that is not one of calcium's");
    assert!(lab("no-such-test", 1, "mmol/L").analyte.has_unknown());
    assert_eq!(lab("29265-6", 19_900, "mmol/L").at, Live::One(now()));
    for analyte in Analyte::ALL {
        assert_eq!(from_codes::analyte(analyte.code()), Some(*analyte), "its own code");
    }
    assert_eq!(from_codes::canonical(Analyte::TScoreHip, -25_000, "{T-score}"), Some(-25_000));
}

#[test]
fn sites_and_drugs_by_their_codes() {
    assert_eq!(from_codes::site("29627003"), Some(Site::ProximalFemur));
    assert_eq!(from_codes::site("thigh"), Some(Site::Thigh));
    assert_eq!(from_codes::site("nowhere"), None);
    assert_eq!(from_codes::agent("M05BX04"), Some(Agent::Denosumab));
    assert_eq!(from_codes::agent("zoledronate"), Some(Agent::Zoledronate));
}

#[test]
fn a_disputed_bone_drug_plan_keeps_both_sides() {
    type M = care::BoneDrugPlan;
    let status = |status: care::BoneDrugStatus| M { status: Some(status as i32), ..Default::default() };
    let written = Written::default()
        .with(1, M { agent: Some("denosumab".into()), ..Default::default() })
        .with(2, M { dose: Some(120_000), ..Default::default() })
        .with(3, M { dose_unit: Some("mg".into()), ..Default::default() })
        .with(6, status(care::BoneDrugStatus::Held))
        .with(6, status(care::BoneDrugStatus::Active))
        .with(7, M { planned_next: Some("2026-04-01".into()), ..Default::default() });
    let plan = from_plans::bone_plan(&written.record());
    assert_eq!(plan.agent, Live::One(Agent::Denosumab));
    assert_eq!(plan.dose_mg_milli, Live::One(120_000));
    assert_eq!(plan.status, Live::disputed([BoneStatus::Active, BoneStatus::Held]));
    assert_eq!(plan.status_since, Live::One(now().day()), "both were written on that day");
    assert_eq!(plan.planned_next, Live::One(Day::parse("2026-04-01").expect("a day")));
    let other = written.with(3, M { dose_unit: Some("ug".into()), ..Default::default() });
    assert!(from_plans::bone_plan(&other.record()).dose_mg_milli.has_unknown(), "not one of mg for sure");
}

#[test]
fn an_exercise_plan_with_its_limits_and_bans() {
    type M = care::ExercisePlan;
    let ban = |code: &str| M { forbidden_movements: vec![code.into()], ..Default::default() };
    let clearance = |one: care::ExerciseClearance| M { clearance: Some(one as i32), ..Default::default() };
    let written = Written::default()
        .with(1, clearance(care::ExerciseClearance::Hold))
        .with(1, clearance(care::ExerciseClearance::Modified))
        .with(4, ban("spine_flex"))
        .with(4, ban("jump"))
        .with(5, M { no_load_regions: vec!["71341001".into()], ..Default::default() });
    let limit = Written::default()
        .with(2, care::LoadLimit { exercise: Some("squat".into()), ..Default::default() })
        .with(3, care::LoadLimit { max_load_kg: Some(50), ..Default::default() });
    let plan = from_plans::exercise(&written.record(), &[limit.record()], [now().day()]);
    assert_eq!(plan.clearance, Live::disputed([Clearance::Hold, Clearance::Modified]));
    assert_eq!(plan.forbidden.keys().map(String::as_str).collect::<Vec<_>>(), ["jump", "spine_flex"]);
    assert!(plan.no_load.has(&Site::FemoralShaft));
    assert_eq!(plan.max_load_kg_tenths.get("squat"), Some(&Live::One(50)));
    assert!(plan.approved.has(&now().day()));
}

#[test]
fn bytes_of_any_kind_are_read_without_a_panic() {
    let odd: [&[u8]; 4] = [&[0xff; 9], &[0x08], &[0x0a, 0x7f], &[]];
    for chunk in odd {
        let fields = (0..32).map(|field| (field, vec![Version { chunk: Some(chunk), ..Version::default() }])).collect();
        let record = Record { fields, ..Record::default() };
        from_journal::pain(&record);
        from_journal::symptom(&record);
        from_journal::activity(&record);
        from_journal::fall(&record, false);
        from_journal::lab(&record, false);
        from_plans::lesion(&record);
        from_plans::bone_plan(&record);
        from_plans::exercise(&record, std::slice::from_ref(&record), []);
        from_plans::nutrition(&record);
        from_plans::goal(&record, std::slice::from_ref(&record), std::slice::from_ref(&record));
        from_plans::administration(&record, false);
        from_plans::oral_dose(&record, false);
        from_plans::decision(&record);
    }
}
