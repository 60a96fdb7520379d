//! Codes of records as the closed lists of rules: SNOMED CT body structures, LOINC numbers, drug codes, and our own.

use super::{Agent, Analyte, Site};

/// Our own code, or a SNOMED CT body structure of care specification 2.3.
pub fn site(code: &str) -> Option<Site> {
    let snomed = match code {
        "71341001" | "41111004" => Site::FemoralShaft,
        "29627003" | "2812003" => Site::ProximalFemur,
        "24136001" => Site::Hip,
        "37783008" | "22356005" => Site::Pelvis,
        "85050009" => Site::Humerus,
        "62413002" => Site::Forearm,
        "79601000" => Site::Scapula,
        "51299004" => Site::Clavicle,
        "113197003" => Site::Rib,
        "35769007" | "52120002" | "280849005" => Site::Thoracic,
        "73903008" | "61032001" | "21799000" => Site::Lumbar,
        "65985001" => Site::Sacral,
        "14806007" | "39976000" => Site::Cervical,
        "118645006" => Site::Pelvis,
        "91609006" => Site::Mandible,
        "70925003" => Site::Maxilla,
        "53620006" => Site::JawJoint,
        own => return Site::from_code(own).or_else(|| crate::vocabulary::place(own)),
    };
    Some(snomed)
}

/// Our own code, or a LOINC number of table 2.2.
pub fn analyte(code: &str) -> Option<Analyte> {
    let loinc = match code {
        "2000-8" | "17861-6" => Analyte::CalciumTotal,
        "29265-6" => Analyte::CalciumAdjusted,
        "1994-3" => Analyte::CalciumIonised,
        "1751-7" => Analyte::Albumin,
        "1989-3" | "62292-8" => Analyte::VitaminD,
        "2601-3" | "19123-9" => Analyte::Magnesium,
        "2777-1" | "14879-1" => Analyte::Phosphate,
        "2160-0" | "14682-9" => Analyte::Creatinine,
        "98979-8" => Analyte::Egfr,
        "35591-7" => Analyte::CreatinineClearance,
        "2731-8" => Analyte::Pth,
        "6768-6" => Analyte::Alp,
        "41171-0" => Analyte::Ctx,
        "47255-5" => Analyte::P1np,
        "718-7" => Analyte::Haemoglobin,
        "777-3" => Analyte::Platelets,
        "38267-1" => Analyte::TScoreLumbar,
        "38264-8" => Analyte::TScoreHip,
        "38263-0" => Analyte::TScoreFemur,
        "24966-4" => Analyte::BmdLumbar,
        own => return Analyte::from_code(own),
    };
    Some(loinc)
}

/// Our own code, or an ATC code of a bone drug.
pub fn agent(code: &str) -> Option<Agent> {
    let atc = match code {
        "M05BX04" => Agent::Denosumab,
        "M05BA08" => Agent::Zoledronate,
        "M05BA03" => Agent::Pamidronate,
        "M05BA06" => Agent::Ibandronate,
        "M05BA04" => Agent::Alendronate,
        "M05BA07" => Agent::Risedronate,
        "M05BA02" => Agent::Clodronate,
        "G03XC01" => Agent::Raloxifene,
        "H05AA02" => Agent::Teriparatide,
        "M05BX06" => Agent::Romosozumab,
        own => return Agent::from_code(own),
    };
    Some(atc)
}

/// A value in ten-thousandths of a reported unit, in those of the canonical unit (exact constants of 2.1, rounded half
/// away from zero). None: a unit that is not one of the analyte's.
pub fn canonical(analyte: Analyte, value: i64, unit: &str) -> Option<i64> {
    let (above, below): (i64, i64) = match (analyte, unit) {
        (Analyte::CalciumTotal | Analyte::CalciumAdjusted | Analyte::CalciumIonised, "mmol/L")
        | (Analyte::Magnesium | Analyte::Phosphate, "mmol/L")
        | (Analyte::Albumin | Analyte::Haemoglobin, "g/L")
        | (Analyte::VitaminD, "nmol/L")
        | (Analyte::Creatinine, "umol/L")
        | (Analyte::Egfr, "mL/min/{1.73_m2}")
        | (Analyte::CreatinineClearance, "mL/min")
        | (Analyte::Pth | Analyte::Ctx, "ng/L")
        | (Analyte::Alp, "U/L")
        | (Analyte::P1np, "ug/L")
        | (Analyte::Platelets, "10*9/L")
        | (Analyte::TScoreLumbar | Analyte::TScoreHip | Analyte::TScoreFemur, "{T-score}")
        | (Analyte::BmdLumbar | Analyte::BmdHip | Analyte::BmdFemur, "g/cm2") => (1, 1),
        (Analyte::CalciumTotal | Analyte::CalciumAdjusted | Analyte::CalciumIonised, "mg/dL") => (2_495, 10_000),
        (Analyte::Creatinine, "mg/dL") => (8_842, 100),
        (Analyte::VitaminD, "ng/mL") => (2_496, 1_000),
        (Analyte::Albumin | Analyte::Haemoglobin, "g/dL") => (10, 1),
        (Analyte::Phosphate, "mg/dL") => (3_229, 10_000),
        (Analyte::Magnesium, "mg/dL") => (4_114, 10_000),
        _ => return None,
    };
    let product = i128::from(value) * i128::from(above);
    let half = i128::from(below / 2) * product.signum();
    i64::try_from((product + half) / i128::from(below)).ok()
}
