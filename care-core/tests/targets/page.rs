//! `docs/targets.md` is what the table says, and the table says every row of section 7.

use std::{collections::BTreeSet, fs, path::Path};

use osteon_care_core::targets::{Topic, all, page};
use osteon_proto::meta::SourceState;

#[test]
fn the_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/targets.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, page()).expect("docs are written");
    }
    let checked_in = fs::read_to_string(&path).expect("docs/targets.md");
    assert!(checked_in == page(), "stale: UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test targets");
}

const V: SourceState = SourceState::Verified;
const S: SourceState = SourceState::Secondary;
const U: SourceState = SourceState::Unverified;

/// Every value of the care specification, section 7, typed off it by hand: the id here, its words, its source and state.
const ROWS: &[(&str, &str, &str, SourceState)] = &[
    ("calcium.survivor", "1000 to 1200 mg a day", "ASCO19", V),
    ("calcium.rda.19_50", "1000 mg a day", "DRI", V),
    ("calcium.rda.women_51_70", "1200 mg a day", "DRI", V),
    ("calcium.rda.men_51_70", "1000 mg a day", "DRI", V),
    ("calcium.rda.over_70", "1200 mg a day", "DRI", V),
    ("calcium.ul.19_50", "upper limit: at most 2500 mg a day", "ODS-CA", V),
    ("calcium.ul.51", "upper limit: at most 2000 mg a day", "ODS-CA", V),
    ("calcium.denosumab_120", "at least 500 mg a day", "XGEVA", V),
    ("vitamin_d.denosumab_120", "at least 400 IU a day", "XGEVA", V),
    ("calcium.zoledronate_4", "500 mg a day", "ZOMETA-US", S),
    ("vitamin_d.zoledronate_4", "400 IU a day", "ZOMETA-US", S),
    ("calcium.denosumab_60", "1000 mg a day", "PROLIA", V),
    ("vitamin_d.denosumab_60", "at least 400 IU a day", "PROLIA", V),
    ("calcium.portion", "one dose: at most 500 mg", "ODS-CA", V),
    ("vitamin_d.survivor", "at least 800 to 1000 IU a day", "ASCO19", V),
    ("vitamin_d.rda.19_70", "600 IU a day", "ODS-D", V),
    ("vitamin_d.rda.over_70", "800 IU a day", "ODS-D", V),
    ("vitamin_d.ul", "upper limit: at most 4000 IU a day", "ODS-D", V),
    ("vitamin_d.serum.deficient", "too little: less than 30 nmol/L", "ODS-D", V),
    ("vitamin_d.serum.sufficient", "enough: at least 50 nmol/L", "ODS-D", V),
    ("vitamin_d.serum.too_high", "too much: more than 125 nmol/L", "ODS-D", V),
    ("vitamin_d.serum.endocrine", "enough: at least 75 nmol/L", "ENDO-D", S),
    ("vitamin_d.sun", "10 to 15 minutes, 3 times a week", "MEDLINE-D", V),
    ("vitamin_d.esmo", "1000 to 2000 IU a day", "ESMO20", U),
    ("magnesium.rda.men_31", "420 mg a day", "DRI", V),
    ("magnesium.rda.women_31", "320 mg a day", "DRI", V),
    ("magnesium.ul.supplement", "upper limit: at most 350 mg a day", "DRI", U),
    ("phosphorus.rda", "700 mg a day", "DRI", V),
    ("phosphorus.ul.19_70", "upper limit: at most 4000 mg a day", "DRI", U),
    ("phosphorus.ul.over_70", "upper limit: at most 3000 mg a day", "DRI", U),
    ("vitamin_k.ai.men", "120 µg a day", "DRI", U),
    ("vitamin_k.ai.women", "90 µg a day", "DRI", U),
    ("protein.espen", "more than 1 to 1.5 g for each kg of body weight a day", "ESPEN", S),
    ("protein.over_65", "1 to 1.2 g for each kg of body weight a day", "PROTAGE", S),
    ("protein.over_65.ill_or_active", "1.2 to 1.5 g for each kg of body weight a day", "PROTAGE", S),
    ("energy.espen", "25 to 30 kcal for each kg of body weight a day", "ESPEN", S),
    ("micronutrients.espen", "Vitamins and minerals about as recommended", "ESPEN", S),
    ("water.total.women", "water in all: 2000 mL a day", "EFSA10", V),
    ("water.total.men", "water in all: 2500 mL a day", "EFSA10", V),
    ("water.drinks.women_over_65", "drinks: at least 1600 mL a day", "ESPEN-GER", V),
    ("water.drinks.men_over_65", "drinks: at least 2000 mL a day", "ESPEN-GER", V),
    ("activity.aerobic.moderate", "150 minutes a week", "ACSM10", V),
    ("activity.aerobic.vigorous", "75 minutes a week", "ACSM10", V),
    ("activity.resistance", "2 times a week", "ACSM10", V),
    ("activity.symptoms.aerobic", "30 minutes, 3 times a week", "ACSM19", U),
    ("activity.symptoms.resistance", "2 times a week", "ACSM19", U),
    ("activity.everyone", "Avoid inactivity", "ACSM19", V),
    ("activity.mix", "Balance, flexibility, endurance and resistance", "ASCO19", V),
    ("activity.bone_metastases", "Risk is assessed first", "IBMEWG22", V),
    ("habits.survivor", "Stop smoking; limit alcohol", "ASCO19", V),
    ("habits.alcohol.frax", "more than 2 units a day", "FRAX-CRF", V),
    ("dxa.usual", "every 24 months", "ASCO19", V),
    ("dxa.indicated", "every 12 months", "ASCO19", V),
    ("bone_drug.denosumab_120", "every 4 weeks", "ASCO17", V),
    ("bone_drug.pamidronate", "every 3 to 4 weeks", "ASCO17", V),
    ("bone_drug.zoledronate.12_weeks", "every 12 weeks", "ASCO17", V),
    ("bone_drug.zoledronate.3_weeks", "every 3 to 4 weeks", "ASCO17", V),
    ("bone_drug.denosumab_60", "every 6 months", "PROLIA", V),
    ("dental.visits", "every 6 months", "MASCC19", V),
    ("separation.levothyroxine_calcium", "at least 4 hours", "MIMS-CA", V),
    ("separation.levothyroxine_iron", "at least 4 hours", "MIMS-CA", V),
    ("separation.quinolone_calcium", "at least 2 hours", "MIMS-CA", V),
    ("separation.tetracycline_before_calcium", "at least 2 hours", "MIMS-CA", V),
    ("separation.tetracycline_after_calcium", "4 to 6 hours", "MIMS-CA", V),
    ("separation.iron_calcium", "at least 2 hours", "MIMS-CA", V),
    ("separation.zinc_calcium", "at least 2 hours", "MIMS-CA", V),
    ("separation.bisphosphonate_anything", "at least 30 minutes", "ALN", V),
    ("separation.bisphosphonate_calcium.30_min", "at least 30 minutes", "ALN", V),
    ("separation.bisphosphonate_calcium.3_h", "at least 3 hours", "MIMS-CA", V),
];

#[test]
fn every_row_is_rendered_with_its_source_and_state() {
    for (id, words, key, state) in ROWS {
        let target = all().find(|target| target.id == *id).unwrap_or_else(|| panic!("{id} is not in the table"));
        let said = target.words();
        assert!(said == *words || said.starts_with(&format!("{words}, ")) || said.starts_with(words), "{id}: {said}");
        assert!(!said.contains("  ") && !said.ends_with([' ', ',']), "{id}: {said:?}");
        let source = &target.sources[0];
        assert_eq!((source.key, source.state), (*key, *state), "{id}");
        assert!(page().contains(&format!("| `{id}` |")), "{id} is not on the page");
    }
    let told: BTreeSet<&str> = ROWS.iter().map(|(id, ..)| *id).collect();
    let extra: Vec<&str> = all().map(|target| target.id).filter(|id| !told.contains(id)).collect();
    assert!(extra.is_empty(), "not of section 7: {extra:?}");
    let keys: Vec<&str> =
        all().filter(|target| target.id == "dental.visits").flat_map(|t| t.sources).map(|s| s.key).collect();
    assert_eq!(keys, ["MASCC19", "ASCO17"]);
    let rows: BTreeSet<&str> = all().map(|target| target.row).collect();
    assert_eq!(rows.len(), 11, "T1 to T10 and the gaps: {rows:?}");
    assert!(Topic::ALL.iter().all(|topic| all().any(|target| target.topic == *topic)));
}
