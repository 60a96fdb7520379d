//! The other summaries of section 4: each holds what its table lists and nothing else, from parts of its category alone;
//! what comes late, is corrected, ended or moved comes out right; and what was counted stays with those who read the whole.

use osteon_proto::{care, meta::Role, record, sync};
use osteon_server::{
    access::Caller,
    app::{derived, enrol::timestamp, lists, moves, records},
};
use prost::Message;

use crate::{access::*, fixture::*};

const FALL: u32 = 107;
const WEIGHT: u32 = 108;
const RESULT: u32 = 120;
const NUTRITION_PLAN: u32 = 221;
const BONE_DRUG_PLAN: u32 = 231;
const ADMINISTRATION: u32 = 232;
const LESION: u32 = 251;
const RISK_PROFILE: u32 = 281;
const SUPPLEMENT: u32 = 291;
const TREATMENT: u32 = 371;
const MEDICINE: u32 = 381;
const TRIAL: u32 = 391;
const LABORATORY: u32 = 1;
const IMAGING: u32 = 2;

async fn summary<M: Message + Default>(kit: &Kit, who: &Caller, circle: u64, number: u32) -> M {
    let request = record::ListRecordsRequest { circle, r#type: number, ..Default::default() };
    let found = lists::list(&kit.app, who, &request).await.expect("list").records;
    assert_eq!(found.len(), 1, "one of a circle");
    open_body(&found[0])
}

fn moment(at_ms: u64) -> Option<care::Moment> {
    Some(care::Moment { at: Some(timestamp(at_ms)), utc_offset_min: Some(0), zone: Some("UTC".into()) })
}

fn texts(all: &[care::SummaryText]) -> Vec<&str> {
    all.iter().filter_map(|text| text.text.as_deref()).collect()
}

async fn end(kit: &Kit, who: &Caller, circle: u64, view: &record::RecordView) {
    let view = kit.get(who, circle, id_of(view)).await.expect("read");
    let request = record::EndRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown.clone(),
        reason: "a mistake".into(),
        ..Default::default()
    };
    records::end(&kit.app, who, &request).await.expect("ended");
}

pub(crate) async fn summaries_of_plans(kit: Kit) {
    let roles = [Role::Patient, Role::Physician, Role::Dietitian, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let [physician, dietitian, physio] = [1, 2, 3].map(|i| kit.person(circle.people[i]));
    let no = circle.no;
    let course = |kind: care::TreatmentKind, end: Option<&str>| care::CancerTreatment {
        kind: Some(kind.into()),
        agent: Some("CANARY-AGENT".into()),
        start: Some("2025-01-06".into()),
        end: end.map(Into::into),
        ..Default::default()
    };
    for made in [course(care::TreatmentKind::Ai, None), course(care::TreatmentKind::Chemo, Some("2025-03-01"))] {
        kit.create(&physician, no, TREATMENT, &made).await.expect("made");
    }
    let risk = care::RiskProfile {
        primary_cancer: Some("254837009".into()),
        comorbidities: vec!["CANARY-ILLNESS".into()],
        anticoagulant_or_antiplatelet: Some(care::TriState::No.into()),
        ..Default::default()
    };
    kit.create(&physician, no, RISK_PROFILE, &risk).await.expect("made");
    let told: care::SummaryOfCancer = summary(&kit, &dietitian, no, derived::OF_CANCER).await;
    assert_eq!(texts(&told.primary), ["254837009"]);
    let kinds: Vec<_> = told.treatments.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Some(care::TreatmentKind::Ai.into())], "what is over is not active");
    assert_eq!(told.treatments[0].start.as_deref(), Some("2025-01-06"));

    let lesion = care::Lesion {
        site: Some("lumbar".into()),
        level: Some("L2".into()),
        status: Some(care::LesionStatus::Confirmed.into()),
        size_fraction: Some(care::LesionSize::Gt23.into()),
        ..Default::default()
    };
    let made = kit.create(&physician, no, LESION, &lesion).await.expect("made");
    let told: care::SummaryOfBone = summary(&kit, &dietitian, no, derived::OF_BONE).await;
    assert_eq!(told.lesions[0].limits, ["trunk:0", "wb:0", "flex:1:no_spine_flex_ext_rot"]);
    // Wrong level: two people say two, and both stand with what follows.
    let other = |level: &str| care::Lesion { level: Some(level.into()), ..Default::default() };
    write(&kit, &physician, no, &made, "level", &other("T8")).await;
    write(&kit, &physician, no, &made, "level", &other("C4")).await;
    let told: care::SummaryOfBone = summary(&kit, &dietitian, no, derived::OF_BONE).await;
    let levels: Vec<_> = told.lesions.iter().filter_map(|lesion| lesion.level.as_deref()).collect();
    assert_eq!(levels, ["C4", "T8"]);
    end(&kit, &physician, no, &made).await;
    let told: care::SummaryOfBone = summary(&kit, &dietitian, no, derived::OF_BONE).await;
    assert!(told.lesions.is_empty(), "entered in error");

    let plan = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        planned_next: Some("2025-12-24".into()),
        dental_clearance: Some(care::DentalClearance::Cleared.into()),
        dental_cleared_on: Some("2025-02-01".into()),
        ..Default::default()
    };
    let plan = kit.create(&physician, no, BONE_DRUG_PLAN, &plan).await.expect("made");
    let line = |code: &str, status: care::MedicineStatus| care::MedicineLine {
        code: Some(code.into()),
        dose: Some(5_000),
        kinds: vec![care::MedicineKind::Warfarin.into()],
        status: Some(status.into()),
        ..Default::default()
    };
    for made in [line("warfarin", care::MedicineStatus::Active), line("ibuprofen", care::MedicineStatus::Stopped)] {
        kit.create(&physician, no, MEDICINE, &made).await.expect("made");
    }
    let now = kit.app.now_ms();
    let dose = |ago: u64| care::Administration {
        parent: Some(id_of(&plan).to_vec().into()),
        agent: Some("denosumab".into()),
        when: moment(now - ago * DAY),
        ..Default::default()
    };
    let newest = kit.create(&physician, no, ADMINISTRATION, &dose(3)).await.expect("made");
    kit.create(&physician, no, ADMINISTRATION, &dose(31)).await.expect("made");
    let told: care::SummaryOfMedicines = summary(&kit, &physio, no, derived::OF_MEDICINES).await;
    assert_eq!((texts(&told.bone_drug), texts(&told.medicines)), (vec!["denosumab"], vec!["warfarin"]));
    assert_eq!(told.next_due.and_then(|due| due.day).as_deref(), Some("2025-12-24"));
    let yes = Some(care::TriState::Yes.into());
    assert_eq!(told.anticoagulant.expect("an answer").value, yes, "the line says so, whatever the profile says");
    let given = told.last_given.and_then(|day| day.day).expect("a day");
    assert!(told.counted.is_empty() && told.awaited.is_empty(), "for whoever reads the whole");
    end(&kit, &physician, no, &newest).await;
    let told: care::SummaryOfMedicines = summary(&kit, &physio, no, derived::OF_MEDICINES).await;
    assert!(told.last_given.and_then(|day| day.day).expect("the one before") < given);

    let told: care::SummaryOfDental = summary(&kit, &dietitian, no, derived::OF_DENTAL).await;
    let clearance = told.clearance.expect("a clearance");
    assert_eq!(clearance.clearance, Some(care::DentalClearanceBand::Expired.into()));
    assert_eq!(clearance.on.as_deref(), Some("2025-02-01"));

    let trial = care::TrialParticipation {
        trial_id: Some("CANARY-TRIAL".into()),
        status: Some(care::TrialStatus::Enrolled.into()),
        prohibited: vec!["st_johns_wort".into()],
        ..Default::default()
    };
    kit.create(&physician, no, TRIAL, &trial).await.expect("made");
    let told: care::SummaryOfTrials = summary(&kit, &dietitian, no, derived::OF_TRIALS).await;
    assert_eq!((told.in_trial.expect("an answer").value, texts(&told.prohibited)), (yes, vec!["st_johns_wort"]));
    let page = kit.page(&dietitian, no, &[]).await.expect("page").encode_to_vec();
    for canary in ["CANARY-AGENT", "CANARY-ILLNESS", "CANARY-TRIAL"] {
        assert!(!page.windows(canary.len()).any(|at| at == canary.as_bytes()), "{canary} has left");
    }
}

pub(crate) async fn results_that_come_late_and_go(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Dietitian]).await;
    let [nurse, dietitian] = [1, 2].map(|i| kit.person(circle.people[i]));
    let (no, now) = (circle.no, kit.app.now_ms());
    let result = |analyte: &str, value: i32, unit: &str, ago: u64| care::LaboratoryResult {
        analyte: Some(analyte.into()),
        value: Some(value),
        unit: Some(unit.into()),
        specimen_time: moment(now - ago * DAY),
        ..Default::default()
    };
    let create = async |record: care::LaboratoryResult, label_choice: u32| {
        let body = Some(body(RESULT, &record));
        let request = record::CreateRecordRequest { circle: no, body, label_choice, ..Default::default() };
        records::create(&kit.app, &nurse, &request).await.expect("made").record.expect("record")
    };
    let bands = async || {
        let told: care::SummaryOfLaboratory = summary(&kit, &dietitian, no, derived::OF_LABORATORY).await;
        assert!(told.counted.is_empty(), "values are for whoever reads results");
        let of = |one: &care::SummaryResult| (one.analyte.clone().unwrap_or_default(), one.band);
        told.results.iter().map(of).collect::<Vec<_>>()
    };
    let band = |analyte: &str, band: care::ResultBand| (analyte.to_owned(), Some(i32::from(band)));
    let (low, fine) = (care::ResultBand::Low, care::ResultBand::InRange);
    let low_d = create(result("1989-3", 300_000, "nmol/L", 10), LABORATORY).await;
    assert_eq!(bands().await, [band("vitamin_d_25oh", low)]);
    // One of before comes late, and one that somebody filed as imaging is none.
    create(result("1989-3", 800_000, "nmol/L", 40), LABORATORY).await;
    create(result("1989-3", 800_000, "nmol/L", 2), IMAGING).await;
    assert_eq!(bands().await, [band("vitamin_d_25oh", low)]);
    // A correction takes the place of what it names, in whichever order they come.
    let corrected = care::LaboratoryResult {
        supersedes: Some(id_of(&low_d).to_vec().into()),
        ..result("1989-3", 700_000, "nmol/L", 10)
    };
    let correction = create(corrected, LABORATORY).await;
    assert_eq!(bands().await, [band("vitamin_d_25oh", fine)]);
    end(&kit, &nurse, no, &correction).await;
    assert_eq!(bands().await, [band("vitamin_d_25oh", low)], "a correction that was a mistake corrects nothing");
    end(&kit, &nurse, no, &low_d).await;
    assert_eq!(bands().await, [band("vitamin_d_25oh", fine)], "the one of before");
    // Adjusted by what was measured on the same day, whichever came first: 2.10 + 0.02 × (40 − 20) = 2.50.
    create(result("2000-8", 21_000, "mmol/L", 5), LABORATORY).await;
    assert_eq!(bands().await, [band("vitamin_d_25oh", fine)]);
    let albumin = create(result("1751-7", 200_000, "g/L", 5), LABORATORY).await;
    let all = [band("calcium_adjusted", fine), band("vitamin_d_25oh", fine), band("albumin", low)];
    assert_eq!(bands().await, all);
    let whole: care::SummaryOfLaboratory = summary(&kit, &nurse, no, derived::OF_LABORATORY).await;
    assert_eq!(whole.counted.len(), 3, "who reads results sees what was counted");
    // Moved to another category: out of this one in the same commit.
    let request = record::MoveRecordRequest {
        circle: no,
        record_id: albumin.record_id.clone(),
        label_choice: IMAGING,
        reason: "filed wrongly".into(),
        ..Default::default()
    };
    moves::run(&kit.app, &nurse, &request).await.expect("moved");
    assert_eq!(bands().await, [band("vitamin_d_25oh", fine)]);
}

pub(crate) async fn weights_falls_and_targets(kit: Kit) {
    let roles = [Role::Patient, Role::Dietitian, Role::Physiotherapist];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, dietitian, physio] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let (no, now) = (circle.no, kit.app.now_ms());
    let weight = |hundredths: u32, ago: u64| care::BodyWeight {
        effective_start: moment(now - ago * DAY),
        weight: Some(hundredths),
        ..Default::default()
    };
    let changes = async || {
        let told: care::SummaryOfNutrition = summary(&kit, &physio, no, derived::OF_NUTRITION).await;
        assert!(told.counted.is_empty(), "no weight");
        (told.weight_change_3_months.and_then(|c| c.percent), told.weight_change_6_months.and_then(|c| c.percent))
    };
    let today = kit.create(&patient, no, WEIGHT, &weight(6_300, 0)).await.expect("made");
    assert_eq!(changes().await, (None, None), "nobody can tell");
    // What was weighed before comes late.
    let before = kit.create(&patient, no, WEIGHT, &weight(6_650, 98)).await.expect("made");
    kit.create(&patient, no, WEIGHT, &weight(7_000, 189)).await.expect("made");
    assert_eq!(changes().await, (Some(-53), Some(-100)));
    write(&kit, &patient, no, &today, "weight", &weight(7_700, 0)).await;
    assert_eq!(changes().await, (Some(158), Some(100)), "it was mistyped");
    end(&kit, &patient, no, &before).await;
    assert_eq!(changes().await, (None, Some(100)));
    let plan = care::NutritionPlan {
        protein_g_kg_d_min: Some(120),
        calcium_mg_d_target: Some(1_000),
        free_text_advice: Some("CANARY-ADVICE".into()),
        ..Default::default()
    };
    kit.create(&dietitian, no, NUTRITION_PLAN, &plan).await.expect("made");
    let line = care::SupplementLine { product: Some("calcium_citrate".into()), dose: Some(1), ..Default::default() };
    kit.create(&dietitian, no, SUPPLEMENT, &line).await.expect("made");
    let told: care::SummaryOfNutrition = summary(&kit, &physio, no, derived::OF_NUTRITION).await;
    let target = |all: &[care::SummaryTarget]| all.iter().map(|one| (one.amount, one.unit.clone())).collect::<Vec<_>>();
    assert_eq!(target(&told.protein_target), [(Some(120), Some("g/kg/d".into()))]);
    assert_eq!(target(&told.calcium_target), [(Some(100_000), Some("mg/d".into()))]);
    assert_eq!(texts(&told.supplements), ["calcium_citrate"]);

    let fall = |near: bool, ago: u64| care::Fall {
        when: moment(now - ago * DAY),
        near_fall: Some(near),
        place: Some("CANARY-PLACE".into()),
        ..Default::default()
    };
    let counted = async || {
        let told: care::SummaryOfFalls = summary(&kit, &dietitian, no, derived::OF_FALLS).await;
        assert!(told.counted.is_empty());
        (told.falls_12_months.and_then(|count| count.count), told.last_fall.and_then(|day| day.day))
    };
    kit.create(&patient, no, FALL, &fall(false, 100)).await.expect("made");
    let first = counted().await;
    kit.create(&patient, no, FALL, &fall(true, 3)).await.expect("made");
    assert_eq!(counted().await, first, "a near-fall is none");
    let latest = kit.create(&patient, no, FALL, &fall(false, 2)).await.expect("made");
    let (count, day) = counted().await;
    assert!(count == Some(2) && day > first.1);
    end(&kit, &patient, no, &latest).await;
    assert_eq!(counted().await, first);
    kit.clock.advance(300 * DAY);
    kit.create(&patient, no, FALL, &fall(false, 1)).await.expect("made");
    assert_eq!(counted().await.0, Some(1), "the first one is more than a year ago by now");
    for (who, canary) in [(&physio, "CANARY-ADVICE"), (&dietitian, "CANARY-PLACE")] {
        let bytes = kit.page(who, no, &[]).await.expect("page").encode_to_vec();
        let left = bytes.windows(canary.len()).any(|at| at == canary.as_bytes());
        assert!(!left, "{canary} has left");
    }
}
