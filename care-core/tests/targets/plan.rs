//! What the plans have set, beside the targets.

use std::collections::BTreeMap;

use osteon_care_core::targets::{InForce, PlanRecord, PlanValue, Topic, plan_values};
use osteon_proto::{care, split, table::table};
use prost::Message;

use super::*;

/// Chunks by field, of one body.
fn chunks(name: &str, message: &impl Message) -> Vec<(u32, Vec<u8>)> {
    let known = table().by_name(name).expect("a type");
    let body = split::close(known.number, &message.encode_to_vec());
    let (_, _, split) = split::split_body(&body).expect("a body of the contracts");
    split.chunks().map(|chunk| (chunk.number, chunk.bytes.to_vec())).collect()
}

/// The fields of live versions; of each field the first one is in force, unless it is blocked.
fn in_force(versions: &[Vec<(u32, Vec<u8>)>], blocked: bool) -> BTreeMap<u32, InForce<'_>> {
    let mut fields: BTreeMap<u32, InForce<'_>> = BTreeMap::new();
    for (number, chunk) in versions.iter().flatten() {
        let state = fields.entry(*number).or_default();
        state.live.push(Some(chunk.as_slice()));
        state.value = state.value.or(Some(chunk.as_slice())).filter(|_| !blocked);
    }
    fields
}

/// The plan of live versions; of each field the first one is in force, unless it is blocked.
fn values(name: &str, versions: &[Vec<(u32, Vec<u8>)>], blocked: bool) -> Vec<PlanValue> {
    let known = table().by_name(name).expect("a type");
    plan_values(&[PlanRecord { record: id(9).0, type_number: known.number, fields: in_force(versions, blocked) }])
}

fn food(target: u32) -> care::NutritionPlan {
    care::NutritionPlan {
        status: Some(care::NutritionPlanStatus::Active.into()),
        calcium_mg_d_target: Some(target),
        protein_g_kg_d_max: Some(80),
        ..Default::default()
    }
}

fn of<'v>(values: &'v [PlanValue], field: &str) -> &'v PlanValue {
    values.iter().find(|value| value.field == field).unwrap_or_else(|| panic!("{field}"))
}

#[test]
fn what_the_nutrition_plan_has_set() {
    let found = values("P-NUT", &[chunks("P-NUT", &food(1_000))], false);
    assert_eq!(found.len(), 2, "what nobody wrote is not there");
    let calcium = of(&found, "calcium_mg_d_target");
    assert_eq!((calcium.topic, calcium.unit, calcium.in_force), (Topic::Calcium, "mg/d", Some(1_000)));
    assert_eq!((calcium.disputed(), calcium.active, calcium.record), (false, Some(true), id(9).0));
    assert_eq!(calcium.words(), "to aim at: 1000 mg a day");
    let protein = of(&found, "protein_g_kg_d_max");
    assert_eq!((protein.topic, protein.scale, protein.in_force), (Topic::Protein, 2, Some(80)));
    assert!(protein.words().contains("0.80 g for each kg"), "{}", protein.words());
    let paused = care::NutritionPlan { paused: Some(true), ..food(1_000) };
    assert_eq!(of(&values("P-NUT", &[chunks("P-NUT", &paused)], false), "calcium_mg_d_target").active, Some(false));
    let bare = care::NutritionPlan { status: None, ..food(1_000) };
    assert_eq!(of(&values("P-NUT", &[chunks("P-NUT", &bare)], false), "calcium_mg_d_target").active, None);
}

#[test]
fn both_values_of_a_dispute_and_the_one_in_force() {
    let versions = [chunks("P-NUT", &food(1_200)), chunks("P-NUT", &food(500))];
    let found = values("P-NUT", &versions, false);
    let calcium = of(&found, "calcium_mg_d_target");
    assert_eq!((calcium.live.clone(), calcium.in_force), (vec![Some(500), Some(1_200)], Some(1_200)));
    assert!(calcium.disputed());
    assert!(calcium.words().contains("500 or 1200 mg a day, in dispute; in force until people agree: 1200"));
    let blocked = values("P-NUT", &versions, true);
    let calcium = of(&blocked, "calcium_mg_d_target");
    assert_eq!((calcium.in_force, calcium.active), (None, None));
    assert!(calcium.words().contains("nothing is in force until people agree"));
}

#[test]
fn schedules_by_their_kind() {
    let item = |kind: care::MonitoringKind| care::MonitoringItem {
        kind: Some(kind.into()),
        interval_days: Some(365),
        ..Default::default()
    };
    let topics = |kind| {
        let found = values("P-MON", &[chunks("P-MON", &item(kind))], false);
        found.iter().map(|value| (value.topic, value.in_force)).collect::<Vec<_>>()
    };
    assert_eq!(topics(care::MonitoringKind::Dxa), [(Topic::Dxa, Some(365))]);
    assert_eq!(topics(care::MonitoringKind::Dental), [(Topic::Dental, Some(365))]);
    assert_eq!(topics(care::MonitoringKind::Weight), [], "nothing that a target is about");
    let bone = care::BoneDrugPlan { agent: Some("denosumab".into()), interval_days: Some(28), ..Default::default() };
    let found = values("P-BONE", &[chunks("P-BONE", &bone)], false);
    assert_eq!(found[0].words(), "denosumab, every: 28 days");
    let rule =
        care::TimingRule { a: Some("iron".into()), b: Some("calcium".into()), min_h: Some(25), ..Default::default() };
    let found = values("P-NUT.timing_rule", &[chunks("P-NUT.timing_rule", &rule)], false);
    assert_eq!(found[0].words(), "iron and calcium, apart: 2.5 hours");
    assert_eq!(found[0].topic, Topic::Separation);
    let exercise = care::ExercisePlan { minutes_per_week: Some(90), sessions_per_week: Some(3), ..Default::default() };
    let found = values("P-EX", &[chunks("P-EX", &exercise)], false);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|value| value.topic == Topic::Activity));
}

/// Four hours between the calcium of the plan and levothyroxine: the hours, of what, and whether the calcium is taken at all.
#[test]
fn what_a_supplement_is_kept_apart_from() {
    let line = |status: Option<care::SupplementStatus>| care::SupplementLine {
        product: Some("calcium_carbonate".into()),
        status: status.map(Into::into),
        ..Default::default()
    };
    let apart = care::SupplementSeparation {
        parent: Some(id(8).0.0.to_vec().into()),
        from_code: Some("levothyroxine".into()),
        hours: Some(40),
    };
    let longer = care::SupplementSeparation { hours: Some(45), ..Default::default() };
    let apart = [chunks("P-SUP.separation", &apart), chunks("P-SUP.separation", &longer)];
    let number = |name: &str| table().by_name(name).expect("a type").number;
    let told = |line: Option<care::SupplementLine>| {
        let line = line.map(|line| [chunks("P-SUP", &line)]);
        let line = line.as_ref().map(|versions| PlanRecord {
            record: id(8).0,
            type_number: number("P-SUP"),
            fields: in_force(versions, false),
        });
        let apart =
            PlanRecord { record: id(9).0, type_number: number("P-SUP.separation"), fields: in_force(&apart, false) };
        let found = plan_values(&line.into_iter().chain([apart]).collect::<Vec<_>>());
        assert_eq!(found.len(), 1, "the line itself has set nothing of it");
        assert_eq!((found[0].topic, found[0].live.len(), found[0].unit), (Topic::Separation, 2, "h"));
        (found[0].words(), found[0].active)
    };
    use care::SupplementStatus::{Active, Stopped};
    let taken =
        "calcium carbonate and levothyroxine, apart: 4 or 4.5 hours, in dispute; in force until people agree: 4";
    let (words, active) = told(Some(line(Some(Active))));
    assert_eq!((words.replace("4.0", "4").as_str(), active), (taken, None), "a hold for safety is not asked here");
    let (words, active) = told(Some(line(Some(Stopped))));
    assert_eq!((words.replace("4.0", "4"), active), (format!("{taken} (the plan is not in force)"), Some(false)));
    assert_eq!(told(Some(line(None))).1, None);
    assert!(told(None).0.starts_with("a supplement and levothyroxine, apart"), "its line is not seen");
}

#[test]
fn each_field_of_a_plan_stands_in_the_contracts_and_has_a_unit() {
    for number in PlanRecord::types() {
        assert!(table().get(number).is_some());
    }
    assert_eq!(PlanRecord::types().len(), 7);
}
