//! A person out of bodies of the contracts.

use osteon_care_core::{
    Exact,
    facts::{Product, gather::Merged},
    targets::{Fit, Limits, Person},
};
use osteon_proto::{care, split, table::table};
use osteon_sync_core::{Author, Clock, Dot, Field, FieldWrite, Known, Origin, Part, Put, RecordId, Replica, Role};
use prost::Message;

use super::*;

struct All;

impl Known for All {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

pub(crate) struct Stands {
    record: RecordId,
    type_number: u32,
    part: Part,
}

/// A record after writes that did not know of each other.
pub(crate) fn stands(n: u8, name: &str, versions: &[Vec<u8>]) -> Stands {
    let known = table().by_name(name).unwrap_or_else(|| panic!("{name}"));
    let mut part = Part::new();
    for (counter, bytes) in (1u64..).zip(versions) {
        let body = split::close(known.number, bytes);
        let (_, _, split) = split::split_body(&body).expect("a body of the contracts");
        let dot = Dot { replica: Replica { epoch: 1, n: u32::from(n) + 1 }, counter };
        let author = Author { account: counter, role: Role(5) };
        let ms = (ON.0 as u64 - 30) * 86_400_000 + counter;
        let origin = Origin { dot, clock: Clock { ms, logical: 0 }, author, earlier: &[] };
        let write = |field: Field, bytes: &[u8]| FieldWrite {
            field,
            put: Some(Put::Value(bytes.into())),
            replaces: Vec::new(),
            covers: Vec::new(),
        };
        part.apply(origin, &write(Field::register(0), &[1]), &All);
        for chunk in split.chunks() {
            part.apply(origin, &write(chunk.field(), chunk.bytes), &All);
        }
    }
    Stands { record: id(n).0, type_number: known.number, part }
}

const LIMITS: Limits = Limits { calcium_high: 26_000, calcium_max_age_d: 14 };

pub(crate) fn read(records: &[Stands]) -> Person {
    let merged: Vec<Merged<'_>> = records
        .iter()
        .map(|one| {
            let (record, type_number) = (one.record, one.type_number);
            // Each part stands under its own label; here one holds them all.
            Merged { record, type_number, label: 0, part: Some(&one.part), received: None, in_range: false }
        })
        .collect();
    Person::of(&merged, ON, 0, &LIMITS)
}

fn moment(days_ago: i32, minutes: i64) -> Option<care::Moment> {
    let seconds = i64::from(ON.0 - days_ago) * 86_400 + minutes * 60;
    Some(care::Moment { at: Some(prost_types::Timestamp { seconds, nanos: 0 }), utc_offset_min: Some(0), zone: None })
}

fn weight(n: u8, days_ago: i32, hundredths: &[u32]) -> Stands {
    let one = |weight: &u32| care::BodyWeight {
        effective_start: moment(days_ago, 480),
        weight: Some(*weight),
        ..Default::default()
    };
    stands(n, "J08", &hundredths.iter().map(|weight| one(weight).encode_to_vec()).collect::<Vec<_>>())
}

fn lab(n: u8, days_ago: i32, analyte: &str, value: i32, unit: &str, high: Option<i32>) -> Stands {
    let result = care::LaboratoryResult {
        analyte: Some(analyte.into()),
        value: Some(value),
        unit: Some(unit.into()),
        ref_high: high,
        specimen_time: moment(days_ago, 480),
        ..Default::default()
    };
    stands(n, "J20", &[result.encode_to_vec()])
}

fn risk(versions: &[care::RiskProfile]) -> Stands {
    stands(1, "P-RISK", &versions.iter().map(Message::encode_to_vec).collect::<Vec<_>>())
}

fn born(day: &str) -> care::RiskProfile {
    care::RiskProfile { birth_date: Some(day.into()), ..Default::default() }
}

#[test]
fn the_profile_says_age_sex_and_limits() {
    let yes = care::TriState::Yes.into();
    let profile = care::RiskProfile {
        sex_for_reference: Some(care::SexForReference::M.into()),
        kidney_disease: Some(care::TriState::No.into()),
        heart_failure: Some(yes),
        dialysis: Some(care::TriState::Unknown.into()),
        primary_cancer: Some("254837009".into()),
        // Sixty-six tomorrow.
        ..born("1960-11-28")
    };
    let person = read(&[risk(&[profile])]);
    assert_eq!((person.ages.clone(), person.sex.clone()), (65.into(), Sex::Male.into()));
    assert_eq!(person.kidney_disease, Answer::No.into());
    assert_eq!((person.heart_failure.clone(), person.dialysis.clone()), (Answer::Yes.into(), Answer::Unknown.into()));
    assert_eq!((person.risk, person.cancer.len()), (Some(id(1).0), 1));
    let water = offer(&person, "water.total.men").expect("told");
    assert_eq!(water.fit, Fit::NotForThisPerson);
    assert!(water.standing().contains("heart failure"), "{}", water.standing());
    assert_eq!(read(&[risk(&[born("1960-11-27")])]).ages, 66.into(), "on the birthday");
    assert_eq!(read(&[risk(&[born("1960-11-27"), born("1976-11-28")])]).ages, live([66, 49]));
    assert!(read(&[risk(&[born("2026-11-28")])]).ages.has_unknown(), "born tomorrow");
    assert_eq!(read(&[]), Person::default(), "nothing is known of whom nobody wrote");
}

#[test]
fn the_newest_weight_up_to_the_day() {
    let person = read(&[weight(2, 9, &[7_000]), weight(3, 2, &[6_245]), weight(4, -2, &[5_000])]);
    let weighed = person.weight.clone().expect("weighed");
    assert_eq!(
        (weighed.id, weighed.day, weighed.weight_g),
        (id(3), ON.plus(-2), 62_450.into()),
        "not of the day after tomorrow"
    );
    let two = read(&[weight(2, 2, &[6_000, 6_240])]);
    assert_eq!(two.weight.expect("weighed").weight_g, live([60_000, 62_400]));
}

#[test]
fn bone_drugs_lesions_and_treatments() {
    let plan = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        dose: Some(120_000),
        dose_unit: Some("mg".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        ..Default::default()
    };
    let lesion = care::Lesion { site: Some("proximal_femur".into()), ..Default::default() };
    let person = read(&[stands(4, "P-BONE", &[plan.encode_to_vec()]), stands(5, "P-LES", &[lesion.encode_to_vec()])]);
    let told = offer(&person, "calcium.denosumab_120").expect("told");
    assert_eq!(told.missing.iter().copied().collect::<Vec<_>>(), ["J20.value of adjusted calcium"]);
    assert!(told.because.iter().any(|one| one.says == "on denosumab 120 mg" && one.record == Some(id(4).0)));
    assert_eq!(fit(&person, "activity.bone_metastases"), Some(Fit::Applies));
    assert_eq!(fit(&person, "vitamin_d.survivor"), Some(Fit::Applies), "a bone lesion of this house is of a cancer");
}

#[test]
fn calcium_is_the_newest_and_not_too_old() {
    let with = |labs: Vec<Stands>| read(&labs).calcium;
    let adjusted = |days_ago, value| lab(6, days_ago, "calcium_adjusted", value, "mmol/L", None);
    let high = |calcium: Option<Calcium>| calcium.map(|one| one.high);
    assert_eq!(high(with(vec![adjusted(14, 26_000)])), Some(false.into()), "at the limit");
    assert_eq!(high(with(vec![adjusted(14, 26_001)])), Some(true.into()));
    assert_eq!(with(vec![adjusted(15, 24_000)]), None, "too old to say what it is now");
    let of_report = lab(6, 3, "calcium_adjusted", 25_500, "mmol/L", Some(25_000));
    assert_eq!(high(with(vec![of_report])), Some(true.into()), "the report's own limit");
    let later = lab(7, 1, "calcium_adjusted", 24_000, "mmol/L", None);
    let now = with(vec![adjusted(5, 28_000), later]).expect("known");
    assert_eq!((now.id, now.high), (id(7), false.into()));
    assert_eq!(now.says, "calcium 2.4 mmol/L of 2026-11-26");
    // 2.45 and albumin 30 come to 2.65 (A17).
    let total = || lab(8, 2, "calcium_total", 24_500, "mmol/L", None);
    assert_eq!(with(vec![total()]), None, "without albumin nobody can tell");
    let both = with(vec![total(), lab(9, 2, "albumin", 300_000, "g/L", None)]).expect("known");
    assert_eq!(both.high, true.into());
}

#[test]
fn what_is_on_the_plans_and_not_stopped() {
    let line = |status: care::SupplementStatus| care::SupplementLine {
        product: Some("calcium_carbonate".into()),
        status: Some(status.into()),
        ..Default::default()
    };
    let medicine = care::MedicineLine {
        code: Some("x".into()),
        kinds: vec![care::MedicineKind::Levothyroxine.into()],
        status: Some(care::MedicineStatus::Active.into()),
        ..Default::default()
    };
    let person = |status| {
        read(&[stands(8, "P-SUP", &[line(status).encode_to_vec()]), stands(9, "P-MED", &[medicine.encode_to_vec()])])
    };
    let taking = person(care::SupplementStatus::Active);
    assert!(taking.products.contains(&(Product::CalciumCarbonate, id(8))));
    let gap = offer(&taking, "separation.levothyroxine_calcium").expect("told");
    assert_eq!((gap.fit, gap.target.amount.and_then(|amount| amount.min)), (Fit::Applies, Exact::parse("4")));
    let stopped = person(care::SupplementStatus::Stopped);
    assert_eq!(fit(&stopped, "separation.levothyroxine_calcium"), Some(Fit::CannotTell));
    let alendronate = care::BoneDrugPlan {
        agent: Some("alendronate".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        route: Some(care::BoneDrugRoute::Oral.into()),
        ..Default::default()
    };
    let swallowed = read(&[stands(4, "P-BONE", &[alendronate.encode_to_vec()])]);
    assert_eq!(fit(&swallowed, "separation.bisphosphonate_anything"), Some(Fit::Applies));
}
